//! A job as its CI wrote it down: `ID.toml` in the jobs' directory. It is read
//! and checked here; nothing in it is run, and a word of it that begins with
//! a hyphen never becomes a flag (see `template`).

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The largest file of a job, in bytes.
pub const MAX_FILE: u64 = 64 * 1024;

/// The longest text in it, in bytes.
const MAX_TEXT: usize = 4096;

/// The state of a job (Travis CI API, "Job").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Asked for, and not taken by a machine yet.
    Created,
    /// Taken.
    Received,
    /// Waits for a machine.
    Queued,
    /// Runs.
    Started,
    /// Ended well.
    Passed,
    /// A script failed.
    Failed,
    /// A step before the script failed.
    Errored,
    /// Ended by someone.
    Canceled,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 8] = [
        Self::Created,
        Self::Received,
        Self::Queued,
        Self::Started,
        Self::Passed,
        Self::Failed,
        Self::Errored,
        Self::Canceled,
    ];

    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Received => "received",
            Self::Queued => "queued",
            Self::Started => "started",
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Errored => "errored",
            Self::Canceled => "canceled",
        }
    }

    /// The state of a word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// Whether a job in it cannot be started again.
    #[must_use]
    pub const fn is_running(self) -> bool {
        matches!(
            self,
            Self::Created | Self::Received | Self::Queued | Self::Started
        )
    }
}

/// A job's file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Record {
    /// The repository, such as `octo/lab`; tokens are for some of them.
    pub repo: String,
    /// Its state, which a debug build restores.
    pub state: State,
    /// The repository is private: debug builds are always enabled.
    #[serde(default)]
    pub private: bool,
    /// Debug builds are enabled for a public repository.
    #[serde(default = "yes")]
    pub debug: bool,
    /// The repository has moved, and nothing is started here.
    #[serde(default)]
    pub migrated: bool,
    /// Builds of private repositories are disabled.
    #[serde(default)]
    pub out_of_credit: bool,
    /// Where the command is started.
    #[serde(default)]
    pub directory: Option<PathBuf>,
    /// The CI file.
    #[serde(default)]
    pub file: Option<String>,
    /// Which of the file's jobs, by number or name.
    #[serde(default)]
    pub job: Option<String>,
    /// The template that starts it; the settings' usual one otherwise.
    #[serde(default)]
    pub template: Option<String>,
    /// Further words for the template.
    #[serde(default)]
    pub vars: BTreeMap<String, String>,
}

const fn yes() -> bool {
    true
}

impl Record {
    /// Reads a job's file.
    ///
    /// # Errors
    /// A sentence that names what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let record: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        record.check()?;
        Ok(record)
    }

    fn check(&self) -> Result<(), String> {
        if self.repo.is_empty() {
            return Err("repo is empty".to_owned());
        }
        let directory = self.directory.as_ref().map(|dir| dir.to_string_lossy());
        let texts = [
            ("repo", Some(self.repo.as_str())),
            ("directory", directory.as_deref()),
            ("file", self.file.as_deref()),
            ("job", self.job.as_deref()),
            ("template", self.template.as_deref()),
        ];
        let vars = self
            .vars
            .iter()
            .map(|(name, value)| (name.as_str(), Some(value.as_str())));
        for (name, text) in texts.into_iter().chain(vars) {
            let Some(text) = text else { continue };
            if text.len() > MAX_TEXT {
                return Err(format!("{name} is longer than {MAX_TEXT} bytes"));
            }
            if text.chars().any(char::is_control) {
                return Err(format!("{name} has a control character"));
            }
        }
        let named = |name: &&String| {
            !name.is_empty()
                && name
                    .chars()
                    .all(|ch| ch.is_ascii_lowercase() || ch.is_ascii_digit() || ch == '_')
        };
        match self.vars.keys().find(|name| !named(name)) {
            Some(name) => Err(format!("vars: {name:?} is not of a-z, 0-9 and _")),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn record_reads_what_a_ci_writes() {
        let record = Record::parse(
            "repo = 'octo/lab'\nstate = 'failed'\nprivate = true\nfile = '.travis.yml'\n\
             out-of-credit = false\n[vars]\nimage = 'debian'\n",
        )
        .unwrap();
        assert_eq!(record.repo, "octo/lab");
        assert_eq!(record.state, State::Failed);
        assert!(record.private && record.debug && !record.migrated);
        assert_eq!(record.vars["image"], "debian");
        let kept = serde_json::to_string(&record).unwrap();
        assert_eq!(serde_json::from_str::<Record>(&kept).unwrap(), record);
    }

    #[test]
    fn record_refuses_what_it_cannot_mean() {
        for (text, wanted) in [
            ("repo = 'a/b'", "missing field `state`"),
            ("repo = 'a/b'\nstate = 'odd'", "unknown variant"),
            ("repo = 'a/b'\nstate = 'failed'\nnew = 1", "unknown field"),
            ("repo = ''\nstate = 'failed'", "repo is empty"),
            (
                "repo = \"a\\u0000\"\nstate = 'failed'",
                "repo has a control",
            ),
            (
                "repo = 'a'\nstate = 'failed'\nvars.A = ''",
                "is not of a-z, 0-9 and _",
            ),
        ] {
            let error = Record::parse(text).unwrap_err();
            assert!(error.contains(wanted), "{text}: {error}");
        }
    }

    #[test]
    fn words_of_states_read_back() {
        for state in State::ALL {
            assert_eq!(State::of(state.word()), Some(state));
            let json = serde_json::to_string(&state).unwrap();
            assert_eq!(json, format!("\"{}\"", state.word()));
        }
        assert_eq!(State::of("Failed"), None);
    }
}
