//! The SSH door against the stock OpenSSH client, over real sockets. The owner
//! here is a stand-in: it draws what it was told and keeps a log of events.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "ssh/channels.rs"]
mod channels;
#[path = "ssh/files.rs"]
mod files;
#[path = "ssh/forwards.rs"]
mod forwards;
#[path = "ssh/house.rs"]
mod house;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use house::{House, Setup, Terminal};
use stepmux::access::Grant;
use stepmux::ssh::Limits;

#[test]
fn guest_joins_by_token_alone() {
    let house = House::open(Setup::default());
    let mut guest = house.terminal(&house.token());
    guest.wait_for("picture of token as type");
    guest.type_keys("x");
    guest.wait_for("echo x");
    guest.type_keys("q");
    guest.wait_for("LEFT");
    guest.wait_for("[detached]");
    assert_eq!(guest.status(), 0);
    house.wait_for("gone guest-0");
}

#[test]
fn guest_with_the_view_token_may_only_view() {
    let house = House::open(Setup::default());
    let guest = house.terminal(&house.view_token());
    guest.wait_for("picture of view token as view");
}

#[test]
fn guest_joins_by_a_listed_key_under_any_name() {
    let house = House::open(Setup {
        keys: true,
        key_grant: Grant::Admin,
        ..Setup::default()
    });
    assert_eq!(house.info().keys, 1);
    let guest = house.terminal("anybody");
    guest.wait_for("picture of ann@home as admin");
}

#[test]
fn guest_terminal_and_locale_reach_the_owner() {
    let house = House::open(Setup::default());
    let guest = house.terminal(&house.token());
    guest.wait_for("picture");
    house.wait_for(
        "terminal 90x30 xterm-256color utf8=true env COLORTERM=truecolor,TERM=xterm-256color",
    );
}

#[test]
fn guest_resize_reaches_the_owner() {
    let house = House::open(Setup::default());
    let guest = house.terminal(&house.token());
    guest.wait_for("picture");
    guest.resize(101, 37);
    house.wait_for("resized guest-0 101x37");
}

#[test]
fn wrong_token_is_refused_without_a_prompt_and_reported() {
    let house = House::open(Setup::default());
    let (status, out, err) = house.ssh("wrong", &[], &["list-windows"]);
    assert_eq!((status, out.as_str()), (255, ""));
    assert!(err.contains("Permission denied"), "{err}");
    house.wait_for("refused 127.0.0.1");
    assert!(!house.log().contains("connected"), "{}", house.log());
}

#[test]
fn refused_guest_is_told_what_is_accepted() {
    let house = House::open(Setup::default());
    let guest = house.terminal("wrong");
    guest.wait_for("ssh TOKEN@HOST");
    guest.wait_for("Permission denied");
    assert_eq!(guest.status(), 255);
}

#[test]
fn wrong_key_is_refused() {
    let house = House::open(Setup {
        keys: true,
        ..Setup::default()
    });
    let other = house.keygen("other");
    let options = ["-i", other.as_str()];
    let (status, _, err) = house.ssh_with_key("ann", &options, &["list-windows"]);
    assert_eq!(status, 255);
    assert!(err.contains("Permission denied (publickey"), "{err}");
}

#[test]
fn certificate_with_a_listed_key_inside_is_refused() {
    let house = House::open(Setup {
        keys: true,
        ..Setup::default()
    });
    let authority = house.keygen("authority");
    let certificate = house.certify(&authority);
    let options = [
        "-o",
        &format!("CertificateFile={certificate}"),
        "-o",
        "PubkeyAcceptedAlgorithms=ssh-ed25519-cert-v01@openssh.com",
    ];
    let (status, _, err) = house.ssh("ann", &options, &["list-windows"]);
    assert_eq!(status, 255, "{err}");
}

#[test]
fn join_without_a_terminal_says_what_to_do() {
    let house = House::open(Setup::default());
    let (status, out, err) = house.ssh(&house.token(), &[], &[]);
    assert_eq!((status, out.as_str()), (1, ""));
    assert!(err.contains("ssh -t"), "{err}");
    assert!(!house.log().contains("connected"));
}

#[test]
fn exec_runs_a_command_line_with_streams_and_status() {
    let house = House::open(Setup::default());
    let words = ["stepmux", "exit", "7", "'a b'"];
    let (status, out, err) = house.ssh(&house.token(), &[], &words);
    assert_eq!(status, 7);
    assert_eq!(out, "exit|7|a b\n");
    assert_eq!(err, "oh\n");
    let (status, _, err) = house.ssh(&house.token(), &[], &["exit", "'"]);
    assert_eq!((status, err.as_str()), (1, "stepmux: unterminated quote\n"));
}

#[test]
fn garbage_ends_its_own_connection_alone() {
    let house = House::open(Setup::default());
    let guest = house.terminal(&house.token());
    guest.wait_for("picture");
    for garbage in [
        &b"GET / HTTP/1.1\r\n\r\n"[..],
        &[0xff; 70_000],
        b"SSH-2.0-x\r\n\xff\xff\xff\xff\xff\xff\xff\xff",
    ] {
        let mut tcp = house.connect();
        // The door may close before all is written.
        let _ = tcp.write_all(garbage);
        drain(&mut tcp);
    }
    let (status, out, _) = house.ssh(&house.token(), &[], &["exit", "0"]);
    assert_eq!((status, out.as_str()), (0, "exit|0\n"));
}

#[test]
fn trickling_peer_is_cut_at_the_deadline() {
    let house = House::open(Setup {
        limits: Limits {
            grace: Duration::from_millis(400),
            ..Limits::default()
        },
        ..Setup::default()
    });
    for greeting in [&b""[..], b"SSH-2.0-slow\r\n"] {
        let mut tcp = house.connect();
        tcp.write_all(greeting).unwrap();
        tcp.set_read_timeout(Some(Duration::from_millis(20)))
            .unwrap();
        let mut buf = [0; 4096];
        let mut sent = 0;
        // Ends when the door closes; the sum of waits is far above the grace.
        loop {
            assert!(sent < 1000, "the door kept a trickling peer");
            sent += 1;
            let written = tcp.write_all(b"\0");
            match tcp.read(&mut buf) {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock) => {}
                Err(_) => break,
            }
            if written.is_err() {
                break;
            }
        }
    }
}

#[test]
fn flood_of_wrong_tokens_leaves_a_right_one_served() {
    let house = House::open(Setup::default());
    let mut flood: Vec<_> = (0..12)
        .map(|_| house.spawn("wrong", &["list-windows"]))
        .collect();
    let (status, out, err) = house.ssh(&house.token(), &[], &["exit", "0"]);
    assert_eq!((status, out.as_str()), (0, "exit|0\n"), "{err}");
    for child in &mut flood {
        assert!(!child.wait().unwrap().success());
    }
    let reported = house.log().matches("refused").count();
    assert!(reported < 12, "{reported} refusals were reported");
}

#[test]
fn fifty_guests_at_once_are_all_served() {
    let house = House::open(Setup::default());
    let token = house.token();
    let guests: Vec<_> = (0..50)
        .map(|_| house.spawn(&token, &["exit", "0"]))
        .collect();
    for guest in guests {
        let out = guest.wait_with_output().unwrap();
        assert!(out.status.success());
        assert_eq!(out.stdout, b"exit|0\n");
    }
    house.settle();
    house.wait_times("gone", 50);
}

#[test]
fn connection_that_asks_for_nothing_is_ended() {
    let house = House::open(Setup {
        limits: Limits {
            idle: Duration::from_millis(100),
            ..Limits::default()
        },
        ..Setup::default()
    });
    let (status, _, err) = house.ssh(&house.token(), &["-N"], &[]);
    assert_eq!(status, 255);
    assert!(err.contains("nothing was asked for"), "{err}");
}

#[test]
fn exec_on_a_terminal_returns_the_carriage() {
    let house = House::open(Setup::default());
    let words = ["exit", "3"];
    let (status, out, _) = house.ssh(&house.token(), &["-tt"], &words);
    assert_eq!((status, out.as_str()), (3, "exit|3\r\noh\r\n"));
}

#[test]
fn several_commands_share_one_connection() {
    let house = House::open(Setup::default());
    let control = house.path("control");
    let path = format!("ControlPath={control}");
    let options = [
        "-o",
        &path,
        "-o",
        "ControlMaster=auto",
        "-o",
        "ControlPersist=yes",
    ];
    for status in 0..12 {
        let text = status.to_string();
        let words = ["exit", text.as_str()];
        assert_eq!(house.ssh(&house.token(), &options, &words).0, status);
    }
    let (status, ..) = house.ssh("any", &["-o", &path, "-O", "exit"], &[]);
    assert_eq!(status, 0);
}

#[test]
fn stalled_guest_slows_nobody_and_holds_no_memory() {
    let house = House::open(Setup {
        flood: true,
        limits: Limits {
            linger: Duration::from_millis(300),
            ..Limits::default()
        },
        ..Setup::default()
    });
    let stalled = house.terminal(&house.token());
    stalled.wait_for("picture");
    house.wait_drawn(0, 1024 * 1024);
    stalled.stop();
    let other = house.terminal(&house.token());
    other.wait_for("picture");
    house.wait_drawn(1, 2 * 1024 * 1024);
    let (drawn, memory) = (house.drawn(0), house.memory());
    house.wait_drawn(1, 24 * 1024 * 1024);
    let more = house.drawn(0) - drawn;
    assert!(
        more < 4 * 1024 * 1024,
        "the stalled guest took {more} bytes"
    );
    let grown = house.memory().saturating_sub(memory);
    assert!(grown < 16 * 1024 * 1024, "grew by {grown} bytes");
    house.exit(0);
    house.wait_for("gone guest-0");
}

#[test]
fn closing_a_share_sends_guests_away_and_stops_listening() {
    let house = House::open(Setup::default());
    let guest = house.terminal(&house.token());
    guest.wait_for("picture");
    house.close();
    guest.wait_for("LEFT");
    guest.wait_for("[sharing stopped]");
    assert_eq!(guest.status(), 0);
    house.settle();
    house.wait_for("gone guest-0");
    house.wait_for_no_workers();
    // A test beside this one may listen on the freed port for a moment.
    let end = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while TcpStream::connect(house.info().listen[0]).is_ok() {
        assert!(std::time::Instant::now() < end, "it still listens");
        std::thread::yield_now();
    }
}

#[test]
fn share_fails_whole_when_a_part_of_it_cannot_be_had() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    assert_eq!(
        House::try_open(|request| request.listen.push(address.clone())),
        format!("can't listen on {address}: Address already in use")
    );
    assert_eq!(
        House::try_open(|request| request.authorized_keys.push("/nonexistent".into())),
        "authorized keys /nonexistent: No such file or directory"
    );
    assert_eq!(
        House::try_open(|request| request.authorized_keys.push("/dev/null".into())),
        "authorized keys /dev/null: it is not a file"
    );
    assert!(
        House::try_open(|request| request.host_key = Some("/etc/passwd".into()))
            .starts_with("host key /etc/passwd: others may use it")
    );
    assert_eq!(
        House::try_open(|request| request.listen.clear()),
        "no address to listen on"
    );
}

#[test]
fn second_share_of_a_session_is_refused_and_leaves_the_first() {
    let house = House::open(Setup::default());
    house.open_again();
    house.wait_for("not shared: session 0 is already shared");
    let (status, ..) = house.ssh(&house.token(), &[], &["exit", "0"]);
    assert_eq!(status, 0);
}

fn drain(tcp: &mut TcpStream) {
    tcp.set_read_timeout(Some(Terminal::PATIENCE)).unwrap();
    let mut rest = Vec::new();
    match tcp.read_to_end(&mut rest) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset),
    }
}
