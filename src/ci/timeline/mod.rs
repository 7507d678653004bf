//! What ran: marks from the shells become runs, runs become the state of each
//! phase. The time of every run is the server's; the shell's own is never asked
//! for. A mark without the right nonce is nothing; all is bounded.
//!
//! ```text
//! shell ─ mark ─→ apply ─┬ runs: every run, oldest first, at most MAX_RUNS
//!                        ├ open: what is under way in each pane, innermost last
//!                        └ phases: the last run of each step, in the build's order
//! ```

pub mod mark;
pub mod run;
mod show;

use std::collections::{BTreeMap, HashMap, VecDeque};

use super::model::{Job, OnFailure};
use super::names;
use crate::base::{Anchor, Label, Now, PaneId};

pub use mark::{How, MAX_MARK, Mark};
pub use run::{Output, Run, State, span, ticking};
pub use show::{Row, Signs, Stand, StepRef, StepRow};

use mark::MAX_STEPS;

/// The most runs that are remembered; the oldest go first.
pub const MAX_RUNS: usize = 20_000;
/// The most phases that are remembered.
const MAX_PHASES: usize = 10_000;
/// The most steps of all phases whose state is remembered.
const MAX_STATES: usize = 50_000;
/// The deepest nesting of steps in one pane (a step may run a phase).
const MAX_OPEN: usize = 64;

/// When and where a mark was seen.
#[derive(Clone, Copy, Debug)]
pub struct Sighting<'a> {
    /// In which pane.
    pub pane: PaneId,
    /// The server's time.
    pub now: Now,
    /// Who typed last in that pane.
    pub by: Option<&'a Label>,
    /// The line on which it stands.
    pub at: Option<Anchor>,
    /// It stands at the beginning of that line.
    pub at_start: bool,
}

impl Sighting<'_> {
    /// A mark in a pane that stands nowhere in it.
    #[must_use]
    pub const fn in_pane(pane: PaneId, now: Now) -> Self {
        Self {
            pane,
            now,
            by: None,
            at: None,
            at_start: false,
        }
    }
}

/// Where the build is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The phase.
    pub phase: Label,
    /// Its step, from 1.
    pub step: u32,
    /// The status of the step.
    pub status: u8,
    /// The pane whose shell waits.
    pub pane: PaneId,
}

/// What is known of a step.
#[derive(Clone, Debug, Default)]
struct StepState {
    /// Its last run.
    last: Option<Run>,
    /// How often it ran.
    tries: u32,
    skipped: bool,
}

#[derive(Clone, Debug)]
struct Phase {
    name: Label,
    of: u32,
    ignores: bool,
    skipped: bool,
    /// The steps of which something is known.
    steps: BTreeMap<u32, StepState>,
}

/// What ran in a session.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    runs: VecDeque<Run>,
    /// How many runs were forgotten.
    forgotten: u64,
    open: HashMap<PaneId, Vec<u64>>,
    phases: Vec<Phase>,
    index: HashMap<Label, usize>,
    /// The phases by their identifiers in shells.
    words: HashMap<Label, usize>,
    /// Steps of which something is known, in all phases.
    states: usize,
    held: Option<Held>,
    result: Option<u8>,
}

impl Timeline {
    /// An empty timeline that knows the phases of a job.
    #[must_use]
    pub fn for_job(job: &Job) -> Self {
        let mut timeline = Self::default();
        for (phase, key) in job.phases.iter().zip(names::keys(job)) {
            let steps = u32::try_from(phase.steps.len()).unwrap_or(MAX_STEPS);
            let ignores = phase
                .steps
                .iter()
                .all(|s| s.on_failure == OnFailure::Ignore);
            if let Some(entry) = timeline.phase(&key) {
                entry.of = steps.min(MAX_STEPS);
                entry.ignores = ignores && !phase.steps.is_empty();
                entry.skipped = phase.skipped;
            }
        }
        let words = super::functions::keys(job).into_iter();
        let words = words.map(|word| Label::new(&word)).enumerate();
        timeline.words = words
            .take(timeline.phases.len())
            .map(|(at, word)| (word, at))
            .collect();
        timeline
    }

    /// The name of the phase that a mark speaks of: shells report by identifier.
    fn meant(&self, word: &Label) -> Label {
        let known = self.words.get(word).and_then(|at| self.phases.get(*at));
        known.map_or_else(|| word.clone(), |phase| phase.name.clone())
    }

    fn phase(&mut self, name: &Label) -> Option<&mut Phase> {
        if let Some(&at) = self.index.get(name) {
            return self.phases.get_mut(at);
        }
        if self.phases.len() >= MAX_PHASES {
            return None;
        }
        self.index.insert(name.clone(), self.phases.len());
        self.phases.push(Phase {
            name: name.clone(),
            of: 0,
            ignores: false,
            skipped: false,
            steps: BTreeMap::new(),
        });
        self.phases.last_mut()
    }

    /// The state of a step, made if there is room for it.
    fn step(&mut self, name: &Label, step: u32) -> Option<&mut StepState> {
        let full = self.states >= MAX_STATES;
        let before = self.states;
        let phase = self.phase(name)?;
        let new = !phase.steps.contains_key(&step);
        if new && full {
            return None;
        }
        phase.of = phase.of.max(step);
        self.states = before + usize::from(new);
        let phase = self.phase(name)?;
        Some(phase.steps.entry(step).or_default())
    }

    /// Takes a pane's mark. Returns whether anything changed.
    pub fn apply(&mut self, mark: &Mark, seen: Sighting<'_>) -> bool {
        match mark {
            Mark::Begin {
                phase,
                step,
                of,
                attempt,
            } => self.begin(&self.meant(phase), (*step, *of, *attempt), seen),
            Mark::End {
                phase,
                step,
                status,
                how,
            } => self.end(&self.meant(phase), *step, (*status, *how), seen),
            Mark::Held {
                phase,
                step,
                status,
            } => {
                let held = Held {
                    phase: self.meant(phase),
                    step: *step,
                    status: *status,
                    pane: seen.pane,
                };
                self.held.replace(held.clone()) != Some(held)
            }
            Mark::Skipped { phase, step } => self.skip(&self.meant(phase), *step),
            Mark::Finished { status } => {
                let was_held = self.held.take().is_some();
                self.result.replace(*status) != Some(*status) || was_held
            }
        }
    }

    fn skip(&mut self, name: &Label, step: Option<u32>) -> bool {
        match step {
            None => self
                .phase(name)
                .is_some_and(|phase| !std::mem::replace(&mut phase.skipped, true)),
            Some(step) => self
                .step(name, step)
                .is_some_and(|state| !std::mem::replace(&mut state.skipped, true)),
        }
    }

    fn begin(
        &mut self,
        name: &Label,
        (step, of, attempt): (u32, u32, u32),
        seen: Sighting<'_>,
    ) -> bool {
        let id = self.forgotten + self.runs.len() as u64 + 1;
        let Some(phase) = self.phase(name) else {
            return false;
        };
        phase.of = of;
        let run = Run {
            id,
            phase: name.clone(),
            step,
            attempt,
            by: seen.by.cloned(),
            pane: seen.pane,
            start: seen.now,
            duration: None,
            status: None,
            how: How::Done,
            output: Output {
                from: seen.at,
                ..Output::default()
            },
        };
        if let Some(state) = self.step(name, step) {
            state.last = Some(run.clone());
            state.tries = state.tries.saturating_add(1);
            state.skipped = false;
        }
        self.runs.push_back(run);
        if self.held.as_ref().is_some_and(|at| at.pane == seen.pane) {
            self.held = None;
        }
        let open = self.open.entry(seen.pane).or_default();
        let oldest = (open.len() >= MAX_OPEN).then(|| open.remove(0));
        open.push(id);
        if let Some(oldest) = oldest {
            self.close(oldest, (None, How::Interrupted), seen);
        }
        if self.runs.len() > MAX_RUNS {
            self.runs.pop_front();
            self.forgotten += 1;
        }
        true
    }

    /// Ends a pane's run of that step. Runs begun inside it whose end was never
    /// told end with it, unseen.
    fn end(
        &mut self,
        name: &Label,
        step: u32,
        (status, how): (u8, How),
        seen: Sighting<'_>,
    ) -> bool {
        let Some(open) = self.open.get(&seen.pane) else {
            return false;
        };
        let fits = |id: &u64| {
            self.run(*id)
                .is_some_and(|run| run.phase == *name && run.step == step)
        };
        let Some(place) = open.iter().rposition(fits) else {
            return false;
        };
        let ended = match self.open.get_mut(&seen.pane) {
            Some(open) => open.split_off(place),
            None => return false,
        };
        if place == 0 {
            self.open.remove(&seen.pane);
        }
        for (depth, id) in ended.into_iter().enumerate() {
            if depth == 0 {
                self.close(id, (Some(status), how), seen);
            } else {
                self.close(id, (None, How::Interrupted), seen);
            }
        }
        true
    }

    fn close(&mut self, id: u64, (status, how): (Option<u8>, How), seen: Sighting<'_>) {
        let at = self.place(id);
        let Some(run) = at.and_then(|at| self.runs.get_mut(at)) else {
            return;
        };
        run.duration = Some(seen.now.mono.saturating_sub(run.start.mono));
        run.status = status;
        run.how = how;
        run.output.to = seen.at;
        run.output.before_last = seen.at_start;
        let run = run.clone();
        let at = self.index.get(&run.phase);
        let phase = at.and_then(|at| self.phases.get_mut(*at));
        let state = phase.and_then(|phase| phase.steps.get_mut(&run.step));
        if let Some(last) = state.and_then(|state| state.last.as_mut())
            && last.id == id
        {
            *last = run;
        }
    }

    /// A pane is gone: what ran in it died. Returns whether anything did.
    pub fn pane_gone(&mut self, pane: PaneId, now: Now) -> bool {
        let held = self.held.take_if(|held| held.pane == pane).is_some();
        let Some(open) = self.open.remove(&pane) else {
            return held;
        };
        for id in open {
            self.close(id, (None, How::Died), Sighting::in_pane(pane, now));
        }
        true
    }

    fn place(&self, id: u64) -> Option<usize> {
        usize::try_from(id.checked_sub(self.forgotten + 1)?).ok()
    }

    /// A run by its number; none when it was forgotten.
    #[must_use]
    pub fn run(&self, id: u64) -> Option<&Run> {
        self.runs.get(self.place(id)?)
    }

    /// The runs, oldest first.
    pub fn runs(&self) -> impl DoubleEndedIterator<Item = &Run> + ExactSizeIterator {
        self.runs.iter()
    }

    /// The runs of one step, or of all steps of a phase, oldest first.
    pub fn runs_of<'a>(
        &'a self,
        phase: &'a Label,
        step: Option<u32>,
    ) -> impl DoubleEndedIterator<Item = &'a Run> {
        let wanted = move |run: &&Run| run.phase == *phase && step.is_none_or(|n| n == run.step);
        self.runs.iter().filter(wanted)
    }

    /// The innermost run under way in a pane.
    #[must_use]
    pub fn running_in(&self, pane: PaneId) -> Option<&Run> {
        self.run(*self.open.get(&pane)?.last()?)
    }

    /// The panes in which a step is under way or held.
    pub fn panes_in_use(&self) -> impl Iterator<Item = PaneId> {
        let held = self.held.as_ref().map(|held| held.pane);
        self.open.keys().copied().chain(held)
    }

    /// The exit status of the last whole build, once one was run.
    #[must_use]
    pub const fn result(&self) -> Option<u8> {
        self.result
    }

    /// Where the build is held.
    #[must_use]
    pub const fn held(&self) -> Option<&Held> {
        self.held.as_ref()
    }

    /// Whether a step is under way.
    #[must_use]
    pub fn is_running(&self) -> bool {
        !self.open.is_empty()
    }
}

#[cfg(test)]
mod tests;
