//! `stepmux serve`: the API of debug jobs, in the foreground. It reads flags and
//! signals, and prints where it listens; what is answered is the room's.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::{fail, print, warn};
use crate::access::Token;
use crate::serve::{self, Config, Server, settings};

/// Answers Travis's `POST /job/{id}/debug` and its kin over HTTP.
#[derive(Clone, Debug, Parser)]
#[command(name = "stepmux serve", disable_version_flag = true)]
pub(super) struct Serve {
    /// The directory of the jobs' files, the database and the runs
    #[arg(long, value_name = "DIR")]
    jobs: PathBuf,
    /// Listen there for requests
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Take tokens and templates from this file instead of DIR/serve.toml
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// Make a token for this name, write its hash to the settings, print it, and
    /// serve nothing
    #[arg(long, value_name = "LOGIN")]
    add_token: Option<String>,
    /// With --add-token, the repositories that it is for, such as octo/*; may be
    /// repeated
    #[arg(long, value_name = "GLOB", requires = "add_token")]
    repos: Vec<String>,
    /// With --add-token, let its holder look only, and see no line to join by
    #[arg(long, requires = "add_token")]
    look_only: bool,
    /// Forget a job and its debug builds, and serve nothing
    #[arg(long, value_name = "ID", conflicts_with = "add_token")]
    forget: Option<i64>,
    /// Print the API's description (OpenAPI), and serve nothing
    #[arg(long, conflicts_with_all = ["add_token", "forget"])]
    openapi: bool,
}

/// The definition, for the manual.
pub(super) fn definition() -> clap::Command {
    Serve::command()
}

/// Runs `serve` with its arguments.
pub(super) fn main(argv: &[String]) -> ExitCode {
    let args = match Serve::try_parse_from(argv) {
        Ok(args) => args,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    match args.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => fail(&format!("stepmux serve: {why}")),
    }
}

/// Is a keeper process, whose run's directory this is.
pub(super) fn keep(words: &[std::ffi::OsString]) -> ExitCode {
    let [dir] = words else {
        return fail("a keeper is started by its server only");
    };
    match serve::keeper::main(std::path::Path::new(dir)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => fail(&why),
    }
}

impl Serve {
    fn config(&self) -> Result<Config, String> {
        let said = |error: std::io::Error| crate::io::reason(&error);
        // A keeper works elsewhere.
        let absolute = |path: &PathBuf| std::path::absolute(path).map_err(said);
        Ok(Config {
            listen: self.listen,
            jobs: absolute(&self.jobs)?,
            settings: self.settings.as_ref().map(absolute).transpose()?,
            program: std::env::current_exe().map_err(said)?,
        })
    }

    fn run(&self) -> Result<(), String> {
        if self.openapi {
            print(&serve::document());
            return Ok(());
        }
        let config = self.config()?;
        if let Some(login) = &self.add_token {
            return self.add(&config, login);
        }
        if let Some(id) = self.forget {
            return match serve::forget(&config.jobs, id)? {
                true => Ok(()),
                false => Err(format!("there is no job {id}")),
            };
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .thread_name("stepmux-serve")
            .build();
        let runtime = runtime.map_err(|error| crate::io::reason(&error))?;
        runtime.block_on(serve_on(config))
    }

    fn add(&self, config: &Config, login: &str) -> Result<(), String> {
        let mut entropy = [0; 32];
        getrandom::fill(&mut entropy).map_err(|error| error.to_string())?;
        let token = Token::from_entropy(&entropy);
        serve::make_directory(&config.jobs)?;
        settings::add_token(
            &config.settings_path(),
            login,
            &self.repos,
            !self.look_only,
            &token.hash(),
        )?;
        print(&format!("{}\n", token.expose()));
        Ok(())
    }
}

async fn serve_on(config: Config) -> Result<(), String> {
    let open = |kind: SignalKind| signal(kind).map_err(|error| crate::io::reason(&error));
    let (terminate, interrupt) = (
        open(SignalKind::terminate())?,
        open(SignalKind::interrupt())?,
    );
    let hangup = open(SignalKind::hangup())?;
    let server = Server::open(config).await?;
    let at = server.address()?;
    if !at.ip().is_loopback() {
        warn(
            "stepmux serve: tokens and ssh lines pass in the clear; put a proxy with TLS before it",
        );
    }
    print(&format!("listening:   http://{at}\n"));
    let closing = CancellationToken::new();
    tokio::spawn(watch(
        server.reloader(),
        closing.clone(),
        (terminate, interrupt, hangup),
    ));
    server.run(closing).await
}

/// Ends at SIGTERM and SIGINT, reads the settings again at SIGHUP.
async fn watch(
    reload: impl Fn() -> Result<(), String>,
    closing: CancellationToken,
    (mut terminate, mut interrupt, mut hangup): (Signal, Signal, Signal),
) {
    loop {
        tokio::select! {
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            _ = hangup.recv() => match reload() {
                Ok(()) => warn("stepmux serve: the settings were read again"),
                Err(why) => warn(&format!("stepmux serve: the old settings stay: {why}")),
            }
        }
    }
    warn("stepmux serve: ending; debug builds go on");
    closing.cancel();
}
