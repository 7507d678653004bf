//! Control clients as scenes: lines in, blocks and notifications out. A scene's
//! times are the same in every run, so numbers alone are left out.

use super::*;

impl Scene {
    /// A client that speaks lines, and what its first command led to.
    fn control(&mut self, grant: Grant, argv: &[&str]) -> ClientId {
        let client = self.come(Peer {
            terminal: Some(terminal("xterm-256color", (80, 24))),
            control: true,
            ..local(0, grant)
        });
        let argv = argv.iter().map(|word| (*word).to_owned()).collect();
        self.turn(Event::Command { client, argv });
        client
    }

    /// What a control client was sent since the last look; blocks as `[` `]`
    /// and `!`, with their flags.
    pub(super) fn heard(&mut self, client: ClientId) -> Vec<String> {
        let bytes = self.sent.remove(&client).unwrap_or_default();
        let text = String::from_utf8(bytes).unwrap();
        let short = |line: &str| {
            let words: Vec<&str> = line.split(' ').collect();
            match words.as_slice() {
                ["%begin", _, _, flags] => format!("[{flags}"),
                ["%end", _, _, flags] => format!("]{flags}"),
                ["%error", _, _, flags] => format!("!{flags}"),
                _ => line.to_owned(),
            }
        };
        text.lines().map(short).collect()
    }

    /// Sends lines; what came back.
    pub(super) fn ask(&mut self, client: ClientId, lines: &str) -> Vec<String> {
        self.heard(client);
        let bytes = format!("{lines}\n");
        self.keys(client, bytes.as_bytes());
        self.heard(client)
    }
}

#[test]
fn control_client_hears_blocks_and_what_changed() {
    let mut scene = Scene::new();
    let client = scene.control(Grant::Admin, &["new-session", "-s", "one"]);
    let wanted = ["[0", "]0", "%sessions-changed", "%session-changed $0 one"];
    assert_eq!(scene.heard(client), wanted);
    for (line, wanted) in [
        (
            "display-message -p '#{client_control_mode}'",
            &["[1", "1", "]1"][..],
        ),
        ("display-message hello", &["[1", "%message hello", "]1"]),
        (
            "nosuch",
            &["[1", "parse error: unknown command: nosuch", "!1"],
        ),
        ("kill-window -t 9", &["[1", "can't find window: 9", "!1"]),
        (
            "new-window -n two",
            &[
                "[1",
                "]1",
                "%session-window-changed $0 @1",
                "%window-add @1",
            ],
        ),
        (
            "rename-window three",
            &["[1", "]1", "%window-renamed @1 three"],
        ),
        ("rename-session me", &["[1", "]1", "%session-renamed $0 me"]),
        (
            "new-session -d -s other",
            &["[1", "]1", "%unlinked-window-add @2", "%sessions-changed"],
        ),
        (
            "rename-window -t other: far",
            &["[1", "]1", "%unlinked-window-renamed @2 far"],
        ),
        (
            "set-buffer -b b x",
            &["[1", "]1", "%paste-buffer-changed b"],
        ),
        (
            "delete-buffer -b b",
            &["[1", "]1", "%paste-buffer-deleted b"],
        ),
        ("copy-mode", &["[1", "]1", "%pane-mode-changed %1"]),
        (
            "kill-session -t other",
            &["[1", "]1", "%sessions-changed", "%unlinked-window-close @2"],
        ),
        (
            "kill-window",
            &[
                "[1",
                "]1",
                "%session-window-changed $0 @0",
                "%window-close @1",
            ],
        ),
        (
            "nosuch b ; display-message -p x",
            &["[1", "parse error: unknown command: nosuch", "!1"],
        ),
        (
            "display-message -p 1 ; display-message -p 2",
            &["[1", "1", "]1", "[1", "2", "]1"],
        ),
    ] {
        assert_eq!(scene.ask(client, line), wanted, "{line}");
    }
    scene.keys(client, b"detach-client\n");
    assert_eq!(scene.exits, [(client, 0, None)]);
}

#[test]
fn control_client_hears_where_panes_lie() {
    let mut scene = Scene::new();
    let client = scene.control(Grant::Admin, &["new-session"]);
    let kinds = |lines: Vec<String>| -> Vec<String> {
        let short = |line: &String| line.split(' ').take(2).collect::<Vec<_>>().join(" ");
        lines.iter().map(short).collect()
    };
    let split = kinds(scene.ask(client, "split-window"));
    assert_eq!(
        split,
        ["[1", "]1", "%window-pane-changed @0", "%layout-change @0"]
    );
    // One that ends is gone before another is looked at.
    let killed = kinds(scene.ask(client, "kill-pane"));
    assert_eq!(
        killed,
        ["[1", "]1", "%layout-change @0", "%window-pane-changed @0"]
    );
    scene.keys(client, b"split-window\n");
    let broken = kinds(scene.ask(client, "break-pane"));
    let wanted = [
        "[1",
        "]1",
        "%window-pane-changed @0",
        "%layout-change @0",
        "%window-add @1",
        "%session-window-changed $0",
    ];
    assert_eq!(broken, wanted);
    let zoomed = scene.ask(
        client,
        "refresh-client -C 100x30 ; list-windows -F '#{window_width}'",
    );
    // All windows follow, looked at or not.
    assert_eq!(zoomed[2..5], ["[1", "100", "100"]);
}

#[test]
fn control_client_that_does_not_attach_gets_layouts_in_the_older_form() {
    let mut scene = Scene::new();
    scene.run("new-session -d -x 80 -y 24");
    for format in ["#{window_layout}", "#{window_visible_layout}"] {
        let argv = ["display-message", "-p", "-t", "0", format];
        let client = scene.control(Grant::Admin, &argv);
        let lines = scene.heard(client);
        assert!(
            lines.iter().any(|line| line.ends_with(",80x24,0,0,0")),
            "{format}: {lines:?}"
        );
    }
}

#[test]
fn control_client_hears_twice_of_a_layout_that_is_set() {
    let mut scene = Scene::new();
    let client = scene.control(Grant::Admin, &["new-session"]);
    scene.ask(client, "split-window");
    for (line, told) in [
        ("select-layout tiled", 2),
        ("select-layout tiled", 2),
        ("next-layout", 2),
        ("select-layout -o", 2),
        ("resize-pane -U 1", 2),
        ("select-layout -E", 1),
        ("resize-pane -Z", 1),
        ("display-message -p x", 0),
    ] {
        let lines = scene.ask(client, line);
        let layouts = lines.iter().filter(|l| l.starts_with("%layout-change"));
        assert_eq!(layouts.count(), told, "{line}");
    }
}

#[test]
fn control_client_that_leaves_ends_its_unattached_session() {
    let mut scene = Scene::new();
    let client = scene.control(Grant::Admin, &["new-session"]);
    scene.ask(client, "set-option destroy-unattached on");
    scene.keys(client, b"detach-client\n");
    assert!(scene.engine.mux.sessions.is_empty());
}

#[test]
fn control_client_sees_what_run_shell_makes_of_formats() {
    let mut scene = Scene::new();
    let client = scene.control(Grant::Admin, &["new-session"]);
    let lines = scene.ask(client, "run-shell -C 'display-message -p #{session_name}'");
    assert_eq!(lines[..5], ["[1", "]1", "[1", "0", "]1"]);
}

#[test]
fn control_client_sees_output_and_flow() {
    let mut scene = Scene::new();
    let client = scene.control(Grant::Admin, &["new-session"]);
    scene.heard(client);
    scene.output(0, b"a\\b\r\n");
    assert_eq!(scene.heard(client), ["%output %0 a\\134b\\015\\012"]);
    scene.ask(client, "refresh-client -f no-output");
    scene.output(0, b"unheard");
    assert!(scene.heard(client).is_empty());
    scene.ask(client, "refresh-client -f '!no-output,pause-after=1'");
    scene.output(0, b"x");
    assert_eq!(scene.heard(client), ["%extended-output %0 0 : x"]);

    scene.stalled.push(client);
    scene.output(0, b"1");
    scene.output(0, b"2");
    scene.later(Duration::from_secs(2));
    scene.output(0, b"3");
    scene.stalled.clear();
    scene.turn(Event::Ready { client });
    assert_eq!(
        scene.heard(client),
        ["%extended-output %0 0 : 1", "%pause %0"]
    );
    scene.output(0, b"4");
    let again = scene.ask(client, "refresh-client -A '%0:continue'");
    assert_eq!(again, ["[1", "]1", "%continue %0"]);
    scene.output(0, b"5");
    assert_eq!(scene.heard(client), ["%extended-output %0 0 : 5"]);
}

#[test]
fn control_client_that_takes_nothing_is_given_up_and_holds_nobody_up() {
    let mut scene = Scene::new();
    let client = scene.control(Grant::Admin, &["new-session"]);
    let other = scene.attach(80, 24, Grant::Admin);
    scene.stalled.push(client);
    scene.output(0, b"first");
    scene.output(0, b"second");
    scene.later(Duration::from_secs(301));
    scene.output(0, b"third");
    assert!(
        scene.screen(other).contains("third"),
        "{}",
        scene.screen(other)
    );
    assert_eq!(
        scene.exits,
        [(client, 1, Some("too far behind".to_owned()))]
    );
}

#[test]
fn subscriptions_are_told_once_a_second_and_only_when_they_change() {
    let mut scene = Scene::new();
    let client = scene.control(Grant::Admin, &["new-session"]);
    scene.ask(client, "refresh-client -B 's::#{session_windows}'");
    scene.ask(client, "refresh-client -B 'p:%*:#{pane_width}'");
    scene.ask(client, "refresh-client -B 'w:@0:#{window_name}'");
    scene.later(Duration::from_millis(900));
    assert!(scene.heard(client).is_empty());
    scene.later(Duration::from_millis(200));
    let wanted = [
        "%subscription-changed p $0 @0 0 %0 : 80",
        "%subscription-changed s $0 - - - : 1",
    ];
    let heard = scene.heard(client);
    assert_eq!(heard[..2], wanted);
    scene.later(Duration::from_secs(3));
    assert!(scene.heard(client).is_empty());
    scene.ask(client, "rename-window a ; rename-window b");
    scene.later(Duration::from_secs(1));
    assert_eq!(
        scene.heard(client),
        ["%subscription-changed w $0 @0 0 - : b"]
    );
    for name in ["s", "p", "w"] {
        scene.ask(client, &format!("refresh-client -B {name}"));
    }
    scene.ask(client, "new-window");
    scene.later(Duration::from_secs(2));
    assert!(
        scene
            .heard(client)
            .iter()
            .all(|line| !line.contains("subscription"))
    );
}

#[test]
fn input_is_taken_line_by_line_and_ends_the_client() {
    let mut scene = Scene::new();
    let client = scene.control(Grant::Admin, &["new-session"]);
    scene.heard(client);
    scene.keys(client, b"display-message -p o");
    assert!(scene.heard(client).is_empty());
    scene.keys(
        client,
        b"ne\nnew-window -d\nlist-windows -F '#{window_id}'\n",
    );
    let wanted = [
        "[1",
        "one",
        "]1",
        "[1",
        "]1",
        "%window-add @1",
        "[1",
        "@0",
        "@1",
        "]1",
    ];
    assert_eq!(scene.heard(client), wanted);
    scene.keys(client, b"\nnew-window\n");
    assert_eq!(scene.exits, [(client, 0, None)]);
    assert_eq!(scene.engine.mux().windows.len(), 2);

    let client = scene.control(Grant::Admin, &["attach-session"]);
    scene.keys(client, b"nosuch -x\nkill-window -t 9\n");
    scene.turn(Event::Eof { client });
    assert_eq!(scene.exits.last(), Some(&(client, 1, None)));
}

#[test]
fn command_that_does_not_attach_ends_with_its_status() {
    let mut scene = Scene::new();
    for (argv, status, wanted) in [
        (&["attach-session"][..], 1, &["[0", "no sessions", "!0"][..]),
        (&["nosuch"], 1, &["unknown command: nosuch"]),
        (
            &["new-session", "-d"],
            0,
            &["[0", "]0", "%sessions-changed"],
        ),
        (&["has-session", "-t", "0"], 0, &["[0", "]0"]),
    ] {
        // Whoever is gone was still sent all of it.
        let client = scene.control(Grant::Admin, argv);
        assert_eq!(scene.heard(client), wanted, "{argv:?}");
        assert_eq!(
            scene.exits.last(),
            Some(&(client, status, None)),
            "{argv:?}"
        );
    }
}

#[test]
fn size_of_a_control_client_counts_once_it_has_one() {
    let mut scene = Scene::new();
    let client = scene.control(Grant::Admin, &["new-session"]);
    let sizes = |scene: &mut Scene| {
        let asked = "list-windows -F '#{window_id} #{window_width}x#{window_height}'";
        let lines = scene.ask(client, asked);
        lines[1..lines.len() - 1].join(" ")
    };
    assert_eq!(sizes(&mut scene), "@0 80x24");
    scene.ask(client, "refresh-client -C 100x30");
    assert_eq!(sizes(&mut scene), "@0 100x30");
    scene.ask(client, "refresh-client -C @0:50x20");
    assert_eq!(sizes(&mut scene), "@0 50x20");
    scene.ask(client, "refresh-client -C @0:");
    assert_eq!(sizes(&mut scene), "@0 100x30");
    let refused = scene.ask(client, "refresh-client -C 0x7");
    assert_eq!(refused[1], "size too small or too big");
    assert_eq!(
        scene.ask(client, "refresh-client -C x")[1],
        "bad size argument"
    );
}

#[test]
fn viewer_who_speaks_lines_changes_nothing() {
    let mut scene = Scene::new();
    scene.control(Grant::Admin, &["new-session"]);
    let viewer = scene.control(Grant::View, &["attach-session"]);
    let before = format!("{:?}", scene.engine.mux().windows);
    for line in [
        "new-window",
        "send-keys x",
        "rename-window x",
        "run-shell true",
        "set-option -g status off",
        "refresh-client -C 10x5",
        "kill-server",
    ] {
        let heard = scene.ask(viewer, line);
        assert!(!heard.is_empty(), "{line}");
    }
    assert!(scene.typed.is_empty());
    assert_eq!(format!("{:?}", scene.engine.mux().windows), before);
}

#[test]
fn fault_of_a_sourced_file_is_a_notification() {
    let mut scene = Scene::new();
    let client = scene.control(Grant::Admin, &["new-session", "-s", "main"]);
    scene.heard(client);
    scene.file = Some(b"neww\nbind-key\n".to_vec());
    scene.turn(Event::Bytes {
        client,
        bytes: b"source-file /x.conf\n",
    });
    let heard = scene.heard(client);
    let fault = "%config-error /x.conf:2: command bind-key: too few arguments (need at least 1)";
    assert!(heard.iter().any(|line| line == fault), "{heard:?}");
}

#[test]
fn all_windows_follow_a_control_client_that_says_a_size() {
    let mut scene = Scene::new();
    let client = scene.control(Grant::Admin, &["new-session"]);
    scene.ask(client, "new-window -d");
    let sizes = |scene: &mut Scene| {
        let lines = scene.run("list-windows -F #{window_width}x#{window_height}");
        lines.trim().replace('\n', " ")
    };
    for (line, after) in [
        ("refresh-client -C 100x50", "100x50 100x50"),
        // A window's own size is for that alone, and is taken back.
        ("refresh-client -C @1:60x20", "100x50 60x20"),
        ("refresh-client -C @1:", "100x50 100x50"),
        // What comes behind the numbers is passed over; the last size counts.
        ("refresh-client -C 90,40x", "90x40 90x40"),
        ("refresh-client -C 10x10 -C 80x24", "80x24 80x24"),
    ] {
        scene.ask(client, line);
        assert_eq!(sizes(&mut scene), after, "{line}");
    }
    let refused = scene.ask(client, "refresh-client -C x10");
    assert!(refused.iter().any(|line| line == "bad size argument"));
}
