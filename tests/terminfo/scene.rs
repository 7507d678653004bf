//! A terminal that is written to by capability, and looked at.

use stepmux::base::{Key, Size, Style};
use stepmux::term::{Config, Notice, Output, Terminal, encode_key};

use super::describe::{Description, Param};

/// A terminal of 20×5 and the description it is written by.
pub(crate) struct Scene<'a> {
    /// The description.
    pub(crate) info: &'a Description,
    /// The terminal.
    pub(crate) term: Terminal,
    /// What it answered and told.
    pub(crate) out: Output,
}

impl<'a> Scene<'a> {
    /// An empty screen.
    pub(crate) fn new(info: &'a Description) -> Self {
        Self {
            info,
            term: Terminal::new(Size::new(20, 5), Config::default()),
            out: Output::default(),
        }
    }

    /// A screen with `abcdefghij` in rows 0 to 4, behind the row's number.
    pub(crate) fn filled(info: &'a Description) -> Self {
        Self::new(info)
            .put("0abcdefghij\r\n1abcdefghij\r\n2abcdefghij\r\n3abcdefghij\r\n4abcdefghij")
    }

    /// Writes text.
    pub(crate) fn put(mut self, text: &str) -> Self {
        self.term.feed(text.as_bytes(), &mut self.out);
        assert_eq!(self.term.verify(), Ok(()));
        self
    }

    /// Writes a capability without parameters.
    pub(crate) fn cap(self, name: &str) -> Self {
        self.with(name, &[])
    }

    /// Writes a capability with numbers.
    pub(crate) fn with(self, name: &str, params: &[i64]) -> Self {
        let params: Vec<Param> = params.iter().map(|n| Param::from(*n)).collect();
        self.params(name, &params)
    }

    /// Writes a capability with any parameters.
    pub(crate) fn params(mut self, name: &str, params: &[Param]) -> Self {
        let bytes = self.info.text(name, params);
        self.term.feed(&bytes, &mut self.out);
        assert_eq!(self.term.verify(), Ok(()), "{name}");
        self
    }

    /// Goes to a column and row, counted from 0, by `cup`.
    pub(crate) fn at(self, x: i64, y: i64) -> Self {
        self.with("cup", &[y, x])
    }

    /// The text of a row, without blanks at its end.
    pub(crate) fn line(&self, y: u16) -> String {
        let mut text = String::new();
        for cell in self.term.row(y) {
            self.term.pool().push_text(*cell, &mut text);
        }
        text.trim_end().to_owned()
    }

    /// All rows, `|` between them, without empty ones at the end.
    pub(crate) fn picture(&self) -> String {
        let rows: Vec<String> = (0..5).map(|y| self.line(y)).collect();
        rows.join("|").trim_end_matches('|').to_owned()
    }

    /// The cursor's column and row.
    pub(crate) fn place(&self) -> (u16, u16) {
        let pos = self.term.cursor().pos;
        (pos.x, pos.y)
    }

    /// The style of a cell.
    pub(crate) fn style(&self, x: usize, y: u16) -> Style {
        self.term.pool().get(self.term.row(y)[x].style)
    }

    /// What was told.
    pub(crate) fn told(&self) -> &[Notice] {
        &self.out.notices
    }

    /// What was answered.
    pub(crate) fn answer(&self) -> String {
        String::from_utf8(self.out.replies.clone()).unwrap()
    }

    /// What a key sends now.
    pub(crate) fn key(&self, name: &str) -> Vec<u8> {
        let key: Key = name.parse().unwrap();
        let mut out = Vec::new();
        encode_key(key, self.term.modes(), &mut out);
        out
    }

    /// Demands a picture.
    pub(crate) fn shows(self, picture: &str) -> Self {
        assert_eq!(self.picture(), picture);
        self
    }

    /// Demands a place of the cursor.
    pub(crate) fn stands(self, x: u16, y: u16) -> Self {
        assert_eq!(self.place(), (x, y));
        self
    }
}
