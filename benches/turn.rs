//! The turn and the picture by themselves, with criterion: what one event costs
//! from its arrival to the bytes for the clients. No pty, no server:
//! `cargo bench --bench turn [-- FILTER]`.

#[path = "corpus/mod.rs"]
mod corpus;

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput};
use stepmux::access::Grant;
use stepmux::base::{ClientId, Now, PaneId, Size};
use stepmux::config::{Bindings, Global};
use stepmux::engine::event::{Origin, Peer, Process, TerminalSpec};
use stepmux::engine::{Engine, Event};
use stepmux::mux::{Effect, Environ, Mux, ServerInfo};

use corpus::{Kind, generate};

/// Columns of every client.
const COLS: u16 = 200;
/// Rows of every client.
const ROWS: u16 = 50;
/// The most that the owner reads from a pane at once.
const PIECE: usize = 16 << 10;
/// The time between two pictures under flood.
const FRAME: Duration = Duration::from_millis(16);
/// Time in which nothing is held back any more.
const QUIET: Duration = Duration::from_millis(200);

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
        .sample_size(20)
        .configure_from_args();
    keys(&mut criterion);
    output(&mut criterion);
    picture(&mut criterion);
    criterion.final_summary();
}

/// An engine with clients that take every picture at once.
struct World {
    engine: Engine,
    now: Now,
    /// Whose pictures were sent in the last turn.
    drawn: Vec<ClientId>,
    sent: usize,
}

impl World {
    fn new(clients: u32) -> Self {
        let environ = Environ::from_pairs(&[("PATH".into(), "/bin".into())]);
        let server = ServerInfo {
            host: "vm".into(),
            socket: "/tmp/s".into(),
            ..ServerInfo::default()
        };
        let mux = Mux::new(server, Global::default(), Bindings::default(), environ);
        let mut world = Self {
            engine: Engine::new(mux),
            now: Now::default(),
            drawn: Vec::new(),
            sent: 0,
        };
        for client in 0..clients {
            world.attach(ClientId(client));
        }
        world.rest(QUIET);
        world
    }

    fn attach(&mut self, client: ClientId) {
        let terminal = TerminalSpec {
            size: Size::new(COLS, ROWS),
            term: "xterm-256color".into(),
            tty: format!("/dev/pts/{}", client.0),
            utf8: true,
            features: String::new(),
            terminfo: Vec::new(),
        };
        let peer = Box::new(Peer {
            origin: Origin::Local {
                pid: 1,
                uid: 0,
                gid: 0,
            },
            grant: Grant::Admin,
            terminal: Some(terminal),
            control: false,
            cwd: "/".into(),
            env: Vec::new(),
        });
        self.turn(Event::Connected { client, peer });
        let argv = Vec::new();
        self.turn(Event::Command { client, argv });
    }

    /// One turn, and those that answer it.
    fn turn(&mut self, event: Event<'_>) {
        for effect in self.engine.turn(event, self.now) {
            match effect {
                Effect::Send { client, bytes } => {
                    self.sent += bytes.len();
                    self.drawn.push(client);
                }
                Effect::Spawn { token, pane, .. } => {
                    let process = Process {
                        pid: 100,
                        tty: "/dev/pts/100".into(),
                    };
                    self.turn(Event::Spawned {
                        token,
                        pane,
                        result: Ok(process),
                    });
                }
                other => drop(black_box(other)),
            }
        }
    }

    /// The clients take what was sent to them.
    fn ready(&mut self) {
        while let Some(client) = self.drawn.pop() {
            self.turn(Event::Ready { client });
        }
    }

    fn rest(&mut self, time: Duration) {
        self.now = self.now.after(time);
        self.turn(Event::Tick);
        self.ready();
    }

    fn output(&mut self, pane: u32, bytes: &[u8]) {
        let pane = PaneId(pane);
        self.turn(Event::PaneBytes { pane, bytes });
    }
}

/// A key on its way to the pane, and its echo on the way back.
fn keys(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("turn");
    let mut world = World::new(1);
    group.bench_function("key", |bencher| {
        bencher.iter(|| {
            world.now = world.now.after(Duration::from_millis(1));
            let client = ClientId(0);
            world.turn(Event::Bytes {
                client,
                bytes: b"x",
            });
        });
    });
    let mut world = World::new(1);
    let mut nth = 0_usize;
    group.bench_function("echo", |bencher| {
        bencher.iter(|| {
            nth += 1;
            // A line is written, and another one over it.
            let byte: &[u8] = match nth % 128 {
                0 => b"\r",
                n if (nth / 128).is_multiple_of(2) => [b"a", b"b"][n % 2],
                n => [b"c", b"d"][n % 2],
            };
            world.now = world.now.after(QUIET / 2);
            world.output(0, byte);
            world.ready();
        });
    });
    group.finish();
}

/// Log lines come in pieces, with clients looking on.
fn output(criterion: &mut Criterion) {
    let corpus = generate(Kind::Plain, 4 << 20);
    let mut group = criterion.benchmark_group("turn");
    for clients in [0_u32, 1, 4, 32] {
        let mut world = World::new(1);
        for client in 1..clients {
            world.attach(ClientId(client));
        }
        if clients == 0 {
            let client = ClientId(0);
            world.turn(Event::Gone { client });
        }
        world.rest(QUIET);
        let mut pieces = corpus.chunks(PIECE).cycle();
        group.throughput(Throughput::Bytes(PIECE as u64));
        // Pieces between two pictures, then a piece that is drawn.
        group.bench_function(format!("flood/{clients} clients, held"), |bencher| {
            bencher.iter(|| {
                let piece = pieces.next().unwrap_or_default();
                world.output(0, black_box(piece));
                world.ready();
            });
        });
        group.bench_function(format!("flood/{clients} clients, drawn"), |bencher| {
            bencher.iter(|| {
                world.now = world.now.after(FRAME);
                let piece = pieces.next().unwrap_or_default();
                world.output(0, black_box(piece));
                world.ready();
            });
        });
    }
    group.finish();
}

/// One client's picture after changes of several kinds.
fn picture(criterion: &mut Criterion) {
    let lines = generate(Kind::Coloured, 200_000);
    let mut group = criterion.benchmark_group("picture");
    let scroll: Vec<&[u8]> = lines.split_inclusive(|byte| *byte == b'\n').collect();
    let cases: [(&str, [&[u8]; 2]); 3] = [
        ("one cell", [b"\x1b[5;5Hx", b"\x1b[5;5Hy"]),
        (
            "one row",
            [
                b"\x1b[7;1H\x1b[31mred row of some length\x1b[m\x1b[K",
                b"\x1b[7;1H\x1b[1mbold row of some length\x1b[m\x1b[K",
            ],
        ),
        ("screen", [b"\x1b[H\x1b#8", b"\x1b[H\x1b[J"]),
    ];
    let mut world = World::new(1);
    world.output(0, &lines[..PIECE]);
    for (name, steps) in cases {
        let mut steps = steps.into_iter().cycle();
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                world.now = world.now.after(QUIET);
                world.output(0, steps.next().unwrap_or_default());
                world.ready();
            });
        });
    }
    let mut steps = scroll.iter().cycle();
    group.bench_function("scroll", |bencher| {
        bencher.iter(|| {
            world.now = world.now.after(QUIET);
            world.output(0, steps.next().copied().unwrap_or_default());
            world.ready();
        });
    });
    group.finish();
    black_box(world.sent);
}
