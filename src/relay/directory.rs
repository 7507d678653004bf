//! Which sessions are here, and by what link: a map in memory. A session whose
//! link is lost is kept for a while with its guests' streams, so that neither a
//! short outage nor a suspended VM ends anybody's ssh.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::cluster::Transit;
use crate::access::{Claim, ClaimError, Prefix, Sid};
use crate::door::streams::Streams;

/// The sessions of a node.
#[derive(Default)]
pub(super) struct Directory {
    sessions: Mutex<HashMap<Prefix, Session>>,
    /// In a cluster, the streams of guests whose session's link is elsewhere.
    elsewhere: Mutex<HashMap<Prefix, Streams>>,
    changed: Notify,
}

struct Session {
    sid: Sid,
    epoch: u64,
    streams: Streams,
    /// Other nodes' guests.
    transit: Transit,
    /// Ends the link.
    cut: CancellationToken,
    /// When its link was lost; none while it has one.
    lost: Option<Instant>,
}

/// A session's place while its link lives.
pub(super) struct Place {
    pub(super) sid: Sid,
    pub(super) epoch: u64,
    pub(super) streams: Streams,
    pub(super) transit: Transit,
    /// Cancelled when a newer link takes the place.
    pub(super) cut: CancellationToken,
}

/// A session as it is told of.
pub(super) struct Listed {
    pub(super) sid: Sid,
    /// When its link was lost; none while it has one.
    pub(super) lost: Option<Instant>,
    pub(super) guests: usize,
}

/// Why a session gets no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoPlace {
    /// The claim does not hold.
    #[error("{0}")]
    Claim(#[from] ClaimError),
    /// There are as many sessions as there may be.
    #[error("this relay has no room for another session")]
    Full,
    /// Its id begins like another's.
    #[error("another session has this id")]
    Taken,
}

/// What a link is bound to.
pub(super) struct Bond<'a> {
    /// The node's own fingerprint.
    pub(super) node: &'a str,
    /// What the node gave for the link.
    pub(super) nonce: &'a [u8; 32],
    /// Seconds since the Unix epoch.
    pub(super) now: u64,
}

impl Directory {
    /// Gives a session the place that it claims, whose signature was checked. An
    /// older link of the same session is cut, not before.
    ///
    /// # Errors
    /// Why there is no place; nothing has changed.
    pub(super) fn register(
        &self,
        claim: &Claim,
        bond: &Bond<'_>,
        most: usize,
    ) -> Result<Place, NoPlace> {
        let sid = claim.sid();
        let mut sessions = self.lock();
        let known = sessions.get(&sid.prefix());
        if known.is_some_and(|known| known.sid != sid) {
            return Err(NoPlace::Taken);
        }
        let epoch = known.map(|known| known.epoch);
        claim.check(bond.node, bond.nonce, bond.now, epoch)?;
        if known.is_none() && sessions.len() >= most {
            // Nobody waits for these, and their VMs need nothing of them to come
            // again: whoever registers and leaves fills no relay.
            sessions.retain(|_, own| own.lost.is_none() || own.streams.len() > 0);
            if sessions.len() >= most {
                return Err(NoPlace::Full);
            }
        }
        let cut = CancellationToken::new();
        let session = sessions.entry(sid.prefix()).or_insert_with(|| Session {
            sid,
            epoch: claim.epoch,
            streams: self.elsewhere().remove(&sid.prefix()).unwrap_or_default(),
            transit: Transit::default(),
            cut: cut.clone(),
            lost: None,
        });
        std::mem::replace(&mut session.cut, cut.clone()).cancel();
        session.epoch = claim.epoch;
        session.lost = None;
        // The first link's token is the one that was just replaced.
        let cut = CancellationToken::new();
        session.cut = cut.clone();
        let (streams, transit) = (session.streams.clone(), session.transit.clone());
        drop(sessions);
        self.changed.notify_waiters();
        Ok(Place {
            sid,
            epoch: claim.epoch,
            streams,
            transit,
            cut,
        })
    }

    /// A link is over. The session stays for a while, unless a newer link has
    /// its place already.
    pub(super) fn leave(&self, place: &Place, now: Instant) {
        if let Some(session) = self.lock().get_mut(&place.sid.prefix())
            && session.epoch == place.epoch
        {
            session.lost = Some(now);
        }
    }

    /// Forgets the sessions that have had no link for `keep`; how many.
    pub(super) fn sweep(&self, now: Instant, keep: Duration) -> usize {
        let mut gone = Vec::new();
        // Held throughout: whoever comes in between would miss the guests who wait.
        let mut sessions = self.lock();
        sessions.retain(|&prefix, session| {
            let over = session.lost.is_some_and(|lost| now - lost >= keep);
            if over {
                gone.push((prefix, session.streams.clone()));
            }
            !over
        });
        let mut elsewhere = self.elsewhere();
        elsewhere.retain(|_, streams| streams.is_held());
        let count = gone.len();
        for (prefix, streams) in gone {
            // Its guests may have found another node that has the link.
            if !streams.is_linked() {
                streams.reset_all();
            }
            // Whoever holds them and whoever comes now wait for the same link.
            if streams.is_held() {
                elsewhere.insert(prefix, streams);
            }
        }
        count
    }

    /// The streams of a session's guests at this node, wherever its link is.
    pub(super) fn streams(&self, session: Prefix) -> Streams {
        let sessions = self.lock();
        match sessions.get(&session) {
            Some(session) => session.streams.clone(),
            None => self.elsewhere().entry(session).or_default().clone(),
        }
    }

    /// A session's streams, once it has a link: its VM may be on its way back.
    pub(super) async fn find(&self, session: Prefix, patience: Duration) -> Option<Streams> {
        let found = async {
            loop {
                let changed = self.changed.notified();
                tokio::pin!(changed);
                changed.as_mut().enable();
                if let Some((found, _)) = self.linked(session) {
                    return found;
                }
                changed.await;
            }
        };
        timeout(patience, found).await.ok()
    }

    /// A session's streams and other nodes' guests, if its link is here.
    pub(super) fn linked(&self, session: Prefix) -> Option<(Streams, Transit)> {
        let sessions = self.lock();
        let session = sessions.get(&session)?;
        let found = || (session.streams.clone(), session.transit.clone());
        session.lost.is_none().then(found)
    }

    /// The sessions, in the order of their ids.
    pub(super) fn list(&self) -> Vec<Listed> {
        let sessions = self.lock();
        let mut list: Vec<Listed> = sessions
            .values()
            .map(|session| Listed {
                sid: session.sid,
                lost: session.lost,
                guests: session.streams.len(),
            })
            .collect();
        drop(sessions);
        list.sort_by_key(|session| session.sid);
        list
    }

    /// Sessions, those of them without a link, and guests.
    pub(super) fn count(&self) -> (usize, usize, usize) {
        let sessions = self.lock();
        let lost = sessions.values().filter(|session| session.lost.is_some());
        let guests = sessions.values().map(|session| session.streams.len());
        (sessions.len(), lost.count(), guests.sum())
    }

    /// Locked after the sessions, where both are.
    fn elsewhere(&self) -> MutexGuard<'_, HashMap<Prefix, Streams>> {
        let elsewhere = self.elsewhere.lock();
        elsewhere.unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Prefix, Session>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const NODE: &str = "SHA256:node";

    fn register(directory: &Directory, key: &str, epoch: u64) -> Result<Place, NoPlace> {
        let claim = Claim::new(key.as_bytes().to_vec(), epoch, NODE, [1; 32], 1000);
        let bond = Bond {
            node: NODE,
            nonce: &[1; 32],
            now: 1000,
        };
        directory.register(&claim, &bond, 2)
    }

    #[test]
    fn newer_claim_takes_the_place_and_an_older_one_changes_nothing() {
        let directory = Directory::default();
        let first = register(&directory, "a", 5).unwrap();
        let old = register(&directory, "a", 5).err();
        assert_eq!(old, Some(NoPlace::Claim(ClaimError::Old)));
        assert!(!first.cut.is_cancelled());
        let second = register(&directory, "a", 6).unwrap();
        assert!(first.cut.is_cancelled() && !second.cut.is_cancelled());
        // The old link's end is no end of the session.
        directory.leave(&first, Instant::now());
        assert!(directory.linked(second.sid.prefix()).is_some());
    }

    #[test]
    fn session_is_kept_for_a_while_and_sessions_are_bounded() {
        let directory = Directory::default();
        let place = register(&directory, "a", 1).unwrap();
        register(&directory, "b", 1).unwrap();
        assert_eq!(register(&directory, "c", 1).err(), Some(NoPlace::Full));
        let now = Instant::now();
        directory.leave(&place, now);
        assert_eq!(directory.count(), (2, 1, 0));
        let keep = Duration::from_secs(60);
        assert_eq!(directory.sweep(now + keep / 2, keep), 0);
        assert_eq!(directory.sweep(now + keep, keep), 1);
        assert!(register(&directory, "c", 1).is_ok());
    }

    #[test]
    fn sessions_without_link_and_guests_make_room_where_there_is_none() {
        let directory = Directory::default();
        let (now, keep) = (Instant::now(), Duration::from_secs(60));
        let held = register(&directory, "held", 1).unwrap();
        let guest = held.streams.open(1, "192.0.2.1:5", 9);
        directory.leave(&held, now);
        for nth in 0..100 {
            let place = register(&directory, &format!("{nth}"), 1).unwrap();
            directory.leave(&place, now);
        }
        let own = register(&directory, "own", 1).unwrap();
        assert_eq!(register(&directory, "late", 1).err(), Some(NoPlace::Full));
        assert_eq!(directory.count(), (2, 1, 1));
        assert!(register(&directory, "held", 2).is_ok() && guest.is_some());
        drop(own);
        assert_eq!(directory.sweep(now + keep, keep), 0);
    }

    #[test]
    fn guests_from_before_the_link_came_here_are_the_sessions_own() {
        let directory = Directory::default();
        let prefix = Sid::of(b"a").prefix();
        let early = directory.streams(prefix);
        let guest = early.open(1, "192.0.2.1:5", 9);
        assert!(guest.is_some() && directory.linked(prefix).is_none());
        let place = register(&directory, "a", 1).unwrap();
        assert_eq!((place.streams.len(), place.transit.len()), (1, 0));
        assert!(directory.linked(prefix).is_some());
        // Another one is forgotten once nobody holds it.
        let other = directory.streams(Sid::of(b"b").prefix());
        let keep = Duration::from_secs(60);
        directory.sweep(Instant::now(), keep);
        assert_eq!(directory.elsewhere().len(), 1);
        drop(other);
        directory.sweep(Instant::now(), keep);
        assert!(directory.elsewhere().is_empty());
        // A session that is over leaves its waiting guests theirs.
        let now = Instant::now();
        directory.leave(&place, now);
        assert_eq!(directory.sweep(now + keep, keep), 1);
        let late = directory.streams(prefix).open(2, "192.0.2.1:5", 9);
        assert!(late.is_some());
        assert_eq!((early.len(), directory.elsewhere().len()), (1, 1));
    }

    #[tokio::test]
    async fn guest_waits_for_a_session_that_comes_back() {
        let directory = std::sync::Arc::new(Directory::default());
        let prefix = Sid::of(b"a").prefix();
        assert!(directory.find(prefix, Duration::ZERO).await.is_none());
        let waiting = {
            let directory = directory.clone();
            tokio::spawn(async move { directory.find(prefix, Duration::from_secs(60)).await })
        };
        tokio::task::yield_now().await;
        register(&directory, "a", 1).unwrap();
        assert!(waiting.await.unwrap().is_some());
    }
}
