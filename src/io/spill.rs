//! Files for what the histories of panes hold beyond memory (`history-spill`).
//! A file is private: readable by its user alone, and without a name once it is
//! open, so that it ends with the server. It knows nothing of lines.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{FallocateFlags, fallocate};

use super::reason;
use crate::engine::event::{BlockStore, Store, StoreError};

/// Where files go when no path is given: a disk, where /tmp may be memory.
const DIRECTORIES: [&str; 2] = ["/var/tmp", "/tmp"];
/// Names that are tried for one file.
const ATTEMPTS: u32 = 100;
/// What a file system frees at once, in bytes.
const PAGE: u64 = 4096;

/// Bytes in a file, appended and read back.
#[derive(Debug)]
struct Spill {
    file: File,
    end: AtomicU64,
    /// Where the bytes end that were freed last.
    freed: AtomicU64,
}

/// Opens a store: its file beside `path`, or where temporary files belong when
/// it is `on`.
///
/// # Errors
/// The system's reason.
pub fn open(path: &str) -> Result<Store, String> {
    let mut last = String::new();
    let stems: Vec<PathBuf> = if path == "on" {
        let name = |dir: &&str| PathBuf::from(dir).join("stepmux-history");
        DIRECTORIES.iter().map(name).collect()
    } else {
        vec![PathBuf::from(path)]
    };
    for stem in stems {
        match create(&stem) {
            Ok(file) => {
                return Ok(Arc::new(Spill {
                    file,
                    end: AtomicU64::new(0),
                    freed: AtomicU64::new(0),
                }));
            }
            Err(error) => last = format!("{}: {}", stem.display(), reason(&error)),
        }
    }
    Err(last)
}

/// A fresh file next to `stem` that nobody else can open.
fn create(stem: &std::path::Path) -> std::io::Result<File> {
    let pid = std::process::id();
    for attempt in 0..ATTEMPTS {
        let mut name = stem.as_os_str().to_owned();
        name.push(format!(".{pid}.{attempt}"));
        let opened = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&name);
        match opened {
            Ok(file) => {
                std::fs::remove_file(&name)?;
                return Ok(file);
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(std::io::ErrorKind::AlreadyExists.into())
}

impl BlockStore for Spill {
    fn append(&self, bytes: &[u8]) -> Result<u64, StoreError> {
        let at = self.end.load(Ordering::Relaxed);
        self.file
            .write_all_at(bytes, at)
            .map_err(|error| StoreError(reason(&error)))?;
        self.end.store(at + bytes.len() as u64, Ordering::Relaxed);
        Ok(at)
    }

    fn read(&self, at: u64, len: usize, out: &mut Vec<u8>) -> Result<(), StoreError> {
        out.clear();
        let end = self.end.load(Ordering::Relaxed);
        if at.checked_add(len as u64).is_none_or(|to| to > end) {
            return Err(StoreError("beyond the end".to_owned()));
        }
        out.resize(len, 0);
        self.file
            .read_exact_at(out, at)
            .map_err(|error| StoreError(reason(&error)))
    }

    fn free(&self, at: u64, len: usize) {
        let to = at + len as u64;
        // Blocks go oldest first, so that a page shared by two is freed with
        // the second.
        let from = if self.freed.swap(to, Ordering::Relaxed) == at {
            at / PAGE * PAGE
        } else {
            at
        };
        let flags = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
        // A file system without holes keeps the bytes until the end.
        let _ = fallocate(&self.file, flags, from, to - from);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn spill_gives_back_what_it_was_given_and_has_no_name() {
        let dir = tempfile::tempdir().unwrap();
        let store = open(dir.path().join("history").to_str().unwrap()).unwrap();
        let parts: Vec<Vec<u8>> = (0..50_u8).map(|n| vec![n; 3000]).collect();
        let places: Vec<u64> = parts.iter().map(|p| store.append(p).unwrap()).collect();
        store.free(places[0], 3000);
        store.free(places[1], 3000);
        let mut out = Vec::new();
        for (part, at) in parts.iter().zip(&places).skip(2) {
            store.read(*at, part.len(), &mut out).unwrap();
            assert_eq!(&out, part);
        }
        assert!(store.read(places[49], 3001, &mut out).is_err());
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn spill_that_cannot_be_made_says_why() {
        let error = open("/nonexistent/file").unwrap_err();
        assert_eq!(error, "/nonexistent/file: No such file or directory");
        assert!(open("on").is_ok());
    }
}
