//! Fuzzy matching of `#{m/z:…}` and `#{m/p:…}` (tmux(1), "FORMATS"). Groups are
//! separated by `|`, terms of a group by spaces; the best group counts. Styles
//! `#[…]` are neither matched nor counted.

use crate::base::width;

use super::modifiers::skip;
use super::shape::hashes;

/// What a term's place adds to its score, and takes from it.
mod score {
    pub(super) const EXACT: i64 = 1000;
    pub(super) const PREFIX: i64 = 200;
    pub(super) const SUFFIX: i64 = 100;
    pub(super) const START: i64 = 12;
    pub(super) const BOUNDARY: i64 = 8;
    pub(super) const CONSECUTIVE: i64 = 6;
    pub(super) const MOST_LEADING: i64 = 10;
}

/// A visible character of the text.
struct Glyph<'t> {
    text: &'t str,
    column: usize,
    width: u8,
}

/// The columns of the text that the pattern matches, in order; nothing when it
/// does not match.
pub(super) fn columns(pattern: &str, text: &str) -> Option<Vec<usize>> {
    rank(pattern, text).map(|(_, columns)| columns)
}

/// How well a text with styles fits a pattern, the higher the better, and in which
/// of its columns; nothing when it does not.
#[must_use]
pub fn rank(pattern: &str, text: &str) -> Option<(i64, Vec<usize>)> {
    if pattern.chars().all(|ch| matches!(ch, ' ' | '|')) {
        return Some((0, Vec::new()));
    }
    let fold = !pattern.bytes().any(|byte| byte.is_ascii_uppercase());
    let glyphs = scan(text);
    let mut best: Option<(i64, Vec<bool>)> = None;
    for group in pattern
        .split('|')
        .map(|group| group.trim_start_matches(' '))
    {
        if group.is_empty() {
            continue;
        }
        let mut hit = vec![false; glyphs.len()];
        if let Some(score) = match_group(group, &glyphs, fold, &mut hit)
            && best.as_ref().is_none_or(|(known, _)| score > *known)
        {
            best = Some((score, hit));
        }
    }
    let (score, hit) = best?;
    let hits = glyphs.iter().zip(hit).filter(|(_, hit)| *hit);
    let mut columns: Vec<usize> = hits
        .flat_map(|(glyph, _)| glyph.column..glyph.column + usize::from(glyph.width))
        .collect();
    columns.sort_unstable();
    Some((score, columns))
}

/// The visible characters of a text with styles.
fn scan(text: &str) -> Vec<Glyph<'_>> {
    let mut glyphs: Vec<Glyph<'_>> = Vec::new();
    let mut column = 0;
    let mut rest = text;
    while !rest.is_empty() {
        if rest.starts_with('#') {
            let run = hashes(rest);
            for text in rest.split_inclusive('#').take(run.shown) {
                let width = 1;
                glyphs.push(Glyph {
                    text,
                    column,
                    width,
                });
                column += 1;
            }
            rest = &rest[run.length..];
            if run.style {
                match skip(rest.get(2..).unwrap_or(""), b"]") {
                    Some(end) => rest = &rest[end + 3..],
                    None => break,
                }
            }
            continue;
        }
        if let Some(tail) = rest.strip_prefix(|ch: char| ch.is_control()) {
            rest = tail;
            continue;
        }
        let Some((length, width)) = width::first_cluster(rest) else {
            break;
        };
        let (text, tail) = rest.split_at(length);
        rest = tail;
        glyphs.push(Glyph {
            text,
            column,
            width,
        });
        column += usize::from(width);
    }
    glyphs
}

fn same(a: &str, b: &str, fold: bool) -> bool {
    if fold {
        a.eq_ignore_ascii_case(b)
    } else {
        a == b
    }
}

/// One term of a group, without its marks.
struct Term<'t> {
    inverse: bool,
    exact: bool,
    prefix: bool,
    suffix: bool,
    text: &'t str,
}

/// Takes a term apart; nothing for marks without a text.
fn read_term(word: &str) -> Option<Term<'_>> {
    let (inverse, mut text) = match word.strip_prefix('!') {
        Some(rest) => (true, rest),
        None => (false, word),
    };
    let prefix = text.starts_with('^');
    let marked = prefix || text.starts_with('\'');
    if marked {
        text = &text[1..];
    }
    let suffix = text.ends_with('$');
    if suffix {
        text = &text[..text.len() - 1];
    }
    (!text.is_empty()).then_some(Term {
        inverse,
        exact: marked || suffix || inverse,
        prefix,
        suffix,
        text,
    })
}

/// The score of a group of which every term matches.
fn match_group(group: &str, glyphs: &[Glyph<'_>], fold: bool, hit: &mut [bool]) -> Option<i64> {
    let mut total = 0;
    let mut any = false;
    for word in group.split(' ').filter(|word| !word.is_empty()) {
        let term = read_term(word)?;
        let wanted: Vec<&str> = width::clusters(term.text).map(|(text, _)| text).collect();
        let found = if term.exact {
            match_exact(&term, &wanted, glyphs, fold)
        } else {
            match_scattered(&wanted, glyphs, fold)
        };
        any = true;
        if term.inverse {
            if found.is_some() {
                return None;
            }
            continue;
        }
        let (score, places) = found?;
        total += score;
        for at in places {
            hit[at] = true;
        }
    }
    any.then_some(total)
}

/// The characters one after another, as near to each other as the first that
/// end together allow.
fn match_scattered(wanted: &[&str], glyphs: &[Glyph<'_>], fold: bool) -> Option<(i64, Vec<usize>)> {
    let mut places = Vec::with_capacity(wanted.len());
    let mut at = 0;
    for text in wanted {
        let found = glyphs[at..]
            .iter()
            .position(|glyph| same(text, glyph.text, fold))?;
        places.push(at + found);
        at += found + 1;
    }
    // Backwards from where the last one stands, for a shorter span.
    let mut end = at;
    for (place, text) in places.iter_mut().zip(wanted).rev() {
        end = glyphs[..end]
            .iter()
            .rposition(|glyph| same(text, glyph.text, fold))?;
        *place = end;
    }
    Some((score_scattered(&places, glyphs), places))
}

fn score_scattered(places: &[usize], glyphs: &[Glyph<'_>]) -> i64 {
    let (Some(first), Some(last)) = (places.first(), places.last()) else {
        return 0;
    };
    let mut score = score_start(*first, glyphs);
    for pair in places.windows(2) {
        if pair[1] == pair[0] + 1 {
            score += score::CONSECUTIVE;
        } else if boundary(glyphs, pair[1]) {
            score += score::BOUNDARY;
        }
    }
    score - as_score(last - first + 1 - places.len())
}

/// What the place of the first character is worth.
fn score_start(first: usize, glyphs: &[Glyph<'_>]) -> i64 {
    if first == 0 {
        return score::START;
    }
    let bonus = if boundary(glyphs, first) {
        score::BOUNDARY
    } else {
        0
    };
    bonus - as_score(first).min(score::MOST_LEADING)
}

/// Whether a word begins at a place.
fn boundary(glyphs: &[Glyph<'_>], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| glyphs.get(before));
    before.is_some_and(|glyph| matches!(glyph.text, " " | "-" | "_" | "/" | "." | ":"))
}

fn as_score(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX / 4)
}

/// The characters side by side, at the best place that the term's marks allow.
fn match_exact(
    term: &Term<'_>,
    wanted: &[&str],
    glyphs: &[Glyph<'_>],
    fold: bool,
) -> Option<(i64, Vec<usize>)> {
    let last = glyphs.len().checked_sub(wanted.len())?;
    let starts = match (term.prefix, term.suffix) {
        (true, true) if last != 0 => return None,
        (true, _) => 0..=0,
        (false, true) => last..=last,
        (false, false) => 0..=last,
    };
    let length = as_score(wanted.len());
    let mut best: Option<(i64, usize)> = None;
    for start in starts {
        let here = &glyphs[start..start + wanted.len()];
        if !here.iter().zip(wanted).all(|(g, w)| same(w, g.text, fold)) {
            continue;
        }
        let mut score = score::EXACT + length * score::CONSECUTIVE + score_start(start, glyphs);
        score += if term.prefix { score::PREFIX } else { 0 };
        score += if term.suffix { score::SUFFIX } else { 0 };
        if !term.prefix && !term.suffix {
            score -= as_score(last - start);
        }
        if best.is_none_or(|(known, _)| score > known) {
            best = Some((score, start));
        }
    }
    let (score, start) = best?;
    Some((score, (start..start + wanted.len()).collect()))
}
