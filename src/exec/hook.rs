//! Hooks: `set-hook` and `show-hooks`, with the user's own events (`-E`) and
//! formats that are watched (`-B`). Hooks run by the server's own right, so what
//! becomes one must have been set by someone who has it. Nothing is run here.

use crate::command::{args, quote};
use crate::config::{ArrayKey, OptionDef, OptionName, Value, find_option, hooks, is_own};
use crate::format::{self, Scope as Formats};
use crate::mux::Mux;
use crate::mux::events::Fired;
use crate::mux::monitors::{Monitor, Subject};
use crate::mux::resolve::Current;

use super::option::{self, Layer, Wanted, layer_for};
use super::{Context, Outcome, Ran, places};

/// What `show-hooks -B` prints for a subscription.
const MONITOR_FORMAT: &str = "#{option_name}:#{hook_monitor_target}:#{hook_monitor_format}";

fn wanted(args: &args::SetHook) -> Wanted<'_> {
    Wanted {
        global: args.global,
        window: args.window,
        pane: args.pane,
        target: args.target.as_ref(),
        server: false,
    }
}

/// The layer of a user's own hook: global ones are all the sessions'.
fn user_layer(mux: &Mux, cx: &Context, wanted: Wanted<'_>) -> Result<Layer, String> {
    layer_for(mux, cx, None, wanted)
}

/// `set-hook`.
pub(super) fn set(mux: &mut Mux, cx: &mut Context, args: &args::SetHook) -> Ran {
    mux.listeners.hooks = true;
    if let Some(monitor) = &args.monitor {
        return watch(mux, cx, args, monitor);
    }
    let name = args.hook.as_deref().ok_or("missing argument")?;
    if args.event {
        return fire(mux, cx, args, name);
    }
    let known = match find_option(name) {
        Ok(known) => known,
        // No hook has the name, so none is run.
        Err(_) if args.run => return Ok(Outcome::Done),
        Err(error) => return Err(error.to_string()),
    };
    if known.def().is_some_and(|def| !def.hook) {
        return Err(format!("invalid option: {name}"));
    }
    if args.run {
        let found = places::pane(mux, cx, args.target.as_ref()).ok();
        let at = found.map_or(cx.current, Current::of);
        cx.run_hooks.push(Fired::new(known.name(), at));
        return Ok(Outcome::Done);
    }
    let layer = layer_for(mux, cx, known.def().map(|def| def.scope), wanted(args))?;
    let done = if args.unset {
        option::unset(mux, layer, &known, false)
    } else {
        let command = args.command.as_deref().ok_or("empty value")?;
        let append = (args.append, None);
        option::put(mux, layer, &known, Some(command), append, name)
    };
    trust(mux, layer, &known, true);
    if let (true, None, Some(holder)) = (args.unset, known.key(), layer.holder()) {
        let key = (holder, known.name().to_owned());
        mux.listeners.fires.remove(&key);
    }
    done
}

/// Remembers what a user's own option says now, as text that may become a hook;
/// `hook` if `set-hook` said it.
pub(super) fn trust(mux: &mut Mux, layer: Layer, known: &OptionName, hook: bool) {
    let Some(holder) = layer.holder() else {
        return;
    };
    match known {
        OptionName::User { name, .. } => mux.trust_hook(holder, name, hook),
        OptionName::Known { def, .. } => mux.listeners.hooks |= def.hook,
    }
}

/// `set-hook -E`.
fn fire(mux: &mut Mux, cx: &Context, args: &args::SetHook, name: &str) -> Ran {
    if !name.starts_with('@') {
        return Err("event name must start with @".to_owned());
    }
    if args.command.is_some() {
        return Err("too many arguments".to_owned());
    }
    let found = places::pane(mux, cx, args.target.as_ref()).ok();
    let at = found.map_or(cx.current, Current::of);
    let mut event = Fired::new(name, at);
    if let Some(found) = found {
        event = event
            .with("session", found.session)
            .with("window", found.window)
            .with("window_index", found.index)
            .with("pane", found.pane);
    }
    event.client = cx.client;
    mux.fire_event(event);
    Ok(Outcome::Done)
}

/// `set-hook -B`.
fn watch(mux: &mut Mux, cx: &Context, args: &args::SetHook, text: &str) -> Ran {
    if args.command.is_some() {
        return Err("too many arguments".to_owned());
    }
    let layer = user_layer(mux, cx, wanted(args))?;
    let holder = layer.holder().ok_or("no current session")?;
    let name = text.split(':').next().unwrap_or_default();
    if args.unset {
        mux.listeners.unwatch(holder, name);
        return Ok(Outcome::Done);
    }
    let mut parts = text.splitn(3, ':');
    let (Some(name), Some(what), Some(format)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(format!("invalid subscription: {text}"));
    };
    if !name.starts_with('@') {
        return Err("monitor hook name must start with @".to_owned());
    }
    let subject = Subject::parse(what).ok_or_else(|| format!("invalid subscription: {text}"))?;
    let monitor = Monitor::new(holder, name, subject, format, args.when_true);
    if !mux.listeners.watch(monitor) {
        return Err("too many subscriptions".to_owned());
    }
    let known = OptionName::User {
        name: name.to_owned(),
        key: None,
    };
    let unset = layer
        .of(mux)
        .is_none_or(|options| options.get(name).is_none());
    if let Some(command) = args.hook.as_deref().or_else(|| unset.then_some("")) {
        option::put(mux, layer, &known, Some(command), (false, None), name)?;
        trust(mux, layer, &known, true);
    }
    Ok(Outcome::Done)
}

/// `show-hooks`.
pub(super) fn show(mux: &Mux, cx: &mut Context, args: &args::ShowHooks) -> Ran {
    let wanted = Wanted {
        global: args.global,
        window: args.window,
        pane: args.pane,
        target: args.target.as_ref(),
        server: false,
    };
    let lines = if args.monitors {
        let layer = user_layer(mux, cx, wanted)?;
        let name = args.hook.as_deref();
        monitors(mux, cx, layer, name, args.format.as_deref())
    } else if let Some(name) = &args.hook {
        let known = find_option(name).map_err(|error| error.to_string())?;
        let layer = layer_for(mux, cx, known.def().map(|def| def.scope), wanted)?;
        let value = layer.of(mux).and_then(|options| options.get(known.name()));
        if value.is_none() && known.def().is_none() {
            return Err(format!("invalid option: {name}"));
        }
        let value = value.map(|value| (known.name(), known.def(), value));
        let lines = lines_of(mux, cx, layer, value, args.format.as_deref(), known.key());
        match known.key() {
            Some(_) if lines.is_empty() => vec![format!("{name} ")],
            _ => lines,
        }
    } else {
        let layer = layer_for(mux, cx, None, wanted)?;
        let mut lines = Vec::new();
        for shown in all(mux, layer) {
            let format = args.format.as_deref();
            lines.extend(lines_of(mux, cx, layer, Some(shown), format, None));
        }
        lines
    };
    for line in lines {
        cx.print(&line);
    }
    Ok(Outcome::Done)
}

type Shown<'a> = (&'a str, Option<&'static OptionDef>, &'a Value);

/// The hooks of a layer: the user's own by name, then those of the table that are
/// set in it; a global layer has them all.
fn all(mux: &Mux, layer: Layer) -> Vec<Shown<'_>> {
    use crate::config::Scope;
    static NONE: Value = Value::List(std::collections::BTreeMap::new());
    let holder = layer.holder();
    let own = layer.of(mux).into_iter().flat_map(|options| options.iter());
    let users = own.filter(|(name, _)| {
        name.starts_with('@') && holder.is_some_and(|holder| mux.listeners.is_hook(holder, name))
    });
    let mut shown: Vec<Shown<'_>> = users.map(|(name, value)| (name, None, value)).collect();
    let global = matches!(layer, Layer::GlobalSession | Layer::GlobalWindow);
    for def in hooks() {
        let fits = match layer {
            Layer::Server => false,
            Layer::GlobalSession | Layer::Session(_) => def.scope == Scope::Session,
            Layer::GlobalWindow | Layer::Window(_) => def.scope != Scope::Session,
            Layer::Pane(_) => def.scope == Scope::Pane,
        };
        let value = layer.of(mux).and_then(|options| options.get(def.name));
        let unset = value.is_none_or(|value| value.entries().next().is_none());
        if is_own(def) && unset {
            continue;
        }
        if fits && let Some(value) = value.or(global.then_some(&NONE)) {
            shown.push((def.name, Some(def), value));
        }
    }
    shown
}

fn lines_of(
    mux: &Mux,
    cx: &Context,
    layer: Layer,
    shown: Option<Shown<'_>>,
    format: Option<&str>,
    only: Option<&ArrayKey>,
) -> Vec<String> {
    let Some((name, def, value)) = shown else {
        return Vec::new();
    };
    let entries: Vec<(Option<String>, Option<String>)> = match value {
        Value::List(list) if list.is_empty() => vec![(None, None)],
        // An entry that is none is shown with nothing.
        Value::List(list) if only.is_some_and(|key| list.get(key).is_none()) => {
            vec![(only.map(ToString::to_string), Some(String::new()))]
        }
        Value::List(list) => list
            .iter()
            .filter(|(key, _)| only.is_none_or(|only| only == *key))
            .map(|(key, text)| (Some(key.to_string()), Some(text.clone())))
            .collect(),
        single => vec![(None, Some(single.to_string()))],
    };
    let is = |on: bool| u8::from(on).to_string();
    let lines = entries.into_iter().map(|(key, text)| {
        let Some(format) = format else {
            let key = key.map(|key| format!("[{key}]")).unwrap_or_default();
            let text = match (text, def) {
                (None, _) => String::new(),
                (Some(text), None) => format!(" {}", quote(&text)),
                (Some(text), Some(_)) => format!(" {text}"),
            };
            return format!("{name}{key}{text}");
        };
        let mut vars = fires(mux, layer, name);
        let own = [
            ("option_name", name.to_owned()),
            ("option_has_array_key", is(key.is_some())),
            ("option_array_key", key.unwrap_or_default()),
            ("option_has_value", is(text.is_some())),
            ("option_value", text.unwrap_or_default()),
            ("option_is_array", is(def.is_some())),
            ("option_is_hook", is(def.is_some())),
            ("option_is_string", is(def.is_none())),
            ("option_is_user", is(def.is_none())),
        ];
        vars.extend(own.map(|(name, value)| (name.to_owned(), value)));
        expand(mux, cx, format, &vars)
    });
    lines.collect()
}

/// How often a hook ran, and when last.
fn fires(mux: &Mux, layer: Layer, name: &str) -> Vec<(String, String)> {
    let holder = layer.holder();
    let fires = holder.and_then(|holder| mux.listeners.fires.get(&(holder, name.to_owned())));
    let mut vars = vec![(
        "hook_fire_count".to_owned(),
        fires.map_or(0, |fires| fires.count).to_string(),
    )];
    if let Some(fires) = fires {
        let at = fires.last.unix_us / 1_000_000;
        vars.push(("hook_fire_time".to_owned(), at.to_string()));
    }
    vars
}

fn monitors(
    mux: &Mux,
    cx: &Context,
    layer: Layer,
    name: Option<&str>,
    format: Option<&str>,
) -> Vec<String> {
    let Some(holder) = layer.holder() else {
        return Vec::new();
    };
    let all = mux.listeners.monitors_of(holder);
    let all = all.filter(|monitor| name.is_none_or(|name| name == monitor.name));
    let lines = all.map(|monitor| {
        let mut vars = fires(mux, layer, &monitor.name);
        let target = monitor.subject.to_string();
        let value = format!("{}:{target}:{}", monitor.name, monitor.format);
        let own = [
            ("option_name", monitor.name.clone()),
            ("option_value", value),
            ("option_is_hook", "1".to_owned()),
            ("option_is_user", "1".to_owned()),
            ("hook_monitor_target", target),
            ("hook_monitor_format", monitor.format.clone()),
        ];
        vars.extend(own.map(|(name, value)| (name.to_owned(), value)));
        expand(mux, cx, format.unwrap_or(MONITOR_FORMAT), &vars)
    });
    lines.collect()
}

fn expand(mux: &Mux, cx: &Context, template: &str, vars: &[(String, String)]) -> String {
    let found = mux.here(&cx.asker());
    let scope = match &found {
        Some(found) => places::scope(mux, cx, found),
        None => Formats {
            now: cx.now,
            ..Formats::default()
        },
    };
    format::expand(template, mux, &scope.with_vars(vars))
}
