//! Motion, erasing, inserting, scrolling, tabs: what moves the cursor or cells.

use super::{Row, Scene};
use stepmux::base::{Attrs, Size};
use stepmux::term::{Config, Output, Terminal};

const ABC: &str = "0abcdefghij|1abcdefghij|2abcdefghij|3abcdefghij|4abcdefghij";

/// The rows.
pub(super) const ROWS: &[Row] = &[
    // The obsolete flags say that cub1 is ^H and that tabs work.
    ("OTbs", |info| {
        drop(Scene::new(info).put("ab\x08").stands(1, 0))
    }),
    ("OTpt", |info| drop(Scene::new(info).put("\t").stands(8, 0))),
    ("am", |info| {
        let twenty = "x".repeat(20);
        let scene = Scene::new(info).put(&twenty).put("y").stands(1, 1);
        assert_eq!(scene.picture(), format!("{twenty}|y"));
        assert!(scene.term.row_wrapped(0));
    }),
    // A full row wraps with what comes next, so a newline after it is one.
    ("xenl", |info| {
        let twenty = "x".repeat(20);
        let scene = Scene::new(info).put(&twenty).stands(19, 0).put("\r\ny");
        assert_eq!(scene.picture(), format!("{twenty}|y"));
        assert!(!scene.term.row_wrapped(0));
    }),
    // Moving in insert mode is safe.
    ("mir", |info| {
        let scene = Scene::filled(info).cap("smir").at(2, 1).put("X").at(0, 3);
        let scene = scene.put("Y").cap("rmir");
        assert_eq!(scene.line(1), "1aXbcdefghij");
        assert_eq!(scene.line(3), "Y3abcdefghij");
    }),
    ("cols", |info| {
        let term = Terminal::new(Size::DEFAULT, Config::default());
        assert_eq!(number(info, "cols"), i64::from(term.size().cols()));
    }),
    ("lines", |info| {
        let term = Terminal::new(Size::DEFAULT, Config::default());
        assert_eq!(number(info, "lines"), i64::from(term.size().rows()));
    }),
    ("it", |info| {
        let mut term = Terminal::new(Size::DEFAULT, Config::default());
        for n in 1..=9 {
            term.feed(b"\t", &mut Output::default());
            assert_eq!(i64::from(term.cursor().pos.x), n * number(info, "it"));
        }
    }),
    ("cbt", |info| {
        drop(
            Scene::new(info)
                .at(15, 1)
                .cap("cbt")
                .stands(8, 1)
                .cap("cbt")
                .stands(0, 1),
        );
    }),
    ("ht", |info| {
        drop(
            Scene::new(info)
                .put("abc")
                .cap("ht")
                .stands(8, 0)
                .put("x")
                .shows("abc     x"),
        );
    }),
    ("hts", |info| {
        let scene = Scene::new(info).at(3, 0).cap("hts").cap("cr").cap("ht");
        scene.stands(3, 0).cap("ht").stands(8, 0);
    }),
    ("tbc", |info| {
        drop(Scene::new(info).cap("tbc").cap("ht").stands(19, 0));
    }),
    ("clear", |info| {
        drop(Scene::filled(info).cap("clear").shows("").stands(0, 0));
    }),
    ("cr", |info| {
        drop(Scene::new(info).put("abc").cap("cr").stands(0, 0))
    }),
    ("csr", |info| {
        let scene = Scene::filled(info).with("csr", &[1, 3]);
        assert_eq!(scene.term.scroll_region(), (1, 3));
        scene
            .at(0, 3)
            .cap("ind")
            .shows("0abcdefghij|2abcdefghij|3abcdefghij||4abcdefghij")
            .at(0, 4)
            .cap("ind")
            .stands(0, 4)
            .shows("0abcdefghij|2abcdefghij|3abcdefghij||4abcdefghij");
    }),
    ("cub", |info| {
        drop(Scene::new(info).at(9, 2).with("cub", &[4]).stands(5, 2))
    }),
    ("cub1", |info| {
        drop(Scene::new(info).at(9, 2).cap("cub1").stands(8, 2))
    }),
    ("cud", |info| {
        drop(Scene::new(info).at(9, 1).with("cud", &[2]).stands(9, 3))
    }),
    // `stty -onlcr` is terminfo's assumption: the column stays.
    ("cud1", |info| {
        drop(Scene::new(info).at(9, 2).cap("cud1").stands(9, 3))
    }),
    ("cuf", |info| {
        drop(Scene::new(info).at(9, 2).with("cuf", &[4]).stands(13, 2))
    }),
    ("cuf1", |info| {
        drop(Scene::new(info).at(9, 2).cap("cuf1").stands(10, 2))
    }),
    ("cuu", |info| {
        drop(Scene::new(info).at(9, 3).with("cuu", &[2]).stands(9, 1))
    }),
    ("cuu1", |info| {
        drop(Scene::new(info).at(9, 3).cap("cuu1").stands(9, 2))
    }),
    ("cup", |info| {
        for (x, y) in [(0, 0), (19, 4), (7, 3)] {
            drop(
                Scene::filled(info)
                    .with("cup", &[y, x])
                    .stands(x as u16, y as u16)
                    .shows(ABC),
            );
        }
        drop(Scene::new(info).with("cup", &[99, 99]).stands(19, 4));
    }),
    ("home", |info| {
        drop(Scene::new(info).at(9, 3).cap("home").stands(0, 0))
    }),
    ("hpa", |info| {
        drop(Scene::new(info).at(9, 3).with("hpa", &[4]).stands(4, 3))
    }),
    ("vpa", |info| {
        drop(Scene::new(info).at(9, 3).with("vpa", &[1]).stands(9, 1))
    }),
    ("nel", |info| {
        drop(Scene::new(info).at(9, 1).cap("nel").stands(0, 2));
    }),
    ("dch", |info| {
        let scene = Scene::filled(info).at(2, 1).with("dch", &[3]).stands(2, 1);
        assert_eq!(scene.line(1), "1aefghij");
    }),
    ("dch1", |info| {
        let scene = Scene::filled(info).at(2, 1).cap("dch1").stands(2, 1);
        assert_eq!(scene.line(1), "1acdefghij");
    }),
    ("ich", |info| {
        let scene = Scene::filled(info).at(2, 1).with("ich", &[3]).stands(2, 1);
        assert_eq!(scene.line(1), "1a   bcdefghij");
    }),
    ("dl", |info| {
        let scene = Scene::filled(info).at(4, 1).with("dl", &[2]);
        scene.shows("0abcdefghij|3abcdefghij|4abcdefghij");
    }),
    ("dl1", |info| {
        let scene = Scene::filled(info).at(4, 1).cap("dl1");
        scene.shows("0abcdefghij|2abcdefghij|3abcdefghij|4abcdefghij");
    }),
    ("il", |info| {
        let scene = Scene::filled(info).at(4, 1).with("il", &[2]);
        scene.shows("0abcdefghij|||1abcdefghij|2abcdefghij");
    }),
    ("il1", |info| {
        let scene = Scene::filled(info).at(4, 1).cap("il1");
        scene.shows("0abcdefghij||1abcdefghij|2abcdefghij|3abcdefghij");
    }),
    ("ed", |info| {
        let scene = Scene::filled(info).at(4, 2).cap("ed").stands(4, 2);
        scene.shows("0abcdefghij|1abcdefghij|2abc");
    }),
    ("el", |info| {
        let scene = Scene::filled(info).at(4, 2).cap("el").stands(4, 2);
        assert_eq!(scene.line(2), "2abc");
        assert_eq!(scene.line(3), "3abcdefghij");
    }),
    ("el1", |info| {
        let scene = Scene::filled(info).at(4, 2).cap("el1").stands(4, 2);
        assert_eq!(scene.line(2), "     efghij");
    }),
    // At the last row, in column 0, as terminfo(5) has it.
    ("ind", |info| {
        let scene = Scene::filled(info).at(0, 4).cap("ind").stands(0, 4);
        scene.shows("1abcdefghij|2abcdefghij|3abcdefghij|4abcdefghij");
    }),
    ("indn", |info| {
        let scene = Scene::filled(info).at(0, 4).with("indn", &[2]).stands(0, 4);
        scene.shows("2abcdefghij|3abcdefghij|4abcdefghij");
    }),
    ("ri", |info| {
        let scene = Scene::filled(info).at(0, 0).cap("ri").stands(0, 0);
        scene.shows("|0abcdefghij|1abcdefghij|2abcdefghij|3abcdefghij");
    }),
    ("rin", |info| {
        let scene = Scene::filled(info).at(0, 0).with("rin", &[2]).stands(0, 0);
        scene.shows("||0abcdefghij|1abcdefghij|2abcdefghij");
    }),
    ("smir", |info| {
        let scene = Scene::filled(info).cap("smir").at(2, 0).put("XY");
        assert_eq!(scene.line(0), "0aXYbcdefghij");
    }),
    ("rmir", |info| {
        let scene = Scene::filled(info)
            .cap("smir")
            .cap("rmir")
            .at(2, 0)
            .put("XY");
        assert_eq!(scene.line(0), "0aXYdefghij");
    }),
    ("sc", |info| {
        let scene = Scene::new(info).at(9, 3).cap("bold").cap("sc").cap("home");
        let scene = scene.cap("sgr0").cap("rc").stands(9, 3).put("x");
        assert_eq!(scene.style(9, 3).attrs, Attrs::BOLD);
    }),
    ("rc", |info| {
        drop(
            Scene::new(info)
                .at(4, 2)
                .cap("sc")
                .at(9, 4)
                .cap("rc")
                .stands(4, 2),
        );
    }),
    ("smcup", |info| {
        let scene = Scene::filled(info)
            .cap("smcup")
            .cap("clear")
            .put("full")
            .shows("full");
        assert!(scene.term.modes().alternate);
    }),
    ("rmcup", |info| {
        let scene = Scene::filled(info)
            .at(3, 2)
            .cap("smcup")
            .cap("clear")
            .put("full");
        let scene = scene.cap("rmcup").shows(ABC).stands(3, 2);
        assert!(!scene.term.modes().alternate);
    }),
    // The history goes, the screen stays.
    ("E3", |info| {
        let scene = Scene::filled(info).put("\r\n\nmore");
        assert_eq!(scene.term.history_rows(), 2);
        let before = scene.picture();
        let scene = scene.cap("E3").shows(&before);
        assert_eq!(scene.term.history_rows(), 0);
    }),
    ("rep", |info| {
        drop(Scene::new(info).with("rep", &[0x78, 5]).shows("xxxxx"));
    }),
    ("ech", |info| {
        let scene = Scene::filled(info).at(2, 1).with("ech", &[3]).stands(2, 1);
        assert_eq!(scene.line(1), "1a   efghij");
    }),
];

fn number(info: &super::describe::Description, name: &str) -> i64 {
    match info.0.get(name) {
        Some(super::describe::Value::Number(number)) => *number,
        other => panic!("{name} is {other:?}, no number"),
    }
}
