//! The mouse: a report at a place becomes a key of a table; drags and repeated
//! clicks are worked out here.

use std::time::Duration;

use crate::base::{
    ClientId, Key, KeyCode, Keystroke, Mods, MouseAction, MouseEvent, MouseKey, MousePlace, PaneId,
    Pos,
};
use crate::exec::MouseAt;
use crate::mux::mouse::Drag;
use crate::ui::{self, Place};

use super::Engine;

/// Time between two rows of a selection that is held at a pane's edge (as in tmux).
const EDGE_TIME: Duration = Duration::from_millis(50);
/// Longest time between the clicks of a double click (as in tmux).
const CLICK_TIME: Duration = Duration::from_millis(300);

/// What clicks must have in common to count as one more: the kind of place, and
/// the pane, as in tmux.
type Under = (MousePlace, Option<PaneId>);

/// A client's mouse between two reports.
#[derive(Debug, Default)]
pub(super) struct Mouse {
    /// The button held, and where it went down.
    held: Option<(u8, Pos)>,
    /// It moved since.
    dragged: bool,
    /// The last place reported.
    last: Pos,
    /// Clicks so far of the button at the place, and until when another counts.
    clicks: Option<(u8, Under, u8, Duration)>,
    /// A double click that becomes one if no third comes.
    pending: Option<(MouseEvent, Duration)>,
    /// A selection dragged to the edge of a pane scrolls on, next at this time.
    edge: Option<(PaneId, Duration)>,
}

impl Mouse {
    /// When a double click that is waited on becomes one.
    pub(super) fn deadline(&self) -> Option<Duration> {
        let pending = self.pending.map(|(_, at)| at);
        let edge = self.edge.map(|(_, at)| at);
        pending.into_iter().chain(edge).min()
    }

    /// The actions that a report amounts to.
    fn actions(&mut self, event: &MouseEvent, under: Under, now: Duration) -> Vec<MouseAction> {
        let at = Pos::new(event.x, event.y);
        let actions = match event.action {
            MouseAction::Down(button) => {
                self.held = Some((button, at));
                self.dragged = false;
                self.count_click(button, under, now, event)
            }
            MouseAction::Up(button) => {
                let held = self.held.take();
                let button = held.map_or(button, |(held, _)| held);
                if std::mem::take(&mut self.dragged) {
                    vec![MouseAction::DragEnd(button)]
                } else {
                    vec![MouseAction::Up(button)]
                }
            }
            MouseAction::Drag(_) if at == self.last => Vec::new(),
            MouseAction::Drag(button) => {
                self.held.get_or_insert((button, at));
                self.dragged = true;
                vec![MouseAction::Drag(button)]
            }
            other => vec![other],
        };
        self.last = at;
        actions
    }

    fn count_click(
        &mut self,
        button: u8,
        under: Under,
        now: Duration,
        event: &MouseEvent,
    ) -> Vec<MouseAction> {
        let count = match self.clicks {
            Some((old, before, count, until))
                if old == button && before == under && now <= until =>
            {
                count % 3 + 1
            }
            _ => 1,
        };
        self.clicks = Some((button, under, count, now + CLICK_TIME));
        self.pending = None;
        match count {
            2 => {
                self.pending = Some((*event, now + CLICK_TIME));
                vec![MouseAction::SecondClick(button)]
            }
            3 => vec![MouseAction::TripleClick(button)],
            _ => vec![MouseAction::Down(button)],
        }
    }
}

impl Engine {
    pub(super) fn mouse(&mut self, client: ClientId, event: MouseEvent) {
        let session = self.mux.clients.get(&client).and_then(|c| c.session);
        if !self.mux.session_flag(session, "mouse") {
            return;
        }
        let now = self.now().mono;
        let place = ui::place_at(&self.mux, client, Pos::new(event.x, event.y));
        let pane = place.pane();
        if self.modal_clicked(client, &event, pane) {
            return;
        }
        let under = (place.kind(), pane);
        let Some(attached) = self.attached.get_mut(&client) else {
            return;
        };
        let last = attached.mouse.last;
        attached.mouse.edge = None;
        let actions = attached.mouse.actions(&event, under, now);
        let start = attached.mouse.held.map_or(last, |(_, at)| at);
        for action in actions {
            let moved = MouseEvent { action, ..event };
            if self.drag_goes_on(client, &moved, last) {
                self.demand_all();
                continue;
            }
            self.mouse_key(client, moved, start, last);
        }
    }

    /// Turns double clicks that no third followed into keys.
    pub(super) fn tick_mouse(&mut self) {
        let now = self.now().mono;
        self.tick_edges(now);
        let due: Vec<_> = self
            .attached
            .iter_mut()
            .filter(|(_, attached)| attached.mouse.pending.is_some_and(|(_, at)| at <= now))
            .filter_map(|(id, attached)| Some((*id, attached.mouse.pending.take()?.0)))
            .collect();
        for (client, event) in due {
            if let MouseAction::Down(button) = event.action {
                let at = Pos::new(event.x, event.y);
                let action = MouseAction::DoubleClick(button);
                self.mouse_key(client, MouseEvent { action, ..event }, at, at);
            }
        }
    }

    fn mouse_key(&mut self, client: ClientId, event: MouseEvent, start: Pos, last: Pos) {
        // A drag and its end belong to the place where the button went down.
        let from = match event.action {
            MouseAction::Drag(_) | MouseAction::DragEnd(_) => start,
            _ => Pos::new(event.x, event.y),
        };
        let place = ui::place_at(&self.mux, client, from);
        let session = self.mux.clients.get(&client).and_then(|c| c.session);
        let session = match place {
            Place::StatusSession { session } => Some(session),
            _ => session,
        };
        let seen = |pane: &PaneId| {
            let window = session.and_then(|id| self.mux.current_window(id));
            window.is_some_and(|window| window.has(*pane))
        };
        let pane = place.pane().filter(seen);
        // Where no window is named it is the current one.
        let current = || Some(self.mux.sessions.get(&session?)?.current);
        let window = match place {
            Place::Status { index } => Some(index),
            // A range may name a pane that is not to be seen.
            Place::StatusPane { .. } => None,
            _ if pane.is_none() => current(),
            _ => None,
        };
        let key = Key {
            code: KeyCode::Mouse(MouseKey {
                action: event.action,
                place: place.kind(),
            }),
            mods: event.mods.without(Mods::NONE),
        };
        if self.float_mouse(client, &event)
            || self.overlay_takes(client, key)
            || self.prompt_takes(client, key)
        {
            self.demand_now(client);
            return;
        }
        if !self.may_type(client) && self.peeks_by_wheel(client, key) {
            self.demand_now(client);
            return;
        }
        let origin = match place {
            Place::Pane { origin, .. } => Some(origin),
            _ => None,
        };
        let at = MouseAt {
            event,
            session,
            window,
            pane,
            origin,
            start,
            last,
            client: Some(client),
            drags: self.drag_of(client).is_some(),
        };
        self.bound_key(client, key, Keystroke::default(), Some(at));
    }

    fn drag_of(&self, client: ClientId) -> Option<Drag> {
        self.mux.clients.get(&client).and_then(|client| client.drag)
    }

    /// A drag that has begun goes on without asking the key tables again; when
    /// the button is let go, or another goes down, it ends. Whether the report
    /// was part of it.
    fn drag_goes_on(&mut self, client: ClientId, event: &MouseEvent, last: Pos) -> bool {
        let Some(drag) = self.drag_of(client) else {
            return false;
        };
        let to = Pos::new(event.x, event.y);
        match event.action {
            MouseAction::Drag(_) => {}
            MouseAction::WheelUp | MouseAction::WheelDown | MouseAction::Move => return false,
            _ => {
                self.mux.end_drag(drag, to);
                if let Some(client) = self.mux.clients.get_mut(&client) {
                    client.drag = None;
                }
                return false;
            }
        }
        match drag {
            Drag::Select { pane, origin } => {
                if self.mux.drag_selection(pane, origin, to) {
                    self.arm_edge(client, pane);
                }
            }
            Drag::Border(_) | Drag::Float(_) | Drag::Edges(..) | Drag::Draw { .. } => {
                self.mux.drag_layout(drag, client, last, to);
            }
            Drag::Slider { pane, held, exits } => {
                let y = self.mux.row_of_bar(Some(client), pane, to);
                if y.is_some_and(|y| self.mux.slide(pane, y - held, exits)) {
                    self.mux.leave_mode(pane);
                }
            }
        }
        true
    }

    fn arm_edge(&mut self, client: ClientId, pane: PaneId) {
        let at = self.now().mono + EDGE_TIME;
        if let Some(attached) = self.attached.get_mut(&client) {
            attached.mouse.edge = Some((pane, at));
        }
    }

    /// Selections held at an edge scroll on.
    fn tick_edges(&mut self, now: Duration) {
        let due: Vec<_> = self
            .attached
            .iter_mut()
            .filter(|(_, attached)| attached.mouse.edge.is_some_and(|(_, at)| at <= now))
            .filter_map(|(id, attached)| Some((*id, attached.mouse.edge.take()?.0)))
            .collect();
        for (client, pane) in due {
            let drags = matches!(self.drag_of(client), Some(Drag::Select { .. }));
            if drags && self.mux.drag_scroll(pane) {
                self.arm_edge(client, pane);
                self.demand_all();
            }
        }
    }
}
