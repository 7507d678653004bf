//! Lessons from other tools' advisories that concern a relay, each named by what
//! it asks for. Those about claims, and about time and bytes before a peer is
//! known, are tried from inside (`relay::tests`); that a swapped key is refused,
//! by `wrong_relay_key_shares_nothing_and_wrong_session_key_is_refused` and
//! `join_refuses_every_other_key`; that a route makes the relay dial nowhere, by
//! `wrong_routes_and_places_are_refused`.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::common::finish;
use crate::common::relay::{Relay, guest, refused, run, share};
use crate::world;

// Lesson 1: what another user made, a link, a wrong mode is refused.

#[test]
fn relay_refuses_a_state_directory_that_is_a_link_or_open_to_others() {
    let world = world();
    let (real, link, open) = (world.path("real"), world.path("link"), world.path("open"));
    for dir in [&real, &open] {
        std::fs::create_dir(dir).unwrap();
        std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o700)).unwrap();
    }
    symlink(&real, &link).unwrap();
    std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o755)).unwrap();
    for (dir, why) in [(&link, "not a directory"), (&open, "mode 0755")] {
        let said = refused(&world, &["--state-dir", dir.to_str().unwrap()]);
        assert!(said.contains(why), "{said}");
    }
}

// Lesson 1: what is stored leads to no session.

#[test]
fn relay_keeps_its_key_alone_on_disk() {
    let world = world();
    let dir = world.path("state");
    let relay = Relay::with(&world, 0, &["--state-dir", dir.to_str().unwrap()]);
    let way = share(&world, &relay.place(), &["--relay-compat"]);
    let out = run(&world, &way, &way.token, relay.port, &["list-windows"]);
    assert_eq!(out.status, Some(0), "{out:?}");
    let mut names: Vec<String> = std::fs::read_dir(&dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["relay.sock", "relay_ed25519"]);
}

// Lesson 5: a role comes from what was proven, never from a peer's own words.

#[test]
fn guest_who_calls_themselves_a_machine_or_a_relay_gets_nothing() {
    let world = world();
    world.keygen("own");
    let list = world.write("hosts", world.public("own"));
    let own = world.path("own");
    let relay = Relay::with(
        &world,
        0,
        &[
            "--allow-hosts",
            "keys",
            "--host-keys",
            list.to_str().unwrap(),
        ],
    );
    let identity = ["--relay-identity", own.to_str().unwrap()];
    let mut way = share(&world, &relay.place(), &identity);
    // At the session's door the relay's own word opens nothing.
    let user = format!("readable:{}", way.token);
    let out = run(&world, &way, &user, relay.port, &["list-windows"]);
    assert!(out.stderr.contains("Permission denied"), "{out:?}");
    // At the relay a machine's name opens nothing without its key.
    way.route = "stepmux-host".to_owned();
    let out = run(&world, &way, &way.token, relay.port, &["list-windows"]);
    assert!(out.stderr.contains("Permission denied"), "{out:?}");
}

// Lesson 9: whoever floods or stalls holds up nobody else.

#[test]
fn good_guests_work_through_a_flood_of_bad_routes() {
    let world = world();
    let relay = Relay::start(&world, 0);
    let way = share(&world, &relay.place(), &[]);
    let mut inside = guest(&world, &way, &way.token, relay.port);
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for nth in 0..4 {
            let (world, over, port) = (&world, &over, relay.port);
            scope.spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    let mut ssh = world.command("ssh");
                    ssh.args("-F /dev/null -o BatchMode=yes -o LogLevel=QUIET".split(' '));
                    ssh.args("-o StrictHostKeyChecking=no".split(' '));
                    ssh.args("-o UserKnownHostsFile=/dev/null".split(' '));
                    ssh.args(["-o", "IdentityAgent=none", "-o", "IdentityFile=none"]);
                    ssh.args(["-W", "stepmux:22", "-p", &port.to_string()]);
                    ssh.arg(format!("rbad{nth}@127.0.0.1"));
                    assert_eq!(finish("ssh", ssh).status, Some(255));
                }
            });
        }
        for nth in 0..3 {
            inside.send(format!("echo through-$((40+{nth}))\r"));
            inside.wait_text(&format!("through-{}", 40 + nth));
            let out = run(
                &world,
                &way,
                &way.token,
                relay.port,
                &["list-windows", "-F", "x"],
            );
            assert_eq!(out.stdout, "x\n", "{out:?}");
        }
        over.store(true, Ordering::Relaxed);
    });
}

#[test]
fn guest_who_does_not_read_holds_up_no_other_through_a_relay() {
    let world = world();
    let relay = Relay::start(&world, 0);
    let way = share(&world, &relay.place(), &[]);
    let stalled = guest(&world, &way, &way.token, relay.port);
    let mut other = guest(&world, &way, &way.token, relay.port);
    stalled.stall();
    other.send("seq 200000; echo end-$((40+2))\r");
    other.wait_text("end-42");
    other.send("echo and-$((40+3))\r");
    other.wait_text("and-43");
    stalled.resume();
    stalled.wait_text("and-43");
}
