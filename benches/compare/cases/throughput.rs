//! How fast a pane takes what is written to it, and what CPU time that costs
//! the server and its clients together. The end is seen from inside the pane:
//! the terminal's answer to DSR 6, asked for behind the last byte.

use std::path::Path;

use anyhow::Result;
use portable_pty::CommandBuilder;

use super::{Context, LIMIT, Push};
use crate::client::Client;
use crate::corpus::Kind;
use crate::mux::Server;
use crate::report::{Pair, Row, Side};
use crate::worker::Worker;

/// The lines of history that tmux keeps by default.
pub(super) const HISTORY: usize = 2000;

/// A server with its workers and its clients.
struct Stage {
    clients: Vec<Client>,
    workers: Vec<Worker>,
    server: Server,
}

impl Stage {
    fn new(context: &Context, side: Side, clients: usize) -> Result<Self> {
        let (server, worker) = Server::with_worker(context.peer(side), HISTORY)?;
        let clients = (0..clients).map(|_| server.attach());
        Ok(Self {
            clients: clients.collect::<Result<_>>()?,
            workers: vec![worker],
            server,
        })
    }

    /// Seconds and CPU seconds until all workers have written the file.
    fn write(&mut self, file: &Path) -> Result<(f64, f64)> {
        let before = self.server.cpu(&self.clients);
        let order = format!("write {}", file.display());
        for worker in &mut self.workers {
            worker.order(&order)?;
        }
        let mut wall = 0.0_f64;
        for worker in &mut self.workers {
            wall = wall.max(worker.answer(LIMIT)? / 1e9);
        }
        Ok((wall, self.server.cpu(&self.clients).since(before)))
    }
}

/// One client looks at a pane that gets a corpus.
pub(super) fn attached(context: &Context, push: Push<'_>, kind: Kind) -> Result<()> {
    let stages = Pair::make(|side| Stage::new(context, side, 1))?;
    measure(context, push, kind.title().to_owned(), kind, stages)
}

/// Nobody looks at a pane that gets log lines.
pub(super) fn detached(context: &Context, push: Push<'_>) -> Result<()> {
    let stages = Pair::make(|side| Stage::new(context, side, 0))?;
    measure(
        context,
        push,
        "plain, detached".to_owned(),
        Kind::Plain,
        stages,
    )
}

/// Two panes of one window get log lines at once.
pub(super) fn two_panes(context: &Context, push: Push<'_>) -> Result<()> {
    let stages = Pair::make(|side| {
        let mut stage = Stage::new(context, side, 1)?;
        let pane = stage.server.worker_command()?;
        stage
            .server
            .run(&["split-window", "-t", "=bench:", &pane])?;
        stage.workers.push(stage.server.accept()?);
        anyhow::Ok(stage)
    })?;
    let title = "plain, two panes at once".to_owned();
    measure(context, push, title, Kind::Plain, stages)
}

/// Several clients look at a pane that gets log lines.
pub(super) fn shared(context: &Context, push: Push<'_>, clients: usize) -> Result<()> {
    let stages = Pair::make(|side| Stage::new(context, side, clients))?;
    let title = format!("plain, {clients} clients");
    measure(context, push, title, Kind::Plain, stages)
}

/// What each further client of the same size costs, beside a pane with one.
pub(super) fn further(context: &Context, push: Push<'_>) -> Result<()> {
    const CLIENTS: usize = 32;
    let file = context.corpus(Kind::Plain)?;
    let size = megabytes(&file)?;
    let title = format!("CPU of each further client of {CLIENTS}, of one client's");
    let mut row = Row::new(title, "");
    let mut one = Pair::make(|side| Stage::new(context, side, 1))?;
    let mut many = Pair::make(|side| Stage::new(context, side, CLIENTS))?;
    for side in [Side::Ours, Side::Theirs] {
        one.get(side).write(&file)?;
        many.get(side).write(&file)?;
    }
    context.interleave(|side| {
        let (_, first) = one.get(side).write(&file)?;
        let (_, all) = many.get(side).write(&file)?;
        #[allow(clippy::cast_precision_loss, reason = "a small constant")]
        let further = (all - first) / (CLIENTS - 1) as f64;
        row.wall.get(side).push(further / first);
        row.cpu.get(side).push(further * 100.0 / size);
        Ok(())
    })?;
    push(row);
    Ok(())
}

fn measure(
    context: &Context,
    push: Push<'_>,
    title: String,
    kind: Kind,
    mut stages: Pair<Stage>,
) -> Result<()> {
    let file = context.corpus(kind)?;
    let size = megabytes(&file)?;
    let mut row = Row::new(title, "MB/s");
    // Not counted: the first one grows what later ones find grown.
    stages.ours.write(&file)?;
    stages.theirs.write(&file)?;
    context.interleave(|side| {
        let stage = stages.get(side);
        let (wall, cpu) = stage.write(&file)?;
        #[allow(clippy::cast_precision_loss, reason = "one or two")]
        let size = size * stage.workers.len() as f64;
        row.wall.get(side).push(size / wall);
        row.cpu.get(side).push(cpu * 100.0 / size);
        Ok(())
    })?;
    push(row);
    Ok(())
}

pub(super) fn megabytes(file: &Path) -> Result<f64> {
    #[allow(clippy::cast_precision_loss, reason = "below 2^52")]
    let bytes = std::fs::metadata(file)?.len() as f64;
    Ok(bytes / 1e6)
}

/// What the kernel's pty lets through to a reader that does nothing: the most
/// that a multiplexer could reach. Both columns are the same reader.
pub(super) fn drain_only(context: &Context, push: Push<'_>) -> Result<()> {
    let rows = if context.quick {
        &Kind::ALL[..2]
    } else {
        &Kind::ALL[..]
    };
    for &kind in rows {
        let file = context.corpus(kind)?;
        let size = megabytes(&file)?;
        let mut row = Row::new(format!("drain-only pty: {}", kind.title()), "MB/s");
        context.interleave(|side| {
            row.wall.get(side).push(size / drain(context, &file)?);
            Ok(())
        })?;
        push(row);
    }
    Ok(())
}

fn drain(context: &Context, file: &Path) -> Result<f64> {
    let server = Server::prepare(&context.peers.theirs)?;
    let mut command = CommandBuilder::new("/bin/sh");
    command.args(["-c", &server.worker_command()?]);
    let mut client = Client::spawn(command, b"\x1b[6n")?;
    let mut worker = server.accept()?;
    worker.order(&format!("write {}", file.display()))?;
    client.seen(LIMIT)?;
    client.write(b"\x1b[1;1R")?;
    Ok(worker.answer(LIMIT)? / 1e9)
}
