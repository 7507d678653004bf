//! What a use of a command needs. The words mirror the grants of `access`,
//! which this room may not name.

use super::table::Command;

/// What a client must be allowed, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Need {
    /// It shows something, or touches only the asking client. Formats expanded
    /// for it must run no jobs (`#()`).
    View,
    /// It changes what is shared, as someone at the keyboard may.
    Type,
    /// It decides who may come in, or ends sessions or the server.
    Admin,
}

impl Command {
    /// What this use of the command needs. `set-option` of a server option by
    /// its bare name is known only to `exec`, which must ask for
    /// [`Need::Admin`] there too.
    #[must_use]
    pub fn needs(&self) -> Need {
        let typed = match self {
            Self::AttachSession(args) => {
                args.detach_others
                    || args.hangup_others
                    || args.cwd.is_some()
                    || args.flags.is_some()
            }
            Self::CapturePane(args) => !args.print,
            Self::CommandPrompt(args) => args.client.is_some() || args.pane,
            Self::ConfirmBefore(args) => args.client.is_some(),
            Self::DetachClient(args) => {
                args.others
                    || args.hangup
                    || args.exec.is_some()
                    || args.session.is_some()
                    || args.client.is_some()
            }
            Self::DisplayMessage(args) => args.from_stdin || (!args.print && args.client.is_some()),
            Self::DisplayMenu(args) => args.client.is_some(),
            Self::Phase(args) => args.action.types(),
            Self::RefreshClient(args) => {
                args.client.is_some()
                    || args.flags.is_some()
                    || !args.pane_state.is_empty()
                    || !args.subscription.is_empty()
                    || !args.report.is_empty()
            }
            Self::LockClient(args) => args.client.is_some(),
            Self::SuspendClient(args) => args.client.is_some(),
            Self::SetOption(args) if args.server => return Need::Admin,
            _ => false,
        };
        let least = self.row().needs;
        if typed { least.max(Need::Type) } else { least }
    }
}
