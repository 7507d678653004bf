//! Marks of a build's phases on the lines of a pane: only those that carry the
//! session's nonce, and gone to in copy mode.

use super::*;
use crate::ci::model::{Build, Job, System};
use crate::ci::plan::Plan;
use crate::term::ViewPos;

fn mark(nonce: &str, rest: &str) -> String {
    format!("\x1b]7717;{nonce};{rest}\x07")
}

#[test]
fn copy_mode_goes_to_phases_and_failures_of_the_session_alone() {
    let mut scene = Scene::new();
    let plan = Plan {
        build: Build {
            system: System::Travis,
            jobs: vec![Job::default()],
            warnings: Vec::new(),
        },
        job: 0,
        shell: vec!["bash".to_owned()],
        nonce: "n0nce".to_owned(),
        limits: crate::ci::life::Limits::default(),
        runs: false,
        secrets: Vec::new(),
    };
    scene.file = Some(serde_json::to_vec(&plan).unwrap());
    scene.run("debug-session -s build --plan /plan");
    assert_eq!(scene.errors, "");
    let mut text = String::new();
    for (phase, steps, failed) in [("install", 2, 0), ("script", 3, 2)] {
        for step in 1..=steps {
            text += &mark("n0nce", &format!("B;phase={phase};step={step};of={steps}"));
            text += &format!("$ {phase} {step}\r\n{}", "output\r\n".repeat(40));
            let status = u8::from(step == failed);
            text += &mark(
                "n0nce",
                &format!("D;phase={phase};step={step};status={status}"),
            );
        }
    }
    text += &mark("forged", "B;phase=evil;step=1;of=1");
    text += "evil\r\n";
    // All in one piece, and most of it scrolled away when the marks are told.
    scene.output(0, text.as_bytes());
    scene.run("copy-mode -t build");
    for (command, line) in [
        ("previous-phase", "$ script 1"),
        ("previous-phase", "$ install 1"),
        ("previous-phase", "$ install 1"),
        ("next-failure", "$ script 2"),
        ("next-phase", "$ script 2"),
    ] {
        scene.run(&format!("send-keys -t build -X {command}"));
        let pane = &scene.engine.mux().panes[&PaneId(0)];
        let copy = pane.copy.as_deref().unwrap();
        let at = ViewPos::new(copy.row_of(copy.here().line), 0);
        let end = ViewPos::new(at.row, 79);
        assert_eq!(pane.term.text_range(at, end, false), line, "{command}");
    }
}
