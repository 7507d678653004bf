//! The phases panel's keys, and its clock while it is shown. What a key runs is
//! a command of the client's own, which passes the same gate as any other; what
//! is shown to one who may only look changes nothing for others.

use std::time::Duration;

use crate::access::Grant;
use crate::base::{ClientId, Key, KeyCode, Label};
use crate::ci::timeline::{Run, StepRef};
use crate::command::Command;
use crate::command::args::{Phase, PhaseAction};
use crate::command::target::Target;
use crate::exec::{self, Authority, Context};
use crate::mux::client::{Overlay, TextView};
use crate::mux::panel::{Compared, Over, Panel, Runs, in_sight};
use crate::mux::session::Debug;

use super::Engine;
use super::overlay::{edit_filter, motion};
use super::prompt::is_plain;
use super::queue::Source;

/// Lines of an output that are shown to who may not use copy mode.
const MAX_TEXT: usize = 50_000;

/// What a key asks for beyond the panel itself.
enum Ask {
    Nothing,
    Close,
    /// The output of a run.
    Output(u64),
    /// Run a step again.
    Retry(StepRef),
    Next,
    /// Compare two runs; none are the last two of the step.
    Compare(StepRef, Option<(u64, u64)>),
    /// The next job's build, or the one before.
    Job(bool),
}

impl Engine {
    /// A key while the panel is open.
    pub(super) fn panel_key(&mut self, client: ClientId, key: Key, rows: usize) {
        let Some(mut panel) = self.take_panel(client) else {
            return;
        };
        let owner = self.mux.sessions.get(&panel.session);
        let Some(debug) = owner.and_then(|owner| owner.debug.as_deref()) else {
            return;
        };
        let ask = match &mut panel.over {
            None => tree_key(&mut panel, debug, key, rows),
            Some(Over::Runs(runs)) => match runs_key(runs, debug, key, rows) {
                Ask::Close => {
                    panel.over = None;
                    Ask::Nothing
                }
                ask => ask,
            },
            Some(Over::Compared(compared)) => {
                if compared_key(compared, key, rows) {
                    panel.over = compared.back.take().map(Over::Runs);
                }
                Ask::Nothing
            }
        };
        let target = Some(Target(panel.session.to_string()));
        match ask {
            Ask::Close => return,
            Ask::Output(run) => {
                if !self.shows_output(client, &panel, run) {
                    return;
                }
            }
            Ask::Retry(at) => {
                let step = self.step_name(&panel, at);
                self.run_phase(client, PhaseAction::Retry, step, target);
            }
            Ask::Next => self.run_phase(client, PhaseAction::Next, None, target),
            Ask::Compare(at, runs) => self.compare(client, &mut panel, at, runs),
            Ask::Job(forward) => self.other_job(client, &mut panel, forward),
            Ask::Nothing => {}
        }
        if let Some(owner) = self.mux.clients.get_mut(&client) {
            owner.overlay = Some(Box::new(Overlay::Phases(panel)));
        }
    }

    /// Turns to the build of another session.
    fn other_job(&self, client: ClientId, panel: &mut Panel, forward: bool) {
        let Some(owner) = self.mux.clients.get(&client) else {
            return;
        };
        let all = self.mux.debugged_for(owner);
        let at = all.iter().position(|id| *id == panel.session).unwrap_or(0);
        let step = if forward { 1 } else { all.len().max(1) - 1 };
        let next = all.get((at + step) % all.len().max(1));
        let next = next.and_then(|id| self.mux.sessions.get(id));
        if let Some(session) = next
            && let Some(debug) = session.debug.as_deref()
            && session.id != panel.session
        {
            *panel = Panel::new(session.id, debug);
        }
    }

    fn take_panel(&mut self, client: ClientId) -> Option<Box<Panel>> {
        let owner = self.mux.clients.get_mut(&client)?;
        match *owner.overlay.take()? {
            Overlay::Phases(panel) => Some(panel),
            other => {
                owner.overlay = Some(Box::new(other));
                None
            }
        }
    }

    fn step_name(&self, panel: &Panel, at: StepRef) -> Option<String> {
        let debug = self.mux.sessions.get(&panel.session)?.debug.as_deref()?;
        let name = debug.timeline.name(at.phase)?;
        Some(match at.step {
            Some(step) => format!("{name}:{step}"),
            None => name.to_string(),
        })
    }

    fn run_phase(
        &mut self,
        client: ClientId,
        action: PhaseAction,
        step: Option<String>,
        target: Option<Target>,
    ) {
        let args = Phase {
            action,
            step,
            target,
            ..Phase::default()
        };
        self.run_command(client, Command::Phase(args));
    }

    fn run_command(&mut self, client: ClientId, command: Command) {
        let Some(owner) = self.mux.clients.get(&client) else {
            return;
        };
        let cx = Context::for_client(&self.mux, client, Authority::of(owner));
        self.enqueue(Source::Attached(client), vec![vec![command.into()]], cx);
    }

    /// Shows a run's output: in copy mode, or as text to who may only look. Whether
    /// the panel stays.
    fn shows_output(&mut self, client: ClientId, panel: &Panel, run: u64) -> bool {
        let grant = self.mux.clients.get(&client).map(|c| c.effective_grant());
        if grant.is_some_and(|grant| grant.allows(Grant::Type)) {
            let args = Phase {
                action: PhaseAction::Goto,
                run: Some(run.to_string()),
                target: Some(Target(panel.session.to_string())),
                ..Phase::default()
            };
            // What cannot be gone to is said, and the panel stays.
            let lost = self.with_run(panel, run, |mux, run| {
                matches!(
                    mux.output_of(run),
                    Err(crate::mux::phases::Lost::Pane | crate::mux::phases::Lost::History)
                )
            });
            self.run_command(client, Command::Phase(args));
            return lost.unwrap_or(true);
        }
        let text = self.with_run(panel, run, |mux, run| {
            let title = Label::new(&format!("{}:{}, run {}", run.phase, run.step, run.id));
            (title, exec::output_text(mux, run))
        });
        match text {
            Some((title, Ok(text))) => {
                let text = self.masked_for(client, text);
                let lines = text.lines().take(MAX_TEXT).map(Label::new).collect();
                let view = TextView {
                    title,
                    lines,
                    ..TextView::default()
                };
                if let Some(owner) = self.mux.clients.get_mut(&client) {
                    owner.overlay = Some(Box::new(Overlay::Text(view)));
                }
                false
            }
            Some((_, Err(why))) => {
                self.mux.say(client, Label::new(&why));
                true
            }
            None => true,
        }
    }

    fn with_run<T>(
        &self,
        panel: &Panel,
        run: u64,
        look: impl FnOnce(&crate::mux::Mux, &Run) -> T,
    ) -> Option<T> {
        let debug = self.mux.sessions.get(&panel.session)?.debug.as_deref()?;
        Some(look(&self.mux, debug.timeline.run(run)?))
    }

    fn compare(
        &mut self,
        client: ClientId,
        panel: &mut Panel,
        at: StepRef,
        runs: Option<(u64, u64)>,
    ) {
        match self.compared(client, panel, at, runs) {
            Ok(mut compared) => {
                if let Some(Over::Runs(runs)) = panel.over.take() {
                    compared.back = Some(runs);
                }
                panel.over = Some(Over::Compared(compared));
            }
            Err(why) => self.mux.say(client, Label::new(&why)),
        }
    }

    /// A text as this client may see it, before it is cut into pieces.
    fn masked_for(&self, client: ClientId, text: String) -> String {
        let owner = self.mux.clients.get(&client);
        match owner.and_then(|owner| self.mux.hidden_from(owner)) {
            Some(secrets) => secrets.mask(&text),
            None => text,
        }
    }

    fn compared(
        &self,
        client: ClientId,
        panel: &Panel,
        at: StepRef,
        runs: Option<(u64, u64)>,
    ) -> Result<Compared, String> {
        let owner = self.mux.sessions.get(&panel.session);
        let debug = owner.and_then(|owner| owner.debug.as_deref());
        let timeline = &debug.ok_or("the build is gone")?.timeline;
        let (old, new) = match runs {
            Some((old, new)) => (timeline.run(old), timeline.run(new)),
            None => {
                let list = timeline.list_runs(at);
                match list.as_slice() {
                    [.., old, new] => (Some(*old), Some(*new)),
                    [_] => return Err("it ran only once".to_owned()),
                    [] => return Err("it has not run yet".to_owned()),
                }
            }
        };
        let (old, new) = old.zip(new).ok_or("the run was forgotten")?;
        let title = |run: &Run| {
            Label::new(&format!(
                "run {}  {}:{}  {}  {}",
                run.id,
                run.phase,
                run.step,
                run.end(),
                crate::ci::timeline::span(run.took(self.now()))
            ))
        };
        let left = exec::output_text(&self.mux, old)?;
        let right = exec::output_text(&self.mux, new)?;
        let left = self.masked_for(client, left);
        let right = self.masked_for(client, right);
        Ok(Compared::new((title(old), title(new)), &left, &right))
    }

    /// When the panels that show a run under way are drawn next.
    pub(super) fn panel_deadline(&self) -> Option<Duration> {
        let waits = self.ticks().next().is_some();
        let (now, second) = (self.now().mono, Duration::from_secs(1));
        let at = self.upkeep.panel_at.unwrap_or(now + second);
        waits.then_some(at)
    }

    /// Draws those panels once a second.
    pub(super) fn panel_due(&mut self) {
        let now = self.now().mono;
        let clients: Vec<ClientId> = self.ticks().collect();
        if clients.is_empty() {
            self.upkeep.panel_at = None;
            return;
        }
        let second = Duration::from_secs(1);
        match self.upkeep.panel_at {
            Some(at) if at > now => {}
            Some(_) => {
                self.upkeep.panel_at = Some(now + second);
                for client in clients {
                    self.demand_of(client);
                }
            }
            None => self.upkeep.panel_at = Some(now + second),
        }
    }

    /// The clients to whom a run is shown that is under way.
    fn ticks(&self) -> impl Iterator<Item = ClientId> {
        self.mux.clients.values().filter_map(|client| {
            let Some(Overlay::Phases(panel)) = client.overlay.as_deref() else {
                return None;
            };
            let debug = self.mux.sessions.get(&panel.session)?.debug.as_deref()?;
            debug.timeline.is_running().then_some(client.id)
        })
    }
}

/// A key in the tree.
fn tree_key(panel: &mut Panel, debug: &Debug, key: Key, height: usize) -> Ask {
    if panel.typing {
        panel.typing = edit_filter(&mut panel.filter, key);
        let rows = panel.rows(debug);
        let at = panel.row_selected(&rows);
        panel.select(&rows, at, height);
        return Ask::Nothing;
    }
    let rows = panel.rows(debug);
    let at = panel.row_selected(&rows);
    let here = rows.get(at).copied();
    if let Some(by) = motion(key, height) {
        panel.select(&rows, at.saturating_add_signed(by), height);
        return Ask::Nothing;
    }
    let last = |at: StepRef| debug.timeline.list_runs(at).last().map(|run| run.id);
    match (key.code, is_plain(key)) {
        (KeyCode::Escape, _) if !panel.filter.is_empty() => panel.filter.clear(),
        (KeyCode::Escape, _) | (_, Some('q')) => return Ask::Close,
        (KeyCode::Enter, _) => {
            if let Some(run) = here.and_then(last) {
                return Ask::Output(run);
            }
        }
        (_, Some(']')) => return Ask::Job(true),
        (_, Some('[')) => return Ask::Job(false),
        (KeyCode::Tab, _) => {
            if let Some(here) = here {
                toggle(panel, here.phase);
            }
        }
        (_, Some('/')) => {
            panel.typing = true;
            panel.filter.clear();
        }
        (_, Some('r')) => return here.map_or(Ask::Nothing, Ask::Retry),
        (_, Some('n')) => return Ask::Next,
        (_, Some('d')) => return here.map_or(Ask::Nothing, |at| Ask::Compare(at, None)),
        (_, Some('l')) => {
            if let Some((of, selected)) = here.and_then(|at| Some((at, last(at)?))) {
                panel.over = Some(Over::Runs(Runs {
                    of,
                    selected,
                    top: usize::MAX,
                    marked: Vec::new(),
                }));
            }
        }
        _ if key == Key::ctrl('c') || key == Key::ctrl('g') => return Ask::Close,
        _ => {}
    }
    Ask::Nothing
}

fn toggle(panel: &mut Panel, phase: usize) {
    if !panel.closed.remove(&phase) {
        panel.closed.insert(phase);
        panel.selected = StepRef { phase, step: None };
    }
}

/// A key in the list of runs.
fn runs_key(runs: &mut Runs, debug: &Debug, key: Key, height: usize) -> Ask {
    let list = debug.timeline.list_runs(runs.of);
    let at = list.partition_point(|run| run.id < runs.selected);
    let at = at.min(list.len().saturating_sub(1));
    if let Some(by) = motion(key, height) {
        let at = at
            .saturating_add_signed(by)
            .min(list.len().saturating_sub(1));
        runs.selected = list.get(at).map_or(0, |run| run.id);
        runs.top = in_sight(runs.top, at, list.len(), height);
        return Ask::Nothing;
    }
    let here = list.get(at).map(|run| run.id);
    match (key.code, is_plain(key)) {
        (KeyCode::Escape, _) | (_, Some('q')) => return Ask::Close,
        (KeyCode::Enter, _) => return here.map_or(Ask::Nothing, Ask::Output),
        (_, Some('m')) => {
            if let Some(here) = here {
                mark(&mut runs.marked, here);
            }
        }
        (_, Some('d')) => {
            let pair = match runs.marked.as_slice() {
                [one, other] => Some((*one.min(other), *one.max(other))),
                [one] => here
                    .filter(|here| here != one)
                    .map(|here| (here.min(*one), here.max(*one))),
                _ => None,
            };
            return Ask::Compare(runs.of, pair);
        }
        _ if key == Key::ctrl('c') || key == Key::ctrl('g') => return Ask::Close,
        _ => {}
    }
    Ask::Nothing
}

/// Marks a run, or takes its mark; a third one takes the first one's place.
fn mark(marked: &mut Vec<u64>, run: u64) {
    if let Some(at) = marked.iter().position(|known| *known == run) {
        marked.remove(at);
        return;
    }
    if marked.len() == 2 {
        marked.remove(0);
    }
    marked.push(run);
}

/// A key in a comparison; whether it is left.
fn compared_key(compared: &mut Compared, key: Key, height: usize) -> bool {
    // One row of the frame has the titles.
    let height = height.saturating_sub(1).max(1);
    let last = compared.rows.len().saturating_sub(height);
    if let Some(by) = motion(key, height) {
        compared.top = compared.top.saturating_add_signed(by).min(last);
        return false;
    }
    match (key.code, is_plain(key)) {
        (KeyCode::Escape, _) | (_, Some('q')) => return true,
        (_, Some(way @ (']' | '[' | 'n' | 'N'))) => {
            let forward = matches!(way, ']' | 'n');
            if let Some(row) = compared.difference(compared.top, forward) {
                compared.top = row.min(last);
            }
        }
        _ if key == Key::ctrl('c') || key == Key::ctrl('g') => return true,
        _ => {}
    }
    false
}
