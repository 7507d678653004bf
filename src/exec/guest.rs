//! Guests: let in, sent away, given another grant; the share locked, its tokens
//! replaced, the list of people. What is decided about one who waits is carried
//! out at the end of the turn.

use serde_json::{Map, json};

use crate::access::Grant;
use crate::base::{ClientId, Label, SessionId};
use crate::command::Target;
use crate::command::args;
use crate::mux::client::{Overlay, People};
use crate::mux::guests::Decision;
use crate::mux::{Client, Effect, Mux};

use super::{Answer, Context, Outcome, Ran, places, share};

/// What a guest reads who was sent away.
const KICKED: &str = "[you were sent away]";

/// The guest that a target means among those that `fits` lets through: by name,
/// or without a target the one who came first.
fn find(
    mux: &Mux,
    cx: &Context,
    target: Option<&str>,
    fits: impl Fn(&Client) -> bool,
) -> Result<ClientId, String> {
    let seen = |client: &&Client| {
        let session = client.guest_of();
        let own = cx.authority.only;
        session.is_some() && !client.dismissed && own.is_none_or(|own| session == Some(own))
    };
    let mut guests = mux
        .clients
        .values()
        .filter(seen)
        .filter(|client| fits(client));
    let found = match target {
        Some(name) => guests.find(|client| client.name == name),
        None => guests.next(),
    };
    found.map(|client| client.id).ok_or_else(|| match target {
        Some(name) => format!("can't find guest: {name}"),
        None => "no guest waits".to_owned(),
    })
}

fn waits(client: &Client) -> bool {
    client
        .waiting
        .as_ref()
        .is_some_and(|waiting| waiting.decision.is_none())
}

fn decide(mux: &mut Mux, client: ClientId, decision: Decision) {
    let client = mux.clients.get_mut(&client);
    if let Some(waiting) = client.and_then(|client| client.waiting.as_deref_mut()) {
        waiting.decision = Some(decision);
    }
}

/// `admit-guest`: without a word under the grant that their token or key has.
pub(super) fn admit(mux: &mut Mux, cx: &Context, args: &args::AdmitGuest) -> Ran {
    let wanted = match &args.grant {
        Some(word) => Some(word.parse::<Grant>()?),
        None => args.read_only.then_some(Grant::View),
    };
    let id = find(mux, cx, args.client.as_deref(), waits)?;
    let own = mux
        .clients
        .get(&id)
        .map_or(Grant::View, |client| client.grant);
    decide(mux, id, Decision::Admit(wanted.unwrap_or(own)));
    Ok(Outcome::Done)
}

/// `deny-guest`.
pub(super) fn deny(mux: &mut Mux, cx: &Context, args: &args::DenyGuest) -> Ran {
    let mut id = find(mux, cx, args.client.as_deref(), waits)?;
    loop {
        decide(mux, id, Decision::Deny);
        match find(mux, cx, None, waits) {
            Ok(next) if args.all => id = next,
            _ => return Ok(Outcome::Done),
        }
    }
}

/// `serve-files`: what the door asks on behalf of a guest who asks for files.
/// It lasts as long as the guest.
pub(super) fn serve_files(mux: &mut Mux, cx: &Context) -> Ran {
    let client = cx.client.and_then(|id| mux.clients.get_mut(&id));
    let client = client.filter(|client| client.guest_of().is_some() && client.terminal.is_none());
    let client = client.ok_or("files are had by sftp and scp")?;
    client.reads_files = true;
    let client = client.id;
    mux.emit(Effect::ServeFiles { client });
    Ok(Outcome::Wait(mux.ids.token()))
}

/// `grant-guest`.
pub(super) fn grant(mux: &mut Mux, cx: &Context, args: &args::GrantGuest) -> Ran {
    let grant: Grant = args.grant.parse()?;
    let inside = |client: &Client| client.session.is_some() || client.reads_files;
    let id = find(mux, cx, args.client.as_deref(), inside).map_err(|why| {
        args.client
            .as_ref()
            .map_or("no guest is here".to_owned(), |_| why)
    })?;
    let another = |client: &Client| client.id != id && inside(client);
    if args.client.is_none() && find(mux, cx, None, another).is_ok() {
        return Err("several guests are here: say which (-t)".to_owned());
    }
    let Some(client) = mux.clients.get_mut(&id) else {
        return Err("no such guest".to_owned());
    };
    client.grant = grant;
    client.read_only = false;
    mux.emit(Effect::HoldGuest { client: id, grant });
    let Some(client) = mux.clients.get(&id) else {
        return Err("no such guest".to_owned());
    };
    let (name, session) = (client.name.clone(), client.guest_of());
    if client.reads_files && !grant.allows(Grant::Type) {
        mux.dismiss(id, 1, Some("[files are for those who may type]".to_owned()));
    }
    if let Some(session) = session {
        let mut fields = Map::new();
        fields.insert("client".to_owned(), json!(name));
        fields.insert("grant".to_owned(), json!(grant.to_string()));
        mux.audit(session, "granted", fields);
        let label = Label::new(&format!("{name} may {grant} now"));
        mux.announce(session, &label, None);
    }
    Ok(Outcome::Done)
}

/// `kick-guest`.
pub(super) fn kick(mux: &mut Mux, cx: &Context, args: &args::KickGuest) -> Ran {
    let guests: Vec<ClientId> = if args.all {
        let session = places::session(mux, cx, args.session.as_ref())?.session;
        let others = mux
            .guests(session)
            .filter(|client| Some(client.id) != cx.client);
        others.map(|client| client.id).collect()
    } else {
        let target = args
            .client
            .as_deref()
            .ok_or("which guest? (-t, or -a for all)")?;
        vec![find(mux, cx, Some(target), |_| true)?]
    };
    for id in guests {
        if let Some(client) = mux.clients.get(&id)
            && let Some(session) = client.guest_of()
        {
            let mut fields = Map::new();
            fields.insert("client".to_owned(), json!(client.name));
            mux.audit(session, "kicked", fields);
        }
        if mux.clients.get(&id).is_some_and(waits) {
            decide(mux, id, Decision::Deny);
        } else {
            mux.dismiss(id, 1, Some(KICKED.to_owned()));
        }
    }
    Ok(Outcome::Done)
}

fn shared(mux: &Mux, cx: &Context, target: Option<&Target>) -> Result<SessionId, String> {
    let session = places::session(mux, cx, target)?.session;
    let owner = mux.sessions.get(&session).ok_or("no current session")?;
    if owner.share.is_none() {
        return Err(format!("session {} is not shared", owner.name));
    }
    Ok(session)
}

/// `lock-share`.
pub(super) fn lock(mux: &mut Mux, cx: &Context, args: &args::LockShare) -> Ran {
    let session = shared(mux, cx, args.target.as_ref())?;
    let owner = mux.sessions.get_mut(&session);
    if let Some(share) = owner.and_then(|owner| owner.share.as_deref_mut()) {
        share.locked = !args.unlock;
    }
    let event = if args.unlock { "unlocked" } else { "locked" };
    mux.audit(session, event, Map::new());
    let label = Label::new(&format!("the share is {event} for further guests"));
    mux.announce(session, &label, None);
    Ok(Outcome::Done)
}

/// `rotate-share`.
pub(super) fn rotate(mux: &mut Mux, cx: &Context, args: &args::RotateShare) -> Ran {
    let session = shared(mux, cx, args.target.as_ref())?;
    let token = mux.ids.token();
    mux.emit(Effect::RotateShare { token, session });
    Ok(Outcome::Wait(token))
}

/// `rotate-share`, once the tokens are new.
pub(super) fn rotated(cx: &mut Context, args: &args::RotateShare, answer: Answer) -> Ran {
    match answer {
        Answer::Shared(Ok(info)) => {
            if !args.quiet {
                let text = share::describe(&info, args.json);
                cx.output.extend_from_slice(text.as_bytes());
            }
            Ok(Outcome::Done)
        }
        Answer::Shared(Err(why)) => Err(why),
        _ => Ok(Outcome::Done),
    }
}

/// `choose-guest`.
pub(super) fn people(mux: &mut Mux, cx: &Context) -> Ran {
    let own = places::client(mux, cx, None)?;
    // A command line shows the list to nobody but its own terminal.
    let asks = cx.client == Some(own) || cx.authority.allows(Grant::Type);
    if !asks {
        return Err("no current client".to_owned());
    }
    if let Some(client) = mux.clients.get_mut(&own) {
        client.overlay = Some(Box::new(Overlay::People(People::default())));
    }
    Ok(Outcome::Done)
}
