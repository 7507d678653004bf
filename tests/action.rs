//! The composite action's scripts, run here as GitHub's runner runs them: what
//! is downloaded is checked, inputs become arguments and never commands, and the
//! step ends with the status that the job had.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use common::debug::Log;
use common::{World, finish};

fn action(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join(".github/actions/debug")
        .join(name)
}

/// A script of the action, with the program in PATH.
fn script(world: &World, name: &str) -> Command {
    std::fs::create_dir_all(world.path("bin")).unwrap();
    let link = world.path("bin/stepmux");
    if !link.exists() {
        symlink(common::STEPMUX, &link).unwrap();
    }
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = world.command(action(name));
    command
        .env("PATH", format!("{}:{path}", world.path("bin").display()))
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_ACTOR", "octo")
        .env("RUNNER_TEMP", world.path("temp"))
        .env("GITHUB_PATH", world.path("github-path"));
    command
}

#[test]
fn inputs_reach_scripts_by_the_environment_alone() {
    let text = std::fs::read_to_string(action("action.yml")).unwrap();
    for line in text.lines() {
        let place = line.trim_start();
        if place.starts_with("run: ") {
            assert!(!line.contains("${{"), "{line}");
            let script = place.split('/').next_back().unwrap();
            let script = action(script.trim_end_matches(['"', '\'']));
            let mode = script.metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o111, 0o111, "{line}");
        }
    }
    let inputs = text.split("runs:").next().unwrap();
    for input in inputs.lines().filter_map(|line| line.strip_prefix("  ")) {
        let Some(name) = input
            .strip_suffix(':')
            .filter(|name| !name.starts_with(' '))
        else {
            continue;
        };
        assert!(
            text.contains(&format!("${{{{ inputs.{name} }}}}")),
            "{name}"
        );
    }
}

#[test]
fn download_is_taken_only_with_its_sum() {
    let world = World::new();
    let program = world.write("release/stepmux", "#!/bin/sh\necho stepmux 9.9\n");
    let sum = finish("sha256sum", {
        let mut command = world.command("sha256sum");
        command.arg(&program);
        command
    });
    let sum = sum.stdout.split(' ').next().unwrap().to_owned();
    let url = format!("file://{}", program.display());
    let wrong = sum.replace(|ch: char| ch.is_ascii_digit(), "a");
    for (sum, wanted) in [("", Some(1)), (wrong.as_str(), Some(1)), (&sum, Some(0))] {
        let mut command = script(&world, "install.sh");
        command.env("INPUT_URL", &url).env("INPUT_SHA256", sum);
        let out = finish("install.sh", command);
        assert_eq!(out.status, wanted, "{sum}: {out:#?}");
        assert_eq!(out.stdout == "stepmux 9.9\n", wanted == Some(0), "{out:#?}");
    }
    let path = std::fs::read_to_string(world.path("github-path")).unwrap();
    assert_eq!(
        path.trim_end(),
        world.path("temp/stepmux-bin").to_str().unwrap()
    );
}

#[test]
fn debug_step_opens_the_jobs_session_and_keeps_its_status() {
    let world = World::new();
    world.write(
        "home/.github/workflows/ci.yml",
        "on: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      \
         - run: echo one\n      - run: exit 4\n",
    );
    let mut command = script(&world, "debug.sh");
    command
        .env("GITHUB_REPOSITORY", "octo/lab")
        .env(
            "GITHUB_WORKFLOW_REF",
            "octo/lab/.github/workflows/ci.yml@refs/heads/main",
        )
        .env("GITHUB_JOB", "build")
        .env("INPUT_LIMIT", "false")
        .env("INPUT_STATUS", "failure")
        .env("INPUT_ARGUMENTS", "--name\nx $(touch pwned)\n");
    let log = Log::by(command);
    log.wait("ssh ");
    world.wait("session", &["list-sessions"], |text| {
        text.contains("(touch pwned)")
    });
    world.ok(&["kill-server"]);
    let out = log.end();
    assert_eq!(out.status, Some(1), "{out:#?}");
    assert!(
        out.stdout.contains("Debug build initiated by octo"),
        "{out:#?}"
    );
    assert!(!world.path("home/pwned").exists());
}

#[test]
fn command_of_the_action_opens_nothing_when_it_succeeds() {
    let world = World::new();
    let mut command = script(&world, "debug.sh");
    command
        .env("INPUT_LIMIT", "false")
        .env("INPUT_RUN", "echo \"fine: ${INPUT_RUN:-unset}\"");
    let out = finish("debug.sh", command);
    assert_eq!(
        (out.status, out.stdout.as_str()),
        (Some(0), "fine: unset\n"),
        "{out:#?}"
    );
}
