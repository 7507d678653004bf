//! From a key typed at a client to its echo in what the client is shown. The
//! kernel echoes in the pane's pty, so that only the multiplexer's way there
//! and back is measured. Each echo is rubbed out again before the next key.

use std::time::Duration;

use anyhow::Result;

use super::throughput::HISTORY;
use super::{Context, LIMIT, Push};
use crate::client::Client;
use crate::mux::{PROMPT, Server, pause};
use crate::report::{Pair, Row, Side};
use crate::stats::{median, quantile};
use crate::worker::Worker;

/// Keys typed in turn: no corpus, status line or control sequence shows them.
const KEYS: [&str; 4] = ["~", "|", "{", "}"];

/// A server with one client; the workers keep its panes alive.
struct Stage {
    client: Client,
    workers: Vec<Worker>,
    _server: Server,
}

/// Nothing else happens.
pub(super) fn idle(context: &Context, push: Push<'_>) -> Result<()> {
    let stages = Pair::make(|side| {
        let (server, mut worker) = Server::with_worker(context.peer(side), HISTORY)?;
        worker.sink()?;
        anyhow::Ok(Stage {
            client: server.attach()?,
            workers: vec![worker],
            _server: server,
        })
    })?;
    let quiet = Duration::from_millis(4);
    measure(context, push, "keystroke echo, idle", stages, quiet)
}

/// The pane above floods.
pub(super) fn beside_flood(context: &Context, push: Push<'_>) -> Result<()> {
    let mut stages = Pair::make(|side| {
        let (server, flooding) = Server::with_worker(context.peer(side), HISTORY)?;
        let pane = server.worker_command()?;
        server.run(&["split-window", "-t", "=bench:", &pane])?;
        let mut worker = server.accept()?;
        worker.sink()?;
        anyhow::Ok(Stage {
            client: server.attach()?,
            workers: vec![flooding, worker],
            _server: server,
        })
    })?;
    let mut rows = Rows::new("keystroke echo beside a flood");
    context.interleave(|side| {
        // Only the side that is measured floods, and stops of itself.
        let stage = stages.get(side);
        let count = context.count(200);
        stage.workers[0].order("flood 4")?;
        pause(Duration::from_millis(100));
        let times = typed(&mut stage.client, count, Duration::from_millis(12))?;
        stage.workers[0].answer(LIMIT)?;
        rows.add(side, &times);
        Ok(())
    })?;
    rows.push(push);
    Ok(())
}

/// The rows of an echo case.
pub(super) struct Rows {
    fast: Row,
    median: Row,
    late: Row,
}

impl Rows {
    pub(super) fn new(title: &str) -> Self {
        Self {
            fast: Row::new(format!("{title}: fastest tenth"), "µs"),
            median: Row::new(format!("{title}: median"), "µs"),
            late: Row::new(format!("{title}: p99"), "µs"),
        }
    }

    pub(super) fn add(&mut self, side: Side, times: &[f64]) {
        self.fast.wall.get(side).push(quantile(times, 0.1) * 1e6);
        self.median.wall.get(side).push(median(times) * 1e6);
        self.late.wall.get(side).push(quantile(times, 0.99) * 1e6);
    }

    pub(super) fn push(self, push: Push<'_>) {
        push(self.fast);
        push(self.median);
        push(self.late);
    }
}

fn measure(
    context: &Context,
    push: Push<'_>,
    title: &str,
    mut stages: Pair<Stage>,
    quiet: Duration,
) -> Result<()> {
    let mut rows = Rows::new(title);
    context.interleave(|side| {
        let times = typed(&mut stages.get(side).client, context.count(400), quiet)?;
        rows.add(side, &times);
        Ok(())
    })?;
    rows.push(push);
    Ok(())
}

/// Types so many keys, `quiet` apart: the seconds to each echo.
pub(super) fn typed(client: &mut Client, count: usize, quiet: Duration) -> Result<Vec<f64>> {
    let mut times = Vec::with_capacity(count);
    for key in KEYS.iter().cycle().take(count) {
        times.push(client.time_until(key.as_bytes(), key.as_bytes(), Server::PATIENCE)?);
        client.write(b"\x7f")?;
        pause(quiet);
    }
    Ok(times)
}

/// From `^C` to the shell's prompt, while the pane floods.
pub(super) fn interrupt(context: &Context, push: Push<'_>) -> Result<()> {
    let mut stages = Pair::make(|side| {
        let server = Server::with_shell(context.peer(side))?;
        anyhow::Ok((server.attach()?, server))
    })?;
    let mut row = Row::new("^C under flood until the prompt: median", "ms");
    let mut best = Row::new("^C under flood until the prompt: fastest tenth", "ms");
    context.interleave(|side| {
        let (client, _) = stages.get(side);
        let mut times = Vec::new();
        for _ in 0..context.count(10) {
            client.write(b"yes\n")?;
            pause(Duration::from_millis(150));
            times.push(client.time_until(b"\x03", PROMPT.as_bytes(), LIMIT)?);
            pause(Duration::from_millis(50));
        }
        row.wall.get(side).push(median(&times) * 1e3);
        best.wall.get(side).push(quantile(&times, 0.1) * 1e3);
        Ok(())
    })?;
    push(row);
    push(best);
    Ok(())
}
