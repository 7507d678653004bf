//! `stepmux.toml` → [`Build`]: the phases of a repository that has no CI file, or
//! wants others here. It is read strictly: what is not known is refused at its
//! place, with what is allowed.
//!
//! ```toml
//! [env]
//! MODE = "debug"            # $NAME and ${NAME} are expanded, $$ is a dollar
//!
//! [[phase]]
//! name = "build"
//! run = "make"              # or steps
//!
//! [[phase]]
//! name = "test"
//! kind = "main"             # always, on-success, on-failure, deploy
//! isolation = "same-shell"  # one-shell, per-step (of a phase with a shell)
//! shell = ["bash", "-e"]    # argv; the command, or its file for {0}, is added
//! cwd = "src"
//! timeout = "5m"            # or seconds; for each step, as all below
//! steps = [
//!   "make check",
//!   { run = "make slow", name = "slow", when = "always", retry = 2,
//!     ignore-failure = true, background = false, env = { A = "1" } },
//! ]
//!
//! [[job]]                   # without any, one job has all phases
//! name = "unit"
//! phases = ["build", "test"]
//! ```

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use toml::Spanned;

use super::gitlab::words;
use super::load::Source;
use super::model::{
    Build, EnvVar, Isolation, Job, OnFailure, Origin, Phase, PhaseKind, Step, System, When,
};
use super::notes::{self, Notes, is_identifier, overlay};
use super::yaml::{CiError, Place};

/// The most phases and jobs of a file.
const MAX: usize = 1000;

/// The longest file, in bytes.
const MAX_TEXT: usize = 4 << 20;

/// The most tries after a failure.
const MAX_RETRY: u32 = 100;

/// Variables; their places give their order.
type Env = BTreeMap<Spanned<String>, String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(default)]
    env: Env,
    #[serde(default)]
    phase: Vec<Spanned<RawPhase>>,
    #[serde(default)]
    job: Vec<Spanned<RawJob>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawJob {
    name: Spanned<String>,
    #[serde(default)]
    env: Env,
    cwd: Option<String>,
    image: Option<String>,
    #[serde(default)]
    needs: Vec<Spanned<String>>,
    #[serde(default)]
    allow_failure: bool,
    phases: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    phase: Vec<Spanned<RawPhase>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawPhase {
    name: Spanned<String>,
    kind: Option<PhaseKind>,
    isolation: Option<Isolation>,
    group: Option<String>,
    run: Option<String>,
    steps: Option<Vec<Spanned<RawStep>>>,
    shell: Option<Argv>,
    cwd: Option<String>,
    #[serde(default)]
    env: Env,
    timeout: Option<Seconds>,
    retry: Option<Spanned<u32>>,
    ignore_failure: Option<bool>,
    when: Option<RawWhen>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawStepTable {
    name: Option<String>,
    run: String,
    id: Option<String>,
    shell: Option<Argv>,
    cwd: Option<String>,
    #[serde(default)]
    env: Env,
    timeout: Option<Seconds>,
    retry: Option<Spanned<u32>>,
    ignore_failure: Option<bool>,
    when: Option<RawWhen>,
    #[serde(default)]
    background: bool,
}

/// A step: its command alone, or a table.
enum RawStep {
    Command(String),
    Table(Box<RawStepTable>),
}

/// A program and its arguments, or a program's name.
struct Argv(Vec<String>);

/// A time: seconds, or a duration in words.
struct Seconds(u64);

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum RawWhen {
    Success,
    Always,
    Failure,
}

/// Reads a file's text.
///
/// # Errors
/// When it is not TOML, or says what is not known; with file, line and column.
pub fn load(text: &str, source: Source<'_>) -> Result<Build, CiError> {
    let at = At {
        text,
        file: source.file,
    };
    if text.len() > MAX_TEXT {
        return Err(at.error(0..0, "the file is longer than 4 MiB"));
    }
    let raw: Raw = toml::from_str(text).map_err(|error| {
        let message = error.message().lines().next().unwrap_or("no TOML");
        at.error(error.span().unwrap_or(0..0), message)
    })?;
    if raw.phase.len() > MAX || raw.job.len() > MAX {
        return Err(at.error(0..0, format!("more than {MAX} phases or jobs")));
    }
    let env = at.env(raw.env)?;
    let phases = at.phases(raw.phase)?;
    let jobs = if raw.job.is_empty() {
        if phases.is_empty() {
            return Err(at.error(0..0, "no [[phase]] here"));
        }
        vec![Job {
            env,
            phases,
            ..Job::default()
        }]
    } else {
        at.jobs(raw.job, &env, &phases)?
    };
    Ok(Build {
        system: System::Stepmux,
        jobs,
        warnings: Vec::new(),
    })
}

/// The text, to tell places in it.
struct At<'a> {
    text: &'a str,
    file: &'a str,
}

impl At<'_> {
    fn error(&self, span: Range<usize>, message: impl Into<String>) -> CiError {
        let mut start = span.start.min(self.text.len());
        while !self.text.is_char_boundary(start) {
            start -= 1;
        }
        let before = &self.text[..start];
        let begin = before.rfind('\n').map_or(0, |at| at + 1);
        let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        CiError {
            file: self.file.to_owned(),
            place: Place {
                line: number(before.matches('\n').count() + 1),
                column: number(before[begin..].chars().count() + 1),
            },
            message: message.into(),
        }
    }

    fn env(&self, env: Env) -> Result<Vec<EnvVar>, CiError> {
        let mut entries: Vec<(Spanned<String>, String)> = env.into_iter().collect();
        entries.sort_by_key(|(name, _)| name.span().start);
        entries
            .into_iter()
            .map(|(name, value)| {
                if !is_identifier(name.get_ref()) {
                    let message = format!("{}: no name that a shell takes", name.get_ref());
                    return Err(self.error(name.span(), message));
                }
                Ok(EnvVar {
                    value: words::shell(&value),
                    name: name.into_inner(),
                    secure: false,
                })
            })
            .collect()
    }

    /// The jobs; each has the phases that it names, all without naming any, and its
    /// own after them.
    fn jobs(
        &self,
        raw: Vec<Spanned<RawJob>>,
        env: &[EnvVar],
        phases: &[Phase],
    ) -> Result<Vec<Job>, CiError> {
        let names: Vec<String> = raw
            .iter()
            .map(|job| job.get_ref().name.get_ref().clone())
            .collect();
        let mut budget = Notes::of(self.file);
        let mut jobs: Vec<Job> = Vec::new();
        for job in raw {
            let span = job.span();
            let job = job.into_inner();
            let name = job.name.get_ref().clone();
            if name.is_empty() || jobs.iter().any(|known| known.name == name) {
                return Err(self.error(job.name.span(), "a job has a name of its own"));
            }
            let mut own: Vec<Phase> = match &job.phases {
                None => phases.to_vec(),
                Some(wanted) => self.chosen(wanted, phases)?,
            };
            for phase in self.phases(job.phase)? {
                if own.iter().any(|known| known.name == phase.name) {
                    let message = format!("job {name} has two phases {}", phase.name);
                    return Err(self.error(span.clone(), message));
                }
                own.push(phase);
            }
            if let Some(need) = job
                .needs
                .iter()
                .find(|need| !names.contains(need.get_ref()))
            {
                let message = format!("no [[job]] {}", need.get_ref());
                return Err(self.error(need.span(), message));
            }
            let mut vars = env.to_vec();
            overlay(&mut vars, self.env(job.env)?);
            let made = Job {
                name,
                env: vars,
                cwd: job.cwd,
                image: job.image,
                needs: job.needs.into_iter().map(Spanned::into_inner).collect(),
                allow_failure: job.allow_failure,
                phases: own,
                ..Job::default()
            };
            let place = self.error(span, "").place;
            budget.weigh(place, notes::size(&made))?;
            for step in made.phases.iter().flat_map(|phase| &phase.steps) {
                let env = step.env.iter().map(|var| var.value.len() + 64);
                budget.spend(place, step.command.len() + env.sum::<usize>())?;
            }
            jobs.push(made);
        }
        Ok(jobs)
    }

    /// The phases that a job names.
    fn chosen(&self, wanted: &[Spanned<String>], phases: &[Phase]) -> Result<Vec<Phase>, CiError> {
        let mut chosen: Vec<Phase> = Vec::new();
        for name in wanted {
            let Some(found) = phases.iter().find(|phase| phase.name == *name.get_ref()) else {
                let known: Vec<&str> = phases.iter().map(|phase| phase.name.as_str()).collect();
                let (name, known) = (name.get_ref(), known.join(", "));
                let message = format!("no [[phase]] {name} (there are: {known})");
                return Err(self.error(wanted[chosen.len()].span(), message));
            };
            if chosen.iter().any(|known| known.name == found.name) {
                let message = format!("{} is named twice", found.name);
                return Err(self.error(name.span(), message));
            }
            chosen.push(found.clone());
        }
        Ok(chosen)
    }

    fn phases(&self, raw: Vec<Spanned<RawPhase>>) -> Result<Vec<Phase>, CiError> {
        let mut phases: Vec<Phase> = Vec::new();
        for phase in raw {
            let span = phase.span();
            let phase = phase.into_inner();
            let name = phase.name.get_ref();
            if name.is_empty() || phases.iter().any(|known| known.name == *name) {
                return Err(self.error(phase.name.span(), "a phase has a name of its own"));
            }
            phases.push(self.phase(&span, phase)?);
        }
        Ok(phases)
    }

    fn phase(&self, span: &Range<usize>, mut raw: RawPhase) -> Result<Phase, CiError> {
        let steps = match (raw.run.take(), raw.steps.take()) {
            (Some(run), None) => vec![Spanned::new(span.clone(), RawStep::Command(run))],
            (None, Some(steps)) => steps,
            _ => return Err(self.error(raw.name.span(), "a phase has either run or steps")),
        };
        let isolation = raw.isolation.unwrap_or(if raw.shell.is_some() {
            Isolation::PerStep
        } else {
            Isolation::SameShell
        });
        let shell = raw.shell.take().map(|argv| argv.0);
        if isolation == Isolation::SameShell && shell.is_some() {
            let message = "the shell of same-shell is the session's own; leave shell out";
            return Err(self.error(raw.name.span(), message));
        }
        let shell = shell.unwrap_or_default();
        // What isolates needs a shell of its own.
        let shell = if shell.is_empty() && isolation != Isolation::SameShell {
            ["bash", "-c"].map(str::to_owned).to_vec()
        } else {
            shell
        };
        let env = self.env(std::mem::take(&mut raw.env))?;
        let mut made = Vec::new();
        for step in steps {
            made.push(self.step(step.into_inner(), &raw, &env, isolation, &shell)?);
        }
        Ok(Phase {
            name: raw.name.into_inner(),
            kind: raw.kind.unwrap_or(PhaseKind::Main),
            isolation,
            origin: Origin::Config,
            skipped: false,
            group: raw.group,
            shell: if isolation == Isolation::OneShell {
                shell
            } else {
                Vec::new()
            },
            steps: made,
        })
    }

    fn step(
        &self,
        raw: RawStep,
        phase: &RawPhase,
        env: &[EnvVar],
        isolation: Isolation,
        shell: &[String],
    ) -> Result<Step, CiError> {
        let raw = match raw {
            RawStep::Command(run) => RawStepTable::of(run),
            RawStep::Table(table) => *table,
        };
        let mut vars = env.to_vec();
        overlay(&mut vars, self.env(raw.env)?);
        let retry = raw.retry.as_ref().or(phase.retry.as_ref());
        if let Some(retry) = retry.filter(|retry| *retry.get_ref() > MAX_RETRY) {
            let message = format!("retry is at most {MAX_RETRY}");
            return Err(self.error(retry.span(), message));
        }
        if let Some(argv) = raw
            .shell
            .as_ref()
            .filter(|_| isolation != Isolation::PerStep)
        {
            let message = format!(
                "the shell {} of a step needs a phase of per-step",
                argv.0.join(" ")
            );
            return Err(self.error(phase.name.span(), message));
        }
        let shell = match (raw.shell, isolation) {
            (Some(argv), _) => argv.0,
            (None, Isolation::PerStep) => shell.to_vec(),
            (None, _) => Vec::new(),
        };
        Ok(Step {
            name: raw.name,
            command: raw.run,
            id: raw.id,
            shell,
            env: vars,
            cwd: raw.cwd.or_else(|| phase.cwd.clone()),
            when: match raw.when.or(phase.when) {
                None | Some(RawWhen::Success) => When::Success,
                Some(RawWhen::Always) => When::Always,
                Some(RawWhen::Failure) => When::Failure,
            },
            on_failure: if raw.ignore_failure.or(phase.ignore_failure) == Some(true) {
                OnFailure::Ignore
            } else {
                OnFailure::StopFailed
            },
            retry: retry.map_or(0, |retry| *retry.get_ref()),
            background: raw.background,
            timeout: raw
                .timeout
                .as_ref()
                .or(phase.timeout.as_ref())
                .map(|limit| limit.0),
            ..Step::default()
        })
    }
}

impl RawStepTable {
    fn of(run: String) -> Self {
        Self {
            name: None,
            run,
            id: None,
            shell: None,
            cwd: None,
            env: Env::new(),
            timeout: None,
            retry: None,
            ignore_failure: None,
            when: None,
            background: false,
        }
    }
}

impl<'de> Deserialize<'de> for RawStep {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Of;
        impl<'de> Visitor<'de> for Of {
            type Value = RawStep;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a command, or a table with run")
            }

            fn visit_str<E>(self, run: &str) -> Result<RawStep, E> {
                Ok(RawStep::Command(run.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawStep, A::Error> {
                let table = RawStepTable::deserialize(MapAccessDeserializer::new(map))?;
                Ok(RawStep::Table(Box::new(table)))
            }
        }
        deserializer.deserialize_any(Of)
    }
}

impl<'de> Deserialize<'de> for Argv {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Of;
        impl<'de> Visitor<'de> for Of {
            type Value = Argv;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a shell: a name such as \"bash\", or its argv")
            }

            fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Argv, E> {
                let argv: Vec<String> = name.split_whitespace().map(str::to_owned).collect();
                if argv.is_empty() {
                    return Err(E::custom("a shell has a name"));
                }
                let bare = argv.len() == 1;
                Ok(Argv(if bare {
                    [argv, vec!["-c".to_owned()]].concat()
                } else {
                    argv
                }))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Argv, A::Error> {
                let mut argv = Vec::new();
                while let Some(word) = items.next_element()? {
                    argv.push(word);
                }
                if argv.is_empty() {
                    return Err(serde::de::Error::custom("a shell has a name"));
                }
                Ok(Argv(argv))
            }
        }
        deserializer.deserialize_any(Of)
    }
}

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Of;
        impl Visitor<'_> for Of {
            type Value = Seconds;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("seconds, or a duration such as \"1h 30m\"")
            }

            fn visit_i64<E: serde::de::Error>(self, seconds: i64) -> Result<Seconds, E> {
                let seconds = u64::try_from(seconds).ok().filter(|seconds| *seconds > 0);
                seconds
                    .map(Seconds)
                    .ok_or_else(|| E::custom("a time is more than 0"))
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Seconds, E> {
                let seconds = words::seconds(text).filter(|seconds| *seconds > 0);
                let message = format!("no duration: {text}, expected one such as 1h 30m");
                seconds.map(Seconds).ok_or_else(|| E::custom(message))
            }
        }
        deserializer.deserialize_any(Of)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(text: &str) -> Result<Build, String> {
        load(text, Source::alone("stepmux.toml")).map_err(|error| error.to_string())
    }

    #[test]
    fn phases_are_one_job() {
        let text = r#"
[env]
Z = "$HOME/x"
A = "it's"

[[phase]]
name = "build"
run = "make\nmake install"

[[phase]]
name = "test"
kind = "always"
shell = "dash"
cwd = "src"
env = { B = "1" }
timeout = "5m"
retry = 1
ignore-failure = true
steps = [
  "make check",
  { run = "slow", name = "Slow", id = "s", when = "failure", env = { B = "2", C = "3" },
    shell = ["python3", "{0}"], timeout = 9, retry = 0, ignore-failure = false,
    cwd = "own", background = true },
]
"#;
        let build = read(text).unwrap();
        let job = &build.jobs[0];
        let env: Vec<String> = job
            .env
            .iter()
            .map(|var| format!("{}={}", var.name, var.value))
            .collect();
        assert_eq!(env, ["Z=\"$HOME/x\"", "A='it'\\''s'"]);
        assert_eq!(job.phases[0].isolation, Isolation::SameShell);
        assert_eq!(job.phases[0].steps[0].command, "make\nmake install");
        let test = &job.phases[1];
        assert_eq!(
            (test.kind, test.isolation),
            (PhaseKind::Always, Isolation::PerStep)
        );
        let first = &test.steps[0];
        assert_eq!(
            (first.timeout, first.retry, first.on_failure),
            (Some(300), 1, OnFailure::Ignore)
        );
        assert_eq!(
            (first.shell.join(" ").as_str(), first.cwd.as_deref()),
            ("dash -c", Some("src"))
        );
        let second = &test.steps[1];
        assert_eq!(
            (second.timeout, second.retry, second.on_failure),
            (Some(9), 0, OnFailure::StopFailed)
        );
        assert_eq!(
            (second.shell.join(" ").as_str(), second.cwd.as_deref()),
            ("python3 {0}", Some("own"))
        );
        assert_eq!((&second.when, second.background), (&When::Failure, true));
        assert_eq!(second.env.len(), 2);
        assert_eq!(second.env[0].value, "2");
    }

    #[test]
    fn jobs_take_phases_by_name() {
        let text = r#"
[[phase]]
name = "a"
run = "x"
[[phase]]
name = "b"
isolation = "one-shell"
run = "y"
[[job]]
name = "all"
[[job]]
name = "some"
phases = ["b"]
needs = ["all"]
allow-failure = true
env = { E = "1" }
[[job.phase]]
name = "own"
run = "z"
"#;
        let build = read(text).unwrap();
        let phases = |at: usize| {
            let names = build.jobs[at]
                .phases
                .iter()
                .map(|phase| phase.name.as_str());
            names.collect::<Vec<_>>()
        };
        assert_eq!(phases(0), ["a", "b"]);
        assert_eq!(phases(1), ["b", "own"]);
        assert_eq!(build.jobs[1].phases[0].shell, ["bash", "-c"]);
        assert!(build.jobs[1].allow_failure && build.jobs[1].needs == ["all"]);
    }

    #[test]
    fn wrong_file_is_refused_at_its_place() {
        for (text, error) in [
            ("", "1:1: no [[phase]] here"),
            (
                "[[phase]]\nname = \"a\"\nrn = \"x\"\n",
                "3:1: unknown field `rn`, expected one of `name`, `kind`",
            ),
            (
                "colour = 1\n",
                "1:1: unknown field `colour`, expected one of `env`, `phase`, `job`",
            ),
            (
                "[[phase]]\nname = \"a\"\n",
                "2:8: a phase has either run or steps",
            ),
            ("[[phase]]\nrun = \"a\"\n", "1:1: missing field `name`"),
            (
                "[[phase]]\nname = \"a\"\nrun = \"x\"\nkind = \"odd\"\n",
                "4:8: unknown variant `odd`, expected one of `main`",
            ),
            (
                "[[phase]]\nname = \"a\"\nrun = \"x\"\ntimeout = \"soon\"\n",
                "4:11: no duration: soon",
            ),
            (
                "[[phase]]\nname = \"a\"\nrun = \"x\"\nretry = 1000\n",
                "4:9: retry is at most 100",
            ),
            (
                "[[phase]]\nname = \"a\"\nsteps = [\"x\", {name = \"y\"}]\n",
                "3:15: missing field `run`",
            ),
            (
                "[[phase]]\nname = \"a\"\nsteps = [1]\n",
                "3:10: invalid type: integer `1`, expected a command",
            ),
            (
                "[env]\n\"a b\" = \"1\"\n",
                "2:1: a b: no name that a shell takes",
            ),
            (
                "[env]\nA = 1\n",
                "2:5: invalid type: integer `1`, expected a string",
            ),
            (
                "[[phase]]\nname = \"a\"\nrun = \"x\"\n[[phase]]\nname = \"a\"\nrun = \"x\"\n",
                "5:8: a phase has a name of its own",
            ),
            (
                "[[job]]\nname = \"j\"\nphases = [\"a\"]\n",
                "3:11: no [[phase]] a (there are: )",
            ),
            (
                "[[job]]\nname = \"j\"\nneeds = [\"k\"]\n",
                "3:10: no [[job]] k",
            ),
            (
                "[[phase]]\nname = \"a\"\nrun = \"x\"\nshell = \"sh\"\nisolation = \"same-shell\"\n",
                "2:8: the shell of same-shell",
            ),
            ("x = [\n", "1:6: "),
        ] {
            let found = read(text).unwrap_err();
            assert!(
                found.starts_with(&format!("stepmux.toml:{error}")),
                "{text}: {found}"
            );
        }
    }
}
