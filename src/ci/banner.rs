//! What a debug build says in the CI's log: the texts of Travis CI, CircleCI and
//! Harness with our ssh line, and the first window's help. Bytes only; it writes
//! nowhere and waits for nobody.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::life::Limits;
use super::model::System;
use crate::base::duration::{in_units, in_words};

/// How often a silent log gets a [`DOT`].
pub const DOT_PERIOD: Duration = Duration::from_secs(60);

/// What keeps a silent log alive, once at the start and then every [`DOT_PERIOD`].
pub const DOT: &str = ".";

/// Whose words a debug build's log uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Manner {
    /// Travis CI's, also for systems that have none of their own.
    #[default]
    Travis,
    /// CircleCI's.
    Circleci,
    /// Harness's: what tmate says in its step's log.
    Harness,
}

impl Manner {
    /// The manner of the system that a file is for.
    #[must_use]
    pub const fn of(system: System) -> Self {
        match system {
            System::Circleci => Self::Circleci,
            System::Harness => Self::Harness,
            System::Travis
            | System::Github
            | System::Gitlab
            | System::Stepmux
            | System::Scripts => Self::Travis,
        }
    }
}

/// What a debug build's log says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Banner<'a> {
    /// Whose words.
    pub manner: Manner,
    /// Who asked for the debug build.
    pub login: &'a str,
    /// The command to join with, without its line's end.
    pub ssh: &'a str,
    /// It is a local command, and no ssh.
    pub local: bool,
    /// The ssh command of those who only look, where that is another one.
    pub read_only: Option<&'a str>,
    /// Further lines for whoever joins, right after the ssh command.
    pub more: &'a [String],
    /// The host key's fingerprint.
    pub fingerprint: Option<&'a str>,
    /// No session output follows.
    pub quiet: bool,
    /// How long it stays.
    pub limits: Limits,
}

impl Banner<'_> {
    /// Everything before the first dot or the session's output.
    #[must_use]
    pub fn opening(&self) -> String {
        match self.manner {
            Manner::Travis => self.travis(),
            Manner::Circleci => format!("Enable SSH\n{}\n", self.circleci()),
            Manner::Harness => self.harness(),
        }
    }

    /// How to join, said again when a build that ran is held or over.
    #[must_use]
    pub fn again(&self) -> String {
        match self.manner {
            Manner::Travis => self.travis_way().trim_end().to_owned(),
            Manner::Circleci => format!("Wait for SSH\n{}", self.circleci().trim_end()),
            Manner::Harness => self.harness().trim_end().to_owned(),
        }
    }

    fn travis(&self) -> String {
        let mut text = format!(
            "\x1b[33;1mDebug build initiated by {}\x1b[0m\n\
             \x1b[33;1mSetting up debug tools.\x1b[0m\n\
             Preparing debug sessions.\n{}",
            plain(self.login),
            self.travis_way()
        );
        text.push_str(&self.further());
        if let Some(limit) = self.limits.stays() {
            text.push_str(&format!(
                "This debug build will stay alive for {}.\n",
                travis_span(limit)
            ));
        }
        text.push_str(if self.quiet {
            "This build is running in quiet mode. No session output will be displayed.\x1b[0m\n"
        } else {
            "Output from the interactive session will be shown below:\x1b[0m\n\n"
        });
        text
    }

    fn travis_way(&self) -> String {
        let kind = if self.local { "" } else { "SSH " };
        format!(
            "\x1b[33;1mUse the following {kind}command to access the interactive debugging environment:\x1b[0m\n\
             \x1b[32;1m{}\x1b[0m\n",
            plain(self.ssh)
        )
    }

    fn further(&self) -> String {
        let lines = self.more.iter().map(|line| plain(line) + "\n");
        lines.collect()
    }

    /// The body of both of CircleCI's sections.
    fn circleci(&self) -> String {
        let mut text = if self.local {
            format!(
                "You can now join this box with:\n    $ {}\n",
                plain(self.ssh)
            )
        } else {
            format!(
                "You can now SSH into this box if your SSH public key is added:\n    $ {}\n\n\
                 Use the same SSH public key that you use for your VCS-provider (e.g., GitHub).\n",
                plain(self.ssh)
            )
        };
        if let Some(print) = self.fingerprint {
            text.push_str(&format!(
                "\nED25519 key fingerprint of the host is\n  {}\n",
                plain(print)
            ));
        }
        let more = self.further();
        if !more.is_empty() {
            text.push('\n');
            text.push_str(&more);
        }
        let idle = self.limits.idle.or(self.limits.wait).map(in_units);
        let stays = self.limits.stays().map(in_units);
        let sentence = match (stays, idle) {
            (Some(stays), Some(idle)) => {
                format!("for {stays}, or until {idle} passes without an active SSH session")
            }
            (Some(stays), None) => format!("for {stays}"),
            (None, Some(idle)) => format!("until {idle} passes without an active SSH session"),
            (None, None) => return text,
        };
        text + &format!("\nThis box will stay up {sentence}.\n")
    }

    fn harness(&self) -> String {
        let mut text = String::new();
        if let Some(line) = self.read_only {
            text.push_str(&format!("ssh session read only: {}\n", plain(line)));
        }
        let kind = if self.local { "session" } else { "ssh session" };
        text.push_str(&format!("{kind}: {}\n", plain(self.ssh)));
        let more = self.more.iter();
        let more = more.filter(|line| !line.starts_with("Read-only: "));
        text.extend(more.map(|line| plain(line) + "\n"));
        text
    }
}

/// A time in Travis CI's way, in minutes if it is some.
fn travis_span(limit: Duration) -> String {
    match limit.as_secs() {
        seconds if seconds >= 120 && seconds.is_multiple_of(60) => {
            format!("{} minutes", seconds / 60)
        }
        _ => in_words(limit),
    }
}

/// What Travis CI says after the last dot or the session's output.
#[must_use]
pub fn closing(previous: Previous) -> String {
    let mut text =
        "\n\x1b[33;1mAll remaining steps, including caching and deploy, will be skipped.\x1b[0m\n"
            .to_owned();
    if let Some(word) = previous.word() {
        text.push_str(&format!(
            "\n\x1b[33;1mThis is a debug build. The build result is reset to its previous value, \"{word}\".\x1b[0m\n"
        ));
    }
    text.push_str(&done(previous.status()));
    text
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

    /// The state that [`Self::status`] stands for.
    #[must_use]
    pub const fn of_exit(status: u8) -> Self {
        match status {
            86 => Self::Other,
            status => Self::of_status(status),
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

    const fn banner<'a>(manner: Manner, more: &'a [String]) -> Banner<'a> {
        Banner {
            manner,
            login: "alice",
            ssh: "ssh -p 2222 TOKEN@host",
            local: false,
            read_only: None,
            more,
            fingerprint: None,
            quiet: true,
            limits: Limits {
                wait: None,
                keep: None,
                idle: None,
                max: None,
                cap: None,
            },
        }
    }

    #[test]
    fn quiet_log_has_the_documented_bytes() {
        let log = format!(
            "{}{DOT}\n{}",
            banner(Manner::Travis, &[]).opening(),
            closing(Previous::Failed)
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
        let more = ["read-only: ssh y".to_owned()];
        let mut banner = Banner {
            login: "a\x1b[31mb",
            ssh: "ssh x",
            quiet: false,
            ..banner(Manner::Travis, &more)
        };
        banner.limits.keep = Some(Duration::from_secs(1800));
        let text = banner.opening();
        assert!(text.contains("by a[31mb\x1b[0m\n"));
        assert!(text.ends_with(
            "ssh x\x1b[0m\nread-only: ssh y\n\
             This debug build will stay alive for 30 minutes.\n\
             Output from the interactive session will be shown below:\x1b[0m\n\n"
        ));
        assert!(!closing(Previous::Other).contains("reset"));
        banner.local = true;
        assert!(
            banner
                .opening()
                .contains("Use the following command to access")
        );
    }

    #[test]
    fn circleci_says_it_at_the_start_and_at_the_end() {
        let mut banner = Banner {
            ssh: "ssh -p 64537 18.209.34.18",
            fingerprint: Some("SHA256:gmdDJdpQ"),
            ..banner(Manner::Circleci, &[])
        };
        banner.limits.max = Some(Duration::from_secs(7200));
        banner.limits.idle = Some(Duration::from_secs(600));
        let body = concat!(
            "You can now SSH into this box if your SSH public key is added:\n",
            "    $ ssh -p 64537 18.209.34.18\n",
            "\n",
            "Use the same SSH public key that you use for your VCS-provider (e.g., GitHub).\n",
            "\n",
            "ED25519 key fingerprint of the host is\n",
            "  SHA256:gmdDJdpQ\n",
            "\n",
            "This box will stay up for 2h0m0s, or until 10m0s passes without an active SSH session.\n",
        );
        assert_eq!(banner.opening(), format!("Enable SSH\n{body}\n"));
        assert_eq!(banner.again() + "\n", format!("Wait for SSH\n{body}"));
        banner.limits = Limits::default();
        assert!(!banner.opening().contains("stay up"));
        banner.limits.wait = Some(Duration::from_secs(600));
        assert!(banner.opening().contains("stay up until 10m0s passes"));
    }

    #[test]
    fn harness_says_the_lines_of_its_step() {
        let more = ["Read-only: ssh v@h".to_owned(), "Host key: x".to_owned()];
        let banner = Banner {
            ssh: "ssh t@h",
            read_only: Some("ssh v@h"),
            ..banner(Manner::Harness, &more)
        };
        assert_eq!(
            banner.opening(),
            "ssh session read only: ssh v@h\nssh session: ssh t@h\nHost key: x\n"
        );
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
        assert_eq!(Previous::of_exit(86), Previous::Other);
    }
}
