//! What a VM and a relay say to each other over their link: frames of
//! [`super::frame`], one value each. Either side refuses what is not its peer's
//! to say.

use serde::{Deserialize, Serialize};

use super::flow::{PART, Part};

/// The largest frame on a link, in bytes.
pub const MAX_LINK: usize = PART + 8192;

/// The version of these words. Both sides must say the same.
pub const LINK_VERSION: u16 = 3;

/// The user name of VMs.
pub const HOST_USER: &str = "stepmux-host";
/// The subsystem that a VM asks for (RFC 4254, 6.5).
pub const SUBSYSTEM: &str = "stepmux-link";
/// The one name that guests may ask to be connected to.
pub const TARGET: &str = "stepmux";

/// What a relay in which a guest's ssh ends writes before the guest's user name.
pub const READABLE: &str = "readable:";

/// One word on a link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Link {
    /// The relay's first: what a claim over this link must name.
    Hello {
        /// [`LINK_VERSION`].
        version: u16,
        /// The fingerprint of the relay's host key.
        node: String,
        /// New for each link.
        nonce: [u8; 32],
        /// The node's name in its cluster; empty for a relay of one node.
        name: String,
        /// The port at which guests come; 0 where they come to this one.
        guests: u16,
    },
    /// The VM claims a session.
    Register {
        /// The claim's bytes (`access::Claim`).
        claim: Vec<u8>,
        /// Their signature by the session's key (OpenSSH's PROTOCOL.sshsig).
        signature: Vec<u8>,
    },
    /// The relay has taken the claim.
    Registered {
        /// The user name by which guests ask for the session.
        route: String,
    },
    /// The relay has not.
    Refused {
        /// Why, for people.
        why: String,
    },
    /// The relay ends soon: register elsewhere, or again after a while.
    Draining,
    /// The relay has a guest.
    Open {
        /// A number that no other guest of the session has had.
        stream: u64,
        /// The guest's address, `IP:PORT`, as the relay says.
        from: String,
        /// Said before, over another link: the VM says from where to go on.
        again: bool,
    },
    /// A part of a guest's stream.
    Part {
        /// Whose.
        stream: u64,
        /// What.
        part: Part,
    },
    /// There is no way to a stream's guest over this link any more, or the
    /// stream is over. The VM keeps it for a while: the guest may come back by
    /// another node.
    Gone {
        /// Whose.
        stream: u64,
    },
    /// A node asks another for a session; what follows are the words of its
    /// guests' streams.
    Want {
        /// [`LINK_VERSION`].
        version: u16,
        /// The name of the node that asks.
        node: String,
        /// The beginning of the session's id.
        session: [u8; 10],
    },
    /// The node that was asked has the session's link.
    Have,
    /// A node that has had nothing to say asks whether the other is there.
    Ping,
    /// It is.
    Pong,
}
