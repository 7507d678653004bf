//! Paste buffers: set, show, delete, list, load, save, paste.

use crate::base::{raw, vis};
use crate::command::args;
use crate::format::Scope;
use crate::mux::buffers::Buffers;
use crate::mux::copying::Clip;
use crate::mux::{Effect, Mux};
use crate::term;

use super::{Answer, Context, Outcome, Ran, lists, places, send};

const LIST_FORMAT: &str = "#{buffer_name}: #{buffer_size} bytes: \"#{buffer_sample}\"";

/// `set-buffer`. Without a name, -a has nothing to add to: a new buffer is made.
pub(super) fn set(mux: &mut Mux, args: &args::SetBuffer) -> Ran {
    if let Some(new) = &args.new_name {
        return rename(mux, args.buffer.as_deref(), new);
    }
    let Some(data) = &args.data else {
        return Err("no data specified".to_owned());
    };
    if data.is_empty() {
        return Ok(Outcome::Done);
    }
    let old = args.buffer.as_deref().filter(|_| args.append);
    let old = old.and_then(|name| mux.buffers.get(Some(name)));
    let mut bytes = old.map(|old| old.data.clone()).unwrap_or_default();
    bytes.extend_from_slice(&raw::release(data));
    if args.clipboard {
        mux.clipboard = Some(Clip {
            text: bytes.clone(),
            window: None,
        });
    }
    put(mux, args.buffer.as_deref(), bytes)?;
    Ok(Outcome::Done)
}

fn rename(mux: &mut Mux, name: Option<&str>, new: &str) -> Ran {
    let old = match (mux.buffers.get(name), name) {
        (Some(old), _) => old.name.clone(),
        (None, Some(name)) => return Err(format!("unknown buffer: {name}")),
        (None, None) => return Err("no buffer".to_owned()),
    };
    if new.is_empty() {
        return Err("new name is empty".to_owned());
    }
    let new = Buffers::checked(new)?;
    mux.buffers.rename(&old, &new);
    Ok(Outcome::Done)
}

fn put(mux: &mut Mux, name: Option<&str>, bytes: Vec<u8>) -> Result<(), String> {
    match name {
        Some(name) => mux.buffers.set(&Buffers::checked(name)?, bytes, mux.now),
        None => {
            let limit = mux.buffer_limit();
            mux.buffers.push(bytes, limit, mux.now);
        }
    }
    Ok(())
}

fn data(mux: &Mux, name: Option<&str>) -> Result<Vec<u8>, String> {
    match (mux.buffers.get(name), name) {
        (Some(buffer), _) => Ok(buffer.data.clone()),
        (None, Some(name)) => Err(format!("no buffer {name}")),
        (None, None) => Err("no buffers".to_owned()),
    }
}

/// `show-buffer`.
pub(super) fn show(mux: &Mux, cx: &mut Context, args: &args::ShowBuffer) -> Ran {
    let bytes = data(mux, args.buffer.as_deref())?;
    cx.output.extend_from_slice(&bytes);
    Ok(Outcome::Done)
}

/// `delete-buffer`.
pub(super) fn delete(mux: &mut Mux, args: &args::DeleteBuffer) -> Ran {
    if mux.buffers.delete(args.buffer.as_deref()) {
        return Ok(Outcome::Done);
    }
    Err(match &args.buffer {
        Some(name) => format!("unknown buffer: {name}"),
        None => "no buffer".to_owned(),
    })
}

/// `list-buffers`.
pub(super) fn list(mux: &Mux, cx: &mut Context, args: &args::ListBuffers) -> Ran {
    let template = args.format.as_deref().unwrap_or(LIST_FORMAT);
    let mut names: Vec<String> = mux.buffers.iter().map(|b| b.name.clone()).collect();
    lists::sort_buffers(mux, &mut names, args.order.as_deref(), args.reversed)?;
    for name in names {
        let scope = Scope {
            buffer: Some(&name),
            now: cx.now,
            ..Scope::default()
        };
        if let Some(line) = places::item(mux, &scope, template, args.filter.as_deref()) {
            cx.print(&line);
        }
    }
    Ok(Outcome::Done)
}

/// `load-buffer`.
pub(super) fn load(mux: &mut Mux, cx: &Context, args: &args::LoadBuffer) -> Ran {
    let token = mux.ids.token();
    let path = file_path(mux, cx, &args.path);
    mux.emit(Effect::ReadFile {
        token,
        client: cx.client,
        path,
    });
    Ok(Outcome::Wait(token))
}

/// `load-buffer`, once the file is read.
pub(super) fn loaded(mux: &mut Mux, cx: &Context, args: &args::LoadBuffer, answer: Answer) -> Ran {
    match answer {
        Answer::File(Ok(bytes)) => {
            if args.clipboard {
                mux.clipboard = Some(Clip {
                    text: bytes.clone(),
                    window: None,
                });
            }
            if !bytes.is_empty() {
                put(mux, args.buffer.as_deref(), bytes)?;
            }
            Ok(Outcome::Done)
        }
        Answer::File(Err(why)) => {
            let path = file_path(mux, cx, &args.path);
            Err(file_error(&absolute(mux, cx, &path), &why))
        }
        _ => Ok(Outcome::Done),
    }
}

/// `save-buffer`.
pub(super) fn save(mux: &mut Mux, cx: &Context, args: &args::SaveBuffer) -> Ran {
    let bytes = data(mux, args.buffer.as_deref())?;
    let token = mux.ids.token();
    let path = file_path(mux, cx, &args.path);
    mux.emit(Effect::WriteFile {
        token,
        client: cx.client,
        path,
        bytes,
        append: args.append,
    });
    Ok(Outcome::Wait(token))
}

/// `save-buffer`, once the file is written.
pub(super) fn saved(mux: &Mux, cx: &Context, args: &args::SaveBuffer, answer: Answer) -> Ran {
    match answer {
        Answer::File(Err(why)) => {
            let path = file_path(mux, cx, &args.path);
            Err(file_error(&absolute(mux, cx, &path), &why))
        }
        _ => Ok(Outcome::Done),
    }
}

/// A path as commands give it: formats expanded, `~` the home.
pub(super) fn file_path(mux: &Mux, cx: &Context, path: &str) -> String {
    let path = match mux.here(&cx.asker()) {
        Some(found) => places::expand(mux, cx, &found, path),
        None => path.to_owned(),
    };
    let home = mux.environ.value("HOME");
    match (path.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => format!("{home}/{rest}"),
        _ => path,
    }
}

/// A path from the root: as it is, or in the directory of the client.
fn absolute(mux: &Mux, cx: &Context, path: &str) -> String {
    let client = cx.client.and_then(|id| mux.clients.get(&id));
    match client {
        Some(client) if !path.starts_with('/') && !client.cwd.is_empty() => {
            format!("{}/{path}", client.cwd)
        }
        _ => path.to_owned(),
    }
}

/// A file's error as tmux puts it, the path once.
pub(super) fn file_error(path: &str, why: &str) -> String {
    let why = why.rsplit_once(": ").map_or(why, |(_, why)| why);
    format!("{why}: {path}")
}

/// `paste-buffer`.
pub(super) fn paste(mux: &mut Mux, cx: &Context, args: &args::PasteBuffer) -> Ran {
    let found = places::pane(mux, cx, args.target.as_ref())?;
    let Some(buffer) = mux.buffers.get(args.buffer.as_deref()) else {
        return match &args.buffer {
            Some(name) => Err(format!("no buffer {name}")),
            None => Ok(Outcome::Done),
        };
    };
    let name = buffer.name.clone();
    let separator = match &args.separator {
        Some(separator) => separator.as_bytes(),
        None if args.no_replace => b"\n",
        None => b"\r",
    };
    let mut text = Vec::with_capacity(buffer.data.len());
    for (at, line) in buffer.data.split(|byte| *byte == b'\n').enumerate() {
        if at > 0 {
            text.extend_from_slice(separator);
        }
        if args.no_escape {
            text.extend_from_slice(line);
        } else {
            vis::caret(line, &mut text);
        }
    }
    let pane = mux.panes.get(&found.pane).ok_or("no current target")?;
    if pane.dead.is_some() {
        return Err("target pane has exited".to_owned());
    }
    let bracketed = args.bracketed && pane.term.modes().bracketed_paste;
    let mut bytes = Vec::new();
    term::encode_paste(&text, bracketed, &mut bytes);
    send::type_bytes(mux, cx, found.pane, bytes);
    if args.delete {
        mux.buffers.delete(Some(&name));
    }
    Ok(Outcome::Done)
}
