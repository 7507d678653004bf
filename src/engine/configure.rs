//! The native configuration file's content, put into the model.

use crate::base::{ClientId, Label};
use crate::config::FileConfig;
use crate::exec;

use super::Engine;

impl Engine {
    /// Takes a configuration file in. What it says was checked when it was
    /// read; its commands run as those of a tmux.conf do.
    pub(super) fn settings(&mut self, file: &str, config: FileConfig) {
        for commands in exec::take_settings(&mut self.mux, config) {
            self.config_text(file, &commands);
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
}
