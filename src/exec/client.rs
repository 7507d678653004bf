//! Clients: detach, switch, list, refresh, suspend; and the list of commands.

use crate::access::Grant;
use crate::base::{ClientId, SessionId};
use crate::command::{args, table};
use crate::format::{self, Scope};
use crate::mux::client::{CLIPBOARD_TIME, ClipboardWish, Overlay};
use crate::mux::{Effect, Mux};

use super::{Context, Outcome, Ran, control, lists, places, session, window};

const LIST_FORMAT: &str = "#{client_name}: #{session_name} \
    [#{client_width}x#{client_height} #{client_termname}] \
    #{?#{!=:#{client_uid},#{uid}},[user #{?client_user,#{client_user},#{client_uid}}] ,}\
    #{?client_flags,(,}#{client_flags}#{?client_flags,),}";

/// What is added about a guest: grant, by what they came, since when, idle.
const GUEST_FORMAT: &str = " #{client_grant} by #{client_means}#{?client_key, #{client_key},} \
    since #{t:client_created} idle #{client_idle}s#{?client_waiting, waiting,}";

/// Sets a client's flags from a list such as `read-only,!ignore-size`. What is
/// no flag of ours is passed over, as tmux does.
pub(super) fn set_flags(
    mux: &mut Mux,
    client: ClientId,
    flags: Option<&str>,
) -> Result<(), String> {
    if !mux.clients.contains_key(&client) {
        return Err("no current client".to_owned());
    }
    for flag in flags.unwrap_or_default().split(',') {
        let (flag, on) = match flag.strip_prefix('!') {
            Some(flag) => (flag, false),
            None => (flag, true),
        };
        control::set_flag(mux, client, flag, on);
        let Some(client) = mux.clients.get_mut(&client) else {
            continue;
        };
        match flag {
            "read-only" => client.read_only = on,
            "ignore-size" => client.ignore_size = on,
            "no-detach-on-destroy" => client.stays = on,
            // Whoever comes from outside is always shown to the others.
            "recorder" if client.guest_of().is_none() => {
                (client.records, client.ignore_size) = (on, on);
            }
            _ => {}
        }
    }
    Ok(())
}

/// `detach-client`.
pub(super) fn detach(mux: &mut Mux, cx: &Context, args: &args::DetachClient) -> Ran {
    let exec = args.exec.as_deref();
    if let Some(target) = &args.session {
        let found = places::session(mux, cx, Some(target))?;
        let clients: Vec<ClientId> = mux.attached(found.session).map(|c| c.id).collect();
        for client in clients {
            session::hang_up(mux, client, args.hangup, exec);
        }
        return Ok(Outcome::Done);
    }
    let own = places::client(mux, cx, args.client.as_deref())?;
    if !args.others {
        session::hang_up(mux, own, args.hangup, exec);
        return Ok(Outcome::Done);
    }
    let others: Vec<ClientId> = mux
        .clients
        .values()
        .filter(|c| c.id != own && c.session.is_some() && !c.records)
        .filter(|c| cx.authority.only.is_none_or(|only| c.session == Some(only)))
        .map(|c| c.id)
        .collect();
    for client in others {
        session::hang_up(mux, client, args.hangup, exec);
    }
    Ok(Outcome::Done)
}

/// `switch-client`.
pub(super) fn switch(mux: &mut Mux, cx: &mut Context, args: &args::SwitchClient) -> Ran {
    let own = places::client(mux, cx, args.client.as_deref())?;
    if args.toggle_read_only
        && let Some(client) = mux.clients.get_mut(&own)
    {
        client.read_only = !client.read_only;
        client.ignore_size = client.read_only;
    }
    if let Some(table) = &args.table {
        if mux.bindings.table(table).is_none() {
            return Err(format!("table {table} doesn't exist"));
        }
        if let Some(client) = mux.clients.get_mut(&own) {
            client.key_table = Some(table.clone());
        }
        return Ok(Outcome::Done);
    }
    let current = mux.clients.get(&own).and_then(|c| c.session);
    let to = if args.next || args.previous {
        beside(mux, cx, current, args)?
    } else if args.last {
        let last = mux.clients.get(&own).and_then(|c| c.last_session);
        last.filter(|id| mux.sessions.contains_key(id))
            .ok_or("can't find last session")?
    } else {
        if args.target.is_none() && args.toggle_read_only {
            return Ok(Outcome::Done);
        }
        let pane_like = args
            .target
            .as_ref()
            .is_some_and(|t| t.0.contains([':', '.', '%', '@', '=', '~', '{']));
        let found = if pane_like {
            places::pane(mux, cx, args.target.as_ref())?
        } else {
            places::session(mux, cx, args.target.as_ref())?
        };
        if pane_like {
            window::select(mux, found.session, found.index);
            super::pane::make_active(mux, found.window, found.pane, args.keep_zoom);
        }
        found.session
    };
    let guest = mux.clients.get(&own).and_then(crate::mux::Client::guest_of);
    if guest.is_some_and(|only| only != to) {
        return Err("a guest stays in the session it was invited to".to_owned());
    }
    if !args.keep_environment && guest.is_none() && cx.authority.only.is_none() {
        session::take_environment(mux, Some(own), to);
    }
    mux.attach(own, to);
    window::follow(mux, cx, to);
    Ok(Outcome::Done)
}

/// The session before or after a client's own.
fn beside(
    mux: &Mux,
    cx: &Context,
    current: Option<SessionId>,
    args: &args::SwitchClient,
) -> Result<SessionId, String> {
    let mut ids = places::visible_sessions(mux, cx);
    lists::sort_sessions(mux, &mut ids, args.order.as_deref(), false)?;
    let which = if args.next { "next" } else { "previous" };
    let at = ids.iter().position(|id| Some(*id) == current);
    let at = at.ok_or_else(|| format!("can't find {which} session"))?;
    let to = if args.next {
        (at + 1) % ids.len()
    } else {
        (at + ids.len() - 1) % ids.len()
    };
    Ok(ids[to])
}

/// `list-clients`.
pub(super) fn list(mux: &Mux, cx: &mut Context, args: &args::ListClients) -> Ran {
    let found = places::session(mux, cx, args.target.as_ref())?;
    let session = match &args.target {
        Some(_) => Some(found.session),
        None => cx.authority.only,
    };
    let mut ids: Vec<ClientId> = mux
        .clients
        .values()
        .filter(|c| c.session.is_some() || c.waiting.is_some() || c.reads_files)
        .filter(|c| !c.records)
        .filter(|c| session.is_none_or(|id| c.session == Some(id) || c.guest_of() == Some(id)))
        .map(|c| c.id)
        .collect();
    let guest_format = format!("{LIST_FORMAT}{GUEST_FORMAT}");
    lists::sort_clients(mux, &mut ids, args.order.as_deref(), args.reversed)?;
    for id in ids {
        let scope = Scope {
            now: cx.now,
            ..Scope::of_client(mux, id)
        };
        let guest = mux.clients.get(&id).is_some_and(|c| c.guest_of().is_some());
        let own = if guest { &guest_format } else { LIST_FORMAT };
        let template = args.format.as_deref().unwrap_or(own);
        if let Some(line) = places::item(mux, &scope, template, args.filter.as_deref()) {
            cx.print(&line);
        }
    }
    Ok(Outcome::Done)
}

/// `refresh-client`: moves the client's view of a window that is larger than
/// its screen; the next frame is drawn in any case.
pub(super) fn refresh(mux: &mut Mux, cx: &Context, args: &args::RefreshClient) -> Ran {
    let own = places::client(mux, cx, args.client.as_deref())?;
    if cx.client != Some(own) && !cx.authority.allows(Grant::Type) {
        return Err("client is read-only".to_owned());
    }
    set_flags(mux, own, args.flags.as_deref())?;
    control::refresh(mux, cx, own, args)?;
    let by = match &args.adjustment {
        Some(by) => places::count(by, "adjustment", 1, i64::from(u16::MAX))?,
        None => 1,
    };
    let by = i32::try_from(by).unwrap_or(1);
    let way = |on: bool| if on { by } else { 0 };
    let dx = way(args.right) - way(args.left);
    let dy = way(args.down) - way(args.up);
    let moves = args.right || args.left || args.down || args.up;
    let panned = mux.clients.get(&own).filter(|_| moves);
    let panned = panned.and_then(|client| mux.pan_by(client, dx, dy));
    if let Some(client) = mux.clients.get_mut(&own) {
        client.pan = panned.or(client.pan);
        if args.follow {
            client.pan = None;
            // Following again what goes on ends the client's own look.
            if matches!(client.overlay.as_deref(), Some(Overlay::Peek(_))) {
                client.overlay = None;
            }
        }
        if args.clipboard {
            client.ask_clipboard(ClipboardWish {
                until: mux.now.mono + CLIPBOARD_TIME,
                keeps: true,
                program: None,
            });
        }
    }
    Ok(Outcome::Done)
}

/// `suspend-client`.
pub(super) fn suspend(mux: &mut Mux, cx: &Context, args: &args::SuspendClient) -> Ran {
    let client = places::client(mux, cx, args.client.as_deref())?;
    if mux
        .clients
        .get(&client)
        .is_some_and(|c| c.guest_of().is_some())
    {
        return Err("a guest cannot be suspended".to_owned());
    }
    // One that speaks lines has no terminal to give back.
    if mux.control_mut(client).is_some() {
        return Ok(Outcome::Done);
    }
    if let Some(own) = mux.clients.get_mut(&client) {
        own.suspended = true;
    }
    mux.emit(Effect::Suspend { client });
    Ok(Outcome::Done)
}

/// `lock-client`.
pub(super) fn lock(mux: &mut Mux, cx: &Context, args: &args::LockClient) -> Ran {
    let client = places::client(mux, cx, args.client.as_deref())?;
    mux.lock_client(client);
    Ok(Outcome::Done)
}

/// `lock-session`.
pub(super) fn lock_session(mux: &mut Mux, cx: &Context, args: &args::LockSession) -> Ran {
    let found = places::session(mux, cx, args.target.as_ref())?;
    mux.lock_session(found.session);
    Ok(Outcome::Done)
}

/// `lock-server`.
pub(super) fn lock_server(mux: &mut Mux) -> Ran {
    let sessions: Vec<SessionId> = mux.sessions.keys().copied().collect();
    for session in sessions {
        mux.lock_session(session);
    }
    Ok(Outcome::Done)
}

/// `list-commands`.
pub(super) fn commands(mux: &Mux, cx: &mut Context, args: &args::ListCommands) -> Ran {
    let only = match &args.command {
        Some(name) => Some(table::find(name).map_err(|error| error.to_string())?.name),
        None => None,
    };
    for row in table::table().iter().filter(|row| !row.hidden) {
        if only.is_some_and(|name| name != row.name) {
            continue;
        }
        let alias = row.alias.unwrap_or_default();
        let usage = row.usage();
        let line = match &args.format {
            Some(format) => {
                let vars = [
                    ("command_list_name".to_owned(), row.name.to_owned()),
                    ("command_list_alias".to_owned(), alias.to_owned()),
                    ("command_list_usage".to_owned(), usage),
                ];
                let scope = Scope {
                    vars: &vars,
                    now: cx.now,
                    ..Scope::default()
                };
                format::expand(format, mux, &scope)
            }
            None if alias.is_empty() => format!("{} {usage}", row.name),
            None => format!("{} ({alias}) {usage}", row.name),
        };
        cx.print(&line);
    }
    Ok(Outcome::Done)
}
