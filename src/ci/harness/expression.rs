//! `<+…>`: where expressions stand in a text, and what the pipeline's own file says
//! about one: names, variables with a value, the rows of a matrix. Methods, operators,
//! secrets and outputs are not evaluated; they stay, and are asked for.

use std::cell::Cell;

use super::super::asks;
use super::super::model::Ask;
use super::super::travis_env::is_name;
use super::super::yaml::{Node, Value};

/// The longest expression.
const MAX_LENGTH: usize = 2000;

/// How deep expressions may stand in each other.
const MAX_NESTING: usize = 16;

/// How deep values may refer to others.
const MAX_DEPTH: usize = 8;

/// The longest text that an expression may come to.
const MAX_TEXT: usize = 64 * 1024;

/// What all look-ups of a file may cost, in nodes looked at.
const FUEL: usize = 4_000_000;

/// Where a loop stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Stage,
    Group,
    Step,
}

/// One turn of a looping strategy.
#[derive(Clone, Debug)]
pub(super) struct Turn<'a> {
    pub(super) level: Level,
    pub(super) axes: Vec<(&'a str, &'a Node)>,
    /// `<+repeat.item>`.
    pub(super) item: Option<String>,
    pub(super) index: usize,
    pub(super) total: usize,
    /// What Harness appends to the name, such as `_0_1`.
    pub(super) suffix: String,
}

/// What expressions mean at a place of the file.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) pipeline: Option<&'a Node>,
    pub(super) stage: Option<&'a Node>,
    pub(super) step: Option<&'a Node>,
    pub(super) turn: Option<&'a Link<'a>>,
}

/// The turns around a place, innermost first.
pub(super) struct Link<'a> {
    pub(super) turn: &'a Turn<'a>,
    pub(super) outer: Option<&'a Self>,
}

/// The resolving of one file's expressions, and what it may still cost.
pub(super) struct Resolver {
    fuel: Cell<usize>,
}

impl Resolver {
    pub(super) fn new() -> Self {
        Self {
            fuel: Cell::new(FUEL),
        }
    }

    fn burn(&self, amount: usize) -> Option<()> {
        let left = self.fuel.get().checked_sub(amount);
        self.fuel.set(left.unwrap_or(0));
        left.map(|_| ())
    }

    /// A text with the expressions replaced that the file tells.
    pub(super) fn text(&self, text: &str, scope: Scope<'_>) -> String {
        self.fill(text, scope, 0)
    }

    fn fill(&self, text: &str, scope: Scope<'_>, depth: usize) -> String {
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        while let Some((start, end)) = next(text, at) {
            out.push_str(text.get(at..start).unwrap_or_default());
            let whole = text.get(start..end).unwrap_or_default();
            let inner = inside(whole);
            // Inner ones first, so that `<+matrix.<+x>>` is found.
            let known = if inner.contains("<+") && depth < MAX_DEPTH {
                let filled = self.fill(inner, scope, depth + 1);
                (!filled.contains("<+"))
                    .then(|| self.value(filled.trim(), scope, depth))
                    .flatten()
            } else {
                self.value(inner, scope, depth)
            };
            match known {
                Some(value)
                    if out.len() + value.len() <= MAX_TEXT + text.len()
                        && self.burn(value.len() / 8).is_some() =>
                {
                    out.push_str(&value);
                }
                _ => out.push_str(whole),
            }
            at = end;
        }
        out.push_str(text.get(at..).unwrap_or_default());
        out
    }

    /// The value of an expression without its delimiters; none when the file does
    /// not tell it.
    fn value(&self, path: &str, scope: Scope<'_>, depth: usize) -> Option<String> {
        self.burn(8)?;
        let plain = |c: char| c.is_ascii_alphanumeric() || "_.-$".contains(c);
        if depth >= MAX_DEPTH || path.is_empty() || !path.chars().all(plain) {
            return None;
        }
        let names: Vec<&str> = path.split('.').collect();
        if let Some(text) = turn_value(&names, scope) {
            return Some(text);
        }
        let (root, rest) = names.split_first()?;
        let node = match *root {
            "pipeline" => self.walk(scope.pipeline?, rest)?,
            "stage" => self.walk(scope.stage?, rest)?,
            "step" => match rest {
                ["name" | "identifier" | "type"] => self.walk(scope.step?, rest)?,
                _ => return None,
            },
            "org" => scope.pipeline?.get("orgIdentifier")?,
            "project" => scope.pipeline?.get("projectIdentifier")?,
            "variables" => scope
                .stage
                .and_then(|stage| self.walk(stage, &names))
                .or_else(|| self.walk(scope.pipeline?, &names))?,
            "inputs" => self.walk(scope.pipeline?, &names)?,
            _ => return None,
        };
        let text = leaf(node)?;
        let text = given(text).or_else(|| leaf(node.get("default")?))?;
        let filled = self.fill(text, scope, depth + 1);
        (!filled.contains("<+") && filled.len() <= MAX_TEXT).then_some(filled)
    }

    /// A node by its path: keys of maps, names of variables, identifiers of stages
    /// and steps.
    fn walk<'n>(&self, from: &'n Node, path: &[&str]) -> Option<&'n Node> {
        let mut node = from;
        for name in path {
            node = match &node.value {
                Value::Map(entries) => {
                    self.burn(entries.len())?;
                    node.get(name)?
                }
                Value::List(items) => {
                    self.burn(items.len() * 4)?;
                    items.iter().find_map(|item| named(item, name))?
                }
                Value::Null | Value::Text(_) => return None,
            };
        }
        Some(node)
    }
}

/// The element of a list item, when the item has that name or identifier.
fn named<'n>(item: &'n Node, name: &str) -> Option<&'n Node> {
    let wrapped = ["stage", "step", "stepGroup"]
        .iter()
        .find_map(|key| item.get(key));
    let element = wrapped.unwrap_or(item);
    let is_name = |key: &str| element.get(key).and_then(Node::text) == Some(name);
    ["identifier", "id", "name"]
        .iter()
        .any(|key| is_name(key))
        .then_some(element)
}

/// The text of a node, or the `value` of a variable.
fn leaf(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Text(text) => Some(text),
        Value::Map(_) => {
            let held = node.get("value").and_then(Node::text);
            held.or_else(|| node.get("default")?.text())
        }
        Value::Null | Value::List(_) => None,
    }
}

/// A value that is not left to the run: a plain one, or the default of an input.
pub(super) fn given(text: &str) -> Option<&str> {
    let Some(rest) = text.trim().strip_prefix("<+input>") else {
        return Some(text);
    };
    let (_, after) = rest.split_once(".default(")?;
    let (value, _) = after.split_once(')')?;
    Some(value.trim_matches(['"', '\'']))
}

/// What a looping strategy gives.
fn turn_value(names: &[&str], scope: Scope<'_>) -> Option<String> {
    let (level, rest) = match names {
        ["stage", rest @ ..] if loops(rest) => (Some(Level::Stage), rest),
        ["step", rest @ ..] if loops(rest) => (Some(Level::Step), rest),
        ["strategy", rest @ ..] => (None, rest),
        rest => (None, rest),
    };
    let mut link = scope.turn;
    while let Some(Link { turn, outer }) = link {
        link = *outer;
        if level.is_some_and(|level| level != turn.level) {
            continue;
        }
        let found = match rest {
            ["matrix", axis, path @ ..] => turn
                .axes
                .iter()
                .find(|(name, _)| name == axis)
                .and_then(|(_, node)| {
                    let mut node = *node;
                    for name in path {
                        node = node.get(name)?;
                    }
                    leaf(node).map(str::to_owned)
                }),
            ["repeat", "item"] => turn.item.clone(),
            ["iteration"] => Some(turn.index.to_string()),
            ["iterations" | "totalIterations"] => Some(turn.total.to_string()),
            ["identifierPostFix"] => Some(turn.suffix.clone()),
            _ => None,
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

fn loops(rest: &[&str]) -> bool {
    matches!(
        rest.first(),
        Some(&("matrix" | "repeat" | "iteration" | "iterations"))
    )
}

/// The next expression of a text, from a byte on: where it starts and ends.
pub(super) fn next(text: &str, from: usize) -> Option<(usize, usize)> {
    let mut at = from;
    loop {
        let start = at + text.get(at..)?.find("<+")?;
        at = start + 2;
        if let Some(length) = length(text.get(at..)?) {
            return Some((start, at + length));
        }
    }
}

/// How far an expression goes after its `<+`, its `>` included.
fn length(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let mut depth = 0_usize;
    let mut quoted = false;
    for at in 0..bytes.len().min(MAX_LENGTH) {
        match bytes.get(at)? {
            b'\n' => return None,
            b'"' => quoted = !quoted,
            b'<' if !quoted && bytes.get(at + 1) == Some(&b'+') => {
                depth += 1;
                if depth > MAX_NESTING {
                    return None;
                }
            }
            b'>' if !quoted => match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => return Some(at + 1),
            },
            _ => {}
        }
    }
    None
}

fn inside(whole: &str) -> &str {
    let inner = whole.strip_prefix("<+").unwrap_or(whole);
    inner.strip_suffix('>').unwrap_or(inner).trim()
}

/// Notes the expressions that are left in a text.
pub(super) fn note(text: &str, asks: &mut Vec<Ask>) {
    let mut at = 0;
    while let Some((start, end)) = next(text, at) {
        at = end;
        let expression = text.get(start..end).unwrap_or_default();
        asks::note(asks, ask(expression));
    }
}

/// An expression as what is to be asked for.
pub(super) fn ask(expression: &str) -> Ask {
    let inner = inside(expression);
    let known = match inner {
        "codebase.branch" => "DRONE_COMMIT_BRANCH",
        "codebase.commitSha" => "DRONE_COMMIT_SHA",
        "codebase.tag" => "DRONE_TAG",
        "pipeline.sequenceId" => "DRONE_BUILD_NUMBER",
        "pipeline.executionId" => "HARNESS_EXECUTION_ID",
        _ => inner
            .strip_prefix("env.")
            .filter(|name| is_name(name))
            .unwrap_or_default(),
    };
    let variable = if known.is_empty() {
        asks::variable(inner)
    } else {
        known.to_owned()
    };
    Ask {
        expression: expression.to_owned(),
        variable,
        secret: inner.contains("secrets.") || inner.contains("ngSecretManager"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::ci::yaml;

    const PIPELINE: &str = "
name: My Build
projectIdentifier: proj
variables:
- {name: tag, value: v1}
- {name: asked, value: <+input>}
- {name: chosen, value: '<+input>.default(main).allowedValues(main,dev)'}
- {name: full, value: 'app:<+pipeline.variables.tag>'}
- {name: round, value: <+pipeline.variables.round>}
- {name: fallback, default: eu, value: <+input>}
stages:
- stage: {identifier: one, name: One, variables: [{name: size, value: big}]}
";

    #[test]
    fn expression_is_resolved_from_the_file() {
        let pipeline = yaml::parse(PIPELINE, "f").unwrap().unwrap();
        let stage = &pipeline.get("stages").unwrap().items()[0];
        let axes = yaml::parse("os: linux\nservice: {name: db}", "f")
            .unwrap()
            .unwrap();
        let Value::Map(axes) = axes.value else {
            unreachable!()
        };
        let axes = axes.iter().map(|(name, node)| (name.as_str(), node));
        let turn = Turn {
            level: Level::Stage,
            axes: axes.collect(),
            item: Some("x".to_owned()),
            index: 1,
            total: 3,
            suffix: "_1".to_owned(),
        };
        let link = Link {
            turn: &turn,
            outer: None,
        };
        let scope = Scope {
            pipeline: Some(&pipeline),
            stage: stage.get("stage"),
            step: None,
            turn: Some(&link),
        };
        let table = [
            ("<+pipeline.name>", "My Build"),
            ("a <+pipeline.variables.full> b", "a app:v1 b"),
            ("<+pipeline.variables.chosen>", "main"),
            ("<+pipeline.variables.fallback>", "eu"),
            ("<+pipeline.variables.asked>", "<+pipeline.variables.asked>"),
            ("<+pipeline.variables.round>", "<+pipeline.variables.round>"),
            ("<+stage.variables.size>", "big"),
            ("<+ stage.name >", "One"),
            ("<+pipeline.stages.one.variables.size>", "big"),
            ("<+project.identifier>", "proj"),
            ("<+matrix.os>-<+matrix.service.name>", "linux-db"),
            (
                "<+stage.matrix.os> <+step.matrix.os>",
                "linux <+step.matrix.os>",
            ),
            ("<+strategy.iteration>/<+strategy.iterations>", "1/3"),
            ("<+repeat.item>", "x"),
            (
                "<+pipeline.variables.<+matrix.os>>",
                "<+pipeline.variables.<+matrix.os>>",
            ),
            ("<+input> <+trigger.x>", "<+input> <+trigger.x>"),
            ("cat <+ file", "cat <+ file"),
        ];
        for (text, expected) in table {
            assert_eq!(Resolver::new().text(text, scope), expected, "{text}");
        }
    }

    #[test]
    fn what_is_left_is_asked_for_by_name() {
        let mut asks = Vec::new();
        note(
            "x <+secrets.getValue(\"a>b\")> <+env.HOME_DIR> <+env.HOME_DIR> <+codebase.tag>",
            &mut asks,
        );
        let shown: Vec<_> = asks
            .iter()
            .map(|ask| (ask.variable.as_str(), ask.secret))
            .collect();
        assert_eq!(
            shown,
            [
                ("SECRETS_GETVALUE_A_B", true),
                ("HOME_DIR", false),
                ("DRONE_TAG", false)
            ]
        );
    }

    #[test]
    fn values_that_grow_without_end_are_left() {
        let mut text = String::from("variables:\n");
        for n in 0..8 {
            let next = format!("<+pipeline.variables.v{}>", n + 1);
            text.push_str(&format!(
                "- {{name: v{n}, value: \"{}\"}}\n",
                next.repeat(40)
            ));
        }
        text.push_str("- {name: v8, value: xxxxxxxxxx}\n");
        let pipeline = yaml::parse(&text, "f").unwrap().unwrap();
        let scope = Scope {
            pipeline: Some(&pipeline),
            stage: None,
            step: None,
            turn: None,
        };
        let out = Resolver::new().text("<+pipeline.variables.v0>", scope);
        assert!(out.len() < 2 * MAX_TEXT);
    }
}
