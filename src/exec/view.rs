//! `show-messages`: what was said to clients, and by whom which command was run.
//! The commands, which may hold what is secret, are not shown to those who may
//! only look or belong to one session. It changes nothing.

use crate::access::Grant;
use crate::base::Label;
use crate::command::args;
use crate::format::{self, Scope};
use crate::mux::Mux;

use super::{Context, Outcome, Ran};

/// `show-messages`.
pub(super) fn messages(mux: &Mux, cx: &mut Context, args: &args::ShowMessages) -> Ran {
    if args.terminals || args.jobs {
        if args.terminals {
            terminals(mux, cx);
        }
        if args.terminals && args.jobs {
            cx.print("");
        }
        if args.jobs {
            for (nth, command) in mux.jobs.under_way().iter().enumerate() {
                cx.print(&format!("Job {nth}: {}", Label::new(command)));
            }
        }
        return Ok(Outcome::Done);
    }
    let trusted = cx.authority.allows(Grant::Type) && cx.authority.only.is_none();
    for logged in mux.messages.iter().rev() {
        if logged.command && !trusted {
            continue;
        }
        let vars = [("message_time".to_owned(), logged.at.unix().to_string())];
        let scope = Scope {
            now: mux.now,
            ..Scope::default()
        };
        let scope = scope.with_vars(&vars);
        let time = format::expand("#{t/p:message_time}", mux, &scope);
        cx.print(&format!("{time}: {}", logged.text));
    }
    Ok(Outcome::Done)
}

/// Each client's terminal, and what it can do beyond the plain.
fn terminals(mux: &Mux, cx: &mut Context) {
    let with = mux
        .clients
        .values()
        .filter(|client| client.session.is_some());
    for (nth, client) in with.enumerate() {
        let Some(terminal) = &client.terminal else {
            continue;
        };
        let term = Label::new(&terminal.term);
        cx.print(&format!(
            "Terminal {nth}: {term} for {}, flags=0x0:",
            client.name
        ));
        let scope = Scope {
            client: Some(client.id),
            now: mux.now,
            ..Scope::default()
        };
        let features = format::expand("#{client_termfeatures}", mux, &scope);
        let named = features.split(',').filter(|name| !name.is_empty());
        for (nth, feature) in named.enumerate() {
            cx.print(&format!("{nth:4}: {feature}: (flag) true"));
        }
    }
}
