//! Where the server's socket is, and the rules that keep it the user's own
//! (tmux(1), `-L` and `-S`). It makes and checks paths and listeners; nobody
//! is answered here.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, OpenOptionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, Mode, flock};

use crate::io::reason;

/// What names a server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// `-S`: the socket's path.
    pub path: Option<PathBuf>,
    /// `-L`: its name in the user's directory.
    pub name: Option<String>,
    /// The program was started under the name tmux.
    pub as_tmux: bool,
}

/// Finds the socket's path: `-S`, else `-L` in the user's directory, else the
/// server this process runs inside of (`$STEPMUX`), else the name `default`.
/// Under the name tmux, `$TMUX` is asked instead if it is there, be it empty, and
/// the directory is tmux's own. It is made and checked when it is ours to make.
///
/// # Errors
/// A sentence for the user, as tmux words it.
pub fn path(choice: &Choice, env: impl Fn(&str) -> Option<OsString>) -> Result<PathBuf, String> {
    let around = |tmux: bool| env("TMUX").filter(|_| tmux).or_else(|| env("STEPMUX"));
    if let Some(path) = &choice.path {
        return Ok(path.clone());
    }
    let name = match &choice.name {
        Some(name) => name.as_str(),
        None => match around(choice.as_tmux).and_then(|value| inside(&value)) {
            Some(path) => return Ok(path),
            None => "default",
        },
    };
    if name.is_empty() || name.contains(['/', '\0']) || name == "." || name == ".." {
        return Err(format!("invalid socket name: {name}"));
    }
    // As in tmux, a directory that is not there is passed over.
    let root = ["STEPMUX_TMPDIR", "TMUX_TMPDIR"]
        .iter()
        .filter_map(|name| env(name).map(PathBuf::from))
        .find(|value| value.is_dir())
        .unwrap_or_else(|| PathBuf::from("/tmp"));
    let uid = rustix::process::getuid().as_raw();
    let prefix = if choice.as_tmux { "tmux" } else { "stepmux" };
    let dir = root.join(format!("{prefix}-{uid}"));
    own_directory(&dir, uid)?;
    Ok(dir.join(name))
}

/// The socket of `$STEPMUX`, which is `path,pid,session`.
fn inside(value: &OsString) -> Option<PathBuf> {
    let text = value.to_str()?;
    let mut parts = text.rsplitn(3, ',');
    let path = parts.nth(2)?;
    path.starts_with('/').then(|| PathBuf::from(path))
}

/// Makes a directory that is the user's alone, or checks one that exists: no
/// link, nobody else's, closed to others.
///
/// # Errors
/// A sentence for the user, as tmux words it.
pub fn own_directory(dir: &Path, uid: u32) -> Result<(), String> {
    let shown = dir.display();
    match DirBuilder::new().mode(0o700).create(dir) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            return Err(format!("error creating {shown} ({})", reason(&error)));
        }
        _ => {}
    }
    let found = fs::symlink_metadata(dir)
        .map_err(|error| format!("couldn't read directory {shown} ({})", reason(&error)))?;
    if !found.is_dir() {
        return Err(format!("{shown} is not a directory"));
    }
    if found.uid() != uid || found.mode() & 0o077 != 0 {
        return Err(format!("directory {shown} has unsafe permissions"));
    }
    Ok(())
}

/// Holds off every other start on the same socket while it lives.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Waits for the lock `<socket>.lock`. The file stays: removing it would
    /// let two hold it.
    ///
    /// # Errors
    /// A sentence for the user.
    pub fn take(socket: &Path) -> Result<Self, String> {
        let mut path = socket.as_os_str().to_owned();
        path.push(".lock");
        let fail =
            |error: io::Error| format!("error creating {} ({})", socket.display(), reason(&error));
        let file = OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(fail)?;
        loop {
            match flock(&file, FlockOperation::LockExclusive) {
                Ok(()) => return Ok(Self { _file: file }),
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(fail(error.into())),
            }
        }
    }
}

/// Listens on a socket that nobody answers; what a dead server left is removed.
///
/// # Errors
/// `error creating PATH (REASON)`, also when the path is not a socket.
pub fn listen(socket: &Path, _lock: &Lock) -> Result<UnixListener, String> {
    let fail = |error: String| format!("error creating {} ({error})", socket.display());
    match fs::symlink_metadata(socket) {
        Ok(found) if !found.file_type().is_socket() => {
            return Err(fail("File exists and is not a socket".to_owned()));
        }
        Ok(_) if UnixStream::connect(socket).is_ok() => {
            return Err(fail("Address already in use".to_owned()));
        }
        Ok(_) => fs::remove_file(socket).map_err(|error| fail(reason(&error)))?,
        Err(_) => {}
    }
    let before = rustix::process::umask(Mode::from_raw_mode(0o177));
    let listener = UnixListener::bind(socket);
    rustix::process::umask(before);
    listener.map_err(|error| fail(reason(&error)))
}

/// A server's hold on its socket's path. The path stays when the server has
/// ended, as in tmux: clients then know that one was there, and the next server
/// replaces it.
#[derive(Debug)]
pub struct Hold {
    path: PathBuf,
}

impl Hold {
    /// Holds the socket that is at `path` now.
    #[must_use]
    pub fn of(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
        }
    }

    /// The socket's path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn choice(name: &str) -> Choice {
        Choice {
            name: Some(name.into()),
            ..Choice::default()
        }
    }

    fn at(root: &Path) -> impl Fn(&str) -> Option<OsString> {
        let root = root.as_os_str().to_owned();
        move |name| (name == "TMUX_TMPDIR").then(|| root.clone())
    }

    #[test]
    fn path_is_in_a_private_directory() {
        let root = tempfile::tempdir().unwrap();
        let uid = rustix::process::getuid().as_raw();
        let dir = root.path().join(format!("stepmux-{uid}"));
        assert_eq!(path(&choice("x"), at(root.path())).unwrap(), dir.join("x"));
        assert_eq!(fs::metadata(&dir).unwrap().mode() & 0o777, 0o700);
        fs::set_permissions(&dir, PermissionsExt::from_mode(0o755)).unwrap();
        let error = path(&choice("x"), at(root.path())).unwrap_err();
        assert_eq!(
            error,
            format!("directory {} has unsafe permissions", dir.display())
        );
    }

    #[test]
    fn path_follows_no_link_and_leaves_no_directory() {
        let root = tempfile::tempdir().unwrap();
        let uid = rustix::process::getuid().as_raw();
        let dir = root.path().join(format!("stepmux-{uid}"));
        symlink("/", &dir).unwrap();
        let error = path(&choice("x"), at(root.path())).unwrap_err();
        assert_eq!(error, format!("{} is not a directory", dir.display()));
        for name in ["a/b", "..", ""] {
            assert!(path(&choice(name), at(root.path())).is_err(), "{name}");
        }
        // A directory that is not there is passed over.
        let elsewhere = path(&choice("x"), at(Path::new("/nonexistent"))).unwrap();
        assert!(elsewhere.starts_with("/tmp"), "{elsewhere:?}");
    }

    #[test]
    fn path_prefers_the_flag_then_the_server_around() {
        let env = |name: &str| (name == "STEPMUX").then(|| OsString::from("/run/a,b,12,$0"));
        let flag = Choice {
            path: Some("/x/y".into()),
            name: Some("z".into()),
            as_tmux: false,
        };
        assert_eq!(path(&flag, env).unwrap(), Path::new("/x/y"));
        assert_eq!(
            path(&Choice::default(), env).unwrap(),
            Path::new("/run/a,b")
        );
    }

    #[test]
    fn path_is_tmuxs_under_its_name() {
        let root = tempfile::tempdir().unwrap();
        let uid = rustix::process::getuid().as_raw();
        let own = root.path().join(format!("tmux-{uid}/default"));
        let tmux = Choice {
            as_tmux: true,
            ..Choice::default()
        };
        let found = |inside: &[(&str, &str)]| {
            path(&tmux, |name| match name {
                "TMUX_TMPDIR" => Some(root.path().into()),
                _ => inside
                    .iter()
                    .find(|(n, _)| *n == name)
                    .map(|(_, v)| v.into()),
            })
        };
        let inner = "/run/inner,1,0";
        assert_eq!(found(&[]).unwrap(), own);
        assert_eq!(found(&[("TMUX", ""), ("STEPMUX", inner)]).unwrap(), own);
        for around in [
            &[("TMUX", inner), ("STEPMUX", "/x,1,0")][..],
            &[("STEPMUX", inner)],
        ] {
            assert_eq!(found(around).unwrap(), Path::new("/run/inner"));
        }
    }

    #[test]
    fn listen_replaces_a_dead_socket_and_no_other_thing() {
        let root = tempfile::tempdir().unwrap();
        let socket = root.path().join("s");
        let lock = Lock::take(&socket).unwrap();
        let first = listen(&socket, &lock).unwrap();
        assert_eq!(fs::metadata(&socket).unwrap().mode() & 0o777, 0o600);
        assert!(listen(&socket, &lock).unwrap_err().contains("in use"));
        drop(first);
        let second = listen(&socket, &lock).unwrap();
        drop(lock);
        drop(Hold::of(&socket));
        assert!(socket.exists());
        drop(second);
        fs::remove_file(&socket).unwrap();
        fs::write(&socket, "").unwrap();
        let lock = Lock::take(&socket).unwrap();
        assert!(listen(&socket, &lock).unwrap_err().contains("not a socket"));
    }
}
