//! The build that is debugged: the session it runs in, and the log that watches
//! it. What ran of it is `timeline`'s.

use crate::base::mask::Secrets;
use crate::base::{Secret, SessionId};
use crate::ci::life::Life;
use crate::ci::{Plan, Timeline};
use crate::command::args;
use crate::config::Value;
use crate::mux::session::{Debug, Notice};
use crate::mux::{Effect, Mux};

use super::{Answer, Context, Outcome, Ran, places, session};

/// The status line of a debug session says how far the build has come.
const STATUS_RIGHT: &str =
    "#{phase_summary}  #{?debug_left,ends in #{debug_left}  ,}#{host_short} %H:%M";

/// `debug-session`: a session whose windows all have the phases. Its plan is
/// read first.
pub(super) fn start(mux: &mut Mux, cx: &mut Context, args: &args::DebugSession) -> Ran {
    if args
        .name
        .as_deref()
        .is_some_and(|name| mux.session_named(name).is_some())
    {
        return Err(format!(
            "duplicate session: {}",
            args.name.as_deref().unwrap_or_default()
        ));
    }
    let path = args.plan.clone().ok_or("debug-session needs a plan")?;
    let token = mux.ids.token();
    mux.emit(Effect::ReadFile {
        token,
        client: cx.client,
        path,
    });
    Ok(Outcome::Wait(token))
}

/// `debug-session`, once its plan is read, and again once its process runs.
pub(super) fn started(
    mux: &mut Mux,
    cx: &mut Context,
    args: &args::DebugSession,
    answer: Answer,
) -> Ran {
    match answer {
        Answer::File(Ok(text)) => with_plan(mux, cx, args, &text),
        Answer::File(Err(why)) => Err(format!("plan: {why}")),
        Answer::Woken => Ok(Outcome::Done),
        answer => {
            let session = SessionId(u32::try_from(cx.step).unwrap_or(u32::MAX));
            let ran = session::new_resumed(mux, cx, &as_new_session(args, &[]), answer)?;
            if !args.watch && !args.print {
                return Ok(ran);
            }
            // Not by a command of its own later: what the first program writes
            // at once, or all of it when it ends at once, would be missed.
            let client = cx.client.ok_or("no current client")?;
            let mark = mux.place_of(session);
            mux.emit(Effect::Mirror {
                client,
                bytes: format!("{mark}\n").into_bytes(),
            });
            if args.print {
                return Ok(ran);
            }
            Ok(Outcome::Wait(mux.watch(client, session, args.quiet)))
        }
    }
}

fn with_plan(mux: &mut Mux, cx: &mut Context, args: &args::DebugSession, text: &[u8]) -> Ran {
    let plan: Plan = serde_json::from_slice(text).map_err(|error| format!("plan: {error}"))?;
    let job = plan
        .build
        .jobs
        .get(plan.job)
        .ok_or("plan: it has no such job")?;
    let timeline = Timeline::for_job(job);
    let secrets = Secrets::of(&plan.secrets)?;
    mux.can_hide(&secrets)?;
    let life = Life::new(plan.limits, mux.now.mono, plan.runs);
    let path = args.plan.as_deref().unwrap_or_default();
    let dir = path.rsplit_once('/').map_or("", |(dir, _)| dir).to_owned();
    let ran = session::new(mux, cx, &as_new_session(args, &plan.shell))?;
    let made = args
        .name
        .as_deref()
        .and_then(|name| mux.session_named(name));
    let made = made.or_else(|| mux.sessions.keys().next_back().copied());
    if let Some(session) = made.and_then(|id| mux.sessions.get_mut(&id)) {
        session.debug = Some(Box::new(Debug {
            build: plan.build,
            job: plan.job,
            timeline,
            shell: plan.shell,
            nonce: Secret::new(plan.nonce),
            life,
            secrets,
            dir,
            notice: Notice::default(),
            runs: plan.runs,
            attended: false,
            closing: None,
        }));
        for (option, value) in [
            ("status-right", Value::Text(STATUS_RIGHT.to_owned())),
            ("status-right-length", Value::Number(120)),
        ] {
            session.options.insert(option, value);
        }
    }
    mux.gather_hidden()?;
    mux.configure_panes();
    Ok(ran)
}

fn as_new_session(args: &args::DebugSession, shell: &[String]) -> args::NewSession {
    let command = if args.command.is_empty() {
        shell
    } else {
        &args.command
    };
    args::NewSession {
        detached: true,
        name: args.name.clone(),
        cwd: args.cwd.clone(),
        width: args.width.clone(),
        height: args.height.clone(),
        env: args.env.clone(),
        command: command.to_vec(),
        ..args::NewSession::default()
    }
}

/// `debug-wait`: writes the session's lines until it ends.
pub(super) fn wait(mux: &mut Mux, cx: &Context, args: &args::DebugWait) -> Ran {
    let found = places::session(mux, cx, args.target.as_ref())?;
    let client = cx.client.ok_or("no current client")?;
    Ok(Outcome::Wait(mux.watch(client, found.session, args.quiet)))
}
