//! Performing effects: each becomes a call of `io` or `ssh`. What answers at
//! once is a further turn.

use std::path::{Path, PathBuf};

use tokio::task::spawn_local;

use crate::base::{ClientId, PaneId, Token};
use crate::engine::Event;
use crate::io::{file, job};
use crate::mux::Effect;
use crate::mux::effect::{EndSignal, JobSpec, Stream};

use super::owner::{Door, Finished, Owner};

/// The most bytes that a mirrored log may be behind.
const MIRROR_LIMIT: usize = 4 << 20;

fn audit(path: &str, line: &str) {
    if let Err(why) = crate::io::audit::add(Path::new(path), line) {
        tracing::warn!(path, why, "audit log");
    }
}

fn keep(path: &str, bytes: &[u8]) {
    if let Err(why) = file::keep(Path::new(path), bytes) {
        tracing::warn!(path, why, "file to keep");
    }
}

fn note(path: &str, text: &str) {
    if let Err(why) = crate::io::file::note(Path::new(path), text) {
        tracing::warn!(path, why, "note");
    }
}

impl Owner {
    #[allow(clippy::too_many_lines, reason = "an arm for each effect")]
    pub(super) fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Send { client, bytes } => match self.door(client) {
                Some(Door::Local(handle)) => {
                    let taken = handle.draw(&bytes);
                    self.taken.extend(taken.then_some(client));
                }
                Some(Door::Guest(guest)) => guest.draw(bytes),
                None => {}
            },
            Effect::Print {
                client,
                stream,
                bytes,
            } => match self.door(client) {
                Some(Door::Local(handle)) => handle.print(stream, &bytes),
                Some(Door::Guest(guest)) => guest.print(stream, &bytes),
                None => {}
            },
            Effect::Control { client, bytes } => self.say(client, bytes),
            Effect::ExitControl {
                client,
                status,
                reason,
                wait,
            } => self.exit_control(client, status, reason, wait),
            Effect::Mirror { client, bytes } => self.mirror(client, &bytes),
            Effect::Attach { client, leave } => self.attach(client, leave),
            Effect::Exit {
                client,
                status,
                message,
            } => self.exit(client, status, message),
            Effect::Exec { client, command } => self.exec(client, command),
            Effect::Suspend { client } => self.suspend(client),
            Effect::Lock { client, command } => self.lock(client, command),
            Effect::Spawn { token, pane, spec } => {
                let result = self.panes.spawn(pane, &spec);
                self.turn(Event::Spawned {
                    token,
                    pane,
                    result,
                });
            }
            Effect::Show { pane, bytes } => self.turn(Event::PaneBytes {
                pane,
                bytes: &bytes,
            }),
            Effect::PaneWrite { pane, bytes } => {
                self.touched.insert(pane);
                if self.panes.write(pane, &bytes).is_err() {
                    tracing::debug!(%pane, "input dropped: its process does not read");
                }
                self.expect_echo(pane);
            }
            Effect::PaneResize { pane, size } => self.panes.resize(pane, size),
            Effect::Inspect { pane } => self.inspect(pane),
            Effect::PaneClose { pane } => self.panes.close(pane),
            Effect::PipeOpen {
                pane,
                command,
                output,
                input,
            } => self.open_pipe(pane, &command, output, input),
            Effect::OpenStore { pane, path } => self.open_store(pane, &path),
            Effect::PipeClose { pane } => self.panes.pipe_close(pane),
            Effect::RunJob { token, spec } => self.run_job(token, spec),
            Effect::ListFiles {
                token,
                dir,
                pattern,
            } => self.list_files(token, dir, pattern),
            Effect::TryProgram { token, path } => {
                let result = file::runnable(Path::new(&path));
                let _ = self.finished.send(Finished::File(token, result));
            }
            Effect::ReadFile {
                token,
                client,
                path,
            } => self.read_file(token, client, &path),
            Effect::WriteFile {
                token,
                client,
                path,
                bytes,
                append,
            } => self.write_file(token, client, &path, bytes, append),
            Effect::Keep { path, bytes } => keep(&path, &bytes),
            Effect::Share { token, request } => self.shares.open(token, *request),
            Effect::Unshare { session } => self.shares.close(session),
            Effect::RotateShare { token, session } => self.shares.rotate(token, session),
            Effect::ServeFiles { client } => self.serve_files(client),
            Effect::HoldGuest { client, grant } => {
                if let Some(Door::Guest(guest)) = self.door(client) {
                    guest.hold(grant);
                }
            }
            Effect::Audit { path, line } => audit(&path, &line),
            Effect::Note { path, text } => note(&path, &text),
            Effect::EndProcesses {
                token,
                mark,
                signal,
            } => self.end_processes(token, &mark, signal),
            Effect::AdmitLocal(access) => *self.access.borrow_mut() = access,
            Effect::CloseDoor => self.closed = true,
            Effect::Shutdown => self.done = true,
        }
    }

    fn serve_files(&self, client: ClientId) {
        if let Some(Door::Guest(guest)) = self.door(client) {
            guest.serve_files();
        }
    }

    fn end_processes(&mut self, token: Token, mark: &str, signal: EndSignal) {
        let left = crate::io::reap::signal(mark, signal);
        self.turn(Event::Processes { token, left });
    }

    fn door(&self, client: ClientId) -> Option<&Door> {
        Some(&self.visitors.get(&client)?.door)
    }

    /// A log that does not keep up loses lines, never the session its pace.
    fn mirror(&mut self, client: ClientId, bytes: &[u8]) {
        let Some(visitor) = self.visitors.get_mut(&client) else {
            return;
        };
        let Door::Local(handle) = &visitor.door else {
            return;
        };
        if handle.unsent() > MIRROR_LIMIT {
            visitor.left_out += bytes.len();
            return;
        }
        let left_out = std::mem::take(&mut visitor.left_out);
        if left_out > 0 {
            let note = format!("[{left_out} bytes left out: the log was too slow]\n");
            handle.print(Stream::Out, note.as_bytes());
        }
        handle.print(Stream::Out, bytes);
    }

    fn attach(&mut self, client: ClientId, leave: Vec<u8>) {
        let Some(visitor) = self.visitors.get_mut(&client) else {
            return;
        };
        match &visitor.door {
            Door::Local(handle) => {
                handle.attach();
                visitor.leave = leave;
            }
            // The picture itself brings what enters; the guest's door keeps
            // what leaves.
            Door::Guest(guest) => guest.attach(b"", leave),
        }
    }

    fn exit(&mut self, client: ClientId, status: u8, message: Option<String>) {
        let Some(visitor) = self.visitors.get_mut(&client) else {
            return;
        };
        match &visitor.door {
            Door::Local(handle) => handle.exit(&visitor.leave, status, message),
            Door::Guest(guest) => guest.exit(status, message),
        }
    }

    fn open_pipe(&mut self, pane: PaneId, command: &str, output: bool, input: bool) {
        let running = match self.panes.pipe_open(pane, command, output, input) {
            Ok(running) => running,
            Err(error) => {
                tracing::warn!(%pane, %error, "pipe-pane");
                None
            }
        };
        let pid = running.as_ref().map(|running| running.pid);
        self.turn(Event::Piped { pane, pid });
        if let Some(running) = running {
            let finished = self.finished.clone();
            spawn_local(async move {
                let _ = running.end.await;
                let _ = finished.send(Finished::Pipe(pane, running.pid));
            });
        }
    }

    fn open_store(&mut self, pane: PaneId, path: &str) {
        let result = crate::io::spill::open(path);
        self.turn(Event::Store { pane, result });
    }

    fn say(&self, client: ClientId, bytes: Vec<u8>) {
        match self.door(client) {
            Some(Door::Local(handle)) => handle.say(&bytes),
            Some(Door::Guest(guest)) => guest.say(bytes),
            None => {}
        }
    }

    fn exit_control(&self, client: ClientId, status: u8, reason: Option<String>, wait: bool) {
        match self.door(client) {
            Some(Door::Local(handle)) => handle.exit_control(status, reason, wait),
            Some(Door::Guest(guest)) => {
                let last = reason.map_or("%exit".to_owned(), |why| format!("%exit {why}"));
                guest.exit(status, Some(last));
            }
            None => {}
        }
    }

    fn exec(&mut self, client: ClientId, command: String) {
        let Some(visitor) = self.visitors.get_mut(&client) else {
            return;
        };
        match &visitor.door {
            Door::Local(handle) => handle.exec(&visitor.leave, command),
            // A guest's machine runs nothing on the word of this one.
            Door::Guest(guest) => guest.exit(0, None),
        }
    }

    fn suspend(&mut self, client: ClientId) {
        let Some(visitor) = self.visitors.get_mut(&client) else {
            return;
        };
        if let Door::Local(handle) = &visitor.door {
            handle.suspend(&visitor.leave);
        }
    }

    fn lock(&mut self, client: ClientId, command: String) {
        let Some(visitor) = self.visitors.get_mut(&client) else {
            return;
        };
        if let Door::Local(handle) = &visitor.door {
            handle.lock(&visitor.leave, command);
        }
    }

    fn run_job(&mut self, token: Token, spec: JobSpec) {
        let finished = self.finished.clone();
        spawn_local(async move {
            let (status, output) = job::run(spec).await;
            let _ = finished.send(Finished::Job(token, status, output));
        });
    }

    fn list_files(&self, token: Token, dir: String, pattern: String) {
        let finished = self.finished.clone();
        spawn_local(async move {
            let result = file::list(dir, pattern).await;
            let _ = finished.send(Finished::File(token, result));
        });
    }

    fn path_for(&self, client: Option<ClientId>, path: &str) -> PathBuf {
        let visitor = client.and_then(|client| self.visitors.get(&client));
        let base = visitor.map_or(Path::new("/"), |visitor| visitor.cwd.as_path());
        base.join(path)
    }

    fn read_file(&mut self, token: Token, client: Option<ClientId>, path: &str) {
        if path == "-" {
            self.read_stdin(token, client);
            return;
        }
        let path = self.path_for(client, path);
        let finished = self.finished.clone();
        spawn_local(async move {
            let result = file::read(path).await;
            let _ = finished.send(Finished::File(token, result));
        });
    }

    fn read_stdin(&mut self, token: Token, client: Option<ClientId>) {
        let finished = self.finished.clone();
        let visitor = client.and_then(|client| self.visitors.get_mut(&client));
        match visitor {
            // Its standard input is its commands.
            Some(visitor) if visitor.control => {
                let result = Err("Bad file descriptor".to_owned());
                let _ = finished.send(Finished::File(token, result));
            }
            Some(visitor) => match &visitor.door {
                Door::Local(handle) => {
                    visitor.stdin_for = Some(token);
                    handle.read_stdin();
                }
                Door::Guest(guest) => {
                    let whole = guest.read_stdin();
                    spawn_local(async move {
                        let _ = finished.send(Finished::File(token, whole.await));
                    });
                }
            },
            None => {
                let result = Err("no standard input".to_owned());
                let _ = finished.send(Finished::File(token, result));
            }
        }
    }

    fn write_file(
        &mut self,
        token: Token,
        client: Option<ClientId>,
        path: &str,
        bytes: Vec<u8>,
        append: bool,
    ) {
        let visitor = client.and_then(|client| self.visitors.get(&client));
        if path == "-" && visitor.is_some_and(|visitor| visitor.control) {
            let result = Err("Bad file descriptor".to_owned());
            let _ = self.finished.send(Finished::File(token, result));
            return;
        }
        if path == "-" {
            match client.and_then(|client| self.door(client)) {
                Some(Door::Local(handle)) => {
                    handle.print(Stream::Out, &bytes);
                }
                Some(Door::Guest(guest)) => {
                    guest.print(Stream::Out, &bytes);
                }
                None => {}
            }
            let _ = self.finished.send(Finished::File(token, Ok(Vec::new())));
            return;
        }
        let path = self.path_for(client, path);
        let finished = self.finished.clone();
        spawn_local(async move {
            let result = file::write(path, bytes, append).await;
            let _ = finished.send(Finished::File(token, result.map(|()| Vec::new())));
        });
    }
}
