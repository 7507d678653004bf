//! Prompts as commands open them, what their answers become, and what Tab
//! finds. Keys are `mux::prompt`'s, and where a prompt lies is `ui`'s.

use crate::base::{ClientId, Key, KeyCode, PaneId};
use crate::command::{self, Call, Word, args};
use crate::format::{self, Scope};
use crate::mux::Mux;
use crate::mux::prompt::{self, Flags, Prompt, PromptType, Purpose, Template};

use super::{Answer, Context, Outcome, Ran, parse, places};

/// `command-prompt`.
pub(super) fn open(mux: &mut Mux, cx: &mut Context, args: &args::CommandPrompt) -> Ran {
    let client = places::client(mux, cx, args.client.as_deref())?;
    let kind = match args.prompt_type.as_deref() {
        None => PromptType::Command,
        Some(name) => PromptType::named(name).ok_or_else(|| format!("unknown type: {name}"))?,
    };
    let scope = Scope {
        now: cx.now,
        ..Scope::of_client(mux, client)
    };
    let template = args.template.clone().unwrap_or_else(|| "%1".to_owned());
    let template = if args.expand && !args.block {
        // The places for answers (%%) stay.
        format::expand(&template, mux, &scope)
    } else {
        template
    };
    let mut asked = questions(args, &template);
    for (_, input) in &mut asked {
        *input = format::expand_time(input, mux, &scope);
    }
    let mut asked = asked.into_iter();
    let (label, input) = asked.next().unwrap_or_default();
    let in_pane = args.pane;
    let flags = Flags {
        single: args.one_key,
        numeric: args.numeric && !args.one_key,
        incremental: args.incremental && !args.one_key && !args.numeric,
        key_name: args.key_name && !(args.one_key || args.numeric || args.incremental),
        backspace_exit: args.backspace_exit,
        keeps_updating: args.keep_updating,
        in_pane,
        ..Flags::default()
    };
    let prompt = Prompt {
        kind,
        flags,
        purpose: Purpose::Command(Template {
            text: template,
            block: args.block,
            more: asked.collect(),
            answers: Vec::new(),
        }),
        client: Some(client),
        ..Prompt::new(&label, &input)
    };
    let wait = !args.background && !args.incremental;
    let pane = in_pane.then(|| pane_of(mux, client)).flatten();
    // An incremental prompt runs its command for the empty line at once.
    let begins = so_far(
        mux,
        &Prompt {
            line: prompt::Line::default(),
            ..prompt.clone()
        },
        '=',
    );
    let shown = show(mux, client, pane, prompt, wait)?;
    if let Some(Ok(commands)) = begins {
        cx.insert.push(commands);
    }
    Ok(shown)
}

/// The labels and first inputs of the questions, in order.
fn questions(args: &args::CommandPrompt, template: &str) -> Vec<(String, String)> {
    let inputs = args.inputs.as_deref();
    let Some(labels) = args.prompts.as_deref() else {
        let label = if args.template.is_some() {
            let mut words = template.split([' ', ',']);
            let name = if args.block {
                name_of(template)
            } else {
                words.next().unwrap_or_default().to_owned()
            };
            format!("({name}) ")
        } else {
            ":".to_owned()
        };
        let input = match inputs {
            Some(inputs) if args.literal => inputs,
            Some(inputs) => inputs.split(',').next().unwrap_or_default(),
            None => "",
        };
        return vec![(label, input.to_owned())];
    };
    if args.literal {
        return vec![(labels.to_owned(), inputs.unwrap_or_default().to_owned())];
    }
    let mut inputs = inputs.unwrap_or_default().split(',');
    labels
        .split(',')
        .map(|label| {
            let input = inputs.next().unwrap_or_default();
            (format!("{label} "), input.to_owned())
        })
        .collect()
}

/// What a template's first command is called.
fn name_of(template: &str) -> String {
    let lines = command::lex_words(template, &|_| None).unwrap_or_default();
    let known = lines.first().and_then(|words| command::parse(words).ok());
    match known {
        Some(command) => command.name().to_owned(),
        None => {
            let mut words = template.split([' ', ',']);
            words.next().unwrap_or_default().to_owned()
        }
    }
}

fn pane_of(mux: &Mux, client: ClientId) -> Option<PaneId> {
    mux.current_pane(mux.clients.get(&client)?.session?)
}

/// The queue waits for the prompt unless it is told not to.
fn show(mux: &mut Mux, client: ClientId, pane: Option<PaneId>, prompt: Prompt, wait: bool) -> Ran {
    let session = mux.clients.get(&client).and_then(|c| c.session);
    let taken = match pane {
        Some(pane) => mux
            .panes
            .get(&pane)
            .is_none_or(|pane| pane.prompt.is_some()),
        None => mux.clients.get(&client).is_none_or(|c| c.prompt.is_some()),
    };
    if taken {
        return Ok(Outcome::Done);
    }
    let mut prompt = prompt.configured(mux, session);
    let token = wait.then(|| mux.ids.token());
    prompt.waiter = token;
    prompt.pane = pane;
    let prompt = Some(Box::new(prompt));
    if let Some(pane) = pane {
        let about = [("hook_pane", pane.to_string())];
        mux.fire("pane-prompt-opened", session, &about);
    }
    match pane.and_then(|pane| mux.panes.get_mut(&pane)) {
        Some(pane) => pane.prompt = prompt,
        None => {
            if let Some(owner) = mux.clients.get_mut(&client) {
                owner.message = None;
                owner.prompt = prompt;
            }
        }
    }
    Ok(token.map_or(Outcome::Done, Outcome::Wait))
}

/// Goes on after a prompt that was waited for: its command comes next.
pub(super) fn answered(mux: &Mux, cx: &mut Context, answer: Answer) -> Ran {
    match answer {
        Answer::Line(Ok(commands)) => {
            cx.insert.push(commands);
            Ok(Outcome::Done)
        }
        Answer::Line(Err(error)) => Err(error),
        Answer::Refused => {
            let attached = cx.client.and_then(|id| mux.clients.get(&id));
            match attached.is_some_and(|client| client.session.is_some()) {
                true => Ok(Outcome::Done),
                false => Ok(Outcome::Status(1)),
            }
        }
        _ => Ok(Outcome::Done),
    }
}

/// `confirm-before`.
pub(super) fn confirm(mux: &mut Mux, cx: &Context, args: &args::ConfirmBefore) -> Ran {
    let client = places::client(mux, cx, args.client.as_deref())?;
    let key = match &args.confirm_key {
        None => 'y',
        Some(text) => match text.parse::<Key>() {
            Ok(Key {
                code: KeyCode::Char(ch),
                mods,
            }) if mods.is_empty() && ch.is_ascii() => ch,
            _ => return Err("invalid confirm key".to_owned()),
        },
    };
    parse::parse_text(mux, &args.command)?;
    let label = match &args.prompt {
        Some(prompt) => format!("{prompt} "),
        None => format!("Confirm '{}'? ({key}/n) ", name_of(&args.command)),
    };
    let prompt = Prompt {
        flags: Flags {
            single: true,
            ..Flags::default()
        },
        purpose: Purpose::Confirm {
            command: args.command.clone(),
            key,
            default_yes: args.default_yes,
        },
        client: Some(client),
        ..Prompt::new(&label, "")
    };
    show(mux, client, None, prompt, !args.background)
}

/// What an answer makes of a prompt.
pub enum Next {
    /// It asks the next question.
    Asks,
    /// It is over, and this is to be run, or what is wrong with it.
    Runs(Result<Vec<Call>, String>),
    /// It is over, and nothing is to be done.
    Nothing,
}

/// Takes an answer in.
pub fn answer(mux: &mut Mux, prompt: &mut Prompt, text: String) -> Next {
    match &mut prompt.purpose {
        Purpose::Command(template) => {
            template.answers.push(text);
            if !template.more.is_empty() {
                let (label, input) = template.more.remove(0);
                prompt.ask(&label, &input);
                return Next::Asks;
            }
            if prompt.flags.incremental {
                return Next::Nothing;
            }
            Next::Runs(filled(mux, template, &template.answers))
        }
        Purpose::Confirm {
            command,
            key,
            default_yes,
        } => {
            let first = text.chars().next();
            if first == Some(*key) || (*default_yes && first == Some('\r')) {
                Next::Runs(parse::parse_text(mux, command))
            } else {
                Next::Nothing
            }
        }
        Purpose::Mode(_) => Next::Nothing,
    }
}

/// What an incremental prompt runs for what is typed so far.
#[must_use]
pub fn so_far(mux: &Mux, prompt: &Prompt, sign: char) -> Option<Result<Vec<Call>, String>> {
    if !prompt.flags.incremental {
        return None;
    }
    let Purpose::Command(template) = &prompt.purpose else {
        return None;
    };
    let mut answers = template.answers.clone();
    answers.push(format!("{sign}{}", prompt.line.text()));
    Some(filled(mux, template, &answers))
}

/// A template with its answers. Those of a block go into words that have been
/// read already, so that no answer ends a quote or a command.
fn filled(mux: &Mux, template: &Template, answers: &[String]) -> Result<Vec<Call>, String> {
    if !template.block {
        return parse::parse_text(mux, &prompt::fill(&template.text, answers));
    }
    let env = |name: &str| parse::variable(mux, name);
    let lines = command::lex_words(&template.text, &env).map_err(|error| error.to_string())?;
    let mut commands = Vec::new();
    for words in lines {
        let words = words
            .into_iter()
            .map(|word| Word {
                text: prompt::fill(&word.text, answers),
                block: word.block,
            })
            .collect();
        parse::read_all(mux, words, &mut commands)?;
    }
    Ok(commands)
}

/// Completes the word at the cursor of a prompt, or shows what it could be; of
/// what is shown already, it puts the next one in.
pub fn complete(mux: &Mux, prompt: &mut Prompt) -> bool {
    if prompt.kind != PromptType::Command {
        return false;
    }
    if !prompt.matches.is_empty() {
        prompt.pick();
        return true;
    }
    let (at, word) = prompt.line.word();
    let found = if at == 0 {
        if word.is_empty() {
            return false;
        }
        super::complete::commands(mux, &word)
    } else {
        let typist = super::complete::Typist {
            session: prompt.session,
            client: prompt.client,
        };
        super::complete::argument(mux, typist, &prompt.line.before_cursor())
    };
    let [(first, _), rest @ ..] = found.as_slice() else {
        return false;
    };
    if rest.is_empty() {
        // A target goes on after its colon.
        let end = if first.ends_with(':') { "" } else { " " };
        prompt.line.replace_word(&format!("{first}{end}"));
        return true;
    }
    let common = rest.iter().fold(first.as_str(), |common, (other, _)| {
        let same = common
            .char_indices()
            .zip(other.chars())
            .find(|((_, a), b)| a != b)
            .map_or(common.len().min(other.len()), |((at, _), _)| at);
        &common[..same]
    });
    if common != word && common.starts_with(&word) {
        let common = common.to_owned();
        prompt.line.replace_word(&common);
        return true;
    }
    prompt.matches = found;
    false
}

/// The types that a command about histories means.
fn types(name: Option<&str>) -> Result<Vec<PromptType>, String> {
    match name {
        None => Ok(PromptType::ALL.to_vec()),
        Some(name) => match PromptType::named(name) {
            Some(kind) => Ok(vec![kind]),
            None => Err(format!("invalid type: {name}")),
        },
    }
}

/// `show-prompt-history`.
pub(super) fn show_history(mux: &Mux, cx: &mut Context, args: &args::ShowPromptHistory) -> Ran {
    for kind in types(args.prompt_type.as_deref())? {
        cx.print(&format!("History for {}:", kind.name()));
        cx.print("");
        for (text, number) in mux.histories.of(kind).iter().zip(1..) {
            cx.print(&format!("{number}: {text}"));
        }
        cx.print("");
    }
    Ok(Outcome::Done)
}

/// `clear-prompt-history`.
pub(super) fn clear_history(mux: &mut Mux, args: &args::ClearPromptHistory) -> Ran {
    for kind in types(args.prompt_type.as_deref())? {
        mux.histories.clear(kind);
    }
    Ok(Outcome::Done)
}
