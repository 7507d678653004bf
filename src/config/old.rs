//! What old configurations say that tmux itself no longer takes, and what to
//! write instead. Pure data: nothing is translated, a person is told.

/// Options that tmux has dropped, with what took their place.
pub const OPTIONS: &[(&str, &str)] = &[
    ("mode-mouse", MOUSE),
    ("mouse-resize-pane", MOUSE),
    ("mouse-select-pane", MOUSE),
    ("mouse-select-window", MOUSE),
    ("mouse-utf8", UTF8),
    ("status-utf8", UTF8),
    ("utf8", UTF8),
    (
        "default-path",
        "write -c '#{pane_current_path}' in the bindings that make panes",
    ),
    ("window-status-attr", STYLE),
    ("window-status-bg", STYLE),
    ("window-status-fg", STYLE),
    ("window-status-current-attr", STYLE),
    ("window-status-current-bg", STYLE),
    ("window-status-current-fg", STYLE),
    ("window-status-last-attr", STYLE),
    ("window-status-last-bg", STYLE),
    ("window-status-last-fg", STYLE),
    ("window-status-activity-attr", STYLE),
    ("window-status-activity-bg", STYLE),
    ("window-status-activity-fg", STYLE),
    (
        "window-status-alert-attr",
        "write window-status-activity-style and window-status-bell-style",
    ),
    (
        "window-status-alert-bg",
        "write window-status-activity-style and window-status-bell-style",
    ),
    (
        "window-status-alert-fg",
        "write window-status-activity-style and window-status-bell-style",
    ),
    ("window-status-bell-attr", STYLE),
    ("window-status-bell-bg", STYLE),
    ("window-status-bell-fg", STYLE),
    ("window-status-content-attr", CONTENT),
    ("window-status-content-bg", CONTENT),
    ("window-status-content-fg", CONTENT),
    ("status-attr", STYLE),
    ("status-left-attr", STYLE),
    ("status-left-bg", STYLE),
    ("status-left-fg", STYLE),
    ("status-right-attr", STYLE),
    ("status-right-bg", STYLE),
    ("status-right-fg", STYLE),
    ("pane-border-bg", STYLE),
    ("pane-border-fg", STYLE),
    ("pane-active-border-bg", STYLE),
    ("pane-active-border-fg", STYLE),
    ("message-attr", STYLE),
    ("message-bg", STYLE),
    ("message-fg", STYLE),
    ("message-command-attr", STYLE),
    ("message-command-bg", STYLE),
    ("message-command-fg", STYLE),
    ("mode-attr", STYLE),
    ("mode-bg", STYLE),
    ("mode-fg", STYLE),
    ("monitor-content", CONTENT),
    ("visual-content", CONTENT),
    (
        "bell-on-alert",
        "write bell-action, activity-action or silence-action",
    ),
    ("set-remain-on-exit", "write set -wg remain-on-exit on"),
    (
        "force-height",
        "write resize-window -y, with window-size manual",
    ),
    (
        "force-width",
        "write resize-window -x, with window-size manual",
    ),
    ("quiet", "leave it out, or write -q at each command"),
    ("detach-on-exit", "write detach-on-destroy"),
    ("c0-change-interval", PACE),
    ("c0-change-trigger", PACE),
    ("pane-border-ascii", "write pane-border-lines simple"),
];

const MOUSE: &str = "write set -g mouse on, which does all of it";
const UTF8: &str = "leave it out: UTF-8 is found from the locale, and -u asks for it";
const STYLE: &str =
    "write the option's -style with fg=, bg= and attributes, such as status-style fg=red,bold";
const CONTENT: &str = "leave it out: windows are no longer watched for text";
const PACE: &str = "leave it out: a flood of output is paced by itself";

/// Flags of commands that tmux has dropped: the command, the letter, and what
/// took its place.
pub const FLAGS: &[(&str, char, &str)] = &[
    (
        "bind-key",
        't',
        "write bind -T copy-mode-vi KEY send-keys -X COMMAND (or copy-mode for emacs)",
    ),
    ("bind-key", 'c', "leave -c out: each mode has one table"),
    (
        "unbind-key",
        't',
        "write unbind -T copy-mode-vi KEY (or copy-mode for emacs)",
    ),
    (
        "list-keys",
        't',
        "write list-keys -T copy-mode-vi (or copy-mode for emacs)",
    ),
    ("set-option", 'c', "leave -c out"),
];

/// Commands that tmux has dropped or renamed, with what took their place.
pub const COMMANDS: &[(&str, &str)] = &[
    ("choose-list", "write display-menu"),
    ("copy-buffer", "write show-buffer and set-buffer"),
    ("down-pane", "write select-pane -D"),
    ("up-pane", "write select-pane -U"),
    (
        "select-prompt",
        "write command-prompt -p index \"select-window -t ':%%'\"",
    ),
];

/// What to write in place of what a message refuses, if that is of old times.
#[must_use]
pub fn advice(message: &str) -> Option<&'static str> {
    let named = |list: &'static [(&str, &str)], name: &str| {
        let found = list.iter().find(|(old, _)| *old == name);
        found.map(|(_, advice)| *advice)
    };
    for prefix in ["invalid option: ", "ambiguous option: "] {
        if let Some(name) = message.strip_prefix(prefix) {
            return named(OPTIONS, name);
        }
    }
    if let Some(name) = message.strip_prefix("unknown command: ") {
        return named(COMMANDS, name);
    }
    let (command, rest) = message.strip_prefix("command ")?.split_once(": ")?;
    let flag = rest.strip_prefix("unknown flag -")?.chars().next()?;
    let found = FLAGS
        .iter()
        .find(|(own, letter, _)| *own == command && *letter == flag);
    found.map(|(.., advice)| *advice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{find, lex_words, parse};
    use crate::config::find_option;

    #[test]
    fn what_is_old_is_refused_and_has_advice() {
        for (name, _) in OPTIONS {
            let refused = find_option(name).unwrap_err().to_string();
            assert!(advice(&refused).is_some(), "{name}: {refused}");
        }
        for (name, _) in COMMANDS {
            let refused = find(name).unwrap_err().to_string();
            assert!(advice(&refused).is_some(), "{name}: {refused}");
        }
        for (command, flag, _) in FLAGS {
            let line = format!("{command} -{flag} vi-copy v begin-selection");
            let words = lex_words(&line, &|_| None).unwrap().remove(0);
            let refused = parse(&words).unwrap_err().to_string();
            assert!(advice(&refused).is_some(), "{line}: {refused}");
        }
    }

    #[test]
    fn what_is_no_old_way_has_no_advice() {
        for message in [
            "invalid option: nosuch",
            "no such thing",
            "command x: y",
            "",
        ] {
            assert_eq!(advice(message), None, "{message}");
        }
    }
}
