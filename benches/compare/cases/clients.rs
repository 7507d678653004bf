//! One of two clients stops reading while a pane floods: the pane must go on at
//! its rate, the server must not grow, and the client must find its way back.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use super::throughput::HISTORY;
use super::{Context, Push};
use crate::client::Client;
use crate::mux::{Server, pause};
use crate::proc::pss;
use crate::report::{Pair, Row};
use crate::worker::Worker;

/// A window's name that shares no cell with what stood in its place, so that a
/// client drawn by difference is sent all of it.
const MARK: &str = "~|~|~|~|";

/// Fields are dropped in order: clients before their server.
struct Stage {
    stalled: Client,
    _reading: Client,
    worker: Worker,
    server: Server,
}

/// Rates with and without the stall, growth, and recovery.
pub(super) fn stalled(context: &Context, push: Push<'_>) -> Result<()> {
    let mut rate = Row::new("one of two clients stalled: pane's rate", "MB/s");
    let mut kept = Row::new("one of two clients stalled: rate kept", "");
    let mut grown = Row::new("one of two clients stalled: server growth, worst", "MB");
    let mut back = Row::new("one of two clients stalled: recovery", "ms");
    let seconds = if context.quick { 2.0 } else { 10.0 };
    let mut stages = Pair::make(|side| {
        let (server, worker) = Server::with_worker(context.peer(side), HISTORY)?;
        anyhow::Ok(Stage {
            stalled: server.attach()?,
            _reading: server.attach()?,
            worker,
            server,
        })
    })?;
    for side in [crate::report::Side::Ours, crate::report::Side::Theirs] {
        stages.get(side).worker.flood(1.0)?;
    }
    // Long enough each that three rounds say what there is to say.
    for _ in 0..context.rounds.min(3) {
        for side in [crate::report::Side::Ours, crate::report::Side::Theirs] {
            let stage = stages.get(side);
            let free = stage.worker.flood(seconds)?;
            let before = pss(stage.server.pid())?;
            stage.stalled.stall(true);
            let slow = stage.worker.flood(seconds)?;
            let growth = (pss(stage.server.pid())? - before).max(0.0) / 1e6;
            let worst = grown.wall.get(side).pop().unwrap_or(0.0);
            grown.wall.get(side).push(worst.max(growth));
            rate.wall.get(side).push(slow / 1e6);
            kept.wall.get(side).push(slow / free);
            back.wall
                .get(side)
                .push(recover(stage).with_context(|| format!("{side:?}"))? * 1e3);
        }
    }
    for row in [rate, kept, grown, back] {
        push(row);
    }
    Ok(())
}

/// Seconds until the client, reading again, is shown what is new.
fn recover(stage: &mut Stage) -> Result<f64> {
    stage.stalled.arm(MARK.as_bytes());
    let start = Instant::now();
    stage.stalled.stall(false);
    stage
        .server
        .run(&["rename-window", "-t", "=bench:", MARK])?;
    let seen = stage.stalled.seen(Server::PATIENCE)?;
    stage
        .server
        .run(&["rename-window", "-t", "=bench:", "bench"])?;
    pause(Duration::from_millis(300));
    Ok((seen - start).as_secs_f64())
}
