//! A client's own look into a pane's history: where it stands, and what it
//! searches for. It belongs to the client alone; the pane and whoever else looks
//! at it know nothing of it, so one who may only look can have it.

use crate::base::mask::Secrets;
use crate::base::{Label, PaneId};
use crate::term::{Direction, Query, Terminal, ViewPos};

use super::veil;

/// The longest text that is searched for, in bytes.
const TYPED_MAX: usize = 256;

/// How many matches that show a secret are passed over by one search.
const PASSED_OVER: usize = 100;

/// A look into a pane's history.
#[derive(Clone, Debug)]
pub struct Peek {
    /// The pane.
    pub pane: PaneId,
    /// The first row shown, counted since the pane's beginning, so that new
    /// output moves nothing.
    pub top: u64,
    /// What is searched for, and which way.
    pub search: Option<(Query, Direction)>,
    /// The text of a search that is being typed.
    pub typing: Option<(String, Direction)>,
    /// What came of the last search.
    pub said: Label,
}

impl Peek {
    /// A look at the end of a pane.
    #[must_use]
    pub fn new(pane: PaneId, term: &Terminal) -> Self {
        Self {
            pane,
            top: term.rows_pushed(),
            search: None,
            typing: None,
            said: Label::default(),
        }
    }

    fn oldest(term: &Terminal) -> u64 {
        let rows = u64::try_from(term.history_rows()).unwrap_or(u64::MAX);
        term.rows_pushed().saturating_sub(rows)
    }

    /// The view row of a line below the first one shown; none if it is gone.
    #[must_use]
    pub fn row(&self, term: &Terminal, line: u16) -> Option<usize> {
        let row = self.top.max(Self::oldest(term)) + u64::from(line);
        usize::try_from(row - Self::oldest(term)).ok()
    }

    /// Rows between the first one shown and the screen.
    #[must_use]
    pub fn above(&self, term: &Terminal) -> u64 {
        term.rows_pushed()
            .saturating_sub(self.top.max(Self::oldest(term)))
    }

    /// Moves by rows; negative is towards older ones.
    pub fn scroll(&mut self, term: &Terminal, by: isize) {
        let by = i64::try_from(by).unwrap_or(0);
        let to = self.top.max(Self::oldest(term)).saturating_add_signed(by);
        self.top = to.clamp(Self::oldest(term), term.rows_pushed());
    }

    /// Types into the search.
    pub fn typed(&mut self, text: &str) {
        if let Some((typed, _)) = &mut self.typing {
            let clean = text.chars().filter(|ch| !ch.is_control());
            for ch in clean {
                if typed.len() + ch.len_utf8() <= TYPED_MAX {
                    typed.push(ch);
                }
            }
        }
    }

    /// Searches for what was typed; an empty text repeats the last search. What
    /// shows a secret that is hidden is not found.
    pub fn enter(&mut self, term: &Terminal, hidden: Option<&Secrets>) {
        let Some((text, direction)) = self.typing.take() else {
            return;
        };
        if !text.is_empty() {
            match Query::literal(&text) {
                Ok(query) => self.search = Some((query, direction)),
                Err(why) => {
                    self.said = Label::new(&why.to_string());
                    return;
                }
            }
        }
        self.again(term, false, hidden);
    }

    /// Goes to the next match, or with `back` to the one before.
    pub fn again(&mut self, term: &Terminal, back: bool, hidden: Option<&Secrets>) {
        let Some((query, direction)) = &self.search else {
            return;
        };
        let direction = match (*direction, back) {
            (Direction::Forward, false) | (Direction::Backward, true) => Direction::Forward,
            (Direction::Backward, false) | (Direction::Forward, true) => Direction::Backward,
        };
        let row = self.row(term, 0).unwrap_or(0);
        let mut from = match direction {
            Direction::Forward => ViewPos::new(row, u16::MAX),
            Direction::Backward => ViewPos::new(row, 0),
        };
        let mut found = None;
        for _ in 0..PASSED_OVER {
            let Some(next) = term.search(query, from, direction, true) else {
                break;
            };
            if hidden.is_none_or(|secrets| !veil::shows(term, secrets, next)) {
                found = Some(next);
                break;
            }
            from = next.start;
        }
        match found {
            Some(found) => {
                let at = u64::try_from(found.start.row).unwrap_or(0) + Self::oldest(term);
                self.top = at.min(term.rows_pushed());
                self.said = Label::default();
            }
            None => self.said = Label::new("not found"),
        }
    }
}
