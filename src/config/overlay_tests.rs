//! Setting options: tables of values and tmux's answers.

use super::*;
use crate::config::options::option;

fn set(name: &str, value: Option<&str>) -> String {
    let def = option(name).unwrap();
    let inherited = default_of(def);
    let mut layer = Options::new();
    match layer.set(def, None, value, false, Some(&inherited)) {
        Ok(()) => layer.get(name).unwrap().lines(name, false).join("\n"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn values_are_checked_in_tmuxs_words() {
    for (name, value, answer) in [
        ("mouse", Some("off"), "mouse off"),
        ("mouse", Some("YES"), "mouse on"),
        ("mouse", Some("maybe"), "bad value: maybe"),
        ("mouse", None, "mouse off"),
        ("status", None, "status off"),
        ("status", Some("2"), "status 2"),
        ("status", Some("x"), "unknown value: x"),
        ("history-limit", Some("-1"), "value is too small: -1"),
        ("history-limit", Some("xx"), "value is invalid: xx"),
        (
            "base-index",
            Some("99999999999"),
            "value is too large: 99999999999",
        ),
        ("prefix", Some("^a"), "prefix C-a"),
        ("prefix", Some("Foo"), "bad key: Foo"),
        ("status-bg", Some("foo"), "bad colour: foo"),
        ("status-style", Some("foo"), "invalid style: foo"),
        ("default-shell", Some("sh"), "not a suitable shell: sh"),
        ("default-shell", Some("/bin/sh"), "default-shell /bin/sh"),
        ("status-style", Some("#{x}"), "status-style \"#{x}\""),
        ("status-left", Some(""), "status-left ''"),
        (
            "update-environment",
            Some("A B,C"),
            "update-environment[0] A\nupdate-environment[1] B\nupdate-environment[2] C",
        ),
        ("user-keys", Some(""), "user-keys"),
        ("status-left", None, "empty value"),
    ] {
        assert_eq!(set(name, value), answer, "{name} {value:?}");
    }
}

#[test]
fn appending_begins_with_what_held() {
    let style = option("status-style").unwrap();
    let mut layer = Options::new();
    let below = Value::Text("fg=red".to_owned());
    layer
        .set(style, None, Some("bold"), true, Some(&below))
        .unwrap();
    assert_eq!(layer.get("status-style").unwrap().as_text(), "fg=red,bold");
    layer.set_user("@x", Some("a"), false, None).unwrap();
    let now = layer.get("@x").cloned();
    layer.set_user("@x", Some("b"), true, now.as_ref()).unwrap();
    assert_eq!(layer.get("@x").unwrap().as_text(), "ab");
    let list = option("command-alias").unwrap();
    layer.set(list, Some(5), Some("a=b"), false, None).unwrap();
    layer.set(list, None, Some("c=d,e=f"), true, None).unwrap();
    let entries: Vec<_> = layer.get("command-alias").unwrap().entries().collect();
    assert_eq!(entries, [(0, "c=d"), (1, "e=f"), (5, "a=b")]);
    assert!(layer.unset("command-alias", Some(1)));
    assert!(!layer.unset("command-alias", Some(1)));
}

#[test]
fn global_layers_hold_every_default_and_each_is_valid() {
    let global = Global::default();
    for def in options() {
        let value = global.layer(def.scope).get(def.name).unwrap();
        if !def.is_array() {
            let text = value.to_string();
            let again = single(def, Some(&text), false, None).unwrap();
            assert_eq!(again, *value, "{}", def.name);
        }
    }
    assert!(global.session.get("mouse").unwrap().is_on());
    assert_eq!(global.server.get("escape-time").unwrap().as_number(), 10);
    assert_eq!(
        global.session.get("history-limit").unwrap().as_number(),
        2000
    );
    assert_eq!(
        global
            .server
            .get("command-alias")
            .unwrap()
            .entries()
            .count(),
        6
    );
}

#[test]
fn reset_brings_the_default_back() {
    let mut global = Global::default();
    let def = option("mouse").unwrap();
    global.session.insert("mouse", Value::Flag(false));
    global.reset(def, None);
    assert!(global.session.get("mouse").unwrap().is_on());
}
