//! The table of tmate's options (its own documentation, "tmate.conf"): rows
//! only. They are there so that its users' files and scripts are read without
//! an error; each says what it does here.

use super::options::{OptionDef, Scope};

pub(super) const ROWS: &[OptionDef] = &[
    OptionDef::text(
        "tmate-api-key",
        Scope::Server,
        "",
        "tmate's key for named sessions; kept and not used.",
    ),
    OptionDef::text(
        "tmate-authorized-keys",
        Scope::Server,
        "",
        "File of the public keys to which a session under the name tmate is limited, as its flag -a says it.",
    ),
    OptionDef::number(
        "tmate-display-time",
        Scope::Server,
        (0, 3_600_000, "milliseconds"),
        "15000",
        "How long tmate shows how to join; kept and not used.",
    ),
    OptionDef::number(
        "tmate-foreground-restart",
        Scope::Server,
        (0, 1, "flag"),
        "1",
        "Whether tmate -F starts a shell again that has ended; kept and not used: the session ends.",
    ),
    OptionDef::text(
        "tmate-identity",
        Scope::Server,
        "",
        "Private key with which tmate shows itself to its server; kept until there is one.",
    ),
    OptionDef::text(
        "tmate-server-ecdsa-fingerprint",
        Scope::Server,
        "",
        "Fingerprint of a tmate server's key; kept until there is one.",
    ),
    OptionDef::text(
        "tmate-server-ed25519-fingerprint",
        Scope::Server,
        "",
        "Fingerprint of a tmate server's key; kept until there is one.",
    ),
    OptionDef::text(
        "tmate-server-host",
        Scope::Server,
        "",
        "Host of the tmate server; kept until there is one: guests come to this machine.",
    ),
    OptionDef::number(
        "tmate-server-port",
        Scope::Server,
        (1, 65535, "port"),
        "22",
        "Port of the tmate server; kept until there is one.",
    ),
    OptionDef::text(
        "tmate-server-rsa-fingerprint",
        Scope::Server,
        "",
        "Fingerprint of a tmate server's key; kept until there is one.",
    ),
    OptionDef::text(
        "tmate-session-name",
        Scope::Server,
        "",
        "Name of a session that may be joined by it; kept and not used.",
    ),
    OptionDef::text(
        "tmate-session-name-ro",
        Scope::Server,
        "",
        "Name of a session that may be watched by it; kept and not used.",
    ),
    OptionDef::text(
        "tmate-set",
        Scope::Server,
        "",
        "Setting for a tmate server; kept and not used.",
    ),
    OptionDef::text(
        "tmate-user",
        Scope::Server,
        "",
        "User name at the tmate server; kept until there is one.",
    ),
    OptionDef::text(
        "tmate-webhook-url",
        Scope::Server,
        "",
        "Address that a tmate server tells of a session; kept and not used.",
    ),
    OptionDef::text(
        "tmate-webhook-userdata",
        Scope::Server,
        "",
        "What a tmate server tells it; kept and not used.",
    ),
];
