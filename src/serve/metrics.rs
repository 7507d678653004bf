//! Counts for Prometheus, in the OpenMetrics text format. Labels come from
//! short lists, so that no request can make them grow; no job is named.

use axum::http::{Method, StatusCode};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::store::Run;

/// The format's media type (OpenMetrics 1.0, "Protocol Negotiation").
pub(super) const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

type Answered = [(&'static str, String); 2];
type Ended = [(&'static str, &'static str); 1];

/// What is counted.
#[derive(Debug)]
pub(super) struct Metrics {
    registry: Registry,
    answered: Family<Answered, Counter>,
    began: Counter,
    ended: Family<Ended, Counter>,
    running: Family<Ended, Gauge>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("stepmux_serve");
        let answered = Family::default();
        let began = Counter::default();
        let ended = Family::default();
        let running = Family::default();
        registry.register("requests", "Requests answered", answered.clone());
        registry.register("debug_jobs_begun", "Debug jobs asked for", began.clone());
        registry.register("debug_jobs_ended", "Debug jobs over", ended.clone());
        registry.register("debug_jobs", "Debug jobs not over", running.clone());
        Self {
            registry,
            answered,
            began,
            ended,
            running,
        }
    }
}

impl Metrics {
    /// A request was answered.
    pub(super) fn answered(&self, method: &Method, status: StatusCode) {
        let known = ["GET", "HEAD", "POST", "DELETE"];
        let method = known.into_iter().find(|known| method == known);
        let labels = [
            ("method", method.unwrap_or("other").to_owned()),
            ("status", status.as_u16().to_string()),
        ];
        self.answered.get_or_create(&labels).inc();
    }

    /// A debug job was asked for.
    pub(super) fn began(&self) {
        self.began.inc();
    }

    /// A debug job is over: `exited`, `canceled`, `killed`, `lost`, `refused`.
    pub(super) fn ended(&self, how: &'static str) {
        self.ended.get_or_create(&[("how", how)]).inc();
    }

    /// All of it, with what runs now.
    pub(super) fn text(&self, active: &[Run]) -> Result<String, String> {
        for state in ["created", "started"] {
            let count = active.iter().filter(|run| run.state().word() == state);
            let count = i64::try_from(count.count()).unwrap_or(i64::MAX);
            self.running.get_or_create(&[("state", state)]).set(count);
        }
        let mut text = String::new();
        encode(&mut text, &self.registry).map_err(|error| error.to_string())?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn counts_have_bounded_labels() {
        let metrics = Metrics::default();
        metrics.began();
        metrics.ended("exited");
        metrics.answered(&Method::POST, StatusCode::ACCEPTED);
        let odd = Method::from_bytes(b"BREW").unwrap();
        metrics.answered(&odd, StatusCode::METHOD_NOT_ALLOWED);
        let text = metrics.text(&[]).unwrap();
        for line in [
            "stepmux_serve_debug_jobs_begun_total 1",
            "stepmux_serve_debug_jobs_ended_total{how=\"exited\"} 1",
            "stepmux_serve_debug_jobs{state=\"started\"} 0",
            "stepmux_serve_requests_total{method=\"POST\",status=\"202\"} 1",
            "stepmux_serve_requests_total{method=\"other\",status=\"405\"} 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
        assert!(text.ends_with("# EOF\n"));
    }
}
