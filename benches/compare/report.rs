//! The rows measured, and the Markdown table made of them. It computes
//! nothing but medians, ratios and spreads.

use std::fmt::Write as _;

use crate::stats::{median, paired_ratio, spread};

/// The two sides of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// The first peer: stepmux.
    Ours,
    /// The second peer: tmux.
    Theirs,
}

/// One value for each side.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pair<T> {
    /// The first peer's.
    pub(crate) ours: T,
    /// The second peer's.
    pub(crate) theirs: T,
}

impl<T> Pair<T> {
    /// Makes both values.
    pub(crate) fn make<E>(mut make: impl FnMut(Side) -> Result<T, E>) -> Result<Self, E> {
        Ok(Self {
            ours: make(Side::Ours)?,
            theirs: make(Side::Theirs)?,
        })
    }

    /// A side's value.
    pub(crate) const fn get(&mut self, side: Side) -> &mut T {
        match side {
            Side::Ours => &mut self.ours,
            Side::Theirs => &mut self.theirs,
        }
    }
}

/// One line of the table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Row {
    /// What was done.
    pub(crate) work: String,
    /// The unit of `wall`, after its number.
    pub(crate) unit: &'static str,
    /// What was measured, a value a round.
    pub(crate) wall: Pair<Vec<f64>>,
    /// CPU seconds for 100 MB, a value a round; empty where it says nothing.
    pub(crate) cpu: Pair<Vec<f64>>,
}

impl Row {
    /// A row without values.
    pub(crate) fn new(work: impl Into<String>, unit: &'static str) -> Self {
        Self {
            work: work.into(),
            unit,
            ..Self::default()
        }
    }

    fn line(&self) -> String {
        let (ours, theirs) = (&self.wall.ours, &self.wall.theirs);
        let ratio = match paired_ratio(ours, theirs) {
            ratio if ratio.is_finite() => format!("{ratio:.2}"),
            _ => "–".to_owned(),
        };
        format!(
            "| {} | {} | {} | {ratio} | {} | {} / {} |",
            self.work,
            show(ours, self.unit),
            show(theirs, self.unit),
            self.cpu_cell(),
            show_spread(ours),
            show_spread(theirs),
        )
    }

    fn cpu_cell(&self) -> String {
        let (ours, theirs) = (&self.cpu.ours, &self.cpu.theirs);
        if ours.is_empty() || theirs.is_empty() {
            return "–".to_owned();
        }
        let (ratio, a, b) = (paired_ratio(ours, theirs), median(ours), median(theirs));
        format!("{ratio:.2} ({a:.2} / {b:.2} s)")
    }
}

fn show(values: &[f64], unit: &str) -> String {
    match median(values) {
        value if value.is_nan() => "–".to_owned(),
        value if value.abs() >= 100.0 => format!("{value:.0} {unit}"),
        value if value.abs() >= 10.0 => format!("{value:.1} {unit}"),
        value => format!("{value:.2} {unit}"),
    }
    .trim_end()
    .to_owned()
}

fn show_spread(values: &[f64]) -> String {
    match spread(values) {
        value if value.is_finite() && values.len() > 1 => format!("±{value:.0} %"),
        _ => "–".to_owned(),
    }
}

/// What was measured so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Report {
    peers: Pair<String>,
    rows: Vec<Row>,
    failures: Vec<String>,
}

impl Report {
    /// A report without rows on two peers, by their names.
    pub(crate) fn new(peers: Pair<String>) -> Self {
        Self {
            peers,
            ..Self::default()
        }
    }

    /// Adds a row, and shows it on stderr as progress.
    pub(crate) fn push(&mut self, row: Row) {
        eprintln!("{}", row.line());
        self.rows.push(row);
    }

    /// Notes that a case failed.
    pub(crate) fn fail(&mut self, case: &str, error: &anyhow::Error) {
        let failure = format!("{case}: {error:#}");
        eprintln!("compare: {failure}");
        self.failures.push(failure);
    }

    /// Whether a case failed.
    pub(crate) fn failed(&self) -> bool {
        !self.failures.is_empty()
    }

    /// The whole table.
    pub(crate) fn table(&self) -> String {
        let (ours, theirs) = (&self.peers.ours, &self.peers.theirs);
        let mut text = format!(
            "| Work | {ours} | {theirs} | ratio (wall) | CPU ratio (s a 100 MB) | spread |\n\
             |---|--:|--:|--:|--:|--:|\n"
        );
        for row in &self.rows {
            let _ = writeln!(text, "{}", row.line());
        }
        for failure in &self.failures {
            let _ = writeln!(text, "\nFailed: {failure}");
        }
        text
    }
}
