//! The file's tree → what Travis makes of it before it expands jobs: keys and
//! values respelt, strings wrapped into lists or lists reduced to their first,
//! what has a wrong type dropped. Everything that is changed or dropped is noted
//! with its place. It expands nothing.
//! Source: travis-yml's `Doc::Change` and `Doc::Validate`.

use std::collections::BTreeMap;

use super::super::yaml::{Node, Place, Value};
use super::env::{self, Entry};
use super::item::{Item, printed};
use super::schema::{self, Alias, Level, Shape};
use super::spell;
use crate::base::Label;

/// The most notes of one file; further ones are counted.
const MAX_NOTES: usize = 100;
/// The most entries of `include`, `exclude` and `allow_failures` each.
const MAX_PARTS: usize = 500;
/// The most unknown keys for which a known one is looked for.
const MAX_GUESSES: usize = 500;

/// The warnings of a file.
pub(super) struct Notes<'a> {
    file: &'a str,
    lines: Vec<String>,
    more: usize,
    encrypted: usize,
    first_encrypted: Place,
}

impl<'a> Notes<'a> {
    pub(super) fn new(file: &'a str) -> Self {
        Self {
            file,
            lines: Vec::new(),
            more: 0,
            encrypted: 0,
            first_encrypted: Place::default(),
        }
    }

    /// An encrypted variable whose name is not known; they make one note together.
    pub(super) fn encrypted(&mut self, place: Place) {
        if self.encrypted == 0 {
            self.first_encrypted = place;
        }
        self.encrypted += 1;
    }

    pub(super) fn add(&mut self, place: Place, text: &str) {
        if self.lines.len() >= MAX_NOTES {
            self.more += 1;
            return;
        }
        let Place { line, column } = place;
        let note = format!("{}:{line}:{column}: {text}", self.file);
        if !self.lines.contains(&note) {
            self.lines.push(note);
        }
    }

    pub(super) fn into_lines(mut self) -> Vec<String> {
        if self.encrypted > 0 {
            let text = format!(
                "{} encrypted variables have no name here and are not set",
                self.encrypted
            );
            self.add(self.first_encrypted, &text);
        }
        if self.more > 0 {
            self.lines
                .push(format!("{}: {} more", self.file, self.more));
        }
        self.lines
    }
}

/// A map whose `env` is apart: the root's shared keys, or an entry of `jobs`.
#[derive(Clone, Debug, Default)]
pub(super) struct Part {
    pub(super) values: BTreeMap<String, Item>,
    pub(super) env: Option<Vec<Entry>>,
}

impl Part {
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.values.get(key).and_then(Item::text)
    }
}

/// A stage of `stages`.
#[derive(Clone, Debug)]
pub(super) struct Stage {
    pub(super) name: String,
    pub(super) condition: Option<String>,
}

/// A whole file.
#[derive(Clone, Debug, Default)]
pub(super) struct Config {
    pub(super) root: Part,
    pub(super) global: Vec<Entry>,
    pub(super) include: Vec<Part>,
    pub(super) exclude: Vec<Part>,
    pub(super) allow_failures: Vec<Part>,
    pub(super) stages: Vec<Stage>,
}

pub(super) struct Reader<'a, 'n> {
    pub(super) notes: &'n mut Notes<'a>,
    guesses: usize,
}

type Entries<'t> = BTreeMap<String, (Place, &'t Node)>;

impl<'a, 'n> Reader<'a, 'n> {
    pub(super) fn new(notes: &'n mut Notes<'a>) -> Self {
        Self { notes, guesses: 0 }
    }

    pub(super) fn config(&mut self, root: &Node) -> Config {
        let mut config = Config::default();
        let mut entries = self.entries(root, Level::Root);
        if let Some((_, node)) = entries.remove("jobs") {
            self.jobs(node, &mut config);
        }
        if let Some((_, node)) = entries.remove("stages") {
            config.stages = self.stages(node);
        }
        if let Some((_, node)) = entries.remove("import") {
            self.imports(node);
        }
        if let Some((_, node)) = entries.remove("env") {
            self.root_env(node, &mut config);
        }
        config.root.values = self.values(entries, Level::Root);
        self.defaults(&mut config.root.values);
        config
    }

    /// `language` and `os` are always there (travis-yml's `DEFAULTS`).
    fn defaults(&mut self, values: &mut BTreeMap<String, Item>) {
        let text = |word: &str| Item::Text(word.to_owned());
        let only_mac = values
            .get("os")
            .is_some_and(|os| os.items().iter().all(|item| item.text() == Some("osx")));
        let language = if only_mac { "objective-c" } else { "ruby" };
        let language = values
            .entry("language".to_owned())
            .or_insert_with(|| text(language));
        let os = match language.text() {
            Some("objective-c") => "osx",
            _ => "linux",
        };
        values
            .entry("os".to_owned())
            .or_insert_with(|| Item::List(vec![text(os)]));
    }

    /// A map's entries under the keys which they are meant to have. A key that is
    /// renamed replaces one that has the name already, as in travis-yml.
    fn entries<'t>(&mut self, node: &'t Node, level: Level) -> Entries<'t> {
        let mut entries = BTreeMap::new();
        let Value::Map(given) = &node.value else {
            return entries;
        };
        let symbol = |key: &'t str| key.strip_prefix(':').unwrap_or(key);
        for (key, node) in given {
            let key = symbol(key);
            if schema::is_known(level, key) {
                entries.insert(key.to_owned(), (node.place, node));
            }
        }
        for (key, node) in given {
            let key = symbol(key);
            if schema::is_known(level, key) {
                continue;
            }
            self.guesses += 1;
            let meant = (self.guesses <= MAX_GUESSES)
                .then(|| spell::key(level, key))
                .flatten();
            match meant {
                Some(meant) => {
                    if schema::alias(level, key).is_none() {
                        let text = format!("`{}` is taken for `{meant}`", Label::new(key));
                        self.notes.add(node.place, &text);
                    }
                    if entries.contains_key(meant) {
                        let text = format!("`{}` replaces `{meant}`", Label::new(key));
                        self.notes.add(node.place, &text);
                    }
                    entries.insert(meant.to_owned(), (node.place, node));
                }
                None if level == Level::Env || level == Level::Jobs => {}
                None => {
                    if !private(key, node) {
                        let text = format!("Travis does not know the key `{}`", Label::new(key));
                        self.notes.add(node.place, &text);
                    }
                    if level == Level::Job {
                        entries.insert(key.to_owned(), (node.place, node));
                    }
                }
            }
        }
        entries
    }

    fn values(&mut self, entries: Entries<'_>, level: Level) -> BTreeMap<String, Item> {
        let mut values = BTreeMap::new();
        for (key, (_, node)) in entries {
            let item = self.item(&key, schema::shape(level, &key), node);
            match item.filter(|item| !item.is_blank()) {
                Some(item) => {
                    values.insert(key, item);
                }
                // A job's empty key hides the root's.
                None if level == Level::Job => {
                    values.insert(key, Item::Null);
                }
                None => {}
            }
        }
        values
    }

    fn item(&mut self, key: &str, shape: Shape, node: &Node) -> Option<Item> {
        match shape {
            Shape::Any => Some(Item::of(node)),
            Shape::Commands => Some(self.commands(key, node)),
            Shape::Strings => Some(self.strings(key, node)),
            Shape::Text if matches!(node.value, Value::Map(_)) => Some(self.odd(key, node)),
            Shape::Text => self.single(key, node).map(Item::Text),
            Shape::Language => {
                let word = self.single(key, node)?;
                let word = word.trim().to_owned();
                Some(self.respelt(node, &word, &schema::LANGUAGES, &schema::LANGUAGE_ALIASES))
            }
            Shape::System => {
                let word = self.single(key, node)?;
                Some(self.system(node, &word))
            }
            Shape::Architecture => {
                let word = self.single(key, node)?;
                let aliases = &schema::ARCHITECTURE_ALIASES;
                Some(self.respelt(node, &word, &schema::ARCHITECTURES, aliases))
            }
            Shape::Systems => {
                let words = self.strings(key, node);
                let words = words.items().iter().filter_map(Item::text);
                Some(Item::List(
                    words.map(|word| self.system(node, word)).collect(),
                ))
            }
            Shape::Architectures => {
                let (values, aliases) = (&schema::ARCHITECTURES, &schema::ARCHITECTURE_ALIASES);
                let words = self.strings(key, node);
                let words = words.items().iter().filter_map(Item::text);
                let words = words.map(|word| self.respelt(node, word, values, aliases));
                Some(Item::List(words.collect()))
            }
        }
    }

    /// A system; one that Travis does not have is kept, and built as `linux`.
    fn system(&mut self, node: &Node, word: &str) -> Item {
        let item = self.respelt(node, word, &schema::SYSTEMS, &schema::SYSTEM_ALIASES);
        if item
            .text()
            .is_some_and(|word| schema::SYSTEMS.contains(&word))
        {
            return item;
        }
        let text = format!("`{}` is no system of Travis; it is linux", Label::new(word));
        self.notes.add(node.place, &text);
        item
    }

    fn respelt(
        &mut self,
        node: &Node,
        word: &str,
        values: &'static [&'static str],
        aliases: &'static [Alias],
    ) -> Item {
        let lower = word.to_lowercase();
        match spell::value(values, aliases, &lower) {
            Some(meant) => {
                if !aliases.iter().any(|(name, _)| *name == lower) {
                    let text = format!("`{}` is taken for `{meant}`", Label::new(word));
                    self.notes.add(node.place, &text);
                }
                Item::Text(meant.to_owned())
            }
            None => Item::Text(lower),
        }
    }

    /// One string; of a list its first.
    fn single(&mut self, key: &str, node: &Node) -> Option<String> {
        match &node.value {
            Value::Null => None,
            Value::Text(text) => Some(printed(text, node.quoted)).filter(|t| !t.is_empty()),
            Value::List(items) => {
                if items.len() > 1 {
                    let text = format!("`{key}` takes one value; the first is used");
                    self.notes.add(node.place, &text);
                }
                items.first().and_then(|first| self.single(key, first))
            }
            Value::Map(_) => {
                self.odd(key, node);
                None
            }
        }
    }

    /// A map where a word is expected: kept as it is, since it makes a job of the
    /// matrix all the same. A map with a name is that name.
    fn odd(&mut self, key: &str, node: &Node) -> Item {
        if let Some(name) = node.get("name").and_then(Node::text) {
            return Item::Text(name.to_owned());
        }
        let text = format!("`{key}` takes words, not a map");
        self.notes.add(node.place, &text);
        Item::of(node)
    }

    /// A list of strings, nested lists flattened, empty items dropped.
    fn strings(&mut self, key: &str, node: &Node) -> Item {
        let mut out = Vec::new();
        self.gather(key, node, &mut out);
        Item::List(out)
    }

    fn gather(&mut self, key: &str, node: &Node, out: &mut Vec<Item>) {
        match &node.value {
            Value::Null => {}
            Value::Text(text) if text.is_empty() => {}
            Value::Text(text) => out.push(Item::Text(printed(text, node.quoted))),
            Value::List(items) => items.iter().for_each(|item| self.gather(key, item, out)),
            Value::Map(_) => {
                let item = self.odd(key, node);
                out.push(item);
            }
        }
    }

    fn commands(&mut self, key: &str, node: &Node) -> Item {
        let mut out = Vec::new();
        self.gather_commands(key, node, &mut out);
        Item::List(out)
    }

    fn gather_commands(&mut self, key: &str, node: &Node, out: &mut Vec<Item>) {
        match &node.value {
            Value::Null => {}
            Value::Text(text) if text.is_empty() => {}
            Value::Text(text) if text.contains('\0') => {
                let text = format!("{key}: a command cannot hold a NUL character; it is dropped");
                self.notes.add(node.place, &text);
            }
            Value::Text(text) => out.push(Item::Text(printed(text, node.quoted))),
            Value::List(items) => {
                for item in items {
                    self.gather_commands(key, item, out);
                }
            }
            Value::Map(entries) => self.map_command(key, node, entries, out),
        }
    }

    /// `- echo "a: b"` is a map with the key `echo "a`. Travis would run the map as
    /// Ruby prints it; here it is put together again as it was written.
    fn map_command(
        &mut self,
        key: &str,
        node: &Node,
        entries: &[(String, Node)],
        out: &mut Vec<Item>,
    ) {
        let [(word, value)] = entries else {
            let text = format!("{key}: a command is expected here, not a map; it is dropped");
            self.notes.add(node.place, &text);
            return;
        };
        let rest = match &value.value {
            Value::Null => "",
            Value::Text(text) => text,
            Value::List(_) | Value::Map(_) => {
                let text = format!("{key}: a command is expected here, not a map; it is dropped");
                self.notes.add(node.place, &text);
                return;
            }
        };
        let command = format!("{word}: {rest}");
        if command.contains('\0') {
            return;
        }
        let text = format!(
            "{key}: `: ` makes this line a map with the key `{}`, which Travis cannot run; put \
             the whole command in single quotes. It is read as `{}`",
            Label::new(word),
            Label::new(&command)
        );
        self.notes.add(node.place, &text);
        out.push(Item::Text(command.trim_end().to_owned()));
    }

    fn part(&mut self, node: &Node) -> Part {
        let mut entries = self.entries(node, Level::Job);
        let env = entries.remove("env").map(|(_, node)| self.job_env(node));
        let values = self.values(entries, Level::Job);
        Part { values, env }
    }

    /// The `env` of an entry of `jobs`; `global` and the like have no meaning there.
    fn job_env(&mut self, node: &Node) -> Vec<Entry> {
        for key in ["global", "jobs", "matrix"] {
            if let Some(inner) = node.get(key) {
                let text = format!("`{key}` means nothing in the `env` of a single job");
                self.notes.add(inner.place, &text);
                return vec![Entry::new()]; // given, but with nothing in it
            }
        }
        if Item::of(node).is_blank() {
            return vec![Entry::new()];
        }
        env::entries(node, self.notes)
    }

    fn root_env(&mut self, node: &Node, config: &mut Config) {
        if let Some(list) = node
            .list()
            .filter(|list| list.items().iter().any(nests_env))
        {
            // travis-yml then takes the first item alone, and its key as written.
            let text = "`env` is a map or a list of variables; only the first item counts";
            self.notes.add(node.place, text);
            let first = list.items().first();
            let inner = |key: &str| first.and_then(|first| first.get(key));
            if let Some(global) = inner("global") {
                config.global = env::entries(global, self.notes);
            }
            config.root.env = inner("jobs").map(|jobs| env::entries(jobs, self.notes));
            return;
        }
        let known = self.entries(node, Level::Env);
        if known.is_empty() {
            config.root.env = Some(env::entries(node, self.notes));
            return;
        }
        if let Some((_, node)) = known.get("global") {
            config.global = env::entries(node, self.notes);
        }
        config.root.env = match known.get("jobs") {
            Some((_, node)) => Some(env::entries(node, self.notes)),
            None => others(node, &known).map(|node| env::entries(&node, self.notes)),
        };
    }

    /// `jobs`: a map, or the list of `include` itself, or one job of it.
    fn jobs(&mut self, node: &Node, config: &mut Config) {
        let mut node = node;
        if node.list().is_some() {
            let nested = node.items().first().filter(|first| {
                ["include", "exclude", "allow_failures"]
                    .iter()
                    .any(|key| first.get(key).is_some())
            });
            let Some(first) = nested else {
                config.include = self.parts(node);
                return;
            };
            let text = "`jobs` is a map or a list of jobs; only the first item counts";
            self.notes.add(node.place, text);
            node = first;
        }
        let entries = self.entries(node, Level::Jobs);
        if !entries.contains_key("include")
            && let Some(job) = others(node, &entries).filter(is_job)
        {
            config.include = self.parts(&job);
        }
        for (key, (_, node)) in entries {
            match key.as_str() {
                "include" => config.include = self.parts(node),
                "exclude" => {
                    self.undecided(node, "the jobs are excluded as if it held");
                    config.exclude = self.parts(node);
                }
                "allow_failures" => {
                    self.undecided(node, "no job is marked by it");
                    config.allow_failures = self.parts(node);
                }
                _ => {}
            }
        }
    }

    /// Rules whose condition cannot be decided without a branch and an event.
    fn undecided(&mut self, rules: &Node, outcome: &str) {
        for condition in rules.items().iter().filter_map(|rule| rule.get("if")) {
            let text = format!("this condition is not evaluated; {outcome}");
            self.notes.add(condition.place, &text);
        }
    }

    fn parts(&mut self, node: &Node) -> Vec<Part> {
        let mut parts = Vec::new();
        self.gather_parts(node, &mut parts);
        parts.retain(|part| !part.values.is_empty() || part.env.is_some());
        parts
    }

    fn gather_parts(&mut self, node: &Node, parts: &mut Vec<Part>) {
        for item in node.items() {
            match &item.value {
                Value::Map(_) if parts.len() >= MAX_PARTS => {
                    let text = format!("only {MAX_PARTS} entries are taken");
                    self.notes.add(node.place, &text);
                    return;
                }
                Value::Map(_) => parts.push(self.part(item)),
                Value::List(_) => self.gather_parts(item, parts),
                Value::Null => {}
                Value::Text(_) => {
                    let text = "a job is a map of keys; this is dropped";
                    self.notes.add(item.place, text);
                }
            }
        }
    }

    fn stages(&mut self, node: &Node) -> Vec<Stage> {
        let mut stages = Vec::new();
        for item in node.items() {
            let name = match &item.value {
                Value::Map(_) => item.get("name").and_then(Node::text),
                _ => item.text(),
            };
            let Some(name) = name else {
                self.notes
                    .add(item.place, "a stage without a name is dropped");
                continue;
            };
            let condition = item.get("if").and_then(Node::text);
            stages.push(Stage {
                name: name.to_owned(),
                condition: condition.map(str::to_owned),
            });
        }
        stages
    }

    fn imports(&mut self, node: &Node) {
        for item in node.items() {
            let source = item.get("source").unwrap_or(item).text();
            let text = format!(
                "the import of `{}` is not read: it may stand in another repository",
                Label::new(source.unwrap_or("?"))
            );
            self.notes.add(item.place, &text);
        }
    }
}

/// Whether an item of a list of variables is a map of `global` and the like.
fn nests_env(item: &Node) -> bool {
    let Value::Map(entries) = &item.value else {
        return false;
    };
    let nests = |key: &str| {
        ["global", "jobs", "matrix"]
            .iter()
            .any(|name| key.starts_with(name))
    };
    entries.iter().any(|(key, _)| nests(key))
}

/// The rest of a map, without the entries that are known.
fn others(node: &Node, known: &Entries<'_>) -> Option<Node> {
    let Value::Map(entries) = &node.value else {
        return None;
    };
    let rest = entries
        .iter()
        .filter(|(_, node)| !known.values().any(|(_, other)| std::ptr::eq(*other, node)));
    let rest: Vec<(String, Node)> = rest.cloned().collect();
    (!rest.is_empty()).then(|| Node::new(node.place, Value::Map(rest)))
}

/// Whether a map can only be a job.
fn is_job(node: &Node) -> bool {
    let Value::Map(entries) = &node.value else {
        return false;
    };
    entries.iter().all(|(key, _)| {
        key != "allow_failure"
            && (schema::is_known(Level::Job, key) || spell::key(Level::Job, key).is_some())
    })
}

/// A key that holds something for anchors only.
fn private(key: &str, node: &Node) -> bool {
    key.starts_with(['_', '.']) || node.anchored || holds_anchor(node, 3)
}

fn holds_anchor(node: &Node, depth: usize) -> bool {
    if node.anchored || depth == 0 {
        return node.anchored;
    }
    match &node.value {
        Value::List(items) => items.iter().any(|item| holds_anchor(item, depth - 1)),
        Value::Map(entries) => entries
            .iter()
            .any(|(_, item)| holds_anchor(item, depth - 1)),
        Value::Null | Value::Text(_) => false,
    }
}
