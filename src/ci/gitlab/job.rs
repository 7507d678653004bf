//! A job of a pipeline: what it inherits, its variables, its two shells, and what
//! GitLab alone does for it as placeholders.

use std::collections::{HashMap, HashSet};

use super::merge::{self, MISSING, flat};
use super::parallel::Copy;
use super::{Loader, phase, words};
use crate::ci::model::{Ask, EnvVar, Job, OnFailure, Phase, PhaseKind, Step};
use crate::ci::notes::{self, identifier, is_identifier, short};
use crate::ci::yaml::{CiError, Node, Value as Yaml};

/// How long `after_script` may take, in seconds.
const AFTER_LIMIT: u64 = 300;

/// What a job takes from `default`, or from the top as in old files.
const INHERITED: [&str; 12] = [
    "image",
    "services",
    "before_script",
    "after_script",
    "cache",
    "tags",
    "artifacts",
    "retry",
    "timeout",
    "interruptible",
    "hooks",
    "id_tokens",
];

/// The keys of a job beside what it may inherit; those that are not read here
/// concern the server alone.
const JOB_KEYS: [&str; 27] = [
    "script",
    "run",
    "trigger",
    "stage",
    "variables",
    "extends",
    "rules",
    "only",
    "except",
    "when",
    "needs",
    "dependencies",
    "parallel",
    "allow_failure",
    "inherit",
    "environment",
    "coverage",
    "release",
    "secrets",
    "resource_group",
    "start_in",
    "pages",
    "publish",
    "dast_configuration",
    "identity",
    "manual_confirmation",
    "type",
];

/// What the top of a file gives all jobs.
pub(super) struct Globals<'a> {
    variables: Option<&'a Node>,
    inherited: HashMap<&'static str, &'a Node>,
}

impl<'a> Globals<'a> {
    pub(super) fn of(root: &'a Node) -> Self {
        let default = root.get("default");
        let of = |key: &'static str| {
            let found = default.and_then(|default| default.get(key));
            Some((key, found.or_else(|| root.get(key))?))
        };
        Self {
            variables: root.get("variables"),
            inherited: INHERITED.into_iter().filter_map(of).collect(),
        }
    }
}

/// A job's keys with what it inherits.
struct Keys<'a> {
    own: &'a Node,
    globals: &'a Globals<'a>,
}

impl<'a> Keys<'a> {
    fn own(&self, key: &str) -> Option<&'a Node> {
        self.own.get(key)
    }

    /// The value of a key that may be inherited.
    fn get(&self, key: &str) -> Option<&'a Node> {
        if let Some(node) = self.own.get(key) {
            return Some(node);
        }
        let inherited = self.globals.inherited.get(key)?;
        self.inherits("default", key).then_some(*inherited)
    }

    /// Whether `inherit` lets a name through.
    fn inherits(&self, what: &str, name: &str) -> bool {
        let Some(rule) = self
            .own
            .get("inherit")
            .and_then(|inherit| inherit.get(what))
        else {
            return true;
        };
        match &rule.value {
            Yaml::Text(text) => text != "false",
            Yaml::List(items) => items.iter().any(|item| item.text() == Some(name)),
            Yaml::Null | Yaml::Map(_) => true,
        }
    }
}

impl Loader<'_> {
    /// The jobs that a key at the top stands for.
    pub(super) fn job(
        &mut self,
        name: &str,
        node: &Node,
        globals: &Globals<'_>,
    ) -> Result<Vec<Job>, CiError> {
        let keys = Keys { own: node, globals };
        let works = ["script", "run", "trigger", MISSING];
        let works = works.iter().any(|key| node.get(key).is_some());
        // What is included from elsewhere may say what it does.
        let elsewhere = !self.missing.is_empty() && matches!(node.value, Yaml::Map(_));
        if !works && !elsewhere {
            self.notes.warn(
                node.place,
                format!("{name}: no job, for it has no script, run or trigger; ignored"),
            );
            return Ok(Vec::new());
        }
        if let Yaml::Map(entries) = &node.value {
            for (key, node) in entries {
                let known = INHERITED.iter().chain(&JOB_KEYS).any(|known| known == key);
                if !known && key != MISSING {
                    self.notes.warn(
                        node.place,
                        format!("{name}: {key}: no key of a job; ignored"),
                    );
                }
            }
        }
        let phases = self.phases(&keys)?;
        let mut job = Job {
            stage: self.line(keys.own("stage").or_else(|| keys.own("type")), "test"),
            image: keys.get("image").and_then(image),
            needs: self.needs(&keys),
            condition: self.condition(name, &keys),
            allow_failure: self.may_fail(&keys),
            phases,
            ..Job::default()
        };
        for service in keys.get("services").map(Node::items).unwrap_or_default() {
            let shown = image(service).unwrap_or_default();
            self.notes.warn(
                service.place,
                format!("the service {shown} is not started here"),
            );
        }
        job.env = self.variables(&keys, &Copy::default());
        for ask in job.env.iter().flat_map(|var| asks(&var.value)) {
            notes::ask(&mut job.asks, ask);
        }
        let mut jobs = Vec::new();
        for copy in self.copies(keys.own("parallel"))? {
            let mut one = job.clone();
            one.name = short(&format!("{name}{}", copy.suffix), 255);
            if copy.index > 0 {
                one.env = self.variables(&keys, &copy);
            }
            one.axes = copy.variables;
            for step in one.phases.iter().flat_map(|phase| &phase.steps) {
                self.notes.spend(node.place, step.command.len())?;
            }
            self.notes.weigh(node.place, notes::size(&one))?;
            jobs.push(one);
        }
        Ok(jobs)
    }

    fn line(&mut self, node: Option<&Node>, default: &str) -> String {
        node.map_or_else(|| default.to_owned(), words::line)
    }

    fn phases(&mut self, keys: &Keys<'_>) -> Result<Vec<Phase>, CiError> {
        let limit = keys.get("timeout").and_then(|node| {
            let found = node.text().and_then(words::seconds);
            if found.is_none() {
                self.notes.warn(node.place, "timeout: no duration; ignored");
            }
            found
        });
        let retry = retries(keys.get("retry"));
        let mut phases = Vec::new();
        let hooks = keys
            .get("hooks")
            .and_then(|hooks| hooks.get("pre_get_sources_script"));
        if let Some(hooks) = hooks {
            let mut steps = self.commands(hooks, None)?;
            for step in &mut steps {
                step.placeholder =
                    Some("it runs before the checkout, which is here already".to_owned());
            }
            phases.push(phase("pre_get_sources", PhaseKind::Main, steps));
        }
        let mut steps = Vec::new();
        for template in keys.own(MISSING).map(Node::items).unwrap_or_default() {
            let name = template.text().unwrap_or_default();
            steps.push(Step {
                name: Some(format!("extends {name}")),
                placeholder: Some(format!("{name} is in no file at hand")),
                ..Step::default()
            });
        }
        if let Some(trigger) = keys.own("trigger") {
            steps.push(bridge(trigger));
        }
        if !["script", "run", "trigger", MISSING]
            .iter()
            .any(|key| keys.own(key).is_some())
        {
            steps.push(Step {
                name: Some("script".to_owned()),
                placeholder: Some("its script is in a file that is not at hand".to_owned()),
                ..Step::default()
            });
        }
        if let Some(before) = keys
            .get("before_script")
            .filter(|_| keys.own("trigger").is_none())
        {
            steps.extend(self.commands(before, Some("before_script"))?);
        }
        if let Some(script) = keys.own("script") {
            steps.extend(self.commands(script, None)?);
        }
        if let Some(run) = keys.own("run") {
            steps.extend(self.run(run));
        }
        for step in &mut steps {
            step.timeout = limit;
            step.retry = retry;
        }
        phases.push(phase("script", PhaseKind::Main, steps));
        let after = keys
            .get("after_script")
            .filter(|_| keys.own("trigger").is_none());
        if let Some(after) = after {
            let mut steps = self.commands(after, None)?;
            for step in &mut steps {
                step.on_failure = OnFailure::Ignore;
                step.timeout = Some(AFTER_LIMIT);
            }
            if !steps.is_empty() {
                phases.push(phase("after_script", PhaseKind::Always, steps));
            }
        }
        Ok(phases)
    }

    /// The commands of a script, lists within lists in their place. A reference
    /// that leads nowhere is a placeholder.
    fn commands(&mut self, node: &Node, named: Option<&str>) -> Result<Vec<Step>, CiError> {
        let mut steps = Vec::new();
        // A reference may stand for the whole list.
        let whole = merge::reference(node).is_some().then_some(node);
        let items = whole.map_or_else(|| flat(node), |node| vec![node]);
        for item in items {
            let name = named.map(|name| format!("{name} {}", steps.len() + 1));
            if let Some(path) = merge::reference(item) {
                steps.push(Step {
                    name: Some(format!("!reference [{path}]")),
                    placeholder: Some("what it refers to is in no file at hand".to_owned()),
                    ..Step::default()
                });
                continue;
            }
            let command = match &item.value {
                Yaml::Text(text) => text.clone(),
                Yaml::Null => continue,
                Yaml::Map(_) | Yaml::List(_) => {
                    let message =
                        "a command is text; put quotes around one with a colon and a space";
                    return Err(self.notes.error(item.place, message));
                }
            };
            steps.push(Step {
                name,
                asks: asks(&command),
                command,
                ..Step::default()
            });
        }
        Ok(steps)
    }

    /// The steps of `run`: scripts, and functions that GitLab fetches.
    fn run(&mut self, node: &Node) -> Vec<Step> {
        let mut steps = Vec::new();
        for item in node.items() {
            let name = item.get("name").and_then(Node::text).map(str::to_owned);
            let mut step = Step {
                name,
                ..Step::default()
            };
            if let Some(Yaml::Map(entries)) = item.get("env").map(|env| &env.value) {
                for (name, value) in entries {
                    step.env.push(EnvVar {
                        name: identifier(name),
                        value: words::shell(value.text().unwrap_or_default()),
                        secure: false,
                    });
                }
            }
            match item.get("script").and_then(Node::text) {
                Some(script) => {
                    script.clone_into(&mut step.command);
                    step.asks = asks(script);
                }
                None => {
                    let of = item
                        .get("step")
                        .or_else(|| item.get("func"))
                        .or_else(|| item.get("action"));
                    let of = of.map(words::line).unwrap_or_default();
                    step.placeholder = Some(format!("the step {of} is run by GitLab alone"));
                    step.name.get_or_insert(of);
                }
            }
            steps.push(step);
        }
        steps
    }

    /// A job's variables: those of the file, its own, those of its copy.
    fn variables(&mut self, keys: &Keys<'_>, copy: &Copy) -> Vec<EnvVar> {
        let mut found: Vec<(String, String, bool)> = Vec::new();
        let mut index: HashMap<String, usize> = HashMap::new();
        let mut put = |name: &str, value: String, expand: bool| {
            let one = (name.to_owned(), value, expand);
            match index.get(name) {
                Some(&at) => found[at] = one,
                None => {
                    index.insert(name.to_owned(), found.len());
                    found.push(one);
                }
            }
        };
        let global = keys.globals.variables;
        let own = keys.own("variables");
        for (node, is_global) in [(global, true), (own, false)] {
            let Some(Yaml::Map(entries)) = node.map(|node| &node.value) else {
                continue;
            };
            for (name, node) in entries {
                if is_global && !keys.inherits("variables", name) {
                    continue;
                }
                if !is_identifier(name) {
                    self.notes
                        .warn(node.place, format!("{name}: no name that a shell takes"));
                    continue;
                }
                let value = node.get("value").unwrap_or(node);
                let expand = node.get("expand").and_then(Node::text) != Some("false");
                match &value.value {
                    Yaml::Text(text) => put(name, text.clone(), expand),
                    Yaml::Null => put(name, String::new(), false),
                    Yaml::Map(_) if node.get("description").is_some() => {}
                    Yaml::List(_) | Yaml::Map(_) => {
                        let message = format!(
                            "{name}: a variable has one value, or is known to GitLab alone"
                        );
                        self.notes.warn(value.place, message);
                    }
                }
            }
        }
        for (name, value) in &copy.variables {
            put(name, value.clone(), true);
        }
        if copy.index > 0 {
            put("CI_NODE_INDEX", copy.index.to_string(), false);
            put("CI_NODE_TOTAL", copy.total.to_string(), false);
        }
        let mut env: Vec<EnvVar> = ordered(found)
            .into_iter()
            .map(|(name, value, expand)| EnvVar {
                name,
                value: if expand {
                    words::shell(&value)
                } else {
                    crate::ci::functions::quote(&value)
                },
                secure: false,
            })
            .collect();
        for key in ["secrets", "id_tokens"] {
            if let Some(Yaml::Map(entries)) = keys.get(key).map(|node| &node.value) {
                let names = entries
                    .iter()
                    .map(|(name, _)| name)
                    .filter(|name| is_identifier(name));
                env.extend(names.map(|name| EnvVar {
                    name: name.clone(),
                    value: String::new(),
                    secure: true,
                }));
            }
        }
        env
    }

    /// The jobs that end before one starts, by the names in the file.
    fn needs(&mut self, keys: &Keys<'_>) -> Vec<String> {
        let Some(node) = keys.own("needs").or_else(|| keys.own("dependencies")) else {
            return Vec::new();
        };
        let mut needs: Vec<String> = Vec::new();
        let mut seen = HashSet::new();
        for item in flat(node) {
            let name = item.text().or_else(|| item.get("job").and_then(Node::text));
            match name {
                Some(name) if item.get("pipeline").is_none() && item.get("project").is_none() => {
                    if seen.insert(name) {
                        needs.push(name.to_owned());
                    }
                }
                _ => self.notes.warn(
                    item.place,
                    format!(
                        "needs: {} is not of this pipeline; ignored",
                        words::line(item)
                    ),
                ),
            }
        }
        needs
    }

    /// When GitLab runs a job, in its own words.
    fn condition(&mut self, name: &str, keys: &Keys<'_>) -> Option<String> {
        let mut parts = Vec::new();
        for key in ["rules", "only", "except", "when", "start_in"] {
            let Some(node) = keys.own(key) else {
                continue;
            };
            if key == "when" && node.text() == Some("on_success") {
                continue;
            }
            for rule in flat(node) {
                if let Some(variables) = rule.get("variables").filter(|_| key == "rules") {
                    let message =
                        format!("{name}: a rule may set variables, which is not judged here");
                    self.notes.warn(variables.place, message);
                }
            }
            parts.push(format!("{key}: {}", words::line(node)));
        }
        (!parts.is_empty()).then(|| parts.join("; "))
    }

    fn may_fail(&mut self, keys: &Keys<'_>) -> bool {
        match keys.own("allow_failure") {
            Some(node) => node.text() != Some("false"),
            // A manual job without rules does not block its pipeline.
            None => {
                keys.own("when").and_then(Node::text) == Some("manual")
                    && keys.own("rules").is_none()
            }
        }
    }
}

/// An image by its name, however it is written.
fn image(node: &Node) -> Option<String> {
    let name = node.get("name").unwrap_or(node);
    name.text()
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}

/// The tries after a failure of a script; retries for the runner's own failures
/// are not for here.
fn retries(node: Option<&Node>) -> u32 {
    let Some(node) = node else {
        return 0;
    };
    let when = node.get("when").map(Node::items).unwrap_or_default();
    let ours = when.is_empty()
        || when
            .iter()
            .any(|item| matches!(item.text(), Some("always" | "script_failure")));
    let most = node.get("max").unwrap_or(node).text();
    let most = most.and_then(|text| text.parse().ok()).filter(|_| ours);
    most.unwrap_or(0).min(2)
}

/// What a job does that starts another pipeline.
fn bridge(trigger: &Node) -> Step {
    let of = trigger
        .get("project")
        .or_else(|| trigger.get("include"))
        .unwrap_or(trigger);
    let of = words::line(of);
    Step {
        name: Some(short(&format!("trigger {of}"), 200)),
        placeholder: Some(short(
            &format!("it starts another pipeline, which GitLab alone does: {of}"),
            400,
        )),
        ..Step::default()
    }
}

/// Interpolations that no input filled.
fn asks(text: &str) -> Vec<Ask> {
    let mut asks: Vec<Ask> = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("$[[") {
        let Some(end) = rest[at..].find("]]") else {
            break;
        };
        let written = &rest[at..at + end + 2];
        let inner = written[3..written.len() - 2]
            .split('|')
            .next()
            .unwrap_or_default();
        let name = inner.trim();
        let (start, name) = match name.strip_prefix("inputs.") {
            Some(name) => ("INPUT_", name),
            None => ("", name),
        };
        let ask = Ask {
            expression: written.to_owned(),
            variable: format!("{start}{}", identifier(name).to_ascii_uppercase()),
            secret: false,
        };
        notes::ask(&mut asks, ask);
        rest = &rest[at + end + 2..];
    }
    asks
}

/// Variables so that one comes after those that its value refers to, as GitLab
/// sorts them; those that refer to each other come as they are found.
fn ordered(vars: Vec<(String, String, bool)>) -> Vec<(String, String, bool)> {
    let index: HashMap<&str, usize> = vars
        .iter()
        .enumerate()
        .map(|(at, (name, _, _))| (name.as_str(), at))
        .collect();
    let before: Vec<Vec<usize>> = vars
        .iter()
        .map(|(_, value, expand)| {
            let names = if *expand {
                words::referred(value)
            } else {
                Vec::new()
            };
            names
                .iter()
                .filter_map(|name| index.get(name).copied())
                .collect()
        })
        .collect();
    let mut order = Vec::with_capacity(vars.len());
    let mut seen = vec![false; vars.len()];
    for start in 0..vars.len() {
        if std::mem::replace(&mut seen[start], true) {
            continue;
        }
        let mut stack = vec![(start, before[start].iter())];
        while let Some((at, rest)) = stack.last_mut() {
            let at = *at;
            match rest.next() {
                Some(&next) if !seen[next] => {
                    seen[next] = true;
                    stack.push((next, before[next].iter()));
                }
                Some(_) => {}
                None => {
                    order.push(at);
                    stack.pop();
                }
            }
        }
    }
    let mut vars: Vec<Option<(String, String, bool)>> = vars.into_iter().map(Some).collect();
    order.into_iter().filter_map(|at| vars[at].take()).collect()
}
