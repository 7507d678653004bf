//! Whole files, read and written off the owner's thread and within a bound.
//! Paths are given absolute; what a path means is decided by the caller.

use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::{glob, reason};

/// The largest file read, in bytes.
pub const MAX_FILE: u64 = 64 << 20;

/// Reads a whole file.
///
/// A path that never ends or never answers (a FIFO) holds one thread of the
/// blocking pool: end the runtime with a timeout.
///
/// # Errors
/// The system's reason (`No such file or directory`), or that it is too large.
pub async fn read(path: PathBuf) -> Result<Vec<u8>, String> {
    blocking(move || read_now(&path)).await
}

/// Writes or appends a whole file. It is replaced in place, as tmux does: a
/// link, its owner and its mode stay.
///
/// # Errors
/// The system's reason.
pub async fn write(path: PathBuf, bytes: Vec<u8>, append: bool) -> Result<(), String> {
    blocking(move || write_now(&path, &bytes, append)).await
}

/// Finds files by a pattern from a directory (see `io::glob`); their paths
/// with a 0 byte between them.
///
/// # Errors
/// The system's reason; that nothing is there.
pub async fn list(dir: String, pattern: String) -> Result<Vec<u8>, String> {
    blocking(move || list_now(&dir, &pattern)).await
}

/// Finds files as [`list`] does, at once.
///
/// # Errors
/// As [`list`].
pub fn list_now(dir: &str, pattern: &str) -> Result<Vec<u8>, String> {
    glob::find(dir, pattern).map(|found| found.join("\0").into_bytes())
}

/// Sees whether a file can be run; there is no content.
///
/// # Errors
/// The system's reason.
pub fn runnable(path: &Path) -> Result<Vec<u8>, String> {
    let tried = rustix::fs::access(path, rustix::fs::Access::EXEC_OK);
    tried
        .map(|()| Vec::new())
        .map_err(|error| reason(&error.into()))
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, String> + Send + 'static,
) -> Result<T, String> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|_| Err("interrupted".to_owned()))
}

/// Writes a small file at once, whole or not at all: it takes the place of what
/// was there when it is complete, and is its user's alone.
///
/// # Errors
/// The system's reason.
pub fn note(path: &Path, text: &str) -> Result<(), String> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    options
        .open(&beside)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .and_then(|()| std::fs::rename(&beside, path))
        .map_err(|error| reason(&error))
}

/// Reads a whole file as [`read`] does, at once.
///
/// # Errors
/// As [`read`].
pub fn read_now(path: &Path) -> Result<Vec<u8>, String> {
    let file = std::fs::File::open(path).map_err(|error| reason(&error))?;
    let mut bytes = Vec::new();
    file.take(MAX_FILE + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| reason(&error))?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(format!("larger than {} MiB", MAX_FILE >> 20));
    }
    Ok(bytes)
}

/// Writes a file for its owner alone, at once: whole or not at all. Its directory
/// is made, for the owner alone too.
///
/// # Errors
/// The system's reason.
pub fn keep(path: &Path, bytes: &[u8]) -> Result<(), String> {
    use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
    let failed = |error: std::io::Error| reason(&error);
    if let Some(dir) = path.parent() {
        let mut builder = std::fs::DirBuilder::new();
        let made = builder.recursive(true).mode(0o700).create(dir);
        made.map_err(failed)?;
    }
    // A link stays one: what it names is replaced.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mut fresh = path.clone().into_os_string();
    fresh.push(format!(".{}", std::process::id()));
    let fresh = PathBuf::from(fresh);
    let written = OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(true)
        .mode(0o600)
        .open(&fresh)
        .and_then(|mut file| file.write_all(bytes))
        .and_then(|()| std::fs::rename(&fresh, &path));
    if written.is_err() {
        let _ = std::fs::remove_file(&fresh);
    }
    written.map_err(failed)
}

fn write_now(path: &Path, bytes: &[u8], append: bool) -> Result<(), String> {
    OpenOptions::new()
        .create(true)
        .write(true)
        .append(append)
        .truncate(!append)
        .open(path)
        .and_then(|mut file| file.write_all(bytes))
        .map_err(|error| reason(&error))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn file_is_written_appended_and_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("buffer");
        write(path.clone(), b"one".to_vec(), false).await.unwrap();
        write(path.clone(), b"two".to_vec(), true).await.unwrap();
        assert_eq!(read(path.clone()).await.unwrap(), b"onetwo");
        write(path.clone(), b"3".to_vec(), false).await.unwrap();
        assert_eq!(read(path).await.unwrap(), b"3");
    }

    #[test]
    fn kept_file_is_the_owners_alone_and_whole() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new/history");
        keep(&path, b"one\ntwo\n").unwrap();
        keep(&path, b"three\n").unwrap();
        assert_eq!(read_now(&path).unwrap(), b"three\n");
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let names = std::fs::read_dir(dir.path().join("new")).unwrap();
        assert_eq!(names.count(), 1);
        assert!(keep(Path::new("/proc/none/x"), b"").is_err());
    }

    #[tokio::test]
    async fn file_errors_are_the_systems_words() {
        let missing = PathBuf::from("/nonexistent/x");
        assert_eq!(
            read(missing.clone()).await.unwrap_err(),
            "No such file or directory"
        );
        assert_eq!(
            write(missing, Vec::new(), false).await.unwrap_err(),
            "No such file or directory"
        );
        assert!(
            read(PathBuf::from("/dev/zero"))
                .await
                .unwrap_err()
                .starts_with("larger")
        );
    }
}
