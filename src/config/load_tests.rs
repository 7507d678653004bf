//! Configuration files: what is read, and how each fault is told.
#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;

#[test]
fn whole_file_is_read() {
    let text = r##"
commands = ["new-session -d -s main ; neww", 'set -g @x "$HOME"']
[options]
mouse = false
history-limit = 5000
status-left = "[#S] "
status-style = "fg=red,bold"
update-environment = ["A", "B"]
"@mine" = "x"
[bindings.prefix]
"C-a" = "last-window"
"Up" = { run = "select-pane -U", repeat = true, note = "up" }
"x" = ""
[environment]
EDITOR = "vim"
[theme]
background = "light"
light.green = "#00ff00"
[hooks]
after-new-window = "neww -d"
client-attached = ["refresh-client", "display-message hi"]
"@own" = ["neww", "splitw"]
"##;
    let config = load(text, "c.toml", &|_| None)
        .unwrap_or_else(|errors| panic!("{}", crate::config::fault::shown(&errors)));
    assert_eq!(config.commands.len(), 2);
    let value = |name: &str| {
        let found = config.options.iter().find(|(_, known, _)| known == name);
        found.unwrap().2.to_string()
    };
    assert_eq!(value("mouse"), "off");
    assert_eq!(value("history-limit"), "5000");
    assert_eq!(value("update-environment"), "A\nB");
    assert_eq!(value("@mine"), "x");
    assert_eq!(value("theme"), "light");
    assert_eq!(value("light-theme-green"), "#00ff00");
    let hooks: Vec<String> = config
        .hooks
        .iter()
        .map(|(def, name, value)| format!("{} {name} {value}", def.is_some()))
        .collect();
    let wanted = [
        "false @own neww ; splitw",
        "true after-new-window neww -d",
        "true client-attached refresh-client\ndisplay-message hi",
    ];
    assert_eq!(hooks, wanted);
    assert_eq!(config.bindings.len(), 2);
    assert_eq!(config.unbind.len(), 1);
    assert_eq!(config.environment["EDITOR"], "vim");
}

#[test]
fn errors_name_place_and_what_is_allowed() {
    for (text, place, message, help) in [
        (
            "[options]\nmouze = true\n",
            "f:2:1",
            "invalid option: mouze",
            "did you mean mouse?",
        ),
        (
            "[options]\nmouse = 'x'\n",
            "f:2:9",
            "bad value: x",
            "mouse takes true or false",
        ),
        (
            "[options]\nstatus-position = 'left'",
            "f:2:19",
            "unknown value: left",
            "top, bottom",
        ),
        (
            "[options]\nhistory-limit = -1",
            "f:2:17",
            "value is too small: -1",
            "from 0",
        ),
        ("[option]\n", "f:1:2", "unknown part: option", "options?"),
        ("options = 1", "f:1:11", "does not fit", "[options]"),
        (
            "[theme.dark]\nbrown = '1'",
            "f:2:1",
            "unknown colour",
            "green",
        ),
        ("[theme]\nx = '1'", "f:2:1", "unknown in a theme", "dark"),
        (
            "[theme]\nbackground = 'x'",
            "f:2:14",
            "unknown value: x",
            "detect",
        ),
        (
            "[hooks]\nafter-new-windwo = ''",
            "f:2:1",
            "no such hook",
            "after-new-window?",
        ),
        ("[hooks]\nmouse = ''", "f:2:1", "no hook", "[options]"),
        (
            "[options]\nafter-new-window = ''",
            "f:2:1",
            "a hook cannot",
            "[hooks]",
        ),
        (
            "[hooks]\nalert-bell = ['newwx']",
            "f:2:15",
            "unknown command",
            "",
        ),
        ("[bindings]\nx = 'a'", "f:2:1", "no key table: x", "prefix"),
        ("[bindings.root]\nF1 = 1", "f:2:6", "does not fit", "run"),
        (
            "[environment]\nA = 1",
            "f:2:5",
            "not a variable's value",
            "string",
        ),
        (
            "[bindings.prefix]\n\"Foo\" = 'x'",
            "f:2:1",
            "unknown key: Foo",
            "",
        ),
        (
            "[bindings.prefix]\n\"a\" = 'newwx'",
            "f:2:7",
            "unknown command: newwx",
            "",
        ),
        (
            "[bindings.prefix]\n\"a\" = { ran = 'x' }",
            "f:2:9",
            "unknown field `ran`",
            "",
        ),
        ("commands = ['a {']", "f:1:13", "syntax error", ""),
        ("x = = 1", "f:1:5", "", ""),
    ] {
        let error = load(text, "f", &|_| None).unwrap_err().remove(0);
        let shown = error.to_string();
        assert!(shown.starts_with(place), "{shown}\n{place}");
        assert!(error.message.contains(message), "{shown}");
        assert!(shown.contains(help) && shown.contains('^'), "{shown}");
    }
}

#[test]
fn every_fault_of_a_file_is_told_in_order() {
    let text = "commands = ['nosuch']\n[options]\nmouze = 1\nmouse = 'x'\n[theme]\ny = 1\n";
    let errors = load(text, "f", &|_| None).unwrap_err();
    let lines: Vec<usize> = errors.iter().map(|error| error.line).collect();
    assert_eq!(lines, [1, 3, 4, 6]);
    let many: String = (0..200).map(|n| format!("x{n} = 1\n")).collect();
    assert_eq!(load(&many, "f", &|_| None).unwrap_err().len(), MOST);
}
