//! The API of debug jobs: who may start one, what becomes of it, and what is
//! remembered. It starts programs by templates and never a shell, knows nothing
//! of a session but what its log says, and decides by its own records alone.
//!
//! ```text
//! http ─Ask→ desk ─→ store (SQLite)         what is asked, answered and kept
//!                      ↑
//! attend ─→ keeper's files: lock, ssh, status   what runs, by processes that
//!    └ starts ─→ keeper ─→ the template's command   outlive this server
//! ```

mod answer;
mod attend;
mod desk;
mod folder;
mod http;
pub mod keeper;
mod listen;
mod metrics;
mod openapi;
pub mod record;
pub mod settings;
mod store;
mod template;
mod ways;

use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use rustix::fs::{FlockOperation, Mode, OFlags};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::io::reason;
use folder::Folder;
use metrics::Metrics;
use settings::Settings;
use store::Store;

pub use openapi::document;

/// How the API is served.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where requests come in.
    pub listen: SocketAddr,
    /// The jobs' directory: their files, the database, the runs.
    pub jobs: PathBuf,
    /// The file of tokens and templates; `serve.toml` of the jobs' directory
    /// when there is none.
    pub settings: Option<PathBuf>,
    /// This program, for keepers and for the usual template.
    pub program: PathBuf,
}

impl Config {
    /// The file of tokens and templates.
    #[must_use]
    pub fn settings_path(&self) -> PathBuf {
        let own = || self.jobs.join("serve.toml");
        self.settings.clone().unwrap_or_else(own)
    }
}

/// What the parts of the server share.
#[derive(Debug)]
struct App {
    config: Config,
    settings: RwLock<Arc<Settings>>,
    store: Store,
    folder: Mutex<Folder>,
    metrics: Metrics,
    /// A run began, or is to end.
    wake: Notify,
}

impl App {
    fn settings(&self) -> Arc<Settings> {
        let settings = self.settings.read();
        Arc::clone(&settings.unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the settings again; what does not read leaves the old ones.
    fn reload(&self) -> Result<(), String> {
        let fresh = Settings::read(&self.config.settings_path())?;
        let mut settings = self
            .settings
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *settings = Arc::new(fresh);
        Ok(())
    }

    fn run_dir(&self, run: i64) -> PathBuf {
        self.config.jobs.join("runs").join(run.to_string())
    }
}

/// A server that is ready to answer.
#[derive(Debug)]
pub struct Server {
    app: Arc<App>,
    listener: tokio::net::TcpListener,
    /// Two servers over one directory would start each job twice.
    _lock: OwnedFd,
}

impl Server {
    /// Opens the directory, its database and the address.
    ///
    /// # Errors
    /// A sentence for the user: another server has the directory, the settings
    /// admit nobody or do not read, the address cannot be had.
    pub async fn open(config: Config) -> Result<Self, String> {
        let settings = Settings::read(&config.settings_path())?;
        let lock = take(&config.jobs)?;
        let store = Store::open(&config.jobs.join("jobs.sqlite"))?;
        let listener = tokio::net::TcpListener::bind(config.listen).await;
        let listener =
            listener.map_err(|error| format!("{}: {}", config.listen, reason(&error)))?;
        let app = App {
            folder: Mutex::new(Folder::new(&config.jobs)),
            config,
            settings: RwLock::new(Arc::new(settings)),
            store,
            metrics: Metrics::default(),
            wake: Notify::new(),
        };
        Ok(Self {
            app: Arc::new(app),
            listener,
            _lock: lock,
        })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// The system does not say.
    pub fn address(&self) -> Result<SocketAddr, String> {
        self.listener.local_addr().map_err(|error| reason(&error))
    }

    /// A handle that reads the settings again, and says what is wrong with them.
    pub fn reloader(&self) -> impl Fn() -> Result<(), String> + Send + 'static {
        let app = Arc::clone(&self.app);
        move || app.reload()
    }

    /// Answers until told to close. What runs goes on; the next server over the
    /// directory finds it again.
    ///
    /// # Errors
    /// A sentence for the user.
    pub async fn run(self, closing: CancellationToken) -> Result<(), String> {
        let attending = tokio::spawn(attend::attend(Arc::clone(&self.app), closing.clone()));
        let served = http::serve(self.app, self.listener, closing.clone()).await;
        closing.cancel();
        let _ = attending.await;
        served
    }
}

/// Takes the directory for this process alone; it is made, for its owner only,
/// when there is none.
///
/// # Errors
/// A sentence for the user.
fn take(jobs: &Path) -> Result<OwnedFd, String> {
    let said = |error: std::io::Error| format!("{}: {}", jobs.display(), reason(&error));
    make_private(jobs).map_err(said)?;
    make_private(&jobs.join("runs")).map_err(said)?;
    let flags = OFlags::CREATE | OFlags::RDWR | OFlags::CLOEXEC;
    let lock = rustix::fs::open(jobs.join("lock"), flags, Mode::RUSR | Mode::WUSR)
        .map_err(|error| said(error.into()))?;
    match rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(lock),
        Err(rustix::io::Errno::WOULDBLOCK) => {
            Err(format!("{}: another server has these jobs", jobs.display()))
        }
        Err(error) => Err(said(error.into())),
    }
}

/// Makes the jobs' directory, for its owner only, when there is none.
///
/// # Errors
/// A sentence for the user.
pub fn make_directory(jobs: &Path) -> Result<(), String> {
    make_private(jobs).map_err(|error| format!("{}: {}", jobs.display(), reason(&error)))
}

fn make_private(dir: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    std::os::unix::fs::DirBuilderExt::mode(builder.recursive(true), 0o700);
    builder.create(dir)
}

/// Forgets a job and what ran of it; whether it was known.
///
/// # Errors
/// A sentence for the user: it runs, or the database cannot be had.
pub fn forget(jobs: &Path, id: i64) -> Result<bool, String> {
    Store::open(&jobs.join("jobs.sqlite"))?.forget(id)
}
