//! Events: what happened, told to hooks (tmux(1), "HOOKS") and to whoever waits
//! for them (`wait-for -E`). Here is what an event is and who listens; what a
//! change of the model fires is found in [`super::changes`], and hooks are run by
//! the engine.

use std::collections::BTreeMap;

use crate::base::{ClientId, Now, PaneId, SessionId, Token, WindowId};
use crate::config::{Options, Scope, Value, hooks};

use super::monitors::Monitor;
use super::resolve::Current;
use super::{Client, Mux};

/// Events that one turn may fire; more are forgotten.
const MAX_FIRED: usize = 512;

/// One event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fired {
    /// Its name, that of a hook or a user's own (`@name`).
    pub hook: String,
    /// Where it happened: what a hook's commands act on.
    pub at: Current,
    /// The client that it is about.
    pub client: Option<ClientId>,
    /// What is known of it by key, without the name.
    pub payload: BTreeMap<String, String>,
    /// Whose hook alone it runs, where not the nearest.
    pub holder: Option<Holder>,
    /// Variables of its hooks beyond the payload.
    pub names: Vec<(String, String)>,
}

impl Fired {
    /// An event at a place.
    #[must_use]
    pub fn new(hook: &str, at: Current) -> Self {
        Self {
            hook: hook.to_owned(),
            at,
            ..Self::default()
        }
    }

    /// Adds to what is known of it.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl ToString) -> Self {
        self.payload.insert(key.to_owned(), value.to_string());
        self
    }

    /// What formats of its hooks know: `hook`, and `hook_` before each key.
    #[must_use]
    pub fn variables(&self) -> Vec<(String, String)> {
        let mut all = vec![("hook".to_owned(), self.hook.clone())];
        let keyed = self.payload.iter();
        all.extend(keyed.map(|(key, value)| (format!("hook_{key}"), value.clone())));
        all.extend(self.names.iter().cloned());
        all
    }

    /// The payload as `wait-for -v` prints it: a line for each key, by key.
    #[must_use]
    pub fn lines(&self) -> String {
        let mut all: BTreeMap<&str, &str> = self
            .payload
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect();
        all.insert("event", &self.hook);
        let lines = all
            .into_iter()
            .map(|(key, value)| format!("{key}={value}\n"));
        lines.collect()
    }
}

/// Whose hooks: a layer of options.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holder {
    /// The global options of sessions.
    Sessions,
    /// The global options of windows and panes.
    Windows,
    /// A session's own.
    Session(SessionId),
    /// A window's own.
    Window(WindowId),
    /// A pane's own.
    Pane(PaneId),
}

/// How often a hook ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fires {
    /// How often.
    pub count: u64,
    /// When last.
    pub last: Now,
}

/// Someone who waits for an event.
#[derive(Clone, Debug)]
pub struct EventWaiter {
    /// What wakes it.
    pub token: Token,
    /// Who waits.
    pub client: Option<ClientId>,
    /// The event's name.
    pub event: String,
    /// What must be true of the payload.
    pub format: Option<String>,
    /// Each event's payload is printed.
    pub verbose: bool,
}

/// Who listens, and what ran.
#[derive(Debug, Default)]
pub struct Listeners {
    /// A hook was set at some time: changes are looked for.
    pub hooks: bool,
    /// Who waits for events, the latest last.
    pub waiters: Vec<EventWaiter>,
    /// How often each hook ran.
    pub fires: BTreeMap<(Holder, String), Fires>,
    /// Formats that are watched.
    pub monitors: Vec<Monitor>,
    /// Users' own options as someone with the server's right has set them.
    trusted: BTreeMap<(Holder, String), Trusted>,
}

/// A user's own option that may be run as a hook: anyone who may type can set
/// options, and hooks run by the server's right.
#[derive(Clone, Debug)]
struct Trusted {
    text: String,
    /// `set-hook` has set it.
    hook: bool,
}

impl Listeners {
    /// Whether a user's own option was set as a hook.
    #[must_use]
    pub fn is_hook(&self, holder: Holder, name: &str) -> bool {
        let key = (holder, name.to_owned());
        self.trusted.get(&key).is_some_and(|own| own.hook)
    }
}

impl Mux {
    /// Whether changes of the model are of interest to anyone.
    #[must_use]
    pub fn listens(&self) -> bool {
        self.listeners.hooks || !self.listeners.waiters.is_empty()
    }

    /// Whether an event of this name at this place is of interest to anyone.
    #[must_use]
    pub fn listens_to(&self, hook: &str, at: Current) -> bool {
        self.listens()
            && (self.listeners.waiters.iter().any(|w| w.event == hook)
                || self.hook_at(hook, at).is_some())
    }

    /// Notes an event; its hooks run at the turn's end.
    pub fn fire_event(&mut self, mut event: Fired) {
        let held = event.holder;
        let listened = held.is_some() || self.listens_to(&event.hook, event.at);
        if self.fired.len() >= MAX_FIRED || !listened {
            return;
        }
        if let Some(client) = event.client.and_then(|id| self.clients.get(&id)) {
            let name = client.name.clone();
            event.payload.insert("client".to_owned(), name);
        }
        let session = event.payload.get("session").cloned();
        if session.is_some()
            && let Some(owner) = event.at.session.and_then(|id| self.sessions.get(&id))
        {
            let name = owner.name.clone();
            event.names.push(("hook_session_name".to_owned(), name));
        }
        if event.payload.contains_key("window")
            && !event
                .names
                .iter()
                .any(|(name, _)| name == "hook_window_name")
            && let Some(owner) = event.at.window.and_then(|id| self.windows.get(&id))
        {
            let name = owner.name.clone();
            event.names.push(("hook_window_name".to_owned(), name));
        }
        self.fired.push(event);
    }

    /// Notes an event about a session; `more` names variables (`hook_client`).
    pub fn fire(&mut self, hook: &str, session: Option<SessionId>, more: &[(&str, String)]) {
        let found = session.and_then(|id| self.place_in(id));
        let at = found.map_or(
            Current {
                session,
                ..Current::default()
            },
            Current::of,
        );
        let mut event = Fired::new(hook, at);
        if let Some(session) = session {
            event = event.with("session", session);
        }
        for (name, value) in more {
            event = event.with(name.strip_prefix("hook_").unwrap_or(name), value);
        }
        self.fire_event(event);
    }

    /// The same about a client, which need not be in the model any more.
    pub fn fire_about(&mut self, hook: &str, session: SessionId, client: &Client) {
        let mut event = self
            .client_event(hook, session)
            .with("client", &client.name);
        event.client = Some(client.id);
        for (key, value) in client.particulars() {
            event = event.with(key, value);
        }
        self.fire_event(event);
    }

    /// An event about a client in a session: all of its place is known.
    #[must_use]
    pub fn client_event(&self, hook: &str, session: SessionId) -> Fired {
        let Some(found) = self.place_in(session) else {
            return Fired::new(hook, Current::default());
        };
        Fired::new(hook, Current::of(found))
            .with("session", found.session)
            .with("window", found.window)
            .with("window_index", found.index)
            .with("pane", found.pane)
    }

    /// A hook's value at a place, and whose it is: the pane's or window's own for
    /// what may be set there, the session's own, the global one.
    #[must_use]
    pub fn hook_at(&self, hook: &str, at: Current) -> Option<(Holder, &Value)> {
        let def = hooks().find(|def| def.name == hook);
        if def.is_none() && !hook.starts_with('@') {
            return None;
        }
        let narrow = def.is_none_or(|def| matches!(def.scope, Scope::Window | Scope::Pane));
        let wide = def.is_none_or(|def| matches!(def.scope, Scope::Session));
        let mut holders = Vec::with_capacity(5);
        if narrow {
            holders.extend(at.pane.map(Holder::Pane));
            holders.extend(at.window.map(Holder::Window));
        }
        if wide {
            holders.extend(at.session.map(Holder::Session));
            holders.push(Holder::Sessions);
        }
        if narrow {
            holders.push(Holder::Windows);
        }
        holders.into_iter().find_map(|holder| {
            let value = self.options_of(holder)?.get(hook)?;
            let empty = matches!(value, Value::List(list) if list.is_empty());
            let trusted = def.is_some() || self.is_trusted(holder, hook, value);
            (!empty && trusted).then_some((holder, value))
        })
    }

    /// A holder's own hook.
    #[must_use]
    pub fn hook_of(&self, hook: &str, holder: Holder) -> Option<(Holder, &Value)> {
        let value = self.options_of(holder)?.get(hook)?;
        let known = hooks().any(|def| def.name == hook);
        (known || self.is_trusted(holder, hook, value)).then_some((holder, value))
    }

    fn is_trusted(&self, holder: Holder, name: &str, value: &Value) -> bool {
        let own = self.listeners.trusted.get(&(holder, name.to_owned()));
        own.is_some_and(|own| own.text == value.as_text())
    }

    /// Remembers what a user's own option says now as text that may be run as a
    /// hook; to be called for those alone who may set hooks.
    pub fn trust_hook(&mut self, holder: Holder, name: &str, hook: bool) {
        let key = (holder, name.to_owned());
        let value = self.options_of(holder).and_then(|own| own.get(name));
        let Some(text) = value.map(|value| value.as_text().to_owned()) else {
            self.listeners.trusted.remove(&key);
            return;
        };
        let hook = hook || self.listeners.is_hook(holder, name);
        self.listeners.trusted.insert(key, Trusted { text, hook });
    }

    /// A holder's layer of options.
    #[must_use]
    pub fn options_of(&self, holder: Holder) -> Option<&Options> {
        match holder {
            Holder::Sessions => Some(&self.options.session),
            Holder::Windows => Some(&self.options.window),
            Holder::Session(id) => self.sessions.get(&id).map(|owner| &owner.options),
            Holder::Window(id) => self.windows.get(&id).map(|owner| &owner.options),
            Holder::Pane(id) => self.panes.get(&id).map(|owner| &owner.options),
        }
    }

    /// Counts that a holder's hook ran.
    pub fn count_fire(&mut self, holder: Holder, hook: &str) {
        let now = self.now;
        let key = (holder, hook.to_owned());
        let fires = self.listeners.fires.entry(key).or_default();
        fires.count += 1;
        fires.last = now;
    }

    /// Forgets the counts of what is gone.
    pub fn forget_fires(&mut self) {
        let mut fires = std::mem::take(&mut self.listeners.fires);
        fires.retain(|(holder, hook), _| {
            let own = self.options_of(*holder);
            own.is_some_and(|options| options.get(hook).is_some())
        });
        self.listeners.fires = fires;
        let mut trusted = std::mem::take(&mut self.listeners.trusted);
        trusted.retain(|(holder, name), _| {
            let own = self.options_of(*holder);
            own.is_some_and(|options| options.get(name).is_some())
        });
        self.listeners.trusted = trusted;
    }
}
