//! A relay of three nodes with its bus, each on a loopback address of its own,
//! so that the ports are known before anything listens.

#![allow(unreachable_pub, clippy::unwrap_used, clippy::missing_panics_doc)]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use rustix::process::{Pid, Signal, kill_process};

use crate::common::{Client, Output, STEPMUX, World, finish, until, until_or};

/// The nodes' names.
pub const NODES: [&str; 3] = ["a", "b", "c"];

/// A program that ends with the test, and what it wrote to standard error.
struct Running {
    child: Child,
    log: Arc<Mutex<String>>,
}

impl Running {
    fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A session shared through the relay.
pub struct Way {
    pub route: String,
    pub alias: String,
    pub token: String,
}

/// The whole relay.
pub struct Cluster {
    pub world: World,
    net: String,
    running: BTreeMap<&'static str, Running>,
}

/// Certificates by one authority, written into a world.
pub struct Authority {
    issuer: rcgen::Issuer<'static, rcgen::KeyPair>,
    pem: String,
}

impl Authority {
    pub fn new() -> Self {
        let mut terms = rcgen::CertificateParams::new(Vec::new()).unwrap();
        terms.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let key = rcgen::KeyPair::generate().unwrap();
        let own = terms.self_signed(&key).unwrap();
        Self {
            pem: own.pem(),
            issuer: rcgen::Issuer::new(terms, key),
        }
    }

    /// Writes a node's certificate and key, and its authority.
    pub fn certify(&self, world: &World, node: &str) {
        let key = rcgen::KeyPair::generate().unwrap();
        let terms = rcgen::CertificateParams::new(vec![node.to_owned()]).unwrap();
        let own = terms.signed_by(&key, &self.issuer).unwrap();
        world.write(&format!("{node}-ca.pem"), &self.pem);
        world.write(&format!("{node}.pem"), own.pem());
        let key = world.write(&format!("{node}.key"), key.serialize_pem());
        std::fs::set_permissions(key, PermissionsExt::from_mode(0o600)).unwrap();
    }
}

impl Cluster {
    /// Three nodes and a bus that are set up and not yet started.
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let nth = std::process::id().wrapping_mul(16) + COUNT.fetch_add(1, Ordering::Relaxed);
        let net = format!("127.{}.{}", 64 + nth / 250 % 180, 1 + nth % 250);
        let world = World::new();
        world.start(80, 24);
        world.keygen("relay_key");
        let authority = Authority::new();
        for node in NODES {
            authority.certify(&world, node);
        }
        Self {
            world,
            net,
            running: BTreeMap::new(),
        }
    }

    /// Starts everything.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts everything, the nodes with further flags.
    pub fn start_with(other: &[(&str, &str)]) -> Self {
        let mut cluster = Self::new();
        cluster.start_bus();
        for node in NODES {
            cluster.start_node_with(node, other);
        }
        cluster
    }

    /// A node's address, the bus's for `bus`.
    pub fn ip(&self, node: &str) -> String {
        let last = NODES.iter().position(|name| *name == node);
        format!("{}.{}", self.net, last.map_or(9, |last| last + 1))
    }

    fn run(&mut self, name: &'static str, words: &[String]) {
        let mut command = self.world.command(&words[0]);
        command.args(&words[1..]).stdout(Stdio::null());
        let mut child = command.spawn().unwrap_or_else(|error| {
            panic!("{}: {error}", words[0]);
        });
        let log: Arc<Mutex<String>> = Arc::default();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let into = Arc::clone(&log);
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                into.lock().unwrap().push_str(&format!("{line}\n"));
            }
        });
        self.running.insert(name, Running { child, log });
    }

    pub fn start_bus(&mut self) {
        // Debian keeps it where not every account looks.
        let found = ["/usr/sbin/nats-server", "/usr/bin/nats-server"];
        let program = found
            .iter()
            .find(|path| std::path::Path::new(path).exists());
        let program = program.copied().unwrap_or("nats-server");
        let words = [program, "-a", &self.ip("bus"), "-p", "4222"];
        self.run("bus", &words.map(str::to_owned));
        let place = format!("{}:4222", self.ip("bus"));
        until("bus", || TcpStream::connect(&place).is_ok());
    }

    pub fn start_node(&mut self, node: &'static str) {
        self.start_node_with(node, &[]);
    }

    /// Starts a node, some of whose flags are others.
    pub fn start_node_with(&mut self, node: &'static str, other: &[(&str, &str)]) {
        let path = |name: &str| self.world.path(name).display().to_string();
        let ip = self.ip(node);
        let mut flags = vec![
            ("--listen", format!("{ip}:2200")),
            ("--key", path("relay_key")),
            ("--cluster", format!("nats://{}:4222", self.ip("bus"))),
            ("--node", node.to_owned()),
            ("--cluster-listen", format!("{ip}:7443")),
            ("--cluster-ca", path(&format!("{node}-ca.pem"))),
            ("--cluster-cert", path(&format!("{node}.pem"))),
            ("--cluster-key", path(&format!("{node}.key"))),
        ];
        for (name, other) in other {
            flags.retain(|(flag, _)| flag != name);
            flags.push((name, (*other).to_owned()));
        }
        let mut words = vec![STEPMUX.to_owned(), "relay".to_owned(), "-v".to_owned()];
        for (flag, value) in flags {
            words.extend([flag.to_owned(), value]);
        }
        for peer in NODES {
            let place = format!("{peer}={}:7443", self.ip(peer));
            words.extend(["--peer".to_owned(), place]);
        }
        self.run(node, &words);
        let place = format!("{ip}:2200");
        until_or(
            "node",
            || TcpStream::connect(&place).is_ok(),
            || self.log(node),
        );
    }

    /// Kills a node or the bus with -9.
    pub fn kill(&mut self, name: &str) {
        let mut running = self.running.remove(name).unwrap();
        running.child.kill().unwrap();
        running.child.wait().unwrap();
    }

    /// Stops a node or the bus where it is, or lets it go on.
    pub fn signal(&self, name: &str, signal: Signal) {
        kill_process(Pid::from_child(&self.running[name].child), signal).unwrap();
    }

    /// The node by which another one's last way goes, once it goes by none of
    /// these.
    #[track_caller]
    pub fn owner(&self, node: &str, none_of: &[&str]) -> &'static str {
        let mut owner = None;
        let found = || {
            let log = self.log(node);
            let way = log.lines().rfind(|line| line.contains("INFO way"));
            let by = |name: &&str| {
                let node = format!("node=\"{name}\"");
                way.is_some_and(|way| way.contains(&node) && !way.contains("way ended"))
            };
            owner = NODES.into_iter().find(by);
            owner.is_some_and(|owner| !none_of.contains(&owner))
        };
        until_or("way", found, || self.log(node));
        owner.unwrap()
    }

    /// What a node has said.
    pub fn log(&self, node: &str) -> String {
        self.running[node].log()
    }

    /// Waits until a node has said all these words in one line, so many times.
    #[track_caller]
    pub fn wait_log(&self, node: &str, words: &[&str], times: usize) {
        let said = || {
            let log = self.log(node);
            let lines = log.lines();
            let fits = |line: &&str| words.iter().all(|word| line.contains(word));
            lines.filter(fits).count() >= times
        };
        until_or(&format!("{words:?} of {node}"), said, || self.log(node));
    }

    /// Shares the world's session through nodes, and waits for the links to two
    /// of them.
    pub fn share(&self, nodes: &[&str], linked: &[&str]) -> Way {
        let places: Vec<String> = nodes.iter().map(|node| self.place(node)).collect();
        self.share_by(&places, linked)
    }

    /// Where guests and VMs reach a node.
    pub fn place(&self, node: &str) -> String {
        format!("{}:2200", self.ip(node))
    }

    /// The same by places that may be others' than the nodes'.
    pub fn share_by(&self, places: &[String], linked: &[&str]) -> Way {
        let printed = self.world.ok(&["share", "--relay", &places.join(",")]);
        let known: Vec<&str> = printed
            .lines()
            .filter_map(|line| line.strip_prefix("known_hosts: "))
            .collect();
        self.world
            .write("known_hosts", format!("{}\n", known.join("\n")));
        for node in linked {
            self.wait_log(node, &["INFO session "], 1);
        }
        let line = self.world.ask("#{ssh_command}");
        let words: Vec<&str> = line.split(' ').collect();
        let user = |word: &str| word.split('@').next().unwrap().to_owned();
        let at = |flag: &str| words.iter().position(|word| *word == flag).unwrap();
        let alias = words
            .iter()
            .find_map(|word| word.strip_prefix("HostKeyAlias="));
        Way {
            route: user(words[at("-J") + 1]),
            alias: alias.unwrap().to_owned(),
            token: user(words.last().unwrap()),
        }
    }

    /// The stock client's words for a guest who comes to a node.
    fn words(&self, way: &Way, node: &str) -> Vec<String> {
        let options = "-F /dev/null -o BatchMode=yes -o IdentityAgent=none -o IdentityFile=none \
                       -o LogLevel=ERROR";
        let jump = format!(
            "ssh {options} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
             -W stepmux:22 -p 2200 {}@{}",
            way.route,
            self.ip(node)
        );
        let mut words = vec!["ssh".to_owned()];
        words.extend(options.split_whitespace().map(str::to_owned));
        let known = self.world.path("known_hosts");
        for option in [
            format!("ProxyCommand={jump}"),
            format!("HostKeyAlias={}", way.alias),
            "StrictHostKeyChecking=yes".to_owned(),
            format!("UserKnownHostsFile={}", known.display()),
        ] {
            words.extend(["-o".to_owned(), option]);
        }
        words.push(format!("{}@stepmux", way.token));
        words
    }

    /// A guest's command line by a node.
    pub fn ssh(&self, way: &Way, node: &str, command: &[&str]) -> Output {
        finish("ssh", self.ssh_command(way, node, command))
    }

    /// The same, not yet started.
    pub fn ssh_command(&self, way: &Way, node: &str, command: &[&str]) -> Command {
        let words = self.words(way, node);
        let mut ssh = self.world.command(&words[0]);
        ssh.args(&words[1..]).args(command);
        ssh
    }

    /// A guest on a terminal, by a node.
    pub fn guest(&self, way: &Way, node: &str) -> Client {
        let mut words = self.words(way, node);
        words.insert(1, "-tt".to_owned());
        let words: Vec<_> = words.into_iter().map(Into::into).collect();
        let client = self.world.on_terminal(&words, 90, 24);
        client.wait("status line", |screen| screen.contents().contains("[work]"));
        client
    }
}

/// A client of the bus that believes in nothing: it speaks the bus's own words.
pub struct Stranger(TcpStream);

impl Stranger {
    /// Comes to the bus and hears every question.
    pub fn at(cluster: &Cluster) -> Self {
        let place = format!("{}:4222", cluster.ip("bus"));
        let mut stream = TcpStream::connect(place).unwrap();
        stream
            .write_all(b"CONNECT {\"verbose\":false}\r\nSUB stepmux.> 1\r\nPING\r\n")
            .unwrap();
        let mut all = Vec::new();
        while !String::from_utf8_lossy(&all).contains("PONG") {
            let mut some = [0; 4096];
            let count = stream.read(&mut some).unwrap();
            assert!(count > 0, "the bus closed");
            all.extend(&some[..count]);
        }
        Self(stream)
    }

    /// Answers every question with these bytes until the bus closes; how many
    /// there were.
    pub fn answer(self, words: Vec<Vec<u8>>) -> Arc<AtomicU32> {
        let count = Arc::new(AtomicU32::new(0));
        let asked = Arc::clone(&count);
        thread::spawn(move || {
            let mut write = self.0.try_clone().unwrap();
            let mut read = BufReader::new(self.0);
            let mut line = String::new();
            while read.read_line(&mut line).is_ok_and(|count| count > 0) {
                let parts: Vec<&str> = line.split_whitespace().collect();
                if let ["MSG", _, _, reply, len] = parts[..] {
                    let mut question = vec![0; len.parse::<usize>().unwrap() + 2];
                    read.read_exact(&mut question).unwrap();
                    question.truncate(question.len() - 2);
                    // The question itself is thrown back, too.
                    for word in words.iter().chain([&question]) {
                        let head = format!("PUB {reply} {}\r\n", word.len());
                        let whole = [head.as_bytes(), word, b"\r\n"].concat();
                        let _ = write.write_all(&whole);
                    }
                    asked.fetch_add(1, Ordering::Relaxed);
                }
                line.clear();
            }
        });
        count
    }
}
