//! What breaks between a session and its guests, and what they notice of it.

use rustix::process::{Signal, kill_process};

use crate::common::relay::{Relay, Wire, guest, linked, run, share};
use crate::common::{STEPMUX, finish, until};
use crate::world;

#[test]
fn killed_relay_leaves_yes_and_vim_unharmed() {
    let world = world();
    let mut relay = Relay::start(&world, 0);
    let way = share(&world, &relay.place(), &[]);
    world.write("text", "first line\nsecond line\n");
    let edit = format!("vim -u NONE -i NONE {}\r", world.path("text").display());
    for (start, shown, end, left) in [
        (
            "yes on-and-on\r",
            "on-and-on",
            "\x03echo done-$((1+1))\r",
            "done-2",
        ),
        (&*edit, "second line", "iMARK \x1b:wq\r", "$"),
    ] {
        let mut lost = guest(&world, &way, &way.token, relay.port);
        lost.send(start);
        lost.wait_text(shown);
        relay.kill();
        assert_eq!(lost.finish(), 255);
        relay = Relay::start(&world, relay.port);
        let mut again = guest(&world, &way, &way.token, relay.port);
        again.wait_text(shown);
        again.send(end);
        again.wait_text(left);
        again.send("\x02d");
        assert_eq!(again.finish(), 0);
    }
    let text = world.path("text");
    until("edited text", || {
        std::fs::read_to_string(&text).is_ok_and(|text| text.starts_with("MARK first line\n"))
    });
}

#[test]
fn slow_link_and_one_that_hangs_lose_nothing() {
    let world = world();
    let relay = Relay::start(&world, 0);
    let wire = Wire::to(relay.place());
    let way = share(&world, &wire.place(), &[]);
    let mut guest = guest(&world, &way, &way.token, relay.port);
    wire.slow(64);
    guest.send("seq 1000 1400; echo sum-$((1000+400))\r");
    guest.wait_text("sum-1400");
    wire.hold(true);
    guest.send("echo held-$((40+2))\r");
    wire.hold(false);
    guest.wait_text("held-42");
    // Held, then cut for good: the next link has what the last one had not.
    wire.hold(true);
    guest.send("echo over-$((40+3))\r");
    wire.cut();
    wire.hold(false);
    wire.slow(8192);
    guest.wait_text("over-43");
}

#[test]
fn link_on_which_nothing_passes_is_given_up_by_the_host_and_made_again() {
    let world = world();
    let relay = Relay::start(&world, 0);
    let wire = Wire::to(relay.place());
    let way = share(&world, &wire.place(), &[]);
    let mut guest = guest(&world, &way, &way.token, relay.port);
    wire.hold(true);
    guest.send("echo silent-$((40+2))\r");
    // Two keepalives of five seconds without an answer; the relay's take longer.
    until("another link", || wire.tries() > 1);
    wire.hold(false);
    guest.wait_text("silent-42");
}

#[test]
fn suspended_vm_is_reached_again_by_the_same_string() {
    let world = world();
    let relay = Relay::with(&world, 0, &["--keepalive", "1"]);
    let way = share(&world, &relay.place(), &[]);
    let mut inside = guest(&world, &way, &way.token, relay.port);
    let server = world.pid();
    let line = world.ask("#{join_command}");
    let string = line.strip_prefix("stepmux join ").unwrap();
    kill_process(server, Signal::STOP).unwrap();
    // The relay gives the link up, and keeps the session and its guest.
    until("lost link", || !linked(&world));
    inside.send("echo asleep-$((40+2))\r");
    kill_process(server, Signal::CONT).unwrap();
    inside.wait_text("asleep-42");
    until("new link", || linked(&world));
    let mut join = world.command(STEPMUX);
    join.args([
        "join",
        "-o",
        "IdentityAgent=none",
        "-o",
        "IdentityFile=none",
    ]);
    join.args([string, "list-windows", "-F", "x"]);
    let out = finish("join", join);
    assert_eq!((out.status, &*out.stdout), (Some(0), "x\n"), "{out:?}");
}

#[test]
fn relay_that_is_to_end_lets_its_guest_finish_and_takes_nobody_else() {
    let world = world();
    let mut relay = Relay::with(&world, 0, &["--drain", "600"]);
    let way = share(&world, &relay.place(), &[]);
    let mut inside = guest(&world, &way, &way.token, relay.port);
    relay.signal(Signal::TERM);
    until("closed port", || {
        std::net::TcpStream::connect(("127.0.0.1", relay.port)).is_err()
    });
    inside.send("echo still-$((40+2))\r");
    inside.wait_text("still-42");
    assert!(relay.child.try_wait().unwrap().is_none());
    inside.send("\x02d");
    assert_eq!(inside.finish(), 0);
    assert!(relay.ended().success());
    // The session waits for the next one at the same place.
    let relay = Relay::start(&world, relay.port);
    let out = run(
        &world,
        &way,
        &way.token,
        relay.port,
        &["list-windows", "-F", "x"],
    );
    assert_eq!(out.stdout, "x\n", "{out:?}");
}

#[test]
fn relay_that_is_told_twice_ends_at_once_and_says_so() {
    let world = world();
    let mut relay = Relay::with(&world, 0, &["--drain", "600"]);
    let way = share(&world, &relay.place(), &[]);
    let mut inside = guest(&world, &way, &way.token, relay.port);
    relay.signal(Signal::TERM);
    until("closed port", || {
        std::net::TcpStream::connect(("127.0.0.1", relay.port)).is_err()
    });
    relay.signal(Signal::TERM);
    assert_eq!(inside.finish(), 255);
    assert!(relay.ended().success());
}

#[test]
fn sessions_of_one_machine_do_not_meet() {
    let world = world();
    let relay = Relay::start(&world, 0);
    let first = share(&world, &relay.place(), &[]);
    world.ok(&["new-session", "-d", "-s", "other"]);
    world.ok(&["share", "-t", "other", "--relay", &relay.place()]);
    let line = world.ok(&["display-message", "-p", "-t", "other", "#{ssh_command}"]);
    assert!(
        !line.contains(&first.route) && !line.contains(&first.token),
        "{line}"
    );
    // The one's route with the other's token opens nothing.
    let token = line.trim().split(' ').next_back().unwrap();
    let token = token.split('@').next().unwrap();
    let out = run(&world, &first, token, relay.port, &["list-windows"]);
    assert_eq!(out.status, Some(255), "{out:?}");
    assert!(out.stderr.contains("Permission denied"), "{out:?}");
}
