//! Keeps the pool of styles, clusters and links near the size of what is shown:
//! a program that writes ever new colours cannot grow it without limit.

use super::Terminal;
use crate::base::pool::Importer;
use crate::base::width::MAX_CLUSTER;
use crate::base::{Cell, CellText, LinkId, Pool};

impl Terminal {
    /// Bytes held for a string that is not finished, for tests of their bound.
    #[doc(hidden)]
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.parser.held()
    }

    /// Rebuilds the pool when it holds far more than both screens can use.
    pub(super) fn bound_pool(&mut self) {
        let cells = self.size.area();
        // A screen full of the longest clusters is let be, or it would be
        // rebuilt for each piece of input.
        let text = (4 * MAX_CLUSTER * cells).clamp(1 << 20, 64 << 20);
        if self.pool.len() > (4 * cells).clamp(8192, 1 << 20) || self.pool.cluster_bytes() > text {
            self.rebuild_pool();
        }
    }

    /// Takes the links off every cell, and off what is written next.
    pub(super) fn drop_links(&mut self) {
        for row in self.grids.iter_mut().flat_map(|grid| grid.rows_mut()) {
            for cell in &mut row.cells {
                let mut style = self.pool.get(cell.style);
                if style.link != LinkId::NONE {
                    style.link = LinkId::NONE;
                    *cell = cell.restyled(self.pool.style(style));
                }
            }
        }
        for grid in &mut self.grids {
            grid.touch(self.seq + 1);
        }
        let [primary, alternate] = &mut self.saved;
        for style in [
            &mut self.pen.style,
            &mut primary.style,
            &mut alternate.style,
        ] {
            style.link = LinkId::NONE;
        }
        self.forget_pen();
    }

    fn rebuild_pool(&mut self) {
        let old = std::mem::replace(&mut self.pool, Pool::new());
        let mut importer = Importer::new();
        let new = &mut self.pool;
        for row in self.grids.iter_mut().flat_map(|grid| grid.rows_mut()) {
            for cell in &mut row.cells {
                let style = importer.style(cell.style, &old, new);
                *cell = match cell.text() {
                    CellText::Cluster(id) => {
                        let id = new.cluster(old.cluster_text(id));
                        Cell::cluster(id, cell.is_wide(), style).protected(cell.is_protected())
                    }
                    CellText::Empty | CellText::Char(_) | CellText::Tail => cell.restyled(style),
                };
            }
        }
        let [primary, alternate] = &mut self.saved;
        let held = [
            &mut self.pen.style,
            &mut primary.style,
            &mut alternate.style,
        ];
        for style in held.into_iter().chain(&mut self.styles_pushed) {
            let link = old.link_of(style.link).cloned();
            style.link = link.map_or_else(Default::default, |link| new.link(link));
        }
        self.forget_pen();
        self.pool_generation += 1;
        for grid in &mut self.grids {
            grid.touch(self.seq);
        }
    }
}
