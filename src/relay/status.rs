//! `stepmux relay status`: what a running relay has, as one line of JSON over a
//! socket that its own account alone (and root) can open. It tells ids and
//! counts, no address, token or route.

use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::UnixListener;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::Node;
use crate::door::accept::accepted;
use crate::door::hostkey::check_dir;
use crate::door::info::reason;

/// The socket's name, in the state directory.
const FILE: &str = "relay.sock";
/// How long an answer may take.
const TIME: Duration = Duration::from_secs(5);
/// The longest answer that is read, in bytes: 20,000 sessions fit.
const MAX: u64 = 16 * 1024 * 1024;

/// The socket of the relay with this state directory.
#[must_use]
pub fn socket(state_dir: &Path) -> PathBuf {
    state_dir.join(FILE)
}

/// Asks a running relay; its answer as JSON.
///
/// # Errors
/// A sentence: no relay answers there.
pub fn ask(state_dir: &Path) -> Result<Value, String> {
    let path = socket(state_dir);
    let fail = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::ConnectionRefused => {
            format!(
                "no relay runs with the state directory {}",
                state_dir.display()
            )
        }
        _ => format!("{}: {}", path.display(), reason(&error)),
    };
    let stream = UnixStream::connect(&path).map_err(fail)?;
    stream.set_read_timeout(Some(TIME)).map_err(fail)?;
    let mut text = String::new();
    stream.take(MAX).read_to_string(&mut text).map_err(fail)?;
    serde_json::from_str(&text).map_err(|_| "the relay's answer cannot be understood".to_owned())
}

/// Binds the socket; what a relay that is gone has left is replaced. None:
/// another relay has it.
///
/// # Errors
/// A sentence naming the file or directory.
pub(super) fn bind(state_dir: &Path) -> Result<Option<UnixListener>, String> {
    check_dir(state_dir)
        .map_err(|why| format!("state directory {}: {why}", state_dir.display()))?;
    let path = socket(state_dir);
    let fail = |error: std::io::Error| format!("{}: {}", path.display(), reason(&error));
    if UnixStream::connect(&path).is_ok() {
        return Ok(None);
    }
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(fail(error)),
        _ => {}
    }
    // The directory is private already: nobody else comes in between.
    let listener = UnixListener::bind(&path).map_err(fail)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).map_err(fail)?;
    Ok(Some(listener))
}

/// Answers until the relay has ended: also while it drains.
pub(super) async fn serve(node: Arc<Node>, listener: UnixListener) {
    let ours = rustix::process::geteuid().as_raw();
    // Nobody cancels it: it answers until the process ends.
    let never = CancellationToken::new();
    while let Some(mut stream) = accepted(&listener, &never).await {
        let peer = stream.peer_cred().map(|peer| peer.uid());
        if !peer.is_ok_and(|uid| uid == ours || uid == 0) {
            continue;
        }
        let text = format!("{}\n", answer(&node));
        tokio::spawn(async move {
            let _ = timeout(TIME, stream.write_all(text.as_bytes())).await;
        });
    }
}

fn answer(node: &Node) -> Value {
    let now = Instant::now();
    let sessions: Vec<Value> = node
        .directory
        .list()
        .into_iter()
        .map(|own| {
            json!({
                "id": own.sid.to_string(),
                "linked": own.lost.is_none(),
                "unlinked_seconds": own.lost.map(|lost| (now - lost).as_secs()),
                "guests": own.guests,
            })
        })
        .collect();
    let limits = &node.limits;
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "pid": std::process::id(),
        "uptime_seconds": node.started.elapsed().as_secs(),
        "draining": node.closing.is_cancelled(),
        "listen": node.listen.get(),
        "fingerprint": node.name,
        "node": node.cluster_name(),
        "hosts": if node.hosts.open() { "open" } else { "keys" },
        "connections": node.open(),
        "sessions": sessions,
        "limits": {
            "connections": limits.connections,
            "connections_per_address": limits.per_address,
            "sessions": limits.sessions,
            "guests_per_session": limits.joiners,
        },
    })
}

/// The answer for people.
#[must_use]
pub fn table(answer: &Value) -> String {
    let text = |name: &str| match &answer[name] {
        Value::String(text) => text.clone(),
        Value::Array(list) => {
            let words = list.iter().filter_map(Value::as_str);
            words.collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    };
    let mut out = Vec::new();
    let empty = Vec::new();
    let sessions = answer["sessions"].as_array().unwrap_or(&empty);
    let state = if answer["draining"] == json!(true) {
        "ending"
    } else {
        "running"
    };
    // Writing to memory cannot fail.
    let _ = writeln!(
        out,
        "relay:       {state}, version {}, pid {}, up {} s\nlistening:   {}\nfingerprint: {}\n\
         hosts:       {}\nconnections: {}\nsessions:    {}",
        text("version"),
        text("pid"),
        text("uptime_seconds"),
        text("listen"),
        text("fingerprint"),
        text("hosts"),
        text("connections"),
        sessions.len()
    );
    for own in sessions {
        let link = match own["unlinked_seconds"].as_u64() {
            Some(seconds) => format!("no link for {seconds} s"),
            None => "linked".to_owned(),
        };
        let id = own["id"].as_str().unwrap_or_default();
        let _ = writeln!(out, "  {id}  {link}, {} guests", own["guests"]);
    }
    String::from_utf8_lossy(&out).into_owned()
}
