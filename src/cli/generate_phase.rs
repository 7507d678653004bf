//! The manual page stepmux-phase(1), made from the definition of the shells'
//! command `phase`. Pure text.

use std::fmt::Write as _;

use super::generate::roff;
use crate::ci::phase_help::{FORMS, Form, OPTIONS, TRAVIS};

/// The manual page of `phase`, in roff (man(7)).
#[must_use]
pub fn man_phase() -> String {
    let version = env!("CARGO_PKG_VERSION");
    let mut page = format!(".TH STEPMUX\\-PHASE 1 \"\" \"stepmux {version}\" \"User Commands\"\n");
    page.push_str(HEAD);
    page.push_str(".SH COMMANDS\n");
    forms(&mut page, &FORMS, "phase ");
    page.push_str(".SH OPTIONS OF RUN\n");
    forms(&mut page, &OPTIONS, "");
    page.push_str(BODY);
    page.push_str(".SH FUNCTIONS OF TRAVIS\n");
    forms(&mut page, &TRAVIS, "");
    page.push_str(TAIL);
    page
}

fn forms(page: &mut String, forms: &[Form], before: &str) {
    for Form { words, about } in forms {
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        let _ = writeln!(
            page,
            ".TP\n\\fB{}\\fR\n{}.",
            roff(&format!("{before}{words}")),
            roff(about)
        );
    }
}

const HEAD: &str = r#".SH NAME
stepmux\-phase \- run a CI build step by step
.SH SYNOPSIS
\fBphase\fR [\fIcommand\fR]
.br
\fBtravis_run_\fR\fIPHASE\fR [\fIN\fR|\fIN\fR\-\fIM\fR|\fIN\fR\-]
.SH DESCRIPTION
Every shell of a session that \fBstepmux debug\fR started has the command
\fBphase\fR, and a function \fBtravis_run_\fR\fIPHASE\fR for each phase of the job.
Where steps are named, a phase goes by its name, by that name with other
characters than letters and digits as underscores, by its number, or by a beginning
that only one has.
Without a command it says how far the build has come.
.PP
A phase runs as its CI runs it.
Those of Travis run in the shell where they are typed: a change of directory, a
variable or a function of one step is there in the next, and stays.
Those of GitLab run in one shell a phase.
Those of CircleCI, GitHub, Harness and plain scripts have a new process for each
step, with exactly the program and arguments of the file; what they pass on goes
through the CI's own files (\fBBASH_ENV\fR, \fBGITHUB_ENV\fR, \fBGITHUB_PATH\fR,
\fBGITHUB_OUTPUT\fR), which all windows of the session share.
No step ends a window: where it would end the shell, it ends its phase.
.PP
What the file leaves to the CI's own language is taken from the environment, from
what earlier steps gave out, or is asked for; without a terminal the step fails and
names the variable.
A condition that cannot be decided here holds, and is shown.
"#;

const BODY: &str = r#".SH THE HOLD
A build that is started by \fBstepmux debug \-\-run\fR, or by \fBphase run \-\-hold\fR,
stops at the first step that fails and counts.
The prompt that follows has the directory, the variables, the functions and the
options in which the step failed (of other interpreters than bash and sh, and of a
script with an EXIT trap of its own, the directory and environment in which it
began); \-e, \-u and \-x are left off there.
.PP
\fBphase retry\fR starts the step again where it began, with what was exported at
that prompt; \fBphase next\fR goes on, \fBphase skip\fR too, but forgives the failure.
\fBphase pass\fR and \fBphase fail\fR decide the result, from any window, and end a session
of \fBstepmux debug \-\-run\fR.
A shell that is left undecided is found again by \fBphase shell\fR.
.SH RESULTS
A build passes with 0, fails with 1, and is errored with 2: of Travis when
before_install, install or before_script fails, or when a step ends its shell with
another status.
After a failure only what is meant for that runs: after_failure, after_script, steps
with the condition always or failure.
Phases that publish are left out of a build and run by \fB\-\-yes\fR alone.
.SH SHELLS
In bash, phases of Travis run in the shell itself.
In zsh, fish and sh they run in a bash beside the shell: directory and exported
variables come back to it, functions and options are there again for the next phase
and nowhere else.
No start file of the user's is changed.
"#;

const TAIL: &str = r#".SH EXIT STATUS
That of the step or build; 2 for wrong arguments.
.SH SEE ALSO
\fBstepmux\fR(1), \fBstepmux\-ci\fR(1), \fBbash\fR(1)
"#;
