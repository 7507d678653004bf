//! Where names of commands, jobs and executors are looked up: the file, and inside
//! an inline orb that orb first.

use std::collections::BTreeMap;

use super::super::yaml::{Node, Value};

/// The elements which a place of the file can name.
pub(super) struct Space<'a> {
    /// The prefix of the orb, such as `my-orb/`; empty for the file itself.
    prefix: String,
    commands: BTreeMap<&'a str, &'a Node>,
    jobs: BTreeMap<&'a str, &'a Node>,
    executors: BTreeMap<&'a str, &'a Node>,
    orbs: BTreeMap<&'a str, &'a Node>,
    parent: Option<&'a Space<'a>>,
}

/// A kind of element.
#[derive(Clone, Copy)]
pub(super) enum Element {
    Command,
    Job,
    Executor,
}

/// What an orb is in this file.
pub(super) enum Orb<'a> {
    /// Written in the file.
    Inline(&'a Node),
    /// Published: name and version, or an address.
    External(&'a str),
    /// Named in the file, with nothing in it.
    Empty,
}

impl<'a> Space<'a> {
    pub(super) fn new(node: &'a Node, parent: Option<&'a Space<'a>>, prefix: &str) -> Self {
        Self {
            prefix: prefix.to_owned(),
            commands: index(node.get("commands")),
            jobs: index(node.get("jobs")),
            executors: index(node.get("executors")),
            orbs: index(node.get("orbs")),
            parent,
        }
    }

    /// What it costs to make one.
    pub(super) fn cost(&self) -> usize {
        let maps = [&self.commands, &self.jobs, &self.executors, &self.orbs];
        maps.iter().map(|map| 64 * (map.len() + 1)).sum()
    }

    /// An element by its bare name: its own, else one of the file around it.
    pub(super) fn find(&self, element: Element, name: &str) -> Option<(&'a Node, &Self)> {
        let map = match element {
            Element::Command => &self.commands,
            Element::Job => &self.jobs,
            Element::Executor => &self.executors,
        };
        match map.get(name) {
            Some(node) => Some((node, self)),
            None => self.parent.and_then(|parent| parent.find(element, name)),
        }
    }

    /// Whether a job has this name here.
    pub(super) fn knows_job(&self, name: &str) -> bool {
        self.find(Element::Job, name).is_some()
    }

    /// The orb of an alias.
    pub(super) fn orb(&self, alias: &str) -> Option<Orb<'a>> {
        let Some(node) = self.orbs.get(alias) else {
            return self.parent.and_then(|parent| parent.orb(alias));
        };
        Some(match &node.value {
            Value::Text(reference) => Orb::External(reference),
            Value::Map(entries) if !entries.is_empty() => Orb::Inline(node),
            Value::Null | Value::List(_) | Value::Map(_) => Orb::Empty,
        })
    }

    /// A name as the file around would write it.
    pub(super) fn full(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }
}

fn index(node: Option<&Node>) -> BTreeMap<&str, &Node> {
    match node.map(|node| &node.value) {
        Some(Value::Map(entries)) => entries
            .iter()
            .map(|(name, node)| (name.as_str(), node))
            .collect(),
        _ => BTreeMap::new(),
    }
}
