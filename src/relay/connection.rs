//! One connection to the relay: a VM's link, or the outer hop of a guest. Which
//! it is follows from the user name and from what it is allowed to prove, never
//! from anything that its client says of itself.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use russh::keys::PublicKey;
use russh::server::{
    Auth, ChannelOpenHandle, Handler, Msg, PublicKeyOffer, Session, VerifiedPublicKey,
};
use russh::{Channel, ChannelId, ChannelOpenFailure, Error, MethodKind, MethodSet, Pty, Sig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::watch;

use super::compat::{Ask, Passage};
use super::link::{link, turn_away};
use super::metrics::{Away, Path};
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
    /// A machine that comes to the guests' port: it is told so.
    Stray,
    Guest(Route),
    /// A guest whose ssh ends here.
    Compat,
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
    /// A guest at the session's door.
    passage: Option<Passage>,
}

/// What a hop may have under way to the session, in bytes: each has one channel,
/// so that its whole connection may wait.
const HOP_AHEAD: usize = 512 * 1024;

/// How long what a session sent last has to reach a guest whose ssh ends here.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// What a guest reads who asks for more than a hop.
const HINT: &str =
    "stepmux: this is a relay: ssh -J THIS@RELAY TOKEN@stepmux goes on to the session\r\n";

/// The longest name or value that is passed on, in bytes.
const TEXT_MAX: usize = 4096;

/// A guest's text, bounded.
fn cut(text: &str) -> String {
    text[..text.floor_char_boundary(TEXT_MAX)].to_owned()
}

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
            passage: None,
        }
    }

    /// Knocks at a session's door for a guest whose ssh ends here.
    async fn knock(&mut self, route: Route, token: &str) -> Result<bool, Error> {
        let node = Arc::clone(&self.node);
        let from = self.address.to_string();
        let knock = async {
            let Some(streams) = node.find(route.session).await else {
                node.metrics.away(Away::Session);
                return None;
            };
            let Some(end) = streams.open(node.mint(), &from, node.limits.joiners) else {
                node.metrics.away(Away::Joiners);
                return None;
            };
            Passage::open(end, route.session, token, node.limits.keepalive).await
        };
        self.passage = tokio::select! {
            passage = knock => passage,
            () = self.rein.severed() => return Err(Error::Disconnect),
        };
        let Some(passage) = &self.passage else {
            return Ok(false);
        };
        let (over, rein) = (passage.over(), Arc::clone(&self.rein));
        tokio::spawn(async move {
            tokio::select! {
                () = over.cancelled() => tokio::time::sleep(LAST_WORDS).await,
                () = rein.severed() => {}
            }
            rein.cut();
        });
        Ok(true)
    }

    /// Passes a request of a guest on, which is answered at once.
    fn ask(&mut self, channel: ChannelId, ask: Ask, session: &mut Session) -> Reply {
        let passage = self.passage.as_mut();
        if passage.is_some_and(|passage| passage.ask(channel, ask)) {
            session.channel_success(channel)
        } else {
            session.channel_failure(channel)
        }
    }

    /// Refuses a name, as slowly as its address has earned.
    async fn refuse(&mut self) -> Result<Auth, Error> {
        self.wrong = true;
        self.node.metrics.away(Away::Name);
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
        self.welcome.hosts && self.node.hosts.lists(key, self.address.ip())
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
            if !self.welcome.hosts {
                self.role = Some(Role::Stray);
                return Ok(Auth::Accept);
            }
            if self.node.hosts.open() {
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
        if !self.welcome.guests {
            return self.refuse().await;
        }
        if let Some(route) = self.node.routes.read(user) {
            self.role = Some(Role::Guest(route));
            return Ok(Auth::Accept);
        }
        let both = self.node.routes.read_with_token(user);
        if let Some((route, token)) = both
            && self.knock(route, token).await?
        {
            self.role = Some(Role::Compat);
            return Ok(Auth::Accept);
        }
        self.refuse().await
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
        self.node.metrics.away(Away::Host);
        self.refuse().await
    }

    /// A client that insists on a password: the name is the credential.
    async fn auth_password(&mut self, user: &str, _password: &str) -> Result<Auth, Error> {
        if user == HOST_USER {
            return Ok(Auth::reject());
        }
        self.auth_none(user).await
    }

    async fn auth_succeeded(&mut self, _session: &mut Session) -> Reply {
        self.ticket = None;
        self.rein.loosen();
        if self.role == Some(Role::Compat) {
            self.phase.send_replace(Phase::Busy);
            self.node.metrics.guest(Path::Compat);
            tracing::info!(address = %self.address, "guest whose ssh ends here");
        }
        Ok(())
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        session: &mut Session,
    ) -> Reply {
        match self.role {
            Some(Role::Host | Role::Stray) if self.channel.is_none() => {
                self.channel = Some(channel);
            }
            Some(Role::Guest(_)) => drop(channel.split()),
            Some(Role::Compat) => {
                let handle = session.handle();
                let passage = self.passage.as_mut();
                if !passage.is_some_and(|passage| passage.channel(channel, handle)) {
                    return Ok(());
                }
            }
            _ => return Ok(()), // dropping `reply` refuses
        }
        reply.accept().await;
        Ok(())
    }

    async fn shell_request(&mut self, channel: ChannelId, session: &mut Session) -> Reply {
        if self.role == Some(Role::Compat) {
            return self.ask(channel, Ask::Shell, session);
        }
        self.hint(channel, session)
    }

    async fn exec_request(
        &mut self,
        channel: ChannelId,
        line: &[u8],
        session: &mut Session,
    ) -> Reply {
        if self.role == Some(Role::Compat) {
            return self.ask(channel, Ask::Exec(line.to_vec()), session);
        }
        self.hint(channel, session)
    }

    async fn pty_request(
        &mut self,
        channel: ChannelId,
        term: &str,
        cols: u32,
        rows: u32,
        width: u32,
        height: u32,
        modes: &[(Pty, u32)],
        session: &mut Session,
    ) -> Reply {
        let (term, size) = (cut(term), [cols, rows, width, height]);
        let ask = Ask::Terminal(term, size, modes.to_vec());
        self.ask(channel, ask, session)
    }

    async fn env_request(
        &mut self,
        channel: ChannelId,
        name: &str,
        value: &str,
        session: &mut Session,
    ) -> Reply {
        self.ask(channel, Ask::Env(cut(name), cut(value)), session)
    }

    async fn window_change_request(
        &mut self,
        channel: ChannelId,
        cols: u32,
        rows: u32,
        width: u32,
        height: u32,
        _session: &mut Session,
    ) -> Reply {
        if let Some(passage) = &mut self.passage {
            passage.ask(channel, Ask::Size([cols, rows, width, height]));
        }
        Ok(())
    }

    async fn signal(&mut self, channel: ChannelId, signal: Sig, _session: &mut Session) -> Reply {
        if let Some(passage) = &mut self.passage {
            passage.ask(channel, Ask::Signal(signal));
        }
        Ok(())
    }

    async fn subsystem_request(
        &mut self,
        channel: ChannelId,
        name: &str,
        session: &mut Session,
    ) -> Reply {
        if self.role == Some(Role::Compat) {
            return self.ask(channel, Ask::Subsystem(cut(name)), session);
        }
        let Some(own) = self.channel.take_if(|own| own.id() == channel) else {
            return session.channel_failure(channel);
        };
        if name != SUBSYSTEM {
            return session.channel_failure(channel);
        }
        session.channel_success(channel)?;
        let (node, rein) = (Arc::clone(&self.node), Arc::clone(&self.rein));
        let (phase, address) = (Arc::clone(&self.phase), self.address);
        let stray = self.role == Some(Role::Stray);
        tokio::spawn(async move {
            if stray {
                turn_away(own).await;
            } else {
                link(&node, own, address, &phase).await;
            }
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
        let keep = self.node.limits.keep;
        let (pipe, input) = Pipe::bounded(HOP_AHEAD, keep);
        let gone = pipe.gone().clone();
        self.hop = Some((id, pipe));
        let (node, rein) = (Arc::clone(&self.node), Arc::clone(&self.rein));
        let (phase, address) = (Arc::clone(&self.phase), self.address);
        tokio::spawn(async move {
            let run = async {
                let Some(streams) = node.find(route.session).await else {
                    node.metrics.away(Away::Session);
                    reply.reject(ChannelOpenFailure::ConnectFailed).await;
                    return;
                };
                let from = address.to_string();
                let Some(end) = streams.open(node.mint(), &from, node.limits.joiners) else {
                    node.metrics.away(Away::Joiners);
                    reply.reject(ChannelOpenFailure::ResourceShortage).await;
                    return;
                };
                phase.send_replace(Phase::Busy);
                node.metrics.guest(Path::Jump);
                tracing::info!(%address, session = %route.session, "guest");
                reply.accept().await;
                splice(&node, end, input, &mut write).await;
            };
            tokio::select! {
                () = run => {}
                () = gone.cancelled() => {}
                () = rein.severed() => {}
            }
            let _ = write.close().await;
            gone.cancel();
            phase.send_replace(Phase::Greeting);
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
        if let Some(passage) = &self.passage {
            self.node.metrics.passed(true, data.len());
            tokio::select! {
                () = passage.feed(channel, data.to_vec()) => {}
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
        if let Some(passage) = &mut self.passage {
            passage.end(channel);
        }
        Ok(())
    }

    async fn channel_close(&mut self, channel: ChannelId, _session: &mut Session) -> Reply {
        self.hop.take_if(|(id, _)| *id == channel);
        if let Some(passage) = &mut self.passage {
            passage.close(channel);
        }
        Ok(())
    }
}

/// Passes bytes between a guest's hop and the session.
async fn splice(
    node: &Node,
    end: StreamEnd,
    mut input: Inflow,
    channel: &mut russh::ChannelWriteHalf<Msg>,
) {
    let (mut read, mut write) = tokio::io::split(end);
    let inward = async {
        while let Some(bytes) = input.next().await {
            node.metrics.passed(true, bytes.len());
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
                    node.metrics.passed(false, count);
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
