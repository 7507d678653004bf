//! `stepmux debug --on-failure -- COMMAND`: the command, run as if we were not
//! here, and as a build of one step for the session that follows its failure.

use std::os::unix::process::ExitStatusExt;
use std::process::Command;

use crate::ci::{Build, Job, Phase, Step, System, functions};

/// The name of the only phase.
const PHASE: &str = "command";

/// Runs the command with our own standard streams; its exit status, as a shell
/// would tell it.
///
/// # Errors
/// A sentence for the user: it cannot be started.
pub(super) fn run(command: &[String]) -> Result<u8, String> {
    let (program, words) = command.split_first().ok_or("no command")?;
    let status = match Command::new(program).args(words).status() {
        Ok(status) => status,
        Err(error) => return Err(format!("{program}: {}", crate::io::reason(&error))),
    };
    let code = status.code().or_else(|| Some(128 + status.signal()?));
    Ok(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}

/// The command as a build.
pub(super) fn build(command: &[String]) -> Build {
    let words: Vec<String> = command.iter().map(|word| functions::quote(word)).collect();
    let step = Step {
        command: words.join(" "),
        shell: ["/bin/sh", "-c"].map(str::to_owned).to_vec(),
        ..Step::default()
    };
    let phase = Phase::stepwise(PHASE, vec![step]);
    Build {
        system: System::Scripts,
        jobs: vec![Job {
            name: PHASE.to_owned(),
            phases: vec![phase],
            ..Job::default()
        }],
        warnings: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn status_is_what_a_shell_would_tell() {
        for (script, status) in [("exit 0", 0), ("exit 7", 7), ("kill -9 $$", 137)] {
            let command = ["sh", "-c", script].map(str::to_owned);
            assert_eq!(run(&command), Ok(status), "{script}");
        }
        let error = run(&["/nonexistent/program".to_owned()]).unwrap_err();
        assert_eq!(error, "/nonexistent/program: No such file or directory");
    }

    #[test]
    fn command_becomes_one_step_of_the_same_words() {
        let build = build(&["make".to_owned(), "it's".to_owned()]);
        let step = &build.jobs[0].phases[0].steps[0];
        assert_eq!(step.command, "make 'it'\\''s'");
    }
}
