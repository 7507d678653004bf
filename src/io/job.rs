//! Shell commands beside the panes: `run-shell`, `if-shell`, `#(…)`. A job ends
//! with its shell; what it leaves in the background is not waited for.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::AsyncWriteExt;
use tokio::net::unix::pipe;
use tokio::process::{Child, Command};

use super::reason;
use crate::engine::event::ExitStatus;
use crate::mux::effect::JobSpec;

/// The most output that is kept, in bytes; what follows is read and dropped.
pub const MAX_OUTPUT: usize = 1 << 20;

/// How long the output is still read after the shell's end while a background
/// process holds it open.
const GRACE: Duration = Duration::from_millis(100);

/// Where a command runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// Its directory; when it is missing, HOME, then `/`.
    pub cwd: String,
    /// Its whole environment.
    pub env: Vec<(String, String)>,
}

impl Surroundings {
    /// `/bin/sh -c command` in a process group of its own.
    pub(super) fn shell(&self, command: &str) -> Command {
        let mut shell = Command::new("/bin/sh");
        let clean = |(name, value): &&(String, String)| {
            !name.is_empty() && !name.contains(['=', '\0']) && !value.contains('\0')
        };
        let env = self.env.iter().filter(clean);
        let home = env.clone().rev().find(|(name, _)| name == "HOME");
        let home = home.map_or("/", |(_, value)| value.as_str());
        let dirs = [self.cwd.as_str(), home];
        let cwd = dirs.into_iter().find(|dir| Path::new(dir).is_dir());
        shell
            .arg0("sh")
            .args(["-c", command])
            .env_clear()
            .envs(env.map(|(name, value)| (name, value)))
            .current_dir(cwd.unwrap_or("/"))
            .process_group(0);
        shell
    }
}

/// Kills what is left of a job when the job is given up.
struct Group(Option<Pid>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(pid) = self.0 {
            let _ = kill_process_group(pid, Signal::TERM);
        }
    }
}

/// Runs a job to its end. Dropping the future terminates the job.
///
/// A shell that cannot be started is status 127 with the reason as output.
pub async fn run(spec: JobSpec) -> (ExitStatus, Vec<u8>) {
    let JobSpec {
        command,
        cwd,
        env,
        input,
        stderr,
    } = spec;
    let shell = Surroundings { cwd, env }.shell(&command);
    let mut output = Vec::new();
    match run_shell(shell, (input, stderr), &mut output).await {
        Ok(status) => (status, output),
        Err(error) => (ExitStatus::Code(127), reason(&error).into_bytes()),
    }
}

async fn run_shell(
    mut shell: Command,
    (input, stderr): (Vec<u8>, bool),
    output: &mut Vec<u8>,
) -> std::io::Result<ExitStatus> {
    // One pipe for both streams keeps their order.
    let (read, write) = std::io::pipe()?;
    let read = pipe::Receiver::from_owned_fd(read.into())?;
    let stdin = if input.is_empty() {
        Stdio::null()
    } else {
        Stdio::piped()
    };
    let mut child = shell
        .stdin(stdin)
        .stdout(write.try_clone()?)
        .stderr(if stderr { write.into() } else { Stdio::null() })
        .kill_on_drop(true)
        .spawn()?;
    // The command keeps its own copies of the pipe's end.
    drop(shell);
    let mut group = Group(child_pid(&child));
    let stdin = child.stdin.take();
    let feed = async move {
        if let Some(mut stdin) = stdin {
            // A job need not read all of its input.
            let _ = stdin.write_all(&input).await;
        }
        std::future::pending().await
    };
    let status = {
        let drain = drain(&read, output);
        tokio::pin!(drain, feed);
        let mut drained = false;
        let status = loop {
            tokio::select! {
                status = child.wait() => break status?,
                () = &mut drain, if !drained => drained = true,
                () = &mut feed => {}
            }
        };
        group.0 = None;
        if !drained {
            let _ = tokio::time::timeout(GRACE, drain).await;
        }
        status
    };
    Ok(exit_status(status))
}

async fn drain(read: &pipe::Receiver, output: &mut Vec<u8>) {
    let mut buffer = vec![0; 16 << 10];
    loop {
        if read.readable().await.is_err() {
            return;
        }
        match read.try_read(&mut buffer) {
            Ok(0) => return,
            Ok(len) => {
                let room = MAX_OUTPUT - output.len();
                output.extend_from_slice(&buffer[..len.min(room)]);
            }
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
    }
}

fn child_pid(child: &Child) -> Option<Pid> {
    let pid = child.id().and_then(|pid| i32::try_from(pid).ok())?;
    Pid::from_raw(pid)
}

fn exit_status(status: std::process::ExitStatus) -> ExitStatus {
    use std::os::unix::process::ExitStatusExt;
    let small = |number: i32| u8::try_from(number & 0xff).unwrap_or(u8::MAX);
    match (status.code(), status.signal()) {
        (Some(code), _) => ExitStatus::Code(small(code)),
        (None, Some(signal)) => ExitStatus::Signal(small(signal)),
        (None, None) => ExitStatus::Code(255),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(command: &str, input: &[u8]) -> JobSpec {
        JobSpec {
            command: command.into(),
            cwd: "/".into(),
            env: vec![("PATH".into(), "/usr/bin:/bin".into())],
            input: input.to_vec(),
            stderr: true,
        }
    }

    #[tokio::test]
    async fn job_gives_status_and_both_streams_in_order() {
        let (status, output) = run(job("echo a; echo b >&2; pwd; cat; exit 3", b"in")).await;
        assert_eq!(status, ExitStatus::Code(3));
        assert_eq!(output, b"a\nb\n/\nin");
        let (status, _) = run(job("kill -9 $$", b"")).await;
        assert_eq!(status, ExitStatus::Signal(9));
    }

    #[tokio::test]
    async fn job_is_bounded_and_reads_no_more_than_it_wants() {
        let input = vec![b'x'; 1 << 20];
        let (status, output) = run(job("head -c 3000000 /dev/zero", &input)).await;
        assert_eq!((status, output.len()), (ExitStatus::Code(0), MAX_OUTPUT));
    }

    #[tokio::test]
    async fn job_does_not_wait_for_its_background() {
        let (status, output) = run(job("sleep 1000 & echo $!", b"")).await;
        assert_eq!(status, ExitStatus::Code(0));
        let pid = String::from_utf8_lossy(&output).trim().parse().ok();
        let pid = pid.and_then(Pid::from_raw);
        assert!(pid.is_some_and(|pid| rustix::process::kill_process(pid, Signal::KILL).is_ok()));
    }
}
