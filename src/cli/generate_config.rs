//! The manual page stepmux-config(5), made from the tables of options, hooks and
//! keys with what those cannot say. Pure text.

use std::fmt::Write as _;

use super::generate::{options as flags, roff};
use crate::config::options::{Entry, Kind, OptionDef, Scope, hooks, is_own, options};
use crate::config::{Bindings, old};

/// The manual page of the configuration file, in roff (man(7)).
#[must_use]
pub fn man_config() -> String {
    let version = env!("CARGO_PKG_VERSION");
    let mut page = format!(".TH STEPMUX\\-CONFIG 5 \"\" \"stepmux {version}\" \"File Formats\"\n");
    page.push_str(HEAD);
    checking(&mut page);
    page.push_str(".SH OPTIONS\n");
    page.push_str(SCOPES);
    for (title, scope) in [
        ("Server options", Scope::Server),
        ("Session options", Scope::Session),
        ("Window options", Scope::Window),
        ("Pane options", Scope::Pane),
    ] {
        let _ = writeln!(page, ".SS {title}");
        for def in options().filter(|def| def.scope == scope && !is_own(def)) {
            option(&mut page, def);
        }
    }
    page.push_str(".SS Options that tmux does not have\n");
    for def in options().filter(|def| is_own(def)) {
        option(&mut page, def);
    }
    page.push_str(".SH HOOKS\n");
    page.push_str(HOOKS);
    for def in hooks() {
        let own = if is_own(def) { " Not in tmux." } else { "" };
        let (name, about) = (plain(def.name), plain(def.about));
        let _ = writeln!(page, ".TP\n\\fB{name}\\fR\n{about}{own}");
    }
    page.push_str(".SH KEYS\n");
    page.push_str(KEYS);
    keys(&mut page);
    page.push_str(".SH OLD CONFIGURATIONS\n");
    page.push_str(OLD);
    for (name, advice) in old::OPTIONS {
        remedy(&mut page, name, advice);
    }
    for (command, flag, advice) in old::FLAGS {
        remedy(&mut page, &format!("{command} -{flag}"), advice);
    }
    for (name, advice) in old::COMMANDS {
        remedy(&mut page, name, advice);
    }
    page.push_str(TAIL);
    page
}

/// Text for roff, characters beyond ASCII by their number.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for ch in roff(text).chars() {
        if ch.is_ascii() {
            out.push(ch);
        } else {
            let _ = write!(out, "\\[u{:04X}]", u32::from(ch));
        }
    }
    out
}

fn checking(page: &mut String) {
    page.push_str(".SH CHECKING AND ADOPTING\n");
    for action in super::config::definition().get_subcommands() {
        let about = action.get_about().map(ToString::to_string);
        let file = if action.get_name() == "check" {
            "[\\fIfile\\fR ...]"
        } else {
            "[\\fIfile\\fR]"
        };
        let _ = writeln!(
            page,
            ".TP\n\\fBstepmux config {}\\fR [\\fIoptions\\fR] {file}\n{}.",
            roff(action.get_name()),
            plain(&about.unwrap_or_default())
        );
        page.push_str(".RS\n");
        flags(page, action);
        page.push_str(".RE\n");
    }
    page.push_str(ADOPTING);
}

fn option(page: &mut String, def: &OptionDef) {
    let kind = match def.kind {
        Kind::Flag => "true or false".to_owned(),
        Kind::Number { min, max, unit } => {
            let most = if max >= i64::from(i32::MAX) {
                String::new()
            } else {
                format!(" to {max}")
            };
            format!("number from {min}{most} {unit}")
                .trim_end()
                .to_owned()
        }
        Kind::Choice(words) => words.join(", "),
        Kind::Text => "text".to_owned(),
        Kind::Style => "style".to_owned(),
        Kind::Colour | Kind::PlainColour => "colour".to_owned(),
        Kind::Command => "command".to_owned(),
        Kind::Key => "key".to_owned(),
        Kind::Array { of, .. } => match of {
            Entry::Text => "list of text",
            Entry::Colour => "list of colours",
            Entry::Command => "list of commands",
        }
        .to_owned(),
    };
    let _ = writeln!(
        page,
        ".TP\n\\fB{}\\fR (\\fI{}\\fR)\n{}\n.br\nDefault: {}",
        plain(def.name),
        plain(&kind),
        plain(def.about),
        plain(&default(def))
    );
}

/// An option's default as the native file would have it.
fn default(def: &OptionDef) -> String {
    use super::config_write::string;
    match def.kind {
        Kind::Flag => (def.default == "on").to_string(),
        Kind::Number { .. } => def.default.to_owned(),
        Kind::Array { .. } => {
            let entries: Vec<String> = def.default.lines().map(string).collect();
            format!("[{}]", entries.join(", "))
        }
        Kind::Choice(_)
        | Kind::Text
        | Kind::Style
        | Kind::Colour
        | Kind::PlainColour
        | Kind::Command
        | Kind::Key => string(def.default),
    }
}

/// The default bindings, by table.
fn keys(page: &mut String) {
    let bindings = Bindings::default();
    for table in bindings.tables() {
        let _ = writeln!(page, ".SS Table {}", plain(table));
        for binding in bindings
            .table(table)
            .into_iter()
            .flat_map(|keys| keys.values())
        {
            let repeat = if binding.repeat { " (repeats)" } else { "" };
            let _ = writeln!(
                page,
                ".TP\n\\fB{}\\fR{repeat}",
                plain(&binding.key.to_string())
            );
            if let Some(note) = &binding.note {
                let _ = writeln!(page, "{}:\n.br", plain(note));
            }
            let _ = writeln!(page, "{}", plain(&binding.commands_text()));
        }
    }
}

fn remedy(page: &mut String, what: &str, advice: &str) {
    let _ = writeln!(page, ".TP\n\\fB{}\\fR\n{}.", plain(what), plain(advice));
}

const HEAD: &str = r##".SH NAME
stepmux\-config \- configuration of stepmux
.SH SYNOPSIS
~/.config/stepmux/config.toml
.br
\fBstepmux \-f\fR \fIfile\fR
.SH DESCRIPTION
A server reads its configuration when it starts: the files of \fB\-f\fR in their order,
otherwise \fIconfig.toml\fR in \fI$XDG_CONFIG_HOME/stepmux\fR, or in \fI~/.config/stepmux\fR.
Under the name tmux, the files of tmux come first: if there is \fI/etc/tmux.conf\fR,
\fI~/.tmux.conf\fR or \fItmux/tmux.conf\fR beside the directory above, those are read instead.
A file whose name ends in \fI.toml\fR has the form below; any other holds commands as in
\fBtmux\fR(1), one a line.
\fBsource\-file\fR reads both at any time.
.PP
A native file with a fault is not used at all; every fault is told with its place, as
\fIfile:line:column: message\fR.
Of a file of commands nothing is run if one of its lines cannot be read; a command that
is refused ends its own line alone.
What was wrong at the start is shown to the first who attaches, in the first window;
\fBq\fR leaves it.
\fBshow\-messages\fR has it later, and control clients are told by %config\-error.
.PP
A file of commands is told that it is read by tmux 3.8: \fI#{version}\fR is that in
conditions, so that those on versions choose the newest way.
.SH FILE FORMAT
The file is TOML, with these parts; all are optional.
.TP
\fB[options]\fR
Options by their names, with the values of OPTIONS below; \fI"@name"\fR is an option of
the user's own.
Each is set globally, where its scope has it.
A list is given whole.
.TP
\fB[theme]\fR
\fIbackground\fR is the option \fItheme\fR: \fI"detect"\fR (by the terminal's background),
\fI"dark"\fR, \fI"light"\fR, or \fI"terminal"\fR for the 16 colours of the terminal itself.
The tables \fI[theme.dark]\fR and \fI[theme.light]\fR set the colours black, white,
light\-grey, dark\-grey, green, yellow, red, blue, cyan and magenta; styles name them
\fIthemegreen\fR and so on.
.TP
\fB[bindings.\fR\fITABLE\fR\fB]\fR
Keys with their commands: a string, or a table with \fIrun\fR, \fIrepeat\fR and \fInote\fR.
An empty string takes a binding away.
.TP
\fB[hooks]\fR
Hooks with a command, or a list of them.
.TP
\fB[environment]\fR
Variables of the server's environment, which panes inherit.
.TP
\fBcommands\fR
A list of commands, run in order once all the rest holds.
.PP
An example:
.PP
commands = ["source\-file \-q ~/.config/stepmux/local.conf"]
.br
[options]
.br
mouse = true
.br
status\-left = "[#S] "
.br
update\-environment = ["DISPLAY", "SSH_AUTH_SOCK"]
.br
[theme]
.br
background = "detect"
.br
dark.green = "#98c379"
.br
[bindings.prefix]
.br
"C\-a" = "last\-window"
.br
"Up" = { run = "select\-pane \-U", repeat = true, note = "Pane above" }
.br
"x" = ""
.br
[hooks]
.br
after\-new\-window = "display\-message 'a new window'"
.br
[environment]
.br
EDITOR = "vim"
"##;

const ADOPTING: &str = r#".PP
What stands before the first command that does something (a program, a condition, a
\fB$\fR variable) becomes tables, which are read back and compared; from there on the file
is kept in tmux's language as \fIadopted.conf\fR beside the native file, which reads it:
there the order counts.
What cannot be taken stays as a comment with the reason.
Without a name, adopt reads \fI~/.tmux.conf\fR, then \fI~/.config/tmux/tmux.conf\fR.
"#;

const SCOPES: &str = r#"Server options hold for the whole server.
A session has its own value of a session option, or the global one; so have windows and
panes, where a pane asks its window first.
The default is given as the native file has it.
"#;

const HOOKS: &str = r#"Commands that run when something happens; \fBset\-hook\fR sets them, and \fB[hooks]\fR
does for all.
Beside these every command \fIcommand\fR has a hook \fBafter\-\fR\fIcommand\fR.
"#;

const KEYS: &str = r#"The tables that a server begins with.
The option \fIkeybindings\fR takes a set in their place: \fItmux\fR or \fIscreen\fR for the
prefix table and the prefix, \fIvi\-copy\fR or \fIemacs\-copy\fR for copy mode and prompts.
"#;

const OLD: &str = r#"What tmux itself no longer takes is refused here as well, and \fBconfig check\fR says what
to write instead:
"#;

const TAIL: &str = r#".SH FILES
.TP
~/.config/stepmux/config.toml
The configuration file.
.TP
~/.config/stepmux/adopted.conf
What \fBconfig adopt\fR keeps in tmux's language.
.SH SEE ALSO
\fBstepmux\fR(1), \fBtmux\fR(1)
"#;
