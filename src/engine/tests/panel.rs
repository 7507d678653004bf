//! The phases panel as scenes: marks and keys in, screens and typed commands out.

use super::*;
use crate::ci::model::{Build, Isolation, Job, Origin, Phase, PhaseKind, Step, System};
use crate::ci::plan::Plan;

fn phase(name: &str, commands: &[&str]) -> Phase {
    let step = |command: &&str| Step {
        command: (*command).to_owned(),
        ..Step::default()
    };
    Phase {
        name: name.to_owned(),
        kind: PhaseKind::Main,
        isolation: Isolation::SameShell,
        origin: Origin::Config,
        skipped: false,
        group: None,
        shell: Vec::new(),
        steps: commands.iter().map(step).collect(),
    }
}

/// A session `build` of these phases, in window 0, with an admin looking on.
fn scene(phases: Vec<Phase>) -> (Scene, ClientId) {
    let mut scene = Scene::new();
    scene.debug("build", phases);
    let client = scene.attach(80, 24, Grant::Admin);
    (scene, client)
}

fn plan(phases: Vec<Phase>) -> Vec<u8> {
    let job = Job {
        phases,
        ..Job::default()
    };
    let plan = Plan {
        build: Build {
            system: System::Travis,
            jobs: vec![job],
            warnings: Vec::new(),
        },
        job: 0,
        shell: vec!["bash".to_owned()],
        nonce: "n0nce".to_owned(),
        limits: crate::ci::life::Limits::default(),
        runs: false,
        secrets: Vec::new(),
    };
    serde_json::to_vec(&plan).unwrap()
}

fn travis() -> Vec<Phase> {
    vec![
        phase("install", &["bundle install"]),
        phase("script", &["make", "make test", "make lint"]),
        phase("after_script", &["ls"]),
    ]
}

impl Scene {
    /// Makes a session of these phases.
    fn debug(&mut self, name: &str, phases: Vec<Phase>) {
        self.file = Some(plan(phases));
        self.run(&format!("debug-session -s {name} --plan /plan"));
        assert_eq!(self.errors, "");
    }

    fn mark(&mut self, text: &str) {
        let text = format!("\x1b]7717;n0nce;{text}\x07");
        self.output(0, text.as_bytes());
    }

    /// A step that writes some lines and takes some seconds.
    fn run_step(
        &mut self,
        (phase, step, of): (&str, u32, u32),
        output: &str,
        status: u8,
        took: u64,
    ) {
        self.mark(&format!("B;phase={phase};step={step};of={of}"));
        self.output(0, output.as_bytes());
        self.later(Duration::from_secs(took));
        self.mark(&format!("D;phase={phase};step={step};status={status}"));
    }

    /// The shell shows its prompt and waits.
    fn prompt(&mut self) {
        self.output(0, b"\x1b[?2004h$ ");
    }

    /// The panel's line that contains a text.
    fn line(&self, client: ClientId, text: &str) -> String {
        let screen = self.screen(client);
        let line = screen.lines().find(|line| line.contains(text));
        let line = line.unwrap_or_else(|| panic!("no {text:?} in\n{screen}"));
        let words: Vec<&str> = line.trim_matches('│').split_whitespace().collect();
        words.join(" ")
    }

    fn typed_keys(&mut self) -> String {
        let typed = std::mem::take(&mut self.typed);
        let bytes = typed.into_iter().flat_map(|(_, bytes)| bytes);
        String::from_utf8(bytes.collect()).unwrap()
    }
}

fn failed_build() -> (Scene, ClientId) {
    let (mut scene, client) = scene(travis());
    scene.run_step(("install", 1, 1), "fetching\r\n", 0, 12);
    scene.run_step(("script", 1, 3), "cc -c a.c\r\n", 0, 65);
    scene.run_step(("script", 2, 3), "test 1 ok\r\ntest 2 FAILED\r\n", 2, 3);
    scene.mark("H;phase=script;step=2;status=2");
    scene.prompt();
    (scene, client)
}

#[test]
fn panel_shows_the_tree_with_marks_times_and_who() {
    let (mut scene, client) = failed_build();
    scene.keys(client, b"\x02S");
    assert!(scene.screen(client).contains("travis: held script:2"));
    for (text, line) in [
        ("bundle install", "✓ install bundle install 12s build"),
        ("✗ script", "✗ script 2/3 1m08s build"),
        ("make  ", "✓ 1 make 1m05s build"),
        ("make test", "✗ 2 make test held 3.0s build"),
        ("make lint", "○ 3 make lint"),
        ("after_script", "○ after_script ls"),
    ] {
        assert_eq!(scene.line(client, text), line);
    }
    scene.keys(client, b"q");
    assert!(!scene.screen(client).contains("make lint"));
}

#[test]
fn run_under_way_ticks_only_while_it_is_shown() {
    let (mut scene, client) = scene(travis());
    scene.run("set-option -g status-interval 0");
    scene.mark("B;phase=script;step=1;of=3");
    scene.keys(client, b"\x02S");
    scene.later(Duration::from_secs(5));
    assert_eq!(scene.line(client, "1  make"), "● 1 make 5s build");
    let before = scene.sends;
    scene.later(Duration::from_secs(4));
    assert!(
        (3..=5).contains(&(scene.sends - before)),
        "{}",
        scene.sends - before
    );
    scene.mark("D;phase=script;step=1;status=0");
    scene.later(Duration::from_secs(1));
    assert_eq!(scene.line(client, "1  make"), "✓ 1 make 9.0s build");
    let before = scene.sends;
    scene.later(Duration::from_secs(20));
    assert_eq!(scene.sends, before, "nothing runs: nothing is drawn");
}

#[test]
fn status_line_ticks_while_a_step_runs() {
    let (mut scene, client) = scene(travis());
    scene.later(Duration::from_secs(3));
    scene.mark("B;phase=script;step=1;of=3");
    for seconds in [2, 5] {
        scene.later(Duration::from_secs(seconds));
        let total = if seconds == 2 { 2 } else { 7 };
        let status = scene.status(client);
        assert!(
            status.contains(&format!("● script 1/3 {total}s")),
            "{status}"
        );
    }
    scene.mark("D;phase=script;step=1;status=0");
    scene.later(Duration::from_secs(20));
    let before = scene.sends;
    scene.later(Duration::from_secs(10));
    assert!(scene.sends - before <= 1, "{}", scene.sends - before);
}

#[test]
fn enter_goes_to_the_output_in_copy_mode() {
    let (mut scene, client) = failed_build();
    scene.output(0, "later\r\n".repeat(200).as_bytes());
    scene.keys(client, b"\x02c");
    scene.keys(client, b"\x02S");
    scene.keys(client, b"\r");
    scene.later(Duration::from_millis(100));
    let screen = scene.screen(client);
    assert!(screen.starts_with("test 1 ok"), "{screen}");
    assert!(
        scene.status(client).contains("0:"),
        "{}",
        scene.status(client)
    );
    assert_eq!(
        scene.run("display-message -p -t build:0 #{pane_in_mode}"),
        "1\n"
    );
}

#[test]
fn retry_types_into_the_pane_whose_shell_waits() {
    let (mut scene, client) = failed_build();
    scene.keys(client, b"\x02S");
    scene.typed.clear();
    scene.keys(client, b"r");
    assert_eq!(scene.typed_keys(), "\x15phase retry\r");
    // The first step of the phase is not the one that is held.
    scene.keys(client, b"kr");
    assert_eq!(scene.typed_keys(), "\x15phase run script:1\r");
    scene.keys(client, b"gr");
    assert_eq!(scene.typed_keys(), "\x15phase run install\r");
    scene.keys(client, b"n");
    assert_eq!(scene.typed_keys(), "\x15phase next\r");
    // Whoever asked for it is who runs it.
    scene.mark("B;phase=install;step=1;of=1");
    assert!(
        scene.line(client, "bundle").ends_with(" pts/c1"),
        "{}",
        scene.screen(client)
    );
    scene.keys(client, b"r");
    assert_eq!(scene.typed_keys(), "");
    assert!(
        scene.status(client).contains("Install is under way"),
        "{}",
        scene.status(client)
    );
    scene.mark("D;phase=install;step=1;status=0");
    scene.output(0, b"\x1b[?2004lvim");
    scene.keys(client, b"r");
    assert_eq!(scene.typed_keys(), "");
    assert!(
        scene.status(client).contains("No shell waits"),
        "{}",
        scene.status(client)
    );
}

#[test]
fn viewer_looks_but_runs_nothing() {
    let (mut scene, owner) = failed_build();
    let viewer = scene.attach(80, 24, Grant::View);
    scene.keys(viewer, b"\x02S");
    scene.typed.clear();
    scene.keys(viewer, b"rn");
    assert_eq!(scene.typed_keys(), "");
    assert!(
        scene.status(viewer).contains("Client is read-only"),
        "{}",
        scene.status(viewer)
    );
    scene.keys(viewer, b"\r");
    let screen = scene.screen(viewer);
    assert!(
        screen.contains("script:2, run 3") && screen.contains("test 2 FAILED"),
        "{screen}"
    );
    assert_eq!(
        scene.run("display-message -p -t build:0 #{pane_in_mode}"),
        "0\n"
    );
    assert!(!scene.screen(owner).contains("run 3"));
}

#[test]
fn runs_are_listed_and_compared_side_by_side() {
    let (mut scene, client) = failed_build();
    scene.output(0, b"\r\n");
    scene.run_step(("script", 2, 3), "test 1 ok\r\ntest 2 ok in 3s\r\n", 0, 5);
    scene.output(0, b"\r\n");
    scene.run_step(("script", 2, 3), "test 1 ok\r\ntest 2 ok in 4s\r\n", 0, 4);
    scene.keys(client, b"\x02S");
    assert_eq!(
        scene.line(client, "make test"),
        "✓ 2 make test 3 runs 4.0s build"
    );
    scene.keys(client, b"d");
    assert!(
        scene.screen(client).contains("no difference"),
        "{}",
        scene.screen(client)
    );
    scene.keys(client, b"ql");
    let screen = scene.screen(client);
    assert!(
        screen.contains("runs of script:2") && screen.contains("3 of 3"),
        "{screen}"
    );
    scene.keys(client, b"mgmd");
    let line = scene.line(client, "FAILED");
    assert_eq!(line, "test 2 FAILED │test 2 ok in 4s");
    assert!(scene.screen(client).contains("1 line differs"));
    scene.keys(client, b"qq");
    assert!(scene.screen(client).contains("make lint"));
    scene.keys(client, b"gd");
    assert!(
        scene.status(client).contains("ran only once"),
        "{}",
        scene.status(client)
    );
}

#[test]
fn search_shows_what_fits_and_a_phase_can_be_closed() {
    let (mut scene, client) = failed_build();
    scene.keys(client, b"\x02S/lint\r");
    let screen = scene.screen(client);
    assert!(
        screen.contains("make lint") && !screen.contains("make test"),
        "{screen}"
    );
    assert!(
        screen.contains("✗ script") && !screen.contains("bundle"),
        "{screen}"
    );
    scene.keys(client, b"\x1b");
    scene.later(Duration::from_secs(1));
    assert!(scene.screen(client).contains("make test"));
    scene.keys(client, b"gj\t");
    let screen = scene.screen(client);
    assert!(
        screen.contains("script …") && !screen.contains("make test"),
        "{screen}"
    );
}

#[test]
fn hostile_names_and_marks_change_no_terminal() {
    let names = ["Run \u{1b}[31mtests; rm", "100%", "日本語 テスト"];
    let mut phases: Vec<Phase> = names
        .iter()
        .map(|name| phase(name, &["\u{1b}]0;x\u{7}echo"]))
        .collect();
    phases.push(phase(&"long ".repeat(300), &["x"]));
    let (mut scene, client) = scene(phases);
    scene.mark("B;phase=Run [31mtests%3B rm;step=1;of=1");
    for bad in [
        "",
        ";;;",
        "B",
        "B;phase=%;step=1",
        "D;phase=x;step=1;status=0",
        "H;phase=nosuch;step=9;status=1",
    ] {
        scene.mark(bad);
    }
    scene.output(0, b"\x1b]7717;B;phase=evil;step=1;of=1\x07\x1b]7717;\x07");
    scene.output(
        0,
        format!("\x1b]7717;n0nce;S;phase={}\x07", "x".repeat(5000)).as_bytes(),
    );
    scene.keys(client, b"\x02S");
    let screen = scene.screen(client);
    assert!(screen.contains("● Run [31mtests; rm"), "{screen}");
    assert!(
        screen.contains("日本語 テスト") && screen.contains("○ 100%"),
        "{screen}"
    );
    assert!(!screen.contains("evil"), "{screen}");
    let sent = scene.sent[&client].clone();
    assert!(!String::from_utf8_lossy(&sent).contains("\x1b]0;x"));
    scene.keys(client, b"Gr/x\r\x7f");
    scene.turn(Event::PaneExited {
        pane: PaneId(0),
        status: ExitStatus::SUCCESS,
    });
}

#[test]
fn killed_pane_ends_what_ran_in_it() {
    let (mut scene, client) = failed_build();
    scene.run("new-window -d -t build:");
    scene.mark("B;phase=script;step=3;of=3");
    scene.keys(client, b"\x02S");
    scene.run("kill-pane -t %0");
    scene.later(Duration::from_secs(1));
    assert_eq!(
        scene.line(client, "make lint"),
        "✗ 3 make lint died 0.0s build"
    );
    scene.keys(client, b"G\x1b[A\r");
    let status = scene.status(client);
    assert!(status.contains("its pane is gone"), "{status}");
    scene.keys(client, b"r");
    let status = scene.status(client);
    assert!(status.contains("Pane %0 is gone"), "{status}");
}

#[test]
fn panel_survives_the_end_of_its_session() {
    let (mut scene, client) = failed_build();
    scene.run("new-session -d -s other");
    scene.keys(client, b"\x02S");
    scene.run("set-option -g detach-on-destroy off");
    scene.run("kill-session -t build");
    scene.keys(client, b"jr\rq");
    assert!(scene.engine.mux().sessions.len() == 1);
}

#[test]
fn ten_thousand_steps_are_drawn_in_no_time() {
    let names: Vec<String> = (0..100).map(|n| format!("phase {n}")).collect();
    let commands = vec!["echo some command of the build"; 100];
    let phases = names.iter().map(|name| phase(name, &commands)).collect();
    let (mut scene, client) = scene(phases);
    for name in &names {
        for step in 1..=100 {
            scene.mark(&format!("B;phase={name};step={step};of=100"));
            scene.mark(&format!(
                "D;phase={name};step={step};status={}",
                u8::from(step == 77)
            ));
        }
    }
    scene.later(Duration::from_secs(1));
    scene.keys(client, b"\x02SG");
    assert!(
        scene.screen(client).contains("10100 of 10100"),
        "{}",
        scene.screen(client)
    );
    let began = std::time::Instant::now();
    for _ in 0..50 {
        scene.keys(client, b"k");
    }
    let frame = began.elapsed() / 50;
    println!("10,100 rows: {frame:?} a key and frame");
    assert!(scene.screen(client).contains("10050 of 10100"));
}

#[test]
fn terminal_without_utf8_gets_ascii_marks() {
    let (mut scene, utf8) = failed_build();
    let client = scene.attach_plain(80, 24);
    scene.later(Duration::from_secs(20));
    let status = scene.status(client);
    assert!(status.contains("x script 2/3 held"), "{status}");
    assert!(scene.status(utf8).contains("✗ script 2/3 held"));
    scene.keys(client, b"\x02S");
    let screen = scene.screen(client);
    assert!(
        screen.contains("+ install") && screen.contains(". 3  make lint"),
        "{screen}"
    );
    assert!(screen.is_ascii(), "{screen}");
}

impl Scene {
    /// Attaches a client whose terminal shows no UTF-8.
    fn attach_plain(&mut self, cols: u16, rows: u16) -> ClientId {
        let client = self.come(Peer {
            terminal: Some(TerminalSpec {
                utf8: false,
                ..terminal("vt220", (cols, rows))
            }),
            ..local(0, Grant::Admin)
        });
        let argv = Vec::new();
        self.turn(Event::Command { client, argv });
        client
    }
}

#[test]
fn panel_goes_from_job_to_job() {
    let mut scene = Scene::new();
    for (name, command) in [
        ("one", "make one"),
        ("two", "make two"),
        ("three", "make three"),
    ] {
        scene.debug(name, vec![phase("script", &[command])]);
    }
    let client = scene.attach(80, 24, Grant::Admin);
    let shown = |scene: &Scene| -> Vec<&str> {
        let screen = scene.screen(client);
        let jobs = ["make one", "make two", "make three"].into_iter();
        jobs.filter(|job| screen.contains(job)).collect()
    };
    scene.run_as(client, "phase-panel");
    let first = shown(&scene);
    assert_eq!(first.len(), 1, "{}", scene.screen(client));
    let mut seen = Vec::new();
    for _ in 0..3 {
        scene.keys(client, b"]");
        seen.extend(shown(&scene));
    }
    assert_eq!(seen.last(), first.first());
    seen.sort_unstable();
    assert_eq!(seen, ["make one", "make three", "make two"]);
    scene.keys(client, b"[]");
    assert_eq!(shown(&scene), first);
    // What runs elsewhere is seen from there.
    scene.mark("B;phase=script;step=1;of=1");
    scene.later(Duration::from_secs(2));
    scene.mark("D;phase=script;step=1;status=1");
    let mut failed = Vec::new();
    for _ in 0..3 {
        scene.keys(client, b"]");
        let screen = scene.screen(client);
        if screen.contains("\u{2717} ") {
            failed.extend(shown(&scene));
        }
    }
    assert_eq!(failed, ["make one"]);
    // One that ends is not gone to any more, and keys go on.
    scene.run("kill-session -t two");
    let mut seen = Vec::new();
    for _ in 0..2 {
        scene.keys(client, b"[");
        seen.extend(shown(&scene));
    }
    seen.sort_unstable();
    assert_eq!(seen, ["make one", "make three"]);
}

#[test]
fn panel_of_a_guest_shows_no_other_job() {
    let mut scene = Scene::new();
    for (name, command) in [("one", "make one"), ("two", "make two")] {
        scene.debug(name, vec![phase("script", &[command])]);
    }
    scene.share(crate::mux::effect::SharePolicy::default());
    let guest = scene.guest("ann", Grant::View);
    scene.run_as(guest, "phase-panel");
    for key in ["", "]", "[", "]]"] {
        scene.keys(guest, key.as_bytes());
        let screen = scene.screen(guest);
        assert!(
            screen.contains("make one") && !screen.contains("make two"),
            "{screen}"
        );
    }
}
