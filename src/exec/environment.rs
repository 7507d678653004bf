//! Variables of the server and of sessions: set and show.

use crate::command::args;
use crate::mux::environ::Variable;
use crate::mux::{Environ, Mux};

use super::{Context, Outcome, Ran, places};

/// `set-environment`.
pub(super) fn set(mux: &mut Mux, cx: &Context, args: &args::SetEnvironment) -> Ran {
    if args.name.is_empty() {
        return Err("empty variable name".to_owned());
    }
    if args.name.contains('=') {
        return Err("variable name contains =".to_owned());
    }
    let value = match &args.value {
        Some(value) if args.expand => match places::pane(mux, cx, args.target.as_ref()) {
            Ok(found) => Some(places::expand(mux, cx, &found, value)),
            Err(_) => Some(value.clone()),
        },
        other => other.clone(),
    };
    if (args.remove || args.unset) && value.is_some() {
        let flag = if args.unset { "-u" } else { "-r" };
        return Err(format!("can't specify a value with {flag}"));
    }
    let environ = if args.global {
        &mut mux.environ
    } else {
        let session = places::session(mux, cx, args.target.as_ref())
            .map_err(|error| missing(args.target.as_ref(), &error))?
            .session;
        let owner = mux.sessions.get_mut(&session).ok_or("no current session")?;
        &mut owner.environ
    };
    if args.unset {
        environ.unset(&args.name);
    } else if args.remove {
        environ.remove(&args.name);
    } else {
        let value = value.ok_or("no value specified")?;
        environ.set(&args.name, &value, args.hidden);
    }
    Ok(Outcome::Done)
}

fn missing(target: Option<&crate::command::Target>, error: &str) -> String {
    match target {
        Some(target) => format!("no such session: {target}"),
        None if error == "no current target" => "no current session".to_owned(),
        None => error.to_owned(),
    }
}

/// `show-environment`.
pub(super) fn show(mux: &Mux, cx: &mut Context, args: &args::ShowEnvironment) -> Ran {
    let environ: &Environ = if args.global {
        &mux.environ
    } else {
        let session = places::session(mux, cx, args.target.as_ref())
            .map_err(|error| missing(args.target.as_ref(), &error))?
            .session;
        &mux.sessions
            .get(&session)
            .ok_or("no current session")?
            .environ
    };
    let shown = |variable: &Variable| variable.hidden == args.hidden;
    let lines: Vec<String> = match &args.name {
        Some(name) => {
            let Some(variable) = environ.get(name) else {
                return Err(format!("unknown variable: {name}"));
            };
            shown(variable)
                .then(|| line(name, variable, args.shell))
                .into_iter()
                .collect()
        }
        None => environ
            .iter()
            .filter(|(_, variable)| shown(variable))
            .map(|(name, variable)| line(name, variable, args.shell))
            .collect(),
    };
    for line in lines {
        cx.print(&line);
    }
    Ok(Outcome::Done)
}

fn line(name: &str, variable: &Variable, shell: bool) -> String {
    match (&variable.value, shell) {
        (Some(value), false) => format!("{name}={value}"),
        (None, false) => format!("-{name}"),
        (None, true) => format!("unset {name};"),
        (Some(value), true) => {
            let mut quoted = String::with_capacity(value.len());
            for ch in value.chars() {
                if matches!(ch, '$' | '`' | '"' | '\\') {
                    quoted.push('\\');
                }
                quoted.push(ch);
            }
            format!("{name}=\"{quoted}\"; export {name};")
        }
    }
}
