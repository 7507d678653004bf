//! The build's timeline and panel, by real bash in a real pane: what fails is
//! seen, gone to, repaired, run again by a key and compared. What the panel does
//! in detail is in the engine's scenes.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod common;

use common::debug::{Log, prompt, typed};
use common::{World, until};
use serde_json::Value;

const BUILD: &str = "language: minimal\nbefore_script: skip\ninstall: ./fetch\nscript:\n  \
    - seq 1 300\n  - ./check\n  - echo linted\n";
const FETCH: &str = "#!/bin/sh\nprintf 'travis_fold:start:deps\\r\\033[0K'\nseq -f 'package %g' 1 50\n\
    printf 'travis_time:end:0c0ffee0:start=1700000000000000000,finish=1700000001200000000,duration=1200000000,event=install\\r\\033[0K'\n\
    printf 'travis_fold:end:deps\\r\\033[0K'\necho fetched\n";
const CHECK: &str = "#!/bin/sh\necho \"pid $$ at $(date +%T)\"\ntest -e fixed && echo good || echo BAD\ntest -e fixed\n";

fn world() -> World {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new();
    world.write("home/.travis.yml", BUILD);
    for (name, text) in [("home/fetch", FETCH), ("home/check", CHECK)] {
        let path = world.write(name, text);
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    world
}

#[test]
fn failed_step_is_seen_gone_to_run_again_and_compared() {
    let world = world();
    let log = Log::of(&world, ".travis.yml", &["--run"]);
    log.wait("decide the result of the build");
    prompt(&world, "debug:");
    let mut client = world.terminal(&["attach-session"], 90, 24);
    client.wait_status("✗ script 2/3 held");
    client.send(b"\x02S");
    client.wait_text("travis: held script:2");
    for text in [
        "✓ install  ./fetch",
        "⊘ before_script",
        "✗ 2  ./check",
        "○ 3  echo linted",
    ] {
        client.wait_text(text);
    }
    client.send(b"k\r");
    client.wait("the output of seq", |screen| {
        screen.contents().starts_with("1 ") || screen.contents().starts_with("1\n")
    });
    client.send(b"q");
    world.write("home/fixed", "");
    client.send(b"\x02Sr");
    client.wait_text("✓ 2  ./check");
    client.wait_text("2 runs");
    client.send(b"d");
    client.wait("the comparison", |screen| {
        let text = screen.contents();
        text.contains("1 line differs") && text.contains("BAD") && text.contains("good")
    });
    client.send(b"qn");
    // The session ends with the build, as soon as it is gone on with.
    let out = log.end();
    assert_eq!(out.status, Some(0), "{out:?}");
    assert!(out.stdout.contains("\nlinted\n"), "{}", out.stdout);
}

#[test]
fn log_diff_and_timeline_tell_what_ran() {
    let world = world();
    let _log = Log::of(&world, ".travis.yml", &[]).ready(&world);
    let run = |line: &str, runs: usize| {
        world.ok(&["send-keys", "-t", "debug:", line, "Enter"]);
        until(line, || {
            let json = world.ok(&["timeline", "--json"]);
            let json: Value = serde_json::from_str(&json).unwrap();
            let all = json["runs"].as_array().unwrap();
            all.len() == runs && all.iter().all(|run| run["running"] == false)
        });
        prompt(&world, "debug:");
    };
    run("travis_run_install", 1);
    run("travis_run_script 2", 2);
    world.write("home/fixed", "");
    run("travis_run_script 2", 3);
    let log = world.ok(&["phase", "log", "install"]);
    assert!(
        log.starts_with("package 1\n") && log.ends_with("package 50\nfetched\n"),
        "{log}"
    );
    let diff = world.ok(&["phase", "diff", "script:2"]);
    assert!(diff.ends_with("-BAD\n+good\n"), "{diff}");
    let json: Value = serde_json::from_str(&world.ok(&["timeline", "--json"])).unwrap();
    let runs = json["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 3, "{json}");
    assert_eq!(
        (&runs[1]["status"], &runs[2]["status"]),
        (&1.into(), &0.into())
    );
    let (begin, end) = (runs[2]["begins"].to_string(), runs[2]["ends"].to_string());
    let lines = world.ok(&["capture-pane", "-p", "-S", &begin, "-E", &end]);
    assert!(
        lines.ends_with("good\n") && lines.starts_with("pid "),
        "{lines}"
    );
    // A child without a terminal reports over the socket.
    let report = "$STEPMUX_BIN phase-report 'B;phase=script;step=3;of=3' </dev/null >/dev/null";
    typed(&world, "debug:", report);
    assert_eq!(
        world.ask("#{phase_name} #{phase_step} #{phase_status}"),
        "script 3 running"
    );
}
