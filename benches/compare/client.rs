//! A terminal at the other end of a pty: a program is started in it, a thread
//! drains what it writes, and the moment is noted at which a text appears.
//! It draws nothing and answers nothing.

use std::io::{Read, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// Columns of every client.
const COLS: u16 = 200;
/// Rows of every client, the status line among them.
const ROWS: u16 = 50;

/// What the draining thread and its owner share.
#[derive(Default)]
struct Shared {
    bytes: AtomicU64,
    watch: Mutex<Watch>,
    changed: Condvar,
}

#[derive(Default)]
struct Watch {
    /// The text looked for; empty when none is.
    pattern: Vec<u8>,
    /// The last bytes read, shorter than the pattern.
    carry: Vec<u8>,
    seen: Option<Instant>,
    stalled: bool,
    ended: bool,
}

/// A program in a pty of 200 by 50 whose output is drained.
pub(crate) struct Client {
    child: Box<dyn Child + Send + Sync>,
    writer: Box<dyn Write + Send>,
    shared: Arc<Shared>,
    _master: Box<dyn MasterPty + Send>,
}

impl Client {
    /// Starts a program. `pattern` is looked for from the first byte on.
    pub(crate) fn spawn(command: CommandBuilder, pattern: &[u8]) -> Result<Self> {
        let pair = native_pty_system().openpty(PtySize {
            rows: ROWS,
            cols: COLS,
            ..PtySize::default()
        })?;
        let reader = pair.master.try_clone_reader()?;
        let writer = pair.master.take_writer()?;
        let shared = Arc::new(Shared::default());
        lock(&shared).pattern = pattern.to_vec();
        let theirs = Arc::clone(&shared);
        std::thread::spawn(move || drain(reader, &theirs));
        let child = pair.slave.spawn_command(command)?;
        Ok(Self {
            child,
            writer,
            shared,
            _master: pair.master,
        })
    }

    /// The program's process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.process_id().unwrap_or(0)
    }

    /// Bytes drained so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.shared.bytes.load(Ordering::Relaxed)
    }

    /// Types bytes.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.writer.write_all(bytes)?;
        Ok(self.writer.flush()?)
    }

    /// From now on looks for a text in what comes.
    pub(crate) fn arm(&self, pattern: &[u8]) {
        let mut watch = lock(&self.shared);
        watch.pattern = pattern.to_vec();
        watch.carry.clear();
        watch.seen = None;
    }

    /// Waits for the text armed; the moment at which it was read.
    pub(crate) fn seen(&self, limit: Duration) -> Result<Instant> {
        let watch = lock(&self.shared);
        let (watch, _) = self
            .shared
            .changed
            .wait_timeout_while(watch, limit, |w| w.seen.is_none() && !w.ended)
            .unwrap_or_else(PoisonError::into_inner);
        match watch.seen {
            Some(at) => Ok(at),
            None if watch.ended => bail!("the client ended"),
            None => bail!(
                "the client was not shown {:?} within {limit:?}",
                String::from_utf8_lossy(&watch.pattern)
            ),
        }
    }

    /// Types bytes, and waits for a text: the seconds in between.
    pub(crate) fn time_until(&mut self, keys: &[u8], text: &[u8], limit: Duration) -> Result<f64> {
        self.arm(text);
        let start = Instant::now();
        self.write(keys)?;
        let seen = self
            .seen(limit)
            .with_context(|| format!("after {keys:?}"))?;
        Ok((seen - start).as_secs_f64())
    }

    /// Stops reading, or goes on.
    pub(crate) fn stall(&self, stalled: bool) {
        lock(&self.shared).stalled = stalled;
        self.shared.changed.notify_all();
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.stall(false);
        if !matches!(self.child.try_wait(), Ok(Some(_))) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

fn lock(shared: &Shared) -> MutexGuard<'_, Watch> {
    shared.watch.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads until the program and all its children have let go of the pty.
fn drain(mut reader: Box<dyn Read + Send>, shared: &Shared) {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let count = match reader.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(_) => break,
        };
        let now = Instant::now();
        shared.bytes.fetch_add(count as u64, Ordering::Relaxed);
        let mut watch = lock(shared);
        if watch.look(&buffer[..count]) {
            watch.seen = Some(now);
            shared.changed.notify_all();
        }
        drop(
            shared
                .changed
                .wait_while(watch, |watch| watch.stalled)
                .unwrap_or_else(PoisonError::into_inner),
        );
    }
    lock(shared).ended = true;
    shared.changed.notify_all();
}

impl Watch {
    /// Whether the pattern ends in these bytes, for the first time.
    fn look(&mut self, bytes: &[u8]) -> bool {
        if self.pattern.is_empty() || self.seen.is_some() {
            return false;
        }
        let keep = self.pattern.len() - 1;
        self.carry
            .extend_from_slice(&bytes[..bytes.len().min(keep)]);
        let finder = memchr::memmem::Finder::new(&self.pattern);
        if finder.find(&self.carry).is_some() || finder.find(bytes).is_some() {
            return true;
        }
        if bytes.len() >= keep {
            self.carry.clear();
            self.carry.extend_from_slice(&bytes[bytes.len() - keep..]);
        } else {
            let surplus = self.carry.len().saturating_sub(keep);
            self.carry.drain(..surplus);
        }
        false
    }
}
