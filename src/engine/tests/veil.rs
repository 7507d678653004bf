//! What guests who may only look, and recorders, do not see of a debug build's
//! secrets: no part of one, wherever the picture, a capture, a stream or a format
//! cuts it.

use super::life::debugged;
use super::*;
use crate::access::Means;
use crate::access::local::{Entry, Who};
use crate::base::SessionId;
use crate::ci::life::Limits;
use crate::mux::effect::SharePolicy;

impl Scene {
    /// A guest comes to the door, with a terminal or one who speaks lines.
    pub(super) fn guest_as(
        &mut self,
        name: &str,
        grant: Grant,
        terminal: bool,
        control: bool,
    ) -> ClientId {
        let client = ClientId(self.next_client);
        self.next_client += 1;
        let side = |n: u16| std::num::NonZero::new(n).unwrap();
        let parser = vt100::Parser::new(side(24), side(100), 0);
        self.screens.insert(client, parser);
        let peer = Peer {
            origin: Origin::Ssh {
                session: SessionId(0),
                address: "192.0.2.7:999".parse().unwrap(),
                name: name.into(),
                means: Means::Key,
                key: "SHA256:abc".into(),
                readable: false,
            },
            grant,
            terminal: terminal.then(|| TerminalSpec {
                size: Size::new(100, 24),
                term: "xterm-256color".into(),
                tty: "ssh".into(),
                utf8: true,
                features: String::new(),
                terminfo: Vec::new(),
            }),
            control,
            cwd: String::new(),
            env: Vec::new(),
        };
        self.turn(Event::Connected {
            client,
            peer: Box::new(peer),
        });
        client
    }

    /// A guest who speaks lines, and is attached.
    fn control_guest(&mut self, name: &str, grant: Grant) -> ClientId {
        let client = self.guest_as(name, grant, true, true);
        let argv = ["attach-session", "-t", "$0"].map(str::to_owned).into();
        self.turn(Event::Command { client, argv });
        client
    }
}

/// The secret is `hunter2-secret`.
fn shared() -> (Scene, ClientId) {
    let mut scene = debugged(Limits::default(), false);
    scene.share(SharePolicy::default());
    let viewer = scene.guest("ann", Grant::View);
    (scene, viewer)
}

/// Whether any four characters of the secret are seen beside each other.
#[track_caller]
fn assert_hidden(text: &str, about: &str) {
    let text: String = text.split_whitespace().collect();
    for part in b"hunter2-secret".windows(4) {
        let part = std::str::from_utf8(part).unwrap();
        assert!(!text.contains(part), "{about}: {part} in {text}");
    }
}

/// What one who may only look is told by a command line of their own.
fn told(scene: &mut Scene, line: &str) -> String {
    let viewer = scene.guest_with("eve", Grant::View, false);
    scene.run_as(viewer, line)
}

/// Whether the first line that was written is seen.
fn shows_first(screen: &str) -> bool {
    let mut lines = screen.lines();
    lines.any(|line| line.trim_start_matches(['1', ' ']).starts_with("line 0"))
}

/// Lines, among them the secret: over a wrap, with colours, in pieces.
fn write(scene: &mut Scene, before: usize, after: usize) {
    for number in 0..before {
        scene.output(0, format!("line {number}\r\n").as_bytes());
    }
    scene.output(0, format!("{}hunter2-\x1b[31m", "x".repeat(72)).as_bytes());
    scene.output(0, b"sec\x1b[0mret end\r\n");
    scene.output(
        0,
        format!("{}hunter2-secret\r\n", "y".repeat(75)).as_bytes(),
    );
    for number in 0..after {
        scene.output(0, format!("more {number}\r\n").as_bytes());
    }
}

#[test]
fn scrolling_in_a_look_of_ones_own_shows_no_part_of_a_secret() {
    let (mut scene, viewer) = shared();
    scene.attach(80, 24, Grant::Type);
    write(&mut scene, 60, 60);
    scene.run_as(viewer, "copy-mode");
    scene.later(Duration::from_millis(100));
    assert!(scene.screen(viewer).contains("your own view"));
    let mut stars = 0;
    for _ in 0..120 {
        scene.keys(viewer, b"\x1b[A");
        scene.later(Duration::from_millis(100));
        let screen = scene.screen(viewer);
        assert_hidden(&screen, "peek");
        stars += usize::from(screen.contains("******"));
    }
    assert!(stars > 20, "{stars}");
    assert!(shows_first(&scene.screen(viewer)));
}

#[test]
fn searching_finds_no_secret_and_the_rest() {
    let (mut scene, viewer) = shared();
    write(&mut scene, 60, 60);
    scene.run_as(viewer, "copy-mode");
    for word in ["hunter", "2-se", "t end"] {
        scene.keys(viewer, format!("?{word}\r").as_bytes());
        scene.later(Duration::from_millis(100));
        assert!(scene.screen(viewer).contains("not found"), "{word}");
    }
    scene.keys(viewer, b"?line 7\r");
    scene.later(Duration::from_millis(100));
    let screen = scene.screen(viewer);
    assert!(
        screen.contains("line 7") && !screen.contains("not found"),
        "{screen}"
    );
}

#[test]
fn copy_mode_of_another_shows_no_part_of_a_secret() {
    for numbers in ["off", "absolute"] {
        let (mut scene, viewer) = shared();
        let owner = scene.attach(80, 24, Grant::Admin);
        scene.run(&format!("set-option -g copy-mode-line-numbers {numbers}"));
        write(&mut scene, 60, 60);
        scene.run_as(owner, "copy-mode");
        for _ in 0..110 {
            scene.run_as(owner, "send-keys -X scroll-up");
            scene.later(Duration::from_millis(100));
            assert_hidden(&scene.screen(viewer), "copy mode");
        }
        assert!(shows_first(&scene.screen(viewer)));
    }
}

#[test]
fn window_that_is_larger_than_the_guests_screen_hides_the_cut_ends() {
    let (mut scene, viewer) = shared();
    scene.attach(150, 24, Grant::Type);
    for column in 80..110 {
        let text = format!("\x1b[H\x1b[2J{}hunter2-secret", " ".repeat(column));
        scene.output(0, text.as_bytes());
        scene.later(Duration::from_millis(100));
        assert_hidden(&scene.screen(viewer), "edge");
    }
    // A name that is cut for the status line.
    scene.run("rename-window a-very-long-name-hunter2-secret");
    for width in 1..40 {
        let format = format!("#{{={width}:window_name}}");
        scene.run(&format!("set-option -g status-right {format}"));
        scene.later(Duration::from_millis(100));
        assert_hidden(&scene.screen(viewer), &format);
        let said = told(&mut scene, &format!("display-message -p {format}"));
        assert!(!said.trim().is_empty());
        assert_hidden(&said, &format);
    }
}

#[test]
fn resizes_and_panes_beside_each_other_show_no_part_of_a_secret() {
    let (mut scene, viewer) = shared();
    let owner = scene.attach(100, 24, Grant::Type);
    scene.run("split-window -h");
    write(&mut scene, 30, 3);
    for cols in (20..120).step_by(7) {
        scene.turn(Event::Resized {
            client: owner,
            size: Size::new(cols, 24),
        });
        scene.later(Duration::from_millis(200));
        assert_hidden(&scene.screen(viewer), &format!("{cols} columns"));
        // The end of one, after its beginning is gone from the screen.
        scene.output(0, b"hunter2-\x1b[32msecret\r\n");
        scene.output(1, b"hunter2-\x1b[32msecret\r\n");
        scene.later(Duration::from_millis(200));
        assert_hidden(&scene.screen(viewer), &format!("{cols} columns"));
    }
}

#[test]
fn captures_of_single_lines_show_no_part_of_a_secret() {
    let (mut scene, _) = shared();
    write(&mut scene, 30, 5);
    let mut seen = String::new();
    for line in -40..24 {
        for flags in ["", "-e", "-J", "-N"] {
            let words = format!("capture-pane -p {flags} -S {line} -E {line}");
            let text = told(&mut scene, &words.replace("  ", " "));
            assert_hidden(&text, &format!("{flags} {line}"));
            seen += &text;
        }
    }
    assert!(
        seen.contains("line 5") && seen.contains("[secure]"),
        "{seen}"
    );
    for flags in ["-C", "-R", "-L", "-F", "-H", "-P"] {
        scene.errors.clear();
        told(&mut scene, &format!("capture-pane -p {flags} -S - -E -"));
        assert!(
            scene.errors.contains("may only look"),
            "{flags}: {}",
            scene.errors
        );
    }
    // Whoever may type sees it all.
    let typist = scene.guest_with("bob", Grant::Type, false);
    let text = scene.run_as(typist, "capture-pane -p -J -S - -E -");
    assert!(text.contains("hunter2-secret end"), "{text}");
}

#[test]
fn formats_answer_no_question_about_a_secret() {
    let (mut scene, _viewer) = shared();
    scene.output(0, b"hunter2-secret\r\n");
    scene.run("set-environment -g DEPLOY hunter2-secret");
    for (line, wanted) in [
        ("display-message -p #{C:hunter2}", "0"),
        ("display-message -p #{=4:DEPLOY}", "[sec"),
        ("display-message -p #{m:hunter*,#{DEPLOY}}", "0"),
        ("list-windows -F #{=4:DEPLOY}", "[sec"),
        ("list-panes -F #{C:hunter2}", "0"),
        ("list-clients -F #{n:DEPLOY}", "8"),
    ] {
        let said = told(&mut scene, line);
        let all = said.lines().all(|said| said == wanted);
        assert!(all && !said.is_empty(), "{line}: {said}");
    }
    assert_eq!(scene.run("display-message -p #{=4:DEPLOY}"), "hunt\n");
}

#[test]
fn control_client_hears_no_part_of_a_secret_in_any_pieces() {
    for size in [1, 2, 3, 5, 8, 13, 100] {
        let (mut scene, _) = shared();
        // Its beginning is there before the client is.
        scene.output(0, b"first hunter2-");
        let viewer = scene.control_guest("eve", Grant::View);
        let typist = scene.control_guest("bob", Grant::Type);
        scene.heard(viewer);
        scene.heard(typist);
        let text = b"secret then hunter\x1b[1m2-sec\x1b[mret, hunter2-\r\nsecret. \
                     aHVudGVyMi1zZWNyZXQ= end\r\n";
        for part in text.chunks(size) {
            scene.output(0, part);
            scene.later(Duration::from_millis(10));
        }
        let output = |lines: Vec<String>| -> String {
            let lines = lines.iter();
            lines
                .filter_map(|line| line.strip_prefix("%output %0 "))
                .collect()
        };
        let heard = output(scene.heard(viewer));
        let plain = heard
            .replace("\\015\\012", "")
            .replace("\\033[1m", "")
            .replace("\\033[m", "");
        assert_hidden(&plain, &format!("by {size}"));
        assert!(
            heard.contains("[secure]") && heard.contains(" then "),
            "{heard}"
        );
        assert!(heard.ends_with(" end\\015\\012"), "{heard}");
        let heard = output(scene.heard(typist));
        assert!(
            heard.ends_with("aHVudGVyMi1zZWNyZXQ= end\\015\\012"),
            "{heard}"
        );
        let told = scene.ask(viewer, "capture-pane -p");
        assert_hidden(&told.concat(), "capture");
    }
}

#[test]
fn recorder_is_nobody_who_is_here() {
    let limits = Limits {
        wait: Some(Duration::from_secs(600)),
        ..Limits::default()
    };
    let mut scene = debugged(limits, false);
    scene.run("set-hook -g client-attached new-window");
    let size = "display-message -p #{window_width}x#{window_height}";
    let before = scene.run(size);
    let recorder = scene.connect(Some((70, 20)), Grant::Admin);
    scene.run_as(recorder, "attach-session -E -r -f recorder -t build");
    scene.output(0, b"<hunter2-secret>");
    scene.later(Duration::from_secs(1));
    let screen = scene.screen(recorder);
    assert!(screen.contains("<**************>"), "{screen}");
    assert_eq!(scene.run(size), before);
    assert_eq!(scene.run("list-clients"), "");
    assert_eq!(scene.run("display-message -p #{session_attached}"), "0\n");
    assert_eq!(scene.engine.mux().people(SessionId(0)), []);
    scene.later(Duration::from_secs(600));
    assert!(
        scene.log.contains("Nobody came within 10 minutes."),
        "{}",
        scene.log
    );
    // A guest cannot make itself one.
    let mut scene = debugged(Limits::default(), false);
    scene.share(SharePolicy::default());
    let guest = scene.guest_with("eve", Grant::Type, true);
    scene.run_as(guest, "attach-session -f recorder -t build");
    assert_eq!(scene.run("list-clients").lines().count(), 1);
}

#[test]
fn token_that_types_is_seen_only_by_whoever_may_type() {
    let mut scene = Scene::new();
    scene.attach(80, 24, Grant::Admin);
    scene.share(SharePolicy::default());
    let (viewer, ears) = (
        scene.guest("ann", Grant::View),
        scene.control_guest("eve", Grant::View),
    );
    let typist = scene.guest("bob", Grant::Type);
    let token = "typing-secret";
    scene.output(0, b"$ stepmux share\r\nssh typing-");
    scene.output(0, b"secret@vm, to look on ssh looking-secret@vm\r\n");
    scene.later(Duration::from_secs(1));
    let seen = scene.screen(viewer);
    assert!(
        !seen.contains(token) && seen.contains("ssh looking-secret@vm"),
        "{seen}"
    );
    assert!(scene.screen(typist).contains(token));
    let heard = scene.heard(ears).concat();
    assert!(
        !heard.contains("secret@vm,") && heard.contains("[secure]"),
        "{heard}"
    );
    scene.run("set-option -g mask-view off");
    for line in ["capture-pane -p", "display-message -p '#{C:typing-secret}'"] {
        let told = told(&mut scene, line);
        assert!(
            !told.is_empty() && !told.contains(token) && told != "2",
            "{line}: {told}"
        );
    }
}

#[test]
fn other_user_who_may_only_look_sees_no_token() {
    let mut scene = Scene::new();
    scene.attach(80, 24, Grant::Admin);
    scene.share(SharePolicy::default());
    scene.output(0, b"ssh typing-secret@vm\r\n");
    let entry = Entry {
        name: "ann".into(),
        writes: false,
    };
    scene.engine.mux.local_access.set(Who::User(7), entry);
    let other = scene.come(local(7, Grant::View));
    let told = scene.run_as(other, "capture-pane -p");
    assert!(told.starts_with("ssh [secure]@vm"), "{told}");
    let own = scene.come(local(0, Grant::View));
    let told = scene.run_as(own, "capture-pane -p");
    assert!(told.starts_with("ssh typing-secret@vm"), "{told}");
}
