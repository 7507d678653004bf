//! Command queues: each client's command lines run one after the other, and a
//! line that waits for the outside holds up only its own client.

mod output;

use std::collections::VecDeque;
use std::time::Duration;

use crate::base::{ClientId, Keystroke, PaneId, Token};
use crate::command::{self, Call, Command};
use crate::exec::{self, Answer, Authority, Context, Current, Outcome};

use super::Engine;
use super::clients::Attached;

/// Most commands that one line may become, with aliases and nesting.
const MAX_COMMANDS: usize = 10_000;

/// The most keys that commands may press in one turn.
const MOST_PRESSES: usize = 1000;

/// The name of the variable that formats know a command's file by.
const CURRENT_FILE: &str = "current_file";

/// For whom a line runs, and so where its words go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// A client's command line: output to its standard streams, then exit.
    CommandLine(ClientId),
    /// A key or prompt of an attached client: output covers its screen.
    Attached(ClientId),
    /// A line of a control client: a block of output for each command.
    Control(ClientId),
    /// A configuration file.
    Config(String),
    /// A hook of this name, by the server's own right.
    Hook(String),
    /// What runs beside whoever asked for it (`run-shell -b`); it shows in a pane.
    Aside(Option<PaneId>),
}

impl Source {
    /// Whether lines of the one run after those of the other: a client's own, a
    /// file's, and all hooks'.
    fn waits_for(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Hook(_), Self::Hook(_)) => true,
            (Self::Aside(_), _) | (_, Self::Aside(_)) => false,
            (own, other) => own == other,
        }
    }
}

/// Commands of which one that fails drops the rest.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    calls: VecDeque<Call>,
    /// What a hook's commands know instead of what their line does.
    hook: Option<Box<Context>>,
    /// Its line in its file.
    number: usize,
    /// A file's commands begin here.
    enter: Option<Box<Place>>,
    /// A file's commands end here.
    leave: bool,
}

/// Where commands stand: what surrounds those of a file.
#[derive(Clone, Debug)]
struct Place {
    /// The file, if they are of one.
    file: Option<String>,
    current: Option<Current>,
    variables: Vec<(String, String)>,
}

impl Group {
    /// A hook's commands.
    pub(super) fn of_hook(calls: Vec<Call>, cx: Context) -> Self {
        Self {
            calls: calls.into(),
            hook: Some(Box::new(cx)),
            ..Self::default()
        }
    }
}

/// A line under way: groups of commands, of which a failure ends one.
#[derive(Debug)]
pub(super) struct Line {
    source: Source,
    groups: VecDeque<Group>,
    /// The file that the next command stands in, and its line there.
    at: (Option<String>, usize),
    /// What surrounds the files under way.
    around: Vec<Place>,
    cx: Context,
    waiting: Option<(Waiting, Call)>,
    status: u8,
    ran: usize,
    /// The block that is open: its time, number and flags.
    block: Option<(i64, u64, u8)>,
}

impl Line {
    /// The client that it runs for.
    pub(super) fn client(&self) -> Option<ClientId> {
        self.cx.client
    }

    /// What the command that runs now knows.
    pub(super) fn context(&mut self) -> &mut Context {
        match self.groups.front_mut() {
            Some(Group { hook: Some(cx), .. }) => cx,
            _ => &mut self.cx,
        }
    }

    /// Whether the command that runs now is a hook's, whose own commands fire no
    /// hook of theirs.
    pub(super) fn in_hook(&self) -> bool {
        let inserted = self
            .groups
            .front()
            .is_some_and(|group| group.hook.is_some());
        inserted || matches!(self.source, Source::Hook(_))
    }

    /// Puts a group before all others.
    pub(super) fn insert(&mut self, group: Group) {
        self.groups.push_front(group);
    }

    /// The next command; groups that have ended are left behind.
    fn next(&mut self) -> Option<Call> {
        loop {
            let group = self.groups.front_mut()?;
            if let Some(place) = group.enter.take() {
                self.enter(*place);
                continue;
            }
            if let Some(call) = group.calls.pop_front() {
                self.at.1 = group.number;
                return Some(call);
            }
            if self.groups.pop_front().is_some_and(|group| group.leave) {
                self.leave();
            }
        }
    }

    fn enter(&mut self, place: Place) {
        let current = place.current.unwrap_or(self.cx.current);
        self.around.push(Place {
            file: std::mem::replace(&mut self.at.0, place.file),
            current: Some(std::mem::replace(&mut self.cx.current, current)),
            variables: std::mem::replace(&mut self.cx.variables, place.variables),
        });
        self.cx.depth = self.around.len();
    }

    fn leave(&mut self) {
        let Some(place) = self.around.pop() else {
            return;
        };
        self.at.0 = place.file;
        self.cx.variables = place.variables;
        self.cx.current = place.current.unwrap_or_default();
        self.cx.depth = self.around.len();
    }

    /// Drops what is left of the group under way.
    fn drop_group(&mut self) {
        if let Some(group) = self.groups.front_mut() {
            group.calls.clear();
        }
    }

    /// Puts a file's commands before what follows, in a place of theirs.
    fn insert_file(&mut self, file: exec::File, hook: Option<&Context>) {
        let mut variables = hook.unwrap_or(&self.cx).variables.clone();
        variables.retain(|(name, _)| name != CURRENT_FILE);
        variables.push((CURRENT_FILE.to_owned(), file.path.clone()));
        variables.retain(|(name, _)| name != "version");
        variables.push(("version".to_owned(), crate::format::TMUX_VERSION.to_owned()));
        let inner = hook.map(|cx| {
            let mut inner = cx.clone();
            inner.depth += 1;
            inner.current = file.current.unwrap_or(inner.current);
            inner.variables.clone_from(&variables);
            Box::new(inner)
        });
        let place = Place {
            file: Some(file.path),
            current: file.current,
            variables,
        };
        self.groups.push_front(Group {
            leave: true,
            ..Group::default()
        });
        for (number, calls) in file.lines.into_iter().rev() {
            self.groups.push_front(Group {
                calls: calls.into(),
                hook: inner.clone(),
                number,
                ..Group::default()
            });
        }
        self.groups.push_front(Group {
            enter: Some(Box::new(place)),
            ..Group::default()
        });
    }

    /// Takes in what the command that ran wants to be run next, and printed.
    fn take_inserted(&mut self) {
        let hook = match self.groups.front() {
            Some(Group { hook: Some(cx), .. }) => Some(cx.clone()),
            _ => None,
        };
        let own = self.context();
        let inserted = std::mem::take(&mut own.insert);
        let files = std::mem::take(&mut own.files);
        let output = hook.is_some().then(|| std::mem::take(&mut own.output));
        let hook = hook.map(|mut cx| {
            cx.insert.clear();
            cx.output.clear();
            cx
        });
        for file in files.into_iter().rev() {
            self.insert_file(file, hook.as_deref());
        }
        let number = self.at.1;
        for calls in inserted.into_iter().rev() {
            self.groups.push_front(Group {
                calls: calls.into(),
                hook: hook.clone(),
                number,
                ..Group::default()
            });
        }
        self.cx.output.extend(output.unwrap_or_default());
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Waiting {
    Answer(Token),
    Until(Duration),
}

/// All lines under way, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Queue {
    lines: Vec<Line>,
    answers: Vec<(Token, Answer)>,
    /// The last number of a command.
    number: u64,
}

impl Queue {
    /// When the first delay is over.
    pub(super) fn deadline(&self) -> Option<Duration> {
        let until = |line: &Line| match line.waiting.as_ref()?.0 {
            Waiting::Until(until) => Some(until),
            Waiting::Answer(_) => None,
        };
        self.lines.iter().filter_map(until).min()
    }

    /// The right of the line that waits for a token.
    pub(super) fn authority_of(&self, token: Token) -> Option<Authority> {
        let waits = |line: &&Line| {
            let waiting = line.waiting.as_ref();
            waiting.is_some_and(|(waiting, _)| *waiting == Waiting::Answer(token))
        };
        self.lines.iter().find(waits).map(|line| line.cx.authority)
    }

    /// Whether a client's own line is still under way.
    pub(super) fn holds_up(&self, client: ClientId) -> bool {
        self.lines
            .iter()
            .any(|line| line.source == Source::Attached(client))
    }

    /// Whether lines of the configuration are still under way.
    pub(super) fn configures(&self) -> bool {
        self.lines
            .iter()
            .any(|line| matches!(line.source, Source::Config(_)))
    }

    /// Forgets the lines of a client that is gone; the tokens that they waited
    /// for.
    pub(super) fn forget(&mut self, client: ClientId) -> Vec<Token> {
        let gone = |line: &mut Line| match line.source {
            Source::CommandLine(own) | Source::Attached(own) | Source::Control(own) => {
                own == client
            }
            Source::Config(_) | Source::Hook(_) | Source::Aside(_) => false,
        };
        let waited = self.lines.extract_if(.., gone).filter_map(|line| {
            let (waiting, _) = line.waiting?;
            match waiting {
                Waiting::Answer(token) => Some(token),
                Waiting::Until(_) => None,
            }
        });
        waited.collect()
    }

    /// A number for the next command.
    pub(super) fn mint(&mut self) -> u64 {
        self.number += 1;
        self.number
    }

    /// Whether a line of a control client is under way.
    pub(super) fn is_busy(&self, client: ClientId) -> bool {
        let own = [Source::CommandLine(client), Source::Control(client)];
        self.lines.iter().any(|line| own.contains(&line.source))
    }

    /// Whether one of its blocks is open.
    pub(super) fn in_block(&self, client: ClientId) -> bool {
        let mut lines = self.lines.iter();
        lines.any(|line| line.block.is_some() && line.cx.client == Some(client))
    }

    /// Whether a command waits for the process that it starts.
    pub(super) fn starts_something(&self) -> bool {
        self.lines.iter().any(|line| match &line.waiting {
            Some((Waiting::Answer(_), call)) => !waits_outside(call),
            _ => false,
        })
    }

    /// Notes an answer; the line that waits for it goes on in this turn.
    pub(super) fn answer(&mut self, token: Token, answer: Answer) {
        self.answers.push((token, answer));
    }
}

/// Commands that tmux lets run on after their block has ended: what they say
/// then stands outside.
fn waits_outside(command: &Command) -> bool {
    matches!(
        command,
        Command::RunShell(_)
            | Command::IfShell(_)
            | Command::WaitFor(_)
            | Command::LoadBuffer(_)
            | Command::SaveBuffer(_)
            | Command::CommandPrompt(_)
            | Command::ConfirmBefore(_)
            | Command::DisplayPanes(_)
            | Command::DebugWait(_)
    )
}

impl Engine {
    /// A client's command line. A guest may have to wait with it, and the client
    /// that started the server for the configuration.
    pub(super) fn client_command(&mut self, client: ClientId, argv: &[String]) {
        // Who was sent away asks for nothing more.
        if self.mux.clients.get(&client).is_none_or(|c| c.dismissed) {
            return;
        }
        if self.holds_first(client, argv) {
            return;
        }
        if !self.greet_guest(client, argv) {
            self.run_command_line(client, argv);
        }
    }

    /// Runs a client's command line under its grant.
    pub(super) fn run_command_line(&mut self, client: ClientId, argv: &[String]) {
        let Some(owner) = self.mux.clients.get(&client) else {
            return;
        };
        let authority = Authority::of(owner);
        let source = Source::CommandLine(client);
        if argv.is_empty() {
            return self.run_default(source, client, authority);
        }
        let parsed: Result<Vec<_>, _> = command::split_argv(argv)
            .iter()
            .map(|words| exec::parse_words(&self.mux, words))
            .collect();
        match parsed {
            Ok(commands) => {
                let cx = Context::for_client(&self.mux, client, authority);
                let group = commands.into_iter().flatten().collect();
                self.enqueue(source, vec![group], cx);
            }
            Err(message) => {
                self.complain(&source, &message);
                self.mux.dismiss(client, 1, None);
            }
        }
    }

    /// A command line as text, for an attached client (key, prompt, menu).
    pub(super) fn run_text(&mut self, client: ClientId, text: &str, mut cx: Context) {
        let source = Source::Attached(client);
        match exec::parse_groups(&self.mux, text) {
            Ok(groups) => {
                cx.client = Some(client);
                self.enqueue(source, groups, cx);
            }
            Err(message) => self.complain(&source, &message),
        }
    }

    pub(super) fn enqueue(&mut self, source: Source, groups: Vec<Vec<Call>>, cx: Context) {
        let mut line = Line {
            source,
            groups: groups
                .into_iter()
                .map(|calls| Group {
                    calls: calls.into(),
                    number: 1,
                    ..Group::default()
                })
                .collect(),
            at: (None, 1),
            around: Vec::new(),
            cx,
            waiting: None,
            status: 0,
            ran: 0,
            block: None,
        };
        line.take_inserted();
        self.queue.lines.push(line);
    }

    /// Runs every line as far as it goes, and held-back input after it. Whether
    /// anything ran.
    pub(super) fn run_queues(&mut self) -> bool {
        let mut ran = false;
        let mut presses = 0;
        loop {
            let mut moved = self.run_hooks() | self.run_lines() | self.next_lines();
            moved |= self.press_waiting(&mut presses);
            let held = |(id, own): (&ClientId, &Attached)| (!own.held.is_empty()).then_some(*id);
            let holding: Vec<ClientId> = self.attached.iter().filter_map(held).collect();
            for client in holding {
                moved |= self.drain_input(client);
            }
            moved |= self.configured();
            if !moved {
                break;
            }
            ran = true;
        }
        // An answer that nobody waits for any more is of no use later.
        self.queue.answers.clear();
        ran
    }

    /// Presses the keys that commands had clients press. A key whose binding presses
    /// it again ends with the turn.
    fn press_waiting(&mut self, presses: &mut usize) -> bool {
        let keys = self.mux.take_pressed();
        let any = !keys.is_empty();
        for (client, key) in keys {
            *presses += 1;
            if *presses <= MOST_PRESSES && self.mux.clients.contains_key(&client) {
                self.key(client, key, Keystroke::default());
            }
        }
        any
    }

    fn run_lines(&mut self) -> bool {
        let mut moved = false;
        let mut at = 0;
        while at < self.queue.lines.len() {
            let source = &self.queue.lines[at].source;
            let first = self.queue.lines[..at]
                .iter()
                .all(|line| !line.source.waits_for(source));
            if !first {
                at += 1;
                continue;
            }
            let mut line = self.queue.lines.remove(at);
            let (done, progressed) = self.run_line(&mut line);
            moved |= progressed;
            if done {
                self.finish_line(line);
                moved = true;
            } else {
                self.queue.lines.insert(at, line);
                at += 1;
            }
        }
        moved
    }

    /// Runs one line until it ends or waits; says whether it is done, and
    /// whether anything happened.
    fn run_line(&mut self, line: &mut Line) -> (bool, bool) {
        let mut progressed = false;
        loop {
            let fired = self.mux.fired.len();
            let (outcome, call) = match line.waiting.take() {
                Some((waiting, call)) => {
                    let Some(answer) = self.take_answer(waiting) else {
                        line.waiting = Some((waiting, call));
                        return (false, progressed);
                    };
                    let token = match waiting {
                        Waiting::Answer(token) => token,
                        Waiting::Until(_) => Token(u32::MAX),
                    };
                    let cx = line.context();
                    let outcome = exec::resume(&mut self.mux, cx, &call, token, answer);
                    (outcome, call)
                }
                None => {
                    let Some(call) = line.next() else {
                        return (true, progressed);
                    };
                    line.ran += 1;
                    line.context().refresh(&self.mux);
                    self.open_block(line);
                    self.log_call(line, &call);
                    let cx = line.context();
                    (exec::run(&mut self.mux, cx, &call), call)
                }
            };
            progressed = true;
            // What the next command on the line sees has its size already.
            self.mux.settle_sizes();
            let starting = matches!(outcome, Outcome::Wait(_)) && !waits_outside(&call);
            if !starting {
                self.mux.note_changes();
            }
            let hook = line.in_hook();
            if matches!(line.source, Source::Hook(_)) {
                // What hooks do fires nothing.
                self.mux.fired.truncate(fired);
            }
            line.take_inserted();
            self.flush_output(line);
            self.flush_warnings(line);
            let failed = matches!(outcome, Outcome::Fail(_));
            if !failed && !hook {
                self.after_command(line, &outcome, &call);
            }
            self.asked_hooks(line);
            self.take_aside(line);
            self.take_outcome(line, outcome, call, hook);
        }
    }

    fn take_outcome(&mut self, line: &mut Line, outcome: Outcome, call: Call, hook: bool) {
        match outcome {
            Outcome::Done => self.close_block(line, false),
            Outcome::Status(status) => {
                line.status = status;
                self.close_block(line, false);
            }
            Outcome::Wait(token) => {
                if waits_outside(&call) {
                    self.close_block(line, false);
                }
                line.waiting = Some((Waiting::Answer(token), call));
            }
            Outcome::Sleep(time) => {
                self.close_block(line, false);
                let until = self.now().mono + time;
                line.waiting = Some((Waiting::Until(until), call));
            }
            Outcome::Fail(message) => {
                line.status = 1;
                line.drop_group();
                self.complain_of(line, &message);
                self.close_block(line, true);
                if !hook {
                    self.command_failed(line, &call);
                }
            }
        }
        if line.ran > MAX_COMMANDS {
            line.groups.clear();
            self.complain(&line.source, "too many commands");
        }
    }

    /// Begins the block of a control client's command; what is no line of its
    /// own input has other flags.
    fn open_block(&mut self, line: &mut Line) {
        let number = self.queue.mint();
        let hook = line.in_hook();
        let (client, flags) = match line.source {
            Source::Control(client) if hook => {
                // What its command has changed is told before.
                self.notify_controls();
                (client, 0)
            }
            Source::Control(client) => (client, 1),
            Source::CommandLine(client) | Source::Attached(client) => (client, 0),
            // What runs aside is itself no block, but what it leads to is.
            Source::Aside(None) if line.ran > 1 => match line.client() {
                Some(client) => (client, 0),
                None => return,
            },
            Source::Config(_) | Source::Hook(_) | Source::Aside(_) => return,
        };
        let time = self.now().unix();
        if let Some(control) = self.mux.control_mut(client) {
            control.begin(time, number, flags);
            line.block = Some((time, number, flags));
        }
    }

    fn close_block(&mut self, line: &mut Line, failed: bool) {
        let Some((time, number, flags)) = line.block.take() else {
            return;
        };
        let client = line.client().and_then(|id| self.mux.clients.get_mut(&id));
        // Also for one that leaves: its last block is whole.
        if let Some(control) = client.and_then(|client| client.control.as_deref_mut()) {
            control.failed |= failed;
            control.end(time, number, flags, failed);
        }
    }

    /// Logs a command, as tmux does of all but those of its configuration.
    fn log_call(&mut self, line: &Line, call: &Call) {
        let client = match line.source {
            Source::CommandLine(client) | Source::Attached(client) | Source::Control(client) => {
                Some(client)
            }
            Source::Hook(_) => None,
            Source::Config(_) | Source::Aside(_) => return,
        };
        self.mux.log_command(client, line.cx.key, &call.text());
    }

    fn take_answer(&mut self, waiting: Waiting) -> Option<Answer> {
        match waiting {
            Waiting::Until(until) => (self.now().mono >= until).then_some(Answer::Woken),
            Waiting::Answer(token) => {
                if self.mux.take_woken(token) {
                    return Some(Answer::Woken);
                }
                if let Some(status) = self.mux.take_ended(token) {
                    return Some(Answer::Job(status, Vec::new()));
                }
                let at = self
                    .queue
                    .answers
                    .iter()
                    .position(|(own, _)| *own == token)?;
                Some(self.queue.answers.remove(at).1)
            }
        }
    }

    fn finish_line(&mut self, line: Line) {
        match line.source {
            Source::CommandLine(client) => {
                let dismissed = self.mux.clients.get(&client).is_none_or(|c| c.dismissed);
                if self.is_attached(client) {
                    self.show_output(client, &line.cx);
                } else if !dismissed {
                    self.mux.dismiss(client, line.status, None);
                }
            }
            Source::Attached(client) => self.show_output(client, &line.cx),
            Source::Aside(Some(pane)) => self.show_in_pane(pane, &line.cx.output),
            Source::Aside(None) => {
                let client = line.client().and_then(|id| self.mux.clients.get(&id));
                let own = |client: &&crate::mux::Client| {
                    client.session.is_some() && client.guest_of().is_none()
                };
                if let Some(client) = client.filter(own).map(|client| client.id) {
                    self.show_output(client, &line.cx);
                }
            }
            Source::Control(_) | Source::Config(_) | Source::Hook(_) => {}
        }
    }

    /// Starts what a command wants run beside its line, and shows what it wants
    /// shown in panes.
    fn take_aside(&mut self, line: &mut Line) {
        let cx = line.context();
        let aside = std::mem::take(&mut cx.aside);
        let shown = std::mem::take(&mut cx.shown);
        for (pane, calls) in aside {
            let cx = line.context();
            let mut own = cx.clone();
            own.output.clear();
            own.insert.clear();
            self.enqueue(Source::Aside(pane), vec![calls], own);
        }
        for (pane, output) in shown {
            self.show_in_pane(pane, &output);
        }
    }
}
