//! The forms of Travis's `env`: a line, a list of lines, a map, and a map of
//! `global` and `jobs` (or `matrix`). Values stay shell text; nothing is decrypted.

use super::model::EnvVar;
use super::travis::error;
use super::yaml::{CiError, Node, Value};

/// A root `env`: what every job has, and one row for each job of the matrix.
#[derive(Default)]
pub(crate) struct Env {
    pub(crate) global: Vec<EnvVar>,
    pub(crate) rows: Vec<Vec<EnvVar>>,
}

pub(crate) fn read(node: Option<&Node>, file: &str) -> Result<Env, CiError> {
    let mut env = Env::default();
    let Some(node) = node else {
        return Ok(env);
    };
    let jobs = node.get("jobs").or_else(|| node.get("matrix"));
    if node.get("global").is_some() || jobs.is_some() {
        if let Some(global) = node.get("global") {
            env.global = flat(global, file)?;
        }
        if let Some(jobs) = jobs {
            env.rows = rows(jobs, file)?;
        }
        return Ok(env);
    }
    env.rows = rows(node, file)?;
    Ok(env)
}

fn rows(node: &Node, file: &str) -> Result<Vec<Vec<EnvVar>>, CiError> {
    let rows = node.items().iter().map(|item| flat(item, file));
    let rows = rows.collect::<Result<Vec<_>, _>>()?;
    Ok(rows.into_iter().filter(|row| !row.is_empty()).collect())
}

/// All variables of a node in one row.
pub(crate) fn flat(node: &Node, file: &str) -> Result<Vec<EnvVar>, CiError> {
    let mut vars = Vec::new();
    gather(node, file, &mut vars)?;
    Ok(vars)
}

fn gather(node: &Node, file: &str, out: &mut Vec<EnvVar>) -> Result<(), CiError> {
    match &node.value {
        Value::Null => Ok(()),
        Value::Text(text) => {
            out.extend(line(text));
            Ok(())
        }
        Value::List(items) => items.iter().try_for_each(|item| gather(item, file, out)),
        Value::Map(entries) => entries
            .iter()
            .try_for_each(|(name, value)| entry(name, value, file, out)),
    }
}

fn entry(name: &str, node: &Node, file: &str, out: &mut Vec<EnvVar>) -> Result<(), CiError> {
    if matches!(name, "global" | "jobs" | "matrix") {
        return gather(node, file, out);
    }
    if name == "secure" {
        return Ok(()); // an encrypted line: even its name is unknown here
    }
    if !is_name(name) {
        let message = format!(
            "env: `{}` is no variable name",
            crate::base::Label::new(name)
        );
        return Err(error(file, node.place, &message));
    }
    let (value, secure) = match &node.value {
        Value::Null => (String::new(), false),
        Value::Text(text) => (as_shell(text), false),
        Value::Map(_) => (String::new(), node.get("secure").is_some()),
        Value::List(items) => {
            let texts: Vec<&str> = items.iter().filter_map(Node::text).collect();
            (as_shell(&texts.join(" ")), false)
        }
    };
    out.push(EnvVar {
        name: name.to_owned(),
        value,
        secure,
    });
    Ok(())
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

/// The assignments of a line such as `A=1 B="x y" C=$(f g)`; other words are
/// dropped, as Travis drops them.
pub(crate) fn line(text: &str) -> Vec<EnvVar> {
    words(text)
        .into_iter()
        .filter_map(|word| {
            let (name, value) = word.split_once('=')?;
            is_name(name).then(|| EnvVar {
                name: name.to_owned(),
                value: value.to_owned(),
                secure: false,
            })
        })
        .collect()
}

/// Splits at blanks outside quotes, `$(…)`, `${…}` and backquotes.
fn words(text: &str) -> Vec<&str> {
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
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_is_split_as_a_shell_would() {
        let table: [(&str, &[&str]); 8] = [
            ("A=1 B=2", &["A=1", "B=2"]),
            ("A=\"x y\" B='p q'", &["A=\"x y\"", "B='p q'"]),
            (
                "A=$(date +%s -u) B=${X:-a b}",
                &["A=$(date +%s -u)", "B=${X:-a b}"],
            ),
            ("A=`f g` word B=", &["A=`f g`", "B="]),
            ("A=x\\ y", &["A=x\\ y"]),
            ("A=\"it's\" B=1", &["A=\"it's\"", "B=1"]),
            ("1A=no -x", &[]),
            ("", &[]),
        ];
        for (text, expected) in table {
            let got: Vec<String> = line(text)
                .iter()
                .map(|v| format!("{}={}", v.name, v.value))
                .collect();
            assert_eq!(got, expected, "{text}");
        }
    }

    #[test]
    fn map_value_of_several_words_is_quoted() {
        assert_eq!(as_shell("a b$X\"`"), "\"a b$X\\\"\\`\"");
        assert_eq!(as_shell("$HOME/bin"), "$HOME/bin");
        assert_eq!(as_shell("'a b'"), "'a b'");
    }
}
