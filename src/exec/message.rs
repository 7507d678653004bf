//! `display-message`: a format shown on a client's status line or printed, the
//! list of all variables, and how a format is read. It changes nothing of what
//! is shared.

use std::time::Duration;

use serde_json::Value;

use crate::base::{ClientId, Label};
use crate::command::args;
use crate::format::{self, Scope};
use crate::mux::Mux;
use crate::mux::resolve::Found;

use super::{Answer, Context, Outcome, Ran, places, shown};

const MESSAGE_FORMAT: &str = "[#{session_name}] #{window_index}:#{window_name}, \
    current pane #{pane_index} - (%H:%M %d-%b-%y)";

/// `display-message -I`, once the input is read.
pub(super) fn resumed(
    mux: &mut Mux,
    cx: &Context,
    args: &args::DisplayMessage,
    answer: Answer,
) -> Ran {
    let at = places::pane(mux, cx, args.target.as_ref())?;
    shown::show(mux, at.pane, answer)
}

/// `display-message`.
pub(super) fn show(mux: &mut Mux, cx: &mut Context, args: &args::DisplayMessage) -> Ran {
    if args.from_stdin {
        let at = places::pane(mux, cx, args.target.as_ref())?;
        return shown::ask(mux, cx, at.pane);
    }
    if args.message.is_some() && args.format.is_some() {
        return Err("only one of -F or argument must be given".to_owned());
    }
    let delay = match &args.delay {
        Some(text) => Some(places::count(text, "delay", 0, i64::from(u32::MAX))?),
        None => None,
    };
    // Of a target that is not there its variables are empty, as in tmux.
    let found = match cx.authority.only {
        Some(_) => Some(places::pane(mux, cx, args.target.as_ref())?),
        None => places::some_pane(mux, cx, args.target.as_ref())?,
    };
    // Who is told, and whom the format is about: with a target somewhere else one
    // of those who look at that.
    let told = match args.client.as_deref() {
        Some(name) => places::client(mux, cx, Some(name)).ok(),
        None => mux.current_client(&cx.asker()),
    };
    let client = seen_with(mux, told, found.as_ref());
    let mut vars = cx.variables.clone();
    vars.push(("command".to_owned(), "display-message".to_owned()));
    let scope = scope(mux, cx, found.as_ref(), client).with_vars(&vars);
    if args.all {
        let lines = format::all(mux, &scope);
        for (name, value) in lines {
            cx.print(&format!("{name}={value}"));
        }
        return Ok(Outcome::Done);
    }
    let template = args.message.as_deref().or(args.format.as_deref());
    let template = template.unwrap_or(MESSAGE_FORMAT);
    let (steps, text) = match (args.literal, args.verbose) {
        (true, _) => (Vec::new(), template.to_owned()),
        (false, true) => format::explain(template, mux, &scope),
        (false, false) => (Vec::new(), format::expand_time(template, mux, &scope)),
    };
    for step in steps {
        cx.print(&step);
    }
    let text = if args.json { json(&text)? } else { text };
    if args.print {
        cx.print(&text);
    } else if let Some(client) = told.or(client) {
        say(mux, cx, client, &text, (delay, args.ignore_keys));
    }
    Ok(Outcome::Done)
}

/// A JSON object written anew: without blanks, its keys in order.
fn json(text: &str) -> Result<String, String> {
    fn ordered(value: Value) -> Value {
        match value {
            Value::Array(items) => Value::Array(items.into_iter().map(ordered).collect()),
            Value::Object(fields) => {
                let mut fields: Vec<_> = fields.into_iter().collect();
                fields.sort_by(|(one, _), (other, _)| one.cmp(other));
                let fields = fields.into_iter().map(|(key, value)| (key, ordered(value)));
                Value::Object(fields.collect())
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
        }
    }
    let value: Value =
        serde_json::from_str(text).map_err(|error| format!("tokenization error: {error}"))?;
    if !value.is_object() {
        return Err(format!("expected object: {text}"));
    }
    Ok(ordered(value).to_string())
}

/// The client that a format is about: who is told, if that one shows the target's
/// session, or else the one that was used last of those who do.
fn seen_with(mux: &Mux, told: Option<ClientId>, found: Option<&Found>) -> Option<ClientId> {
    let Some(session) = found.map(|found| found.session) else {
        return told;
    };
    let there = mux.attached(session);
    let there = there.max_by_key(|client| (Some(client.id) == told, client.latest));
    there.map(|client| client.id).or(told)
}

fn scope<'a>(
    mux: &Mux,
    cx: &'a Context,
    found: Option<&Found>,
    client: Option<ClientId>,
) -> Scope<'a> {
    let scope = match found {
        Some(found) => places::scope(mux, cx, found),
        None => Scope {
            vars: &cx.variables,
            now: cx.now,
            ..Scope::default()
        },
    };
    Scope { client, ..scope }
}

/// Shows a message; it stays as long as it is told to, 0 until a key, or
/// whatever key is pressed.
fn say(
    mux: &mut Mux,
    cx: &Context,
    client: ClientId,
    text: &str,
    (delay, stays): (Option<i64>, bool),
) {
    mux.say(client, Label::new(text));
    let owner = mux.clients.get_mut(&client);
    let message = owner.and_then(|client| client.message.as_mut());
    if let (Some(message), Some(delay)) = (message, delay) {
        let time = Duration::from_millis(u64::try_from(delay).unwrap_or(0));
        message.until = (delay > 0).then(|| cx.now.mono + time);
    }
    let owner = mux.clients.get_mut(&client);
    if let Some(message) = owner.and_then(|client| client.message.as_mut()) {
        message.stays = stays;
    }
}
