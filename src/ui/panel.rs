//! The phases panel: the build's tree, the runs of a step, two runs side by
//! side. Only the rows in sight are made into text, and all text of a build or
//! a guest goes through labels.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect as Area;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::Line;
use ratatui::widgets::{Block, Borders, Widget};

use crate::base::{Label, Now, width};
use crate::ci::Timeline;
use crate::ci::timeline::{Run, Signs, State, StepRef, span, ticking};
use crate::format::{self, Scope};
use crate::mux::panel::{Compared, Over, Panel, Runs, in_sight};
use crate::mux::session::Debug;
use crate::mux::{Client, Mux};

const TREE_KEYS: &str = " Enter output  r retry  n next  l runs  d diff  / search  q close ";
const RUNS_KEYS: &str = " Enter output  m mark  d diff  q back ";
const DIFF_KEYS: &str = " ]/[ next, previous difference  q back ";

/// Columns at the right of a row: progress or status, tries, time, who.
const WHO: usize = 18;
const TIME: usize = 8;
const TRIES: usize = 5;
const PROGRESS: usize = 9;

/// Draws the panel of a client.
pub(super) fn draw(mux: &Mux, client: &Client, panel: &Panel, area: Area, buffer: &mut Buffer) {
    let owner = mux.sessions.get(&panel.session);
    let Some(debug) = owner.and_then(|owner| owner.debug.as_deref()) else {
        return;
    };
    let signs = if client.caps.utf8() {
        Signs::Unicode
    } else {
        Signs::Ascii
    };
    let pen = Pen {
        mux,
        client,
        debug,
        signs,
        now: mux.now,
    };
    match &panel.over {
        None => pen.tree(panel, area, buffer),
        Some(Over::Runs(runs)) => pen.runs(runs, area, buffer),
        Some(Over::Compared(compared)) => pen.compared(compared, area, buffer),
    }
}

/// What every part of the panel is drawn with.
struct Pen<'a> {
    mux: &'a Mux,
    client: &'a Client,
    debug: &'a Debug,
    signs: Signs,
    now: Now,
}

/// One row as it is shown.
struct Row {
    state: State,
    indent: u16,
    name: Label,
    progress: String,
    tries: String,
    time: String,
    who: Label,
}

/// A build in a line: the job, and where it stands.
fn title(debug: &Debug) -> String {
    let name = debug.job().map(|job| Label::new(&job.name));
    let name = name.filter(|name| !name.is_empty());
    let name = name.map_or_else(|| debug.build.system.name().to_owned(), |n| n.to_string());
    let stand = debug.timeline.stand();
    let place = match stand.word {
        "done" => String::new(),
        word => format!(": {word} {}:{}", stand.phase, stand.step),
    };
    let result = match debug.timeline.result() {
        Some(status) => format!(", build exited with {status}"),
        None => String::new(),
    };
    format!("{name}{place}{result}")
}

impl Pen<'_> {
    fn timeline(&self) -> &Timeline {
        &self.debug.timeline
    }

    fn tree(&self, panel: &Panel, area: Area, buffer: &mut Buffer) {
        let rows = panel.rows(self.debug);
        let selected = panel.row_selected(&rows);
        let hint = match (panel.typing, panel.filter.is_empty()) {
            (true, _) => format!(" /{}_ ", Label::new(&panel.filter)),
            (false, false) => format!(" /{}  q close ", Label::new(&panel.filter)),
            (false, true) => TREE_KEYS.to_owned(),
        };
        let jobs = self.jobs(panel);
        let inner = self.frame(
            &format!("{}{jobs}", title(self.debug)),
            &hint,
            place(selected, rows.len()),
            area,
            buffer,
        );
        let height = usize::from(inner.height);
        let top = in_sight(panel.top, selected, rows.len(), height);
        let shown = rows.iter().enumerate().skip(top).take(height);
        for ((nth, at), y) in shown.zip(inner.y..) {
            let line = Area::new(inner.x, y, inner.width, 1);
            self.put(&self.tree_row(*at, panel), nth == selected, line, buffer);
        }
    }

    /// The other jobs' builds, for the title, where there are any.
    fn jobs(&self, panel: &Panel) -> String {
        let all = self.mux.debugged_for(self.client);
        let others = all.iter().filter(|id| **id != panel.session);
        let debugs = others.filter_map(|id| self.mux.sessions.get(id)?.debug.as_deref());
        let titles: Vec<String> = debugs.map(title).collect();
        if titles.is_empty() {
            return String::new();
        }
        let at = all.iter().position(|id| *id == panel.session);
        let at = at.unwrap_or(0) + 1;
        format!(" [{at}/{}, ] next] | {}", all.len(), titles.join(" | "))
    }

    fn tree_row(&self, at: StepRef, panel: &Panel) -> Row {
        let timeline = self.timeline();
        let of = timeline.steps(at.phase);
        let name = timeline.name(at.phase).cloned().unwrap_or_default();
        let single = at.step.is_none() && of <= 1;
        if let Some(step) = at.step.or(single.then_some(1)) {
            let text = Label::new(self.debug.step_text(at.phase, step));
            let name = match (single, text.is_empty() || text == name) {
                (true, true) => name,
                (true, false) => Label::new(&format!("{name}  {text}")),
                (false, true) => Label::new(&format!("{step}")),
                (false, false) => Label::new(&format!("{step}  {text}")),
            };
            return self.step_row(at.phase, step, name, u16::from(!single) * 2);
        }
        let Some(row) = timeline.row(at.phase, self.now) else {
            return Row::empty(name);
        };
        let who = timeline.latest_of(at.phase).map(who).unwrap_or_default();
        let closed = panel.closed.contains(&at.phase) && panel.filter.is_empty();
        let name = if closed {
            Label::new(&format!("{name} …"))
        } else {
            name
        };
        Row {
            state: row.state,
            indent: 0,
            name,
            progress: match row.state {
                State::Pending | State::Skipped => format!("{of} steps"),
                State::Running | State::Passed | State::Failed | State::Held => {
                    format!("{}/{of}", row.step)
                }
            },
            tries: String::new(),
            time: self.time(row.state, row.duration),
            who,
        }
    }

    fn step_row(&self, phase: usize, step: u32, name: Label, indent: u16) -> Row {
        let Some(row) = self.timeline().step_row(phase, step) else {
            return Row::empty(name);
        };
        let Some(run) = row.run else {
            return Row {
                state: row.state,
                indent,
                ..Row::empty(name)
            };
        };
        Row {
            state: row.state,
            indent,
            name,
            progress: match (row.state, run.status) {
                (State::Held, _) => "held".to_owned(),
                (State::Failed, Some(status)) => format!("exit {status}"),
                (State::Failed, None) => run.how.word().to_owned(),
                _ => String::new(),
            },
            tries: match row.tries {
                0 | 1 => String::new(),
                tries => format!("{tries} runs"),
            },
            time: self.time(row.state, run.took(self.now)),
            who: who(run),
        }
    }

    fn time(&self, state: State, took: std::time::Duration) -> String {
        match state {
            State::Pending | State::Skipped => String::new(),
            State::Running => ticking(took),
            State::Passed | State::Failed | State::Held => span(took),
        }
    }

    /// Puts a row: mark and name from the left, columns from the right.
    fn put(&self, row: &Row, selected: bool, area: Area, buffer: &mut Buffer) {
        if area.width < 4 {
            return;
        }
        let mark = Style::default().fg(colour(row.state));
        let plain = match row.state {
            State::Pending | State::Skipped => Style::default().add_modifier(Modifier::DIM),
            State::Held => Style::default().add_modifier(Modifier::BOLD),
            State::Running | State::Passed | State::Failed => Style::default(),
        };
        let x = area.x + 1 + row.indent;
        put(
            buffer,
            area,
            x,
            self.signs.of(row.state).encode_utf8(&mut [0; 4]),
            mark,
        );
        let mut right = usize::from(area.right()).saturating_sub(1);
        let name_from = usize::from(x) + 2;
        let columns: [(&str, usize, Style); 4] = [
            (row.who.as_str(), WHO, plain.add_modifier(Modifier::DIM)),
            (&row.time, TIME, plain),
            (&row.tries, TRIES + 2, plain),
            (&row.progress, PROGRESS, mark),
        ];
        for (text, columns, style) in columns {
            // The name keeps at least half of a narrow row.
            let from = right.saturating_sub(columns);
            if from < name_from + usize::from(area.width) / 3 {
                break;
            }
            let text = width::prefix(text, columns - 1);
            let pad = columns - width::str_width(text);
            put(buffer, area, as_column(from + pad), text, style);
            right = from;
        }
        let room = right.saturating_sub(name_from);
        let name = shortened(row.name.as_str(), room, self.signs);
        put(buffer, area, as_column(name_from), &name, plain);
        if selected {
            buffer.set_style(area, Style::default().add_modifier(Modifier::REVERSED));
        }
    }

    fn runs(&self, runs: &Runs, area: Area, buffer: &mut Buffer) {
        let timeline = self.timeline();
        let list = timeline.list_runs(runs.of);
        let name = timeline.name(runs.of.phase).cloned().unwrap_or_default();
        let title = match runs.of.step {
            Some(step) => format!("runs of {name}:{step}"),
            None => format!("runs of {name}"),
        };
        let selected = list.partition_point(|run| run.id < runs.selected);
        let selected = selected.min(list.len().saturating_sub(1));
        let inner = self.frame(&title, RUNS_KEYS, place(selected, list.len()), area, buffer);
        let height = usize::from(inner.height);
        let top = in_sight(runs.top, selected, list.len(), height);
        for ((nth, run), y) in list
            .iter()
            .enumerate()
            .skip(top)
            .take(height)
            .zip(inner.y..)
        {
            let line = Area::new(inner.x, y, inner.width, 1);
            let marked = runs.marked.contains(&run.id);
            self.put(&self.run_row(run, marked), nth == selected, line, buffer);
        }
    }

    fn run_row(&self, run: &Run, marked: bool) -> Row {
        let scope = Scope {
            now: run.start,
            ..Scope::default()
        };
        let time = format::expand_time("%H:%M:%S", self.mux, &scope);
        let sign = if marked { "*" } else { " " };
        let attempt = match run.attempt {
            1 => String::new(),
            attempt => format!("  try {attempt}"),
        };
        Row {
            state: run.state(),
            indent: 0,
            name: Label::new(&format!(
                "{sign} {}  {time}  {}:{}{attempt}  {}",
                run.id, run.phase, run.step, run.pane
            )),
            progress: match run.status {
                Some(status) => format!("exit {status}"),
                None => String::new(),
            },
            tries: String::new(),
            time: self.time(run.state(), run.took(self.now)),
            who: who(run),
        }
    }

    fn compared(&self, compared: &Compared, area: Area, buffer: &mut Buffer) {
        let count = compared.differences();
        let title = match count {
            0 => "no difference".to_owned(),
            1 => "1 line differs".to_owned(),
            count => format!("{count} lines differ"),
        };
        let at = place(compared.top, compared.rows.len());
        let inner = self.frame(&title, DIFF_KEYS, at, area, buffer);
        if inner.height == 0 || inner.width < 5 {
            return;
        }
        let half = (inner.width - 1) / 2;
        let sides = [
            (inner.x, half),
            (inner.x + half + 1, inner.width - half - 1),
        ];
        let bold = Style::default().add_modifier(Modifier::BOLD);
        let titles = [&compared.titles.0, &compared.titles.1];
        for ((x, columns), title) in sides.into_iter().zip(titles) {
            let area = Area::new(x, inner.y, columns, 1);
            put(buffer, area, x, title.as_str(), bold);
        }
        let bar = if self.signs == Signs::Unicode {
            "│"
        } else {
            "|"
        };
        let rows = compared.rows.iter().skip(compared.top);
        for (row, y) in rows.zip(inner.y + 1..inner.bottom()) {
            let numbers = [
                (row.left, &compared.lines.0),
                (row.right, &compared.lines.1),
            ];
            for (nth, ((x, columns), (at, lines))) in sides.into_iter().zip(numbers).enumerate() {
                let at = at.and_then(|at| usize::try_from(at).ok());
                let text = at.and_then(|at| lines.get(at));
                let style = match (row.same, nth) {
                    (true, _) => Style::default(),
                    (false, 0) => Style::default().fg(Color::Red),
                    (false, _) => Style::default().fg(Color::Green),
                };
                let text = text.map_or("", Label::as_str);
                put(buffer, Area::new(x, y, columns, 1), x, text, style);
            }
            put(
                buffer,
                Area::new(inner.x, y, inner.width, 1),
                inner.x + half,
                bar,
                Style::default(),
            );
        }
    }

    fn frame(
        &self,
        title: &str,
        hint: &str,
        place: String,
        area: Area,
        buffer: &mut Buffer,
    ) -> Area {
        let room = usize::from(area.width.saturating_sub(4));
        let title = shortened(Label::new(title).as_str(), room, self.signs);
        let spare = room.saturating_sub(width::str_width(&place));
        let hint = width::prefix(hint, spare).to_owned();
        let block = Block::default()
            .borders(Borders::ALL)
            .title(format!(" {title} "))
            .title_bottom(hint)
            .title_bottom(Line::from(place).right_aligned());
        let inner = block.inner(area);
        block.render(area, buffer);
        inner
    }
}

impl Row {
    fn empty(name: Label) -> Self {
        Self {
            state: State::Pending,
            indent: 0,
            name,
            progress: String::new(),
            tries: String::new(),
            time: String::new(),
            who: Label::default(),
        }
    }
}

/// Who ran it, a terminal by its short name.
fn who(run: &Run) -> Label {
    let name = run.who();
    Label::new(name.strip_prefix("/dev/").unwrap_or(name))
}

fn colour(state: State) -> Color {
    match state {
        State::Pending | State::Skipped => Color::Reset,
        State::Running => Color::Yellow,
        State::Passed => Color::Green,
        State::Failed | State::Held => Color::Red,
    }
}

fn as_column(at: usize) -> u16 {
    u16::try_from(at).unwrap_or(u16::MAX)
}

/// Puts text on a line, cut at the area's end.
fn put(buffer: &mut Buffer, area: Area, x: u16, text: &str, style: Style) {
    let room = usize::from(area.right().saturating_sub(x));
    if room > 0 && x >= area.x {
        buffer.set_string(x, area.y, width::prefix(text, room), style);
    }
}

/// Text in so many columns, with an ellipsis where it was cut.
fn shortened(text: &str, columns: usize, signs: Signs) -> String {
    if width::str_width(text) <= columns {
        return text.to_owned();
    }
    let dots = if signs == Signs::Unicode { "…" } else { ".." };
    let room = columns.saturating_sub(width::str_width(dots));
    format!("{}{dots}", width::prefix(text, room))
}

/// Which row is selected, and of how many.
fn place(at: usize, len: usize) -> String {
    if len == 0 {
        return " nothing ".to_owned();
    }
    format!(" {} of {len} ", at + 1)
}
