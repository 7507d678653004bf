//! An ssh client for what OpenSSH's never sends, such as signals.

use std::sync::Arc;

use russh::client::{Config, Handle, Handler, Msg, connect};
use russh::keys::PublicKeyOrCertificate;
use russh::{Channel, ChannelMsg, Sig};
use tokio::runtime::Runtime;
use tokio::time::timeout;

use crate::house::{House, Terminal};

struct Trusting;

impl Handler for Trusting {
    type Error = russh::Error;

    async fn check_server_key(
        &mut self,
        _key: &PublicKeyOrCertificate,
    ) -> Result<bool, Self::Error> {
        Ok(true)
    }
}

/// One session channel.
pub(crate) struct Talk {
    runtime: Runtime,
    _handle: Handle<Trusting>,
    channel: Channel<Msg>,
    seen: Vec<u8>,
    status: Option<u32>,
}

impl Talk {
    /// Logs in by the house's token.
    pub(crate) fn open(house: &House) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let address = house.info().listen[0];
        let token = house.token();
        let (handle, channel) = runtime.block_on(async {
            let config = Arc::new(Config::default());
            let mut handle = connect(config, address, Trusting).await.unwrap();
            assert!(handle.authenticate_none(token).await.unwrap().success());
            let channel = handle.channel_open_session().await.unwrap();
            (handle, channel)
        });
        Self {
            runtime,
            _handle: handle,
            channel,
            seen: Vec::new(),
            status: None,
        }
    }

    pub(crate) fn terminal(&mut self) {
        let asked = self.channel.request_pty(true, "xterm", 80, 24, 0, 0, &[]);
        self.runtime.block_on(asked).unwrap();
    }

    pub(crate) fn shell(&mut self) {
        self.runtime
            .block_on(self.channel.request_shell(true))
            .unwrap();
    }

    pub(crate) fn exec(&mut self, line: &str) {
        self.runtime
            .block_on(self.channel.exec(true, line))
            .unwrap();
    }

    pub(crate) fn signal(&mut self, name: &str) {
        let signal = match name {
            "HUP" => Sig::HUP,
            "INT" => Sig::INT,
            "TERM" => Sig::TERM,
            name => Sig::Custom(name.to_owned()),
        };
        self.runtime.block_on(self.channel.signal(signal)).unwrap();
    }

    /// Takes one message; false when the channel is closed.
    fn step(&mut self) -> bool {
        let message = self
            .runtime
            .block_on(async { timeout(Terminal::PATIENCE, self.channel.wait()).await });
        match message.unwrap() {
            Some(ChannelMsg::Data { data }) => self.seen.extend_from_slice(&data),
            Some(ChannelMsg::ExitStatus { exit_status }) => self.status = Some(exit_status),
            Some(ChannelMsg::Close) | None => return false,
            Some(_) => {}
        }
        true
    }

    pub(crate) fn wait_for(&mut self, wanted: &str) {
        while !String::from_utf8_lossy(&self.seen).contains(wanted) {
            assert!(self.step(), "closed without {wanted:?}");
        }
    }

    pub(crate) fn status(&mut self) -> u32 {
        while self.step() {}
        self.status.unwrap()
    }
}
