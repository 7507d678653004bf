//! Display width, one policy for grid, history, chrome and client output: the
//! widths of the current Unicode, and clusters that take one cell.
//!
//! Where glibc, Python's wcwidth and utf8proc agree on a character, so does
//! [`char_width`]. Where they do not, it is decided thus:
//!
//! - what is not assigned, or for private use: 1; in the planes of ideographs
//!   2; default-ignorable: 0 (UAX #44, Default_Ignorable_Code_Point);
//! - spacing marks (Mc): 1 in a cell of their own, as xterm and glibc have them,
//!   but those that UAX #29 calls Extend: 0;
//! - vowels and finals of conjoining Hangul: 0, joined to the consonant before;
//! - ambiguous (UAX #11, A): 1; a lone regional indicator: 1;
//! - soft hyphen and signs that span numbers (U+0600 …): 1, as xterm has them;
//! - the hexagrams and other symbols that Unicode 16 made wide: 2.
//!
//! A cluster is what a cell can hold (after UAX #29 and UTS #51): marks of any
//! number up to [`MAX_CLUSTER`], emoji joined by ZWJ, skin tones on emoji, pairs
//! of regional indicators, keycaps and tags. U+FE0F makes a character that has
//! an emoji form wide; U+FE0E changes no width, since most terminals that this
//! is shown on do not either. Conjuncts of Indic scripts stay one cell for each
//! consonant: programs count them so.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The widest cluster kept in one cell, in bytes of UTF-8; marks beyond it are
/// dropped, so that no cell grows without limit.
pub const MAX_CLUSTER: usize = 256;

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
    match ch.width() {
        None => 0,
        Some(0) => unhidden(ch),
        Some(1) => u8::from(!is_hidden(ch)),
        // Two Khmer letters: the table counts what they are made of.
        Some(_) if matches!(ch, '\u{17a4}' | '\u{17d8}') => 1,
        Some(_) => 2,
    }
}

/// The width of what the table hides and every other one shows: letters that
/// are joined to the next, the soft hyphen, the fillers.
fn unhidden(ch: char) -> u8 {
    match ch {
        '\u{3164}' => 2,
        '\u{ad}'
        | '\u{605}'
        | '\u{70f}'
        | '\u{890}'..='\u{891}'
        | '\u{8e2}'
        | '\u{d4e}'
        | '\u{a8fa}'
        | '\u{ffa0}'
        | '\u{111c2}'..='\u{111c3}'
        | '\u{113d1}'
        | '\u{1193f}'
        | '\u{11941}'
        | '\u{11a84}'..='\u{11a89}'
        | '\u{11d46}'
        | '\u{11f02}' => 1,
        _ => 0,
    }
}

/// Whether the table shows what every other one hides: separators of lines,
/// anchors of annotations, format controls of Egyptian.
#[inline]
fn is_hidden(ch: char) -> bool {
    matches!(ch,
        '\u{2028}' | '\u{2029}' | '\u{2d7f}' | '\u{fff9}'..='\u{fffb}'
        | '\u{1171e}' | '\u{13430}'..='\u{1343f}')
}

/// Characters often met, none of which joins the one before it unless that ends
/// in a ZWJ, and their columns.
const PLAIN: [(char, char, u8); 15] = [
    ('\u{a1}', '\u{ac}', 1),
    ('\u{ae}', '\u{2ff}', 1),
    ('\u{3a3}', '\u{482}', 1),
    ('\u{48a}', '\u{52f}', 1),
    ('\u{1e00}', '\u{1f15}', 1),
    ('\u{2010}', '\u{2027}', 1),
    ('\u{2030}', '\u{205e}', 1),
    ('\u{2190}', '\u{2319}', 1),
    ('\u{2500}', '\u{25fc}', 1),
    ('\u{2701}', '\u{2704}', 1),
    ('\u{3041}', '\u{3096}', 2),
    ('\u{30a0}', '\u{30ff}', 2),
    ('\u{3400}', '\u{a48c}', 2),
    ('\u{ac00}', '\u{d7a3}', 2),
    ('\u{ff61}', '\u{ff9d}', 1),
];

/// The columns of each 64 characters of the first plane that lie in one range
/// of [`PLAIN`]; 0 for the others.
const BLOCKS: [u8; 1024] = blocks();

const fn blocks() -> [u8; 1024] {
    let mut blocks = [0; 1024];
    let mut at = 0;
    while at < 1024 {
        let (first, last) = (at as u32 * 64, at as u32 * 64 + 63);
        let mut range = 0;
        while range < PLAIN.len() {
            let (from, to, columns) = PLAIN[range];
            if from as u32 <= first && last <= to as u32 {
                blocks[at] = columns;
            }
            range += 1;
        }
        at += 1;
    }
    blocks
}

/// The columns of a character that never joins the one before it (unless that
/// ends in a ZWJ), and is no ASCII; 0 for every other.
#[must_use]
#[inline]
pub fn plain_width(ch: char) -> u8 {
    match BLOCKS.get(ch as usize >> 6) {
        Some(0) | None => plain_slowly(ch),
        Some(columns) => *columns,
    }
}

fn plain_slowly(ch: char) -> u8 {
    if ch <= '\u{a0}' || matches!(ch, '\u{ad}' | '\u{300}'..='\u{36f}') {
        return 0;
    }
    match ch {
        '\u{1f600}'..='\u{1f64f}' => 2,
        _ if is_regional(ch) || is_skin_tone(ch) => 0,
        _ => char_width(ch),
    }
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

/// What matters of a cluster for what may join it.
#[derive(Clone, Copy)]
struct Tail {
    first: char,
    last: char,
    /// The first is the last.
    single: bool,
}

impl Tail {
    const fn new(first: char) -> Self {
        Self {
            first,
            last: first,
            single: true,
        }
    }

    fn of(cluster: &str) -> Option<Self> {
        let mut chars = cluster.chars();
        let first = chars.next()?;
        let last = chars.next_back();
        Some(Self {
            first,
            last: last.unwrap_or(first),
            single: last.is_none(),
        })
    }

    fn push(&mut self, ch: char) {
        self.last = ch;
        self.single = false;
    }

    #[inline]
    fn join(self, ch: char) -> Join {
        let plain = plain_width(ch);
        if plain > 0 && self.last != ZWJ {
            return Join::Starts(plain);
        }
        match ch {
            VS16 if self.single && takes_emoji_style(self.first) => Join::Widens,
            VS16 | VS15 | ZWJ => Join::Joins,
            _ if is_regional(ch) => {
                if self.single && is_regional(self.first) {
                    Join::Widens
                } else {
                    Join::Starts(1)
                }
            }
            _ if is_skin_tone(ch) => {
                if self.last != ZWJ && is_pictograph(self.first) {
                    Join::Joins
                } else {
                    Join::Starts(2)
                }
            }
            _ if self.last == ZWJ && is_pictograph(ch) && is_pictograph(self.first) => Join::Joins,
            _ => match char_width(ch) {
                0 if ch.is_control() => Join::Drops,
                0 => Join::Joins,
                width => Join::Starts(width),
            },
        }
    }
}

/// Decides whether `ch` joins the cluster `previous` (empty where there is none).
#[must_use]
pub fn join(previous: &str, ch: char) -> Join {
    match Tail::of(previous) {
        Some(tail) => tail.join(ch),
        None => alone(ch),
    }
}

fn alone(ch: char) -> Join {
    match char_width(ch) {
        0 => Join::Drops,
        width => Join::Starts(width),
    }
}

/// Whether a character that has width of its own may join this cluster.
#[must_use]
pub fn is_open(cluster: &str) -> bool {
    cluster.ends_with(ZWJ)
}

/// The bytes and columns of the cluster at the start of `text`, or nothing
/// where none starts there or it is longer than [`MAX_CLUSTER`].
#[must_use]
pub fn first_cluster(text: &str) -> Option<(usize, u8)> {
    let mut chars = text.chars();
    let first = chars.next()?;
    let Join::Starts(mut width) = alone(first) else {
        return None;
    };
    let mut end = first.len_utf8();
    let mut tail = Tail::new(first);
    for ch in chars {
        match tail.join(ch) {
            Join::Joins => {}
            Join::Widens => width = 2,
            Join::Starts(_) | Join::Drops => break,
        }
        tail.push(ch);
        end += ch.len_utf8();
        if end > MAX_CLUSTER {
            return None;
        }
    }
    Some((end, width))
}

/// The clusters of a string, each with its columns (1 or 2). Characters that
/// have no place on a screen are left out, marks beyond [`MAX_CLUSTER`] too.
pub fn clusters(text: &str) -> impl Iterator<Item = (&str, u8)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let first = rest.chars().next()?;
            let Join::Starts(mut width) = alone(first) else {
                rest = &rest[first.len_utf8()..];
                continue;
            };
            let mut tail = Tail::new(first);
            let mut end = first.len_utf8();
            let mut over = 0;
            for ch in rest[end..].chars() {
                match tail.join(ch) {
                    Join::Joins => {}
                    Join::Widens => width = 2,
                    Join::Starts(_) | Join::Drops => break,
                }
                if over > 0 || end + ch.len_utf8() > MAX_CLUSTER {
                    over += ch.len_utf8();
                } else {
                    tail.push(ch);
                    end += ch.len_utf8();
                }
            }
            let cluster = &rest[..end];
            rest = &rest[end + over..];
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

fn is_pictograph(ch: char) -> bool {
    matches!(ch,
        '\u{a9}' | '\u{ae}' | '\u{203c}' | '\u{2049}' | '\u{2122}' | '\u{2139}'
        | '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{23ff}' | '\u{24c2}'
        | '\u{25a0}'..='\u{27bf}' | '\u{2900}'..='\u{297f}' | '\u{2b00}'..='\u{2bff}'
        | '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}' | '\u{1f000}'..='\u{1faff}')
}

/// Whether U+FE0F gives the character a wide emoji form that it has not itself.
fn takes_emoji_style(ch: char) -> bool {
    if ch.width() != Some(1) {
        return false;
    }
    // A character and the selector: at most 4 and 3 bytes.
    let mut bytes = [0; 8];
    let n = ch.encode_utf8(&mut bytes).len();
    VS16.encode_utf8(&mut bytes[n..]);
    std::str::from_utf8(&bytes[..n + VS16.len_utf8()]).is_ok_and(|text| text.width() == 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn char_width_follows_the_policy() {
        for (chars, width) in [
            // Marks, joiners, format controls, fillers of Hangul.
            ("\u{300}\u{489}\u{5bf}\u{64b}\u{e31}\u{200b}\u{200d}", 0),
            (
                "\u{200e}\u{2028}\u{2060}\u{2d7f}\u{fe0f}\u{feff}\u{fffb}",
                0,
            ),
            (
                "\u{1160}\u{11a8}\u{d7b0}\u{13430}\u{1d167}\u{e0061}\u{e0100}",
                0,
            ),
            // Spacing marks, ambiguous and private characters, halves.
            (
                "\u{ad}\u{600}\u{903}\u{93f}\u{d4e}\u{e33}\u{17a4}\u{17d8}",
                1,
            ),
            (
                "±—①\u{3248}\u{e000}\u{10fffd}ｱ\u{ffa0}☺✓\u{1f1e6}\u{1f3f3}",
                1,
            ),
            // Ideographs, Hangul, full width, emoji, Unicode 16 and 17.
            ("日한ᄀあ＃　\u{3164}⌚😀\u{1f3fb}\u{1fae9}\u{1fac8}", 2),
            ("\u{2630}\u{4dc0}\u{1d300}\u{2fffd}\u{3fffd}", 2),
        ] {
            for ch in chars.chars() {
                assert_eq!(char_width(ch), width, "{:x}", u32::from(ch));
            }
        }
    }

    #[test]
    fn plain_width_is_the_width_or_unknown() {
        for ch in '\0'..=char::MAX {
            let plain = plain_width(ch);
            assert!(plain == 0 || plain == char_width(ch), "{:x}", u32::from(ch));
        }
    }

    #[test]
    fn width_of_clusters() {
        for (text, width) in [
            ("abc", 3),
            ("日本", 4),
            ("e\u{301}", 1),
            ("👩‍👩‍👧", 2),
            ("👩🏽‍❤️‍💋‍👨🏿", 2),
            ("👍🏽", 2),
            ("🏽", 2),
            ("a🏽", 3),
            ("🇩🇪", 2),
            ("🇩🇪🇫🇷", 4),
            ("🇩🇪🇫", 3),
            ("❤\u{fe0f}", 2),
            ("❤\u{fe0e}", 1),
            ("⌚\u{fe0e}", 2),
            ("a\u{fe0f}", 1),
            ("←\u{fe0f}", 1),
            ("↔\u{fe0f}", 2),
            ("©\u{fe0f}", 2),
            ("1\u{fe0f}\u{20e3}", 2),
            ("1\u{20e3}", 1),
            (
                "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
                2,
            ),
            ("😀\u{200d}a", 3),
            ("a\u{200d}b", 2),
            ("ᄒ\u{1161}\u{11ab}", 2),
            ("가\u{11a8}", 2),
            ("क\u{94d}ष", 2),
            ("\u{200b}", 0),
            ("a\u{7}b", 2),
        ] {
            assert_eq!(str_width(text), width, "{text:?}");
        }
    }

    #[test]
    fn cluster_beyond_its_limit_loses_marks_only() {
        let text = format!("e{}x", "\u{301}".repeat(100_000));
        let all: Vec<_> = clusters(&text).collect();
        assert_eq!(all.len(), 2);
        assert!(all[0].0.len() <= MAX_CLUSTER && all[0].1 == 1);
        assert_eq!(all[1], ("x", 1));
        assert_eq!(first_cluster(&text), None);
    }

    #[test]
    fn prefix_never_splits_a_wide_cluster() {
        assert_eq!(prefix("日本", 3), "日");
        assert_eq!(prefix("ab", 9), "ab");
        assert_eq!(prefix("👩‍👩‍👧x", 2), "👩‍👩‍👧");
    }
}
