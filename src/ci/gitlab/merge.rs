//! Trees laid over one another: includes, `extends`, `!reference`. Maps are merged
//! key by key, everything else is replaced (docs.gitlab.com, "extends": merge
//! details). What is copied is bounded.

use std::collections::HashMap;

use super::Loader;
use crate::ci::yaml::{CiError, Node, Value as Yaml};

/// How deep `extends` may go; GitLab says 11 levels.
const MAX_EXTENDS: usize = 11;

/// How deep references may go; GitLab says 10 levels.
const MAX_REFERENCES: usize = 10;

/// How much may be copied, in nodes and 64-byte pieces of text.
const MAX_WEIGHT: usize = 1_000_000;

/// The key under which a job keeps the templates that were not found.
pub(super) const MISSING: &str = "\0missing";

/// The tag of a reference.
const REFERENCE: &str = "!reference";

/// Lays a tree over another: maps key by key, all else replaced.
pub(super) fn deep(base: &mut Node, over: Node) {
    match (&mut base.value, over.value) {
        (Yaml::Map(entries), Yaml::Map(more)) => {
            let index: HashMap<String, usize> = entries
                .iter()
                .enumerate()
                .map(|(at, (key, _))| (key.clone(), at))
                .collect();
            for (key, node) in more {
                match index.get(&key) {
                    Some(&at) => deep(&mut entries[at].1, node),
                    None => entries.push((key, node)),
                }
            }
        }
        (_, value) => {
            base.place = over.place;
            base.tag = over.tag;
            base.quoted = over.quoted;
            base.value = value;
        }
    }
}

/// A node's items with those of lists within lists in their place.
pub(super) fn flat(node: &Node) -> Vec<&Node> {
    let mut items = Vec::new();
    for item in node.items() {
        if item.list().is_some() && item.tag.as_deref() != Some(REFERENCE) {
            items.extend(flat(item));
        } else {
            items.push(item);
        }
    }
    items
}

/// What a reference that could not be followed says, such as `.a, script`.
pub(super) fn reference(node: &Node) -> Option<String> {
    if node.tag.as_deref() != Some(REFERENCE) {
        return None;
    }
    let words: Vec<&str> = node.items().iter().filter_map(Node::text).collect();
    Some(words.join(", "))
}

fn weight(node: &Node) -> usize {
    match &node.value {
        Yaml::Null => 1,
        Yaml::Text(text) => 1 + text.len() / 64,
        Yaml::List(items) => 1 + items.iter().map(weight).sum::<usize>(),
        Yaml::Map(entries) => {
            1 + entries
                .iter()
                .map(|(_, node)| 1 + weight(node))
                .sum::<usize>()
        }
    }
}

/// `extends` being resolved: the trees at the top, those that are done, and the
/// chain that is under way.
struct Extending {
    top: HashMap<String, Node>,
    done: HashMap<String, Node>,
    chain: Vec<String>,
}

impl Loader<'_> {
    fn copy(&mut self, node: &Node) -> Result<Node, CiError> {
        self.weight = self.weight.saturating_add(weight(node));
        if self.weight > MAX_WEIGHT {
            return Err(self
                .notes
                .error(node.place, "the file grows too large when it is expanded"));
        }
        Ok(node.clone())
    }

    /// The tree with every `extends` resolved.
    pub(super) fn extended(&mut self, mut root: Node) -> Result<Node, CiError> {
        let Yaml::Map(entries) = &mut root.value else {
            return Ok(root);
        };
        if !entries
            .iter()
            .any(|(_, node)| node.get("extends").is_some())
        {
            return Ok(root);
        }
        let names: Vec<String> = entries.iter().map(|(name, _)| name.clone()).collect();
        let mut extending = Extending {
            top: std::mem::take(entries).into_iter().collect(),
            done: HashMap::new(),
            chain: Vec::new(),
        };
        for name in &names {
            self.extend(name, &mut extending)?;
        }
        let mut done = extending.done;
        *entries = names
            .into_iter()
            .filter_map(|name| {
                let node = done.remove(&name)?;
                Some((name, node))
            })
            .collect();
        Ok(root)
    }

    fn extend(&mut self, name: &str, extending: &mut Extending) -> Result<(), CiError> {
        if extending.done.contains_key(name) {
            return Ok(());
        }
        let Some(own) = extending.top.get(name).cloned() else {
            return Ok(());
        };
        let place = own.get("extends").map_or(own.place, |node| node.place);
        if extending.chain.iter().any(|known| known == name) {
            let chain = extending.chain.join(" → ");
            return Err(self
                .notes
                .error(place, format!("extends goes in a circle: {chain} → {name}")));
        }
        if extending.chain.len() >= MAX_EXTENDS {
            let message = format!("extends goes deeper than {MAX_EXTENDS} levels");
            return Err(self.notes.error(place, message));
        }
        let parents: Vec<Node> = own
            .get("extends")
            .map(|node| node.items().to_vec())
            .unwrap_or_default();
        let mut whole = Node::new(own.place, Yaml::Map(Vec::new()));
        extending.chain.push(name.to_owned());
        let mut missing = Vec::new();
        for parent in &parents {
            let Some(parent_name) = parent.text() else {
                self.notes
                    .warn(parent.place, "extends: a name is expected here");
                continue;
            };
            self.extend(parent_name, extending)?;
            match extending.done.get(parent_name) {
                Some(node) => {
                    let node = self.copy(node)?;
                    missing.extend(
                        node.get(MISSING)
                            .map(|node| node.items().to_vec())
                            .unwrap_or_default(),
                    );
                    deep(&mut whole, node);
                }
                None => {
                    let message =
                        format!("{name}: extends {parent_name}, which is in no file at hand");
                    self.notes.warn(parent.place, message);
                    missing.push(parent.clone());
                }
            }
        }
        extending.chain.pop();
        let mut node = if parents.is_empty() {
            own
        } else {
            deep(&mut whole, own);
            whole
        };
        if let Yaml::Map(entries) = &mut node.value
            && !parents.is_empty()
        {
            entries.retain(|(key, _)| key != "extends" && key != MISSING);
            if !missing.is_empty() {
                let list = Node::new(node.place, Yaml::List(missing));
                entries.push((MISSING.to_owned(), list));
            }
        }
        extending.done.insert(name.to_owned(), node);
        Ok(())
    }

    /// The tree with every `!reference` followed. One that leads nowhere stays, and
    /// is warned of.
    pub(super) fn referenced(&mut self, root: Node) -> Result<Node, CiError> {
        if !has_reference(&root) {
            return Ok(root);
        }
        let mut whole = root.clone();
        self.follow(&mut whole, &root, 0)?;
        Ok(whole)
    }

    fn follow(&mut self, node: &mut Node, root: &Node, depth: usize) -> Result<(), CiError> {
        if let Some(path) = reference(node) {
            if depth >= MAX_REFERENCES {
                let message =
                    format!("!reference [{path}] goes deeper than {MAX_REFERENCES} levels");
                return Err(self.notes.error(node.place, message));
            }
            let mut words = node.items().iter().filter_map(Node::text);
            let target = words.try_fold(root, |node, word| node.get(word));
            let Some(target) = target.filter(|_| !path.is_empty()) else {
                let message = format!("!reference [{path}] is in no file at hand");
                self.notes.warn(node.place, message);
                return Ok(());
            };
            let mut copy = self.copy(target)?;
            self.follow(&mut copy, root, depth + 1)?;
            *node = copy;
            return Ok(());
        }
        match &mut node.value {
            Yaml::Null | Yaml::Text(_) => {}
            Yaml::List(items) => {
                for item in items {
                    self.follow(item, root, depth)?;
                }
            }
            Yaml::Map(entries) => {
                for (_, node) in entries {
                    self.follow(node, root, depth)?;
                }
            }
        }
        Ok(())
    }
}

fn has_reference(node: &Node) -> bool {
    node.tag.as_deref() == Some(REFERENCE)
        || match &node.value {
            Yaml::Null | Yaml::Text(_) => false,
            Yaml::List(items) => items.iter().any(has_reference),
            Yaml::Map(entries) => entries.iter().any(|(_, node)| has_reference(node)),
        }
}
