//! Sessions: new, attach, has, kill, list, rename.

use crate::access::Grant;
use crate::base::{ClientId, Label, SessionId, Size, glob};
use crate::command::args;
use crate::config::Value;
use crate::format::Scope;
use crate::mux::peer::Origin;
use crate::mux::session::Alerts;
use crate::mux::{Effect, Environ, Mux};

use super::spawn::{self, Wish};
use super::{Answer, Context, Outcome, Ran, client, lists, places};

pub(super) const NEW_FORMAT: &str = "#{session_name}:";

/// What `list-sessions` prints.
pub(super) const LIST_FORMAT: &str = "#{session_name}: #{session_windows} windows \
    (created #{t:session_created})#{?session_grouped, (group ,}#{session_group}\
    #{?session_grouped,),}#{?session_attached, (attached),}";

/// A name as it is kept; `what` is what it is the name of (tmux(1), "NAMES AND
/// TITLES").
pub(super) fn checked_name(what: &str, name: &str) -> Result<String, String> {
    Label::name(name)
        .map(|name| name.to_string())
        .ok_or_else(|| format!("invalid {what} name: {name}"))
}

/// `new-session`.
pub(super) fn new(mux: &mut Mux, cx: &mut Context, args: &args::NewSession) -> Ran {
    if args.group.is_some() && (!args.command.is_empty() || args.window_name.is_some()) {
        return Err("command or window name given with target".to_owned());
    }
    // A session that is not there yet has no place that the names could tell of.
    let expand = |mux: &Mux, text: &str| {
        let scope = Scope {
            client: mux.current_client(&cx.asker()),
            vars: &cx.variables,
            now: cx.now,
            jobs: cx.authority.allows(crate::access::Grant::Type),
            caller: cx.client,
            ..Scope::default()
        };
        crate::format::expand(text, mux, &scope)
    };
    let window_name = match &args.window_name {
        Some(name) => Some(checked_name("window", &expand(mux, name))?),
        None => None,
    };
    let name = match &args.name {
        Some(name) => Some(checked_name("session", &expand(mux, name))?),
        None => None,
    };
    if let Some(existing) = name.as_deref().and_then(|name| mux.session_named(name)) {
        if !args.attach_if_exists {
            return Err(format!("duplicate session: {}", name.unwrap_or_default()));
        }
        return attach_existing(mux, cx, args, existing);
    }
    // Without a name it is the session where the asker is.
    if args.attach_if_exists
        && name.is_none()
        && let Some(here) = mux.here(&cx.asker())
    {
        return attach_existing(mux, cx, args, here.session);
    }
    let detached = args.detached || cx.client.is_none();
    if !detached {
        ready_to_attach(mux, cx)?;
    }
    let size = new_size(mux, cx, args, detached)?;
    let session = match &args.group {
        Some(group) => grouped(mux, cx, name, &group.0, size, args)?,
        None => plain(mux, cx, name, window_name.as_deref(), size, args)?,
    };
    if let Some(owner) = mux.sessions.get_mut(&session)
        && (args.width.is_some() || args.height.is_some())
    {
        let text = format!("{}x{}", size.cols(), size.rows());
        owner.options.insert("default-size", Value::Text(text));
    }
    let Some(found) = mux.place_in(session) else {
        return Ok(Outcome::Done);
    };
    // What follows on the line is meant for it only if it is shown.
    if !args.detached {
        cx.set_current(found);
    }
    let fresh = mux
        .panes
        .get(&found.pane)
        .is_some_and(|p| p.process.is_none());
    if fresh && let Some(token) = spawn::start(mux, cx, found.pane) {
        cx.step = usize::try_from(session.0).unwrap_or(0);
        return Ok(Outcome::Wait(token));
    }
    finish_new(mux, cx, args, session)
}

/// `new-session`, once its process runs or does not.
pub(super) fn new_resumed(
    mux: &mut Mux,
    cx: &mut Context,
    args: &args::NewSession,
    answer: Answer,
) -> Ran {
    let session = SessionId(u32::try_from(cx.step).unwrap_or(u32::MAX));
    match spawn::started(mux, cx, answer) {
        Ok(_) => finish_new(mux, cx, args, session),
        Err(why) => {
            mux.kill_session(session);
            cx.current = super::Current::default();
            Err(format!("create session failed: {why}"))
        }
    }
}

fn finish_new(mux: &mut Mux, cx: &mut Context, args: &args::NewSession, session: SessionId) -> Ran {
    if args.print
        && let Some(found) = mux.place_in(session)
    {
        let format = args.format.as_deref().unwrap_or(NEW_FORMAT);
        let line = places::expand(mux, cx, &found, format);
        cx.print(&line);
    }
    if let Some(own) = cx.client.filter(|_| !args.detached) {
        client::set_flags(mux, own, args.flags.as_deref())?;
        mux.attach(own, session);
    }
    Ok(Outcome::Done)
}

fn attach_existing(
    mux: &mut Mux,
    cx: &mut Context,
    args: &args::NewSession,
    session: SessionId,
) -> Ran {
    let attach = args::AttachSession {
        detach_others: args.detach_others,
        hangup_others: args.hangup_others,
        keep_environment: args.keep_environment,
        flags: args.flags.clone(),
        ..args::AttachSession::default()
    };
    // -d is for a session that is made (tmux(1), `new-session -A`).
    if cx.client.is_none() {
        return Ok(Outcome::Done);
    }
    attach_to(mux, cx, &attach, session)
}

/// The environment of a session that is made.
fn fresh_environment(mux: &Mux, cx: &Context, args: &args::NewSession) -> Environ {
    let mut environ = Environ::default();
    if !args.keep_environment {
        update_environment(mux, cx.client, None, &mut environ);
    }
    for pair in &args.env {
        if let Some((name, value)) = pair.split_once('=') {
            environ.set(name, value, false);
        }
    }
    environ
}

fn plain(
    mux: &mut Mux,
    cx: &Context,
    name: Option<String>,
    window_name: Option<&str>,
    size: Size,
    args: &args::NewSession,
) -> Result<SessionId, String> {
    let name = name.unwrap_or_else(|| mux.free_session_name());
    let environ = fresh_environment(mux, cx, args);
    let here = mux.here(&cx.asker());
    let wish = Wish {
        words: &args.command,
        cwd: args.cwd.as_deref(),
        env: &args.env,
        empty: false,
    };
    let pane = spawn::new_pane(mux, cx, None, &environ, here.as_ref(), wish);
    let made = mux.new_session(&name, size, window_name, pane);
    let (session, _, _) = made.map_err(|error| error.to_string())?;
    if let Some(owner) = mux.sessions.get_mut(&session) {
        owner.environ = environ;
    }
    Ok(session)
}

fn grouped(
    mux: &mut Mux,
    cx: &Context,
    name: Option<String>,
    group: &str,
    size: Size,
    args: &args::NewSession,
) -> Result<SessionId, String> {
    let target = crate::command::target::Target(group.to_owned());
    let with = mux
        .sessions
        .values()
        .find(|s| s.group.as_deref() == Some(group))
        .map(|s| s.id)
        .or_else(|| {
            places::session(mux, cx, Some(&target))
                .ok()
                .map(|found| found.session)
        });
    let label = with.and_then(|id| mux.sessions.get(&id)).map_or_else(
        || checked_name("session group", group),
        |s| Ok(s.group.clone().unwrap_or_else(|| s.name.clone())),
    )?;
    let name = name.unwrap_or_else(|| {
        let number = mux.ids.next_session().0;
        format!("{label}-{number}")
    });
    match with {
        Some(with) => {
            let session = mux
                .new_grouped_session(&name, with)
                .map_err(|error| error.to_string())?;
            let environ = fresh_environment(mux, cx, args);
            if let Some(owner) = mux.sessions.get_mut(&session) {
                owner.environ = environ;
            }
            Ok(session)
        }
        None => {
            let session = plain(mux, cx, Some(name), None, size, args)?;
            if let Some(owner) = mux.sessions.get_mut(&session) {
                owner.group = Some(label);
            }
            Ok(session)
        }
    }
}

/// The first size of a session's windows.
fn new_size(
    mux: &Mux,
    cx: &Context,
    args: &args::NewSession,
    detached: bool,
) -> Result<Size, String> {
    let own = cx
        .client
        .and_then(|id| mux.clients.get(&id))
        .and_then(|client| client.terminal.as_ref())
        .map(|terminal| terminal.size);
    let default = mux.default_size(None);
    let control = cx.client.is_some_and(|id| {
        let client = mux.clients.get(&id);
        client.is_some_and(|client| client.control.is_some())
    });
    let whole = own.filter(|_| !detached && !control);
    let base = whole.map_or(default, |size| {
        let rows = size.rows().saturating_sub(mux.status_lines(None));
        Size::new(size.cols(), rows)
    });
    let side = |text: Option<&String>, what: &str, own: u16, base: u16| match text {
        None => Ok(base),
        Some(text) if text == "-" => Ok(own),
        Some(text) => places::count(text, what, 1, i64::from(u16::MAX))
            .map(|n| u16::try_from(n).unwrap_or(u16::MAX)),
    };
    let cols = side(
        args.width.as_ref(),
        "width",
        own.map_or(Size::DEFAULT.cols(), Size::cols),
        base.cols(),
    )?;
    let rows = side(
        args.height.as_ref(),
        "height",
        own.map_or(Size::DEFAULT.rows(), Size::rows),
        base.rows(),
    )?;
    Ok(Size::new(cols, rows))
}

/// Takes over the variables of `update-environment` from the client.
fn update_environment(
    mux: &Mux,
    client: Option<ClientId>,
    session: Option<SessionId>,
    environ: &mut Environ,
) {
    let Some(client) = client.and_then(|id| mux.clients.get(&id)) else {
        return;
    };
    let Some(value) = mux.session_option(session, "update-environment") else {
        return;
    };
    for (_, pattern) in value.entries() {
        let mut found = false;
        for (name, variable) in client.environ.iter() {
            if let Some(value) = variable.value.as_deref().filter(|_| glob(pattern, name)) {
                environ.set(name, value, false);
                found = true;
            }
        }
        if !found {
            environ.remove(pattern);
        }
    }
}

/// Lets a session take over the variables of `update-environment` from a client.
pub(super) fn take_environment(mux: &mut Mux, client: Option<ClientId>, session: SessionId) {
    let Some(owner) = mux.sessions.get(&session) else {
        return;
    };
    let mut environ = owner.environ.clone();
    update_environment(mux, client, Some(session), &mut environ);
    if let Some(owner) = mux.sessions.get_mut(&session) {
        owner.environ = environ;
    }
}

/// Whether the asking client can be attached at all.
fn ready_to_attach(mux: &Mux, cx: &Context) -> Result<(), String> {
    let Some(client) = cx.client.and_then(|id| mux.clients.get(&id)) else {
        return Err("no current client".to_owned());
    };
    if client.session.is_some() {
        return Ok(());
    }
    // One that speaks lines shows nothing, inside or outside.
    if client.control.is_some() {
        return Ok(());
    }
    if matches!(client.origin, Origin::Local { .. }) && in_pane(mux, client) {
        let name = if mux.server.as_tmux {
            "TMUX"
        } else {
            "STEPMUX"
        };
        if client.environ.value(name).is_some_and(|v| !v.is_empty()) {
            return Err(format!(
                "sessions should be nested with care, unset ${name} to force"
            ));
        }
    }
    let Some(terminal) = &client.terminal else {
        return Err("open terminal failed: not a terminal".to_owned());
    };
    client.caps.check(&terminal.term)
}

/// Whether the client's terminal is one of this server's own panes. Another
/// server's may show ours, as in tmux.
fn in_pane(mux: &Mux, client: &crate::mux::Client) -> bool {
    let tty = client.terminal.as_ref().map(|terminal| &terminal.tty);
    let mut processes = mux.panes.values().filter_map(|pane| pane.process.as_ref());
    processes.any(|process| Some(&process.tty) == tty)
}

/// `attach-session`.
pub(super) fn attach(mux: &mut Mux, cx: &mut Context, args: &args::AttachSession) -> Ran {
    if mux.sessions.is_empty() {
        return Err("no sessions".to_owned());
    }
    let found = match &args.target {
        Some(target) if target.0.contains([':', '.', '%', '@']) => {
            places::pane(mux, cx, Some(target))?
        }
        None => mux.here_to_attach(&cx.asker()).ok_or("no current target")?,
        target => places::session(mux, cx, target.as_ref())?,
    };
    let session = found.session;
    let outcome = attach_to(mux, cx, args, session)?;
    // What a viewer attaches to stays as it is.
    if args.target.is_some() && cx.authority.allows(Grant::Type) {
        if let Some(owner) = mux.sessions.get_mut(&session) {
            owner.select(found.index);
        }
        if let Some(window) = mux.windows.get_mut(&found.window) {
            window.select(found.pane);
        }
    }
    Ok(outcome)
}

fn attach_to(
    mux: &mut Mux,
    cx: &mut Context,
    args: &args::AttachSession,
    session: SessionId,
) -> Ran {
    ready_to_attach(mux, cx)?;
    let Some(own) = cx.client else {
        return Err("no current client".to_owned());
    };
    if let Some(cwd) = &args.cwd {
        let here = mux.place_in(session);
        let cwd = spawn::start_dir(mux, cx, Some(session), here.as_ref(), Some(cwd));
        if let Some(owner) = mux.sessions.get_mut(&session) {
            owner.cwd = cwd;
        }
    }
    if !args.keep_environment && cx.authority.only.is_none() {
        take_environment(mux, cx.client, session);
    }
    if args.detach_others || args.hangup_others {
        let others: Vec<ClientId> = mux
            .attached(session)
            .map(|client| client.id)
            .filter(|id| *id != own)
            .collect();
        for other in others {
            hang_up(mux, other, args.hangup_others, None);
        }
    }
    client::set_flags(mux, own, args.flags.as_deref())?;
    if args.read_only
        && let Some(client) = mux.clients.get_mut(&own)
    {
        client.read_only = true;
        client.ignore_size = true;
    }
    mux.attach(own, session);
    Ok(Outcome::Done)
}

/// `has-session`.
pub(super) fn has(mux: &Mux, cx: &Context, args: &args::HasSession) -> Ran {
    places::session(mux, cx, args.target.as_ref())?;
    Ok(Outcome::Done)
}

/// `kill-session`.
pub(super) fn kill(mux: &mut Mux, cx: &Context, args: &args::KillSession) -> Ran {
    if args.filter.is_some() && !args.others {
        return Err("-f only valid with -a".to_owned());
    }
    let target = places::session(mux, cx, args.target.as_ref())?.session;
    if args.clear_alerts {
        if let Some(owner) = mux.sessions.get_mut(&target) {
            for link in owner.links.values_mut() {
                link.alerts = Alerts::default();
            }
        }
        return Ok(Outcome::Done);
    }
    let doomed: Vec<SessionId> = if args.others {
        let mut others = mux.sessions_by_name();
        others.retain(|id| *id != target);
        others.retain(|id| {
            let scope = Scope::of_session(mux, *id);
            places::item(mux, &scope, "", args.filter.as_deref()).is_some()
        });
        others
    } else if args.group {
        mux.group_of(target)
    } else {
        vec![target]
    };
    for session in doomed {
        mux.kill_session(session);
    }
    Ok(Outcome::Done)
}

/// `list-sessions`.
pub(super) fn list(mux: &Mux, cx: &mut Context, args: &args::ListSessions) -> Ran {
    let template = args.format.as_deref().unwrap_or(LIST_FORMAT);
    let mut ids = places::visible_sessions(mux, cx);
    lists::sort_sessions(mux, &mut ids, args.order.as_deref(), args.reversed)?;
    for id in ids {
        let scope = Scope {
            now: cx.now,
            caller: cx.client,
            ..Scope::of_session(mux, id)
        };
        if let Some(line) = places::item(mux, &scope, template, args.filter.as_deref()) {
            cx.print(&line);
        }
    }
    Ok(Outcome::Done)
}

/// `rename-session`.
pub(super) fn rename(mux: &mut Mux, cx: &Context, args: &args::RenameSession) -> Ran {
    let found = places::session(mux, cx, args.target.as_ref())?;
    let name = checked_name("session", &places::expand(mux, cx, &found, &args.name))?;
    match mux.session_named(&name) {
        Some(own) if own == found.session => return Ok(Outcome::Done),
        Some(_) => return Err(format!("duplicate session: {name}")),
        None => {}
    }
    if let Some(owner) = mux.sessions.get_mut(&found.session) {
        owner.name = name;
    }
    Ok(Outcome::Done)
}

/// `kill-server`.
pub(super) fn kill_server(mux: &mut Mux) -> Ran {
    mux.ending = true;
    Ok(Outcome::Done)
}

/// Lets a client leave its session: to run a command in its place, or with a
/// SIGHUP for its parent, or plainly.
pub(super) fn hang_up(mux: &mut Mux, client: ClientId, parent: bool, command: Option<&str>) {
    let hangup = parent.then(|| hangup_command(mux, client)).flatten();
    match command.map(str::to_owned).or(hangup) {
        Some(command) => {
            if let Some(owner) = mux.clients.get_mut(&client) {
                owner.last_session = owner.session.take();
                owner.dismissed = true;
            }
            mux.emit(Effect::Exec { client, command });
        }
        None => mux.detach(client),
    }
}

/// The command that hangs up on a local client's parent, run in the client's
/// place. Nothing for clients that are not programs of this machine's user.
fn hangup_command(mux: &Mux, client: ClientId) -> Option<String> {
    let client = mux.clients.get(&client)?;
    let local = matches!(client.origin, Origin::Local { .. });
    let session = mux.sessions.get(&client.session.filter(|_| local)?)?;
    client.terminal.as_ref()?;
    // Shells do not agree on how these are quoted.
    let name: String = session
        .name
        .chars()
        .filter(|ch| !matches!(ch, '\'' | '\\'))
        .collect();
    Some(format!(
        "exec /bin/sh -c 'printf \"[detached and SIGHUP (from session %s)]\\n\" \"$0\"; \
         kill -HUP $PPID' '{name}'"
    ))
}
