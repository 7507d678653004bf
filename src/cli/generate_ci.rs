//! The manual page stepmux-ci(1), made from the definition of `stepmux ci` and
//! the facts of its output. Pure text.

use std::fmt::Write as _;

use super::generate::{options, roff};

/// The manual page of `stepmux ci`, in roff (man(7)).
#[must_use]
pub fn man_ci() -> String {
    let version = env!("CARGO_PKG_VERSION");
    let mut page = format!(".TH STEPMUX\\-CI 1 \"\" \"stepmux {version}\" \"User Commands\"\n");
    page.push_str(HEAD);
    page.push_str(".SH COMMANDS\n");
    let definition = super::ci::definition();
    for action in definition.get_subcommands() {
        let about = action.get_about().map(ToString::to_string);
        let files = if action.get_name() == "check" {
            "[\\fIfile\\fR ...]"
        } else {
            "[\\fIfile\\fR]"
        };
        let _ = writeln!(
            page,
            ".TP\n\\fB{}\\fR [\\fIoptions\\fR] {files}\n{}.",
            roff(action.get_name()),
            roff(&about.unwrap_or_default())
        );
        page.push_str(".RS\n");
        options(&mut page, action);
        page.push_str(".RE\n");
    }
    page.push_str(TAIL);
    page
}

const HEAD: &str = r#".SH NAME
stepmux\-ci \- show the jobs, phases and steps of a CI file
.SH SYNOPSIS
\fBstepmux ci list\fR [\fIoptions\fR] [\fIfile\fR]
.br
\fBstepmux ci show\fR [\fIoptions\fR] [\fIfile\fR]
.br
\fBstepmux ci check\fR [\fIoptions\fR] [\fIfile\fR ...]
.SH DESCRIPTION
Reads the file of a CI system and prints what \fBstepmux debug\fR would make of
it: every job in the order of the CI, with its variables, its phases, and the
commands as they are written.
Nothing is run, fetched or decrypted.
What only the CI could resolve is shown in its place with the reason, and what
was noticed but is no error is printed on the standard error.
.PP
Without a \fIfile\fR the first of these in the working directory is taken:
\fIstepmux.toml\fR, \fI.travis.yml\fR, \fI.circleci/config.yml\fR, the only file in
\fI.github/workflows\fR, \fI.gitlab\-ci.yml\fR, the only file in \fI.harness\fR.
The system of a file is told by its path, else by its keys.
Files that it includes are read when they are in the same checkout.
"#;

const TAIL: &str = r#".SH JSON
An object with \fBsystem\fR, \fBjobs\fR, and \fBwarnings\fR when there are any.
A job has \fBname\fR, \fBenv\fR (strings NAME=VALUE in the syntax of the shell; an
encrypted one has the value [secure]) and \fBphases\fR, and where they are known
\fBstage\fR, \fBlanguage\fR, \fBos\fR, \fBaxes\fR, \fBimage\fR, \fBcwd\fR, \fBneeds\fR,
\fBcondition\fR and \fBallow_failure\fR.
A phase has \fBname\fR, \fBorigin\fR (config, or default for the commands of the CI
itself), \fBkind\fR (main, always, on\-success, on\-failure or deploy), \fBisolation\fR
(same\-shell, one\-shell or per\-step) and \fBsteps\fR.
A step has \fBcommand\fR as written, \fBwhen\fR and \fBon_failure\fR, and where they are
known \fBname\fR, \fBid\fR, \fBshell\fR (an argument vector; {0} stands for the file of
the command), \fBasks\fR, \fBenv\fR, \fBcwd\fR, \fBretry\fR, \fBbackground\fR,
\fBtimeout\fR (seconds) and \fBplaceholder\fR (why it cannot be run here).
.PP
A line of \fB\-\-batch\fR is such an object on one line with \fBfile\fR before the rest,
or an object of \fBfile\fR and \fBerror\fR.
The files are read on all processors; the lines come in the order of the names,
each as soon as it is known.
.SH ENVIRONMENT
.TP
\fBNO_COLOR\fR
When set, nothing is coloured; colours are for terminals only.
.SH EXIT STATUS
.TP
0
Success; with \fB\-\-batch\fR also when some of the files were refused.
.TP
1
A file cannot be found, read or understood, or has no such job.
.TP
2
Wrong arguments.
.SH SEE ALSO
\fBstepmux\fR(1)
"#;
