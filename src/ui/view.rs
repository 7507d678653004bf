//! A view: the picture of all clients whose outlines are equal, made again only
//! where something changed.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::base::{Cell, ClientId, Color, Label, PaneId, Pool, Pos, Rect, Size, Style};
use crate::mux::modes::Kind;
use crate::mux::{Client, Mux, Pane, Window};
use crate::term::MouseMode;
use crate::tty::{CursorShape, Frame, FrameCursor, FrameModes, MouseDemand};

use super::borders::Borders;
use super::candidates;
use super::floats;
use super::masked::{self, Shown};
use super::modes;
use super::outline::{Arrangement, Outline};
use super::palette::Palette;
use super::panes::{self, PaneCache};
use super::{bars, float_panes};
use super::{chrome, copy};

/// How much of a picture is brought up to the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Extent {
    /// The rows that the active pane changed, with the cursor; changes of other
    /// panes are left for the next whole picture.
    ActivePane,
    /// All of it.
    Whole,
}

/// A picture and what it was made of. A copy shares the picture until one of
/// the two is composed again.
#[derive(Clone, Debug)]
pub struct View {
    frame: Arc<Frame>,
    /// The same without secrets, for those who may not see them.
    masked: Option<Arc<Frame>>,
    panes: PaneCache,
    borders: Borders,
    /// The outlines by which the window and the status lines were drawn.
    arranged: Option<Arc<Outline>>,
    outline: Option<Arc<Outline>>,
    covered: bool,
    /// The place of the window that is at the top left.
    pan: Pos,
    /// Rows of the window to be drawn, and the row that is: room kept between
    /// pictures.
    dirty: Vec<bool>,
    row: Vec<Cell>,
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
            frame: Arc::new(Frame::new(Size::DEFAULT, u64::MAX)),
            masked: None,
            panes: PaneCache::default(),
            borders: Borders::default(),
            arranged: None,
            outline: None,
            covered: false,
            pan: Pos::default(),
            dirty: Vec::new(),
            row: Vec::new(),
        }
    }

    /// The picture as composed last. One that has not changed is the same
    /// allocation.
    #[must_use]
    pub fn frame(&self) -> &Arc<Frame> {
        self.masked.as_ref().unwrap_or(&self.frame)
    }

    /// Brings the picture up to the model, for a client with this outline, any
    /// of them. Rows that did not change keep their allocation.
    pub fn compose(
        &mut self,
        mux: &Mux,
        client: ClientId,
        outline: &Arc<Outline>,
        extent: Extent,
        palette: &mut Palette,
    ) {
        let owner = mux.clients.get(&client);
        let window = mux.windows.get(&outline.window());
        let (Some(owner), Some(window)) = (owner, window) else {
            return;
        };
        // Stars are put where the panes' cells are now.
        let extent = if outline.masked {
            Extent::Whole
        } else {
            extent
        };
        let generation = palette.generation();
        if self.frame.size != outline.size || self.frame.generation != generation {
            self.start_anew(outline.size, generation);
        }
        if let Some(rows) = chrome::rows(mux, owner, palette.pool_mut()) {
            self.cover(&rows, outline.arrangement.origin);
        } else {
            self.compose_window(mux, owner, window, outline, extent, palette);
        }
        self.compose_status(outline, palette.pool_mut());
        self.outline = Some(Arc::clone(outline));
        let mut cursor = self.cursor(mux, owner, window, outline);
        if mux.floats.contains_key(&client) {
            floats::draw(mux, client, Arc::make_mut(&mut self.frame), palette);
            if let Some(place) = floats::cursor(mux, client).filter(|_| owner.prompt.is_none()) {
                cursor = FrameCursor {
                    pos: place.unwrap_or_default(),
                    visible: place.is_some(),
                    ..FrameCursor::default()
                };
            }
            // What is below is drawn again when it goes.
            self.covered = true;
            self.outline = None;
        }
        if candidates::draw(mux, owner, outline, &mut self.frame, palette) {
            self.covered = true;
            self.outline = None;
        }
        let mut modes = modes(mux, window, outline);
        if mux.floats.contains_key(&client) && outline.mouse {
            modes.mouse = MouseDemand::All;
        }
        let same_title = self.frame.title == outline.title;
        if self.frame.cursor != cursor || self.frame.modes != modes || !same_title {
            let frame = Arc::make_mut(&mut self.frame);
            frame.cursor = cursor;
            frame.modes = modes;
            if !same_title {
                frame.title.clone_from(&outline.title);
            }
        }
        self.mask(mux, owner, outline, palette.pool_mut());
    }

    fn mask(&mut self, mux: &Mux, client: &Client, outline: &Outline, pool: &mut Pool) {
        let Some(secrets) = mux.hidden_from(client).filter(|_| outline.masked) else {
            self.masked = None;
            return;
        };
        let arrangement = &outline.arrangement;
        let (x, y) = (i32::from(self.pan.x), i32::from(self.pan.y));
        let top = arrangement.origin.y;
        let tiled = arrangement.places.iter().map(|(pane, rect)| Shown {
            pane: *pane,
            x: i32::from(rect.x) - x,
            y: i32::from(rect.y) - y + i32::from(top),
            width: rect.width,
            height: rect.height,
        });
        let floats = arrangement.look.floats.iter().map(|look| Shown {
            pane: look.pane,
            x: look.area.x - x,
            y: look.area.y - y + i32::from(top),
            width: look.area.w,
            height: look.area.h,
        });
        // What covers the panes is read as it stands there.
        let panes: Vec<Shown> = match client.overlay {
            Some(_) => Vec::new(),
            None => tiled.chain(floats).collect(),
        };
        let owner = (client, secrets);
        masked::mask(
            mux,
            owner,
            &self.frame,
            (&panes, top),
            pool,
            &mut self.masked,
        );
    }

    fn start_anew(&mut self, size: Size, generation: u64) {
        self.frame = Arc::new(Frame::new(size, generation));
        self.panes.clear();
        self.arranged = None;
        self.outline = None;
    }

    fn cover(&mut self, rows: &[Vec<Cell>], origin: Pos) {
        let frame = Arc::make_mut(&mut self.frame);
        for (row, y) in rows.iter().zip(origin.y..) {
            frame.set_row(y, row);
        }
        self.covered = true;
    }

    fn compose_window(
        &mut self,
        mux: &Mux,
        client: &Client,
        window: &Window,
        outline: &Arc<Outline>,
        extent: Extent,
        palette: &mut Palette,
    ) {
        let arrangement = &outline.arrangement;
        let pan = mux.pan_in(client, window, arrangement.size);
        let moved = std::mem::replace(&mut self.pan, pan) != pan;
        let all = std::mem::take(&mut self.covered) | self.rearrange(outline, palette) | moved;
        self.dirty.clear();
        // Rows of the window, from its top to the last that is seen.
        let rows = usize::from(arrangement.size.rows()) + usize::from(pan.y);
        self.dirty.resize(rows, all);
        for (id, rect) in &arrangement.places {
            let wanted = all || extent == Extent::Whole || *id == arrangement.active;
            if let Some(pane) = mux.panes.get(id).filter(|_| wanted) {
                if arrangement.look.bars.is_shown() {
                    // Any output may move the slider.
                    self.panes.changes_float(pane, *rect, &mut self.dirty);
                } else {
                    self.panes.changes(pane, *rect, &mut self.dirty);
                }
            }
        }
        for look in &arrangement.look.floats {
            let wanted = all || extent == Extent::Whole || look.pane == arrangement.active;
            if let Some(pane) = mux.panes.get(&look.pane).filter(|_| wanted) {
                self.panes
                    .changes_float(pane, look.area.clipped(), &mut self.dirty);
            }
        }
        let seen = self.dirty.iter().skip(usize::from(pan.y));
        if seen.clone().all(|dirty| !dirty) {
            return;
        }
        let frame = Arc::make_mut(&mut self.frame);
        let row = &mut self.row;
        let left = usize::from(pan.x);
        row.resize(left + usize::from(outline.size.cols()), Cell::EMPTY);
        let mut places = arrangement.places.clone();
        let floats = arrangement.look.floats.iter();
        places.extend(floats.map(|look| (look.pane, Rect::of(look.area.size()))));
        let covers = panes::covers(mux, &places, outline.foreign, palette);
        for (y, _) in (0u16..).zip(seen).filter(|(_, dirty)| **dirty) {
            row.fill(Cell::EMPTY);
            let around = (arrangement, &self.borders, &covers);
            draw_row(mux, around, y + pan.y, palette, row);
            // A wide character whose first half is not seen.
            if let Some(first) = row.get_mut(left).filter(|cell| cell.is_tail()) {
                *first = Cell::empty(first.style);
            }
            frame.set_row(arrangement.origin.y + y, &row[left..]);
        }
    }

    /// Takes a new arrangement over; whether every row is to be drawn for it.
    fn rearrange(&mut self, outline: &Arc<Outline>, palette: &mut Palette) -> bool {
        let arrangement = &outline.arrangement;
        let old = self.arranged.replace(Arc::clone(outline));
        if let Some(old) = old {
            if Arc::ptr_eq(&old, outline) {
                return false;
            }
            if old.arrangement == *arrangement {
                // A message was where the window's last row is.
                return old.borrowed && old.status != outline.status;
            }
        }
        self.borders = Borders::new(arrangement, palette.pool_mut());
        let floats = &arrangement.look.floats;
        self.panes.keep(|pane| {
            arrangement.places.iter().any(|(shown, _)| *shown == pane)
                || floats.iter().any(|look| look.pane == pane)
        });
        true
    }

    fn compose_status(&mut self, outline: &Arc<Outline>, pool: &mut Pool) {
        let old = self.outline.as_ref().filter(|old| old.top == outline.top);
        if old.is_some_and(|old| Arc::ptr_eq(old, outline)) && !outline.borrowed {
            return;
        }
        for (nth, (line, y)) in outline.status.iter().zip(outline.top..).enumerate() {
            let known = old.and_then(|old| old.status.get(nth));
            // Without a status line the row is one of the window's as well.
            if outline.borrowed || known != Some(line) {
                let laid_out = line.layout(outline.size.cols(), pool);
                Arc::make_mut(&mut self.frame).set_row(y, &laid_out.cells);
            }
        }
    }

    fn cursor(
        &self,
        mux: &Mux,
        client: &Client,
        window: &Window,
        outline: &Outline,
    ) -> FrameCursor {
        let asking = outline
            .status
            .iter()
            .zip(outline.top..)
            .find_map(|(line, y)| {
                let over = line.over.as_ref()?;
                Some((over.cursor_at(outline.size.cols())?, y, over.cursor))
            });
        if let Some((x, y, (shape, blinking))) = asking {
            return FrameCursor {
                pos: Pos::new(x, y),
                visible: true,
                shape,
                blinking,
                ..FrameCursor::default()
            };
        }
        let hidden = FrameCursor::default();
        if client.overlay.is_some() {
            return hidden;
        }
        let place = window.area(window.active);
        let (Some(rect), Some(pane)) = (place, mux.panes.get(&window.active)) else {
            return hidden;
        };
        let (origin, area) = (outline.arrangement.origin, outline.arrangement.size);
        let pan = self.pan;
        let on_screen = |x: u16, y: u16| {
            let x = u16::try_from(rect.x + i32::from(x) - i32::from(pan.x)).ok()?;
            let y = u16::try_from(rect.y + i32::from(y) - i32::from(pan.y)).ok()?;
            (x < area.cols() && y < area.rows()).then(|| Pos::new(x, origin.y + y))
        };
        // Nor is it seen under a floating pane.
        let look = &outline.arrangement.look;
        let own = look.floats.iter().position(|l| l.pane == window.active);
        let over = look.floats.get(own.map_or(0, |at| at + 1)..);
        let hidden_at = |x: u16, y: u16| {
            let (x, y) = (rect.x + i32::from(x), rect.y + i32::from(y));
            over.unwrap_or_default().iter().any(|float| {
                let body = look.body(float);
                let body = if float.framed { body.framed() } else { body };
                body.contains(x, y)
            })
        };
        let seen = |x: u16, y: u16| on_screen(x, y).is_some() && !hidden_at(x, y);
        let at = |x: u16, y: u16| on_screen(x, y).unwrap_or_default();
        let asked = panes::prompt_cursor(mux, pane, rect.size());
        let mode = pane.mode.as_deref().filter(|_| !outline.foreign);
        let asked = asked.or_else(|| modes::cursor(mux, mode?, rect.size()));
        if let Some(place) = asked {
            return FrameCursor {
                pos: at(place.x, place.y),
                visible: seen(place.x, place.y),
                ..hidden
            };
        }
        if let Some(mode) = mode.filter(|mode| mode.kind != Kind::Panes) {
            let line = mode.tree.current.saturating_sub(mode.tree.offset);
            return FrameCursor {
                pos: at(0, u16::try_from(line).unwrap_or(u16::MAX)),
                ..hidden
            };
        }
        if mode.is_some() || pane.clock {
            return hidden;
        }
        if let Some(mode) = pane.copy.as_deref() {
            let y = u16::try_from(mode.cursor().1)
                .unwrap_or(u16::MAX)
                .min(rect.h.saturating_sub(1));
            let column = copy::cursor_column(mux, pane, mode);
            let x = column.min(rect.w.saturating_sub(1));
            return FrameCursor {
                pos: at(x, y),
                visible: seen(x, y),
                ..hidden
            };
        }
        let cursor = pane.term.cursor();
        let (shape, blinking) = match shape(cursor.shape) {
            // No program has chosen: the option does.
            CursorShape::Default => outline.cursor,
            chosen => (chosen, cursor.blinking),
        };
        FrameCursor {
            pos: at(cursor.pos.x, cursor.pos.y),
            visible: cursor.visible
                && cursor.pos.x < rect.w
                && cursor.pos.y < rect.h
                && seen(cursor.pos.x, cursor.pos.y),
            shape,
            blinking,
            color: cursor_color(pane, outline),
        }
    }
}

/// What the modes of panes show.
pub(super) type Covers = FxHashMap<PaneId, Vec<Vec<Cell>>>;

/// The colour that a pane's program gave its cursor (OSC 12), or `cursor-colour`.
fn cursor_color(pane: &Pane, outline: &Outline) -> Color {
    let own = pane.term.colors().cursor;
    own.map_or(outline.cursor_color, |(r, g, b)| Color::Rgb(r, g, b))
}

fn shape(shape: crate::term::CursorShape) -> CursorShape {
    match shape {
        crate::term::CursorShape::Default => CursorShape::Default,
        crate::term::CursorShape::Block => CursorShape::Block,
        crate::term::CursorShape::Underline => CursorShape::Underline,
        crate::term::CursorShape::Bar => CursorShape::Bar,
    }
}

fn draw_row(
    mux: &Mux,
    (arrangement, borders, covers): (&Arrangement, &Borders, &Covers),
    y: u16,
    palette: &mut Palette,
    row: &mut [Cell],
) {
    let looks = arrangement.look.tiled.iter();
    for ((id, rect), look) in arrangement.places.iter().zip(looks) {
        if y < rect.y || y >= rect.bottom() {
            continue;
        }
        if let Some(pane) = mux.panes.get(id) {
            let cover = (pane, covers.get(id));
            panes::draw_row(mux, cover, *rect, y, look.content, palette, row);
        }
    }
    for (x, cell) in borders.row(y) {
        if let Some(target) = row.get_mut(usize::from(*x)) {
            *target = *cell;
        }
    }
    for (at, name) in arrangement.names.iter().filter(|(at, _)| at.y == y) {
        put_name(*at, name, palette, row);
    }
    outside(arrangement, y, palette.pool_mut(), row);
    bars::draw_row(mux, &arrangement.look, y, palette.pool_mut(), row);
    float_panes::draw_row(mux, (&arrangement.look, covers), y, palette, row);
}

/// A name over a border.
fn put_name(at: Pos, name: &Label, palette: &mut Palette, row: &mut [Cell]) {
    let pool = palette.pool_mut();
    let style = pool.style(Style::DEFAULT.with(crate::base::Attrs::REVERSE));
    let mut x = usize::from(at.x);
    for (cluster, columns) in crate::base::width::clusters(name.as_str()) {
        let wide = columns == 2;
        if x + usize::from(columns) > row.len() {
            return;
        }
        row[x] = pool.cell(cluster, wide, style);
        if wide {
            row[x + 1] = Cell::tail(style);
        }
        x += usize::from(columns);
    }
}

/// Fills what no pane and no border is in: beyond a window smaller than the
/// client's screen, and inside one whose panes all float (`fill-character`).
fn outside(arrangement: &Arrangement, y: u16, pool: &mut Pool, row: &mut [Cell]) {
    let (inner, look) = (arrangement.inner, &arrangement.look);
    let room = arrangement.size;
    let bordered = !look.tiled.is_empty();
    let cols = inner.cols() + u16::from(bordered && room.cols() > inner.cols());
    let rows = if bordered {
        look.rows(inner, room)
    } else {
        inner.rows()
    };
    let from = if y < rows { usize::from(cols) } else { 0 };
    let mut fill = |text: &str, cells: &mut [Cell]| {
        if !cells.is_empty() {
            let one = super::styled::layout(text, 1, look.fill_style, pool);
            let blank = one.cells.first().copied().unwrap_or(Cell::EMPTY);
            cells.fill(blank);
        }
    };
    if from < row.len() {
        fill(&look.fill.0, &mut row[from..]);
    }
    if !bordered {
        let to = from.min(row.len());
        fill(&look.fill.1, &mut row[..to]);
    }
}

fn modes(mux: &Mux, window: &Window, outline: &Outline) -> FrameModes {
    let pane = mux.panes.get(&window.active).map(|pane| pane.term.modes());
    let wants_all = pane.is_some_and(|modes| modes.mouse == MouseMode::Any);
    let mouse = if !outline.mouse {
        MouseDemand::Off
    } else if wants_all {
        MouseDemand::All
    } else {
        MouseDemand::Drag
    };
    let asked = pane.map_or(0, |modes| modes.kitty_keys);
    let extended_keys = outline.extended_keys || asked != 0;
    FrameModes {
        mouse,
        focus: outline.focus,
        extended_keys,
        kitty_keys: if extended_keys {
            client_flags(asked)
        } else {
            0
        },
    }
}

/// The kitty keyboard protocol's flags for a client's terminal, by what a pane
/// asked for: keys told apart (1), and their repeats and ends (2) for one that
/// wants them. Of keys that type text these are told only where every key is an
/// escape code (8), which needs what shift (4) and the keyboard (16) make of it.
const fn client_flags(asked: u8) -> u8 {
    const EVENTS: u8 = 2;
    const ALL: u8 = 8;
    match (asked & EVENTS != 0, asked & ALL != 0) {
        (true, true) => 1 | EVENTS | 4 | ALL | 16,
        (true, false) => 1 | EVENTS,
        (false, _) => 1,
    }
}
