//! `pipe-pane`: a shell command fed with a pane's output, or typing into it.
//! A command that falls too far behind loses its pipe; the pane never waits.

use std::cell::Cell;
use std::process::Stdio;
use std::rc::Rc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::ChildStdout;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;
use tokio::task::spawn_local;

use super::job::Surroundings;
use super::reason;

/// What a command may leave unread, in bytes.
pub const MAX_BEHIND: usize = 8 << 20;

/// A running pipe. Dropping it ends the command's input after what it was sent.
#[derive(Debug)]
pub struct Pipe {
    feed: Option<UnboundedSender<Vec<u8>>>,
    behind: Rc<Cell<usize>>,
}

/// A pipe's command, as a process.
#[derive(Debug)]
pub struct Running {
    /// Its pid.
    pub pid: u32,
    /// Resolves when it has ended.
    pub end: oneshot::Receiver<()>,
}

/// What a pipe's command types.
#[derive(Debug)]
pub struct Typed(ChildStdout);

impl Pipe {
    /// Starts the command; with `input`, its output comes back as [`Typed`].
    ///
    /// # Errors
    /// Why the shell could not be started.
    pub fn open(
        command: &str,
        around: &Surroundings,
        output: bool,
        input: bool,
    ) -> Result<(Self, Option<Typed>, Running), String> {
        let when = |on: bool| if on { Stdio::piped() } else { Stdio::null() };
        let mut child = around
            .shell(command)
            .stdin(when(output))
            .stdout(when(input))
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| reason(&error))?;
        let behind = Rc::new(Cell::new(0));
        let feed = child.stdin.take().map(|stdin| {
            let (feed, fed) = unbounded_channel();
            spawn_local(write_all(stdin, fed, behind.clone()));
            feed
        });
        let typed = child.stdout.take().map(Typed);
        let pid = child.id().unwrap_or_default();
        let (ended, end) = oneshot::channel();
        spawn_local(async move {
            let _ = child.wait().await;
            let _ = ended.send(());
        });
        Ok((Self { feed, behind }, typed, Running { pid, end }))
    }

    /// Passes output on; false when the command is gone or too far behind.
    pub fn feed(&mut self, bytes: &[u8]) -> bool {
        let Some(feed) = &self.feed else {
            return true;
        };
        let behind = self.behind.get() + bytes.len();
        if behind > MAX_BEHIND {
            tracing::warn!(behind, "a pipe's command does not read; the pipe ends");
            return false;
        }
        self.behind.set(behind);
        feed.send(bytes.to_vec()).is_ok()
    }
}

impl Typed {
    /// The next bytes, until the command ends.
    pub async fn next(&mut self) -> Option<Vec<u8>> {
        let mut bytes = vec![0; 4 << 10];
        let len = self.0.read(&mut bytes).await.ok().filter(|&len| len > 0)?;
        bytes.truncate(len);
        Some(bytes)
    }
}

async fn write_all(
    mut stdin: tokio::process::ChildStdin,
    mut fed: UnboundedReceiver<Vec<u8>>,
    behind: Rc<Cell<usize>>,
) {
    while let Some(bytes) = fed.recv().await {
        if stdin.write_all(&bytes).await.is_err() {
            return;
        }
        behind.set(behind.get().saturating_sub(bytes.len()));
    }
}
