//! Files in a few lines, and what Travis makes of them. Each table is one rule.
#![allow(clippy::unwrap_used)]

use super::*;

fn build(text: &str) -> Build {
    load(text, "f").unwrap()
}

fn first(text: &str) -> Job {
    build(text).jobs.remove(0)
}

fn commands(job: &Job, phase: &str) -> Vec<String> {
    let steps = job.phase(phase).map(|phase| phase.steps.clone());
    let steps = steps.unwrap_or_default().into_iter();
    steps.map(|step| step.command).collect()
}

fn env(job: &Job) -> String {
    let one = |var: &crate::ci::EnvVar| format!("{}={}", var.name, var.value);
    job.env.iter().map(one).collect::<Vec<_>>().join(" ")
}

/// One job a line: language, system unless it is linux, axes, variables, name.
fn jobs(text: &str) -> Vec<String> {
    let line = |job: &Job| {
        let mut words = vec![job.language.clone()];
        words.extend((job.os != "linux").then(|| job.os.clone()));
        words.extend(job.axes.iter().map(|(key, value)| format!("{key}={value}")));
        words.push(env(job));
        words.push(job.name.clone());
        words.retain(|word| !word.is_empty());
        words.join(" ")
    };
    build(text).jobs.iter().map(line).collect()
}

fn warns(text: &str, part: &str) {
    let warnings = build(text).warnings;
    assert!(
        warnings.iter().any(|line| line.contains(part)),
        "{text}: {warnings:?}"
    );
}

#[test]
fn phase_takes_a_string_a_list_and_nested_lists() {
    let table = [
        ("script: make", vec!["make"]),
        ("script: [a, [b, [c]], ~, '']", vec!["a", "b", "c"]),
        (
            "script:\n- |\n  x\n    y\n- true\n- 1.10",
            vec!["x\n  y\n", "true", "1.10"],
        ),
        ("script: \"a\\tb\"", vec!["a\tb"]),
        ("script: True", vec!["true"]),
        ("script: 'True'", vec!["True"]),
        ("script: 010", vec!["8"]),
        ("script: ':ok'\ninstall: :ok", vec![":ok"]),
        ("script: a\n b\n\n c", vec!["a b\nc"]),
    ];
    for (text, expected) in table {
        assert_eq!(commands(&first(text), "script"), expected, "{text}");
    }
}

#[test]
fn phases_come_in_the_order_of_the_build_with_their_rules() {
    let job =
        first("after_script: d\nscript: c\nbefore_install: a\ninstall: ignore\ndeploy: heroku\n");
    let shape: Vec<_> = job
        .phases
        .iter()
        .map(|p| (p.name.as_str(), p.kind, p.skipped))
        .collect();
    assert_eq!(
        shape,
        [
            ("before_install", PhaseKind::Main, false),
            ("install", PhaseKind::Main, true),
            ("script", PhaseKind::Main, false),
            ("after_script", PhaseKind::Always, false),
            ("deploy", PhaseKind::Deploy, false),
        ]
    );
    assert_eq!(job.phases[0].steps[0].on_failure, OnFailure::StopErrored);
    assert_eq!(job.phases[2].steps[0].on_failure, OnFailure::RecordContinue);
    assert!(job.phases[4].steps[0].placeholder.is_some());
    assert!(first("deploy: false").phase("deploy").is_none());
}

#[test]
fn deploy_is_a_script_or_a_placeholder_for_each_provider() {
    let text = "deploy: [{provider: script, script: [a, b]}, {provider: s3}, npm]\nafter_deploy: c";
    let job = first(text);
    assert_eq!(commands(&job, "deploy"), ["a\nb", "dpl s3", "dpl npm"]);
    let held: Vec<bool> = job
        .phase("deploy")
        .unwrap()
        .steps
        .iter()
        .map(|step| step.placeholder.is_some())
        .collect();
    assert_eq!(held, [false, true, true]);
    assert_eq!(commands(&job, "after_deploy"), ["c"]);
}

#[test]
fn phase_is_skipped_by_one_word_alone() {
    for (text, skipped) in [
        ("install: skip", true),
        ("install: [ignore]", true),
        ("install: [skip, make]", false),
        ("install: true", false),
    ] {
        let job = first(text);
        let install = job.phase("install").unwrap();
        assert_eq!((install.skipped, install.origin), (skipped, Origin::Config));
    }
}

#[test]
fn empty_phase_of_the_root_is_the_default_and_of_a_job_hides_the_roots() {
    let install = |text: &str| {
        let job = first(text);
        job.phase("install")
            .map(|phase| (phase.origin, phase.steps.len()))
    };
    assert_eq!(
        install("language: clojure\ninstall:\n"),
        Some((Origin::Default, 1))
    );
    assert_eq!(
        install("language: clojure\ninstall: []\n"),
        Some((Origin::Default, 1))
    );
    let text = "language: clojure\ninstall: a\njobs: {include: [{install: }]}";
    assert_eq!(install(text), Some((Origin::Default, 1)));
    let text = "language: c\nafter_success: a\njobs: {include: [{after_success: ''}]}";
    assert!(first(text).phase("after_success").is_none());
}

#[test]
fn map_in_a_phase_is_read_as_the_line_that_was_meant() {
    let text = "script:\n  - echo \"a: b\"\n  - make\n";
    assert_eq!(commands(&first(text), "script"), ["echo \"a: b\"", "make"]);
    warns(text, "f:2:5: script: `: ` makes this line a map");
    let text = "script:\n  - a: 1\n    b: 2\n";
    warns(text, "not a map; it is dropped");
}

#[test]
fn env_takes_its_forms() {
    let table = [
        ("env: A=1 B=2", "A=1 B=2"),
        ("env: {A: 1.0, B: x y}", "A=1.0 B=\"x y\""),
        ("env: {global: [A=1, {secure: zz}], jobs: [B=2]}", "A=1 B=2"),
        ("env: {global: {A: yes}, matrix: B=2}", "A=yes B=2"),
        ("env: {global: A=1, B: 2}", "A=1 B=2"),
        ("env: {A: {secure: zz}}", "A="),
        ("env: Lint", "Lint="),
        ("env: [[A=1]]", "A=1"),
        ("env: A = 1", ""),
        ("env: {global: [A=1], jobs: [A=1]}", "A=1"),
    ];
    for (text, expected) in table {
        assert_eq!(env(&first(text)), expected, "{text}");
    }
    assert!(first("env: {A: {secure: zz}}").env[0].secure);
}

#[test]
fn env_that_cannot_be_set_is_a_warning() {
    for (text, part) in [
        ("env: {secure: zz}", "f:1:15: 1 encrypted variables"),
        ("env: {'A B': 1}", "f:1:14: `A B` is no variable name"),
        ("env: [A=\"x]", "f:1:7: `A=\"x` is no assignment"),
        ("env: {A: [1]}", "text, not a list"),
        ("jobs: {include: [{env: {global: [A=1]}}]}", "means nothing"),
    ] {
        warns(text, part);
    }
}

#[test]
fn env_item_without_variables_is_a_job_all_the_same() {
    assert_eq!(
        jobs("language: c\nenv: [~, A=1, '']"),
        ["c", "c A=1"],
        "the last is a repetition"
    );
}

#[test]
fn env_list_that_holds_global_counts_with_its_first_item_alone() {
    let text = "language: c\nenv: [{global: [A=1], jobs: [B=1, B=2]}, C=1]";
    assert_eq!(jobs(text), ["c A=1 B=1", "c A=1 B=2"]);
    assert_eq!(jobs("language: c\nenv: [C=1, {global: A=1}]"), ["c"]);
    warns(text, "f:2:6: `env` is a map or a list");
}

#[test]
fn matrix_varies_its_axes_in_their_order_and_env_fastest() {
    let text = "env: [A=1, A=2]\nlanguage: ruby\ngemfile: [x, y]\nrvm: [2.6, 3.10]\n";
    assert_eq!(
        jobs(text),
        [
            "ruby rvm=2.6 gemfile=x A=1",
            "ruby rvm=2.6 gemfile=x A=2",
            "ruby rvm=2.6 gemfile=y A=1",
            "ruby rvm=2.6 gemfile=y A=2",
            "ruby rvm=3.10 gemfile=x A=1",
            "ruby rvm=3.10 gemfile=x A=2",
            "ruby rvm=3.10 gemfile=y A=1",
            "ruby rvm=3.10 gemfile=y A=2",
        ]
    );
}

#[test]
fn axis_of_another_language_or_system_makes_no_jobs() {
    let table: [(&str, &[&str]); 5] = [
        ("language: c\npython: [2.7, 3.6]", &["c"]),
        ("language: go\ncompiler: [gcc, clang]", &["go"]),
        (
            "language: c\nos: [linux, osx]\narch: [amd64, arm64]",
            &["c arch=amd64", "c arch=arm64", "c osx"],
        ),
        (
            "language: c\nos: [linux, osx]\nosx_image: [a, b]",
            &["c", "c osx osx_image=a", "c osx osx_image=b"],
        ),
        ("language: c\nos: windows\narch: arm64", &["c windows"]),
    ];
    for (text, expected) in table {
        assert_eq!(jobs(text), expected, "{text}");
    }
}

#[test]
fn value_of_an_axis_that_is_no_word_makes_a_job_too() {
    let text = "language: node_js\nnode_js: [6, {v: 8}, ~, '']";
    assert_eq!(jobs(text), ["node_js node_js=6", "node_js"]);
    warns(text, "f:2:14: `node_js` takes words, not a map");
}

#[test]
fn repeated_jobs_are_one() {
    assert_eq!(jobs("language: python\npython: [3.6, 3.6]").len(), 1);
    let text = "language: python\npython: [2.7, 3.6]\njobs: {include: [{python: 2.7}]}";
    assert_eq!(jobs(text).len(), 2);
}

#[test]
fn language_and_system_have_defaults_and_other_names() {
    let table = [
        ("", "ruby"),
        ("os: osx", "objective-c osx"),
        ("language: swift", "objective-c osx"),
        ("language: C++", "cpp"),
        ("language: minimal", "shell"),
        ("language: generic", "generic"),
        ("language: [go, c]", "go"),
        ("language: python2.7", "python"),
        ("language: pyhton", "python"),
        ("language: node_js - \"6\"", "node_js"),
        ("language: emacs-lisp", "emacs-lisp"),
        ("language: c\nos: macos", "c osx"),
        ("language: c\nos: android", "c"),
    ];
    for (text, expected) in table {
        assert_eq!(jobs(text), [expected], "{text}");
    }
    assert_eq!(jobs("os: [linux, osx]"), ["ruby", "ruby osx"]);
    let text = "language: c\njobs: [{language: , os: ~, name: a}]";
    assert_eq!(jobs(text), ["ruby a"]);
}

#[test]
fn misspelt_and_other_names_of_keys_are_understood() {
    let table = [
        ("before-script: a", "before_script"),
        ("beforeScript: a", "before_script"),
        ("Script: a", "script"),
        ("after_sucess: a", "after_success"),
        (":install: a", "install"),
        ("scripts: [a]", "script"),
    ];
    for (text, phase) in table {
        assert_eq!(commands(&first(text), phase), ["a"], "{text}");
    }
    let text = "language: ruby\nruby: [1.8, 2.0]\nnode: 6\n";
    assert_eq!(jobs(text).len(), 2);
    warns(
        "after_sucess: a",
        "f:1:15: `after_sucess` is taken for `after_success`",
    );
    warns(
        "on_success: a",
        "f:1:13: Travis does not know the key `on_success`",
    );
}

#[test]
fn key_for_anchors_alone_is_no_misspelling() {
    let text = "_install: &i [a]\n.script: b\nx-common: &x {script: [c]}\n\
                jobs: {include: [{<<: *x, install: *i}]}";
    let build = build(text);
    assert_eq!(commands(&build.jobs[0], "install"), ["a"]);
    assert_eq!(commands(&build.jobs[0], "script"), ["c"]);
    assert_eq!(build.warnings, Vec::<String>::new());
}

#[test]
fn matrix_replaces_jobs_when_both_are_there() {
    let text = "language: c\njobs: {include: [{name: a}, {name: b}]}\nmatrix: {fast_finish: true}";
    assert_eq!(jobs(text), ["c"]);
    warns(text, "`matrix` replaces `jobs`");
}

#[test]
fn jobs_may_be_a_list_or_one_job() {
    for text in [
        "language: c\njobs: [{name: a}]",
        "language: c\njobs: {name: a}",
        "language: c\nmatrix: {include: {name: a}}",
        "language: c\njobs: [{include: [{name: a}]}, {exclude: []}]",
    ] {
        assert_eq!(jobs(text), ["c a"], "{text}");
    }
    warns("jobs: [A=1]", "a job is a map of keys");
    let text = "language: c\nos: [linux, osx]\njobs: {allow_failure: [{os: osx}]}";
    assert_eq!(jobs(text), ["c", "c osx"], "a misspelling is no job");
}

#[test]
fn included_jobs_take_root_keys_first_values_and_the_stage_before() {
    let text = "language: python\npython: [2.7, 3.6]\nscript: root\n\
                env: {global: G=1, jobs: [A=1, A=2]}\njobs:\n  include:\n  \
                - {name: one, stage: test, script: own}\n  \
                - {name: two, env: B=3, install: skip, python: [3.9, 3.10]}\n";
    let build = build(text);
    assert_eq!(build.jobs.len(), 6);
    let (one, two) = (&build.jobs[4], &build.jobs[5]);
    assert_eq!(commands(one, "script"), ["own"]);
    assert_eq!(commands(two, "script"), ["root"]);
    assert_eq!(
        (env(one).as_str(), env(two).as_str()),
        ("G=1 A=1", "G=1 B=3")
    );
    let axis = |job: &Job| job.axes[0].1.clone();
    assert_eq!((axis(one), axis(two)), ("2.7".into(), "3.9".into()));
    assert_eq!((one.stage.as_str(), two.stage.as_str()), ("test", "test"));
    assert!(two.phase("install").unwrap().skipped);
}

#[test]
fn included_job_without_the_key_env_takes_the_roots_first() {
    let text = |own: &str| format!("language: c\nenv: [A=1, A=2]\njobs: [{{name: x{own}}}]");
    for (own, expected) in [
        ("", "c A=1 x"),
        (", env: ~", "c x"),
        (", env: []", "c x"),
        (", env: [~]", "c x"),
        (", env: {global: B=1}", "c x"),
        (", env: B=1", "c B=1 x"),
    ] {
        assert_eq!(jobs(&text(own))[2], expected, "{own}");
    }
}

#[test]
fn single_root_job_gives_way_to_included_ones() {
    let build = build("script: a\njobs: {include: [{name: x}, {name: y}]}");
    assert_eq!(build.jobs.len(), 2);
    assert!(build.job(None).unwrap_err().to_string().contains("2  y"));
    assert_eq!(
        jobs("os: [linux, osx]\njobs: {include: [{name: x}]}").len(),
        3
    );
}

#[test]
fn excluded_jobs_match_every_key_of_a_rule() {
    let head = "language: python\npython: [2.7, 3.6]\nenv: {global: G=1, jobs: [A=1, A=2]}\n";
    let table = [
        ("{python: 2.7, env: A=2}", 3),
        ("{python: 2.7}", 2),
        ("{env: {A: 2}}", 2),
        ("{language: python, os: linux, python: 3.6}", 2),
        ("{python: 3.7}", 4),
        ("{python: 2.7, unknown: 1}", 4),
        ("{env: A=1 B=2}", 4),
        ("{dist: ~, python: 2.7}", 2),
    ];
    for (rule, expected) in table {
        let text = format!("{head}jobs: {{exclude: [{rule}]}}");
        assert_eq!(jobs(&text).len(), expected, "{rule}");
    }
}

#[test]
fn exclusion_of_everything_leaves_the_root_with_a_warning() {
    let text = "language: c\njobs: {exclude: [{os: linux}]}";
    assert_eq!(jobs(text), ["c"]);
    warns(text, "every job is excluded");
}

#[test]
fn allowed_failures_are_marked() {
    let text = "language: python\npython: [2.7, 3.6]\nenv: {global: G=1, jobs: [A=1, A=2]}\n\
                jobs:\n  include: [{name: x, allow_failure: true}]\n  \
                allowed_failures: [{python: 2.7, env: A=2}, {branch: other}]\n";
    let marked: Vec<bool> = build(text)
        .jobs
        .iter()
        .map(|job| job.allow_failure)
        .collect();
    assert_eq!(marked, [false, true, false, false, true]);
}

#[test]
fn conditions_of_file_stage_and_job_are_kept_together() {
    let text = "if: a = 1\nstages: [{name: Deploy, if: b = 2}, test]\njobs:\n  include:\n  \
                - {stage: deploy, if: c = 3}\n  - {stage: test}\n";
    let build = build(text);
    let condition = |index: usize| build.jobs[index].condition.clone().unwrap();
    assert_eq!(condition(0), "(a = 1) AND (b = 2) AND (c = 3)");
    assert_eq!(condition(1), "a = 1");
    assert_eq!(first("script: x").condition, None);
}

#[test]
fn anchors_and_merges_reach_the_jobs() {
    let text = "x: &base\n  script: [a, b]\n  install: c\njobs:\n  include:\n  - <<: *base\n    \
                install: d\n  - install: e\n    <<: *base\n";
    let build = build(text);
    assert_eq!(commands(&build.jobs[0], "script"), ["a", "b"]);
    assert_eq!(commands(&build.jobs[0], "install"), ["d"]);
    assert_eq!(commands(&build.jobs[1], "install"), ["c"], "the later wins");
}

#[test]
fn defaults_of_fixed_text_are_travis_builds_own() {
    let table: [(&str, &str, &[&str]); 12] = [
        (
            "language: rust",
            "script",
            &["cargo build --verbose", "cargo test --verbose"],
        ),
        (
            "language: rust",
            "before_cache",
            &["rm -rf \"$HOME/.cargo/registry/src\""],
        ),
        ("language: clojure\nlein: lein2", "install", &["lein2 deps"]),
        ("language: clojure\nlein: 2.8.3", "script", &["lein test"]),
        (
            "language: elixir\nelixir: 1.6",
            "install",
            &[
                "mix local.rebar --force",
                "mix local.hex --force",
                "mix deps.get",
            ],
        ),
        (
            "language: elixir\nelixir: 1.2",
            "install",
            &["mix local.hex --force", "mix deps.get"],
        ),
        (
            "language: csharp\nsolution: My App.sln",
            "install",
            &["nuget restore My\\ App.sln"],
        ),
        (
            "language: csharp\nsolution: a.sln\nmono: 4.2.1",
            "script",
            &["xbuild /p:Configuration=Release a.sln"],
        ),
        (
            "language: haxe\nhxml: [a.hxml]",
            "script",
            &["haxe \"a.hxml\""],
        ),
        (
            "language: c",
            "script",
            &["./configure && make && make test"],
        ),
        ("language: nix", "script", &["nix-build"]),
        ("language: generic", "script", &[]),
    ];
    for (text, phase, expected) in table {
        assert_eq!(commands(&first(text), phase), expected, "{text}");
    }
    let job = first("language: clojure");
    assert_eq!(job.phase("install").unwrap().steps[0].retry, 2);
    assert_eq!(job.phase("install").unwrap().origin, Origin::Default);
    assert!(first("language: rust").phase("install").is_none());
}

#[test]
fn default_takes_the_arguments_of_the_file() {
    let has = |text: &str, phase: &str, part: &str| {
        let commands = commands(&first(text), phase).join("\n");
        assert!(commands.contains(part), "{text}: {commands}");
    };
    has(
        "bundler_args: --quiet",
        "install",
        "bundle install --quiet\n",
    );
    has(
        "cache: bundler",
        "install",
        "--path=${BUNDLE_PATH:-vendor/bundle}",
    );
    has("gemfile: a/b", "install", "${BUNDLE_GEMFILE:-a/b}.lock");
    has("language: node_js\nnpm_args: -q", "install", "npm ci -q");
    has(
        "language: go\ngobuild_args: -x",
        "install",
        "go get -x -t ./...",
    );
    has("language: go", "script", "go test -v ./...");
    has("language: emacs-lisp", "script", "bundle exec rake");
    has(
        "language: swift\nxcode_project: A.xcodeproj\nxcode_scheme: B",
        "script",
        "xcodebuild -project A.xcodeproj -scheme B build test | xcpretty",
    );
}

#[test]
fn what_is_not_read_is_named() {
    for (text, part) in [
        (
            "import: a/b:c.yml@v1",
            "f:1:9: the import of `a/b:c.yml@v1`",
        ),
        ("import: [{source: ./x.yml}]", "`./x.yml`"),
        ("script: *gone", "f:1:9: no anchor `gone`"),
        (
            "script: a\nscript: b",
            "f:2:1: the key `script` stands here again",
        ),
        ("rvm: {a: b}", "`rvm` takes words, not a map"),
        ("lein: [a, b]", "the first is used"),
        ("stages: [{if: x}]", "a stage without a name"),
        (
            "jobs: {exclude: [{if: a = 1, os: osx}]}",
            "f:1:23: this condition is not evaluated; the jobs are excluded",
        ),
        (
            "jobs: {allow_failures: [{if: a = 1}]}",
            "no job is marked by it",
        ),
    ] {
        warns(text, part);
    }
}

#[test]
fn mistakes_are_named_with_their_place() {
    let table = [
        ("script: [\n", "b.yml:1:9: this bracket is never closed"),
        ("- a\n", "b.yml:1:1: a map of keys"),
        ("a: b: c\n", "b.yml:1:5: a `: ` cannot stand here"),
        ("a: 'b\n", "b.yml:1:4: this quote is never closed"),
        ("script: a\u{1}b\n", "b.yml:1:10: a control character"),
    ];
    for (text, expected) in table {
        let error = load(text, "b.yml").unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn empty_file_is_one_job_with_the_defaults_of_ruby() {
    for text in ["", "# remark\n", "---\n", "~"] {
        let job = first(text);
        assert_eq!(job.language, "ruby");
        assert_eq!(job.phase("script").unwrap().origin, Origin::Default);
    }
}

#[test]
fn endless_matrix_is_cut() {
    let list: Vec<String> = (0..100).map(|n| format!("v{n}")).collect();
    let list = list.join(",");
    let text = format!("language: elixir\nos: linux\nelixir: [{list}]\notp_release: [{list}]\n");
    let build = build(&text);
    assert_eq!((build.jobs.len(), build.warnings.len()), (MAX_JOBS, 1));
}

#[test]
fn large_commands_in_many_jobs_are_cut() {
    let text = format!(
        "language: c\nenv: [{}]\nscript: {}\n",
        (0..150)
            .map(|n| format!("A={n}"))
            .collect::<Vec<_>>()
            .join(","),
        "x".repeat(1 << 20)
    );
    let build = build(&text);
    assert_eq!(build.jobs.len(), 63);
    assert!(build.warnings[0].contains("the jobs are too large"));
}

#[test]
fn endless_warnings_are_cut() {
    let text: String = (0..5_000).map(|n| format!("key{n}: 1\n")).collect();
    let warnings = build(&text).warnings;
    assert!(warnings.len() <= 101, "{}", warnings.len());
    assert!(warnings.last().unwrap().ends_with("more"));
}
