//! What a pane holds and writes, for others: captures, the end of its history,
//! pipes. Buffers are `buffer`'s.

use crate::base::mask::Secrets;
use crate::command::args;
use crate::mux::buffers::Buffers;
use crate::mux::copy::CopyMode;
use crate::mux::pane::Pane;
use crate::mux::{Effect, Mux};
use crate::term::{CaptureOptions, CaptureRange, Terminal};

use super::{Context, Outcome, Ran, places};

/// How many lines on each side are read to know a secret that is only partly in
/// what one who may only look captures.
const BESIDE: i64 = 1000;

/// `capture-pane`.
pub(super) fn capture(mux: &mut Mux, cx: &mut Context, args: &args::CapturePane) -> Ran {
    let found = places::pane(mux, cx, args.target.as_ref())?;
    let line = |text: Option<&str>, end: i64| match text {
        None => None,
        Some("-") => Some(end),
        Some(text) => {
            let text = places::expand(mux, cx, &found, text);
            // What is no number is left at the default, as tmux does.
            places::count(&text, "line", i64::from(i32::MIN), i64::from(i16::MAX)).ok()
        }
    };
    let range = CaptureRange {
        start: line(args.start.as_deref(), i64::MIN),
        end: line(args.end.as_deref(), i64::MAX),
    };
    let pane = mux.panes.get(&found.pane).ok_or("no current target")?;
    let asker = cx.client.and_then(|id| mux.clients.get(&id));
    let hidden = asker.and_then(|client| mux.hidden_from(client)).cloned();
    if hidden.is_some() && !is_plain(args) {
        return Err("not for one who may only look: it could not be masked".to_owned());
    }
    let mut text = if args.raw {
        pane.term.raw_dump().into_bytes()
    } else if args.pending && !args.hyperlinks {
        pending(pane, args.octal)
    } else {
        if args.alternate && !pane.term.modes().alternate && !args.quiet {
            return Err("no alternate screen".to_owned());
        }
        let mode = pane.copy.as_deref().filter(|_| args.mode);
        let options = CaptureOptions {
            escapes: args.escapes,
            octal: args.octal,
            join: args.join,
            trailing: args.trailing,
            no_pad: args.no_pad,
            numbers: args.line_numbers,
            flags: args.line_flags,
            links: args.hyperlinks,
            alternate: args.alternate,
            view: None,
        };
        let term = mode.map_or(&pane.term, CopyMode::term);
        match hidden {
            Some(secrets) => masked(term, range, options, &secrets),
            None => term.capture(range, options).into_bytes(),
        }
    };
    if args.print {
        let ended = text.last() == Some(&b'\n');
        cx.write(text);
        if !ended {
            cx.output.push(b'\n');
        }
        return Ok(Outcome::Done);
    }
    if text.is_empty() {
        return Ok(Outcome::Done);
    }
    // A capture makes room for full rows; a buffer may live long.
    text.shrink_to_fit();
    match &args.buffer {
        Some(name) => mux.buffers.set(&Buffers::checked(name)?, text, mux.now),
        None => {
            let limit = mux.buffer_limit();
            mux.buffers.push(text, limit, mux.now);
        }
    }
    Ok(Outcome::Done)
}

/// Whether lines come out as they are read: only there secrets are found.
const fn is_plain(args: &args::CapturePane) -> bool {
    !(args.raw
        || args.pending
        || args.octal
        || args.line_numbers
        || args.line_flags
        || args.hyperlinks)
}

/// Captures lines without the secrets of which they show a part.
fn masked(
    term: &Terminal,
    range: CaptureRange,
    options: CaptureOptions,
    secrets: &Secrets,
) -> Vec<u8> {
    /// What no capture holds, and a masker passes over.
    const BORDER: &[u8] = b"\x1b[7717;1z";
    let bottom = i64::from(term.size().rows()) - 1;
    let (start, end) = (range.start.unwrap_or(0), range.end.unwrap_or(bottom));
    let (start, end) = (start.min(end), start.max(end));
    let part = |from: i64, to: i64| {
        let range = CaptureRange {
            start: Some(from),
            end: Some(to),
        };
        term.capture(range, options).into_bytes()
    };
    let oldest = -i64::try_from(term.history_rows()).unwrap_or(i64::MAX);
    let mut all = Vec::new();
    if start > oldest {
        all = part(start.saturating_sub(BESIDE).max(oldest), start - 1);
    }
    all.extend_from_slice(BORDER);
    all.extend(term.capture(range, options).into_bytes());
    all.extend_from_slice(BORDER);
    if end < bottom {
        all.extend(part(end + 1, end.saturating_add(BESIDE).min(bottom)));
    }
    let all = secrets.mask_bytes(&all);
    let found = |from: usize| {
        let mut windows = all.get(from..).unwrap_or_default().windows(BORDER.len());
        windows.position(|own| own == BORDER).map(|at| from + at)
    };
    let first = found(0).map(|at| at + BORDER.len());
    let text = first.and_then(|from| Some((from, found(from)?)));
    text.and_then(|(from, to)| all.get(from..to))
        .unwrap_or_default()
        .to_vec()
}

/// The bytes of a sequence that is not complete; controls as octal if asked.
fn pending(pane: &Pane, octal: bool) -> Vec<u8> {
    let bytes = pane.term.pending();
    if !octal {
        return bytes.to_vec();
    }
    let mut out = Vec::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b' '..=0x7f if *byte != b'\\' => out.push(*byte),
            _ => out.extend_from_slice(format!("\\{byte:03o}").as_bytes()),
        }
    }
    out
}

/// `clear-history`. It leaves copy mode, as in tmux.
pub(super) fn clear_history(mux: &mut Mux, cx: &Context, args: &args::ClearHistory) -> Ran {
    let found = places::pane(mux, cx, args.target.as_ref())?;
    if let Some(pane) = mux.panes.get_mut(&found.pane) {
        pane.copy = None;
        pane.term.clear_history();
        if args.hyperlinks {
            pane.term.clear_links();
        }
    }
    Ok(Outcome::Done)
}

/// `pipe-pane`.
pub(super) fn pipe(mux: &mut Mux, cx: &Context, args: &args::PipePane) -> Ran {
    let found = places::pane(mux, cx, args.target.as_ref())?;
    let pane = mux.panes.get_mut(&found.pane).ok_or("no current target")?;
    if pane.dead.is_some() || pane.spec.program.is_nothing() {
        return Err("target pane has exited".to_owned());
    }
    let was = std::mem::take(&mut pane.piped);
    pane.pipe_pid = None;
    if was {
        mux.emit(Effect::PipeClose { pane: found.pane });
    }
    let Some(command) = args
        .command
        .as_deref()
        .filter(|command| !command.is_empty())
    else {
        return Ok(Outcome::Done);
    };
    if was && args.toggle {
        return Ok(Outcome::Done);
    }
    let scope = places::scope(mux, cx, &found);
    let command = crate::format::expand_time(command, mux, &scope);
    if let Some(pane) = mux.panes.get_mut(&found.pane) {
        pane.piped = true;
    }
    mux.emit(Effect::PipeOpen {
        pane: found.pane,
        command,
        output: args.output || !args.input,
        input: args.input,
    });
    Ok(Outcome::Done)
}
