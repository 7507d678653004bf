//! A configuration in the command language as a person edits it: pieces of
//! whole lines, so that one of them can be left out. It says where a command
//! ends and no more; what it means is the parser's.

/// Lines that one command may go over; what is longer ends there.
const LONGEST: usize = 200;

/// Commands without an end that are looked for in one text; after them every
/// line stands for itself.
const OPEN: usize = 10;

/// What a piece of a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing but blanks or comments.
    Blank,
    /// `%if` and its like.
    Directive,
    /// Commands or assignments.
    Commands,
}

/// Lines that belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unit {
    /// The first line, from 1.
    pub(super) first: usize,
    /// The last line.
    pub(super) last: usize,
    /// What it is.
    pub(super) kind: Kind,
}

impl Unit {
    /// Whether a line is one of its own.
    pub(super) fn has(&self, line: usize) -> bool {
        (self.first..=self.last).contains(&line)
    }
}

/// Cuts a text into units; every line belongs to one.
pub(super) fn units(text: &str) -> Vec<Unit> {
    let lines: Vec<&str> = text.lines().collect();
    let mut units = Vec::new();
    let mut at = 0;
    let mut open = 0;
    while at < lines.len() {
        let first = lines[at].trim_start();
        let kind = match first.chars().next() {
            None | Some('#') => Kind::Blank,
            Some('%') => Kind::Directive,
            Some(_) => Kind::Commands,
        };
        let longest = if open < OPEN { LONGEST } else { 1 };
        let count = length(&lines[at..], longest).unwrap_or_else(|| {
            // Nothing ends it: the fault is in its first line, the rest stands.
            open += 1;
            1
        });
        units.push(Unit {
            first: at + 1,
            last: at + count,
            kind,
        });
        at += count;
    }
    units
}

/// How many lines the first unit has; none if nothing ends it.
fn length(lines: &[&str], longest: usize) -> Option<usize> {
    let mut state = State::default();
    for (count, line) in (1..).zip(lines.iter().take(longest)) {
        if !state.goes_on(line) {
            return Some(count);
        }
    }
    None
}

/// What is open at the end of a line.
#[derive(Clone, Copy, Debug, Default)]
struct State {
    quote: Option<char>,
    blocks: usize,
}

impl State {
    /// Takes a line in; whether the next belongs to it.
    fn goes_on(&mut self, line: &str) -> bool {
        let mut chars = line.chars().peekable();
        let mut begins = true;
        while let Some(ch) = chars.next() {
            let ends = chars
                .peek()
                .is_none_or(|next| next.is_whitespace() || *next == ';');
            match (self.quote, ch) {
                (Some('\''), '\'') | (Some('"'), '"') => self.quote = None,
                (Some('\''), _) => {}
                (_, '\\') => {
                    if chars.next().is_none() {
                        return true;
                    }
                }
                (Some(_), _) => {}
                (None, '\'' | '"') => self.quote = Some(ch),
                (None, '#') if begins && chars.peek() != Some(&'{') => break,
                (None, '{') if begins && ends => self.blocks += 1,
                (None, '}') if begins => self.blocks = self.blocks.saturating_sub(1),
                (None, _) => {}
            }
            begins = self.quote.is_none() && (ch.is_whitespace() || ch == ';' || ch == '{');
        }
        self.quote.is_some() || self.blocks > 0
    }
}

/// A text without some units: their lines are empty, so that the others keep
/// their numbers.
pub(super) fn without(text: &str, gone: &[Unit]) -> String {
    let mut out = String::with_capacity(text.len());
    for (line, number) in text.lines().zip(1..) {
        if !gone.iter().any(|unit| unit.has(number)) {
            out.push_str(line);
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_what_belongs_together() {
        let text = "# one\nset -g a b\n\nbind x {\n  neww\n}\nset -g s \\\n  'y'\n%if 1\nset x \"a\nb\"\n%endif\nset y 'open\nneww\n";
        let found: Vec<(usize, usize, Kind)> = units(text)
            .iter()
            .map(|unit| (unit.first, unit.last, unit.kind))
            .collect();
        assert_eq!(
            found,
            [
                (1, 1, Kind::Blank),
                (2, 2, Kind::Commands),
                (3, 3, Kind::Blank),
                (4, 6, Kind::Commands),
                (7, 8, Kind::Commands),
                (9, 9, Kind::Directive),
                (10, 11, Kind::Commands),
                (12, 12, Kind::Directive),
                (13, 13, Kind::Commands),
                (14, 14, Kind::Commands),
            ]
        );
    }

    #[test]
    fn what_is_quoted_or_said_aside_opens_nothing() {
        for line in [
            "set x '{ a'",
            "set x \"it's {\" # and 'so on {",
            "set x it\\'s",
            "bind x { neww }",
            "bind x { if -F '#{y}' { neww } }",
            "set x #{a}",
            "}",
        ] {
            assert_eq!(length(&[line, "next"], 2), Some(1), "{line}");
        }
        assert_eq!(length(&["bind x { neww", "", "} # '"], 9), Some(3));
        assert_eq!(length(&["set x 'a", "b' {", "}"], 9), Some(3));
        assert_eq!(length(&["set x '", "b"], 9), None);
    }

    #[test]
    fn lines_keep_their_numbers_when_a_unit_goes() {
        let text = "a\nb {\nc\n}\nd";
        let gone = units(text);
        assert_eq!(without(text, &gone[1..2]), "a\n\n\n\nd\n");
    }
}
