//! Variables of the server, the host and paste buffers.

use crate::mux::Mux;
use crate::mux::buffers::Buffer;

use super::super::{Scope, TMUX_VERSION};
use super::bit;

/// How choosers show a buffer.
const BUFFER_MODE: &str = "#{t/p:buffer_created}: #{buffer_sample}";

/// How choosers show a client.
const CLIENT_MODE: &str = "#[fg=themelightgrey]#{t/p:client_activity}: session #[default]\
    #{session_name}";

/// How choosers show a session, a window or a pane.
const TREE_MODE: &str = "#{?pane_format,\
    #{?pane_marked,#[fg=thememagenta],}#{?pane_floating_flag,#[underscore],}\
    #{pane_current_command}#[fg=themelightgrey]#{pane_flags}\
    #{?#{&&:#{pane_title},#{!=:#{pane_title},#{host_short}}},: \"#{pane_title}\",},\
    window_format,\
    #{?window_marked_flag,#[fg=thememagenta],}#{window_name}\
    #[fg=themelightgrey]#{window_flags}\
    #{?#{&&:#{==:#{window_panes},1},\
    #{&&:#{pane_title},#{!=:#{pane_title},#{host_short}}}},: \"#{pane_title}\",},\
    #[fg=themelightgrey]#{session_windows} windows\
    #{?session_grouped, (group #{session_group}: #{session_group_list}),}\
    #{?session_attached, (attached),}}";

pub(super) fn value(name: &str, mux: &Mux, scope: &Scope<'_>) -> Option<String> {
    let of_buffer = name.strip_prefix("buffer_");
    if let Some(rest) = of_buffer.filter(|rest| *rest != "mode_format") {
        // Where none is meant, the newest (tmux(1), "FORMATS").
        return buffer_value(rest, mux.buffers.get(scope.buffer)?);
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
        "config_files" => server.config_files.join(","),
        "start_time" => server.started.unix().to_string(),
        // Under tmux's name the version is the one whose language it speaks.
        "version" if server.as_tmux => TMUX_VERSION.to_owned(),
        "version" => env!("CARGO_PKG_VERSION").to_owned(),
        "server_sessions" => mux.sessions.len().to_string(),
        "next_session_id" => mux.ids.next_session().to_string(),
        "pane_marked_set" => bit(mux.marked.is_some()),
        "sixel_support" => bit(true),
        "buffer_mode_format" => BUFFER_MODE.to_owned(),
        "client_mode_format" => CLIENT_MODE.to_owned(),
        "tree_mode_format" => TREE_MODE.to_owned(),
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
