//! Copy mode's motions, by the names that `send-keys -X` gives them. A motion
//! changes the view and the cursor; it copies nothing and ends nothing.

use crate::term::select as by;
use crate::term::{Direction, Marks, Query, Rows, Terminal, ViewPos};

use super::copy::{AbsPos, AbsRow, CopyMode};

/// What a motion needs to know beside the terminal.
#[derive(Clone, Copy, Debug)]
pub struct MotionArgs<'a> {
    /// The command's argument (a text to search, a line, a character).
    pub arg: Option<&'a str>,
    /// `word-separators`.
    pub separators: &'a str,
    /// `wrap-search`.
    pub wrap: bool,
    /// `mode-keys emacs`: the cursor stands between characters, so that ends
    /// are one cell further.
    pub emacs: bool,
}

impl CopyMode {
    /// Does a motion once. False when the name is none of a motion.
    pub fn motion(&mut self, term: &Terminal, name: &str, args: MotionArgs<'_>) -> bool {
        let horizontal = self.horizontal(term, name, args);
        if horizontal {
            self.wanted_col = self.cursor.col;
        }
        horizontal
            || self.vertical(term, name, args)
            || self.marked(term, name, args)
            || self.seek(term, name, args)
    }

    fn vertical(&mut self, term: &Terminal, name: &str, args: MotionArgs<'_>) -> bool {
        let rows = i64::from(term.size().rows());
        let page = (rows - 2).max(1);
        let top = self.shown(self.top);
        let last = top + u64::from(term.size().rows()) - 1;
        let last = last.min(self.shown(Self::end(term)));
        match name {
            "cursor-up" => self.line(term, -1),
            "cursor-down" => self.line(term, 1),
            "scroll-up" => self.scroll(term, -1),
            "scroll-down" => self.scroll(term, 1),
            "page-up" => self.page(term, -page),
            "page-down" => self.page(term, page),
            "halfpage-up" => self.page(term, -(rows / 2).max(1)),
            "halfpage-down" => self.page(term, (rows / 2).max(1)),
            "history-top" => self.row(term, Self::oldest(term).0),
            "history-bottom" => {
                let end = self.shown(Self::end(term));
                self.row(term, self.row_shown(end).0);
            }
            "top-line" => self.row(term, self.top.0),
            "middle-line" => self.row(term, self.row_shown(top + (last - top) / 2).0),
            "bottom-line" => self.row(term, self.row_shown(last).0),
            "scroll-top" => self.bring(term, 0),
            "scroll-middle" | "recentre-top-bottom" => self.bring(term, rows / 2),
            "scroll-bottom" => self.bring(term, rows - 1),
            "goto-line" => {
                let back = args.arg.and_then(|arg| arg.trim().parse::<u64>().ok());
                let Some(back) = back else { return true };
                let wanted = self.shown(AbsRow(term.rows_pushed().saturating_sub(back)));
                let by = i64::try_from(wanted).unwrap_or(0) - i64::try_from(top).unwrap_or(0);
                self.scroll(term, by);
            }
            _ => return false,
        }
        true
    }

    fn line(&mut self, term: &Terminal, step: i64) {
        let line = self.shown(self.cursor.row).saturating_add_signed(step);
        let row = self.row_shown(line.min(self.shown(Self::end(term))));
        self.row(term, row.0);
    }

    fn row(&mut self, term: &Terminal, row: u64) {
        let end = term.rows_pushed() + u64::from(term.size().rows()) - 1;
        let row = AbsRow(row.clamp(Self::oldest(term).0, end));
        let col = self.wanted_col.min(term.size().cols() - 1);
        self.go(term, AbsPos { row, col });
    }

    /// A page: where the view can go no further, the cursor goes to the edge.
    fn page(&mut self, term: &Terminal, by: i64) {
        let before = self.shown(self.top);
        self.scroll(term, by);
        let top = self.shown(self.top);
        let moved = i64::try_from(top).unwrap_or(0) - i64::try_from(before).unwrap_or(0);
        if moved != by {
            let rest = by - moved;
            let last = top + u64::from(term.size().rows()) - 1;
            let last = last.min(self.shown(Self::end(term)));
            let row = self.shown(self.cursor.row).saturating_add_signed(rest);
            let row = self.row_shown(row.clamp(top, last));
            self.go(
                term,
                AbsPos {
                    row,
                    col: self.cursor.col,
                },
            );
        }
    }

    /// Scrolls so that the cursor's row lies on a line of the screen.
    fn bring(&mut self, term: &Terminal, line: i64) {
        let first = self.shown(Self::oldest(term));
        let top = self.shown(self.cursor.row).saturating_add_signed(-line);
        self.top = self.row_shown(top.clamp(first, self.last_top(term)));
        self.settle(term);
        self.follow();
    }

    fn horizontal(&mut self, term: &Terminal, name: &str, args: MotionArgs<'_>) -> bool {
        let at = Self::to_view(term, self.cursor);
        let words = args.separators;
        let read = |find: &dyn Fn(&dyn Rows) -> ViewPos| term.with_rows(|rows| find(rows));
        let past = |end: ViewPos| {
            let further = args.emacs && end != at && end.col + 1 < term.size().cols();
            ViewPos::new(end.row, end.col + u16::from(further))
        };
        let to = match name {
            "cursor-left" => {
                if self.cursor.col == 0 && at.row > 0 {
                    read(&|rows| {
                        let end = row_end(rows, at.row - 1);
                        ViewPos::new(at.row - 1, end)
                    })
                } else {
                    ViewPos::new(at.row, at.col.saturating_sub(1))
                }
            }
            "cursor-right" => read(&|rows| {
                let end = if self.rectangle {
                    rows.cols() - 1
                } else {
                    row_end(rows, at.row)
                };
                if at.col < end {
                    ViewPos::new(at.row, at.col + 1)
                } else if at.row + 1 < rows.rows() && !self.rectangle {
                    ViewPos::new(at.row + 1, 0)
                } else {
                    at
                }
            }),
            "start-of-line" => read(&|rows| by::line_start(rows, at)),
            "back-to-indentation" => read(&|rows| by::line_indent(rows, at)),
            "end-of-line" => past(read(&|rows| by::line_end(rows, at))),
            "next-word" => read(&|rows| by::next_word(rows, at, words)),
            "next-word-end" => past(read(&|rows| by::next_word_end(rows, at, words))),
            "previous-word" => read(&|rows| by::previous_word(rows, at, words)),
            "next-space" => read(&|rows| by::next_space(rows, at)),
            "next-space-end" => past(read(&|rows| by::next_space_end(rows, at))),
            "previous-space" => read(&|rows| by::previous_space(rows, at)),
            "next-paragraph" => read(&|rows| by::next_paragraph(rows, at)),
            "previous-paragraph" => read(&|rows| by::previous_paragraph(rows, at)),
            "next-matching-bracket" | "previous-matching-bracket" => {
                read(&|rows| by::matching_bracket(rows, at).unwrap_or(at))
            }
            _ => return self.jumps(term, name, args),
        };
        let to = Self::of_view(term, to);
        self.go(term, self.out_of_fold(to));
        true
    }

    /// Out of a closed fold, onto its line or behind it, whichever way it was gone
    /// into.
    fn out_of_fold(&self, to: AbsPos) -> AbsPos {
        if !self.is_hidden(to.row) {
            return to;
        }
        let header = self.shown(to.row);
        let forward = to.row > self.cursor.row;
        AbsPos {
            row: self.row_shown(header + u64::from(forward)),
            col: 0,
        }
    }

    /// vi's `f`, `F`, `t`, `T`, `;` and `,`.
    fn jumps(&mut self, term: &Terminal, name: &str, args: MotionArgs<'_>) -> bool {
        let given = args.arg.and_then(|arg| arg.chars().next());
        let jump = match name {
            "jump-forward" => given.map(|ch| (ch, true, false)),
            "jump-backward" => given.map(|ch| (ch, false, false)),
            "jump-to-forward" => given.map(|ch| (ch, true, true)),
            "jump-to-backward" => given.map(|ch| (ch, false, true)),
            "jump-again" => self.jump,
            "jump-reverse" => self.jump.map(|(ch, forward, to)| (ch, !forward, to)),
            _ => return false,
        };
        let Some((ch, forward, short)) = jump else {
            return true;
        };
        if !matches!(name, "jump-again" | "jump-reverse") {
            self.jump = jump;
        }
        let at = Self::to_view(term, self.cursor);
        let text = term.with_rows(|rows| row_chars(rows, at.row));
        let here = usize::from(at.col);
        let skip = usize::from(short);
        let found = if forward {
            (here + 1 + skip..text.len()).find(|x| text[*x] == Some(ch))
        } else {
            (0..here.saturating_sub(skip))
                .rev()
                .find(|x| text[*x] == Some(ch))
        };
        if let Some(x) = found {
            let x = match (short, forward) {
                (false, _) => x,
                (true, true) => x - 1,
                (true, false) => x + 1,
            };
            let col = u16::try_from(x).unwrap_or(0);
            self.go(
                term,
                AbsPos {
                    row: self.cursor.row,
                    col,
                },
            );
        }
        true
    }

    /// Goes to what shells and builds marked; nowhere if there is none further
    /// that way. What is in the history goes to the top of the view, as tmux
    /// has it for prompts.
    fn marked(&mut self, term: &Terminal, name: &str, args: MotionArgs<'_>) -> bool {
        let Some((way, what)) = name.split_once('-') else {
            return false;
        };
        let which = match what {
            "prompt" if args.arg == Some("-o") => Marks::OUTPUT,
            "prompt" => Marks::PROMPT,
            "command" => Marks::INPUT,
            "phase" => Marks::PHASE,
            "failure" => Marks::FAILED,
            _ => return false,
        };
        let after = match way {
            "next" => true,
            "previous" => false,
            _ => return false,
        };
        let at = Self::to_view(term, self.cursor);
        let Some(row) = term.marked_row(at.row, which, after) else {
            return true;
        };
        self.go_to_top(term, Self::of_view(term, ViewPos::new(row, 0)));
        self.wanted_col = 0;
        true
    }

    fn seek(&mut self, term: &Terminal, name: &str, args: MotionArgs<'_>) -> bool {
        let (text, prefix) = match args.arg {
            Some(arg) if name.ends_with("-incremental") => {
                let mut chars = arg.chars();
                let prefix = chars.next();
                (Some(chars.as_str()), prefix)
            }
            other => (other, None),
        };
        let query = |regex: bool| {
            let text = text.filter(|text| !text.is_empty())?;
            if regex {
                Query::regex(text).or_else(|_| Query::literal(text)).ok()
            } else {
                Query::literal(text).ok()
            }
        };
        let (query, direction) = match (name, prefix) {
            ("search-forward", _) => (query(true), Direction::Forward),
            ("search-backward", _) => (query(true), Direction::Backward),
            ("search-forward-text", _) => (query(false), Direction::Forward),
            ("search-backward-text", _) => (query(false), Direction::Backward),
            ("search-forward-incremental", prefix) => (
                query(false),
                if prefix == Some('-') {
                    Direction::Backward
                } else {
                    Direction::Forward
                },
            ),
            ("search-backward-incremental", prefix) => (
                query(false),
                if prefix == Some('+') {
                    Direction::Forward
                } else {
                    Direction::Backward
                },
            ),
            ("search-again", _) => match &self.search {
                Some((query, direction)) => (Some(query.clone()), *direction),
                None => return true,
            },
            ("search-reverse", _) => match &self.search {
                Some((query, direction)) => (Some(query.clone()), turned(*direction)),
                None => return true,
            },
            _ => return false,
        };
        let Some(query) = query else {
            self.search = None;
            return true;
        };
        let from = Self::to_view(term, self.cursor);
        if let Some(found) = term.search(&query, from, direction, args.wrap) {
            self.go(term, Self::of_view(term, found.start));
            self.wanted_col = self.cursor.col;
        }
        if !matches!(name, "search-again" | "search-reverse") {
            self.search = Some((query, direction));
        }
        true
    }
}

const fn turned(direction: Direction) -> Direction {
    match direction {
        Direction::Forward => Direction::Backward,
        Direction::Backward => Direction::Forward,
    }
}

/// The column behind the last written cell of a row, within the row.
fn row_end(rows: &dyn Rows, row: usize) -> u16 {
    let mut pool = crate::base::Pool::new();
    let mut line = crate::term::ViewLine::default();
    rows.row(row, &mut pool, &mut line);
    let used = u16::try_from(line.used()).unwrap_or(u16::MAX);
    used.min(rows.cols() - 1)
}

/// The characters of a row by column; nothing for blanks of a cluster or tail.
fn row_chars(rows: &dyn Rows, row: usize) -> Vec<Option<char>> {
    let mut pool = crate::base::Pool::new();
    let mut line = crate::term::ViewLine::default();
    rows.row(row, &mut pool, &mut line);
    let of = |cell: &crate::base::Cell| match cell.text() {
        crate::base::CellText::Char(ch) => Some(ch),
        crate::base::CellText::Empty => Some(' '),
        crate::base::CellText::Cluster(_) | crate::base::CellText::Tail => None,
    };
    line.cells.iter().map(of).collect()
}
