//! What the server finds around it at its start: host, user, shell, terminfo,
//! environment, and the configuration files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::base::{Label, Now};
use crate::config::{self, Bindings, FileConfig, Global, Value};
use crate::engine::{Engine, Event};
use crate::io::terminfo;
use crate::mux::{Environ, Mux, ServerInfo};

use super::Start;

/// The most users whose homes are known.
const MAX_USERS: usize = 10_000;

/// Everything a server starts with.
#[derive(Debug)]
pub(super) struct Settings {
    info: ServerInfo,
    shell: String,
    environ: Vec<(String, String)>,
    /// Configuration files, read.
    pub(super) files: Vec<ConfigFile>,
    /// Where host keys are kept.
    pub(super) state_dir: PathBuf,
}

/// A configuration file as its kind has it.
#[derive(Debug)]
pub(super) enum ConfigFile {
    /// `config.toml`.
    Native(String, Box<FileConfig>),
    /// A file in the command language, such as a tmux.conf.
    Commands(String, String),
    /// It could not be used; the reason.
    Broken(String),
}

impl ConfigFile {
    pub(super) fn into_event(self) -> Event<'static> {
        match self {
            Self::Native(file, config) => Event::Settings { file, config },
            Self::Commands(file, text) => Event::Config { file, text },
            Self::Broken(message) => Event::ConfigError { message },
        }
    }
}

impl Settings {
    /// Reads the surroundings. `files` are those of `-f`; without any the
    /// user's own is read where there is one.
    pub(super) fn read(start: &Start) -> Self {
        let (socket, as_tmux) = (&start.socket, start.as_tmux);
        let environ: Vec<(String, String)> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let env = |name: &str| {
            let found = environ.iter().find(|(known, _)| known == name);
            found
                .map(|(_, value)| value.clone())
                .filter(|value| !value.is_empty())
        };
        let uid = rustix::process::getuid().as_raw();
        let mut info = ServerInfo {
            host: Label::new(&host_name()),
            pid: std::process::id(),
            uid,
            user: env("USER").or_else(|| user_name(uid)).unwrap_or_default(),
            socket: socket.to_string_lossy().into_owned(),
            program: program(),
            has_terminfo: terminfo::has("tmux-256color"),
            started: start_time(),
            cwd: start.cwd.to_string_lossy().into_owned(),
            config_files: Vec::new(),
            hint_file: None,
            homes: homes(),
            as_tmux,
        };
        let state_dir = env("XDG_STATE_HOME")
            .map(PathBuf::from)
            .or_else(|| Some(PathBuf::from(env("HOME")?).join(".local/state")))
            .map_or_else(|| socket.with_extension("state"), |dir| dir.join("stepmux"));
        // Scripts and tests name their files, or call it tmux: they see no hint.
        let told = state_dir.join("hinted");
        if start.files.is_empty() && !as_tmux && !told.exists() {
            info.hint_file = Some(told.to_string_lossy().into_owned());
        }
        let read: Vec<PathBuf> = if start.files.is_empty() {
            usual_files(as_tmux, env("XDG_CONFIG_HOME"), env("HOME"), Path::exists)
        } else {
            start.files.clone()
        };
        let names = read.iter().map(|file| file.to_string_lossy().into_owned());
        info.config_files = names.collect();
        let files = read.iter().filter(|file| *file != Path::new("/dev/null"));
        let files = files
            .map(|file| read_config(&start.cwd, file, &env))
            .collect();
        Self {
            info,
            shell: real_shell(env("STEPMUX_SHELL"), env("SHELL")),
            environ,
            files,
            state_dir,
        }
    }

    pub(super) fn engine(&self) -> Engine {
        Engine::new(self.model())
    }

    /// The model that a server begins with, before its configuration.
    pub(super) fn model(&self) -> Mux {
        let mut options = Global::default();
        options
            .session
            .insert("default-shell", Value::Text(self.shell.clone()));
        let environ = Environ::from_pairs(&self.environ);
        Mux::new(self.info.clone(), options, Bindings::default(), environ)
    }
}

/// The files that are read when none is named, of those that are there: the own
/// one. Under the name tmux, tmux's (tmux(1), `-f`); the own one if there is none.
fn usual_files(
    as_tmux: bool,
    config_home: Option<String>,
    home: Option<String>,
    exists: impl Fn(&Path) -> bool,
) -> Vec<PathBuf> {
    let home = home.map(PathBuf::from);
    let config = config_home
        .map(PathBuf::from)
        .or_else(|| Some(home.as_ref()?.join(".config")));
    let of_tmux = [
        Some(PathBuf::from("/etc/tmux.conf")),
        home.map(|dir| dir.join(".tmux.conf")),
        config.as_ref().map(|dir| dir.join("tmux/tmux.conf")),
    ];
    let mut files: Vec<PathBuf> = of_tmux
        .into_iter()
        .flatten()
        .filter(|file| as_tmux && exists(file))
        .collect();
    if files.is_empty() {
        let own = config.map(|dir| dir.join("stepmux/config.toml"));
        files.extend(own.filter(|file| exists(file)));
    }
    files
}

/// Reads a file, which messages name as it was given.
fn read_config(dir: &Path, file: &Path, env: &dyn Fn(&str) -> Option<String>) -> ConfigFile {
    let name = file.to_string_lossy().into_owned();
    let text = match std::fs::read(dir.join(file)) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) => {
            let why = crate::io::reason(&error);
            return ConfigFile::Broken(format!("{name}: {why}"));
        }
    };
    let native = file
        .extension()
        .is_some_and(|extension| extension == "toml");
    if !native {
        return ConfigFile::Commands(name, text);
    }
    match config::load(&text, &name, env) {
        Ok(config) => ConfigFile::Native(name, Box::new(config)),
        Err(errors) => ConfigFile::Broken(config::fault::shown(&errors)),
    }
}

/// The shell of panes: never stepmux itself, which may be the login shell.
fn real_shell(chosen: Option<String>, login: Option<String>) -> String {
    let usable = |shell: &String| {
        let path = Path::new(shell);
        let own = path.file_name().is_some_and(|name| name == "stepmux");
        path.is_absolute() && path.exists() && !own
    };
    [chosen, login, Some("/bin/bash".to_owned())]
        .into_iter()
        .flatten()
        .find(usable)
        .unwrap_or_else(|| "/bin/sh".to_owned())
}

fn host_name() -> String {
    let read = std::fs::read_to_string("/proc/sys/kernel/hostname");
    let name = read.unwrap_or_default().trim().to_owned();
    if name.is_empty() {
        "localhost".to_owned()
    } else {
        name
    }
}

fn user_name(uid: u32) -> Option<String> {
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse::<u32>().ok()? == uid).then(|| name.to_owned())
    })
}

/// The users' homes by name.
fn homes() -> BTreeMap<String, String> {
    let users = std::fs::read("/etc/passwd").unwrap_or_default();
    let users = String::from_utf8_lossy(&users);
    let home = |line: &str| {
        let mut fields = line.split(':');
        let name = fields.next().filter(|name| !name.is_empty())?;
        Some((name.to_owned(), fields.nth(4)?.to_owned()))
    };
    users.lines().take(MAX_USERS).filter_map(home).collect()
}

fn program() -> String {
    let path = std::env::current_exe().unwrap_or_default();
    path.to_string_lossy()
        .trim_end_matches(" (deleted)")
        .to_owned()
}

fn start_time() -> Now {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    Now {
        unix_us: since.map_or(0, |since| i64::try_from(since.as_micros()).unwrap_or(0)),
        ..Now::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_files_are_tmuxs_under_its_name() {
        let own = "/c/stepmux/config.toml";
        let all = ["/etc/tmux.conf", "/h/.tmux.conf", "/c/tmux/tmux.conf", own];
        let cases: [(bool, &[&str], &[&str]); 5] = [
            (false, &all, &[own]),
            (true, &all, &all[..3]),
            (true, &[own], &[own]),
            (true, &["/h/.tmux.conf", own], &["/h/.tmux.conf"]),
            (true, &[], &[]),
        ];
        for (as_tmux, there, wanted) in cases {
            let exists = |file: &Path| there.iter().any(|path| Path::new(path) == file);
            let (config, home) = (Some("/c".to_owned()), Some("/h".to_owned()));
            let files = usual_files(as_tmux, config, home, exists);
            let wanted: Vec<PathBuf> = wanted.iter().map(PathBuf::from).collect();
            assert_eq!(files, wanted, "{as_tmux} {there:?}");
        }
        let home = Some("/h".to_owned());
        let files = usual_files(true, None, home, |file| file.starts_with("/h/.config"));
        assert_eq!(files, [PathBuf::from("/h/.config/tmux/tmux.conf")]);
    }
}
