//! Every capability of tmux-256color, as the system describes it (`infocmp -x`),
//! against the pane's terminal: strings are written and their effect looked at,
//! keys are compared with what a pane is sent, flags and numbers are statements
//! about behaviour. A capability that no row speaks of fails the test.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod terminfo {
    //! The description, the stage, and the rows.
    pub(crate) mod describe;
    mod keys;
    mod looks;
    mod moves;
    pub(crate) mod scene;
    mod told;

    use scene::Scene;

    /// A capability's name, and what must be so.
    pub(crate) type Row = (&'static str, fn(&describe::Description));

    /// Every row that is no key.
    pub(crate) fn rows() -> Vec<Row> {
        [looks::ROWS, moves::ROWS, told::ROWS].concat()
    }

    pub(crate) use keys::{key_of, sends};
}

use terminfo::describe::{Description, Value};

/// As many as tmux-256color had at the least in ncurses 6.2 to 6.5.
const LEAST: usize = 220;

#[test]
fn every_capability_of_tmux_256color_does_what_it_says() {
    let info = Description::of("tmux-256color");
    assert!(info.0.len() >= LEAST, "only {} capabilities", info.0.len());
    let rows = terminfo::rows();
    let mut unknown = Vec::new();
    for (name, value) in &info.0 {
        if let Some((_, holds)) = rows.iter().find(|(row, _)| row == name) {
            holds(&info);
        } else if let Some(key) = terminfo::key_of(name) {
            assert_eq!(
                Value::Text(terminfo::sends(&info, &key)),
                *value,
                "{name} is {key}"
            );
        } else {
            unknown.push(name);
        }
    }
    assert!(unknown.is_empty(), "no row for {unknown:?}");
}

#[test]
fn rows_speak_of_each_capability_once() {
    let rows = terminfo::rows();
    let mut names: Vec<&str> = rows.iter().map(|(name, _)| *name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
    assert!(names.iter().all(|name| terminfo::key_of(name).is_none()));
}
