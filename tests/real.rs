//! The built program as its users have it: local clients on ptys and guests
//! with stock `ssh`, on one session. Inner behaviour is tested in the rooms.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod common;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::{Duration, Instant};

use common::{Client, PATIENCE, World, finish_child, inhabitants, until};
use rustix::process::Signal;

/// Waits until every client shows this text, then compares what they show.
#[track_caller]
fn assert_same_picture(clients: &[&Client], rows: u16, text: &str) {
    for client in clients {
        client.wait_text(text);
    }
    let (first, others) = clients.split_first().unwrap();
    for other in others {
        let deadline = Instant::now() + PATIENCE;
        loop {
            // One look each: a picture that changes in between is asked again.
            let (first, other) = (first.picture(rows), other.picture(rows));
            if first == other {
                break;
            }
            let differences = first.differences(&other);
            assert!(
                Instant::now() < deadline,
                "two clients differ:\n{differences}"
            );
            common::breathe();
        }
    }
}

#[test]
fn session_looks_the_same_to_clients_and_guests() {
    let world = World::new();
    world.start(80, 24);
    let share = world.share(&[]);
    let mut one = world.attach(80, 24);
    let two = world.attach(80, 24);
    let mut guest = world.guest(&share, &share.token, 80, 24);
    let watcher = world.guest(&share, &share.view_token, 80, 24);

    one.send("printf '\\033[1;31mred\\033[0;44m blue \\033[m\\316\\273 %s\\n' one\r");
    assert_same_picture(&[&one, &two, &guest, &watcher], 23, "λ one");
    guest.send("echo typed by a $((40 + 2))\r");
    assert_same_picture(&[&one, &two, &guest, &watcher], 23, "typed by a 42");

    // A window made by one is switched to by another.
    guest.send("\x02c");
    two.wait_status("1:bash*");
    assert_eq!(world.ask("#{session_windows}"), "2");
    one.send("\x020");
    assert_same_picture(&[&one, &two, &guest, &watcher], 23, "typed by a 42");
    assert_eq!(world.ask("#{window_index}"), "0");
}

#[test]
fn watcher_changes_nothing_and_detaches() {
    let world = World::new();
    world.start(80, 24);
    let share = world.share(&[]);
    let mut local = world.attach(80, 24);
    let mut watcher = world.guest(&share, &share.view_token, 80, 24);

    watcher.send("echo from-the-watcher\r");
    for keys in ["\x02c", "\x02%", "\x02,evil\r", "\x02&y", "\x02xy"] {
        watcher.send(keys);
    }
    watcher.send("\x02:new-window\r");
    watcher.wait("refusal", |screen| screen.contents().contains("read-only"));
    // What the other client types comes after all that.
    local.send("echo from-the-local\r");
    local.wait_text("from-the-local\n");
    watcher.wait_text("from-the-local\n");
    assert!(!local.screen().contains("watcher"), "{}", local.screen());
    assert_eq!(
        world.ask("#{session_windows} #{window_panes} #{window_name}"),
        "1 1 bash"
    );

    let refused = world.ssh(&share, &share.view_token, &["new-window"]);
    assert_ne!(refused.status, Some(0), "{refused:?}");
    assert_eq!(world.ask("#{session_windows}"), "1");

    watcher.send("\x02d");
    assert_eq!(watcher.finish(), 0);
    watcher.assert_restored();
    assert_eq!(world.ask("#{session_attached}"), "1");
}

#[test]
fn guest_runs_a_command_line_without_a_terminal() {
    let world = World::new();
    world.start(80, 24);
    let share = world.share(&[]);
    let asked = ["list-windows", "-F", "'#{window_index}:#{window_name}'"];
    for token in [&share.token, &share.view_token] {
        let out = world.ssh(&share, token, &asked);
        assert_eq!(
            (out.status, out.stdout.as_str()),
            (Some(0), "0:bash\n"),
            "{out:?}"
        );
    }
    let made = world.ssh(&share, &share.token, &["new-window", "-n", "made"]);
    assert_eq!(made.status, Some(0), "{made:?}");
    let out = world.ssh(&share, &share.token, &asked);
    assert_eq!(out.stdout, "0:bash\n1:made\n");
    let wrong = world.ssh(&share, &share.token, &["no-such-command"]);
    assert_eq!(wrong.status, Some(1), "{wrong:?}");
    assert!(
        wrong.stderr.contains("unknown command: no-such-command"),
        "{wrong:?}"
    );
    let stranger = world.ssh(&share, "0123456789abcdefghjkmnpqr", &asked);
    assert_eq!(stranger.status, Some(255), "{stranger:?}");
}

#[test]
fn guests_are_announced_and_listed() {
    let world = World::new();
    world.start(80, 24);
    // News must not go while a busy machine looks elsewhere.
    world.ok(&["set-option", "-g", "display-time", "60000"]);
    let share = world.share(&[]);
    let local = world.attach(80, 24);
    let mut guest = world.guest(&share, &share.token, 80, 24);
    local.wait_status("joined");
    let format = "#{client_origin} #{client_grant} #{client_address} #{client_width}";
    let all = world.ok(&["list-clients", "-F", format]);
    assert_eq!(all.lines().count(), 2, "{all}");
    assert!(all.contains("127.0.0.1"), "{all}");
    assert!(world.ok(&["list-clients"]).contains("work"));
    guest.send("\x02d");
    assert_eq!(guest.finish(), 0);
    local.wait_status("left");
    assert_eq!(world.ok(&["list-clients"]).lines().count(), 1);

    // The end of the share is the end of its guests.
    let mut guest = world.guest(&share, &share.token, 80, 24);
    world.ok(&["unshare"]);
    guest.finish();
    guest.assert_restored();
    let late = world.ssh(&share, &share.token, &["list-windows"]);
    assert_eq!(late.status, Some(255), "{late:?}");
}

#[test]
fn detach_and_attach_restore_the_picture_with_its_colours() {
    let world = World::new();
    world.start(80, 24);
    let mut client = world.attach(80, 24);
    client.send(concat!(
        "clear; for n in 1 2 3 4 5 6; do printf '\\033[1;3%dmfg \\033[0;4%dmbg\\033[m ' $n $n; done; ",
        "printf '\\033[38;5;208mindexed\\033[48;2;1;2;3mrgb\\033[m\\n'; ",
        "printf '\\033[2mdim\\033[0;3mitalic\\033[0;4munder\\033[0;7mreverse\\033[m \\344\\270\\226\\n'; echo end-$((1+1))\r",
    ));
    client.wait_text("end-2");
    client.wait("prompt", |screen| screen.contents().contains("end-2\n$"));
    let before = client.picture(23);
    let modes = {
        client.send("\x02d");
        assert_eq!(client.finish(), 0);
        client.wait_text("[detached (from session work)]");
        client.assert_restored();
        client.modes()
    };
    assert_eq!(modes, world.on_terminal(&["true".into()], 80, 24).modes());

    let again = world.attach(80, 24);
    again.wait("picture", |screen| screen.contents().contains("end-2\n$"));
    let after = again.picture(23);
    assert!(before == after, "{}", before.differences(&after));
    // The same picture comes to a guest's terminal.
    let share = world.share(&[]);
    let guest = world.guest(&share, &share.token, 80, 24);
    guest.wait("picture", |screen| screen.contents().contains("end-2\n$"));
    assert_eq!(guest.picture(1).row(0).trim_end(), before.row(0).trim_end());
}

#[test]
fn window_follows_the_clients_sizes_as_the_option_says() {
    let world = World::new();
    world.start(80, 24);
    let mut small = world.attach(70, 20);
    let mut large = world.attach(100, 40);
    let size = |wanted: &str| {
        let ask = ["display-message", "-p", "#{window_width}x#{window_height}"];
        world.wait(wanted, &ask, |got| got.trim_end() == wanted);
    };
    size("100x39");
    small.send("echo small\r");
    size("70x19");
    large.send("echo large\r");
    size("100x39");
    world.ok(&["set-option", "-g", "window-size", "smallest"]);
    size("70x19");
    world.ok(&["set-option", "-g", "window-size", "largest"]);
    size("100x39");
    small.resize(120, 30);
    size("120x39");
    world.ok(&["set-option", "-g", "window-size", "latest"]);
    small.send("stty size; echo asked\r");
    size("120x29");
    small.wait_text("29 120");
    small.send("\x02d");
    small.finish();
    size("100x39");
}

/// The number in the last full line of `yes | cat -n` on the screen.
fn progress(world: &World) -> u64 {
    let text = world.ok(&["capture-pane", "-p"]);
    let numbers = text.lines().filter_map(|line| {
        let (number, word) = line
            .trim_start()
            .split_once('\t')
            .or_else(|| line.trim_start().split_once(' '))?;
        word.trim().eq("y").then(|| number.parse().ok())?
    });
    numbers.max().unwrap_or(0)
}

#[test]
fn stalled_clients_neither_stop_the_pane_nor_cost_memory() {
    let world = World::new();
    world.start(80, 24);
    let share = world.share(&[]);
    let mut live = world.attach(80, 24);
    let unread = world.attach(80, 24);
    let stopped = world.attach(80, 24);
    let guest = world.guest(&share, &share.token, 80, 24);
    let pid = world.pid();
    let before = world.memory(pid);

    unread.stall();
    stopped.signal(Signal::STOP);
    guest.signal(Signal::STOP);
    live.send("yes | cat -n\r");
    until("flood", || progress(&world) > 1000);
    let (mut seconds, mut last, mut most) = (0, 0, before);
    let start = Instant::now();
    while seconds < 10 {
        let now = progress(&world);
        most = most.max(world.memory(pid));
        if start.elapsed() >= Duration::from_secs(seconds + 1) {
            assert!(
                now > last + 1000,
                "the pane stopped in second {seconds}: {last} to {now}"
            );
            last = now;
            seconds += 1;
        }
    }
    let grown = most.saturating_sub(before);
    assert!(
        grown <= 16 << 20,
        "the server grew by {grown} bytes from {before}"
    );

    // It answers its live client, and the stalled ones find the newest picture.
    live.send("\x03");
    live.send("clear; echo over-$((1+1))\r");
    live.wait_text("over-2");
    unread.resume();
    stopped.signal(Signal::CONT);
    guest.signal(Signal::CONT);
    for client in [&unread, &stopped, &guest] {
        client.wait_text("over-2");
    }
}

/// Bytes without sense, the same in every run (xorshift).
fn garbage(len: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[0]
    };
    (0..len).map(|_| next()).collect()
}

/// The rest of what a peer says before it ends the connection.
#[track_caller]
fn rest(what: &str, mut stream: impl Read) -> Vec<u8> {
    let mut all = Vec::new();
    match stream.read_to_end(&mut all) {
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {}
        Err(error) => panic!("{what}: the connection stays: {error}"),
    }
    all
}

#[test]
fn garbage_ends_its_own_connection_alone() {
    let world = World::new();
    world.start(80, 24);
    let share = world.share(&[]);
    let mut client = world.attach(80, 24);
    let mut huge = u32::MAX.to_le_bytes().to_vec();
    huge.extend(garbage(100));
    let mut foreign = 1000_u32.to_le_bytes().to_vec();
    foreign.extend(garbage(1000));
    let samples = [
        ("noise", garbage(64 << 10)),
        ("huge frame", huge),
        ("foreign hello", foreign),
        ("http", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_vec()),
    ];
    for (what, bytes) in &samples {
        let mut stream = UnixStream::connect(world.socket()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let _ = stream.write_all(bytes);
        rest(what, stream);
        let mut stream = TcpStream::connect(("127.0.0.1", share.port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let _ = stream.write_all(bytes);
        let _ = stream.shutdown(std::net::Shutdown::Write);
        rest(what, stream);
    }
    // A frame that never ends is let go with its connection.
    drop(UnixStream::connect(world.socket()).and_then(|mut s| s.write_all(&[1, 0])));
    client.send("echo alive-$((1+1))\r");
    client.wait_text("alive-2");
    let guest = world.guest(&share, &share.token, 80, 24);
    guest.wait_text("alive-2");
}

#[test]
fn killed_client_leaves_the_session_to_the_others() {
    let world = World::new();
    world.start(80, 24);
    let mut one = world.attach(80, 24);
    let mut two = world.attach(100, 30);
    two.signal(Signal::KILL);
    two.finish();
    world.wait("one client", &["list-clients"], |list| {
        list.lines().count() == 1
    });
    one.send("stty size\r");
    one.wait_text("23 80");
}

#[test]
fn killed_server_is_reported_and_the_terminal_restored() {
    let world = World::new();
    world.start(80, 24);
    let mut client = world.attach(80, 24);
    rustix::process::kill_process(world.pid(), Signal::KILL).unwrap();
    assert_eq!(client.finish(), 1);
    client.wait_text("server exited unexpectedly");
    client.assert_restored();
    assert_eq!(
        client.modes(),
        world.on_terminal(&["true".into()], 80, 24).modes()
    );
    // The socket that is left is no hindrance.
    let gone = world.run(&["list-sessions"]);
    assert_eq!(gone.status, Some(1));
    assert!(
        gone.stderr.starts_with("no server running on /"),
        "{gone:?}"
    );
    world.start(80, 24);
}

#[test]
fn signalled_client_restores_its_terminal() {
    let world = World::new();
    world.start(80, 24);
    for signal in [Signal::TERM, Signal::HUP] {
        let mut client = world.attach(80, 24);
        client.signal(signal);
        client.finish();
        client.assert_restored();
        assert_eq!(
            client.modes(),
            world.on_terminal(&["true".into()], 80, 24).modes()
        );
    }
    world.wait("no client", &["list-clients"], str::is_empty);
}

#[test]
fn server_starts_again_at_once_after_its_end() {
    let world = World::new();
    for _ in 0..5 {
        world.ok(&["new-session", "-d", "-s", "work"]);
        world.ok(&["kill-server"]);
    }
    world.ok(&["new-session", "-d", "-s", "work"]);
    let mut client = world.attach(80, 24);
    world.ok(&["kill-server"]);
    assert_eq!(client.finish(), 1);
    client.wait_text("[server exited]");
    client.assert_restored();
}

#[test]
fn server_is_one_when_many_start_it_at_once() {
    let world = World::new();
    let names: Vec<String> = (0..6).map(|n| format!("s{n}")).collect();
    let children: Vec<_> = names
        .iter()
        .map(|name| {
            world
                .program(&["new-session", "-d", "-s", name])
                .spawn()
                .unwrap()
        })
        .collect();
    for child in children {
        let out = finish_child("a start", child);
        assert_eq!(out.status, Some(0), "{out:?}");
    }
    let list = world.ok(&["list-sessions", "-F", "#{session_name}"]);
    assert_eq!(list.lines().collect::<Vec<_>>(), names);
}

#[test]
fn server_leaves_no_process_and_a_dead_socket_behind() {
    let world = World::new();
    world.start(80, 24);
    let socket = world.socket();
    assert!(socket.exists());
    world.ok(&["kill-server"]);
    until("empty world", || inhabitants(&world.path("")).is_empty());
    // As in tmux, the path stays; nobody answers, and the next server has it.
    assert!(socket.exists());
    let out = world.run(&["list-sessions"]);
    assert_eq!(out.status, Some(1), "{out:?}");
    assert!(out.stderr.starts_with("no server running on "), "{out:?}");
    world.start(80, 24);
}

/// A first frame of either side in another protocol.
fn first_frame(protocol: u32, version: &str, rest: &[u8]) -> Vec<u8> {
    let mut body = b"stepmux".to_vec();
    body.extend(protocol.to_le_bytes());
    body.push(u8::try_from(version.len()).unwrap());
    body.extend(version.as_bytes());
    body.extend(rest);
    let mut frame = u32::try_from(body.len()).unwrap().to_le_bytes().to_vec();
    frame.extend(body);
    frame
}

#[test]
fn versions_that_differ_are_said_to_both_sides() {
    let world = World::new();
    world.start(80, 24);
    let mut stream = UnixStream::connect(world.socket()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
        .write_all(&first_frame(999, "9.9.9", &garbage(40)))
        .unwrap();
    let answer = rest("mismatch", stream);
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.contains("server runs stepmux "), "{answer}");
    assert!(
        answer.contains("this client is 9.9.9 (protocol 999)"),
        "{answer}"
    );

    let other = World::new();
    let socket = other.write("s", "");
    std::fs::remove_file(&socket).unwrap();
    let listener = UnixListener::bind(&socket).unwrap();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream
            .write_all(&first_frame(999, "9.9.9", &[0, 1]))
            .unwrap();
        rest("client", stream);
    });
    let out = other.run(&["-S", socket.to_str().unwrap(), "list-sessions"]);
    server.join().unwrap();
    assert_eq!(out.status, Some(1), "{out:?}");
    assert!(
        out.stderr
            .starts_with("server runs stepmux 9.9.9 (protocol 999)"),
        "{out:?}"
    );
}

/// Compiles a terminal's description into a directory of this world, as its
/// user would.
fn describe(world: &World, source: &str) -> std::path::PathBuf {
    let text = world.write("entry.ti", source);
    let place = world.path("entries");
    let mut tic = world.command("tic");
    tic.arg("-x").arg("-o").arg(&place).arg(text);
    let done = common::finish("tic", tic);
    assert_eq!(done.status, Some(0), "{done:?}");
    place
}

/// Attaches a client whose terminal is described there.
fn attach_as(world: &World, term: &str, place: &std::path::Path) -> Client {
    let (term, place) = (
        format!("TERM={term}"),
        format!("TERMINFO={}", place.display()),
    );
    let words = [
        "env",
        &term,
        &place,
        common::STEPMUX,
        "-f",
        "/dev/null",
        "attach-session",
    ];
    world.on_terminal(&words.map(Into::into), 60, 10)
}

#[test]
fn terminal_of_an_own_description_is_drawn_on_by_it() {
    let world = World::new();
    world.start(60, 10);
    let place = describe(
        &world,
        "made-up|of this test,\n\tam, xenl, bce, AX, Tc,\n\tcolors#256, clear=\\E[H\\E[2J, \
         cup=\\E[%i%p1%d;%p2%dH,\n\tsetaf=\\E[38;5;%p1%dm, setab=\\E[48;5;%p1%dm,\n\t\
         sitm=\\E[3m, kf5=\\E[228z,\n",
    );
    let mut client = attach_as(&world, "made-up", &place);
    client.wait_status("0:bash*");
    let features = world.ok(&[
        "list-clients",
        "-F",
        "#{client_termname} #{client_termfeatures}",
    ]);
    assert_eq!(features, "made-up 256,RGB\n");
    world.ok(&[
        "bind-key",
        "-n",
        "F5",
        "display-message",
        "-d0",
        "five is pressed",
    ]);
    client.send("\x1b[228z");
    client.wait_text("five is pressed");
    client.send("\x02d");
    assert_eq!(client.finish(), 0);
    client.assert_restored();
}

#[test]
fn terminal_that_cannot_be_drawn_on_is_refused_with_the_reason() {
    let world = World::new();
    world.start(60, 10);
    let place = describe(
        &world,
        "no-cup|lacks a cursor,\n\tclear=\\E[H\\E[2J,\nno-clear|lacks an eraser,\n\t\
         cup=\\E[%i%p1%d;%p2%dH,\nforeign|speaks otherwise,\n\tclear=\\E+, \
         cup=\\E=%p1%' '%+%c%p2%' '%+%c,\n",
    );
    for (term, why) in [
        ("no-cup", "terminal does not support cup"),
        ("no-clear", "terminal does not support clear"),
        ("foreign", "missing or unsuitable terminal: foreign"),
    ] {
        let mut client = attach_as(&world, term, &place);
        assert_eq!(client.finish(), 1, "{term}");
        let shown = client.screen();
        assert!(
            shown.contains(&format!("open terminal failed: {why}")),
            "{shown}"
        );
    }
    assert_eq!(world.ask("#{session_attached}"), "0");
}
