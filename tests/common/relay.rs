//! Relays, the ways that they make into a session, and a wire on which a link to
//! one can be heard, held, slowed and cut.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use super::{Client, Output, STEPMUX, World, breathe, finish, until};

/// A relay of this world.
pub struct Relay {
    pub child: Child,
    /// The address that it listens on, as it is written before a port.
    host: String,
    pub port: u16,
    pub fingerprint: String,
    /// Everything that it printed before its fingerprint, and after.
    pub printed: Vec<String>,
}

impl Relay {
    /// A relay on a port, 0 for any free one.
    #[track_caller]
    pub fn start(world: &World, port: u16) -> Self {
        Self::with(world, port, &[])
    }

    /// The same, with further words.
    #[track_caller]
    pub fn with(world: &World, port: u16, more: &[&str]) -> Self {
        Self::at(world, &format!("127.0.0.1:{port}"), more)
    }

    /// A relay that listens on a place, with further words.
    #[track_caller]
    pub fn at(world: &World, place: &str, more: &[&str]) -> Self {
        let mut command = relay(world);
        command.args(["--listen", place]).args(more);
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut printed = Vec::new();
        for line in lines.map_while(Result::ok) {
            let last = line.starts_with("share by:");
            printed.push(line);
            if last {
                break;
            }
        }
        let mut relay = Self {
            child,
            host: place.rsplit_once(':').unwrap().0.to_owned(),
            port: 0,
            fingerprint: String::new(),
            printed,
        };
        relay.fingerprint = relay.said("fingerprint:");
        let at = relay.said("listening:");
        relay.port = at.rsplit_once(':').unwrap().1.parse().unwrap();
        relay
    }

    /// What it printed after a word.
    #[track_caller]
    pub fn said(&self, begin: &str) -> String {
        let mut lines = self.printed.iter();
        let found = lines.find_map(|line| line.strip_prefix(begin));
        let found = found.unwrap_or_else(|| panic!("no {begin} in {:#?}", self.printed));
        found.trim().to_owned()
    }

    pub fn place(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// Waits for its end.
    #[track_caller]
    pub fn ended(&mut self) -> std::process::ExitStatus {
        let mut status = None;
        until("end of the relay", || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        status.unwrap()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `stepmux relay`, without further words.
pub fn relay(world: &World) -> Command {
    let mut command = world.command(STEPMUX);
    command.arg("relay");
    command
}

/// What a relay says that does not start with these words, which it must not.
#[track_caller]
pub fn refused(world: &World, more: &[&str]) -> String {
    let mut command = relay(world);
    command.args(["--listen", "127.0.0.1:0"]).args(more);
    let out = finish("relay", command);
    assert_eq!(out.status, Some(1), "{out:?}");
    out.stderr
}

/// What the relay of this world tells with `status`.
#[track_caller]
pub fn status(world: &World, more: &[&str]) -> Output {
    let mut command = relay(world);
    command.arg("status").args(more);
    finish("relay status", command)
}

/// Whether the relay's only session has a link now.
#[track_caller]
pub fn linked(world: &World) -> bool {
    let out = status(world, &["--json"]);
    let told: serde_json::Value = serde_json::from_str(&out.stdout).unwrap();
    told["sessions"][0]["linked"] == true
}

/// What `share` printed of a way in.
pub struct Way {
    pub route: String,
    pub token: String,
    pub view: String,
    pub alias: String,
}

/// What the session's formats say of it.
#[track_caller]
pub fn way(world: &World) -> Way {
    let words = |name: &str| -> Vec<String> {
        let line = world.ask(name);
        line.split(' ').map(str::to_owned).collect()
    };
    let user = |word: &str| {
        word.trim_matches('\'')
            .split('@')
            .next()
            .unwrap()
            .to_owned()
    };
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
#[track_caller]
pub fn share(world: &World, place: &str, more: &[&str]) -> Way {
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
pub fn words(world: &World, way: &Way, user: &str, port: u16) -> Vec<String> {
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

/// A command line of a guest's without a terminal.
#[track_caller]
pub fn run(world: &World, way: &Way, user: &str, port: u16, command: &[&str]) -> Output {
    let mut ssh = world.command("ssh");
    ssh.args(words(world, way, user, port)).args(command);
    finish("ssh", ssh)
}

/// A guest on a terminal.
#[track_caller]
pub fn guest(world: &World, way: &Way, user: &str, port: u16) -> Client {
    let mut all = vec!["ssh".into(), "-tt".into()];
    all.extend(words(world, way, user, port).into_iter().map(Into::into));
    let client = world.on_terminal(&all, 90, 24);
    client.wait("status line", |screen| screen.contents().contains("[work]"));
    client
}

/// A wire to a place that can be listened at, held, slowed and cut.
pub struct Wire {
    pub port: u16,
    pub seen: Arc<Mutex<Vec<u8>>>,
    /// The connections; none while nobody is let in.
    open: Arc<Mutex<Option<Vec<TcpStream>>>>,
    held: Arc<(Mutex<bool>, Condvar)>,
    /// How many connections there ever were.
    tries: Arc<AtomicUsize>,
    /// What passes at once, in bytes.
    piece: Arc<AtomicUsize>,
}

impl Wire {
    pub fn to(place: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let wire = Self {
            port: listener.local_addr().unwrap().port(),
            seen: Arc::default(),
            open: Arc::new(Mutex::new(Some(Vec::new()))),
            held: Arc::default(),
            tries: Arc::default(),
            piece: Arc::new(AtomicUsize::new(8192)),
        };
        let (seen, open) = (Arc::clone(&wire.seen), Arc::clone(&wire.open));
        let (held, piece) = (Arc::clone(&wire.held), Arc::clone(&wire.piece));
        let tries = Arc::clone(&wire.tries);
        thread::spawn(move || {
            for near in listener.incoming() {
                tries.fetch_add(1, Ordering::Relaxed);
                let (near, mut open) = (near.unwrap(), open.lock().unwrap());
                let (Some(open), Ok(far)) = (open.as_mut(), TcpStream::connect(&place)) else {
                    continue;
                };
                for (from, to) in [(&near, &far), (&far, &near)] {
                    let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    open.push(from.try_clone().unwrap());
                    let (seen, held) = (Arc::clone(&seen), Arc::clone(&held));
                    let piece = Arc::clone(&piece);
                    thread::spawn(move || pass(from, to, &seen, &held, &piece));
                }
            }
        });
        wire
    }

    pub fn place(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Ends the connections that there are.
    pub fn cut(&self) {
        self.end(Some(Vec::new()));
    }

    /// Ends them, and lets whoever comes later go at once.
    pub fn sever(&self) {
        self.end(None);
    }

    /// Lets others in again.
    pub fn mend(&self) {
        self.end(Some(Vec::new()));
    }

    fn end(&self, then: Option<Vec<TcpStream>>) {
        let open = std::mem::replace(&mut *self.open.lock().unwrap(), then);
        for stream in open.into_iter().flatten() {
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
    }

    /// Lets nothing pass, or all again.
    pub fn hold(&self, hold: bool) {
        *self.held.0.lock().unwrap() = hold;
        self.held.1.notify_all();
    }

    /// How often somebody came to it.
    pub fn tries(&self) -> usize {
        self.tries.load(Ordering::Relaxed)
    }

    /// Lets so many bytes pass at once, each with a pause after it.
    pub fn slow(&self, piece: usize) {
        self.piece.store(piece, Ordering::Relaxed);
    }

    /// Whether a text passed in the clear.
    pub fn saw(&self, text: &[u8]) -> bool {
        let seen = self.seen.lock().unwrap();
        seen.windows(text.len()).any(|part| part == text)
    }
}

fn pass(
    mut from: TcpStream,
    mut to: TcpStream,
    seen: &Mutex<Vec<u8>>,
    held: &(Mutex<bool>, Condvar),
    piece: &AtomicUsize,
) {
    let mut buffer = [0; 8192];
    loop {
        let most = piece.load(Ordering::Relaxed);
        let Ok(count @ 1..) = from.read(&mut buffer[..most]) else {
            break;
        };
        if most < buffer.len() {
            breathe();
        }
        let hold = held.0.lock().unwrap();
        drop(held.1.wait_while(hold, |hold| *hold).unwrap());
        seen.lock().unwrap().extend(&buffer[..count]);
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(std::net::Shutdown::Both);
}
