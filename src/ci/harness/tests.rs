//! Rules of the loader, each on a small file of its own; and that no text, however
//! hostile, makes it panic or grow without end.

#![allow(clippy::unwrap_used)]

use super::super::load::Source;
use super::super::model::{Build, Job, OnFailure, PhaseKind, Step, When};
use super::{MAX_JOBS, load};
use crate::ci::mangle::try_loader;

fn build(text: &str) -> Build {
    load(text, Source::alone("h.yml")).unwrap()
}

fn refused(text: &str) -> String {
    load(text, Source::alone("h.yml")).unwrap_err().to_string()
}

/// A pipeline of one CI stage without a clone; `more` are further keys of the stage.
fn stage(steps: &str, more: &str) -> Job {
    let text = format!(
        "pipeline:\n  name: P\n  identifier: p\n  variables: [{{name: v, value: vee}}]\n  stages:\n  - stage:\n      name: S\n      \
         type: CI\n      variables: [{{name: size, value: big}}]\n      {more}\n      spec:\n        cloneCodebase: false\n        \
         execution: {{steps: {steps}}}\n"
    );
    build(&text).jobs.remove(0)
}

fn shown(job: &Job) -> Vec<String> {
    let phases = job.phases.iter();
    phases
        .map(|phase| match &phase.steps[0].placeholder {
            Some(_) => format!("[{}]", phase.name),
            None => format!("{}: {}", phase.name, phase.steps[0].command),
        })
        .collect()
}

fn only(job: &Job) -> &Step {
    &job.phases[0].steps[0]
}

#[test]
fn run_step_has_the_argv_of_harness() {
    let table: [(&str, &[&str]); 6] = [
        ("", &["sh", "-e", "-c"]),
        ("shell: Sh, ", &["sh", "-e", "-c"]),
        ("shell: Bash, ", &["bash", "-e", "-c"]),
        ("shell: Python, ", &["python3", "-c"]),
        (
            "shell: Pwsh, ",
            &[
                "pwsh",
                "-Command",
                "$ErrorActionPreference = 'Stop'; . '{0}'",
            ],
        ),
        (
            "shell: Powershell, ",
            &[
                "powershell",
                "-Command",
                "$ErrorActionPreference = 'Stop'; . '{0}'",
            ],
        ),
    ];
    for (shell, expected) in table {
        let step = format!(
            "[step: {{type: Run, name: N, identifier: n, timeout: 10m, spec: {{{shell}command: \"a\\nb\", image: alpine, envVariables: {{A: 'x y'}}}}}}]"
        );
        let job = stage(&step, "");
        let step = only(&job);
        assert_eq!(step.shell, expected);
        assert_eq!(
            (
                step.command.as_str(),
                step.name.as_deref(),
                step.id.as_deref()
            ),
            ("a\nb", Some("N"), Some("n"))
        );
        assert_eq!(
            (step.timeout, step.image.as_deref()),
            (Some(600), Some("alpine"))
        );
        assert_eq!(
            (step.env[0].name.as_str(), step.env[0].value.as_str()),
            ("A", "'x y'")
        );
    }
}

#[test]
fn groups_parallels_and_loops_are_unrolled() {
    let steps = "[
        {stepGroup: {name: G, strategy: {repeat: {items: [p, q]}}, steps: [
            {step: {type: Run, name: 'r <+repeat.item>', spec: {command: one}}},
            {parallel: [{step: {type: Run, name: x, spec: {command: two}}}, {stepGroup: {name: In, steps: [{step: {type: Run, name: y, spec: {command: three}}}]}}]}]}},
        {step: {type: Run, name: m, strategy: {matrix: {os: [a, b], n: [1]}}, spec: {command: 'test <+matrix.os> <+strategy.iteration>'}}}]";
    let job = stage(steps, "");
    assert_eq!(
        shown(&job),
        [
            "r p: one",
            "x: two",
            "y: three",
            "r q: one",
            "x: two",
            "y: three",
            "m_0_0: test a 0",
            "m_1_0: test b 1"
        ]
    );
    let groups: Vec<_> = job.phases.iter().map(|p| p.group.as_deref()).collect();
    assert_eq!(
        groups[..4],
        [Some("G_0"), Some("G_0"), Some("In"), Some("G_1")]
    );
    assert_eq!(groups[6], None);
}

#[test]
fn stages_need_those_before_them() {
    let s = |name: &str| {
        format!(
            "{{stage: {{name: {name}, type: CI, spec: {{execution: {{steps: [step: {{type: Run, name: r, spec: {{command: x}}}}]}}}}}}}}"
        )
    };
    let text = format!(
        "pipeline:\n  name: P\n  stages: [{}, {{parallel: [{}, {}]}}, {}, {{stage: {{name: cd, type: Deployment, when: {{pipelineStatus: All, condition: <+trigger.x>}}, \
         spec: {{execution: {{steps: [step: {{type: HelmDeploy, name: h}}], rollbackSteps: [step: {{type: X}}]}}}}}}}}, {{stage: {{name: t, template: {{templateRef: T, versionLabel: v1}}}}}}]\n",
        s("a"),
        s("b"),
        s("c"),
        s("d")
    );
    let build = build(&text);
    let needs: Vec<_> = build
        .jobs
        .iter()
        .map(|j| format!("{}<{}", j.name, j.needs.join(",")))
        .collect();
    assert_eq!(needs, ["a<", "b<a", "c<a", "d<b,c", "cd<d", "t<cd"]);
    assert_eq!(shown(&build.jobs[0]), ["[clone codebase]", "r: x"]);
    assert_eq!(
        shown(&build.jobs[4]),
        ["[cd (Deployment)]", "[h (HelmDeploy)]"]
    );
    assert_eq!(
        build.jobs[4].condition.as_deref(),
        Some("pipelineStatus: All and <+trigger.x>")
    );
    assert_eq!(shown(&build.jobs[5]), ["[t (stage template T@v1)]"]);
    assert!(
        build
            .warnings
            .iter()
            .any(|w| w.starts_with("h.yml:") && w.contains("rollback"))
    );
}

#[test]
fn stage_loop_makes_jobs() {
    let text = "pipeline: {name: P, stages: [stage: {name: S, type: CI, strategy: {matrix: {os: [l, m], exclude: [{os: m}]}}, \
                spec: {platform: {os: MacOS, arch: Arm64}, runtime: {type: Cloud}, execution: {steps: [step: {type: Run, name: r, spec: {command: 'x <+matrix.os> <+stage.matrix.os> <+stage.name>'}}]}}}]}";
    let build = build(text);
    let [job] = build.jobs.as_slice() else {
        panic!("{build:?}")
    };
    assert_eq!(
        (job.name.as_str(), job.os.as_str(), job.image.as_deref()),
        ("S_0", "macos", Some("Cloud MacOS Arm64"))
    );
    assert_eq!(job.axes, [("os".to_owned(), "l".to_owned())]);
    assert_eq!(shown(job)[1], "r: x l l S");
}

#[test]
fn failure_strategies_are_inherited() {
    let on = |action: &str| {
        format!("failureStrategies: [{{onFailure: {{errors: [AllErrors], action: {action}}}}}]")
    };
    let steps = format!(
        "[{{step: {{type: Run, name: own, {}, spec: {{command: x}}}}}}, {{stepGroup: {{name: G, {}, steps: [{{step: {{type: Run, name: group, spec: {{command: x}}}}}}]}}}}, {{step: {{type: Run, name: stage, failureStrategies: [], spec: {{command: x}}}}}}]",
        on("{type: Retry, spec: {retryCount: 2, onRetryFailure: {action: {type: Ignore}}}}"),
        on("{type: MarkAsFailure}"),
    );
    let job = stage(&steps, &on("{type: MarkAsSuccess}"));
    let rules: Vec<_> = job
        .phases
        .iter()
        .map(|p| (p.steps[0].on_failure, p.steps[0].retry))
        .collect();
    assert_eq!(
        rules,
        [
            (OnFailure::Ignore, 2),
            (OnFailure::StopFailed, 0),
            (OnFailure::Ignore, 0)
        ]
    );
}

#[test]
fn step_runs_when_its_condition_says() {
    let table = [
        (
            "{stageStatus: Success}",
            PhaseKind::Main,
            When::Success,
            false,
        ),
        ("{stageStatus: All}", PhaseKind::Always, When::Always, false),
        (
            "{stageStatus: Failure, condition: 'true'}",
            PhaseKind::OnFailure,
            When::Failure,
            false,
        ),
        (
            "{stageStatus: Success, condition: '<+pipeline.variables.v> == \"vee\"'}",
            PhaseKind::Main,
            When::Success,
            false,
        ),
        (
            "{stageStatus: Success, condition: '<+stage.variables.size> == \"small\"'}",
            PhaseKind::Main,
            When::Expression("big == \"small\"".to_owned()),
            true,
        ),
        (
            "{stageStatus: All, condition: '<+trigger.x> == 1'}",
            PhaseKind::Always,
            When::Expression("<+trigger.x> == 1".to_owned()),
            false,
        ),
        (
            "<+trigger.y>",
            PhaseKind::Main,
            When::Expression("<+trigger.y>".to_owned()),
            false,
        ),
    ];
    for (when, kind, expected, skipped) in table {
        let job = stage(
            &format!("[step: {{type: Run, name: r, when: {when}, spec: {{command: x}}}}]"),
            "",
        );
        let phase = &job.phases[0];
        assert_eq!(
            (phase.kind, &phase.steps[0].when, phase.skipped),
            (kind, &expected, skipped),
            "{when}"
        );
    }
}

#[test]
fn expressions_are_resolved_or_asked_for() {
    let job = stage(
        "[step: {type: Run, name: '<+stage.name> step', identifier: i, spec: {command: 'echo <+pipeline.variables.v> <+step.identifier> <+pipeline.sequenceId> <+secrets.getValue(\"tok\")>', \
          envVariables: {A: <+input>, F: <+input>.default(x y), B: 'x <+stage.variables.size>', C: <+secrets.getValue(\"it's\")>, 'D+E': 1}}}]",
        "",
    );
    let step = only(&job);
    assert_eq!(step.name.as_deref(), Some("S step"));
    assert_eq!(
        step.command,
        "echo vee i <+pipeline.sequenceId> <+secrets.getValue(\"tok\")>"
    );
    let env: Vec<_> = step
        .env
        .iter()
        .map(|v| format!("{}={}", v.name, v.value))
        .collect();
    assert_eq!(
        env,
        [
            "A='<+input:A>'",
            "F='x y'",
            "B='x big'",
            "C='<+secrets.getValue(\"it'\\''s\")>'"
        ]
    );
    let asks: Vec<_> = step
        .asks
        .iter()
        .map(|a| (a.variable.as_str(), a.secret))
        .collect();
    assert_eq!(
        asks,
        [
            ("DRONE_BUILD_NUMBER", false),
            ("SECRETS_GETVALUE_TOK", true),
            ("A", false),
            ("SECRETS_GETVALUE_IT_S", true)
        ]
    );
}

#[test]
fn what_harness_does_itself_is_a_named_placeholder() {
    let table = [
        (
            "{type: Plugin, name: p, spec: {image: plugins/x, settings: {password: hidden}}}",
            "p (Plugin plugins/x)",
        ),
        (
            "{type: Background, name: b, spec: {image: redis, command: serve}}",
            "b (Background redis)",
        ),
        (
            "{type: Action, name: a, spec: {uses: o/r@v1}}",
            "a (Action o/r@v1)",
        ),
        (
            "{type: BuildAndPushDockerRegistry, name: d, spec: {repo: r}}",
            "d (BuildAndPushDockerRegistry)",
        ),
        (
            "{name: t, template: {templateRef: acc.T, versionLabel: '2'}}",
            "t (step template acc.T@2)",
        ),
        ("{type: Run, name: e, spec: {image: x}}", "e (Run x)"),
    ];
    for (step, expected) in table {
        let job = stage(&format!("[step: {step}]"), "");
        assert_eq!(job.phases[0].name, expected);
        assert!(only(&job).placeholder.is_some() && !only(&job).command.contains("hidden"));
    }
    let job = stage(
        "[step: {type: Background, name: b, spec: {command: serve}}]",
        "",
    );
    assert!(only(&job).background && only(&job).command == "serve");
    let tests = "{type: RunTests, name: t, spec: {buildTool: Maven, args: test, preCommand: ls, postCommand: df}}";
    let job = stage(&format!("[step: {tests}]"), "");
    assert!(only(&job).placeholder.is_some());
    assert_eq!(only(&job).command, "ls\nMaven test\ndf");
    let job = stage("[{stepGroup: {name: g, template: {templateRef: G}}}]", "");
    assert_eq!(shown(&job), ["[g (step group template G)]"]);
}

#[test]
fn second_form_is_read_too() {
    let text = "
kind: pipeline
version: 1
options: {envs: {ALL: '1'}}
spec:
  stages:
  - name: one
    type: ci
    when: [{event: {in: [push]}}]
    spec:
      clone: {disabled: true}
      envs: {OWN: x, 'bad-name': y}
      steps:
      - {name: s, type: script, spec: {run: make, shell: bash, envs: {E: e}}, failure: {errors: all, action: {type: ignore}}}
      - {type: script, spec: {run: [a, b]}}
      - {type: plugin, spec: {image: plugins/slack}}
      - {type: group, name: G, spec: {steps: [{type: parallel, spec: {steps: [{type: script, spec: {run: deep}}]}}]}}
      - {name: m, type: script, strategy: {type: matrix, spec: {axis: {o: [1, 2]}}}, spec: {run: 'x <+matrix.o>'}}
      - {name: short, run: {script: brief, container: {image: alpine}}}
      - npm test
---
kind: pipeline
spec: {stages: [{name: two, steps: [{run: z}]}]}
";
    let build = build(text);
    let one = &build.jobs[0];
    assert_eq!(
        shown(one),
        [
            "s: make",
            "a: a\nb",
            "[step (plugin plugins/slack)]",
            "deep: deep",
            "m_0: x 1",
            "m_1: x 2",
            "short: brief",
            "npm test: npm test"
        ]
    );
    let env: Vec<_> = one.env.iter().map(|v| v.name.as_str()).collect();
    assert_eq!(env, ["ALL", "OWN"]);
    assert_eq!(only(one).on_failure, OnFailure::Ignore);
    assert_eq!(
        (one.phases[3].group.as_deref(), one.condition.as_deref()),
        (Some("G"), Some("[{event: {in: [push]}}]"))
    );
    assert_eq!(one.phases[6].steps[0].image.as_deref(), Some("alpine"));
    assert_eq!(build.jobs[1].name, "two");
}

#[test]
fn parts_of_pipelines_are_read() {
    let run = "{type: Run, name: r, spec: {command: x}}";
    let table = [
        (format!("- step: {run}\n"), "|r: x"),
        (format!("- step: {run}\ntimeout: ''\n"), "|r: x"),
        (format!("step: {run}\n"), "|r: x"),
        (
            format!(
                "stages: [stage: {{name: S, type: CI, spec: {{cloneCodebase: false, execution: {{steps: [step: {run}]}}}}}}]\n"
            ),
            "S|r: x",
        ),
        (
            "template: {name: T, type: Step, spec: {type: Run, spec: {command: x}}}\n".to_owned(),
            "T|T: x",
        ),
        (
            format!("template: {{name: T, type: StepGroup, spec: {{steps: [step: {run}]}}}}\n"),
            "T|r: x",
        ),
        (
            format!(
                "template: {{name: T, type: Stage, spec: {{type: CI, spec: {{cloneCodebase: false, execution: {{steps: [step: {run}]}}}}}}}}\n"
            ),
            "T|r: x",
        ),
        (
            "template: {name: T, type: SecretManager, spec: {a: 1}}\n".to_owned(),
            "T|[T (template of type SecretManager)]",
        ),
        (
            "inputSet: {name: I, pipeline: {identifier: p}}\n".to_owned(),
            "I|[I (input set of p)]",
        ),
        (
            "pipeline: {name: P, template: {templateRef: T}}\n".to_owned(),
            "P|[P (pipeline template T)]",
        ),
    ];
    for (text, expected) in table {
        let build = build(&text);
        let job = &build.jobs[0];
        assert_eq!(
            format!("{}|{}", job.name, shown(job).join(" ")),
            expected,
            "{text}"
        );
    }
    for (text, expected) in [
        ("", "h.yml:1:1: no Harness pipeline"),
        ("service: {name: x}\n", "h.yml:1:1: no Harness pipeline"),
        ("- a\n", "no Harness pipeline"),
        ("pipeline: {name: x}\n", "the pipeline has no stages"),
        ("---\nkind: pipeline\nspec: [\n", "h.yml:3:"),
        (
            "step: {type: Run, spec: {command: \"a\\0\"}}\n",
            "cannot hold a NUL",
        ),
    ] {
        let error = refused(text);
        assert!(error.contains(expected), "{text}: {error}");
    }
}

#[test]
fn endless_files_are_cut_or_refused() {
    let list = vec!["v"; 200].join(",");
    let run = "step: {type: Run, name: r, spec: {command: x}}";
    let matrix = format!("strategy: {{matrix: {{a: [{list}], b: [{list}], c: [{list}]}}}}");
    let stages =
        vec![
            format!("{{stage: {{name: s, {matrix}, spec: {{execution: {{steps: [{run}]}}}}}}}}");
            4
        ]
        .join(",");
    let cut = build(&format!("pipeline: {{stages: [{stages}]}}"));
    assert_eq!(cut.jobs.len(), MAX_JOBS);
    assert!(cut.warnings.iter().any(|w| w.contains("is cut")));
    assert!(cut.warnings.iter().any(|w| w.contains("too many jobs")));
    let mut nested = format!("{{{run}}}");
    for _ in 0..4 {
        nested = format!(
            "{{stepGroup: {{name: g, strategy: {{repeat: {{times: 100}}}}, steps: [{nested}]}}}}"
        );
    }
    let error = refused(&format!(
        "pipeline: {{stages: [stage: {{name: s, spec: {{execution: {{steps: [{nested}]}}}}}}]}}"
    ));
    assert!(
        error.contains("more than") || error.contains("endlessly"),
        "{error}"
    );
}

/// Files made of the words of the format and of odd bytes, from a simple generator.
#[test]
fn hostile_text_never_panics() {
    const WORDS: &[&str] = &[
        "pipeline:\n",
        "  stages:\n",
        "  - stage:\n",
        "      spec:\n",
        "steps: [",
        "- step:\n",
        "type: Run",
        "stepGroup: {",
        "parallel: [",
        "template: {templateRef: x}",
        "strategy: {matrix: {a: [1, 2]}}",
        "repeat: {times: 3}",
        "<+input>",
        "<+",
        ">",
        "<+matrix.a>",
        "<+pipeline.name>",
        "<+secrets.getValue(\"x\")>",
        "command: ",
        "{",
        "}",
        "[",
        "]",
        ", ",
        "\n",
        "  ",
        "---\n",
        "- ",
        "kind: pipeline\n",
        "spec:\n",
        "when: ",
        "failureStrategies: [onFailure: {errors: [AllErrors], action: {type: Retry}}]",
        "é",
        "\u{0}",
        "\"",
        "'",
        "&a ",
        "*a",
        "|\n",
        "timeout: 10m",
    ];
    let base = "pipeline:\n  name: P\n  variables: [{name: v, value: <+input>}]\n  stages:\n  - stage:\n      name: S\n      strategy: {matrix: {a: [1, 2]}}\n      spec:\n        execution:\n          steps:\n          - step: {type: Run, name: n, spec: {command: 'x <+matrix.a>'}}\n          - stepGroup: {name: g, steps: [{parallel: [{step: {type: Plugin, spec: {image: i}}}]}]}\n";
    try_loader("h.yml", WORDS, base, |text| {
        load(text, Source::alone("h.yml"))
    });
}
