//! The relay from inside, with peers that lie, repeat themselves, trickle and
//! flood. Their words are spelled out: no honest client says them.

#![allow(clippy::unwrap_used)]

use std::sync::Mutex;

use russh::client::{self, Handle};
use russh::keys::PublicKeyOrCertificate;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::oneshot;

use super::*;
use crate::access::{Claim, Prefix, Route, Sid};
use crate::door::claims::{sign, unix_now};
use crate::door::talk::Talk;
use crate::wire::Link;
use crate::wire::link::{HOST_USER, SUBSYSTEM, TARGET};

/// Whoever answers is taken for the relay.
struct Anyone;

impl client::Handler for Anyone {
    type Error = russh::Error;

    async fn check_server_key(
        &mut self,
        _key: &PublicKeyOrCertificate,
    ) -> Result<bool, russh::Error> {
        Ok(true)
    }
}

/// A relay of this test, and the keys of its sessions.
struct House {
    dir: tempfile::TempDir,
    address: SocketAddr,
    reins: Reins,
}

impl House {
    async fn open(limits: Limits) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let config = Config {
            listen: vec!["127.0.0.1:0".to_owned()],
            host_listen: Vec::new(),
            key: None,
            state_dir: dir.path().join("state"),
            hosts: AllowHosts::Open,
            metrics: None,
            drain: Duration::ZERO,
            limits,
            cluster: None,
        };
        let reins = Reins::default();
        let (tell, told) = oneshot::channel();
        let own = reins.clone();
        tokio::spawn(async move {
            let opened = |opened: &Opened| {
                let _ = tell.send(opened.listen[0]);
            };
            run(config, opened, own).await.unwrap();
        });
        Self {
            address: told.await.unwrap(),
            dir,
            reins,
        }
    }

    fn key(&self, name: &str) -> PrivateKey {
        hostkey::load_or_create(&self.dir.path().join("keys"), name).unwrap()
    }

    fn routes(&self) -> RouteKey {
        let key = hostkey::load_or_create(&self.dir.path().join("state"), KEY_FILE).unwrap();
        RouteKey::derive(&secret(&key).unwrap())
    }

    fn route(&self, session: Prefix) -> String {
        self.routes().write(Route { node: 0, session })
    }

    async fn connect(&self, user: &str) -> Option<Handle<Anyone>> {
        let config = Arc::new(client::Config::default());
        let mut handle = client::connect(config, self.address, Anyone).await.ok()?;
        let admitted = handle.authenticate_none(user).await.ok()?;
        admitted.success().then_some(handle)
    }

    /// Registers with what `words` makes of the relay's greeting; its answer.
    async fn register(
        &self,
        words: impl FnOnce(&str, [u8; 32]) -> (Vec<u8>, Vec<u8>),
    ) -> (Option<Link>, Handle<Anyone>) {
        let handle = self.connect(HOST_USER).await.unwrap();
        let channel = handle.channel_open_session().await.unwrap();
        channel.request_subsystem(false, SUBSYSTEM).await.unwrap();
        let mut stream = channel.into_stream();
        let mut talk = Talk::new(&mut stream);
        let Ok(Link::Hello { node, nonce, .. }) = talk.hear().await else {
            panic!("no greeting");
        };
        let (claim, signature) = words(&node, nonce);
        let _ = talk.say(&Link::Register { claim, signature }).await;
        let answer = talk.hear().await.ok();
        // The link stays as long as its handle and stream.
        tokio::spawn(async move {
            let mut rest = [0; 1024];
            while matches!(stream.read(&mut rest).await, Ok(1..)) {}
        });
        (answer, handle)
    }

    /// An honest claim's bytes and signature.
    fn claim(
        &self,
        key: &PrivateKey,
        epoch: u64,
        node: &str,
        nonce: [u8; 32],
    ) -> (Vec<u8>, Vec<u8>) {
        let blob = key.public_key().to_bytes().unwrap();
        let claim = Claim::new(blob, epoch, node, nonce, unix_now());
        let bytes = claim.to_bytes().unwrap();
        let signature = sign(key, &bytes).unwrap();
        (bytes, signature)
    }

    /// Whether a guest gets through to a session.
    async fn hop(&self, session: Prefix) -> bool {
        let Some(handle) = self.connect(&self.route(session)).await else {
            return false;
        };
        let opened = handle.channel_open_direct_tcpip(TARGET, 22, "127.0.0.1", 1);
        opened.await.is_ok()
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.reins.at_once.cancel();
    }
}

fn limits() -> Limits {
    Limits {
        patience: Duration::from_millis(100),
        ..Limits::default()
    }
}

fn prefix(key: &PrivateKey) -> Prefix {
    Sid::of(&key.public_key().to_bytes().unwrap()).prefix()
}

fn refusal(answer: Option<Link>) -> String {
    match answer {
        Some(Link::Refused { why }) => why,
        other => panic!("{other:?}"),
    }
}

// Lesson 2: resumption without proof of the key changes nothing.

#[tokio::test]
async fn replayed_claim_takes_no_place() {
    let house = House::open(limits()).await;
    let key = house.key("own");
    let stolen = Mutex::new(None);
    let (answer, _link) = house
        .register(|node, nonce| {
            let words = house.claim(&key, 5, node, nonce);
            *stolen.lock().unwrap() = Some(words.clone());
            words
        })
        .await;
    assert!(
        matches!(answer, Some(Link::Registered { .. })),
        "{answer:?}"
    );
    let stolen = stolen.lock().unwrap().take().unwrap();
    let (answer, _other) = house.register(|_, _| stolen).await;
    assert!(refusal(answer).contains("another link"));
    assert!(house.hop(prefix(&key)).await);
    // One's own old claims do as little: the number must grow.
    let (answer, _old) = house
        .register(|node, nonce| house.claim(&key, 5, node, nonce))
        .await;
    assert!(refusal(answer).contains("newer"));
    assert!(house.hop(prefix(&key)).await);
}

#[tokio::test]
async fn claim_to_anothers_session_takes_no_place() {
    let house = House::open(limits()).await;
    let (own, thief) = (house.key("own"), house.key("thief"));
    let (answer, _link) = house
        .register(|node, nonce| house.claim(&own, 1, node, nonce))
        .await;
    assert!(
        matches!(answer, Some(Link::Registered { .. })),
        "{answer:?}"
    );
    // The session's key in the claim, the thief's hand under it.
    let (answer, _other) = house
        .register(|node, nonce| {
            let (bytes, _) = house.claim(&own, 9, node, nonce);
            let signature = sign(&thief, &bytes).unwrap();
            (bytes, signature)
        })
        .await;
    assert!(refusal(answer).contains("signature"));
    assert!(house.hop(prefix(&own)).await && !house.hop(prefix(&thief)).await);
    // Two that have the same key: the newer claim has the place.
    let (answer, _second) = house
        .register(|node, nonce| house.claim(&own, 2, node, nonce))
        .await;
    assert!(
        matches!(answer, Some(Link::Registered { .. })),
        "{answer:?}"
    );
    assert!(house.hop(prefix(&own)).await);
}

#[tokio::test]
async fn forged_and_truncated_claims_are_refused() {
    let house = House::open(limits()).await;
    let key = house.key("own");
    type Forge = fn(Vec<u8>, Vec<u8>) -> (Vec<u8>, Vec<u8>);
    let forges: [Forge; 6] = [
        |bytes, signature| (bytes[..bytes.len() - 1].to_vec(), signature),
        |bytes, signature| (bytes[..1].to_vec(), signature),
        |_, signature| (Vec::new(), signature),
        |bytes, signature| (bytes, signature[..signature.len() / 2].to_vec()),
        |bytes, _| (bytes, Vec::new()),
        |mut bytes, signature| {
            // The number that must grow lies behind the key.
            let at = bytes.len() - 40;
            bytes[at] ^= 1;
            (bytes, signature)
        },
    ];
    for (nth, forge) in forges.into_iter().enumerate() {
        let (answer, _link) = house
            .register(|node, nonce| {
                let (bytes, signature) = house.claim(&key, 1, node, nonce);
                forge(bytes, signature)
            })
            .await;
        assert!(!refusal(answer).is_empty(), "{nth}");
        assert!(!house.hop(prefix(&key)).await, "{nth}");
    }
    // For another relay, good as it is.
    let (answer, _link) = house
        .register(|_, nonce| house.claim(&key, 1, "SHA256:other", nonce))
        .await;
    assert!(refusal(answer).contains("another link"));
}

#[tokio::test]
async fn first_word_that_is_too_long_ends_the_link_unread() {
    let house = House::open(limits()).await;
    let (answer, _link) = house.register(|_, _| (vec![1; 5000], Vec::new())).await;
    assert!(
        !matches!(answer, Some(Link::Registered { .. })),
        "{answer:?}"
    );
}

#[tokio::test]
async fn forged_routes_reach_no_session() {
    let house = House::open(limits()).await;
    let key = house.key("own");
    let (_, _link) = house
        .register(|node, nonce| house.claim(&key, 1, node, nonce))
        .await;
    let route = house.route(prefix(&key));
    assert!(house.connect(&route).await.is_some());
    let foreign = RouteKey::derive(b"another relay").write(Route {
        node: 0,
        session: prefix(&key),
    });
    let mut changed = route.clone().into_bytes();
    changed[7] = if changed[7] == b'a' { b'b' } else { b'a' };
    let changed = String::from_utf8(changed).unwrap();
    for name in [foreign.as_str(), &changed, &route[..32], "", "\0", "r"] {
        assert!(house.connect(name).await.is_none(), "{name:?}");
    }
}

// Lesson 2: trickling holds no worker past a deadline.

#[tokio::test]
async fn trickling_peer_is_cut_at_the_deadline_however_it_goes_on() {
    let grace = Duration::from_millis(400);
    let house = House::open(Limits { grace, ..limits() }).await;
    let mut tcp = TcpStream::connect(house.address).await.unwrap();
    let began = Instant::now();
    let mut tick = tokio::time::interval(Duration::from_millis(20));
    let mut greeting = b"SSH-2.0-".iter().chain(std::iter::repeat(&b'x'));
    let mut heard = [0; 4096];
    loop {
        tokio::select! {
            _ = tick.tick() => {
                let byte = *greeting.next().unwrap();
                if tcp.write_all(&[byte]).await.is_err() {
                    break;
                }
            }
            read = tcp.read(&mut heard) => match read {
                Ok(1..) => {}
                _ => break,
            },
        }
        assert!(began.elapsed() < grace * 20, "it is still there");
    }
    // One who has logged in and asks for nothing goes as well.
    let handle = house.connect(HOST_USER).await.unwrap();
    while !handle.is_closed() {
        tick.tick().await;
        assert!(began.elapsed() < grace * 40, "it is still there");
    }
}

#[tokio::test]
async fn guest_whose_hop_is_over_does_not_stay() {
    let grace = Duration::from_millis(600);
    let house = House::open(Limits { grace, ..limits() }).await;
    let key = house.key("own");
    let (_, _link) = house
        .register(|node, nonce| house.claim(&key, 1, node, nonce))
        .await;
    let handle = house.connect(&house.route(prefix(&key))).await.unwrap();
    let opened = handle.channel_open_direct_tcpip(TARGET, 22, "x", 1).await;
    let hop = opened.unwrap();
    // As long as it is open, the time to log in is no matter.
    sleep(grace * 3).await;
    assert!(!handle.is_closed());
    hop.close().await.unwrap();
    drop(hop);
    let closed = async {
        while !handle.is_closed() {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(30), closed).await.unwrap();
}

#[test]
fn operators_page_tells_the_usual_bounds() {
    let page = include_str!("../../docs/relay.md");
    let usual = Limits::default();
    let row = |what: &str| {
        let mut rows = page.lines().filter_map(|line| line.strip_prefix("| "));
        let told = rows.find_map(|row| row.strip_prefix(what)?.strip_prefix(" | "));
        told.unwrap_or_else(|| panic!("{what}")).replace(',', "")
    };
    for (what, bound) in [
        ("sessions", usual.sessions.to_string()),
        ("guests of a session", usual.joiners.to_string()),
        ("connections", usual.connections.to_string()),
        (
            "connections of an address (IPv6: a /64)",
            usual.per_address.to_string(),
        ),
        ("time to log in", format!("{} s", usual.grace.as_secs())),
        (
            "a guest's hop that is over, to the next one",
            format!("{} s", usual.grace.as_secs()),
        ),
        (
            "connections not yet logged in, and of an address",
            format!("{} and {}", usual.waiting, usual.waiting_per_address),
        ),
        (
            "a peer that says nothing and does not answer",
            format!("{} s", 4 * usual.keepalive.as_secs()),
        ),
        (
            "a session without its link",
            format!("{} min", usual.keep.as_secs() / 60),
        ),
    ] {
        let told = row(what);
        assert!(told.starts_with(&format!("{bound} ")), "{what}: {told}");
    }
}

// Lesson 9: floods.

#[tokio::test]
async fn silent_flood_of_one_address_leaves_room_for_its_own_guests() {
    let house = House::open(Limits {
        waiting_per_address: 4,
        grace: Duration::from_secs(60),
        ..limits()
    })
    .await;
    let key = house.key("own");
    let (_, _link) = house
        .register(|node, nonce| house.claim(&key, 1, node, nonce))
        .await;
    let mut silent = Vec::new();
    for _ in 0..8 {
        silent.push(TcpStream::connect(house.address).await.unwrap());
    }
    // Whoever has been silent for some seconds gives way.
    let began = Instant::now();
    while !house.hop(prefix(&key)).await {
        assert!(
            began.elapsed() < Duration::from_secs(20),
            "nobody gives way"
        );
    }
}

#[tokio::test]
async fn address_has_so_many_connections_and_a_session_so_many_guests() {
    let house = House::open(Limits {
        per_address: 4,
        joiners: 2,
        ..limits()
    })
    .await;
    let key = house.key("own");
    let (_, _link) = house
        .register(|node, nonce| house.claim(&key, 1, node, nonce))
        .await;
    let route = house.route(prefix(&key));
    let mut inside = Vec::new();
    for nth in 0..2 {
        let handle = house.connect(&route).await.unwrap();
        let opened = handle.channel_open_direct_tcpip(TARGET, 22, "x", 1).await;
        assert!(opened.is_ok(), "{nth}");
        inside.push((handle, opened));
    }
    let third = house.connect(&route).await.unwrap();
    let opened = third.channel_open_direct_tcpip(TARGET, 22, "x", 1).await;
    assert!(opened.is_err(), "the session has its guests");
    assert!(
        house.connect(&route).await.is_none(),
        "the address has its places"
    );
    drop((third, inside));
    let began = Instant::now();
    while house.connect(&route).await.is_none() {
        assert!(
            began.elapsed() < Duration::from_secs(10),
            "no place comes back"
        );
        tokio::task::yield_now().await;
    }
}
