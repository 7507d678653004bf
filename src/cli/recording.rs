//! The recordings of `debug --record`: a process each, which sees the session's end
//! by itself and outlives whoever started it. It writes no recording itself.

use std::ffi::OsString;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock};

use super::place::Place;
use super::watched::exactly;
use crate::io::reason;

/// How long a recording's last seconds are waited for.
pub(super) const LAST: Duration = Duration::from_secs(10);

/// How often it is looked whether it is whole.
const LOOK: Duration = Duration::from_millis(50);

/// A recording under way.
#[derive(Debug)]
pub(super) struct Recording {
    child: Child,
    /// The file, whatever directory this process is in later.
    pub(super) file: PathBuf,
}

impl Recording {
    /// Begins to record a session; it is recorded when this returns.
    ///
    /// # Errors
    /// A sentence: there is no session, or the file cannot be made, which is not
    /// written over.
    pub(super) fn start(place: &Place, session: &str, file: &Path) -> Result<Self, String> {
        let said = |error: std::io::Error| format!("{}: {}", file.display(), reason(&error));
        let file = std::path::absolute(file).map_err(said)?;
        let mut command = place.client();
        let target = format!("{}:", exactly(session));
        command.args(["record", "--started", "-t", &target, "--"]);
        command.arg(&file);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        // What is typed at this terminal to end us ends it with the session.
        command.stderr(Stdio::piped()).process_group(0);
        let mut child = command.spawn().map_err(|error| reason(&error))?;
        let mut line = String::new();
        if let Some(out) = child.stdout.take() {
            // What does not read is no line.
            let _ = BufReader::new(out).read_line(&mut line);
        }
        if line.is_empty() {
            let mut why = String::new();
            if let Some(said) = child.stderr.take() {
                let _ = said.take(4096).read_to_string(&mut why);
            }
            let _ = child.wait();
            return Err(why.trim().to_owned());
        }
        Ok(Self { child, file })
    }

    /// Waits until it is whole, when its session is over.
    pub(super) fn finish(&mut self) {
        settle(&self.file, LAST);
        // One that hangs is left to itself.
        let _ = self.child.try_wait();
    }
}

/// Waits until nobody writes to a recording any more, at most so long.
pub(super) fn settle(file: &Path, most: Duration) {
    let until = Instant::now() + most;
    let Ok(file) = File::open(file) else { return };
    while flock(&file, FlockOperation::NonBlockingLockShared).is_err() && Instant::now() < until {
        std::thread::sleep(LOOK);
    }
}

/// The file of one of several sessions: its name before the ending.
pub(super) fn file_of(file: &Path, session: &str) -> PathBuf {
    let mut name = OsString::from(file.file_stem().unwrap_or_default());
    name.push(format!("-{session}"));
    if let Some(ending) = file.extension() {
        name.push(".");
        name.push(ending);
    }
    file.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_recordings_have_files_of_their_own() {
        for (file, wanted) in [
            ("out/debug.cast", "out/debug-a-1.cast"),
            ("debug", "debug-a-1"),
            (".cast", ".cast-a-1"),
        ] {
            assert_eq!(file_of(Path::new(file), "a-1"), Path::new(wanted), "{file}");
        }
    }
}
