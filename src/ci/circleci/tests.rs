//! Rules of the loader, each on a small file of its own.

#![allow(clippy::unwrap_used)]

use super::super::load::Source;
use super::super::model::{Build, Job, OnFailure, PhaseKind, When};
use super::load;

pub(super) fn build(text: &str) -> Build {
    load(text, Source::alone("c.yml")).unwrap()
}

pub(super) fn refused(text: &str) -> String {
    load(text, Source::alone("c.yml")).unwrap_err().to_string()
}

/// A 2.1 file: what stands before `jobs`, the steps of the job `a`, and more keys of it.
pub(super) fn with_steps(head: &str, steps: &str) -> String {
    format!(
        "version: 2.1\n{head}\njobs:\n  a:\n    docker: [{{image: i}}]\n    steps: {steps}\nworkflows: {{w: {{jobs: [a]}}}}\n"
    )
}

fn steps(head: &str, steps: &str) -> Job {
    let build = build(&with_steps(head, steps));
    build.jobs.into_iter().next().unwrap()
}

/// The commands of a job, placeholders by name in brackets.
fn commands(job: &Job) -> Vec<String> {
    let steps = job.phases.iter().flat_map(|phase| &phase.steps);
    steps
        .map(|step| match &step.placeholder {
            Some(_) => format!("[{}]", step.name.as_deref().unwrap()),
            None => step.command.clone(),
        })
        .collect()
}

fn names(build: &Build) -> Vec<&str> {
    build.jobs.iter().map(|job| job.name.as_str()).collect()
}

#[test]
fn run_is_read_in_both_forms() {
    let job = steps(
        "",
        "[run: make, {run: {name: Test it, command: \"a\\nb\", shell: /bin/sh -e, background: true, \
         environment: {X: $HOME, Y: 'a b'}, working_directory: ~/project/sub, no_output_timeout: 1.5h, \
         max_auto_reruns: 3}}]",
    );
    let [short, long] = job.phases.as_slice() else {
        panic!("{job:?}")
    };
    assert_eq!((short.name.as_str(), &short.steps[0].name), ("make", &None));
    assert_eq!(short.steps[0].shell, ["/bin/bash", "-eo", "pipefail", "-c"]);
    assert_eq!(short.steps[0].on_failure, OnFailure::StopFailed);
    let step = &long.steps[0];
    assert_eq!(
        (long.name.as_str(), step.command.as_str()),
        ("Test it", "a\nb")
    );
    assert_eq!(step.shell, ["/bin/sh", "-e", "-c"]);
    let env: Vec<_> = step
        .env
        .iter()
        .map(|v| format!("{}={}", v.name, v.value))
        .collect();
    assert_eq!(env, ["X='$HOME'", "Y='a b'"]);
    assert_eq!(step.cwd.as_deref(), Some("sub"));
    assert_eq!(
        (step.silence, step.retry, step.background),
        (Some(5400), 3, true)
    );
}

#[test]
fn phase_has_the_time_of_its_step() {
    let job = steps(
        "",
        "[{run: {command: a, when: always}}, {run: {command: b, when: on_fail}}, \
         {run: {command: c, when: on_success}}, {store_artifacts: {path: x}}, {deploy: {command: d}}]",
    );
    let kinds: Vec<_> = job
        .phases
        .iter()
        .map(|p| (p.kind, p.steps[0].when.clone()))
        .collect();
    assert_eq!(
        kinds,
        [
            (PhaseKind::Always, When::Always),
            (PhaseKind::OnFailure, When::Failure),
            (PhaseKind::Main, When::Success),
            (PhaseKind::Always, When::Always),
            (PhaseKind::Deploy, When::Success),
        ]
    );
}

#[test]
fn built_in_steps_are_placeholders_with_their_text() {
    let job = steps(
        "",
        "[checkout, {save_cache: {name: Save it, key: k, paths: [p]}}, {when: {condition: true, steps: [checkout]}}]",
    );
    assert_eq!(commands(&job), ["[checkout]", "[Save it]", "[checkout]"]);
    let step = &job.phases[1].steps[0];
    assert_eq!(
        step.command,
        "save_cache:\n  name: Save it\n  key: k\n  paths:\n  - p"
    );
    assert!(
        step.placeholder
            .as_deref()
            .unwrap()
            .starts_with("save_cache: ")
    );
}

pub(super) const COMMANDS: &str = "
commands:
  outer:
    parameters: {who: {type: string, default: World}, loud: {type: boolean, default: false}}
    steps:
    - run: echo << parameters.who >>
    - inner: {text: 'to <<parameters.who>>', loud: << parameters.loud >>}
  inner:
    parameters:
      text: {type: string}
      loud: {type: boolean}
      extra: {type: steps, default: []}
    steps:
    - run: {name: say, command: 'say <<parameters.text>><<#parameters.loud>>!<</parameters.loud>><<^parameters.loud>>.<</parameters.loud>>', environment: {LOUD: << parameters.loud >>}}
    - when: {condition: << parameters.loud >>, steps: [run: bell]}
    - unless: {condition: {and: [<< parameters.loud >>, true]}, steps: [run: hush]}
    - steps: << parameters.extra >>
";

#[test]
fn commands_are_expanded_with_their_parameters() {
    let job = steps(
        COMMANDS,
        "[outer, {outer: {who: You, loud: yes}}, {inner: {text: x, loud: false, extra: [run: more]}}]",
    );
    assert_eq!(
        commands(&job),
        [
            "echo World",
            "say to World.",
            "hush",
            "echo You",
            "say to You!",
            "bell",
            "say x.",
            "hush",
            "more"
        ]
    );
    let groups: Vec<_> = job
        .phases
        .iter()
        .map(|p| p.group.as_deref().unwrap())
        .collect();
    assert_eq!(groups[..3], ["outer", "inner", "inner"]);
    // A truth value in a variable is 1 or 0.
    let loud: Vec<_> = job
        .phases
        .iter()
        .flat_map(|p| &p.steps[0].env)
        .map(|v| v.value.as_str())
        .collect();
    assert_eq!(loud, ["0", "1", "0"]);
}

#[test]
fn mistakes_of_calls_have_a_place() {
    let table = [
        ("[{outer: {nope: 1}}]", "has no parameter `nope`"),
        ("[inner]", "the command inner needs the parameter `text`"),
        (
            "[{inner: {text: x, loud: maybe}}]",
            "parameter `loud`: true or false is expected",
        ),
        ("[nothing]", "there is no step or command `nothing`"),
        ("[other/thing]", "there is no step or command `other/thing`"),
        (
            "[run: << parameters.nope >>]",
            "there is no parameter `nope` here",
        ),
        (
            "[run: << pipeline.parameters.nope >>]",
            "the file declares no pipeline parameter `nope`",
        ),
        ("[run: << matrix.nope >>]", "no matrix here"),
        (
            "[{run: , name: x, command: y}]",
            "a step has one key; `name` must stand below `run`",
        ),
        ("[{run: {name: x}}]", "`run` needs a command"),
        ("[{run: \"a\\0b\"}]", "a command cannot hold a NUL"),
        ("[{when: {condition: true}}]", "needs `steps`"),
        (
            "[{when: {condition: {xor: [1]}, steps: []}}]",
            "`xor` is no logic operator",
        ),
        (
            "[run: '<<#parameters.x>>open']",
            "the section `parameters.x` has no end",
        ),
    ];
    for (list, expected) in table {
        let error = refused(&with_steps(COMMANDS, list));
        assert!(
            error.starts_with("c.yml:") && error.contains(expected),
            "{list}: {error}"
        );
        assert!(!error.starts_with("c.yml:0:"), "{error}");
    }
    let error = refused(
        &with_steps("executors: {e: {docker: [{image: x}]}}", "[]")
            .replace("docker: [{image: i}]", "executor: f"),
    );
    assert!(error.contains("there is no executor `f`"), "{error}");
}

#[test]
fn command_that_calls_itself_is_an_error_with_its_path() {
    let head = "commands: {x: {steps: [y]}, y: {steps: [x]}}";
    let error = refused(&with_steps(head, "[x]"));
    assert!(
        error.contains("the command x calls itself: x > y > x"),
        "{error}"
    );
    // Except that it may wrap a built-in step of its own name.
    let head = "commands: {checkout: {steps: [run: before, checkout]}}";
    assert_eq!(
        commands(&steps(head, "[checkout]")),
        ["before", "[checkout]"]
    );
}

#[test]
fn job_that_nobody_calls_has_what_it_can_have() {
    let text = "
version: 2.1
jobs:
  a:
    parameters: {s: {type: steps}, c: {type: string}, b: {type: boolean}, e: {type: executor}}
    executor: << parameters.e >>
    environment: {V: << parameters.c >>}
    steps:
    - steps: << parameters.s >>
    - when: {condition: << parameters.b >>, steps: [run: 'x <<#parameters.b>>y<</parameters.b>>']}
    - run: ''
workflows: {w: {jobs: [gone: {type: approval}]}}
";
    let build = build(text);
    let job = &build.jobs[1];
    assert_eq!(
        commands(job),
        [
            "[<< parameters.s >>]",
            "x <<#parameters.b>>y<</parameters.b>>",
            ""
        ]
    );
    assert_eq!(
        job.phases[1].steps[0].when,
        When::Expression("parameters.b".to_owned())
    );
    let asks = &job.phases[2].steps[0].asks;
    assert_eq!(
        (asks, asks[0].variable.as_str()),
        (&job.asks, "PARAMETERS_C")
    );
    assert_eq!(job.phases[2].name, "run");
}

#[test]
fn heredocs_are_no_parameters() {
    let table = [
        ("cat <<EOF\nx\nEOF", "cat <<EOF\nx\nEOF"),
        ("cat <<EOF >> << pipeline.parameters.p >>", "cat <<EOF >> v"),
        ("cat \\<<EOF", "cat <<EOF"),
        (
            "\\<< pipeline.parameters.p >>",
            "<< pipeline.parameters.p >>",
        ),
        ("echo $((1<<2)) >> x", "echo $((1<<2)) >> x"),
        ("<< not a tag >>", "<< not a tag >>"),
        ("<<\n  pipeline.parameters.p\n>>", "v"),
        ("<<pipeline.parameters.p>><<pipeline.parameters.p>>", "vv"),
    ];
    for (text, expected) in table {
        let head = "parameters: {p: {type: string, default: v}}";
        let list = format!("[run: {}]", serde_json::to_string(text).unwrap());
        assert_eq!(commands(&steps(head, &list)), [expected], "{text}");
        // Version 2 has no parameters at all.
        let old = with_steps("", &list).replace("2.1", "2");
        assert_eq!(commands(&build(&old).jobs[0]), [text]);
    }
}

#[test]
fn values_of_the_pipeline_are_asked_for() {
    let job = steps(
        "",
        "[{run: {command: 'git diff << pipeline.git.branch >> << pipeline.git.branch >>', environment: {N: << pipeline.number >>}}}]",
    );
    let step = &job.phases[0].steps[0];
    assert_eq!(step.env[0].value, "'<< pipeline.number >>'");
    let asks: Vec<_> = step
        .asks
        .iter()
        .map(|a| (a.expression.as_str(), a.variable.as_str()))
        .collect();
    assert_eq!(
        asks,
        [
            ("<< pipeline.git.branch >>", "CIRCLE_BRANCH"),
            ("<< pipeline.number >>", "PIPELINE_NUMBER")
        ]
    );
}

#[test]
fn conditions_are_decided_as_far_as_the_file_goes() {
    let yes = When::Success;
    let open = |text: &str| When::Expression(text.to_owned());
    let table = [
        ("true", Some(yes.clone())),
        ("false", None),
        ("''", None),
        ("0", None),
        ("<< pipeline.parameters.on >>", Some(yes.clone())),
        ("<< pipeline.parameters.empty >>", None),
        ("<< pipeline.parameters.n >>", None),
        ("{not: << pipeline.parameters.on >>}", None),
        (
            "{equal: [linux, << pipeline.parameters.os >>]}",
            Some(yes.clone()),
        ),
        ("{equal: [mac, << pipeline.parameters.os >>]}", None),
        (
            "{and: [true, {or: [false, << pipeline.parameters.on >>]}]}",
            Some(yes.clone()),
        ),
        (
            "{matches: {pattern: '^lin.*$', value: << pipeline.parameters.os >>}}",
            Some(yes.clone()),
        ),
        (
            "{matches: {pattern: lin, value: << pipeline.parameters.os >>}}",
            None,
        ),
        (
            "<< pipeline.parameters.os == \"linux\" and not pipeline.parameters.empty >>",
            Some(yes.clone()),
        ),
        ("{and: [false, << pipeline.git.tag >>]}", None),
        ("<< pipeline.git.tag >>", Some(open("pipeline.git.tag"))),
        (
            "{not: {equal: [main, << pipeline.git.branch >>]}}",
            Some(open("not (\"main\" == pipeline.git.branch)")),
        ),
        (
            "{or: [<< pipeline.git.tag >>, {matches: {pattern: 'r.*', value: << pipeline.git.branch >>}}]}",
            Some(open(
                "(pipeline.git.tag or pipeline.git.branch matches \"r.*\")",
            )),
        ),
    ];
    let head = "parameters: {on: {type: boolean, default: true}, empty: {type: string, default: ''}, \
                n: {type: integer, default: 0}, os: {type: string, default: linux}}";
    for (condition, expected) in table {
        let list = format!("[{{when: {{condition: {condition}, steps: [run: x]}}}}]");
        let job = steps(head, &list);
        let found = job.phases.first().map(|phase| phase.steps[0].when.clone());
        assert_eq!(found, expected, "{condition}");
        // `unless` is the opposite of what is known.
        let list = list.replace("when:", "unless:");
        if !matches!(expected, Some(When::Expression(_))) {
            assert_eq!(
                steps(head, &list).phases.is_empty(),
                expected.is_some(),
                "{condition}"
            );
        }
    }
}

#[test]
fn executor_gives_what_the_job_does_not() {
    let text = "
version: 2.1
executors:
  lin:
    parameters: {tag: {type: string, default: '1'}}
    docker: [{image: 'img:<< parameters.tag >>', environment: {A: docker, B: docker}}, {image: db}]
    environment: {B: executor, C: executor}
    working_directory: ~/repo
    shell: /bin/sh
  mac: {macos: {xcode: 15.4.0}, resource_class: big}
  win: {machine: {image: 'windows-2022', shell: bash.exe}}
jobs:
  one:
    executor: {name: lin, tag: '2'}
    environment: {C: job}
    steps: [{run: {command: x, working_directory: ~/repo/sub/dir}}, {run: {command: y, working_directory: ../up}}, {run: {command: z, working_directory: ~/repo}}]
  two: {executor: mac, steps: [run: x]}
  three: {parameters: {e: {type: executor}}, executor: << parameters.e >>, shell: zsh, steps: [run: x]}
workflows:
  w: {jobs: [one, two, three: {e: win}]}
";
    let build = build(text);
    let [one, two, three] = build.jobs.as_slice() else {
        panic!("{build:?}")
    };
    assert_eq!(one.image.as_deref(), Some("img:2, beside db, in ~/repo"));
    let env: Vec<_> = one
        .env
        .iter()
        .map(|v| format!("{}={}", v.name, v.value))
        .collect();
    assert_eq!(env, ["A=docker", "B=executor", "C=job"]);
    assert_eq!((one.os.as_str(), one.cwd.as_deref()), ("linux", None));
    assert_eq!(one.phases[0].steps[0].shell, ["/bin/sh", "-c"]);
    let cwds: Vec<_> = one
        .phases
        .iter()
        .map(|p| p.steps[0].cwd.as_deref())
        .collect();
    assert_eq!(cwds, [Some("sub/dir"), Some("../up"), None]);
    assert_eq!(two.image.as_deref(), Some("macos, xcode 15.4.0 (big)"));
    assert_eq!(
        two.phases[0].steps[0].shell,
        ["/bin/bash", "--login", "-eo", "pipefail", "-c"]
    );
    assert_eq!(
        (
            three.os.as_str(),
            three.phases[0].steps[0].shell[0].as_str()
        ),
        ("windows", "zsh")
    );
}

#[test]
fn matrix_is_the_product_of_its_sorted_parameters() {
    let text = "
version: 2.1
jobs:
  t:
    parameters: {version: {type: string}, os: {type: string, default: linux}}
    docker: [{image: 'i:<< parameters.version >>'}]
    steps: [run: 'test << parameters.version >> << parameters.os >>']
  d: {docker: [{image: i}], steps: [run: x]}
workflows:
  w:
    jobs:
    - t:
        matrix:
          parameters: {version: ['1', '2'], os: [linux, mac]}
          exclude: [{version: '2', os: mac}]
    - t:
        name: named << matrix.version >>
        os: win
        matrix: {alias: wins, parameters: {version: ['1', '2']}}
    - d: {requires: [t, wins, 'named 1'], filters: {branches: {only: [main, /r.*/]}}}
    - d
    - hold: {type: approval, requires: [d-1]}
";
    let build = build(text);
    assert_eq!(
        names(&build),
        [
            "t-linux-1",
            "t-linux-2",
            "t-mac-1",
            "named 1",
            "named 2",
            "d-1",
            "d-2",
            "hold"
        ]
    );
    assert_eq!(commands(&build.jobs[2]), ["test 1 mac"]);
    assert_eq!(commands(&build.jobs[4]), ["test 2 win"]);
    assert_eq!(
        build.jobs[0].axes,
        [
            ("os".into(), "linux".into()),
            ("version".into(), "1".into())
        ]
    );
    let d = &build.jobs[5];
    assert_eq!(
        d.needs,
        ["t-linux-1", "t-linux-2", "t-mac-1", "named 1", "named 2"]
    );
    assert_eq!(
        d.condition.as_deref(),
        Some("filters: branches only main, /r.*/")
    );
    assert_eq!(commands(&build.jobs[7]), ["[hold (approval)]"]);
    assert_eq!(
        (build.jobs[7].needs.as_slice(), build.jobs[7].stage.as_str()),
        (&["d-1".to_owned()][..], "w")
    );
    assert_eq!(build.warnings, Vec::<String>::new());
}

#[test]
fn workflow_has_conditions_and_jobs_their_hooks() {
    let text = "
version: 2.1
parameters: {go: {type: boolean, default: false}}
jobs: {a: {docker: [{image: i}], steps: [run: mid]}, lost: {parameters: {x: {type: string}}, docker: [{image: i}], steps: [run: 'use << parameters.x >>']}}
workflows:
  version: 2
  off: {when: << pipeline.parameters.go >>, jobs: [a]}
  branch: {unless: 'pipeline.git.branch == \"main\"', jobs: [a: {pre-steps: [run: pre], post-steps: [run: post], filters: pipeline.git.tag starts-with \"v\", requires: [gone]}]}
  night: {triggers: [schedule: {cron: '0 0 * * *'}], jobs: [a: {filters: {tags: {only: /.*/}}, context: [secrets]}]}
";
    let build = build(text);
    let conditions: Vec<_> = build
        .jobs
        .iter()
        .map(|j| j.condition.as_deref().unwrap())
        .collect();
    assert_eq!(
        conditions,
        [
            "when: << pipeline.parameters.go >> (false by the defaults)",
            "not (pipeline.git.branch == \"main\") and pipeline.git.tag starts-with \"v\"",
            "schedule \"0 0 * * *\"",
            "not in a workflow",
        ]
    );
    assert_eq!(commands(&build.jobs[1]), ["pre", "mid", "post"]);
    let lost = &build.jobs[3].phases[0].steps[0];
    assert_eq!(
        (lost.command.as_str(), lost.asks[0].variable.as_str()),
        ("use << parameters.x >>", "PARAMETERS_X")
    );
    assert_eq!(build.warnings.len(), 2, "{:?}", build.warnings);
    assert!(
        build.warnings[0].starts_with("c.yml:") && build.warnings[0].contains("a requires gone"),
        "{:?}",
        build.warnings
    );
    assert!(build.warnings[1].contains("the contexts secrets"));
}

#[test]
fn old_files_have_a_job_named_build() {
    let text = "version: 2\njobs:\n  other: {docker: [{image: i}], steps: [run: o]}\n  build: {docker: [{image: i}], steps: [checkout, run: make]}\n";
    let build = build(text);
    assert_eq!(names(&build), ["build", "other"]);
    assert_eq!(build.jobs[0].condition, None);
    assert_eq!(
        build.jobs[1].condition.as_deref(),
        Some("not in a workflow")
    );
    for (text, expected) in [
        ("", "the file is empty"),
        ("- a\n", "a map of keys"),
        ("machine: {}\ntest: {override: [x]}\n", "CircleCI 1.0"),
        ("a: 1\n", "no CircleCI configuration"),
        ("version: 2.1\n", "the file has no job"),
        (
            "version: 2.1\nworkflows: {w: {jobs: [x]}}\n",
            "there is no job `x`",
        ),
    ] {
        assert!(refused(text).contains(expected), "{text}");
    }
}

#[test]
fn inline_orbs_are_expanded_and_published_ones_named() {
    let text = "
version: 2.1
orbs:
  node: circleci/node@5
  mine:
    orbs: {far: far/orb@1}
    executors: {e: {docker: [{image: inner}]}}
    commands: {hi: {parameters: {to: {type: string}}, steps: [run: 'hi << parameters.to >>', shared, far/thing]}}
    jobs: {j: {executor: e, steps: [hi: {to: you}]}}
commands: {shared: {steps: [run: shared]}}
jobs:
  a:
    executor: {name: node/default, tag: x}
    steps: [mine/hi: {to: me}, node/install: {version: '16', after: [run: inside]}]
workflows:
  w: {jobs: [a, mine/j, node/test: {name: t, setup: [run: first]}]}
";
    let build = build(text);
    let [a, j, t] = build.jobs.as_slice() else {
        panic!("{build:?}")
    };
    assert_eq!(
        commands(a),
        [
            "hi me",
            "shared",
            "[far/thing (orb far/orb@1)]",
            "[node/install (orb circleci/node@5)]",
            "inside"
        ]
    );
    let orb = &a.phases[3].steps[0];
    assert!(
        orb.command.starts_with("node/install:\n  version: "),
        "{}",
        orb.command
    );
    assert!(orb.placeholder.as_deref().unwrap().contains("not fetched"));
    assert_eq!(a.phases[4].group.as_deref(), Some("node/install"));
    assert_eq!(
        a.image.as_deref(),
        Some("executor node/default (orb circleci/node@5; tag: x)")
    );
    assert_eq!(
        (j.image.as_deref(), commands(j).remove(0)),
        (Some("inner"), "hi you".to_owned())
    );
    assert_eq!(
        (t.name.as_str(), commands(t)),
        (
            "t",
            vec![
                "[node/test (orb circleci/node@5)]".to_owned(),
                "first".to_owned()
            ]
        )
    );
    assert_eq!(build.warnings.len(), 1);
    assert!(build.warnings[0].contains("the executor node/default is in the orb"));
}

#[test]
fn what_has_no_form_is_warned_of() {
    let text = with_steps("", "[{run: {command: x, auto_rerun_delay: 1s, odd: 1, when: never, environment: ['A=1', {'B-C': 2}]}}]")
        .replace("docker: [{image: i}]", "docker: [{image: i}]\n    parallelism: 4");
    let build = build(&text);
    assert_eq!(build.jobs[0].phases[0].steps[0].env.len(), 1);
    for expected in [
        "auto_rerun_delay",
        "`run` has no key `odd`",
        "`when` is on_success",
        "`B-C` is no name",
        "runs in 4 containers",
    ] {
        assert!(
            build
                .warnings
                .iter()
                .any(|w| w.starts_with("c.yml:") && w.contains(expected)),
            "{expected}: {:?}",
            build.warnings
        );
    }
}
