//! The variables of formats, one file for each kind of object.

mod client;
mod copy;
mod names;
mod pane;
mod server;
mod session;
mod window;

use crate::config::{ArrayKey, Value};
use crate::mux::Mux;

use super::Scope;

pub(super) use names::NAMES;

/// The value of a name: an option, a variable of the scope's objects, or, where
/// one may be meant, an environment variable; nothing when it is none of them.
pub(super) fn lookup(name: &str, mux: &Mux, scope: &Scope<'_>, environ: bool) -> Option<String> {
    option(name, mux, scope)
        .or_else(|| variable(name, mux, scope))
        .or_else(|| environment(name, mux, scope).filter(|_| environ))
}

/// The value of one of [`NAMES`].
pub(super) fn variable(name: &str, mux: &Mux, scope: &Scope<'_>) -> Option<String> {
    pane::value(name, mux, scope)
        .or_else(|| window::value(name, mux, scope))
        .or_else(|| session::value(name, mux, scope))
        .or_else(|| client::value(name, mux, scope))
        .or_else(|| server::value(name, mux, scope))
}

/// An option's value, `@user` options included; flags are `1` and `0`.
fn option(name: &str, mux: &Mux, scope: &Scope<'_>) -> Option<String> {
    let (name, item) = match name.strip_suffix(']').and_then(|name| name.split_once('[')) {
        Some((name, item)) => (name, Some(ArrayKey::parse(item)?)),
        None => (name, None),
    };
    let value = mux
        .pane_option(scope.pane, name)
        .or_else(|| mux.window_option(scope.window, name))
        .or_else(|| mux.session_option(scope.session, name))
        .or_else(|| mux.server_option(name))?;
    Some(match (value, item) {
        (Value::List(items), Some(item)) => items.get(&item)?.clone(),
        (Value::List(items), None) => items
            .values()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" "),
        (Value::Flag(on), _) => bit(*on),
        (Value::Number(_) | Value::Text(_), _) => value.to_string(),
    })
}

fn environment(name: &str, mux: &Mux, scope: &Scope<'_>) -> Option<String> {
    let session = scope.session.and_then(|id| mux.sessions.get(&id));
    let own = session.and_then(|s| s.environ.get(name));
    own.or_else(|| mux.environ.get(name))?.value.clone()
}

/// The scopes of a loop, each with whether it is the current one.
pub(super) fn scopes<'a>(kind: &str, mux: &Mux, scope: &Scope<'a>) -> Vec<(Scope<'a>, bool)> {
    match kind {
        "S" => session::scopes(mux, scope),
        "W" => window::scopes(mux, scope),
        "P" => pane::scopes(mux, scope),
        _ => client::scopes(mux, scope),
    }
}

/// A flag as formats show it.
fn bit(on: bool) -> String {
    if on { "1".to_owned() } else { "0".to_owned() }
}
