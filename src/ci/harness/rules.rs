//! Looping strategies, failure strategies and conditions of Harness (Harness docs,
//! "Looping strategies", "Step and stage failure strategy references", "Define
//! conditional executions").

use super::super::asks::seconds;
use super::super::model::{OnFailure, PhaseKind};
use super::super::yaml::{Node, Value};
use super::expression::{Level, Turn};

/// The most turns of one loop, Harness's own default limit.
pub(super) const MAX_TURNS: usize = 256;

/// The most axes of one matrix.
const MAX_AXES: usize = 32;

/// What a failure of a step does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) on_failure: OnFailure,
    pub(super) retry: u32,
}

/// The turns of a `strategy`; none when there is no loop in it. The flag tells that
/// turns were left out.
pub(super) fn turns(strategy: Option<&Node>, level: Level) -> Option<(Vec<Turn<'_>>, bool)> {
    let strategy = strategy?;
    // The second form has its kind under `type` and the rest in `spec`.
    let kind = strategy.get("type").and_then(Node::text);
    let spec = strategy.get("spec").unwrap_or(strategy);
    let body = |name: &str| match kind {
        Some(kind) => (kind == name).then_some(spec),
        None => strategy.get(name),
    };
    let (mut turns, cut) = if let Some(matrix) = body("matrix") {
        matrix_turns(matrix, level)
    } else if let Some(repeat) = body("repeat").or_else(|| body("for")) {
        repeat_turns(repeat, level)
    } else {
        let node = body("parallelism")?;
        let count = node.text().and_then(|text| text.trim().parse().ok())?;
        counted(count, level)
    };
    let total = turns.len();
    for (index, turn) in turns.iter_mut().enumerate() {
        turn.index = index;
        turn.total = total;
    }
    Some((turns, cut))
}

fn turn(level: Level) -> Turn<'static> {
    Turn {
        level,
        axes: Vec::new(),
        item: None,
        index: 0,
        total: 0,
        suffix: String::new(),
    }
}

fn counted(count: usize, level: Level) -> (Vec<Turn<'static>>, bool) {
    let make = |n: usize| Turn {
        suffix: format!("_{n}"),
        ..turn(level)
    };
    (
        (0..count.min(MAX_TURNS)).map(make).collect(),
        count > MAX_TURNS,
    )
}

fn repeat_turns(repeat: &Node, level: Level) -> (Vec<Turn<'static>>, bool) {
    let number = |key: &str| {
        let text = repeat.get(key)?.text()?;
        text.trim().parse::<usize>().ok()
    };
    if let Some(count) = number("times").or_else(|| number("iterations")) {
        return counted(count, level);
    }
    let items = repeat.get("items").map_or(&[][..], Node::items);
    let make = |(n, item): (usize, &Node)| Turn {
        item: item.text().map(str::to_owned),
        suffix: format!("_{n}"),
        ..turn(level)
    };
    let turns = items.iter().take(MAX_TURNS).enumerate().map(make).collect();
    (turns, items.len() > MAX_TURNS)
}

fn matrix_turns(matrix: &Node, level: Level) -> (Vec<Turn<'_>>, bool) {
    let axes = matrix.get("axis").unwrap_or(matrix);
    let Value::Map(entries) = &axes.value else {
        return (vec![turn(level)], false);
    };
    let other = [
        "exclude",
        "include",
        "maxConcurrency",
        "nodeName",
        "batchSize",
    ];
    let mut rows: Vec<Turn<'_>> = vec![turn(level)];
    let mut cut = false;
    for (name, values) in entries {
        if other.contains(&name.as_str()) || name == "concurrency" {
            continue;
        }
        if rows.first().is_some_and(|row| row.axes.len() >= MAX_AXES) {
            cut = true;
            break;
        }
        let mut next = Vec::new();
        for row in &rows {
            for (n, value) in values.items().iter().enumerate() {
                if next.len() >= 4 * MAX_TURNS {
                    cut = true;
                    break;
                }
                let mut row = row.clone();
                row.axes.push((name, value));
                row.suffix.push_str(&format!("_{n}"));
                next.push(row);
            }
        }
        rows = next;
    }
    let excluded = matrix.get("exclude").map_or(&[][..], Node::items);
    rows.retain(|row| {
        !excluded
            .iter()
            .take(MAX_TURNS)
            .any(|node| match &node.value {
                Value::Map(pairs) if !pairs.is_empty() => pairs.iter().all(|(key, value)| {
                    row.axes
                        .iter()
                        .any(|(name, chosen)| name == key && chosen.text() == value.text())
                }),
                _ => false,
            })
    });
    cut |= rows.len() > MAX_TURNS;
    rows.truncate(MAX_TURNS);
    (rows, cut)
}

/// The strategy for a command that failed: the first list, innermost first, with
/// one for all errors. The second value tells that some were for other errors.
pub(super) fn failure(lists: &[&Node]) -> (Option<Failure>, bool) {
    let mut others = false;
    for list in lists {
        for strategy in list.items() {
            let body = strategy.get("onFailure").unwrap_or(strategy);
            if !for_commands(body.get("errors")) {
                others = true;
                continue;
            }
            if let Some(action) = body.get("action") {
                return (Some(act(action, 0)), others);
            }
        }
    }
    (None, others)
}

/// Whether errors hold those of a command with a status that is not 0.
fn for_commands(errors: Option<&Node>) -> bool {
    let Some(errors) = errors else {
        return true;
    };
    errors.items().iter().filter_map(Node::text).any(|name| {
        matches!(
            name.to_ascii_lowercase().as_str(),
            "allerrors" | "all" | "unknown" | "<+input>"
        )
    })
}

fn act(action: &Node, depth: usize) -> Failure {
    let stop = Failure::default();
    if depth > 4 {
        return stop;
    }
    // `{type, spec}`, a bare name, or a map of the name and its settings.
    let (name, spec) = match (&action.value, action.get("type").and_then(Node::text)) {
        (Value::Text(name), _) => (name.as_str(), None),
        (_, Some(name)) => (name, action.get("spec")),
        (Value::Map(entries), None) => match entries.first() {
            Some((name, spec)) => (name.as_str(), Some(spec)),
            None => return stop,
        },
        _ => return stop,
    };
    let name: String = name
        .chars()
        .filter(char::is_ascii_alphabetic)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    match name.as_str() {
        "ignore" | "markassuccess" | "success" | "proceedwithdefaultvalues" => Failure {
            on_failure: OnFailure::Ignore,
            retry: 0,
        },
        "retry" => {
            let number = |key: &str| spec?.get(key)?.text()?.trim().parse::<u32>().ok();
            let retry = number("retryCount").or_else(|| number("attempts"));
            let after = spec.and_then(|spec| {
                let inner = spec
                    .get("onRetryFailure")
                    .or_else(|| spec.get("failure-action"))?;
                Some(inner.get("action").unwrap_or(inner))
            });
            Failure {
                retry: retry.unwrap_or(1).min(100),
                ..after.map_or(stop, |action| act(action, depth + 1))
            }
        }
        _ => stop, // Abort, MarkAsFailure, rollbacks, and a person who decides
    }
}

/// When a step or group runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Condition {
    /// By the stage's status; none when the file says nothing.
    pub(super) kind: Option<PhaseKind>,
    /// An expression beside it.
    pub(super) expression: Option<String>,
}

/// Reads `when`.
pub(super) fn when(node: Option<&Node>) -> Condition {
    let Some(node) = node else {
        return Condition::default();
    };
    if let Value::Text(text) = &node.value {
        return Condition {
            kind: None,
            expression: Some(text.clone()),
        };
    }
    let status = node
        .get("stageStatus")
        .or_else(|| node.get("pipelineStatus"))
        .and_then(Node::text);
    let kind = status.and_then(|status| match status {
        "Success" => Some(PhaseKind::Main),
        "All" => Some(PhaseKind::Always),
        "Failure" => Some(PhaseKind::OnFailure),
        _ => None,
    });
    let expression = match node.get("condition").map(|node| &node.value) {
        Some(Value::Text(text)) if !text.trim().is_empty() => Some(text.clone()),
        Some(_) => None,
        None if status.is_some() => None,
        None if matches!(node.value, Value::Null) => None,
        None => Some(super::super::outline::line(node)),
    };
    Condition { kind, expression }
}

/// The value of a condition whose expressions are resolved: `true`, `false`, or one
/// comparison of two plain values. None when it takes more.
pub(super) fn decided(text: &str) -> Option<bool> {
    let text = text.trim();
    if text.contains("<+") {
        return None;
    }
    match text {
        "true" => return Some(true),
        "false" => return Some(false),
        _ => {}
    }
    let (left, right, equal) = match (text.split_once("=="), text.split_once("!=")) {
        (Some((left, right)), None) => (left, right, true),
        (None, Some((left, right))) => (left, right, false),
        _ => return None,
    };
    let plain = |side: &str| {
        let side = side.trim();
        let bare = side.trim_matches(['"', '\'']);
        let word = |c: char| c.is_alphanumeric() || "_.-/: ".contains(c);
        bare.chars().all(word).then(|| bare.to_owned())
    };
    Some((plain(left)? == plain(right)?) == equal)
}

/// Seconds of a `timeout`; none for an empty one.
pub(super) fn timeout(node: Option<&Node>) -> Option<u64> {
    seconds(node?.text()?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::ci::yaml;

    fn node(text: &str) -> Node {
        yaml::parse(text, "f").unwrap().unwrap()
    }

    #[test]
    fn loop_becomes_turns() {
        let table = [
            (
                "matrix: {a: [1, 2], b: [x, y], exclude: [{a: 1, b: y}], maxConcurrency: 2}",
                "_0_0 a=1 b=x;_1_0 a=2 b=x;_1_1 a=2 b=y",
            ),
            (
                "{type: matrix, spec: {axis: {os: [linux, mac]}}}",
                "_0 os=linux;_1 os=mac",
            ),
            ("matrix: {a: <+input>}", "_0 a=<+input>"),
            ("repeat: {times: 2}", "_0;_1"),
            ("repeat: {items: [p, q]}", "_0 p;_1 q"),
            ("parallelism: 2", "_0;_1"),
            ("{type: for, spec: {iterations: 1}}", "_0"),
        ];
        for (text, expected) in table {
            let strategy = node(text);
            let (turns, cut) = turns(Some(&strategy), Level::Step).unwrap();
            let shown: Vec<String> = turns
                .iter()
                .map(|turn| {
                    let mut words = vec![turn.suffix.clone()];
                    words.extend(turn.item.clone());
                    let axes = turn.axes.iter();
                    words.extend(axes.map(|(k, v)| format!("{k}={}", v.text().unwrap())));
                    words.join(" ")
                })
                .collect();
            assert_eq!((shown.join(";").as_str(), cut), (expected, false), "{text}");
        }
        assert!(turns(Some(&node("maxConcurrency: 2")), Level::Step).is_none());
    }

    #[test]
    fn loop_without_end_is_cut() {
        let list = vec!["v"; 300].join(",");
        for text in [
            format!("matrix: {{a: [{list}], b: [{list}], c: [{list}]}}"),
            format!("repeat: {{items: [{list}]}}"),
            "repeat: {times: 1000000000}".to_owned(),
        ] {
            let strategy = node(&text);
            let (turns, cut) = turns(Some(&strategy), Level::Step).unwrap();
            assert_eq!((turns.len(), cut), (MAX_TURNS, true));
        }
    }

    #[test]
    fn failure_strategy_is_the_innermost_for_all_errors() {
        let list = |action: &str, errors: &str| {
            node(&format!(
                "[{{onFailure: {{errors: [{errors}], action: {action}}}}}]"
            ))
        };
        let ignore = list("{type: Ignore}", "AllErrors");
        let retry = list(
            "{type: Retry, spec: {retryCount: 2, onRetryFailure: {action: {type: MarkAsSuccess}}}}",
            "Unknown",
        );
        let timed = list("{type: Ignore}", "Timeout");
        let abort = list("{type: Abort}", "AllErrors");
        let short = node("{errors: all, action: {retry: {attempts: 3}}}");
        let found = |on_failure, retry| Some(Failure { on_failure, retry });
        let table = [
            (vec![&ignore, &abort], found(OnFailure::Ignore, 0), false),
            (vec![&retry], found(OnFailure::Ignore, 2), false),
            (vec![&timed, &abort], found(OnFailure::StopFailed, 0), true),
            (vec![&timed], None, true),
            (vec![&short], found(OnFailure::StopFailed, 3), false),
            (vec![], None, false),
        ];
        for (lists, expected, others) in table {
            assert_eq!(failure(&lists), (expected, others));
        }
    }

    #[test]
    fn condition_is_decided_where_it_is_plain() {
        let table = [
            ("true", Some(true)),
            (" false ", Some(false)),
            ("\"a\" == \"a\"", Some(true)),
            ("a != 'a'", Some(false)),
            ("<+x> == \"a\"", None),
            ("\"a\" == \"a\" && b", None),
            ("something", None),
        ];
        for (text, expected) in table {
            assert_eq!(decided(text), expected, "{text}");
        }
    }
}
