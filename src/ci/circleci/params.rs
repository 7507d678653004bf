//! Parameters: their declarations (`type`, `default`, `enum`) and the values that a
//! call gives them (CircleCI docs, "Reusable config reference").

use std::collections::BTreeMap;

use super::super::outline;
use super::super::travis_env::is_name;
use super::super::yaml::{CiError, Node, Place, Value};
use super::expr::Datum;
use super::logic::{literal, truth_word};
use super::template::{Scope, Template, is_open};

/// The type of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    String,
    Boolean,
    Integer,
    Enum,
    Executor,
    Steps,
    EnvVarName,
}

#[derive(Clone, Debug)]
struct Bound {
    kind: Kind,
    /// None: declared, and given by nobody here.
    value: Option<Node>,
}

/// The values of an element's parameters.
#[derive(Clone, Debug, Default)]
pub(super) struct Bindings(BTreeMap<String, Bound>);

impl Bindings {
    /// The value of a parameter; none when there is no such parameter.
    pub(super) fn datum(&self, name: &str) -> Option<Datum> {
        let bound = self.0.get(name)?;
        let Some(node) = &bound.value else {
            return Some(Datum::Unknown);
        };
        Some(match (bound.kind, &node.value) {
            (_, Value::List(_) | Value::Map(_)) => Datum::Tree(node.clone()),
            (Kind::Steps, Value::Null) => Datum::Tree(Node {
                value: Value::List(Vec::new()),
                ..node.clone()
            }),
            (_, Value::Null) => Datum::Text(String::new()),
            (Kind::Boolean, Value::Text(text)) => match truth_word(text) {
                Some(value) => Datum::Bool(value),
                None => Datum::Text(text.clone()),
            },
            (Kind::Integer, Value::Text(text)) if !is_open(text) => Datum::Number(text.clone()),
            (_, Value::Text(text)) => Datum::Text(text.clone()),
        })
    }
}

/// What is called, with what, and from where.
pub(super) struct Call<'a> {
    /// For messages, such as `the command build`.
    pub(super) what: &'a str,
    /// The `parameters` of the element.
    pub(super) declared: Option<&'a Node>,
    /// The arguments, expanded by the caller.
    pub(super) arguments: &'a [(String, Node)],
    pub(super) place: Place,
    /// Nobody calls it: parameters without a default stay unknown.
    pub(super) uncalled: bool,
}

/// Gives parameters their values.
///
/// # Errors
/// When an argument is not declared, misses, or does not fit its type.
pub(super) fn bind(
    template: &Template<'_>,
    pipeline: &Bindings,
    call: &Call<'_>,
) -> Result<Bindings, CiError> {
    let mut bindings = Bindings::default();
    let mut given: BTreeMap<&str, &Node> = call
        .arguments
        .iter()
        .map(|(name, node)| (name.as_str(), node))
        .collect();
    let declared = match call.declared.map(|node| &node.value) {
        Some(Value::Map(entries)) => entries.as_slice(),
        _ => &[],
    };
    let scope = Scope {
        parameters: None,
        matrix: None,
        pipeline,
    };
    for (name, declaration) in declared {
        let kind = kind(template, name, declaration)?;
        let value = match (given.remove(name.as_str()), declaration.get("default")) {
            (Some(node), _) => Some(node.clone()),
            (None, Some(default)) => Some(template.expand(default, scope)?),
            (None, None) if call.uncalled => None,
            (None, None) => {
                let message = format!("{} needs the parameter `{name}`", call.what);
                return Err(template.error(call.place, &message));
            }
        };
        if let Some(node) = &value {
            check(template, name, kind, declaration, node)?;
        }
        bindings.0.insert(name.clone(), Bound { kind, value });
    }
    // The first in the order of the file, so that the message is always the same.
    let stray = call
        .arguments
        .iter()
        .find(|(name, _)| given.contains_key(name.as_str()));
    if let Some((name, node)) = stray {
        let message = format!("{} has no parameter `{name}`", call.what);
        return Err(template.error(node.place, &message));
    }
    Ok(bindings)
}

fn kind(template: &Template<'_>, name: &str, declaration: &Node) -> Result<Kind, CiError> {
    Ok(match declaration.get("type").and_then(Node::text) {
        Some("boolean") => Kind::Boolean,
        Some("integer") => Kind::Integer,
        Some("enum") => Kind::Enum,
        Some("executor") => Kind::Executor,
        Some("steps") => Kind::Steps,
        Some("env_var_name") => Kind::EnvVarName,
        Some("string") | None => Kind::String,
        Some(other) => {
            let message = format!("parameter `{name}`: `{other}` is no type of a parameter");
            return Err(template.error(declaration.place, &message));
        }
    })
}

fn check(
    template: &Template<'_>,
    name: &str,
    kind: Kind,
    declaration: &Node,
    node: &Node,
) -> Result<(), CiError> {
    if node.text().is_some_and(is_open) {
        return Ok(()); // only CircleCI knows what it will be
    }
    let text = node.text();
    let scalar = text.is_some() || matches!(node.value, Value::Null);
    let (fits, wanted) = match kind {
        Kind::String => (scalar, "a text"),
        Kind::Boolean => (
            matches!(literal(node), Datum::Bool(_))
                || text.is_some_and(|t| truth_word(t).is_some()),
            "true or false",
        ),
        Kind::Integer => (
            text.is_some_and(|text| text.trim().parse::<i64>().is_ok()),
            "a whole number",
        ),
        Kind::Enum => {
            let values = declaration.get("enum").map_or(&[][..], Node::items);
            (
                values.iter().any(|value| value.text() == text),
                "one of those in its `enum`",
            )
        }
        Kind::Executor => (
            text.is_some() || node.get("name").is_some(),
            "the name of an executor",
        ),
        Kind::Steps => (!scalar || text.is_none(), "a list of steps"),
        Kind::EnvVarName => (text.is_some_and(is_name), "the name of a variable"),
    };
    if fits {
        return Ok(());
    }
    let message = format!(
        "parameter `{name}`: {wanted} is expected, not {}",
        crate::base::Label::new(&outline::line(node))
    );
    Err(template.error(node.place, &message))
}
