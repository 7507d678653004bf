//! Guests as scenes: they knock, are let in, sent away, locked out, forgotten;
//! hooks and the audit log tell of it, and who may only look changes nothing.

use super::*;
use crate::base::{Secret, SessionId};
use crate::command::table;
use crate::mux::effect::{ShareInfo, SharePolicy};

const SESSION: SessionId = SessionId(0);

impl Scene {
    /// Shares the first session under a policy.
    pub(super) fn share(&mut self, policy: SharePolicy) {
        let info = ShareInfo {
            session: SESSION,
            listen: vec!["127.0.0.1:2022".parse().unwrap()],
            host: "vm".into(),
            relay: None,
            token: Some(Secret::new("typing-secret".into())),
            view_token: Secret::new("looking-secret".into()),
            fingerprint: "SHA256:host".into(),
            public_key: String::new(),
            known_hosts: "vm k".into(),
            keys: 0,
            keys_only: false,
            policy,
            audit: "/audit".into(),
            locked: false,
            ends: None,
        };
        let token = self.engine.mux.ids.token();
        self.turn(Event::Shared {
            token,
            result: Ok(Box::new(info)),
        });
    }

    /// A guest comes to the door with a terminal.
    pub(super) fn guest(&mut self, name: &str, grant: Grant) -> ClientId {
        let client = self.guest_with(name, grant, true);
        let argv = ["attach-session", "-t", "$0"].map(str::to_owned).into();
        self.turn(Event::Command { client, argv });
        client
    }

    pub(super) fn guest_with(&mut self, name: &str, grant: Grant, terminal: bool) -> ClientId {
        self.guest_as(name, grant, terminal, false)
    }

    fn knocking() -> (Self, ClientId) {
        let mut scene = Self::new();
        let owner = scene.attach(100, 24, Grant::Admin);
        scene.share(SharePolicy {
            knock: Some(Duration::from_secs(60)),
            ..SharePolicy::default()
        });
        (scene, owner)
    }

    fn is_in(&self, client: ClientId) -> bool {
        let client = self.engine.mux().clients.get(&client);
        client.is_some_and(|client| client.session == Some(SESSION))
    }

    fn audited(&self) -> Vec<String> {
        let events = self.audit.iter().map(|line| {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            value["event"].as_str().unwrap().to_owned()
        });
        events.collect()
    }

    /// How a client was sent away.
    fn exit_of(&self, client: ClientId) -> (u8, &str) {
        let mut exits = self.exits.iter();
        let (_, status, message) = exits.find(|(own, ..)| *own == client).unwrap();
        (*status, message.as_deref().unwrap_or_default())
    }
}

#[test]
fn guest_knocks_and_waits_until_admitted() {
    let (mut scene, owner) = Scene::knocking();
    let guest = scene.guest("ann", Grant::Type);
    assert!(!scene.is_in(guest));
    assert!(
        scene.errors.contains("waiting until someone"),
        "{}",
        scene.errors
    );
    let status = scene.status(owner);
    assert!(
        status.contains("ann@192.0.2.7:999 asks to join (SHA256:abc)"),
        "{status}"
    );
    // Nothing that it sends counts.
    scene.keys(guest, b"x\r");
    assert!(scene.typed.is_empty());
    scene.run("admit-guest");
    assert!(scene.is_in(guest));
    scene.keys(guest, b"x");
    assert_eq!(scene.typed.len(), 1);
    assert_eq!(scene.audited(), ["shared", "asked", "admitted", "joined"]);
}

#[test]
fn guest_is_admitted_as_viewer_or_under_a_grant() {
    for (line, grant) in [
        ("admit-guest -r", Grant::View),
        ("admit-guest -g view -t ann@192.0.2.7:999", Grant::View),
        ("admit-guest", Grant::Type),
        ("admit-guest -g admin", Grant::Admin),
    ] {
        let (mut scene, _) = Scene::knocking();
        let guest = scene.guest("ann", Grant::Type);
        scene.run(line);
        assert_eq!(
            scene.engine.mux().clients[&guest].effective_grant(),
            grant,
            "{line}"
        );
        assert!(scene.is_in(guest));
    }
}

#[test]
fn guest_who_is_denied_or_not_answered_is_sent_away() {
    let (mut scene, _) = Scene::knocking();
    let first = scene.guest("ann", Grant::Type);
    scene.run("deny-guest -t ann@192.0.2.7:999");
    assert_eq!(scene.exit_of(first), (1, "[you were not let in]"));
    let second = scene.guest("bob", Grant::Type);
    scene.later(Duration::from_secs(61));
    assert_eq!(scene.exit_of(second), (1, "[nobody let you in]"));
    scene.run("admit-guest");
    assert!(scene.errors.contains("no guest waits"), "{}", scene.errors);
    assert_eq!(
        scene.audited(),
        ["shared", "asked", "denied", "asked", "not answered"]
    );
}

#[test]
fn guests_command_line_waits_as_well() {
    let (mut scene, _) = Scene::knocking();
    let guest = scene.guest_with("ann", Grant::Type, false);
    let argv = ["list-windows", "-F", "#{window_index}"]
        .map(str::to_owned)
        .into();
    scene.turn(Event::Command {
        client: guest,
        argv,
    });
    assert_eq!(scene.printed, "");
    let admin = scene.connect(None, Grant::Admin);
    let argv = vec!["admit-guest".to_owned()];
    scene.turn(Event::Command {
        client: admin,
        argv,
    });
    assert_eq!(scene.printed, "0\n");
}

#[test]
fn guest_who_leaves_while_waiting_is_forgotten() {
    let (mut scene, _) = Scene::knocking();
    let guest = scene.guest("ann", Grant::Type);
    scene.turn(Event::Gone { client: guest });
    scene.run("admit-guest");
    assert!(scene.errors.contains("no guest waits"));
    assert!(!scene.audited().contains(&"left".to_owned()));
}

#[test]
fn locked_share_takes_nobody_further() {
    let mut scene = Scene::new();
    scene.attach(100, 24, Grant::Admin);
    scene.share(SharePolicy::default());
    let inside = scene.guest("ann", Grant::Type);
    scene.run("lock-share");
    let late = scene.guest("bob", Grant::Admin);
    assert_eq!(
        scene.exit_of(late),
        (1, "[the session takes no further guests]")
    );
    assert!(scene.is_in(inside));
    scene.run("lock-share -u");
    let third = scene.guest("eve", Grant::Type);
    assert!(scene.is_in(third));
    // New tokens do not unlock.
    scene.run("lock-share");
    scene.share(SharePolicy::default());
    assert!(
        scene.engine.mux().sessions[&SESSION]
            .share
            .as_ref()
            .unwrap()
            .locked
    );
}

#[test]
fn share_ends_when_its_time_is_over() {
    let mut scene = Scene::new();
    let owner = scene.attach(100, 24, Grant::Admin);
    scene.share(SharePolicy {
        expires: Some(Duration::from_secs(600)),
        ..SharePolicy::default()
    });
    let guest = scene.guest("ann", Grant::Type);
    scene.later(Duration::from_secs(599));
    assert!(scene.is_in(guest));
    scene.later(Duration::from_secs(2));
    assert_eq!(
        scene.exit_of(guest),
        (0, "[the time to share this session is over]")
    );
    assert!(scene.is_in(owner));
    assert!(
        scene
            .reached
            .contains(&Effect::Unshare { session: SESSION })
    );
    assert!(scene.engine.mux().sessions[&SESSION].share.is_none());
}

#[test]
fn guests_are_kicked_and_regranted_by_an_admin_alone() {
    let mut scene = Scene::new();
    scene.attach(100, 24, Grant::Admin);
    scene.share(SharePolicy::default());
    let ann = scene.guest("ann", Grant::Type);
    let bob = scene.guest("bob", Grant::View);
    for line in [
        "kick-guest -a",
        "grant-guest -t bob@192.0.2.7:999 admin",
        "admit-guest",
        "lock-share",
        "rotate-share",
        "set-hook -g client-left kill-server",
        "set-option -g client-left kill-server",
        "set-option -s audit-log /x",
    ] {
        let other = scene.guest_with("carl", Grant::Type, false);
        scene.run_as(other, line);
        assert!(
            scene.errors.contains("not allowed"),
            "{line}: {}",
            scene.errors
        );
    }
    scene.file = Some(b"[options]\nshare-auth-command = \"echo admin\"\n".to_vec());
    let other = scene.guest_with("carl", Grant::Type, false);
    scene.run_as(other, "source-file /x.toml");
    assert!(scene.errors.contains("not allowed"), "{}", scene.errors);
    assert_eq!(scene.engine.mux().server_str("share-auth-command"), "");
    scene.run("grant-guest -t ann@192.0.2.7:999 view");
    scene.keys(ann, b"x");
    assert!(scene.typed.is_empty());
    scene.run("grant-guest -t bob@192.0.2.7:999 type");
    scene.keys(bob, b"y");
    assert_eq!(scene.typed.len(), 1);
    scene.run("grant-guest view");
    assert!(scene.errors.contains("say which"), "{}", scene.errors);
    scene.run("kick-guest -t bob@192.0.2.7:999");
    assert_eq!(scene.exit_of(bob), (1, "[you were sent away]"));
    assert!(scene.is_in(ann));
}

#[test]
fn joins_and_leaves_run_hooks_and_are_written_down() {
    let mut scene = Scene::new();
    scene.attach(100, 24, Grant::Admin);
    for hook in ["client-joined", "client-left", "join-refused"] {
        let command = format!(
            "set-hook -g {hook} {{ set-option -gaF @log '#{{hook}}:#{{hook_client}}:#{{hook_grant}} ' }}"
        );
        let client = scene.connect(None, Grant::Admin);
        let argv = vec!["if-shell".into(), "-F".into(), "1".into(), command];
        scene.turn(Event::Command { client, argv });
        assert_eq!(scene.errors, "");
    }
    scene.share(SharePolicy::default());
    let guest = scene.guest("ann", Grant::View);
    scene.keys(guest, b"\x02d");
    scene.turn(Event::Refused {
        session: SESSION,
        address: "192.0.2.9:1".parse().unwrap(),
        key: "SHA256:zzz".into(),
    });
    let shown = scene.run("show-options -gv @log");
    assert_eq!(
        shown,
        "client-joined:ann@192.0.2.7:999:view client-left:ann@192.0.2.7:999:view join-refused:: \n"
    );
    assert_eq!(scene.audited(), ["shared", "joined", "left", "refused"]);
    let all = scene.audit.join("\n");
    assert!(
        all.contains("\"address\":\"192.0.2.9\"") && all.contains("SHA256:zzz"),
        "{all}"
    );
    assert!(!all.contains("secret"), "{all}");
}

#[test]
fn admin_who_is_a_guest_sets_no_hook() {
    let mut scene = Scene::new();
    scene.attach(100, 24, Grant::Admin);
    scene.share(SharePolicy::default());
    for line in [
        "set-hook -g client-left kill-server",
        "set-option -g client-left kill-server",
    ] {
        let guest = scene.guest_with("ann", Grant::Admin, false);
        scene.run_as(guest, line);
        assert!(
            scene.errors.contains("not allowed for a guest"),
            "{line}: {}",
            scene.errors
        );
    }
}

#[test]
fn sessions_tell_of_their_beginning_and_end() {
    let mut scene = Scene::new();
    scene.attach(100, 24, Grant::Admin);
    for hook in ["session-created", "session-closed"] {
        let line = format!(
            "set-hook -g {hook} {{ set-option -gaF @log \"#{{hook}}:#{{hook_session_name}},\" }}"
        );
        let client = scene.connect(None, Grant::Admin);
        let argv = vec!["if-shell".into(), "-F".into(), "1".into(), line];
        scene.turn(Event::Command { client, argv });
        assert_eq!(scene.errors, "");
    }
    scene.run("new-session -d -s other");
    scene.run("kill-session -t other");
    let said = scene.run("show-options -gv @log");
    assert_eq!(said, "session-created:other,session-closed:other,\n");
}

#[test]
fn hook_runs_no_further_hook() {
    let mut scene = Scene::new();
    scene.attach(100, 24, Grant::Admin);
    scene.run("set-hook -g after-new-window new-window");
    scene.run("new-window");
    assert_eq!(scene.engine.mux().windows.len(), 3);
}

#[test]
fn list_of_people_admits_and_sends_away_by_keys() {
    let (mut scene, owner) = Scene::knocking();
    let ann = scene.guest("ann", Grant::Type);
    let bob = scene.guest("bob", Grant::Type);
    scene.keys(owner, b"\x02P");
    let shown = scene.screen(owner);
    assert!(
        shown.contains("waits (type)") && shown.contains("key SHA256:abc"),
        "{shown}"
    );
    assert!(
        shown.contains("(you)") && shown.contains("192.0.2.7"),
        "{shown}"
    );
    scene.keys(owner, b"v");
    assert_eq!(
        scene.engine.mux().clients[&ann].effective_grant(),
        Grant::View
    );
    // Bob is the first now.
    scene.keys(owner, b"d");
    assert_eq!(scene.exit_of(bob), (1, "[you were not let in]"));
    scene.keys(owner, b"Gx");
    assert_eq!(scene.exit_of(ann), (1, "[you were sent away]"));
    scene.keys(owner, b"L");
    assert!(
        scene.screen(owner).contains("locked"),
        "{}",
        scene.screen(owner)
    );
    scene.keys(owner, b"q");
    assert!(!scene.screen(owner).contains("People"));
    assert!(scene.typed.is_empty());
}

#[test]
fn list_of_people_fits_eighty_columns() {
    let mut scene = Scene::new();
    let owner = scene.attach(80, 24, Grant::Admin);
    scene.share(SharePolicy::default());
    scene.guest("ann", Grant::Type);
    scene.keys(owner, b"\x02P");
    let shown = scene.screen(owner);
    for text in ["80x24", "100x24", "192.0.2.7", "(you)", "q close"] {
        assert!(shown.contains(text), "{text}: {shown}");
    }
}

#[test]
fn list_of_people_gives_a_guest_no_more_than_they_may() {
    let mut scene = Scene::new();
    let owner = scene.attach(100, 24, Grant::Admin);
    scene.share(SharePolicy::default());
    let guest = scene.guest("ann", Grant::View);
    let other = scene.guest("bob", Grant::Type);
    scene.keys(guest, b"\x02Pjx\x1b[Bvd");
    scene.keys(guest, b"RLq");
    assert!(scene.is_in(owner) && scene.is_in(guest) && scene.is_in(other));
    assert_eq!(scene.engine.mux().clients[&other].grant, Grant::Type);
    assert!(
        !scene.engine.mux().sessions[&SESSION]
            .share
            .as_ref()
            .unwrap()
            .locked
    );
}

#[test]
fn viewers_cannot_read_the_token_of_those_who_type() {
    let mut scene = Scene::new();
    scene.attach(100, 24, Grant::Admin);
    scene.share(SharePolicy::default());
    let line = "display-message -p #{ssh_command}#{tmate_ssh}#{S:#{ssh_command}}";
    assert!(scene.run(line).contains("typing-secret"));
    let guest = scene.guest_with("ann", Grant::View, false);
    assert!(!scene.run_as(guest, line).contains("typing-secret"));
    scene.run("set-option -g status-right #{ssh_command}");
    let owner = scene.attach(160, 24, Grant::Admin);
    let viewer = scene.guest("bob", Grant::View);
    scene.later(Duration::from_secs(20));
    assert!(
        scene.status(owner).contains("typing-secret"),
        "{}",
        scene.status(owner)
    );
    assert!(!scene.screen(viewer).contains("typing-secret"));
}

#[test]
fn how_to_join_is_shown_to_nobody_but_who_asked() {
    let mut scene = Scene::new();
    let owner = scene.attach(60, 24, Grant::Admin);
    scene.keys(owner, b"\x02Ps");
    assert!(scene.engine.mux().sessions[&SESSION].share.is_none());
    scene.keys(owner, b"q");
    scene.share(SharePolicy::default());
    let viewer = scene.guest("bob", Grant::View);
    for keys in [
        &b"\x02Ps"[..],
        b"\x02:share\r",
        b"\x02:display-message -p '#{ssh_command}'\r",
    ] {
        scene.keys(owner, keys);
        let shown = scene.screen(owner);
        assert!(shown.contains("how to join"), "{shown}");
        let whole = shown.replace(['\n', '│', ' '], "");
        assert!(whole.contains("typing-secret@vm"), "{shown}");
        assert!(!scene.screen(viewer).contains("typing-secret"));
        scene.keys(owner, b"q");
        assert!(!scene.screen(owner).contains("typing-secret"));
    }
}

#[test]
fn viewer_peeks_into_the_history_alone() {
    let mut scene = Scene::new();
    let owner = scene.attach(100, 24, Grant::Admin);
    scene.share(SharePolicy::default());
    let viewer = scene.guest("ann", Grant::View);
    for line in 0..200 {
        scene.output(0, format!("line {line} \x1b[31mred\x1b[m\r\n").as_bytes());
    }
    scene.later(Duration::from_millis(100));
    let seen = scene.screen(owner);
    assert!(seen.contains("line 199"));
    // The key of copy mode is a look of their own.
    scene.keys(viewer, b"\x02[");
    assert!(
        scene.screen(viewer).contains("your own view"),
        "{}",
        scene.screen(viewer)
    );
    scene.keys(viewer, b"g");
    assert!(
        scene.screen(viewer).starts_with("line 0 red"),
        "{}",
        scene.screen(viewer)
    );
    // New output moves nothing.
    scene.output(0, b"more\r\n");
    scene.later(Duration::from_millis(100));
    assert!(scene.screen(viewer).starts_with("line 0 red"));
    scene.keys(viewer, b"/line 150\r");
    assert!(
        scene.screen(viewer).starts_with("line 150 red"),
        "{}",
        scene.screen(viewer)
    );
    scene.keys(viewer, b"?line 20 \r");
    assert!(
        scene.screen(viewer).starts_with("line 20 red"),
        "{}",
        scene.screen(viewer)
    );
    scene.keys(viewer, b"/nowhere\r");
    assert!(scene.screen(viewer).contains("not found"));
    assert!(scene.screen(owner).contains("more"));
    assert!(scene.engine.mux().panes[&PaneId(0)].copy.is_none());
    scene.keys(viewer, b"q");
    assert!(scene.screen(viewer).contains("more"));
    // So is the wheel, where the mouse is on.
    scene.run("set-option -g mouse on");
    scene.keys(viewer, b"\x1b[<64;5;5M");
    assert!(scene.screen(viewer).contains("your own view"));
    scene.keys(viewer, b"\x1b[<64;5;5M\x1b[<65;5;5Mq");
    assert!(scene.typed.is_empty());
    // One who may type has the mode of all.
    scene.keys(owner, b"\x02[");
    assert!(scene.engine.mux().panes[&PaneId(0)].copy.is_some());
}

#[test]
fn late_joiner_sees_the_screen_at_once_and_the_history_by_peek() {
    let mut scene = Scene::new();
    scene.attach(100, 24, Grant::Admin);
    scene.share(SharePolicy::default());
    for line in 0..3000 {
        scene.output(0, format!("line {line}\r\n").as_bytes());
    }
    let late = scene.guest("ann", Grant::View);
    assert!(
        scene.screen(late).contains("line 2999"),
        "{}",
        scene.screen(late)
    );
    scene.keys(late, b"\x02[g");
    let first = scene.screen(late);
    assert!(first.starts_with("line "), "{first}");
    assert!(first.contains("your own view"), "{first}");
}

#[test]
fn names_of_typists_are_shown_where_the_option_says() {
    let mut scene = Scene::new();
    let owner = scene.attach(100, 24, Grant::Admin);
    scene.run("split-window");
    scene.share(SharePolicy::default());
    let guest = scene.guest("ann", Grant::Type);
    scene.later(Duration::from_secs(20));
    scene.keys(guest, b"x");
    assert!(!scene.screen(owner).contains("ann@"));
    scene.run("set-option -s share-names both");
    assert!(
        scene.status(owner).contains("ann@192.0.2.7"),
        "{}",
        scene.status(owner)
    );
    let border = scene
        .screen(owner)
        .lines()
        .nth(11)
        .unwrap_or_default()
        .to_owned();
    assert!(
        border.contains(" ann@192.0.2.7:999 "),
        "{}",
        scene.screen(owner)
    );
    // The owner types, the guest's focus stays beside.
    scene.keys(owner, b"y");
    assert!(
        scene
            .screen(owner)
            .contains(" /dev/pts/c0 (ann@192.0.2.7:999) "),
        "{}",
        scene.screen(owner)
    );
    assert!(!scene.status(owner).contains("ann@"));
    let said = scene.run("display-message -p #{pane_typist}:#{pane_watchers}");
    assert!(
        said.starts_with("/dev/pts/c0:") && said.contains("ann@192.0.2.7:999"),
        "{said}"
    );
}

/// What there is, but for the viewer's own affairs.
fn digest(scene: &Scene, viewer: ClientId) -> String {
    let mux = scene.engine.mux();
    let mut text = format!("{:?}\n{:?}\n{:?}\n", mux.sessions, mux.windows, mux.options);
    for pane in mux.panes.values() {
        text += &format!(
            "{pane:?} {:?} {:?} {:?}\n",
            pane.copy, pane.title, pane.options
        );
        text += &format!("{:?} {}\n", pane.term.size(), pane.term.rows_pushed());
    }
    for buffer in mux.buffers.iter() {
        text += &format!("{buffer:?}\n");
    }
    for binding in mux.bindings.iter() {
        text += &format!("{} {} {}\n", binding.table, binding.key, binding.commands);
    }
    text += &format!("{:?} {:?} {:?}\n", mux.environ, mux.marked, mux.ending);
    for client in mux.clients.values().filter(|client| client.id != viewer) {
        text += &format!("{client:?}\n");
    }
    text
}

/// Words that make most commands do what they can.
fn uses(row: &table::Row) -> Vec<String> {
    let name = row.name;
    let mut lines = vec![name.to_owned()];
    for words in [
        "-a",
        "-g x y",
        "-t :0.0",
        "-t /dev/pts/c0",
        "-t $0",
        "-k",
        "-U",
        "-R",
        "-Z",
        "-r",
        "-d",
        "-s /dev/pts/c0",
        "x",
        "x y",
        "x y z",
        "-X cancel",
        "-l text",
        "-b buffer text",
        "-n name",
        "-p",
        "-F #{pane_id}",
        "-c /dev/pts/c0 -t $0",
        "-u x",
        "-x 10",
        "-S chan",
        "-C 10x5",
        "-g status off",
        "-f !read-only",
        "-f ignore-size",
        "-t ann@192.0.2.7:999 admin",
        "-P",
        "-E true",
        "-h",
        "'kill-server'",
        "-b 'kill-server'",
        "-F 1 'kill-server'",
        "-1 'kill-server'",
    ] {
        lines.push(format!("{name} {words}"));
    }
    lines
}

#[test]
fn viewer_changes_nothing_by_any_command_prompt_key_mouse_or_paste() {
    let mut scene = Scene::new();
    let owner = scene.attach(100, 24, Grant::Admin);
    scene.run("split-window");
    scene.run("new-window -d");
    scene.run("set-buffer kept");
    scene.share(SharePolicy::default());
    let mut viewer = scene.guest("ann", Grant::View);
    let own = scene.engine.mux.clients.get_mut(&owner).unwrap();
    own.message = None;
    scene.engine.mux.messages.clear();
    // Whoever is shown a message is written to.
    for client in scene.engine.mux.clients.values_mut() {
        client.written = 0;
    }
    let before = digest(&scene, viewer);
    scene.reached.clear();
    let check = |scene: &mut Scene, viewer: &mut ClientId, what: &str| {
        // It may well leave; then it comes back.
        if !scene.is_in(*viewer) {
            *viewer = scene.guest("ann", Grant::View);
        }
        for id in [owner, *viewer] {
            let client = scene.engine.mux.clients.get_mut(&id).unwrap();
            (client.message, client.prompt) = (None, None);
            (client.overlay, client.key_table) = (None, None);
            client.written = 0;
        }
        scene.engine.mux.messages.clear();
        assert_eq!(scene.reached, [], "{what}");
        let now = digest(scene, *viewer);
        let differs = before.lines().zip(now.lines()).find(|(a, b)| a != b);
        assert!(before == now, "{what}: {differs:?}");
    };
    for row in table::table() {
        for line in uses(row) {
            // As a key or prompt of the viewer would run it.
            let authority = crate::exec::Authority::of(&scene.engine.mux.clients[&viewer]);
            let cx = crate::exec::Context::for_client(&scene.engine.mux, viewer, authority);
            scene.engine.run_text(viewer, &line, cx);
            scene.turn(Event::Tick);
            check(&mut scene, &mut viewer, &format!("key {line}"));
            // As its command line, without a terminal.
            let other = scene.guest_with("eve", Grant::View, false);
            let argv = line
                .split(' ')
                .map(|word| word.trim_matches('\'').to_owned())
                .collect();
            scene.turn(Event::Command {
                client: other,
                argv,
            });
            if scene.engine.mux.clients.contains_key(&other) {
                scene.turn(Event::Gone { client: other });
            }
            check(&mut scene, &mut viewer, &format!("exec {line}"));
        }
    }
    for byte in 0..=0x7f_u8 {
        for prefix in [&b""[..], b"\x02", b"\x02:", b"\x02P"] {
            scene.keys(viewer, &[prefix, &[byte]].concat());
            scene.keys(viewer, b"y\r");
            scene.later(Duration::from_millis(600));
            check(&mut scene, &mut viewer, &format!("key {prefix:?} {byte}"));
        }
    }
    for bytes in [
        &b"\x1b[200~pasted\r\x1b[201~"[..],
        b"\x02:\x1b[200~kill-server\x1b[201~\r",
        b"\x1b[<0;5;5M\x1b[<0;5;5m",
        b"\x1b[<0;5;12M\x1b[<32;5;3M\x1b[<0;5;3m",
        b"\x1b[<64;5;5M",
        b"\x1b[<0;8;24M\x1b[<0;8;24m",
        b"\x1b[<1;5;5M\x1b[<1;5;5m",
        b"\x1b[<0;5;5M\x1b[<0;5;5m\x1b[<0;5;5M\x1b[<0;5;5m\x1b[<0;5;5M\x1b[<0;5;5m",
        b"\x1b[6;1R\x1b]52;c;aGk=\x07\x1bP>|x\x1b\\\x1b[?62;52c",
        b"\x1b[I\x1b[O",
    ] {
        scene.keys(viewer, bytes);
        scene.later(Duration::from_secs(1));
        check(
            &mut scene,
            &mut viewer,
            &format!("{:?}", String::from_utf8_lossy(bytes)),
        );
    }
}

#[test]
fn guest_is_offered_its_own_session_alone() {
    let mut scene = Scene::new();
    let owner = scene.attach(100, 24, Grant::Admin);
    scene.share(SharePolicy::default());
    scene.run("new-session -d -s secret");
    let guest = scene.guest("ann", Grant::Type);
    for (client, wanted) in [(owner, true), (guest, false)] {
        scene.keys(client, b"\x02:");
        scene.keys(client, b"attach-session -t s\t");
        let offered = scene.status(client).contains("secret");
        assert_eq!(offered, wanted, "{}", scene.status(client));
        scene.keys(client, b"\x03");
    }
}
