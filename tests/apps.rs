//! Full-screen programs in a pane: each is driven by the same keys here and in
//! the machine's tmux, at one size, and must look the same. The programs are
//! not tested, nor is what clients draw of it. Nothing is skipped: what is
//! missing is what `.ci/run` would have installed.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod common;

use std::process::Command;
use std::time::Instant;

use common::{PATIENCE, Picture, World};

const COLS: u16 = 90;
const ROWS: u16 = 26;

/// Two worlds alike: ours, and tmux's.
struct Pair([World; 2]);

impl Pair {
    /// Two worlds for a program, with equal files in their homes.
    #[track_caller]
    fn new(program: &str, files: &[(&str, &str)]) -> Self {
        for needed in ["tmux", program] {
            let found = Command::new("which").arg(needed).output().unwrap();
            assert!(
                found.status.success(),
                "{needed} is not installed (see .ci/run)"
            );
        }
        let pair = Self([World::new(), World::of("tmux")]);
        for world in &pair.0 {
            for (name, text) in files {
                world.write(&format!("home/{name}"), text);
            }
            let (cols, rows) = (COLS.to_string(), ROWS.to_string());
            world.ok(&["new-session", "-d", "-s", "work", "-x", &cols, "-y", &rows]);
            world.ok(&["set-option", "-g", "default-terminal", "screen-256color"]);
            world.ok(&["set-option", "-g", "status", "off"]);
            // A shell that has the terminal just set, and the same prompt.
            let shell = "cd; PS1='$ ' exec bash --norc --noediting";
            let pane = world.ok(&[
                "new-window",
                "-k",
                "-P",
                "-F",
                "#{pane_id}",
                "-t",
                "work:0",
                shell,
            ]);
            assert!(pane.starts_with('%'), "{pane}");
        }
        pair.wait("prompt", "$", |text| text.starts_with('$'));
        pair
    }

    /// What both show, and their cursors.
    fn looks(&self) -> [(String, String); 2] {
        [&self.0[0], &self.0[1]].map(|world| {
            let text = world.ok(&["capture-pane", "-p"]);
            let text = text.replace(&*world.path("").to_string_lossy(), "/DIRECTORY/");
            let cursor = "#{cursor_x},#{cursor_y} #{alternate_on} #{cursor_flag} \
                          #{keypad_cursor_flag}#{keypad_flag} #{mouse_any_flag}";
            (text, world.ask(cursor))
        })
    }

    /// Waits until both show something, and the same.
    #[track_caller]
    fn wait(&self, step: &str, what: &str, wanted: impl Fn(&str) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let [ours, theirs] = self.looks();
            if ours == theirs && wanted(&ours.0) {
                return;
            }
            assert!(
                Instant::now() < deadline,
                "after {step}: no {what:?}, or not in both\nours {}:\n{}\ntmux {}:\n{}",
                ours.1,
                bars(&ours.0),
                theirs.1,
                bars(&theirs.0)
            );
        }
    }

    /// Sends both the same keys.
    fn send(&self, keys: &[&str]) {
        for world in &self.0 {
            world.ok(&[&["send-keys", "-t", "work", "--"], keys].concat());
        }
    }

    /// Sends both the same keys, then waits until both show a text.
    #[track_caller]
    fn step(&self, keys: &[&str], text: &str) {
        self.send(keys);
        self.wait(&format!("{keys:?}"), text, |screen| screen.contains(text));
    }

    /// Sends both the same keys, then waits until a text is gone.
    #[track_caller]
    fn gone(&self, keys: &[&str], text: &str) {
        self.send(keys);
        self.wait(&format!("{keys:?}"), &format!("end of {text}"), |screen| {
            !screen.contains(text)
        });
    }

    /// What both look like cell by cell, colours and all, which must be the same.
    #[track_caller]
    fn same_cells(&self) {
        let of =
            |world: &World| Picture::of_capture(&world.ok(&["capture-pane", "-pe"]), COLS, ROWS);
        let (ours, theirs) = (of(&self.0[0]), of(&self.0[1]));
        assert!(
            ours == theirs,
            "cells differ:\n{}",
            ours.differences(&theirs)
        );
    }
}

fn bars(text: &str) -> String {
    let width = usize::from(COLS);
    text.lines()
        .map(|line| format!("|{line:<width$}|\n"))
        .collect()
}

/// Numbered lines with a little of everything.
fn lines(count: usize) -> String {
    (1..=count)
        .map(|n| {
            format!(
                "line {n:03} of the text\t{}\u{3bb} \u{6f22}\u{5b57} e\u{301}nd\n",
                "ab ".repeat(n % 9)
            )
        })
        .collect()
}

#[test]
fn vim_looks_as_in_tmux() {
    let rc = "set nocompatible nomodeline noswapfile nobackup viminfo= ruler showcmd showmode\n\
              set laststatus=2 encoding=utf-8 background=dark t_RV= t_u7= hlsearch\nsyntax on\n";
    let source = "/* a comment */\n#include <stdio.h>\nint main(void)\n{\n\treturn printf(\"%d\\n\", 42);\n}\n";
    let pair = Pair::new(
        "vim",
        &[(".vimrc", rc), ("text", &lines(200)), ("main.c", source)],
    );
    pair.step(&["vim text", "Enter"], "line 001");
    pair.step(&["C-f"], "line 030");
    pair.step(&["G"], "line 200");
    pair.step(&["gg", "5j"], "6,1");
    pair.step(&["O", "added above"], "-- INSERT --");
    pair.gone(&["Escape"], "-- INSERT --");
    pair.step(&["dd", ":%s/line/LINE/", "Enter"], "LINE 200");
    pair.step(&["/LINE 100", "Enter"], "100,1");
    pair.same_cells();
    pair.step(&[":vsplit main.c", "Enter"], "return printf");
    pair.step(&[":split", "Enter", "4j"], "5,");
    pair.same_cells();
    pair.step(&["v", "j"], "-- VISUAL --");
    pair.same_cells();
    pair.gone(&["Escape", ":qa!", "Enter"], "printf");
}

#[test]
fn less_looks_as_in_tmux() {
    let pair = Pair::new("less", &[("text", &lines(300))]);
    pair.step(&["less text", "Enter"], "line 001");
    pair.step(&["Space"], "line 030");
    pair.step(&["100g"], "line 100");
    pair.step(&["k", "k", "k"], "line 097");
    pair.gone(&["j"], "line 097");
    pair.step(&["G"], "(END)");
    pair.step(&["?line 0.5", "Enter"], "line 095");
    pair.same_cells();
    pair.step(&["-S", "g"], "line 001");
    pair.step(&["h"], "SUMMARY");
    pair.gone(&["q"], "SUMMARY");
    pair.gone(&["q"], "line 0");
}

#[test]
fn nano_looks_as_in_tmux() {
    let pair = Pair::new(
        "nano",
        &[("text", &lines(80)), (".nanorc", "set speller \"\"\n")],
    );
    pair.step(&["nano text", "Enter"], "line 001");
    pair.step(&["NPage"], "line 030");
    pair.step(&["C-k"], "text *");
    pair.step(&["C-w"], "Search");
    pair.step(&["line 060", "Enter"], "line 060");
    pair.step(&["typed here "], "typed here line 060");
    pair.same_cells();
    pair.step(&["C-x"], "Save modified buffer");
    pair.gone(&["n"], "Save modified");
    pair.wait("n", "$", |text| !text.contains("line 0"));
}

#[test]
fn mc_looks_as_in_tmux() {
    let pair = Pair::new(
        "mc",
        &[
            ("files/one", "first\n"),
            ("files/two", &lines(40)),
            ("files/dir/three", ""),
        ],
    );
    for world in &pair.0 {
        let touched = world
            .command("sh")
            .args([
                "-c",
                "find \"$HOME/files\" -exec touch -d '2024-01-02 03:04:05' {} +",
            ])
            .status();
        assert!(touched.unwrap().success());
    }
    let start = "export MC_HOME=; cd files; mc -u --nosubshell . . 2>/dev/null";
    pair.send(&[start, "Enter"]);
    // The free space of the disk may change between two looks.
    pair.wait_masked("mc", "10Quit");
    pair.send(&["End"]);
    pair.wait_masked("End", "two");
    pair.send(&["F3"]);
    pair.wait_masked("F3", "line 001");
    pair.send(&["NPage"]);
    pair.wait_masked("NPage", "line 030");
    pair.send(&["F10"]);
    pair.wait_masked("F10", "5Copy");
    pair.send(&["F9"]);
    pair.wait_masked("F9", "Command");
    pair.send(&["Down"]);
    pair.wait_masked("Down", "File listing");
    pair.send(&["Escape", "Escape"]);
    pair.send(&["F10"]);
    pair.wait_masked("F10", "$");
}

impl Pair {
    /// As [`Pair::step`] without keys, where sizes of the disk count as one.
    #[track_caller]
    fn wait_masked(&self, step: &str, wanted: &str) {
        let sizes =
            regex::Regex::new(r"[─ ]*[0-9.]+[KMGT]? / [0-9.]+[KMGT]? \([0-9]+%\)[─ ]*").unwrap();
        let deadline = Instant::now() + PATIENCE;
        loop {
            let [ours, theirs] = self
                .looks()
                .map(|(text, _)| sizes.replace_all(&text, "SIZES").into_owned());
            if ours == theirs && ours.contains(wanted) {
                return;
            }
            assert!(
                Instant::now() < deadline,
                "after {step}: no {wanted:?}, or not in both\nours:\n{}\ntmux:\n{}",
                bars(&ours),
                bars(&theirs)
            );
        }
    }
}

#[test]
fn htop_shows_its_meters_and_keys_as_in_tmux() {
    let pair = Pair::new("htop", &[]);
    for world in &pair.0 {
        world.ok(&["send-keys", "-t", "work", "htop", "Enter"]);
        let keys = [
            "F1Help", "F2Setup", "F3Search", "F6SortBy", "F9Kill", "F10Quit",
        ];
        let screen = world.wait("htop", &["capture-pane", "-p"], |text| {
            [
                "Tasks:",
                "Load average:",
                "Uptime:",
                "Mem[",
                "PID",
                "Command",
            ]
            .iter()
            .chain(&keys)
            .all(|part| text.contains(part))
        });
        assert_eq!(screen.lines().count(), usize::from(ROWS));
        let last = screen.lines().last().unwrap();
        assert!(keys.iter().all(|key| last.contains(key)), "{screen}");
        assert_eq!(world.ask("#{alternate_on}"), "1");
        world.ok(&["send-keys", "-t", "work", "F1"]);
        world.wait("help", &["capture-pane", "-p"], |text| {
            text.contains("CPU usage bar:")
        });
        world.ok(&["send-keys", "-t", "work", "q"]);
        world.wait("meters", &["capture-pane", "-p"], |text| {
            text.contains("Load average:")
        });
        world.ok(&["send-keys", "-t", "work", "q"]);
    }
    pair.wait("q", "$", |text| !text.contains("F10Quit"));
}

#[test]
fn git_log_in_less_has_the_colours_of_tmux() {
    let config =
        "[user]\nname = A\nemail = a@b.c\n[color]\nui = always\n[init]\ndefaultBranch = main\n";
    let script = "git init -q && for n in 1 2 3 4 5 6 7 8 9; do \
                  echo \"$n\" >>f && git add f && git commit -qm \"commit $n: naïve\" || exit; done; \
                  git branch other HEAD~3; git tag v1 HEAD~2";
    let pair = Pair::new("git", &[(".gitconfig", config)]);
    for world in &pair.0 {
        let date = "2024-01-02T03:04:05Z";
        let made = world
            .command("sh")
            .args(["-c", script])
            .env("GIT_AUTHOR_DATE", date)
            .env("GIT_COMMITTER_DATE", date)
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
    }
    pair.step(
        &["git log --graph --decorate --stat | less -R", "Enter"],
        "commit 9",
    );
    pair.same_cells();
    pair.step(&["Space"], "commit 5");
    pair.same_cells();
    pair.step(&["/naïve", "Enter", "G"], "(END)");
    pair.same_cells();
    pair.gone(&["q"], "(END)");
    pair.step(&["git --no-pager log -p -2 --oneline", "Enter"], "+9");
    pair.same_cells();
}
