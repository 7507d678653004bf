//! The built program in control mode, as programs that drive it have it: pipes,
//! a terminal for `-CC`, readers that are slow or gone. What is written in which
//! form is tested in the rooms.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod common;

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Instant;

use rustix::process::{Pid, Signal};

use common::{Output, PATIENCE, World, finish_child, until};

/// A control client on pipes.
struct Control {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    seen: Vec<String>,
}

impl Control {
    fn start(world: &World, args: &[&str]) -> Self {
        let mut command = world.program(&["-C"]);
        command.args(args).stdin(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Self {
            child,
            input,
            lines,
            seen: Vec::new(),
        }
    }

    fn send(&mut self, line: &str) {
        let input = self.input.as_mut().unwrap();
        input.write_all(line.as_bytes()).unwrap();
        input.write_all(b"\n").unwrap();
    }

    /// Waits for a line that has this text.
    #[track_caller]
    fn wait(&mut self, text: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) if line.contains(text) => return line,
                Ok(line) => self.seen.push(line),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    panic!("no {text:?} after {:#?}", self.seen)
                }
            }
        }
    }

    /// Ends its input; its exit status, and its last line.
    #[track_caller]
    fn finish(mut self) -> (Option<i32>, Option<String>) {
        drop(self.input.take());
        let rest: Vec<String> = self.lines.iter().collect();
        let out = finish_child("control client", self.child);
        (out.status, rest.last().cloned())
    }
}

#[test]
fn programs_drive_a_session_through_pipes() {
    let world = World::new();
    let mut control = Control::start(&world, &["new-session", "-x", "80", "-y", "24"]);
    control.wait("%session-changed $0 0");
    control.send("display-message -p 'answer #{client_control_mode}'");
    control.wait("answer 1");
    control.send("split-window -d 'echo from-the-pane; cat'");
    assert!(
        control
            .wait("from-the-pane")
            .starts_with("%output %1 from-the-pane\\015\\012")
    );
    control.send("refresh-client -C 100x30");
    control.wait("%layout-change @0 ");
    assert_eq!(world.ask("#{window_width}x#{window_height}"), "100x30");
    let listed = world.ok(&[
        "list-clients",
        "-F",
        "#{client_flags} #{client_control_mode}",
    ]);
    assert!(listed.contains("control-mode"), "{listed}");
    world.ok(&["rename-window", "outside"]);
    control.wait("%window-renamed @0 outside");
    assert_eq!(control.finish(), (Some(0), Some("%exit".to_owned())));
}

#[test]
fn input_that_ends_at_once_is_served_first() {
    let world = World::new();
    world.start(80, 24);
    let script = "new-window -d -n made\nlist-windows -F '#{window_name}'\nkill-window -t nosuch\n";
    let mut command = world.program(&["-C", "attach-session"]);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(script.as_bytes())
        .unwrap();
    let Output { status, stdout, .. } = finish_child("control client", child);
    assert!(stdout.contains("\nmade\n"), "{stdout}");
    assert!(stdout.ends_with("\n%exit\n"), "{stdout}");
    assert_eq!(status, Some(1), "{stdout}");
}

#[test]
fn signals_end_a_control_client_in_order() {
    for signal in [Signal::TERM, Signal::HUP] {
        let world = World::new();
        let mut control = Control::start(&world, &["new-session"]);
        control.wait("%session-changed");
        let pid = Pid::from_child(&control.child);
        rustix::process::kill_process(pid, signal).unwrap();
        assert_eq!(control.wait("%exit"), "%exit", "{signal:?}");
        assert_eq!(control.finish(), (Some(0), None), "{signal:?}");
    }
}

#[test]
fn wait_exit_waits_for_an_empty_line() {
    let world = World::new();
    let mut control = Control::start(&world, &["new-session", "-f", "wait-exit"]);
    control.wait("%session-changed");
    control.send("detach-client");
    control.wait("%exit");
    assert_eq!(control.child.try_wait().unwrap(), None);
    control.send("not empty");
    control.send("");
    until("the client's end", || {
        control.child.try_wait().unwrap().is_some()
    });
}

#[test]
fn reader_that_stands_still_holds_nobody_up() {
    let world = World::new();
    world.start(80, 24);
    let mut command = world.program(&["-C", "attach-session"]);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    world.wait("the control client", &["list-clients"], |text| {
        text.contains("control-mode")
    });
    // More than the pipe and the connection hold.
    world.ok(&[
        "send-keys",
        "yes | head -n 300000; echo over-$((1 + 1))",
        "Enter",
    ]);
    world.wait(
        "the pane's end of output",
        &["capture-pane", "-p"],
        |text| text.contains("over-2"),
    );
    world.ok(&["kill-pane"]);
    let mut stdin = child.stdin.take().unwrap();
    let _ = stdin.write_all(b"display-message -p late\n");
    drop(stdin);
    let out = finish_child("control client", child);
    // Nothing comes after the exit, however much was under way.
    assert!(out.stdout.ends_with("\n%exit\n"));
}

#[test]
fn terminal_is_told_that_lines_follow() {
    let world = World::new();
    world.start(80, 24);
    let client = world.terminal(&["-CC", "attach-session"], 80, 24);
    world.wait("the control client", &["list-clients"], |text| {
        text.contains("control-mode")
    });
    let raw = client.modes();
    assert!(!raw.contains("ICANON"), "{raw}");
    world.ok(&["detach-client"]);
    let mut client = client;
    assert_eq!(client.finish(), 0);
    assert!(client.modes().contains("ICANON"), "{}", client.modes());
}

#[test]
fn terminal_mode_needs_a_terminal() {
    let world = World::new();
    world.start(80, 24);
    let out = world.run(&["-CC", "attach-session"]);
    assert_eq!(out.status, Some(1));
    assert_eq!(
        out.stderr,
        "tcgetattr failed: Inappropriate ioctl for device\n"
    );
}
