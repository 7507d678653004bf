//! Many VMs and guests in this process, which speak the relay's own words: what
//! a relay takes for each, and how many guests a second come through.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result, bail, ensure};
use russh::client::{self, Handle, Msg};
use russh::keys::ssh_key::private::Ed25519Keypair;
use russh::keys::ssh_key::{HashAlg, LineEnding};
use russh::keys::{PrivateKey, PublicKeyOrCertificate};
use russh::{Channel, ChannelStream};
use stepmux::access::Claim;
use stepmux::access::claim::NAMESPACE;
use stepmux::wire::link::{HOST_USER, SUBSYSTEM, TARGET};
use stepmux::wire::{Decoder, Flow, LINK_VERSION, Link, MAX_LINK, encode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::nodes::House;
use crate::proc::{self, Cpu};
use crate::stats::median;
use crate::{Args, Row};

/// Links that are made at once.
const AT_ONCE: usize = 32;
/// How long idle links are looked at: two keepalives.
const IDLE: Duration = Duration::from_secs(30);

/// Who believes every relay.
struct Anyone;

impl client::Handler for Anyone {
    type Error = russh::Error;

    async fn check_server_key(&mut self, _: &PublicKeyOrCertificate) -> Result<bool, russh::Error> {
        Ok(true)
    }
}

async fn connect(place: &str, user: &str) -> Result<Handle<Anyone>> {
    let config = client::Config {
        nodelay: true,
        ..client::Config::default()
    };
    let mut handle = client::connect(Arc::new(config), place, Anyone).await?;
    let admitted = handle.authenticate_none(user).await?.success();
    ensure!(admitted, "not admitted");
    Ok(handle)
}

/// A VM's link: the route, and what must live as long as it.
struct Vm {
    route: String,
    _handle: Handle<Anyone>,
    stream: ChannelStream<Msg>,
    decoder: Decoder,
}

impl Vm {
    async fn link(place: &str, nth: u32) -> Result<Self> {
        let mut seed = [7; 32];
        seed[..4].copy_from_slice(&nth.to_be_bytes());
        let key = PrivateKey::from(Ed25519Keypair::from_seed(&seed));
        let handle = connect(place, HOST_USER).await?;
        let channel = handle.channel_open_session().await?;
        channel.request_subsystem(false, SUBSYSTEM).await?;
        let mut vm = Self {
            route: String::new(),
            _handle: handle,
            stream: channel.into_stream(),
            decoder: Decoder::new(MAX_LINK),
        };
        let Link::Hello { node, nonce, .. } = vm.hear().await? else {
            bail!("no hello (version {LINK_VERSION})");
        };
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
        let blob = key.public_key().to_bytes()?;
        let claim = Claim::new(blob, now.as_secs() * 1000, &node, nonce, now.as_secs());
        let claim = claim.to_bytes()?;
        let signature = key.sign(NAMESPACE, HashAlg::Sha512, &claim)?;
        let signature = signature.to_pem(LineEnding::LF)?.into_bytes();
        vm.say(&Link::Register { claim, signature }).await?;
        let Link::Registered { route, .. } = vm.hear().await? else {
            bail!("not registered");
        };
        vm.route = route;
        Ok(vm)
    }

    async fn say(&mut self, word: &Link) -> Result<()> {
        let mut out = Vec::new();
        encode(word, &mut out)?;
        self.stream.write_all(&out).await?;
        Ok(self.stream.flush().await?)
    }

    async fn hear(&mut self) -> Result<Link> {
        let mut buffer = [0; 4096];
        loop {
            if let Some(word) = self.decoder.message()? {
                return Ok(word);
            }
            let count = self.stream.read(&mut buffer).await?;
            ensure!(count > 0, "the relay closed the link");
            self.decoder.push(&buffer[..count]);
        }
    }

    /// Throws back what guests send, for ever.
    async fn echo(mut self) -> Result<()> {
        let mut flows = std::collections::HashMap::new();
        loop {
            match self.hear().await? {
                Link::Open { stream, .. } => {
                    flows.insert(stream, Flow::default());
                }
                Link::Part { stream, part } => {
                    let Some(flow) = flows.get_mut(&stream) else {
                        continue;
                    };
                    let _ = flow.accept(part);
                    let bytes = flow.take(usize::MAX);
                    flow.give(&bytes);
                    if flow.finished() {
                        flow.end();
                    }
                    let mut parts = Vec::new();
                    while let Some(part) = flow.send() {
                        parts.push(part);
                    }
                    if flow.over() {
                        flows.remove(&stream);
                    }
                    for part in parts {
                        self.say(&Link::Part { stream, part }).await?;
                    }
                }
                _ => {}
            }
        }
    }
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?)
}

/// Links so many VMs.
async fn crowd(place: &str, from: u32, count: u32) -> Result<Vec<Vm>> {
    let room = Arc::new(Semaphore::new(AT_ONCE));
    let mut making = JoinSet::new();
    for nth in from..from + count {
        let (room, place) = (Arc::clone(&room), place.to_owned());
        making.spawn(async move {
            let _room = room.acquire_owned().await?;
            Vm::link(&place, nth)
                .await
                .with_context(|| format!("session {nth}"))
        });
    }
    let mut all = Vec::new();
    while let Some(made) = making.join_next().await {
        all.push(made??);
    }
    Ok(all)
}

/// Memory and CPU for each idle session.
pub(crate) fn idle(args: &Args) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    let mut house = House::new()?;
    let place = house.lone()?;
    let pid = house.pid("lone")?;
    let empty = proc::pss(pid)?;
    rows.push(Row::new("a relay without sessions, PSS", mebibytes(empty)));
    let runtime = runtime()?;
    let look = if args.quick { IDLE / 5 } else { IDLE };
    // Links end by tasks of their own.
    let _inside = runtime.enter();
    let mut all: Vec<Vm> = Vec::new();
    for count in [1_000.min(args.sessions), args.sessions] {
        let have = all.len();
        let since = Instant::now();
        let more = (count - have).try_into()?;
        all.extend(runtime.block_on(crowd(&place, have.try_into()?, more))?);
        let rate = (count - have) as f64 / since.elapsed().as_secs_f64();
        let cpu = Cpu::of(pid);
        let seen = Instant::now();
        std::thread::sleep(look);
        let share = Cpu::of(pid).since(cpu) / seen.elapsed().as_secs_f64();
        let pss = proc::pss(pid)?;
        rows.push(Row::new(
            format!("{count} idle sessions: PSS; each; CPU of one core"),
            format!(
                "{}; {:.1} KiB; {:.2} %",
                mebibytes(pss),
                (pss - empty) / 1024.0 / count as f64,
                100.0 * share
            ),
        ));
        rows.push(Row::new(
            format!("registrations a second, up to {count}"),
            format!("{rate:.0}"),
        ));
    }
    Ok(rows)
}

fn mebibytes(bytes: f64) -> String {
    format!("{:.1} MiB", bytes / 1024.0 / 1024.0)
}

/// A guest's coming: connection, hop, a first byte there and back.
async fn join(place: &str, route: &str) -> Result<Duration> {
    let since = Instant::now();
    let handle = connect(place, route).await?;
    let opened = handle.channel_open_direct_tcpip(TARGET, 22, "127.0.0.1", 1);
    let channel: Channel<Msg> = opened.await?;
    let mut stream = channel.into_stream();
    stream.write_all(b"x").await?;
    let mut byte = [0];
    stream.read_exact(&mut byte).await?;
    let took = since.elapsed();
    let _ = stream.shutdown().await;
    drop(handle);
    Ok(took)
}

/// Joins a second, to a node with the link and to another one.
pub(crate) fn joins(args: &Args) -> Result<Vec<Row>> {
    let time = Duration::from_secs(if args.quick { 2 } else { 10 });
    let runtime = runtime()?;
    let mut rows = Vec::new();
    for (what, cluster) in [("one node", false), ("a node without the link", true)] {
        let mut house = House::new()?;
        let (host, guests) = if cluster {
            let three = house.three()?;
            let [host, _, guests] = three.ssh;
            (host, guests)
        } else {
            let place = house.lone()?;
            (place.clone(), place)
        };
        let result: Result<Vec<f64>> = runtime.block_on(async {
            let mut routes = Vec::new();
            for vm in crowd(&host, 0, 16).await? {
                routes.push(vm.route.clone());
                tokio::spawn(vm.echo());
            }
            let done = Arc::new(AtomicUsize::new(0));
            let mut comers = JoinSet::new();
            let end = Instant::now() + time;
            for route in routes {
                let (guests, done) = (guests.clone(), Arc::clone(&done));
                comers.spawn(async move {
                    let mut times = Vec::new();
                    while Instant::now() < end {
                        times.push(join(&guests, &route).await?.as_secs_f64());
                        done.fetch_add(1, Ordering::Relaxed);
                    }
                    anyhow::Ok(times)
                });
            }
            let mut times = Vec::new();
            while let Some(own) = comers.join_next().await {
                times.extend(own??);
            }
            Ok(times)
        });
        let times = result?;
        rows.push(Row::new(
            format!("joins a second by {what}, 16 guests at once; median of one"),
            format!(
                "{:.0}; {:.1} ms",
                times.len() as f64 / time.as_secs_f64(),
                1000.0 * median(&times)
            ),
        ));
    }
    Ok(rows)
}
