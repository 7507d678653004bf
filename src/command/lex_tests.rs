//! The lexer's tests: tables of text and words.

use super::*;

fn env(name: &str) -> Option<String> {
    match name {
        "HOME" => Some("/home/me".to_owned()),
        "FOO" => Some("foo value".to_owned()),
        _ => None,
    }
}

fn words(text: &str) -> Vec<Vec<String>> {
    lex(text, &env).unwrap_or_else(|error| panic!("{text:?}: {error}"))
}

#[test]
fn words_come_out_as_tmux_reads_them() {
    let table: &[(&str, &[&[&str]])] = &[
        ("new-window -n x", &[&["new-window", "-n", "x"]]),
        ("a 'b $FOO \\n' c", &[&["a", "b $FOO \\n", "c"]]),
        (
            "a \"b $FOO\\t\\\"${FOO}\"",
            &[&["a", "b foo value\t\"foo value"]],
        ),
        ("a $FOO$", &[&["a", "foo value$"]]),
        ("a \"\\$FOO\" $NOSUCH!", &[&["a", "$FOO", "!"]]),
        (
            "a ~ ~/x b~ \"~\" '~'",
            &[&["a", "/home/me", "/home/me/x", "b~", "/home/me", "~"]],
        ),
        ("a \\; b ; c", &[&["a", ";", "b"], &["c"]]),
        ("a ${1}${FOO}", &[&["a", "foo value"]]),
        ("a;b;;c ; ;", &[&["a"], &["b"], &["c"]]),
        ("a # comment ; b\nc", &[&["a"], &["c"]]),
        (
            "a b#c \"x#{y z}\"z b{c #{d e}",
            &[&["a", "b#c", "x#{y z}z", "b{c"]],
        ),
        ("#{{{ fold mark\na", &[&["a"]]),
        ("a { b ; c \"}\" { d } }", &[&["a", "b ; c \\} { d }"]]),
        (
            "a {\n  b # }\n c $FOO\n} e",
            &[&["a", "b\nc \"foo value\"", "e"]],
        ),
        ("a {}", &[&["a", ""]]),
        ("a b\\\nc \\\n d", &[&["a", "bc", "d"]]),
        ("a 'b\\\nc'", &[&["a", "bc"]]),
        ("a 'b\n   c\n # gone\nd'", &[&["a", "b\nc\n\nd"]]),
        ("a \\101\\u00e9\\U0001f600\\e", &[&["a", "Aé😀\u{1b}"]]),
        ("a '' \"\"", &[&["a", "", ""]]),
        ("a 'open", &[&["a", "open"]]),
        ("a %1 %% 50%", &[&["a", "%1", "%%", "50%"]]),
        ("a X=1", &[&["a", "X=1"]]),
        ("X=1 a $X", &[&["a", "1"]]),
        ("a\r\nb\r\n", &[&["a"], &["b"]]),
        ("a\r\r\nb \\\r\nc\r\r\n", &[&["a"], &["b", "c"]]),
        ("a\\\\\nb", &[&["a\\"], &["b"]]),
        ("", &[]),
    ];
    for (text, expected) in table {
        assert_eq!(words(text), *expected, "{text:?}");
    }
}

#[test]
fn errors_name_the_line() {
    for (text, line, message) in [
        ("a }", 1, "syntax error"),
        ("a\nb {\n c", 3, "syntax error"),
        (";", 1, "syntax error"),
        ("%endif", 1, "syntax error"),
        ("%if 1\na\n", 3, "syntax error"),
        ("%foo", 1, "syntax error"),
        ("{ a }", 1, "syntax error"),
        ("%if 1\n%else\n%endif", 2, "syntax error"),
        ("%if 1\na\n%else\nb\n%else\n%endif", 5, "syntax error"),
        ("a %x", 1, "syntax error"),
        ("A=1 B=2", 1, "syntax error"),
        ("a\nb \\", 2, "syntax error"),
        ("a\n\"b\n\\400", 3, "invalid octal escape"),
        ("a \\\n b\nc ${FOO", 3, "invalid environment variable"),
        ("a \\400", 1, "invalid octal escape"),
        ("a \\u12", 1, "syntax error"),
        ("a \\u12x", 1, "invalid \\u argument"),
        ("a ~nobody/x", 1, "syntax error"),
        ("%hidden a", 1, "syntax error"),
        ("a x#{y}", 1, "syntax error"),
        ("%if #{y\n", 2, "syntax error"),
        ("%if\n1", 1, "syntax error"),
    ] {
        let error = lex(text, &env).unwrap_err();
        assert_eq!(
            (error.line, error.message.as_str()),
            (line, message),
            "{text:?}"
        );
    }
}

#[test]
fn conditions_choose_the_lines_and_see_assignments() {
    let source = Source {
        env: &env,
        condition: &|text, assigned| text == "1" || assigned.get(text).is_some(),
        assign: true,
    };
    let text = "A=1\n%if 0\nno\n%if 1\nno\n%endif\n%elif A\nyes $A\n%else\nno\n%endif\n\
                %if 1 one %else two %endif\n%if #{no} # x\nno\n%endif\nlast";
    let items = read(text, &source).unwrap();
    let names: Vec<String> = items
        .iter()
        .map(|item| match item {
            Item::Commands(group) => {
                let Group { line, commands } = group;
                format!("{line}:{}", commands[0][0].text)
            }
            Item::Assignment { set, .. } => format!("{}={}", set.name, set.value),
        })
        .collect();
    assert_eq!(names, ["A=1", "8:yes", "12:one", "16:last"]);
}

#[test]
fn assignments_hold_only_where_they_are_made() {
    let source = |assign| Source {
        env: &env,
        condition: &|_, _| true,
        assign,
    };
    let word = |assign| {
        let items = read("A=1\nx [$A]", &source(assign)).unwrap();
        match items.last() {
            Some(Item::Commands(group)) => group.commands[0][1].text.clone(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!((word(true), word(false)), ("[1]".into(), "[]".into()));
    // What stands before a fault is read.
    let mut items = Vec::new();
    let error = read_into("A=1\nx }\n", &source(true), &mut items).unwrap_err();
    assert_eq!(error.line, 2);
    assert!(matches!(items.first(), Some(Item::Assignment { .. })));
}

#[test]
fn command_has_the_line_on_which_its_last_continuation_ends() {
    let source = Source {
        env: &env,
        condition: &|_, _| true,
        assign: true,
    };
    for (text, line) in [
        ("a\\\n b\n", 2),
        ("a \\\n\nb", 2),
        ("\na \\\n", 3),
        ("a \\\n\\\n b", 3),
    ] {
        let items = read(text, &source).unwrap();
        let Some(Item::Commands(group)) = items.first() else {
            panic!("{items:?}")
        };
        assert_eq!(group.line, line, "{text:?}");
    }
}

#[test]
fn hidden_assignment_is_marked() {
    let source = Source {
        env: &env,
        condition: &|_, _| true,
        assign: true,
    };
    let items = read("%hidden A='b c'", &source).unwrap();
    let Item::Assignment { set, .. } = &items[0] else {
        panic!("{items:?}")
    };
    assert!(set.hidden && set.value == "b c");
}

#[test]
fn argv_splits_at_semicolons_that_end_a_word() {
    let argv = |text: &str| -> Vec<String> { text.split(' ').map(str::to_owned).collect() };
    assert_eq!(
        split_argv(&argv("new -d; neww ; send a\\; x;y")),
        [argv("new -d"), argv("neww"), argv("send a; x;y")]
    );
    assert!(split_argv(&[]).is_empty());
    assert!(split_argv(&argv(";")).is_empty());
}

#[test]
fn deep_nesting_is_refused_not_overflowed() {
    let blocks = format!("a {}", "{ a ".repeat(100_000));
    assert!(lex(&blocks, &env).is_err());
    let ifs = "%if 1\n".repeat(100_000);
    assert!(lex(&ifs, &env).is_err());
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig {
        failure_persistence: None,
        ..proptest::prelude::ProptestConfig::with_cases(400)
    })]

    #[test]
    fn any_text_is_read_or_refused(text in "[ a;{}#\"'$~%\\\\\n=FO0u7é]{0,40}") {
        let _ = lex(&text, &env);
    }

    #[test]
    fn quoted_words_read_back(text in proptest::prelude::any::<String>()) {
        let line = format!("cmd {} end", crate::command::quote(&text));
        let read = lex(&line, &env).unwrap();
        proptest::prop_assert_eq!(&read[0], &["cmd", text.as_str(), "end"]);
    }
}
