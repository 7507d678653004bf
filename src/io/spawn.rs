//! Starts a pane's process on a new pty. What can fail is looked at first, so
//! that the reason can be said; the start itself is portable-pty's. It never
//! changes this process's own directory or environment.

use std::ffi::OsString;
use std::io::Read;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use filedescriptor::FileDescriptor;
use portable_pty::{CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::fs::{Access, OFlags, access, fcntl_getfl, fcntl_setfl};
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use rustix::termios::{InputModes, OptionalActions, tcgetattr, tcsetattr};

use super::reason;
use crate::base::Size;
use crate::mux::effect::{Program, SpawnSpec};

/// One start at a time: the pty's fds get CLOEXEC only after they were made.
static SERIAL: Mutex<()> = Mutex::new(());

/// A started process: its pty's master, without blocking, and itself.
#[derive(Debug)]
pub struct Started {
    /// The pty's master side.
    pub master: OwnedFd,
    /// The process, which leads its session.
    pub pid: Pid,
    /// Becomes readable when it has ended; waited on, it gives the status.
    pub pidfd: OwnedFd,
    /// The pty's path.
    pub tty: String,
}

/// Starts a process.
///
/// # Errors
/// `can't start NAME: REASON`. A directory that is not there is no reason: the
/// user's home, or the root, is taken for it, as in tmux.
pub fn spawn(spec: &SpawnSpec) -> Result<Started, String> {
    let builder = command(spec, directory(spec))?;
    let name = program_name(&spec.program);
    start(builder, spec.size).map_err(|error| format!("can't start {name}: {error}"))
}

fn start(builder: CommandBuilder, size: Size) -> Result<Started, String> {
    let said = |error: rustix::io::Errno| reason(&error.into());
    let _one = SERIAL.lock().unwrap_or_else(|held| held.into_inner());
    let pair = native_pty_system()
        .openpty(pty_size(size))
        .map_err(|error| error.to_string())?;
    let master = own_master(pair.master.as_ref())?;
    let mut modes = tcgetattr(&master).map_err(said)?;
    modes.input_modes |= InputModes::IUTF8;
    tcsetattr(&master, OptionalActions::Now, &modes).map_err(said)?;
    let flags = fcntl_getfl(&master).map_err(said)?;
    fcntl_setfl(&master, flags | OFlags::NONBLOCK).map_err(said)?;
    let tty = pair.master.tty_name().unwrap_or_default();
    let child = pair
        .slave
        .spawn_command(builder)
        .map_err(|error| error.to_string())?;
    let pid = child
        .process_id()
        .and_then(|pid| i32::try_from(pid).ok())
        .and_then(Pid::from_raw)
        .ok_or("no process")?;
    // The child is not waited for by portable-pty, so its pid is still its own.
    let pidfd = pidfd_open(pid, PidfdFlags::NONBLOCK).map_err(said)?;
    Ok(Started {
        master,
        pid,
        pidfd,
        tty: tty.to_string_lossy().into_owned(),
    })
}

/// A descriptor by its number alone.
struct Lent(RawFd);

impl AsRawFd for Lent {
    fn as_raw_fd(&self) -> RawFd {
        self.0
    }
}

/// An fd of our own for the master; portable-pty lends only a number.
fn own_master(master: &dyn MasterPty) -> Result<OwnedFd, String> {
    let lent = Lent(master.as_raw_fd().ok_or("the pty has no descriptor")?);
    FileDescriptor::dup(&lent)
        .and_then(|own| own.as_file())
        .map(OwnedFd::from)
        .map_err(|error| error.to_string())
}

fn pty_size(size: Size) -> PtySize {
    PtySize {
        rows: size.rows(),
        cols: size.cols(),
        pixel_width: 0,
        pixel_height: 0,
    }
}

fn program_name(program: &Program) -> &str {
    match program {
        Program::LoginShell { shell } | Program::Shell { shell, .. } => shell,
        Program::Argv(argv) => argv.first().map_or("", String::as_str),
    }
}

/// Where the process can start.
fn directory(spec: &SpawnSpec) -> &str {
    let home = lookup(spec, "HOME");
    let can = |cwd: &&str| {
        std::fs::metadata(cwd).is_ok_and(|found| found.is_dir())
            && access(*cwd, Access::EXEC_OK).is_ok()
    };
    let mut wanted = std::iter::once(spec.cwd.as_str()).chain(home);
    wanted.find(can).unwrap_or("/")
}

fn command(spec: &SpawnSpec, cwd: &str) -> Result<CommandBuilder, String> {
    let path = lookup(spec, "PATH");
    let name = program_name(&spec.program);
    let found = resolve(name, path, Path::new(cwd))
        .map_err(|error| format!("can't start {name}: {error}"))?;
    // A bare name is kept as argv[0] and found once more, by the same rule;
    // anything else is given as found.
    let first = match plain_name(&spec.program, &found, path, cwd) {
        Some(plain) => OsString::from(plain),
        None if name.contains('/') || path.is_none() => found.into_os_string(),
        None => OsString::from(name),
    };
    let mut builder = match &spec.program {
        Program::LoginShell { .. } => CommandBuilder::new_default_prog(),
        Program::Shell { command, .. } => {
            CommandBuilder::from_argv(vec![first.clone(), "-c".into(), command.into()])
        }
        Program::Argv(argv) => {
            let rest = argv.iter().skip(1).map(OsString::from);
            CommandBuilder::from_argv(std::iter::once(first.clone()).chain(rest).collect())
        }
    };
    let text = |word: &std::ffi::OsStr| word.as_encoded_bytes().contains(&0);
    if builder.get_argv().iter().any(|word| text(word)) {
        return Err(format!("can't start {name}: a word holds a NUL"));
    }
    builder.env_clear();
    for (name, value) in &spec.env {
        let clean = !name.is_empty() && !name.contains(['=', '\0']) && !value.contains('\0');
        if clean {
            builder.env(name, value);
        }
    }
    if let Program::LoginShell { .. } = spec.program {
        // portable-pty runs $SHELL, with a `-` before its name.
        builder.env("SHELL", first);
    }
    if cwd != spec.cwd {
        builder.env("PWD", cwd);
    }
    builder.cwd(cwd);
    Ok(builder)
}

/// The name that a shell is told as its own, without its directory: as tmux has
/// it, so that `sh: 1: x: not found` is what people read. Only where `PATH` leads
/// to that very shell.
fn plain_name<'a>(
    program: &'a Program,
    found: &Path,
    path: Option<&str>,
    cwd: &str,
) -> Option<&'a str> {
    let Program::Shell { shell, .. } = program else {
        return None;
    };
    let name = Path::new(shell).file_name()?.to_str()?;
    let same = resolve(name, Some(path?), Path::new(cwd)).ok()?;
    let real = |path: &Path| std::fs::canonicalize(path).ok();
    (real(&same)? == real(found)?).then_some(name)
}

fn lookup<'a>(spec: &'a SpawnSpec, name: &str) -> Option<&'a str> {
    let mut entries = spec.env.iter().rev();
    entries
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
}

/// Finds a program as execvp(3) does, with the pane's own PATH and directory.
fn resolve(name: &str, path: Option<&str>, cwd: &Path) -> Result<PathBuf, String> {
    if name.is_empty() {
        return Err("no command".to_owned());
    }
    if name.contains('/') {
        let found = cwd.join(name);
        return runnable(&found).map(|()| found);
    }
    let mut failed = None;
    for dir in path.unwrap_or("/usr/local/bin:/usr/bin:/bin").split(':') {
        let found = cwd.join(dir).join(name);
        match runnable(&found) {
            Ok(()) => return Ok(found),
            // What is there but cannot be run is the better reason.
            Err(error) if found.exists() => failed = Some(error),
            Err(_) => {}
        }
    }
    Err(failed.unwrap_or_else(|| "command not found".to_owned()))
}

fn runnable(path: &Path) -> Result<(), String> {
    let found = std::fs::metadata(path).map_err(|error| reason(&error))?;
    if found.is_dir() {
        return Err("Is a directory".to_owned());
    }
    access(path, Access::EXEC_OK).map_err(|error| reason(&error.into()))?;
    let Some(interpreter) = interpreter(path) else {
        return Ok(());
    };
    access(&interpreter, Access::EXEC_OK).map_err(|error| {
        let interpreter = interpreter.display();
        format!("its interpreter {interpreter}: {}", reason(&error.into()))
    })
}

/// The program named by a script's `#!` line (execve(2)).
fn interpreter(path: &Path) -> Option<PathBuf> {
    let mut head = Vec::new();
    let file = std::fs::File::open(path).ok()?;
    file.take(256).read_to_end(&mut head).ok()?;
    let line = head.strip_prefix(b"#!")?.split(|&b| b == b'\n').next()?;
    let line = String::from_utf8_lossy(line).into_owned();
    line.split_whitespace()
        .next()
        .filter(|word| word.starts_with('/'))
        .map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn spec(program: Program, cwd: &str) -> SpawnSpec {
        SpawnSpec {
            program,
            cwd: cwd.into(),
            env: vec![("PATH".into(), "/usr/bin:/bin".into())],
            size: Size::DEFAULT,
        }
    }

    fn argv(words: &[&str]) -> Program {
        Program::Argv(words.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn spawn_says_what_is_missing() {
        let dir = tempfile::tempdir().unwrap();
        let script = dir.path().join("script");
        std::fs::write(&script, "#!/nope/sh\n").unwrap();
        std::fs::set_permissions(&script, PermissionsExt::from_mode(0o755)).unwrap();
        let plain = dir.path().join("plain");
        std::fs::write(&plain, "").unwrap();
        let script = script.to_str().unwrap();
        let plain = plain.to_str().unwrap();
        for (program, cwd, error) in [
            (
                argv(&["/nope"]),
                "/",
                "can't start /nope: No such file or directory".to_owned(),
            ),
            (
                argv(&["nope"]),
                "/",
                "can't start nope: command not found".to_owned(),
            ),
            (
                argv(&["/tmp"]),
                "/",
                "can't start /tmp: Is a directory".to_owned(),
            ),
            (argv(&[]), "/", "can't start : no command".to_owned()),
            (
                argv(&["sh", "\0"]),
                "/",
                "can't start sh: a word holds a NUL".to_owned(),
            ),
            (
                Program::LoginShell {
                    shell: script.into(),
                },
                "/",
                format!(
                    "can't start {script}: its interpreter /nope/sh: No such file or directory"
                ),
            ),
            (
                argv(&[plain]),
                "/",
                format!("can't start {plain}: Permission denied"),
            ),
        ] {
            assert_eq!(spawn(&spec(program, cwd)).unwrap_err(), error);
        }
    }
}
