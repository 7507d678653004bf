//! Relays of a bench's own: one node, or three with their bus. Dropped, they are
//! gone.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

/// The program that is measured.
pub(crate) const STEPMUX: &str = env!("CARGO_BIN_EXE_stepmux");

/// How long anything may take.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// A directory of its own, and what runs in it.
pub(crate) struct House {
    dir: TempDir,
    running: Vec<Node>,
}

/// A relay's node, or the bus.
pub(crate) struct Node {
    name: String,
    child: Child,
    log: Arc<Mutex<String>>,
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl House {
    pub(crate) fn new() -> Result<Self> {
        let dir = tempfile::Builder::new()
            .prefix("muxrelay")
            .tempdir_in("/tmp")?;
        let house = Self {
            dir,
            running: Vec::new(),
        };
        let made = house
            .command("ssh-keygen")
            .args(["-q", "-t", "ed25519", "-N", "", "-f"])
            .arg(house.path("relay_key"))
            .status()?;
        ensure!(made.success(), "ssh-keygen: {made}");
        Ok(house)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A program in a cleared environment.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.dir.path())
            .env("SHELL", "/bin/sh")
            .env("TERM", "xterm-256color")
            .env("LANG", "C.UTF-8")
            .env("STEPMUX_TMPDIR", self.dir.path())
            .current_dir(self.dir.path())
            .stdin(Stdio::null());
        command
    }

    /// Runs `stepmux` with arguments; what it prints.
    pub(crate) fn run(&self, args: &[&str]) -> Result<String> {
        let out = self.command(STEPMUX).args(args).output()?;
        let stderr = String::from_utf8_lossy(&out.stderr);
        ensure!(out.status.success(), "{args:?}: {stderr}");
        Ok(String::from_utf8_lossy(&out.stdout).trim_end().to_owned())
    }

    fn start(&mut self, name: &str, mut command: Command, place: &str) -> Result<()> {
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().with_context(|| name.to_owned())?;
        let stderr = child.stderr.take().context("no stderr")?;
        let log: Arc<Mutex<String>> = Arc::default();
        let into = Arc::clone(&log);
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                let mut log = into.lock().unwrap_or_else(PoisonError::into_inner);
                log.push_str(&line);
                log.push('\n');
            }
        });
        self.running.push(Node {
            name: name.to_owned(),
            child,
            log,
        });
        wait(name, || TcpStream::connect(place).is_ok())
    }

    /// Starts a relay of one node; where it is.
    pub(crate) fn lone(&mut self) -> Result<String> {
        let place = free()?;
        let mut command = self.command(STEPMUX);
        command.args(["relay", "-v", "--max-sessions", "40000", "--listen", &place]);
        // All of them come from here.
        command.args(["--max-per-address", "40000"]);
        command.arg("--key").arg(self.path("relay_key"));
        self.start("lone", command, &place)?;
        Ok(place)
    }

    /// Starts three nodes, `a`, `b` and `c`, and their bus.
    pub(crate) fn three(&mut self) -> Result<Three> {
        let mut terms = rcgen::CertificateParams::new(Vec::new())?;
        terms.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let key = rcgen::KeyPair::generate()?;
        fs::write(self.path("ca.pem"), terms.self_signed(&key)?.pem())?;
        let issuer = rcgen::Issuer::new(terms, key);
        for name in NAMES {
            let key = rcgen::KeyPair::generate()?;
            let terms = rcgen::CertificateParams::new(vec![name.to_owned()])?;
            let certificate = terms.signed_by(&key, &issuer)?;
            fs::write(self.path(&format!("{name}.pem")), certificate.pem())?;
            let path = self.path(&format!("{name}.key"));
            fs::write(&path, key.serialize_pem())?;
            fs::set_permissions(path, PermissionsExt::from_mode(0o600))?;
        }
        let three = Three {
            bus: free()?,
            ssh: [free()?, free()?, free()?],
            tls: [free()?, free()?, free()?],
        };
        let found = ["/usr/sbin/nats-server", "nats-server"];
        let found = found.iter().find(|path| fs::metadata(path).is_ok());
        let mut command = self.command(found.copied().unwrap_or("nats-server"));
        let (ip, port) = three.bus.split_once(':').context("no port")?;
        command.args(["-a", ip, "-p", port]);
        self.start("bus", command, &three.bus)?;
        for nth in 0..NAMES.len() {
            self.start_node(&three, nth)?;
        }
        Ok(three)
    }

    /// Starts one of three nodes.
    pub(crate) fn start_node(&mut self, three: &Three, nth: usize) -> Result<()> {
        let name = NAMES[nth];
        let mut command = self.command(STEPMUX);
        command.args(["relay", "-v", "--node", name]);
        command.args(["--listen", &three.ssh[nth]]);
        command.args(["--cluster-listen", &three.tls[nth]]);
        command
            .arg("--cluster")
            .arg(format!("nats://{}", three.bus));
        for (flag, file) in [
            ("--key", "relay_key".to_owned()),
            ("--cluster-ca", "ca.pem".to_owned()),
            ("--cluster-cert", format!("{name}.pem")),
            ("--cluster-key", format!("{name}.key")),
        ] {
            command.arg(flag).arg(self.path(&file));
        }
        for (peer, place) in NAMES.iter().zip(&three.tls) {
            command.arg("--peer").arg(format!("{peer}={place}"));
        }
        self.start(name, command, &three.ssh[nth])
    }

    /// The number of a node's process.
    pub(crate) fn pid(&self, name: &str) -> Result<u32> {
        let node = self.running.iter().find(|node| node.name == name);
        Ok(node.context("no such node")?.child.id())
    }

    /// What a node has said.
    pub(crate) fn log(&self, name: &str) -> String {
        let node = self.running.iter().find(|node| node.name == name);
        let log = node.map(|node| node.log.lock().unwrap_or_else(PoisonError::into_inner));
        log.map(|log| log.clone()).unwrap_or_default()
    }

    /// Kills a node with -9.
    pub(crate) fn kill(&mut self, name: &str) {
        self.running.retain(|node| node.name != name);
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = self.command(STEPMUX).args(["kill-server"]).output();
    }
}

/// The names of three nodes.
pub(crate) const NAMES: [&str; 3] = ["a", "b", "c"];

/// Where three nodes and their bus are.
pub(crate) struct Three {
    pub(crate) bus: String,
    pub(crate) ssh: [String; 3],
    pub(crate) tls: [String; 3],
}

/// A place where nothing listens.
fn free() -> Result<String> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    Ok(listener.local_addr()?.to_string())
}

/// Waits until something is true.
pub(crate) fn wait(what: &str, mut ready: impl FnMut() -> bool) -> Result<()> {
    let end = Instant::now() + LIMIT;
    while !ready() {
        ensure!(Instant::now() < end, "no {what} after {LIMIT:?}");
        std::thread::sleep(Duration::from_millis(2));
    }
    Ok(())
}
