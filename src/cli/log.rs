//! The log that a CI shows of a debug build: what is printed goes out at once, a
//! dot keeps it alive when it would be silent, and no line begins behind a dot.

use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::ci::banner::{DOT, DOT_PERIOD};

/// What the log is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Form {
    /// People.
    #[default]
    Text,
    /// Programs: a JSON object a line.
    Json,
}

/// The one log of this process.
#[derive(Debug)]
pub(super) struct Log {
    form: Form,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    said: Instant,
    dotted: bool,
}

impl Log {
    /// A log that has said nothing.
    pub(super) fn new(form: Form) -> Self {
        Self {
            form,
            state: Mutex::new(State {
                said: Instant::now(),
                dotted: false,
            }),
        }
    }

    /// Prints whole lines for people; programs get none of it.
    pub(super) fn text(&self, text: &str) {
        if self.form == Form::Text {
            self.raw(text.as_bytes());
        }
    }

    /// Prints what the session's panes wrote, whole lines of it.
    pub(super) fn lines(&self, bytes: &[u8], label: &str) {
        let mut out = Vec::with_capacity(bytes.len());
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            match self.form {
                Form::Text => {
                    out.extend_from_slice(label.as_bytes());
                    out.extend_from_slice(line);
                }
                Form::Json => {
                    let text = String::from_utf8_lossy(line);
                    let event =
                        json!({"event": "log", "job": label.trim(), "text": text.trim_end()});
                    out.extend_from_slice(format!("{event}\n").as_bytes());
                }
            }
        }
        self.raw(&out);
    }

    /// Tells programs of something; people get none of it.
    pub(super) fn event(&self, event: &Value) {
        if self.form == Form::Json {
            self.raw(format!("{event}\n").as_bytes());
        }
    }

    /// Prints a dot.
    pub(super) fn dot(&self) {
        if self.form == Form::Json {
            return;
        }
        let mut state = self.state();
        (state.said, state.dotted) = (Instant::now(), true);
        put(DOT.as_bytes());
    }

    /// Prints a dot if nothing was said for so long that a CI might give up;
    /// when to look again.
    pub(super) fn keep_alive(&self) -> Duration {
        let silent = self.state().said.elapsed();
        if silent < DOT_PERIOD {
            return DOT_PERIOD - silent;
        }
        self.dot();
        DOT_PERIOD
    }

    /// Whether a line would begin behind a dot; it is taken for ended.
    pub(super) fn ends_dots(&self) -> bool {
        std::mem::take(&mut self.state().dotted)
    }

    fn raw(&self, bytes: &[u8]) {
        let mut state = self.state();
        state.said = Instant::now();
        if std::mem::take(&mut state.dotted) {
            put(b"\n");
        }
        put(bytes);
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A reader that has gone ends nothing.
fn put(bytes: &[u8]) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(bytes).and_then(|()| out.flush());
}
