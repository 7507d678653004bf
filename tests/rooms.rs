//! Holds the walls of the house: which room may name which, what a pure room
//! may never touch, and the few rules that every file keeps. It reads sources
//! as text and builds nothing; `src/ARCHITECTURE.md` says why the walls stand
//! where they do.
//!
//! Each rule is proved on small sources in `laws` below, so that a rule that
//! stopped catching anything fails here, too.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

mod rooms {
    //! The scanner and the rules, apart from the reading of files.
    mod laws;
    pub(crate) mod rules;
    mod scan;
}

use rooms::rules::{self, KNOWN_ROOMS};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file under a directory, sorted, as paths from the package's root.
fn rust_files(under: &str) -> Vec<PathBuf> {
    let (root, mut found) = (root(), Vec::new());
    let mut open = vec![root.join(under)];
    while let Some(dir) = open.pop() {
        let Ok(entries) = fs::read_dir(&dir) else {
            continue;
        };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path.strip_prefix(&root).unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

fn breaches(under: &str) -> Vec<String> {
    rust_files(under)
        .iter()
        .flat_map(|path| {
            let text = fs::read_to_string(root().join(path)).unwrap();
            rules::check(&path.to_string_lossy(), &text)
        })
        .collect()
}

fn demand_none(breaches: &[String]) {
    assert!(breaches.is_empty(), "\n{}\n", breaches.join("\n"));
}

#[test]
fn walls_hold_in_src() {
    assert!(rust_files("src").len() > 50, "the sources were not found");
    demand_none(&breaches("src"));
}

#[test]
fn walls_hold_in_tests_and_benches() {
    demand_none(&breaches("tests"));
    demand_none(&breaches("benches"));
}

#[test]
fn rooms_in_src_are_all_known() {
    let mut strangers = Vec::new();
    for entry in fs::read_dir(root().join("src")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let inside = path.is_dir() || path.extension().is_some_and(|extension| extension == "rs");
        if inside && !matches!(name.as_str(), "lib" | "main") && !KNOWN_ROOMS.contains(&&*name) {
            strangers.push(name);
        }
    }
    assert!(
        strangers.is_empty(),
        "rooms without walls: {strangers:?}; add them to tests/rooms/rules.rs"
    );
}

#[test]
fn rooms_written_down_are_all_there() {
    let text = fs::read_to_string(root().join(Path::new("src/ARCHITECTURE.md"))).unwrap();
    for entry in fs::read_dir(root().join("src")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            assert!(
                text.contains(&format!("`{name}`")),
                "src/ARCHITECTURE.md does not speak of `{name}`"
            );
        }
    }
}
