//! A build as text: the JSON of `stepmux ci show --json`, the table of its jobs,
//! and a job for people. It writes strings; commands stay as the user wrote them,
//! and whatever is made for a terminal has passed [`Label`].

use std::fmt::Write as _;

use serde::{Serialize, Serializer};

use super::model::{
    Ask, Build, EnvVar, Isolation, Job, OnFailure, Origin, Phase, PhaseKind, Step, System, When,
};
use crate::base::Label;

/// A build, as JSON shows it. Fields that say nothing are left out.
#[derive(Debug, Serialize)]
struct BuildView<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    system: System,
    jobs: Vec<JobView<'a>>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    warnings: &'a [String],
}

#[derive(Debug, Serialize)]
struct JobView<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    stage: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    language: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    os: &'a str,
    #[serde(skip_serializing_if = "Pairs::is_empty")]
    axes: Pairs<'a>,
    env: Vec<String>,
    #[serde(skip_serializing_if = "<[Ask]>::is_empty")]
    asks: &'a [Ask],
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cwd: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    needs: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<&'a str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    allow_failure: bool,
    phases: Vec<PhaseView<'a>>,
}

#[derive(Debug, Serialize)]
struct PhaseView<'a> {
    name: &'a str,
    origin: Origin,
    kind: PhaseKind,
    isolation: Isolation,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    skipped: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    shell: &'a [String],
    steps: Vec<StepView<'a>>,
}

#[derive(Debug, Serialize)]
struct StepView<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    command: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    shell: &'a [String],
    #[serde(skip_serializing_if = "<[Ask]>::is_empty")]
    asks: &'a [Ask],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    env: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cwd: Option<&'a str>,
    when: &'a When,
    on_failure: OnFailure,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry: Option<u32>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    background: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    silence: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    placeholder: Option<&'a str>,
}

/// Pairs as one JSON object, in their order.
#[derive(Debug)]
struct Pairs<'a>(&'a [(String, String)]);

impl Pairs<'_> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Pairs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

/// A build's JSON: `{"system", "jobs": [{"name", "env", "phases": [{"name",
/// "origin", "steps": [{"command"}]}]}]}`, with `warnings` when there are any; on
/// one line when a file is named, which then comes first, else indented.
/// `only` leaves one job, from 0.
#[must_use]
pub fn json(build: &Build, only: Option<usize>, file: Option<&str>) -> String {
    let jobs = build.jobs.iter().enumerate();
    let view = BuildView {
        file,
        system: build.system,
        jobs: jobs
            .filter(|(index, _)| only.is_none_or(|only| only == *index))
            .map(|(_, job)| job_view(job))
            .collect(),
        warnings: &build.warnings,
    };
    let text = if file.is_some() {
        serde_json::to_string(&view)
    } else {
        serde_json::to_string_pretty(&view)
    };
    // Strings and numbers alone cannot fail to be written.
    text.unwrap_or_default()
}

/// A file that could not be read, as one line of JSON: `{"file", "error"}`.
#[must_use]
pub fn json_error(file: &str, error: &str) -> String {
    #[derive(Serialize)]
    struct Refusal<'a> {
        file: &'a str,
        error: &'a str,
    }
    serde_json::to_string(&Refusal { file, error }).unwrap_or_default()
}

fn job_view(job: &Job) -> JobView<'_> {
    JobView {
        name: &job.name,
        stage: &job.stage,
        language: &job.language,
        os: &job.os,
        axes: Pairs(&job.axes),
        env: assignments(&job.env),
        asks: &job.asks,
        image: job.image.as_deref(),
        cwd: job.cwd.as_deref(),
        needs: &job.needs,
        condition: job.condition.as_deref(),
        allow_failure: job.allow_failure,
        phases: job.phases.iter().map(phase_view).collect(),
    }
}

fn phase_view(phase: &Phase) -> PhaseView<'_> {
    PhaseView {
        name: &phase.name,
        origin: phase.origin,
        kind: phase.kind,
        isolation: phase.isolation,
        skipped: phase.skipped,
        group: phase.group.as_deref(),
        shell: &phase.shell,
        steps: phase.steps.iter().map(step_view).collect(),
    }
}

fn step_view(step: &Step) -> StepView<'_> {
    StepView {
        name: step.name.as_deref(),
        command: &step.command,
        id: step.id.as_deref(),
        shell: &step.shell,
        asks: &step.asks,
        env: assignments(&step.env),
        cwd: step.cwd.as_deref(),
        when: &step.when,
        on_failure: step.on_failure,
        retry: (step.retry > 0).then_some(step.retry),
        background: step.background,
        timeout: step.timeout,
        silence: step.silence,
        image: step.image.as_deref(),
        placeholder: step.placeholder.as_deref(),
    }
}

/// Variables as `NAME=VALUE` in shell syntax; what is encrypted as `[secure]`.
fn assignments(env: &[EnvVar]) -> Vec<String> {
    env.iter().map(assignment).collect()
}

fn assignment(var: &EnvVar) -> String {
    let value = if var.secure { "[secure]" } else { &var.value };
    format!("{}={value}", var.name)
}

/// How text for a terminal is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// Words alone.
    Plain,
    /// With SGR colours.
    Colour,
}

impl Paint {
    fn dress(self, sgr: &str, text: &str) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Colour => format!("\x1b[{sgr}m{text}\x1b[m"),
        }
    }
}

/// SGR parameters of what stands out.
const BOLD: &str = "1";
const FAINT: &str = "2";
const YELLOW: &str = "33";
const CYAN: &str = "36";

/// The jobs as a table: number, name, and what tells each apart.
#[must_use]
pub fn table(build: &Build, paint: Paint) -> String {
    let mut rows: Vec<[String; 3]> = Vec::with_capacity(build.jobs.len());
    for (index, job) in build.jobs.iter().enumerate() {
        let name = if job.name.is_empty() { "-" } else { &job.name };
        rows.push([(index + 1).to_string(), clean(name), clean(&apart(job))]);
    }
    let widest = |column: usize| {
        let widths = rows.iter().map(|row| Label::new(&row[column]).width());
        widths.max().unwrap_or(0)
    };
    let (number, name) = (widest(0), widest(1).min(60));
    let mut text = String::new();
    for row in &rows {
        let pad = name.saturating_sub(Label::new(&row[1]).width());
        let line = format!(
            "{:>number$}  {}{}  {}",
            row[0],
            paint.dress(BOLD, &row[1]),
            " ".repeat(pad),
            row[2]
        );
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

/// What tells a job apart from the others of its build.
fn apart(job: &Job) -> String {
    let mut words: Vec<String> = Vec::new();
    let marks = [&job.stage, &job.language, &job.os];
    words.extend(marks.into_iter().filter(|word| !word.is_empty()).cloned());
    words.extend(job.axes.iter().map(|(key, value)| format!("{key}={value}")));
    words.extend(job.image.clone());
    if !job.needs.is_empty() {
        words.push(format!("after {}", job.needs.join(", ")));
    }
    words.extend(job.condition.iter().map(|text| format!("if {text}")));
    words.extend(job.allow_failure.then(|| "may fail".to_owned()));
    words.extend(job.env.iter().take(4).map(assignment));
    words.join("  ")
}

/// A job of a number (from 1) for people: its variables, phases and steps.
#[must_use]
pub fn job(number: usize, job: &Job, paint: Paint) -> String {
    let mut text = String::new();
    let name = clean(&job.name);
    let title = if name.is_empty() {
        format!("job {number}")
    } else {
        format!("job {number}: {name}")
    };
    let mut about = job.clone();
    about.env.clear();
    let apart = clean(&apart(&about));
    let _ = writeln!(text, "{}", paint.dress(BOLD, &title));
    if !apart.is_empty() {
        let _ = writeln!(text, "  {}", paint.dress(FAINT, &apart));
    }
    if let Some(cwd) = &job.cwd {
        let _ = writeln!(text, "  in {}", clean(cwd));
    }
    for var in &job.env {
        let _ = writeln!(text, "  {}", clean(&assignment(var)));
    }
    for ask in &job.asks {
        let _ = writeln!(text, "  {}", clean(&asked(ask)));
    }
    for phase in &job.phases {
        write_phase(&mut text, phase, paint);
    }
    text
}

fn write_phase(text: &mut String, phase: &Phase, paint: Paint) {
    let mut notes: Vec<String> = Vec::new();
    notes.extend(phase.group.as_ref().map(|group| format!("of {group}")));
    notes.extend((phase.origin == Origin::Default).then(|| "default".to_owned()));
    let kind = match phase.kind {
        PhaseKind::Main => None,
        PhaseKind::Always => Some("always"),
        PhaseKind::OnSuccess => Some("after success"),
        PhaseKind::OnFailure => Some("after a failure"),
        PhaseKind::Deploy => Some("when asked for"),
    };
    notes.extend(kind.map(str::to_owned));
    notes.extend(phase.skipped.then(|| "skipped".to_owned()));
    notes.extend((!phase.shell.is_empty()).then(|| phase.shell.join(" ")));
    // What all steps do is said once.
    let one = phase.steps.first().map(|step| step.on_failure);
    let shared = one.filter(|one| phase.steps.iter().all(|step| step.on_failure == *one));
    notes.extend(shared.and_then(failure).map(str::to_owned));
    let notes = clean(&notes.join(", "));
    let _ = write!(text, "\n{}", paint.dress(CYAN, &clean(&phase.name)));
    if !notes.is_empty() {
        let _ = write!(text, "  {}", paint.dress(FAINT, &format!("({notes})")));
    }
    text.push('\n');
    for (index, step) in phase.steps.iter().enumerate() {
        let failure = failure(step.on_failure).filter(|_| shared.is_none());
        write_step(text, index + 1, step, failure, paint);
    }
}

/// What a step's failure does, where it is not what one expects.
fn failure(on_failure: OnFailure) -> Option<&'static str> {
    match on_failure {
        OnFailure::StopErrored | OnFailure::StopFailed => None,
        OnFailure::RecordContinue => Some("goes on after a failure"),
        OnFailure::Ignore => Some("failure ignored"),
    }
}

fn write_step(text: &mut String, number: usize, step: &Step, failure: Option<&str>, paint: Paint) {
    let mut notes = step_notes(step);
    notes.extend(failure.map(str::to_owned));
    let mut lines: Vec<String> = step.command.lines().map(clean).collect();
    if let Some(why) = &step.placeholder {
        let shown = paint.dress(YELLOW, &format!("not run here: {}", clean(why)));
        lines.push(shown);
    }
    if let Some(name) = &step.name {
        let same = step.command.trim_end() == name;
        if !same {
            lines.insert(0, paint.dress(BOLD, &clean(name)));
        }
    }
    if lines.is_empty() {
        lines.push(String::new());
    }
    for (index, line) in lines.iter().enumerate() {
        let head = if index == 0 {
            format!("{number:>3}  ")
        } else {
            "     ".to_owned()
        };
        let _ = writeln!(text, "{}", format!("{head}{line}").trim_end());
    }
    if !notes.is_empty() {
        let notes = clean(&notes.join("; "));
        let _ = writeln!(text, "     {}", paint.dress(FAINT, &format!("({notes})")));
    }
}

/// What else is said of a step.
fn step_notes(step: &Step) -> Vec<String> {
    let mut notes = Vec::new();
    match &step.when {
        When::Success => {}
        When::Always => notes.push("always".to_owned()),
        When::Failure => notes.push("after a failure".to_owned()),
        When::Expression(text) => notes.push(format!("if {text}")),
    }
    if !step.shell.is_empty() {
        notes.push(step.shell.join(" "));
    }
    notes.extend(step.cwd.as_ref().map(|cwd| format!("in {cwd}")));
    notes.extend(step.env.iter().map(assignment));
    if step.retry > 0 {
        notes.push(format!("retried {} times", step.retry));
    }
    if step.background {
        notes.push("in the background".to_owned());
    }
    notes.extend(step.timeout.map(|limit| format!("at most {limit} s")));
    notes.extend(
        step.silence
            .map(|limit| format!("silent for at most {limit} s")),
    );
    notes.extend(step.image.as_ref().map(|image| format!("in {image}")));
    notes.extend(step.asks.iter().map(asked));
    notes
}

/// Where an expression's value comes from.
fn asked(ask: &Ask) -> String {
    format!("{} from {}", ask.expression, ask.variable)
}

/// Text that may be written to a terminal.
fn clean(text: &str) -> String {
    Label::new(text).as_str().to_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn build() -> Build {
        let step = |command: &str| Step {
            command: command.to_owned(),
            ..Step::default()
        };
        let phase = Phase::stepwise;
        let var = |name: &str, value: &str, secure| EnvVar {
            name: name.to_owned(),
            value: value.to_owned(),
            secure,
        };
        let mut always = phase(
            "publish",
            vec![Step {
                name: Some("uses x/y@v1".to_owned()),
                placeholder: Some("an action".to_owned()),
                when: When::Always,
                timeout: Some(60),
                asks: vec![Ask {
                    expression: "${{ secrets.T }}".to_owned(),
                    variable: "T".to_owned(),
                    secret: true,
                }],
                ..Step::default()
            }],
        );
        always.kind = PhaseKind::Always;
        always.origin = Origin::Default;
        let first = Job {
            name: "unit\x1b[31m".to_owned(),
            axes: vec![
                ("python".to_owned(), "3.9".to_owned()),
                ("os".to_owned(), "x".to_owned()),
            ],
            env: vec![var("A", "'b c'", false), var("S", "", true)],
            phases: vec![
                phase(
                    "script",
                    vec![step("make\nmake \"check\"\n"), step("ls\t\x07")],
                ),
                always,
            ],
            ..Job::default()
        };
        let second = Job {
            stage: "late".to_owned(),
            needs: vec!["unit".to_owned()],
            allow_failure: true,
            ..Job::default()
        };
        Build {
            system: System::Github,
            jobs: vec![first, second],
            warnings: vec!["f:1:2: w".to_owned()],
        }
    }

    #[test]
    fn json_has_what_is_set_and_commands_verbatim() {
        let expected = concat!(
            r#"{"file":"a b.yml","system":"github","jobs":[{"name":"unit\u001b[31m","#,
            r#""axes":{"python":"3.9","os":"x"},"env":["A='b c'","S=[secure]"],"#,
            r#""phases":[{"name":"script","origin":"config","kind":"main","#,
            r#""isolation":"per-step","steps":[{"command":"make\nmake \"check\"\n","#,
            r#""when":"success","on_failure":"stop-failed"},{"command":"ls\t\u0007","#,
            r#""when":"success","on_failure":"stop-failed"}]},{"name":"publish","#,
            r#""origin":"default","kind":"always","isolation":"per-step","#,
            r#""steps":[{"name":"uses x/y@v1","command":"","asks":[{"#,
            r#""expression":"${{ secrets.T }}","variable":"T","secret":true}],"#,
            r#""when":"always","on_failure":"stop-failed","timeout":60,"#,
            r#""placeholder":"an action"}]}]}],"warnings":["f:1:2: w"]}"#
        );
        assert_eq!(json(&build(), Some(0), Some("a b.yml")), expected);
        let all: serde_json::Value = serde_json::from_str(&json(&build(), None, None)).unwrap();
        assert_eq!(all["jobs"][1]["needs"][0], "unit");
        assert!(all.get("file").is_none());
        assert_eq!(
            json_error("f", "no \"x\""),
            r#"{"file":"f","error":"no \"x\""}"#
        );
    }

    #[test]
    fn table_aligns_names_and_tells_jobs_apart() {
        let expected = "\
1  unit[31m  python=3.9  os=x  A='b c'  S=[secure]
2  -         late  after unit  may fail
";
        assert_eq!(table(&build(), Paint::Plain), expected);
        assert!(table(&build(), Paint::Colour).contains("\x1b[1m-\x1b[m"));
    }

    #[test]
    fn job_is_shown_without_control_characters() {
        let build = build();
        let expected = "\
job 1: unit[31m
  python=3.9  os=x
  A='b c'
  S=[secure]

script
  1  make
     make \"check\"
  2  ls

publish  (default, always)
  1  uses x/y@v1
     not run here: an action
     (always; at most 60 s; ${{ secrets.T }} from T)
";
        assert_eq!(job(1, &build.jobs[0], Paint::Plain), expected);
        let painted = job(1, &build.jobs[0], Paint::Colour);
        assert!(painted.contains("\x1b[33mnot run here: an action\x1b[m"));
    }
}
