//! The link to a relay: this machine dials out, proves which session it has, and
//! takes the guests that come back over it as if they had come directly. It is
//! kept as long as the share: a link that breaks is made again, and the guests'
//! streams go on over the next one.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use russh::client::{self, Handle};
use russh::keys::{HashAlg, PrivateKey, PrivateKeyWithHashAlg, PublicKeyOrCertificate};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::dial::{self, Duplex};
use super::nodes::{LINKS, Nodes};
use super::pins::Pins;
use super::serve::{self, Share};
use crate::access::invite::host_port;
use crate::access::{Claim, Sid};
use crate::door::claims::{sign, unix_now};
use crate::door::hostkey;
use crate::door::info::plain;
use crate::door::streams::{LinkError, Streams, Terms};
use crate::door::talk::Talk;
use crate::mux::effect::{RelayInfo, RelayRequest, RelayWay};
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

/// How long a guest's stream waits at the VM for its node to reach it again.
const ORPHANED: Duration = Duration::from_secs(60);
/// Between looks for streams whose node does not come back.
const REAP: Duration = Duration::from_secs(5);
/// Addresses of one name that are tried for a node to which no other link goes.
const TRIES: usize = 16;

/// Why a node is not linked to.
const SAME: LinkError = LinkError::Wrong("another link goes to this node");

/// The link of one share, or its links to several nodes of a relay.
pub(super) struct Uplink {
    own: Arc<Own>,
    /// The first link, until it is kept.
    made: Option<Made>,
}

/// What a share's links have in common.
struct Own {
    /// Where the relay is, or each of its nodes.
    places: Vec<(String, u16)>,
    nodes: Nodes,
    way: RelayWay,
    /// What the relay's key must be, and is.
    pin: Arc<Mutex<Pin>>,
    /// Where a key that was not asked for is written down.
    pins: Option<Pins>,
    /// By what the relay knows this machine.
    identity: Option<Arc<PrivateKey>>,
    compat: bool,
    key: PrivateKey,
    sid: Sid,
    epoch: AtomicU64,
    streams: Streams,
}

/// A link whose claim was taken.
struct Made {
    /// Keeps the connection.
    _handle: Handle<Pinned>,
    link: Box<dyn Duplex>,
    rest: Decoder,
    route: String,
    /// The node's name in its cluster; empty for a relay of one node.
    name: String,
    /// The port at which guests come to it; 0 for the link's own.
    guests: u16,
}

/// What the relay answered to a claim, and said of itself before.
struct Registered {
    route: String,
    name: String,
    guests: u16,
}

/// What is known of the relay's key.
#[derive(Default)]
struct Pin {
    /// Its fingerprint, as asked for or as first seen.
    print: Option<String>,
    /// The key, once it was shown: `ALGORITHM BASE64`.
    line: String,
    /// The fingerprint of another key that was shown instead.
    wrong: Option<String>,
}

/// russh's handler: it knows the relay by its key.
struct Pinned(Arc<Mutex<Pin>>);

impl client::Handler for Pinned {
    type Error = russh::Error;

    async fn check_server_key(
        &mut self,
        key: &PublicKeyOrCertificate,
    ) -> Result<bool, russh::Error> {
        let print = key.public_key().fingerprint(HashAlg::Sha256).to_string();
        let line = key.public_key().to_openssh().unwrap_or_default();
        let mut pin = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let same = *pin.print.get_or_insert_with(|| print.clone()) == print;
        if same {
            let words = line.split(' ').take(2).collect::<Vec<_>>();
            pin.line = words.join(" ").trim_end().to_owned();
        } else {
            pin.wrong = Some(print);
        }
        Ok(same)
    }
}

impl Uplink {
    /// A link that is not yet made. It reads files.
    ///
    /// # Errors
    /// A place or fingerprint that is none, a file that cannot be used.
    pub(super) fn new(
        request: &RelayRequest,
        key: PrivateKey,
        state_dir: &Path,
    ) -> Result<Self, String> {
        let read = |place: &str| match host_port(place) {
            Some((host, port)) => Ok((host.to_owned(), port.unwrap_or(22))),
            None => Err(format!("no relay: {place} (HOST or HOST:PORT)")),
        };
        let places: Result<Vec<_>, _> = request.place.split(',').map(read).collect();
        let places = places?;
        let (host, port) = places.first().cloned().unwrap_or_default();
        if let Some(pin) = &request.pin
            && !(pin.starts_with("SHA256:") && pin.len() == 50)
        {
            return Err(format!("no fingerprint: {pin} (SHA256: and 43 characters)"));
        }
        let blob = key.public_key().to_bytes();
        let blob = blob.map_err(|error| error.to_string())?;
        let pins = Pins::new(state_dir, &host, port);
        let (print, pins) = match &request.pin {
            Some(print) => (Some(print.clone()), None),
            None => (pins.known()?, Some(pins)),
        };
        let identity = request.identity.as_deref().map(hostkey::load);
        let pin = Pin {
            print,
            ..Pin::default()
        };
        let own = Own {
            places,
            nodes: Nodes::default(),
            way: request.way.clone(),
            pin: Arc::new(Mutex::new(pin)),
            pins,
            identity: identity.transpose()?.map(Arc::new),
            compat: request.compat,
            sid: Sid::of(&blob),
            // A server that starts again goes on from here: time grows too.
            epoch: AtomicU64::new(unix_now().saturating_mul(1000)),
            key,
            streams: Streams::default(),
        };
        Ok(Self {
            own: Arc::new(own),
            made: None,
        })
    }

    /// Makes the first link.
    ///
    /// # Errors
    /// A sentence naming the relay: nothing is shared then.
    pub(super) async fn first(&mut self) -> Result<RelayInfo, String> {
        let own = &self.own;
        let (host, port) = own.places.first().cloned().unwrap_or_default();
        let made = own.make(0).await;
        let made = made.map_err(|why| format!("relay {host}:{port}: {why}"))?;
        let (print, line) = {
            let pin = own.pinned();
            (pin.print.clone().unwrap_or_default(), pin.line.clone())
        };
        if let Some(pins) = own.pins.clone() {
            let print = print.clone();
            let written = tokio::task::spawn_blocking(move || pins.remember(&print)).await;
            written.map_err(|error| error.to_string())??;
        }
        let info = RelayInfo {
            host,
            port: if made.guests == 0 { port } else { made.guests },
            route: made.route.clone(),
            fingerprint: print,
            alias: own.sid.to_string(),
            key: line,
            compat: own.compat,
        };
        self.made = Some(made);
        Ok(info)
    }

    /// Keeps the link until the share closes; to a relay of several nodes, one
    /// to each of two.
    pub(super) async fn keep(mut self, share: Arc<Share>) {
        let (own, made) = (self.own, self.made.take());
        let several = made.as_ref().is_some_and(|made| !made.name.is_empty());
        let first = own.keep(0, made, &share);
        if several {
            // Two links, as `LINKS` says.
            let second = own.keep(LINKS - 1, None, &share);
            tokio::join!(first, second, own.reap(&share.closing));
        } else {
            first.await;
        }
        own.streams.reset_all();
    }
}

impl Own {
    fn pinned(&self) -> MutexGuard<'_, Pin> {
        self.pin.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why a relay with another key than expected is not talked to.
    fn other_key(&self, print: &str) -> String {
        let expected = self.pinned().print.clone().unwrap_or_default();
        match &self.pins {
            None => format!("its key is another one: {print}"),
            Some(pins) => format!(
                "its key is another one: {print}, and was {expected}; if that is meant to be, \
                 take its line out of {} or name the key (--relay-key)",
                pins.path().display()
            ),
        }
    }

    /// Resets streams whose node has not come back, until the share closes.
    async fn reap(&self, closing: &CancellationToken) {
        while !closing.is_cancelled() {
            tokio::select! {
                () = sleep(REAP) => {}
                () = closing.cancelled() => {}
            }
            self.streams.reap(Instant::now(), ORPHANED);
        }
    }

    /// Keeps one link until the share closes.
    async fn keep(&self, nth: usize, first: Option<Made>, share: &Arc<Share>) {
        let closing: CancellationToken = share.closing.clone();
        let mut wait = FIRST_WAIT;
        let mut next = first;
        loop {
            let since = tokio::time::Instant::now();
            let made = match next.take() {
                Some(made) => Ok(made),
                None => tokio::select! {
                    made = self.make(nth) => made,
                    () = closing.cancelled() => break,
                },
            };
            let why = match made {
                Ok(made) => tokio::select! {
                    why = carry(&self.streams, made, share) => why.to_string(),
                    () = share.left_by_relay() => break,
                },
                Err(why) => why,
            };
            self.nodes.release(nth);
            tracing::info!(nth, session = %self.sid, why, "no link");
            if since.elapsed() >= GOOD {
                wait = FIRST_WAIT;
            }
            tokio::select! {
                () = sleep(jittered(wait)) => {}
                () = closing.cancelled() => break,
            }
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }

    /// Dials, proves the session, is told the route: by the first place whose
    /// node is not that of another link.
    async fn make(&self, nth: usize) -> Result<Made, String> {
        let mut why = "no further node answers".to_owned();
        let len = self.places.len();
        for (host, port) in self.places.iter().cycle().skip(nth).take(len) {
            for _ in 0..TRIES {
                let making = timeout(CONNECT, self.connect(nth, host, *port)).await;
                match making.unwrap_or_else(|_| Err("no answer in time".to_owned())) {
                    Ok(made) => return Ok(made),
                    // It is known now who is there: the name's next address.
                    Err(failed) if failed == SAME.to_string() => {}
                    Err(failed) => {
                        why = failed;
                        break;
                    }
                }
            }
        }
        Err(why)
    }

    async fn connect(&self, nth: usize, host: &str, port: u16) -> Result<Made, String> {
        let others = |place: &str| self.nodes.are_others(nth, place, Instant::now());
        let dialled = dial::dial(host, port, &self.way, &others).await?;
        let place = dialled.place.clone();
        let complaint = dialled.complaint();
        let handler = Pinned(Arc::clone(&self.pin));
        let config = client::Config {
            keepalive_interval: Some(KEEPALIVE),
            keepalive_max: 2,
            window_size: 1024 * 1024,
            nodelay: true,
            ..client::Config::default()
        };
        let connected = client::connect_stream(Arc::new(config), dialled.stream, handler).await;
        let mut handle = connected.map_err(|error| {
            let other = self.pinned().wrong.take();
            match other {
                Some(print) => self.other_key(&print),
                None => match complaint() {
                    said if said.is_empty() => error.to_string(),
                    said => format!("proxy command: {said}"),
                },
            }
        })?;
        let say = |error: russh::Error| error.to_string();
        admitted(&mut handle, self.identity.clone()).await?;
        let channel = handle.channel_open_session().await.map_err(say)?;
        channel
            .request_subsystem(false, SUBSYSTEM)
            .await
            .map_err(say)?;
        let mut link = channel.into_stream();
        let mut talk = Talk::new(&mut link);
        let registered = self.register(&mut talk, nth, &place).await;
        let Registered {
            route,
            name,
            guests,
        } = registered.map_err(|why| why.to_string())?;
        let rest = talk.rest();
        Ok(Made {
            _handle: handle,
            link: Box::new(link),
            rest,
            route,
            name,
            guests,
        })
    }

    /// Claims the session.
    async fn register<S>(
        &self,
        talk: &mut Talk<'_, S>,
        nth: usize,
        place: &str,
    ) -> Result<Registered, LinkError>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let (version, node, nonce, name, guests) = match talk.hear().await? {
            Link::Hello {
                version,
                node,
                nonce,
                name,
                guests,
            } => (version, node, nonce, name, guests),
            Link::Refused { why } => return Err(LinkError::Refused(plain(&why))),
            _ => return Err(LinkError::Wrong("it is no relay")),
        };
        if version != LINK_VERSION {
            return Err(LinkError::Wrong("it is a relay of another version"));
        }
        // What it says of itself must be what it has proven.
        if self.pinned().print.as_ref() != Some(&node) {
            return Err(LinkError::Wrong("it gives another name than its key's"));
        }
        if !name.is_empty() && !self.nodes.hold(nth, place, &name, Instant::now()) {
            return Err(SAME);
        }
        let epoch = self.epoch.fetch_add(1, Ordering::Relaxed) + 1;
        let blob = self.key.public_key().to_bytes();
        let blob = blob.map_err(|_| LinkError::Wrong("the host key has no public half"))?;
        let claim = Claim::new(blob, epoch, &node, nonce, unix_now());
        let claim = claim
            .to_bytes()
            .map_err(|why| LinkError::Refused(why.to_string()))?;
        let signature = sign(&self.key, &claim).map_err(LinkError::Refused)?;
        talk.say(&Link::Register { claim, signature }).await?;
        match talk.hear().await? {
            // It becomes a part of lines that people paste into their shells.
            Link::Registered { route } if !is_route(&route) => {
                Err(LinkError::Wrong("it gives a route that is none"))
            }
            Link::Registered { route } => Ok(Registered {
                route,
                name,
                guests,
            }),
            Link::Refused { why } => Err(LinkError::Refused(plain(&why))),
            _ => Err(LinkError::Wrong("the relay does not speak as it should")),
        }
    }
}

/// Says which machine this is, where the relay asks for it.
async fn admitted(
    handle: &mut Handle<Pinned>,
    identity: Option<Arc<PrivateKey>>,
) -> Result<(), String> {
    let say = |error: russh::Error| error.to_string();
    let known = handle.authenticate_none(HOST_USER).await.map_err(say)?;
    if known.success() {
        return Ok(());
    }
    let Some(key) = identity else {
        return Err(
            "it takes known machines only: name a key that it lists (--relay-identity)".to_owned(),
        );
    };
    let hash = handle.best_supported_rsa_hash().await.map_err(say)?;
    let proof = PrivateKeyWithHashAlg::new(Arc::clone(&key), hash.flatten());
    let known = handle.authenticate_publickey(HOST_USER, proof).await;
    if known.map_err(say)?.success() {
        return Ok(());
    }
    let print = hostkey::fingerprint(&key);
    Err(format!(
        "it does not take this machine's key {print}: its operator lists those who may come"
    ))
}

/// Carries the streams over a link until it ends.
async fn carry(streams: &Streams, made: Made, share: &Arc<Share>) -> LinkError {
    let Made {
        _handle,
        link,
        rest,
        name,
        ..
    } = made;
    let terms = match name.is_empty() {
        true => Terms::LONE,
        false => Terms::BESIDE,
    };
    streams
        .carry(link, rest, terms, |at, word| match word {
            Link::Open {
                stream,
                from,
                again,
            } => {
                if let Some(end) = streams.opened(at, stream, again, JOINERS) {
                    let address = from.parse().unwrap_or(SocketAddr::from(([0, 0, 0, 0], 0)));
                    serve::relayed(share, end, address);
                }
                Ok(())
            }
            Link::Gone { stream } => {
                streams.gone(at, stream);
                Ok(())
            }
            // It closes the link when its guests have left, or its time is over.
            Link::Draining => {
                tracing::info!("the relay is about to end");
                Ok(())
            }
            _ => Err(LinkError::Wrong("the relay does not speak as it should")),
        })
        .await
}

/// Whether a text can be a route: letters and digits, as relays of all versions
/// make them.
fn is_route(text: &str) -> bool {
    let plain = |ch: u8| ch.is_ascii_lowercase() || ch.is_ascii_digit();
    (1..=64).contains(&text.len()) && text.bytes().all(plain)
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
    fn route_is_a_name_that_no_shell_or_ssh_takes_for_anything_else() {
        assert!(is_route("r2abcdefghijklmnopqrstuvwxyz234567"));
        for wrong in [
            "",
            "-oProxyCommand=x",
            "a b",
            "$(x)",
            "a@b",
            "a\nb",
            "A",
            &"r".repeat(65),
        ] {
            assert!(!is_route(wrong), "{wrong}");
        }
    }

    #[test]
    fn wait_stays_near_what_it_should_be() {
        for _ in 0..50 {
            let wait = jittered(Duration::from_secs(8));
            assert!(wait >= Duration::from_secs(6) && wait <= Duration::from_secs(10));
        }
    }
}
