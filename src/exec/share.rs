//! Sharing: a session is opened to guests, and closed again. The door itself is
//! the outside's.

use std::time::Duration;

use serde_json::json;

use crate::access::{Grant, LimitTo};
use crate::base::SessionId;
use crate::base::duration::parse_duration;
use crate::command::args;
use crate::mux::effect::{JobSpec, RelayRequest, RelayWay, ShareInfo, SharePolicy, ShareRequest};
use crate::mux::{Effect, Mux};

use super::{Answer, Context, Outcome, Ran, buffer, places, spawn};

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
        let only_shows = args::Share {
            json: args.json,
            target: args.target.clone(),
            ..args::Share::default()
        };
        if *args != only_shows {
            return Err(format!("session {} is shared already", owner.name));
        }
        let text = describe(info, args.json);
        cx.output.extend_from_slice(text.as_bytes());
        return Ok(Outcome::Done);
    }
    let request = request(mux, cx, args, found.session)?;
    let token = mux.ids.token();
    mux.emit(Effect::Share {
        token,
        request: Box::new(request),
    });
    Ok(Outcome::Wait(token))
}

/// What is asked for: each flag, or where it is not given the option of its
/// name.
fn request(
    mux: &Mux,
    cx: &Context,
    args: &args::Share,
    session: SessionId,
) -> Result<ShareRequest, String> {
    let name = mux.sessions.get(&session).map_or("", |owner| &owner.name);
    let list = |given: &[String], option: &str| -> Vec<String> {
        if given.is_empty() {
            let set = mux.server_option(option).into_iter();
            set.flat_map(|value| value.entries().map(|(_, text)| text.to_owned()))
                .collect()
        } else {
            given.to_vec()
        }
    };
    let text = |given: &Option<String>, option: &str| -> Option<String> {
        let set = || mux.server_text(option);
        let text = given.clone().unwrap_or_else(set);
        (!text.is_empty()).then_some(text)
    };
    let path = |path: &str| from_client(mux, cx, path);
    let paths = |list: Vec<String>| list.iter().map(|own| path(own)).collect();
    let mut listen = list(&args.listen, "share-listen");
    let relay = text(&args.relay, "share-relay").map(|place| RelayRequest {
        place,
        pin: text(&args.relay_key, "share-relay-key"),
        compat: args.relay_compat || mux.server_flag("share-relay-compat"),
        identity: text(&args.relay_identity, "share-relay-identity").map(|own| path(&own)),
        way: way(
            text(&args.proxy_command, "share-proxy-command"),
            spawn::job_environment(mux, Some(session)),
        ),
    });
    if relay.is_none() && (args.relay_compat || args.relay_identity.is_some()) {
        return Err("no relay is named (--relay)".to_owned());
    }
    if listen.is_empty() && relay.is_none() {
        listen.push(DEFAULT_LISTEN.to_owned());
    }
    let limit_to: Result<Vec<LimitTo>, String> = list(&args.limit_to, "share-limit-to")
        .iter()
        .map(|text| Ok(text.parse::<LimitTo>()?.map_path(path)))
        .collect();
    let knock = args.knock || mux.server_flag("share-knock");
    let wait = u64::try_from(mux.server_number("share-knock-time")).unwrap_or(60);
    // As an option 0 is no limit; as a flag it would be nobody.
    let limited = |text: &String| args.max_guests.is_some() || text != "0";
    let most = text(&args.max_guests, "share-max-guests").filter(limited);
    let most = most.map(|text| places::count(&text, "guests", 1, 100_000));
    let through_relay = relay.is_some();
    let auth_command = text(&args.auth_command, "share-auth-command");
    let view_only = args.view_only || mux.server_flag("share-view-only");
    Ok(ShareRequest {
        listen,
        relay,
        authorized_keys: paths(list(&args.authorized_keys, "share-authorized-keys")),
        limit_to: limit_to?,
        github: mux.server_text("share-github-url"),
        gitlab: mux.server_text("share-gitlab-url"),
        key_grant: if view_only { Grant::View } else { Grant::Type },
        auth_command: auth_command.map(|command| JobSpec {
            command,
            cwd: path("."),
            env: spawn::job_environment(mux, Some(session)),
            input: Vec::new(),
            stderr: true,
        }),
        host_key: text(&args.host_key, "share-host-key").map(|own| path(&own)),
        // Behind a relay the key names the session: each has its own.
        fresh_key: args.fresh_host_key || through_relay,
        view_only,
        audit: text(&None, "audit-log")
            .map(|own| path(&own))
            .unwrap_or_default(),
        policy: SharePolicy {
            knock: knock.then(|| Duration::from_secs(wait)),
            max_guests: most
                .transpose()?
                .and_then(|most| usize::try_from(most).ok()),
            expires: text(&args.expires, "share-expires")
                .map(|text| parse_duration(&text))
                .transpose()?,
        },
        sftp: text(&args.sftp, "share-sftp").map(|own| path(&own)),
        forward: list(&args.forward, "share-forward"),
        ..ShareRequest::new(session, name)
    })
}

/// How the relay is reached, by the command given or as the environment says.
fn way(command: Option<String>, env: Vec<(String, String)>) -> RelayWay {
    let value = |names: &[&str]| {
        let set = |name: &&str| {
            env.iter()
                .find(|(own, text)| own == name && !text.is_empty())
        };
        names.iter().find_map(set).map(|(_, text)| text.clone())
    };
    // As programs of the web do it: the small name first (curl(1), ENVIRONMENT).
    let proxy = value(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]);
    let no_proxy = value(&["no_proxy", "NO_PROXY"]).unwrap_or_default();
    let proxy = proxy.filter(|_| command.is_none()).unwrap_or_default();
    let command = command.filter(|text| text != "none").unwrap_or_default();
    RelayWay {
        command,
        proxy,
        no_proxy,
        env,
    }
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
pub(super) fn opened(cx: &mut Context, args: &args::Share, answer: Answer) -> Ran {
    match answer {
        Answer::Shared(Ok(info)) => {
            let text = describe(&info, args.json);
            cx.output.extend_from_slice(text.as_bytes());
            Ok(Outcome::Done)
        }
        Answer::Shared(Err(why)) => Err(why),
        _ => Ok(Outcome::Done),
    }
}

/// How guests come in, as lines or as one line of JSON.
pub(super) fn describe(info: &ShareInfo, as_json: bool) -> String {
    let read_write = info
        .token
        .as_ref()
        .map(|token| info.ssh_command(token.expose()));
    let read_only = info.ssh_command(info.view_token.expose());
    let join = info.token.as_ref();
    let join = join.map(|token| info.join_command(token.expose()));
    let join_ro = info.join_command(info.view_token.expose());
    let compat = |token: &str| info.relay.as_ref()?.compat_command(token);
    let compat_rw = info.token.as_ref().and_then(|t| compat(t.expose()));
    let compat_ro = compat(info.view_token.expose());
    if as_json {
        let listen: Vec<String> = info.listen.iter().map(ToString::to_string).collect();
        let value = json!({
            "session": info.session.to_string(),
            "ssh_command": read_write,
            "ssh_command_ro": read_only,
            "join_command": join,
            "join_command_ro": join_ro,
            "ssh_command_compat": compat_rw,
            "ssh_command_compat_ro": compat_ro,
            "host": info.host,
            "listen": listen,
            "ssh_commands_more": info.token.as_ref().map(|token| info.further_commands(token.expose())),
            "keys_only": info.keys_only,
            "knock": info.policy.knock.is_some(),
            "locked": info.locked,
            "max_guests": info.policy.max_guests,
            "expires": info.policy.expires.map(|time| time.as_secs()),
            "relay": info.relay.as_ref().map(|relay| json!({
                "host": relay.host,
                "port": relay.port,
                "route": relay.route,
                "fingerprint": relay.fingerprint,
                "can_read": relay.compat,
            })),
            "fingerprint": info.fingerprint,
            "known_hosts": info.known_hosts,
            "keys": info.keys,
        });
        return format!("{value}\n");
    }
    let mut lines = String::new();
    if let Some(command) = read_write {
        lines.push_str(&format!("join:        {command}\n"));
        let token = info.token.as_ref().map(|token| token.expose().as_str());
        for command in info.further_commands(token.unwrap_or_default()) {
            lines.push_str(&format!("             {command}\n"));
        }
    }
    lines.push_str(&format!("watch:       {read_only}\n"));
    for (label, line) in [("or join:  ", join), ("or watch: ", Some(join_ro))] {
        lines.extend(line.map(|line| format!("{label}   {line}\n")));
    }
    for (label, line) in [("plain join: ", compat_rw), ("plain watch:", compat_ro)] {
        lines.extend(line.map(|line| format!("{label} {line} (the relay can read this)\n")));
    }
    for known in info.known_hosts.lines() {
        lines.push_str(&format!("known_hosts: {known}\n"));
    }
    lines.push_str(&format!("fingerprint: {}\n", info.fingerprint));
    if let Some(relay) = &info.relay {
        let reads = if relay.compat {
            "it can read and change what goes by the plain lines"
        } else {
            "it cannot read"
        };
        lines.push_str(&format!(
            "relay:       {}:{} ({}); {reads}\n",
            relay.written_host(),
            relay.port,
            relay.fingerprint
        ));
    }
    if info.keys > 0 {
        lines.push_str(&format!("keys:        {}\n", info.keys));
    }
    if info.keys_only {
        lines.push_str("limited:     a listed key is needed\n");
    }
    if let Some(wait) = info.policy.knock {
        lines.push_str(&format!(
            "knock:       each waits {} s to be admitted\n",
            wait.as_secs()
        ));
    }
    if let Some(time) = info.policy.expires {
        lines.push_str(&format!("expires:     after {} s\n", time.as_secs()));
    }
    lines
}

/// `unshare`.
pub(super) fn close(mux: &mut Mux, cx: &Context, args: &args::Unshare) -> Ran {
    let found = places::session(mux, cx, args.target.as_ref())?;
    let name = mux
        .sessions
        .get(&found.session)
        .map(|owner| owner.name.clone());
    let name = name.ok_or("no current session")?;
    mux.audit(found.session, "unshared", serde_json::Map::new());
    if mux.unshare(found.session, "[the session is no longer shared]") {
        Ok(Outcome::Done)
    } else {
        Err(format!("session {name} is not shared"))
    }
}
