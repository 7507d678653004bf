//! The bus (NATS): where a node asks which other has a session, and answers for
//! those that it has. Nothing is stored there, so nothing is stale. The bus
//! brings names of nodes and no more; a word without the cluster's seal is none.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_nats::connection::State;
use async_nats::{Client, ConnectOptions, Event, StatusCode, Subscriber};
use futures_util::StreamExt;
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::seal::{Answer, Ask, SealKey};
use crate::access::Prefix;
use crate::door::info::{open_file, reason};

/// How long the first answer may take.
const FIRST: Duration = Duration::from_millis(700);
/// How long further answers are waited for: a session has links to two nodes.
const FURTHER: Duration = Duration::from_millis(30);
/// Answers that are looked at.
const MOST: usize = 8;
/// Questions that wait at a node, for each session.
const WAITING: usize = 64;
/// How long a question may wait for the client to take it.
const SEND: Duration = Duration::from_secs(1);
/// The longest wait before the bus is tried again.
const AGAIN: Duration = Duration::from_secs(2);
/// Pings in the time that the bus may be silent: the client gives it up when the
/// third is due and none was answered.
const PINGS: u32 = 3;
/// How long the client may take from saying that its state has changed until it
/// has.
const SETTLE: Duration = Duration::from_millis(20);
/// The longest file with a password, in bytes.
const AUTH_MAX: u64 = 4096;

/// A node's connection to the bus, made again whenever it breaks.
pub(super) struct Bus {
    client: Client,
    key: SealKey,
    realm: String,
    node: String,
    /// Words without the seal.
    forged: Arc<AtomicU64>,
    /// Notified when it comes or goes.
    moved: Arc<Notify>,
}

/// What the bus said.
pub(super) enum Said {
    /// These nodes have it, the newest claim first.
    These(Vec<String>),
    /// Nobody answered.
    Nobody,
    /// There is no bus now.
    NoBus,
}

impl Bus {
    /// Begins to connect; it need not be there yet.
    ///
    /// # Errors
    /// A sentence: an address that is none, or one with a password in it, which
    /// everybody on the machine could read; a file that cannot be read.
    pub(super) async fn open(
        url: &str,
        auth: Option<&Path>,
        secret: &[u8],
        node: &str,
        silence: Duration,
    ) -> Result<Self, String> {
        let fail = |why: &str| format!("bus {url}: {why}");
        let rest = ["nats://", "tls://"].iter();
        let Some(rest) = rest.filter_map(|scheme| url.strip_prefix(scheme)).next() else {
            return Err(fail("it is nats://HOST[:PORT] or tls://HOST[:PORT]"));
        };
        if rest.contains('@') {
            return Err(
                "bus: a password is given by --bus-auth FILE, not in the address".to_owned(),
            );
        }
        let moved: Arc<Notify> = Arc::default();
        let tell = Arc::clone(&moved);
        let mut options = ConnectOptions::new()
            .name(format!("stepmux relay {node}"))
            .retry_on_initial_connect()
            .ignore_discovered_servers()
            .ping_interval(silence / PINGS)
            .event_callback(move |event| {
                let tell = Arc::clone(&tell);
                async move {
                    if matches!(event, Event::Connected | Event::Disconnected) {
                        tell.notify_one();
                    }
                }
            })
            .subscription_capacity(WAITING)
            .reconnect_delay_callback(|attempt| {
                let attempt = u32::try_from(attempt).unwrap_or(u32::MAX);
                (Duration::from_millis(100) * attempt.min(1000)).min(AGAIN)
            });
        if let Some(path) = auth {
            options = match secret_of(path)?.split_once(':') {
                Some((user, word)) => options.user_and_password(user.to_owned(), word.to_owned()),
                None => options.token(secret_of(path)?),
            };
        }
        let urls: Vec<&str> = url.split(',').collect();
        let client = options.connect(&urls[..]).await;
        let client = client.map_err(|error| fail(&error.to_string()))?;
        let key = SealKey::derive(secret);
        Ok(Self {
            client,
            realm: key.realm(),
            key,
            node: node.to_owned(),
            forged: Arc::default(),
            moved,
        })
    }

    /// Waits until it comes or goes.
    pub(super) async fn moved(&self) {
        self.moved.notified().await;
        sleep(SETTLE).await;
    }

    /// Words without the cluster's seal so far.
    pub(super) fn forged(&self) -> u64 {
        self.forged.load(Ordering::Relaxed)
    }

    /// Whether it is there, as far as is known.
    pub(super) fn is_connected(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    fn subject(&self, session: Prefix) -> String {
        format!("stepmux.{}.session.{session}", self.realm)
    }

    /// Asks who has a session's link.
    pub(super) async fn ask(&self, session: Prefix) -> Said {
        if !self.is_connected() {
            return Said::NoBus;
        }
        let mut nonce = [0; 16];
        if getrandom::fill(&mut nonce).is_err() {
            return Said::NoBus;
        }
        let Some(asked) = self.key.seal(session, &Ask::new(&self.node, nonce)) else {
            return Said::NoBus;
        };
        let inbox = self.client.new_inbox();
        let asking = async {
            let answers = self.client.subscribe(inbox.clone()).await.ok()?;
            let subject = self.subject(session);
            let sent = self.client.publish_with_reply(subject, inbox, asked.into());
            sent.await.ok()?;
            Some(answers)
        };
        match timeout(SEND, asking).await {
            Ok(Some(answers)) => self.answers(session, nonce, answers).await,
            _ => Said::NoBus,
        }
    }

    async fn answers(&self, session: Prefix, nonce: [u8; 16], mut from: Subscriber) -> Said {
        let mut found: Vec<Answer> = Vec::new();
        let mut wait = FIRST;
        // A flood of forged answers ends with the time, not with a count.
        let whole = sleep(FIRST);
        tokio::pin!(whole);
        while found.len() < MOST {
            let message = tokio::select! {
                message = timeout(wait, from.next()) => message,
                () = &mut whole => break,
            };
            let Ok(Some(message)) = message else {
                break;
            };
            if message.status == Some(StatusCode::NO_RESPONDERS) {
                break;
            }
            match self.key.open::<Answer>(session, &message.payload) {
                Some(answer) if answer.nonce == nonce => {
                    wait = FURTHER;
                    found.push(answer);
                }
                _ => {
                    self.forged.fetch_add(1, Ordering::Relaxed);
                    tracing::debug!(%session, "an answer without the cluster's seal");
                }
            }
        }
        found.sort_by_key(|answer| std::cmp::Reverse(answer.epoch));
        found.dedup_by(|a, b| a.node == b.node);
        if found.is_empty() {
            return Said::Nobody;
        }
        Said::These(found.into_iter().map(|answer| answer.node).collect())
    }

    /// Answers for a session until the guard is dropped, or the relay is to end.
    pub(super) fn answer(
        &self,
        session: Prefix,
        epoch: u64,
        closing: &CancellationToken,
    ) -> tokio_util::sync::DropGuard {
        let over = CancellationToken::new();
        let guard = over.clone().drop_guard();
        let (client, key, node) = (self.client.clone(), self.key.clone(), self.node.clone());
        let (subject, forged) = (self.subject(session), Arc::clone(&self.forged));
        let answering = async move {
            loop {
                let Ok(mut questions) = client.subscribe(subject.clone()).await else {
                    sleep(AGAIN).await;
                    continue;
                };
                while let Some(question) = questions.next().await {
                    let Some(to) = question.reply else {
                        continue;
                    };
                    let Some(ask) = key.open::<Ask>(session, &question.payload) else {
                        forged.fetch_add(1, Ordering::Relaxed);
                        continue;
                    };
                    let answer = key.seal(session, &Answer::new(&node, epoch, ask.nonce));
                    if let (Some(answer), true) = (answer, ask.node != node) {
                        let sent = client.publish(to, answer.into());
                        let _ = timeout(SEND, sent).await;
                    }
                }
            }
        };
        let closing = closing.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = answering => {}
                () = over.cancelled() => {}
                () = closing.cancelled() => {}
            }
        });
        guard
    }
}

/// The first line of a file that is closed to everybody else: `USER:PASSWORD`
/// or a token.
fn secret_of(path: &Path) -> Result<String, String> {
    use std::io::Read;
    use std::os::unix::fs::MetadataExt;
    let fail = |why: &str| format!("{}: {why}", path.display());
    let file = open_file(&path.to_string_lossy()).map_err(|error| fail(&reason(&error)))?;
    let mode = file
        .metadata()
        .map_err(|error| fail(&reason(&error)))?
        .mode();
    if mode & 0o077 != 0 {
        return Err(fail("others may read it"));
    }
    let mut text = String::new();
    let read = file.take(AUTH_MAX).read_to_string(&mut text);
    read.map_err(|error| fail(&reason(&error)))?;
    match text.lines().next() {
        Some(line) if !line.is_empty() => Ok(line.to_owned()),
        _ => Err(fail("it is empty")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const SILENCE: Duration = Duration::from_secs(15);

    #[tokio::test]
    async fn address_with_a_password_or_of_another_kind_is_refused() {
        for (url, what) in [
            ("nats://user:xyzzy@127.0.0.1", "--bus-auth"),
            ("http://127.0.0.1", "nats://HOST"),
            ("127.0.0.1:4222", "nats://HOST"),
        ] {
            let why = Bus::open(url, None, b"secret", "n1", SILENCE)
                .await
                .err()
                .unwrap();
            assert!(why.contains(what) && !why.contains("xyzzy"), "{why}");
        }
    }

    #[tokio::test]
    async fn bus_that_is_not_there_says_so_at_once() {
        let bus = Bus::open("nats://127.0.0.1:1", None, b"secret", "n1", SILENCE);
        let bus = bus.await.unwrap();
        let _answers = bus.answer(Prefix::of([1; 10]), 5, &CancellationToken::new());
        assert!(matches!(bus.ask(Prefix::of([2; 10])).await, Said::NoBus));
        assert_eq!(bus.forged(), 0);
    }

    #[test]
    fn password_file_is_closed_to_others_and_has_one_line() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("auth");
        std::fs::write(&path, "user:word\n").unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
        assert!(secret_of(&path).is_err_and(|why| why.contains("others may read")));
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
        assert_eq!(secret_of(&path), Ok("user:word".to_owned()));
        std::fs::write(&path, "").unwrap();
        assert!(secret_of(&path).is_err());
    }
}
