//! The keys of a client's own look into a pane's history. They change that look
//! alone.

use crate::base::key::{MouseAction, MouseKey};
use crate::base::{ClientId, Key, KeyCode};
use crate::mux::client::Overlay;
use crate::term::Direction;

use super::Engine;
use super::overlay::motion;
use super::prompt::is_plain;

/// Rows that a turn of the wheel moves.
const WHEEL: isize = 5;

impl Engine {
    /// Handles a key of an open look; any mouse key but the wheel is dropped.
    pub(super) fn peek_key(&mut self, client: ClientId, key: Key, rows: usize) {
        let Some(owner) = self.mux.clients.get(&client) else {
            return;
        };
        let hidden = self.mux.hidden_from(owner).cloned();
        let hidden = hidden.as_ref();
        let Some(owner) = self.mux.clients.get_mut(&client) else {
            return;
        };
        let Some(Overlay::Peek(peek)) = owner.overlay.as_deref_mut() else {
            return;
        };
        let Some(pane) = self.mux.panes.get(&peek.pane) else {
            owner.overlay = None;
            return;
        };
        let term = &pane.term;
        if let KeyCode::Mouse(MouseKey { action, .. }) = key.code {
            match action {
                MouseAction::WheelUp => peek.scroll(term, -WHEEL),
                MouseAction::WheelDown => peek.scroll(term, WHEEL),
                _ => {}
            }
            return;
        }
        if let Some((text, _)) = &mut peek.typing {
            match key.code {
                KeyCode::Enter => peek.enter(term, hidden),
                KeyCode::Escape => peek.typing = None,
                KeyCode::Backspace => {
                    text.pop();
                }
                _ if key == Key::ctrl('c') => peek.typing = None,
                _ => {
                    if let Some(ch) = is_plain(key) {
                        peek.typed(ch.encode_utf8(&mut [0; 4]));
                    }
                }
            }
            return;
        }
        if let Some(by) = motion(key, rows) {
            peek.scroll(term, by);
            return;
        }
        match is_plain(key) {
            Some('/') => peek.typing = Some((String::new(), Direction::Forward)),
            Some('?') => peek.typing = Some((String::new(), Direction::Backward)),
            Some('n') => peek.again(term, false, hidden),
            Some('N') => peek.again(term, true, hidden),
            Some('q') => owner.overlay = None,
            _ if key.code == KeyCode::Escape || key == Key::ctrl('c') => owner.overlay = None,
            _ => {}
        }
    }

    /// Whether a wheel turned by one who may only look opens their own look.
    pub(super) fn peeks_by_wheel(&mut self, client: ClientId, key: Key) -> bool {
        let KeyCode::Mouse(MouseKey {
            action: MouseAction::WheelUp,
            ..
        }) = key.code
        else {
            return false;
        };
        let Some(pane) = self.active_pane(client) else {
            return false;
        };
        let Some(pane) = self.mux.panes.get(&pane) else {
            return false;
        };
        let mut peek = crate::mux::peek::Peek::new(pane.id, &pane.term);
        peek.scroll(&pane.term, -WHEEL);
        if let Some(owner) = self.mux.clients.get_mut(&client) {
            owner.overlay = Some(Box::new(Overlay::Peek(Box::new(peek))));
        }
        true
    }
}
