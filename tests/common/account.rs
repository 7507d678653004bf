//! A throwaway user whose login shell is the built program. Everything that it
//! leaves on the machine is removed with it: its processes, its line in
//! `/etc/shells`, its files and the user. What aborted runs left goes too.

use std::fs::File;
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use rustix::process::{Pid, Signal, kill_process};

use super::{PATIENCE, STEPMUX, breathe};

/// Begins the name of every such user: `muxlogin-PID-N`, where PID is the test
/// program's.
const PREFIX: &str = "muxlogin-";

/// The login shells of this machine (shells(5)).
const SHELLS: &str = "/etc/shells";

/// A user of this machine, for one test.
#[derive(Debug)]
pub struct Account {
    /// The user's name.
    pub name: String,
    /// The user's number.
    pub uid: u32,
}

impl Account {
    /// Makes a user who is nobody's yet.
    ///
    /// # Panics
    /// When not root, who alone may make users.
    #[track_caller]
    pub fn new() -> Self {
        assert!(
            rustix::process::geteuid().is_root(),
            "this test needs root: it makes a user with useradd and starts sshd for it"
        );
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let nth = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("{PREFIX}{}-{nth}", std::process::id());
        // It is there before the lock, which is let go before it when this fails.
        let mut account = Self { name, uid: 0 };
        let _lock = lock();
        for name in leftovers() {
            remove(&name);
        }
        account.furnish();
        account.uid = account.register();
        for own in ["home", "home/.bash_profile", "home/.inputrc"] {
            chown(account.path(own), Some(account.uid), None).unwrap();
        }
        account
    }

    /// A path in the user's directory.
    pub fn path(&self, name: &str) -> PathBuf {
        directory(&self.name).join(name)
    }

    /// The login shell: a copy of the built program.
    pub fn shell(&self) -> PathBuf {
        self.path("stepmux")
    }

    /// The directory that the server makes for its socket.
    pub fn socket_dir(&self) -> PathBuf {
        self.path(&format!("tmp/stepmux-{}", self.uid))
    }

    /// Makes the files: the program, a home, and a /tmp of its own.
    #[track_caller]
    fn furnish(&self) {
        let make = |name: &str, mode| {
            let path = self.path(name);
            let mut builder = std::fs::DirBuilder::new();
            builder.mode(mode).create(&path).unwrap();
            // Whatever the umask is.
            std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        };
        make("", 0o755);
        make("home", 0o755);
        make("tmp", 0o1777);
        std::fs::copy(STEPMUX, self.shell()).unwrap();
        std::fs::set_permissions(self.shell(), PermissionsExt::from_mode(0o755)).unwrap();
        let profile = "PS1='$ '\nunset PROMPT_COMMAND HISTFILE MAILCHECK\n";
        std::fs::write(self.path("home/.bash_profile"), profile).unwrap();
        let inputrc = "set enable-bracketed-paste off\n";
        std::fs::write(self.path("home/.inputrc"), inputrc).unwrap();
    }

    /// Makes the user, and its shell a login shell; the user's number.
    #[track_caller]
    fn register(&self) -> u32 {
        let mut shells = std::fs::read_to_string(SHELLS).unwrap();
        shells.push_str(&format!("{}\n", self.shell().display()));
        write_shells(&shells).unwrap();
        // `*` is no password; an account that is locked (`!`) is refused by sshd.
        let out = Command::new("/usr/sbin/useradd")
            .args(["--system", "--no-log-init", "--no-create-home"])
            .args(["--gid", "nogroup", "--password", "*"])
            .arg("--home-dir")
            .arg(self.path("home"))
            .arg("--shell")
            .arg(self.shell())
            .arg(&self.name)
            .output()
            .expect("/usr/sbin/useradd");
        assert!(out.status.success(), "useradd: {out:?}");
        uid(&self.name).expect("the new user")
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        let _lock = lock();
        remove(&self.name);
    }
}

/// One change of the machine's users at a time, among all test programs.
fn lock() -> File {
    let file = File::open("/etc").unwrap();
    file.lock().unwrap();
    file
}

fn directory(name: &str) -> PathBuf {
    Path::new("/tmp").join(name)
}

/// The users, or halves of them, whose test program is gone.
fn leftovers() -> Vec<String> {
    let passwd = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let users = passwd.lines().filter_map(|line| line.split(':').next());
    let shells = std::fs::read_to_string(SHELLS).unwrap_or_default();
    let shells = shells.lines().filter_map(|line| line.split('/').nth(2));
    let dirs = std::fs::read_dir("/tmp").into_iter().flatten().flatten();
    let dirs = dirs.filter_map(|entry| entry.file_name().into_string().ok());
    let mut names: Vec<String> = users
        .chain(shells)
        .map(str::to_owned)
        .chain(dirs)
        .filter(|name| name.starts_with(PREFIX))
        .collect();
    names.sort();
    names.dedup();
    names.retain(|name| {
        let pid = name.split('-').nth(1).unwrap_or_default();
        !pid.is_empty() && !Path::new("/proc").join(pid).exists()
    });
    names
}

/// Removes all there is of a user.
fn remove(name: &str) {
    if let Some(uid) = uid(name) {
        end_processes(uid);
        // It also goes when a zombie still bears its number.
        let _ = Command::new("/usr/sbin/userdel")
            .args(["--force", name])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
    }
    let dir = directory(name);
    if let Ok(shells) = std::fs::read_to_string(SHELLS) {
        let others = shells
            .lines()
            .filter(|line| !Path::new(line).starts_with(&dir));
        let others: String = others.flat_map(|line| [line, "\n"]).collect();
        if others != shells {
            let _ = write_shells(&others);
        }
    }
    let _ = std::fs::remove_dir_all(&dir);
}

/// Replaces the list at once: a run that is aborted leaves it whole.
fn write_shells(text: &str) -> io::Result<()> {
    let new = format!("{SHELLS}.{PREFIX}new");
    std::fs::write(&new, text)?;
    std::fs::set_permissions(&new, PermissionsExt::from_mode(0o644))?;
    std::fs::rename(&new, SHELLS)
}

fn uid(name: &str) -> Option<u32> {
    let passwd = std::fs::read_to_string("/etc/passwd").ok()?;
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let found = fields.next() == Some(name);
        found.then(|| fields.nth(1)?.parse().ok())?
    })
}

/// Ends every process of a user, and waits for that. It does not panic: it is
/// the way out of a test that may have.
fn end_processes(uid: u32) {
    let deadline = Instant::now() + PATIENCE;
    while uid != 0 && Instant::now() < deadline {
        let pids = processes(uid);
        if pids.is_empty() {
            return;
        }
        for pid in pids {
            let _ = kill_process(pid, Signal::KILL);
        }
        breathe();
    }
}

/// A user's processes, but for the dead ones that nobody has waited for.
pub fn processes(uid: u32) -> Vec<Pid> {
    let owned = |pid: i32| {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()
        };
        let owner = field("Uid:").and_then(|uid| uid.parse().ok());
        owner == Some(uid) && field("State:") != Some("Z")
    };
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid| owned(*pid))
        .filter_map(Pid::from_raw)
        .collect()
}
