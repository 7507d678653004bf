//! GitHub workflows → [`Build`]: jobs by their matrix, one phase a step, the exact
//! shells, and expressions as far as the file tells them (docs.github.com,
//! "Workflow syntax for GitHub Actions"; the shells by actions/runner). Local
//! composite actions and reusable workflows are expanded. It fetches no action:
//! what `uses:` one is a placeholder. The runner's own additions to a command for
//! PowerShell and cmd are left to whoever runs it.

mod action;
mod eval;
mod expr;
mod job;
mod matrix;
mod scope;
mod steps;
#[cfg(test)]
mod tests;
mod value;

use std::collections::HashMap;
use std::rc::Rc;

use super::load::Source;
use super::model::{Ask, Build, EnvVar, Job, System};
use super::notes::Notes;
use super::yaml::{self, CiError, Merge, Node, Place, Value as Yaml};
use scope::Scope;
use value::Value;

/// The most jobs of one file, matrices expanded.
const MAX_JOBS: usize = 2000;

/// The most inputs of a workflow; GitHub's own limit is 25.
const MAX_INPUTS: usize = 500;

/// How deep workflows may call workflows, and actions use actions; GitHub's own
/// limits are 10 for both.
const MAX_DEPTH: usize = 10;

/// Reads a workflow's text.
///
/// # Errors
/// When it is not YAML, or no workflow; with file, line and column.
pub fn load(text: &str, source: Source<'_>) -> Result<Build, CiError> {
    let mut loader = Loader {
        source,
        notes: Notes::of(source.file),
        depth: 0,
        jobs: 0,
    };
    let root = loader.parse(text)?;
    let jobs = loader.workflow(&root, &Call::default())?;
    Ok(Build {
        system: System::Github,
        jobs,
        warnings: loader.notes.warnings,
    })
}

/// What is carried through one load.
struct Loader<'a> {
    source: Source<'a>,
    notes: Notes,
    depth: usize,
    jobs: usize,
}

/// How a workflow is called by another.
#[derive(Clone, Debug, Default)]
struct Call {
    /// The caller's name, which goes before the names of the jobs.
    name: String,
    /// What the caller gives, by name.
    inputs: Vec<(String, Value)>,
}

/// `defaults.run`.
#[derive(Clone, Debug, Default)]
struct Defaults {
    shell: Option<Node>,
    cwd: Option<Node>,
}

/// What a workflow gives all its jobs.
struct Workflow {
    scope: Scope,
    env: Vec<EnvVar>,
    asks: Vec<Ask>,
    defaults: Defaults,
    /// What stands before the jobs' names.
    caller: String,
}

impl Loader<'_> {
    /// A file's tree, its warnings noted.
    fn parse(&mut self, text: &str) -> Result<Node, CiError> {
        let document = yaml::read(text, &self.notes.file, Merge::OwnWins)?;
        for (place, warning) in &document.warnings {
            self.notes.warn(*place, warning);
        }
        let start = Place { line: 1, column: 1 };
        match document.root {
            Some(root) if matches!(root.value, Yaml::Map(_)) => Ok(root),
            Some(root) => Err(self
                .notes
                .error(root.place, "a map of keys is expected here")),
            None => Err(self.notes.error(start, "the file is empty")),
        }
    }

    /// Reads another file of the checkout, and does something with its tree; all
    /// that is noted meanwhile is noted of that file.
    fn within<T>(
        &mut self,
        path: &str,
        text: &str,
        of: impl FnOnce(&mut Self, &Node) -> Result<T, CiError>,
    ) -> Result<T, CiError> {
        let outer = std::mem::replace(&mut self.notes.file, path.to_owned());
        self.depth += 1;
        let result = self.parse(text).and_then(|root| of(self, &root));
        self.depth -= 1;
        self.notes.file = outer;
        result
    }

    /// A workflow's jobs, in the order of the file.
    fn workflow(&mut self, root: &Node, call: &Call) -> Result<Vec<Job>, CiError> {
        let mut scope = Scope {
            inputs: Rc::new(self.inputs(root, call)),
            ..Scope::default()
        };
        let name = root
            .get("name")
            .and_then(Node::text)
            .unwrap_or(&self.notes.file);
        for (key, value) in [
            ("workflow", name),
            ("server_url", "https://github.com"),
            ("api_url", "https://api.github.com"),
            ("graphql_url", "https://api.github.com/graphql"),
        ] {
            scope.github.push((key.to_owned(), Value::text(value)));
        }
        let (env, asks) = scope.define(root.get("env"), &mut self.notes);
        let workflow = Workflow {
            scope,
            env,
            asks,
            defaults: defaults(root.get("defaults")),
            caller: call.name.clone(),
        };
        let jobs = root.get("jobs").ok_or_else(|| {
            self.notes
                .error(root.place, "a workflow has jobs: it is missing")
        })?;
        let Yaml::Map(entries) = &jobs.value else {
            return Err(self
                .notes
                .error(jobs.place, "a map of jobs is expected here"));
        };
        if entries.is_empty() {
            return Err(self
                .notes
                .error(jobs.place, "a workflow has at least one job"));
        }
        self.known(root, &WORKFLOW_KEYS, "a workflow");
        let mut made: Vec<(String, Vec<Job>)> = Vec::new();
        for (id, node) in entries {
            made.push((id.clone(), self.job(id, node, &workflow)?));
        }
        let names: HashMap<String, Vec<String>> = made
            .iter()
            .map(|(id, jobs)| {
                (
                    id.to_ascii_lowercase(),
                    jobs.iter().map(|job| job.name.clone()).collect(),
                )
            })
            .collect();
        let mut all = Vec::new();
        for ((_, jobs), (_, node)) in made.into_iter().zip(entries) {
            let needs = self.needs(node, &names)?;
            for mut job in jobs {
                // Jobs of a called workflow that wait for nobody wait for the
                // caller's.
                if job.needs.is_empty() {
                    let size: usize = needs.iter().map(|need| need.len() + 32).sum();
                    self.notes.weigh(node.place, size)?;
                    job.needs.clone_from(&needs);
                }
                all.push(job);
            }
        }
        Ok(all)
    }

    /// The names of the jobs that one waits for.
    fn needs(
        &mut self,
        node: &Node,
        names: &HashMap<String, Vec<String>>,
    ) -> Result<Vec<String>, CiError> {
        let mut needs = Vec::new();
        for item in node.get("needs").map(Node::items).unwrap_or_default() {
            let id = item.text().unwrap_or_default();
            match names.get(&id.to_ascii_lowercase()) {
                Some(names) => {
                    let size: usize = names.iter().map(|name| name.len() + 32).sum();
                    self.notes.weigh(item.place, size)?;
                    needs.extend(names.iter().cloned());
                }
                None => self
                    .notes
                    .warn(item.place, format!("needs: no job is named {id}")),
            }
        }
        Ok(needs)
    }

    /// The inputs' values: what is given, else the default, else nothing.
    fn inputs(&mut self, root: &Node, call: &Call) -> Value {
        let mut values: Vec<(String, Value)> = Vec::new();
        let events = root.get("on");
        for event in ["workflow_dispatch", "workflow_call"] {
            let inputs = events
                .and_then(|on| on.get(event))
                .and_then(|on| on.get("inputs"));
            let Some(Yaml::Map(entries)) = inputs.map(|inputs| &inputs.value) else {
                continue;
            };
            if entries.len() > MAX_INPUTS {
                let message = format!("more than {MAX_INPUTS} inputs; the rest is ignored");
                self.notes.warn(root.place, message);
            }
            for (name, input) in entries.iter().take(MAX_INPUTS) {
                if values.iter().any(|(known, _)| known == name) {
                    continue;
                }
                values.push((name.clone(), self.input(input)));
            }
        }
        for (name, value) in call.inputs.iter().take(MAX_INPUTS) {
            match values
                .iter_mut()
                .find(|(known, _)| known.eq_ignore_ascii_case(name))
            {
                Some(known) => known.1 = value.clone(),
                None => values.push((name.clone(), value.clone())),
            }
        }
        Value::Map(values)
    }

    /// The value of an input that nobody gave.
    fn input(&mut self, input: &Node) -> Value {
        if let Some(default) = input.get("default") {
            return Scope::default().tree(default, &mut self.notes);
        }
        if input.get("required").and_then(Node::text) == Some("true") {
            return Value::Unknown;
        }
        match input.get("type").and_then(Node::text) {
            Some("boolean") => Value::Bool(false),
            Some("number") => Value::Num(0.0),
            _ => Value::text(""),
        }
    }

    /// Warns of keys that GitHub does not know at a place.
    fn known(&mut self, node: &Node, keys: &[&str], what: &str) {
        let Yaml::Map(entries) = &node.value else {
            return;
        };
        for (key, value) in entries {
            if !keys.contains(&key.as_str()) {
                self.notes
                    .warn(value.place, format!("{key}: no key of {what}; ignored"));
            }
        }
    }
}

const WORKFLOW_KEYS: [&str; 9] = [
    "name",
    "run-name",
    "on",
    "permissions",
    "env",
    "defaults",
    "concurrency",
    "jobs",
    "description",
];

fn defaults(node: Option<&Node>) -> Defaults {
    let run = node.and_then(|node| node.get("run"));
    Defaults {
        shell: run.and_then(|run| run.get("shell")).cloned(),
        cwd: run.and_then(|run| run.get("working-directory")).cloned(),
    }
}
