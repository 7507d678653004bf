//! Variables of the server, the host and paste buffers.

use crate::mux::Mux;
use crate::mux::buffers::Buffer;

use super::super::Scope;
use super::bit;

pub(super) fn value(name: &str, mux: &Mux, scope: &Scope<'_>) -> Option<String> {
    if let Some(rest) = name.strip_prefix("buffer_") {
        let buffer = mux.buffers.get(Some(scope.buffer?))?;
        return buffer_value(rest, buffer);
    }
    let server = &mux.server;
    Some(match name {
        "host" => server.host.to_string(),
        "host_short" => {
            let host = server.host.as_str();
            host.split('.').next().unwrap_or(host).to_owned()
        }
        "pid" => server.pid.to_string(),
        "uid" => server.uid.to_string(),
        "user" => server.user.clone(),
        "socket_path" => server.socket.clone(),
        "start_time" => server.started.unix().to_string(),
        "version" => env!("CARGO_PKG_VERSION").to_owned(),
        "server_sessions" => mux.sessions.len().to_string(),
        "next_session_id" => mux.ids.next_session().to_string(),
        "pane_marked_set" => bit(mux.marked.is_some()),
        "sixel_support" => bit(false),
        _ => return None,
    })
}

fn buffer_value(name: &str, buffer: &Buffer) -> Option<String> {
    Some(match name {
        "name" => buffer.name.clone(),
        "size" => buffer.data.len().to_string(),
        "created" => buffer.created.unix().to_string(),
        "full" => String::from_utf8_lossy(&buffer.data).into_owned(),
        "sample" => buffer.sample(),
        _ => return None,
    })
}
