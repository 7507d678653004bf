//! A job as files for bash: its phases as functions, and an rc file that makes an
//! interactive shell start as a login shell does and then load them. The texts are
//! made here and written by others.

use super::model::{EnvVar, Isolation, Job, OnFailure, Phase, PhaseKind, System};
use super::names::Unique;

pub mod beside;
mod steps;

/// The functions that every job's file begins with.
const HELPERS: [&str; 8] = [
    include_str!("shell/core.bash"),
    include_str!("shell/travis.bash"),
    include_str!("shell/travis_more.bash"),
    include_str!("shell/same.bash"),
    include_str!("shell/steps.bash"),
    include_str!("shell/one.bash"),
    include_str!("shell/build.bash"),
    include_str!("shell/command.bash"),
];

/// What the functions are told of the debug VM beside the job.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Setting {
    /// The directory of the build; empty is where the shell starts.
    pub build_dir: String,
    /// The private directory that the session's shells share; empty makes each
    /// shell that needs one make its own.
    pub dir: String,
}

/// The file `phases.bash` of a job: sourced last, by every bash of the session.
///
/// It reads STEPMUX_MARK (the marks' nonce; taken out of the environment),
/// STEPMUX_BIN (our program) and STEPMUX_TRAVIS_EXACT (1: Travis's exact bytes).
#[must_use]
pub fn phases(system: System, job: &Job, setting: &Setting) -> String {
    let mut text = HELPERS.join("\n");
    text.push('\n');
    text.push_str(&super::phase_help::function());
    place(&mut text, system, setting);
    if system == System::Travis {
        environment(&mut text, job);
    }
    steps::job(&mut text, system, job);
    let shared = |phase: &Phase| phase.isolation == Isolation::SameShell;
    if system != System::Travis && job.phases.iter().any(shared) {
        text.push_str("__stepmux_system_env\n__stepmux_job_env\n");
    }
    for (phase, name) in job.phases.iter().zip(keys(job)) {
        define(&mut text, &name, phase);
    }
    text.push_str("[[ -z $__stepmux_aliases ]] || shopt -s expand_aliases\n:\n");
    text
}

/// Where things are.
fn place(text: &mut String, system: System, setting: &Setting) {
    text.push_str(&format!("__stepmux_system={}\n", system.name()));
    if !setting.dir.is_empty() {
        text.push_str(&format!("__stepmux_dir={}\n", quote(&setting.dir)));
    }
    let dir = if setting.build_dir.is_empty() {
        "$PWD".to_owned()
    } else {
        quote(&setting.build_dir)
    };
    text.push_str(&format!("__stepmux_build_dir={dir}\n"));
}

/// The names by which a job's phases go in shells and in marks, in order: word
/// characters alone, and no name twice.
#[must_use]
pub fn keys(job: &Job) -> Vec<String> {
    let mut unique = Unique::default();
    let phases = job.phases.iter();
    phases.map(|phase| unique.identifier(&phase.name)).collect()
}

/// The functions which [`phases`] defines for a job's phases, in order.
#[must_use]
pub fn names(job: &Job) -> Vec<String> {
    let keys = keys(job).into_iter();
    keys.map(|key| format!("travis_run_{key}")).collect()
}

/// The file for `bash --rcfile FILE -i` that does what a login shell does
/// (bash(1), "INVOCATION"), then loads the phases' file at a path.
#[must_use]
pub fn rc(phases_path: &str) -> String {
    format!("{}. {}\n", login(), quote(phases_path))
}

/// What a login shell reads at its start, for bash.
#[must_use]
pub fn login() -> String {
    "if [ -r /etc/profile ]; then . /etc/profile; fi\n\
     if [ -r ~/.bash_profile ]; then . ~/.bash_profile\n\
     elif [ -r ~/.bash_login ]; then . ~/.bash_login\n\
     elif [ -r ~/.profile ]; then . ~/.profile\n\
     fi\n\
     set +e\n"
        .to_owned()
}

/// Lets a POSIX shell find our program by its name where `PATH` does not. `bin` is
/// the word that stands for it.
#[must_use]
pub fn by_name(bin: &str) -> String {
    format!("if ! command -v stepmux >/dev/null 2>&1; then stepmux() {{ {bin} \"$@\"; }}; fi\n")
}

/// A text as one word of a POSIX shell.
#[must_use]
pub fn quote(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_-./:+,@%=".contains(&b);
    if !text.is_empty() && text.bytes().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\0', "").replace('\'', "'\\''"))
}

fn environment(text: &mut String, job: &Job) {
    let known = [
        ("CI", "true".to_owned()),
        ("TRAVIS", "true".to_owned()),
        ("CONTINUOUS_INTEGRATION", "true".to_owned()),
        ("HAS_JOSH_K_SEAL_OF_APPROVAL", "true".to_owned()),
        ("PAGER", "cat".to_owned()),
        ("TRAVIS_DEBUG_MODE", "true".to_owned()),
        ("TRAVIS_SECURE_ENV_VARS", "false".to_owned()),
        ("TRAVIS_LANGUAGE", quote(&job.language)),
        ("TRAVIS_OS_NAME", quote(&job.os)),
        ("TRAVIS_JOB_NAME", quote(&job.name)),
    ];
    for (name, value) in known {
        text.push_str(&format!(
            "[[ -n ${{{name}:-}} ]] || export {name}={value}\n"
        ));
    }
    for (name, value) in [
        ("TRAVIS_ROOT", "/"),
        ("TRAVIS_HOME", "$HOME"),
        ("ANSI_RED", "'\\033[31;1m'"),
        ("ANSI_GREEN", "'\\033[32;1m'"),
        ("ANSI_YELLOW", "'\\033[33;1m'"),
        ("ANSI_RESET", "'\\033[0m'"),
        ("ANSI_CLEAR", "'\\033[0K'"),
    ] {
        text.push_str(&format!(
            "[[ -n ${{{name}:-}} ]] || export {name}={value}\n"
        ));
    }
    text.push_str(
        "[[ -n ${TRAVIS_BUILD_DIR:-} ]] || export TRAVIS_BUILD_DIR=$__stepmux_build_dir\n",
    );
    for (key, value) in &job.axes {
        let name: String = key.chars().map(|c| c.to_ascii_uppercase()).collect();
        if name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            let name = match name.as_str() {
                "RVM" => "TRAVIS_RUBY_VERSION".to_owned(),
                "NODE_JS" => "TRAVIS_NODE_VERSION".to_owned(),
                "COMPILER" => "TRAVIS_COMPILER".to_owned(),
                other => format!("TRAVIS_{other}_VERSION"),
            };
            text.push_str(&format!("export {name}={}\n", quote(value)));
        }
    }
    for EnvVar {
        name,
        value,
        secure,
    } in &job.env
    {
        if !*secure && super::travis_env::is_name(name) {
            text.push_str(&format!(
                "__stepmux_env {}\n",
                quote(&format!("{name}={value}"))
            ));
        }
    }
}

/// What a step's failure does, in the functions' words.
pub(super) const fn mode(phase: &Phase, on_failure: OnFailure) -> &'static str {
    match (phase.kind, on_failure) {
        (PhaseKind::Deploy, _) => "deploy",
        (_, OnFailure::StopErrored) => "assert",
        (_, OnFailure::StopFailed) => "fail",
        (_, OnFailure::RecordContinue) => "result",
        (_, OnFailure::Ignore) => "ignore",
    }
}

fn define(text: &mut String, name: &str, phase: &Phase) {
    let mode = match phase.steps.first() {
        Some(step) => mode(phase, step.on_failure),
        None if phase.kind == PhaseKind::Deploy => "deploy",
        None if phase.name == "script" => "result",
        None => "ignore",
    };
    let tries = phase
        .steps
        .first()
        .map_or(1, |step| step.retry.saturating_add(1));
    let skipped = if phase.skipped { "skipped" } else { "''" };
    let kind = match phase.kind {
        PhaseKind::Main => "main",
        PhaseKind::Always => "always",
        PhaseKind::OnSuccess => "on-success",
        PhaseKind::OnFailure => "on-failure",
        PhaseKind::Deploy => "deploy",
    };
    let isolation = match phase.isolation {
        Isolation::SameShell => "same",
        Isolation::OneShell => "one",
        Isolation::PerStep => "step",
    };
    text.push_str(&format!("__stepmux_phases+=({name})\n"));
    text.push_str(&format!(
        "__stepmux_info_{name}=({mode} {skipped} {tries} {kind} {isolation})\n"
    ));
    let title = crate::base::Label::new(&phase.name);
    text.push_str(&format!(
        "__stepmux_title_{name}={}\n",
        quote_always(title.as_str())
    ));
    text.push_str(&format!("__stepmux_cmds_{name}=(\n"));
    for step in &phase.steps {
        text.push_str(&quote_always(&step.command));
        text.push('\n');
    }
    text.push_str(")\n");
    steps::phase(text, name, phase);
    text.push_str(&format!(
        "travis_run_{name}() {{ __stepmux_phase {name} \"$@\"; }}\n"
    ));
}

/// Quoted even when plain: an array's `[1]=x` is no plain word.
fn quote_always(text: &str) -> String {
    format!("'{}'", text.replace('\0', "").replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::ci::travis;

    #[test]
    fn words_are_quoted_for_a_shell() {
        for (text, expected) in [
            ("a/b.c", "a/b.c"),
            ("", "''"),
            ("it's", "'it'\\''s'"),
            ("$x", "'$x'"),
        ] {
            assert_eq!(quote(text), expected);
        }
    }

    #[test]
    fn every_phase_of_a_job_becomes_a_function() {
        let build =
            travis::load("language: minimal\nscript: make\nafter_script: ls\n", "f").unwrap();
        assert_eq!(
            names(&build.jobs[0]),
            ["travis_run_script", "travis_run_after_script"]
        );
        let text = phases(build.system, &build.jobs[0], &Setting::default());
        assert!(text.contains("__stepmux_cmds_script=(\n'make'\n)\n"));
    }

    #[test]
    fn rc_loads_the_phases_last() {
        assert!(rc("/tmp/a b/phases.bash").ends_with("set +e\n. '/tmp/a b/phases.bash'\n"));
    }
}
