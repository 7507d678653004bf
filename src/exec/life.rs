//! How long a debug build stays: extended, gone on with, finished. What these
//! decide is carried out at the end of the turn, by `engine::life`.

use crate::base::duration::{in_words, parse_duration};
use crate::base::{Label, SessionId};
use crate::ci::life::{End, Reason};
use crate::command::Target;
use crate::command::args;
use crate::mux::Mux;
use crate::mux::session::{Debug, Notice};

use super::{Context, Outcome, Ran, places, timeline};

/// The debug build that is meant.
fn debug_of<'a>(
    mux: &'a mut Mux,
    cx: &Context,
    target: Option<&Target>,
) -> Result<(SessionId, &'a mut Debug), String> {
    let session = places::session(mux, cx, target)?.session;
    let owner = mux.sessions.get_mut(&session).ok_or("no current session")?;
    let name = Label::new(&owner.name);
    let debug = owner.debug.as_deref_mut();
    let debug = debug.ok_or_else(|| format!("session {name} debugs no build"))?;
    Ok((session, debug))
}

/// Who asked, for those who did not.
fn asker(mux: &Mux, cx: &Context) -> String {
    let client = cx.client.and_then(|id| mux.clients.get(&id));
    let attached = client.filter(|client| client.session.is_some());
    attached.map_or_else(String::new, |client| {
        format!(" ({})", Label::new(&client.name))
    })
}

/// `extend`.
pub(super) fn extend(mux: &mut Mux, cx: &mut Context, args: &args::Extend) -> Ran {
    let by = parse_duration(&args.duration)?;
    let (now, who) = (mux.now.mono, asker(mux, cx));
    let (session, debug) = debug_of(mux, cx, args.target.as_ref())?;
    let left = debug.life.extend(by, now)?;
    let text = format!("This debug build now ends in {}{who}.", in_words(left));
    mux.tell_all(session, &text);
    Ok(Outcome::Done)
}

/// `continue`.
pub(super) fn go_on(mux: &mut Mux, cx: &mut Context, args: &args::Continue) -> Ran {
    let (session, debug) = debug_of(mux, cx, args.target.as_ref())?;
    if debug.runs && debug.timeline.held().is_some() {
        return timeline::next(mux, cx, session);
    }
    debug.life.decide(End {
        reason: Reason::Continue,
        status: None,
    });
    Ok(Outcome::Done)
}

/// `finish`.
pub(super) fn finish(mux: &mut Mux, cx: &mut Context, args: &args::Finish) -> Ran {
    let read = |text: &String| {
        let status = text.parse::<u8>();
        status.map_err(|_| format!("no exit status: {} (0 to 255)", Label::new(text)))
    };
    let status = args.status.as_ref().map(read).transpose()?;
    let (_, debug) = debug_of(mux, cx, args.target.as_ref())?;
    debug.life.decide(End {
        reason: Reason::Finish,
        status,
    });
    Ok(Outcome::Done)
}

/// `debug-notice`.
pub(super) fn notice(mux: &mut Mux, cx: &mut Context, args: &args::DebugNotice) -> Ran {
    let read = |text: &Option<String>| text.as_deref().map(parse_duration).transpose();
    let (every, wait) = (read(&args.every)?, read(&args.wait)?);
    let now = mux.now.mono;
    let session = places::session(mux, cx, args.target.as_ref())?.session;
    let here = mux.is_attended(session);
    let (_, debug) = debug_of(mux, cx, args.target.as_ref())?;
    if let Some(line) = &args.line {
        debug.notice = Notice {
            line: line.clone(),
            every,
            next: every.map(|every| now.saturating_add(every)),
            again: args.again.clone().unwrap_or_default(),
        };
    }
    if let Some(limit) = wait {
        debug.life.wait_anew(limit, here, now);
    }
    Ok(Outcome::Done)
}
