//! YAML tokens → the tree: anchors and aliases resolved, merge keys applied,
//! duplicate keys reduced to the last. It gives no scalar a type beyond null.
//! Bounded: depth and total size are limited, so that aliases cannot explode.

use std::collections::HashMap;

use super::scan::{Bad, Kind, Style, Token};
use super::{Merge, Node, Place, Value};

/// The deepest nesting, aliases included.
const MAX_DEPTH: usize = 128;
/// The largest tree: a node counts 1, and 1 more for each [`TEXT_UNIT`] bytes.
const MAX_COST: usize = 400_000;
const TEXT_UNIT: usize = 32;
/// The most warnings of one file.
const MAX_WARNINGS: usize = 200;

/// An anchored node: what it is, how deep and how large.
struct Anchor {
    node: Node,
    height: usize,
    cost: usize,
}

/// A node and its height, 1 for a scalar.
struct Built {
    node: Node,
    height: usize,
}

/// What stands before a node.
#[derive(Default)]
struct Properties {
    anchor: Option<String>,
    tag: Option<String>,
}

pub(super) struct Parser {
    tokens: std::vec::IntoIter<Token>,
    bad: Option<Bad>,
    end: Place,
    merge: Merge,
    anchors: HashMap<String, Anchor>,
    cost: usize,
    depth: usize,
    pub(super) warnings: Vec<(Place, String)>,
}

type Found = Result<Built, Bad>;

impl Parser {
    pub(super) fn new((tokens, bad): (Vec<Token>, Option<Bad>), merge: Merge) -> Self {
        let end = tokens.last().map(|token| token.place).unwrap_or_default();
        Self {
            tokens: tokens.into_iter(),
            bad,
            end,
            merge,
            anchors: HashMap::new(),
            cost: 0,
            depth: 0,
            warnings: Vec::new(),
        }
    }

    /// The first document; `None` when the file has none.
    pub(super) fn document(&mut self) -> Result<Option<Node>, Bad> {
        while matches!(self.peek(), Some(Kind::Directive | Kind::DocumentEnd)) {
            self.take()?;
        }
        match self.peek() {
            Some(Kind::DocumentStart) => {
                self.take()?;
                let empty = [Kind::DocumentStart, Kind::DocumentEnd, Kind::StreamEnd];
                if self.peek().is_some_and(|kind| empty.contains(kind)) {
                    return Ok(None);
                }
            }
            Some(Kind::StreamEnd) => return Ok(None),
            _ => {}
        }
        let root = self.node(true, false)?;
        if self.peek().is_none() {
            self.take()?; // what follows is no token at all
        }
        Ok(Some(root.node))
    }

    fn peek(&self) -> Option<&Kind> {
        self.tokens.as_slice().first().map(|token| &token.kind)
    }

    fn is(&self, kind: &Kind) -> bool {
        self.peek() == Some(kind)
    }

    fn is_any(&self, kinds: &[Kind]) -> bool {
        self.peek().is_some_and(|kind| kinds.contains(kind))
    }

    fn place(&self) -> Place {
        let next = self.tokens.as_slice().first();
        next.map_or(self.end, |token| token.place)
    }

    fn take(&mut self) -> Result<Token, Bad> {
        match self.tokens.next() {
            Some(token) => Ok(token),
            None => Err(self.bad.clone().unwrap_or(Bad {
                place: self.end,
                message: "the file ends too early",
            })),
        }
    }

    /// The mistake at the next token: the scanner's own, when it stopped there.
    fn fail<T>(&mut self, message: &'static str) -> Result<T, Bad> {
        if self.peek().is_none() {
            self.take()?;
        }
        let place = self.place();
        match &self.bad {
            Some(bad) if bad.place == place => Err(bad.clone()),
            _ => Err(Bad { place, message }),
        }
    }

    fn warn(&mut self, place: Place, message: impl FnOnce() -> String) {
        if self.warnings.len() < MAX_WARNINGS {
            self.warnings.push((place, message()));
        }
    }

    fn pay(&mut self, cost: usize, place: Place) -> Result<(), Bad> {
        self.cost = self.cost.saturating_add(cost);
        if self.cost > MAX_COST {
            return Err(Bad {
                place,
                message: "the file is too large once its aliases are resolved",
            });
        }
        Ok(())
    }

    fn empty(&mut self, place: Place) -> Found {
        self.pay(1, place)?;
        Ok(Built {
            node: Node::new(place, Value::Null),
            height: 1,
        })
    }

    fn node(&mut self, block: bool, indentless: bool) -> Found {
        if self.depth >= MAX_DEPTH {
            return self.fail("the file is nested too deeply");
        }
        self.depth += 1;
        let built = self.node_inside(block, indentless);
        self.depth -= 1;
        built
    }

    fn node_inside(&mut self, block: bool, indentless: bool) -> Found {
        if let Some(Kind::Alias(_)) = self.peek() {
            return self.alias();
        }
        let place = self.place();
        let before = self.cost;
        let properties = self.properties()?;
        let start = self.place();
        let mut built = match self.peek() {
            Some(Kind::Entry) if indentless => self.indentless()?,
            Some(Kind::Scalar(..)) => self.scalar(properties.tag.as_deref())?,
            Some(Kind::FlowSequence) => self.flow_list()?,
            Some(Kind::FlowMapping) => self.flow_map()?,
            Some(Kind::BlockSequence) if block => self.block_list()?,
            Some(Kind::BlockMapping) if block => self.block_map()?,
            _ if properties.anchor.is_some() || properties.tag.is_some() => self.empty(start)?,
            Some(Kind::FlowEntry | Kind::FlowSequenceEnd | Kind::FlowMappingEnd) => {
                return self.fail("`,`, `]` or `}` cannot stand here; put the value in quotes");
            }
            _ => return self.fail("a value is expected here"),
        };
        if properties.anchor.is_some() || properties.tag.is_some() {
            built.node.place = place;
        }
        let text = properties.tag.as_deref().is_some_and(is_text);
        if text && matches!(built.node.value, Value::Null) {
            built.node.value = Value::Text(String::new());
            built.node.quoted = true;
        }
        built.node.tag = properties.tag;
        built.node.anchored = properties.anchor.is_some();
        if let Some(name) = properties.anchor {
            self.remember(name, &built, before)?;
        }
        Ok(built)
    }

    fn properties(&mut self) -> Result<Properties, Bad> {
        let mut properties = Properties::default();
        loop {
            match self.peek() {
                Some(Kind::Anchor(_)) if properties.anchor.is_none() => {
                    if let Kind::Anchor(name) = self.take()?.kind {
                        properties.anchor = Some(name);
                    }
                }
                Some(Kind::Tag(_)) if properties.tag.is_none() => {
                    if let Kind::Tag(tag) = self.take()?.kind {
                        properties.tag = Some(tag);
                    }
                }
                _ => return Ok(properties),
            }
        }
    }

    /// An anchor may be defined again; the last definition before an alias counts.
    fn remember(&mut self, name: String, built: &Built, before: usize) -> Result<(), Bad> {
        let cost = self.cost.saturating_sub(before).max(1);
        self.pay(cost, built.node.place)?;
        let anchor = Anchor {
            node: built.node.clone(),
            height: built.height,
            cost,
        };
        self.anchors.insert(name, anchor);
        Ok(())
    }

    fn alias(&mut self) -> Found {
        let token = self.take()?;
        let Kind::Alias(name) = token.kind else {
            return self.empty(token.place);
        };
        let Some(anchor) = self.anchors.get(&name) else {
            let label = crate::base::Label::new(&name);
            self.warn(token.place, || {
                format!("no anchor `{label}` is defined above; the alias is taken as empty")
            });
            return self.empty(token.place);
        };
        let (cost, height) = (anchor.cost, anchor.height);
        if self.depth + height > MAX_DEPTH {
            return Err(Bad {
                place: token.place,
                message: "the file is nested too deeply",
            });
        }
        self.pay(cost, token.place)?;
        let node = self.anchors.get(&name).map(|anchor| anchor.node.clone());
        let mut node = node.unwrap_or_else(|| Node::new(token.place, Value::Null));
        node.alias = true;
        node.anchored = false;
        Ok(Built { node, height })
    }

    fn scalar(&mut self, tag: Option<&str>) -> Found {
        let token = self.take()?;
        let Kind::Scalar(text, style) = token.kind else {
            return self.empty(token.place);
        };
        self.pay(1 + text.len() / TEXT_UNIT, token.place)?;
        let quoted = style != Style::Plain || tag.is_some_and(is_text);
        let null = !quoted && matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL");
        let value = if null { Value::Null } else { Value::Text(text) };
        let mut node = Node::new(token.place, value);
        node.quoted = quoted;
        Ok(Built { node, height: 1 })
    }

    fn indentless(&mut self) -> Found {
        let place = self.place();
        let mut list = Builder::new();
        while self.is(&Kind::Entry) {
            let at = self.take()?.place;
            let none = [Kind::Entry, Kind::Key, Kind::Value, Kind::BlockEnd];
            let item = if self.is_any(&none) {
                self.empty(at)?
            } else {
                self.node(true, false)?
            };
            list.push(item);
        }
        self.list(place, list)
    }

    fn block_list(&mut self) -> Found {
        let place = self.take()?.place;
        let mut list = Builder::new();
        loop {
            if self.is(&Kind::BlockEnd) {
                self.take()?;
                return self.list(place, list);
            }
            if !self.is(&Kind::Entry) {
                return self.fail("an item of the list, with `- `, is expected here");
            }
            let at = self.take()?.place;
            let item = if self.is_any(&[Kind::Entry, Kind::BlockEnd]) {
                self.empty(at)?
            } else {
                self.node(true, false)?
            };
            list.push(item);
        }
    }

    fn block_map(&mut self) -> Found {
        let place = self.take()?.place;
        let mut map = MapBuilder::default();
        loop {
            if self.is(&Kind::BlockEnd) {
                self.take()?;
                return self.map(place, map);
            }
            if !self.is(&Kind::Key) {
                return self.fail("a key is expected here, or the indentation is wrong");
            }
            let at = self.take()?.place;
            let none = [Kind::Key, Kind::Value, Kind::BlockEnd];
            let key = if self.is_any(&none) {
                self.empty(at)?
            } else {
                self.node(true, true)?
            };
            let mut value_at = at;
            let mut given = false;
            if self.is(&Kind::Value) {
                value_at = self.take()?.place;
                given = !self.is_any(&none);
            }
            let value = if given {
                self.node(true, true)?
            } else {
                self.empty(value_at)?
            };
            self.entry(&mut map, key, value);
        }
    }

    fn flow_list(&mut self) -> Found {
        let place = self.take()?.place;
        let mut list = Builder::new();
        let mut first = true;
        while !self.is(&Kind::FlowSequenceEnd) {
            if self.is(&Kind::StreamEnd) {
                return self.unclosed(place, "");
            }
            if !first {
                if !self.is(&Kind::FlowEntry) {
                    return self.unclosed(place, "`,` or `]` is expected here");
                }
                self.take()?;
            }
            first = false;
            if self.is(&Kind::Key) {
                let at = self.place();
                let mut map = MapBuilder::default();
                self.flow_pair(&mut map, &Kind::FlowSequenceEnd)?;
                let item = self.map(at, map)?;
                list.push(item);
            } else if !self.is(&Kind::FlowSequenceEnd) {
                let item = self.node(false, false)?;
                list.push(item);
            }
        }
        self.take()?;
        self.list(place, list)
    }

    fn flow_map(&mut self) -> Found {
        let place = self.take()?.place;
        let mut map = MapBuilder::default();
        let mut first = true;
        while !self.is(&Kind::FlowMappingEnd) {
            if self.is(&Kind::StreamEnd) {
                return self.unclosed(place, "");
            }
            if !first {
                if !self.is(&Kind::FlowEntry) {
                    return self.unclosed(place, "`,` or `}` is expected here");
                }
                self.take()?;
            }
            first = false;
            if self.is(&Kind::Key) {
                self.flow_pair(&mut map, &Kind::FlowMappingEnd)?;
            } else if !self.is(&Kind::FlowMappingEnd) {
                let at = self.place();
                let key = self.node(false, false)?;
                let value = self.empty(at)?;
                self.entry(&mut map, key, value);
            }
        }
        self.take()?;
        self.map(place, map)
    }

    fn unclosed(&mut self, open: Place, message: &'static str) -> Found {
        if self.is(&Kind::StreamEnd) {
            return Err(Bad {
                place: open,
                message: "this bracket is never closed",
            });
        }
        self.fail(message)
    }

    /// A key and its value inside `[…]` or `{…}`.
    fn flow_pair(&mut self, map: &mut MapBuilder, close: &Kind) -> Result<(), Bad> {
        let at = self.take()?.place;
        let ends = [Kind::Value, Kind::FlowEntry, close.clone()];
        let key = if self.is_any(&ends) {
            self.empty(at)?
        } else {
            self.node(false, false)?
        };
        let mut given = false;
        if self.is(&Kind::Value) {
            self.take()?;
            given = !self.is_any(&ends[1..]);
        }
        let value = if given {
            self.node(false, false)?
        } else {
            self.empty(at)?
        };
        self.entry(map, key, value);
        Ok(())
    }

    fn list(&mut self, place: Place, list: Builder) -> Found {
        self.pay(1, place)?;
        Ok(Built {
            node: Node::new(place, Value::List(list.items)),
            height: list.height + 1,
        })
    }

    fn map(&mut self, place: Place, map: MapBuilder) -> Found {
        self.pay(1, place)?;
        Ok(Built {
            node: Node::new(place, Value::Map(map.entries)),
            height: map.height + 1,
        })
    }

    fn entry(&mut self, map: &mut MapBuilder, key: Built, value: Built) {
        map.height = map.height.max(key.height).max(value.height);
        let place = key.node.place;
        let merges = !key.node.quoted && key.node.text() == Some("<<");
        if merges {
            match merged(value.node) {
                Ok(entries) => {
                    for (name, node) in entries {
                        map.merge(name, node, self.merge);
                    }
                }
                Err(node) => {
                    self.warn(node.place, || {
                        "`<<` merges maps only; this is ignored".to_owned()
                    });
                }
            }
            return;
        }
        let (name, plain) = key_text(&key.node);
        if !plain {
            let label = crate::base::Label::new(&name);
            self.warn(place, || {
                format!("a key that is no plain word is read as `{label}`")
            });
        }
        if map.set(name.clone(), value.node) {
            let label = crate::base::Label::new(&name);
            self.warn(place, || {
                format!("the key `{label}` stands here again; the last one counts")
            });
        }
    }
}

/// Whether a tag makes any scalar a string.
fn is_text(tag: &str) -> bool {
    matches!(tag, "!" | "!!str" | "!<tag:yaml.org,2002:str>")
}

/// The entries which `<<` brings: of a map, or of a list of maps of which the
/// first has precedence.
fn merged(node: Node) -> Result<Vec<(String, Node)>, Node> {
    match node.value {
        Value::Map(entries) => Ok(entries),
        Value::List(ref items)
            if items
                .iter()
                .all(|item| matches!(item.value, Value::Map(_) | Value::Null)) =>
        {
            let mut all = MapBuilder::default();
            if let Value::List(items) = node.value {
                for item in items.into_iter().rev() {
                    if let Value::Map(entries) = item.value {
                        for (name, node) in entries {
                            all.set(name, node);
                        }
                    }
                }
            }
            Ok(all.entries)
        }
        _ => Err(node),
    }
}

/// The text of a key, and whether it is a scalar.
fn key_text(node: &Node) -> (String, bool) {
    match &node.value {
        Value::Text(text) => (text.clone(), true),
        Value::Null => (String::new(), true),
        Value::List(_) | Value::Map(_) => (super::flow_text(node), false),
    }
}

/// A list under construction.
struct Builder {
    items: Vec<Node>,
    height: usize,
}

impl Builder {
    fn new() -> Self {
        Self {
            items: Vec::new(),
            height: 0,
        }
    }

    fn push(&mut self, built: Built) {
        self.height = self.height.max(built.height);
        self.items.push(built.node);
    }
}

/// A map under construction.
#[derive(Default)]
struct MapBuilder {
    entries: Vec<(String, Node)>,
    places: HashMap<String, (usize, bool)>,
    height: usize,
}

impl MapBuilder {
    /// Sets a key; whether the map itself had set it before.
    fn set(&mut self, name: String, node: Node) -> bool {
        if let Some((index, own)) = self.places.get_mut(&name) {
            let again = std::mem::replace(own, true);
            self.entries[*index].1 = node;
            return again;
        }
        self.places.insert(name.clone(), (self.entries.len(), true));
        self.entries.push((name, node));
        false
    }

    fn merge(&mut self, name: String, node: Node, rule: Merge) {
        if let Some((index, own)) = self.places.get(&name) {
            if rule == Merge::InOrder || !own {
                self.entries[*index].1 = node;
            }
            return;
        }
        self.places
            .insert(name.clone(), (self.entries.len(), false));
        self.entries.push((name, node));
    }
}
