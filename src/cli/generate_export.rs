//! The manual page stepmux-export(1), of `stepmux export`, `record` and `replay`,
//! made from their definitions with what these cannot say. Pure text.

use super::generate::options;

/// The manual page of what is taken home, in roff (man(7)).
#[must_use]
pub fn man_export() -> String {
    let version = env!("CARGO_PKG_VERSION");
    let mut page = format!(".TH STEPMUX\\-EXPORT 1 \"\" \"stepmux {version}\" \"User Commands\"\n");
    page.push_str(HEAD);
    page.push_str(".SH EXPORT\n");
    page.push_str(EXPORT);
    options(&mut page, &super::export::definition());
    page.push_str(".SH RECORD\n");
    page.push_str(RECORD);
    options(&mut page, &super::record::definition());
    page.push_str(".SH REPLAY\n");
    page.push_str(REPLAY);
    options(&mut page, &super::replay::definition());
    page.push_str(TAIL);
    page
}

const HEAD: &str = r#".SH NAME
stepmux\-export \- take a debug session home, record and replay it
.SH SYNOPSIS
\fBstepmux export\fR [\fIoptions\fR] \fIDIR\fR
.br
\fBstepmux record\fR [\fIoptions\fR] \fIFILE\fR
.br
\fBstepmux replay\fR [\fIoptions\fR] \fIFILE\fR
.SH DESCRIPTION
A debug VM is gone when the session is over.
These take along what happened there: the output of each run of a step, the timeline,
what each step changed in the environment, and a recording of the screen.
"#;

const EXPORT: &str = r#"Writes a new directory, readable by its owner alone: steps/\fINNN\fR\-\fIPHASE\fR\-\fISTEP\fR.log
with the output of a run, for the newest 2,000 runs whose output is still in the
history; steps/\fIPHASE\fR\-\fISTEP\fR.env with what the last run of a step changed in
the environment of its shell (a line with \- was there before, one with + after);
timeline.json as \fBtimeline \-\-json\fR prints it; build.json; README.txt; recording.cast and
files/ if they are asked for.
Links below a chosen directory are passed over; a file has at most 256 MiB.
.PP
Values of secrets become [secure] in all of it, in clear, as base64, in hexadecimal
and as URLs and shells quote them: those of the variables whose names say so, in this
process's environment and in the steps', and those that \fBdebug\fR was told of.
"#;

const RECORD: &str = r#"Looks at a session as a client that may only look, and writes what is seen in the form
asciicast v2, which asciinema plays too.
The beginnings of the build's steps are marks in it, and a new size of the window is
a resize.
It ends with the session, or by SIGINT or SIGTERM.
Only drawing is recorded: no title, clipboard or mode of a program.
It counts for nobody who is here, and shows in no list of clients.
Secrets of a debug session are stars, wrapped ones and parts of one too; those that the
recorder knows besides, such as by \fB\-\-mask\fR, are [secure] where a whole one is seen.
\fBstepmux debug \-\-record\fR records from the start.
A recording that was cut off by a kill is complete but for its last seconds.
"#;

const REPLAY: &str = r#"Plays a recording on this terminal, or with \fB\-\-window\fR in a new window of the session.
What is in the file can but draw.
.PP
Keys: \fISpace\fR stops and goes on; \fI]\fR and \fI[\fR, or \fIn\fR and \fIp\fR, go to the next step and to
the step before; \fIRight\fR and \fILeft\fR go five seconds; \fIg\fR and \fIG\fR go to the beginning
and the end; \fI<\fR and \fI>\fR change the speed; \fIq\fR quits.
"#;

const TAIL: &str = r#".SH LEFT OUT
Keys that were typed are not recorded: they may be passwords.
A terminal that is smaller than the recording shows its upper left part.
.SH EXIT STATUS
.TP
0
It is done.
.TP
1
The session, the directory or the file cannot be had.
.TP
2
Wrong arguments.
.SH EXAMPLES
stepmux record \-t debug debug.cast &
.br
stepmux export \-t debug \-\-recording debug.cast \-\-file target/report bundle
.br
stepmux replay \-\-at script:2 bundle/recording.cast
.SH SEE ALSO
\fBstepmux\fR(1), \fBstepmux\-phase\fR(1), \fBasciinema\fR(1)
"#;
