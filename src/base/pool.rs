//! Interned styles, clusters and hyperlinks: what a cell's small numbers stand
//! for. Every screen and every frame has a pool of its own; [`Importer`] carries
//! cells from one to another.

use rustc_hash::FxHashMap;

use super::cell::{Cell, CellText};
use super::style::Style;

/// A style's number in a [`Pool`]; 0 is always the default style.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct StyleId(pub u32);

impl StyleId {
    /// The default style.
    pub const DEFAULT: Self = Self(0);
}

/// A cluster's number in a [`Pool`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClusterId(pub u32);

/// A hyperlink's number in a [`Pool`]; 0 is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct LinkId(pub u32);

impl LinkId {
    /// No hyperlink.
    pub const NONE: Self = Self(0);
}

/// A hyperlink (OSC 8): where it leads, and which cells belong together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Link {
    /// The program's `id=` parameter, or empty.
    pub id: Box<str>,
    /// The target.
    pub uri: Box<str>,
}

/// Styles, clusters and links by number.
#[derive(Clone, Debug)]
pub struct Pool {
    styles: Vec<Style>,
    style_ids: FxHashMap<Style, StyleId>,
    clusters: Vec<Box<str>>,
    cluster_ids: FxHashMap<Box<str>, ClusterId>,
    /// Bytes of all clusters.
    cluster_bytes: usize,
    links: Vec<Link>,
    link_ids: FxHashMap<Link, LinkId>,
}

impl Default for Pool {
    fn default() -> Self {
        let mut style_ids = FxHashMap::default();
        style_ids.insert(Style::DEFAULT, StyleId::DEFAULT);
        Self {
            styles: vec![Style::DEFAULT],
            style_ids,
            clusters: Vec::new(),
            cluster_ids: FxHashMap::default(),
            cluster_bytes: 0,
            links: Vec::new(),
            link_ids: FxHashMap::default(),
        }
    }
}

impl Pool {
    /// An empty pool.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The number of a style, interned if new.
    pub fn style(&mut self, style: Style) -> StyleId {
        if let Some(id) = self.style_ids.get(&style) {
            return *id;
        }
        let id = StyleId(next(self.styles.len()));
        self.styles.push(style);
        self.style_ids.insert(style, id);
        id
    }

    /// The style of a number; the default one for a number of another pool.
    #[must_use]
    #[inline]
    pub fn get(&self, id: StyleId) -> Style {
        self.styles.get(id.0 as usize).copied().unwrap_or_default()
    }

    /// The number of a cluster, interned if new.
    pub fn cluster(&mut self, text: &str) -> ClusterId {
        if let Some(id) = self.cluster_ids.get(text) {
            return *id;
        }
        let id = ClusterId(next(self.clusters.len()));
        self.cluster_bytes += text.len();
        self.clusters.push(text.into());
        self.cluster_ids.insert(text.into(), id);
        id
    }

    /// The text of a cluster; empty for a number of another pool.
    #[must_use]
    pub fn cluster_text(&self, id: ClusterId) -> &str {
        self.clusters.get(id.0 as usize).map_or("", |text| text)
    }

    /// The number of a link, interned if new.
    pub fn link(&mut self, link: Link) -> LinkId {
        if let Some(id) = self.link_ids.get(&link) {
            return *id;
        }
        self.links.push(link.clone());
        let id = LinkId(next(self.links.len()));
        self.link_ids.insert(link, id);
        id
    }

    /// The link of a number, if it is one.
    #[must_use]
    pub fn link_of(&self, id: LinkId) -> Option<&Link> {
        self.links.get((id.0 as usize).checked_sub(1)?)
    }

    /// A cell of one cluster in a style; `wide` cells need a tail after them.
    pub fn cell(&mut self, cluster: &str, wide: bool, style: StyleId) -> Cell {
        let mut chars = cluster.chars();
        match (chars.next(), chars.next()) {
            (None, _) => Cell::empty(style),
            (Some(ch), None) if wide => Cell::wide(ch, style),
            (Some(ch), None) => Cell::narrow(ch, style),
            (Some(_), Some(_)) => Cell::cluster(self.cluster(cluster), wide, style),
        }
    }

    /// Appends a cell's text; an empty cell is a space, a tail nothing.
    pub fn push_text(&self, cell: Cell, out: &mut String) {
        match cell.text() {
            CellText::Empty => out.push(' '),
            CellText::Char(ch) => out.push(ch),
            CellText::Cluster(id) => out.push_str(self.cluster_text(id)),
            CellText::Tail => {}
        }
    }

    /// Whether a cell's numbers are ones that this pool gave.
    #[must_use]
    pub fn knows(&self, cell: Cell) -> bool {
        let cluster = match cell.text() {
            CellText::Cluster(id) => (id.0 as usize) < self.clusters.len(),
            CellText::Empty | CellText::Char(_) | CellText::Tail => true,
        };
        cluster && (cell.style.0 as usize) < self.styles.len()
    }

    /// Styles, clusters and links held: the owner rebuilds a pool that has
    /// grown far beyond its cells.
    #[must_use]
    pub fn len(&self) -> usize {
        self.styles.len() + self.clusters.len() + self.links.len()
    }

    /// Bytes of text held for clusters, each counted once.
    #[must_use]
    pub fn cluster_bytes(&self) -> usize {
        self.cluster_bytes
    }

    /// Whether only the default style is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 1
    }
}

fn next(len: usize) -> u32 {
    // A pool is rebuilt long before 2^21 entries, the limit of a cluster id.
    u32::try_from(len).unwrap_or(u32::MAX)
}

/// Carries cells from one pool to another, remembering each style's new number.
#[derive(Clone, Debug, Default)]
pub struct Importer {
    styles: Vec<Option<StyleId>>,
}

impl Importer {
    /// A new importer; keep one for each pair of pools, and drop it when
    /// either pool is rebuilt.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The cell as it is written in `to`.
    #[inline]
    pub fn cell(&mut self, cell: Cell, from: &Pool, to: &mut Pool) -> Cell {
        let style = self.style(cell.style, from, to);
        match cell.text() {
            CellText::Cluster(id) => {
                Cell::cluster(to.cluster(from.cluster_text(id)), cell.is_wide(), style)
            }
            CellText::Empty | CellText::Char(_) | CellText::Tail => cell.plain().restyled(style),
        }
    }

    /// The style's number in `to`.
    #[inline]
    pub fn style(&mut self, id: StyleId, from: &Pool, to: &mut Pool) -> StyleId {
        if id == StyleId::DEFAULT {
            return id;
        }
        let at = id.0 as usize;
        if let Some(Some(known)) = self.styles.get(at) {
            return *known;
        }
        let mut style = from.get(id);
        style.link = from
            .link_of(style.link)
            .cloned()
            .map_or(LinkId::NONE, |link| to.link(link));
        let new = to.style(style);
        if self.styles.len() <= at {
            self.styles.resize(at + 1, None);
        }
        self.styles[at] = Some(new);
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::style::{Attrs, Color};

    #[test]
    fn pool_interns_each_thing_once() {
        let mut pool = Pool::new();
        let bold = pool.style(Style::DEFAULT.with(Attrs::BOLD));
        assert_eq!(bold, pool.style(Style::DEFAULT.with(Attrs::BOLD)));
        assert_eq!(pool.style(Style::DEFAULT), StyleId::DEFAULT);
        let flag = pool.cluster("🇩🇪");
        assert_eq!(pool.cluster_text(flag), "🇩🇪");
        let cell = Cell::cluster(flag, true, bold);
        assert!(pool.knows(cell) && !Pool::new().knows(cell));
        assert!(!Pool::new().knows(Cell::empty(bold)));
    }

    #[test]
    fn importer_carries_style_cluster_and_link() {
        let (mut from, mut to) = (Pool::new(), Pool::new());
        to.style(Style::DEFAULT.fg(Color::Indexed(3)));
        let link = from.link(Link {
            id: "".into(),
            uri: "http://localhost/".into(),
        });
        let style = from.style(Style {
            link,
            ..Style::DEFAULT.fg(Color::Indexed(1))
        });
        let cell = from.cell("e\u{301}", false, style);
        let moved = Importer::new().cell(cell, &from, &mut to);
        let mut text = String::new();
        to.push_text(moved, &mut text);
        assert_eq!(text, "e\u{301}");
        let style = to.get(moved.style);
        assert_eq!(style.fg, Color::Indexed(1));
        assert_eq!(&*to.link_of(style.link).unwrap().uri, "http://localhost/");
    }
}
