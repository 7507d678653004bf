//! Scenes of several clients: who shares a picture, who has one alone, and
//! that every terminal shows what the model holds.

use std::sync::Arc;

use super::*;

/// Whether two clients were sent the very same bytes last.
fn shared(scene: &Scene, a: ClientId, b: ClientId) -> bool {
    Arc::ptr_eq(&scene.last[&a], &scene.last[&b])
}

/// What a client that comes now and sees the same would show.
fn fresh(scene: &mut Scene, cols: u16, rows: u16) -> String {
    let client = scene.attach(cols, rows, Grant::Admin);
    scene.later(Duration::from_millis(100));
    let screen = scene.screen(client);
    scene.turn(Event::Gone { client });
    scene.later(Duration::from_millis(100));
    screen
}

#[test]
fn client_that_wants_no_say_in_sizes_has_it_while_it_is_alone() {
    let mut scene = Scene::new();
    scene.run("new-session -d -s one");
    let size = |scene: &mut Scene| scene.run("display-message -p -t one #{window_width}");
    let alone = scene.connect(Some((90, 26)), Grant::Admin);
    scene.run_as(alone, "attach-session -f ignore-size -t one");
    assert_eq!(size(&mut scene), "90\n");
    let other = scene.connect(Some((70, 26)), Grant::Admin);
    scene.run_as(other, "attach-session -t one");
    scene.keys(alone, b"x");
    assert_eq!(size(&mut scene), "70\n");
}

#[test]
fn equal_clients_are_sent_the_same_bytes() {
    let mut scene = Scene::new();
    let clients = [(); 4].map(|()| scene.attach(80, 24, Grant::Admin));
    scene.later(Duration::from_millis(100));
    for n in 0..40 {
        scene.output(0, format!("\x1b[3{}mline {n}\r\n", n % 8).as_bytes());
        scene.later(Duration::from_millis(20));
    }
    for client in clients {
        assert!(shared(&scene, clients[0], client));
        assert!(scene.screen(client).contains("line 39"));
    }
    let viewer = scene.attach(80, 24, Grant::View);
    scene.later(Duration::from_millis(100));
    scene.output(0, b"seen by all");
    assert!(shared(&scene, clients[0], viewer));
}

#[test]
fn clients_of_several_sizes_each_see_their_own_picture() {
    let mut scene = Scene::new();
    scene.run("set-option -g window-size smallest");
    let sizes = [(80, 24), (100, 30), (80, 24), (60, 20)];
    let clients = sizes.map(|(cols, rows)| scene.attach(cols, rows, Grant::Admin));
    scene.keys(clients[0], b"\x02%");
    for n in 0..30 {
        scene.output(n % 2, format!("row {n}\r\n").as_bytes());
        scene.later(Duration::from_millis(20));
    }
    assert!(shared(&scene, clients[0], clients[2]));
    for (client, (cols, rows)) in clients.into_iter().zip(sizes) {
        let screen = scene.screen(client);
        assert!(screen.contains("row 28") && screen.contains("row 29"));
        assert_eq!(screen, fresh(&mut scene, cols, rows), "{cols}x{rows}");
    }
}

#[test]
fn prompt_of_one_client_is_not_seen_by_another() {
    let mut scene = Scene::new();
    let a = scene.attach(80, 24, Grant::Admin);
    let b = scene.attach(80, 24, Grant::Admin);
    scene.output(0, b"before\r\n");
    scene.later(Duration::from_millis(100));
    scene.keys(a, b"\x02:new");
    assert!(scene.status(a).starts_with(":new"), "{}", scene.status(a));
    assert!(scene.status(b).starts_with("[0]"), "{}", scene.status(b));
    // Opening it is a change of one row, not a new screen.
    assert!(scene.last[&a].len() < 200, "{}", scene.last[&a].len());
    scene.output(0, b"under the prompt\r\n");
    scene.later(Duration::from_millis(100));
    for client in [a, b] {
        assert!(scene.screen(client).contains("under the prompt"));
    }
    assert!(scene.screens[&a].screen().cursor_position().0 == 23);
    assert!(scene.screens[&b].screen().cursor_position().0 == 2);
    scene.keys(a, b"\x1b");
    scene.later(Duration::from_millis(1000));
    assert_eq!(scene.screen(a), scene.screen(b));
    scene.output(0, b"after");
    assert!(shared(&scene, a, b));
}

#[test]
fn overlay_covers_one_client_alone() {
    let mut scene = Scene::new();
    let a = scene.attach(80, 24, Grant::Admin);
    let b = scene.attach(80, 24, Grant::Admin);
    scene.output(0, b"text");
    scene.keys(a, b"\x02?");
    scene.later(Duration::from_millis(100));
    assert!(!scene.screen(a).contains("text\n") && scene.screen(b).starts_with("text"));
    // The window changes under it.
    scene.keys(b, b"\x02%");
    scene.output(1, b"right");
    scene.later(Duration::from_millis(100));
    scene.keys(a, b"q");
    scene.later(Duration::from_millis(100));
    assert!(scene.screen(a).contains('│'));
    assert_eq!(scene.screen(a), scene.screen(b));
}

#[test]
fn formats_of_the_client_are_its_own() {
    let mut scene = Scene::new();
    scene.run("new-session -d");
    scene.run("set-option -g status-left #{?client_prefix,!,-}#{client_tty}");
    let a = scene.attach(80, 24, Grant::Admin);
    let b = scene.attach(80, 24, Grant::Admin);
    scene.later(Duration::from_millis(100));
    scene.keys(b, b"\x02");
    assert!(
        scene.status(a).starts_with("-/dev/pts"),
        "{}",
        scene.status(a)
    );
    assert!(
        scene.status(b).starts_with("!/dev/pts"),
        "{}",
        scene.status(b)
    );
}

#[test]
fn slow_client_skips_to_the_newest_picture_and_shares_again() {
    let mut scene = Scene::new();
    let slow = scene.attach(80, 24, Grant::Admin);
    let quick = scene.attach(80, 24, Grant::Admin);
    scene.later(Duration::from_millis(100));
    scene.stalled.push(slow);
    for n in 0..200 {
        scene.output(0, format!("line {n}\r\n").as_bytes());
        scene.later(Duration::from_millis(20));
    }
    assert!(!scene.screen(slow).contains("line 100"));
    scene.stalled.clear();
    scene.turn(Event::Ready { client: slow });
    scene.later(Duration::from_millis(100));
    assert_eq!(scene.screen(slow), scene.screen(quick));
    scene.output(0, b"both");
    scene.later(Duration::from_millis(100));
    assert!(shared(&scene, slow, quick));
}

#[test]
fn terminals_of_other_abilities_get_their_own_bytes() {
    let mut scene = Scene::new();
    let rich = scene.attach(80, 24, Grant::Admin);
    let plain = scene.attach_as("vt220", &[], 80, 24);
    scene.later(Duration::from_millis(100));
    scene.output(0, b"\x1b[38;5;200mpink");
    scene.later(Duration::from_millis(100));
    assert!(!shared(&scene, rich, plain));
    assert_eq!(scene.screen(rich), scene.screen(plain));
}

#[test]
fn echo_beside_a_flood_draws_its_own_row_alone() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    scene.keys(client, b"\x02\"");
    scene.later(Duration::from_millis(200));
    let flood: String = (0..400).map(|n| format!("flood {n}\r\n")).collect();
    for _ in 0..8 {
        scene.output(0, flood.as_bytes());
    }
    scene.keys(client, b"q");
    scene.output(0, flood.replace("flood", "torrent").as_bytes());
    scene.output(1, b"q");
    assert!(
        scene.last[&client].len() < 40,
        "{}",
        scene.last[&client].len()
    );
    assert!(
        !scene.screen(client).contains("torrent"),
        "{}",
        scene.screen(client)
    );
    assert!(scene.screen(client).lines().any(|line| line == "q"));
    scene.later(Duration::from_millis(20));
    assert!(scene.screen(client).contains("torrent 399"));
}

#[test]
fn end_of_a_flood_is_drawn_before_the_next_frame() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    scene.later(Duration::from_millis(200));
    let piece = "y\r\n".repeat(1000);
    for _ in 0..40 {
        scene.output(0, piece.as_bytes());
        scene.later(Duration::from_micros(500));
    }
    scene.output(0, b"the end");
    scene.later(Duration::from_millis(5));
    assert!(scene.screen(client).contains("the end"));
}

#[test]
fn prompt_after_an_interrupted_flood_is_drawn_at_once() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    scene.later(Duration::from_millis(200));
    let piece = "y\r\n".repeat(1000);
    for _ in 0..40 {
        scene.output(0, piece.as_bytes());
        scene.later(Duration::from_micros(500));
    }
    scene.keys(client, b"\x03");
    scene.output(0, piece.as_bytes());
    scene.output(0, b"^C\r\n");
    scene.output(0, b"$ ");
    let screen = scene.screen(client);
    assert!(screen.trim_end().contains("^C\n$"), "{screen}");
}

#[test]
fn message_without_a_status_line_gives_the_row_back() {
    let mut scene = Scene::new();
    let client = scene.attach(40, 6, Grant::Admin);
    scene.run("set-option -g status off");
    scene.output(0, b"1\r\n2\r\n3\r\n4\r\n5\r\n6");
    scene.later(Duration::from_millis(100));
    assert!(scene.status(client).starts_with('6'));
    scene.keys(client, b"\x02:display-message hello\r");
    scene.later(Duration::from_millis(20));
    assert!(scene.status(client).starts_with("hello"));
    scene.output(0, b"\x1b[6;3Hx");
    scene.later(Duration::from_millis(20));
    assert!(scene.status(client).starts_with("hello"));
    scene.later(Duration::from_secs(2));
    assert_eq!(scene.status(client).trim_end(), "6 x");
}

#[test]
fn picture_survives_more_styles_than_are_kept() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    let other = scene.attach(80, 24, Grant::Admin);
    for n in 0..40 {
        let mut piece = String::from("\x1b[H");
        for cell in 0..1840 {
            let colour = n * 1840 + cell;
            let (r, g, b) = (colour & 255, colour >> 8 & 255, colour >> 16);
            piece.push_str(&format!("\x1b[38;2;{r};{g};{b}mx"));
        }
        scene.output(0, piece.as_bytes());
        scene.later(Duration::from_millis(20));
    }
    scene.output(0, b"\x1b[m\x1b[H\x1b[2Jclean");
    scene.later(Duration::from_millis(20));
    assert_eq!(scene.screen(client).lines().next(), Some("clean"));
    assert_eq!(scene.screen(client), scene.screen(other));
    let screen = scene.screen(client);
    assert_eq!(screen, fresh(&mut scene, 80, 24));
}

/// What may happen to clients and panes, each with who and what by number.
#[derive(Clone, Copy, Debug)]
enum Step {
    Output(usize, usize),
    Keys(usize, usize),
    Later(u64),
    Stall(usize),
    Take(usize),
    Resize(usize, usize),
}

const PIECES: [&str; 8] = [
    "plain\r\n",
    "\x1b[1;34mbold blue\x1b[m\x1b[K",
    "\x1b[H\x1b[2J\x1b[38;5;99mtop",
    "\x1b[5;3H漢字 wide\x1b[7m reverse \x1b[m",
    "\x1b[2;6r\x1b[6;1H\r\nregion\x1b[r",
    "\x1b]2;a title\x07\x1b[?25l",
    "\x1b[?1049h\x1b[Halternate\x1b[?25h",
    "\x1b[?1049l\x07",
];

const KEYS: [&[u8]; 12] = [
    b"x",
    b"\x02%",
    b"\x02\"",
    b"\x02o",
    b"\x02z",
    b"\x02c",
    b"\x02n",
    b"\x02:abc",
    b"\x1b",
    b"\x02?",
    b"q",
    b"\x02[\x1b[A\x00\x1b[A",
];

const SIZES: [(u16, u16); 2] = [(60, 16), (72, 20)];

fn step() -> impl proptest::strategy::Strategy<Value = Step> {
    use proptest::prelude::*;
    prop_oneof![
        6 => (0..4_usize, 0..PIECES.len()).prop_map(|(pane, piece)| Step::Output(pane, piece)),
        4 => (0..3_usize, 0..KEYS.len()).prop_map(|(client, keys)| Step::Keys(client, keys)),
        4 => (0..40_u64).prop_map(Step::Later),
        1 => (0..3_usize).prop_map(Step::Stall),
        1 => (0..3_usize).prop_map(Step::Take),
        1 => (0..3_usize, 0..SIZES.len()).prop_map(|(client, size)| Step::Resize(client, size)),
    ]
}

impl Scene {
    fn step(&mut self, clients: &[ClientId], step: Step) {
        match step {
            Step::Output(pane, piece) => {
                let panes: Vec<PaneId> = self.engine.mux().panes.keys().copied().collect();
                self.output(panes[pane % panes.len()].0, PIECES[piece].as_bytes());
            }
            Step::Keys(client, keys) => self.keys(clients[client], KEYS[keys]),
            Step::Later(time) => self.later(Duration::from_millis(time)),
            Step::Stall(client) => self.stalled.push(clients[client]),
            Step::Take(client) => self.take(clients[client]),
            Step::Resize(client, size) => {
                let (client, (cols, rows)) = (clients[client], SIZES[size]);
                let side = |n: u16| std::num::NonZero::new(n).unwrap();
                let screen = self.screens.get_mut(&client).unwrap();
                screen.screen_mut().set_size(side(rows), side(cols));
                let size = Size::new(cols, rows);
                self.turn(Event::Resized { client, size });
            }
        }
    }

    /// A client that was stalled goes on.
    fn take(&mut self, client: ClientId) {
        self.stalled.retain(|other| *other != client);
        self.turn(Event::Ready { client });
    }

    /// All that a terminal shows, blanks being equal however they were made.
    fn shows(&self, client: ClientId) -> Vec<String> {
        let screen = self.screens[&client].screen();
        let (rows, cols) = screen.size();
        let cell = |y, x| {
            let cell = screen.cell(y, x).unwrap();
            let text = cell.contents();
            if text.trim().is_empty() && !cell.inverse() {
                return format!(" {:?}|", cell.bgcolor());
            }
            let (fg, bg) = (cell.fgcolor(), cell.bgcolor());
            format!("{text}{fg:?}{bg:?}{}{}|", cell.bold(), cell.inverse())
        };
        let row = |y| (0..cols.get()).map(|x| cell(y, x)).collect();
        let mut all: Vec<String> = (0..rows.get()).map(row).collect();
        all.push(format!("{}", screen.hide_cursor()));
        if !screen.hide_cursor() {
            all.push(format!("{:?}", screen.cursor_position()));
        }
        all
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(48))]

    #[test]
    fn every_client_shows_what_a_new_one_would(
        steps in proptest::collection::vec(step(), 1..60)
    ) {
        let mut scene = Scene::new();
        scene.run("set-option -g window-size smallest");
        let clients = [SIZES[0], SIZES[0], SIZES[1]]
            .map(|(cols, rows)| scene.attach(cols, rows, Grant::Admin));
        for step in steps {
            scene.step(&clients, step);
        }
        for client in clients {
            scene.take(client);
        }
        scene.later(Duration::from_secs(6));
        for client in clients {
            let owner = &scene.engine.mux().clients[&client];
            if owner.prompt.is_some() || owner.overlay.is_some() || owner.key_table.is_some() {
                continue;
            }
            let (session, size) = (owner.session, owner.size().unwrap());
            proptest::prop_assert!(session.is_some());
            let shown = scene.shows(client);
            let new = scene.attach(size.cols(), size.rows(), Grant::Admin);
            scene.later(Duration::from_millis(100));
            let new_shows = scene.shows(new);
            let differ = shown.iter().zip(&new_shows).find(|(a, b)| a != b);
            proptest::prop_assert!(differ.is_none(), "{:#?}", differ);
            scene.turn(Event::Gone { client: new });
        }
    }
}

/// A window of 80×23 seen on 40×12, whose last line is the status line's.
fn small_viewer() -> (Scene, ClientId, ClientId) {
    let mut scene = Scene::new();
    scene.run("set-option -g window-size largest");
    let large = scene.attach(80, 24, Grant::Admin);
    let small = scene.attach(40, 12, Grant::View);
    (scene, large, small)
}

#[test]
fn small_viewer_follows_the_cursor_and_shrinks_nothing() {
    let (mut scene, large, small) = small_viewer();
    scene.output(0, b"top left\x1b[1;60Htop right");
    scene.later(Duration::from_millis(100));
    assert!(scene.screen(large).contains("top left"));
    let shown = scene.screen(small);
    assert!(
        shown.contains("top right") && !shown.contains("top left"),
        "{shown}"
    );
    scene.output(0, b"\x1b[H");
    scene.later(Duration::from_millis(100));
    assert!(scene.screen(small).starts_with("top left"));
    scene.output(0, b"\x1b[23;1Hlast row");
    scene.later(Duration::from_millis(100));
    let shown = scene.screen(small);
    assert!(
        shown.contains("last row") && !shown.contains("top left"),
        "{shown}"
    );
    let window = scene.engine.mux().windows.values().next().unwrap();
    assert_eq!((window.size.cols(), window.size.rows()), (80, 23));
}

#[test]
fn small_viewer_pans_by_hand_and_back() {
    let (mut scene, _, small) = small_viewer();
    scene.output(0, "row0 \x1b[1;39H|宽|\x1b[13;1Hrow12\x1b[H".as_bytes());
    scene.later(Duration::from_millis(100));
    let pan = |scene: &mut Scene, words: &str| {
        scene.run_as(small, words);
        scene.later(Duration::from_millis(100));
        scene.screen(small)
    };
    let shown = pan(&mut scene, "refresh-client -D 5");
    assert!(
        !shown.contains("row0") && shown.contains("row12"),
        "{shown}"
    );
    // The output of others moves nothing meanwhile.
    scene.output(0, b"x");
    assert!(pan(&mut scene, "refresh-client -U 99").starts_with("xow0"));
    // Half of a wide character is none.
    let shown = pan(&mut scene, "refresh-client -R 99");
    assert!(shown.starts_with(" |"), "{shown:?}");
    let shown = pan(&mut scene, "refresh-client -c");
    assert!(shown.starts_with("xow0"), "{shown}");
}

#[test]
fn window_keeps_its_size_until_somebody_sees_it() {
    let mut scene = Scene::new();
    scene.run("new-session -d -x 60 -y 16");
    scene.run("new-window");
    let sizes = |scene: &mut Scene| scene.run("list-windows -F #{window_width}x#{window_height}");
    let client = scene.connect(Some((50, 12)), Grant::Admin);
    scene.run_as(client, "attach-session");
    assert_eq!(sizes(&mut scene), "60x16\n50x11\n");
    // The size that it was made with is the one that it has by hand.
    scene.run("set-option -g window-size manual");
    assert_eq!(sizes(&mut scene), "60x16\n60x16\n");
    scene.run("set-option -g window-size latest");
    assert_eq!(sizes(&mut scene), "60x16\n50x11\n");
    scene.run("select-window -t :0");
    assert_eq!(sizes(&mut scene), "50x11\n50x11\n");
}

#[test]
fn texts_below_panes_are_the_line_below_a_small_window() {
    let mut scene = Scene::new();
    let client = scene.attach(40, 12, Grant::Admin);
    scene.run("set-option -g status off");
    scene.run("set-option -g pane-border-format #[align=right]abcdef#{pane_index}");
    scene.run("split-window -h");
    scene.run("resize-window -x 15 -y 6");
    for (side, last, rows) in [("off", "───────┴", 7), ("bottom", "──cdef0┴", 6)]
    {
        scene.run(&format!("set-option -g pane-border-status {side}"));
        scene.later(Duration::from_millis(100));
        let screen = scene.screen(client);
        let all: Vec<&str> = screen.lines().collect();
        let drawn = all.iter().position(|row| row.starts_with('·'));
        assert_eq!(drawn, Some(rows), "{side}: {screen}");
        assert!(all[rows - 1].starts_with(last), "{side}: {screen}");
    }
}
