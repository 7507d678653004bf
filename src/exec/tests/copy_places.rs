//! Where copy mode's commands lead: places, selections and matches as tmux 3.8 has
//! them for the same text and the same commands.

use super::Scene;
use crate::term::Output;

/// Thirty short lines, then brackets, wide characters, a wrapped line, a blank.
fn scene(keys: &str) -> Scene {
    let mut scene = Scene::new();
    scene.ok(&format!("set -g mode-keys {keys}"));
    scene.ok("set -g word-separators \"!\\\"#$%&'()*+,-./:;<=>?@[\\\\]^`{|}~\"");
    let mut text = String::new();
    for n in 0..30 {
        text += &format!("{n} alpha beta-{n}\r\n");
    }
    text += "\r\n  { two [three (four) five] six }\r\n日本 wide 日本\r\n";
    text += &"long ".repeat(18);
    text += "end\r\n\r\nlast (line)\r\n";
    let pane = scene.mux.panes.values_mut().next().unwrap();
    pane.term.feed(text.as_bytes(), &mut Output::default());
    scene.ok("copy-mode");
    scene
}

const STATE: &str = "#{scroll_position}/#{copy_cursor_x},#{copy_cursor_y} \
    #{selection_start_x},#{selection_start_y}-#{selection_end_x},#{selection_end_y} \
    #{selection_present}#{selection_active}#{rectangle_toggle} #{search_count} #{search_match}";

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn copy_commands_lead_where_tmux_leads() {
    for (keys, commands, state) in [
        (
            "vi",
            "previous-word,previous-word,previous-space",
            "0/5,22 ,-, 000 0 ",
        ),
        (
            "emacs",
            "previous-word,previous-word,previous-space",
            "0/5,22 ,-, 000 0 ",
        ),
        (
            "vi",
            "cursor-up,end-of-line,begin-selection,cursor-up,cursor-up,next-word-end",
            "0/12,20 10,36-12,34 110 0 ",
        ),
        (
            "emacs",
            "cursor-up,end-of-line,begin-selection,cursor-up,cursor-up,next-word-end",
            "0/4,22 11,36-4,36 110 0 ",
        ),
        (
            "vi",
            "search-backward four,select-word,cursor-left,other-end",
            "0/16,17 16,31-19,31 110  ",
        ),
        (
            "emacs",
            "search-backward four,select-word,cursor-left,other-end",
            "0/16,17 16,31-20,31 110  ",
        ),
        (
            "vi",
            "history-top,select-line,page-down,scroll-up,other-end",
            "1/10,23 0,0-10,36 110 0 ",
        ),
        (
            "vi",
            "search-backward three,begin-selection,cursor-down,selection-mode line,history-top",
            "14/0,0 0,0-14,32 110  ",
        ),
        (
            "emacs",
            "history-top,search-forward beta,search-again,begin-selection,search-reverse",
            "14/8,1 12,1-8,1 110  beta",
        ),
        (
            "vi",
            "search-backward wide,previous-matching-bracket,cursor-up,start-of-line,next-matching-bracket",
            "0/32,17 ,-, 000  ",
        ),
        (
            "emacs",
            "search-backward six,previous-matching-bracket,next-matching-bracket",
            "0/27,17 ,-, 000  ",
        ),
        (
            "vi",
            "search-backward 'bet[a]-1',search-again,search-reverse",
            "0/9,5 ,-, 000 11 beta-1",
        ),
        (
            "vi",
            "history-top,set-mark,next-paragraph,next-paragraph,jump-to-mark,jump-to-mark",
            "0/0,21 ,-, 000 0 ",
        ),
        (
            "vi",
            "page-up,recentre-top-bottom,recentre-top-bottom,recentre-top-bottom,middle-line",
            "13/0,11 ,-, 000 0 ",
        ),
        (
            "vi",
            "search-backward five,rectangle-on,begin-selection,cursor-down,cursor-down,cursor-right",
            "0/23,19 22,31-23,33 111  ",
        ),
        (
            "emacs",
            "previous-paragraph,jump-backward g,jump-again,jump-reverse,jump-to-forward n",
            "0/0,21 ,-, 000 0 ",
        ),
        (
            "vi",
            "goto-line 5,top-line,scroll-middle,cursor-centre-horizontal,back-to-indentation",
            "5/0,0 ,-, 000 0 ",
        ),
        (
            "emacs",
            "search-forward-incremental =be,search-forward-incremental =beta-3,search-forward-incremental +beta-3",
            "14/14,3 ,-, 000 1 beta-3",
        ),
    ] {
        let mut scene = scene(keys);
        for command in commands.split(',') {
            scene.ok(&format!("send-keys -X {command}"));
        }
        assert_eq!(
            scene.show(STATE).trim_end(),
            state.trim_end(),
            "{keys}: {commands}"
        );
    }
}

#[test]
fn copy_mode_shows_what_was_there_until_it_is_refreshed() {
    let mut scene = scene("vi");
    scene.ok("send-keys -X cursor-up");
    let pane = scene.mux.panes.values_mut().next().unwrap();
    pane.term.feed(b"news\r\n", &mut Output::default());
    assert_eq!(scene.show("#{copy_cursor_line}"), "last (line)");
    scene.ok("send-keys -X refresh-now ; send-keys -X cursor-down");
    assert_eq!(scene.show("#{copy_cursor_line}"), "news");
    // Of itself it does so only where it is told to.
    let pane = scene.mux.panes.values_mut().next().unwrap();
    pane.term.feed(b"more\r\n", &mut Output::default());
    assert!(!scene.mux.refresh_copies());
    scene.ok("send-keys -X refresh-on ; send-keys -X history-bottom");
    assert!(scene.mux.refresh_copies());
    scene.ok("send-keys -X cursor-up");
    assert_eq!(scene.show("#{copy_cursor_line}"), "more");
}

#[test]
fn copy_commands_with_wrong_arguments_do_nothing() {
    let mut scene = scene("vi");
    let before = scene.show(STATE);
    for command in [
        "nonsense",
        "goto-line",
        "goto-line 1 2",
        "goto-line x",
        "cursor-up 1",
        "copy-line -x",
        "next-prompt -q",
    ] {
        scene.ok(&format!("send-keys -X {command}"));
        assert_eq!(scene.show(STATE), before, "{command}");
    }
}

#[test]
fn modes_lie_over_one_another() {
    let mut scene = scene("vi");
    let pane = *scene.mux.panes.keys().next().unwrap();
    scene.mux.show_in_view(pane, b"one\ntwo\n");
    assert_eq!(scene.show("#{pane_in_mode} #{pane_mode}"), "2 view-mode");
    assert_eq!(scene.show("#{copy_cursor_line}"), "one");
    scene.ok("clock-mode");
    assert_eq!(scene.show("#{pane_in_mode} #{pane_mode}"), "3 clock-mode");
    scene.ok("copy-mode -q");
    assert_eq!(scene.show("#{pane_in_mode}#{pane_mode}"), "0");
}

#[test]
fn copied_text_goes_where_its_flags_say() {
    let mut scene = scene("vi");
    scene.ok("send-keys -X search-backward four");
    scene.ok("send-keys -X copy-selection -P");
    assert_eq!(scene.ok("list-buffers"), "");
    assert_eq!(scene.mux.clipboard.take().unwrap().text, b"four");
    scene.ok("send-keys -X search-backward two");
    scene.ok("send-keys -X copy-selection -C mine");
    assert!(scene.mux.clipboard.is_none());
    assert_eq!(
        scene.ok("list-buffers -F '#{buffer_name} #{buffer_size}'"),
        "mine0 3\n"
    );
}
