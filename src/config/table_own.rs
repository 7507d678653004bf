//! The table of the options that tmux does not have: rows only. `show-options`
//! lists one of them once it is set, or with `-A`, so that scripts which read
//! the whole list find what they know.

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
    OptionDef::text(
        "history-spill",
        Scope::Server,
        "",
        "Where history goes that has no room in memory: on, or a path beside which a private file is made.",
    ),
];
