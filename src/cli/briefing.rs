//! The files of a debug session, in a directory beside the socket that is the
//! user's alone: the plan for the server, the functions for its shells. They
//! are written here and read by others.
//!
//! ```text
//! SOCKET.d/SESSION-RANDOM/   0700
//!   plan.json      the build, the job, the nonce
//!   phases.bash    the job's phases as functions
//!   rc.bash        bash --rcfile: a login shell's start, then phases.bash
//!   bin/           phase and travis_run_… as programs, for shells that are not bash
//!   rc.sh rc.fish zsh/   what those read at their start
//!   motd           shown by the first shell, which removes it
//!   build/         0700, what the shells share: outputs, the held step, the result
//!     start        says that the first shell runs the build; it removes it
//!     runner       what becomes of the session after the build
//!     around       the environment of --on-failure
//!     result       the build's own exit status
//! ```

use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use crate::ci::functions::beside::{self, Paths};
use crate::ci::life::{End, Limits};
use crate::ci::{Build, Plan, banner, functions};
use crate::io::reason;
use crate::mux::debugged::END_FILE;
use crate::server::socket;

/// What the session's first shell does, and when the session ends by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// It waits for somebody to run phases.
    Wait,
    /// It runs the build.
    Run(Hold),
    /// It holds a command that has already failed, with this status.
    Failed(u8),
}

/// Where a build that runs as usual stops, and stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Hold {
    /// At a failing step; the session ends when the build has passed.
    Failure,
    /// At a failing step, and after the build whatever its result.
    Always,
    /// Nowhere.
    Never,
}

impl Hold {
    const fn word(self) -> &'static str {
        match self {
            Self::Failure => "failure",
            Self::Always => "always",
            Self::Never => "never",
        }
    }
}

/// What is debugged, and how.
#[derive(Debug)]
pub(super) struct Order<'a> {
    /// The build as its file says.
    pub(super) build: Build,
    /// Which of its jobs, from 0.
    pub(super) job: usize,
    /// The checkout.
    pub(super) build_dir: &'a str,
    /// What the first shell does.
    pub(super) start: Start,
    /// Travis's exact bytes.
    pub(super) exact: bool,
    /// How long the debug VM lives.
    pub(super) limits: Limits,
    /// Values that must not get out.
    pub(super) secrets: Vec<String>,
}

/// The directory; it is removed when this is dropped, unless it was let go.
#[derive(Debug)]
pub(super) struct Briefing {
    dir: PathBuf,
    kept: bool,
}

impl Briefing {
    /// Writes the files of one job of a build.
    ///
    /// # Errors
    /// A sentence for the user; nothing is left behind.
    pub(super) fn write(place: &Path, session: &str, order: Order<'_>) -> Result<Self, String> {
        let mut parent = place.as_os_str().to_owned();
        parent.push(".d");
        let parent = PathBuf::from(parent);
        socket::own_directory(&parent, rustix::process::getuid().as_raw())?;
        let name: String = session
            .chars()
            .filter(|ch| is_plain(*ch))
            .take(32)
            .collect();
        let dir = parent.join(format!("{name}-{}", random()?));
        make(&dir)?;
        let shell = Shells::new(&dir).users(std::env::var("SHELL").ok().as_deref());
        let briefing = Self { dir, kept: false };
        let plan = Plan {
            build: order.build,
            job: order.job,
            shell,
            nonce: random()?,
            limits: order.limits,
            runs: matches!(order.start, Start::Run(_)),
            secrets: order.secrets,
        };
        briefing.fill(&plan, order.build_dir, &order.start, order.exact)?;
        Ok(briefing)
    }

    fn fill(&self, plan: &Plan, build_dir: &str, start: &Start, exact: bool) -> Result<(), String> {
        let Some(job) = plan.build.jobs.get(plan.job) else {
            return Err("the build has no such job".to_owned());
        };
        let shared = self.dir.join("build");
        make(&shared)?;
        let setting = functions::Setting {
            build_dir: build_dir.to_owned(),
            dir: shared.to_string_lossy().into_owned(),
        };
        let names = functions::names(job);
        self.besides(&plan.nonce, exact, &names)?;
        let example = names.first().map_or("travis_run_script", String::as_str);
        let text = serde_json::to_string(plan).map_err(|error| error.to_string())?;
        self.file("plan.json", &text)?;
        let phases = functions::phases(plan.build.system, job, &setting);
        self.file("phases.bash", &phases)?;
        match start {
            Start::Wait => self.file("motd", &banner::motd(example))?,
            Start::Run(hold) => {
                self.file("build/runner", &format!("{}\n", hold.word()))?;
                self.file("build/start", "")?;
            }
            Start::Failed(_) => {
                self.file("build/runner", &format!("{}\n", Hold::Failure.word()))?;
                self.file("build/around", &around())?;
                self.file("build/start", "")?;
            }
        }
        self.file("rc.bash", &rc(&self.dir, &plan.nonce, start, exact))
    }

    /// What shells other than bash need.
    fn besides(&self, nonce: &str, exact: bool, names: &[String]) -> Result<(), String> {
        let paths = Paths {
            dir: self.dir.to_string_lossy().into_owned(),
            bin: program(),
        };
        let own = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        make(&self.dir.join("bin"))?;
        make(&self.dir.join("zsh"))?;
        let phase = beside::program(&paths, nonce, exact);
        self.file("bin/phase", &phase)?;
        let file = self.dir.join("bin/phase");
        let run = fs::Permissions::from_mode(0o700);
        fs::set_permissions(&file, run).map_err(|error| failed(&file, &error))?;
        for name in names {
            let link = self.dir.join("bin").join(name);
            symlink("phase", &link).map_err(|error| failed(&link, &error))?;
        }
        self.file("rc.sh", &beside::sh(&paths, names, own("ENV").as_deref()))?;
        self.file("rc.fish", &beside::fish(&paths, names))?;
        for (name, text) in beside::zsh(&paths, names, own("ZDOTDIR").as_deref()) {
            self.file(&format!("zsh/{name}"), &text)?;
        }
        Ok(())
    }

    /// The argv of a bash with the phases.
    pub(super) fn bash(&self) -> Vec<String> {
        Shells::new(&self.dir).bash()
    }

    fn file(&self, name: &str, text: &str) -> Result<(), String> {
        let path = self.dir.join(name);
        let mut options = fs::OpenOptions::new();
        let file = options.write(true).create_new(true).mode(0o600).open(&path);
        file.and_then(|mut file| file.write_all(text.as_bytes()))
            .map_err(|error| failed(&path, &error))
    }

    /// The directory.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// The plan's file.
    pub(super) fn plan(&self) -> PathBuf {
        self.dir.join("plan.json")
    }

    /// The build's own exit status, when it is known.
    pub(super) fn result(&self) -> Option<u8> {
        let text = fs::read_to_string(self.dir.join("build/result")).ok()?;
        text.trim().parse().ok()
    }

    /// How the session ended; nothing when its server was killed.
    pub(super) fn end(&self) -> Option<End> {
        let text = fs::read_to_string(self.dir.join(END_FILE)).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// The directory of a session that was left to itself.
    pub(super) fn of(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
            kept: false,
        }
    }

    /// Writes a further file.
    pub(super) fn keep(&self, name: &str, text: &str) -> Result<(), String> {
        self.file(name, text)
    }

    /// Stops what steps left running in the background: the session is gone.
    pub(super) fn stop_asides(&self) {
        let text = fs::read_to_string(self.dir.join("build/asides")).unwrap_or_default();
        let first = |line: &str| line.split(' ').next()?.parse::<i32>().ok();
        for pid in text.lines().filter_map(first).filter(|pid| *pid > 1) {
            if let Some(pid) = rustix::process::Pid::from_raw(pid) {
                // It may have ended long ago.
                let _ = rustix::process::kill_process_group(pid, rustix::process::Signal::TERM);
            }
        }
    }

    /// Leaves the files to the session, which outlives this process.
    pub(super) fn let_go(&mut self) {
        self.kept = true;
    }
}

impl Drop for Briefing {
    fn drop(&mut self) {
        if !self.kept {
            // What is left over is the user's own and harms nobody.
            let _ = fs::remove_dir_all(&self.dir);
        }
    }
}

/// How each shell is started with the phases loaded.
struct Shells<'a> {
    dir: &'a Path,
}

impl<'a> Shells<'a> {
    const fn new(dir: &'a Path) -> Self {
        Self { dir }
    }

    fn file(&self, name: &str) -> String {
        self.dir.join(name).to_string_lossy().into_owned()
    }

    fn bash(&self) -> Vec<String> {
        ["bash", "--rcfile", &self.file("rc.bash"), "-i"]
            .map(str::to_owned)
            .to_vec()
    }

    /// The user's shell when we know how, else bash.
    fn users(&self, shell: Option<&str>) -> Vec<String> {
        let shell = shell.filter(|shell| shell.starts_with('/') && Path::new(shell).exists());
        let Some(shell) = shell else {
            return self.bash();
        };
        match shell.rsplit('/').next() {
            Some("zsh") => vec![
                "env".to_owned(),
                format!("ZDOTDIR={}", self.file("zsh")),
                shell.to_owned(),
                "-l".to_owned(),
                "-i".to_owned(),
            ],
            Some("fish") => {
                let rc = self
                    .file("rc.fish")
                    .replace('\\', "\\\\")
                    .replace('\'', "\\'");
                vec![
                    shell.to_owned(),
                    "-l".to_owned(),
                    "-i".to_owned(),
                    "-C".to_owned(),
                    format!("source '{rc}'"),
                ]
            }
            Some("sh" | "dash" | "ash") => vec![
                "env".to_owned(),
                format!("ENV={}", self.file("rc.sh")),
                shell.to_owned(),
                "-i".to_owned(),
            ],
            _ => self.bash(),
        }
    }
}

/// Our own program.
fn program() -> String {
    let bin = std::env::current_exe().unwrap_or_default();
    bin.to_string_lossy()
        .trim_end_matches(" (deleted)")
        .to_owned()
}

fn make(dir: &Path) -> Result<(), String> {
    let made = fs::DirBuilder::new().mode(0o700).create(dir);
    made.map_err(|error| failed(dir, &error))
}

/// The rc file. The nonce is a variable of that shell alone, never of the
/// environment; the one shell that takes a file away does what it stands for.
fn rc(dir: &Path, nonce: &str, start: &Start, exact: bool) -> String {
    let quoted = |name: &str| functions::quote(&dir.join(name).to_string_lossy());
    let bin = functions::quote(&program());
    let mut text = format!("STEPMUX_MARK={nonce}\nSTEPMUX_BIN=${{STEPMUX_BIN:-{bin}}}\n");
    if exact {
        text.push_str("STEPMUX_TRAVIS_EXACT=1\n");
    }
    text.push_str(&functions::login());
    if matches!(start, Start::Failed(_)) {
        text.push_str(&format!(". {}\n", quoted("build/around")));
    }
    text.push_str(&format!(". {}\n", quoted("phases.bash")));
    text.push_str(&functions::by_name("\"$STEPMUX_BIN\""));
    let then = match start {
        Start::Wait => {
            let motd = quoted("motd");
            text.push_str(&format!(
                "if __stepmux_motd=$(command cat {motd} 2>/dev/null) && command rm {motd} 2>/dev/null; then\n  \
                 builtin printf '%s\\n\\n' \"$__stepmux_motd\"\nfi\nunset __stepmux_motd\n"
            ));
            return text;
        }
        Start::Run(hold) => format!(
            "__stepmux_runner={} __stepmux_hold={} __stepmux_first=__stepmux_start",
            hold.word(),
            if *hold == Hold::Never { "" } else { "1" }
        ),
        Start::Failed(status) => format!(
            "__stepmux_runner=failure __stepmux_hold=1 __stepmux_began_with={status} \
             __stepmux_first=__stepmux_start_failed"
        ),
    };
    let start = quoted("build/start");
    text.push_str(&format!(
        "if command rm {start} 2>/dev/null; then\n  {then}\nfi\n"
    ));
    text
}

/// This process's environment as shell text, without what belongs to its
/// terminal and to sessions.
fn around() -> String {
    let ours = |name: &str| {
        name.starts_with("STEPMUX")
            || [
                "TERM",
                "TMUX",
                "TMUX_PANE",
                "COLUMNS",
                "LINES",
                "SHLVL",
                "_",
            ]
            .contains(&name)
    };
    let mut text = String::new();
    for (name, value) in std::env::vars_os() {
        let (Some(name), Some(value)) = (name.to_str(), value.to_str()) else {
            continue;
        };
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        let named = name.bytes().all(plain) && !name.starts_with(|c: char| c.is_ascii_digit());
        if named && !name.is_empty() && !ours(name) {
            text.push_str(&format!("export {name}={}\n", functions::quote(value)));
        }
    }
    text
}

fn is_plain(ch: char) -> bool {
    ch.is_ascii_alphanumeric() || ch == '-' || ch == '_'
}

/// 128 random bits in hexadecimal.
fn random() -> Result<String, String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| format!("no random numbers: {error}"))?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

fn failed(path: &Path, error: &std::io::Error) -> String {
    format!("error creating {} ({})", path.display(), reason(error))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::os::unix::fs::MetadataExt;
    use std::process::Command;

    fn briefing(root: &Path) -> Briefing {
        let build = crate::ci::travis::load("script: make\n", "f").unwrap();
        let order = Order {
            build,
            job: 0,
            build_dir: "/",
            start: Start::Wait,
            exact: false,
            limits: Limits::default(),
            secrets: Vec::new(),
        };
        Briefing::write(&root.join("s"), "a/b", order).unwrap()
    }

    #[test]
    fn files_are_the_users_alone_and_go_in_the_end() {
        let root = tempfile::tempdir().unwrap();
        let written = briefing(root.path());
        let dir = written.dir().to_owned();
        assert!(dir.starts_with(root.path().join("s.d")));
        let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
        assert_eq!(mode(&dir), 0o700);
        for name in ["plan.json", "phases.bash", "rc.bash", "motd"] {
            assert_eq!(mode(&dir.join(name)), 0o600, "{name}");
        }
        let plan = serde_json::from_slice::<Plan>(&fs::read(written.plan()).unwrap()).unwrap();
        assert_eq!(plan.nonce.len(), 32);
        for name in ["phases.bash", "motd"] {
            let text = fs::read_to_string(dir.join(name)).unwrap();
            assert!(!text.contains(&plan.nonce), "{name}");
        }
        drop(written);
        assert!(!dir.exists());
    }

    #[test]
    fn files_stay_when_the_session_outlives_us() {
        let root = tempfile::tempdir().unwrap();
        let mut written = briefing(root.path());
        let dir = written.dir().to_owned();
        written.let_go();
        drop(written);
        assert!(dir.exists());
    }

    #[test]
    fn motd_is_shown_by_the_first_shell_alone() {
        let root = tempfile::tempdir().unwrap();
        let written = briefing(root.path());
        let shell = || {
            let see = ". \"$0\"; env | grep -c STEPMUX; type -t travis_run_script";
            let mut bash = Command::new("bash");
            bash.args(["-c", see])
                .arg(written.dir().join("rc.bash"))
                .env_clear()
                .env("HOME", root.path())
                .env("PATH", "/usr/bin:/bin");
            String::from_utf8(bash.output().unwrap().stdout).unwrap()
        };
        let first = shell();
        assert!(first.contains("`travis_run_install`"), "{first}");
        let end = "phase help`\u{1b}[0m.\n\n0\nfunction\n";
        assert!(first.ends_with(end), "{first}");
        assert_eq!(shell(), "0\nfunction\n");
    }
}
