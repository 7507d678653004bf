//! Key bindings: bind, unbind, list.

use crate::base::{Key, width};
use crate::command::{Word, args, quote};
use crate::config::{Binding, Bindings};
use crate::mux::Mux;

use super::{Context, Outcome, Ran};

fn read_key(name: &str) -> Result<Key, String> {
    name.parse().map_err(|_| format!("unknown key: {name}"))
}

fn table_of(given: Option<&str>, root: bool) -> &str {
    match given {
        Some(table) => table,
        None if root => "root",
        None => "prefix",
    }
}

/// `bind-key`.
pub(super) fn bind(mux: &mut Mux, args: &args::BindKey) -> Ran {
    let key = read_key(&args.key)?;
    let table = table_of(args.table.as_deref(), args.root);
    if args.command.is_empty() {
        // Without a command only the note and the repeat flag change.
        if let Some(old) = mux.bindings.get(table, key).cloned() {
            let note = args.note.clone().or(old.note.clone());
            mux.bindings.bind(old.noted(note, args.repeat));
        }
        return Ok(Outcome::Done);
    }
    let words: Vec<Word> = args.command.iter().map(Word::new).collect();
    let env = |name: &str| super::parse::variable(mux, name);
    let binding = Binding::from_words(table, key, &words, &env);
    let binding = binding.map_err(|error| error.to_string())?;
    mux.bindings
        .bind(binding.noted(args.note.clone(), args.repeat));
    Ok(Outcome::Done)
}

/// `unbind-key`.
pub(super) fn unbind(mux: &mut Mux, args: &args::UnbindKey) -> Ran {
    let table = table_of(args.table.as_deref(), args.root);
    if args.all {
        if args.key.is_some() {
            return if args.quiet {
                Ok(Outcome::Done)
            } else {
                Err("key given with -a".to_owned())
            };
        }
        if !mux.bindings.unbind_all(table) && !args.quiet {
            return Err(format!("table {table} doesn't exist"));
        }
        return Ok(Outcome::Done);
    }
    let Some(name) = &args.key else {
        return if args.quiet {
            Ok(Outcome::Done)
        } else {
            Err("missing key".to_owned())
        };
    };
    let key = match read_key(name) {
        Ok(key) => key,
        Err(_) if args.quiet => return Ok(Outcome::Done),
        Err(error) => return Err(error),
    };
    if args.table.is_some() && mux.bindings.table(table).is_none() && !args.quiet {
        return Err(format!("table {table} doesn't exist"));
    }
    mux.bindings.unbind(table, key);
    Ok(Outcome::Done)
}

/// `list-keys`.
pub(super) fn list(mux: &Mux, cx: &mut Context, args: &args::ListKeys) -> Ran {
    let only = match &args.key {
        Some(name) => {
            let key: Key = name.parse().map_err(|_| format!("invalid key: {name}"))?;
            Some(key)
        }
        None => None,
    };
    if let Some(table) = &args.table
        && mux.bindings.table(table).is_none()
    {
        return Err(format!("table {table} doesn't exist"));
    }
    if args.notes {
        return notes(mux, cx, args, only);
    }
    let mut shown: Vec<&Binding> = mux
        .bindings
        .iter()
        .filter(|b| args.table.as_ref().is_none_or(|table| b.table == *table))
        .filter(|b| only.is_none_or(|key| b.key == key))
        .collect();
    if shown.is_empty() && only.is_some() {
        return Err(format!(
            "unknown key: {}",
            args.key.as_deref().unwrap_or_default()
        ));
    }
    if args.reversed {
        shown.reverse();
    }
    for line in columns(&mux.bindings, &shown, args.first) {
        cx.print(&line);
    }
    Ok(Outcome::Done)
}

/// The lines of `list-keys`, their columns aligned.
fn columns(_: &Bindings, shown: &[&Binding], first: bool) -> Vec<String> {
    let widest = |of: &dyn Fn(&Binding) -> String| {
        shown
            .iter()
            .map(|b| width::str_width(&of(b)))
            .max()
            .unwrap_or(0)
    };
    let table = |b: &Binding| quote(&b.table);
    let repeat = if shown.iter().any(|b| b.repeat) {
        "-r"
    } else {
        ""
    };
    let (tables, keys) = (widest(&table), widest(&Binding::key_text));
    let lines = shown.iter().map(|b| {
        let flag = match (repeat, b.repeat) {
            ("", _) => "",
            (_, true) => " -r",
            (_, false) => "   ",
        };
        let line = format!(
            "bind-key{flag} -T {} {} {}",
            pad(&table(b), tables),
            pad(&b.key_text(), keys),
            b.commands_text(),
        );
        line.trim_end().to_owned()
    });
    lines.take(if first { 1 } else { usize::MAX }).collect()
}

fn pad(text: &str, to: usize) -> String {
    let missing = to.saturating_sub(width::str_width(text));
    format!("{text}{}", " ".repeat(missing))
}

/// `list-keys -N`: what keys do, in words.
fn notes(mux: &Mux, cx: &mut Context, args: &args::ListKeys, only: Option<Key>) -> Ran {
    let client = cx.client.and_then(|id| mux.clients.get(&id));
    let session = client.and_then(|client| client.session);
    let prefix = args
        .prefix
        .clone()
        .unwrap_or_else(|| format!("{} ", mux.session_text(session, "prefix")));
    let tables: Vec<(&str, String)> = match &args.table {
        Some(table) => {
            let own = if table == "prefix" || args.prefix.is_some() {
                prefix
            } else {
                String::new()
            };
            vec![(table.as_str(), own)]
        }
        None => vec![("root", String::new()), ("prefix", prefix)],
    };
    let mut rows = Vec::new();
    for (table, before) in tables {
        for binding in mux
            .bindings
            .table(table)
            .into_iter()
            .flat_map(|keys| keys.values())
        {
            if only.is_some_and(|key| key != binding.key) {
                continue;
            }
            let note = match &binding.note {
                Some(note) => note.clone(),
                None if args.all || (only.is_some() && args.first) => binding.commands_text(),
                None => continue,
            };
            rows.push((format!("{before}{}", binding.key), note));
        }
    }
    if rows.is_empty() && only.is_some() {
        return Err(format!(
            "unknown key: {}",
            args.key.as_deref().unwrap_or_default()
        ));
    }
    let widest = rows
        .iter()
        .map(|(key, _)| width::str_width(key))
        .max()
        .unwrap_or(0);
    if args.first
        && let Some((key, note)) = rows.first()
    {
        cx.print(&format!("{key} {note}"));
        return Ok(Outcome::Done);
    }
    for (key, note) in rows {
        cx.print(&format!("{} {note}", pad(&key, widest)));
    }
    Ok(Outcome::Done)
}
