//! Which CI system a file was written for: by its path, else by the keys that
//! stand in it. To tell them it looks at lines and parses no YAML, so that a broken
//! file is still told, and its loader names the error. It reads no file.

use super::model::System;
use super::yaml::{self, CiError};

/// Every system, in the order in which a checkout is searched.
pub const SYSTEMS: [System; 7] = [
    System::Stepmux,
    System::Travis,
    System::Circleci,
    System::Github,
    System::Gitlab,
    System::Harness,
    System::Scripts,
];

/// The system of a name, as [`System::name`] writes it.
#[must_use]
pub fn named(name: &str) -> Option<System> {
    SYSTEMS.into_iter().find(|system| system.name() == name)
}

/// The system of a file, by its path, then its text, then the words of its
/// directories (`.gitlab/ci/x.yml`); none when nothing tells.
#[must_use]
pub fn detect(path: &str, text: &str) -> Option<System> {
    by_path(path)
        .or_else(|| by_text(text))
        .or_else(|| by_directory(path))
}

/// What is wrong with a text as YAML, for a file whose system cannot be told.
///
/// # Errors
/// The first mistake, with its place.
pub fn well_formed(text: &str, file: &str) -> Result<(), CiError> {
    yaml::parse(text, file).map(drop)
}

/// The system whose usual place a path is.
#[must_use]
pub fn by_path(path: &str) -> Option<System> {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let (file, dirs) = parts.split_last()?;
    let parent = dirs.last().copied().unwrap_or_default();
    let above = dirs.len().checked_sub(2).map_or("", |at| dirs[at]);
    if *file == "stepmux.toml" {
        return Some(System::Stepmux);
    }
    let yaml = [".yml", ".yaml"].map(|end| file.strip_suffix(end));
    let stem = yaml.into_iter().flatten().next()?;
    if stem.ends_with(".travis") {
        Some(System::Travis)
    } else if parent == ".circleci" {
        Some(System::Circleci)
    } else if parent == "workflows" && matches!(above, ".github" | ".gitea" | ".forgejo") {
        Some(System::Github)
    } else if stem.ends_with(".gitlab-ci") {
        Some(System::Gitlab)
    } else if dirs.contains(&".harness") {
        Some(System::Harness)
    } else {
        None
    }
}

/// The system that a word of a directory's name is, the last directory first.
fn by_directory(path: &str) -> Option<System> {
    let (dirs, _) = path.rsplit_once('/')?;
    dirs.rsplit('/').take(3).find_map(|dir| {
        dir.split(|ch: char| !ch.is_ascii_alphanumeric())
            .find_map(named)
    })
}

/// A key at the left edge of a file, and what is known of its value.
#[derive(Debug, Default)]
struct Top<'a> {
    name: &'a str,
    value: &'a str,
    /// The keys one level below.
    below: Vec<&'a str>,
}

/// The keys of a file's text: at its edge, and one level below each.
#[derive(Debug, Default)]
struct Keys<'a> {
    top: Vec<Top<'a>>,
    /// The keys of the first item, when the file is a list.
    list: Vec<&'a str>,
}

/// The most lines that are looked at.
const MAX_LINES: usize = 20_000;

impl<'a> Keys<'a> {
    fn of(text: &'a str) -> Self {
        let mut keys = Self::default();
        let (mut edge, mut inner, mut block) = (None, None, None);
        for line in text.trim_start_matches('\u{feff}').lines().take(MAX_LINES) {
            let body = line.trim_start();
            let indent = line.len() - body.len();
            if body.is_empty() || body.starts_with('#') || body.starts_with("---") {
                continue;
            }
            if block.is_some_and(|block| indent > block) {
                continue;
            }
            block = None;
            let (dash, body) = match body.strip_prefix("- ") {
                Some(rest) => (true, rest.trim_start()),
                None => (false, body),
            };
            let Some((name, value)) = key(body) else {
                continue;
            };
            if matches!(value.bytes().next(), Some(b'|' | b'>')) {
                block = Some(indent);
            }
            let edge = *edge.get_or_insert(indent);
            if indent <= edge {
                inner = None;
                if dash {
                    keys.list.push(name);
                } else {
                    keys.top.push(Top {
                        name,
                        value,
                        below: Vec::new(),
                    });
                }
            } else if let Some(top) = keys.top.last_mut() {
                // A list may stand at its key's own column; its dash is no key.
                if indent == *inner.get_or_insert(indent) {
                    top.below.push(name);
                }
            }
        }
        keys
    }

    fn top(&self, name: &str) -> Option<&Top<'a>> {
        self.top.iter().find(|top| top.name == name)
    }

    fn any(&self, names: &[&str]) -> bool {
        self.top.iter().any(|top| names.contains(&top.name))
    }
}

/// A line's key and the rest, quotes taken off.
fn key(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start_matches('{').trim_start();
    let quote = line.chars().next().filter(|ch| matches!(ch, '"' | '\''));
    let (name, rest) = match quote {
        Some(quote) => line[1..].split_once(quote)?,
        None => line.split_at(
            line.match_indices(':')
                .map(|(at, _)| at)
                .find(|at| line[at + 1..].is_empty() || line[at + 1..].starts_with([' ', '\t']))?,
        ),
    };
    let rest = rest.trim_start().strip_prefix(':')?;
    Some((name.trim_end(), rest.trim()))
}

fn by_text(text: &str) -> Option<System> {
    let keys = Keys::of(text);
    if harness(&keys) {
        Some(System::Harness)
    } else if circleci(&keys) {
        Some(System::Circleci)
    } else if keys.any(&["on"]) && keys.any(&["jobs"]) {
        Some(System::Github)
    } else if keys.any(&["phase"]) || text.lines().any(|line| line.trim() == "[[phase]]") {
        Some(System::Stepmux)
    } else {
        gitlab_or_travis(&keys)
    }
}

fn harness(keys: &Keys<'_>) -> bool {
    const IDENTITY: [&str; 4] = [
        "identifier",
        "orgIdentifier",
        "projectIdentifier",
        "versionLabel",
    ];
    const ITEMS: [&str; 4] = ["step", "stepGroup", "stage", "parallel"];
    let wrapped = ["pipeline", "inputSet", "template"].iter().any(|name| {
        keys.top(name).is_some_and(|top| {
            let known = |key: &&str| IDENTITY.contains(key) || *key == "stages";
            top.below.iter().any(known)
        })
    });
    // The second version of the format has `kind` and `spec` at its edge.
    let kind = keys.top("kind").is_some_and(|top| {
        matches!(top.value, "pipeline" | "template" | "inputset") && keys.any(&["spec"])
    });
    let staged = keys.top("stages").is_some_and(|top| {
        let item = |key: &&str| matches!(*key, "stage" | "parallel");
        top.below.iter().any(item)
    });
    wrapped || kind || staged || keys.list.iter().any(|key| ITEMS.contains(key))
}

fn circleci(keys: &Keys<'_>) -> bool {
    let version = keys.top("version").is_some_and(|top| {
        let value = top.value.trim_start_matches(['"', '\'']);
        value.starts_with('2')
    });
    let parts = ["jobs", "workflows", "orbs", "commands", "executors"];
    (version && keys.any(&parts)) || keys.any(&["workflows", "orbs"])
}

fn gitlab_or_travis(keys: &Keys<'_>) -> Option<System> {
    // What makes a map at the edge a GitLab job.
    const JOB: [&str; 8] = [
        "script", "extends", "trigger", "stage", "rules", "only", "needs", "tags",
    ];
    const GITLAB: [&str; 6] = [
        "include",
        "workflow",
        "default",
        "variables",
        "spec",
        "image",
    ];
    const TRAVIS: [&str; 36] = [
        "language",
        "sudo",
        "dist",
        "before_install",
        "matrix",
        "jobs",
        "env",
        "os",
        "osx_image",
        "addons",
        "notifications",
        "branches",
        "after_success",
        "after_failure",
        "before_deploy",
        "script",
        "install",
        "group",
        "rvm",
        "jdk",
        "python",
        "node_js",
        "go",
        "git",
        "php",
        "perl",
        "rust",
        "ghc",
        "scala",
        "compiler",
        "elixir",
        "otp_release",
        "julia",
        "crystal",
        "gemfile",
        "import",
    ];
    let is_job =
        |top: &&Top<'_>| top.name != "deploy" && top.below.iter().any(|key| JOB.contains(key));
    let gitlab = keys
        .top
        .iter()
        .filter(|top| GITLAB.contains(&top.name) || top.name.starts_with('.'))
        .count();
    let jobs = keys.top.iter().filter(is_job).count();
    let travis: Vec<&Top<'_>> = keys
        .top
        .iter()
        .filter(|top| TRAVIS.contains(&top.name))
        .filter(|top| matches!(top.name, "matrix" | "jobs") || !is_job(top))
        .collect();
    let sure =
        |top: &&&Top<'_>| matches!(top.name, "language" | "matrix" | "sudo" | "dist" | "jobs");
    if gitlab > 0 && !travis.iter().any(|top| sure(&top)) {
        Some(System::Gitlab)
    } else if !travis.is_empty() {
        Some(System::Travis)
    } else if gitlab + jobs > 0 || (keys.any(&["stages"]) && keys.any(&["before_script"])) {
        Some(System::Gitlab)
    } else {
        let phases = [
            "before_script",
            "after_script",
            "deploy",
            "services",
            "cache",
        ];
        keys.any(&phases).then_some(System::Travis)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_paths_tell_without_the_text() {
        for (path, system) in [
            (".travis.yml", Some(System::Travis)),
            ("a/b.travis.yml", Some(System::Travis)),
            ("/x/.circleci/config.yml", Some(System::Circleci)),
            (".circleci/more.yaml", Some(System::Circleci)),
            (".github/workflows/ci.yaml", Some(System::Github)),
            ("workflows/ci.yaml", None),
            (".gitlab-ci.yml", Some(System::Gitlab)),
            ("ci/Rust.gitlab-ci.yml", Some(System::Gitlab)),
            (".harness/pipelines/a.yaml", Some(System::Harness)),
            ("stepmux.toml", Some(System::Stepmux)),
            ("other.toml", None),
            ("README.md", None),
            ("", None),
        ] {
            assert_eq!(by_path(path), system, "{path}");
        }
    }

    #[test]
    fn keys_tell_the_system() {
        for (text, system) in [
            ("language: c\nscript: make\n", Some(System::Travis)),
            (
                "before_install: [a]\nmatrix:\n  include:\n  - os: osx\n",
                Some(System::Travis),
            ),
            (
                "deploy:\n  provider: x\n  script: y\nscript: z\n",
                Some(System::Travis),
            ),
            (
                "base: &b\n  script: x\n  stage: t\nmatrix:\n  include:\n  - *b\n",
                Some(System::Travis),
            ),
            (
                "{\n  \"install\" : \"x\",\n  \"jobs\" : {\n    \"include\" : []\n  }\n}\n",
                Some(System::Travis),
            ),
            ("version: ~> 1.0\nscript: x\n", Some(System::Travis)),
            ("# remark\nversion: 2.1\norbs: {}\n", Some(System::Circleci)),
            ("jobs: {}\nversion: '2'\n", Some(System::Circleci)),
            (
                "name: x\non:\n  push:\njobs:\n  a:\n    runs-on: b\n",
                Some(System::Github),
            ),
            ("\"on\": push\njobs: {}\n", Some(System::Github)),
            (
                "stages: [a]\nbuild:\n  script: make\n",
                Some(System::Gitlab),
            ),
            ("include: a.yml\n", Some(System::Gitlab)),
            (
                ".hidden: &x\n  a: b\njob:\n  extends: .hidden\n",
                Some(System::Gitlab),
            ),
            ("install:\n  stage: x\n  script: y\n", Some(System::Gitlab)),
            (
                "image: ruby\nbefore_script:\n  - a\ntest:\n  script:\n  - b\n",
                Some(System::Gitlab),
            ),
            (
                "pipeline:\n  identifier: a\n  stages:\n    - stage:\n",
                Some(System::Harness),
            ),
            (
                "kind: pipeline\nspec:\n  stages: []\n",
                Some(System::Harness),
            ),
            ("- step:\n    type: Run\n", Some(System::Harness)),
            (
                "  tags: {}\n  stages:\n    - stage:\n        name: x\n",
                Some(System::Harness),
            ),
            (
                "template:\n  name: a\n  versionLabel: v1\n",
                Some(System::Harness),
            ),
            (
                "[env]\nA = \"1\"\n[[phase]]\nname = \"x\"\n",
                Some(System::Stepmux),
            ),
            ("regions:\n  - code: a\n", None),
            ("script: |\n  on: x\n  jobs: y\n", Some(System::Travis)),
            ("", None),
            ("\u{feff}language: c", Some(System::Travis)),
        ] {
            assert_eq!(by_text(text), system, "{text}");
        }
    }

    #[test]
    fn directory_tells_when_nothing_else_does() {
        let text = "regions:\n  - code: a\n";
        for (path, system) in [
            (".gitlab/data/regions.yml", Some(System::Gitlab)),
            ("my-travis-files/x.yml", Some(System::Travis)),
            ("x/y.yml", None),
            ("gitlab.yml", None),
        ] {
            assert_eq!(detect(path, text), system, "{path}");
        }
    }

    #[test]
    fn every_name_reads_back() {
        for system in SYSTEMS {
            assert_eq!(named(system.name()), Some(system));
        }
        assert_eq!(named("jenkins"), None);
    }
}
