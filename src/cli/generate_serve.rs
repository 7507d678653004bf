//! The manual page stepmux-serve(8), made from the definition of `stepmux serve`
//! with what that cannot say. Pure text.

use super::generate;

/// The manual page of `stepmux serve`, in roff (man(7)).
#[must_use]
pub fn man_serve() -> String {
    let mut page = generate::service("SERVE", HEAD, &super::serve::definition());
    page.push_str(BODY);
    generate::unit(&mut page, UNIT);
    page.push_str(TAIL);
    page
}

const HEAD: &str = r#".SH NAME
stepmux\-serve \- start debug builds of a CI's jobs over HTTP
.SH SYNOPSIS
\fBstepmux serve\fR \fB\-\-jobs\fR \fIDIR\fR [\fIoptions\fR]
.SH DESCRIPTION
Serves, in the foreground, the API by which a debug build of a job is asked for: the
request that Travis CI documents, and what is needed beside it.
A debug build is a command, made by a template for each job: on this machine unless
the settings say otherwise.
.PP
The server can be ended, killed and started again: what runs goes on, what was asked
for is started, and nothing is started twice.
"#;

const BODY: &str = r#".SH REQUESTS
Every request but the last three has the header
\fBAuthorization: token\fR \fITOKEN\fR; \fBTravis\-API\-Version: 3\fR is understood, and
so are the same paths under /v3.
Answers are JSON.
.TP
\fBPOST /job/\fR\fIID\fR\fB/debug\fR
Starts a debug build; the body is empty, {} or {"quiet": true}.
202 when it will be started.
403 with login_required, wrong_credentials (a wrong token, or debug builds are not
enabled for the job), insufficient_access (the token may only look), repo_migrated or
error (no credit).
404 with not_found when there is no such job for this token.
409 with job_already_running when it runs or is being debugged.
503 with too_many_jobs when as many as allowed are being debugged.
.TP
\fBGET /job/\fR\fIID\fR\fB/debug\fR
Shows its newest debug build: state, times, exit status, why it ended, and, to those who
may debug and while it runs, the lines to join by.
These lines are passwords.
.TP
\fBDELETE /job/\fR\fIID\fR\fB/debug\fR
Ends it: its command gets SIGTERM, and SIGKILL ten seconds later.
202, or 409 with job_not_cancelable.
.TP
\fBGET /jobs\fR
The jobs of the token's repositories, by id; \fBlimit\fR (to 100), \fBafter\fR (an id) and
\fBstate\fR choose.
.TP
\fBGET /healthz\fR, \fBGET /metrics\fR, \fBGET /openapi.json\fR
Whether it answers, counts for Prometheus, and the API's description.
.SH JOBS
A job is a file \fIID\fR.toml in the directory, written by the CI, best under another
name and then renamed.
It is read when it is asked for; a job stays known after its file is gone.
.TP
\fBrepo\fR
The repository, such as octo/lab.
.TP
\fBstate\fR
received, queued, started (it runs, and cannot be debugged), passed, failed, errored or
canceled.
A debug build shows created and started instead; when it is over, the job has this
state again.
.TP
\fBdirectory\fR, \fBfile\fR, \fBjob\fR
Where the command starts, the CI file, and which of its jobs.
.TP
\fBprivate\fR, \fBdebug\fR
Debug builds are enabled for a private repository, and for a public one unless
\fBdebug\fR is false.
.TP
\fBmigrated\fR, \fBout\-of\-credit\fR
When true, nothing is started, and the answer says so as Travis does.
.TP
\fBtemplate\fR, \fB[vars]\fR
The template, if not the usual one, and further words for it.
.SH SETTINGS
The file serve.toml of the directory has a row for each token, with its SHA\-256 only;
\fB\-\-add\-token\fR adds one and prints the token.
SIGHUP lets the file be read again.
.PP
[[token]]
.br
login = "octo"
.br
sha256 = "..."
.br
repos = ["octo/*"]
.br
debug = true
.TP
\fBmax\-running\fR
Debug builds at a time; 32 if it is not there.
.TP
\fB[limits]\fR
How long debug builds stay: \fBwait\fR ("30m" if it is not there), \fBkeep\fR,
\fBidle\fR ("30m"), \fBmax\fR ("2h") and \fBcap\fR, as \fBstepmux debug\fR takes them;
"none" is no limit.
A job's \fB[vars]\fR of these names come before them.
They are words for templates: \fIlocal\fR has them all.
.TP
\fBends\-after\fR
After this time the command of a debug build is ended as by DELETE, whatever its template;
"3h" if it is not there, "none" for never.
The debug build's reason says so.
.TP
\fBtemplate\fR
The name of the usual template; \fIlocal\fR if it is not there.
.TP
\fB[templates]\fR
Names, each with a list of words: the program and its arguments.
.SH TEMPLATES
No shell is asked: a word of a template is one argument, whatever is put in.
.TP
\fB{\fR\fINAME\fR\fB}\fR
What the job has under that name.
A value that would begin an argument with a hyphen is refused.
.TP
\fB{\fR\fINAME\fR\fB:sh}\fR
The same, quoted as one word for a shell at the far end, as ssh needs it.
.TP
\fB{?\fR\fINAME\fR\fB}\fR
At an argument's beginning: it is there only if the name has a value.
.TP
\fB{{\fR, \fB}}\fR
A brace.
.PP
The names are stepmux (this program), id, run, repo, directory, file, job, previous,
login, quiet, wait, keep, idle, max, cap, and those of the job's \fB[vars]\fR.
Some templates:
.PP
[templates]
.br
local = ["{stepmux}", "\-L", "job\-{id}", "debug", "\-\-no\-attach", "\-\-share",
"\-\-previous={previous}", "\-\-login={login}", "{?quiet}\-\-quiet", "{?file}\-\-file={file}",
"{?wait}\-\-wait={wait}", "{?idle}\-\-idle={idle}", "{?max}\-\-max={max}"]
.br
docker = ["docker", "run", "\-\-rm", "\-\-name=debug\-{id}", "\-\-network=host", "{image}",
"stepmux", "debug", "\-\-no\-attach", "\-\-relay=relay.example.org", "\-\-previous={previous}"]
.br
kubectl = ["kubectl", "run", "debug\-{id}", "\-\-rm", "\-i", "\-\-restart=Never",
"\-\-image={image}", "\-\-", "stepmux", "debug", "\-\-no\-attach", "\-\-relay=relay.example.org"]
.br
ssh = ["ssh", "\-oBatchMode=yes", "\-tt", "builder@{host}", "cd {directory:sh} && exec stepmux debug \-\-no\-attach \-\-relay=relay.example.org"]
.PP
The command's output is kept in the run's directory, 4 MiB and what was before; the
lines to join by are taken from it, as \fBstepmux debug\fR prints them, up to the
beginning of the session's own output.
The exit status is kept as the build's.
.SH FILES
.TP
\fIDIR\fR/\fIID\fR.toml
A job.
.TP
\fIDIR\fR/serve.toml
Tokens and templates.
.TP
\fIDIR\fR/jobs.sqlite
What is known of jobs and their debug builds: the newest 20 of each job.
.TP
\fIDIR\fR/runs/\fIN\fR
The order, output and end of a debug build.
.SH SECURITY
It listens on this machine unless told otherwise, and speaks no TLS: for others, put a
proxy before it.
Whoever can write to the directory decides what runs.
Who asks decides nothing of the command but \fBquiet\fR and, by the token, \fBlogin\fR.
A token is compared by its hash in constant time.
.SH LEFT OUT
Travis writes the wish of a debug build down before it looks whether the job runs, so
that a refused request changes the next restart; here a refused request changes
nothing.
There is no request that changes a job: jobs are the CI's, by files.
.SH EXIT STATUS
.TP
0
After SIGTERM or SIGINT; debug builds go on.
.TP
1
The directory, the settings or the address cannot be had.
.TP
2
Wrong arguments.
.SH A SYSTEMD UNIT
"#;

/// The unit that is shipped beside the program.
const UNIT: &str = include_str!("../../packaging/stepmux-serve.service");

const TAIL: &str = r#".SH SEE ALSO
\fBstepmux\fR(1), \fBstepmux\-ci\fR(1), \fBstepmux\-share\fR(1), \fBstepmux\-relay\fR(8), \fBsystemd.service\fR(5)
"#;
