//! `stepmux relay`: runs a relay in the foreground, until it is told to end. It
//! needs no server and no right but that to its port.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{CommandFactory, Parser, Subcommand, ValueEnum, value_parser};
use tokio::signal::unix::{SignalKind, signal};

use super::relay_cluster::ClusterArgs;
use super::{fail, print, warn};
use crate::relay::{self, AllowHosts, Config, Limits, Opened, Reins, status};

/// The greatest of the bounds in numbers.
const MOST: i64 = 10_000_000;
/// The most guests in a session: each takes its turn on the session's one link.
const MOST_GUESTS: i64 = 1024;
/// The longest of the times, in seconds.
const LONGEST: u64 = 86_400;

const EXIT_STATUS: &str = "\
Exit status:
  0 after SIGTERM or SIGINT; 1 when a key or an address cannot be had; 2 for
  wrong arguments.";

/// Runs a relay: debug VMs dial out to it, guests reach them through it, and it
/// cannot read what passes.
#[derive(Clone, Debug, Parser)]
#[command(name = "stepmux relay", after_help = EXIT_STATUS, disable_version_flag = true,
    args_conflicts_with_subcommands = true, disable_help_subcommand = true)]
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
    /// Let anyone bring sessions, or the machines whose keys are listed
    #[arg(long, value_name = "WHOM", default_value = "open")]
    allow_hosts: Allow,
    /// The list of --allow-hosts keys, in the form of authorized_keys, instead of
    /// authorized_hosts in the state directory; may be repeated. SIGHUP reads it
    /// again
    #[arg(long, value_name = "FILE")]
    host_keys: Vec<PathBuf>,
    /// Tell figures there, for Prometheus, at /metrics
    #[arg(long, value_name = "ADDR:PORT")]
    metrics: Option<String>,
    /// Keep the relay's key and its status socket there
    #[arg(long, value_name = "DIR", global = true)]
    state_dir: Option<PathBuf>,
    /// Give guests so long to leave when the relay is told to end
    #[arg(long, value_name = "SECONDS", default_value_t = 10,
        value_parser = value_parser!(u64).range(..=LONGEST))]
    drain: u64,
    /// Ask VMs and guests so often whether they are there; three questions without
    /// an answer end a connection
    #[arg(long, value_name = "SECONDS", default_value_t = 15,
        value_parser = value_parser!(u64).range(1..=LONGEST))]
    keepalive: u64,
    /// Take at most so many connections of each address
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..=MOST))]
    max_per_address: Option<u32>,
    /// Take at most so many connections
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..=MOST))]
    max_connections: Option<u32>,
    /// Say on standard error who comes and goes, by session and address
    #[arg(long, short)]
    verbose: bool,
    /// Take at most so many sessions
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..=MOST))]
    max_sessions: Option<u32>,
    /// Take at most so many guests in each
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..=MOST_GUESTS))]
    max_guests: Option<u32>,
    #[command(flatten)]
    cluster: ClusterArgs,
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Clone, Debug, Subcommand)]
enum What {
    /// Tells what a running relay has
    Status {
        /// As one line of JSON
        #[arg(long)]
        json: bool,
    },
}

/// Who may bring sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Allow {
    Keys,
    Open,
}

/// The list of machines, in the state directory.
const HOSTS_FILE: &str = "authorized_hosts";

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
    let dir = args.state_dir.clone().unwrap_or_else(state_dir);
    if let Some(What::Status { json }) = args.what {
        return match status::ask(&dir) {
            Ok(answer) if json => super::said(format!("{answer}\n")),
            Ok(answer) => super::said(status::table(&answer)),
            Err(why) => fail(&format!("stepmux relay: {why}")),
        };
    }
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
    match runtime.block_on(serve(args, dir)) {
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

async fn serve(args: Relay, dir: PathBuf) -> Result<(), String> {
    let limits = limits(&args);
    let hosts = match args.allow_hosts {
        Allow::Open if args.host_keys.is_empty() => AllowHosts::Open,
        Allow::Open => return Err("--host-keys is for --allow-hosts keys".to_owned()),
        Allow::Keys if args.host_keys.is_empty() => AllowHosts::Keys(vec![dir.join(HOSTS_FILE)]),
        Allow::Keys => AllowHosts::Keys(args.host_keys),
    };
    let open = matches!(hosts, AllowHosts::Open);
    let config = Config {
        listen: args.listen,
        host_listen: args.host_listen,
        key: args.key,
        state_dir: dir,
        hosts,
        metrics: args.metrics,
        drain: Duration::from_secs(args.drain),
        cluster: args.cluster.setup()?,
        limits,
    };
    let reins = Reins::default();
    let told = reins.clone();
    let mut hangup = signal(SignalKind::hangup()).map_err(|error| error.to_string())?;
    let mut term = signal(SignalKind::terminate()).map_err(|error| error.to_string())?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(|error| error.to_string())?;
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = hangup.recv() => {
                    told.renew.notify_one();
                    continue;
                }
                _ = term.recv() => {}
                _ = interrupt.recv() => {}
            }
            if told.closing.is_cancelled() {
                told.at_once.cancel();
            } else {
                warn("stepmux relay: ending once its guests have left; again to end at once");
                told.closing.cancel();
            }
        }
    });
    relay::run(config, |opened| announce(opened, open), reins).await
}

/// The bounds that are asked for.
fn limits(args: &Relay) -> Limits {
    let usual = Limits::default();
    let asked = |number: Option<u32>, usual| {
        let number = number.and_then(|number| usize::try_from(number).ok());
        number.unwrap_or(usual)
    };
    Limits {
        keepalive: Duration::from_secs(args.keepalive),
        sessions: asked(args.max_sessions, usual.sessions),
        joiners: asked(args.max_guests, usual.joiners),
        connections: asked(args.max_connections, usual.connections),
        per_address: asked(args.max_per_address, usual.per_address),
        ..usual
    }
}

fn announce(opened: &Opened, open: bool) {
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
    let whom = if open { "anyone" } else { "listed keys" };
    text.push_str(&format!("hosts:       {whom}\n"));
    if let Some(at) = &opened.metrics {
        text.push_str(&format!("metrics:     http://{at}/metrics\n"));
    }
    if opened.status.is_none() {
        text.push_str("status:      another relay has the status socket (--state-dir)\n");
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definition_is_sound_and_knows_the_units_words() {
        definition().debug_assert();
        let unit = include_str!("../../packaging/stepmux-relay.service");
        let line = unit
            .lines()
            .find_map(|line| line.strip_prefix("ExecStart="));
        let words = line.unwrap_or_default().split(' ').skip(1);
        assert!(Relay::try_parse_from(words).is_ok_and(|args| args.drain == 60));
    }

    #[test]
    fn clusters_page_tells_of_words_that_are_known() {
        let page = include_str!("../../docs/relay-cluster.md");
        // Where systemd keeps the directory of a user who is there for good.
        assert!(page.contains(
            "\nDynamicUser=no\nUser=stepmux-relay\nEnvironment=XDG_STATE_HOME=/var/lib\n"
        ));
        let from = page.find("ExecStart=/usr/bin/stepmux relay");
        let lines = page[from.unwrap_or_default()..].lines();
        let mut words = Vec::new();
        for line in lines {
            let own = line.trim_end_matches('\\');
            words.extend(own.split_ascii_whitespace());
            if own == line {
                break;
            }
        }
        let args = Relay::try_parse_from(&words[1..]).ok();
        let setup = args.and_then(|args| args.cluster.setup().ok()?);
        let setup = setup.map(|setup| (setup.node, setup.peers.len(), setup.silence));
        assert_eq!(setup, Some(("a".to_owned(), 3, Duration::from_secs(15))));
    }

    #[test]
    fn bounds_are_the_usual_ones_unless_they_are_asked_for() {
        let read = |line: &str| Relay::try_parse_from(line.split(' ')).map(|args| limits(&args));
        let usual = Limits::default();
        let same = |limits: Limits| {
            (limits.keepalive, limits.joiners) == (usual.keepalive, usual.joiners)
                && limits.sessions == usual.sessions
        };
        assert!(read("relay").is_ok_and(same));
        let asked = "relay --keepalive 3 --max-guests 2 --max-connections 7 --max-per-address 5";
        assert!(read(asked).is_ok_and(|limits| {
            limits.keepalive == Duration::from_secs(3)
                && (limits.joiners, limits.connections, limits.per_address) == (2, 7, 5)
        }));
    }

    #[test]
    fn status_is_a_word_of_its_own_with_the_directory() {
        let read = |line: &str| Relay::try_parse_from(line.split(' '));
        let args = read("relay status --json --state-dir /x").ok();
        let args = args.as_ref();
        assert!(args.is_some_and(|args| matches!(args.what, Some(What::Status { json: true }))));
        assert!(args.is_some_and(|args| args.state_dir == Some(PathBuf::from("/x"))));
        for wrong in [
            "relay --verbose status",
            "relay --allow-hosts some",
            "relay --max-connections 0",
            "relay --max-guests 18446744073709551615",
            "relay --keepalive 0",
            "relay --drain 18446744073709551615",
            "relay word",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
