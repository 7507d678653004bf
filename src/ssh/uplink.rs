//! The link to a relay: this machine dials out, proves which session it has, and
//! takes the guests that come back over it as if they had come directly. It is
//! kept as long as the share: a link that breaks is made again, and the guests'
//! streams go on over the next one.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use russh::client::{self, AuthResult, Handle};
use russh::keys::{HashAlg, PrivateKey, PublicKeyOrCertificate};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::serve::{self, Share};
use crate::access::{Claim, Sid};
use crate::door::claims::{sign, unix_now};
use crate::door::info::reason;
use crate::door::line::tune;
use crate::door::streams::{LinkError, Streams};
use crate::door::talk::Talk;
use crate::mux::effect::{RelayInfo, RelayRequest};
use crate::wire::link::{HOST_USER, SUBSYSTEM};
use crate::wire::{Decoder, LINK_VERSION, Link};

/// How long a relay may take to be reached, and to take the claim.
const CONNECT: Duration = Duration::from_secs(15);
/// Between keepalives; two unanswered ones end the link.
const KEEPALIVE: Duration = Duration::from_secs(5);
/// The first wait before a broken link is made again; it doubles.
const FIRST_WAIT: Duration = Duration::from_millis(200);
/// The longest.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// A link that lived so long was a good one: the waits begin anew.
const GOOD: Duration = Duration::from_secs(30);
/// Guests at once through a relay.
const JOINERS: usize = 256;

/// The link of one share.
pub(super) struct Uplink {
    host: String,
    port: u16,
    /// The relay's key, as asked for or as first seen.
    pin: Arc<Mutex<Option<String>>>,
    key: PrivateKey,
    sid: Sid,
    epoch: u64,
    streams: Streams,
    /// The first link, until it is kept.
    made: Option<Made>,
}

/// A link whose claim was taken.
struct Made {
    /// Keeps the connection.
    _handle: Handle<Pinned>,
    link: Box<dyn Duplex>,
    rest: Decoder,
    route: String,
}

trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// russh's handler: it knows the relay by its key.
struct Pinned {
    pin: Arc<Mutex<Option<String>>>,
    wrong: Arc<Mutex<Option<String>>>,
}

impl client::Handler for Pinned {
    type Error = russh::Error;

    async fn check_server_key(
        &mut self,
        key: &PublicKeyOrCertificate,
    ) -> Result<bool, russh::Error> {
        let print = key.public_key().fingerprint(HashAlg::Sha256).to_string();
        let mut pin = self.pin.lock().unwrap_or_else(PoisonError::into_inner);
        let same = *pin.get_or_insert_with(|| print.clone()) == print;
        if !same {
            *self.wrong.lock().unwrap_or_else(PoisonError::into_inner) = Some(print);
        }
        Ok(same)
    }
}

impl Uplink {
    /// A link that is not yet made.
    ///
    /// # Errors
    /// A place or fingerprint that is none.
    pub(super) fn new(request: &RelayRequest, key: PrivateKey) -> Result<Self, String> {
        let (host, port) = place(&request.place)?;
        if let Some(pin) = &request.pin
            && !(pin.starts_with("SHA256:") && pin.len() == 50)
        {
            return Err(format!("no fingerprint: {pin} (SHA256: and 43 characters)"));
        }
        let blob = key.public_key().to_bytes();
        let blob = blob.map_err(|error| error.to_string())?;
        Ok(Self {
            host,
            port,
            pin: Arc::new(Mutex::new(request.pin.clone())),
            sid: Sid::of(&blob),
            // A server that starts again goes on from here: time grows too.
            epoch: unix_now().saturating_mul(1000),
            key,
            streams: Streams::default(),
            made: None,
        })
    }

    fn pinned(&self) -> Option<String> {
        let pin = self.pin.lock().unwrap_or_else(PoisonError::into_inner);
        pin.clone()
    }

    /// Makes the first link.
    ///
    /// # Errors
    /// A sentence naming the relay: nothing is shared then.
    pub(super) async fn first(&mut self) -> Result<RelayInfo, String> {
        let made = self.make().await;
        let made = made.map_err(|why| format!("relay {}:{}: {why}", self.host, self.port))?;
        let info = RelayInfo {
            host: self.host.clone(),
            port: self.port,
            route: made.route.clone(),
            fingerprint: self.pinned().unwrap_or_default(),
            alias: self.sid.to_string(),
        };
        self.made = Some(made);
        Ok(info)
    }

    /// Keeps the link until the share closes.
    pub(super) async fn keep(mut self, share: Arc<Share>) {
        let closing: CancellationToken = share.closing.clone();
        let mut wait = FIRST_WAIT;
        let mut next = self.made.take();
        loop {
            let since = tokio::time::Instant::now();
            let made = match next.take() {
                Some(made) => Ok(made),
                None => tokio::select! {
                    made = self.make() => made,
                    () = closing.cancelled() => break,
                },
            };
            let why = match made {
                Ok(made) => tokio::select! {
                    why = carry(&self.streams, made, &share) => why.to_string(),
                    () = closing.cancelled() => break,
                },
                Err(why) => why,
            };
            tracing::info!(relay = %self.host, session = %self.sid, why, "no link");
            if since.elapsed() >= GOOD {
                wait = FIRST_WAIT;
            }
            tokio::select! {
                () = sleep(jittered(wait)) => {}
                () = closing.cancelled() => break,
            }
            wait = (wait * 2).min(LONGEST_WAIT);
        }
        self.streams.reset_all();
    }

    /// Dials, proves the session, is told the route.
    async fn make(&mut self) -> Result<Made, String> {
        let making = timeout(CONNECT, self.connect());
        making.await.map_err(|_| "no answer in time".to_owned())?
    }

    async fn connect(&mut self) -> Result<Made, String> {
        let tcp = TcpStream::connect((self.host.as_str(), self.port)).await;
        let tcp = tcp.map_err(|error| reason(&error))?;
        tune(&tcp);
        let wrong = Arc::new(Mutex::new(None));
        let handler = Pinned {
            pin: Arc::clone(&self.pin),
            wrong: Arc::clone(&wrong),
        };
        let config = client::Config {
            keepalive_interval: Some(KEEPALIVE),
            keepalive_max: 2,
            window_size: 1024 * 1024,
            nodelay: true,
            ..client::Config::default()
        };
        let connected = client::connect_stream(Arc::new(config), tcp, handler).await;
        let mut handle = connected.map_err(|error| {
            let other = wrong.lock().unwrap_or_else(PoisonError::into_inner).take();
            match other {
                Some(print) => format!("its key is another one: {print}"),
                None => error.to_string(),
            }
        })?;
        let say = |error: russh::Error| error.to_string();
        match handle.authenticate_none(HOST_USER).await.map_err(say)? {
            AuthResult::Success => {}
            AuthResult::Failure { .. } => return Err("it does not take this machine".to_owned()),
        }
        let channel = handle.channel_open_session().await.map_err(say)?;
        channel
            .request_subsystem(false, SUBSYSTEM)
            .await
            .map_err(say)?;
        let mut link = channel.into_stream();
        let mut talk = Talk::new(&mut link);
        let route = self.register(&mut talk).await.map_err(|e| e.to_string())?;
        let rest = talk.rest();
        Ok(Made {
            _handle: handle,
            link: Box::new(link),
            rest,
            route,
        })
    }

    async fn register<S>(&mut self, talk: &mut Talk<'_, S>) -> Result<String, LinkError>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let Link::Hello {
            version,
            node,
            nonce,
        } = talk.hear().await?
        else {
            return Err(LinkError::Wrong("it is no relay"));
        };
        if version != LINK_VERSION {
            return Err(LinkError::Wrong("it is a relay of another version"));
        }
        // What it says of itself must be what it has proven.
        if self.pinned().as_ref() != Some(&node) {
            return Err(LinkError::Wrong("it gives another name than its key's"));
        }
        self.epoch += 1;
        let blob = self.key.public_key().to_bytes();
        let blob = blob.map_err(|_| LinkError::Wrong("the host key has no public half"))?;
        let claim = Claim::new(blob, self.epoch, &node, nonce, unix_now());
        let claim = claim
            .to_bytes()
            .map_err(|why| LinkError::Refused(why.to_string()))?;
        let signature = sign(&self.key, &claim).map_err(LinkError::Refused)?;
        talk.say(&Link::Register { claim, signature }).await?;
        match talk.hear().await? {
            Link::Registered { route } => Ok(route),
            Link::Refused { why } => Err(LinkError::Refused(plain(&why))),
            _ => Err(LinkError::Wrong("the relay does not speak as it should")),
        }
    }
}

/// Carries the streams over a link until it ends.
async fn carry(streams: &Streams, made: Made, share: &Arc<Share>) -> LinkError {
    let Made {
        _handle,
        link,
        rest,
        ..
    } = made;
    streams
        .carry(link, rest, |word| match word {
            Link::Open {
                stream,
                from,
                again,
            } => {
                if let Some(end) = streams.opened(stream, again, JOINERS) {
                    let address = from.parse().unwrap_or(SocketAddr::from(([0, 0, 0, 0], 0)));
                    serve::relayed(share, end, address);
                }
                Ok(())
            }
            Link::Draining => Err(LinkError::Wrong("the relay ends")),
            _ => Err(LinkError::Wrong("the relay does not speak as it should")),
        })
        .await
}

/// A relay's words without what a terminal would obey, and not too many.
fn plain(text: &str) -> String {
    text.chars()
        .filter(|ch| !ch.is_control())
        .take(200)
        .collect()
}

/// `HOST`, `HOST:PORT`, `[ADDRESS]` or `[ADDRESS]:PORT`.
fn place(text: &str) -> Result<(String, u16), String> {
    let fail = || format!("no relay: {text} (HOST or HOST:PORT)");
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, rest) = rest.split_once(']').ok_or_else(fail)?;
            match rest {
                "" => (host, None),
                rest => (host, Some(rest.strip_prefix(':').ok_or_else(fail)?)),
            }
        }
        None => match text.rsplit_once(':') {
            Some((host, _)) if host.contains(':') => (text, None),
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    let plain = |ch: char| ch.is_ascii_alphanumeric() || matches!(ch, '.' | '-' | '_' | ':');
    if host.is_empty() || host.starts_with('-') || !host.chars().all(plain) {
        return Err(fail());
    }
    let port = match port {
        None => 22,
        Some(port) => port
            .parse()
            .ok()
            .filter(|port| *port > 0)
            .ok_or_else(fail)?,
    };
    Ok((host.to_owned(), port))
}

/// A wait that many links do not end at once.
fn jittered(wait: Duration) -> Duration {
    let mut byte = [0];
    let _ = getrandom::fill(&mut byte);
    wait.mul_f64(0.75 + f64::from(byte[0]) / 512.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn place_is_a_host_with_or_without_a_port() {
        for (text, host, port) in [
            ("relay.example", "relay.example", 22),
            ("relay.example:2222", "relay.example", 2222),
            ("192.0.2.1:1", "192.0.2.1", 1),
            ("2001:db8::1", "2001:db8::1", 22),
            ("[2001:db8::1]", "2001:db8::1", 22),
            ("[2001:db8::1]:7", "2001:db8::1", 7),
        ] {
            assert_eq!(place(text), Ok((host.to_owned(), port)), "{text}");
        }
        for text in [
            "",
            ":22",
            "a:",
            "a:0",
            "a:99999",
            "-oProxyCommand=x",
            "a b",
            "[a",
            "[a]7",
        ] {
            assert!(place(text).is_err(), "{text}");
        }
    }

    #[test]
    fn words_of_a_relay_reach_no_terminal_as_they_are() {
        assert_eq!(plain("no\x1b[2J room\n"), "no[2J room");
        assert_eq!(plain(&"x".repeat(999)).len(), 200);
    }

    #[test]
    fn wait_stays_near_what_it_should_be() {
        for _ in 0..50 {
            let wait = jittered(Duration::from_secs(8));
            assert!(wait >= Duration::from_secs(6) && wait <= Duration::from_secs(10));
        }
    }
}
