//! Layout strings as JSON (tmux(1), `select-layout`): `{"V":2,"L":{…}}`, a tree
//! of `h`, `v` and `p` cells. Only what such strings use of JSON is read; depth
//! and numbers are bounded.

use std::fmt::Write as _;

use crate::base::{PaneId, Size};

use super::node::{Kind, Node};
use super::text::{Activity, LayoutTextError, MAX_DEPTH};
use super::{Area, Axis, Layout};

/// The version that is written and read.
const VERSION: i64 = 2;

pub(super) fn write(layout: &Layout, root: &Node, activity: &Activity) -> String {
    let mut out = format!("{{\"V\":{VERSION},\"L\":");
    write_node(layout, root, activity, &mut out);
    out.push('}');
    out
}

fn write_node(layout: &Layout, node: &Node, activity: &Activity, out: &mut String) {
    let kind = match &node.kind {
        Kind::Pane(_) => 'p',
        Kind::Split(Axis::Columns, _) => 'h',
        Kind::Split(Axis::Rows, _) => 'v',
    };
    let Area { x, y, w, h } = node.area;
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        "{{\"t\":\"{kind}\",\"w\":{w},\"h\":{h},\"x\":{x},\"y\":{y}"
    );
    match &node.kind {
        Kind::Pane(pane) => {
            if activity.active == Some(*pane) {
                out.push_str(",\"a\":true");
            } else if let Some(at) = activity.last.iter().position(|last| last == pane) {
                let _ = write!(out, ",\"l\":{at}");
            }
            let index = layout.order.iter().position(|other| other == pane);
            let index = i64::try_from(index.unwrap_or(0)).unwrap_or(0);
            let _ = write!(out, ",\"i\":{}", activity.base.saturating_add(index));
            if node.float {
                let _ = write!(out, ",\"z\":{}", layout.depth(*pane));
            }
            let _ = write!(out, ",\"I\":\"{pane}\"");
        }
        Kind::Split(_, children) => {
            out.push_str(",\"c\":[");
            for (nth, child) in children.iter().enumerate() {
                if nth > 0 {
                    out.push(',');
                }
                write_node(layout, child, activity, out);
            }
            out.push(']');
        }
    }
    out.push('}');
}

/// What is read: the tree, the order and stack of panes, and who was active.
type Read = (Node, Vec<PaneId>, Vec<PaneId>, Activity);

/// Reads a string for panes in their order.
pub(super) fn read(text: &str, panes: &[PaneId]) -> Result<Read, LayoutTextError> {
    let value = Parser { rest: text }
        .document()
        .map_err(LayoutTextError::Json)?;
    let fail = LayoutTextError::Json;
    if value.number("V").map_err(fail)? != VERSION {
        return Err(fail("version mismatch".to_owned()));
    }
    let Some(tree) = value.get("L") else {
        return Err(fail("key \"L\" not found".to_owned()));
    };
    if !matches!(tree, Value::Object(_)) {
        return Err(fail("key \"L\" expected an object".to_owned()));
    }
    let mut leaves = Vec::new();
    let mut root = node(tree, &mut leaves, 0).map_err(fail)?;
    check(&leaves).map_err(fail)?;
    let (have, need) = (panes.len(), leaves.len());
    if have > need || panes.is_empty() {
        return Err(LayoutTextError::TooFew { have, need });
    }
    // Fewer panes than cells: the last ones of the tree are closed.
    let mut by_index: Vec<usize> = (0..have).collect();
    by_index.sort_by_key(|at| leaves[*at].index);
    let mut names = vec![None; need];
    for (at, pane) in by_index.iter().zip(panes) {
        names[*at] = Some(*pane);
    }
    let spare = PaneId(u32::MAX);
    let mut next = names.iter();
    root.rename(&mut |_| next.next().copied().flatten().unwrap_or(spare));
    for _ in have..need {
        close_last(&mut root);
    }
    let named = |leaf: &&(Leaf, PaneId)| -> PaneId { leaf.1 };
    let leaves: Vec<(Leaf, PaneId)> = leaves
        .into_iter()
        .zip(names)
        .filter_map(|(leaf, name)| Some((leaf, name?)))
        .collect();
    let mut over: Vec<_> = leaves
        .iter()
        .filter(|(leaf, _)| leaf.depth.is_some())
        .collect();
    over.sort_by_key(|(leaf, _)| leaf.depth);
    let under = leaves.iter().filter(|(leaf, _)| leaf.depth.is_none());
    let mut stack: Vec<PaneId> = over.iter().map(named).collect();
    stack.extend(under.map(|(_, pane)| *pane));
    let mut before: Vec<_> = leaves
        .iter()
        .filter(|(leaf, _)| leaf.last.is_some())
        .collect();
    before.sort_by_key(|(leaf, _)| leaf.last);
    let activity = Activity {
        active: leaves
            .iter()
            .find(|(leaf, _)| leaf.active)
            .map(|(_, pane)| *pane),
        last: before.iter().map(named).collect(),
        base: 0,
    };
    Ok((root, panes.to_vec(), stack, activity))
}

/// Closes the last cell of a tree; what is before it takes its room.
fn close_last(root: &mut Node) {
    let mut path = Vec::new();
    while let Some(last) = root
        .at(&path)
        .and_then(|node| node.children().len().checked_sub(1))
    {
        path.push(last);
    }
    if root.at(&path).is_some_and(Node::counts) {
        super::give_away(root, &path, &super::Insets::default());
    }
    path.pop();
    if let Some(parent) = root.at_mut(&path)
        && let Kind::Split(_, children) = &mut parent.kind
    {
        children.pop();
        if children.len() == 1
            && let Some(only) = children.pop()
        {
            *parent = only;
        }
    }
}

/// What a string says of a pane beside its place.
struct Leaf {
    index: i64,
    depth: Option<i64>,
    active: bool,
    last: Option<i64>,
}

fn check(leaves: &[Leaf]) -> Result<(), String> {
    if leaves.iter().filter(|leaf| leaf.active).count() > 1 {
        return Err("more than one active pane".to_owned());
    }
    let twice = |key: fn(&Leaf) -> Option<i64>| {
        let mut keys: Vec<i64> = leaves.iter().filter_map(key).collect();
        keys.sort_unstable();
        keys.windows(2).any(|pair| pair[0] == pair[1])
    };
    if twice(|leaf| leaf.last) {
        return Err("duplicate last pane index".to_owned());
    }
    if twice(|leaf| Some(leaf.index)) {
        return Err("duplicate pane index".to_owned());
    }
    Ok(())
}

fn node(value: &Value, leaves: &mut Vec<Leaf>, depth: usize) -> Result<Node, String> {
    if depth > MAX_DEPTH {
        return Err("layout too deep".to_owned());
    }
    let kind = value.string("t")?;
    let axis = match kind {
        "h" => Some(Axis::Columns),
        "v" => Some(Axis::Rows),
        "p" => None,
        other => return Err(format!("unknown cell type \"{other}\"")),
    };
    let side = |key, what| {
        let side = value.number(key)?;
        let valid = u16::try_from(side).ok();
        // A split of floating panes alone takes no room.
        let least = u16::from(axis.is_none());
        let valid = valid.filter(|side| (least..=Size::MAX_SIDE).contains(side));
        valid.ok_or_else(|| format!("invalid {what} {side}"))
    };
    let (w, h) = (side("w", "width")?, side("h", "height")?);
    let corner = |key| {
        let limit = i64::from(Size::MAX_SIDE);
        let at = value.number(key)?.clamp(-limit, limit);
        Ok::<_, String>(i32::try_from(at).unwrap_or(0))
    };
    let area = Area::new(corner("x")?, corner("y")?, w, h);
    let Some(axis) = axis else {
        let index = value.number("i")?;
        let optional = |key| match value.get(key) {
            None => Ok(None),
            Some(_) => value.number(key).map(Some),
        };
        let leaf = Leaf {
            index,
            depth: optional("z")?,
            active: matches!(value.get("a"), Some(Value::Bool(true))),
            last: optional("l")?,
        };
        let float = leaf.depth.is_some();
        leaves.push(leaf);
        let pane = Node::with(Kind::Pane(PaneId(0)), area);
        return Ok(Node { float, ..pane });
    };
    let Some(Value::Array(cells)) = value.get("c") else {
        return Err(match value.get("c") {
            None => "key \"c\" not found".to_owned(),
            Some(_) => "key \"c\" expected an array".to_owned(),
        });
    };
    if cells.len() < 2 {
        return Err("nodes must have more than one child".to_owned());
    }
    let children: Result<Vec<Node>, String> = cells
        .iter()
        .map(|cell| node(cell, leaves, depth + 1))
        .collect();
    Ok(Node::with(Kind::Split(axis, children?), area))
}

/// A value of the JSON that layout strings use.
enum Value {
    Object(Vec<(String, Value)>),
    Array(Vec<Value>),
    Text(String),
    Number(i64),
    Bool(bool),
}

impl Value {
    fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => {
                let found = members.iter().find(|(name, _)| name == key);
                found.map(|(_, value)| value)
            }
            Self::Array(_) | Self::Text(_) | Self::Number(_) | Self::Bool(_) => None,
        }
    }

    fn number(&self, key: &str) -> Result<i64, String> {
        match self.get(key) {
            Some(Self::Number(number)) => Ok(*number),
            Some(_) => Err(format!("key \"{key}\" expected a number")),
            None => Err(format!("key \"{key}\" not found")),
        }
    }

    fn string(&self, key: &str) -> Result<&str, String> {
        match self.get(key) {
            Some(Self::Text(text)) => Ok(text),
            Some(_) => Err(format!("key \"{key}\" expected a string")),
            None => Err(format!("key \"{key}\" not found")),
        }
    }
}

struct Parser<'a> {
    rest: &'a str,
}

impl Parser<'_> {
    fn document(mut self) -> Result<Value, String> {
        let value = self.object(0)?;
        self.blanks();
        if self.rest.is_empty() {
            Ok(value)
        } else {
            Err(self.fail("tokenization error"))
        }
    }

    /// An error with the beginning of what is left.
    fn fail(&self, what: &str) -> String {
        let mut near: String = self.rest.chars().take(8).collect();
        if near.len() < self.rest.len() {
            near.push_str("...");
        }
        format!("{what}: {near}")
    }

    fn blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, ch: char) -> bool {
        self.blanks();
        match self.rest.strip_prefix(ch) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, String> {
        if depth > 2 * MAX_DEPTH {
            return Err("layout too deep".to_owned());
        }
        let whole = self.rest;
        if !self.take('{') {
            return Err(self.fail("tokenization error"));
        }
        let mut members = Vec::new();
        if self.take('}') {
            return Ok(Value::Object(members));
        }
        loop {
            self.blanks();
            if self.rest.is_empty() && members.is_empty() {
                self.rest = whole;
                return Err(self.fail("invalid key"));
            }
            let Some(key) = self.string() else {
                return Err(self.fail("invalid key"));
            };
            if !self.take(':') {
                return Err(self.fail("invalid object"));
            }
            members.push((key, self.value(depth)?));
            if self.take('}') {
                return Ok(Value::Object(members));
            }
            let before = self.rest;
            if !self.take(',') {
                if before.is_empty() {
                    // The last bracket is what was read as the end.
                    self.rest = whole.get(whole.len() - 1..).unwrap_or_default();
                }
                return Err(self.fail("invalid object"));
            }
        }
    }

    fn value(&mut self, depth: usize) -> Result<Value, String> {
        self.blanks();
        match self.rest.chars().next() {
            Some('{') => self.object(depth + 1),
            Some('[') => self.array(depth + 1),
            Some('"') => match self.string() {
                Some(text) => Ok(Value::Text(text)),
                None => Err(self.fail("tokenization error")),
            },
            Some('-' | '0'..='9') => self.number(),
            Some('t') if self.word("true") => Ok(Value::Bool(true)),
            Some('f') if self.word("false") => Ok(Value::Bool(false)),
            Some('}' | ']' | ',' | ':') | None => {
                Err(self.fail("unexpected value when parsing object"))
            }
            Some(_) => Err(self.fail("tokenization error")),
        }
    }

    fn word(&mut self, word: &str) -> bool {
        let rest = self.rest.strip_prefix(word);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn array(&mut self, depth: usize) -> Result<Value, String> {
        let mut values = Vec::new();
        self.take('[');
        if self.take(']') {
            return Ok(Value::Array(values));
        }
        loop {
            self.blanks();
            values.push(self.object(depth)?);
            if self.take(']') {
                return Ok(Value::Array(values));
            }
            if !self.take(',') {
                return Err(self.fail("invalid array"));
            }
        }
    }

    fn number(&mut self) -> Result<Value, String> {
        let end = self
            .rest
            .find(|ch: char| !(ch.is_ascii_digit() || ch == '-'))
            .unwrap_or(self.rest.len());
        let digits = &self.rest[..end];
        let ends = !self.rest[end..].starts_with(['.', 'e', 'E']);
        match digits.parse() {
            Ok(number) if ends => {
                self.rest = &self.rest[end..];
                Ok(Value::Number(number))
            }
            _ => Err(self.fail("invalid number")),
        }
    }

    /// A string without escapes, which layout strings have none of.
    fn string(&mut self) -> Option<String> {
        let body = self.rest.strip_prefix('"')?;
        let end = body.find('"')?;
        let text = &body[..end];
        if text.contains('\\') {
            return None;
        }
        self.rest = &body[end + 1..];
        Some(text.to_owned())
    }
}
