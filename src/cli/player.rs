//! A recording at a moment: its screen, and the way to any other moment. It reads
//! no clock: time is given to it.

use crate::base::mask::Secrets;

use super::cast::{Cast, Event, What};
use super::picture::Picture;

/// A recording that is played.
#[derive(Debug)]
pub(super) struct Player {
    cast: Cast,
    picture: Picture,
    /// The next event that is not on the screen.
    next: usize,
    /// Where it stands, in microseconds.
    at: u64,
}

impl Player {
    /// A recording at its beginning.
    pub(super) fn new(cast: Cast) -> Self {
        let picture = Picture::new(cast.cols, cast.rows, Secrets::default());
        Self {
            cast,
            picture,
            next: 0,
            at: 0,
        }
    }

    /// Where it stands, in microseconds.
    pub(super) const fn at(&self) -> u64 {
        self.at
    }

    /// How long the recording is, in microseconds.
    pub(super) fn length(&self) -> u64 {
        self.cast.length()
    }

    /// When the next event is, in microseconds.
    pub(super) fn next_at(&self) -> Option<u64> {
        self.cast.events.get(self.next).map(|event| event.at)
    }

    /// The steps: when each began, and its name.
    pub(super) fn steps(&self) -> Vec<(u64, &str)> {
        self.cast.steps()
    }

    /// The step at which it stands.
    pub(super) fn step(&self) -> Option<&str> {
        let steps = self.cast.steps();
        let before = steps.partition_point(|(at, _)| *at <= self.at);
        Some(steps.get(before.checked_sub(1)?)?.1)
    }

    /// Goes to a moment, as far as there is one.
    pub(super) fn seek(&mut self, to: u64) {
        let to = to.min(self.length());
        if to < self.at {
            self.picture = Picture::new(self.cast.cols, self.cast.rows, Secrets::default());
            self.next = 0;
        }
        self.at = to;
        while let Some(Event { at, what }) = self.cast.events.get(self.next)
            && *at <= to
        {
            match what {
                What::Output(text) => self.picture.feed(text.as_bytes()),
                What::Resize(cols, rows) => self.picture.resize(*cols, *rows),
                What::Step(_) => {}
            }
            self.next += 1;
        }
    }

    /// Goes to the step after the moment, or to the end.
    pub(super) fn next_step(&mut self) {
        let at = self.at;
        let next = self.steps().into_iter().find(|step| step.0 > at);
        let to = next.map_or(self.length(), |step| step.0);
        self.seek(to);
    }

    /// Goes to the beginning of the step, or to the step before it when it has
    /// just begun (within a second).
    pub(super) fn step_back(&mut self) {
        let before = self.at.saturating_sub(1_000_000);
        let steps = self.steps();
        let last = steps.into_iter().rfind(|step| step.0 < before);
        let to = last.map_or(0, |step| step.0);
        self.seek(to);
    }

    /// The screen.
    pub(super) const fn picture(&mut self) -> &mut Picture {
        &mut self.picture
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn player() -> Player {
        let event = |at, what| Event { at, what };
        let mut events = Vec::new();
        for second in 0..10_u64 {
            let text = format!("\x1b[Hsecond {second}");
            events.push(event(second * 1_000_000, What::Output(text)));
        }
        events.insert(3, event(2_500_000, What::Step("install:1".to_owned())));
        events.insert(8, event(6_500_000, What::Step("script:1".to_owned())));
        Player::new(Cast {
            cols: 20,
            rows: 3,
            events,
        })
    }

    fn shown(player: &mut Player) -> String {
        player.picture().rows(false).swap_remove(0)
    }

    #[test]
    fn every_moment_is_the_same_from_both_sides() {
        let mut player = player();
        for to in [0, 4_200_000, 1_000_000, 9_000_000, 8_999_999, 99_000_000, 0] {
            player.seek(to);
            let second = to.min(9_000_000) / 1_000_000;
            assert_eq!(shown(&mut player), format!("second {second}"), "{to}");
        }
    }

    #[test]
    fn steps_are_found_forwards_and_back() {
        let mut player = player();
        assert_eq!(player.step(), None);
        player.next_step();
        assert_eq!((player.at(), player.step()), (2_500_000, Some("install:1")));
        player.next_step();
        assert_eq!((player.at(), player.step()), (6_500_000, Some("script:1")));
        player.seek(8_000_000);
        player.step_back();
        assert_eq!(player.at(), 6_500_000);
        player.step_back();
        assert_eq!(player.at(), 2_500_000);
        player.step_back();
        assert_eq!((player.at(), player.step()), (0, None));
        player.seek(7_000_000);
        player.next_step();
        assert_eq!(player.at(), player.length());
    }
}
