//! Compares two multiplexers side by side through real ptys, in paired and
//! interleaved rounds: `cargo bench --bench compare -- [CASE…] [--quick] [--aa]`.
//! `benches/README.md` says what each row means. It touches no server but those
//! it started, and leaves none behind.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a table is what it is for"
)]

mod args;
mod cases;
mod client;
#[path = "../corpus/mod.rs"]
mod corpus;
mod guard;
mod mux;
mod proc;
mod report;
mod stats;
mod worker;

use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::Parser as _;

use args::Args;
use cases::{CASES, Case, Context};
use mux::Peer;
use report::{Pair, Report};

/// What a case may take, rounds and all.
const CASE_LIMIT: Duration = Duration::from_secs(300);

fn main() -> ExitCode {
    let args = Args::parse();
    let done = match (&args.worker, args.reap) {
        (Some(socket), _) => worker::serve(socket).map(|()| true),
        (None, true) => guard::reap().map(|()| true),
        (None, false) => compare(&args),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("compare: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the cases asked for; whether all of them succeeded.
fn compare(args: &Args) -> Result<bool> {
    if args.list {
        for case in CASES {
            println!("{:<12} {}", case.name, case.about);
        }
        return Ok(true);
    }
    if !args.bench {
        println!("compare: nothing is measured without --bench (cargo bench gives it)");
        return Ok(true);
    }
    let cases = args.chosen()?;
    let theirs = Peer::new(&args.theirs)?;
    let ours = if args.aa {
        theirs.clone()
    } else {
        Peer::new(&args.ours).context("build it first (cargo build --release), or try --aa")?
    };
    let names = Pair {
        ours: ours.name.clone(),
        theirs: theirs.name.clone(),
    };
    let report = Arc::new(Mutex::new(Report::new(names)));
    let shown = Arc::clone(&report);
    guard::start(move || println!("{}", snapshot(&shown).table()))?;
    let corpora = tempfile::Builder::new().prefix("muxcorpus").tempdir()?;
    // No server: only the directory is left to remove, should this be killed.
    guard::register(0, corpora.path())?;
    let context = Context {
        peers: Pair { ours, theirs },
        rounds: args.rounds(),
        bytes: args.bytes(),
        quick: args.quick,
        corpora: corpora.path().to_owned(),
    };
    for case in cases {
        run(case, &context, &report);
    }
    let report = snapshot(&report);
    println!("{}", report.table());
    Ok(!report.failed())
}

/// Runs one case; its rows are kept even where it fails half-way.
fn run(case: &Case, context: &Context, report: &Mutex<Report>) {
    guard::allow(CASE_LIMIT);
    let mut push = |row| lock(report).push(row);
    if let Err(error) = (case.run)(context, &mut push) {
        lock(report).fail(case.name, &error);
    }
}

fn lock(report: &Mutex<Report>) -> std::sync::MutexGuard<'_, Report> {
    report.lock().unwrap_or_else(PoisonError::into_inner)
}

fn snapshot(report: &Mutex<Report>) -> Report {
    lock(report).clone()
}

/// Where cargo puts the release binary.
fn release_binary() -> std::path::PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root.join("target"), |dir| root.join(dir));
    target.join("release/stepmux")
}
