//! The table of the server's options: rows only, in tmux(1)'s words and with the newest
//! tmux's defaults.

use super::options::{OptionDef, Scope};

pub(super) const ROWS: &[OptionDef] = &[
    OptionDef::key(
        "backspace",
        Scope::Server,
        "C-?",
        "Key that the backspace key sends.",
    ),
    OptionDef::number(
        "buffer-limit",
        Scope::Server,
        (1, 2147483647, "buffers"),
        "50",
        "How many automatic paste buffers are kept.",
    ),
    OptionDef::array(
        "command-alias",
        Scope::Server,
        ",",
        concat!(
            "split-pane=split-window",
            "\n",
            "splitp=split-window",
            "\n",
            "server-info=show-messages -JT",
            "\n",
            "info=show-messages -JT",
            "\n",
            "choose-window=choose-tree -w",
            "\n",
            "choose-session=choose-tree -s"
        ),
        "Own names for commands, as NAME=COMMAND.",
    ),
    OptionDef::text(
        "copy-command",
        Scope::Server,
        "",
        "Shell command that copied text goes to when copy-pipe names none.",
    ),
    OptionDef::text(
        "default-terminal",
        Scope::Server,
        "tmux-256color",
        "TERM of new panes.",
    ),
    OptionDef::text(
        "editor",
        Scope::Server,
        "/usr/bin/vi",
        "Editor for what is edited outside.",
    ),
    OptionDef::number(
        "escape-time",
        Scope::Server,
        (0, 2147483647, "milliseconds"),
        "10",
        "How long after an escape character more of a key may come.",
    ),
    OptionDef::flag(
        "exit-empty",
        Scope::Server,
        true,
        "Whether the server ends when no session is left.",
    ),
    OptionDef::flag(
        "exit-unattached",
        Scope::Server,
        false,
        "Whether the server ends when no client is attached.",
    ),
    OptionDef::choice(
        "extended-keys",
        Scope::Server,
        &["off", "on", "always"],
        "off",
        "Whether programs may ask for keys with all modifiers.",
    ),
    OptionDef::choice(
        "extended-keys-format",
        Scope::Server,
        &["csi-u", "xterm"],
        "xterm",
        "How extended keys are written to programs.",
    ),
    OptionDef::flag(
        "focus-events",
        Scope::Server,
        false,
        "Whether clients' focus is asked for and told to programs.",
    ),
    OptionDef::choice(
        "get-clipboard",
        Scope::Server,
        &["off", "buffer", "request", "both"],
        "buffer",
        "What answers a program that asks for the clipboard.",
    ),
    OptionDef::number(
        "history-bytes",
        Scope::Server,
        (0, 1 << 50, "bytes"),
        "536870912",
        "Memory for the histories of all panes; beyond it the oldest lines go. 0 is no limit.",
    ),
    OptionDef::text(
        "history-file",
        Scope::Server,
        "",
        "Where history goes that has no room in memory: on, or a path beside which a private file is made. Not tmux's file of prompts.",
    ),
    OptionDef::number(
        "message-limit",
        Scope::Server,
        (0, 2147483647, "messages"),
        "1000",
        "How many messages are kept for show-messages.",
    ),
    OptionDef::number(
        "prompt-history-limit",
        Scope::Server,
        (0, 2147483647, "lines"),
        "100",
        "How many lines of the prompt's history are kept.",
    ),
    OptionDef::choice(
        "set-clipboard",
        Scope::Server,
        &["off", "external", "on"],
        "external",
        "Whether copied text goes to the clients' clipboards.",
    ),
    OptionDef::array(
        "terminal-features",
        Scope::Server,
        ",",
        concat!(
            "xterm*:clipboard:ccolour:cstyle:focus:title",
            "\n",
            "screen*:title",
            "\n",
            "rxvt*:ignorefkeys"
        ),
        "What clients' terminals can do, as TERM:FEATURE:FEATURE.",
    ),
    OptionDef::array(
        "terminal-overrides",
        Scope::Server,
        ",",
        "linux*:AX@",
        "Changes to clients' terminal descriptions, as TERM:CAPABILITY=VALUE.",
    ),
    OptionDef::array(
        "user-keys",
        Scope::Server,
        ",",
        "",
        "Sequences that clients' terminals send for the keys User0 and on.",
    ),
];
