//! Which machines a relay takes, by what a machine knows a relay, and what a
//! relay tells its operator.

use std::io::{Read, Write};
use std::net::TcpStream;

use rustix::process::Signal;

use crate::common::World;
use crate::common::relay::{Relay, refused, run, share, status};
use crate::world;

fn private(world: &World, name: &str) -> String {
    world.keygen(name);
    world.path(name).to_str().unwrap().to_owned()
}

#[test]
fn relay_that_takes_known_machines_refuses_others_by_words() {
    let world = world();
    let own = private(&world, "own");
    let other = private(&world, "other");
    let list = world.write("hosts", world.public("own"));
    let list = list.to_str().unwrap().to_owned();
    let relay = Relay::with(&world, 0, &["--allow-hosts", "keys", "--host-keys", &list]);
    assert_eq!(relay.said("hosts:"), "listed keys");
    let place = relay.place();
    let turned_away = |more: &[&str]| {
        let out = world.run(&[&["share", "--relay", &place], more].concat());
        assert_eq!(out.status, Some(1), "{out:?}");
        assert_eq!(world.ask("#{session_shared}"), "0");
        out.stderr
    };
    assert!(turned_away(&[]).contains("name a key that it lists"));
    assert!(
        turned_away(&["--relay-identity", &other]).contains("does not take this machine's key")
    );
    let way = share(&world, &place, &["--relay-identity", &own]);
    let out = run(
        &world,
        &way,
        &way.token,
        relay.port,
        &["list-windows", "-F", "x"],
    );
    assert_eq!(out.stdout, "x\n", "{out:?}");
    world.ok(&["unshare"]);
    // A list that is broken changes nothing; one that is whole is taken.
    world.write("hosts", "nonsense\n");
    relay.signal(Signal::HUP);
    world.write(
        "hosts",
        format!(
            "{}\n{}\n",
            world.public("own").trim(),
            world.public("other").trim()
        ),
    );
    relay.signal(Signal::HUP);
    world.wait(
        "place for the other machine",
        &["share", "--relay", &place, "--relay-identity", &other],
        |said| said.contains("join:"),
    );
}

#[test]
fn relay_without_a_list_of_machines_does_not_start() {
    let world = world();
    for (words, why) in [
        (
            ["--allow-hosts", "keys"].as_slice(),
            "authorized_hosts: No such file",
        ),
        (&["--host-keys", "/dev/null"], "--allow-hosts keys"),
        (&["--metrics", "nowhere"], "can't listen on nowhere"),
    ] {
        let said = refused(&world, words);
        assert!(said.contains(why), "{said}");
    }
}

#[test]
fn shipped_unit_starts_a_relay_that_status_finds() {
    let world = world();
    let unit = include_str!("../../packaging/stepmux-relay.service");
    let value = |name: &str| {
        let mut lines = unit.lines();
        lines.find_map(|line| line.strip_prefix(name)).unwrap()
    };
    let words: Vec<&str> = value("ExecStart=/usr/bin/stepmux relay ")
        .split(' ')
        .collect();
    // Its ports may be taken here, and so may its directory.
    let own = |word: &&&str| !word.contains(':') && **word != "--listen";
    let words: Vec<&str> = words.iter().filter(own).copied().collect();
    assert_eq!(words, ["--metrics", "--drain", "60"]);
    assert_eq!(value("Environment="), "XDG_STATE_HOME=/var/lib/private");
    assert_eq!(value("StateDirectory="), "stepmux");
    let relay = Relay::at(
        &world,
        "[::]:0",
        &["--metrics", "127.0.0.1:0", "--drain", "60"],
    );
    let kept = world.home().join(".local/state/stepmux/relay_ed25519");
    assert!(kept.exists(), "{}", kept.display());
    let told = status(&world, &[]);
    assert!(told.stdout.contains(&relay.fingerprint), "{told:?}");
    relay.signal(Signal::HUP);
    assert_eq!(status(&world, &[]).status, Some(0));
}

#[test]
fn machines_and_guests_come_to_ports_of_their_own() {
    let world = world();
    let relay = Relay::with(&world, 0, &["--host-listen", "127.0.0.1:0"]);
    let hosts = relay.said("for VMs:");
    let out = world.run(&["share", "--relay", &relay.place()]);
    assert_eq!(out.status, Some(1), "{out:?}");
    assert!(out.stderr.contains("another port of this relay"), "{out:?}");
    let way = share(&world, &hosts, &[]);
    // Guests are told of their own port, which the relay has said.
    let line = world.ask("#{ssh_command}");
    assert!(line.contains(&format!("@{} ", relay.place())), "{line}");
    let guests = run(
        &world,
        &way,
        &way.token,
        relay.port,
        &["list-windows", "-F", "x"],
    );
    assert_eq!(guests.stdout, "x\n", "{guests:?}");
    let port = hosts.rsplit_once(':').unwrap().1.parse().unwrap();
    let out = run(&world, &way, &way.token, port, &["list-windows"]);
    assert_eq!(out.status, Some(255), "{out:?}");
    assert!(out.stderr.contains("Permission denied"), "{out:?}");
}

#[test]
fn relay_is_known_again_by_its_key() {
    let world = world();
    let mut relay = Relay::start(&world, 0);
    share(&world, &relay.place(), &[]);
    world.ok(&["unshare"]);
    let pins = world.home().join(".local/state/stepmux/known_relays");
    let line = format!("[127.0.0.1]:{} {}\n", relay.port, relay.fingerprint);
    assert_eq!(std::fs::read_to_string(&pins).unwrap(), line);
    relay.kill();
    // Another one in its place.
    let dir = world.path("elsewhere");
    let relay = Relay::with(&world, relay.port, &["--state-dir", dir.to_str().unwrap()]);
    let out = world.run(&["share", "--relay", &relay.place()]);
    assert_eq!(out.status, Some(1), "{out:?}");
    for part in ["its key is another one", &relay.fingerprint, "known_relays"] {
        assert!(out.stderr.contains(part), "{part}: {out:?}");
    }
    let named = ["--relay-key", &relay.fingerprint];
    share(&world, &relay.place(), &named);
    world.ok(&["unshare"]);
    assert_eq!(std::fs::read_to_string(&pins).unwrap(), line);
    std::fs::remove_file(&pins).unwrap();
    share(&world, &relay.place(), &[]);
}

/// One answer over HTTP.
fn http(place: &str, request: &str) -> String {
    let mut tcp = TcpStream::connect(place).unwrap();
    tcp.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    tcp.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn relay_tells_its_operator_what_it_has() {
    let world = world();
    let relay = Relay::with(&world, 0, &["--metrics", "127.0.0.1:0"]);
    let way = share(&world, &relay.place(), &[]);
    let out = run(&world, &way, &way.token, relay.port, &["list-windows"]);
    assert_eq!(out.status, Some(0), "{out:?}");
    let status = |more: &[&str]| status(&world, more);
    let out = status(&["--json"]);
    assert_eq!(out.status, Some(0), "{out:?}");
    let told: serde_json::Value = serde_json::from_str(&out.stdout).unwrap();
    assert_eq!(told["sessions"][0]["id"], way.alias.as_str(), "{told}");
    assert_eq!(told["sessions"][0]["linked"], true, "{told}");
    assert_eq!(told["fingerprint"], relay.fingerprint.as_str(), "{told}");
    assert_eq!(told["listen"][0], relay.place().as_str(), "{told}");
    assert!(!out.stdout.contains(&way.route) && !out.stdout.contains(&way.token));
    assert!(
        status(&[])
            .stdout
            .contains(&format!("{}  linked", way.alias))
    );
    let at = relay.said("metrics:");
    let at = at
        .strip_prefix("http://")
        .unwrap()
        .strip_suffix("/metrics")
        .unwrap();
    let text = http(at, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
    assert!(text.starts_with("HTTP/1.1 200 OK\r\n"), "{text}");
    for line in [
        "stepmux_relay_sessions{linked=\"yes\"} 1",
        "stepmux_relay_guests_total{path=\"jump\"} 1",
        "stepmux_relay_links_total 1",
        "# EOF",
    ] {
        assert!(text.lines().any(|own| own == line), "{line} in\n{text}");
    }
    assert!(
        !text.contains(&way.alias) && !text.contains("127.0.0.1"),
        "{text}"
    );
    for (request, status) in [
        ("GET /healthz HTTP/1.1\r\n\r\n", "200"),
        ("GET / HTTP/1.1\r\n\r\n", "404"),
        ("POST /metrics HTTP/1.1\r\n\r\n", "405"),
        ("nonsense\r\n\r\n", "405"),
    ] {
        let answer = http(at, request);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{answer}"
        );
    }
    drop(relay);
    let out = status(&[]);
    assert_eq!(out.status, Some(1), "{out:?}");
    assert!(out.stderr.contains("no relay runs"), "{out:?}");
}
