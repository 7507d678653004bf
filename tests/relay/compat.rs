//! Guests whose ssh ends in the relay: a stock client without a jump, where the
//! host has opted in, and told who can read.

use crate::common::relay::{Relay, share};
use crate::common::{Client, Output, World, finish};
use crate::world;

/// The user name of the plain line.
fn plain(world: &World, format: &str) -> String {
    let line = world.ask(format);
    let user = line.split(' ').next_back().unwrap();
    user.split('@').next().unwrap().to_owned()
}

fn words(user: &str, port: u16) -> Vec<String> {
    let options = "-F /dev/null -o BatchMode=yes -o IdentityAgent=none -o IdentityFile=none \
                   -o LogLevel=ERROR -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null";
    let mut words: Vec<String> = options.split_whitespace().map(str::to_owned).collect();
    words.extend([
        "-p".to_owned(),
        port.to_string(),
        format!("{user}@127.0.0.1"),
    ]);
    words
}

fn run(world: &World, user: &str, port: u16, command: &[&str]) -> Output {
    let mut ssh = world.command("ssh");
    ssh.args(words(user, port)).args(command);
    finish("ssh", ssh)
}

fn guest(world: &World, user: &str, port: u16) -> Client {
    let mut all = vec!["ssh".into(), "-tt".into()];
    all.extend(words(user, port).into_iter().map(Into::into));
    let client = world.on_terminal(&all, 100, 24);
    client.wait("status line", |screen| screen.contents().contains("[work]"));
    client
}

#[test]
fn guest_without_a_jump_comes_in_and_is_told_that_the_relay_reads() {
    let world = world();
    let relay = Relay::start(&world, 0);
    let way = share(&world, &relay.place(), &["--relay-compat"]);
    let user = plain(&world, "#{ssh_command_compat}");
    assert_eq!(user, format!("{}-{}", way.route, way.token));
    let printed = world.ok(&["share"]);
    assert!(printed.contains("(the relay can read this)"), "{printed}");
    assert!(printed.contains("it can read and change"), "{printed}");
    let out = run(&world, &user, relay.port, &["list-windows", "-F", "x"]);
    assert_eq!(
        (out.status, out.stdout.as_str()),
        (Some(0), "x\n"),
        "{out:?}"
    );
    assert!(
        out.stderr.contains("the relay can read and change"),
        "{out:?}"
    );
    let out = run(&world, &user, relay.port, &["no-such-command"]);
    assert_eq!(out.status, Some(1), "{out:?}");
    let mut guest = guest(&world, &user, relay.port);
    guest.wait_text("the relay can read");
    guest.send("echo typed-$((40+2))\r");
    guest.wait_text("typed-42");
    let readable = world.ok(&["list-clients", "-F", "#{client_readable}"]);
    assert!(readable.lines().any(|line| line == "1"), "{readable}");
    guest.resize(60, 20);
    world.wait(
        "new size",
        &["list-clients", "-F", "#{client_width}x#{client_height}"],
        |said| said.contains("60x20"),
    );
    guest.send("\x02d");
    assert_eq!(guest.finish(), 0);
}

#[test]
fn guest_who_may_look_only_types_nothing_without_a_jump_either() {
    let world = world();
    let relay = Relay::start(&world, 0);
    share(&world, &relay.place(), &["--relay-compat"]);
    let user = plain(&world, "#{ssh_command_compat_ro}");
    let out = run(&world, &user, relay.port, &["new-window"]);
    assert!(out.stderr.contains("client is read-only"), "{out:?}");
    let mut guest = guest(&world, &user, relay.port);
    guest.send("echo never-typed\r");
    let out = run(&world, &user, relay.port, &["capture-pane", "-p"]);
    assert_eq!(out.status, Some(0), "{out:?}");
    assert!(!out.stdout.contains("never-typed"), "{out:?}");
}

#[test]
fn plain_line_opens_nothing_where_the_host_did_not_opt_in() {
    let world = world();
    let relay = Relay::start(&world, 0);
    let way = share(&world, &relay.place(), &[]);
    assert_eq!(world.ask("#{ssh_command_compat}"), "");
    let user = format!("{}-{}", way.route, way.token);
    let out = run(&world, &user, relay.port, &["list-windows"]);
    assert_eq!(out.status, Some(255), "{out:?}");
    assert!(out.stderr.contains("Permission denied"), "{out:?}");
    world.ok(&["unshare"]);
    share(&world, &relay.place(), &["--relay-compat"]);
    let good = plain(&world, "#{ssh_command_compat}");
    for user in [&good[..good.len() - 1], &format!("{good}x"), "rx-y"] {
        let out = run(&world, user, relay.port, &["list-windows"]);
        assert!(out.stderr.contains("Permission denied"), "{user}: {out:?}");
    }
}

#[test]
fn keys_are_not_shown_to_a_relay() {
    let world = world();
    let relay = Relay::start(&world, 0);
    world.keygen("own");
    let list = world.write("list", world.public("own"));
    let limit = ["--limit-to", list.to_str().unwrap()];
    let words = ["share", "--relay", &relay.place(), "--relay-compat"];
    let out = world.run(&[words.as_slice(), limit.as_slice()].concat());
    assert_eq!(out.status, Some(1), "{out:?}");
    assert!(out.stderr.contains("--limit-to"), "{out:?}");
    assert_eq!(world.ask("#{session_shared}"), "0");
}

#[test]
fn files_pass_and_forwards_do_not_without_a_jump() {
    let world = world();
    let relay = Relay::start(&world, 0);
    let dir = world.path("served");
    std::fs::create_dir_all(&dir).unwrap();
    let text: Vec<u8> = (0..900_000u32).map(|n| (n % 251) as u8).collect();
    std::fs::write(dir.join("core"), &text).unwrap();
    let served = dir.to_str().unwrap();
    let more = ["--relay-compat", "--sftp", served, "--forward", "any"];
    share(&world, &relay.place(), &more);
    let user = plain(&world, "#{ssh_command_compat}");
    let to = world.path("copied");
    let mut scp = world.command("scp");
    let mut options = words(&user, relay.port);
    let place = options.pop().unwrap();
    let at = options.iter().position(|word| word == "-p").unwrap();
    options[at] = "-P".to_owned();
    scp.args(["-s", "-q"]).args(options);
    scp.arg(format!("{place}:{served}/core")).arg(&to);
    let out = finish("scp", scp);
    assert_eq!(out.status, Some(0), "{out:?}");
    assert!(std::fs::read(&to).unwrap() == text);
    let mut ssh = world.command("ssh");
    ssh.args(["-W", "127.0.0.1:1"])
        .args(words(&user, relay.port));
    let out = finish("ssh -W", ssh);
    assert!(out.status != Some(0), "{out:?}");
}
