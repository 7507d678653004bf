//! Configuration: the native file's content, put into the model, files of
//! commands, what runs where nothing was asked for, and where complaints go.

use crate::base::{ClientId, Label, raw};
use crate::command::Call;
use crate::config::FileConfig;
use crate::config::suggest::remedy;
use crate::exec::{self, Authority, Context};
use crate::mux::Effect;
use crate::mux::effect::Stream;

use super::Engine;
use super::queue::Source;

/// A message with what was perhaps meant, for a person at a terminal.
pub(super) fn with_remedy(message: &str) -> String {
    match remedy(message) {
        Some(remedy) => format!("{message} ({remedy})"),
        None => message.to_owned(),
    }
}

impl Engine {
    /// Takes a configuration file in. What it says was checked when it was
    /// read; its commands run as those of a tmux.conf do.
    pub(super) fn settings(&mut self, file: &str, config: FileConfig) {
        for commands in exec::take_settings(&mut self.mux, config) {
            let cx = Context::for_server(&self.mux);
            let read = exec::source_from(&mut self.mux, &cx, file, &commands);
            self.config_lines(file, cx, read);
        }
    }

    /// Keeps a command line of the first client, the one that started the server,
    /// while the configuration runs. Others are served: it may run them itself.
    pub(super) fn holds_first(&mut self, client: ClientId, argv: &[String]) -> bool {
        if !self.mux.configuring || self.upkeep.first != Some(client) {
            return false;
        }
        self.upkeep.first_command = Some(argv.to_vec());
        true
    }

    /// Serves the first client once no line of the configuration is under way.
    /// Whether there was one.
    pub(super) fn configured(&mut self) -> bool {
        if !self.mux.configuring || !self.upkeep.read || self.queue.configures() {
            return false;
        }
        self.mux.configuring = false;
        let command = self.upkeep.first_command.take();
        let Some((client, argv)) = self.upkeep.first.zip(command) else {
            return false;
        };
        self.client_command(client, &argv);
        true
    }

    /// Notes a fault of the configuration for the first client.
    pub(super) fn config_error(&mut self, message: &str) {
        for line in message.lines() {
            let text = Label::new(line);
            self.mux.log(text.clone());
            self.upkeep.config_errors.push(text);
        }
    }

    /// What `stepmux` alone does: what the option `default-client-command` says.
    pub(super) fn run_default(&mut self, source: Source, client: ClientId, authority: Authority) {
        let text = self.mux.server_text("default-client-command");
        // As it is by default: join the user's session, or make it.
        let join = text.trim() == "new-session" && !self.mux.sessions.is_empty();
        let text = if join { "attach-session" } else { &text };
        match exec::parse_groups(&self.mux, text) {
            Ok(groups) => {
                let cx = Context::for_client(&self.mux, client, authority);
                self.enqueue(source, groups, cx);
            }
            Err(message) => {
                self.complain(&source, &message);
                self.mux.dismiss(client, 1, None);
            }
        }
    }

    /// A configuration file in the command language.
    pub(super) fn config_text(&mut self, file: &str, text: &str) {
        let cx = Context::for_server(&self.mux);
        let read = exec::source_text(&mut self.mux, &cx, file, text, false, None);
        self.config_lines(file, cx, read);
    }

    /// Runs the commands that were read of a configuration file.
    fn config_lines(
        &mut self,
        file: &str,
        mut cx: Context,
        read: Result<Vec<(usize, Vec<Call>)>, String>,
    ) {
        match read {
            Ok(lines) => {
                cx.files.push(exec::File {
                    path: file.to_owned(),
                    lines,
                    current: None,
                });
                self.enqueue(Source::Config(file.to_owned()), Vec::new(), cx);
            }
            Err(error) => self.config_error(&error),
        }
    }

    /// Whether what is told to a client appears in its status line.
    fn is_shown(&self, client: ClientId) -> bool {
        let client = self.mux.clients.get(&client);
        client.is_some_and(|c| c.session.is_some() && c.control.is_none())
    }

    /// Says what went wrong, where its words go.
    pub(super) fn complain(&mut self, source: &Source, message: &str) {
        if let Source::CommandLine(client) | Source::Control(client) = source
            && !self.is_shown(*client)
        {
            self.mux.log_message(*client, &Label::new(message));
        }
        if self.print_control(source, &raw::release(message)) {
            return;
        }
        match source {
            Source::CommandLine(client) => {
                let client = *client;
                if self.is_shown(client) {
                    self.mux.say(client, Label::new(message));
                    return;
                }
                self.mux.emit(Effect::Print {
                    client,
                    stream: Stream::Err,
                    bytes: raw::release(&format!("{message}\n")).into_owned(),
                });
            }
            Source::Attached(client) => {
                let shown = super::prompt::capital(&with_remedy(message));
                self.mux.say(*client, Label::new(&shown));
            }
            Source::Config(file) => {
                let message = format!("{file}: {message}");
                self.config_error(&message);
            }
            Source::Control(_) => {}
            Source::Aside(pane) => {
                let pane = *pane;
                let line = format!("{message}\n");
                match pane {
                    Some(pane) => self.show_in_pane(pane, line.as_bytes()),
                    None => self.mux.log(Label::new(message)),
                }
            }
            // Nobody waits for it: show-messages has it.
            Source::Hook(hook) => self.mux.log(Label::new(&format!("{hook}: {message}"))),
        }
    }
}
