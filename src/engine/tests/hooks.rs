//! Scenes of hooks, events that are waited for, and alerts.

use super::*;

/// Runs a line of commands from outside; what it printed.
fn say(scene: &mut Scene, line: &str) -> String {
    let client = scene.connect(None, Grant::Admin);
    say_as(scene, client, line)
}

fn say_as(scene: &mut Scene, client: ClientId, line: &str) -> String {
    scene.printed.clear();
    let argv = ["if-shell", "-F", "1", line].map(str::to_owned).to_vec();
    scene.turn(Event::Command { client, argv });
    std::mem::take(&mut scene.printed)
}

/// A session `main` without clients, hooks logging to `@log`.
fn logging(hooks: &[&str], what: &str) -> Scene {
    let mut scene = Scene::new();
    say(&mut scene, "new-session -d -s main -n one");
    for hook in hooks {
        say(
            &mut scene,
            &format!("set-hook -g {hook} {{ set-option -gaF @log ' {what}' }}"),
        );
    }
    scene
}

fn log(scene: &mut Scene) -> String {
    let log = say(scene, "show-options -gv @log");
    say(scene, "set-option -g @log ''");
    log.trim().to_owned()
}

#[test]
fn changes_of_the_model_fire_hooks_with_what_is_known() {
    let hooks = [
        "window-linked",
        "window-unlinked",
        "window-closed",
        "window-renamed",
        "window-zoomed",
        "window-unzoomed",
        "window-pane-changed",
        "session-created",
        "session-closed",
        "session-renamed",
        "session-window-changed",
        "marked-pane-changed",
        "pane-mode-entered",
        "pane-mode-exited",
        "pane-created",
    ];
    let what = "#{hook}:#{hook_session_name},#{hook_window_index},#{hook_pane},#{hook_new_name}";
    let mut scene = logging(&hooks, what);
    for (line, expected) in [
        ("rename-window two", "window-renamed:,,,two"),
        ("rename-session other", "session-renamed:other,,,other"),
        ("split-window -d", "pane-created:other,0,%1,"),
        ("select-pane -t .1", "window-pane-changed:,,%1,"),
        ("resize-pane -Z", "window-zoomed:,,,"),
        ("resize-pane -Z", "window-unzoomed:,,,"),
        ("select-pane -m", "marked-pane-changed:,,%1,"),
        ("copy-mode", "pane-mode-entered:,,%1,"),
        ("send-keys -X cancel", "pane-mode-exited:,,%1,"),
        (
            "link-window -s :0 -t :5",
            "window-linked:other,5,, session-window-changed:other,5,,",
        ),
        (
            "unlink-window -t :5",
            "session-window-changed:other,0,, window-unlinked:other,5,,",
        ),
        (
            "new-session -d -s more",
            "pane-created:more,0,%2, window-linked:more,0,, session-created:more,,,",
        ),
        (
            "kill-session -t more",
            "session-closed:more,,, window-unlinked:more,0,, window-closed:,,,",
        ),
    ] {
        say(&mut scene, line);
        assert_eq!(log(&mut scene), expected, "{line}");
    }
}

#[test]
fn hooks_of_commands_know_flags_and_arguments_and_print_to_the_asker() {
    let mut scene = Scene::new();
    say(&mut scene, "new-session -d -s main");
    say(
        &mut scene,
        "set-hook -g after-list-sessions { display-message -p '#{hook} #{hook_flag_F}' }",
    );
    assert_eq!(
        say(&mut scene, "list-sessions -F x"),
        "x\nafter-list-sessions x\n"
    );
    say(
        &mut scene,
        "set-hook -g command-error { set-option -gF @why '#{hook_arguments}' }",
    );
    say(&mut scene, "kill-window -t nosuch:");
    assert_eq!(say(&mut scene, "show-options -gv @why"), "-t nosuch:\n");
}

#[test]
fn hooks_of_narrower_places_come_first() {
    let mut scene = logging(&["window-renamed"], "global");
    say(
        &mut scene,
        "set-hook -w window-renamed { set-option -ga @log ' window' }",
    );
    say(&mut scene, "rename-window a");
    assert_eq!(log(&mut scene), "window");
    say(&mut scene, "set-hook -wu window-renamed");
    say(&mut scene, "rename-window b");
    assert_eq!(log(&mut scene), "global");
    let counts = say(
        &mut scene,
        "show-hooks -gw -F '#{hook_fire_count}' window-renamed",
    );
    assert_eq!(counts, "1\n");
}

#[test]
fn users_own_hook_runs_only_as_someone_with_the_right_has_set_it() {
    let mut scene = Scene::new();
    say(&mut scene, "new-session -d -s main");
    say(
        &mut scene,
        "set-hook -g @own { set-option -ga @log ' ran' }",
    );
    say(&mut scene, "set-hook -R @own");
    say(&mut scene, "set-hook -E @own");
    assert_eq!(log(&mut scene), "ran ran");
    let typist = scene.connect(None, Grant::Type);
    say_as(
        &mut scene,
        typist,
        "set-option -g @own 'set-option -ga @log evil'",
    );
    say(&mut scene, "set-hook -E @own");
    assert_eq!(log(&mut scene), "");
}

#[test]
fn watched_format_fires_when_it_changes() {
    let mut scene = Scene::new();
    say(&mut scene, "new-session -d -s main -n one");
    say(
        &mut scene,
        "set-hook -B '@name::#{window_name}' { set-option -gaF @log ' #{hook_last}>#{hook_value}' }",
    );
    scene.later(Duration::from_secs(2));
    say(&mut scene, "rename-window two");
    scene.later(Duration::from_secs(2));
    assert_eq!(log(&mut scene), "one>two");
    assert_eq!(say(&mut scene, "show-hooks -B"), "@name::#{window_name}\n");
    say(&mut scene, "set-hook -uB @name");
    say(&mut scene, "rename-window three");
    scene.later(Duration::from_secs(2));
    assert_eq!(log(&mut scene), "");
}

#[test]
fn alerts_mark_windows_that_are_not_looked_at_and_fire_hooks() {
    let hooks = ["alert-bell", "alert-activity", "alert-silence"];
    let mut scene = logging(&hooks, "#{hook}:#{hook_window_index}");
    say(&mut scene, "new-window -n two");
    say(&mut scene, "set-option -g monitor-activity on");
    scene.output(0, b"\x07");
    assert_eq!(log(&mut scene), "alert-bell:0 alert-activity:0");
    let flags = say(&mut scene, "display-message -p -t :0 '#{window_raw_flags}'");
    assert_eq!(flags, "#!-\n");
    say(&mut scene, "next-window -a");
    assert_eq!(
        say(
            &mut scene,
            "display-message -p '#{window_index}#{window_raw_flags}'"
        ),
        "0#*\n"
    );
    say(&mut scene, "set-option -g monitor-silence 1");
    scene.later(Duration::from_millis(1500));
    assert_eq!(log(&mut scene), "alert-silence:1");
}

/// The names of the hooks that ran, in their order.
fn order(scene: &mut Scene, line: &str) -> String {
    say(scene, line);
    log(scene)
}

#[test]
fn hooks_of_panes_and_windows_run_in_the_order_of_their_events() {
    let hooks = [
        "pane-created",
        "pane-moved",
        "pane-resized",
        "window-closed",
        "window-created",
        "window-layout-changed",
        "window-linked",
        "window-pane-changed",
        "window-unlinked",
        "window-unzoomed",
        "window-zoomed",
        "session-window-changed",
    ];
    let mut scene = logging(&hooks, "#{hook}#{hook_pane}");
    for (line, expected) in [
        (
            "split-window",
            "pane-resized%0 pane-resized%1 pane-created%1 window-pane-changed%1 \
             window-layout-changed",
        ),
        (
            "split-window -d -h",
            "pane-resized%1 pane-resized%2 pane-created%2 window-layout-changed",
        ),
        (
            "resize-pane -Z",
            "pane-resized%1 window-zoomed window-layout-changed",
        ),
        // The end of the zoom is told before the layout that is set.
        (
            "select-layout even-vertical",
            "pane-resized%1 window-unzoomed window-layout-changed pane-resized%0 \
             pane-resized%1 pane-resized%2 window-layout-changed window-layout-changed",
        ),
        (
            "rotate-window",
            "pane-resized%1 pane-resized%0 window-pane-changed%2",
        ),
        (
            "break-pane",
            "window-pane-changed%1 pane-resized%0 window-layout-changed window-linked pane-resized%2 window-created pane-moved%2 session-window-changed",
        ),
        (
            "join-pane -s :1.0 -t :0.0",
            "window-layout-changed pane-resized%1 pane-resized%2 window-pane-changed%2 \
             session-window-changed pane-moved%2 window-unlinked window-closed \
             window-layout-changed",
        ),
    ] {
        assert_eq!(order(&mut scene, line), expected, "{line}");
    }
}

#[test]
fn windows_are_named_in_hooks_as_they_are_called() {
    let hooks = ["pane-created", "window-linked", "window-unlinked"];
    let mut scene = logging(&hooks, "#{hook}:#{hook_window_name}");
    for (line, expected) in [
        // A new window has no name until its pane is there.
        ("new-window -d -n two", "pane-created: window-linked:two"),
        ("split-window -d", "pane-created:one"),
        (
            "new-session -d -s more -n three",
            "pane-created: window-linked:three",
        ),
        ("link-window -d -s more:0 -t main:5", "window-linked:three"),
        ("unlink-window -t main:5", "window-unlinked:three"),
        ("kill-session -t more", "window-unlinked:three"),
    ] {
        assert_eq!(order(&mut scene, line), expected, "{line}");
    }
}

#[test]
fn focus_of_panes_comes_and_goes_with_clients() {
    let hooks = ["pane-focus-in", "pane-focus-out", "client-attached"];
    let mut scene = logging(&hooks, "#{hook}#{hook_pane}");
    say(&mut scene, "new-session -d -s more");
    let client = scene.attach(80, 25, Grant::Admin);
    say_as(&mut scene, client, "switch-client -t main");
    log(&mut scene);
    say_as(&mut scene, client, "switch-client -t more");
    assert_eq!(log(&mut scene), "pane-focus-out%0 pane-focus-in%1");
    say(&mut scene, "split-window -t more");
    assert_eq!(log(&mut scene), "");
    scene.turn(Event::Gone { client });
    assert_eq!(log(&mut scene), "pane-focus-out%1");
}

#[test]
fn windows_that_are_turned_to_are_active_and_respawned_ones_are_current() {
    let mut scene = logging(&["alert-activity"], "#{hook_window_index}");
    say(&mut scene, "new-window -d -n two");
    say(&mut scene, "set-option -g monitor-activity on");
    say(&mut scene, "select-window -t :1");
    scene.output(0, b"\x07");
    let flags = "list-windows -F '#{window_index}#{window_raw_flags}'";
    assert_eq!(say(&mut scene, flags), "0#!-\n1#*\n");
    assert_eq!(
        say(&mut scene, "display-message -p '#{session_alert}'"),
        "#!\n"
    );
    say(&mut scene, "respawn-window -k -t :0");
    let current = say(&mut scene, "display-message -p '#{window_index}'");
    assert_eq!(current, "0\n");
}

#[test]
fn entries_and_hooks_that_are_none_say_nothing() {
    let mut scene = logging(&["window-renamed"], "x");
    for (line, printed) in [
        ("set-hook -R nosuch", ""),
        ("show-hooks -g 'window-renamed[7]'", "window-renamed[7] \n"),
        ("rename-window two", ""),
        ("show-hooks -gF '#{hook_fire_count}' window-renamed", "1\n"),
        ("set-hook -gu window-renamed", ""),
        ("show-hooks -gF '#{hook_fire_count}' window-renamed", "0\n"),
    ] {
        assert_eq!(say(&mut scene, line), printed, "{line}");
    }
}
