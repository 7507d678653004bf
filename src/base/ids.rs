//! Ids of the model's objects. They are minted once, never reused, and printed
//! one way everywhere (tmux(1), "COMMANDS": `%1` a pane, `@1` a window, `$1` a
//! session).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $sigil:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub struct $name(pub u32);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($sigil, "{}"), self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = ();

            fn from_str(text: &str) -> Result<Self, ()> {
                let digits = text.strip_prefix($sigil).ok_or(())?;
                digits.parse().map(Self).map_err(|_| ())
            }
        }
    };
}

id!(
    /// A pane, printed `%0`.
    PaneId, "%"
);
id!(
    /// A window, printed `@0`.
    WindowId, "@"
);
id!(
    /// A session, printed `$0`.
    SessionId, "$"
);
id!(
    /// A client of any origin, printed `client-0`.
    ClientId, "client-"
);
id!(
    /// Something asked of the outside world that will be answered by an event.
    Token, "token-"
);

id!(
    /// A marked line of one pane's screen or history, printed `#1`. Its terminal
    /// mints it, and it means that line for as long as the line is there.
    Anchor, "#"
);

/// Mints every id of one server. Each kind counts from 0, as in tmux, and no
/// number is given twice.
#[derive(Debug, Default)]
pub struct Minter {
    panes: u32,
    windows: u32,
    sessions: u32,
    tokens: u32,
    popups: u32,
}

impl Minter {
    /// A new pane id.
    pub fn pane(&mut self) -> PaneId {
        PaneId(bump(&mut self.panes))
    }

    /// An id for what runs in a popup: no pane's, counted down from the last.
    pub fn popup(&mut self) -> PaneId {
        PaneId(u32::MAX - bump(&mut self.popups))
    }

    /// A new window id.
    pub fn window(&mut self) -> WindowId {
        WindowId(bump(&mut self.windows))
    }

    /// A new session id.
    pub fn session(&mut self) -> SessionId {
        SessionId(bump(&mut self.sessions))
    }

    /// A new token for an effect that will be answered.
    pub fn token(&mut self) -> Token {
        Token(bump(&mut self.tokens))
    }

    /// The id that the next session will get, for `#{next_session_id}`.
    #[must_use]
    pub fn next_session(&self) -> SessionId {
        SessionId(self.sessions)
    }
}

fn bump(counter: &mut u32) -> u32 {
    let id = *counter;
    *counter += 1;
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_print_and_parse_with_their_sigil() {
        assert_eq!(PaneId(3).to_string(), "%3");
        assert_eq!("@12".parse(), Ok(WindowId(12)));
        assert_eq!("%1".parse::<WindowId>(), Err(()));
        assert_eq!("$".parse::<SessionId>(), Err(()));
    }

    #[test]
    fn minter_never_repeats_an_id() {
        let mut minter = Minter::default();
        assert_eq!(minter.pane(), PaneId(0));
        assert_eq!(minter.pane(), PaneId(1));
        assert_eq!(minter.window(), WindowId(0));
        assert_eq!(minter.next_session(), minter.session());
    }
}
