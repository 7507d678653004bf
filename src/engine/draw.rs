//! Drawing: each picture is composed once for all clients that see the same,
//! and what turns an old one into it is written once for all clients that show
//! the old one on terminals of the same abilities. Frames are never queued: a
//! client that has not taken the last one gets the newest later.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::base::{ClientId, PaneId, WindowId};
use crate::mux::Effect;
use crate::tty::{self, Caps, Frame};
use crate::ui::{Extent, Outline, Outlines, Palette, View};

use super::Engine;
use super::clients::Attached;
use super::pace::{FRAME, Wrote};

/// Room for a picture's bytes that is kept from one to the next.
const KEPT: usize = 64 << 10;

/// The number of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ViewId(u64);

/// A picture, and whose it is by what surrounds the panes in it.
#[derive(Debug)]
struct Picture {
    view: View,
    outline: Arc<Outline>,
}

/// All pictures.
#[derive(Debug, Default)]
pub(super) struct Easel {
    palette: Palette,
    pictures: BTreeMap<ViewId, Picture>,
    next: u64,
    /// When what is written under flood is drawn next: one clock for all
    /// clients, so that those who see the same stay together.
    frame: Duration,
    scratch: Vec<u8>,
}

/// A client that is drawn on now.
#[derive(Clone, Copy, Debug)]
struct Due {
    client: ClientId,
    extent: Extent,
}

/// What was written for a client, for others in the same place.
struct Written {
    view: ViewId,
    shown: Option<Arc<Frame>>,
    caps: Caps,
    bytes: Arc<[u8]>,
}

impl Easel {
    /// The picture for an outline: the old one, one that another client sees,
    /// or a new one that begins as the old one is.
    fn picture_for(&mut self, outline: &Arc<Outline>, old: Option<ViewId>) -> ViewId {
        let fits = |picture: &Picture| {
            Arc::ptr_eq(&picture.outline, outline) || picture.outline == *outline
        };
        let own = old.and_then(|id| Some((id, self.pictures.get(&id)?)));
        if let Some((id, _)) = own.filter(|(_, picture)| fits(picture)) {
            return id;
        }
        if let Some((id, _)) = self.pictures.iter().find(|(_, picture)| fits(picture)) {
            return *id;
        }
        let view = own.map_or_else(View::new, |(_, picture)| picture.view.clone());
        let outline = Arc::clone(outline);
        let id = ViewId(self.next);
        self.next += 1;
        self.pictures.insert(id, Picture { view, outline });
        id
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
    pub(super) fn pane_moved(&mut self, wrote: Wrote) {
        let now = self.now().mono;
        for attached in self.attached.values_mut() {
            attached.pace.pane_wrote(wrote, now);
        }
    }

    /// Everyone wants a new picture: the model may have changed anywhere.
    pub(super) fn demand_all(&mut self) {
        self.stirred = true;
        for attached in self.attached.values_mut() {
            attached.pace.demand();
        }
    }

    /// What one client sees may have changed.
    pub(super) fn demand_of(&mut self, client: ClientId) {
        if let Some(attached) = self.attached.get_mut(&client) {
            attached.pace.demand();
        }
    }

    /// A client changed something by a key: it wants the new picture now.
    pub(super) fn demand_now(&mut self, client: ClientId) {
        if let Some(attached) = self.attached.get_mut(&client) {
            attached.pace.demand_now();
        }
    }

    /// Whether a client was sent all there is to see.
    pub(super) fn is_drawn(&self, client: ClientId) -> bool {
        let attached = self.attached.get(&client);
        attached.is_some_and(|attached| attached.pace.is_drawn())
    }

    /// Notes which window each client sees.
    pub(super) fn note_sights(&mut self) {
        for (id, attached) in &mut self.attached {
            let session = self.mux.clients.get(id).and_then(|client| client.session);
            let window = session.and_then(|id| self.mux.current_window(id));
            let sees: Option<(WindowId, PaneId)> = window.map(|w| (w.id, w.active));
            attached.pace.looks_at(sees);
        }
    }

    /// When the next picture is due, if one is held back for time alone.
    pub(super) fn draw_deadline(&self) -> Option<Duration> {
        let paces = self.attached.values();
        paces
            .filter_map(|attached| attached.pace.deadline(self.easel.frame))
            .min()
    }

    /// Draws every client that is due.
    pub(super) fn draw(&mut self) {
        self.share_clipboard();
        let now = self.now().mono;
        let frame = self.easel.frame;
        let due: Vec<Due> = self
            .attached
            .iter_mut()
            .filter_map(|(id, attached)| {
                let extent = attached.pace.due(now, frame)?;
                Some(Due {
                    client: *id,
                    extent,
                })
            })
            .collect();
        if due.is_empty() {
            return;
        }
        if now >= frame && due.iter().any(|due| due.extent == Extent::Whole) {
            self.easel.frame = now + FRAME;
        }
        self.easel.palette.bound();
        self.outline(&due);
        self.compose(&due);
        self.send(&due, now);
    }

    /// Finds the picture of each client around whose panes something may have
    /// changed.
    fn outline(&mut self, due: &[Due]) {
        let mut outlines = Outlines::default();
        let mut changed = false;
        for Due { client, .. } in due {
            let Some(attached) = self.attached.get_mut(client) else {
                continue;
            };
            if !attached.pace.wants_outline() {
                continue;
            }
            changed = true;
            let owner = self.mux.clients.get(client);
            let outline = owner.and_then(|owner| outlines.of(&self.mux, owner));
            attached.view = outline.map(|outline| self.easel.picture_for(&outline, attached.view));
            attached.pace.outlined();
        }
        if changed {
            let attached = &self.attached;
            let used = |id: &ViewId| attached.values().any(|client| client.view == Some(*id));
            self.easel.pictures.retain(|id, _| used(id));
            self.easel.palette.tidy(&self.mux);
        }
    }

    /// Brings each picture that is due up to the model, once.
    fn compose(&mut self, due: &[Due]) {
        let mut wanted: Vec<(ViewId, Due)> = Vec::new();
        for due in due {
            let Some(view) = self.attached.get(&due.client).and_then(|own| own.view) else {
                continue;
            };
            match wanted.iter_mut().find(|(known, _)| *known == view) {
                Some((_, first)) => first.extent = first.extent.max(due.extent),
                None => wanted.push((view, *due)),
            }
        }
        let Easel {
            palette, pictures, ..
        } = &mut self.easel;
        for (view, Due { client, extent }) in wanted {
            if let Some(Picture { view, outline }) = pictures.get_mut(&view) {
                view.compose(&self.mux, client, outline, extent, palette);
            }
        }
    }

    fn send(&mut self, due: &[Due], now: Duration) {
        let mut written: Vec<Written> = Vec::new();
        for Due { client, extent } in due {
            let bytes = self.bytes_for(*client, &mut written);
            let bytes = bytes.filter(|bytes| !bytes.is_empty());
            if let Some(attached) = self.attached.get_mut(client) {
                attached.pace.drew(*extent, bytes.is_some(), now);
            }
            if let Some(bytes) = bytes {
                let client = *client;
                if let Some(own) = self.mux.clients.get_mut(&client) {
                    own.written += bytes.len() as u64;
                }
                self.mux.emit(Effect::Send { client, bytes });
            }
        }
    }

    /// What brings a client's terminal to its picture.
    fn bytes_for(&mut self, id: ClientId, written: &mut Vec<Written>) -> Option<Arc<[u8]>> {
        let now = self.now().mono;
        let attached = self.attached.get_mut(&id)?;
        let caps = self.mux.clients.get(&id)?.caps;
        let view = attached.view?;
        let frame = self.easel.pictures.get(&view)?.view.frame();
        let shown = attached.shown.replace(Arc::clone(frame));
        let known = written.iter().find(|known| {
            known.view == view && known.caps == caps && same(known.shown.as_ref(), shown.as_ref())
        });
        let bytes = if let Some(known) = known {
            Arc::clone(&known.bytes)
        } else {
            let out = &mut self.easel.scratch;
            out.clear();
            out.shrink_to(KEPT);
            if !same(shown.as_ref(), Some(frame)) {
                let pool = self.easel.palette.pool();
                tty::diff(shown.as_deref(), frame, pool, &caps, out);
            }
            let bytes: Arc<[u8]> = Arc::from(out.as_slice());
            written.push(Written {
                view,
                shown: shown.clone(),
                caps,
                bytes: Arc::clone(&bytes),
            });
            bytes
        };
        let bytes = if attached.pace.is_synced() && caps.sync {
            tty::as_one(bytes)
        } else {
            bytes
        };
        let (mut all, mut questions) = (Vec::new(), Vec::new());
        attached.begin(&caps, &mut all);
        all.append(&mut attached.extra);
        attached.ask(&caps, now, &mut questions);
        if all.is_empty() && questions.is_empty() {
            return Some(bytes);
        }
        all.extend_from_slice(&bytes);
        all.append(&mut questions);
        Some(Arc::from(all))
    }

    /// Gives what was copied to the clients' own clipboards (OSC 52).
    fn share_clipboard(&mut self) {
        let Some(clip) = self.mux.clipboard.take() else {
            return;
        };
        for (id, attached) in &mut self.attached {
            let client = self.mux.clients.get(id);
            let Some(client) = client.filter(|client| self.mux.may_have(&clip, client)) else {
                continue;
            };
            tty::clipboard(&client.caps, &clip.text, &mut attached.extra);
            attached.pace.demand();
        }
    }
}

/// Whether two frames are one and the same.
fn same(a: Option<&Arc<Frame>>, b: Option<&Arc<Frame>>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => Arc::ptr_eq(a, b),
        (None, None) => true,
        _ => false,
    }
}
