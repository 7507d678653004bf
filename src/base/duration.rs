//! Durations as people write and read them.

use std::time::Duration;

/// The longest that is read, a year.
const LONGEST: Duration = Duration::from_secs(366 * 86_400);

/// Reads a time of seconds, or with units: `90`, `45m`, `2h`, `1h30m`, `1d`.
///
/// # Errors
/// A sentence; nothing, zero and more than a year among it.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let fail = || format!("no duration: {text} (such as 90, 45m, 2h or 1h30m)");
    let (mut total, mut number, mut digits) = (0_u64, 0_u64, false);
    for ch in text.chars() {
        let unit = match ch {
            '0'..='9' => {
                let digit = u64::from(ch) - u64::from('0');
                number = number.saturating_mul(10).saturating_add(digit);
                digits = true;
                continue;
            }
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            _ => return Err(fail()),
        };
        if !std::mem::take(&mut digits) {
            return Err(fail());
        }
        total = total.saturating_add(std::mem::take(&mut number).saturating_mul(unit));
    }
    let time = Duration::from_secs(total.saturating_add(number));
    if time.is_zero() || time > LONGEST {
        return Err(fail());
    }
    Ok(time)
}

/// A time in words: `30 minutes`, `1 hour and 5 minutes`, `45 seconds`. Seconds
/// are left out from an hour on.
#[must_use]
pub fn in_words(time: Duration) -> String {
    let seconds = time.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let seconds = if hours > 0 { 0 } else { seconds };
    let parts = [(hours, "hour"), (minutes, "minute"), (seconds, "second")];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, unit)| format!("{count} {unit}{}", if count == 1 { "" } else { "s" }))
        .collect();
    match parts.split_last() {
        None => "0 seconds".to_owned(),
        Some((only, [])) => only.clone(),
        Some((last, before)) => format!("{} and {last}", before.join(" ")),
    }
}

/// A time as CircleCI writes it: `2h0m0s`, `10m0s`, `45s`.
#[must_use]
pub fn in_units(time: Duration) -> String {
    let seconds = time.as_secs();
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{rest}s"),
        (0, _) => format!("{minutes}m{rest}s"),
        _ => format!("{hours}h{minutes}m{rest}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duration_reads_seconds_and_units() {
        for (text, seconds) in [
            ("90", 90),
            ("45m", 2700),
            ("1h30m", 5400),
            ("1d2s", 86_402),
            ("1h5", 3605),
        ] {
            assert_eq!(
                parse_duration(text),
                Ok(Duration::from_secs(seconds)),
                "{text}"
            );
        }
        for text in [
            "",
            "0",
            "h",
            "1x",
            "-1",
            "1.5h",
            "9999999999999999999999d",
            "367d",
        ] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn duration_is_told_in_words_and_units() {
        for (seconds, words, units) in [
            (0, "0 seconds", "0s"),
            (45, "45 seconds", "45s"),
            (60, "1 minute", "1m0s"),
            (90, "1 minute and 30 seconds", "1m30s"),
            (1800, "30 minutes", "30m0s"),
            (7200, "2 hours", "2h0m0s"),
            (3665, "1 hour and 1 minute", "1h1m5s"),
        ] {
            let time = Duration::from_secs(seconds);
            assert_eq!(
                (in_words(time).as_str(), in_units(time).as_str()),
                (words, units)
            );
        }
    }
}
