//! Formats that are watched for hooks (`set-hook -B`): once a second each is
//! expanded for what it is about, and its event fired when the text has changed.
//! The hook itself is an option like others; how formats are expanded is told by
//! the engine, for this room knows none.

use std::collections::BTreeMap;
use std::fmt;

use crate::base::{PaneId, WindowId};

use super::Mux;
use super::events::{Fired, Holder, Listeners};
use super::resolve::Current;

/// Most subscriptions of one server.
const MAX_MONITORS: usize = 1000;

/// What a subscription is about, in the words of `refresh-client -B`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The session (nothing is written).
    Session,
    /// A pane (`%1`).
    Pane(PaneId),
    /// All panes of the session (`%*`).
    Panes,
    /// A window (`@1`).
    Window(WindowId),
    /// All windows of the session (`@*`).
    Windows,
}

impl Subject {
    /// Reads it; nothing for what is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "" => Some(Self::Session),
            "%*" => Some(Self::Panes),
            "@*" => Some(Self::Windows),
            text => {
                let number = text.get(1..)?.parse().ok()?;
                match text.as_bytes().first() {
                    Some(b'%') => Some(Self::Pane(PaneId(number))),
                    Some(b'@') => Some(Self::Window(WindowId(number))),
                    _ => None,
                }
            }
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Session => Ok(()),
            Self::Pane(pane) => write!(f, "{pane}"),
            Self::Panes => f.write_str("%*"),
            Self::Window(window) => write!(f, "{window}"),
            Self::Windows => f.write_str("@*"),
        }
    }
}

/// One subscription.
#[derive(Clone, Debug)]
pub struct Monitor {
    /// Whose it is: its hook is run from there alone.
    pub holder: Holder,
    /// The hook and event, `@name`.
    pub name: String,
    /// What it is about.
    pub subject: Subject,
    /// What is expanded.
    pub format: String,
    /// Only a change to what is true fires.
    pub when_true: bool,
    /// What each thing it is about said last.
    last: BTreeMap<(Option<u32>, Option<PaneId>), String>,
}

impl Monitor {
    /// A subscription that has not been looked at.
    #[must_use]
    pub fn new(
        holder: Holder,
        name: &str,
        subject: Subject,
        format: &str,
        when_true: bool,
    ) -> Self {
        Self {
            holder,
            name: name.to_owned(),
            subject,
            format: format.to_owned(),
            when_true,
            last: BTreeMap::new(),
        }
    }

    /// What it is about now: each place with its payload.
    fn places(&self, mux: &Mux) -> Vec<(Current, Fired)> {
        let Some(home) = mux.holder_place(self.holder) else {
            return Vec::new();
        };
        let global = matches!(self.holder, Holder::Sessions | Holder::Windows);
        let mut found = Vec::new();
        let event = |at: Current, pane: bool, window: bool| {
            let mut event = Fired::new(&self.name, at);
            if let Some(session) = at.session.filter(|_| !global || window) {
                event = event.with("session", session);
            }
            if let (Some(id), Some(index)) = (at.window, at.index)
                && (window || !global)
            {
                event = event.with("window", id).with("window_index", index);
            }
            if let Some(id) = at.pane.filter(|_| pane) {
                event = event.with("pane", id);
            }
            (at, event)
        };
        let owner = home.session.and_then(|id| mux.sessions.get(&id));
        match self.subject {
            Subject::Session => {
                // A session's current window, whosoever window it was set in.
                let current = home.session.and_then(|id| mux.place_in(id));
                let home = current.map_or(home, Current::of);
                let mut plain = Fired::new(&self.name, home);
                if let Some(session) = home.session {
                    plain = plain.with("session", session);
                }
                found.push((home, plain));
            }
            Subject::Pane(id) if mux.panes.contains_key(&id) => {
                found.push(event(mux.at_pane(id), true, true));
            }
            Subject::Window(id) if mux.windows.contains_key(&id) => {
                found.push(event(mux.at_window(id), false, true));
            }
            Subject::Pane(_) | Subject::Window(_) => {}
            Subject::Panes | Subject::Windows => {
                for (index, link) in owner.into_iter().flat_map(|owner| &owner.links) {
                    let Some(window) = mux.windows.get(&link.window) else {
                        continue;
                    };
                    let at = Current {
                        session: home.session,
                        index: Some(*index),
                        window: Some(window.id),
                        pane: Some(window.active),
                    };
                    if self.subject == Subject::Windows {
                        found.push(event(at, false, true));
                        continue;
                    }
                    for pane in window.panes() {
                        let at = Current {
                            pane: Some(pane),
                            ..at
                        };
                        found.push(event(at, true, true));
                    }
                }
            }
        }
        found
    }
}

impl Listeners {
    /// Adds a subscription, in place of one of the same name. Whether there was
    /// room for it.
    pub fn watch(&mut self, monitor: Monitor) -> bool {
        self.unwatch(monitor.holder, &monitor.name);
        if self.monitors.len() >= MAX_MONITORS {
            return false;
        }
        self.monitors.push(monitor);
        true
    }

    /// Takes a subscription away.
    pub fn unwatch(&mut self, holder: Holder, name: &str) {
        self.monitors
            .retain(|monitor| monitor.holder != holder || monitor.name != name);
    }

    /// A holder's subscriptions by name.
    pub fn monitors_of(&self, holder: Holder) -> impl Iterator<Item = &Monitor> {
        let mut own: Vec<_> = self
            .monitors
            .iter()
            .filter(|monitor| monitor.holder == holder)
            .collect();
        own.sort_by(|a, b| a.name.cmp(&b.name));
        own.into_iter()
    }
}

impl Mux {
    /// A holder's place, for what its subscriptions are about.
    #[must_use]
    pub fn holder_place(&self, holder: Holder) -> Option<Current> {
        match holder {
            Holder::Sessions | Holder::Windows => {
                let session = self.latest_session()?;
                self.place_in(session).map(Current::of)
            }
            Holder::Session(id) => self.place_in(id).map(Current::of),
            Holder::Window(id) => self.windows.contains_key(&id).then(|| self.at_window(id)),
            Holder::Pane(id) => self.panes.contains_key(&id).then(|| self.at_pane(id)),
        }
    }

    /// Looks at every subscription; `expand` tells what a format says at a place.
    pub fn look_at_monitors(&mut self, expand: impl Fn(&Self, &str, Current) -> String) {
        let mut monitors = std::mem::take(&mut self.listeners.monitors);
        monitors.retain(|monitor| self.options_of(monitor.holder).is_some());
        let mut fired = Vec::new();
        for monitor in &mut monitors {
            let mut now = BTreeMap::new();
            for (at, event) in monitor.places(self) {
                let key = match monitor.subject {
                    Subject::Session => (None, None),
                    Subject::Window(_) | Subject::Windows => (at.index, None),
                    Subject::Pane(_) | Subject::Panes => (at.index, at.pane),
                };
                let value = expand(self, &monitor.format, at);
                let truth = !matches!(value.as_str(), "" | "0");
                if let Some(last) = monitor.last.get(&key).filter(|last| **last != value)
                    && (truth || !monitor.when_true)
                {
                    let event = event.with("value", &value).with("last", last);
                    fired.push((monitor.holder, event));
                }
                now.insert(key, value);
            }
            monitor.last = now;
        }
        self.listeners.monitors = monitors;
        for (holder, mut event) in fired {
            event.holder = Some(holder);
            self.fire_event(event);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subject_reads_back() {
        for text in ["", "%*", "@*", "%7", "@12"] {
            let subject = Subject::parse(text).map(|subject| subject.to_string());
            assert_eq!(subject.as_deref(), Some(text));
        }
        for text in ["x", "%", "@x", "$1", "%1x"] {
            assert_eq!(Subject::parse(text), None, "{text}");
        }
    }
}
