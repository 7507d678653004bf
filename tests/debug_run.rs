//! Builds that run as usual in a debug session, by real bash in real panes: the
//! failure that is held, its repair, the decisions, and the exit status. What the
//! functions do in detail is in `phases.rs` and `phases_own.rs`.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod common;

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;

use common::debug::{Log, prompt, typed};
use common::{World, until};

/// Types a line into the first window.
fn send(world: &World, line: &str) {
    world.ok(&["send-keys", "-t", "debug:0.0", "-l", line]);
    world.ok(&["send-keys", "-t", "debug:0.0", "Enter"]);
}

/// One build in the language of each system: the second step fails in `sub` as
/// long as there is no file `fixed`, the third says how it went.
const SYSTEMS: [(&str, &str, &str); 6] = [
    (
        ".gitlab-ci.yml",
        "build:\n  before_script:\n  - export WHO=me\n  script:\n  - cd sub && test -e ../fixed\n  \
         - echo \"end $WHO ${PWD##*/}\"\n",
        "end me sub",
    ),
    (
        "stepmux.toml",
        "[[phase]]\nname = \"one\"\nrun = \"export WHO=me\"\n[[phase]]\nname = \"two\"\n\
         steps = [\"cd sub\", \"test -e ../fixed\"]\n\
         [[phase]]\nname = \"three\"\nrun = 'echo \"end $WHO ${PWD##*/}\"'\n",
        "end me sub",
    ),
    (
        ".travis.yml",
        "language: minimal\nbefore_install: export WHO=me\ninstall: [cd sub, test -e ../fixed]\n\
         script: echo \"end $WHO ${PWD##*/}\"\n",
        "end me sub",
    ),
    (
        ".circleci/config.yml",
        "version: 2.1\njobs:\n  build:\n    docker: [{image: x}]\n    steps:\n    - checkout\n    \
         - run: echo 'export WHO=me' >> $BASH_ENV\n    - run: |\n        cd sub\n        test -e ../fixed\n    \
         - run: echo \"end $WHO ${PWD##*/}\"\n",
        "end me home",
    ),
    (
        ".github/workflows/ci.yml",
        "on: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n    - uses: actions/checkout@v4\n    \
         - run: echo WHO=me >> $GITHUB_ENV\n    - run: |\n        cd sub\n        test -e ../fixed\n    \
         - run: echo \"end $WHO ${PWD##*/}\"\n",
        "end me home",
    ),
    (
        "pipeline.yaml",
        "pipeline:\n  name: p\n  identifier: p\n  stages:\n  - stage:\n      name: build\n      identifier: build\n      \
         type: CI\n      spec:\n        execution:\n          steps:\n          \
         - step: {type: Run, name: one, identifier: one, spec: {shell: Bash, command: echo me > who}}\n          \
         - step: {type: Run, name: two, identifier: two, spec: {shell: Sh, command: \"cd sub\\ntest -e ../fixed\"}}\n          \
         - step: {type: Run, name: three, identifier: three, spec: {shell: Bash, command: 'echo \"end $(cat who) ${PWD##*/}\"'}}\n",
        "end me home",
    ),
];

#[test]
fn build_of_each_system_is_held_at_its_failure_repaired_and_finished() {
    for (file, text, end) in SYSTEMS {
        let world = World::new();
        world.write(&format!("home/{file}"), text);
        world.write("home/sub/.keep", "");
        let log = Log::of(&world, file, &["--run"]);
        log.wait("decide the result of the build");
        prompt(&world, "debug:");
        let got = typed(&world, "debug:", "pwd");
        assert!(
            got.lines().any(|line| line.ends_with("/home/sub")),
            "{file}: {got}"
        );
        assert!(!log.text().contains(end), "{file}: {}", log.text());
        let got = typed(&world, "debug:", "phase retry");
        assert!(
            got.contains("Still held") && got.contains("end-1-"),
            "{file}: {got}"
        );
        let got = typed(&world, "debug:", "touch ~/fixed; cd /; phase retry");
        assert!(
            got.contains("It passed.") && got.contains("end-0-"),
            "{file}: {got}"
        );
        send(&world, "phase next");
        let out = log.end();
        assert_eq!(out.status, Some(0), "{file}: {out:?}");
        assert!(
            out.stdout.lines().any(|line| line == end),
            "{file}: {}",
            out.stdout
        );
        assert!(
            out.stdout.ends_with("\nDone. Your build exited with 0.\n"),
            "{file}: {}",
            out.stdout
        );
    }
}

#[test]
fn decisions_and_policies_make_the_exit_status() {
    let errored = "language: minimal\ninstall: \"false\"\nscript: echo no\n";
    let failed = "language: minimal\nscript: [\"false\", echo more]\n";
    let passed = "language: minimal\nscript: echo fine\n";
    let mended = "language: minimal\nscript: [test -e fixed, echo more]\n";
    for (text, more, keys, status) in [
        (errored, &["--run"][..], "phase pass", 0),
        (errored, &["--run"], "phase fail", 2),
        (failed, &["--run"], "phase fail", 1),
        (
            mended,
            &["--run"],
            "touch fixed; phase retry; phase next",
            0,
        ),
        (failed, &["--run"], "exit", 1),
        (failed, &["--run"], "phase next\nexit", 1),
        (failed, &["--run", "--hold", "never"], "", 1),
        (errored, &["--run", "--hold", "never"], "", 2),
        (passed, &["--run"], "", 0),
        (passed, &["--run", "--hold", "always"], "exit", 0),
    ] {
        let world = World::new();
        world.write("home/ci.yml", text);
        world.write("home/.travis.yml", text);
        let log = Log::of(&world, ".travis.yml", more);
        for line in keys.lines() {
            if text == passed {
                log.wait("Done. Your build exited with 0.");
            } else {
                log.wait("decide the result of the build");
            }
            prompt(&world, "debug:");
            send(&world, line);
            if keys.contains('\n') && line != "exit" {
                log.wait("Done.");
            }
        }
        let out = log.end();
        assert_eq!(
            out.status,
            Some(status),
            "{text:?} {more:?} {keys:?}: {out:?}"
        );
        let done = format!("\nDone. Your build exited with {status}.\n");
        assert!(out.stdout.ends_with(&done), "{}", out.stdout);
    }
}

#[test]
fn scripts_of_a_directory_run_under_their_own_names() {
    let world = World::new();
    world.write(
        "home/steps/10-one.sh",
        "#!/bin/sh\necho \"one $0 $# ${PWD##*/}\"; export LOST=1\n",
    );
    world.write(
        "home/steps/20-two.bash",
        "cd \"${0%/*}\"; value=7\necho \"two ${BASH_SOURCE[0]} ${LOST:-none}\"\ntest -e ../fixed\n",
    );
    world.write(
        "home/steps/30-three.py",
        "#!/usr/bin/env python3\nimport sys\nprint('three', sys.argv)\n",
    );
    let script = world.path("home/steps/30-three.py");
    std::fs::set_permissions(script, Permissions::from_mode(0o755)).unwrap();
    let log = Log::by(world.program(&["debug", "--phases-dir", "steps", "--run"]));
    log.wait("decide the result of the build");
    prompt(&world, "debug:");
    let got = typed(
        &world,
        "debug:",
        "echo \"$value in ${PWD##*/}\"; touch ../fixed; phase retry",
    );
    assert!(
        got.contains("7 in steps") && got.contains("It passed."),
        "{got}"
    );
    send(&world, "phase next");
    let out = log.end();
    assert_eq!(out.status, Some(0), "{out:?}");
    for line in [
        "one steps/10-one.sh 0 home",
        "two steps/20-two.bash none",
        "three ['steps/30-three.py']",
    ] {
        assert!(
            out.stdout.lines().any(|l| l == line),
            "no {line} in {}",
            out.stdout
        );
    }
}

#[test]
fn session_may_live_in_an_awkward_directory() {
    let world = World::new();
    let config = "version: 2.1\njobs:\n  build:\n    docker: [{image: x}]\n    steps:\n    \
                  - run: {name: it's one, command: 'echo \"A=it''s\" > a; echo fine'}\n    \
                  - run: {name: two, command: 'cd sub; cat ../a; exit 3'}\n    \
                  - run: {name: three, when: always, command: 'echo \"ended\"'}\n";
    world.write("it's $HOME here/home/.circleci/config.yml", config);
    world.write("it's $HOME here/home/sub/.keep", "");
    world.write("it's $HOME here/s/.keep", "");
    for shell in ["/bin/bash", "/usr/bin/zsh", "/usr/bin/fish"] {
        let awkward = world.path("it's $HOME here");
        let mut command = world.program(&["debug", "--run", "--hold", "never"]);
        command
            .env("SHELL", shell)
            .env("STEPMUX_TMPDIR", awkward.join("s"))
            .current_dir(awkward.join("home"));
        let out = Log::by(command).end();
        assert_eq!(out.status, Some(1), "{out:?}");
        for line in ["it's one", "fine", "A=it's", "ended"] {
            assert!(
                out.stdout.lines().any(|l| l == line),
                "no {line} in {}",
                out.stdout
            );
        }
    }
}

#[test]
fn what_the_file_leaves_open_is_asked_for_at_the_pane() {
    let file = "on: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n    \
                - run: echo \"[${{ secrets.KEY }}] ${{ github.ref_name }}\"\n";
    let world = World::new();
    world.write("home/.github/workflows/ci.yml", file);
    let log = Log::of(&world, ".github/workflows/ci.yml", &["--run"]);
    let shows = |text: &str| {
        world.wait(text, &["capture-pane", "-p", "-t", "debug:"], |screen| {
            screen.contains(text)
        });
    };
    shows("(secret, $KEY):");
    send(&world, "hush");
    shows("($GITHUB_REF_NAME):");
    send(&world, "main");
    let out = log.end();
    assert_eq!(out.status, Some(0), "{out:?}");
    assert!(out.stdout.contains("\n[hush] main\n"), "{}", out.stdout);

    let log = Log::of(
        &world,
        ".github/workflows/ci.yml",
        &["--run", "--hold", "never"],
    );
    let out = log.end();
    assert_eq!(out.status, Some(1), "{out:?}");
    let told = "stepmux: nobody is here to say what ${{ secrets.KEY }} is; set KEY.";
    assert!(out.stdout.contains(told), "{}", out.stdout);
}

#[test]
fn build_that_is_broken_off_is_held_there() {
    for (file, text) in [
        (
            ".travis.yml",
            "language: minimal\nscript: [echo one, 'echo begun; until test -e fixed; do :; done', echo three]\n",
        ),
        (
            ".circleci/config.yml",
            "version: 2.1\njobs:\n  build:\n    docker: [{image: x}]\n    steps:\n    - run: echo one\n    \
             - run: {name: two, command: 'echo begun; until test -e fixed; do sleep 0.1; done'}\n    - run: echo three\n",
        ),
    ] {
        let world = World::new();
        world.write(&format!("home/{file}"), text);
        let log = Log::of(&world, file, &["--run"]);
        log.wait("\nbegun\n");
        world.ok(&["send-keys", "-t", "debug:", "C-c"]);
        log.wait("Broken off at step");
        prompt(&world, "debug:");
        let got = typed(&world, "debug:", "touch fixed; phase retry");
        assert!(got.contains("It passed."), "{file}: {got}");
        send(&world, "phase next");
        let out = log.end();
        assert_eq!(out.status, Some(0), "{file}: {out:?}");
        assert!(out.stdout.contains("\nthree\n"), "{file}: {}", out.stdout);
    }
}

#[test]
fn build_that_ends_at_once_is_whole_in_the_log() {
    let world = World::new();
    world.write(
        "home/.travis.yml",
        "language: minimal\nscript: echo quick\n",
    );
    // It ends while the share is still being opened.
    let shared = ["--run", "--listen", "127.0.0.1:0"];
    for more in [&shared[..1], &shared[..]] {
        let out = Log::of(&world, ".travis.yml", more).end();
        assert!(out.stdout.contains("\nquick\n"), "{more:?}: {out:?}");
    }
}

#[test]
fn decision_from_another_window_ends_the_session() {
    let world = World::new();
    world.write("home/.travis.yml", "language: minimal\nscript: \"false\"\n");
    let log = Log::of(&world, ".travis.yml", &["--run"]);
    log.wait("decide the result of the build");
    world.ok(&["new-window", "-t", "debug:"]);
    prompt(&world, "debug:1");
    let got = typed(&world, "debug:1", "phase status");
    assert!(got.contains("✗ script held"), "{got}");
    world.ok(&["send-keys", "-t", "debug:1", "phase pass", "Enter"]);
    assert_eq!(log.end().status, Some(0));
}

#[test]
fn wrapped_command_opens_a_session_only_when_it_fails() {
    let world = World::new();
    let run = |words: &[&str]| {
        let mut command = world.program(&[&["debug", "--on-failure", "--"], words].concat());
        command.env("CI", "true").env("TOKEN", "it's set");
        command
    };
    let out = common::finish("passing", run(&["sh", "-c", "echo out; echo err >&2"]));
    assert_eq!(
        (out.status, out.stdout.as_str(), out.stderr.as_str()),
        (Some(0), "out\n", "err\n")
    );
    let out = common::finish("missing", run(&["/no/such/program"]));
    assert_eq!(
        (out.status, out.stderr.as_str()),
        (Some(1), "/no/such/program: No such file or directory\n")
    );

    let script = "echo \"$TOKEN\"; test -e fixed || exit 5";
    for (keys, status) in [
        ("exit", 5),
        ("phase fail", 5),
        ("phase pass", 0),
        ("touch fixed; phase retry; phase next", 0),
    ] {
        let log = Log::by(run(&["sh", "-c", script]));
        log.wait("Held at step 1 of command, which exited with 5.");
        assert!(log.text().starts_with("it's set\n"), "{}", log.text());
        prompt(&world, "debug:");
        let got = typed(&world, "debug:", "echo \"$TOKEN in ${PWD##*/}\"");
        assert!(got.contains("it's set in home"), "{got}");
        send(&world, keys);
        let out = log.end();
        assert_eq!(out.status, Some(status), "{keys}: {out:?}");
        let _ = std::fs::remove_file(world.path("home/fixed"));
    }
}

#[test]
fn phases_run_beside_other_shells() {
    let file = "language: minimal\nbefore_install: [cd /usr, \"export WHO=\\\"it's me\\\"\", 'f() { echo \"fun $1\"; }', hidden=7]\n\
                script: ['echo \"$PWD $WHO $(f x) $hidden\"', exit 3]\n";
    for (shell, mark) in [
        ("/usr/bin/zsh", "%"),
        ("/usr/bin/fish", ">"),
        ("/bin/sh", "$"),
    ] {
        let world = World::new();
        world.write("home/.travis.yml", file);
        world.write(
            "home/.zshrc",
            "PROMPT='%% '\nunset RPROMPT\n[[ -z ${ZDOTDIR-} ]] && own=zshrc\n",
        );
        world.write(
            "home/.config/fish/config.fish",
            "function fish_prompt; echo -n '> '; end\nset own zshrc\nset fish_greeting\n",
        );
        world.write("home/.profile", "PS1='$ '\nown=zshrc\n");
        let mut command = world.program(&["debug", "--file", ".travis.yml"]);
        command.env("SHELL", shell);
        let log = Log::by(command);
        log.wait("\x1b[0m\n");
        let seen = |what: &str, wanted: &dyn Fn(&str) -> bool| {
            let asked = ["capture-pane", "-p", "-J", "-S", "-", "-t", "debug:"];
            world.wait(&format!("{what} in {shell}"), &asked, |text| {
                wanted(text) && text.trim_end().ends_with(mark)
            })
        };
        seen("prompt", &|text| text.contains("phase help"));
        send(&world, "travis_run_before_install; pwd; echo \"$WHO $own\"");
        let text = seen("install", &|text| text.contains("zshrc\n"));
        for line in ["/usr", "it's me zshrc"] {
            assert!(
                text.lines().any(|l| l == line),
                "{shell}: no {line} in {text}"
            );
        }
        assert!(
            text.contains("directory and exports come back"),
            "{shell}: {text}"
        );
        send(
            &world,
            "phase run script; or echo failed; phase show script"
                .replace(
                    "; or",
                    if shell.ends_with("fish") {
                        "; or"
                    } else {
                        " ||"
                    },
                )
                .as_str(),
        );
        let text = seen("script", &|text| text.contains("  2  exit 3"));
        for line in ["/usr it's me fun x 7", "failed"] {
            assert!(
                text.lines().any(|l| l == line),
                "{shell}: no {line} in {text}"
            );
        }
        send(&world, "stepmux display-message -p 'in #{session_name}'");
        seen("program", &|text| {
            text.lines().any(|line| line == "in debug")
        });
        let list = world.ok(&["phase", "list"]);
        assert!(
            list.contains("4/4  exit 0") && list.contains("exit 3"),
            "{shell}: {list}"
        );
        world.ok(&["kill-session", "-t", "debug"]);
        assert_eq!(log.end().status, Some(1));
    }
}

#[test]
fn steps_have_the_terminal_of_their_pane() {
    let world = World::new();
    let config = "version: 2.1\njobs:\n  build:\n    docker: [{image: x}]\n    steps:\n    \
                  - run: {name: edit, command: vim -u NONE -N note.txt}\n    \
                  - run: {name: page, command: seq 1 500 | less}\n    \
                  - run: {name: ask, command: 'read -r line; echo \"got $line\"'}\n    \
                  - run: {name: stop, command: 'echo begun; sleep 60'}\n    \
                  - run: {name: aside, background: true, command: 'echo $$ > aside; sleep 60'}\n";
    world.write("home/.circleci/config.yml", config);
    let log = Log::of(&world, ".circleci/config.yml", &[]).ready(&world);
    let shows = |text: &str| {
        world.wait(text, &["capture-pane", "-p", "-t", "debug:"], |screen| {
            screen.contains(text)
        });
    };
    send(
        &world,
        "clear; phase run edit; phase run page; phase run ask; phase run stop",
    );
    shows("note.txt");
    world.ok(&[
        "send-keys",
        "-t",
        "debug:",
        "ihello",
        "Escape",
        ":wq",
        "Enter",
    ]);
    shows("\n22\n");
    world.ok(&["send-keys", "-t", "debug:", "G"]);
    shows("500");
    world.ok(&["send-keys", "-t", "debug:", "q"]);
    shows("$ read -r line");
    send(&world, "typed");
    shows("got typed");
    shows("\nbegun");
    world.ok(&["send-keys", "-t", "debug:", "C-c"]);
    prompt(&world, "debug:");
    let note = std::fs::read_to_string(world.path("home/note.txt")).unwrap();
    assert_eq!(note, "hello\n");
    let mut list = String::new();
    until("the interrupted step", || {
        list = world.ok(&["phase", "list"]);
        list.contains("exit 130")
    });
    typed(
        &world,
        "debug:",
        "phase run aside; until test -s aside; do :; done",
    );
    let pid = std::fs::read_to_string(world.path("home/aside")).unwrap();
    let runs = || {
        std::path::Path::new("/proc")
            .join(pid.trim())
            .join("exe")
            .exists()
    };
    assert!(runs(), "{pid}");
    world.ok(&["kill-session", "-t", "debug"]);
    assert_eq!(log.end().status, Some(1));
    until("the end of the background step", || !runs());
}
