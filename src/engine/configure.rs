//! The native configuration file's content, put into the model.

use crate::base::Label;
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

    /// Notes a fault of the configuration for the first client.
    pub(super) fn config_error(&mut self, message: &str) {
        for line in message.lines() {
            let text = Label::new(line);
            self.mux.log(text.clone());
            self.upkeep.config_errors.push(text);
        }
    }
}
