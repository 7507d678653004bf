//! The cases: what is measured, each in a function that pushes its rows. All of
//! them take both peers through the same rounds, one right after the other.

mod clients;
mod echo;
mod guests;
mod memory;
mod start;
mod throughput;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::corpus::{Kind, generate, history_lines};
use crate::mux::Peer;
use crate::report::{Pair, Row, Side};

/// What one piece of work may take before it counts as hung.
const LIMIT: Duration = Duration::from_secs(60);

/// What every case is given.
#[derive(Debug)]
pub(crate) struct Context {
    /// The multiplexers.
    pub(crate) peers: Pair<Peer>,
    /// Rounds.
    pub(crate) rounds: usize,
    /// Bytes of a corpus.
    pub(crate) bytes: usize,
    /// Whether less is done of everything.
    pub(crate) quick: bool,
    /// Where corpora are kept while the bench runs.
    pub(crate) corpora: PathBuf,
}

impl Context {
    /// A side's multiplexer.
    fn peer(&self, side: Side) -> &Peer {
        match side {
            Side::Ours => &self.peers.ours,
            Side::Theirs => &self.peers.theirs,
        }
    }

    /// The file of a corpus, made at its first use.
    fn corpus(&self, kind: Kind) -> Result<PathBuf> {
        let path = self.corpora.join(kind.name());
        if !path.exists() {
            std::fs::write(&path, generate(kind, self.bytes))?;
        }
        Ok(path)
    }

    /// A file of so many lines of 99 columns, made at its first use.
    fn history(&self, lines: usize, coloured: bool) -> Result<PathBuf> {
        let path = self.corpora.join(format!("history-{lines}-{coloured}"));
        if !path.exists() {
            std::fs::write(&path, history_lines(lines, coloured))?;
        }
        Ok(path)
    }

    /// How many of something to do in a round: a fifth when in a hurry.
    const fn count(&self, full: usize) -> usize {
        if self.quick { full.div_ceil(5) } else { full }
    }

    /// Runs both sides round after round; which goes first changes each time.
    fn interleave(&self, mut run: impl FnMut(Side) -> Result<()>) -> Result<()> {
        let order = [Side::Ours, Side::Theirs];
        for round in 0..self.rounds {
            for side in [order[round % 2], order[1 - round % 2]] {
                run(side).with_context(|| format!("{side:?}, round {round}"))?;
            }
        }
        Ok(())
    }
}

/// Takes the rows of a case.
type Push<'a> = &'a mut dyn FnMut(Row);

/// A case.
pub(crate) struct Case {
    /// Its name on the command line.
    pub(crate) name: &'static str,
    /// What it measures.
    pub(crate) about: &'static str,
    /// Runs it.
    pub(crate) run: fn(&Context, Push<'_>) -> Result<()>,
}

const fn case(
    name: &'static str,
    about: &'static str,
    run: fn(&Context, Push<'_>) -> Result<()>,
) -> Case {
    Case { name, about, run }
}

/// All cases, in the order of the table.
pub(crate) const CASES: &[Case] = &[
    case(
        "pty",
        "a reader that only drains a pty",
        throughput::drain_only,
    ),
    case("plain", "plain log lines", |c, p| {
        throughput::attached(c, p, Kind::Plain)
    }),
    case("coloured", "coloured log lines", |c, p| {
        throughput::attached(c, p, Kind::Coloured)
    }),
    case("dense", "cells of their own colours", |c, p| {
        throughput::attached(c, p, Kind::Dense)
    }),
    case("unicode", "many scripts", |c, p| {
        throughput::attached(c, p, Kind::Unicode)
    }),
    case("region", "a scroll region", |c, p| {
        throughput::attached(c, p, Kind::Region)
    }),
    case("redraw", "screens drawn again", |c, p| {
        throughput::attached(c, p, Kind::Redraw)
    }),
    case("longline", "one long line", |c, p| {
        throughput::attached(c, p, Kind::LongLine)
    }),
    case(
        "detached",
        "plain log lines, no client",
        throughput::detached,
    ),
    case(
        "two-panes",
        "plain log lines in two panes",
        throughput::two_panes,
    ),
    case("clients-4", "plain log lines, 4 clients", |c, p| {
        throughput::shared(c, p, 4)
    }),
    case("clients-32", "plain log lines, 32 clients", |c, p| {
        throughput::shared(c, p, 32)
    }),
    case(
        "further",
        "what each further client of 32 costs",
        throughput::further,
    ),
    case(
        "stalled",
        "one of two clients reads nothing",
        clients::stalled,
    ),
    case("interrupt", "^C while a pane floods", echo::interrupt),
    case("echo", "keystroke echo, idle", echo::idle),
    case(
        "echo-flood",
        "keystroke echo beside a flood",
        echo::beside_flood,
    ),
    case("start", "new-session to the first prompt", start::session),
    case("command", "display-message -p x", start::command),
    case(
        "history",
        "attach and capture with 100 k lines",
        start::history,
    ),
    case("resize", "100 resizes with 100 k lines", start::resize),
    case(
        "memory",
        "an idle server, a line of history",
        memory::memory,
    ),
    case(
        "guest-join",
        "a guest over ssh to the first picture",
        guests::join,
    ),
    case(
        "guest-echo",
        "keystroke echo of a guest over ssh",
        guests::typed,
    ),
    case(
        "guest-flood",
        "plain log lines, one guest over ssh",
        guests::flood,
    ),
    case(
        "guest-memory",
        "what a guest over ssh takes",
        guests::memory,
    ),
    case(
        "wakeups",
        "wake-ups of an idle server",
        memory::wakeups_of_idle,
    ),
];
