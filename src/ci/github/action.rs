//! What a step uses: a local composite action becomes its steps; the checkout is
//! said to be here already; every other action is a placeholder.

use std::rc::Rc;

use super::job::phase;
use super::scope::Scope;
use super::steps::{Setting, given};
use super::value::Value;
use super::{Loader, MAX_DEPTH};
use crate::ci::functions::quote;
use crate::ci::model::{EnvVar, OnFailure, Phase, Step, When};
use crate::ci::notes::{identifier, overlay};
use crate::ci::yaml::{CiError, Node, Value as Yaml};

/// What using an action comes to.
#[derive(Debug, Default)]
pub(super) struct Used {
    pub(super) phases: Vec<Phase>,
    /// What asks for its outputs: step, output, variable.
    pub(super) outputs: Vec<(String, String, String)>,
}

impl Loader<'_> {
    /// The phases of a step that uses something.
    pub(super) fn used(
        &mut self,
        uses: &Node,
        node: &Node,
        scope: &Scope,
        setting: &Setting,
        mut step: Step,
    ) -> Result<Used, CiError> {
        let written = scope.scalar(uses, &mut self.notes).unwrap_or_default().text;
        self.notes.spend(uses.place, written.len())?;
        if step.placeholder.is_none()
            && let Some(path) = local(&written)
        {
            if self.depth >= MAX_DEPTH {
                return Err(self
                    .notes
                    .error(uses.place, "actions use each other too deep"));
            }
            match self.read(&path) {
                Ok((file, text)) => {
                    let used = self.within(&file, &text, |loader, root| {
                        loader.composite(root, &path, node, scope, setting, &step)
                    })?;
                    if let Some(used) = used {
                        return Ok(used);
                    }
                }
                Err(why) => {
                    self.notes.warn(uses.place, format!("{written}: {why}"));
                    step.placeholder = Some(format!("the action {written}: {why}"));
                }
            }
        }
        let with = given(node.get("with"), scope, &mut self.notes);
        let why = reason(&written, &with);
        step.placeholder.get_or_insert(why);
        let name = step.name.get_or_insert_with(|| written.clone());
        let name = if *name == written {
            format!("Run {written}")
        } else {
            name.clone()
        };
        Ok(Used {
            phases: vec![phase(&name, setting.group.clone(), step)],
            outputs: Vec::new(),
        })
    }

    /// An action's file by its directory, and its text.
    fn read(&self, path: &str) -> Result<(String, String), String> {
        let mut why = String::new();
        for name in ["action.yml", "action.yaml"] {
            let file = if path.is_empty() {
                name.to_owned()
            } else {
                format!("{path}/{name}")
            };
            match (self.source.read)(&file) {
                Ok(text) => return Ok((file, text)),
                Err(error) if why.is_empty() => why = error,
                Err(_) => {}
            }
        }
        Err(why)
    }

    /// The steps of a composite action; none when it is an action of another kind.
    fn composite(
        &mut self,
        root: &Node,
        path: &str,
        caller: &Node,
        outer: &Scope,
        setting: &Setting,
        step: &Step,
    ) -> Result<Option<Used>, CiError> {
        let runs = root.get("runs");
        let using = runs.and_then(|runs| runs.get("using")).and_then(Node::text);
        let Some(steps) = runs
            .and_then(|runs| runs.get("steps"))
            .filter(|_| using == Some("composite"))
        else {
            return Ok(None);
        };
        let id = caller.get("id").and_then(Node::text);
        let mut scope = outer.clone();
        scope.inputs = Rc::new(self.given(root, caller, outer));
        scope.outputs = Rc::default();
        scope.prefix = outer.step_id(&identifier(id.unwrap_or(path)));
        let name = root.get("name").and_then(Node::text).unwrap_or(path);
        let inner = Setting {
            shell: None,
            cwd: None,
            group: Some(step.name.clone().unwrap_or_else(|| name.to_owned())),
            ..setting.clone()
        };
        let mut phases = self.steps(steps, &scope, &inner)?;
        let action_path = EnvVar {
            name: "GITHUB_ACTION_PATH".to_owned(),
            value: format!("\"${{GITHUB_WORKSPACE:-$PWD}}\"/{}", quote(path)),
            secure: false,
        };
        for made in phases.iter_mut().flat_map(|phase| &mut phase.steps) {
            inherit(made, step, &action_path);
        }
        let mut outputs = Vec::new();
        if let (Some(id), Some(Yaml::Map(entries))) =
            (id, root.get("outputs").map(|node| &node.value))
        {
            for (name, output) in entries {
                let value = output.get("value");
                let text = value.and_then(|value| scope.scalar(value, &mut self.notes));
                if let Some([ask]) = text.as_ref().map(|text| text.asks.as_slice()) {
                    outputs.push((id.to_owned(), name.clone(), ask.variable.clone()));
                }
            }
        }
        Ok(Some(Used { phases, outputs }))
    }

    /// The inputs of an action: what the step gives, else the defaults.
    fn given(&mut self, root: &Node, caller: &Node, outer: &Scope) -> Value {
        let with = caller.get("with");
        let mut values = Vec::new();
        if let Some(Yaml::Map(entries)) = root.get("inputs").map(|node| &node.value) {
            for (name, input) in entries {
                let given = with.and_then(|with| with.get(name));
                let value = match given {
                    Some(given) => outer.tree(given, &mut self.notes),
                    None => input.get("default").map_or(Value::text(""), |default| {
                        outer.tree(default, &mut self.notes)
                    }),
                };
                // Inputs of actions are always text.
                let value = match value.shown() {
                    Some(text) => Value::Text(text),
                    None => Value::Unknown,
                };
                values.push((name.clone(), value));
            }
        }
        if let Some(Yaml::Map(entries)) = with.map(|with| &with.value) {
            for (name, node) in entries {
                if !values.iter().any(|(known, _)| known == name) {
                    self.notes
                        .warn(node.place, format!("{name}: no input of this action"));
                }
            }
        }
        Value::Map(values)
    }
}

/// Gives a step of a composite action what the step that uses it says.
fn inherit(made: &mut Step, step: &Step, action_path: &EnvVar) {
    let mut env = step.env.clone();
    env.push(action_path.clone());
    let own = std::mem::take(&mut made.env);
    overlay(&mut env, own);
    made.env = env;
    if made.when == When::Success {
        made.when = step.when.clone();
    }
    if step.on_failure == OnFailure::Ignore {
        made.on_failure = OnFailure::Ignore;
    }
    made.timeout = made.timeout.or(step.timeout);
}

/// The directory of an action in the checkout.
fn local(uses: &str) -> Option<String> {
    let path = uses.strip_prefix("./")?;
    Some(path.trim_end_matches('/').to_owned())
}

/// Why an action is not run here.
fn reason(uses: &str, with: &str) -> String {
    let name = uses.split('@').next().unwrap_or(uses);
    let with = if with.is_empty() {
        String::new()
    } else {
        format!(" ({with})")
    };
    if name == "actions/checkout" {
        return format!("the checkout is here already{with}");
    }
    let kind = if name.starts_with("docker://") {
        "the container"
    } else {
        "the action"
    };
    format!("{kind} {uses} is run by GitHub alone{with}")
}
