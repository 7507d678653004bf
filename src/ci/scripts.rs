//! A directory of plain scripts as a [`Build`]: one phase a script, in the order of
//! their names, each by its own interpreter. It is told the names and the first
//! lines; it reads and runs nothing.

use super::functions::quote;
use super::model::{Build, Job, Phase, Step, System};
use super::names::Unique;

/// A file that is a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// Its name in the directory.
    pub file: String,
    /// Its first line, where an interpreter may be named.
    pub first: String,
}

/// Whether a file is a phase: one that can be executed, or is a shell's by name.
/// Hidden files, and what an editor left behind, are none.
#[must_use]
pub fn is_script(file: &str, executable: bool) -> bool {
    let shell = file.ends_with(".sh") || file.ends_with(".bash");
    !file.starts_with('.') && !file.ends_with('~') && (executable || shell)
}

/// The build of a directory's scripts. Numbers before a name order by their value
/// and are left out of the phase's name.
///
/// # Errors
/// When there is no script; the reason in a few words.
pub fn build(dir: &str, mut scripts: Vec<Script>) -> Result<Build, String> {
    if scripts.is_empty() {
        return Err("no script here (executable, *.sh or *.bash)".to_owned());
    }
    scripts.sort_by(|a, b| order(&a.file).cmp(&order(&b.file)));
    let mut unique = Unique::default();
    let phases = scripts
        .iter()
        .map(|script| phase(&unique.give(&name(&script.file)), dir, script))
        .collect();
    let job = Job {
        name: "scripts".to_owned(),
        phases,
        ..Job::default()
    };
    Ok(Build {
        system: System::Scripts,
        jobs: vec![job],
        warnings: Vec::new(),
    })
}

/// What a name is sorted by: its leading number, then itself. A script without a
/// number comes after those with one.
fn order(file: &str) -> (u64, &str) {
    let digits = file.bytes().take_while(u8::is_ascii_digit).count();
    (file[..digits].parse().unwrap_or(u64::MAX), file)
}

/// A file's phase: no leading number, no ending.
fn name(file: &str) -> String {
    let stem = match file.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => file,
    };
    let bare = stem
        .trim_start_matches(|ch: char| ch.is_ascii_digit())
        .trim_start_matches(['-', '_', '.', ' ']);
    if bare.is_empty() { stem } else { bare }.to_owned()
}

fn phase(name: &str, dir: &str, script: &Script) -> Phase {
    let dir = dir.trim_end_matches('/');
    let path = match dir {
        "" => format!("/{}", script.file),
        "." => format!("./{}", script.file),
        _ if dir.starts_with('-') => format!("./{dir}/{}", script.file),
        _ => format!("{dir}/{}", script.file),
    };
    let step = Step {
        name: Some(script.file.clone()),
        command: path,
        shell: interpreter(script),
        ..Step::default()
    };
    Phase::stepwise(name, vec![step])
}

/// The words before the script's path: as execve(2) reads `#!`, with at most one
/// argument. Without a line of it a `.bash` is bash's and a `.sh` is sh's; a
/// program of another kind is run by itself, for which env(1) stands.
fn interpreter(script: &Script) -> Vec<String> {
    let named = script.first.strip_prefix("#!").map(str::trim);
    if let Some(named) = named.filter(|named| !named.is_empty()) {
        let (program, argument) = named
            .split_once([' ', '\t'])
            .map_or((named, None), |(program, rest)| {
                (program, Some(rest.trim()))
            });
        return std::iter::once(program)
            .chain(argument)
            .map(str::to_owned)
            .collect();
    }
    let program = if script.file.ends_with(".bash") {
        "bash"
    } else if script.file.ends_with(".sh") {
        "sh"
    } else {
        "env"
    };
    vec![program.to_owned()]
}

/// The line by which a person would start a script's step.
#[must_use]
pub fn line(step: &Step) -> String {
    let words = step.shell.iter().chain(std::iter::once(&step.command));
    let words: Vec<String> = words.map(|word| quote(word)).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn script(file: &str, first: &str) -> Script {
        Script {
            file: file.to_owned(),
            first: first.to_owned(),
        }
    }

    #[test]
    fn phases_come_in_the_order_of_their_numbers() {
        let files = ["10-b.sh", "9_a.sh", "z", "100.sh", "m.bash", "20-b.py"];
        let scripts = files.map(|file| script(file, "")).to_vec();
        let build = build("ci", scripts).unwrap();
        let names: Vec<&str> = build.jobs[0]
            .phases
            .iter()
            .map(|phase| phase.name.as_str())
            .collect();
        assert_eq!(names, ["a", "b", "b_2", "100", "m", "z"]);
        assert!(super::build("ci", Vec::new()).is_err());
    }

    #[test]
    fn script_runs_by_its_own_interpreter() {
        for (file, first, line) in [
            ("a.sh", "#!/bin/bash -eu", "/bin/bash -eu ci/a.sh"),
            (
                "a",
                "#! /usr/bin/env -S python3 -u",
                "/usr/bin/env '-S python3 -u' ci/a",
            ),
            ("a.sh", "echo", "sh ci/a.sh"),
            ("a.bash", "#!", "bash ci/a.bash"),
            ("prog", "\u{7f}ELF", "env ci/prog"),
        ] {
            let build = build("ci/", vec![script(file, first)]).unwrap();
            let step = &build.jobs[0].phases[0].steps[0];
            assert_eq!(super::line(step), line);
        }
    }

    #[test]
    fn hidden_and_plain_files_are_no_scripts() {
        for (file, executable, expected) in [
            ("a.sh", false, true),
            ("a", true, true),
            ("a", false, false),
            (".a.sh", true, false),
            ("a.sh~", true, false),
        ] {
            assert_eq!(is_script(file, executable), expected, "{file}");
        }
    }

    #[test]
    fn command_is_never_taken_for_a_flag() {
        for (dir, path) in [(".", "./-x"), ("-d", "./-d/-x"), ("/", "/-x")] {
            let build = build(dir, vec![script("-x", "")]).unwrap();
            assert_eq!(build.jobs[0].phases[0].steps[0].command, path);
        }
    }
}
