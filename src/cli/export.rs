//! `stepmux export`: what ran of a build as a directory to take home: the output
//! of each run, the timeline, how each step changed the environment, a recording
//! and chosen files, all without the secrets. It asks the server and copies; it
//! changes nothing.
//!
//! ```text
//! DIR/README.txt  timeline.json  build.json
//!     steps/003-script-2.log     the output of the run with this number
//!     steps/script-2.env         the environment before and after, as a difference
//!     recording.cast  files/…
//! ```

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Component, Path, PathBuf};
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use serde_json::Value;

use super::environs::{self, Environ};
use super::masks::Masks;
use super::place::Place;
use super::watched::answer;
use super::{fail, print};
use crate::base::mask::Secrets;
use crate::io::reason;

/// The largest file that is copied, in bytes.
const MAX_FILE: u64 = 256 << 20;

/// The most files below the chosen ones.
const MAX_FILES: usize = 10_000;

/// The most runs whose output is exported: the newest.
const MAX_RUNS: usize = 2_000;

/// Writes what ran of a session's build into a new directory.
#[derive(Clone, Debug, Parser)]
#[command(name = "stepmux export", disable_version_flag = true)]
pub(super) struct Export {
    /// The session; otherwise the current one
    #[arg(short = 't', value_name = "target-session")]
    target: Option<String>,
    /// Put this recording in
    #[arg(long, value_name = "FILE")]
    recording: Option<PathBuf>,
    /// Put this file or directory in; may be repeated
    #[arg(long, value_name = "PATH")]
    file: Vec<PathBuf>,
    #[command(flatten)]
    masks: Masks,
    /// The directory, which is made
    #[arg(value_name = "DIR")]
    dir: PathBuf,
}

/// The definition, for the manual.
pub(super) fn definition() -> clap::Command {
    Export::command()
}

/// Runs `export`, whose words these are.
pub(super) fn main(argv: &[String], place: &Place) -> ExitCode {
    match Export::try_parse_from(argv) {
        Ok(args) => match args.run(place) {
            Ok(told) => {
                print(&told);
                ExitCode::SUCCESS
            }
            Err(message) => fail(&format!("stepmux export: {message}")),
        },
        Err(error) => {
            let _ = error.print();
            ExitCode::from(if error.use_stderr() { 2 } else { 0 })
        }
    }
}

/// The directory that is written, and what may not get into it.
struct Bundle {
    dir: PathBuf,
    secrets: Secrets,
    files: usize,
}

impl Export {
    fn ask(&self, place: &Place, words: &[&str]) -> Result<Vec<u8>, String> {
        let mut command = place.client();
        let (name, rest) = words.split_first().ok_or("no command")?;
        command.arg(name);
        if let Some(target) = &self.target {
            command.args(["-t", target]);
        }
        answer({
            command.args(rest);
            command
        })
    }

    fn run(&self, place: &Place) -> Result<String, String> {
        // A message is shown whatever its target.
        self.ask(place, &["has-session"])?;
        let session = self.ask(place, &["display-message", "-p", "#{session_name}"])?;
        let session = String::from_utf8_lossy(&session).trim_end().to_owned();
        let timeline = self.ask(place, &["timeline", "--json"])?;
        let parsed: Value = serde_json::from_slice(&timeline).map_err(|error| error.to_string())?;
        let files = environs::directory(&place.socket, &session);
        let environs = files.as_deref().map(environs::find).unwrap_or_default();
        let known = files.as_deref().map(environs::secrets).unwrap_or_default();
        let pairs = environs.values().flat_map(Environ::pairs);
        let secrets = self.masks.secrets(pairs, known)?;
        let mut bundle = Bundle {
            dir: self.dir.clone(),
            secrets,
            files: 0,
        };
        let mut builder = std::fs::DirBuilder::new();
        builder.mode(0o700);
        builder
            .create(&self.dir)
            .map_err(|error| format!("{}: {}", self.dir.display(), reason(&error)))?;
        bundle.directory("steps")?;
        let mut lost = 0;
        let runs = parsed["runs"].as_array().map_or(&[][..], Vec::as_slice);
        for run in runs.iter().rev().take(MAX_RUNS) {
            lost += usize::from(!self.log(place, &mut bundle, run)?);
        }
        for (step, environ) in &environs {
            let text = environ.difference(|name, value| self.masks.means(name, value));
            bundle.write(&format!("steps/{step}.env"), text.as_bytes())?;
        }
        bundle.write("timeline.json", &timeline)?;
        let about = serde_json::json!({
            "stepmux": env!("CARGO_PKG_VERSION"),
            "session": session,
            "runs": runs.len(),
            "outputs_lost": lost,
            "recording": self.recording.is_some(),
        });
        bundle.write("build.json", format!("{about:#}\n").as_bytes())?;
        if let Some(recording) = &self.recording {
            bundle.copy(recording, Path::new("recording.cast"))?;
        }
        if !self.file.is_empty() {
            bundle.directory("files")?;
        }
        for path in &self.file {
            bundle.take(path)?;
        }
        bundle.write("README.txt", README.as_bytes())?;
        Ok(format!(
            "{}: {} runs, {} files\n",
            self.dir.display(),
            runs.len().min(MAX_RUNS),
            bundle.files
        ))
    }

    /// Writes the output of a run; whether it was still there.
    fn log(&self, place: &Place, bundle: &mut Bundle, run: &Value) -> Result<bool, String> {
        let id = run["id"].as_u64().unwrap_or_default();
        let phase: String = run["phase"]
            .as_str()
            .unwrap_or_default()
            .chars()
            .filter(|ch| ch.is_ascii_alphanumeric() || *ch == '_')
            .collect();
        let step = run["step"].as_u64().unwrap_or_default();
        let word = id.to_string();
        let Ok(text) = self.ask(place, &["phase", "log", "-r", &word]) else {
            return Ok(false);
        };
        bundle.write(&format!("steps/{id:03}-{phase}-{step}.log"), &text)?;
        Ok(true)
    }
}

impl Bundle {
    fn directory(&self, name: &str) -> Result<(), String> {
        let path = self.dir.join(name);
        let mut builder = std::fs::DirBuilder::new();
        builder.mode(0o700).recursive(true);
        builder
            .create(&path)
            .map_err(|error| format!("{}: {}", path.display(), reason(&error)))
    }

    /// Writes a file without the secrets.
    fn write(&mut self, name: &str, bytes: &[u8]) -> Result<(), String> {
        let path = self.dir.join(name);
        let masked = self.secrets.mask_bytes(bytes);
        let mut options = std::fs::OpenOptions::new();
        let file = options.write(true).create_new(true).mode(0o600).open(&path);
        self.files += 1;
        file.and_then(|mut file| std::io::Write::write_all(&mut file, &masked))
            .map_err(|error| format!("{}: {}", path.display(), reason(&error)))
    }

    fn copy(&mut self, from: &Path, to: &Path) -> Result<(), String> {
        let said = |why: String| format!("{}: {why}", from.display());
        let file = File::open(from).map_err(|error| said(reason(&error)))?;
        let mut bytes = Vec::new();
        file.take(MAX_FILE + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| said(reason(&error)))?;
        if bytes.len() as u64 > MAX_FILE {
            return Err(said(format!("larger than {MAX_FILE} bytes")));
        }
        self.write(&to.to_string_lossy(), &bytes)
    }

    /// Takes a chosen file, or what is below a directory. Links and special files
    /// below it are passed over.
    fn take(&mut self, path: &Path) -> Result<(), String> {
        let name: PathBuf = path
            .components()
            .filter(|part| matches!(part, Component::Normal(_)))
            .collect();
        let mut left = vec![(path.to_owned(), Path::new("files").join(name))];
        while let Some((from, to)) = left.pop() {
            let said = |error: std::io::Error| format!("{}: {}", from.display(), reason(&error));
            let found = if from == path {
                std::fs::metadata(&from)
            } else {
                std::fs::symlink_metadata(&from)
            };
            let found = found.map_err(said)?;
            if found.is_dir() {
                self.directory(&to.to_string_lossy())?;
                for entry in std::fs::read_dir(&from).map_err(said)? {
                    let entry = entry.map_err(said)?;
                    left.push((entry.path(), to.join(entry.file_name())));
                }
            } else if found.is_file() {
                if let Some(parent) = to.parent() {
                    self.directory(&parent.to_string_lossy())?;
                }
                self.copy(&from, &to)?;
            }
            if left.len() + self.files > MAX_FILES {
                return Err(format!("{}: more than {MAX_FILES} files", path.display()));
            }
        }
        Ok(())
    }
}

/// What is told to whoever opens the bundle at home.
const README: &str = "\
What ran in a debug session, as stepmux saw it. Secrets are [secure].

steps/NNN-PHASE-STEP.log  the output of run NNN
steps/PHASE-STEP.env      what the last run of the step changed in the environment
timeline.json             every run: when, how long, its status, who ran it
recording.cast            the session; stepmux replay recording.cast, or asciinema
files/                    the files that were chosen
";

/// The environments by step, in order.
pub(super) type Environs = BTreeMap<String, Environ>;
