//! A client's standard input in a pane where nothing runs (`display-message -I`,
//! `split-window -I`): it is read to its end and shown as a program's output.

use crate::base::PaneId;
use crate::mux::{Effect, Mux};

use super::{Answer, Context, Outcome, Ran};

/// Asks for the input.
pub(super) fn ask(mux: &mut Mux, cx: &Context, pane: PaneId) -> Ran {
    let empty = mux.panes.get(&pane);
    if empty.is_none_or(|pane| !pane.spec.program.is_nothing()) {
        return Err("pane is not empty".to_owned());
    }
    let token = mux.ids.token();
    mux.emit(Effect::ReadFile {
        token,
        client: cx.client,
        path: "-".to_owned(),
    });
    Ok(Outcome::Wait(token))
}

/// Shows it, once it has been read.
pub(super) fn show(mux: &mut Mux, pane: PaneId, answer: Answer) -> Ran {
    let Answer::File(read) = answer else {
        return Ok(Outcome::Done);
    };
    // No terminal driver ends its lines (ONLCR).
    let mut bytes = Vec::new();
    for line in read?.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_suffix(b"\n") {
            Some(text) => {
                bytes.extend_from_slice(text);
                bytes.extend_from_slice(b"\r\n");
            }
            None => bytes.extend_from_slice(line),
        }
    }
    mux.emit(Effect::Show { pane, bytes });
    Ok(Outcome::Done)
}
