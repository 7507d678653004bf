//! How many connections each address has, from the first byte to the last: what
//! one address can take of the relay is bounded. It knows addresses alone.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use crate::door::gate::network;

/// The connections of all addresses.
#[derive(Debug)]
pub(super) struct Crowd {
    most: usize,
    seats: Mutex<HashMap<IpAddr, usize>>,
}

/// One connection's place; dropping it gives the place back.
#[derive(Debug)]
pub(super) struct Seat {
    crowd: Arc<Crowd>,
    from: IpAddr,
}

impl Crowd {
    /// So many connections for each address (an IPv6 /64).
    pub(super) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self {
            most,
            seats: Mutex::default(),
        })
    }

    /// A place for a connection of an address; none when it has all its places.
    pub(super) fn enter(self: &Arc<Self>, ip: IpAddr) -> Option<Seat> {
        let from = network(ip);
        let mut seats = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = seats.entry(from).or_default();
        if *taken >= self.most {
            return None;
        }
        *taken += 1;
        Some(Seat {
            crowd: Arc::clone(self),
            from,
        })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let seats = self.crowd.seats.lock();
        let mut seats = seats.unwrap_or_else(PoisonError::into_inner);
        if let Some(taken) = seats.get_mut(&self.from) {
            *taken -= 1;
            if *taken == 0 {
                seats.remove(&self.from);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn address_has_so_many_places_and_gets_them_back() {
        let crowd = Crowd::new(2);
        let (a, b) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let first = crowd.enter(a).unwrap();
        let _second = crowd.enter(a).unwrap();
        assert!(crowd.enter(a).is_none());
        let _other = crowd.enter(b).unwrap();
        drop(first);
        assert!(crowd.enter(a).is_some());
        let v6 = |text: &str| text.parse::<IpAddr>().unwrap();
        let _near = crowd.enter(v6("2001:db8::1")).unwrap();
        let _next = crowd.enter(v6("2001:db8::2")).unwrap();
        assert!(crowd.enter(v6("2001:db8::3")).is_none());
    }

    #[test]
    fn addresses_that_have_left_are_forgotten() {
        let crowd = Crowd::new(1);
        for n in 0..1000u32 {
            drop(crowd.enter(IpAddr::from(n.to_be_bytes())));
        }
        assert_eq!(crowd.seats.lock().unwrap().len(), 0);
    }
}
