//! The names of debug sessions: that of the command line, and those of several
//! jobs. It asks no server whether they are taken.

/// The session of one of several jobs: its name in it, of what names may hold.
pub(super) fn session_name(prefix: &str, at: usize, job: &str) -> String {
    let plain = |ch: char| ch.is_ascii_alphanumeric() || ch == '-' || ch == '_';
    let mut name = String::new();
    for ch in job.chars() {
        if plain(ch) {
            name.push(ch);
        } else if !name.ends_with('-') && !name.is_empty() {
            name.push('-');
        }
    }
    let name = name.trim_end_matches('-');
    let name = name.get(..name.len().min(32)).unwrap_or_default();
    if name.is_empty() {
        format!("{prefix}-{}", at + 1)
    } else {
        format!("{prefix}-{}-{name}", at + 1)
    }
}

/// Takes a session's name: one that the server keeps as it is, so that it is found
/// again, and that needs no care in a log or a file of outputs.
pub(super) fn plain_name(name: &str) -> Result<String, String> {
    let sound = |ch: char| !ch.is_control() && !matches!(ch, ':' | '.');
    let first = !name.starts_with(['=', '$', '@', '%', '-', '+', '!', '{']);
    if first && !name.is_empty() && name.len() <= 100 && name.chars().all(sound) {
        return Ok(name.to_owned());
    }
    Err(
        "a session's name has no control characters, colons and dots, \
         and does not begin as other targets do"
            .to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_jobs_have_sessions_of_their_names() {
        for (at, job, name) in [
            (0, "unit", "debug-1-unit"),
            (1, "os: linux, env: A=1", "debug-2-os-linux-env-A-1"),
            (2, "", "debug-3"),
            (3, "::", "debug-4"),
        ] {
            assert_eq!(session_name("debug", at, job), name);
        }
    }
}
