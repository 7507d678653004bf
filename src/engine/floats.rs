//! What floats over a client's panes: where it lies on that client's screen,
//! its keys and mouse, and what a popup's program writes.

use crate::base::{ClientId, Key, KeyCode, Keystroke, MouseAction, MouseEvent, PaneId, Pos, Size};
use crate::exec::{Answer, Authority, Context};
use crate::format::{self, Scope};
use crate::mux::Effect;
use crate::mux::floats::{Drag, Menu, Popup, Wanted};
use crate::mux::peer::ExitStatus;
use crate::term::Output;
use crate::ui;

use super::Engine;

impl Engine {
    /// Places what has no place yet, keeps popups on their screens, and closes
    /// what is of clients that see nothing any more.
    pub(super) fn settle_floats(&mut self) {
        let clients: Vec<ClientId> = self.mux.floats.keys().copied().collect();
        for client in clients {
            let screen = self.mux.clients.get(&client).and_then(|own| own.size());
            match screen {
                Some(screen) => self.place_floats(client, screen),
                None => {
                    self.mux.close_menu(client);
                    self.mux.close_popup(client);
                }
            }
        }
    }

    /// Tells those who waited for popups that have closed; whether there were any.
    pub(super) fn answer_closed_popups(&mut self) -> bool {
        let closed = std::mem::take(&mut self.mux.popups_closed);
        let any = !closed.is_empty();
        for (token, status) in closed {
            self.queue.answer(token, Answer::Closed(status));
        }
        // A buffer may have been edited in one.
        if any {
            self.mux.renew_modes();
        }
        any
    }

    fn place_floats(&mut self, client: ClientId, screen: Size) {
        let Some(mut floats) = self.mux.floats.remove(&client) else {
            return;
        };
        let mut too_large = false;
        if let Some(menu) = &mut floats.menu {
            if let Some(wanted) = menu.wanted.take() {
                let names = menu.items.iter().filter_map(|item| item.name.as_deref());
                let width = names.chain([menu.title.as_str()]).map(ui::text_width).max();
                menu.width = u16::try_from(width.unwrap_or(0)).unwrap_or(u16::MAX);
                menu.at = self.place(client, screen, menu.size(), &wanted, false);
                let above = self.rows_above(client);
                if let Some(attached) = self.attached.get_mut(&client) {
                    let y = menu.at.y.saturating_sub(above);
                    attached.last_menu = Some(Pos::new(menu.at.x, y));
                }
            }
            let size = menu.size();
            too_large = size.cols() > screen.cols() || size.rows() > screen.rows();
        }
        let mut resized = None;
        if let Some(popup) = &mut floats.popup {
            if let Some(wanted) = popup.wanted.take() {
                let at = self.place(client, screen, popup.size, &wanted, true);
                popup.asked = (at, popup.size);
            }
            popup.fit(screen);
            let inner = popup.inner();
            if inner != popup.term.size() && inner.cols() > 0 && inner.rows() > 0 {
                popup.term.resize(inner);
                resized = popup.ended.is_none().then_some((popup.id, inner));
            }
        }
        self.mux.floats.insert(client, floats);
        if let Some((pane, size)) = resized {
            self.mux.emit(Effect::PaneResize { pane, size });
        }
        if too_large {
            self.mux.close_menu(client);
        }
    }

    /// The status lines above a client's panes.
    fn rows_above(&self, client: ClientId) -> u16 {
        let session = self.mux.clients.get(&client).and_then(|c| c.session);
        match self.mux.session_str(session, "status-position") {
            "top" => self.mux.status_lines(session),
            _ => 0,
        }
    }

    /// The top left corner of something of a size (tmux(1), "display-menu").
    fn place(
        &self,
        client: ClientId,
        screen: Size,
        size: Size,
        wanted: &Wanted,
        popup: bool,
    ) -> Pos {
        let (w, h) = (i64::from(size.cols()), i64::from(size.rows()));
        // A menu covers no status lines, as in tmux 3.8: its rows are counted
        // without. A popup has the whole screen.
        let session = self.mux.clients.get(&client).and_then(|c| c.session);
        let lines = if popup {
            0
        } else {
            self.mux.status_lines(session)
        };
        let rows = screen.rows().saturating_sub(lines);
        let above = if popup { 0 } else { self.rows_above(client) };
        let above = i64::from(above);
        let (sx, sy) = (i64::from(screen.cols()), i64::from(rows));
        let vars = self.float_vars(client, (sx, sy), (w, h), wanted, popup);
        let at = wanted.at;
        let scope = Scope {
            client: Some(client),
            session: Some(at.session),
            window: Some(at.window),
            index: Some(at.index),
            pane: Some(at.pane),
            vars: &vars,
            now: self.now(),
            ..Scope::default()
        };
        let x = match wanted.x.as_deref() {
            None | Some("C") => "#{popup_centre_x}",
            Some("R") => "#{popup_pane_right}",
            Some("P") => "#{popup_pane_left}",
            Some("M") => "#{popup_mouse_centre_x}",
            Some("L") => "#{popup_last_x}",
            Some("W") => "#{popup_window_status_line_x}",
            Some(other) => other,
        };
        let y = match wanted.y.as_deref() {
            None | Some("C") => "#{popup_centre_y}",
            Some("P") => "#{popup_pane_bottom}",
            Some("M") => "#{popup_mouse_top}",
            Some("L") => "#{popup_last_y}",
            Some("S") => "#{popup_status_line_y}",
            Some("W") => "#{popup_window_status_line_y}",
            Some(other) => other,
        };
        let x = number(&format::expand(x, &self.mux, &scope));
        let x = if x + w >= sx { sx - w } else { x }.max(0);
        // Rows are those of the bottom edge.
        let y = number(&format::expand(y, &self.mux, &scope));
        let y = (y - h).max(0);
        let y = above + if y + h >= sy { sy - h } else { y }.max(0);
        let cell = |n: i64| u16::try_from(n).unwrap_or(0);
        Pos::new(cell(x), cell(y))
    }

    fn float_vars(
        &self,
        client: ClientId,
        (sx, sy): (i64, i64),
        (w, h): (i64, i64),
        wanted: &Wanted,
        popup: bool,
    ) -> Vec<(String, String)> {
        let mut vars = Vec::new();
        let mut add = |name: &str, value: i64| {
            vars.push((format!("popup_{name}"), value.to_string()));
        };
        let owner = self.mux.clients.get(&client);
        let session = owner.and_then(|owner| owner.session);
        let lines = i64::from(self.mux.status_lines(session));
        let top = self.mux.session_str(session, "status-position") == "top";
        let above = if top && !popup { lines } else { 0 };
        let panes = if popup { sy - lines } else { sy };
        // A popup's rows are those of the screen, a menu's those of the panes.
        let upper = if top && popup { lines } else { 0 };
        if lines > 0 {
            add("status_line_y", if top { h + upper } else { panes });
            if let Some((x, line)) = ui::window_in_status(&self.mux, client, wanted.at.index) {
                let line = i64::from(line);
                add("window_status_line_x", i64::from(x));
                let y = if top {
                    line + 1 + h - lines + upper
                } else {
                    panes + line
                };
                add("window_status_line_y", y);
            }
        }
        add("width", w);
        add("height", h);
        add("centre_x", ((sx - 1) / 2 - w / 2).max(0));
        let centre = (sy - 1) / 2 + h / 2;
        add("centre_y", if centre >= sy { sy - h } else { centre });
        if let Some(mouse) = wanted.mouse {
            let (x, y) = (i64::from(mouse.event.x), i64::from(mouse.event.y) - above);
            add("mouse_x", x);
            add("mouse_y", y);
            add("mouse_centre_x", (x - w / 2).max(0));
            let centre = y - h / 2;
            add(
                "mouse_centre_y",
                if centre + h >= sy { sy - h } else { centre },
            );
            add("mouse_top", (y + h).min(sy - 1));
            add("mouse_bottom", (y - h).max(0));
        }
        let window = self.mux.window_of(wanted.at.pane);
        if let Some(rect) = window.and_then(|window| window.place(wanted.at.pane)) {
            let (left, upper) = (i64::from(rect.x), i64::from(rect.y) + upper);
            let bottom = upper + i64::from(rect.height);
            add("pane_top", if upper + h >= sy { sy - h } else { upper + h });
            add("pane_bottom", bottom);
            add("pane_left", left);
            add("pane_right", (left + i64::from(rect.width) - w).max(0));
        }
        let last = self.attached.get(&client).and_then(|own| own.last_menu);
        if let Some(last) = last {
            add("last_x", i64::from(last.x));
            add("last_y", i64::from(last.y) + h);
        }
        vars
    }

    /// Whether a menu or popup is open and took the key.
    pub(super) fn float_takes(&mut self, client: ClientId, key: Key, stroke: Keystroke) -> bool {
        if self.mux.menu_of(client).is_some() {
            self.menu_key(client, key);
            return true;
        }
        if self.mux.popup_of(client).is_none() {
            return false;
        }
        self.popup_key(client, key, stroke);
        true
    }

    fn menu(&mut self, client: ClientId) -> Option<&mut Menu> {
        self.mux.floats.get_mut(&client)?.menu.as_deref_mut()
    }

    fn menu_key(&mut self, client: ClientId, key: Key) {
        let Some(menu) = self.menu(client) else {
            return;
        };
        let known = menu.items.iter().position(|item| item.key == Some(key));
        if let Some(at) = known.filter(|at| menu.can_choose(*at)) {
            menu.choice = Some(at);
            self.choose(client);
            return;
        }
        let plain = key.mods.is_empty();
        match key.code {
            KeyCode::Up | KeyCode::Char('k') | KeyCode::BackTab if plain => menu.step(false),
            KeyCode::Down | KeyCode::Char('j') if plain => menu.step(true),
            KeyCode::Home | KeyCode::Char('g') if plain => {
                menu.choice = None;
                menu.step(true);
            }
            KeyCode::End | KeyCode::Char('G') if plain => {
                menu.choice = None;
                menu.step(false);
            }
            KeyCode::PageUp | KeyCode::PageDown if plain => {
                menu.page(key.code == KeyCode::PageDown);
            }
            KeyCode::Char('b') if key == Key::ctrl('b') => menu.page(false),
            KeyCode::Enter if plain => self.choose(client),
            KeyCode::Escape | KeyCode::Char('q') if plain => {
                self.mux.close_menu(client);
            }
            KeyCode::Char('c' | 'g' | '[') if key.mods == crate::base::Mods::CTRL => {
                self.mux.close_menu(client);
            }
            _ => {}
        }
    }

    /// Runs the selected item, by the right of the client.
    fn choose(&mut self, client: ClientId) {
        let Some(menu) = self.mux.close_menu(client) else {
            return;
        };
        let Some(at) = menu.choice.filter(|at| menu.can_choose(*at)) else {
            return;
        };
        let (Some(item), Some(owner)) = (menu.items.get(at), self.mux.clients.get(&client)) else {
            return;
        };
        let mut cx = Context::for_client(&self.mux, client, Authority::of(owner));
        cx.current = menu.current;
        cx.mouse = menu.event;
        self.run_text(client, &item.command, cx);
    }

    fn popup(&mut self, client: ClientId) -> Option<&mut Popup> {
        self.mux.floats.get_mut(&client)?.popup.as_deref_mut()
    }

    fn popup_key(&mut self, client: ClientId, key: Key, stroke: Keystroke) {
        let may = self.may_type(client);
        let Some(popup) = self.popup(client) else {
            return;
        };
        let ended = popup.ended.is_some();
        let escapes = key == Key::plain(KeyCode::Escape) || key == Key::ctrl('c');
        if (escapes && (popup.closes == 0 || ended)) || (ended && popup.any_key) {
            self.mux.close_popup(client);
            return;
        }
        if ended || !may {
            return;
        }
        let mut bytes = Vec::new();
        popup.term.encode_stroke(key, stroke, &mut bytes);
        let pane = popup.id;
        if !bytes.is_empty() {
            self.mux.emit(Effect::PaneWrite { pane, bytes });
        }
    }

    /// Pasted text for a popup; whether there is one.
    pub(super) fn popup_pastes(
        &mut self,
        client: ClientId,
        text: &[u8],
        ends: (bool, bool),
    ) -> bool {
        let may = self.may_type(client);
        let Some(popup) = self.popup(client) else {
            return false;
        };
        if may && popup.ended.is_none() {
            let bracketed = popup.term.modes().bracketed_paste;
            let mut bytes = Vec::new();
            crate::term::encode_paste_piece(text, bracketed, ends, &mut bytes);
            let pane = popup.id;
            self.mux.emit(Effect::PaneWrite { pane, bytes });
        }
        true
    }

    /// Whether a menu or popup is open and took what the mouse did.
    pub(super) fn float_mouse(&mut self, client: ClientId, event: &MouseEvent) -> bool {
        if self.mux.menu_of(client).is_some() {
            self.menu_mouse(client, event);
            return true;
        }
        if self.mux.popup_of(client).is_some() {
            self.popup_mouse(client, event);
            return true;
        }
        false
    }

    fn menu_mouse(&mut self, client: ClientId, event: &MouseEvent) {
        let Some(menu) = self.menu(client) else {
            return;
        };
        let released = matches!(event.action, MouseAction::Up(_) | MouseAction::DragEnd(_));
        let pressed = matches!(
            event.action,
            MouseAction::Down(_) | MouseAction::SecondClick(_) | MouseAction::TripleClick(_)
        );
        if !menu.mouse {
            if pressed && !matches!(event.action, MouseAction::Down(1)) {
                self.mux.close_menu(client);
            }
            return;
        }
        let size = menu.size();
        let first = menu.at.y + 1;
        let rows = size.rows() - 2;
        let inside = (menu.at.x..menu.at.x + size.cols()).contains(&event.x)
            && (first..first + rows).contains(&event.y);
        let ends = if menu.stays_open { pressed } else { released };
        if !inside {
            menu.choice = None;
            if ends {
                self.mux.close_menu(client);
            }
            return;
        }
        let at = usize::from(event.y - first);
        menu.choice = Some(at);
        if ends {
            if menu.stays_open && !menu.can_choose(at) {
                return;
            }
            self.choose(client);
        }
    }

    fn popup_mouse(&mut self, client: ClientId, event: &MouseEvent) {
        let may = self.may_type(client);
        let Some(popup) = self.popup(client) else {
            return;
        };
        let (at, size) = (popup.at, popup.size);
        let place = Pos::new(event.x, event.y);
        if let Some(drag) = popup.drag {
            match event.action {
                MouseAction::Drag(_) => dragged(popup, drag, place),
                _ => popup.drag = None,
            }
            return;
        }
        let inside = (at.x..at.x + size.cols()).contains(&place.x)
            && (at.y..at.y + size.rows()).contains(&place.y);
        if !inside {
            return;
        }
        let inner = popup.inner();
        let origin = popup.origin();
        let within = place.x.checked_sub(origin.x).filter(|x| *x < inner.cols());
        let within = within.zip(place.y.checked_sub(origin.y).filter(|y| *y < inner.rows()));
        let held = event.mods == crate::base::Mods::META;
        if let MouseAction::Down(button) | MouseAction::Drag(button) = event.action
            && (within.is_none() || held)
        {
            popup.drag = match button {
                1 => Some(Drag::Move(Pos::new(place.x - at.x, place.y - at.y))),
                3 => Some(Drag::Size),
                _ => None,
            };
            return;
        }
        let (Some((x, y)), true) = (within, may && popup.ended.is_none()) else {
            return;
        };
        let mut bytes = Vec::new();
        let event = MouseEvent { x, y, ..*event };
        popup.term.encode_mouse(&event, &mut bytes);
        let pane = popup.id;
        if !bytes.is_empty() {
            self.mux.emit(Effect::PaneWrite { pane, bytes });
        }
    }

    /// What a popup's program wrote; whether there is such a popup.
    pub(super) fn popup_bytes(&mut self, id: PaneId, bytes: &[u8]) -> bool {
        let Some((client, popup)) = self.mux.popup_mut(id) else {
            return false;
        };
        let mut out = Output::default();
        popup.term.feed(bytes, &mut out);
        if !out.replies.is_empty() {
            self.mux.emit(Effect::PaneWrite {
                pane: id,
                bytes: out.replies,
            });
        }
        self.demand_of(client);
        true
    }

    /// A popup's program has ended; whether there is such a popup.
    pub(super) fn popup_exited(&mut self, id: PaneId, status: ExitStatus) -> bool {
        let Some((client, popup)) = self.mux.popup_mut(id) else {
            return false;
        };
        let code = match status {
            ExitStatus::Code(code) | ExitStatus::Signal(code) => code,
        };
        popup.ended = Some(code);
        let closes = popup.closes == 1 || (popup.closes == 2 && code == 0);
        if closes {
            self.mux.close_popup(client);
        }
        self.stirred = true;
        self.demand_of(client);
        true
    }

    /// A popup's program was started, or could not be; whether there is such a
    /// popup.
    pub(super) fn popup_started(&mut self, id: PaneId, why: Option<&str>) -> bool {
        let Some((client, _)) = self.mux.popup_mut(id) else {
            return false;
        };
        if let Some(why) = why {
            self.mux.say(client, crate::base::Label::new(why));
            self.mux.close_popup(client);
        }
        true
    }
}

fn dragged(popup: &mut Popup, drag: Drag, to: Pos) {
    match drag {
        Drag::Move(held) => {
            popup.asked.0 = Pos::new(to.x.saturating_sub(held.x), to.y.saturating_sub(held.y));
        }
        Drag::Size => {
            let least = if popup.bordered() { 3 } else { 1 };
            let cols = (to.x + 1).saturating_sub(popup.at.x);
            let rows = (to.y + 1).saturating_sub(popup.at.y);
            if cols >= least && rows >= least {
                popup.asked = (popup.at, Size::new(cols, rows));
            }
        }
    }
}

fn number(text: &str) -> i64 {
    let text = text.trim();
    let end = text.bytes().skip(1).position(|byte| !byte.is_ascii_digit());
    let end = end.map_or(text.len(), |at| at + 1);
    text.get(..end)
        .and_then(|text| text.parse().ok())
        .unwrap_or(0)
}
