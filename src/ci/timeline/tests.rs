//! Marks in, states and words out, in virtual time.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use super::*;

const PANE: PaneId = PaneId(3);
const WIDE: usize = 200;

fn at(seconds: u64) -> Now {
    Now::default().after(Duration::from_secs(seconds))
}

fn see(timeline: &mut Timeline, pane: PaneId, when: u64, text: &str) -> bool {
    let mark = Mark::read(text).unwrap();
    timeline.apply(&mark, Sighting::in_pane(pane, at(when)))
}

fn play(timeline: &mut Timeline, marks: &[(u64, &str)]) {
    for (when, text) in marks {
        see(timeline, PANE, *when, text);
    }
}

fn summary(timeline: &Timeline, when: u64) -> String {
    timeline
        .summary(at(when), Signs::Unicode, WIDE)
        .as_str()
        .to_owned()
}

fn nowhere(_: &Run) -> Option<(i64, i64)> {
    None
}

const BUILD: [(u64, &str); 8] = [
    (0, "B;phase=install;step=1;of=1"),
    (12, "D;phase=install;step=1;status=0"),
    (12, "S;phase=before_script"),
    (12, "B;phase=script;step=1;of=5"),
    (13, "D;phase=script;step=1;status=0"),
    (13, "B;phase=script;step=2;of=5"),
    (14, "D;phase=script;step=2;status=3"),
    (14, "B;phase=after_script;step=1;of=2"),
];

#[test]
fn summary_shows_what_passed_failed_and_runs() {
    let mut timeline = Timeline::default();
    assert!(summary(&timeline, 0).is_empty());
    play(&mut timeline, &BUILD);
    assert_eq!(
        summary(&timeline, 20),
        "✓ install 12s  ✗ script 2/5  ● after_script 1/2 6s"
    );
    assert_eq!(
        timeline.summary(at(20), Signs::Ascii, WIDE).as_str(),
        "+ install 12s  x script 2/5  * after_script 1/2 6s"
    );
    let rows = timeline.list(at(20));
    assert_eq!(
        rows[2].to_string(),
        "✗ script             2/5  exit 3       2.0s  %3"
    );
    assert_eq!(rows[1].state, State::Skipped);
    let json = timeline.json(at(20), &nowhere);
    assert_eq!(json["runs"][3]["duration_us"], 6_000_000);
    assert_eq!(
        (&json["runs"][3]["id"], &json["runs"][3]["try"]),
        (&4.into(), &1.into())
    );
    assert!(json["held"].is_null() && json["runs"][0]["by"].is_null());
}

#[test]
fn summary_leaves_the_oldest_out_where_room_is_short() {
    let mut timeline = Timeline::default();
    play(&mut timeline, &BUILD);
    for (columns, expected) in [
        (49, "✓ install 12s  ✗ script 2/5  ● after_script 1/2 6s"),
        (40, "…  ✗ script 2/5  ● after_script 1/2 6s"),
        (12, "…  ✗ script…"),
        (1, "…"),
    ] {
        let summary =
            timeline.summary(at(20), Signs::Unicode, columns + usize::from(columns == 49));
        assert_eq!(summary.as_str(), expected, "{columns}");
    }
}

#[test]
fn held_step_shows_until_it_or_the_next_begins() {
    let mut timeline = Timeline::default();
    play(&mut timeline, &BUILD[..7]);
    assert!(see(
        &mut timeline,
        PANE,
        14,
        "H;phase=script;step=2;status=3"
    ));
    assert!(!see(
        &mut timeline,
        PANE,
        15,
        "H;phase=script;step=2;status=3"
    ));
    assert_eq!(summary(&timeline, 15), "✓ install 12s  ✗ script 2/5 held");
    assert_eq!(timeline.row(2, at(15)).unwrap().state, State::Held);
    assert_eq!(timeline.step_row(2, 2).unwrap().state, State::Held);
    let stand = timeline.stand();
    assert_eq!(
        (stand.phase.as_str(), stand.step, stand.word),
        ("script", 2, "held")
    );
    see(&mut timeline, PaneId(9), 16, "B;phase=install;step=1;of=1");
    assert!(
        timeline.held().is_some(),
        "another pane's step ends no hold"
    );
    see(&mut timeline, PANE, 17, "B;phase=script;step=2;of=5;try=2");
    assert!(timeline.held().is_none());
    assert_eq!(timeline.stand().word, "running");
    see(&mut timeline, PANE, 18, "H;phase=script;step=2;status=3");
    see(&mut timeline, PANE, 19, "F;status=1");
    assert_eq!((timeline.held(), timeline.result()), (None, Some(1)));
    see(&mut timeline, PANE, 20, "H;phase=script;step=2;status=3");
    assert!(timeline.pane_gone(PANE, at(21)));
    assert_eq!(timeline.held(), None);
}

#[test]
fn stand_names_the_step_that_comes_next() {
    let build = crate::ci::travis::load(
        "language: minimal\ninstall: i\nscript: [a, b]\nafter_script: x\n",
        "f",
    )
    .unwrap();
    let mut timeline = Timeline::for_job(&build.jobs[0]);
    let stand = |timeline: &Timeline| {
        let stand = timeline.stand();
        format!("{}:{} {}", stand.phase, stand.step, stand.word)
    };
    assert_eq!(stand(&timeline), "install:1 next");
    play(
        &mut timeline,
        &[
            (0, "B;phase=install;step=1;of=1"),
            (0, "D;phase=install;step=1;status=0"),
        ],
    );
    assert_eq!(stand(&timeline), "script:1 next");
    play(
        &mut timeline,
        &[
            (0, "S;phase=script;step=2"),
            (0, "B;phase=script;step=1;of=2"),
        ],
    );
    assert_eq!(stand(&timeline), "script:1 running");
    play(&mut timeline, &[(0, "D;phase=script;step=1;status=1")]);
    assert_eq!(stand(&timeline), "after_script:1 next");
    play(
        &mut timeline,
        &[
            (0, "B;phase=after_script;step=1;of=1"),
            (0, "D;phase=after_script;step=1;status=0"),
        ],
    );
    assert_eq!(stand(&timeline), "-:0 done");
}

#[test]
fn retried_step_counts_by_its_last_run() {
    let mut timeline = Timeline::default();
    let run = |status| format!("D;phase=script;step=1;status={status}");
    let begin = "B;phase=script;step=1;of=1";
    play(
        &mut timeline,
        &[(0, begin), (1, &run(1)), (2, begin), (5, &run(0))],
    );
    assert_eq!(summary(&timeline, 9), "✓ script 3.0s");
    assert_eq!(timeline.runs().len(), 2);
    assert_eq!(timeline.step_row(0, 1).unwrap().tries, 2);
    assert_eq!(timeline.runs_of(&Label::new("script"), Some(1)).count(), 2);
}

#[test]
fn run_remembers_who_and_where() {
    let mut timeline = Timeline::default();
    let name = Label::new("ann@10.0.0.7");
    let seen = |line: u32, at_start: bool| Sighting {
        by: Some(&name),
        at: Some(Anchor(line)),
        at_start,
        ..Sighting::in_pane(PANE, at(1))
    };
    timeline.apply(&Mark::read("B;phase=a;step=1;of=1").unwrap(), seen(1, true));
    timeline.apply(
        &Mark::read("D;phase=a;step=1;status=0").unwrap(),
        seen(2, false),
    );
    let run = timeline.run(1).unwrap();
    assert_eq!(run.who(), "ann@10.0.0.7");
    let output = Output {
        from: Some(Anchor(1)),
        to: Some(Anchor(2)),
        before_last: false,
    };
    assert_eq!(run.output, output);
    assert_eq!(timeline.step_row(0, 1).unwrap().run.unwrap().output, output);
}

#[test]
fn nested_run_ends_with_the_step_around_it() {
    let mut timeline = Timeline::default();
    play(
        &mut timeline,
        &[
            (0, "B;phase=script;step=1;of=1"),
            (1, "B;phase=install;step=1;of=1"),
        ],
    );
    assert_eq!(timeline.running_in(PANE).unwrap().phase.as_str(), "install");
    play(
        &mut timeline,
        &[
            (2, "D;phase=script;step=1;status=0"),
            (3, "D;phase=install;step=1;status=0"),
        ],
    );
    assert!(!timeline.is_running());
    let hows: Vec<How> = timeline.runs().map(|run| run.how).collect();
    assert_eq!(hows, [How::Done, How::Interrupted]);
}

#[test]
fn run_dies_with_its_pane() {
    let mut timeline = Timeline::default();
    play(&mut timeline, &[(0, "B;phase=script;step=1;of=1")]);
    assert!(timeline.pane_gone(PANE, at(4)));
    assert!(!timeline.pane_gone(PANE, at(5)));
    let run = timeline.run(1).unwrap();
    assert_eq!((run.how, run.end().as_str()), (How::Died, "died"));
    assert_eq!(timeline.list(at(9))[0].state, State::Failed);
}

#[test]
fn timeline_is_bounded() {
    let mut timeline = Timeline::default();
    for n in 0..MAX_RUNS + 10 {
        let step = n % 7 + 1;
        see(
            &mut timeline,
            PaneId(0),
            0,
            &format!("B;phase=p;step={step};of=7"),
        );
    }
    assert_eq!(timeline.runs().len(), MAX_RUNS);
    assert!(timeline.open[&PaneId(0)].len() <= MAX_OPEN);
    assert_eq!(timeline.run(10), None);
    assert_eq!(timeline.run(11).unwrap().id, 11);
    let mut timeline = Timeline::default();
    for n in 0..MAX_STATES + 10 {
        let (phase, step) = (n % 6, n / 6 + 1);
        see(
            &mut timeline,
            PaneId(0),
            0,
            &format!("S;phase=p{phase};step={step}"),
        );
    }
    assert_eq!(timeline.states, MAX_STATES);
    for n in 0..MAX_PHASES + 10 {
        see(&mut timeline, PaneId(0), 0, &format!("S;phase=q{n}"));
    }
    assert_eq!(timeline.len(), MAX_PHASES);
}

#[test]
fn ignored_failures_leave_a_phase_passed() {
    let build = crate::ci::travis::load("script: make\nafter_script: [a, b]\n", "f").unwrap();
    let mut timeline = Timeline::for_job(&build.jobs[0]);
    play(
        &mut timeline,
        &[
            (0, "B;phase=after_script;step=2;of=2"),
            (1, "D;phase=after_script;step=2;status=1"),
        ],
    );
    let rows = timeline.list(at(1));
    let row = rows
        .iter()
        .find(|row| row.phase.as_str() == "after_script")
        .unwrap();
    assert_eq!((row.state, row.step, row.of), (State::Passed, 1, 2));
    assert!(rows.iter().any(|row| row.state == State::Pending));
}

#[test]
fn names_mean_phases_and_steps() {
    let mut timeline = Timeline::default();
    for text in [
        "B;phase=Run tests;step=1;of=1",
        "B;phase=Run lint: all;step=1;of=1",
        "B;phase=script;step=1;of=4",
        "B;phase=script:2;step=1;of=1",
    ] {
        see(&mut timeline, PANE, 0, text);
    }
    let phase = |phase, step| Ok(StepRef { phase, step });
    for (text, expected) in [
        ("script", phase(2, None)),
        ("script:4", phase(2, Some(4))),
        ("script:2", phase(3, None)),
        ("run t", phase(0, None)),
        ("Run lint: all", phase(1, None)),
        ("run lint:1", phase(1, Some(1))),
        ("script:5", Err("script has 4 steps, not 5".to_owned())),
        (
            "run",
            Err("run may be Run tests or Run lint: all".to_owned()),
        ),
        (
            "x\u{1b}",
            Err("no phase x (there are: Run tests, Run lint: all, script, script:2)".to_owned()),
        ),
        (
            "",
            Err("no phase  (there are: Run tests, Run lint: all, script, script:2)".to_owned()),
        ),
    ] {
        assert_eq!(timeline.resolve(text), expected, "{text}");
    }
}

#[test]
fn shells_report_by_identifier() {
    let mut job = crate::ci::travis::load("language: minimal\nscript: a\n", "f")
        .unwrap()
        .jobs[0]
        .clone();
    let phase = job.phases[0].clone();
    let names = ["Run tests", "Run_tests", "Run tests"];
    job.phases = names
        .map(|name| crate::ci::Phase {
            name: name.to_owned(),
            ..phase.clone()
        })
        .into();
    let mut timeline = Timeline::for_job(&job);
    for word in ["Run_tests", "Run_tests_2", "Run_tests_3"] {
        see(
            &mut timeline,
            PANE,
            0,
            &format!("B;phase={word};step=1;of=1"),
        );
        see(
            &mut timeline,
            PANE,
            2,
            &format!("D;phase={word};step=1;status=0"),
        );
    }
    assert_eq!(
        summary(&timeline, 3),
        "✓ Run tests 2.0s  ✓ Run_tests 2.0s  ✓ Run tests_2 2.0s"
    );
    let place = |text: &str| timeline.resolve(text).unwrap().phase;
    assert_eq!(
        [
            place("Run_tests"),
            place("Run tests_2"),
            place("Run_tests_3")
        ],
        [1, 2, 2]
    );
    let name = timeline.name(2).unwrap();
    assert_eq!(timeline.runs_of(name, Some(1)).count(), 1);
}
