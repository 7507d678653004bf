//! What is made of the command table: the manual and the help. Pure text; to add
//! a command nothing is touched here.

use std::fmt::Write as _;

use crate::command::{Family, Row, man_section, table};

/// What the program does by itself beside the server's commands.
pub(super) const PROGRAM: &[(&str, &str)] = &[
    (
        "ci",
        "Shows what stepmux understands of a CI file; see stepmux-ci(1).",
    ),
    (
        "completions",
        "Prints the completion script of a shell: bash, zsh or fish.",
    ),
    (
        "config",
        "Checks configuration files and adopts those of tmux; see stepmux-config(5).",
    ),
    (
        "debug",
        "Starts the session of a debug build from a CI file.",
    ),
    (
        "doctor",
        "Checks terminal, locale, sockets, sshd and login shell; says how to mend.",
    ),
    (
        "export",
        "Writes what ran of a build into a directory; see stepmux-export(1).",
    ),
    (
        "join",
        "Joins a shared session by a stepmux:// string; see stepmux-share(1).",
    ),
    (
        "man",
        "Prints a manual page: stepmux(1), or that of the word after it.",
    ),
    (
        "record",
        "Records a session as an asciicast; see stepmux-export(1).",
    ),
    (
        "relay",
        "Lets guests reach debug VMs behind NAT; see stepmux-relay(8).",
    ),
    (
        "replay",
        "Plays a recording and goes to its steps; see stepmux-export(1).",
    ),
    (
        "serve",
        "Starts debug builds of a CI's jobs over HTTP; see stepmux-serve(8).",
    ),
];

/// The pages that `man` prints beside stepmux(1).
pub(super) const PAGES: &[(&str, &str)] = &[
    ("ci", "What stepmux understands of CI files."),
    ("config", "The configuration file, its options and keys."),
    ("debug", "Debug builds, their limits and their end."),
    (
        "export",
        "What is taken home: exports, recordings, replays.",
    ),
    ("phase", "The phases of a build in a debug session."),
    ("share", "Sharing a session with guests."),
    ("relay", "Guests behind NAT."),
    ("serve", "What the server for CI asks and gives."),
];

/// The global flags with what they take and do, in tmux's order.
pub(super) const GLOBALS: [(&str, &str, &str); 15] = [
    (
        "-2",
        "",
        "Accepted for old scripts; colours are found from the terminal.",
    ),
    (
        "-c",
        "shell-command",
        "Run a command by the user's shell and nothing else.",
    ),
    (
        "-D",
        "",
        "Be the server, in the foreground; takes no command.",
    ),
    (
        "-f",
        "file",
        "Start the server with this file instead of the user's own; may be repeated. A name in .toml is a configuration file, any other holds commands; /dev/null is none.",
    ),
    ("-h", "", "Print a short help."),
    (
        "-L",
        "socket-name",
        "Use the server of this name; the usual one is \"default\".",
    ),
    ("-l", "", "With -c, run the shell as a login shell."),
    (
        "-N",
        "",
        "Do not start the server, even where the command would.",
    ),
    ("-S", "socket-path", "Use the server at this socket."),
    (
        "-T",
        "features",
        "Accepted for old scripts; features are found from the terminal.",
    ),
    (
        "-u",
        "",
        "The terminal takes UTF-8, whatever the locale says.",
    ),
    ("-V", "", "Print the version."),
    (
        "-v",
        "",
        "Let a server that is started write a log to the working directory.",
    ),
    (
        "--login",
        "",
        "Be a login shell (see LOGIN SHELL); only as the first word.",
    ),
    ("--", "", "End the flags."),
];

/// The help, for a screen.
#[must_use]
pub fn help() -> String {
    let mut text = format!("{}\n\n", super::globals::usage("stepmux"));
    text.push_str(
        "Without a command: attaches to the session, or creates it.\n\
         Commands, flags and targets are tmux's; these are stepmux's own:\n\n",
    );
    let mut own: Vec<(&str, &str)> = PROGRAM.to_vec();
    let rows = table().iter().filter(|row| row.own && !row.hidden);
    own.extend(rows.map(|row| (row.name, row.about)));
    own.sort_unstable();
    for (name, about) in own {
        let _ = writeln!(text, "  {name:<12} {about}");
    }
    for family in Family::ALL {
        let names: Vec<&str> = shown()
            .filter(|row| row.family == family)
            .map(|row| row.name)
            .collect();
        let _ = writeln!(text, "\n{}:", family.title());
        wrap(&names, &mut text);
    }
    text.push_str(
        "\nManual: stepmux man   Usage of one command: stepmux list-commands NAME\n\
         Keys in a session: ctrl-b ?\n",
    );
    text
}

fn shown() -> impl Iterator<Item = &'static Row> {
    table().iter().filter(|row| !row.hidden)
}

/// Words in lines of at most 78 columns.
fn wrap(words: &[&str], text: &mut String) {
    let mut line = String::from(" ");
    for word in words {
        if line.len() + 1 + word.len() > 78 {
            let _ = writeln!(text, "{line}");
            line = String::from(" ");
        }
        line.push(' ');
        line.push_str(word);
    }
    let _ = writeln!(text, "{line}");
}

/// The manual page, in roff (man(7)).
#[must_use]
pub fn man() -> String {
    let version = env!("CARGO_PKG_VERSION");
    let mut page = format!(".TH STEPMUX 1 \"\" \"stepmux {version}\" \"User Commands\"\n");
    page.push_str(HEAD);
    page.push_str(".SH OPTIONS\n");
    for (flag, value, about) in GLOBALS {
        let _ = write!(page, ".TP\n\\fB{}\\fR", roff(flag));
        if !value.is_empty() {
            let _ = write!(page, " \\fI{}\\fR", roff(value));
        }
        let _ = writeln!(page, "\n{}", roff(about));
    }
    page.push_str(LOGIN);
    debug_section(&mut page);
    page.push_str(&man_section());
    page.push_str(TAIL);
    page
}

fn debug_section(page: &mut String) {
    page.push_str(".SH DEBUG BUILDS\n.TP\n\\fBdebug\\fR [\\fIoptions\\fR]\n");
    page.push_str(DEBUG);
    for (name, about) in PROGRAM.iter().filter(|(name, _)| *name != "debug") {
        let word = match *name {
            "completions" => " \\fIshell\\fR",
            "ci" => " \\fBlist\\fR|\\fBshow\\fR|\\fBcheck\\fR",
            "join" => " [\\fIoptions\\fR] \\fIstring\\fR",
            "config" => " \\fBcheck\\fR|\\fBadopt\\fR",
            "doctor" => " [\\fB\\-\\-json\\fR]",
            "man" => {
                " [\\fBci\\fR|\\fBconfig\\fR|\\fBdebug\\fR|\\fBexport\\fR|\\fBphase\\fR|\\fBshare\\fR|\\fBrelay\\fR|\\fBserve\\fR]"
            }
            "relay" | "serve" => " [\\fIoptions\\fR]",
            "export" => " [\\fIoptions\\fR] \\fIdirectory\\fR",
            "record" | "replay" => " [\\fIoptions\\fR] \\fIfile\\fR",
            _ => "",
        };
        let _ = writeln!(page, ".TP\n\\fB{name}\\fR{word}\n{}", roff(about));
    }
    page.push_str(super::manual_timeline::TIMELINE);
}

/// The beginning of a page of section 8: its title, what is before the options,
/// and these.
pub(super) fn service(name: &str, head: &str, definition: &clap::Command) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let mut page = format!(
        ".TH STEPMUX\\-{name} 8 \"\" \"stepmux {version}\" \"System Administration\"\n{head}.SH OPTIONS\n"
    );
    options(&mut page, definition);
    page
}

/// A systemd unit, line by line.
pub(super) fn unit(page: &mut String, text: &str) {
    for line in text.lines() {
        match line {
            "" => page.push_str(".PP\n"),
            line => page.push_str(&format!("{}\n.br\n", roff(line))),
        }
    }
}

/// The long options of a definition, with what they take and do.
pub(super) fn options(page: &mut String, definition: &clap::Command) {
    for arg in definition.get_arguments() {
        let Some(long) = arg.get_long() else { continue };
        let names = arg.get_value_names().unwrap_or_default();
        let takes = matches!(arg.get_action(), clap::ArgAction::SetTrue);
        let value = names.first().filter(|_| !takes);
        let value = value.map(|name| format!(" \\fI{}\\fR", roff(name)));
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        let _ = writeln!(
            page,
            ".TP\n\\fB{}\\fR{}\n{}.",
            roff(&format!("--{long}")),
            value.unwrap_or_default(),
            roff(&help)
        );
    }
}

/// The page of a name: none is stepmux(1), `share` is stepmux-share(1).
///
/// # Errors
/// A name without a page.
pub fn page(words: &[String]) -> Result<String, String> {
    let name = match words {
        [] => "stepmux",
        [name] => name.strip_prefix("stepmux-").unwrap_or(name),
        _ => "",
    };
    Ok(match name {
        "stepmux" => man(),
        "ci" => super::generate_ci::man_ci(),
        "config" => super::generate_config::man_config(),
        "debug" => super::generate_debug::man_debug(),
        "export" => super::generate_export::man_export(),
        "phase" => super::generate_phase::man_phase(),
        "relay" => super::generate_relay::man_relay(),
        "serve" => super::generate_serve::man_serve(),
        "share" => super::generate_share::man_share(),
        _ => {
            let names: Vec<_> = PAGES.iter().map(|(name, _)| *name).collect();
            return Err(format!("usage: stepmux man [{}]", names.join("|")));
        }
    })
}

/// Text that roff takes for nothing else.
pub(super) fn roff(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-");
    if text.starts_with(['.', '\'']) {
        format!("\\&{text}")
    } else {
        text
    }
}

const HEAD: &str = r#".SH NAME
stepmux \- terminal multiplexer for debug VMs
.SH SYNOPSIS
\fBstepmux\fR [\fB\-2CDhlNuVv\fR] [\fB\-c\fR \fIshell\-command\fR] [\fB\-f\fR \fIfile\fR]
[\fB\-L\fR \fIsocket\-name\fR] [\fB\-S\fR \fIsocket\-path\fR] [\fB\-T\fR \fIfeatures\fR]
[\fIcommand\fR [\fIflags\fR]]
.PP
\fBstepmux debug\fR [\fIoptions\fR]
.br
\fBstepmux ci list\fR|\fBshow\fR|\fBcheck\fR [\fIoptions\fR] [\fIfile\fR]
.SH DESCRIPTION
stepmux shows several terminals in one and keeps them alive when nobody looks.
A session can be shared over plain ssh with whom the user lets in, and it knows
the phases of a CI build, to replay them one by one.
.PP
Without a command it attaches to the user's session, or creates it.
With one, the command is sent to the server; several are separated by words
that end in a semicolon.
The commands, their aliases, flags and targets are those of tmux(1); a command
may be abbreviated as long as only one fits.
.PP
Called by the name tmux, as by a link of that name, it is tmux to the programs inside:
they have TMUX and TMUX_PANE, the sockets lie in tmux\-UID, the version is that of the
tmux that is followed, and tmux's own configuration files are read.
.PP
The prefix key and ? show all keys in a list that is searched as is typed, by keys,
notes and commands; Enter runs the selected one, q leaves.
"#;

const LOGIN: &str = r#".SH LOGIN SHELL
stepmux can be a user's login shell (when its name begins with a hyphen, or by
\fB\-\-login\fR).
At a terminal it attaches to the shared session, or creates it.
With \fB\-c\fR, without a terminal, or inside of a session, it becomes the user's real
shell with the same arguments, so that scp, sftp, rsync and git work.
When the session cannot be reached, or the terminal cannot show it (TERM is dumb
or not set), it says so in one line and becomes the real shell: nobody is locked
out.
.PP
The real shell is the first that can be run, and is not stepmux, of
\fBSTEPMUX_SHELL\fR, the option \fIdefault\-shell\fR of the configuration file, /bin/bash
and /bin/sh.
"#;

const DEBUG: &str = "Starts a session whose shells have each phase of the job as a function
\\fItravis_run_PHASE\\fR, prints how to join, and waits until the session ends.
At a terminal outside of a CI this terminal is attached; otherwise what the
panes show is printed as readable text.
With \\fB\\-\\-run\\fR the first window runs the build as the CI would, and holds it at
the first failing step for repair; with \\fB\\-\\-on\\-failure\\fR a command of the CI's own
is run, and the session comes only if it fails.
Options, limits, the log, secrets and exit statuses are in \\fBstepmux\\-debug\\fR(1);
what can be done in the session is in \\fBstepmux\\-phase\\fR(1).
";

const TAIL: &str = r#".SH LEFT OUT
All commands of tmux 3.8 are here, but \fBcapture\-pane \-I\fR is not: lines of the
history carry no times, and \fItop_line_time\fR is 0.
Of the options, \fBassume\-paste\-time\fR has no effect: terminals mark what is pasted,
and keys that come fast may be a script's.
.SH ENVIRONMENT
.TP
\fBSTEPMUX\fR, \fBSTEPMUX_PANE\fR
Set in every pane: the server with its process and session, and the pane.
Commands from a pane go to that server.
.TP
\fBSTEPMUX_SHELL\fR
The user's real shell.
.TP
\fBSTEPMUX_TMPDIR\fR, \fBTMUX_TMPDIR\fR
Where the directory of the sockets is, instead of /tmp: stepmux\-UID, or
tmux\-UID under the name tmux.
.TP
\fBTERM\fR, \fBCOLORTERM\fR, \fBLC_ALL\fR, \fBLC_CTYPE\fR, \fBLANG\fR
What the terminal can do.
.TP
\fBCI\fR
When set, \fBdebug\fR does not attach by itself.
.SH FILES
.TP
~/.config/stepmux/config.toml
Options, keys and more; read when the server starts; see \fBstepmux\-config\fR(5).
.TP
/tmp/stepmux\-UID/default
The socket; its directory must be the user's own and closed to others.
.TP
~/.local/state/stepmux
Host keys for guests.
.TP
stepmux.toml, \&.travis.yml, \&.circleci/config.yml, \&.github/workflows, \&.gitlab\-ci.yml, \&.harness
The CI file of \fBdebug\fR and \fBci\fR: the first of these in the working directory.
.SH EXIT STATUS
.TP
0
Success.
.TP
1
The command was refused, or there is no server.
.TP
2
Wrong arguments of \fBdebug\fR or \fBci\fR.
.PP
\fBdebug\fR ends with the status of the build before it was debugged: 0 when it passed,
1 when it failed (taken for granted), 2 when it errored, 86 when it was canceled;
with 0 after a detach, and with 130 or 143 after SIGINT or SIGTERM.
With \fB\-\-run\fR it ends with that of the build itself, as its phases or \fBphase pass\fR and
\fBphase fail\fR say: 0, 1 when it failed or was not finished, or 2; with \fB\-\-on\-failure\fR
with that of the command, unless it was decided that it passed.
.SH SEE ALSO
\fBstepmux\-ci\fR(1), \fBstepmux\-config\fR(5), \fBstepmux\-debug\fR(1), \fBstepmux\-export\fR(1), \fBstepmux\-phase\fR(1), \fBstepmux\-share\fR(1), \fBstepmux\-relay\fR(8), \fBstepmux\-serve\fR(8), \fBtmux\fR(1), \fBssh\fR(1), \fBbash\fR(1)
"#;
