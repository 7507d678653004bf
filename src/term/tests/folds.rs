//! Fold marks of CI runners: taken in whatever the cuts, never at the cost of
//! ordinary text.

use std::time::Duration;

use super::super::{Config, Output, Terminal};
use crate::base::Size;
use crate::term::{FoldRows, ViewPos};

const TRAVIS: &str = "travis_fold:start:install.1\r\x1b[0Ktravis_time:start:0a1b2c3d\r\x1b[0K\
    $ make deps\r\nfetching\r\nthe package\r\n\
    travis_time:end:0a1b2c3d:start=1700000000000000000,finish=1700000012000000000,duration=12000000000,event=install\r\x1b[0K\
    travis_fold:end:install.1\r\x1b[0K$ make\r\n";
const GITLAB: &str = "section_start:1700000000:build[collapsed=true]\r\x1b[0KBuilding\r\n\
    section_start:1700000001:inner\r\x1b[0Kinner\r\none\r\nsection_end:1700000002:inner\r\x1b[0K\
    two\r\nsection_end:1700000065:build\r\x1b[0Kdone\r\n";
const GITHUB: &str = "##[group]Run make\r\nmake all\r\n##[endgroup]\r\ncc\r\n::group::Notes\r\nnote\r\n::endgroup::\r\nend\r\n";

fn term(cols: u16, on: bool) -> Terminal {
    let config = Config {
        fold_marks: on,
        ..Config::default()
    };
    Terminal::new(Size::new(cols, 8), config)
}

fn fed(cols: u16, pieces: &[&[u8]]) -> Terminal {
    let mut term = term(cols, true);
    for piece in pieces {
        term.feed(piece, &mut Output::default());
    }
    term.verify().unwrap();
    term
}

/// All rows that have text, and the cursor.
fn picture(term: &Terminal) -> (Vec<String>, (u16, u16)) {
    let rows = term.history_rows() + usize::from(term.size().rows());
    let end = term.size().cols() - 1;
    let line = |row| term.text_range(ViewPos::new(row, 0), ViewPos::new(row, end), false);
    let mut lines: Vec<String> = (0..rows).map(line).collect();
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    let at = term.cursor().pos;
    (lines, (at.x, at.y))
}

fn folds(term: &Terminal) -> Vec<(String, usize, usize, Option<u64>)> {
    let row = |fold: FoldRows| {
        let took = fold.took.as_ref().map(Duration::as_secs);
        (fold.name.to_string(), fold.first, fold.last, took)
    };
    term.folds().into_iter().map(row).collect()
}

#[test]
fn marks_of_each_system_become_folds_and_do_not_show() {
    let fold = |name: &str, first, last, took| (name.to_owned(), first, last, took);
    for (text, lines, expected) in [
        (
            TRAVIS,
            vec!["$ make deps", "fetching", "the package", "$ make"],
            vec![fold("install.1", 0, 2, Some(12))],
        ),
        (
            GITLAB,
            vec!["Building", "inner", "one", "two", "done"],
            vec![fold("build", 0, 3, Some(65)), fold("inner", 1, 2, Some(1))],
        ),
        (
            GITHUB,
            vec!["Run make", "make all", "cc", "Notes", "note", "end"],
            vec![fold("", 0, 1, None), fold("", 3, 4, None)],
        ),
    ] {
        for cols in [80, 30] {
            let term = fed(cols, &[text.as_bytes()]);
            assert_eq!(picture(&term).0, lines, "{cols}");
            assert_eq!(folds(&term), expected, "{cols}");
        }
    }
}

#[test]
fn any_cut_of_the_input_gives_the_same() {
    for text in [TRAVIS, GITLAB, GITHUB] {
        let bytes = text.as_bytes();
        for cols in [24, 80] {
            let whole = fed(cols, &[bytes]);
            let (want, known) = (picture(&whole), folds(&whole));
            for cut in 1..bytes.len() {
                let cut = fed(cols, &[&bytes[..cut], &bytes[cut..]]);
                assert_eq!((picture(&cut), folds(&cut)), (want.clone(), known.clone()));
            }
            let single: Vec<&[u8]> = bytes.chunks(1).collect();
            let single = fed(cols, &single);
            assert_eq!((picture(&single), folds(&single)), (want, known));
        }
    }
}

/// What looks like a mark and is none shows as it would without.
#[test]
fn ordinary_text_is_never_lost() {
    let long = "x".repeat(700);
    let texts = [
        "travis_fold:start:x\r\n$ ".to_owned(),
        "travis_fold:".to_owned(),
        "travis_time:end:\r\nnext".to_owned(),
        "travis_fold:start:a b\r\x1b[0Kz".to_owned(),
        format!("travis_time:{long}\r\nend"),
        format!("section_start:{long}"),
        format!("travis_time:{}\rover", &long[..150]),
        format!("travis_time:{}\r\x1b[31mred", &long[..150]),
        format!("travis_time:{}\r\x1b[0mplain", &long[..150]),
        format!("travis_time:{}\r\x1b]0;t\x07x", &long[..150]),
        format!("travis_time:{}\r\x1b[0", &long[..150]),
        format!("travis_time:{}\r\r\n", &long[..150]),
        format!("travis_time:{}ü\x1b[2Jx", &long[..150]),
        "test one\r\nt\r\nsection\r\n#\r\n##[grou\r\n::set-output\r\n:".to_owned(),
        "  ##[group]no\r\n$ ::group::no\r\n".to_owned(),
        "t\x1b[5Gravis_fold:x\r\x1b[0K".to_owned(),
    ];
    for text in &texts {
        for size in [1, 3, text.len()] {
            let mut with = term(80, true);
            let mut without = term(80, false);
            for piece in text.as_bytes().chunks(size) {
                with.feed(piece, &mut Output::default());
                without.feed(piece, &mut Output::default());
            }
            with.end_output();
            assert_eq!(picture(&with), picture(&without), "{size}: {text:?}");
            assert!(with.folds().is_empty());
        }
    }
}

#[test]
fn person_who_types_sees_each_character_at_once() {
    let mut term = term(80, true);
    for (nth, byte) in b"travis_fold:start:abc".iter().enumerate() {
        term.feed(&[*byte], &mut Output::default());
        let shown = &"travis_fold:start:abc"[..=nth];
        assert_eq!(picture(&term).0, [shown]);
        assert_eq!(usize::from(term.cursor().pos.x), nth + 1);
    }
}

#[test]
fn marks_are_text_where_they_are_switched_off() {
    let mut off = term(80, false);
    off.feed(GITHUB.as_bytes(), &mut Output::default());
    assert_eq!(picture(&off).0[0], "##[group]Run make");
    assert!(off.folds().is_empty());
    // In an alternate screen a program draws what it likes.
    let mut alternate = term(80, true);
    alternate.feed(b"\x1b[?1049h\x1b[H::group::x", &mut Output::default());
    assert_eq!(picture(&alternate).0, ["::group::x"]);
}

#[test]
fn hostile_marks_are_bounded_and_close_nothing_of_others() {
    let mut text = String::new();
    for n in 0..200 {
        text += &format!("travis_fold:start:n{n}\r\x1b[0Kline\r\n");
    }
    text += "travis_fold:end:nosuch\r\x1b[0K##[endgroup]\r\nsection_end:x:y\r\x1b[0K";
    let mut term = fed(80, &[text.as_bytes()]);
    assert!(term.folds().is_empty());
    term.feed(b"travis_fold:end:n199\r\x1b[0K", &mut Output::default());
    assert_eq!(folds(&term), [("n199".to_owned(), 199, 199, None)]);
    let flood = "::group::x\r\ny\r\n::endgroup::\r\n".repeat(6000);
    term.feed(flood.as_bytes(), &mut Output::default());
    term.verify().unwrap();
    assert!(term.folds().len() <= 4096);
}

/// Any mixture of marks, parts of marks and controls ends in the same picture,
/// however it is cut.
#[test]
fn random_mixtures_are_whole_and_cut_alike() {
    const PARTS: [&str; 20] = [
        "travis_fold:start:a\r\x1b[0K",
        "travis_fold:end:a\r\x1b[K",
        "travis_time:end:0:start=1,finish=2,duration=3,event=x\r\x1b[0K",
        "section_start:1:b\r\x1b[0K",
        "section_end:9:b\r\x1b[0K",
        "##[group]",
        "::endgroup::\r\n",
        "travis_fold:",
        "travis_time:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "t",
        ":",
        "\r",
        "\r\n",
        "\n",
        "\x1b[0K",
        "\x1b[",
        "text of a line",
        "\x1b[2J\x1b[H",
        "é日",
        "\x1b[?1049h\x1b[?1049l",
    ];
    let mut seed = 11_u64;
    let mut next = |n: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 33) as usize % n
    };
    for round in 0..400 {
        let text: String = (0..30).map(|_| PARTS[next(PARTS.len())]).collect();
        let cols = [20, 33, 80][round % 3];
        let mut pictures = Vec::new();
        for size in [text.len(), 1, 7] {
            let pieces: Vec<&[u8]> = text.as_bytes().chunks(size).collect();
            let mut term = fed(cols, &pieces);
            term.end_output();
            term.verify().unwrap();
            pictures.push((picture(&term), folds(&term)));
        }
        assert_eq!(pictures[0], pictures[1], "{text:?}");
        assert_eq!(pictures[0], pictures[2], "{text:?}");
    }
}
