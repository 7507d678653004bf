//! How long a debug VM lives: its limits, what counts against them, and why it
//! ended. Times are the engine's own; it reads no clock and ends nothing.
//!
//! ```text
//!  start ──────── the build is over, or held ──────────────┬──────────┬─────→
//!    │                    │ wait: nobody has come ─────────┘          │
//!    │                    │ keep ─────────────────────────────────────┤
//!    │                    └ idle: since the last key, output or leave ┤
//!    └ max: whatever happens ─────────────────────────────────────────┘
//! ```

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::base::duration::in_words;

/// Before the end everyone is warned when so much time is left.
pub const WARNINGS: [Duration; 2] = [Duration::from_secs(300), Duration::from_secs(60)];

/// The limits; without any the debug VM lives until its last window is closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// How long nobody may have come, after the start or the build.
    pub wait: Option<Duration>,
    /// How long it stays after the start or the build.
    pub keep: Option<Duration>,
    /// How long nobody may do anything, once somebody has come.
    pub idle: Option<Duration>,
    /// How long it stays after the start, whatever happens.
    pub max: Option<Duration>,
    /// How long after the start it may be extended to; otherwise `max`.
    pub cap: Option<Duration>,
}

impl Limits {
    /// Whether any of them is set.
    #[must_use]
    pub fn any(&self) -> bool {
        self.wait.or(self.keep).or(self.idle).or(self.max).is_some()
    }

    /// The longest time after which it ends even if people work in it, and that
    /// only `extend` moves.
    #[must_use]
    pub fn stays(&self) -> Option<Duration> {
        self.keep.into_iter().chain(self.max).min()
    }

    fn hard(&self) -> Option<Duration> {
        match (self.max, self.cap) {
            (Some(max), Some(cap)) => Some(max.max(cap)),
            (max, cap) => cap.or(max),
        }
    }
}

/// Why a debug VM ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reason {
    /// Nobody came.
    Wait,
    /// It has stayed as long as it was to be kept.
    Keep,
    /// Nobody did anything.
    Idle,
    /// It may not stay longer.
    Max,
    /// `stepmux finish`.
    Finish,
    /// `stepmux continue`.
    Continue,
    /// Its last window was closed, or its session killed.
    Exit,
}

/// The end of a debug VM.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// Why.
    pub reason: Reason,
    /// The exit status that somebody chose.
    pub status: Option<u8>,
}

/// A debug VM's limits and what has happened.
#[derive(Clone, Debug)]
pub struct Life {
    limits: Limits,
    born: Duration,
    /// Since when it waits for people: no build goes on.
    since: Option<Duration>,
    /// Somebody has been here.
    came: bool,
    /// When `wait` began anew.
    waits_from: Duration,
    /// When somebody last did something or was here.
    active: Duration,
    /// It was extended to this.
    until: Option<Duration>,
    /// What was left when warnings were last looked at.
    looked: Option<Duration>,
    end: Option<End>,
}

impl Life {
    /// A debug VM that starts now; one that runs its build first waits for
    /// people only when that is held or over.
    #[must_use]
    pub const fn new(limits: Limits, now: Duration, builds: bool) -> Self {
        Self {
            limits,
            born: now,
            since: if builds { None } else { Some(now) },
            came: false,
            waits_from: now,
            active: now,
            until: None,
            looked: None,
            end: None,
        }
    }

    /// Its limits.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Whether somebody has been here.
    #[must_use]
    pub const fn came(&self) -> bool {
        self.came
    }

    /// Why it ends, if that is decided.
    #[must_use]
    pub const fn end(&self) -> Option<End> {
        self.end
    }

    /// Decides that it ends; the first to decide does.
    pub fn decide(&mut self, end: End) -> bool {
        let first = self.end.is_none();
        self.end.get_or_insert(end);
        first
    }

    /// Notes whether a build goes on; true when it has just stopped doing so.
    pub fn builds(&mut self, goes_on: bool, now: Duration) -> bool {
        if goes_on {
            self.since = None;
            return false;
        }
        let stopped = self.since.is_none();
        if stopped {
            self.since = Some(now);
        }
        stopped
    }

    /// Notes that somebody is here; true for the first time.
    pub fn come(&mut self) -> bool {
        !std::mem::replace(&mut self.came, true)
    }

    /// Notes when somebody last did something, or was last here.
    pub fn act(&mut self, at: Duration) {
        self.active = self.active.max(at);
    }

    /// Waits for somebody from now on, at most so long.
    pub fn wait_anew(&mut self, limit: Duration, here: bool, now: Duration) {
        self.limits.wait = Some(limit);
        self.waits_from = now;
        self.came = here;
        self.since.get_or_insert(now);
    }

    /// When it ends if nothing happens, and why.
    #[must_use]
    pub fn limit(&self) -> Option<(Duration, Reason)> {
        let after = |from: Option<Duration>, limit: Option<Duration>, reason| {
            Some((from?.saturating_add(limit?), reason))
        };
        let waits = (!self.came).then_some(self.waits_from.max(self.since.unwrap_or_default()));
        let waits = waits.filter(|_| self.since.is_some());
        let idles = self.since.filter(|_| self.came);
        let idles = idles.map(|since| since.max(self.active));
        let limits = [
            after(waits, self.limits.wait, Reason::Wait),
            after(self.since, self.limits.keep, Reason::Keep),
            after(idles, self.limits.idle, Reason::Idle),
            after(Some(self.born), self.limits.max, Reason::Max),
        ];
        let (mut at, mut reason) = limits.into_iter().flatten().min_by_key(|limit| limit.0)?;
        if let Some(until) = self.until.filter(|until| *until > at) {
            at = until;
        }
        if let Some(hard) = self.hard().filter(|hard| *hard <= at) {
            (at, reason) = (hard, Reason::Max);
        }
        Some((at, reason))
    }

    /// What is left, if there is a limit.
    #[must_use]
    pub fn left(&self, now: Duration) -> Option<Duration> {
        Some(self.limit()?.0.saturating_sub(now))
    }

    fn hard(&self) -> Option<Duration> {
        Some(self.born.saturating_add(self.limits.hard()?))
    }

    /// Moves the end; what is left then.
    ///
    /// # Errors
    /// A sentence: there is no limit, or the cap is reached.
    pub fn extend(&mut self, by: Duration, now: Duration) -> Result<Duration, String> {
        let Some((at, _)) = self.limit() else {
            return Err("this debug build has no limit".to_owned());
        };
        let mut until = at.max(now).saturating_add(by);
        if let Some(hard) = self.hard() {
            if at >= hard {
                let longest = in_words(hard.saturating_sub(self.born));
                return Err(format!(
                    "this debug build may not stay longer than {longest}"
                ));
            }
            until = until.min(hard);
        }
        self.until = Some(until);
        self.looked = None;
        Ok(until.saturating_sub(now))
    }

    /// The warning that is due now, by what is left.
    pub fn warning(&mut self, now: Duration) -> Option<Duration> {
        let left = self.left(now)?;
        let before = self.looked.replace(left)?;
        let crossed = |mark: &&Duration| before > **mark && left <= **mark;
        WARNINGS.iter().rfind(crossed).copied()
    }

    /// When something is due: a warning, or the end.
    #[must_use]
    pub fn due(&self, now: Duration) -> Option<Duration> {
        let (at, _) = self.limit()?;
        let marks = WARNINGS.iter().filter_map(|mark| at.checked_sub(*mark));
        let next = marks.filter(|mark| *mark > now).min();
        Some(next.unwrap_or(at).min(at))
    }

    /// Why it ends, in a sentence for the log and for those inside.
    #[must_use]
    pub fn why(&self, end: End) -> String {
        let of = |limit: Option<Duration>| in_words(limit.unwrap_or_default());
        match end.reason {
            Reason::Wait => format!("Nobody came within {}.", of(self.limits.wait)),
            Reason::Keep => format!("It was kept for {}.", of(self.limits.keep)),
            Reason::Idle => format!("Nobody did anything for {}.", of(self.limits.idle)),
            Reason::Max => format!("It has reached its limit of {}.", of(self.limits.hard())),
            Reason::Finish => "It was finished by hand.".to_owned(),
            Reason::Continue => "The build goes on.".to_owned(),
            Reason::Exit => "Its last window was closed.".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const fn m(minutes: u64) -> Duration {
        Duration::from_secs(minutes * 60)
    }

    fn limits(wait: u64, keep: u64, idle: u64, max: u64) -> Limits {
        let some = |minutes| (minutes > 0).then(|| m(minutes));
        Limits {
            wait: some(wait),
            keep: some(keep),
            idle: some(idle),
            max: some(max),
            cap: None,
        }
    }

    #[test]
    fn earliest_limit_that_counts_ends_it() {
        let table = [
            (limits(10, 30, 5, 0), false, Some((m(11), Reason::Wait))),
            (limits(10, 30, 5, 0), true, Some((m(7), Reason::Idle))),
            (limits(10, 4, 0, 0), true, Some((m(5), Reason::Keep))),
            (limits(0, 30, 0, 20), true, Some((m(21), Reason::Max))),
            (limits(10, 0, 0, 0), true, None),
            (Limits::default(), false, None),
        ];
        for (limits, came, expected) in table {
            let mut life = Life::new(limits, m(1), false);
            if came {
                assert!(life.come() && !life.come());
                life.act(m(2));
            }
            assert_eq!(life.limit(), expected, "{limits:?}");
        }
    }

    #[test]
    fn limits_but_the_last_begin_when_the_build_stops() {
        let mut life = Life::new(limits(10, 30, 0, 120), m(0), true);
        assert_eq!(life.limit(), Some((m(120), Reason::Max)));
        assert!(life.builds(false, m(40)) && !life.builds(false, m(41)));
        assert_eq!(life.limit(), Some((m(50), Reason::Wait)));
        life.come();
        assert_eq!(life.limit(), Some((m(70), Reason::Keep)));
        assert!(!life.builds(true, m(50)));
        assert_eq!(life.limit(), Some((m(120), Reason::Max)));
        assert!(life.builds(false, m(60)));
        assert_eq!(life.limit(), Some((m(90), Reason::Keep)));
    }

    #[test]
    fn extension_moves_the_end_up_to_the_cap() {
        let mut life = Life::new(limits(0, 30, 0, 0), m(0), false);
        assert_eq!(life.extend(m(30), m(10)), Ok(m(50)));
        assert_eq!(life.limit(), Some((m(60), Reason::Keep)));
        let mut life = Life::new(limits(0, 30, 0, 60), m(0), false);
        assert_eq!(life.extend(m(45), m(10)), Ok(m(50)));
        assert_eq!(life.limit(), Some((m(60), Reason::Max)));
        let error = life.extend(m(1), m(10)).unwrap_err();
        assert_eq!(error, "this debug build may not stay longer than 1 hour");
        let capped = Limits {
            cap: Some(m(90)),
            ..limits(0, 0, 0, 60)
        };
        let mut life = Life::new(capped, m(0), false);
        assert_eq!(life.extend(m(20), m(50)), Ok(m(30)));
        assert_eq!(life.extend(m(20), m(50)), Ok(m(40)));
        assert!(life.extend(m(20), m(50)).is_err());
        let error = Life::new(Limits::default(), m(0), false).extend(m(1), m(0));
        assert_eq!(error.unwrap_err(), "this debug build has no limit");
    }

    #[test]
    fn warnings_come_once_each_and_again_after_an_extension() {
        let mut life = Life::new(limits(0, 10, 0, 0), m(0), false);
        let mut told = Vec::new();
        for second in 0..600 {
            let now = Duration::from_secs(second);
            assert!(life.due(now).unwrap() > now);
            if let Some(left) = life.warning(now) {
                told.push((second, left));
            }
        }
        assert_eq!(told, [(300, m(5)), (540, m(1))]);
        life.extend(m(10), m(9)).unwrap();
        assert_eq!(life.warning(m(9)), None);
        assert_eq!(life.warning(m(15)), Some(m(5)));
        // Both marks passed at once: the nearer one counts.
        let mut life = Life::new(limits(0, 10, 0, 0), m(0), false);
        life.warning(m(0));
        assert_eq!(life.warning(Duration::from_secs(599)), Some(m(1)));
        // A short limit begins below the first mark.
        let mut life = Life::new(limits(0, 3, 0, 0), m(0), false);
        assert_eq!((life.warning(m(0)), life.warning(m(1))), (None, None));
        assert_eq!(life.due(m(0)), Some(m(2)));
    }

    #[test]
    fn first_decision_stays() {
        let mut life = Life::new(Limits::default(), m(0), false);
        let finish = |status| End {
            reason: Reason::Finish,
            status,
        };
        assert!(life.decide(finish(Some(3))) && !life.decide(finish(None)));
        assert_eq!(life.end(), Some(finish(Some(3))));
    }

    #[test]
    fn waiting_anew_forgets_who_has_left() {
        let mut life = Life::new(limits(1, 0, 0, 0), m(0), false);
        life.come();
        assert_eq!(life.limit(), None);
        life.wait_anew(m(10), false, m(30));
        assert_eq!(life.limit(), Some((m(40), Reason::Wait)));
        life.wait_anew(m(10), true, m(35));
        assert_eq!(life.limit(), None);
    }
}
