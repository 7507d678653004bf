//! The operator's own program at the door (`--auth-command`): it reads who asks
//! as one line of JSON and writes a grant. The user name goes to its standard
//! input alone, since it may hold a secret. A program that fails, is slow or says
//! something else has denied; few run at once, and each for a bounded time.

use std::net::IpAddr;
use std::time::Duration;

use russh::keys::{HashAlg, PublicKey};
use serde_json::json;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::access::verdict::{Verdict, verdict};
use crate::engine::event::ExitStatus;
use crate::io::job;
use crate::mux::effect::JobSpec;

/// Programs that run at once for a share; others wait for their turn, at most
/// as long as a handshake may take.
const AT_ONCE: usize = 4;

/// How long a program may take.
const TIME: Duration = Duration::from_secs(10);

/// The program of a share.
pub(super) struct Program {
    spec: JobSpec,
    session: String,
    slots: Semaphore,
    time: Duration,
}

/// Who asks to be let in.
pub(super) struct Question<'a> {
    /// The user name.
    pub(super) user: &'a str,
    /// From where.
    pub(super) address: IpAddr,
    /// A key that is proven to be theirs.
    pub(super) key: Option<&'a PublicKey>,
}

impl Program {
    /// A program that is run by /bin/sh.
    pub(super) fn new(spec: JobSpec, session: &str) -> Self {
        Self {
            // What it complains of is no answer.
            spec: JobSpec {
                command: format!("{{ {}\n}} 2>/dev/null", spec.command),
                ..spec
            },
            session: session.to_owned(),
            slots: Semaphore::new(AT_ONCE),
            time: TIME,
        }
    }

    /// Asks the program; none: denied.
    pub(super) async fn ask(&self, question: &Question<'_>) -> Option<Verdict> {
        let _slot = self.slots.acquire().await.ok()?;
        let spec = JobSpec {
            input: self.line(question).into_bytes(),
            stderr: true,
            ..self.spec.clone()
        };
        match timeout(self.time, job::run(spec)).await {
            Ok((ExitStatus::Code(0), output)) => verdict(&output),
            Ok((status, _)) => {
                tracing::info!(status = status.code(), "auth-command denied");
                None
            }
            Err(_) => {
                tracing::warn!("auth-command took too long: denied");
                None
            }
        }
    }

    fn line(&self, question: &Question<'_>) -> String {
        let key = question.key.and_then(|key| {
            let mut key = key.clone();
            key.set_comment("");
            Some(key.to_openssh().ok()?.trim_end().to_owned())
        });
        let print = question
            .key
            .map(|key| key.fingerprint(HashAlg::Sha256).to_string());
        let value = json!({
            "user": question.user,
            "address": question.address.to_string(),
            "key": key,
            "fingerprint": print,
            "session": self.session,
        });
        format!("{value}\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Grant;

    async fn ask(command: &str) -> Option<Grant> {
        let spec = JobSpec {
            command: command.to_owned(),
            cwd: "/".to_owned(),
            env: vec![("PATH".to_owned(), "/usr/bin:/bin".to_owned())],
            input: Vec::new(),
            stderr: true,
        };
        let mut program = Program::new(spec, "debug");
        program.time = Duration::from_millis(700);
        let question = Question {
            user: "pat:account:it's a \"token\"",
            address: IpAddr::from([192, 0, 2, 1]),
            key: None,
        };
        program.ask(&question).await.map(|verdict| verdict.grant)
    }

    #[tokio::test]
    async fn program_sees_who_asks_and_grants() {
        let reads = r#"read -r line; case $line in
            *'"user":"pat:account:it'"'"'s a \"token\""'*) echo view;; esac"#;
        assert_eq!(ask(reads).await, Some(Grant::View));
        assert_eq!(ask("echo noise >&2; echo type").await, Some(Grant::Type));
        assert_eq!(
            ask("grep -q 192.0.2.1 && echo type").await,
            Some(Grant::Type)
        );
        // The name is in no program's arguments and no environment.
        let hidden = "cat /proc/self/environ /proc/$$/cmdline | grep -q acc''ount || echo type";
        assert_eq!(ask(hidden).await, Some(Grant::Type));
    }

    #[tokio::test]
    async fn program_that_fails_in_any_way_denies() {
        for command in [
            "echo type; exit 1",
            "true",
            "echo perhaps",
            "exec sleep 60",
            "echo type; kill -9 $$",
            "}{",
        ] {
            assert_eq!(ask(command).await, None, "{command}");
        }
    }
}
