//! A share with a stand-in owner, and stock clients at its door. Waits have
//! deadlines and print what was seen when they fail.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, MasterPty, PtySize, native_pty_system};
use stepmux::access::Grant;
use stepmux::base::{SessionId, Token};
use stepmux::engine::event::Origin;
use stepmux::mux::effect::{ShareInfo, ShareRequest, Stream};
use stepmux::ssh::{DoorEvent, Guest, GuestId, GuestRequest, Limits, Shares};
use tokio::sync::mpsc;

const SESSION: SessionId = SessionId(0);
const FRAME: usize = 64 * 1024;

pub(crate) struct Setup {
    /// List the house's own key.
    pub(crate) keys: bool,
    pub(crate) key_grant: Grant,
    /// Draw whenever a guest can take more.
    pub(crate) flood: bool,
    pub(crate) limits: Limits,
    /// Serve the house's directory `files`.
    pub(crate) sftp: bool,
    pub(crate) forward: Vec<String>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            keys: false,
            key_grant: Grant::Type,
            flood: false,
            limits: Limits::default(),
            sftp: false,
            forward: Vec::new(),
        }
    }
}

#[derive(Default)]
struct Seen {
    log: String,
    info: Option<Box<ShareInfo>>,
    drawn: HashMap<GuestId, usize>,
}

struct Book {
    seen: Mutex<Seen>,
    news: Condvar,
}

impl Book {
    fn write(&self, change: impl FnOnce(&mut Seen)) {
        change(&mut self.seen.lock().unwrap());
        self.news.notify_all();
    }

    fn note(&self, line: String) {
        self.write(|seen| seen.log += &(line + "\n"));
    }

    fn wait<T>(&self, what: &str, ready: impl Fn(&Seen) -> Option<T>) -> T {
        let deadline = Instant::now() + Terminal::PATIENCE;
        let mut seen = self.seen.lock().unwrap();
        loop {
            if let Some(found) = ready(&seen) {
                return found;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "no {what} in:\n{}", seen.log);
            seen = self.news.wait_timeout(seen, left).unwrap().0;
        }
    }
}

pub(crate) struct House {
    home: tempfile::TempDir,
    book: Arc<Book>,
    shares: Arc<Mutex<Shares>>,
    info: ShareInfo,
}

fn request() -> ShareRequest {
    ShareRequest {
        listen: vec!["127.0.0.1:0".into()],
        ..ShareRequest::new(SESSION, "0")
    }
}

fn keygen(home: &std::path::Path, name: &str) -> String {
    let path = home.join(name).to_str().unwrap().to_owned();
    let made = Command::new("ssh-keygen")
        .args([
            "-q", "-t", "ed25519", "-N", "", "-C", "ann@home", "-f", &path,
        ])
        .status();
    assert!(made.unwrap().success());
    path
}

impl House {
    pub(crate) fn open(setup: Setup) -> Self {
        let home = tempfile::tempdir().unwrap();
        let key = keygen(home.path(), "id");
        let mut request = request();
        request.key_grant = setup.key_grant;
        request.forward = setup.forward;
        std::fs::create_dir(home.path().join("files")).unwrap();
        if setup.sftp {
            request.sftp = Some(home.path().join("files").display().to_string());
        }
        if setup.keys {
            request.authorized_keys.push(key + ".pub");
        }
        let (book, shares) = start(&home, setup.limits, setup.flood);
        shares.lock().unwrap().open(Token(1), request);
        let info = *book.wait("share", |seen| {
            assert!(!seen.log.contains("not shared"), "{}", seen.log);
            seen.info.clone()
        });
        std::fs::write(home.path().join("known"), info.known_hosts.clone() + "\n").unwrap();
        Self {
            home,
            book,
            shares,
            info,
        }
    }

    /// Opens a share that cannot be had; the reason.
    pub(crate) fn try_open(change: impl FnOnce(&mut ShareRequest)) -> String {
        let home = tempfile::tempdir().unwrap();
        let mut request = request();
        change(&mut request);
        let (book, shares) = start(&home, Limits::default(), false);
        shares.lock().unwrap().open(Token(1), request);
        book.wait("refusal", |seen| {
            let line = seen.log.lines().next()?;
            Some(line.strip_prefix("not shared: ").unwrap().to_owned())
        })
    }

    pub(crate) fn open_again(&self) {
        self.shares.lock().unwrap().open(Token(2), request());
    }

    pub(crate) fn close(&self) {
        self.shares.lock().unwrap().close(SESSION);
    }

    pub(crate) fn exit(&self, guest: u64) {
        let guest = self.shares.lock().unwrap().guest(GuestId(guest)).unwrap();
        guest.exit(0, None);
    }

    pub(crate) fn info(&self) -> &ShareInfo {
        &self.info
    }

    pub(crate) fn token(&self) -> String {
        self.info.token.as_ref().unwrap().expose().clone()
    }

    pub(crate) fn view_token(&self) -> String {
        self.info.view_token.expose().clone()
    }

    pub(crate) fn log(&self) -> String {
        self.book.seen.lock().unwrap().log.clone()
    }

    pub(crate) fn wait_for(&self, text: &str) {
        self.book
            .wait(text, |seen| seen.log.contains(text).then_some(()));
    }

    pub(crate) fn wait_times(&self, text: &str, times: usize) {
        self.book.wait(text, |seen| {
            (seen.log.matches(text).count() == times).then_some(())
        });
    }

    /// Bytes that a guest's channel has taken.
    pub(crate) fn drawn(&self, guest: u64) -> usize {
        let seen = self.book.seen.lock().unwrap();
        seen.drawn.get(&GuestId(guest)).copied().unwrap_or(0)
    }

    pub(crate) fn wait_drawn(&self, guest: u64, least: usize) {
        self.book.wait("drawing", |seen| {
            let drawn = seen.drawn.get(&GuestId(guest)).copied().unwrap_or(0);
            (drawn >= least).then_some(())
        });
    }

    /// Waits until no guest is left.
    pub(crate) fn settle(&self) {
        let settled = self.shares.lock().unwrap().settled();
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_time().build();
        runtime.unwrap().block_on(settled);
    }

    /// Waits until the door's threads have ended.
    pub(crate) fn wait_for_no_workers(&self) {
        let deadline = Instant::now() + Terminal::PATIENCE;
        while self.shares.lock().unwrap().working() {
            assert!(Instant::now() < deadline, "the workers stay");
            std::thread::yield_now();
        }
    }

    /// Resident memory of this process, in bytes (proc(5), statm).
    pub(crate) fn memory(&self) -> usize {
        let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
        statm.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
    }

    pub(crate) fn connect(&self) -> TcpStream {
        TcpStream::connect(self.info.listen[0]).unwrap()
    }

    pub(crate) fn keygen(&self, name: &str) -> String {
        keygen(self.home.path(), name)
    }

    /// A path in the house's own directory.
    pub(crate) fn path(&self, name: &str) -> String {
        self.home.path().join(name).display().to_string()
    }

    /// A certificate of the house's own key by an authority.
    pub(crate) fn certify(&self, authority: &str) -> String {
        let key = self.home.path().join("id");
        let made = Command::new("ssh-keygen")
            .args(["-q", "-s", authority, "-I", "ann", "-n", "ann"])
            .arg(key.with_extension("pub"))
            .status();
        assert!(made.unwrap().success());
        self.home
            .path()
            .join("id-cert.pub")
            .to_str()
            .unwrap()
            .into()
    }

    fn options(&self) -> Vec<String> {
        let home = self.home.path().display();
        let port = self.info.listen[0].port();
        let mut words: Vec<String> = ["-F", "/dev/null"].map(str::to_owned).into();
        for option in [
            &format!("Port={port}") as &str,
            &format!("UserKnownHostsFile={home}/known"),
            "GlobalKnownHostsFile=/dev/null",
            "StrictHostKeyChecking=yes",
            "IdentitiesOnly=yes",
            "IdentityAgent=none",
            "SendEnv=COLORTERM LD_PRELOAD",
        ] {
            words.extend(["-o".into(), option.into()]);
        }
        words
    }

    fn own_key(&self) -> [String; 2] {
        [
            "-i".into(),
            self.home.path().join("id").display().to_string(),
        ]
    }

    /// Runs `ssh` without a terminal: status, output, errors.
    pub(crate) fn ssh(
        &self,
        user: &str,
        options: &[&str],
        words: &[&str],
    ) -> (i32, String, String) {
        let key = self.own_key();
        let options: Vec<&str> = key
            .iter()
            .map(String::as_str)
            .chain(options.iter().copied())
            .collect();
        self.ssh_with_key(user, &options, words)
    }

    /// As `ssh`, with the key that the options name.
    pub(crate) fn ssh_with_key(
        &self,
        user: &str,
        options: &[&str],
        words: &[&str],
    ) -> (i32, String, String) {
        let out = self
            .command(user, options, words)
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (
            out.status.code().unwrap(),
            text(out.stdout),
            text(out.stderr),
        )
    }

    /// Starts `ssh` and does not wait.
    pub(crate) fn spawn(&self, user: &str, words: &[&str]) -> Child {
        self.command(user, &[], words).spawn().unwrap()
    }

    /// `ssh`, to be run with pipes.
    pub(crate) fn command(&self, user: &str, options: &[&str], words: &[&str]) -> Command {
        let mut command = self.client("ssh", options);
        command
            .arg(format!("{user}@127.0.0.1"))
            .args(words)
            .stderr(Stdio::null());
        command
    }

    /// One of OpenSSH's clients, without its place and words.
    pub(crate) fn client(&self, program: &str, options: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(self.options())
            .args(["-o", "BatchMode=yes"])
            .args(options)
            .env_clear()
            .env("HOME", self.home.path())
            .env("PATH", std::env::var("PATH").unwrap())
            .current_dir(self.home.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs `ssh` on a terminal of 90×30.
    pub(crate) fn terminal(&self, user: &str) -> Terminal {
        let mut command = CommandBuilder::new("ssh");
        command.args(self.options());
        command.args(self.own_key());
        command.arg(format!("{user}@127.0.0.1"));
        command.env_clear();
        command.env("HOME", self.home.path());
        command.env("PATH", std::env::var("PATH").unwrap());
        command.env("TERM", "xterm-256color");
        command.env("COLORTERM", "truecolor");
        command.env("LD_PRELOAD", "");
        Terminal::start(command)
    }
}

fn start(home: &tempfile::TempDir, limits: Limits, flood: bool) -> (Arc<Book>, Arc<Mutex<Shares>>) {
    let home = home.path();
    std::fs::set_permissions(home, PermissionsExt::from_mode(0o700)).unwrap();
    let (events, inbox) = mpsc::channel(64);
    let shares = Shares::with_limits(events, home.join("state"), limits);
    let shares = Arc::new(Mutex::new(shares));
    let book = Arc::new(Book {
        seen: Mutex::default(),
        news: Condvar::new(),
    });
    let owner = Owner {
        book: Arc::clone(&book),
        shares: Arc::clone(&shares),
        flood,
    };
    std::thread::spawn(move || owner.run(inbox));
    (book, shares)
}

struct Owner {
    book: Arc<Book>,
    shares: Arc<Mutex<Shares>>,
    flood: bool,
}

impl Owner {
    fn run(self, mut inbox: mpsc::Receiver<DoorEvent>) {
        while let Some(event) = inbox.blocking_recv() {
            self.take(event);
        }
    }

    fn guest(&self, id: GuestId) -> Option<Guest> {
        self.shares.lock().unwrap().guest(id)
    }

    fn take(&self, event: DoorEvent) {
        match event {
            DoorEvent::Shared {
                result: Ok(info), ..
            } => {
                self.book.write(|seen| seen.info = Some(info));
            }
            DoorEvent::Shared {
                result: Err(why), ..
            } => self.book.note(format!("not shared: {why}")),
            DoorEvent::Connected {
                guest,
                peer,
                request,
            } => {
                let Origin::Ssh { name, session, .. } = &peer.origin else {
                    panic!("{:?}", peer.origin);
                };
                assert_eq!(*session, SESSION);
                self.book.note(format!("connected {guest}"));
                if let Some(terminal) = &peer.terminal {
                    let env: Vec<_> = peer.env.iter().map(|(n, v)| format!("{n}={v}")).collect();
                    self.book.note(format!(
                        "terminal {}x{} {} utf8={} env {}",
                        terminal.size.cols(),
                        terminal.size.rows(),
                        terminal.term,
                        terminal.utf8,
                        env.join(",")
                    ));
                }
                let to = self.guest(guest).unwrap();
                match request {
                    GuestRequest::Attach => {
                        to.attach(b"ENTERED ", b"LEFT\r\n".to_vec());
                        to.draw(
                            format!("picture of {name} as {}\r\n", peer.grant)
                                .as_bytes()
                                .into(),
                        );
                    }
                    GuestRequest::Files => to.serve_files(),
                    GuestRequest::Exec(argv) if argv[0] == "cat" => {
                        std::thread::spawn(move || {
                            let runtime = tokio::runtime::Builder::new_current_thread().build();
                            let whole = runtime.unwrap().block_on(to.read_stdin());
                            to.print(Stream::Out, &whole.unwrap());
                            to.exit(0, None);
                        });
                    }
                    GuestRequest::Exec(argv) if argv[0] == "say" => {
                        to.print(Stream::Out, &vec![b'.'; 3 << 20]);
                        to.exit(argv[1].parse().unwrap(), None);
                    }
                    // Runs until it is ended from outside.
                    GuestRequest::Exec(argv) if argv[0] == "wait" => {
                        to.print(Stream::Out, b"waiting\n");
                    }
                    GuestRequest::Exec(argv) => {
                        to.print(Stream::Out, format!("{}\n", argv.join("|")).as_bytes());
                        let status = argv[1].parse().unwrap();
                        if status != 0 {
                            to.print(Stream::Err, b"oh\n");
                        }
                        to.exit(status, None);
                    }
                }
            }
            DoorEvent::Bytes { guest, bytes } => {
                let Some(to) = self.guest(guest) else { return };
                if &*bytes == b"q" {
                    to.exit(0, Some("[detached]".into()));
                } else {
                    let echo = format!("echo {}\r\n", String::from_utf8_lossy(&bytes));
                    to.draw(echo.as_bytes().into());
                }
            }
            DoorEvent::Resized { guest, size } => {
                self.book
                    .note(format!("resized {guest} {}x{}", size.cols(), size.rows()));
            }
            DoorEvent::Ready { guest } => {
                self.book
                    .write(|seen| *seen.drawn.entry(guest).or_default() += FRAME);
                if self.flood
                    && let Some(to) = self.guest(guest)
                {
                    to.draw(vec![b'.'; FRAME].into());
                }
            }
            DoorEvent::Ended { guest } => self.book.note(format!("ended {guest}")),
            DoorEvent::Gone { guest } => self.book.note(format!("gone {guest}")),
            DoorEvent::Refused { address, .. } => {
                self.book.note(format!("refused {}", address.ip()))
            }
        }
    }
}

/// `ssh` on a pty.
pub(crate) struct Terminal {
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    child: Mutex<Box<dyn portable_pty::Child + Send + Sync>>,
    screen: Arc<(Mutex<Vec<u8>>, Condvar)>,
}

impl Terminal {
    /// How long anything may take here.
    pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

    fn start(command: CommandBuilder) -> Self {
        let size = PtySize {
            cols: 90,
            rows: 30,
            ..PtySize::default()
        };
        let pair = native_pty_system().openpty(size).unwrap();
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let screen = Arc::new((Mutex::new(Vec::new()), Condvar::new()));
        let shown = Arc::clone(&screen);
        std::thread::spawn(move || {
            let mut buf = vec![0; FRAME];
            while let Ok(n @ 1..) = reader.read(&mut buf) {
                let mut text = shown.0.lock().unwrap();
                if text.len() < FRAME {
                    text.extend(&buf[..n]);
                }
                shown.1.notify_all();
            }
        });
        Self {
            keys: pair.master.take_writer().unwrap(),
            master: pair.master,
            child: Mutex::new(child),
            screen,
        }
    }

    pub(crate) fn wait_for(&self, wanted: &str) {
        let deadline = Instant::now() + Self::PATIENCE;
        let mut text = self.screen.0.lock().unwrap();
        loop {
            let shown = String::from_utf8_lossy(&text).into_owned();
            // The terminal's own width may wrap what ssh itself prints.
            if shown.replace("\r\n", " ").contains(wanted) || shown.contains(wanted) {
                return;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "no {wanted:?} in {shown:?}");
            text = self.screen.1.wait_timeout(text, left).unwrap().0;
        }
    }

    pub(crate) fn type_keys(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    pub(crate) fn resize(&self, cols: u16, rows: u16) {
        let size = PtySize {
            cols,
            rows,
            ..PtySize::default()
        };
        self.master.resize(size).unwrap();
    }

    /// Stops the client as ^Z would.
    pub(crate) fn stop(&self) {
        let pid = self.child.lock().unwrap().process_id().unwrap();
        let pid = rustix::process::Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::STOP).unwrap();
    }

    pub(crate) fn status(&self) -> u32 {
        self.child.lock().unwrap().wait().unwrap().exit_code()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let mut child = self.child.lock().unwrap();
        let _ = child.kill();
        let _ = child.wait();
    }
}
