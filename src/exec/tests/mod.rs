//! Commands on a model without processes: text in, output and model out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod copy;
mod copy_places;
mod options;
mod phases;
mod random;
mod rows;
mod server_access;
mod tables;
mod targets;

use crate::access::Grant;
use crate::base::{ClientId, Size};
use crate::mux::peer::{ExitStatus, Origin, Peer, Process, TerminalSpec};
use crate::mux::{Client, Effect, Mux};
use crate::tty::Caps;

use super::*;

/// A model with a way to run commands in it, the outside always willing.
pub(super) struct Scene {
    pub(super) mux: Mux,
    pub(super) client: Option<ClientId>,
    /// Effects seen, but for spawns and jobs.
    pub(super) effects: Vec<Effect>,
    /// Why the next process does not start.
    pub(super) refuse: Option<String>,
    /// What files hold.
    pub(super) file: Result<Vec<u8>, String>,
    /// How jobs end.
    pub(super) job: (ExitStatus, Vec<u8>),
}

impl Scene {
    /// A model without sessions.
    pub(super) fn empty() -> Self {
        Self {
            mux: crate::mux::tests::empty(),
            client: None,
            effects: Vec::new(),
            refuse: None,
            file: Ok(Vec::new()),
            job: (ExitStatus::SUCCESS, Vec::new()),
        }
    }

    /// A model with the session `main`, 80×24.
    pub(super) fn new() -> Self {
        let mut scene = Self::empty();
        scene.ok("new-session -d -s main -n sh");
        scene
    }

    /// A model in whose session a client is attached.
    pub(super) fn attached() -> Self {
        let mut scene = Self::new();
        let id = scene.connect(1, Grant::Admin);
        scene.client = Some(id);
        scene.ok("attach-session -t main");
        scene
    }

    pub(super) fn connect(&mut self, number: u32, grant: Grant) -> ClientId {
        let id = ClientId(number);
        let peer = Peer {
            origin: Origin::Local {
                pid: 1,
                uid: 0,
                gid: 0,
            },
            grant,
            terminal: Some(TerminalSpec {
                size: Size::new(80, 25),
                term: "xterm".to_owned(),
                tty: format!("/dev/pts/{number}"),
                utf8: true,
                features: String::new(),
                terminfo: Vec::new(),
            }),
            control: false,
            cwd: "/home".to_owned(),
            env: Vec::new(),
        };
        let client = Client::new(id, peer, Caps::default(), self.mux.now);
        self.mux.clients.insert(id, client);
        id
    }

    /// Runs a line of commands; its output, or the error.
    pub(super) fn run(&mut self, text: &str) -> Result<String, String> {
        let authority = match self.client.and_then(|id| self.mux.clients.get(&id)) {
            Some(client) => Authority::of(client),
            None => Authority::SERVER,
        };
        let mut cx = match self.client {
            Some(client) => Context::for_client(&self.mux, client, authority),
            None => Context::for_server(&self.mux),
        };
        self.run_in(&mut cx, text)
    }

    pub(super) fn run_in(&mut self, cx: &mut Context, text: &str) -> Result<String, String> {
        let mut queue: std::collections::VecDeque<_> = parse_text(&self.mux, text)?.into();
        let mut left = 1000;
        while let Some(command) = queue.pop_front() {
            left -= 1;
            assert!(left > 0, "a line without end: {text}");
            cx.refresh(&self.mux);
            let mut outcome = run(&mut self.mux, cx, &command);
            loop {
                let answer = self.answer();
                self.mux
                    .verify()
                    .unwrap_or_else(|why| panic!("{text}: {why}"));
                let token = match outcome {
                    Outcome::Wait(token) => token,
                    Outcome::Sleep(_) => Token(u32::MAX),
                    Outcome::Fail(why) => return Err(why),
                    Outcome::Done | Outcome::Status(_) => break,
                };
                let answer = answer.unwrap_or(Answer::Woken);
                outcome = resume(&mut self.mux, cx, &command, token, answer);
            }
            cx.warnings.append(&mut cx.causes);
            if !cx.warnings.is_empty() {
                return Err(std::mem::take(&mut cx.warnings).join("\n"));
            }
            let files = cx.files.drain(..).flat_map(|file| file.lines);
            cx.insert.extend(files.map(|(_, commands)| commands));
            for group in cx.insert.drain(..).rev() {
                for command in group.into_iter().rev() {
                    queue.push_front(command);
                }
            }
        }
        let output = std::mem::take(&mut cx.output);
        Ok(String::from_utf8(output).unwrap())
    }

    /// What the outside says to the effects.
    fn answer(&mut self) -> Option<Answer> {
        let mut answer = None;
        for effect in self.mux.take_effects() {
            match &effect {
                Effect::Spawn { pane, .. } => {
                    let process = Process {
                        pid: 100 + pane.0,
                        tty: format!("/dev/pts/{}", 100 + pane.0),
                    };
                    let result = self.refuse.take().map_or(Ok(process), Err);
                    answer = Some(Answer::Spawned(result));
                    self.effects.push(effect);
                }
                Effect::RunJob { .. } => {
                    answer = Some(Answer::Job(self.job.0, self.job.1.clone()));
                }
                Effect::ListFiles { pattern, .. } => {
                    answer = Some(Answer::File(Ok(pattern.clone().into_bytes())));
                }
                Effect::TryProgram { path, .. } => {
                    let runs = path.starts_with("/bin/");
                    let result = runs.then(Vec::new).ok_or("Permission denied".to_owned());
                    answer = Some(Answer::File(result));
                }
                Effect::ReadFile { .. } | Effect::WriteFile { .. } => {
                    answer = Some(Answer::File(self.file.clone()));
                    self.effects.push(effect);
                }
                _ => self.effects.push(effect),
            }
        }
        answer
    }

    /// Runs what must succeed.
    pub(super) fn ok(&mut self, text: &str) -> String {
        self.run(text).unwrap_or_else(|why| panic!("{text}: {why}"))
    }

    /// Runs what must fail; the error.
    pub(super) fn err(&mut self, text: &str) -> String {
        match self.run(text) {
            Ok(output) => panic!("{text}: succeeded with {output:?}"),
            Err(why) => why,
        }
    }

    /// Expands a format.
    pub(super) fn show(&mut self, format: &str) -> String {
        self.ok(&format!("display-message -p '{format}'"))
            .trim_end()
            .to_owned()
    }

    /// What was typed into panes since the last call.
    pub(super) fn typed(&mut self) -> String {
        let mut typed = Vec::new();
        for effect in std::mem::take(&mut self.effects) {
            if let Effect::PaneWrite { bytes, .. } = effect {
                typed.extend(bytes);
            }
        }
        String::from_utf8_lossy(&typed).into_owned()
    }
}
