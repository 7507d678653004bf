//! What is answered to whom: the rules of `POST`, `GET` and `DELETE
//! /job/{id}/debug` and of `GET /jobs`. It looks at records and writes down
//! wishes; it starts and ends nothing itself.

use std::sync::PoisonError;

use serde_json::Value;

use super::App;
use super::answer::{self, Refusal, Reply};
use super::record::{Record, State};
use super::settings::Holder;
use super::store::{Begun, Job};

/// Jobs in an answer, at most and usually.
const PAGE: usize = 100;

/// How many jobs are looked through for one answer.
const LOOKED: usize = 10_000;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// A debug build of a job.
    Start,
    /// How it stands.
    Show,
    /// Its end.
    End,
    /// The jobs.
    List,
}

/// A request.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub(super) what: What,
    /// The job, as the path has it.
    pub(super) id: String,
    /// `/v3` or nothing.
    pub(super) prefix: &'static str,
    pub(super) authorization: Option<String>,
    pub(super) version: Option<String>,
    /// The body is `application/json`, or says nothing of itself.
    pub(super) json: bool,
    /// None when it was larger than is taken.
    pub(super) body: Option<Vec<u8>>,
    pub(super) query: String,
}

/// Why there is no answer but a refusal.
enum No {
    Refused(Refusal),
    /// A sentence for the server's log.
    Broken(String),
}

impl From<Refusal> for No {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<String> for No {
    fn from(why: String) -> Self {
        Self::Broken(why)
    }
}

/// Answers; the time is in seconds since 1970. What is to be said in the
/// server's log is given to `log`.
pub(super) fn answer(app: &App, ask: &Ask, now: i64, log: &dyn Fn(&str)) -> Reply {
    match decide(app, ask, now, log) {
        Ok(reply) => reply,
        Err(No::Refused(refusal)) => refusal.reply(),
        Err(No::Broken(why)) => {
            log(&why);
            Refusal::Internal.reply()
        }
    }
}

fn decide(app: &App, ask: &Ask, now: i64, log: &dyn Fn(&str)) -> Result<Reply, No> {
    let settings = app.settings();
    let given = ask.authorization.as_deref();
    let holder = given.ok_or(Refusal::LoginRequired).and_then(|text| {
        let token = text.strip_prefix("token ").map(str::trim);
        token
            .and_then(|token| settings.holder(token))
            .ok_or(Refusal::WrongCredentials)
    })?;
    if ask.version.as_deref().is_some_and(|version| version != "3") {
        return Err(Refusal::WrongVersion.into());
    }
    if ask.what == What::List {
        return list(app, ask, holder, log);
    }
    let job = find(app, ask, holder, log)?;
    match ask.what {
        What::Start => start(app, ask, holder, &job, now),
        What::Show => show(app, ask, holder, &job),
        What::End | What::List => end(app, ask, holder, &job),
    }
}

/// The job of the path, if its repository is one of the holder's.
fn find(app: &App, ask: &Ask, holder: &Holder, log: &dyn Fn(&str)) -> Result<Job, No> {
    let id: i64 = ask.id.parse().map_err(|_| Refusal::JobNotFound)?;
    if id < 1 {
        return Err(Refusal::JobNotFound.into());
    }
    let looked = {
        let mut folder = app.folder.lock().unwrap_or_else(PoisonError::into_inner);
        folder.look(id, &app.store)
    };
    if let Err(why) = looked {
        log(&why);
    }
    let job = app.store.job(id)?.ok_or(Refusal::JobNotFound)?;
    if !holder.sees(&job.record.repo) {
        return Err(Refusal::JobNotFound.into());
    }
    Ok(job)
}

fn start(app: &App, ask: &Ask, holder: &Holder, job: &Job, now: i64) -> Result<Reply, No> {
    let quiet = quiet(ask)?;
    may_debug(holder, &job.record)?;
    let most = app.settings().max_running;
    let (begun, gone) = app.store.begin(job, &holder.login, quiet, now, most)?;
    for run in gone {
        let _ = std::fs::remove_dir_all(app.run_dir(run));
    }
    match begun {
        Begun::Run(_) => {
            app.metrics.began();
            app.wake.notify_one();
            Ok(answer::pending(ask.prefix, job.id, "created"))
        }
        Begun::Running => Err(Refusal::Running.into()),
        Begun::Full => Err(Refusal::Full.into()),
    }
}

/// Whether a debug build may be started at all, before it is looked at whether
/// one runs.
fn may_debug(holder: &Holder, record: &Record) -> Result<(), Refusal> {
    if record.migrated {
        return Err(Refusal::RepoMigrated);
    }
    if !holder.debug {
        return Err(Refusal::InsufficientAccess);
    }
    if !record.private && !record.debug {
        return Err(Refusal::WrongCredentials);
    }
    if record.private && record.out_of_credit {
        return Err(Refusal::OutOfCredit);
    }
    Ok(())
}

/// The body's wish: nothing, `{}` or `{"quiet": true}`.
fn quiet(ask: &Ask) -> Result<bool, Refusal> {
    let body = ask.body.as_ref().ok_or(Refusal::TooLarge)?;
    if body.is_empty() {
        return Ok(false);
    }
    if !ask.json {
        return Err(Refusal::NotJson);
    }
    let read: Result<Value, _> = serde_json::from_slice(body);
    let Ok(Value::Object(fields)) = read else {
        return Err(Refusal::WrongBody);
    };
    match fields.get("quiet") {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(quiet)) => Ok(*quiet),
        Some(_) => Err(Refusal::WrongBody),
    }
}

/// The lines to join by are passwords: who may only look is not told them.
fn show(app: &App, ask: &Ask, holder: &Holder, job: &Job) -> Result<Reply, No> {
    let run = job.run.as_ref().ok_or(Refusal::DebugNotFound)?;
    let lines = if holder.debug && run.finished.is_none() {
        app.store.lines(run.number)?
    } else {
        Vec::new()
    };
    Ok(answer::debug(ask.prefix, run, job.state(), &lines))
}

fn end(app: &App, ask: &Ask, holder: &Holder, job: &Job) -> Result<Reply, No> {
    if !holder.debug {
        return Err(Refusal::InsufficientAccess.into());
    }
    let run = job.active().ok_or(Refusal::NotRunning)?;
    app.store.end(run.number, &holder.login)?;
    app.wake.notify_one();
    Ok(answer::pending(ask.prefix, job.id, "canceled"))
}

fn list(app: &App, ask: &Ask, holder: &Holder, log: &dyn Fn(&str)) -> Result<Reply, No> {
    let wish = Wish::of(&ask.query).ok_or(Refusal::WrongParameter)?;
    let told = {
        let mut folder = app.folder.lock().unwrap_or_else(PoisonError::into_inner);
        folder.look_at_all(&app.store)
    };
    for why in told {
        log(&why);
    }
    let found = app.store.jobs(wish.after, LOOKED)?;
    let fits = |job: &&Job| {
        holder.sees(&job.record.repo) && wish.state.is_none_or(|state| job.state() == state)
    };
    let mut jobs: Vec<&Job> = found.iter().filter(fits).take(wish.limit + 1).collect();
    let next = if jobs.len() > wish.limit {
        jobs.truncate(wish.limit);
        jobs.last().map(|job| job.id)
    } else {
        // More may follow those that were looked through.
        found
            .last()
            .filter(|_| found.len() == LOOKED)
            .map(|job| job.id)
    };
    Ok(answer::jobs(ask.prefix, &jobs, next))
}

/// The query of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Wish {
    limit: usize,
    after: i64,
    state: Option<State>,
}

impl Wish {
    /// Reads `limit`, `after` and `state`; other names are nobody's.
    fn of(query: &str) -> Option<Self> {
        let mut wish = Self {
            limit: PAGE,
            after: 0,
            state: None,
        };
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            match name {
                "limit" => {
                    wish.limit = number(value).filter(|limit| (1..=PAGE).contains(limit))?;
                }
                "after" => wish.after = number(value)?,
                "state" => wish.state = Some(State::of(value)?),
                _ => {}
            }
        }
        Some(wish)
    }
}

/// Digits alone: no sign, no space.
fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn queries_read_or_are_refused() {
        let wish = |limit, after, state| {
            Some(Wish {
                limit,
                after,
                state,
            })
        };
        for (query, wanted) in [
            ("", wish(PAGE, 0, None)),
            (
                "limit=1&after=7&state=failed",
                wish(1, 7, Some(State::Failed)),
            ),
            ("other=x&&limit=100", wish(100, 0, None)),
            ("limit=0", None),
            ("limit=101", None),
            ("limit=+1", None),
            ("limit", None),
            ("after=-1", None),
            ("after=99999999999999999999", None),
            ("state=odd", None),
        ] {
            assert_eq!(Wish::of(query), wanted, "{query}");
        }
    }

    #[test]
    fn bodies_say_quiet_or_are_refused() {
        let ask = |json, body: Option<&str>| Ask {
            what: What::Start,
            id: String::new(),
            prefix: "",
            authorization: None,
            version: None,
            json,
            body: body.map(|body| body.as_bytes().to_vec()),
            query: String::new(),
        };
        for (json, body, wanted) in [
            (true, Some(""), Ok(false)),
            (false, Some(""), Ok(false)),
            (true, Some("{}"), Ok(false)),
            (true, Some("{\"quiet\": true}"), Ok(true)),
            (true, Some("{\"quiet\": null, \"x\": 1}"), Ok(false)),
            (true, Some("{\"quiet\": \"yes\"}"), Err(Refusal::WrongBody)),
            (true, Some("[]"), Err(Refusal::WrongBody)),
            (true, Some("{"), Err(Refusal::WrongBody)),
            (false, Some("{}"), Err(Refusal::NotJson)),
            (true, None, Err(Refusal::TooLarge)),
        ] {
            assert_eq!(quiet(&ask(json, body)), wanted, "{body:?}");
        }
    }
}
