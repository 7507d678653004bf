//! The cache of `#()` jobs: what each command printed last. Formats only ask;
//! the engine runs what was asked for, at most once in a status interval.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use crate::base::{Label, Token};

/// Most commands remembered; beyond it new ones show nothing.
const MAX_JOBS: usize = 256;

/// One command.
#[derive(Debug, Default)]
struct Job {
    /// The last line it printed.
    output: Label,
    /// Where it is to be run.
    cwd: String,
    /// When it was run last.
    ran: Option<Duration>,
    /// The run under way.
    token: Option<Token>,
    /// A format asked for it since it was run.
    asked: bool,
}

/// All `#()` commands that formats asked for.
#[derive(Debug, Default)]
pub struct JobCache {
    jobs: RefCell<BTreeMap<String, Job>>,
}

impl JobCache {
    /// The last line of a command; it is run (again) when it is due, in the
    /// directory `cwd`.
    #[must_use]
    pub fn output_of(&self, command: &str, cwd: &str) -> String {
        let mut jobs = self.jobs.borrow_mut();
        if jobs.len() >= MAX_JOBS && !jobs.contains_key(command) {
            return String::new();
        }
        let job = jobs.entry(command.to_owned()).or_default();
        job.asked = true;
        if job.cwd != cwd {
            cwd.clone_into(&mut job.cwd);
        }
        job.output.to_string()
    }

    /// The commands that run now.
    #[must_use]
    pub fn under_way(&self) -> Vec<String> {
        let jobs = self.jobs.borrow();
        let running = jobs.iter().filter(|(_, job)| job.token.is_some());
        running.map(|(command, _)| command.clone()).collect()
    }

    /// Whether no format has asked for any command.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.jobs.borrow().is_empty()
    }

    /// The commands that were asked for and have not been run for `every`, with
    /// their directories; each is marked as run under the token that `mint` gives it.
    pub fn due(
        &self,
        now: Duration,
        every: Duration,
        mut mint: impl FnMut() -> Token,
    ) -> Vec<(Token, String, String)> {
        let mut jobs = self.jobs.borrow_mut();
        let mut due = Vec::new();
        for (command, job) in jobs.iter_mut() {
            let rested = job.ran.is_none_or(|ran| now.saturating_sub(ran) >= every);
            if job.asked && job.token.is_none() && rested {
                let token = mint();
                job.ran = Some(now);
                job.token = Some(token);
                job.asked = false;
                due.push((token, command.clone(), job.cwd.clone()));
            }
        }
        due
    }

    /// Takes a job's output in; whether the token was one of these.
    pub fn done(&self, token: Token, output: &[u8]) -> bool {
        let mut jobs = self.jobs.borrow_mut();
        let Some(job) = jobs.values_mut().find(|job| job.token == Some(token)) else {
            return false;
        };
        let text = String::from_utf8_lossy(output);
        job.output = Label::new(text.lines().next_back().unwrap_or_default());
        job.token = None;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn job_runs_once_in_an_interval_and_only_when_asked() {
        let cache = JobCache::default();
        let every = Duration::from_secs(15);
        assert_eq!(cache.output_of("date", "/tmp"), "");
        let due = cache.due(Duration::ZERO, every, || Token(1));
        assert_eq!(due, [(Token(1), "date".to_owned(), "/tmp".to_owned())]);
        assert!(cache.done(Token(1), b"one\ntwo\x1b[m\n"));
        assert!(!cache.done(Token(1), b"again"));
        assert_eq!(cache.output_of("date", "/tmp"), "two[m");
        assert!(
            cache
                .due(Duration::from_secs(1), every, || Token(2))
                .is_empty()
        );
        assert_eq!(cache.due(every, every, || Token(3)).len(), 1);
    }
}
