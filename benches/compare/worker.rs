//! The program inside the pane: it is told over a socket what to write, writes
//! it, and asks the terminal for the cursor (DSR 6) to learn when all of it was
//! taken in. It ends when the socket does, and so never outlives the bench.
//!
//! ```text
//! write FILE     the file, then DSR        → nanoseconds from first byte to answer
//! flood SECONDS  log lines for so long     → bytes written
//! run            log lines until the end   → (nothing)
//! sink           leave the keys' echo to the kernel, throw input away → ok
//! ```

use std::io::{BufRead as _, BufReader, Read as _, Write as _, stdin, stdout};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

use crate::corpus::{Kind, generate};
use crate::mux::Server;

/// Bytes a write.
const CHUNK: usize = 64 * 1024;

/// Serves the socket until it closes.
pub(crate) fn serve(socket: &Path) -> Result<()> {
    let stream = UnixStream::connect(socket)?;
    let mut answers = stream.try_clone()?;
    for order in BufReader::new(stream).lines() {
        let order = order?;
        let (verb, rest) = order.split_once(' ').unwrap_or((&order, ""));
        let answer = match verb {
            "write" => write_file(Path::new(rest))?.as_nanos().to_string(),
            "flood" => flood(Duration::from_secs_f64(rest.parse()?))?.to_string(),
            "run" => {
                std::thread::spawn(|| flood(Duration::MAX));
                continue;
            }
            "sink" => {
                std::thread::spawn(|| std::io::copy(&mut stdin().lock(), &mut std::io::sink()));
                "ok".to_owned()
            }
            _ => bail!("unknown order {verb:?}"),
        };
        writeln!(answers, "{answer}")?;
    }
    Ok(())
}

fn write_file(path: &Path) -> Result<Duration> {
    let bytes = std::fs::read(path)?;
    let mut modes = tcgetattr(stdin())?;
    modes
        .local_modes
        .remove(LocalModes::ICANON | LocalModes::ECHO);
    tcsetattr(stdin(), OptionalActions::Now, &modes)?;
    let mut out = stdout().lock();
    let start = Instant::now();
    for chunk in bytes.chunks(CHUNK) {
        out.write_all(chunk)?;
    }
    out.write_all(b"\x1b[6n")?;
    out.flush()?;
    let mut byte = [0];
    while byte != *b"R" {
        stdin().lock().read_exact(&mut byte)?;
    }
    let taken = start.elapsed();
    modes
        .local_modes
        .insert(LocalModes::ICANON | LocalModes::ECHO);
    tcsetattr(stdin(), OptionalActions::Now, &modes)?;
    Ok(taken)
}

fn flood(time: Duration) -> Result<u64> {
    let bytes = generate(Kind::Plain, 256 * 1024);
    let mut out = stdout().lock();
    let start = Instant::now();
    let mut written = 0;
    // In small pieces, so that the end is noticed while the reader is slow.
    for chunk in bytes.chunks(4096).cycle() {
        if start.elapsed() >= time {
            break;
        }
        out.write_all(chunk)?;
        written += chunk.len() as u64;
    }
    out.flush()?;
    Ok(written)
}

/// The bench's end of a worker.
pub(crate) struct Worker {
    stream: BufReader<UnixStream>,
}

impl Worker {
    /// Takes a worker that connected.
    pub(crate) fn new(stream: UnixStream) -> Self {
        Self {
            stream: BufReader::new(stream),
        }
    }

    /// Gives an order that is not answered at once.
    pub(crate) fn order(&mut self, order: &str) -> Result<()> {
        Ok(writeln!(self.stream.get_mut(), "{order}")?)
    }

    /// Waits for the answer to the last order.
    pub(crate) fn answer(&mut self, limit: Duration) -> Result<f64> {
        self.stream.get_mut().set_read_timeout(Some(limit))?;
        let mut line = String::new();
        self.stream
            .read_line(&mut line)
            .context("the program in the pane did not answer")?;
        match line.trim() {
            "ok" => Ok(0.0),
            "" => bail!("the program in the pane ended"),
            number => Ok(number.parse()?),
        }
    }

    /// Writes a file in the pane: seconds until the terminal took all of it in.
    pub(crate) fn write(&mut self, file: &Path, limit: Duration) -> Result<f64> {
        self.order(&format!("write {}", file.display()))?;
        Ok(self.answer(limit)? / 1e9)
    }

    /// Floods the pane: bytes a second that the terminal let through.
    pub(crate) fn flood(&mut self, seconds: f64) -> Result<f64> {
        self.order(&format!("flood {seconds}"))?;
        let limit = Duration::from_secs_f64(seconds + 20.0);
        Ok(self.answer(limit)? / seconds)
    }

    /// Leaves the echo of keys to the kernel.
    pub(crate) fn sink(&mut self) -> Result<()> {
        self.order("sink")?;
        self.answer(Server::PATIENCE).map(drop)
    }
}

/// The command that a pane runs to become a worker of the socket.
pub(crate) fn command(socket: &Path) -> Result<(PathBuf, [String; 2])> {
    let program = std::env::current_exe()?;
    Ok((
        program,
        ["--worker".to_owned(), socket.display().to_string()],
    ))
}
