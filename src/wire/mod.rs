//! The local protocol between a client and its server: framed messages on one
//! unix socket. Encoding only: this room never opens a socket, and never says
//! what a message leads to.
//!
//! ```text
//! frame     u32 little-endian length, then that many bytes
//! 1st frame "stepmux" · u32 protocol · u8 length, version text · the rest
//!           client → server: the rest is a postcard `Hello`
//!           server → client: 0, postcard `Welcome`  |  1, a refusal in UTF-8
//! others    one postcard `FromClient` or `ToClient`
//! ```
//! What surrounds the postcard of the first frames never changes, so that
//! peers of any two versions can tell each other who they are.

pub mod flow;
pub mod frame;
pub mod hello;
pub mod link;
pub mod message;

pub use flow::{Flow, Part};
pub use frame::{Decoder, WireError, encode};
pub use hello::{Hello, PROTOCOL, Preamble, Reply, Terminal, VERSION, Welcome};
pub use link::{LINK_VERSION, Link, MAX_LINK};
pub use message::{Blob, FromClient, OutStream, ToClient};

/// Says why an operating system call failed, without Rust's `(os error N)`.
#[must_use]
pub fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    // A socket's path that is too long is found out before the system is asked.
    if error.kind() == std::io::ErrorKind::InvalidInput && text.contains("SUN_LEN") {
        return "File name too long".to_owned();
    }
    match text.find(" (os error ") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn reason_has_no_error_number() {
        let error = std::io::Error::from_raw_os_error(2);
        assert_eq!(super::reason(&error), "No such file or directory");
        let long = std::path::PathBuf::from("x".repeat(200));
        let error = std::os::unix::net::UnixStream::connect(long).unwrap_err();
        assert_eq!(super::reason(&error), "File name too long");
    }
}
