//! What is generated from the table: usage lines in tmux's style and the
//! commands' part of stepmux(1). Pure text; nothing is printed here.

use std::fmt::Write as _;

use super::getopt::{Flag, Positional, Spec, Takes};
use super::table::{Family, Row, table};

/// A command's usage, `name (alias) [-flags] [-f value] argument`.
#[must_use]
pub fn usage(row: &Row) -> String {
    let mut usage = row.name.to_owned();
    if let Some(alias) = row.alias {
        let _ = write!(usage, " ({alias})");
    }
    let tail = of_spec_tail(row.spec());
    if !tail.is_empty() {
        usage.push(' ');
        usage.push_str(&tail);
    }
    usage
}

pub(super) fn of_spec(spec: &Spec) -> String {
    let tail = of_spec_tail(spec);
    format!("{} {tail}", spec.name).trim_end().to_owned()
}

/// The flags of tmux's usages where ours would order them otherwise: those
/// without values, then those with. What tmux does not print is left out; it is
/// in the manual.
const ORDERS: &[(&str, &str, &str)] = &[
    ("capture-pane", "aCeFHJLMNpPqRT", "bESt"),
    ("command-prompt", "1CbeFiklNP", "IptT"),
    ("copy-mode", "dekHMqSu", "st"),
    ("join-pane", "bdfhv", "lst"),
    ("list-buffers", "", "FfO"),
    ("list-clients", "", "FfOt"),
    ("list-panes", "asr", "FfOt"),
    ("load-buffer", "", "bt"),
    ("move-pane", "bdfhMv", "DlLPRstUXYz"),
    ("new-pane", "AbCDefhIkKLMOPvWZ", "BceFlmpsSRTxyXYt"),
    ("pipe-pane", "IOo", "t"),
    ("select-pane", "DdeLlMmRUZ", "Tt"),
    ("set-environment", "Fhgru", "t"),
    ("set-hook", "agpERTuw", "Bt"),
    ("show-environment", "hgs", "t"),
    ("split-window", "bdefhIklPvWZ", "BceFlmpsSRTt"),
    ("wait-for", "ELSUlv", "Fw"),
];

/// Where tmux's usages are written otherwise: no blank between two values, an
/// argument that a flag can stand for.
const WORDED: &[(&str, &str, &str)] = &[
    ("list-clients", "order] [-t ", "order][-t "),
    ("list-keys", "string] [-T ", "string][-T "),
    ("list-panes", "order] [-t ", "order][-t "),
    ("list-windows", "order] [-t ", "order][-t "),
    ("unbind-key", "[key]", "key"),
];

/// A usage's tail exactly as tmux prints it.
pub(super) fn of_spec_tail(spec: &Spec) -> String {
    let tail = manual_tail(spec);
    match WORDED.iter().find(|(name, ..)| *name == spec.name) {
        Some((_, ours, tmux)) => tail.replace(ours, tmux),
        None => tail,
    }
}

fn manual_tail(spec: &Spec) -> String {
    let order = ORDERS.iter().find(|(name, ..)| *name == spec.name);
    let mut parts = Vec::new();
    let mut letters: Vec<char> = spec
        .flags
        .iter()
        .filter(|flag| flag.takes == Takes::Nothing && !flag.hidden)
        .filter_map(|flag| flag.letter)
        .collect();
    letters.sort_by_key(|letter| (letter.to_ascii_lowercase(), letter.is_ascii_uppercase()));
    if let Some((_, wanted, _)) = order {
        letters = wanted.chars().collect();
    }
    if !letters.is_empty() {
        let letters: String = letters.into_iter().collect();
        parts.push(format!("[-{letters}]"));
    }
    let taking = |flag: &&Flag| flag.takes != Takes::Nothing && !flag.hidden;
    let mut values: Vec<&Flag> = spec.flags.iter().filter(taking).collect();
    if let Some((_, _, wanted)) = order {
        let place = |flag: &&Flag| {
            wanted
                .chars()
                .position(|letter| flag.letter == Some(letter))
        };
        values.retain(|flag| place(flag).is_some());
        values.sort_by_key(place);
    }
    for flag in values {
        parts.push(format!("[{} {}]", flag_name(flag), flag.value));
    }
    let shown = spec.positionals.iter().filter(|arg| !arg.hidden);
    parts.extend(shown.map(positional));
    parts.join(" ")
}

fn flag_name(flag: &Flag) -> String {
    match (flag.letter, &flag.long) {
        (Some(letter), _) => format!("-{letter}"),
        (None, long) => format!("--{}", long.as_deref().unwrap_or_default()),
    }
}

fn positional(arg: &Positional) -> String {
    let value = &arg.value;
    let text = match (arg.rest, value.as_str()) {
        (true, "command" | "shell-command") => format!("{value} [argument ...]"),
        (true, _) => format!("{value} ..."),
        (false, _) => value.clone(),
    };
    if arg.required {
        text
    } else {
        format!("[{text}]")
    }
}

/// The commands' part of stepmux(1), in roff (man(7)).
#[must_use]
pub fn man_section() -> String {
    let mut page = String::from(".SH COMMANDS\n");
    for family in Family::ALL {
        let _ = writeln!(page, ".SS {}", family.title());
        man_family(family, &mut page);
    }
    page
}

/// Adds the entries of one family's commands to a manual page (roff).
pub fn man_family(family: Family, page: &mut String) {
    for row in table() {
        if row.family == family && !row.hidden {
            man_row(row, page);
        }
    }
}

fn man_row(row: &Row, page: &mut String) {
    let tail = roff(&manual_tail(row.spec()));
    let head = format!("\\fB{}\\fR {tail}", roff(row.name));
    let _ = writeln!(page, ".TP\n{}", head.trim_end());
    if let Some(alias) = row.alias {
        let _ = writeln!(page, "(alias: \\fB{}\\fR)\n.br", roff(alias));
    }
    let _ = writeln!(page, "{}", roff(row.about));
    let spec = row.spec();
    if spec.flags.is_empty() && spec.positionals.iter().all(|arg| arg.hidden) {
        return;
    }
    page.push_str(".RS\n");
    for flag in &spec.flags {
        let mut name = format!("\\fB{}\\fR", roff(&flag_name(flag)));
        if let (Some(_), Some(long)) = (flag.letter, &flag.long) {
            let _ = write!(name, ", \\fB{}\\fR", roff(&format!("--{long}")));
        }
        let value = roff(&flag.value);
        let value = match flag.takes {
            Takes::Nothing => String::new(),
            Takes::Value => format!(" \\fI{value}\\fR"),
            Takes::Optional => format!(" [\\fI{value}\\fR]"),
        };
        let _ = writeln!(page, ".TP\n{name}{value}\n{}", sentence(&flag.help));
    }
    for arg in spec.positionals.iter().filter(|arg| !arg.hidden) {
        let value = roff(&arg.value);
        let _ = writeln!(page, ".TP\n\\fI{value}\\fR\n{}", sentence(&arg.help));
    }
    page.push_str(".RE\n");
}

/// A doc comment loses its full stop in clap; the manual has it again.
fn sentence(help: &str) -> String {
    let stop = if help.ends_with(['.', '?', '…']) {
        ""
    } else {
        "."
    };
    format!("{}{stop}", roff(help))
}

/// Text that roff takes for nothing else.
fn roff(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-");
    if text.starts_with(['.', '\'']) {
        format!("\\&{text}")
    } else {
        text
    }
}

/// What completion offers for a command's name: name and sentence.
pub fn listing() -> impl Iterator<Item = (&'static str, &'static str)> {
    let shown = table().iter().filter(|row| !row.hidden);
    shown.map(|row| (row.name, row.about))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::find;

    #[test]
    fn usage_is_written_as_tmux_writes_it() {
        for (name, expected) in [
            (
                "neww",
                "new-window (neww) [-abdEkPS] [-c start-directory] [-e environment] [-F format] \
                 [-n window-name] [-t target-window] [shell-command [argument ...]]",
            ),
            ("kill-server", "kill-server"),
            (
                "lsk",
                "list-keys (lsk) [-1aNr] [-F format] [-O order] [-P prefix-string][-T key-table] \
                 [key]",
            ),
            (
                "lsw",
                "list-windows (lsw) [-ar] [-F format] [-f filter] [-O order][-t target-session]",
            ),
            ("unbind", "unbind-key (unbind) [-anq] [-T key-table] key"),
            ("has", "has-session (has) [-t target-session]"),
            (
                "source",
                "source-file (source) [-Fnqv] [-t target-pane] path ...",
            ),
            (
                "resizep",
                "resize-pane (resizep) [-MTZ] [-D lines] [-L columns] [-R columns] [-U lines] \
                 [-x width] [-y height] [-t target-pane]",
            ),
            (
                "bind",
                "bind-key (bind) [-nr] [-T key-table] [-N note] key [command [argument ...]]",
            ),
            (
                "phase",
                "phase [-ej] [-r run] [-t target-session] action [step] [old-run] [new-run]",
            ),
        ] {
            assert_eq!(usage(find(name).unwrap()), expected);
        }
    }

    #[test]
    fn manual_has_every_command_and_no_bare_hyphen() {
        let page = man_section();
        for row in table() {
            let name = format!("\\fB{}\\fR", row.name.replace('-', "\\-"));
            assert_eq!(page.contains(&name), !row.hidden, "{}", row.name);
        }
        assert!(!page.lines().any(|line| line.starts_with('\'')));
    }
}
