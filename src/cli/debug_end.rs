//! How a debug session that is over is told of, what its exit status is, and that
//! nothing of it is left. It waits for nobody but processes that are ending.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::briefing::Briefing;
use super::log::Log;
use super::tell::ended;
use crate::ci::banner::{self, Manner, Previous};
use crate::ci::life::{End, Reason};
use crate::io::reap;
use crate::mux::effect::EndSignal;

/// How long processes have to end when the server cannot end them any more.
const GRACE: Duration = Duration::from_secs(2);

/// How often it is looked whether they have.
const LOOK: Duration = Duration::from_millis(50);

/// What a session was for, as far as its exit status depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    /// People ran phases; the status is the build's before, by its number.
    Wait(u8),
    /// It ran the build.
    Run,
    /// It held a command that had failed with this status.
    Failed(u8),
}

/// A session that is over.
#[derive(Debug)]
pub(super) struct Over<'a> {
    pub(super) session: &'a str,
    pub(super) kind: Kind,
    pub(super) manner: Manner,
    /// What it left of itself.
    pub(super) files: &'a Briefing,
    /// What marks its processes.
    pub(super) mark: &'a str,
}

impl Over<'_> {
    /// Ends what is left of it; its exit status. With `told` the log says so.
    pub(super) fn settle(&self, log: &Log, told: bool) -> u8 {
        let end = self.files.end();
        if end.is_none() {
            // Its server was killed: nobody else ends its processes.
            end_processes(self.mark, GRACE);
        }
        self.files.stop_asides();
        let status = status(self.kind, end, self.files.result());
        if told {
            log.text(&self.closing(end, status, log.ends_dots()));
            log.event(&ended(self.session, end, status));
        }
        status
    }

    fn closing(&self, end: Option<End>, status: u8, dots: bool) -> String {
        let mut text = String::new();
        if dots {
            text.push('\n');
        }
        let restored = !matches!(
            end,
            Some(
                End {
                    reason: Reason::Continue,
                    ..
                } | End {
                    status: Some(_),
                    ..
                }
            )
        );
        match self.kind {
            Kind::Wait(before) if restored && self.manner == Manner::Travis => {
                text.push_str(&banner::closing(Previous::of_exit(before)));
            }
            _ => text.push_str(&banner::done(status)),
        }
        text
    }
}

/// The exit status: what somebody chose, or what is known of the build.
fn status(kind: Kind, end: Option<End>, result: Option<u8>) -> u8 {
    if let Some(status) = end.and_then(|end| end.status) {
        return status;
    }
    let goes_on = end.is_some_and(|end| end.reason == Reason::Continue);
    match (kind, result) {
        (Kind::Wait(_), _) if goes_on => 0,
        (Kind::Wait(before), _) => before,
        (Kind::Run, result) => result.unwrap_or(1),
        (Kind::Failed(_), Some(0)) => 0,
        (Kind::Failed(status), _) => status,
    }
}

/// Hangs up the processes with this mark, and kills those that stay.
pub(super) fn end_processes(mark: &str, grace: Duration) {
    if mark.is_empty() || reap::signal(mark, EndSignal::Hangup) == 0 {
        return;
    }
    let until = Instant::now() + grace;
    while reap::signal(mark, EndSignal::Count) > 0 {
        if Instant::now() >= until {
            let _ = reap::signal(mark, EndSignal::Kill);
            return;
        }
        std::thread::sleep(LOOK);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_is_chosen_or_the_builds() {
        let end = |reason, status| Some(End { reason, status });
        let table = [
            (Kind::Wait(1), None, None, 1),
            (Kind::Wait(86), end(Reason::Keep, None), None, 86),
            (Kind::Wait(1), end(Reason::Finish, Some(7)), None, 7),
            (Kind::Wait(1), end(Reason::Finish, None), None, 1),
            (Kind::Wait(1), end(Reason::Continue, None), None, 0),
            (Kind::Run, end(Reason::Exit, None), Some(2), 2),
            (Kind::Run, end(Reason::Max, None), None, 1),
            (Kind::Run, end(Reason::Continue, None), None, 1),
            (Kind::Run, end(Reason::Finish, Some(0)), Some(2), 0),
            (Kind::Failed(5), end(Reason::Wait, None), None, 5),
            (Kind::Failed(5), end(Reason::Continue, None), None, 5),
            (Kind::Failed(5), end(Reason::Exit, None), Some(0), 0),
        ];
        for (kind, end, result, expected) in table {
            assert_eq!(status(kind, end, result), expected, "{kind:?} {end:?}");
        }
    }
}
