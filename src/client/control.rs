//! The control client (`-C`, `-CC`): its standard input goes to the server as it
//! comes, what the server says goes to standard output, and `%exit` ends it, as
//! SIGTERM and SIGHUP do. It understands no line of either.

use std::io;
use std::io::Write as _;
use std::os::unix::net::UnixStream;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use tokio::signal::unix::{SignalKind, signal};

use super::{LOST, Link, Served, become_shell, garbled, raw, send_stdin, write_to};
use crate::wire::frame::CHUNK;
use crate::wire::{FromClient, OutStream, ToClient};

/// Tells the terminal that lines follow, and that they have ended (tmux's own
/// device control string, which iTerm2 looks for).
const ENTER: &[u8] = b"\x1bP1000p";
const LEAVE: &[u8] = b"\x1b\\";

/// How it ended.
struct End {
    status: u8,
    reason: Option<String>,
    wait: bool,
    lost: bool,
}

/// Serves standard input and output until the server ends it.
pub(super) fn run(mut link: Link, raw: Option<raw::Lines>) -> Result<Served, String> {
    if raw.is_some() {
        write_to(OutStream::Out, ENTER);
    }
    let told = watch_signals().map_err(|error| super::reason(&error))?;
    let end = match serve(&mut link, &told) {
        Ok(end) => end,
        Err(why) if why == LOST => End {
            status: 1,
            reason: Some(why),
            wait: false,
            lost: true,
        },
        Err(why) => return Err(why),
    };
    let last = match end.reason {
        Some(reason) => format!("%exit {reason}\n"),
        None => "%exit\n".to_owned(),
    };
    write_to(OutStream::Out, last.as_bytes());
    if end.wait && !end.lost {
        await_empty_line();
    }
    if raw.is_some() {
        write_to(OutStream::Out, LEAVE);
    }
    Ok(Served::ended(end.status, true))
}

/// Hears SIGTERM and SIGHUP: the other end has something to read when one came.
fn watch_signals() -> io::Result<UnixStream> {
    let (mut tell, told) = UnixStream::pair()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?;
    let (mut terminate, mut hangup) = {
        let _inside = runtime.enter();
        (
            signal(SignalKind::terminate())?,
            signal(SignalKind::hangup())?,
        )
    };
    std::thread::spawn(move || {
        runtime.block_on(async {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = hangup.recv() => {}
            }
        });
        // Nobody who listens is left when this fails.
        let _ = tell.write_all(b"!");
    });
    Ok(told)
}

fn serve(link: &mut Link, told: &UnixStream) -> Result<End, String> {
    let mut open = true;
    let mut buffer = vec![0; CHUNK];
    loop {
        while let Some(message) = link.decoder.message::<ToClient>().map_err(garbled)? {
            if let Some(end) = obey(link, message)? {
                return Ok(end);
            }
        }
        let stdin = io::stdin();
        let ready = {
            let mut fds = [
                PollFd::new(&link.stream, PollFlags::IN),
                PollFd::new(told, PollFlags::IN),
                PollFd::new(&stdin, PollFlags::IN),
            ];
            let count = if open { 3 } else { 2 };
            match poll(&mut fds[..count], None) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return Err(super::reason(&error.into())),
            }
            [0, 1, 2].map(|at: usize| !fds[at].revents().is_empty())
        };
        if ready[0] {
            link.fill()?;
        }
        if ready[1] {
            return Ok(End {
                status: 0,
                reason: None,
                wait: false,
                lost: false,
            });
        }
        if open && ready[2] {
            open = pass_on(link, &mut buffer)?;
        }
    }
}

/// Sends what standard input has; false at its end.
fn pass_on(link: &mut Link, buffer: &mut [u8]) -> Result<bool, String> {
    let len = match rustix::io::read(io::stdin(), &mut *buffer) {
        Ok(len) => len,
        Err(Errno::INTR | Errno::AGAIN) => return Ok(true),
        Err(_) => 0,
    };
    let bytes = buffer[..len].to_vec().into();
    link.send(&FromClient::Stdin {
        bytes,
        end: len == 0,
    })?;
    Ok(len > 0)
}

fn obey(link: &mut Link, message: ToClient) -> Result<Option<End>, String> {
    let end = |status, reason, wait| End {
        status,
        reason,
        wait,
        lost: false,
    };
    match message {
        ToClient::Print { stream, bytes } => write_to(stream, &bytes.0),
        ToClient::ExitControl {
            status,
            reason,
            wait,
        } => return Ok(Some(end(status, reason, wait))),
        ToClient::Exit { status, .. } => return Ok(Some(end(status, None, false))),
        ToClient::Exec { command } => return Err(become_shell(&command)),
        ToClient::ReadStdin => send_stdin(link)?,
        // They belong to a terminal that is drawn on.
        ToClient::Attach | ToClient::Draw(_) | ToClient::Suspend | ToClient::Lock { .. } => {}
    }
    Ok(None)
}

/// `wait-exit`: reads up to an empty line, or the end.
fn await_empty_line() {
    let mut empty = true;
    let mut byte = [0];
    loop {
        match rustix::io::read(io::stdin(), &mut byte) {
            Ok(0) => return,
            Ok(_) if byte[0] == b'\n' => {
                if empty {
                    return;
                }
                empty = true;
            }
            Ok(_) => empty = false,
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => super::await_fd(&io::stdin(), PollFlags::IN),
            Err(_) => return,
        }
    }
}
