//! A YAML file as a tree in which every scalar is its own text: `1.10` stays
//! `1.10` and `on` stays `on`, as CI systems read them. Anchors and merge keys are
//! resolved, each node knows its place. It gives no scalar a type, and reads the
//! first document only, as libyaml's users do.

mod scalar;
mod scan;
mod tree;

/// The largest file, in bytes.
const MAX_BYTES: usize = 4 << 20;

/// Where a node begins: line and column, both from 1; 0 when unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The line.
    pub line: u64,
    /// The column.
    pub column: u64,
}

/// A CI file that could not be understood, as `FILE:LINE:COLUMN: message`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{}:{}: {message}", .place.line, .place.column)]
pub struct CiError {
    /// The file as it was named.
    pub file: String,
    /// Where in it.
    pub place: Place,
    /// What is wrong; may go on over several lines.
    pub message: String,
}

/// A node of the tree.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) place: Place,
    /// Its tag as written, such as `!reference`; none when it has none.
    pub(crate) tag: Option<String>,
    /// A scalar in quotes or a block: its text is no number, truth value or null.
    pub(crate) quoted: bool,
    /// It stands here by an alias (`*name`); its place is where it was written.
    pub(crate) alias: bool,
    /// It has an anchor (`&name`) itself.
    pub(crate) anchored: bool,
    pub(crate) value: Value,
}

/// What a node is.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Null,
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

/// What a merge key (`<<`) does to a key that its map has already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Merge {
    /// Nothing: the map's own keys win, as the YAML merge type says.
    OwnWins,
    /// Replaces it, when `<<` comes later: Ruby's Psych, so Travis and GitLab.
    InOrder,
}

/// A file that was read.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    /// `None` is an empty file.
    pub(crate) root: Option<Node>,
    /// What is no error, and where.
    pub(crate) warnings: Vec<(Place, String)>,
}

impl Node {
    pub(crate) fn new(place: Place, value: Value) -> Self {
        Self {
            place,
            tag: None,
            quoted: false,
            alias: false,
            anchored: false,
            value,
        }
    }

    /// The value of a key, when the node is a map.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        let Value::Map(entries) = &self.value else {
            return None;
        };
        entries
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, node)| node)
    }

    /// The scalar's text.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            Value::Null | Value::List(_) | Value::Map(_) => None,
        }
    }

    /// The node itself, when it is a list.
    pub(crate) fn list(&self) -> Option<&Self> {
        matches!(self.value, Value::List(_)).then_some(self)
    }

    /// The node as a list: a list's items, nothing for null, else itself alone.
    pub(crate) fn items(&self) -> &[Self] {
        match &self.value {
            Value::Null => &[],
            Value::List(items) => items,
            Value::Text(_) | Value::Map(_) => std::slice::from_ref(self),
        }
    }
}

/// Reads a file's text; `None` is an empty file. A map's own keys win over merged
/// ones.
pub(crate) fn parse(text: &str, file: &str) -> Result<Option<Node>, CiError> {
    read(text, file, Merge::OwnWins).map(|document| document.root)
}

/// Reads a file's text.
///
/// # Errors
/// When it is not YAML, or is larger or deeper than any CI file.
pub(crate) fn read(text: &str, file: &str, merge: Merge) -> Result<Document, CiError> {
    let fail = |place, message: &str| CiError {
        file: file.to_owned(),
        place,
        message: message.to_owned(),
    };
    if text.len() > MAX_BYTES {
        let place = Place { line: 1, column: 1 };
        return Err(fail(place, "the file is larger than 4 MiB"));
    }
    if let Some(at) = text.find(forbidden) {
        let place = place_of(text, at);
        return Err(fail(place, "a control character cannot stand in YAML"));
    }
    let mut parser = tree::Parser::new(scan::scan(text), merge);
    let root = parser
        .document()
        .map_err(|bad| fail(bad.place, bad.message))?;
    Ok(Document {
        root: root.filter(|node| !matches!(node.value, Value::Null)),
        warnings: parser.warnings,
    })
}

/// Characters that YAML does not take unescaped (YAML 1.1, 5.1).
fn forbidden(ch: char) -> bool {
    matches!(ch, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}')
}

fn place_of(text: &str, at: usize) -> Place {
    let before = text.get(..at).unwrap_or_default();
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    Place {
        line: count(before.matches('\n').count()) + 1,
        column: count(before.get(start..).unwrap_or_default().chars().count()) + 1,
    }
}

/// A node on one line, for messages and for keys that are no scalars; cut after
/// some hundred bytes.
pub(crate) fn flow_text(node: &Node) -> String {
    let mut out = String::new();
    write_flow(node, &mut out);
    out
}

fn write_flow(node: &Node, out: &mut String) {
    const LIMIT: usize = 400;
    if out.len() > LIMIT {
        return;
    }
    match &node.value {
        Value::Null => out.push('~'),
        Value::Text(text) => out.push_str(text),
        Value::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if out.len() > LIMIT {
                    break;
                }
                out.push_str(if index > 0 { ", " } else { "" });
                write_flow(item, out);
            }
            out.push(']');
        }
        Value::Map(entries) => {
            out.push('{');
            for (index, (key, item)) in entries.iter().enumerate() {
                if out.len() > LIMIT {
                    break;
                }
                out.push_str(if index > 0 { ", " } else { "" });
                out.push_str(key);
                out.push_str(": ");
                write_flow(item, out);
            }
            out.push('}');
        }
    }
}

#[cfg(test)]
mod tests;
