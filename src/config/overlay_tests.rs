//! Setting options: tables of values and tmux's answers.

use super::*;
use crate::config::options::option;

fn set(name: &str, value: Option<&str>) -> String {
    let def = option(name).unwrap();
    let inherited = default_of(def);
    let mut layer = Options::new();
    match layer.set(def, None, value, false, Some(&inherited)) {
        Ok(()) => layer
            .get(name)
            .unwrap()
            .lines(name, false, def.is_plain())
            .join("\n"),
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
        ("status-bg", Some(""), "bad colour: "),
        ("status-bg", Some("#{x}"), "bad colour: #{x}"),
        ("status-bg", Some("color1"), "status-bg colour1"),
        ("status-bg", Some("91"), "status-bg brightred"),
        ("clock-mode-colour", Some("foo"), "invalid colour: foo"),
        ("clock-mode-colour", Some("Red"), "clock-mode-colour Red"),
        ("clock-mode-colour", Some(""), "clock-mode-colour ''"),
        ("clock-mode-colour", Some("-1"), "invalid colour: -1"),
        (
            "clock-mode-colour",
            Some("#{x}"),
            "clock-mode-colour \"#{x}\"",
        ),
        ("default-size", Some("80x0"), "default-size 80x0"),
        ("default-size", Some("x"), "value is invalid: x"),
        ("default-size", Some("10x10x"), "default-size 10x10x"),
        ("focus-events", Some(""), "focus-events on"),
        ("window-size", None, "window-size latest"),
        ("input-buffer-size", Some("1"), "value is too small: 1"),
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
fn appending_begins_with_what_the_layer_has() {
    let style = option("status-style").unwrap();
    let mut layer = Options::new();
    let below = Value::Text("fg=red".to_owned());
    for (value, now) in [("bold", "bold"), ("", "bold,"), ("dim", "bold,,dim")] {
        layer
            .set(style, None, Some(value), true, Some(&below))
            .unwrap();
        assert_eq!(layer.get("status-style").unwrap().as_text(), now);
    }
    let wrong = layer.set(style, None, Some("nope"), true, None);
    assert_eq!(
        wrong.unwrap_err().to_string(),
        "invalid style: bold,,dim,nope"
    );
    layer.set_user("@x", Some("a"), false).unwrap();
    layer.set_user("@x", Some("b"), true).unwrap();
    assert_eq!(layer.get("@x").unwrap().as_text(), "ab");
}

#[test]
fn lists_are_set_by_numbers_and_names() {
    let list = option("command-alias").unwrap();
    let mut layer = Options::new();
    let mut set = |key: Option<&str>, value: &str, append| {
        let key = key.and_then(ArrayKey::parse);
        layer
            .set(list, key.as_ref(), Some(value), append, None)
            .unwrap();
        let value = layer.get("command-alias").unwrap();
        value.lines("a", false, false).join(" ")
    };
    assert_eq!(set(Some("5"), "a=b", false), "a[5] a=b");
    assert_eq!(set(Some("zoom"), "z=y", false), "a[5] a=b a[zoom] z=y");
    assert_eq!(
        set(None, "c=d,e=f", true),
        "a[0] c=d a[1] e=f a[5] a=b a[zoom] z=y"
    );
    assert_eq!(
        set(Some("zoom"), "x", true),
        "a[0] c=d a[1] e=f a[5] a=b a[zoom] z=yx"
    );
    assert_eq!(set(None, "q=r", false), "a[0] q=r");
    assert_eq!(set(Some("5"), "", false), "a[0] q=r a[5] ''");
    assert_eq!(set(None, "", false), "a");
    let zoom = ArrayKey::parse("zoom").unwrap();
    layer
        .set(list, Some(&zoom), Some("1"), false, None)
        .unwrap();
    assert!(layer.unset("command-alias", Some(&zoom)));
    assert!(!layer.unset("command-alias", Some(&zoom)));
}

#[test]
fn lists_of_colours_keep_one_name_for_each() {
    let list = option("pane-colours").unwrap();
    let mut layer = Options::new();
    layer
        .set(
            list,
            Some(&ArrayKey::Number(3)),
            Some("AliceBlue"),
            false,
            None,
        )
        .unwrap();
    assert_eq!(layer.get("pane-colours").unwrap().entry(3), Some("#f0f8ff"));
    let wrong = layer.set(list, None, Some("nope"), false, None);
    assert_eq!(wrong.unwrap_err().to_string(), "bad colour: nope");
}

#[test]
fn global_layers_hold_every_default_and_each_is_valid() {
    let global = Global::default();
    for def in options() {
        let value = global.layer(def.scope).get(def.name).unwrap();
        if !def.is_array() {
            let text = value.to_string();
            let again = single(def, Some(&text), None, None).unwrap();
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
