//! Copy mode by its commands.

use super::Scene;
use crate::term::Output;

fn scene(lines: usize) -> Scene {
    let mut scene = Scene::new();
    scene.ok("set -g mode-keys vi");
    let pane = scene.mux.panes.values_mut().next().unwrap();
    for n in 0..lines {
        let line = format!("line {n} some-word (x)\r\n");
        pane.term.feed(line.as_bytes(), &mut Output::default());
    }
    scene.ok("copy-mode");
    scene
}

#[test]
fn copies_of_tabs_are_tabs_on_the_screen_and_above_it() {
    for lines in [0, 60] {
        let mut scene = Scene::new();
        scene.ok("set -g mode-keys vi");
        let pane = scene.mux.panes.values_mut().next().unwrap();
        let filler = "more\r\n".repeat(lines);
        let text = format!("if x:\tgo\r\n\tdo it\r\n日\tz\r\n{filler}");
        pane.term.feed(text.as_bytes(), &mut Output::default());
        scene.ok("copy-mode ; send-keys -X history-top ; send-keys -X start-of-line");
        scene.ok("send-keys -X select-line ; send-keys -X copy-selection");
        assert_eq!(scene.ok("show-buffer"), "if x:\tgo\n", "{lines}");
        scene.ok("send-keys -X cursor-down ; send-keys -X start-of-line");
        assert_eq!(
            scene.ok("display -p '#{copy_cursor_line}|#{copy_cursor_word}'"),
            "\tdo it|do\n"
        );
        scene.ok("send-keys -X cursor-right");
        assert_eq!(scene.ok("display -p '#{copy_cursor_x}'"), "8\n");
        let first = if lines == 0 { "0" } else { "-" };
        let shown = scene.ok(&format!("capture-pane -p -S {first}"));
        assert!(shown.starts_with("if x:\tgo\n\tdo it\n日\tz\n"), "{shown}");
    }
}

#[test]
fn copy_commands_move_and_copy() {
    let go = "send-keys -X history-top ; send-keys -X start-of-line ; ";
    for (line, copied) in [
        ("begin-selection,next-word-end,copy-selection", "line"),
        (
            "begin-selection,end-of-line,copy-selection-and-cancel",
            "line 0 some-word (x)",
        ),
        ("select-line,copy-selection", "line 0 some-word (x)\n"),
        (
            "select-line,cursor-down,copy-selection",
            "line 0 some-word (x)\nline 1 some-word (x)\n",
        ),
        ("select-word,copy-selection", "line"),
        ("copy-line", "line 0 some-word (x)"),
        ("next-space,next-space,copy-end-of-line", "some-word (x)"),
        (
            "search-forward 'e 40',begin-selection,cursor-right,copy-selection",
            "e ",
        ),
        (
            "goto-line 0,bottom-line,search-backward 'line 5 ',select-word,copy-selection",
            "line",
        ),
        (
            "jump-forward s,begin-selection,jump-to-forward -,copy-selection",
            "some",
        ),
        (
            "cursor-down,begin-selection,other-end,other-end,cursor-right,copy-selection",
            "li",
        ),
        (
            "rectangle-on,begin-selection,cursor-down,cursor-right,copy-selection",
            "li\nli",
        ),
    ] {
        let mut scene = scene(60);
        scene.ok(go);
        for command in line.split(',') {
            scene.ok(&format!("send-keys -X {command}"));
        }
        assert_eq!(scene.ok("show-buffer"), copied, "{line}");
    }
}

#[test]
fn copy_mode_is_entered_scrolled_and_left() {
    let mut scene = scene(60);
    assert_eq!(scene.show("#{pane_in_mode} #{scroll_position}"), "1 0");
    scene.ok("send-keys -X page-up");
    assert_eq!(scene.show("#{scroll_position}"), "22");
    scene.ok("send-keys -X -N 3 scroll-down");
    assert_eq!(scene.show("#{scroll_position}"), "19");
    scene.ok("send-keys -X history-bottom ; send-keys -X cancel");
    assert_eq!(scene.show("#{pane_in_mode}"), "0");
    scene.ok("copy-mode -eu");
    scene.ok("send-keys -X page-down-and-cancel");
    assert_eq!(scene.show("#{pane_in_mode}"), "0");
    scene.ok("copy-mode -eu ; send-keys -X -N 50 scroll-down");
    assert_eq!(scene.show("#{pane_in_mode}"), "0");
}

#[test]
fn copy_emacs_leaves_the_cell_under_the_cursor_out() {
    let mut scene = scene(60);
    scene.ok("set -g mode-keys emacs ; send-keys -X history-top ; send-keys -X start-of-line");
    scene.ok("send-keys -X begin-selection ; send-keys -X -N 4 cursor-right");
    scene.ok("send-keys -X copy-selection-and-cancel");
    assert_eq!(scene.ok("show-buffer"), "line");
    let clip = scene.mux.clipboard.as_ref().unwrap();
    assert_eq!(clip.text, b"line");
    assert!(clip.window.is_some());
}

#[test]
fn copy_mode_goes_from_mark_to_mark() {
    let mut scene = Scene::new();
    let pane = scene.mux.panes.values_mut().next().unwrap();
    for n in 0..40 {
        let status = i32::from(n % 10 == 3);
        let text = format!(
            "\x1b]133;A\x07~/dir\r\n$ \x1b]133;B\x07command {n}\r\n\x1b]133;C\x07output {n}\r\n\
             more {}\r\n\x1b]133;D;{status}\x07",
            "x".repeat(n * 5)
        );
        pane.term.feed(text.as_bytes(), &mut Output::default());
    }
    for phase in [7_u64, 100] {
        pane.term.mark_row(phase, crate::term::Marks::PHASE);
    }
    scene.ok("copy-mode");
    let mut last = |commands: &str| {
        for command in commands.split(',') {
            scene.ok(&format!("send-keys -X {command}"));
        }
        let pane = scene.mux.panes.values_mut().next().unwrap();
        let copy = pane.copy.as_deref().unwrap();
        let row = copy.row_of(copy.here().line);
        let at = crate::term::ViewPos::new(row, 0);
        let end = crate::term::ViewPos::new(row, 79);
        pane.term.text_range(at, end, false)
    };
    for (commands, line) in [
        ("previous-prompt", "~/dir"),
        ("cursor-down", "$ command 39"),
        ("previous-command", "$ command 38"),
        ("previous-prompt -o", "output 37"),
        ("next-prompt -o", "output 38"),
        ("previous-failure,cursor-down", "$ command 33"),
        (
            "previous-failure,previous-failure,cursor-down",
            "$ command 23",
        ),
        ("next-failure,cursor-down", "$ command 33"),
        ("next-failure", "$ command 33"),
        ("previous-phase", "$ command 23"),
        ("history-top,next-command,next-command", "$ command 1"),
        ("next-phase", "more xxxxx"),
        ("previous-phase", "more xxxxx"),
        (
            "history-bottom,previous-prompt,cursor-down,next-prompt",
            "$ command 39",
        ),
    ] {
        let got = last(commands);
        assert!(got.starts_with(line), "{commands}: {got}");
    }
}

/// Ten lines, a fold of twenty with another in it, then fifty.
fn folded() -> Scene {
    let mut scene = scene(10);
    let pane = scene.mux.panes.values_mut().next().unwrap();
    pane.term.config_mut().fold_marks = true;
    let mut text = String::from("travis_fold:start:deps\r\x1b[0K$ make deps\r\n");
    for n in 1..20 {
        if n == 5 {
            text += "travis_fold:start:inner\r\x1b[0K";
        }
        if n == 8 {
            text += "travis_time:end:x:duration=2000000000\r\x1b[0Ktravis_fold:end:inner\r\x1b[0K";
        }
        text += &format!("dep {n}\r\n");
    }
    text += "travis_fold:end:deps\r\x1b[0K";
    for n in 0..50 {
        text += &format!("after {n}\r\n");
    }
    pane.term.feed(text.as_bytes(), &mut Output::default());
    scene.ok("send-keys -X cancel ; copy-mode");
    scene
}

fn cursor_text(scene: &Scene) -> String {
    let pane = scene.mux.panes.values().next().unwrap();
    let copy = pane.copy.as_deref().unwrap();
    let line = copy.here().line;
    if let Some(label) = copy.fold_label(line) {
        return label.to_string();
    }
    let row = copy.row_of(line);
    let end = crate::term::ViewPos::new(row, 79);
    pane.term
        .text_range(crate::term::ViewPos::new(row, 0), end, false)
}

#[test]
fn folds_close_open_and_are_gone_over_as_one_line() {
    let mut scene = folded();
    let mut steps = |commands: &str, expected: &str| {
        for command in commands.split(',') {
            scene.ok(&format!("send-keys -X {command}"));
        }
        assert_eq!(cursor_text(&scene), expected, "{commands}");
    };
    steps("search-backward 'dep 6'", "dep 6");
    steps("fold-toggle", "▸ inner (3 lines, 2.0s)");
    steps("cursor-down", "dep 8");
    steps("cursor-up,cursor-up", "dep 4");
    steps("fold-close", "▸ deps (20 lines)");
    steps("cursor-up", "line 9 some-word (x)");
    steps("cursor-down,cursor-down", "after 0");
    steps("cursor-up,fold-toggle", "$ make deps");
    steps(
        "cursor-down,cursor-down,cursor-down,cursor-down,cursor-down",
        "▸ inner (3 lines, 2.0s)",
    );
    steps("fold-close-all", "▸ deps (20 lines)");
    steps("history-top", "line 0 some-word (x)");
    steps("-N 11 cursor-down", "after 0");
    // A search opens what it finds something in.
    steps("history-bottom,search-backward 'dep 6'", "dep 6");
    steps("fold-toggle-all", "▸ deps (20 lines)");
    steps("end-of-line,next-word", "after 0");
    steps("cursor-up,fold-toggle-all", "$ make deps");
    steps(
        "fold-open,fold-close,fold-open,fold-toggle",
        "▸ deps (20 lines)",
    );
    steps("fold-open-all", "$ make deps");
}

#[test]
fn closed_fold_is_copied_whole() {
    let whole = |from: &str| {
        let mut lines = vec![from.to_owned(), "$ make deps".to_owned()];
        lines.extend((1..20).map(|n| format!("dep {n}")));
        lines.retain(|line| !line.is_empty());
        lines.join("\n")
    };
    for (commands, expected) in [
        ("select-line,copy-selection", whole("") + "\n"),
        ("copy-line", whole("")),
        ("copy-end-of-line", whole("")),
        (
            "cursor-up,start-of-line,begin-selection,cursor-down,copy-selection",
            whole("line 9 some-word (x)"),
        ),
        (
            "begin-selection,cursor-down,start-of-line,copy-selection",
            whole("") + "\na",
        ),
    ] {
        let mut scene = folded();
        scene.ok("send-keys -X search-backward 'make deps' ; send-keys -X fold-close");
        for command in commands.split(',') {
            scene.ok(&format!("send-keys -X {command}"));
        }
        assert_eq!(scene.ok("show-buffer"), expected, "{commands}");
    }
}

#[test]
fn folds_keep_the_view_within_what_is_shown() {
    let mut scene = folded();
    scene.ok("send-keys -X fold-close-all ; send-keys -X history-top");
    let mut seen = Vec::new();
    for command in [
        "page-down",
        "halfpage-down",
        "scroll-down",
        "page-up",
        "middle-line",
        "bottom-line",
        "top-line",
        "scroll-middle",
        "history-bottom",
        "goto-line 30",
        "previous-paragraph",
        "next-paragraph",
        "scroll-top",
        "page-up",
        "cursor-left",
        "previous-word",
    ] {
        scene.ok(&format!("send-keys -X {command}"));
        let pane = scene.mux.panes.values().next().unwrap();
        let copy = pane.copy.as_deref().unwrap();
        let rows = usize::from(pane.term.size().rows());
        assert!(copy.cursor().1 < rows, "{command}");
        assert!(copy.here().line < copy.above() + rows, "{command}");
        seen.push(scene.show("#{scroll_position}"));
    }
    assert_eq!(seen[8], "0");
    // As narrow as can be: rows are counted anew.
    let pane = scene.mux.panes.values_mut().next().unwrap();
    let copy = pane.copy.as_deref_mut().unwrap();
    copy.resize(crate::base::Size::new(5, 10));
    scene
        .ok("send-keys -X fold-close-all ; send-keys -X history-top ; send-keys -X history-bottom");
    assert_eq!(scene.show("#{scroll_position}"), "0");
}

#[test]
fn thousands_of_folds_close_at_once() {
    let mut scene = scene(0);
    let pane = scene.mux.panes.values_mut().next().unwrap();
    pane.term.config_mut().fold_marks = true;
    pane.term.set_history_limit(100_000);
    for n in 0..5000 {
        let text = format!(
            "travis_fold:start:f{n}\r\x1b[0Ka\r\nb\r\nc\r\ntravis_fold:end:f{n}\r\x1b[0Kafter {n}\r\n"
        );
        pane.term.feed(text.as_bytes(), &mut Output::default());
    }
    scene.ok("send-keys -X refresh-now");
    let began = std::time::Instant::now();
    scene.ok("send-keys -X fold-close-all");
    println!("4,096 folds closed in {:?}", began.elapsed());
    scene.ok("send-keys -X history-bottom ; send-keys -X -N 4 cursor-up");
    let label = cursor_text(&scene);
    assert!(
        label.starts_with("▸ f49") && label.ends_with(" (3 lines)"),
        "{label}"
    );
    let began = std::time::Instant::now();
    for _ in 0..100 {
        scene.ok("send-keys -X cursor-up");
    }
    println!("a line up: {:?}", began.elapsed() / 100);
    scene.ok("send-keys -X search-backward 'a' ; send-keys -X history-top");
}
