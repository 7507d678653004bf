//! A machine that reaches its relay through a proxy, a command, or a name with
//! several addresses.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::common::World;
use crate::common::relay::{Relay, run, share};
use crate::world;

/// A proxy of HTTP for one login; what it was asked.
struct Proxy {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    fn start(login: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let notes = Arc::clone(&asked);
        thread::spawn(move || {
            for client in listener.incoming() {
                let notes = Arc::clone(&notes);
                thread::spawn(move || attend(client.unwrap(), login, &notes));
            }
        });
        Self { port, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn attend(client: TcpStream, login: &str, notes: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(client.try_clone().unwrap());
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        head.push(line);
    }
    notes.lock().unwrap().push(head[0].clone());
    let proof = format!("Proxy-Authorization: Basic {login}");
    if !head.contains(&proof) {
        let _ = (&client).write_all(b"HTTP/1.1 407 Who are you\r\n\r\n");
        return;
    }
    let place = head[0].split(' ').nth(1).unwrap();
    let Ok(far) = TcpStream::connect(place) else {
        let _ = (&client).write_all(b"HTTP/1.1 502 Nobody there\r\n\r\n");
        return;
    };
    (&client).write_all(b"HTTP/1.1 200 Go on\r\n\r\n").unwrap();
    let back = (far.try_clone().unwrap(), client.try_clone().unwrap());
    thread::spawn(move || std::io::copy(&mut &back.0, &mut &back.1));
    let _ = std::io::copy(&mut reader, &mut &far);
    let _ = far.shutdown(std::net::Shutdown::Both);
}

fn works(world: &World, place: &str, port: u16, more: &[&str]) {
    let way = share(world, place, more);
    let out = run(world, &way, &way.token, port, &["list-windows", "-F", "x"]);
    assert_eq!(out.stdout, "x\n", "{out:?}");
    world.ok(&["unshare"]);
}

#[test]
fn relay_is_reached_through_the_proxy_of_the_environment() {
    let world = world();
    let relay = Relay::start(&world, 0);
    // `ann:secret`, as RFC 7617 writes it.
    let proxy = Proxy::start("YW5uOnNlY3JldA==");
    let set = |name: &str, value: &str| world.ok(&["set-environment", "-g", name, value]);
    let connect = format!("CONNECT {} HTTP/1.1", relay.place());
    set(
        "HTTPS_PROXY",
        &format!("http://ann:wrong@127.0.0.1:{}", proxy.port),
    );
    let out = world.run(&["share", "--relay", &relay.place()]);
    assert_eq!(out.status, Some(1), "{out:?}");
    assert!(
        out.stderr.contains("refuses the user and password"),
        "{out:?}"
    );
    assert!(!out.stderr.contains("wrong@"), "{out:?}");
    set(
        "HTTPS_PROXY",
        &format!("http://ann:secret@127.0.0.1:{}", proxy.port),
    );
    works(&world, &relay.place(), relay.port, &[]);
    assert_eq!(proxy.asked(), [connect.clone(), connect]);
    // Not where it is not to be used.
    set("NO_PROXY", "example.org,127.0.0.0/8");
    works(&world, &relay.place(), relay.port, &[]);
    set("NO_PROXY", "");
    works(
        &world,
        &relay.place(),
        relay.port,
        &["--proxy-command", "none"],
    );
    assert_eq!(proxy.asked().len(), 2);
    set("HTTPS_PROXY", "socks5://127.0.0.1:1");
    let out = world.run(&["share", "--relay", &relay.place()]);
    assert!(out.stderr.contains("--proxy-command"), "{out:?}");
}

#[test]
fn relay_is_reached_through_a_command() {
    let world = world();
    let relay = Relay::start(&world, 0);
    let command = "exec bash -c 'exec 3<>/dev/tcp/%h/%p; cat <&3 & cat >&3'";
    works(
        &world,
        &relay.place(),
        relay.port,
        &["--proxy-command", command],
    );
    let out = world.run(&[
        "share",
        "--relay",
        &relay.place(),
        "--proxy-command",
        "echo no way today >&2",
    ]);
    assert_eq!(out.status, Some(1), "{out:?}");
    assert!(
        out.stderr.contains("proxy command: no way today"),
        "{out:?}"
    );
}

#[test]
fn relay_is_reached_at_whichever_address_of_its_name_answers() {
    let world = world();
    // It listens on one address of the name, whatever others that has.
    let relay = Relay::start(&world, 0);
    works(
        &world,
        &format!("localhost:{}", relay.port),
        relay.port,
        &[],
    );
    let out = world.run(&["share", "--relay", "no-such-host.invalid"]);
    assert_eq!(out.status, Some(1), "{out:?}");
    assert!(
        out.stderr.contains("relay no-such-host.invalid:22: "),
        "{out:?}"
    );
}
