//! Clients' terminals: what they are asked, what their answers and the options
//! change, and what never reaches a pane.

use super::*;

impl Scene {
    /// What the client was sent since the last call, escapes made visible.
    fn sent(&mut self, client: ClientId) -> String {
        self.later(Duration::from_millis(50));
        let sent = self.sent.remove(&client).unwrap_or_default();
        String::from_utf8_lossy(&sent).replace('\x1b', "^")
    }

    fn typed_text(&mut self) -> String {
        let typed = std::mem::take(&mut self.typed);
        let all: Vec<u8> = typed.into_iter().flat_map(|(_, bytes)| bytes).collect();
        String::from_utf8_lossy(&all).replace('\x1b', "^")
    }

    fn format(&mut self, client: ClientId, format: &str) -> String {
        let name = self.engine.mux().clients[&client].name.clone();
        let printed = self.run(&format!("list-clients -F #{{client_name}}={format}"));
        let line = printed
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{name}=")));
        line.unwrap_or_default().to_owned()
    }
}

const FENCE: &[u8] = b"\x1b[?62;4c";

#[test]
fn terminal_is_asked_after_its_first_picture_and_its_answers_hold() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    let first = scene.sent(client);
    assert!(first.starts_with("^[22;0;0t^[?1049h"), "{first:?}");
    assert!(
        first.ends_with("^[>q^]10;?^\\^]11;?^\\^[>c^[c"),
        "{first:?}"
    );
    scene.output(0, b"\x1b[38;2;1;2;3mx\x1b[4:3my");
    assert!(scene.sent(client).contains("38;5;16"));
    for part in [&b"\x1bP>|foot(1."[..], b"16)\x1b", b"\\", FENCE] {
        scene.keys(client, part);
    }
    let learned = scene.sent(client);
    assert!(learned.contains("38;2;1;2;3"), "{learned:?}");
    assert!(learned.contains("^[?2026$p^[?2031$p^[?u^[16t^P+q524742^\\"));
    assert!(learned.contains("4:3") && learned.contains("^[?2031h"));
    assert!(learned.ends_with("^[c") || learned.contains("^[c^["));
    assert_eq!(scene.format(client, "#{client_termtype}"), "foot(1.16)");
    let features = scene.format(client, "#{client_termfeatures}");
    for feature in ["RGB", "hyperlinks", "usstyle", "sync", "overline"] {
        assert!(features.split(',').any(|one| one == feature), "{features}");
    }
    // The second round, and words that come when nobody waits any more.
    for part in [
        &b"\x1b[?2026;2$y\x1b[?2031;2$y\x1b[?0u"[..],
        b"\x1b[6;20;9t\x1bP1+r524742=382f382f38\x1b\\",
        FENCE,
        FENCE,
        b"\x1bP>|other 1\x1b\\\x1b[>1;2;3c",
    ] {
        scene.keys(client, part);
    }
    assert_eq!(scene.format(client, "#{client_termtype}"), "foot(1.16)");
    assert_eq!(scene.typed_text(), "");
    scene.output(0, b"\x1b[?2048h");
    assert_eq!(scene.typed_text(), "^[48;23;80;460;720t");
}

#[test]
fn terminal_is_left_as_it_was_found() {
    let mut scene = Scene::new();
    scene.run("set -s focus-events on");
    scene.run("set -s extended-keys on");
    scene.run("set -g mouse on");
    let client = scene.attach(80, 24, Grant::Admin);
    scene.keys(client, b"\x1bP>|kitty(0.40)\x1b\\");
    scene.keys(client, FENCE);
    scene.output(0, b"\x1b[?1003h\x1b[3 q\x1b]12;#ff0000\x07\x1b[?25l");
    let sent = scene.sent(client);
    let left = scene.leave[&client].replace('\x1b', "^");
    for mode in [
        "1049", "1", "2004", "1004", "2031", "1000", "1002", "1003", "1006",
    ] {
        assert!(sent.contains(&format!("^[?{mode}h")), "{mode} {sent:?}");
        assert!(left.contains(&format!("^[?{mode}l")), "{mode} {left:?}");
    }
    assert!(sent.contains("^[=1;1u") && left.contains("^[=0;1u"));
    assert!(sent.contains("^]12;") && left.contains("^]112\u{7}"));
    assert!(sent.contains("^[3 q") && left.contains("^[0 q"));
    assert!(left.contains("^[>4m") && left.contains("^[?25h") && left.contains("^[23;0;0t"));
}

#[test]
fn terminal_that_says_little_is_asked_no_more() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    scene.sent(client);
    scene.keys(client, b"\x1b[?1;2c");
    assert!(!scene.sent(client).contains("$p"));
    for term in ["linux", "vt100", "vt220", "screen", "never-heard-of"] {
        let client = scene.attach_as(term, &[], 80, 24);
        let sent = scene.sent(client);
        assert!(!sent.contains("^[>q") && !sent.contains("^[c"), "{term}");
    }
}

#[test]
fn answers_that_come_late_change_and_type_nothing() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    scene.later(Duration::from_secs(4));
    scene.sent(client);
    scene.keys(client, b"\x1bP>|foot(1.16)\x1b\\\x1b[?62;4c");
    assert_eq!(scene.sent(client), "");
    assert_eq!(scene.format(client, "#{client_termtype}"), "");
    assert_eq!(scene.typed_text(), "");
}

#[test]
fn answers_do_not_count_as_typing() {
    let mut scene = Scene::new();
    let one = scene.attach(80, 24, Grant::Admin);
    let two = scene.attach(100, 30, Grant::Admin);
    let latest = |scene: &Scene, id| scene.engine.mux().clients[&id].latest;
    scene.keys(one, FENCE);
    assert!(latest(&scene, one) < latest(&scene, two));
    scene.keys(one, b"x");
    assert!(latest(&scene, one) > latest(&scene, two));
}

#[test]
fn colours_of_a_terminal_answer_its_panes_and_changes_are_told() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    scene.output(0, b"\x1b]11;?\x1b\\");
    assert_eq!(scene.typed_text(), "");
    scene.keys(client, b"\x1b]11;rgb:1111/2222/3333\x1b\\");
    scene.output(0, b"\x1b[?2031h\x1b]11;?\x1b\\");
    assert_eq!(scene.typed_text(), "^]11;rgb:1111/2222/3333^\\");
    scene.sent(client);
    scene.keys(client, b"\x1b[?997;2n");
    let asked = scene.sent(client);
    assert!(asked.contains("^]11;?^\\"), "{asked:?}");
    scene.keys(client, b"\x1b]11;rgb:ffff/ffff/eeee\x1b\\");
    assert_eq!(scene.typed_text(), "^[?997;2n");
    scene.keys(client, b"\x1b]11;rgb:ffff/ffff/ffff\x1b\\");
    assert_eq!(scene.typed_text(), "");
}

#[test]
fn features_and_overrides_hold_at_once() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    scene.output(0, b"\x1b[38;2;1;2;3mx");
    scene.sent(client);
    scene.run("set -s terminal-features[9] xterm*:RGB:sync");
    let sent = scene.sent(client);
    assert!(
        sent.contains("38;2;1;2;3") && sent.contains("^[?2026h"),
        "{sent:?}"
    );
    scene.run("set -s terminal-features[9] rxvt*:overline");
    let sent = scene.sent(client);
    assert!(
        sent.contains("38;5;16") && !sent.contains("^[?2026h"),
        "{sent:?}"
    );
    scene.run("set -as terminal-overrides ,xterm*:Tc:smcup@:rmcup@");
    let sent = scene.sent(client);
    assert!(sent.contains("^[?1049l"), "{sent:?}");
    assert!(!sent.contains("^[?1049h") && sent.contains("38;2;1;2;3"));
    let other = scene.attach_as("xterm-256color", &[], 80, 24);
    assert!(!scene.sent(other).contains("1049"));
}

#[test]
fn user_keys_and_keys_of_overrides_are_read() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    scene.run("set -s user-keys[3] \x1b[5;30012~");
    scene.run("bind -n User3 new-window");
    scene.run("set -as terminal-overrides ,xterm*:kf5=\\E[999~");
    scene.keys(client, b"\x1b[5;30012~");
    assert_eq!(scene.engine.mux().windows.len(), 2);
    scene.keys(client, b"\x1b[999~");
    assert_eq!(scene.typed_text(), "^[15~");
}

#[test]
fn escape_time_holds_for_clients_that_are_here() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    scene.run("set -s escape-time 200");
    scene.keys(client, b"\x1b");
    scene.later(Duration::from_millis(150));
    assert_eq!(scene.typed_text(), "");
    scene.later(Duration::from_millis(60));
    assert_eq!(scene.typed_text(), "^");
}

#[test]
fn extended_keys_are_asked_for_by_option() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    assert!(!scene.sent(client).contains("^[>4;2m"));
    scene.run("set -s extended-keys on");
    assert!(scene.sent(client).contains("^[>4;2m"));
    scene.keys(client, b"\x1b[27;5;49~");
    assert_eq!(scene.typed_text(), "1");
    scene.run("set -s extended-keys always");
    scene.run("set -s extended-keys-format csi-u");
    scene.keys(client, b"\x1b[27;5;49~");
    assert_eq!(scene.typed_text(), "^[49;5u");
    let kitty = scene.attach_as("xterm-kitty", &[], 80, 24);
    let sent = scene.sent(kitty);
    assert!(sent.contains("^[=1;1u") && !sent.contains("^[>4;2m"));
}

#[test]
fn keys_are_asked_for_as_the_active_pane_asked() {
    let mut scene = Scene::new();
    let kitty = scene.attach_as("xterm-kitty", &[], 80, 24);
    let xterm = scene.attach(80, 24, Grant::Admin);
    assert!(scene.sent(kitty).contains("^[=0;1u"));
    scene.sent(xterm);
    for (asked, flags) in [(1, 1), (3, 3), (11, 31), (9, 1), (0, 0), (2, 3)] {
        scene.output(0, format!("\x1b[={asked};1u").as_bytes());
        let sent = scene.sent(kitty);
        let same = asked == 9;
        assert!(
            same || sent.contains(&format!("^[={flags};1u")),
            "{asked} {sent:?}"
        );
    }
    assert!(scene.sent(xterm).contains("^[>4;2m"));
    // Another pane has asked for nothing, and neither has a shell that follows.
    scene.run("split-window");
    assert!(scene.sent(kitty).contains("^[=0;1u"));
    assert!(scene.sent(xterm).contains("^[>4m"));
    scene.run("last-pane");
    assert!(scene.sent(kitty).contains("^[=3;1u"));
}

#[test]
fn keys_let_go_are_told_to_the_pane_that_heard_the_press() {
    let mut scene = Scene::new();
    let client = scene.attach_as("xterm-kitty", &[], 80, 24);
    scene.output(0, b"\x1b[>11u");
    scene.keys(client, b"\x1b[97u\x1b[97;1:2u\x1b[97;1:3u\x1b[97;1:3u");
    assert_eq!(scene.typed_text(), "^[97u^[97;1:2u^[97;1:3u");
    // The prefix and what it runs are nobody else's.
    scene.keys(client, b"\x1b[98;5u\x1b[98;5:3u");
    assert_eq!(scene.typed_text(), "");
    scene.keys(client, b"\x1b[111u\x1b[111;1:3u");
    assert_eq!(scene.typed_text(), "");
    // Shift let go first, and the pane changed in between.
    scene.keys(client, b"\x1b[49:33;2;33u");
    assert_eq!(scene.typed_text(), "^[49;2u");
    scene.run("split-window");
    scene.typed.clear();
    scene.keys(client, b"\x1b[49;1:3u");
    assert_eq!(scene.typed, [(PaneId(0), b"\x1b[49;1:3u".to_vec())]);
    scene.typed.clear();
    // Super is Super of the protocol only; a shell gets what it always got.
    scene.keys(client, b"\x1b[97;9u\x1b[97;9:3u");
    assert_eq!(scene.typed_text(), "^a");
    scene.run("last-pane");
    scene.keys(client, b"\x1b[97;9u\x1b[97;9:3u");
    assert_eq!(scene.typed_text(), "^[97;9u^[97;9:3u");
}

#[test]
fn focus_is_told_to_the_pane_that_has_it() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    scene.output(0, b"\x1b[?1004h");
    scene.keys(client, b"\x1b[O\x1b[I");
    assert_eq!(scene.typed_text(), "");
    scene.run("set -s focus-events on");
    assert!(scene.sent(client).contains("^[?1004h"));
    assert_eq!(scene.typed_text(), "^[I");
    scene.keys(client, b"\x1b[O");
    assert_eq!(scene.typed_text(), "^[O");
    scene.keys(client, b"\x1b[I");
    assert_eq!(scene.typed_text(), "^[I");
    scene.run("split-window");
    assert_eq!(scene.typed, [(PaneId(0), b"\x1b[O".to_vec())]);
    scene.typed.clear();
    scene.run("last-pane");
    assert_eq!(scene.typed, [(PaneId(0), b"\x1b[I".to_vec())]);
    scene.typed.clear();
    scene.run("new-window");
    assert_eq!(scene.typed_text(), "^[O");
    scene.run("last-window");
    assert_eq!(scene.typed_text(), "^[I");
    scene.run("detach-client");
    assert_eq!(scene.typed_text(), "^[O");
}

#[test]
fn focus_of_a_watcher_is_its_own() {
    let mut scene = Scene::new();
    scene.attach(80, 24, Grant::Admin);
    scene.run("set -s focus-events on");
    scene.output(0, b"\x1b[?1004h");
    let watcher = scene.attach(80, 24, Grant::View);
    scene.keys(watcher, b"\x1b[O\x1b[I");
    assert_eq!(scene.typed_text(), "");
}

#[test]
fn passthrough_reaches_those_who_see_the_pane() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    let passed = b"\x1bPtmux;\x1b\x1b]99;;hello\x07\x1b\\";
    for (option, window, seen) in [
        ("off", 0, false),
        ("on", 0, true),
        ("on", 1, false),
        ("all", 1, true),
    ] {
        scene.run(&format!("set -w -t :0 allow-passthrough {option}"));
        if window == 1 && scene.engine.mux().windows.len() == 1 {
            scene.run("new-window");
        }
        scene.sent(client);
        scene.output(0, passed);
        let got = scene.sent(client).contains("]99;;hello");
        assert_eq!(got, seen, "{option} {window}");
    }
}

#[test]
fn passthrough_leaves_the_pen_and_the_cursor_where_they_were() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    scene.run("set -w -t :0 allow-passthrough on");
    scene.output(0, b"\x1b[3;5Hhere");
    scene.sent(client);
    scene.output(0, b"\x1bPtmux;\x1b\x1b[9;9H\x1b\x1b[1;31m\x1b\x1b(0\x1b\\");
    let sent = scene.sent(client);
    assert!(sent.contains("^[9;9H^[1;31m^(0^[m^(B^[r^[3;9H"), "{sent:?}");
    scene.output(0, b" and there");
    assert!(scene.screen(client).contains("    here and there"));
}

#[test]
fn clipboard_goes_where_options_let_it() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    scene.sent(client);
    scene.run("set-buffer secret");
    scene.output(0, b"\x1b]52;c;?\x07");
    assert_eq!(scene.typed_text(), "");
    scene.run("set -s set-clipboard on");
    scene.output(0, b"\x1b]52;c;?\x07");
    assert_eq!(scene.typed_text(), "^]52;c;c2VjcmV0\u{7}");
    scene.run("set -s get-clipboard off");
    scene.output(0, b"\x1b]52;c;?\x07");
    assert_eq!(scene.typed_text(), "");
    // Unasked, a terminal puts nothing into the buffers.
    scene.keys(client, b"\x1b]52;c;aGk=\x07");
    assert_eq!(scene.engine.mux().buffers.iter().count(), 1);
    scene.sent(client);
    let name = scene.engine.mux().clients[&client].name.clone();
    scene.run(&format!("refresh-client -l -t {name}"));
    assert!(scene.sent(client).contains("^]52;;?^\\"));
    scene.keys(client, b"\x1b]52;c;aGk=\x07");
    assert_eq!(scene.engine.mux().buffers.get(None).unwrap().data, b"hi");
    // The terminal is asked for the program, once for each that asks.
    for (from, buffers) in [("request", 2), ("both", 3)] {
        scene.run(&format!("set -s get-clipboard {from}"));
        scene.output(0, b"\x1b]52;c;?\x07");
        scene.later(Duration::from_millis(100));
        assert!(scene.sent(client).contains("^]52;;?^\\"), "{from}");
        assert_eq!(scene.typed_text(), "");
        scene.keys(client, b"\x1b]52;c;aG8=\x07\x1b]52;c;aGk=\x07");
        assert_eq!(scene.typed_text(), "^]52;c;aG8=\u{7}");
        assert_eq!(scene.engine.mux().buffers.iter().count(), buffers);
    }
    // An answer that comes late is for nobody.
    scene.output(0, b"\x1b]52;c;?\x07");
    scene.later(Duration::from_secs(4));
    scene.keys(client, b"\x1b]52;c;aG8=\x07");
    assert_eq!(scene.typed_text(), "");
}

#[test]
fn palette_is_asked_of_the_terminal_for_the_program_that_wants_it() {
    let mut scene = Scene::new();
    // Nobody is there to be asked, and none is made up.
    scene.output(0, b"\x1b]4;1;?\x07");
    assert_eq!(scene.typed_text(), "");
    let client = scene.attach(80, 24, Grant::Admin);
    scene.sent(client);
    // What the program set is answered here.
    scene.output(0, b"\x1b]4;2;#010203\x07\x1b]4;2;?\x07");
    assert_eq!(scene.typed_text(), "^]4;2;rgb:0101/0202/0303\u{7}");
    scene.output(0, b"\x1b]4;1;?;7;?\x1b\\");
    scene.later(Duration::from_millis(20));
    let sent = scene.sent(client);
    assert!(sent.contains("^]4;1;?^\\^]4;7;?^\\"), "{sent:?}");
    assert_eq!(scene.typed_text(), "");
    // Each answer once, and none that nobody asked for.
    scene.keys(client, b"\x1b]4;7;rgb:aa/bb/cc\x07\x1b]4;9;rgb:0/0/0\x07");
    assert_eq!(scene.typed_text(), "^]4;7;rgb:aaaa/bbbb/cccc^\\");
    scene.keys(client, b"\x1b]4;7;rgb:aa/bb/cc\x07");
    assert_eq!(scene.typed_text(), "");
    // One that comes late is for nobody.
    scene.later(Duration::from_secs(1));
    scene.keys(client, b"\x1b]4;1;rgb:aa/bb/cc\x07");
    assert_eq!(scene.typed_text(), "");
}

#[test]
fn palette_is_never_asked_of_a_guests_terminal() {
    let mut scene = Scene::new();
    let guest = scene.connect(Some((80, 24)), Grant::Admin);
    scene.later(Duration::from_millis(20));
    scene.sent(guest);
    scene.output(0, b"x\x1b]4;1;?\x07");
    scene.later(Duration::from_millis(50));
    let sent = scene.sent(guest);
    assert!(!sent.contains("]4;1"), "{sent:?}");
    scene.keys(guest, b"\x1b]4;1;rgb:aa/bb/cc\x07");
    assert_eq!(scene.typed_text(), "");
}

#[test]
fn what_a_program_shows_as_one_is_sent_in_one_block() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    scene.run("set -s terminal-features[9] xterm*:sync");
    for (said, shown) in [
        // Small, whole, in parts, and none at all.
        (&[&b"\x1b[?2026hA\x1b[?2026l"[..]][..], "^[?2026hA^[?2026l"),
        (
            &[&b"\x1b[?2026hB"[..], b"C", b"D\x1b[?2026l"],
            "^[?2026hBCD^[?2026l",
        ),
        (&[&b"E"[..]], "E"),
    ] {
        scene.later(Duration::from_millis(200));
        scene.sent(client);
        for part in said {
            scene.output(0, part);
        }
        scene.later(Duration::from_millis(200));
        let sent = scene.sent(client);
        assert_eq!(sent, shown);
    }
}

#[test]
fn borders_isolate_texts_where_the_terminal_knows_how() {
    let mut scene = Scene::new();
    let client = scene.attach(20, 4, Grant::Admin);
    scene.sent(client);
    for (overrides, isolates) in [("xterm*:Bidi", 3), ("xterm*:Bidi@", 0)] {
        scene.run(&format!("set -s terminal-overrides {overrides}"));
        scene.run("split-window -h");
        let sent = scene.sent(client);
        for isolate in ['\u{2066}', '\u{2069}'] {
            assert_eq!(sent.matches(isolate).count(), isolates, "{sent:?}");
        }
        scene.run("kill-pane");
        scene.sent(client);
    }
}

#[test]
fn arrows_point_at_a_floating_pane_as_at_a_tiled_one() {
    let mut scene = Scene::new();
    let client = scene.attach(20, 8, Grant::Admin);
    scene.run("set -g pane-border-indicators both");
    scene.run("new-pane -x 7 -y 5 -X 2 -Y 1 cat");
    scene.sent(client);
    let screen = scene.screen(client);
    for part in ["┌─↓───┐", "→     ←", "└─↑───┘"] {
        assert!(screen.contains(part), "{part} in {screen}");
    }
    scene.run("set -g pane-border-indicators off");
    scene.sent(client);
    assert!(!scene.screen(client).contains('→'));
}

#[test]
fn fill_character_is_expanded_for_either_side_alone() {
    let mut scene = Scene::new();
    let client = scene.attach(20, 8, Grant::Admin);
    scene.run("set -g window-size manual");
    scene.run("resize-window -x 10 -y 4");
    for (fill, shown, not) in [
        ("#{?is_outside,O,}#{?is_inside,I,}", "OOO", "I"),
        ("#{session_name}#{window_index}z", "zzz", "0"),
    ] {
        scene.run(&format!("set -g fill-character {fill}"));
        scene.sent(client);
        let screen = scene.screen(client);
        let first = screen.lines().next().unwrap();
        assert!(first.contains(shown) && !first.contains(not), "{screen}");
    }
}

#[test]
fn cursor_follows_its_options_until_the_program_chooses() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    scene.sent(client);
    scene.run("set -g cursor-style blinking-bar");
    assert!(scene.sent(client).contains("^[5 q"));
    scene.run("set -g cursor-colour red");
    assert!(scene.sent(client).contains("^]12;rgb:cd/00/00\u{7}"));
    scene.output(0, b"\x1b[4 q\x1b]12;#010203\x07");
    scene.later(Duration::from_millis(50));
    let sent = scene.sent(client);
    assert!(
        sent.contains("^[4 q") && sent.contains("^]12;rgb:01/02/03"),
        "{sent:?}"
    );
    scene.output(0, b"\x1b[0 q\x1b]112\x07");
    scene.later(Duration::from_millis(50));
    let sent = scene.sent(client);
    assert!(
        sent.contains("^[5 q") && sent.contains("^]12;rgb:cd/00/00"),
        "{sent:?}"
    );
}

#[test]
fn suspended_client_is_left_alone_and_entered_again() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    let name = scene.engine.mux().clients[&client].name.clone();
    scene.run(&format!("suspend-client -t {name}"));
    scene.sent(client);
    scene.turn(Event::Ready { client });
    scene.output(0, b"hidden");
    scene.later(Duration::from_millis(100));
    assert_eq!(scene.sent(client), "");
    let size = Size::new(80, 24);
    scene.turn(Event::Resized { client, size });
    let sent = scene.sent(client);
    assert!(
        sent.contains("^[?1049h") && sent.contains("hidden"),
        "{sent:?}"
    );
    scene.turn(Event::Resized { client, size });
    assert!(!scene.sent(client).contains("^[22;0;0t"));
}

#[test]
fn theme_is_that_of_each_clients_background() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    // yellowgreen of the 256, until the terminal says that it is light.
    assert!(scene.sent(client).contains("48;5;113"));
    let other = scene.attach(80, 24, Grant::Admin);
    assert!(scene.sent(other).contains("48;5;113"));
    scene.keys(client, b"\x1b]11;rgb:ffff/ffff/f0f0\x1b\\");
    let light = scene.sent(client);
    assert!(light.contains("48;5;29"), "{light:?}");
    assert_eq!(scene.sent(other), "");
    assert_eq!(scene.format(client, "#{client_theme}"), "light");
    scene.keys(client, b"\x1b[?997;1n");
    assert!(scene.sent(client).contains("48;5;113"));
    for (theme, seen) in [
        ("light", "48;5;29"),
        ("terminal", "42"),
        ("detect", "48;5;113"),
    ] {
        scene.run(&format!("set -s theme {theme}"));
        let sent = scene.sent(other);
        assert!(sent.contains(seen), "{theme}: {sent:?}");
    }
    scene.run("set -s dark-theme-green #{?client_width,red,blue}");
    let sent = scene.sent(client);
    assert!(sent.contains("[41m") || sent.contains(";41"), "{sent:?}");
}

#[test]
fn theme_on_few_colours_is_the_terminals_own() {
    let mut scene = Scene::new();
    let few = scene.attach_as("xterm", &[], 80, 24);
    let sent = scene.sent(few);
    assert!(sent.contains("42") && !sent.contains("48;5"), "{sent:?}");
    let none = scene.attach_as("xterm-256color", &[("NO_COLOR", "1")], 80, 24);
    let sent = scene.sent(none);
    assert!(!sent.contains("48;5") && !sent.contains("42"), "{sent:?}");
    assert!(sent.contains("^[0;7m") || sent.contains("^[7m"), "{sent:?}");
}

#[test]
fn terminal_keeps_what_it_showed_where_attaching_does_not_clear() {
    let mut scene = Scene::new();
    scene.run("set -s clear-on-attach off");
    let client = scene.attach(80, 5, Grant::Admin);
    let sent = scene.sent(client);
    assert!(!sent.contains("1049"), "{sent:?}");
    assert!(sent.contains("^[5;1H\n\n\n\n\n"), "{sent:?}");
    scene.run("set -s clear-on-attach on");
    assert!(!scene.sent(client).contains("1049"));
}
