//! Nodes and their connections to each other: one for each session that a node
//! asks another for, over mutual TLS. A node dials the addresses of its own peer
//! table and no others; who comes in has a certificate for a name in it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::net::sockopt;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;
use tokio_rustls::{client, server};
use tokio_util::sync::CancellationToken;

use super::transit::Visitor;
use super::{Cluster, tls};
use crate::access::Prefix;
use crate::door::accept::accepted;
use crate::door::gate::Ticket;
use crate::door::info::plain;
use crate::door::line::tune;
use crate::door::streams::{LinkError, Streams};
use crate::door::talk::Talk;
use crate::relay::Node;
use crate::wire::{Decoder, LINK_VERSION, Link};

/// How long a node may take to be reached and to answer.
const DIAL: Duration = Duration::from_secs(5);
/// How long who comes in may take to say what for.
const GREETING: Duration = Duration::from_secs(10);
/// How long a node may take nothing.
const STALL: Duration = Duration::from_secs(30);

/// A way to the node that has a session's link.
pub(super) struct Path {
    pub(super) link: client::TlsStream<TcpStream>,
    pub(super) rest: Decoder,
}

/// Asks a node of the peer table for a session.
///
/// # Errors
/// It cannot be reached, is not who it should be, or has no link of it.
pub(super) async fn dial(
    cluster: &Cluster,
    peer: &str,
    session: Prefix,
) -> Result<Path, LinkError> {
    let asked = timeout(DIAL, ask(cluster, peer, session));
    asked
        .await
        .unwrap_or(Err(LinkError::Wrong("no answer in time")))
}

async fn ask(cluster: &Cluster, peer: &str, session: Prefix) -> Result<Path, LinkError> {
    // The one place where a node dials: what it is told is a name.
    let Some(address) = cluster.peers.get(peer) else {
        return Err(LinkError::Wrong("it is not in the peer table"));
    };
    let tcp = TcpStream::connect(address.as_str()).await?;
    keep_alive(&tcp);
    let name = ServerName::try_from(peer.to_owned());
    let name = name.map_err(|_| LinkError::Wrong("its name is none"))?;
    let mut link = cluster.tls.connector.connect(name, tcp).await?;
    let mut talk = Talk::new(&mut link);
    talk.say(&Link::Want {
        version: LINK_VERSION,
        node: cluster.name.clone(),
        session: session.bytes(),
    })
    .await?;
    match talk.hear().await? {
        Link::Have => {}
        // A node is believed what it says of sessions, and nothing of terminals.
        Link::Refused { why } => return Err(LinkError::Refused(plain(&why))),
        _ => return Err(LinkError::Wrong("it does not speak as it should")),
    }
    let rest = talk.rest();
    Ok(Path { link, rest })
}

/// A machine that vanished is noticed while nothing is sent, too.
fn keep_alive(tcp: &TcpStream) {
    tune(tcp);
    let set = sockopt::set_socket_keepalive(tcp, true).is_ok()
        && sockopt::set_tcp_keepidle(tcp, Duration::from_secs(5)).is_ok()
        && sockopt::set_tcp_keepintvl(tcp, Duration::from_secs(5)).is_ok()
        && sockopt::set_tcp_keepcnt(tcp, 2).is_ok()
        && sockopt::set_tcp_user_timeout(tcp, 15_000).is_ok();
    if !set {
        tracing::debug!("a socket option was refused");
    }
}

/// Takes other nodes in until the relay closes.
pub(super) async fn accept(node: Arc<Node>, cluster: Arc<Cluster>, listener: TcpListener) {
    while let Some((tcp, address)) = accepted(&listener, &node.closing).await {
        let address = SocketAddr::new(address.ip().to_canonical(), address.port());
        let (cut, now) = (CancellationToken::new(), Instant::now());
        let Some(ticket) = cluster.gate.enter(address.ip(), &cut, now) else {
            if cluster.gate.may_report(now) {
                tracing::warn!(%address, "too many nodes that have not said who they are");
            }
            continue;
        };
        keep_alive(&tcp);
        let (node, cluster) = (Arc::clone(&node), Arc::clone(&cluster));
        tokio::spawn(async move {
            tokio::select! {
                why = attend(&node, &cluster, tcp, address, (ticket, cut)) => {
                    tracing::debug!(%address, %why, "a node's connection ended");
                }
                () = node.closing.cancelled() => {}
            }
        });
    }
}

/// Attends a node's connection until it is over.
async fn attend(
    node: &Node,
    cluster: &Cluster,
    tcp: TcpStream,
    address: SocketAddr,
    (ticket, cut): (Ticket, CancellationToken),
) -> LinkError {
    let greeted = tokio::select! {
        greeted = timeout(GREETING, greet(node, cluster, tcp, address)) => greeted,
        () = cut.cancelled() => return LinkError::Wrong("it gave way to others"),
    };
    let Greeted {
        link,
        rest,
        visitor,
        streams,
        _permit,
    } = match greeted {
        Ok(Ok(greeted)) => greeted,
        Ok(Err(why)) => {
            if cluster.gate.may_report(Instant::now()) {
                tracing::info!(%address, %why, "a node was refused");
            }
            return why;
        }
        Err(_) => return LinkError::Wrong("it said nothing in time"),
    };
    drop(ticket);
    let (read, write) = tokio::io::split(link);
    let terms = (node.limits.joiners, cluster.silence + cluster.silence / 3);
    tokio::select! {
        why = reading(&visitor, &streams, read, rest, terms) => why,
        why = writing(&visitor, write) => why,
        () = visitor.cut.cancelled() => LinkError::Wrong("the VM's link is over"),
    }
}

/// A node that has said who it is and been given what it asks for.
struct Greeted {
    link: server::TlsStream<TcpStream>,
    rest: Decoder,
    visitor: Visitor,
    streams: Streams,
    _permit: OwnedSemaphorePermit,
}

async fn greet(
    node: &Node,
    cluster: &Cluster,
    tcp: TcpStream,
    address: SocketAddr,
) -> Result<Greeted, LinkError> {
    let mut link = cluster.tls.acceptor.accept(tcp).await?;
    let certificate = {
        let shown = link.get_ref().1.peer_certificates();
        shown.and_then(|chain| chain.first()).cloned()
    };
    let mut talk = Talk::new(&mut link);
    let Link::Want {
        version,
        node: name,
        session,
    } = talk.hear().await?
    else {
        return Err(LinkError::Wrong("it asks for nothing"));
    };
    let own = certificate.is_some_and(|shown| tls::is_for(&shown, &name));
    let refused = if version != LINK_VERSION {
        Some("this node is of another version")
    } else if !own || !cluster.peers.contains_key(&name) {
        Some("the certificate is for no node of the peer table by this name")
    } else {
        None
    };
    if let Some(why) = refused {
        let word = Link::Refused {
            why: why.to_owned(),
        };
        talk.say(&word).await?;
        return Err(LinkError::Wrong(why));
    }
    let session = Prefix::of(session);
    let Ok(permit) = Arc::clone(&cluster.visits).try_acquire_owned() else {
        let why = "this node has no room for another connection";
        let word = Link::Refused {
            why: why.to_owned(),
        };
        talk.say(&word).await?;
        return Err(LinkError::Wrong(why));
    };
    let entered = node
        .directory
        .linked(session)
        .and_then(|(streams, transit)| {
            let visitor = transit.enter(&streams)?;
            Some((visitor, streams))
        });
    let Some((visitor, streams)) = entered else {
        let why = "it has no link of this session".to_owned();
        talk.say(&Link::Refused { why }).await?;
        return Err(LinkError::Wrong("the session's link is not here"));
    };
    talk.say(&Link::Have).await?;
    tracing::info!(%address, node = name, %session, "visit");
    let rest = talk.rest();
    Ok(Greeted {
        link,
        rest,
        visitor,
        streams,
        _permit: permit,
    })
}

/// Passes on what a node says. `most` is how many guests the session may have;
/// the node, which asks sooner, may be silent for so long.
async fn reading(
    visitor: &Visitor,
    streams: &Streams,
    mut read: impl AsyncRead + Unpin,
    mut came: Decoder,
    (most, silence): (usize, Duration),
) -> LinkError {
    let mut buffer = vec![0; 16 << 10];
    loop {
        loop {
            let passed = match came.message() {
                Ok(Some(word)) => visitor.heard(word, most),
                Ok(None) => break,
                Err(_) => return LinkError::Wrong("it does not speak as it should"),
            };
            match passed {
                Ok(Some(word)) => {
                    if !streams.pass(word).await {
                        return LinkError::Wrong("the VM's link is over");
                    }
                }
                Ok(None) => {}
                Err(why) => return why,
            }
        }
        match timeout(silence, read.read(&mut buffer)).await {
            Ok(Ok(count @ 1..)) => came.push(&buffer[..count]),
            Ok(Ok(_)) => return std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into(),
            Ok(Err(error)) => return error.into(),
            Err(_) => return LinkError::Wrong("it said nothing for too long"),
        }
    }
}

async fn writing(visitor: &Visitor, mut write: impl AsyncWrite + Unpin) -> LinkError {
    let mut out = Vec::new();
    loop {
        let kicked = visitor.kick.notified();
        if let Err(why) = visitor.fill(&mut out) {
            return why;
        }
        if out.is_empty() {
            kicked.await;
            continue;
        }
        let written = async {
            write.write_all(&out).await?;
            write.flush().await
        };
        match timeout(STALL, written).await {
            Ok(Ok(())) => out.clear(),
            Ok(Err(error)) => return error.into(),
            Err(_) => return LinkError::Wrong("it takes nothing"),
        }
    }
}
