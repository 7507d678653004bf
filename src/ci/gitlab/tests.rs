//! Whole files: each rule by a small one of its own.
#![allow(clippy::unwrap_used)]

use super::load;
use crate::ci::load::Source;
use crate::ci::model::{Build, Job, OnFailure, PhaseKind, Step};

/// Other files of a checkout, by name.
type Files<'a> = &'a [(&'a str, &'a str)];

fn with(text: &str, files: Files<'_>) -> Result<Build, String> {
    let read = |path: &str| {
        if let Some(dir) = path.strip_suffix('/') {
            let start = if dir == "." {
                String::new()
            } else {
                format!("{dir}/")
            };
            let mut names: Vec<String> = Vec::new();
            for (name, _) in files {
                let Some(rest) = name.strip_prefix(start.as_str()) else {
                    continue;
                };
                names.push(match rest.split_once('/') {
                    Some((dir, _)) => format!("{dir}/"),
                    None => rest.to_owned(),
                });
            }
            names.dedup();
            return Ok(names.join("\n"));
        }
        let found = files.iter().find(|(name, _)| *name == path);
        let found = found.map(|(_, text)| (*text).to_owned());
        found.ok_or_else(|| "no such file".to_owned())
    };
    let source = Source {
        file: "g.yml",
        read: &read,
    };
    load(text, source).map_err(|error| error.to_string())
}

fn build(text: &str) -> Build {
    with(text, &[]).unwrap()
}

fn names(build: &Build) -> Vec<&str> {
    build.jobs.iter().map(|job| job.name.as_str()).collect()
}

fn steps<'a>(job: &'a Job, phase: &str) -> &'a [Step] {
    &job.phase(phase).unwrap().steps
}

fn commands(job: &Job) -> Vec<&str> {
    let steps = steps(job, "script").iter();
    steps
        .map(|step| match &step.placeholder {
            Some(_) => step.name.as_deref().unwrap_or("?"),
            None => step.command.as_str(),
        })
        .collect()
}

fn env(job: &Job) -> Vec<String> {
    let vars = job.env.iter();
    vars.map(|var| format!("{}={}", var.name, var.value))
        .collect()
}

#[test]
fn jobs_come_by_their_stages() {
    let text = "
stages: [one, two]
.hidden: {script: x}
c: {stage: two, script: x}
a: {stage: one, script: x}
last: {stage: .post, script: x}
b: {stage: one, script: x}
first: {stage: .pre, script: x}
odd: {stage: three, script: x}
";
    let found = build(text);
    assert_eq!(names(&found), ["first", "a", "b", "c", "last", "odd"]);
    assert!(found.warnings[0].ends_with("odd: there is no stage three"));
    let found = build("x: {script: x}\nb: {stage: build, script: y}\n");
    assert_eq!(names(&found), ["b", "x"]);
    assert_eq!(found.jobs[1].stage, "test");
}

#[test]
fn scripts_are_one_shell_and_one_after_it() {
    let text = "
job:
  before_script: [a, [b, [c]]]
  script: d
  after_script: ['e 1', null]
  timeout: 1h 30m
  retry: {max: 2, when: [script_failure]}
";
    let found = build(text);
    let job = &found.jobs[0];
    assert_eq!(commands(job), ["a", "b", "c", "d"]);
    let script = job.phase("script").unwrap();
    assert_eq!(script.shell, ["bash", "-eo", "pipefail"]);
    let first = &script.steps[0];
    assert_eq!(first.name.as_deref(), Some("before_script 1"));
    assert_eq!((first.timeout, first.retry), (Some(5400), 2));
    assert_eq!(script.steps[3].name, None);
    let after = job.phase("after_script").unwrap();
    assert_eq!((after.kind, after.steps.len()), (PhaseKind::Always, 1));
    assert_eq!(after.steps[0].on_failure, OnFailure::Ignore);
    assert_eq!(after.steps[0].timeout, Some(300));
}

#[test]
fn job_inherits_what_it_does_not_refuse() {
    let text = "
default: {image: base, before_script: [d], retry: 1}
after_script: [old]
variables: {G: 1, H: 2}
plain: {script: x}
own: {script: x, image: {name: mine}, before_script: []}
none: {script: x, inherit: {default: false, variables: false}}
some: {script: x, inherit: {default: [image], variables: [H]}}
";
    let found = build(text);
    let image = |at: usize| found.jobs[at].image.as_deref();
    assert_eq!(
        (image(0), image(1), image(2), image(3)),
        (Some("base"), Some("mine"), None, Some("base"))
    );
    let all: Vec<Vec<&str>> = found.jobs.iter().map(commands).collect();
    assert_eq!(all, [vec!["d", "x"], vec!["x"], vec!["x"], vec!["x"]]);
    assert_eq!(steps(&found.jobs[0], "after_script").len(), 1);
    assert!(found.jobs[2].phase("after_script").is_none());
    assert_eq!(env(&found.jobs[0]), ["G=1", "H=2"]);
    assert!(env(&found.jobs[2]).is_empty());
    assert_eq!(env(&found.jobs[3]), ["H=2"]);
}

#[test]
fn variables_expand_in_the_order_of_their_references() {
    let text = "
variables:
  PATHS: $BASE/bin
  BASE: {value: $HOME/x, description: d}
  RAW: {value: $HOME, expand: false}
  EMPTY:
  LOOP_A: $LOOP_B
  LOOP_B: $LOOP_A
job:
  variables: {BASE: /own, SELF: 'a:$SELF', bad-name: 1}
  secrets: {TOKEN: {vault: x}}
  script: x
";
    let found = build(text);
    assert_eq!(
        env(&found.jobs[0]),
        [
            "BASE=/own",
            "PATHS=\"$BASE/bin\"",
            "RAW='$HOME'",
            "EMPTY=''",
            "LOOP_B=\"$LOOP_A\"",
            "LOOP_A=\"$LOOP_B\"",
            "SELF=\"a:$SELF\"",
            "TOKEN=",
        ]
    );
    assert!(found.jobs[0].env[7].secure);
    assert!(
        found.warnings[0].contains("bad-name"),
        "{:?}",
        found.warnings
    );
}

#[test]
fn extends_merges_maps_and_replaces_lists() {
    let text = "
.base: {variables: {A: 1, B: 1}, script: [base], tags: [x]}
.mid: {extends: .base, variables: {B: 2}}
.other: {variables: {C: 3}, script: [other]}
job: {extends: [.mid, .other], variables: {D: 4}}
last: {extends: job, script: [own]}
";
    let found = build(text);
    assert_eq!(env(&found.jobs[0]), ["A=1", "B=2", "C=3", "D=4"]);
    assert_eq!(commands(&found.jobs[0]), ["other"]);
    assert_eq!(commands(&found.jobs[1]), ["own"]);
    assert!(found.warnings.is_empty(), "{:?}", found.warnings);
}

#[test]
fn extends_of_nothing_is_a_placeholder_and_a_circle_an_error() {
    let found = build(".a: {extends: .gone}\njob: {extends: .a, before_script: [x]}\n");
    assert_eq!(commands(&found.jobs[0]), ["extends .gone", "x"]);
    assert_eq!(
        found.warnings,
        ["g.yml:1:15: .a: extends .gone, which is in no file at hand"]
    );
    let error = with("a: {extends: b}\nb: {extends: a}\n", &[]).unwrap_err();
    assert_eq!(error, "g.yml:1:14: extends goes in a circle: a → b → a");
    let mut deep = String::from(".j0: {script: x}\n");
    for level in 1..=12 {
        deep.push_str(&format!(".j{level}: {{extends: .j{}}}\n", level - 1));
    }
    assert!(
        with(&format!("j: {{extends: .j12}}\n{deep}"), &[])
            .unwrap_err()
            .contains("deeper than 11")
    );
}

#[test]
fn references_are_followed_wherever_they_stand() {
    let text = "
.setup: {script: [a, !reference [.deeper, script]], vars: {V: 1}}
.deeper: {script: [b]}
.base: {before_script: !reference [.setup, script]}
job:
  extends: .base
  variables: !reference [.setup, vars]
  script: [!reference [.setup, script], c, !reference [.gone, script]]
";
    let found = build(text);
    let job = &found.jobs[0];
    assert_eq!(
        commands(job),
        ["a", "b", "a", "b", "c", "!reference [.gone, script]"]
    );
    assert_eq!(env(job), ["V=1"]);
    assert_eq!(found.warnings.len(), 1);
    let error = with("j: {script: !reference [j, script]}\n", &[]).unwrap_err();
    assert!(
        error.starts_with("g.yml:1:13: !reference [j, script] goes deeper"),
        "{error}"
    );
}

#[test]
fn copies_are_named_as_gitlab_names_them() {
    let text = "
deploy:
  script: x
  parallel:
    matrix:
      - P: aws
        S: [m, a]
      - P: [g, v]
        S: [d]
shard: {script: x, parallel: 2}
after: {script: x, needs: [deploy, {job: shard, optional: true}, {pipeline: other}]}
";
    let found = build(text);
    assert_eq!(
        names(&found),
        [
            "deploy: [aws, m]",
            "deploy: [aws, a]",
            "deploy: [g, d]",
            "deploy: [v, d]",
            "shard 1/2",
            "shard 2/2",
            "after"
        ]
    );
    assert_eq!(
        env(&found.jobs[1]),
        ["P=aws", "S=a", "CI_NODE_INDEX=2", "CI_NODE_TOTAL=4"]
    );
    assert_eq!(
        found.jobs[1].axes,
        [
            ("P".to_owned(), "aws".to_owned()),
            ("S".to_owned(), "a".to_owned())
        ]
    );
    assert_eq!(env(&found.jobs[5]), ["CI_NODE_INDEX=2", "CI_NODE_TOTAL=2"]);
    assert_eq!(found.jobs[6].needs.len(), 6);
    assert!(found.warnings[0].contains("not of this pipeline"));
    assert!(
        with("j: {script: x, parallel: 500}", &[])
            .unwrap_err()
            .contains("at most 200")
    );
}

#[test]
fn local_includes_are_merged_below_the_file() {
    let files = [
        (
            "ci/a.yml",
            "variables: {A: 1, B: 1}\none: {script: a}\ninclude: /ci/deep/c.yml\n",
        ),
        ("ci/b.yml", "two: {script: b}\n"),
        ("ci/deep/c.yml", "three: {script: c}\n"),
        ("ci/.hidden.yml", "four: {script: d}\n"),
        ("ci/note.txt", "no yaml"),
    ];
    let text = "include: [{local: 'ci/a.yml'}]\nvariables: {B: 2}\none: {tags: [x]}\n";
    let found = with(text, &files).unwrap();
    assert_eq!(names(&found), ["three", "one"]);
    assert_eq!(env(&found.jobs[1]), ["A=1", "B=2"]);
    for (pattern, expected) in [
        ("ci/*.yml", vec!["three", "one", "two"]),
        ("ci/**/*.yml", vec!["three", "one", "two"]),
        ("**/c.yml", vec!["three"]),
        ("*.yml", vec![]),
    ] {
        let found = with(&format!("include: '{pattern}'\n"), &files).unwrap();
        assert_eq!(names(&found), expected, "{pattern}");
    }
    let error = with("include: x.yml\n", &[("x.yml", "include: x.yml\n")]).unwrap_err();
    assert_eq!(error, "x.yml:1:10: x.yml includes itself");
    let error = with("include: x.yml\n", &[("x.yml", "a: [\n")]).unwrap_err();
    assert!(error.starts_with("x.yml:"), "{error}");
}

#[test]
fn include_from_elsewhere_is_a_placeholder() {
    let text = "
include:
  - template: T.yml
  - https://host/r.yml
  - {project: g/p, file: [x.yml, y.yml], ref: main}
  - component: host/c@1
  - gone.yml
  - local: $FILE
  - {odd: x}
scan: {variables: {X: 1}}
";
    let found = build(text);
    assert_eq!(
        names(&found),
        [
            "scan",
            "include template: T.yml",
            "include remote: https://host/r.yml",
            "include project: g/p x.yml y.yml",
            "include component: host/c@1",
            "include local: gone.yml",
            "include local: $FILE",
        ]
    );
    assert!(found.jobs.iter().all(|job| {
        let steps = job.phases.iter().flat_map(|phase| &phase.steps);
        steps.into_iter().all(|step| step.placeholder.is_some())
    }));
    assert_eq!(found.warnings.len(), 7);
    assert!(found.warnings[0].starts_with("g.yml:3:5: include template: T.yml"));
}

#[test]
fn inputs_are_filled_from_the_header_or_the_include() {
    let part = "spec:\n  inputs:\n    stage: {default: test}\n    name:\n---\n\"$[[ inputs.name ]]\":\n  stage: $[[ inputs.stage ]]\n  script: run $[[ inputs.name ]] $[[ inputs.other ]]\n";
    let text = "include: [{local: p.yml, inputs: {name: unit}}]\n";
    let found = with(text, &[("p.yml", part)]).unwrap();
    let job = &found.jobs[0];
    assert_eq!((job.name.as_str(), job.stage.as_str()), ("unit", "test"));
    let step = &steps(job, "script")[0];
    assert_eq!(step.command, "run unit $[[ inputs.other ]]");
    assert_eq!(step.asks[0].variable, "INPUT_OTHER");
    let found = with(part, &[]).unwrap();
    assert_eq!(names(&found), ["$[[ inputs.name ]]"]);
}

#[test]
fn conditions_stay_in_gitlabs_words() {
    let text = "
a:
  script: x
  rules:
    - if: $A == \"x\"
      when: never
    - changes: [b, c]
      variables: {V: 1}
b: {script: x, only: [main], except: {refs: [tags]}, when: manual}
c: {script: x, when: on_success, allow_failure: {exit_codes: 3}}
d: {script: x, when: manual, rules: []}
";
    let found = build(text);
    let conditions: Vec<Option<&str>> = found
        .jobs
        .iter()
        .map(|job| job.condition.as_deref())
        .collect();
    assert_eq!(
        conditions,
        [
            Some("rules: if: $A == \"x\" when: never; changes: b, c variables (V: 1)"),
            Some("only: main; except: refs: tags; when: manual"),
            None,
            Some("rules: ; when: manual"),
        ]
    );
    let may: Vec<bool> = found.jobs.iter().map(|job| job.allow_failure).collect();
    assert_eq!(may, [false, true, true, false]);
    assert!(
        found.warnings[0].starts_with("g.yml:8:"),
        "{:?}",
        found.warnings
    );
}

#[test]
fn what_gitlab_alone_does_is_a_placeholder() {
    let text = "
down: {trigger: {project: g/p, branch: main}}
child: {trigger: {include: c.yml}, before_script: [x]}
steps:
  run:
    - {name: hi, script: echo hi, env: {E: $A}}
    - {name: far, step: host/s@1}
hooked: {script: x, hooks: {pre_get_sources_script: [y]}}
served: {script: x, services: [redis, {name: pg}], colour: red}
nothing: {stage: test}
";
    let found = build(text);
    assert_eq!(
        names(&found),
        ["down", "child", "steps", "hooked", "served"]
    );
    assert_eq!(commands(&found.jobs[0]), ["trigger g/p"]);
    assert_eq!(commands(&found.jobs[1]), ["trigger c.yml"]);
    assert_eq!(commands(&found.jobs[2]), ["echo hi", "far"]);
    assert_eq!(steps(&found.jobs[2], "script")[0].env[0].value, "\"$A\"");
    assert!(
        steps(&found.jobs[3], "pre_get_sources")[0]
            .placeholder
            .is_some()
    );
    for part in [
        "redis is not",
        "pg is not",
        "colour: no key",
        "nothing: no job",
    ] {
        assert!(
            found.warnings.iter().any(|text| text.contains(part)),
            "{part}"
        );
    }
}

#[test]
fn retries_of_the_runner_are_not_ours() {
    for (retry, expected) in [
        ("2", 2),
        ("{max: 1}", 1),
        ("{max: 2, when: runner_system_failure}", 0),
        ("{max: 2, when: [always]}", 2),
        ("9", 2),
        ("x", 0),
    ] {
        let found = build(&format!("j: {{script: x, retry: {retry}}}"));
        assert_eq!(
            steps(&found.jobs[0], "script")[0].retry,
            expected,
            "{retry}"
        );
    }
}

#[test]
fn broken_file_is_refused_at_its_place() {
    for (text, error) in [
        ("- a\n", "g.yml:1:1: a map of keys is expected here"),
        (
            "j:\n  script:\n    - echo \"a: b\"\n    - a: b\n",
            "g.yml:3:7: a command is text",
        ),
        (
            "j: {script: x, parallel: {matrix: [x]}}\n",
            "g.yml:1:36: a map of variables",
        ),
        ("j: [\n", "g.yml:"),
    ] {
        let found = with(text, &[]).unwrap_err();
        assert!(found.starts_with(error), "{text}: {found}");
    }
    for text in ["", "# nothing\n", ".a: {script: x}\n"] {
        let found = build(text);
        assert!(found.jobs.is_empty() && found.warnings[0].contains("no job here"));
    }
}

#[test]
fn expansion_is_bounded() {
    let big = (0..2000)
        .map(|n| format!("x{n}: y"))
        .collect::<Vec<_>>()
        .join(", ");
    let mut text = format!(".base: {{variables: {{{big}}}, script: x}}\n");
    for n in 0..3000 {
        text.push_str(&format!("j{n}: {{extends: .base}}\n"));
    }
    assert!(with(&text, &[]).unwrap_err().contains("grows too large"));
    let mut text = String::from(".r0: {script: [x, x, x, x, x, x, x, x]}\n");
    for n in 1..9 {
        let item = format!("!reference [.r{}, script]", n - 1);
        text.push_str(&format!(
            ".r{n}: {{script: [{}]}}\n",
            vec![item; 8].join(", ")
        ));
    }
    text.push_str("j: {script: !reference [.r8, script]}\n");
    assert!(with(&text, &[]).unwrap_err().contains("grows too large"));
}
