//! Prompts and messages on a line: the label by `message-format`, the input
//! behind it scrolled to its cursor, and what Tab found.

use crate::base::{Attrs, Cell, Label, Pool, SessionId, Style, width};
use crate::config::{Align, StyleSpec};
use crate::format::{self, Scope};
use crate::mux::Mux;
use crate::mux::prompt::{Area, Prompt};
use crate::tty::CursorShape;

use super::styled;

/// A prompt or message before it is laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PromptText {
    /// The label, styles included.
    label: String,
    /// What the input looks like.
    base: Style,
    /// The input, as it is shown.
    input: String,
    /// Columns before the cursor.
    before: usize,
    /// What Tab found.
    matches: String,
    /// The cursor is shown.
    asks: bool,
    /// Width and alignment of its place on the line.
    width: Option<u16>,
    align: Align,
    /// The cursor's form.
    pub(super) cursor: (CursorShape, bool),
}

/// Text in which `#` means nothing.
pub(super) fn escape(text: &str) -> String {
    text.replace('#', "##")
}

impl PromptText {
    /// A message.
    pub(super) fn message(mux: &Mux, scope: &Scope<'_>, text: &Label) -> Self {
        let vars = [
            var("message", &escape(text.as_str())),
            var("command_prompt", "0"),
            var("prompt_flags", ""),
        ];
        let mut own = Self::new(mux, scope, &vars, false);
        own.asks = false;
        own
    }

    /// A prompt.
    pub(super) fn prompt(mux: &Mux, scope: &Scope<'_>, prompt: &Prompt) -> Self {
        let input = shown(&prompt.line.text());
        let flags = prompt.flags.names(prompt.command_mode, prompt.quoting);
        let mut vars = vec![
            var("prompt_input", &prompt.line.text()),
            var("prompt_flags", &flags),
            var("prompt_type", prompt.kind.name()),
            var(
                "command_prompt",
                if prompt.command_mode { "1" } else { "0" },
            ),
        ];
        let label = format::expand_time(&prompt.label, mux, &scope.with_vars(&vars));
        vars.push(var("message", &label));
        let mut own = Self::new(mux, scope, &vars, prompt.command_mode);
        let before = shown(&prompt.line.before_cursor());
        own.before = Label::new(&before).width();
        own.input = input;
        if prompt.quoting {
            own.input = format!(
                "{before}^{}",
                &own.input[before.len().min(own.input.len())..]
            );
        }
        if prompt.line.at_end() {
            // Those of a client's own prompt are a list beside it.
            let inside = prompt.flags.in_pane || prompt.flags.in_mode;
            for (text, _) in prompt.matches.iter().filter(|_| inside) {
                own.matches.push(' ');
                own.matches.push_str(text);
            }
        }
        let option = if prompt.command_mode {
            "prompt-command-cursor-style"
        } else {
            "prompt-cursor-style"
        };
        own.cursor = super::outline::cursor_style(mux.session_str(scope.session, option));
        own
    }

    fn new(mux: &Mux, scope: &Scope<'_>, vars: &[(String, String)], command: bool) -> Self {
        let scope = scope.with_vars(vars);
        let session = scope.session;
        let option = if command {
            "message-command-style"
        } else {
            "message-style"
        };
        let style = format::expand(mux.session_str(session, option), mux, &scope);
        let spec = StyleSpec::parse(&style).unwrap_or_default();
        let place = format::expand(mux.session_str(session, "message-style"), mux, &scope);
        let place = StyleSpec::parse(&place).unwrap_or_default();
        Self {
            label: format::expand_time(&template(mux, session), mux, &scope),
            base: spec.apply(Style::DEFAULT, Style::DEFAULT),
            input: String::new(),
            before: 0,
            matches: String::new(),
            asks: true,
            width: place.width,
            align: place.align.unwrap_or(Align::Default),
            cursor: (CursorShape::Default, false),
        }
    }

    fn area(&self, columns: u16) -> Area {
        Area::within(columns, self.width, self.align)
    }

    /// Where the label and the input begin in the area, and how far the input
    /// is scrolled.
    fn places(&self, columns: u16) -> (u16, u16, usize) {
        let (label, _) = styled::measure(&self.label, self.base);
        let wide = u16::try_from(label).unwrap_or(columns).min(columns);
        let left = usize::from(columns - wide);
        if left > 0 && self.before >= left {
            return (0, wide, self.before - left + 1);
        }
        let input = Label::new(&self.input).width();
        let room = columns - wide - u16::try_from(input).unwrap_or(columns).min(columns - wide);
        let from = match self.align {
            Align::Centre | Align::AbsoluteCentre => room / 2,
            Align::Right => room,
            Align::Default | Align::Left => 0,
        };
        (from, from + wide, 0)
    }

    /// The cursor's column; none for a message.
    pub(super) fn cursor_at(&self, columns: u16) -> Option<u16> {
        let area = self.area(columns);
        let (_, start, offset) = self.places(area.width);
        let column = u16::try_from(self.before - offset).unwrap_or(0);
        self.asks
            .then(|| (area.x + start + column).min(columns.saturating_sub(1)))
    }

    /// Draws it over the cells of a line.
    pub(super) fn draw(&self, cells: &mut [Cell], pool: &mut Pool) {
        let columns = u16::try_from(cells.len()).unwrap_or(u16::MAX);
        let area = self.area(columns);
        let from = usize::from(area.x);
        let Some(cells) = cells.get_mut(from..from + usize::from(area.width)) else {
            return;
        };
        let (from, start, offset) = self.places(area.width);
        let (_, fill) = styled::measure(&self.label, self.base);
        if let Some(fill) = fill {
            let blank = Cell::narrow(' ', pool.style(fill));
            cells.fill(blank);
        }
        let label = styled::layout(&self.label, start - from, self.base, pool);
        // Blanks at the end are of the line, not of the text.
        let mut shown = label.cells;
        let space = fill.filter(|_| self.input.is_empty());
        if let Some(fill) = space {
            let blank = Cell::narrow(' ', pool.style(fill));
            let text = pool.style(self.base);
            let bare = Cell::narrow(' ', text);
            for cell in shown.iter_mut().rev().take_while(|cell| **cell == bare) {
                *cell = blank;
            }
        }
        for (own, cell) in cells.iter_mut().skip(usize::from(from)).zip(shown) {
            *own = cell;
        }
        let start = usize::from(start);
        let x = put(cells, start, &self.input, offset, self.base, pool);
        if !self.matches.is_empty() {
            let style = Style {
                underline: crate::base::Underline::Single,
                ..self.base.with(Attrs::NONE)
            };
            put(cells, x, &self.matches, 0, style, pool);
        }
    }
}

/// Writes text from a column of it on; where it ends.
fn put(
    cells: &mut [Cell],
    at: usize,
    text: &str,
    skip: usize,
    style: Style,
    pool: &mut Pool,
) -> usize {
    let id = pool.style(style);
    let mut x = at;
    let mut passed = 0;
    for (cluster, columns) in width::clusters(text) {
        let columns = usize::from(columns);
        if passed < skip {
            passed += columns;
            continue;
        }
        if x + columns > cells.len() {
            break;
        }
        cells[x] = pool.cell(cluster, columns == 2, id);
        if columns == 2 {
            cells[x + 1] = Cell::tail(id);
        }
        x += columns;
    }
    x
}

fn var(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn template(mux: &Mux, session: Option<SessionId>) -> String {
    mux.session_text(session, "message-format")
}

/// Text with its controls as `^A`.
fn shown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for ch in text.chars() {
        match u8::try_from(ch) {
            Ok(0x7f) => out.push_str("^?"),
            Ok(byte @ 0..=0x1f) => {
                out.push('^');
                out.push(char::from(byte | 0x40));
            }
            _ => out.push(ch),
        }
    }
    out
}
