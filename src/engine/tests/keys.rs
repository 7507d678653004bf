//! Key tables in time: the prefix, repeats, tables of the user.

use super::*;

fn typed(scene: &Scene) -> String {
    let bytes: Vec<u8> = scene.typed.iter().flat_map(|(_, b)| b.clone()).collect();
    String::from_utf8(bytes).unwrap()
}

fn scene() -> (Scene, ClientId) {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    scene.run("set -g repeat-time 500 ; set -g initial-repeat-time 0");
    scene.run("bind -r u set -ag @u u ; bind c set -ag @u c");
    (scene, client)
}

#[test]
fn repeat_ends_at_a_key_that_does_not_repeat() {
    let (mut scene, client) = scene();
    scene.keys(client, b"\x02uuc");
    assert_eq!(scene.run("show -gv @u"), "uu\n");
    assert_eq!(typed(&scene), "c");
    scene.keys(client, b"\x02ux");
    assert_eq!(typed(&scene), "cx");
}

#[test]
fn repeat_lasts_longer_at_first_if_told_to() {
    let (mut scene, client) = scene();
    scene.run("set -g initial-repeat-time 1000");
    scene.keys(client, b"\x02u");
    scene.later(Duration::from_millis(800));
    scene.keys(client, b"u");
    assert_eq!(scene.run("show -gv @u"), "uu\n");
    scene.later(Duration::from_millis(600));
    scene.keys(client, b"u");
    assert_eq!(typed(&scene), "u");
}

#[test]
fn prefix_is_forgotten_after_its_time() {
    let (mut scene, client) = scene();
    scene.keys(client, b"\x02");
    scene.later(Duration::from_secs(10));
    scene.keys(client, b"c");
    assert_eq!(scene.run("show -gv @u"), "c\n");
    scene.run("set -s prefix-timeout 300");
    scene.keys(client, b"\x02");
    scene.later(Duration::from_millis(400));
    scene.keys(client, b"c");
    assert_eq!(typed(&scene), "c");
}

#[test]
fn tables_of_the_user_take_one_key() {
    let (mut scene, client) = scene();
    scene.run("bind -T mine a set -ag @u a ; bind -n F5 switch-client -T mine");
    scene.run("bind -T mine -r r set -ag @u r");
    scene.keys(client, b"\x1b[15~aa");
    assert_eq!(typed(&scene), "a");
    scene.keys(client, b"\x1b[15~rrx");
    assert_eq!(scene.run("show -gv @u"), "arr\n");
    assert_eq!(typed(&scene), "ax");
    scene.run("set -g prefix2 C-a");
    scene.keys(client, b"\x01c");
    assert_eq!(scene.run("show -gv @u"), "arrc\n");
}

#[test]
fn key_closes_a_dead_pane_where_the_option_says_so() {
    let status = ExitStatus::Code;
    for (option, end, stays, closes) in [
        ("on", status(0), true, false),
        ("key", status(0), true, true),
        ("key", status(2), true, true),
        ("failed", status(2), true, false),
        ("failed-key", status(2), true, true),
        ("failed-key", status(0), false, true),
    ] {
        let mut scene = Scene::new();
        let client = scene.attach(80, 24, Grant::Admin);
        let viewer = scene.attach(80, 24, Grant::View);
        scene.run(&format!("set-option -g remain-on-exit {option}"));
        scene.run("split-window");
        let pane = PaneId(1);
        scene.turn(Event::PaneExited { pane, status: end });
        let panes = |scene: &mut Scene| scene.run("display-message -p #{window_panes}");
        let wanted = if stays { "2\n" } else { "1\n" };
        assert_eq!(panes(&mut scene), wanted, "{option} {end:?}");
        scene.keys(viewer, b"x");
        assert_eq!(panes(&mut scene), wanted, "{option} {end:?}");
        scene.keys(client, b"x");
        let wanted = if closes { "1\n" } else { "2\n" };
        assert_eq!(panes(&mut scene), wanted, "{option} {end:?}");
    }
}
