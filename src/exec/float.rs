//! `display-menu` and `display-popup`: what floats over one client's panes.
//! Where it lies is worked out when that client is drawn.

use crate::base::{ClientId, PaneId, Pos, Size};
use crate::command::args;
use crate::format::{self, Scope};
use crate::mux::floats::{self, Looks, Menu, MenuItem, Popup, Wanted};
use crate::mux::resolve::{Current, Found};
use crate::mux::{Effect, Mux};
use crate::term::{Config, Terminal};

use super::{Answer, Context, Outcome, Ran, places, spawn};

/// Most items of a menu.
const MOST_ITEMS: usize = 1000;

fn option(mux: &Mux, scope: &Scope<'_>, given: Option<&str>, name: &str) -> String {
    let text = given.unwrap_or_else(|| mux.window_str(scope.window, name));
    format::expand(text, mux, scope)
}

fn lines(given: Option<&str>, option: &str, known: &str) -> Result<String, String> {
    const KNOWN: [&str; 7] = [
        "single", "double", "heavy", "simple", "rounded", "padded", "none",
    ];
    match given {
        None => Ok(option.to_owned()),
        Some(name) if KNOWN.contains(&name) => Ok(name.to_owned()),
        Some(name) => Err(format!("{known} unknown value: {name}")),
    }
}

/// `display-menu`.
pub(super) fn menu(mux: &mut Mux, cx: &Context, args: &args::DisplayMenu) -> Ran {
    let found = places::pane(mux, cx, args.target.as_ref())?;
    let client = places::client(mux, cx, args.client.as_deref())?;
    if mux.menu_of(client).is_some() {
        return Ok(Outcome::Done);
    }
    let scope = Scope {
        client: Some(client),
        ..places::scope(mux, cx, &found)
    };
    let items = items(mux, &scope, &args.items)?;
    if items.is_empty() {
        return Ok(Outcome::Done);
    }
    let choice = match args.choice.as_deref() {
        None => Some(0),
        Some("-") => None,
        Some(text) => {
            let at = places::count(text, "starting choice", 0, i64::from(u32::MAX))?;
            usize::try_from(at).ok()
        }
    };
    let name = mux.window_str(scope.window, "menu-border-lines").to_owned();
    let lines = lines(args.border_lines.as_deref(), &name, "menu-border-lines")?;
    let looks = Looks {
        style: option(mux, &scope, args.style.as_deref(), "menu-style"),
        border: option(
            mux,
            &scope,
            args.border_style.as_deref(),
            "menu-border-style",
        ),
        selected: option(
            mux,
            &scope,
            args.selected_style.as_deref(),
            "menu-selected-style",
        ),
        lines,
    };
    let title = args.title.as_deref().unwrap_or_default();
    let title = format::expand(title, mux, &scope);
    let mut menu = Menu {
        title,
        items,
        choice: None,
        width: 0,
        wanted: Some(Wanted {
            x: args.x.clone(),
            y: args.y.clone(),
            at: found,
            mouse: cx.mouse,
        }),
        at: Pos::default(),
        looks,
        mouse: args.mouse || cx.mouse.is_some(),
        stays_open: args.stay_open,
        current: current(&found),
        event: cx.mouse,
    };
    if !menu.mouse {
        first_choice(&mut menu, choice);
    }
    // As in tmux 3.8 the line goes on while the menu is open.
    mux.floats.entry(client).or_default().menu = Some(Box::new(menu));
    Ok(Outcome::Done)
}

fn first_choice(menu: &mut Menu, choice: Option<usize>) {
    let Some(at) = choice else { return };
    let at = at.min(menu.items.len().saturating_sub(1));
    if menu.can_choose(at) {
        menu.choice = Some(at);
        return;
    }
    menu.choice = Some(at);
    // Behind the last that can be chosen there is only the way back.
    let last = !(at..menu.items.len()).any(|at| menu.can_choose(at));
    menu.step(!last);
    if menu.choice == Some(at) {
        menu.choice = None;
    }
}

fn current(found: &Found) -> Current {
    Current {
        session: Some(found.session),
        index: Some(found.index),
        window: Some(found.window),
        pane: Some(found.pane),
    }
}

/// Reads a menu's words: name, key and command of each item, an empty name for
/// a line. Items whose name comes out empty are left out.
fn items(mux: &Mux, scope: &Scope<'_>, words: &[String]) -> Result<Vec<MenuItem>, String> {
    let mut items: Vec<MenuItem> = Vec::new();
    let mut words = words.iter();
    while let Some(name) = words.next() {
        if items.len() >= MOST_ITEMS {
            return Err("too many items".to_owned());
        }
        if name.is_empty() {
            let after_line = items.last().is_none_or(|item| item.name.is_none());
            if !after_line {
                items.push(MenuItem {
                    name: None,
                    disabled: false,
                    key: None,
                    command: String::new(),
                });
            }
            continue;
        }
        let (Some(key), Some(command)) = (words.next(), words.next()) else {
            return Err("not enough arguments".to_owned());
        };
        let name = format::expand(name, mux, scope);
        if name.is_empty() {
            continue;
        }
        let disabled = name.starts_with('-');
        let shown = name.strip_prefix('-').unwrap_or(&name);
        let key = key.parse::<crate::base::Key>().ok();
        let text = match key.filter(|_| !disabled) {
            Some(key) => {
                let key = key.to_string().replace('#', "##");
                format!("{shown}#[default] #[align=right]({key})")
            }
            None => shown.to_owned(),
        };
        items.push(MenuItem {
            name: Some(text),
            disabled,
            key: key.filter(|_| !disabled),
            command: format::expand(command, mux, scope),
        });
    }
    Ok(items)
}

/// `display-popup`.
pub(super) fn popup(mux: &mut Mux, cx: &mut Context, args: &args::DisplayPopup) -> Ran {
    let found = places::pane(mux, cx, args.target.as_ref())?;
    let client = places::client(mux, cx, args.client.as_deref())?;
    if args.close {
        mux.close_popup(client);
        return Ok(Outcome::Done);
    }
    let scope = Scope {
        client: Some(client),
        ..places::scope(mux, cx, &found)
    };
    let name = mux
        .window_str(scope.window, "popup-border-lines")
        .to_owned();
    let lines = if args.no_border {
        "none".to_owned()
    } else {
        lines(args.border_lines.as_deref(), &name, "popup-border-lines")?
    };
    let looks = Looks {
        style: option(mux, &scope, args.style.as_deref(), "popup-style"),
        border: option(
            mux,
            &scope,
            args.border_style.as_deref(),
            "popup-border-style",
        ),
        selected: String::new(),
        lines,
    };
    let title = args
        .title
        .as_deref()
        .map(|title| format::expand(title, mux, &scope));
    if mux.popup_of(client).is_some() {
        modify(mux, client, args, looks, title);
        return Ok(Outcome::Done);
    }
    let Some(screen) = mux.clients.get(&client).and_then(|client| client.size()) else {
        return Ok(Outcome::Done);
    };
    let height = measure(args.height.as_deref(), "height", screen.rows())?;
    let width = measure(args.width.as_deref(), "width", screen.cols())?;
    let bordered = looks.lines != "none";
    let least = if bordered { 3 } else { 1 };
    if width < least || height < least {
        return Ok(Outcome::Done);
    }
    let size = Size::new(width.min(screen.cols()), height.min(screen.rows()));
    let inner = floats::inner(size, bordered);
    let id = start(mux, cx, args, &found, inner);
    let token = mux.ids.token();
    let popup = Popup {
        id,
        term: Terminal::new(inner, config()),
        at: Pos::default(),
        size,
        asked: (Pos::default(), size),
        wanted: Some(Wanted {
            x: args.x.clone(),
            y: args.y.clone(),
            at: found,
            mouse: cx.mouse,
        }),
        title: title.unwrap_or_default(),
        looks,
        closes: args.close_on_exit.min(2),
        any_key: args.any_key,
        ended: None,
        drag: None,
        waiter: Some(token),
    };
    mux.floats.entry(client).or_default().popup = Some(Box::new(popup));
    Ok(Outcome::Wait(token))
}

/// Changes an open popup.
fn modify(
    mux: &mut Mux,
    client: ClientId,
    args: &args::DisplayPopup,
    looks: Looks,
    title: Option<String>,
) {
    let floats = mux.floats.get_mut(&client);
    let Some(popup) = floats.and_then(|floats| floats.popup.as_deref_mut()) else {
        return;
    };
    popup.title = title.unwrap_or_default();
    if args.no_border || args.border_lines.is_some() {
        popup.looks.lines = looks.lines;
        let inner = popup.inner();
        if inner != popup.term.size() {
            popup.term.resize(inner);
            let pane = popup.id;
            mux.emit(Effect::PaneResize { pane, size: inner });
        }
    }
    let floats = mux.floats.get_mut(&client);
    let Some(popup) = floats.and_then(|floats| floats.popup.as_deref_mut()) else {
        return;
    };
    if args.style.is_some() {
        popup.looks.style = looks.style;
    }
    if args.border_style.is_some() {
        popup.looks.border = looks.border;
    }
    if args.stay {
        popup.closes = 0;
        popup.any_key = false;
    }
    if args.close_on_exit > 0 {
        popup.closes = args.close_on_exit.min(2);
    }
    popup.any_key |= args.any_key;
}

/// Rows or columns of an argument; half of the screen by default.
fn measure(text: Option<&str>, what: &str, whole: u16) -> Result<u16, String> {
    let Some(text) = text else {
        return Ok(whole / 2);
    };
    let (number, percent) = match text.strip_suffix('%') {
        Some(number) => (number, true),
        None => (text, false),
    };
    let most = if percent { 100 } else { i64::from(whole) };
    let least = i64::from(!percent);
    let count = places::count(number, what, least, most)?;
    let cells = if percent {
        i64::from(whole) * count / 100
    } else {
        count
    };
    Ok(u16::try_from(cells.max(1)).unwrap_or(whole))
}

/// Asks for a popup's process; its id.
fn start(
    mux: &mut Mux,
    cx: &Context,
    args: &args::DisplayPopup,
    found: &Found,
    size: Size,
) -> PaneId {
    let session = Some(found.session);
    let own = mux.sessions.get(&found.session);
    let environ = own.map(|own| own.environ.clone()).unwrap_or_default();
    let wish = spawn::Wish {
        words: &args.command,
        cwd: args.cwd.as_deref(),
        env: &args.environment,
        empty: false,
    };
    let mut spec = spawn::new_pane(mux, cx, session, &environ, Some(found), wish).spec;
    spec.size = size;
    let id = mux.ids.popup();
    let token = mux.ids.token();
    mux.emit(Effect::Spawn {
        token,
        pane: id,
        spec: Box::new(spec),
    });
    id
}

fn config() -> Config {
    Config {
        history_lines: 0,
        clipboard: false,
        ..Config::default()
    }
}

/// Goes on after a popup has been closed: its program's status is that of a
/// client which waited for it.
pub(super) fn closed(mux: &Mux, cx: &Context, answer: &Answer) -> Ran {
    let Answer::Closed(status) = answer else {
        return Ok(Outcome::Done);
    };
    let attached = cx.client.and_then(|id| mux.clients.get(&id));
    if attached.is_some_and(|client| client.session.is_some()) {
        return Ok(Outcome::Done);
    }
    Ok(Outcome::Status(*status))
}
