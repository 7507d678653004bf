//! What a debug build says in the CI's log: Travis's own texts with our ssh line,
//! and the first window's help. Bytes only; it writes nowhere and waits for nobody.

use std::time::Duration;

/// How often a silent log gets a [`DOT`].
pub const DOT_PERIOD: Duration = Duration::from_secs(60);

/// What keeps a silent log alive, once at the start and then every [`DOT_PERIOD`].
pub const DOT: &str = ".";

/// What a debug build's log says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Banner<'a> {
    /// Who asked for the debug build.
    pub login: &'a str,
    /// The ssh command, without its line's end.
    pub ssh: &'a str,
    /// Further lines for whoever joins, right after the ssh command.
    pub more: &'a [String],
    /// No session output follows.
    pub quiet: bool,
    /// The limit in minutes, if there is one.
    pub limit: Option<u64>,
}

impl Banner<'_> {
    /// Everything before the first dot or the session's output.
    #[must_use]
    pub fn opening(&self) -> String {
        let mut text = format!(
            "\x1b[33;1mDebug build initiated by {}\x1b[0m\n\
             \x1b[33;1mSetting up debug tools.\x1b[0m\n\
             Preparing debug sessions.\n\
             \x1b[33;1mUse the following SSH command to access the interactive debugging environment:\x1b[0m\n\
             \x1b[32;1m{}\x1b[0m\n",
            plain(self.login),
            plain(self.ssh)
        );
        for line in self.more {
            text.push_str(&plain(line));
            text.push('\n');
        }
        if let Some(minutes) = self.limit {
            text.push_str(&format!(
                "This debug build will stay alive for {minutes} minutes.\n"
            ));
        }
        text.push_str(if self.quiet {
            "This build is running in quiet mode. No session output will be displayed.\x1b[0m\n"
        } else {
            "Output from the interactive session will be shown below:\x1b[0m\n\n"
        });
        text
    }

    /// Everything after the last dot or the session's output.
    #[must_use]
    pub fn closing(&self, previous: Previous) -> String {
        let mut text = String::new();
        if self.quiet {
            text.push('\n');
        }
        text.push_str(
            "\n\x1b[33;1mAll remaining steps, including caching and deploy, will be skipped.\x1b[0m\n",
        );
        if let Some(word) = previous.word() {
            text.push_str(&format!(
                "\n\x1b[33;1mThis is a debug build. The build result is reset to its previous value, \"{word}\".\x1b[0m\n"
            ));
        }
        text.push_str(&done(previous.status()));
        text
    }
}

/// The last line of a build.
#[must_use]
pub fn done(status: u8) -> String {
    format!("\nDone. Your build exited with {status}.\n")
}

/// What is said when the session cannot be started.
pub const UNAVAILABLE: &str =
    "\x1b[31;1mThe debug environment is not available. Please contact support.\x1b[0m\n";

/// Travis's help in the first window, as its `~/.travis/debug_help` holds it.
pub const TRAVIS_MOTD: &str = "\n  Run individual commands; or execute configured build phases\n  \
with \x1b[34;1m`travis_run_*`\x1b[0m functions (e.g., \x1b[34;1m`travis_run_before_install`\x1b[0m).\n\n  \
For more information, consult https://docs.travis-ci.com/user/running-build-in-debug-mode/, \
or email support@travis-ci.com.\n\n  ";

/// Our help in the first window: Travis's words, an example that exists, and ours.
#[must_use]
pub fn motd(example: &str) -> String {
    format!(
        "\n  Run individual commands; or execute configured build phases\n  \
         with \x1b[34;1m`travis_run_*`\x1b[0m functions (e.g., \x1b[34;1m`{}`\x1b[0m).\n\n  \
         For more information, run \x1b[34;1m`phase help`\x1b[0m.\n\n",
        plain(example)
    )
}

fn plain(text: &str) -> String {
    crate::base::Label::new(text).as_str().to_owned()
}

/// The state of the build before it was debugged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Previous {
    /// It passed.
    Passed,
    /// A script failed. What is debugged has nearly always failed.
    #[default]
    Failed,
    /// A phase before `script` failed.
    Errored,
    /// Cancelled or unknown.
    Other,
}

impl Previous {
    /// The status with which the debug build ends.
    #[must_use]
    pub const fn status(self) -> u8 {
        match self {
            Self::Passed => 0,
            Self::Failed => 1,
            Self::Errored => 2,
            Self::Other => 86,
        }
    }

    /// The state of a build's exit status: 0 passed, 1 failed, anything else errored.
    #[must_use]
    pub const fn of_status(status: u8) -> Self {
        match status {
            0 => Self::Passed,
            1 => Self::Failed,
            _ => Self::Errored,
        }
    }

    /// Travis's word for it, if it restores one.
    #[must_use]
    pub const fn word(self) -> Option<&'static str> {
        match self {
            Self::Passed => Some("passed"),
            Self::Failed => Some("failed"),
            Self::Errored => Some("errored"),
            Self::Other => None,
        }
    }
}

impl std::str::FromStr for Previous {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "passed" => Ok(Self::Passed),
            "failed" => Ok(Self::Failed),
            "errored" => Ok(Self::Errored),
            "canceled" | "cancelled" => Ok(Self::Other),
            _ => Err(format!(
                "unknown state: {word} (passed, failed, errored or canceled)"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_log_has_the_documented_bytes() {
        let banner = Banner {
            login: "alice",
            ssh: "ssh -p 2222 TOKEN@host",
            more: &[],
            quiet: true,
            limit: None,
        };
        let log = format!(
            "{}{DOT}{}",
            banner.opening(),
            banner.closing(Previous::Failed)
        );
        let expected = concat!(
            "\x1b[33;1mDebug build initiated by alice\x1b[0m\n",
            "\x1b[33;1mSetting up debug tools.\x1b[0m\n",
            "Preparing debug sessions.\n",
            "\x1b[33;1mUse the following SSH command to access the interactive debugging environment:\x1b[0m\n",
            "\x1b[32;1mssh -p 2222 TOKEN@host\x1b[0m\n",
            "This build is running in quiet mode. No session output will be displayed.\x1b[0m\n",
            ".\n",
            "\n",
            "\x1b[33;1mAll remaining steps, including caching and deploy, will be skipped.\x1b[0m\n",
            "\n",
            "\x1b[33;1mThis is a debug build. The build result is reset to its previous value, \"failed\".\x1b[0m\n",
            "\n",
            "Done. Your build exited with 1.\n",
        );
        assert_eq!(log, expected);
    }

    #[test]
    fn loud_log_announces_the_output_and_the_limit() {
        let banner = Banner {
            login: "a\x1b[31mb",
            ssh: "ssh x",
            more: &["read-only: ssh y".to_owned()],
            quiet: false,
            limit: Some(30),
        };
        let text = banner.opening();
        assert!(text.contains("by a[31mb\x1b[0m\n"));
        assert!(text.ends_with(
            "ssh x\x1b[0m\nread-only: ssh y\n\
             This debug build will stay alive for 30 minutes.\n\
             Output from the interactive session will be shown below:\x1b[0m\n\n"
        ));
        assert!(!banner.closing(Previous::Other).contains("reset"));
    }

    #[test]
    fn status_is_that_of_the_previous_state() {
        for (word, status) in [
            ("passed", 0),
            ("failed", 1),
            ("errored", 2),
            ("canceled", 86),
        ] {
            assert_eq!(word.parse().map(Previous::status), Ok(status));
        }
        assert!("broken".parse::<Previous>().is_err());
        assert_eq!(Previous::of_status(127), Previous::Errored);
    }
}
