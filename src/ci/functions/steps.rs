//! What a file says of each step, as functions that set shell variables: for the
//! systems whose steps have processes of their own. It decides nothing about them.

use std::fmt::Write as _;

use super::{quote, quote_always};
use crate::ci::model::{Ask, EnvVar, Isolation, Job, Phase, Step, System, When};

/// What belongs to the whole job: its directory and what its steps see.
pub(super) fn job(text: &mut String, system: System, job: &Job) {
    let cwd = quote(job.cwd.as_deref().unwrap_or_default());
    let _ = writeln!(text, "__stepmux_job_cwd={cwd}");
    let input = match system {
        // Their steps find an end of file, as in the CI.
        System::Github | System::Harness | System::Gitlab => "nothing",
        System::Travis | System::Circleci | System::Stepmux | System::Scripts => "terminal",
    };
    let _ = writeln!(text, "__stepmux_input={input}");
    text.push_str("__stepmux_system_env() {\n");
    text.push_str(surroundings(system));
    let _ = writeln!(text, "}}\n__stepmux_job_env() {{");
    text.push_str("__stepmux_set");
    variables(text, &job.env);
    text.push_str("\n}\n__stepmux_job_asks=(");
    asks(text, &job.asks);
    let secret: Vec<&str> = job
        .env
        .iter()
        .filter(|var| var.secure)
        .map(|var| var.name.as_str())
        .collect();
    if system != System::Travis && !secret.is_empty() {
        let _ = writeln!(text, "__stepmux_secrets=({})", secret.join(" "));
    }
}

/// The variables by which programs know the CI: those that need no server.
const fn surroundings(system: System) -> &'static str {
    match system {
        System::Travis | System::Stepmux | System::Scripts => "export CI=${CI:-true}\n",
        System::Circleci => {
            "export CI=true CIRCLECI=true\n\
             export CIRCLE_WORKING_DIRECTORY=${CIRCLE_WORKING_DIRECTORY:-$__stepmux_build_dir}\n\
             [[ -n ${BASH_ENV:-} ]] || export BASH_ENV=$__stepmux_dir/bash_env\n\
             [[ -e $BASH_ENV ]] || builtin : >>\"$BASH_ENV\"\n"
        }
        System::Github => {
            "export CI=true GITHUB_ACTIONS=true GITHUB_WORKSPACE=${GITHUB_WORKSPACE:-$__stepmux_build_dir}\n\
             export GITHUB_ENV=$__stepmux_dir/github.$$.env GITHUB_PATH=$__stepmux_dir/github.$$.path\n\
             export GITHUB_OUTPUT=$__stepmux_dir/github.$$.output GITHUB_STEP_SUMMARY=$__stepmux_dir/github.$$.summary\n\
             export RUNNER_OS=${RUNNER_OS:-Linux} RUNNER_TEMP=${RUNNER_TEMP:-$__stepmux_dir}\n"
        }
        System::Gitlab => {
            "export CI=true GITLAB_CI=true CI_SERVER=yes CI_PROJECT_DIR=${CI_PROJECT_DIR:-$__stepmux_build_dir}\n"
        }
        System::Harness => {
            "export CI=true HARNESS=true DRONE=true\n\
             export HARNESS_WORKSPACE=${HARNESS_WORKSPACE:-$__stepmux_build_dir} DRONE_WORKSPACE=${DRONE_WORKSPACE:-$__stepmux_build_dir}\n"
        }
    }
}

/// The steps of a phase.
pub(super) fn phase(text: &mut String, name: &str, phase: &Phase) {
    let words = |words: &[String]| {
        let words: Vec<String> = words.iter().map(|word| quote_always(word)).collect();
        words.join(" ")
    };
    let _ = writeln!(text, "__stepmux_shell_{name}=({})", words(&phase.shell));
    let plain = Step {
        on_failure: phase
            .steps
            .first()
            .map_or_else(Default::default, |step| step.on_failure),
        retry: phase.steps.first().map_or(0, |step| step.retry),
        ..Step::default()
    };
    for (index, step) in phase.steps.iter().enumerate() {
        // Most steps of a shared shell are a command and nothing else.
        let alone = Step {
            command: String::new(),
            ..step.clone()
        };
        if phase.isolation == Isolation::SameShell && alone == plain {
            continue;
        }
        let _ = writeln!(text, "__stepmux_step_{name}_{}() {{", index + 1);
        let _ = writeln!(
            text,
            "__stepmux_s_mode={} __stepmux_s_tries={}",
            super::mode(phase, step.on_failure),
            step.retry.saturating_add(1)
        );
        facts(text, step);
        if !step.shell.is_empty() {
            let _ = writeln!(text, "__stepmux_s_shell=({})", words(&step.shell));
        }
        if !step.env.is_empty() {
            text.push_str("__stepmux_s_env=(");
            variables(text, &step.env);
            text.push_str(")\n");
        }
        if !step.asks.is_empty() {
            text.push_str("__stepmux_s_asks=(");
            asks(text, &step.asks);
        }
        text.push_str("}\n");
    }
}

/// Triples of expression, variable and kind, and the end of the list.
fn asks(text: &mut String, asks: &[Ask]) {
    let known = |ask: &&Ask| crate::ci::travis_env::is_name(&ask.variable);
    for ask in asks.iter().filter(known) {
        let kind = if ask.secret { "secret" } else { "plain" };
        let (what, variable) = (quote_always(&ask.expression), quote(&ask.variable));
        let _ = write!(text, "{what} {variable} {kind} ");
    }
    text.push_str(")\n");
}

fn facts(text: &mut String, step: &Step) {
    let mut set = |name: &str, value: &str| {
        let _ = writeln!(text, "__stepmux_s_{name}={}", quote_always(value));
    };
    if let Some(name) = &step.name {
        set("name", crate::base::Label::new(name).as_str());
    }
    if let Some(id) = &step.id {
        set("id", id);
    }
    if let Some(cwd) = &step.cwd {
        set("cwd", cwd);
    }
    match &step.when {
        When::Success => {}
        When::Always => set("when", "always"),
        When::Failure => set("when", "failure"),
        When::Expression(expression) => set("when", &format!(" {expression}")),
    }
    if step.background {
        set("background", "1");
    }
    if let Some(limit) = step.timeout {
        set("limit", &limit.to_string());
    }
    if let Some(why) = &step.placeholder {
        set("why", crate::base::Label::new(why).as_str());
    }
    if let Some(suffix) = suffix(step) {
        set("ext", suffix);
    }
}

/// Some shells take a script only by its name's end.
fn suffix(step: &Step) -> Option<&'static str> {
    let program = step.shell.first()?.rsplit(['/', '\\']).next()?;
    match program.strip_suffix(".exe").unwrap_or(program) {
        "pwsh" | "powershell" => Some(".ps1"),
        "cmd" => Some(".cmd"),
        "python" | "python3" => Some(".py"),
        _ => None,
    }
}

/// `NAME=VALUE` as words, the value still in shell syntax. Of a secret nobody
/// here knows the value: it comes from the environment, or not at all.
fn variables(text: &mut String, env: &[EnvVar]) {
    let known = |var: &&EnvVar| !var.secure && crate::ci::travis_env::is_name(&var.name);
    for var in env.iter().filter(known) {
        let _ = write!(
            text,
            " {}",
            quote_always(&format!("{}={}", var.name, var.value))
        );
    }
}
