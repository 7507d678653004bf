//! Numbers of a pool's styles in the table of the block being written. It
//! trusts no number of the pool for longer than a look at its style, for pools
//! are rebuilt.

use rustc_hash::FxHashMap;

use crate::base::pool::Link;
use crate::base::{LinkId, Pool, Style, StyleId};

use super::block::Table;

/// Numbers of the pool beyond this are looked up by style each time.
const SEEN_MAX: usize = 1 << 16;

#[derive(Clone, Copy, Debug)]
struct Seen {
    style: Style,
    serial: u64,
    id: u32,
}

/// Looks up and adds styles of one block.
#[derive(Clone, Debug, Default)]
pub(super) struct Interner {
    serial: Option<u64>,
    ids: FxHashMap<Style, u32>,
    links: FxHashMap<Link, LinkId>,
    seen: Vec<Option<Seen>>,
}

impl Interner {
    /// Turns to the block `serial` with its table.
    pub(super) fn turn_to(&mut self, serial: u64, table: &Table) {
        if self.serial == Some(serial) {
            return;
        }
        self.serial = Some(serial);
        self.ids.clear();
        self.links.clear();
        for (id, style) in (0..).zip(&table.styles) {
            self.ids.insert(*style, id);
        }
        for (id, link) in (1..).zip(&table.links) {
            self.links.insert(link.clone(), LinkId(id));
        }
    }

    /// The number in `table` of a style of `pool`.
    #[inline]
    pub(super) fn id(&mut self, of: StyleId, pool: &Pool, table: &mut Table) -> u32 {
        if of == StyleId::DEFAULT {
            return 0;
        }
        let style = pool.get(of);
        if let Some(Some(seen)) = self.seen.get(of.0 as usize)
            && Some(seen.serial) == self.serial
            && seen.style == style
        {
            return seen.id;
        }
        self.add(of, style, pool, table)
    }

    #[cold]
    fn add(&mut self, of: StyleId, style: Style, pool: &Pool, table: &mut Table) -> u32 {
        let mut own = style;
        own.link = self.link(style.link, pool, table);
        let next = table.styles.len() as u32;
        let id = *self.ids.entry(own).or_insert_with(|| {
            table.styles.push(own);
            next
        });
        let at = of.0 as usize;
        // A link's number may come to mean another link: never remembered.
        if style.link == LinkId::NONE && at < SEEN_MAX {
            if self.seen.len() <= at {
                self.seen.resize(at + 1, None);
            }
            let serial = self.serial.unwrap_or_default();
            self.seen[at] = Some(Seen { style, serial, id });
        }
        id
    }

    fn link(&mut self, of: LinkId, pool: &Pool, table: &mut Table) -> LinkId {
        let Some(link) = pool.link_of(of) else {
            return LinkId::NONE;
        };
        if let Some(id) = self.links.get(link) {
            return *id;
        }
        table.links.push(link.clone());
        let id = LinkId(table.links.len() as u32);
        self.links.insert(link.clone(), id);
        id
    }
}
