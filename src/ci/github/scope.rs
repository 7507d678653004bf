//! What expressions mean at one place of a workflow, and templates: what the file
//! tells is put in, what only GitHub knows stays as written and is asked for.
//!
//! | expression | asked from |
//! |---|---|
//! | `env.X`, `vars.X`, `secrets.X` | `X` |
//! | `github.token` | `GITHUB_TOKEN` |
//! | `inputs.X` | `INPUT_X` |
//! | `steps.ID.outputs.N` | `STEP_OUTPUT_ID_N` |
//! | `needs.J.outputs.N` | `NEEDS_OUTPUT_J_N` |
//! | any other path, `github.ref_name` | its words, `GITHUB_REF_NAME` |
//! | anything else | `EXPR_` and its characters |

use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::eval::{self, Contexts, Fare};
use super::expr::{self, Expr};
use super::value::Value;
use crate::ci::functions::quote;
use crate::ci::model::{Ask, EnvVar};
use crate::ci::notes::{self, Notes, identifier, is_identifier};
use crate::ci::yaml::{Node, Value as Yaml};

/// The contexts at one place.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    /// The job's combination; unknown when GitHub alone makes the matrix.
    pub(super) matrix: Rc<Value>,
    /// Inputs with what they were given, or their defaults.
    pub(super) inputs: Rc<Value>,
    pub(super) strategy: Value,
    /// Variables that the file defines, the nearest place last, by their names in
    /// upper case; unknown where they hold what is unknown.
    pub(super) env: Vec<Rc<HashMap<String, Value>>>,
    /// Keys of `github` that the file tells.
    pub(super) github: Vec<(String, Value)>,
    /// `Linux`, `Windows` or `macOS`, when `runs-on` tells.
    pub(super) os: Option<&'static str>,
    /// The variables that the job's steps write for later ones: these are not what
    /// the file says.
    pub(super) written: Rc<HashSet<String>>,
    /// The steps around those of a composite action, for their names.
    pub(super) prefix: String,
    /// What asks for outputs of composite actions: step, output, variable.
    pub(super) outputs: Rc<Vec<(String, String, String)>>,
    /// How much may still be looked up: a file cannot make that take for ever.
    pub(super) fuel: Rc<Cell<u64>>,
}

/// The longest text that a template may become, in bytes.
const MAX_TEXT: usize = 4 << 20;

/// How much may be looked up for one file, in values.
const FUEL: u64 = 5_000_000;

impl Default for Scope {
    fn default() -> Self {
        Self {
            matrix: Rc::new(Value::Null),
            inputs: Rc::new(Value::Map(Vec::new())),
            strategy: Value::Null,
            env: Vec::new(),
            github: Vec::new(),
            os: None,
            written: Rc::default(),
            prefix: String::new(),
            outputs: Rc::default(),
            fuel: Rc::new(Cell::new(FUEL)),
        }
    }
}

impl Contexts for Scope {
    fn entry(&self, context: &str, key: &str) -> Value {
        let context = context.to_ascii_lowercase();
        let cost = match context.as_str() {
            "matrix" => self.matrix.breadth(),
            "inputs" => self.inputs.breadth(),
            _ => 0,
        };
        if !self.burn(cost + key.len()) {
            return Value::Unknown;
        }
        let of = |entries: &[(String, Value)]| {
            let mut entries = entries.iter().rev();
            let found = entries.find(|(known, _)| known.eq_ignore_ascii_case(key));
            found.map(|(_, value)| value.clone())
        };
        match context.as_str() {
            "matrix" => self.matrix.at(&Value::text(key)),
            "inputs" => self.inputs.at(&Value::text(key)),
            "strategy" => self.strategy.at(&Value::text(key)),
            "env" if self.written.contains(key) => Value::Unknown,
            "env" => {
                let name = key.to_ascii_uppercase();
                let found = self.env.iter().rev().find_map(|layer| layer.get(&name));
                found.cloned().unwrap_or(Value::Unknown)
            }
            "github" => of(&self.github).unwrap_or(Value::Unknown),
            "runner" if key.eq_ignore_ascii_case("os") => {
                self.os.map_or(Value::Unknown, Value::text)
            }
            _ => Value::Unknown,
        }
    }

    fn whole(&self, context: &str) -> Value {
        let value = match context.to_ascii_lowercase().as_str() {
            "matrix" => &self.matrix,
            "inputs" => &self.inputs,
            "strategy" => &self.strategy,
            _ => return Value::Unknown,
        };
        if self.burn(value.weight()) {
            value.clone()
        } else {
            Value::Unknown
        }
    }
}

/// A text with what is known put in.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Text {
    pub(super) text: String,
    /// What stayed as written.
    pub(super) asks: Vec<Ask>,
}

/// When a step or job runs, as far as its condition tells.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Judged {
    /// Never: the condition is false whatever happens.
    Never,
    Success,
    Failure,
    Always,
    /// Only GitHub can tell.
    Open,
}

impl Scope {
    /// Takes from what may be looked up; says whether it was there.
    fn burn(&self, cost: usize) -> bool {
        let cost = u64::try_from(cost).unwrap_or(u64::MAX);
        let left = self.fuel.get().saturating_sub(cost);
        self.fuel.set(left);
        left > 0
    }

    /// The value of an expression's text.
    pub(super) fn value(&self, text: &str) -> Result<Value, String> {
        let expr = expr::parse(text)?;
        Ok(eval::value(&expr, self, Fare::Open))
    }

    /// A template's text.
    pub(super) fn text(&self, template: &str, node: &Node, notes: &mut Notes) -> Text {
        let mut found = Text::default();
        let mut rest = template;
        while let Some(at) = rest.find("${{") {
            found.text.push_str(&rest[..at]);
            let inner = &rest[at + 3..];
            let Some(end) = expr::end(inner) else {
                notes.warn(node.place, "an expression does not end: }} is missing");
                rest = &rest[at..];
                break;
            };
            let written = &rest[at..at + 3 + end + 2];
            match self.value(&inner[..end]) {
                Ok(value) => match value.shown() {
                    Some(text) if found.text.len() + text.len() <= MAX_TEXT => {
                        found.text.push_str(&text);
                    }
                    Some(_) => self.ask(written, &inner[..end], &mut found),
                    None => self.ask(written, &inner[..end], &mut found),
                },
                Err(why) => {
                    notes.warn(node.place, format!("{written}: {why}"));
                    self.ask(written, &inner[..end], &mut found);
                }
            }
            rest = &inner[end + 2..];
        }
        found.text.push_str(rest);
        found
    }

    /// A scalar's text; lists and maps have none.
    pub(super) fn scalar(&self, node: &Node, notes: &mut Notes) -> Option<Text> {
        let text = match &node.value {
            Yaml::Text(text) => self.text(text, node, notes),
            Yaml::Null => Text::default(),
            Yaml::List(_) | Yaml::Map(_) => return None,
        };
        Some(text)
    }

    /// A node's value: a scalar that is one expression has that expression's.
    pub(super) fn tree(&self, node: &Node, notes: &mut Notes) -> Value {
        match &node.value {
            Yaml::Text(text) if text.contains("${{") => {
                let whole = text.trim();
                let inner = whole.strip_prefix("${{").filter(|inner| {
                    let end = expr::end(inner);
                    end.is_some_and(|end| end + 2 == inner.len())
                });
                if let Some(inner) = inner {
                    return match self.value(&inner[..inner.len() - 2]) {
                        Ok(value) => value,
                        Err(why) => {
                            notes.warn(node.place, format!("{whole}: {why}"));
                            Value::Unknown
                        }
                    };
                }
                let text = self.text(text, node, notes);
                if text.asks.is_empty() {
                    Value::Text(text.text)
                } else {
                    Value::Unknown
                }
            }
            Yaml::List(items) => {
                Value::List(items.iter().map(|item| self.tree(item, notes)).collect())
            }
            Yaml::Map(entries) => {
                let entry = |(key, node): &(String, Node)| (key.clone(), self.tree(node, notes));
                Value::Map(entries.iter().map(entry).collect())
            }
            Yaml::Text(_) | Yaml::Null => Value::of(node),
        }
    }

    fn ask(&self, written: &str, inner: &str, found: &mut Text) {
        found.text.push_str(written);
        let (variable, secret) = self.variable(inner);
        let ask = Ask {
            expression: written.to_owned(),
            variable,
            secret,
        };
        notes::ask(&mut found.asks, ask);
    }

    /// The variable that gives an expression's value, and whether it is secret.
    fn variable(&self, text: &str) -> (String, bool) {
        let Ok(expr) = expr::parse(text) else {
            return (named(text), text.contains("secrets"));
        };
        let mut secret = false;
        expr.each(&mut |part| {
            let is = |name: &str, wanted: &str| name.eq_ignore_ascii_case(wanted);
            secret |= match part {
                Expr::Name(name) => is(name, "secrets"),
                Expr::Index(base, key) => {
                    let token =
                        matches!(key.as_ref(), Expr::Literal(Value::Text(key)) if is(key, "token"));
                    token && matches!(base.as_ref(), Expr::Name(name) if is(name, "github"))
                }
                _ => false,
            };
        });
        let path = expr.path().filter(|path| path.len() > 1);
        let name = path.map_or_else(|| named(text), |path| self.of_path(&path));
        (name, secret)
    }

    fn of_path(&self, path: &[String]) -> String {
        let words: Vec<&str> = path.iter().map(String::as_str).collect();
        let upper = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| identifier(word)).collect();
            words.join("_").to_ascii_uppercase()
        };
        let first = words[0].to_ascii_lowercase();
        match (first.as_str(), &words[1..]) {
            ("secrets" | "vars" | "env", [name]) => identifier(name),
            ("inputs", [name]) => format!("INPUT_{}", upper(&[name])),
            ("github", ["event", "inputs", name]) => format!("INPUT_{}", upper(&[name])),
            ("steps", [id, "outputs", name]) => {
                let mut outputs = self.outputs.iter();
                let known = outputs.find(|(step, output, _)| step == id && output == name);
                match known {
                    Some((_, _, variable)) => variable.clone(),
                    None => output_variable(&self.step_id(id), name),
                }
            }
            ("steps", [id, what @ ("outcome" | "conclusion")]) => {
                format!("STEP_{}", upper(&[what, &self.step_id(id)]))
            }
            ("needs", [job, "outputs", name]) => format!("NEEDS_OUTPUT_{}", upper(&[job, name])),
            ("needs", [job, "result"]) => format!("NEEDS_RESULT_{}", upper(&[job])),
            _ => upper(&words),
        }
    }

    /// A step's id, told apart from those of other uses of the same action.
    pub(super) fn step_id(&self, id: &str) -> String {
        if self.prefix.is_empty() {
            id.to_owned()
        } else {
            format!("{}_{id}", self.prefix)
        }
    }

    /// Adds a map's variables: those of the model, what they ask for, and the
    /// values for expressions.
    pub(super) fn define(
        &mut self,
        node: Option<&Node>,
        notes: &mut Notes,
    ) -> (Vec<EnvVar>, Vec<Ask>) {
        let (mut vars, mut asks, mut values) = (Vec::new(), Vec::new(), HashMap::new());
        let Some(node) = node else {
            return (vars, asks);
        };
        let Yaml::Map(entries) = &node.value else {
            match self.tree(node, notes) {
                Value::Map(entries) => {
                    for (name, value) in entries {
                        let text = value.shown().unwrap_or_default();
                        put(&mut vars, name, &text);
                    }
                }
                Value::Null => {}
                _ => notes.warn(node.place, "these variables are known to GitHub alone"),
            }
            return (vars, asks);
        };
        for (name, value) in entries {
            let Some(text) = self.scalar(value, notes) else {
                notes.warn(value.place, format!("{name}: a variable has one value"));
                continue;
            };
            if !is_identifier(name) {
                notes.warn(value.place, format!("{name}: no name that a shell takes"));
                continue;
            }
            let known = if text.asks.is_empty() {
                Value::Text(text.text.clone())
            } else {
                Value::Unknown
            };
            values.insert(name.to_ascii_uppercase(), known);
            put(&mut vars, name.clone(), &text.text);
            for ask in text.asks {
                notes::ask(&mut asks, ask);
            }
        }
        self.env.push(Rc::new(values));
        (vars, asks)
    }

    /// What a condition comes to; without one it is `success()`.
    pub(super) fn judge(&self, text: &str) -> Result<Judged, String> {
        let bare = condition(text);
        if bare.is_empty() {
            return Ok(Judged::Success);
        }
        let expr = expr::parse(bare)?;
        let mut status = false;
        expr.each(&mut |part| {
            status |= matches!(part, Expr::Call(name, _) if eval::STATUS.contains(&name.as_str()));
        });
        let good = eval::truth(&expr, self, Fare::Succeeded);
        let bad = if status {
            eval::truth(&expr, self, Fare::Failed)
        } else {
            Some(false)
        };
        Ok(match (good, bad) {
            (Some(true), Some(true)) => Judged::Always,
            (Some(true), Some(false)) => Judged::Success,
            (Some(false), Some(true)) => Judged::Failure,
            (Some(false), Some(false)) => Judged::Never,
            _ => Judged::Open,
        })
    }
}

/// A condition's expression: the delimiters may be left out there.
pub(super) fn condition(text: &str) -> &str {
    let text = text.trim();
    let inner = text.strip_prefix("${{").and_then(|rest| {
        let end = expr::end(rest)?;
        (end + 2 == rest.len()).then(|| rest[..end].trim())
    });
    inner.unwrap_or(text)
}

fn put(vars: &mut Vec<EnvVar>, name: String, text: &str) {
    vars.push(EnvVar {
        name,
        value: quote(text),
        secure: false,
    });
}

/// The variable of a step's output.
fn output_variable(id: &str, name: &str) -> String {
    format!("STEP_OUTPUT_{}_{}", identifier(id), identifier(name)).to_ascii_uppercase()
}

/// The name that a longer expression is asked by. Long ones are told apart by a
/// checksum (FNV-1a).
fn named(text: &str) -> String {
    let words: Vec<&str> = text
        .split(|ch: char| !ch.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let name = format!("EXPR_{}", words.join("_").to_ascii_uppercase());
    let fold = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    let hash = text.trim().bytes().fold(0x811c_9dc5, fold);
    let start: String = name.chars().take(40).collect();
    format!("{}_{:04X}", start.trim_end_matches('_'), hash & 0xffff)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::ci::yaml::Place;

    fn scope() -> Scope {
        Scope {
            matrix: Rc::new(Value::Map(vec![(
                "os".to_owned(),
                Value::text("ubuntu-latest"),
            )])),
            env: vec![Rc::new(HashMap::from([
                ("A".to_owned(), Value::text("1")),
                ("W".to_owned(), Value::text("2")),
            ]))],
            os: Some("Linux"),
            written: Rc::new(HashSet::from(["W".to_owned()])),
            ..Scope::default()
        }
    }

    fn resolved(text: &str) -> (String, Vec<String>) {
        let node = Node::new(Place::default(), Yaml::Text(text.to_owned()));
        let found = scope().text(text, &node, &mut Notes::of("f"));
        let asks = found.asks.iter().map(|ask| {
            let mark = if ask.secret { "!" } else { "" };
            format!("{}{mark}", ask.variable)
        });
        (found.text, asks.collect())
    }

    #[test]
    fn template_keeps_what_only_github_knows() {
        for (template, text, asks) in [
            ("a ${{ matrix.os }} b", "a ubuntu-latest b", vec![]),
            ("${{env.A}}${{ runner.os }}", "1Linux", vec![]),
            ("x ${{ env.W }}", "x ${{ env.W }}", vec!["W"]),
            ("${{ env.B }}", "${{ env.B }}", vec!["B"]),
            (
                "${{ secrets.my-key }}",
                "${{ secrets.my-key }}",
                vec!["my_key!"],
            ),
            (
                "${{ github.token }}",
                "${{ github.token }}",
                vec!["GITHUB_TOKEN!"],
            ),
            (
                "${{ github.ref_name }}",
                "${{ github.ref_name }}",
                vec!["GITHUB_REF_NAME"],
            ),
            (
                "${{ github.event.number }}",
                "${{ github.event.number }}",
                vec!["GITHUB_EVENT_NUMBER"],
            ),
            (
                "${{ steps.a-b.outputs.c }}",
                "${{ steps.a-b.outputs.c }}",
                vec!["STEP_OUTPUT_A_B_C"],
            ),
            (
                "${{ needs.j.outputs.v }} ${{ needs.j.result }}",
                "${{ needs.j.outputs.v }} ${{ needs.j.result }}",
                vec!["NEEDS_OUTPUT_J_V", "NEEDS_RESULT_J"],
            ),
            (
                "${{ vars.X }} ${{ vars.X }}",
                "${{ vars.X }} ${{ vars.X }}",
                vec!["X"],
            ),
            ("${{ '}}' }}", "}}", vec![]),
            ("${{ unterminated", "${{ unterminated", vec![]),
        ] {
            let asks: Vec<String> = asks.into_iter().map(str::to_owned).collect();
            assert_eq!(resolved(template), (text.to_owned(), asks), "{template}");
        }
    }

    #[test]
    fn longer_expressions_have_names_of_their_own() {
        let (text, asks) =
            resolved("${{ github.ref == 'x' }} ${{ github.ref == 'y' || secrets.Z }}");
        assert!(text.contains("github.ref == 'x'"));
        assert!(asks[0].starts_with("EXPR_GITHUB_REF_X_"), "{asks:?}");
        assert!(asks[1].ends_with('!') && asks[0] != asks[1]);
        assert!(is_identifier(&named(&"a.b ".repeat(100))));
    }

    #[test]
    fn conditions_say_when_a_step_runs() {
        for (text, expected) in [
            ("", Judged::Success),
            ("always()", Judged::Always),
            ("${{ failure() }}", Judged::Failure),
            ("matrix.os == 'windows-latest'", Judged::Never),
            ("matrix.os != 'windows-latest'", Judged::Success),
            ("runner.os == 'linux' && always()", Judged::Always),
            ("github.ref == 'x'", Judged::Open),
            (
                "startsWith(matrix.os, 'mac') && github.ref == 'x'",
                Judged::Never,
            ),
        ] {
            assert_eq!(scope().judge(text).unwrap(), expected, "{text}");
        }
        assert!(scope().judge("a ==").is_err());
    }
}
