//! `stepmux serve` as its callers see it: by curl, through every status that its
//! description names, with jobs of real processes, and through its own death.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use common::{World, finish, finish_child, until_or};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// A template whose command says how to join, and waits for a word in a file.
const HOLD: &str = "template = 'hold'\n[templates]\nhold = ['sh', '-c', '''\
    echo ssh -p 22 run-$2@host; echo Read-only: ssh look-$2@host; \
    echo Output from the interactive session will be shown below:; echo ssh not@this; \
    echo \"$0 $*\" >> starts; trap 'exit 9' TERM; \
    while [ ! -e go-$1 ]; do sleep 0.05; done; exit 3''', \
    'shown', '{id}', '{run}', '{previous}', '{login}', '{?quiet}quiet', '{?file}{file}']\n";

/// A served directory, with tokens `all`, `octo` (octo/* only) and `look`.
struct Served {
    world: World,
    child: Option<Child>,
    at: String,
    tokens: Vec<(&'static str, String)>,
}

impl Served {
    fn new(settings: &str) -> Self {
        let world = World::new();
        let jobs = world.path("jobs").to_string_lossy().into_owned();
        world.write("jobs/serve.toml", settings);
        let mut tokens = Vec::new();
        for (login, more) in [
            ("all", &[][..]),
            ("octo", &["--repos", "octo/*"][..]),
            ("look", &["--look-only"][..]),
        ] {
            let mut words = vec!["serve", "--jobs", &jobs, "--add-token", login];
            words.extend(more);
            tokens.push((login, world.ok(&words).trim().to_owned()));
        }
        let mut served = Self {
            world,
            child: None,
            at: String::new(),
            tokens,
        };
        served.start();
        served
    }

    fn start(&mut self) {
        let jobs = self.world.path("jobs").to_string_lossy().into_owned();
        let words = ["serve", "--jobs", &jobs, "--listen", "127.0.0.1:0"];
        let mut child = self
            .world
            .program(&words)
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let out = child.stdout.take().unwrap();
        BufReader::new(out).read_line(&mut line).unwrap();
        let at = line.trim().strip_prefix("listening:   ");
        self.at = at.expect("an address").to_owned();
        self.child = Some(child);
    }

    fn signal(&mut self, signal: Signal) {
        let child = self.child.take().unwrap();
        kill_process(Pid::from_child(&child), signal).unwrap();
        finish_child("serve", child);
    }

    fn job(&self, id: u32, text: &str) {
        self.world.write(&format!("jobs/{id}.toml"), text);
    }

    /// A job that runs in the home.
    fn plain_job(&self, id: u32, state: &str) {
        let home = self.world.home();
        self.job(
            id,
            &format!(
                "repo = 'octo/lab'\nstate = '{state}'\ndirectory = '{}'\n",
                home.display()
            ),
        );
    }

    fn token(&self, login: &str) -> String {
        let found = self.tokens.iter().find(|(name, _)| *name == login);
        let token = found.map_or("wrong", |(_, token)| token);
        format!("Authorization: token {token}")
    }

    /// What curl gets: the status and the body.
    fn curl(&self, login: &str, method: &str, path: &str, more: &[&str]) -> (u16, Value) {
        let header = self.token(login);
        let url = format!("{}{path}", self.at);
        let mut command = self.world.command("curl");
        command.args(["-sS", "-w", "\n%{http_code}", "-X", method]);
        if !login.is_empty() {
            command.args(["-H", &header]);
        }
        command.args([
            "-H",
            "Travis-API-Version: 3",
            "-H",
            "Accept: application/json",
        ]);
        command.args(more).arg(&url);
        let out = finish("curl", command);
        assert_eq!(out.status, Some(0), "{out:#?}");
        let (body, status) = out.stdout.rsplit_once('\n').unwrap();
        let body = serde_json::from_str(body).unwrap_or(Value::String(body.to_owned()));
        (status.parse().unwrap(), body)
    }

    fn post(&self, id: u32, body: &str) -> (u16, Value) {
        let more = ["-H", "Content-Type: application/json", "-d", body];
        self.curl("all", "POST", &format!("/job/{id}/debug"), &more)
    }

    fn show(&self, id: u32) -> Value {
        self.curl("all", "GET", &format!("/job/{id}/debug"), &[]).1
    }

    /// Waits until a debug build shows a state.
    #[track_caller]
    fn wait(&self, id: u32, state: &str) -> Value {
        let mut last = Value::Null;
        let seen = std::cell::RefCell::new(Value::Null);
        until_or(
            &format!("{state} of {id}"),
            || {
                let now = self.show(id);
                *seen.borrow_mut() = now.clone();
                last = now;
                last["state"] == state
                    && (state != "started" || last["ssh"] != Value::Array(vec![]))
            },
            || seen.borrow().to_string(),
        );
        self.show(id)
    }

    fn starts(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.world.home().join("starts"));
        let text = text.unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    fn go(&self, id: u32) {
        self.world.write(&format!("home/go-{id}"), "");
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn error(kind: &str) -> impl Fn(&Value) -> bool {
    move |body| body["@type"] == "error" && body["error_type"] == kind
}

#[test]
fn debug_job_runs_shows_how_to_join_and_restores_the_state() {
    let served = Served::new(HOLD);
    served.plain_job(7, "failed");
    let (status, body) = served.post(7, "{\"quiet\": true}");
    assert_eq!(status, 202);
    let wanted = serde_json::json!({
        "@type": "pending",
        "job": { "@type": "job", "@href": "/job/7", "@representation": "minimal", "id": 7 },
        "state_change": "created",
        "resource_type": "job",
    });
    assert_eq!(body, wanted);
    let shown = served.wait(7, "started");
    assert_eq!(shown["ssh"], serde_json::json!(["ssh -p 22 run-1@host"]));
    assert_eq!(
        shown["ssh_read_only"],
        serde_json::json!(["ssh look-1@host"])
    );
    assert_eq!(shown["quiet"], true);
    assert_eq!(shown["created_by"], "all");
    let (status, body) = served.post(7, "{}");
    assert!(
        status == 409 && error("job_already_running")(&body),
        "{body}"
    );
    let (_, jobs) = served.curl("all", "GET", "/jobs", &[]);
    assert_eq!(jobs["jobs"][0]["state"], "started");
    // Who may only look is told no password.
    let (_, looked) = served.curl("look", "GET", "/job/7/debug", &[]);
    assert_eq!(looked["ssh"], serde_json::json!([]));
    served.go(7);
    let over = served.wait(7, "finished");
    assert_eq!(over["exit_status"], 3);
    assert_eq!(over["reason"], "exited with 3");
    assert_eq!(over["job_state"], "failed");
    assert_eq!(over["ssh"], serde_json::json!([]));
    assert_eq!(served.starts(), ["shown 7 1 failed all quiet"]);
    let (_, metrics) = served.curl("", "GET", "/metrics", &[]);
    let metrics = metrics.as_str().unwrap().to_owned();
    assert!(
        metrics.contains("stepmux_serve_debug_jobs_ended_total{how=\"exited\"} 1"),
        "{metrics}"
    );
}

/// Whose token, what is asked, the status and the kind of error.
const REFUSALS: &str = "\
- POST /job/1/debug 403 login_required
nobody POST /job/1/debug 403 wrong_credentials
look POST /job/1/debug 403 insufficient_access
all POST /job/3/debug 403 repo_migrated
all POST /job/4/debug 403 wrong_credentials
all POST /job/5/debug 403 error
octo POST /job/3/debug 404 not_found
all POST /job/8/debug 404 not_found
all POST /job/99/debug 404 not_found
all POST /v3/job/x/debug 404 not_found
all POST /job/1/debug 409 job_already_running
all POST /job/2/debug 409 job_already_running
all POST /job/6/debug 503 too_many_jobs
all POST /job/6/debug 400 wrong_params
all POST /job/6/debug 415 wrong_media_type
all POST /job/6/debug 413 too_large
all GET /jobs 400 wrong_version
all GET /jobs?limit=0 400 wrong_params
all GET /job/6/debug 404 not_found
all DELETE /job/6/debug 409 job_not_cancelable
look DELETE /job/1/debug 403 insufficient_access
all PUT /job/1/debug 405 wrong_method
all GET /nothing 404 not_found";

#[test]
fn every_refusal_has_its_status() {
    let served = Served::new(&format!("max-running = 1\n{HOLD}"));
    served.plain_job(1, "failed");
    served.plain_job(2, "started");
    served.plain_job(6, "passed");
    served.job(3, "repo = 'hub/x'\nstate = 'failed'\nmigrated = true");
    served.job(4, "repo = 'hub/x'\nstate = 'failed'\ndebug = false");
    served.job(
        5,
        "repo = 'hub/x'\nstate = 'failed'\nprivate = true\nout-of-credit = true",
    );
    served.job(8, "repo = 'hub/x'\nstate = 'no such state'");
    let large = format!("{{\"x\": \"{}\"}}", "a".repeat(20_000));
    assert_eq!(served.post(1, "{}").0, 202);
    served.wait(1, "started");
    for row in REFUSALS.lines() {
        let words: Vec<&str> = row.split_whitespace().collect();
        let [login, method, path, status, kind] = words[..] else {
            panic!("{row}");
        };
        let login = login.trim_matches('-');
        let status: u16 = status.parse().unwrap();
        let json = ["-H", "Content-Type: application/json", "-d"];
        let more = match (kind, method) {
            ("wrong_params", "POST") => [&json[..], &["[1]"]].concat(),
            ("wrong_media_type", _) => vec!["-d", "{}"],
            ("too_large", _) => [&json[..], &[large.as_str()]].concat(),
            ("wrong_version", _) => vec!["-H", "Travis-API-Version: 2"],
            _ => Vec::new(),
        };
        // A header given twice is sent twice: the version's is replaced.
        let (got, body) = if kind == "wrong_version" {
            let url = format!("{}{path}", served.at);
            let mut command = served.world.command("curl");
            command.args(["-sS", "-w", "\n%{http_code}", "-H", &served.token(login)]);
            command.args(&more).arg(&url);
            let out = finish("curl", command);
            let (body, status) = out.stdout.rsplit_once('\n').unwrap();
            (status.parse().unwrap(), serde_json::from_str(body).unwrap())
        } else {
            served.curl(login, method, path, &more)
        };
        assert_eq!(got, status, "{method} {path}: {body}");
        assert!(error(kind)(&body), "{method} {path}: {body}");
    }
    assert_eq!(served.starts().len(), 1);
}

#[test]
fn jobs_run_side_by_side_and_end_when_told() {
    let served = Served::new(HOLD);
    for id in 1..=4 {
        served.plain_job(id, "passed");
    }
    // All at once: one command line, four requests.
    let mut command = served.world.command("curl");
    command.args(["-sS", "--parallel", "--parallel-immediate", "-X", "POST"]);
    command.args(["-H", &served.token("octo")]);
    for id in 1..=4 {
        command.arg(format!("{}/v3/job/{id}/debug", served.at));
    }
    let out = finish("curl", command);
    assert_eq!(
        out.stdout.matches("\"state_change\": \"created\"").count(),
        4
    );
    assert!(
        out.stdout.contains("\"@href\": \"/v3/job/4\""),
        "{}",
        out.stdout
    );
    for id in 1..=4 {
        served.wait(id, "started");
    }
    let (status, body) = served.curl("octo", "DELETE", "/job/2/debug", &[]);
    assert_eq!((status, &body["state_change"]), (202, &"canceled".into()));
    served.go(3);
    let ended = served.wait(2, "finished");
    assert_eq!(ended["reason"], "canceled by octo");
    assert_eq!(ended["exit_status"], 9);
    assert_eq!(served.wait(3, "finished")["reason"], "exited with 3");
    let (_, jobs) = served.curl("octo", "GET", "/jobs?state=started", &[]);
    let ids: Vec<i64> = jobs["jobs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|job| job["id"].as_i64().unwrap())
        .collect();
    assert_eq!(ids, [1, 4]);
}

#[test]
fn killed_server_loses_nothing_and_starts_nothing_twice() {
    let mut served = Served::new(HOLD);
    for id in 1..=3 {
        served.plain_job(id, "errored");
        assert_eq!(served.post(id, "{}").0, 202);
    }
    served.wait(1, "started");
    // Killed at whatever point the other two are.
    served.signal(Signal::KILL);
    // The first ends while nobody serves.
    served.go(1);
    served.start();
    assert_eq!(served.wait(1, "finished")["exit_status"], 3);
    for id in [2, 3] {
        served.wait(id, "started");
    }
    assert_eq!(served.curl("all", "DELETE", "/job/2/debug", &[]).0, 202);
    served.signal(Signal::KILL);
    served.start();
    let ended = served.wait(2, "finished");
    assert_eq!(ended["reason"], "canceled by all");
    assert_eq!(ended["job_state"], "errored");
    served.signal(Signal::TERM);
    served.start();
    served.go(3);
    assert_eq!(served.wait(3, "finished")["reason"], "exited with 3");
    let mut starts = served.starts();
    starts.sort_unstable();
    let ids: Vec<&str> = starts
        .iter()
        .map(|line| line.split(' ').nth(1).unwrap())
        .collect();
    assert_eq!(ids, ["1", "2", "3"]);
}

#[test]
fn killed_keeper_is_told_and_its_command_swept() {
    let served = Served::new(HOLD);
    served.plain_job(1, "failed");
    assert_eq!(served.post(1, "{}").0, 202);
    served.wait(1, "started");
    let lock = std::fs::read_to_string(served.world.path("jobs/runs/1/lock")).unwrap();
    let keeper = Pid::from_raw(lock.parse().unwrap()).unwrap();
    kill_process(keeper, Signal::KILL).unwrap();
    let over = served.wait(1, "finished");
    assert_eq!(over["reason"], "its keeper was killed");
    assert_eq!(over["job_state"], "failed");
    let (group, _): (i32, String) = serde_json::from_str(
        &std::fs::read_to_string(served.world.path("jobs/runs/1/group")).unwrap(),
    )
    .unwrap();
    let group = Pid::from_raw(group).unwrap();
    common::until("the command's end", || {
        rustix::process::test_kill_process_group(group).is_err()
    });
}

#[test]
fn commands_that_cannot_start_say_why() {
    let settings = "[templates]\nnone = ['/nonexistent/program']\nodd = ['echo', '{missing}']\n\
                    flag = ['ssh', '{host}']\n";
    let served = Served::new(settings);
    let vars = "[vars]\nhost = '-oProxyCommand=touch pwned'";
    for (id, more, wanted) in [
        (
            1,
            "template = 'none'",
            "/nonexistent/program: No such file or directory",
        ),
        (2, "template = 'odd'", "the job has no missing"),
        (3, "template = 'other'", "there is no template other"),
        (
            4,
            &format!("template = 'flag'\n{vars}"),
            "host begins with a hyphen",
        ),
        (
            5,
            "template = 'none'\ndirectory = '/nonexistent'",
            "/nonexistent: no such directory",
        ),
    ] {
        served.job(id, &format!("repo = 'a/b'\nstate = 'failed'\n{more}"));
        assert_eq!(served.post(id, "{}").0, 202);
        let over = served.wait(id, "finished");
        assert_eq!(over["reason"], format!("cannot be started: {wanted}"));
        assert_eq!(over["job_state"], "failed");
    }
}

#[test]
fn usual_template_opens_a_session_that_ssh_can_join() {
    let served = Served::new("");
    let file = common::debug::FIXTURE;
    let home = served.world.home();
    served.job(
        12,
        &format!(
            "repo = 'octo/lab'\nstate = 'failed'\ndirectory = '{}'\nfile = '{file}'\n",
            home.display()
        ),
    );
    assert_eq!(served.post(12, "{\"quiet\": true}").0, 202);
    let shown = served.wait(12, "started");
    let ssh = shown["ssh"][0].as_str().unwrap();
    assert!(ssh.starts_with("ssh ") && ssh.contains('@'), "{shown}");
    let listed = served.world.ok(&["-L", "job-12", "list-sessions"]);
    assert!(listed.starts_with("job-12:"), "{listed}");
    assert_eq!(served.curl("all", "DELETE", "/job/12/debug", &[]).0, 202);
    let over = served.wait(12, "finished");
    assert_eq!(over["reason"], "canceled by all", "{over}");
    let gone = served.world.run(&["-L", "job-12", "list-sessions"]);
    assert_ne!(gone.status, Some(0), "{gone:#?}");
}

#[test]
fn directory_is_served_once_and_settings_are_read_again() {
    let served = Served::new(HOLD);
    let jobs = served.world.path("jobs").to_string_lossy().into_owned();
    let second = served
        .world
        .run(&["serve", "--jobs", &jobs, "--listen", "127.0.0.1:0"]);
    assert_eq!(second.status, Some(1));
    assert!(
        second.stderr.contains("another server has these jobs"),
        "{second:#?}"
    );
    served.plain_job(1, "failed");
    let added = served
        .world
        .ok(&["serve", "--jobs", &jobs, "--add-token", "late"]);
    let header = format!("Authorization: token {}", added.trim());
    let ask = || served.curl("", "GET", "/jobs", &["-H", &header]).0;
    assert_eq!(ask(), 403);
    let child = served.child.as_ref().unwrap();
    kill_process(Pid::from_child(child), Signal::HUP).unwrap();
    common::until("the new token", || ask() == 200);
    assert_eq!(
        served
            .world
            .run(&["serve", "--jobs", &jobs, "--forget", "99"])
            .status,
        Some(1)
    );
    served
        .world
        .ok(&["serve", "--jobs", &jobs, "--forget", "1"]);
}
