//! `stepmux replay`: plays a recording on this terminal, or in a window of the
//! session, and goes to any step of it. What is in the file is drawn as a picture
//! only: it cannot ask the terminal anything, set its title or its clipboard.

use std::io::Read as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{CommandFactory, Parser};

use super::cast::{self, Cast, MAX_FILE};
use super::place::Place;
use super::player::Player;
use super::watched::answer;
use super::{fail, print};
use crate::client::Stage;
use crate::io::reason;

/// How far the arrow keys go.
const LEAP: u64 = 5_000_000;

/// The speeds that the keys choose from, in percent.
const SPEEDS: [u64; 7] = [25, 50, 100, 200, 400, 800, 1600];

/// How often a picture is drawn at most.
const FRAME: Duration = Duration::from_millis(16);

/// Plays a recording of a session.
#[derive(Clone, Debug, Parser)]
#[command(name = "stepmux replay", disable_version_flag = true)]
pub(super) struct Replay {
    /// Open a window of the session for it
    #[arg(short = 'w', long)]
    window: bool,
    /// With --window, the session
    #[arg(short = 't', value_name = "target-session", requires = "window")]
    target: Option<String>,
    /// Begin there: seconds, or a step such as script:2, the last time it ran
    #[arg(long, value_name = "SECONDS|STEP")]
    at: Option<String>,
    /// Play so many times as fast, in percent of the real time
    #[arg(long, value_name = "PERCENT", default_value = "100")]
    speed: u64,
    /// Wait no longer than so many seconds for what comes next
    #[arg(long, value_name = "SECONDS")]
    idle: Option<u64>,
    /// Print the steps and when they began, and play nothing
    #[arg(long)]
    list: bool,
    /// Print the screen there, at the end if --at is not given, and play nothing
    #[arg(long, conflicts_with = "list")]
    print: bool,
    /// The recording
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// The definition, for the manual.
pub(super) fn definition() -> clap::Command {
    Replay::command()
}

/// Runs `replay`, whose words these are; a place is looked for when a window is
/// to be opened.
pub(super) fn main(argv: &[String], place: impl FnOnce() -> Result<Place, String>) -> ExitCode {
    match Replay::try_parse_from(argv) {
        Ok(args) => match args.run(place) {
            Ok(()) => ExitCode::SUCCESS,
            Err(message) => fail(&format!("stepmux replay: {message}")),
        },
        Err(error) => {
            let _ = error.print();
            ExitCode::from(if error.use_stderr() { 2 } else { 0 })
        }
    }
}

impl Replay {
    fn run(&self, place: impl FnOnce() -> Result<Place, String>) -> Result<(), String> {
        let cast = self.read()?;
        if self.list {
            for (at, step) in cast.steps() {
                print(&format!("{}\t{step}\n", cast::clock(at)));
            }
            return Ok(());
        }
        let mut player = Player::new(cast);
        let at = match &self.at {
            Some(text) => Some(moment(&player, text)?),
            None => None,
        };
        if self.print {
            player.seek(at.unwrap_or(u64::MAX));
            let rows = player.picture().rows(false).join("\n");
            print(&format!("{}\n", rows.trim_end_matches('\n')));
            return Ok(());
        }
        if self.window {
            return self.open(&place()?);
        }
        player.seek(at.unwrap_or_default());
        let stage = Stage::enter()?;
        Show {
            player,
            stage,
            speed: self.speed.clamp(1, 10_000),
            idle: self.idle.map(|idle| idle.saturating_mul(1_000_000)),
            paused: false,
            size: (0, 0),
        }
        .play();
        Ok(())
    }

    fn read(&self) -> Result<Cast, String> {
        let said = |why: String| format!("{}: {why}", self.file.display());
        let file = std::fs::File::open(&self.file).map_err(|error| said(reason(&error)))?;
        let mut text = String::new();
        file.take(MAX_FILE + 1)
            .read_to_string(&mut text)
            .map_err(|error| said(reason(&error)))?;
        if text.len() as u64 > MAX_FILE {
            return Err(said(format!("larger than {MAX_FILE} bytes")));
        }
        Cast::read(&text).map_err(said)
    }

    /// Opens a window that plays it.
    fn open(&self, place: &Place) -> Result<(), String> {
        let own = std::env::current_exe().map_err(|error| reason(&error))?;
        let file = std::path::absolute(&self.file).map_err(|error| reason(&error))?;
        let mut command = place.client();
        command.args(["new-window", "-n", "replay"]);
        if let Some(target) = &self.target {
            command.args(["-t", &format!("{target}:")]);
        }
        command.arg(own).args(["replay", "--speed"]);
        command.arg(self.speed.to_string());
        if let Some(at) = &self.at {
            command.arg(format!("--at={at}"));
        }
        if let Some(idle) = self.idle {
            command.arg(format!("--idle={idle}"));
        }
        command.arg("--").arg(file);
        answer(command).map(drop)
    }
}

/// The moment of a text: seconds, or a step.
fn moment(player: &Player, text: &str) -> Result<u64, String> {
    let found = player.steps().into_iter().rfind(|step| step.1 == text);
    if let Some((at, _)) = found {
        return Ok(at);
    }
    match text.parse::<f64>() {
        // The bound makes the cast exact.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        Ok(seconds) if (0.0..1e9).contains(&seconds) => Ok((seconds * 1e6) as u64),
        _ => Err(format!("no step {text}; --list shows them")),
    }
}

/// A recording that plays on a terminal.
struct Show {
    player: Player,
    stage: Stage,
    /// In percent.
    speed: u64,
    /// The longest pause, in microseconds of the recording.
    idle: Option<u64>,
    paused: bool,
    size: (u16, u16),
}

impl Show {
    fn play(&mut self) {
        let mut last = Instant::now();
        loop {
            self.draw();
            let wait = self.wait();
            let Some(keys) = self.stage.read(wait) else {
                return;
            };
            let passed = last.elapsed();
            last = Instant::now();
            if !self.paused {
                self.pass(passed);
            }
            if !self.obey(&keys) {
                return;
            }
        }
    }

    /// How long nothing happens.
    fn wait(&self) -> Duration {
        let next = self.player.next_at().filter(|_| !self.paused);
        let Some(next) = next else {
            return Duration::from_secs(1);
        };
        let left = next.saturating_sub(self.player.at());
        let left = left.min(self.idle.unwrap_or(u64::MAX)).saturating_mul(100) / self.speed;
        Duration::from_micros(left).clamp(FRAME, Duration::from_secs(1))
    }

    /// Lets time pass.
    fn pass(&mut self, real: Duration) {
        let real = u64::try_from(real.as_micros()).unwrap_or(u64::MAX);
        let mut to = self
            .player
            .at()
            .saturating_add(real.saturating_mul(self.speed) / 100);
        if let (Some(idle), Some(next)) = (self.idle, self.player.next_at()) {
            // A pause is left out but for its end.
            to = to.max(next.saturating_sub(idle));
        }
        self.player.seek(to);
        self.paused |= self.player.at() >= self.player.length();
    }

    fn draw(&mut self) {
        let size = self.stage.size();
        if size != self.size {
            self.size = size;
            self.player.picture().forget();
        }
        let (_, rows) = size;
        // The last row is the player's own.
        let drawn = self.player.picture().draw(rows.saturating_sub(1));
        let text = format!(
            "\x1b[?2026h{}\x1b7\x1b[{rows};1H\x1b[m\x1b[7m{}\x1b[m\x1b8\x1b[?2026l",
            drawn.unwrap_or_default(),
            self.line()
        );
        self.stage.write(text.as_bytes());
    }

    /// The player's own line, as wide as the terminal.
    fn line(&self) -> String {
        let state = if self.paused { "paused" } else { "playing" };
        let text = format!(
            " {} / {}  {}%  {state}  {}   space pause  [ ] step  arrows 5s  < > speed  q quit",
            cast::clock(self.player.at()),
            cast::clock(self.player.length()),
            self.speed,
            self.player.step().unwrap_or("no step"),
        );
        let width = usize::from(self.size.0);
        let text: String = text.chars().take(width).collect();
        format!("{text:width$}")
    }

    /// Does what keys say; whether to go on.
    fn obey(&mut self, keys: &[u8]) -> bool {
        let (at, length) = (self.player.at(), self.player.length());
        let mut rest = keys;
        while let Some((&key, after)) = rest.split_first() {
            rest = after;
            match key {
                b'q' | 3 => return false,
                b' ' => {
                    self.paused = !self.paused;
                    if !self.paused && at >= length {
                        self.player.seek(0);
                    }
                }
                b']' | b'n' => self.player.next_step(),
                b'[' | b'p' => self.player.step_back(),
                b'g' => self.player.seek(0),
                b'G' => self.player.seek(u64::MAX),
                b'<' | b'-' => self.faster(false),
                b'>' | b'+' => self.faster(true),
                0x1b => rest = self.arrow(rest),
                _ => {}
            }
        }
        true
    }

    /// Takes what follows an escape: arrows leap, all else is passed over.
    fn arrow<'a>(&mut self, rest: &'a [u8]) -> &'a [u8] {
        let [b'[' | b'O', body @ ..] = rest else {
            return rest;
        };
        let end = body.iter().position(|byte| (0x40..0x7f).contains(byte));
        let Some(end) = end else { return &[] };
        let at = self.player.at();
        match body[end] {
            b'C' if end == 0 => self.player.seek(at.saturating_add(LEAP)),
            b'D' if end == 0 => self.player.seek(at.saturating_sub(LEAP)),
            _ => {}
        }
        &body[end + 1..]
    }

    fn faster(&mut self, up: bool) {
        let chosen = if up {
            SPEEDS.into_iter().find(|speed| *speed > self.speed)
        } else {
            SPEEDS.into_iter().rfind(|speed| *speed < self.speed)
        };
        self.speed = chosen.unwrap_or(self.speed);
    }
}
