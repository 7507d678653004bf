//! The engine as scenes: keys in, effects and screens out, in virtual time.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use crate::access::Grant;
use crate::base::{ClientId, Now, PaneId, Size};
use crate::config::{Bindings, Global};
use crate::mux::effect::Stream;
use crate::mux::peer::{ExitStatus, Origin, Peer, Process, TerminalSpec};
use crate::mux::{Effect, Environ, Mux, ServerInfo};

use super::*;

mod control;
mod drawing;
mod guests;
mod histories;
mod hooks;
mod key_help;
mod keys;
mod life;
mod marks;
mod memory;
mod messages;
mod modes;
mod mouse;
mod panel;
mod picture;
mod sizes;
mod terminal;
mod veil;

/// An engine with a world that answers at once.
struct Scene {
    engine: Engine,
    now: Now,
    next_client: u32,
    printed: String,
    errors: String,
    exits: Vec<(ClientId, u8, Option<String>)>,
    typed: Vec<(PaneId, Vec<u8>)>,
    screens: BTreeMap<ClientId, vt100::Parser>,
    /// Clients that take pictures but never say so.
    stalled: Vec<ClientId>,
    sends: usize,
    /// What each client's terminal is left with.
    leave: BTreeMap<ClientId, String>,
    /// What each client was sent, and the last of it as it was sent.
    sent: BTreeMap<ClientId, Vec<u8>>,
    last: BTreeMap<ClientId, std::sync::Arc<[u8]>>,
    /// Histories for which a store was asked, and where.
    stores: Vec<(PaneId, String)>,
    /// Lines of the audit log.
    audit: Vec<String>,
    /// Every effect that reaches a pane, a process or a file.
    reached: Vec<Effect>,
    /// What every file holds.
    file: Option<Vec<u8>>,
    fail_spawn: bool,
    ended: bool,
    /// What logs were told.
    log: String,
    /// What processes of ended sessions were sent, and how many there are.
    signals: Vec<crate::mux::effect::EndSignal>,
    left: usize,
}

/// A user of the machine who comes by the socket, without a terminal.
fn local(uid: u32, grant: Grant) -> Peer {
    Peer {
        origin: Origin::Local {
            pid: 1,
            uid,
            gid: uid,
        },
        grant,
        terminal: None,
        control: false,
        cwd: "/".into(),
        env: Vec::new(),
    }
}

/// A terminal of columns and rows that shows UTF-8.
fn terminal(term: &str, (cols, rows): (u16, u16)) -> TerminalSpec {
    TerminalSpec {
        size: Size::new(cols, rows),
        term: term.into(),
        tty: String::new(),
        utf8: true,
        features: String::new(),
        terminfo: Vec::new(),
    }
}

impl Scene {
    fn new() -> Self {
        let server = ServerInfo {
            host: "vm".into(),
            socket: "/tmp/s".into(),
            has_terminfo: true,
            ..ServerInfo::default()
        };
        let environ = Environ::from_pairs(&[("PATH".into(), "/bin".into())]);
        let mux = Mux::new(server, Global::default(), Bindings::default(), environ);
        Self {
            engine: Engine::new(mux),
            now: Now::default(),
            next_client: 0,
            printed: String::new(),
            errors: String::new(),
            exits: Vec::new(),
            typed: Vec::new(),
            screens: BTreeMap::new(),
            stalled: Vec::new(),
            sends: 0,
            leave: BTreeMap::new(),
            sent: BTreeMap::new(),
            stores: Vec::new(),
            audit: Vec::new(),
            reached: Vec::new(),
            file: None,
            last: BTreeMap::new(),
            fail_spawn: false,
            ended: false,
            log: String::new(),
            signals: Vec::new(),
            left: 0,
        }
    }

    fn turn(&mut self, event: Event<'_>) {
        let effects = self.engine.turn(event, self.now);
        self.engine.mux().verify().unwrap();
        for effect in effects {
            self.perform(effect);
        }
    }

    #[allow(clippy::too_many_lines, reason = "an arm for each effect")]
    fn perform(&mut self, effect: Effect) {
        let own = matches!(
            effect,
            Effect::Send { .. }
                | Effect::Print { .. }
                | Effect::Attach { .. }
                | Effect::Control { .. }
                | Effect::Exit { .. }
                | Effect::ExitControl { .. }
                | Effect::Suspend { .. }
                | Effect::Inspect { .. }
                | Effect::Audit { .. }
        );
        if !own {
            self.reached.push(effect.clone());
        }
        match effect {
            Effect::Audit { line, .. } => self.audit.push(line),
            Effect::Send { client, bytes } => {
                self.sends += 1;
                self.sent
                    .entry(client)
                    .or_default()
                    .extend_from_slice(&bytes);
                if let Some(screen) = self.screens.get_mut(&client) {
                    screen.process(&bytes);
                }
                self.last.insert(client, bytes);
                if !self.stalled.contains(&client) {
                    self.turn(Event::Ready { client });
                }
            }
            Effect::Print { stream, bytes, .. } => {
                let text = String::from_utf8_lossy(&bytes);
                match stream {
                    Stream::Out => self.printed.push_str(&text),
                    Stream::Err => self.errors.push_str(&text),
                }
            }
            Effect::Control { client, bytes } => {
                self.sent
                    .entry(client)
                    .or_default()
                    .extend_from_slice(&bytes);
                if !self.stalled.contains(&client) {
                    self.turn(Event::Ready { client });
                }
            }
            Effect::ExitControl {
                client,
                status,
                reason,
                ..
            } => {
                self.exits.push((client, status, reason));
                self.turn(Event::Gone { client });
            }
            Effect::Attach { client, leave } => {
                let leave = String::from_utf8_lossy(&leave).into_owned();
                self.leave.insert(client, leave);
            }
            Effect::Exit {
                client,
                status,
                message,
            } => {
                self.exits.push((client, status, message));
                self.turn(Event::Gone { client });
            }
            Effect::Spawn { token, pane, .. } => {
                let result = if self.fail_spawn {
                    Err("can't start it".to_owned())
                } else {
                    Ok(Process {
                        pid: pane.0.wrapping_add(100),
                        tty: format!("/dev/pts/{}", pane.0),
                    })
                };
                self.turn(Event::Spawned {
                    token,
                    pane,
                    result,
                });
            }
            Effect::PaneWrite { pane, bytes } => self.typed.push((pane, bytes)),
            Effect::OpenStore { pane, path } => self.stores.push((pane, path)),
            Effect::ReadFile { token, .. } => {
                if let Some(bytes) = self.file.clone() {
                    let result = Ok(bytes);
                    self.turn(Event::FileDone { token, result });
                }
            }
            Effect::Show { pane, bytes } => self.turn(Event::PaneBytes {
                pane,
                bytes: &bytes,
            }),
            Effect::TryProgram { token, .. } => {
                let result = Ok(Vec::new());
                self.turn(Event::FileDone { token, result });
            }
            Effect::ListFiles { token, pattern, .. } => {
                let result = Ok(pattern.into_bytes());
                self.turn(Event::FileDone { token, result });
            }
            Effect::Mirror { bytes, .. } => self.log.push_str(&String::from_utf8_lossy(&bytes)),
            Effect::EndProcesses { token, signal, .. } => {
                self.signals.push(signal);
                let left = self.left;
                self.turn(Event::Processes { token, left });
            }
            Effect::Shutdown => self.ended = true,
            _ => {}
        }
    }

    /// A client comes, to a screen of its own where it has a terminal.
    fn come(&mut self, mut peer: Peer) -> ClientId {
        let client = ClientId(self.next_client);
        self.next_client += 1;
        if let Some(terminal) = peer.terminal.as_mut().filter(|_| !peer.control) {
            terminal.tty = format!("/dev/pts/c{}", client.0);
            let side = |n: u16| std::num::NonZero::new(n).unwrap();
            let (rows, cols) = (terminal.size.rows(), terminal.size.cols());
            let parser = vt100::Parser::new(side(rows), side(cols), 0);
            self.screens.insert(client, parser);
        }
        self.turn(Event::Connected {
            client,
            peer: Box::new(peer),
        });
        client
    }

    fn connect(&mut self, size: Option<(u16, u16)>, grant: Grant) -> ClientId {
        self.come(Peer {
            terminal: size.map(|size| terminal("xterm-256color", size)),
            ..local(0, grant)
        })
    }

    /// Runs a command line from outside; what it printed.
    fn run(&mut self, line: &str) -> String {
        let client = self.connect(None, Grant::Admin);
        self.run_as(client, line)
    }

    /// Runs a command line of a client; what it printed.
    fn run_as(&mut self, client: ClientId, line: &str) -> String {
        self.printed.clear();
        self.errors.clear();
        let argv = line.split(' ').map(str::to_owned).collect();
        self.turn(Event::Command { client, argv });
        std::mem::take(&mut self.printed)
    }

    fn attach(&mut self, cols: u16, rows: u16, grant: Grant) -> ClientId {
        let client = self.connect(Some((cols, rows)), grant);
        let argv = Vec::new();
        self.turn(Event::Command { client, argv });
        client
    }

    /// Attaches a client of another terminal.
    fn attach_as(&mut self, term: &str, env: &[(&str, &str)], cols: u16, rows: u16) -> ClientId {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let client = self.come(Peer {
            terminal: Some(terminal(term, (cols, rows))),
            env: env.iter().map(own).collect(),
            ..local(0, Grant::Admin)
        });
        let argv = Vec::new();
        self.turn(Event::Command { client, argv });
        client
    }

    fn keys(&mut self, client: ClientId, bytes: &[u8]) {
        self.turn(Event::Bytes { client, bytes });
    }

    fn output(&mut self, pane: u32, bytes: &[u8]) {
        let pane = PaneId(pane);
        self.turn(Event::PaneBytes { pane, bytes });
    }

    fn later(&mut self, time: Duration) {
        let end = self.now.after(time);
        while let Some(at) = self.engine.deadline().filter(|at| *at <= end.mono) {
            let step = at.saturating_sub(self.now.mono);
            self.now = self.now.after(step.max(Duration::from_micros(1)));
            self.turn(Event::Tick);
        }
        self.now = end;
        self.turn(Event::Tick);
    }

    fn screen(&self, client: ClientId) -> String {
        self.screens[&client].screen().contents()
    }

    fn status(&self, client: ClientId) -> String {
        let screen = self.screens[&client].screen();
        let (rows, cols) = screen.size();
        let last = rows.get() - 1;
        screen.contents_between(last, 0, last, cols.get())
    }
}

#[test]
fn first_client_makes_a_session_and_sees_it() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    scene.output(0, b"$ make\r\nerror 1\r\n$ ");
    assert!(scene.screen(client).starts_with("$ make\nerror 1\n$"));
    assert!(
        scene.status(client).starts_with("[0] 0:"),
        "{}",
        scene.status(client)
    );
}

#[test]
fn other_user_who_is_not_named_any_more_does_nothing() {
    let mut scene = Scene::new();
    // The door let them in by an older list.
    let client = scene.come(local(7, Grant::Admin));
    scene.run_as(client, "new-session -d -s theirs");
    assert!(scene.engine.mux().session_named("theirs").is_none());
    let exit = scene.exits.iter().find(|(id, ..)| *id == client);
    assert_eq!(exit.map(|exit| exit.1), Some(1));
}

#[test]
fn keys_reach_the_pane_and_the_prefix_does_not() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    scene.keys(client, b"ls\r\x02c");
    assert_eq!(
        scene
            .typed
            .iter()
            .map(|(_, b)| b.as_slice())
            .collect::<Vec<_>>()
            .concat(),
        b"ls\r"
    );
    assert_eq!(scene.engine.mux().windows.len(), 2);
    scene.keys(client, b"x");
    assert_eq!(scene.typed.last().unwrap(), &(PaneId(1), b"x".to_vec()));
    scene.keys(client, b"\x02\x02");
    assert_eq!(scene.typed.last().unwrap().1, b"\x02");
}

#[test]
fn keys_after_a_command_wait_for_it() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    scene.keys(client, b"\x02cecho\r");
    let typed: Vec<u8> = scene
        .typed
        .iter()
        .filter(|(p, _)| p.0 == 1)
        .flat_map(|(_, b)| b.clone())
        .collect();
    assert_eq!(typed, b"echo\r");
}

#[test]
fn splits_show_borders_and_zoom_hides_them() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    scene.keys(client, b"\x02%");
    scene.output(0, b"left");
    scene.output(1, b"right");
    let line = scene.screen(client).lines().next().unwrap().to_owned();
    assert!(
        line.starts_with("left") && line.contains('│') && line.ends_with("right"),
        "{line}"
    );
    scene.keys(client, b"\x02z");
    let line = scene.screen(client).lines().next().unwrap().to_owned();
    assert_eq!(line.trim_end(), "right");
    assert!(scene.status(client).contains("*Z"));
}

#[test]
fn detach_says_so_and_leaves_the_session() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    scene.keys(client, b"\x02d");
    let message = Some("[detached (from session 0)]".to_owned());
    assert_eq!(scene.exits, [(client, 0, message)]);
    assert_eq!(scene.engine.mux().sessions.len(), 1);
    let again = scene.attach(80, 24, Grant::Admin);
    assert!(scene.status(again).starts_with("[0]"));
}

#[test]
fn command_line_prints_and_exits() {
    let mut scene = Scene::new();
    assert_eq!(scene.run("new-session -d -s build -x 100 -y 30 make"), "");
    assert_eq!(
        scene.run("list-sessions -F #{session_name}:#{window_width}x#{window_height}"),
        "build:100x30\n"
    );
    scene.run("send-keys -t build ls Enter");
    assert_eq!(
        scene
            .typed
            .iter()
            .flat_map(|(_, b)| b.clone())
            .collect::<Vec<_>>(),
        b"ls\r"
    );
    scene.output(0, b"a\r\nb\r\n");
    assert!(scene.run("capture-pane -p -t build").starts_with("a\nb\n"));
    scene.run("has-session -t nope");
    assert_eq!(scene.errors, "can't find session: nope\n");
    assert_eq!(scene.exits.last().unwrap().1, 1);
}

#[test]
fn spawn_that_fails_leaves_nothing() {
    let mut scene = Scene::new();
    scene.run("new-session -d -s a");
    scene.fail_spawn = true;
    scene.run("new-window -t a");
    assert!(scene.errors.contains("can't start it"), "{}", scene.errors);
    assert_eq!(scene.engine.mux().windows.len(), 1);
    scene.run("new-session -d -s b");
    assert_eq!(scene.engine.mux().sessions.len(), 1);
}

#[test]
fn viewer_sees_and_changes_nothing() {
    let mut scene = Scene::new();
    let owner = scene.attach(80, 24, Grant::Admin);
    let viewer = scene.attach(80, 24, Grant::View);
    scene.output(0, b"secret sauce");
    assert!(scene.screen(viewer).contains("secret sauce"));
    scene.keys(viewer, b"rm -rf /\r\x02c\x02%\x02x");
    assert!(scene.typed.is_empty());
    assert_eq!(
        (
            scene.engine.mux().windows.len(),
            scene.engine.mux().panes.len()
        ),
        (1, 1)
    );
    // The prompt for `x` is the viewer's own; it would run nothing.
    scene.keys(viewer, b"y\x02d");
    assert_eq!(scene.engine.mux().panes.len(), 1);
    assert_eq!(
        scene.exits.last().map(|(c, s, _)| (*c, *s)),
        Some((viewer, 0))
    );
    assert!(scene.engine.mux().clients[&owner].session.is_some());
}

#[test]
fn stalled_client_holds_up_nobody() {
    let mut scene = Scene::new();
    let slow = scene.attach(80, 24, Grant::Admin);
    let quick = scene.attach(80, 24, Grant::Admin);
    scene.stalled.push(slow);
    for n in 0..2000 {
        scene.output(0, format!("line {n}\r\n").as_bytes());
        scene.later(Duration::from_millis(1));
    }
    scene.later(Duration::from_millis(50));
    assert!(scene.screen(quick).contains("line 1999"));
    assert!(!scene.screen(slow).contains("line 1999"));
    scene.stalled.clear();
    scene.turn(Event::Ready { client: slow });
    scene.later(Duration::from_millis(50));
    assert!(scene.screen(slow).contains("line 1999"));
}

#[test]
fn flood_is_paced_and_quiet_costs_nothing() {
    let mut scene = Scene::new();
    scene.attach(80, 24, Grant::Admin);
    scene.later(Duration::from_secs(1));
    let before = scene.sends;
    for n in 0..1000 {
        scene.output(0, format!("{n}\r\n").as_bytes());
        scene.later(Duration::from_millis(1));
    }
    let drawn = scene.sends - before;
    assert!(
        (20..=140).contains(&drawn),
        "{drawn} pictures in a second of flood"
    );
    scene.later(Duration::from_millis(50));
    let before = scene.sends;
    scene.later(Duration::from_secs(10));
    assert!(scene.sends - before <= 2, "{}", scene.sends - before);
}

#[test]
fn echo_is_drawn_at_once_while_another_pane_floods() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    scene.keys(client, b"\x02%");
    for n in 0..100 {
        scene.output(0, format!("{n}\r\n").as_bytes());
    }
    scene.keys(client, b"q");
    scene.output(1, b"q");
    let first = scene.screen(client).lines().next().unwrap().to_owned();
    assert!(first.trim_end().ends_with('q'), "{first}");
}

#[test]
fn prompt_renames_the_window() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    scene.keys(client, b"\x02,");
    assert!(
        scene.status(client).contains("rename-window"),
        "{}",
        scene.status(client)
    );
    scene.keys(client, b"\x15work \"1\"\r");
    assert!(
        scene.status(client).contains("0:work \"1\"*"),
        "{}",
        scene.status(client)
    );
}

#[test]
fn kill_pane_asks_first() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    scene.keys(client, b"\x02\"\x02x");
    assert!(
        scene.status(client).contains("kill-pane 1? (y/n)"),
        "{}",
        scene.status(client)
    );
    scene.keys(client, b"n");
    assert_eq!(scene.engine.mux().panes.len(), 2);
    scene.keys(client, b"\x02xy");
    assert_eq!(scene.engine.mux().panes.len(), 1);
}

#[test]
fn copy_mode_scrolls_and_copies() {
    let mut scene = Scene::new();
    let client = scene.attach(40, 10, Grant::Admin);
    for n in 0..100 {
        scene.output(0, format!("row {n}\r\n").as_bytes());
    }
    scene.later(Duration::from_millis(100));
    scene.keys(client, b"\x02[");
    scene.keys(client, b"\x1b[5~");
    assert!(
        scene.screen(client).contains("[7/"),
        "{}",
        scene.screen(client)
    );
    scene.keys(client, b"q");
    assert!(scene.screen(client).contains("row 99"));
    scene.keys(client, b"\x02[\x1b[A\x01\x00\x05\x1bw");
    scene.later(Duration::from_millis(100));
    assert_eq!(scene.run("show-buffer"), "row 99\n".trim_end().to_owned());
    scene.keys(client, b"\x02]");
    let pasted = scene.typed.last().unwrap().1.clone();
    assert_eq!(pasted, b"row 99");
}

#[test]
fn key_help_covers_the_screen_until_closed() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    scene.keys(client, b"\x02?");
    assert!(
        scene.screen(client).contains("C-b Space"),
        "{}",
        scene.screen(client)
    );
    scene.keys(client, b"/detach\r");
    assert!(!scene.screen(client).contains("C-b Space"));
    scene.keys(client, b"q");
    assert!(!scene.screen(client).contains("etach"));
}

#[test]
fn window_size_follows_the_policy() {
    let mut scene = Scene::new();
    let wide = scene.attach(120, 40, Grant::Admin);
    let _small = scene.attach(80, 24, Grant::Admin);
    let size = |scene: &mut Scene| scene.run("display-message -p #{window_width}x#{window_height}");
    assert_eq!(size(&mut scene), "80x23\n");
    scene.keys(wide, b"x");
    assert_eq!(size(&mut scene), "120x39\n");
    scene.run("set-option -g window-size smallest");
    assert_eq!(size(&mut scene), "80x23\n");
    scene.run("set-option -g window-size largest");
    assert_eq!(size(&mut scene), "120x39\n");
}

#[test]
fn last_pane_ends_session_clients_and_server() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    scene.turn(Event::PaneExited {
        pane: PaneId(0),
        status: ExitStatus::SUCCESS,
    });
    assert_eq!(scene.exits, [(client, 0, Some("[exited]".to_owned()))]);
    assert!(scene.ended);
}

#[test]
fn kill_server_ends_everyone() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    scene.run("kill-server");
    let message = Some("[server exited]".to_owned());
    assert!(
        scene.exits.contains(&(client, 1, message)),
        "{:?}",
        scene.exits
    );
    assert!(scene.ended);
}

#[test]
fn remaining_pane_says_how_it_ended() {
    let mut scene = Scene::new();
    let client = scene.attach(80, 24, Grant::Admin);
    scene.run("set-option -g remain-on-exit on");
    scene.turn(Event::PaneExited {
        pane: PaneId(0),
        status: ExitStatus::Code(3),
    });
    scene.later(Duration::from_millis(50));
    assert!(
        scene.screen(client).contains("Pane is dead (status 3"),
        "{}",
        scene.screen(client)
    );
    assert!(scene.screens[&client].screen().hide_cursor());
}

#[test]
fn unknown_commands_and_targets_are_refused_by_name() {
    let mut scene = Scene::new();
    scene.run("new-session -d");
    for (line, error) in [
        ("frobnicate", "unknown command: frobnicate\n"),
        ("new-window -t nope:", "can't find session: nope\n"),
        ("select-window -t :7", "can't find window: 7\n"),
        ("kill-pane -t %77", "can't find pane: %77\n"),
        ("new-session -d -s 0", "duplicate session: 0\n"),
        ("set-option -g nonsense 1", "invalid option: nonsense\n"),
    ] {
        scene.run(line);
        assert!(
            scene.errors.starts_with(error.trim_end()),
            "{line}: {}",
            scene.errors
        );
        assert_eq!(scene.exits.last().unwrap().1, 1, "{line}");
    }
}
