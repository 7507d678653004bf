//! What a client sees beside its panes: messages, prompts, choosers, numbers.

use std::time::Duration;

use crate::base::{ClientId, Key, KeyCode, Label};
use crate::command::args;
use crate::format::{self, Scope};
use crate::mux::Mux;
use crate::mux::client::{Choice, Chooser, Overlay};
use crate::mux::prompt::{Line, Prompt, PromptKind};
use crate::mux::resolve::Found;

use super::{Context, Outcome, Ran, places, session};

const MESSAGE_FORMAT: &str = "[#{session_name}] #{window_index}:#{window_name}, \
    current pane #{pane_index} - (%H:%M %d-%b-%y)";

/// `display-message`.
pub(super) fn message(mux: &mut Mux, cx: &mut Context, args: &args::DisplayMessage) -> Ran {
    if args.from_stdin {
        return Ok(Outcome::Done);
    }
    if args.message.is_some() && args.format.is_some() {
        return Err("only one of -F or argument must be given".to_owned());
    }
    let delay = match &args.delay {
        Some(text) => Some(places::count(text, "delay", 0, i64::from(u32::MAX))?),
        None => None,
    };
    // A target that is not there leaves its variables empty, as in tmux.
    let found = places::pane(mux, cx, args.target.as_ref());
    let found: Option<Found> = match (found, cx.authority.only) {
        (Ok(found), _) => Some(found),
        (Err(error), Some(_)) => return Err(error),
        (Err(_), None) => None,
    };
    let client = match args.client.as_deref() {
        Some(name) => places::client(mux, cx, Some(name)).ok(),
        None => mux.current_client(&cx.asker()),
    };
    let template = args
        .message
        .as_deref()
        .or(args.format.as_deref())
        .unwrap_or(MESSAGE_FORMAT);
    let text = if args.literal {
        template.to_owned()
    } else {
        let scope = match &found {
            Some(found) => places::scope(mux, cx, found),
            None => Scope {
                vars: &cx.variables,
                now: cx.now,
                ..Scope::default()
            },
        };
        let scope = Scope { client, ..scope };
        format::expand_time(template, mux, &scope)
    };
    if args.print {
        cx.print(&text);
    } else if let Some(client) = client {
        mux.say(client, Label::new(&text));
        if let Some(delay) = delay
            && let Some(message) = mux
                .clients
                .get_mut(&client)
                .and_then(|c| c.message.as_mut())
        {
            let time = Duration::from_millis(u64::try_from(delay).unwrap_or(0));
            message.until = (delay > 0).then(|| cx.now.mono + time);
        }
    }
    Ok(Outcome::Done)
}

/// The client that a prompt or overlay goes to.
fn seen_by(mux: &Mux, cx: &Context, target: Option<&str>) -> Result<ClientId, String> {
    places::client(mux, cx, target)
}

/// The queue waits for the prompt unless it is told not to.
fn open(mux: &mut Mux, client: ClientId, mut prompt: Prompt, wait: bool) -> Ran {
    let token = wait.then(|| mux.ids.token());
    prompt.waiter = token;
    let Some(owner) = mux.clients.get_mut(&client) else {
        return Err("no current client".to_owned());
    };
    if owner.prompt.is_some() {
        return Ok(Outcome::Done);
    }
    owner.message = None;
    owner.prompt = Some(Box::new(prompt));
    Ok(token.map_or(Outcome::Done, Outcome::Wait))
}

/// `command-prompt`.
pub(super) fn prompt(mux: &mut Mux, cx: &Context, args: &args::CommandPrompt) -> Ran {
    let client = seen_by(mux, cx, args.client.as_deref())?;
    let scope = Scope {
        now: cx.now,
        ..Scope::of_client(mux, client)
    };
    let expand = |text: &str| {
        if args.literal && !args.expand {
            text.to_owned()
        } else {
            format::expand_time(text, mux, &scope)
        }
    };
    let template = args.template.clone().unwrap_or_else(|| "%1".to_owned());
    let template = if args.expand {
        expand(&template)
    } else {
        template
    };
    let labels: Vec<String> = match &args.prompts {
        Some(prompts) if args.literal => vec![prompts.clone()],
        Some(prompts) => prompts.split(',').map(str::to_owned).collect(),
        None if args.template.is_some() => {
            let name = template.split_whitespace().next().unwrap_or_default();
            vec![format!("({name})")]
        }
        None => vec![":".to_owned()],
    };
    let inputs: Vec<String> = match &args.inputs {
        Some(inputs) if args.literal => vec![inputs.clone()],
        Some(inputs) => inputs.split(',').map(str::to_owned).collect(),
        None => Vec::new(),
    };
    let mut asked = labels.iter().zip(0..).map(|(label, nth): (_, usize)| {
        let label = expand(label);
        let space = args.prompts.is_some() || args.template.is_some();
        let label = if space { format!("{label} ") } else { label };
        (
            label,
            inputs.get(nth).map(|text| expand(text)).unwrap_or_default(),
        )
    });
    let (label, input) = asked.next().unwrap_or_default();
    let more = asked.collect();
    let prompt = Prompt {
        label: Label::new(&label),
        line: Line::new(&input),
        kind: PromptKind::Command {
            template,
            more,
            answers: Vec::new(),
            single: args.one_key,
            numeric: args.numeric,
            incremental: args.incremental,
            key: args.key_name,
        },
        history_at: None,
        waiter: None,
    };
    open(mux, client, prompt, !args.background && !args.incremental)
}

/// `confirm-before`.
pub(super) fn confirm(mux: &mut Mux, cx: &Context, args: &args::ConfirmBefore) -> Ran {
    let client = seen_by(mux, cx, args.client.as_deref())?;
    let key = match &args.confirm_key {
        None => 'y',
        Some(text) => match text.parse::<Key>() {
            Ok(Key {
                code: KeyCode::Char(ch),
                mods,
            }) if mods.is_empty() => ch,
            _ => return Err("invalid confirm key".to_owned()),
        },
    };
    super::parse::parse_text(mux, &args.command)?;
    let label = match &args.prompt {
        Some(prompt) => {
            let scope = Scope {
                now: cx.now,
                ..Scope::of_client(mux, client)
            };
            format!("{} ", format::expand_time(prompt, mux, &scope))
        }
        None => {
            let name = args.command.split_whitespace().next().unwrap_or_default();
            format!("Confirm '{name}'? ({key}/n) ")
        }
    };
    let prompt = Prompt {
        label: Label::new(&label),
        line: Line::default(),
        kind: PromptKind::Confirm {
            command: args.command.clone(),
            key,
            default_yes: args.default_yes,
        },
        history_at: None,
        waiter: None,
    };
    open(mux, client, prompt, !args.background)
}

/// `display-panes`.
pub(super) fn panes(mux: &mut Mux, cx: &Context, args: &args::DisplayPanes) -> Ran {
    let client = seen_by(mux, cx, args.client.as_deref())?;
    let session = mux.clients.get(&client).and_then(|c| c.session);
    let window = session.and_then(|id| mux.sessions.get(&id)?.window());
    let time = match &args.duration {
        Some(text) => places::count(text, "delay", 0, i64::from(u32::MAX))?,
        None => mux.window_number(window, "display-panes-time"),
    };
    let time = Duration::from_millis(u64::try_from(time).unwrap_or(1000));
    let template = args
        .template
        .clone()
        .unwrap_or_else(|| "select-pane -t \"%%\"".to_owned());
    let overlay = Overlay::PaneNumbers {
        until: cx.now.mono + time,
        template,
    };
    if let Some(owner) = mux.clients.get_mut(&client) {
        owner.overlay = Some(Box::new(overlay));
    }
    Ok(Outcome::Done)
}

/// `choose-tree`.
pub(super) fn tree(mux: &mut Mux, cx: &Context, args: &args::ChooseTree) -> Ran {
    let client = mux.current_client(&cx.asker()).ok_or("no current client")?;
    let here = places::pane(mux, cx, args.target.as_ref())?;
    let mut items = Vec::new();
    let mut selected = 0;
    let shown = |scope: &Scope<'_>| places::item(mux, scope, "", args.filter.as_deref()).is_some();
    for id in places::visible_sessions(mux, cx) {
        let scope = Scope {
            now: cx.now,
            ..Scope::of_session(mux, id)
        };
        let Some(owner) = mux.sessions.get(&id).filter(|_| shown(&scope)) else {
            continue;
        };
        if id == here.session && !args.windows {
            selected = items.len();
        }
        let label = match &args.format {
            Some(format) => format::expand(format, mux, &scope),
            None => format::expand(session::LIST_FORMAT, mux, &scope),
        };
        items.push(Choice {
            label: Label::new(&label),
            target: format!("{id}:"),
            depth: 0,
        });
        if args.sessions {
            continue;
        }
        for index in owner.links.keys() {
            let Some(found) = mux.place_at(owner, *index) else {
                continue;
            };
            let scope = places::scope(mux, cx, &found);
            if !shown(&scope) {
                continue;
            }
            if id == here.session && *index == here.index {
                selected = items.len();
            }
            let default = "#{window_index}: #{window_name}#{window_flags} (#{window_panes} panes)";
            let template = args.format.as_deref().unwrap_or(default);
            items.push(Choice {
                label: Label::new(&format::expand(template, mux, &scope)),
                target: format!("{id}:{index}"),
                depth: 1,
            });
        }
    }
    let chooser = Chooser {
        title: Label::new(if args.sessions { "sessions" } else { "windows" }),
        items,
        selected,
        top: 0,
        template: args
            .template
            .clone()
            .unwrap_or_else(|| "switch-client -Zt '%%'".to_owned()),
    };
    if let Some(owner) = mux.clients.get_mut(&client) {
        owner.overlay = Some(Box::new(Overlay::Chooser(chooser)));
    }
    Ok(Outcome::Done)
}

/// `show-messages`.
pub(super) fn messages(mux: &Mux, cx: &mut Context, _: &args::ShowMessages) -> Ran {
    let lines: Vec<String> = mux
        .messages
        .iter()
        .rev()
        .map(|logged| {
            let scope = Scope {
                now: logged.at,
                ..Scope::default()
            };
            format!(
                "{}: {}",
                format::expand_time("%H:%M:%S", mux, &scope),
                logged.text
            )
        })
        .collect();
    for line in lines {
        cx.print(&line);
    }
    Ok(Outcome::Done)
}
