//! What is taken home from a debug session: the export with its transcripts and
//! differences, the recording, and its replay, by stepmux and by asciinema.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::path::Path;
use std::process::{Child, Stdio};

use common::debug::{Log, typed};
use common::{World, finish, finish_child, until, until_or};
use rustix::process::{Pid, Signal, kill_process};

const SECRET: &str = "s3cr3t-value-of-the-token";

/// A build whose steps change the environment and show a secret.
fn build(world: &World) -> Log {
    let file = world.write(
        "home/.travis.yml",
        "language: minimal\ninstall: export STAGE=installed\nscript:\n  - echo \"first of $STAGE\"\n  \
         - export NEW_TOKEN=another-hidden-word; echo \"token $API_TOKEN\"\n  - \"(exit 3)\"\n",
    );
    let file = file.to_string_lossy().into_owned();
    let mut command = world.program(&["debug", "--file", &file]);
    command.env("API_TOKEN", SECRET);
    Log::by(command).ready(world)
}

fn record(world: &World, file: &Path) -> Child {
    let mut command = world.program(&["record", "-t", "debug"]);
    command.arg(file).env("API_TOKEN", SECRET);
    let child = command.stderr(Stdio::inherit()).spawn().unwrap();
    until("recording", || file.exists());
    child
}

fn text(path: impl AsRef<Path>) -> String {
    let path = path.as_ref();
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Everything below a directory, as one text.
fn all(dir: &Path) -> String {
    let mut found = String::new();
    for entry in std::fs::read_dir(dir).unwrap().flatten() {
        if entry.path().is_dir() {
            found += &all(&entry.path());
        } else {
            found += &String::from_utf8_lossy(&std::fs::read(entry.path()).unwrap());
        }
    }
    found
}

#[test]
fn export_has_what_ran_and_no_secret() {
    let world = World::new();
    let _log = build(&world);
    typed(&world, "debug:", "travis_run_install");
    typed(&world, "debug:", "travis_run_script");
    world.write("home/report/result.txt", format!("result {SECRET}\n"));
    std::os::unix::fs::symlink("/etc/passwd", world.path("home/report/link")).unwrap();
    let dir = world.path("bundle");
    let mut command = world.program(&["export", "-t", "debug", "--file", "report"]);
    command.arg(&dir).env("API_TOKEN", SECRET);
    let out = finish("export", command);
    assert_eq!(out.status, Some(0), "{out:#?}");
    assert!(out.stdout.contains("4 runs"), "{out:#?}");
    assert!(text(dir.join("steps/002-script-1.log")).contains("first of installed"));
    let log = text(dir.join("steps/003-script-2.log"));
    assert!(log.contains("token [secure]"), "{log}");
    let environ = text(dir.join("steps/install-1.env"));
    assert!(environ.contains("+STAGE=\"installed\"\n"), "{environ}");
    let environ = text(dir.join("steps/script-2.env"));
    assert!(environ.contains("+NEW_TOKEN=[secure]\n"), "{environ}");
    let timeline: serde_json::Value =
        serde_json::from_str(&text(dir.join("timeline.json"))).unwrap();
    assert_eq!(timeline["runs"][3]["status"], 3);
    assert_eq!(
        text(dir.join("files/report/result.txt")),
        "result [secure]\n"
    );
    assert!(!dir.join("files/report/link").exists());
    let all = all(&dir);
    for hidden in [SECRET, "another-hidden-word"] {
        assert!(!all.contains(hidden), "{hidden}");
    }
    // What is there is not written over.
    let again = finish("export", {
        let mut command = world.program(&["export", "-t", "debug"]);
        command.arg(&dir);
        command
    });
    assert_eq!(again.status, Some(1));
    assert!(again.stderr.contains("File exists"), "{again:#?}");
}

#[test]
fn recording_replays_to_the_screens_that_were_seen() {
    let world = World::new();
    let log = build(&world);
    let viewer = world.terminal(&["attach-session", "-r", "-t", "debug"], 90, 26);
    viewer.wait("status line", |screen| {
        screen.contents().contains("[debug]")
    });
    let file = world.path("session.cast");
    let name = file.to_string_lossy().into_owned();
    let recorder = record(&world, &file);
    typed(&world, "debug:", "travis_run_install");
    typed(&world, "debug:", "travis_run_script");
    world.ok(&["split-window", "-h", "-t", "debug:", "cat"]);
    world.ok(&["resize-window", "-t", "debug:", "-x", "70", "-y", "20"]);
    world.ok(&["resize-window", "-A", "-t", "debug:"]);
    // What was written last, with its size, comes to the file in a few seconds.
    let print = ["replay", "--print", name.as_str()];
    let shown = || world.run(&print).stdout;
    let trimmed = |text: &str| -> Vec<String> {
        let lines = text.trim_end().lines();
        lines.map(|line| line.trim_end().to_owned()).collect()
    };
    let seen = std::cell::RefCell::new(String::new());
    until_or(
        "the same screen",
        || {
            let replayed = shown();
            let picture = viewer.screen().replace(SECRET, &"*".repeat(SECRET.len()));
            *seen.borrow_mut() = format!("replayed:\n{replayed}\nseen:\n{picture}");
            let (a, b) = (trimmed(&replayed), trimmed(&picture));
            a == b && !a.is_empty()
        },
        || seen.borrow().clone(),
    );
    let listed = world.ok(&["replay", "--list", &name]);
    let steps: Vec<&str> = listed
        .lines()
        .filter_map(|line| line.split('\t').nth(1))
        .collect();
    assert_eq!(
        steps,
        ["install:1", "script:1", "script:2", "script:3"],
        "{listed}"
    );
    let before = world.ok(&["replay", "--print", "--at", "script:1", &name]);
    assert!(!before.contains("token ***"), "{before}");
    let after = world.ok(&["replay", "--print", &name]);
    // The install step has scrolled off as the pane became narrow.
    assert!(after.contains("exited with 3"), "{after}");
    assert!(!text(&file).contains(SECRET));
    // It ends with the session.
    world.ok(&["kill-session", "-t", "debug"]);
    assert_eq!(finish_child("record", recorder).status, Some(0));
    drop((viewer, log));
    plays_elsewhere(&world, &name);
}

/// asciinema draws the same as we do, and our player goes from step to step.
fn plays_elsewhere(world: &World, name: &str) {
    let last = world.ok(&["replay", "--print", name]);
    let lines = |text: &str| -> Vec<String> {
        let lines = text.trim_end().lines();
        lines.map(|line| line.trim_end().to_owned()).collect()
    };
    let words = ["asciinema", "play", "-s", "1000", "-i", "0.01", name];
    let theirs = world.on_terminal(&words.map(Into::into), 90, 26);
    theirs.wait("same screen", |screen| {
        lines(&screen.contents()) == lines(&last)
    });

    let mut player = world.terminal(&["replay", "--speed", "1", name], 100, 30);
    player.wait_text("playing");
    // Steps that ran in one moment are one place; behind the last is the end.
    player.send(" ]]]]");
    player.wait_text("paused  script:3");
    player.send("g");
    player.wait_text("0:00.0 /");
    player.wait_text("no step");
    player.send("]");
    player.wait_text("install:1");
    player.send("G>");
    player.wait_text("25%");
    player.send("q");
    player.finish();
    player.assert_restored();
}

#[test]
fn recorder_ends_when_told_and_leaves_nothing_behind() {
    let world = World::new();
    world.start(80, 24);
    let file = world.path("work.cast");
    let mut command = world.program(&["record", "-t", "work"]);
    let child = command.arg(&file).spawn().unwrap();
    until("recorder", || {
        std::fs::read_to_string(&file).is_ok_and(|text| text.ends_with('\n'))
    });
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    assert_eq!(finish_child("record", child).status, Some(0));
    assert_eq!(world.ok(&["list-clients"]), "");
    assert!(text(&file).contains("\"version\":2"), "{}", text(&file));
    // It looked only.
    let again = world.run(&["record", "-t", "work", &file.to_string_lossy()]);
    assert!(again.stderr.contains("File exists"), "{again:#?}");
    for (words, wanted) in [
        (&["replay", "/nonexistent"][..], "No such file"),
        (&["replay", "--print", "/etc/hostname"], "not the header"),
        (&["record", "-t", "nobody", "x"], "can't find"),
        (&["export", "-t", "nobody", "x"], "can't find"),
    ] {
        let out = world.run(words);
        assert_eq!(out.status, Some(1), "{words:?}");
        assert!(out.stderr.contains(wanted), "{words:?}: {out:#?}");
    }
}

#[test]
fn debug_records_by_itself_and_nobody_has_come_for_it() {
    let world = World::new();
    let file = world.path("debug.cast");
    let name = file.to_string_lossy().into_owned();
    let mut command = world.program(&["debug", "--file", common::debug::FIXTURE]);
    command.args(["--record", &name, "--wait", "10m", "--keep", "1h"]);
    command.env("API_TOKEN", SECRET);
    let log = Log::by(command).ready(&world);
    let at = "for n in 1 2 3; do printf '%*s%s\\n' $((70 + n)) '' \"$API_TOKEN\"; done; echo seen-$((40 + 2))";
    typed(&world, "debug:", at);
    assert_eq!(world.ok(&["list-clients"]), "");
    assert_eq!(world.ask("#{session_attached}"), "0");
    let left = world.ask("#{debug_left}");
    assert!(left.starts_with("10m") || left.starts_with('9'), "{left}");
    world.ok(&["finish", "-t", "debug", "-s", "1"]);
    assert_eq!(log.end().status, Some(1));
    // It is whole when the debug build is over.
    let recorded = text(&file);
    for part in SECRET.as_bytes().windows(6) {
        let part = std::str::from_utf8(part).unwrap();
        assert!(!recorded.contains(part), "{part}");
    }
    let seen = world.ok(&["replay", "--print", &name]);
    assert!(seen.contains("seen-42") && seen.contains("*****"), "{seen}");
    let mode = std::os::unix::fs::PermissionsExt::mode(&file.metadata().unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    // What is there is not written over, and no session is left.
    let again = world.run(&["debug", "--file", common::debug::FIXTURE, "--record", &name]);
    assert_eq!(again.status, Some(1), "{again:?}");
    assert!(again.stderr.contains("File exists"), "{again:?}");
    assert_eq!(world.run(&["has-session", "-t", "debug"]).status, Some(1));
    assert_eq!(text(&file), recorded);
}

#[test]
fn recording_of_a_detached_build_is_whole_when_it_was_waited_for() {
    let world = World::new();
    let file = world.path("away.cast");
    let name = file.to_string_lossy().into_owned();
    let words = [
        "debug",
        "--file",
        common::debug::FIXTURE,
        "--detach",
        "--record",
    ];
    let mut command = world.program(&words);
    command.arg(&name);
    let out = finish("debug", command);
    assert_eq!(out.status, Some(0), "{out:?}");
    common::debug::prompt(&world, "debug:");
    typed(&world, "debug:", "echo away-$((40 + 2))");
    world.ok(&["finish", "-s", "0", "-t", "debug"]);
    let out = world.run(&["debug", "wait"]);
    assert_eq!(out.status, Some(0), "{out:?}");
    let seen = world.ok(&["replay", "--print", &name]);
    assert!(seen.contains("away-42"), "{seen}");
}
