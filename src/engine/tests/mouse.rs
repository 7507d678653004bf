//! Scenes of the mouse: which key a place gives, what drags draw and move, and
//! menus that hold nobody up.

use super::*;

const VARS: &str = "x=#{mouse_x} y=#{mouse_y} p=#{mouse_pane} l=#{mouse_status_line} \
                    r=#{mouse_status_range}";

/// Runs a command of these words; what it printed.
fn words(scene: &mut Scene, words: &[&str]) -> String {
    let client = scene.connect(None, Grant::Admin);
    scene.printed.clear();
    let argv = words.iter().map(|word| (*word).to_owned()).collect();
    scene.turn(Event::Command { client, argv });
    std::mem::take(&mut scene.printed)
}

fn shown(scene: &mut Scene, format: &str) -> String {
    let printed = words(scene, &["display-message", "-p", format]);
    printed.trim_end().to_owned()
}

/// A press of a button at a place, counted from 0, or a move with it held.
fn report(scene: &mut Scene, client: ClientId, button: u8, (x, y): (u16, u16), end: char) {
    let bytes = format!("\x1b[<{button};{};{}{end}", x + 1, y + 1);
    scene.keys(client, bytes.as_bytes());
}

fn click(scene: &mut Scene, client: ClientId, at: (u16, u16)) {
    report(scene, client, 0, at, 'M');
    report(scene, client, 0, at, 'm');
    // The next one is no double click.
    scene.later(Duration::from_secs(1));
}

/// A client of a session of one pane, with keys that note where they were.
fn noting(keys: &[&str]) -> (Scene, ClientId) {
    let mut scene = Scene::new();
    let client = scene.attach(60, 13, Grant::Admin);
    for key in keys {
        let value = format!("{key} {VARS}");
        words(
            &mut scene,
            &["bind-key", "-n", key, "set-option", "-gF", "@m", &value],
        );
    }
    (scene, client)
}

fn noted(scene: &mut Scene) -> String {
    let noted = scene.run("show-options -gv @m");
    noted.trim_end().to_owned()
}

#[test]
fn new_pane_is_drawn_between_two_corners_by_the_mouse() {
    for (lines, start, to, place) in [
        ("single", (10, 3), (11, 4), "11,4 1x1"),
        ("single", (10, 3), (20, 8), "11,4 9x4"),
        // Backwards.
        ("single", (50, 11), (42, 8), "43,9 7x2"),
        // Beyond the window.
        ("single", (30, 7), (59, 12), "31,8 28x3"),
        // Not wider than its border.
        ("single", (2, 1), (3, 1), "3,2 1x1"),
        ("none", (10, 3), (5, 1), "5,1 6x3"),
    ] {
        let mut scene = Scene::new();
        let client = scene.attach(60, 13, Grant::Admin);
        scene.run(&format!("set-option -g pane-border-lines {lines}"));
        scene.run("bind-key -n MouseDrag1Pane new-pane -M");
        report(&mut scene, client, 0, start, 'M');
        report(&mut scene, client, 32, (12, 5), 'M');
        report(&mut scene, client, 32, to, 'M');
        report(&mut scene, client, 0, to, 'm');
        let format = "#{pane_left},#{pane_top} #{pane_width}x#{pane_height}";
        let found = shown(&mut scene, format);
        assert_eq!(found, place, "{lines} from {start:?} to {to:?}");
    }
}

#[test]
fn floating_pane_moves_with_the_first_report_of_a_drag() {
    let mut scene = Scene::new();
    let client = scene.attach(60, 13, Grant::Admin);
    scene.run("new-pane -x 20 -y 6 -X 10 -Y 2");
    report(&mut scene, client, 8, (15, 4), 'M');
    report(&mut scene, client, 40, (18, 6), 'M');
    let place = "#{pane_left},#{pane_top}";
    assert_eq!(shown(&mut scene, place), "14,5");
    report(&mut scene, client, 40, (16, 5), 'M');
    assert_eq!(shown(&mut scene, place), "12,4");
}

#[test]
fn ranges_of_the_status_line_give_their_keys() {
    let keys = [
        "MouseDown1Status",
        "MouseDown1StatusLeft",
        "MouseDown1StatusRight",
        "MouseDown1StatusDefault",
        "MouseDown1Control3",
    ];
    let (mut scene, client) = noting(&keys);
    scene.run("set-option -g status 2");
    let line = "ab#[range=user|foo]FOO#[norange] #[range=pane|%0]PANE#[norange] \
                #[range=window|0]W1#[norange] #[range=left]L#[norange]#[range=right]R#[norange]\
                #[range=control|3]C3#[norange]#[range=user|averyveryverylongname]U#[norange]";
    words(&mut scene, &["set-option", "-g", "status-format[1]", line]);
    scene.later(Duration::from_secs(1));
    for (x, key, pane, range) in [
        (1, "StatusDefault", "%0", ""),
        (3, "Status", "%0", "foo"),
        (7, "Status", "%0", "pane"),
        (12, "Status", "%0", "window"),
        (14, "StatusLeft", "%0", "left"),
        (15, "StatusRight", "%0", "right"),
        (16, "Control3", "%0", "control"),
        (18, "Status", "%0", "averyveryverylo"),
    ] {
        click(&mut scene, client, (x, 12));
        let expected = format!("MouseDown1{key} x={x} y=1 p={pane} l=1 r={range}");
        assert_eq!(noted(&mut scene), expected, "column {x}");
    }
    // The session that a range names is the target.
    scene.run("new-session -d -s other -n there");
    let id = scene.run("display-message -p -t other: #{session_id}");
    let line = format!("#[range=session|{}]GO#[norange]", id.trim_end());
    words(&mut scene, &["set-option", "-g", "status-format[1]", &line]);
    scene.run("bind-key -n MouseDown1Status switch-client -t =");
    scene.later(Duration::from_secs(1));
    click(&mut scene, client, (0, 12));
    assert_eq!(scene.run("list-clients -F #{session_name}"), "other\n");
}

#[test]
fn controls_of_a_panes_border_give_their_keys() {
    let (mut scene, client) = noting(&["MouseDown1Control7", "MouseDown1Control9"]);
    scene.run("set-option -g pane-border-status top");
    scene.later(Duration::from_secs(1));
    let screen = scene.screen(client);
    let top = screen.lines().next().unwrap_or_default();
    let column = |sign: &str| {
        let at = top.find(sign).unwrap_or_else(|| panic!("{sign} in {top}"));
        u16::try_from(top[..at].chars().count() + 1).unwrap()
    };
    for (sign, key) in [("[f]", "Control7"), ("[x]", "Control9")] {
        click(&mut scene, client, (column(sign), 0));
        let expected = format!("MouseDown1{key} x= y= p=%0 l= r=");
        assert_eq!(noted(&mut scene), expected, "{sign}");
    }
}

#[test]
fn scrollbars_scroll_by_clicks_and_by_their_slider() {
    for (side, column) in [("right", 59), ("left", 0)] {
        let (mut scene, client) = noting(&["MouseDown1ScrollbarSlider"]);
        scene.run("set-option -g pane-scrollbars on");
        scene.run(&format!("set-option -g pane-scrollbars-position {side}"));
        let text: Vec<String> = (1..=50).map(|n| format!("line {n}")).collect();
        scene.output(0, text.join("\r\n").as_bytes());
        scene.later(Duration::from_secs(1));
        let place = "#{pane_in_mode} #{scroll_position}";
        // Twelve rows of fifty: the slider has two, at the bottom.
        click(&mut scene, client, (column, 10));
        assert_eq!(
            noted(&mut scene),
            "MouseDown1ScrollbarSlider x= y= p=%0 l= r="
        );
        assert_eq!(shown(&mut scene, place), "0", "{side}");
        click(&mut scene, client, (column, 2));
        assert_eq!(shown(&mut scene, place), "1 10", "{side}: above");
        click(&mut scene, client, (column, 11));
        assert_eq!(shown(&mut scene, place), "1 0", "{side}: below");
        // The row of the slider that is held stays under the mouse.
        report(&mut scene, client, 0, (column, 10), 'M');
        report(&mut scene, client, 32, (column, 6), 'M');
        let middle = shown(&mut scene, place);
        report(&mut scene, client, 32, (column, 0), 'M');
        assert_eq!(shown(&mut scene, place), "1 38", "{side}: top");
        report(&mut scene, client, 32, (column, 6), 'M');
        assert_eq!(shown(&mut scene, place), middle, "{side}");
        assert_ne!(middle, "1 0", "{side}");
        report(&mut scene, client, 32, (column, 11), 'M');
        assert_eq!(shown(&mut scene, place), "1 0", "{side}: bottom");
    }
}

#[test]
fn line_goes_on_while_its_menu_is_open() {
    let mut scene = Scene::new();
    let client = scene.attach(60, 13, Grant::Admin);
    let line = [
        "display-menu",
        "-c",
        "/dev/pts/c0",
        "One",
        "o",
        "rename-window one",
        ";",
        "rename-window",
        "after",
    ];
    words(&mut scene, &line);
    let name = "#{window_name}";
    assert_eq!(shown(&mut scene, name), "after");
    assert!(scene.screen(client).contains("One"));
    scene.keys(client, b"o");
    assert_eq!(shown(&mut scene, name), "one");
}
