//! Scenes of the key help: what is found, what is seen on small screens, what
//! runs, and that who may only look runs nothing by it.

use super::*;

/// The rows of a screen that the help's list takes.
fn list(screen: &str, rows: usize) -> Vec<String> {
    let lines = screen.lines().skip(2).take(rows);
    let inner = lines.map(|line| line.trim_matches('│').trim_end().to_owned());
    inner.collect()
}

#[test]
fn key_help_lists_keys_with_what_they_do_and_searches_as_is_typed() {
    for (cols, rows) in [(80, 24), (40, 12)] {
        let mut scene = Scene::new();
        let client = scene.attach(cols, rows, Grant::Admin);
        scene.keys(client, b"\x02?");
        let screen = scene.screen(client);
        assert!(
            screen.contains(" keys ") && screen.contains("q closes"),
            "{screen}"
        );
        scene.keys(client, b"SPLIT window");
        let screen = scene.screen(client);
        assert!(screen.contains("/SPLIT window"), "{screen}");
        let found = list(&screen, 2);
        assert!(
            found[0].starts_with("C-b \"") && found[1].starts_with("C-b %"),
            "{screen}"
        );
        // The command of the selected one stands below the list.
        assert!(screen.contains("│split-window"), "{screen}");
        scene.keys(client, b" nonsense");
        assert!(scene.screen(client).contains("no key does that"));
        // Escape takes the search, then the help.
        scene.keys(client, b"\x1b");
        scene.later(Duration::from_secs(1));
        assert!(scene.screen(client).contains("type to search"));
        scene.keys(client, b"q");
        assert!(!scene.screen(client).contains("type to search"));
    }
}

#[test]
fn key_help_finds_by_key_note_and_command() {
    for (typed, wanted) in [
        ("resize-pane -Z", "C-b z "),
        ("detach-client", "C-b d "),
        ("c-b ,", "C-b , "),
        ("copy page-up", "copy "),
    ] {
        let mut scene = Scene::new();
        let client = scene.attach(80, 24, Grant::Admin);
        scene.keys(client, b"\x02?");
        scene.keys(client, typed.as_bytes());
        let screen = scene.screen(client);
        assert!(list(&screen, 1)[0].starts_with(wanted), "{typed}\n{screen}");
    }
}

#[test]
fn key_help_runs_what_is_chosen_as_by_its_key() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    let panes = "display-message -p #{window_panes}";
    scene.keys(client, b"\x02?split window\x1b[B\r");
    assert_eq!(scene.run(panes), "2\n");
    assert!(!scene.screen(client).contains("type to search"));
    // A key of copy mode means nothing outside it: the help stays.
    scene.keys(client, b"\x02?copy page-up\r");
    assert!(scene.screen(client).contains("/copy page-up"));
    scene.keys(client, b"\x07");
    assert_eq!(scene.run("display-message -p #{pane_in_mode}"), "0\n");
}

#[test]
fn key_help_moves_by_keys_and_wheel_within_its_bounds() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    scene.keys(client, b"\x02?");
    let place = |scene: &mut Scene| {
        let screen = scene.screen(client);
        let line = screen.lines().find(|line| line.contains("closes")).unwrap();
        let place = line.rsplit(' ').nth(1).unwrap();
        let (at, all) = place.split_once('/').unwrap();
        (at.parse::<usize>().unwrap(), all.parse::<usize>().unwrap())
    };
    let (first, all) = place(&mut scene);
    assert!(first == 1 && all > 100, "{all}");
    let steps: [(&[u8], usize); 8] = [
        (b"\x1b[B\x1b[B", 3),
        (b"\x1b[A", 2),
        (b"\x1b[<65;5;5M", 5),
        (b"\x1b[<64;5;5M", 2),
        (b"\x1b[6~", 21),
        (b"\x1b[F", all),
        (b"\x1b[B", all),
        (b"\x1b[H", 1),
    ];
    for (keys, wanted) in steps {
        scene.keys(client, keys);
        assert_eq!(place(&mut scene), (wanted, all), "{keys:?}");
    }
}

#[test]
fn key_help_lets_a_viewer_look_and_run_nothing_more() {
    let mut scene = Scene::new();
    scene.attach(80, 24, Grant::Admin);
    let viewer = scene.attach(80, 24, Grant::View);
    scene.keys(viewer, b"\x02?");
    assert!(scene.screen(viewer).contains("type to search"));
    scene.keys(viewer, b"split window\r");
    assert_eq!(scene.run("display-message -p #{window_panes}"), "1\n");
}

#[test]
fn key_help_shows_notes_of_users_as_labels() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    scene.run("bind-key -N \"odd \x1b[31m note\" F5 display-message x");
    scene.run("bind-key -T own F6 display-message y");
    scene.keys(client, b"\x02?F5");
    assert!(!scene.screen(client).contains('\x1b'));
    scene.keys(client, b"\x15own");
    assert!(scene.screen(client).contains("own F6"));
}
