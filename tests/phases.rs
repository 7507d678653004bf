//! The generated phase functions in a real interactive bash: what a step may do to
//! its shell, what the results are, and Travis's exact bytes.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod common;

use common::bash::typed as run;
use stepmux::ci::{functions, travis};

/// Runs a script of typed lines in `bash --rcfile F -i`; gives standard output.
fn bash(yaml: &str, script: &str, env: &[(&str, &str)]) -> String {
    let dir = tempfile::tempdir().unwrap();
    let build = travis::load(yaml, "build.yml").unwrap();
    let phases = dir.path().join("phases.bash");
    let setting = functions::Setting::default();
    std::fs::write(
        &phases,
        functions::phases(build.system, &build.jobs[0], &setting),
    )
    .unwrap();
    run(
        dir.path(),
        &functions::rc(phases.to_str().unwrap()),
        script,
        env,
    )
}

/// One phase `script` of these commands, then a line that proves the shell lives.
fn script(commands: &[&str], typed: &str) -> String {
    let list: Vec<String> = commands
        .iter()
        .map(|c| serde_json::to_string(c).unwrap())
        .collect();
    let yaml = format!("language: minimal\nscript: [{}]\n", list.join(", "));
    bash(&yaml, &format!("{typed}\necho alive $?\n"), &[])
}

/// Times and ids, replaced by words.
fn mask(text: &str) -> String {
    let ids = regex::Regex::new("travis_time:(start|end):[0-9a-f]{8}").unwrap();
    let times = regex::Regex::new("start=[0-9]+,finish=[0-9]+,duration=[0-9]+").unwrap();
    let text = ids.replace_all(text, "travis_time:$1:ID");
    times.replace_all(&text, "TIMES").into_owned()
}

/// Escapes readable, one line each, as the transcripts are kept.
fn visible(text: &str) -> String {
    mask(text).replace('\x1b', "^[").replace('\r', "^M")
}

#[test]
fn build_in_exact_mode_prints_the_bytes_of_travis() {
    let yaml = include_str!("fixtures/ci/build.travis.yml");
    let got = bash(yaml, "travis_run_build\n", &[("STEPMUX_TRAVIS_EXACT", "1")]);
    assert_eq!(visible(&got), include_str!("fixtures/ci/build.transcript"));
}

#[test]
fn errored_build_in_exact_mode_stops_as_travis_does() {
    let yaml = include_str!("fixtures/ci/build.travis.yml").replace("echo ready", "\"false\"");
    let got = bash(
        &yaml,
        "travis_run_build\n",
        &[("STEPMUX_TRAVIS_EXACT", "1")],
    );
    assert_eq!(
        visible(&got),
        include_str!("fixtures/ci/errored.transcript")
    );
}

#[test]
fn step_that_would_end_the_shell_ends_the_phase_only() {
    let table: [(&[&str], &str); 16] = [
        (&["exit 3", "echo LATER"], "alive 3"),
        (&["exit 0", "echo LATER"], "alive 0"),
        (&["exit 4\necho LATER", "echo LATER"], "alive 4"),
        (
            &["f() { exit 5; echo LATER; }; f || true; echo LATER"],
            "alive 5",
        ),
        (&["if true; then exit 6; fi; echo LATER"], "alive 6"),
        (&["while :; do exit 7; done; echo LATER"], "alive 7"),
        (&["eval 'exit 8\necho LATER'\necho LATER"], "alive 8"),
        (
            &["echo 'exit 9; echo LATER' > f; . ./f; echo LATER"],
            "alive 9",
        ),
        (&["travis_terminate 2; echo LATER"], "alive 2"),
        (&["set -e; false; echo LATER"], "alive 1"),
        (
            &["set -e\ng() { false; echo LATER; }\nh() { g; echo LATER; }\nh"],
            "alive 1",
        ),
        (&["set -e", "(exit 12)", "echo LATER"], "alive 12"),
        (
            &["set -eE; trap 'echo caught' ERR; false; echo LATER"],
            "alive 1",
        ),
        (&["trap 'exit 13' ERR; false; echo LATER"], "alive 13"),
        (&["set -e; x=$(false); echo LATER"], "alive 1"),
        (
            &["set -euo pipefail; true | (exit 14) | true; echo LATER"],
            "alive 14",
        ),
    ];
    for (commands, end) in table {
        let got = script(commands, "travis_run_script");
        let later = got.lines().any(|line| line == "LATER");
        assert!(
            got.trim_end().ends_with(end) && !later,
            "{commands:?}:\n{got}"
        );
    }
}

#[test]
fn step_that_only_looks_so_runs_on() {
    let table: [(&[&str], &str); 9] = [
        (&["(exit 3); echo rc $?"], "rc 3"),
        (&["x=$(exit 4); echo rc $?"], "rc 4"),
        (&["exit 5 | cat; echo fine"], "fine"),
        (&["exit 6 & wait $!; echo rc $?"], "rc 6"),
        (
            &["set -e; false || echo fine; if false; then :; fi; echo on"],
            "on",
        ),
        (
            &["set -u; echo \"$undefined_variable\"", "set +u; echo fine"],
            "fine",
        ),
        (&["return 7; echo no", "echo fine"], "fine"),
        (&["break; echo fine"], "fine"),
        (&["if then syntax", "echo fine"], "fine"),
    ];
    for (commands, line) in table {
        let got = script(commands, "travis_run_script");
        assert!(
            got.lines().any(|l| l == line) && got.contains("\nalive "),
            "{commands:?}:\n{got}"
        );
    }
}

#[test]
fn prompt_is_safe_after_a_step_changed_the_shell() {
    let typed = "travis_run_script\nfalse\necho flags ${-//[!eux]/} trap $(trap -p ERR DEBUG) $(type -t exit trap)";
    let got = script(&["set -eux", "case $- in *e*u*x*) true;; esac"], typed);
    assert!(got.contains("flags trap builtin builtin"), "{got}");
}

#[test]
fn shell_options_hold_from_step_to_step() {
    let got = script(
        &["set -e", "case $- in *e*) echo kept;; esac"],
        "travis_run_script 1\ntravis_run_script 2",
    );
    assert!(got.lines().any(|line| line == "kept"), "{got}");
}

#[test]
fn state_of_the_shell_holds_from_phase_to_phase() {
    let yaml = "language: minimal\nbefore_install:\n- cd /usr\n- export WHO=me\n- f() { echo \"fun $1\"; }\n\
                - n=5 i=6 cmd=7 phase=8 rc=9\n- shopt -s nullglob; IFS=,\n\
                script:\n- echo \"$PWD $WHO $(f x) $n$i$cmd$phase$rc\"\n- x=a,b; printf '<%s>\\n' $x\n";
    let got = bash(
        yaml,
        "travis_run_before_install\ntravis_run_script\npwd\n",
        &[],
    );
    assert!(
        got.contains("/usr me fun x 56789\n") && got.contains("<a>\n<b>\n"),
        "{got}"
    );
    assert!(got.trim_end().ends_with("/usr"), "{got}");
}

#[test]
fn single_steps_and_ranges_run_alone() {
    let steps = ["echo s1", "echo s2", "echo s3"];
    for (choice, expected) in [
        ("", "s1s2s3"),
        ("2", "s2"),
        ("2-3", "s2s3"),
        ("2-", "s2s3"),
        ("1-1", "s1"),
    ] {
        let got = script(&steps, &format!("travis_run_script {choice}"));
        let ran: String = got
            .lines()
            .filter(|l| l.len() == 2 && l.starts_with('s'))
            .collect();
        assert_eq!(ran, expected, "{choice}");
    }
    for choice in ["0", "4", "3-2", "x", "1-9", "1 2", "99999999999"] {
        let got = script(&steps, &format!("travis_run_script {choice}"));
        assert!(
            got.contains("alive 2") && !got.contains("s1"),
            "{choice}: {got}"
        );
    }
}

#[test]
fn heredoc_and_quotes_arrive_verbatim() {
    let heredoc = "cat <<EOF\n  it's \"$((1+1))\" `echo x`\n\\$HOME\nEOF\n";
    let unended = "cat <<'END'\n$x\nEND";
    let got = script(
        &[heredoc, unended, "echo 'a'\\''b' \"c\\\"d\""],
        "travis_run_script",
    );
    assert!(got.contains("  it's \"2\" x\n$HOME\n"), "{got}");
    assert!(
        got.contains("\n$x\n") && got.contains("a'b c\"d\n"),
        "{got}"
    );
}

#[test]
fn step_reads_the_standard_input_of_the_phase() {
    let got = script(
        &["read -r line; echo \"got $line\""],
        "travis_run_script <<< hello",
    );
    assert!(got.contains("got hello\n"), "{got}");
}

#[test]
fn traps_of_a_step_are_the_steps() {
    let got = script(
        &[
            "trap 'echo bye' EXIT; trap 'echo sig' USR1",
            "kill -USR1 $$; echo sent",
        ],
        "travis_run_script",
    );
    assert!(
        got.contains("sig\nsent\n") || got.contains("sent\nsig\n"),
        "{got}"
    );
    assert!(got.trim_end().ends_with("bye"), "{got}");
    assert_eq!(got.matches("bye\n").count(), 1, "{got}");
}

#[test]
fn background_step_and_large_output_pass_through() {
    let commands = [
        "sleep 0 &",
        "head -c 10000000 /dev/zero | tr '\\0' x; echo",
        "wait; echo all",
    ];
    let got = script(&commands, "travis_run_script");
    assert!(
        got.len() > 10_000_000 && got.contains("\nall\n"),
        "{}",
        got.len()
    );
}

#[test]
fn asserted_phase_stops_and_returns_the_status() {
    let yaml = "language: minimal\ninstall: [true, (exit 9), echo LATER]\nscript: echo ok\n";
    let got = bash(
        yaml,
        "travis_run_install\necho alive $?\ntravis_run_build\necho build $?\n",
        &[],
    );
    assert!(
        got.contains("\"(exit 9)\" failed and exited with 9 during .") && got.contains("alive 9"),
        "{got}"
    );
    assert!(
        got.contains("Done. Your build exited with 2.\nbuild 2"),
        "{got}"
    );
    assert!(!got.contains("\nLATER"), "{got}");
}

#[test]
fn build_takes_after_success_and_leaves_deploy_out() {
    let yaml = "language: minimal\nscript: \"true\"\nafter_success: echo good\nafter_failure: echo bad\n\
                deploy: {provider: script, script: echo PUBLISHED}\n";
    let got = bash(
        yaml,
        "travis_run_build\necho build $?\ntravis_run_deploy\ntravis_run_deploy --yes\n",
        &[],
    );
    assert!(
        got.contains("\ngood\n") && !got.contains("\nbad\n"),
        "{got}"
    );
    assert!(
        got.contains("build 0\nThis publishes:\n") && got.matches("\nPUBLISHED\n").count() == 1,
        "{got}"
    );
}

#[test]
fn helpers_behave_as_on_travis() {
    let got = script(
        &[
            "echo 0 > n; try() { read -r n < n; echo $((n + 1)) > n; ((n >= 1)); }; travis_retry try; echo retried $?",
            "travis_cmd 'v=set; (exit 4)' --echo --timing; echo \"cmd $? $v\"",
            "travis_wait 1 echo waited",
            "travis_cmd 'exit 21'; echo LATER",
        ],
        "travis_run_script",
    );
    for part in [
        "retried 0\n",
        "$ v=set; (exit 4)\n",
        "cmd 4 set\n",
        "The command echo waited exited with 0.",
        "\nwaited\n",
        "alive 21",
    ] {
        assert!(got.contains(part), "{part}:\n{got}");
    }
}

#[test]
fn further_helpers_behave_as_on_travis() {
    let table: [(&str, &str); 9] = [
        (
            "echo $(travis_vers2int 1.12.3) $(travis_vers2int 8)",
            "1001012003000 1008000000000",
        ),
        (
            "travis_bash_qsort_numeric 3_a 10_b 1_c; echo \"${travis_bash_qsort_numeric_ret[@]}\"",
            "1_c 3_a 10_b",
        ),
        (
            "(PATH=/a:/b:/a:/c; travis_remove_from_path /a; echo $PATH)",
            "/b:/c",
        ),
        (
            "travis_has_makefile || echo none; touch Makefile; travis_has_makefile && echo there",
            "there",
        ),
        (
            "travis_fold start x | od -An -c | tr -d ' '",
            "travis_fold:star",
        ),
        ("travis_wait_for_port 1 1 || echo refused", "refused"),
        (
            "travis_setup_java 2>&1",
            "stepmux: travis_setup_java prepares a machine of Travis; it does nothing here.",
        ),
        (
            "go() { echo \"go $*\"; }; rm -f Makefile; travis_install_go_dependencies 1.9 -v",
            "go get -v -t ./...",
        ),
        (
            "printf \"${ANSI_RED}red${ANSI_RESET}\\n\"",
            "\x1b[31;1mred\x1b[0m",
        ),
    ];
    let commands: Vec<&str> = table.iter().map(|(command, _)| *command).collect();
    let got = script(&commands, "travis_run_script");
    for (command, line) in table {
        let found = got.lines().any(|l| l.starts_with(line));
        assert!(found, "{command}: no {line} in\n{got}");
    }
}

#[test]
fn build_is_held_in_its_own_shell_and_goes_on_there() {
    let yaml = "language: minimal\ninstall: [cd /usr, 'v=1; test -n \"$FIX\"', echo LATER]\n\
                script: ['echo \"$PWD $v\"', set -e; false, 'echo THIRD']\nafter_failure: echo AFTER\n";
    let typed = "phase run --hold\necho \"$PWD $v ${-//[!eux]/}\"; cd /; phase retry; FIX=1; phase retry; phase next\n\
                 echo held $?; phase next\necho ended $?\n";
    let got = bash(yaml, typed, &[("STEPMUX_MARK", "m")]);
    for line in [
        "/usr 1 ", "/usr 1", "LATER", "THIRD", "AFTER", "held 1", "ended 1",
    ] {
        assert!(
            got.lines().any(|l| l.ends_with(line)),
            "no {line} in\n{got}"
        );
    }
    let held: Vec<&str> = got
        .split("\x1b]7717;m;H;")
        .skip(1)
        .filter_map(|rest| rest.split('\x07').next())
        .collect();
    assert_eq!(
        held,
        [
            "phase=install;step=2;status=1",
            "phase=install;step=2;status=1",
            "phase=script;step=2;status=1"
        ]
    );
}

#[test]
fn job_environment_reaches_the_shell_and_its_children() {
    let yaml = "language: rust\nenv:\n  global: [\"A=1 B='x y'\", \"P=$HOME/bin:$A\"]\n  jobs: [{C: it's}]\nscript: ls\n";
    let got = bash(
        yaml,
        "echo \"$A,$B,$TRAVIS_LANGUAGE\"; printenv P CI; echo $HOME\n",
        &[],
    );
    let home = got.lines().last().unwrap().to_owned();
    assert!(
        got.contains("1,x y,rust\n") && got.contains(&format!("{home}/bin:1\ntrue\n")),
        "{got}"
    );
}

#[test]
fn marks_name_each_step_with_the_nonce_and_hide_it_from_children() {
    let yaml = "language: minimal\ninstall: skip\nscript: ['echo ${STEPMUX_MARK:-none}', exit 3]\n";
    let typed = "travis_run_build\nenv | grep -c n0nce\n";
    let got = bash(yaml, typed, &[("STEPMUX_MARK", "n0nce")]);
    let marks: Vec<&str> = got
        .split("\x1b]7717;")
        .skip(1)
        .filter_map(|rest| rest.split('\x07').next())
        .collect();
    assert_eq!(
        marks,
        [
            "n0nce;S;phase=install",
            "n0nce;B;phase=script;step=1;of=2",
            "n0nce;D;phase=script;step=1;status=0",
            "n0nce;B;phase=script;step=2;of=2",
            "n0nce;D;phase=script;step=2;status=3;ended=1",
            "n0nce;F;status=3",
        ]
    );
    assert!(
        got.contains("none\n") && got.trim_end().ends_with('0'),
        "{got}"
    );
}

#[test]
fn shell_that_a_step_takes_along_is_reported() {
    let yaml = "language: minimal\nscript: builtin exit 6\n";
    let got = bash(
        yaml,
        "travis_run_script\necho LATER\n",
        &[("STEPMUX_MARK", "m")],
    );
    assert!(
        got.contains("m;D;phase=script;step=1;status=6;died=1\x07") && !got.contains("LATER"),
        "{got}"
    );
}

#[test]
fn rc_reads_what_a_login_shell_reads() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join(".profile"), "PROFILE=1; set -e\n").unwrap();
    std::fs::write(
        dir.path().join(".bash_login"),
        "LOGIN=1; alias printf=false; set -e\n",
    )
    .unwrap();
    let build = travis::load("script: echo hi", "f").unwrap();
    let phases = dir.path().join("it's phases.bash");
    std::fs::write(
        &phases,
        functions::phases(build.system, &build.jobs[0], &functions::Setting::default()),
    )
    .unwrap();
    let rc = functions::rc(phases.to_str().unwrap());
    let got = run(
        dir.path(),
        &rc,
        "false\necho \"got $PROFILE,$LOGIN\"\ntravis_run_script\nphase show script\n",
        &[],
    );
    assert!(
        got.contains("got ,1\n$ echo hi\nhi\n") && got.contains("  1  echo hi\n"),
        "{got}"
    );
}
