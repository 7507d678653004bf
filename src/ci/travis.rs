//! `.travis.yml` → [`Build`]: phases, variables, the matrix and `jobs.include`, as
//! Travis CI reads them (docs.travis-ci.com, "Job Lifecycle", "Build Matrix").
//! It expands no templates, decrypts nothing and knows no branch: conditions
//! (`if:`, `exclude` by branch) are left to whoever chooses a job.

use super::model::{
    Build, EnvVar, Isolation, Job, OnFailure, Origin, Phase, PhaseKind, Step, System,
};
use super::travis_defaults as defaults;
use super::travis_env;
use super::yaml::{self, CiError, Node, Place, Value};

/// The most jobs of one file, as on Travis.
pub const MAX_JOBS: usize = 200;

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

/// Matrix keys in Travis's order; the last varies fastest, `env` comes after them.
const AXES: [&str; 34] = [
    "os",
    "arch",
    "compiler",
    "osx_image",
    "jdk",
    "crystal",
    "dotnet",
    "mono",
    "solution",
    "d",
    "dart",
    "dart_task",
    "elixir",
    "otp_release",
    "elm",
    "node_js",
    "go",
    "hhvm",
    "php",
    "ghc",
    "haxe",
    "julia",
    "matlab",
    "nix",
    "perl",
    "perl6",
    "python",
    "r",
    "rvm",
    "gemfile",
    "xcode_scheme",
    "xcode_sdk",
    "rust",
    "scala",
];

/// Reads a file's text. `file` is its name, for messages.
///
/// # Errors
/// When the text is not YAML, or a command or variable has no shape that Travis
/// takes; with file, line and column.
pub fn load(text: &str, file: &str) -> Result<Build, CiError> {
    let root = yaml::parse(text, file)?.unwrap_or_else(|| {
        let place = Place { line: 1, column: 1 };
        Node::new(place, Value::Map(Vec::new()))
    });
    if !matches!(root.value, Value::Map(_)) {
        return Err(error(file, root.place, "a map of keys is expected here"));
    }
    Loader {
        file,
        root: &root,
        warnings: Vec::new(),
    }
    .build()
}

pub(crate) fn error(file: &str, place: Place, message: &str) -> CiError {
    CiError {
        file: file.to_owned(),
        place,
        message: message.to_owned(),
    }
}

/// One job before its keys are looked up: what the matrix chose, and its own map.
#[derive(Clone, Default)]
struct Row<'a> {
    axes: Vec<(&'a str, String)>,
    env: Vec<EnvVar>,
    own: Option<&'a Node>,
    stage: String,
}

struct Loader<'a> {
    file: &'a str,
    root: &'a Node,
    warnings: Vec<String>,
}

impl<'a> Loader<'a> {
    fn build(mut self) -> Result<Build, CiError> {
        let env = travis_env::read(self.root.get("env"), self.file)?;
        let matrix = self.root.get("jobs").or_else(|| self.root.get("matrix"));
        let include = matrix.and_then(|m| m.get("include").or_else(|| m.list()));
        let include: Vec<&Node> = include.map_or_else(Vec::new, |n| {
            n.items()
                .iter()
                .filter(|n| matches!(n.value, Value::Map(_)))
                .collect()
        });
        let mut rows = self.expand(&env.rows);
        if rows.len() == 1 && !include.is_empty() {
            rows.clear();
        }
        if let Some(excluded) = matrix.and_then(|m| m.get("exclude")) {
            for node in excluded.items() {
                self.exclude(&mut rows, node)?;
            }
        }
        let mut stage = String::new();
        for node in include {
            if let Some(name) = node.get("stage").and_then(stage_name) {
                stage = name;
            }
            rows.push(self.included(node, &env.rows, &stage)?);
        }
        if rows.is_empty() {
            rows.push(Row::default());
        }
        if rows.len() > MAX_JOBS {
            self.warnings.push(format!(
                "{} jobs; only the first {MAX_JOBS} are taken",
                rows.len()
            ));
            rows.truncate(MAX_JOBS);
        }
        let jobs = rows
            .into_iter()
            .map(|row| self.job(row, &env.global))
            .collect::<Result<_, _>>()?;
        Ok(Build {
            system: System::Travis,
            jobs,
            warnings: self.warnings,
        })
    }

    /// The language of the root or of a job's own map.
    fn language(&self, own: Option<&Node>) -> String {
        let node = own
            .and_then(|own| own.get("language"))
            .or_else(|| self.root.get("language"));
        let name = node.and_then(|n| n.items().first()).and_then(Node::text);
        defaults::language(name.unwrap_or("ruby"))
    }

    /// The product of the matrix keys. Bounded a little above [`MAX_JOBS`].
    fn expand(&self, env_rows: &[Vec<EnvVar>]) -> Vec<Row<'a>> {
        let language = self.language(None);
        let mut rows = vec![Row::default()];
        for key in AXES {
            let Some(node) = self.root.get(key) else {
                continue;
            };
            let values = scalars(node);
            if values.is_empty() || !defaults::expands(&language, key) {
                continue;
            }
            rows = product(&rows, &values, |row, value| {
                row.axes.push((key, value.clone()))
            });
        }
        if !env_rows.is_empty() {
            rows = product(&rows, env_rows, |row, env| row.env.clone_from(env));
        }
        rows
    }

    fn exclude(&self, rows: &mut Vec<Row<'a>>, node: &Node) -> Result<(), CiError> {
        let Value::Map(entries) = &node.value else {
            return Ok(());
        };
        let env = node
            .get("env")
            .map(|env| travis_env::flat(env, self.file))
            .transpose()?;
        rows.retain(|row| {
            let fits = |(key, value): &(String, Node)| match key.as_str() {
                "env" => env.as_ref().is_some_and(|env| row.env == *env),
                "language" => Some(self.language(None).as_str()) == value.text(),
                key => {
                    let chosen = row.axes.iter().find(|(axis, _)| *axis == key);
                    let root = self.root.get(key).and_then(Node::text);
                    chosen.map(|(_, v)| v.as_str()).or(root) == value.text()
                }
            };
            !entries.iter().all(fits)
        });
        Ok(())
    }

    /// A job of `jobs.include`: its own keys, and the first value of each axis.
    fn included(
        &self,
        node: &'a Node,
        env_rows: &[Vec<EnvVar>],
        stage: &str,
    ) -> Result<Row<'a>, CiError> {
        let mut row = Row {
            own: Some(node),
            stage: stage.to_owned(),
            ..Row::default()
        };
        let language = self.language(Some(node));
        for key in AXES {
            if !defaults::expands(&language, key) {
                continue;
            }
            let Some(value) = node.get(key).or_else(|| self.root.get(key)) else {
                continue;
            };
            if let Some(first) = scalars(value).into_iter().next() {
                row.axes.push((key, first));
            }
        }
        row.env = match node.get("env") {
            Some(env) => travis_env::flat(env, self.file)?,
            None => env_rows.first().cloned().unwrap_or_default(),
        };
        Ok(row)
    }

    fn job(&mut self, row: Row<'a>, global: &[EnvVar]) -> Result<Job, CiError> {
        let language = self.language(row.own);
        let look = |key: &str| {
            row.own
                .and_then(|own| own.get(key))
                .or_else(|| self.root.get(key))
                .filter(|node| !matches!(node.value, Value::Null))
        };
        let own_text = |key: &str| row.own.and_then(|own| own.get(key)).and_then(Node::text);
        let mut phases = Vec::new();
        for name in PHASES {
            let phase = match look(name) {
                Some(node) if name == "deploy" => deploy(node, self.file)?,
                Some(node) => self.phase(name, node)?,
                None => defaults::phase(&language, name),
            };
            phases.extend(phase);
        }
        let mut axes: Vec<(String, String)> = row
            .axes
            .iter()
            .map(|(key, value)| ((*key).to_owned(), value.clone()))
            .collect();
        let os = take(&mut axes, "os").or_else(|| own_text("os").map(str::to_owned));
        let mut env = global.to_vec();
        env.extend(row.env);
        Ok(Job {
            name: own_text("name").unwrap_or_default().to_owned(),
            stage: row.stage,
            language,
            os: os.unwrap_or_else(|| "linux".to_owned()),
            axes,
            env,
            phases,
            ..Job::default()
        })
    }

    fn phase(&self, name: &str, node: &Node) -> Result<Option<Phase>, CiError> {
        let mut commands = Vec::new();
        collect(node, name, self.file, &mut commands)?;
        if commands.is_empty() {
            return Ok(None);
        }
        let skipped = matches!(commands.as_slice(), [only] if only == "skip" || only == "ignore");
        let commands = if skipped { Vec::new() } else { commands };
        Ok(Some(phase(name, Origin::Config, skipped, commands)))
    }
}

fn take(axes: &mut Vec<(String, String)>, key: &str) -> Option<String> {
    let at = axes.iter().position(|(name, _)| name == key)?;
    Some(axes.remove(at).1)
}

fn product<'a, T>(rows: &[Row<'a>], values: &[T], set: impl Fn(&mut Row<'a>, &T)) -> Vec<Row<'a>> {
    let mut all = Vec::new();
    for row in rows {
        for value in values {
            if all.len() > 4 * MAX_JOBS {
                return all;
            }
            let mut row = row.clone();
            set(&mut row, value);
            all.push(row);
        }
    }
    all
}

/// A node's scalars; maps (such as a secure value) are passed over.
fn scalars(node: &Node) -> Vec<String> {
    let texts = node.items().iter().filter_map(Node::text);
    let mut seen = Vec::new();
    for text in texts {
        if !seen.iter().any(|known| known == text) {
            seen.push(text.to_owned());
        }
    }
    seen
}

fn stage_name(node: &Node) -> Option<String> {
    node.text()
        .or_else(|| node.get("name")?.text())
        .map(str::to_owned)
}

/// The commands of a phase, lists flattened.
fn collect(node: &Node, phase: &str, file: &str, out: &mut Vec<String>) -> Result<(), CiError> {
    match &node.value {
        Value::Null => {}
        Value::Text(text) if text.is_empty() => {}
        Value::Text(text) if text.contains('\0') => {
            return Err(error(
                file,
                node.place,
                "a command cannot hold a NUL character",
            ));
        }
        Value::Text(text) => out.push(text.clone()),
        Value::List(items) => {
            for item in items {
                collect(item, phase, file, out)?;
            }
        }
        Value::Map(entries) => {
            let key = entries.first().map_or("", |(key, _)| key.as_str());
            let message = format!(
                "{phase}: a command is expected, but `: ` makes this line a map with the key `{}`; \
                 put the whole command in single quotes",
                crate::base::Label::new(key)
            );
            return Err(error(file, node.place, &message));
        }
    }
    Ok(())
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
fn deploy(node: &Node, file: &str) -> Result<Option<Phase>, CiError> {
    let mut result = phase("deploy", Origin::Config, false, Vec::new());
    for item in node.items() {
        let provider = item.get("provider").or(Some(item)).and_then(Node::text);
        let provider = provider.unwrap_or("unknown");
        let mut step = Step {
            name: Some(format!("deploy to {provider}")),
            on_failure: OnFailure::StopErrored,
            ..Step::default()
        };
        match item.get("script") {
            Some(script) if provider == "script" => {
                let mut commands = Vec::new();
                collect(script, "deploy", file, &mut commands)?;
                step.command = commands.join("\n");
            }
            _ => {
                step.command = format!("dpl {provider}");
                step.placeholder = Some(format!("deploys to {provider} through Travis's dpl"));
            }
        }
        result.steps.push(step);
    }
    Ok((!result.steps.is_empty()).then_some(result))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn first(text: &str) -> Job {
        load(text, "f").unwrap().jobs.remove(0)
    }

    fn commands(job: &Job, phase: &str) -> Vec<String> {
        let phase = job.phase(phase).map(|phase| phase.steps.clone());
        phase
            .unwrap_or_default()
            .into_iter()
            .map(|s| s.command)
            .collect()
    }

    fn env(job: &Job) -> String {
        let one = |var: &EnvVar| format!("{}={}", var.name, var.value);
        job.env.iter().map(one).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn phase_takes_a_string_a_list_and_nested_lists() {
        let table = [
            ("script: make", vec!["make"]),
            ("script: [a, [b, [c]], ~, '']", vec!["a", "b", "c"]),
            (
                "script:\n- |\n  x\n    y\n- true\n- 1.10",
                vec!["x\n  y\n", "true", "1.10"],
            ),
            ("script: \"a\\tb\"", vec!["a\tb"]),
        ];
        for (text, expected) in table {
            assert_eq!(commands(&first(text), "script"), expected, "{text}");
        }
    }

    #[test]
    fn phases_come_in_the_order_of_the_build_with_their_rules() {
        let job = first(
            "after_script: d\nscript: c\nbefore_install: a\ninstall: ignore\ndeploy: heroku\n",
        );
        let shape: Vec<_> = job
            .phases
            .iter()
            .map(|p| (p.name.as_str(), p.kind, p.skipped))
            .collect();
        assert_eq!(
            shape,
            [
                ("before_install", PhaseKind::Main, false),
                ("install", PhaseKind::Main, true),
                ("script", PhaseKind::Main, false),
                ("after_script", PhaseKind::Always, false),
                ("deploy", PhaseKind::Deploy, false),
            ]
        );
        assert_eq!(job.phases[0].steps[0].on_failure, OnFailure::StopErrored);
        assert_eq!(job.phases[2].steps[0].on_failure, OnFailure::RecordContinue);
        assert!(job.phases[4].steps[0].placeholder.is_some());
    }

    #[test]
    fn env_takes_its_four_forms() {
        let table = [
            ("env: A=1 B=2", "A=1 B=2"),
            ("env: {A: 1.0, B: x y}", "A=1.0 B=\"x y\""),
            ("env: {global: [A=1, {secure: zz}], jobs: [B=2]}", "A=1 B=2"),
            ("env: {global: {A: yes}, matrix: B=2}", "A=yes B=2"),
        ];
        for (text, expected) in table {
            assert_eq!(env(&first(text)), expected, "{text}");
        }
    }

    #[test]
    fn matrix_varies_env_fastest_and_drops_what_is_excluded() {
        let text = "language: python\npython: [3.6, 3.10]\nenv: [A=1, A=2]\nrvm: [1, 2]\n\
                    jobs: {exclude: [{python: 3.6, env: A=2}]}\nscript: x\n";
        let build = load(text, "f").unwrap();
        let shape: Vec<_> = build
            .jobs
            .iter()
            .map(|job| format!("{} {}", job.axes[0].1, env(job)))
            .collect();
        assert_eq!(shape, ["3.6 A=1", "3.10 A=1", "3.10 A=2"]);
    }

    #[test]
    fn included_jobs_take_root_keys_their_own_first_and_carry_the_stage() {
        let text = "script: root\ninstall: &i pip\nenv: {global: G=1, jobs: [A=1, A=2]}\n\
                    jobs:\n  include:\n  - {name: one, stage: test, script: own}\n  - {name: two, env: B=3, install: skip}\n";
        let build = load(text, "f").unwrap();
        assert_eq!(build.jobs.len(), 4);
        let (one, two) = (
            build.job(Some("one")).unwrap(),
            build.job(Some("4")).unwrap(),
        );
        assert_eq!(
            (commands(one, "script"), commands(one, "install")),
            (vec!["own".into()], vec!["pip".into()])
        );
        assert_eq!((env(one), env(two)), ("G=1 A=1".into(), "G=1 B=3".into()));
        assert_eq!(
            (two.stage.as_str(), commands(two, "script")),
            ("test", vec!["root".to_owned()])
        );
        assert!(two.phase("install").unwrap().skipped);
    }

    #[test]
    fn single_root_job_gives_way_to_included_ones() {
        let build = load("script: a\njobs: {include: [{name: x}, {name: y}]}", "f").unwrap();
        assert_eq!(build.jobs.len(), 2);
        assert!(build.job(None).unwrap_err().to_string().contains("2  y"));
    }

    #[test]
    fn anchors_and_merges_reach_the_jobs() {
        let text = "x: &base\n  script: [a, b]\n  install: c\njobs:\n  include:\n  - <<: *base\n    install: d\n";
        let job = first(text);
        assert_eq!(commands(&job, "script"), ["a", "b"]);
        assert_eq!(commands(&job, "install"), ["d"]);
    }

    #[test]
    fn mistakes_are_named_with_their_place() {
        let table = [
            (
                "script:\n  - echo \"a: b\"\n",
                "b.yml:2:5: script: a command is expected",
            ),
            ("script: [\n", "b.yml:1:9: this bracket is never closed"),
            ("- a\n", "b.yml:1:1: a map of keys"),
            (
                "env: {'A B': 1}\n",
                "b.yml:1:14: env: `A B` is no variable name",
            ),
            ("script: \"a\\0b\"\n", "b.yml:1:9: a command cannot hold"),
        ];
        for (text, expected) in table {
            let error = load(text, "b.yml").unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}");
        }
    }

    #[test]
    fn empty_file_is_one_job_with_the_defaults_of_ruby() {
        let job = first("");
        assert_eq!(job.language, "ruby");
        assert_eq!(job.phase("script").unwrap().origin, Origin::Default);
    }

    #[test]
    fn endless_matrix_is_cut() {
        let list: Vec<String> = (0..100).map(|n| format!("v{n}")).collect();
        let list = list.join(",");
        let text = format!("language: elixir\nos: [{list}]\narch: [{list}]\nelixir: [{list}]\n");
        let build = load(&text, "f").unwrap();
        assert_eq!((build.jobs.len(), build.warnings.len()), (MAX_JOBS, 1));
    }
}
