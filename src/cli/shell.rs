//! The user's real shell: which it is, and becoming it. It is never stepmux,
//! which may be the login shell itself.

use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::{CommandExt, parent_id};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use super::fail;
use crate::config::{self, Value};

/// Names the process that became a script as its shell. A script that comes
/// back to stepmux from there is not asked a second time.
const GUARD: &str = "STEPMUX_SHELL_GUARD";

/// The real shell: `$STEPMUX_SHELL`, else `default-shell` of the user's
/// configuration file, else /bin/bash, else /bin/sh.
pub(super) fn real() -> PathBuf {
    let returned = returned();
    let usable = |shell: &PathBuf| usable(shell) && !(returned && is_script(shell));
    let chosen = std::env::var_os("STEPMUX_SHELL").map(PathBuf::from);
    chosen
        .filter(usable)
        .or_else(|| configured().filter(usable))
        .or_else(|| Some(PathBuf::from("/bin/bash")).filter(usable))
        .unwrap_or_else(|| PathBuf::from("/bin/sh"))
}

/// Becomes the real shell with these arguments; as a login shell its name
/// begins with `-` (login(1)). It comes back only when that fails.
pub(super) fn run(words: &[OsString], login: bool) -> ExitCode {
    let shell = real();
    let error = start(&shell, words, login);
    // A shell that looks sound and is not must lock nobody out.
    for spare in ["/bin/bash", "/bin/sh"] {
        start(Path::new(spare), words, login);
    }
    let reason = crate::io::reason(&error);
    fail(&format!("can't start {}: {reason}", shell.display()))
}

fn start(shell: &Path, words: &[OsString], login: bool) -> std::io::Error {
    let mut name = OsString::from(if login { "-" } else { "" });
    name.push(shell.file_name().unwrap_or_else(|| OsStr::new("sh")));
    let mut command = Command::new(shell);
    command.arg0(name).args(words).env("SHELL", shell);
    if is_script(shell) {
        command.env(GUARD, std::process::id().to_string());
    }
    command.exec()
}

/// Whether this process was started by a script that stepmux became.
fn returned() -> bool {
    let guard = std::env::var(GUARD).ok().and_then(|id| id.parse().ok());
    guard.is_some_and(|id: u32| id == std::process::id() || id == parent_id())
}

fn usable(shell: &Path) -> bool {
    let Ok(real) = shell.canonicalize() else {
        return false;
    };
    let Ok(found) = std::fs::metadata(&real) else {
        return false;
    };
    let own = std::fs::metadata("/proc/self/exe");
    let same = own.is_ok_and(|own| (own.dev(), own.ino()) == (found.dev(), found.ino()));
    let named = real.file_name() == Some(OsStr::new("stepmux"));
    shell.is_absolute() && found.is_file() && found.mode() & 0o111 != 0 && !same && !named
}

fn is_script(shell: &Path) -> bool {
    let mut start = [0; 2];
    let file = std::fs::File::open(shell);
    // A script that cannot be read cannot run either.
    file.and_then(|mut file| file.read_exact(&mut start))
        .is_ok()
        && &start == b"#!"
}

/// `default-shell` of the configuration file, when the file is sound.
fn configured() -> Option<PathBuf> {
    let dir = std::env::var_os("XDG_CONFIG_HOME")
        .filter(|dir| !dir.is_empty())
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".config")))?;
    let file = dir.join("stepmux/config.toml");
    let text = std::fs::read_to_string(&file).ok()?;
    let env = |name: &str| std::env::var(name).ok();
    let config = config::load(&text, &file.to_string_lossy(), &env).ok()?;
    config
        .options
        .into_iter()
        .rev()
        .find_map(|(_, name, value)| match (name.as_str(), value) {
            ("default-shell", Value::Text(shell)) => Some(PathBuf::from(shell)),
            _ => None,
        })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn usable_is_never_stepmux_nor_what_cannot_run() {
        let dir = tempfile::tempdir().unwrap();
        let link = dir.path().join("link");
        std::os::unix::fs::symlink("/proc/self/exe", &link).unwrap();
        let named = dir.path().join("stepmux");
        std::fs::copy("/bin/sh", &named).unwrap();
        let plain = dir.path().join("plain");
        std::fs::write(&plain, "").unwrap();
        for path in [
            link,
            named,
            plain,
            "sh".into(),
            "/nonexistent".into(),
            "/".into(),
        ] {
            assert!(!usable(&path), "{}", path.display());
        }
        assert!(usable(Path::new("/bin/sh")));
    }

    #[test]
    fn scripts_are_told_by_their_first_bytes() {
        let dir = tempfile::tempdir().unwrap();
        let script = dir.path().join("script");
        std::fs::write(&script, "#!/bin/sh\n").unwrap();
        assert!(is_script(&script));
        assert!(!is_script(Path::new("/bin/sh")));
        assert!(!is_script(dir.path()));
    }
}
