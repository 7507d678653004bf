//! Completion in each shell that has a script: the script is loaded by the shell
//! itself, which is asked what it would put in, beside a server with sessions.

#![allow(clippy::unwrap_used)]

mod common;

use common::{STEPMUX, World, finish};

/// A world with a session `work`, the program on the PATH, and the scripts.
struct Land {
    world: World,
    path: String,
}

impl Land {
    fn new() -> Self {
        let world = World::new();
        world.ok(&["new-session", "-d", "-s", "work", "-n", "first"]);
        let dir = std::path::Path::new(STEPMUX).parent().unwrap();
        let path = std::env::var("PATH").unwrap();
        let path = format!("{}:{path}", dir.display());
        for shell in ["bash", "zsh", "fish"] {
            let script = world.ok(&["completions", shell]);
            world.write(&format!("script.{shell}"), script);
        }
        Self { world, path }
    }

    /// Runs a shell with a text; what it prints.
    #[track_caller]
    fn shell(&self, shell: &str, flags: &[&str], text: &str) -> String {
        let mut command = self.world.command(shell);
        command
            .args(flags)
            .args(["-c", text])
            .env("PATH", &self.path);
        let out = finish(shell, command);
        assert_eq!((out.status, out.stderr.as_str()), (Some(0), ""), "{text}");
        out.stdout
    }
}

/// Lines, and what is among the candidates of each.
const CASES: [(&str, &str); 11] = [
    ("stepmux new-s", "new-session"),
    ("stepmux -L x unsh", "unshare"),
    ("stepmux share --kn", "--knock"),
    ("stepmux neww -", "-t"),
    ("stepmux attach -t wo", "work"),
    ("stepmux set -g status-pos", "status-position"),
    ("stepmux set -g status-position t", "top"),
    ("stepmux completions f", "fish"),
    ("stepmux config ad", "adopt"),
    ("stepmux doctor --j", "--json"),
    ("stepmux debug --prev", "--previous"),
];

#[test]
fn bash_completes() {
    let land = Land::new();
    let complete = |line: &str, kind: u8| {
        let script = land.world.path("script.bash");
        let text = format!(
            "source {}\nCOMP_LINE={line:?} COMP_POINT={} COMP_TYPE={kind}\n\
             _stepmux; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            script.display(),
            line.len()
        );
        land.shell("bash", &["--norc"], &text)
    };
    for (line, wanted) in CASES {
        let found = complete(line, 9);
        assert!(found.lines().any(|own| own == wanted), "{line}: {found}");
    }
    // After a colon bash replaces only what follows it.
    assert_eq!(complete("stepmux neww -t work:", 9).trim(), "0");
    let listed = complete("stepmux kill-s", 63);
    assert!(listed.contains("kill-server  (Ends the server"), "{listed}");
    let files = complete("stepmux -f .inpu", 9);
    assert_eq!(files.trim(), ".inputrc");
    assert_eq!(complete("stepmux kill-server x", 9).trim(), "");
}

#[test]
fn zsh_completes() {
    let land = Land::new();
    for (line, wanted) in CASES {
        let script = land.world.path("script.zsh");
        // The words that compsys would give; what is found is printed instead.
        let text = format!(
            "compdef() {{ }}\nsource {}\n\
             _files() {{ print -r -- files }}\n\
             _describe() {{ local own=$argv[3]; print -rl -- ${{(P)own}} }}\n\
             line={line:?}; words=(\"${{(@s: :)line}}\"); CURRENT=${{#words}}\n_stepmux",
            script.display()
        );
        let found = land.shell("zsh", &["-f"], &text);
        let fits = |own: &str| {
            let about = own
                .strip_prefix(wanted)
                .and_then(|rest| rest.strip_prefix(':'));
            about.is_some_and(|about| !about.is_empty())
        };
        // A target may go on: its colon is escaped.
        let target = format!("{wanted}\\::");
        assert!(
            found
                .lines()
                .any(|own| fits(own) || own.starts_with(&target)),
            "{line}: {found}"
        );
    }
    let script = land.world.path("script.zsh");
    let text = format!(
        "autoload -Uz compinit && compinit -D -u\nsource {}\nprint -r -- $_comps[stepmux]",
        script.display()
    );
    assert_eq!(land.shell("zsh", &["-f"], &text).trim(), "_stepmux");
}

#[test]
fn fish_completes() {
    let land = Land::new();
    let script = land.world.path("script.fish");
    for (line, wanted) in CASES {
        let text = format!("source {}\ncomplete -C {line:?}", script.display());
        let found = land.shell("fish", &["--no-config"], &text);
        let fits = |own: &str| {
            let about = own
                .strip_prefix(wanted)
                .and_then(|rest| rest.strip_prefix('\t'));
            about.is_some_and(|about| !about.is_empty())
        };
        assert!(found.lines().any(fits), "{line}: {found}");
    }
}
