//! The table of the options about guests: rows only. They are the server's, so
//! that only an admin may set them.

use super::options::{OptionDef, Scope};

pub(super) const ROWS: &[OptionDef] = &[
    OptionDef::text(
        "audit-log",
        Scope::Server,
        "",
        "File to which each join, leave, refusal and change of a guest's rights is added as a line of JSON; made private, and refused where others reach it.",
    ),
    OptionDef::text(
        "share-auth-command",
        Scope::Server,
        "",
        "Program that decides at the door about whom no token or key lets in: JSON on its standard input, a grant on its standard output.",
    ),
    OptionDef::array(
        "share-authorized-keys",
        Scope::Server,
        "",
        "",
        "Files of public keys whose holders share lets in.",
    ),
    OptionDef::text(
        "share-expires",
        Scope::Server,
        "",
        "How long a share lasts, such as 45m or 2h; empty for as long as its session.",
    ),
    OptionDef::array(
        "share-forward",
        Scope::Server,
        "",
        "",
        "Where guests who may type can forward connections to: any, loopback or HOST:PORT.",
    ),
    OptionDef::text(
        "share-github-url",
        Scope::Server,
        "https://github.com",
        "Below which address the keys of gh:USER are.",
    ),
    OptionDef::text(
        "share-gitlab-url",
        Scope::Server,
        "https://gitlab.com",
        "Below which address the keys of gl:USER are.",
    ),
    OptionDef::text(
        "share-host-key",
        Scope::Server,
        "",
        "File with the host key of shares; empty for the user's own.",
    ),
    OptionDef::flag(
        "share-knock",
        Scope::Server,
        false,
        "Whether guests wait until someone inside admits them.",
    ),
    OptionDef::number(
        "share-knock-time",
        Scope::Server,
        (1, 86400, "seconds"),
        "60",
        "How long a guest waits to be admitted before they are sent away.",
    ),
    OptionDef::array(
        "share-limit-to",
        Scope::Server,
        "",
        "",
        "Whom alone shares let in: gh:USER, gl:USER, FILE or ca:FILE.",
    ),
    OptionDef::array(
        "share-listen",
        Scope::Server,
        "",
        "",
        "Where shares listen, as ADDR:PORT.",
    ),
    OptionDef::number(
        "share-max-guests",
        Scope::Server,
        (0, 100000, "guests"),
        "0",
        "How many guests a share lets in at once; 0 for the door's own limit.",
    ),
    OptionDef::choice(
        "share-names",
        Scope::Server,
        &["off", "status", "border", "both"],
        "off",
        "Where the name of who typed last in a pane is shown: in the status line, on the pane's upper border (with those whose focus is there in brackets), or both.",
    ),
    OptionDef::text(
        "share-proxy-command",
        Scope::Server,
        "",
        "Command whose standard input and output reach the relay, %h and %p being its host and port; none is no command, and empty leaves it to HTTPS_PROXY.",
    ),
    OptionDef::text(
        "share-relay",
        Scope::Server,
        "",
        "Relay through which guests reach shares, as HOST or HOST:PORT; empty for none.",
    ),
    OptionDef::flag(
        "share-relay-compat",
        Scope::Server,
        false,
        "Whether guests may come by ssh alone, without a jump; the relay can read those who do.",
    ),
    OptionDef::text(
        "share-relay-identity",
        Scope::Server,
        "",
        "File with the key by which relays know this machine; empty for none.",
    ),
    OptionDef::text(
        "share-relay-key",
        Scope::Server,
        "",
        "Fingerprint that the relay's key must have, as SHA256:...; empty for the one that was seen there first.",
    ),
    OptionDef::text(
        "share-sftp",
        Scope::Server,
        "",
        "Directory whose files shares serve to guests who may type; empty for none.",
    ),
    OptionDef::flag(
        "share-viewer-size",
        Scope::Server,
        false,
        "Whether the terminals of guests who may only look count for window-size.",
    ),
    OptionDef::flag(
        "share-view-only",
        Scope::Server,
        false,
        "Whether shares let guests look only.",
    ),
];
