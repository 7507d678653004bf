//! The lines between panes and round the window. Each border cell's form follows
//! from which of its neighbours are border too, its style and its kind of line
//! from the pane that it belongs to. Floating panes' frames are in `float_panes`.

use crate::base::{Attrs, Cell, PaneId, Pool, Size, Style};
use crate::config::RangeSpec;
use crate::format::{self, Scope};
use crate::mux::layout::{Area, StatusSide};
use crate::mux::{Mux, Window};

use super::bars::BarLook;
use super::outline::Arrangement;
use super::status::style_option;
use super::styled;

/// A window's border cells, by row.
#[derive(Clone, Debug, Default)]
pub(super) struct Borders {
    rows: Vec<Vec<(u16, Cell)>>,
}

/// The characters of a border style: by the neighbours left 1, right 2, up 4,
/// down 8.
type Lines = [char; 16];

const SINGLE: Lines = [
    ' ', '─', '─', '─', '│', '┘', '└', '┴', '│', '┐', '┌', '┬', '│', '┤', '├', '┼',
];
const DOUBLE: Lines = [
    ' ', '═', '═', '═', '║', '╝', '╚', '╩', '║', '╗', '╔', '╦', '║', '╣', '╠', '╬',
];
const HEAVY: Lines = [
    ' ', '━', '━', '━', '┃', '┛', '┗', '┻', '┃', '┓', '┏', '┳', '┃', '┫', '┣', '╋',
];
const SIMPLE: Lines = [
    ' ', '-', '-', '-', '|', '+', '+', '+', '|', '+', '+', '+', '|', '+', '+', '+',
];
const SPACES: Lines = [' '; 16];

/// The neighbours of a border cell with one only at its right across, and at its
/// left.
const RIGHT_TEE: usize = 14;
const LEFT_TEE: usize = 13;
/// The neighbours at its sides.
const ACROSS: usize = 3;

/// How a pane and its border look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PaneLook {
    pub(super) pane: PaneId,
    pub(super) area: Area,
    pub(super) style: Style,
    pub(super) lines: Lines,
    /// It floats with a frame round it.
    pub(super) framed: bool,
    /// What its border says, and where.
    pub(super) status: Option<(StatusSide, String)>,
    /// It is the marked one.
    marked: bool,
    /// What stands for the default colours of its content.
    pub(super) content: Style,
}

/// How borders look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Look {
    /// The tiled panes that are seen, in their order.
    pub(super) tiled: Vec<PaneLook>,
    /// The floating ones, the rearmost first.
    pub(super) floats: Vec<PaneLook>,
    /// Of two panes each has half of the border between them.
    shared: bool,
    arrows: bool,
    /// The pane that arrows point at.
    pub(super) pointed: Option<PaneId>,
    /// Columns of scrollbars at the panes' sides.
    bar: u16,
    bar_left: bool,
    /// What is where no window is, and where no pane is.
    pub(super) fill: (String, String),
    pub(super) fill_style: Style,
    pub(super) bars: BarLook,
}

impl Look {
    /// How a window's borders look in a scope.
    pub(super) fn new(mux: &Mux, window: &Window, scope: &Scope<'_>) -> Self {
        let insets = window.layout.insets();
        let mut tiled: Vec<PaneLook> = window
            .visible()
            .into_iter()
            .map(|(pane, rect)| look(mux, window, scope, pane, rect.into(), false))
            .collect();
        for pane in &mut tiled {
            pane.status = insets
                .status
                .map(|side| (side, border_text(mux, scope, pane.pane)));
        }
        let floats = window.floating().into_iter();
        let floats = floats.map(|(pane, area)| look(mux, window, scope, pane, area, true));
        let indicators = mux.window_str(Some(window.id), "pane-border-indicators");
        let fill = |inside: &str| {
            // It speaks of no session, window or pane.
            let vars = [(inside.to_owned(), "1".to_owned())];
            let scope = Scope {
                vars: &vars,
                now: scope.now,
                ..Scope::default()
            };
            let template = mux.window_str(Some(window.id), "fill-character");
            format::expand(template, mux, &scope)
        };
        let arrows = matches!(indicators, "arrows" | "both");
        Self {
            floats: floats.collect(),
            pointed: arrows.then_some(window.active),
            shared: matches!(indicators, "colour" | "both") && tiled.len() == 2,
            tiled,
            arrows,
            bar: insets.bar,
            bar_left: insets.bar_left,
            fill: (fill("is_outside"), fill("is_inside")),
            bars: BarLook::new(mux, window, scope),
            fill_style: style_option(
                mux,
                scope,
                mux.window_str(Some(window.id), "pane-border-style"),
                Style::DEFAULT,
            ),
        }
    }

    /// The rows of a window in a room, with the line below it where there is one:
    /// panes' texts below them are it already.
    pub(super) fn rows(&self, window: Size, room: Size) -> u16 {
        let texts = self
            .tiled
            .iter()
            .any(|pane| matches!(pane.status, Some((StatusSide::Bottom, _))));
        window.rows() + u16::from(room.rows() > window.rows() && !texts)
    }

    /// Shows no scrollbars: what is there has the room of the bar, too.
    pub(super) fn without_bars(&mut self) {
        for at in 0..self.tiled.len() {
            self.tiled[at].area = self.body(&self.tiled[at]);
        }
        self.bars = BarLook::default();
        (self.bar, self.bar_left) = (0, false);
    }

    /// What a pane covers, its scrollbar included.
    pub(super) fn body(&self, pane: &PaneLook) -> Area {
        let mut area = pane.area;
        area.w = area.w.saturating_add(self.bar);
        if self.bar_left {
            area.x -= i32::from(self.bar);
        }
        area
    }
}

fn border_text(mux: &Mux, scope: &Scope<'_>, pane: PaneId) -> String {
    let scope = Scope {
        pane: Some(pane),
        ..*scope
    };
    let template = mux.pane_str(Some(pane), "pane-border-format");
    format::expand_time(template, mux, &scope)
}

fn look(
    mux: &Mux,
    window: &Window,
    scope: &Scope<'_>,
    pane: PaneId,
    area: Area,
    floats: bool,
) -> PaneLook {
    let scope = Scope {
        pane: Some(pane),
        ..*scope
    };
    let active = window.active == pane;
    let style = |option: &str, base: Style| {
        style_option(mux, &scope, mux.pane_str(Some(pane), option), base)
    };
    let border = if active {
        "pane-active-border-style"
    } else {
        "pane-border-style"
    };
    let mut content = style("window-style", Style::DEFAULT);
    if active {
        content = style("window-active-style", content);
    }
    let kind = mux.pane_str(Some(pane), "pane-border-lines");
    let at = window.panes().iter().position(|other| *other == pane);
    let number = mux.window_number(Some(window.id), "pane-base-index");
    let number = at.map_or(0, |at| (i64::try_from(at).unwrap_or(0) + number) % 10);
    let digit = u32::try_from(number).ok();
    let digit = digit.and_then(|digit| char::from_digit(digit, 10));
    let side = match mux.pane_str(Some(pane), "pane-border-status") {
        "top" | "top-floating" => Some(StatusSide::Top),
        "bottom" | "bottom-floating" => Some(StatusSide::Bottom),
        _ => None,
    };
    let framed = floats && kind != "none";
    PaneLook {
        pane,
        area,
        style: Style {
            attrs: Attrs::NONE,
            ..style(border, Style::DEFAULT)
        },
        lines: match kind {
            "double" => DOUBLE,
            "heavy" => HEAVY,
            "simple" => SIMPLE,
            "number" => [digit.unwrap_or('0'); 16],
            "spaces" | "none" => SPACES,
            _ => SINGLE,
        },
        framed,
        marked: mux.marked == Some(pane),
        status: side
            .filter(|_| framed)
            .map(|side| (side, border_text(mux, &scope, pane))),
        content,
    }
}

/// The control (`range=control|N`) at a place of a window that is written on a
/// pane's border, and the pane.
pub(super) fn control_at(
    mux: &Mux,
    window: &Window,
    scope: &Scope<'_>,
    (x, y): (i32, i32),
) -> Option<(PaneId, u8)> {
    let look = Look::new(mux, window, scope);
    let floats = look.floats.iter().rev().map(|pane| (pane, true));
    let tiled = look.tiled.iter().map(|pane| (pane, false));
    for (pane, floats) in floats.chain(tiled) {
        let Some((side, text)) = &pane.status else {
            continue;
        };
        let area = if floats { look.body(pane) } else { pane.area };
        let row = match side {
            StatusSide::Top => area.y - 1,
            StatusSide::Bottom => area.bottom(),
        };
        let from = area.x + 2;
        let columns = u16::try_from(area.right() - from).unwrap_or(0);
        let Some(column) = u16::try_from(x - from).ok().filter(|x| *x < columns) else {
            continue;
        };
        if y != row {
            continue;
        }
        let line = styled::layout(text, columns, pane.style, &mut Pool::new());
        let mut ranges = line.ranges.into_iter();
        let range = ranges.find(|(from, to, _)| (*from..*to).contains(&column));
        return match range {
            Some((_, _, RangeSpec::Control(number))) => Some((pane.pane, number)),
            _ => None,
        };
    }
    None
}

impl Borders {
    /// The borders of an arrangement.
    pub(super) fn new(arrangement: &Arrangement, pool: &mut Pool) -> Self {
        let Arrangement {
            active,
            inner,
            size,
            look,
            ..
        } = arrangement;
        let mut borders = Self::default();
        let map = Map::new(look, *inner, *size);
        if look.tiled.is_empty() || map.is_full() {
            return borders;
        }
        let active = look.tiled.iter().position(|pane| pane.pane == *active);
        borders.rows = vec![Vec::new(); usize::from(map.rows)];
        for y in 0..map.rows {
            for x in 0..map.cols {
                if !map.is_border(x, y) {
                    continue;
                }
                let neighbours = map.neighbours(x, y);
                // A text of the pane above the active one has its corners too.
                let above = active
                    .and_then(|nth| look.tiled.get(nth))
                    .filter(|pane| matches!(pane.status, Some((StatusSide::Bottom, _))))
                    .is_some_and(|pane| i32::from(y) == pane.area.y - 1);
                let beside = match neighbours {
                    RIGHT_TEE if above => speaker(look, i32::from(x) + 1, y.into()),
                    LEFT_TEE if above => speaker(look, i32::from(x) - 1, y.into()),
                    _ => None,
                };
                let owner = beside.unwrap_or_else(|| owner(look, active, x.into(), y.into()));
                let Some(pane) = look.tiled.get(owner) else {
                    continue;
                };
                let ch = arrow(look, active, owner, x.into(), y.into())
                    .unwrap_or(pane.lines[neighbours]);
                let marked = look.tiled.iter().filter(|pane| pane.marked);
                let touched = marked
                    .map(|pane| look.body(pane).framed())
                    .any(|area| area.contains(x.into(), y.into()));
                let style = if touched {
                    pane.style.with(Attrs::REVERSE)
                } else {
                    pane.style
                };
                let style = pool.style(style);
                let cell = Cell::narrow(ch, style);
                let upright = neighbours & ACROSS == 0;
                let cell = if upright { cell.isolated() } else { cell };
                borders.rows[usize::from(y)].push((x, cell));
            }
        }
        for pane in &look.tiled {
            borders.write_status(pane, pool);
        }
        borders
    }

    /// Puts what a pane's border says over its cells.
    fn write_status(&mut self, pane: &PaneLook, pool: &mut Pool) {
        let Some((side, text)) = &pane.status else {
            return;
        };
        let y = match side {
            StatusSide::Top => pane.area.y - 1,
            StatusSide::Bottom => pane.area.bottom(),
        };
        let row = usize::try_from(y).ok().and_then(|y| self.rows.get_mut(y));
        let Some(row) = row else { return };
        let from = pane.area.x + 2;
        let to = match pane.area.w {
            0..3 => from,
            _ => pane.area.right(),
        };
        let inside = |x: u16| (from..to).contains(&i32::from(x));
        let places: Vec<usize> = (0..row.len()).filter(|at| inside(row[*at].0)).collect();
        let mut cells: Vec<Cell> = places.iter().map(|at| row[*at].1).collect();
        styled::layout_over(text, pane.style, pool, &mut cells);
        for (at, cell) in places.into_iter().zip(cells) {
            row[at].1 = cell;
        }
    }

    /// The border cells of a row, left to right.
    pub(super) fn row(&self, y: u16) -> &[(u16, Cell)] {
        self.rows.get(usize::from(y)).map_or(&[], Vec::as_slice)
    }
}

/// The pane that a border cell belongs to: the one its text speaks of, else the
/// active one at its sides, else the first that it touches. Two panes share the
/// border between them.
fn owner(look: &Look, active: Option<usize>, x: i32, y: i32) -> usize {
    let body = |nth: usize| look.tiled.get(nth).map(|pane| look.body(pane));
    if let Some(speaker) = speaker(look, x, y) {
        return speaker;
    }
    if look.shared
        && let (Some(first), Some(second)) = (body(0), body(1))
    {
        if x == first.right() && x < second.x {
            let (top, rows) = look.tiled.first().map_or((0, 0), cell_rows);
            return usize::from(y > top + rows / 2);
        }
        if y == first.bottom() && y < second.y {
            return usize::from(x > first.x + i32::from(first.w / 2));
        }
    }
    if let Some(active) = active
        && let Some(area) = body(active)
    {
        // Its corners are its own as well.
        if area.framed().contains(x, y) {
            return active;
        }
    }
    let touches = |pane: &PaneLook| look.body(pane).framed().contains(x, y);
    look.tiled.iter().position(touches).unwrap_or(0)
}

/// The pane whose text is on a border cell.
fn speaker(look: &Look, x: i32, y: i32) -> Option<usize> {
    let says = |pane: &PaneLook| {
        let area = look.body(pane);
        let over = match &pane.status {
            Some((StatusSide::Top, _)) => y == area.y - 1,
            Some((StatusSide::Bottom, _)) => y == area.bottom(),
            None => false,
        };
        over && (area.x..area.right()).contains(&x)
    };
    look.tiled.iter().position(says)
}

/// The first row of a pane's cell in the layout and how many it has: the pane's
/// own and the one with its text.
fn cell_rows(pane: &PaneLook) -> (i32, i32) {
    let (y, rows) = (pane.area.y, i32::from(pane.area.h));
    match &pane.status {
        Some((StatusSide::Top, _)) => (y - 1, rows + 1),
        Some((StatusSide::Bottom, _)) => (y, rows + 1),
        None => (y, rows),
    }
}

/// The mark that points at the active pane, if one stands here: on a border
/// that is the active pane's, one cell into each pane that lies along it.
fn arrow(look: &Look, active: Option<usize>, owner: usize, x: i32, y: i32) -> Option<char> {
    let active = active.filter(|active| look.arrows && *active == owner)?;
    let area = look.body(look.tiled.get(active)?);
    let along = |begins: &dyn Fn(Area) -> bool| {
        let touching = |area: &Area| area.framed().contains(x, y);
        let mut areas = look.tiled.iter().map(|pane| look.body(pane));
        areas.any(|area| touching(&area) && begins(area))
    };
    let beside = (area.y..area.bottom()).contains(&y) && along(&|area| y == area.y + 1);
    let across = (area.x..area.right()).contains(&x) && along(&|area| x == area.x + 1);
    match (x, y) {
        _ if beside && x == area.right() => Some('←'),
        _ if beside && x == area.x - 1 => Some('→'),
        _ if across && y == area.y - 1 => Some('↓'),
        _ if across && y == area.bottom() => Some('↑'),
        _ => None,
    }
}

/// Which cells no pane covers: those of the window, and a line right of and
/// below it where there is room.
struct Map {
    cols: u16,
    rows: u16,
    covered: Vec<bool>,
}

impl Map {
    fn new(look: &Look, window: Size, room: Size) -> Self {
        let cols = window.cols() + u16::from(room.cols() > window.cols());
        let rows = look.rows(window, room);
        let width = usize::from(cols);
        let mut covered = vec![false; width * usize::from(rows)];
        for pane in &look.tiled {
            let rect = look.body(pane).clipped();
            for y in rect.y..rect.bottom().min(rows) {
                let row = usize::from(y) * width;
                let to = usize::from(rect.right()).min(width);
                let from = usize::from(rect.x).min(to);
                covered[row + from..row + to].fill(true);
            }
        }
        Self {
            cols,
            rows,
            covered,
        }
    }

    fn is_full(&self) -> bool {
        self.covered.iter().all(|covered| *covered)
    }

    fn is_border(&self, x: u16, y: u16) -> bool {
        let at = usize::from(y) * usize::from(self.cols) + usize::from(x);
        x < self.cols && y < self.rows && !self.covered[at]
    }

    fn neighbours(&self, x: u16, y: u16) -> usize {
        let left = x > 0 && self.is_border(x - 1, y);
        let up = y > 0 && self.is_border(x, y - 1);
        usize::from(left)
            | usize::from(self.is_border(x + 1, y)) << 1
            | usize::from(up) << 2
            | usize::from(self.is_border(x, y + 1)) << 3
    }
}
