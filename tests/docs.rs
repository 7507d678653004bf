//! The manual is what the program says. `STEPMUX_BLESS=1` writes it anew; the
//! roff itself is checked for what breaks a page.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use stepmux::cli::{
    generate, generate_ci, generate_config, generate_debug, generate_export, generate_phase,
    generate_relay, generate_serve, generate_share,
};
use stepmux::command::table;

#[test]
fn manual_is_what_the_program_prints() {
    kept("man/stepmux.1", &generate::man());
    kept("man/stepmux-ci.1", &generate_ci::man_ci());
    kept("man/stepmux-config.5", &generate_config::man_config());
    kept("man/stepmux-export.1", &generate_export::man_export());
    kept("man/stepmux-debug.1", &generate_debug::man_debug());
    kept("man/stepmux-phase.1", &generate_phase::man_phase());
    kept("man/stepmux-share.1", &generate_share::man_share());
    kept("man/stepmux-relay.8", &generate_relay::man_relay());
    kept("man/stepmux-serve.8", &generate_serve::man_serve());
}

/// Holds a page against its file, which STEPMUX_BLESS=1 writes anew.
fn kept(path: &str, page: &str) {
    let full = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("STEPMUX_BLESS").is_some_and(|value| value == "1") {
        fs::write(&full, page).unwrap();
    }
    let kept = fs::read_to_string(&full).unwrap_or_default();
    let at = kept
        .lines()
        .zip(page.lines())
        .position(|(kept, new)| kept != new);
    assert!(
        kept == page,
        "{path} is not what `stepmux man` prints (from line {}); STEPMUX_BLESS=1 writes it",
        at.unwrap_or(0) + 1
    );
}

#[test]
fn manual_is_sound_roff() {
    sound(&generate::man());
    sound(&generate_ci::man_ci());
    sound(&generate_config::man_config());
    sound(&generate_export::man_export());
    sound(&generate_debug::man_debug());
    sound(&generate_phase::man_phase());
    sound(&generate_share::man_share());
    sound(&generate_relay::man_relay());
    sound(&generate_serve::man_serve());
}

fn sound(page: &str) {
    let known = [".TH", ".SH", ".SS", ".TP", ".PP", ".RS", ".RE", ".br"];
    let mut depth = 0;
    let mut tag = false;
    for (index, line) in page.lines().enumerate() {
        let place = format!("line {}: {line}", index + 1);
        assert!(
            !line.is_empty() && line.is_ascii() && line.trim_end() == line,
            "{place}"
        );
        let macro_name = line.split(' ').next().filter(|word| word.starts_with('.'));
        if let Some(name) = macro_name {
            assert!(known.contains(&name), "{place}");
            assert!(!tag, "a tag is missing, {place}");
            depth += i32::from(name == ".RS") - i32::from(name == ".RE");
            assert!((0..=1).contains(&depth), "{place}");
        }
        tag = line == ".TP";
        assert_eq!(
            line.matches("\\fB").count() + line.matches("\\fI").count(),
            line.matches("\\fR").count(),
            "{place}"
        );
        // Outside of macros every hyphen is written as one.
        if macro_name.is_none() {
            let bare = line.replace("\\-", "").replace(" - ", "");
            assert!(!bare.contains(" -"), "{place}");
        }
    }
    assert_eq!(depth, 0);
}

#[test]
fn manual_has_its_sections_in_order() {
    let page = generate::man();
    let found: Vec<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix(".SH "))
        .collect();
    let wanted = [
        "NAME",
        "SYNOPSIS",
        "DESCRIPTION",
        "OPTIONS",
        "LOGIN SHELL",
        "DEBUG BUILDS",
        "COMMANDS",
        "LEFT OUT",
        "ENVIRONMENT",
        "FILES",
        "EXIT STATUS",
        "SEE ALSO",
    ];
    assert_eq!(found, wanted);
}

#[test]
fn help_names_every_command_in_78_columns() {
    let help = generate::help();
    for row in table().iter().filter(|row| !row.hidden) {
        assert!(help.contains(row.name), "{}", row.name);
    }
    for line in help.lines() {
        assert!(line.len() <= 90, "{line}");
    }
}
