//! What is not on the grid: bells, titles, the clipboard, modes, questions.

use super::describe::{Param, Value};
use super::{Row, Scene};
use stepmux::base::{Color, Mods, MouseAction, MouseEvent, Style};
use stepmux::term::{Notice, encode_mouse, encode_paste};

/// The rows.
pub(super) const ROWS: &[Row] = &[
    ("bel", |info| {
        assert_eq!(Scene::new(info).cap("bel").told(), [Notice::Bell])
    }),
    // The screen may flash; nothing is printed, nothing moves.
    ("flash", |info| {
        let before = Scene::filled(info).picture();
        drop(
            Scene::filled(info)
                .at(3, 3)
                .cap("flash")
                .shows(&before)
                .stands(3, 3),
        );
    }),
    // The status line is the title.
    ("hs", |info| {
        let scene = Scene::filled(info).cap("tsl").put("built").cap("fsl");
        assert_eq!(scene.term.title().as_str(), "built");
        assert_eq!(scene.line(4), "4abcdefghij");
    }),
    ("tsl", |info| {
        let scene = Scene::new(info).cap("tsl").put("a title\x07");
        assert_eq!(scene.told(), [Notice::Title("a title".into())]);
    }),
    ("TS", |info| {
        let scene = Scene::new(info)
            .cap("TS")
            .put("a title")
            .cap("fsl")
            .shows("");
        assert_eq!(scene.term.title().as_str(), "a title");
    }),
    ("fsl", |info| {
        let scene = Scene::new(info)
            .cap("tsl")
            .put("t")
            .cap("fsl")
            .put("text")
            .shows("text");
        // It ended the title, and rang no bell.
        assert_eq!(scene.told(), [Notice::Title("t".into())]);
    }),
    ("dsl", |info| {
        let scene = Scene::new(info).put("\x1b]2;t\x07").cap("dsl");
        assert_eq!(scene.term.title().as_str(), "");
    }),
    ("Ms", |info| {
        let text = [Param::from("c"), Param::from("aGVsbG8=")];
        let scene = Scene::new(info).params("Ms", &text);
        assert_eq!(scene.told(), [Notice::Clipboard(b"hello".to_vec())]);
    }),
    // A meta key is sent as such.
    ("km", |info| {
        assert_eq!(Scene::new(info).key("M-a"), b"\x1ba")
    }),
    ("smkx", |info| {
        let modes = Scene::new(info).cap("smkx").term.modes().clone();
        assert!(modes.app_cursor && modes.app_keypad);
    }),
    ("rmkx", |info| {
        let scene = Scene::new(info).cap("smkx").cap("rmkx");
        assert!(!scene.term.modes().app_cursor && !scene.term.modes().app_keypad);
        assert_eq!(scene.key("Up"), b"\x1b[A");
    }),
    ("kmous", |info| {
        let scene = Scene::new(info).put("\x1b[?1000h");
        let event = MouseEvent {
            action: MouseAction::Down(1),
            x: 4,
            y: 2,
            mods: Mods::NONE,
        };
        let mut sent = Vec::new();
        encode_mouse(&event, scene.term.modes(), (8, 16), &mut sent);
        assert_eq!(sent, [&info.text("kmous", &[])[..], b" %#"].concat());
    }),
    ("BE", |info| {
        assert!(Scene::new(info).cap("BE").term.modes().bracketed_paste)
    }),
    ("BD", |info| {
        assert!(
            !Scene::new(info)
                .cap("BE")
                .cap("BD")
                .term
                .modes()
                .bracketed_paste
        );
    }),
    ("PS", |info| {
        assert!(pasted().starts_with(&info.text("PS", &[])))
    }),
    ("PE", |info| {
        assert!(pasted().ends_with(&info.text("PE", &[])))
    }),
    ("fe", |info| {
        assert!(Scene::new(info).cap("fe").term.modes().focus_events)
    }),
    ("fd", |info| {
        assert!(
            !Scene::new(info)
                .cap("fe")
                .cap("fd")
                .term
                .modes()
                .focus_events
        );
    }),
    ("Sync", |info| {
        assert!(Scene::new(info).with("Sync", &[1]).term.modes().sync);
        assert!(
            !Scene::new(info)
                .with("Sync", &[1])
                .with("Sync", &[2])
                .term
                .modes()
                .sync
        );
    }),
    ("rs2", |info| {
        let scene = Scene::filled(info)
            .cap("bold")
            .cap("smcup")
            .cap("smkx")
            .cap("civis");
        let scene = scene.cap("rs2").shows("").stands(0, 0).put("x");
        assert_eq!(scene.style(0, 0), Style::DEFAULT);
        let modes = scene.term.modes();
        assert!(!modes.alternate && !modes.app_cursor && modes.cursor_visible);
    }),
    // u7 asks where the cursor is, and u6 is what the answer looks like.
    ("u7", |info| {
        assert_eq!(Scene::new(info).at(6, 2).cap("u7").answer(), "\x1b[3;7R")
    }),
    ("u6", |info| {
        let Some(Value::Text(form)) = info.0.get("u6") else {
            panic!("u6 is no string");
        };
        let form = String::from_utf8(form.clone()).unwrap().replace("%i", "");
        let form = form.replacen("%d", "3", 1).replacen("%d", "7", 1);
        assert_eq!(Scene::new(info).at(6, 2).cap("u7").answer(), form);
    }),
    // u9 asks what it is, and u8 is the answer.
    ("u9", |info| {
        assert!(Scene::new(info).cap("u9").answer().starts_with("\x1b[?"))
    }),
    ("u8", |info| {
        let answer = info.text("u8", &[]);
        assert_eq!(Scene::new(info).cap("u9").answer().as_bytes(), answer);
    }),
    ("XT", |info| {
        // What xterm knows: OSC 0 is the title.
        assert_eq!(
            Scene::new(info).put("\x1b]0;t\x07").term.title().as_str(),
            "t"
        );
    }),
    ("Tc", |info| direct(info)),
    ("RGB", |info| direct(info)),
    ("RV", |info| {
        assert!(Scene::new(info).cap("RV").answer().starts_with("\x1b[>"))
    }),
    ("XR", |info| {
        assert!(Scene::new(info).cap("XR").answer().starts_with("\x1bP>|"))
    }),
];

fn direct(info: &super::describe::Description) {
    let style = Scene::new(info).put("\x1b[38;2;1;2;3mx").style(0, 0);
    assert_eq!(style.fg, Color::Rgb(1, 2, 3));
}

fn pasted() -> Vec<u8> {
    let mut out = Vec::new();
    encode_paste(b"text", true, &mut out);
    out
}
