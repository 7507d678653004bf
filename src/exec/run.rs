//! `run-shell`: shell commands aside from any pane, and commands of our own. What
//! one prints goes to whoever asked, or into the pane that was named.

use std::time::Duration;

use crate::command::{Call, Command, args};
use crate::format::{self, Scope};
use crate::mux::Mux;
use crate::mux::peer::ExitStatus;
use crate::mux::resolve::Found;

use super::{Answer, Context, Outcome, Ran, parse, places, script};

/// Longest delay of `run-shell -d`, in seconds.
const MAX_DELAY: f64 = 86_400.0 * 365.0;

/// `run-shell`.
pub(super) fn run(mux: &mut Mux, cx: &mut Context, args: &args::RunShell) -> Ran {
    let mut wait = 0.0;
    if let Some(delay) = &args.delay {
        let read: Result<f64, _> = delay.trim().parse();
        wait = read.map_err(|_| format!("invalid delay time: {delay}"))?;
        if wait.is_nan() || wait > MAX_DELAY {
            return Err(format!("invalid delay time: {delay}"));
        }
    }
    if args.background {
        let args = args::RunShell {
            background: false,
            target: args.target.clone(),
            ..args.clone()
        };
        let pane = place(mux, cx, &args).map(|found| found.pane);
        cx.aside
            .push((pane, vec![Call::from(Command::RunShell(args))]));
        return Ok(Outcome::Done);
    }
    if wait > 0.0 {
        return Ok(Outcome::Sleep(Duration::from_secs_f64(wait)));
    }
    start(mux, cx, args)
}

/// A target that is nowhere is the same as none (tmux(1), `run-shell`).
fn place(mux: &Mux, cx: &Context, args: &args::RunShell) -> Option<Found> {
    let target = args.target.as_ref();
    let found = target.and_then(|target| places::pane(mux, cx, Some(target)).ok());
    found.or_else(|| mux.here(&cx.asker()))
}

/// The command with its formats expanded: `#{1}` and so on are the arguments.
fn expanded(mux: &Mux, cx: &Context, args: &args::RunShell) -> Option<String> {
    let (command, rest) = args.command.split_first()?;
    let mut vars = cx.variables.clone();
    let numbered = rest.iter().zip(1..);
    vars.extend(numbered.map(|(text, number): (_, usize)| (number.to_string(), text.clone())));
    let found = place(mux, cx, args);
    let scope = match &found {
        Some(found) => places::scope(mux, cx, found),
        None => Scope {
            now: cx.now,
            ..Scope::default()
        },
    };
    Some(format::expand(command, mux, &scope.with_vars(&vars)))
}

fn start(mux: &mut Mux, cx: &mut Context, args: &args::RunShell) -> Ran {
    if args.commands {
        let command = if args.block {
            args.command.first().cloned()
        } else {
            expanded(mux, cx, args)
        };
        if let Some(command) = command {
            let groups = parse::parse_assigning(mux, &command)?;
            cx.insert.push(groups.into_iter().flatten().collect());
        }
        return Ok(Outcome::Done);
    }
    let Some(command) = expanded(mux, cx, args).filter(|command| !command.is_empty()) else {
        return Ok(Outcome::Done);
    };
    let found = place(mux, cx, args);
    let wanted = (command, args.stderr);
    let token = script::job(mux, cx, found.as_ref(), wanted, args.cwd.as_deref());
    Ok(Outcome::Wait(token))
}

/// `run-shell`, once its delay is over or its command ended.
pub(super) fn resumed(
    mux: &mut Mux,
    cx: &mut Context,
    args: &args::RunShell,
    answer: Answer,
) -> Ran {
    let (status, mut output) = match answer {
        Answer::Woken => return start(mux, cx, args),
        Answer::Job(status, output) => (status, output),
        _ => return Ok(Outcome::Done),
    };
    if !output.is_empty() && !output.ends_with(b"\n") {
        output.push(b'\n');
    }
    let command = expanded(mux, cx, args).unwrap_or_default();
    let how = match status {
        ExitStatus::SUCCESS => None,
        ExitStatus::Code(code) => Some(format!("'{command}' returned {code}\n")),
        ExitStatus::Signal(signal) => Some(format!("'{command}' terminated by signal {signal}\n")),
    };
    output.extend(how.unwrap_or_default().into_bytes());
    let target = args.target.as_ref();
    match target.and_then(|target| places::pane(mux, cx, Some(target)).ok()) {
        Some(found) => cx.shown.push((found.pane, output)),
        None => cx.write(output),
    }
    // Also of one that ends well: it takes the place of what failed before.
    Ok(Outcome::Status(status.code()))
}
