//! What is made of the command table: the manual, the help, and the shells'
//! completions. Pure text; to add a command nothing is touched here.

use std::fmt::Write as _;

use crate::command::getopt::{Flag, Takes};
use crate::command::{Family, Row, man_section, table};

/// What the program does by itself beside the server's commands.
const PROGRAM: [(&str, &str); 7] = [
    (
        "ci",
        "Shows what stepmux understands of a CI file; see stepmux-ci(1).",
    ),
    (
        "completions",
        "Prints the completion script of a shell: bash, zsh or fish.",
    ),
    (
        "debug",
        "Starts the session of a debug build from a CI file.",
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
        "relay",
        "Lets guests reach debug VMs behind NAT; see stepmux-relay(8).",
    ),
    (
        "serve",
        "Starts debug builds of a CI's jobs over HTTP; see stepmux-serve(8).",
    ),
];

const SHELLS: &str = "bash, zsh or fish";

/// The global flags with what they take and do, in tmux's order.
const GLOBALS: [(&str, &str, &str); 15] = [
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
        "\nManual: stepmux man | man -l -   Usage of one command: stepmux list-commands NAME\n\
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
    page.push_str(".RS\n");
    options(page, &super::debug::definition());
    page.push_str(".RE\n");
    for (name, about) in PROGRAM.iter().filter(|(name, _)| *name != "debug") {
        let word = match *name {
            "completions" => " \\fIshell\\fR",
            "ci" => " \\fBlist\\fR|\\fBshow\\fR|\\fBcheck\\fR",
            "man" => " [\\fBci\\fR|\\fBphase\\fR|\\fBshare\\fR|\\fBrelay\\fR|\\fBserve\\fR]",
            "join" => " [\\fIoptions\\fR] \\fIstring\\fR",
            "relay" | "serve" => " [\\fIoptions\\fR]",
            _ => "",
        };
        let _ = writeln!(page, ".TP\n\\fB{name}\\fR{word}\n{}", roff(about));
    }
    page.push_str(super::manual_timeline::TIMELINE);
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
    match words {
        [] => Ok(man()),
        [name] if name == "ci" => Ok(super::generate_ci::man_ci()),
        [name] if name == "phase" => Ok(super::generate_phase::man_phase()),
        [name] if name == "share" => Ok(super::generate_share::man_share()),
        [name] if name == "relay" => Ok(super::generate_relay::man_relay()),
        [name] if name == "serve" => Ok(super::generate_serve::man_serve()),
        _ => Err("usage: stepmux man [ci|phase|share|relay|serve]".to_owned()),
    }
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
Called by the name tmux, it behaves to programs inside as tmux does.
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
What can be done there is in \\fBstepmux\\-phase\\fR(1).
";

const TAIL: &str = r#".SH LEFT OUT
Of the commands of tmux 3.8 these are unknown here:
.TP
\fBserver\-access\fR
The socket is its owner's alone; others come in by \fBshare\fR, under a grant.
.TP
\fBswitch\-mode\fR
Not yet there; \fBchoose\-tree\fR finds and chooses.
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
Where the directory of the sockets is, instead of /tmp.
.TP
\fBTERM\fR, \fBCOLORTERM\fR, \fBLC_ALL\fR, \fBLC_CTYPE\fR, \fBLANG\fR
What the terminal can do.
.TP
\fBCI\fR
When set, \fBdebug\fR does not attach by itself.
.SH FILES
.TP
~/.config/stepmux/config.toml
Options, keys and environment; read when the server starts.
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
\fBstepmux\-ci\fR(1), \fBstepmux\-phase\fR(1), \fBstepmux\-share\fR(1), \fBstepmux\-relay\fR(8), \fBstepmux\-serve\fR(8), \fBtmux\fR(1), \fBssh\fR(1), \fBbash\fR(1)
"#;

/// The completion script of a shell.
///
/// # Errors
/// No shell, or one that is not known.
pub fn completions(words: &[String]) -> Result<String, String> {
    match words {
        [shell] if shell == "bash" => Ok(bash()),
        [shell] if shell == "zsh" => Ok(zsh()),
        [shell] if shell == "fish" => Ok(fish()),
        [shell] => Err(format!("unknown shell: {shell} ({SHELLS})")),
        _ => Err(format!("usage: stepmux completions shell ({SHELLS})")),
    }
}

/// A command's flags as written, with what they take.
fn flags(row: &'static Row) -> Vec<(String, &'static Flag)> {
    row.spec()
        .flags
        .iter()
        .flat_map(|flag| {
            let short = flag.letter.map(|letter| (format!("-{letter}"), flag));
            let long = flag.long.as_ref().map(|long| (format!("--{long}"), flag));
            short.into_iter().chain(long)
        })
        .collect()
}

/// The options of `debug` as written.
fn debug_flags() -> Vec<String> {
    let definition = super::debug::definition();
    let longs = definition.get_arguments().filter_map(|arg| arg.get_long());
    longs.map(|long| format!("--{long}")).collect()
}

fn bash() -> String {
    let mut names: Vec<&str> = PROGRAM.iter().map(|(name, _)| *name).collect();
    names.extend(
        shown()
            .flat_map(|row| [Some(row.name), row.alias])
            .flatten(),
    );
    let mut cases = String::new();
    for row in shown() {
        let words: Vec<String> = flags(row).into_iter().map(|(name, _)| name).collect();
        let alias = row
            .alias
            .map(|alias| format!("|{alias}"))
            .unwrap_or_default();
        if !words.is_empty() {
            let _ = writeln!(
                cases,
                "    {}{alias}) words='{}' ;;",
                row.name,
                words.join(" ")
            );
        }
    }
    let globals: Vec<&str> = GLOBALS.iter().map(|(flag, _, _)| *flag).collect();
    let ci = super::generate_ci::words();
    format!(
        "# bash completion of stepmux, made by `stepmux completions bash`.\n\
         _stepmux() {{\n  \
           local cur=${{COMP_WORDS[COMP_CWORD]}} command='' words='' i=1\n  \
           COMPREPLY=()\n  \
           while ((i < COMP_CWORD)); do\n    \
             case ${{COMP_WORDS[i]}} in\n      \
               -[cfLST]) ((i++)) ;;\n      \
               -*) ;;\n      \
               *) command=${{COMP_WORDS[i]}}; break ;;\n    \
             esac\n    \
             ((i++))\n  \
           done\n  \
           case $command in\n    \
             '')\n      \
               words='{}'\n      \
               [[ $cur == -* ]] && words='{}'\n      \
               ;;\n    \
             debug) words='{}' ;;\n    \
             ci)\n      \
               words='{}'\n      \
               [[ $cur == -* ]] && words='{}'\n      \
               ;;\n    \
             man) words='ci phase share relay' ;;\n    \
             completions) words='bash zsh fish' ;;\n\
         {cases}  \
           esac\n  \
           [[ $command =~ ^(|ci|man|completions)$ || $cur == -* ]] || return\n  \
           [[ $command == ci && $cur != -* ]] && ((COMP_CWORD > i + 1)) && return\n  \
           mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n\
         }}\n\
         complete -o default -F _stepmux stepmux\n",
        names.join(" "),
        globals.join(" "),
        debug_flags().join(" "),
        ci.0.join(" "),
        ci.1.join(" "),
    )
}

fn zsh() -> String {
    let mut text = String::from(
        "#compdef stepmux\n\
         # zsh completion of stepmux, made by `stepmux completions zsh`.\n\
         _stepmux() {\n  local -a commands\n  commands=(\n",
    );
    for (name, about) in PROGRAM {
        let _ = writeln!(text, "    {}", single(&format!("{name}:{about}")));
    }
    for row in shown() {
        let _ = writeln!(
            text,
            "    {}",
            single(&format!("{}:{}", row.name, row.about))
        );
    }
    text.push_str("  )\n  local state line\n  _arguments -C \\\n");
    for (flag, value, about) in GLOBALS {
        if flag == "--" || flag == "--login" {
            continue;
        }
        let takes = if value.is_empty() {
            String::new()
        } else {
            format!(":{value}:_files")
        };
        let about = about.replace(['[', ']', ':'], " ");
        let _ = writeln!(
            text,
            "    {} \\",
            single(&format!("*{flag}[{about}]{takes}"))
        );
    }
    text.push_str(
        "    '1: :->command' '*:: :->rest'\n  case $state in\n    \
         command) _describe command commands ;;\n    rest)\n      case $line[1] in\n        \
         completions) _values shell bash zsh fish ;;\n        \
         man) compadd ci phase share relay ;;\n",
    );
    let longs: Vec<String> = debug_flags().iter().map(|long| single(long)).collect();
    let _ = writeln!(text, "        debug) compadd -- {} ;;", longs.join(" "));
    let (actions, longs) = super::generate_ci::words();
    let _ = writeln!(
        text,
        "        ci) if ((CURRENT == 2)); then compadd {}; else compadd -- {}; _files; fi ;;",
        actions.join(" "),
        longs.join(" ")
    );
    for row in shown() {
        let specs: Vec<String> = flags(row)
            .into_iter()
            .map(|(name, flag)| {
                let about = flag.help.replace(['[', ']', ':'], " ");
                let value = flag.value.replace(':', " ");
                single(&match flag.takes {
                    Takes::Nothing => format!("*{name}[{about}]"),
                    Takes::Value => format!("*{name}[{about}]:{value}:_files"),
                    Takes::Optional => format!("*{name}[{about}]::{value}:"),
                })
            })
            .collect();
        if !specs.is_empty() {
            let alias = row
                .alias
                .map(|alias| format!("|{alias}"))
                .unwrap_or_default();
            let _ = writeln!(
                text,
                "        {}{alias}) _arguments {} ;;",
                row.name,
                specs.join(" ")
            );
        }
    }
    text.push_str("      esac ;;\n  esac\n}\n_stepmux \"$@\"\n");
    text
}

fn fish() -> String {
    let mut text =
        String::from("# fish completion of stepmux, made by `stepmux completions fish`.\n");
    let bare = "complete -c stepmux -n __fish_use_subcommand";
    for (flag, value, about) in GLOBALS {
        let Some(letter) = flag
            .strip_prefix('-')
            .filter(|rest| rest.len() == 1 && *rest != "-")
        else {
            continue;
        };
        let takes = if value.is_empty() { "" } else { " -r" };
        let _ = writeln!(text, "{bare} -s {letter}{takes} -d {}", fish_word(about));
    }
    let own = PROGRAM.iter().map(|&(name, about)| (name, about));
    for (name, about) in own.chain(shown().map(|row| (row.name, row.about))) {
        let _ = writeln!(text, "{bare} -f -a {name} -d {}", fish_word(about));
    }
    let seen =
        |names: &str| format!("complete -c stepmux -n '__fish_seen_subcommand_from {names}'");
    let _ = writeln!(text, "{} -f -a 'bash zsh fish'", seen("completions"));
    let _ = writeln!(text, "{} -f -a 'ci phase share relay'", seen("man"));
    for long in debug_flags() {
        let _ = writeln!(text, "{} -l {}", seen("debug"), &long[2..]);
    }
    let (actions, longs) = super::generate_ci::words();
    let _ = writeln!(text, "{} -a '{}'", seen("ci"), actions.join(" "));
    for long in longs {
        let _ = writeln!(text, "{} -l {}", seen("ci"), &long[2..]);
    }
    for row in shown() {
        let names = row.alias.map_or_else(
            || row.name.to_owned(),
            |alias| format!("{} {alias}", row.name),
        );
        for flag in &row.spec().flags {
            let short = flag
                .letter
                .map(|letter| format!(" -s {letter}"))
                .unwrap_or_default();
            let long = flag
                .long
                .as_ref()
                .map(|long| format!(" -l {long}"))
                .unwrap_or_default();
            let takes = if flag.takes == Takes::Value {
                " -r"
            } else {
                ""
            };
            let about = fish_word(&flag.help);
            let _ = writeln!(text, "{}{short}{long}{takes} -d {about}", seen(&names));
        }
    }
    text
}

/// One word of zsh (or bash) in single quotes.
fn single(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// One word of fish in single quotes.
fn fish_word(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}
