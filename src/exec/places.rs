//! Short ways from a command's arguments to places in the model and to
//! expanded formats.

use crate::access::Grant;
use crate::base::{ClientId, SessionId};
use crate::command::number;
use crate::command::target::{Target, Wanted};
use crate::format::{self, Kind, Scope};
use crate::mux::Mux;
use crate::mux::resolve::{Found, Slot, TargetError};

use super::Context;

fn text(target: Option<&Target>) -> Option<&str> {
    target.map(|target| target.0.as_str())
}

/// The pane that a target means.
pub(super) fn pane(mux: &Mux, cx: &Context, target: Option<&Target>) -> Result<Found, String> {
    find(mux, cx, target, Wanted::Pane)
}

/// As much as there is of the pane that a target means; an error only where
/// nobody is attached whose place it would be.
pub(super) fn some_pane(
    mux: &Mux,
    cx: &Context,
    target: Option<&Target>,
) -> Result<Option<Found>, String> {
    let (asker, target) = (cx.asker(), text(target));
    match mux.find(&asker, target, Wanted::Pane) {
        Err(error @ TargetError::NoClient) => Err(error.to_string()),
        _ => Ok(mux.find_some(&asker, target, Wanted::Pane)),
    }
}

/// The window that a target means.
pub(super) fn window(mux: &Mux, cx: &Context, target: Option<&Target>) -> Result<Found, String> {
    find(mux, cx, target, Wanted::Window)
}

/// The session that a target means.
pub(super) fn session(mux: &Mux, cx: &Context, target: Option<&Target>) -> Result<Found, String> {
    find(mux, cx, target, Wanted::Session)
}

fn find(mux: &Mux, cx: &Context, target: Option<&Target>, wanted: Wanted) -> Result<Found, String> {
    mux.find(&cx.asker(), text(target), wanted)
        .map_err(|error| error.to_string())
}

/// Where a window is to be put.
pub(super) fn slot(mux: &Mux, cx: &Context, target: Option<&Target>) -> Result<Slot, String> {
    mux.find_slot(&cx.asker(), text(target))
        .map_err(|error| error.to_string())
}

/// The attached client that a target means.
pub(super) fn client(mux: &Mux, cx: &Context, target: Option<&str>) -> Result<ClientId, String> {
    mux.find_client(&cx.asker(), target)
        .map_err(|error| error.to_string())
}

/// The sessions that the asker may see, by name.
pub(super) fn visible_sessions(mux: &Mux, cx: &Context) -> Vec<SessionId> {
    let mut ids = mux.sessions_by_name();
    ids.retain(|id| cx.authority.only.is_none_or(|only| only == *id));
    ids
}

/// What formats speak of at a place.
pub(super) fn scope<'a>(mux: &Mux, cx: &'a Context, found: &Found) -> Scope<'a> {
    Scope {
        client: mux.current_client(&cx.asker()),
        session: Some(found.session),
        window: Some(found.window),
        index: Some(found.index),
        pane: Some(found.pane),
        vars: &cx.variables,
        now: cx.now,
        jobs: cx.authority.allows(Grant::Type),
        kind: Kind::Pane,
        caller: cx.client,
        ..Scope::default()
    }
}

/// Expands a format at a place.
pub(super) fn expand(mux: &Mux, cx: &Context, found: &Found, template: &str) -> String {
    format::expand(template, mux, &scope(mux, cx, found))
}

/// A list's line, unless the filter leaves the item out.
pub(super) fn item(
    mux: &Mux,
    scope: &Scope<'_>,
    template: &str,
    filter: Option<&str>,
) -> Option<String> {
    let shown = filter.is_none_or(|f| format::truthy(&format::expand(f, mux, scope)));
    shown.then(|| format::expand(template, mux, scope))
}

/// A number of an argument, named in the error as tmux does (`width invalid`).
pub(super) fn count(text: &str, what: &str, min: i64, max: i64) -> Result<i64, String> {
    number(text, min, max).map_err(|cause| format!("{what} {cause}"))
}

/// Cells of an argument in which formats are expanded, or a percentage of
/// `whole`, within bounds.
pub(super) fn measure(
    mux: &Mux,
    cx: &Context,
    found: &Found,
    text: &str,
    (min, max): (i64, i64),
    whole: u16,
) -> Result<i32, String> {
    let text = expand(mux, cx, found, text);
    let cells = match text.strip_suffix('%') {
        Some(percent) => i64::from(whole) * number(percent, 0, 1000)? / 100,
        None => number(&text, min, max)?,
    };
    match i32::try_from(cells) {
        Ok(_) if cells < min => Err("too small".to_owned()),
        Ok(cells) if i64::from(cells) <= max => Ok(cells),
        _ => Err("too large".to_owned()),
    }
}

/// Cells of an argument, or a percentage of `whole`.
pub(super) fn cells(text: &str, what: &str, whole: u16) -> Result<u16, String> {
    let cells = match text.strip_suffix('%') {
        Some(percent) => {
            let percent = count(percent, what, 0, 1000)?;
            i64::from(whole) * percent / 100
        }
        None => count(text, what, 0, i64::from(i32::MAX))?,
    };
    Ok(u16::try_from(cells).unwrap_or(u16::MAX))
}
