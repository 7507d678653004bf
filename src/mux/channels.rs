//! `wait-for` channels: who waits, what was signalled before anyone waited, and
//! who holds a lock. Waking is told by token; nothing here knows what a queue is.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::base::Token;

use super::Mux;

/// One channel. It is forgotten as soon as it says nothing.
#[derive(Debug, Default)]
struct Channel {
    /// It was signalled while nobody waited.
    signalled: bool,
    /// Who waits for a signal.
    waiters: Vec<Token>,
    /// Someone holds the lock.
    locked: bool,
    /// Who wants the lock, first come first served.
    lockers: VecDeque<Token>,
}

impl Channel {
    fn is_idle(&self) -> bool {
        !self.signalled && !self.locked && self.waiters.is_empty() && self.lockers.is_empty()
    }
}

/// All channels of a server.
#[derive(Debug, Default)]
pub struct Channels {
    channels: BTreeMap<String, Channel>,
    woken: BTreeSet<Token>,
    /// Who waits under which token, for lists.
    names: BTreeMap<Token, String>,
}

impl Channels {
    /// Most channels that may be signalled ahead; beyond it signals are lost.
    pub const MAX: usize = 10_000;

    /// Wakes all who wait, or lets the next who waits go straight on.
    pub fn signal(&mut self, name: &str) {
        if self.channels.len() >= Self::MAX && !self.channels.contains_key(name) {
            return;
        }
        let channel = self.channels.entry(name.to_owned()).or_default();
        if channel.waiters.is_empty() {
            channel.signalled = true;
        }
        self.woken.extend(channel.waiters.drain(..));
        self.forget(name);
    }

    /// Gives one that waits the name by which `wait-for -w` knows it.
    pub fn name_waiter(&mut self, token: Token, name: String) {
        self.names.insert(token, name);
    }

    /// The name of one that waits; empty for others.
    #[must_use]
    pub fn name_of(&self, token: Token) -> String {
        self.names.get(&token).cloned().unwrap_or_default()
    }

    /// Who waits for a signal of a channel, the oldest first.
    #[must_use]
    pub fn waiters(&self, name: &str) -> Vec<Token> {
        self.channels
            .get(name)
            .map(|channel| channel.waiters.clone())
            .unwrap_or_default()
    }

    /// Lets what waits under a token go on.
    pub fn wake(&mut self, token: Token) {
        self.woken.insert(token);
    }

    /// Whether the lock was given back; the next who wants it has it then.
    pub fn unlock(&mut self, name: &str) -> bool {
        let Some(channel) = self.channels.get_mut(name).filter(|c| c.locked) else {
            return false;
        };
        match channel.lockers.pop_front() {
            Some(next) => {
                self.woken.insert(next);
            }
            None => channel.locked = false,
        }
        self.forget(name);
        true
    }

    fn forget(&mut self, name: &str) {
        if self.channels.get(name).is_some_and(Channel::is_idle) {
            self.channels.remove(name);
        }
    }
}

impl Mux {
    /// Waits for a channel: nothing when it was signalled already, else the
    /// token that [`Self::take_woken`] will know.
    pub fn wait_for(&mut self, name: &str) -> Option<Token> {
        let channels = &mut self.channels.channels;
        if let Some(channel) = channels.get_mut(name).filter(|c| c.signalled) {
            channel.signalled = false;
            self.channels.forget(name);
            return None;
        }
        let token = self.ids.token();
        let channel = channels.entry(name.to_owned()).or_default();
        channel.waiters.push(token);
        Some(token)
    }

    /// Takes a channel's lock: nothing when it was free, else the token that
    /// [`Self::take_woken`] will know.
    pub fn lock_channel(&mut self, name: &str) -> Option<Token> {
        let channel = self.channels.channels.entry(name.to_owned()).or_default();
        if !channel.locked {
            channel.locked = true;
            return None;
        }
        let token = self.ids.token();
        channel.lockers.push_back(token);
        Some(token)
    }

    /// Whether what waits under this token may go on; it is told once.
    pub fn take_woken(&mut self, token: Token) -> bool {
        let woken = self.channels.woken.remove(&token);
        if woken {
            self.channels.names.remove(&token);
        }
        woken
    }

    /// Forgets one that waits no more: its client is gone.
    pub fn stop_waiting(&mut self, token: Token) {
        self.channels.woken.remove(&token);
        self.channels.names.remove(&token);
        self.listeners
            .waiters
            .retain(|waiter| waiter.token != token);
        for channel in self.channels.channels.values_mut() {
            channel.waiters.retain(|waiter| *waiter != token);
            channel.lockers.retain(|waiter| *waiter != token);
        }
        self.channels
            .channels
            .retain(|_, channel| !channel.is_idle());
    }
}

#[cfg(test)]
mod tests {

    #[test]
    fn signal_before_wait_is_kept_once() {
        let mut mux = crate::mux::tests::empty();
        mux.channels.signal("a");
        assert_eq!(mux.wait_for("a"), None);
        let token = mux.wait_for("a").unwrap();
        assert!(!mux.take_woken(token));
        mux.channels.signal("a");
        assert!(mux.take_woken(token) && !mux.take_woken(token));
        assert!(mux.channels.channels.is_empty());
    }

    #[test]
    fn lock_goes_to_the_next_in_line() {
        let mut mux = crate::mux::tests::empty();
        assert_eq!(mux.lock_channel("l"), None);
        let first = mux.lock_channel("l").unwrap();
        let second = mux.lock_channel("l").unwrap();
        mux.stop_waiting(first);
        assert!(mux.channels.unlock("l"));
        assert!(mux.take_woken(second));
        assert!(mux.channels.unlock("l") && !mux.channels.unlock("l"));
    }
}
