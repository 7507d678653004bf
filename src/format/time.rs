//! Times as formats show them; the zone is the offset that came with the turn.

use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned};

use crate::base::Now;

/// Longest text that a format of a time makes, in bytes.
const MAX_LENGTH: usize = 8191;

/// Widest field of a directive (`%5Y`).
const MAX_WIDTH: usize = 1024;

fn moment(unix: i64, now: Now) -> Option<Zoned> {
    let zone = Offset::from_seconds(now.utc_offset).map_or(TimeZone::UTC, TimeZone::fixed);
    Some(Timestamp::from_second(unix).ok()?.to_zoned(zone))
}

/// strftime(3) of the C library in the POSIX locale, with its flags and widths.
/// A directive that is none stays as it is; nothing when the text is too long.
pub(super) fn strftime(format: &str, unix: i64, now: Now) -> Option<String> {
    let moment = moment(unix, now)?;
    let mut out = String::with_capacity(format.len());
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = match Directive::read(rest) {
            Some(directive) => match directive.show(&moment) {
                Some(text) => {
                    out.push_str(&text);
                    directive.length
                }
                None => {
                    out.push_str(&rest[..directive.length]);
                    directive.length
                }
            },
            None => {
                out.push('%');
                1
            }
        };
        rest = &rest[length..];
        if out.len() > MAX_LENGTH {
            return None;
        }
    }
    out.push_str(rest);
    (out.len() <= MAX_LENGTH).then_some(out)
}

/// One directive: `%`, flags, a width, `E` or `O`, a letter.
struct Directive {
    flag: Option<char>,
    width: Option<usize>,
    letter: char,
    length: usize,
}

impl Directive {
    fn read(text: &str) -> Option<Self> {
        let mut chars = text.char_indices().skip(1).peekable();
        let mut flag = None;
        while let Some((_, ch)) = chars.next_if(|(_, ch)| "_-0^#".contains(*ch)) {
            flag = Some(ch);
        }
        let mut width: Option<usize> = None;
        while let Some((_, ch)) = chars.next_if(|(_, ch)| ch.is_ascii_digit()) {
            let digit = ch.to_digit(10)? as usize;
            width = Some((width.unwrap_or(0) * 10 + digit).min(MAX_WIDTH));
        }
        let locale = chars.next_if(|(_, ch)| matches!(ch, 'E' | 'O'));
        let (at, letter) = chars.next()?;
        if locale.is_some() && !letter.is_ascii_alphabetic() {
            return None;
        }
        Some(Self {
            flag,
            width,
            letter,
            length: at + letter.len_utf8(),
        })
    }

    /// The field, its case and its filling; nothing for a letter that is none.
    fn show(&self, moment: &Zoned) -> Option<String> {
        let (plain, filling, digits) = self.field(moment)?;
        let mut text = plain;
        match self.flag {
            Some('^') => text = text.to_uppercase(),
            Some('#') => {
                text = match self.letter {
                    'p' | 'Z' => text.to_lowercase(),
                    'a' | 'A' | 'b' | 'B' | 'h' => text.to_uppercase(),
                    _ => text,
                }
            }
            _ => {}
        }
        let filling = match self.flag {
            Some('-') => return Some(bare(&text, filling)),
            Some('_') => ' ',
            Some('0') => '0',
            _ => filling,
        };
        let digits = self.width.unwrap_or(digits);
        let text = if self.flag == Some('_') || self.flag == Some('0') || self.width.is_some() {
            let own = bare(&text, ' ');
            bare(&own, '0')
        } else {
            text
        };
        let missing = digits.saturating_sub(text.chars().count());
        Some(format!("{}{text}", filling.to_string().repeat(missing)))
    }

    /// The field's text, what it is filled with, and its usual width.
    fn field(&self, moment: &Zoned) -> Option<(String, char, usize)> {
        let (filling, digits) = match self.letter {
            'e' | 'k' | 'l' => (' ', 2),
            'd' | 'g' | 'H' | 'I' | 'm' | 'M' | 'S' | 'U' | 'V' | 'W' | 'y' | 'C' => ('0', 2),
            'j' => ('0', 3),
            'Y' | 'G' | 's' | 'u' | 'w' => ('0', 1),
            'a' | 'A' | 'b' | 'B' | 'h' | 'c' | 'D' | 'F' | 'p' | 'P' | 'r' | 'R' | 'T' | 'x'
            | 'X' | 'z' | 'Z' | 'n' | 't' | '%' => (' ', 0),
            _ => return None,
        };
        let spelled = match self.letter {
            'c' => "%a %b %e %H:%M:%S %Y".to_owned(),
            'x' => "%m/%d/%y".to_owned(),
            'X' => "%H:%M:%S".to_owned(),
            'r' => "%I:%M:%S %p".to_owned(),
            letter => format!("%{letter}"),
        };
        let text = jiff::fmt::strtime::format(&spelled, moment).ok()?;
        Some((text, filling, digits))
    }
}

/// The text without what fills it.
fn bare(text: &str, filling: char) -> String {
    let cut = text.trim_start_matches(filling);
    if cut.is_empty() && filling == '0' {
        "0".to_owned()
    } else {
        cut.to_owned()
    }
}

/// A time in tmux's long form (ctime(3)).
pub(super) fn long(unix: i64, now: Now) -> Option<String> {
    strftime("%a %b %e %H:%M:%S %Y", unix, now)
}

/// A time as short as its distance allows (`t/p:`).
pub(super) fn pretty(unix: i64, now: Now) -> Option<String> {
    const DAY: i64 = 24 * 3600;
    let age = now.unix().saturating_sub(unix).max(0);
    let (then, today) = (moment(unix, now)?, moment(now.unix().max(unix), now)?);
    let years = today.year() - then.year();
    let format = if age < DAY {
        "%H:%M"
    } else if (years == 0 && then.month() == today.month()) || age < 28 * DAY {
        "%a%d"
    } else if (years == 0 && then.month() < today.month())
        || (years == 1 && then.month() > today.month())
    {
        "%d%b"
    } else {
        "%h%y"
    };
    strftime(format, unix, now)
}

/// How long ago a time was, in its two greatest units (`t/r:`); nothing for one
/// that is to come.
pub(super) fn relative(unix: i64, now: Now) -> Option<String> {
    let age = now.unix().checked_sub(unix).filter(|age| *age >= 0)?;
    let (days, hours) = (age / 86400, age % 86400 / 3600);
    let (minutes, seconds) = (age % 3600 / 60, age % 60);
    Some(match (days, hours, minutes, seconds) {
        (0, 0, 0, s) => format!("{s}s"),
        (0, 0, m, 0) => format!("{m}m"),
        (0, 0, m, s) => format!("{m}m{s}s"),
        (0, h, 0, _) => format!("{h}h"),
        (0, h, m, _) => format!("{h}h{m}m"),
        (d, 0, ..) => format!("{d}d"),
        (d, h, ..) => format!("{d}d{h}h"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-05 13:07:09 UTC, a Thursday.
    const NOW: Now = Now {
        mono: std::time::Duration::ZERO,
        unix_us: 1_793_884_029_000_000,
        utc_offset: 0,
    };

    #[test]
    fn strftime_has_flags_and_widths() {
        for (format, wanted) in [
            ("%Y-%m-%d %H:%M:%S", "2026-11-05 13:07:09"),
            ("%e|%-d|%_d|%0e|%-m", " 5|5| 5|05|11"),
            ("%^a %#a %#p %P", "THU THU pm pm"),
            ("%5Y|%3d|%_5H", "02026|005|   13"),
            ("%Ey %Od %E %O", "26 05 %E %O"),
            ("%q %+ %i %%", "%q %+ %i %"),
            ("%c", "Thu Nov  5 13:07:09 2026"),
            ("%D %x %X %r", "11/05/26 11/05/26 13:07:09 01:07:09 PM"),
            ("%j %u %w %C %y", "309 4 4 20 26"),
            ("%k|%l|%I", "13| 1|01"),
            ("50%", "50%"),
            ("%z %Z", "+0000 UTC"),
            ("日%H", "日13"),
        ] {
            let shown = strftime(format, NOW.unix(), NOW);
            assert_eq!(shown.as_deref(), Some(wanted), "{format}");
        }
        assert_eq!(strftime(&"%c".repeat(1000), 0, NOW), None);
    }

    #[test]
    fn ages_have_two_units() {
        for (age, wanted) in [
            (0, "0s"),
            (59, "59s"),
            (60, "1m"),
            (61, "1m1s"),
            (3600, "1h"),
            (3725, "1h2m"),
            (86400, "1d"),
            (97200, "1d3h"),
        ] {
            let shown = relative(NOW.unix() - age, NOW);
            assert_eq!(shown.as_deref(), Some(wanted));
        }
        assert_eq!(relative(NOW.unix() + 1, NOW), None);
    }

    #[test]
    fn pretty_gets_shorter_with_age() {
        for (age, wanted) in [
            (0, "13:07"),
            (2 * 86400, "Tue03"),
            (40 * 86400, "26Sep"),
            (400 * 86400, "Oct25"),
        ] {
            let shown = pretty(NOW.unix() - age, NOW);
            assert_eq!(shown.as_deref(), Some(wanted));
        }
    }
}
