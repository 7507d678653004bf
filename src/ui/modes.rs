//! Modes of panes as they are drawn: lines of a list, a preview or information
//! about the selected one, key help and a prompt.

use crate::base::{Attrs, Cell, Color, PaneId, Pos, Size, Style, width};
use crate::config::colours;
use crate::format::{self, Scope};
use crate::mux::modes::{Item, Kind, Mode, Node, Preview};
use crate::mux::{Client, Mux, Pane, Session, Window};

use super::canvas::{BoxLines, Canvas};
use super::palette::Palette;
use super::prompt::PromptText;
use super::status::style_option;
use super::{help, info, numbers, status};

/// What all parts of a picture need.
pub(super) struct Drawing<'a> {
    pub(super) mux: &'a Mux,
    pub(super) pane: &'a Pane,
    pub(super) mode: &'a Mode,
    /// The style of boxes and lines.
    pub(super) border: Style,
}

/// The rows of a pane in a mode.
pub(super) fn rows(
    mux: &Mux,
    pane: &Pane,
    mode: &Mode,
    size: Size,
    palette: &mut Palette,
) -> Vec<Vec<Cell>> {
    let drawing = Drawing {
        mux,
        pane,
        mode,
        border: window_style(mux, pane.id, "tree-mode-border-style"),
    };
    let mut canvas = Canvas::new(size, Style::DEFAULT, palette);
    if mode.kind == Kind::Panes {
        numbers::draw(mux, pane, mode, &mut canvas);
        return canvas.rows;
    }
    if mode.kind == Kind::Switch {
        drawing.found(&mut canvas);
    } else {
        drawing.lines(&mut canvas);
        drawing.below(&mut canvas);
    }
    if mode.help {
        help::draw(&drawing, &mut canvas);
    }
    if let Some(prompt) = prompt(mux, mode)
        && let Some(row) = canvas
            .rows
            .get_mut(usize::from(prompt_row(mux, mode, size)))
    {
        prompt.draw(row, canvas.palette.pool_mut());
    }
    canvas.rows
}

fn scope(mux: &Mux, pane: PaneId) -> Scope<'static> {
    let window = mux.window_of(pane);
    Scope {
        session: window.and_then(|window| mux.sessions_of(window.id).next().map(|own| own.id)),
        window: window.map(|window| window.id),
        pane: Some(pane),
        now: mux.now,
        ..Scope::default()
    }
}

fn window_style(mux: &Mux, pane: PaneId, option: &str) -> Style {
    let window = mux.window_of(pane).map(|window| window.id);
    let text = mux.window_str(window, option);
    style_option(mux, &scope(mux, pane), text, Style::DEFAULT)
}

fn prompt(mux: &Mux, mode: &Mode) -> Option<PromptText> {
    let prompt = mode.prompt.as_deref()?;
    let session = prompt.session.unwrap_or(mode.at.session);
    Some(PromptText::prompt(
        mux,
        &Scope::of_session(mux, session),
        prompt,
    ))
}

fn prompt_row(mux: &Mux, mode: &Mode, size: Size) -> u16 {
    let session = mode.prompt.as_ref().and_then(|prompt| prompt.session);
    if mode.kind != Kind::Switch && mux.session_str(session, "status-position") == "top" {
        0
    } else {
        size.rows() - 1
    }
}

/// Where a mode has its cursor; none while nothing is asked.
pub(super) fn cursor(mux: &Mux, mode: &Mode, size: Size) -> Option<Pos> {
    let column = prompt(mux, mode)?.cursor_at(size.cols())?;
    Some(Pos::new(column, prompt_row(mux, mode, size)))
}

fn theme(name: &str) -> Color {
    colours::parse(name).map_or(Color::Default, |colour| colour.resolve(Color::Default))
}

impl Drawing<'_> {
    /// The selected item, or the one that stands for it in the preview.
    fn shown(&self) -> Option<&Item> {
        let item = self.mode.tree.selected()?;
        if item.draw_as_parent {
            return self.mode.tree.items.get(item.parent?);
        }
        Some(item)
    }

    fn lines(&self, canvas: &mut Canvas<'_>) {
        let tree = &self.mode.tree;
        let selection = window_style(self.mux, self.pane.id, "tree-mode-selection-style");
        let keys = tree.lines.iter().filter_map(|at| tree.items.get(*at)?.key);
        let key_width = keys.map(|key| key.to_string().len() + 3).max().unwrap_or(0);
        let mut widths: Vec<usize> = Vec::new();
        for item in tree.lines.iter().filter_map(|at| tree.items.get(*at)) {
            if widths.len() <= item.depth {
                widths.resize(item.depth + 1, 0);
            }
            if item.align != 0 {
                widths[item.depth] = widths[item.depth].max(item.name.len());
            }
        }
        let flat = tree.flat_lines();
        let seen = tree.lines.iter().enumerate().skip(tree.offset);
        for ((line, at), y) in seen.take(tree.height).zip(0u16..) {
            let Some(item) = tree.items.get(*at) else {
                continue;
            };
            let flat = flat.get(line).copied().unwrap_or(true);
            let selected = line == tree.current;
            let mut base = if selected { selection } else { Style::DEFAULT };
            if selected && item.tagged {
                base = base.fg(theme("themecyan"));
            }
            let prefix = self.prefix(item, key_width, flat);
            let columns = canvas.size().cols();
            if selected {
                canvas.blank(Pos::new(0, y), columns, Style::DEFAULT.bg(base.bg));
            }
            let mut x = canvas.styled(Pos::new(0, y), columns, &prefix, base, selected);
            if item.tagged {
                base = base.fg(theme("themecyan"));
            }
            let pad = widths.get(item.depth).copied().unwrap_or(0);
            let name = match item.align {
                1.. => format!("{:>pad$}", item.name),
                0 => item.name.clone(),
                _ => format!("{:<pad$}", item.name),
            };
            let tag = if item.tagged { "*" } else { "" };
            let name = format!("{}{tag}", name.replace('#', "##"));
            let text = item.text.as_deref();
            let separator = text.map_or("", |_| "#[fg=themelightgrey]: #[default]");
            let head = format!("{name}{separator}");
            x += canvas.styled(Pos::new(x, y), columns - x, &head, base, selected);
            if let Some(text) = text
                && x < columns
            {
                canvas.styled(Pos::new(x, y), columns - x, text, base, selected);
            }
        }
    }

    /// The list of `switch-mode`: what was typed is marked where it was found.
    fn found(&self, canvas: &mut Canvas<'_>) {
        let tree = &self.mode.tree;
        let selection = window_style(self.mux, self.pane.id, "tree-mode-selection-style");
        let mark = window_style(self.mux, self.pane.id, "switch-mode-match-style");
        let typed = self.mode.typed();
        let columns = canvas.size().cols();
        let seen = tree.lines.iter().enumerate().skip(tree.offset);
        for ((line, at), y) in seen.take(tree.height).zip(0u16..) {
            let Some(text) = tree.items.get(*at).and_then(|item| item.text.as_deref()) else {
                continue;
            };
            let selected = line == tree.current;
            let base = if selected { selection } else { Style::DEFAULT };
            if selected {
                canvas.blank(Pos::new(0, y), columns, Style::DEFAULT.bg(base.bg));
            }
            canvas.styled(Pos::new(0, y), columns, text, base, selected);
            let (_, marked) = format::rank(&typed, text).unwrap_or_default();
            for x in marked.into_iter().filter_map(|x| u16::try_from(x).ok()) {
                canvas.restyle(Pos::new(x, y), mark);
            }
        }
    }

    /// What stands before an item's name: its key, the branches, and whether
    /// it is open.
    fn prefix(&self, item: &Item, key_width: usize, flat: bool) -> String {
        let tree = &self.mode.tree;
        let key = item.key.map_or_else(String::new, |key| format!("({key})"));
        let mut out = format!(
            "#[fg=themelightgrey]#[bg=default]{}",
            format!("{key:<key_width$}").replace('#', "##")
        );
        if let Some(parent) = item.parent.and_then(|at| tree.items.get(at)) {
            for _ in 1..item.depth {
                out.push_str(if parent.last { "    " } else { "│   " });
            }
            out.push_str(if item.last {
                "└─→ "
            } else {
                "├─→ "
            });
        }
        let grey = "#[fg=themelightgrey]#[bg=default]";
        if item.has_children {
            let (colour, sign) = if item.expanded {
                ("themered", '-')
            } else {
                ("themegreen", '+')
            };
            out.push_str(&format!("#[fg={colour}]{sign}{grey} "));
        } else if !flat {
            out.push_str("  ");
        }
        out
    }

    /// The box below the lines.
    fn below(&self, canvas: &mut Canvas<'_>) {
        let size = canvas.size();
        let (columns, rows) = (size.cols(), size.rows());
        let height = u16::try_from(self.mode.tree.height).unwrap_or(rows);
        if self.mode.tree.preview == Preview::Off
            || rows <= 4
            || height < 2
            || rows.saturating_sub(height) <= 4
            || columns <= 4
        {
            return;
        }
        let Some(item) = self.shown() else { return };
        let room = Size::new(columns, rows - height);
        canvas.frame(Pos::new(0, height), room, BoxLines::SINGLE, self.border);
        self.title(item, height, canvas);
        let inner = Size::new(columns - 4, rows - height - 2);
        let at = Pos::new(2, height + 1);
        if self.mode.info || self.mode.kind == Kind::Options {
            info::draw(self, item, at, inner, canvas);
        } else {
            self.preview(&item.node, at, inner, canvas);
        }
    }

    fn title(&self, item: &Item, y: u16, canvas: &mut Canvas<'_>) {
        let mode = self.mode;
        let reversed = if mode.tree.reversed { ", reversed" } else { "" };
        let view = match mode.kind {
            Kind::Tree | Kind::Client if mode.info => " (view: info)",
            Kind::Tree | Kind::Client => " (view: preview)",
            _ => "",
        };
        let text = match mode.tree.order {
            "" => format!(" {}", item.name),
            order => format!(" {} (sort: {order}{reversed}){view}", item.name),
        };
        let room = usize::from(canvas.size().cols() - 2);
        let wide = width::str_width(&text);
        if room < wide {
            return;
        }
        let found = if mode.tree.no_matches {
            "no matches"
        } else {
            "active"
        };
        let rest = if mode.filter.is_some() && room >= wide + 10 + found.len() + 2 {
            format!(" (filter: {found}) ")
        } else {
            " ".to_owned()
        };
        let columns = canvas.size().cols() - 2;
        canvas.text(
            Pos::new(1, y),
            &format!("{text}{rest}"),
            columns,
            self.border,
        );
    }

    fn preview(&self, node: &Node, at: Pos, size: Size, canvas: &mut Canvas<'_>) {
        let mux = self.mux;
        match node {
            Node::Session(id) => {
                if let Some(session) = mux.sessions.get(id) {
                    self.session(session, at, size, canvas);
                }
            }
            Node::Window(session, index) => {
                let owner = mux.sessions.get(session);
                let link = owner.and_then(|owner| owner.links.get(index));
                if let Some(window) = link.and_then(|link| mux.windows.get(&link.window)) {
                    self.window(window, at, size, canvas);
                }
            }
            Node::Pane(_, _, id) => {
                let own = self.mode.hides_own && *id == self.pane.id;
                if let Some(pane) = mux.panes.get(id).filter(|_| !own) {
                    canvas.preview(at, size, pane);
                }
            }
            Node::Buffer(name) => {
                let buffer = mux.buffers.get(Some(name));
                let data = buffer.map(|buffer| buffer.data.as_slice());
                buffer_lines(data.unwrap_or_default(), at, size, canvas);
            }
            Node::Client(id) => {
                if let Some(client) = mux.clients.get(id) {
                    self.client(client, at, size, canvas);
                }
            }
            _ => {}
        }
    }

    fn session(&self, session: &Session, at: Pos, size: Size, canvas: &mut Canvas<'_>) {
        let windows: Vec<(&Window, Scope<'_>)> = session
            .links
            .iter()
            .filter_map(|(index, link)| {
                let window = self.mux.windows.get(&link.window)?;
                let scope = Scope {
                    session: Some(session.id),
                    window: Some(window.id),
                    index: Some(*index),
                    pane: Some(window.active),
                    now: self.mux.now,
                    ..Scope::default()
                };
                Some((window, scope))
            })
            .collect();
        let current = session
            .links
            .keys()
            .position(|index| *index == session.current);
        let vars = kinds("window_format");
        let parts: Vec<Part<'_>> = windows
            .iter()
            .filter_map(|(window, scope)| {
                let pane = self.mux.panes.get(&window.active)?;
                let scope = scope.with_vars(&vars);
                Some(self.part(pane, &scope, |option| {
                    self.mux.window_str(Some(window.id), option)
                }))
            })
            .collect();
        self.row(&parts, current.unwrap_or(0), at, size, canvas);
    }

    fn window(&self, window: &Window, at: Pos, size: Size, canvas: &mut Canvas<'_>) {
        let panes: Vec<PaneId> = window
            .panes()
            .iter()
            .copied()
            .filter(|pane| !(self.mode.hides_own && *pane == self.pane.id))
            .collect();
        let current = panes.iter().position(|pane| *pane == window.active);
        let vars = kinds("pane_format");
        let parts: Vec<Part<'_>> = panes
            .iter()
            .filter_map(|id| {
                let pane = self.mux.panes.get(id)?;
                let scope = scope(self.mux, *id).with_vars(&vars);
                Some(self.part(pane, &scope, |option| self.mux.pane_str(Some(*id), option)))
            })
            .collect();
        self.row(&parts, current.unwrap_or(panes.len()), at, size, canvas);
    }

    fn part<'a>(
        &self,
        pane: &'a Pane,
        scope: &Scope<'_>,
        option: impl Fn(&str) -> &'a str,
    ) -> Part<'a> {
        let style = option("tree-mode-preview-style");
        Part {
            pane,
            label: format::expand(option("tree-mode-preview-format"), self.mux, scope),
            style: style_option(self.mux, scope, style, Style::DEFAULT),
        }
    }

    /// Previews beside each other, as many as there is room for, with the
    /// current one among them.
    fn row(
        &self,
        parts: &[Part<'_>],
        current: usize,
        at: Pos,
        size: Size,
        canvas: &mut Canvas<'_>,
    ) {
        let total = parts.len();
        let columns = usize::from(size.cols());
        if total == 0 {
            return;
        }
        let visible = if columns / total < 24 {
            (columns / 24).max(1)
        } else {
            total
        };
        let start = if current < visible {
            0
        } else if current >= total - visible {
            total - visible
        } else {
            current - visible / 2
        };
        let scrolled = isize::try_from(self.mode.scrolled).unwrap_or(0);
        let start = start.saturating_add_signed(scrolled).min(total - visible);
        let end = start + visible;
        let (mut left, mut right) = (start != 0, end != total);
        if (left && right && columns <= 6) || ((left || right) && columns <= 3) {
            (left, right) = (false, false);
        }
        let taken = 3 * (usize::from(left) + usize::from(right));
        let each = (columns - taken) / visible;
        let rest = columns - taken - visible * each;
        if each == 0 {
            return;
        }
        let middle = at.y + size.rows() / 2;
        if left {
            canvas.down(Pos::new(at.x + 2, at.y), size.rows(), self.border);
            canvas.text(Pos::new(at.x, middle), "<", 1, Style::DEFAULT);
        }
        if right {
            let x = at.x + size.cols();
            canvas.down(Pos::new(x - 3, at.y), size.rows(), self.border);
            canvas.text(Pos::new(x - 1, middle), ">", 1, Style::DEFAULT);
        }
        for (part, nth) in parts[start..end].iter().zip(0..) {
            let last = nth + 1 == visible;
            let offset = if left { 3 } else { 0 } + nth * each;
            let wide = if last { each + rest } else { each - 1 };
            let cells = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
            let from = Pos::new(at.x + cells(offset), at.y);
            let room = (cells(wide), size.rows());
            if room.0 == 0 {
                continue;
            }
            canvas.preview(from, Size::new(room.0, room.1), part.pane);
            self.label(part, from, room, canvas);
            if !last {
                canvas.down(Pos::new(from.x + room.0, at.y), size.rows(), self.border);
            }
        }
    }

    /// The name of a preview, in a box in its middle.
    fn label(
        &self,
        part: &Part<'_>,
        at: Pos,
        (columns, rows): (u16, u16),
        canvas: &mut Canvas<'_>,
    ) {
        if columns < 5 || rows < 3 || part.label.is_empty() {
            return;
        }
        let (wide, _) = super::styled::measure(&part.label, part.style);
        let wide = u16::try_from(wide).unwrap_or(u16::MAX).min(columns - 4);
        if wide == 0 {
            return;
        }
        let (x, y) = ((columns - wide).div_ceil(2), rows.div_ceil(2));
        let corner = Pos::new(at.x + x - 2, at.y + y - 1);
        canvas.frame(
            corner,
            Size::new(wide + 4, 3),
            BoxLines::SINGLE,
            self.border,
        );
        let under = Style::DEFAULT.bg(self.border.bg);
        canvas.blank(Pos::new(corner.x + 1, corner.y + 1), wide + 2, under);
        let inside = Pos::new(corner.x + 2, corner.y + 1);
        let style = match part.style.bg {
            Color::Default => part.style.bg(self.border.bg),
            _ => part.style,
        };
        canvas.styled(inside, wide, &part.label, style, false);
    }

    fn client(&self, client: &Client, at: Pos, size: Size, canvas: &mut Canvas<'_>) {
        let session = client.session;
        let scope = Scope::of_client(self.mux, client.id).trusted();
        let mut lines = status::lines(self.mux, client, &scope);
        let mut taken = u16::try_from(lines.len()).unwrap_or(u16::MAX);
        if taken >= size.rows() {
            lines.clear();
            taken = 0;
        }
        // Its status lines lie where they lie on its screen.
        let top = taken > 0 && self.mux.session_str(session, "status-position") == "top";
        let above = if top { taken } else { 0 };
        let pane = session.and_then(|id| self.mux.current_pane(id));
        let room = size.rows().saturating_sub(taken + 2);
        if let Some(pane) = pane.and_then(|id| self.mux.panes.get(&id))
            && room > 0
        {
            let place = Pos::new(at.x, at.y + above);
            canvas.preview(place, Size::new(size.cols(), room), pane);
        }
        let rule = if top { 2 } else { size.rows() - 1 - taken };
        canvas.across(Pos::new(at.x, at.y + rule), size.cols(), self.border);
        let columns = client.size().map_or(size.cols(), |size| size.cols());
        let first = if top { 0 } else { size.rows() - taken };
        for (text, y) in lines.iter().zip(at.y + first..) {
            let laid_out = text.layout(columns, canvas.palette.pool_mut());
            let row = canvas.rows.get_mut(usize::from(y));
            let row = row.and_then(|row| row.get_mut(usize::from(at.x)..));
            let cells = laid_out.cells.into_iter().take(usize::from(size.cols()));
            for (own, cell) in row.into_iter().flatten().zip(cells) {
                *own = cell;
            }
        }
    }
}

/// One of several previews.
struct Part<'a> {
    pane: &'a Pane,
    label: String,
    style: Style,
}

fn kinds(kind: &str) -> Vec<(String, String)> {
    let names = ["session_format", "window_format", "pane_format"];
    let set = names.map(|name| (name.to_owned(), u8::from(name == kind).to_string()));
    set.to_vec()
}

/// The first lines of a buffer, controls spelled out.
fn buffer_lines(data: &[u8], at: Pos, size: Size, canvas: &mut Canvas<'_>) {
    const MOST: usize = 4096;
    let lines = data
        .split(|byte| *byte == b'\n')
        .take(usize::from(size.rows()));
    for (line, y) in lines.zip(at.y..) {
        let line = String::from_utf8_lossy(&line[..line.len().min(MOST)]);
        let mut text = String::new();
        for ch in line.chars() {
            match ch {
                '\t' => text.push_str("\\t"),
                '\r' => text.push_str("\\r"),
                '\x07' => text.push_str("\\a"),
                '\x08' => text.push_str("\\b"),
                '\x1b' => text.push_str("\\033"),
                ch if ch.is_control() => text.push_str(&format!("\\{:03o}", u32::from(ch))),
                ch => text.push(ch),
            }
        }
        canvas.text(Pos::new(at.x, y), &text, size.cols(), Style::DEFAULT);
    }
}

/// The attributes of a dimmed item.
pub(super) const fn dimmed(style: Style) -> Style {
    style.with(Attrs::DIM)
}
