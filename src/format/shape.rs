//! What modifiers make of a value: names of files, quoting, lengths in columns,
//! trimming and padding. Styles `#[…]` take no column and are not cut.

use crate::base::width;
use crate::command;

use super::modifiers::skip;

/// A run of `#` at the begin of a text, as drawing reads it.
pub(super) struct Hashes {
    /// Bytes of the run; the last one of a style's run belongs to the style.
    pub(super) length: usize,
    /// `#` that are shown for it.
    pub(super) shown: usize,
    /// The length of the whole run.
    pub(super) run: usize,
    /// A style `#[` follows.
    pub(super) style: bool,
}

/// Reads the `#` at the begin of a text: two are one, and one before a bracket
/// begins a style.
pub(super) fn hashes(text: &str) -> Hashes {
    let run = text.len() - text.trim_start_matches('#').len();
    let bracket = text[run..].starts_with('[');
    let style = bracket && run % 2 == 1;
    Hashes {
        length: run - usize::from(style),
        shown: if bracket { run / 2 } else { run.div_ceil(2) },
        run,
        style,
    }
}

/// A part of a text as it is drawn.
enum Part<'t> {
    /// A run of `#`, of which so many are shown.
    Hashes(Hashes),
    /// A whole style.
    Style(&'t str),
    /// A character of that many columns.
    Glyph(&'t str, usize),
}

/// Takes a text apart; a style without an end ends it.
fn parts(text: &str) -> impl Iterator<Item = Part<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            if rest.is_empty() {
                return None;
            }
            if rest.starts_with('#') {
                let run = hashes(rest);
                if run.length > 0 {
                    rest = &rest[run.length..];
                    return Some(Part::Hashes(run));
                }
                let end = skip(rest.get(2..)?, b"]")?;
                let (style, tail) = rest.split_at(end + 3);
                rest = tail;
                return Some(Part::Style(style));
            }
            if let Some(tail) = rest.strip_prefix(|ch: char| ch.is_control()) {
                rest = tail;
                continue;
            }
            let (length, columns) = width::first_cluster(rest)?;
            let (glyph, tail) = rest.split_at(length);
            rest = tail;
            return Some(Part::Glyph(glyph, usize::from(columns)));
        }
    })
}

/// Columns that a text takes when it is drawn.
pub(super) fn columns(text: &str) -> usize {
    parts(text)
        .map(|part| match part {
            Part::Hashes(run) => run.shown,
            Part::Style(_) => 0,
            Part::Glyph(_, columns) => columns,
        })
        .sum()
}

fn put_hashes(out: &mut String, run: &Hashes, shown: usize) {
    let written = match shown {
        0 => 0,
        _ if run.run == 1 => 1,
        shown => 2 * shown,
    };
    out.extend(std::iter::repeat_n('#', written));
}

/// The first columns of a text, with the styles before their end.
pub(super) fn cut_end(text: &str, limit: usize) -> String {
    let mut out = String::new();
    let mut at = 0;
    for part in parts(text) {
        if at >= limit {
            break;
        }
        match part {
            Part::Hashes(run) => {
                let shown = run.shown.min(limit - at);
                put_hashes(&mut out, &run, shown);
                at += shown;
            }
            Part::Style(style) => out.push_str(style),
            Part::Glyph(glyph, columns) => {
                if at + columns <= limit {
                    out.push_str(glyph);
                }
                at += columns;
            }
        }
    }
    out
}

/// The last columns of a text, with every style.
pub(super) fn cut_start(text: &str, limit: usize) -> String {
    let whole = columns(text);
    if whole <= limit {
        return text.to_owned();
    }
    let skipped = whole - limit;
    let mut out = String::new();
    let mut at = 0;
    for part in parts(text) {
        match part {
            Part::Hashes(run) => {
                let left = run.shown.saturating_sub(skipped.saturating_sub(at));
                put_hashes(&mut out, &run, left);
                at += run.shown;
            }
            Part::Style(style) => out.push_str(style),
            Part::Glyph(glyph, columns) => {
                if at >= skipped {
                    out.push_str(glyph);
                }
                at += columns;
            }
        }
    }
    out
}

/// The text with spaces up to a width: after it, or before it for a negative
/// one. Styles count as the text that they are.
pub(super) fn pad(text: String, wanted: i64) -> String {
    let columns = usize::try_from(wanted.unsigned_abs()).unwrap_or(0);
    let fill = columns.saturating_sub(width::str_width(&text));
    if fill == 0 {
        return text;
    }
    let fill = " ".repeat(fill);
    if wanted > 0 {
        format!("{text}{fill}")
    } else {
        format!("{fill}{text}")
    }
}

/// basename(3).
pub(super) fn basename(path: &str) -> &str {
    if path.is_empty() {
        return ".";
    }
    let bare = path.trim_end_matches('/');
    if bare.is_empty() {
        return "/";
    }
    bare.rsplit('/').next().unwrap_or(bare)
}

/// dirname(3).
pub(super) fn dirname(path: &str) -> &str {
    let bare = path.trim_end_matches('/');
    match bare.rsplit_once('/') {
        Some((head, _)) => {
            let head = head.trim_end_matches('/');
            if head.is_empty() { "/" } else { head }
        }
        None if bare.is_empty() && !path.is_empty() => "/",
        None => ".",
    }
}

/// Ways to quote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quote {
    /// `q`: backslashes before what is special in sh(1).
    Shell,
    /// `q/s`: in single quotes.
    Single,
    /// `q/e`, `q/h`: two `#` for one.
    Style,
    /// `q/a`: a word of the command language.
    Argument,
}

impl Quote {
    /// The way that the modifier's argument names.
    pub(super) fn of(flags: Option<&str>) -> Option<Self> {
        let Some(flags) = flags else {
            return Some(Self::Shell);
        };
        if flags.contains('s') {
            Some(Self::Single)
        } else if flags.contains(['e', 'h']) {
            Some(Self::Style)
        } else if flags.contains('a') {
            Some(Self::Argument)
        } else {
            None
        }
    }

    /// The text quoted.
    pub(super) fn apply(self, text: &str) -> String {
        match self {
            Self::Shell => {
                let mut out = String::with_capacity(text.len());
                for ch in text.chars() {
                    if "|&;<>(){}$`\\\"'*?[# =%\n\t".contains(ch) {
                        out.push('\\');
                    }
                    out.push(ch);
                }
                out
            }
            Self::Single => format!("'{}'", text.replace('\'', "'\\''")),
            Self::Style => text.replace('#', "##"),
            Self::Argument => command::quote(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_take_no_columns() {
        for (text, wanted) in [
            ("abc", 3),
            ("#[fg=red]ab#[default]", 2),
            ("##", 1),
            ("###", 2),
            ("##[x]", 4),
            ("###[fg=red]x", 2),
            ("日本", 4),
            ("a\tb", 2),
            ("x#[open", 1),
        ] {
            assert_eq!(columns(text), wanted, "{text}");
        }
    }

    #[test]
    fn cuts_keep_styles() {
        let text = "#[fg=red]hello#[default] world";
        for (limit, wanted) in [
            (3, "#[fg=red]hel"),
            (5, "#[fg=red]hello"),
            (7, "#[fg=red]hello#[default] w"),
        ] {
            assert_eq!(cut_end(text, limit), wanted);
        }
        assert_eq!(cut_start(text, 3), "#[fg=red]#[default]rld");
        assert_eq!(cut_end("日本", 3), "日");
        assert_eq!(cut_start("日本", 3), "本");
        assert_eq!(cut_end("a##b", 2), "a##");
    }

    #[test]
    fn file_names_split_as_in_libc() {
        for (path, base, dir) in [
            ("/usr/lib/x.so", "x.so", "/usr/lib"),
            ("", ".", "."),
            ("/", "/", "/"),
            ("/usr/", "usr", "/"),
            ("a//b", "b", "a"),
            ("x", "x", "."),
        ] {
            assert_eq!((basename(path), dirname(path)), (base, dir), "{path}");
        }
    }

    #[test]
    fn quotes_by_flag() {
        for (flags, wanted) in [
            (None, "a\\ b\\#"),
            (Some("s"), "'a b#'"),
            (Some("h"), "a b##"),
            (Some("a"), "\"a b#\""),
        ] {
            let quote = Quote::of(flags).unwrap();
            assert_eq!(quote.apply("a b#"), wanted);
        }
        assert_eq!(Quote::of(Some("x")), None);
        assert_eq!(Quote::Single.apply("it's"), "'it'\\''s'");
    }
}
