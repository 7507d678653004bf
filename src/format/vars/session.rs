//! Variables of the session, its group, its share and its build.

use crate::access::Grant;
use crate::base::SessionId;
use crate::ci::timeline::{Signs, State, span, ticking};
use crate::mux::effect::ShareInfo;
use crate::mux::session::Alerts;
use crate::mux::{Mux, Session};

use super::super::{Kind, Scope};
use super::bit;

pub(super) fn value(name: &str, mux: &Mux, scope: &Scope<'_>) -> Option<String> {
    let session = mux.sessions.get(&scope.session?)?;
    if let Some(value) = shared(name, session.share.as_deref(), || may_type(mux, scope)) {
        return Some(value);
    }
    if let Some(rest) = name.strip_prefix("session_group_") {
        return group(rest, mux, session.id);
    }
    let windows = session.links.len();
    Some(match name {
        "session_name" => session.name.clone(),
        "session_id" => session.id.to_string(),
        "session_windows" => windows.to_string(),
        "session_created" => session.created.unix().to_string(),
        "session_activity" => session.activity.unix().to_string(),
        "session_last_attached" => session.last_attached?.unix().to_string(),
        "session_attached" => mux.attached(session.id).count().to_string(),
        "session_attached_list" => names(mux.attached(session.id).map(|c| c.name.clone())),
        "session_many_attached" => bit(mux.attached(session.id).count() > 1),
        "session_path" => session.cwd.clone(),
        "session_group" => session.group.clone().unwrap_or_default(),
        "session_grouped" => bit(session.group.is_some()),
        "session_marked" => {
            let marked = mux.marked.and_then(|pane| mux.window_of(pane));
            bit(marked.is_some_and(|window| session.has(window.id)))
        }
        "session_alerts" => alerts(session),
        "session_alert" => alert_marks(session),
        "session_activity_flag" => bit(session.links.values().any(|l| l.alerts.activity)),
        "session_bell_flag" => bit(session.links.values().any(|l| l.alerts.bell)),
        "session_silence_flag" => bit(session.links.values().any(|l| l.alerts.silence)),
        "session_active" => {
            // In lists it is the client that asks for them.
            let listed = scope.caller.filter(|_| scope.kind != Kind::Pane);
            let client = scope.asked_client().or(listed);
            let client = client.and_then(|id| mux.clients.get(&id))?;
            bit(client.session == Some(session.id))
        }
        "session_stack" => stack(session),
        "session_format" => bit(scope.kind == Kind::Session),
        "active_window_index" => session.current.to_string(),
        "last_window_index" => session.links.keys().next_back()?.to_string(),
        name if name.starts_with("phase_") || name == "debug_left" => {
            phase(name, mux, scope, session)?
        }
        "tmate_num_clients" | "session_guests" => {
            let guests = mux.attached(session.id).filter(|c| c.guest_of().is_some());
            guests.count().to_string()
        }
        _ => return None,
    })
}

/// The time that is left: in minutes, and from the first warning on in seconds.
fn remaining(left: std::time::Duration) -> String {
    let left = if left > crate::ci::life::WARNINGS[0] {
        // A minute that has begun is one.
        std::time::Duration::from_secs(left.as_secs().div_ceil(60) * 60)
    } else {
        left
    };
    let (hours, minutes, seconds) = (
        left.as_secs() / 3600,
        left.as_secs() / 60 % 60,
        left.as_secs() % 60,
    );
    match (hours, minutes) {
        (0, 0..=5) => format!("{minutes}:{seconds:02}"),
        (0, _) => format!("{minutes}m"),
        _ => format!("{hours}h{minutes:02}m"),
    }
}

/// Columns of `phase_summary`.
const SUMMARY_COLUMNS: usize = 60;

/// The build: all of it, or the step that runs, is held, or ran last.
fn phase(name: &str, mux: &Mux, scope: &Scope<'_>, session: &Session) -> Option<String> {
    let timeline = &session.debug.as_deref()?.timeline;
    if name == "phase_summary" {
        // Only where terminals differ does it depend on the client.
        let plain = |client: &crate::mux::Client| !client.caps.utf8();
        let signs = if mux.attached(session.id).any(plain) {
            let client = scope.asked_client().and_then(|id| mux.clients.get(&id));
            if client.is_some_and(plain) {
                Signs::Ascii
            } else {
                Signs::Unicode
            }
        } else {
            Signs::Unicode
        };
        return Some(
            timeline
                .summary(mux.now, signs, SUMMARY_COLUMNS)
                .to_string(),
        );
    }
    if name == "debug_left" {
        let life = &session.debug.as_deref()?.life;
        return Some(life.left(mux.now.mono).map_or_else(String::new, remaining));
    }
    let run = timeline.current();
    let held = timeline
        .held()
        .filter(|held| run.is_some_and(|run| run.phase == held.phase && run.step == held.step));
    Some(match name {
        "phase_held" => bit(timeline.held().is_some()),
        "phase_name" => run.map_or_else(String::new, |run| run.phase.to_string()),
        "phase_step" => run.map_or_else(String::new, |run| run.step.to_string()),
        "phase_status" => {
            let state = held.map(|_| State::Held).or(run.map(|run| run.state()));
            state.map_or_else(String::new, |state| state.word().to_owned())
        }
        "phase_elapsed" => run.map_or_else(String::new, |run| {
            let took = run.took(mux.now);
            if run.is_running() {
                ticking(took)
            } else {
                span(took)
            }
        }),
        _ => return None,
    })
}

/// Whether a format may tell the secret of those who type: it was written by
/// one who may, and is not drawn for one who only looks on.
fn may_type(mux: &Mux, scope: &Scope<'_>) -> bool {
    if !scope.jobs || scope.asked.is_none() {
        return scope.jobs;
    }
    let client = scope.asked_client().and_then(|id| mux.clients.get(&id));
    client.is_none_or(|client| client.effective_grant().allows(Grant::Type))
}

/// How guests come in; tmate's names mean the same.
fn shared(
    name: &str,
    share: Option<&ShareInfo>,
    may_type: impl FnOnce() -> bool,
) -> Option<String> {
    let line = |token: Option<&str>| {
        let share = share?;
        Some(share.ssh_command(token?))
    };
    Some(match name {
        "ssh_command" | "tmate_ssh" => line(
            share
                .and_then(|s| s.token.as_ref())
                .filter(|_| may_type())
                .map(|t| t.expose().as_str()),
        )
        .unwrap_or_default(),
        "ssh_command_ro" | "tmate_ssh_ro" => {
            line(share.map(|s| s.view_token.expose().as_str())).unwrap_or_default()
        }
        "ssh_command_compat" => share
            .filter(|_| may_type())
            .and_then(|s| {
                let token = s.token.as_ref()?;
                s.relay.as_ref()?.compat_command(token.expose())
            })
            .unwrap_or_default(),
        "ssh_command_compat_ro" => share
            .and_then(|s| s.relay.as_ref()?.compat_command(s.view_token.expose()))
            .unwrap_or_default(),
        "join_command" => share
            .filter(|_| may_type())
            .and_then(|s| Some(s.join_command(s.token.as_ref()?.expose())))
            .unwrap_or_default(),
        "join_command_ro" => share
            .map(|s| s.join_command(s.view_token.expose()))
            .unwrap_or_default(),
        "session_relay_reads" => bit(share
            .and_then(|s| s.relay.as_ref())
            .is_some_and(|relay| relay.compat)),
        "ssh_fingerprint" => share.map(|s| s.fingerprint.clone()).unwrap_or_default(),
        "session_shared" => bit(share.is_some()),
        "session_locked" => bit(share.is_some_and(|share| share.locked)),
        _ => return None,
    })
}

fn group(name: &str, mux: &Mux, session: SessionId) -> Option<String> {
    mux.sessions.get(&session)?.group.as_ref()?;
    let members = mux.group_of(session);
    let attached = || members.iter().flat_map(|id| mux.attached(*id));
    Some(match name {
        "size" => members.len().to_string(),
        "list" => names(
            members
                .iter()
                .filter_map(|id| Some(mux.sessions.get(id)?.name.clone())),
        ),
        "attached" => attached().count().to_string(),
        "attached_list" => names(attached().map(|c| c.name.clone())),
        "many_attached" => bit(attached().count() > 1),
        _ => return None,
    })
}

fn names(list: impl Iterator<Item = String>) -> String {
    list.collect::<Vec<_>>().join(",")
}

/// The marks of all alerts, each once.
fn alert_marks(session: &Session) -> String {
    let mut marks = String::new();
    for Alerts {
        activity,
        bell,
        silence,
    } in session.links.values().map(|link| link.alerts)
    {
        for (on, mark) in [(activity, '#'), (bell, '!'), (silence, '~')] {
            if on && !marks.contains(mark) {
                marks.push(mark);
            }
        }
    }
    marks
}

fn alerts(session: &Session) -> String {
    let with_alert = session.links.iter().filter(|(_, link)| link.alerts.any());
    names(with_alert.map(|(index, link)| {
        let mut text = index.to_string();
        for (on, mark) in [
            (link.alerts.activity, '#'),
            (link.alerts.bell, '!'),
            (link.alerts.silence, '~'),
        ] {
            if on {
                text.push(mark);
            }
        }
        text
    }))
}

fn stack(session: &Session) -> String {
    let all = std::iter::once(&session.current).chain(&session.last);
    names(all.map(ToString::to_string))
}

pub(super) fn scopes<'a>(mux: &Mux, scope: &Scope<'a>) -> Vec<(Scope<'a>, bool)> {
    // The current one is that of the client, if there is one.
    let client = scope.client.and_then(|id| mux.clients.get(&id));
    let current = client.and_then(|client| client.session);
    let ids = mux.sessions_by_name();
    ids.into_iter()
        .map(|id| {
            let own = Scope {
                vars: scope.vars,
                client: scope.client,
                jobs: scope.jobs,
                asked: scope.asked,
                caller: scope.caller,
                frames: scope.frames,
                now: scope.now,
                ..Scope::of_session(mux, id)
            };
            (own, current == Some(id))
        })
        .collect()
}
