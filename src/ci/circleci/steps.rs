//! The steps of a job as phases: commands put in place of their calls, conditional
//! steps decided, `run` as a command with its shell, and what only CircleCI can do
//! as named placeholders.

use super::super::asks::seconds;
use super::super::model::{Ask, OnFailure, Phase, PhaseKind, Step, When};
use super::super::notes::first_line;
use super::super::outline;
use super::super::yaml::{CiError, Node, Place, Value};
use super::machine::{argv, last_wins};
use super::params::{Call, bind};
use super::space::{Element, Orb, Space};
use super::template::{Scope, is_open};
use super::{Loader, MAX_STEPS};

/// The deepest nesting of commands and conditions.
const MAX_DEPTH: usize = 48;

/// What a step stands in.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) space: &'a Space<'a>,
    /// The command, orb or hook it comes from.
    pub(super) group: Option<&'a str>,
    /// What only CircleCI can decide about it.
    pub(super) condition: Option<&'a str>,
    /// The commands being expanded, innermost first.
    pub(super) chain: Option<&'a Chain<'a>>,
    pub(super) depth: usize,
}

impl<'a> At<'a> {
    /// The top of a job.
    pub(super) fn top(space: &'a Space<'a>) -> Self {
        Self {
            space,
            group: None,
            condition: None,
            chain: None,
            depth: 0,
        }
    }
}

/// A command being expanded, and who called it.
pub(super) struct Chain<'a> {
    name: &'a str,
    outer: Option<&'a Self>,
}

impl Chain<'_> {
    fn holds(&self, name: &str) -> bool {
        self.name == name || self.outer.is_some_and(|outer| outer.holds(name))
    }

    /// The calls, outermost first.
    fn path(&self) -> String {
        match self.outer {
            Some(outer) => format!("{} > {}", outer.path(), self.name),
            None => self.name.to_owned(),
        }
    }
}

/// What a job's steps share.
pub(super) struct Shared {
    pub(super) shell: Vec<String>,
    /// The job's directory, as written.
    pub(super) cwd: String,
    /// What its variables ask for, and so each step that sees them.
    pub(super) asks: Vec<Ask>,
}

/// The phases of a job while they are made.
pub(super) struct Walk<'a, 'b> {
    pub(super) loader: &'a mut Loader<'b>,
    pub(super) shared: &'a Shared,
    pub(super) phases: Vec<Phase>,
}

impl<'a, 'b> Walk<'a, 'b> {
    pub(super) fn new(loader: &'a mut Loader<'b>, shared: &'a Shared) -> Self {
        Self {
            loader,
            shared,
            phases: Vec::new(),
        }
    }
}

/// Why a built-in step is a placeholder; none for a name that is no built-in step.
fn builtin(name: &str) -> Option<&'static str> {
    Some(match name {
        "checkout" => "checks out the source, which a debug VM has already",
        "save_cache" | "restore_cache" => "caches are kept by CircleCI alone",
        "store_artifacts" => "artifacts are uploaded to CircleCI",
        "store_test_results" => "test results are uploaded to CircleCI",
        "persist_to_workspace" | "attach_workspace" => "workspaces are kept by CircleCI alone",
        "setup_remote_docker" => "the remote Docker engine is provided by CircleCI",
        "add_ssh_keys" => "the project's SSH keys are kept by CircleCI alone",
        "deploy" => "a deploy step without a command",
        _ => return None,
    })
}

impl Walk<'_, '_> {
    /// A list of expanded steps.
    pub(super) fn list(&mut self, node: &Node, at: At<'_>) -> Result<(), CiError> {
        if at.depth > MAX_DEPTH {
            return Err(self.error(node.place, "steps are nested too deeply"));
        }
        for item in node.items() {
            match &item.value {
                Value::Null => {}
                // A list inside the list, as an alias makes it.
                Value::List(_) => {
                    let depth = at.depth + 1;
                    self.list(item, At { depth, ..at })?;
                }
                Value::Text(name) => self.named(name, None, item.place, at)?,
                Value::Map(entries) => match entries.as_slice() {
                    [(name, body)] => self.named(name, Some(body), item.place, at)?,
                    [] => {}
                    [(first, _), (second, _), ..] => {
                        let message = format!(
                            "a step has one key; `{}` must stand below `{}`, further to the right",
                            crate::base::Label::new(second),
                            crate::base::Label::new(first)
                        );
                        return Err(self.error(item.place, &message));
                    }
                },
            }
        }
        Ok(())
    }

    fn error(&self, place: Place, message: &str) -> CiError {
        self.loader.template.error(place, message)
    }

    fn named(
        &mut self,
        name: &str,
        body: Option<&Node>,
        place: Place,
        at: At<'_>,
    ) -> Result<(), CiError> {
        match (name, body) {
            ("run", body) => return self.run(body, place, at),
            ("when" | "unless", Some(body)) => return self.conditional(body, at),
            ("steps", Some(body)) if body.text().is_some_and(is_open) => {
                let shown = body.text().unwrap_or_default();
                let why = "steps that a call of the job would give";
                return self.placeholder(name, shown, None, why, place, at);
            }
            ("steps", Some(body)) => {
                let depth = at.depth + 1;
                return self.list(body, At { depth, ..at });
            }
            (name, body) if is_open(name) => {
                let why = "a step that a call of the job would name";
                return self.placeholder(name, name, body, why, place, at);
            }
            ("deploy", Some(body)) if command_of(body).is_some() => {
                return self.run(Some(body), place, at).map(|()| {
                    if let Some(phase) = self.phases.last_mut() {
                        phase.kind = PhaseKind::Deploy;
                    }
                });
            }
            _ => {}
        }
        // A command may have the name of a built-in step, and call that.
        let open = builtin(name).is_some() && at.chain.is_some_and(|chain| chain.holds(name));
        if !open && let Some((found, home)) = at.space.find(Element::Command, name) {
            return self.command(name, found, home, body, place, at);
        }
        if let Some(why) = builtin(name) {
            return self.placeholder(name, name, body, why, place, at);
        }
        self.orb(name, body, place, at)
    }

    fn conditional(&mut self, body: &Node, at: At<'_>) -> Result<(), CiError> {
        let Some(steps) = body.get("steps") else {
            return Err(self.error(body.place, "a conditional step needs `steps`"));
        };
        let condition = body.get("condition").and_then(Node::text);
        let depth = at.depth + 1;
        match condition {
            // Decided when the tags were replaced.
            Some("true") => self.list(steps, At { depth, ..at }),
            Some("false") => Ok(()),
            Some(open) => {
                let both = match at.condition {
                    Some(outer) => format!("{outer} and {open}"),
                    None => open.to_owned(),
                };
                let condition = Some(both.as_str());
                self.list(
                    steps,
                    At {
                        condition,
                        depth,
                        ..at
                    },
                )
            }
            None => Err(self.error(body.place, "a conditional step needs a `condition`")),
        }
    }

    fn command(
        &mut self,
        name: &str,
        found: &Node,
        home: &Space<'_>,
        body: Option<&Node>,
        place: Place,
        at: At<'_>,
    ) -> Result<(), CiError> {
        let full = home.full(name);
        if let Some(chain) = at.chain
            && chain.holds(&full)
        {
            let message = format!("the command {full} calls itself: {} > {full}", chain.path());
            return Err(self.error(place, &message));
        }
        let call = Call {
            what: &format!("the command {full}"),
            declared: found.get("parameters"),
            arguments: arguments(body),
            place,
            uncalled: false,
        };
        let template = self.loader.template;
        let bindings = bind(template, self.loader.pipeline, &call)?;
        let scope = Scope {
            parameters: Some(&bindings),
            matrix: None,
            pipeline: self.loader.pipeline,
        };
        let Some(steps) = found.get("steps") else {
            return Err(self.error(found.place, &format!("the command {full} has no `steps`")));
        };
        let steps = template.expand(steps, scope)?;
        let chain = Chain {
            name: &full,
            outer: at.chain,
        };
        self.list(
            &steps,
            At {
                space: home,
                group: Some(&full),
                condition: at.condition,
                chain: Some(&chain),
                depth: at.depth + 1,
            },
        )
    }

    fn orb(
        &mut self,
        name: &str,
        body: Option<&Node>,
        place: Place,
        at: At<'_>,
    ) -> Result<(), CiError> {
        let known = name
            .split_once('/')
            .and_then(|(alias, rest)| Some((rest, at.space.orb(alias)?)));
        let (rest, orb) = known.ok_or_else(|| {
            let name = crate::base::Label::new(name);
            self.error(place, &format!("there is no step or command `{name}`"))
        })?;
        let (reference, why) = match orb {
            Orb::Inline(inline) => {
                let prefix = name.strip_suffix(rest).unwrap_or_default();
                let home = Space::new(inline, Some(at.space), prefix);
                self.loader.template.spend(home.cost(), place)?;
                let Some((found, home)) = home.find(Element::Command, rest) else {
                    let message = format!("the orb has no command `{rest}`");
                    return Err(self.error(place, &message));
                };
                return self.command(rest, found, home, body, place, at);
            }
            Orb::External(reference) => (
                reference,
                "a command of a published orb, which is not fetched",
            ),
            Orb::Empty => ("without content", "a command of an orb without content"),
        };
        let (inner, why) = self.given(arguments(body), why, at);
        let shown = format!("{name} (orb {reference})");
        self.placeholder(name, &shown, body, &why, place, at)?;
        for steps in inner {
            self.list(
                steps,
                At {
                    group: Some(name),
                    depth: at.depth + 1,
                    ..at
                },
            )?;
        }
        Ok(())
    }

    /// The steps among what a command or job of an orb is given, and the reason
    /// for its placeholder, which says where they are.
    pub(super) fn given<'n>(
        &self,
        arguments: &'n [(String, Node)],
        why: &str,
        at: At<'_>,
    ) -> (Vec<&'n Node>, String) {
        let values = arguments.iter().map(|(_, value)| value);
        let inner: Vec<&Node> = values.filter(|value| self.are_steps(value, at)).collect();
        let why = if inner.is_empty() {
            why.to_owned()
        } else {
            format!("{why}; the steps that it is given follow it")
        };
        (inner, why)
    }

    /// Whether an argument is a list of steps: its declaration is not at hand.
    pub(super) fn are_steps(&self, node: &Node, at: At<'_>) -> bool {
        let is_name = |name: &str| {
            matches!(name, "run" | "when" | "unless" | "steps")
                || builtin(name).is_some()
                || at.space.find(Element::Command, name).is_some()
                || name
                    .split_once('/')
                    .is_some_and(|(alias, _)| at.space.orb(alias).is_some())
        };
        let is_step = |item: &Node| match &item.value {
            Value::Text(name) => is_name(name),
            Value::Map(entries) => matches!(entries.as_slice(), [(name, _)] if is_name(name)),
            Value::Null | Value::List(_) => false,
        };
        match &node.value {
            Value::List(items) => !items.is_empty() && items.iter().all(is_step),
            Value::Null | Value::Text(_) | Value::Map(_) => false,
        }
    }

    /// A step that cannot run here, with its own words as its command.
    pub(super) fn placeholder(
        &mut self,
        key: &str,
        shown: &str,
        body: Option<&Node>,
        why: &str,
        place: Place,
        at: At<'_>,
    ) -> Result<(), CiError> {
        let mut step = Step::default();
        let mut ignored = Vec::new();
        let text = body
            .filter(|body| !matches!(body.value, Value::Null))
            .map(|body| outline::entry(key, body))
            .unwrap_or_default();
        step.command = self.loader.template.finish(&text, &mut ignored);
        let own = body.and_then(|body| body.get("name")).and_then(Node::text);
        // An orb's command may have a parameter of that name.
        let own = own.filter(|_| builtin(key).is_some());
        let name = self
            .loader
            .template
            .finish(own.unwrap_or(shown), &mut ignored);
        step.name = Some(name.clone());
        step.placeholder = Some(match (own, builtin(key)) {
            (Some(_), Some(_)) => format!("{key}: {why}"),
            _ => why.to_owned(),
        });
        let kind = match key {
            // These run after a failure too (docs, "The when attribute").
            "store_artifacts" | "store_test_results" => PhaseKind::Always,
            "deploy" => PhaseKind::Deploy,
            _ => when(body).unwrap_or(PhaseKind::Main),
        };
        self.add(name, kind, step, place, at)
    }

    fn run(&mut self, body: Option<&Node>, place: Place, at: At<'_>) -> Result<(), CiError> {
        let Some((body, command)) = body.and_then(|body| Some((body, command_of(body)?))) else {
            return Err(self.error(place, "`run` needs a command"));
        };
        if command.contains('\0') {
            return Err(self.error(place, "a command cannot hold a NUL character"));
        }
        let template = self.loader.template;
        let mut asks = self.shared.asks.clone();
        let mut step = Step {
            command: template.finish(command, &mut asks),
            shell: self.shared.shell.clone(),
            ..Step::default()
        };
        let text = |key: &str| body.get(key).and_then(Node::text);
        if let Some(name) = text("name") {
            step.name = Some(template.finish(name, &mut Vec::new()));
        }
        if let Some(shell) = text("shell") {
            step.shell = argv(&template.finish(shell, &mut Vec::new()));
        }
        if let Some(dir) = text("working_directory") {
            step.cwd = self.directory(&template.finish(dir, &mut asks));
        }
        if let Some(environment) = body.get("environment") {
            self.loader
                .environment(environment, &mut step.env, &mut asks);
            last_wins(&mut step.env);
        }
        step.background = text("background").is_some_and(|t| t.eq_ignore_ascii_case("true"));
        step.asks = asks;
        self.limits(body, &mut step);
        let kind = match text("when") {
            None => PhaseKind::Main,
            Some(_) => when(Some(body)).unwrap_or_else(|| {
                let message = "`when` is on_success, always or on_fail";
                self.loader.warn(body.place, message);
                PhaseKind::Main
            }),
        };
        let name = match step.name.clone().filter(|name| !name.is_empty()) {
            Some(name) => name,
            None => first_line(&step.command),
        };
        let name = if name.is_empty() {
            "run".to_owned()
        } else {
            name
        };
        self.add(name, kind, step, place, at)
    }

    /// Time limits and reruns of a `run`.
    fn limits(&mut self, body: &Node, step: &mut Step) {
        let Value::Map(entries) = &body.value else {
            return;
        };
        for (key, value) in entries {
            let text = value.text().unwrap_or_default();
            match key.as_str() {
                "no_output_timeout" => {
                    step.silence = seconds(text);
                    if step.silence.is_none() {
                        let message =
                            format!("`{}` is no length of time", crate::base::Label::new(text));
                        self.loader.warn(value.place, &message);
                    }
                }
                "max_auto_reruns" => step.retry = text.trim().parse().unwrap_or(0).min(5),
                "auto_rerun_delay" => {
                    let message = "auto_rerun_delay is not kept: a rerun starts at once";
                    self.loader.warn(value.place, message);
                }
                "command" | "name" | "shell" | "environment" | "background"
                | "working_directory" | "when" | "description" => {}
                other => {
                    let other = crate::base::Label::new(other);
                    let message = format!("`run` has no key `{other}`");
                    self.loader.warn(value.place, &message);
                }
            }
        }
    }

    /// A step's directory, relative to the job's where it is inside of it.
    fn directory(&self, dir: &str) -> Option<String> {
        let dir = dir.trim_end_matches('/');
        let inside = dir
            .strip_prefix(self.shared.cwd.trim_end_matches('/'))
            .filter(|_| !self.shared.cwd.is_empty());
        let relative = match inside {
            Some("") => "",
            Some(rest) => rest.strip_prefix('/').unwrap_or(dir),
            None => dir,
        };
        let relative = relative.strip_prefix("./").unwrap_or(relative);
        (!relative.is_empty() && relative != ".").then(|| relative.to_owned())
    }

    fn add(
        &mut self,
        name: String,
        kind: PhaseKind,
        mut step: Step,
        place: Place,
        at: At<'_>,
    ) -> Result<(), CiError> {
        self.loader.steps += 1;
        if self.loader.steps > MAX_STEPS {
            let message = format!("the file has more than {MAX_STEPS} steps");
            return Err(self.error(place, &message));
        }
        let shell: usize = step.shell.iter().map(String::len).sum();
        let texts = [at.group, at.condition].into_iter().flatten();
        let held = name.len() + step.command.len() + shell + texts.map(str::len).sum::<usize>();
        self.loader.template.spend(256 + held, place)?;
        step.on_failure = OnFailure::StopFailed;
        step.when = match (at.condition, kind) {
            (Some(condition), _) => When::Expression(condition.to_owned()),
            (None, PhaseKind::Always) => When::Always,
            (None, PhaseKind::OnFailure) => When::Failure,
            (None, PhaseKind::Main | PhaseKind::OnSuccess | PhaseKind::Deploy) => When::Success,
        };
        self.phases.push(Phase {
            kind,
            group: at.group.map(str::to_owned),
            ..Phase::stepwise(&name, vec![step])
        });
        Ok(())
    }
}

/// The arguments of a call.
pub(super) fn arguments(body: Option<&Node>) -> &[(String, Node)] {
    match body.map(|body| &body.value) {
        Some(Value::Map(entries)) => entries,
        _ => &[],
    }
}

/// The command of a `run`, which a parameter may make empty.
fn command_of(body: &Node) -> Option<&str> {
    body.text().or_else(|| body.get("command")?.text())
}

fn when(body: Option<&Node>) -> Option<PhaseKind> {
    match body?.get("when")?.text()? {
        "always" => Some(PhaseKind::Always),
        "on_fail" => Some(PhaseKind::OnFailure),
        "on_success" => Some(PhaseKind::Main),
        _ => None,
    }
}

/// A phase that only says what a job is on CircleCI.
pub(super) fn lone(name: &str, why: &str, command: String) -> Phase {
    let step = Step {
        name: Some(name.to_owned()),
        command,
        placeholder: Some(why.to_owned()),
        ..Step::default()
    };
    Phase::stepwise(name, vec![step])
}
