//! A client's view: its frame, made again only where something changed.

use crate::base::{Cell, ClientId, Color, PaneId, Pool, Pos, Rect, Size, Style, WindowId};
use crate::config::colours;
use crate::format::Scope;
use crate::mux::client::Overlay;
use crate::mux::{Client, Mux, Pane, Window};
use crate::term::MouseMode;
use crate::tty::{CursorShape, Frame, FrameCursor, FrameModes, MouseDemand};

use super::borders::Borders;
use super::panes::PaneCache;
use super::status::{self, StatusText};
use super::{chrome, copy};

/// Pool entries beyond which a view starts anew: many times what a screen of
/// ordinary programs uses.
const POOL_LIMIT: usize = 1 << 14;

/// What decides where panes and borders lie and how borders look.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Arrangement {
    window: WindowId,
    places: Vec<(PaneId, Rect)>,
    active: PaneId,
    size: Size,
    origin: Pos,
    /// The border options, since a change of theirs changes every border.
    borders: [String; 4],
    in_mode: bool,
}

/// A client's view.
#[derive(Debug)]
pub struct View {
    frame: Frame,
    pool: Pool,
    panes: PaneCache,
    borders: Borders,
    arrangement: Option<Arrangement>,
    status: Vec<StatusText>,
    covered: bool,
}

impl Default for View {
    fn default() -> Self {
        Self::new()
    }
}

impl View {
    /// An empty view.
    #[must_use]
    pub fn new() -> Self {
        Self {
            frame: Frame::new(Size::DEFAULT, 0),
            pool: Pool::new(),
            panes: PaneCache::default(),
            borders: Borders::default(),
            arrangement: None,
            status: Vec::new(),
            covered: false,
        }
    }

    /// The picture as composed last.
    #[must_use]
    pub fn frame(&self) -> &Frame {
        &self.frame
    }

    /// The pool of the picture's cells.
    #[must_use]
    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Brings the picture up to the model. Rows that did not change keep their
    /// allocation. The status line is made again only if `status` says so: its
    /// formats cost more than the panes.
    pub fn compose(&mut self, mux: &Mux, client: ClientId, status: bool) {
        let Some(owner) = mux.clients.get(&client) else {
            return;
        };
        let (Some(size), Some(session)) = (owner.size(), owner.session) else {
            return;
        };
        let Some(window) = mux.current_window(session) else {
            return;
        };
        if self.frame.size != size || self.pool.len() > POOL_LIMIT {
            self.start_anew(size);
        }
        if let Some(rows) = chrome::rows(mux, owner, &mut self.pool) {
            self.cover(mux, owner, &rows);
        } else {
            self.compose_window(mux, owner, window);
        }
        if status || self.status.is_empty() {
            self.compose_status(mux, owner);
        }
        self.frame.cursor = self.cursor(mux, owner, window);
        self.frame.modes = modes(mux, owner, window);
        self.frame.title = title(mux, owner);
    }

    fn start_anew(&mut self, size: Size) {
        self.pool = Pool::new();
        self.frame = Frame::new(size, self.frame.generation + 1);
        self.panes.clear();
        self.arrangement = None;
        self.status.clear();
    }

    fn cover(&mut self, mux: &Mux, client: &Client, rows: &[Vec<Cell>]) {
        let origin = status::window_origin(mux, client.id);
        for (row, y) in rows.iter().zip(origin.y..) {
            self.frame.set_row(y, row);
        }
        self.covered = true;
    }

    fn compose_window(&mut self, mux: &Mux, client: &Client, window: &Window) {
        let origin = status::window_origin(mux, client.id);
        let arrangement = arrange(mux, client, window, origin);
        let mut all = std::mem::take(&mut self.covered);
        if self.arrangement.as_ref() != Some(&arrangement) {
            let scope = Scope::of_client(mux, client.id);
            self.borders = Borders::new(mux, window, &scope, &mut self.pool);
            self.panes.keep(&arrangement.places);
            self.arrangement = Some(arrangement);
            all = true;
        }
        let places = window.visible();
        let area = mux.window_area(client).unwrap_or(window.size);
        let mut dirty = vec![all; usize::from(area.rows())];
        for (id, rect) in &places {
            if let Some(pane) = mux.panes.get(id) {
                self.panes.changes(pane, *rect, |y| {
                    if let Some(row) = dirty.get_mut(usize::from(y)) {
                        *row = true;
                    }
                });
            }
        }
        let mut row = vec![Cell::EMPTY; usize::from(self.frame.size.cols())];
        let numbers = pane_numbers(mux, client, window);
        for y in (0..area.rows()).filter(|y| dirty[usize::from(*y)] || numbers.is_some()) {
            row.fill(Cell::EMPTY);
            self.draw_row(mux, window, &places, y, &mut row);
            if let Some(numbers) = &numbers {
                numbers.draw_row(y, &mut self.pool, &mut row);
                self.covered = true;
            }
            self.frame.set_row(origin.y + y, &row);
        }
    }

    fn draw_row(
        &mut self,
        mux: &Mux,
        window: &Window,
        places: &[(PaneId, Rect)],
        y: u16,
        row: &mut [Cell],
    ) {
        for (id, rect) in places {
            if y < rect.y || y >= rect.bottom() {
                continue;
            }
            if let Some(pane) = mux.panes.get(id) {
                self.panes
                    .draw_row(mux, pane, *rect, y, &mut self.pool, row);
            }
        }
        for (x, cell) in self.borders.row(y) {
            if let Some(target) = row.get_mut(usize::from(*x)) {
                *target = *cell;
            }
        }
        self.outside(window, y, row);
    }

    /// A client larger than the window sees dots beyond it, as in tmux.
    fn outside(&mut self, window: &Window, y: u16, row: &mut [Cell]) {
        let from = if y < window.size.rows() {
            usize::from(window.size.cols())
        } else {
            0
        };
        if from >= row.len() {
            return;
        }
        let dot = Cell::narrow('·', self.pool.style(Style::DEFAULT));
        row[from..].fill(dot);
    }

    fn compose_status(&mut self, mux: &Mux, client: &Client) {
        let lines = status::lines(mux, client);
        let top = status::top_row(mux, client);
        let columns = self.frame.size.cols();
        for (nth, (line, y)) in lines.iter().zip(top..).enumerate() {
            // Without a status line the row belongs to the window again later.
            let borrowed = mux.status_lines(client.session) == 0;
            if borrowed || self.status.get(nth) != Some(line) {
                let laid_out = line.layout(columns, &mut self.pool);
                self.frame.set_row(y, &laid_out.cells);
            }
            self.covered |= borrowed;
        }
        self.status = lines;
    }

    fn cursor(&self, mux: &Mux, client: &Client, window: &Window) -> FrameCursor {
        if client.prompt.is_some() {
            let column = self.status.iter().find_map(|line| line.cursor).unwrap_or(0);
            let last = u16::try_from(self.status.len().saturating_sub(1)).unwrap_or(0);
            return FrameCursor {
                pos: Pos::new(column, status::top_row(mux, client) + last),
                visible: true,
                ..FrameCursor::default()
            };
        }
        let hidden = FrameCursor::default();
        if client.overlay.is_some() {
            return hidden;
        }
        let place = window.place(window.active);
        let (Some(rect), Some(pane)) = (place, mux.panes.get(&window.active)) else {
            return hidden;
        };
        let origin = status::window_origin(mux, client.id);
        let at = |x: u16, y: u16| Pos::new(rect.x + x, origin.y + rect.y + y);
        if let Some(mode) = pane.copy.as_deref() {
            let y = mode.cursor.row.0.saturating_sub(mode.top.0);
            let y = u16::try_from(y)
                .unwrap_or(u16::MAX)
                .min(rect.height.saturating_sub(1));
            let inside = copy::view_index(pane, mode.cursor.row).is_some();
            return FrameCursor {
                pos: at(mode.cursor.col.min(rect.width.saturating_sub(1)), y),
                visible: inside,
                ..hidden
            };
        }
        let cursor = pane.term.cursor();
        let (shape, blinking) = match shape(cursor.shape) {
            // No program has chosen: the option does.
            CursorShape::Default => cursor_style(&mux.pane_text(Some(pane.id), "cursor-style")),
            chosen => (chosen, cursor.blinking),
        };
        FrameCursor {
            pos: at(cursor.pos.x, cursor.pos.y),
            visible: cursor.visible && cursor.pos.x < rect.width && cursor.pos.y < rect.height,
            shape,
            blinking,
            color: cursor_color(mux, pane),
        }
    }
}

/// The form that `cursor-style` names, and whether it blinks.
fn cursor_style(name: &str) -> (CursorShape, bool) {
    match name {
        "blinking-block" => (CursorShape::Block, true),
        "block" => (CursorShape::Block, false),
        "blinking-underline" => (CursorShape::Underline, true),
        "underline" => (CursorShape::Underline, false),
        "blinking-bar" => (CursorShape::Bar, true),
        "bar" => (CursorShape::Bar, false),
        _ => (CursorShape::Default, false),
    }
}

/// The colour that a pane's program gave its cursor (OSC 12), or `cursor-colour`.
fn cursor_color(mux: &Mux, pane: &Pane) -> Color {
    if let Some((r, g, b)) = pane.term.colors().cursor {
        return Color::Rgb(r, g, b);
    }
    let option = mux.pane_text(Some(pane.id), "cursor-colour");
    colours::parse(&option).map_or(Color::Default, |colour| colour.resolve(Color::Default))
}

fn shape(shape: crate::term::CursorShape) -> CursorShape {
    match shape {
        crate::term::CursorShape::Default => CursorShape::Default,
        crate::term::CursorShape::Block => CursorShape::Block,
        crate::term::CursorShape::Underline => CursorShape::Underline,
        crate::term::CursorShape::Bar => CursorShape::Bar,
    }
}

fn arrange(mux: &Mux, client: &Client, window: &Window, origin: Pos) -> Arrangement {
    let text = |option: &str| mux.pane_text(Some(window.active), option);
    Arrangement {
        window: window.id,
        places: window.visible(),
        active: window.active,
        size: mux.window_area(client).unwrap_or(window.size),
        origin,
        borders: [
            text("pane-border-style"),
            text("pane-active-border-style"),
            text("pane-border-lines"),
            text("pane-border-indicators") + &text("synchronize-panes"),
        ],
        in_mode: mux
            .panes
            .get(&window.active)
            .is_some_and(|pane| pane.copy.is_some()),
    }
}

fn modes(mux: &Mux, client: &Client, window: &Window) -> FrameModes {
    let pane = mux.panes.get(&window.active).map(|pane| pane.term.modes());
    let wants_all = pane.is_some_and(|modes| modes.mouse == MouseMode::Any);
    let mouse = if !mux.session_flag(client.session, "mouse") {
        MouseDemand::Off
    } else if wants_all {
        MouseDemand::All
    } else {
        MouseDemand::Drag
    };
    FrameModes {
        mouse,
        focus: mux.server_flag("focus-events"),
        extended_keys: mux.server_text("extended-keys") != "off",
    }
}

fn title(mux: &Mux, client: &Client) -> Option<crate::base::Label> {
    if !mux.session_flag(client.session, "set-titles") {
        return None;
    }
    let template = mux.session_text(client.session, "set-titles-string");
    let scope = Scope::of_client(mux, client.id).trusted();
    let text = crate::format::expand_time(&template, mux, &scope);
    Some(crate::base::Label::new(&text))
}

/// The panes' numbers in their middles (`display-panes`).
struct PaneNumbers {
    labels: Vec<(Pos, String, bool)>,
}

fn pane_numbers(mux: &Mux, client: &Client, window: &Window) -> Option<PaneNumbers> {
    if !matches!(client.overlay.as_deref(), Some(Overlay::PaneNumbers { .. })) {
        return None;
    }
    let base = mux.window_number(Some(window.id), "pane-base-index");
    let labels = window
        .visible()
        .into_iter()
        .zip(base..)
        .map(|((pane, rect), number)| {
            let at = Pos::new(rect.x + rect.width / 2, rect.y + rect.height / 2);
            (at, format!(" {number} "), pane == window.active)
        });
    let labels = labels.collect();
    Some(PaneNumbers { labels })
}

impl PaneNumbers {
    fn draw_row(&self, y: u16, pool: &mut Pool, row: &mut [Cell]) {
        for (at, label, active) in self.labels.iter().filter(|(at, _, _)| at.y == y) {
            let colour = if *active { 1 } else { 4 };
            let style = Style::DEFAULT
                .fg(crate::base::Color::Indexed(15))
                .bg(crate::base::Color::Indexed(colour))
                .with(crate::base::Attrs::BOLD);
            let id = pool.style(style);
            let from = usize::from(at.x.saturating_sub(1));
            for (ch, target) in label.chars().zip(row.iter_mut().skip(from)) {
                *target = Cell::narrow(ch, id);
            }
        }
    }
}
