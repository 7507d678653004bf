//! A VM's link: its claim is asked for and checked, then it carries the session's
//! guests until it ends. It takes a session's place by a signed claim alone.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use russh::Channel;
use russh::server::Msg;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::Node;
use super::cluster;
use super::connection::Phase;
use super::directory::{Bond, Place};
use super::metrics::Away;
use crate::access::{Claim, Route};
use crate::door::claims::{signed, unix_now};
use crate::door::streams::{LinkError, Terms};
use crate::door::talk::Talk;
use crate::wire::{LINK_VERSION, Link};

/// Between looks whether a draining relay's guests have left. A VM hears of it in
/// that time.
const LOOK: Duration = Duration::from_millis(500);

/// How long a peer has to hear why it is refused.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Tells a VM that comes where only guests do.
pub(super) async fn turn_away(channel: Channel<Msg>) {
    let mut stream = channel.into_stream();
    let why = "machines come to another port of this relay (its --host-listen)".to_owned();
    let _ = Talk::new(&mut stream).say(&Link::Refused { why }).await;
    heard(&mut stream).await;
}

/// Gives a peer the time to hear what was said last: it closes the link then.
async fn heard(stream: &mut (impl AsyncRead + Unpin)) {
    let mut rest = [0; 1024];
    let closed = async { while matches!(stream.read(&mut rest).await, Ok(1..)) {} };
    let _ = timeout(LAST_WORDS, closed).await;
}

/// A VM's link, from its claim to its end.
pub(super) async fn link(
    node: &Arc<Node>,
    channel: Channel<Msg>,
    address: SocketAddr,
    phase: &watch::Sender<Phase>,
) {
    let mut stream = channel.into_stream();
    let mut talk = Talk::new(&mut stream);
    let place = match claimed(node, &mut talk).await {
        Ok(place) => place,
        Err(why) => {
            tracing::info!(%address, %why, "no session was registered");
            node.metrics.away(Away::Claim);
            let why = why.to_string();
            let _ = talk.say(&Link::Refused { why }).await;
            heard(&mut stream).await;
            return;
        }
    };
    let rest = talk.rest();
    phase.send_replace(Phase::Busy);
    node.metrics.linked();
    tracing::info!(%address, session = %place.sid, epoch = place.epoch, "session");
    // Its guests may be at any node of a cluster, which ask for it.
    let terms = match node.cluster {
        Some(_) => Terms::SHARED,
        None => Terms::LONE,
    };
    let cluster = node.cluster.as_ref();
    let session = place.sid.prefix();
    let answers = cluster.map(|cluster| cluster.answer(session, place.epoch, &node.closing));
    let carry = place.streams.carry(stream, rest, terms, |_, word| {
        place.transit.heard(&place.streams, word)
    });
    tokio::select! {
        why = carry => tracing::info!(session = %place.sid, %why, "link ended"),
        () = place.cut.cancelled() => tracing::info!(session = %place.sid, "link replaced"),
        () = drained(node, &place) => {}
    }
    drop(answers);
    node.directory.leave(&place, Instant::now());
    place.transit.cut_all();
    if let Some(cluster) = cluster {
        cluster::keep_way(node, cluster, session, &place.streams);
    }
}

/// Tells the VM that the relay is about to end, and waits until its guests have
/// left, or the relay's time is over.
async fn drained(node: &Node, place: &Place) {
    node.closing.cancelled().await;
    place.streams.say(&Link::Draining);
    loop {
        sleep(LOOK).await;
        if place.streams.len() == 0 || node.at_once.is_cancelled() {
            return;
        }
    }
}

async fn claimed<S>(node: &Node, talk: &mut Talk<'_, S>) -> Result<Place, LinkError>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    let mut nonce = [0; 32];
    getrandom::fill(&mut nonce).map_err(|_| LinkError::Wrong("no randomness"))?;
    talk.say(&Link::Hello {
        version: LINK_VERSION,
        node: node.name.clone(),
        nonce,
        name: node.cluster_name(),
        guests: node.guests.get().copied().unwrap_or_default(),
    })
    .await?;
    let Link::Register { claim, signature } = talk.hear().await? else {
        return Err(LinkError::Wrong("a claim was awaited"));
    };
    let bond = Bond {
        node: &node.name,
        nonce: &nonce,
        now: unix_now(),
    };
    let read = Claim::read(&claim).map_err(|why| LinkError::Refused(why.to_string()))?;
    if !signed(&read, &claim, &signature) {
        return Err(LinkError::Wrong("the claim's signature is wrong"));
    }
    let place = node
        .directory
        .register(&read, &bond, node.limits.sessions)
        .map_err(|why| LinkError::Refused(why.to_string()))?;
    let route = node.routes.write(Route {
        node: 0,
        session: place.sid.prefix(),
    });
    if let Err(why) = talk.say(&Link::Registered { route }).await {
        node.directory.leave(&place, Instant::now());
        return Err(why);
    }
    Ok(place)
}
