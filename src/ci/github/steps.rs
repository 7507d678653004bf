//! The steps of a job: commands with their exact shells, and placeholders for
//! actions. Each step becomes a phase of its own, for each has its own shell.

use std::rc::Rc;

use super::Loader;
use super::job::phase;
use super::scope::{Judged, Scope, Text, condition};
use crate::ci::model::{OnFailure, Phase, Step, When};
use crate::ci::notes::{self, Notes, short};
use crate::ci::yaml::{CiError, Node, Value as Yaml};

/// The longest name that is made from a command, in characters.
const MAX_NAME: usize = 60;

/// What a job gives its steps.
#[derive(Clone, Debug, Default)]
pub(super) struct Setting {
    pub(super) shell: Option<Node>,
    pub(super) cwd: Option<Node>,
    pub(super) windows: bool,
    pub(super) container: bool,
    /// The job's own limit in seconds.
    pub(super) timeout: Option<u64>,
    /// What the steps are of: a composite action.
    pub(super) group: Option<String>,
}

const STEP_KEYS: [&str; 11] = [
    "id",
    "if",
    "name",
    "uses",
    "run",
    "working-directory",
    "shell",
    "with",
    "env",
    "continue-on-error",
    "timeout-minutes",
];

impl Loader<'_> {
    /// The phases of a list of steps.
    pub(super) fn steps(
        &mut self,
        list: &Node,
        scope: &Scope,
        setting: &Setting,
    ) -> Result<Vec<Phase>, CiError> {
        if list.list().is_none() {
            return Err(self
                .notes
                .error(list.place, "a list of steps is expected here"));
        }
        let mut scope = scope.clone();
        let mut phases = Vec::new();
        for node in list.items() {
            if !matches!(node.value, Yaml::Map(_)) {
                return Err(self.notes.error(node.place, "a step is a map of keys"));
            }
            self.known(node, &STEP_KEYS, "a step");
            self.step(node, &mut scope, setting, &mut phases)?;
        }
        Ok(phases)
    }

    fn step(
        &mut self,
        node: &Node,
        outer: &mut Scope,
        setting: &Setting,
        phases: &mut Vec<Phase>,
    ) -> Result<(), CiError> {
        let mut scope = outer.clone();
        let (env, env_asks) = scope.define(node.get("env"), &mut self.notes);
        let id = node.get("id").and_then(Node::text);
        let mut step = Step {
            env,
            id: id.map(|id| scope.step_id(id)),
            ..Step::default()
        };
        let given = node
            .get("name")
            .and_then(|name| scope.scalar(name, &mut self.notes));
        step.name = given.map(|name| name.text).filter(|name| !name.is_empty());
        if self.flag(node.get("continue-on-error"), &scope) {
            step.on_failure = OnFailure::Ignore;
        }
        let minutes = node.get("timeout-minutes");
        let own = minutes.and_then(|minutes| self.minutes(minutes, &scope));
        step.timeout = own.or(setting.timeout);
        self.judge(node, &scope, &mut step);
        match (node.get("run"), node.get("uses")) {
            (Some(_), Some(uses)) => Err(self
                .notes
                .error(uses.place, "a step either runs or uses something")),
            (None, None) => Err(self
                .notes
                .error(node.place, "a step runs a command or uses an action")),
            (Some(run), None) => {
                step.asks = env_asks;
                phases.push(self.command(run, node, &scope, setting, step)?);
                Ok(())
            }
            (None, Some(uses)) => {
                let used = self.used(uses, node, &scope, setting, step)?;
                if !used.outputs.is_empty() {
                    Rc::make_mut(&mut outer.outputs).extend(used.outputs);
                }
                phases.extend(used.phases);
                Ok(())
            }
        }
    }

    /// When a step runs; one that never does becomes a placeholder.
    fn judge(&mut self, node: &Node, scope: &Scope, step: &mut Step) {
        let Some(found) = node.get("if") else {
            return;
        };
        let text = found.text().unwrap_or_default();
        match scope.judge(text) {
            Ok(Judged::Success) => {}
            Ok(Judged::Always) => step.when = When::Always,
            Ok(Judged::Failure) => step.when = When::Failure,
            Ok(Judged::Open) => step.when = When::Expression(condition(text).to_owned()),
            Ok(Judged::Never) => {
                let why = format!("its condition is false for this job: {}", condition(text));
                step.placeholder = Some(why);
            }
            Err(why) => {
                self.notes.warn(found.place, format!("if: {why}"));
                step.when = When::Expression(condition(text).to_owned());
            }
        }
    }

    fn command(
        &mut self,
        run: &Node,
        node: &Node,
        scope: &Scope,
        setting: &Setting,
        mut step: Step,
    ) -> Result<Phase, CiError> {
        let Some(command) = scope.scalar(run, &mut self.notes) else {
            return Err(self.notes.error(run.place, "a command is expected here"));
        };
        let env = step
            .env
            .iter()
            .map(|var| var.name.len() + var.value.len() + 64);
        let env: usize = env.sum();
        self.notes.spend(run.place, command.text.len() + env)?;
        let cwd = node.get("working-directory").or(setting.cwd.as_ref());
        let cwd = cwd.and_then(|cwd| scope.scalar(cwd, &mut self.notes));
        let cwd = cwd.filter(|cwd| !cwd.text.is_empty()).unwrap_or_default();
        let shell = node.get("shell").or(setting.shell.as_ref());
        let named = shell.and_then(|shell| scope.scalar(shell, &mut self.notes));
        let named = named.unwrap_or_default();
        let place = shell.map_or(node.place, |shell| shell.place);
        step.shell = argv(&named.text, setting).unwrap_or_else(|why| {
            self.notes.warn(place, why);
            words(&format!("{} {{0}}", named.text))
        });
        for Text { asks, .. } in [&command, &cwd, &named] {
            for ask in asks {
                notes::ask(&mut step.asks, ask.clone());
            }
        }
        step.cwd = (!cwd.text.is_empty()).then_some(cwd.text);
        let name = step.name.clone().unwrap_or_else(|| {
            let line = command.text.trim_start().lines().next().unwrap_or_default();
            short(&format!("Run {}", line.trim()), MAX_NAME)
        });
        step.command = command.text;
        Ok(phase(&name, setting.group.clone(), step))
    }
}

/// The argv of a shell by its name, as actions/runner starts it.
fn argv(name: &str, setting: &Setting) -> Result<Vec<String>, String> {
    let fixed: &[&str] = match name.trim() {
        "" if setting.windows => &["pwsh", "-command", ". '{0}'"],
        "" if setting.container => &["sh", "-e", "{0}"],
        "" => &["bash", "-e", "{0}"],
        "bash" => &["bash", "--noprofile", "--norc", "-eo", "pipefail", "{0}"],
        "sh" => &["sh", "-e", "{0}"],
        "pwsh" => &["pwsh", "-command", ". '{0}'"],
        "powershell" => &["powershell", "-command", ". '{0}'"],
        "cmd" => &["cmd", "/D", "/E:ON", "/V:OFF", "/S", "/C", "CALL \"{0}\""],
        "python" => &["python", "{0}"],
        custom if custom.contains("{0}") => return Ok(words(custom)),
        other => {
            return Err(format!(
                "shell: {other} is not known (bash, sh, pwsh, powershell, cmd, python) and has no {{0}}"
            ));
        }
    };
    Ok(fixed.iter().map(|&word| word.to_owned()).collect())
}

/// The words of a line, with quotes taken off.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut open) = (Vec::new(), None::<String>, None);
    for ch in line.chars() {
        match open {
            Some(quote) if ch == quote => open = None,
            None if matches!(ch, '\'' | '"') => {
                open = Some(ch);
                word.get_or_insert_default();
            }
            None if ch.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(ch),
        }
    }
    words.extend(word);
    words
}

/// What an action is given, in a few words.
pub(super) fn given(with: Option<&Node>, scope: &Scope, notes: &mut Notes) -> String {
    let Some(Yaml::Map(entries)) = with.map(|with| &with.value) else {
        return String::new();
    };
    let mut parts = Vec::new();
    for (key, value) in entries {
        if let Some(text) = scope.scalar(value, notes) {
            let line = text.text.lines().next().unwrap_or_default().to_owned();
            parts.push(format!("{key}: {}", short(&line, 80)));
        }
    }
    short(&parts.join(", "), 300)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shells_are_started_as_the_runner_starts_them() {
        let linux = Setting::default();
        let windows = Setting {
            windows: true,
            ..Setting::default()
        };
        let container = Setting {
            container: true,
            ..Setting::default()
        };
        for (name, setting, expected) in [
            ("", &linux, "bash|-e|{0}"),
            ("", &windows, "pwsh|-command|. '{0}'"),
            ("", &container, "sh|-e|{0}"),
            ("bash", &windows, "bash|--noprofile|--norc|-eo|pipefail|{0}"),
            ("sh", &linux, "sh|-e|{0}"),
            ("powershell", &linux, "powershell|-command|. '{0}'"),
            ("cmd", &linux, "cmd|/D|/E:ON|/V:OFF|/S|/C|CALL \"{0}\""),
            ("python", &linux, "python|{0}"),
            ("bash -l {0}", &linux, "bash|-l|{0}"),
            ("perl -e 'do \"x\"' {0}", &linux, "perl|-e|do \"x\"|{0}"),
        ] {
            let found = argv(name, setting).map(|argv| argv.join("|"));
            assert_eq!(found.as_deref(), Ok(expected), "{name}");
        }
        assert!(argv("fish", &linux).is_err());
    }
}
