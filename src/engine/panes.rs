//! Panes: what their processes write, and how they end.

use crate::base::{Label, Now, PaneId, Token};
use crate::config::Value;
use crate::exec::Answer;
use crate::format::{self, Scope};
use crate::mux::Effect;
use crate::mux::client::{CLIPBOARD_TIME, ClipboardWish};
use crate::mux::copying::Clip;
use crate::mux::pane::Dead;
use crate::mux::peer::{ExitStatus, Process};
use crate::term::{Notice, Output, PromptMark};
use crate::tty;

use super::Engine;
use super::pace::Wrote;

impl Engine {
    pub(super) fn pane_bytes(&mut self, id: PaneId, bytes: &[u8]) {
        let now = self.now();
        let Some(pane) = self.mux.panes.get_mut(&id) else {
            self.popup_bytes(id, bytes);
            return;
        };
        let mut out = Output::default();
        pane.term.feed(bytes, &mut out);
        let window = pane.window;
        let wrote = Wrote {
            pane: id,
            window,
            len: bytes.len(),
            silence: now.mono.saturating_sub(pane.output_at.mono),
            holds: pane.term.modes().sync,
            synced: pane.term.take_synced(),
        };
        pane.output_at = now;
        pane.outputs += 1;
        pane.stale = true;
        if let Some(window) = self.mux.windows.get_mut(&window) {
            window.activity = now;
        }
        self.mux.mirror(id, window, bytes);
        self.tell_output(id, window, bytes);
        self.upkeep.inspect(id, now.mono);
        self.history_grew(id, bytes.len());
        if !out.replies.is_empty() {
            self.mux.emit(Effect::PaneWrite {
                pane: id,
                bytes: out.replies,
            });
        }
        if !out.notices.is_empty() {
            self.demand_all();
        }
        self.mux.fire_pane("pane-activity", id, &[]);
        for notice in out.notices {
            self.notice(id, notice);
        }
        self.wrote_in(window);
        self.pane_moved(wrote);
    }

    fn notice(&mut self, id: PaneId, notice: Notice) {
        match notice {
            Notice::Bell => {
                self.mux.fire_pane("pane-bell", id, &[]);
                self.rang_in(id);
            }
            Notice::WindowName(name) => self.program_names_window(id, &name),
            Notice::Clipboard(text) => self.program_copies(id, text),
            Notice::ClipboardQuery { selection, st } => {
                self.program_asks_clipboard(id, &selection, st);
            }
            Notice::PaletteQuery { index, st } => self.program_asks_color(id, index, st),
            Notice::Passthrough(bytes) => self.pass_through(id, &bytes),
            Notice::Mark {
                payload,
                row,
                at_start,
            } => {
                self.mux.phase_marked(id, &payload, row, at_start);
                // A build that is held or over begins to wait.
                self.upkeep.lives_at = Some(self.now().mono);
            }
            Notice::Title(title) => {
                if let Some(pane) = self.mux.panes.get_mut(&id) {
                    pane.title = Some(title);
                }
                self.mux.note_changes();
            }
            Notice::Prompt(mark) => self.shell_says(id, mark),
            Notice::Path(_) | Notice::Notify(_) => {}
        }
    }

    /// What a shell said of its prompt and commands (OSC 133), for hooks.
    fn shell_says(&mut self, id: PaneId, mark: PromptMark) {
        let now = self.now();
        let at = self.mux.at_pane(id);
        let mut more = Vec::new();
        if let (Some(session), Some(index)) = (at.session, at.index) {
            more.push(("session", session.to_string()));
            more.push(("window_index", index.to_string()));
        }
        match mark {
            PromptMark::A => self.mux.fire_pane("pane-shell-prompt", id, &[]),
            PromptMark::B => {}
            PromptMark::C => {
                if let Some(pane) = self.mux.panes.get_mut(&id) {
                    pane.command_at = Some(now);
                }
                more.push(("command_start_time", seconds(now).to_string()));
                more.push(("command_duration", "0".to_owned()));
                self.mux.fire_pane("pane-command-started", id, &more);
            }
            PromptMark::D(status) => {
                let began = self.mux.panes.get_mut(&id);
                let began = began.and_then(|pane| pane.command_at.take());
                more.push(("command_end_time", seconds(now).to_string()));
                if let Some(began) = began {
                    let took = seconds(now) - seconds(began);
                    more.push(("command_duration", took.to_string()));
                    more.push(("command_start_time", seconds(began).to_string()));
                }
                if let Some(status) = status {
                    more.push(("command_status", status.to_string()));
                }
                self.mux.fire_pane("pane-command-finished", id, &more);
            }
        }
    }

    /// `ESC k name ESC \`, if `allow-rename` lets programs do so; an empty name
    /// gives the window back to automatic renaming.
    fn program_names_window(&mut self, id: PaneId, name: &Label) {
        if !self.mux.pane_flag(Some(id), "allow-rename") {
            return;
        }
        let window = self.mux.panes.get(&id).map(|pane| pane.window);
        let automatic = self.mux.options.window.get("automatic-rename").cloned();
        if let Some(window) = window.and_then(|id| self.mux.windows.get_mut(&id)) {
            if name.is_empty() {
                window.options.unset("automatic-rename", None);
                if !automatic.is_some_and(|value| value.is_on()) {
                    window.name.clear();
                }
                return;
            }
            window.name = name.to_string();
            // The name was chosen: automatic renaming would undo it.
            window
                .options
                .insert("automatic-rename", Value::Flag(false));
        }
    }

    /// OSC 52 from a program: only where `set-clipboard` is `on`.
    fn program_copies(&mut self, id: PaneId, text: Vec<u8>) {
        if self.mux.server_str("set-clipboard") != "on" {
            return;
        }
        self.mux.fire_pane("pane-set-clipboard", id, &[]);
        let limit = usize::try_from(self.mux.server_number("buffer-limit")).unwrap_or(50);
        let now = self.now();
        self.mux.buffers.push(text.clone(), limit, now);
        let window = self.mux.panes.get(&id).map(|pane| pane.window);
        self.mux.clipboard = Some(Clip { text, window });
    }

    /// OSC 52 with `?` from a program: the newest buffer, or what the terminal of
    /// whoever was the last to type has, as `get-clipboard` says. No guest's is
    /// asked: it is another machine's.
    fn program_asks_clipboard(&mut self, pane: PaneId, selection: &str, st: bool) {
        let from = self.mux.server_text("get-clipboard");
        if from == "request" || from == "both" {
            let wish = ClipboardWish {
                until: self.now().mono + CLIPBOARD_TIME,
                keeps: from == "both",
                program: Some((pane, selection.to_owned(), st)),
            };
            let clients = self.mux.clients.values_mut();
            let own = clients.filter(|c| c.session.is_some() && c.guest_of().is_none());
            let shown = own.filter(|client| client.control.is_none() && !client.records);
            if let Some(client) = shown.max_by_key(|client| client.latest) {
                client.ask_clipboard(wish);
            }
        }
        if from != "buffer" {
            return;
        }
        let Some(buffer) = self.mux.buffers.get(None) else {
            return;
        };
        let mut bytes = Vec::new();
        tty::clipboard_answer(&buffer.data, selection, st, &mut bytes);
        self.mux.emit(Effect::PaneWrite { pane, bytes });
    }

    /// DCS tmux: bytes for the terminals of those who see the pane, or with
    /// `allow-passthrough all` of everyone whose session has it. What one client
    /// does not take is bounded, and dropped beyond that.
    fn pass_through(&mut self, id: PaneId, bytes: &[u8]) {
        const MOST: usize = 1 << 20;
        let Some(window) = self.mux.panes.get(&id).map(|pane| pane.window) else {
            return;
        };
        let all = match self.mux.pane_text(Some(id), "allow-passthrough").as_str() {
            "all" => true,
            "on" => false,
            _ => return,
        };
        let seen = self.mux.windows.get(&window).is_some_and(|owner| {
            let hidden =
                owner.zoomed.is_some_and(|zoomed| zoomed != id) && !owner.over_zoom.contains(&id);
            !hidden
        });
        for (client, attached) in &mut self.attached {
            let session = self.mux.clients.get(client).and_then(|c| c.session);
            let Some(owner) = session.and_then(|id| self.mux.sessions.get(&id)) else {
                continue;
            };
            let shown = seen && owner.window() == Some(window);
            if (shown || (all && owner.has(window))) && attached.extra.len() + bytes.len() <= MOST {
                attached.extra.extend_from_slice(bytes);
                let caps = self.mux.clients.get(client).map(|c| c.caps);
                if let (Some(shown), Some(caps)) = (&attached.shown, caps) {
                    tty::settle_after(&caps, shown.cursor_pos(), &mut attached.extra);
                }
                attached.pace.demand();
            }
        }
    }

    pub(super) fn pane_spawned(
        &mut self,
        token: Token,
        id: PaneId,
        result: Result<Process, String>,
    ) {
        let why = result.as_ref().err().map(String::as_str);
        if self.popup_started(id, why) {
            return;
        }
        if let (Some(pane), Ok(process)) = (self.mux.panes.get_mut(&id), &result) {
            // A window is called anew after what is started again in it.
            pane.stale |= pane.dead.is_some() || pane.process.is_some();
            pane.tty.clone_from(&process.tty);
            pane.process = Some(process.clone());
            pane.dead = None;
        }
        // What ran in it before, if it is a pane that starts anew.
        self.mux.phases_end_in(id);
        self.mux.configure_folds(id);
        self.made_in(id);
        self.upkeep.inspect(id, self.now().mono);
        self.queue.answer(token, Answer::Spawned(result));
    }

    pub(super) fn pane_foreground(&mut self, id: PaneId, command: String, cwd: String) {
        let Some(pane) = self.mux.panes.get_mut(&id) else {
            return;
        };
        // A window is called after its program once that has written.
        let wrote = std::mem::take(&mut pane.stale);
        pane.command = Label::new(&command).to_string();
        if !cwd.is_empty() {
            pane.cwd = cwd;
        }
        let window = pane.window;
        if wrote {
            self.rename_by_itself(window);
        }
    }

    /// Calls windows anew whose active pane is another, or in another mode.
    pub(super) fn settle_names(&mut self) {
        let mut named = std::mem::take(&mut self.upkeep.named);
        named.retain(|window, _| self.mux.windows.contains_key(window));
        let now = self.mux.windows.values().filter_map(|window| {
            let pane = self.mux.panes.get(&window.active)?;
            let modes = pane.modes() + usize::from(pane.mode.is_some());
            let automatic = self.mux.window_flag(Some(window.id), "automatic-rename");
            let seen = (window.active, modes, pane.dead.is_some(), automatic);
            Some((window.id, seen))
        });
        let now: Vec<_> = now.collect();
        for (window, seen) in now {
            if named.insert(window, seen).is_some_and(|old| old != seen) {
                self.rename_by_itself(window);
            }
        }
        self.upkeep.named = named;
    }

    /// `automatic-rename`: the window is called after its active pane.
    pub(super) fn rename_by_itself(&mut self, window: crate::base::WindowId) {
        if !self.mux.window_flag(Some(window), "automatic-rename") {
            return;
        }
        let Some(owner) = self.mux.windows.get(&window) else {
            return;
        };
        let template = self
            .mux
            .window_text(Some(window), "automatic-rename-format");
        let session = self.mux.sessions_of(window).next().map(|s| s.id);
        let scope = Scope {
            session,
            window: Some(window),
            pane: Some(owner.active),
            now: self.now(),
            ..Scope::default()
        };
        let expanded = format::expand(&template, &self.mux, &scope);
        let name = Label::name(&expanded).unwrap_or_else(|| Label::new(&expanded));
        let name = name.to_string();
        if let Some(owner) = self.mux.windows.get_mut(&window)
            && !name.is_empty()
        {
            owner.name = name;
        }
    }

    /// Tells log and timeline that nothing more comes from a pane.
    fn pane_ended(&mut self, id: PaneId) {
        let Some(window) = self.mux.panes.get(&id).map(|pane| pane.window) else {
            return;
        };
        self.mux.end_mirror(id, window);
        self.mux.phases_end_in(id);
    }

    pub(super) fn pane_exited(&mut self, id: PaneId, status: ExitStatus) {
        if self.popup_exited(id, status) {
            return;
        }
        let now = self.now();
        if let Some(pane) = self.mux.panes.get_mut(&id) {
            pane.term.end_output();
        }
        self.pane_ended(id);
        self.mux.end_wait(id, status);
        let keep = match self.mux.pane_str(Some(id), "remain-on-exit") {
            "on" | "key" => true,
            "failed" | "failed-key" => status != ExitStatus::SUCCESS,
            _ => false,
        };
        let hook = if keep { "pane-died" } else { "pane-exited" };
        self.mux.fire_pane(hook, id, &ending(status));
        if !keep {
            self.mux.kill_pane(id);
            self.mux.settle_layouts();
            self.mux.note_changes();
            return;
        }
        let Some(pane) = self.mux.panes.get_mut(&id) else {
            return;
        };
        pane.dead = Some(Dead { status, at: now });
        pane.process = None;
        pane.copy = None;
        let scope = Scope {
            pane: Some(id),
            window: Some(pane.window),
            now,
            ..Scope::default()
        };
        let template = self.mux.pane_text(Some(id), "remain-on-exit-format");
        let text = Label::new(&format::expand_time(&template, &self.mux, &scope));
        if let Some(pane) = self.mux.panes.get_mut(&id) {
            let rows = pane.size().rows();
            let line = format!("\x1b[m\x1b[r\x1b[{rows};1H\n{text}\r\x1b[?25l");
            pane.term.feed(line.as_bytes(), &mut Output::default());
        }
    }
}

/// A moment in seconds since the epoch.
fn seconds(now: Now) -> i64 {
    now.unix_us / 1_000_000
}

/// What hooks are told of how a program ended.
fn ending(status: ExitStatus) -> Vec<(&'static str, String)> {
    let success = u8::from(status == ExitStatus::SUCCESS).to_string();
    let how = match status {
        ExitStatus::Signal(signal) => ("exit_signal", signal.to_string()),
        other => ("exit_status", other.code().to_string()),
    };
    vec![how, ("exit_success", success)]
}
