//! Configurations as people keep them: ten of them are loaded, checked, adopted
//! and compared with what was adopted; and what is wrong in one is told where
//! tmux tells it. The files are described in `fixtures/config/README.md`.

#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::path::{Path, PathBuf};

use common::{STEPMUX, World, until};

/// The files' names, without `.conf`.
const NAMES: [&str; 10] = [
    "status",
    "vi-copy",
    "plugins",
    "nested",
    "mouse",
    "powerline",
    "old",
    "versions",
    "terminal",
    "hooks",
];

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/config")
}

/// The lines and messages that a file is to be refused for.
fn faults(name: &str) -> Vec<String> {
    let path = fixtures().join(format!("{name}.faults"));
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// A world in which the program is called tmux, as scripts call it.
struct Land {
    world: World,
    _bin: tempfile::TempDir,
    path: String,
}

impl Land {
    fn new() -> Self {
        let bin = tempfile::tempdir().unwrap();
        let link = bin.path().join("tmux");
        std::os::unix::fs::symlink(STEPMUX, &link).unwrap();
        let path = std::env::var("PATH").unwrap();
        Self {
            world: World::of(&link),
            path: format!("{}:{path}", bin.path().display()),
            _bin: bin,
        }
    }

    /// Starts a server with a file, with a session; what it said.
    #[track_caller]
    fn load(&self, file: &Path) -> String {
        let file = file.to_string_lossy().into_owned();
        let mut command = self.world.program(&["-f", &file]);
        command
            .args(["new-session", "-d", "-s", "work", "-x", "80", "-y", "24"])
            .env("PATH", &self.path)
            .env("FIXTURES", fixtures());
        let out = common::finish(&file, command);
        assert_eq!((out.status, out.stderr.as_str()), (Some(0), ""), "{file}");
        self.world.ok(&["show-messages"])
    }

    /// Everything that a configuration sets, as text.
    fn state(&self) -> Vec<String> {
        let lists: [&[&str]; 8] = [
            &["show-options", "-s"],
            &["show-options", "-g"],
            &["show-options", "-gw"],
            &["show-hooks", "-g"],
            &["show-hooks", "-gw"],
            &["list-keys"],
            &["list-keys", "-N"],
            &["show-environment", "-g"],
        ];
        let all = lists.iter().flat_map(|list| {
            let text = self.world.ok(list);
            text.lines().map(str::to_owned).collect::<Vec<_>>()
        });
        all.collect()
    }
}

/// The program under its own name, with the fixtures' variable.
#[track_caller]
fn config(world: &World, args: &[&str]) -> common::Output {
    let mut command = world.command(STEPMUX);
    command.arg("config").args(args).env("FIXTURES", fixtures());
    common::finish(&format!("{args:?}"), command)
}

#[test]
fn every_kind_of_file_loads_with_no_fault_but_the_listed() {
    for name in NAMES {
        let land = Land::new();
        let file = fixtures().join(format!("{name}.conf"));
        let said = land.load(&file);
        // A file that cannot be parsed is refused whole at its first such fault.
        let prefix = format!("{}:", file.display());
        let told: Vec<&str> = said
            .lines()
            .filter_map(|line| line.split_once(&prefix).map(|(_, rest)| rest))
            .collect();
        let listed = faults(name);
        let parse = listed.iter().find(|line| line.contains("unknown flag"));
        let wanted: Vec<&str> = match parse {
            Some(first) => vec![first],
            None => listed.iter().map(String::as_str).collect(),
        };
        assert_eq!(told, wanted, "{name}: {said}");
    }
}

#[test]
fn files_set_what_they_say() {
    for (name, format, wanted) in [
        ("status", "#{status-interval} #{status-justify}", "5 left"),
        ("vi-copy", "#{mode-keys} #{escape-time}", "vi 0"),
        ("nested", "#{prefix} #{prefix2}", "C-a C-q"),
        (
            "powerline",
            "#{@theme_accent} #{status-style}",
            "#e5b4e2 bg=#1e1e28",
        ),
        (
            "versions",
            "#{@newer} #{@popup} #{@colours} #{window-status-current-style} #{@none}",
            "yes yes many bg=blue,fg=white",
        ),
        (
            "terminal",
            "#{default-terminal} #{assume-paste-time} #{repeat-time}",
            "tmux-256color 1 600",
        ),
        ("hooks", "#{E:@made} #{main-pane-width}", "work 60%"),
        (
            "plugins",
            "#{@tpm-seen} #{@pain-loaded} #{base-index}",
            "example/tmux-pain 7 1",
        ),
    ] {
        let land = Land::new();
        land.load(&fixtures().join(format!("{name}.conf")));
        until(&format!("{format} in {name}"), || {
            land.world.ask(format).trim_end() == wanted
        });
    }
}

#[test]
fn check_tells_every_fault_with_its_remedy() {
    let world = World::new();
    for name in NAMES {
        let file = fixtures().join(format!("{name}.conf"));
        let file = file.to_string_lossy();
        let out = config(&world, &["check", &file]);
        let told: Vec<&str> = out
            .stderr
            .lines()
            .filter(|line| !line.contains(": warning: "))
            .filter_map(|line| line.strip_prefix(&*file)?.strip_prefix(':'))
            .collect();
        let told: Vec<String> = told.into_iter().map(str::to_owned).collect();
        assert_eq!(told, faults(name), "{name}: {}", out.stderr);
        let status = i32::from(!told.is_empty());
        assert_eq!(out.status, Some(status), "{name}");
        let remedies = out.stderr.matches("\n  = ").count();
        assert!(remedies >= told.len(), "{name}: {}", out.stderr);
    }
}

#[test]
fn native_file_is_checked_with_places() {
    let world = World::new();
    let file = world.write(
        "home/.config/stepmux/config.toml",
        "[options]\nmouze = true\nmouse = 'x'\n[bindings.prefix]\n'C-t' = 'newww'\n",
    );
    let out = config(&world, &["check"]);
    let name = file.display();
    let places: Vec<&str> = out
        .stderr
        .lines()
        .filter(|line| line.starts_with(&name.to_string()))
        .collect();
    assert_eq!(
        places,
        [
            format!("{name}:2:1: invalid option: mouze"),
            format!("{name}:3:9: bad value: x"),
            format!("{name}:5:9: unknown command: newww"),
        ]
    );
    assert!(out.stderr.contains("did you mean mouse?"), "{}", out.stderr);
    assert_eq!(out.status, Some(1));
    // What commands set is known when they run.
    std::fs::write(
        &file,
        "commands = [\n  'set -g mouse on',\n  'set -g statsu on',\n]\n",
    )
    .unwrap();
    let out = config(&world, &["check"]);
    let fault = format!("{name}:3: invalid option: statsu\n  = did you mean status?\n");
    assert_eq!(out.stderr, fault);
    std::fs::write(&file, "[options]\nmouse = true\n").unwrap();
    let out = config(&world, &["check"]);
    assert_eq!(out.stdout, format!("{name}: no faults\n"));
    assert_eq!(out.status, Some(0));
}

#[test]
fn adopted_file_makes_the_same_server() {
    for name in NAMES {
        let file = fixtures().join(format!("{name}.conf"));
        let old = name == "old";
        let before = Land::new();
        if !old {
            before.load(&file);
        }
        let after = Land::new();
        let out = config(&after.world, &["adopt", &file.to_string_lossy()]);
        assert_eq!((out.status, out.stderr.as_str()), (Some(0), ""), "{name}");
        let own = after.world.home().join(".config/stepmux/config.toml");
        let text = std::fs::read_to_string(&own).unwrap();
        let said = after.load(&own);
        for line in said.lines() {
            assert!(!line.contains(".config/stepmux/"), "{name}: {line}\n{text}");
        }
        if old {
            // What tmux would drop as a whole is taken but for what is listed.
            let prefix = after.world.ask("#{prefix} #{history-limit}");
            assert_eq!(prefix, "C-a 10000");
            for fault in faults(name) {
                let message = fault.split_once(": ").unwrap().1;
                assert!(text.contains(&format!("# NOT TAKEN ({message}")), "{text}");
                assert!(out.stdout.contains(&fault), "{}", out.stdout);
            }
            continue;
        }
        let settled = |land: &Land| {
            let quiet = |line: &String| {
                ![
                    "PATH=", "PWD=", "HOME=", "_=", "SHLVL=", "XDG_", "TMUX", "STEPMUX",
                ]
                .iter()
                .any(|own| line.starts_with(own))
                    && !line.contains(&*land.world.home().to_string_lossy())
            };
            let mut lines = land.state();
            lines.retain(quiet);
            lines
        };
        until(&format!("the same server, {name}"), || {
            settled(&before) == settled(&after)
        });
    }
}

#[test]
fn adopting_replaces_nothing_unless_told() {
    let world = World::new();
    world.write("home/.tmux.conf", "set -g mouse on\n# kept\n");
    let own = world.write("home/.config/stepmux/config.toml", "commands = []\n");
    let out = config(&world, &["adopt"]);
    assert_eq!(out.status, Some(1));
    assert!(out.stderr.contains("is there already"), "{}", out.stderr);
    let out = config(&world, &["adopt", "--force"]);
    assert_eq!(out.status, Some(0), "{}", out.stderr);
    let text = std::fs::read_to_string(&own).unwrap();
    assert!(text.contains("[options]\nmouse = true\n"), "{text}");
    assert!(text.contains("# kept\n"), "{text}");
    let kept = own.with_file_name("config.toml.before");
    assert_eq!(std::fs::read_to_string(kept).unwrap(), "commands = []\n");
    let out = config(&world, &["adopt", "-o", "-", "--copy"]);
    assert!(out.stdout.contains("source-file "), "{}", out.stdout);
    assert!(out.stdout.contains("# set -g mouse on\n"), "{}", out.stdout);
}

#[test]
fn faults_at_start_are_shown_in_the_first_window() {
    let world = World::new();
    let file = world.write(
        "bad.conf",
        "set -g nosuch 1\nset -g @a 1\nset -g mouse maybe\ndisplay -p hello\n",
    );
    let name = file.to_string_lossy().into_owned();
    let mut client = world.terminal(&["-f", &name, "new-session", "-s", "work"], 120, 24);
    client.wait("the faults", |screen| {
        let text = screen.contents();
        text.contains(&format!("{name}:1: invalid option: nosuch"))
            && text.contains(&format!("{name}:3: bad value: maybe"))
            && text.contains(&format!("{name}:4: hello"))
    });
    assert_eq!(world.ask("#{pane_mode} #{@a}"), "view-mode 1");
    client.send(b"q");
    until("the end of view mode", || {
        world.ask("#{pane_in_mode}") == "0"
    });
}

#[test]
fn newcomer_is_told_of_the_keys_by_the_first_server_alone() {
    let world = World::new();
    let told = world.home().join(".local/state/stepmux/hinted");
    let start = || world.on_terminal(&[STEPMUX.into()], 80, 24);
    let first = start();
    first.wait("the hint", |screen| {
        screen.contents().contains("ctrl-b ? keys")
    });
    until("the note", || told.exists());
    world.ok(&["kill-server"]);
    let second = start();
    second.wait("the status line", |screen| {
        screen.contents().contains("[0]")
    });
    assert!(!second.screen().contains("? keys"));
}

#[test]
fn answers_are_kept_for_the_next_server() {
    let world = World::new();
    let file = world.write("own.conf", "set -s history-file ~/answers\n");
    let name = file.to_string_lossy().into_owned();
    let mut client = world.terminal(&["-f", &name, "new-session", "-s", "work"], 80, 24);
    client.wait_text("[work]");
    client.send(b"\x02:");
    client.wait("the prompt", |screen| screen.contents().contains("\n:"));
    client.send(b"rename-window kept\r");
    until("the name", || world.ask("#{window_name}") == "kept");
    world.ok(&["kill-server"]);
    let answers = world.home().join("answers");
    until("the file", || {
        std::fs::read_to_string(&answers).is_ok_and(|text| text == "command:rename-window kept\n")
    });
    until("the end of the server", || {
        world.run(&["-N", "list-sessions"]).status != Some(0)
    });
    let again = ["-f", &name, "new-session", "-d", "-s", "work"];
    assert_eq!(world.run(&again).status, Some(0));
    world.wait("the answer", &["show-prompt-history"], |text| {
        text.contains("1: rename-window kept")
    });
}
