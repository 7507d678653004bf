//! Whole workflows: each rule by a small one of its own.
#![allow(clippy::unwrap_used)]

use super::load;
use crate::ci::load::Source;
use crate::ci::model::{Build, Job, OnFailure, Step, When};

/// Other files of a checkout, by name.
type Files<'a> = &'a [(&'a str, &'a str)];

fn with(text: &str, files: Files<'_>) -> Result<Build, String> {
    let read = |path: &str| {
        let found = files.iter().find(|(name, _)| *name == path);
        let found = found.map(|(_, text)| (*text).to_owned());
        found.ok_or_else(|| "no such file".to_owned())
    };
    let source = Source {
        file: "w.yml",
        read: &read,
    };
    load(text, source).map_err(|error| error.to_string())
}

fn build(text: &str) -> Build {
    with(text, &[]).unwrap()
}

/// The steps of a job that has these, as the value of `steps`.
fn steps(list: &str) -> Vec<Step> {
    let text = format!("on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n{list}");
    all(&build(&text).jobs[0])
}

fn all(job: &Job) -> Vec<Step> {
    let phases = job.phases.iter();
    phases.flat_map(|phase| phase.steps.clone()).collect()
}

fn names(build: &Build) -> Vec<&str> {
    build.jobs.iter().map(|job| job.name.as_str()).collect()
}

fn env(vars: &[crate::ci::model::EnvVar]) -> Vec<String> {
    let vars = vars.iter();
    vars.map(|var| format!("{}={}", var.name, var.value))
        .collect()
}

#[test]
fn job_is_named_as_github_names_it() {
    let matrix = "strategy: {matrix: {os: [u, m], v: [3.10, '3.10']}}";
    for (job, expected) in [
        ("runs-on: x".to_owned(), vec!["a"]),
        ("name: Build".to_owned(), vec!["Build"]),
        (
            matrix.to_owned(),
            vec!["a (u, 3.1)", "a (u, 3.10)", "a (m, 3.1)", "a (m, 3.10)"],
        ),
        (
            format!("name: T\n    {matrix}"),
            vec!["T (u, 3.1)", "T (u, 3.10)", "T (m, 3.1)", "T (m, 3.10)"],
        ),
        (
            format!("name: T ${{{{ matrix.os }}}}\n    {matrix}"),
            vec!["T u", "T u", "T m", "T m"],
        ),
        (
            "strategy: {matrix: {a: [x], include: [{a: x, b: true}]}}".to_owned(),
            vec!["a (x, true)"],
        ),
    ] {
        let text = format!("on: push\njobs:\n  a:\n    {job}\n    steps: [{{run: x}}]\n");
        assert_eq!(names(&build(&text)), expected, "{job}");
    }
    let long = format!(
        "jobs: {{a: {{strategy: {{matrix: {{x: [{}]}}}}, steps: []}}}}",
        "y".repeat(200)
    );
    let build = build(&long);
    assert_eq!(build.jobs[0].name.chars().count(), 100);
    assert!(build.jobs[0].name.ends_with("..."));
}

#[test]
fn environment_is_laid_over_from_workflow_to_step() {
    let text = "
env: {A: 1, B: two words, C: '${{ secrets.K }}'}
jobs:
  a:
    env: {B: '', D: '${{ env.A }}x', not-a-name: 1}
    steps:
    - run: echo ${{ env.A }} ${{ env.D }} ${{ env.E }}
      env: {E: \"it's\", A: 9}
    - run: echo ${{ env.E }}
";
    let build = build(text);
    let job = &build.jobs[0];
    assert_eq!(
        env(&job.env),
        ["A=1", "B=''", "C='${{ secrets.K }}'", "D=1x"]
    );
    let steps = all(job);
    assert_eq!(env(&steps[0].env), ["E='it'\\''s'", "A=9"]);
    assert_eq!(steps[0].command, "echo 9 1x it's");
    assert_eq!(steps[1].command, "echo ${{ env.E }}");
    let asked: Vec<&str> = steps[1]
        .asks
        .iter()
        .map(|ask| ask.variable.as_str())
        .collect();
    assert_eq!(asked, ["E"]);
    assert!(job.asks[0].variable == "K" && job.asks[0].secret);
    assert_eq!(build.warnings.len(), 1);
    assert!(
        build.warnings[0].starts_with("w.yml:5:"),
        "{:?}",
        build.warnings
    );
}

#[test]
fn variable_that_a_step_writes_is_not_taken_from_the_file() {
    let text = "
env: {V: 1, W: 2}
jobs:
  a:
    steps:
    - run: echo V=3 >> $GITHUB_ENV
    - run: echo ${{ env.V }} ${{ env.W }}
";
    assert_eq!(all(&build(text).jobs[0])[1].command, "echo ${{ env.V }} 2");
}

#[test]
fn shell_and_directory_come_from_the_nearest_place() {
    let text = "
defaults: {run: {shell: sh, working-directory: top}}
jobs:
  a:
    steps:
    - run: x
    - {run: x, shell: python, working-directory: own}
  b:
    defaults: {run: {shell: bash}}
    steps: [{run: x}]
";
    let build = build(text);
    let first = all(&build.jobs[0]);
    assert_eq!(
        (first[0].shell[0].as_str(), first[0].cwd.as_deref()),
        ("sh", Some("top"))
    );
    assert_eq!(
        (first[1].shell[0].as_str(), first[1].cwd.as_deref()),
        ("python", Some("own"))
    );
    let second = all(&build.jobs[1]);
    assert_eq!(second[0].shell.len(), 6);
    assert_eq!(second[0].cwd.as_deref(), Some("top"));
}

#[test]
fn machine_and_container_decide_the_shell() {
    for (job, image, os, shell) in [
        (
            "runs-on: ubuntu-latest",
            Some("ubuntu-latest"),
            "linux",
            "bash",
        ),
        (
            "runs-on: windows-2022",
            Some("windows-2022"),
            "windows",
            "pwsh",
        ),
        (
            "runs-on: [self-hosted, linux]",
            Some("self-hosted, linux"),
            "linux",
            "bash",
        ),
        (
            "runs-on: {group: big, labels: [macos-14]}",
            Some("macos-14"),
            "macos",
            "bash",
        ),
        ("container: alpine", Some("alpine"), "", "sh"),
        (
            "container: {image: debian, options: x}",
            Some("debian"),
            "",
            "sh",
        ),
        ("container: ''", None, "", "bash"),
    ] {
        let build = build(&format!("jobs: {{a: {{{job}, steps: [{{run: x}}]}}}}"));
        let job = &build.jobs[0];
        assert_eq!(
            (job.image.as_deref(), job.os.as_str()),
            (image, os),
            "{}",
            job.name
        );
        assert_eq!(all(job)[0].shell[0], shell);
    }
}

#[test]
fn step_runs_when_its_condition_says() {
    let list = steps(
        "    - {run: a, if: failure()}
    - {run: b, if: '${{ always() }}'}
    - {run: c, if: github.ref == 'x'}
    - {run: d, if: runner.os == 'Windows'}
    - {run: e, if: \"runner.os == 'Linux'\"}
    - {run: f, if: a ==}
",
    );
    let whens: Vec<&When> = list.iter().map(|step| &step.when).collect();
    let open = |text: &str| When::Expression(text.to_owned());
    assert_eq!(
        whens,
        [
            &When::Failure,
            &When::Always,
            &open("github.ref == 'x'"),
            &When::Success,
            &When::Success,
            &open("a ==")
        ]
    );
    let skipped: Vec<bool> = list.iter().map(|step| step.placeholder.is_some()).collect();
    assert_eq!(skipped, [false, false, false, true, false, false]);
    assert_eq!(list[3].command, "d");
}

#[test]
fn step_has_its_name_id_limit_and_failure() {
    let text = "
jobs:
  a:
    timeout-minutes: 2
    continue-on-error: true
    steps:
    - name: One ${{ github.job }}
      id: one
      timeout-minutes: 0.5
      continue-on-error: true
      run: |
        first
        second
    - run: third line is long enough to be cut somewhere near its end, is it not?
    - run: third
    - run: third
";
    let build = build(text);
    assert!(build.jobs[0].allow_failure);
    let steps = all(&build.jobs[0]);
    assert_eq!(steps[0].name.as_deref(), Some("One a"));
    assert_eq!(
        (steps[0].id.as_deref(), steps[0].timeout),
        (Some("one"), Some(30))
    );
    assert_eq!(steps[0].on_failure, OnFailure::Ignore);
    assert_eq!(steps[0].command, "first\nsecond\n");
    assert_eq!(steps[1].timeout, Some(120));
    let phases: Vec<&str> = build.jobs[0]
        .phases
        .iter()
        .map(|phase| phase.name.as_str())
        .collect();
    assert_eq!(
        phases,
        [
            "One a",
            "Run third line is long enough to be cut somewhere near it...",
            "Run third",
            "Run third (2)"
        ]
    );
}

#[test]
fn action_is_a_placeholder_that_says_why() {
    let list = steps(
        "    - uses: actions/checkout@v4
    - uses: some/tool@v1
      with: {version: '${{ runner.os }}-1', text: \"a\\nb\"}
    - {uses: 'docker://alpine', name: Box}
    - uses: ./mine
",
    );
    let why: Vec<&str> = list
        .iter()
        .filter_map(|step| step.placeholder.as_deref())
        .collect();
    assert_eq!(
        why,
        [
            "the checkout is here already",
            "the action some/tool@v1 is run by GitHub alone (version: Linux-1, text: a)",
            "the container docker://alpine is run by GitHub alone",
            "the action ./mine: no such file",
        ]
    );
    assert_eq!(list[2].name.as_deref(), Some("Box"));
}

#[test]
fn local_composite_action_becomes_its_steps() {
    let action = "
name: Set up
inputs: {v: {default: '7'}, w: {default: x}, n: {required: true}}
outputs: {out: {value: '${{ steps.in.outputs.o }}'}}
runs:
  using: composite
  steps:
  - {run: 'echo ${{ inputs.v }} ${{ inputs.w }} ${{ inputs.n }}', shell: bash, env: {Q: 1}}
  - {id: in, run: 'y ${{ steps.in.outputs.o }}', shell: sh, if: always()}
  - {uses: ./.github/actions/deep}
";
    let deep = "runs: {using: node20, main: x.js}\n";
    let text = "
jobs:
  a:
    steps:
    - uses: ./.github/actions/set
      id: set
      with: {v: 8, odd: 1}
      env: {E: e, Q: 0}
    - run: echo ${{ steps.set.outputs.out }}
";
    let files = [
        (".github/actions/set/action.yml", action),
        (".github/actions/deep/action.yaml", deep),
    ];
    let build = with(text, &files).unwrap();
    let job = &build.jobs[0];
    let steps = all(job);
    assert_eq!(steps[0].command, "echo 8 x ");
    assert_eq!(
        env(&steps[0].env),
        [
            "E=e",
            "Q=1",
            "GITHUB_ACTION_PATH=\"${GITHUB_WORKSPACE:-$PWD}\"/.github/actions/set"
        ]
    );
    assert_eq!(job.phases[0].group.as_deref(), Some("Set up"));
    assert_eq!(steps[1].id.as_deref(), Some("set_in"));
    assert_eq!(steps[1].asks[0].variable, "STEP_OUTPUT_SET_IN_O");
    assert_eq!(steps[1].when, When::Always);
    assert!(
        steps[2]
            .placeholder
            .as_ref()
            .unwrap()
            .contains("./.github/actions/deep")
    );
    assert_eq!(steps[3].asks[0].variable, "STEP_OUTPUT_SET_IN_O");
    assert!(
        build.warnings[0].ends_with("odd: no input of this action"),
        "{:?}",
        build.warnings
    );
}

#[test]
fn action_that_uses_itself_is_refused() {
    let action = "runs: {using: composite, steps: [{uses: ./a}, {uses: ./a}]}\n";
    let text = "jobs: {a: {steps: [{uses: ./a}]}}";
    let error = with(text, &[("a/action.yml", action)]).unwrap_err();
    assert_eq!(error, "a/action.yml:1:41: actions use each other too deep");
}

#[test]
fn called_workflow_becomes_its_jobs() {
    let called = "
on:
  workflow_call:
    inputs: {who: {type: string, required: true}, n: {type: number, default: 2}}
jobs:
  in: {steps: [{run: 'echo ${{ inputs.who }} ${{ inputs.n }}'}]}
  next: {needs: in, if: x, steps: []}
";
    let text = "
jobs:
  first: {steps: []}
  call:
    needs: first
    if: github.ref == 'y'
    strategy: {matrix: {m: [p, q]}}
    uses: ./.github/workflows/called.yml
    with: {who: '${{ matrix.m }}'}
  far: {uses: org/repo/.github/workflows/x.yml@v1, needs: call}
";
    let build = with(text, &[(".github/workflows/called.yml", called)]).unwrap();
    assert_eq!(
        names(&build),
        [
            "first",
            "call (p) / in",
            "call (p) / next",
            "call (q) / in",
            "call (q) / next",
            "far"
        ]
    );
    assert_eq!(all(&build.jobs[3])[0].command, "echo q 2");
    assert_eq!(build.jobs[1].needs, ["first"]);
    assert_eq!(build.jobs[2].needs, ["call (p) / in"]);
    assert_eq!(
        build.jobs[2].condition.as_deref(),
        Some("(github.ref == 'y') && (x)")
    );
    assert_eq!(build.jobs[5].needs.len(), 4);
    let why = all(&build.jobs[5])[0].placeholder.clone().unwrap();
    assert!(why.contains("only GitHub can fetch it"), "{why}");
    let own = "jobs: {a: {uses: ./w.yml}}";
    let step = &all(&with(own, &[("w.yml", own)]).unwrap().jobs[0])[0];
    assert!(step.placeholder.as_ref().unwrap().contains("too deep"));
}

#[test]
fn open_matrix_is_one_job_that_asks() {
    let text = "
jobs:
  a:
    runs-on: ${{ matrix.os }}
    strategy: {matrix: '${{ fromJSON(needs.x.outputs.m) }}'}
    steps: [{run: 'echo ${{ matrix.v }}'}]
";
    let build = build(text);
    assert_eq!(names(&build), ["a"]);
    assert_eq!(
        build.jobs[0].axes[0].1,
        "${{ fromJSON(needs.x.outputs.m) }}"
    );
    assert_eq!(all(&build.jobs[0])[0].asks[0].variable, "MATRIX_V");
    assert!(build.warnings[0].contains("one job stands for all"));
}

#[test]
fn inputs_have_their_defaults() {
    let text = "
on:
  workflow_dispatch:
    inputs: {a: {default: x}, b: {required: true}, c: {type: boolean}, d: {}}
jobs: {j: {steps: [{run: '${{ inputs.a }}|${{ inputs.b }}|${{ inputs.c }}|${{ inputs.d }}|'}]}}
";
    let step = &all(&build(text).jobs[0])[0];
    assert_eq!(step.command, "x|${{ inputs.b }}|false||");
    assert_eq!(step.asks[0].variable, "INPUT_B");
}

#[test]
fn what_is_left_out_is_warned_of() {
    let text = "
jobs:
  a:
    needs: [gone]
    colour: red
    services: {db: {image: postgres}}
    steps: [{run: x, shell: fish, bad: 1}]
";
    let warnings = build(text).warnings;
    for (place, part) in [
        ("w.yml:5:", "colour: no key of a job"),
        ("w.yml:6:", "the service db (postgres) is not started here"),
        ("w.yml:7:", "bad: no key of a step"),
        ("w.yml:7:", "shell: fish is not known"),
        ("w.yml:4:", "needs: no job is named gone"),
    ] {
        let found = warnings
            .iter()
            .any(|text| text.starts_with(place) && text.contains(part));
        assert!(found, "{part}: {warnings:?}");
    }
    assert_eq!(warnings.len(), 5);
}

#[test]
fn broken_workflow_is_refused_at_its_place() {
    for (text, error) in [
        ("", "w.yml:1:1: the file is empty"),
        ("- a\n", "w.yml:1:1: a map of keys is expected here"),
        (
            "on: push\n",
            "w.yml:1:1: a workflow has jobs: it is missing",
        ),
        ("jobs: {}\n", "w.yml:1:7: a workflow has at least one job"),
        ("jobs: []\n", "w.yml:1:7: a map of jobs is expected here"),
        (
            "jobs:\n  a: x\n",
            "w.yml:2:6: a: a map of keys is expected here",
        ),
        (
            "jobs:\n  a:\n    x: y\n",
            "w.yml:3:5: a: a job has steps, or uses a workflow",
        ),
        (
            "jobs:\n  a:\n    steps: x\n",
            "w.yml:3:12: a list of steps is expected here",
        ),
        (
            "jobs:\n  a:\n    steps:\n    - x\n",
            "w.yml:4:7: a step is a map of keys",
        ),
        (
            "jobs:\n  a:\n    steps:\n    - name: x\n",
            "w.yml:4:7: a step runs a command or uses an action",
        ),
        (
            "jobs:\n  a:\n    steps:\n    - run: x\n      uses: y\n",
            "w.yml:5:13: a step either runs or uses something",
        ),
        ("jobs:\n  a: [\n", "w.yml:"),
    ] {
        let found = with(text, &[]).unwrap_err();
        assert!(found.starts_with(error), "{text}: {found}");
    }
}

#[test]
fn expansion_is_bounded() {
    let steps = "{uses: ./a}, ".repeat(40);
    let action = format!(
        "runs: {{using: composite, steps: [{}]}}\n",
        steps.replace("./a", "./b")
    );
    let bottom = format!(
        "runs: {{using: composite, steps: [{}]}}\n",
        "{run: x, shell: sh}, ".repeat(40)
    );
    let list = (0..250)
        .map(|n| n.to_string())
        .collect::<Vec<_>>()
        .join(",");
    let text = format!("jobs: {{a: {{strategy: {{matrix: {{x: [{list}]}}}}, steps: [{steps}]}}}}");
    let files = [
        ("a/action.yml", action.as_str()),
        ("b/action.yml", bottom.as_str()),
    ];
    let error = with(&text, &files).unwrap_err();
    assert!(error.contains("grows too large"), "{error}");
}
