//! Servers that end and start again, in every way in which they end: nothing is
//! left of them but the dead socket and its lock, and whoever does not read
//! cannot hold them up. Processes and files are looked at from outside.

#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use std::path::{Path, PathBuf};
use std::process::Stdio;

use common::{LONG_PATIENCE, World, finish_within, inhabitants, until_within};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};

/// How many servers follow each other.
const RESTARTS: usize = 60;

/// All files below a directory.
fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut left = vec![dir.to_owned()];
    while let Some(dir) = left.pop() {
        for entry in std::fs::read_dir(&dir).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                left.push(entry.path());
            }
            found.push(entry.path());
        }
    }
    found.sort();
    found
}

/// Ends a server in one of the ways in which they end.
fn end(world: &World, pid: Pid, way: usize) {
    let ways: [&[&str]; 4] = [
        &["kill-server"],
        &["kill-session", "-t", "work"],
        &["respawn-pane", "-k", "true"],
        &["kill-pane", "-t", "work:"],
    ];
    match way % 6 {
        4 => kill_process(pid, Signal::TERM).unwrap(),
        5 => kill_process(pid, Signal::KILL).unwrap(),
        way => {
            world.ok(ways[way]);
        }
    }
}

#[test]
fn servers_that_follow_each_other_leave_nothing_behind() {
    let world = World::new();
    let mut after_first = Vec::new();
    for nth in 0..RESTARTS {
        world.ok(&["new-session", "-d", "-s", "work", "exec sleep 1000"]);
        let pid = world.pid();
        world.ok(&["run-shell", "-b", "exec sleep 1000"]);
        world.ok(&["pipe-pane", "exec cat > /dev/null"]);
        end(&world, pid, nth);
        let left = || inhabitants(&world.path(""));
        // The jobs of a server that was killed are nobody's to end.
        if nth % 6 == 5 {
            until_within(
                "the server's end",
                LONG_PATIENCE,
                || test_kill_process(pid).is_err(),
                String::new,
            );
            for job in left() {
                let _ = kill_process(job, Signal::KILL);
            }
        }
        until_within(
            "empty world",
            LONG_PATIENCE,
            || left().is_empty(),
            || format!("restart {nth}: {:?}", left()),
        );
        let now = files(&world.path(""));
        if nth == 0 {
            after_first = now;
        } else {
            assert_eq!(now, after_first, "restart {nth}");
        }
    }
}

#[test]
fn server_ends_though_clients_do_not_read() {
    let world = World::new();
    world.start(80, 24);
    let unread = world.attach(80, 24);
    let stopped = world.attach(80, 24);
    let mut command = world.program(&["-C", "attach-session"]);
    let mut control = command.stdin(Stdio::piped()).spawn().unwrap();
    world.wait("the control client", &["list-clients"], |text| {
        text.contains("control-mode")
    });
    unread.stall();
    stopped.signal(Signal::STOP);
    let flood = "yes | head -n 200000; echo over-$((1 + 1))";
    world.ok(&["send-keys", flood, "Enter"]);
    world.wait("end of the flood", &["capture-pane", "-p"], |text| {
        text.contains("over-2")
    });
    let pid = world.pid();
    world.ok(&["kill-server"]);
    until_within(
        "the server's end",
        LONG_PATIENCE,
        || test_kill_process(pid).is_err(),
        String::new,
    );
    // The next one can start while they still have not read.
    world.start(80, 24);
    stopped.signal(Signal::CONT);
    unread.resume();
    drop(control.stdin.take());
    let out = finish_within("control client", control, LONG_PATIENCE);
    let end = out.stdout.lines().next_back().unwrap_or_default();
    assert!(end.starts_with("%exit"), "{end}");
}
