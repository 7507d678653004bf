//! The table of the options and hooks that tmux does not have: rows only.
//! `show-options` lists one of them once it is set, so that scripts which read
//! the whole list find what they know; asked for by name, it is always shown.

use super::options::{OptionDef, Scope};

pub(super) const ROWS: &[OptionDef] = &[
    OptionDef::number(
        "history-bytes",
        Scope::Server,
        (0, 1 << 50, "bytes"),
        "536870912",
        "Memory for the histories of all panes; beyond it the oldest lines go. 0 is no limit.",
    ),
    OptionDef::choice(
        "fold-marks",
        Scope::Pane,
        &["off", "on", "auto"],
        "auto",
        "Whether the fold marks of CI runners are taken in and hidden; auto does so in the sessions of debug builds.",
    ),
    OptionDef::flag(
        "first-hint",
        Scope::Server,
        true,
        "Whether who has never used it is told in the status line how to see the keys, until the prefix is typed; once for each user, and never with -f or under the name tmux.",
    ),
    OptionDef::choice(
        "keybindings",
        Scope::Server,
        &["tmux", "screen", "vi-copy", "emacs-copy"],
        "tmux",
        "A set of keys to take: tmux and screen replace the prefix table and the prefix; vi-copy and emacs-copy the table of copy mode, mode-keys and status-keys.",
    ),
    OptionDef::flag(
        "mask-view",
        Scope::Session,
        true,
        "Whether guests who may only look see no secrets of a debug build, nor parts of one: neither on their screen nor in what commands print for them.",
    ),
    OptionDef::text(
        "history-spill",
        Scope::Server,
        "",
        "Where history goes that has no room in memory: on, or a path beside which a private file is made.",
    ),
];

pub(super) const HOOKS: &[OptionDef] = &[
    OptionDef::hook(
        "client-joined",
        Scope::Session,
        "When a guest has joined a shared session.",
    ),
    OptionDef::hook(
        "client-left",
        Scope::Session,
        "When a guest has left a shared session.",
    ),
    OptionDef::hook(
        "join-refused",
        Scope::Session,
        "When someone was refused at the door, or was not let in.",
    ),
    OptionDef::hook(
        "join-requested",
        Scope::Session,
        "When a guest waits to be let in.",
    ),
];
