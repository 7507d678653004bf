//! A session: numbered links to windows, one of them current.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::base::mask::Secrets;
use crate::base::{Label, Now, SessionId, WindowId};
use crate::ci::life::Life;
use crate::ci::{Build, Job, Timeline};
use crate::config::Options;

use super::effect::ShareInfo;
use super::environ::Environ;

/// What happened in a window that nobody was looking at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Alerts {
    /// A bell rang.
    pub bell: bool,
    /// Output came.
    pub activity: bool,
    /// No output came for `monitor-silence` seconds.
    pub silence: bool,
}

impl Alerts {
    /// Whether any alert is set.
    #[must_use]
    pub const fn any(self) -> bool {
        self.bell || self.activity || self.silence
    }
}

/// A window's place in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// The window.
    pub window: WindowId,
    /// Its alerts in this session.
    pub alerts: Alerts,
}

/// A build that is being debugged in a session.
#[derive(Debug)]
pub struct Debug {
    /// What the CI's file says.
    pub build: Build,
    /// Which of its jobs.
    pub job: usize,
    /// What ran so far.
    pub timeline: Timeline,
    /// The command that opens a window with the phases loaded.
    pub shell: Vec<String>,
    /// What a mark must carry to be believed.
    pub nonce: crate::base::Secret<String>,
    /// How long it lives.
    pub life: Life,
    /// What must not get out.
    pub secrets: Secrets,
    /// Its private directory; empty for none.
    pub dir: String,
    /// What its log says again: while nobody has come, and when the build ends.
    pub notice: Notice,
    /// The first window runs the build.
    pub runs: bool,
    /// Somebody was here when it was last looked.
    pub attended: bool,
    /// Its processes were told to end; when the session is ended.
    pub closing: Option<Duration>,
}

/// What the log of a debug VM says again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notice {
    /// How to join, in a line.
    pub line: String,
    /// How often it is said while nobody has come.
    pub every: Option<Duration>,
    /// When it is said next.
    pub next: Option<Duration>,
    /// What is said when a build that ran is held or over.
    pub again: String,
}

impl Debug {
    /// The job.
    #[must_use]
    pub fn job(&self) -> Option<&Job> {
        self.build.jobs.get(self.job)
    }
}

/// A session.
#[derive(Debug)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Its name, unique in the server.
    pub name: String,
    /// When it was made.
    pub created: Now,
    /// When a client last typed in it.
    pub activity: Now,
    /// When a client last attached.
    pub last_attached: Option<Now>,
    /// Its windows by index.
    pub links: BTreeMap<u32, Link>,
    /// The index of the current window; always in `links`.
    pub current: u32,
    /// Indices visited before, the latest first; all in `links`.
    pub last: Vec<u32>,
    /// Another window became current: activity of that window, not yet told.
    pub turned: bool,
    /// Options set on this session.
    pub options: Options,
    /// Variables set on this session.
    pub environ: Environ,
    /// Where new windows start.
    pub cwd: String,
    /// The session group's name, if it is in one.
    pub group: Option<String>,
    /// The build that is debugged here.
    pub debug: Option<Box<Debug>>,
    /// How guests come in.
    pub share: Option<Box<ShareInfo>>,
}

impl Session {
    /// The current window.
    #[must_use]
    pub fn window(&self) -> Option<WindowId> {
        self.links.get(&self.current).map(|link| link.window)
    }

    /// The index under which a window is linked; the current one if it is
    /// linked twice.
    #[must_use]
    pub fn index_of(&self, window: WindowId) -> Option<u32> {
        if self.window() == Some(window) {
            return Some(self.current);
        }
        self.links
            .iter()
            .find(|(_, link)| link.window == window)
            .map(|(index, _)| *index)
    }

    /// Whether the window is linked here.
    #[must_use]
    pub fn has(&self, window: WindowId) -> bool {
        self.links.values().any(|link| link.window == window)
    }

    /// Makes an index current and remembers the one before.
    pub fn select(&mut self, index: u32) -> bool {
        if !self.links.contains_key(&index) {
            return false;
        }
        if index != self.current {
            self.last
                .retain(|old| *old != index && *old != self.current);
            if self.links.contains_key(&self.current) {
                self.last.insert(0, self.current);
            }
            self.current = index;
            self.turned = true;
        }
        if let Some(link) = self.links.get_mut(&index) {
            link.alerts = Alerts::default();
        }
        true
    }

    /// The nearest index after (or before) the current one, round the end;
    /// with `alert` only among windows with an alert.
    #[must_use]
    pub fn step(&self, forward: bool, alert: bool) -> Option<u32> {
        let wanted = |(index, link): (&u32, &Link)| (!alert || link.alerts.any()).then_some(*index);
        let after = self.links.range(self.current + 1..);
        let before = self.links.range(..self.current);
        if forward {
            after.chain(before).find_map(wanted)
        } else {
            before.rev().chain(after.rev()).find_map(wanted)
        }
    }

    /// The lowest free index from `base` up.
    #[must_use]
    pub fn free_index(&self, base: u32) -> u32 {
        (base..)
            .find(|index| !self.links.contains_key(index))
            .unwrap_or(base)
    }

    /// Takes an index out; when it was current the last one (or the nearest
    /// before, round the end) becomes current.
    pub fn unlink(&mut self, index: u32) -> Option<Link> {
        let link = self.links.remove(&index)?;
        self.last.retain(|old| *old != index);
        if index == self.current {
            let next = if self.last.is_empty() {
                let before = self.links.range(..index).next_back();
                before
                    .or_else(|| self.links.iter().next_back())
                    .map(|(index, _)| *index)
            } else {
                Some(self.last.remove(0))
            };
            if let Some(next) = next {
                self.current = next;
            }
        }
        Some(link)
    }

    /// Numbers the windows from `base` without gaps (`renumber-windows`).
    pub fn renumber(&mut self, base: u32) {
        let links = std::mem::take(&mut self.links);
        let mut new_of = BTreeMap::new();
        let mut first_of = BTreeMap::new();
        for ((old, link), new) in links.into_iter().zip(base..) {
            new_of.insert(old, new);
            first_of.entry(link.window).or_insert(new);
            self.links.insert(new, link);
        }
        self.current = new_of.get(&self.current).copied().unwrap_or(base);
        // As in tmux the windows are looked up: of one that is here more than
        // once, the first place is what was used.
        let mut last = Vec::with_capacity(self.last.len());
        for index in &self.last {
            let new = new_of.get(index).and_then(|new| self.links.get(new));
            let new = new.and_then(|link| first_of.get(&link.window).copied());
            last.extend(new.filter(|new| *new != self.current && !last.contains(new)));
        }
        self.last = last;
    }

    /// The name as chrome draws it.
    #[must_use]
    pub fn label(&self) -> Label {
        Label::new(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(indices: &[u32], current: u32) -> Session {
        let link = |n: u32| Link {
            window: WindowId(n),
            alerts: Alerts::default(),
        };
        Session {
            id: SessionId(0),
            name: "main".into(),
            created: Now::default(),
            activity: Now::default(),
            last_attached: None,
            links: indices.iter().map(|n| (*n, link(*n))).collect(),
            current,
            last: Vec::new(),
            turned: false,
            options: Options::default(),
            environ: Environ::default(),
            cwd: "/".into(),
            group: None,
            debug: None,
            share: None,
        }
    }

    #[test]
    fn step_goes_round_the_ends() {
        let session = session(&[1, 3, 7], 7);
        assert_eq!(session.step(true, false), Some(1));
        assert_eq!(session.step(false, false), Some(3));
        assert_eq!(session.step(true, true), None);
    }

    #[test]
    fn unlink_of_the_current_window_returns_to_the_last() {
        let mut session = session(&[0, 1, 2], 0);
        session.select(2);
        session.select(1);
        session.unlink(1);
        assert_eq!(session.current, 2);
        session.unlink(0);
        assert_eq!((session.current, session.last.len()), (2, 0));
    }

    #[test]
    fn renumber_keeps_current_and_last() {
        let mut session = session(&[2, 5, 9], 5);
        session.select(9);
        session.renumber(0);
        assert_eq!(session.links.keys().copied().collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!((session.current, session.last.clone()), (2, vec![1]));
        assert_eq!(session.window(), Some(WindowId(9)));
    }
}
