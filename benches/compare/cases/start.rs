//! Things a user waits for: a session, a command, a long history. Each is timed
//! from the start of the process to what it is wanted for.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::throughput::HISTORY;
use super::{Context, LIMIT, Push};
use crate::mux::{PROMPT, Server, pause};
use crate::report::{Pair, Row};
use crate::stats::median;
use crate::worker::Worker;

/// Lines in the histories of this file.
const LINES: usize = 100_000;

/// `new-session` until the shell's prompt is on the client's screen, without
/// and with a server that runs already.
pub(super) fn session(context: &Context, push: Push<'_>) -> Result<()> {
    let mut cold = Row::new("new session to prompt, server started by it", "ms");
    let mut warm = Row::new("new session to prompt, server running", "ms");
    context.interleave(|side| {
        let mut times = (Vec::new(), Vec::new());
        for _ in 0..context.count(5) {
            let mut server = Server::prepare(context.peer(side))?;
            let first = new_session(&server)?;
            server.know_pid()?;
            times.0.push(first);
            times.1.push(new_session(&server)?);
        }
        cold.wall.get(side).push(median(&times.0) * 1e3);
        warm.wall.get(side).push(median(&times.1) * 1e3);
        Ok(())
    })?;
    push(cold);
    push(warm);
    Ok(())
}

/// The client is gone when this returns, its session is not.
fn new_session(server: &Server) -> Result<f64> {
    let start = Instant::now();
    let client = server.client(&["new-session"], PROMPT)?;
    Ok((client.seen(Server::PATIENCE)? - start).as_secs_f64())
}

/// A command that changes nothing.
pub(super) fn command(context: &Context, push: Push<'_>) -> Result<()> {
    let mut stages = Pair::make(|side| Server::with_worker(context.peer(side), HISTORY))?;
    let mut row = Row::new("display-message -p x", "ms");
    context.interleave(|side| {
        let (server, _) = stages.get(side);
        let times = (0..context.count(50)).map(|_| server.time(&["display-message", "-p", "x"]));
        row.wall
            .get(side)
            .push(median(&times.collect::<Result<Vec<_>>>()?) * 1e3);
        Ok(())
    })?;
    push(row);
    Ok(())
}

/// A detached session with a full history.
fn long_history(context: &Context, side: crate::report::Side) -> Result<(Server, Worker)> {
    let (server, mut worker) = Server::with_worker(context.peer(side), LINES)?;
    worker.write(&context.history(LINES, false)?, LIMIT)?;
    pause(Duration::from_millis(300));
    Ok((server, worker))
}

/// Attaching to, and capturing, a session with a full history.
pub(super) fn history(context: &Context, push: Push<'_>) -> Result<()> {
    let mut stages = Pair::make(|side| long_history(context, side))?;
    let mut attach = Row::new("attach with 100 k lines until drawn", "ms");
    let mut capture = Row::new("capture-pane of 100 k lines", "ms");
    context.interleave(|side| {
        let (server, _) = stages.get(side);
        let mut times = Vec::new();
        for _ in 0..context.count(10) {
            let start = Instant::now();
            // The end of the last lines of the corpus, which fill the screen.
            let client = server.client(&["attach-session", "-t", "=bench"], "....")?;
            times.push((client.seen(Server::PATIENCE)? - start).as_secs_f64());
        }
        attach.wall.get(side).push(median(&times) * 1e3);
        times.clear();
        for _ in 0..context.count(5) {
            let start = Instant::now();
            let text = server.run(&["capture-pane", "-p", "-S", "-", "-t", "=bench:"])?;
            times.push(start.elapsed().as_secs_f64());
            let lines = text.lines().count();
            ensure!(lines >= LINES, "only {lines} lines captured");
        }
        capture.wall.get(side).push(median(&times) * 1e3);
        Ok(())
    })?;
    push(attach);
    push(capture);
    Ok(())
}

/// CPU time of 100 changes of the window's size with a full history.
pub(super) fn resize(context: &Context, push: Push<'_>) -> Result<()> {
    let mut stages = Pair::make(|side| long_history(context, side))?;
    let mut row = Row::new("100 resizes with 100 k lines, server CPU", "ms");
    let times = context.count(100);
    context.interleave(|side| {
        let (server, _) = stages.get(side);
        let before = server.cpu(&[]);
        for step in 0..times {
            let cols = (80 + step % 50).to_string();
            server.run(&["resize-window", "-t", "=bench:", "-x", &cols, "-y", "50"])?;
        }
        #[allow(clippy::cast_precision_loss, reason = "at most 100")]
        let share = 100.0 / times as f64;
        let cpu = server.cpu(&[]).since(before);
        row.wall.get(side).push(cpu * share * 1e3);
        Ok(())
    })?;
    push(row);
    Ok(())
}
