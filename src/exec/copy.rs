//! Copy mode: `copy-mode`, and the commands of `send-keys -X`. Motions are
//! `mux`'s; here is what selects, copies and leaves.

use crate::base::PaneId;
use crate::command::args;
use crate::mux::copy::{AbsPos, CopyMode, SelectBy};
use crate::mux::effect::JobSpec;
use crate::mux::resolve::Found;
use crate::mux::{Effect, Mux};

use super::{Context, Outcome, Ran, places, spawn};

/// `copy-mode`.
pub(super) fn enter(mux: &mut Mux, cx: &Context, args: &args::CopyMode) -> Ran {
    let found = places::pane(mux, cx, args.target.as_ref())?;
    if args.quit {
        leave(mux, found.pane);
        return Ok(Outcome::Done);
    }
    let fresh = mux.enter_copy(found.pane);
    let mouse = cx.mouse;
    let Some(pane) = mux.panes.get_mut(&found.pane) else {
        return Ok(Outcome::Done);
    };
    let Some(copy) = pane.copy.as_deref_mut() else {
        return Ok(Outcome::Done);
    };
    if fresh {
        copy.exit_at_bottom = args.exit_at_bottom;
        copy.hide_position = args.hide_position;
    }
    let page = i64::from(pane.term.size().rows().saturating_sub(2).max(1));
    if args.page_up {
        copy.scroll(&pane.term, -page);
    }
    if args.page_down {
        copy.scroll(&pane.term, page);
        if args.exit_at_bottom && copy.at_bottom(&pane.term) {
            leave(mux, found.pane);
            return Ok(Outcome::Done);
        }
    }
    if let Some(at) = mouse
        && let Some(origin) = at.origin
    {
        let size = pane.term.size();
        if args.drag {
            // The selection begins where the button went down.
            let start = origin.inside(at.start, size.cols(), size.rows());
            copy.point(&pane.term, start);
            copy.begin(SelectBy::Char);
        }
        if let Some(to) = at.inside(size.cols(), size.rows()) {
            copy.point(&pane.term, to);
        }
    }
    Ok(Outcome::Done)
}

fn leave(mux: &mut Mux, pane: PaneId) {
    if let Some(pane) = mux.panes.get_mut(&pane) {
        pane.copy = None;
    }
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

/// A command of `send-keys -X`.
pub(super) fn command(
    mux: &mut Mux,
    cx: &Context,
    found: &Found,
    repeat: Option<u32>,
    words: &[String],
) -> Ran {
    let Some((name, rest)) = words.split_first() else {
        return Ok(Outcome::Done);
    };
    let rest = match rest.split_first() {
        Some((dashes, rest)) if dashes == "--" => rest,
        _ => rest,
    };
    let Some(pane) = mux.panes.get_mut(&found.pane) else {
        return Ok(Outcome::Done);
    };
    let Some(copy) = pane.copy.as_deref_mut() else {
        return Err("not in a mode".to_owned());
    };
    copy.settle(&pane.term);
    let count = std::mem::take(&mut copy.count);
    let times = repeat.unwrap_or(count).max(1);
    if let Some(mouse) = cx.mouse.filter(|at| at.pane == Some(found.pane)) {
        let size = pane.term.size();
        let moves = matches!(
            name.as_str(),
            "begin-selection" | "select-word" | "select-line"
        );
        if moves && let Some(at) = mouse.inside(size.cols(), size.rows()) {
            copy.point(&pane.term, at);
        }
    }
    if marks(mux, found, name) {
        return Ok(Outcome::Done);
    }
    let (stem, after) = ending(name);
    if copying(mux, cx, found, stem, rest, times)? {
        finish(mux, found.pane, after);
        return Ok(Outcome::Done);
    }
    motion(mux, found, stem, after, times, rest);
    Ok(Outcome::Done)
}

fn finish(mux: &mut Mux, pane: PaneId, after: After) {
    match after {
        After::Keep => {}
        After::Cancel => leave(mux, pane),
        After::Clear => {
            let copy = mux.panes.get_mut(&pane).and_then(|p| p.copy.as_mut());
            if let Some(copy) = copy {
                copy.selection = None;
            }
        }
    }
}

/// Commands that change the selection, the mark or the mode. Whether it was
/// one.
fn marks(mux: &mut Mux, found: &Found, name: &str) -> bool {
    let Some(pane) = mux.panes.get_mut(&found.pane) else {
        return true;
    };
    let Some(copy) = pane.copy.as_deref_mut() else {
        return true;
    };
    if copy.fold(&pane.term, name) {
        return true;
    }
    match name {
        "cancel" => pane.copy = None,
        "begin-selection" => copy.begin(SelectBy::Char),
        "clear-selection" => copy.selection = None,
        "stop-selection" => {
            if let Some(selection) = &mut copy.selection {
                selection.stopped = true;
            }
        }
        "select-line" => copy.begin(SelectBy::Line),
        "select-word" => copy.begin(SelectBy::Word),
        "selection-mode" => {}
        "other-end" => {
            if let Some(selection) = &mut copy.selection {
                std::mem::swap(&mut selection.anchor, &mut selection.head);
                let to = selection.head;
                let stopped = std::mem::replace(&mut selection.stopped, false);
                copy.go(&pane.term, to);
                if let Some(selection) = &mut copy.selection {
                    selection.stopped = stopped;
                }
                copy.wanted_col = copy.cursor.col;
            }
        }
        "rectangle-toggle" => copy.rectangle = !copy.rectangle,
        "rectangle-on" => copy.rectangle = true,
        "rectangle-off" => copy.rectangle = false,
        "set-mark" => copy.mark = Some(copy.cursor),
        "jump-to-mark" => {
            if let Some(mark) = copy.mark {
                let here = copy.cursor;
                copy.go(&pane.term, mark);
                copy.mark = Some(here);
            }
        }
        "scroll-exit-on" => copy.exit_at_bottom = true,
        "scroll-exit-off" => copy.exit_at_bottom = false,
        "scroll-exit-toggle" => copy.exit_at_bottom = !copy.exit_at_bottom,
        "toggle-position" => copy.hide_position = !copy.hide_position,
        "refresh-from-pane" => copy.settle(&pane.term),
        _ => return false,
    }
    true
}

/// Commands that copy. Whether it was one.
fn copying(
    mux: &mut Mux,
    cx: &Context,
    found: &Found,
    stem: &str,
    rest: &[String],
    times: u32,
) -> Result<bool, String> {
    let (stem, pipe) = match stem.strip_prefix("copy-pipe") {
        Some(rest) => (format!("copy{rest}"), true),
        None if stem == "pipe" => ("pipe".to_owned(), true),
        None => (stem.to_owned(), false),
    };
    let separators = mux.session_text(Some(found.session), "word-separators");
    let emacs = mux.window_text(Some(found.window), "mode-keys") != "vi";
    let Some(pane) = mux.panes.get_mut(&found.pane) else {
        return Ok(true);
    };
    let text = match stem.as_str() {
        "copy" | "copy-selection" | "append-selection" | "pipe" => {
            pane.selected_text(&separators, emacs)
        }
        "copy-line" | "copy-end-of-line" => line_text(pane, stem == "copy-line", times),
        _ => return Ok(false),
    };
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(true);
    };
    let bytes = text.into_bytes();
    if pipe {
        let command = match rest.first() {
            Some(command) => places::expand(mux, cx, found, command),
            None => mux.server_text("copy-command"),
        };
        if !command.is_empty() {
            let token = mux.ids.token();
            mux.emit(Effect::RunJob {
                token,
                spec: JobSpec {
                    command,
                    cwd: spawn::start_dir(mux, cx, Some(found.session), Some(found), None),
                    env: spawn::job_environment(mux, Some(found.session)),
                    input: bytes.clone(),
                },
            });
        }
    }
    match stem.as_str() {
        "pipe" => {}
        "append-selection" => {
            let old = mux
                .buffers
                .get(None)
                .map(|b| (b.name.clone(), b.data.clone()));
            match old {
                Some((name, mut data)) => {
                    data.extend_from_slice(&bytes);
                    mux.buffers.set(&name, data, mux.now);
                }
                None => mux.copied(bytes, found.window, None),
            }
        }
        _ => {
            // `copy-selection prefix` names the buffers that it makes.
            let prefix = rest.first().filter(|_| !pipe);
            let prefix = prefix.or_else(|| rest.get(1).filter(|_| pipe));
            let name = prefix.map(|prefix| named_after(mux, prefix));
            mux.copied(bytes, found.window, name.as_deref());
        }
    }
    Ok(true)
}

fn named_after(mux: &Mux, prefix: &str) -> String {
    let taken = |name: &str| mux.buffers.get(Some(name)).is_some();
    (0_u32..)
        .map(|n| format!("{prefix}{n}"))
        .find(|name| !taken(name))
        .unwrap_or_else(|| prefix.to_owned())
}

/// The text of whole lines from the cursor's on, or of the rest of its line.
fn line_text(pane: &crate::mux::Pane, whole: bool, times: u32) -> Option<String> {
    use crate::term::{ViewPos, select};
    let copy = pane.copy.as_deref()?;
    let at = CopyMode::to_view(&pane.term, copy.cursor);
    let (from, to) = pane.term.with_rows(|rows| {
        let from = if whole {
            select::line_start(rows, at)
        } else {
            at
        };
        let mut to = select::line_end(rows, at);
        for _ in 1..times {
            if to.row + 1 >= rows.rows() {
                break;
            }
            to = select::line_end(rows, ViewPos::new(to.row + 1, 0));
        }
        (from, to)
    });
    let (from, to) = match copy.fold_label(copy.cursor.row) {
        // A closed fold is one line, all of it.
        Some(_) => {
            let last = crate::mux::copy::AbsPos {
                row: copy.last_of(copy.cursor.row),
                col: pane.term.size().cols() - 1,
            };
            let last = CopyMode::to_view(&pane.term, last);
            (ViewPos::new(from.row, 0), last.max(to))
        }
        None => (from, to),
    };
    if to < from {
        return None;
    }
    Some(pane.term.text_range(from, to, false))
}

fn motion(mux: &mut Mux, found: &Found, stem: &str, after: After, times: u32, rest: &[String]) {
    let separators = mux.session_text(Some(found.session), "word-separators");
    let wrap = mux.window_flag(Some(found.window), "wrap-search");
    let emacs = mux.window_text(Some(found.window), "mode-keys") != "vi";
    let Some(pane) = mux.panes.get_mut(&found.pane) else {
        return;
    };
    let Some(copy) = pane.copy.as_deref_mut() else {
        return;
    };
    let before: AbsPos = copy.cursor;
    let arg = rest.first().map(String::as_str);
    if stem.starts_with("search-")
        && let Some(text) = arg
    {
        text.clone_into(&mut pane.last_search);
    }
    let args = crate::mux::MotionArgs {
        arg,
        separators: &separators,
        wrap,
        emacs,
    };
    for _ in 0..times {
        let last = (copy.cursor, copy.top);
        if !copy.motion(&pane.term, stem, args) || last == (copy.cursor, copy.top) {
            break;
        }
    }
    let down = matches!(
        stem,
        "scroll-down" | "page-down" | "halfpage-down" | "cursor-down" | "history-bottom"
    );
    let leaves = after == After::Cancel || (copy.exit_at_bottom && stem != "cursor-down");
    let stays = copy.selection.is_some() || !copy.at_bottom(&pane.term);
    let moved = before != copy.cursor || stem != "cursor-down";
    if down && leaves && !stays && moved {
        pane.copy = None;
    }
}
