//! `stepmux debug` from its command line to its exit status, as a CI runs it:
//! the log it prints, the ssh line in it, the phases in every window, and the
//! end. What the phase functions do to a shell in detail is in `phases.rs`.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod common;

use std::net::TcpListener;

use common::debug::{FIXTURE, Log, prompt, typed};
use common::guest::door;
use common::{Client, Share, World, until};
use serde_json::Value;

/// The ends of the lines that say how a step of `script` ended; a command of
/// several lines ends in one that begins with its quote.
fn results(text: &str) -> Vec<String> {
    let text = text.replace("^[[32;1m", "").replace("^[[31;1m", "");
    let told = |line: &str| {
        let (command, status) = line.split_once(" exited with ")?;
        let status = status.split_once('.')?.0;
        let command = command.rsplit("^[[0K").next()?;
        let quoted = command.starts_with("The command \"") || command == "\"";
        quoted.then(|| format!("{command} {status}"))
    };
    text.lines().filter_map(told).collect()
}

#[test]
fn printed_line_joins_with_stock_openssh() {
    let world = World::new();
    let log = Log::start(&world, &["--listen", "127.0.0.1:0"]).ready(&world);
    let text = log.text();
    assert!(
        text.starts_with("\x1b[33;1mDebug build initiated by octo\x1b[0m\n"),
        "{text}"
    );
    let after = "access the interactive debugging environment:\x1b[0m\n\x1b[32;1m";
    let (_, rest) = text.split_once(after).expect("the banner");
    let (line, _) = rest.split_once("\x1b[0m\n").unwrap();
    let (port, token) = door(line);
    let known = text
        .lines()
        .find_map(|line| line.strip_prefix("known_hosts: "));
    world.write(
        "known_hosts",
        format!("{}\n", known.expect("a known_hosts line")),
    );
    let read_only = text
        .lines()
        .find_map(|line| line.strip_prefix("Read-only: "));
    let (_, view_token) = door(read_only.expect("a read-only line"));
    assert_ne!(token, view_token);

    let share = Share {
        port,
        token,
        view_token,
        printed: text,
    };
    let join = |token: &str| -> Client {
        let mut words = world.ssh_words(share.port);
        words.push(format!("{token}@127.0.0.1").into());
        let client = world.on_terminal(&words, 100, 30);
        client.wait("status line", |screen| {
            screen.contents().contains("[debug]")
        });
        client
    };
    let mut guest = join(&share.token);
    let watcher = join(&share.view_token);
    guest.wait_text("travis_run_before_install");
    guest.send("travis_run_script 2\r");
    for client in [&guest, &watcher] {
        client.wait_text("The command \"(exit 5)\" exited with 5.");
        client.wait_status("script");
    }
    // The end of the shell is the end of the session, and of its guests.
    guest.send("exit\r");
    assert_eq!(log.end().status, Some(1));
    guest.finish();
    guest.assert_restored();
}

#[test]
fn phases_give_the_documented_results() {
    let world = World::new();
    let log = Log::start(&world, &[]).ready(&world);
    assert!(
        log.text().contains("attach-session -t debug\x1b[0m\n"),
        "{}",
        log.text()
    );
    let got = typed(&world, "debug:", "travis_run_build");
    let expected = results(include_str!("fixtures/ci/build.transcript"));
    assert_eq!(expected.len(), 5, "{expected:?}");
    assert_eq!(results(&got), expected, "{got}");
    for line in [
        "in the lab, green",
        "Skipping the before_script step, as specified in the configuration.",
        "first: lab",
        "round 2",
        "result=1",
        "/tmp",
        "Done. Your build exited with 1.",
    ] {
        assert!(got.lines().any(|l| l == line), "no {line:?} in\n{got}");
    }
    assert!(!got.contains("not reached"), "{got}");
}

#[test]
fn phase_commands_formats_and_status_line_show_what_ran() {
    let world = World::new();
    let _log = Log::start(&world, &[]).ready(&world);
    let client = world.terminal(&["attach-session"], 120, 24);
    client.wait("status line", |screen| {
        screen.contents().contains("[debug]")
    });
    assert_eq!(world.ok(&["phase", "status"]).trim(), "");
    assert!(typed(&world, "debug:", "travis_run_before_install").contains("end-0-of"));
    typed(&world, "debug:", "travis_run_script");

    let list = world.ok(&["phase", "list", "-t", "debug"]);
    let row = |name: &str| {
        let row = list
            .lines()
            .find(|line| line.split_whitespace().nth(1) == Some(name));
        let row = row.unwrap_or_else(|| panic!("no {name} in\n{list}"));
        row.split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        row("before_install")[..5],
        ["✓", "before_install", "2/2", "exit", "0"]
    );
    assert_eq!(row("before_script")[0], "⊘");
    assert_eq!(row("script")[..5], ["✗", "script", "2/5", "exit", "5"]);
    assert_eq!(row("after_script")[..3], ["○", "after_script", "0/2"]);

    let json: Value = serde_json::from_str(&world.ok(&["phase", "list", "--json"])).unwrap();
    let phase = |name: &str| {
        let all = json["phases"].as_array().unwrap();
        all.iter()
            .find(|phase| phase["name"] == name)
            .unwrap()
            .clone()
    };
    assert_eq!(phase("before_install")["state"], "passed");
    assert_eq!(
        (&phase("script")["state"], &phase("script")["status"]),
        (&"failed".into(), &5.into())
    );
    assert_eq!(phase("after_script")["state"], "pending");
    let runs = json["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 7, "{json}");
    assert!(
        runs.iter()
            .all(|run| run["running"] == false && run["pane"] == "%0"),
        "{json}"
    );

    let summary = world.ask("#{phase_summary}");
    assert!(summary.starts_with("✓ before_install "), "{summary}");
    assert!(summary.contains("✗ script 2/5"), "{summary}");
    assert_eq!(world.ok(&["phase", "status"]).trim_end(), summary);
    client.wait_status("✗ script 2/5");
    // Where the summary stands is the user's choice, as with any format.
    world.ok(&["set-option", "-g", "status-left", "#{phase_summary}|"]);
    world.ok(&["set-option", "-g", "status-left-length", "50"]);
    client.wait("summary at the left", |screen| {
        screen
            .contents()
            .lines()
            .last()
            .is_some_and(|line| line.starts_with("✓ before_install"))
    });
}

#[test]
fn failing_phase_ends_nothing_and_state_holds_in_the_next() {
    let world = World::new();
    let file = "language: minimal\n\
        before_install: [cd /usr, export WHO=me, 'f() { echo \"fun $1\"; }']\n\
        install: [\"false\", echo LATER]\n\
        before_script: [exit 7]\n\
        script: ['echo \"$PWD $WHO $(f x)\"', set -e, \"false\"]\n";
    world.write("home/own.yml", file);
    let _log = Log::of(&world, "own.yml", &[]).ready(&world);
    let shell = world.ask("#{pane_id} #{pane_pid}");
    assert!(typed(&world, "debug:", "travis_run_before_install").contains("end-0-of"));
    for (phase, end) in [
        ("travis_run_install", "end-1-of"),
        ("travis_run_before_script", "end-7-of"),
        ("travis_run_script", "end-1-of"),
    ] {
        let got = typed(&world, "debug:", phase);
        assert!(
            got.contains(end) && !got.lines().any(|l| l == "LATER"),
            "{phase}:\n{got}"
        );
        assert_eq!(
            phase == "travis_run_script",
            got.contains("/usr me fun x\n"),
            "{got}"
        );
    }
    assert!(
        typed(&world, "debug:", "pwd")
            .lines()
            .any(|line| line == "/usr")
    );
    assert_eq!(world.ask("#{pane_id} #{pane_pid}"), shell);
    assert_eq!(
        world.ask("#{session_name} #{session_windows} #{pane_dead}"),
        "debug 1 0"
    );
}

#[test]
fn every_window_has_the_phases_and_the_last_ends_the_build() {
    let world = World::new();
    let log = Log::start(&world, &["--previous", "passed"]).ready(&world);
    world.ok(&["new-window", "-t", "debug:"]);
    world.ok(&["split-window", "-t", "debug:1"]);
    for (target, line) in [
        ("debug:1.0", "travis_run_script 1"),
        ("debug:1.1", "travis_run_after_script 1"),
    ] {
        prompt(&world, target);
        let got = typed(&world, target, line);
        assert!(got.contains("end-0-of"), "{got}");
        assert!(!got.contains("not found"), "{got}");
    }
    // The program is found there by its name, wherever it lies.
    let got = typed(
        &world,
        "debug:0",
        "stepmux display-message -p '#{session_name}'",
    );
    assert!(got.lines().any(|line| line == "debug"), "{got}");
    // Both were seen to run, each in its pane.
    let list = world.ok(&["phase", "list"]);
    let ran = |name: &str, id: &str| list.lines().any(|l| l.contains(name) && l.ends_with(id));
    assert!(ran("script ", "%1") && ran("after_script", "%2"), "{list}");

    world.ok(&["send-keys", "-t", "debug:0", "exit", "Enter"]);
    world.wait("one window", &["list-windows", "-t", "debug"], |text| {
        text.lines().count() == 1
    });
    assert!(!log.text().contains("Done."), "{}", log.text());
    world.ok(&["kill-window", "-t", "debug:1"]);
    let out = log.end();
    assert_eq!(out.status, Some(0), "{out:?}");
    let tail = "\n\x1b[33;1mThis is a debug build. The build result is reset to its previous \
                value, \"passed\".\x1b[0m\n\nDone. Your build exited with 0.\n";
    assert!(out.stdout.ends_with(tail), "{}", out.stdout);
}

#[test]
fn status_is_the_builds_before() {
    for (previous, status) in [("failed", 1), ("errored", 2), ("canceled", 86)] {
        let world = World::new();
        let log = Log::start(&world, &["--previous", previous]).ready(&world);
        world.ok(&["kill-session", "-t", "debug"]);
        let out = log.end();
        assert_eq!(
            (out.status, out.stderr.as_str()),
            (Some(status), ""),
            "{previous}"
        );
        let done = format!("\nDone. Your build exited with {status}.\n");
        assert!(out.stdout.ends_with(&done), "{}", out.stdout);
        assert_eq!(left(&world), Vec::<String>::new(), "{previous}");
    }
}

/// The directories of debug sessions that are there.
fn left(world: &World) -> Vec<String> {
    let mut dir = world.socket().into_os_string();
    dir.push(".d");
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

#[test]
fn log_mirrors_the_panes_unless_it_is_quiet() {
    let world = World::new();
    let log = Log::start(&world, &[]).ready(&world);
    typed(
        &world,
        "debug:",
        "printf '\\033[31mred\\033[m %s\\n' mirrored",
    );
    log.wait("red mirrored\n");
    assert!(
        log.text().contains("shown below:\x1b[0m\n\n"),
        "{}",
        log.text()
    );
    typed(&world, "debug:", "travis_run_script 2");
    log.wait("The command \"(exit 5)\" exited with 5.");
    assert!(!log.text().contains("travis_time") && !log.text().contains("7717"));
    drop(log);

    let world = World::new();
    let log = Log::start(&world, &["--quiet"]).ready(&world);
    log.wait("No session output will be displayed.\x1b[0m\n.");
    typed(&world, "debug:", "echo not-$((40 + 2))-mirrored");
    world.ok(&["send-keys", "-t", "debug:", "exit", "Enter"]);
    let out = log.end();
    assert_eq!(out.status, Some(1), "{out:?}");
    let (_, rest) = out.stdout.split_once("displayed.\x1b[0m\n").unwrap();
    let end = "\n\n\x1b[33;1mAll remaining steps, including caching and deploy, will be skipped.";
    assert!(rest.starts_with(&format!(".{end}")), "{rest:?}");
    assert!(!out.stdout.contains("mirrored"), "{}", out.stdout);
}

#[test]
fn what_cannot_be_debugged_is_refused_and_leaves_nothing() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let several = "script: make\njobs:\n  include:\n    - name: unit\n    - name: lint\n";
    let in_use = format!("can't listen on {address}: Address already in use\n");
    let no_job = |name: &str| format!("no such job: {name}\n");
    let table: &[(&str, &[&str], &str)] = &[
        (
            "script: [make\n",
            &[],
            "ci.yml:1:9: this bracket is never closed\n",
        ),
        ("a: b: c\n", &[], "ci.yml:1:5: a `: ` cannot stand here"),
        ("script:\n\t- x\n", &[], "ci.yml:2:1: "),
        (several, &[], "several jobs"),
        (several, &["--job", "nosuch"], &no_job("nosuch")),
        (several, &["--job", "9"], &no_job("9")),
        ("script: make\n", &["--listen", &address], &in_use),
        (
            "script: make\n",
            &["--listen", "nonsense"],
            "can't listen on nonsense: invalid socket address\n",
        ),
        (
            "script: make\n",
            &["--authorized-keys", "nokeys"],
            "authorized keys ",
        ),
    ];
    for (text, more, message) in table {
        let world = World::new();
        world.write("home/ci.yml", text);
        let out = world.run(&[&["debug", "--file", "ci.yml"], *more].concat());
        assert_eq!(out.status, Some(1), "{text:?} {more:?}: {out:?}");
        let told = out.stderr.starts_with(message) || *message == "several jobs";
        assert!(told, "{text:?} {more:?}: {out:?}");
        if *text == several {
            for line in [
                "  1  unit",
                "  2  lint",
                "Choose with --job N or --job NAME.",
            ] {
                assert!(out.stderr.contains(line), "no {line:?} in {out:?}");
            }
        }
        // Past the file, the log says that there will be no session.
        let late = more.first().is_some_and(|flag| *flag != "--job");
        assert_eq!(
            out.stdout
                .contains("The debug environment is not available."),
            late
        );
        until("the server's end", || {
            let sessions = world.run(&["list-sessions"]);
            assert_eq!(sessions.stdout, "", "{more:?}");
            sessions.status == Some(1)
        });
        assert_eq!(left(&world), Vec::<String>::new(), "{text:?} {more:?}");
    }
}

#[test]
fn session_that_is_there_is_left_alone() {
    let world = World::new();
    world.start(80, 24);
    let before = world.ok(&["list-panes", "-a"]);
    for more in [
        &["--name", "work"][..],
        &["--name", "work", "--listen", "127.0.0.1:0"],
    ] {
        let words = [&["debug", "--file", FIXTURE, "--no-attach"], more].concat();
        let out = world.run(&words);
        assert_eq!(out.status, Some(1), "{out:?}");
        assert!(out.stderr.starts_with("duplicate session: work"), "{out:?}");
        assert_eq!(world.ok(&["list-panes", "-a"]), before);
        assert_eq!(world.ask("#{ssh_command}"), "");
    }
    assert_eq!(left(&world), Vec::<String>::new());
}
