//! What ran: marks from the shells become runs, runs become the state of each
//! phase. The time of every run is the server's; the shell's own is never asked
//! for. A mark without the right nonce is nothing; all is bounded.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Duration;

use serde_json::{Value, json};

use super::model::{Job, OnFailure};
use crate::base::{Label, Now, PaneId};

/// The longest mark that is read, in bytes.
pub const MAX_MARK: usize = 1024;
/// The most runs that are remembered; the oldest go first.
pub const MAX_RUNS: usize = 20_000;
/// The most phases that are remembered.
const MAX_PHASES: usize = 1000;
/// The most steps of a phase whose state is remembered.
const MAX_STEPS: u32 = 10_000;
/// The deepest nesting of steps in one pane (a step may run a phase).
const MAX_OPEN: usize = 64;

/// One report of a shell: the payload of `ESC ] 7717 ; NONCE ; … BEL`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// A step begins.
    Begin {
        /// Its phase.
        phase: Label,
        /// Its number, from 1.
        step: u32,
        /// How many steps the phase has.
        of: u32,
    },
    /// A step ended.
    End {
        /// Its phase.
        phase: Label,
        /// Its number, from 1.
        step: u32,
        /// Its exit status.
        status: u8,
        /// How it ended.
        how: How,
    },
    /// A phase is skipped by the file.
    Skipped {
        /// The phase.
        phase: Label,
    },
    /// The whole build is done.
    Finished {
        /// Its exit status.
        status: u8,
    },
}

/// How a step ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum How {
    /// By reaching its end.
    #[default]
    Done,
    /// It ended its phase (`exit`, `set -e`).
    EndedPhase,
    /// By Ctrl-C.
    Interrupted,
    /// Its shell is gone.
    Died,
}

impl How {
    const fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::EndedPhase => "ended-phase",
            Self::Interrupted => "interrupted",
            Self::Died => "died",
        }
    }
}

impl Mark {
    /// The mark of a payload (`NONCE;KIND;key=value;…`); nothing when the nonce is
    /// not this one, when this one is empty, or when the mark is not well formed.
    /// Unknown keys are passed over.
    #[must_use]
    pub fn parse(payload: &str, nonce: &str) -> Option<Self> {
        if nonce.is_empty() || payload.len() > MAX_MARK {
            return None;
        }
        let rest = payload.strip_prefix(nonce)?.strip_prefix(';')?;
        let mut parts = rest.split(';');
        let kind = parts.next()?;
        let (mut phase, mut step, mut of, mut status) = (None, None, None, None);
        let mut how = How::Done;
        for part in parts {
            let (key, value) = part.split_once('=')?;
            match key {
                "phase" => phase = Some(Label::new(value)).filter(|name| !name.is_empty()),
                "step" => {
                    step = value
                        .parse::<u32>()
                        .ok()
                        .filter(|n| (1..=MAX_STEPS).contains(n))
                }
                "of" => {
                    of = value
                        .parse::<u32>()
                        .ok()
                        .filter(|n| (1..=MAX_STEPS).contains(n))
                }
                "status" => status = value.parse::<u8>().ok(),
                "ended" => how = How::EndedPhase,
                "interrupted" => how = How::Interrupted,
                "died" => how = How::Died,
                _ => {}
            }
        }
        Some(match kind {
            "B" => Self::Begin {
                phase: phase?,
                step: step?,
                of: of.or(step)?.max(step?),
            },
            "D" => Self::End {
                phase: phase?,
                step: step?,
                status: status?,
                how,
            },
            "S" => Self::Skipped { phase: phase? },
            "F" => Self::Finished { status: status? },
            _ => return None,
        })
    }
}

/// One run of one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its number in the timeline, from 0, never reused.
    pub id: u64,
    /// Its phase.
    pub phase: Label,
    /// Its step, from 1.
    pub step: u32,
    /// Where it ran.
    pub pane: PaneId,
    /// When it began.
    pub start: Now,
    /// How long it took; `None` while it runs.
    pub duration: Option<Duration>,
    /// Its exit status; `None` while it runs, or when nobody saw it.
    pub status: Option<u8>,
    /// How it ended.
    pub how: How,
}

impl Run {
    /// Whether it is under way.
    #[must_use]
    pub const fn is_running(&self) -> bool {
        self.duration.is_none()
    }

    fn took(&self, now: Now) -> Duration {
        self.duration
            .unwrap_or_else(|| now.mono.saturating_sub(self.start.mono))
    }
}

/// The state of a phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Nothing ran yet.
    Pending,
    /// A step runs.
    Running,
    /// The last run of every step that ran was good, or its failure counts for nothing.
    Passed,
    /// The last run of some step failed.
    Failed,
    /// The file skips it.
    Skipped,
}

impl State {
    /// The mark that is shown before a phase's name.
    #[must_use]
    pub const fn mark(self) -> char {
        match self {
            Self::Pending => '·',
            Self::Running => '●',
            Self::Passed => '✓',
            Self::Failed => '✗',
            Self::Skipped => '-',
        }
    }

    /// The state's name in JSON and lists.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

#[derive(Clone, Debug)]
struct Phase {
    name: Label,
    of: u32,
    ignores: bool,
    skipped: bool,
    /// The last run of each step.
    last: BTreeMap<u32, Run>,
}

/// One row of `phase list`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The phase.
    pub phase: Label,
    /// Its state.
    pub state: State,
    /// The step that failed first or runs, else how many have run.
    pub step: u32,
    /// How many it has.
    pub of: u32,
    /// The status of its last failure, else of its last run.
    pub status: Option<u8>,
    /// The sum of the last run of each step.
    pub duration: Duration,
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
        Ok(())
    }
}

/// What ran in a session.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    runs: VecDeque<Run>,
    first: u64,
    open: HashMap<PaneId, Vec<u64>>,
    phases: Vec<Phase>,
    index: HashMap<Label, usize>,
    result: Option<u8>,
}

impl Timeline {
    /// An empty timeline that knows the phases of a job.
    #[must_use]
    pub fn for_job(job: &Job) -> Self {
        let mut timeline = Self::default();
        for (phase, key) in job.phases.iter().zip(super::functions::keys(job)) {
            let steps = u32::try_from(phase.steps.len()).unwrap_or(MAX_STEPS);
            let ignores = phase
                .steps
                .iter()
                .all(|s| s.on_failure == OnFailure::Ignore);
            if let Some(entry) = timeline.phase(&Label::new(&key)) {
                entry.of = steps.min(MAX_STEPS);
                entry.ignores = ignores && !phase.steps.is_empty();
                entry.skipped = phase.skipped;
            }
        }
        timeline
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
            last: BTreeMap::new(),
        });
        self.phases.last_mut()
    }

    /// Takes a pane's mark. Returns whether anything changed.
    pub fn apply(&mut self, mark: &Mark, pane: PaneId, now: Now) -> bool {
        match mark {
            Mark::Begin { phase, step, of } => self.begin(phase, *step, *of, pane, now),
            Mark::End {
                phase,
                step,
                status,
                how,
            } => self.end(phase, *step, *status, *how, pane, now),
            Mark::Skipped { phase } => self
                .phase(phase)
                .is_some_and(|phase| !std::mem::replace(&mut phase.skipped, true)),
            Mark::Finished { status } => self.result.replace(*status) != Some(*status),
        }
    }

    fn begin(&mut self, name: &Label, step: u32, of: u32, pane: PaneId, now: Now) -> bool {
        let id = self.first + self.runs.len() as u64;
        let Some(phase) = self.phase(name) else {
            return false;
        };
        let run = Run {
            id,
            phase: name.clone(),
            step,
            pane,
            start: now,
            duration: None,
            status: None,
            how: How::Done,
        };
        phase.of = of;
        phase.last.insert(step, run.clone());
        self.runs.push_back(run);
        let open = self.open.entry(pane).or_default();
        if open.len() >= MAX_OPEN {
            open.remove(0);
        }
        open.push(id);
        if self.runs.len() > MAX_RUNS {
            self.runs.pop_front();
            self.first += 1;
        }
        true
    }

    /// Ends a pane's run of that step. Runs begun inside it whose end was never
    /// told end with it, unseen.
    fn end(
        &mut self,
        name: &Label,
        step: u32,
        status: u8,
        how: How,
        pane: PaneId,
        now: Now,
    ) -> bool {
        let Some(open) = self.open.get_mut(&pane) else {
            return false;
        };
        let (first, runs) = (self.first, &self.runs);
        let at = |id: &u64| {
            usize::try_from(id.checked_sub(first)?)
                .ok()
                .and_then(|i| runs.get(i))
        };
        let fits = |id: &u64| at(id).is_some_and(|run| run.phase == *name && run.step == step);
        let Some(place) = open.iter().rposition(fits) else {
            return false;
        };
        let ended = open.split_off(place);
        if open.is_empty() {
            self.open.remove(&pane);
        }
        for (depth, id) in ended.into_iter().enumerate() {
            if depth == 0 {
                self.close(id, Some(status), how, now);
            } else {
                self.close(id, None, How::Interrupted, now);
            }
        }
        true
    }

    fn close(&mut self, id: u64, status: Option<u8>, how: How, now: Now) {
        let at = id
            .checked_sub(self.first)
            .and_then(|at| usize::try_from(at).ok());
        let Some(run) = at.and_then(|at| self.runs.get_mut(at)) else {
            return;
        };
        run.duration = Some(now.mono.saturating_sub(run.start.mono));
        run.status = status;
        run.how = how;
        let run = run.clone();
        if let Some(phase) = self.phase(&run.phase.clone())
            && let Some(last) = phase.last.get_mut(&run.step)
            && last.id == id
        {
            *last = run;
        }
    }

    /// A pane is gone: what ran in it died. Returns whether anything did.
    pub fn pane_gone(&mut self, pane: PaneId, now: Now) -> bool {
        let Some(open) = self.open.remove(&pane) else {
            return false;
        };
        for id in open {
            self.close(id, None, How::Died, now);
        }
        true
    }

    /// The runs, oldest first.
    pub fn runs(&self) -> impl DoubleEndedIterator<Item = &Run> + ExactSizeIterator {
        self.runs.iter()
    }

    /// The exit status of the last whole build, once one was run.
    #[must_use]
    pub const fn result(&self) -> Option<u8> {
        self.result
    }

    /// Whether a step is under way.
    #[must_use]
    pub fn is_running(&self) -> bool {
        !self.open.is_empty()
    }

    /// One row a phase, in the order of the build.
    #[must_use]
    pub fn list(&self, now: Now) -> Vec<Row> {
        self.phases.iter().map(|phase| phase.row(now)).collect()
    }

    /// What ran in one line: `✓ install 12s  ✗ script 2/5  ● after_script 1/2`.
    /// Phases that did not run are left out; empty when none did.
    #[must_use]
    pub fn summary(&self, now: Now) -> Label {
        let mut parts = Vec::new();
        for row in self.list(now) {
            let (mark, name) = (row.state.mark(), &row.phase);
            match row.state {
                State::Pending | State::Skipped => {}
                State::Passed if row.step >= row.of => {
                    parts.push(format!("{mark} {name} {}", span(row.duration)));
                }
                State::Passed | State::Failed | State::Running => {
                    parts.push(format!("{mark} {name} {}/{}", row.step, row.of));
                }
            }
        }
        Label::new(&parts.join("  "))
    }

    /// The whole timeline, times in microseconds.
    #[must_use]
    pub fn json(&self, now: Now) -> Value {
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
                json!({
                    "id": run.id, "phase": run.phase.as_str(), "step": run.step,
                    "pane": run.pane.to_string(), "start_us": run.start.unix_us,
                    "running": run.is_running(), "duration_us": micros(run.took(now)),
                    "status": run.status, "how": run.how.word(),
                })
            })
            .collect();
        json!({ "phases": phases, "runs": runs, "result": self.result })
    }
}

impl Phase {
    fn row(&self, now: Now) -> Row {
        let failed = |run: &&Run| !run.is_running() && run.status != Some(0);
        let running = self.last.values().find(|run| run.is_running());
        let failure = self.last.values().find(failed);
        let latest = self.last.values().max_by_key(|run| run.id);
        let ran = u32::try_from(self.last.len()).unwrap_or(MAX_STEPS);
        let (state, step) = match (running, failure) {
            (Some(run), _) => (State::Running, run.step),
            (None, Some(run)) if !self.ignores => (State::Failed, run.step),
            (None, _) if ran > 0 => (State::Passed, ran),
            _ if self.skipped => (State::Skipped, 0),
            _ => (State::Pending, 0),
        };
        let told = failure.or(latest).and_then(|run| run.status);
        Row {
            phase: self.name.clone(),
            state,
            step,
            of: self.of,
            status: told.filter(|_| state != State::Running),
            duration: self.last.values().map(|run| run.took(now)).sum(),
            pane: latest.map(|run| run.pane),
        }
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// A duration for people: `0.4s`, `12s`, `3m05s`, `2h07m`.
#[must_use]
pub fn span(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..10 => format!("{}.{}s", seconds, duration.subsec_millis() / 100),
        10..60 => format!("{seconds}s"),
        60..3600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        _ => format!("{}h{:02}m", seconds / 3600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const PANE: PaneId = PaneId(3);

    fn at(seconds: u64) -> Now {
        Now::default().after(Duration::from_secs(seconds))
    }

    fn play(timeline: &mut Timeline, marks: &[(u64, &str)]) {
        for (when, text) in marks {
            let mark = Mark::parse(&format!("n0;{text}"), "n0").unwrap();
            timeline.apply(&mark, PANE, at(*when));
        }
    }

    #[test]
    fn mark_is_read_only_with_its_nonce_and_in_shape() {
        let good = Mark::parse("ab;B;phase=script;step=2;of=5;later=x", "ab");
        assert!(matches!(good, Some(Mark::Begin { step: 2, of: 5, .. })));
        for bad in [
            "xx;B;phase=script;step=2;of=5",
            ";B;phase=a;step=1",
            "ab;B;phase=;step=1;of=1",
            "ab;B;phase=a;step=0;of=1",
            "ab;B;phase=a;step=99999;of=1",
            "ab;D;phase=a;step=1;status=300",
            "ab;D;phase=a;step=1",
            "ab;Z;phase=a",
            "ab;B;phase",
            "ab",
        ] {
            assert_eq!(Mark::parse(bad, "ab"), None, "{bad}");
        }
        assert_eq!(Mark::parse(";F;status=0", ""), None);
        let long = format!("ab;S;phase={}", "x".repeat(MAX_MARK));
        assert_eq!(Mark::parse(&long, "ab"), None);
    }

    #[test]
    fn summary_shows_what_passed_failed_and_runs() {
        let mut timeline = Timeline::default();
        assert!(timeline.summary(at(0)).is_empty());
        play(
            &mut timeline,
            &[
                (0, "B;phase=install;step=1;of=1"),
                (12, "D;phase=install;step=1;status=0"),
                (12, "S;phase=before_script"),
                (12, "B;phase=script;step=1;of=5"),
                (13, "D;phase=script;step=1;status=0"),
                (13, "B;phase=script;step=2;of=5"),
                (14, "D;phase=script;step=2;status=3"),
                (14, "B;phase=after_script;step=1;of=2"),
            ],
        );
        assert_eq!(
            timeline.summary(at(20)).as_str(),
            "✓ install 12s  ✗ script 2/5  ● after_script 1/2"
        );
        let rows = timeline.list(at(20));
        assert_eq!(
            rows[2].to_string(),
            "✗ script             2/5  exit 3       2.0s  %3"
        );
        assert_eq!(rows[1].state, State::Skipped);
        assert_eq!(timeline.json(at(20))["runs"][3]["duration_us"], 6_000_000);
    }

    #[test]
    fn retried_step_counts_by_its_last_run() {
        let mut timeline = Timeline::default();
        let run = |status| format!("D;phase=script;step=1;status={status}");
        let begin = "B;phase=script;step=1;of=1";
        play(
            &mut timeline,
            &[(0, begin), (1, &run(1)), (2, begin), (5, &run(0))],
        );
        assert_eq!(timeline.summary(at(9)).as_str(), "✓ script 3.0s");
        assert_eq!(timeline.runs().len(), 2);
    }

    #[test]
    fn nested_run_ends_with_the_step_around_it() {
        let mut timeline = Timeline::default();
        play(
            &mut timeline,
            &[
                (0, "B;phase=script;step=1;of=1"),
                (1, "B;phase=install;step=1;of=1"),
                (2, "D;phase=script;step=1;status=0"),
                (3, "D;phase=install;step=1;status=0"),
            ],
        );
        assert!(!timeline.is_running());
        let hows: Vec<How> = timeline.runs().map(|run| run.how).collect();
        assert_eq!(hows, [How::Done, How::Interrupted]);
    }

    #[test]
    fn run_dies_with_its_pane() {
        let mut timeline = Timeline::default();
        play(&mut timeline, &[(0, "B;phase=script;step=1;of=1")]);
        assert!(timeline.pane_gone(PANE, at(4)));
        assert!(!timeline.pane_gone(PANE, at(5)));
        assert_eq!(timeline.runs().next().unwrap().how, How::Died);
        assert_eq!(timeline.list(at(9))[0].state, State::Failed);
    }

    #[test]
    fn timeline_is_bounded() {
        let mut timeline = Timeline::default();
        for n in 0..MAX_RUNS + 10 {
            let step = n % 7 + 1;
            let mark = format!("x;B;phase=p;step={step};of=7");
            timeline.apply(&Mark::parse(&mark, "x").unwrap(), PaneId(0), at(0));
        }
        assert_eq!(timeline.runs().len(), MAX_RUNS);
        assert!(timeline.open[&PaneId(0)].len() <= MAX_OPEN);
    }

    #[test]
    fn ignored_failures_leave_a_phase_passed() {
        let build = crate::ci::travis::load("script: make\nafter_script: [a, b]\n", "f").unwrap();
        let mut timeline = Timeline::for_job(&build.jobs[0]);
        play(
            &mut timeline,
            &[
                (0, "B;phase=after_script;step=2;of=2"),
                (1, "D;phase=after_script;step=2;status=1"),
            ],
        );
        let rows = timeline.list(at(1));
        let row = rows
            .iter()
            .find(|row| row.phase.as_str() == "after_script")
            .unwrap();
        assert_eq!((row.state, row.step, row.of), (State::Passed, 1, 2));
        assert!(rows.iter().any(|row| row.state == State::Pending));
    }
}
