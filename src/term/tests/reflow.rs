//! Changes of size: what is wrapped anew, what a line editor is left to draw
//! again, and that no output is lost by going there and back.

use super::super::{Output, Terminal};
use super::{fed, line, picture};
use crate::base::Size;

/// The text of history and screen, blank rows at the end left out.
fn all(term: &Terminal) -> String {
    let range = crate::term::CaptureRange {
        start: Some(i64::MIN),
        end: None,
    };
    let text = term.capture(range, crate::term::CaptureOptions::default());
    text.trim_end_matches('\n').to_owned()
}

/// A line editor as readline and zle are (readline 8, `rl_clear_visible_line`;
/// zsh 5.9, `zrefresh`): it counts the rows of its line by the width it knew.
struct Editor {
    /// What it shows: prompt and line.
    shown: String,
    cols: usize,
    /// The row of its own that the cursor is in.
    row: usize,
}

impl Editor {
    fn start(shown: &str, term: &mut Terminal) -> Self {
        let mut editor = Self {
            shown: shown.to_owned(),
            cols: 0,
            row: 0,
        };
        editor.draw(term);
        editor
    }

    fn draw(&mut self, term: &mut Terminal) {
        self.cols = usize::from(term.size().cols());
        feed(term, &self.shown);
        self.row = self.shown.chars().count().saturating_sub(1) / self.cols;
    }

    /// What SIGWINCH brings about.
    fn resized(&mut self, term: &mut Terminal) {
        let mut clear = String::from("\r");
        for _ in 0..self.row {
            clear.push_str("\x1b[K\x1b[A");
        }
        clear.push_str("\x1b[K");
        feed(term, &clear);
        self.draw(term);
    }
}

fn feed(term: &mut Terminal, text: &str) {
    term.feed(text.as_bytes(), &mut Output::default());
    term.verify().unwrap();
}

/// Lines longer than most widths here.
fn output(lines: usize) -> String {
    (0..lines)
        .map(|n| format!("output {n:02} {}\r\n", "word ".repeat(n % 7 * 3)))
        .collect()
}

#[test]
fn prompt_stays_one_and_output_whole_through_many_widths() {
    let long = format!("$ {}", "argument ".repeat(11).trim_end());
    for (mark, shown) in [
        ("\x1b[?2004h", "$ make all"),
        ("\x1b[?2004h", long.as_str()),
        ("\x1b]133;A\x07", "$ make all"),
        ("\x1b]133;A\x07", long.as_str()),
    ] {
        let mut term = fed(80, 24, &output(30));
        let before: Vec<String> = all(&term).lines().map(str::to_owned).collect();
        feed(&mut term, mark);
        let mut editor = Editor::start(shown, &mut term);
        for cols in [40, 100, 20, 33, 80] {
            term.resize(Size::new(cols, 24));
            term.verify().unwrap();
            editor.resized(&mut term);
            let text = all(&term).replace('\n', "");
            assert_eq!(text.matches('$').count(), 1, "{mark:?} {cols}:\n{text}");
        }
        let after = all(&term);
        let after: Vec<&str> = after.lines().collect();
        assert_eq!(after[..before.len()], before[..], "{mark:?} {shown:?}");
        assert_eq!(after[before.len()..].concat(), shown);
    }
}

#[test]
fn widths_that_change_before_the_editor_draws_leave_one_prompt() {
    let mut term = fed(80, 10, &output(4));
    feed(&mut term, "\x1b[?2004h");
    let mut editor = Editor::start(&format!("$ {}", "x".repeat(100)), &mut term);
    for cols in [60, 30, 25, 90] {
        term.resize(Size::new(cols, 10));
    }
    editor.resized(&mut term);
    let text = all(&term);
    assert_eq!(text.matches('$').count(), 1, "{text}");
    assert_eq!(text.matches("output").count(), 4, "{text}");
}

/// Rows from a prompt's first to the cursor's, behind its last line.
fn rows_up(lines: &[&str], cols: usize) -> usize {
    let rows = |line: &&str| line.len().saturating_sub(1) / cols;
    lines.len() - 1 + lines.iter().map(rows).sum::<usize>()
}

/// What zle (zsh 5.9, without marks) writes for a prompt of several lines.
fn zle(lines: &[&str]) -> String {
    format!("\r\x1b[m\x1b[J{}\x1b[K", lines.join("\r\n"))
}

#[test]
fn prompt_of_several_lines_without_marks_stays_one() {
    let (first, second) = ("a".repeat(60), format!("{}> half a line", "b".repeat(30)));
    let lines = [first.as_str(), second.as_str()];
    for widths in [&[40, 80][..], &[50, 40, 30, 80], &[30, 90, 25, 61]] {
        let mut term = fed(80, 24, &output(9));
        let before = all(&term);
        feed(&mut term, &format!("{}\x1b[?2004h", zle(&lines)));
        let mut cols = 80;
        for &new in widths {
            term.resize(Size::new(new, 24));
            term.verify().unwrap();
            let up = "\x1b[A".repeat(rows_up(&lines, cols));
            feed(&mut term, &format!("{up}{}", zle(&lines)));
            cols = usize::from(new);
            // Blanks at the end of a row are not captured.
            let text = all(&term).replace([' ', '\n'], "");
            let want = format!("{before}{first}{second}").replace([' ', '\n'], "");
            assert_eq!(text, want, "{widths:?} {new}");
        }
        // The line is run: what comes is output, and the prompt another.
        feed(&mut term, &format!("\x1b[?2004l\r\n{}", output(2)));
        feed(&mut term, &format!("{}\x1b[?2004h", zle(&lines)));
        let whole = |term: &Terminal| all(term).replace([' ', '\n'], "");
        let before = whole(&term);
        term.resize(Size::new(33, 24));
        let up = "\x1b[A".repeat(rows_up(&lines, cols));
        feed(&mut term, &format!("{up}{}", zle(&lines)));
        assert_eq!(whole(&term), before, "{widths:?}");
    }
}

#[test]
fn editor_with_several_lines_is_left_alone_from_its_mark_on() {
    let input = "done\r\n\x1b]133;A\x07$ \x1b]133;B\x07for a in 1 2\r\n> do\r\n> ech";
    let mut term = fed(14, 6, input);
    term.resize(Size::new(8, 6));
    assert_eq!(picture(&term), "done|$ for a|> do|> ech");
    // Its command runs: all is output again.
    let mut term = fed(14, 6, &format!("{input}\r\n\x1b]133;C\x07a long line"));
    term.resize(Size::new(8, 6));
    assert_eq!(
        picture(&term).replace('|', "\n"),
        "in 1 2\n> do\n> ech\na long l\nine"
    );
}

#[test]
fn program_without_an_editor_has_all_its_text_wrapped_anew() {
    let text = "0123456789abcdefghij";
    for (cols, want, x, y) in [
        (10, "abcdefghij", 9, 0),
        (7, "efghij", 6, 0),
        (30, "0123456789abcdefghij", 20, 0),
    ] {
        let mut term = fed(20, 5, text);
        term.resize(Size::new(cols, 5));
        let pos = term.cursor().pos;
        assert_eq!(
            (picture(&term).as_str(), pos.x, pos.y),
            (want, x, y),
            "{cols}"
        );
        term.resize(Size::new(20, 5));
        assert_eq!(picture(&term), text, "{cols} and back");
    }
}

#[test]
fn wide_characters_at_the_edge_come_back_whole() {
    let mut term = fed(8, 5, "abc漢字漢字x");
    for cols in [7, 6, 5, 4, 3, 2, 3, 9, 8] {
        term.resize(Size::new(cols, 5));
        term.verify().unwrap();
    }
    assert_eq!(all(&term), "abc漢字\n漢字x");
    term.resize(Size::new(20, 5));
    assert_eq!(all(&term), "abc漢字漢字x");
}

#[test]
fn second_half_counts_once_more_and_may_stand_alone() {
    for (cols, want, x) in [
        // a, b, three wide ones; the last one's second half is a blank.
        (10, "ab漢字漢| cd", 3),
        (5, "ab漢|字漢| cd", 3),
        (4, "ab漢| 字|漢c|d", 1),
    ] {
        let mut term = fed(20, 1, "ab漢字漢cd");
        term.resize(Size::new(cols, 1));
        let rows = all(&term).replace('\n', "|");
        let last = want.rsplit('|').next().unwrap();
        assert_eq!(
            (picture(&term).as_str(), term.cursor().pos.x),
            (last, x),
            "{rows}"
        );
        term.resize(Size::new(20, 1));
        assert_eq!(picture(&term), "ab漢字漢cd", "{cols} and back");
    }
}

#[test]
fn height_takes_what_is_below_the_cursor_first() {
    let mut term = fed(8, 5, "1\r\n2\r\n3\r\n4\x1b[2;1H");
    for (rows, want, y) in [(3, "1|2|3", 1), (1, "2", 0), (5, "1|2", 1)] {
        term.resize(Size::new(8, rows));
        assert_eq!((picture(&term).as_str(), term.cursor().pos.y), (want, y));
    }
}

#[test]
fn blanks_in_a_colour_make_no_rows() {
    let mut term = fed(20, 5, "\x1b[44mbar\x1b[K\x1b[m\r\nnext");
    term.resize(Size::new(10, 5));
    assert_eq!(
        (line(&term, 0), line(&term, 1)),
        ("bar".into(), "next".into())
    );
    assert_eq!(super::style(&term, 9, 0).bg, crate::base::Color::Indexed(4));
}

#[test]
fn alternate_screen_leaves_the_prompt_below_it_to_be_wrapped() {
    let mut term = fed(
        20,
        4,
        "\x1b[?2004h$ vim a-very-long-name\x1b[?2004l\r\n\x1b[?1049h",
    );
    feed(&mut term, "\x1b[?2004hfull screen");
    term.resize(Size::new(12, 4));
    feed(&mut term, "\x1b[?2004l\x1b[?1049l");
    assert_eq!(picture(&term), "$ vim a-very|-long-name");
    assert_eq!(term.cursor().pos.y, 2);
}

#[test]
fn rows_below_the_cursor_are_trimmed_for_those_above() {
    for (input, history, screen, cursor) in [
        // As many as there are below the cursor.
        (
            "1\r\n2\r\n3\r\n4\r\n5\r\n6\x1b[3;2H",
            "1\n",
            "2\n3\n4\n5\n",
            (1, 3),
        ),
        // As many as there are in the history.
        ("1\r\n2\r\n3\r\n4\r\n5\x1b[1;1H", "", "1\n2\n3\n4\n", (0, 1)),
        // None below, none above, and on the alternate screen.
        ("1\r\n2\r\n3\r\n4\r\n5", "1\n", "2\n3\n4\n5\n", (1, 3)),
        ("1\r\n2\x1b[1;1H", "", "1\n2\n\n\n", (0, 0)),
        (
            "1\r\n2\r\n3\r\n4\r\n5\x1b[?1049h\x1b[1;1Hx",
            "1\n",
            "x\n\n\n\n",
            (1, 0),
        ),
        // Cleared away, it is taken all the same; a long line stays one.
        (
            "abcdefgh\r\n\x1b[2J\x1b[3J\x1b[1;1Hx",
            "",
            "x\n\n\n\n",
            (1, 0),
        ),
        (
            "0123456789\r\n2\r\n3\r\n4\r\n5\x1b[3;1H",
            "01234\n",
            "56789\n2\n3\n4\n",
            (0, 3),
        ),
    ] {
        let mut term = fed(5, 4, input);
        term.trim_below_cursor();
        term.verify().unwrap();
        let want = format!("{history}{screen}");
        assert_eq!(all(&term), want.trim_end(), "{input:?}");
        assert_eq!(term.history.rows(5), history.lines().count(), "{input:?}");
        assert_eq!(
            (term.cursor().pos.x, term.cursor().pos.y),
            cursor,
            "{input:?}"
        );
    }
}

/// Captures of history and screen after each of some sizes.
fn sized(cols: u16, rows: u16, input: &str, sizes: &[(u16, u16)]) -> String {
    let mut term = fed(cols, rows, input);
    for (cols, rows) in sizes {
        term.resize(Size::new(*cols, *rows));
        term.verify().unwrap();
    }
    let pos = term.cursor().pos;
    let text = all(&term).replace('\n', "|");
    format!(
        "{text} {},{} h{}",
        pos.x,
        pos.y,
        term.history.rows(term.size().cols())
    )
}

#[test]
fn lines_in_the_history_are_wrapped_anew_as_on_the_screen() {
    for (input, sizes, want) in [
        // The rows above the screen are cut as those on it.
        (
            "bbhi語日本g      本本",
            &[(11, 2)][..],
            "bbhi語日|本g|本本 4,0 h2",
        ),
        // What a row of the history and one of the screen share is joined again.
        (
            "\u{e9}\r\ncbbh      🙂語日日語本한語語한\r\n",
            &[(11, 3), (33, 3)],
            "\u{e9}|cbbh      🙂語日日語本한語|語한 0,2 h1",
        ),
        // The second half of a character goes with it, up and down.
        (
            "語語本",
            &[(4, 3), (9, 3), (46, 6), (8, 6)],
            "語語本 1,0 h1",
        ),
        (
            "本🙂語日한日",
            &[(49, 3), (28, 2), (11, 12)],
            "本🙂語日|한日 5,0 h1",
        ),
        (
            "本🙂日한日\u{e9}",
            &[(46, 5), (11, 5), (36, 7)],
            "本🙂日한日\u{e9} 11,0 h0",
        ),
        // Rows that never scrolled off stay there when there is room again.
        (
            " df\r\n    hajfdfifghacc \x1b[2;13H",
            &[(33, 5), (8, 8), (16, 10)],
            " df|    hajfdfifghac|c 12,0 h1",
        ),
    ] {
        let got = sized(40, 10, input, sizes);
        assert_eq!(got, want, "{input:?} {sizes:?}");
    }
}

#[test]
fn row_keeps_its_room_when_the_width_changes() {
    for (input, sizes, want) in [
        ("eejj", &[(34, 4)][..], "0 (0) flags=NONE[0] 4/10"),
        ("eejj", &[(3, 4)], "0 (-) flags=WRAPPED[1] 3/3"),
        (
            "ab\u{e9}efgh",
            &[(4, 4)],
            "0 (-) flags=WRAPPED,EXTENDED[3] 4/4",
        ),
        ("日本語", &[(7, 4)], "0 (-) flags=WRAPPED,EXTENDED[3] 4/4"),
        ("\x1b[4;40Hx", &[(50, 4)], "3 (3) flags=NONE[0] 40/40"),
    ] {
        let mut term = fed(40, 4, input);
        for (cols, rows) in sizes {
            term.resize(Size::new(*cols, *rows));
        }
        let dump = term.raw_dump();
        assert!(
            dump.contains(&format!("\tL {want}\n")),
            "{input:?}\n{want}\n{dump}"
        );
    }
}
