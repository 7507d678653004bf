//! The turn: one event in, the model changed, effects out. It is the whole
//! program but for performing effects; it reads no clock, file or socket.
//!
//! ```text
//!   Event ─→ handle ─→ run queues ─→ settle (sizes, names, ends) ─→ draw ─→ [Effect]
//! ```
//!
//! Start reading at [`Engine::turn`].

mod alerts;
mod clients;
mod configure;
mod control;
mod draw;
pub mod event;
mod floats;
mod focus;
mod histories;
mod hooks;
mod key_help;
mod keys;
mod life;
mod memory;
mod modal;
mod modes;
mod mouse;
mod mouse_vars;
mod notify;
mod overlay;
mod pace;
mod palette;
mod panel;
mod panes;
mod peek;
mod people;
mod prompt;
mod queue;
mod settle;
mod shares;
mod terminal;
mod views;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::base::{ClientId, Now, PaneId};
use crate::mux::{Effect, Mux};

pub use event::Event;

use clients::Attached;
use control::Lines;
use draw::Easel;
use queue::Queue;
use settle::Upkeep;

/// The engine: the model, and what is under way.
#[derive(Debug)]
pub struct Engine {
    mux: Mux,
    queue: Queue,
    attached: BTreeMap<ClientId, Attached>,
    /// Clients that speak lines.
    controls: BTreeMap<ClientId, Lines>,
    /// What they were told of the model; none without such a client.
    told: Option<notify::Told>,
    upkeep: Upkeep,
    /// The panes that have focus, as their programs were told.
    focused: BTreeSet<PaneId>,
    easel: Easel,
    /// Something beside panes' output happened in this turn: sizes, who is
    /// attached and what each sees may have changed.
    stirred: bool,
}

impl Engine {
    /// An engine over a model without sessions.
    #[must_use]
    pub fn new(mux: Mux) -> Self {
        Self {
            mux,
            queue: Queue::default(),
            attached: BTreeMap::new(),
            controls: BTreeMap::new(),
            told: None,
            upkeep: Upkeep::default(),
            focused: BTreeSet::new(),
            easel: Easel::default(),
            stirred: false,
        }
    }

    /// The model, to look at.
    #[must_use]
    pub fn mux(&self) -> &Mux {
        &self.mux
    }

    /// Takes in one event and gives back what is to be done, in order.
    pub fn turn(&mut self, event: Event<'_>, now: Now) -> Vec<Effect> {
        self.mux.now = now;
        if let Event::Ready { client } = event
            && self.is_drawn(client)
        {
            // With many clients most events are of this kind, and nothing
            // follows from them.
            self.client_ready(client);
            return Vec::new();
        }
        let quiet = matches!(
            event,
            Event::PaneBytes { .. } | Event::Bytes { .. } | Event::Ready { .. } | Event::Tick
        );
        let typist = match event {
            Event::Bytes { client, .. } => Some(client),
            _ => None,
        };
        self.handle(event);
        self.answer_closed_popups();
        if self.run_queues() || !quiet {
            self.demand_all();
            typist
                .into_iter()
                .for_each(|client| self.demand_now(client));
        }
        self.settle();
        if self.answer_closed_popups() {
            self.run_queues();
            self.settle();
        }
        self.flush_controls();
        self.draw();
        let mut effects = self.mux.take_effects();
        self.mux.mask_printed(&mut effects);
        effects
    }

    fn handle(&mut self, event: Event<'_>) {
        match event {
            Event::Connected { client, peer } => self.connected(client, *peer),
            Event::Command { client, argv } => self.client_command(client, &argv),
            Event::Config { file, text } => {
                self.mux.configuring = true;
                self.config_text(&file, &text);
            }
            Event::Settings { file, config } => {
                self.mux.configuring = true;
                self.settings(&file, *config);
            }
            Event::Configured => {
                self.upkeep.read = true;
                self.recall_history();
            }
            Event::ConfigError { message } => self.config_error(&message),
            Event::Bytes { client, bytes } => self.client_bytes(client, bytes),
            Event::Eof { client } => self.control_eof(client),
            Event::Resized { client, size } => self.client_resized(client, size),
            Event::Ready { client } => self.client_ready(client),
            Event::Gone { client } => self.client_gone(client),
            Event::PaneBytes { pane, bytes } => self.pane_bytes(pane, bytes),
            Event::Spawned {
                token,
                pane,
                result,
            } => self.pane_spawned(token, pane, result),
            Event::Foreground { pane, command, cwd } => self.pane_foreground(pane, command, cwd),
            Event::PaneExited { pane, status } => self.pane_exited(pane, status),
            Event::JobDone {
                token,
                status,
                output,
            } => self.job_done(token, status, output),
            Event::FileDone { token, result } => self.file_done(token, result),
            Event::Shared { token, result } => self.shared(token, result),
            Event::Piped { pane, pid } => self.mux.piped(pane, pid),
            Event::PipeEnded { pane, pid } => self.mux.pipe_ended(pane, pid),
            Event::Store { pane, result } => self.store_opened(pane, result),
            Event::Processes { token, left } => self.processes_left(token, left),
            Event::Refused {
                session,
                address,
                key,
            } => self.guest_refused(session, address, &key),
            Event::Tick => {}
            Event::Terminate => self.shut_down(),
        }
    }

    /// When the engine wants a [`Event::Tick`], if nothing happens before.
    #[must_use]
    pub fn deadline(&self) -> Option<Duration> {
        let typing = self.attached.values().filter_map(Attached::deadline).min();
        let queued = self.queue.deadline();
        let guests = self.guests_deadline();
        let upkeep = self.upkeep_deadline();
        let controls = self.control_deadline();
        let lives = self.life_deadline();
        [
            self.draw_deadline(),
            typing,
            queued,
            upkeep,
            guests,
            controls,
            lives,
        ]
        .into_iter()
        .flatten()
        .min()
    }

    fn now(&self) -> Now {
        self.mux.now
    }
}

#[cfg(test)]
mod tests;
