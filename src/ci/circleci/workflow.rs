//! Workflows: which jobs run, under which names and conditions, after which others,
//! and the matrix (CircleCI docs, "workflows", "matrix", "requires").

use std::collections::{BTreeMap, BTreeSet};

use super::super::model::Job;
use super::super::outline;
use super::super::yaml::{CiError, Node, Place, Value};
use super::job::{Usage, typed};
use super::logic::{self, Truth};
use super::space::Space;
use super::steps::arguments;
use super::template::{Scope, replaced, size};
use super::{Loader, MAX_JOBS};

/// The keys of a job's entry in a workflow that are no arguments of the job.
const KEYS: [&str; 10] = [
    "name",
    "requires",
    "context",
    "type",
    "filters",
    "matrix",
    "pre-steps",
    "post-steps",
    "serial-group",
    "override-with",
];

/// The most parameters of one matrix.
const MAX_AXES: usize = 32;

/// A row of a matrix: parameter and value.
type Row<'a> = Vec<(&'a str, &'a Node)>;

/// A job of a workflow, before its name is settled.
struct Entry {
    job: String,
    /// What `requires` may call it, beside its name.
    alias: String,
    name: String,
    body: Node,
    row: Vec<(String, Node)>,
    place: Place,
}

impl Loader<'_> {
    pub(super) fn workflow(
        &mut self,
        name: &str,
        node: &Node,
        space: &Space<'_>,
        used: &mut BTreeSet<String>,
    ) -> Result<(), CiError> {
        if !self.has_room() {
            let message = format!("too many jobs; only the first {MAX_JOBS} are taken");
            self.warn(node.place, &message);
            return Ok(());
        }
        let shared = self.conditions(name, node)?;
        let mut entries = Vec::new();
        for item in node.get("jobs").map_or(&[][..], Node::items) {
            self.entries(item, &mut entries, used)?;
        }
        number(&mut entries);
        let names = Names::new(&entries);
        for entry in &entries {
            if !self.has_room() {
                let message = format!("too many jobs; only the first {MAX_JOBS} are taken");
                self.warn(entry.place, &message);
                return Ok(());
            }
            let mut job = self.entry(entry, space)?;
            name.clone_into(&mut job.stage);
            job.needs = self.needs(entry, &names);
            let mut conditions = shared.clone();
            conditions.extend(self.entry_conditions(entry)?);
            if !conditions.is_empty() {
                job.condition = Some(conditions.join(" and "));
            }
            self.add(job, entry.place)?;
        }
        Ok(())
    }

    /// Under which conditions the whole workflow runs.
    fn conditions(&mut self, name: &str, node: &Node) -> Result<Vec<String>, CiError> {
        let scope = Scope {
            parameters: None,
            matrix: None,
            pipeline: self.pipeline,
        };
        let mut conditions = Vec::new();
        for key in ["when", "unless"] {
            let Some(statement) = node.get(key) else {
                continue;
            };
            let mut truth = logic::condition(self.template, statement, scope)?;
            if key == "unless" {
                truth = truth.not();
            }
            match truth {
                Truth::Known(true) => {}
                Truth::Known(false) => conditions.push(format!(
                    "{key}: {} (false by the defaults)",
                    one_line(statement)
                )),
                Truth::Unknown(text) => conditions.push(text),
            }
        }
        for trigger in node.get("triggers").map_or(&[][..], Node::items) {
            let schedule = trigger.get("schedule");
            let cron = schedule
                .and_then(|s| s.get("cron"))
                .and_then(Node::text)
                .unwrap_or_default();
            conditions.push(format!("schedule \"{cron}\""));
        }
        if let Some(node) = node.get("max_auto_reruns") {
            let message = format!("the reruns of the workflow {name} as a whole are not kept");
            self.warn(node.place, &message);
        }
        Ok(conditions)
    }

    /// An item of `jobs`: one job, or those of its matrix.
    fn entries(
        &mut self,
        item: &Node,
        entries: &mut Vec<Entry>,
        used: &mut BTreeSet<String>,
    ) -> Result<(), CiError> {
        let (job, body) = match &item.value {
            Value::Null => return Ok(()),
            Value::Text(name) => (name.clone(), replaced(item, Value::Null)),
            Value::Map(map) if map.len() == 1 => {
                let Some((name, body)) = map.first() else {
                    return Ok(());
                };
                (name.clone(), body.clone())
            }
            // A list inside the list, as an alias makes it.
            Value::List(items) => {
                for item in items {
                    if matches!(item.value, Value::List(_)) {
                        return Err(self
                            .template
                            .error(item.place, "the name of a job is expected here"));
                    }
                    self.entries(item, entries, used)?;
                }
                return Ok(());
            }
            Value::Map(_) => {
                let message = "a job in a workflow is one key; its settings stand below it, \
                               further to the right";
                return Err(self.template.error(item.place, message));
            }
        };
        used.insert(job.clone());
        let pipeline = Scope {
            parameters: None,
            matrix: None,
            pipeline: self.pipeline,
        };
        let matrix = match body.get("matrix") {
            Some(node) => Some(self.template.expand(node, pipeline)?),
            None => None,
        };
        let rows = match &matrix {
            Some(node) => self.rows(node)?,
            None => vec![Row::new()],
        };
        let alias = matrix
            .as_ref()
            .and_then(|node| node.get("alias")?.text())
            .map_or_else(|| job.clone(), str::to_owned);
        for row in rows {
            if entries.len() > MAX_JOBS {
                return Ok(()); // told of when they are added
            }
            let row: Vec<(String, Node)> = row
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.clone()))
                .collect();
            let held: usize = row.iter().map(|(name, node)| name.len() + size(node)).sum();
            self.template.spend(held, item.place)?;
            let values: BTreeMap<String, Node> = row.iter().cloned().collect();
            let scope = Scope {
                matrix: matrix.as_ref().map(|_| &values),
                ..pipeline
            };
            let body = self.template.body(&body, scope, &["matrix"])?;
            let name = match body.get("name").and_then(Node::text) {
                Some(name) => self.template.finish(name, &mut Vec::new()),
                None => row.iter().fold(job.clone(), |name, (_, value)| {
                    let value = value.get("name").unwrap_or(value);
                    format!("{name}-{}", value.text().unwrap_or_default())
                }),
            };
            entries.push(Entry {
                job: job.clone(),
                alias: alias.clone(),
                name,
                body,
                row,
                place: item.place,
            });
        }
        Ok(())
    }

    /// The rows of a matrix: the product of its parameters in the order of their
    /// names, the last varying fastest, without those excluded.
    fn rows<'m>(&mut self, matrix: &'m Node) -> Result<Vec<Row<'m>>, CiError> {
        let Some(Value::Map(parameters)) = matrix.get("parameters").map(|node| &node.value) else {
            return Err(self
                .template
                .error(matrix.place, "a matrix needs a map of `parameters`"));
        };
        if parameters.len() > MAX_AXES {
            return Err(self
                .template
                .error(matrix.place, "the matrix has too many parameters"));
        }
        let sorted: BTreeMap<&str, &Node> = parameters
            .iter()
            .map(|(name, values)| (name.as_str(), values))
            .collect();
        let mut rows = vec![Row::new()];
        let mut cut = false;
        for (name, values) in sorted {
            let mut next = Vec::new();
            for row in &rows {
                for value in values.items() {
                    if next.len() >= 4 * MAX_JOBS {
                        cut = true;
                        break;
                    }
                    let mut row = row.clone();
                    row.push((name, value));
                    next.push(row);
                }
            }
            rows = next;
        }
        if cut {
            self.warn(matrix.place, "the matrix is too large and is cut");
        }
        let excluded: Vec<&[(String, Node)]> = matrix
            .get("exclude")
            .map_or(&[][..], Node::items)
            .iter()
            .take(MAX_JOBS)
            .map(|node| arguments(Some(node)))
            .filter(|excluded| !excluded.is_empty())
            .collect();
        rows.retain(|row| {
            let holds = |(key, value): &(String, Node)| {
                row.iter()
                    .any(|(name, chosen)| *name == key.as_str() && chosen.text() == value.text())
            };
            !excluded.iter().any(|row| row.iter().all(holds))
        });
        Ok(rows)
    }

    fn entry(&mut self, entry: &Entry, space: &Space<'_>) -> Result<Job, CiError> {
        let body = &entry.body;
        if let Some(node) = body.get("context") {
            let contexts: Vec<&str> = node.items().iter().filter_map(Node::text).collect();
            let message = format!(
                "the contexts {} give variables which the file does not hold",
                contexts.join(", ")
            );
            self.warn(node.place, &message);
        }
        if let Some(node) = body.get("override-with") {
            let other = node.text().unwrap_or_default();
            let message = format!(
                "the job {} stands for {other}, which is not fetched",
                entry.job
            );
            self.warn(node.place, &message);
        }
        let kind = body.get("type").and_then(Node::text).unwrap_or("build");
        let mut job = if kind == "build" || space.knows_job(&entry.job) {
            let mut given: Vec<(String, Node)> = entry.row.clone();
            let own = arguments(Some(body)).iter();
            given.extend(
                own.filter(|(key, _)| !KEYS.contains(&key.as_str()))
                    .cloned(),
            );
            let usage = Usage {
                job: &entry.job,
                name: &entry.name,
                arguments: &given,
                before: body.get("pre-steps"),
                after: body.get("post-steps"),
                place: entry.place,
                uncalled: false,
            };
            self.job(space, &usage)?
        } else {
            Job {
                name: entry.name.clone(),
                phases: vec![typed(kind, &entry.name)],
                ..Job::default()
            }
        };
        job.axes = entry
            .row
            .iter()
            .map(|(name, value)| {
                let text = value.text().map(str::to_owned);
                (name.clone(), text.unwrap_or_else(|| outline::line(value)))
            })
            .collect();
        Ok(job)
    }

    /// The names of the jobs that an entry requires.
    fn needs(&mut self, entry: &Entry, names: &Names<'_>) -> Vec<String> {
        let mut needs: Vec<String> = Vec::new();
        let mut known = BTreeSet::new();
        let mut asked = BTreeSet::new();
        for item in entry.body.get("requires").map_or(&[][..], Node::items) {
            let wanted = match &item.value {
                Value::Text(name) => name.as_str(),
                Value::Map(entries) => entries.first().map_or("", |(name, _)| name.as_str()),
                Value::Null | Value::List(_) => continue,
            };
            if !asked.insert(wanted) {
                continue;
            }
            let found = names.find(wanted);
            if found.is_empty() {
                let wanted = crate::base::Label::new(wanted);
                let name = crate::base::Label::new(&entry.name);
                let message = format!("{name} requires {wanted}, which is not in the workflow");
                self.warn(item.place, &message);
            }
            let found = if found.is_empty() {
                vec![wanted]
            } else {
                found
            };
            for name in found {
                if known.insert(name.to_owned()) {
                    needs.push(name.to_owned());
                }
            }
        }
        needs
    }

    /// Under which conditions a job of a workflow runs.
    fn entry_conditions(&mut self, entry: &Entry) -> Result<Vec<String>, CiError> {
        let mut conditions = Vec::new();
        match entry.body.get("filters") {
            Some(node) if node.text().is_some() => {
                let scope = Scope {
                    parameters: None,
                    matrix: None,
                    pipeline: self.pipeline,
                };
                match logic::condition(self.template, node, scope)? {
                    Truth::Known(true) => {}
                    Truth::Known(false) => {
                        conditions.push(format!("{} (false by the defaults)", one_line(node)));
                    }
                    Truth::Unknown(text) => conditions.push(text),
                }
            }
            Some(node) => conditions.extend(filters(node)),
            None => {}
        }
        for item in entry.body.get("requires").map_or(&[][..], Node::items) {
            if let [(name, status)] = arguments(Some(item)) {
                let statuses: Vec<&str> = status.items().iter().filter_map(Node::text).collect();
                conditions.push(format!("{name} is {}", statuses.join(" or ")));
            }
        }
        Ok(conditions)
    }
}

/// Jobs of the same name get a number, as CircleCI numbers them.
fn number(entries: &mut [Entry]) {
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for entry in entries.iter() {
        *count.entry(entry.name.clone()).or_default() += 1;
    }
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for entry in entries {
        if count.get(&entry.name).is_some_and(|count| *count > 1) {
            let n = seen.entry(entry.name.clone()).or_default();
            *n += 1;
            entry.name = format!("{}-{n}", entry.name);
        }
    }
}

/// The jobs of a workflow, by what `requires` may call them.
struct Names<'a> {
    names: BTreeSet<&'a str>,
    aliases: BTreeMap<&'a str, Vec<&'a str>>,
}

impl<'a> Names<'a> {
    fn new(entries: &'a [Entry]) -> Self {
        let mut aliases: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for entry in entries {
            aliases.entry(&entry.alias).or_default().push(&entry.name);
            if entry.alias != entry.job {
                aliases.entry(&entry.job).or_default().push(&entry.name);
            }
        }
        Self {
            names: entries.iter().map(|entry| entry.name.as_str()).collect(),
            aliases,
        }
    }

    fn find(&self, wanted: &str) -> Vec<&'a str> {
        match self.names.get(wanted) {
            Some(name) => vec![name],
            None => self.aliases.get(wanted).cloned().unwrap_or_default(),
        }
    }
}

/// Branch and tag filters, in words; none when they let everything pass.
fn filters(node: &Node) -> Option<String> {
    let mut words = Vec::new();
    for key in ["branches", "tags"] {
        for (rule, value) in arguments(node.get(key)) {
            let values: Vec<&str> = value.items().iter().filter_map(Node::text).collect();
            // Only with this does a job run for tags too; it forbids nothing.
            if (key, rule.as_str(), values.as_slice()) == ("tags", "only", &["/.*/"])
                && node.get("branches").is_none()
            {
                continue;
            }
            words.push(format!("{key} {rule} {}", values.join(", ")));
        }
    }
    (!words.is_empty()).then(|| format!("filters: {}", words.join("; ")))
}

fn one_line(node: &Node) -> String {
    match node.text() {
        Some(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
        None => outline::line(node),
    }
}
