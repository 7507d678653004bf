//! What the shells of a build report, brought to its timeline: by marks among a
//! pane's output, or told over the local socket. And the other way: where the
//! output of a run lies now. It asks no shell anything.

use crate::base::{Label, PaneId};
use crate::ci::timeline::Run;
use crate::ci::{Mark, Sighting};
use crate::term::{Marks, ViewPos};

use super::pane::Pane;
use super::session::Debug;
use super::{Client, Mux};

/// Rows of a pane, both ends among them; row 0 is the oldest of the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// The first row.
    pub first: usize,
    /// The last row.
    pub last: usize,
    /// The beginning has left the history.
    pub cut: bool,
}

/// Why there is no output of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Lost {
    /// Its pane is gone.
    #[error("its pane is gone")]
    Pane,
    /// It has left the history, or was never in it.
    #[error("its output has left the history")]
    History,
    /// It wrote nothing.
    #[error("it wrote nothing")]
    Empty,
}

impl Mux {
    /// A mark of our own shell functions among a pane's output. One without the
    /// session's nonce is some program's output and says nothing. Whether it
    /// was believed.
    pub fn phase_marked(
        &mut self,
        pane: PaneId,
        payload: &str,
        row: Option<u64>,
        at_start: bool,
    ) -> bool {
        let read = |debug: &Debug| Mark::parse(payload, debug.nonce.expose());
        self.take_mark(pane, &read, row, at_start)
    }

    /// A mark that someone told who needs no nonce, such as a step's own shell
    /// over the local socket. It stands where the pane's cursor is by then.
    pub fn phase_told(&mut self, pane: PaneId, mark: &Mark) -> bool {
        let (row, at_start) = match self.panes.get(&pane) {
            Some(pane) => pane.term.here(),
            None => (None, false),
        };
        self.take_mark(pane, &|_| Some(mark.clone()), row, at_start)
    }

    fn take_mark(
        &mut self,
        id: PaneId,
        read: &dyn Fn(&Debug) -> Option<Mark>,
        row: Option<u64>,
        at_start: bool,
    ) -> bool {
        let now = self.now;
        let Some(pane) = self.panes.get_mut(&id) else {
            return false;
        };
        let mut believed = false;
        let mut at = None;
        for session in self.sessions.values_mut() {
            if !session.has(pane.window) {
                continue;
            }
            let Some(debug) = session.debug.as_deref_mut() else {
                continue;
            };
            let Some(mark) = read(debug) else {
                continue;
            };
            if !believed {
                at = row.and_then(|row| pane.term.anchor_row(row, marks_of(&mark)));
                if failed(&mark) {
                    pane.term.mark_failed(Marks::STEP);
                }
            }
            believed = true;
            let seen = Sighting {
                pane: id,
                now,
                by: pane.typist.as_ref(),
                at,
                at_start,
            };
            debug.timeline.apply(&mark, seen);
            if let (Mark::End { phase, step, .. }, Some(end)) = (&mark, at) {
                let run = debug.timeline.last_of(phase, *step);
                let begun = run.and_then(|run| Some((run.output.from?, run)));
                if let Some((from, run)) = begun.filter(|(_, run)| run.pane == id) {
                    let name = Label::new(&format!("{}:{step}", run.phase));
                    pane.term.add_fold(from, end, name, run.duration);
                }
            }
        }
        believed
    }

    /// Tells the timelines that nothing more comes from a pane.
    pub fn phases_end_in(&mut self, pane: PaneId) {
        let now = self.now;
        for session in self.sessions.values_mut() {
            if let Some(debug) = session.debug.as_deref_mut() {
                debug.timeline.pane_gone(pane, now);
            }
        }
    }

    /// Notes who typed last into a pane.
    pub fn typed_by(&mut self, pane: PaneId, client: &Label) {
        if let Some(pane) = self.panes.get_mut(&pane)
            && pane.typist.as_ref() != Some(client)
        {
            pane.typist = Some(client.clone());
        }
    }

    /// The rows of a run's output.
    ///
    /// # Errors
    /// Why there are none.
    pub fn output_of(&self, run: &Run) -> Result<Extent, Lost> {
        let pane = self.panes.get(&run.pane).ok_or(Lost::Pane)?;
        pane.output_of(run)
    }
}

/// What a mark leaves on its line.
fn marks_of(mark: &Mark) -> Marks {
    match mark {
        Mark::Begin { step: 1, .. } => Marks::PHASE.and(Marks::STEP),
        Mark::Begin { .. } => Marks::STEP,
        Mark::End { .. } | Mark::Held { .. } | Mark::Skipped { .. } | Mark::Finished { .. } => {
            Marks::NONE
        }
    }
}

fn failed(mark: &Mark) -> bool {
    matches!(mark, Mark::End { status, .. } if *status != 0)
}

impl Pane {
    /// The rows of a run's output in this pane.
    ///
    /// # Errors
    /// Why there are none.
    pub fn output_of(&self, run: &Run) -> Result<Extent, Lost> {
        let row = |anchor| self.term.row_of_anchor(anchor);
        let first = run.output.from.and_then(row);
        let end = if run.is_running() {
            let cursor = usize::from(self.term.cursor().pos.y);
            Some((self.term.history_rows() + cursor, false))
        } else {
            let end = run.output.to.and_then(row);
            end.map(|end| (end, run.output.before_last))
        };
        let (end, before) = match (first, end) {
            (_, Some(end)) => end,
            // A shell that clears what is below its prompt takes the mark along.
            (Some(_), None) => (self.before_next(run), false),
            (None, None) => return Err(Lost::History),
        };
        let begin = first.unwrap_or(0);
        let end = if before {
            end.checked_sub(1).ok_or(Lost::Empty)?
        } else {
            end
        };
        if end < begin {
            return Err(Lost::Empty);
        }
        Ok(Extent {
            first: begin,
            last: end,
            cut: first.is_none(),
        })
    }

    /// The last row before the next mark after a run's end.
    fn before_next(&self, run: &Run) -> usize {
        let end = run.output.to.or(run.output.from);
        let rows = self.term.anchors();
        let later = rows.iter().find(|(_, first, _)| Some(*first) > end);
        later.map_or_else(
            || self.term.history_rows() + usize::from(self.term.cursor().pos.y),
            |(row, ..)| row.saturating_sub(1),
        )
    }

    /// The text of rows, without escapes, as it is copied.
    #[must_use]
    pub fn text_of(&self, rows: Extent) -> String {
        let end = ViewPos::new(rows.last, self.term.size().cols() - 1);
        self.term
            .text_range(ViewPos::new(rows.first, 0), end, false)
    }
}

impl Client {
    /// Its name where it did something, as chrome draws it.
    #[must_use]
    pub fn label(&self) -> Label {
        Label::new(&self.name)
    }
}
