//! The bench's own command line.

use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::cases::{CASES, Case};

/// Compares two multiplexers side by side through real ptys.
#[derive(Debug, clap::Parser)]
#[command(name = "compare")]
#[allow(clippy::struct_excessive_bools, reason = "flags of a command line")]
pub(crate) struct Args {
    /// Cases to run, or the beginnings of their names; all without.
    pub(crate) cases: Vec<String>,
    /// Names the cases.
    #[arg(long)]
    pub(crate) list: bool,
    /// Two rounds, and a fifth of the work.
    #[arg(long)]
    pub(crate) quick: bool,
    /// The second multiplexer against itself: what a ratio of 1 looks like here.
    #[arg(long)]
    pub(crate) aa: bool,
    /// Rounds of each case; 5 without.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    rounds: Option<u16>,
    /// Megabytes written in each round; 20 without.
    #[arg(long, value_name = "MB", value_parser = clap::value_parser!(u16).range(1..=2000))]
    size: Option<u16>,
    /// The first multiplexer.
    #[arg(long, value_name = "PATH", default_value_os_t = crate::release_binary())]
    pub(crate) ours: PathBuf,
    /// The second multiplexer.
    #[arg(long, value_name = "PATH", default_value = "tmux")]
    pub(crate) theirs: PathBuf,
    /// Given by cargo bench, not by cargo test.
    #[arg(long, hide = true)]
    pub(crate) bench: bool,
    /// Becomes the program in a pane.
    #[arg(long, hide = true, value_name = "SOCKET")]
    pub(crate) worker: Option<PathBuf>,
    /// Becomes the process that cleans up.
    #[arg(long, hide = true)]
    pub(crate) reap: bool,
}

impl Args {
    /// Rounds of each case.
    pub(crate) fn rounds(&self) -> usize {
        let default = if self.quick { 2 } else { 5 };
        usize::from(self.rounds.unwrap_or(default))
    }

    /// Bytes written in each round.
    pub(crate) fn bytes(&self) -> usize {
        let default = if self.quick { 4 } else { 20 };
        usize::from(self.size.unwrap_or(default)) * 1_000_000
    }

    /// The cases named, in the order of the table.
    pub(crate) fn chosen(&self) -> Result<Vec<&'static Case>> {
        for name in &self.cases {
            let known = CASES.iter().any(|case| case.name.starts_with(name));
            known
                .then_some(())
                .with_context(|| format!("no case {name:?}: --list names them"))?;
        }
        let chosen = |case: &&Case| {
            self.cases.is_empty() || self.cases.iter().any(|name| case.name.starts_with(name))
        };
        Ok(CASES.iter().filter(chosen).collect())
    }
}
