//! Times as formats show them; the zone is the offset that came with the turn.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

use crate::base::Now;

/// strftime(3) on a moment in seconds since the Unix epoch. A directive that
/// is none leaves the text as it is.
pub(super) fn strftime(format: &str, unix: i64, now: Now) -> String {
    let zone = Offset::from_seconds(now.utc_offset).map_or(TimeZone::UTC, TimeZone::fixed);
    let Ok(moment) = Timestamp::from_second(unix) else {
        return format.to_owned();
    };
    let zoned = moment.to_zoned(zone);
    jiff::fmt::strtime::format(format, &zoned).unwrap_or_else(|_| format.to_owned())
}

/// A time in tmux's long form (ctime(3)).
pub(super) fn long(unix: i64, now: Now) -> String {
    strftime("%a %b %e %H:%M:%S %Y", unix, now)
}

/// A time as short as its distance allows (`t/p:`).
pub(super) fn pretty(unix: i64, now: Now) -> String {
    const DAY: i64 = 24 * 3600;
    let age = now.unix().saturating_sub(unix);
    let format = if age < DAY {
        "%H:%M"
    } else if age < 28 * DAY {
        "%a%d"
    } else if age < 365 * DAY {
        "%d%b"
    } else {
        "%h%y"
    };
    strftime(format, unix, now)
}
