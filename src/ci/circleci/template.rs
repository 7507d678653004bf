//! `<< … >>` in the texts of a 2.1 configuration, as the config compiler replaces
//! it: values, expressions and `<<# … >>` sections. What only CircleCI knows stays
//! as written and is found again at the end, as an [`Ask`]. A shell's `<<EOF` is
//! not taken for one: a tag holds an expression that names a value.

use std::cell::Cell;
use std::collections::BTreeMap;

use super::super::asks;
use super::super::model::Ask;
use super::super::travis;
use super::super::yaml::{CiError, Node, Place, Value};
use super::expr::{self, Datum, Expr};
use super::logic::{self, Truth};
use super::params::Bindings;

/// The longest text between `<<` and `>>`.
const MAX_TAG: usize = 2000;

/// The deepest nesting of sections.
const MAX_SECTIONS: usize = 16;

/// What all expansions of a file may make, in bytes and nodes.
const BUDGET: usize = 32 * 1024 * 1024;

/// What names mean at a place of the file.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    /// `parameters.*`; none where there are none.
    pub(super) parameters: Option<&'a Bindings>,
    /// `matrix.*`; none outside of a matrix.
    pub(super) matrix: Option<&'a BTreeMap<String, Node>>,
    /// `pipeline.parameters.*`.
    pub(super) pipeline: &'a Bindings,
}

/// The replacing of tags in one file, and what it may still make.
pub(super) struct Template<'a> {
    pub(super) file: &'a str,
    /// False for version 2, whose texts hold no tags.
    pub(super) on: bool,
    left: Cell<usize>,
}

/// A tag of a text.
struct Tag<'a> {
    start: usize,
    end: usize,
    kind: Kind<'a>,
}

enum Kind<'a> {
    Value(Expr),
    /// `<<# x >>` (true) and `<<^ x >>`.
    Section(bool, &'a str),
    /// `<</ x >>`.
    End(&'a str),
}

impl<'a> Template<'a> {
    pub(super) fn new(file: &'a str, on: bool) -> Self {
        Self {
            file,
            on,
            left: Cell::new(BUDGET),
        }
    }

    pub(super) fn error(&self, place: Place, message: &str) -> CiError {
        travis::error(self.file, place, message)
    }

    /// Takes from what the file may still make.
    pub(super) fn spend(&self, amount: usize, place: Place) -> Result<(), CiError> {
        let left = self.left.get().checked_sub(amount);
        self.left.set(left.unwrap_or(0));
        left.map(|_| ())
            .ok_or_else(|| self.error(place, "the parameters of this file make it endlessly large"))
    }

    /// A node with its tags replaced, and its `when` and `unless` steps decided.
    pub(super) fn expand(&self, node: &Node, scope: Scope<'_>) -> Result<Node, CiError> {
        self.grow(node, scope, false)
    }

    /// `variables`: the node is the value of `environment`, where truth values
    /// become 1 and 0.
    fn grow(&self, node: &Node, scope: Scope<'_>, variables: bool) -> Result<Node, CiError> {
        self.spend(32, node.place)?;
        let value = match &node.value {
            Value::Null => Value::Null,
            Value::Text(text) => return self.scalar(node, text, scope, variables),
            Value::List(items) => Value::List(
                items
                    .iter()
                    .map(|item| self.grow(item, scope, variables))
                    .collect::<Result<_, _>>()?,
            ),
            Value::Map(entries) => Value::Map(
                entries
                    .iter()
                    .map(|entry| self.entry(node.place, entry, scope, variables))
                    .collect::<Result<_, _>>()?,
            ),
        };
        Ok(replaced(node, value))
    }

    fn entry(
        &self,
        place: Place,
        (key, value): &(String, Node),
        scope: Scope<'_>,
        variables: bool,
    ) -> Result<(String, Node), CiError> {
        let conditional = matches!(key.as_str(), "when" | "unless")
            && value.get("condition").is_some()
            && value.get("steps").is_some();
        let grown = if conditional {
            self.conditional(value, scope, key == "when")?
        } else {
            self.grow(value, scope, variables || key == "environment")?
        };
        Ok((self.text(key, place, scope)?, grown))
    }

    /// An element with its tags replaced, without the keys `left_out`.
    pub(super) fn body(
        &self,
        node: &Node,
        scope: Scope<'_>,
        left_out: &[&str],
    ) -> Result<Node, CiError> {
        let Value::Map(entries) = &node.value else {
            return self.expand(node, scope);
        };
        let grown = entries
            .iter()
            .filter(|(key, _)| !left_out.contains(&key.as_str()))
            .map(|entry| self.entry(node.place, entry, scope, false))
            .collect::<Result<_, _>>()?;
        Ok(replaced(node, Value::Map(grown)))
    }

    fn scalar(
        &self,
        node: &Node,
        text: &str,
        scope: Scope<'_>,
        variables: bool,
    ) -> Result<Node, CiError> {
        if self.on
            && let Some(Tag {
                kind: Kind::Value(expr),
                ..
            }) = whole(text)
        {
            let datum = self.evaluate(&expr, node.place, scope)?;
            let text = match datum {
                Datum::Unknown => text.to_owned(),
                Datum::Tree(tree) => {
                    self.spend(size(&tree), node.place)?;
                    return Ok(tree);
                }
                Datum::Bool(value) if variables => u8::from(value).to_string(),
                known => known.text().unwrap_or_default(),
            };
            self.spend(text.len(), node.place)?;
            return Ok(replaced(node, Value::Text(text)));
        }
        let text = self.text(text, node.place, scope)?;
        Ok(replaced(node, Value::Text(text)))
    }

    /// The step of a `when` or `unless`: its condition becomes `true`, or the text
    /// of what is unknown; steps that cannot run are gone.
    fn conditional(&self, node: &Node, scope: Scope<'_>, when: bool) -> Result<Node, CiError> {
        let Value::Map(entries) = &node.value else {
            return Ok(node.clone());
        };
        let mut truth = Truth::Known(true);
        if let Some(condition) = node.get("condition") {
            truth = logic::truth(self, condition, scope, 0)?;
        }
        if !when {
            truth = truth.not();
        }
        let mut grown = Vec::new();
        for (key, value) in entries {
            let value = match key.as_str() {
                "condition" => replaced(value, Value::Text(truth.text())),
                "steps" if matches!(truth, Truth::Known(false)) => {
                    replaced(value, Value::List(Vec::new()))
                }
                _ => self.grow(value, scope, false)?,
            };
            grown.push((key.clone(), value));
        }
        Ok(replaced(node, Value::Map(grown)))
    }

    /// A text with its tags replaced.
    pub(super) fn text(
        &self,
        text: &str,
        place: Place,
        scope: Scope<'_>,
    ) -> Result<String, CiError> {
        if !self.on || !text.contains("<<") {
            self.spend(text.len(), place)?;
            return Ok(text.to_owned());
        }
        let mut out = String::with_capacity(text.len());
        self.fill(text, place, scope, 0, &mut out)?;
        self.spend(out.len(), place)?;
        Ok(out)
    }

    fn fill(
        &self,
        text: &str,
        place: Place,
        scope: Scope<'_>,
        depth: usize,
        out: &mut String,
    ) -> Result<(), CiError> {
        let mut at = 0;
        while let Some(tag) = next(text, at) {
            out.push_str(text.get(at..tag.start).unwrap_or_default());
            at = tag.end;
            let verbatim = text.get(tag.start..tag.end).unwrap_or_default();
            match tag.kind {
                Kind::Value(expr) => match self.evaluate(&expr, place, scope)?.text() {
                    Some(value) => out.push_str(&value),
                    None => out.push_str(verbatim),
                },
                Kind::End(_) => out.push_str(verbatim),
                Kind::Section(shown, name) => {
                    let Some((inner, end)) = section(text, tag.end, name) else {
                        let message = format!("the section `{name}` has no end");
                        return Err(self.error(place, &message));
                    };
                    if depth >= MAX_SECTIONS {
                        return Err(self.error(place, "sections are nested too deeply"));
                    }
                    let datum = self.evaluate(&Expr::Ref(name.to_owned()), place, scope)?;
                    let truth = match &datum {
                        Datum::Text(text) if is_open(text) => None,
                        datum => datum.truthy(),
                    };
                    match truth {
                        Some(truth) if truth == shown => {
                            self.fill(inner, place, scope, depth + 1, out)?;
                        }
                        Some(_) => {}
                        None => out.push_str(text.get(tag.start..end).unwrap_or_default()),
                    }
                    at = end;
                }
            }
            if out.len() > self.left.get() {
                return self.spend(out.len(), place);
            }
        }
        out.push_str(text.get(at..).unwrap_or_default());
        Ok(())
    }

    /// The value of an expression here.
    pub(super) fn evaluate(
        &self,
        expr: &Expr,
        place: Place,
        scope: Scope<'_>,
    ) -> Result<Datum, CiError> {
        expr.evaluate(&mut |name| {
            scope
                .look(name)
                .map_err(|message| self.error(place, &message))
        })
    }

    /// A text of the model: `\<<` becomes `<<`, and tags that are left are noted.
    pub(super) fn finish(&self, text: &str, asks: &mut Vec<Ask>) -> String {
        if !self.on || !text.contains("<<") {
            return text.to_owned();
        }
        let mut at = 0;
        while let Some(tag) = next(text, at) {
            at = tag.end;
            let expression = text.get(tag.start..tag.end).unwrap_or_default();
            asks::note(
                asks,
                Ask {
                    expression: expression.to_owned(),
                    variable: variable(&tag.kind, expression),
                    secret: false,
                },
            );
        }
        text.replace("\\<<", "<<")
    }
}

impl Scope<'_> {
    fn look(&self, name: &str) -> Result<Datum, String> {
        if let Some(name) = name.strip_prefix("parameters.") {
            let Some(parameters) = self.parameters else {
                return Err(format!("no parameters here: `parameters.{name}`"));
            };
            return parameters
                .datum(name)
                .ok_or_else(|| format!("there is no parameter `{name}` here"));
        }
        if let Some(name) = name.strip_prefix("pipeline.parameters.") {
            return self
                .pipeline
                .datum(name)
                .ok_or_else(|| format!("the file declares no pipeline parameter `{name}`"));
        }
        if let Some(name) = name.strip_prefix("matrix.") {
            let Some(matrix) = self.matrix else {
                return Err(format!("no matrix here: `matrix.{name}`"));
            };
            let node = matrix
                .get(name)
                .ok_or_else(|| format!("the matrix has no parameter `{name}`"))?;
            return Ok(logic::literal(node));
        }
        Ok(Datum::Unknown) // another value of the pipeline
    }
}

/// The environment variable for a value of the pipeline: CircleCI's own where there
/// is one (docs, "Built-in environment variables").
fn variable(kind: &Kind<'_>, expression: &str) -> String {
    let known = match kind {
        Kind::Value(Expr::Ref(name)) => match name.as_str() {
            "pipeline.git.branch" => "CIRCLE_BRANCH",
            "pipeline.git.tag" => "CIRCLE_TAG",
            "pipeline.git.revision" => "CIRCLE_SHA1",
            "pipeline.project.git_url" | "pipeline.git.repo_url" => "CIRCLE_REPOSITORY_URL",
            "pipeline.id" => "CIRCLE_PIPELINE_ID",
            _ => "",
        },
        _ => "",
    };
    if known.is_empty() {
        asks::variable(expression)
    } else {
        known.to_owned()
    }
}

/// A node with another value, at the same place.
pub(super) fn replaced(node: &Node, value: Value) -> Node {
    Node {
        quoted: node.quoted,
        ..Node::new(node.place, value)
    }
}

/// Whether tags are left in a text.
pub(super) fn is_open(text: &str) -> bool {
    next(text, 0).is_some()
}

fn whole(text: &str) -> Option<Tag<'_>> {
    let trimmed = text.trim();
    let tag = next(trimmed, 0)?;
    (tag.start == 0 && tag.end == trimmed.len()).then_some(tag)
}

/// The next tag of a text, from a byte on. `\<<` begins none. Of several `<<` before
/// a `>>` only the last can: the others are heredocs.
fn next(text: &str, from: usize) -> Option<Tag<'_>> {
    let mut at = from;
    loop {
        let close = at + text.get(at..)?.find(">>")?;
        let open = text.get(at..close)?.rfind("<<").map(|open| at + open);
        at = close + 2;
        let Some(start) = open.filter(|start| close - start <= MAX_TAG) else {
            continue;
        };
        if start > 0 && text.as_bytes().get(start - 1) == Some(&b'\\') {
            continue;
        }
        if let Some(kind) = kind(text.get(start + 2..close)?.trim()) {
            return Some(Tag {
                start,
                end: at,
                kind,
            });
        }
    }
}

fn kind(inner: &str) -> Option<Kind<'_>> {
    let mut chars = inner.chars();
    let sigil = chars.next()?;
    if matches!(sigil, '#' | '^' | '/') {
        let name = chars.as_str().trim();
        if !expr::is_reference(name) || name.contains(char::is_whitespace) {
            return None;
        }
        return Some(match sigil {
            '/' => Kind::End(name),
            sigil => Kind::Section(sigil == '#', name),
        });
    }
    expr::parse(inner).filter(Expr::refers).map(Kind::Value)
}

/// The inside of a section and where it ends.
fn section<'a>(text: &'a str, from: usize, name: &str) -> Option<(&'a str, usize)> {
    let (mut at, mut depth) = (from, 0_usize);
    while let Some(tag) = next(text, at) {
        at = tag.end;
        match tag.kind {
            Kind::Section(_, other) if other == name => depth += 1,
            Kind::End(other) if other == name => {
                if depth == 0 {
                    return Some((text.get(from..tag.start)?, tag.end));
                }
                depth -= 1;
            }
            _ => {}
        }
    }
    None
}

/// What a tree costs.
pub(super) fn size(node: &Node) -> usize {
    32 + match &node.value {
        Value::Null => 0,
        Value::Text(text) => text.len(),
        Value::List(items) => items.iter().map(size).sum(),
        Value::Map(entries) => entries
            .iter()
            .map(|(key, value)| key.len() + size(value))
            .sum(),
    }
}
