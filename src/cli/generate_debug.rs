//! The manual page stepmux-debug(1), made from the definitions of `stepmux debug`
//! and `stepmux debug wait` with what those cannot say. Pure text.

use super::generate::options;

/// The manual page of `stepmux debug`, in roff (man(7)).
#[must_use]
pub fn man_debug() -> String {
    let version = env!("CARGO_PKG_VERSION");
    let mut page = format!(".TH STEPMUX\\-DEBUG 1 \"\" \"stepmux {version}\" \"User Commands\"\n");
    page.push_str(HEAD);
    page.push_str(".SH OPTIONS\n");
    options(&mut page, &super::debug::definition());
    page.push_str(".SH OPTIONS OF WAIT\n");
    options(&mut page, &super::debug_wait::definition());
    page.push_str(BODY);
    page
}

const HEAD: &str = r#".SH NAME
stepmux\-debug \- a debug VM's session, from its start to its end
.SH SYNOPSIS
\fBstepmux debug\fR [\fIoptions\fR] [\-\- \fIcommand\fR ...]
.br
\fBstepmux debug wait\fR [\fIoptions\fR]
.SH DESCRIPTION
Reads the CI file of the working directory and starts a session whose shells have
each phase of the job as a function \fItravis_run_PHASE\fR (\fBstepmux\-phase\fR(1)), opened
to guests when asked for (\fBstepmux\-share\fR(1)).
The log says how to join, in the words of the CI that the file is for: those of
Travis CI for all but CircleCI (Enable SSH, Wait for SSH) and Harness.
At a terminal outside of a CI this terminal is attached; otherwise the log shows what
the panes show, and the command waits until the session ends.
.PP
It needs no terminal, no root, and neither a \fBHOME\fR nor one that can be written.
Several jobs have a session each; an address to listen on with a port is the first
one's, and the further ones take the ports after it.
"#;

const BODY: &str = r#".SH LIMITS
Without a limit the session lives until its last window is closed.
\fB\-\-max\fR counts from the start; \fB\-\-wait\fR, \fB\-\-keep\fR and \fB\-\-idle\fR count from the
start too, or with \fB\-\-run\fR while the build is held or over.
What is left stands in the status line, as \fI#{debug_left}\fR for formats; five minutes
and one minute before the end everyone inside and the log are told.
.PP
These commands of the server are for whoever may type in the session:
.TP
\fBextend\fR \fIduration\fR
Moves the end, at most to \fB\-\-cap\fR, or to \fB\-\-max\fR where there is no cap.
.TP
\fBcontinue\fR
Ends the session so that the CI's build goes on: with status 0, or with the command's
own after \fB\-\-on\-failure\fR.
Where \fB\-\-run\fR holds a build it goes on there with the next step.
.TP
\fBfinish\fR [\fB\-\-status\fR \fIN\fR]
Ends the session, with this exit status.
.PP
A file named \fIcontinue\fR that is made in the working directory or in / ends it as
\fBcontinue\fR does.
.SH THE END
The log says why.
The processes of the session are sent SIGHUP, and after three seconds SIGKILL, also
those in the background, in other sessions or process groups: they are known by their
\fBSTEPMUX\fR in the environment.
Then, for Travis CI, it is said that the result is reset to its previous value.
.PP
SIGTERM and SIGINT end session and processes at once.
When the server is killed, the processes are ended all the same.
.SH THE LOG
Each pane's output goes to the log in lines, those of further windows after the
window's index in brackets, those of a window's further panes after that and the pane's.
A line is written when it is finished; of a progress bar its last state is shown, of
several bars above each other each one's; of a full\-screen program that there was
one, and when it gives the screen back what it showed last, indented.
A shell's bare prompt is no line.
With \fB\-\-quiet\fR none of it is shown.
When the log has been silent for a minute it gets a dot, so that the CI does not take
the build for stalled.
.SH SECRETS
The values of variables that the CI file encrypts, that \fB\-\-mask\fR names, and whose name
ends like \fI_TOKEN\fR, \fI_PASSWORD\fR, \fI_SECRET\fR or \fI_KEY\fR of some kind become [secure] in the
log, in exports and in recordings.
With the option \fImask\-view\fR guests who may only look see stars for them, in recordings
too: also of one that begins above the screen or goes on beside it, in their own look
into the history, in captures, and as control clients; their searches and formats find
nothing in them.
They are found across colours, pieces, blanks and line breaks, and as base64, in
hexadecimal, and as URLs, JSON, XML and shells quote them; each line of a value of
several lines is one.
Whoever may type sees them, and a program that changes them otherwise gets them out:
this guards against accidents.
A value that a full\-screen program breaks over the lines of a column of its own, with
other text beside it, is not found in what the log shows of its screen, nor a value in
the names of processes or of files on disk.
Values of less than three characters are not looked for.
.SH A RECORDING
\fB\-\-record\fR \fIFILE\fR makes a recording from the session's start to its end, as
\fBstepmux record\fR does (\fBstepmux\-export\fR(1)).
The recorder is nobody who is here: it is in no list, and \fB\-\-wait\fR and
\fB\-\-idle\fR do not count it.
The file is whole when \fBdebug\fR, or \fBdebug wait\fR after \fB\-\-detach\fR, has
ended; a file that is there is not written over.
.SH IN A CI
\fB\-\-ready\-file\fR, \fB\-\-json\fR and the files named by \fBGITHUB_STEP_SUMMARY\fR and
\fBGITHUB_OUTPUT\fR (session, ssh\-command, ssh\-command\-read\-only) tell other programs
how to join.
\fB\-\-detach\fR leaves the session to run beside the further steps; \fBstepmux debug wait\fR,
as the job's last step, waits for whoever is inside, and with \fB\-\-wait\fR for somebody to
come before the machine is taken away.
.SH EXIT STATUS
.TP
0, 1, 2, 86
The build's before, as \fB\-\-previous\fR says: passed, failed, errored, canceled.
With \fB\-\-run\fR the build's own: passed, failed or not finished, errored.
With \fB\-\-on\-failure\fR the command's own, 0 when it was decided that it passed.
.TP
0
After a detach, \fB\-\-detach\fR, \fBcontinue\fR or the file \fIcontinue\fR.
.TP
\fIN\fR
After \fBfinish \-\-status\fR \fIN\fR.
.TP
1
The file, the job or the session is refused.
.TP
2
Wrong arguments.
.TP
130, 143
After SIGINT, SIGTERM.
.PP
A limit that ends the session changes none of these; of several jobs the largest counts.
.SH SEE ALSO
\fBstepmux\fR(1), \fBstepmux\-ci\fR(1), \fBstepmux\-phase\fR(1), \fBstepmux\-share\fR(1)
"#;
