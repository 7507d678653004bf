//! Finds bands of full-width rows that moved up or down, so that the terminal
//! can move them itself. It compares rows, and knows no bytes.

use std::sync::Arc;

use crate::base::Cell;

type Rows = [Arc<[Cell]>];

/// At most so many bands move in one picture.
const MAX_BANDS: usize = 4;
/// Rows that a scroll must save to be worth its bytes and flicker.
const MIN_SAVED: usize = 3;
/// Comparisons spent for each row of the screen.
const BUDGET: usize = 16;

/// Rows `top..=bottom`, of which row `y` shows what was in `y + shift`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Band {
    pub(super) top: usize,
    pub(super) bottom: usize,
    /// Positive where the rows move up.
    pub(super) shift: isize,
}

/// The bands of one picture, from the top down, apart from each other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bands([Option<Band>; MAX_BANDS]);

impl Bands {
    /// No band.
    pub(super) const NONE: Self = Self([None; MAX_BANDS]);

    /// The bands found.
    pub(super) fn iter(&self) -> impl Iterator<Item = Band> + '_ {
        self.0.iter().flatten().copied()
    }

    /// The old row that is at `y` after all bands moved; none for a row left
    /// blank.
    pub(super) fn source(&self, y: usize) -> Option<usize> {
        let Some(band) = self
            .iter()
            .find(|band| (band.top..=band.bottom).contains(&y))
        else {
            return Some(y);
        };
        y.checked_add_signed(band.shift)
            .filter(|from| (band.top..=band.bottom).contains(from))
    }
}

/// Finds the bands. Cheap where few rows changed, bounded where many did.
pub(super) fn find(old: &Rows, new: &Rows) -> Bands {
    let mut bands = Bands::NONE;
    let changed = old.iter().zip(new).filter(|(a, b)| !Arc::ptr_eq(a, b));
    if old.len() != new.len() || changed.count() <= MIN_SAVED {
        return bands;
    }
    let mut search = Search {
        old,
        new,
        budget: BUDGET * new.len(),
    };
    let (mut y, mut low) = (0, 0);
    let mut free = bands.0.iter_mut();
    while y < new.len() {
        let found = if search.equal(y, y) || is_blank(&new[y]) {
            None
        } else {
            search.best(y, low)
        };
        let Some(band) = found else {
            y += 1;
            continue;
        };
        let Some(slot) = free.next() else { break };
        *slot = Some(band);
        y = band.bottom + 1;
        low = y;
    }
    bands
}

struct Search<'a> {
    old: &'a Rows,
    new: &'a Rows,
    budget: usize,
}

impl Search<'_> {
    /// Whether new row `y` is old row `from`; no, once the budget is spent.
    fn equal(&mut self, y: usize, from: usize) -> bool {
        if Arc::ptr_eq(&self.new[y], &self.old[from]) {
            return true;
        }
        if self.budget == 0 {
            return false;
        }
        self.budget -= 1;
        self.new[y] == self.old[from]
    }

    /// The band that saves most by moving some old row to `y`.
    fn best(&mut self, y: usize, low: usize) -> Option<Band> {
        let mut best: Option<(usize, Band)> = None;
        for from in low..self.old.len() {
            if from == y || !self.equal(y, from) {
                continue;
            }
            let Some((saved, band)) = self.measure(y, from) else {
                continue;
            };
            if best.is_none_or(|(most, _)| saved > most) {
                best = Some((saved, band));
            }
        }
        best.map(|(_, band)| band)
    }

    fn measure(&mut self, y: usize, from: usize) -> Option<(usize, Band)> {
        let most = self.new.len() - y.max(from);
        let (mut len, mut saved) = (0, 0);
        while len < most && self.equal(y + len, from + len) {
            saved += usize::from(!self.equal(y + len, y + len));
            len += 1;
        }
        let top = y.min(from);
        let bottom = y.max(from) + len - 1;
        // Rows that were right in place and would be left blank.
        let exposed = if from > y {
            y + len..bottom + 1
        } else {
            top..y
        };
        let lost = exposed.filter(|at| self.equal(*at, *at)).count();
        let shift = from as isize - y as isize;
        (saved >= MIN_SAVED + lost).then(|| (saved - lost, Band { top, bottom, shift }))
    }
}

fn is_blank(row: &[Cell]) -> bool {
    row.iter().all(|cell| *cell == Cell::EMPTY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::StyleId;

    fn rows(text: &str) -> Vec<Arc<[Cell]>> {
        let row = |ch| Arc::from(vec![Cell::narrow(ch, StyleId::DEFAULT); 2]);
        text.chars().map(row).collect()
    }

    #[test]
    fn scroll_is_found_with_its_margins() {
        for (old, new, bands) in [
            ("abcdefg", "bcdefgh", vec![(0, 6, 1)]),
            ("Sabcdef1", "Sbcdefg2", vec![(1, 6, 1)]),
            ("abcdefgS", "xyabcdeS", vec![(0, 6, -2)]),
            ("abcdeABCDE", "bcdefBCDEF", vec![(0, 4, 1), (5, 9, 1)]),
            ("abcdef", "uvwxyz", vec![]),
            ("abc", "bcd", vec![]),
            ("aaaaaa", "aaaaab", vec![]),
        ] {
            let found: Vec<_> = find(&rows(old), &rows(new))
                .iter()
                .map(|band| (band.top, band.bottom, band.shift))
                .collect();
            assert_eq!(found, bands, "{old} {new}");
        }
    }
}
