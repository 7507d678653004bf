//! HTTP: paths and headers become an [`Ask`], a [`Reply`] becomes JSON. What is
//! asked for is decided at the desk, away from the connections' tasks.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::App;
use super::answer::{Refusal, Reply};
use super::desk::{self, Ask, What};
use super::listen::Bounded;
use super::{metrics, openapi};

/// The largest body, in bytes.
const MAX_BODY: usize = 16 * 1024;

/// Where the resources are: bare, as Travis's newer names, and under `/v3`.
const PREFIXES: [&str; 2] = ["", "/v3"];

/// Answers until told to close.
pub(super) async fn serve(
    app: Arc<App>,
    listener: TcpListener,
    closing: CancellationToken,
) -> Result<(), String> {
    let router = router(app);
    axum::serve(Bounded::new(listener), router)
        .with_graceful_shutdown(closing.cancelled_owned())
        .await
        .map_err(|error| crate::io::reason(&error))
}

fn router(app: Arc<App>) -> Router {
    let mut router = Router::new()
        .route("/healthz", get(health))
        .route("/metrics", get(measures))
        .route("/openapi.json", get(description));
    for prefix in PREFIXES {
        let debug = delete(debug).get(debug).post(debug);
        router = router
            .route(&format!("{prefix}/job/{{id}}/debug"), debug)
            .route(&format!("{prefix}/jobs"), get(jobs));
    }
    router
        .fallback(|| async { respond(&Refusal::NoSuchPath.reply()) })
        .method_not_allowed_fallback(|| async { respond(&Refusal::WrongMethod.reply()) })
        .layer(from_fn_with_state(Arc::clone(&app), counted))
        .with_state(app)
}

async fn debug(State(app): State<Arc<App>>, Path(id): Path<String>, request: Request) -> Response {
    let what = match *request.method() {
        Method::POST => What::Start,
        Method::DELETE => What::End,
        _ => What::Show,
    };
    asked(app, what, id, request).await
}

async fn jobs(State(app): State<Arc<App>>, request: Request) -> Response {
    asked(app, What::List, String::new(), request).await
}

async fn asked(app: Arc<App>, what: What, id: String, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let text = |name: &str| header_text(&parts.headers, name);
    let kind = text(header::CONTENT_TYPE.as_str());
    let json = kind.is_none_or(|kind| {
        let kind = kind.split(';').next().unwrap_or_default();
        kind.trim().eq_ignore_ascii_case("application/json")
    });
    let ask = Ask {
        what,
        id,
        prefix: if parts.uri.path().starts_with("/v3/") {
            "/v3"
        } else {
            ""
        },
        authorization: text(header::AUTHORIZATION.as_str()),
        version: text("travis-api-version"),
        json,
        body: read(what, body).await,
        query: parts.uri.query().unwrap_or_default().to_owned(),
    };
    let answered = tokio::task::spawn_blocking(move || desk::answer(&app, &ask, now(), &log));
    let reply = answered.await.unwrap_or_else(|_| Refusal::Internal.reply());
    respond(&reply)
}

/// A header's text; what is not text is wrong whatever it was to be.
fn header_text(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?;
    Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// The body, of requests that have one.
async fn read(what: What, body: Body) -> Option<Vec<u8>> {
    if what != What::Start {
        return Some(Vec::new());
    }
    let bytes = to_bytes(body, MAX_BODY).await.ok()?;
    Some(bytes.to_vec())
}

async fn health(State(app): State<Arc<App>>) -> Response {
    let asked = tokio::task::spawn_blocking(move || app.store.ping());
    let reply = match asked.await {
        Ok(Ok(())) => Reply::ok(serde_json::json!({ "status": "ok" })),
        Ok(Err(why)) => {
            log(&why);
            Refusal::Internal.reply()
        }
        Err(_) => Refusal::Internal.reply(),
    };
    respond(&reply)
}

async fn measures(State(app): State<Arc<App>>) -> Response {
    let asked = tokio::task::spawn_blocking(move || {
        let active = app.store.active()?;
        app.metrics.text(&active)
    });
    match asked.await {
        Ok(Ok(text)) => ([(header::CONTENT_TYPE, metrics::MEDIA_TYPE)], text).into_response(),
        Ok(Err(why)) => {
            log(&why);
            respond(&Refusal::Internal.reply())
        }
        Err(_) => respond(&Refusal::Internal.reply()),
    }
}

async fn description() -> Response {
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (kind, openapi::document()).into_response()
}

/// Counts the answer, and forbids others to keep it.
async fn counted(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let mut response = next.run(request).await;
    app.metrics.answered(&method, response.status());
    let keep = header::HeaderValue::from_static("no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, keep);
    response
}

fn respond(reply: &Reply) -> Response {
    let mut text = serde_json::to_string_pretty(&reply.body).unwrap_or_default();
    text.push('\n');
    let kind = [(header::CONTENT_TYPE, "application/json")];
    let mut response = (reply.status, kind, text).into_response();
    if reply.status == StatusCode::SERVICE_UNAVAILABLE {
        let later = header::HeaderValue::from_static("60");
        response.headers_mut().insert(header::RETRY_AFTER, later);
    }
    response
}

/// Seconds since 1970.
pub(super) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    })
}

/// A line of the server's log.
pub(super) fn log(text: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "stepmux serve: {text}");
}
