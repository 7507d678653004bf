//! An edited line: text, a cursor and motions by words. It knows no keys and
//! no commands.

/// An edited line with its cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    chars: Vec<char>,
    cursor: usize,
    killed: Vec<char>,
}

impl Line {
    /// Longest line, in characters.
    pub const MAX: usize = 8192;

    /// A line with a text and the cursor at its end.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let chars: Vec<char> = text
            .chars()
            .filter(|ch| !ch.is_control())
            .take(Self::MAX)
            .collect();
        Self {
            cursor: chars.len(),
            chars,
            killed: Vec::new(),
        }
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> String {
        self.chars.iter().collect()
    }

    /// The text left of the cursor.
    #[must_use]
    pub fn before_cursor(&self) -> String {
        self.chars[..self.cursor].iter().collect()
    }

    /// How many characters it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.chars.len()
    }

    /// Whether nothing is written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.chars.is_empty()
    }

    /// Whether the cursor is after the last character.
    #[must_use]
    pub fn at_end(&self) -> bool {
        self.cursor == self.chars.len()
    }

    /// Replaces the text; the cursor goes to the end.
    pub fn set(&mut self, text: &str) {
        let killed = std::mem::take(&mut self.killed);
        *self = Self {
            killed,
            ..Self::new(text)
        };
    }

    /// Writes a text at the cursor; controls are left out.
    pub fn insert(&mut self, text: &str) {
        let room = Self::MAX.saturating_sub(self.chars.len());
        let fresh: Vec<char> = text
            .chars()
            .filter(|ch| !ch.is_control())
            .take(room)
            .collect();
        let added = fresh.len();
        self.chars.splice(self.cursor..self.cursor, fresh);
        self.cursor += added;
    }

    /// Writes one character at the cursor, a control too (it was quoted).
    pub fn push(&mut self, ch: char) {
        if self.chars.len() < Self::MAX {
            self.chars.insert(self.cursor, ch);
            self.cursor += 1;
        }
    }

    /// Goes to a character, counted from the start.
    pub fn go(&mut self, to: usize) {
        self.cursor = to.min(self.chars.len());
    }

    /// Goes left or right by characters.
    pub fn step(&mut self, by: isize) {
        self.go(self.cursor.saturating_add_signed(by));
    }

    /// Takes out the character before the cursor; whether there was one.
    pub fn delete_back(&mut self) -> bool {
        let Some(at) = self.cursor.checked_sub(1) else {
            return false;
        };
        self.chars.remove(at);
        self.cursor = at;
        true
    }

    /// Takes out the character under the cursor; whether there was one.
    pub fn delete_forward(&mut self) -> bool {
        let found = self.cursor < self.chars.len();
        if found {
            self.chars.remove(self.cursor);
        }
        found
    }

    /// Takes out everything.
    pub fn clear(&mut self) {
        self.chars.clear();
        self.cursor = 0;
    }

    /// Takes out all from the cursor on; whether there was anything.
    pub fn kill_to_end(&mut self) -> bool {
        let found = self.cursor < self.chars.len();
        self.chars.truncate(self.cursor);
        found
    }

    /// Takes out from the start of the word before the cursor, and keeps it
    /// for [`Line::killed`].
    pub fn kill_word(&mut self, separators: &str) {
        let from = self.word_before(separators);
        self.killed = self.chars.drain(from..self.cursor).collect();
        self.cursor = from;
    }

    /// The word that was taken out last.
    #[must_use]
    pub fn killed(&self) -> Option<String> {
        (!self.killed.is_empty()).then(|| self.killed.iter().collect())
    }

    /// Exchanges the two characters before the cursor, moving on by one where
    /// it can; whether it did.
    pub fn transpose(&mut self) -> bool {
        let at = (self.cursor + 1).min(self.chars.len());
        if at < 2 {
            return false;
        }
        self.chars.swap(at - 2, at - 1);
        self.cursor = at;
        true
    }

    /// Goes to where the next word begins (`vi`), or behind the next word.
    pub fn word_forward(&mut self, separators: &str, vi: bool) {
        let end = self.chars.len();
        let mut at = self.cursor;
        let space = |at: usize| self.chars.get(at) == Some(&' ');
        if !vi {
            while at < end && space(at) {
                at += 1;
            }
        }
        if at >= end {
            self.cursor = end;
            return;
        }
        let kind = self.separates(at, separators) && !space(at);
        loop {
            at += 1;
            if space(at) {
                while vi && at < end && space(at) {
                    at += 1;
                }
                break;
            }
            if at >= end || self.separates(at, separators) != kind {
                break;
            }
        }
        self.cursor = at;
    }

    /// Goes onto the last character of the next word.
    pub fn word_end(&mut self, separators: &str) {
        let end = self.chars.len();
        let mut at = self.cursor;
        let space = |at: usize| self.chars.get(at) == Some(&' ');
        if at >= end {
            return;
        }
        loop {
            at += 1;
            if at >= end {
                self.cursor = end;
                return;
            }
            if !space(at) {
                break;
            }
        }
        let kind = self.separates(at, separators);
        while at < end && !space(at) && self.separates(at, separators) == kind {
            at += 1;
        }
        self.cursor = at - 1;
    }

    /// Goes to where the word before the cursor begins.
    pub fn word_back(&mut self, separators: &str) {
        self.cursor = self.word_before(separators);
    }

    fn word_before(&self, separators: &str) -> usize {
        let mut at = self.cursor;
        let space = |at: usize| self.chars.get(at) == Some(&' ');
        while at > 0 {
            at -= 1;
            if !space(at) {
                break;
            }
        }
        let kind = self.separates(at, separators);
        while at > 0 {
            at -= 1;
            if space(at) || self.separates(at, separators) != kind {
                return at + 1;
            }
        }
        at
    }

    fn separates(&self, at: usize, separators: &str) -> bool {
        self.chars
            .get(at)
            .is_some_and(|ch| separators.contains(*ch))
    }

    /// The word at the cursor: where it begins, and its text. A cursor behind
    /// a space is at no word.
    #[must_use]
    pub fn word(&self) -> (usize, String) {
        let before = &self.chars[..self.cursor];
        let from = before.iter().rposition(|ch| *ch == ' ');
        let from = from.map_or(0, |at| at + 1);
        let after = &self.chars[self.cursor..];
        let to = after.iter().position(|ch| *ch == ' ');
        let to = to.map_or(self.chars.len(), |at| self.cursor + at);
        (from, self.chars[from..to].iter().collect())
    }

    /// Puts a text in place of the word at the cursor, which goes behind it.
    pub fn replace_word(&mut self, text: &str) {
        let (from, word) = self.word();
        let to = from + word.chars().count();
        let fresh: Vec<char> = text.chars().filter(|ch| !ch.is_control()).collect();
        if self.chars.len() + fresh.len() > Self::MAX {
            return;
        }
        self.cursor = from + fresh.len();
        self.chars.splice(from..to, fresh);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEPARATORS: &str = "-_@";

    #[test]
    fn words_are_passed_as_emacs_and_vi_do() {
        let ends = |text: &str, steps: usize, go: &dyn Fn(&mut Line)| {
            let mut line = Line::new(text);
            line.go(0);
            (0..steps).for_each(|_| go(&mut line));
            line.before_cursor().len()
        };
        let emacs = |line: &mut Line| line.word_forward(SEPARATORS, false);
        let vi = |line: &mut Line| line.word_forward(SEPARATORS, true);
        let big = |line: &mut Line| line.word_forward("", true);
        let end = |line: &mut Line| line.word_end(SEPARATORS);
        for (text, steps, go, at) in [
            ("one two-three", 1, &emacs as &dyn Fn(&mut Line), 3),
            ("one two-three", 2, &emacs, 7),
            ("one two-three", 3, &emacs, 8),
            ("one two-three", 9, &emacs, 13),
            ("one two-three", 1, &vi, 4),
            ("one two-three", 2, &vi, 7),
            ("one two-three", 2, &big, 13),
            ("one two-three", 1, &end, 2),
            ("one two-three", 2, &end, 6),
            ("", 1, &vi, 0),
        ] {
            assert_eq!(ends(text, steps, go), at, "{text} {steps}");
        }
    }

    #[test]
    fn words_are_killed_back_to_a_separator() {
        let mut line = Line::new("one two-three");
        for left in ["one two-", "one two", "one ", ""] {
            line.kill_word(SEPARATORS);
            assert_eq!(line.text(), left);
        }
        assert_eq!(line.killed().as_deref(), Some("one "));
    }

    #[test]
    fn line_takes_no_controls_and_is_bounded() {
        let mut line = Line::new("a\x1bb");
        line.insert(&"x".repeat(2 * Line::MAX));
        line.push('y');
        assert!(line.text().starts_with("abx"));
        assert_eq!(line.len(), Line::MAX);
    }

    #[test]
    fn words_are_replaced_at_the_cursor() {
        let mut line = Line::new("one tw three");
        line.go(6);
        assert_eq!(line.word(), (4, "tw".to_owned()));
        line.replace_word("second");
        assert_eq!(
            (line.text(), line.before_cursor().len()),
            ("one second three".to_owned(), 10)
        );
    }
}
