//! `stepmux config`: checks configuration files, in either form, and adopts a
//! tmux.conf. It reads and writes files, and needs no server.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use super::config_adopt;
use super::config_trial::{Grade, Trial};
use super::{fail, print, warn};

const EXIT_STATUS: &str = "\
Exit status:
  0 success; for adopt also when something could not be taken: it is named.
  1 when a file has a fault, or cannot be read or written.
  2 for wrong arguments.";

/// Checks configuration files, and adopts those of tmux.
#[derive(Clone, Debug, Parser)]
#[command(name = "stepmux config", after_help = EXIT_STATUS, disable_version_flag = true)]
struct Config {
    #[command(subcommand)]
    action: Action,
}

#[derive(Clone, Debug, Subcommand)]
enum Action {
    /// Prints every fault of files as FILE:LINE: MESSAGE, with what to write instead
    Check(Check),
    /// Writes the own configuration file from a tmux.conf
    Adopt(Adopt),
}

#[derive(Clone, Debug, Parser)]
struct Check {
    /// The files, config.toml or tmux.conf; otherwise the own configuration file
    files: Vec<PathBuf>,
    /// Say also what was not tried: programs, and commands that need a session
    #[arg(long)]
    notes: bool,
}

#[derive(Clone, Debug, Parser)]
struct Adopt {
    /// The tmux.conf; otherwise the user's own
    file: Option<PathBuf>,
    /// Write there, - for the standard output; otherwise to the own configuration
    /// file
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write no tables: keep a copy in tmux's language and read that
    #[arg(long)]
    copy: bool,
    /// Replace what is there; it is kept beside with .before at its end
    #[arg(long)]
    force: bool,
}

/// The definition, for the manual.
pub(super) fn definition() -> clap::Command {
    Config::command()
}

/// Runs `config`, whose words these are.
pub(super) fn main(argv: &[String]) -> ExitCode {
    match Config::try_parse_from(argv) {
        Ok(args) => {
            let done = match args.action {
                Action::Check(check) => check.run(),
                Action::Adopt(adopt) => adopt.run(),
            };
            done.unwrap_or_else(|message| fail(&message))
        }
        Err(error) => {
            let _ = error.print();
            ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
        }
    }
}

impl Check {
    fn run(&self) -> Result<ExitCode, String> {
        let files = if self.files.is_empty() {
            let own = own_file().ok_or("no home directory")?;
            if !own.exists() {
                return Err(format!("{}: there is none", own.display()));
            }
            vec![own]
        } else {
            self.files.clone()
        };
        let mut fine = true;
        for file in files {
            let mut trial = Trial::new();
            if let Err(message) = trial.file(&file) {
                fine = false;
                warn(&message);
                continue;
            }
            let name = file.to_string_lossy();
            trial.findings.sort_by_key(|finding| {
                let other = finding.file != name;
                (other, finding.file.clone(), finding.line)
            });
            for finding in &trial.findings {
                if finding.grade != Grade::Note || self.notes {
                    warn(&finding.shown());
                }
            }
            if trial.has_faults() {
                fine = false;
            } else {
                print(&format!("{}: no faults\n", file.display()));
            }
        }
        Ok(ExitCode::from(u8::from(!fine)))
    }
}

impl Adopt {
    fn run(&self) -> Result<ExitCode, String> {
        let file = match &self.file {
            Some(file) => file.clone(),
            None => tmux_file().ok_or("no tmux.conf found: name it")?,
        };
        let bytes =
            crate::io::file::read_now(&file).map_err(|why| format!("{}: {why}", file.display()))?;
        let text = String::from_utf8_lossy(&bytes);
        let name = file.to_string_lossy().into_owned();
        let output = match &self.output {
            Some(output) => output.clone(),
            None => own_file().ok_or("no home directory: name a file with -o")?,
        };
        let to_stdout = output == Path::new("-");
        let beside = if to_stdout {
            own_file().unwrap_or_default()
        } else {
            std::path::absolute(&output).unwrap_or_else(|_| output.clone())
        };
        let copy_to = beside.with_file_name("adopted.conf");
        let adopted = config_adopt::adopt(&name, &text, &copy_to, self.copy);
        if to_stdout {
            print(&adopted.native);
            if let Some(copy) = &adopted.copy {
                print(&format!("\n# What goes to {}:\n", copy_to.display()));
                for line in copy.lines() {
                    print(&format!("# {line}\n"));
                }
            }
            warn(&adopted.report);
            return Ok(ExitCode::SUCCESS);
        }
        if let Some(copy) = &adopted.copy {
            self.write(&copy_to, copy)?;
        }
        self.write(&beside, &adopted.native)?;
        print(&format!(
            "{name} is adopted as {}\n{}",
            beside.display(),
            adopted.report
        ));
        Ok(ExitCode::SUCCESS)
    }

    /// Writes a file; one that is there is replaced only when that is asked for,
    /// and kept.
    fn write(&self, path: &Path, text: &str) -> Result<(), String> {
        let shown = path.display();
        let failed = |error: std::io::Error| format!("{shown}: {}", crate::io::reason(&error));
        if std::fs::symlink_metadata(path).is_ok() {
            if !self.force {
                return Err(format!(
                    "{shown} is there already: --force replaces it, -o names another"
                ));
            }
            let mut kept = path.as_os_str().to_owned();
            kept.push(".before");
            std::fs::copy(path, &kept).map_err(failed)?;
        }
        if let Some(dir) = path.parent() {
            std::fs::create_dir_all(dir).map_err(failed)?;
        }
        std::fs::write(path, text).map_err(failed)
    }
}

fn set(name: &str) -> Option<PathBuf> {
    let value = std::env::var_os(name).filter(|value| !value.is_empty())?;
    Some(PathBuf::from(value))
}

/// The user's configuration directory.
fn config_home() -> Option<PathBuf> {
    set("XDG_CONFIG_HOME").or_else(|| Some(set("HOME")?.join(".config")))
}

/// The own configuration file, which may not be there.
pub(super) fn own_file() -> Option<PathBuf> {
    Some(config_home()?.join("stepmux/config.toml"))
}

/// The tmux.conf that tmux would read, if there is one (tmux(1), `-f`).
fn tmux_file() -> Option<PathBuf> {
    let home = set("HOME").map(|home| home.join(".tmux.conf"));
    let config = config_home().map(|dir| dir.join("tmux/tmux.conf"));
    [home, config]
        .into_iter()
        .flatten()
        .find(|file| file.is_file())
}
