//! YAML text → tokens, with the tolerance of libyaml (YAML 1.1), which is what
//! Travis and GitLab read with: tabs where it takes them, `:` and `?` inside flow
//! scalars, and so on. It builds no tree and knows no anchors.
//! Source of the rules: YAML 1.1 chapters 5-9, and libyaml's observed behaviour.

use super::Place;

/// The longest simple key, in characters, as in YAML 1.1 (7.4.2).
const KEY_LIMIT: u64 = 1024;

/// The byte order mark, which may begin a line.
const BOM: char = '\u{feff}';

/// What a scalar was written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Quoted,
    Block,
}

/// A token of the grammar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    StreamEnd,
    Directive,
    DocumentStart,
    DocumentEnd,
    BlockSequence,
    BlockMapping,
    BlockEnd,
    FlowSequence,
    FlowSequenceEnd,
    FlowMapping,
    FlowMappingEnd,
    Entry,
    FlowEntry,
    Key,
    Value,
    Alias(String),
    Anchor(String),
    Tag(String),
    Scalar(String, Style),
}

/// A token and where it begins.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) place: Place,
}

/// Why the text is no YAML, and where.
#[derive(Clone, Debug)]
pub(super) struct Bad {
    pub(super) place: Place,
    pub(super) message: &'static str,
}

pub(super) type Done = Result<(), Bad>;

/// A scalar that turns out to be a key once its `:` is seen.
#[derive(Clone, Copy)]
struct Candidate {
    required: bool,
    token: usize,
    place: Place,
}

/// The scanner. Columns count characters from 1; [`Scanner::indent`] is a column
/// less one, -1 outside everything.
pub(super) struct Scanner<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    pub(super) line: u64,
    pub(super) column: i64,
    pub(super) flow: usize,
    pub(super) indent: i64,
    pub(super) key_allowed: bool,
    indents: Vec<i64>,
    candidates: Vec<Option<Candidate>>,
    tokens: Vec<Token>,
}

/// All tokens up to the end, or up to what is no token.
pub(super) fn scan(text: &str) -> (Vec<Token>, Option<Bad>) {
    let mut scanner = Scanner {
        text,
        at: 0,
        line: 1,
        column: 0,
        flow: 0,
        indent: -1,
        key_allowed: true,
        indents: Vec::new(),
        candidates: vec![None],
        tokens: Vec::new(),
    };
    loop {
        match scanner.next() {
            Ok(true) => {}
            Ok(false) => return (scanner.tokens, None),
            Err(bad) => return (scanner.tokens, Some(bad)),
        }
    }
}

impl Scanner<'_> {
    pub(super) fn peek(&self, ahead: usize) -> u8 {
        let byte = self.text.as_bytes().get(self.at + ahead);
        byte.copied().unwrap_or(0)
    }

    pub(super) fn ended(&self) -> bool {
        self.at >= self.text.len()
    }

    pub(super) fn place(&self) -> Place {
        Place {
            line: self.line,
            column: u64::try_from(self.column).unwrap_or(0) + 1,
        }
    }

    pub(super) fn bad<T>(&self, message: &'static str) -> Result<T, Bad> {
        Err(Bad {
            place: self.place(),
            message,
        })
    }

    pub(super) fn blank(&self, ahead: usize) -> bool {
        matches!(self.peek(ahead), b' ' | b'\t')
    }

    /// The length in bytes of the line break at the position, 0 for none. NEL, LS
    /// and PS are breaks of YAML 1.1.
    pub(super) fn break_len(&self, ahead: usize) -> usize {
        let rest = self.text.as_bytes().get(self.at + ahead..);
        match rest.unwrap_or_default() {
            [b'\r', b'\n', ..] | [0xC2, 0x85, ..] => 2,
            [b'\r' | b'\n', ..] => 1,
            [0xE2, 0x80, 0xA8 | 0xA9, ..] => 3,
            _ => 0,
        }
    }

    /// Blank, line break or end.
    pub(super) fn blank_or_end(&self, ahead: usize) -> bool {
        self.at + ahead >= self.text.len() || self.blank(ahead) || self.break_len(ahead) > 0
    }

    /// Passes one character which is no line break.
    pub(super) fn skip(&mut self) {
        let next = self.text.get(self.at..).and_then(|s| s.chars().next());
        self.at += next.map_or(1, char::len_utf8);
        self.column += 1;
    }

    pub(super) fn skip_break(&mut self) {
        self.at += self.break_len(0);
        self.line += 1;
        self.column = 0;
    }

    pub(super) fn at_document_mark(&self) -> bool {
        self.column == 0
            && (self.text[self.at..].starts_with("---") || self.text[self.at..].starts_with("..."))
            && self.blank_or_end(3)
    }

    fn push(&mut self, kind: Kind, place: Place) {
        self.tokens.push(Token { kind, place });
    }

    /// Reads one more token; false at the end.
    fn next(&mut self) -> Result<bool, Bad> {
        self.pass_blanks();
        self.forget_stale_keys()?;
        self.unroll(self.column);
        if self.ended() {
            self.finish()?;
            return Ok(false);
        }
        let byte = self.peek(0);
        if self.column == 0 && byte == b'%' {
            self.directive()?;
        } else if self.at_document_mark() {
            self.document_mark(byte)?;
        } else {
            self.dispatch(byte)?;
        }
        Ok(true)
    }

    fn dispatch(&mut self, byte: u8) -> Done {
        let alone = self.blank_or_end(1);
        let flow = self.flow > 0;
        match byte {
            b'[' => self.flow_start(Kind::FlowSequence),
            b'{' => self.flow_start(Kind::FlowMapping),
            b']' => self.flow_end(Kind::FlowSequenceEnd),
            b'}' => self.flow_end(Kind::FlowMappingEnd),
            b',' => self.flow_entry(),
            b'-' if alone => self.block_entry(),
            b'?' if alone => self.key(),
            b':' if flow || alone => self.value(),
            b'*' => self.name(Kind::Alias),
            b'&' => self.name(Kind::Anchor),
            b'!' => self.tag(),
            b'|' if !flow => self.block(true),
            b'>' if !flow => self.block(false),
            b'\'' | b'"' => self.quoted(byte),
            b'#' | b'|' | b'>' | b'%' | b'@' | b'`' | b'\t' => {
                self.bad("this character cannot begin a value")
            }
            _ => self.plain(),
        }
    }

    /// Passes blanks, comments and line breaks. A tab may stand where no block
    /// key could begin.
    fn pass_blanks(&mut self) {
        loop {
            if self.column == 0 && self.text[self.at..].starts_with(BOM) {
                self.at += BOM.len_utf8();
            }
            while self.peek(0) == b' '
                || (self.peek(0) == b'\t' && (self.flow > 0 || !self.key_allowed))
            {
                self.skip();
            }
            if self.peek(0) == b'\t' && self.rest_of_line_is_blank() {
                self.skip_line_rest();
            }
            if self.peek(0) == b'#' {
                self.skip_line_rest();
            }
            if self.break_len(0) == 0 {
                return;
            }
            self.skip_break();
            if self.flow == 0 {
                self.key_allowed = true;
            }
        }
    }

    /// Only blanks or a comment follow. libyaml refuses a tab here; nothing hangs
    /// on it, so the line counts as empty.
    fn rest_of_line_is_blank(&self) -> bool {
        let mut ahead = 0;
        while self.blank(ahead) {
            ahead += 1;
        }
        self.peek(ahead) == b'#' || self.blank_or_end(ahead)
    }

    pub(super) fn skip_line_rest(&mut self) {
        while !self.ended() && self.break_len(0) == 0 {
            self.skip();
        }
    }

    fn is_stale(&self, key: &Candidate) -> bool {
        key.place.line < self.line || key.place.column + KEY_LIMIT < self.place().column
    }

    /// A candidate is no key once its line ends; one that must be is a mistake.
    fn forget_stale_keys(&mut self) -> Done {
        for index in (0..self.candidates.len()).rev().take(2) {
            if let Some(key) = self.candidates[index]
                && self.is_stale(&key)
            {
                if key.required {
                    return Err(Bad {
                        place: key.place,
                        message: "a `:` is expected after this key",
                    });
                }
                self.candidates[index] = None;
            }
        }
        Ok(())
    }

    pub(super) fn save_key(&mut self) -> Done {
        if !self.key_allowed {
            return Ok(());
        }
        let candidate = Candidate {
            required: self.flow == 0 && self.indent == self.column,
            token: self.tokens.len(),
            place: self.place(),
        };
        self.drop_key()?;
        if let Some(last) = self.candidates.last_mut() {
            *last = Some(candidate);
        }
        Ok(())
    }

    pub(super) fn drop_key(&mut self) -> Done {
        let last = self.candidates.last_mut().and_then(Option::take);
        match last {
            Some(key) if key.required => Err(Bad {
                place: key.place,
                message: "a `:` is expected after this key",
            }),
            _ => Ok(()),
        }
    }

    /// Opens a block collection at a column that is deeper than the current one.
    fn roll(&mut self, column: i64, before: Option<usize>, kind: Kind, place: Place) {
        if self.flow > 0 || self.indent >= column {
            return;
        }
        self.indents.push(self.indent);
        self.indent = column;
        let token = Token { kind, place };
        match before {
            Some(index) if index <= self.tokens.len() => self.tokens.insert(index, token),
            _ => self.tokens.push(token),
        }
    }

    /// Closes the block collections that are deeper than a column.
    fn unroll(&mut self, column: i64) {
        if self.flow > 0 {
            return;
        }
        while self.indent > column {
            self.push(Kind::BlockEnd, self.place());
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }

    fn finish(&mut self) -> Done {
        self.unroll(-1);
        self.drop_key()?;
        self.push(Kind::StreamEnd, self.place());
        Ok(())
    }

    fn directive(&mut self) -> Done {
        self.unroll(-1);
        self.drop_key()?;
        self.key_allowed = false;
        self.push(Kind::Directive, self.place());
        self.skip_line_rest();
        Ok(())
    }

    fn document_mark(&mut self, byte: u8) -> Done {
        self.unroll(-1);
        self.drop_key()?;
        self.key_allowed = false;
        let kind = if byte == b'-' {
            Kind::DocumentStart
        } else {
            Kind::DocumentEnd
        };
        self.push(kind, self.place());
        self.at += 3;
        self.column += 3;
        Ok(())
    }

    fn flow_start(&mut self, kind: Kind) -> Done {
        self.save_key()?;
        self.candidates.push(None);
        self.flow += 1;
        self.key_allowed = true;
        self.push(kind, self.place());
        self.skip();
        Ok(())
    }

    fn flow_end(&mut self, kind: Kind) -> Done {
        self.drop_key()?;
        if self.flow > 0 {
            self.flow -= 1;
            self.candidates.pop();
        }
        self.key_allowed = false;
        self.push(kind, self.place());
        self.skip();
        Ok(())
    }

    fn flow_entry(&mut self) -> Done {
        self.drop_key()?;
        self.key_allowed = true;
        self.push(Kind::FlowEntry, self.place());
        self.skip();
        Ok(())
    }

    fn block_entry(&mut self) -> Done {
        if self.flow == 0 {
            if !self.key_allowed {
                return self.bad("a list cannot begin here");
            }
            self.roll(self.column, None, Kind::BlockSequence, self.place());
        }
        self.drop_key()?;
        self.key_allowed = true;
        self.push(Kind::Entry, self.place());
        self.skip();
        Ok(())
    }

    fn key(&mut self) -> Done {
        if self.flow == 0 {
            if !self.key_allowed {
                return self.bad("a key cannot begin here");
            }
            self.roll(self.column, None, Kind::BlockMapping, self.place());
        }
        self.drop_key()?;
        self.key_allowed = self.flow == 0;
        self.push(Kind::Key, self.place());
        self.skip();
        Ok(())
    }

    fn value(&mut self) -> Done {
        let candidate = self.candidates.last_mut().and_then(Option::take);
        if let Some(key) = candidate.filter(|key| !self.is_stale(key)) {
            let token = Token {
                kind: Kind::Key,
                place: key.place,
            };
            self.tokens.insert(key.token.min(self.tokens.len()), token);
            let column = i64::try_from(key.place.column).unwrap_or(1) - 1;
            self.roll(column, Some(key.token), Kind::BlockMapping, key.place);
            self.key_allowed = false;
        } else {
            if self.flow == 0 {
                if !self.key_allowed {
                    return self
                        .bad("a `: ` cannot stand here; put the whole value in single quotes");
                }
                self.roll(self.column, None, Kind::BlockMapping, self.place());
            }
            self.key_allowed = self.flow == 0;
        }
        self.push(Kind::Value, self.place());
        self.skip();
        Ok(())
    }

    /// An alias or an anchor.
    fn name(&mut self, kind: fn(String) -> Kind) -> Done {
        self.save_key()?;
        self.key_allowed = false;
        let place = self.place();
        self.skip();
        let start = self.at;
        while !self.blank_or_end(0) && !b"?:,[]{}%@`\"'#&*!|>".contains(&self.peek(0)) {
            self.skip();
        }
        if self.at == start {
            return self.bad("the name of an anchor is expected here");
        }
        let name = self.text[start..self.at].to_owned();
        self.push(kind(name), place);
        Ok(())
    }

    fn tag(&mut self) -> Done {
        self.save_key()?;
        self.key_allowed = false;
        let place = self.place();
        let start = self.at;
        self.skip();
        let verbatim = self.peek(0) == b'<';
        while !self.blank_or_end(0) && (verbatim || !b",[]{}".contains(&self.peek(0))) {
            let close = verbatim && self.peek(0) == b'>';
            self.skip();
            if close {
                break;
            }
        }
        let tag = self.text[start..self.at].to_owned();
        self.push(Kind::Tag(tag), place);
        Ok(())
    }

    fn block(&mut self, literal: bool) -> Done {
        self.drop_key()?;
        self.key_allowed = true;
        let place = self.place();
        let text = self.block_scalar(literal)?;
        self.push(Kind::Scalar(text, Style::Block), place);
        Ok(())
    }

    fn quoted(&mut self, quote: u8) -> Done {
        self.save_key()?;
        self.key_allowed = false;
        let place = self.place();
        let text = self.quoted_scalar(quote)?;
        self.push(Kind::Scalar(text, Style::Quoted), place);
        Ok(())
    }

    fn plain(&mut self) -> Done {
        self.save_key()?;
        self.key_allowed = false;
        let place = self.place();
        let text = self.plain_scalar()?;
        self.push(Kind::Scalar(text, Style::Plain), place);
        Ok(())
    }
}
