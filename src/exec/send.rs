//! Keys and text typed into panes: `send-keys`, `send-prefix`. Copy-mode
//! commands (`-X`) go on to [`super::copy`].

use crate::access::Grant;
use crate::base::{Key, PaneId, raw};
use crate::command::{Call, args};
use crate::mux::resolve::Found;
use crate::mux::{Client, Effect, Mux};

use super::{Context, Outcome, Ran, copy, modes, places};

/// Most repetitions of one `send-keys -N`.
const MAX_REPEAT: i64 = 10_000;

/// `send-keys`.
pub(super) fn keys(mux: &mut Mux, cx: &mut Context, args: &args::SendKeys) -> Ran {
    let found = places::pane(mux, cx, args.target.as_ref())?;
    let repeat = match &args.repeat {
        Some(text) => {
            let text = if args.expand {
                places::expand(mux, cx, &found, text)
            } else {
                text.clone()
            };
            places::count(&text, "repeat count", 1, i64::from(u32::MAX))?
        }
        None => 1,
    };
    if args.mode_command {
        let words = expanded(mux, cx, args, &found);
        let times = u32::try_from(repeat.min(MAX_REPEAT)).unwrap_or(1);
        let given = args.repeat.as_ref().map(|_| times);
        return copy::command(mux, cx, &found, given, &words);
    }
    if args.mouse {
        let at = cx.mouse.ok_or("no mouse target")?;
        match at.pane.filter(|id| in_mode(mux, *id)) {
            Some(pane) => mouse_to_mode(mux, cx, pane, at)?,
            None => mux.mouse_to_pane(at),
        }
        return Ok(Outcome::Done);
    }
    if args.repeat.is_some() && args.keys.is_empty() {
        // A count for the next copy-mode command.
        if let Some(copy) = mux.panes.get_mut(&found.pane).and_then(|p| p.copy.as_mut()) {
            copy.count = u32::try_from(repeat).unwrap_or(0);
            return Ok(Outcome::Done);
        }
    }
    if args.reset
        && let Some(pane) = mux.panes.get_mut(&found.pane)
    {
        pane.term.reset();
    }
    let words = expanded(mux, cx, args, &found);
    if words.is_empty() {
        if !args.reset
            && let Some(key) = cx.key
        {
            type_keys(mux, cx, found.pane, &[Typed::Key(key, String::new())]);
        }
        return Ok(Outcome::Done);
    }
    let mut typed = Vec::new();
    for word in &words {
        typed.extend(read(word, args));
    }
    if args.client_keys {
        return press(mux, cx, args, repeat, &typed);
    }
    for _ in 0..repeat.min(MAX_REPEAT) {
        if let Some(pane) = mux.panes.get_mut(&found.pane).filter(|pane| pane.clock) {
            // Any key ends the clock.
            pane.clock = false;
        } else if in_copy_mode(mux, found.pane) {
            keys_to_copy_mode(mux, cx, found, &typed);
        } else if in_mode(mux, found.pane) {
            keys_to_mode(mux, cx, found.pane, &typed)?;
        } else {
            type_keys(mux, cx, found.pane, &typed);
        }
    }
    Ok(Outcome::Done)
}

/// `-K`: the keys are a client's, as if they had been pressed at its terminal.
/// What they are bound to runs by its right, so nobody but an admin has another's
/// pressed.
fn press(mux: &mut Mux, cx: &Context, args: &args::SendKeys, repeat: i64, typed: &[Typed]) -> Ran {
    let client = places::client(mux, cx, args.client.as_deref())?;
    if Some(client) != cx.client && !cx.authority.allows(Grant::Admin) {
        return Err(cx.authority.refusal("send-keys -K"));
    }
    let keys: Vec<Key> = typed.iter().flat_map(keys_of).collect();
    for _ in 0..repeat.min(MAX_REPEAT) {
        mux.press(client, &keys);
    }
    Ok(Outcome::Done)
}

fn in_mode(mux: &Mux, pane: PaneId) -> bool {
    mux.panes.get(&pane).is_some_and(|pane| pane.mode.is_some())
}

fn in_copy_mode(mux: &Mux, pane: PaneId) -> bool {
    let pane = mux.panes.get(&pane);
    pane.is_some_and(|pane| pane.copy.is_some() && pane.mode.is_none())
}

/// Runs what keys are bound to in copy mode; others do nothing.
fn keys_to_copy_mode(mux: &Mux, cx: &mut Context, found: Found, typed: &[Typed]) {
    let table = match mux.has_vi_keys(found.pane) {
        true => "copy-mode-vi",
        false => "copy-mode",
    };
    cx.set_current(found);
    for key in typed.iter().flat_map(keys_of) {
        if let Some(binding) = mux.bindings.get(table, key) {
            let commands = binding.run().iter().cloned().map(Call::from);
            cx.insert.push(commands.collect());
        }
    }
}

/// The keys that something typed is made of.
fn keys_of(typed: &Typed) -> Vec<Key> {
    match typed {
        Typed::Key(key, _) => vec![*key],
        Typed::Bytes(text) => String::from_utf8_lossy(text)
            .chars()
            .map(Key::char)
            .collect(),
    }
}

fn mouse_to_mode(
    mux: &mut Mux,
    cx: &mut Context,
    id: PaneId,
    at: super::MouseAt,
) -> Result<(), String> {
    let size = mux.panes.get(&id).map(|pane| pane.size());
    let place = size.and_then(|size| at.inside(size.cols(), size.rows()));
    let (Some(place), Some(key)) = (place, cx.key) else {
        return Ok(());
    };
    let mouse = modes::ModeMouse {
        at: place,
        action: at.event.action,
    };
    let follow = modes::mode_key(mux, cx, id, key, Some(mouse));
    follow_up(mux, cx, follow)
}

/// Types keys into a pane's mode, one after the other.
fn keys_to_mode(
    mux: &mut Mux,
    cx: &mut Context,
    id: PaneId,
    typed: &[Typed],
) -> Result<(), String> {
    for key in typed.iter().flat_map(keys_of) {
        let follow = modes::mode_key(mux, cx, id, key, None);
        follow_up(mux, cx, follow)?;
    }
    Ok(())
}

fn follow_up(mux: &Mux, cx: &mut Context, follow: Vec<modes::Follow>) -> Result<(), String> {
    for next in follow {
        let commands = super::parse_text(mux, &next.text)?;
        cx.insert.push(commands);
    }
    Ok(())
}

fn expanded(
    mux: &Mux,
    cx: &Context,
    args: &args::SendKeys,
    found: &crate::mux::resolve::Found,
) -> Vec<String> {
    if !args.expand {
        return args.keys.clone();
    }
    args.keys
        .iter()
        .map(|word| places::expand(mux, cx, found, word))
        .collect()
}

/// One thing to type.
enum Typed {
    /// A key, and the text that was read as one: what is typed where no bytes
    /// stand for it.
    Key(Key, String),
    Bytes(Vec<u8>),
}

fn read(word: &str, args: &args::SendKeys) -> Vec<Typed> {
    if args.hex {
        let digits = word.strip_prefix("0x").unwrap_or(word);
        // What is no number is nothing, as in tmux.
        let byte = u8::from_str_radix(digits, 16);
        return byte
            .into_iter()
            .map(|byte| Typed::Bytes(vec![byte]))
            .collect();
    }
    if !args.literal {
        if let Some(digits) = word.strip_prefix("0x")
            && let Some(ch) = u32::from_str_radix(digits, 16)
                .ok()
                .and_then(char::from_u32)
        {
            return vec![Typed::Key(Key::char(ch), String::new())];
        }
        if let Some(key) = word.parse::<Key>().ok().filter(|key| key.is_named()) {
            return vec![Typed::Key(key, word.to_owned())];
        }
    }
    vec![Typed::Bytes(raw::release(word).into_owned())]
}

/// Types into a pane, and into those synchronised with it. A pane in copy mode
/// takes its keys by its key table, so that nothing of them is typed.
fn type_keys(mux: &mut Mux, cx: &Context, pane: PaneId, typed: &[Typed]) {
    let client = cx.client.and_then(|id| mux.clients.get(&id));
    let who = client.map(Client::label);
    for target in mux.typed_into(pane) {
        let Some(owner) = mux.panes.get(&target) else {
            continue;
        };
        if !owner.takes_input() || (target != pane && owner.copy.is_some()) {
            continue;
        }
        let mut bytes = Vec::new();
        for one in typed {
            match one {
                Typed::Key(key, text) => {
                    if !owner.term.encode_key(*key, &mut bytes) {
                        bytes.extend_from_slice(&raw::release(text));
                    }
                }
                Typed::Bytes(text) => bytes.extend_from_slice(text),
            }
        }
        if !bytes.is_empty() {
            mux.emit(Effect::PaneWrite {
                pane: target,
                bytes,
            });
            if let Some(who) = &who {
                mux.typed_by(target, who);
            }
        }
    }
}

/// `send-prefix`.
pub(super) fn prefix(mux: &mut Mux, cx: &Context, args: &args::SendPrefix) -> Ran {
    let found = places::pane(mux, cx, args.target.as_ref())?;
    let option = if args.secondary { "prefix2" } else { "prefix" };
    let name = mux.session_text(Some(found.session), option);
    if let Ok(key) = name.parse() {
        type_keys(mux, cx, found.pane, &[Typed::Key(key, String::new())]);
    }
    Ok(Outcome::Done)
}

/// Writes bytes into one pane, into none that is synchronised with it.
pub(super) fn type_bytes_alone(mux: &mut Mux, cx: &Context, pane: PaneId, bytes: Vec<u8>) {
    let client = cx.client.and_then(|id| mux.clients.get(&id));
    if let Some(who) = client.map(Client::label) {
        mux.typed_by(pane, &who);
    }
    mux.emit(Effect::PaneWrite { pane, bytes });
}

/// Writes a paste buffer's text into a pane.
pub(super) fn type_bytes(mux: &mut Mux, cx: &Context, pane: PaneId, bytes: Vec<u8>) {
    type_keys(mux, cx, pane, &[Typed::Bytes(bytes)]);
}
