//! `show-options`: options as they are set, in the order of the table, the
//! user's own before them. It changes nothing.

use crate::command::args;
use crate::config::{
    ArrayKey, Kind, OptionDef, OptionError, OptionName, Options, Scope, Value, find_option, hooks,
    is_own, options, overlay,
};
use crate::format;
use crate::mux::Mux;

use super::option::{Layer, Wanted, expand, layer_for};
use super::{Context, Outcome, Ran, places};

/// How an option is shown.
#[derive(Clone, Copy)]
struct How<'a> {
    value_only: bool,
    inherited: bool,
    format: Option<&'a str>,
}

/// An option with the value that is shown.
struct Shown<'a> {
    name: &'a str,
    def: Option<&'static OptionDef>,
    value: &'a Value,
    /// It comes from a layer below.
    parent: bool,
}

/// `show-options`.
pub(super) fn show(mux: &Mux, cx: &mut Context, args: &args::ShowOptions) -> Ran {
    let wanted = Wanted {
        global: args.global,
        server: args.server,
        window: args.window,
        pane: args.pane,
        target: args.target.as_ref(),
    };
    let how = How {
        value_only: args.value_only,
        inherited: args.inherited,
        format: args.format.as_deref(),
    };
    let Some(written) = &args.option else {
        let layer = match layer_for(mux, cx, None, wanted) {
            Err(_) if args.quiet => return Ok(Outcome::Done),
            found => found?,
        };
        for shown in all(mux, layer, how, args.hooks) {
            print(mux, cx, &shown, how, args);
        }
        return Ok(Outcome::Done);
    };
    let name = expand(mux, cx, written, args.target.as_ref());
    let known = match find_option(&name) {
        Ok(known) => known,
        Err(_) if args.quiet => return Ok(Outcome::Done),
        // For set-option tmux has another word for a name that is none.
        Err(OptionError::Key(_)) if !name.starts_with('[') => {
            return Err(format!("invalid option: {name}"));
        }
        Err(error) => return Err(error.to_string()),
    };
    let scope = known.def().map(|def| def.scope);
    let layer = match layer_for(mux, cx, scope, wanted) {
        Ok(layer) => layer,
        Err(_) if args.quiet => return Ok(Outcome::Done),
        Err(error) => return Err(error),
    };
    let Some((value, parent)) = value_of(mux, layer, known.name(), how) else {
        return match known {
            OptionName::User { .. } if !args.quiet => Err(format!("invalid option: {name}")),
            _ => Ok(Outcome::Done),
        };
    };
    let shown = Shown {
        name: known.name(),
        def: known.def(),
        value,
        parent,
    };
    match known.key() {
        Some(key) => print_entry(mux, cx, &shown, key, how, args),
        None => print(mux, cx, &shown, how, args),
    }
    Ok(Outcome::Done)
}

/// `show-window-options`.
pub(super) fn show_window(mux: &Mux, cx: &mut Context, args: &args::ShowWindowOptions) -> Ran {
    let args = args::ShowOptions {
        global: args.global,
        value_only: args.value_only,
        window: true,
        format: args.format.clone(),
        target: args.target.clone(),
        option: args.option.clone(),
        ..args::ShowOptions::default()
    };
    show(mux, cx, &args)
}

/// An option's value in a layer, or below it where that is asked for.
fn value_of<'a>(mux: &'a Mux, layer: Layer, name: &str, how: How<'_>) -> Option<(&'a Value, bool)> {
    if let Some(own) = layer.of(mux).and_then(|options| options.get(name)) {
        return Some((own, false));
    }
    if !how.inherited {
        return None;
    }
    let below = layer.below(mux).into_iter();
    let value = below
        .map(|layer| layer.of(mux))
        .find_map(|options| options?.get(name));
    value.map(|value| (value, true))
}

/// Every option of a layer: the user's own by name, then those of the table in
/// its order. What tmux does not have is listed once it differs from its
/// default.
fn all<'a>(mux: &'a Mux, layer: Layer, how: How<'_>, with_hooks: bool) -> Vec<Shown<'a>> {
    let own = layer.of(mux).into_iter().flat_map(Options::iter);
    let users = own.filter(|(name, _)| name.starts_with('@'));
    let users = users.map(|(name, value)| Shown {
        name,
        def: None,
        value,
        parent: false,
    });
    let table = options().chain(hooks().filter(|_| with_hooks));
    let fits = move |def: &&OptionDef| match layer {
        Layer::Server => def.scope == Scope::Server,
        Layer::GlobalSession | Layer::Session(_) => def.scope == Scope::Session,
        Layer::GlobalWindow | Layer::Window(_) => {
            matches!(def.scope, Scope::Window | Scope::Pane)
        }
        Layer::Pane(_) => def.scope == Scope::Pane,
    };
    let known = table.filter(fits).filter_map(move |def| {
        let (value, parent) = value_of(mux, layer, def.name, how)?;
        let quiet = is_own(def) && *value == overlay::default_of(def);
        (!quiet).then_some(Shown {
            name: def.name,
            def: Some(def),
            value,
            parent,
        })
    });
    users.chain(known).collect()
}

fn print(mux: &Mux, cx: &mut Context, shown: &Shown<'_>, how: How<'_>, args: &args::ShowOptions) {
    if let Some(format) = how.format {
        let entries: Vec<(Option<ArrayKey>, Option<String>)> = match shown.value {
            Value::List(list) if list.is_empty() => vec![(None, None)],
            Value::List(list) => list
                .iter()
                .map(|(key, text)| (Some(key.clone()), Some(text.clone())))
                .collect(),
            value => vec![(None, Some(value.to_string()))],
        };
        for (key, text) in entries {
            let vars = variables(shown, key.as_ref(), text.as_deref(), how);
            print_formatted(mux, cx, format, vars, args);
        }
        return;
    }
    let lines = if !how.value_only {
        let plain = shown.def.is_some_and(OptionDef::is_plain);
        shown.value.lines(shown.name, shown.parent, plain)
    } else if let Value::List(list) = shown.value {
        list.values().cloned().collect()
    } else {
        vec![shown.value.to_string()]
    };
    for line in lines {
        cx.print(&line);
    }
}

/// One entry: empty if there is none of the key, the whole of what is no array.
fn print_entry(
    mux: &Mux,
    cx: &mut Context,
    shown: &Shown<'_>,
    key: &ArrayKey,
    how: How<'_>,
    args: &args::ShowOptions,
) {
    let value = match shown.value {
        Value::List(list) => Value::Text(list.get(key).cloned().unwrap_or_default()),
        other => other.clone(),
    };
    if let Some(format) = how.format {
        let vars = variables(shown, Some(key), Some(&value.to_string()), how);
        print_formatted(mux, cx, format, vars, args);
        return;
    }
    if how.value_only {
        cx.print(&value.to_string());
        return;
    }
    let plain = shown.def.is_some_and(OptionDef::is_plain);
    for line in value.lines(&format!("{}[{key}]", shown.name), shown.parent, plain) {
        cx.print(&line);
    }
}

/// What formats of `show-options -F` know of an option.
fn variables(
    shown: &Shown<'_>,
    key: Option<&ArrayKey>,
    text: Option<&str>,
    how: How<'_>,
) -> Vec<(String, String)> {
    let is = |on: bool| if on { "1" } else { "0" }.to_owned();
    let array = shown.def.is_some_and(OptionDef::is_array);
    let string = shown
        .def
        .is_none_or(|def| !def.is_plain() && !matches!(def.kind, Kind::Flag | Kind::Number { .. }));
    [
        (
            "option_array_key",
            key.map(ToString::to_string).unwrap_or_default(),
        ),
        ("option_has_array_key", is(key.is_some())),
        ("option_has_value", is(text.is_some())),
        ("option_is_array", is(array)),
        ("option_is_hook", is(shown.def.is_some_and(|def| def.hook))),
        ("option_is_parent", is(shown.parent)),
        ("option_is_string", is(string)),
        ("option_is_user", is(shown.def.is_none())),
        ("option_name", shown.name.to_owned()),
        ("option_value", text.unwrap_or_default().to_owned()),
        ("option_value_only", is(how.value_only)),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

fn print_formatted(
    mux: &Mux,
    cx: &mut Context,
    template: &str,
    vars: Vec<(String, String)>,
    args: &args::ShowOptions,
) {
    let found = places::pane(mux, cx, args.target.as_ref()).ok();
    let line = {
        let scope = match &found {
            Some(found) => places::scope(mux, cx, found),
            None => format::Scope {
                vars: &cx.variables,
                now: cx.now,
                ..format::Scope::default()
            },
        };
        format::expand(template, mux, &scope.with_vars(&vars))
    };
    cx.print(&line);
}
