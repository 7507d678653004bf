//! One connection to the relay: a VM's link, or the outer hop of a guest. Which
//! it is follows from the user name and from what it is allowed to prove, never
//! from anything that its client says of itself.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use russh::keys::PublicKey;
use russh::keys::PublicKeyBase64;
use russh::server::{
    Auth, ChannelOpenHandle, Handler, Msg, PublicKeyOffer, Session, VerifiedPublicKey,
};
use russh::{Channel, ChannelId, ChannelOpenFailure, Error, MethodKind, MethodSet};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::watch;

use super::link::link;
use super::{Node, Welcome};
use crate::access::Route;
use crate::door::gate::Ticket;
use crate::door::line::Rein;
use crate::door::pipe::{Inflow, Pipe};
use crate::door::streams::StreamEnd;
use crate::wire::link::{HOST_USER, SUBSYSTEM, TARGET};

/// How far a connection has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// It is not yet what it came for.
    Greeting,
    /// It is a link or a hop.
    Busy,
}

/// What a connection was admitted as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Host,
    Guest(Route),
}

/// russh's handler of one connection.
pub(super) struct Connection {
    node: Arc<Node>,
    address: SocketAddr,
    welcome: Welcome,
    rein: Arc<Rein>,
    ticket: Option<Ticket>,
    phase: Arc<watch::Sender<Phase>>,
    role: Option<Role>,
    wrong: bool,
    /// A host's channel before it becomes the link.
    channel: Option<Channel<Msg>>,
    /// A guest's hop.
    hop: Option<(ChannelId, Pipe)>,
}

/// What a guest reads who asks for more than a hop.
const HINT: &str =
    "stepmux: this is a relay: ssh -J THIS@RELAY TOKEN@stepmux goes on to the session\r\n";

type Reply = Result<(), Error>;

impl Connection {
    pub(super) fn new(
        node: Arc<Node>,
        address: SocketAddr,
        welcome: Welcome,
        rein: Arc<Rein>,
        ticket: Ticket,
        phase: watch::Sender<Phase>,
    ) -> Self {
        Self {
            node,
            address,
            welcome,
            rein,
            ticket: Some(ticket),
            phase: Arc::new(phase),
            role: None,
            wrong: false,
            channel: None,
            hop: None,
        }
    }

    /// Refuses a name, as slowly as its address has earned.
    async fn refuse(&mut self) -> Result<Auth, Error> {
        self.wrong = true;
        if let Some(ticket) = &self.ticket {
            ticket.failed();
            let delay = ticket.delay(Instant::now());
            tokio::select! {
                () = tokio::time::sleep(delay) => {}
                () = self.rein.severed() => return Err(Error::Disconnect),
            }
        }
        Ok(Auth::reject())
    }

    fn may_host(&self, key: &PublicKey) -> bool {
        let listed = |list: &crate::access::KeyList| {
            let found = list.find(key.algorithm().as_str(), &key.public_key_bytes());
            found.is_some()
        };
        self.welcome.hosts && self.node.hosts.as_ref().is_some_and(listed)
    }

    /// Tells a guest with a plain client what to do.
    fn hint(&self, channel: ChannelId, session: &mut Session) -> Reply {
        session.channel_success(channel)?;
        session.data(channel, HINT.as_bytes().to_vec())?;
        session.exit_status_request(channel, 1)?;
        session.eof(channel)?;
        session.close(channel)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket.take()
            && self.wrong
        {
            ticket.count(Instant::now());
        }
    }
}

impl Handler for Connection {
    type Error = Error;

    async fn auth_none(&mut self, user: &str) -> Result<Auth, Error> {
        if user == HOST_USER {
            if self.welcome.hosts && self.node.hosts.is_none() {
                self.role = Some(Role::Host);
                return Ok(Auth::Accept);
            }
            let mut methods = MethodSet::empty();
            methods.push(MethodKind::PublicKey);
            return Ok(Auth::Reject {
                proceed_with_methods: Some(methods),
                partial_success: false,
            });
        }
        match self.node.routes.read(user) {
            Some(route) if self.welcome.guests => {
                self.role = Some(Role::Guest(route));
                Ok(Auth::Accept)
            }
            _ => self.refuse().await,
        }
    }

    async fn auth_publickey_offered(
        &mut self,
        user: &str,
        offer: PublicKeyOffer<'_>,
    ) -> Result<Auth, Error> {
        if user == HOST_USER && self.may_host(offer.public_key) {
            return Ok(Auth::Accept);
        }
        Ok(Auth::reject())
    }

    async fn auth_publickey(
        &mut self,
        user: &str,
        key: VerifiedPublicKey<'_>,
    ) -> Result<Auth, Error> {
        if user == HOST_USER && self.may_host(key.public_key) {
            self.role = Some(Role::Host);
            return Ok(Auth::Accept);
        }
        self.refuse().await
    }

    async fn auth_succeeded(&mut self, _session: &mut Session) -> Reply {
        self.ticket = None;
        self.rein.loosen();
        Ok(())
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Reply {
        match self.role {
            Some(Role::Host) if self.channel.is_none() => self.channel = Some(channel),
            Some(Role::Guest(_)) => drop(channel.split()),
            _ => return Ok(()), // dropping `reply` refuses
        }
        reply.accept().await;
        Ok(())
    }

    async fn shell_request(&mut self, channel: ChannelId, session: &mut Session) -> Reply {
        self.hint(channel, session)
    }

    async fn exec_request(
        &mut self,
        channel: ChannelId,
        _line: &[u8],
        session: &mut Session,
    ) -> Reply {
        self.hint(channel, session)
    }

    async fn subsystem_request(
        &mut self,
        channel: ChannelId,
        name: &str,
        session: &mut Session,
    ) -> Reply {
        let Some(own) = self.channel.take_if(|own| own.id() == channel) else {
            return session.channel_failure(channel);
        };
        if name != SUBSYSTEM {
            return session.channel_failure(channel);
        }
        session.channel_success(channel)?;
        let (node, rein) = (Arc::clone(&self.node), Arc::clone(&self.rein));
        let (phase, address) = (Arc::clone(&self.phase), self.address);
        tokio::spawn(async move {
            link(&node, own, address, &phase).await;
            rein.cut();
        });
        Ok(())
    }

    async fn channel_open_direct_tcpip(
        &mut self,
        channel: Channel<Msg>,
        host: &str,
        _port: u32,
        _from: &str,
        _from_port: u32,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Reply {
        let Some(Role::Guest(route)) = self.role else {
            return Ok(());
        };
        // One place, by its name: no route and no request makes the relay dial.
        if host != TARGET || self.hop.is_some() {
            return Ok(());
        }
        let id = channel.id();
        let (_, mut write) = channel.split();
        let (pipe, input) = Pipe::new();
        let gone = pipe.gone().clone();
        self.hop = Some((id, pipe));
        let (node, rein) = (Arc::clone(&self.node), Arc::clone(&self.rein));
        let (phase, address) = (Arc::clone(&self.phase), self.address);
        tokio::spawn(async move {
            let run = async {
                let Some(streams) = node.find(route.session).await else {
                    reply.reject(ChannelOpenFailure::ConnectFailed).await;
                    return;
                };
                let from = address.to_string();
                let Some(end) = streams.open(node.mint(), &from, node.limits.joiners) else {
                    reply.reject(ChannelOpenFailure::ResourceShortage).await;
                    return;
                };
                phase.send_replace(Phase::Busy);
                tracing::info!(%address, session = %route.session, "guest");
                reply.accept().await;
                splice(end, input, &mut write).await;
            };
            tokio::select! {
                () = run => {}
                () = gone.cancelled() => {}
                () = rein.severed() => {}
            }
            let _ = write.close().await;
            gone.cancel();
        });
        Ok(())
    }

    async fn data(&mut self, channel: ChannelId, data: &[u8], _session: &mut Session) -> Reply {
        if let Some((id, pipe)) = &self.hop
            && *id == channel
        {
            tokio::select! {
                () = pipe.feed(data.to_vec()) => {}
                () = self.rein.severed() => return Err(Error::Disconnect),
            }
        }
        Ok(())
    }

    async fn channel_eof(&mut self, channel: ChannelId, _session: &mut Session) -> Reply {
        if let Some((id, pipe)) = &mut self.hop
            && *id == channel
        {
            pipe.end();
        }
        Ok(())
    }

    async fn channel_close(&mut self, channel: ChannelId, _session: &mut Session) -> Reply {
        self.hop.take_if(|(id, _)| *id == channel);
        Ok(())
    }
}

/// Passes bytes between a guest's hop and the session.
async fn splice(end: StreamEnd, mut input: Inflow, channel: &mut russh::ChannelWriteHalf<Msg>) {
    let (mut read, mut write) = tokio::io::split(end);
    let inward = async {
        while let Some(bytes) = input.next().await {
            if write.write_all(&bytes).await.is_err() {
                return;
            }
        }
        let _ = write.shutdown().await;
        std::future::pending::<()>().await;
    };
    let outward = async {
        let mut buffer = vec![0; 16 << 10];
        loop {
            match read.read(&mut buffer).await {
                Ok(0) | Err(_) => break,
                Ok(count) => {
                    if channel.data(&buffer[..count]).await.is_err() {
                        return;
                    }
                }
            }
        }
        let _ = channel.eof().await;
    };
    tokio::select! {
        () = inward => {}
        () = outward => {}
    }
}
