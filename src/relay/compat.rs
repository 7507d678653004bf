//! A guest whose ssh ends here (`ssh ROUTE-TOKEN@relay`), where the session's
//! host has opted in: the relay is an ssh client at the session's own door, which
//! it knows by its key, and passes channels between the two. It can read what
//! passes, and says so; it keeps nothing, and decides nothing about the guest.
//!
//! No request waits for the session's door here: it is answered at once and
//! passed on by the channel's own task, so that a channel whose output the guest
//! does not take holds up no other.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use russh::client::{self, Handle};
use russh::keys::{PublicKeyBase64, PublicKeyOrCertificate};
use russh::server::Msg;
use russh::{Channel, ChannelId, ChannelMsg, ChannelReadHalf, ChannelWriteHalf, Error, Pty, Sig};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::access::{Prefix, Sid};
use crate::door::pipe::{Inflow, Pipe};
use crate::door::streams::StreamEnd;
use crate::wire::link::READABLE;

/// How long the session's door may take to open a channel.
const ANSWER: Duration = Duration::from_secs(15);
/// Channels of one guest at once.
const CHANNELS: usize = 8;
/// Requests of one channel that wait to be passed on; more close it.
const ASKS: usize = 64;
/// What a guest reads first, whatever the session shows next.
const NOTICE: &[u8] = b"stepmux: the relay can read and change what passes here\r\n";
/// What a guest reads whose request the session's door refuses.
const REFUSED: &[u8] = b"stepmux: the session's door does not do this\r\n";

/// What a guest asks of a channel.
pub(super) enum Ask {
    /// A terminal: its name, columns, rows and pixels, and modes.
    Terminal(String, [u32; 4], Vec<(Pty, u32)>),
    /// The session.
    Shell,
    /// A command line.
    Exec(Vec<u8>),
    /// A subsystem by name.
    Subsystem(String),
    /// A variable.
    Env(String, String),
    /// Another size.
    Size([u32; 4]),
    /// A signal.
    Signal(Sig),
}

/// A guest at the session's door.
pub(super) struct Passage {
    handle: Arc<Handle<Door>>,
    channels: HashMap<ChannelId, Bridge>,
    /// What all channels may hold of the guest's bytes.
    room: Arc<Semaphore>,
    /// Cancelled when the session's door is closed to the guest.
    over: CancellationToken,
}

/// One channel, by the guest's own number of it.
struct Bridge {
    asks: mpsc::Sender<Ask>,
    pipe: Pipe,
}

/// russh's handler at the session's door, which it knows by its key.
struct Door {
    session: Prefix,
    over: CancellationToken,
}

impl client::Handler for Door {
    type Error = Error;

    async fn check_server_key(&mut self, key: &PublicKeyOrCertificate) -> Result<bool, Error> {
        let blob = key.public_key().public_key_bytes();
        Ok(Sid::of(&blob).prefix() == self.session)
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.over.cancel();
    }
}

impl Passage {
    /// Knocks at a session's door with a guest's token. None: it is not opened.
    pub(super) async fn open(
        end: StreamEnd,
        session: Prefix,
        token: &str,
        keepalive: Duration,
    ) -> Option<Self> {
        let config = client::Config {
            window_size: 256 * 1024,
            maximum_packet_size: 32 * 1024,
            channel_buffer_size: 8,
            keepalive_interval: Some(keepalive),
            keepalive_max: 8,
            nodelay: true,
            ..client::Config::default()
        };
        let over = CancellationToken::new();
        let door = Door {
            session,
            over: over.clone(),
        };
        let connected = client::connect_stream(Arc::new(config), end, door).await;
        let mut handle = connected
            .inspect_err(|error| tracing::info!(%session, %error, "no door"))
            .ok()?;
        let user = format!("{READABLE}{token}");
        let admitted = handle.authenticate_none(user).await.ok()?;
        admitted.success().then(|| Self {
            handle: Arc::new(handle),
            channels: HashMap::new(),
            room: Pipe::shared_room(),
            over,
        })
    }

    /// Cancelled when the session's door is closed.
    pub(super) fn over(&self) -> CancellationToken {
        self.over.clone()
    }

    /// Takes a channel of the guest's. False: there are too many.
    pub(super) fn channel(&mut self, channel: Channel<Msg>, to: russh::server::Handle) -> bool {
        self.channels
            .retain(|_, bridge| !bridge.pipe.gone().is_cancelled());
        if self.channels.len() >= CHANNELS {
            return false;
        }
        let id = channel.id();
        // The read half is dropped: input comes through `feed` alone.
        let (_, guest) = channel.split();
        let (pipe, input) = Pipe::sharing(&self.room);
        let (asks, asked) = mpsc::channel(ASKS);
        let gone = pipe.gone().clone();
        let door = Arc::clone(&self.handle);
        tokio::spawn(async move {
            let run = async {
                match timeout(ANSWER, door.channel_open_session()).await {
                    Ok(Ok(far)) => {
                        let (read, far) = far.split();
                        tokio::select! {
                            () = outward(read, &guest, id, &to) => {}
                            () = inward(asked, input, &guest, &far) => {}
                        }
                        let _ = far.close().await;
                    }
                    _ => {
                        let _ = guest.extended_data_bytes(1, REFUSED).await;
                    }
                }
            };
            tokio::select! {
                () = run => {}
                () = gone.cancelled() => {}
            }
            let _ = guest.close().await;
            gone.cancel();
        });
        self.channels.insert(id, Bridge { asks, pipe });
        true
    }

    /// Takes a request to be passed on. False: there is no such channel, or it
    /// asks too much and is closed.
    pub(super) fn ask(&mut self, id: ChannelId, ask: Ask) -> bool {
        let Some(bridge) = self.channels.get(&id) else {
            return false;
        };
        let taken = bridge.asks.try_send(ask).is_ok();
        if !taken {
            bridge.pipe.gone().cancel();
        }
        taken
    }

    /// Passes bytes on; waits while too many are under way.
    pub(super) async fn feed(&self, id: ChannelId, bytes: Vec<u8>) {
        if let Some(bridge) = self.channels.get(&id) {
            bridge.pipe.feed(bytes).await;
        }
    }

    /// The guest has sent all.
    pub(super) fn end(&mut self, id: ChannelId) {
        if let Some(bridge) = self.channels.get_mut(&id) {
            bridge.pipe.end();
        }
    }

    /// The guest has closed a channel.
    pub(super) fn close(&mut self, id: ChannelId) {
        self.channels.remove(&id);
    }
}

type Near = ChannelWriteHalf<Msg>;
type Far = ChannelWriteHalf<client::Msg>;

/// Passes on what the guest asks and sends, and its end; requests first, since
/// what is sent is for what was asked for.
async fn inward(mut asked: mpsc::Receiver<Ask>, mut input: Inflow, guest: &Near, far: &Far) {
    let mut open = true;
    loop {
        let passed = tokio::select! {
            biased;
            Some(ask) = asked.recv() => pass(ask, guest, far).await,
            bytes = input.next(), if open => match bytes {
                Some(bytes) => far.data_bytes(bytes).await,
                None => {
                    open = false;
                    far.eof().await
                }
            },
        };
        if passed.is_err() {
            return;
        }
    }
}

async fn pass(ask: Ask, guest: &Near, far: &Far) -> Result<(), Error> {
    match ask {
        Ask::Terminal(name, [cols, rows, width, height], modes) => {
            far.request_pty(true, &name, cols, rows, width, height, &modes)
                .await
        }
        Ask::Shell => {
            guest.extended_data_bytes(1, NOTICE).await?;
            far.request_shell(true).await
        }
        Ask::Exec(line) => {
            guest.extended_data_bytes(1, NOTICE).await?;
            far.exec(true, line).await
        }
        Ask::Subsystem(name) => far.request_subsystem(true, name).await,
        Ask::Env(name, value) => far.set_env(false, name, value).await,
        Ask::Size([cols, rows, width, height]) => {
            far.window_change(cols, rows, width, height).await
        }
        Ask::Signal(signal) => far.signal(signal).await,
    }
}

/// Passes on what the session's door says, until it closes the channel.
async fn outward(
    mut read: ChannelReadHalf,
    guest: &Near,
    id: ChannelId,
    to: &russh::server::Handle,
) {
    while let Some(said) = read.wait().await {
        let passed = match said {
            ChannelMsg::Data { data } => guest.data_bytes(data).await,
            ChannelMsg::ExtendedData { data, ext } => guest.extended_data_bytes(ext, data).await,
            ChannelMsg::Eof => guest.eof().await,
            ChannelMsg::ExitStatus { exit_status } => guest.exit_status(exit_status).await,
            ChannelMsg::ExitSignal {
                signal_name,
                core_dumped,
                error_message,
                lang_tag,
            } => {
                let told =
                    to.exit_signal_request(id, signal_name, core_dumped, error_message, lang_tag);
                told.await.map_err(|()| Error::SendError)
            }
            // The guest was told that it was done.
            ChannelMsg::Failure => {
                let _ = guest.extended_data_bytes(1, REFUSED).await;
                let _ = guest.exit_status(1).await;
                return;
            }
            ChannelMsg::Close => return,
            _ => Ok(()),
        };
        if passed.is_err() {
            return;
        }
    }
}
