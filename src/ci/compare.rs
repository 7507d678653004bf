//! Two outputs of one step side by side: what changes from run to run anyway
//! (times, durations, ids, temporary paths) counts as equal. Time and memory
//! are bounded; what is too different is told apart in larger pieces.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;

/// The most lines of an output that are compared; what follows is left out.
pub const MAX_LINES: usize = 20_000;
/// The part of a line that is compared, in bytes.
const MAX_LINE: usize = 4096;
/// Differences that are looked for exactly within one piece.
const MAX_EDITS: usize = 800;

/// What is the same in every run, put for what is not. The first that fits wins.
const CHANGING: [(&str, &str); 7] = [
    (
        r"(?i)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b",
        "<id>",
    ),
    (
        r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)?(?:Z|[+-]\d\d:?\d\d)?|\b\d{1,2}:\d\d:\d\d(?:[.,]\d+)?\b",
        "<time>",
    ),
    (
        r"(?:/private)?/(?:tmp|var/folders|var/tmp|run/user/\d+)/[^\s'\x22:,;)\]]+",
        "<tmp>",
    ),
    (
        r"(?i)\b\d+(?:[.,]\d+)?\s?(?:ns|us|µs|ms|s|secs?|seconds?|m|mins?|minutes?|h|hours?)(?:\s?\d+(?:[.,]\d+)?\s?(?:ms|s|m))*\b",
        "<span>",
    ),
    (
        r"(?i)\b(?:pid|process|job)(?: id)?[ =:#]+\d+\b|\[\d{2,}\]",
        "<pid>",
    ),
    (r"\b0x[0-9a-fA-F]+\b", "<id>"),
    (r"\b\d{10,}\b", "<n>"),
];

static PATTERNS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let all = CHANGING.iter();
    all.filter_map(|(pattern, name)| Some((Regex::new(pattern).ok()?, *name)))
        .collect()
});

static HEX: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\b[0-9a-f]{7,64}\b").ok());

/// A line without what changes from run to run.
#[must_use]
pub fn normalised(line: &str) -> String {
    let line = &line[..line.floor_char_boundary(MAX_LINE)];
    let mut text = Cow::Borrowed(line.trim_end());
    if !text.bytes().any(|b| b.is_ascii_digit()) {
        return text.into_owned();
    }
    for (pattern, name) in PATTERNS.iter() {
        if let Cow::Owned(changed) = pattern.replace_all(&text, *name) {
            text = Cow::Owned(changed);
        }
    }
    let Some(hex) = HEX.as_ref() else {
        return text.into_owned();
    };
    // Words of the letters a to f, and plain numbers, are no ids.
    let id = |found: &regex::Captures<'_>| {
        let word = found.get(0).map_or("", |m| m.as_str());
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        let name = if digits > 0 && digits < word.len() {
            "<id>"
        } else {
            word
        };
        name.to_owned()
    };
    hex.replace_all(&text, id).into_owned()
}

/// One row of a comparison: lines by their numbers from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The line of the first text.
    pub left: Option<u32>,
    /// The line of the second.
    pub right: Option<u32>,
    /// Both are there and mean the same.
    pub same: bool,
}

/// Compares two texts line by line, up to [`MAX_LINES`] of each.
#[must_use]
pub fn compare(left: &[String], right: &[String]) -> Vec<Pair> {
    let mut known: HashMap<String, u32> = HashMap::new();
    let mut ids = |lines: &[String]| -> Vec<u32> {
        let lines = lines.iter().take(MAX_LINES);
        lines
            .map(|line| {
                let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
                *known.entry(normalised(line)).or_insert(next)
            })
            .collect()
    };
    let (a, b) = (ids(left), ids(right));
    let mut equal = Vec::new();
    piece(&a, &b, (0, 0), true, &mut equal);
    rows(&equal, a.len(), b.len())
}

/// Finds the equal lines of a piece; `at` is where it begins in both texts.
fn piece(a: &[u32], b: &[u32], at: (usize, usize), split: bool, equal: &mut Vec<(usize, usize)>) {
    let head = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    equal.extend((0..head).map(|n| (at.0 + n, at.1 + n)));
    let (a, b, at) = (&a[head..], &b[head..], (at.0 + head, at.1 + head));
    let ends = a.iter().rev().zip(b.iter().rev());
    let tail = ends.take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[..a.len() - tail], &b[..b.len() - tail]);
    if !a.is_empty() && !b.is_empty() {
        if let Some(found) = shortest(a, b) {
            equal.extend(found.into_iter().map(|(x, y)| (at.0 + x, at.1 + y)));
        } else if split {
            let mut from = (0, 0);
            for (x, y) in landmarks(a, b) {
                let begin = (at.0 + from.0, at.1 + from.1);
                piece(&a[from.0..x], &b[from.1..y], begin, false, equal);
                equal.push((at.0 + x, at.1 + y));
                from = (x + 1, y + 1);
            }
            let begin = (at.0 + from.0, at.1 + from.1);
            piece(&a[from.0..], &b[from.1..], begin, false, equal);
        }
    }
    let end = (at.0 + a.len(), at.1 + b.len());
    equal.extend((0..tail).map(|n| (end.0 + n, end.1 + n)));
}

/// The equal lines of a shortest edit script (E. W. Myers, "An O(ND) difference
/// algorithm", 1986); nothing when it has more than [`MAX_EDITS`] edits.
fn shortest(a: &[u32], b: &[u32]) -> Option<Vec<(usize, usize)>> {
    let most = (a.len() + b.len()).min(MAX_EDITS);
    let width = 2 * most + 3;
    let middle = most + 1;
    // The furthest place in `a` on each diagonal, and what it was before.
    let mut reach = vec![0_usize; width];
    let mut before: Vec<Vec<usize>> = Vec::new();
    for edits in 0..=most {
        before.push(reach[middle - edits..=middle + edits].to_vec());
        for step in 0..=edits {
            let k = middle + 2 * step - edits;
            let down = step == 0 || (step != edits && reach[k - 1] < reach[k + 1]);
            let mut x = if down { reach[k + 1] } else { reach[k - 1] + 1 };
            // The diagonal is x − y.
            let mut y = (x + middle).checked_sub(k)?;
            while x < a.len() && y < b.len() && a[x] == b[y] {
                (x, y) = (x + 1, y + 1);
            }
            reach[k] = x;
            if x >= a.len() && y >= b.len() {
                return Some(trace(&before, (a.len(), b.len()), middle, a, b));
            }
        }
    }
    None
}

/// Goes back through what [`shortest`] saw and gathers the equal lines.
fn trace(
    before: &[Vec<usize>],
    end: (usize, usize),
    middle: usize,
    a: &[u32],
    b: &[u32],
) -> Vec<(usize, usize)> {
    let (mut x, mut y) = end;
    let mut equal = Vec::new();
    for (edits, reach) in before.iter().enumerate().rev() {
        let first = middle - edits;
        let at = |k: usize| k.checked_sub(first).and_then(|k| reach.get(k).copied());
        let k = x + middle - y;
        let (below, above) = (at(k + 1), at(k - 1));
        let down =
            k == middle - edits || (k != middle + edits && above.unwrap_or(0) < below.unwrap_or(0));
        let from = if edits == 0 {
            (0, 0)
        } else if down {
            let x = below.unwrap_or(0);
            (x, (x + middle).saturating_sub(k))
        } else {
            let x = above.unwrap_or(0) + 1;
            (x, (x + middle).saturating_sub(k))
        };
        while x > from.0 && y > from.1 && a[x - 1] == b[y - 1] {
            (x, y) = (x - 1, y - 1);
            equal.push((x, y));
        }
        if edits > 0 {
            if down {
                y = y.saturating_sub(1);
            } else {
                x = x.saturating_sub(1);
            }
        }
    }
    equal.reverse();
    equal
}

/// Lines that are there once in either text, in an order that holds in both.
fn landmarks(a: &[u32], b: &[u32]) -> Vec<(usize, usize)> {
    let once = |text: &[u32]| {
        let mut seen: HashMap<u32, Option<usize>> = HashMap::new();
        for (at, id) in text.iter().enumerate() {
            seen.entry(*id)
                .and_modify(|place| *place = None)
                .or_insert(Some(at));
        }
        seen
    };
    let (left, right) = (once(a), once(b));
    let places = a.iter().enumerate().filter_map(|(x, id)| {
        left.get(id).copied().flatten()?;
        Some((x, right.get(id).copied().flatten()?))
    });
    // The longest rising run of places, by patience sorting.
    let places: Vec<(usize, usize)> = places.collect();
    let mut tops: Vec<usize> = Vec::new();
    let mut below: Vec<Option<usize>> = Vec::with_capacity(places.len());
    for (nth, (_, y)) in places.iter().enumerate() {
        let pile = tops.partition_point(|top| places[*top].1 < *y);
        below.push(pile.checked_sub(1).and_then(|pile| tops.get(pile).copied()));
        match tops.get_mut(pile) {
            Some(top) => *top = nth,
            None => tops.push(nth),
        }
    }
    let mut found = Vec::new();
    let mut next = tops.last().copied();
    while let Some(nth) = next {
        found.push(places[nth]);
        next = below[nth];
    }
    found.reverse();
    found
}

/// Rows of a comparison: between equal lines, what differs stands side by side.
fn rows(equal: &[(usize, usize)], left: usize, right: usize) -> Vec<Pair> {
    let number = |n: usize| u32::try_from(n).ok();
    let mut rows = Vec::with_capacity(left.max(right));
    let mut from = (0, 0);
    for &(x, y) in equal.iter().chain([&(left, right)]) {
        let height = (x - from.0).max(y - from.1);
        for n in 0..height {
            rows.push(Pair {
                left: (from.0 + n < x).then(|| number(from.0 + n)).flatten(),
                right: (from.1 + n < y).then(|| number(from.1 + n)).flatten(),
                same: false,
            });
        }
        if (x, y) != (left, right) {
            rows.push(Pair {
                left: number(x),
                right: number(y),
                same: true,
            });
            from = (x + 1, y + 1);
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.split(',')
            .filter(|l| !l.is_empty())
            .map(str::to_owned)
            .collect()
    }

    fn shown(a: &str, b: &str) -> String {
        let (a, b) = (lines(a), lines(b));
        let side = |text: &[String], at: Option<u32>| {
            at.map_or("-".to_owned(), |at| text[at as usize].clone())
        };
        let rows = compare(&a, &b);
        let words: Vec<String> = rows
            .iter()
            .map(|row| {
                let sign = if row.same { "=" } else { "|" };
                format!("{}{sign}{}", side(&a, row.left), side(&b, row.right))
            })
            .collect();
        words.join(" ")
    }

    #[test]
    fn lines_that_differ_stand_side_by_side() {
        for (a, b, expected) in [
            ("", "", ""),
            ("a,b", "a,b", "a=a b=b"),
            ("a,b,c", "a,c", "a=a b|- c=c"),
            ("a,c", "a,b,c", "a=a -|b c=c"),
            ("a,x,c", "a,y,z,c", "a=a x|y -|z c=c"),
            ("a,b", "", "a|- b|-"),
            ("a,b,c,d,e", "b,c,x,e,f", "a|- b=b c=c d|x e=e -|f"),
        ] {
            assert_eq!(shown(a, b), expected, "{a} / {b}");
        }
    }

    #[test]
    fn what_changes_from_run_to_run_is_the_same() {
        for (a, b) in [
            (
                "at 2024-05-01T10:11:12.123Z ok",
                "at 2025-06-02T01:02:03Z ok",
            ),
            ("[12:30:01] start", "[09:00:00] start"),
            ("done in 1.23s", "done in 14s"),
            ("took 3m05s", "took 17s"),
            ("Finished in 0.4 seconds", "Finished in 12 seconds"),
            ("commit 1a2b3c4d5e", "commit 99ffee00aa"),
            ("obj 0xdeadbeef", "obj 0x7f00"),
            ("cd /tmp/build-x81/a", "cd /tmp/build-y2/b"),
            ("pid 4711 exited", "pid 12 exited"),
            (
                "id 550e8400-e29b-41d4-a716-446655440000",
                "id 123e4567-e89b-12d3-a456-426614174000",
            ),
            ("epoch 1712345678901", "epoch 1799999999999"),
            ("trailing   ", "trailing"),
        ] {
            assert_eq!(normalised(a), normalised(b));
        }
        for (a, b) in [
            ("3 passed, 1 failed", "3 passed, 2 failed"),
            ("facade", "decade"),
            ("exit 1", "exit 2"),
            ("1234567 tests", "1234568 tests"),
        ] {
            assert_ne!(normalised(a), normalised(b));
        }
    }

    /// Every row in order, nothing left out, equal rows equal.
    fn check(a: &[String], b: &[String]) -> usize {
        let rows = compare(a, b);
        let lefts: Vec<u32> = rows.iter().filter_map(|row| row.left).collect();
        let rights: Vec<u32> = rows.iter().filter_map(|row| row.right).collect();
        assert!(lefts.iter().copied().eq(0..a.len().min(MAX_LINES) as u32));
        assert!(rights.iter().copied().eq(0..b.len().min(MAX_LINES) as u32));
        for row in rows.iter().filter(|row| row.same) {
            assert_eq!(
                a[row.left.unwrap() as usize],
                b[row.right.unwrap() as usize]
            );
        }
        rows.iter().filter(|row| row.same).count()
    }

    #[test]
    fn comparison_is_whole_for_any_texts() {
        let mut seed = 7_u64;
        let mut next = |n: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 33) % n
        };
        for round in 0..400_u64 {
            let kinds = 1 + round % 9;
            let mut text = |len: u64| -> Vec<String> {
                (0..len).map(|_| format!("l{}", next(kinds))).collect()
            };
            let (a, b) = (text(round % 23), text(round % 17));
            // The longest common subsequence, the slow way.
            let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
            for i in (0..a.len()).rev() {
                for j in (0..b.len()).rev() {
                    table[i][j] = if a[i] == b[j] {
                        table[i + 1][j + 1] + 1
                    } else {
                        table[i + 1][j].max(table[i][j + 1])
                    };
                }
            }
            assert_eq!(check(&a, &b), table[0][0], "{a:?} {b:?}");
        }
    }

    #[test]
    fn hostile_texts_end_in_bounded_time() {
        let text = |n: usize, salt: &str| -> Vec<String> {
            (0..n).map(|i| format!("{salt} {}", i * 7919 % n)).collect()
        };
        let (a, b) = (text(MAX_LINES + 500, "x"), text(MAX_LINES, "y"));
        assert_eq!(check(&a, &b), 0);
        let mut shuffled = a.clone();
        shuffled.reverse();
        assert!(check(&a, &shuffled) >= 1);
        let repeated = vec!["same".to_owned(); MAX_LINES];
        assert_eq!(check(&repeated, &repeated[..10]), 10);
    }
}
