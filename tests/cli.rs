//! The program's front as a user or a system meets it, as far as no session is
//! needed: version, help, refusals, and the login shell that locks nobody out.
//! Each test has a directory of its own, and nothing is waited for but ends.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A place for one test's files and sockets.
struct Room {
    dir: TempDir,
}

impl Room {
    fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stepmux"));
        command
            .args(words)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", self.path())
            .env("STEPMUX_TMPDIR", self.path())
            .current_dir(self.path())
            .stdin(Stdio::null());
        command
    }

    fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }

    /// Runs it as login(1) does.
    fn login(&self, words: &[&str]) -> Command {
        let mut command = self.command(words);
        command.arg0("-stepmux");
        command
    }

    /// Runs it at a terminal of a kind, typing `typed`; gives back what was shown.
    fn at_terminal(&self, words: &str, term: &str, typed: &str) -> String {
        let line = format!("exec {} {words}", env!("CARGO_BIN_EXE_stepmux"));
        let mut script = Command::new("script");
        script
            .args(["-qec", &line, "/dev/null"])
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("SHELL", "/bin/sh")
            .env("TERM", term)
            .env("PS1", "")
            .env("STEPMUX_TMPDIR", self.path())
            .env("STEPMUX_SHELL", "/bin/sh")
            .current_dir(self.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = script.spawn().unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(typed.as_bytes())
            .unwrap();
        let shown = child.wait_with_output().unwrap().stdout;
        String::from_utf8_lossy(&shown).into_owned()
    }

    fn script(&self, name: &str, text: &str) -> String {
        let path = self.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
        path.to_string_lossy().into_owned()
    }
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn near_names_are_told_at_a_terminal_alone() {
    let room = Room::new();
    let shown = room.at_terminal("list-windws", "xterm", "");
    assert_eq!(
        shown,
        "unknown command: list-windws\r\ndid you mean list-windows?\r\n"
    );
    let output = room.run(&["list-windws"]);
    assert_eq!(err(&output), "unknown command: list-windws\n");
}

#[test]
fn version_and_help_are_printed() {
    let room = Room::new();
    for flag in ["-V", "--version", "-2uV"] {
        let output = room.run(&[flag]);
        assert_eq!(
            (out(&output).as_str(), output.status.code()),
            ("stepmux 0.1.0\n", Some(0))
        );
    }
    for flag in ["-h", "--help"] {
        let output = room.run(&[flag]);
        assert!(
            out(&output).contains("  debug        Starts the session"),
            "{}",
            out(&output)
        );
        assert!(!out(&output).contains("debug-session"));
        assert_eq!(output.status.code(), Some(0));
    }
    assert!(!room.path().join("stepmux-0").exists());
}

#[test]
fn refusals_are_tmuxs() {
    let room = Room::new();
    let uid = rustix::process::getuid().as_raw();
    let socket = room.path().join(format!("stepmux-{uid}/x"));
    let nobody = format!(
        "error connecting to {} (No such file or directory)\n",
        socket.display()
    );
    for (words, message) in [
        (&["-L", "x", "foo"][..], "unknown command: foo\n"),
        (
            &["-L", "x", "kill"],
            "ambiguous command: kill, could be: kill-pane, kill-server, kill-session, kill-window\n",
        ),
        (&["-L", "x", "ls"], &nobody),
        (&["-L", "x", "has", "-t", "a"], &nobody),
        (&["-L", "x", "kill-server"], &nobody),
        (&["-NL", "x", "new", "-d"], &nobody),
        (&["-L", "a/b", "ls"], "invalid socket name: a/b\n"),
    ] {
        let output = room.run(words);
        assert_eq!(
            (err(&output).as_str(), output.status.code()),
            (message, Some(1)),
            "{words:?}"
        );
        assert!(!socket.exists());
    }
    for (words, start) in [
        (
            &["-Z"][..],
            "stepmux: unknown option -- Z\nusage: stepmux [-2CDhlNuVv]",
        ),
        (
            &["-S"],
            "stepmux: option requires an argument -- S\nusage: ",
        ),
        (&["-D", "ls"], "usage: stepmux "),
    ] {
        let output = room.run(words);
        assert!(
            err(&output).starts_with(start),
            "{words:?}: {}",
            err(&output)
        );
        assert_eq!(output.status.code(), Some(1));
    }
}

#[test]
fn socket_of_a_pane_is_used_inside_of_it() {
    let room = Room::new();
    let around = room.path().join("around");
    let inside = format!("{},1,$0", around.display());
    let output = room
        .command(&["ls"])
        .env("STEPMUX", inside)
        .output()
        .unwrap();
    assert!(
        err(&output).contains(around.to_str().unwrap()),
        "{}",
        err(&output)
    );
}

#[test]
fn server_is_nobodys_but_a_clients() {
    let room = Room::new();
    for words in [&["--stepmux-server"][..], &["--stepmux-server", "s"]] {
        let output = room.run(words);
        assert_eq!(err(&output), "a server is started by its client only\n");
        assert_eq!(output.status.code(), Some(1));
    }
}

#[test]
fn completions_and_manual_are_printed() {
    let room = Room::new();
    assert!(out(&room.run(&["man"])).starts_with(".TH STEPMUX 1 "));
    for shell in ["bash", "zsh", "fish"] {
        let output = room.run(&["completions", shell]);
        assert!(out(&output).contains("stepmux"), "{shell}");
    }
    let output = room.run(&["completions", "tcsh"]);
    assert_eq!(err(&output), "unknown shell: tcsh (bash, zsh or fish)\n");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn doctor_says_what_is_wrong_and_how_to_mend_it() {
    let room = Room::new();
    let doctor = |term: &str, words: &[&str]| {
        let mut command = room.command(&["doctor"]);
        command.args(words).env("TERM", term).env("LANG", "C.UTF-8");
        command.output().unwrap()
    };
    for (term, wrong) in [("xterm-256color", false), ("dumb", true), ("", true)] {
        let output = doctor(term, &["--json"]);
        let checks: Vec<serde_json::Value> = serde_json::from_str(&out(&output)).unwrap();
        let state = |name: &str| {
            let found = checks.iter().find(|check| check["name"] == name);
            found.unwrap()["state"].as_str().unwrap().to_owned()
        };
        assert_eq!(state("TERM"), if wrong { "fault" } else { "ok" }, "{term}");
        assert_eq!(state("characters"), "ok");
        let faults = checks.iter().filter(|check| check["state"] == "fault");
        let mends = faults.map(|check| check["mend"].as_str().unwrap().len());
        let mends: Vec<usize> = mends.collect();
        assert!(mends.iter().all(|length| *length > 0), "{}", out(&output));
        assert_eq!(output.status.code(), Some(i32::from(!mends.is_empty())));
        let areas: std::collections::BTreeSet<&str> = checks
            .iter()
            .map(|check| check["area"].as_str().unwrap())
            .collect();
        let known = [
            "configuration",
            "locale",
            "login shell",
            "socket",
            "sshd",
            "terminal",
        ];
        assert_eq!(areas.into_iter().collect::<Vec<_>>(), known);
    }
    let text = out(&doctor("dumb", &[]));
    assert!(text.contains("fault  TERM"), "{text}");
    assert!(text.contains("-> export TERM="), "{text}");
    assert_eq!(doctor("dumb", &["--nosuch"]).status.code(), Some(2));
}

#[test]
fn command_goes_to_the_real_shell() {
    let room = Room::new();
    // sshd and su call a login shell both ways; tmux's own -c means the same.
    let line = "printf '%s %s' \"$0\" \"$SHELL\"; exit 7";
    for (mut command, shown) in [
        (room.command(&["-c", line]), "bash /bin/bash"),
        (room.command(&["-lc", line]), "-bash /bin/bash"),
        (room.command(&["-l", "-c", line]), "-bash /bin/bash"),
        (room.login(&["-c", line]), "-bash /bin/bash"),
        (room.login(&["-lc", line]), "-bash /bin/bash"),
        (room.command(&["--login", "-c", line]), "-bash /bin/bash"),
        (room.command(&["-c", line, "name", "x"]), "name /bin/bash"),
    ] {
        let output = command.output().unwrap();
        assert_eq!(
            (out(&output).as_str(), output.status.code()),
            (shown, Some(7))
        );
        assert_eq!(err(&output), "");
    }
}

#[test]
fn login_without_a_terminal_is_the_real_shell() {
    let room = Room::new();
    let mut child = room
        .login(&[])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"echo $0; exit 3\n").unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert_eq!(
        (out(&output).as_str(), output.status.code()),
        ("-bash\n", Some(3))
    );
}

#[test]
fn binary_streams_pass_unchanged() {
    let room = Room::new();
    let mut command = room.command(&["-c", "cat"]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let sent: Vec<u8> = (0..=255).cycle().take(8192).collect();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(&sent).unwrap();
    drop(stdin);
    assert_eq!(child.wait_with_output().unwrap().stdout, sent);
}

#[test]
fn shell_is_chosen_and_never_stepmux() {
    let room = Room::new();
    let own = env!("CARGO_BIN_EXE_stepmux");
    let link = room.path().join("linked");
    std::os::unix::fs::symlink(own, &link).unwrap();
    let link = link.to_string_lossy().into_owned();
    for (chosen, name) in [
        ("/bin/sh", "sh"),
        (own, "bash"),
        (link.as_str(), "bash"),
        ("sh", "bash"),
        ("/nonexistent", "bash"),
        ("", "bash"),
    ] {
        let mut command = room.command(&["-c", "echo ${SHELL##*/}"]);
        let output = command.env("STEPMUX_SHELL", chosen).output().unwrap();
        assert_eq!(out(&output).trim(), name, "{chosen}");
    }
    let config = room.path().join(".config/stepmux");
    fs::create_dir_all(&config).unwrap();
    fs::write(
        config.join("config.toml"),
        "[options]\ndefault-shell = \"/bin/sh\"\n",
    )
    .unwrap();
    assert_eq!(out(&room.run(&["-c", "echo $SHELL"])), "/bin/sh\n");
    fs::write(config.join("config.toml"), "nonsense").unwrap();
    assert_eq!(out(&room.run(&["-c", "echo $SHELL"])), "/bin/bash\n");
}

#[test]
fn script_that_comes_back_is_not_asked_again() {
    let room = Room::new();
    let own = env!("CARGO_BIN_EXE_stepmux");
    for (name, way) in [("exec", "exec "), ("fork", "")] {
        let script = room.script(name, &format!("#!/bin/sh\n{way}{own} \"$@\"\n"));
        let mut command = room.login(&["-c", "echo ${SHELL##*/}"]);
        let output = command.env("STEPMUX_SHELL", script).output().unwrap();
        assert_eq!(
            (out(&output).as_str(), err(&output).as_str()),
            ("bash\n", ""),
            "{name}"
        );
    }
}

#[test]
fn login_falls_back_when_the_directory_is_unsafe() {
    let room = Room::new();
    let uid = rustix::process::getuid().as_raw();
    let dir = room.path().join(format!("stepmux-{uid}"));
    fs::create_dir(&dir).unwrap();
    fs::set_permissions(&dir, PermissionsExt::from_mode(0o777)).unwrap();
    let shown = room.at_terminal("--login", "xterm", "echo in-$((40+2))\nexit\n");
    let warning = format!("directory {} has unsafe permissions", dir.display());
    assert!(shown.contains(&warning), "{shown}");
    assert!(shown.contains("in-42"), "{shown}");
}

#[test]
fn login_falls_back_when_the_terminal_is_dumb() {
    let room = Room::new();
    for term in ["dumb", ""] {
        let shown = room.at_terminal("--login", term, "echo in-$((40+2))\nexit\n");
        assert!(shown.contains("the terminal cannot show one"), "{shown}");
        assert!(shown.contains("in-42"), "{shown}");
    }
}

#[test]
fn debug_refuses_what_it_cannot_start() {
    let room = Room::new();
    let output = room.run(&["debug"]);
    assert!(err(&output).starts_with("no CI file here (looked for stepmux.toml, .travis"));
    assert_eq!(output.status.code(), Some(1));
    let output = room.run(&["debug", "--nosuch"]);
    assert!(err(&output).contains("--nosuch"));
    assert_eq!(output.status.code(), Some(2));
    let output = room.run(&["debug", "--help"]);
    assert!(
        out(&output).contains("--authorized-keys <FILE>") && out(&output).contains("Exit status")
    );
    assert_eq!(output.status.code(), Some(0));

    fs::write(room.path().join(".travis.yml"), "script: [make\n").unwrap();
    let output = room.run(&["debug"]);
    assert!(err(&output).starts_with(".travis.yml:"), "{}", err(&output));
    assert_eq!(output.status.code(), Some(1));

    let several = "script: make\njobs:\n  include:\n    - name: unit\n    - name: lint\n";
    fs::write(room.path().join(".travis.yml"), several).unwrap();
    let output = room.run(&["debug"]);
    let text = err(&output);
    assert!(
        text.contains("choose one\n") && text.contains("  2  lint"),
        "{text}"
    );
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        err(&room.run(&["debug", "--job", "nosuch"])).lines().next(),
        Some("no such job: nosuch")
    );
    assert!(!room.path().join("stepmux-0/default").exists());
}
