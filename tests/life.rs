//! The life of a debug VM for real: each limit, extension, `continue`, `finish`,
//! the file `continue`, signals, a killed server, detached waiting, several jobs;
//! what the log says of each, the exit status, and that no process is left. The
//! limits in all their combinations are tried in virtual time beside the engine.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod common;

use common::debug::{FIXTURE, Log, prompt, typed};
use common::{Output, World, finish_child, until};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// A file whose debug build was failed before.
const TAIL: &str = "\n\x1b[33;1mAll remaining steps, including caching and deploy, will be skipped.\
    \x1b[0m\n\n\x1b[33;1mThis is a debug build. The build result is reset to its previous value, \
    \"failed\".\x1b[0m\n\nDone. Your build exited with 1.\n";

/// Leaves a process in the session's background that no hang-up ends, in a
/// session of its own; its id.
fn stubborn(world: &World, target: &str) -> Pid {
    let file = world.path("stubborn");
    let script = format!(
        "setsid sh -c \"trap '' HUP TERM; echo \\$\\$ > {0}.new; mv {0}.new {0}; exec sleep 1000\" \
         >/dev/null 2>&1 </dev/null &",
        file.display()
    );
    world.ok(&["send-keys", "-t", target, "-l", &script]);
    world.ok(&["send-keys", "-t", target, "Enter"]);
    until("its process id", || file.exists());
    let text = std::fs::read_to_string(file).unwrap();
    Pid::from_raw(text.trim().parse().unwrap()).unwrap()
}

fn is_there(pid: Pid) -> bool {
    let stat = format!("/proc/{}/stat", pid.as_raw_nonzero());
    std::fs::read_to_string(stat).is_ok_and(|stat| !stat.contains(") Z "))
}

#[track_caller]
fn assert_ended(out: &Output, why: &str) {
    assert_eq!(out.status, Some(1), "{out:?}");
    assert!(
        out.stdout
            .contains(&format!("This debug build ends. {why}\n")),
        "{}",
        out.stdout
    );
    assert!(out.stdout.ends_with(TAIL), "{}", out.stdout);
}

#[test]
fn each_limit_ends_the_session_for_real() {
    for (limit, why) in [
        ("--wait", "Nobody came within 2 seconds."),
        ("--keep", "It was kept for 2 seconds."),
        ("--max", "It has reached its limit of 2 seconds."),
    ] {
        let world = World::new();
        let log = Log::start(&world, &[limit, "2"]);
        assert_ended(&log.end(), why);
        assert_eq!(world.run(&["list-sessions"]).status, Some(1));
    }
}

#[test]
fn idle_session_ends_and_takes_every_process_along() {
    let world = World::new();
    let log = Log::start(&world, &["--idle", "3"]).ready(&world);
    let left = stubborn(&world, "debug:");
    assert!(is_there(left));
    let client = world.terminal(&["attach-session"], 80, 24);
    client.wait("status line", |screen| {
        screen.contents().contains("[debug]")
    });
    assert_ended(&log.end(), "Nobody did anything for 3 seconds.");
    assert!(!is_there(left));
}

#[test]
fn extension_and_finish_are_told_and_obeyed() {
    let world = World::new();
    let log = Log::start(&world, &["--keep", "10m"]).ready(&world);
    assert!(
        log.text()
            .contains("\x1b[0m\nThis debug build will stay alive for 10 minutes.\nOutput from"),
        "{}",
        log.text()
    );
    let client = world.terminal(&["attach-session"], 100, 24);
    client.wait_status("ends in 10m");
    world.ok(&["extend", "-t", "debug", "1h"]);
    client.wait_text("This debug build now ends in 1 hour and 9 minutes.");
    client.wait_status("ends in 1h10m");
    log.wait("This debug build now ends in 1 hour and 9 minutes.\n");
    world.ok(&["finish", "--status", "7"]);
    let out = log.end();
    assert_eq!(out.status, Some(7), "{out:?}");
    assert!(
        out.stdout.contains("It was finished by hand.\n"),
        "{}",
        out.stdout
    );
    assert!(
        out.stdout
            .ends_with("\n\nDone. Your build exited with 7.\n"),
        "{}",
        out.stdout
    );
}

#[test]
fn file_and_command_continue_let_the_build_go_on() {
    let world = World::new();
    // One that was there before is not meant.
    let log = Log::start(&world, &[]).ready(&world);
    world.write("home/continue", "");
    let out = log.end();
    assert_eq!(out.status, Some(0), "{out:?}");
    let said = "\nExiting debugging session because the continue file was created\n\
                This debug build ends. The build goes on.\n";
    assert!(out.stdout.contains(said), "{}", out.stdout);
    assert!(
        out.stdout
            .ends_with("\n\nDone. Your build exited with 0.\n"),
        "{}",
        out.stdout
    );

    let log = Log::start(&world, &[]).ready(&world);
    world.ok(&["continue"]);
    assert_eq!(log.end().status, Some(0));
}

#[test]
fn terminated_build_leaves_no_process() {
    let world = World::new();
    let mut command = world.program(&["debug", "--file", FIXTURE]);
    command.env("CI", "true");
    let child = command.spawn().unwrap();
    let pid = Pid::from_child(&child);
    world.wait("session", &["list-sessions"], |text| {
        text.starts_with("debug:")
    });
    prompt(&world, "debug:");
    let left = stubborn(&world, "debug:");
    kill_process(pid, Signal::TERM).unwrap();
    let out = finish_child("debug", child);
    assert_eq!(out.status, Some(143), "{out:?}");
    until("its end", || !is_there(left));
    until("the server's end", || {
        world.run(&["list-sessions"]).status == Some(1)
    });
}

#[test]
fn killed_server_ends_the_build_and_its_processes() {
    let world = World::new();
    let log = Log::start(&world, &["--previous", "errored"]).ready(&world);
    let left = stubborn(&world, "debug:");
    kill_process(world.pid(), Signal::KILL).unwrap();
    let out = log.end();
    assert_eq!(out.status, Some(2), "{out:?}");
    assert!(out.stderr.contains("server exited unexpectedly"), "{out:?}");
    assert!(!is_there(left));
}

#[test]
fn detached_session_is_waited_for_later() {
    let world = World::new();
    let out = world.run(&[
        "debug",
        "--file",
        FIXTURE,
        "--detach",
        "--previous",
        "passed",
    ]);
    assert_eq!(out.status, Some(0), "{out:?}");
    assert!(
        out.stdout
            .ends_with("Wait for its end by: stepmux debug wait\n"),
        "{}",
        out.stdout
    );
    prompt(&world, "debug:");
    let log = Log::by_words(
        &world,
        &["debug", "wait", "--wait", "10m"],
        "attach-session",
    );
    log.wait("Waiting for somebody to come, at most 10 minutes.\n");
    world.wait(
        "limit",
        &["display-message", "-p", "-t", "debug:", "#{debug_left}"],
        |text| text == "10m\n",
    );
    until("its output", || {
        typed(&world, "debug:", "echo what it-$((1 + 1))-says");
        log.text().contains("what it-2-says\n")
    });
    world.ok(&["send-keys", "-t", "debug:", "exit", "Enter"]);
    let out = log.end();
    assert_eq!(out.status, Some(0), "{out:?}");
    let again = world.run(&["debug", "wait"]);
    assert_eq!(again.status, Some(1), "{again:?}");
    assert!(again.stderr.contains("no debug session debug was left"));

    // One that has ended before is told of all the same.
    let out = world.run(&["debug", "--file", FIXTURE, "--detach"]);
    assert_eq!(out.status, Some(0), "{out:?}");
    world.ok(&["finish", "-s", "9"]);
    world.wait("end", &["list-clients"], |_| true);
    until("its end", || {
        world.run(&["has-session", "-t", "debug"]).status == Some(1)
    });
    let out = world.run(&["debug", "wait"]);
    assert_eq!(out.status, Some(9), "{out:?}");
}

#[test]
fn programs_are_told_how_to_join() {
    let world = World::new();
    let ready = world.path("ready.json");
    let mut command = world.program(&["debug", "--file", FIXTURE, "--json", "--keep", "1h"]);
    command.args(["--listen", "127.0.0.1:0", "--ready-file"]);
    command.arg(&ready);
    for name in ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"] {
        command.env(name, world.path(name));
    }
    let log = Log::by_saying(command, &["\"event\":\"ready\""]);
    until("ready file", || ready.exists());
    let told: Value = serde_json::from_str(&std::fs::read_to_string(&ready).unwrap()).unwrap();
    let ssh = told["ssh"].as_str().unwrap();
    assert!(ssh.starts_with("ssh -p "), "{told}");
    assert_eq!(told["limits"]["keep"], 3600);
    let read = |name: &str| std::fs::read_to_string(world.path(name)).unwrap();
    assert!(read("GITHUB_OUTPUT").contains(&format!("\nssh-command={ssh}\n")));
    assert!(read("GITHUB_STEP_SUMMARY").contains(&format!("\n{ssh}\n")));
    prompt(&world, "debug:");
    typed(&world, "debug:", "echo for-$((2 * 3))-programs");
    world.ok(&["send-keys", "-t", "debug:", "exit", "Enter"]);
    let out = log.end();
    let events: Vec<Value> = out
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(events[0]["ssh"], ssh);
    let said = |event: &Value| event["text"] == "for-6-programs";
    assert!(events.iter().any(said), "{}", out.stdout);
    let last = events.last().unwrap();
    assert_eq!(
        (&last["event"], &last["reason"], &last["status"]),
        (&"end".into(), &"exit".into(), &1.into())
    );
}

#[test]
fn secrets_do_not_reach_the_log() {
    let world = World::new();
    let mut command = world.program(&["debug", "--file", FIXTURE, "--mask", "MINE"]);
    command
        .env("MINE", "correct horse battery")
        .env("SOME_TOKEN", "t0k3n+value/of=mine");
    let log = Log::by(command).ready(&world);
    typed(
        &world,
        "debug:",
        "echo \"<$MINE>\"; for i in $(seq 3); do printf '\\033[3%dm%s' $i \"${SOME_TOKEN:$((i*7-7)):7}\"; done; \
         echo '|'; printf %s \"$SOME_TOKEN\" | base64; printf '%s\\n' \"$SOME_TOKEN\" | fold -w 5; echo done-$((3 + 4))",
    );
    log.wait("done-7\n");
    let text = log.text();
    assert!(text.contains("<[secure]>\n"), "{text}");
    assert!(text.contains("[secure]|\n[secure]"), "{text}");
    for part in ["correct", "t0k3n", "value/of", "dDBrM24r"] {
        assert!(!text.contains(part), "{part}: {text}");
    }

    let out = world.run(&[
        "debug", "--file", FIXTURE, "--name", "b", "--mask", "NOSUCH",
    ]);
    assert_eq!(out.status, Some(1), "{out:?}");
    assert!(
        out.stderr
            .starts_with("can't mask NOSUCH: there is no such variable"),
        "{out:?}"
    );
}

#[test]
fn several_jobs_have_a_session_each_and_the_worst_status_counts() {
    let world = World::new();
    let text = "script: make\njobs:\n  include:\n    - name: unit\n    - name: lint it\n";
    world.write("home/jobs.yml", text);
    let more = ["--all-jobs", "--listen", "127.0.0.1:0", "--keep", "1h"];
    let log = Log::of(&world, "jobs.yml", &more);
    log.wait("Job lint it:\n");
    until("both lines", || {
        log.text().matches("32;1mssh -p ").count() == 2
    });
    for name in ["debug-1-unit", "debug-2-lint-it"] {
        prompt(&world, &format!("{name}:"));
    }
    typed(&world, "debug-2-lint-it:", "echo from-$((1 + 1))");
    log.wait("[debug-2-lint-it] from-2\n");
    world.ok(&["extend", "-t", "debug-1-unit", "1h"]);
    world.ok(&["finish", "-t", "debug-1-unit", "-s", "3"]);
    log.wait("[debug-1-unit] This debug build ends. It was finished by hand.\n");
    world.ok(&["finish", "-t", "debug-2-lint-it", "-s", "5"]);
    let out = log.end();
    assert_eq!(out.status, Some(5), "{out:?}");
    let tail = "debug-1-unit exited with 3.\ndebug-2-lint-it exited with 5.\n\n\
                Done. Your build exited with 5.\n";
    assert!(out.stdout.ends_with(tail), "{}", out.stdout);
}

#[test]
fn neither_home_nor_terminal_is_needed() {
    for home in [None, Some("/proc/nowhere")] {
        let world = World::new();
        let mut command = world.program(&["debug", "--file", FIXTURE]);
        command.args(["--listen", "127.0.0.1:0", "--keep", "1h", "--quiet"]);
        command.env_remove("HOME").env_remove("TERM");
        command
            .env_remove("XDG_STATE_HOME")
            .env_remove("XDG_CONFIG_HOME");
        if let Some(home) = home {
            command.env("HOME", home);
        }
        let log = Log::by(command);
        log.wait("32;1mssh -p ");
        log.wait("Host key: SHA256:");
        world.ok(&["finish", "-s", "0"]);
        assert_eq!(log.end().status, Some(0), "{home:?}");
    }
}

#[test]
fn line_is_repeated_until_somebody_comes() {
    let world = World::new();
    let log = Log::start(
        &world,
        &["--announce-every", "1", "--listen", "127.0.0.1:0"],
    )
    .ready(&world);
    until("repetition", || {
        log.text().matches("\nSSH: ssh -p ").count() >= 2
    });
    let client = world.terminal(&["attach-session"], 80, 24);
    client.wait("status line", |screen| {
        screen.contents().contains("[debug]")
    });
    world.ok(&["finish"]);
    assert_eq!(log.end().status, Some(1));
}

/// What a person must be able to follow: several panes, progress bars, a
/// full-screen program, a secret that each of them shows.
#[test]
fn log_of_a_busy_session_reads_as_one() {
    let world = World::new();
    world.write("home/notes.txt", "first note\nsecond note\n");
    let bars = world.write(
        "home/bars.sh",
        "echo fetching\nfor n in 10 40 100; do printf '\\r%3d%% of it' $n; done; echo\n\
         printf 'one: wait\\ntwo: wait\\n'\n\
         for n in 50 100; do printf '\\033[2A\\033[Kone: %d%%\\n\\033[Ktwo: %d%%\\n' $n $n; done\n\
         printf '\\033[31mred %s\\033[m\\n' \"$SOME_TOKEN\"\n",
    );
    let mut command = world.program(&["debug", "--file", FIXTURE, "--keep", "1h"]);
    command.env("SOME_TOKEN", "a-token-of-mine");
    let log = Log::by(command).ready(&world);
    typed(&world, "debug:", &format!("sh {}", bars.display()));
    world.ok(&[
        "split-window",
        "-t",
        "debug:",
        "sh -c 'echo beside; exec cat'",
    ]);
    log.wait("[0.1] beside\n");
    world.ok(&[
        "new-window",
        "-t",
        "debug:",
        "sh -c 'echo elsewhere; exec cat'",
    ]);
    log.wait("[1] elsewhere\n");
    world.ok(&["send-keys", "-t", "debug:0.0", "less notes.txt", "Enter"]);
    let asked = ["capture-pane", "-p", "-t", "debug:0.0"];
    world.wait("less", &asked, |text| text.contains("second note"));
    world.ok(&["send-keys", "-t", "debug:0.0", "q"]);
    log.wait("second note\n");
    world.ok(&["finish", "-t", "debug", "-s", "0"]);
    let out = log.end();
    let text = out.stdout;
    for lines in [
        "fetching\n100% of it\none: wait\ntwo: wait\none: 100%\ntwo: 100%\nred [secure]\n",
        "(full-screen program)\n(less had the screen",
        "at its end it showed:)\n  first note\n  second note\n",
        "It was finished by hand.\n",
    ] {
        assert!(text.contains(lines), "{lines:?} in\n{text}");
    }
    assert!(!text.contains("a-token"), "{text}");
    let control = |ch: char| ch.is_control() && ch != '\n';
    let shown = text.split("will be shown below:").nth(1).unwrap();
    let shown = shown.split("This debug build ends").next().unwrap();
    assert!(
        !shown.trim_start_matches("\x1b[0m").contains(control),
        "{shown:?}"
    );
    // The log's last word is not a prompt's.
    let end = "It was finished by hand.\n\nDone. Your build exited with 0.\n";
    assert!(text.ends_with(end), "{text}");
}
