//! What a step costs under our functions, beside the same step in plain bash: a
//! build of steps that do nothing, for each way in which steps are kept apart. A
//! bash without a terminal, no server: `cargo bench --bench phases`.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench has nobody to report to but the terminal"
)]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use stepmux::ci::{Build, functions};

/// A system, how it keeps steps apart, a step's shell, and the same loop in plain
/// bash; `N` stands for the number of steps, `FILE` for a script that does nothing.
const CASES: [(&str, &str, &str, &str); 4] = [
    (
        "travis",
        "same-shell",
        "[]",
        "for ((i = 0; i < N; i++)); do eval true; done",
    ),
    (
        "gitlab",
        "one-shell",
        "[]",
        "bash -c 'for ((i = 0; i < N; i++)); do eval true; done'",
    ),
    (
        "circleci",
        "per-step",
        r#"["bash", "-eo", "pipefail", "-c"]"#,
        "for ((i = 0; i < N; i++)); do bash -eo pipefail -c true; done",
    ),
    (
        "github",
        "per-step",
        r#"["bash", "-e", "{0}"]"#,
        "for ((i = 0; i < N; i++)); do bash -e FILE; done",
    ),
];

fn main() {
    let measured = std::env::args().any(|arg| arg == "--bench");
    let (steps, rounds) = if measured { (200, 9) } else { (2, 1) };
    println!(
        "{:<10} {:<12} {:>12} {:>12} {:>12}",
        "system", "steps in", "plain ms", "ours ms", "more ms"
    );
    for (system, isolation, shell, plain) in CASES {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("nothing"), "true\n").unwrap();
        let rc = rc(system, isolation, shell, steps, dir.path());
        let plain = plain
            .replace('N', &steps.to_string())
            .replace("FILE", "nothing");
        let (mut theirs, mut ours) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            let empty = bash(dir.path(), &rc, "");
            theirs.push(bash(dir.path(), &rc, &plain).saturating_sub(empty));
            ours.push(bash(dir.path(), &rc, "travis_run_build").saturating_sub(empty));
        }
        let each = |times: &mut Vec<Duration>| {
            times.sort();
            times[times.len() / 2].as_secs_f64() * 1e3 / f64::from(steps)
        };
        let (theirs, ours) = (each(&mut theirs), each(&mut ours));
        println!(
            "{system:<10} {isolation:<12} {theirs:>12.3} {ours:>12.3} {:>12.3}",
            ours - theirs
        );
    }
}

/// The rc file of a build of so many steps.
fn rc(system: &str, isolation: &str, shell: &str, steps: u32, dir: &Path) -> String {
    let step =
        format!(r#"{{"command": "true", "shell": {shell}, "on_failure": "record-continue"}}"#);
    let list = vec![step; usize::try_from(steps).unwrap()].join(",");
    let job = format!(
        r#"{{"system": "{system}", "jobs": [{{"name": "", "env": [], "phases": [{{"name": "script", "kind": "main",
            "isolation": "{isolation}", "origin": "config", "steps": [{list}]}}]}}]}}"#
    );
    let build: Build = serde_json::from_str(&job).unwrap();
    let shared = dir.join("shared");
    std::fs::create_dir(&shared).unwrap();
    let setting = functions::Setting {
        build_dir: dir.to_string_lossy().into_owned(),
        dir: shared.to_string_lossy().into_owned(),
    };
    let phases = functions::phases(build.system, &build.jobs[0], &setting);
    std::fs::write(dir.join("phases.bash"), phases).unwrap();
    let rc = "PS1=\nSTEPMUX_MARK=nonce\n. ./phases.bash\n";
    std::fs::write(dir.join("rc"), rc).unwrap();
    "rc".to_owned()
}

/// How long an interactive bash lives that is told this line.
fn bash(dir: &Path, rc: &str, line: &str) -> Duration {
    let start = Instant::now();
    let mut child = Command::new("bash")
        .args(["--noprofile", "--rcfile", rc, "-i"])
        .current_dir(dir)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    writeln!(stdin, "{line}").unwrap();
    drop(stdin);
    child.wait().unwrap();
    start.elapsed()
}
