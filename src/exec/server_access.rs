//! `server-access`: which other users of the machine may come in by the socket.
//! Their numbers are read from the system's files; whoever is inside and no longer
//! named is sent away.

use crate::access::local::{Entry, Who};
use crate::command::args;
use crate::mux::{Effect, Mux};

use super::{Answer, Context, Outcome, Ran};

/// `server-access`.
pub(super) fn change(mux: &mut Mux, cx: &mut Context, args: &args::ServerAccess) -> Ran {
    if args.list {
        for line in mux.local_access.lines() {
            cx.print(&line);
        }
        return Ok(Outcome::Done);
    }
    if args.who.is_none() {
        return Err("missing user or group argument".to_owned());
    }
    let token = mux.ids.token();
    let path = if args.group {
        "/etc/group"
    } else {
        "/etc/passwd"
    };
    mux.emit(Effect::ReadFile {
        token,
        client: None,
        path: path.to_owned(),
    });
    Ok(Outcome::Wait(token))
}

/// `server-access`, once the numbers are read.
pub(super) fn changed(mux: &mut Mux, args: &args::ServerAccess, answer: Answer) -> Ran {
    let Answer::File(read) = answer else {
        return Ok(Outcome::Done);
    };
    let name = args.who.clone().unwrap_or_default();
    let kind = if args.group { "group" } else { "user" };
    let number = read.ok().and_then(|text| number(&text, &name));
    let number = number.ok_or_else(|| format!("unknown {kind}: {name}"))?;
    if !args.group && mux.is_own_user(number) {
        return Err(format!("{name} owns the server, can't change access"));
    }
    if args.add && args.deny {
        return Err("-a and -d cannot be used together".to_owned());
    }
    if args.read_only && args.writable {
        return Err("-r and -w cannot be used together".to_owned());
    }
    let who = if args.group {
        Who::Group(number)
    } else {
        Who::User(number)
    };
    let known = mux.local_access.has(who);
    if args.deny {
        if !mux.local_access.remove(who) {
            return Err(format!("{kind} {name} not found"));
        }
    } else {
        if args.add && known {
            return Err(format!("{kind} {name} is already added"));
        }
        if !args.add && !args.read_only && !args.writable {
            return Ok(Outcome::Done);
        }
        let writes = !args.read_only;
        mux.local_access.set(who, Entry { name, writes });
    }
    mux.emit(Effect::AdmitLocal(mux.local_access.clone()));
    review(mux);
    Ok(Outcome::Done)
}

/// Gives those who are inside what they may do now, or sends them away.
fn review(mux: &mut Mux) {
    let ids: Vec<_> = mux.clients.keys().copied().collect();
    for id in ids {
        mux.hold_to_access(id);
    }
}

/// The number of a name in passwd(5) or group(5).
fn number(text: &[u8], name: &str) -> Option<u32> {
    let text = String::from_utf8_lossy(text);
    text.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next()? == name).then(|| fields.nth(1)?.parse().ok())?
    })
}
