//! What ran of a build, by its commands and formats.

use super::Scene;
use crate::access::Grant;
use crate::base::mask::Secrets;
use crate::base::{Label, PaneId, Secret};
use crate::ci::life::{Life, Limits};
use crate::ci::model::{Build, System};
use crate::ci::{Mark, Timeline};
use crate::mux::session::{Debug, Notice};
use crate::term::Output;

fn scene() -> Scene {
    let mut scene = Scene::new();
    let build =
        crate::ci::travis::load("language: minimal\ninstall: get\nscript: [cc, test]\n", "f")
            .unwrap();
    assert_eq!(build.system, System::Travis);
    let debug = Debug {
        timeline: Timeline::for_job(&build.jobs[0]),
        build: Build { ..build },
        job: 0,
        shell: Vec::new(),
        nonce: Secret::new("n0nce".to_owned()),
        life: Life::new(Limits::default(), std::time::Duration::ZERO, false),
        secrets: Secrets::default(),
        dir: String::new(),
        notice: Notice::default(),
        runs: false,
        attended: false,
        closing: None,
    };
    let session = scene.mux.sessions.values_mut().next().unwrap();
    session.debug = Some(Box::new(debug));
    scene
}

impl Scene {
    fn pane(&self) -> PaneId {
        *self.mux.panes.keys().next().unwrap()
    }

    /// A mark, then output.
    fn told(&mut self, mark: &str, text: &str) {
        let (pane, mark) = (self.pane(), Mark::read(mark).unwrap());
        assert!(self.mux.phase_told(pane, &mark));
        let pane = self.mux.panes.get_mut(&pane).unwrap();
        pane.term.feed(text.as_bytes(), &mut Output::default());
    }

    fn step(&mut self, name: &str, status: u8, text: &str) {
        self.told(&format!("B;phase={name};of=2"), text);
        self.told(&format!("D;phase={name};status={status}"), "");
    }

    fn refused(&mut self, line: &str) -> String {
        self.run(line).unwrap_err()
    }
}

#[test]
fn log_prints_the_output_of_the_last_or_the_named_run() {
    let mut scene = scene();
    let refused = scene.refused("phase log script:2");
    assert_eq!(refused, "script:2 has not run yet");
    scene.step("install;step=1", 0, "got it\r\n");
    scene.step("script;step=1", 0, "");
    scene.step("script;step=2", 3, "one\r\n\x1b[31mtwo\x1b[m\r\nno newline");
    let more = "later\r\n".repeat(100);
    scene.step("script;step=2", 0, &format!("\r\nagain\r\n{more}"));
    for (line, text) in [
        ("phase log install", "got it\n"),
        ("phase log inst:1", "got it\n"),
        ("phase log script:1", ""),
        ("phase log script:2 --run 3", "one\ntwo\nno newline\n"),
        ("phase log -r 1", "got it\n"),
    ] {
        assert_eq!(scene.ok(line), text, "{line}");
    }
    assert!(scene.ok("phase log script").contains("again\nlater\n"));
    let coloured = scene.ok("phase log -e -r 3");
    assert!(coloured.starts_with("one\n\u{1b}[31mtwo"), "{coloured:?}");
    assert!(coloured.ends_with("no newline\n"), "{coloured:?}");
    for (line, why) in [
        ("phase log", "which step? Name a phase, or PHASE:N"),
        ("phase log nosuch", "no phase nosuch (there are: "),
        ("phase log script:9", "script has 2 steps, not 9"),
        ("phase log -r 77", "no run 77"),
        ("phase log install -r 3", "run 3 is one of script:2"),
        ("phase diff install", "install ran only once"),
    ] {
        let refused = scene.refused(line);
        assert!(refused.starts_with(why), "{line}: {refused}");
    }
    scene.ok("clear-history");
    let refused = scene.refused("phase log install");
    assert_eq!(refused, "install:1, run 1: its output has left the history");
}

#[test]
fn diff_prints_what_differs_and_passes_over_what_always_does() {
    let mut scene = scene();
    let text = |end: &str| format!("{}took 3.{}s\r\n{end}\r\n", "same\r\n".repeat(9), end.len());
    scene.step("script;step=2", 1, &text("FAILED"));
    scene.step("script;step=2", 0, &text("ok"));
    scene.step("script;step=2", 0, &text("ok now"));
    let body = |diff: &str| {
        diff.split_once('\n')
            .unwrap()
            .1
            .split_once('\n')
            .unwrap()
            .1
            .to_owned()
    };
    let diff = scene.ok("phase diff script:2 1 2");
    assert!(
        diff.starts_with("--- 1  ") && diff.contains("\n+++ 2  "),
        "{diff}"
    );
    assert_eq!(body(&diff), "...\n same\n same\n took 3.2s\n-FAILED\n+ok\n");
    assert!(scene.ok("phase diff script:2").contains("-ok\n+ok now\n"));
    assert!(
        scene
            .ok("phase diff script:2 1")
            .contains("-FAILED\n+ok now\n")
    );
    assert_eq!(body(&scene.ok("phase diff script:2 1 1")), "");
}

#[test]
fn timeline_and_show_say_who_when_and_how() {
    let mut scene = scene();
    let pane = scene.pane();
    scene.step("install;step=1", 0, "x\r\n");
    scene.mux.typed_by(pane, &Label::new("ann@10.0.0.7"));
    scene.told("B;phase=script;step=1;of=2;try=2", "y\r\n");
    scene.told("D;phase=script;step=1;status=4;ended=1", "");
    let lines = scene.ok("timeline");
    let lines: Vec<Vec<&str>> = lines
        .lines()
        .map(|l| l.split_whitespace().collect())
        .collect();
    assert_eq!(
        lines[0][2..],
        ["✓", "install:1", "0.0s", "exit", "0", "%0", "build"]
    );
    assert_eq!(
        lines[1][3..],
        [
            "script:1",
            "0.0s",
            "exit",
            "4",
            "(ended",
            "the",
            "phase)",
            "try",
            "2",
            "%0",
            "ann@10.0.0.7"
        ]
    );
    let json: serde_json::Value = serde_json::from_str(&scene.ok("timeline --json")).unwrap();
    let run = &json["runs"][1];
    assert_eq!(
        (&run["by"], &run["try"], &run["how"]),
        (&"ann@10.0.0.7".into(), &2.into(), &"ended-phase".into())
    );
    let (begin, end) = (&run["begins"], &run["ends"]);
    assert_eq!(
        scene.ok(&format!("capture-pane -p -S {begin} -E {end}")),
        "y\n"
    );
    let show = scene.ok("phase show script");
    assert!(show.contains("\n✗ 1 cc\n○ 2 test\n"), "{show}");
    assert!(
        scene
            .ok("phase show script:2")
            .contains("○ 2 test\n    test\n")
    );
    assert_eq!(scene.ok("phase where"), "script\t2\tnext\n");
    scene.told("H;phase=script;step=1;status=4", "");
    assert_eq!(scene.ok("phase where"), "script\t1\theld\n");
}

#[test]
fn formats_speak_of_the_step_that_runs_or_is_held() {
    let mut scene = scene();
    let all = "#{phase_name}|#{phase_step}|#{phase_status}|#{phase_elapsed}|#{phase_held}|#{phase_summary}";
    assert_eq!(scene.show(all), "||||0|");
    scene.told("B;phase=script;step=2;of=2", "");
    scene.mux.now = scene.mux.now.after(std::time::Duration::from_secs(75));
    assert_eq!(
        scene.show(all),
        "script|2|running|1m15s|0|● script 2/2 1m15s"
    );
    scene.told("D;phase=script;step=2;status=1", "");
    scene.told("H;phase=script;step=2;status=1", "");
    assert_eq!(scene.show(all), "script|2|held|1m15s|1|✗ script 2/2 held");
    scene.told("F;status=1", "");
    assert_eq!(scene.show(all), "script|2|failed|1m15s|0|✗ script 2/2");
}

#[test]
fn reports_come_from_the_servers_own_user_alone() {
    let mut scene = scene();
    assert_eq!(scene.ok("phase-report 'B;phase=script;step=1;of=2'"), "");
    assert_eq!(scene.show("#{phase_status}"), "running");
    assert_eq!(scene.refused("phase-report nonsense"), "not a mark");
    let viewer = scene.connect(7, Grant::View);
    scene.client = Some(viewer);
    let refused = scene.refused("phase-report 'F;status=0'");
    assert_eq!(refused, "client is read-only");
    assert_eq!(scene.refused("phase retry install"), "client is read-only");
}

#[test]
fn goto_needs_a_run_whose_pane_is_there() {
    let mut scene = scene();
    scene.step("install;step=1", 0, "x\r\n");
    scene.ok("split-window");
    assert_eq!(scene.show("#{pane_id}"), "%1");
    scene.ok("phase goto install");
    assert_eq!(scene.show("#{pane_id} #{pane_in_mode}"), "%0 1");
    scene.ok("kill-pane -t %0");
    let refused = scene.refused("phase goto install");
    assert_eq!(refused, "install:1, run 1: its pane is gone");
    assert_eq!(scene.refused("phase retry install"), "pane %0 is gone");
    assert_eq!(
        scene.refused("phase retry"),
        "the build is not held: which step is to be run again?"
    );
}
