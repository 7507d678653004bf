//! What is remembered of jobs and their debug builds, in SQLite. Each change is
//! one transaction that is on the disk before it is answered; a job's own state
//! is never overwritten by a debug build, so there is nothing to lose of it.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};

use super::record::{Record, State};

/// Debug builds that are remembered of each job.
const KEPT_RUNS: usize = 20;

/// How long one process waits for another's transaction.
const BUSY: Duration = Duration::from_secs(5);

/// The version of the tables.
const VERSION: i64 = 1;

const TABLES: &str = "
    CREATE TABLE job (
        id INTEGER PRIMARY KEY,
        record TEXT NOT NULL
    ) STRICT;
    CREATE TABLE run (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        job INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
        login TEXT NOT NULL,
        quiet INTEGER NOT NULL,
        previous TEXT NOT NULL,
        created INTEGER NOT NULL,
        started INTEGER,
        ended_by TEXT,
        finished INTEGER,
        status INTEGER,
        reason TEXT
    ) STRICT;
    CREATE INDEX run_job ON run (job, number);
    CREATE UNIQUE INDEX run_active ON run (job) WHERE finished IS NULL;
    CREATE TABLE line (
        run INTEGER NOT NULL REFERENCES run (number) ON DELETE CASCADE,
        at INTEGER NOT NULL,
        kind TEXT NOT NULL,
        text TEXT NOT NULL,
        PRIMARY KEY (run, at)
    ) STRICT;
    PRAGMA user_version = 1;
";

/// The columns of [`Run`], in its order.
const RUN: &str = "number, job, login, quiet, previous, created, started, ended_by, finished, \
                   status, reason";

/// A debug build of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Run {
    /// Its number, never used again.
    pub(super) number: i64,
    pub(super) job: i64,
    /// Who asked for it.
    pub(super) login: String,
    pub(super) quiet: bool,
    /// The job's state when it was asked for.
    pub(super) previous: State,
    /// When it was asked for, in seconds since 1970.
    pub(super) created: i64,
    /// When its command ran.
    pub(super) started: Option<i64>,
    /// Who asked for its end.
    pub(super) ended_by: Option<String>,
    /// When it was over.
    pub(super) finished: Option<i64>,
    /// The exit status of its command.
    pub(super) status: Option<i64>,
    /// Why it is over, in words.
    pub(super) reason: Option<String>,
}

impl Run {
    /// The state that the job shows while this runs.
    pub(super) const fn state(&self) -> State {
        match self.started {
            Some(_) => State::Started,
            None => State::Created,
        }
    }

    fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        let previous: String = row.get(4)?;
        Ok(Self {
            number: row.get(0)?,
            job: row.get(1)?,
            login: row.get(2)?,
            quiet: row.get(3)?,
            previous: State::of(&previous).unwrap_or(State::Errored),
            created: row.get(5)?,
            started: row.get(6)?,
            ended_by: row.get(7)?,
            finished: row.get(8)?,
            status: row.get(9)?,
            reason: row.get(10)?,
        })
    }
}

/// A job and its newest debug build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Job {
    pub(super) id: i64,
    pub(super) record: Record,
    pub(super) run: Option<Run>,
}

impl Job {
    /// The debug build that is not over.
    pub(super) fn active(&self) -> Option<&Run> {
        self.run.as_ref().filter(|run| run.finished.is_none())
    }

    /// What the job shows: its debug build's state, or its own.
    pub(super) fn state(&self) -> State {
        self.active().map_or(self.record.state, Run::state)
    }
}

/// A line for whoever joins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// `ssh`, `ssh_read_only`, `known_hosts` or `host_key`.
    pub(super) kind: String,
    pub(super) text: String,
}

/// What came of beginning a debug build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Begun {
    /// It is written down, under this number.
    Run(i64),
    /// The job runs.
    Running,
    /// Too many others run.
    Full,
}

/// How a debug build is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct End {
    pub(super) status: Option<i64>,
    pub(super) reason: String,
}

/// The database.
#[derive(Debug)]
pub(super) struct Store {
    base: Mutex<Connection>,
}

/// A sentence for the server's log; the client is told nothing of it.
pub(super) type Answer<T> = Result<T, String>;

fn said(error: rusqlite::Error) -> String {
    format!("jobs.sqlite: {error}")
}

impl Store {
    /// Opens a database; it is made when there is none.
    pub(super) fn open(path: &Path) -> Answer<Self> {
        Self::on(Connection::open(path).map_err(said)?)
    }

    fn on(base: Connection) -> Answer<Self> {
        base.busy_timeout(BUSY).map_err(said)?;
        base.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;",
        )
        .map_err(said)?;
        let version: i64 = base
            .query_row("PRAGMA user_version", [], |row| row.get(0))
            .map_err(said)?;
        match version {
            0 => base
                .execute_batch(&format!("BEGIN IMMEDIATE; {TABLES} COMMIT;"))
                .map_err(said)?,
            VERSION => {}
            newer => {
                return Err(format!(
                    "jobs.sqlite: version {newer} is of another stepmux"
                ));
            }
        }
        Ok(Self {
            base: Mutex::new(base),
        })
    }

    fn base(&self) -> MutexGuard<'_, Connection> {
        self.base.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it answers.
    pub(super) fn ping(&self) -> Answer<()> {
        let one = self.base().query_row("SELECT 1", [], |_| Ok(()));
        one.map_err(said)
    }

    /// Writes down what a job's file says.
    pub(super) fn keep(&self, id: i64, record: &Record) -> Answer<()> {
        let text = serde_json::to_string(record).map_err(|error| error.to_string())?;
        self.base()
            .execute(
                "INSERT INTO job (id, record) VALUES (?1, ?2)
                 ON CONFLICT (id) DO UPDATE SET record = ?2 WHERE record <> ?2",
                params![id, text],
            )
            .map(drop)
            .map_err(said)
    }

    /// A job.
    pub(super) fn job(&self, id: i64) -> Answer<Option<Job>> {
        let base = self.base();
        let found = base
            .query_row("SELECT record FROM job WHERE id = ?1", [id], |row| {
                row.get::<_, String>(0)
            })
            .optional()
            .map_err(said)?;
        let Some(text) = found else { return Ok(None) };
        Ok(Some(Job {
            id,
            record: serde_json::from_str(&text).map_err(|error| error.to_string())?,
            run: newest(&base, id).map_err(said)?,
        }))
    }

    /// The jobs after an id, in order, at most so many.
    pub(super) fn jobs(&self, after: i64, limit: usize) -> Answer<Vec<Job>> {
        let base = self.base();
        let mut query = base
            .prepare("SELECT id, record FROM job WHERE id > ?1 ORDER BY id LIMIT ?2")
            .map_err(said)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = query
            .query_map(params![after, limit], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))
            })
            .map_err(said)?;
        let mut jobs = Vec::new();
        let mut newest = base.prepare(&newest_text()).map_err(said)?;
        for row in rows {
            let (id, text) = row.map_err(said)?;
            jobs.push(Job {
                id,
                record: serde_json::from_str(&text).map_err(|error| error.to_string())?,
                run: newest.query_row([id], Run::of).optional().map_err(said)?,
            });
        }
        Ok(jobs)
    }

    /// Begins a debug build of a job that does not run. The runs that are no
    /// longer remembered come with it.
    pub(super) fn begin(
        &self,
        job: &Job,
        login: &str,
        quiet: bool,
        now: i64,
        most: usize,
    ) -> Answer<(Begun, Vec<i64>)> {
        let mut base = self.base();
        let deal = base
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(said)?;
        let running: Vec<i64> = numbers(&deal, "SELECT job FROM run WHERE finished IS NULL", None)?;
        if running.contains(&job.id) || job.record.state.is_running() {
            return Ok((Begun::Running, Vec::new()));
        }
        if running.len() >= most {
            return Ok((Begun::Full, Vec::new()));
        }
        let previous = job.record.state.word();
        deal.execute(
            "INSERT INTO run (job, login, quiet, previous, created) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![job.id, login, quiet, previous, now],
        )
        .map_err(said)?;
        let number = deal.last_insert_rowid();
        let of_job = "SELECT number FROM run WHERE job = ?1 ORDER BY number DESC";
        let gone = numbers(&deal, of_job, Some(job.id))?;
        let gone: Vec<i64> = gone.into_iter().skip(KEPT_RUNS).collect();
        for old in &gone {
            deal.execute("DELETE FROM run WHERE number = ?1", [old])
                .map_err(said)?;
        }
        deal.commit().map_err(said)?;
        Ok((Begun::Run(number), gone))
    }

    /// The debug builds that are not over.
    pub(super) fn active(&self) -> Answer<Vec<Run>> {
        let base = self.base();
        let text = format!("SELECT {RUN} FROM run WHERE finished IS NULL ORDER BY number");
        let mut query = base.prepare(&text).map_err(said)?;
        let rows = query.query_map([], Run::of).map_err(said)?;
        rows.collect::<Result<_, _>>().map_err(said)
    }

    /// Its command runs.
    pub(super) fn started(&self, run: i64, now: i64) -> Answer<()> {
        self.change(
            "UPDATE run SET started = ?2 WHERE number = ?1 AND started IS NULL",
            params![run, now],
        )
    }

    /// Someone asked for its end.
    pub(super) fn end(&self, run: i64, by: &str) -> Answer<()> {
        self.change(
            "UPDATE run SET ended_by = ?2 WHERE number = ?1 AND ended_by IS NULL",
            params![run, by],
        )
    }

    /// It is over.
    pub(super) fn finished(&self, run: i64, end: &End, now: i64) -> Answer<()> {
        self.change(
            "UPDATE run SET finished = ?2, status = ?3, reason = ?4
             WHERE number = ?1 AND finished IS NULL",
            params![run, now, end.status, end.reason],
        )
    }

    fn change(&self, text: &str, values: impl rusqlite::Params) -> Answer<()> {
        self.base().execute(text, values).map(drop).map_err(said)
    }

    /// Writes down the lines to join with, the old ones' place.
    pub(super) fn tell(&self, run: i64, lines: &[Line]) -> Answer<()> {
        let mut base = self.base();
        let deal = base.transaction().map_err(said)?;
        deal.execute("DELETE FROM line WHERE run = ?1", [run])
            .map_err(said)?;
        for (at, line) in (0_i64..).zip(lines) {
            deal.execute(
                "INSERT INTO line (run, at, kind, text) VALUES (?1, ?2, ?3, ?4)",
                params![run, at, line.kind, line.text],
            )
            .map_err(said)?;
        }
        deal.commit().map_err(said)
    }

    /// The lines to join with.
    pub(super) fn lines(&self, run: i64) -> Answer<Vec<Line>> {
        let base = self.base();
        let mut query = base
            .prepare("SELECT kind, text FROM line WHERE run = ?1 ORDER BY at")
            .map_err(said)?;
        let rows = query
            .query_map([run], |row| {
                Ok(Line {
                    kind: row.get(0)?,
                    text: row.get(1)?,
                })
            })
            .map_err(said)?;
        rows.collect::<Result<_, _>>().map_err(said)
    }

    /// Forgets a job and its debug builds; whether it was known.
    pub(super) fn forget(&self, id: i64) -> Answer<bool> {
        let base = self.base();
        let active = newest(&base, id).map_err(said)?;
        if active.is_some_and(|run| run.finished.is_none()) {
            return Err(format!("job {id} is being debugged"));
        }
        let gone = base.execute("DELETE FROM job WHERE id = ?1", [id]);
        gone.map(|rows| rows > 0).map_err(said)
    }
}

fn newest(base: &Connection, job: i64) -> rusqlite::Result<Option<Run>> {
    let mut query = base.prepare(&newest_text())?;
    query.query_row([job], Run::of).optional()
}

fn newest_text() -> String {
    format!("SELECT {RUN} FROM run WHERE job = ?1 ORDER BY number DESC LIMIT 1")
}

fn numbers(base: &Connection, text: &str, value: Option<i64>) -> Answer<Vec<i64>> {
    let mut query = base.prepare(text).map_err(said)?;
    let values = rusqlite::params_from_iter(value);
    let rows = query.query_map(values, |row| row.get(0)).map_err(said)?;
    rows.collect::<Result<_, _>>().map_err(said)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn store() -> Store {
        Store::on(Connection::open_in_memory().unwrap()).unwrap()
    }

    fn job(store: &Store, id: i64, state: &str) -> Job {
        let text = format!("repo = 'octo/lab'\nstate = '{state}'");
        store.keep(id, &Record::parse(&text).unwrap()).unwrap();
        store.job(id).unwrap().unwrap()
    }

    fn begin(store: &Store, job: &Job, now: i64) -> i64 {
        match store.begin(job, "octo", true, now, 4).unwrap() {
            (Begun::Run(number), _) => number,
            (other, _) => panic!("{other:?}"),
        }
    }

    fn over(reason: &str) -> End {
        End {
            status: Some(1),
            reason: reason.to_owned(),
        }
    }

    #[test]
    fn job_shows_its_debug_build_and_then_its_own_state_again() {
        let store = store();
        let failed = job(&store, 7, "failed");
        assert_eq!(failed.state(), State::Failed);
        let run = begin(&store, &failed, 100);
        let now = || store.job(7).unwrap().unwrap();
        assert_eq!(now().state(), State::Created);
        store.started(run, 101).unwrap();
        assert_eq!(now().state(), State::Started);
        store.finished(run, &over("exited with 1"), 102).unwrap();
        assert_eq!(now().state(), State::Failed);
        let last = now().run.unwrap();
        assert_eq!((last.started, last.finished), (Some(101), Some(102)));
        assert_eq!(last.previous, State::Failed);
        // What is over stays as it was.
        store.finished(run, &over("again"), 200).unwrap();
        assert_eq!(now().run.unwrap(), last);
    }

    #[test]
    fn begin_refuses_what_runs_and_what_is_too_much() {
        let store = store();
        let first = job(&store, 1, "passed");
        begin(&store, &first, 1);
        let again = store.begin(&first, "octo", false, 2, 4).unwrap().0;
        assert_eq!(again, Begun::Running);
        let started = job(&store, 2, "started");
        let refused = store.begin(&started, "octo", false, 2, 4).unwrap().0;
        assert_eq!(refused, Begun::Running);
        let third = job(&store, 3, "errored");
        let full = store.begin(&third, "octo", false, 2, 1).unwrap().0;
        assert_eq!(full, Begun::Full);
    }

    #[test]
    fn old_debug_builds_are_forgotten_with_their_lines() {
        let store = store();
        let job = job(&store, 1, "failed");
        let mut gone = Vec::new();
        for now in 0..(KEPT_RUNS as i64 + 2) {
            let (begun, dropped) = store.begin(&job, "octo", false, now, 4).unwrap();
            let Begun::Run(run) = begun else {
                panic!("{begun:?}")
            };
            let line = Line {
                kind: "ssh".to_owned(),
                text: format!("ssh {now}"),
            };
            store.tell(run, &[line]).unwrap();
            store.finished(run, &over("x"), now).unwrap();
            gone.extend(dropped);
        }
        assert_eq!(gone, [1, 2]);
        assert!(store.lines(1).unwrap().is_empty());
        assert_eq!(store.lines(3).unwrap()[0].text, "ssh 2");
    }

    #[test]
    fn store_is_the_same_after_it_was_opened_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("jobs.sqlite");
        let run = {
            let store = Store::open(&path).unwrap();
            let run = begin(&store, &job(&store, 5, "failed"), 10);
            store.end(run, "hub").unwrap();
            run
        };
        let store = Store::open(&path).unwrap();
        let active = store.active().unwrap();
        assert_eq!(active.len(), 1);
        assert_eq!(active[0].number, run);
        assert_eq!(active[0].ended_by.as_deref(), Some("hub"));
        assert_eq!(store.forget(5).unwrap_err(), "job 5 is being debugged");
        store.finished(run, &over("x"), 11).unwrap();
        assert_eq!(store.forget(5), Ok(true));
        assert_eq!(store.forget(5), Ok(false));
        assert!(store.job(5).unwrap().is_none());
    }

    #[test]
    fn jobs_are_listed_in_order_and_in_parts() {
        let store = store();
        for id in [9, 2, 5] {
            job(&store, id, "passed");
        }
        let ids = |after, limit| -> Vec<i64> {
            let jobs = store.jobs(after, limit).unwrap();
            jobs.iter().map(|job| job.id).collect()
        };
        assert_eq!(ids(0, 10), [2, 5, 9]);
        assert_eq!(ids(2, 1), [5]);
        assert!(ids(9, 1).is_empty());
    }
}
