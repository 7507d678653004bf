//! Scenes of modes to choose in, menus, popups and prompts: what keys do, what
//! is seen, and that who may only look changes nothing.

use super::*;

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
    // Below the heading, which is opened.
    scene.keys(client, b"g\x1b[C\x1b[B");
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
