//! What ran of a build: shown, compared, gone to, run again. The shells run the
//! steps; here at most their command is typed.

use crate::base::{Label, PaneId, SessionId};
use crate::ci::compare;
use crate::ci::functions;
use crate::ci::timeline::{Run, Signs, State, StepRef, span};
use crate::ci::{Mark, Timeline};
use crate::command::Target;
use crate::command::args::{self, PhaseAction};
use crate::mux::Mux;
use crate::mux::client::Overlay;
use crate::mux::panel::Panel;
use crate::mux::phases::{Extent, Lost};
use crate::mux::resolve::Found;
use crate::mux::session::Debug;
use crate::term::{CaptureOptions, CaptureRange};

use super::{Context, Outcome, Ran, pane, places, send, window};

/// Columns of `phase status`.
const STATUS_COLUMNS: usize = 200;

/// Shells: one that is in the foreground itself runs nothing else there.
const SHELLS: [&str; 8] = ["bash", "sh", "dash", "zsh", "fish", "ksh", "ash", "busybox"];

fn debug_of(mux: &Mux, session: SessionId) -> Result<&Debug, String> {
    let owner = mux.sessions.get(&session).ok_or("no current session")?;
    let debug = owner.debug.as_deref();
    debug.ok_or_else(|| format!("session {} debugs no build", owner.name))
}

/// `phase`.
pub(super) fn phase(mux: &mut Mux, cx: &mut Context, args: &args::Phase) -> Ran {
    let session = places::session(mux, cx, args.target.as_ref())?.session;
    let debug = debug_of(mux, session)?;
    let timeline = &debug.timeline;
    match args.action {
        PhaseAction::List | PhaseAction::Status if args.json => {
            cx.print(&json(mux, timeline));
        }
        PhaseAction::List => {
            for row in timeline.list(mux.now) {
                cx.print(&row.to_string());
            }
        }
        PhaseAction::Status => {
            let summary = timeline.summary(mux.now, Signs::Unicode, STATUS_COLUMNS);
            cx.print(summary.as_str());
        }
        PhaseAction::Where => {
            let stand = timeline.stand();
            cx.print(&format!("{}\t{}\t{}", stand.phase, stand.step, stand.word));
        }
        PhaseAction::Show => show(mux, cx, debug, args)?,
        PhaseAction::Log => log(mux, cx, timeline, args)?,
        PhaseAction::Diff => diff(mux, cx, timeline, args)?,
        PhaseAction::Goto => {
            let run = chosen(timeline, args)?.clone();
            return go_to(mux, cx, session, &run);
        }
        PhaseAction::Retry => return retry(mux, cx, session, args),
        PhaseAction::Next => return next(mux, cx, session),
    }
    Ok(Outcome::Done)
}

/// The step that the arguments name.
fn named(timeline: &Timeline, args: &args::Phase) -> Result<StepRef, String> {
    let text = args.step.as_deref();
    timeline.resolve(text.ok_or("which step? Name a phase, or PHASE:N")?)
}

/// The run that the arguments choose: one by its number, or the last of a step.
fn chosen<'a>(timeline: &'a Timeline, args: &args::Phase) -> Result<&'a Run, String> {
    let step = match &args.step {
        Some(_) => Some(named(timeline, args)?),
        None => None,
    };
    if let Some(text) = &args.run {
        let run = text.parse().ok().and_then(|id| timeline.run(id));
        let run = run.ok_or_else(|| format!("no run {}", Label::new(text)))?;
        let fits = step.is_none_or(|step| {
            timeline.name(step.phase) == Some(&run.phase)
                && step.step.is_none_or(|step| step == run.step)
        });
        if !fits {
            return Err(format!(
                "run {} is one of {}:{}",
                run.id, run.phase, run.step
            ));
        }
        return Ok(run);
    }
    let step = match step {
        Some(step) => step,
        None => named(timeline, args)?,
    };
    last_of(timeline, step)
}

fn last_of(timeline: &Timeline, step: StepRef) -> Result<&Run, String> {
    let name = timeline.name(step.phase).ok_or("no such phase")?;
    let last = timeline.runs_of(name, step.step).next_back();
    last.ok_or_else(|| format!("{} has not run yet", word(name, step.step)))
}

fn word(name: &Label, step: Option<u32>) -> String {
    step.map_or_else(|| name.to_string(), |step| format!("{name}:{step}"))
}

/// `phase show`.
fn show(mux: &Mux, cx: &mut Context, debug: &Debug, args: &args::Phase) -> Result<(), String> {
    let timeline = &debug.timeline;
    let at = named(timeline, args)?;
    if let Some(row) = timeline
        .row(at.phase, mux.now)
        .filter(|_| at.step.is_none())
    {
        cx.print(&row.to_string());
    }
    let steps = match at.step {
        Some(step) => step..=step,
        None => 1..=timeline.steps(at.phase),
    };
    let job = debug.job();
    let phase = job.and_then(|job| job.phases.get(at.phase));
    for step in steps {
        let Some(row) = timeline.step_row(at.phase, step) else {
            continue;
        };
        let text = Label::new(debug.step_text(at.phase, step));
        cx.print(&format!("{} {step} {text}", row.state.mark()));
        if at.step.is_some() {
            let known = phase.and_then(|phase| {
                let at = usize::try_from(step).ok()?.checked_sub(1)?;
                phase.steps.get(at)
            });
            for line in known.map_or("", |step| step.command.as_str()).lines() {
                cx.print(&format!("    {}", Label::new(line)));
            }
        }
    }
    if let Some(name) = timeline.name(at.phase) {
        let runs: Vec<&Run> = timeline.runs_of(name, at.step).collect();
        for run in runs {
            cx.print(&line(mux, run));
        }
    }
    Ok(())
}

/// A run in a line of `timeline`.
fn line(mux: &Mux, run: &Run) -> String {
    let scope = crate::format::Scope {
        now: run.start,
        ..crate::format::Scope::default()
    };
    let time = crate::format::expand_time("%H:%M:%S", mux, &scope);
    let attempt = match run.attempt {
        1 => String::new(),
        attempt => format!("  try {attempt}"),
    };
    format!(
        "{:>5}  {time}  {} {:<20} {:>7}  {}{attempt}  {}  {}",
        run.id,
        run.state().mark(),
        word(&run.phase, Some(run.step)),
        span(run.took(mux.now)),
        run.end(),
        run.pane,
        run.who(),
    )
}

/// `timeline`.
pub(super) fn runs(mux: &mut Mux, cx: &mut Context, args: &args::Timeline) -> Ran {
    let session = places::session(mux, cx, args.target.as_ref())?.session;
    let timeline = &debug_of(mux, session)?.timeline;
    if args.json {
        cx.print(&json(mux, timeline));
        return Ok(Outcome::Done);
    }
    for run in timeline.runs() {
        cx.print(&line(mux, run));
    }
    Ok(Outcome::Done)
}

/// The timeline as JSON. The rows of all anchors are looked up once a pane.
fn json(mux: &Mux, timeline: &Timeline) -> String {
    let mut panes: Vec<PaneId> = timeline.runs().map(|run| run.pane).collect();
    panes.sort_unstable();
    panes.dedup();
    let known: Vec<_> = panes
        .into_iter()
        .filter_map(|id| {
            let term = &mux.panes.get(&id)?.term;
            Some((id, term.anchors(), i64::try_from(term.history_rows()).ok()?))
        })
        .collect();
    let lines = |run: &Run| {
        let (_, anchors, above) = known.iter().find(|(pane, ..)| *pane == run.pane)?;
        let row = |anchor| {
            let at = anchors.partition_point(|(_, _, last)| *last < anchor);
            let found = anchors.get(at).filter(|(_, first, _)| *first <= anchor);
            Some(i64::try_from(found?.0).ok()? - above)
        };
        let begin = row(run.output.from?)?;
        let end = row(run.output.to?)? - i64::from(run.output.before_last);
        Some((begin, end))
    };
    timeline.json(mux.now, &lines).to_string()
}

fn lost(run: &Run, why: Lost) -> String {
    format!("{}:{}, run {}: {why}", run.phase, run.step, run.id)
}

/// What stands before an output whose beginning is gone.
const CUT: &str = "[the beginning has left the history]\n";

/// The output of a run without escapes; empty when it wrote nothing.
///
/// # Errors
/// Why it is not there.
pub fn text(mux: &Mux, run: &Run) -> Result<String, String> {
    let rows = match mux.output_of(run) {
        Ok(rows) => rows,
        Err(Lost::Empty) => return Ok(String::new()),
        Err(why) => return Err(lost(run, why)),
    };
    let pane = mux.panes.get(&run.pane).ok_or("no such pane")?;
    let mut text = pane.text_of(rows);
    if rows.cut {
        text.insert_str(0, CUT);
    }
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(text)
}

/// `phase log`.
fn log(mux: &Mux, cx: &mut Context, timeline: &Timeline, args: &args::Phase) -> Result<(), String> {
    let run = chosen(timeline, args)?;
    if !args.escapes {
        cx.write(text(mux, run)?.into_bytes());
        return Ok(());
    }
    let rows = match mux.output_of(run) {
        Ok(rows) => rows,
        Err(Lost::Empty) => return Ok(()),
        Err(why) => return Err(lost(run, why)),
    };
    let pane = mux.panes.get(&run.pane).ok_or("no such pane")?;
    cx.write(coloured(&pane.term, rows).into_bytes());
    Ok(())
}

/// Rows with their colours and attributes, as `capture-pane -eJ` has them.
fn coloured(term: &crate::term::Terminal, rows: Extent) -> String {
    let above = i64::try_from(term.history_rows()).unwrap_or(0);
    let line = |row: usize| i64::try_from(row).ok().map(|row| row - above);
    let range = CaptureRange {
        start: line(rows.first),
        end: line(rows.last),
    };
    let options = CaptureOptions {
        escapes: true,
        join: true,
        ..CaptureOptions::default()
    };
    let text = term.capture(range, options);
    let text = text.trim_end_matches('\n');
    format!("{text}\n")
}

/// The two runs to be compared: those that are named, or the last two.
fn pair<'a>(timeline: &'a Timeline, args: &args::Phase) -> Result<(&'a Run, &'a Run), String> {
    let at = named(timeline, args)?;
    let name = timeline.name(at.phase).ok_or("no such phase")?;
    let named = |text: &str| {
        let run = text.parse().ok().and_then(|id| timeline.run(id));
        run.ok_or_else(|| format!("no run {}", Label::new(text)))
    };
    match (args.old.as_deref(), args.new.as_deref()) {
        (None, _) => {
            let mut runs = timeline.runs_of(name, at.step).rev();
            match (runs.next(), runs.next()) {
                (Some(new), Some(old)) => Ok((old, new)),
                (Some(_), None) => Err(format!("{} ran only once", word(name, at.step))),
                (None, _) => Err(format!("{} has not run yet", word(name, at.step))),
            }
        }
        (Some(old), None) => Ok((named(old)?, last_of(timeline, at)?)),
        (Some(old), Some(new)) => Ok((named(old)?, named(new)?)),
    }
}

/// `phase diff`: the lines that differ, each with its sign; what changes from
/// run to run anyway counts as equal.
fn diff(
    mux: &Mux,
    cx: &mut Context,
    timeline: &Timeline,
    args: &args::Phase,
) -> Result<(), String> {
    const AROUND: usize = 3;
    let (old, new) = pair(timeline, args)?;
    let lines = |run: &Run| -> Result<Vec<String>, String> {
        Ok(text(mux, run)?.lines().map(str::to_owned).collect())
    };
    let (left, right) = (lines(old)?, lines(new)?);
    let rows = compare::compare(&left, &right);
    cx.print(&format!("--- {}", line(mux, old).trim_start()));
    cx.print(&format!("+++ {}", line(mux, new).trim_start()));
    let near = |at: usize| {
        let from = at.saturating_sub(AROUND);
        let to = (at + AROUND + 1).min(rows.len());
        rows.get(from..to)
            .is_some_and(|near| near.iter().any(|row| !row.same))
    };
    let get = |lines: &[String], at: Option<u32>| {
        let at = at.and_then(|at| usize::try_from(at).ok());
        at.and_then(|at| lines.get(at)).cloned()
    };
    let mut gap = false;
    let mut at = 0;
    while let Some(row) = rows.get(at) {
        if row.same {
            if near(at) {
                if std::mem::take(&mut gap) {
                    cx.print("...");
                }
                cx.print(&format!(" {}", get(&right, row.right).unwrap_or_default()));
            } else {
                gap = at > 0;
            }
            at += 1;
            continue;
        }
        if std::mem::take(&mut gap) {
            cx.print("...");
        }
        let block = rows.get(at..).unwrap_or_default();
        let len = block.iter().take_while(|row| !row.same).count();
        let block = block.get(..len).unwrap_or_default();
        for gone in block.iter().filter_map(|row| get(&left, row.left)) {
            cx.print(&format!("-{gone}"));
        }
        for new in block.iter().filter_map(|row| get(&right, row.right)) {
            cx.print(&format!("+{new}"));
        }
        at += len;
    }
    Ok(())
}

/// `phase goto`: the run's window and pane, in copy mode at its output.
fn go_to(mux: &mut Mux, cx: &mut Context, session: SessionId, run: &Run) -> Ran {
    let rows = match mux.output_of(run) {
        // What wrote nothing still has a place.
        Err(Lost::Empty) => None,
        Err(why) => return Err(lost(run, why)),
        Ok(rows) => Some(rows),
    };
    let found = mux
        .place_of_pane(run.pane, Some(session))
        .ok_or_else(|| lost(run, Lost::Pane))?;
    window::select(mux, found.session, found.index);
    pane::make_active(mux, found.window, found.pane, true);
    cx.set_current(found);
    mux.leave_modes(found.pane);
    mux.enter_copy(found.pane, None);
    let Some(pane) = mux.panes.get_mut(&found.pane) else {
        return Ok(Outcome::Done);
    };
    let begin = run
        .output
        .from
        .and_then(|from| pane.term.row_of_anchor(from));
    let row = rows.map(|rows| rows.first).or(begin);
    if let (Some(row), Some(copy)) = (row, pane.copy.as_deref_mut()) {
        copy.go_to_row(row);
    }
    Ok(Outcome::Done)
}

/// The pane that a target means; without one that in which the asker runs.
fn own_pane(mux: &Mux, cx: &Context, target: Option<&Target>) -> Result<Found, String> {
    let own = mux.pane_of_caller(&cx.asker());
    let only = cx.authority.only;
    let own = own.filter(|found| target.is_none() && only.is_none_or(|only| only == found.session));
    own.map_or_else(|| places::pane(mux, cx, target), Ok)
}

/// `phase retry`: in the pane that ran the step last, else where one is now.
fn retry(mux: &mut Mux, cx: &mut Context, session: SessionId, args: &args::Phase) -> Ran {
    let here = own_pane(mux, cx, args.target.as_ref())?.pane;
    let timeline = &debug_of(mux, session)?.timeline;
    let held = timeline.held();
    let Some(text) = &args.step else {
        let Some(held) = held else {
            return Err("the build is not held: which step is to be run again?".to_owned());
        };
        let pane = held.pane;
        return type_line(mux, cx, session, pane, "phase retry");
    };
    let at = timeline.resolve(text)?;
    let name = timeline.name(at.phase).ok_or("no such phase")?;
    let row = timeline.row(at.phase, mux.now).ok_or("no such phase")?;
    if row.state == State::Running {
        return Err(format!("{name} is under way"));
    }
    let last = timeline.runs_of(name, at.step).next_back();
    let pane = last.map_or(here, |run| run.pane);
    let step = at.step.or((timeline.steps(at.phase) == 1).then_some(1));
    if let Some(held) = held
        && held.phase == *name
        && step.is_none_or(|step| step == held.step)
    {
        let pane = held.pane;
        return type_line(mux, cx, session, pane, "phase retry");
    }
    // Where names are alike, shells know phases by identifier.
    let job = debug_of(mux, session)?.job();
    let known = job.and_then(|job| functions::keys(job).into_iter().nth(at.phase));
    let name = known.map_or_else(|| name.clone(), |known| Label::new(&known));
    let what = functions::quote(&word(&name, at.step));
    type_line(mux, cx, session, pane, &format!("phase run {what}"))
}

/// `phase next`: in the pane that is held, else in that of the last run.
pub(super) fn next(mux: &mut Mux, cx: &mut Context, session: SessionId) -> Ran {
    let here = places::pane(mux, cx, None)?.pane;
    let timeline = &debug_of(mux, session)?.timeline;
    let last = || timeline.runs().next_back().map(|run| run.pane);
    let held = timeline.held().map(|held| held.pane);
    let pane = held.or_else(last).unwrap_or(here);
    type_line(mux, cx, session, pane, "phase next")
}

/// Types a command line into a pane whose shell waits for one.
fn type_line(mux: &mut Mux, cx: &Context, session: SessionId, id: PaneId, line: &str) -> Ran {
    let pane = mux
        .panes
        .get(&id)
        .ok_or_else(|| format!("pane {id} is gone"))?;
    let timeline = &debug_of(mux, session)?.timeline;
    if let Some(run) = timeline.running_in(id) {
        return Err(format!("{}:{} runs in {id}", run.phase, run.step));
    }
    let owner = mux.sessions.get(&session).ok_or("no current session")?;
    let name = pane.command.as_str();
    let plain = !pane.term.modes().alternate;
    let waits = match name {
        "" => pane.term.is_at_prompt(),
        name => SHELLS.contains(&name) && plain,
    };
    if !owner.has(pane.window) || !pane.takes_input() || !waits {
        return Err(format!("no shell waits for a command in {id}"));
    }
    if let Some(pane) = mux.panes.get_mut(&id) {
        pane.copy = None;
    }
    // What was typed already is not made part of the command.
    let mut bytes = vec![0x15];
    bytes.extend_from_slice(line.as_bytes());
    bytes.push(b'\r');
    send::type_bytes_alone(mux, cx, id, bytes);
    Ok(Outcome::Done)
}

/// `phase-panel`.
pub(super) fn panel(mux: &mut Mux, cx: &mut Context, args: &args::PhasePanel) -> Ran {
    let client = mux.current_client(&cx.asker()).ok_or("no current client")?;
    let session = places::session(mux, cx, args.target.as_ref())?.session;
    let panel = Panel::new(session, debug_of(mux, session)?);
    if let Some(owner) = mux.clients.get_mut(&client) {
        owner.overlay = Some(Box::new(Overlay::Phases(Box::new(panel))));
    }
    Ok(Outcome::Done)
}

/// `phase-report`: a mark without a nonce, from processes of the server's own
/// user alone; a guest's commands cannot come from them.
pub(super) fn report(mux: &mut Mux, cx: &mut Context, args: &args::PhaseReport) -> Ran {
    if cx.authority.only.is_some() {
        return Err("not allowed for a guest: phase-report".to_owned());
    }
    let found = own_pane(mux, cx, args.target.as_ref())?;
    debug_of(mux, found.session)?;
    let mark = Mark::read(&args.mark).ok_or("not a mark")?;
    mux.phase_told(found.pane, &mark);
    Ok(Outcome::Done)
}
