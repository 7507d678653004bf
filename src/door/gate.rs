//! Who may knock: connections that are not yet admitted are counted in all and
//! per address, failures slow an address down, and refusals are reported at a
//! bounded rate. It decides about addresses alone and knows no credential.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

/// Failures are forgotten after this long without another.
const MEMORY: Duration = Duration::from_secs(600);
/// Addresses remembered at most.
const ADDRESSES: usize = 1024;
/// The first failure's delay; each further one doubles it.
const FIRST_DELAY: Duration = Duration::from_millis(125);
/// The longest delay: a shared address (NAT) must stay usable.
const LONGEST_DELAY: Duration = Duration::from_secs(2);
/// A handshake that takes this long gives way where there is no room.
const SLOW: Duration = Duration::from_secs(3);
/// Refusals reported at once, before the rate below holds.
const REPORT_BURST: u32 = 5;
/// One more refusal may be reported each.
const REPORT_EVERY: Duration = Duration::from_secs(2);

/// The door's porter, shared by a share's listeners.
#[derive(Debug)]
pub(crate) struct Gate {
    most: usize,
    most_per_address: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    next: u64,
    waiting: BTreeMap<u64, Waiting>,
    failures: HashMap<IpAddr, Failures>,
    reports: u32,
    reported: Option<Instant>,
}

#[derive(Debug)]
struct Waiting {
    from: IpAddr,
    since: Instant,
    failed: bool,
    cut: CancellationToken,
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    last: Instant,
}

/// A connection's place among those not yet admitted; dropping it gives the
/// place back.
#[derive(Debug)]
pub(crate) struct Ticket {
    gate: Arc<Gate>,
    number: u64,
    from: IpAddr,
}

impl Gate {
    /// A porter who lets so many wait, in all and per address (an IPv6 /64).
    pub(crate) fn new(most: usize, most_per_address: usize) -> Arc<Self> {
        Arc::new(Self {
            most,
            most_per_address,
            state: Mutex::default(),
        })
    }

    /// Admits a connection to the handshake; `cut` ends it. Where there is no
    /// room, the oldest connection that has already failed, or is slow, makes
    /// room: a flood of wrong tokens or of silence does not shut others out.
    /// None: refuse it.
    pub(crate) fn enter(
        self: &Arc<Self>,
        ip: IpAddr,
        cut: &CancellationToken,
        now: Instant,
    ) -> Option<Ticket> {
        let from = network(ip);
        let mut state = self.lock();
        let same = state.waiting.values().filter(|w| w.from == from).count();
        if same >= self.most_per_address {
            state.evict(now, |waiting| waiting.from == from)?;
        } else if state.waiting.len() >= self.most {
            state.evict(now, |_| true)?;
        }
        let number = state.next;
        state.next += 1;
        state.waiting.insert(
            number,
            Waiting {
                from,
                since: now,
                failed: false,
                cut: cut.clone(),
            },
        );
        Some(Ticket {
            gate: Arc::clone(self),
            number,
            from,
        })
    }

    /// Whether a refusal may be reported now.
    pub(crate) fn may_report(&self, now: Instant) -> bool {
        let mut state = self.lock();
        let since = state.reported.map_or(Duration::MAX, |at| now - at);
        let earned = since.as_millis() / REPORT_EVERY.as_millis();
        let earned = u32::try_from(earned).unwrap_or(u32::MAX);
        state.reports = state.reports.saturating_add(earned).min(REPORT_BURST);
        if earned > 0 {
            state.reported = Some(now);
        }
        let may = state.reports > 0;
        state.reports = state.reports.saturating_sub(1);
        may
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn evict(&mut self, now: Instant, which: impl Fn(&Waiting) -> bool) -> Option<()> {
        let first = |fits: &dyn Fn(&Waiting) -> bool| {
            let mut waiting = self.waiting.iter();
            waiting
                .find_map(|(number, waiting)| (which(waiting) && fits(waiting)).then_some(*number))
        };
        let number =
            first(&|waiting| waiting.failed).or_else(|| first(&|w| now - w.since >= SLOW))?;
        self.waiting.remove(&number)?.cut.cancel();
        Some(())
    }

    fn note(&mut self, from: IpAddr, now: Instant) -> u32 {
        if self.failures.len() >= ADDRESSES && !self.failures.contains_key(&from) {
            self.failures.retain(|_, seen| now - seen.last < MEMORY);
            if self.failures.len() >= ADDRESSES {
                let oldest = self.failures.iter().min_by_key(|(_, seen)| seen.last);
                if let Some(oldest) = oldest.map(|(ip, _)| *ip) {
                    self.failures.remove(&oldest);
                }
            }
        }
        let seen = self.failures.entry(from).or_insert(Failures {
            count: 0,
            last: now,
        });
        if now - seen.last >= MEMORY {
            seen.count = 0;
        }
        seen.count = seen.count.saturating_add(1);
        seen.last = now;
        seen.count
    }
}

impl Ticket {
    /// Says that the connection named a wrong token or key.
    pub(crate) fn failed(&self) {
        if let Some(waiting) = self.gate.lock().waiting.get_mut(&self.number) {
            waiting.failed = true;
        }
    }

    /// Counts a failure against the address.
    pub(crate) fn count(&self, now: Instant) {
        self.gate.lock().note(self.from, now);
    }

    /// Whether the address named something wrong of late.
    pub(crate) fn has_failed(&self, now: Instant) -> bool {
        let state = self.gate.lock();
        let seen = state.failures.get(&self.from);
        seen.is_some_and(|seen| now - seen.last < MEMORY)
    }

    /// How long a refusal to this address waits: nothing at first, since a
    /// stock client always tries without a credential before it offers keys.
    pub(crate) fn delay(&self, now: Instant) -> Duration {
        let state = self.gate.lock();
        match state.failures.get(&self.from) {
            Some(seen) if now - seen.last < MEMORY => {
                let doublings = seen.count.saturating_sub(1).min(16);
                (FIRST_DELAY * 2u32.pow(doublings)).min(LONGEST_DELAY)
            }
            _ => Duration::ZERO,
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.gate.lock().waiting.remove(&self.number);
    }
}

/// An address as it is counted: an IPv6 guest owns a /64, whose addresses count as
/// one.
pub(crate) fn network(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn gate(waiting: usize, per_address: usize) -> Arc<Gate> {
        Gate::new(waiting, per_address)
    }

    #[test]
    fn gate_keeps_room_for_others_when_one_address_floods() {
        let gate = gate(4, 2);
        let (a, b) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let (cut, now) = (CancellationToken::new(), Instant::now());
        let first = gate.enter(a, &cut, now).unwrap();
        let _second = gate.enter(a, &cut, now).unwrap();
        assert!(gate.enter(a, &cut, now).is_none());
        assert!(gate.enter(b, &cut, now).is_some());
        drop(first);
        assert!(gate.enter(a, &cut, now).is_some());
    }

    #[test]
    fn gate_cuts_one_that_failed_to_let_another_in() {
        let gate = gate(4, 1);
        let a = IpAddr::from([10, 0, 0, 1]);
        let now = Instant::now();
        let (cut, other) = (CancellationToken::new(), CancellationToken::new());
        let ticket = gate.enter(a, &cut, now).unwrap();
        ticket.failed();
        let _new = gate.enter(a, &other, now).unwrap();
        assert!(cut.is_cancelled() && !other.is_cancelled());
    }

    #[test]
    fn gate_cuts_one_that_is_slow_to_let_another_in() {
        let gate = gate(1, 1);
        let a = IpAddr::from([10, 0, 0, 1]);
        let now = Instant::now();
        let (cut, other) = (CancellationToken::new(), CancellationToken::new());
        let _silent = gate.enter(a, &cut, now).unwrap();
        assert!(gate.enter(a, &other, now + SLOW / 2).is_none());
        assert!(gate.enter(a, &other, now + SLOW).is_some());
        assert!(cut.is_cancelled() && !other.is_cancelled());
    }

    #[test]
    fn delay_grows_with_failures_and_is_forgotten() {
        let gate = gate(4, 4);
        let (cut, now) = (CancellationToken::new(), Instant::now());
        let ticket = gate
            .enter("2001:db8::1".parse().unwrap(), &cut, now)
            .unwrap();
        let near = gate
            .enter("2001:db8::2".parse().unwrap(), &cut, now)
            .unwrap();
        assert_eq!(near.delay(now), Duration::ZERO);
        ticket.count(now);
        assert_eq!(near.delay(now), FIRST_DELAY);
        for _ in 0..40 {
            ticket.count(now);
        }
        assert_eq!(near.delay(now), LONGEST_DELAY);
        assert_eq!(near.delay(now + MEMORY), Duration::ZERO);
    }

    #[test]
    fn reports_are_bounded_in_rate() {
        let gate = gate(1, 1);
        let now = Instant::now();
        let count = (0..100).filter(|_| gate.may_report(now)).count();
        assert_eq!(count, REPORT_BURST as usize);
        assert!(gate.may_report(now + REPORT_EVERY));
        assert!(!gate.may_report(now + REPORT_EVERY));
    }

    #[test]
    fn remembered_addresses_are_bounded() {
        let mut state = State::default();
        let now = Instant::now();
        for n in 0..5000u32 {
            state.note(IpAddr::from(n.to_be_bytes()), now);
        }
        assert!(state.failures.len() <= ADDRESSES);
    }
}
