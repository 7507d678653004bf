//! Targets against a model of a few sessions.

use super::Scene;

fn scene() -> Scene {
    let mut scene = Scene::empty();
    scene.ok("new-session -d -s build -n make");
    scene.ok("new-window -d -t build -n test");
    scene.ok("new-window -d -t build:5 -n log");
    scene.ok("split-window -h -t build:0 ; split-window -v -t build:0");
    scene.ok("new-session -d -s bench -n one");
    scene.ok("select-pane -t build:0.0");
    scene
}

#[test]
fn target_finds_sessions_windows_and_panes() {
    let mut scene = scene();
    for (target, place) in [
        ("build", "build:0.0"),
        ("=build:", "build:0.0"),
        ("bui", "build:0.0"),
        ("$0", "build:0.0"),
        ("b*ch:", "bench:0.0"),
        ("build:", "build:0.0"),
        ("build:test", "build:1.0"),
        ("build:te", "build:1.0"),
        ("build:=test", "build:1.0"),
        ("build:l*", "build:5.0"),
        ("build:5", "build:5.0"),
        ("build:^", "build:0.0"),
        ("build:$", "build:5.0"),
        ("build:+", "build:1.0"),
        ("build:-", "build:5.0"),
        ("build:+2", "build:5.0"),
        ("@1", "build:1.0"),
        ("build:0.1", "build:0.1"),
        ("build:0.!", "build:0.2"),
        ("build:0.+", "build:0.1"),
        ("build:0.-", "build:0.2"),
        ("build:0.{right-of}", "build:0.2"),
        ("build:0.{bottom-right}", "build:0.2"),
        ("build:0.{top-right}", "build:0.1"),
        ("build:0.{left}", "build:0.0"),
        ("%2", "build:5.0"),
        ("%3", "build:0.1"),
    ] {
        let line = format!("display-message -p -t '{target}' '#S:#I.#P'");
        let shown = scene.ok(&line);
        assert_eq!(shown.trim_end(), place, "{target}");
    }
}

#[test]
fn target_that_is_not_there_is_named_as_tmux_names_it() {
    let mut scene = scene();
    for (command, error) in [
        ("has-session -t zz", "can't find session: zz"),
        ("has-session -t =buil", "can't find session: buil"),
        ("has-session -t b", "can't find session: b"),
        ("kill-pane -t zz", "can't find pane: zz"),
        ("select-window -t zz", "can't find window: zz"),
        ("select-window -t build:9", "can't find window: 9"),
        ("select-pane -t build:0.9", "can't find pane: 9"),
        ("kill-window -t @99", "can't find window: @99"),
        ("kill-session -t '$99'", "can't find session: $99"),
        ("kill-pane -t '{mouse}'", "no mouse target"),
        ("kill-pane -t '{marked}'", "no marked target"),
        ("detach-client -t zz", "can't find client: zz"),
        ("detach-client", "no current client"),
        ("list-panes -t zz", "can't find window: zz"),
        ("swap-pane -t %99", "can't find pane: %99"),
    ] {
        assert_eq!(scene.err(command), error, "{command}");
    }
    let mut empty = Scene::empty();
    assert_eq!(empty.err("kill-session"), "no current target");
    assert_eq!(empty.err("attach-session"), "no sessions");
}

#[test]
fn place_of_a_window_goes_by_the_one_that_is_named() {
    let windows = "list-windows -a -F '#S#I#{window_id}'";
    for (command, places) in [
        // Beside one that is not there is its place for a new window; one that is
        // linked or moved goes beside the current one, as what is so far from it.
        (
            "new-window -da -t build:9",
            "bench0@3 build0@0 build1@1 build5@2 build9@4",
        ),
        (
            "new-window -db -t build:9",
            "bench0@3 build0@0 build1@1 build5@2 build9@4",
        ),
        (
            "link-window -da -s @3 -t build:9",
            "bench0@3 build0@0 build1@3 build2@1 build5@2",
        ),
        (
            "link-window -db -s @3 -t build:+",
            "bench0@3 build0@3 build1@0 build2@1 build5@2",
        ),
        (
            "new-window -da -t build:+7",
            "bench0@3 build0@0 build1@4 build2@1 build5@2",
        ),
        (
            "new-window -da -t @1",
            "bench0@3 build0@0 build1@1 build2@4 build5@2",
        ),
    ] {
        let mut scene = scene();
        scene.ok(command);
        let shown = scene.ok(windows);
        assert_eq!(shown.trim_end().replace('\n', " "), places, "{command}");
    }
    let mut scene = scene();
    for (command, error) in [
        ("new-window -t @0", "create window failed: index 0 in use"),
        ("link-window -t build:-", "can't find window: -"),
        ("link-window -t build:-1", "can't find window: -1"),
        ("select-window -n -t zz", "can't find window: zz"),
        ("move-window -r -s zz", "can't find window: zz"),
    ] {
        assert_eq!(scene.err(command), error, "{command}");
    }
    scene.ok("move-window -r -t zz");
}

#[test]
fn what_is_not_there_leaves_what_is_known_of_its_target() {
    let mut scene = scene();
    for (target, place) in [
        ("build:9", "build:0.0"),
        ("build:@3", "build:0.0"),
        (":@9", ":."),
        (".%9", ":."),
        ("@9", ":."),
    ] {
        let shown = scene.ok(&format!("display-message -p -t '{target}' '#S:#I.#P'"));
        assert_eq!(shown.trim_end(), place, "{target}");
    }
    // Of a zoomed window the one pane that is seen is at every edge.
    scene.ok("resize-pane -Z -t build:0.2");
    for place in ["{left}", "{top-right}", "{top}"] {
        let shown = scene.ok(&format!("display-message -p -t 'build:0.{place}' '#P'"));
        assert_eq!(shown, "2\n", "{place}");
    }
}

#[test]
fn guest_finds_its_own_session_alone() {
    use crate::access::Grant;
    use crate::mux::peer::Origin;
    let mut scene = scene();
    let id = scene.connect(3, Grant::Type);
    let own = scene.mux.session_named("bench").unwrap();
    scene.mux.clients.get_mut(&id).unwrap().origin = Origin::Ssh {
        session: own,
        address: "127.0.0.1:1".parse().unwrap(),
        name: "guest".to_owned(),
        means: crate::access::Means::Token,
        key: String::new(),
        readable: false,
    };
    scene.mux.attach(id, own);
    scene.client = Some(id);
    assert_eq!(scene.ok("list-sessions -F '#S'"), "bench\n");
    assert_eq!(scene.ok("list-panes -a -F '#S'"), "bench\n");
    for (command, error) in [
        ("has-session -t build", "can't find session: build"),
        ("send-keys -t build:0.0 x", "can't find session: build"),
        ("send-keys -t %0 x", "can't find pane: %0"),
        ("kill-window -t @0", "can't find window: @0"),
        ("new-window -t @0", "can't find window: @0"),
        ("switch-client -t build", "can't find session: build"),
        ("kill-server", "not allowed: kill-server"),
        ("kill-session", "not allowed: kill-session"),
        ("new-session -d", "not allowed for a guest: new-session"),
        ("set-option -s escape-time 1", "not allowed: set-option"),
        (
            "set-option escape-time 1",
            "not allowed: set-option of the server",
        ),
    ] {
        assert_eq!(scene.err(command), error, "{command}");
    }
    scene.ok("split-window ; select-layout tiled");
    assert_eq!(scene.show("#S #{window_panes}"), "bench 2");
}

#[test]
fn read_only_client_changes_nothing() {
    let mut scene = Scene::attached();
    scene.ok("switch-client -r");
    for command in [
        "new-window",
        "send-keys x",
        "kill-pane",
        "set -g @a b",
        "rename-window x",
    ] {
        assert_eq!(scene.err(command), "client is read-only", "{command}");
    }
    assert_eq!(scene.show("#S"), "main");
    scene.ok("detach-client");
}
