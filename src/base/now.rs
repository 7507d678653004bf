//! Time as the pure rooms see it: it comes in with each event and is never
//! read from a clock.

use std::time::Duration;

/// The moment at which a turn happens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Now {
    /// Monotonic time since the server started; deadlines are made of it.
    pub mono: Duration,
    /// Wall-clock time in microseconds since the Unix epoch, for display only.
    pub unix_us: i64,
    /// Local offset from UTC in seconds, for display only.
    pub utc_offset: i32,
}

impl Now {
    /// Wall-clock seconds since the Unix epoch.
    #[must_use]
    pub const fn unix(self) -> i64 {
        self.unix_us.div_euclid(1_000_000)
    }

    /// The same moment moved forward by `by` (virtual time in tests).
    #[must_use]
    pub fn after(self, by: Duration) -> Self {
        let us = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
        Self {
            mono: self.mono + by,
            unix_us: self.unix_us.saturating_add(us),
            utc_offset: self.utc_offset,
        }
    }
}
