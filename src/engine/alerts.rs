//! Alerts: bells, activity and silence in windows (tmux(1), `monitor-bell`,
//! `monitor-activity`, `monitor-silence`), the flags that they leave in sessions
//! which look elsewhere, their hooks, and what viewers hear and see of them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::base::{ClientId, Label, PaneId, SessionId, WindowId};
use crate::mux::session::Alerts;

use super::Engine;

/// What there is to be told of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Activity,
    Bell,
    Silence,
}

impl Kind {
    const fn hook(self) -> &'static str {
        match self {
            Self::Activity => "alert-activity",
            Self::Bell => "alert-bell",
            Self::Silence => "alert-silence",
        }
    }

    const fn action(self) -> &'static str {
        match self {
            Self::Activity => "activity-action",
            Self::Bell => "bell-action",
            Self::Silence => "silence-action",
        }
    }

    const fn visual(self) -> &'static str {
        match self {
            Self::Activity => "visual-activity",
            Self::Bell => "visual-bell",
            Self::Silence => "visual-silence",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Activity => "Activity",
            Self::Bell => "Bell",
            Self::Silence => "Silence",
        }
    }

    fn flag(self, alerts: &mut Alerts) -> &mut bool {
        match self {
            Self::Activity => &mut alerts.activity,
            Self::Bell => &mut alerts.bell,
            Self::Silence => &mut alerts.silence,
        }
    }
}

/// When windows will have been silent for as long as `monitor-silence` says.
#[derive(Debug, Default)]
pub(super) struct Silences {
    windows: BTreeMap<WindowId, (Duration, Duration)>,
}

impl Silences {
    pub(super) fn deadline(&self) -> Option<Duration> {
        self.windows.values().map(|(_, at)| *at).min()
    }
}

impl Engine {
    /// A pane of a window wrote.
    pub(super) fn wrote_in(&mut self, window: WindowId) {
        let now = self.now().mono;
        if let Some((every, at)) = self.upkeep.silences.windows.get_mut(&window) {
            *at = now + *every;
        }
        if self.mux.window_flag(Some(window), "monitor-activity") {
            self.alert(window, Kind::Activity);
        }
    }

    /// A pane was started: of a new window it is activity.
    pub(super) fn made_in(&mut self, pane: PaneId) {
        let Some(window) = self.mux.window_of(pane) else {
            return;
        };
        let (id, first) = (window.id, window.panes().len() == 1);
        if first && self.mux.window_flag(Some(id), "monitor-activity") {
            self.alert(id, Kind::Activity);
        }
    }

    /// Windows that were turned to: that is activity, too.
    pub(super) fn turned_to(&mut self) {
        let sessions = self.mux.sessions.values_mut();
        let turned = sessions.filter_map(|session| {
            let turned = std::mem::take(&mut session.turned);
            session.window().filter(|_| turned)
        });
        let turned: Vec<WindowId> = turned.collect();
        for id in turned {
            if self.mux.window_flag(Some(id), "monitor-activity") {
                self.alert(id, Kind::Activity);
            }
        }
    }

    /// A pane's program rang the bell.
    pub(super) fn rang_in(&mut self, pane: PaneId) {
        let Some(window) = self.mux.panes.get(&pane).map(|pane| pane.window) else {
            return;
        };
        if self.mux.window_flag(Some(window), "monitor-bell") {
            self.alert(window, Kind::Bell);
        }
    }

    /// Starts the clocks of `monitor-silence` anew where it changed, and tells of
    /// windows that have been silent for so long.
    pub(super) fn silence_due(&mut self, stirred: bool) {
        let now = self.now().mono;
        if stirred {
            let windows: Vec<WindowId> = self.mux.windows.keys().copied().collect();
            let silences = &mut self.upkeep.silences.windows;
            silences.retain(|id, _| windows.contains(id));
            for id in windows {
                let seconds = self.mux.window_number(Some(id), "monitor-silence");
                let every = Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
                if every.is_zero() {
                    silences.remove(&id);
                } else if silences.get(&id).is_none_or(|(own, _)| *own != every) {
                    silences.insert(id, (every, now + every));
                }
            }
        }
        let silences = &mut self.upkeep.silences.windows;
        let over = silences.iter_mut().filter(|(_, (_, at))| *at <= now);
        let over = over.map(|(id, (every, at))| {
            *at = now + *every;
            *id
        });
        let over: Vec<WindowId> = over.collect();
        if !over.is_empty() {
            self.demand_all();
        }
        for window in over {
            self.alert(window, Kind::Silence);
        }
    }

    /// Tells every session in which a window is linked.
    fn alert(&mut self, window: WindowId, kind: Kind) {
        let mut links = Vec::new();
        for session in self.mux.sessions.values() {
            let own = session.links.iter().filter(|(_, l)| l.window == window);
            links.extend(own.map(|(index, _)| (session.id, *index)));
        }
        // A session is told once of a window that it has twice.
        let mut told = BTreeSet::new();
        for (session, index) in links {
            let viewed = self.mux.attached(session).next().is_some();
            let Some(owner) = self.mux.sessions.get_mut(&session) else {
                continue;
            };
            let current = owner.current == index;
            let Some(link) = owner.links.get_mut(&index) else {
                continue;
            };
            let flag = kind.flag(&mut link.alerts);
            if *flag && kind != Kind::Bell {
                continue;
            }
            let fresh = !*flag && (!current || !viewed);
            *flag |= fresh;
            if fresh {
                self.demand_all();
            }
            let applies = match self.mux.session_str(Some(session), kind.action()) {
                "any" => true,
                "current" => current,
                "other" => !current,
                _ => false,
            };
            if !applies {
                continue;
            }
            self.mux.fire_alert(kind.hook(), session, index, window);
            if told.insert(session) {
                self.tell_viewers(session, index, kind);
            }
        }
    }

    /// Rings the viewers' bells, shows them a line, or both.
    fn tell_viewers(&mut self, session: SessionId, index: u32, kind: Kind) {
        let (rings, shows) = match self.mux.session_str(Some(session), kind.visual()) {
            "on" => (false, true),
            "both" => (true, true),
            _ => (true, false),
        };
        let current = self.mux.sessions.get(&session).map(|owner| owner.current);
        let text = if current == Some(index) {
            format!("{} in current window", kind.title())
        } else {
            format!("{} in window {index}", kind.title())
        };
        let viewers: Vec<ClientId> = self.mux.attached(session).map(|c| c.id).collect();
        for viewer in viewers {
            if rings && let Some(attached) = self.attached.get_mut(&viewer) {
                attached.ring();
            }
            if shows && self.attached.contains_key(&viewer) {
                self.mux.say(viewer, Label::new(&text));
            }
        }
    }
}
