//! `strategy.matrix` → its combinations, by the rules of the documentation ("Run
//! job variations in a workflow"): the product with the first key slowest, less
//! `exclude`, with `include` added to those it fits, or by itself.

use super::scope::Scope;
use super::value::Value;
use crate::ci::notes::Notes;
use crate::ci::yaml::{CiError, Node, Value as Yaml};

/// The most combinations, as on GitHub.
const MAX: usize = 256;

/// How much a matrix may hold, in values: each combination has a copy.
const MAX_WEIGHT: usize = 10_000;

/// One combination: keys and values.
pub(super) type Combination = Vec<(String, Value)>;

/// The combinations; none when only GitHub knows them.
///
/// # Errors
/// When the matrix has no form that GitHub takes, or is too large.
pub(super) fn combinations(
    node: &Node,
    scope: &Scope,
    notes: &mut Notes,
) -> Result<Option<Vec<Combination>>, CiError> {
    let Value::Map(entries) = scope.tree(node, notes) else {
        if matches!(&node.value, Yaml::Text(text) if text.contains("${{")) {
            return Ok(None);
        }
        return Err(notes.error(node.place, "a matrix is a map of lists"));
    };
    let place = |key: &str| node.get(key).map_or(node.place, |node| node.place);
    let (mut vectors, mut include, mut exclude) = (Vec::new(), Vec::new(), Vec::new());
    for (key, value) in entries {
        let list = match value {
            Value::List(items) => items,
            Value::Unknown => return Ok(None),
            Value::Null if matches!(key.as_str(), "include" | "exclude") => Vec::new(),
            _ => {
                let message = format!("{key}: a list of values is expected here");
                return Err(notes.error(place(&key), message));
            }
        };
        match key.as_str() {
            "include" => include = list,
            "exclude" => exclude = list,
            _ => vectors.push((key, list)),
        }
    }
    let heavy = |list: &[Value]| list.iter().map(Value::weight).sum::<usize>();
    let size: usize = vectors.iter().map(|(_, list)| heavy(list)).sum::<usize>()
        + heavy(&include)
        + heavy(&exclude);
    if size > MAX_WEIGHT {
        return Err(notes.error(node.place, "the matrix is too large"));
    }
    let product = product(&vectors).ok_or_else(|| {
        let message = format!("the matrix has more than {MAX} combinations");
        notes.error(node.place, message)
    })?;
    let (Some(include), Some(exclude)) = (maps(include), maps(exclude)) else {
        return Ok(None);
    };
    for entry in &exclude {
        let strange = entry
            .iter()
            .find(|(key, _)| !vectors.iter().any(|(known, _)| known == key));
        if let Some((key, _)) = strange {
            notes.warn(
                place("exclude"),
                format!("exclude: {key} is no key of the matrix"),
            );
        }
    }
    let kept: Vec<Combination> = product
        .into_iter()
        .filter(|one| !exclude.iter().any(|entry| fits(entry, one)))
        .collect();
    let all = included(kept, &vectors, include);
    if all.len() > MAX {
        let message = format!("the matrix has more than {MAX} combinations");
        return Err(notes.error(node.place, message));
    }
    Ok(Some(all))
}

/// The entries of `include` or `exclude`; none when one is unknown.
fn maps(list: Vec<Value>) -> Option<Vec<Combination>> {
    list.into_iter()
        .map(|value| match value {
            Value::Map(entries) => Some(entries),
            _ => None,
        })
        .collect()
}

fn product(vectors: &[(String, Vec<Value>)]) -> Option<Vec<Combination>> {
    if vectors.is_empty() {
        return Some(Vec::new());
    }
    let mut all: Vec<Combination> = vec![Vec::new()];
    for (key, values) in vectors {
        if all.len().checked_mul(values.len())? > MAX {
            return None;
        }
        all = all
            .iter()
            .flat_map(|one| {
                values.iter().map(|value| {
                    let mut next = one.clone();
                    next.push((key.clone(), value.clone()));
                    next
                })
            })
            .collect();
    }
    Some(all)
}

/// Whether a combination has all that an entry of `exclude` says; of a map, the
/// keys that are named.
fn fits(entry: &Combination, one: &Combination) -> bool {
    !entry.is_empty()
        && entry.iter().all(|(key, wanted)| {
            let found = one.iter().find(|(known, _)| known == key);
            found.is_some_and(|(_, value)| alike(wanted, value))
        })
}

fn alike(wanted: &Value, value: &Value) -> bool {
    match (wanted, value) {
        (Value::Map(wanted), Value::Map(known)) => fits(wanted, known),
        (wanted, value) => wanted.equals(value) == Some(true),
    }
}

/// Adds the entries of `include`, in order. What the product gave is never
/// overwritten; what an earlier entry added may be.
fn included(
    kept: Vec<Combination>,
    vectors: &[(String, Vec<Value>)],
    include: Vec<Combination>,
) -> Vec<Combination> {
    let mut all = kept;
    let original = all.len();
    for entry in include {
        let (fixed, extra): (Combination, Combination) = entry
            .iter()
            .cloned()
            .partition(|(key, _)| vectors.iter().any(|(known, _)| known == key));
        let mut added = false;
        for one in &mut all[..original] {
            if fixed.is_empty() || fits(&fixed, one) {
                added = true;
                for (key, value) in &extra {
                    match one.iter_mut().find(|(known, _)| known == key) {
                        Some(known) => known.1 = value.clone(),
                        None => one.push((key.clone(), value.clone())),
                    }
                }
            }
        }
        if !added {
            all.push(entry);
        }
    }
    all
}

/// What a combination adds to a job's name: its scalars, those of maps too.
pub(super) fn suffix(one: &Combination) -> String {
    let mut leaves = Vec::new();
    for (key, value) in one {
        value.leaves(key, &mut leaves);
    }
    let values: Vec<String> = leaves
        .into_iter()
        .map(|(_, value)| value)
        .filter(|value| !value.is_empty())
        .collect();
    values.join(", ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::ci::yaml;

    fn names(text: &str) -> Result<Vec<String>, String> {
        let node = yaml::parse(text, "f").unwrap().unwrap();
        let mut notes = Notes::of("f");
        let all = combinations(&node, &Scope::default(), &mut notes);
        let all = all.map_err(|error| error.to_string())?;
        Ok(all.unwrap_or_default().iter().map(suffix).collect())
    }

    #[test]
    fn product_varies_the_last_key_fastest() {
        let found = names("a: [1, '2.0']\nb: [x, {c: y, d: z}]\n").unwrap();
        assert_eq!(found, ["1, x", "1, y, z", "2.0, x", "2.0, y, z"]);
    }

    #[test]
    fn exclude_leaves_out_and_include_extends_or_adds() {
        for (text, expected) in [
            (
                "a: [1, 2]\nb: [3, 4]\nexclude: [{a: 1, b: 4}, {b: 9}]\n",
                vec!["1, 3", "2, 3", "2, 4"],
            ),
            (
                "a: [{n: x, o: p}, {n: y}]\nexclude: [{a: {n: x}}]\n",
                vec!["y"],
            ),
            // The documentation's own example, in letters.
            (
                "f: [a, p]\nk: [c, d]\ninclude:\n- g: green\n- g: pink\n  k: c\n- f: a\n  s: circle\n- f: b\n- f: b\n  k: c\n",
                vec![
                    "a, c, pink, circle",
                    "a, d, green, circle",
                    "p, c, pink",
                    "p, d, green",
                    "b",
                    "b, c",
                ],
            ),
            ("include: [{a: 1}, {a: 2, b: x}]\n", vec!["1", "2, x"]),
            ("a: [1]\nexclude: [{a: 1}]\ninclude: [{a: 5}]\n", vec!["5"]),
            ("a: ${{ fromJSON('[7, 8]') }}\n", vec!["7", "8"]),
            ("a: ['', x]\n", vec!["", "x"]),
        ] {
            assert_eq!(names(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn matrix_is_open_when_github_alone_knows_it() {
        let open = |text: &str| {
            let node = yaml::parse(text, "f").unwrap().unwrap();
            combinations(&node, &Scope::default(), &mut Notes::of("f"))
                .unwrap()
                .is_none()
        };
        assert!(open("${{ fromJSON(needs.a.outputs.m) }}"));
        assert!(open("a: ${{ fromJSON(needs.a.outputs.m) }}\nb: [1]\n"));
        assert!(open("a: [1]\ninclude: ${{ fromJSON(vars.X) }}\n"));
        assert!(!open("a: [1]\n"));
    }

    #[test]
    fn matrix_is_bounded() {
        let list = (0..40).map(|n| n.to_string()).collect::<Vec<_>>().join(",");
        let text = format!("a: [{list}]\nb: [{list}]\n");
        assert!(names(&text).unwrap_err().contains("more than 256"));
        assert!(names("a: 1\n").unwrap_err().contains("a: a list"));
        assert!(names("x").unwrap_err().contains("a map of lists"));
    }
}
