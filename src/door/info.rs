//! What a host tells its guests: the name to connect to, the `known_hosts`
//! line. It also binds listeners, and words what the system says of files and
//! addresses. It opens no connection: the address is asked of the routing table.

use std::fs::{File, OpenOptions};
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::os::unix::fs::OpenOptionsExt;

use rustix::fs::OFlags;
use tokio::net::TcpListener;

/// The longest host name taken from the system, in bytes (hostname(7)).
const HOST_MAX: usize = 253;

/// The name or address that a guest should use for a listener.
///
/// A listener on one address is reached by that address. One on every address
/// (`0.0.0.0`, `[::]`) is reached by the address from which this machine would
/// talk to the world; where there is no route, by the machine's name.
pub(crate) fn host_for(bound: SocketAddr) -> String {
    if !bound.ip().is_unspecified() {
        return bound.ip().to_string();
    }
    outward(bound.ip())
        .map(|ip| ip.to_string())
        .or_else(hostname)
        .unwrap_or_else(|| "localhost".to_owned())
}

/// The source address of the default route. `connect` on a datagram socket
/// sends nothing; the targets are of the documentation ranges (RFC 5737, 3849).
fn outward(listener: IpAddr) -> Option<IpAddr> {
    let v4 = || source("0.0.0.0:0", "192.0.2.1:9");
    let v6 = || source("[::]:0", "[2001:db8::1]:9");
    if listener.is_ipv6() {
        // A listener on [::] takes IPv4 too, which more guests have.
        v4().or_else(v6)
    } else {
        v4()
    }
}

fn source(from: &str, to: &str) -> Option<IpAddr> {
    let socket = UdpSocket::bind(from).ok()?;
    socket.connect(to).ok()?;
    let ip = socket.local_addr().ok()?.ip();
    (!ip.is_loopback() && !ip.is_unspecified()).then_some(ip)
}

fn hostname() -> Option<String> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok()?;
    let name = name.trim();
    let plain = |ch: char| ch.is_ascii_alphanumeric() || matches!(ch, '-' | '.' | '_');
    (!name.is_empty() && name.len() <= HOST_MAX && name.chars().all(plain)).then(|| name.to_owned())
}

/// The `known_hosts` line of a key (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"):
/// the port is named unless it is 22.
pub(crate) fn known_hosts(host: &str, port: u16, key: &str) -> String {
    if port == 22 {
        format!("{host} {key}")
    } else {
        format!("[{host}]:{port} {key}")
    }
}

/// Binds `ADDR:PORT`, `NAME:PORT` or `:PORT` (every IPv4 address).
///
/// # Errors
/// A sentence naming the place.
pub(crate) async fn bind(wanted: &str) -> Result<TcpListener, String> {
    let full = match wanted.strip_prefix(':') {
        Some(port) => format!("0.0.0.0:{port}"),
        None => wanted.to_owned(),
    };
    let bound = TcpListener::bind(full).await;
    bound.map_err(|error| format!("can't listen on {wanted}: {}", reason(&error)))
}

/// Opens a file for reading without waiting for it: a FIFO or a device is no
/// place for keys, and must not hold the door up.
///
/// # Errors
/// As open(2); `InvalidInput` for what is not a plain file.
pub(crate) fn open_file(path: &str) -> io::Result<File> {
    let wait_not = i32::try_from(OFlags::NONBLOCK.bits()).map_err(io::Error::other)?;
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(wait_not)
        .open(path)?;
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is not a file",
        ))
    }
}

/// An I/O error in the words of strerror(3), without Rust's ` (os error 98)`.
pub(crate) fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error ") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

/// A peer's words without what a terminal would obey, 200 characters at most: a
/// log or a message may have them.
pub(crate) fn plain(text: &str) -> String {
    text.chars()
        .filter(|ch| !ch.is_control())
        .take(200)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_peer_reach_no_terminal_as_they_are() {
        assert_eq!(plain("no\x1b[2J room\n"), "no[2J room");
        assert_eq!(plain(&"x".repeat(999)).len(), 200);
    }

    #[test]
    fn host_for_names_the_bound_address_or_one_that_is_reachable() {
        assert_eq!(host_for(([127, 0, 0, 1], 22).into()), "127.0.0.1");
        let any = host_for(([0, 0, 0, 0], 22).into());
        assert!(!any.is_empty() && any != "0.0.0.0", "{any}");
    }

    #[test]
    fn known_hosts_names_the_port_unless_it_is_22() {
        assert_eq!(known_hosts("vm", 22, "k v"), "vm k v");
        assert_eq!(known_hosts("::1", 2222, "k v"), "[::1]:2222 k v");
    }

    #[test]
    fn reason_leaves_out_the_number() {
        assert_eq!(
            reason(&io::Error::from_raw_os_error(98)),
            "Address already in use"
        );
    }
}
