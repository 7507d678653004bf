//! A node of a CI file as YAML text again, for people: what a placeholder would
//! have been told. It is not meant to be read back.

use super::yaml::{Node, Value};

/// The longest text made; more is cut with an ellipsis.
const MAX: usize = 16 * 1024;

/// A key and its value as block YAML, without a newline at the end.
pub(crate) fn entry(key: &str, value: &Node) -> String {
    let mut text = String::new();
    put_entry(&mut text, key, value, 0);
    text.truncate(text.trim_end().len());
    text
}

/// A node in one line, as flow YAML.
pub(crate) fn line(node: &Node) -> String {
    let mut text = String::new();
    put_flow(&mut text, node);
    text
}

fn full(text: &mut String) -> bool {
    if text.len() < MAX {
        return false;
    }
    if !text.ends_with("…\n") {
        text.push_str("…\n");
    }
    true
}

fn put_entry(text: &mut String, key: &str, value: &Node, depth: usize) {
    if full(text) {
        return;
    }
    text.push_str(&"  ".repeat(depth));
    text.push_str(key);
    text.push(':');
    put_value(text, value, depth);
}

/// What stands right of `key:` or `-`, up to and with the end of its lines.
fn put_value(text: &mut String, value: &Node, depth: usize) {
    match &value.value {
        Value::Null => text.push('\n'),
        Value::Text(scalar) if scalar.contains('\n') => {
            text.push_str(" |\n");
            for line in scalar.lines() {
                if full(text) {
                    return;
                }
                text.push_str(&"  ".repeat(depth + 1));
                text.push_str(line);
                text.push('\n');
            }
        }
        Value::Text(scalar) => {
            text.push(' ');
            text.push_str(&plain(scalar));
            text.push('\n');
        }
        Value::List(items) if items.is_empty() => text.push_str(" []\n"),
        Value::Map(entries) if entries.is_empty() => text.push_str(" {}\n"),
        Value::List(items) => {
            text.push('\n');
            for item in items {
                if full(text) {
                    return;
                }
                text.push_str(&"  ".repeat(depth));
                text.push('-');
                put_value(text, item, depth + 1);
            }
        }
        Value::Map(entries) => {
            text.push('\n');
            for (key, value) in entries {
                put_entry(text, key, value, depth + 1);
            }
        }
    }
}

fn put_flow(text: &mut String, node: &Node) {
    if text.len() > MAX {
        return;
    }
    match &node.value {
        Value::Null => text.push_str("null"),
        Value::Text(scalar) => text.push_str(&plain(scalar.trim_end().replace('\n', " ").as_str())),
        Value::List(items) => {
            text.push('[');
            for (at, item) in items.iter().enumerate() {
                text.push_str(if at == 0 { "" } else { ", " });
                put_flow(text, item);
            }
            text.push(']');
        }
        Value::Map(entries) => {
            text.push('{');
            for (at, (key, value)) in entries.iter().enumerate() {
                text.push_str(if at == 0 { "" } else { ", " });
                text.push_str(key);
                text.push_str(": ");
                put_flow(text, value);
            }
            text.push('}');
        }
    }
}

/// A scalar as it may stand in YAML: in quotes where it would be misread.
fn plain(scalar: &str) -> String {
    let odd = scalar.is_empty()
        || scalar.contains(": ")
        || scalar.contains(" #")
        || scalar.ends_with([':', ' '])
        || scalar.starts_with([
            ' ', '"', '\'', '[', '{', '&', '*', '!', '|', '>', '%', '@', '`', '#', '-', '?', ',',
        ]);
    if odd {
        format!("\"{}\"", scalar.replace('\\', "\\\\").replace('"', "\\\""))
    } else {
        scalar.to_owned()
    }
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
    fn step_is_written_as_it_was_read() {
        let text = "key: v1-{{ .Branch }}\nkeys:\n- a\n- \"b: c\"\nscript: |\n  x\n  y\nnone: {}\n";
        assert_eq!(
            entry("restore_cache", &node(text)),
            "restore_cache:\n  key: v1-{{ .Branch }}\n  keys:\n  - a\n  - \"b: c\"\n  \
             script: |\n    x\n    y\n  none: {}"
        );
        assert_eq!(
            line(&node(text)),
            "{key: v1-{{ .Branch }}, keys: [a, \"b: c\"], script: x y, none: {}}"
        );
    }

    #[test]
    fn long_text_is_cut() {
        let list = vec!["x"; 40_000].join(",");
        assert!(entry("a", &node(&format!("[{list}]"))).len() < MAX + 100);
    }
}
