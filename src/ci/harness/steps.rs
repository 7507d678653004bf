//! The steps of a stage as phases: Run steps with Harness's own argv, groups, loops,
//! and everything that Harness itself does as named placeholders. Steps which run side
//! by side there come one after another here.

use super::super::functions::quote;
use super::super::model::{Ask, EnvVar, Phase, PhaseKind, Step, When};
use super::super::notes::first_line;
use super::super::outline;
use super::super::travis_env::is_name;
use super::super::yaml::{CiError, Node, Place, Value};
use super::expression::{self, Level, Link, Scope};
use super::rules::{self, Condition, MAX_TURNS};
use super::{Loader, MAX_STEPS, phase, reference, text_of};

/// The deepest nesting of groups.
const MAX_DEPTH: usize = 32;

/// The keys that are a step's kind, in the short form.
const SHORT: [&str; 14] = [
    "run",
    "run-test",
    "test",
    "background",
    "plugin",
    "action",
    "template",
    "approval",
    "barrier",
    "queue",
    "clone",
    "bitrise",
    "jenkins",
    "wait",
];

/// What a step stands in.
#[derive(Clone, Copy)]
struct At<'a> {
    scope: Scope<'a>,
    group: Option<&'a str>,
    /// Failure strategies, innermost first.
    failures: &'a [&'a Node],
    condition: &'a Condition,
    depth: usize,
}

struct Walk<'a, 'b> {
    loader: &'a mut Loader<'b>,
    phases: Vec<Phase>,
}

/// A step by its two forms: `type` and `spec`, or its kind as a key.
struct Shape<'a> {
    kind: &'a str,
    spec: &'a Node,
}

impl Loader<'_> {
    /// The phases of a stage's steps.
    pub(super) fn steps(
        &mut self,
        list: &Node,
        scope: Scope<'_>,
        failures: &[&Node],
    ) -> Result<Vec<Phase>, CiError> {
        let mut walk = Walk {
            loader: self,
            phases: Vec::new(),
        };
        walk.list(
            list,
            At {
                scope,
                group: None,
                failures,
                condition: &Condition::default(),
                depth: 0,
            },
        )?;
        Ok(walk.phases)
    }

    /// The phases of steps without a stage.
    pub(super) fn steps_alone(
        &mut self,
        list: &Node,
        scope: Scope<'_>,
    ) -> Result<Vec<Phase>, CiError> {
        self.steps(list, scope, &[])
    }

    /// The variables of a map; values are literals of the shell.
    pub(super) fn variables(
        &mut self,
        node: &Node,
        scope: Scope<'_>,
        env: &mut Vec<EnvVar>,
        asks: &mut Vec<Ask>,
    ) {
        let Value::Map(entries) = &node.value else {
            return;
        };
        let mut given = Vec::with_capacity(entries.len());
        for (name, value) in entries {
            if !is_name(name) {
                let name = crate::base::Label::new(name);
                let message = format!("`{name}` is no name of a variable and is left out");
                self.warn(value.place, &message);
                continue;
            }
            let text = match &value.value {
                Value::Null => String::new(),
                Value::Text(text) => self.resolver.text(text, scope),
                Value::List(_) | Value::Map(_) => outline::line(value),
            };
            // An input of the run. It is told whose it is: several in a step are
            // written alike, and are not the same.
            let text = if text.trim_start().starts_with("<+input>") {
                match expression::given(&text) {
                    Some(value) => value.to_owned(),
                    None => {
                        let expression = format!("<+input:{name}>");
                        asks.push(Ask {
                            expression: expression.clone(),
                            variable: name.clone(),
                            secret: false,
                        });
                        expression
                    }
                }
            } else {
                expression::note(&text, asks);
                text
            };
            given.push(EnvVar {
                name: name.clone(),
                value: quote(&text),
                secure: false,
            });
        }
        let names: std::collections::BTreeSet<&str> =
            given.iter().map(|var| var.name.as_str()).collect();
        env.retain(|var| !names.contains(var.name.as_str()));
        env.extend(given);
    }
}

impl Walk<'_, '_> {
    fn list(&mut self, list: &Node, at: At<'_>) -> Result<(), CiError> {
        if at.depth > MAX_DEPTH {
            return Err(self.loader.error(list.place, "steps are nested too deeply"));
        }
        for item in list.items() {
            self.item(item, at)?;
        }
        Ok(())
    }

    fn item(&mut self, item: &Node, at: At<'_>) -> Result<(), CiError> {
        let deeper = At {
            depth: at.depth + 1,
            ..at
        };
        match &item.value {
            Value::Null => return Ok(()),
            Value::List(_) => return self.list(item, deeper),
            Value::Text(_) => return self.step(item, at),
            Value::Map(_) => {}
        }
        if let Some(step) = item.get("step") {
            return self.step(step, at);
        }
        if let Some(group) = item.get("stepGroup") {
            return self.group(group, group, deeper);
        }
        let kind = text_of(item, &["type"]).unwrap_or_default();
        let spec = item.get("spec").unwrap_or(item);
        if let Some(parallel) = item.get("parallel") {
            return self.parallel(item, parallel, deeper);
        }
        if kind == "parallel" {
            return self.parallel(item, spec, deeper);
        }
        if let Some(group) = item.get("group") {
            return self.group(item, group, deeper);
        }
        if kind == "group" {
            return self.group(item, spec, deeper);
        }
        self.step(item, at)
    }

    fn parallel(&mut self, item: &Node, parallel: &Node, at: At<'_>) -> Result<(), CiError> {
        let message = "steps that run side by side on Harness come one after another here";
        self.loader.warn(item.place, message);
        match parallel.get("steps") {
            // The second form: it may have a name, loops and conditions of its own.
            Some(_) if text_of(item, &["name"]).is_some() => self.group(item, parallel, at),
            Some(steps) => self.list(steps, at),
            None => self.list(parallel, at),
        }
    }

    /// A group: `head` has its name and rules, `body` its steps.
    fn group(&mut self, head: &Node, body: &Node, at: At<'_>) -> Result<(), CiError> {
        let own: Vec<&Node> = strategies(head).into_iter().collect();
        let failures = [own.as_slice(), at.failures].concat();
        let condition = joined(&rules::when(condition_of(head)), at.condition);
        let name = text_of(head, &["name", "identifier", "id"]).unwrap_or("group");
        self.turns(head, Level::Group, at.scope, &mut |walk, scope, suffix| {
            let name = format!("{}{suffix}", walk.loader.resolver.text(name, scope));
            let at = At {
                scope,
                group: Some(&name),
                failures: &failures,
                condition: &condition,
                depth: at.depth + 1,
            };
            if let Some(template) = head.get("template") {
                let shown = format!("{name} (step group template {})", reference(template));
                let step = Step {
                    command: outline::entry("template", template),
                    ..Step::default()
                };
                let why = "a template of a step group, which is not fetched";
                return walk.placeholder(head, &shown, why, step, at);
            }
            match body.get("steps") {
                Some(steps) => walk.list(steps, at),
                None => {
                    let message = format!("the group {name} has no steps");
                    walk.loader.warn(head.place, &message);
                    Ok(())
                }
            }
        })
    }

    /// Does something for each turn of an element's loop, or once.
    fn turns(
        &mut self,
        node: &Node,
        level: Level,
        scope: Scope<'_>,
        each: &mut dyn FnMut(&mut Self, Scope<'_>, &str) -> Result<(), CiError>,
    ) -> Result<(), CiError> {
        let Some((turns, cut)) = rules::turns(node.get("strategy"), level) else {
            return each(self, scope, "");
        };
        if cut {
            let message = format!("a loop of more than {MAX_TURNS} turns is cut");
            self.loader.warn(node.place, &message);
        }
        for turn in &turns {
            // A loop over nothing costs too.
            self.loader.spend(256, node.place)?;
            let link = Link {
                turn,
                outer: scope.turn,
            };
            let scope = Scope {
                turn: Some(&link),
                ..scope
            };
            each(self, scope, &turn.suffix)?;
        }
        Ok(())
    }

    fn step(&mut self, node: &Node, at: At<'_>) -> Result<(), CiError> {
        let scope = Scope {
            step: Some(node),
            ..at.scope
        };
        self.turns(node, Level::Step, scope, &mut |walk, scope, suffix| {
            walk.once(node, suffix, At { scope, ..at })
        })
    }

    fn once(&mut self, node: &Node, suffix: &str, at: At<'_>) -> Result<(), CiError> {
        let own = text_of(node, &["name", "identifier", "id"]).map(|name| {
            format!(
                "{}{suffix}",
                self.loader.resolver.text(name.trim(), at.scope)
            )
        });
        let Shape { kind, spec } = shape(node);
        if let Some(template) = node.get("template") {
            let name = own.unwrap_or_else(|| "step".to_owned());
            let shown = format!("{name} (step template {})", reference(template));
            let step = Step {
                command: outline::entry("template", template),
                ..Step::default()
            };
            let why = "a template of a step, which is not fetched";
            return self.placeholder(node, &shown, why, step, at);
        }
        let mut step = self.described(node, spec, at.scope);
        step.id = text_of(node, &["identifier", "id"]).map(str::to_owned);
        let runs = matches!(
            kind.to_ascii_lowercase().as_str(),
            "run" | "script" | "test" | "run-test"
        );
        if runs && !step.command.trim().is_empty() {
            if step.command.contains('\0') {
                let message = "a command cannot hold a NUL character";
                return Err(self.loader.error(spec.place, message));
            }
            let name = own
                .clone()
                .unwrap_or_else(|| format!("{}{suffix}", first_line(&step.command)));
            step.name = own;
            self.unkept(node, spec, &name);
            return self.add(node, &name, step, at);
        }
        let what = text_of(spec, &["image", "uses"]).unwrap_or_default();
        let what = self.loader.resolver.text(what, at.scope);
        let name = own.unwrap_or_else(|| format!("step{suffix}"));
        let what = what.as_str();
        let what = if what.contains("<+") { "" } else { what };
        let label = format!("{kind} {what}");
        let shown = format!("{name} ({})", label.trim_end());
        let why = match (runs, kind.to_ascii_lowercase().as_str()) {
            (true, _) => "a step to run that has no command".to_owned(),
            (_, "background") => {
                step.background = true;
                "a service in a container of its own".to_owned()
            }
            (_, "plugin") => "a plugin: a container image that does the work itself".to_owned(),
            (_, "action" | "bitrise") => "somebody else's action, which is not fetched".to_owned(),
            (_, "shellscript") => "runs on a delegate of Harness or on another host".to_owned(),
            _ => format!("a step of type {kind}, which Harness carries out"),
        };
        self.placeholder(node, &shown, &why, step, at)
    }

    /// What a step's own keys say of it.
    fn described(&mut self, node: &Node, spec: &Node, scope: Scope<'_>) -> Step {
        let resolver = &self.loader.resolver;
        let command = command(spec).map(|text| resolver.text(&text, scope));
        let container = spec.get("container");
        let image = text_of(spec, &["image"])
            .or_else(|| {
                container.and_then(|node| node.text().or_else(|| text_of(node, &["image"])))
            })
            .map(|text| resolver.text(text, scope));
        let mut step = Step {
            command: command.unwrap_or_default(),
            shell: shell(text_of(spec, &["shell"]).unwrap_or("sh")),
            image,
            timeout: rules::timeout(node.get("timeout")),
            ..Step::default()
        };
        let mut asks = Vec::new();
        expression::note(&step.command, &mut asks);
        for key in ["envVariables", "envs", "env"] {
            let held = spec.get(key).or_else(|| node.get(key));
            if let Some(variables) = held {
                let mut env = std::mem::take(&mut step.env);
                self.loader.variables(variables, scope, &mut env, &mut asks);
                step.env = env;
            }
        }
        step.asks = asks;
        step
    }

    /// What a step to run has that has no form in the model.
    fn unkept(&mut self, node: &Node, spec: &Node, name: &str) {
        let name = crate::base::Label::new(name);
        for (key, what) in [
            ("reports", "are not collected"),
            ("outputVariables", "do not reach later steps"),
        ] {
            let held = spec.get(key).or_else(|| node.get(key));
            if let Some(held) = held.filter(|held| !matches!(held.value, Value::Null)) {
                let message = format!("the {key} of {name} {what}");
                self.loader.warn(held.place, &message);
            }
        }
    }

    fn placeholder(
        &mut self,
        node: &Node,
        shown: &str,
        why: &str,
        mut step: Step,
        at: At<'_>,
    ) -> Result<(), CiError> {
        step.name = Some(shown.to_owned());
        step.placeholder = Some(why.to_owned());
        if step.command.is_empty() {
            step.shell = Vec::new();
        }
        self.add(node, shown, step, at)
    }

    /// A phase of one step, with the rules of its surroundings.
    fn add(&mut self, node: &Node, name: &str, mut step: Step, at: At<'_>) -> Result<(), CiError> {
        self.count(node.place, name, &step, at)?;
        let lists: Vec<&Node> = strategies(node)
            .into_iter()
            .chain(at.failures.iter().copied())
            .collect();
        let (failure, others) = rules::failure(&lists);
        if others {
            let message = "failure strategies for errors other than a failed command are not kept";
            self.loader.warn(node.place, message);
        }
        let failure = failure.unwrap_or_default();
        step.on_failure = failure.on_failure;
        step.retry = failure.retry;
        let condition = joined(&rules::when(condition_of(node)), at.condition);
        let kind = condition.kind.unwrap_or(PhaseKind::Main);
        let mut skipped = false;
        step.when = match kind {
            PhaseKind::Always => When::Always,
            PhaseKind::OnFailure => When::Failure,
            PhaseKind::Main | PhaseKind::OnSuccess | PhaseKind::Deploy => When::Success,
        };
        let mut open = condition
            .expression
            .map(|text| self.loader.resolver.text(&text, at.scope));
        match open.as_deref().and_then(rules::decided) {
            Some(true) => open = None,
            Some(false) => skipped = true,
            None => {}
        }
        if let Some(skip) = text_of(node, &["skipCondition"]) {
            let skip = format!("!({})", self.loader.resolver.text(skip, at.scope));
            open = Some(match open {
                Some(text) => format!("{text} && {skip}"),
                None => skip,
            });
        }
        if let Some(text) = open {
            step.when = When::Expression(text);
        }
        let mut phase = phase(name, kind, at.group, step);
        phase.skipped = skipped;
        self.phases.push(phase);
        Ok(())
    }

    fn count(&mut self, place: Place, name: &str, step: &Step, at: At<'_>) -> Result<(), CiError> {
        self.loader.steps += 1;
        if self.loader.steps > MAX_STEPS {
            let message = format!("the file has more than {MAX_STEPS} steps");
            return Err(self.loader.error(place, &message));
        }
        let env = step.env.iter().map(|var| var.name.len() + var.value.len());
        let condition = at.condition.expression.as_ref().map_or(0, String::len);
        let group = at.group.map_or(0, str::len);
        let held = step.command.len() + env.sum::<usize>() + name.len() + condition + group;
        self.loader.spend(512 + held, place)
    }
}

/// The kind of a step and where its settings are.
fn shape(node: &Node) -> Shape<'_> {
    if matches!(node.value, Value::Text(_)) {
        return Shape {
            kind: "Run",
            spec: node,
        };
    }
    if let Some(kind) = text_of(node, &["type"]) {
        return Shape {
            kind,
            spec: node.get("spec").unwrap_or(node),
        };
    }
    for kind in SHORT {
        if let Some(spec) = node.get(kind) {
            return Shape { kind, spec };
        }
    }
    let spec = node.get("spec").unwrap_or(node);
    let held = ["command", "run", "script"];
    let runs = held.iter().any(|key| spec.get(key).is_some());
    Shape {
        kind: if runs { "Run" } else { "unknown" },
        spec,
    }
}

/// The command of a step's settings; lists are lines.
fn command(spec: &Node) -> Option<String> {
    let found = match &spec.value {
        Value::Text(text) => return Some(text.clone()),
        Value::List(_) => spec,
        Value::Null => return None,
        Value::Map(_) if spec.get("buildTool").is_some() => return Some(tests(spec)),
        Value::Map(_) => ["command", "run", "script"]
            .iter()
            .find_map(|key| spec.get(key))
            .or_else(|| spec.get("source")?.get("spec")?.get("script"))?,
    };
    match &found.value {
        Value::Text(text) => Some(text.clone()),
        Value::List(items) => {
            let lines: Vec<&str> = items.iter().filter_map(Node::text).collect();
            Some(lines.join("\n"))
        }
        Value::Null => None,
        Value::Map(_) => found
            .get("script")
            .or_else(|| found.get("command"))?
            .text()
            .map(str::to_owned),
    }
}

/// What a `RunTests` step would run, as far as its settings say.
fn tests(spec: &Node) -> String {
    let tool = [text_of(spec, &["buildTool"]), text_of(spec, &["args"])];
    let tool: Vec<&str> = tool.into_iter().flatten().collect();
    let lines = [
        text_of(spec, &["preCommand"]).map(str::to_owned),
        Some(tool.join(" ")),
        text_of(spec, &["postCommand"]).map(str::to_owned),
    ];
    lines.into_iter().flatten().collect::<Vec<_>>().join("\n")
}

/// The argv of a shell by Harness's name for it. Harness puts `set -e; ` before the
/// command for sh and bash, which is `-e` here, and `$ErrorActionPreference = 'Stop'`
/// for PowerShell, which is said before the script's file is read.
fn shell(name: &str) -> Vec<String> {
    let stop = "$ErrorActionPreference = 'Stop'; . '{0}'";
    let words: &[&str] = match name.to_ascii_lowercase().as_str() {
        "bash" => &["bash", "-e", "-c"],
        "powershell" => &["powershell", "-Command", stop],
        "pwsh" => &["pwsh", "-Command", stop],
        "python" => &["python3", "-c"],
        _ => &["sh", "-e", "-c"],
    };
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// The failure strategies of an element itself.
fn strategies(node: &Node) -> Option<&Node> {
    ["failureStrategies", "failure", "on-failure"]
        .iter()
        .find_map(|key| node.get(key))
}

fn condition_of(node: &Node) -> Option<&Node> {
    node.get("when").or_else(|| node.get("if"))
}

/// A condition inside of another.
fn joined(own: &Condition, outer: &Condition) -> Condition {
    let expression = match (&own.expression, &outer.expression) {
        (Some(own), Some(outer)) => Some(format!("{outer} && {own}")),
        (own, outer) => own.clone().or_else(|| outer.clone()),
    };
    Condition {
        kind: own.kind.or(outer.kind),
        expression,
    }
}
