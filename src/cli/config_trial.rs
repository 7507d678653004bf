//! A configuration file tried out on a model of its own: options, keys, hooks
//! and variables are set as a server would set them, files are read, and all
//! that is wrong is gathered. No program is started, no session made: what
//! needs one is noted as not tried.

use std::path::Path;

use crate::base::Label;
use crate::command::{Call, Command};
use crate::config::{self, suggest::remedy};
use crate::exec::{self, Answer, Context, File, Outcome};
use crate::mux::{Effect, Mux};
use crate::server;

use super::config_units::{Unit, units, without};

/// Most faults that are told of one file.
const MOST: usize = 100;

/// How deep files may name files, as `source-file` has it.
const DEEPEST: usize = 50;

/// Most files that are read.
const FILES: usize = 1000;

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grade {
    /// The server would refuse it.
    Fault,
    /// It would be refused if a condition, which was not tried, held.
    Warning,
    /// It was not tried.
    Note,
}

/// Something to say of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) file: String,
    pub(super) line: usize,
    /// The column, where it is known.
    pub(super) column: Option<usize>,
    pub(super) grade: Grade,
    pub(super) message: String,
    /// What to write instead.
    pub(super) help: Option<String>,
}

impl Finding {
    /// As `file:line: message`, with the help below.
    pub(super) fn shown(&self) -> String {
        let grade = match self.grade {
            Grade::Fault => "",
            Grade::Warning => "warning: ",
            Grade::Note => "not tried: ",
        };
        let column = self.column.map(|column| format!("{column}:"));
        let (file, line, column) = (&self.file, self.line, column.unwrap_or_default());
        let head = format!("{file}:{line}:{column} {grade}{}", self.message);
        let text = match &self.help {
            Some(help) => format!("{head}\n  = {help}"),
            None => head,
        };
        // What a file says must not reach the terminal as it is.
        let lines: Vec<String> = text.lines().map(|l| Label::new(l).to_string()).collect();
        lines.join("\n")
    }
}

/// A model on which files are tried.
pub(super) struct Trial {
    pub(super) mux: Mux,
    pub(super) findings: Vec<Finding>,
    files: usize,
}

/// One command of a file that was read, as it stands there.
pub(super) struct Step {
    pub(super) line: usize,
    pub(super) call: Call,
    pub(super) failed: bool,
}

impl Trial {
    /// A model as a server that is started here begins with.
    pub(super) fn new() -> Self {
        let start = server::Start {
            cwd: std::path::absolute(".").unwrap_or_default(),
            ..server::Start::default()
        };
        Self {
            mux: server::model(&start),
            findings: Vec::new(),
            files: 0,
        }
    }

    /// Whether anything would be refused.
    pub(super) fn has_faults(&self) -> bool {
        let mut findings = self.findings.iter();
        findings.any(|finding| finding.grade == Grade::Fault)
    }

    fn find(&mut self, file: &str, line: usize, grade: Grade, message: &str) {
        if self.findings.len() < MOST {
            self.findings.push(Finding {
                file: file.to_owned(),
                line,
                column: None,
                grade,
                message: message.to_owned(),
                help: remedy(message).filter(|_| grade != Grade::Note),
            });
        }
    }

    /// Reads and tries a file, in either form.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub(super) fn file(&mut self, path: &Path) -> Result<(), String> {
        let name = path.to_string_lossy().into_owned();
        let bytes = crate::io::file::read_now(path).map_err(|why| format!("{name}: {why}"))?;
        let text = String::from_utf8_lossy(&bytes);
        if name.ends_with(".toml") {
            self.native(&name, &text);
        } else {
            self.text(&name, &text, 0);
        }
        Ok(())
    }

    /// Tries a native file; its faults have places of their own.
    fn native(&mut self, name: &str, text: &str) {
        let env = |name: &str| self.mux.environ.value(name).map(str::to_owned);
        let loaded = config::load(text, name, &env);
        match loaded {
            Ok(loaded) => {
                for (line, commands) in exec::take_settings(&mut self.mux, loaded) {
                    let before = self.findings.len();
                    self.text(name, &commands, 0);
                    let own = self.findings.iter_mut().skip(before);
                    own.filter(|finding| finding.file == name)
                        .for_each(|finding| finding.line += line - 1);
                }
            }
            Err(errors) => {
                for error in errors {
                    let lines = error.to_string();
                    let message = lines.split_once(": ").map_or("", |(_, rest)| rest);
                    self.findings.push(Finding {
                        file: name.to_owned(),
                        line: error.line,
                        column: Some(error.column),
                        grade: Grade::Fault,
                        message: message.to_owned(),
                        help: None,
                    });
                }
            }
        }
    }

    /// Tries a text in the command language; the units that could not be read.
    pub(super) fn text(&mut self, name: &str, text: &str, depth: usize) -> (Vec<Unit>, Vec<Step>) {
        let all = units(text);
        let mut gone: Vec<Unit> = Vec::new();
        let mut rest = text.to_owned();
        let lines = loop {
            let cx = Context::for_server(&self.mux);
            match exec::read_text(&mut self.mux, &cx, name, &rest, false, None) {
                Ok(lines) => break lines,
                Err((line, message)) => {
                    self.find(name, line, Grade::Fault, &message);
                    let unit = all.iter().find(|unit| unit.has(line));
                    let Some(unit) = unit.filter(|unit| !gone.contains(unit)) else {
                        return (gone, Vec::new());
                    };
                    gone.push(*unit);
                    if gone.len() >= MOST {
                        return (gone, Vec::new());
                    }
                    rest = without(text, &gone);
                }
            }
        };
        let mut steps = Vec::new();
        for (line, calls) in lines {
            for call in calls {
                let failed = !self.call(name, line, &call, depth);
                steps.push(Step { line, call, failed });
                if failed {
                    break;
                }
            }
        }
        (gone, steps)
    }

    /// Tries one command; whether it would go on.
    fn call(&mut self, file: &str, line: usize, call: &Call, depth: usize) -> bool {
        match &call.command {
            Command::IfShell(args) if !args.format => {
                let branches = [Some(&args.then_command), args.else_command.as_ref()];
                for text in branches.into_iter().flatten() {
                    if let Err(message) = exec::parse_groups(&self.mux, text) {
                        self.find(file, line, Grade::Warning, &message);
                    }
                }
                self.find(file, line, Grade::Note, &format!("if {}", args.condition));
                true
            }
            Command::RunShell(args) if !args.commands => {
                let what = format!("run {}", args.command.join(" "));
                self.find(file, line, Grade::Note, &what);
                true
            }
            Command::SetOption(_)
            | Command::SetWindowOption(_)
            | Command::SetHook(_)
            | Command::SetEnvironment(_)
            | Command::BindKey(_)
            | Command::UnbindKey(_)
            | Command::SourceFile(_)
            | Command::IfShell(_)
            | Command::DisplayMessage(_) => self.run(file, line, call, depth),
            other => {
                self.find(file, line, Grade::Note, other.name());
                true
            }
        }
    }

    fn run(&mut self, file: &str, line: usize, call: &Call, depth: usize) -> bool {
        let mut cx = Context::for_server(&self.mux);
        cx.depth = depth;
        let mut outcome = exec::run(&mut self.mux, &mut cx, &call.command);
        while let Outcome::Wait(token) = outcome {
            let Some(answer) = self.answer() else {
                return true;
            };
            outcome = exec::resume(&mut self.mux, &mut cx, &call.command, token, answer);
        }
        self.mux.take_effects();
        for message in cx.warnings.drain(..) {
            self.find(file, line, Grade::Fault, &message);
        }
        for cause in cx.causes.drain(..) {
            self.cause(&cause, file, line);
        }
        for calls in std::mem::take(&mut cx.insert) {
            for call in calls {
                if depth >= DEEPEST || !self.call(file, line, &call, depth + 1) {
                    break;
                }
            }
        }
        for File { path, lines, .. } in std::mem::take(&mut cx.files) {
            for (line, calls) in lines {
                for call in calls {
                    if depth >= DEEPEST || !self.call(&path, line, &call, depth + 1) {
                        break;
                    }
                }
            }
        }
        if let Outcome::Fail(message) = outcome {
            self.find(file, line, Grade::Fault, &message);
            return false;
        }
        true
    }

    /// A fault of a file that was read by another: `file:line: message`.
    fn cause(&mut self, cause: &str, file: &str, line: usize) {
        let parts = cause.splitn(3, ':').collect::<Vec<_>>();
        match parts.as_slice() {
            [own, number, message] if number.parse::<usize>().is_ok() => {
                let number = number.parse().unwrap_or(line);
                self.find(own, number, Grade::Fault, message.trim_start());
            }
            _ => self.find(file, line, Grade::Fault, cause),
        }
    }

    /// Answers what was asked of the outside, as far as it is files.
    fn answer(&mut self) -> Option<Answer> {
        self.files += 1;
        let asked = self.mux.take_effects().into_iter().find_map(|effect| {
            let asks = matches!(
                effect,
                Effect::ListFiles { .. } | Effect::ReadFile { .. } | Effect::TryProgram { .. }
            );
            asks.then_some(effect)
        });
        match asked? {
            _ if self.files > FILES => None,
            Effect::ListFiles { dir, pattern, .. } => {
                Some(Answer::File(crate::io::file::list_now(&dir, &pattern)))
            }
            Effect::TryProgram { path, .. } => {
                Some(Answer::File(crate::io::file::runnable(Path::new(&path))))
            }
            Effect::ReadFile { path, .. } if path != "-" => {
                Some(Answer::File(crate::io::file::read_now(Path::new(&path))))
            }
            _ => None,
        }
    }
}
