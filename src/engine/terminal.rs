//! What a client's terminal can do, as the model holds it: worked out from its
//! name, the options and its own answers, and worked out again when one of them
//! changes. Answers are taken in here and go nowhere else: none reaches a pane,
//! and no pane's question reaches a terminal.

use std::sync::Arc;
use std::time::Duration;

use crate::base::{ClientId, Key, KeyCode, glob};
use crate::config::{ArrayKey, StyleColour, Value, colours};
use crate::format;
use crate::mux::client::Client;
use crate::mux::pane::Pane;
use crate::mux::{Effect, Mux};
use crate::tty::{self, Caps, Reply, Terminfo, Theme, Usable, features};

use super::Engine;
use super::clients::Attached;

/// How long a terminal has to answer each round of questions. What comes later
/// is read and dropped.
const ANSWER_TIME: Duration = Duration::from_secs(3);

/// The most answers kept of one terminal.
const MAX_REPLIES: usize = 64;

/// The questions put to a terminal, and its answers.
#[derive(Debug, Default)]
pub(super) struct Probe {
    stage: Stage,
    until: Duration,
    replies: Vec<Reply>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Unasked,
    /// What every terminal that answers at all may be asked.
    First,
    /// What only those of today may be asked.
    Second,
    Done,
}

impl Probe {
    /// When what has come is taken as all there is.
    pub(super) fn deadline(&self) -> Option<Duration> {
        self.open().then_some(self.until)
    }

    fn open(&self) -> bool {
        matches!(self.stage, Stage::First | Stage::Second)
    }

    /// Whether it is surely of today: it has a name of its own, or says that it
    /// is a VT200 or later.
    fn is_modern(&self, caps: &Caps) -> bool {
        caps.sync
            || self.replies.iter().any(|reply| match reply {
                Reply::Version(_) => true,
                Reply::PrimaryAttributes(list) => list.first().is_some_and(|class| *class >= 61),
                _ => false,
            })
    }
}

impl Attached {
    /// Takes the terminal over before its first picture.
    pub(super) fn begin(&mut self, caps: &Caps, out: &mut Vec<u8>) {
        if !std::mem::replace(&mut self.entered, true) {
            tty::enter(caps, out);
        }
    }

    /// Puts the first questions behind the first picture.
    pub(super) fn ask(&mut self, caps: &Caps, now: Duration, out: &mut Vec<u8>) {
        if self.probe.stage != Stage::Unasked {
            return;
        }
        self.probe.stage = Stage::Done;
        if caps.answers {
            self.probe.stage = Stage::First;
            self.probe.until = now + ANSWER_TIME;
            tty::ask(caps, out);
        }
    }
}

/// What a client's terminal can do. Overrides have the last word, as they are
/// there to correct all else.
fn caps_of(mux: &Mux, client: &Client, replies: &[Reply]) -> Caps {
    let Some(terminal) = &client.terminal else {
        return Caps::default();
    };
    let env = |name: &str| client.environ.value(name).map(str::to_owned);
    let entry = Terminfo::parse(&terminal.terminfo);
    let mut caps = Caps::of_terminal(&terminal.term, entry.as_ref(), env, terminal.utf8);
    if caps.usable != Usable::Yes {
        return caps;
    }
    for features in entries(mux, "terminal-features", &terminal.term) {
        caps.add_features(&features);
    }
    caps.add_features(&terminal.features);
    for reply in replies {
        caps.learn(reply);
    }
    for changes in entries(mux, "terminal-overrides", &terminal.term) {
        for change in features::overrides(&changes) {
            caps.override_with(&change);
        }
    }
    if client.keeps_screen {
        caps.alternate = false;
        caps.scroll_away = Some(terminal.size.rows());
    }
    caps
}

/// What the theme's colours are for a client: those of its background, of the
/// one that is set, or its terminal's own. A background that is not known counts
/// as dark.
fn theme_of(mux: &Mux, client: &Client) -> Theme {
    let light = match mux.server_str("theme") {
        "terminal" => return Theme::PLAIN,
        "light" => true,
        "dark" => false,
        _ => client.light.unwrap_or(false),
    };
    let set = if light { "light" } else { "dark" };
    let scope = format::Scope {
        client: Some(client.id),
        now: mux.now,
        ..format::Scope::default()
    };
    Theme::new(|color| {
        let option = format!("{set}-theme-{}", color.name());
        let text = format::expand(mux.server_str(&option), mux, &scope);
        let found = colours::parse(&text).unwrap_or(StyleColour::Base);
        found.resolve(color.plain())
    })
}

/// Whether a background is light: brighter than the middle of what there is.
fn is_light((red, green, blue): (u8, u8, u8)) -> bool {
    u16::from(red) + u16::from(green) + u16::from(blue) > 3 * 127 + 1
}

/// Sequences with a meaning of their own, the first that fits before others:
/// `user-keys`, the keys of `terminal-overrides`, those of the terminfo entry.
fn keys_of(mux: &Mux, client: &Client) -> Vec<(Vec<u8>, Key)> {
    let mut keys: Vec<(Vec<u8>, Key)> = list(mux, "user-keys")
        .filter_map(|(index, text)| {
            let ArrayKey::Number(number) = index else {
                return None;
            };
            let key = Key::from(KeyCode::User(u16::try_from(*number).ok()?));
            Some((text.as_bytes().to_vec(), key))
        })
        .collect();
    let Some(terminal) = &client.terminal else {
        return keys;
    };
    for changes in entries(mux, "terminal-overrides", &terminal.term) {
        let changes = features::overrides(&changes);
        keys.extend(changes.iter().filter_map(features::Override::key));
    }
    if let Some(entry) = Terminfo::parse(&terminal.terminfo) {
        keys.extend(entry.keys(&client.caps));
    }
    keys
}

fn list<'a>(mux: &'a Mux, option: &str) -> impl Iterator<Item = (&'a ArrayKey, &'a str)> {
    mux.server_option(option)
        .into_iter()
        .flat_map(Value::entries)
}

/// What an option's entries say whose patterns fit a terminal's name.
fn entries(mux: &Mux, option: &str, term: &str) -> Vec<String> {
    list(mux, option)
        .filter_map(|(_, entry)| features::split_entry(entry))
        .filter(|(pattern, _)| glob(pattern, term))
        .map(|(_, rest)| rest.to_owned())
        .collect()
}

impl Engine {
    /// Works out what a client's terminal can do for the first time.
    pub(super) fn meet_terminal(&mut self, id: ClientId) {
        let keeps = !self.mux.server_flag("clear-on-attach");
        let Some(client) = self.mux.clients.get_mut(&id) else {
            return;
        };
        client.keeps_screen = keeps;
        let Some(client) = self.mux.clients.get(&id) else {
            return;
        };
        let caps = caps_of(&self.mux, client, &[]);
        if let Some(client) = self.mux.clients.get_mut(&id) {
            client.caps = caps;
        }
        self.wear_theme(id);
    }

    /// Sets up the reading of a client that is being attached.
    pub(super) fn set_up_input(&mut self, id: ClientId) {
        let time = u64::try_from(self.mux.server_number("escape-time")).unwrap_or(10);
        let Some(client) = self.mux.clients.get(&id) else {
            return;
        };
        let keys = keys_of(&self.mux, client);
        if let Some(attached) = self.attached.get_mut(&id) {
            attached
                .decoder
                .set_escape_time(Duration::from_millis(time));
            attached.decoder.set_keys(keys);
        }
    }

    /// Brings terminals up to the options after one was set, ends rounds of
    /// questions whose time is over, and asks what commands wanted asked.
    pub(super) fn settle_terminals(&mut self) {
        if std::mem::take(&mut self.mux.terminals_stale) {
            let clients: Vec<ClientId> = self.mux.clients.keys().copied().collect();
            for id in clients {
                self.set_up_input(id);
                self.apply_options(id);
            }
        }
        let now = self.now().mono;
        let late: Vec<ClientId> = self
            .attached
            .iter()
            .filter(|(_, attached)| attached.probe.deadline().is_some_and(|at| at <= now))
            .map(|(id, _)| *id)
            .collect();
        for id in late {
            self.end_round(id, false);
        }
        for (id, attached) in &mut self.attached {
            let Some(client) = self.mux.clients.get_mut(id) else {
                continue;
            };
            if std::mem::take(&mut client.asks_clipboard) {
                tty::ask_clipboard(&client.caps, &mut attached.extra);
                attached.pace.demand_now();
            }
            if client.suspended {
                attached.pace.stall();
            }
        }
    }

    /// Takes in one answer of a terminal.
    pub(super) fn reply(&mut self, id: ClientId, reply: Reply) {
        let now = self.now().mono;
        let Some(attached) = self.attached.get_mut(&id) else {
            return;
        };
        let Some(client) = self.mux.clients.get_mut(&id) else {
            return;
        };
        match &reply {
            Reply::Foreground(rgb) => self.mux.looks.foreground = Some(*rgb),
            Reply::Background(rgb) => {
                self.mux.looks.background = Some(*rgb);
                client.light = Some(is_light(*rgb));
            }
            Reply::CellPixels { width, height } => self.mux.looks.cell = Some((*width, *height)),
            Reply::ColorScheme { dark } => {
                client.light = Some(!dark);
                self.mux.looks.light = Some(!dark);
                tty::ask_colors(&client.caps, &mut attached.extra);
                attached.pace.demand();
                self.mux.configure_looks();
                self.wear_theme(id);
                return;
            }
            Reply::Palette(index, rgb) => {
                self.color_came(id, *index, *rgb);
                return;
            }
            Reply::Clipboard(text) => {
                self.clipboard_came(id, text);
                return;
            }
            _ => {}
        }
        if matches!(
            reply,
            Reply::Foreground(_) | Reply::Background(_) | Reply::CellPixels { .. }
        ) {
            self.mux.configure_looks();
            self.wear_theme(id);
            return;
        }
        if !attached.probe.open() || now >= attached.probe.until {
            return;
        }
        if let Reply::Version(version) = &reply {
            client.version = version.clone();
        }
        let fence = matches!(reply, Reply::PrimaryAttributes(_));
        if attached.probe.replies.len() < MAX_REPLIES {
            attached.probe.replies.push(reply);
        }
        if fence {
            self.end_round(id, true);
        }
    }

    /// A terminal has said what is on its clipboard, to those who wait for it.
    fn clipboard_came(&mut self, id: ClientId, text: &[u8]) {
        let now = self.now();
        let Some(client) = self.mux.clients.get_mut(&id) else {
            return;
        };
        let mut wishes = std::mem::take(&mut client.clipboard_wishes);
        wishes.retain(|wish| now.mono < wish.until);
        if wishes.iter().any(|wish| wish.keeps) {
            let limit = self.mux.buffer_limit();
            self.mux.buffers.push(text.to_vec(), limit, now);
        }
        for (pane, selection, st) in wishes.into_iter().filter_map(|wish| wish.program) {
            let taken = self.mux.panes.get(&pane).is_some_and(Pane::takes_input);
            if taken {
                let mut bytes = Vec::new();
                tty::clipboard_answer(text, &selection, st, &mut bytes);
                self.mux.emit(Effect::PaneWrite { pane, bytes });
            }
        }
    }

    /// Shows the theme's colours anew where what a terminal said of itself
    /// changes them.
    fn wear_theme(&mut self, id: ClientId) {
        let theme = self
            .mux
            .clients
            .get(&id)
            .map(|client| theme_of(&self.mux, client));
        let (Some(theme), Some(client)) = (theme, self.mux.clients.get_mut(&id)) else {
            return;
        };
        if client.caps.theme == theme {
            return;
        }
        client.caps.theme = theme;
        if let Some(attached) = self.attached.get_mut(&id) {
            if let Some(shown) = attached.shown.as_mut().map(Arc::make_mut) {
                shown.distrust();
            }
            attached.pace.demand();
        }
    }

    /// A round of questions is over: what was learned holds, and a terminal of
    /// today that `answered` is asked the rest.
    fn end_round(&mut self, id: ClientId, answered: bool) {
        self.apply_answers(id);
        let now = self.now().mono;
        let (Some(attached), Some(client)) =
            (self.attached.get_mut(&id), self.mux.clients.get(&id))
        else {
            return;
        };
        let first = attached.probe.stage == Stage::First;
        if first && answered && attached.probe.is_modern(&client.caps) {
            attached.probe.stage = Stage::Second;
            attached.probe.until = now + ANSWER_TIME;
            tty::ask_more(&client.caps, &mut attached.extra);
            attached.pace.demand();
        } else {
            attached.probe.stage = Stage::Done;
        }
    }

    /// Raises a terminal's abilities to what it said; its picture is made again
    /// only where that can look other.
    fn apply_answers(&mut self, id: ClientId) {
        let (Some(attached), Some(client)) =
            (self.attached.get_mut(&id), self.mux.clients.get(&id))
        else {
            return;
        };
        let old = client.caps;
        let new = Caps {
            theme: old.theme,
            ..caps_of(&self.mux, client, &attached.probe.replies)
        };
        if old == new {
            return;
        }
        if let Some(shown) = attached.shown.as_mut().map(Arc::make_mut) {
            if !old.draws_like(&new) {
                shown.distrust();
            } else if !old.takes_modes_of(&new) {
                shown.distrust_modes();
            }
        }
        if new.color_scheme && !old.color_scheme {
            tty::watch_colors(&new, &mut attached.extra);
        }
        attached.pace.demand();
        if let Some(client) = self.mux.clients.get_mut(&id) {
            client.caps = new;
        }
        self.wear_theme(id);
    }

    /// Holds a client to options that have changed: where that changes its
    /// terminal's abilities, the terminal is left and entered anew.
    fn apply_options(&mut self, id: ClientId) {
        let Some(client) = self.mux.clients.get_mut(&id) else {
            return;
        };
        let old = client.caps;
        let mut attached = self.attached.get_mut(&id);
        let replies = attached.as_ref().map_or(&[][..], |a| &a.probe.replies);
        let Some(client) = self.mux.clients.get(&id) else {
            return;
        };
        let new = Caps {
            theme: old.theme,
            ..caps_of(&self.mux, client, replies)
        };
        if old == new || new.usable != Usable::Yes {
            self.wear_theme(id);
            return;
        }
        if let Some(attached) = &mut attached {
            if attached.entered {
                tty::leave(&old, &mut attached.extra);
                tty::enter(&new, &mut attached.extra);
            }
            attached.shown = None;
            attached.pace.demand();
        }
        if let Some(client) = self.mux.clients.get_mut(&id) {
            client.caps = new;
        }
        self.wear_theme(id);
    }
}
