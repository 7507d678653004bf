//! A job of a workflow: its matrix, its name, its machine, and what it gives all
//! its steps. A job that calls another workflow becomes that workflow's jobs.

use std::collections::HashSet;
use std::rc::Rc;

use super::matrix::{self, Combination};
use super::scope::{Scope, condition};
use super::steps::Setting;
use super::value::Value;
use super::{Call, Loader, MAX_DEPTH, MAX_JOBS, Workflow, defaults};
use crate::ci::model::{Job, Phase, Step};
use crate::ci::notes::{self, overlay, short};
use crate::ci::yaml::{CiError, Node, Value as Yaml};

/// The longest name of a job on GitHub, in characters.
const MAX_NAME: usize = 100;

const JOB_KEYS: [&str; 21] = [
    "name",
    "permissions",
    "needs",
    "if",
    "runs-on",
    "environment",
    "concurrency",
    "outputs",
    "env",
    "defaults",
    "steps",
    "timeout-minutes",
    "strategy",
    "continue-on-error",
    "container",
    "services",
    "uses",
    "with",
    "secrets",
    "snapshot",
    "cancel-timeout-minutes",
];

impl Loader<'_> {
    /// The jobs that one entry of `jobs` stands for.
    pub(super) fn job(
        &mut self,
        id: &str,
        node: &Node,
        workflow: &Workflow,
    ) -> Result<Vec<Job>, CiError> {
        if !matches!(node.value, Yaml::Map(_)) {
            return Err(self
                .notes
                .error(node.place, format!("{id}: a map of keys is expected here")));
        }
        self.known(node, &JOB_KEYS, "a job");
        let strategy = node.get("strategy");
        let mut scope = workflow.scope.clone();
        scope.github.push(("job".to_owned(), Value::text(id)));
        scope.written = Rc::new(written(node));
        let Some(matrix) = strategy.and_then(|strategy| strategy.get("matrix")) else {
            scope.strategy = self.strategy(strategy, &scope, 0, 1);
            return self.one(id, node, workflow, scope, &Vec::new());
        };
        let Some(all) = matrix::combinations(matrix, &scope, &mut self.notes)? else {
            self.notes.warn(
                matrix.place,
                format!("{id}: the matrix is known to GitHub alone; one job stands for all"),
            );
            scope.matrix = Rc::new(Value::Unknown);
            scope.strategy = Value::Unknown;
            let mut jobs = self.one(id, node, workflow, scope, &Vec::new())?;
            for job in &mut jobs {
                let text = matrix.text().unwrap_or("known to GitHub alone");
                job.axes.push(("matrix".to_owned(), text.to_owned()));
            }
            return Ok(jobs);
        };
        if all.is_empty() {
            self.notes
                .warn(matrix.place, format!("{id}: the matrix has no combination"));
        }
        let total = all.len();
        let mut jobs = Vec::new();
        for (index, one) in all.into_iter().enumerate() {
            let mut scope = scope.clone();
            scope.matrix = Rc::new(Value::Map(one.clone()));
            scope.strategy = self.strategy(strategy, &scope, index, total);
            jobs.extend(self.one(id, node, workflow, scope, &one)?);
        }
        Ok(jobs)
    }

    fn strategy(
        &mut self,
        node: Option<&Node>,
        scope: &Scope,
        index: usize,
        total: usize,
    ) -> Value {
        let mut of = |key: &str, default: Value| {
            let found = node.and_then(|node| node.get(key));
            let value = found.map_or(default, |found| scope.tree(found, &mut self.notes));
            (key.to_owned(), value)
        };
        // A matrix is bounded, so both counts are exact.
        #[allow(clippy::cast_precision_loss)]
        let (index, total) = (index as f64, total as f64);
        Value::Map(vec![
            of("fail-fast", Value::Bool(true)),
            ("job-index".to_owned(), Value::Num(index)),
            ("job-total".to_owned(), Value::Num(total)),
            of("max-parallel", Value::Num(total)),
        ])
    }

    /// The job, or the called workflow's jobs, of one combination.
    fn one(
        &mut self,
        id: &str,
        node: &Node,
        workflow: &Workflow,
        mut scope: Scope,
        combination: &Combination,
    ) -> Result<Vec<Job>, CiError> {
        self.jobs += 1;
        if self.jobs > MAX_JOBS {
            let message = format!("the file has more than {MAX_JOBS} jobs");
            return Err(self.notes.error(node.place, message));
        }
        let mut job = Job {
            name: self.name(id, node, &scope, combination, &workflow.caller),
            condition: node
                .get("if")
                .and_then(Node::text)
                .map(|text| condition(text).to_owned()),
            allow_failure: self.flag(node.get("continue-on-error"), &scope),
            axes: axes(combination),
            ..Job::default()
        };
        if let Some(uses) = node.get("uses") {
            return self.called(uses, node, job, &scope);
        }
        let mut shell = self.machine(node, &mut scope, &mut job);
        let (mut env, mut asks) = (workflow.env.clone(), workflow.asks.clone());
        let (own, own_asks) = scope.define(node.get("env"), &mut self.notes);
        overlay(&mut env, own);
        for ask in own_asks {
            notes::ask(&mut asks, ask);
        }
        job.env = env;
        let own = defaults(node.get("defaults"));
        shell.shell = own.shell.or_else(|| workflow.defaults.shell.clone());
        shell.cwd = own.cwd.or_else(|| workflow.defaults.cwd.clone());
        job.asks = asks;
        let minutes = node.get("timeout-minutes");
        shell.timeout = minutes.and_then(|node| self.minutes(node, &scope));
        let Some(steps) = node.get("steps") else {
            return Err(self.notes.error(
                node.place,
                format!("{id}: a job has steps, or uses a workflow"),
            ));
        };
        job.phases = self.steps(steps, &scope, &shell)?;
        self.notes.weigh(node.place, notes::size(&job))?;
        distinct(&mut job.phases);
        Ok(vec![job])
    }

    /// A job's name as GitHub shows it.
    fn name(
        &mut self,
        id: &str,
        node: &Node,
        scope: &Scope,
        combination: &Combination,
        caller: &str,
    ) -> String {
        let given = node.get("name").and_then(Node::text);
        let template = given.is_some_and(|name| name.contains("${{"));
        let mut name = match node.get("name") {
            Some(name) if given.is_some() => {
                let text = scope.scalar(name, &mut self.notes);
                text.map_or_else(|| id.to_owned(), |text| text.text)
            }
            _ => id.to_owned(),
        };
        let suffix = matrix::suffix(combination);
        if !template && !suffix.is_empty() {
            name = format!("{name} ({suffix})");
        }
        let name = short(&name, MAX_NAME);
        if caller.is_empty() {
            name
        } else {
            format!("{caller} / {name}")
        }
    }

    /// The machine or container a job asks for, and the shell that follows from it.
    fn machine(&mut self, node: &Node, scope: &mut Scope, job: &mut Job) -> Setting {
        let mut labels = Vec::new();
        if let Some(runs_on) = node.get("runs-on") {
            let wanted = runs_on
                .get("labels")
                .or_else(|| runs_on.get("group"))
                .unwrap_or(runs_on);
            for item in wanted.items() {
                if let Some(text) = scope.scalar(item, &mut self.notes) {
                    labels.push(text.text);
                }
            }
        }
        let kinds = [
            ("windows", "windows", "Windows"),
            ("macos", "macos", "macOS"),
            ("ubuntu", "linux", "Linux"),
            ("linux", "linux", "Linux"),
        ];
        let kind = kinds.iter().find(|(start, _, _)| {
            let of = |label: &String| label.to_ascii_lowercase().starts_with(start);
            labels.iter().any(of)
        });
        if let Some((_, os, context)) = kind {
            job.os = (*os).to_owned();
            scope.os = Some(context);
        }
        job.image = (!labels.is_empty()).then(|| labels.join(", "));
        let container = node.get("container").and_then(|container| {
            let image = container.get("image").unwrap_or(container);
            scope.scalar(image, &mut self.notes)
        });
        let container = container.filter(|image| !image.text.is_empty());
        let within = container.is_some();
        if let Some(image) = container {
            job.image = Some(image.text);
        }
        if let Some(Yaml::Map(services)) = node.get("services").map(|node| &node.value) {
            for (name, service) in services {
                let image = service
                    .get("image")
                    .and_then(|image| scope.scalar(image, &mut self.notes));
                let image = image.map(|image| image.text).unwrap_or_default();
                self.notes.warn(
                    service.place,
                    format!("the service {name} ({image}) is not started here"),
                );
            }
        }
        Setting {
            windows: scope.os == Some("Windows"),
            container: within,
            ..Setting::default()
        }
    }

    /// A flag that may be an expression; what only GitHub knows is false.
    pub(super) fn flag(&mut self, node: Option<&Node>, scope: &Scope) -> bool {
        let Some(node) = node else {
            return false;
        };
        let truth = scope.tree(node, &mut self.notes).truth();
        if truth.is_none() {
            let text = node.text().unwrap_or_default();
            self.notes.warn(
                node.place,
                format!("{text}: known to GitHub alone; taken for false"),
            );
        }
        truth.unwrap_or(false)
    }

    /// A time in minutes, as seconds.
    pub(super) fn minutes(&mut self, node: &Node, scope: &Scope) -> Option<u64> {
        let value = scope.tree(node, &mut self.notes);
        let number = match &value {
            Value::Num(number) => Some(*number),
            Value::Text(text) => super::value::number(text),
            _ => None,
        };
        let number = number.filter(|number| *number > 0.0 && *number < 1e9);
        if number.is_none() {
            self.notes.warn(node.place, "no number of minutes; ignored");
        }
        // Positive and far below the limit of the type.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        number.map(|number| (number * 60.0).ceil() as u64)
    }

    /// The jobs of a workflow that a job calls.
    fn called(
        &mut self,
        uses: &Node,
        node: &Node,
        job: Job,
        scope: &Scope,
    ) -> Result<Vec<Job>, CiError> {
        let written = uses.text().unwrap_or_default().to_owned();
        let text = match written.strip_prefix("./") {
            None => Err("only GitHub can fetch it".to_owned()),
            Some(_) if self.depth >= MAX_DEPTH => {
                Err("workflows call each other too deep".to_owned())
            }
            Some(path) => (self.source.read)(path),
        };
        let text = match text {
            Ok(text) => text,
            Err(why) => return Ok(vec![placeholder(job, &written, &why)]),
        };
        let mut call = Call {
            name: job.name.clone(),
            inputs: Vec::new(),
        };
        if let Some(with) = node.get("with")
            && let Value::Map(entries) = scope.tree(with, &mut self.notes)
        {
            call.inputs = entries;
        }
        let path = written.trim_start_matches("./").to_owned();
        let mut jobs = self.within(&path, &text, |loader, root| loader.workflow(root, &call))?;
        for inner in &mut jobs {
            inner.allow_failure |= job.allow_failure;
            inner.condition = both(job.condition.as_deref(), inner.condition.as_deref());
            let mut axes = job.axes.clone();
            axes.append(&mut inner.axes);
            inner.axes = axes;
        }
        Ok(jobs)
    }
}

/// A job whose workflow is not at hand.
fn placeholder(mut job: Job, uses: &str, why: &str) -> Job {
    let step = Step {
        name: Some(uses.to_owned()),
        placeholder: Some(format!("the workflow {uses}: {why}")),
        ..Step::default()
    };
    job.phases = vec![phase(uses, None, step)];
    job
}

/// A phase of one step.
pub(super) fn phase(name: &str, group: Option<String>, step: Step) -> Phase {
    Phase {
        group,
        ..Phase::stepwise(name, vec![step])
    }
}

/// Two conditions of which both must hold.
fn both(a: Option<&str>, b: Option<&str>) -> Option<String> {
    match (a, b) {
        (Some(a), Some(b)) => Some(format!("({a}) && ({b})")),
        (a, b) => a.or(b).map(str::to_owned),
    }
}

fn axes(combination: &Combination) -> Vec<(String, String)> {
    let mut leaves = Vec::new();
    for (key, value) in combination {
        value.leaves(key, &mut leaves);
    }
    leaves
}

/// The variables that a job's commands may write for later steps: what stands
/// before `=` or `<<`.
fn written(node: &Node) -> HashSet<String> {
    let steps = node.get("steps").map(Node::items).unwrap_or_default();
    let runs = steps.iter().filter_map(|step| step.get("run")?.text());
    let mut names = HashSet::new();
    for run in runs.filter(|run| run.contains("GITHUB_ENV")) {
        let word = |ch: char| ch.is_ascii_alphanumeric() || ch == '_';
        for (at, _) in run.match_indices(['=', '<']) {
            let name = run[..at].rsplit(|ch| !word(ch)).next().unwrap_or_default();
            if !name.is_empty() {
                names.insert(name.to_owned());
            }
        }
    }
    names
}

/// Gives phases of the same name numbers.
fn distinct(phases: &mut [Phase]) {
    let mut seen: std::collections::HashMap<String, usize> = std::collections::HashMap::new();
    for phase in phases {
        let count = seen.entry(phase.name.clone()).or_insert(0);
        *count += 1;
        if *count > 1 {
            phase.name = format!("{} ({count})", phase.name);
        }
    }
}
