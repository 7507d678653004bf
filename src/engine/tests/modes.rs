//! Scenes of modes to choose in, menus, popups and prompts: what keys do, what
//! is seen, and that who may only look changes nothing.

use super::*;
use crate::mux::effect::SharePolicy;

fn windows(scene: &mut Scene) -> String {
    scene.run("list-windows -F #{window_index}#{window_name}#{?window_active,*,}")
}

#[test]
fn tree_shows_what_there_is_and_selects_by_key() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    scene.run("rename-window first");
    scene.run("new-window -n second");
    scene.keys(client, b"\x02w");
    let screen = scene.screen(client);
    assert!(
        screen.contains("first") && screen.contains("(sort: index)"),
        "{screen}"
    );
    assert_eq!(scene.run("display-message -p #{pane_mode}"), "tree-mode\n");
    scene.keys(client, b"1");
    assert!(windows(&mut scene).contains("0first*"));
    assert_eq!(scene.run("display-message -p #{pane_in_mode}"), "0\n");
}

#[test]
fn tree_filters_and_kills_what_was_confirmed() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    scene.run("rename-window first");
    scene.run("new-window -d -n second");
    scene.keys(client, b"\x02wf#{==:#{window_name},second}\r");
    let screen = scene.screen(client);
    assert!(screen.contains("(filter: active)"), "{screen}");
    scene.keys(client, b"Gxn");
    assert!(windows(&mut scene).contains("second"));
    scene.keys(client, b"xy");
    assert!(!windows(&mut scene).contains("second"));
}

#[test]
fn tree_that_kills_ends_its_pane() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    scene.run("split-window");
    scene.run("choose-tree -k");
    assert_eq!(scene.run("display-message -p #{window_panes}"), "2\n");
    scene.keys(client, b"q");
    assert_eq!(scene.run("display-message -p #{window_panes}"), "1\n");
}

#[test]
fn viewer_changes_nothing_in_a_tree_or_menu() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    let viewer = scene.attach(80, 24, Grant::View);
    scene.run("rename-window first");
    scene.run("new-window -d -n second");
    scene.keys(client, b"\x02w");
    scene.keys(viewer, b"Gxyq1\r");
    assert_eq!(scene.run("display-message -p #{pane_mode}"), "tree-mode\n");
    assert!(windows(&mut scene).contains("second"));
    scene.keys(client, b"q");
    scene.run_as(
        viewer,
        "display-menu -x 0 -y 5 One a 'kill-window -t second'",
    );
    scene.keys(viewer, b"a");
    assert!(windows(&mut scene).contains("second"));
}

#[test]
fn menu_runs_the_item_of_a_key() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    scene.keys(
        client,
        b"\x02:display-menu -T top -x 0 -y 9 One a 'rename-window menu-ran' '' Two b 'x'\r",
    );
    let screen = scene.screen(client);
    assert!(
        screen.contains("One (a)") && screen.contains("top"),
        "{screen}"
    );
    scene.keys(client, b"a");
    assert!(windows(&mut scene).contains("menu-ran"));
    assert!(!scene.screen(client).contains("One (a)"));
}

#[test]
fn popup_shows_its_program_and_takes_keys() {
    const POPUP: u32 = u32::MAX;
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    scene.keys(client, b"\x02:display-popup -E -w 30 -h 6 cat\r");
    scene.output(POPUP, b"in the popup");
    scene.later(Duration::from_millis(100));
    assert!(scene.screen(client).contains("in the popup"));
    scene.typed.clear();
    scene.keys(client, b"k");
    assert_eq!(scene.typed, [(PaneId(POPUP), b"k".to_vec())]);
    scene.turn(Event::PaneExited {
        pane: PaneId(POPUP),
        status: ExitStatus::SUCCESS,
    });
    scene.later(Duration::from_millis(100));
    assert!(!scene.screen(client).contains("in the popup"));
}

#[test]
fn pane_prompt_takes_keys_before_the_tables() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    scene.keys(
        client,
        b"\x02:command-prompt -P -p (name) { rename-window \"%%\" }\r",
    );
    scene.keys(client, b"ab\x02c");
    assert!(
        scene.screen(client).contains("(name) acb"),
        "{}",
        scene.screen(client)
    );
    scene.keys(client, b"\r");
    assert!(windows(&mut scene).contains("0acb*"));
}

#[test]
fn block_of_a_prompt_takes_answers_as_they_are() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    scene.keys(
        client,
        b"\x02:bind -n F5 { command-prompt -p q { rename-window \"%%\" } }\r",
    );
    scene.keys(client, b"\x1b[15~a\"b;c\r");
    assert!(windows(&mut scene).contains("0a\"b;c*"));
}

#[test]
fn pane_numbers_choose_a_pane_and_go_by_themselves() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    scene.run("split-window");
    scene.keys(client, b"\x02q0");
    assert_eq!(scene.run("display-message -p #{pane_index}"), "0\n");
    scene.keys(client, b"\x02q");
    assert_eq!(scene.run("display-message -p #{pane_mode}"), "panes-mode\n");
    scene.later(Duration::from_secs(2));
    assert_eq!(scene.run("display-message -p #{pane_mode}"), "\n");
}

#[test]
fn value_of_an_option_is_edited_outside() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 40, Grant::Admin);
    scene.run("customize-mode -f #{==:#{option_name},status-left}");
    // Below the second heading, which is opened.
    scene.keys(client, b"g\x1b[B\x1b[C\x1b[B");
    scene.reached.clear();
    scene.keys(client, b"e");
    let started = scene.reached.iter().find_map(|effect| match effect {
        Effect::Spawn { spec, .. } => Some(format!("{:?}", spec.program)),
        _ => None,
    });
    let started = started.unwrap_or_else(|| panic!("{}", scene.screen(client)));
    assert!(started.contains("show-options -Aqv "), "{started}");
    assert!(started.contains("set-option "), "{started}");
    assert!(started.contains("'status-left'"), "{started}");
}

#[test]
fn prompt_for_a_key_is_told_of_reports_as_of_keys() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    for (bytes, name) in [
        (&b"\x1b[I"[..], "FocusIn"),
        (b"\x1b[O", "FocusOut"),
        (b"\x1b[201~", "PasteEnd"),
        (b"\x1b[200~\x1b[201~", "PasteStart"),
        (b"'", "'\\''"),
        (b"\x1b[27;2;32~", "S-Space"),
    ] {
        scene.keys(client, b"\x02:command-prompt -k { set -g @key \"%%\" }\r");
        scene.keys(client, bytes);
        assert_eq!(scene.run("display-message -p #{@key}"), format!("{name}\n"));
    }
    // Other prompts take pastes as text.
    scene.keys(client, b"\x02:command-prompt { set -g @key \"%%\" }\r");
    scene.keys(client, b"\x1b[Ia\x1b[200~b\x1b[201~\x1b[O\r");
    assert_eq!(scene.run("display-message -p #{@key}"), "ab\n");
}

/// The rows of a client's screen.
fn lines(scene: &Scene, client: ClientId) -> Vec<String> {
    scene.screen(client).lines().map(str::to_owned).collect()
}

#[test]
fn client_that_opened_a_popup_leaves_in_the_turn_of_its_end() {
    const POPUP: u32 = u32::MAX;
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    let waiting = scene.connect(None, Grant::Admin);
    scene.run_as(waiting, "display-popup -E -c /dev/pts/c0 cat");
    assert!(scene.exits.is_empty());
    scene.turn(Event::PaneExited {
        pane: PaneId(POPUP),
        status: ExitStatus::Code(3),
    });
    let status = scene.exits.last().map(|(left, status, _)| (*left, *status));
    assert_eq!(status, Some((waiting, 3)));
    assert!(scene.screens.contains_key(&client));
}

#[test]
fn popup_covers_status_lines_and_a_menu_does_not() {
    let mut scene = Scene::new();
    let client = scene.attach(40, 12, Grant::Admin);
    scene.run("set-option -g status-position top");
    for (place, row) in [("-x 0 -y 0", 0), ("-x 0 -y S", 1), ("-x 0 -y 100", 8)] {
        scene.run(&format!(
            "display-popup -c /dev/pts/c0 -w 20 -h 4 {place} cat"
        ));
        scene.later(Duration::from_millis(100));
        let top = lines(&scene, client)
            .iter()
            .position(|row| row.starts_with('┌'));
        assert_eq!(top, Some(row), "popup {place}");
        scene.run("display-popup -C -c /dev/pts/c0");
        scene.later(Duration::from_millis(100));
    }
    for (place, row) in [("-x 0 -y 0", 1), ("-x 3 -y 8", 6), ("-x L -y L", 6)] {
        scene.run(&format!("display-menu -c /dev/pts/c0 {place} one a a"));
        scene.later(Duration::from_millis(100));
        let top = lines(&scene, client)
            .iter()
            .position(|row| row.trim_start().starts_with('┌'));
        assert_eq!(top, Some(row), "menu {place}");
        scene.keys(client, b"q");
        scene.later(Duration::from_millis(100));
    }
}

#[test]
fn menu_for_the_mouse_has_nothing_selected_at_first() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    let mut count = 1;
    for (flags, runs) in [
        ("-C 0", true),
        ("-M", false),
        ("-C -", false),
        ("-C 9", true),
    ] {
        scene.run(&format!(
            "display-menu -c /dev/pts/c0 {flags} one a new-window"
        ));
        scene.keys(client, b"\r");
        count += usize::from(runs);
        let windows = scene.run("list-windows").lines().count();
        assert_eq!(windows, count, "{flags}");
    }
}

#[test]
fn tree_is_sorted_by_any_order_and_equal_panes_stay() {
    let mut scene = Scene::new();
    let client = scene.attach(130, 24, Grant::Admin);
    scene.run("split-window -h");
    let shown = |scene: &mut Scene, command: &str| {
        scene.run(command);
        scene.later(Duration::from_millis(100));
        let rows = lines(scene, client);
        let panes = rows[2..4].iter().map(|row| {
            let at = row.find("→ ").map_or(0, |at| at + "→ ".len());
            row[at..].chars().next().unwrap_or(' ')
        });
        let panes: String = panes.collect();
        let named = rows.iter().any(|row| row.contains("(sort: size"));
        (panes, named)
    };
    for (command, panes, size) in [
        ("choose-tree", "01", false),
        ("choose-tree -r", "10", false),
        ("choose-tree -O name -r", "01", false),
        ("choose-tree -O size", "10", true),
        ("choose-tree -O size -r", "01", true),
    ] {
        let found = shown(&mut scene, command);
        let screen = scene.screen(client);
        assert_eq!(found, (panes.to_owned(), size), "{command}: {screen}");
        scene.keys(client, b"q");
    }
}

#[test]
fn customize_mode_says_where_options_are_set() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 40, Grant::Admin);
    scene.run("set-option base-index 3");
    scene.run("set-option @own here");
    let shown = |scene: &mut Scene, name: &str| {
        scene.run(&format!(
            "customize-mode -N -f #{{==:#{{option_name}},{name}}}"
        ));
        scene.keys(client, b"\x1b+");
        scene.later(Duration::from_millis(100));
        let rows = lines(scene, client);
        let row = rows.iter().find(|row| row.contains(&format!("→ {name}")));
        let row = row.cloned().unwrap_or_default();
        scene.keys(client, b"q");
        (
            row.split_once("→ ")
                .map_or(String::new(), |(_, row)| row.to_owned()),
            rows,
        )
    };
    for (name, row) in [
        ("base-index", "base-index: (session 0) 3"),
        ("@own", "@own: (session 0) here"),
        ("display-time", "display-time: 750 milliseconds"),
        ("buffer-limit", "buffer-limit: 50"),
        ("mask-view", "mask-view: on"),
    ] {
        assert_eq!(shown(&mut scene, name).0, row, "{name}");
    }
    let (_, rows) = shown(&mut scene, "base-index");
    assert!(rows[0].ends_with("  Server Options"), "{rows:?}");
    scene.run("customize-mode -N");
    let all = lines(&scene, client);
    assert!(
        !all.iter().any(|row| row.contains("Own Options")),
        "{all:?}"
    );
    // Its value is asked for by whose it is, and set there.
    scene.run("customize-mode -N -f #{==:#{option_name},@own}");
    scene.keys(client, b"q");
    scene.run("customize-mode -N -f #{==:#{option_name},@own}");
    scene.keys(client, b"g\x1b[B\x1b[C\x1b[B\r");
    scene.later(Duration::from_millis(100));
    let screen = scene.screen(client);
    assert!(screen.contains("(@own, for session 0) here"), "{screen}");
    scene.keys(client, b"!\r");
    assert_eq!(scene.run("show-options -v @own"), "here!\n");
}

#[test]
fn list_scrolls_no_further_than_the_selected_line_needs() {
    let mut scene = Scene::new();
    let client = scene.attach(60, 14, Grant::Admin);
    for n in 1..6 {
        scene.run(&format!("set-buffer -b b{n} text"));
    }
    scene.run("choose-buffer -NN");
    let first = |scene: &mut Scene, keys: &[u8]| {
        scene.keys(client, keys);
        scene.later(Duration::from_millis(100));
        lines(scene, client)[0].chars().take(3).collect::<String>()
    };
    assert_eq!(first(&mut scene, b"jjjj"), "(2)");
    assert_eq!(first(&mut scene, b"k"), "(2)");
    assert_eq!(first(&mut scene, b"kk"), "(1)");
}

#[test]
fn windows_and_sessions_are_found_by_typing() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    scene.run("rename-window first");
    scene.run("new-window -d -n second");
    scene.run("new-session -d -s other -n third");
    let lines = |scene: &Scene| -> Vec<String> {
        let screen = scene.screen(client);
        screen
            .lines()
            .take_while(|line| !line.is_empty())
            .map(|line| line.split(' ').next().unwrap_or_default().to_owned())
            .collect()
    };
    scene.keys(client, b"\x02:switch-mode -w\r");
    scene.later(Duration::from_millis(100));
    assert_eq!(lines(&scene), ["first", "second", "third"]);
    // What fits best comes first, whatever was selected.
    scene.keys(client, b"\x1b[Bs");
    scene.later(Duration::from_millis(100));
    assert_eq!(lines(&scene), ["second", "third", "first"]);
    assert!(scene.screen(client).contains("(search) s"));
    scene.keys(client, b"zzz");
    scene.later(Duration::from_millis(100));
    assert!(lines(&scene).is_empty() && scene.screen(client).contains("(search) szzz"));
    scene.keys(client, b"\x15sec\r");
    scene.later(Duration::from_millis(100));
    assert_eq!(
        scene.run("display-message -p #{window_name}#{pane_in_mode}"),
        "second0\n"
    );
    scene.keys(client, b"\x02:switch-mode -F '#{session_name}'\r");
    scene.later(Duration::from_millis(100));
    assert_eq!(lines(&scene), ["0", "other"]);
    scene.keys(client, b"\x1b[A\r");
    scene.later(Duration::from_millis(100));
    assert!(scene.screen(client).contains("[other]"));
    // The key opens it in a pane of its own, which goes with it.
    scene.keys(client, b"\x02\t");
    scene.later(Duration::from_millis(100));
    assert!(scene.screen(client).contains("(search)"));
    assert_eq!(scene.run("list-panes -t other -F x"), "x\nx\n");
    scene.keys(client, b"fir");
    scene.later(Duration::from_millis(100));
    assert!(scene.screen(client).contains("(search) fir"));
    scene.keys(client, b"\r");
    scene.later(Duration::from_millis(100));
    assert!(scene.screen(client).contains("[0]"));
    assert_eq!(scene.run("list-panes -t other -F x"), "x\n");
}

#[test]
fn guests_find_nothing_beyond_their_session() {
    let mut scene = Scene::new();
    scene.attach(80, 24, Grant::Admin);
    scene.run("new-session -d -s private -n hidden");
    scene.share(SharePolicy::default());
    let guest = scene.guest("bob", Grant::Type);
    scene.keys(guest, b"\x02:switch-mode -w -F '#{window_name}'\r");
    let screen = scene.screen(guest);
    assert!(screen.contains("(search)"), "{screen}");
    assert!(!screen.contains("hidden"), "{screen}");
    scene.keys(guest, b"\x1b");
    scene.later(Duration::from_secs(1));
    let viewer = scene.guest("ann", Grant::View);
    scene.run_as(viewer, "switch-mode");
    assert_eq!(scene.run("display-message -p #{pane_in_mode}"), "0\n");
}

#[test]
fn modal_panes_end_and_take_keys_as_they_were_asked_to() {
    let panes = |scene: &mut Scene| scene.run("display-message -p #{window_panes}");
    for (flags, keys, left) in [
        ("-D", &b"\x1b"[..], "1\n"),
        ("-D", b"\x03", "1\n"),
        ("-K -D", b"\x1b", "1\n"),
        ("-K", b"\x1b", "2\n"),
        ("-C", b"\x1b", "2\n"),
        ("-C", b"\x1b[<0;1;20M", "1\n"),
        ("-D", b"\x1b[<0;1;20M", "2\n"),
        // The prefix goes to the pane, and splits nothing.
        ("-K", b"\x02\"", "2\n"),
        ("-D", b"\x02\"", "3\n"),
    ] {
        let mut scene = Scene::new();
        let client = scene.attach(80, 24, Grant::Admin);
        scene.run(&format!("new-pane -O {flags} -x 20 -y 5 -X 40 -Y 2"));
        assert_eq!(panes(&mut scene), "2\n");
        // Who may only look ends nothing.
        let viewer = scene.connect(Some((80, 24)), Grant::View);
        scene.run_as(viewer, "attach-session -r");
        scene.keys(viewer, keys);
        scene.later(Duration::from_secs(1));
        assert_eq!(panes(&mut scene), "2\n", "{flags} {keys:?} of a viewer");
        scene.keys(client, keys);
        scene.later(Duration::from_secs(1));
        assert_eq!(panes(&mut scene), left, "{flags} {keys:?}");
    }
}

#[test]
fn keys_are_pressed_for_a_client_as_at_its_terminal() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    let name = scene.engine.mux().clients[&client].name.clone();
    let count = |scene: &mut Scene| scene.run("display-message -p #{session_windows}");
    // The prefix and its key; then what goes to a prompt.
    scene.run(&format!("send-keys -K -c {name} C-b c"));
    assert_eq!(count(&mut scene), "2\n");
    scene.run(&format!("send-keys -K -c {name} C-b ,"));
    scene.run(&format!("send-keys -K -c {name} C-u"));
    scene.run(&format!("send-keys -K -c {name} -l named"));
    scene.run(&format!("send-keys -K -c {name} Enter"));
    assert_eq!(scene.run("display-message -p #{window_name}"), "named\n");
    // A key that presses itself comes to an end.
    scene.keys(client, b"\x02:bind -n F5 { send-keys -K F5 F5 }\r");
    scene.keys(client, b"\x1b[15~");
    assert_eq!(count(&mut scene), "2\n");
    // Nobody but an admin presses another's keys.
    scene.share(SharePolicy::default());
    let guest = scene.guest_with("bob", Grant::Type, false);
    scene.errors.clear();
    scene.run_as(guest, &format!("send-keys -K -c {name} C-b c"));
    assert!(scene.errors.contains("not allowed"), "{}", scene.errors);
    assert_eq!(count(&mut scene), "2\n");
}

#[test]
fn list_stays_as_it_was_seen_until_a_key_asks_for_more() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    let mode = "display-message -p -t own: #{pane_in_mode}";
    scene.run("rename-session own ; rename-window w");
    scene.run("set-buffer -b one 1 ; choose-buffer ; delete-buffer -b one");
    assert_eq!(scene.run(mode), "1\n");
    scene.keys(client, b"j");
    assert_eq!(scene.run(mode), "1\n");
    scene.keys(client, b"d");
    assert_eq!(scene.run(mode), "0\n");
    // What is gone is not ended, and chosen it is nothing: least of all the next.
    scene.run("new-session -d -s gone ; new-session -d -s stays");
    scene.run("choose-tree -s -t own:");
    scene.keys(client, b"j");
    scene.run("kill-session -t gone");
    scene.keys(client, b"xy");
    assert_eq!(scene.run(mode), "1\n");
    scene.keys(client, b"\r");
    assert_eq!(scene.run(mode), "0\n");
    assert_eq!(scene.run("list-clients -F #{client_session}"), "own\n");
    assert!(scene.run("list-sessions").contains("stays"));
}

#[test]
fn modes_of_choosing_end_with_all_others_and_with_their_program() {
    let mut scene = Scene::new();
    scene.attach(80, 24, Grant::Admin);
    for end in ["copy-mode -q", "respawn-pane -k"] {
        scene.run("choose-tree");
        assert_eq!(scene.run("display-message -p #{pane_in_mode}"), "1\n");
        scene.run(end);
        assert_eq!(
            scene.run("display-message -p #{pane_in_mode}"),
            "0\n",
            "{end}"
        );
    }
    scene.run("split-window ; choose-tree -k ; respawn-pane -k");
    assert_eq!(scene.run("display-message -p #{window_panes}"), "2\n");
    scene.run("choose-tree -k ; copy-mode -q");
    assert_eq!(scene.run("display-message -p #{window_panes}"), "1\n");
}
