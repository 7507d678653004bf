//! What a relay costs and how fast it is: `cargo bench --bench relay -- [CASE…]`.
//! `benches/README.md` says what each row means. It starts relays of its own on
//! the loopback, and ends them.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a table is what it is for"
)]

#[path = "../compare/proc.rs"]
#[allow(dead_code, reason = "each bench uses a part of it")]
mod proc;
#[path = "../compare/stats.rs"]
#[allow(dead_code, reason = "each bench uses a part of it")]
mod stats;

mod nodes;
mod stock;
mod swarm;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

/// A case: its name, and what measures it.
type Case = (&'static str, fn(&Args) -> Result<Vec<Row>>);

/// What is measured.
const CASES: &[Case] = &[
    ("idle", swarm::idle),
    ("joins", swarm::joins),
    ("echo", stock::echo),
    ("throughput", stock::throughput),
    ("recovery", stock::recovery),
];

/// Measures a relay.
#[derive(Debug, Parser)]
#[command(name = "relay")]
struct Args {
    /// Cases to run, by the beginnings of their names; all without any
    cases: Vec<String>,
    /// Idle sessions, for the second row of `idle`
    #[arg(long, default_value_t = 10_000)]
    sessions: usize,
    /// A fifth of the work
    #[arg(long)]
    quick: bool,
    /// What cargo gives to every bench
    #[arg(long, hide = true)]
    bench: bool,
}

/// A row of the table.
struct Row {
    work: String,
    value: String,
}

impl Row {
    fn new(work: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            work: work.into(),
            value: value.into(),
        }
    }
}

fn main() -> ExitCode {
    let args = Args::parse();
    // Started by `cargo test --benches`, it only shows that it is built.
    if !args.bench {
        return ExitCode::SUCCESS;
    }
    println!(
        "| Work | stepmux {} |\n|---|--:|",
        env!("CARGO_PKG_VERSION")
    );
    let mut failed = false;
    for (name, run) in CASES {
        let asked = args.cases.iter().any(|case| name.starts_with(case));
        if !asked && !args.cases.is_empty() {
            continue;
        }
        match run(&args) {
            Ok(rows) => {
                for row in rows {
                    println!("| {} | {} |", row.work, row.value);
                }
            }
            Err(error) => {
                failed = true;
                eprintln!("{name}: {error:#}");
            }
        }
    }
    ExitCode::from(u8::from(failed))
}
