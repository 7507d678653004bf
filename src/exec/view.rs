//! What a client sees beside its panes: messages, prompts, choosers, numbers.

use std::time::Duration;

use crate::base::Label;
use crate::command::args;
use crate::format::{self, Scope};
use crate::mux::Mux;
use crate::mux::resolve::Found;

use super::{Context, Outcome, Ran, places};

const MESSAGE_FORMAT: &str = "[#{session_name}] #{window_index}:#{window_name}, \
    current pane #{pane_index} - (%H:%M %d-%b-%y)";

/// `display-message`.
pub(super) fn message(mux: &mut Mux, cx: &mut Context, args: &args::DisplayMessage) -> Ran {
    if args.from_stdin {
        return Ok(Outcome::Done);
    }
    if args.message.is_some() && args.format.is_some() {
        return Err("only one of -F or argument must be given".to_owned());
    }
    let delay = match &args.delay {
        Some(text) => Some(places::count(text, "delay", 0, i64::from(u32::MAX))?),
        None => None,
    };
    // A target that is not there leaves its variables empty, as in tmux.
    let found = places::pane(mux, cx, args.target.as_ref());
    let found: Option<Found> = match (found, cx.authority.only) {
        (Ok(found), _) => Some(found),
        (Err(error), Some(_)) => return Err(error),
        (Err(_), None) => None,
    };
    let client = match args.client.as_deref() {
        Some(name) => places::client(mux, cx, Some(name)).ok(),
        None => mux.current_client(&cx.asker()),
    };
    let template = args
        .message
        .as_deref()
        .or(args.format.as_deref())
        .unwrap_or(MESSAGE_FORMAT);
    let text = if args.literal {
        template.to_owned()
    } else {
        let scope = match &found {
            Some(found) => places::scope(mux, cx, found),
            None => Scope {
                vars: &cx.variables,
                now: cx.now,
                ..Scope::default()
            },
        };
        let scope = Scope { client, ..scope };
        format::expand_time(template, mux, &scope)
    };
    if args.print {
        cx.print(&text);
    } else if let Some(client) = client {
        mux.say(client, Label::new(&text));
        if let Some(delay) = delay
            && let Some(message) = mux
                .clients
                .get_mut(&client)
                .and_then(|c| c.message.as_mut())
        {
            let time = Duration::from_millis(u64::try_from(delay).unwrap_or(0));
            message.until = (delay > 0).then(|| cx.now.mono + time);
        }
        if let Some(message) = mux
            .clients
            .get_mut(&client)
            .and_then(|c| c.message.as_mut())
        {
            message.stays = args.ignore_keys;
        }
    }
    Ok(Outcome::Done)
}

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
