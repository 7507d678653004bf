//! The timeline as others see it: rows of phases and steps, one line of
//! summary, JSON, and the step that a name means. It changes nothing.

use std::time::Duration;

use serde_json::{Value, json};

use super::run::{Run, State, span, ticking};
use super::{Phase, StepState, Timeline};
use crate::base::{Label, Now, PaneId, width};

/// Which marks stand for states.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Signs {
    /// `✓ ✗ ● ○ ⊘`
    #[default]
    Unicode,
    /// `+ x * . -`, where a terminal shows no UTF-8.
    Ascii,
}

impl Signs {
    /// The mark of a state.
    #[must_use]
    pub const fn of(self, state: State) -> char {
        match self {
            Self::Unicode => state.mark(),
            Self::Ascii => state.ascii(),
        }
    }

    const fn ellipsis(self) -> &'static str {
        match self {
            Self::Unicode => "…",
            Self::Ascii => "..",
        }
    }
}

/// One row of `phase list`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The phase.
    pub phase: Label,
    /// Its state.
    pub state: State,
    /// The step that is held, failed first or runs, else how many have run.
    pub step: u32,
    /// How many it has.
    pub of: u32,
    /// The status of its last failure, else of its last run.
    pub status: Option<u8>,
    /// The sum of the last run of each step.
    pub duration: Duration,
    /// How long the step that runs has been running.
    pub running: Option<Duration>,
    /// The pane of its latest run.
    pub pane: Option<PaneId>,
}

impl std::fmt::Display for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} {:<16} {:>5}",
            self.state.mark(),
            self.phase,
            format!("{}/{}", self.step, self.of)
        )?;
        if let Some(status) = self.status {
            write!(f, "  exit {status:<3}")?;
        }
        if self.pane.is_some() {
            write!(f, "  {:>7}", span(self.duration))?;
        }
        if let Some(pane) = self.pane {
            write!(f, "  {pane}")?;
        }
        if self.state == State::Held {
            write!(f, "  held")?;
        }
        Ok(())
    }
}

/// What is known of one step.
#[derive(Clone, Copy, Debug)]
pub struct StepRow<'a> {
    /// Its state.
    pub state: State,
    /// Its last run.
    pub run: Option<&'a Run>,
    /// How often it ran.
    pub tries: u32,
}

/// A phase by its place in the build, and a step of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StepRef {
    /// The phase, from 0.
    pub phase: usize,
    /// The step, from 1; none is the whole phase.
    pub step: Option<u32>,
}

/// Where the build stands: for shells that ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stand {
    /// The phase.
    pub phase: Label,
    /// The step, from 1; 0 when all is done.
    pub step: u32,
    /// `held`, `running`, `next` or `done`.
    pub word: &'static str,
}

impl Timeline {
    /// How many phases there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.phases.len()
    }

    /// Whether no phase is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.phases.is_empty()
    }

    /// A phase's name.
    #[must_use]
    pub fn name(&self, phase: usize) -> Option<&Label> {
        self.phases.get(phase).map(|phase| &phase.name)
    }

    /// The place of a phase, by its name.
    #[must_use]
    pub fn place_of(&self, name: &Label) -> Option<usize> {
        self.index.get(name).copied()
    }

    /// How many steps a phase has.
    #[must_use]
    pub fn steps(&self, phase: usize) -> u32 {
        self.phases.get(phase).map_or(0, |phase| phase.of)
    }

    /// A phase's row.
    #[must_use]
    pub fn row(&self, phase: usize, now: Now) -> Option<Row> {
        Some(self.row_of(self.phases.get(phase)?, now))
    }

    /// A step's row; `step` counts from 1.
    #[must_use]
    pub fn step_row(&self, phase: usize, step: u32) -> Option<StepRow<'_>> {
        let phase = self.phases.get(phase)?;
        let state = phase.steps.get(&step);
        let run = state.and_then(|state| state.last.as_ref());
        let held = self.held_at(phase) == Some(step);
        let skipped = phase.skipped || state.is_some_and(|state| state.skipped);
        Some(StepRow {
            state: match run {
                Some(run) if held && !run.is_running() => State::Held,
                Some(run) if !skipped || run.is_running() => run.state(),
                _ if skipped => State::Skipped,
                Some(run) => run.state(),
                None => State::Pending,
            },
            run,
            tries: state.map_or(0, |state| state.tries),
        })
    }

    fn held_at(&self, phase: &Phase) -> Option<u32> {
        let held = self.held.as_ref()?;
        (held.phase == phase.name).then_some(held.step)
    }

    fn row_of(&self, phase: &Phase, now: Now) -> Row {
        let (mut running, mut failure, mut latest) = (None, None, None::<&Run>);
        let (mut ran, mut duration) = (0_u32, Duration::ZERO);
        for state in phase.steps.values() {
            ran += u32::from(state.last.is_some() || state.skipped);
            let Some(run) = &state.last else {
                continue;
            };
            duration += run.took(now);
            if latest.is_none_or(|latest| latest.id < run.id) {
                latest = Some(run);
            }
            if run.is_running() {
                running = running.or(Some(run));
            } else if run.status != Some(0) {
                failure = failure.or(Some(run));
            }
        }
        let (state, step) = match (running, self.held_at(phase), failure) {
            (Some(run), _, _) => (State::Running, run.step),
            (None, Some(step), _) => (State::Held, step),
            (None, None, Some(run)) if !phase.ignores => (State::Failed, run.step),
            (None, None, _) if latest.is_some() => (State::Passed, ran),
            _ if phase.skipped || (ran > 0 && ran >= phase.of) => (State::Skipped, 0),
            _ => (State::Pending, 0),
        };
        let told = failure.or(latest).and_then(|run| run.status);
        Row {
            phase: phase.name.clone(),
            state,
            step,
            of: phase.of,
            status: told.filter(|_| state != State::Running),
            duration,
            running: running.map(|run| run.took(now)),
            pane: latest.map(|run| run.pane),
        }
    }

    /// One row a phase, in the order of the build.
    #[must_use]
    pub fn list(&self, now: Now) -> Vec<Row> {
        let rows = self.phases.iter();
        rows.map(|phase| self.row_of(phase, now)).collect()
    }

    /// What ran in one line of at most so many columns:
    /// `✓ install 12s  ✗ script 2/5 held  ● after_script 1/2 3s`. Phases that did
    /// not run are left out, the oldest that passed too where room is short;
    /// empty when none ran.
    #[must_use]
    pub fn summary(&self, now: Now, signs: Signs, columns: usize) -> Label {
        let mut parts: Vec<(bool, String)> = Vec::new();
        for row in self.list(now) {
            if let Some(part) = part(&row, signs) {
                parts.push((row.state == State::Passed, part));
            }
        }
        let length = |parts: &[(bool, String)]| {
            let text: usize = parts.iter().map(|(_, part)| width::str_width(part)).sum();
            text + 2 * parts.len().saturating_sub(1)
        };
        let mut left = length(&parts);
        let before = parts.len();
        let newest = before.saturating_sub(1);
        let mut nth = 0;
        parts.retain(|(passed, part)| {
            let drops = *passed && left > columns && nth < newest;
            nth += 1;
            if drops {
                left = left.saturating_sub(width::str_width(part) + 2);
            }
            !drops
        });
        let words: Vec<&str> = parts.iter().map(|(_, part)| part.as_str()).collect();
        let mut text = words.join("  ");
        if parts.len() < before {
            text = format!("{}  {text}", signs.ellipsis());
        }
        if width::str_width(&text) > columns {
            let room = columns.saturating_sub(width::str_width(signs.ellipsis()));
            text = format!("{}{}", width::prefix(&text, room), signs.ellipsis());
        }
        Label::new(&text)
    }

    /// The run of which one would speak now: one under way, the step at which
    /// the build is held, or the last that ran.
    #[must_use]
    pub fn current(&self) -> Option<&Run> {
        let under_way = self.open.values().filter_map(|open| open.last()).max();
        if let Some(run) = under_way.and_then(|id| self.run(*id)) {
            return Some(run);
        }
        if let Some(held) = &self.held
            && let Some(at) = self.index.get(&held.phase)
            && let Some(state) = self.phases.get(*at).and_then(|p| p.steps.get(&held.step))
        {
            return state.last.as_ref();
        }
        self.runs.back()
    }

    /// The latest run of a phase's steps.
    #[must_use]
    pub fn latest_of(&self, phase: usize) -> Option<&Run> {
        let steps = self.phases.get(phase)?.steps.values();
        steps.filter_map(last_of).max_by_key(|run| run.id)
    }

    /// The last run of a step that a mark names.
    #[must_use]
    pub fn last_of(&self, phase: &Label, step: u32) -> Option<&Run> {
        let phase = self.phases.get(self.place_of(&self.meant(phase))?)?;
        last_of(phase.steps.get(&step)?)
    }

    /// The runs of a step, or of a phase's steps, oldest first.
    #[must_use]
    pub fn list_runs(&self, at: StepRef) -> Vec<&Run> {
        let Some(name) = self.name(at.phase) else {
            return Vec::new();
        };
        self.runs_of(name, at.step).collect()
    }

    /// Where the build stands: the step at which it is held, that runs, or that
    /// comes after the last one that ran, in the order of the file.
    #[must_use]
    pub fn stand(&self) -> Stand {
        let at = |phase: &Label, step: u32, word| Stand {
            phase: phase.clone(),
            step,
            word,
        };
        if let Some(held) = &self.held {
            return at(&held.phase, held.step, "held");
        }
        let Some(run) = self.current() else {
            return self.first_from(0, 1);
        };
        if run.is_running() {
            return at(&run.phase, run.step, "running");
        }
        let phase = self.index.get(&run.phase).copied().unwrap_or(0);
        self.first_from(phase, run.step + 1)
    }

    /// The first step from there on that is not skipped.
    fn first_from(&self, phase: usize, step: u32) -> Stand {
        let mut step = step;
        for entry in self.phases.iter().skip(phase) {
            while !entry.skipped && step <= entry.of {
                if entry.steps.get(&step).is_none_or(|state| !state.skipped) {
                    return Stand {
                        phase: entry.name.clone(),
                        step,
                        word: "next",
                    };
                }
                step += 1;
            }
            step = 1;
        }
        Stand {
            phase: Label::new("-"),
            step: 0,
            word: "done",
        }
    }

    /// The phase or step that a text names: `NAME`, `NAME:N`, or the beginning of
    /// a name that fits one phase only.
    ///
    /// # Errors
    /// What is wrong with it, in one line.
    pub fn resolve(&self, text: &str) -> Result<StepRef, String> {
        if let Some(phase) = self.phase_named(text)? {
            return Ok(StepRef { phase, step: None });
        }
        if let Some((name, number)) = text.rsplit_once(':')
            && let Ok(step) = number.parse::<u32>()
            && let Some(phase) = self.phase_named(name)?
        {
            let of = self.steps(phase);
            if step == 0 || step > of {
                let name = self.phases.get(phase).map_or("", |p| p.name.as_str());
                let has = if of == 1 { "step" } else { "steps" };
                return Err(format!("{name} has {of} {has}, not {step}"));
            }
            return Ok(StepRef {
                phase,
                step: Some(step),
            });
        }
        let known: Vec<&str> = self.phases.iter().map(|p| p.name.as_str()).collect();
        let shown = known
            .iter()
            .take(12)
            .copied()
            .collect::<Vec<_>>()
            .join(", ");
        let more = if known.len() > 12 { ", …" } else { "" };
        Err(format!(
            "no phase {} (there are: {shown}{more})",
            Label::new(text)
        ))
    }

    /// The phase of a name, or of the beginning of one, without regard to case
    /// where nothing else fits.
    fn phase_named(&self, text: &str) -> Result<Option<usize>, String> {
        if text.is_empty() {
            return Ok(None);
        }
        let name = Label::new(text);
        if let Some(at) = self.index.get(&name).or_else(|| self.words.get(&name)) {
            return Ok(Some(*at));
        }
        let wanted = text.to_lowercase();
        let fits = |phase: &&Phase| phase.name.as_str().to_lowercase().starts_with(&wanted);
        let mut found = self.phases.iter().filter(fits);
        match (found.next(), found.next()) {
            (Some(one), None) => Ok(self.index.get(&one.name).copied()),
            (Some(one), Some(other)) => Err(format!(
                "{} may be {} or {}",
                Label::new(text),
                one.name,
                other.name
            )),
            (None, _) => Ok(None),
        }
    }

    /// The whole timeline, times in microseconds. `lines` says on which lines of
    /// its pane a run's output begins and ends, as `capture-pane` counts them.
    #[must_use]
    pub fn json(&self, now: Now, lines: &dyn Fn(&Run) -> Option<(i64, i64)>) -> Value {
        let phases: Vec<Value> = self
            .list(now)
            .iter()
            .map(|row| {
                json!({
                    "name": row.phase.as_str(), "state": row.state.word(),
                    "step": row.step, "steps": row.of, "status": row.status,
                    "duration_us": micros(row.duration),
                })
            })
            .collect();
        let runs: Vec<Value> = self
            .runs
            .iter()
            .map(|run| {
                let lines = lines(run);
                json!({
                    "id": run.id, "phase": run.phase.as_str(), "step": run.step,
                    "try": run.attempt, "by": run.by.as_ref().map(Label::as_str),
                    "pane": run.pane.to_string(), "start_us": run.start.unix_us,
                    "running": run.is_running(), "duration_us": micros(run.took(now)),
                    "status": run.status, "how": run.how.word(),
                    "begins": lines.map(|lines| lines.0), "ends": lines.map(|lines| lines.1),
                })
            })
            .collect();
        let held = self.held.as_ref().map(|held| {
            json!({
                "phase": held.phase.as_str(), "step": held.step,
                "status": held.status, "pane": held.pane.to_string(),
            })
        });
        json!({ "phases": phases, "runs": runs, "held": held, "result": self.result })
    }
}

fn last_of(state: &StepState) -> Option<&Run> {
    state.last.as_ref()
}

/// A phase's part of the summary.
fn part(row: &Row, signs: Signs) -> Option<String> {
    let (mark, name) = (signs.of(row.state), &row.phase);
    let place = if row.of > 1 {
        format!(" {}/{}", row.step, row.of)
    } else {
        String::new()
    };
    Some(match row.state {
        State::Pending | State::Skipped => return None,
        State::Passed if row.step >= row.of => format!("{mark} {name} {}", span(row.duration)),
        State::Passed | State::Failed => format!("{mark} {name}{place}"),
        State::Held => format!("{mark} {name}{place} held"),
        State::Running => {
            let elapsed = row.running.map(ticking).unwrap_or_default();
            format!("{mark} {name}{place} {elapsed}")
        }
    })
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
