//! The checks of `stepmux doctor`: each looks at one thing and says what it is
//! and how to mend it. Everything is read below a root, so that a test can show
//! it another machine; nothing is written.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::doctor::{Check, State};
use crate::tty::Caps;

/// The longest path of a socket (unix(7)), in bytes.
const LONGEST_SOCKET: usize = 107;

/// The largest file that is looked into, in bytes.
const MOST: u64 = 1 << 20;

/// Files of sshd that are read at most.
const FILES: usize = 50;

/// Answers for variables of the environment.
type Env = Box<dyn Fn(&str) -> Option<String>>;

/// What the checks look at.
pub(super) struct Around {
    /// The directory of everything.
    pub(super) root: PathBuf,
    /// The environment.
    pub(super) env: Env,
    /// This program.
    pub(super) program: PathBuf,
    /// Whose process it is.
    pub(super) uid: u32,
    /// The terminal's columns and rows, if there is one.
    pub(super) terminal: Option<(u16, u16)>,
    /// The server's socket, or why there can be none.
    pub(super) socket: Result<PathBuf, String>,
    /// A server answers there.
    pub(super) answers: bool,
}

impl Around {
    fn var(&self, name: &str) -> Option<String> {
        (self.env)(name).filter(|value| !value.is_empty())
    }

    /// A path of the machine, which is given from its root.
    fn path(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }

    fn read(&self, path: &str) -> Option<String> {
        read(&self.path(path))
    }
}

fn read(path: &Path) -> Option<String> {
    let found = std::fs::metadata(path).ok()?;
    if !found.is_file() || found.len() > MOST {
        return None;
    }
    let bytes = std::fs::read(path).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Makes the checks, by area.
pub(super) fn examine(around: &Around) -> Vec<Check> {
    let mut list = List::default();
    terminal(around, &mut list);
    locale(around, &mut list);
    socket(around, &mut list);
    sshd(around, &mut list);
    login(around, &mut list);
    configuration(around, &mut list);
    list.checks
}

#[derive(Default)]
struct List {
    area: &'static str,
    checks: Vec<Check>,
}

impl List {
    fn add(&mut self, name: &'static str, state: State, found: impl Into<String>, mend: &str) {
        self.checks.push(Check {
            area: self.area,
            name,
            state,
            found: found.into(),
            mend: mend.to_owned(),
        });
    }

    fn fine(&mut self, name: &'static str, found: impl Into<String>) {
        self.add(name, State::Fine, found, "");
    }
}

fn terminal(around: &Around, list: &mut List) {
    list.area = "terminal";
    match around.terminal {
        Some((cols, rows)) if cols >= 20 && rows >= 5 => {
            list.fine("size", format!("{cols}x{rows}"));
        }
        Some((cols, rows)) => list.add(
            "size",
            State::Hint,
            format!("{cols}x{rows}"),
            "make it larger, or say its size: stty cols 80 rows 24",
        ),
        None => list.add(
            "size",
            State::Hint,
            "no terminal here",
            "run it at the terminal that is to be used (over ssh: ssh -t)",
        ),
    }
    let term = around.var("TERM").unwrap_or_default();
    let utf8 = is_utf8(around);
    let caps = Caps::from_env(&term, |name| around.var(name), utf8);
    let name = if term.is_empty() { "not set" } else { &term };
    let mend = "export TERM=xterm-256color (or what the terminal is)";
    match caps.check(&term) {
        Ok(()) if !term.is_empty() => list.fine("TERM", name),
        Ok(()) => list.add("TERM", State::Fault, name, mend),
        Err(why) => list.add("TERM", State::Fault, format!("{name}: {why}"), mend),
    }
    if !term.is_empty() {
        entry(around, list, "description", &term, State::Hint);
    }
    entry(
        around,
        list,
        "panes' description",
        "tmux-256color",
        State::Hint,
    );
    let colours = caps.colors.count();
    if around.var("NO_COLOR").is_some() {
        list.fine("colours", "none, as NO_COLOR asks");
    } else if colours < 256 {
        list.add(
            "colours",
            State::Hint,
            colours.to_string(),
            "if it shows more: export COLORTERM=truecolor, or another TERM",
        );
    } else {
        list.fine("colours", colours.to_string());
    }
}

/// Whether programs find the description of a terminal (terminfo(5)).
fn entry(around: &Around, list: &mut List, name: &'static str, term: &str, bad: State) {
    let found = crate::io::terminfo::is_below(&around.root, term, |name| around.var(name));
    if found {
        list.fine(name, format!("{term} is known"));
        return;
    }
    let mend = "apt-get install ncurses-term (or infocmp it on the other machine, and tic here)";
    list.add(
        name,
        bad,
        format!("{term} is not known to programs here"),
        mend,
    );
}

/// The locale's name for characters (locale(7)).
fn locale_name(around: &Around) -> String {
    ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|name| around.var(name))
        .unwrap_or_default()
}

fn is_utf8(around: &Around) -> bool {
    let name = locale_name(around).to_ascii_lowercase();
    name.contains("utf-8") || name.contains("utf8")
}

fn locale(around: &Around, list: &mut List) {
    list.area = "locale";
    let name = locale_name(around);
    let mend = "export LC_ALL=C.UTF-8 (stepmux -u does for one client)";
    if !is_utf8(around) {
        let found = if name.is_empty() { "none set" } else { &name };
        list.add("characters", State::Fault, found, mend);
        return;
    }
    list.fine("characters", name.clone());
    let plain = name.to_ascii_lowercase().replace("utf-8", "utf8");
    if plain == "c.utf8" || plain == "posix.utf8" {
        list.fine("installed", "always there");
        return;
    }
    let short = |text: &str| text.to_ascii_lowercase().replace('-', "");
    let dir = around.path("/usr/lib/locale");
    let names = std::fs::read_dir(&dir).into_iter().flatten().flatten();
    let in_dir = names
        .filter_map(|entry| entry.file_name().into_string().ok())
        .any(|own| short(&own) == short(&name));
    let archive = std::fs::read(dir.join("locale-archive")).unwrap_or_default();
    let (base, _) = name.split_once('.').unwrap_or((&name, ""));
    let wanted = format!("{base}.utf8\0");
    if in_dir || memchr::memmem::find(&archive, wanted.as_bytes()).is_some() {
        list.fine("installed", "yes");
        return;
    }
    let found = format!("{name} is not installed: programs fall back to ASCII");
    list.add("installed", State::Fault, found, mend);
}

fn socket(around: &Around, list: &mut List) {
    list.area = "socket";
    let socket = match &around.socket {
        Ok(socket) => socket,
        Err(why) => {
            let mend = "make it the user's own and closed to others (chmod 700), or name \
                another place by STEPMUX_TMPDIR";
            return list.add("directory", State::Fault, why.clone(), mend);
        }
    };
    let dir = socket.parent().unwrap_or(Path::new("/"));
    list.fine("directory", dir.display().to_string());
    let length = socket.as_os_str().len();
    if length > LONGEST_SOCKET {
        let found = format!("{length} bytes, {LONGEST_SOCKET} are the most");
        let mend = "name a shorter place: STEPMUX_TMPDIR=/tmp";
        list.add("path", State::Fault, found, mend);
    } else {
        list.fine("path", socket.display().to_string());
    }
    let there = std::fs::symlink_metadata(socket).is_ok();
    let found = match (around.answers, there) {
        (true, _) => "runs",
        (false, true) => "none runs; one that ended left its socket",
        (false, false) => "none runs",
    };
    list.fine("server", found);
    if let Some(inside) = around.var("STEPMUX") {
        let found = format!("inside of a session ({inside})");
        list.fine("nested", found);
    }
    let devices = ["/dev/ptmx", "/dev/pts"];
    let missing: Vec<&str> = devices
        .into_iter()
        .filter(|path| !around.path(path).exists())
        .collect();
    if missing.is_empty() {
        list.fine("terminals for panes", "/dev/ptmx, /dev/pts");
    } else {
        let found = format!("{} is missing", missing.join(", "));
        let mend = "mount -t devpts devpts /dev/pts -o ptmxmode=0666; ln -s pts/ptmx /dev/ptmx";
        list.add("terminals for panes", State::Fault, found, mend);
    }
}

/// What sshd's configuration says of some words; the first of each counts, and
/// those of `Match` blocks are told apart.
fn sshd_words(around: &Around) -> Vec<(String, String, bool)> {
    let mut texts = Vec::new();
    let main = around.read("/etc/ssh/sshd_config").unwrap_or_default();
    if main.to_ascii_lowercase().contains("sshd_config.d") {
        let dir = around.path("/etc/ssh/sshd_config.d");
        let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).take(FILES).collect();
        files.retain(|path| path.extension().is_some_and(|end| end == "conf"));
        files.sort();
        texts.extend(files.iter().filter_map(|path| read(path)));
    }
    texts.push(main);
    let mut words = Vec::new();
    for text in texts {
        let mut matched = false;
        for line in text.lines() {
            let line = line.trim();
            let (word, rest) = line
                .split_once(|ch: char| ch.is_whitespace() || ch == '=')
                .unwrap_or((line, ""));
            let word = word.to_ascii_lowercase();
            if word.is_empty() || word.starts_with('#') {
                continue;
            }
            matched |= word == "match";
            words.push((word, rest.trim().to_owned(), matched));
        }
    }
    words
}

fn sshd(around: &Around, list: &mut List) {
    list.area = "sshd";
    let places = ["/usr/sbin/sshd", "/usr/local/sbin/sshd", "/sbin/sshd"];
    if !places.iter().any(|path| around.path(path).exists()) {
        let mend = "guests come through stepmux's own door (share); for a login by the \
            system: apt-get install openssh-server";
        return list.add("program", State::Hint, "not installed", mend);
    }
    list.fine("program", "installed");
    let words = sshd_words(around);
    let said = |word: &str| {
        let mut own = words
            .iter()
            .filter(|(own, _, matched)| own == word && !matched);
        own.next().map(|(_, value, _)| value.as_str())
    };
    match said("permittty") {
        Some(value) if value.eq_ignore_ascii_case("no") => list.add(
            "terminals",
            State::Fault,
            "PermitTTY no",
            "set PermitTTY yes in /etc/ssh/sshd_config, and reload sshd",
        ),
        _ => list.fine("terminals", "permitted"),
    }
    match said("forcecommand") {
        Some(command) if !command.eq_ignore_ascii_case("none") => list.add(
            "command",
            State::Hint,
            format!("ForceCommand {command}"),
            "a login shell is not reached past it: leave it out for who is to land in a session",
        ),
        _ => list.fine("command", "none forced"),
    }
    let accepts = words.iter().any(|(word, value, _)| {
        let mut names = value.split_whitespace();
        word == "acceptenv" && names.any(|name| name == "LANG" || name.starts_with("LC_"))
    });
    if accepts {
        list.fine("locale of visitors", "accepted");
    } else {
        let mend = "add AcceptEnv LANG LC_* COLORTERM to /etc/ssh/sshd_config, and reload sshd";
        list.add("locale of visitors", State::Hint, "not accepted", mend);
    }
    if !around.path("/run/sshd").is_dir() && around.uid == 0 {
        let found = "/run/sshd is missing";
        list.add("separation", State::Hint, found, "mkdir -m 0755 /run/sshd");
    }
}

fn login(around: &Around, list: &mut List) {
    list.area = "login shell";
    let users = around.read("/etc/passwd").unwrap_or_default();
    let own = users.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        let uid: u32 = fields.get(2)?.parse().ok()?;
        let shell = fields.get(6).copied().unwrap_or_default();
        (uid == around.uid).then(|| (fields[0].to_owned(), shell.to_owned()))
    });
    let Some((user, shell)) = own else {
        let found = format!("user {} is not in /etc/passwd", around.uid);
        let mend = "nothing, if another directory knows the user (getent passwd)";
        return list.add("user", State::Hint, found, mend);
    };
    let listed = around.read("/etc/shells").unwrap_or_default();
    let listed = |shell: &str| listed.lines().any(|line| line.trim() == shell);
    let name = Path::new(&shell).file_name().and_then(|name| name.to_str());
    let program = around.program.display().to_string();
    if name != Some("stepmux") {
        let found = format!("{user} logs in with {shell}");
        let mend = format!(
            "nothing; to land in the session at every login: echo {program} >>/etc/shells; \
             chsh -s {program} {user}"
        );
        list.add("shell", State::Fine, found, "");
        if !listed(&program) {
            list.add("stepmux as shell", State::Fine, "not set up", "");
            if let Some(last) = list.checks.last_mut() {
                last.mend = mend;
            }
        }
    } else {
        list.fine("shell", format!("{user} logs in with {shell}"));
        if listed(&shell) {
            list.fine("/etc/shells", format!("has {shell}"));
        } else {
            let mend = format!("echo {shell} >>/etc/shells (su, chsh and ftp ask it)");
            let found = format!("{shell} is not in it");
            list.add("/etc/shells", State::Fault, found, &mend);
        }
        let mode = std::fs::metadata(around.path(&shell)).map(|found| found.mode());
        match mode {
            Ok(mode) if mode & 0o111 == 0o111 => list.fine("program", "can be run by all"),
            Ok(_) => {
                let mend = format!("chmod 755 {shell}");
                list.add("program", State::Fault, "not all may run it", &mend);
            }
            Err(error) => {
                let found = format!("{shell}: {}", crate::io::reason(&error));
                let mend = format!("put it there, or: chsh -s /bin/bash {user}");
                list.add("program", State::Fault, found, &mend);
            }
        }
    }
    let chosen = around
        .var("STEPMUX_SHELL")
        .unwrap_or_else(|| "/bin/bash".to_owned());
    let exists = around.path(&chosen).exists();
    if exists && !chosen.ends_with("/stepmux") {
        list.fine("real shell", chosen);
    } else {
        let found = format!("{chosen} cannot be used");
        let mend = "export STEPMUX_SHELL=/bin/sh, or set default-shell in config.toml";
        list.add("real shell", State::Hint, found, mend);
    }
}

fn configuration(around: &Around, list: &mut List) {
    list.area = "configuration";
    let home = around
        .var("XDG_CONFIG_HOME")
        .or_else(|| Some(format!("{}/.config", around.var("HOME")?)));
    let Some(home) = home else {
        let mend = "export HOME";
        return list.add("file", State::Hint, "no home directory", mend);
    };
    let file = Path::new(&home).join("stepmux/config.toml");
    if !file.exists() {
        return list.fine("file", "none, the defaults hold");
    }
    let mut trial = super::config_trial::Trial::new();
    let read = trial.file(&file);
    let shown = file.display().to_string();
    match read {
        Ok(()) if !trial.has_faults() => list.fine("file", shown),
        Ok(()) => {
            let found = format!("{shown} has faults");
            list.add(
                "file",
                State::Fault,
                found,
                "stepmux config check names them",
            );
        }
        Err(why) => list.add("file", State::Fault, why, "make it readable"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    struct Machine {
        dir: tempfile::TempDir,
        env: Vec<(&'static str, String)>,
    }

    impl Machine {
        /// A machine on which all is well.
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            let own = Self {
                env: vec![
                    ("TERM", "xterm-256color".to_owned()),
                    ("LANG", "C.UTF-8".to_owned()),
                    ("HOME", dir.path().join("home").display().to_string()),
                ],
                dir,
            };
            for term in ["x/xterm-256color", "t/tmux-256color"] {
                own.write(&format!("usr/share/terminfo/{term}"), "entry");
            }
            own.write("dev/ptmx", "");
            own.write("dev/pts/0", "");
            own.write("usr/sbin/sshd", "");
            own.write("run/sshd/x", "");
            own.write("bin/bash", "");
            own.write("etc/ssh/sshd_config", "AcceptEnv LANG LC_*\n");
            own.write(
                "etc/passwd",
                "root:x:0:0::/root:/bin/sh\nann:x:7:7::/h:/bin/bash\n",
            );
            own
        }

        fn write(&self, path: &str, text: &str) {
            let path = self.dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }

        fn without(&self, path: &str) {
            let path = self.dir.path().join(path);
            if path.is_dir() {
                fs::remove_dir_all(path).unwrap();
            } else {
                fs::remove_file(path).unwrap();
            }
        }

        fn set(&mut self, name: &'static str, value: &str) {
            self.env.retain(|(own, _)| *own != name);
            self.env.push((name, value.to_owned()));
        }

        fn around(&self) -> Around {
            let env = self.env.clone();
            Around {
                root: self.dir.path().to_owned(),
                env: Box::new(move |name| {
                    let found = env.iter().find(|(own, _)| *own == name);
                    found.map(|(_, value)| value.clone())
                }),
                program: "/usr/bin/stepmux".into(),
                uid: 7,
                terminal: Some((80, 24)),
                socket: Ok(self.dir.path().join("s/default")),
                answers: false,
            }
        }

        /// The faults and hints, as `area/name state`.
        fn ills(&self) -> Vec<String> {
            ills(&self.around())
        }
    }

    fn ills(around: &Around) -> Vec<String> {
        let checks = examine(around);
        for check in &checks {
            let ill = check.state != State::Fine;
            assert!(!ill || !check.mend.is_empty(), "{check:?}");
        }
        let ill = checks.iter().filter(|check| check.state != State::Fine);
        ill.map(|check| format!("{}/{} {:?}", check.area, check.name, check.state))
            .collect()
    }

    #[test]
    fn healthy_machine_has_no_ills() {
        assert_eq!(Machine::new().ills(), [""; 0]);
    }

    #[test]
    fn each_ill_is_named_once() {
        type Spoil = fn(&mut Machine);
        let cases: [(Spoil, &[&str]); 15] = [
            (
                |m| m.set("TERM", "dumb"),
                &[
                    "terminal/TERM Fault",
                    "terminal/description Hint",
                    "terminal/colours Hint",
                ],
            ),
            (
                |m| m.set("TERM", ""),
                &["terminal/TERM Fault", "terminal/colours Hint"],
            ),
            (
                |m| m.without("usr/share/terminfo/t"),
                &["terminal/panes' description Hint"],
            ),
            (|m| m.set("LANG", "POSIX"), &["locale/characters Fault"]),
            (
                |m| m.set("LANG", "de_AT.UTF-8"),
                &["locale/installed Fault"],
            ),
            (
                |m| {
                    m.set("LANG", "de_AT.UTF-8");
                    m.write("usr/lib/locale/de_AT.utf8/x", "");
                },
                &[],
            ),
            (
                |m| {
                    m.set("LANG", "de_AT.UTF-8");
                    m.write("usr/lib/locale/locale-archive", "..de_AT.utf8\0..");
                },
                &[],
            ),
            (
                |m| m.without("dev/ptmx"),
                &["socket/terminals for panes Fault"],
            ),
            (|m| m.without("usr/sbin/sshd"), &["sshd/program Hint"]),
            (
                |m| m.write("etc/ssh/sshd_config", "PermitTTY no\nForceCommand x\n"),
                &[
                    "sshd/terminals Fault",
                    "sshd/command Hint",
                    "sshd/locale of visitors Hint",
                ],
            ),
            (
                |m| {
                    m.write(
                        "etc/ssh/sshd_config",
                        "Include /etc/ssh/sshd_config.d/*.conf\nAcceptEnv LANG\n",
                    );
                    m.write("etc/ssh/sshd_config.d/a.conf", "permittty=no\n");
                },
                &["sshd/terminals Fault"],
            ),
            (|m| m.write("etc/passwd", ""), &["login shell/user Hint"]),
            (
                |m| m.write("etc/passwd", "ann:x:7:7::/h:/usr/bin/stepmux\n"),
                &["login shell//etc/shells Fault", "login shell/program Fault"],
            ),
            (|m| m.without("bin/bash"), &["login shell/real shell Hint"]),
            (
                |m| m.write("home/.config/stepmux/config.toml", "[options]\nmouze = 1\n"),
                &["configuration/file Fault"],
            ),
        ];
        for (number, (spoil, wanted)) in cases.into_iter().enumerate() {
            let mut machine = Machine::new();
            spoil(&mut machine);
            assert_eq!(machine.ills(), wanted, "case {number}");
        }
    }

    #[test]
    fn socket_that_cannot_be_is_a_fault() {
        let machine = Machine::new();
        let mut around = machine.around();
        around.socket = Err("directory /tmp/x has unsafe permissions".to_owned());
        assert_eq!(ills(&around), ["socket/directory Fault"]);
        around.socket = Ok(PathBuf::from(format!("/{}", "x".repeat(200))));
        assert_eq!(ills(&around), ["socket/path Fault"]);
        around = machine.around();
        around.terminal = None;
        assert_eq!(ills(&around), ["terminal/size Hint"]);
    }
}
