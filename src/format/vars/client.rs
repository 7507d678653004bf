//! Variables of the client.

use crate::access::Grant;
use crate::mux::peer::Origin;
use crate::mux::{Client, Mux};

use super::super::Scope;
use super::bit;

pub(super) fn value(name: &str, mux: &Mux, scope: &Scope<'_>) -> Option<String> {
    let name = name.strip_prefix("client_")?;
    let client = mux.clients.get(&scope.asked_client()?)?;
    let session = |id: Option<_>| id.and_then(|id| mux.sessions.get(&id));
    let terminal = client.terminal.as_ref();
    Some(match name {
        "name" => client.name.clone(),
        "tty" => terminal.map(|t| t.tty.clone()).unwrap_or_default(),
        "termname" => terminal.map(|t| t.term.clone()).unwrap_or_default(),
        "termtype" => client.version.to_string(),
        // Nothing is drawn on what a control client has.
        "termfeatures" | "colours" | "cell_width" | "cell_height" if client.control.is_some() => {
            String::new()
        }
        "termfeatures" => client.caps.features().collect::<Vec<_>>().join(","),
        "width" => terminal.map_or(0, |t| t.size.cols()).to_string(),
        // A control client is never as high as it says (tmux prints nothing).
        "height" if client.control.is_some() => String::new(),
        "height" => terminal.map_or(0, |t| t.size.rows()).to_string(),
        "colours" => client.caps.colors.count().to_string(),
        "theme" => match client.light {
            Some(true) => "light",
            Some(false) => "dark",
            None => "",
        }
        .to_owned(),
        "utf8" => bit(terminal.is_some_and(|t| t.utf8)),
        "created" => client.created.unix().to_string(),
        "activity" => client.activity.unix().to_string(),
        "session" => session(client.session)?.name.clone(),
        "last_session" => session(client.last_session)
            .map(|s| s.name.clone())
            .unwrap_or_default(),
        "readonly" => bit(client.effective_grant() == Grant::View),
        "grant" => client.grant.to_string(),
        "origin" => client.origin.to_string(),
        "address" => address(client),
        "means" => match &client.origin {
            Origin::Local { .. } => "socket".to_owned(),
            Origin::Ssh { means, .. } => means.to_string(),
        },
        "key" => match &client.origin {
            Origin::Local { .. } => String::new(),
            Origin::Ssh { key, .. } => key.clone(),
        },
        "readable" => bit(matches!(client.origin, Origin::Ssh { readable: true, .. })),
        "idle" => (mux.now.unix() - client.activity.unix()).max(0).to_string(),
        "waiting" => bit(client.waiting.is_some()),
        "prefix" => bit(client.key_table.as_deref() == Some("prefix")),
        "key_table" => {
            let table = client.key_table.clone();
            table.unwrap_or_else(|| mux.session_text(client.session, "key-table"))
        }
        "flags" => flags(client),
        "pid" => match client.origin {
            Origin::Local { pid, .. } => pid.to_string(),
            Origin::Ssh { .. } => String::new(),
        },
        "uid" => match client.origin {
            Origin::Local { uid, .. } => uid.to_string(),
            Origin::Ssh { .. } => String::new(),
        },
        "user" => match &client.origin {
            Origin::Local { uid, .. } => {
                let other = mux.local_access.user(*uid);
                other.unwrap_or(&mux.server.user).to_owned()
            }
            Origin::Ssh { name, .. } => name.clone(),
        },
        "control_mode" => bit(client.control.is_some()),
        "written" if client.control.is_some() => String::new(),
        "written" => client.written.to_string(),
        "discarded" => "0".to_owned(),
        // What tmux takes a cell for whose pixels nobody told.
        "cell_width" => terminal.map_or("", |_| "16").to_owned(),
        "cell_height" => terminal.map_or("", |_| "32").to_owned(),
        _ => return None,
    })
}

fn address(client: &Client) -> String {
    match &client.origin {
        Origin::Local { .. } => String::new(),
        Origin::Ssh { address, .. } => address.to_string(),
    }
}

fn flags(client: &Client) -> String {
    let mut flags = Vec::new();
    if client.session.is_some() {
        flags.push("attached");
    }
    let mut flags: Vec<String> = flags.into_iter().map(str::to_owned).collect();
    let mut add = |on: bool, flag: &str| flags.extend(on.then(|| flag.to_owned()));
    let control = client.control.as_deref();
    add(client.session.is_some() && client.focused, "focused");
    add(control.is_some(), "control-mode");
    add(client.ignore_size, "ignore-size");
    add(client.stays, "no-detach-on-destroy");
    add(control.is_some_and(|c| c.no_output), "no-output");
    add(control.is_some_and(|c| c.wait_exit), "wait-exit");
    add(control.is_some_and(|c| c.new_layouts), "new-layouts");
    if let Some(time) = control.and_then(|control| control.pause_after) {
        add(true, &format!("pause-after={}", time.as_secs()));
    }
    add(client.effective_grant() == Grant::View, "read-only");
    let utf8 = client.terminal.as_ref().is_some_and(|t| t.utf8);
    add(utf8, "UTF-8");
    flags.join(",")
}

pub(super) fn scopes<'a>(mux: &Mux, scope: &Scope<'a>) -> Vec<(Scope<'a>, bool)> {
    let shown = scope.asked_client();
    let attached = mux
        .clients
        .values()
        .filter(|c| c.session.is_some() && !c.records);
    attached
        .map(|client| {
            // The rest is that of the format around the loop.
            let own = Scope {
                client: Some(client.id),
                ..*scope
            };
            (own, shown == Some(client.id))
        })
        .collect()
}
