//! Birth and death in the model: every operation that makes or ends a session,
//! window or pane, or moves a client between sessions. Each leaves the model
//! whole.

use crate::access::Grant;
use crate::base::{ClientId, Label, PaneId, SessionId, Size, Token, WindowId};
use crate::config::Options;
use crate::term::keys::ExtendedFormat;
use crate::term::{Config, Output, Terminal};
use crate::tty;

use super::effect::{Effect, Program, SpawnSpec};
use super::environ::Environ;
use super::layout::{NoSpace, SplitPlan};
use super::pane::Pane;
use super::peer::ExitStatus;
use super::session::{Alerts, Link, Session};
use super::window::Window;
use super::{Client, Mux};

/// The most ends of panes that are kept for those who wait for them.
const MOST_ENDED: usize = 256;

/// How the process of a pane ends that is closed.
const HANGUP: ExitStatus = ExitStatus::Signal(1);

/// Why an operation cannot be done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LifeError {
    /// There is no room for another pane.
    #[error(transparent)]
    NoSpace(#[from] NoSpace),
    /// A session of the name is there already.
    #[error("duplicate session: {0}")]
    DuplicateSession(String),
    /// The window's index is taken.
    #[error("index {0} in use")]
    IndexInUse(u32),
    /// The same, as moving and linking windows say it.
    #[error("index in use: {0}")]
    Taken(u32),
    /// The window is there already.
    #[error("same index: {0}")]
    SameIndex(u32),
    /// Both sessions show the same windows.
    #[error("sessions are grouped")]
    Grouped,
    /// The object went away in the meantime.
    #[error("no such object")]
    Gone,
}

/// What a new pane runs.
#[derive(Clone, Debug)]
pub struct NewPane {
    /// The process.
    pub spec: SpawnSpec,
    /// The command as it was given; empty for a shell.
    pub command: String,
}

impl Mux {
    /// Makes a session with one window and one pane. The pane's process is
    /// still to be started.
    ///
    /// # Errors
    /// [`LifeError::DuplicateSession`].
    pub fn new_session(
        &mut self,
        name: &str,
        size: Size,
        window_name: Option<&str>,
        pane: NewPane,
    ) -> Result<(SessionId, WindowId, PaneId), LifeError> {
        if self.session_named(name).is_some() {
            return Err(LifeError::DuplicateSession(name.to_owned()));
        }
        let id = self.ids.session();
        let cwd = pane.spec.cwd.clone();
        let (window, pane) = self.build_window(size, window_name, pane);
        let base = self.base_index(None);
        let link = Link {
            window,
            alerts: Alerts::default(),
        };
        let session = Session {
            id,
            name: name.to_owned(),
            created: self.now,
            activity: self.now,
            last_attached: None,
            links: [(base, link)].into(),
            current: base,
            last: Vec::new(),
            turned: false,
            options: Options::default(),
            environ: Environ::default(),
            cwd,
            group: None,
            debug: None,
            share: None,
        };
        self.sessions.insert(id, session);
        self.note_links(id);
        Ok((id, window, pane))
    }

    /// The first name of the form `0`, `1` … that no session has.
    #[must_use]
    pub fn free_session_name(&self) -> String {
        let first = self.ids.next_session().0;
        (first..)
            .map(|n| n.to_string())
            .find(|name| self.session_named(name).is_none())
            .unwrap_or_default()
    }

    /// Makes a window with one pane at an index of a session.
    ///
    /// # Errors
    /// [`LifeError::IndexInUse`], [`LifeError::Gone`].
    pub fn new_window(
        &mut self,
        session: SessionId,
        index: u32,
        name: Option<&str>,
        pane: NewPane,
    ) -> Result<(WindowId, PaneId), LifeError> {
        let owner = self.sessions.get(&session).ok_or(LifeError::Gone)?;
        if owner.links.contains_key(&index) {
            return Err(LifeError::IndexInUse(index));
        }
        let policy = self.window_str(None, "window-size");
        let size = self.session_size(session, policy);
        let (window, pane) = self.build_window(size, name, pane);
        self.link(session, index, window);
        Ok((window, pane))
    }

    fn build_window(
        &mut self,
        size: Size,
        name: Option<&str>,
        pane: NewPane,
    ) -> (WindowId, PaneId) {
        let window = self.ids.window();
        let own_name = program_name(&pane.spec.program);
        let first = self.build_pane(window, size, pane);
        let fresh = Window::new((window, size), first, name, own_name, self.now);
        self.windows.insert(window, fresh);
        self.configure_insets(window);
        (window, first)
    }

    fn build_pane(&mut self, window: WindowId, size: Size, pane: NewPane) -> PaneId {
        let id = self.ids.pane();
        let mut spec = pane.spec;
        spec.size = size;
        spec.env.push(("STEPMUX_PANE".to_owned(), id.to_string()));
        if self.server.as_tmux {
            spec.env.push(("TMUX_PANE".to_owned(), id.to_string()));
        }
        let mut config = Config {
            history_lines: usize::try_from(self.session_number(None, "history-limit"))
                .unwrap_or(2000),
            // `history-bytes` bounds all panes together.
            history_bytes: usize::MAX,
            ..Config::default()
        };
        self.configure(None, window, &mut config);
        let mut term = Terminal::new(size, config);
        if spec.program.is_nothing() {
            // Nobody is there to type for.
            term.feed(b"\x1b[?25l", &mut Output::default());
        }
        let fresh = Pane {
            id,
            window,
            term,
            options: Options::default(),
            process: None,
            dead: None,
            cwd: spec.cwd.clone(),
            spec,
            start_command: pane.command,
            command: String::new(),
            title: None,
            copy: None,
            mode: None,
            prompt: None,
            piped: false,
            pipe_pid: None,
            input_off: false,
            output_at: self.now,
            outputs: 0,
            tty: String::new(),
            stale: false,
            command_at: None,
            last_search: String::new(),
            last_search_pattern: false,
            clock: false,
            typist: None,
            awaited: None,
        };
        self.panes.insert(id, fresh);
        id
    }

    /// Brings what options decide about a pane's terminal into its settings.
    fn configure(&self, pane: Option<PaneId>, window: WindowId, config: &mut Config) {
        let flag = |name: &str| match pane {
            Some(_) => self.pane_flag(pane, name),
            None => self.window_flag(Some(window), name),
        };
        config.allow_passthrough = flag("allow-passthrough");
        config.alternate_screen = flag("alternate-screen");
        config.allow_rename = flag("allow-rename");
        config.allow_title = flag("allow-set-title");
        config.scroll_on_clear = flag("scroll-on-clear");
        config.fold_marks = match self.pane_str(pane, "fold-marks") {
            "on" => true,
            "auto" => self.sessions_of(window).any(|owner| owner.debug.is_some()),
            _ => false,
        };
        let bytes = self.server_number("input-buffer-size");
        config.string_bytes = usize::try_from(bytes).unwrap_or(1 << 20);
        config.clipboard = self.server_text("set-clipboard") == "on";
        config.extended_keys = self.server_text("extended-keys") != "off";
        config.extended_always = self.server_text("extended-keys") == "always";
        config.extended_format = match self.server_text("extended-keys-format").as_str() {
            "csi-u" => ExtendedFormat::CsiU,
            _ => ExtendedFormat::Xterm,
        };
        config.backspace = match self.server_text("backspace").as_str() {
            "C-?" => None,
            text => text.parse().ok(),
        };
        config.light = self.looks.light;
        config.foreground = self.looks.foreground;
        config.background = self.looks.background;
        if let Some((across, down)) = self.looks.cell {
            config.cell = (across.max(1), down.max(1));
        }
    }

    /// Gives every pane's terminal the looks of the viewers' terminals, and tells
    /// the programs that asked to know.
    pub fn configure_looks(&mut self) {
        let looks = self.looks;
        let mut told = Vec::new();
        for pane in self.panes.values_mut() {
            let report =
                pane.term
                    .set_viewer_colors(looks.foreground, looks.background, looks.light);
            if let Some(cell) = looks.cell {
                pane.term.set_cell_pixels(cell);
            }
            if !report.is_empty() && pane.takes_input() {
                told.push((pane.id, report));
            }
        }
        for (pane, bytes) in told {
            self.emit(Effect::PaneWrite { pane, bytes });
        }
    }

    /// Tells a pane's terminal whether it takes fold marks in; called when its
    /// process was started, for by then its window has its place.
    pub fn configure_folds(&mut self, id: PaneId) {
        let Some(window) = self.panes.get(&id).map(|pane| pane.window) else {
            return;
        };
        let mut config = Config::default();
        self.configure(Some(id), window, &mut config);
        if let Some(pane) = self.panes.get_mut(&id) {
            pane.term.config_mut().fold_marks = config.fold_marks;
        }
    }

    /// Gives every terminal what options now say; called after one was set.
    pub fn configure_panes(&mut self) {
        self.terminals_stale = true;
        let windows: Vec<_> = self.windows.keys().copied().collect();
        for window in windows {
            self.configure_insets(window);
        }
        let panes: Vec<_> = self.panes.values().map(|p| (p.id, p.window)).collect();
        for (pane, window) in panes {
            let mut config = Config::default();
            self.configure(Some(pane), window, &mut config);
            if let Some(pane) = self.panes.get_mut(&pane) {
                let own = pane.term.config_mut();
                own.allow_passthrough = config.allow_passthrough;
                own.alternate_screen = config.alternate_screen;
                own.allow_rename = config.allow_rename;
                own.allow_title = config.allow_title;
                own.scroll_on_clear = config.scroll_on_clear;
                own.fold_marks = config.fold_marks;
                own.string_bytes = config.string_bytes;
                own.clipboard = config.clipboard;
                own.extended_keys = config.extended_keys;
                own.extended_always = config.extended_always;
                own.extended_format = config.extended_format;
            }
        }
    }

    /// Splits a tiled pane. The zoom of its window ends.
    ///
    /// # Errors
    /// [`LifeError::NoSpace`], [`LifeError::Gone`].
    pub fn split(
        &mut self,
        at: PaneId,
        plan: SplitPlan,
        pane: NewPane,
    ) -> Result<PaneId, LifeError> {
        let window = self.panes.get(&at).ok_or(LifeError::Gone)?.window;
        // Tried on a copy first: a pane is minted only where it fits.
        let owner = self.windows.get_mut(&window).ok_or(LifeError::Gone)?;
        owner.unzoom();
        let mut tried = owner.layout.clone();
        tried.split(at, PaneId(u32::MAX), plan)?;
        let size = tried
            .area(PaneId(u32::MAX))
            .map_or(Size::DEFAULT, super::layout::Area::size);
        let new = self.build_pane(window, size, pane);
        let owner = self.windows.get_mut(&window).ok_or(LifeError::Gone)?;
        owner.layout.split(at, new, plan)?;
        Ok(new)
    }

    /// Makes a floating pane over the others of a window.
    ///
    /// # Errors
    /// [`LifeError::Gone`].
    pub fn new_float(
        &mut self,
        beside: PaneId,
        area: super::layout::Area,
        before: bool,
        pane: NewPane,
    ) -> Result<PaneId, LifeError> {
        let window = self.panes.get(&beside).ok_or(LifeError::Gone)?.window;
        let new = self.build_pane(window, area.size(), pane);
        let owner = self.windows.get_mut(&window).ok_or(LifeError::Gone)?;
        owner.layout.add_float(beside, new, area, before);
        Ok(new)
    }

    /// The index that the first window of a session gets.
    #[must_use]
    pub fn base_index(&self, session: Option<SessionId>) -> u32 {
        u32::try_from(self.session_number(session, "base-index")).unwrap_or(0)
    }

    /// Links a window at a free index of a session and of those grouped with it.
    pub fn link(&mut self, session: SessionId, index: u32, window: WindowId) {
        if let Some(owner) = self.sessions.get_mut(&session) {
            let alerts = Alerts::default();
            owner.links.insert(index, Link { window, alerts });
        }
        self.sync_group(session);
    }

    /// A session and those grouped with it.
    #[must_use]
    pub fn group_of(&self, session: SessionId) -> Vec<SessionId> {
        let group = self.sessions.get(&session).and_then(|s| s.group.clone());
        let Some(group) = group else {
            return vec![session];
        };
        let same = self
            .sessions
            .values()
            .filter(|s| s.group.as_ref() == Some(&group));
        same.map(|s| s.id).collect()
    }

    /// Takes a window out of a session (and those grouped with it). A window
    /// that is linked nowhere else ends, and so does a session without windows.
    pub fn unlink(&mut self, session: SessionId, index: u32) {
        let Some(owner) = self.sessions.get_mut(&session) else {
            return;
        };
        let Some(gone) = owner.unlink(index) else {
            return;
        };
        if owner.links.is_empty() {
            for id in self.group_of(session) {
                self.end_session(id);
            }
        } else {
            self.sync_group(session);
        }
        self.drop_window_if_unlinked(gone.window);
    }

    /// Ends a window wherever it is linked.
    pub fn kill_window(&mut self, window: WindowId) {
        let mut lost = Vec::new();
        loop {
            let place = self
                .sessions
                .values()
                .find_map(|s| Some((s.id, s.index_of(window)?)));
            let Some((session, index)) = place else { break };
            lost.push(session);
            self.unlink(session, index);
        }
        for session in lost {
            self.renumber_if_wanted(session);
        }
    }

    /// `renumber-windows`: closes the gaps of a session and those grouped with it.
    pub fn renumber_if_wanted(&mut self, session: SessionId) {
        if !self.session_flag(Some(session), "renumber-windows") {
            return;
        }
        for id in self.group_of(session) {
            self.renumber(id);
        }
    }

    /// Numbers a session's windows from `base-index` on.
    pub fn renumber(&mut self, session: SessionId) {
        let base = self.base_index(Some(session));
        let Some(owner) = self.sessions.get_mut(&session) else {
            return;
        };
        owner.renumber(base);
        // Its windows are linked anew.
        for link in owner.links.values() {
            if let Some(window) = self.windows.get_mut(&link.window) {
                window.linked.retain(|id| *id != session);
                window.linked.push(session);
            }
        }
    }

    pub(super) fn drop_window_if_unlinked(&mut self, window: WindowId) {
        if self.sessions_of(window).next().is_some() {
            return;
        }
        let Some(gone) = self.windows.remove(&window) else {
            return;
        };
        for pane in gone.panes() {
            // One that has moved to another window lives on there.
            if self.panes.get(&pane).is_some_and(|p| p.window == window) {
                self.drop_pane(pane);
            }
        }
    }

    /// The command of a pane's pipe runs, or could not be started.
    pub fn piped(&mut self, pane: PaneId, pid: Option<u32>) {
        if let Some(pane) = self.panes.get_mut(&pane) {
            pane.piped = pid.is_some();
            pane.pipe_pid = pid;
        }
    }

    /// The command of a pane's pipe has ended, if it is still that one.
    pub fn pipe_ended(&mut self, pane: PaneId, pid: u32) {
        let running = self.panes.get(&pane).and_then(|pane| pane.pipe_pid);
        if running == Some(pid) {
            self.piped(pane, None);
            self.effects.push(Effect::PipeClose { pane });
        }
    }

    /// A pane's process has ended, or the pane goes: who waits for it goes on.
    pub fn end_wait(&mut self, pane: PaneId, status: ExitStatus) {
        let pane = self.panes.get_mut(&pane);
        if let Some(token) = pane.and_then(|pane| pane.awaited.take()) {
            self.ended.push_back((token, status));
            if self.ended.len() > MOST_ENDED {
                // Those of lines whose clients are gone are never asked for.
                self.ended.pop_front();
            }
        }
    }

    /// How the pane ended that a line waits for under this token, once it has.
    pub fn take_ended(&mut self, token: Token) -> Option<ExitStatus> {
        let at = self.ended.iter().position(|(own, _)| *own == token)?;
        self.ended.remove(at).map(|(_, status)| status)
    }

    fn drop_pane(&mut self, pane: PaneId) {
        self.end_wait(pane, HANGUP);
        if self.panes.remove(&pane).is_some() {
            self.phases_end_in(pane);
            if self.marked == Some(pane) {
                self.marked = None;
            }
            self.effects.push(Effect::PaneClose { pane });
        }
    }

    /// Ends a pane; its window ends with its last one.
    pub fn kill_pane(&mut self, pane: PaneId) {
        let Some(window) = self.panes.get(&pane).map(|pane| pane.window) else {
            return;
        };
        if self.leave_window(pane) {
            self.drop_pane(pane);
        } else {
            self.kill_window(window);
        }
    }

    /// Takes a pane out of its window's layout. Not possible for the last one.
    pub fn leave_window(&mut self, pane: PaneId) -> bool {
        let Some(window) = self.panes.get(&pane).map(|pane| pane.window) else {
            return false;
        };
        let Some(window) = self.windows.get_mut(&window) else {
            return false;
        };
        let panes = window.panes();
        if !window.layout.remove(pane) {
            return false;
        }
        window.unzoom();
        window.forget(pane);
        if window.active == pane {
            let at = panes.iter().position(|other| *other == pane).unwrap_or(0);
            let beside = at.checked_sub(1).unwrap_or(at + 1);
            let next = window.last.first().copied();
            if let Some(next) = next.or_else(|| panes.get(beside).copied()) {
                window.active = next;
                window.last.retain(|p| *p != next);
            }
        }
        true
    }

    /// Ends a session: its windows go unless they are linked elsewhere, its
    /// clients move on or leave (`detach-on-destroy`).
    pub fn kill_session(&mut self, session: SessionId) {
        let Some(owner) = self.sessions.get(&session) else {
            return;
        };
        let windows: Vec<_> = owner.links.values().map(|link| link.window).collect();
        self.end_session(session);
        for window in windows {
            self.drop_window_if_unlinked(window);
        }
    }

    fn end_session(&mut self, session: SessionId) {
        let next = self.after_destroy(session);
        self.end_logs(session, true);
        let Some(gone) = self.sessions.remove(&session) else {
            return;
        };
        self.gather_hidden().unwrap_or_default();
        let watchers = self.end_watches(session);
        match gone.debug {
            Some(debug) => self.end_debug(session, *debug, watchers),
            None => watchers
                .into_iter()
                .for_each(|token| self.channels.wake(token)),
        }
        if gone.share.is_some() {
            self.effects.push(Effect::Unshare { session });
        }
        let clients: Vec<_> = self
            .clients
            .values()
            .filter(|client| client.session == Some(session))
            .map(|client| (client.id, client.guest_of().is_some(), client.stays))
            .collect();
        for (client, guest, stays) in clients {
            let next = next.or_else(|| self.latest_session().filter(|_| stays));
            match next.filter(|_| !guest) {
                Some(next) => self.attach(client, next),
                None => self.dismiss(client, 0, Some("[exited]".to_owned())),
            }
        }
        for client in self.clients.values_mut() {
            if client.last_session == Some(session) {
                client.last_session = None;
            }
        }
    }

    /// Where the clients of a session go when it ends (`detach-on-destroy`).
    fn after_destroy(&self, session: SessionId) -> Option<SessionId> {
        let others = || self.sessions.values().filter(|s| s.id != session);
        let used = |s: &&Session| (s.activity, s.created, s.id);
        let beside = |back: bool| {
            let ids = self.sessions_by_name();
            let at = ids.iter().position(|id| *id == session)?;
            let step = if back { ids.len() - 1 } else { 1 };
            let next = *ids.get((at + step) % ids.len())?;
            (next != session).then_some(next)
        };
        match self.session_str(Some(session), "detach-on-destroy") {
            "off" => others().max_by_key(used).map(|s| s.id),
            "no-detached" => {
                let free = others().filter(|s| self.attached(s.id).next().is_none());
                free.max_by_key(used).map(|s| s.id)
            }
            "previous" => beside(true),
            "next" => beside(false),
            _ => None,
        }
    }

    /// The session used last.
    #[must_use]
    pub fn latest_session(&self) -> Option<SessionId> {
        let latest = self
            .sessions
            .values()
            .max_by_key(|s| (s.activity, s.created, s.id));
        latest.map(|s| s.id)
    }

    /// Shows a session on a client.
    pub fn attach(&mut self, client: ClientId, session: SessionId) {
        self.latest += 1;
        let (latest, now) = (self.latest, self.now);
        let Some(attached) = self.clients.get_mut(&client) else {
            return;
        };
        let first = attached.session.is_none();
        let types = attached.effective_grant().allows(Grant::Type);
        let looks = attached.records;
        if attached.session != Some(session) {
            attached.last_session = attached.session;
        }
        attached.session = Some(session);
        attached.latest = latest;
        attached.key_table = None;
        attached.overlay = None;
        if first && attached.control.is_none() {
            let mut leave = Vec::new();
            tty::leave(&attached.caps, &mut leave);
            self.effects.push(Effect::Attach { client, leave });
        }
        if let Some(session) = self.sessions.get_mut(&session)
            && !looks
        {
            if types {
                session.last_attached = Some(now);
                session.activity = now;
            }
            let current = session.current;
            session.select(current);
        }
        if !looks {
            self.use_window(client, session);
        }
    }

    /// The current window of a session has the size of this client from now on,
    /// where the latest decides (tmux(1), `window-size`).
    pub fn use_window(&mut self, client: ClientId, session: SessionId) {
        // Whoever only watches decides nothing.
        let counts = |own: &Client| self.may_size(own, None) || own.control.is_some();
        let types = |own: &Client| own.effective_grant().allows(Grant::Type);
        let own = self.clients.get(&client);
        if !own.is_some_and(|own| counts(own) && (types(own) || own.guest_of().is_none())) {
            return;
        }
        let window = self.sessions.get(&session).and_then(|s| s.window());
        if let Some(window) = window.and_then(|id| self.windows.get_mut(&id)) {
            window.latest = Some(client);
        }
    }

    /// Locks a client: its terminal runs `lock-command` until that ends. A guest's
    /// terminal, which is elsewhere, runs nothing.
    pub fn lock_client(&mut self, client: ClientId) {
        let Some(owner) = self.clients.get(&client) else {
            return;
        };
        let command = self.session_text(owner.session, "lock-command");
        let here = owner.session.is_some() && owner.terminal.is_some();
        if !here
            || owner.control.is_some()
            || owner.suspended
            || owner.guest_of().is_some()
            || command.is_empty()
        {
            return;
        }
        if let Some(owner) = self.clients.get_mut(&client) {
            owner.suspended = true;
        }
        self.effects.push(Effect::Lock { client, command });
    }

    /// Locks every client of a session.
    pub fn lock_session(&mut self, session: SessionId) {
        let clients: Vec<ClientId> = self.attached(session).map(|client| client.id).collect();
        for client in clients {
            self.lock_client(client);
        }
    }

    /// Ends a client, attached or not.
    pub fn dismiss(&mut self, client: ClientId, status: u8, message: Option<String>) {
        if let Some(client) = self.clients.get_mut(&client) {
            client.last_session = client.session.take();
            client.dismissed = true;
            if let Some(control) = &mut client.control {
                // What waits for it goes out before, at the turn's end.
                control.leave(status);
                return;
            }
        }
        self.effects.push(Effect::Exit {
            client,
            status,
            message,
        });
    }

    /// Detaches a client from its session with tmux's words.
    pub fn detach(&mut self, client: ClientId) {
        let session = self.clients.get(&client).and_then(|c| c.session);
        let Some(session) = session.and_then(|id| self.sessions.get(&id)) else {
            return;
        };
        let message = format!("[detached (from session {})]", session.label());
        // Whoever is detached has not failed, as in tmux.
        if let Some(control) = self.control_mut(client) {
            control.failed = false;
        }
        self.dismiss(client, 0, Some(message));
    }
}

/// What a window is called until its foreground process is known: the last part
/// of the program's path.
pub(super) fn program_name(program: &Program) -> String {
    let path = match program {
        Program::LoginShell { shell } => shell.as_str(),
        Program::Shell { command, .. } => {
            let command = command.strip_prefix("exec ").unwrap_or(command);
            command.split_whitespace().next().unwrap_or_default()
        }
        Program::Argv(words) => words.first().map_or("", String::as_str),
    };
    let name = path.trim_end_matches('/').rsplit('/').next();
    Label::new(name.unwrap_or_default()).to_string()
}
