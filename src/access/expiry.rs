//! The end of a key's time as sshd(8) writes it: `YYYYMMDD`, `YYYYMMDDHHMM` or
//! `YYYYMMDDHHMMSS`, with `Z` for UTC. It reads no clock.

use crate::base::Now;

/// A moment by the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expiry {
    /// Seconds since 1970 by that calendar's clock.
    seconds: i64,
    utc: bool,
}

impl Expiry {
    /// Reads a moment.
    ///
    /// # Errors
    /// Text of another form, or a date that there is not.
    pub fn parse(text: &str) -> Result<Self, String> {
        let fail = || "expiry-time is no date, key refused".to_owned();
        let (digits, utc) = match text.strip_suffix(['Z', 'z']) {
            Some(digits) => (digits, true),
            None => (text, false),
        };
        if !matches!(digits.len(), 8 | 12 | 14) || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(fail());
        }
        let part = |from: usize, to: usize| -> i64 {
            digits
                .get(from..to)
                .and_then(|part| part.parse().ok())
                .unwrap_or(0)
        };
        let (year, month, day) = (part(0, 4), part(4, 6), part(6, 8));
        let (hour, minute, second) = (part(8, 10), part(10, 12), part(12, 14));
        let days = days(year, month, day).ok_or_else(fail)?;
        if hour > 23 || minute > 59 || second > 60 {
            return Err(fail());
        }
        Ok(Self {
            seconds: days * 86_400 + hour * 3_600 + minute * 60 + second,
            utc,
        })
    }

    /// Whether the moment has come.
    #[must_use]
    pub fn is_over(self, now: Now) -> bool {
        let offset = if self.utc {
            0
        } else {
            i64::from(now.utc_offset)
        };
        now.unix() + offset >= self.seconds
    }

    /// The earlier of two, by their own clocks.
    #[must_use]
    pub fn earlier(self, other: Self) -> Self {
        if other.seconds < self.seconds {
            other
        } else {
            self
        }
    }
}

/// Days from 1970-01-01 to a date of the Gregorian calendar, years 1970 on.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = |year: i64| (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let lengths = [
        31,
        28 + i64::from(leap(year)),
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ];
    let at = usize::try_from(month.checked_sub(1)?).ok()?;
    let length = *lengths.get(at)?;
    if year < 1970 || !(1..=length).contains(&day) {
        return None;
    }
    // Leap years from 1970 up to the year before.
    let before = |year: i64| (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400;
    let leaps = before(year) - before(1970);
    let months: i64 = lengths.iter().take(at).sum();
    Some((year - 1970) * 365 + leaps + months + day - 1)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn expiry_counts_the_calendar() {
        for (text, seconds) in [
            ("19700101Z", 0),
            ("20000229Z", 951_782_400),
            ("20000301Z", 951_868_800),
            ("20300101Z", 1_893_456_000),
            ("203001011230Z", 1_893_501_000),
            ("20300101123045Z", 1_893_501_045),
        ] {
            assert_eq!(Expiry::parse(text).unwrap().seconds, seconds, "{text}");
        }
        for text in [
            "",
            "2030",
            "20300229",
            "20301301",
            "20300100",
            "203001012460",
            "2030010١",
        ] {
            assert!(Expiry::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn expiry_is_local_unless_it_says_utc() {
        let now = Now {
            unix_us: 1_893_456_000 * 1_000_000,
            utc_offset: -3600,
            ..Now::default()
        };
        assert!(Expiry::parse("20300101Z").unwrap().is_over(now));
        assert!(!Expiry::parse("20300101").unwrap().is_over(now));
    }
}
