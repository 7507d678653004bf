//! What GitHub's expressions are worth, as far as the file tells it: operators and
//! functions over known and unknown values. A condition is judged for a job that
//! has succeeded so far, and for one that has failed.

use super::expr::{Expr, Op};
use super::value::{Value, folded};

/// The most bytes that an evaluation may make.
const MAX_TEXT: usize = 1 << 20;

/// What names mean.
pub(super) trait Contexts {
    /// The value of a key of a context; unknown unless it is told by the file.
    fn entry(&self, context: &str, key: &str) -> Value;

    /// A whole context.
    fn whole(&self, context: &str) -> Value;
}

/// How the job has fared when a condition is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fare {
    /// Nothing is said of it.
    Open,
    Succeeded,
    Failed,
}

/// An expression's value.
pub(super) fn value(expr: &Expr, contexts: &dyn Contexts, fare: Fare) -> Value {
    match expr {
        Expr::Literal(value) => value.clone(),
        Expr::Name(name) => contexts.whole(name),
        Expr::Index(base, key) => {
            let key = value(key, contexts, fare);
            match base.as_ref() {
                Expr::Name(name) => match key.shown() {
                    Some(key) => contexts.entry(name, &key),
                    None => Value::Unknown,
                },
                base => index(base, &key, contexts, fare),
            }
        }
        Expr::All(base) => value(base, contexts, fare).all(),
        Expr::Not(of) => truth(of, contexts, fare).map_or(Value::Unknown, |is| Value::Bool(!is)),
        Expr::Binary(op, left, right) => binary(*op, left, right, contexts, fare),
        Expr::Call(name, args) => call(name, args, contexts, fare),
    }
}

/// A key of a value, or of each item after `.*`.
fn index(base: &Expr, key: &Value, contexts: &dyn Contexts, fare: Fare) -> Value {
    let of = value(base, contexts, fare);
    match (base, &of) {
        (Expr::All(_), Value::List(items)) => {
            let found = items.iter().map(|item| item.at(key));
            Value::List(found.filter(|value| *value != Value::Null).collect())
        }
        _ => of.at(key),
    }
}

/// Whether an expression counts as true; more is known of it than of its value.
pub(super) fn truth(expr: &Expr, contexts: &dyn Contexts, fare: Fare) -> Option<bool> {
    match expr {
        Expr::Not(of) => truth(of, contexts, fare).map(|is| !is),
        Expr::Binary(Op::And, left, right) => {
            match (truth(left, contexts, fare), truth(right, contexts, fare)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            }
        }
        Expr::Binary(Op::Or, left, right) => {
            match (truth(left, contexts, fare), truth(right, contexts, fare)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            }
        }
        expr => value(expr, contexts, fare).truth(),
    }
}

fn binary(op: Op, left: &Expr, right: &Expr, contexts: &dyn Contexts, fare: Fare) -> Value {
    use std::cmp::Ordering;
    let first = value(left, contexts, fare);
    match (op, first.truth()) {
        (Op::And | Op::Or, None) => return Value::Unknown,
        (Op::And, Some(false)) | (Op::Or, Some(true)) => return first,
        (Op::And | Op::Or, Some(_)) => return value(right, contexts, fare),
        _ => {}
    }
    let second = value(right, contexts, fare);
    let order = || first.order(&second);
    let known = match op {
        Op::Equal => first.equals(&second),
        Op::NotEqual => first.equals(&second).map(|equal| !equal),
        Op::Less => order().map(|order| order == Some(Ordering::Less)),
        Op::Greater => order().map(|order| order == Some(Ordering::Greater)),
        Op::LessEqual => order().map(|order| order.is_some_and(Ordering::is_le)),
        Op::GreaterEqual => order().map(|order| order.is_some_and(Ordering::is_ge)),
        Op::And | Op::Or => None,
    };
    known.map_or(Value::Unknown, Value::Bool)
}

/// The functions that ask how the job has fared.
pub(super) const STATUS: [&str; 4] = ["success", "failure", "always", "cancelled"];

fn call(name: &str, args: &[Expr], contexts: &dyn Contexts, fare: Fare) -> Value {
    let fared = |wanted: Fare| match fare {
        Fare::Open => Value::Unknown,
        fare => Value::Bool(fare == wanted),
    };
    match name {
        "always" => return Value::Bool(true),
        "success" => return fared(Fare::Succeeded),
        "failure" => return fared(Fare::Failed),
        "cancelled" => return fared(Fare::Open),
        _ => {}
    }
    let values: Vec<Value> = args.iter().map(|arg| value(arg, contexts, fare)).collect();
    // An unknown value taints the whole, for which one check is enough.
    if values.contains(&Value::Unknown) && name != "case" {
        return Value::Unknown;
    }
    let text = |at: usize| values.get(at).and_then(Value::shown).unwrap_or_default();
    match (name, values.as_slice()) {
        ("contains", [Value::List(items), wanted]) => {
            let mut known = items.iter().map(|item| item.equals(wanted));
            if known.any(|equal| equal == Some(true)) {
                Value::Bool(true)
            } else if items.iter().any(|item| item.equals(wanted).is_none()) {
                Value::Unknown
            } else {
                Value::Bool(false)
            }
        }
        ("contains", [_, _]) => Value::Bool(folded(&text(0)).contains(&folded(&text(1)))),
        ("startswith", [_, _]) => Value::Bool(folded(&text(0)).starts_with(&folded(&text(1)))),
        ("endswith", [_, _]) => Value::Bool(folded(&text(0)).ends_with(&folded(&text(1)))),
        ("format", [Value::Text(pattern), rest @ ..]) => {
            format(pattern, rest).map_or(Value::Unknown, Value::Text)
        }
        ("join", [Value::List(items), ..]) => {
            let between = if values.len() > 1 {
                text(1)
            } else {
                ",".to_owned()
            };
            let items: Option<Vec<String>> = items.iter().map(Value::shown).collect();
            items.map_or(Value::Unknown, |items| bounded(items.join(&between)))
        }
        ("join", [_, ..]) => Value::Text(text(0)),
        ("tojson", [value]) => value.json().map_or(Value::Unknown, bounded),
        ("fromjson", [_]) => Value::of_json(&text(0)).unwrap_or(Value::Unknown),
        ("case", _) => case(&values),
        _ => Value::Unknown,
    }
}

fn bounded(text: String) -> Value {
    if text.len() > MAX_TEXT {
        Value::Unknown
    } else {
        Value::Text(text)
    }
}

/// `case(condition, value, …, default)`.
fn case(values: &[Value]) -> Value {
    for pair in values.chunks(2) {
        match pair {
            [condition, value] => match condition.truth() {
                Some(true) => return value.clone(),
                Some(false) => {}
                None => return Value::Unknown,
            },
            [value] => return value.clone(),
            _ => {}
        }
    }
    Value::Null
}

/// `{0}` by the arguments; `{{` and `}}` are braces.
fn format(pattern: &str, args: &[Value]) -> Option<String> {
    let mut text = String::new();
    let mut rest = pattern;
    while let Some(at) = rest.find(['{', '}']) {
        text.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        let after = &rest[at + 1..];
        if let Some(more) = after.strip_prefix(brace) {
            text.push_str(brace);
            rest = more;
            continue;
        }
        let end = after.find('}').filter(|_| brace == "{")?;
        let index: usize = after[..end].trim().parse().ok()?;
        text.push_str(&args.get(index)?.shown()?);
        if text.len() > MAX_TEXT {
            return None;
        }
        rest = &after[end + 1..];
    }
    text.push_str(rest);
    Some(text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::expr::parse;
    use super::*;

    struct Known;

    impl Contexts for Known {
        fn entry(&self, context: &str, key: &str) -> Value {
            match (context, key) {
                ("matrix", "os") => Value::text("ubuntu-latest"),
                ("matrix", "cfg") => {
                    Value::of_json(r#"{"Name": "x", "list": [{"a": 1}, {"a": 2}, {}]}"#).unwrap()
                }
                ("matrix", _) => Value::Null,
                _ => Value::Unknown,
            }
        }

        fn whole(&self, _: &str) -> Value {
            Value::Unknown
        }
    }

    #[test]
    fn expressions_have_their_values() {
        for (text, expected) in [
            ("'it''s'", Some("it's")),
            ("0xff", Some("255")),
            ("-1.50", Some("-1.5")),
            ("1e3", Some("1000")),
            ("null", Some("")),
            ("1 < 2 && 'a' || 'b'", Some("a")),
            ("false && secrets.x || 'b'", Some("b")),
            ("true || secrets.x", Some("true")),
            ("secrets.x || 'b'", None),
            ("'' || 'd'", Some("d")),
            ("!null", Some("true")),
            ("1 == '1' && 'A' == 'a'", Some("true")),
            ("2 > 1 == true", Some("true")),
            ("'b' >= 'A'", Some("true")),
            ("'x' < 1", Some("false")),
            ("matrix.OS == 'x'", Some("false")),
            ("matrix.os", Some("ubuntu-latest")),
            ("matrix['os']", Some("ubuntu-latest")),
            ("matrix.cfg.name", Some("x")),
            ("matrix.cfg.list[1].a", Some("2")),
            ("matrix.cfg.list[9].a", Some("")),
            ("join(matrix.cfg.list.*.a, '-')", Some("1-2")),
            ("matrix.nosuch.deeper", Some("")),
            ("github.ref", None),
            ("contains('Hello', 'ELL')", Some("true")),
            ("contains(fromJSON('[\"a\",\"b\"]'), 'B')", Some("true")),
            ("contains(github.ref, 'x')", None),
            ("startsWith('abc', 'AB')", Some("true")),
            ("endsWith('abc', 'bd')", Some("false")),
            ("format('{{{0}}} {1}', 'a', 2)", Some("{a} 2")),
            ("format('{5}', 1)", None),
            ("join(fromJSON('[1,2]'))", Some("1,2")),
            ("toJSON(fromJSON('{\"a\":[]}'))", Some("{\n  \"a\": []\n}")),
            ("fromJSON('{\"x\": 3.0}').x", Some("3")),
            ("hashFiles('x')", None),
            ("case(false, 'a', true, 'b', 'c')", Some("b")),
            ("case(false, 'a', 'c')", Some("c")),
            ("nosuch(1)", None),
        ] {
            let expr = parse(text).unwrap();
            let found = value(&expr, &Known, Fare::Open).shown();
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn conditions_are_judged_by_how_the_job_fared() {
        for (text, succeeded, failed) in [
            ("always()", Some(true), Some(true)),
            ("success()", Some(true), Some(false)),
            ("failure()", Some(false), Some(true)),
            ("!cancelled()", Some(true), Some(true)),
            ("failure() && github.ref == 'x'", Some(false), None),
            ("success() && matrix.os == 'x'", Some(false), Some(false)),
            ("github.ref == 'x' && false", Some(false), Some(false)),
            ("github.ref == 'x' || always()", Some(true), Some(true)),
        ] {
            let expr = parse(text).unwrap();
            assert_eq!(truth(&expr, &Known, Fare::Succeeded), succeeded, "{text}");
            assert_eq!(truth(&expr, &Known, Fare::Failed), failed, "{text}");
        }
    }
}
