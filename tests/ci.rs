//! `stepmux ci` from its command line to its exit status: which file is taken,
//! what is printed of it, and a batch that no file can end. What the loaders make
//! of a file's text is tested beside them.

#![allow(clippy::unwrap_used, missing_docs)]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A checkout with these files.
fn checkout(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

fn command(dir: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stepmux"));
    command
        .arg("ci")
        .args(words)
        .env_clear()
        .env("STEPMUX_TMPDIR", dir)
        .current_dir(dir)
        .stdin(Stdio::null());
    command
}

fn run(dir: &TempDir, words: &[&str]) -> (i32, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = command(dir.path(), words).output().unwrap();
    (
        status.code().unwrap(),
        String::from_utf8(stdout).unwrap(),
        String::from_utf8(stderr).unwrap(),
    )
}

const TRAVIS: &str = "language: minimal\nenv: [A=1, A=2]\nscript:\n  - make\n  - make check\n";

#[test]
fn list_and_show_take_the_file_that_is_here() {
    let dir = checkout(&[(".travis.yml", TRAVIS), ("stepmux-not.toml", "")]);
    let (status, out, err) = run(&dir, &["list"]);
    assert_eq!((status, err.as_str()), (0, ""));
    assert_eq!(out.lines().count(), 2);
    assert!(out.contains("A=2"), "{out}");
    let (_, out, _) = run(&dir, &["show", "--job", "2"]);
    assert!(out.starts_with("job 2") && !out.contains("job 1"), "{out}");
    assert!(
        out.contains("\nscript  (goes on after a failure)\n  1  make\n  2  make check\n"),
        "{out}"
    );
    assert!(!out.contains('\x1b'), "{out}");
    let (_, out, _) = run(&dir, &["show", "--json", "--job", "1"]);
    let json: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(json["system"], "travis");
    assert_eq!(json["jobs"].as_array().unwrap().len(), 1);
    assert_eq!(json["jobs"][0]["env"][0], "A=1");
    assert_eq!(
        json["jobs"][0]["phases"][0]["steps"][1]["command"],
        "make check"
    );
}

#[test]
fn choice_is_asked_for_when_it_is_not_clear() {
    let dir = checkout(&[
        (".travis.yml", TRAVIS),
        (".github/workflows/a.yml", "on: push\njobs: {}\n"),
        (".github/workflows/b.yml", "on: push\njobs: {}\n"),
    ]);
    let (status, _, err) = run(&dir, &["list"]);
    assert_eq!(status, 0);
    assert!(err.starts_with(".travis.yml is taken; there is also .github/workflows/a.yml, "));
    let (status, out, err) = run(&dir, &["list", "--system", "github"]);
    assert_eq!((status, out.as_str()), (1, ""));
    assert!(
        err.contains("name one as FILE:\n  .github/workflows/a.yml\n"),
        "{err}"
    );
    let empty = checkout(&[]);
    let (status, _, err) = run(&empty, &["show"]);
    assert_eq!(status, 1);
    assert!(err.contains(".gitlab-ci.yml, .harness/"), "{err}");
    let (status, _, err) = run(&dir, &["show", "--job", "9", ".travis.yml"]);
    assert_eq!(status, 1);
    assert!(err.starts_with("no such job: 9\n"), "{err}");
    assert_eq!(run(&dir, &["show", "--nosuch"]).0, 2);
    let odd = checkout(&[("x.yml", "a: b\n")]);
    let (status, _, err) = run(&odd, &["list", "x.yml"]);
    assert_eq!(status, 1);
    assert!(err.contains("--system NAME"), "{err}");
    assert_eq!(run(&odd, &["list", "x.yml", "--system", "travis"]).0, 0);
}

#[test]
fn check_prints_places_and_fails_on_errors() {
    let dir = checkout(&[
        (".travis.yml", TRAVIS),
        ("bad.travis.yml", "script: [make\n"),
        ("latin.travis.yml", "script: make\n"),
    ]);
    fs::write(
        dir.path().join("latin.travis.yml"),
        b"# \xe9\nscript: make\n",
    )
    .unwrap();
    assert_eq!(run(&dir, &["check"]), (0, String::new(), String::new()));
    let (status, out, _) = run(
        &dir,
        &["check", "latin.travis.yml", "bad.travis.yml", "nosuch"],
    );
    assert_eq!(status, 1);
    let lines: Vec<&str> = out.lines().collect();
    assert!(
        lines[0].starts_with("latin.travis.yml:1:3: not UTF-8"),
        "{out}"
    );
    assert!(lines[1].starts_with("bad.travis.yml:"), "{out}");
    assert!(lines[2].starts_with("nosuch: "), "{out}");
    assert_eq!(lines.len(), 3);
}

#[test]
fn directory_of_scripts_is_shown() {
    let dir = checkout(&[
        ("ci/02-test.sh", "#!/bin/sh -e\n"),
        ("ci/01-build.bash", ""),
    ]);
    let (status, out, err) = run(&dir, &["show", "--phases-dir", "ci"]);
    assert_eq!((status, err.as_str()), (0, ""));
    let build = out.find("\nbuild\n").unwrap();
    assert!(build < out.find("\ntest\n").unwrap(), "{out}");
    assert!(out.contains("(/bin/sh -e)"), "{out}");
}

#[test]
fn batch_keeps_the_order_whatever_the_files_are() {
    let dir = checkout(&[
        ("a.travis.yml", TRAVIS),
        ("b.travis.yml", "script: [make\n"),
        ("c d.travis.yml", "script: make\n"),
        ("e.txt", "\0\u{1b}"),
    ]);
    let deep = format!("script: {}1\n", "[".repeat(10_000));
    fs::write(dir.path().join("deep.travis.yml"), deep).unwrap();
    let names = [
        "a.travis.yml",
        "b.travis.yml",
        "c d.travis.yml",
        "e.txt",
        "nosuch",
        ".",
        "deep.travis.yml",
    ];
    let mut child = command(dir.path(), &["show", "--json", "--batch"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    // A line is out before the next name is known.
    stdin.write_all(b"a.travis.yml\n").unwrap();
    stdout.read_line(&mut line).unwrap();
    let first: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(first["file"], "a.travis.yml");
    assert_eq!(first["jobs"].as_array().unwrap().len(), 2);
    let many: Vec<&str> = names.iter().copied().cycle().take(700).collect();
    let writer = {
        let text = many.join("\n");
        std::thread::spawn(move || stdin.write_all(text.as_bytes()).unwrap())
    };
    let lines: Vec<Value> = stdout
        .lines()
        .map(|line| serde_json::from_str(&line.unwrap()).unwrap())
        .collect();
    writer.join().unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(lines.len(), many.len());
    for (line, name) in lines.iter().zip(&many) {
        assert_eq!(line["file"], *name);
        let good = matches!(*name, "a.travis.yml" | "c d.travis.yml");
        assert_eq!(line.get("jobs").is_some(), good, "{line}");
        assert_eq!(line.get("error").is_some(), !good, "{line}");
    }
}
