//! Targets become ids (tmux(1), "COMMANDS"): what a session, window, pane or
//! client target means in the model as it is. Nothing is changed here. A guest
//! finds only its own session and what is in it; all else is not there.

use crate::base::{ClientId, PaneId, SessionId, WindowId, glob};
use crate::command::target::{
    self, PanePart, Parts, SessionPart, Side, TargetSpec, Wanted, WindowPart,
};

use super::layout::Direction;
use super::{Mux, Session, Window};

/// What a target means when it is not given (tmux(1), "COMMANDS").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Current {
    /// The session.
    pub session: Option<SessionId>,
    /// The window's index in the session.
    pub index: Option<u32>,
    /// The window.
    pub window: Option<WindowId>,
    /// The pane.
    pub pane: Option<PaneId>,
}

impl Current {
    /// All of a place.
    #[must_use]
    pub const fn of(found: Found) -> Self {
        Self {
            session: Some(found.session),
            index: Some(found.index),
            window: Some(found.window),
            pane: Some(found.pane),
        }
    }
}

/// Who looks something up, and from where.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asker {
    /// The client that asks.
    pub client: Option<ClientId>,
    /// What the queue calls current; it goes before the client's own place.
    pub current: Current,
    /// Where the mouse was, for `=` and `{mouse}`.
    pub mouse: Option<PaneId>,
    /// The window under the mouse on the status line.
    pub mouse_index: Option<(SessionId, u32)>,
    /// The only session that there is for a guest.
    pub only: Option<SessionId>,
}

/// A place in the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// The session.
    pub session: SessionId,
    /// The window's index in it.
    pub index: u32,
    /// The window.
    pub window: WindowId,
    /// The pane.
    pub pane: PaneId,
}

/// Where a window is to be put: an index, or any free one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// The session.
    pub session: SessionId,
    /// The index that was named, taken or not.
    pub index: Option<u32>,
    /// The window named, or the current one: `-a` and `-b` go by it.
    pub near: u32,
    /// The index was named by its number, and no window has it.
    pub free: bool,
}

/// A target that means nothing, in tmux's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// No such session.
    #[error("can't find session: {0}")]
    Session(String),
    /// No such window.
    #[error("can't find window: {0}")]
    Window(String),
    /// No such pane.
    #[error("can't find pane: {0}")]
    Pane(String),
    /// No such client.
    #[error("can't find client: {0}")]
    Client(String),
    /// No pane is marked.
    #[error("no marked target")]
    NoMark,
    /// The command did not come from the mouse.
    #[error("no mouse target")]
    NoMouse,
    /// There is no session at all.
    #[error("no current target")]
    NoCurrent,
    /// Nobody is attached.
    #[error("no current client")]
    NoClient,
    /// A pane where a window is to be put.
    #[error("can't specify pane here")]
    PaneHere,
}

type Result<T> = std::result::Result<T, TargetError>;

impl Mux {
    /// Looks a target up.
    ///
    /// # Errors
    /// [`TargetError`], naming the part that was not found.
    pub fn find(&self, from: &Asker, target: Option<&str>, wanted: Wanted) -> Result<Found> {
        self.find_noting(from, target, wanted, &mut None)
    }

    /// Looks a target up, or as much of it as there is: the session where the
    /// window is not found, the window where the pane is not.
    #[must_use]
    pub fn find_some(&self, from: &Asker, target: Option<&str>, wanted: Wanted) -> Option<Found> {
        let mut known = None;
        let found = self.find_noting(from, target, wanted, &mut known);
        found.ok().or(known)
    }

    /// Looks a target up, and notes what is known of it so far.
    fn find_noting(
        &self,
        from: &Asker,
        target: Option<&str>,
        wanted: Wanted,
        known: &mut Option<Found>,
    ) -> Result<Found> {
        // tmux asks first where it is itself: without a session nothing is found.
        let here = self.here(from).ok_or(TargetError::NoCurrent)?;
        match target::parse(target.unwrap_or_default(), wanted) {
            TargetSpec::Current => Ok(here),
            TargetSpec::Mouse => self.under_mouse(from).ok_or(TargetError::NoMouse),
            TargetSpec::Marked => self.marked_place(from).ok_or(TargetError::NoMark),
            TargetSpec::Active => self
                .place_of_client(from.client)
                .ok_or(TargetError::NoClient),
            TargetSpec::Parts(parts) => self.find_parts(from, &parts, known),
        }
    }

    /// Looks up where a window is to be put.
    ///
    /// # Errors
    /// [`TargetError`], naming the part that was not found.
    pub fn find_slot(&self, from: &Asker, target: Option<&str>) -> Result<Slot> {
        let here = self.here(from).ok_or(TargetError::NoCurrent)?;
        let parts = match target::parse(target.unwrap_or_default(), Wanted::Window) {
            TargetSpec::Current => return Ok(slot(here, None)),
            TargetSpec::Parts(parts) => parts,
            TargetSpec::Mouse | TargetSpec::Marked | TargetSpec::Active => {
                let found = self.find(from, target, Wanted::Window)?;
                return Ok(slot(found, Some(found.index)));
            }
        };
        if parts.pane.is_some() {
            return Err(TargetError::PaneHere);
        }
        let Some(window) = &parts.window else {
            let found = self.find_parts(from, &parts, &mut None)?;
            return Ok(slot(found, None));
        };
        let session = match &parts.session {
            Some(part) => Some(self.find_session(from, part)?),
            None => Some(here.session),
        };
        let owner = session.and_then(|id| self.sessions.get(&id));
        if let Some(owner) = owner {
            // What is so far from the current window is near that one.
            let place = |index, near| Slot {
                session: owner.id,
                index: Some(index),
                near,
                free: false,
            };
            match window {
                WindowPart::Name {
                    index: Some(index), ..
                } => {
                    let taken = owner.links.contains_key(index);
                    let near = if taken { *index } else { owner.current };
                    return Ok(Slot {
                        free: !taken,
                        ..place(*index, near)
                    });
                }
                WindowPart::Next(by) => {
                    let index = owner.current.saturating_add(*by);
                    return Ok(place(index, owner.current));
                }
                WindowPart::Previous(by) => {
                    let index = owner.current.checked_sub(*by);
                    let index = index.ok_or_else(|| {
                        let named = parts.text.ends_with(|c: char| c.is_ascii_digit());
                        TargetError::Window(if named {
                            format!("-{by}")
                        } else {
                            "-".to_owned()
                        })
                    })?;
                    return Ok(place(index, owner.current));
                }
                _ => {}
            }
            if let Some(index) = self.window_in(owner, window) {
                return Ok(place(index, index));
            }
        }
        // An id is looked for in other sessions too.
        if parts.session.is_none() && matches!(window, WindowPart::Id(_)) {
            let found = self.find_parts(from, &parts, &mut None)?;
            return Ok(slot(found, Some(found.index)));
        }
        // A session's name alone: any free index there.
        if parts.session.is_none() && !parts.window_only {
            let part = session_part(&window_text(window));
            if let Ok(id) = self.find_session(from, &part)
                && let Some(found) = self.place_in(id)
            {
                return Ok(slot(found, None));
            }
        }
        Err(TargetError::Window(window_text(window)))
    }

    /// Looks a client up: by its name, its tty with or without `/dev/`, or the
    /// asking client itself.
    ///
    /// # Errors
    /// [`TargetError::Client`], [`TargetError::NoClient`].
    pub fn find_client(&self, from: &Asker, target: Option<&str>) -> Result<ClientId> {
        let visible = |client: &&super::Client| {
            client.session.is_some() && from.only.is_none_or(|only| client.session == Some(only))
        };
        let Some(name) = target.filter(|name| !name.is_empty()) else {
            return self.current_client(from).ok_or(TargetError::NoClient);
        };
        let wanted = name.strip_suffix(':').unwrap_or(name);
        if matches!(wanted, "=" | "{mouse}") {
            return from.client.ok_or(TargetError::NoMouse);
        }
        let mut clients = self.clients.values().filter(visible);
        clients
            .find(|client| {
                client.name == wanted || client.name.strip_prefix("/dev/") == Some(wanted)
            })
            .map(|client| client.id)
            .ok_or_else(|| TargetError::Client(wanted.to_owned()))
    }

    /// The client that a command without a client target means: the asking one
    /// when it is attached, one on the asker's session, or the latest.
    #[must_use]
    pub fn current_client(&self, from: &Asker) -> Option<ClientId> {
        let own = from.client.and_then(|id| self.clients.get(&id));
        if let Some(own) = own.filter(|client| client.session.is_some()) {
            return Some(own.id);
        }
        let attached = || {
            self.clients.values().filter(|client| {
                client.session.is_some()
                    && !client.records
                    && from.only.is_none_or(|only| client.session == Some(only))
            })
        };
        let session = self.pane_of_caller(from).map(|found| found.session);
        let there = attached()
            .filter(|client| session.is_some() && client.session == session)
            .max_by_key(|client| client.latest);
        there
            .or_else(|| attached().max_by_key(|client| client.latest))
            .map(|client| client.id)
    }

    /// What the asker calls current.
    #[must_use]
    pub fn here(&self, from: &Asker) -> Option<Found> {
        self.here_or(from, || self.latest_session())
    }

    /// What the asker would attach to: of the sessions rather one that nobody looks
    /// at (tmux(1), `attach-session`).
    #[must_use]
    pub fn here_to_attach(&self, from: &Asker) -> Option<Found> {
        self.here_or(from, || {
            let free = self
                .sessions
                .values()
                .filter(|session| self.attached(session.id).next().is_none());
            let latest = free.max_by_key(|s| (s.activity, s.created, s.id));
            latest.map(|s| s.id).or_else(|| self.latest_session())
        })
    }

    fn here_or(&self, from: &Asker, any: impl Fn() -> Option<SessionId>) -> Option<Found> {
        let current = self.place_of_current(from.current);
        current
            .or_else(|| self.place_of_client(from.client))
            // In the session where it runs, what is current there, as in tmux.
            .or_else(|| self.place_in(self.pane_of_caller(from)?.session))
            .filter(|found| from.only.is_none_or(|only| only == found.session))
            .or_else(|| self.place_in(from.only.or_else(any)?))
    }

    fn place_of_current(&self, current: Current) -> Option<Found> {
        if let Some(pane) = current.pane.and_then(|pane| self.panes.get(&pane)) {
            // A pane that moved to another window is nobody's current one.
            return match current.window {
                Some(window) if window != pane.window => None,
                _ => self.place_of_link(current, pane.id).or_else(|| {
                    // Any other link of its window.
                    self.place_of_pane(pane.id, current.session)
                }),
            };
        }
        let session = current.session?;
        let owner = self.sessions.get(&session)?;
        let index = current
            .index
            .filter(|index| owner.links.contains_key(index));
        self.place_at(owner, index.unwrap_or(owner.current))
    }

    /// A pane at the index where it was current.
    fn place_of_link(&self, current: Current, pane: PaneId) -> Option<Found> {
        let (session, index) = current.session.zip(current.index)?;
        let window = self.panes.get(&pane)?.window;
        let link = self.sessions.get(&session)?.links.get(&index)?;
        (link.window == window).then_some(Found {
            session,
            index,
            window,
            pane,
        })
    }

    fn place_of_client(&self, client: Option<ClientId>) -> Option<Found> {
        self.place_in(self.clients.get(&client?)?.session?)
    }

    /// The pane in which the asking client runs, by its environment.
    #[must_use]
    pub fn pane_of_caller(&self, from: &Asker) -> Option<Found> {
        let client = self.clients.get(&from.client?)?;
        let names: &[&str] = if self.server.as_tmux {
            &["TMUX_PANE", "STEPMUX_PANE"]
        } else {
            &["STEPMUX_PANE"]
        };
        let pane = names.iter().find_map(|name| client.environ.value(name))?;
        self.place_of_pane(pane.parse().ok()?, None)
    }

    /// The current window and active pane of a session.
    #[must_use]
    pub fn place_in(&self, session: SessionId) -> Option<Found> {
        let owner = self.sessions.get(&session)?;
        self.place_at(owner, owner.current)
    }

    /// A window of a session with its active pane.
    #[must_use]
    pub fn place_at(&self, session: &Session, index: u32) -> Option<Found> {
        let window = session.links.get(&index)?.window;
        Some(Found {
            session: session.id,
            index,
            window,
            pane: self.windows.get(&window)?.active,
        })
    }

    /// A pane with its window, in the session given or else in the one used
    /// last among those that have it.
    #[must_use]
    pub fn place_of_pane(&self, pane: PaneId, session: Option<SessionId>) -> Option<Found> {
        let window = self.panes.get(&pane)?.window;
        let found = self.place_of_window(window, session)?;
        Some(Found { pane, ..found })
    }

    /// A window with its active pane, in the session given or else in the one
    /// used last among those that have it.
    #[must_use]
    pub fn place_of_window(&self, window: WindowId, session: Option<SessionId>) -> Option<Found> {
        let given = session
            .and_then(|id| self.sessions.get(&id))
            .filter(|s| s.has(window));
        let owner = given.or_else(|| {
            self.sessions_of(window)
                .max_by_key(|s| (s.activity, s.created, s.id))
        })?;
        self.place_at(owner, owner.index_of(window)?)
    }

    fn under_mouse(&self, from: &Asker) -> Option<Found> {
        let session = from
            .client
            .and_then(|id| self.clients.get(&id))
            .and_then(|client| client.session);
        if let Some((session, index)) = from.mouse_index {
            return self.place_at(self.sessions.get(&session)?, index);
        }
        self.place_of_pane(from.mouse?, session)
    }

    fn marked_place(&self, from: &Asker) -> Option<Found> {
        let found = self.place_of_pane(self.marked?, from.only)?;
        from.only
            .is_none_or(|only| only == found.session)
            .then_some(found)
    }

    fn find_parts(&self, from: &Asker, parts: &Parts, known: &mut Option<Found>) -> Result<Found> {
        let may = |found: &Found| from.only.is_none_or(|only| only == found.session);
        let session = match &parts.session {
            Some(part) => Some(self.find_session(from, part)?),
            None => None,
        };
        // A part that is only a window or pane is looked for here.
        let looked_in = match session {
            Some(session) => self.place_in(session),
            // An id is looked for everywhere.
            None if is_id(parts) => None,
            None if parts.window_only || parts.pane_only => self.here(from),
            None => None,
        };
        *known = looked_in.filter(may);
        let found = match (&parts.window, &parts.pane) {
            (Some(window), pane) => {
                let place = match session {
                    Some(id) => self.sessions.get(&id).and_then(|owner| {
                        let index = self.window_noting(owner, window, known)?;
                        self.place_at(owner, index)
                    }),
                    None => self.find_window(from, window, parts.window_only, known),
                };
                let place = place
                    .filter(may)
                    .ok_or_else(|| TargetError::Window(window_text(window)))?;
                *known = Some(place);
                match pane {
                    Some(pane) => self
                        .pane_in(&place, pane)
                        .map(|pane| Found { pane, ..place })
                        .ok_or_else(|| TargetError::Pane(pane_text(pane)))?,
                    None => place,
                }
            }
            (None, Some(pane)) => self
                .find_pane(from, session, pane, parts, known)
                .filter(may)
                .ok_or_else(|| TargetError::Pane(pane_text(pane)))?,
            (None, None) => session
                .and_then(|id| self.place_in(id))
                .or_else(|| self.here(from))
                .ok_or(TargetError::NoCurrent)?,
        };
        if may(&found) {
            Ok(found)
        } else {
            Err(TargetError::Session(parts.text.clone()))
        }
    }

    fn find_session(&self, from: &Asker, part: &SessionPart) -> Result<SessionId> {
        let visible = |id: &SessionId| from.only.is_none_or(|only| only == *id);
        match part {
            SessionPart::Id(id) => Some(*id).filter(|id| self.sessions.contains_key(id)),
            SessionPart::Name { text, exact } => self.session_by(from, text, *exact),
        }
        .filter(visible)
        .ok_or_else(|| {
            TargetError::Session(match part {
                SessionPart::Id(id) => id.to_string(),
                SessionPart::Name { text, .. } => text.clone(),
            })
        })
    }

    fn session_by(&self, from: &Asker, text: &str, exact: bool) -> Option<SessionId> {
        if let Some(id) = self.session_named(text) {
            return Some(id);
        }
        if let Ok(client) = self.find_client(from, Some(text)) {
            return self.clients.get(&client)?.session;
        }
        if exact {
            return None;
        }
        let visible = || {
            let sessions = self.sessions.values();
            sessions.filter(|s| from.only.is_none_or(|only| only == s.id))
        };
        let named = visible().map(|s| (s.id, s.name.as_str()));
        by_name(named, text).flatten()
    }

    /// A window of the current session, or, where the text may be one, the
    /// current window of a session.
    fn find_window(
        &self,
        from: &Asker,
        part: &WindowPart,
        only: bool,
        known: &mut Option<Found>,
    ) -> Option<Found> {
        if let WindowPart::Id(id) = part {
            let preferred = from.only.or_else(|| Some(self.here(from)?.session));
            return self.place_of_window(*id, preferred);
        }
        let here = self.here(from)?;
        let owner = self.sessions.get(&here.session)?;
        if let Some(index) = self.window_noting(owner, part, known) {
            return self.place_at(owner, index);
        }
        if only {
            return None;
        }
        *known = None;
        let session = self
            .find_session(from, &session_part(&window_text(part)))
            .ok()?;
        self.place_in(session)
    }

    /// The index of a window of a session; of several that fit, none, but the
    /// first is noted.
    fn window_noting(
        &self,
        session: &Session,
        part: &WindowPart,
        known: &mut Option<Found>,
    ) -> Option<u32> {
        let found = self.window_in(session, part);
        if found.is_none()
            && let WindowPart::Name { text, exact, .. } = part
        {
            let fits = |name: &str| name == text || (!exact && name.starts_with(text));
            let first = session.links.iter().find(|(_, link)| {
                let window = self.windows.get(&link.window);
                window.is_some_and(|window| fits(&window.name))
            });
            if let Some((index, _)) = first {
                *known = self.place_at(session, *index);
            }
        }
        found
    }

    /// The index of a window of a session.
    #[must_use]
    pub fn window_in(&self, session: &Session, part: &WindowPart) -> Option<u32> {
        match part {
            WindowPart::Id(id) => session.index_of(*id),
            WindowPart::Start => session.links.keys().next().copied(),
            WindowPart::End => session.links.keys().next_back().copied(),
            WindowPart::Last => session.last.first().copied(),
            WindowPart::Next(by) => step(session, *by, true),
            WindowPart::Previous(by) => step(session, *by, false),
            WindowPart::Name { text, index, exact } => {
                if let Some(index) = index.filter(|index| session.links.contains_key(index)) {
                    return Some(index);
                }
                let names = || {
                    session.links.iter().filter_map(|(index, link)| {
                        Some((*index, self.windows.get(&link.window)?.name.as_str()))
                    })
                };
                let mut same = names().filter(|(_, name)| name == text);
                match (same.next(), same.next()) {
                    (Some((index, _)), None) => return Some(index),
                    (Some(_), Some(_)) => return None,
                    (None, _) => {}
                }
                if *exact {
                    return None;
                }
                by_name(names(), text).flatten()
            }
        }
    }

    fn find_pane(
        &self,
        from: &Asker,
        session: Option<SessionId>,
        part: &PanePart,
        parts: &Parts,
        known: &mut Option<Found>,
    ) -> Option<Found> {
        if let PanePart::Id(id) = part {
            let preferred = session
                .or(from.only)
                .or_else(|| Some(self.here(from)?.session));
            let found = self.place_of_pane(*id, preferred)?;
            return (session.is_none_or(|id| id == found.session)).then_some(found);
        }
        let place = match session {
            Some(id) => self.place_in(id)?,
            None => self.here(from)?,
        };
        if let Some(pane) = self.pane_in(&place, part) {
            return Some(Found { pane, ..place });
        }
        if session.is_some() || parts.window_only || parts.pane_only {
            return None;
        }
        let window = target::plain_window(&pane_text(part), false)?;
        self.find_window(from, &window, false, known)
    }

    /// A pane of a place's window.
    fn pane_in(&self, place: &Found, part: &PanePart) -> Option<PaneId> {
        let window = self.windows.get(&place.window)?;
        match part {
            PanePart::Id(id) => Some(*id).filter(|id| window.has(*id)),
            PanePart::Last => window.last.first().copied(),
            PanePart::Next(by) => turn(window, *by, true),
            PanePart::Previous(by) => turn(window, *by, false),
            // Of a zoomed window no other pane is seen.
            PanePart::Place(_) if window.zoomed.is_some() => Some(window.active),
            PanePart::Place(place) => at_edge(window, *place),
            PanePart::Beside(side) => {
                let direction = match side {
                    Side::Up => Direction::Up,
                    Side::Down => Direction::Down,
                    Side::Left => Direction::Left,
                    Side::Right => Direction::Right,
                };
                let recent = |pane| window.recency(pane);
                window.layout.neighbour(window.active, direction, recent)
            }
            PanePart::Index { index, .. } => {
                let base = self.window_number(Some(window.id), "pane-base-index");
                let at = i64::from((*index)?) - base;
                let panes = window.panes();
                panes.get(usize::try_from(at).ok()?).copied()
            }
        }
    }
}

fn slot(found: Found, index: Option<u32>) -> Slot {
    Slot {
        session: found.session,
        index,
        near: found.index,
        free: false,
    }
}

/// A text as a session's id or name, a prefix or a glob of one.
fn session_part(text: &str) -> SessionPart {
    let name = || SessionPart::Name {
        text: text.to_owned(),
        exact: false,
    };
    text.parse().map_or_else(|_| name(), SessionPart::Id)
}

/// The only one whose name begins with the text, or else the only one that the
/// text matches as a glob; nothing inside where several do.
fn by_name<'a, T: Copy>(
    named: impl Iterator<Item = (T, &'a str)>,
    text: &str,
) -> Option<Option<T>> {
    let all: Vec<_> = named.collect();
    let prefixed = all.iter().filter(|(_, name)| name.starts_with(text));
    if let Some(one) = only_one(prefixed.map(|(id, _)| *id)) {
        return Some(one);
    }
    let globbed = all.iter().filter(|(_, name)| glob(text, name));
    only_one(globbed.map(|(id, _)| *id))
}

fn only_one<T>(mut fits: impl Iterator<Item = T>) -> Option<Option<T>> {
    match (fits.next(), fits.next()) {
        (Some(one), None) => Some(Some(one)),
        (Some(_), Some(_)) => Some(None),
        (None, _) => None,
    }
}

fn step(session: &Session, by: u32, forward: bool) -> Option<u32> {
    let indices: Vec<u32> = session.links.keys().copied().collect();
    let at = indices.iter().position(|index| *index == session.current)?;
    indices.get(around(at, by, indices.len(), forward)).copied()
}

fn turn(window: &Window, by: u32, forward: bool) -> Option<PaneId> {
    let panes = window.panes();
    let at = panes.iter().position(|pane| *pane == window.active)?;
    panes.get(around(at, by, panes.len(), forward)).copied()
}

fn around(at: usize, by: u32, len: usize, forward: bool) -> usize {
    let by = usize::try_from(by).unwrap_or(0) % len.max(1);
    if forward {
        (at + by) % len.max(1)
    } else {
        (at + len - by) % len.max(1)
    }
}

/// The pane that holds an edge's middle or a corner.
fn at_edge(window: &Window, place: target::Place) -> Option<PaneId> {
    use target::Place as P;
    let size = window.layout.size();
    let (right, bottom) = (size.cols() - 1, size.rows() - 1);
    let (centre, middle) = (size.cols() / 2, size.rows() / 2);
    let (x, y) = match place {
        P::Top => (centre, 0),
        P::Bottom => (centre, bottom),
        P::Left => (0, middle),
        P::Right => (right, middle),
        P::TopLeft => (0, 0),
        P::TopRight => (right, 0),
        P::BottomLeft => (0, bottom),
        P::BottomRight => (right, bottom),
    };
    // A border belongs to the pane left of it or above it.
    let holds = |rect: &crate::base::Rect| {
        (rect.x..=rect.right()).contains(&x) && (rect.y..=rect.bottom()).contains(&y)
    };
    let places = window.layout.cells();
    let inside =
        |(_, rect): &&(PaneId, crate::base::Rect)| rect.contains(crate::base::Pos::new(x, y));
    let exact = places.iter().find(inside);
    exact
        .or_else(|| places.iter().find(|(_, rect)| holds(rect)))
        .map(|(pane, _)| *pane)
}

/// Whether the first part is the id of a window or a pane.
const fn is_id(parts: &Parts) -> bool {
    match (&parts.window, &parts.pane) {
        (Some(window), _) => matches!(window, WindowPart::Id(_)),
        (None, pane) => matches!(pane, Some(PanePart::Id(_))),
    }
}

fn window_text(part: &WindowPart) -> String {
    match part {
        WindowPart::Id(id) => id.to_string(),
        WindowPart::Name { text, .. } => text.clone(),
        WindowPart::Start => "^".to_owned(),
        WindowPart::End => "$".to_owned(),
        WindowPart::Last => "!".to_owned(),
        WindowPart::Next(by) => format!("+{by}"),
        WindowPart::Previous(by) => format!("-{by}"),
    }
}

fn pane_text(part: &PanePart) -> String {
    match part {
        PanePart::Id(id) => id.to_string(),
        PanePart::Index { text, .. } => text.clone(),
        PanePart::Last => "!".to_owned(),
        PanePart::Next(by) => format!("+{by}"),
        PanePart::Previous(by) => format!("-{by}"),
        PanePart::Place(place) => place_name(*place).to_owned(),
        PanePart::Beside(Side::Up) => "{up-of}".to_owned(),
        PanePart::Beside(Side::Down) => "{down-of}".to_owned(),
        PanePart::Beside(Side::Left) => "{left-of}".to_owned(),
        PanePart::Beside(Side::Right) => "{right-of}".to_owned(),
    }
}

const fn place_name(place: target::Place) -> &'static str {
    use target::Place as P;
    match place {
        P::Top => "top",
        P::Bottom => "bottom",
        P::Left => "left",
        P::Right => "right",
        P::TopLeft => "top-left",
        P::TopRight => "top-right",
        P::BottomLeft => "bottom-left",
        P::BottomRight => "bottom-right",
    }
}
