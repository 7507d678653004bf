//! `show-messages`: what was said to clients. It changes nothing.

use crate::command::args;
use crate::format::{self, Scope};
use crate::mux::Mux;

use super::{Context, Outcome, Ran};

/// `show-messages`.
pub(super) fn messages(mux: &Mux, cx: &mut Context, _: &args::ShowMessages) -> Ran {
    let lines: Vec<String> = mux
        .messages
        .iter()
        .rev()
        .map(|logged| {
            let scope = Scope {
                now: logged.at,
                ..Scope::default()
            };
            format!(
                "{}: {}",
                format::expand_time("%H:%M:%S", mux, &scope),
                logged.text
            )
        })
        .collect();
    for line in lines {
        cx.print(&line);
    }
    Ok(Outcome::Done)
}
