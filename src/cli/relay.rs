//! `stepmux relay`: runs a relay in the foreground, until it is told to end. It
//! needs no server and no right but that to its port.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::relay_cluster::ClusterArgs;
use super::{fail, print, warn};
use crate::relay::{self, Config, Limits, Opened};

const EXIT_STATUS: &str = "\
Exit status:
  0 after SIGTERM or SIGINT; 1 when a key or an address cannot be had; 2 for
  wrong arguments.";

/// Runs a relay: debug VMs dial out to it, guests reach them through it, and it
/// cannot read what passes.
#[derive(Clone, Debug, Parser)]
#[command(name = "stepmux relay", after_help = EXIT_STATUS, disable_version_flag = true)]
struct Relay {
    /// Listen there for guests, and for VMs unless --host-listen says where; may
    /// be repeated
    #[arg(long, value_name = "ADDR:PORT", default_value = "0.0.0.0:2200")]
    listen: Vec<String>,
    /// Listen there for VMs; may be repeated
    #[arg(long, value_name = "ADDR:PORT")]
    host_listen: Vec<String>,
    /// Use this ed25519 key instead of one made in the state directory
    #[arg(long, value_name = "FILE")]
    key: Option<String>,
    /// Take at most so many sessions
    #[arg(long, value_name = "N")]
    max_sessions: Option<usize>,
    /// Take at most so many guests in each
    #[arg(long, value_name = "N")]
    max_guests: Option<usize>,
    /// Say on standard error who comes and goes, and which links break
    #[arg(long, short)]
    verbose: bool,
    #[command(flatten)]
    cluster: ClusterArgs,
}

/// The definition, for the manual and the shells.
pub(super) fn definition() -> clap::Command {
    Relay::command()
}

/// Runs `relay` with its arguments.
pub(super) fn main(argv: &[String]) -> ExitCode {
    let args = match Relay::try_parse_from(argv) {
        Ok(args) => args,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    if args.verbose {
        start_log();
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("stepmux-relay")
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("stepmux relay: {error}")),
    };
    match runtime.block_on(serve(args)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => fail(&format!("stepmux relay: {why}")),
    }
}

/// Writes our own events to standard error. What crates say is left out: an ssh
/// library logs user names, and those may be tokens here.
fn start_log() {
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter("stepmux=info")
        .with_ansi(false)
        .with_target(false)
        .with_writer(std::io::stderr)
        .finish();
    let _ = tracing::subscriber::set_global_default(subscriber);
}

async fn serve(args: Relay) -> Result<(), String> {
    let mut limits = Limits::default();
    limits.sessions = args.max_sessions.unwrap_or(limits.sessions);
    limits.joiners = args.max_guests.unwrap_or(limits.joiners);
    let config = Config {
        listen: args.listen,
        host_listen: args.host_listen,
        key: args.key,
        state_dir: state_dir(),
        hosts: None,
        cluster: args.cluster.setup()?,
        limits,
    };
    let closing = CancellationToken::new();
    let told = closing.clone();
    let mut term = signal(SignalKind::terminate()).map_err(|error| error.to_string())?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(|error| error.to_string())?;
    tokio::spawn(async move {
        tokio::select! {
            _ = term.recv() => {}
            _ = interrupt.recv() => {}
        }
        warn("stepmux relay: ending; VMs are told");
        told.cancel();
    });
    relay::run(config, announce, closing).await
}

fn announce(opened: &Opened) {
    let mut text = String::new();
    for at in &opened.listen {
        text.push_str(&format!("listening:   {at}\n"));
    }
    for at in &opened.host_listen {
        text.push_str(&format!("for VMs:     {at}\n"));
    }
    for at in &opened.cluster_listen {
        text.push_str(&format!("for nodes:   {at}\n"));
    }
    for line in &opened.known_hosts {
        text.push_str(&format!("known_hosts: {line}\n"));
    }
    text.push_str(&format!("fingerprint: {}\n", opened.fingerprint));
    let at = opened.host_listen.first().or(opened.listen.first());
    let port = at.map_or(22, std::net::SocketAddr::port);
    text.push_str(&format!(
        "share by:    stepmux share --relay THIS-HOST:{port} --relay-key {}\n",
        opened.fingerprint
    ));
    print(&text);
}

/// Where the relay's own key is kept (XDG Base Directory Specification).
fn state_dir() -> PathBuf {
    let of = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let base = of("XDG_STATE_HOME").map(PathBuf::from).or_else(|| {
        let home = of("HOME").map(PathBuf::from)?;
        Some(home.join(".local/state"))
    });
    base.unwrap_or_else(|| PathBuf::from("/var/lib"))
        .join("stepmux")
}
