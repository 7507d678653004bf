//! The debug builds that are not over: each is started once, looked at, ended
//! when asked for, and written down when it is over. Nothing is known here that
//! is not in the store or in a run's directory, so a new server goes on where
//! the last one was killed.

use std::collections::{HashMap, HashSet};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::App;
use super::http::{log, now};
use super::keeper::{self, Found, KEEPER, Order};
use super::store::{End, Line, Run};
use super::template::Values;

/// How often runs are looked at.
const PERIOD: Duration = Duration::from_millis(200);

/// How often a keeper may end without having taken its run.
const STARTS: u32 = 3;

/// What this process did for the runs.
#[derive(Debug, Default)]
struct Hands {
    /// Keepers that it started, to be waited for.
    keepers: HashMap<i64, Child>,
    /// How often it started one for a run.
    starts: HashMap<i64, u32>,
    /// Runs that it told to end.
    told: HashSet<i64>,
    /// The lines that it wrote down.
    lines: HashMap<i64, Vec<Line>>,
}

/// Attends to runs until told to close.
pub(super) async fn attend(app: Arc<App>, closing: CancellationToken) {
    let mut hands = Hands::default();
    loop {
        let own = Arc::clone(&app);
        let round = tokio::task::spawn_blocking(move || {
            let left = round(&own, &mut hands);
            (hands, left)
        });
        let Ok((back, left)) = round.await else {
            return log("attending to runs ended");
        };
        hands = back;
        let pause = async {
            if left == 0 {
                std::future::pending::<()>().await;
            }
            tokio::time::sleep(PERIOD).await;
        };
        tokio::select! {
            () = closing.cancelled() => return,
            () = app.wake.notified() => {}
            () = pause => {}
        }
    }
}

/// Looks at every run once; how many are not over.
fn round(app: &App, hands: &mut Hands) -> usize {
    hands
        .keepers
        .retain(|_, keeper| matches!(keeper.try_wait(), Ok(None)));
    let active = match app.store.active() {
        Ok(active) => active,
        Err(why) => {
            log(&why);
            return 1;
        }
    };
    let mut left = 0;
    for run in &active {
        match tend(app, hands, run) {
            Ok(true) => left += 1,
            Ok(false) => {
                hands.starts.remove(&run.number);
                hands.told.remove(&run.number);
                hands.lines.remove(&run.number);
            }
            Err(why) => {
                log(&format!("run {}: {why}", run.number));
                left += 1;
            }
        }
    }
    left
}

/// Looks at one run; whether it goes on.
fn tend(app: &App, hands: &mut Hands, run: &Run) -> Result<bool, String> {
    let dir = app.run_dir(run.number);
    match keeper::look(&dir) {
        Found::Nothing if run.ended_by.is_some() => over(app, run, None, "", "canceled"),
        Found::Nothing if hands.keepers.contains_key(&run.number) => Ok(true),
        Found::Nothing if hands.starts.get(&run.number).is_some_and(|&n| n >= STARTS) => {
            let why = "cannot be started: its keeper ends";
            over(app, run, None, why, "refused")
        }
        Found::Nothing => match start(app, run) {
            Ok(keeper) => {
                *hands.starts.entry(run.number).or_default() += 1;
                hands.keepers.insert(run.number, keeper);
                Ok(true)
            }
            Err(why) => {
                let why = format!("cannot be started: {why}");
                over(app, run, None, &why, "refused")
            }
        },
        Found::Running => {
            if run.started.is_none() {
                app.store.started(run.number, now())?;
            }
            tell(app, hands, run)?;
            if run.ended_by.is_some() && hands.told.insert(run.number) {
                keeper::end(&dir);
            }
            Ok(true)
        }
        Found::Over(ending) => {
            if run.started.is_none() && ending.status.is_some() {
                app.store.started(run.number, now())?;
            }
            tell(app, hands, run)?;
            let how = if ending.status.is_some() {
                "exited"
            } else {
                "killed"
            };
            over(app, run, ending.status, &ending.reason, how)
        }
        Found::Lost => {
            keeper::sweep(&dir);
            over(app, run, None, "its keeper was killed", "lost")
        }
    }
}

/// Writes down new lines.
fn tell(app: &App, hands: &mut Hands, run: &Run) -> Result<(), String> {
    let lines = keeper::lines(&app.run_dir(run.number));
    if !lines.is_empty() && hands.lines.get(&run.number) != Some(&lines) {
        app.store.tell(run.number, &lines)?;
        hands.lines.insert(run.number, lines);
    }
    Ok(())
}

fn over(
    app: &App,
    run: &Run,
    status: Option<i64>,
    why: &str,
    how: &'static str,
) -> Result<bool, String> {
    let (reason, how) = match &run.ended_by {
        Some(by) => (format!("canceled by {by}"), "canceled"),
        None => (why.to_owned(), how),
    };
    let end = End { status, reason };
    app.store.finished(run.number, &end, now())?;
    app.metrics.ended(how);
    Ok(false)
}

/// Writes the order down and starts its keeper.
fn start(app: &App, run: &Run) -> Result<Child, String> {
    let job = app.store.job(run.job)?.ok_or("the job is gone")?;
    let record = &job.record;
    let settings = app.settings();
    let template = settings
        .template(record.template.as_deref())
        .ok_or_else(|| {
            let name = record.template.as_deref().unwrap_or_default();
            format!("there is no template {name}")
        })?;
    let mut values: Values = settings
        .limits()
        .map(|(name, time)| (name.to_owned(), time.clone()))
        .collect();
    values.extend(record.vars.clone());
    let mut set = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            values.insert(name.to_owned(), value);
        }
    };
    let directory = record.directory.as_ref();
    set(
        "stepmux",
        Some(app.config.program.to_string_lossy().into_owned()),
    );
    set("id", Some(run.job.to_string()));
    set("run", Some(run.number.to_string()));
    set("repo", Some(record.repo.clone()));
    set(
        "directory",
        directory.map(|dir| dir.to_string_lossy().into_owned()),
    );
    set("file", record.file.clone());
    set("job", record.job.clone());
    set("previous", Some(run.previous.word().to_owned()));
    set("login", Some(run.login.clone()));
    set("quiet", run.quiet.then(|| "quiet".to_owned()));
    let order = Order {
        argv: template.fill(&values)?,
        directory: record.directory.clone(),
        ends_after: settings.ends_after.map(|time| time.as_secs()),
    };
    let dir = app.run_dir(run.number);
    keeper::order(&dir, &order)?;
    let keeper = Command::new(&app.config.program)
        .arg(KEEPER)
        .arg(&dir)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    keeper.map_err(|error| crate::io::reason(&error))
}
