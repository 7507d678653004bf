//! `peek`: a client's own look into a pane's history. It changes the client
//! alone, so it is also what `copy-mode` does for one who may only look.

use crate::command::Target;
use crate::mux::Mux;
use crate::mux::client::Overlay;
use crate::mux::peek::Peek;

use super::{Context, Outcome, Ran, places};

/// Opens a look, one page above the end with `up`.
pub(super) fn open(mux: &mut Mux, cx: &Context, target: Option<&Target>, up: bool) -> Ran {
    let own = places::client(mux, cx, None)?;
    if cx.client != Some(own) {
        return Err("peek needs a terminal of its own".to_owned());
    }
    let found = places::pane(mux, cx, target)?;
    let pane = mux.panes.get(&found.pane).ok_or("no such pane")?;
    let mut peek = Peek::new(found.pane, &pane.term);
    if up {
        let page = isize::try_from(pane.term.size().rows()).unwrap_or(1);
        peek.scroll(&pane.term, 2 - page);
    }
    if let Some(client) = mux.clients.get_mut(&own) {
        client.overlay = Some(Box::new(Overlay::Peek(Box::new(peek))));
    }
    Ok(Outcome::Done)
}
