//! The build that every CI file becomes: jobs of phases of steps, in the order in
//! which the CI runs them. Plain data; it runs nothing and reads nothing.

use serde::{Deserialize, Serialize};

/// The CI system a file was written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum System {
    /// `.travis.yml`.
    Travis,
    /// `.circleci/config.yml`.
    Circleci,
    /// `.github/workflows/*.yml`.
    Github,
    /// `.gitlab-ci.yml`.
    Gitlab,
    /// A Harness pipeline.
    Harness,
    /// Our own `stepmux.toml`.
    Stepmux,
    /// A directory of scripts, one a phase.
    Scripts,
}

impl System {
    /// Its name as users write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Travis => "travis",
            Self::Circleci => "circleci",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Harness => "harness",
            Self::Stepmux => "stepmux",
            Self::Scripts => "scripts",
        }
    }
}

/// A CI file as stepmux understands it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Build {
    /// Whose file it is.
    pub system: System,
    /// In the CI's order; none in a file of templates alone.
    pub jobs: Vec<Job>,
    /// What was noticed but is no error, ready to print.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// One job: what a debug VM is started for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Its name; empty when the file gives none.
    pub name: String,
    /// The stage it belongs to; empty when there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub stage: String,
    /// Its language, lower case; empty where the system has none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub language: String,
    /// Its operating system, such as `linux`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub os: String,
    /// What tells it apart in the build's matrix: key and value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub axes: Vec<(String, String)>,
    /// Its variables, in the order of their definition.
    pub env: Vec<EnvVar>,
    /// Expressions in its variables that only the CI could resolve.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asks: Vec<Ask>,
    /// The container image or machine that the file asks for, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Its directory, relative to the checkout.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cwd: Option<String>,
    /// The jobs that end before it starts, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<String>,
    /// The condition under which the CI runs it, in the CI's own language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// Its failure does not fail the build.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub allow_failure: bool,
    /// Its phases, in order.
    pub phases: Vec<Phase>,
}

impl Job {
    /// The phase of a name.
    #[must_use]
    pub fn phase(&self, name: &str) -> Option<&Phase> {
        self.phases.iter().find(|phase| phase.name == name)
    }
}

/// A variable of a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvVar {
    /// Its name, always a shell identifier.
    pub name: String,
    /// Its value in shell syntax: what stands right of `=` in `export NAME=…`.
    pub value: String,
    /// Encrypted in the file; the value is unknown here.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub secure: bool,
}

/// A named part of a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phase {
    /// Its name, such as `before_install`.
    pub name: String,
    /// When it runs.
    pub kind: PhaseKind,
    /// What its steps share.
    pub isolation: Isolation,
    /// Who wrote its steps.
    pub origin: Origin,
    /// The file says that it is to be skipped.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub skipped: bool,
    /// What the file groups it under (a stage, a step group, a command's name).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The argv of its one shell, without the script ([`Isolation::OneShell`]).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shell: Vec<String>,
    /// Its steps, in order.
    pub steps: Vec<Step>,
}

impl Phase {
    /// A phase of the CI's own file whose steps each have a shell of their own.
    #[must_use]
    pub fn stepwise(name: &str, steps: Vec<Step>) -> Self {
        Self {
            name: name.to_owned(),
            kind: PhaseKind::Main,
            isolation: Isolation::PerStep,
            origin: Origin::Config,
            skipped: false,
            group: None,
            shell: Vec::new(),
            steps,
        }
    }
}

/// When a phase runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PhaseKind {
    /// In its turn, as long as nothing stopped the build.
    Main,
    /// Whatever the result is.
    Always,
    /// Only after success.
    OnSuccess,
    /// Only after a failure.
    OnFailure,
    /// Publishes something; never without being asked for by name.
    Deploy,
}

/// What the steps of a phase share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Isolation {
    /// The shell of the whole job: a `cd` or `export` holds in later phases.
    SameShell,
    /// One shell for the phase.
    OneShell,
    /// A new shell for each step.
    PerStep,
}

/// Who wrote a phase's steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// The repository's file.
    Config,
    /// The CI's own default.
    Default,
}

/// One command of a phase.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Its name, where the system names steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The command, verbatim.
    pub command: String,
    /// What the file calls it, to refer to it elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The argv of its own shell ([`Isolation::PerStep`]); empty is the phase's.
    /// `{0}` in a word stands for the script's file; without one, the command
    /// itself is the last argument.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shell: Vec<String>,
    /// Expressions in the command, the variables or the directory that only the
    /// CI could resolve.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asks: Vec<Ask>,
    /// Variables of this step alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<EnvVar>,
    /// Its directory, relative to the job's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cwd: Option<String>,
    /// When it runs.
    #[serde(default)]
    pub when: When,
    /// What its failure does.
    #[serde(default)]
    pub on_failure: OnFailure,
    /// Tries after the first failure.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub retry: u32,
    /// Runs aside while later steps go on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub background: bool,
    /// Its limit in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<u64>,
    /// How long it may be silent, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silence: Option<u64>,
    /// The container image it runs in, where steps have their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Why it cannot be run here (a deploy provider, an orb).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placeholder: Option<String>,
}

/// An expression of the CI's own language which the file alone does not resolve.
/// Whoever runs the step takes its value from the variable, or asks for it.
///
/// GitHub's contexts name their variables so: `env.X`, `vars.X` and `secrets.X` are
/// `X`; `github.x` is `GITHUB_X`, `runner.x` is `RUNNER_X`, `inputs.x` is `INPUT_X`;
/// `steps.ID.outputs.N` is `STEP_OUTPUT_ID_N`, which whoever ran that step knows, and
/// `needs.JOB.outputs.N` is `NEEDS_OUTPUT_JOB_N`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// The expression as written, delimiters included, such as `<+input>`.
    pub expression: String,
    /// The environment variable that gives its value, a shell identifier.
    pub variable: String,
    /// The value is one that must not be shown.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub secret: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde hands a reference
fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// When a step runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// As long as its phase has not failed.
    #[default]
    Success,
    /// Always.
    Always,
    /// Only after a failure.
    Failure,
    /// By an expression of the CI's own language.
    Expression(String),
}

/// What a step's failure does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnFailure {
    /// Stops the build, errored (Travis exit status 2).
    StopErrored,
    /// Is remembered; later steps run.
    RecordContinue,
    /// Stops the build, failed.
    #[default]
    StopFailed,
    /// Changes nothing.
    Ignore,
}

/// A job that could not be chosen. Its text lists the jobs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}\n{listing}")]
pub struct JobError {
    /// What is wrong with the choice.
    pub message: String,
    /// The jobs, one a line.
    pub listing: String,
}

impl Build {
    /// The job of a number (from 1), a name, or a stage and a name with `/` between
    /// them; without a choice the only job.
    ///
    /// # Errors
    /// When nothing, or more than one job, fits; the text lists the jobs.
    pub fn job(&self, choice: Option<&str>) -> Result<&Job, JobError> {
        let fail = |message: String| JobError {
            message,
            listing: self.jobs().join("\n"),
        };
        let Some(choice) = choice else {
            return match self.jobs.as_slice() {
                [only] => Ok(only),
                [] => Err(fail("the file has no job".to_owned())),
                _ => Err(fail("the file has several jobs, choose one".to_owned())),
            };
        };
        let mut named = self.jobs.iter().filter(|job| job.name == choice);
        match (named.next(), named.next()) {
            (Some(job), None) => return Ok(job),
            (Some(_), Some(_)) => return Err(fail(format!("several jobs are named {choice}"))),
            (None, _) => {}
        }
        let of_stage = |job: &&Job| {
            let rest = choice.strip_prefix(job.stage.as_str());
            rest.and_then(|rest| rest.strip_prefix('/')) == Some(&job.name)
        };
        let mut staged = self.jobs.iter().filter(of_stage);
        if let (Some(job), None) = (staged.next(), staged.next()) {
            return Ok(job);
        }
        let number = choice.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
        number
            .and_then(|index| self.jobs.get(index))
            .ok_or_else(|| fail(format!("no such job: {choice}")))
    }

    /// The jobs, one line each: number, name or what tells it apart.
    #[must_use]
    pub fn jobs(&self) -> Vec<String> {
        self.jobs
            .iter()
            .enumerate()
            .map(|(index, job)| {
                let mut words = vec![format!("{:>3}", index + 1)];
                let env = job
                    .env
                    .iter()
                    .map(|var| format!("{}={}", var.name, var.value));
                let marks = [
                    job.stage.clone(),
                    job.name.clone(),
                    job.language.clone(),
                    job.os.clone(),
                ];
                words.extend(marks.into_iter().filter(|word| !word.is_empty()));
                words.extend(job.axes.iter().map(|(key, value)| format!("{key}={value}")));
                words.extend(env.take(4));
                let line = words.join("  ");
                crate::base::Label::new(&line).as_str().to_owned()
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn build(names: &[&str]) -> Build {
        let job = |name: &&str| Job {
            name: (*name).to_owned(),
            ..Job::default()
        };
        Build {
            system: System::Travis,
            jobs: names.iter().map(job).collect(),
            warnings: Vec::new(),
        }
    }

    #[test]
    fn job_is_chosen_by_name_then_number() {
        let build = build(&["unit", "lint", "3", "3", ""]);
        assert_eq!(build.job(Some("lint")).unwrap().name, "lint");
        assert_eq!(build.job(Some("1")).unwrap().name, "unit");
        for (choice, message) in [
            (None, "the file has several jobs"),
            (Some("3"), "several jobs are named 3"),
            (Some("9"), "no such job: 9"),
            (Some("0"), "no such job: 0"),
        ] {
            let error = build.job(choice).unwrap_err().to_string();
            assert!(
                error.starts_with(message) && error.contains("  2  lint"),
                "{error}"
            );
        }
    }

    #[test]
    fn job_of_a_name_used_twice_is_chosen_by_its_stage() {
        let mut build = build(&["test", "test", "x"]);
        for (job, stage) in build.jobs.iter_mut().zip(["day", "night", "day"]) {
            stage.clone_into(&mut job.stage);
        }
        assert_eq!(build.job(Some("night/test")).unwrap().stage, "night");
        assert!(build.job(Some("test")).is_err());
        assert!(build.job(Some("night/x")).is_err());
    }

    #[test]
    fn only_job_needs_no_choice() {
        assert!(build(&["x"]).job(None).is_ok());
    }

    #[test]
    fn step_is_short_in_json_and_comes_back() {
        let step = Step {
            command: "make".to_owned(),
            ..Step::default()
        };
        let json = serde_json::to_string(&step).unwrap();
        assert_eq!(
            json,
            r#"{"command":"make","when":"success","on_failure":"stop-failed"}"#
        );
        assert_eq!(serde_json::from_str::<Step>(&json).unwrap(), step);
    }
}
