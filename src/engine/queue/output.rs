//! Where the words of a command line go: to a client's standard streams, a control
//! client's block, view mode in a pane, or what one client alone sees.

use memchr::memmem;

use crate::base::{ClientId, Label, PaneId, width};
use crate::exec::Context;
use crate::mux::Effect;
use crate::mux::client::{Overlay, TextView};
use crate::mux::effect::Stream;

use super::{Engine, Line, Source};

impl Engine {
    /// Writes to a control client, as part of the block if one is open. Whether
    /// it is one.
    pub(in crate::engine) fn print_control(&mut self, source: &Source, bytes: &[u8]) -> bool {
        let client = match source {
            Source::CommandLine(client) | Source::Attached(client) | Source::Control(client) => {
                self.mux.clients.get_mut(client)
            }
            Source::Config(_) | Source::Hook(_) | Source::Aside(_) => None,
        };
        let Some(control) = client.and_then(|client| client.control.as_deref_mut()) else {
            return false;
        };
        if !bytes.is_empty() {
            control.print(bytes);
        }
        true
    }

    /// A command client sees output as it comes; an attached one at the end.
    pub(super) fn flush_output(&mut self, line: &mut Line) {
        if self.print_control(&line.source, &line.cx.output) {
            line.cx.output.clear();
            return;
        }
        if let Source::Config(_) = line.source {
            self.note_output(line);
            return;
        }
        if line.block.is_some()
            && let Some(control) = line.client().and_then(|id| self.mux.control_mut(id))
        {
            if !line.cx.output.is_empty() {
                control.print(&std::mem::take(&mut line.cx.output));
            }
            return;
        }
        if let Source::CommandLine(client) = line.source
            && !line.cx.output.is_empty()
            && !self.is_attached(client)
        {
            let bytes = std::mem::take(&mut line.cx.output);
            self.mux.emit(Effect::Print {
                client,
                stream: Stream::Out,
                bytes,
            });
        }
    }

    /// What a command of the configuration printed is shown with its faults.
    fn note_output(&mut self, line: &mut Line) {
        let output = std::mem::take(&mut line.cx.output);
        for text in String::from_utf8_lossy(&output).lines() {
            self.complain_of(line, text);
        }
    }

    pub(super) fn is_attached(&self, client: ClientId) -> bool {
        let client = self.mux.clients.get(&client);
        client.is_some_and(|client| client.session.is_some())
    }

    /// Shows output in a pane's view mode.
    pub(in crate::engine) fn show_in_pane(&mut self, pane: PaneId, output: &[u8]) {
        if !output.is_empty() {
            let lines = output.split_inclusive(|byte| *byte == b'\n');
            let mut text = Vec::with_capacity(output.len() + 16);
            for line in lines {
                match line.strip_suffix(b"\n") {
                    Some(line) => {
                        text.extend_from_slice(line);
                        text.extend_from_slice(b"\r\n");
                    }
                    None => text.extend_from_slice(line),
                }
            }
            self.mux.show_in_view(pane, &text);
            self.demand_all();
        }
    }

    /// Output of a key's command: in view mode in the client's pane, as in tmux.
    /// One who may only look sees it alone: one line as a message, more as an
    /// overlay; so does who asks for what opens a session: a pane would show it
    /// to guests who may only look.
    pub(super) fn show_output(&mut self, client: ClientId, cx: &Context) {
        let output = &cx.output;
        let private = self.tells_a_token(output);
        if self.may_type(client)
            && !private
            && !output.is_empty()
            && let Some(pane) = self.active_pane(client)
        {
            self.mux.show_in_view(pane, output);
            return;
        }
        let text = String::from_utf8_lossy(output);
        let size = self.mux.clients.get(&client).and_then(|c| c.size());
        let cols = size.map_or(80, |size| usize::from(size.cols()).saturating_sub(2));
        let lines: Vec<Label> = if private {
            text.lines().flat_map(|line| folded(line, cols)).collect()
        } else {
            text.lines().map(Label::new).collect()
        };
        match lines.as_slice() {
            [] => {}
            [line] if !private => self.mux.say(client, line.clone()),
            _ => {
                let title = if private { "how to join" } else { "" };
                let view = TextView {
                    title: Label::new(title),
                    lines,
                    ..TextView::default()
                };
                if let Some(client) = self.mux.clients.get_mut(&client) {
                    client.overlay = Some(Box::new(Overlay::Text(view)));
                }
            }
        }
    }

    /// Whether a text holds what lets somebody into a session.
    fn tells_a_token(&self, text: &[u8]) -> bool {
        let shares = self.mux.sessions.values();
        let mut shares = shares.filter_map(|session| session.share.as_deref());
        shares.any(|share| {
            let mut tokens = share.token.iter().chain([&share.view_token]);
            tokens.any(|token| memmem::find(text, token.expose().as_bytes()).is_some())
        })
    }

    /// Says what went wrong while a command went on.
    pub(super) fn flush_warnings(&mut self, line: &mut Line) {
        let cx = line.context();
        let warnings = std::mem::take(&mut cx.warnings);
        let causes = std::mem::take(&mut cx.causes);
        for warning in warnings {
            self.complain_of(line, &warning);
        }
        for cause in causes {
            self.config_error(&cause);
        }
    }

    /// Says what went wrong with a line, where its words go.
    pub(super) fn complain_of(&mut self, line: &Line, message: &str) {
        match (&line.source, &line.at) {
            (Source::Config(_), (Some(file), number)) => {
                self.config_error(&format!("{file}:{number}: {message}"));
            }
            (Source::Aside(None), _) if line.block.is_some() => {
                let control = line.client().and_then(|id| self.mux.control_mut(id));
                if let Some(control) = control {
                    control.print(message.as_bytes());
                }
            }
            (source, _) => self.complain(source, message),
        }
    }
}

/// A line in pieces of so many columns.
fn folded(line: &str, cols: usize) -> Vec<Label> {
    let mut pieces = Vec::new();
    let mut rest = line;
    loop {
        let piece = width::prefix(rest, cols.max(2));
        pieces.push(Label::new(piece));
        rest = &rest[piece.len()..];
        if rest.is_empty() || piece.is_empty() {
            return pieces;
        }
    }
}
