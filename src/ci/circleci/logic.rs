//! Logic statements: `and`, `or`, `not`, `equal`, `matches` and plain values, as
//! `condition:`, `when:` and `unless:` hold them (CircleCI docs, "Logic
//! statements"). What depends on the pipeline stays an expression's text.

use super::super::yaml::{CiError, Node, Value};
use super::expr::{self, Datum, Expr};
use super::template::{Scope, Template, is_open};

/// The deepest nesting, as on CircleCI.
const MAX_DEPTH: usize = 100;

/// The outcome of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Truth {
    Known(bool),
    /// The expression that only CircleCI can decide.
    Unknown(String),
}

impl Truth {
    pub(super) fn not(self) -> Self {
        match self {
            Self::Known(value) => Self::Known(!value),
            Self::Unknown(text) => Self::Unknown(match text.strip_prefix("not (") {
                Some(inner) if balanced(inner) => {
                    inner.strip_suffix(')').unwrap_or(inner).to_owned()
                }
                _ if text.strip_prefix('(').is_some_and(balanced) => format!("not {text}"),
                _ => format!("not ({text})"),
            }),
        }
    }

    /// `true`, `false` or the expression.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Known(value) => value.to_string(),
            Self::Unknown(text) => text.clone(),
        }
    }

    fn of(known: Option<bool>, text: impl FnOnce() -> String) -> Self {
        known.map_or_else(|| Self::Unknown(text()), Self::Known)
    }
}

/// Whether what follows `not (` is closed by its last character and not before.
fn balanced(inner: &str) -> bool {
    let mut depth = 1_usize;
    for (at, byte) in inner.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1 == inner.len();
        }
    }
    false
}

/// A plain value of the file.
pub(super) fn literal(node: &Node) -> Datum {
    match &node.value {
        Value::Null => Datum::Text(String::new()),
        Value::Text(text) if is_open(text) => Datum::Unknown,
        Value::Text(text) if node.quoted => Datum::Text(text.clone()),
        Value::Text(text) => match truth_word(text) {
            Some(value) => Datum::Bool(value),
            None if text.parse::<f64>().is_ok() => Datum::Number(text.clone()),
            None if matches!(text.as_str(), "null" | "~") => Datum::Text(String::new()),
            None => Datum::Text(text.clone()),
        },
        Value::List(_) | Value::Map(_) => Datum::Tree(node.clone()),
    }
}

/// A truth value of YAML 1.1, as parameters of type `boolean` take it.
pub(super) fn truth_word(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" => Some(true),
        "false" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// Decides a statement.
pub(super) fn truth(
    template: &Template<'_>,
    node: &Node,
    scope: Scope<'_>,
    depth: usize,
) -> Result<Truth, CiError> {
    if depth > MAX_DEPTH {
        return Err(template.error(node.place, "logic is nested too deeply"));
    }
    let Value::Map(entries) = &node.value else {
        let datum = value(template, node, scope)?;
        return Ok(Truth::of(datum.truthy(), || shown(node)));
    };
    let [(operator, operand)] = entries.as_slice() else {
        let message = "a logic statement has one operator: and, or, not, equal or matches";
        return Err(template.error(node.place, message));
    };
    let each = || operand.items().iter();
    match operator.as_str() {
        "not" => {
            // A list of one, as some write it.
            let operand = match operand.items() {
                [only] => only,
                _ => operand,
            };
            Ok(truth(template, operand, scope, depth + 1)?.not())
        }
        "and" | "or" => {
            let mut open = Vec::new();
            for item in each() {
                match truth(template, item, scope, depth + 1)? {
                    Truth::Known(value) if value == (operator == "or") => {
                        return Ok(Truth::Known(value));
                    }
                    Truth::Known(_) => {}
                    Truth::Unknown(text) => open.push(text),
                }
            }
            Ok(match open.len() {
                0 => Truth::Known(operator == "and" && !operand.items().is_empty()),
                1 => Truth::Unknown(open.remove(0)),
                _ => Truth::Unknown(format!("({})", open.join(&format!(" {operator} ")))),
            })
        }
        "equal" => equal(template, operand, scope),
        "matches" => matches(template, operand, scope),
        other => {
            let message = format!("`{other}` is no logic operator");
            Err(template.error(node.place, &message))
        }
    }
}

/// Whether a workflow or job runs: a statement, or an expression in a text.
pub(super) fn condition(
    template: &Template<'_>,
    node: &Node,
    scope: Scope<'_>,
) -> Result<Truth, CiError> {
    if template.on
        && let Some(text) = node.text()
        && let Some(expr) = expr::parse(text).filter(Expr::refers)
    {
        let datum = template.evaluate(&expr, node.place, scope)?;
        return Ok(Truth::of(datum.truthy(), || oneline(text)));
    }
    truth(template, node, scope, 0)
}

fn equal(template: &Template<'_>, operand: &Node, scope: Scope<'_>) -> Result<Truth, CiError> {
    let items = operand.items();
    let mut data = Vec::with_capacity(items.len());
    for item in items {
        data.push(value(template, item, scope)?);
    }
    let mut known = data.iter().filter(|datum| !matches!(datum, Datum::Unknown));
    if let Some(first) = known.next()
        && known.any(|other| first.equals(other) == Some(false))
    {
        return Ok(Truth::Known(false));
    }
    let open = data.iter().any(|datum| matches!(datum, Datum::Unknown));
    Ok(Truth::of((!open).then_some(true), || {
        let sides: Vec<String> = items
            .iter()
            .zip(&data)
            .map(|(item, datum)| match datum.text() {
                Some(text) => format!("\"{text}\""),
                None => shown(item),
            })
            .collect();
        sides.join(" == ")
    }))
}

fn matches(template: &Template<'_>, operand: &Node, scope: Scope<'_>) -> Result<Truth, CiError> {
    let (Some(pattern), Some(subject)) = (operand.get("pattern"), operand.get("value")) else {
        return Err(template.error(operand.place, "`matches` needs a pattern and a value"));
    };
    let pattern_text = template.text(pattern.text().unwrap_or_default(), pattern.place, scope)?;
    let known = match value(template, subject, scope)? {
        Datum::Unknown => None,
        datum => {
            let text = datum.text().unwrap_or_default();
            regex::RegexBuilder::new(&format!("^(?:{pattern_text})$"))
                .size_limit(1 << 20)
                .build()
                .ok()
                .map(|regex| regex.is_match(&text))
        }
    };
    Ok(Truth::of(known, || {
        format!("{} matches \"{pattern_text}\"", shown(subject))
    }))
}

/// The value of a text or of the one tag that it is.
fn value(template: &Template<'_>, node: &Node, scope: Scope<'_>) -> Result<Datum, CiError> {
    let grown = match node.text() {
        Some(text) if template.on && text.contains("<<") => {
            if let Some(expr) = only(text) {
                return match template.evaluate(&expr, node.place, scope)? {
                    Datum::Text(text) if is_open(&text) => Ok(Datum::Unknown),
                    datum => Ok(datum),
                };
            }
            template.expand(node, scope)?
        }
        _ => return Ok(literal(node)),
    };
    // A text around a tag is a text, whatever it looks like.
    Ok(match grown.text() {
        Some(text) if is_open(text) => Datum::Unknown,
        Some(text) => Datum::Text(text.to_owned()),
        None => literal(&grown),
    })
}

/// The expression that a text is nothing but the tag of.
fn only(text: &str) -> Option<Expr> {
    let inner = text.trim().strip_prefix("<<")?.strip_suffix(">>")?;
    expr::parse(inner).filter(Expr::refers)
}

/// A value as an expression has it: without `<<` and `>>`.
fn shown(node: &Node) -> String {
    let text = node.text().unwrap_or_default().trim();
    let bare = text
        .strip_prefix("<<")
        .and_then(|text| text.strip_suffix(">>"));
    match bare {
        Some(inner) if only(text).is_some() => oneline(inner),
        _ => format!("\"{}\"", oneline(text)),
    }
}

fn oneline(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
