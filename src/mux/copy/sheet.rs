//! The lines that copy mode shows, as a sheet of glyphs: the rows of its
//! terminal, with one line in place of each closed fold. It reads and keeps the
//! lines last read; it moves nothing.

use std::cell::RefCell;
use std::rc::Rc;

use crate::base::{CellText, Label, Pool, width};
use crate::term::{Rows, Terminal, ViewLine};

use super::folds::Folds;

/// Lines kept for reading again.
const KEPT: usize = 8;

/// What one column of a line shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Glyph {
    /// A character; a blank where nothing was written.
    Char(char),
    /// Several that are shown as one.
    Cluster(Box<str>),
    /// The right half of the glyph before.
    Tail,
    /// A tab begins here.
    Tab,
    /// The tab goes on.
    TabRest,
}

impl Glyph {
    pub(super) const BLANK: Self = Self::Char(' ');

    pub(super) fn push(&self, out: &mut String) {
        match self {
            Self::Char(ch) => out.push(*ch),
            Self::Cluster(text) => out.push_str(text),
            Self::Tab => out.push('\t'),
            Self::Tail | Self::TabRest => {}
        }
    }

    /// Whether it belongs to what begins before it.
    pub(super) const fn is_tail(&self) -> bool {
        matches!(self, Self::Tail | Self::TabRest)
    }

    /// Whether it is white space.
    pub(super) const fn is_blank(&self) -> bool {
        matches!(self, Self::Char(' ' | '\t') | Self::Tab | Self::TabRest)
    }
}

/// One line.
#[derive(Debug, Default)]
pub(super) struct Line {
    pub(super) glyphs: Vec<Glyph>,
    /// It goes on in the next line.
    pub(super) wrapped: bool,
    /// Columns up to the last that is not blank.
    pub(super) length: usize,
    /// Columns up to the last that was written.
    pub(super) used: usize,
}

impl Line {
    fn new(glyphs: Vec<Glyph>, used: usize, wrapped: bool) -> Self {
        let last = glyphs.iter().rposition(|glyph| *glyph != Glyph::BLANK);
        Self {
            length: last.map_or(0, |at| at + 1),
            glyphs,
            wrapped,
            used,
        }
    }

    pub(super) fn glyph(&self, col: usize) -> &Glyph {
        self.glyphs.get(col).unwrap_or(&Glyph::BLANK)
    }

    /// The text of columns, without right halves.
    pub(super) fn push_text(&self, from: usize, to: usize, out: &mut String) {
        for col in from..to {
            self.glyph(col).push(out);
        }
    }
}

#[derive(Default)]
struct Reading {
    pool: Pool,
    row: ViewLine,
    lines: Vec<(usize, Rc<Line>)>,
}

/// Lines to read.
pub(super) struct Sheet<'a> {
    term: &'a Terminal,
    folds: &'a Folds,
    /// How many there are, those of the screen too.
    pub(super) lines: usize,
    /// Columns.
    pub(super) cols: usize,
    reading: RefCell<Reading>,
}

impl<'a> Sheet<'a> {
    pub(super) fn new(term: &'a Terminal, folds: &'a Folds) -> Self {
        Self {
            term,
            folds,
            lines: folds.lines(term),
            cols: usize::from(term.size().cols()),
            reading: RefCell::default(),
        }
    }

    /// The last line's number.
    pub(super) const fn last(&self) -> usize {
        self.lines.saturating_sub(1)
    }

    pub(super) fn line(&self, at: usize) -> Rc<Line> {
        let mut reading = self.reading.borrow_mut();
        if let Some((_, line)) = reading.lines.iter().find(|(kept, _)| *kept == at) {
            return Rc::clone(line);
        }
        let row = self.folds.row(at);
        let line = Rc::new(match self.folds.label(row) {
            Some(label) => labelled(label, self.cols),
            None => self.read(row, &mut reading),
        });
        if reading.lines.len() >= KEPT {
            reading.lines.remove(0);
        }
        reading.lines.push((at, Rc::clone(&line)));
        line
    }

    /// A row of the terminal, whatever folds are closed.
    pub(super) fn row(&self, row: usize) -> Line {
        self.read(row, &mut self.reading.borrow_mut())
    }

    fn read(&self, row: usize, reading: &mut Reading) -> Line {
        let Reading {
            pool, row: read, ..
        } = reading;
        self.term
            .with_rows(|rows: &dyn Rows| rows.row(row, pool, read));
        let glyph = |cell: &crate::base::Cell| match cell.text() {
            _ if cell.is_tab() => Glyph::Tab,
            _ if cell.is_tab_rest() => Glyph::TabRest,
            CellText::Empty => Glyph::BLANK,
            CellText::Char(ch) => Glyph::Char(ch),
            CellText::Tail => Glyph::Tail,
            CellText::Cluster(_) => {
                let mut text = String::new();
                pool.push_text(*cell, &mut text);
                Glyph::Cluster(text.into())
            }
        };
        let used = if read.wrapped {
            read.unpadded()
        } else {
            read.used()
        };
        Line::new(read.cells.iter().map(glyph).collect(), used, read.wrapped)
    }

    pub(super) fn length(&self, at: usize) -> usize {
        self.line(at).length
    }

    /// The last column that holds something.
    pub(super) fn limit(&self, at: usize) -> usize {
        let line = self.line(at);
        let mut col = line.length.saturating_sub(1);
        while col > 0 && line.glyph(col).is_tail() {
            col -= 1;
        }
        col
    }

    pub(super) fn wraps(&self, at: usize) -> bool {
        self.line(at).wrapped
    }

    /// Whether a line goes on from the one before.
    pub(super) fn continues(&self, at: usize) -> bool {
        at.checked_sub(1).is_some_and(|before| self.wraps(before))
    }

    pub(super) fn is_tail(&self, line: usize, col: usize) -> bool {
        self.line(line).glyph(col).is_tail()
    }

    pub(super) fn is_blank(&self, line: usize, col: usize) -> bool {
        self.line(line).glyph(col).is_blank()
    }

    /// Whether a place holds one of these characters.
    pub(super) fn is_one_of(&self, line: usize, col: usize, set: &str) -> bool {
        match self.line(line).glyph(col) {
            Glyph::Char(ch) => set.contains(*ch),
            Glyph::Cluster(_) | Glyph::Tail | Glyph::Tab | Glyph::TabRest => false,
        }
    }

    /// The character at a place, where it is a single one.
    pub(super) fn char(&self, line: usize, col: usize) -> Option<char> {
        match self.line(line).glyph(col) {
            Glyph::Char(ch) => Some(*ch),
            Glyph::Cluster(_) | Glyph::Tail | Glyph::Tab | Glyph::TabRest => None,
        }
    }
}

/// The line that stands for a closed fold.
fn labelled(label: &Label, cols: usize) -> Line {
    let mut glyphs = Vec::with_capacity(cols);
    for (cluster, columns) in width::clusters(label.as_str()) {
        if glyphs.len() + usize::from(columns) > cols {
            break;
        }
        let mut chars = cluster.chars();
        glyphs.push(match (chars.next(), chars.next()) {
            (Some(ch), None) => Glyph::Char(ch),
            _ => Glyph::Cluster(cluster.into()),
        });
        if columns == 2 {
            glyphs.push(Glyph::Tail);
        }
    }
    let used = glyphs.len();
    Line::new(glyphs, used, false)
}
