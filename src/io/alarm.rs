//! The owner's clock: rings once at a time far off. tokio keeps its timers in a
//! wheel whose levels are turned on the way: one of fifteen seconds wakes the
//! process up to three times. The kernel's own (timerfd_create(2)) wakes it once.
//! It decides nothing, and says no time.

use std::future::pending;
use std::io;
use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::time::sleep;

use super::pty::watch;

/// Times nearer than this are tokio's: they change often, and cost no call.
const NEAR: Duration = Duration::from_millis(50);

/// An alarm that can be set to one time.
#[derive(Debug, Default)]
pub struct Alarm {
    timer: Option<AsyncFd<OwnedFd>>,
    /// When the kernel will wake us, at the latest when that is wanted.
    set: Option<Duration>,
}

impl Alarm {
    /// An alarm that is not set. Where the kernel has none, tokio's do.
    #[must_use]
    pub fn new() -> Self {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timer = timerfd_create(TimerfdClockId::Monotonic, flags);
        Self {
            timer: timer.ok().and_then(|fd| watch(fd, Interest::READABLE).ok()),
            set: None,
        }
    }

    /// Waits until `at`, for ever without one; it may return early, to be asked
    /// again. Both times are of one clock that does not go back.
    pub async fn ring(&mut self, at: Option<Duration>, now: Duration) {
        let Some(at) = at else {
            return pending().await;
        };
        let wait = at.saturating_sub(now);
        if wait < NEAR || !self.is_set_by(at, now) {
            return sleep(wait).await;
        }
        let Some(timer) = &self.timer else { return };
        loop {
            let Ok(mut ready) = timer.readable().await else {
                return;
            };
            let read = |timer: &AsyncFd<OwnedFd>| {
                let mut rings = [0; 8];
                rustix::io::read(timer.get_ref(), &mut rings).map_err(io::Error::from)
            };
            if ready.try_io(read).is_ok() {
                self.set = None;
                return;
            }
        }
    }

    /// Sets the timer to `at`, unless it rings by then in any case; false where
    /// there is none.
    fn is_set_by(&mut self, at: Duration, now: Duration) -> bool {
        let Some(timer) = &self.timer else {
            return false;
        };
        if self.set.is_some_and(|set| set <= at) {
            return true;
        }
        let wait = at.saturating_sub(now);
        let once = Itimerspec {
            it_interval: Timespec {
                tv_sec: 0,
                tv_nsec: 0,
            },
            it_value: Timespec {
                tv_sec: i64::try_from(wait.as_secs()).unwrap_or(i64::MAX),
                tv_nsec: wait.subsec_nanos().into(),
            },
        };
        let set = timerfd_settime(timer.get_ref(), TimerfdTimerFlags::empty(), &once).is_ok();
        self.set = set.then_some(at);
        set
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::time::Instant;

    use tokio::time::timeout;

    use super::*;

    fn run<T>(future: impl Future<Output = T>) -> T {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.enable_all().build().unwrap().block_on(future)
    }

    #[test]
    fn alarm_rings_at_its_time_and_once() {
        run(async {
            let start = Instant::now();
            let mut alarm = Alarm::new();
            let at = Duration::from_millis(80);
            alarm.ring(Some(at), Duration::ZERO).await;
            assert!(start.elapsed() >= at);
            let near = Duration::from_millis(20);
            assert!(timeout(near, alarm.ring(None, at)).await.is_err());
            let far = at + Duration::from_secs(3600);
            assert!(timeout(near, alarm.ring(Some(far), at)).await.is_err());
        });
    }

    #[test]
    fn alarm_set_too_early_rings_early_and_one_set_too_late_is_set_anew() {
        run(async {
            let mut alarm = Alarm::new();
            let (soon, late) = (Duration::from_millis(70), Duration::from_secs(3600));
            let given_up = timeout(NEAR / 10, alarm.ring(Some(late), Duration::ZERO)).await;
            assert!(given_up.is_err());
            alarm.ring(Some(soon), Duration::ZERO).await;
            let given_up = timeout(NEAR / 10, alarm.ring(Some(soon), Duration::ZERO)).await;
            assert!(given_up.is_err());
            // It is still set to the former time.
            alarm.ring(Some(late), Duration::ZERO).await;
        });
    }
}
