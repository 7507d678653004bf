//! A machine that reaches its relay through a proxy, a command, or a name with
//! several addresses.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

use crate::common::keys::secure_server;
use crate::common::relay::{Relay, run, share};
use crate::common::{World, finish};
use crate::world;

/// How a proxy answers who asks for a place.
#[derive(Clone, Copy)]
enum Manner {
    /// Whoever has this login (RFC 7617) gets there.
    Login(&'static str),
    /// Everybody gets there.
    Open,
    /// Nobody does: this is the answer.
    Refuses(&'static str),
    /// It says nothing and keeps the connection.
    Mute,
}

/// A proxy of HTTP; what it was asked.
struct Proxy {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
    _workers: Runtime,
}

impl Proxy {
    fn start(manner: Manner) -> Self {
        Self::over(manner, None)
    }

    /// A proxy that is talked to over TLS; its authority in PEM.
    fn secure(manner: Manner) -> (Self, String) {
        let (config, authority) = secure_server();
        (
            Self::over(manner, Some(TlsAcceptor::from(config))),
            authority,
        )
    }

    fn over(manner: Manner, tls: Option<TlsAcceptor>) -> Self {
        let workers = Runtime::new().unwrap();
        let listener = workers.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let notes = Arc::clone(&asked);
        workers.spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (notes, tls) = (Arc::clone(&notes), tls.clone());
                tokio::spawn(async move {
                    // Who does not believe the certificate goes again.
                    match tls {
                        Some(tls) => match tls.accept(client).await {
                            Ok(client) => attend(client, manner, &notes).await,
                            Err(_) => Ok(()),
                        },
                        None => attend(client, manner, &notes).await,
                    }
                });
            }
        });
        Self {
            port,
            asked,
            _workers: workers,
        }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

async fn attend(
    client: impl AsyncRead + AsyncWrite + Unpin,
    manner: Manner,
    notes: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut client = BufReader::new(client);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        client.read_line(&mut line).await?;
        match line.trim_end() {
            "" => break,
            line => head.push(line.to_owned()),
        }
    }
    notes.lock().unwrap().push(head[0].clone());
    let proof = |login: &str| format!("Proxy-Authorization: Basic {login}");
    let answer = match manner {
        Manner::Login(login) if !head.contains(&proof(login)) => "407 Who are you",
        Manner::Login(_) | Manner::Open => "200 Go on",
        Manner::Refuses(answer) => answer,
        Manner::Mute => return std::future::pending().await,
    };
    let answer = format!("HTTP/1.1 {answer}\r\n\r\n");
    client.write_all(answer.as_bytes()).await?;
    client.flush().await?;
    if answer.contains(" 200 ") {
        let place = head[0].split(' ').nth(1).unwrap();
        let mut far = TcpStream::connect(place).await?;
        tokio::io::copy_bidirectional(&mut client, &mut far).await?;
    }
    client.shutdown().await
}

/// `ann:secret`, as RFC 7617 writes it.
const ANN: Manner = Manner::Login("YW5uOnNlY3JldA==");

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
    let proxy = Proxy::start(ANN);
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
fn relay_is_reached_through_a_proxy_over_tls_that_is_who_it_says() {
    let (proxy, authority) = Proxy::secure(ANN);
    let (stranger, _) = Proxy::secure(Manner::Open);
    let world = World::new();
    let trusted = world.write("authority.pem", authority);
    let mut start = world.program(&["new-session", "-d", "-s", "work"]);
    start.env("SSL_CERT_FILE", trusted);
    assert_eq!(finish("new-session", start).status, Some(0));
    let relay = Relay::start(&world, 0);
    let by = |login: &str, proxy: &Proxy| {
        let url = format!("https://{login}127.0.0.1:{}", proxy.port);
        world.ok(&["set-environment", "-g", "HTTPS_PROXY", &url]);
    };
    let refused = || {
        let out = world.run(&["share", "--relay", &relay.place()]);
        assert_eq!(out.status, Some(1), "{out:?}");
        assert_eq!(world.ask("#{session_shared}"), "0");
        out.stderr
    };
    by("", &proxy);
    let said = refused();
    let place = format!("proxy 127.0.0.1:{}: ", proxy.port);
    assert!(
        said.contains(&format!("{place}it wants a user and password")),
        "{said}"
    );
    // What is said to another one is not even heard.
    by("ann:secret@", &stranger);
    let said = refused();
    assert!(
        said.contains("certificate") && !said.contains("secret"),
        "{said}"
    );
    assert!(stranger.asked().is_empty());
    by("ann:secret@", &proxy);
    works(&world, &relay.place(), relay.port, &[]);
    let connect = format!("CONNECT {} HTTP/1.1", relay.place());
    assert_eq!(proxy.asked(), [connect.clone(), connect]);
}

#[test]
fn proxy_that_refuses_is_told_of_by_its_own_words() {
    let world = world();
    let relay = Relay::start(&world, 0);
    for (manner, why) in [
        (
            Manner::Refuses("403 No"),
            format!("it does not let {} be reached (403)", relay.place()),
        ),
        (
            Manner::Refuses("502 Bad\x1b[2J Gateway"),
            "it answers 502 Bad[2J Gateway".to_owned(),
        ),
        (Manner::Refuses("x"), "it answers x".to_owned()),
        (Manner::Mute, "no answer in time".to_owned()),
    ] {
        let proxy = Proxy::start(manner);
        let url = format!("http://127.0.0.1:{}", proxy.port);
        world.ok(&["set-environment", "-g", "https_proxy", &url]);
        let out = world.run(&["share", "--relay", &relay.place()]);
        assert_eq!(out.status, Some(1), "{out:?}");
        assert!(out.stderr.contains(&why), "{why}: {out:?}");
        assert!(!out.stderr.contains('\x1b'), "{out:?}");
        assert_eq!(proxy.asked().len(), 1);
    }
    // Nobody there.
    world.ok(&["set-environment", "-g", "https_proxy", "http://127.0.0.1:1"]);
    let out = world.run(&["share", "--relay", &relay.place()]);
    assert!(
        out.stderr.contains("proxy 127.0.0.1:1: Connection refused"),
        "{out:?}"
    );
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
