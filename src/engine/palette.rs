//! Programs' questions for colours of the palette that they have not set (OSC 4):
//! put to the terminal of whoever was the last to type, and its answer handed
//! back. No guest's terminal is asked, since it is another machine's; an answer
//! that nobody waits for is dropped.

use std::collections::VecDeque;
use std::time::Duration;

use crate::base::{ClientId, PaneId};
use crate::mux::Effect;
use crate::mux::pane::Pane;
use crate::tty;

use super::Engine;

/// How long a terminal's answer is waited for.
const ANSWER_TIME: Duration = Duration::from_millis(500);

/// The most questions that are open at one terminal: all colours, of two programs.
const MOST: usize = 512;

/// Who waits for the colours of one terminal, in order.
#[derive(Debug, Default)]
pub(super) struct ColorWishes(VecDeque<Wish>);

#[derive(Debug)]
struct Wish {
    until: Duration,
    index: u8,
    pane: PaneId,
    /// The question ended in ST.
    st: bool,
}

impl Engine {
    /// Asks for a colour on behalf of a program.
    pub(super) fn program_asks_color(&mut self, pane: PaneId, index: u8, st: bool) {
        let now = self.now().mono;
        let Some(window) = self.mux.panes.get(&pane).map(|pane| pane.window) else {
            return;
        };
        let shown = self.mux.clients.values().filter(|client| {
            let session = client.session.and_then(|id| self.mux.sessions.get(&id));
            let plain = client.control.is_none() && !client.records && client.guest_of().is_none();
            plain && client.caps.answers && session.is_some_and(|owner| owner.has(window))
        });
        let Some(client) = shown
            .max_by_key(|client| client.latest)
            .map(|client| client.id)
        else {
            return;
        };
        let Some(attached) = self.attached.get_mut(&client) else {
            return;
        };
        let wishes = &mut attached.colors.0;
        // They are in the order of their times.
        while wishes.front().is_some_and(|wish| wish.until <= now) {
            wishes.pop_front();
        }
        if wishes.len() == MOST {
            return;
        }
        wishes.push_back(Wish {
            until: now + ANSWER_TIME,
            index,
            pane,
            st,
        });
        tty::ask_palette(index, &mut attached.extra);
        attached.pace.demand_now();
    }

    /// A terminal has said what a colour of its palette is.
    pub(super) fn color_came(&mut self, id: ClientId, index: u8, rgb: (u8, u8, u8)) {
        let now = self.now().mono;
        let Some(attached) = self.attached.get_mut(&id) else {
            return;
        };
        let wishes = &mut attached.colors.0;
        let fits = |wish: &Wish| wish.index == index && now < wish.until;
        let Some(wish) = wishes
            .iter()
            .position(fits)
            .and_then(|at| wishes.remove(at))
        else {
            return;
        };
        let pane = wish.pane;
        if self.mux.panes.get(&pane).is_some_and(Pane::takes_input) {
            let mut bytes = Vec::new();
            tty::palette_answer(index, rgb, wish.st, &mut bytes);
            self.mux.emit(Effect::PaneWrite { pane, bytes });
        }
    }
}
