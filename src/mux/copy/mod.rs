//! Copy mode: a view into a picture of a pane's screen and history, with a
//! cursor and a selection of its own. The picture is taken when the mode is
//! entered, so that what the program writes moves nothing; view mode looks at a
//! command's output instead. Its commands behave as tmux's do, one by one.
//!
//! ```text
//! line 0 ─┬ history     above   = lines above the screen
//!         ├ top of view = above - back
//!         │   row ── cursor
//! above ──┼ screen
//! ```
//! Lines are those shown: a closed fold is one (`folds`). It copies nothing
//! into buffers and ends no mode; it says what is to be done.

mod commands;
mod drag;
mod folds;
mod keep;
mod moves;
mod pages;
mod reader;
mod search;
mod selecting;
mod sheet;
mod view;

use crate::base::PaneId;
use crate::term::Terminal;

pub use commands::{Clears, Command, Given, command};
pub use folds::Folds;
pub use search::Search;
pub use view::{Glow, Numbering};

use sheet::Sheet;

/// A place: a line as shown, from the oldest, and a column, which may be one
/// behind the last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column.
    pub col: usize,
}

/// By what a selection grows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SelectBy {
    /// Cells.
    #[default]
    Char,
    /// Words.
    Word,
    /// Whole lines.
    Line,
}

/// Which end of the selection goes with the cursor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Follows {
    /// Neither.
    #[default]
    None,
    /// The start.
    Start,
    /// The end.
    End,
}

/// Which way a selection of whole lines grows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Lines {
    /// It is none.
    #[default]
    Off,
    /// Downwards.
    Down,
    /// Upwards.
    Up,
}

/// What is selected.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selection {
    /// There is a selection.
    pub(crate) is_on: bool,
    pub(crate) start: Place,
    pub(crate) end: Place,
    pub(crate) follows: Follows,
    pub(crate) lines: Lines,
    pub(crate) by: SelectBy,
    /// `word-separators` when words began to be selected.
    separators: String,
    /// Where words or lines began to be selected.
    origin: Place,
    /// The first word or line selected, to come back to.
    first: (Place, Place),
}

/// The place where `recentre-top-bottom` puts the line next.
#[derive(Clone, Copy, Debug, Default)]
enum Recentre {
    #[default]
    Middle,
    Top,
    Bottom,
}

/// A jump within a line (vi's f, F, t, T).
#[derive(Clone, Copy, Debug)]
struct Jump {
    wanted: char,
    forward: bool,
    /// Up to it, not onto it.
    short: bool,
}

/// Whether line numbers are wanted in a mode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Numbers {
    /// As the option says.
    #[default]
    Option,
    /// None.
    Off,
    /// Some, though the option says off.
    On,
}

/// A pane's copy mode.
#[derive(Debug)]
pub struct CopyMode {
    /// What is looked at.
    term: Terminal,
    /// The other pane whose picture this is (`copy-mode -s`).
    source: Option<PaneId>,
    /// It shows a command's output.
    is_view: bool,
    /// Something was shown in view mode.
    written: bool,
    /// Lines between the view and the bottom.
    back: usize,
    col: usize,
    row: usize,
    pub(crate) selection: Selection,
    /// Selections are rectangles.
    pub(crate) rectangle: bool,
    /// The column to come back to, and the length of the line it was in.
    wanted: (usize, usize),
    mark: Place,
    shows_mark: bool,
    jump: Option<Jump>,
    recentre: (Recentre, usize),
    search: Search,
    folds: Folds,
    /// Leave when scrolled to the bottom (`copy-mode -e`).
    pub exit_at_bottom: bool,
    /// Hide the position (`copy-mode -H`).
    pub hide_position: bool,
    /// Leaving the mode kills the pane (`copy-mode -k`).
    pub kills: bool,
    /// New output is shown as it comes (`refresh-on`).
    pub refreshes: bool,
    /// Whether line numbers are shown.
    pub numbers: Numbers,
    /// The count for the next command (`send-keys -N`); 0 for none.
    pub count: u32,
    /// `mode-keys vi`, as the option is now.
    vi: bool,
    /// As it was on entering: brackets and the selection's look go by that.
    entered_vi: bool,
    /// The mode beneath, to which leaving this one leads.
    pub(super) beneath: Option<Box<CopyMode>>,
    /// The number of the last change that is in the picture.
    seen: u64,
}

impl CopyMode {
    /// Copy mode of a picture: the view at the bottom, the cursor where the
    /// program's is.
    #[must_use]
    pub fn enter(term: Terminal, vi: bool) -> Self {
        let cursor = term.cursor().pos;
        let mut own = Self {
            source: None,
            is_view: false,
            written: false,
            back: 0,
            col: usize::from(cursor.x),
            row: usize::from(cursor.y),
            selection: Selection::default(),
            rectangle: false,
            wanted: (0, 0),
            mark: Place::default(),
            shows_mark: false,
            jump: None,
            recentre: (Recentre::Middle, 0),
            search: Search::default(),
            folds: Folds::default(),
            exit_at_bottom: false,
            hide_position: false,
            kills: false,
            refreshes: false,
            numbers: Numbers::Option,
            count: 0,
            vi,
            entered_vi: vi,
            beneath: None,
            seen: term.seq(),
            term,
        };
        own.mark = own.here();
        own
    }

    /// View mode: an empty terminal that a command's output is shown in.
    #[must_use]
    pub fn view(term: Terminal, vi: bool) -> Self {
        Self {
            is_view: true,
            numbers: Numbers::Off,
            ..Self::enter(term, vi)
        }
    }

    /// Takes the options that commands go by as they are now.
    pub fn set_keys(&mut self, vi: bool) {
        self.vi = vi;
    }

    /// Names the other pane whose picture this is.
    pub fn set_source(&mut self, source: PaneId) {
        self.source = Some(source);
    }

    /// Puts the mode beneath that leaving this one leads to.
    pub fn set_beneath(&mut self, beneath: Option<Box<Self>>) {
        self.beneath = beneath;
    }

    /// The number of the last change that is in the picture.
    #[must_use]
    pub fn seen(&self) -> u64 {
        self.seen
    }

    /// Whether it looks at another pane.
    #[must_use]
    pub fn source(&self) -> Option<PaneId> {
        self.source
    }

    /// Whether this is view mode.
    #[must_use]
    pub fn is_view(&self) -> bool {
        self.is_view
    }

    /// The mode's name (`pane_mode`).
    #[must_use]
    pub fn name(&self) -> &'static str {
        if self.is_view {
            "view-mode"
        } else {
            "copy-mode"
        }
    }

    /// The mode beneath.
    #[must_use]
    pub fn beneath(&self) -> Option<&Self> {
        self.beneath.as_deref()
    }

    /// The mode beneath, to which leaving this one leads.
    pub fn beneath_mut(&mut self) -> Option<&mut Self> {
        self.beneath.as_deref_mut()
    }

    /// What is looked at.
    #[must_use]
    pub fn term(&self) -> &Terminal {
        &self.term
    }

    fn sheet(&self) -> Sheet<'_> {
        Sheet::new(&self.term, &self.folds)
    }

    pub(super) fn cols(&self) -> usize {
        usize::from(self.term.size().cols())
    }

    pub(super) fn rows(&self) -> usize {
        usize::from(self.term.size().rows())
    }

    /// Lines above the screen.
    #[must_use]
    pub fn above(&self) -> usize {
        self.folds.lines(&self.term).saturating_sub(self.rows())
    }

    /// Lines between the view and the bottom (`scroll_position`).
    #[must_use]
    pub fn back(&self) -> usize {
        self.back
    }

    /// The view's first line.
    #[must_use]
    pub fn top(&self) -> usize {
        self.above().saturating_sub(self.back)
    }

    /// The cursor's column and row in the view.
    #[must_use]
    pub fn cursor(&self) -> (usize, usize) {
        (self.col, self.row)
    }

    /// The cursor's place.
    #[must_use]
    pub fn here(&self) -> Place {
        Place {
            line: self.top() + self.row,
            col: self.col,
        }
    }

    /// Puts the cursor on a row of the terminal, at the top of the view where
    /// that can be; what hides the row is opened.
    pub fn go_to_row(&mut self, row: usize) {
        self.uncover(row);
        self.show_at_top(self.folds.shown(row));
        self.update_selection(false);
    }

    /// A line at the top of the view, or as near to it as the end allows.
    fn show_at_top(&mut self, line: usize) {
        let above = self.above();
        self.col = 0;
        (self.row, self.back) = if line > above {
            (line - above, 0)
        } else {
            (0, above - line)
        };
    }

    /// Shows text below what is shown (view mode).
    pub fn show(&mut self, text: &[u8]) {
        let before = self.above();
        let mut out = crate::term::Output::default();
        if self.written {
            self.term.feed(b"\r\n", &mut out);
        }
        self.written = true;
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        for (at, line) in text.split(|byte| *byte == b'\n').enumerate() {
            if at > 0 {
                self.term.feed(b"\r\n", &mut out);
            }
            self.term.feed(line, &mut out);
        }
        self.back += self.above().saturating_sub(before);
    }
}
