//! The lines between panes. Each border cell's form follows from which of its
//! neighbours are border too.

use crate::base::{Cell, PaneId, Pool, Pos, Rect, Size, Style, StyleId};
use crate::format::Scope;
use crate::mux::{Mux, Window};

use super::outline::Arrangement;
use super::status::style_option;

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

/// How borders look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Look {
    plain: Style,
    active: Style,
    lines: &'static Lines,
    /// Of two panes each has half of the border between them.
    shared: bool,
}

impl Look {
    /// How a window's borders look in a scope.
    pub(super) fn new(mux: &Mux, window: &Window, scope: &Scope<'_>) -> Self {
        let scope = Scope {
            pane: Some(window.active),
            ..*scope
        };
        let style = |option: &str| {
            let text = mux.pane_str(Some(window.active), option);
            style_option(mux, &scope, text, Style::DEFAULT)
        };
        let indicators = mux.window_str(Some(window.id), "pane-border-indicators");
        Self {
            plain: style("pane-border-style"),
            active: style("pane-active-border-style"),
            lines: lines_of(mux.window_str(Some(window.id), "pane-border-lines")),
            shared: matches!(indicators, "colour" | "both"),
        }
    }
}

impl Borders {
    /// The borders of an arrangement.
    pub(super) fn new(arrangement: &Arrangement, pool: &mut Pool) -> Self {
        let Arrangement {
            places,
            active,
            inner,
            look,
            ..
        } = arrangement;
        let mut borders = Self::default();
        if places.len() < 2 {
            return borders;
        }
        borders.rows = vec![Vec::new(); usize::from(inner.rows())];
        let styles = Styles {
            plain: pool.style(look.plain),
            active: pool.style(look.active),
            shared: look.shared,
        };
        let map = Map::new(places, *inner);
        for y in 0..inner.rows() {
            for x in 0..inner.cols() {
                if !map.is_border(x, y) {
                    continue;
                }
                let style = styles.at(Pos::new(x, y), places, *active);
                let ch = look.lines[map.neighbours(x, y)];
                borders.rows[usize::from(y)].push((x, Cell::narrow(ch, style)));
            }
        }
        borders
    }

    /// The border cells of a row, left to right.
    pub(super) fn row(&self, y: u16) -> &[(u16, Cell)] {
        self.rows.get(usize::from(y)).map_or(&[], Vec::as_slice)
    }
}

fn lines_of(name: &str) -> &'static Lines {
    match name {
        "double" => &DOUBLE,
        "heavy" => &HEAVY,
        "simple" => &SIMPLE,
        _ => &SINGLE,
    }
}

/// Which cells no pane covers.
struct Map {
    size: Size,
    covered: Vec<bool>,
}

impl Map {
    fn new(places: &[(PaneId, Rect)], size: Size) -> Self {
        let mut covered = vec![false; size.area()];
        let cols = usize::from(size.cols());
        for (_, rect) in places {
            for y in rect.y..rect.bottom().min(size.rows()) {
                let row = usize::from(y) * cols;
                let to = usize::from(rect.right()).min(cols);
                let from = usize::from(rect.x).min(to);
                covered[row + from..row + to].fill(true);
            }
        }
        Self { size, covered }
    }

    fn is_border(&self, x: u16, y: u16) -> bool {
        let at = usize::from(y) * usize::from(self.size.cols()) + usize::from(x);
        x < self.size.cols() && y < self.size.rows() && !self.covered[at]
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

struct Styles {
    plain: StyleId,
    active: StyleId,
    shared: bool,
}

impl Styles {
    fn at(&self, at: Pos, places: &[(PaneId, Rect)], active: PaneId) -> StyleId {
        let Some((nth, rect)) = places
            .iter()
            .enumerate()
            .find_map(|(nth, (pane, rect))| (*pane == active).then_some((nth, rect)))
        else {
            return self.plain;
        };
        let near = at.x + 1 >= rect.x
            && at.x <= rect.right()
            && at.y + 1 >= rect.y
            && at.y <= rect.bottom();
        if !near {
            return self.plain;
        }
        if self.shared && places.len() == 2 {
            let side_by_side = places[0].1.y == places[1].1.y;
            let first_half = if side_by_side {
                at.y <= places[0].1.height / 2
            } else {
                at.x <= places[0].1.width / 2
            };
            return if first_half == (nth == 0) {
                self.active
            } else {
                self.plain
            };
        }
        self.active
    }
}
