//! Forwarded connections (`ssh -L`, `-W`, `-R`) with the stock client.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::Stdio;

use super::house::{House, Setup, Terminal};

/// A service that answers all that it was sent, at its end, backwards.
fn service() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for tcp in listener.incoming() {
            let mut tcp = tcp.unwrap();
            std::thread::spawn(move || {
                let mut all = Vec::new();
                tcp.read_to_end(&mut all).unwrap();
                all.reverse();
                tcp.write_all(&all).unwrap();
            });
        }
    });
    port
}

fn open(rules: &[String]) -> House {
    House::open(Setup {
        forward: rules.to_vec(),
        ..Setup::default()
    })
}

/// Talks to a place through `ssh -W`: status, answer, errors.
fn through(house: &House, user: &str, place: &str, text: &[u8]) -> (i32, Vec<u8>, String) {
    let mut child = house
        .command(user, &["-W", place], &[])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let text = text.to_vec();
    let writer = std::thread::spawn(move || {
        // A client that is refused reads nothing.
        let _ = stdin.write_all(&text);
    });
    let out = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let err = String::from_utf8(out.stderr).unwrap();
    (out.status.code().unwrap(), out.stdout, err)
}

#[test]
fn forward_passes_both_ways_and_closes_one_way_at_a_time() {
    let house = open(&["loopback".into()]);
    let place = format!("localhost:{}", service());
    let text: Vec<u8> = (0..300_007u32).flat_map(u32::to_le_bytes).collect();
    let (status, out, err) = through(&house, &house.token(), &place, &text);
    assert_eq!(status, 0, "{err}");
    let backwards: Vec<u8> = text.into_iter().rev().collect();
    assert!(out == backwards, "{} bytes came back", out.len());
}

#[test]
fn forward_is_refused_where_the_share_does_not_allow_it() {
    let port = service();
    let place = format!("127.0.0.1:{port}");
    let other = format!("127.0.0.1:{}", service());
    let open_to_one = open(std::slice::from_ref(&place));
    for (house, user, place) in [
        (&House::open(Setup::default()), None, &place),
        (&open_to_one, None, &other),
        (&open_to_one, Some(open_to_one.view_token()), &place),
    ] {
        let user = user.unwrap_or_else(|| house.token());
        let (status, out, err) = through(house, &user, place, b"x");
        assert_eq!((status, out.as_slice()), (255, &b""[..]));
        assert!(err.contains("administratively prohibited"), "{err}");
    }
    let token = open_to_one.token();
    let (status, out, _) = through(&open_to_one, &token, &place, b"ab");
    assert_eq!((status, out.as_slice()), (0, &b"ba"[..]));
}

#[test]
fn forward_to_nobody_says_so() {
    let house = open(&["any".into()]);
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = free.local_addr().unwrap().to_string();
    drop(free);
    let (status, _, err) = through(&house, &house.token(), &place, b"");
    assert_eq!(status, 255);
    assert!(err.contains("connect failed"), "{err}");
}

#[test]
fn forwarding_client_stays_without_a_session_and_is_bounded() {
    let mut setup = Setup {
        forward: vec!["loopback".into()],
        ..Setup::default()
    };
    setup.limits.idle = std::time::Duration::from_millis(1);
    setup.limits.forwards = 2;
    let house = House::open(setup);
    let local = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = local.local_addr().unwrap().port();
    drop(local);
    let rule = format!("{port}:127.0.0.1:{}", service());
    let options = ["-N", "-L", &rule, "-o", "ExitOnForwardFailure=yes"];
    let mut child = house
        .command(&house.token(), &options, &[])
        .spawn()
        .unwrap();
    let end = std::time::Instant::now() + Terminal::PATIENCE;
    let mut first = loop {
        if let Ok(tcp) = TcpStream::connect(("127.0.0.1", port)) {
            break tcp;
        }
        assert!(std::time::Instant::now() < end, "no forward");
        std::thread::park_timeout(std::time::Duration::from_millis(2));
    };
    // Both are known to be open once the other side has answered.
    let answer = |tcp: &mut TcpStream| {
        let mut all = Vec::new();
        // A refused one may be reset.
        let _ = tcp.write_all(b"12");
        let _ = tcp.shutdown(Shutdown::Write);
        let _ = tcp.read_to_end(&mut all);
        all
    };
    let held = [(); 2].map(|()| TcpStream::connect(("127.0.0.1", port)).unwrap());
    let refused = answer(&mut TcpStream::connect(("127.0.0.1", port)).unwrap());
    assert_eq!(refused, b"");
    drop(held);
    assert_eq!(answer(&mut first), b"21");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn remote_forward_is_refused_and_the_session_goes_on() {
    let house = open(&["any".into()]);
    let (status, _, err) = house.ssh(&house.token(), &["-R", "0:127.0.0.1:1"], &["exit", "5"]);
    assert_eq!(status, 5);
    assert!(err.contains("remote port forwarding failed"), "{err}");
}

#[test]
fn rule_that_cannot_be_understood_opens_no_share() {
    let said = House::try_open(|request| request.forward.push("nonsense".into()));
    assert!(said.starts_with("forward nonsense: not any"), "{said}");
}
