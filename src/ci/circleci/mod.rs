//! `.circleci/config.yml` → [`Build`]: what CircleCI's config compiler and agent
//! make of it (CircleCI docs, "Configuration reference", "Reusable config
//! reference"). Inline orbs are expanded; published orbs are not fetched, and are
//! named placeholders. It runs nothing, and knows no branch: conditions that need
//! one stay conditions.

mod expr;
#[cfg(test)]
mod hostile;
mod job;
mod logic;
mod machine;
mod params;
mod space;
mod steps;
mod template;
#[cfg(test)]
mod tests;
mod workflow;

use super::load::Source;
use super::model::{Build, Job, System};
use super::notes::warn_once;
use super::travis;
use super::yaml::{self, CiError, Merge, Node, Place, Value};
use params::{Bindings, Call};
use space::Space;
use template::Template;

/// The most jobs of one file that are taken.
pub const MAX_JOBS: usize = 500;

/// The most steps of one file, all its jobs together.
pub const MAX_STEPS: usize = 50_000;

/// Reads a file's text.
///
/// # Errors
/// When the text is not YAML, is no configuration of CircleCI, or has a mistake for
/// which CircleCI refuses it; with file, line and column.
pub fn load(text: &str, source: Source<'_>) -> Result<Build, CiError> {
    let file = source.file;
    let top = Place { line: 1, column: 1 };
    let document = yaml::read(text, file, Merge::OwnWins)?;
    let root = document
        .root
        .ok_or_else(|| travis::error(file, top, "the file is empty"))?;
    if !matches!(root.value, Value::Map(_)) {
        return Err(travis::error(
            file,
            root.place,
            "a map of keys is expected here",
        ));
    }
    let known = ["jobs", "workflows", "orbs", "version"];
    if !known.iter().any(|key| root.get(key).is_some()) {
        let old = ["dependencies", "test", "deployment", "machine"];
        let message = if old.iter().any(|key| root.get(key).is_some()) {
            "this is a file for CircleCI 1.0, which is no more"
        } else {
            "no CircleCI configuration: neither jobs nor workflows"
        };
        return Err(travis::error(file, root.place, message));
    }
    let template = Template::new(file, is_templated(&root));
    let pipeline = params::bind(
        &template,
        &Bindings::default(),
        &Call {
            what: "the pipeline",
            declared: root.get("parameters"),
            arguments: &[],
            place: root.place,
            uncalled: true,
        },
    )?;
    let mut loader = Loader {
        template: &template,
        pipeline: &pipeline,
        warnings: Vec::new(),
        jobs: Vec::new(),
        steps: 0,
    };
    for (place, message) in &document.warnings {
        loader.warn(*place, message);
    }
    let space = Space::new(&root, None, "");
    loader.build(&root, &space)?;
    if loader.jobs.is_empty() {
        return Err(template.error(root.place, "the file has no job"));
    }
    Ok(Build {
        system: System::Circleci,
        jobs: loader.jobs,
        warnings: loader.warnings,
    })
}

/// Whether the version has `<< … >>`: 2.1 and what may come after it.
fn is_templated(root: &Node) -> bool {
    match root.get("version").and_then(Node::text) {
        Some(version) => !matches!(version.trim(), "2" | "2.0"),
        None => ["orbs", "commands", "executors", "parameters"]
            .iter()
            .any(|key| root.get(key).is_some()),
    }
}

/// What is gathered while a file is read.
struct Loader<'a> {
    template: &'a Template<'a>,
    pipeline: &'a Bindings,
    warnings: Vec<String>,
    jobs: Vec<Job>,
    steps: usize,
}

impl Loader<'_> {
    /// Notes something that is no error; each text once, at its first place.
    fn warn(&mut self, place: Place, message: &str) {
        warn_once(&mut self.warnings, self.template.file, place, message);
    }

    fn build(&mut self, root: &Node, space: &Space<'_>) -> Result<(), CiError> {
        let workflows: Vec<&(String, Node)> = match root.get("workflows").map(|node| &node.value) {
            Some(Value::Map(entries)) => entries
                .iter()
                .filter(|(_, node)| node.get("jobs").is_some())
                .collect(),
            _ => Vec::new(),
        };
        let mut used = std::collections::BTreeSet::new();
        for (name, workflow) in &workflows {
            self.workflow(name, workflow, space, &mut used)?;
        }
        let Some(Value::Map(jobs)) = root.get("jobs").map(|node| &node.value) else {
            return Ok(());
        };
        // Without workflows the job `build` is the whole build.
        if workflows.is_empty()
            && let Some((name, node)) = jobs.iter().find(|(name, _)| name == "build")
        {
            let job = self.single(name, node, space)?;
            self.add(job, node.place)?;
            used.insert(name.clone());
        }
        for (name, node) in jobs {
            if used.contains(name) {
                continue;
            }
            let mut job = self.single(name, node, space)?;
            job.condition = Some("not in a workflow".to_owned());
            self.add(job, node.place)?;
        }
        Ok(())
    }

    /// Whether another job is still taken.
    fn has_room(&self) -> bool {
        self.jobs.len() < MAX_JOBS
    }

    fn add(&mut self, job: Job, place: Place) -> Result<(), CiError> {
        let texts = [&job.name, &job.stage].into_iter().chain(&job.needs);
        let condition = job.condition.as_ref().map_or(0, String::len);
        self.template.spend(
            512 + condition + texts.map(String::len).sum::<usize>(),
            place,
        )?;
        if self.has_room() {
            self.jobs.push(job);
        } else {
            let message = format!("too many jobs; only the first {MAX_JOBS} are taken");
            self.warn(place, &message);
        }
        Ok(())
    }
}
