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
    assert_eq!(scene.mux.clipboard.as_deref(), Some(&b"line"[..]));
}
