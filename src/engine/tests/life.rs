//! The life of a debug build in virtual time: each limit, warnings, extension,
//! what its log says, and the end of its processes.

use super::*;
use crate::ci::life::Limits;
use crate::ci::model::{Build, Job, System};
use crate::ci::plan::Plan;
use crate::mux::effect::EndSignal;

const fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes * 60)
}

/// A debug session with these limits, watched by a log.
pub(super) fn debugged(limits: Limits, runs: bool) -> Scene {
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
        limits,
        runs,
        secrets: vec!["hunter2-secret".to_owned()],
    };
    scene.file = Some(serde_json::to_vec(&plan).unwrap());
    scene.run("debug-session -s build --watch --plan /run/build/plan.json");
    assert_eq!(scene.errors, "");
    scene.log.clear();
    scene
}

impl Scene {
    fn is_there(&self) -> bool {
        !self.engine.mux().sessions.is_empty()
    }

    /// What the end's file holds.
    fn end(&self) -> Option<&str> {
        self.reached.iter().rev().find_map(|effect| match effect {
            Effect::Note { path, text } if path == "/run/build/end" => Some(text.trim()),
            _ => None,
        })
    }
}

fn limits() -> Limits {
    Limits {
        wait: Some(minutes(10)),
        keep: Some(minutes(30)),
        idle: Some(minutes(7)),
        max: Some(minutes(60)),
        cap: None,
    }
}

#[test]
fn debug_build_ends_when_nobody_comes() {
    let mut scene = debugged(limits(), false);
    scene.later(minutes(9));
    assert!(scene.is_there() && scene.signals.is_empty());
    assert_eq!(
        scene.log,
        "This debug build ends in 5 minutes. To stay longer: stepmux extend 30m\n\
         This debug build ends in 1 minute. To stay longer: stepmux extend 30m\n"
    );
    scene.log.clear();
    scene.later(minutes(1));
    assert_eq!(
        scene.log,
        "This debug build ends. Nobody came within 10 minutes.\n"
    );
    assert_eq!(scene.signals, [EndSignal::Hangup]);
    // The shell does not end by the hang-up.
    assert!(scene.is_there() && scene.end().is_none());
    scene.later(Duration::from_secs(3));
    assert!(!scene.is_there());
    assert_eq!(scene.end(), Some(r#"{"reason":"wait","status":null}"#));
}

#[test]
fn debug_build_ends_when_nobody_does_anything() {
    let mut scene = debugged(
        Limits {
            keep: None,
            ..limits()
        },
        false,
    );
    let client = scene.attach(80, 24, Grant::Type);
    for _ in 0..3 {
        scene.later(minutes(6));
        scene.keys(client, b"x");
    }
    // Output counts while somebody is here.
    scene.later(minutes(6));
    scene.output(0, b"still compiling\r\n");
    scene.later(minutes(5));
    assert!(scene.is_there() && scene.end().is_none());
    scene.later(minutes(3));
    assert_eq!(scene.end(), Some(r#"{"reason":"idle","status":null}"#));
    assert!(scene.log.contains("Nobody did anything for 7 minutes.\n"));
}

#[test]
fn leaving_begins_the_idle_time_and_output_alone_does_not_keep_it() {
    let mut scene = debugged(limits(), false);
    let client = scene.attach(80, 24, Grant::Type);
    scene.later(minutes(6));
    scene.turn(Event::Gone { client });
    scene.later(minutes(6));
    scene.output(0, b"nobody sees this\r\n");
    assert!(scene.is_there());
    scene.later(minutes(2));
    assert_eq!(scene.end(), Some(r#"{"reason":"idle","status":null}"#));
}

#[test]
fn debug_build_is_kept_so_long_and_longer_when_extended() {
    let mut scene = debugged(
        Limits {
            idle: None,
            ..limits()
        },
        false,
    );
    let client = scene.attach(80, 24, Grant::View);
    scene.later(minutes(25) + Duration::from_secs(1));
    assert!(scene.screen(client).contains("ends in 5 minutes"));
    scene.run("extend 20m");
    assert_eq!(scene.errors, "");
    assert!(
        scene
            .log
            .ends_with("now ends in 24 minutes and 59 seconds.\n"),
        "{}",
        scene.log
    );
    assert_eq!(scene.run("display-message -p #{debug_left}"), "25m\n");
    scene.run("extend 2h");
    // Up to the limit of all.
    assert!(
        scene
            .log
            .ends_with("now ends in 34 minutes and 59 seconds.\n"),
        "{}",
        scene.log
    );
    scene.run("extend 1m");
    assert!(scene.errors.contains("may not stay longer than 1 hour"));
    scene.later(minutes(34));
    assert!(scene.is_there());
    assert_eq!(scene.run("display-message -p #{debug_left}"), "0:59\n");
    scene.later(minutes(2));
    assert_eq!(scene.end(), Some(r#"{"reason":"max","status":null}"#));
}

#[test]
fn limits_count_from_the_build_where_it_runs_first() {
    let mut scene = debugged(
        Limits {
            max: None,
            ..limits()
        },
        true,
    );
    scene.run("debug-notice -e 1m -a Wait SSH:x");
    scene.later(minutes(50));
    assert!(scene.is_there());
    assert_eq!(scene.log.matches("SSH:x\n").count(), 50);
    assert!(!scene.log.contains("Wait"));
    scene.output(0, b"\x1b]7717;n0nce;H;phase=script;step=1;status=1\x07");
    assert!(scene.log.contains("Wait\n"), "{}", scene.log);
    scene.later(minutes(9));
    assert!(scene.is_there());
    scene.later(minutes(2));
    assert_eq!(scene.end(), Some(r#"{"reason":"wait","status":null}"#));
}

#[test]
fn line_is_repeated_until_somebody_comes() {
    let mut scene = debugged(Limits::default(), false);
    scene.run("debug-notice -e 5 SSH:x");
    scene.later(Duration::from_secs(12));
    assert_eq!(scene.log, "SSH:x\n".repeat(2));
    let client = scene.attach(80, 24, Grant::Type);
    scene.later(minutes(5));
    scene.turn(Event::Gone { client });
    scene.later(minutes(5));
    assert_eq!(scene.log.lines().count(), 2);
}

#[test]
fn finish_and_continue_end_it_with_their_reason() {
    for (line, end, said) in [
        (
            "finish --status 7",
            r#"{"reason":"finish","status":7}"#,
            "It was finished by hand.",
        ),
        (
            "finish",
            r#"{"reason":"finish","status":null}"#,
            "It was finished by hand.",
        ),
        (
            "continue",
            r#"{"reason":"continue","status":null}"#,
            "The build goes on.",
        ),
    ] {
        let mut scene = debugged(Limits::default(), false);
        scene.run(line);
        assert_eq!(scene.log, format!("This debug build ends. {said}\n"));
        // The shell takes the hang-up.
        let status = ExitStatus::Code(0);
        scene.turn(Event::PaneExited {
            pane: PaneId(0),
            status,
        });
        assert!(!scene.is_there());
        assert_eq!(scene.end(), Some(end), "{line}");
    }
    let mut scene = debugged(Limits::default(), false);
    scene.run("finish -s 256");
    assert!(scene.errors.contains("no exit status: 256 (0 to 255)"));
    scene.errors.clear();
    scene.run("extend 5m");
    assert!(scene.errors.contains("this debug build has no limit"));
    let watcher = scene.attach(80, 24, Grant::View);
    for line in ["finish", "continue", "extend 5m"] {
        scene.errors.clear();
        scene.run_as(watcher, line);
        scene.later(minutes(1));
        assert!(scene.is_there(), "{line}");
    }
}

#[test]
fn log_goes_on_only_when_every_process_has_ended() {
    let mut scene = debugged(Limits::default(), false);
    scene.left = 2;
    scene.run("kill-session");
    assert_eq!(scene.end(), Some(r#"{"reason":"exit","status":null}"#));
    let gone = |scene: &Scene| !scene.exits.is_empty();
    let before = scene.exits.len();
    scene.later(Duration::from_secs(2));
    assert_eq!(scene.exits.len(), before);
    assert!(!scene.signals.contains(&EndSignal::Kill));
    scene.later(Duration::from_secs(1));
    assert!(scene.signals.contains(&EndSignal::Kill));
    scene.left = 0;
    scene.later(Duration::from_secs(1));
    assert!(
        gone(&scene) && scene.exits.len() > before,
        "{:?}",
        scene.exits
    );
    let looks = scene.signals.len();
    scene.later(minutes(1));
    assert_eq!(scene.signals.len(), looks);
}

#[test]
fn log_shows_every_pane_and_no_secret() {
    let mut scene = debugged(Limits::default(), false);
    scene.output(0, b"token hunter2-\x1b[1msec");
    scene.output(0, b"ret\x1b[m end\r\nwrapped hunter2\r\n-secret!\r\n");
    scene.run("new-window -t build");
    scene.output(1, b"aHVudGVyMi1zZWNyZXQ=\r\n\r\n10%\r50%\r100%\r\n");
    assert_eq!(
        scene.log,
        "token [secure] end\nwrapped [secure]\n!\n[1] [secure]=\n[1]\n[1] 100%\n"
    );
}

#[test]
fn guest_who_only_looks_sees_no_secret_and_others_do() {
    let mut scene = debugged(Limits::default(), false);
    scene.share(crate::mux::effect::SharePolicy::default());
    let viewer = scene.guest("ann", Grant::View);
    let typist = scene.guest("bob", Grant::Type);
    let texts: [&[u8]; 5] = [
        b"<hunter2-secret>",
        b"<hunter2-\x1b[31msec\x1b[mret>",
        // Over the end of a row of 100 columns, or of 80.
        b"\x1b[2;93H<hunter2-secret>",
        b"\x1b[2;73H<hunter2-secret>\r\n<hunter2-secret>",
        b"<hunter2-\r\nsecret>",
    ];
    for text in texts {
        scene.output(0, b"\x1b[H\x1b[2J");
        for byte in text.chunks(1) {
            scene.output(0, byte);
            let seen: String = scene.screen(viewer).split_whitespace().collect();
            assert!(!seen.contains("hunter2"), "{seen}");
            assert!(!seen.contains("cret"), "{seen}");
        }
        scene.later(Duration::from_secs(1));
        let seen: String = scene.screen(typist).split_whitespace().collect();
        assert!(seen.contains("<hunter2-secret>"), "{seen}");
        let seen: String = scene.screen(viewer).split_whitespace().collect();
        assert!(seen.contains("<**************>"), "{seen}");
    }
    // Its beginning has scrolled away.
    scene.output(0, b"\x1b[H\x1b[2Jhunter2-\r\nsecret");
    for _ in 0..30 {
        scene.output(0, b"\r\n");
        scene.later(Duration::from_millis(100));
        assert!(!scene.screen(viewer).contains("secret"));
    }
    // What is printed for them, and the option.
    scene.output(0, b"\x1b[H\x1b[2Jhunter2-secret");
    let eve = scene.guest_with("eve", Grant::View, false);
    let viewing = scene.run_as(eve, "capture-pane -p");
    assert!(viewing.starts_with("[secure]\n"), "{viewing}");
    scene.run("set-option -g mask-view off");
    scene.later(Duration::from_secs(1));
    assert!(scene.screen(viewer).contains("hunter2-secret"));
}
