//! stepmux as the login shell of a real user, behind Debian's sshd and su: who
//! comes with a terminal lands in the shared session, everything else gets the
//! real shell, and nobody is locked out. What a session can do is tested
//! elsewhere.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod common;

use std::ffi::OsString;
use std::fs::{File, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use common::account::{Account, processes};
use common::{Client, Output, World, breathe, finish, until};
use rustix::process::Signal;

/// How often sshd is started when others take the port that was free.
const TRIES: usize = 5;

/// An sshd of our own, on loopback.
struct Sshd {
    child: Child,
    port: u16,
}

impl Sshd {
    /// Starts it for one user, who has the key `id` of this world.
    #[track_caller]
    fn start(world: &World, account: &Account) -> Self {
        for name in ["host", "id"] {
            let mut keygen = world.command("ssh-keygen");
            keygen.args(["-q", "-t", "ed25519", "-N", "", "-C", name, "-f"]);
            let out = finish("ssh-keygen", {
                keygen.arg(world.path(name));
                keygen
            });
            assert_eq!(out.status, Some(0), "{out:?}");
        }
        // It is read as the user, to whom the world is closed.
        let keys = account.path("authorized_keys");
        std::fs::copy(world.path("id.pub"), &keys).unwrap();
        std::fs::set_permissions(&keys, Permissions::from_mode(0o644)).unwrap();
        (0..TRIES)
            .find_map(|_| Self::start_once(world, account, &keys))
            .expect("a free port")
    }

    /// None when the port was taken meanwhile.
    #[track_caller]
    fn start_once(world: &World, account: &Account, keys: &Path) -> Option<Self> {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let config = format!(
            "ListenAddress 127.0.0.1:{port}\n\
             HostKey {}\n\
             AuthorizedKeysFile {}\n\
             AllowUsers {}\n\
             SetEnv LANG=C.UTF-8 STEPMUX_TMPDIR={}\n\
             PidFile none\n\
             UsePAM no\n\
             StrictModes no\n\
             PasswordAuthentication no\n\
             PrintMotd no\n\
             PrintLastLog no\n\
             Subsystem sftp /usr/lib/openssh/sftp-server\n",
            world.path("host").display(),
            keys.display(),
            account.name,
            account.path("tmp").display(),
        );
        let config = world.write("sshd_config", config);
        let log = world.write("sshd.log", "");
        let host = std::fs::read_to_string(world.path("host.pub")).unwrap();
        world.write("known_hosts", format!("[127.0.0.1]:{port} {host}"));
        // It ends with this thread, also when that is killed.
        let child = world
            .command("setpriv")
            .args(["--pdeathsig", "KILL"])
            .args(["/usr/sbin/sshd", "-D", "-f"])
            .arg(config)
            .arg("-E")
            .arg(&log)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("setpriv, of the package util-linux");
        let mut sshd = Self { child, port };
        let said = || std::fs::read_to_string(&log).unwrap();
        let mut ended = false;
        until("sshd", || {
            ended = sshd.child.try_wait().unwrap().is_some();
            ended || said().contains("Server listening on 127.0.0.1 port")
        });
        assert!(
            !ended || said().contains("in use"),
            "no sshd (of the package openssh-server): {}",
            said()
        );
        (!ended).then_some(sshd)
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A machine with a user who logs in over ssh. Its parts end in this order.
struct Machine {
    sshd: Sshd,
    account: Account,
    world: World,
}

impl Machine {
    #[track_caller]
    fn new() -> Self {
        let world = World::new();
        let account = Account::new();
        let sshd = Sshd::start(&world, &account);
        Self {
            sshd,
            account,
            world,
        }
    }

    fn host(&self) -> String {
        format!("{}@127.0.0.1", self.account.name)
    }

    /// ssh, scp or sftp, as the user with the key.
    fn words(&self, tool: &str) -> Vec<OsString> {
        let mut words = vec![tool.into()];
        words.extend(self.world.ssh_options(self.sshd.port));
        words.extend(["-i".into(), self.world.path("id").into()]);
        words
    }

    fn command(&self, tool: &str) -> Command {
        let words = self.words(tool);
        let mut command = self.world.command(&words[0]);
        command.args(&words[1..]);
        command
    }

    /// `ssh host` with these words after it.
    #[track_caller]
    fn ssh(&self, words: &[&str]) -> Output {
        let mut command = self.command("ssh");
        command.arg(self.host()).args(words);
        finish(&format!("ssh {words:?}"), command)
    }

    /// `ssh host` with this as its standard input, which is no terminal.
    #[track_caller]
    fn ssh_with_input(&self, input: &str) -> Output {
        let input = self.world.write("input", input);
        let mut command = self.command("ssh");
        command.arg(self.host()).stdin(File::open(input).unwrap());
        finish("ssh with input", command)
    }

    /// Runs stepmux for the user, in silence; its standard output.
    #[track_caller]
    fn stepmux(&self, line: &str) -> String {
        let line = format!("{} {line}", self.account.shell().display());
        let out = self.ssh(&[&line]);
        assert!(
            out.status == Some(0) && out.stderr.is_empty(),
            "{line}: {out:?}"
        );
        out.stdout
    }

    /// `ssh -tt host` on a terminal of this kind.
    #[track_caller]
    fn terminal(&self, term: &str, cols: u16) -> Client {
        let mut words = self.words("ssh");
        words.extend(["-tt".into(), self.host().into()]);
        let mut env = self.world.env();
        env.retain(|(name, _)| *name != "TERM");
        env.push(("TERM", term.into()));
        Client::start(&words, &env, &self.world.home(), cols, 24)
    }

    /// A login that lands in the session.
    #[track_caller]
    fn login(&self) -> Client {
        let client = self.terminal("xterm-256color", 80);
        client.wait_status("0:bash");
        client
    }

    /// A login that lands in a plain shell, told so in one line.
    #[track_caller]
    fn assert_plain(&self, term: &str, why: &str) {
        let mut client = self.terminal(term, 160);
        client.wait("prompt", |screen| screen.contents().ends_with("$ "));
        client.send("echo plain-$((1+1)) $SHELL $0 $STEPMUX\r");
        client.wait_text("plain-2 /bin/bash -bash\n");
        let screen = client.screen();
        let warnings = screen.lines().filter(|line| line.contains("stepmux: "));
        let warnings: Vec<&str> = warnings.collect();
        assert!(
            warnings.len() == 1
                && warnings[0].starts_with("stepmux: no shared session (")
                && warnings[0].contains(why)
                && warnings[0].ends_with("), this is a plain shell"),
            "{why}:\n{screen}"
        );
        client.send("exit 7\r");
        assert_eq!(client.finish(), 7, "{why}");
        assert_eq!(self.ssh(&["true"]).status, Some(0), "{why}");
    }
}

#[test]
fn logins_share_one_session_that_outlives_them() {
    let machine = Machine::new();
    let mut one = machine.login();
    let mut two = machine.login();
    one.send("echo from-one-$((40+2))\r");
    two.wait_text("from-one-42");
    two.send("echo from-two-$((40+2))\r");
    one.wait_text("from-two-42");
    assert_eq!(machine.stepmux("list-clients").lines().count(), 2);
    assert_eq!(machine.stepmux("list-sessions").lines().count(), 1);

    two.send("\x02d");
    assert_eq!(two.finish(), 0);
    two.assert_restored();
    assert_eq!(machine.stepmux("list-clients").lines().count(), 1);
    // A line that breaks ends its own client alone.
    one.signal(Signal::KILL);
    one.finish();
    until("end of the client", || {
        machine.stepmux("list-clients").is_empty()
    });

    let mut again = machine.login();
    again.wait_text("from-two-42");
    again.send("exit\r");
    assert_eq!(again.finish(), 0);
    again.wait_text("[exited]");
    again.assert_restored();
    until("end of the server", || {
        processes(machine.account.uid).is_empty()
    });
}

#[test]
fn pane_has_the_real_shell_and_refuses_a_session_inside() {
    let machine = Machine::new();
    let mut client = machine.login();
    client.send("echo $SHELL $0 ${STEPMUX:+inside}\r");
    client.wait_text("/bin/bash -bash inside\n");
    client.send("\x02c");
    client.wait_status("1:bash*");
    client.send("echo $SHELL ${STEPMUX_PANE}\r");
    client.wait_text("/bin/bash %1\n");

    let shell = machine.account.shell();
    client.send(format!("clear; {}; echo status-$?\r", shell.display()));
    client.wait_text("status-1\n");
    let screen = client.screen();
    assert!(
        screen.contains("sessions should be nested with care, unset $STEPMUX to force"),
        "{screen}"
    );
    assert_eq!(machine.stepmux("list-clients").lines().count(), 1);
    assert_eq!(machine.stepmux("list-sessions").lines().count(), 1);
    // A login shell there is what programs in the pane ask for: the real one.
    let login = format!(
        "clear; {} --login -c 'echo $0-$((40+2))'\r",
        shell.display()
    );
    client.send(login);
    client.wait_text("-bash-42\n");
}

#[test]
fn command_runs_in_the_real_shell_without_a_session() {
    let machine = Machine::new();
    for (line, status, stdout) in [
        ("true", 0, ""),
        ("exit 3", 3, ""),
        ("kill -TERM $$", 255, ""),
        ("printf %s \"$0\"", 0, "bash"),
        ("printf %s \"$SHELL\"", 0, "/bin/bash"),
        ("printf '%s|' 'a  b' \"c'd\" \\; '*'", 0, "a  b|c'd|;|*|"),
        ("no-such-command 2>/dev/null", 127, ""),
    ] {
        let out = machine.ssh(&[line]);
        assert_eq!(
            (out.status, out.stdout.as_str(), out.stderr.as_str()),
            (Some(status), stdout, ""),
            "{line}"
        );
    }
    // A terminal that was asked for makes no difference to a command.
    let mut words = machine.words("ssh");
    words.extend(["-tt".into(), machine.host().into()]);
    words.push("echo \"$0\"-$((40+2)); tty; exit 4".into());
    let mut client = machine.world.on_terminal(&words, 80, 24);
    assert_eq!(client.finish(), 4);
    client.wait_text("bash-42\n/dev/pts/");

    let out = machine.ssh_with_input("echo hi from \"$0\"\nexit 5\n");
    assert_eq!(
        (out.status, out.stdout.as_str(), out.stderr.as_str()),
        (Some(5), "hi from -bash\n", "")
    );
    let socket = machine.account.socket_dir();
    assert!(!socket.exists(), "{}", socket.display());
}

#[test]
fn su_runs_commands_in_the_real_shell() {
    let account = Account::new();
    let world = World::new();
    for (words, said) in [
        (vec!["-", &account.name, "-c", "echo ok $0"], "ok -bash\n"),
        (vec![&account.name, "-c", "echo ok $0"], "ok bash\n"),
        (
            vec!["-", &account.name, "-c", "echo $0 $1 $SHELL", "zero", "one"],
            "zero one /bin/bash\n",
        ),
    ] {
        let mut su = world.command("su");
        su.args(&words);
        let out = finish("su", su);
        assert_eq!(
            (out.status, out.stdout.as_str()),
            (Some(0), said),
            "{words:?}: {out:?}"
        );
    }
}

/// All bytes, in an order that no line discipline or encoding survives.
fn cargo() -> Vec<u8> {
    (0..1_000_003_u32)
        .map(|nth| nth.wrapping_mul(2_654_435_761).to_be_bytes()[0])
        .collect()
}

#[test]
fn files_come_back_unchanged_by_scp_and_sftp() {
    let machine = Machine::new();
    let sent = machine.world.write("sent", cargo());
    let (host, there) = (machine.host(), machine.account.path("home/there"));
    // Over sftp, and by the older protocol, which runs `scp` over there.
    for protocol in ["-s", "-O"] {
        let back = machine.world.path("back");
        let remote = format!("{host}:{}", there.display());
        for (from, to) in [
            (sent.as_os_str(), remote.as_ref()),
            (remote.as_ref(), back.as_os_str()),
        ] {
            let mut scp = machine.command("scp");
            scp.args([protocol, "-q"]).arg(from).arg(to);
            let out = finish("scp", scp);
            assert_eq!(out.status, Some(0), "{protocol}: {out:?}");
        }
        assert!(std::fs::read(&back).unwrap() == cargo(), "scp {protocol}");
        std::fs::remove_file(&back).unwrap();
        std::fs::remove_file(&there).unwrap();
    }

    let back = machine.world.path("back");
    let batch = format!(
        "put {} there\nget there {}\nrename there moved\nls -1\n",
        sent.display(),
        back.display()
    );
    let batch = machine.world.write("batch", batch);
    let mut sftp = machine.command("sftp");
    sftp.arg("-b").arg(batch).arg(host);
    let out = finish("sftp", sftp);
    assert_eq!(out.status, Some(0), "{out:?}");
    assert!(out.stdout.contains("\nmoved"), "{out:?}");
    assert!(std::fs::read(&back).unwrap() == cargo(), "sftp");
}

#[test]
fn login_without_a_server_is_a_plain_shell() {
    let machine = Machine::new();
    machine.assert_plain("dumb", "the terminal cannot show one");

    let dir = machine.account.socket_dir();
    symlink(machine.account.path("home"), &dir).unwrap();
    machine.assert_plain("xterm", "is not a directory");
    std::fs::remove_file(&dir).unwrap();

    // Somebody else's.
    std::fs::create_dir(&dir).unwrap();
    std::fs::set_permissions(&dir, Permissions::from_mode(0o700)).unwrap();
    machine.assert_plain("xterm", "has unsafe permissions");
    // Open to all.
    chown(&dir, Some(machine.account.uid), None).unwrap();
    std::fs::set_permissions(&dir, Permissions::from_mode(0o777)).unwrap();
    machine.assert_plain("xterm", "has unsafe permissions");
    std::fs::set_permissions(&dir, Permissions::from_mode(0o700)).unwrap();

    // A file where the socket should be.
    let socket = dir.join("default");
    std::fs::write(&socket, "").unwrap();
    machine.assert_plain("xterm", "");
    std::fs::remove_file(&socket).unwrap();

    // Something that is no server of ours.
    let listener = UnixListener::bind(&socket).unwrap();
    chown(&socket, Some(machine.account.uid), None).unwrap();
    let over = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&over);
    let rude = std::thread::spawn(move || {
        // Everyone who calls is turned away, however often.
        while listener.accept().is_ok() && !seen.load(Ordering::SeqCst) {}
    });
    machine.assert_plain("xterm", "");
    over.store(true, Ordering::SeqCst);
    drop(UnixStream::connect(&socket));
    rude.join().unwrap();
    std::fs::remove_file(&socket).unwrap();

    // With that out of the way, the session is there.
    let mut client = machine.login();
    client.send("\x02d");
    assert_eq!(client.finish(), 0);
}

#[test]
fn login_with_a_broken_configuration_has_a_shell() {
    let machine = Machine::new();
    let dir = machine.account.path("home/.config/stepmux");
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(dir.join("config.toml"), "[options]\nmouse = \"what\n").unwrap();
    let mut client = machine.terminal("xterm", 160);
    client.wait("error", |screen| {
        screen.contents().contains("config.toml:2")
    });
    client.send("q\r");
    client.send("echo alive-$((1+1))\r");
    client.wait_text("alive-2");
    assert_eq!(machine.ssh(&["echo ok"]).stdout, "ok\n");
}

#[test]
fn account_leaves_nothing_behind() {
    let machine = Machine::new();
    let client = machine.login();
    let (name, uid) = (machine.account.name.clone(), machine.account.uid);
    let dir = machine.account.path("");
    assert!(!processes(uid).is_empty());
    drop(machine);
    drop(client);
    for list in ["/etc/passwd", "/etc/shells"] {
        let text = std::fs::read_to_string(list).unwrap();
        assert!(!text.contains(&name), "{list}:\n{text}");
    }
    assert!(!dir.exists(), "{}", dir.display());
    assert!(processes(uid).is_empty());
    // The daemon's half of each connection ends with the user's.
    until("end of the connections", || {
        let mut ps = Command::new("ps");
        ps.args(["-eo", "args"]).stdout(Stdio::piped());
        breathe();
        !finish("ps", ps).stdout.contains(&name)
    });
}
