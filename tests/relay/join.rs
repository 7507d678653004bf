//! `stepmux join`: the system's ssh, run so that it reaches the session of the
//! string and nobody else, and run again when the connection is lost.

use crate::common::relay::{Relay, share};
use crate::common::{Client, Output, STEPMUX, World, finish, inhabitants};
use crate::world;

/// The string of the session's join line.
fn string(world: &World) -> String {
    let line = world.ask("#{join_command}");
    line.strip_prefix("stepmux join ").unwrap().to_owned()
}

/// Keeps the keys and agents of whoever runs the tests out.
const ALONE: [&str; 4] = ["-o", "IdentityAgent=none", "-o", "IdentityFile=none"];

fn run(world: &World, string: &str, command: &[&str]) -> Output {
    let mut join = world.command(STEPMUX);
    join.arg("join").args(ALONE).arg(string).args(command);
    finish("join", join)
}

fn joined(world: &World, string: &str) -> Client {
    let mut all = vec![STEPMUX.into(), "join".into()];
    all.extend(ALONE.map(Into::into));
    all.push(string.into());
    let client = world.on_terminal(&all, 90, 24);
    client.wait("status line", |screen| screen.contents().contains("[work]"));
    client
}

#[test]
fn join_reaches_a_session_through_a_relay_by_its_string_alone() {
    let world = world();
    let relay = Relay::start(&world, 0);
    let way = share(&world, &relay.place(), &[]);
    let printed = world.ok(&["share"]);
    let string = string(&world);
    assert!(
        printed.contains(&format!("stepmux join {string}\n")),
        "{printed}"
    );
    let out = run(&world, &string, &["list-windows", "-F", "x"]);
    assert_eq!(
        (out.status, out.stdout.as_str()),
        (Some(0), "x\n"),
        "{out:?}"
    );
    let out = run(&world, &string, &["no-such-command"]);
    assert_eq!(out.status, Some(1), "{out:?}");
    let mut guest = joined(&world, &string);
    guest.send("echo typed-$((40+2))\r");
    guest.wait_text("typed-42");
    // Neither ssh shows the token to whoever lists processes; what the user has
    // typed does.
    let mut programs = 0;
    for pid in inhabitants(&world.path("")) {
        let words = std::fs::read(format!("/proc/{}/cmdline", pid.as_raw_nonzero()));
        let words = String::from_utf8_lossy(&words.unwrap_or_default()).into_owned();
        if words.starts_with("ssh\0") {
            programs += 1;
            assert!(!words.contains(&way.token), "{words:?}");
        }
    }
    assert!(programs >= 2, "{programs}");
    guest.send("\x02d");
    assert_eq!(guest.finish(), 0);
}

#[test]
fn join_reaches_a_shares_own_door() {
    let world = world();
    let direct = world.share(&[]);
    let string = string(&world);
    assert!(
        string.contains(&format!("@127.0.0.1:{}/", direct.port)),
        "{string}"
    );
    let out = run(&world, &string, &["list-windows", "-F", "x"]);
    assert_eq!(
        (out.status, out.stdout.as_str()),
        (Some(0), "x\n"),
        "{out:?}"
    );
    let mut join = world.command("sh");
    let line = format!("echo '{string}' | {STEPMUX} join stepmux://- list-windows -F y");
    join.args(["-c", &line]);
    let out = finish("join", join);
    assert_eq!(out.stdout, "y\n", "{out:?}");
}

#[test]
fn join_refuses_every_other_key() {
    let world = world();
    let relay = Relay::start(&world, 0);
    share(&world, &relay.place(), &[]);
    let string = string(&world);
    let mut parts: Vec<String> = string.split('/').map(str::to_owned).collect();
    let other = |key: &str| {
        let first = if key.starts_with('B') { "C" } else { "B" };
        format!("{first}{}", &key[1..])
    };
    // The session's key, then the relay's.
    for at in [3, 5] {
        let own = std::mem::take(&mut parts[at]);
        parts[at] = other(&own);
        let out = run(&world, &parts.join("/"), &["list-windows"]);
        assert_eq!(out.status, Some(255), "{at}: {out:?}");
        assert!(
            out.stderr.contains("not the host that the string names"),
            "{at}: {out:?}"
        );
        parts[at] = own;
    }
    let out = run(&world, "stepmux://tok@vm", &[]);
    assert_eq!(out.status, Some(1), "{out:?}");
    assert!(out.stderr.contains("this is no stepmux://"), "{out:?}");
    world.ok(&["rotate-share"]);
    let out = run(&world, &string, &["list-windows"]);
    assert_eq!(out.status, Some(255), "{out:?}");
    assert!(out.stderr.contains("lets nobody in"), "{out:?}");
}

#[test]
fn join_comes_back_by_itself_when_the_relay_was_killed() {
    let world = world();
    let mut relay = Relay::start(&world, 0);
    share(&world, &relay.place(), &[]);
    let mut guest = joined(&world, &string(&world));
    relay.kill();
    guest.wait_text("the connection was lost");
    world.ok(&["send-keys", "echo mean''while", "Enter"]);
    let _relay = Relay::start(&world, relay.port);
    guest.wait_text("meanwhile");
    guest.send("echo and-$((40+2))\r");
    guest.wait_text("and-42");
    guest.send("\x02d");
    assert_eq!(guest.finish(), 0);
}

#[test]
fn join_without_a_string_is_still_join_pane() {
    let world = world();
    world.ok(&["split-window", "-d"]);
    world.ok(&["new-window", "-d"]);
    world.ok(&["join", "-d", "-s", ":1.0", "-t", ":0"]);
    let panes = world.ok(&["list-panes", "-F", "x"]);
    assert_eq!(panes.lines().count(), 3, "{panes}");
}
