//! Tab stops: every eighth column until a program says otherwise (ECMA-48 HTS,
//! TBC, CHT, CBT). Margins are the caller's concern.

/// The stops of one terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tabs {
    stops: Vec<bool>,
}

impl Tabs {
    pub(super) fn new(cols: u16) -> Self {
        Self {
            stops: (0..cols).map(|x| x % 8 == 0).collect(),
        }
    }

    /// Cuts or extends; new columns have the usual stops.
    pub(super) fn resize(&mut self, cols: u16) {
        let known = self.stops.len();
        self.stops.resize(usize::from(cols), false);
        for x in known..self.stops.len() {
            self.stops[x] = x % 8 == 0;
        }
    }

    /// Sets or clears the stop at a column.
    pub(super) fn set(&mut self, x: u16, on: bool) {
        if let Some(stop) = self.stops.get_mut(usize::from(x)) {
            *stop = on;
        }
    }

    /// Clears every stop.
    pub(super) fn clear(&mut self) {
        self.stops.fill(false);
    }

    /// The next stop right of `x`, or `limit`.
    pub(super) fn next(&self, x: u16, limit: u16) -> u16 {
        (x + 1..limit)
            .find(|at| self.stops.get(usize::from(*at)) == Some(&true))
            .unwrap_or(limit)
    }

    /// The next stop left of `x`, or `limit`.
    pub(super) fn back(&self, x: u16, limit: u16) -> u16 {
        (limit..x)
            .rev()
            .find(|at| self.stops.get(usize::from(*at)) == Some(&true))
            .unwrap_or(limit)
    }

    /// The stops, counted from 0.
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        let stops = self.stops.iter().enumerate();
        stops.filter(|(_, on)| **on).map(|(x, _)| x)
    }
}
