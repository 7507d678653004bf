//! Display width, one policy for grid, history, chrome and client output: the
//! widths of the current Unicode, and clusters joined as tmux joins them (ZWJ
//! sequences, variation selectors, skin tones, pairs of regional indicators,
//! combining marks).

use unicode_width::UnicodeWidthChar;

/// The widest cluster kept in one cell, in bytes of UTF-8; marks beyond it are
/// dropped, so that no cell grows without limit.
pub const MAX_CLUSTER: usize = 64;

const ZWJ: char = '\u{200d}';
const VS16: char = '\u{fe0f}';
const VS15: char = '\u{fe0e}';

/// The columns that a character takes: 0 (controls and marks), 1 or 2.
#[must_use]
#[inline]
pub fn char_width(ch: char) -> u8 {
    if matches!(ch, ' '..='~') {
        return 1;
    }
    // At most 2 by construction of the table.
    ch.width().map_or(0, |w| w.min(2) as u8)
}

/// The columns that a string takes, cluster by cluster.
#[must_use]
pub fn str_width(text: &str) -> usize {
    if text.bytes().all(|b| matches!(b, 0x20..=0x7e)) {
        return text.len();
    }
    clusters(text).map(|(_, w)| usize::from(w)).sum()
}

/// What a character does to the cluster before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Join {
    /// It starts a cell of its own, with this width (1 or 2).
    Starts(u8),
    /// It belongs to the cell before; the cell keeps its width.
    Joins,
    /// It belongs to the cell before and makes it 2 columns wide.
    Widens,
    /// It has no place on the screen.
    Drops,
}

/// Decides whether `ch` joins the cluster `previous` (empty where there is none).
#[must_use]
pub fn join(previous: &str, ch: char) -> Join {
    let width = char_width(ch);
    let Some(last) = previous.chars().next_back() else {
        return if width == 0 {
            Join::Drops
        } else {
            Join::Starts(width)
        };
    };
    if ch == VS16 {
        return if takes_emoji_style(previous) {
            Join::Widens
        } else {
            Join::Joins
        };
    }
    if ch == VS15 || ch == ZWJ {
        return Join::Joins;
    }
    if last == ZWJ && width > 0 && cluster_is_pictograph(previous) {
        return Join::Joins;
    }
    if is_skin_tone(ch) && cluster_is_pictograph(previous) {
        return Join::Joins;
    }
    if is_regional(ch) && is_lone_regional(previous) {
        return Join::Widens;
    }
    if width == 0 {
        return if ch.is_control() {
            Join::Drops
        } else {
            Join::Joins
        };
    }
    Join::Starts(width)
}

/// The clusters of a string, each with its columns (1 or 2). Characters that
/// have no place on a screen are left out.
pub fn clusters(text: &str) -> impl Iterator<Item = (&str, u8)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let first = rest.chars().next()?;
            let mut end = first.len_utf8();
            let Join::Starts(mut width) = join("", first) else {
                rest = &rest[end..];
                continue;
            };
            for ch in rest[end..].chars() {
                match join(&rest[..end], ch) {
                    Join::Joins => {}
                    Join::Widens => width = 2,
                    Join::Starts(_) | Join::Drops => break,
                }
                end += ch.len_utf8();
            }
            let (cluster, tail) = rest.split_at(end);
            rest = tail;
            return Some((cluster, width));
        }
    })
}

/// The longest prefix of `text` that fits in `columns`.
#[must_use]
pub fn prefix(text: &str, columns: usize) -> &str {
    let mut used = 0;
    let mut end = 0;
    for (cluster, width) in clusters(text) {
        used += usize::from(width);
        if used > columns {
            break;
        }
        end = cluster.as_ptr() as usize - text.as_ptr() as usize + cluster.len();
    }
    &text[..end]
}

fn is_skin_tone(ch: char) -> bool {
    matches!(ch, '\u{1f3fb}'..='\u{1f3ff}')
}

fn is_regional(ch: char) -> bool {
    matches!(ch, '\u{1f1e6}'..='\u{1f1ff}')
}

fn is_lone_regional(cluster: &str) -> bool {
    let mut chars = cluster.chars();
    chars.next().is_some_and(is_regional) && chars.next().is_none()
}

/// Whether the cluster begins with a symbol that emoji sequences are built on.
fn cluster_is_pictograph(cluster: &str) -> bool {
    cluster.chars().next().is_some_and(is_pictograph)
}

fn is_pictograph(ch: char) -> bool {
    matches!(ch,
        '\u{a9}' | '\u{ae}' | '\u{203c}' | '\u{2049}' | '\u{2122}' | '\u{2139}'
        | '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{23ff}' | '\u{24c2}'
        | '\u{25a0}'..='\u{27bf}' | '\u{2900}'..='\u{297f}' | '\u{2b00}'..='\u{2bff}'
        | '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}' | '\u{1f000}'..='\u{1faff}')
}

fn takes_emoji_style(cluster: &str) -> bool {
    let mut chars = cluster.chars();
    let first = chars.next();
    chars.next().is_none()
        && first.is_some_and(|ch| is_pictograph(ch) || matches!(ch, '#' | '*' | '0'..='9'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_of_plain_wide_and_combined_text() {
        for (text, width) in [
            ("abc", 3),
            ("日本", 4),
            ("e\u{301}", 1),
            ("👩‍👩‍👧", 2),
            ("👍🏽", 2),
            ("🇩🇪", 2),
            ("🇩🇪🇫🇷", 4),
            ("❤\u{fe0f}", 2),
            ("1\u{fe0f}\u{20e3}", 2),
            ("\u{200b}", 0),
            ("a\u{7}b", 2),
        ] {
            assert_eq!(str_width(text), width, "{text:?}");
        }
    }

    #[test]
    fn prefix_never_splits_a_wide_cluster() {
        assert_eq!(prefix("日本", 3), "日");
        assert_eq!(prefix("ab", 9), "ab");
        assert_eq!(prefix("👩‍👩‍👧x", 2), "👩‍👩‍👧");
    }
}
