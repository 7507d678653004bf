//! The rules: who may name whom, and what no file may hold. A rule is added
//! here together with a source in `laws` that breaks it.

use std::path::{Component, Path};

use super::scan::{self, Spelled, Token};

/// The longest file, in lines.
pub(crate) const MAX_LINES: usize = 800;

/// Files that may hold `unsafe`, each with its reason. None needs it.
const MAY_BE_UNSAFE: &[&str] = &[];

/// A room, and what it may name beside itself: a whole room, or one of its
/// modules or types (`mux::effect`).
type Wall = (&'static str, &'static [&'static str]);

/// The pure rooms, lowest first.
const PURE: &[Wall] = &[
    ("base", &[]),
    ("term", &["base"]),
    ("tty", &["base"]),
    ("command", &["base"]),
    // The configuration file holds commands in the command language.
    ("config", &["base", "command"]),
    ("access", &["base"]),
    ("ci", &["base"]),
    // Of `command` the grammar of targets; of `tty` what a client's terminal
    // can do, and how it is left, but never the decoding of keys.
    (
        "mux",
        &[
            "base",
            "term",
            "tty::Caps",
            "tty::caps",
            "tty::leave",
            "command::target",
            "config",
            "access",
            "ci",
        ],
    ),
    // `term` for the types of a pane's modes (`#{mouse_any_flag}` and kin).
    // `command` for the quoting of `#{q/a:…}`.
    (
        "format",
        &["base", "term", "command", "config", "access", "ci", "mux"],
    ),
    (
        "exec",
        &[
            "base",
            "term",
            "tty::Caps",
            "tty::caps",
            "command",
            "config",
            "access",
            "ci",
            "mux",
            "format",
        ],
    ),
    // `term` for the rows that it copies; of `tty` the frame.
    (
        "ui",
        &[
            "base",
            "term",
            "tty::Frame",
            "tty::FrameCursor",
            "tty::FrameModes",
            "tty::CursorShape",
            "tty::MouseDemand",
            "tty::frame",
            "config",
            "access",
            "ci",
            "mux",
            "format",
        ],
    ),
    (
        "engine",
        &[
            "base", "term", "tty", "command", "config", "access", "ci", "mux", "format", "exec",
            "ui",
        ],
    ),
];

/// The outer rooms. Those that perform effects know the engine's words for
/// them, never the model.
const OUTER: &[Wall] = &[
    ("wire", &["base"]),
    (
        "io",
        &[
            "base",
            "access::Grant",
            "access::LocalAccess",
            "wire",
            "engine::event",
            "engine::Event",
            "mux::effect",
            "mux::Effect",
            "mux::peer",
        ],
    ),
    ("door", &["base", "access", "wire"]),
    (
        "ssh",
        &[
            "base",
            "access",
            "wire",
            "io",
            "door",
            "engine::event",
            "engine::Event",
            "mux::effect",
            "mux::Effect",
            "mux::peer",
        ],
    ),
    ("relay", &["base", "access", "wire", "door"]),
    ("serve", &["base", "access", "io::reason"]),
    // It makes the engine from what it finds at its start: `mux` for that.
    (
        "server",
        &[
            "base",
            "access::LocalAccess",
            "config",
            "mux",
            "engine",
            "wire",
            "io",
            "ssh",
        ],
    ),
    ("client", &["base", "wire"]),
    (
        "cli",
        &[
            "base", "term", "tty", "command", "config", "access", "ci", "mux", "format", "exec",
            "ui", "engine", "wire", "io", "ssh", "relay", "serve", "server", "client",
        ],
    ),
];

/// Every room there may be in src.
pub(crate) const KNOWN_ROOMS: &[&str] = &[
    "base", "term", "tty", "command", "config", "access", "ci", "mux", "format", "exec", "ui",
    "engine", "wire", "io", "door", "ssh", "relay", "serve", "server", "client", "cli",
];

/// Packages kept to some rooms.
const KEPT: &[(&str, &[&str])] = &[
    ("ratatui", &["ui"]),
    ("russh", &["door", "ssh", "relay"]),
    ("russh_sftp", &["ssh"]),
    ("cap_std", &["ssh"]),
    // `ci` reads panes' output for the log.
    ("vte", &["term", "tty", "ci"]),
    ("clap", &["command", "cli"]),
    ("portable_pty", &["io"]),
    ("terminfo_lean", &["tty"]),
    // What asks the network is one module.
    ("ureq", &["io"]),
    ("rusqlite", &["serve"]),
    // Nodes of a relay speak TLS to each other, and ask each other by a bus; `ssh`
    // goes to a relay through a proxy.
    ("rustls", &["io", "relay"]),
    ("tokio_rustls", &["relay", "ssh"]),
    ("async_nats", &["relay"]),
];

/// Packages that reach the outside world, or are random.
const OUTWARD: &[&str] = &[
    "tokio",
    "tokio_util",
    "rustix",
    "libc",
    "crossterm",
    "getrandom",
    "rand",
];

/// Modules of std that reach the outside world.
const OUTWARD_STD: &[&str] = &["fs", "net", "process", "env", "thread", "os"];

/// Values of std::net: they name a peer and open nothing.
const NET_VALUES: &[&str] = &[
    "SocketAddr",
    "SocketAddrV4",
    "SocketAddrV6",
    "IpAddr",
    "Ipv4Addr",
    "Ipv6Addr",
    "AddrParseError",
];

/// Names of clocks and random sources, wherever they come from.
const CLOCKS: &[&str] = &["SystemTime", "RandomState", "OsRng", "thread_rng"];

/// All that is wrong with a file, each as `path:line: what`.
pub(crate) fn check(path: &str, source: &str) -> Vec<String> {
    let file = File::new(path, source);
    let mut breaches = Vec::new();
    file.shape(&mut breaches);
    file.forbidden(&mut breaches);
    if let Some(room) = file.room.clone() {
        for spelled in scan::paths(&file.tokens) {
            file.wall(&room, &spelled, &mut breaches);
            file.through_import(&room, &spelled, &mut breaches);
            file.packages(&room, &spelled, &mut breaches);
            if PURE.iter().any(|(name, _)| *name == room) {
                file.purity(&spelled, &mut breaches);
            }
        }
        file.clocks(&room, &mut breaches);
    }
    breaches.sort();
    breaches.dedup();
    breaches
}

struct File<'a> {
    path: &'a str,
    source: &'a str,
    tokens: Vec<Token>,
    /// The room in src that it belongs to.
    room: Option<String>,
    /// Its module path, the room first.
    module: Vec<String>,
    /// The whole file is test code.
    test: bool,
}

impl<'a> File<'a> {
    fn new(path: &'a str, source: &'a str) -> Self {
        let parts: Vec<String> = Path::new(path)
            .components()
            .filter_map(|part| match part {
                Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
                _ => None,
            })
            .collect();
        let (dirs, name) = parts.split_at(parts.len() - 1);
        let stem = name[0].trim_end_matches(".rs").to_owned();
        let in_src = dirs.first().is_some_and(|dir| dir == "src");
        let mut module: Vec<String> = dirs.iter().skip(1).cloned().collect();
        if stem != "mod" {
            module.push(stem.clone());
        }
        if stem.ends_with("_tests") {
            // `x_tests.rs` is the module `tests` of `x`.
            module.push("tests".to_owned());
        }
        let at_root = dirs.len() == 1 && matches!(stem.as_str(), "lib" | "main");
        let test = dirs.iter().any(|dir| dir == "tests") || is_test_name(&stem);
        Self {
            path,
            source,
            tokens: scan::tokens(source),
            room: (in_src && !at_root).then(|| module[0].clone()),
            module,
            test,
        }
    }

    fn breach(&self, line: usize, what: &str, breaches: &mut Vec<String>) {
        breaches.push(format!("{}:{line}: {what}", self.path));
    }

    fn shape(&self, breaches: &mut Vec<String>) {
        let first = self.source.lines().next().unwrap_or_default();
        if !first.starts_with("//!") && !first.starts_with("#![doc = include_str!(") {
            self.breach(1, "no `//!` header", breaches);
        }
        let lines = self.source.lines().count();
        if lines > MAX_LINES {
            self.breach(lines, &format!("over {MAX_LINES} lines"), breaches);
        }
    }

    fn forbidden(&self, breaches: &mut Vec<String>) {
        for (at, token) in self.tokens.iter().enumerate() {
            let next = |offset: usize| self.tokens.get(at + offset).map_or("", |t| &t.text);
            match token.text.as_str() {
                "unsafe" if !MAY_BE_UNSAFE.contains(&self.path) => {
                    self.breach(token.line, "`unsafe`", breaches);
                }
                "todo" | "unimplemented" if next(1) == "!" => {
                    self.breach(token.line, &format!("`{}!`", token.text), breaches);
                }
                "#" if next(1) == "[" && self.ignores(at + 2) => {
                    self.breach(token.line, "`#[ignore]`", breaches);
                }
                _ => {}
            }
        }
    }

    /// Whether an attribute is `ignore`, with a reason or by `cfg_attr`.
    fn ignores(&self, inside: usize) -> bool {
        let mut words = self.tokens[inside.min(self.tokens.len())..]
            .iter()
            .map(|token| token.text.as_str())
            .take_while(|word| *word != "]");
        match words.next() {
            Some("ignore") => true,
            Some("cfg_attr") => words.any(|word| word == "ignore"),
            _ => false,
        }
    }

    /// A path seen from the crate's root, when it is one of ours.
    fn seen_from_root(&self, spelled: &Spelled) -> Option<Vec<String>> {
        let first = spelled.segments.first()?;
        if first == "crate" {
            return Some(spelled.segments[1..].to_vec());
        }
        let rest: Vec<&String> = spelled
            .segments
            .iter()
            .skip_while(|segment| *segment == "self")
            .collect();
        let ups = rest
            .iter()
            .take_while(|segment| **segment == "super")
            .count();
        if ups == 0 {
            return None;
        }
        let mut at = self.module.clone();
        at.extend(self.tokens[spelled.at].within.iter().cloned());
        at.truncate(at.len().saturating_sub(ups));
        at.extend(rest[ups..].iter().map(|segment| (*segment).clone()));
        Some(at)
    }

    fn wall(&self, room: &str, spelled: &Spelled, breaches: &mut Vec<String>) {
        let Some(named) = self.seen_from_root(spelled) else {
            return;
        };
        let line = self.tokens[spelled.at].line;
        let Some(other) = named
            .first()
            .filter(|name| KNOWN_ROOMS.contains(&name.as_str()))
        else {
            return self.breach(line, "names the crate's root", breaches);
        };
        let rest: Vec<&str> = named[1..].iter().map(String::as_str).collect();
        // `use crate::tty;` alone is judged by what is then taken from `tty`.
        let bare = matches!(rest.as_slice(), [] | ["self"]) && !spelled.renamed;
        let allowed =
            may_name(room, other, rest.first().copied()) || (bare && may_name_part(room, other));
        if !allowed {
            let what = format!("{room} may not name {}", named.join("::"));
            self.breach(line, &what, breaches);
        }
    }

    /// The wall again, for paths that begin with an imported room's name.
    fn through_import(&self, room: &str, spelled: &Spelled, breaches: &mut Vec<String>) {
        let [other, part, ..] = spelled.segments.as_slice() else {
            return;
        };
        if may_name_part(room, other) && !may_name(room, other, Some(part)) {
            let what = format!("{room} may not name {other}::{part}");
            self.breach(self.tokens[spelled.at].line, &what, breaches);
        }
    }

    /// Whether code at a token runs in tests alone.
    fn is_test(&self, at: usize) -> bool {
        self.test || self.tokens[at].test
    }

    fn packages(&self, room: &str, spelled: &Spelled, breaches: &mut Vec<String>) {
        let first = spelled.segments[0].as_str();
        let kept = KEPT.iter().find(|(package, _)| *package == first);
        if let Some((_, rooms)) = kept
            && !rooms.contains(&room)
            && !self.is_test(spelled.at)
        {
            let what = format!("{first} is kept to {}", rooms.join(", "));
            self.breach(self.tokens[spelled.at].line, &what, breaches);
        }
    }

    fn purity(&self, spelled: &Spelled, breaches: &mut Vec<String>) {
        if self.is_test(spelled.at) {
            return;
        }
        let segments: Vec<&str> = spelled.segments.iter().map(String::as_str).collect();
        let outward = match segments.as_slice() {
            ["std", "net", value, ..] => !NET_VALUES.contains(value),
            ["std", "io", what, ..] => matches!(*what, "stdin" | "stdout" | "stderr"),
            ["std", "time", what, ..] => matches!(*what, "Instant" | "SystemTime" | "*"),
            ["std", "*"] => true,
            ["std", module, ..] => OUTWARD_STD.contains(module),
            [package, ..] => OUTWARD.contains(package),
            [] => false,
        };
        if outward {
            let what = format!("{} in a pure room", segments.join("::"));
            self.breach(self.tokens[spelled.at].line, &what, breaches);
        }
    }

    fn clocks(&self, room: &str, breaches: &mut Vec<String>) {
        if !PURE.iter().any(|(name, _)| *name == room) {
            return;
        }
        for (at, token) in self.tokens.iter().enumerate() {
            let now = self
                .tokens
                .get(at + 2)
                .is_some_and(|token| token.text == "now");
            let clock = CLOCKS.contains(&token.text.as_str())
                || (now && matches!(token.text.as_str(), "Instant" | "Zoned" | "Timestamp"));
            if clock && !self.is_test(at) {
                let what = format!("{} in a pure room", token.text);
                self.breach(token.line, &what, breaches);
            }
        }
    }
}

fn is_test_name(stem: &str) -> bool {
    stem == "tests" || stem.ends_with("_tests")
}

fn wall_of(room: &str) -> &'static [&'static str] {
    let walls = PURE.iter().chain(OUTER);
    let mut found = walls.filter(|(name, _)| *name == room);
    found.next().map_or(&[], |(_, may)| *may)
}

/// Whether a room may name another, or this part of it.
fn may_name(room: &str, other: &str, part: Option<&str>) -> bool {
    let may = wall_of(room);
    room == other
        || may.contains(&other)
        || part.is_some_and(|part| may.contains(&format!("{other}::{part}").as_str()))
}

/// Whether a room may name some part of another.
fn may_name_part(room: &str, other: &str) -> bool {
    let parts = format!("{other}::");
    wall_of(room).iter().any(|may| may.starts_with(&parts))
}
