//! The forms of Travis's `env`: a line, a map, or a list of these. Each item of a
//! list is one entry: a job of the matrix under `env.jobs`, some variables under
//! `env.global`. Values stay shell text; nothing is decrypted.
//! Source: travis-yml's `EnvVars`, the gem sh_vars, and its documentation.

use super::super::model::EnvVar;
use super::super::yaml::{Node, Value};
use super::item::printed;
use super::normal::Notes;
use crate::base::Label;

/// A variable as the file gives it. Of an encrypted line even the name is unknown:
/// it is empty, and the value is what is encrypted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Var {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) secure: bool,
}

/// The most entries of one list.
const MAX_ENTRIES: usize = 1_000;
/// The most variables of one entry.
const MAX_VARS: usize = 500;

/// The variables of one item.
pub(super) type Entry = Vec<Var>;

/// The variables which have a name, for a job.
pub(super) fn named<'e>(entries: impl Iterator<Item = &'e Entry>) -> Vec<EnvVar> {
    let vars = entries.flatten().filter(|var| is_name(&var.name));
    let known = |var: &Var| EnvVar {
        name: var.name.clone(),
        value: if var.secure {
            String::new()
        } else {
            var.value.clone()
        },
        secure: var.secure,
    };
    vars.map(known).collect()
}

/// The entries of a node. An empty item of a list, or one that cannot be read, is
/// an entry without variables: a job of the matrix all the same.
pub(super) fn entries(node: &Node, notes: &mut Notes<'_>) -> Vec<Entry> {
    let mut out = Vec::new();
    if !matches!(node.value, Value::Null) {
        gather(node, notes, &mut out);
    }
    out
}

fn gather(node: &Node, notes: &mut Notes<'_>, out: &mut Vec<Entry>) {
    if out.len() >= MAX_ENTRIES {
        let text = format!("only {MAX_ENTRIES} entries of variables are taken");
        notes.add(node.place, &text);
        return;
    }
    match &node.value {
        Value::Null => out.push(Entry::new()),
        Value::List(items) => items.iter().for_each(|item| gather(item, notes, out)),
        Value::Text(text) => {
            let vars = line(&printed(text, node.quoted)).unwrap_or_else(|| {
                let text = format!("`{}` is no assignment; it is dropped", Label::new(text));
                notes.add(node.place, &text);
                Entry::new()
            });
            for var in vars.iter().filter(|var| !is_name(&var.name)) {
                let text = format!(
                    "`{}` is no variable name; it is dropped",
                    Label::new(&var.name)
                );
                notes.add(node.place, &text);
            }
            out.push(vars);
        }
        Value::Map(given) => {
            let mut vars = Entry::new();
            for (name, value) in given.iter().take(MAX_VARS) {
                variable(name, value, notes, &mut vars);
            }
            out.push(vars);
        }
    }
}

fn variable(name: &str, node: &Node, notes: &mut Notes<'_>, out: &mut Entry) {
    if name == "secure" {
        notes.encrypted(node.place);
        out.push(Var {
            name: String::new(),
            value: node.text().unwrap_or_default().to_owned(),
            secure: true,
        });
        return;
    }
    if !is_name(name) {
        let text = format!("`{}` is no variable name; it is dropped", Label::new(name));
        notes.add(node.place, &text);
        return;
    }
    let (value, secure) = match &node.value {
        Value::Null => (String::new(), false),
        Value::Text(text) => (as_shell(&printed(text, node.quoted)), false),
        Value::Map(_) => {
            let hidden = node.get("secure").and_then(Node::text);
            if hidden.is_none() {
                notes.add(node.place, "a variable's value is text, not a map");
            }
            (hidden.unwrap_or_default().to_owned(), hidden.is_some())
        }
        Value::List(items) => {
            notes.add(node.place, "a variable's value is text, not a list");
            let texts: Vec<&str> = items.iter().filter_map(Node::text).collect();
            (as_shell(&texts.join(" ")), false)
        }
    };
    out.push(Var {
        name: name.to_owned(),
        value,
        secure,
    });
}

/// Whether a shell takes it as a variable's name.
pub(crate) fn is_name(name: &str) -> bool {
    let first = name.bytes().next();
    first.is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// A map's value as shell text: quoted when it is more than one plain word.
fn as_shell(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_-.,:+/@%=$~{}\"'\\".contains(&b);
    if text.bytes().all(plain) || text.starts_with(['"', '\'']) {
        return text.to_owned();
    }
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for ch in text.chars() {
        if matches!(ch, '"' | '\\' | '`') {
            quoted.push('\\');
        }
        quoted.push(ch);
    }
    quoted.push('"');
    quoted
}

/// The assignments of a line such as `A=1 B="x y" C=$(f g)`: a word without `=` is
/// a variable with no value, a name that comes twice has the last value. `None`
/// is what sh_vars cannot read: a blank before `=`, a quote that is not closed.
pub(super) fn line(text: &str) -> Option<Entry> {
    let text = text.trim();
    let inner = text
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    if let Some(inner) = inner.filter(|inner| !inner.contains('"')) {
        return line(inner); // the whole line in quotes
    }
    let mut vars = Entry::new();
    for word in words(text)?.into_iter().take(MAX_VARS) {
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        if name.is_empty() {
            return None;
        }
        match vars.iter_mut().find(|var| var.name == name) {
            Some(var) => value.clone_into(&mut var.value),
            None => vars.push(Var {
                name: name.to_owned(),
                value: value.to_owned(),
                secure: false,
            }),
        }
    }
    Some(vars)
}

/// Splits at blanks outside quotes, `$(…)`, `${…}` and backquotes. `None` when a
/// quote is not closed.
fn words(text: &str) -> Option<Vec<&str>> {
    let mut words = Vec::new();
    let (mut start, mut escaped, mut quote, mut depth) = (None, false, None, 0_usize);
    let mut previous = 0;
    for (at, byte) in text.bytes().enumerate() {
        let blank = byte.is_ascii_whitespace();
        if blank && quote.is_none() && depth == 0 && !escaped {
            if let Some(from) = start.take() {
                words.push(&text[from..at]);
            }
            continue;
        }
        start.get_or_insert(at);
        match (quote, byte) {
            _ if escaped => escaped = false,
            (Some(b'\''), b'\'') => quote = None,
            (Some(b'\''), _) => {}
            (_, b'\\') => escaped = true,
            (Some(open), close) if open == close => quote = None,
            (None, b'"' | b'\'' | b'`') => quote = Some(byte),
            (None, b'(' | b'{') if previous == b'$' || depth > 0 => depth += 1,
            (None, b')' | b'}') => depth = depth.saturating_sub(1),
            _ => {}
        }
        previous = byte;
    }
    words.extend(start.map(|from| &text[from..]));
    quote.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn line_is_split_as_a_shell_would() {
        let table: [(&str, &[&str]); 11] = [
            ("A=1 B=2", &["A=1", "B=2"]),
            ("A=\"x y\" B='p q'", &["A=\"x y\"", "B='p q'"]),
            (
                "A=$(date +%s -u) B=${X:-a b}",
                &["A=$(date +%s -u)", "B=${X:-a b}"],
            ),
            ("A=`f g` word B=", &["A=`f g`", "word=", "B="]),
            ("A=x\\ y", &["A=x\\ y"]),
            ("A=\"it's\" B=1", &["A=\"it's\"", "B=1"]),
            ("1A=no Lint", &["1A=no", "Lint="]),
            ("", &[]),
            ("A=1 B=2 A=3", &["A=3", "B=2"]),
            ("\"A=1 B=2\"", &["A=1", "B=2"]),
            ("  A=1  ", &["A=1"]),
        ];
        for (text, expected) in table {
            let got: Vec<String> = line(text)
                .unwrap()
                .iter()
                .map(|v| format!("{}={}", v.name, v.value))
                .collect();
            assert_eq!(got, expected, "{text}");
        }
    }

    #[test]
    fn line_that_no_shell_reads_is_none() {
        for text in ["A = 1", "A=\"x", "A='x", "=1"] {
            assert!(line(text).is_none(), "{text}");
        }
    }

    #[test]
    fn map_value_of_several_words_is_quoted() {
        assert_eq!(as_shell("a b$X\"`"), "\"a b$X\\\"\\`\"");
        assert_eq!(as_shell("$HOME/bin"), "$HOME/bin");
        assert_eq!(as_shell("'a b'"), "'a b'");
    }
}
