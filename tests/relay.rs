//! The relay with the stock OpenSSH client on the loopback: end to end through a
//! jump, links that break, peers that lie.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Child;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

use common::{Client, Output, PATIENCE, STEPMUX, World, finish};

/// A relay of this world.
struct Relay {
    child: Child,
    port: u16,
    fingerprint: String,
}

impl Relay {
    fn start(world: &World, port: u16) -> Self {
        let mut command = world.command(STEPMUX);
        command.args(["relay", "--listen", &format!("127.0.0.1:{port}")]);
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut line = |begin: &str| loop {
            let line = lines.next().unwrap().unwrap();
            if let Some(rest) = line.strip_prefix(begin) {
                return rest.trim().to_owned();
            }
        };
        let at = line("listening:");
        let fingerprint = line("fingerprint:");
        let port = at.rsplit_once(':').unwrap().1.parse().unwrap();
        Self {
            child,
            port,
            fingerprint,
        }
    }

    fn place(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What `share` printed of a way in.
struct Way {
    route: String,
    token: String,
    view: String,
    alias: String,
}

fn way(world: &World) -> Way {
    let words = |name: &str| -> Vec<String> {
        let line = world.ask(name);
        line.split(' ').map(str::to_owned).collect()
    };
    let user = |word: &str| word.split('@').next().unwrap().to_owned();
    let line = words("#{ssh_command}");
    assert_eq!(line[..2], ["ssh".to_owned(), "-J".to_owned()], "{line:?}");
    Way {
        route: user(&line[2]),
        alias: line[4].strip_prefix("HostKeyAlias=").unwrap().to_owned(),
        token: user(&line[5]),
        view: user(&words("#{ssh_command_ro}")[5]),
    }
}

/// Shares through a relay at a place and makes the session's key known.
fn share(world: &World, place: &str, more: &[&str]) -> Way {
    let printed = world.ok(&[&["share", "--relay", place], more].concat());
    let known: Vec<&str> = printed
        .lines()
        .filter_map(|line| line.strip_prefix("known_hosts: "))
        .collect();
    world.write("known_hosts", format!("{}\n", known.join("\n")));
    way(world)
}

/// The stock client's words for a guest: the jump is spelled out, since options
/// on the command line do not reach it.
fn words(world: &World, way: &Way, user: &str, port: u16) -> Vec<String> {
    let options = "-F /dev/null -o BatchMode=yes -o IdentityAgent=none -o IdentityFile=none \
                   -o LogLevel=ERROR";
    let jump = format!(
        "ssh {options} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
         -W stepmux:22 -p {port} {}@127.0.0.1",
        way.route
    );
    let mut words: Vec<String> = options.split_whitespace().map(str::to_owned).collect();
    words.extend([
        "-o".to_owned(),
        format!("ProxyCommand={jump}"),
        "-o".to_owned(),
        format!("HostKeyAlias={}", way.alias),
        "-o".to_owned(),
        "StrictHostKeyChecking=yes".to_owned(),
        "-o".to_owned(),
        format!("UserKnownHostsFile={}", world.path("known_hosts").display()),
        format!("{user}@stepmux"),
    ]);
    words
}

fn run(world: &World, way: &Way, user: &str, port: u16, command: &[&str]) -> Output {
    let mut ssh = world.command("ssh");
    ssh.args(words(world, way, user, port)).args(command);
    finish("ssh", ssh)
}

fn guest(world: &World, way: &Way, user: &str, port: u16) -> Client {
    let mut all = vec!["ssh".into(), "-tt".into()];
    all.extend(words(world, way, user, port).into_iter().map(Into::into));
    let client = world.on_terminal(&all, 90, 24);
    client.wait("status line", |screen| screen.contents().contains("[work]"));
    client
}

/// A wire between this world and a relay that can be listened at, held, and cut.
struct Wire {
    port: u16,
    seen: Arc<Mutex<Vec<u8>>>,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Wire {
    fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let own = listener.local_addr().unwrap().port();
        let (seen, open) = (Arc::default(), Arc::default());
        let wire = Self {
            port: own,
            seen: Arc::clone(&seen),
            open: Arc::clone(&open),
        };
        thread::spawn(move || {
            for near in listener.incoming() {
                let Ok(far) = TcpStream::connect(("127.0.0.1", port)) else {
                    continue;
                };
                let near = near.unwrap();
                for (from, to) in [(&near, &far), (&far, &near)] {
                    let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    open.lock().unwrap().push(from.try_clone().unwrap());
                    let seen = Arc::clone(&seen);
                    thread::spawn(move || {
                        let mut buffer = [0; 8192];
                        while let Ok(count @ 1..) = from.read(&mut buffer) {
                            seen.lock().unwrap().extend(&buffer[..count]);
                            if to.write_all(&buffer[..count]).is_err() {
                                break;
                            }
                        }
                        let _ = to.shutdown(std::net::Shutdown::Both);
                    });
                }
            }
        });
        wire
    }

    fn cut(&self) {
        for stream in self.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
    }
}

fn world() -> World {
    let world = World::new();
    world.start(80, 24);
    world
}

#[test]
fn guests_come_end_to_end_through_a_jump_and_the_relay_reads_nothing() {
    let world = world();
    let relay = Relay::start(&world, 0);
    let wire = Wire::to(relay.port);
    let way = share(
        &world,
        &format!("127.0.0.1:{}", wire.port),
        &["--relay-key", &relay.fingerprint],
    );
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
    let seen = wire.seen.lock().unwrap();
    assert!(seen.len() > 4096, "{} bytes", seen.len());
    let clear = |text: &[u8]| seen.windows(text.len()).any(|part| part == text);
    assert!(
        clear(b"SSH-2.0-"),
        "the link's own greeting is in the clear"
    );
    assert!(!clear(b"in-the-clear") && !clear(way.token.as_bytes()));
}

#[test]
fn jump_of_the_printed_line_works_as_it_is_printed() {
    let world = world();
    let relay = Relay::start(&world, 0);
    let way = share(&world, &relay.place(), &[]);
    let line = world.ask("#{ssh_command}");
    // The one file that such a line reads, with both keys in it.
    let known = std::fs::read_to_string(world.path("known_hosts")).unwrap();
    let mut scan = world.command("ssh-keyscan");
    scan.args(["-p", &relay.port.to_string(), "127.0.0.1"]);
    let relay_key = finish("ssh-keyscan", scan).stdout;
    let both = world.write("both", format!("{known}{relay_key}"));
    let config = format!(
        "UserKnownHostsFile {}\nStrictHostKeyChecking yes\nBatchMode yes\nLogLevel ERROR\n",
        both.display()
    );
    let config = world.write("ssh_config", config);
    let mut ssh = world.command("ssh");
    ssh.arg("-F").arg(config).args(line.split(' ').skip(1));
    ssh.args(["display-message", "-p", "#{session_name}"]);
    let out = finish("ssh -J", ssh);
    assert_eq!(
        (out.status, out.stdout.as_str()),
        (Some(0), "work\n"),
        "{out:?}"
    );
    assert!(line.contains(&way.alias));
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
    let wire = Wire::to(relay.port);
    let way = share(&world, &format!("127.0.0.1:{}", wire.port), &[]);
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
    let pid = rustix::process::Pid::from_child(&relay.child);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    let end = Instant::now() + PATIENCE;
    let status = loop {
        if let Some(status) = relay.child.try_wait().unwrap() {
            break status;
        }
        assert!(Instant::now() < end, "the relay goes on");
        thread::yield_now();
    };
    assert!(status.success(), "{status}");
}
