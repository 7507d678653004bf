//! What goes on beside a waiting `stepmux debug`: the dots that keep a silent
//! log alive, and the signals that end it. It knows no session; what a signal
//! does is its caller's.

use std::io::Write;
use std::thread::JoinHandle;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::ci::banner::{DOT, DOT_PERIOD};
use crate::io::reason;

/// A thread that watches until this is dropped.
#[derive(Debug)]
pub(super) struct Watch {
    wish: Option<UnboundedSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    /// Starts to watch; from here on SIGINT and SIGTERM call `told` with the
    /// exit status that a shell would report for them.
    ///
    /// # Errors
    /// A sentence for the user: no runtime, no handlers.
    pub(super) fn start(told: impl FnOnce(u8) + Send + 'static) -> Result<Self, String> {
        let said = |error: std::io::Error| reason(&error);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(said)?;
        let (interrupt, terminate) = {
            let _inside = runtime.enter();
            let interrupt = signal(SignalKind::interrupt()).map_err(said)?;
            (interrupt, signal(SignalKind::terminate()).map_err(said)?)
        };
        let (wish, wishes) = unbounded_channel();
        let thread = std::thread::Builder::new()
            .name("watch".to_owned())
            .spawn(move || {
                if let Some(status) = runtime.block_on(watch(interrupt, terminate, wishes)) {
                    told(status);
                }
            })
            .map_err(said)?;
        Ok(Self {
            wish: Some(wish),
            thread: Some(thread),
        })
    }

    /// Prints a dot now, and one for every period that passes.
    pub(super) fn dots(&self) {
        if let Some(wish) = &self.wish {
            let _ = wish.send(());
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.wish = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn watch(
    mut interrupt: Signal,
    mut terminate: Signal,
    mut wishes: UnboundedReceiver<()>,
) -> Option<u8> {
    let mut dots = interval_at(Instant::now() + DOT_PERIOD, DOT_PERIOD);
    dots.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut dotted = false;
    loop {
        tokio::select! {
            _ = interrupt.recv() => return Some(128 + 2),
            _ = terminate.recv() => return Some(128 + 15),
            wish = wishes.recv() => {
                wish?;
                dotted = true;
                dots.reset();
                dot();
            }
            _ = dots.tick(), if dotted => dot(),
        }
    }
}

fn dot() {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(DOT.as_bytes());
    let _ = out.flush();
}
