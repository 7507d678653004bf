//! Options and hooks: set, with tmux's rules of which layer is meant; what
//! `show-options` lists is in `option_show`.

use std::borrow::Cow;

use crate::base::{PaneId, SessionId, WindowId};
use crate::command::args;
use crate::command::target::Target;
use crate::config::{Entry, Kind, OptionDef, OptionName, Options, Scope, Value, find_option};
use crate::mux::events::Holder;
use crate::mux::resolve::Found;
use crate::mux::{Effect, Mux};

use super::{Answer, Context, Outcome, Ran, hook, parse, places};

/// One layer of options in the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layer {
    Server,
    GlobalSession,
    GlobalWindow,
    Session(SessionId),
    Window(WindowId),
    Pane(PaneId),
}

/// The flags that say which layer is meant.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wanted<'a> {
    pub(super) global: bool,
    pub(super) server: bool,
    pub(super) window: bool,
    pub(super) pane: bool,
    pub(super) target: Option<&'a Target>,
}

impl Layer {
    pub(super) fn of(self, mux: &Mux) -> Option<&Options> {
        match self {
            Self::Server => Some(&mux.options.server),
            Self::GlobalSession => Some(&mux.options.session),
            Self::GlobalWindow => Some(&mux.options.window),
            Self::Session(id) => mux.sessions.get(&id).map(|s| &s.options),
            Self::Window(id) => mux.windows.get(&id).map(|w| &w.options),
            Self::Pane(id) => mux.panes.get(&id).map(|p| &p.options),
        }
    }

    /// Whose hooks the layer holds; none for the server's options.
    pub(super) fn holder(self) -> Option<Holder> {
        match self {
            Self::Server => None,
            Self::GlobalSession => Some(Holder::Sessions),
            Self::GlobalWindow => Some(Holder::Windows),
            Self::Session(id) => Some(Holder::Session(id)),
            Self::Window(id) => Some(Holder::Window(id)),
            Self::Pane(id) => Some(Holder::Pane(id)),
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
    pub(super) fn below(self, mux: &Mux) -> Vec<Self> {
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
pub(super) fn layer_for(
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
            .or_else(|_| session_part(mux, cx, wanted.target))
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

/// The session of a target whose window is not there: for a session's option
/// the rest does not matter.
fn session_part(mux: &Mux, cx: &Context, target: Option<&Target>) -> Result<Found, String> {
    let text = target.map_or("", |target| target.0.as_str());
    let (session, _) = text.split_once(':').ok_or("no session")?;
    let session = Some(Target(session.to_owned())).filter(|target| !target.0.is_empty());
    places::session(mux, cx, session.as_ref())
}

/// `set-option`.
pub(super) fn set(mux: &mut Mux, cx: &Context, args: &args::SetOption) -> Ran {
    // What modes show may hang on any option.
    mux.renew_modes();
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
        Err(error) => return Err(error.to_string()),
    };
    let scope = known.def().map(|def| def.scope);
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
    if known.key().is_some() && !known.def().is_some_and(OptionDef::is_array) {
        return Err(format!("not an array: {name}"));
    }
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
    if cx.authority.demand_own("").is_ok() {
        hook::trust(mux, layer, &known, false);
    }
    mux.configure_panes();
    if known.name() == "keybindings" && done.is_ok() {
        super::key::use_set(mux);
    }
    done
}

/// `set-option`; whether a `default-shell` can be run is asked first.
pub(super) fn set_tried(mux: &mut Mux, cx: &Context, args: &args::SetOption) -> Ran {
    let shell = shell(mux, cx, args).filter(|path| path.starts_with('/'));
    let Some(path) = shell else {
        return set(mux, cx, args);
    };
    let token = mux.ids.token();
    mux.emit(Effect::TryProgram { token, path });
    Ok(Outcome::Wait(token))
}

/// `set-option`, once it is known whether the shell can be run.
pub(super) fn tried(mux: &mut Mux, cx: &Context, args: &args::SetOption, answer: Answer) -> Ran {
    match answer {
        Answer::File(Err(_)) => {
            let shell = shell(mux, cx, args).unwrap_or_default();
            Err(format!("not a suitable shell: {shell}"))
        }
        _ => set(mux, cx, args),
    }
}

/// The shell that is to be the `default-shell`, if that is what is set.
fn shell(mux: &Mux, cx: &Context, args: &args::SetOption) -> Option<String> {
    let name = expand(mux, cx, &args.option, args.target.as_ref());
    let known = find_option(&name).ok()?;
    let plain = !args.unset && !args.unset_panes && !args.append;
    let value = args.value.as_deref();
    let value = value.filter(|_| plain && known.name() == "default-shell")?;
    Some(match args.expand {
        true => expand(mux, cx, value, args.target.as_ref()),
        false => value.to_owned(),
    })
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

pub(super) fn expand(mux: &Mux, cx: &Context, text: &str, target: Option<&Target>) -> String {
    match places::pane(mux, cx, target) {
        Ok(found) => places::expand(mux, cx, &found, text),
        Err(_) => crate::format::expand(
            text,
            mux,
            &crate::format::Scope {
                vars: &cx.variables,
                now: cx.now,
                ..crate::format::Scope::default()
            },
        ),
    }
}

pub(super) fn put(
    mux: &mut Mux,
    layer: Layer,
    known: &OptionName,
    value: Option<&str>,
    (append, only_new): (bool, Option<bool>),
    name: &str,
) -> Ran {
    let own = layer.of(mux).and_then(|options| options.get(known.name()));
    if let Some(quiet) = only_new {
        let there = match (own, known.key()) {
            (Some(Value::List(list)), Some(key)) => list.contains_key(key),
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
            .find_map(|layer| layer.of(mux)?.get(known.name()).cloned())
    });
    let value = match (known.def().map(|def| def.kind), value) {
        (
            Some(
                Kind::Command
                | Kind::Array {
                    of: Entry::Command, ..
                },
            ),
            Some(value),
        ) => Some(Cow::Owned(parse::canonical(mux, value)?)),
        (_, value) => value.map(Cow::Borrowed),
    };
    let value = value.as_deref();
    let Some(options) = layer.of_mut(mux) else {
        return Ok(Outcome::Done);
    };
    let result = match known {
        OptionName::Known { def, key } => {
            options.set(def, key.as_ref(), value, append, inherited.as_ref())
        }
        OptionName::User { name, .. } => options.set_user(name, value, append),
    };
    result
        .map(|()| Outcome::Done)
        .map_err(|error| error.to_string())
}

pub(super) fn unset(mux: &mut Mux, layer: Layer, known: &OptionName, panes: bool) -> Ran {
    let (name, key) = (known.name(), known.key());
    match known.def() {
        Some(def) if layer.is_global() => mux.options.reset(def, key),
        _ => {
            if let Some(options) = layer.of_mut(mux) {
                options.unset(name, key);
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
                pane.options.unset(name, key);
            }
        }
    }
    Ok(Outcome::Done)
}
