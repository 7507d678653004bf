//! Which nodes of a relay a share's links go to, so that each goes to another
//! one. A relay of one node has no name, and is nobody's to share.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Links to different nodes of a relay.
pub(super) const LINKS: usize = 2;
/// Places whose nodes are remembered.
const PLACES: usize = 64;
/// How long: the node behind an address may be another one later.
const MEMORY: Duration = Duration::from_secs(60);

/// The nodes, as far as they said who they are.
#[derive(Debug, Default)]
pub(super) struct Nodes(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// To which node each link goes.
    held: [Option<String>; LINKS],
    /// Which answered at a place, and when.
    at: HashMap<String, (String, Instant)>,
}

impl Nodes {
    /// Takes the node that answers at a place for a link, unless another link
    /// goes there.
    pub(super) fn hold(&self, link: usize, place: &str, name: &str, now: Instant) -> bool {
        let mut state = self.lock();
        if state.at.len() >= PLACES {
            state.at.clear();
        }
        state.at.insert(place.to_owned(), (name.to_owned(), now));
        if state.is_others(link, name) {
            return false;
        }
        if let Some(held) = state.held.get_mut(link) {
            *held = Some(name.to_owned());
        }
        true
    }

    /// A link is over.
    pub(super) fn release(&self, link: usize) {
        if let Some(held) = self.lock().held.get_mut(link) {
            *held = None;
        }
    }

    /// Whether another link goes to the node at a place, by what it said of late.
    pub(super) fn are_others(&self, link: usize, place: &str, now: Instant) -> bool {
        let state = self.lock();
        let known = state.at.get(place);
        known.is_some_and(|(name, at)| {
            now.saturating_duration_since(*at) < MEMORY && state.is_others(link, name)
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_others(&self, link: usize, name: &str) -> bool {
        let mut held = self.held.iter().enumerate();
        held.any(|(at, held)| at != link && held.as_deref() == Some(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_links_go_to_two_nodes() {
        let (nodes, now) = (Nodes::default(), Instant::now());
        assert!(nodes.hold(0, "1.1.1.1:1", "a", now));
        assert!(!nodes.hold(1, "2.2.2.2:1", "a", now), "by another address");
        assert!(nodes.are_others(1, "2.2.2.2:1", now));
        assert!(!nodes.are_others(0, "2.2.2.2:1", now));
        assert!(!nodes.are_others(1, "3.3.3.3:1", now));
        assert!(nodes.hold(1, "3.3.3.3:1", "b", now));
        nodes.release(0);
        assert!(nodes.hold(0, "1.1.1.1:1", "a", now));
    }

    #[test]
    fn node_behind_an_address_is_asked_again_after_a_while() {
        let (nodes, now) = (Nodes::default(), Instant::now());
        assert!(nodes.hold(0, "1.1.1.1:1", "a", now));
        assert!(nodes.are_others(1, "1.1.1.1:1", now + MEMORY / 2));
        assert!(!nodes.are_others(1, "1.1.1.1:1", now + MEMORY));
        for n in 0..1000 {
            nodes.hold(1, &format!("1.1.1.1:{n}"), "b", now);
        }
        assert!(nodes.lock().at.len() <= PLACES);
    }
}
