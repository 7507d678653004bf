//! What panes show in place of their screens, kept fresh: copy modes that take in
//! new output, and clocks. It says when; how it looks is drawn elsewhere.

use std::time::Duration;

use super::Engine;

/// Time between two pictures that a copy mode takes of its pane (as in tmux).
const REFRESH: Duration = Duration::from_millis(50);
/// Time between two looks at the clock.
const SECOND: Duration = Duration::from_secs(1);

/// When they are seen to next.
#[derive(Debug, Default)]
pub(super) struct Views {
    refresh: Option<Duration>,
    clock: Option<Duration>,
}

impl Views {
    pub(super) fn deadline(&self) -> Option<Duration> {
        self.refresh.into_iter().chain(self.clock).min()
    }
}

impl Engine {
    pub(super) fn views_due(&mut self) {
        let now = self.now().mono;
        let panes = self.mux.panes.values();
        let (mut refreshes, mut clocks) = (false, false);
        for pane in panes {
            clocks |= pane.clock;
            let copy = pane.copy.as_deref().filter(|copy| copy.refreshes);
            refreshes |= copy.is_some_and(|copy| copy.seen() != pane.term.seq());
        }
        let views = &mut self.upkeep.views;
        if !clocks {
            views.clock = None;
        } else if views.clock.is_none_or(|at| at <= now) {
            views.clock = Some(now + SECOND);
            self.demand_all();
        }
        let views = &mut self.upkeep.views;
        if !refreshes {
            views.refresh = None;
            return;
        }
        let due = *views.refresh.get_or_insert(now + REFRESH);
        if due <= now {
            views.refresh = None;
            if self.mux.refresh_copies() {
                self.demand_all();
            }
        }
    }
}
