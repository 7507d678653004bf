//! Travis's job matrix: the product of the root's axes, the included jobs, what
//! both inherit, what is excluded or not supported, and duplicates. Conditions are
//! not evaluated: no branch or event is known here.
//! Source: travis-yml's `Matrix`, whose order of steps is kept.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::env::Entry;
use super::item::Item;
use super::normal::{Config, Part};
use super::schema;

/// The most rows under expansion, before exclusions.
const MAX_ROWS: usize = 4_000;
/// The longest list of a rule's variables that is compared one by one.
const MAX_RULE_ENV: usize = 50;

/// A job: its values by key, and its variables besides the global ones.
#[derive(Clone, Debug, Default)]
pub(super) struct Row<'c> {
    pub(super) values: BTreeMap<&'c str, &'c Item>,
    pub(super) env: Vec<&'c Entry>,
    env_given: bool,
}

impl Row<'_> {
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.values.get(key).and_then(|item| first(item).text())
    }
}

/// The jobs, and whether some were left out because there are too many.
pub(super) fn expand(config: &Config) -> (Vec<Row<'_>>, bool) {
    let axes = axes(config);
    let (mut rows, cut) = product(config, &axes);
    if rows.len() == 1 && !config.include.is_empty() {
        rows.clear(); // a single job is no matrix; it gives way
    }
    include(config, &mut rows);
    if rows.is_empty() {
        rows.push(Row::default());
    }
    let global: HashSet<&Entry> = config.global.iter().collect();
    for row in &mut rows {
        inherit(config, &axes, &global, row);
    }
    rows.retain(|row| !config.exclude.iter().any(|rule| excludes(rule, row)));
    for row in &mut rows {
        drop_unsupported(row);
    }
    (unique(rows), cut)
}

/// The one job of the root alone.
pub(super) fn root_alone(config: &Config) -> Row<'_> {
    let mut row = Row::default();
    inherit(config, &axes(config), &HashSet::new(), &mut row);
    drop_unsupported(&mut row);
    row
}

fn systems(item: Option<&Item>) -> Vec<&str> {
    let items = item.map_or(&[][..], Item::items);
    items.iter().filter_map(Item::text).collect()
}

/// The root's axes that its language and systems support.
fn axes(config: &Config) -> Vec<&'static str> {
    let values = &config.root.values;
    let systems = systems(values.get("os"));
    let language = config.root.text("language");
    schema::axes()
        .filter(|key| values.contains_key(*key) && schema::supported(key, language, &systems))
        .collect()
}

fn product<'c>(config: &'c Config, axes: &[&'static str]) -> (Vec<Row<'c>>, bool) {
    let mut rows = vec![Row::default()];
    let mut cut = false;
    let mut grow = |rows: &mut Vec<Row<'c>>, count: usize, set: &dyn Fn(&mut Row<'c>, usize)| {
        let mut all = Vec::with_capacity((rows.len() * count).min(MAX_ROWS));
        'rows: for row in rows.iter() {
            for index in 0..count {
                if all.len() >= MAX_ROWS {
                    cut = true;
                    break 'rows;
                }
                let mut row = row.clone();
                set(&mut row, index);
                all.push(row);
            }
        }
        *rows = all;
    };
    for key in axes {
        let values = config.root.values.get(*key).map_or(&[][..], Item::items);
        grow(&mut rows, values.len(), &|row, index| {
            row.values.insert(key, &values[index]);
        });
    }
    let entries = config.root.env.as_deref().unwrap_or_default();
    if !entries.is_empty() {
        grow(&mut rows, entries.len(), &|row, index| {
            row.env = vec![&entries[index]];
            row.env_given = true;
        });
    }
    (rows, cut)
}

/// Adds the included jobs; a stage holds until the next one is named.
fn include<'c>(config: &'c Config, rows: &mut Vec<Row<'c>>) {
    let mut stage = None;
    for part in &config.include {
        let mut row = Row::default();
        for (key, item) in &part.values {
            row.values.insert(key, item);
        }
        stage = part.values.get("stage").or(stage);
        if let Some(stage) = stage {
            row.values.insert("stage", stage);
        }
        if let Some(env) = &part.env {
            row.env = env.iter().collect();
            row.env_given = true;
        }
        rows.push(row);
    }
}

fn inherit<'c>(
    config: &'c Config,
    axes: &[&'static str],
    global: &HashSet<&Entry>,
    row: &mut Row<'c>,
) {
    for (key, item) in &config.root.values {
        let axis = schema::is_axis(key);
        if !axis && !schema::NOT_SHARED.contains(&key.as_str()) {
            row.values.entry(key).or_insert(item);
        } else if axes.contains(&key.as_str()) {
            row.values.entry(key).or_insert_with(|| first(item));
        }
    }
    if !row.env_given {
        let entries = config.root.env.as_deref().unwrap_or_default();
        row.env = entries.first().into_iter().collect();
    }
    let mut seen = HashSet::new();
    row.env
        .retain(|entry| !entry.is_empty() && !global.contains(*entry) && seen.insert(*entry));
}

/// The first value of a list, or the value.
fn first(item: &Item) -> &Item {
    match item {
        Item::List(items) => items.first().unwrap_or(item),
        Item::Null | Item::Text(_) | Item::Map(_) => item,
    }
}

/// Whether all that a rule of `jobs.exclude` names is so in the job. A job's own
/// variables are compared, without the global ones.
fn excludes(rule: &Part, row: &Row<'_>) -> bool {
    let env = rule.env.as_ref();
    env.is_none_or(|env| row.env.iter().copied().eq(env)) && matches(rule, row)
}

/// Whether the values of a rule equal the job's; `if` is no value.
fn matches(rule: &Part, row: &Row<'_>) -> bool {
    rule.values.iter().all(|(key, item)| match key.as_str() {
        "if" => true,
        "stage" => match row.values.get("stage") {
            Some(stage) => *stage == item,
            None => item
                .text()
                .is_some_and(|name| name.eq_ignore_ascii_case("test")),
        },
        key => {
            let own = row.values.get(key).map_or(&[][..], |own| own.items());
            own == item.items()
        }
    })
}

/// Whether a rule of `jobs.allow_failures` fits. Its variables may be some of the
/// job's, or global ones.
pub(super) fn allows(config: &Config, rule: &Part, row: &Row<'_>) -> bool {
    let some = |env: &[Entry]| {
        env.len() <= MAX_RULE_ENV
            && !(row.env.is_empty() && config.global.is_empty())
            && env
                .iter()
                .all(|entry| row.env.contains(&entry) || config.global.contains(entry))
    };
    let env = rule.env.as_ref();
    env.is_none_or(|env| row.env.iter().copied().eq(env) || some(env)) && matches(rule, row)
}

/// Drops the keys which the job's own language or system does not have.
fn drop_unsupported(row: &mut Row<'_>) {
    let language = row.text("language").map(str::to_owned);
    let system = row.text("os").map(str::to_owned);
    let systems: Vec<&str> = system.as_deref().into_iter().collect();
    row.values
        .retain(|key, _| schema::supported(key, language.as_deref(), &systems));
}

/// The rows without repetitions, the first of each kept.
fn unique(rows: Vec<Row<'_>>) -> Vec<Row<'_>> {
    let mut seen: HashMap<u64, Vec<usize>> = HashMap::new();
    let mut kept: Vec<Row<'_>> = Vec::new();
    for row in rows {
        let same = seen.entry(digest(&row)).or_default();
        if same.iter().any(|index| equal(&kept[*index], &row)) {
            continue;
        }
        same.push(kept.len());
        kept.push(row);
    }
    kept
}

/// A number that equal rows share. Of a list it takes the first item alone: most
/// lists are the root's, the same in every row.
fn digest(row: &Row<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    row.env.hash(&mut hasher);
    for (key, item) in &row.values {
        key.hash(&mut hasher);
        item.items().len().hash(&mut hasher);
        first(item).text().hash(&mut hasher);
    }
    hasher.finish()
}

fn equal(one: &Row<'_>, other: &Row<'_>) -> bool {
    let same = |(one, other): (&Item, &Item)| std::ptr::eq(one, other) || one == other;
    one.env == other.env
        && one.values.keys().eq(other.values.keys())
        && one
            .values
            .values()
            .copied()
            .zip(other.values.values().copied())
            .all(same)
}
