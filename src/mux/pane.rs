//! A pane: a terminal, and what is known of the process behind it.

use crate::base::{Label, Now, PaneId, Size, WindowId};
use crate::config::Options;
use crate::term::Terminal;

use super::copy::CopyMode;
use super::effect::SpawnSpec;
use super::modes::Mode;
use super::peer::{ExitStatus, Process};
use super::prompt::Prompt;

/// How and when a pane's process ended (`remain-on-exit`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dead {
    /// How.
    pub status: ExitStatus,
    /// When.
    pub at: Now,
}

/// A pane.
pub struct Pane {
    /// Its id.
    pub id: PaneId,
    /// The window it is in.
    pub window: WindowId,
    /// Its terminal.
    pub term: Terminal,
    /// Options set on this pane.
    pub options: Options,
    /// The process, once it has been started.
    pub process: Option<Process>,
    /// How the process ended, while the pane remains.
    pub dead: Option<Dead>,
    /// What was started, for `respawn-pane` and `#{pane_start_command}`.
    pub spec: SpawnSpec,
    /// The command as it was given; empty for a shell.
    pub start_command: String,
    /// The foreground process's name.
    pub command: String,
    /// The foreground process's directory.
    pub cwd: String,
    /// The title given by `select-pane -T`, until the program sets one.
    pub title: Option<Label>,
    /// Copy mode, if the pane is in it.
    pub copy: Option<Box<CopyMode>>,
    /// The mode to choose in that it is in, over copy mode.
    pub mode: Option<Box<Mode>>,
    /// A prompt at its bottom.
    pub prompt: Option<Box<Prompt>>,
    /// It shows the clock, over whatever else.
    pub clock: bool,
    /// Its output is piped to a command.
    pub piped: bool,
    /// That command's process, once it runs.
    pub pipe_pid: Option<u32>,
    /// `select-pane -d`: keys are not typed into it.
    pub input_off: bool,
    /// When it last wrote; its foreground process is looked up after that.
    pub output_at: Now,
    /// How often what its program wrote was taken in.
    pub outputs: u64,
    /// The terminal that its last process had.
    pub tty: String,
    /// It wrote since its foreground process was looked up.
    pub stale: bool,
    /// When its shell began a command (OSC 133).
    pub command_at: Option<Now>,
    /// `pane_search_string`.
    pub last_search: String,
    /// It was a pattern.
    pub last_search_pattern: bool,
    /// Who typed into it last.
    pub typist: Option<Label>,
    /// A line waits for its end (`split-window -W`).
    pub awaited: Option<crate::base::Token>,
}

impl Pane {
    /// The first row of its scrollbar's slider and the rows that it has.
    #[must_use]
    pub fn slider(&self) -> (u16, u16) {
        let height = u64::from(self.size().rows());
        let history = u64::try_from(self.term.history_rows()).unwrap_or(u64::MAX / 2);
        let total = history + height;
        let rows = (height * height / total).max(1);
        let first = match self.copy.as_deref() {
            Some(copy) => {
                let below = u64::try_from(copy.back()).unwrap_or(0);
                (history.saturating_sub(below) * (height + 1) / total).min(height - rows)
            }
            None => height - rows,
        };
        let cell = |rows: u64| u16::try_from(rows).unwrap_or(u16::MAX);
        (cell(first), cell(rows))
    }

    /// Its size in cells.
    #[must_use]
    pub fn size(&self) -> Size {
        self.term.size()
    }

    /// Its title: the program's, the user's, or the host's name.
    #[must_use]
    pub fn title<'a>(&'a self, host: &'a Label) -> &'a Label {
        let own = self.term.title();
        match &self.title {
            Some(title) => title,
            None if !own.is_empty() => own,
            None => host,
        }
    }

    /// How many modes it is in, one over the other.
    #[must_use]
    pub fn modes(&self) -> usize {
        let mut modes = usize::from(self.clock);
        let mut copy = self.copy.as_deref();
        while let Some(own) = copy {
            modes += 1;
            copy = own.beneath();
        }
        modes
    }

    /// Leaves the mode that it is in. True when the pane is to be killed then.
    pub fn leave_mode(&mut self) -> bool {
        let Some(mut copy) = self.copy.take() else {
            return false;
        };
        self.copy = copy.beneath.take();
        copy.kills
    }

    /// What runs in it: the foreground process's name, or until that was looked
    /// up that of the program which was started.
    #[must_use]
    pub fn current_command(&self) -> String {
        if self.command.is_empty() {
            super::life::program_name(&self.spec.program)
        } else {
            self.command.clone()
        }
    }

    /// Whether keys can be typed into it.
    #[must_use]
    pub fn takes_input(&self) -> bool {
        self.dead.is_none() && !self.input_off
    }
}

impl std::fmt::Debug for Pane {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Never the content: it may hold what must not be logged.
        f.debug_struct("Pane")
            .field("id", &self.id)
            .field("window", &self.window)
            .field("dead", &self.dead)
            .finish_non_exhaustive()
    }
}
