//! Sharing: a session is opened to guests, and closed again. The door itself is
//! the outside's.

use serde_json::json;

use crate::access::Grant;
use crate::command::args;
use crate::mux::effect::{ShareInfo, ShareRequest};
use crate::mux::{Effect, Mux};

use super::{Answer, Context, Outcome, Ran, buffer, places};

/// Where a share listens unless it is told.
const DEFAULT_LISTEN: &str = "0.0.0.0:0";

/// `share`.
pub(super) fn open(mux: &mut Mux, cx: &mut Context, args: &args::Share) -> Ran {
    let found = places::session(mux, cx, args.target.as_ref())?;
    let owner = mux
        .sessions
        .get(&found.session)
        .ok_or("no current session")?;
    if let Some(info) = owner.share.as_deref() {
        let asks_for_more = !args.listen.is_empty()
            || !args.authorized_keys.is_empty()
            || args.host_key.is_some()
            || args.view_only;
        if asks_for_more {
            return Err(format!("session {} is shared already", owner.name));
        }
        let text = describe(info, args.json);
        cx.output.extend_from_slice(text.as_bytes());
        return Ok(Outcome::Done);
    }
    let listen = if args.listen.is_empty() {
        vec![DEFAULT_LISTEN.to_owned()]
    } else {
        args.listen.clone()
    };
    let request = ShareRequest {
        session: found.session,
        name: owner.name.clone(),
        listen,
        authorized_keys: args
            .authorized_keys
            .iter()
            .map(|path| from_client(mux, cx, path))
            .collect(),
        key_grant: if args.view_only {
            Grant::View
        } else {
            Grant::Type
        },
        host_key: args
            .host_key
            .as_deref()
            .map(|path| from_client(mux, cx, path)),
        view_only: args.view_only,
        sftp: None,
        forward: Vec::new(),
    };
    let token = mux.ids.token();
    mux.emit(Effect::Share {
        token,
        request: Box::new(request),
    });
    Ok(Outcome::Wait(token))
}

/// A file's path as the client means it, whose directory is not the server's.
fn from_client(mux: &Mux, cx: &Context, path: &str) -> String {
    let path = buffer::file_path(mux, cx, path);
    let client = cx.client.and_then(|id| mux.clients.get(&id));
    match client.map(|client| client.cwd.as_str()) {
        Some(cwd) if !cwd.is_empty() && !path.starts_with('/') => format!("{cwd}/{path}"),
        _ => path,
    }
}

/// `share`, once the door is open or could not be opened.
pub(super) fn opened(mux: &mut Mux, cx: &mut Context, args: &args::Share, answer: Answer) -> Ran {
    match answer {
        Answer::Shared(Ok(info)) => {
            let text = describe(&info, args.json);
            cx.output.extend_from_slice(text.as_bytes());
            if let Some(owner) = mux.sessions.get_mut(&info.session) {
                owner.share = Some(info);
            }
            Ok(Outcome::Done)
        }
        Answer::Shared(Err(why)) => Err(why),
        _ => Ok(Outcome::Done),
    }
}

/// How guests come in, as lines or as one line of JSON.
fn describe(info: &ShareInfo, as_json: bool) -> String {
    let read_write = info
        .token
        .as_ref()
        .map(|token| info.ssh_command(token.expose()));
    let read_only = info.ssh_command(info.view_token.expose());
    if as_json {
        let listen: Vec<String> = info.listen.iter().map(ToString::to_string).collect();
        let value = json!({
            "session": info.session.to_string(),
            "ssh_command": read_write,
            "ssh_command_ro": read_only,
            "host": info.host,
            "listen": listen,
            "fingerprint": info.fingerprint,
            "known_hosts": info.known_hosts,
            "keys": info.keys,
        });
        return format!("{value}\n");
    }
    let mut lines = String::new();
    if let Some(command) = read_write {
        lines.push_str(&format!("join:        {command}\n"));
    }
    lines.push_str(&format!("watch:       {read_only}\n"));
    lines.push_str(&format!("known_hosts: {}\n", info.known_hosts.trim_end()));
    lines.push_str(&format!("fingerprint: {}\n", info.fingerprint));
    if info.keys > 0 {
        lines.push_str(&format!("keys:        {}\n", info.keys));
    }
    lines
}

/// `unshare`.
pub(super) fn close(mux: &mut Mux, cx: &Context, args: &args::Unshare) -> Ran {
    let found = places::session(mux, cx, args.target.as_ref())?;
    let owner = mux
        .sessions
        .get_mut(&found.session)
        .ok_or("no current session")?;
    if owner.share.take().is_none() {
        return Err(format!("session {} is not shared", owner.name));
    }
    let guests: Vec<_> = mux
        .clients
        .values()
        .filter(|client| client.guest_of() == Some(found.session))
        .map(|client| client.id)
        .collect();
    for guest in guests {
        mux.dismiss(
            guest,
            0,
            Some("[the session is no longer shared]".to_owned()),
        );
    }
    mux.emit(Effect::Unshare {
        session: found.session,
    });
    Ok(Outcome::Done)
}
