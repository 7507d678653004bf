//! The jobs' files on their way to the store: `ID.toml`, read when they are
//! asked for and when they have changed. A file that does not read is told once
//! and changes nothing; a file that is gone takes nothing with it.

use std::collections::HashMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::record::{MAX_FILE, Record};
use super::store::Store;

/// The most files that are looked at.
const MAX_FILES: usize = 100_000;

/// When a file was last changed, and its size.
type Stamp = (SystemTime, u64);

/// The directory, and which of its files were read.
#[derive(Debug)]
pub(super) struct Folder {
    dir: PathBuf,
    seen: HashMap<i64, Stamp>,
}

impl Folder {
    /// A directory of which nothing was read.
    pub(super) fn new(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
            seen: HashMap::new(),
        }
    }

    /// Brings a job's file to the store when it has changed; a sentence for the
    /// server's log when it does not read.
    pub(super) fn look(&mut self, id: i64, store: &Store) -> Result<(), String> {
        let path = self.dir.join(format!("{id}.toml"));
        let Ok(found) = std::fs::metadata(&path) else {
            self.seen.remove(&id);
            return Ok(());
        };
        let stamp = (
            found.modified().unwrap_or(SystemTime::UNIX_EPOCH),
            found.len(),
        );
        // A change within the clock's grain shows by its size or not at all, so
        // a fresh file is read each time.
        let settled = stamp
            .0
            .elapsed()
            .is_ok_and(|age| age > std::time::Duration::from_secs(2));
        if settled && self.seen.get(&id) == Some(&stamp) {
            return Ok(());
        }
        let told = self.seen.insert(id, stamp) == Some(stamp);
        match read(&path) {
            Ok(record) => store.keep(id, &record),
            Err(_) if told => Ok(()),
            Err(error) => Err(format!("{}: {error}", path.display())),
        }
    }

    /// Looks at every file; what is to be told of them.
    pub(super) fn look_at_all(&mut self, store: &Store) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(&self.dir) else {
            return vec![format!("{}: cannot be read", self.dir.display())];
        };
        let ids: Vec<i64> = entries
            .flatten()
            .filter_map(|entry| id_of(&entry.file_name().to_string_lossy()))
            .take(MAX_FILES)
            .collect();
        let looked = ids.into_iter().map(|id| self.look(id, store));
        looked.filter_map(Result::err).collect()
    }
}

fn id_of(name: &str) -> Option<i64> {
    let stem = name.strip_suffix(".toml")?;
    let id: i64 = stem.parse().ok()?;
    (id > 0 && id.to_string() == stem).then_some(id)
}

fn read(path: &Path) -> Result<Record, String> {
    let said = |error: std::io::Error| crate::io::reason(&error);
    let file = std::fs::File::open(path).map_err(said)?;
    let mut text = String::new();
    file.take(MAX_FILE + 1)
        .read_to_string(&mut text)
        .map_err(said)?;
    if text.len() as u64 > MAX_FILE {
        return Err(format!("larger than {MAX_FILE} bytes"));
    }
    Record::parse(&text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::serve::record::State;

    #[test]
    fn files_come_to_the_store_as_they_change() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("jobs.sqlite")).unwrap();
        let mut folder = Folder::new(dir.path());
        let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
        write("4.toml", "repo = 'a/b'\nstate = 'started'");
        write("serve.toml", "no job");
        write("04.toml", "no job");
        assert!(folder.look_at_all(&store).is_empty());
        let state = || store.job(4).unwrap().unwrap().state();
        assert_eq!(state(), State::Started);
        write("4.toml", "repo = 'a/b'\nstate = 'failed'");
        folder.look(4, &store).unwrap();
        assert_eq!(state(), State::Failed);
        write("4.toml", "repo = 'a/b'\nstate = 'bad'");
        let error = folder.look(4, &store).unwrap_err();
        assert!(error.contains("4.toml") && error.contains("bad"), "{error}");
        assert_eq!(folder.look(4, &store), Ok(()), "told once");
        std::fs::remove_file(dir.path().join("4.toml")).unwrap();
        folder.look(4, &store).unwrap();
        assert_eq!(state(), State::Failed);
        assert_eq!(store.jobs(0, 9).unwrap().len(), 1);
    }
}
