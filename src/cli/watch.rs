//! What goes on beside a waiting `stepmux debug`: the dots that keep a silent
//! log alive, the signals that end it, and the file that does. It knows no
//! session; what a signal or the file does is its caller's.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, sleep_until};

use super::log::Log;
use crate::io::reason;

/// How often it is looked for the file that ends the session.
const LOOK: Duration = Duration::from_millis(500);

/// A thread that watches until this is dropped.
#[derive(Debug)]
pub(super) struct Watch {
    wish: Option<UnboundedSender<Wish>>,
    thread: Option<JoinHandle<()>>,
}

/// What a watch does beside waiting for signals.
enum Wish {
    /// It keeps the log alive.
    Dots,
    /// It calls this once when one of the files has come.
    File(Files, Box<dyn FnOnce() + Send>),
}

/// Files whose coming is waited for; one that is there already is not meant.
#[derive(Debug)]
pub(super) struct Files(Vec<(PathBuf, Option<(u64, i64)>)>);

impl Files {
    /// These files, as they are now.
    pub(super) fn new(paths: impl IntoIterator<Item = PathBuf>) -> Self {
        let paths = paths.into_iter();
        Self(paths.map(|path| (path.clone(), state(&path))).collect())
    }

    fn has_come(&self) -> bool {
        let changed = |(path, old): &(PathBuf, _)| state(path).is_some_and(|new| Some(new) != *old);
        self.0.iter().any(changed)
    }
}

/// What tells a file from one of the same name before.
fn state(path: &PathBuf) -> Option<(u64, i64)> {
    let meta: Metadata = std::fs::metadata(path).ok()?;
    meta.is_file()
        .then(|| (meta.ino(), meta.mtime_nsec() ^ meta.mtime()))
}

impl Watch {
    /// Starts to watch; from here on SIGINT and SIGTERM call `told` with the
    /// exit status that a shell would report for them.
    ///
    /// # Errors
    /// A sentence for the user: no runtime, no handlers.
    pub(super) fn start(
        log: Arc<Log>,
        told: impl FnOnce(u8) + Send + 'static,
    ) -> Result<Self, String> {
        let said = |error: std::io::Error| reason(&error);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(said)?;
        let (interrupt, terminate) = {
            let _inside = runtime.enter();
            let interrupt = signal(SignalKind::interrupt()).map_err(said)?;
            (interrupt, signal(SignalKind::terminate()).map_err(said)?)
        };
        let (wish, wishes) = unbounded_channel();
        let thread = std::thread::Builder::new()
            .name("watch".to_owned())
            .spawn(move || {
                let watched = watch(&log, interrupt, terminate, wishes);
                if let Some(status) = runtime.block_on(watched) {
                    told(status);
                }
            })
            .map_err(said)?;
        Ok(Self {
            wish: Some(wish),
            thread: Some(thread),
        })
    }

    /// Keeps the log alive from now on.
    pub(super) fn dots(&self) {
        self.wish(Wish::Dots);
    }

    /// Calls this once when one of the files has come.
    pub(super) fn files(&self, files: Files, then: impl FnOnce() + Send + 'static) {
        self.wish(Wish::File(files, Box::new(then)));
    }

    fn wish(&self, wish: Wish) {
        if let Some(wishes) = &self.wish {
            let _ = wishes.send(wish);
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.wish = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn watch(
    log: &Log,
    mut interrupt: Signal,
    mut terminate: Signal,
    mut wishes: UnboundedReceiver<Wish>,
) -> Option<u8> {
    let mut dots: Option<Instant> = None;
    let mut files: Option<(Files, Box<dyn FnOnce() + Send>)> = None;
    let mut look = Instant::now();
    loop {
        let far = Instant::now() + Duration::from_secs(86_400);
        tokio::select! {
            _ = interrupt.recv() => return Some(128 + 2),
            _ = terminate.recv() => return Some(128 + 15),
            wish = wishes.recv() => match wish? {
                Wish::Dots => dots = Some(Instant::now() + log.keep_alive()),
                Wish::File(found, then) => {
                    files = Some((found, then));
                    look = Instant::now();
                }
            },
            () = sleep_until(dots.unwrap_or(far)) => {
                dots = Some(Instant::now() + log.keep_alive());
            }
            () = sleep_until(if files.is_some() { look } else { far }) => {
                look = Instant::now() + LOOK;
                if let Some((_, then)) = files.take_if(|(files, _)| files.has_come()) {
                    then();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn file_that_was_there_before_is_not_meant() {
        let dir = tempfile::tempdir().unwrap();
        let (old, new) = (dir.path().join("old"), dir.path().join("new"));
        std::fs::write(&old, "").unwrap();
        let files = Files::new([old.clone(), new.clone(), dir.path().to_owned()]);
        assert!(!files.has_come());
        std::fs::write(&new, "").unwrap();
        assert!(files.has_come());
        std::fs::remove_file(&new).unwrap();
        assert!(!files.has_come());
        // Another file of the same name is another file.
        std::fs::rename(&old, dir.path().join("away")).unwrap();
        std::fs::write(&old, "x").unwrap();
        assert!(files.has_come());
    }
}
