//! Steps with shells of their own, in a real interactive bash: what they see, what
//! they leave behind, and how a failing one is held, retried and left.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod common;

use common::bash::typed;
use serde_json::{Value, json};
use stepmux::ci::{Build, functions};

/// A phase of one step for each command, with these facts in addition.
fn phase(name: &str, isolation: &str, commands: &[&str], facts: &Value) -> Value {
    let step = |command: &&str| {
        let mut step = json!({"command": command});
        for (key, value) in facts.as_object().unwrap() {
            step[key] = value.clone();
        }
        step
    };
    let steps: Vec<Value> = commands.iter().map(step).collect();
    json!({"name": name, "kind": "main", "isolation": isolation, "origin": "config", "steps": steps})
}

/// A phase whose only step runs in a bash of its own, as a Circle step does.
fn own(name: &str, command: &str, facts: &Value) -> Value {
    let mut all = json!({"shell": ["bash", "-eo", "pipefail", "-c"]});
    for (key, value) in facts.as_object().unwrap() {
        all[key] = value.clone();
    }
    phase(name, "per-step", &[command], &all)
}

/// Types lines into a bash with the phases of a job; what it writes. The directory
/// of the build has a directory `sub`.
fn bash(system: &str, phases: &[Value], lines: &str) -> String {
    job(system, json!([]), phases, lines)
}

fn job(system: &str, env: Value, phases: &[Value], lines: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("sub")).unwrap();
    let shared = tempfile::tempdir().unwrap();
    let build = json!({"system": system, "jobs": [{"name": "it", "env": env, "phases": phases}]});
    let build: Build = serde_json::from_value(build).unwrap();
    let file = shared.path().join("phases.bash");
    let setting = functions::Setting {
        build_dir: dir.path().to_str().unwrap().to_owned(),
        dir: shared.path().to_str().unwrap().to_owned(),
    };
    let text = functions::phases(build.system, &build.jobs[0], &setting);
    std::fs::write(&file, text).unwrap();
    let rc = format!("{}PS1=\n", functions::rc(file.to_str().unwrap()));
    let lines = format!("{lines}\necho alive $?\n");
    let got = typed(dir.path(), &rc, &lines, &[("STEPMUX_MARK", "n")]);
    got.replace(dir.path().to_str().unwrap(), "HERE")
}

/// The marks, without their nonce.
fn marks(text: &str) -> Vec<&str> {
    let parts = text.split("\x1b]7717;n;").skip(1);
    parts.filter_map(|rest| rest.split('\x07').next()).collect()
}

/// What was written, without escapes.
fn plain(text: &str) -> String {
    let escapes = regex::Regex::new("\x1b(\\[[0-9;]*m|\\][^\x07]*\x07)").unwrap();
    escapes.replace_all(text, "").into_owned()
}

#[track_caller]
fn says(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(text.lines().any(|l| l == *line), "no {line:?} in\n{text}");
    }
}

#[test]
fn step_has_a_shell_of_its_own_and_passes_on_files_alone() {
    let phases = [
        own(
            "one",
            "export LOST=1; cd sub; echo \"export KEPT='a b'\" >> \"$BASH_ENV\"; echo $-",
            &json!({}),
        ),
        own(
            "two",
            "echo \"${LOST:-none} $KEPT $COLOUR $OWN in $PWD\"",
            &json!({"env": [{"name": "OWN", "value": "$COLOUR/2"}], "cwd": "sub"}),
        ),
    ];
    let env = json!([{"name": "COLOUR", "value": "green"}]);
    let got = plain(&job(
        "circleci",
        env,
        &phases,
        "phase run; echo <$COLOUR>$BASH_ENV",
    ));
    says(
        &got,
        &[
            "none a b green green/2 in HERE/sub",
            "Done. Your build exited with 0.",
            "ehBc",
        ],
    );
}

#[test]
fn bash_env_stays_the_users() {
    let phases = [own("one", "echo \"env ${BASH_ENV##*/}\"", &json!({}))];
    let got = plain(&bash(
        "circleci",
        &phases,
        "export BASH_ENV=/tmp/no-such-mine; phase run one; echo $BASH_ENV",
    ));
    says(&got, &["env no-such-mine", "/tmp/no-such-mine"]);
}

#[test]
fn result_and_what_runs_follow_the_rules_of_each_step() {
    let phases = [
        own("first", "echo RAN-first", &json!({})),
        own("bad", "echo RAN-bad; exit 4", &json!({})),
        own("later", "echo RAN-later", &json!({})),
        own("onfail", "echo RAN-onfail", &json!({"when": "failure"})),
        own("always", "echo RAN-always", &json!({"when": "always"})),
        own(
            "unknown",
            "echo RAN-unknown",
            &json!({"when": {"expression": "github.ref == 'x'"}}),
        ),
    ];
    let ran = |phases: &[Value], lines: &str| {
        let got = plain(&bash("github", phases, lines));
        let ran: Vec<String> = got
            .lines()
            .filter_map(|l| l.strip_prefix("RAN-"))
            .map(str::to_owned)
            .collect();
        (ran.join(" "), got)
    };
    let (names, got) = ran(&phases, "phase run");
    assert_eq!(names, "first bad onfail always");
    says(&got, &["Done. Your build exited with 1.", "alive 1"]);
    let (names, _) = ran(&phases, "phase run --keep-going");
    assert_eq!(names, "first bad later onfail always unknown");
    let mut good = phases.clone();
    good[1]["steps"][0]["on_failure"] = "ignore".into();
    let (names, got) = ran(&good, "phase run");
    assert_eq!(names, "first bad later always unknown");
    says(
        &got,
        &[
            "cannot be decided here, so it runs: if  github.ref == 'x'",
            "alive 0",
        ],
    );
    good[1]["steps"][0]["on_failure"] = "stop-errored".into();
    let (names, _) = ran(&good, "phase from later");
    assert_eq!(names, "later always unknown");
    let (names, got) = ran(&good, "phase run --dry-run");
    assert_eq!(names, "");
    says(&got, &["bad:1  echo RAN-bad; exit 4"]);
}

#[test]
fn files_of_github_reach_later_steps() {
    let first = "echo A=one >> $GITHUB_ENV; printf 'B<<END\\ntwo\\nlines=x\\nEND\\nC=last\\n' >> $GITHUB_ENV\n\
                 mkdir -p bin; printf '#!/bin/sh\\necho tool\\n' > bin/tool; chmod +x bin/tool; echo $PWD/bin >> $GITHUB_PATH\n\
                 echo \"answer=it's 42\" >> $GITHUB_OUTPUT; echo '# Report' >> $GITHUB_STEP_SUMMARY; echo ${A:-unset}";
    let asks = json!({"asks": [{"expression": "${{ steps.one.outputs.answer }}", "variable": "STEPS_ONE_OUTPUTS_ANSWER"}]});
    let phases = [
        own("one", first, &json!({"id": "one"})),
        own(
            "two",
            "echo \"$A|${B//$'\\n'/+}|$C\"; tool; echo \"${{ steps.one.outputs.answer }}\"; cat $GITHUB_ENV",
            &asks,
        ),
    ];
    let got = plain(&bash("github", &phases, "phase run"));
    says(
        &got,
        &[
            "unset",
            "one|two+lines=x|last",
            "tool",
            "it's 42",
            "alive 0",
        ],
    );
}

#[test]
fn step_is_run_with_its_exact_argv() {
    let see = "import sys, os\nprint('argv', len(sys.argv), os.path.basename(sys.argv[0]))";
    let phases = [
        own(
            "file",
            "echo \"$0\" | sed 's,.*/,,'; echo flags $-",
            &json!({"shell": ["bash", "-e", "{0}"]}),
        ),
        own("script", see, &json!({"shell": ["python3", "{0}"]})),
        own("inline", see, &json!({"shell": ["python3", "-c"]})),
        own("posix", "echo 0 $0 $-", &json!({"shell": ["sh", "-e"]})),
        own(
            "traced",
            "echo seen",
            &json!({"shell": ["bash", "-ex", "-c"]}),
        ),
        own(
            "none",
            "",
            &json!({"placeholder": "an orb", "name": "node/install"}),
        ),
        own("gone", "true", &json!({"shell": ["/no/such/shell", "-c"]})),
    ];
    let got = plain(&bash("stepmux", &phases, "phase run 2>&1"));
    says(
        &got,
        &[
            "file.1",
            "flags ehB",
            "argv 1 script.1.py",
            "argv 1 -c",
            "0 sh e",
            "+ echo seen",
            "seen",
        ],
    );
    says(
        &got,
        &["skipped: node/install: an orb", "exited with 127 0.00s"],
    );
    assert!(!got.contains("trap"), "{got}");
}

#[test]
fn answers_come_from_the_environment_or_are_demanded() {
    let asks = json!({"asks": [{"expression": "<+input>", "variable": "INPUT"}],
        "env": [{"name": "E", "value": "'x<+input>y'"}]});
    let phases = [own("ask", "echo \"[<+input>] $E\"", &asks)];
    let got = plain(&bash(
        "harness",
        &phases,
        "INPUT=\"it's\" phase run ask\nphase run ask 2>&1",
    ));
    says(
        &got,
        &[
            "[it's] xit'sy",
            "stepmux: nobody is here to say what <+input> is; set INPUT.",
            "alive 1",
        ],
    );
}

#[test]
fn limit_retry_and_background_are_kept() {
    // Seconds that no other process of the machine sleeps for.
    let long = format!("30.{}", std::process::id());
    let phases = [
        own(
            "slow",
            &format!("echo begun; sleep {long}; echo LATER"),
            &json!({"timeout": 1, "on_failure": "ignore"}),
        ),
        own(
            "flaky",
            "echo x >> tries; test $(wc -l < tries) -ge 3",
            &json!({"retry": 4}),
        ),
        own(
            "server",
            &format!("echo up > up; sleep {long}"),
            &json!({"background": true}),
        ),
        own(
            "client",
            "until test -e up; do :; done; echo met",
            &json!({}),
        ),
    ];
    let got = bash(
        "circleci",
        &phases,
        &format!(
            "phase run\nSECONDS=0\nwhile pgrep -f '[s]leep {long}' && ((SECONDS < 20)); do sleep 0.1; done >/dev/null\n\
             pgrep -f '[s]leep {long}' || echo none left"
        ),
    );
    let text = plain(&got);
    says(
        &text,
        &[
            "begun",
            "It took longer than 1s and was stopped.",
            "met",
            "none left",
            "The background step server still ran; it was stopped.",
        ],
    );
    assert!(!text.lines().any(|line| line == "LATER"), "{text}");
    let marks = marks(&got);
    for mark in [
        "D;phase=slow;step=1;status=124",
        "B;phase=flaky;step=1;of=1;try=3",
        "B;phase=server;step=1;of=1;background=1",
        "F;status=0",
    ] {
        assert!(marks.contains(&mark), "no {mark} in {marks:?}");
    }
}

#[test]
fn held_step_has_its_state_and_is_retried_where_it_began() {
    let failing = "cd sub\nlocal_one=7; helper() { echo \"helping $1\"; }\nset -f; shopt -s nullglob\n\
                   echo \"extra ${EXTRA:-none} $local_one\"\ntest -e ../fixed";
    let phases = [
        own("first", "true", &json!({})),
        own(
            "test",
            failing,
            &json!({"env": [{"name": "OWN", "value": "mine"}]}),
        ),
        own("last", "echo \"last ${EXTRA:-none}\"", &json!({})),
    ];
    let lines = "phase run --hold\n\
        echo \"at $PWD $local_one $OWN $-\"; helper you; shopt nullglob; false\n\
        phase retry\n\
        echo \"still in $PWD\"; touch ../fixed; export EXTRA=more; cd /; phase retry\nphase next";
    let got = bash("circleci", &phases, lines);
    let text = plain(&got);
    says(
        &text,
        &[
            "at HERE/sub 7 mine fhiBs",
            "helping you",
            "nullglob       \ton",
            "extra none 7",
            "still in HERE/sub",
            "extra more 7",
            "It passed. phase next goes on.",
            "last none",
            "Done. Your build exited with 0.",
            "alive 0",
        ],
    );
    assert_eq!(
        marks(&got),
        [
            "B;phase=first;step=1;of=1",
            "D;phase=first;step=1;status=0",
            "B;phase=test;step=1;of=1",
            "D;phase=test;step=1;status=1",
            "H;phase=test;step=1;status=1",
            "B;phase=test;step=1;of=1;try=2",
            "D;phase=test;step=1;status=1",
            "H;phase=test;step=1;status=1",
            "B;phase=test;step=1;of=1;try=3",
            "D;phase=test;step=1;status=0",
            "B;phase=last;step=1;of=1",
            "D;phase=last;step=1;status=0",
            "F;status=0",
        ]
    );
}

#[test]
fn hold_is_decided_or_stays() {
    let phases = [
        own("bad", "exit 3", &json!({})),
        own("last", "echo RAN-last", &json!({})),
    ];
    for (lines, last, end) in [
        ("phase next", true, "alive 1"),
        ("phase skip", true, "alive 0"),
        ("phase pass", false, "alive 0"),
        ("phase fail", false, "alive 1"),
        ("exit\nphase status\nphase next", true, "alive 1"),
        ("exit\nphase shell\nphase skip", true, "alive 0"),
        ("exit\nphase retry\nphase pass", false, "alive 0"),
    ] {
        let text = plain(&bash(
            "circleci",
            &phases,
            &format!("phase run --hold\n{lines}"),
        ));
        says(
            &text,
            &[
                "Held at step 1 of bad, which exited with 3. This prompt has its directory and environment.",
            ],
        );
        let ran = text.lines().any(|line| line == "RAN-last");
        assert!(
            ran == last && text.trim_end().ends_with(end),
            "{lines}:\n{text}"
        );
    }
}

#[test]
fn hold_keeps_what_each_shell_can_tell() {
    for (shell, command, see, line) in [
        (
            json!(["sh", "-e", "-c"]),
            "v=\"it's\"; cd sub; false",
            "echo $PWD $v",
            "HERE/sub it's",
        ),
        (
            json!(["bash", "-c"]),
            "cd sub; a=(1 '2 3'); exit 5",
            "echo $PWD ${a[1]}",
            "HERE/sub 2 3",
        ),
        (
            json!(["bash", "-c"]),
            "cd sub; trap 'echo own' EXIT; exit 5",
            "echo $PWD",
            "HERE",
        ),
        (
            json!(["python3", "{0}"]),
            "raise SystemExit(2)",
            "echo $PWD $E",
            "HERE env",
        ),
        (
            json!(["bash", "-euxo", "pipefail", "{0}"]),
            "cat <<'X'\n  $y\nX\ncd sub; echo $unset",
            "echo $PWD",
            "HERE/sub",
        ),
    ] {
        let facts = json!({"shell": shell, "env": [{"name": "E", "value": "env"}]});
        let phases = [own("it", command, &facts)];
        let text = plain(&bash(
            "stepmux",
            &phases,
            &format!("phase run it --hold\n{see}\nphase skip"),
        ));
        says(&text, &[line, "alive 0"]);
    }
}

#[test]
fn steps_that_are_hard_on_a_shell_run_in_their_own() {
    let heredoc = "cat <<EOF\n  it's \"$((1+1))\"\nEOF\ncat <<'X'\n$x\nX";
    let table = [
        ("exit 3", "exited with 3"),
        ("set -e; false; echo LATER", "exited with 1"),
        ("trap 'echo bye; exit 9' EXIT; exit 3", "exited with 9"),
        ("kill -9 $$", "exited with 137"),
        ("sleep 0 & wait; echo waited", "waited"),
        (heredoc, "  it's \"2\""),
        ("read -r line; echo \"got $line\"", "got hello"),
        ("if then", "exited with 2"),
    ];
    for (command, line) in table {
        let facts = json!({"shell": ["bash", "-c"]});
        let phases = [own("it", command, &facts)];
        let text = plain(&bash("circleci", &phases, "phase run it <<< hello"));
        let found = text
            .lines()
            .any(|l| l == line || l.starts_with(&format!("{line} 0.")));
        assert!(
            found && !text.contains("LATER\n") || command.contains("LATER"),
            "{command}:\n{text}"
        );
        assert!(text.contains("\nalive "), "{command}:\n{text}");
    }
}

#[test]
fn steps_that_are_hard_on_a_shell_end_the_one_shell_at_most() {
    let heredoc = "cat <<EOF\n  it's \"$((1+1))\"\nEOF";
    let table = [
        ("exit 3", "exited with 3", false, "alive 1"),
        (
            "exit 0",
            "Done. Your build exited with 0.",
            false,
            "alive 0",
        ),
        ("set +e; false; echo on", "on", true, "alive 0"),
        ("false | true", "exited with 1", false, "alive 1"),
        ("trap 'echo bye' EXIT", "bye", true, "alive 0"),
        ("kill -9 $$", "exited with 137", false, "alive 1"),
        ("sleep 0 & wait; echo waited", "waited", true, "alive 0"),
        ("read -r line || echo nobody", "nobody", true, "alive 0"),
        (heredoc, "  it's \"2\"", true, "alive 0"),
        ("if then", "exited with 2", false, "alive 1"),
        (
            "head -c 10000000 /dev/zero | tr '\\0' x; echo",
            "waited",
            true,
            "alive 0",
        ),
    ];
    for (command, line, later, end) in table {
        for shell in ["bash", "sh"] {
            // A POSIX shell may have no pipefail.
            if shell == "sh" && command.contains('|') {
                continue;
            }
            let mut script = phase(
                "script",
                "one-shell",
                &["v=7", command, "echo later $v"],
                &json!({}),
            );
            script["shell"] = json!([shell]);
            let text = plain(&bash("gitlab", &[script], "phase run <<< hello"));
            let found = text
                .lines()
                .any(|l| l == line || l.starts_with(&format!("{line} 0.")));
            assert!(
                found || text.len() > 10_000_000,
                "{shell}: {command}:\n{text}"
            );
            assert_eq!(
                text.lines().any(|l| l == "later 7"),
                later,
                "{shell}: {command}:\n{text}"
            );
            assert!(
                text.trim_end().ends_with(end),
                "{shell}: {command}:\n{text}"
            );
        }
    }
}

#[test]
fn steps_of_one_shell_have_their_own_facts_too() {
    let step = |command: &str, facts: Value| {
        let mut step = phase("p", "same-shell", &[command], &facts)["steps"][0].clone();
        step["on_failure"] = facts
            .get("on_failure")
            .cloned()
            .unwrap_or("stop-failed".into());
        step
    };
    let mut all = phase("all", "same-shell", &[], &json!({}));
    all["steps"] = json!([
        step("v=7; echo \"first $JOB\"", json!({})),
        step(
            "echo \"own $OWN in $PWD $v\"; cd /",
            json!({"env": [{"name": "OWN", "value": "mine"}], "cwd": "sub"})
        ),
        step("echo \"after ${OWN-unset} in $PWD\"", json!({})),
        step("false", json!({"on_failure": "ignore"})),
        step(
            "sleep 30.25; echo WOKE",
            json!({"timeout": 1, "on_failure": "ignore"})
        ),
        step("echo up > up; sleep 30.25", json!({"background": true})),
        step("until test -e up; do :; done; echo met", json!({})),
        step(
            "echo x >> tries; test $(wc -l < tries) -ge 2",
            json!({"retry": 2})
        ),
        step(
            "echo \"<+input>\"",
            json!({"asks": [{"expression": "<+input>", "variable": "INPUT"}]})
        ),
        step("exit 4", json!({})),
        step("echo NEVER", json!({})),
        step("echo always $v", json!({"when": "always"})),
        step("echo onfail", json!({"when": "failure"})),
    ]);
    let env = json!([{"name": "JOB", "value": "'of the job'"}]);
    let typed = "INPUT=given; phase run\necho \"v=$v\"";
    let text = plain(&job("stepmux", env.clone(), &[all], typed));
    says(
        &text,
        &[
            "first of the job",
            "own mine in HERE/sub 7",
            "after unset in HERE",
            "It took longer than 1s and was stopped.",
            "goes on in the background",
            "met",
            "given",
            "v=7",
        ],
    );
    assert!(!text.lines().any(|line| line == "NEVER"), "{text}");

    let mut one = phase(
        "one",
        "one-shell",
        &["echo \"one $JOB $OWN ${PWD##*/}\"", "false", "echo on"],
        &json!({}),
    );
    one["steps"][0]["env"] = json!([{"name": "OWN", "value": "mine"}]);
    one["steps"][0]["cwd"] = "sub".into();
    one["steps"][1]["on_failure"] = "ignore".into();
    let text = plain(&job("stepmux", env, &[one], "phase run"));
    says(
        &text,
        &[
            "one of the job mine sub",
            "on",
            "Done. Your build exited with 0.",
        ],
    );
}

#[test]
fn much_output_passes_through() {
    let phases = [own(
        "big",
        "head -c 10000000 /dev/zero | tr '\\0' x; echo",
        &json!({}),
    )];
    let got = bash("circleci", &phases, "phase run");
    assert!(
        got.len() > 10_000_000 && got.contains("alive 0"),
        "{}",
        got.len()
    );
}

#[test]
fn one_shell_stops_at_the_first_failure_and_says_where() {
    let script = phase(
        "script",
        "one-shell",
        &[
            "export WHO=me; v=8",
            "cd sub\nhelper() { echo \"helping $1\"; }",
            "read x || echo \"eof $WHO\"",
            "test -e ../fixed",
            "helper $v",
        ],
        &json!({}),
    );
    let mut after = phase(
        "after_script",
        "one-shell",
        &["pwd", "echo \"who=$WHO\"; false", "echo NEVER"],
        &json!({"on_failure": "ignore"}),
    );
    after["kind"] = "always".into();
    let phases = [script, after];
    let got = bash("gitlab", &phases, "phase run");
    let text = plain(&got);
    says(
        &text,
        &[
            "$ cd sub # collapsed multi-line command",
            "eof me",
            "HERE",
            "who=",
            "WARNING: after_script failed, but job will continue unaffected: exit status 1",
            "alive 1",
        ],
    );
    assert!(
        !text.contains("NEVER\n") && !text.contains("helping"),
        "{text}"
    );
    let seen = marks(&got);
    assert_eq!(
        seen[6..8],
        [
            "B;phase=script;step=4;of=5",
            "D;phase=script;step=4;status=1"
        ]
    );
    assert_eq!(seen.last(), Some(&"F;status=1"));

    let lines = "phase run --hold\necho \"at $PWD $v\"; helper you; v=9; touch ../fixed; cd /\nphase retry\nphase next";
    let text = plain(&bash("gitlab", &phases, lines));
    says(
        &text,
        &[
            "at HERE/sub 8",
            "helping you",
            "It passed. phase next goes on.",
            "helping 9",
            "alive 0",
        ],
    );
}

#[test]
fn phases_are_found_by_name_number_and_beginning() {
    let phases = [
        own("Run tests", "echo RAN-1", &json!({})),
        own("Run tests", "echo RAN-2", &json!({})),
        own("build it", "echo RAN-3", &json!({})),
        own("build that", "echo RAN-4", &json!({})),
    ];
    for (typed, ran) in [
        ("phase run 'Run tests'", "1"),
        ("phase run Run_tests_2", "2"),
        ("phase run 3", "3"),
        ("phase run 'build t'", "4"),
        ("phase run Run", ""),
        ("phase run build", ""),
        ("phase run nosuch", ""),
        ("travis_run_build_it", "3"),
        ("phase run build_it:1", "3"),
        ("phase run build_it:2", ""),
        ("phase next; phase next", "12"),
        ("phase skip; phase next; phase retry", "22"),
        ("phase from 3", "34"),
    ] {
        let text = plain(&bash("github", &phases, &format!("{typed} 2>&1")));
        let got: String = text
            .lines()
            .filter_map(|l| l.strip_prefix("RAN-"))
            .collect();
        assert_eq!(got, ran, "{typed}:\n{text}");
        assert_eq!(
            text.trim_end().ends_with("alive 2"),
            ran.is_empty(),
            "{typed}:\n{text}"
        );
    }
    let text = plain(&bash(
        "github",
        &phases,
        "phase run build 2>&1; phase show 3; phase list; phase help",
    ));
    says(
        &text,
        &[
            "several phases begin with build:",
            "  build_that",
            "  1  echo RAN-3",
            "  4  build that                 1 steps  main",
        ],
    );
    assert!(text.contains("phase help "), "{text}");
}
