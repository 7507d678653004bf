//! `.gitlab-ci.yml` → [`Build`]: local includes, `extends`, `!reference`, defaults,
//! variables, `parallel`, and one shell for `before_script` with `script`
//! (docs.gitlab.com, "CI/CD YAML syntax reference"; the shells by gitlab-runner).
//! Rules and refs are kept as text and judged by nobody; includes from elsewhere
//! become placeholders, for nothing is fetched.

mod include;
mod inputs;
mod job;
mod merge;
mod parallel;
#[cfg(test)]
mod tests;
pub(super) mod words;

use std::collections::HashMap;

use super::load::Source;
use super::model::{Build, Isolation, Job, Origin, Phase, PhaseKind, Step, System};
use super::notes::Notes;
use super::yaml::{CiError, Node, Place, Value as Yaml};

/// The most jobs of one file, `parallel` expanded.
const MAX_JOBS: usize = 5000;

/// What may stand at the top beside jobs.
const GLOBALS: [&str; 12] = [
    "default",
    "include",
    "stages",
    "types",
    "variables",
    "workflow",
    "spec",
    "image",
    "services",
    "cache",
    "before_script",
    "after_script",
];

/// The stages when a file names none.
const STAGES: [&str; 3] = ["build", "test", "deploy"];

/// Reads a file's text.
///
/// # Errors
/// When it is not YAML, includes or extends itself, or a script has no shape that
/// GitLab takes; with file, line and column.
pub fn load(text: &str, source: Source<'_>) -> Result<Build, CiError> {
    let mut loader = Loader {
        source,
        notes: Notes::of(source.file),
        missing: Vec::new(),
        included: 0,
        stack: Vec::new(),
        weight: 0,
    };
    let start = Place { line: 1, column: 1 };
    let root = loader.file(text, None)?;
    let root = root.unwrap_or_else(|| Node::new(start, Yaml::Map(Vec::new())));
    let root = loader.extended(root)?;
    let root = loader.referenced(root)?;
    let mut jobs = loader.jobs(&root)?;
    jobs.extend(loader.missing.iter().map(placeholder));
    if jobs.is_empty() {
        loader.notes.warn(
            start,
            "no job here: the file has templates or nothing at all",
        );
    }
    Ok(Build {
        system: System::Gitlab,
        jobs,
        warnings: loader.notes.warnings,
    })
}

/// What is carried through one load.
struct Loader<'a> {
    source: Source<'a>,
    notes: Notes,
    /// What is included from elsewhere: name and reason.
    missing: Vec<(String, String)>,
    /// How many files were included.
    included: usize,
    /// The files that are being read, the outermost first.
    stack: Vec<String>,
    /// How much was copied for `extends` and references.
    weight: usize,
}

/// A job that stands for an include which is not at hand.
fn placeholder((name, why): &(String, String)) -> Job {
    let step = Step {
        name: Some(name.clone()),
        placeholder: Some(why.clone()),
        ..Step::default()
    };
    Job {
        name: name.clone(),
        phases: vec![phase("include", PhaseKind::Main, vec![step])],
        ..Job::default()
    }
}

/// A phase whose steps share one shell.
fn phase(name: &str, kind: PhaseKind, steps: Vec<Step>) -> Phase {
    // The runner's own script sets errexit, and pipefail where the shell has it.
    let shell = ["bash", "-eo", "pipefail"];
    Phase {
        name: name.to_owned(),
        kind,
        isolation: Isolation::OneShell,
        origin: Origin::Config,
        skipped: false,
        group: None,
        shell: shell.map(str::to_owned).to_vec(),
        steps,
    }
}

impl Loader<'_> {
    /// The jobs of a tree in which nothing is left to resolve, by their stages.
    fn jobs(&mut self, root: &Node) -> Result<Vec<Job>, CiError> {
        let Yaml::Map(entries) = &root.value else {
            return Err(self
                .notes
                .error(root.place, "a map of keys is expected here"));
        };
        let stages = self.stages(root);
        let index: HashMap<&str, usize> = stages
            .iter()
            .enumerate()
            .rev()
            .map(|(at, stage)| (stage.as_str(), at))
            .collect();
        let globals = job::Globals::of(root);
        let staged = root.get("stages").is_some();
        let mut made: Vec<(usize, Vec<Job>)> = Vec::new();
        let mut names: HashMap<String, Vec<String>> = HashMap::new();
        let mut count = 0;
        for (name, node) in entries {
            if name.starts_with('.') || GLOBALS.contains(&name.as_str()) {
                continue;
            }
            let jobs = self.job(name, node, &globals)?;
            count += jobs.len();
            if count > MAX_JOBS {
                let message = format!("the file has more than {MAX_JOBS} jobs");
                return Err(self.notes.error(node.place, message));
            }
            let Some(first) = jobs.first() else {
                continue;
            };
            let stage = index.get(first.stage.as_str()).copied();
            if stage.is_none() && staged {
                let message = format!("{name}: there is no stage {}", first.stage);
                self.notes.warn(node.place, message);
            }
            names.insert(
                name.clone(),
                jobs.iter().map(|job| job.name.clone()).collect(),
            );
            made.push((stage.unwrap_or(stages.len()), jobs));
        }
        made.sort_by_key(|(stage, _)| *stage);
        let mut jobs: Vec<Job> = made.into_iter().flat_map(|(_, jobs)| jobs).collect();
        for job in &mut jobs {
            let needs = std::mem::take(&mut job.needs);
            for need in needs {
                match names.get(&need) {
                    Some(names) => {
                        let size: usize = names.iter().map(|name| name.len() + 32).sum();
                        self.notes.weigh(root.place, size)?;
                        job.needs.extend(names.iter().cloned());
                    }
                    None => job.needs.push(need),
                }
            }
        }
        Ok(jobs)
    }

    /// The stages in order, with the two that every pipeline has.
    fn stages(&mut self, root: &Node) -> Vec<String> {
        let given = root.get("stages").or_else(|| root.get("types"));
        let mut stages = vec![".pre".to_owned()];
        match given {
            Some(given) => {
                for item in merge::flat(given) {
                    match item.text() {
                        Some(".pre" | ".post") => {}
                        Some(stage) => stages.push(stage.to_owned()),
                        None => self
                            .notes
                            .warn(item.place, "stages: a name is expected here"),
                    }
                }
            }
            None => stages.extend(STAGES.map(str::to_owned)),
        }
        stages.push(".post".to_owned());
        stages
    }
}
