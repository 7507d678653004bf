//! What libyaml takes, and the tree that comes of it.
#![allow(clippy::unwrap_used)]

use super::*;

fn show(node: &Node) -> String {
    match &node.value {
        Value::Null => "~".to_owned(),
        Value::Text(text) => format!("{text:?}"),
        Value::List(items) => {
            format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(" "))
        }
        Value::Map(entries) => {
            let one = |(key, node): &(String, Node)| format!("{key}: {}", show(node));
            let entries: Vec<String> = entries.iter().map(one).collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

fn shown(text: &str) -> String {
    match parse(text, "f") {
        Ok(node) => node.as_ref().map_or_else(|| "none".to_owned(), show),
        Err(error) => error.to_string(),
    }
}

fn check(table: &[(&str, &str)]) {
    for (text, expected) in table {
        assert_eq!(shown(text), *expected, "{text:?}");
    }
}

#[test]
fn scalars_stay_their_own_text() {
    check(&[(
        "[1.10, 0777, on, No, 1e3, .inf, 0x1F, 'q', \"1\", 2020-01-01, +5]",
        r#"["1.10" "0777" "on" "No" "1e3" ".inf" "0x1F" "q" "1" "2020-01-01" "+5"]"#,
    )]);
}

#[test]
fn nulls_are_plain_only() {
    check(&[(
        "[~, null, Null, NULL, '~', nULL, '', !!str null, ! ~]",
        r#"[~ ~ ~ ~ "~" "nULL" "" "null" "~"]"#,
    )]);
    check(&[("a:\nb: \nc:\n  -\n", "{a: ~, b: ~, c: [~]}")]);
}

#[test]
fn keys_stay_their_own_text_and_the_last_duplicate_wins() {
    check(&[(
        "on: 1\n1.10: x\na: 1\na: 2\n",
        r#"{on: "1", 1.10: "x", a: "2"}"#,
    )]);
    let document = read("a: 1\nb: 2\na: 3\n", "f", Merge::OwnWins).unwrap();
    assert_eq!(document.warnings.len(), 1);
    assert_eq!(document.warnings[0].0, Place { line: 3, column: 1 });
}

#[test]
fn plain_scalars_fold_and_end_where_they_should() {
    check(&[("a\n b\n\n  c # no", r#""a b\nc""#)]);
    check(&[
        ("a: http://x:80/y", r#"{a: "http://x:80/y"}"#),
        ("a: b #c", r#"{a: "b"}"#),
        ("a: b#c", r#"{a: "b#c"}"#),
        ("a: -b", r#"{a: "-b"}"#),
        ("a: ?b", r#"{a: "?b"}"#),
        ("a: :b", r#"{a: ":b"}"#),
        (
            "[a:b, c: d, {e: f, g}]",
            r#"["a:b" {c: "d"} {e: "f", g: ~}]"#,
        ),
        ("{a:}", "{a: ~}"),
        ("a: b\n  c\nd: e", r#"{a: "b c", d: "e"}"#),
    ]);
}

#[test]
fn quoted_scalars_fold_and_unescape() {
    check(&[
        ("'it''s\n  ok'", r#""it's ok""#),
        (r#""a\tb\x41\u00e9\/""#, r#""a\tbAé/""#),
        ("\"a\\\n  b\"", r#""ab""#),
        ("\"a\n\n  b\"", r#""a\nb""#),
        (
            r#""\q""#,
            "f:1:2: unknown escape; a `\\` is written `\\\\` in double quotes",
        ),
        (
            r#""\xZZ""#,
            "f:1:2: an escape with too few hexadecimal digits, or of no character",
        ),
    ]);
}

#[test]
fn block_scalars_keep_fold_and_chomp() {
    check(&[
        ("a: |\n  x\n   y\n\n  z\n", r#"{a: "x\n y\n\nz\n"}"#),
        ("a: |-\n  x\n\n", r#"{a: "x"}"#),
        ("a: |+\n  x\n\n", r#"{a: "x\n\n"}"#),
        ("a: >\n  x\n  y\n\n  z\n   w\n", r#"{a: "x y\nz\n w\n"}"#),
        ("a: |2\n   x\n", r#"{a: " x\n"}"#),
        ("a: |-2 # why\n   x\n", r#"{a: " x"}"#),
        ("- |\n x\n- >-\n y\n", r#"["x\n" "y"]"#),
        ("a: |\nb: 1\n", r#"{a: "", b: "1"}"#),
        ("a: |\r\n  x\r\n  y\r\n", r#"{a: "x\ny\n"}"#),
        (
            "a: | x\n",
            "f:1:6: text cannot follow `|` or `>` on its line",
        ),
    ]);
}

#[test]
fn tabs_stand_where_libyaml_takes_them() {
    check(&[
        ("a:\tb\t# c\n", r#"{a: "b"}"#),
        ("a: b\t\n", r#"{a: "b"}"#),
        ("a: [b,\t\n\tc]\n", r#"{a: ["b" "c"]}"#),
        ("a: 1\n\t\nb: 2\n", r#"{a: "1", b: "2"}"#),
        ("- |\n  a\tb\n", r#"["a\tb\n"]"#),
        ("a:\n\tb: 1\n", "f:2:1: this character cannot begin a value"),
        ("a: b\n\tc\n", "f:2:1: a tab cannot indent; use spaces"),
    ]);
}

#[test]
fn lists_may_stand_at_their_keys_column() {
    check(&[
        (
            "a:\n- x\n- y: 1\n  z: 2\nb: 3\n",
            r#"{a: ["x" {y: "1", z: "2"}], b: "3"}"#,
        ),
        ("- - a\n  - b\n-\n  - c\n", r#"[["a" "b"] ["c"]]"#),
        ("? a\n: b\n? c\n", r#"{a: "b", c: ~}"#),
    ]);
}

#[test]
fn first_document_alone_is_read() {
    check(&[
        ("%YAML 1.1\n---\na: 1\n---\nb: [\n", r#"{a: "1"}"#),
        ("a: 1\n...\n@\n", r#"{a: "1"}"#),
        ("\u{feff}a: 1", r#"{a: "1"}"#),
        ("--- a\n", r#""a""#),
        ("", "none"),
        ("# only a remark\n", "none"),
        ("---\n---\na: 1\n", "none"),
    ]);
}

#[test]
fn anchors_may_be_defined_again_and_unknown_aliases_are_empty() {
    check(&[
        ("[&a 1, *a, &a 2, *a, *b]", r#"["1" "1" "2" "2" ~]"#),
        ("a: &x\nb: *x\n", "{a: ~, b: ~}"),
        ("&k a: 1\nb: *k\n", r#"{a: "1", b: "a"}"#),
    ]);
    let document = read("- *a\n", "f", Merge::OwnWins).unwrap();
    assert_eq!(document.warnings[0].0, Place { line: 1, column: 3 });
}

#[test]
fn merges_follow_the_rule_that_is_asked_for() {
    let text = "b: &b {x: 1, y: 2}\nu: {x: 0, <<: *b, y: 3}\n";
    let show = |merge| show(&read(text, "f", merge).unwrap().root.unwrap());
    assert!(show(Merge::OwnWins).ends_with(r#"u: {x: "0", y: "3"}}"#));
    assert!(show(Merge::InOrder).ends_with(r#"u: {x: "1", y: "3"}}"#));
    check(&[
        (
            "{<<: [{a: 1}, {a: 2, b: 3}], c: 4}",
            r#"{a: "1", b: "3", c: "4"}"#,
        ),
        ("{<<: {a: 1}, <<: {b: 2}}", r#"{a: "1", b: "2"}"#),
        ("{<<: 5, a: 1}", r#"{a: "1"}"#),
        ("{'<<': 5}", r#"{<<: "5"}"#),
    ]);
}

#[test]
fn tags_are_kept_and_change_nothing() {
    let node = parse(
        "a: !reference [x, y]\nb: !map+deep_merge {c: 1}\nd: !!binary Zg==\n",
        "f",
    );
    let node = node.unwrap().unwrap();
    let tag = |key: &str| node.get(key).unwrap().tag.clone().unwrap();
    assert_eq!(tag("a"), "!reference");
    assert_eq!(tag("b"), "!map+deep_merge");
    assert_eq!(show(&node), r#"{a: ["x" "y"], b: {c: "1"}, d: "Zg=="}"#);
    assert!(node.get("a").unwrap().tag.is_some() && node.tag.is_none());
}

#[test]
fn key_that_is_no_scalar_is_its_text() {
    check(&[
        ("? [a, b]\n: c\n", r#"{[a, b]: "c"}"#),
        ("{{a: 1}: b}", r#"{{a: 1}: "b"}"#),
    ]);
}

#[test]
fn broken_file_is_an_error_with_its_place() {
    check(&[
        (
            "a:\n  - b\n c: [\n",
            "f:3:2: a key is expected here, or the indentation is wrong",
        ),
        (
            "a: b: c",
            "f:1:5: a `: ` cannot stand here; put the whole value in single quotes",
        ),
        ("a: 1\nb\nc: 2\n", "f:2:1: a `:` is expected after this key"),
        ("a: [b", "f:1:4: this bracket is never closed"),
        ("a: \"b", "f:1:4: this quote is never closed"),
        ("a: @b", "f:1:4: this character cannot begin a value"),
        (
            "a: [b]]",
            "f:1:7: a key is expected here, or the indentation is wrong",
        ),
        (
            "a: \u{7}",
            "f:1:4: a control character cannot stand in YAML",
        ),
        ("a: - b", "f:1:4: a list cannot begin here"),
    ]);
}

#[test]
fn laughs_depth_and_size_end_at_their_limits() {
    let mut text = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
    for n in 1..12 {
        let list = vec![format!("*a{}", n - 1); 9].join(",");
        text.push_str(&format!("a{n}: &a{n} [{list}]\n"));
    }
    assert!(shown(&text).contains("too large"));
    let mut chain = String::from("a0: &a0 x\n");
    for n in 1..2_000 {
        chain.push_str(&format!("a{n}: &a{n} [*a{}]\n", n - 1));
    }
    assert!(shown(&chain).contains("nested too deeply"));
    assert!(shown(&"[".repeat(100_000)).contains("nested too deeply"));
    assert!(shown(&"- ".repeat(100_000)).contains("nested too deeply"));
    assert!(shown(&" ".repeat(MAX_BYTES + 1)).contains("larger than 4 MiB"));
}

#[test]
fn place_of_an_alias_is_where_its_node_was_written() {
    let node = parse("a: &x\n  b: 1\nc: *x\n", "f").unwrap().unwrap();
    let c = node.get("c").unwrap();
    assert!(c.alias && !c.anchored);
    assert_eq!(c.get("b").unwrap().place, Place { line: 2, column: 6 });
    assert!(node.get("a").unwrap().anchored);
}
