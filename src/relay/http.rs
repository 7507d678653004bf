//! The relay's figures for Prometheus over HTTP: one text at `/metrics`, and
//! `/healthz`. Each connection gets one answer; its request is bounded in length
//! and time, and so is their number. It is for the operator: it names no session.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::Node;
use crate::door::accept::accepted;

/// The longest request, in bytes.
const REQUEST: usize = 8 * 1024;
/// The whole time of a connection.
const TIME: Duration = Duration::from_secs(10);
/// Connections at once.
const AT_ONCE: usize = 16;

/// The media type of the text (OpenMetrics 1.0, "Text format").
const METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Answers until the relay closes.
pub(super) async fn serve(node: Arc<Node>, listener: TcpListener) {
    let room = Arc::new(Semaphore::new(AT_ONCE));
    while let Some((tcp, _)) = accepted(&listener, &node.closing).await {
        let Ok(permit) = Arc::clone(&room).try_acquire_owned() else {
            continue;
        };
        let node = Arc::clone(&node);
        tokio::spawn(async move {
            let _ = timeout(TIME, attend(&node, tcp)).await;
            drop(permit);
        });
    }
}

async fn attend(node: &Node, mut tcp: TcpStream) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut buffer = [0; 1024];
    let whole = |request: &[u8]| request.windows(4).any(|part| part == b"\r\n\r\n");
    while !whole(&request) && request.len() < REQUEST {
        let count = tcp.read(&mut buffer).await?;
        if count == 0 {
            return Ok(());
        }
        request.extend_from_slice(&buffer[..count]);
    }
    let line = request.split(|byte| *byte == b'\r').next();
    let line = String::from_utf8_lossy(line.unwrap_or_default()).into_owned();
    let mut words = line.split(' ');
    let (method, path) = (words.next(), words.next().unwrap_or_default());
    let path = path.split('?').next().unwrap_or_default();
    let (status, kind, body) = match (whole(&request), method, path) {
        (false, _, _) => (
            "431 Request Header Fields Too Large",
            "text/plain",
            String::new(),
        ),
        (true, Some("GET" | "HEAD"), "/metrics") => ("200 OK", METRICS, node.metrics.text(node)),
        (true, Some("GET" | "HEAD"), "/healthz") => ("200 OK", "text/plain", "ok\n".to_owned()),
        (true, Some("GET" | "HEAD"), _) => ("404 Not Found", "text/plain", String::new()),
        _ => ("405 Method Not Allowed", "text/plain", String::new()),
    };
    let mut answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n",
        body.len()
    );
    if method != Some("HEAD") {
        answer.push_str(&body);
    }
    tcp.write_all(answer.as_bytes()).await?;
    tcp.shutdown().await
}
