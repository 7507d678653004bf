//! Pace: when a client's picture is due. What comes after quiet, and what
//! answers a key, is due at once; a flood is drawn at a frame's rate, and its
//! end when it is over. A picture is never due to a client that has not taken
//! the last one.

use std::time::Duration;

use crate::base::{PaneId, WindowId};
use crate::ui::Extent;

/// The time between two pictures under flood.
pub(super) const FRAME: Duration = Duration::from_millis(16);

/// The longest that a program may hold its picture back (mode 2026).
const HOLD: Duration = Duration::from_secs(1);

/// The time between two pictures shortly after the client typed: what it
/// typed may end a flood, and its answer should not wait.
const QUICK: Duration = Duration::from_millis(4);

/// How long that is.
const ATTENTION: Duration = Duration::from_millis(100);

/// Pictures that may follow each other at once after quiet: an interactive
/// program often writes its answer in several pieces.
const BURST: u8 = 4;

/// What counts as quiet: this long without a picture.
const REST: Duration = Duration::from_millis(48);

/// When panes have been silent for so long, the picture of what they wrote is
/// due, but not sooner than `QUICK` after the last one.
const SILENCE: Duration = Duration::from_millis(2);

/// Up to so many bytes at once are an answer to a key, and not a flood.
const ANSWER: usize = 1 << 10;

/// A pane that was silent for so long answers whatever it writes.
const PAUSE: Duration = Duration::from_millis(1);

/// What a pane wrote.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wrote {
    pub(super) pane: PaneId,
    pub(super) window: WindowId,
    /// How many bytes.
    pub(super) len: usize,
    /// How long it had been silent.
    pub(super) silence: Duration,
    /// It asks for its picture to be held back (mode 2026).
    pub(super) holds: bool,
    /// It did so, or let it go.
    pub(super) synced: bool,
}

/// When a client may be drawn on.
#[derive(Debug)]
pub(super) struct Pace {
    /// The window that it sees, and the active pane.
    sees: Option<(WindowId, PaneId)>,
    /// The client has taken the last picture.
    credit: bool,
    /// Something may have changed since the last picture.
    dirty: bool,
    /// What surrounds the panes may have changed too.
    outline: bool,
    /// What has changed is drawn whatever the pace.
    urgent: bool,
    /// The active pane answered a key: its rows are drawn whatever the pace.
    answered: bool,
    /// Pictures that may still go out at once.
    burst: u8,
    /// When the last whole picture was made.
    last: Duration,
    /// When a pane in sight wrote last.
    wrote: Duration,
    /// Until when keys are waiting for their answers.
    attentive_until: Duration,
    /// A program holds its picture back (mode 2026) until this at the latest.
    held_until: Option<Duration>,
    /// The next picture has what a program wants to be shown as one.
    synced: bool,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            sees: None,
            credit: true,
            dirty: true,
            outline: true,
            urgent: false,
            answered: false,
            burst: BURST,
            last: Duration::ZERO,
            wrote: Duration::ZERO,
            attentive_until: Duration::ZERO,
            held_until: None,
            synced: false,
        }
    }
}

impl Pace {
    /// Anything may have changed.
    pub(super) fn demand(&mut self) {
        self.dirty = true;
        self.outline = true;
    }

    /// The client itself changed something: it sees it at once.
    pub(super) fn demand_now(&mut self) {
        self.demand();
        self.urgent = true;
    }

    /// The client took the last picture.
    pub(super) fn credit(&mut self) {
        self.credit = true;
    }

    /// Nothing is drawn until the client gives its credit back.
    pub(super) fn stall(&mut self) {
        self.credit = false;
    }

    /// The client typed: what its pane answers is drawn at once.
    pub(super) fn typed(&mut self, now: Duration) {
        self.attentive_until = now + ATTENTION;
    }

    /// Which window the client sees, with its active pane.
    pub(super) fn looks_at(&mut self, sees: Option<(WindowId, PaneId)>) {
        self.sees = sees;
    }

    /// Whether nothing has changed since the last picture.
    pub(super) fn is_drawn(&self) -> bool {
        !self.dirty && self.held_until.is_none()
    }

    /// Whether the outline is to be made again before the next picture.
    pub(super) fn wants_outline(&self) -> bool {
        self.outline
    }

    /// A pane wrote: if it is in sight, a picture of it is wanted.
    pub(super) fn pane_wrote(&mut self, wrote: Wrote, now: Duration) {
        let Some((_, active)) = self.sees.filter(|(window, _)| *window == wrote.window) else {
            return;
        };
        self.synced |= wrote.synced;
        if wrote.holds {
            self.held_until.get_or_insert(now + HOLD);
            return;
        }
        self.dirty = true;
        self.wrote = now;
        let answers = wrote.len <= ANSWER || wrote.silence >= PAUSE;
        self.answered |= answers && active == wrote.pane && now < self.attentive_until;
    }

    fn interval(&self) -> Duration {
        if self.last < self.attentive_until {
            QUICK
        } else {
            FRAME
        }
    }

    /// When the picture of something written is due at the latest, with the
    /// frames' clock next at `frame`.
    fn paced(&self, frame: Duration) -> Duration {
        let silent = (self.wrote + SILENCE).max(self.last + QUICK);
        let own = self.last + self.interval();
        if own < self.last + FRAME {
            frame.min(silent).min(own)
        } else {
            frame.min(silent)
        }
    }

    /// When the next picture is due, if one is held back for time alone; the
    /// frames' clock is next at `frame`.
    pub(super) fn deadline(&self, frame: Duration) -> Option<Duration> {
        if !self.credit {
            return None;
        }
        let paced = self.dirty.then(|| self.paced(frame));
        paced.into_iter().chain(self.held_until).min()
    }

    /// How much of a picture is due now, if any.
    pub(super) fn due(&mut self, now: Duration, frame: Duration) -> Option<Extent> {
        if self.held_until.is_some_and(|until| until <= now) {
            self.dirty = true;
            self.urgent = true;
        }
        if !self.credit || !self.dirty {
            return None;
        }
        if now >= self.last + REST {
            self.burst = BURST;
        }
        if self.urgent || self.burst > 0 || now >= self.paced(frame) {
            Some(Extent::Whole)
        } else {
            self.answered.then_some(Extent::ActivePane)
        }
    }

    /// Whether the next picture has what a program wants to be shown as one.
    pub(super) fn is_synced(&self) -> bool {
        self.synced
    }

    /// The outline has been made.
    pub(super) fn outlined(&mut self) {
        self.outline = false;
    }

    /// A picture was made, and sent if anything in it had changed.
    pub(super) fn drew(&mut self, extent: Extent, sent: bool, now: Duration) {
        self.answered = false;
        self.credit &= !sent;
        if extent == Extent::ActivePane {
            return;
        }
        self.dirty = false;
        self.urgent = false;
        self.held_until = None;
        self.synced = false;
        // A flood that leaves the picture as it is (`yes`) is paced too.
        self.last = now;
        self.burst = self.burst.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEEN: (WindowId, PaneId) = (WindowId(0), PaneId(0));

    fn ms(time: u64) -> Duration {
        Duration::from_millis(time)
    }

    /// A client that has drawn its burst at 1 s.
    fn drained() -> Pace {
        let mut pace = Pace::default();
        pace.looks_at(Some(SEEN));
        for _ in 0..BURST {
            assert_eq!(pace.due(ms(1000), ms(1016)), Some(Extent::Whole));
            pace.drew(Extent::Whole, true, ms(1000));
            pace.credit();
            pace.demand();
        }
        pace
    }

    fn wrote(pane: u32, len: usize) -> Wrote {
        Wrote {
            pane: PaneId(pane),
            window: SEEN.0,
            len,
            silence: Duration::ZERO,
            holds: false,
            synced: false,
        }
    }

    #[test]
    fn flood_waits_for_the_frame_and_its_end_does_not() {
        let mut pace = drained();
        pace.pane_wrote(wrote(0, 9000), ms(1001));
        assert_eq!(pace.due(ms(1001), ms(1016)), None);
        assert_eq!(pace.deadline(ms(1016)), Some(ms(1004)));
        pace.pane_wrote(wrote(0, 9000), ms(1003));
        assert_eq!(pace.due(ms(1004), ms(1016)), None);
        assert_eq!(pace.deadline(ms(1016)), Some(ms(1005)));
        assert_eq!(pace.due(ms(1005), ms(1016)), Some(Extent::Whole));
    }

    #[test]
    fn answer_of_the_active_pane_is_drawn_alone_beside_a_flood() {
        let mut pace = drained();
        pace.typed(ms(1001));
        pace.pane_wrote(wrote(1, 10), ms(1001));
        assert_eq!(pace.due(ms(1001), ms(1016)), None);
        pace.pane_wrote(wrote(0, 9000), ms(1001));
        assert_eq!(pace.due(ms(1001), ms(1016)), None);
        pace.pane_wrote(wrote(0, 1), ms(1002));
        assert_eq!(pace.due(ms(1002), ms(1016)), Some(Extent::ActivePane));
        pace.drew(Extent::ActivePane, true, ms(1002));
        pace.credit();
        assert_eq!(pace.due(ms(1002), ms(1016)), None);
        assert_eq!(pace.due(ms(1004), ms(1016)), Some(Extent::Whole));
    }

    #[test]
    fn nothing_is_due_without_credit() {
        let mut pace = drained();
        pace.drew(Extent::Whole, true, ms(1100));
        pace.demand_now();
        assert_eq!(pace.due(ms(2000), ms(1016)), None);
        assert_eq!(pace.deadline(ms(1016)), None);
        pace.credit();
        assert_eq!(pace.due(ms(2000), ms(1016)), Some(Extent::Whole));
    }

    #[test]
    fn held_picture_is_due_in_the_end() {
        let mut pace = drained();
        pace.drew(Extent::Whole, false, ms(1000));
        let holds = Wrote {
            holds: true,
            ..wrote(0, 10)
        };
        pace.pane_wrote(holds, ms(1100));
        assert_eq!(pace.due(ms(1101), ms(1016)), None);
        assert_eq!(pace.deadline(ms(1016)), Some(ms(2100)));
        assert_eq!(pace.due(ms(2100), ms(1016)), Some(Extent::Whole));
    }
}
