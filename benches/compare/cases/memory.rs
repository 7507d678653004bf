//! What a server takes while nothing happens: memory (PSS, so that shared
//! libraries count once), memory for a line of history, and wake-ups.

use std::time::Duration;

use anyhow::Result;

use super::throughput::HISTORY;
use super::{Context, LIMIT, Push};
use crate::mux::{Server, pause};
use crate::proc::{pss, wakeups};
use crate::report::{Pair, Row, Side};

/// Lines that the history grows by.
const LINES: usize = 100_000;

/// An idle server, and a line of history, plain and coloured.
pub(super) fn memory(context: &Context, push: Push<'_>) -> Result<()> {
    let mut idle = Row::new("idle server with one pane, PSS", "MB");
    let mut plain = Row::new("a line of 99 columns in history, plain", "B");
    let mut coloured = Row::new("a line of 99 columns in history, coloured", "B");
    context.interleave(|side| {
        let (server, worker) = Server::with_worker(context.peer(side), HISTORY)?;
        pause(Duration::from_millis(500));
        idle.wall.get(side).push(pss(server.pid())? / 1e6);
        drop((worker, server));
        plain.wall.get(side).push(line(context, side, false)?);
        coloured.wall.get(side).push(line(context, side, true)?);
        Ok(())
    })?;
    push(idle);
    push(plain);
    push(coloured);
    Ok(())
}

/// Bytes a line, of a server that has seen nothing else.
fn line(context: &Context, side: Side, coloured: bool) -> Result<f64> {
    // More than is written: no line is dropped while it grows.
    let (server, mut worker) = Server::with_worker(context.peer(side), 2 * LINES)?;
    worker.write(&context.history(200, coloured)?, LIMIT)?;
    pause(Duration::from_millis(200));
    let before = pss(server.pid())?;
    worker.write(&context.history(LINES, coloured)?, LIMIT)?;
    pause(Duration::from_millis(1000));
    #[allow(clippy::cast_precision_loss, reason = "100,000")]
    let lines = LINES as f64;
    Ok((pss(server.pid())? - before) / lines)
}

/// Voluntary context switches of a server with an idle pane and one client.
pub(super) fn wakeups_of_idle(context: &Context, push: Push<'_>) -> Result<()> {
    let mut row = Row::new("wake-ups of an idle server, one client", "in 5 s");
    let mut stages = Pair::make(|side| {
        let (server, worker) = Server::with_worker(context.peer(side), HISTORY)?;
        anyhow::Ok((server.attach()?, worker, server))
    })?;
    pause(Duration::from_secs(2));
    context.interleave(|side| {
        let (_, _, server) = stages.get(side);
        let before = wakeups(server.pid())?;
        pause(Duration::from_secs(5));
        row.wall.get(side).push(wakeups(server.pid())? - before);
        Ok(())
    })?;
    push(row);
    Ok(())
}
