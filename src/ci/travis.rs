//! `.travis.yml` → [`Build`]: the jobs which Travis expands it to, each with its
//! phases, variables and conditions.
//!
//! The steps are those of travis-yml, which normalises and expands, and of
//! travis-build, which compiles a job: `normal` (keys, shapes, spelling), `matrix`
//! (jobs), here (phases), `defaults` (phases that the file does not give). What a
//! debug VM is set up with is left out by design: `addons`, `services`, `cache`,
//! `git`, `notifications`, `workspaces` and runtimes make no phase. Nothing is
//! decrypted, imported or evaluated: conditions stay text.

mod defaults;
pub(super) mod env;
mod item;
mod matrix;
mod normal;
mod schema;
mod spell;

use super::model::{Build, Isolation, Job, OnFailure, Origin, Phase, PhaseKind, Step, System};
use super::yaml::{self, CiError, Merge, Node, Place, Value};
use item::Item;
use matrix::Row;
use normal::{Config, Notes, Reader};

/// The most jobs of one file, as on Travis.
pub const MAX_JOBS: usize = 200;

/// The most steps of all jobs together, and the most bytes of their commands.
const MAX_STEPS: usize = 200_000;
const MAX_BYTES: usize = 64 << 20;

/// The phases, in the order in which a build runs them.
pub const PHASES: [&str; 11] = [
    "before_install",
    "install",
    "before_script",
    "script",
    "before_cache",
    "after_success",
    "after_failure",
    "after_script",
    "before_deploy",
    "deploy",
    "after_deploy",
];

/// Reads a file's text. `file` is its name, for messages.
///
/// # Errors
/// When the text is not YAML or no map of keys; with file, line and column. All
/// else that is wrong is a warning of the build.
pub fn load(text: &str, file: &str) -> Result<Build, CiError> {
    let document = yaml::read(text, file, Merge::InOrder)?;
    let mut notes = Notes::new(file);
    for (place, text) in &document.warnings {
        notes.add(*place, text);
    }
    let start = Place { line: 1, column: 1 };
    let root = document
        .root
        .unwrap_or_else(|| Node::new(start, Value::Map(Vec::new())));
    if !matches!(root.value, Value::Map(_)) {
        return Err(error(file, root.place, "a map of keys is expected here"));
    }
    let config = Reader::new(&mut notes).config(&root);
    let (mut rows, cut) = matrix::expand(&config);
    if rows.is_empty() {
        notes.add(start, "every job is excluded; the root alone makes one");
        rows.push(matrix::root_alone(&config));
    }
    if cut || rows.len() > MAX_JOBS {
        let text = format!("more than {MAX_JOBS} jobs; only the first {MAX_JOBS} are taken");
        notes.add(start, &text);
        rows.truncate(MAX_JOBS);
    }
    let mut jobs = Vec::new();
    let (mut steps, mut bytes) = (0, 0);
    for row in &rows {
        let job = job(&config, row);
        steps += job
            .phases
            .iter()
            .map(|phase| phase.steps.len())
            .sum::<usize>();
        bytes += size(&job);
        if !jobs.is_empty() && (steps > MAX_STEPS || bytes > MAX_BYTES) {
            let text = format!(
                "the jobs are too large; only the first {} are taken",
                jobs.len()
            );
            notes.add(start, &text);
            break;
        }
        jobs.push(job);
    }
    Ok(Build {
        system: System::Travis,
        jobs,
        warnings: notes.into_lines(),
    })
}

pub(crate) fn error(file: &str, place: Place, message: &str) -> CiError {
    CiError {
        file: file.to_owned(),
        place,
        message: message.to_owned(),
    }
}

/// The bytes of a job's texts.
fn size(job: &Job) -> usize {
    let commands = job.phases.iter().flat_map(|phase| &phase.steps);
    let commands: usize = commands.map(|step| step.command.len()).sum();
    let env: usize = job
        .env
        .iter()
        .map(|var| var.name.len() + var.value.len())
        .sum();
    let axes: usize = job.axes.iter().map(|(_, value)| value.len()).sum();
    let others = [Some(&job.name), Some(&job.stage), job.condition.as_ref()];
    commands + env + axes + others.into_iter().flatten().map(String::len).sum::<usize>()
}

fn job(config: &Config, row: &Row<'_>) -> Job {
    let text = |key: &str| row.text(key).map(str::to_owned);
    let language = text("language").unwrap_or_else(|| "ruby".to_owned());
    let known = |os: &String| schema::SYSTEMS.contains(&os.as_str());
    let os = text("os").filter(known);
    let os = os.unwrap_or_else(|| "linux".to_owned());
    let axes = schema::axes().filter(|key| *key != "os");
    let axes = axes.filter_map(|key| Some((key.to_owned(), row.text(key)?.to_owned())));
    let allowed = row.text("allow_failure") == Some("true")
        || config
            .allow_failures
            .iter()
            .any(|rule| !rule.values.contains_key("if") && matrix::allows(config, rule, row));
    let image = text(if os == "osx" { "osx_image" } else { "dist" });
    Job {
        name: text("name").unwrap_or_default(),
        stage: text("stage").unwrap_or_default(),
        axes: axes.collect(),
        env: env::named(config.global.iter().chain(row.env.iter().copied())),
        image,
        condition: condition(config, row),
        allow_failure: allowed,
        phases: phases(row, &language),
        language,
        os,
        ..Job::default()
    }
}

/// All conditions that a job hangs on: the file's, its stage's and its own.
fn condition(config: &Config, row: &Row<'_>) -> Option<String> {
    let stage = row.text("stage").unwrap_or("test");
    let stage = config
        .stages
        .iter()
        .find(|known| known.name.eq_ignore_ascii_case(stage));
    let all = [
        config.root.text("if"),
        stage.and_then(|stage| stage.condition.as_deref()),
        row.text("if")
            .filter(|own| config.root.text("if") != Some(*own)),
    ];
    let given: Vec<&str> = all.into_iter().flatten().collect();
    match given.as_slice() {
        [] => None,
        [only] => Some((*only).to_owned()),
        several => {
            let several: Vec<String> = several.iter().map(|one| format!("({one})")).collect();
            Some(several.join(" AND "))
        }
    }
}

fn phases(row: &Row<'_>, language: &str) -> Vec<Phase> {
    let mut phases = Vec::new();
    for name in PHASES {
        let given = row.values.get(name).filter(|item| !item.is_blank());
        let made = match given {
            Some(item) if name == "deploy" => deploy(item),
            Some(item) => custom(name, item),
            None => defaults::phase(language, name, row),
        };
        phases.extend(made);
    }
    phases
}

/// A phase of the file. `skip` or `ignore` alone skips it.
fn custom(name: &str, item: &Item) -> Option<Phase> {
    let commands = item.items().iter().filter_map(Item::text);
    let commands: Vec<String> = commands.map(str::to_owned).collect();
    if commands.is_empty() {
        return None;
    }
    let skipped = matches!(commands.as_slice(), [only] if only == "skip" || only == "ignore");
    let commands = if skipped { Vec::new() } else { commands };
    Some(phase(name, Origin::Config, skipped, commands))
}

/// A phase with Travis's rules of what its failures mean.
pub(crate) fn phase(name: &str, origin: Origin, skipped: bool, commands: Vec<String>) -> Phase {
    let (kind, on_failure) = match name {
        "before_install" | "install" | "before_script" => (PhaseKind::Main, OnFailure::StopErrored),
        "script" => (PhaseKind::Main, OnFailure::RecordContinue),
        "after_success" => (PhaseKind::OnSuccess, OnFailure::Ignore),
        "after_failure" => (PhaseKind::OnFailure, OnFailure::Ignore),
        "before_deploy" | "deploy" => (PhaseKind::Deploy, OnFailure::StopErrored),
        "after_deploy" => (PhaseKind::Deploy, OnFailure::Ignore),
        _ => (PhaseKind::Always, OnFailure::Ignore),
    };
    let step = |command| Step {
        command,
        on_failure,
        ..Step::default()
    };
    Phase {
        name: name.to_owned(),
        kind,
        isolation: Isolation::SameShell,
        origin,
        skipped,
        group: None,
        shell: Vec::new(),
        steps: commands.into_iter().map(step).collect(),
    }
}

/// The providers of `deploy`: scripts are commands, others are named placeholders.
fn deploy(item: &Item) -> Option<Phase> {
    let mut result = phase("deploy", Origin::Config, false, Vec::new());
    let off = |item: &&Item| item.text() != Some("false");
    for item in item.items().iter().filter(off) {
        let provider = item.get("provider").unwrap_or(item).text();
        let provider = provider.unwrap_or("unknown");
        let mut step = Step {
            name: Some(format!("deploy to {provider}")),
            on_failure: OnFailure::StopErrored,
            ..Step::default()
        };
        let script: Vec<&str> = item
            .get("script")
            .map_or(&[][..], Item::items)
            .iter()
            .filter_map(Item::text)
            .filter(|line| !line.contains('\0'))
            .collect();
        if provider == "script" && !script.is_empty() {
            step.command = script.join("\n");
        } else {
            step.command = format!("dpl {provider}").replace('\0', "");
            step.placeholder = Some(format!("deploys to {provider} through Travis's dpl"));
        }
        result.steps.push(step);
    }
    (!result.steps.is_empty()).then_some(result)
}

#[cfg(test)]
mod tests;
