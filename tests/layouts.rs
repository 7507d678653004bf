//! Layouts beside the machine's tmux: the same commands go to both through
//! control mode, and after each one both say the same layouts, checksums
//! included. Where later versions of tmux differ from 3.3a on purpose, the
//! difference is written down here (`spread_anew`, `Step::differs`).

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod common;
mod layout;

use std::io::Write;
use std::process::Stdio;

use common::{LONG_PATIENCE, World, finish_within};
use layout::{Cell, checksum};

/// What is asked after each step: the layouts of all windows, what is seen of
/// them, and the current pane.
const ASK: &str = "#{W:#{window_index}=#{window_layout}=#{window_visible_layout} }#{pane_index}";

/// A program with one session, whose panes only sleep.
fn program(name: &str, cols: u16, rows: u16) -> World {
    let world = match name {
        "stepmux" => World::new(),
        name => World::of(name),
    };
    let (cols, rows) = (cols.to_string(), rows.to_string());
    let sleep = "exec sleep 1000";
    world.ok(&[
        "new-session",
        "-d",
        "-s",
        "work",
        "-x",
        &cols,
        "-y",
        &rows,
        sleep,
        ";",
        "set-option",
        "-g",
        "default-shell",
        "/bin/sh",
        ";",
        "set-option",
        "-g",
        "default-command",
        sleep,
        ";",
        "set-option",
        "-g",
        "window-size",
        "manual",
    ]);
    world
}

/// Both programs, tmux first.
fn both(cols: u16, rows: u16) -> [World; 2] {
    [program("tmux", cols, rows), program("stepmux", cols, rows)]
}

/// Runs commands in control mode; what `ASK` says after each of them.
#[track_caller]
fn run(world: &World, steps: &[String]) -> Vec<String> {
    let mut script = String::new();
    for (nth, step) in steps.iter().enumerate() {
        script.push_str(&format!("{step}\ndisplay-message -p 'at {nth} {ASK}'\n"));
    }
    let mut command = world.program(&["-C", "attach-session", "-f", "ignore-size"]);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(script.as_bytes()));
    let out = finish_within("control client", child, LONG_PATIENCE);
    writer.join().unwrap().unwrap();
    let answers: Vec<String> = out
        .stdout
        .lines()
        .filter_map(|line| line.strip_prefix("at "))
        .map(|line| line.split_once(' ').unwrap().1.to_owned())
        .collect();
    assert_eq!(answers.len(), steps.len(), "{out:#?}");
    answers
}

/// What later versions make of a layout that 3.3a has spread: what is left over
/// by the division goes to the first cells, one each, and not to the last.
fn spread_anew(answer: &str, beside_main: bool) -> String {
    let mut words: Vec<String> = Vec::new();
    for word in answer.split(' ') {
        let Some((index, layouts)) = word.split_once('=') else {
            words.push(word.to_owned());
            continue;
        };
        let anew = layouts.split('=').map(|text| {
            let mut cell = Cell::read(text);
            cell.spread(beside_main);
            cell.text()
        });
        words.push(format!("{index}={}", anew.collect::<Vec<_>>().join("=")));
    }
    words.join(" ")
}

/// Runs the same in both; every answer must be the same after `of_tmux` has been
/// through tmux's.
#[track_caller]
fn compare(worlds: &[World; 2], steps: &[String], of_tmux: impl Fn(&str, String) -> String) {
    let theirs = run(&worlds[0], steps);
    let ours = run(&worlds[1], steps);
    for (nth, step) in steps.iter().enumerate() {
        let wanted = of_tmux(step, theirs[nth].clone());
        let before = nth.checked_sub(1).map_or("", |nth| ours[nth].as_str());
        assert_eq!(
            ours[nth], wanted,
            "step {nth}: {step}\n  after {before}\n  tmux: {}",
            theirs[nth]
        );
    }
}

/// tmux's answer to a step as later versions give it.
fn newer(step: &str, answer: String) -> String {
    match step.strip_prefix("select-layout ") {
        Some(name) if name.starts_with("even-") => spread_anew(&answer, false),
        Some(name) if name.starts_with("main-") => spread_anew(&answer, true),
        _ => answer,
    }
}

/// The presets of 3.3a. The last one leaves no difference for the next step.
const PRESETS: &[&str] = &[
    "even-horizontal",
    "even-vertical",
    "main-horizontal",
    "main-vertical",
    "tiled",
];

const SIZES: &[(u16, u16)] = &[(200, 50), (132, 43), (80, 24), (41, 13), (20, 6), (10, 4)];

fn presets() -> impl Iterator<Item = String> {
    PRESETS.iter().map(|name| format!("select-layout {name}"))
}

#[test]
fn presets_are_those_of_tmux_at_every_size_and_number_of_panes() {
    let worlds = both(200, 50);
    let mut steps = Vec::new();
    for panes in 1..=10 {
        if panes > 1 {
            steps.push("split-window".to_owned());
        }
        for (cols, rows) in SIZES {
            steps.push(format!("resize-window -x {cols} -y {rows}"));
            steps.extend(presets());
        }
        steps.push("resize-window -x 200 -y 50".to_owned());
        steps.push("select-layout tiled".to_owned());
    }
    compare(&worlds, &steps, newer);
}

#[test]
fn main_pane_sizes_are_those_of_tmux() {
    let worlds = both(80, 24);
    let mut steps = Vec::new();
    for _ in 0..4 {
        steps.extend(["split-window", "select-layout tiled"].map(str::to_owned));
        for side in ["width", "height"] {
            for value in ["1", "10", "22", "30", "79", "300", "50%", "90%", "100%"] {
                steps.push(format!("set-option -w main-pane-{side} {value}"));
                steps.extend(presets());
            }
            steps.push(format!("set-option -wu main-pane-{side}"));
            for value in ["1", "5", "20", "60", "500", "25%"] {
                steps.push(format!("set-option -w other-pane-{side} {value}"));
                steps.extend(presets());
            }
            steps.push(format!("set-option -w main-pane-{side} 15"));
            steps.extend(presets());
            steps.push(format!("set-option -wu main-pane-{side}"));
            steps.push(format!("set-option -wu other-pane-{side}"));
        }
    }
    compare(&worlds, &steps, newer);
}

/// What is left over where cells do not share a size evenly, as tmux has it since
/// 3.4: measured, since the machine's tmux has the older rule.
#[rustfmt::skip]
const LEFT_OVER: &[(&str, &str)] = &[
    ("even-horizontal", "7f5a,80x24,0,0{20x24,0,0,0,19x24,21,0,1,19x24,41,0,2,19x24,61,0,3}"),
    ("even-vertical", "c022,80x24,0,0[80x6,0,0,0,80x5,0,7,1,80x5,0,13,2,80x5,0,19,3]"),
    ("main-horizontal", "4317,80x24,0,0[80x22,0,0,0,80x1,0,23{26x1,0,23,1,26x1,27,23,2,26x1,54,23,3}]"),
    ("main-horizontal-mirrored", "f330,80x24,0,0[80x1,0,0{26x1,0,0,1,26x1,27,0,2,26x1,54,0,3},80x22,0,2,0]"),
    ("main-vertical", "65e6,80x24,0,0{78x24,0,0,0,1x24,79,0[1x8,79,0,1,1x7,79,9,2,1x7,79,17,3]}"),
    ("main-vertical-mirrored", "d1ce,80x24,0,0{1x24,0,0[1x8,0,0,1,1x7,0,9,2,1x7,0,17,3],78x24,2,0,0}"),
    ("tiled", "30d6,80x24,0,0[80x11,0,0{39x11,0,0,0,40x11,40,0,1},80x12,0,12{39x12,0,12,2,40x12,40,12,3}]"),
];

#[test]
fn cells_that_do_not_come_out_even_are_as_later_tmux_has_them() {
    let world = program("stepmux", 80, 24);
    let mut steps = vec!["split-window".to_owned(); 3];
    steps.extend(
        LEFT_OVER
            .iter()
            .map(|(name, _)| format!("select-layout {name}")),
    );
    let answers = run(&world, &steps);
    for ((name, wanted), answer) in LEFT_OVER.iter().zip(&answers[3..]) {
        assert_eq!(answer, &format!("0={wanted}={wanted} 3"), "{name}");
    }
}

/// One step of a walk.
struct Step {
    line: String,
    /// Why the sizes differ from 3.3a's, if they do: then only the tree is
    /// compared, and the walk goes on from tmux's layout.
    differs: Option<&'static str>,
}

/// Since 3.4 the room of a pane that goes is taken by the pane after it, and not
/// by the one before.
const ROOM: Option<&str> = Some("room of a pane that goes");

/// Since 3.4 a percentage is of the pane as it is when its window is not zoomed.
const ZOOMED: &str = "share of a zoomed pane";

/// Numbers that are the same in every run (Knuth's MMIX).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = self.0.wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    fn of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }
}

fn walk(seed: u64, length: usize) -> Vec<Step> {
    let mut dice = Dice(seed);
    let mut steps = Vec::new();
    for _ in 0..length {
        let to = format!("-t :{}.{}", dice.of(&["", "", "", "0", "1"]), dice.below(8));
        let from = format!("-s :{}.{}", dice.of(&["", "", "", "0", "1"]), dice.below(8));
        let n = 1 + dice.below(40);
        let (line, differs) = match dice.below(17) {
            0..4 => {
                let how = dice.of(&["-h", "-v", "-hb", "-vb", "-h", "-v"]);
                let size = dice.of(&["", "", "-l 5", "-l 30%", "-l 1", "-l 70%"]);
                let differs = size.ends_with('%').then_some(ZOOMED);
                (format!("split-window -d {how} {size} {to}"), differs)
            }
            4 | 5 => (
                format!("resize-pane {to} -{} {n}", dice.of(&["L", "R", "U", "D"])),
                None,
            ),
            6 => {
                let unit = dice.of(&["", "%"]);
                (
                    format!("resize-pane {to} -{} {}{unit}", dice.of(&["x", "y"]), n * 2),
                    None,
                )
            }
            7 => ("select-layout tiled".to_owned(), None),
            8 => (
                format!("swap-pane {} {from} {to}", dice.of(&["-d", ""])),
                None,
            ),
            9 => (format!("rotate-window {}", dice.of(&["-U", "-D"])), None),
            10 => {
                // The last pane would take the session with it.
                let more = "#{||:#{e|>:#{window_panes},1},#{e|>:#{session_windows},1}}";
                (format!("if-shell -F '{more}' 'kill-pane {to}'"), ROOM)
            }
            11 | 12 => {
                // Inside of a window a pane stays active since 3.8.
                let how = dice.of(&["-h", "-v", "-bh", "-bv"]);
                let (a, b) = (dice.below(2), dice.below(8));
                let (from, to) = (format!("-s :{a}.{b}"), format!("-t :{}.{}", 1 - a, b / 2));
                (format!("join-pane {how} {from} {to}"), ROOM)
            }
            13 => (
                format!("resize-window -x {} -y {}", 20 + n * 3, 10 + n),
                None,
            ),
            14 => (format!("resize-pane -Z {to}"), None),
            15 => (format!("break-pane -d {from}"), ROOM),
            _ => (format!("select-pane {to}"), None),
        };
        steps.push(Step { line, differs });
    }
    steps
}

/// An answer without the sizes: which panes there are, and how they are split.
fn trees(answer: &str) -> String {
    let tree = |word: &str| match word.split_once('=') {
        Some((index, layouts)) => {
            let trees = layouts.split('=').map(|text| Cell::read(text).tree());
            format!("{index}={}", trees.collect::<Vec<_>>().join("="))
        }
        None => word.to_owned(),
    };
    answer.split(' ').map(tree).collect::<Vec<_>>().join(" ")
}

/// What of an answer must be as tmux's.
#[derive(Clone, Copy)]
enum Kind {
    Exact,
    Trees,
    Nothing,
}

/// Brings all windows to the layouts of an answer, by layout strings.
fn adopt(answer: &str) -> Vec<String> {
    let windows = answer.split(' ').filter_map(|word| word.split_once('='));
    windows
        .flat_map(|(index, layouts)| {
            let whole = layouts.split('=').next().unwrap();
            // That ends a zoom, which is there where less is seen than there is.
            let select = format!("select-layout -t :{index} '{whole}'");
            let zoom = format!("resize-pane -Z -t :{index}");
            let zoomed = layouts != format!("{whole}={whole}");
            std::iter::once(select).chain(zoomed.then_some(zoom))
        })
        .collect()
}

#[test]
fn long_walks_of_commands_lead_to_the_layouts_of_tmux() {
    for seed in 1..=6 {
        let worlds = both(120, 40);
        let walk = walk(seed, 220);
        let lines: Vec<String> = walk.iter().map(|step| step.line.clone()).collect();
        let theirs = run(&worlds[0], &lines);
        // Ours takes tmux's layout, by its string, wherever the sizes differ.
        let mut steps = Vec::new();
        let mut wanted: Vec<(String, Kind)> = Vec::new();
        for (step, answer) in walk.iter().zip(&theirs) {
            steps.push(step.line.clone());
            let kind = match step.differs {
                None => Kind::Exact,
                Some(_) => Kind::Trees,
            };
            wanted.push((answer.clone(), kind));
            if step.differs.is_some() {
                steps.extend(adopt(answer));
                wanted.resize(steps.len() - 1, (answer.clone(), Kind::Nothing));
                wanted.push((answer.clone(), Kind::Exact));
            }
        }
        let ours = run(&worlds[1], &steps);
        for (nth, (answer, kind)) in wanted.iter().enumerate() {
            let at = format!("seed {seed}, step {nth}: {}", steps[nth]);
            let ours = &ours[nth];
            match kind {
                Kind::Exact => assert_eq!(ours, answer, "{at}"),
                Kind::Trees => assert_eq!(trees(ours), trees(answer), "{at}"),
                Kind::Nothing => {}
            }
        }
    }
}

#[test]
fn layout_strings_are_taken_from_each_other() {
    let worlds = both(100, 30);
    let mut grow: Vec<String> = Vec::new();
    for _ in 0..6 {
        grow.extend(["split-window", "select-layout tiled"].map(str::to_owned));
    }
    compare(&worlds, &grow, newer);
    // Strings of either program, made by different steps.
    let mut strings = Vec::new();
    for (world, seed) in worlds.iter().zip([7, 8]) {
        let mut dice = Dice(seed);
        let mut steps = Vec::new();
        for _ in 0..12 {
            let (a, b, n) = (dice.below(7), dice.below(7), 1 + dice.below(20));
            let way = dice.of(&["L", "R", "U", "D"]);
            steps.push(format!("select-layout {}", dice.of(PRESETS)));
            steps.push(format!("resize-pane -t :.{a} -{way} {n}"));
            steps.push(format!("swap-pane -d -s :.{a} -t :.{b}"));
        }
        for answer in run(world, &steps) {
            let text = answer.split(['=', ' ']).nth(1).unwrap().to_owned();
            strings.push(text);
        }
    }
    strings.sort();
    strings.dedup();
    assert!(strings.len() > 30, "{strings:?}");
    // Both are in the same order again, and then take them all.
    let mut steps: Vec<String> = (0..7)
        .flat_map(|nth| {
            let pane = format!("%{nth}");
            [format!("swap-pane -d -s {pane} -t :.{nth}")]
        })
        .collect();
    steps.push("select-pane -t :.0".to_owned());
    let aligned = steps.len();
    steps.extend(strings.iter().map(|text| format!("select-layout '{text}'")));
    let answers = worlds.each_ref().map(|world| run(world, &steps));
    for nth in aligned..steps.len() {
        assert_eq!(answers[1][nth], answers[0][nth], "{}", steps[nth]);
        let given = Cell::read(&strings[nth - aligned]).sizes();
        let taken = answers[1][nth].split(['=', ' ']).nth(1).unwrap();
        assert_eq!(Cell::read(taken).sizes(), given, "{}", steps[nth]);
    }
}

/// Strings that are no layout of a window with two panes, and one with fewer
/// cells' room than it says. (A string of one letter ends tmux 3.3a.)
#[rustfmt::skip]
const FAULTY: &[&str] = &[
    "0000", "0000,", "ffff,80x24,0,0,0", "80x24,0,0,0",
    "80x24,0,0{40x24,0,0,0,39x24,41,0,1", "80x24,0,0{40x24,0,0,0,39x24,41,0,1]",
    "80x24,0,0{40x24,0,0,0}", "80x24,0,0{40x24,0,0,0,39x24,41,0,1}}", "80x24,0,0",
    "80x24,0,0{40x24,0,0,0,39x10,41,0,1}", "80x24,0,0{50x24,0,0,0,39x24,41,0,1}",
    "-1x24,0,0{40x24,0,0,0,39x24,41,0,1}", "axb,0,0{40x24,0,0,0,39x24,41,0,1}",
    "80x24,0,0[80x12,0,0,0,80x11,0,13,1", "80x24,0,0{40x24,0,0,0;39x24,41,0,1}",
];

#[test]
fn faulty_layout_strings_change_nothing_in_either() {
    let worlds = both(80, 24);
    let mut steps = vec!["split-window -h".to_owned()];
    for text in FAULTY {
        steps.push(format!("select-layout '{text}'"));
        steps.push(format!("select-layout '{:04x},{text}'", checksum(text)));
    }
    compare(&worlds, &steps, |_, answer| answer);
}

#[test]
fn the_last_layout_comes_back_and_spreads_are_those_of_tmux() {
    let worlds = both(95, 35);
    let steps = [
        "split-window -h",
        "split-window",
        "select-layout tiled",
        "resize-pane -L 9",
        "select-layout -o",
        "select-layout -o",
        "resize-pane -U 4",
        "select-layout -o",
        "select-layout even-vertical",
        "select-layout tiled",
        "select-layout -o",
        "select-layout tiled",
        "select-layout",
        "resize-pane -x 20",
        "select-layout",
        "next-layout",
        "select-layout tiled",
        "resize-pane -x 12",
        "select-layout -E",
        "select-layout tiled",
        "resize-pane -y 3",
        "select-pane -t :.2",
        "select-layout -E",
    ];
    let steps: Vec<String> = steps.map(str::to_owned).into();
    compare(&worlds, &steps, newer);
}
