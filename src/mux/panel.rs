//! The phases panel: what a client has opened, selected and searched in it. What
//! it shows is read from the timeline each time it is drawn; rows are worked out
//! as numbers, so that only those in sight become text.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::base::{Label, SessionId};
use crate::ci::Timeline;
use crate::ci::compare::{self, Pair};
use crate::ci::timeline::{Run, StepRef};

use super::session::Debug;

/// The longest line that a comparison shows, in bytes.
const MAX_SHOWN: usize = 500;

/// The phases panel of one client.
#[derive(Clone, Debug)]
pub struct Panel {
    /// Whose build.
    pub session: SessionId,
    /// The selected phase or step.
    pub selected: StepRef,
    /// The first row shown.
    pub top: usize,
    /// Phases whose steps are hidden.
    pub closed: BTreeSet<usize>,
    /// Only rows that contain this are shown.
    pub filter: String,
    /// The filter is being typed.
    pub typing: bool,
    /// What lies over the tree.
    pub over: Option<Over>,
}

/// What lies over the panel's tree.
#[derive(Clone, Debug)]
pub enum Over {
    /// The runs of a step.
    Runs(Runs),
    /// Two runs side by side.
    Compared(Compared),
}

/// The runs of a step, to choose from.
#[derive(Clone, Debug)]
pub struct Runs {
    /// The step.
    pub of: StepRef,
    /// The selected run.
    pub selected: u64,
    /// The first row shown.
    pub top: usize,
    /// Those to be compared, at most two.
    pub marked: Vec<u64>,
}

/// Two runs side by side.
#[derive(Clone, Debug)]
pub struct Compared {
    /// What is compared, left and right.
    pub titles: (Label, Label),
    /// Their lines.
    pub lines: Arc<(Vec<Label>, Vec<Label>)>,
    /// Which lines stand side by side.
    pub rows: Arc<Vec<Pair>>,
    /// The first row shown.
    pub top: usize,
    /// The runs list to return to.
    pub back: Option<Runs>,
}

impl Compared {
    /// Compares two texts.
    #[must_use]
    pub fn new(titles: (Label, Label), left: &str, right: &str) -> Self {
        let lines = |text: &str| -> Vec<String> {
            let lines = text.lines().take(compare::MAX_LINES);
            lines.map(str::to_owned).collect()
        };
        let (left, right) = (lines(left), lines(right));
        let rows = compare::compare(&left, &right);
        let shown = |lines: &[String]| -> Vec<Label> {
            let cut = |line: &String| Label::new(&line[..line.floor_char_boundary(MAX_SHOWN)]);
            lines.iter().map(cut).collect()
        };
        let first = rows.iter().position(|row| !row.same).unwrap_or(0);
        Self {
            titles,
            lines: Arc::new((shown(&left), shown(&right))),
            rows: Arc::new(rows),
            top: first.saturating_sub(2),
            back: None,
        }
    }

    /// How many rows differ.
    #[must_use]
    pub fn differences(&self) -> usize {
        self.rows.iter().filter(|row| !row.same).count()
    }

    /// The first row of the next difference after `row`, or of the one before.
    #[must_use]
    pub fn difference(&self, row: usize, forward: bool) -> Option<usize> {
        let begins = |at: &usize| {
            let same = |at: usize| self.rows.get(at).is_none_or(|row| row.same);
            !same(*at) && at.checked_sub(1).is_none_or(same)
        };
        if forward {
            (row + 1..self.rows.len()).find(begins)
        } else {
            (0..row.min(self.rows.len())).rev().find(begins)
        }
    }
}

impl Panel {
    /// A panel that shows the whole tree, with the step selected of which one
    /// would speak now.
    #[must_use]
    pub fn new(session: SessionId, debug: &Debug) -> Self {
        let timeline = &debug.timeline;
        let at = timeline.current().and_then(|run| place_of(timeline, run));
        Self {
            session,
            selected: at.unwrap_or(StepRef {
                phase: 0,
                step: None,
            }),
            top: 0,
            closed: BTreeSet::new(),
            filter: String::new(),
            typing: false,
            over: None,
        }
    }

    /// The rows that the tree has now, in order.
    #[must_use]
    pub fn rows(&self, debug: &Debug) -> Vec<StepRef> {
        let timeline = &debug.timeline;
        let wanted = self.filter.to_lowercase();
        let fits = |text: &str| text.to_lowercase().contains(&wanted);
        let mut rows = Vec::with_capacity(timeline.len());
        for phase in 0..timeline.len() {
            let of = timeline.steps(phase);
            let named = wanted.is_empty() || timeline.name(phase).is_some_and(|n| fits(n.as_str()));
            let own = rows.len();
            rows.push(StepRef { phase, step: None });
            if of <= 1 {
                let fits = named || (of == 1 && fits(debug.step_text(phase, 1)));
                if !fits {
                    rows.pop();
                }
                continue;
            }
            if self.closed.contains(&phase) && wanted.is_empty() {
                continue;
            }
            let steps = (1..=of).filter(|step| named || fits(debug.step_text(phase, *step)));
            rows.extend(steps.map(|step| StepRef {
                phase,
                step: Some(step),
            }));
            if !named && rows.len() == own + 1 {
                rows.pop();
            }
        }
        rows
    }

    /// Which row is selected: the selected place, or what is nearest before it.
    #[must_use]
    pub fn row_selected(&self, rows: &[StepRef]) -> usize {
        let after = rows.partition_point(|row| *row <= self.selected);
        after.saturating_sub(1)
    }

    /// Selects a row and brings it into sight of a list of `height` rows.
    pub fn select(&mut self, rows: &[StepRef], at: usize, height: usize) {
        let at = at.min(rows.len().saturating_sub(1));
        if let Some(row) = rows.get(at) {
            self.selected = *row;
        }
        self.top = in_sight(self.top, at, rows.len(), height);
    }
}

/// The first row of a list that has `at` in sight, changed as little as can be.
#[must_use]
pub fn in_sight(top: usize, at: usize, len: usize, height: usize) -> usize {
    let height = height.max(1);
    let top = top.clamp((at + 1).saturating_sub(height), at);
    top.min(len.saturating_sub(height))
}

/// Where the tree shows a run.
#[must_use]
pub fn place_of(timeline: &Timeline, run: &Run) -> Option<StepRef> {
    let phase = timeline.place_of(&run.phase)?;
    let step = (timeline.steps(phase) > 1).then_some(run.step);
    Some(StepRef { phase, step })
}

impl Debug {
    /// What a step is called: its name in the file, or the first line of its
    /// command; empty when the file has no such step.
    #[must_use]
    pub fn step_text(&self, phase: usize, step: u32) -> &str {
        let phase = self.job().and_then(|job| job.phases.get(phase));
        let at = usize::try_from(step).unwrap_or(0).checked_sub(1);
        let step = phase.zip(at).and_then(|(phase, at)| phase.steps.get(at));
        let Some(step) = step else {
            return "";
        };
        let mut lines = step.command.lines().map(str::trim);
        let command = lines.find(|line| !line.is_empty()).unwrap_or_default();
        step.name.as_deref().unwrap_or(command)
    }
}
