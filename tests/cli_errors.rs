//! What is refused on the command line and in files: one clear error, a status
//! that says so, and nothing half-made. Where tmux refuses the same, both are
//! run and must agree to the byte. What is accepted is tested elsewhere.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod common;

use std::net::TcpListener;
use std::process::Command;

use common::{Output, World};

/// Two sessions' worth of state that a refusal must leave alone.
const STATE: &[&str] = &[
    "list-panes",
    "-a",
    "-F",
    "#{session_id} #{session_name} #{window_id} #{window_index} #{window_name} #{pane_id} \
     #{window_layout} #{window_active}#{pane_active} #{pane_dead}",
    ";",
    "show-options",
    "-g",
    ";",
    "show-options",
    "-gw",
    ";",
    "show-environment",
    "-g",
    ";",
    "list-keys",
    ";",
    "list-buffers",
];

fn state(world: &World) -> String {
    world.ok(STATE)
}

/// What a command line changed, line by line.
fn changes(world: &World, before: &str) -> Vec<String> {
    let now = state(world);
    let lost = before
        .lines()
        .filter(|line| !now.lines().any(|l| l == *line));
    let new = now
        .lines()
        .filter(|line| !before.lines().any(|l| l == *line));
    lost.map(|line| format!("-{line}"))
        .chain(new.map(|line| format!("+{line}")))
        .collect()
}

/// Output with what differs between two worlds named alike.
fn plain(world: &World, out: Output) -> Output {
    let dir = world.path("").to_string_lossy().into_owned();
    let alike = |text: String| {
        let text = text.replace(dir.trim_end_matches('/'), "DIR");
        text.replace("/stepmux-", "/MUX-")
            .replace("/tmux-", "/MUX-")
    };
    Output {
        status: out.status,
        stdout: alike(out.stdout),
        stderr: alike(out.stderr),
    }
}

/// A world whose program is the machine's tmux.
fn tmux() -> World {
    let version = Command::new("tmux").arg("-V").output();
    version.expect("tmux is installed (see .ci/run)");
    World::of("tmux")
}

/// Refused by both programs, in the same words.
#[rustfmt::skip]
const SAME: &[&[&str]] = &[
    // Commands.
    &["nosuch"],
    &["kill"],
    &["new-sessionx"],
    &["new-window", "-d", ";", "nosuch"],
    &["new-window", "-d", ";", "kill"],
    &["set-option", "-g", "@x", "y", ";", "nosuch"],
    &["if-shell", "true", "nosuch"],
    &["if-shell", "-F", "1", "nosuch"],
    &["bind-key", "x", "nosuch"],
    &["set-hook", "-g", "after-new-window", "nosuch"],
    // Flags and arguments.
    &["new-window", "-Q"],
    &["list-sessions", "-Z"],
    &["list-keys", "-T", "prefix", "-Q"],
    &["rename-session"],
    &["rename-session", "a", "b"],
    &["rename-window"],
    &["list-windows", "extra"],
    &["list-buffers", "x"],
    &["kill-server", "extra"],
    &["display-message", "a", "b"],
    &["wait-for"],
    &["confirm-before"],
    &["source-file"],
    // Targets.
    &["has-session", "-t", "nosuch"],
    &["kill-session", "-t", "nosuch"],
    &["kill-session", "-t", "=nosuch"],
    &["attach-session", "-t", "nosuch"],
    &["rename-session", "-t", "nosuch", "x"],
    &["new-window", "-t", "nosuch:"],
    &["new-window", "-t", "work:0"],
    &["kill-window", "-t", "work:9"],
    &["kill-window", "-t", "nosuch:1"],
    &["kill-window", "-t", ":nosuch"],
    &["kill-window", "-t", "@99"],
    &["select-window", "-t", "work:9"],
    &["swap-window", "-t", "work:7"],
    &["move-window", "-t", "work:0"],
    &["rotate-window", "-t", "nosuch"],
    &["kill-pane", "-t", "%99"],
    &["kill-pane", "-t", "work:0.7"],
    &["select-pane", "-t", "5"],
    &["split-window", "-t", "nosuch"],
    &["resize-pane", "-Z", "-t", "nosuch"],
    &["swap-pane", "-t", "%77"],
    &["join-pane", "-s", "%88"],
    &["break-pane", "-t", "work:0"],
    &["send-keys", "-t", "nosuch", "x"],
    &["capture-pane", "-t", "nosuch"],
    &["paste-buffer", "-t", "nosuch"],
    &["pipe-pane", "-t", "nosuch"],
    &["copy-mode", "-t", "nosuch"],
    &["clear-history", "-t", "nosuch"],
    &["list-windows", "-t", "nosuch"],
    &["list-panes", "-t", "nosuch"],
    &["list-clients", "-t", "nosuch"],
    &["detach-client", "-t", "/dev/nosuch"],
    &["show-options", "-t", "nosuch"],
    &["show-environment", "-t", "nosuch"],
    &["last-window"],
    &["next-window"],
    &["last-pane"],
    // Sizes, names and numbers.
    &["new-session", "-d", "-s", "work"],
    &["new-session", "-d", "-x", "foo"],
    &["new-session", "-d", "-x", "0"],
    &["new-session", "-d", "-y", "99999999"],
    &["resize-pane", "-x", "foo"],
    &["resize-window", "-x", "foo"],
    &["respawn-pane", "-t", "%0"],
    &["respawn-window", "-t", "work:0"],
    &["send-keys", "-N", "x", "a"],
    &["run-shell", "-d", "x"],
    &["wait-for", "-U", "nosuch"],
    // Options.
    &["set-option", "nosuch", "1"],
    &["set-option", "-g", "status-", "1"],
    &["set-option", "-g", "status", "nosuch"],
    &["set-option", "-g", "status-interval", "x"],
    &["set-option", "-g", "status-interval", "99999999999"],
    &["set-option", "-g", "history-limit", "-1"],
    &["set-option", "-g", "status-style", "fg=nosuch"],
    &["set-option", "-g", "status-bg", "nosuchcolour"],
    &["set-option", "-g", "prefix", "NoSuchKey"],
    &["set-option", "-g", "mode-keys", "foo"],
    &["set-option", "-g", "default-shell", "bash"],
    &["set-option", "-s", "escape-time", "foo"],
    &["set-option", "-t", "nosuch", "status", "off"],
    &["set-option", "-w", "-t", "nosuch", "mode-keys", "vi"],
    &["set-window-option", "-g", "nosuch", "1"],
    &["show-options", "nosuch"],
    &["set-hook", "nosuch", "x"],
    &["set-environment", "A=B", "c"],
    &["set-environment", "", "c"],
    &["show-environment", "NOSUCH"],
    // Keys.
    &["bind-key", "NoSuchKey", "list-keys"],
    &["bind-key"],
    &["unbind-key", "NoSuchKey"],
    &["unbind-key"],
    &["unbind-key", "-T", "nosuch", "x"],
    &["unbind-key", "-a", "x"],
    &["list-keys", "-T", "nosuch"],
    &["list-keys", "nosuch"],
    &["send-keys", "-X", "cancel"],
    // Buffers and files.
    &["save-buffer", "-b", "nosuch", "/dev/null"],
    &["show-buffer", "-b", "nosuch"],
    &["paste-buffer", "-b", "nosuch"],
    &["delete-buffer", "-b", "nosuch"],
    &["set-buffer"],
    &["capture-pane", "-a", "-p"],
    // A client, where there is none.
    &["attach-session", "-t", "work"],
    &["switch-client"],
    &["switch-client", "-t", "work"],
    &["detach-client"],
    &["refresh-client"],
    &["command-prompt"],
];

#[test]
fn refusals_are_tmuxs_to_the_byte_and_change_nothing() {
    let (ours, theirs) = (World::new(), tmux());
    ours.start(80, 24);
    theirs.start(80, 24);
    let before = state(&ours);
    let mut wrong = Vec::new();
    for &words in SAME {
        let (our, their) = (
            plain(&ours, ours.run(words)),
            plain(&theirs, theirs.run(words)),
        );
        assert_eq!(their.status, Some(1), "not an error: {words:?}: {their:?}");
        if our != their {
            wrong.push(format!("{words:?}\n  ours:   {our:?}\n  theirs: {their:?}"));
        }
        let changes = changes(&ours, &before);
        if !changes.is_empty() {
            wrong.push(format!("{words:?} changed {changes:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Odd, but no error in tmux: formats that lack their end or their variable.
const ACCEPTED: &[&[&str]] = &[
    &["display-message", "-p", "#{nosuch}x"],
    &["display-message", "-p", "#{"],
    &["display-message", "-p", "#{?"],
    &["display-message", "-p", "#{==:a}"],
    &["display-message", "-p", "-t", "nosuch", "x"],
    &["list-windows", "-F", "#{?x"],
    &["list-windows", "-F", "#{E:"],
    &["list-windows", "-f", "#{"],
    &["select-window"],
];

#[test]
fn wrong_formats_give_what_tmux_gives() {
    let (ours, theirs) = (World::new(), tmux());
    ours.start(80, 24);
    theirs.start(80, 24);
    for &words in ACCEPTED {
        let (our, their) = (
            plain(&ours, ours.run(words)),
            plain(&theirs, theirs.run(words)),
        );
        assert_eq!(our, their, "{words:?}");
    }
}

#[test]
fn refusals_without_a_server_are_tmuxs_and_start_none() {
    let lines: &[&[&str]] = &[
        &["list-sessions"],
        &["has-session", "-t", "x"],
        &["kill-server"],
        &["kill-session"],
        &["new-window"],
        &["send-keys", "x"],
        &["-L", "other", "list-windows"],
        &["-N", "new-session", "-d"],
    ];
    let (ours, theirs) = (World::new(), tmux());
    for &words in lines {
        let (our, their) = (
            plain(&ours, ours.run(words)),
            plain(&theirs, theirs.run(words)),
        );
        assert_eq!(our, their, "{words:?}");
        assert_eq!(our.status, Some(1), "{words:?}");
        assert!(!ours.socket().exists(), "{words:?} left a socket");
    }
    // One that was there and is gone.
    for world in [&ours, &theirs] {
        world.start(80, 24);
        world.ok(&["kill-server"]);
    }
    common::until("end of the servers", || {
        [&ours, &theirs]
            .iter()
            .all(|world| common::inhabitants(&world.path("")).is_empty())
    });
    let gone = ours.run(&["list-sessions"]);
    assert_eq!(gone.status, Some(1), "{gone:?}");
    assert!(
        gone.stderr.contains(&*ours.socket().to_string_lossy()),
        "{gone:?}"
    );
}

/// Runs lines that only we have, each with its exact error; nothing may change.
#[track_caller]
fn refused(world: &World, lines: &[(&[&str], &str)]) {
    let before = state(world);
    for (words, message) in lines {
        let out = world.run(words);
        assert_eq!(out.stderr.trim_end(), *message, "{words:?}");
        assert_eq!(
            (out.status, out.stdout.as_str()),
            (Some(1), ""),
            "{words:?}"
        );
        let changes = changes(world, &before);
        assert!(changes.is_empty(), "{words:?} changed {changes:?}");
    }
}

/// Where the newest tmux has other words than the one that is compared with.
#[test]
fn newest_words_are_used_for_files_and_names() {
    let world = World::new();
    world.start(80, 24);
    world.ok(&["set-buffer", "x"]);
    let gone = "No such file or directory";
    refused(
        &world,
        &[
            (&["source-file", "/nope"], &format!("{gone}: /nope")),
            (&["load-buffer", "/nope"], &format!("{gone}: /nope")),
            (&["save-buffer", "/nope/x"], &format!("{gone}: /nope/x")),
            (&["rename-window", "a\tb"], "invalid window name: a\tb"),
            (&["rename-session", "a\nb"], "invalid session name: a\nb"),
            (
                &["set-option", "user-keys[]", "x"],
                "ambiguous option: user-keys[]",
            ),
            (
                &["set-option", "status[1]", "on"],
                "not an array: status[1]",
            ),
            (
                &["split-window", "-l", "x"],
                "invalid tiled geometry invalid",
            ),
        ],
    );
    // Newer tmux tells a failed job's status, drops a last `#`, and shows numbers
    // to nobody without a word.
    let out = world.run(&["run-shell", "exit 3"]);
    assert_eq!(
        (out.status, out.stdout.as_str()),
        (Some(3), "'exit 3' returned 3\n")
    );
    assert_eq!(world.ok(&["display-message", "-p", "a#"]), "a\n");
    assert_eq!(world.ok(&["display-panes"]), "");
}

#[test]
fn missing_directory_is_the_users_home() {
    let world = World::new();
    world.start(80, 24);
    world.write("home/plain", "");
    let plain = world.path("home/plain").to_string_lossy().into_owned();
    let home = world.path("home").to_string_lossy().into_owned();
    for (at, words, comes) in [
        (1, &["new-window", "-t", ":1", "-c", "/nope"][..], &*home),
        (2, &["new-window", "-t", ":2", "-c", &plain], &home),
        (
            2,
            &["split-window", "-t", ":2", "-c", "/nope", "sleep 100"],
            &home,
        ),
        (3, &["new-window", "-t", ":3", "-c", "/"], "/"),
        (3, &["respawn-pane", "-t", ":3", "-k", "-c", "/nope"], &home),
    ] {
        world.ok(words);
        let target = format!(":{at}");
        let ask = [
            "display-message",
            "-p",
            "-t",
            &target,
            "#{pane_current_path}",
        ];
        world.wait("the directory", &ask, |path| path.trim_end() == comes);
    }
}

#[test]
fn missing_shell_is_refused_and_nothing_made() {
    let world = World::new();
    world.start(80, 24);
    let shell = world.path("home/shell");
    std::fs::copy("/bin/sh", &shell).unwrap();
    let shell = shell.to_string_lossy().into_owned();
    world.ok(&["set-option", "-g", "default-shell", &shell]);
    std::fs::remove_file(&shell).unwrap();
    let message =
        |what: &str| format!("{what} failed: can't start {shell}: No such file or directory");
    refused(
        &world,
        &[
            (
                &["set-option", "-g", "default-shell", "/nope"],
                "not a suitable shell: /nope",
            ),
            (&["new-window"], &message("create window")),
            (&["new-window", "true"], &message("create window")),
            (&["split-window"], &message("create pane")),
            (
                &["new-session", "-d", "-s", "q"],
                &message("create session"),
            ),
            (
                &["if-shell", "-F", "1", "new-window"],
                &message("create window"),
            ),
        ],
    );
    world.ok(&["set-option", "-g", "default-shell", "/bin/sh"]);
    world.ok(&["new-window"]);
}

#[test]
fn share_is_refused_whole() {
    let world = World::new();
    world.start(80, 24);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let in_use = format!("can't listen on {address}: Address already in use");
    world.write("home/keys", "no key at all\n");
    let keys = world.path("home/keys").to_string_lossy().into_owned();
    refused(
        &world,
        &[
            (&["share", "--listen", &address], &in_use),
            // The door that could be opened is shut again.
            (
                &["share", "--listen", "127.0.0.1:0", "--listen", &address],
                &in_use,
            ),
            (
                &["share", "--listen", "nonsense"],
                "can't listen on nonsense: invalid socket address",
            ),
            (
                &["share", "--listen", "127.0.0.1:70000"],
                "can't listen on 127.0.0.1:70000: invalid port value",
            ),
            (
                &["share", "--nosuch"],
                "command share: unknown flag --nosuch \
                 (there are --listen, --relay, --relay-key, --relay-compat, --relay-identity, --proxy-command, --authorized-keys, --limit-to, --host-key, --fresh-host-key, --view-only, --knock, --max-guests, --expires, --auth-command, --sftp, --forward, --json)",
            ),
            (
                &["share", "--authorized-keys", "/nope"],
                "authorized keys /nope: No such file or directory",
            ),
            (&["share", "-t", "nosuch"], "can't find session: nosuch"),
            (&["unshare"], "session work is not shared"),
            (&["phase", "list"], "session work debugs no build"),
            (
                &["phase", "nosuch"],
                "command phase: invalid value 'nosuch' for '<action>' \
                 [possible values: list, status, show, log, diff, goto, retry, \
                 next, where]",
            ),
        ],
    );
    // A file is the client's, wherever the server was started.
    for name in ["keys", &keys] {
        let out = world.run(&[
            "share",
            "--listen",
            "127.0.0.1:0",
            "--authorized-keys",
            name,
        ]);
        assert_eq!(out.status, Some(1), "{out:?}");
        let message = format!(
            "authorized keys {keys}: it has no usable key (line 1: unsupported key type: key)"
        );
        assert_eq!(out.stderr.trim_end(), message);
    }
    assert_eq!(world.ask("#{ssh_command}"), "");
    drop(taken);
    world.ok(&["share", "--listen", &address]);
}

/// Faults of `config.toml`: its text, and what is said after the file's name.
const TOML: &[(&str, &str)] = &[
    (
        "[options]\nmuose = true\n",
        ":2:1: invalid option: muose\n  | muose = true\n  | ^^^^^\n  = did you mean mouse?",
    ),
    (
        "[options]\nmouse = \"maybe\"\n",
        ":2:9: bad value: maybe\n  | mouse = \"maybe\"\n  |         ^^^^^^^\n  \
         = mouse takes true or false",
    ),
    (
        "[options]\nstatus-interval = \"x\"\n",
        ":2:19: value is invalid: x\n  | status-interval = \"x\"\n  |                   ^^^\n  \
         = status-interval takes a number from 0 to 2147483647 seconds",
    ),
    (
        "[optoins]\n",
        ":1:2: unknown part: optoins\n  | [optoins]\n  |  ^^^^^^^\n  \
         = did you mean options?",
    ),
    (
        "# a comment\n[options\n",
        ":2:9: unclosed table, expected `]`\n  | [options\n  |         ^",
    ),
];

#[test]
fn fault_of_a_toml_file_is_shown_in_place() {
    let world = World::new();
    world.start(80, 24);
    for (text, shown) in TOML {
        let file = world.write("home/bad.toml", text);
        let file = file.to_string_lossy();
        let message = format!("{file}{shown}");
        refused(&world, &[(&["source-file", &file], &message)]);
    }
    for (text, start) in [
        ("[bindings.prefix]\nNoSuchKey = \"next-window\"\n", ":2:1: "),
        ("[bindings.prefix]\nx = \"nosuch\"\n", ":2:5: "),
        ("commands = [\"nosuch\"]\n", ":1:13: "),
    ] {
        let file = world.write("home/bad.toml", text);
        let before = state(&world);
        let out = world.run(&["source-file", "bad.toml"]);
        assert!(
            out.stderr
                .starts_with(&format!("{}{start}", file.display())),
            "{out:?}"
        );
        assert!(
            out.stderr.contains("\n  | ") && out.stderr.contains('^'),
            "{out:?}"
        );
        assert_eq!(out.status, Some(1), "{file:?}");
        let changes = changes(&world, &before);
        assert!(changes.is_empty(), "{text:?} changed {changes:?}");
    }
    // One without a fault is taken, as at the start.
    let good = "commands = [\"set -g @seen yes\"]\n[options]\nmouse = false\n\
                [bindings.prefix]\nF5 = \"next-window\"\n";
    world.write("home/good.toml", good);
    world.ok(&["source-file", "good.toml"]);
    assert_eq!(world.ok(&["show-options", "-gv", "mouse"]), "off\n");
    assert_eq!(world.ok(&["show-options", "-gv", "@seen"]), "yes\n");
    assert!(
        world
            .ok(&["list-keys", "-T", "prefix", "F5"])
            .contains("next-window")
    );
}

#[test]
fn fault_of_the_own_configuration_is_told_to_the_first_client() {
    let world = World::new();
    let text = "[options]\nmouse = false\nmuose = true\n";
    let file = world.write("home/.config/stepmux/config.toml", text);
    let words = [
        common::STEPMUX.into(),
        "new-session".into(),
        "-swork".into(),
    ];
    let client = world.on_terminal(&words, 80, 24);
    client.wait_text("config.toml:3:1: invalid option: muose");
    client.wait_text("did you mean mouse?");
    // Nothing of it was taken, and the server serves.
    assert_eq!(world.ok(&["show-options", "-gv", "mouse"]), "on\n");
    let log = world.ok(&["show-messages"]);
    assert!(log.contains(&*file.to_string_lossy()), "{log}");
}

#[test]
fn fault_of_a_command_file_is_tmuxs_with_file_and_line() {
    let (ours, theirs) = (World::new(), tmux());
    for world in [&ours, &theirs] {
        world.start(80, 24);
    }
    for text in [
        "set -g mouse on\nnosuch x\nset -g @after yes\n",
        "bind x {\n  next-window\n",
        "set -g @a {\n  x\n",
        "%nosuch\n",
        "%endif\n",
        "set -g nosuch 1\n",
        "bind NoSuchKey next-window\n",
    ] {
        let run = |world: &World| {
            world.write("home/bad.conf", text);
            plain(world, world.run(&["source-file", "bad.conf"]))
        };
        let (our, their) = (run(&ours), run(&theirs));
        assert_eq!(our.status, Some(1), "{text:?}: {our:?}");
        assert_eq!(our, their, "{text:?}");
    }
}

#[test]
fn wrong_arguments_of_own_commands_are_status_two() {
    let world = World::new();
    for words in [
        &["debug", "--job"][..],
        &["debug", "--listen"],
        &["debug", "--nosuch"],
        &["debug", "--previous", "maybe"],
        &["debug", "--attach", "--quiet"],
        &["debug", "stray"],
    ] {
        let out = world.run(words);
        assert_eq!(
            (out.status, out.stdout.as_str()),
            (Some(2), ""),
            "{words:?}: {out:?}"
        );
        assert!(out.stderr.starts_with("error: "), "{words:?}: {out:?}");
    }
    for (words, message) in [
        (
            &["debug", "--file", "/nope"][..],
            "/nope: No such file or directory",
        ),
        (&["debug", "--file", "."], ".: Is a directory"),
        (
            &["-S", "/nope/x", "new-session", "-d"],
            "error creating /nope/x",
        ),
        (&["-S", "/tmp", "new-session", "-d"], "error creating /tmp"),
    ] {
        let out = world.run(words);
        assert_eq!(
            (out.status, out.stdout.as_str()),
            (Some(1), ""),
            "{words:?}: {out:?}"
        );
        assert!(out.stderr.starts_with(message), "{words:?}: {out:?}");
    }
    assert!(!world.socket().exists());
    assert!(common::inhabitants(&world.path("")).is_empty());
}
