//! The bodies of answers, in the form of Travis's API (v3): every object says
//! its `@type`. Text and numbers only; what may be said to whom is the desk's.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::record::State;
use super::store::{Job, Line, Run};

/// What is answered.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) body: Value,
}

impl Reply {
    pub(super) fn ok(body: Value) -> Self {
        let status = StatusCode::OK;
        Self { status, body }
    }
}

/// What is refused, with Travis's words where it has some.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    LoginRequired,
    WrongCredentials,
    InsufficientAccess,
    RepoMigrated,
    OutOfCredit,
    JobNotFound,
    DebugNotFound,
    NoSuchPath,
    Running,
    NotRunning,
    Full,
    WrongBody,
    WrongParameter,
    WrongVersion,
    NotJson,
    TooLarge,
    WrongMethod,
    Internal,
}

impl Refusal {
    /// Its status, type and message.
    pub(super) const fn words(self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::LoginRequired => (S::FORBIDDEN, "login_required", "login required"),
            Self::WrongCredentials => (S::FORBIDDEN, "wrong_credentials", "access denied"),
            Self::InsufficientAccess => (
                S::FORBIDDEN,
                "insufficient_access",
                "operation requires debug access to job",
            ),
            Self::RepoMigrated => (
                S::FORBIDDEN,
                "repo_migrated",
                "This repository has been migrated to travis-ci.com. Modifications are made there.",
            ),
            Self::OutOfCredit => (
                S::FORBIDDEN,
                "error",
                "Builds have been temporarily disabled for private repositories due to a insufficient credit balance",
            ),
            Self::JobNotFound => (
                S::NOT_FOUND,
                "not_found",
                "job not found (or insufficient access)",
            ),
            Self::DebugNotFound => (
                S::NOT_FOUND,
                "not_found",
                "debug not found (or insufficient access)",
            ),
            Self::NoSuchPath => (S::NOT_FOUND, "not_found", "resource not found"),
            Self::Running => (
                S::CONFLICT,
                "job_already_running",
                "job already running, cannot restart",
            ),
            Self::NotRunning => (
                S::CONFLICT,
                "job_not_cancelable",
                "job is not being debugged, cannot cancel",
            ),
            Self::Full => (
                S::SERVICE_UNAVAILABLE,
                "too_many_jobs",
                "too many jobs are being debugged",
            ),
            Self::WrongBody => (
                S::BAD_REQUEST,
                "wrong_params",
                "the body is not {} or {\"quiet\": true|false}",
            ),
            Self::WrongParameter => (
                S::BAD_REQUEST,
                "wrong_params",
                "limit is 1 to 100, after an id, state a job's state",
            ),
            Self::WrongVersion => (
                S::BAD_REQUEST,
                "wrong_version",
                "Travis-API-Version is not 3",
            ),
            Self::NotJson => (
                S::UNSUPPORTED_MEDIA_TYPE,
                "wrong_media_type",
                "the body is not application/json",
            ),
            Self::TooLarge => (S::PAYLOAD_TOO_LARGE, "too_large", "the body is too large"),
            Self::WrongMethod => (
                S::METHOD_NOT_ALLOWED,
                "wrong_method",
                "the resource has no such method",
            ),
            Self::Internal => (
                S::INTERNAL_SERVER_ERROR,
                "internal_error",
                "the server's log says why",
            ),
        }
    }

    /// The answer.
    pub(super) fn reply(self) -> Reply {
        let (status, kind, message) = self.words();
        let mut body = json!({
            "@type": "error",
            "error_type": kind,
            "error_message": message,
        });
        match self {
            Self::InsufficientAccess => {
                body["resource_type"] = "job".into();
                body["permission"] = "debug".into();
            }
            Self::JobNotFound => body["resource_type"] = "job".into(),
            Self::DebugNotFound => body["resource_type"] = "debug".into(),
            _ => {}
        }
        Reply { status, body }
    }
}

/// A job as it is named in other answers. A prefix is `/v3` or nothing.
fn minimal(prefix: &str, id: i64) -> Value {
    json!({
        "@type": "job",
        "@href": format!("{prefix}/job/{id}"),
        "@representation": "minimal",
        "id": id,
    })
}

/// What was asked for will be done.
pub(super) fn pending(prefix: &str, id: i64, change: &str) -> Reply {
    Reply {
        status: StatusCode::ACCEPTED,
        body: json!({
            "@type": "pending",
            "job": minimal(prefix, id),
            "state_change": change,
            "resource_type": "job",
        }),
    }
}

/// A debug build, with the lines to join by.
pub(super) fn debug(prefix: &str, run: &Run, state: State, lines: &[Line]) -> Reply {
    let of = |kind: &str| -> Vec<&str> {
        let mine = lines.iter().filter(|line| line.kind == kind);
        mine.map(|line| line.text.as_str()).collect()
    };
    let id = run.job;
    Reply::ok(json!({
        "@type": "debug",
        "@href": format!("{prefix}/job/{id}/debug"),
        "@representation": "standard",
        "job": minimal(prefix, id),
        "number": run.number,
        "state": if run.finished.is_some() { "finished" } else { run.state().word() },
        "job_state": state,
        "previous_state": run.previous,
        "quiet": run.quiet,
        "created_by": run.login,
        "ended_by": run.ended_by,
        "created_at": time(Some(run.created)),
        "started_at": time(run.started),
        "finished_at": time(run.finished),
        "exit_status": run.status,
        "reason": run.reason,
        "ssh": of("ssh"),
        "ssh_read_only": of("ssh_read_only"),
        "known_hosts": of("known_hosts"),
        "host_key": of("host_key"),
    }))
}

/// A part of the jobs, and where the next begins.
pub(super) fn jobs(prefix: &str, jobs: &[&Job], next: Option<i64>) -> Reply {
    let rows: Vec<Value> = jobs.iter().map(|job| row(prefix, job)).collect();
    Reply::ok(json!({
        "@type": "jobs",
        "@href": format!("{prefix}/jobs"),
        "@representation": "standard",
        "next_after": next,
        "jobs": rows,
    }))
}

fn row(prefix: &str, job: &Job) -> Value {
    let id = job.id;
    json!({
        "@type": "job",
        "@href": format!("{prefix}/job/{id}"),
        "@representation": "standard",
        "id": id,
        "state": job.state(),
        "private": job.record.private,
        "repository": { "@type": "repository", "@representation": "minimal", "slug": job.record.repo },
        "debugged": job.active().is_some(),
    })
}

/// RFC 3339, in UTC.
fn time(seconds: Option<i64>) -> Value {
    let stamp = seconds.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    stamp.map_or(Value::Null, |stamp| stamp.to_string().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_have_travis_words() {
        for (refusal, status, kind, message) in [
            (
                Refusal::LoginRequired,
                403,
                "login_required",
                "login required",
            ),
            (
                Refusal::WrongCredentials,
                403,
                "wrong_credentials",
                "access denied",
            ),
            (
                Refusal::Running,
                409,
                "job_already_running",
                "job already running, cannot restart",
            ),
            (
                Refusal::JobNotFound,
                404,
                "not_found",
                "job not found (or insufficient access)",
            ),
        ] {
            let reply = refusal.reply();
            assert_eq!(reply.status.as_u16(), status);
            assert_eq!(reply.body["@type"], "error");
            assert_eq!(reply.body["error_type"], kind);
            assert_eq!(reply.body["error_message"], message);
        }
        let reply = Refusal::InsufficientAccess.reply();
        assert_eq!(reply.body["permission"], "debug");
        assert_eq!(reply.body["resource_type"], "job");
    }

    #[test]
    fn pending_names_the_job_under_its_prefix() {
        let reply = pending("/v3", 12, "created");
        let wanted = json!({
            "@type": "pending",
            "job": { "@type": "job", "@href": "/v3/job/12", "@representation": "minimal", "id": 12 },
            "state_change": "created",
            "resource_type": "job",
        });
        assert_eq!((reply.status.as_u16(), reply.body), (202, wanted));
    }

    #[test]
    fn times_are_rfc_3339() {
        assert_eq!(time(Some(1_700_000_000)), "2023-11-14T22:13:20Z");
        assert_eq!(time(None), Value::Null);
    }
}
