//! `spec:inputs` and `$[[ inputs.x ]]`: a header document names inputs and their
//! defaults, which are put into the document after it (docs.gitlab.com, "CI/CD
//! inputs"). An input without a value stays as written.

use std::collections::HashMap;

use crate::ci::yaml::{Node, Value as Yaml};

/// The values of inputs, by name.
pub(super) type Inputs = HashMap<String, Node>;

/// A text's header and body; the body keeps its lines' numbers. A file without a
/// header is all body.
pub(super) fn split(text: &str) -> (Option<&str>, String) {
    let mut offset = 0;
    let mut started = false;
    let mut spec = false;
    for line in text.split_inclusive('\n') {
        let marker = line.starts_with("---")
            && line[3..]
                .trim_start_matches([' ', '\t', '\r', '\n'])
                .is_empty();
        if marker && started {
            if !spec {
                break;
            }
            let header = &text[..offset];
            let blank = "\n".repeat(header.matches('\n').count());
            return (Some(header), blank + &text[offset..]);
        }
        let key = line.trim_end();
        spec |= key == "spec:" || key.starts_with("spec: ") || key.starts_with("spec:\t");
        started |= !key.is_empty() && !key.starts_with('#') && !marker;
        offset += line.len();
    }
    (None, text.to_owned())
}

/// The inputs that a header declares, with what is given, else their defaults;
/// those without a value are left out.
pub(super) fn declared(header: &Node, given: Option<&Node>) -> Inputs {
    let inputs = header.get("spec").and_then(|spec| spec.get("inputs"));
    let Some(Yaml::Map(entries)) = inputs.map(|inputs| &inputs.value) else {
        return Inputs::new();
    };
    let value = |name: &str, input: &Node| {
        let own = given.and_then(|given| given.get(name));
        own.or_else(|| input.get("default")).cloned()
    };
    entries
        .iter()
        .filter_map(|(name, input)| Some((name.clone(), value(name, input)?)))
        .collect()
}

/// Puts values into every text and key of a tree.
pub(super) fn fill(node: &mut Node, inputs: &Inputs) {
    match &mut node.value {
        Yaml::Null => {}
        Yaml::Text(text) => {
            if let Some(name) = whole(text)
                && let Some(value) = inputs.get(&name)
            {
                let place = node.place;
                *node = value.clone();
                node.place = place;
                return;
            }
            if text.contains("$[[") {
                *text = filled(text, inputs);
            }
        }
        Yaml::List(items) => items.iter_mut().for_each(|item| fill(item, inputs)),
        Yaml::Map(entries) => {
            for (key, node) in entries {
                if key.contains("$[[") {
                    *key = filled(key, inputs);
                }
                fill(node, inputs);
            }
        }
    }
}

/// The input that a text consists of, without functions.
fn whole(text: &str) -> Option<String> {
    let inner = text.trim().strip_prefix("$[[")?.strip_suffix("]]")?;
    let name = inner.trim().strip_prefix("inputs.")?;
    let plain = name
        .chars()
        .all(|ch| ch.is_ascii_alphanumeric() || ch == '_' || ch == '-');
    plain.then(|| name.to_owned())
}

fn filled(text: &str, inputs: &Inputs) -> String {
    let mut made = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("$[[") {
        made.push_str(&rest[..at]);
        let Some(end) = rest[at..].find("]]") else {
            rest = &rest[at..];
            break;
        };
        let written = &rest[at..at + end + 2];
        let inner = &written[3..written.len() - 2];
        match value(inner, inputs) {
            Some(value) => made.push_str(&value),
            None => made.push_str(written),
        }
        rest = &rest[at + end + 2..];
    }
    made.push_str(rest);
    made
}

/// `inputs.x | function | …` as text.
fn value(inner: &str, inputs: &Inputs) -> Option<String> {
    let mut parts = inner.split('|').map(str::trim);
    let name = parts.next()?.strip_prefix("inputs.")?;
    let node = inputs.get(name)?;
    let mut text = shown(node);
    for function in parts {
        if let Some(args) = function.strip_prefix("truncate(") {
            let (from, length) = args.strip_suffix(')')?.split_once(',')?;
            let (from, length) = (from.trim().parse().ok()?, length.trim().parse().ok()?);
            text = text.chars().skip(from).take(length).collect();
        } else if function == "posix_escape" {
            text = crate::ci::functions::quote(&text);
        } else if function != "expand_vars" {
            // The shell expands variables here as well.
            return None;
        }
    }
    Some(text)
}

/// A value as text; lists and maps as JSON on one line.
fn shown(node: &Node) -> String {
    fn json(node: &Node) -> serde_json::Value {
        match &node.value {
            Yaml::Null => serde_json::Value::Null,
            Yaml::Text(text) => serde_json::Value::String(text.clone()),
            Yaml::List(items) => serde_json::Value::Array(items.iter().map(json).collect()),
            Yaml::Map(entries) => entries
                .iter()
                .map(|(key, node)| (key.clone(), json(node)))
                .collect(),
        }
    }
    match &node.value {
        Yaml::Null => String::new(),
        Yaml::Text(text) => text.clone(),
        Yaml::List(_) | Yaml::Map(_) => json(node).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ci::yaml::Place;

    fn text(text: &str) -> Node {
        Node::new(Place::default(), Yaml::Text(text.to_owned()))
    }

    #[test]
    fn header_is_split_off_and_lines_stay() {
        for (whole, header) in [
            ("a: b\n", None),
            ("a: b\n---\nc: d\n", None),
            ("---\na: b\n", None),
            ("spec:\n  inputs:\n---\na: b\n", Some("spec:\n  inputs:\n")),
            (
                "---\n# x\nspec: {}\n---\na: b\n",
                Some("---\n# x\nspec: {}\n"),
            ),
        ] {
            let (found, body) = split(whole);
            assert_eq!(found, header, "{whole}");
            assert_eq!(body.matches('\n').count(), whole.matches('\n').count());
            assert!(header.is_none() || body.trim_start().starts_with("---\na: b"));
        }
    }

    #[test]
    fn inputs_are_put_into_texts() {
        let list = Node::new(Place::default(), Yaml::List(vec![text("x"), text("y")]));
        let inputs = HashMap::from([("a-b".to_owned(), text("it's")), ("l".to_owned(), list)]);
        for (template, expected) in [
            ("v $[[ inputs.a-b ]]!", "v it's!"),
            ("$[[inputs.a-b | truncate(0,2)]]", "it"),
            (
                "$[[ inputs.a-b | expand_vars | posix_escape ]]",
                "'it'\\''s'",
            ),
            ("$[[ inputs.none ]] $[[ x", "$[[ inputs.none ]] $[[ x"),
            ("$[[ inputs.a-b | nosuch ]]", "$[[ inputs.a-b | nosuch ]]"),
            ("is $[[ inputs.l ]]", "is [\"x\",\"y\"]"),
        ] {
            let mut node = text(template);
            fill(&mut node, &inputs);
            assert_eq!(node.text(), Some(expected));
        }
        let mut node = text("$[[ inputs.l ]]");
        fill(&mut node, &inputs);
        assert_eq!(node.items().len(), 2);
    }
}
