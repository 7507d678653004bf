//! Proof that each rule catches what it should and nothing else: small sources
//! with what must be found in them.

use super::rules::{KNOWN_ROOMS, MAX_LINES, check};

/// A source under a header, as a file of that path.
fn found(path: &str, source: &str) -> Vec<String> {
    check(path, &format!("//! Header.\n{source}"))
}

fn demand_clean(cases: &[(&str, &str)]) {
    for (path, source) in cases {
        assert_eq!(found(path, source), Vec::<String>::new(), "{source}");
    }
}

fn demand_caught(cases: &[(&str, &str, &str)]) {
    for (path, source, what) in cases {
        let found = found(path, source);
        assert!(
            found.iter().any(|breach| breach.ends_with(what)),
            "{path}: {source}\nwanted: {what}\nfound: {found:?}"
        );
    }
}

#[test]
fn wall_catches_an_upward_import() {
    demand_caught(&[
        (
            "src/base/geom.rs",
            "use crate::mux::Mux;",
            "base may not name mux::Mux",
        ),
        (
            "src/term/mod.rs",
            "fn f(_: crate::ui::View) {}",
            "term may not name ui::View",
        ),
        (
            "src/mux/mod.rs",
            "use crate::{base::Size, engine};",
            "mux may not name engine",
        ),
        (
            "src/mux/mod.rs",
            "pub use crate::{base, exec::{self, run}};",
            "mux may not name exec::run",
        ),
        (
            "src/mux/mod.rs",
            "use crate::tty::Decoder;",
            "mux may not name tty::Decoder",
        ),
        (
            "src/ui/mod.rs",
            "use crate::tty::{Frame, diff};",
            "ui may not name tty::diff",
        ),
        (
            "src/client/mod.rs",
            "use crate::engine::Engine;",
            "client may not name engine::Engine",
        ),
        (
            "src/io/pty.rs",
            "use crate::mux::Mux;",
            "io may not name mux::Mux",
        ),
        (
            "src/ssh/serve.rs",
            "use crate::engine::Engine;",
            "ssh may not name engine::Engine",
        ),
        (
            "src/base/x.rs",
            "macro_rules! m { () => { $crate::mux::f() } }",
            "base may not name mux::f",
        ),
    ]);
}

#[test]
fn wall_catches_what_an_imported_room_hides() {
    demand_caught(&[
        (
            "src/mux/mod.rs",
            "use crate::tty; fn f() { tty::Decoder::new() }",
            "mux may not name tty::Decoder",
        ),
        (
            "src/mux/mod.rs",
            "use crate::{tty::{self as t}};",
            "mux may not name tty::self",
        ),
        (
            "src/mux/mod.rs",
            "use crate::tty as t;",
            "mux may not name tty",
        ),
        (
            "src/base/mod.rs",
            "use crate::tty;",
            "base may not name tty",
        ),
    ]);
    demand_clean(&[(
        "src/mux/mod.rs",
        "use crate::tty; fn f() { tty::leave(c, o) }",
    )]);
}

#[test]
fn wall_catches_a_way_round_through_super() {
    demand_caught(&[
        (
            "src/base/mod.rs",
            "use super::mux::Mux;",
            "base may not name mux::Mux",
        ),
        (
            "src/base/geom.rs",
            "use super::super::mux::Mux;",
            "base may not name mux::Mux",
        ),
        (
            "src/base/geom.rs",
            "mod inner { use super::super::super::mux::X; }",
            "base may not name mux::X",
        ),
        (
            "src/term/a/b.rs",
            "use self::super::super::super::ui::X;",
            "term may not name ui::X",
        ),
    ]);
    demand_clean(&[
        ("src/format/vars/pane.rs", "use super::super::Scope;"),
        ("src/base/geom.rs", "mod tests { use super::super::Size; }"),
        ("src/term/mod.rs", "use super::base::Size;"),
    ]);
}

#[test]
fn wall_catches_the_whole_crate() {
    let what = "names the crate's root";
    demand_caught(&[
        ("src/base/mod.rs", "use crate::*;", what),
        ("src/base/mod.rs", "use crate as house;", what),
        ("src/base/mod.rs", "use crate::{self as house};", what),
        ("src/base/geom.rs", "use super::super::*;", what),
    ]);
}

#[test]
fn wall_holds_in_test_code_too() {
    let source = "#[cfg(test)]\nmod tests { use crate::mux::Mux; }";
    demand_caught(&[("src/base/geom.rs", source, "base may not name mux::Mux")]);
}

#[test]
fn wall_lets_the_lower_rooms_be_named() {
    demand_clean(&[
        (
            "src/term/mod.rs",
            "use crate::base::{Cell, Size, style::{self, Style}};",
        ),
        (
            "src/term/row.rs",
            "use crate::term::history; use super::view;",
        ),
        (
            "src/mux/mod.rs",
            "use crate::tty::Caps; use crate::command::target::Target;",
        ),
        (
            "src/ssh/mod.rs",
            "use crate::mux::effect::Stream; use crate::engine::event::Peer;",
        ),
        (
            "src/engine/mod.rs",
            "use crate::{base, ui::View, exec, tty::Decoder};",
        ),
        ("src/cli/mod.rs", "use crate::server; use crate::mux::Mux;"),
        ("src/main.rs", "fn main() { stepmux::cli::main() }"),
    ]);
}

#[test]
fn purity_catches_the_outside_world() {
    demand_caught(&[
        ("src/mux/mod.rs", "use std::fs;", "std::fs in a pure room"),
        (
            "src/mux/mod.rs",
            "use std::{fmt, env::var};",
            "std::env::var in a pure room",
        ),
        (
            "src/mux/mod.rs",
            "fn f() { ::std::process::exit(1) }",
            "std::process::exit in a pure room",
        ),
        (
            "src/ci/mod.rs",
            "fn f() { std::thread::sleep(d) }",
            "std::thread::sleep in a pure room",
        ),
        (
            "src/ci/mod.rs",
            "use std::net::{IpAddr, TcpStream};",
            "std::net::TcpStream in a pure room",
        ),
        ("src/ci/mod.rs", "use std::net;", "std::net in a pure room"),
        (
            "src/ci/mod.rs",
            "use std::os::fd::OwnedFd;",
            "std::os::fd::OwnedFd in a pure room",
        ),
        ("src/ci/mod.rs", "use std::*;", "std::* in a pure room"),
        (
            "src/ci/mod.rs",
            "fn f() { std::io::stdin(); }",
            "std::io::stdin in a pure room",
        ),
        (
            "src/engine/mod.rs",
            "use tokio::sync::mpsc;",
            "tokio::sync::mpsc in a pure room",
        ),
        ("src/engine/mod.rs", "use tokio;", "tokio in a pure room"),
        (
            "src/engine/mod.rs",
            "#[tokio::main]\nfn f() {}",
            "tokio::main in a pure room",
        ),
        (
            "src/tty/mod.rs",
            "use rustix::io::read;",
            "rustix::io::read in a pure room",
        ),
    ]);
}

#[test]
fn purity_catches_clocks_and_chance() {
    demand_caught(&[
        (
            "src/mux/mod.rs",
            "use std::time::Instant;",
            "std::time::Instant in a pure room",
        ),
        (
            "src/mux/mod.rs",
            "use std::time as t; fn f() { t::Instant::now() }",
            "Instant in a pure room",
        ),
        (
            "src/mux/mod.rs",
            "fn f(_: t::SystemTime) {}",
            "SystemTime in a pure room",
        ),
        (
            "src/format/mod.rs",
            "fn f() { jiff::Zoned::now() }",
            "Zoned in a pure room",
        ),
        (
            "src/access/mod.rs",
            "fn f() { getrandom::fill(&mut b) }",
            "getrandom::fill in a pure room",
        ),
        (
            "src/access/mod.rs",
            "use rand::Rng;",
            "rand::Rng in a pure room",
        ),
        (
            "src/access/mod.rs",
            "type S = RandomState;",
            "RandomState in a pure room",
        ),
    ]);
}

#[test]
fn purity_lets_values_and_test_code_be() {
    demand_clean(&[
        (
            "src/mux/peer.rs",
            "use std::net::{IpAddr, SocketAddr}; use std::time::Duration;",
        ),
        (
            "src/mux/mod.rs",
            "#[cfg(test)]\nmod tests { use std::fs; fn f() { Instant::now() } }",
        ),
        (
            "src/mux/mod.rs",
            "#[cfg(test)]\nuse std::{fs, env};\nfn f() {}",
        ),
        ("src/mux/tests.rs", "use std::process::Command;"),
        ("src/mux/size_tests.rs", "use std::fs;"),
        ("src/term/tests/vt.rs", "use std::fs;"),
        (
            "src/io/pty.rs",
            "use std::fs; use tokio::io; fn f() { Instant::now() }",
        ),
        (
            "src/ci/mod.rs",
            "// use std::fs;\n/* std::env /* std::fs */ */ const S: &str = \"std::fs\";",
        ),
        (
            "src/ci/mod.rs",
            "const S: &str = r#\"use \"std::fs\";\"#; const C: char = '\"';",
        ),
    ]);
}

#[test]
fn purity_ends_test_code_where_it_ends() {
    demand_caught(&[
        (
            "src/mux/mod.rs",
            "#[cfg(test)]\nmod tests { }\nuse std::fs;",
            "4: std::fs in a pure room",
        ),
        (
            "src/mux/mod.rs",
            "#[cfg(not(test))]\nuse std::fs;",
            "std::fs in a pure room",
        ),
        (
            "src/mux/mod.rs",
            "#[cfg(any(test, unix))]\nuse std::fs;",
            "std::fs in a pure room",
        ),
        (
            "src/mux/mod.rs",
            "#[cfg(test)]\nmod tests;\nuse std::fs;",
            "std::fs in a pure room",
        ),
        (
            "src/mux/mod.rs",
            "fn f<'a>(_: &'a str) -> impl Sized + use<'a> { std::fs::read(p) }",
            "std::fs::read in a pure room",
        ),
    ]);
}

#[test]
fn packages_stay_in_their_rooms() {
    demand_caught(&[
        (
            "src/engine/mod.rs",
            "use ratatui::buffer::Buffer;",
            "ratatui is kept to ui",
        ),
        (
            "src/server/mod.rs",
            "use russh::server;",
            "russh is kept to door, ssh, relay",
        ),
        (
            "src/mux/mod.rs",
            "use vte::Parser;",
            "vte is kept to term, tty, ci",
        ),
        (
            "src/exec/mod.rs",
            "use clap::Args;",
            "clap is kept to command, cli",
        ),
        (
            "src/server/mod.rs",
            "use portable_pty::PtySize;",
            "portable_pty is kept to io",
        ),
    ]);
    demand_clean(&[
        ("src/ui/mod.rs", "use ratatui::buffer::Buffer;"),
        ("src/relay/mod.rs", "use russh::server;"),
        ("src/command/args/pane.rs", "use clap::Args;"),
    ]);
}

#[test]
fn forbidden_words_are_caught_everywhere() {
    for path in [
        "src/io/pty.rs",
        "src/base/geom.rs",
        "tests/real.rs",
        "benches/term.rs",
    ] {
        demand_caught(&[
            (path, "fn f() { unsafe { g() } }", "`unsafe`"),
            (path, "fn f() { todo!() }", "`todo!`"),
            (
                path,
                "fn f() { unimplemented!(\"later\") }",
                "`unimplemented!`",
            ),
            (path, "#[test]\n#[ignore]\nfn f() {}", "`#[ignore]`"),
            (
                path,
                "#[test]\n#[ignore = \"slow\"]\nfn f() {}",
                "`#[ignore]`",
            ),
            (path, "#[cfg_attr(unix, ignore)]\nfn f() {}", "`#[ignore]`"),
        ]);
    }
    demand_clean(&[
        (
            "src/io/pty.rs",
            "#![deny(unsafe_code)]\n/// No unsafe, todo!() or #[ignore].\nfn f() {}",
        ),
        (
            "src/io/pty.rs",
            "#[cfg(ignore_case)]\nfn f(ignore: bool, todo: u8) { g(\"todo!()\") }",
        ),
    ]);
}

#[test]
fn shape_catches_a_bare_or_long_file() {
    let bare = check("src/base/geom.rs", "use std::fmt;\n");
    assert_eq!(bare, ["src/base/geom.rs:1: no `//!` header"]);
    assert_eq!(check("tests/real.rs", "").len(), 1);
    let lines = |count: usize| format!("//! Header.\n{}", "\n".repeat(count - 1));
    for path in ["src/base/geom.rs", "tests/real.rs", "benches/term.rs"] {
        assert!(check(path, &lines(MAX_LINES)).is_empty());
        assert_eq!(check(path, &lines(MAX_LINES + 1)).len(), 1);
    }
}

#[test]
fn rooms_each_have_a_wall() {
    for room in KNOWN_ROOMS {
        let path = format!("src/{room}/mod.rs");
        let own = format!("use crate::{room}::x;");
        demand_clean(&[(&path, &own)]);
        let above = if *room == "cli" { "nowhere" } else { "cli" };
        let breach = found(&path, &format!("use crate::{above}::x;"));
        assert_eq!(breach.len(), 1, "{room}");
    }
}
