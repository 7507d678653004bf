//! Scenes of windows' sizes: whose terminal decides (`window-size`), and when a
//! window that nobody looks at follows.

use super::*;

fn sizes(scene: &mut Scene) -> String {
    let lines = scene.run("list-windows -a -F #{window_width}x#{window_height}");
    lines.trim().replace('\n', " ")
}

#[test]
fn windows_that_nobody_looks_at_follow_when_someone_does() {
    let mut scene = Scene::new();
    scene.run("new-session -d -s one");
    scene.run("new-window -d -t one:");
    let client = scene.attach(90, 31, Grant::Admin);
    assert_eq!(sizes(&mut scene), "90x30 80x24");
    scene.run_as(client, "next-window");
    assert_eq!(sizes(&mut scene), "90x30 90x30");
}

#[test]
fn latest_of_several_clients_decides_for_the_window_that_it_used() {
    let mut scene = Scene::new();
    scene.run("new-session -d -s one");
    scene.run("new-window -d -t one:");
    let small = scene.attach(60, 21, Grant::Admin);
    let large = scene.attach(100, 41, Grant::Admin);
    assert_eq!(sizes(&mut scene), "100x40 80x24");
    scene.keys(small, b"x");
    assert_eq!(sizes(&mut scene), "60x20 80x24");
    // Whoever turns to a window decides there.
    scene.run_as(large, "next-window");
    assert_eq!(sizes(&mut scene), "60x20 100x40");
    scene.turn(Event::Gone { client: large });
    assert_eq!(sizes(&mut scene), "60x20 60x20");
}

#[test]
fn window_takes_the_size_of_the_client_used_last_once_its_latest_has_left() {
    let mut scene = Scene::new();
    scene.run("new-session -d -s one");
    scene.attach(100, 41, Grant::Admin);
    let middle = scene.attach(80, 31, Grant::Admin);
    let small = scene.attach(60, 21, Grant::Admin);
    scene.keys(middle, b"x");
    scene.keys(small, b"x");
    assert_eq!(sizes(&mut scene), "60x20");
    scene.turn(Event::Gone { client: small });
    assert_eq!(sizes(&mut scene), "80x30");
}

#[test]
fn manual_size_is_that_which_the_window_was_made_with() {
    let mut scene = Scene::new();
    scene.run("new-session -d -s one -x 70 -y 20");
    scene.attach(100, 31, Grant::Admin);
    assert_eq!(sizes(&mut scene), "100x30");
    let manual = "display-message -p #{window_manual_width}x#{window_manual_height}";
    assert_eq!(scene.run(manual), "x\n");
    scene.run("set-option -g window-size manual");
    assert_eq!(sizes(&mut scene), "70x20");
    assert_eq!(scene.run(manual), "70x20\n");
}

#[test]
fn cells_of_one_split_are_spread_and_no_others() {
    let mut scene = Scene::new();
    scene.run("new-session -d -s one -x 80 -y 24");
    scene.run("split-window -d -v");
    scene.run("split-window -d -h");
    scene.run("resize-pane -y 4 -x 10");
    let rows = "list-panes -F #{pane_width}x#{pane_height}";
    scene.run("select-layout -E");
    assert_eq!(scene.run(rows), "40x4\n39x4\n80x19\n");
    // They are even: the split around theirs stays as it is.
    scene.run("select-layout -E");
    assert_eq!(scene.run(rows), "40x4\n39x4\n80x19\n");
}
