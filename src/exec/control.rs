//! What `refresh-client` asks for in control mode: sizes, panes' output,
//! subscriptions, flags. It writes nothing to a client.

use std::time::Duration;

use crate::access::Grant;
use crate::base::{ClientId, Label, PaneId, Size, WindowId};
use crate::command::args;
use crate::mux::Mux;
use crate::mux::control::Watched;
use crate::term;

use super::Context;

/// Largest width and height of a window, in cells.
const MOST: u16 = 10_000;

/// The longest format that is subscribed to, in bytes.
const MOST_FORMAT: usize = 4096;

/// Sets a flag of a control client; `on` is false for `!flag`.
pub(super) fn set_flag(mux: &mut Mux, client: ClientId, flag: &str, on: bool) {
    let Some(control) = mux.control_mut(client) else {
        return;
    };
    match flag {
        "no-output" => {
            control.no_output = on;
            if on {
                control.discard_output();
            }
        }
        "wait-exit" => control.wait_exit = on,
        "new-layouts" => control.new_layouts = on,
        _ => {
            let Some(rest) = flag.strip_prefix("pause-after") else {
                return;
            };
            let seconds = match rest.strip_prefix('=') {
                Some(text) => text.parse().ok(),
                None => rest.is_empty().then_some(0),
            };
            if let Some(seconds) = seconds {
                control.pause_after = on.then(|| Duration::from_secs(seconds));
            }
        }
    }
}

/// `refresh-client -A -B -C`. Whether the client is one that may ask for these.
pub(super) fn refresh(
    mux: &mut Mux,
    cx: &Context,
    client: ClientId,
    args: &args::RefreshClient,
) -> Result<(), String> {
    let asked = !args.pane_state.is_empty()
        || !args.subscription.is_empty()
        || !args.size.is_empty()
        || !args.report.is_empty();
    if !asked {
        return Ok(());
    }
    if mux.control_mut(client).is_none() {
        return Err("not a control client".to_owned());
    }
    // The last is the one that counts.
    if let Some(size) = args.size.last() {
        set_size(mux, client, size)?;
    }
    for text in &args.pane_state {
        pane_state(mux, client, text);
    }
    // What terminals look like is everyone's affair.
    if cx.authority.allows(Grant::Type) {
        args.report.iter().for_each(|text| report(mux, text));
    }
    for text in &args.subscription {
        subscribe(mux, cx, client, text)?;
    }
    Ok(())
}

fn set_size(mux: &mut Mux, client: ClientId, text: &str) -> Result<(), String> {
    let bad = || "bad size argument".to_owned();
    // What comes behind is passed over.
    let pair = |text: &str| {
        let (cols, rest) = leading(text)?;
        let (rows, _) = leading(rest.strip_prefix(['x', ','])?)?;
        Some((cols, rows))
    };
    let bounded = |(cols, rows): (u32, u32)| {
        let side = |n: u32| u16::try_from(n).ok().filter(|n| (1..=MOST).contains(n));
        let size = side(cols).zip(side(rows));
        size.map(|(cols, rows)| Size::new(cols, rows))
            .ok_or("size too small or too big")
    };
    let owner = mux.clients.get_mut(&client);
    let Some(owner) = owner else { return Ok(()) };
    let Some(control) = owner.control.as_deref_mut() else {
        return Ok(());
    };
    if let Some(rest) = text.strip_prefix('@') {
        let (window, size) = leading(rest).ok_or_else(bad)?;
        let window = WindowId(window);
        match size.strip_prefix(':').and_then(pair) {
            Some(size) => {
                let size = bounded(size)?;
                if mux.windows.contains_key(&window) {
                    control.window_sizes.insert(window, size);
                    control.sized = true;
                }
            }
            // Anything else takes the size back, as in tmux.
            None => {
                control.window_sizes.remove(&window);
            }
        }
    } else {
        let size = bounded(pair(text).ok_or_else(bad)?)?;
        control.sized = true;
        if let Some(terminal) = owner.terminal.as_mut() {
            terminal.size = size;
        }
    }
    control.resized = true;
    mux.resize_now = true;
    Ok(())
}

/// The number at the start of a text, and what follows it.
fn leading(text: &str) -> Option<(u32, &str)> {
    let end = text.find(|ch: char| !ch.is_ascii_digit());
    let (digits, rest) = text.split_at(end.unwrap_or(text.len()));
    Some((digits.parse().ok()?, rest))
}

/// `%pane:state`; what is no pane or no state is passed over, as in tmux.
fn pane_state(mux: &mut Mux, client: ClientId, text: &str) {
    let Some((pane, state)) = text.split_once(':') else {
        return;
    };
    let number = pane.strip_prefix('%').and_then(|text| text.parse().ok());
    let Some(pane) = number.map(PaneId).filter(|id| mux.panes.contains_key(id)) else {
        return;
    };
    let Some(control) = mux.control_mut(client) else {
        return;
    };
    match state {
        "on" => control.switch(pane, true),
        "off" => control.switch(pane, false),
        "continue" => control.resume(pane),
        "pause" => control.pause(pane),
        _ => {}
    }
}

/// `%pane:answer`: what the client's terminal says of its colours. What is no
/// such answer is passed over, as in tmux.
fn report(mux: &mut Mux, text: &str) {
    let Some((_, answer)) = text.split_once(':') else {
        return;
    };
    match term::color_report(answer) {
        Some((10, color)) => mux.looks.foreground = Some(color),
        Some((_, color)) => mux.looks.background = Some(color),
        None => return,
    }
    mux.configure_looks();
}

/// `name:what:format`, or a name alone, which ends its subscription.
fn subscribe(mux: &mut Mux, cx: &Context, client: ClientId, text: &str) -> Result<(), String> {
    let now = cx.now.mono;
    let Some(control) = mux.control_mut(client) else {
        return Ok(());
    };
    let mut parts = text.splitn(3, ':');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(name), None, _) => {
            control.subscriptions.remove(name);
        }
        (Some(name), Some(what), Some(format)) => {
            if format.len() > MOST_FORMAT {
                return Err("format too long".to_owned());
            }
            let name = Label::new(name);
            if !control.subscribe(name.as_str(), Watched::parse(what), format, now) {
                return Err("too many subscriptions".to_owned());
            }
        }
        _ => {}
    }
    Ok(())
}
