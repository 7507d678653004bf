//! The environment before and after each step, as the build's shells wrote it
//! down (`export -p`), and the difference. It reads bash's own quoting only to
//! find where a value ends, and never evaluates it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::export::Environs;

/// The largest environment that is read, in bytes.
const MAX_FILE: u64 = 4 << 20;

/// Variables that say nothing of a step.
const PASSED_OVER: [&str; 4] = ["_", "SHLVL", "BASHPID", "RANDOM"];

/// The environment of a step, before and after its last run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Environ {
    before: BTreeMap<String, String>,
    after: BTreeMap<String, String>,
}

impl Environ {
    /// Every variable and value, as the shell would take it.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (String, String)> {
        let both = self.before.iter().chain(&self.after);
        both.map(|(name, value)| (name.clone(), plain(value)))
    }

    /// The difference in lines: `-` was, `+` is. A secret's value is not shown.
    pub(super) fn difference(&self, secret: impl Fn(&str, &str) -> bool) -> String {
        let mut text = String::new();
        let names = self.before.keys().chain(self.after.keys());
        let mut names: Vec<&String> = names.collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let (before, after) = (self.before.get(name), self.after.get(name));
            if before == after || PASSED_OVER.contains(&name.as_str()) {
                continue;
            }
            for (sign, value) in [('-', before), ('+', after)] {
                let Some(value) = value else { continue };
                if secret(name, &plain(value)) {
                    text.push_str(&format!("{sign}{name}=[secure]\n"));
                } else {
                    text.push_str(&format!("{sign}{name}={value}\n"));
                }
            }
        }
        text
    }
}

/// The directory of a debug session's files: the newest of its name beside the
/// socket.
pub(super) fn directory(socket: &Path, session: &str) -> Option<PathBuf> {
    let mut parent = socket.as_os_str().to_owned();
    parent.push(".d");
    let plain: String = session
        .chars()
        .filter(|ch| ch.is_ascii_alphanumeric() || matches!(ch, '-' | '_'))
        .take(32)
        .collect();
    let newest = std::fs::read_dir(parent)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            name.rsplit_once('-').is_some_and(|(of, _)| of == plain)
        })
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .max();
    newest.map(|(_, dir)| dir)
}

/// The values that `stepmux debug` was told not to let out, as its plan has them.
pub(super) fn secrets(dir: &Path) -> Vec<String> {
    let text = std::fs::read(dir.join("plan.json")).unwrap_or_default();
    let plan: serde_json::Value = serde_json::from_slice(&text).unwrap_or_default();
    let values = plan["secrets"].as_array().into_iter().flatten();
    values
        .filter_map(|value| value.as_str().map(str::to_owned))
        .collect()
}

/// The environments of a session's steps, in the directory of its files.
pub(super) fn find(dir: &Path) -> Environs {
    let mut environs = Environs::new();
    for entry in std::fs::read_dir(dir.join("build"))
        .into_iter()
        .flatten()
        .flatten()
    {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some((before, step)) = mark(&name) else {
            continue;
        };
        let small = entry
            .metadata()
            .is_ok_and(|found| found.is_file() && found.len() <= MAX_FILE);
        let text = std::fs::read(entry.path()).ok().filter(|_| small);
        let Some(text) = text else { continue };
        let read = read(&String::from_utf8_lossy(&text));
        let environ = environs.entry(step).or_default();
        if before {
            environ.before = read;
        } else {
            environ.after = read;
        }
    }
    environs
}

/// Of `env.B;phase=P;step=N` whether it is from before, and `P-N`.
fn mark(name: &str) -> Option<(bool, String)> {
    let (kind, rest) = name.strip_prefix("env.")?.split_once(";phase=")?;
    let (phase, step) = rest.split_once(";step=")?;
    let word = |text: &str| {
        let plain = |ch: char| ch.is_ascii_alphanumeric() || ch == '_';
        !text.is_empty() && text.chars().all(plain)
    };
    if !word(phase) || !word(step) {
        return None;
    }
    let before = match kind {
        "B" => true,
        "D" => false,
        _ => return None,
    };
    Some((before, format!("{phase}-{step}")))
}

/// The declarations of `export -p`: names, and values as they are quoted there.
fn read(text: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut rest = text;
    while let Some(declared) = rest.strip_prefix("declare -") {
        let end = end(declared);
        let line = &declared[..end];
        rest = declared[end..].strip_prefix('\n').unwrap_or_default();
        // The flags come first.
        if let Some((_, line)) = line.split_once(' ')
            && let Some((name, value)) = line.split_once('=')
        {
            found.insert(name.to_owned(), value.to_owned());
        }
    }
    found
}

/// Where a declaration ends: at a line's end outside of quotes.
fn end(text: &str) -> usize {
    let mut quote = None;
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match (byte, quote) {
            _ if escaped => escaped = false,
            (b'\\', _) => escaped = true,
            (b'"' | b'\'', None) => quote = Some(byte),
            (_, Some(open)) if byte == open => quote = None,
            (b'\n', None) => return at,
            _ => {}
        }
    }
    text.len()
}

/// A value without bash's quotes, to be looked for elsewhere.
fn plain(value: &str) -> String {
    let Some(inside) = value.strip_prefix('"').and_then(|v| v.strip_suffix('"')) else {
        return value.to_owned();
    };
    let mut text = String::with_capacity(inside.len());
    let mut chars = inside.chars();
    while let Some(ch) = chars.next() {
        text.push(if ch == '\\' {
            chars.next().unwrap_or(ch)
        } else {
            ch
        });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str = "declare -x A=\"1\"\ndeclare -x GONE=\"x\"\ndeclare -x LONG=\"a\n\
                          declare -x FAKE=\\\"no\\\"\nb\"\ndeclare -x NONE\ndeclare -x SHLVL=\"1\"\n";
    const AFTER: &str = "declare -x A=\"2 \\$x\"\ndeclare -x API_TOKEN=\"abcdef\"\n\
                         declare -x LONG=\"a\n\
                          declare -x FAKE=\\\"no\\\"\nb\"\ndeclare -x SHLVL=\"2\"\n";

    #[test]
    fn difference_shows_what_a_step_changed_and_no_secret() {
        let environ = Environ {
            before: read(BEFORE),
            after: read(AFTER),
        };
        let text = environ.difference(|name, _| name == "API_TOKEN");
        assert_eq!(
            text,
            "-A=\"1\"\n+A=\"2 \\$x\"\n+API_TOKEN=[secure]\n-GONE=\"x\"\n"
        );
        let pairs: Vec<_> = environ.pairs().collect();
        assert!(pairs.contains(&("API_TOKEN".to_owned(), "abcdef".to_owned())));
        assert!(pairs.contains(&("A".to_owned(), "2 $x".to_owned())));
    }

    #[test]
    fn names_of_files_are_marks_or_nothing() {
        for (name, wanted) in [
            ("env.B;phase=script;step=2", Some((true, "script-2"))),
            ("env.D;phase=a_b;step=10", Some((false, "a_b-10"))),
            ("env.D;phase=../x;step=1", None),
            ("env.S;phase=a;step=1", None),
            ("env", None),
            ("result", None),
        ] {
            let wanted = wanted.map(|(before, step)| (before, step.to_owned()));
            assert_eq!(mark(name), wanted, "{name}");
        }
    }
}
