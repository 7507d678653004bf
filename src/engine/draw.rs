//! Drawing: when a client's picture is made, and how it goes out. Frames are
//! never queued: a client that has not taken the last one gets the newest
//! later.

use std::sync::Arc;
use std::time::Duration;

use crate::base::{ClientId, PaneId};
use crate::mux::Effect;
use crate::tty;

use super::Engine;
use super::clients::Attached;

/// The time between two pictures under flood.
const FRAME: Duration = Duration::from_millis(16);

/// The longest that a program may hold its picture back (mode 2026).
const HOLD: Duration = Duration::from_secs(1);

/// The time between two pictures shortly after the client typed: what it
/// typed may end a flood, and its answer should not wait.
const QUICK: Duration = Duration::from_millis(2);

/// How long that is.
const ATTENTION: Duration = Duration::from_millis(100);

/// Pictures that may follow each other at once after quiet: an interactive
/// program often writes its answer in several pieces.
const BURST: u8 = 4;

/// When a client may be drawn on.
#[derive(Debug)]
pub(super) struct Pace {
    /// The client has taken the last picture.
    credit: bool,
    /// Something may have changed since the last picture.
    dirty: bool,
    /// Its status line may have changed too.
    status: bool,
    /// Pictures that may still go out at once.
    burst: u8,
    /// When the last picture went out.
    last: Duration,
    /// Keys were typed: what their pane answers is drawn at once.
    typed: bool,
    /// Until when pictures follow each other quickly.
    attentive_until: Duration,
    /// What has changed is drawn whatever the pace.
    urgent: bool,
    /// A program holds its picture back (mode 2026) until this at the latest.
    held_until: Option<Duration>,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            credit: true,
            dirty: true,
            status: true,
            burst: BURST,
            last: Duration::ZERO,
            typed: false,
            attentive_until: Duration::ZERO,
            urgent: false,
            held_until: None,
        }
    }
}

impl Pace {
    /// Anything may have changed.
    pub(super) fn demand(&mut self) {
        self.dirty = true;
        self.status = true;
    }

    /// The client itself changed something: it sees it at once.
    pub(super) fn demand_now(&mut self) {
        self.demand();
        self.urgent = true;
    }

    /// The client took the last picture.
    pub(super) fn credit(&mut self) {
        self.credit = true;
    }

    /// Nothing is drawn until the client gives its credit back.
    pub(super) fn stall(&mut self) {
        self.credit = false;
    }

    /// The client typed: what its pane answers is drawn at once.
    pub(super) fn typed(&mut self, now: Duration) {
        self.typed = true;
        self.attentive_until = now + ATTENTION;
    }

    /// A pane in sight wrote; `active` if keys go there.
    fn pane_wrote(&mut self, active: bool) {
        self.dirty = true;
        self.urgent |= active && std::mem::take(&mut self.typed);
    }

    /// Something changed that is to be seen later.
    fn hold(&mut self, now: Duration) {
        self.held_until.get_or_insert(now + HOLD);
    }

    fn interval(&self) -> Duration {
        if self.last < self.attentive_until {
            QUICK
        } else {
            FRAME
        }
    }

    /// When the next picture is due, if one is held back for time alone.
    pub(super) fn deadline(&self) -> Option<Duration> {
        let paced = (self.credit && self.dirty).then(|| self.last + self.interval());
        let held = self.held_until.filter(|_| self.credit);
        paced.into_iter().chain(held).min()
    }

    fn due(&mut self, now: Duration) -> bool {
        if self.held_until.is_some_and(|until| until <= now) {
            self.dirty = true;
        }
        if !self.credit || !self.dirty {
            return false;
        }
        let rested = now.saturating_sub(self.last).as_micros() / self.interval().as_micros().max(1);
        let gained = u8::try_from(rested).unwrap_or(BURST);
        self.burst = self.burst.saturating_add(gained).min(BURST);
        self.urgent || self.burst > 0
    }

    fn drew(&mut self, sent: bool, now: Duration) {
        self.dirty = false;
        self.status = false;
        self.urgent = false;
        self.held_until = None;
        if sent {
            self.credit = false;
            self.last = now;
            self.burst = self.burst.saturating_sub(1);
        }
    }
}

impl Attached {
    /// Rings the client's bell with the next picture.
    pub(super) fn ring(&mut self) {
        if !self.extra.contains(&0x07) {
            self.extra.push(0x07);
        }
        self.pace.demand();
    }
}

impl Engine {
    /// A pane wrote: the clients that see it want a new picture, and one that
    /// typed into it wants it now.
    pub(super) fn pane_moved(&mut self, id: PaneId) {
        let Some(window) = self.mux.panes.get(&id).map(|pane| pane.window) else {
            return;
        };
        let now = self.now().mono;
        let holds = self
            .mux
            .panes
            .get(&id)
            .is_some_and(|pane| pane.term.modes().sync);
        for (client, attached) in &mut self.attached {
            let session = self.mux.clients.get(client).and_then(|c| c.session);
            let Some(shown) = session.and_then(|id| self.mux.current_window(id)) else {
                continue;
            };
            if shown.id != window {
                continue;
            }
            if holds {
                attached.pace.hold(now);
                continue;
            }
            attached.pace.pane_wrote(shown.active == id);
        }
    }

    /// Everyone wants a new picture: the model may have changed anywhere.
    pub(super) fn demand_all(&mut self) {
        for attached in self.attached.values_mut() {
            attached.pace.demand();
        }
    }

    /// A client changed something by a key: it wants the new picture now.
    pub(super) fn demand_now(&mut self, client: ClientId) {
        if let Some(attached) = self.attached.get_mut(&client) {
            attached.pace.demand_now();
        }
    }

    /// Draws every client that is due.
    pub(super) fn draw(&mut self) {
        self.share_clipboard();
        let now = self.now().mono;
        let due: Vec<ClientId> = self
            .attached
            .iter_mut()
            .filter_map(|(id, attached)| attached.pace.due(now).then_some(*id))
            .collect();
        for client in due {
            self.draw_client(client, now);
        }
    }

    fn draw_client(&mut self, id: ClientId, now: Duration) {
        let Some(attached) = self.attached.get_mut(&id) else {
            return;
        };
        let Some(client) = self.mux.clients.get(&id) else {
            return;
        };
        attached.view.compose(&self.mux, id, attached.pace.status);
        let mut bytes = Vec::new();
        attached.begin(&client.caps, &mut bytes);
        bytes.append(&mut attached.extra);
        let mut questions = Vec::new();
        attached.ask(&client.caps, now, &mut questions);
        let frame = attached.view.frame();
        tty::diff(
            attached.shown.as_ref(),
            frame,
            attached.view.pool(),
            &client.caps,
            &mut bytes,
        );
        bytes.append(&mut questions);
        let sent = !bytes.is_empty();
        if sent {
            attached.shown = Some(frame.clone());
        }
        attached.pace.drew(sent, now);
        if sent {
            self.mux.emit(Effect::Send {
                client: id,
                bytes: Arc::from(bytes),
            });
        }
    }

    /// Gives what was copied to the clients' own clipboards (OSC 52).
    fn share_clipboard(&mut self) {
        let Some(text) = self.mux.clipboard.take() else {
            return;
        };
        for (id, attached) in &mut self.attached {
            let Some(client) = self.mux.clients.get(id) else {
                continue;
            };
            tty::clipboard(&client.caps, &text, &mut attached.extra);
            attached.pace.demand();
        }
    }
}
