//! What covers a client's screen and takes its keys: text to read, a list to
//! choose from, the panes' numbers.

use crate::base::{ClientId, Key, KeyCode};
use crate::mux::client::{Overlay, TextView};

use super::Engine;
use super::prompt::is_plain;

enum Step {
    Stay,
    Close,
}

impl Engine {
    /// Whether an overlay is open and took the key.
    pub(super) fn overlay_takes(&mut self, client: ClientId, key: Key) -> bool {
        let rows = self.overlay_rows(client);
        let Some(owner) = self.mux.clients.get_mut(&client) else {
            return false;
        };
        let Some(overlay) = owner.overlay.as_deref_mut() else {
            return false;
        };
        if matches!(overlay, Overlay::Peek(_)) {
            self.peek_key(client, key, rows);
            return true;
        }
        if matches!(overlay, Overlay::Keys(_)) {
            self.help_key(client, key, rows);
            return true;
        }
        if key.is_mouse() {
            return true;
        }
        let step = match overlay {
            Overlay::Phases(_) => {
                self.panel_key(client, key, rows);
                return true;
            }
            Overlay::Text(view) => text_key(view, key, rows),
            Overlay::Peek(_) | Overlay::Keys(_) => return true,
            Overlay::People(_) => {
                self.people_key(client, key, rows);
                return true;
            }
        };
        let Some(owner) = self.mux.clients.get_mut(&client) else {
            return false;
        };
        match step {
            Step::Stay => {}
            Step::Close => owner.overlay = None,
        }
        true
    }

    fn overlay_rows(&self, client: ClientId) -> usize {
        let size = self.mux.clients.get(&client).and_then(|c| c.size());
        size.map_or(1, |size| usize::from(size.rows()).saturating_sub(2).max(1))
    }
}

/// The lines beyond any list's ends.
const FAR: isize = isize::MAX / 2;

/// The lines that a key moves by where letters are typed, or nothing if it is no
/// motion.
pub(super) fn plain_motion(key: Key, page: usize) -> Option<isize> {
    let page = isize::try_from(page).unwrap_or(1);
    Some(match key.code {
        KeyCode::Up => -1,
        KeyCode::Down => 1,
        KeyCode::PageUp => -page,
        KeyCode::PageDown => page,
        KeyCode::Home => -FAR,
        KeyCode::End => FAR,
        _ if key == Key::ctrl('p') => -1,
        _ if key == Key::ctrl('n') => 1,
        _ => return None,
    })
}

/// The lines a key moves by, or nothing if it is no motion.
pub(super) fn motion(key: Key, page: usize) -> Option<isize> {
    if let Some(by) = plain_motion(key, page) {
        return Some(by);
    }
    let page = isize::try_from(page).unwrap_or(1);
    if key == Key::ctrl('b') {
        return Some(-page);
    }
    if key == Key::ctrl('f') {
        return Some(page);
    }
    Some(match is_plain(key)? {
        'k' => -1,
        'j' => 1,
        'b' => -page,
        ' ' => page,
        'g' => -FAR,
        'G' => FAR,
        _ => return None,
    })
}

/// A key while a filter is typed; whether it is typed on.
pub(super) fn edit_filter(filter: &mut String, key: Key) -> bool {
    match key.code {
        KeyCode::Enter => return false,
        KeyCode::Escape => {
            filter.clear();
            return false;
        }
        KeyCode::Backspace => {
            filter.pop();
        }
        _ => filter.extend(is_plain(key)),
    }
    true
}

fn text_key(view: &mut TextView, key: Key, rows: usize) -> Step {
    if view.typing {
        view.typing = edit_filter(&mut view.filter, key);
        view.top = 0;
        return Step::Stay;
    }
    if let Some(by) = motion(key, rows) {
        let last = view.shown().count().saturating_sub(rows);
        view.top = view.top.saturating_add_signed(by).min(last);
        return Step::Stay;
    }
    match key.code {
        KeyCode::Escape | KeyCode::Enter => Step::Close,
        _ if key == Key::ctrl('c') => Step::Close,
        _ => match is_plain(key) {
            Some('q') => Step::Close,
            Some('/') => {
                view.typing = true;
                view.filter.clear();
                Step::Stay
            }
            _ => Step::Stay,
        },
    }
}
