//! What commands of scripts share: their place, formats, and shell commands,
//! which are asked for; their ends come back as answers.

use crate::command;
use crate::format::{self, Scope};
use crate::mux::effect::JobSpec;
use crate::mux::resolve::Found;
use crate::mux::{Effect, Mux};

use super::{Context, places, spawn};

pub(super) fn expand(mux: &Mux, cx: &Context, found: Option<&Found>, text: &str) -> String {
    match found {
        Some(found) => places::expand(mux, cx, found, text),
        None => format::expand(
            text,
            mux,
            &Scope {
                vars: &cx.variables,
                now: cx.now,
                ..Scope::default()
            },
        ),
    }
}

/// A place for formats: the target given, or the current one if there is any.
pub(super) fn place(
    mux: &Mux,
    cx: &Context,
    target: Option<&command::Target>,
) -> Result<Option<Found>, String> {
    match target {
        Some(_) => places::pane(mux, cx, target).map(Some),
        None => Ok(mux.here(&cx.asker())),
    }
}

/// Asks for a shell command; `stderr` if what it complains of is output too.
pub(super) fn job(
    mux: &mut Mux,
    cx: &Context,
    found: Option<&Found>,
    (command, stderr): (String, bool),
    cwd: Option<&str>,
) -> crate::base::Token {
    let session = found.map(|found| found.session);
    let token = mux.ids.token();
    let spec = JobSpec {
        command,
        cwd: spawn::start_dir(mux, cx, session, found, cwd),
        env: spawn::job_environment(mux, session),
        input: Vec::new(),
        stderr,
    };
    mux.emit(Effect::RunJob { token, spec });
    token
}
