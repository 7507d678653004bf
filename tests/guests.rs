//! Guests of the whole program, with stock clients: command lines under each
//! grant, files and forwards where a share has them, and people who decide.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

use common::{Output, Share, World, finish, finish_child};

fn shared(more: &[&str]) -> (World, Share) {
    let world = World::new();
    world.start(80, 24);
    let share = world.share(more);
    (world, share)
}

/// A stock client's program with the options for a share.
fn client(world: &World, share: &Share, program: &str) -> Command {
    let mut command = world.command(program);
    command.args(world.ssh_options(share.port));
    command
}

fn sftp(world: &World, share: &Share, token: &str, lines: &str) -> Output {
    let batch = world.write("batch", lines);
    let mut command = client(world, share, "sftp");
    command.arg("-b").arg(batch);
    command.arg(format!("{token}@127.0.0.1"));
    finish("sftp", command)
}

#[test]
fn command_lines_of_guests_print_and_fail_as_commands_do() {
    let (world, share) = shared(&[]);
    world.ok(&["send-keys", "echo 'in pane'", "Enter"]);
    world.wait("output", &["capture-pane", "-p"], |text| {
        text.contains("\nin pane")
    });
    let out = world.ssh(&share, &share.token, &["capture-pane", "-p"]);
    assert_eq!((out.status, out.stderr.as_str()), (Some(0), ""));
    assert!(out.stdout.contains("\nin pane\n"), "{out:?}");
    let words = [
        "list-windows",
        "-F",
        "'#{window_index}'",
        "\\;",
        "display",
        "-p",
        "'a b'",
    ];
    let out = world.ssh(&share, &share.token, &words);
    assert_eq!((out.status, out.stdout.as_str()), (Some(0), "0\na b\n"));
    let out = world.ssh(&share, &share.token, &["select-window", "-t", "9"]);
    assert_eq!((out.status, out.stdout.as_str()), (Some(1), ""));
    assert!(out.stderr.contains("can't find window"), "{out:?}");
    let out = world.ssh(&share, &share.token, &["nosuch"]);
    assert_eq!(out.status, Some(1));
    assert!(out.stderr.contains("unknown command: nosuch"), "{out:?}");
}

#[test]
fn command_lines_of_viewers_only_show() {
    let (world, share) = shared(&[]);
    let out = world.ssh(&share, &share.view_token, &["list-windows", "-F", "x"]);
    assert_eq!((out.status, out.stdout.as_str()), (Some(0), "x\n"));
    for words in [
        &["send-keys", "x"][..],
        &["new-window"],
        &["load-buffer", "-"],
        &["save-buffer", "-"],
        &["run-shell", "true"],
        &["kill-server"],
        &["serve-files"],
        &["set-option", "-s", "escape-time", "1"],
        &["list-windows", "\\;", "new-window"],
        &["display-message", "-p", "'#(touch viewer)'"],
    ] {
        let out = world.ssh(&share, &share.view_token, words);
        assert!(
            out.status == Some(1) || out.stdout.trim().is_empty(),
            "{words:?}: {out:?}"
        );
    }
    assert_eq!(world.ask("#{session_windows}"), "1");
    assert!(!world.home().join("viewer").exists());
}

#[test]
fn buffer_is_loaded_from_a_guest_and_saved_to_one() {
    let (world, share) = shared(&[]);
    let mut command = client(&world, &share, "ssh");
    command
        .arg(format!("{}@127.0.0.1", share.token))
        .args(["load-buffer", "-b", "from-guest", "-"])
        .stdin(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let text: String = (0..100_000).map(|n| format!("line {n}\n")).collect();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(text.as_bytes()).unwrap();
    drop(stdin);
    let out = finish_child("load-buffer", child);
    assert_eq!((out.status, out.stderr.as_str()), (Some(0), ""));
    let words = ["save-buffer", "-b", "from-guest", "-"];
    let out = world.ssh(&share, &share.token, &words);
    assert!(out.stdout == text, "{} bytes came back", out.stdout.len());
}

#[test]
fn lost_guest_leaves_alone_and_the_last_one_ends_nothing() {
    let (world, share) = shared(&[]);
    let one = world.guest(&share, &share.token, 80, 24);
    let mut other = world.guest(&share, &share.token, 80, 24);
    let clients = ["list-clients", "-F", "x"];
    world.wait("two guests", &clients, |text| text == "x\nx\n");
    drop(one);
    world.wait("one guest", &clients, |text| text == "x\n");
    other.send("echo still here\r");
    other.wait("echo", |screen| screen.contents().contains("\nstill here"));
    drop(other);
    world.wait("nobody", &clients, str::is_empty);
    assert_eq!(world.ask("#{session_name}"), "work");
}

#[test]
fn files_are_for_those_who_may_type_and_are_seen() {
    let (world, share) = shared(&["--sftp", "."]);
    world.write("home/sub/a", "text");
    let out = sftp(&world, &share, &share.token, "get sub/a got\n");
    assert_eq!(out.status, Some(0), "{out:?}");
    let got = std::fs::read_to_string(world.home().join("got")).unwrap();
    assert_eq!(got, "text");
    let out = sftp(&world, &share, &share.view_token, "get sub/a stolen\n");
    assert_ne!(out.status, Some(0));
    assert!(
        out.stderr.contains("files are for guests who may type"),
        "{out:?}"
    );

    let mut command = client(&world, &share, "sftp");
    command
        .arg(format!("{}@127.0.0.1", share.token))
        .stdin(Stdio::piped());
    let child = command.spawn().unwrap();
    let clients = ["list-clients", "-F", "#{client_name}"];
    let name = world.wait("guest with files", &clients, |text| !text.is_empty());
    world.ok(&["kick-guest", "-t", name.trim()]);
    let out = finish_child("sftp", child);
    assert!(out.stderr.contains("sent away"), "{out:?}");
    world.wait("nobody", &clients, str::is_empty);
}

#[test]
fn files_wait_at_a_door_where_one_knocks() {
    let (world, share) = shared(&["--sftp", ".", "--knock", "--forward", "any"]);
    world.write("home/a", "text");
    let batch = world.write("batch", "get a got\n");
    let start = || {
        let mut command = client(&world, &share, "sftp");
        command.arg("-b").arg(&batch);
        command.arg(format!("{}@127.0.0.1", share.token));
        command.spawn().unwrap()
    };
    let clients = ["list-clients", "-F", "x"];
    for (decide, status) in [("deny-guest", false), ("admit-guest", true)] {
        let child = start();
        world.wait("knock", &clients, |text| text == "x\n");
        assert!(!world.home().join("got").exists());
        world.ok(&[decide]);
        let out = finish_child("sftp", child);
        assert_eq!(out.status == Some(0), status, "{out:?}");
        world.wait("nobody", &clients, str::is_empty);
    }
    assert!(world.home().join("got").exists());
    // Nothing is forwarded for one whom nobody let in.
    let mut command = client(&world, &share, "ssh");
    command.args(["-W", &format!("127.0.0.1:{}", share.port)]);
    command.arg(format!("{}@127.0.0.1", share.token));
    let out = finish("ssh -W", command);
    assert_eq!(
        (out.status, out.stdout.as_str()),
        (Some(255), ""),
        "{out:?}"
    );
}

#[test]
fn forwards_end_with_the_guest_who_is_sent_away() {
    forward_ends_by(&["kick-guest", "-a", "-s", "work"]);
}

#[test]
fn forwards_end_when_their_guest_may_only_look() {
    let (world, share) = forward_ends_by(&["grant-guest", "view"]);
    // Who was let in to look forwards nothing, whatever the token says.
    world.ok(&["unshare"]);
    drop(share);
    let share = world.share(&["--forward", "loopback", "--knock"]);
    let service = TcpListener::bind("127.0.0.1:0").unwrap();
    let local = free_address();
    let mut words = world.ssh_words(share.port);
    let rule = format!("{}:{}", local.port(), service.local_addr().unwrap());
    words.extend(["-L".into(), rule.into()]);
    words.push(format!("{}@127.0.0.1", share.token).into());
    let guest = world.on_terminal(&words, 80, 24);
    guest.wait_text("waiting until someone");
    world.ok(&["admit-guest", "-r"]);
    guest.wait_text("[work]");
    let mut near = TcpStream::connect(local).unwrap();
    near.set_read_timeout(Some(common::PATIENCE)).unwrap();
    closed(&mut near);
}

fn free_address() -> std::net::SocketAddr {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    free.local_addr().unwrap()
}

/// Waits until a connection's other end is closed.
fn closed(end: &mut TcpStream) {
    match end.read(&mut [0; 7]) {
        Ok(count) => assert_eq!(count, 0),
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset),
    }
}

/// A forward that carries bytes, and none after a command of the owner's.
fn forward_ends_by(command: &[&str]) -> (World, Share) {
    let (world, share) = shared(&["--forward", "loopback"]);
    let service = TcpListener::bind("127.0.0.1:0").unwrap();
    let local = free_address();
    let rule = format!("{}:{}", local.port(), service.local_addr().unwrap());
    let mut words = world.ssh_words(share.port);
    words.extend(["-L".into(), rule.into()]);
    words.push(format!("{}@127.0.0.1", share.token).into());
    let guest = world.on_terminal(&words, 80, 24);
    guest.wait_text("[work]");
    let mut near = TcpStream::connect(local).unwrap();
    near.set_read_timeout(Some(common::PATIENCE)).unwrap();
    let (mut far, _) = service.accept().unwrap();
    far.set_read_timeout(Some(common::PATIENCE)).unwrap();
    near.write_all(b"through").unwrap();
    let mut heard = [0; 7];
    far.read_exact(&mut heard).unwrap();
    assert_eq!(&heard, b"through");
    world.ok(command);
    // Neither side says more: the client closes its end, the door the other.
    closed(&mut near);
    closed(&mut far);
    drop(guest);
    (world, share)
}

#[test]
fn prefix_reaches_a_multiplexer_inside() {
    let (world, _share) = shared(&[]);
    world.ok(&["send-keys", "cat -v", "Enter"]);
    let mut client = world.attach(80, 24);
    client.send("\u{2}\u{2}d\r");
    client.wait("prefix", |screen| screen.contents().contains("^Bd"));
}

/// A guest who says these lines in control mode; `-tt` before the words is ssh's.
fn control(world: &World, share: &Share, token: &str, words: &[&str], lines: &str) -> Child {
    let mut command = client(world, share, "ssh");
    let (flags, words) = words.split_at(usize::from(words[0] == "-tt"));
    command.args(flags).arg(format!("{token}@127.0.0.1"));
    command.args(words).stdin(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(lines.as_bytes()).unwrap();
    child
}

#[test]
fn control_mode_is_served_to_guests() {
    let (world, share) = shared(&[]);
    let lines = "display-message -p 'mode #{client_control_mode}'\nnew-window -n theirs\n";
    let child = control(&world, &share, &share.token, &["stepmux", "-C"], lines);
    let out = finish_child("-C", child);
    assert_eq!((out.status, out.stderr.as_str()), (Some(0), ""));
    let said = &out.stdout;
    assert!(said.starts_with("%begin "), "{said}");
    assert!(said.contains("\nmode 1\n"), "{said}");
    assert!(said.contains("\n%window-add "), "{said}");
    assert!(said.ends_with("\n%exit\n"), "{said}");
    assert!(world.ask("#{W:#W }").contains("theirs"));
    // As iTerm2 does it, over a terminal in raw mode.
    let lines = "display-message -p here\rdetach-client\r";
    let words = ["-tt", "tmux", "-CC", "attach"];
    let child = control(&world, &share, &share.token, &words, lines);
    let said = finish_child("-CC", child).stdout;
    assert!(said.starts_with("\x1bP1000p%begin "), "{said:?}");
    assert!(said.contains("\r\nhere\r\n"), "{said:?}");
    assert!(said.ends_with("\r\n%exit\r\n\x1b\\"), "{said:?}");
}

#[test]
fn control_mode_of_viewers_only_shows() {
    let (world, share) = shared(&[]);
    let lines = "kill-server\nsend-keys x\nlist-windows -F seen\n";
    let child = control(
        &world,
        &share,
        &share.view_token,
        &["stepmux", "-C", "attach"],
        lines,
    );
    let out = finish_child("-C", child);
    assert_eq!(out.stdout.matches("%error ").count(), 2, "{out:?}");
    assert!(out.stdout.contains("\nseen\n"), "{out:?}");
    assert_eq!(world.ask("#{session_windows}"), "1");
}

#[test]
fn control_mode_waits_at_a_door_where_one_knocks() {
    let (world, share) = shared(&["--knock"]);
    let lines = "new-window -n theirs\n";
    let clients = ["list-clients", "-F", "x"];
    for (decide, windows) in [("deny-guest", "1"), ("admit-guest", "2")] {
        let child = control(&world, &share, &share.token, &["stepmux", "-C"], lines);
        world.wait("knock", &clients, |text| text == "x\n");
        assert_eq!(world.ask("#{session_windows}"), "1");
        world.ok(&[decide]);
        let out = finish_child("-C", child);
        assert!(out.stderr.contains("waiting until someone"), "{out:?}");
        assert_eq!(world.ask("#{session_windows}"), windows, "{out:?}");
        world.wait("nobody", &clients, str::is_empty);
    }
}
