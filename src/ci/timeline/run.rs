//! One run of one step, the states of phases and steps, and how both are put
//! into words. It holds no list of them.

use std::time::Duration;

use super::mark::How;
use crate::base::{Anchor, Label, Now, PaneId};

/// Where the output of a run lies in its pane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// The line on which the run began; none when its mark stood nowhere.
    pub from: Option<Anchor>,
    /// The line on which it ended; none while it runs.
    pub to: Option<Anchor>,
    /// The last line is no part of it: the end stood at its beginning.
    pub before_last: bool,
}

/// One run of one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its number in the timeline, from 1, never reused.
    pub id: u64,
    /// Its phase.
    pub phase: Label,
    /// Its step, from 1.
    pub step: u32,
    /// Which try of the step it was, as its shell counts, from 1.
    pub attempt: u32,
    /// Who typed last in its pane; nobody did where the build runs by itself.
    pub by: Option<Label>,
    /// Where it ran.
    pub pane: PaneId,
    /// When it began, by the server's clock.
    pub start: Now,
    /// How long it took; `None` while it runs.
    pub duration: Option<Duration>,
    /// Its exit status; `None` while it runs, or when nobody saw it.
    pub status: Option<u8>,
    /// How it ended.
    pub how: How,
    /// Where its output lies.
    pub output: Output,
}

impl Run {
    /// Whether it is under way.
    #[must_use]
    pub const fn is_running(&self) -> bool {
        self.duration.is_none()
    }

    /// How long it took, or has been running.
    #[must_use]
    pub fn took(&self, now: Now) -> Duration {
        self.duration
            .unwrap_or_else(|| now.mono.saturating_sub(self.start.mono))
    }

    /// Who ran it: a client's name, or `build`.
    #[must_use]
    pub fn who(&self) -> &str {
        self.by.as_ref().map_or("build", Label::as_str)
    }

    /// Its state by itself.
    #[must_use]
    pub fn state(&self) -> State {
        match (self.is_running(), self.status) {
            (true, _) => State::Running,
            (false, Some(0)) => State::Passed,
            (false, _) => State::Failed,
        }
    }

    /// Its end in a few words: `exit 2`, `exit 2 (ended the phase)`, `died`.
    #[must_use]
    pub fn end(&self) -> String {
        let status = self.status.map(|status| format!("exit {status}"));
        match (self.is_running(), status, self.how) {
            (true, _, _) => "running".to_owned(),
            (false, Some(status), How::Done) => status,
            (false, Some(status), How::EndedPhase) => format!("{status} (ended the phase)"),
            (false, Some(status), how) => format!("{status} ({})", how.word()),
            (false, None, how) => how.word().to_owned(),
        }
    }
}

/// The state of a phase or step.
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
    /// The same, and the build is held there.
    Held,
    /// It is skipped.
    Skipped,
}

impl State {
    /// The mark that is shown before a name.
    #[must_use]
    pub const fn mark(self) -> char {
        match self {
            Self::Pending => '○',
            Self::Running => '●',
            Self::Passed => '✓',
            Self::Failed | Self::Held => '✗',
            Self::Skipped => '⊘',
        }
    }

    /// The mark where only ASCII is shown.
    #[must_use]
    pub const fn ascii(self) -> char {
        match self {
            Self::Pending => '.',
            Self::Running => '*',
            Self::Passed => '+',
            Self::Failed | Self::Held => 'x',
            Self::Skipped => '-',
        }
    }

    /// The state's name in JSON, lists and formats.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Held => "held",
            Self::Skipped => "skipped",
        }
    }
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

/// A duration that still grows, in whole seconds: `4s`, `3m05s`.
#[must_use]
pub fn ticking(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..10 => format!("{seconds}s"),
        _ => span(duration),
    }
}
