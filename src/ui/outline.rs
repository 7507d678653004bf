//! What surrounds the panes: everything of a client's picture that only
//! commands, keys, names and time change, and no pane's output does. It is made
//! again when something of this kind happened, and clients whose outlines are
//! equal share one picture.

use std::cell::Cell;
use std::sync::Arc;

use crate::base::{ClientId, Color, Label, PaneId, Pos, Rect, SessionId, Size, WindowId};
use crate::config::colours;
use crate::format::{self, Scope};
use crate::mux::modes::Kind;
use crate::mux::{Client, Mux, Window};
use crate::tty::CursorShape;

use super::borders::Look;
use super::status::{self, StatusText};

/// Where panes and borders lie and how borders look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Arrangement {
    pub(super) window: WindowId,
    /// The window's own size.
    pub(super) inner: Size,
    pub(super) places: Vec<(PaneId, Rect)>,
    pub(super) active: PaneId,
    /// The room for windows on the client's screen.
    pub(super) size: Size,
    pub(super) origin: Pos,
    pub(super) look: Look,
    /// Names on upper borders, by `share-names`.
    pub(super) names: Vec<(Pos, Label)>,
    /// Where the view was moved by hand; none follows the cursor.
    pan: Option<(WindowId, Pos)>,
    in_mode: bool,
}

/// What surrounds the panes on a client's screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// The screen's size.
    pub(super) size: Size,
    pub(super) arrangement: Arrangement,
    pub(super) status: Vec<StatusText>,
    /// The first row of the status lines.
    pub(super) top: u16,
    /// The status line's row is one of the window's.
    pub(super) borrowed: bool,
    pub(super) title: Option<Label>,
    /// The cursor where no program has chosen.
    pub(super) cursor: (CursorShape, bool),
    pub(super) cursor_color: Color,
    /// A guest, who is not shown others' lists.
    pub(super) foreign: bool,
    /// It shows no secrets.
    pub(super) masked: bool,
    /// The session takes the mouse.
    pub(super) mouse: bool,
    pub(super) focus: bool,
    pub(super) extended_keys: bool,
    /// Its overlay is the client's own.
    pub(super) private: Option<ClientId>,
}

impl Outline {
    /// The window that is seen.
    #[must_use]
    pub fn window(&self) -> WindowId {
        self.arrangement.window
    }

    /// The active pane, to which keys go.
    #[must_use]
    pub fn active(&self) -> PaneId {
        self.arrangement.active
    }

    /// The outline for a client; none if it is not attached. `asked` is set if
    /// anything was made of the client's own variables.
    fn new(mux: &Mux, client: &Client, asked: &Cell<bool>) -> Option<Self> {
        let (size, session) = (client.size()?, client.session?);
        let window = mux.current_window(session)?;
        let scope = Scope {
            asked: Some(asked),
            ..Scope::of_client(mux, client.id)
        };
        let trusted = scope.trusted();
        let active = Some(window.active);
        let color = colours::parse(mux.pane_str(active, "cursor-colour"));
        Some(Self {
            size,
            arrangement: arrange(mux, client, window, &scope),
            status: status::lines(mux, client, &trusted),
            top: status::top_row(mux, client),
            borrowed: mux.status_lines(client.session) == 0,
            title: title(mux, client, &trusted),
            cursor: cursor_style(mux.pane_str(active, "cursor-style")),
            cursor_color: color.map_or(Color::Default, |color| color.resolve(Color::Default)),
            foreign: foreign(mux, client, window),
            masked: mux.hidden_from(client).is_some(),
            mouse: mux.session_flag(client.session, "mouse"),
            focus: mux.server_flag("focus-events"),
            extended_keys: mux.server_str("extended-keys") != "off",
            private: private(mux, client).then_some(client.id),
        })
    }
}

/// Whether something of the client's own lies over its panes.
fn private(mux: &Mux, client: &Client) -> bool {
    let listed = client.prompt.as_deref();
    let listed = listed.is_some_and(|prompt| !prompt.matches.is_empty());
    listed || client.overlay.is_some() || mux.floats.contains_key(&client.id)
}

/// Whether a guest looks at a list that shows more than its own session.
fn foreign(mux: &Mux, client: &Client, window: &Window) -> bool {
    let lists = |pane: &PaneId| {
        let mode = mux.panes.get(pane).and_then(|pane| pane.mode.as_ref());
        mode.is_some_and(|mode| mode.only != client.guest_of())
    };
    client.guest_of().is_some() && window.panes().iter().any(lists)
}

fn arrange(mux: &Mux, client: &Client, window: &Window, scope: &Scope<'_>) -> Arrangement {
    let mut look = Look::new(mux, window, scope);
    let mut places = window.visible();
    // The panes of a window with their numbers fill it without scrollbars.
    let numbers = |pane: PaneId| {
        let mode = mux.panes.get(&pane).and_then(|pane| pane.mode.as_deref());
        mode.is_some_and(|mode| mode.kind == Kind::Panes)
    };
    if window.zoomed.is_some_and(numbers) {
        look.without_bars();
        for ((_, rect), look) in places.iter_mut().zip(&look.tiled) {
            *rect = look.area.clipped();
        }
    }
    let in_mode = mux
        .panes
        .get(&window.active)
        .is_some_and(|pane| pane.copy.is_some() || pane.mode.is_some() || pane.clock);
    Arrangement {
        window: window.id,
        inner: window.size,
        places,
        active: window.active,
        size: mux.window_area(client).unwrap_or(window.size),
        origin: status::window_origin(mux, client.id),
        look,
        names: names(mux, window),
        pan: client.pan,
        in_mode,
    }
}

/// Who typed last in each pane that has a border above, then in brackets whose
/// focus is there as well, and where it is shown.
fn names(mux: &Mux, window: &Window) -> Vec<(Pos, Label)> {
    if !matches!(mux.server_str("share-names"), "border" | "both") {
        return Vec::new();
    }
    let places = window.visible().into_iter();
    let named = places.filter_map(|(id, rect)| {
        let typist = mux.panes.get(&id)?.typist.as_ref().map(Label::as_str);
        let others = mux.watchers(id).map(|client| client.name.as_str());
        let others: Vec<&str> = others.filter(|name| Some(*name) != typist).collect();
        let mut text = typist.unwrap_or_default().to_owned();
        if mux.clients.len() > 1 && !others.is_empty() {
            let gap = if text.is_empty() { "" } else { " " };
            text.push_str(&format!("{gap}({})", others.join(", ")));
        }
        let y = rect.y.checked_sub(1)?;
        let room = usize::from(rect.width).checked_sub(4)?;
        let text = crate::base::width::prefix(&text, room);
        let label = Label::new(&format!(" {text} "));
        (!text.is_empty()).then_some((Pos::new(rect.x + 1, y), label))
    });
    named.collect()
}

/// The form that `cursor-style` names, and whether it blinks.
pub(super) fn cursor_style(name: &str) -> (CursorShape, bool) {
    match name {
        "blinking-block" => (CursorShape::Block, true),
        "block" => (CursorShape::Block, false),
        "blinking-underline" => (CursorShape::Underline, true),
        "underline" => (CursorShape::Underline, false),
        "blinking-bar" => (CursorShape::Bar, true),
        "bar" => (CursorShape::Bar, false),
        _ => (CursorShape::Default, false),
    }
}

fn title(mux: &Mux, client: &Client, scope: &Scope<'_>) -> Option<Label> {
    if !mux.session_flag(client.session, "set-titles") {
        return None;
    }
    let template = mux.session_str(client.session, "set-titles-string");
    Some(Label::new(&format::expand_time(template, mux, scope)))
}

/// The outlines made in one turn: formats that do not speak of the client are
/// expanded once for all clients of a session.
#[derive(Debug, Default)]
pub struct Outlines {
    common: Vec<(SessionId, Arc<Outline>)>,
}

impl Outlines {
    /// The outline for a client; none if it is not attached.
    pub fn of(&mut self, mux: &Mux, client: &Client) -> Option<Arc<Outline>> {
        let (size, session) = (client.size()?, client.session?);
        let plain = client.prompt.is_none()
            && client.message.is_none()
            && !client.hint
            && !private(mux, client)
            && client.pan.is_none()
            && client.guest_of().is_none()
            && !client.records;
        if plain {
            let same = |(own, outline): &&(SessionId, Arc<Outline>)| {
                *own == session && outline.size == size
            };
            if let Some((_, outline)) = self.common.iter().find(same) {
                return Some(Arc::clone(outline));
            }
        }
        let asked = Cell::new(false);
        let outline = Arc::new(Outline::new(mux, client, &asked)?);
        if plain && !asked.get() {
            self.common.push((session, Arc::clone(&outline)));
        }
        Some(outline)
    }
}
