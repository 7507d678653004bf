//! The table of hooks: rows only, in tmux(1)'s words. A hook is an array of
//! commands; none has a default.

use super::options::{OptionDef, Scope};

pub(super) const ROWS: &[OptionDef] = &[
    OptionDef::hook("after-bind-key", Scope::Session, "After bind-key has run."),
    OptionDef::hook(
        "after-capture-pane",
        Scope::Session,
        "After capture-pane has run.",
    ),
    OptionDef::hook(
        "after-copy-mode",
        Scope::Session,
        "After copy-mode has run.",
    ),
    OptionDef::hook(
        "after-display-message",
        Scope::Session,
        "After display-message has run.",
    ),
    OptionDef::hook(
        "after-display-panes",
        Scope::Session,
        "After display-panes has run.",
    ),
    OptionDef::hook(
        "after-kill-pane",
        Scope::Session,
        "After kill-pane has run.",
    ),
    OptionDef::hook(
        "after-list-buffers",
        Scope::Session,
        "After list-buffers has run.",
    ),
    OptionDef::hook(
        "after-list-clients",
        Scope::Session,
        "After list-clients has run.",
    ),
    OptionDef::hook(
        "after-list-keys",
        Scope::Session,
        "After list-keys has run.",
    ),
    OptionDef::hook(
        "after-list-panes",
        Scope::Session,
        "After list-panes has run.",
    ),
    OptionDef::hook(
        "after-list-sessions",
        Scope::Session,
        "After list-sessions has run.",
    ),
    OptionDef::hook(
        "after-list-windows",
        Scope::Session,
        "After list-windows has run.",
    ),
    OptionDef::hook(
        "after-load-buffer",
        Scope::Session,
        "After load-buffer has run.",
    ),
    OptionDef::hook(
        "after-lock-server",
        Scope::Session,
        "After lock-server has run.",
    ),
    OptionDef::hook(
        "after-new-session",
        Scope::Session,
        "After new-session has run.",
    ),
    OptionDef::hook(
        "after-new-window",
        Scope::Session,
        "After new-window has run.",
    ),
    OptionDef::hook(
        "after-paste-buffer",
        Scope::Session,
        "After paste-buffer has run.",
    ),
    OptionDef::hook(
        "after-pipe-pane",
        Scope::Session,
        "After pipe-pane has run.",
    ),
    OptionDef::hook(
        "after-refresh-client",
        Scope::Session,
        "After refresh-client has run.",
    ),
    OptionDef::hook(
        "after-rename-session",
        Scope::Session,
        "After rename-session has run.",
    ),
    OptionDef::hook(
        "after-rename-window",
        Scope::Session,
        "After rename-window has run.",
    ),
    OptionDef::hook(
        "after-resize-pane",
        Scope::Session,
        "After resize-pane has run.",
    ),
    OptionDef::hook(
        "after-resize-window",
        Scope::Session,
        "After resize-window has run.",
    ),
    OptionDef::hook(
        "after-save-buffer",
        Scope::Session,
        "After save-buffer has run.",
    ),
    OptionDef::hook(
        "after-select-layout",
        Scope::Session,
        "After select-layout has run.",
    ),
    OptionDef::hook(
        "after-select-pane",
        Scope::Session,
        "After select-pane has run.",
    ),
    OptionDef::hook(
        "after-select-window",
        Scope::Session,
        "After select-window has run.",
    ),
    OptionDef::hook(
        "after-send-keys",
        Scope::Session,
        "After send-keys has run.",
    ),
    OptionDef::hook(
        "after-set-buffer",
        Scope::Session,
        "After set-buffer has run.",
    ),
    OptionDef::hook(
        "after-set-environment",
        Scope::Session,
        "After set-environment has run.",
    ),
    OptionDef::hook("after-set-hook", Scope::Session, "After set-hook has run."),
    OptionDef::hook(
        "after-set-option",
        Scope::Session,
        "After set-option has run.",
    ),
    OptionDef::hook(
        "after-show-environment",
        Scope::Session,
        "After show-environment has run.",
    ),
    OptionDef::hook(
        "after-show-messages",
        Scope::Session,
        "After show-messages has run.",
    ),
    OptionDef::hook(
        "after-show-options",
        Scope::Session,
        "After show-options has run.",
    ),
    OptionDef::hook(
        "after-split-window",
        Scope::Session,
        "After split-window has run.",
    ),
    OptionDef::hook(
        "after-swap-window",
        Scope::Session,
        "After swap-window has run.",
    ),
    OptionDef::hook(
        "after-unbind-key",
        Scope::Session,
        "After unbind-key has run.",
    ),
    OptionDef::hook(
        "alert-activity",
        Scope::Session,
        "When a window monitored for activity has some.",
    ),
    OptionDef::hook(
        "alert-bell",
        Scope::Session,
        "When a window monitored for bells has one.",
    ),
    OptionDef::hook(
        "alert-silence",
        Scope::Session,
        "When a window monitored for silence falls silent.",
    ),
    OptionDef::hook(
        "client-active",
        Scope::Session,
        "When a client becomes the latest active one of its session.",
    ),
    OptionDef::hook(
        "client-attached",
        Scope::Session,
        "When a client is attached.",
    ),
    OptionDef::hook("client-created", Scope::Session, "When a client has come."),
    OptionDef::hook("client-closed", Scope::Session, "When a client goes."),
    OptionDef::hook(
        "client-detached",
        Scope::Session,
        "When a client is detached.",
    ),
    OptionDef::hook(
        "client-focus-in",
        Scope::Session,
        "When a client gains focus.",
    ),
    OptionDef::hook(
        "client-focus-out",
        Scope::Session,
        "When a client loses focus.",
    ),
    OptionDef::hook(
        "client-resized",
        Scope::Session,
        "When a client is resized.",
    ),
    OptionDef::hook(
        "client-session-changed",
        Scope::Session,
        "When a client shows another session.",
    ),
    OptionDef::hook(
        "client-light-theme",
        Scope::Session,
        "When a client's terminal turns light.",
    ),
    OptionDef::hook(
        "client-dark-theme",
        Scope::Session,
        "When a client's terminal turns dark.",
    ),
    OptionDef::hook("command-error", Scope::Session, "When a command fails."),
    OptionDef::hook(
        "marked-pane-changed",
        Scope::Session,
        "When the marked pane is set or cleared.",
    ),
    OptionDef::hook("session-closed", Scope::Session, "When a session ends."),
    OptionDef::hook("session-created", Scope::Session, "When a session starts."),
    OptionDef::hook(
        "session-added-to-group",
        Scope::Session,
        "When a session joins a group.",
    ),
    OptionDef::hook(
        "session-renamed",
        Scope::Session,
        "When a session is renamed.",
    ),
    OptionDef::hook(
        "session-removed-from-group",
        Scope::Session,
        "When a session leaves its group.",
    ),
    OptionDef::hook(
        "session-window-changed",
        Scope::Session,
        "When another window of a session becomes current.",
    ),
    OptionDef::hook(
        "window-linked",
        Scope::Session,
        "When a window is linked into a session.",
    ),
    OptionDef::hook(
        "window-unlinked",
        Scope::Session,
        "When a window is unlinked from a session.",
    ),
    OptionDef::hook(
        "pane-activity",
        Scope::Pane,
        "When a program writes to its pane.",
    ),
    OptionDef::hook("pane-bell", Scope::Pane, "When a program rings the bell."),
    OptionDef::hook(
        "pane-command-finished",
        Scope::Pane,
        "When a shell says that a command has ended (OSC 133).",
    ),
    OptionDef::hook(
        "pane-command-started",
        Scope::Pane,
        "When a shell says that a command begins (OSC 133).",
    ),
    OptionDef::hook(
        "pane-created",
        Scope::Pane,
        "When a pane is made or started again.",
    ),
    OptionDef::hook(
        "pane-died",
        Scope::Pane,
        "When a program ends and its pane remains.",
    ),
    OptionDef::hook("pane-exited", Scope::Pane, "When a program ends."),
    OptionDef::hook("pane-focus-in", Scope::Pane, "When a pane gains focus."),
    OptionDef::hook("pane-focus-out", Scope::Pane, "When a pane loses focus."),
    OptionDef::hook(
        "pane-mode-changed",
        Scope::Pane,
        "When a pane enters or leaves a mode.",
    ),
    OptionDef::hook(
        "pane-mode-entered",
        Scope::Pane,
        "When a pane enters a mode.",
    ),
    OptionDef::hook(
        "pane-mode-exited",
        Scope::Pane,
        "When a pane leaves a mode.",
    ),
    OptionDef::hook(
        "pane-moved",
        Scope::Pane,
        "When a pane goes to another window.",
    ),
    OptionDef::hook(
        "pane-prompt-closed",
        Scope::Pane,
        "When a prompt in a pane is closed.",
    ),
    OptionDef::hook(
        "pane-prompt-opened",
        Scope::Pane,
        "When a prompt is opened in a pane.",
    ),
    OptionDef::hook("pane-resized", Scope::Pane, "When a pane is resized."),
    OptionDef::hook(
        "pane-set-clipboard",
        Scope::Pane,
        "When a program sets the clipboard.",
    ),
    OptionDef::hook(
        "pane-shell-prompt",
        Scope::Pane,
        "When a shell says that it shows its prompt (OSC 133).",
    ),
    OptionDef::hook("pane-title-changed", Scope::Pane, "When a title changes."),
    OptionDef::hook("window-created", Scope::Window, "When a window is made."),
    OptionDef::hook("window-closed", Scope::Window, "When a window ends."),
    OptionDef::hook(
        "window-layout-changed",
        Scope::Window,
        "When a layout changes.",
    ),
    OptionDef::hook(
        "window-pane-changed",
        Scope::Window,
        "When another pane of a window becomes active.",
    ),
    OptionDef::hook("window-renamed", Scope::Window, "When a window is renamed."),
    OptionDef::hook("window-resized", Scope::Window, "When a window is resized."),
    OptionDef::hook(
        "window-unzoomed",
        Scope::Window,
        "When a window's zoom ends.",
    ),
    OptionDef::hook("window-zoomed", Scope::Window, "When a window is zoomed."),
];
