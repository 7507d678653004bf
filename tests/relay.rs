//! The relay with the stock OpenSSH client on the loopback: end to end through a
//! jump, links that break, peers that lie.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

#[path = "relay/addresses.rs"]
mod addresses;
#[path = "relay/compat.rs"]
mod compat;
#[path = "relay/faults.rs"]
mod faults;
#[path = "relay/hosts.rs"]
mod hosts;
#[path = "relay/join.rs"]
mod join;
#[path = "relay/lessons.rs"]
mod lessons;
#[path = "relay/proxies.rs"]
mod proxies;

use std::net::TcpListener;

use common::relay::{Relay, Wire, guest, run, share};
use common::{Output, World, finish};

fn world() -> World {
    let world = World::new();
    world.start(80, 24);
    world
}

#[test]
fn guests_come_end_to_end_through_a_jump_and_the_relay_reads_nothing() {
    let world = world();
    let relay = Relay::start(&world, 0);
    let wire = Wire::to(relay.place());
    let way = share(&world, &wire.place(), &["--relay-key", &relay.fingerprint]);
    let out = run(
        &world,
        &way,
        &way.token,
        relay.port,
        &["list-windows", "-F", "x"],
    );
    assert_eq!(
        (out.status, out.stdout.as_str()),
        (Some(0), "x\n"),
        "{out:?}"
    );
    let out = run(&world, &way, &way.view, relay.port, &["new-window"]);
    assert_eq!(out.stderr, "client is read-only\n", "{out:?}");
    let mut guest = guest(&world, &way, &way.token, relay.port);
    guest.send("echo mark''er-in-the-clear\r");
    guest.wait_text("marker-in-the-clear");
    let seen = wire.seen.lock().unwrap().len();
    assert!(seen > 4096, "{seen} bytes");
    assert!(
        wire.saw(b"SSH-2.0-"),
        "the link's own greeting is in the clear"
    );
    assert!(!wire.saw(b"in-the-clear") && !wire.saw(way.token.as_bytes()));
}

/// Runs a printed line as it is, with a command behind it.
fn printed(world: &World, line: &str, command: &[&str]) -> Output {
    // The one file that such a line reads, with the lines that were printed.
    let config = format!(
        "UserKnownHostsFile {}\nStrictHostKeyChecking yes\nBatchMode yes\nLogLevel ERROR\n",
        world.path("known_hosts").display()
    );
    let config = world.write("ssh_config", config);
    let mut shell = world.command("sh");
    let words = line.strip_prefix("ssh ").unwrap();
    shell.args(["-c", &format!("exec ssh -F \"$0\" {words} \"$@\"")]);
    shell.arg(config).args(command);
    finish("ssh -J", shell)
}

#[test]
fn jump_of_the_printed_line_works_as_it_is_printed() {
    let world = world();
    let relay = Relay::start(&world, 0);
    let way = share(&world, &relay.place(), &[]);
    let line = world.ask("#{ssh_command}");
    let out = printed(&world, &line, &["display-message", "-p", "#{session_name}"]);
    assert_eq!(
        (out.status, out.stdout.as_str()),
        (Some(0), "work\n"),
        "{out:?}"
    );
    assert!(line.contains(&way.alias));
}

#[test]
fn guest_over_a_relay_is_told_of_the_servers_end() {
    let world = world();
    let relay = Relay::start(&world, 0);
    let way = share(&world, &relay.place(), &[]);
    let mut guest = guest(&world, &way, &way.token, relay.port);
    guest.wait_status("[work]");
    guest.send("exit\r");
    // Its ssh ends well, by a word of the session's or of the share's end.
    assert_eq!(guest.finish(), 0, "{}", guest.screen());
    let shown = guest.screen();
    let told = ["[exited]", "[sharing stopped]"];
    assert!(told.iter().any(|text| shown.contains(text)), "{shown}");
}

#[test]
fn wrong_relay_key_shares_nothing_and_wrong_session_key_is_refused() {
    let world = world();
    let relay = Relay::start(&world, 0);
    let other = format!("SHA256:{}", "A".repeat(43));
    let out = world.run(&["share", "--relay", &relay.place(), "--relay-key", &other]);
    assert_eq!(out.status, Some(1), "{out:?}");
    assert!(out.stderr.contains("its key is another one"), "{out:?}");
    assert_eq!(world.ask("#{session_shared}"), "0");
    let way = share(&world, &relay.place(), &[]);
    world.keygen("other");
    let wrong = format!("{} {}", way.alias, world.public("other"));
    world.write("known_hosts", wrong);
    let out = run(&world, &way, &way.token, relay.port, &["list-windows"]);
    assert_eq!(out.status, Some(255), "{out:?}");
    assert!(
        out.stderr.contains("Host key verification failed"),
        "{out:?}"
    );
}

#[test]
fn cut_link_is_made_again_and_no_guest_notices() {
    let world = world();
    let relay = Relay::start(&world, 0);
    let wire = Wire::to(relay.place());
    let way = share(&world, &wire.place(), &[]);
    let mut guest = guest(&world, &way, &way.token, relay.port);
    for nth in 0..3 {
        guest.send(format!("echo before-$((40+{nth}))\r"));
        guest.wait_text(&format!("before-{}", 40 + nth));
        wire.cut();
        guest.send(format!("echo after-$((50+{nth}))\r"));
        guest.wait_text(&format!("after-{}", 50 + nth));
    }
}

#[test]
fn killed_relay_comes_back_and_guests_rejoin_by_the_same_line() {
    let world = world();
    let mut relay = Relay::start(&world, 0);
    let way = share(&world, &relay.place(), &[]);
    let mut lost = guest(&world, &way, &way.token, relay.port);
    world.ok(&["send-keys", "echo still-here", "Enter"]);
    relay.kill();
    assert_eq!(lost.finish(), 255);
    let relay = Relay::start(&world, relay.port);
    let again = guest(&world, &way, &way.token, relay.port);
    again.wait_text("still-here");
}

#[test]
fn wrong_routes_and_places_are_refused() {
    let world = world();
    let relay = Relay::start(&world, 0);
    let way = share(&world, &relay.place(), &[]);
    let jump = |user: &str, place: &str| {
        let mut ssh = world.command("ssh");
        ssh.args([
            "-F",
            "/dev/null",
            "-o",
            "BatchMode=yes",
            "-o",
            "LogLevel=INFO",
        ]);
        ssh.args([
            "-o",
            "StrictHostKeyChecking=no",
            "-o",
            "UserKnownHostsFile=/dev/null",
        ]);
        ssh.args(["-o", "IdentityAgent=none", "-o", "IdentityFile=none"]);
        ssh.args(["-W", place, "-p", &relay.port.to_string()]);
        ssh.arg(format!("{user}@127.0.0.1"));
        finish("ssh -W", ssh)
    };
    let mut forged = way.route.clone();
    forged.replace_range(5..6, if &forged[5..6] == "a" { "b" } else { "a" });
    for user in ["root", &forged, &way.route[..20], &way.token] {
        let out = jump(user, "stepmux:22");
        assert_eq!(out.status, Some(255), "{user}: {out:?}");
        assert!(out.stderr.contains("Permission denied"), "{user}: {out:?}");
    }
    let service = TcpListener::bind("127.0.0.1:0").unwrap();
    for place in [
        &*service.local_addr().unwrap().to_string(),
        "localhost:22",
        "stepmux.:22",
    ] {
        let out = jump(&way.route, place);
        assert!(
            out.stderr.contains("administratively prohibited"),
            "{place}: {out:?}"
        );
    }
    service.set_nonblocking(true).unwrap();
    assert!(service.accept().is_err(), "the relay has dialled");
}

#[test]
fn relay_that_is_told_to_end_does_so() {
    let world = world();
    let mut relay = Relay::start(&world, 0);
    let way = share(&world, &relay.place(), &[]);
    assert_eq!(
        run(
            &world,
            &way,
            &way.token,
            relay.port,
            &["list-windows", "-F", "x"]
        )
        .stdout,
        "x\n"
    );
    relay.signal(rustix::process::Signal::TERM);
    let status = relay.ended();
    assert!(status.success(), "{status}");
}
