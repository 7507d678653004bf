//! What a session channel can be asked for beside a shell: input of a command,
//! signals, and what is refused.

use std::io::Write;
use std::process::Stdio;

use russh_client::Talk;

use super::house::{House, Setup};

#[path = "talk.rs"]
mod russh_client;

#[test]
fn command_reads_its_standard_input_to_the_end() {
    let house = House::open(Setup::default());
    let mut child = house
        .command(&house.token(), &[], &["cat"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    // More than is kept before anybody asks, and no whole number of pieces.
    let text: Vec<u8> = (0..700_001u32).flat_map(u32::to_le_bytes).collect();
    let mut stdin = child.stdin.take().unwrap();
    let fed = text.clone();
    let writer = std::thread::spawn(move || stdin.write_all(&fed));
    let out = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(out.status.success());
    assert!(out.stdout == text, "{} bytes came back", out.stdout.len());
}

#[test]
fn command_without_input_sees_its_end_at_once() {
    let house = House::open(Setup::default());
    for options in [&[][..], &["-n"]] {
        let (status, out, _) = house.ssh(&house.token(), options, &["cat"]);
        assert_eq!((status, out.as_str()), (0, ""));
    }
}

#[test]
fn command_that_does_not_read_is_not_held_up_by_its_input() {
    let house = House::open(Setup::default());
    let mut child = house
        .command(&house.token(), &[], &["say", "4"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || {
        // The client stops reading once the command has ended.
        while stdin.write_all(&[b'x'; 64 * 1024]).is_ok() {}
    });
    let out = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert_eq!((out.status.code(), out.stdout.len()), (Some(4), 3 << 20));
    house.wait_for("gone guest-0");
}

#[test]
fn forwarded_agent_and_display_are_refused() {
    let house = House::open(Setup::default());
    let options = ["-X", "-A", "-o", "XAuthLocation=/bin/true"];
    let mut command = house.command(&house.token(), &options, &["exit", "0"]);
    command.env("DISPLAY", ":77").stderr(Stdio::piped());
    let out = command.output().unwrap();
    let err = String::from_utf8(out.stderr).unwrap();
    assert!(out.status.success(), "{err}");
    assert!(err.contains("X11 forwarding request failed"), "{err}");
}

#[test]
fn signals_reach_a_guest_as_keys_or_as_its_end() {
    let house = House::open(Setup::default());
    let mut talk = Talk::open(&house);
    talk.terminal();
    talk.shell();
    talk.wait_for("picture of token as type");
    talk.signal("INT");
    talk.wait_for("echo \u{3}");
    talk.signal("USR1");
    talk.signal("HUP");
    talk.wait_for("LEFT");
    assert_eq!(talk.status(), 129);

    let mut talk = Talk::open(&house);
    talk.exec("wait");
    talk.wait_for("waiting");
    talk.signal("TERM");
    assert_eq!(talk.status(), 143);
    house.wait_times("gone", 2);
}

#[test]
fn break_and_unknown_requests_are_refused_and_change_nothing() {
    let house = House::open(Setup::default());
    let mut guest = house.terminal(&house.token());
    guest.wait_for("picture");
    // OpenSSH's escape for a break, after a newline.
    guest.type_keys("\r~B");
    guest.wait_for("~B");
    guest.type_keys("x");
    guest.wait_for("x\r\n");
}
