//! How a relay is reached: by its name's addresses, of which the first that
//! answers is taken (RFC 8305), through the proxy that the environment names, or
//! by a command of the user. It says nothing over the connection but to a proxy.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::proxy::{self, Proxy};
use crate::door::info::{plain, reason};
use crate::door::line::tune;
use crate::mux::effect::RelayWay;

/// Between tries of two addresses (RFC 8305, 5: "Connection Attempt Delay").
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);
/// Addresses of one name that are tried.
const ADDRESSES: usize = 16;
/// What is kept of a command's complaints, in bytes.
const COMPLAINT: usize = 512;

/// A connection, whatever it goes over.
pub(super) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// A connection to a relay.
pub(super) struct Dialled {
    pub(super) stream: Box<dyn Duplex>,
    /// Where it was reached: an address, or the name that was given to a proxy.
    pub(super) place: String,
    /// What the command on the way complains of.
    complaint: Complaint,
}

type Complaint = Arc<Mutex<Vec<u8>>>;

impl Dialled {
    fn plain(stream: impl Duplex + 'static, place: String) -> Self {
        Self {
            stream: Box::new(stream),
            place,
            complaint: Complaint::default(),
        }
    }

    /// A way to ask later what the command on the way complained of; empty for
    /// nothing.
    pub(super) fn complaint(&self) -> impl Fn() -> String + Send + use<> {
        let complaint = Arc::clone(&self.complaint);
        move || {
            let bytes = complaint.lock().unwrap_or_else(PoisonError::into_inner);
            let text = String::from_utf8_lossy(&bytes);
            let last = text.lines().rfind(|line| !line.trim().is_empty());
            last.map(plain).unwrap_or_default()
        }
    }
}

/// Which places are left out, as [`Dialled::place`] names them.
pub(super) type Others<'a> = &'a (dyn Fn(&str) -> bool + Send + Sync);

/// Connects to a host, as it was asked for, but not to one of the others.
///
/// # Errors
/// A sentence without the host: no such name, no answer, what a proxy says.
pub(super) async fn dial(
    host: &str,
    port: u16,
    way: &RelayWay,
    others: Others<'_>,
) -> Result<Dialled, String> {
    let proxy = match way.command.is_empty() {
        true => proxy::between(way, host, port)?,
        false => None,
    };
    if way.command.is_empty() && proxy.is_none() {
        let tcp = direct(host, port, others).await?;
        let place = tcp.peer_addr().map_err(|error| reason(&error))?;
        return Ok(Dialled::plain(tcp, place.to_string()));
    }
    // Who is behind it is not for us to choose.
    if others(&named(host, port)) {
        return Err(NO_OTHER.to_owned());
    }
    match proxy {
        Some(proxy) => through(&proxy, host, port).await,
        None => command(host, port, way),
    }
}

/// All places are others'.
const NO_OTHER: &str = "no further node answers";

fn named(host: &str, port: u16) -> String {
    format!("{host} port {port}")
}

async fn through(proxy: &Proxy, host: &str, port: u16) -> Result<Dialled, String> {
    let said = |why: String| format!("proxy {}:{}: {why}", proxy.host, proxy.port);
    let tcp = direct(&proxy.host, proxy.port, &|_| false).await;
    let (tcp, place) = (tcp.map_err(said)?, named(host, port));
    if !proxy.secure {
        let stream = proxy::connect(tcp, proxy, host, port).await;
        return Ok(Dialled::plain(stream.map_err(said)?, place));
    }
    let tls = tokio_rustls::TlsConnector::from(crate::io::web::client()?);
    let name = tokio_rustls::rustls::pki_types::ServerName::try_from(proxy.host.clone());
    let name = name.map_err(|_| said("its name is none of TLS".to_owned()))?;
    let tls = tls.connect(name, tcp).await;
    let tls = tls.map_err(|error| said(reason(&error)))?;
    let stream = proxy::connect(tls, proxy, host, port).await;
    Ok(Dialled::plain(stream.map_err(said)?, place))
}

async fn direct(host: &str, port: u16, others: Others<'_>) -> Result<TcpStream, String> {
    let found = tokio::net::lookup_host((host, port)).await;
    let mut found: Vec<SocketAddr> = found.map_err(|error| reason(&error))?.collect();
    if !found.is_empty() {
        found.retain(|address| !others(&address.to_string()));
        if found.is_empty() {
            return Err(NO_OTHER.to_owned());
        }
    }
    let tcp = race(in_turn(found)).await.map_err(|error| reason(&error))?;
    tune(&tcp);
    Ok(tcp)
}

/// The addresses with their families in turn, the resolver's first one first
/// (RFC 8305, 4; RFC 6724 is the resolver's).
fn in_turn(found: Vec<SocketAddr>) -> VecDeque<SocketAddr> {
    let first = found.first().is_some_and(SocketAddr::is_ipv6);
    let (mut a, mut b): (VecDeque<_>, VecDeque<_>) = found
        .into_iter()
        .partition(|address| address.is_ipv6() == first);
    let mut order = VecDeque::new();
    while order.len() < ADDRESSES && !(a.is_empty() && b.is_empty()) {
        order.extend(a.pop_front());
        order.extend(b.pop_front());
    }
    order
}

/// Tries addresses, a further one whenever the last fails or is slow; the first
/// connection is taken, the other tries are given up.
async fn race(mut addresses: VecDeque<SocketAddr>) -> io::Result<TcpStream> {
    let mut tries = JoinSet::new();
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    loop {
        match addresses.pop_front() {
            Some(address) => {
                tries.spawn(TcpStream::connect(address));
            }
            None if tries.is_empty() => return Err(last),
            None => {}
        }
        tokio::select! {
            done = tries.join_next() => match done {
                Some(Ok(Ok(tcp))) => return Ok(tcp),
                Some(Ok(Err(error))) => last = error,
                Some(Err(_)) | None => {}
            },
            () = sleep(ATTEMPT_DELAY), if !addresses.is_empty() => {}
        }
    }
}

/// Starts the user's command; it ends with the connection.
fn command(host: &str, port: u16, way: &RelayWay) -> Result<Dialled, String> {
    let line = spelled(&way.command, host, port)?;
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", &line])
        .env_clear()
        .envs(way.env.iter().map(|(name, value)| (name, value)))
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let mut child = command
        .spawn()
        .map_err(|error| format!("proxy command: {}", reason(&error)))?;
    let (Some(write), Some(read)) = (child.stdin.take(), child.stdout.take()) else {
        return Err("proxy command: it has no pipes".to_owned());
    };
    let complaint = Complaint::default();
    if let Some(mut said) = child.stderr.take() {
        let kept = Arc::clone(&complaint);
        tokio::spawn(async move {
            let mut buffer = [0; 256];
            while let Ok(count @ 1..) = said.read(&mut buffer).await {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.extend_from_slice(&buffer[..count]);
                let over = kept.len().saturating_sub(COMPLAINT);
                kept.drain(..over);
            }
        });
    }
    let piped = Piped {
        read,
        write,
        _child: child,
    };
    Ok(Dialled {
        place: named(host, port),
        stream: Box::new(piped),
        complaint,
    })
}

/// The command with `%h`, `%p` and `%%` spelled out, as in ssh_config(5)'s
/// ProxyCommand. The host has plain characters only: it was read so.
fn spelled(command: &str, host: &str, port: u16) -> Result<String, String> {
    let mut line = String::new();
    let mut chars = command.chars();
    while let Some(ch) = chars.next() {
        if ch != '%' {
            line.push(ch);
            continue;
        }
        match chars.next() {
            Some('h') => line.push_str(host),
            Some('p') => line.push_str(&port.to_string()),
            Some('%') => line.push('%'),
            _ => return Err("proxy command: only %h, %p and %% are known in it".to_owned()),
        }
    }
    Ok(line)
}

/// A command's standard input and output as one connection.
struct Piped {
    read: ChildStdout,
    write: ChildStdin,
    _child: Child,
}

impl AsyncRead for Piped {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.read).poll_read(cx, buf)
    }
}

impl AsyncWrite for Piped {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.write).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.write).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.write).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpListener;
    use tokio::time::timeout;

    use super::*;

    fn addresses(list: &[&str]) -> Vec<SocketAddr> {
        list.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn families_come_in_turn_beginning_with_the_resolvers_first() {
        let found = ["[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1", "2.2.2.2:1"];
        let order = ["[::1]:1", "1.1.1.1:1", "[::2]:1", "2.2.2.2:1", "[::3]:1"];
        assert_eq!(in_turn(addresses(&found)), addresses(&order));
        let many = vec!["1.1.1.1:1".parse().unwrap(); 99];
        assert!(in_turn(many).len() <= ADDRESSES + 1);
    }

    #[tokio::test]
    async fn first_address_that_answers_is_taken() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let good = listener.local_addr().unwrap();
        let closed = {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            listener.local_addr().unwrap()
        };
        // The first is of a documentation range (RFC 5737): it answers nobody.
        let mut all: VecDeque<_> = addresses(&["192.0.2.1:9"]).into();
        all.extend([closed, good]);
        let tcp = race(all).await.unwrap();
        assert_eq!(tcp.peer_addr().unwrap(), good);
        let error = race([closed].into()).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        assert!(race(VecDeque::new()).await.is_err());
    }

    /// A listener that nobody attends and whose queue is full: who comes gets no
    /// answer, as from a machine that drops what it is sent.
    async fn silent() -> (TcpListener, Vec<TcpStream>, SocketAddr) {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
        let listener = socket.listen(1).unwrap();
        let at = listener.local_addr().unwrap();
        let mut queue = Vec::new();
        while let Ok(come) = timeout(Duration::from_millis(300), TcpStream::connect(at)).await {
            queue.push(come.unwrap());
            assert!(queue.len() < 64, "its queue has no end");
        }
        (listener, queue, at)
    }

    #[tokio::test]
    async fn address_that_never_answers_holds_up_the_next_one_for_a_moment() {
        let (_listener, _queue, silent) = silent().await;
        let open = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let good = open.local_addr().unwrap();
        let began = std::time::Instant::now();
        let tcp = race([silent, good].into()).await.unwrap();
        assert_eq!(tcp.peer_addr().unwrap(), good);
        assert!(began.elapsed() >= ATTEMPT_DELAY, "the first had no time");
        let tcp = race([good, silent].into()).await.unwrap();
        assert_eq!(tcp.peer_addr().unwrap(), good);
    }

    #[tokio::test]
    async fn command_is_the_connection_and_its_complaint_is_told() {
        let way = |command: &str| RelayWay {
            command: command.to_owned(),
            env: vec![("PATH".to_owned(), "/usr/bin:/bin".to_owned())],
            ..RelayWay::default()
        };
        let mut dialled = dial("vm", 7, &way("echo %h:%p %%; cat"), &|_| false)
            .await
            .unwrap();
        dialled.stream.write_all(b"and back").await.unwrap();
        let mut got = [0; 15];
        dialled.stream.read_exact(&mut got).await.unwrap();
        assert_eq!(&got, b"vm:7 %\nand back");
        let mut failed = dial("vm", 7, &way("echo no way >&2; exit 1"), &|_| false)
            .await
            .unwrap();
        let complaint = failed.complaint();
        assert_eq!(failed.stream.read(&mut got).await.unwrap(), 0);
        while complaint().is_empty() {
            tokio::task::yield_now().await;
        }
        assert_eq!(complaint(), "no way");
        assert!(dial("vm", 7, &way("nc %x"), &|_| false).await.is_err());
    }
}
