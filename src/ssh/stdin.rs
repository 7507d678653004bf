//! A command's standard input, as a guest sends it: kept until the command
//! asks, and bounded both before and after. It never holds up a command that
//! does not ask: its connection takes no output while it waits for room here.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// The most kept before anybody asks, in bytes. Then the guest is not read, and
/// once the command has said something the rest is let go.
const UNASKED_MAX: usize = 256 * 1024;

/// The most that a command is given, in bytes; as from a local client.
const WHOLE_MAX: usize = 64 * 1024 * 1024;

/// One command's input.
#[derive(Default)]
pub(super) struct Stdin {
    state: Mutex<State>,
    /// It was asked for, or has ended.
    news: Notify,
    /// There is room again.
    room: Notify,
}

#[derive(Default)]
struct State {
    bytes: Vec<u8>,
    asked: bool,
    /// The command has spoken and did not ask before.
    passed_over: bool,
    ended: bool,
    lost: Option<&'static str>,
}

const TOO_LONG: &str = "larger than 64 MiB";
const TOO_EARLY: &str = "the input came before it was asked for";

impl Stdin {
    /// Takes bytes in, once there is room for them.
    pub(super) async fn feed(&self, bytes: &[u8]) {
        loop {
            let room = self.room.notified();
            if self.take(bytes) {
                return;
            }
            room.await;
        }
    }

    fn take(&self, bytes: &[u8]) -> bool {
        let mut state = self.lock();
        let sum = state.bytes.len() + bytes.len();
        if state.ended || state.lost.is_some() {
            return true;
        }
        let early = !state.asked && !state.bytes.is_empty() && sum > UNASKED_MAX;
        if early && !state.passed_over {
            return false;
        }
        if early || sum > WHOLE_MAX {
            state.lost = Some(if early { TOO_EARLY } else { TOO_LONG });
            state.bytes = Vec::new();
        } else {
            state.bytes.extend_from_slice(bytes);
        }
        true
    }

    /// There is no more: the guest said so, or is gone.
    pub(super) fn end(&self) {
        self.lock().ended = true;
        self.news.notify_one();
        self.room.notify_one();
    }

    /// The command has something to say; whether it asks for input is open.
    pub(super) fn pass_over(&self) {
        let mut state = self.lock();
        if !state.asked && !state.passed_over {
            state.passed_over = true;
            drop(state);
            self.room.notify_one();
        }
    }

    /// Waits for all of it. A second command on the line finds nothing left.
    pub(super) async fn whole(&self) -> Result<Vec<u8>, String> {
        self.lock().asked = true;
        self.room.notify_one();
        loop {
            let news = self.news.notified();
            {
                let mut state = self.lock();
                if state.ended {
                    return match state.lost {
                        Some(why) => Err(why.to_owned()),
                        None => Ok(std::mem::take(&mut state.bytes)),
                    };
                }
            }
            news.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test]
    async fn input_waits_for_the_command_and_for_its_end() {
        let stdin = Arc::new(Stdin::default());
        stdin.feed(b"a").await;
        let reader = {
            let stdin = Arc::clone(&stdin);
            tokio::spawn(async move { stdin.whole().await })
        };
        stdin.feed(b"b").await;
        stdin.end();
        assert_eq!(reader.await.ok(), Some(Ok(b"ab".to_vec())));
        assert_eq!(stdin.whole().await, Ok(Vec::new()));
    }

    #[tokio::test]
    async fn input_that_nobody_asks_for_is_not_kept_without_end() {
        let stdin = Stdin::default();
        stdin.feed(&vec![b'x'; UNASKED_MAX]).await;
        assert!(!stdin.take(b"y"));
        // A reader makes room, and so does the end.
        let (more, whole) = tokio::join!(
            async {
                stdin.feed(b"y").await;
                stdin.end();
            },
            stdin.whole()
        );
        assert_eq!(
            (more, whole.map(|all| all.len())),
            ((), Ok(UNASKED_MAX + 1))
        );
        assert!(stdin.take(b"late"));
    }

    #[tokio::test]
    async fn input_never_holds_up_a_command_that_speaks() {
        let stdin = Stdin::default();
        let feed = async {
            for _ in 0..3 {
                stdin.feed(&vec![b'x'; UNASKED_MAX]).await;
            }
            stdin.end();
        };
        let ((), ()) = tokio::join!(feed, async { stdin.pass_over() });
        assert_eq!(stdin.whole().await, Err(TOO_EARLY.to_owned()));
    }

    #[tokio::test]
    async fn input_that_is_too_long_is_refused() {
        let stdin = Stdin::default();
        stdin.lock().asked = true;
        let piece = vec![0; WHOLE_MAX / 4];
        for _ in 0..5 {
            stdin.feed(&piece).await;
        }
        assert!(stdin.lock().bytes.is_empty());
        stdin.end();
        assert_eq!(stdin.whole().await, Err("larger than 64 MiB".to_owned()));
    }
}
