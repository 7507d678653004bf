//! A pane's terminal: the bytes a program writes become a grid, a history and
//! replies, as xterm and tmux-256color have it (ECMA-48, xterm's ctlseqs, DEC
//! VT510). It is pure: it writes nowhere, asks nobody, reads no clock, and never
//! passes an answer of a viewer's terminal to the program.
//!
//! ```text
//! feed ─ parse ─┬ text ─── screen ─┬ grid (primary, alternate) ─ row
//!               ├ ESC, CSI ─ csi ──┤ edit, rect, modes, sgr
//!               └ strings ─ osc ───┴ reply ─→ Output { replies, notices }
//! ```

mod bound;
mod charset;
mod cluster;
mod color;
mod csi;
pub mod dump;
mod edit;
mod folds;
mod grid;
pub mod history;
mod image;
pub mod keys;
mod kitty_keys;
pub mod marks;
pub mod modes;
pub mod mouse;
mod osc;
mod parse;
pub mod paste;
mod presentation;
mod rawdump;
mod rect;
mod reflow;
mod reply;
mod row;
mod screen;
pub mod search;
pub mod select;
mod sgr;
mod sixel;
mod strip;
mod tabs;
mod title;
pub mod view;
mod viewer;
mod xcolor;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

use rustc_hash::FxHashMap;

use crate::base::{Cell, Key, Label, Pool, Pos, Size};
use grid::Grid;
use history::History;
use parse::Parser;
use screen::{Pen, Region, Saved, StyleCache};
use tabs::Tabs;

pub use dump::{CaptureOptions, CaptureRange};
pub use folds::FoldRows;
pub use history::store::{BlockStore, Store, StoreError};
pub use keys::encode_key;
pub use marks::Marks;
pub use modes::{Modes, MouseEncoding, MouseMode};
pub use mouse::encode_mouse;
pub use paste::{encode_paste, encode_paste_piece};
pub use search::{Direction, Match, Query};
pub use view::{Rows, View, ViewLine, ViewPos};
pub use xcolor::color_report;

/// 24-bit red, green, blue.
pub type Rgb = (u8, u8, u8);

/// What the pane's options decide about its terminal.
#[derive(Clone, Debug)]
pub struct Config {
    /// Lines kept in history (`history-limit`).
    pub history_lines: usize,
    /// Bytes that the history may take.
    pub history_bytes: usize,
    /// Bytes of the longest string of a program that is kept
    /// (`input-buffer-size`).
    pub string_bytes: usize,
    /// Whether DCS tmux passthrough is handed on (`allow-passthrough`).
    pub allow_passthrough: bool,
    /// Whether programs may use the alternate screen (`alternate-screen`).
    pub alternate_screen: bool,
    /// Whether `ESC k` renames the window (`allow-rename`).
    pub allow_rename: bool,
    /// Whether OSC 0 and 2 set the title (`allow-set-title`).
    pub allow_title: bool,
    /// Whether OSC 52 is taken (`set-clipboard on`).
    pub clipboard: bool,
    /// Whether programs may ask for extended keys (`extended-keys`).
    pub extended_keys: bool,
    /// Whether they get them without asking (`extended-keys always`).
    pub extended_always: bool,
    /// How they are written (`extended-keys-format`).
    pub extended_format: keys::ExtendedFormat,
    /// The key that the backspace key stands for (`backspace`); none for DEL.
    pub backspace: Option<Key>,
    /// Whether the marks of CI runners are taken as folds (`fold-marks`).
    pub fold_marks: bool,
    /// Whether clearing the screen keeps its text in history (`scroll-on-clear`).
    pub scroll_on_clear: bool,
    /// A viewer's cell in pixels, across and down; for reports only.
    pub cell: (u16, u16),
    /// The foreground that OSC 10 reports, if known.
    pub foreground: Option<Rgb>,
    /// The background that OSC 11 reports, if known.
    pub background: Option<Rgb>,
    /// Whether a viewer's colour scheme is light, if known.
    pub light: Option<bool>,
    /// The cursor colour that OSC 12 reports, if known.
    pub cursor_color: Option<Rgb>,
}

impl Config {
    /// That of a screen which is only looked at: without history, title and
    /// clipboard.
    #[must_use]
    pub fn picture() -> Self {
        Self {
            history_lines: 0,
            allow_title: false,
            clipboard: false,
            ..Self::default()
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            history_lines: 2000,
            history_bytes: 64 << 20,
            string_bytes: 1 << 20,
            allow_passthrough: false,
            alternate_screen: true,
            allow_rename: true,
            allow_title: true,
            clipboard: true,
            extended_keys: true,
            extended_always: false,
            extended_format: keys::ExtendedFormat::Xterm,
            backspace: None,
            fold_marks: false,
            scroll_on_clear: true,
            cell: (8, 16),
            foreground: None,
            background: None,
            light: None,
            cursor_color: None,
        }
    }
}

/// The cursor's shape (DECSCUSR).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CursorShape {
    /// As the viewer's terminal has it.
    #[default]
    Default,
    /// A block.
    Block,
    /// An underline.
    Underline,
    /// A vertical bar.
    Bar,
}

/// The cursor as a viewer shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Its cell.
    pub pos: Pos,
    /// Whether it is shown (DECTCEM).
    pub visible: bool,
    /// Its shape.
    pub shape: CursorShape,
    /// Whether it blinks.
    pub blinking: bool,
}

/// A shell's prompt mark (OSC 133).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PromptMark {
    /// A prompt starts.
    A,
    /// The command line starts.
    B,
    /// The command's output starts.
    C,
    /// The command ended, with its exit status if told.
    D(Option<i32>),
}

/// What a program told its terminal that is not on the grid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// BEL.
    Bell,
    /// The title changed (OSC 0, 2, or popped).
    Title(Label),
    /// A name for the window (`ESC k`).
    WindowName(Label),
    /// The current directory, as the program wrote it (OSC 7).
    Path(String),
    /// Text for the clipboard (OSC 52), decoded.
    Clipboard(Vec<u8>),
    /// The program asks for the clipboard (OSC 52 with `?`).
    ClipboardQuery {
        /// The selections asked for, as letters and digits; perhaps none.
        selection: String,
        /// Whether the answer ends in ST, or in BEL.
        st: bool,
    },
    /// The program asks for a colour of the palette that it has not set (OSC 4).
    PaletteQuery {
        /// Which one.
        index: u8,
        /// Whether the answer ends in ST, or in BEL.
        st: bool,
    },
    /// A shell's mark (OSC 133).
    Prompt(PromptMark),
    /// stepmux's own mark (OSC 7717).
    Mark {
        /// What it says.
        payload: String,
        /// Where it stands, to be marked with [`Terminal::mark_row`]; nowhere
        /// on the alternate screen.
        row: Option<u64>,
        /// Nothing was written before it on its line.
        at_start: bool,
    },
    /// Bytes for the viewers' terminals (DCS tmux), only where allowed.
    Passthrough(Vec<u8>),
    /// A desktop notification (OSC 9, 777).
    Notify(Label),
}

/// What feeding bytes brought about beside the grid.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// Bytes to write to the program.
    pub replies: Vec<u8>,
    /// Things told, in order.
    pub notices: Vec<Notice>,
}

/// Colours a program gave its terminal (OSC 4, 5, 10 to 19).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Colors {
    /// Palette entries set (OSC 4).
    pub palette: FxHashMap<u8, Rgb>,
    /// Foreground (OSC 10).
    pub foreground: Option<Rgb>,
    /// Background (OSC 11).
    pub background: Option<Rgb>,
    /// Cursor (OSC 12).
    pub cursor: Option<Rgb>,
    /// xterm's colours for bold, underlined, blinking, reversed and italic text
    /// (OSC 5); remembered and reported, not shown.
    pub special: [Option<Rgb>; 5],
    /// Those of OSC 13 to 19; remembered and reported, not shown.
    pub others: [Option<Rgb>; 7],
}

/// A pane's terminal. A copy is a picture: it writes nowhere and gives nothing of
/// the history's store back.
#[derive(Clone, Debug)]
pub struct Terminal {
    config: Config,
    size: Size,
    seq: u64,
    pool: Pool,
    pool_generation: u64,
    history: History,
    /// Rows that scrolled off since the screen was last cleared into history.
    scrolled: usize,
    /// The program held its picture or let it go since it was last asked.
    synced: bool,
    /// The newest history row continues on the primary screen's first row.
    history_open: bool,
    /// How often the history was cleared or wrapped anew.
    history_generation: u64,
    shell: marks::Shell,
    /// The last anchor that was minted, from 1.
    last_anchor: u32,
    folds: folds::Folds,
    /// Primary and alternate screen.
    grids: [Grid; 2],
    /// Which of them is shown.
    active: usize,
    saved: [Saved; 2],
    x: u16,
    y: u16,
    /// The last column is written; the next character wraps first.
    pending: bool,
    /// The last character printed filled the last column, wrapping or not.
    filled: bool,
    pen: Pen,
    styles: StyleCache,
    charsets: charset::Charsets,
    region: Region,
    tabs: Tabs,
    modes: Modes,
    /// The kitty keyboard protocol's flags, of each screen.
    kitty_keys: [kitty_keys::Stack; 2],
    saved_modes: FxHashMap<u16, bool>,
    shape: CursorShape,
    blinking: bool,
    /// DECSACE as it was given: 2 makes attribute changes rectangles, 0 and 1
    /// streams of cells.
    extent: u8,
    /// The conformance level (DECSCL), 1 to 5; 0 if none was chosen.
    level: u8,
    /// Replies have C1 controls of one byte (S8C1T).
    eight_bit: bool,
    /// How DECRQCRA counts (XTCHECKSUM).
    checksum_bits: u8,
    /// XTPUSHSGR's stack.
    styles_pushed: Vec<crate::base::Style>,
    /// The last graphic character, for REP.
    last: Option<char>,
    title: Label,
    /// The icon's title (OSC 0, 1).
    icon: Label,
    /// Titles put aside (XTWINOPS 22): icon, window.
    titles: Vec<(Label, Label)>,
    title_modes: title::TitleModes,
    path: String,
    colors: Colors,
    parser: Parser,
    scratch: String,
}

/// Bytes parsed between two looks at the pool's size.
const SLICE: usize = 64 << 10;

impl Terminal {
    /// Makes an empty terminal.
    #[must_use]
    pub fn new(size: Size, config: Config) -> Self {
        Self {
            history: History::new(config.history_lines, config.history_bytes),
            config,
            size,
            seq: 1,
            pool: Pool::new(),
            pool_generation: 0,
            scrolled: 0,
            history_open: false,
            history_generation: 0,
            synced: false,
            shell: marks::Shell::default(),
            last_anchor: 0,
            folds: folds::Folds::default(),
            grids: [Grid::new(size, 1), Grid::new(size, 1)],
            active: 0,
            saved: Default::default(),
            x: 0,
            y: 0,
            pending: false,
            filled: false,
            pen: Pen::default(),
            styles: StyleCache::default(),
            charsets: charset::Charsets::default(),
            region: Region::of(size),
            tabs: Tabs::new(size.cols()),
            modes: Modes::default(),
            kitty_keys: Default::default(),
            saved_modes: FxHashMap::default(),
            shape: CursorShape::Default,
            blinking: false,
            extent: 0,
            level: 0,
            eight_bit: false,
            checksum_bits: 0,
            styles_pushed: Vec::new(),
            last: None,
            title: Label::default(),
            icon: Label::default(),
            titles: Vec::new(),
            title_modes: Default::default(),
            path: String::new(),
            colors: Colors::default(),
            parser: Parser::default(),
            scratch: String::new(),
        }
    }

    /// The options' part, to change; `history_lines` by [`Self::set_history_limit`].
    pub fn config_mut(&mut self) -> &mut Config {
        &mut self.config
    }

    /// Takes what the program wrote, in any pieces. Replies and notices are
    /// added to `out`.
    pub fn feed(&mut self, bytes: &[u8], out: &mut Output) {
        self.seq += 1;
        for slice in bytes.chunks(SLICE) {
            self.parse(slice, out);
            self.bound_pool();
        }
    }

    /// The screen's size.
    #[must_use]
    pub fn size(&self) -> Size {
        self.size
    }

    /// The styles and clusters of [`Self::row`].
    #[must_use]
    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Changes when the pool was rebuilt: numbers held from before mean nothing.
    #[must_use]
    pub fn pool_generation(&self) -> u64 {
        self.pool_generation
    }

    /// Grows with every change.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// The sequence number of the last change of visible row `y`.
    #[must_use]
    pub fn row_seq(&self, y: u16) -> u64 {
        self.grids[self.active].row_seq(y)
    }

    /// The cells of visible row `y`, one for each column.
    #[must_use]
    pub fn row(&self, y: u16) -> &[Cell] {
        &self.grids[self.active].row(y).cells
    }

    /// Whether visible row `y` continues on the next row.
    #[must_use]
    pub fn row_wrapped(&self, y: u16) -> bool {
        self.grids[self.active].row(y).wrapped
    }

    /// The cells of row `y` of the primary screen, shown or not.
    #[must_use]
    pub fn primary_row(&self, y: u16) -> &[Cell] {
        &self.grids[0].row(y).cells
    }

    /// Whether row `y` of the primary screen continues on the next row.
    #[must_use]
    pub fn primary_wrapped(&self, y: u16) -> bool {
        self.grids[0].row(y).wrapped
    }

    /// The cells of row `y` of the alternate screen, shown or not.
    #[must_use]
    pub fn alternate_row(&self, y: u16) -> &[Cell] {
        &self.grids[1].row(y).cells
    }

    /// The column after the last character written: beyond the last one while
    /// the next character will wrap, as tmux counts.
    #[must_use]
    pub fn column_after(&self) -> u16 {
        self.x + u16::from(self.pending && self.modes.wrap)
    }

    /// The cursor.
    #[must_use]
    pub fn cursor(&self) -> Cursor {
        Cursor {
            pos: Pos::new(self.x, self.y),
            visible: self.modes.cursor_visible,
            shape: self.shape,
            blinking: self.blinking,
        }
    }

    /// Whether the program has held its picture back or let it go (mode 2026)
    /// since the last call.
    pub fn take_synced(&mut self) -> bool {
        std::mem::take(&mut self.synced)
    }

    /// The modes.
    #[must_use]
    pub fn modes(&self) -> &Modes {
        &self.modes
    }

    /// Colours the program set.
    #[must_use]
    pub fn colors(&self) -> &Colors {
        &self.colors
    }

    /// The title (OSC 0, 2).
    #[must_use]
    pub fn title(&self) -> &Label {
        &self.title
    }

    /// The current directory as the program told it (OSC 7), or empty.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Display rows of the history at the present width.
    #[must_use]
    pub fn history_rows(&self) -> usize {
        self.history.rows(self.size.cols())
    }

    /// Display rows ever scrolled into history; it only grows.
    #[must_use]
    pub fn rows_pushed(&self) -> u64 {
        self.history.pushed_rows()
    }

    /// Builds row `row` of history and screen together, the oldest being 0.
    /// History rows are built in `pool`; screen rows are carried into it.
    pub fn view_row(&self, row: usize, pool: &mut Pool, out: &mut ViewLine) {
        let cols = self.size.cols();
        let above = self.history_rows();
        out.wrapped = false;
        if row < above {
            self.history.row(row, cols, pool, out);
            return;
        }
        out.cells.clear();
        let y = u16::try_from(row - above).unwrap_or(u16::MAX);
        if y < self.size.rows() {
            let mut importer = crate::base::pool::Importer::new();
            let cells = self.row(y).iter();
            out.cells
                .extend(cells.map(|cell| importer.cell(*cell, &self.pool, pool)));
            out.wrapped = self.row_wrapped(y);
        }
        out.cells.resize(usize::from(cols), Cell::EMPTY);
    }

    /// What the program wrote of a sequence that is not complete yet, up to
    /// 64 KiB.
    #[must_use]
    pub fn pending(&self) -> &[u8] {
        &self.parser.pending
    }

    /// Forgets where the links lead that are shown (`clear-history -H`).
    pub fn clear_links(&mut self) {
        self.drop_links();
        self.seq += 1;
    }

    /// Memory of the history, in bytes.
    #[must_use]
    pub fn history_bytes(&self) -> usize {
        self.history.bytes()
    }

    /// Gives the history a store for what memory has no room for.
    pub fn set_store(&mut self, store: Store) {
        self.history.set_store(store);
    }

    /// Whether the history has a store.
    #[must_use]
    pub fn has_store(&self) -> bool {
        self.history.has_store()
    }

    /// Gives memory back: the oldest lines in memory go to the store, or are
    /// dropped. Says how many bytes; 0 when nothing is left to give.
    pub fn shed(&mut self) -> usize {
        self.history.shed()
    }

    /// Compresses what is not written to and lets go of what reading left
    /// behind: for when the program has been quiet for a while.
    pub fn settle(&mut self) {
        self.history.settle();
    }

    /// Forgets the history.
    pub fn clear_history(&mut self) {
        self.drop_history();
        self.seq += 1;
    }

    fn drop_history(&mut self) {
        self.history.clear();
        self.scrolled = 0;
        self.history_open = false;
        self.history_generation += 1;
    }

    /// Counts how often the history was cleared, or wrapped anew for another
    /// width.
    #[must_use]
    pub fn history_generation(&self) -> u64 {
        self.history_generation
    }

    /// Resets all but the history, as RIS does (`send-keys -R`).
    pub fn reset(&mut self) {
        self.seq += 1;
        self.end_output();
        self.parser = Parser::default();
        self.full_reset();
    }

    /// Sets how many lines the history keeps.
    pub fn set_history_limit(&mut self, lines: usize) {
        self.config.history_lines = lines;
        self.history.set_limit(lines, self.config.history_bytes);
    }

    /// Lines that the history keeps at most.
    #[must_use]
    pub fn history_limit(&self) -> usize {
        self.config.history_lines
    }

    /// The first and last row of the scroll region (DECSTBM).
    #[must_use]
    pub fn scroll_region(&self) -> (u16, u16) {
        (self.region.top, self.region.bottom)
    }

    /// The columns of the tab stops; the first column, where every line begins,
    /// is none of them.
    #[must_use]
    pub fn tab_stops(&self) -> Vec<usize> {
        self.tabs.iter().filter(|x| *x > 0).collect()
    }

    /// Lends history and screen as rows to read, the oldest first.
    pub fn with_rows<T>(&self, read: impl FnOnce(&dyn Rows) -> T) -> T {
        let screen = search::ScreenRows(self);
        read(&View {
            history: &self.history,
            screen: &screen,
        })
    }

    /// Checks what must always hold.
    ///
    /// # Errors
    /// Says what does not.
    pub fn verify(&self) -> Result<(), String> {
        for (name, grid) in ["primary", "alternate"].iter().zip(&self.grids) {
            if grid.height() != self.size.rows() {
                return Err(format!("{name} has {} rows", grid.height()));
            }
            for y in 0..self.size.rows() {
                let row = grid.row(y);
                if row.cells.len() != usize::from(self.size.cols()) {
                    return Err(format!("{name} row {y}: {} cells", row.cells.len()));
                }
                if !row.is_whole() {
                    return Err(format!("{name} row {y}: half a wide cell"));
                }
                if let Some(cell) = row.cells.iter().find(|cell| !self.pool.knows(**cell)) {
                    return Err(format!("{name} row {y}: {cell:?} of another pool"));
                }
            }
        }
        let region = self.region;
        let inside = |first: u16, last: u16, side: u16| first <= last && last < side;
        if !inside(region.top, region.bottom, self.size.rows())
            || !inside(region.left, region.right, self.size.cols())
        {
            return Err(format!("region {region:?}"));
        }
        if self.x >= self.size.cols() || self.y >= self.size.rows() {
            return Err(format!("cursor at {},{}", self.x, self.y));
        }
        Ok(())
    }
}
