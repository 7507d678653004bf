//! What a VM and a relay say to each other over their link: frames of
//! [`super::frame`], one value each. Either side refuses what is not its peer's
//! to say.

use serde::{Deserialize, Serialize};

use super::flow::{PART, Part};

/// The largest frame on a link, in bytes.
pub const MAX_LINK: usize = PART + 8192;

/// The version of these words. Both sides must say the same.
pub const LINK_VERSION: u16 = 1;

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
}
