//! Scenes of what a newcomer and a person who types are told: the hint, what
//! prompts complete, faults of the configuration, and what outlives the server.

use super::*;
use crate::mux::ServerInfo;

/// A scene of a server whose user has never been told of the keys.
fn newcomer() -> Scene {
    let mut scene = Scene::new();
    let server = ServerInfo {
        hint_file: Some("/state/hinted".to_owned()),
        ..scene.engine.mux().server.clone()
    };
    scene.engine.mux.server = server;
    scene
}

fn kept(scene: &Scene) -> Vec<(String, String)> {
    let kept = scene.reached.iter().filter_map(|effect| match effect {
        Effect::Keep { path, bytes } => {
            Some((path.clone(), String::from_utf8_lossy(bytes).into_owned()))
        }
        _ => None,
    });
    kept.collect()
}

#[test]
fn newcomer_is_told_of_the_keys_once_until_the_prefix() {
    let mut scene = newcomer();
    let first = scene.attach(80, 24, Grant::Admin);
    assert!(
        scene.status(first).contains(" ctrl-b ? keys"),
        "{}",
        scene.status(first)
    );
    assert_eq!(kept(&scene), [("/state/hinted".to_owned(), String::new())]);
    let second = scene.attach(80, 24, Grant::Admin);
    assert!(!scene.status(second).contains("keys"));
    scene.keys(first, b"x");
    assert!(scene.status(first).contains("keys"));
    scene.keys(first, b"\x02");
    assert!(!scene.status(first).contains("keys"));
    assert_eq!(kept(&scene).len(), 1);
}

#[test]
fn nobody_is_told_of_the_keys_who_need_not_be() {
    let mut off = newcomer();
    off.run("set -s first-hint off");
    let mut unbound = newcomer();
    unbound.run("unbind ?");
    for mut scene in [off, unbound, Scene::new()] {
        let client = scene.attach(80, 24, Grant::Admin);
        assert!(
            !scene.status(client).contains("keys"),
            "{}",
            scene.status(client)
        );
    }
    let mut other = newcomer();
    other.run("set -g prefix C-a");
    let client = other.attach(80, 24, Grant::Admin);
    assert!(other.status(client).contains("ctrl-a ? keys"));
}

#[test]
fn prompt_shows_what_fits_with_sentences() {
    let mut scene = Scene::new();
    let client = scene.attach(100, 30, Grant::Admin);
    scene.keys(client, b"\x02:");
    scene.keys(client, b"kill-s\t\t");
    let screen = scene.screen(client);
    assert!(screen.contains("kill-server   Ends the server"), "{screen}");
    assert!(screen.contains("kill-session  "), "{screen}");
    scene.keys(client, b"e");
    assert!(!scene.screen(client).contains("Ends the server"));
    scene.keys(client, b"\x15set -g status-pos\t");
    assert!(scene.screen(client).contains("set -g status-position "));
    scene.keys(client, b"\t");
    let screen = scene.screen(client);
    assert!(
        screen.contains("bottom  status-position (default)"),
        "{screen}"
    );
    scene.keys(client, b"\x03");
    assert!(!scene.screen(client).contains("(default)"));
}

#[test]
fn prompt_goes_from_offer_to_offer_by_tab() {
    let mut scene = Scene::new();
    let client = scene.attach(100, 30, Grant::Admin);
    scene.keys(client, b"\x02:kill-s\t\t");
    for wanted in ["kill-server", "kill-session", "kill-server"] {
        scene.keys(client, b"\t");
        assert!(scene.status(client).starts_with(&format!(":{wanted}")));
        assert!(
            scene.screen(client).contains("kill-session  "),
            "it still shows"
        );
    }
    // Any other key takes the one in the line, and the rest goes.
    scene.keys(client, b" ");
    assert!(!scene.screen(client).contains("kill-session"));
    scene.keys(client, b"\x15set -g status-position \t\t\t\r");
    assert_eq!(scene.run("show-options -gv status-position"), "top\n");
}

#[test]
fn error_at_a_terminal_says_what_was_perhaps_meant() {
    let mut scene = Scene::new();
    let client = scene.attach(90, 24, Grant::Admin);
    for (line, said) in [
        (
            "nw-window",
            "Unknown command: nw-window (did you mean new-window?)",
        ),
        (
            "set -g statsu on",
            "Invalid option: statsu (did you mean status?)",
        ),
        ("nosuchthing", "Unknown command: nosuchthing"),
    ] {
        scene.keys(client, b"\x02:");
        scene.keys(client, line.as_bytes());
        scene.keys(client, b"\r");
        assert!(
            scene.status(client).contains(said),
            "{}",
            scene.status(client)
        );
    }
}

#[test]
fn answers_outlive_the_server_where_a_file_is_named() {
    let mut scene = Scene::new();
    scene.file = Some(b"command:neww\nsearch:x\n".to_vec());
    scene.turn(Event::Config {
        file: "c".to_owned(),
        text: "set -s history-file /h/file".to_owned(),
    });
    scene.turn(Event::Configured);
    let client = scene.attach(80, 24, Grant::Admin);
    scene.keys(client, b"\x02:\x1b[A");
    assert!(
        scene.status(client).contains("neww"),
        "{}",
        scene.status(client)
    );
    scene.keys(client, b" -n other\r");
    scene.turn(Event::Terminate);
    scene.later(Duration::from_secs(30));
    let file = "command:neww\ncommand:neww -n other\nsearch:x\n".to_owned();
    assert_eq!(kept(&scene), [("/h/file".to_owned(), file)]);
}

#[test]
fn answers_go_nowhere_without_a_file_or_with_a_relative_one() {
    for file in ["''", "relative"] {
        let mut scene = Scene::new();
        scene.run(&format!("set -s history-file {file}"));
        scene.turn(Event::Configured);
        scene.turn(Event::Terminate);
        scene.later(Duration::from_secs(30));
        assert_eq!(kept(&scene), []);
    }
}

#[test]
fn faults_of_the_configuration_are_shown_in_view_mode_to_its_owner() {
    let mut scene = Scene::new();
    scene.turn(Event::Config {
        file: "c.conf".to_owned(),
        text: "set -g nosuch 1\ndisplay -p hello\n".to_owned(),
    });
    scene.turn(Event::Configured);
    let client = scene.attach(80, 24, Grant::Admin);
    let screen = scene.screen(client);
    assert!(
        screen.contains("c.conf:1: invalid option: nosuch"),
        "{screen}"
    );
    assert!(screen.contains("c.conf:2: hello"), "{screen}");
    assert_eq!(scene.run("display -p #{pane_mode}"), "view-mode\n");
    scene.keys(client, b"q");
    assert!(!scene.screen(client).contains("nosuch"));
}
