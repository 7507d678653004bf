//! The outer rooms on real ptys, sockets and processes. Every wait is for a
//! named condition and ends at a deadline; every test has its own directory.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

use std::future::Future;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use stepmux::base::{PaneId, Size};
use stepmux::client::{ClientOptions, connect};
use stepmux::engine::event::ExitStatus;
use stepmux::io::local::serve;
use stepmux::io::{ClientHandle, ClientIds, LocalEvent, PaneEvent, Panes};
use stepmux::mux::effect::{Program, SpawnSpec, Stream};
use stepmux::server::daemon::{Start, connect_or_start, take_over};
use stepmux::wire::{Decoder, FromClient, Hello, PROTOCOL, Reply, ToClient, encode};
use tokio::sync::mpsc;
use tokio::task::{LocalSet, spawn_blocking, spawn_local};

#[path = "io/panes.rs"]
mod panes;

const DEADLINE: Duration = Duration::from_secs(20);
const PANE: PaneId = PaneId(0);

fn run<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let result = LocalSet::new().block_on(&runtime, test);
    runtime.shutdown_timeout(Duration::from_millis(10));
    result
}

async fn within<T>(what: &str, wait: impl Future<Output = T>) -> T {
    let result = tokio::time::timeout(DEADLINE, wait).await;
    result.unwrap_or_else(|_| panic!("never happened: {what}"))
}

fn spec(program: Program, env: &[(&str, &str)]) -> SpawnSpec {
    let base = [("PATH", "/usr/local/bin:/usr/bin:/bin"), ("TERM", "xterm")];
    let env = base.iter().chain(env);
    SpawnSpec {
        program,
        cwd: "/".into(),
        env: env.map(|(k, v)| (k.to_string(), v.to_string())).collect(),
        size: Size::new(80, 24),
    }
}

fn sh(command: &str) -> SpawnSpec {
    let shell = Program::Shell {
        shell: "/bin/sh".into(),
        command: command.into(),
    };
    spec(shell, &[])
}

/// Reads until the pane's process is gone.
async fn to_end(panes: &mut Panes) -> (String, ExitStatus) {
    let mut seen = Vec::new();
    let mut buffer = vec![0; stepmux::io::pty::READ];
    loop {
        match within("the pane's exit", panes.next(&mut buffer)).await {
            PaneEvent::Bytes { len, .. } => seen.extend_from_slice(&buffer[..len]),
            PaneEvent::Exited { status, .. } => {
                return (String::from_utf8_lossy(&seen).into_owned(), status);
            }
        }
    }
}

/// Reads until the pane has shown `text`; gives everything shown since before.
async fn until(panes: &mut Panes, text: &str) -> String {
    let mut seen = Vec::new();
    let mut buffer = vec![0; stepmux::io::pty::READ];
    let wait = async {
        loop {
            match panes.next(&mut buffer).await {
                PaneEvent::Bytes { len, .. } => seen.extend_from_slice(&buffer[..len]),
                PaneEvent::Exited { status, .. } => panic!("exited with {status:?}: {seen:?}"),
            }
            if String::from_utf8_lossy(&seen).contains(text) {
                return;
            }
        }
    };
    let done = tokio::time::timeout(DEADLINE, wait).await;
    let seen = String::from_utf8_lossy(&seen).into_owned();
    assert!(done.is_ok(), "never shown: {text:?}; shown: {seen:?}");
    seen
}

// ---- the local door ----

struct Door {
    _dir: tempfile::TempDir,
    socket: PathBuf,
    events: mpsc::Receiver<LocalEvent>,
}

fn door() -> Door {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("s");
    let listener = tokio::net::UnixListener::bind(&socket).unwrap();
    let (owner, events) = mpsc::channel(stepmux::io::local::QUEUE);
    let access = std::rc::Rc::default();
    spawn_local(serve(listener, ClientIds::default(), access, owner));
    Door {
        _dir: dir,
        socket,
        events,
    }
}

impl Door {
    async fn next(&mut self) -> LocalEvent {
        within("a client's event", self.events.recv())
            .await
            .unwrap()
    }

    async fn admitted(&mut self) -> ClientHandle {
        match self.next().await {
            LocalEvent::Connected { handle, .. } => handle,
            other => panic!("not admitted: {other:?}"),
        }
    }
}

struct Guest {
    stream: UnixStream,
    decoder: Decoder,
}

impl Guest {
    fn enter(socket: &Path) -> Self {
        let mut guest = Self {
            stream: UnixStream::connect(socket).unwrap(),
            decoder: Decoder::new(usize::MAX),
        };
        guest.stream.set_read_timeout(Some(DEADLINE)).unwrap();
        let hello = Hello {
            cwd: "/".into(),
            env: Vec::new(),
            control: false,
            terminal: None,
        };
        let mut out = Vec::new();
        hello.encode(&mut out).unwrap();
        guest.stream.write_all(&out).unwrap();
        guest
    }

    fn fill(&mut self) -> bool {
        let mut buffer = vec![0; 64 << 10];
        let len = self.stream.read(&mut buffer).unwrap_or(0);
        self.decoder.push(&buffer[..len]);
        len > 0
    }

    fn reply(&mut self) -> Reply {
        loop {
            if let Some(body) = self.decoder.body().unwrap() {
                return Reply::parse(body).unwrap();
            }
            assert!(self.fill(), "closed before a reply");
        }
    }

    fn next(&mut self) -> Option<ToClient> {
        loop {
            if let Some(message) = self.decoder.message().unwrap() {
                return Some(message);
            }
            if !self.fill() {
                return None;
            }
        }
    }

    fn send(&mut self, message: &FromClient) {
        let mut out = Vec::new();
        encode(message, &mut out).unwrap();
        self.stream.write_all(&out).unwrap();
    }
}

#[test]
fn door_passes_a_whole_conversation() {
    run(async {
        let mut door = door();
        let socket = door.socket.clone();
        let big: Vec<u8> = (0..20u32 << 20).map(|n| (n % 253) as u8).collect();
        let wanted = big.clone();
        let guest = spawn_blocking(move || {
            let mut guest = Guest::enter(&socket);
            assert!(matches!(guest.reply(), Reply::Welcome(_)));
            guest.send(&FromClient::Command {
                argv: vec!["ls".into()],
            });
            let (mut printed, mut drawn) = (Vec::new(), Vec::new());
            let status = loop {
                match guest.next().expect("closed early") {
                    ToClient::Print { bytes, .. } => printed.extend(bytes.0),
                    ToClient::Draw(bytes) => drawn.extend(bytes.0),
                    ToClient::ReadStdin => {
                        for (bytes, end) in [(b"in".to_vec(), false), (b"put".to_vec(), true)] {
                            guest.send(&FromClient::Stdin {
                                bytes: bytes.into(),
                                end,
                            });
                        }
                    }
                    ToClient::Exit { status, .. } => break status,
                    other => panic!("{other:?}"),
                }
            };
            assert_eq!((status, &drawn[..]), (3, &b"picture left"[..]));
            assert!(guest.next().is_none());
            printed == wanted
        });
        let handle = door.admitted().await;
        assert!(matches!(door.next().await, LocalEvent::Command { argv, .. } if argv == ["ls"]));
        handle.print(Stream::Out, &big);
        handle.read_stdin();
        let LocalEvent::Stdin { result, .. } = door.next().await else {
            panic!("no standard input");
        };
        assert_eq!(result.unwrap(), b"input");
        // The client holds its terminal: the picture waits, and goes back to it.
        assert!(!handle.draw(b"picture"));
        handle.exit(b" left", 3, None);
        assert!(matches!(door.next().await, LocalEvent::Gone { .. }));
        assert!(within("the guest", guest).await.unwrap());
        assert_eq!(handle.unsent(), 0);
    });
}

#[test]
fn door_drops_who_takes_nothing_and_who_talks_nonsense() {
    run(async {
        let mut door = door();
        let mut fools = Vec::new();
        for nonsense in [
            &b"GET / HTTP/1.1\r\n\r\n"[..],
            &[0xff; 64],
            &[1, 0, 0, 0, 7],
        ] {
            let mut fool = UnixStream::connect(&door.socket).unwrap();
            fool.write_all(nonsense).unwrap();
            fools.push(fool);
        }
        let idle = Guest::enter(&door.socket);
        let handle = door.admitted().await;
        let piece = vec![b'x'; 8 << 20];
        for _ in 0..9 {
            handle.print(Stream::Out, &piece);
        }
        assert!(matches!(door.next().await, LocalEvent::Gone { .. }));
        drop(idle);
        let closed = spawn_blocking(move || {
            fools.into_iter().all(|mut fool| {
                fool.set_read_timeout(Some(DEADLINE)).unwrap();
                fool.read(&mut [0; 16]).is_ok_and(|len| len == 0)
                    || fool.read(&mut [0; 16]).is_err()
            })
        });
        assert!(within("the fools' end", closed).await.unwrap());
        let _sane = Guest::enter(&door.socket);
        door.admitted().await;
    });
}

#[test]
fn door_tells_another_version_who_is_who() {
    run(async {
        let door = door();
        let socket = door.socket.clone();
        let said = spawn_blocking(move || {
            let mut body = b"stepmux".to_vec();
            body.extend_from_slice(&(PROTOCOL + 1).to_le_bytes());
            body.extend_from_slice(b"\x059.9.9 whatever comes then");
            let mut stream = UnixStream::connect(socket).unwrap();
            let length = u32::try_from(body.len()).unwrap().to_le_bytes();
            stream.write_all(&[&length[..], &body].concat()).unwrap();
            let mut guest = Guest {
                stream,
                decoder: Decoder::new(usize::MAX),
            };
            guest.reply()
        });
        let Reply::Refuse(text) = within("the refusal", said).await.unwrap() else {
            panic!("let in");
        };
        let wanted = format!("this client is 9.9.9 (protocol {})", PROTOCOL + 1);
        assert!(text.contains(&wanted), "{text}");
    });
}

// ---- processes made of this test program itself ----

const ROLE: &str = "STEPMUX_TEST_ROLE";
const SOCKET: &str = "STEPMUX_TEST_SOCKET";

fn entry_args() -> Vec<std::ffi::OsString> {
    ["process_entry", "--exact", "--nocapture"]
        .map(Into::into)
        .to_vec()
}

/// Not a test by itself: what the processes started below run.
#[test]
fn process_entry() {
    let Ok(role) = std::env::var(ROLE) else {
        return;
    };
    let socket = PathBuf::from(std::env::var_os(SOCKET).unwrap());
    if role == "client" {
        let options = ClientOptions {
            argv: vec!["attach".into()],
            connect: Box::new(move || connect(&socket)),
            control: stepmux::client::Control::Off,
            utf8: true,
            features: String::new(),
            terminfo: |_| Vec::new(),
            remedy: None,
        };
        let code = stepmux::client::run(options);
        let good = format!("{code:?}") == format!("{:?}", std::process::ExitCode::SUCCESS);
        std::process::exit(if good { 0 } else { 1 });
    }
    let inherited = take_over(&socket).unwrap();
    if role == "failing" {
        eprintln!("config.toml:3:1: no");
        std::process::exit(1);
    }
    let (listener, _hold) = inherited.ready().unwrap();
    listener.set_nonblocking(false).unwrap();
    // Answers each with its pid, until one says `q`.
    for stream in listener.incoming() {
        let mut stream = stream.unwrap();
        let pid = std::process::id().to_string();
        stream.write_all(pid.as_bytes()).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut said = String::new();
        let _ = stream.read_to_string(&mut said);
        if said == "q" {
            break;
        }
    }
}

fn start(role: &str, socket: &Path) -> Start {
    let mut args = vec![format!("{ROLE}={role}").into()];
    args.push(format!("{SOCKET}={}", socket.display()).into());
    args.push(std::env::current_exe().unwrap().into());
    args.extend(entry_args());
    Start {
        program: "/usr/bin/env".into(),
        args,
    }
}

#[test]
fn daemon_is_started_once_by_many_and_leaves_a_dead_socket() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("s");
    let start = start("server", &socket);
    let pids: Vec<String> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..6)
            .map(|_| {
                scope.spawn(|| {
                    let mut stream = connect_or_start(&socket, &start).unwrap();
                    let mut pid = String::new();
                    stream.read_to_string(&mut pid).unwrap();
                    pid
                })
            })
            .collect();
        clients
            .into_iter()
            .map(|client| client.join().unwrap())
            .collect()
    });
    assert!(
        pids.iter().all(|pid| !pid.is_empty() && *pid == pids[0]),
        "{pids:?}"
    );
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pids[0])).unwrap();
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap()
        .split_whitespace()
        .collect();
    assert_eq!(
        (fields[3], fields[4]),
        (pids[0].as_str(), "0"),
        "leads a session, has no tty"
    );
    connect(&socket).unwrap().write_all(b"q").unwrap();
    let end = std::time::Instant::now() + DEADLINE;
    // As in tmux, the path stays, and nobody listens there.
    while connect(&socket).is_ok() {
        assert!(std::time::Instant::now() < end, "the server stayed");
        std::thread::yield_now();
    }
    assert!(socket.exists());
}

#[test]
fn daemon_that_fails_says_why_to_its_client() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("s");
    let error = connect_or_start(&socket, &start("failing", &socket)).unwrap_err();
    assert_eq!(error, "config.toml:3:1: no");
    assert!(!socket.exists());
    let missing = Start {
        program: "/nope".into(),
        args: Vec::new(),
    };
    let error = connect_or_start(&socket, &missing).unwrap_err();
    assert_eq!(error, "can't start the server: No such file or directory");
    assert!(!socket.exists());
}

// ---- the attached client on a real pty ----

fn client(socket: &Path, before: &str, after: &str) -> SpawnSpec {
    let exe = std::env::current_exe().unwrap();
    let command = format!(
        "{before} {ROLE}=client {SOCKET}={} {} process_entry --exact --nocapture; \
         echo \"status $?\"; {after}",
        socket.display(),
        exe.display()
    );
    sh(&command)
}

/// Lets a client attach: the server's side of it.
async fn attach(door: &mut Door, panes: &mut Panes) -> ClientHandle {
    // The pane's own output before the attachment is of no interest.
    let mut buffer = vec![0; 4096];
    let mut handle = None;
    loop {
        tokio::select! {
            event = door.events.recv() => match event.unwrap() {
                LocalEvent::Connected { handle: new, peer, .. } => {
                    assert_eq!(peer.terminal.unwrap().size, Size::new(80, 24));
                    handle = Some(new);
                }
                LocalEvent::Command { argv, .. } => {
                    assert_eq!(argv, ["attach"]);
                    handle.as_ref().unwrap().attach();
                }
                LocalEvent::Resized { .. } => return handle.unwrap(),
                other => panic!("{other:?}"),
            },
            _ = panes.next(&mut buffer) => {}
            () = tokio::time::sleep(DEADLINE) => panic!("never attached"),
        }
    }
}

#[test]
fn client_draws_types_resizes_and_restores() {
    run(async {
        let mut door = door();
        let mut panes = Panes::new();
        let spec = client(
            &door.socket,
            "stty -echo -icanon;",
            "stty -a | tr ';' '\\n'",
        );
        panes.spawn(PANE, &spec).unwrap();
        let handle = attach(&mut door, &mut panes).await;
        assert!(handle.draw(b"PICTURE"));
        until(&mut panes, "PICTURE").await;
        panes.write(PANE, b"\x03\rk").unwrap();
        let mut typed = Vec::new();
        while typed.len() < 3 {
            let LocalEvent::Bytes { bytes, .. } = door.next().await else {
                panic!("not typed");
            };
            typed.extend(bytes);
        }
        assert_eq!(typed, b"\x03\rk");
        panes.resize(PANE, Size::new(90, 20));
        let LocalEvent::Resized { size, .. } = door.next().await else {
            panic!("not resized");
        };
        assert_eq!(size, Size::new(90, 20));
        handle.exit(b"LEFT", 0, Some("[detached (from session 0)]".into()));
        let (seen, _) = to_end(&mut panes).await;
        assert!(
            seen.contains("LEFT[detached (from session 0)]\r\nstatus 0\r\n"),
            "{seen}"
        );
        assert!(!seen.contains("1049l"), "{seen}");
        // The shell's own setting is back, and raw mode is gone.
        assert!(
            seen.contains("-icanon") && seen.contains("\nopost"),
            "{seen}"
        );
    });
}

#[test]
fn client_resets_the_terminal_when_the_server_or_it_is_killed() {
    run(async {
        for (case, said) in [(0, "[server exited unexpectedly]"), (1, "[terminated]")] {
            let mut door = door();
            let mut panes = Panes::new();
            let spec = client(&door.socket, "", "stty -a | tr ';' '\\n'");
            panes.spawn(PANE, &spec).unwrap();
            let handle = attach(&mut door, &mut panes).await;
            handle.draw(b"\x1b[?1049hPICTURE");
            until(&mut panes, "PICTURE").await;
            if case == 0 {
                handle.drop_now();
            } else {
                kill_child(&panes);
            }
            let (seen, _) = to_end(&mut panes).await;
            assert!(seen.contains("\x1b[?1049l\r"), "{seen}");
            assert!(seen.contains(&format!("{said}\r\nstatus 1\r\n")), "{seen}");
            assert!(
                seen.contains(" icanon") && seen.contains(" echo "),
                "{seen}"
            );
        }
    });
}

#[test]
fn client_that_does_not_read_takes_its_picture_later() {
    run(async {
        let mut door = door();
        let mut panes = Panes::new();
        panes.spawn(PANE, &client(&door.socket, "", "")).unwrap();
        let handle = attach(&mut door, &mut panes).await;
        let picture = vec![b'x'; 1 << 20];
        assert!(!handle.draw(&picture), "no pty holds a MiB");
        let mut taken = 0;
        let mut buffer = vec![0; stepmux::io::pty::READ];
        let wait = async {
            loop {
                tokio::select! {
                    event = door.events.recv() => {
                        assert!(matches!(event.unwrap(), LocalEvent::Ready { .. }));
                        return;
                    }
                    event = panes.next(&mut buffer) => match event {
                        PaneEvent::Bytes { len, .. } => taken += len,
                        PaneEvent::Exited { .. } => panic!("the client is gone"),
                    },
                }
            }
        };
        within("the whole picture", wait).await;
        // What is still in the pty is at most what the kernel holds.
        assert!(taken > picture.len() / 2, "{taken}");
        handle.exit(b"", 0, None);
        assert!(to_end(&mut panes).await.0.contains("status 0"));
    });
}

#[test]
fn door_takes_no_terminal_that_is_none() {
    run(async {
        let mut door = door();
        let socket = door.socket.clone();
        let guest = spawn_blocking(move || {
            let mut guest = Guest::enter(&socket);
            assert!(matches!(guest.reply(), Reply::Welcome(_)));
            guest.send(&FromClient::Terminal);
            guest.next()
        });
        let _handle = door.admitted().await;
        let said = within("the answer", guest).await.unwrap();
        let Some(ToClient::Exit { status: 1, message }) = said else {
            panic!("not refused: {said:?}");
        };
        assert_eq!(message.unwrap(), "open terminal failed: not passed");
    });
}

/// Ends the pane's foreground client by SIGTERM, as a user would.
fn kill_child(panes: &Panes) {
    let (name, _) = panes.foreground(PANE).unwrap();
    assert!(name.starts_with("io-") || name == "sh", "{name}");
    let exe = std::env::current_exe().unwrap();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let dir = entry.path();
        let same = std::fs::read_link(dir.join("exe")).is_ok_and(|found| found == exe);
        let environ = std::fs::read(dir.join("environ")).unwrap_or_default();
        let role = format!("{ROLE}=client");
        let ours = environ
            .split(|&b| b == 0)
            .any(|entry| entry == role.as_bytes());
        let session = std::fs::read_to_string(dir.join("stat")).unwrap_or_default();
        let pty = panes_session(panes);
        if same && ours && session.contains(&format!(" {pty} ")) {
            let pid = entry.file_name().to_str().unwrap().parse().unwrap();
            let pid = rustix::process::Pid::from_raw(pid).unwrap();
            rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        }
    }
}

fn panes_session(panes: &Panes) -> u32 {
    panes.pid(PANE).unwrap()
}
