//! Options and hooks: set and show, with tmux's rules of which layer is meant.

use crate::base::{PaneId, SessionId, WindowId};
use crate::command::args;
use crate::command::target::Target;
use crate::config::{OptionDef, OptionName, Options, Scope, Value, find_option, hooks};
use crate::mux::Mux;

use super::{Context, Outcome, Ran, parse, places};

/// One layer of options in the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layer {
    Server,
    GlobalSession,
    GlobalWindow,
    Session(SessionId),
    Window(WindowId),
    Pane(PaneId),
}

/// The flags that say which layer is meant.
#[derive(Clone, Copy, Debug, Default)]
struct Wanted<'a> {
    global: bool,
    server: bool,
    window: bool,
    pane: bool,
    target: Option<&'a Target>,
}

impl Layer {
    fn of(self, mux: &Mux) -> Option<&Options> {
        match self {
            Self::Server => Some(&mux.options.server),
            Self::GlobalSession => Some(&mux.options.session),
            Self::GlobalWindow => Some(&mux.options.window),
            Self::Session(id) => mux.sessions.get(&id).map(|s| &s.options),
            Self::Window(id) => mux.windows.get(&id).map(|w| &w.options),
            Self::Pane(id) => mux.panes.get(&id).map(|p| &p.options),
        }
    }

    fn of_mut(self, mux: &mut Mux) -> Option<&mut Options> {
        match self {
            Self::Server => Some(&mut mux.options.server),
            Self::GlobalSession => Some(&mut mux.options.session),
            Self::GlobalWindow => Some(&mut mux.options.window),
            Self::Session(id) => mux.sessions.get_mut(&id).map(|s| &mut s.options),
            Self::Window(id) => mux.windows.get_mut(&id).map(|w| &mut w.options),
            Self::Pane(id) => mux.panes.get_mut(&id).map(|p| &mut p.options),
        }
    }

    /// The layers asked after this one.
    fn below(self, mux: &Mux) -> Vec<Self> {
        match self {
            Self::Server | Self::GlobalSession | Self::GlobalWindow => Vec::new(),
            Self::Session(_) => vec![Self::GlobalSession],
            Self::Window(_) => vec![Self::GlobalWindow],
            Self::Pane(id) => {
                let window = mux.panes.get(&id).map(|pane| Self::Window(pane.window));
                window.into_iter().chain([Self::GlobalWindow]).collect()
            }
        }
    }

    fn is_global(self) -> bool {
        matches!(
            self,
            Self::Server | Self::GlobalSession | Self::GlobalWindow
        )
    }
}

/// The layer that an option belongs to under the flags.
fn layer_for(
    mux: &Mux,
    cx: &Context,
    scope: Option<Scope>,
    wanted: Wanted<'_>,
) -> Result<Layer, String> {
    let scope = scope.unwrap_or(if wanted.server {
        Scope::Server
    } else if wanted.pane {
        Scope::Pane
    } else if wanted.window {
        Scope::Window
    } else {
        Scope::Session
    });
    let text = wanted.target.map(|t| t.0.clone());
    let missing = |what: &str| match &text {
        Some(text) => format!("no such {what}: {text}"),
        None => format!("no current {what}"),
    };
    match scope {
        Scope::Server => Ok(Layer::Server),
        Scope::Session if wanted.global => Ok(Layer::GlobalSession),
        Scope::Session => places::session(mux, cx, wanted.target)
            .or_else(|_| places::pane(mux, cx, wanted.target))
            .map(|found| Layer::Session(found.session))
            .map_err(|_| missing("session")),
        Scope::Pane if wanted.pane => places::pane(mux, cx, wanted.target)
            .map(|found| Layer::Pane(found.pane))
            .map_err(|_| missing("pane")),
        Scope::Window | Scope::Pane if wanted.global => Ok(Layer::GlobalWindow),
        Scope::Window | Scope::Pane => places::pane(mux, cx, wanted.target)
            .map(|found| Layer::Window(found.window))
            .map_err(|_| missing("window")),
    }
}

/// `set-option`.
pub(super) fn set(mux: &mut Mux, cx: &Context, args: &args::SetOption) -> Ran {
    let wanted = Wanted {
        global: args.global,
        server: args.server,
        window: args.window,
        pane: args.pane,
        target: args.target.as_ref(),
    };
    let name = expand(mux, cx, &args.option, args.target.as_ref());
    let known = match find_option(&name) {
        Ok(known) => known,
        Err(_) if args.quiet => return Ok(Outcome::Done),
        Err(error) => return Err(with_hint(&error)),
    };
    let scope = match &known {
        OptionName::Known { def, .. } => Some(def.scope),
        OptionName::User(_) => None,
    };
    let layer = match layer_for(mux, cx, scope, wanted) {
        Ok(layer) => layer,
        Err(_) if args.quiet => return Ok(Outcome::Done),
        Err(error) => return Err(error),
    };
    if layer == Layer::Server {
        cx.authority.demand_admin("set-option of the server")?;
    }
    if matches!(&known, OptionName::Known { def, .. } if def.hook) {
        cx.authority.demand_own("set-option of a hook")?;
    }
    let value = match &args.value {
        Some(value) if args.expand => Some(expand(mux, cx, value, args.target.as_ref())),
        other => other.clone(),
    };
    let done = if args.unset || args.unset_panes {
        unset(mux, layer, &known, args.unset_panes)
    } else {
        let only_new = args.only_new.then_some(args.quiet);
        put(
            mux,
            layer,
            &known,
            value.as_deref(),
            (args.append, only_new),
            &name,
        )
    };
    mux.configure_panes();
    done
}

/// `set-window-option`.
pub(super) fn set_window(mux: &mut Mux, cx: &Context, args: &args::SetWindowOption) -> Ran {
    let args = args::SetOption {
        append: args.append,
        expand: args.expand,
        global: args.global,
        only_new: args.only_new,
        quiet: args.quiet,
        unset: args.unset,
        window: true,
        target: args.target.clone(),
        option: args.option.clone(),
        value: args.value.clone(),
        ..args::SetOption::default()
    };
    set(mux, cx, &args)
}

fn expand(mux: &Mux, cx: &Context, text: &str, target: Option<&Target>) -> String {
    match places::pane(mux, cx, target) {
        Ok(found) => places::expand(mux, cx, &found, text),
        Err(_) => crate::format::expand(
            text,
            mux,
            &crate::format::Scope {
                now: cx.now,
                ..crate::format::Scope::default()
            },
        ),
    }
}

/// An option's error; scripts read its first line, so the hint stays out.
fn with_hint(error: &crate::config::OptionError) -> String {
    error.to_string()
}

fn put(
    mux: &mut Mux,
    layer: Layer,
    known: &OptionName,
    value: Option<&str>,
    (append, only_new): (bool, Option<bool>),
    name: &str,
) -> Ran {
    let key = match known {
        OptionName::Known { def, .. } => def.name,
        OptionName::User(name) => name.as_str(),
    };
    let own = layer.of(mux).and_then(|options| options.get(key));
    let index = match known {
        OptionName::Known { index, .. } => *index,
        OptionName::User(_) => None,
    };
    if let Some(quiet) = only_new {
        let there = match (own, index) {
            (Some(Value::List(list)), Some(index)) => list.contains_key(&index),
            (own, _) => own.is_some(),
        };
        if there {
            return if quiet {
                Ok(Outcome::Done)
            } else {
                Err(format!("already set: {name}"))
            };
        }
    }
    let inherited = own.cloned().or_else(|| {
        layer
            .below(mux)
            .into_iter()
            .find_map(|layer| layer.of(mux)?.get(key).cloned())
    });
    let Some(options) = layer.of_mut(mux) else {
        return Ok(Outcome::Done);
    };
    let result = match known {
        OptionName::Known { def, index } => {
            options.set(def, *index, value, append, inherited.as_ref())
        }
        OptionName::User(user) => options.set_user(user, value, append, inherited.as_ref()),
    };
    result
        .map(|()| Outcome::Done)
        .map_err(|error| error.to_string())
}

fn unset(mux: &mut Mux, layer: Layer, known: &OptionName, panes: bool) -> Ran {
    let (name, index) = match known {
        OptionName::Known { def, index } => (def.name, *index),
        OptionName::User(name) => (name.as_str(), None),
    };
    match known {
        OptionName::Known { def, index } if layer.is_global() => mux.options.reset(def, *index),
        _ => {
            if let Some(options) = layer.of_mut(mux) {
                options.unset(name, index);
            }
        }
    }
    if panes && let Layer::Window(window) = layer {
        let ids = mux
            .windows
            .get(&window)
            .map(|w| w.panes())
            .unwrap_or_default();
        for id in ids {
            if let Some(pane) = mux.panes.get_mut(&id) {
                pane.options.unset(name, index);
            }
        }
    }
    Ok(Outcome::Done)
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
    };
    let Some(name) = &args.option else {
        let layer = layer_for(mux, cx, None, wanted)?;
        for line in all(mux, layer, how, args.hooks) {
            cx.print(&line);
        }
        return Ok(Outcome::Done);
    };
    let name = expand(mux, cx, name, args.target.as_ref());
    let known = match find_option(&name) {
        Ok(known) => known,
        Err(_) if args.quiet => return Ok(Outcome::Done),
        Err(error) => return Err(with_hint(&error)),
    };
    let scope = match &known {
        OptionName::Known { def, .. } => Some(def.scope),
        OptionName::User(_) => None,
    };
    let layer = match layer_for(mux, cx, scope, wanted) {
        Ok(layer) => layer,
        Err(_) if args.quiet => return Ok(Outcome::Done),
        Err(error) => return Err(error),
    };
    for line in one(mux, layer, &known, how, args.quiet)? {
        cx.print(&line);
    }
    Ok(Outcome::Done)
}

/// `show-window-options`.
pub(super) fn show_window(mux: &Mux, cx: &mut Context, args: &args::ShowWindowOptions) -> Ran {
    let args = args::ShowOptions {
        global: args.global,
        value_only: args.value_only,
        window: true,
        target: args.target.clone(),
        option: args.option.clone(),
        ..args::ShowOptions::default()
    };
    show(mux, cx, &args)
}

#[derive(Clone, Copy)]
struct How {
    value_only: bool,
    inherited: bool,
}

fn lines(value: &Value, name: &str, star: bool, how: How) -> Vec<String> {
    if how.value_only {
        return value
            .to_string()
            .lines()
            .map(str::to_owned)
            .collect::<Vec<_>>()
            .into_iter()
            .chain(value.to_string().is_empty().then(String::new))
            .collect();
    }
    value.lines(name, star)
}

/// Every option of a layer.
fn all(mux: &Mux, layer: Layer, how: How, with_hooks: bool) -> Vec<String> {
    let is_hook = |name: &str| hooks().any(|hook| hook.name == name);
    let mut shown: std::collections::BTreeMap<&str, (&Value, bool)> = Default::default();
    if how.inherited {
        for below in layer.below(mux).into_iter().rev() {
            for (name, value) in below.of(mux).into_iter().flat_map(Options::iter) {
                shown.insert(name, (value, true));
            }
        }
    }
    for (name, value) in layer.of(mux).into_iter().flat_map(Options::iter) {
        shown.insert(name, (value, false));
    }
    shown
        .into_iter()
        .filter(|(name, _)| with_hooks || !is_hook(name))
        .flat_map(|(name, (value, star))| lines(value, name, star, how))
        .collect()
}

fn one(
    mux: &Mux,
    layer: Layer,
    known: &OptionName,
    how: How,
    quiet: bool,
) -> Result<Vec<String>, String> {
    let (name, index) = match known {
        OptionName::Known { def, index } => (def.name, *index),
        OptionName::User(name) => (name.as_str(), None),
    };
    let own = layer.of(mux).and_then(|options| options.get(name));
    let below = || {
        let mut layers = layer.below(mux).into_iter();
        layers.find_map(|layer| layer.of(mux)?.get(name))
    };
    let (value, star) = match own {
        Some(value) => (Some(value), false),
        None if how.inherited => (below(), true),
        None => (None, false),
    };
    let Some(value) = value else {
        return match known {
            OptionName::User(name) if !quiet => Err(format!("invalid option: {name}")),
            _ => Ok(Vec::new()),
        };
    };
    let Some(index) = index else {
        return Ok(lines(value, name, star, how));
    };
    let entry = value.entries().find(|(at, _)| *at == index);
    Ok(entry.map_or_else(Vec::new, |(_, text)| {
        let text = Value::Text(text.to_owned());
        lines(&text, &format!("{name}[{index}]"), star, how)
    }))
}

/// `set-hook`.
pub(super) fn set_hook(mux: &mut Mux, cx: &mut Context, args: &args::SetHook) -> Ran {
    let known = find_option(&args.hook).map_err(|error| error.to_string())?;
    let wanted = Wanted {
        global: args.global,
        window: args.window,
        pane: args.pane,
        target: args.target.as_ref(),
        server: false,
    };
    let def: Option<&OptionDef> = match &known {
        OptionName::Known { def, .. } if def.hook => Some(def),
        OptionName::Known { .. } => return Err(format!("invalid option: {}", args.hook)),
        OptionName::User(_) => None,
    };
    let layer = layer_for(mux, cx, def.map(|def| def.scope), wanted)?;
    if args.run {
        let value = def.and_then(|def| {
            let own = layer.of(mux)?.get(def.name);
            own.or_else(|| {
                layer
                    .below(mux)
                    .into_iter()
                    .find_map(|layer| layer.of(mux)?.get(def.name))
            })
        });
        let texts: Vec<String> = value
            .map(|value| value.entries().map(|(_, text)| text.to_owned()).collect())
            .unwrap_or_default();
        for text in texts {
            cx.insert.push(parse::parse_text(mux, &text)?);
        }
        return Ok(Outcome::Done);
    }
    if args.unset {
        return unset(mux, layer, &known, false);
    }
    let command = args.command.as_deref().ok_or("no command")?;
    parse::parse_text(mux, command)?;
    put(
        mux,
        layer,
        &known,
        Some(command),
        (args.append, None),
        &args.hook,
    )
}

/// `show-hooks`.
pub(super) fn show_hooks(mux: &Mux, cx: &mut Context, args: &args::ShowHooks) -> Ran {
    let wanted = Wanted {
        global: args.global,
        window: args.window,
        pane: args.pane,
        target: args.target.as_ref(),
        server: false,
    };
    let layer = layer_for(mux, cx, None, wanted)?;
    let found: Vec<String> = hooks()
        .filter(|hook| args.hook.as_ref().is_none_or(|name| hook.name == name))
        .filter_map(|hook| Some((hook.name, layer.of(mux)?.get(hook.name)?)))
        .flat_map(|(name, value)| value.lines(name, false))
        .collect();
    for line in found {
        cx.print(&line);
    }
    Ok(Outcome::Done)
}
