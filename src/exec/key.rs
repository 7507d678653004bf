//! Key bindings: bind, unbind, list. What a key does when it is pressed is
//! `engine`'s.

use crate::base::{Key, width};
use crate::command::{Word, args, quote};
use crate::config::{Binding, Bindings, Value};
use crate::format;
use crate::mux::Mux;
use crate::mux::client::Overlay;
use crate::mux::key_help::KeyHelp;

use super::{Context, Outcome, Ran, lists, places};

/// How `list-keys` prints a binding.
const LIST_FORMAT: &str = "bind-key #{?key_has_repeat,#{?key_repeat,-r,  },} \
    -T #{p/#{key_table_width}:key_table} #{p/#{key_string_width}:key_string} #{key_command}";

/// How `list-keys -N` prints a binding.
const NOTES_FORMAT: &str = "#{key_prefix} #{p/#{key_string_width}:key_string} \
    #{?key_note,#{key_note},#{key_command}}";

fn read_key(name: &str) -> Result<Key, String> {
    let key = name.parse::<Key>().ok();
    key.filter(|key| key.is_named())
        .ok_or_else(|| format!("unknown key: {name}"))
}

fn table_of(given: Option<&str>, root: bool) -> &str {
    match given {
        Some(table) => table,
        None if root => "root",
        None => "prefix",
    }
}

/// Takes the keys of the option `keybindings`, and their prefix.
pub(super) fn use_set(mux: &mut Mux) {
    let name = mux.server_text("keybindings");
    if let Some(prefix) = mux.bindings.use_set(&name) {
        let value = Value::Text(prefix.to_owned());
        mux.options.session.insert("prefix", value);
    } else if let Some(keys) = mux.bindings.use_copy_set(&name) {
        let value = Value::Text(keys.to_owned());
        mux.options.session.insert("status-keys", value.clone());
        mux.options.window.insert("mode-keys", value);
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
    let words = if args.words.is_empty() {
        args.command.iter().map(Word::new).collect()
    } else {
        args.words.clone()
    };
    let words = super::parse::bound(mux, words)?;
    let binding = Binding::from_commands(table, key, words);
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
/// By a key and with notes, it opens the key help for whoever pressed it.
pub(super) fn list(mux: &mut Mux, cx: &mut Context, args: &args::ListKeys) -> Ran {
    if opens_help(cx, args)
        && let Some(client) = cx.client.and_then(|id| mux.clients.get_mut(&id))
        && client.terminal.is_some()
    {
        client.overlay = Some(Box::new(Overlay::Keys(KeyHelp::default())));
        return Ok(Outcome::Done);
    }
    let order = lists::order(args.order.as_deref())?;
    let only = match &args.key {
        Some(name) => Some(read_key(name).map_err(|_| format!("invalid key: {name}"))?),
        None => None,
    };
    if let Some(table) = &args.table
        && mux.bindings.table(table).is_none()
    {
        return Err(format!("table {table} doesn't exist"));
    }
    let mut shown = chosen(&mux.bindings, args, only);
    if order.is_some() && args.reversed {
        shown.reverse();
    }
    if args.first {
        shown.truncate(1);
    }
    if let (true, Some(name)) = (shown.is_empty(), &args.key) {
        return Err(format!("unknown key: {name}"));
    }
    print(mux, cx, args, &shown);
    Ok(Outcome::Done)
}

/// Whether all notes are asked for by a key, and in no form of its own.
fn opens_help(cx: &Context, args: &args::ListKeys) -> bool {
    let plain = args.table.is_none() && args.format.is_none() && args.prefix.is_none();
    args.notes && plain && args.key.is_none() && !args.first && cx.key.is_some()
}

/// The bindings that are asked for: of every table in turn, or for `-N` those
/// of the prefix and root tables that have a note.
fn chosen<'a>(
    bindings: &'a Bindings,
    args: &args::ListKeys,
    only: Option<Key>,
) -> Vec<&'a Binding> {
    let tables: Vec<&str> = match &args.table {
        Some(table) => vec![table.as_str()],
        None if args.notes => vec!["prefix", "root"],
        None => bindings.tables().collect(),
    };
    let rows = tables
        .into_iter()
        .filter_map(|table| bindings.table(table))
        .flat_map(|keys| keys.values());
    rows.filter(|b| only.is_none_or(|key| b.key == key))
        .filter(|b| !args.notes || args.all || only.is_some() || b.note.is_some())
        .collect()
}

/// Prints bindings by a format, its columns as wide as what is listed.
fn print(mux: &Mux, cx: &mut Context, args: &args::ListKeys, shown: &[&Binding]) {
    let usual = if args.notes {
        NOTES_FORMAT
    } else {
        LIST_FORMAT
    };
    let template = args.format.clone().unwrap_or_else(|| usual.to_owned());
    let session = cx.client.and_then(|id| mux.clients.get(&id)?.session);
    let prefix = match &args.prefix {
        Some(prefix) => prefix.clone(),
        None => mux.session_text(session, "prefix"),
    };
    // With -N people read the keys, with -F formats; otherwise they are words to
    // be read back.
    let key_text = |binding: &Binding| {
        if args.notes || args.format.is_some() {
            binding.key.to_string()
        } else {
            binding.key_text()
        }
    };
    let widest = |of: &dyn Fn(&Binding) -> usize| {
        let widths = shown.iter().map(|binding| of(binding));
        widths.max().unwrap_or(0).to_string()
    };
    let bit = |on: bool| if on { "1" } else { "0" }.to_owned();
    let common = [
        ("notes_only", bit(args.notes)),
        ("key_has_repeat", bit(shown.iter().any(|b| b.repeat))),
        (
            "key_string_width",
            widest(&|b| width::str_width(&key_text(b))),
        ),
        (
            "key_table_width",
            widest(&|b| width::str_width(&quote(&b.table))),
        ),
        ("key_prefix", prefix),
    ];
    let found = places::pane(mux, cx, None).ok();
    let mut lines = Vec::with_capacity(shown.len());
    for binding in shown {
        let own = [
            ("key_table", quote(&binding.table)),
            ("key_string", key_text(binding)),
            ("key_repeat", bit(binding.repeat)),
            ("key_note", binding.note.clone().unwrap_or_default()),
            ("key_command", binding.commands_text()),
        ];
        let vars: Vec<(String, String)> = own
            .into_iter()
            .chain(common.iter().cloned())
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        let scope = match &found {
            Some(found) => places::scope(mux, cx, found),
            None => format::Scope {
                vars: &cx.variables,
                now: cx.now,
                ..format::Scope::default()
            },
        };
        lines.push(format::expand(&template, mux, &scope.with_vars(&vars)));
    }
    for line in lines {
        cx.print(&line);
    }
}
