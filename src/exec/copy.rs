//! Copy mode: `copy-mode`, and the commands of `send-keys -X`. What they do to the
//! mode is `mux`'s; here is what copies, pipes, and leaves.

use crate::command::args;
use crate::mux::copy::{self, Command, CopyMode, Given};
use crate::mux::copying::Copied;
use crate::mux::effect::JobSpec;
use crate::mux::resolve::Found;
use crate::mux::{Effect, Mux};

use super::{Context, Outcome, Ran, places, spawn};

/// `copy-mode`.
pub(super) fn enter(mux: &mut Mux, cx: &Context, args: &args::CopyMode) -> Ran {
    let found = places::pane(mux, cx, args.target.as_ref())?;
    if args.quit {
        mux.leave_modes(found.pane);
        return Ok(Outcome::Done);
    }
    let mouse = cx.mouse.filter(|_| args.drag || args.scroll);
    if (args.drag || args.scroll) && mouse.and_then(|at| at.pane).is_none() {
        return Ok(Outcome::Done);
    }
    let own = mouse.and_then(|at| at.pane).unwrap_or(found.pane);
    let source = match &args.source {
        Some(source) => Some(places::pane(mux, cx, Some(source))?.pane),
        None => None,
    };
    let fresh = mux.enter_copy(own, source);
    let Some(copy) = mux.panes.get_mut(&own).and_then(|p| p.copy.as_deref_mut()) else {
        return Ok(Outcome::Done);
    };
    if fresh {
        copy.exit_at_bottom = args.exit_at_bottom;
        copy.hide_position = args.hide_position;
        copy.kills = args.kill;
    }
    if args.drag {
        if let Some(at) = mouse {
            mux.begin_drag(at);
        }
        return Ok(Outcome::Done);
    }
    if args.page_up {
        copy.page_up(false);
    }
    if args.page_down && copy.page_down(false, args.exit_at_bottom) {
        mux.leave_mode(own);
        return Ok(Outcome::Done);
    }
    if args.scroll
        && let Some(at) = mouse
    {
        slide(mux, at, args.exit_at_bottom);
    }
    Ok(Outcome::Done)
}

/// `clock-mode`.
pub(super) fn clock(mux: &mut Mux, cx: &Context, args: &args::ClockMode) -> Ran {
    let found = places::pane(mux, cx, args.target.as_ref())?;
    if let Some(pane) = mux.panes.get_mut(&found.pane) {
        pane.clock = true;
    }
    Ok(Outcome::Done)
}

/// What a copying command does besides copying.
#[derive(Clone, Copy, PartialEq, Eq)]
enum After {
    /// Nothing: the selection stays.
    Keep,
    /// The selection goes.
    Clear,
    /// Copy mode is left.
    Cancel,
}

/// Splits a copying command's name into what comes before the ending and what
/// the ending says.
fn ending(name: &str) -> (&str, After) {
    if let Some(stem) = name.strip_suffix("-and-cancel") {
        (stem, After::Cancel)
    } else if let Some(stem) = name.strip_suffix("-no-clear") {
        (stem, After::Keep)
    } else {
        (name, After::Clear)
    }
}

/// Splits words into flags and arguments; none where they do not fit the command.
fn read<'a>(command: &Command, words: &'a [String]) -> Option<(String, &'a [String])> {
    let mut flags = String::new();
    let mut rest = words;
    while let Some((word, after)) = rest.split_first() {
        let Some(letters) = word.strip_prefix('-').filter(|text| !text.is_empty()) else {
            break;
        };
        rest = after;
        if letters == "-" {
            break;
        }
        if !letters.chars().all(|flag| command.flags.contains(flag)) {
            return None;
        }
        flags.push_str(letters);
    }
    let (least, most) = command.args;
    (least..=most)
        .contains(&rest.len())
        .then_some((flags, rest))
}

/// A command of `send-keys -X`. One that there is none of, or that is not given
/// what it takes, does nothing, as in tmux.
pub(super) fn command(
    mux: &mut Mux,
    cx: &Context,
    found: &Found,
    repeat: Option<u32>,
    words: &[String],
) -> Ran {
    let vi = mux.has_vi_keys(found.pane);
    let Some(copy) = mux
        .panes
        .get_mut(&found.pane)
        .filter(|pane| !pane.clock)
        .and_then(|pane| pane.copy.as_deref_mut())
    else {
        return Err("not in a mode".to_owned());
    };
    copy.set_keys(vi);
    let times = repeat.unwrap_or(copy.count).max(1);
    let Some((name, rest)) = words.split_first() else {
        return Ok(Outcome::Done);
    };
    copy.count = 0;
    let mouse = cx.mouse;
    if let Some(at) = mouse.filter(|at| !at.is_wheel()) {
        mux.point(at);
    }
    let Some(command) = copy::command(name) else {
        return Ok(Outcome::Done);
    };
    let Some((flags, rest)) = read(command, rest) else {
        return Ok(Outcome::Done);
    };
    match (name.as_str(), mouse) {
        ("begin-selection", Some(at)) => {
            mux.begin_drag(at);
            return Ok(Outcome::Done);
        }
        ("scroll-to-mouse", at) => {
            if let Some(at) = at {
                slide(mux, at, flags.contains('e'));
            }
            return Ok(Outcome::Done);
        }
        ("refresh-now" | "refresh-from-pane", _) => {
            mux.refresh_copy(found.pane);
            return Ok(Outcome::Done);
        }
        _ => {}
    }
    let (stem, after) = ending(name);
    let copies = copying(mux, cx, found, stem, (&flags, rest), times);
    let session = Some(found.session);
    let separators = mux.session_text(session, "word-separators");
    let wrap = mux.window_flag(Some(found.window), "wrap-search");
    let numbers = mux.window_text(Some(found.window), "copy-mode-line-numbers");
    let Some(pane) = mux.panes.get_mut(&found.pane) else {
        return Ok(Outcome::Done);
    };
    let Some(copy) = pane.copy.as_deref_mut() else {
        return Ok(Outcome::Done);
    };
    let lines = stem.ends_with("-line") || stem.ends_with("-end-of-line");
    if copies && after != After::Keep && !lines {
        copy.clear_selection();
    }
    let given = Given {
        flags: &flags,
        arg: rest.first().map(String::as_str),
        times,
        separators: &separators,
        wrap,
        numbers: &numbers,
        drags: mouse.is_some_and(|at| at.drags),
    };
    let ends = copy.act(command, given);
    if let Some((text, pattern)) = copy.last_search() {
        text.clone_into(&mut pane.last_search);
        pane.last_search_pattern = pattern;
    }
    if ends || (copies && after == After::Cancel) {
        mux.leave_mode(found.pane);
    }
    Ok(Outcome::Done)
}

/// Commands that copy. Whether it was one.
fn copying(
    mux: &mut Mux,
    cx: &Context,
    found: &Found,
    stem: &str,
    (flags, rest): (&str, &[String]),
    times: u32,
) -> bool {
    let (stem, pipes) = match stem.strip_prefix("copy-pipe") {
        Some(rest) => (format!("copy{rest}"), true),
        None => (stem.to_owned(), stem == "pipe"),
    };
    let text = |copy: &mut CopyMode| match stem.as_str() {
        "copy" | "copy-selection" | "append-selection" | "pipe" => Some(copy.selected_text()),
        "copy-line" => Some(copy.copy_line(true, times)),
        "copy-end-of-line" => Some(copy.copy_line(false, times)),
        _ => None,
    };
    let copy = mux
        .panes
        .get_mut(&found.pane)
        .and_then(|pane| pane.copy.as_deref_mut());
    let Some(text) = copy.and_then(text) else {
        return false;
    };
    let bytes = text.map(String::into_bytes);
    let prefix = rest.get(usize::from(pipes));
    let prefix = prefix.map(|prefix| places::expand(mux, cx, found, prefix));
    if pipes {
        pipe(mux, cx, found, rest.first(), bytes.as_deref());
    }
    let Some(bytes) = bytes else { return true };
    match stem.as_str() {
        "pipe" => {}
        "append-selection" => mux.append_copied(bytes, found.window),
        _ => {
            let to = Copied {
                buffer: !flags.contains('P'),
                clipboard: !flags.contains('C'),
                prefix: prefix.as_deref(),
            };
            mux.copied(bytes, found.window, to);
        }
    }
    true
}

/// Gives text to a command, or to that of `copy-command`.
fn pipe(mux: &mut Mux, cx: &Context, found: &Found, command: Option<&String>, text: Option<&[u8]>) {
    let given = command.filter(|command| !command.is_empty());
    let command = match given {
        Some(command) => places::expand(mux, cx, found, command),
        None => mux.server_text("copy-command"),
    };
    if command.is_empty() {
        return;
    }
    let token = mux.ids.token();
    mux.emit(Effect::RunJob {
        token,
        spec: JobSpec {
            command,
            cwd: spawn::start_dir(mux, cx, Some(found.session), Some(found), None),
            env: spawn::job_environment(mux, Some(found.session)),
            input: text.unwrap_or_default().to_vec(),
            stderr: false,
        },
    });
}

/// The view to where the mouse holds a scrollbar's slider.
fn slide(mux: &mut Mux, at: crate::mux::MouseAt, exits: bool) {
    if let Some(pane) = mux.slide_to_mouse(at, exits) {
        mux.leave_mode(pane);
    }
}
