//! What the manual says of a build's timeline: the panel, folds, the marks of
//! shells, and the JSON. Text alone; the commands' usage comes from their table.

/// Subsections of the manual's part on debug builds, in roff (man(7)).
pub(super) const TIMELINE: &str = r#".SS The panel
\fIctrl\-b S\fR (\fBphase\-panel\fR) shows the phases and steps of the build: what
has a tick passed, a cross failed, a dot runs, a circle has not run, a struck
circle is skipped; then progress or status, how often a step ran, for how long,
and by whom.
Keys:
.TP
\fIj\fR, \fIk\fR, arrows, \fIPageUp\fR, \fIPageDown\fR, \fIg\fR, \fIG\fR
Move.
.TP
\fI/\fR
Show only what contains a text; \fIEscape\fR shows all again.
.TP
\fIEnter\fR
Go to the output of the last run, in copy mode in its pane.
To who may only look it is shown as text.
.TP
\fIr\fR, \fIn\fR
Run the step again, or go on with the next one: the command is typed into the
pane that ran it, if a shell waits there.
.TP
\fIl\fR
List the runs; there \fIm\fR marks up to two of them.
.TP
\fId\fR
Compare two runs side by side, the last two or those marked: times, durations,
ids, process numbers and temporary paths count as equal.
\fI]\fR and \fI[\fR go to the next difference and the one before.
.TP
\fITab\fR
Hide or show the steps of a phase.
.TP
\fIq\fR, \fIEscape\fR
Close.
.SS Folds
In the sessions of debug builds (option \fIfold\-marks\fR) the marks of Travis
(travis_fold, travis_time), GitLab (section_start, section_end) and GitHub
(##[group] and ::group::, ##[endgroup] and ::endgroup::) in a pane's output are
hidden and become folds, as is every step of the build.
In copy mode \fITab\fR closes and opens the fold under the cursor, \fIZ\fR (vi) or
\fIM\-z\fR (emacs) all of them; the commands of \fBsend\-keys \-X\fR are \fIfold\-toggle\fR,
\fIfold\-close\fR, \fIfold\-open\fR, \fIfold\-toggle\-all\fR, \fIfold\-close\-all\fR and
\fIfold\-open\-all\fR.
A closed fold is one line, is copied whole, and opens when a search finds
something in it.
.SS Formats
\fI#{phase_summary}\fR says in at most 60 columns what ran.
Of the step that runs, is held, or ran last: \fI#{phase_name}\fR, \fI#{phase_step}\fR,
\fI#{phase_status}\fR (running, held, passed, failed), \fI#{phase_elapsed}\fR; and
\fI#{phase_held}\fR is 1 while the build is held.
.SS Marks
Shells report what they run by an escape sequence among their output, ESC ] 7717
; NONCE ; MARK BEL, or where there is no terminal by \fBphase\-report\fR \fIMARK\fR from a process of the same
user; the pane is \fBSTEPMUX_PANE\fR, or \fB\-t\fR.
Marks are:
.TP
B;phase=P;step=N;of=M[;try=T]
A step begins.
.TP
D;phase=P;step=N;status=S[;ended=1|;interrupted=1|;died=1]
It ended: by itself, by ending its phase, by Ctrl\-C, or with its shell.
.TP
H;phase=P;step=N;status=S
The build is held at it.
.TP
S;phase=P[;step=N]
A phase, or a step, is skipped.
.TP
F;status=S
The build is done.
.PP
In a value %XX stands for the byte of two hexadecimal digits; semicolons,
percent signs and control characters are written so.
Times are the server's, never the shell's.
.SS timeline \-\-json
One object in one line, with these keys:
.TP
phases
A list of objects with name, state, step, steps, status and duration_us.
.TP
runs
A list of objects with id, phase, step, try, by, pane, start_us, running,
duration_us, status, how, begins and ends; the oldest comes first.
.TP
held
An object with phase, step, status and pane, or null.
.TP
result
The exit status of the last whole build, or null.
.PP
\fIstate\fR is pending, running, passed, failed, held or skipped; \fIhow\fR is done,
ended\-phase, interrupted or died; \fIby\fR is the client who typed last in the pane,
null where nobody did.
\fIstart_us\fR counts microseconds since 1970.
\fIbegins\fR and \fIends\fR are the lines of the output as \fBcapture\-pane \-S\fR and \fB\-E\fR
take them, null when they have left the history.
The last 20,000 runs are kept.
"#;
