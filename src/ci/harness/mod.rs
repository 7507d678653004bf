//! A Harness pipeline → [`Build`]: stages become jobs, their steps phases (Harness
//! docs, "Pipeline YAML", "Use Run steps"). It reads pipelines, templates, input sets
//! and parts of pipelines, in both of Harness's forms (`pipeline.stages` and
//! `kind: pipeline`). Templates elsewhere are not fetched, secrets are never known:
//! what the file does not tell is asked for.

mod expression;
mod rules;
mod stages;
mod steps;
#[cfg(test)]
mod tests;

use super::load::Source;
use super::model::{Build, EnvVar, Job, Phase, PhaseKind, Step, System};
use super::notes::warn_once;
use super::outline;
use super::travis;
use super::yaml::{self, CiError, Merge, Node, Place, Value};
use expression::{Resolver, Scope};

/// The most jobs of one file that are taken.
pub const MAX_JOBS: usize = 500;

/// The most steps of one file, all its jobs together.
pub const MAX_STEPS: usize = 50_000;

/// What the jobs of a file may hold, in bytes.
const BUDGET: usize = 64 * 1024 * 1024;

/// Reads a file's text.
///
/// # Errors
/// When the text is not YAML, holds no part of a Harness pipeline, or a command that
/// no shell takes; with file, line and column.
pub fn load(text: &str, source: Source<'_>) -> Result<Build, CiError> {
    let mut loader = Loader {
        file: source.file,
        resolver: Resolver::new(),
        warnings: Vec::new(),
        jobs: Vec::new(),
        env: Vec::new(),
        steps: 0,
        left: BUDGET,
    };
    let mut refused = None;
    for (first, part) in documents(text) {
        let shift = |place: Place| Place {
            line: place.line + first,
            ..place
        };
        let document = yaml::read(part, source.file, Merge::OwnWins).map_err(|error| CiError {
            place: shift(error.place),
            ..error
        })?;
        for (place, message) in &document.warnings {
            loader.warn(shift(*place), message);
        }
        let Some(mut root) = document.root else {
            continue;
        };
        move_down(&mut root, first);
        loader.env.clear();
        if !loader.document(&root)? {
            loader.warn(root.place, "this part holds neither stages nor steps");
            refused.get_or_insert(root.place);
        }
    }
    if loader.jobs.is_empty() {
        let top = Place { line: 1, column: 1 };
        let message = "no Harness pipeline: neither stages nor steps";
        return Err(loader.error(refused.unwrap_or(top), message));
    }
    Ok(Build {
        system: System::Harness,
        jobs: loader.jobs,
        warnings: loader.warnings,
    })
}

/// The documents of a file, each with the number of lines before it. Parts of
/// pipelines are sometimes written as a list with keys after it, which is no YAML:
/// these keys are taken for a document of their own.
fn documents(text: &str) -> Vec<(u64, &str)> {
    let mut parts = Vec::new();
    let (mut start, mut at, mut first, mut line) = (0, 0, 0, 0);
    let mut in_list = None;
    for row in text.split_inclusive('\n') {
        let key = row.starts_with(|c: char| c.is_ascii_alphabetic());
        let mark = row.trim_end() == "---";
        if mark || (key && in_list == Some(true)) {
            parts.push((first, text.get(start..at).unwrap_or_default()));
            start = if mark { at + row.len() } else { at };
            first = if mark { line + 1 } else { line };
            in_list = None;
        }
        if !mark && !row.trim().is_empty() && !row.starts_with('#') {
            in_list.get_or_insert(row.starts_with("- "));
        }
        at += row.len();
        line += 1;
    }
    parts.push((first, text.get(start..).unwrap_or_default()));
    parts.retain(|(_, part)| !part.trim().is_empty());
    parts
}

fn move_down(node: &mut Node, lines: u64) {
    if lines == 0 {
        return;
    }
    node.place.line += lines;
    match &mut node.value {
        Value::Null | Value::Text(_) => {}
        Value::List(items) => items.iter_mut().for_each(|item| move_down(item, lines)),
        Value::Map(entries) => entries
            .iter_mut()
            .for_each(|(_, value)| move_down(value, lines)),
    }
}

/// What is gathered while a file is read.
struct Loader<'a> {
    file: &'a str,
    resolver: Resolver,
    warnings: Vec<String>,
    jobs: Vec<Job>,
    /// The variables of the document for all its stages.
    env: Vec<EnvVar>,
    steps: usize,
    left: usize,
}

impl Loader<'_> {
    fn error(&self, place: Place, message: &str) -> CiError {
        travis::error(self.file, place, message)
    }

    /// Notes something that is no error; each text once, at its first place.
    fn warn(&mut self, place: Place, message: &str) {
        warn_once(&mut self.warnings, self.file, place, message);
    }

    /// Takes from what the jobs may hold.
    fn spend(&mut self, amount: usize, place: Place) -> Result<(), CiError> {
        match self.left.checked_sub(amount) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(self.error(place, "the loops of this file make it endlessly large")),
        }
    }

    /// Reads one document; false when it is no part of a pipeline.
    fn document(&mut self, root: &Node) -> Result<bool, CiError> {
        if matches!(root.value, Value::List(_)) {
            return self.fragment(root, "");
        }
        if let Some(pipeline) = root.get("pipeline") {
            return self.pipeline(pipeline, root).map(|()| true);
        }
        if let Some(template) = root.get("template") {
            return self.template(template).map(|()| true);
        }
        for key in ["inputSet", "overlayInputSet"] {
            if let Some(set) = root.get(key) {
                self.input_set(set);
                return Ok(true);
            }
        }
        let is_pipeline = root.get("kind").and_then(Node::text) == Some("pipeline");
        if is_pipeline && let Some(spec) = root.get("spec") {
            return self.pipeline(spec, root).map(|()| true);
        }
        // A pipeline without its head, or one element alone.
        if root.get("stages").is_some() {
            return self.pipeline(root, root).map(|()| true);
        }
        let alone = ["stage", "step", "stepGroup", "parallel"];
        if alone.iter().any(|key| root.get(key).is_some()) {
            return self.fragment(root, "");
        }
        if let Some(steps) = root.get("steps") {
            return self.fragment(steps, "");
        }
        Ok(false)
    }

    fn pipeline(&mut self, pipeline: &Node, root: &Node) -> Result<(), CiError> {
        let scope = Scope {
            pipeline: Some(pipeline),
            stage: None,
            step: None,
            turn: None,
        };
        if let Some(template) = pipeline.get("template") {
            let name = text_of(pipeline, &["name", "identifier"]).unwrap_or_default();
            let name = name.to_owned();
            let reference = reference(template);
            self.lone_job(
                &name,
                &format!("{name} (pipeline template {reference})"),
                "a template of a pipeline, which is not fetched",
                outline::entry("template", template),
            );
            return Ok(());
        }
        let options = [root.get("options"), pipeline.get("options")];
        let sources = options.into_iter().flatten().chain([pipeline]);
        for source in sources {
            for key in ["envs", "env"] {
                if let Some(node) = source.get(key) {
                    let mut env = std::mem::take(&mut self.env);
                    self.variables(node, scope, &mut env, &mut Vec::new());
                    self.env = env;
                }
            }
        }
        let Some(stages) = pipeline.get("stages") else {
            return Err(self.error(pipeline.place, "the pipeline has no stages"));
        };
        let before = self.jobs.len();
        self.stages(stages, scope, &[], 0)?;
        if self.jobs.len() == before {
            return Err(self.error(stages.place, "the pipeline has no stages"));
        }
        Ok(())
    }

    fn template(&mut self, template: &Node) -> Result<(), CiError> {
        let name = text_of(template, &["name", "identifier"]).unwrap_or_default();
        let kind = text_of(template, &["type"]).unwrap_or_default();
        let Some(spec) = template.get("spec") else {
            return Err(self.error(template.place, "the template has no `spec`"));
        };
        let body = named(spec, name);
        match kind {
            "Pipeline" => self.pipeline(&body, &body),
            "Stage" => {
                let scope = Scope {
                    pipeline: None,
                    stage: None,
                    step: None,
                    turn: None,
                };
                self.stage(&body, scope, &[]).map(|_| ())
            }
            "Step" => self.fragment(&wrap("step", body), name).map(|_| ()),
            "StepGroup" => self.fragment(&wrap("stepGroup", body), name).map(|_| ()),
            _ => {
                self.lone_job(
                    name,
                    &format!("{name} (template of type {kind})"),
                    "a template that has no steps",
                    String::new(),
                );
                Ok(())
            }
        }
    }

    fn input_set(&mut self, set: &Node) {
        let name = text_of(set, &["name", "identifier"]).unwrap_or_default();
        let pipeline = set.get("pipeline");
        let pipeline = pipeline.and_then(|node| text_of(node, &["identifier"]));
        let shown = format!("{name} (input set of {})", pipeline.unwrap_or("a pipeline"));
        self.lone_job(
            name,
            &shown,
            "values for a pipeline of another file; it has no steps",
            set.get("pipeline")
                .map(|node| outline::entry("pipeline", node))
                .unwrap_or_default(),
        );
    }

    /// A list of steps or stages, or one alone. False when it is neither.
    fn fragment(&mut self, node: &Node, name: &str) -> Result<bool, CiError> {
        let scope = Scope {
            pipeline: None,
            stage: None,
            step: None,
            turn: None,
        };
        let is_stage = |item: &Node| item.get("stage").is_some();
        if node.items().iter().any(is_stage) {
            self.stages(node, scope, &[], 0)?;
            return Ok(!self.jobs.is_empty());
        }
        let is_step = |item: &Node| {
            let keys = ["step", "stepGroup", "parallel", "run", "spec", "type"];
            keys.iter().any(|key| item.get(key).is_some())
        };
        if !node.items().iter().any(is_step) {
            return Ok(false);
        }
        let phases = self.steps_alone(node, scope)?;
        let job = Job {
            name: name.to_owned(),
            os: "linux".to_owned(),
            env: self.env.clone(),
            phases,
            ..Job::default()
        };
        self.add(job, node.place)?;
        Ok(true)
    }

    /// A job that is one placeholder.
    fn lone_job(&mut self, name: &str, shown: &str, why: &str, command: String) {
        self.jobs.push(Job {
            name: name.to_owned(),
            phases: vec![lone(shown, why, command)],
            ..Job::default()
        });
    }

    fn add(&mut self, job: Job, place: Place) -> Result<(), CiError> {
        let texts = [&job.name].into_iter().chain(&job.needs);
        let condition = job.condition.as_ref().map_or(0, String::len);
        let env: usize = job.env.iter().map(|v| v.name.len() + v.value.len()).sum();
        let needed = 512 + condition + env + texts.map(String::len).sum::<usize>();
        self.spend(needed, place)?;
        if self.jobs.len() < MAX_JOBS {
            self.jobs.push(job);
        } else {
            let message = format!("too many jobs; only the first {MAX_JOBS} are taken");
            self.warn(place, &message);
        }
        Ok(())
    }
}

/// A phase that only says what Harness does.
fn lone(name: &str, why: &str, command: String) -> Phase {
    phase(
        name,
        PhaseKind::Main,
        None,
        Step {
            name: Some(name.to_owned()),
            command,
            placeholder: Some(why.to_owned()),
            ..Step::default()
        },
    )
}

fn phase(name: &str, kind: PhaseKind, group: Option<&str>, step: Step) -> Phase {
    Phase {
        kind,
        group: group.map(str::to_owned),
        ..Phase::stepwise(name, vec![step])
    }
}

/// The first of some keys that holds a text.
fn text_of<'n>(node: &'n Node, keys: &[&str]) -> Option<&'n str> {
    keys.iter()
        .find_map(|key| node.get(key).and_then(Node::text))
        .filter(|text| !text.is_empty())
}

/// A template as it is referred to: name and version.
fn reference(template: &Node) -> String {
    let name = text_of(template, &["templateRef", "uses", "name"]);
    let name = name.or_else(|| template.text()).unwrap_or("unknown");
    match text_of(template, &["versionLabel"]) {
        Some(version) => format!("{name}@{version}"),
        None => name.to_owned(),
    }
}

/// A template's `spec` under the template's name.
fn named(spec: &Node, name: &str) -> Node {
    let mut body = spec.clone();
    if let Value::Map(entries) = &mut body.value
        && !entries.iter().any(|(key, _)| key == "name")
    {
        let value = Value::Text(name.to_owned());
        entries.push(("name".to_owned(), Node::new(spec.place, value)));
    }
    body
}

fn wrap(key: &str, body: Node) -> Node {
    Node::new(body.place, Value::Map(vec![(key.to_owned(), body)]))
}
