//! Whole files, read and written off the owner's thread and within a bound.
//! Paths are given absolute; what a path means is decided by the caller.

use std::fs::OpenOptions;
use std::io::{Read, Write};
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
    blocking(move || glob::find(&dir, &pattern).map(|found| found.join("\0").into_bytes())).await
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, String> + Send + 'static,
) -> Result<T, String> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|_| Err("interrupted".to_owned()))
}

fn read_now(path: &Path) -> Result<Vec<u8>, String> {
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
