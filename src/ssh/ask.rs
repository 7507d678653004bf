//! What a guest asks for, and what it says of itself: the command line, the
//! terminal's name, the environment. Everything is judged by the door; nothing
//! is passed on that could inject an escape or a setting.

use std::net::SocketAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use super::auth::Pass;
use super::words;
use crate::base::{Now, SessionId, Size};
use crate::engine::event::{Origin, Peer, TerminalSpec};
use crate::io::terminfo;

/// Environment variables taken from one guest.
const ENV_MAX: usize = 32;
/// A variable's value, in bytes; longer ones are refused.
const ENV_VALUE_MAX: usize = 256;
/// TERM is never longer, in bytes.
const TERM_MAX: usize = 64;

/// The wall clock's moment: certificates and keys have ends.
pub(super) fn clock() -> Now {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let zone = jiff::tz::TimeZone::system();
    Now {
        unix_us: since.map_or(0, |since| {
            i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
        }),
        utc_offset: zone.to_offset(jiff::Timestamp::now()).seconds(),
        ..Now::default()
    }
}

/// What a session channel is asked to be.
pub(super) enum Asked {
    /// The session itself.
    Shell,
    /// A command line.
    Exec(Vec<String>),
    /// Control mode, with the marks of `-CC` or without, and its command line.
    Control(bool, Vec<String>),
    /// Files, by SFTP.
    Files,
    /// Neither: why.
    Nonsense(String),
}

/// What a guest without a terminal is told.
pub(super) const NO_TERMINAL: &str = "a session needs a terminal: use `ssh -t` (or `ssh -tt` from a script), \
     or name a command, such as `ssh … list-windows`";

/// Reads an exec request. A first word that names the program is taken off: habit
/// writes it, and iTerm2 knows the other name alone.
pub(super) fn asked(line: &[u8]) -> Asked {
    let mut argv = match words::split(line) {
        Ok(argv) => argv,
        Err(why) => return Asked::Nonsense(why.to_string()),
    };
    let first = argv.first().map(String::as_str);
    if matches!(first, Some("stepmux" | "tmux")) {
        argv.remove(0);
    }
    let lines = |word: &String| matches!(word.as_str(), "-C" | "-CC");
    let flags: String = argv
        .iter()
        .take_while(|word| lines(word))
        .map(String::as_str)
        .collect();
    argv.retain({
        let mut before = true;
        move |word| {
            before &= lines(word);
            !before
        }
    });
    match flags.matches('C').count() {
        0 if argv.is_empty() => Asked::Shell,
        0 => Asked::Exec(argv),
        count => Asked::Control(count > 1, argv),
    }
}

/// What is said to clients that expect a program of the same name over here.
pub(super) fn foreign(argv: &[String]) -> Option<&'static str> {
    match argv.first()?.as_str() {
        "scp" => Some("scp's old protocol is not served: use `scp -s`, or sftp"),
        "rsync" => Some("rsync finds no rsync here: use sftp, or the system's sshd"),
        "sftp-server" => Some("ask for the subsystem: `sftp`, without -s"),
        _ => None,
    }
}

/// A guest as the engine knows it; it has no directory of its own here.
pub(super) fn peer(
    session: SessionId,
    (address, readable): (SocketAddr, bool),
    pass: &Pass,
    terminal: Option<&(String, Size)>,
    control: bool,
    env: &[(String, String)],
) -> Peer {
    let mut env = env.to_vec();
    let utf8 = utf8(&env);
    // A control client has no size of its own, and a terminal all the same.
    let lines = ("dumb".to_owned(), Size::DEFAULT);
    let terminal = if control { Some(&lines) } else { terminal };
    let terminal = terminal.map(|(term, size)| {
        env.retain(|(name, _)| name != "TERM");
        env.push(("TERM".to_owned(), term.clone()));
        TerminalSpec {
            size: *size,
            term: term.clone(),
            tty: "ssh".to_owned(),
            utf8,
            features: String::new(),
            terminfo: terminfo::of_this_machine(term),
        }
    });
    Peer {
        origin: Origin::Ssh {
            session,
            address,
            name: pass.name.clone(),
            means: pass.means,
            key: pass.key.clone(),
            readable,
        },
        grant: pass.grant,
        terminal,
        control,
        cwd: String::new(),
        env,
    }
}

/// A terminal's name as terminfo(5) allows it; anything else is `dumb`.
pub(super) fn term_name(term: &str) -> String {
    let plain = |ch: char| ch.is_ascii_alphanumeric() || matches!(ch, '-' | '_' | '.' | '+');
    if !term.is_empty() && term.len() <= TERM_MAX && term.chars().all(plain) {
        term.to_owned()
    } else {
        "dumb".to_owned()
    }
}

/// Whether a variable is taken: the terminal's and the locale's alone, in
/// plain text, and not too many. What programs inside would trust is not.
pub(super) fn takes_env(env: &[(String, String)], name: &str, value: &str) -> bool {
    let known = matches!(name, "TERM" | "COLORTERM" | "LANG")
        || name.strip_prefix("LC_").is_some_and(|rest| {
            (1..=32).contains(&rest.len())
                && rest.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
        });
    known
        && value.len() <= ENV_VALUE_MAX
        && value.bytes().all(|b| b.is_ascii_graphic())
        && (env.len() < ENV_MAX || env.iter().any(|(had, _)| had == name))
}

/// Whether the locale says UTF-8 (POSIX's order of variables). A client that
/// sends none is taken to be of this century.
fn utf8(env: &[(String, String)]) -> bool {
    let get = |name: &str| {
        env.iter()
            .find_map(|(known, value)| (known == name && !value.is_empty()).then_some(value))
    };
    get("LC_ALL")
        .or_else(|| get("LC_CTYPE"))
        .or_else(|| get("LANG"))
        .is_none_or(|locale| {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn env_lets_only_terminal_and_locale_through() {
        for (name, value, taken) in [
            ("LANG", "de_DE.UTF-8", true),
            ("LC_ALL", "C", true),
            ("COLORTERM", "truecolor", true),
            ("LD_PRELOAD", "/x.so", false),
            ("LC_", "C", false),
            ("LC_a", "C", false),
            ("LANG", "C\x1b[31m", false),
        ] {
            assert_eq!(takes_env(&[], name, value), taken, "{name}={value}");
        }
        let long = "x".repeat(ENV_VALUE_MAX + 1);
        assert!(!takes_env(&[], "LANG", &long));
    }

    #[test]
    fn locale_decides_utf8_in_posix_order() {
        assert!(utf8(&[]));
        assert!(utf8(&[pair("LANG", "C"), pair("LC_ALL", "en_US.utf8")]));
        assert!(!utf8(&[pair("LANG", "en_US.UTF-8"), pair("LC_CTYPE", "C")]));
    }

    #[test]
    fn programs_of_other_servers_are_named() {
        let said = |word: &str| foreign(&[word.to_owned(), "-t".to_owned()]);
        assert!(said("scp").is_some_and(|why| why.contains("scp -s")));
        assert!(said("rsync").is_some() && said("list-windows").is_none());
        assert_eq!(foreign(&[]), None);
    }

    #[test]
    fn term_is_a_plain_name_or_dumb() {
        assert_eq!(term_name("xterm-256color"), "xterm-256color");
        for term in ["", "../x", "x\x1b", &"x".repeat(TERM_MAX + 1)] {
            assert_eq!(term_name(term), "dumb");
        }
    }

    #[test]
    fn control_mode_is_asked_for_before_the_command() {
        for (line, marks, words) in [
            ("-C", false, &[][..]),
            ("tmux -CC attach", true, &["attach"]),
            ("stepmux -C -C", true, &[]),
            ("-C display-message -C", false, &["display-message", "-C"]),
        ] {
            let asked = asked(line.as_bytes());
            let Asked::Control(marked, argv) = asked else {
                panic!("{line}");
            };
            assert_eq!(
                (marked, argv.as_slice()),
                (
                    marks,
                    &words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>()[..]
                ),
                "{line}"
            );
        }
        assert!(matches!(asked(b"ls -C"), Asked::Exec(_)));
    }

    #[test]
    fn exec_takes_words_and_forgives_the_program_name() {
        assert!(matches!(asked(b"stepmux ls"), Asked::Exec(argv) if argv == ["ls"]));
        assert!(matches!(asked(b""), Asked::Shell));
        assert!(matches!(asked(b"tmux"), Asked::Shell));
        assert!(matches!(asked(b"display 'x"), Asked::Nonsense(_)));
    }
}
