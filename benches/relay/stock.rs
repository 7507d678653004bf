//! The stock OpenSSH client as a guest of a real session: directly, end to end
//! through a relay of one node, through a node that has not the session's link.

use std::fs;
use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::nodes::{House, LIMIT, NAMES, Three, wait};
use crate::stats::{median, quantile};
use crate::{Args, Row};

/// What is copied, in bytes.
const COPY: usize = 200 << 20;
/// How long a screen is quiet before the next key.
const QUIET: Duration = Duration::from_millis(4);

const OPTIONS: &str = "-F /dev/null -o BatchMode=yes -o IdentityAgent=none -o IdentityFile=none \
                       -o LogLevel=ERROR -o StrictHostKeyChecking=no \
                       -o UserKnownHostsFile=/dev/null";

/// How a guest comes.
struct Way {
    what: &'static str,
    /// The user and host, and options before it.
    options: Vec<String>,
    target: String,
}

/// The ways of one session, as its shares say.
fn ways(house: &mut House, dir: &str) -> Result<(Vec<Way>, Three)> {
    house.run(&[
        "-f",
        "/dev/null",
        "new-session",
        "-d",
        "-s",
        "bench",
        "-x",
        "120",
        "-y",
        "40",
    ])?;
    let lone = house.lone()?;
    let three = house.three()?;
    let mut ways = Vec::new();
    let places = three.ssh[..2].join(",");
    for (what, more, jump) in [
        ("direct", vec!["--listen", "127.0.0.1:0"], None),
        ("end to end", vec!["--relay", &lone], Some(&lone)),
        (
            "compatible: its ssh ends in the relay",
            vec!["--relay", &lone, "--relay-compat"],
            None,
        ),
        (
            "end to end, by another node",
            vec!["--relay", &places],
            Some(&three.ssh[2]),
        ),
    ] {
        let session = format!(
            "={}",
            what.replace(|ch: char| !ch.is_ascii_alphabetic(), "")
        );
        house.run(&[
            "new-session",
            "-d",
            "-s",
            &session[1..],
            "-x",
            "120",
            "-y",
            "40",
        ])?;
        let args = [&["share", "-t", &session, "--sftp", dir], &more[..]].concat();
        house.run(&args)?;
        let target = format!("{session}:");
        let line = match what.starts_with("compat") {
            true => "#{ssh_command_compat}",
            false => "#{ssh_command}",
        };
        let line = house.run(&["display-message", "-p", "-t", &target, line])?;
        ways.push(way(what, &line, jump.map(String::as_str))?);
    }
    Ok((ways, three))
}

/// The client's words of a printed line.
fn way(what: &'static str, line: &str, jump: Option<&str>) -> Result<Way> {
    let words: Vec<&str> = line.split(' ').collect();
    let target = (*words.last().context("no line")?).to_owned();
    let mut options: Vec<String> = OPTIONS.split_whitespace().map(str::to_owned).collect();
    let after = |flag: &str| {
        let at = words.iter().position(|word| *word == flag)?;
        words.get(at + 1).copied()
    };
    if let Some(port) = after("-p") {
        options.extend(["-o".to_owned(), format!("Port={port}")]);
    }
    if let (Some(place), Some(route)) = (jump, after("-J")) {
        let (route, _) = route.split_once('@').context("no route")?;
        let (ip, port) = place.split_once(':').context("no port")?;
        let proxy = format!("ssh {OPTIONS} -W stepmux:22 -p {port} {route}@{ip}");
        options.extend(["-o".to_owned(), format!("ProxyCommand={proxy}")]);
    }
    Ok(Way {
        what,
        options,
        target,
    })
}

/// A guest on a terminal.
struct Guest {
    child: Child,
    input: ChildStdin,
    output: Receiver<Vec<u8>>,
}

impl Guest {
    fn come(house: &House, way: &Way) -> Result<Self> {
        let mut ssh = house.command("ssh");
        ssh.args(&way.options).arg("-tt").arg(&way.target);
        ssh.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = ssh.spawn()?;
        let input = child.stdin.take().context("no stdin")?;
        let mut from = child.stdout.take().context("no stdout")?;
        let (into, output) = mpsc::channel();
        std::thread::spawn(move || {
            let mut buffer = vec![0; 64 << 10];
            while let Ok(count @ 1..) = from.read(&mut buffer) {
                if into.send(buffer[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        let mut guest = Self {
            child,
            input,
            output,
        };
        guest
            .output
            .recv_timeout(LIMIT)
            .context("no first picture")?;
        // What the kernel echoes, and nothing else.
        guest.input.write_all(b"exec cat\r")?;
        guest.calm();
        Ok(guest)
    }

    /// Waits until nothing has come for a while.
    fn calm(&self) {
        while self.output.recv_timeout(Duration::from_millis(300)).is_ok() {}
    }

    /// From a key to what comes of it.
    fn key(&mut self) -> Result<f64> {
        while self.output.recv_timeout(QUIET).is_ok() {}
        let since = Instant::now();
        self.input.write_all(b"k")?;
        self.output.recv_timeout(LIMIT).context("no echo")?;
        Ok(since.elapsed().as_secs_f64())
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Keystroke echo, each way.
pub(crate) fn echo(args: &Args) -> Result<Vec<Row>> {
    let mut house = House::new()?;
    let (ways, _three) = ways(&mut house, "/tmp")?;
    let keys = if args.quick { 100 } else { 500 };
    let mut rows = Vec::new();
    for way in &ways {
        let mut guest = Guest::come(&house, way)?;
        for _ in 0..20 {
            guest.key()?;
        }
        let mut times = Vec::new();
        for nth in 0..keys {
            times.push(guest.key()?);
            if nth % 60 == 59 {
                guest.input.write_all(b"\r")?;
                guest.calm();
            }
        }
        rows.push(Row::new(
            format!("keystroke echo, {}: median; 99th percentile", way.what),
            format!(
                "{:.2} ms; {:.2} ms",
                1e3 * median(&times),
                1e3 * quantile(&times, 0.99)
            ),
        ));
    }
    Ok(rows)
}

/// A file's copy by sftp, each way.
pub(crate) fn throughput(args: &Args) -> Result<Vec<Row>> {
    let mut house = House::new()?;
    let served = house.path("served");
    fs::create_dir(&served)?;
    let size = if args.quick { COPY / 5 } else { COPY };
    let bytes: Vec<u8> = (0..size).map(|n| (n % 251) as u8).collect();
    fs::write(served.join("big"), &bytes)?;
    let dir = served.display().to_string();
    let (ways, _three) = ways(&mut house, &dir)?;
    let rounds = if args.quick { 1 } else { 5 };
    let mut rates: Vec<Vec<f64>> = vec![Vec::new(); ways.len()];
    for _ in 0..rounds {
        for (way, rates) in ways.iter().zip(&mut rates) {
            let mut sftp: Command = house.command("sftp");
            sftp.arg("-q").args(&way.options);
            sftp.arg(format!("{}:big", way.target)).arg("/dev/null");
            sftp.stdout(Stdio::null());
            let since = Instant::now();
            let status = sftp.status()?;
            ensure!(status.success(), "sftp, {}: {status}", way.what);
            rates.push(size as f64 / 1e6 / since.elapsed().as_secs_f64());
        }
    }
    let all = ways.iter().zip(&rates);
    let row = |(way, rates): (&Way, &Vec<f64>)| {
        Row::new(
            format!("sftp of {} MB, {}", size / 1_000_000, way.what),
            format!("{:.0} MB/s", median(rates)),
        )
    };
    Ok(all.map(row).collect())
}

/// From the death of the node with the link to the next echo of a guest at
/// another one.
pub(crate) fn recovery(args: &Args) -> Result<Vec<Row>> {
    let mut house = House::new()?;
    let (ways, three) = ways(&mut house, "/tmp")?;
    let way = ways.last().context("no way")?;
    // A node that has just begun is not on its bus yet, and asks the others.
    let on_bus = |house: &House, name: &str| {
        let there = || house.log(name).contains("the bus is there");
        wait("bus in the node's log", there)
    };
    for name in NAMES {
        on_bus(&house, name)?;
    }
    let mut guest = Guest::come(&house, way)?;
    let rounds = if args.quick { 3 } else { 9 };
    let mut times = Vec::new();
    for _ in 0..rounds {
        guest.key()?;
        let owner = || {
            let log = house.log("c");
            let way = log.lines().rfind(|line| line.contains("INFO way"))?;
            let mut nodes = NAMES.iter();
            nodes.position(|name| way.contains(&format!("node=\"{name}\"")))
        };
        wait("way in the node's log", || owner().is_some())?;
        let nth = owner().context("no way")?;
        house.kill(NAMES[nth]);
        times.push(guest.key()?);
        house.start_node(&three, nth)?;
        let linked = || house.log(NAMES[nth]).contains("INFO session ");
        wait("link of the node that is back", linked)?;
        on_bus(&house, NAMES[nth])?;
    }
    Ok(vec![Row::new(
        "node with the link killed, to a guest's next echo at another: median; worst",
        format!(
            "{:.0} ms; {:.0} ms",
            1e3 * median(&times),
            1e3 * quantile(&times, 1.0)
        ),
    )])
}
