//! Files found by a pattern, by the rules of glob(7): `*`, `?`, `[a-z]`, `[!a]`
//! and `\` before any of them; a name that begins with a dot is found only by
//! one. It reads directories and nothing else.

use std::fs;
use std::path::Path;

use super::reason;

/// The most files that a pattern finds.
const MAX_FOUND: usize = 10_000;

/// Finds the files of a pattern, sorted; one without `*`, `?` or `[` is a plain
/// path. What is found is named by `dir` and the pattern as they are written.
///
/// # Errors
/// The system's reason: nothing is there, or there is too much.
pub(super) fn find(dir: &str, pattern: &str) -> Result<Vec<String>, String> {
    let (mut found, rest) = match pattern.strip_prefix('/') {
        Some(rest) => (vec!["/".to_owned()], rest),
        None => (vec![format!("{}/", dir.trim_end_matches('/'))], pattern),
    };
    let mut parts = rest.split('/').peekable();
    while let Some(part) = parts.next() {
        let last = parts.peek().is_none();
        let end = if last { "" } else { "/" };
        let mut next = Vec::new();
        for base in found {
            if part.contains(['*', '?', '[']) {
                let names = names(&base, part);
                next.extend(names.into_iter().map(|name| format!("{base}{name}{end}")));
            } else {
                let path = format!("{base}{}{end}", plain(part));
                next.push(path);
            }
            if next.len() > MAX_FOUND {
                return Err("Argument list too long".to_owned());
            }
        }
        found = next;
    }
    let missing = || std::io::Error::from_raw_os_error(rustix::io::Errno::NOENT.raw_os_error());
    found.retain(|path| fs::symlink_metadata(Path::new(path)).is_ok());
    if found.is_empty() {
        return Err(reason(&missing()));
    }
    Ok(found)
}

/// A part without its escapes.
fn plain(part: &str) -> String {
    let mut plain = String::with_capacity(part.len());
    let mut chars = part.chars();
    while let Some(ch) = chars.next() {
        plain.push(if ch == '\\' {
            chars.next().unwrap_or(ch)
        } else {
            ch
        });
    }
    plain
}

fn names(dir: &str, pattern: &str) -> Vec<String> {
    let Ok(entries) = fs::read_dir(dir) else {
        return Vec::new();
    };
    let pattern: Vec<char> = pattern.chars().collect();
    let hidden = pattern.first() == Some(&'.');
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| hidden || !name.starts_with('.'))
        .filter(|name| fits(&pattern, &name.chars().collect::<Vec<_>>()))
        .take(MAX_FOUND)
        .collect();
    names.sort();
    names
}

/// Whether a name fits: in steps of at most its length times the pattern's.
fn fits(pattern: &[char], name: &[char]) -> bool {
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        if pattern.get(p) == Some(&'*') {
            star = Some((p + 1, n));
            p += 1;
            continue;
        }
        if let Some(next) = one(pattern, p, name[n]) {
            p = next;
            n += 1;
            continue;
        }
        // The last `*` takes one more.
        let Some((after, from)) = star else {
            return false;
        };
        star = Some((after, from + 1));
        p = after;
        n = from + 1;
    }
    pattern[p..].iter().all(|ch| *ch == '*')
}

/// Where the pattern goes on if its part at `at` fits a character.
fn one(pattern: &[char], at: usize, ch: char) -> Option<usize> {
    match pattern.get(at)? {
        '?' => Some(at + 1),
        '[' => match set(pattern, at, ch) {
            Some((fits, next)) => fits.then_some(next),
            // Without an end it is a plain bracket.
            None => (ch == '[').then_some(at + 1),
        },
        '\\' => (pattern.get(at + 1) == Some(&ch)).then_some(at + 2),
        own => (*own == ch).then_some(at + 1),
    }
}

/// Whether a set at `at` has a character, and where it ends.
fn set(pattern: &[char], at: usize, ch: char) -> Option<(bool, usize)> {
    let mut at = at + 1;
    let not = matches!(pattern.get(at), Some('!' | '^'));
    at += usize::from(not);
    let start = at;
    let mut has = false;
    loop {
        let low = *pattern.get(at)?;
        if low == ']' && at > start {
            return Some((has != not, at + 1));
        }
        if pattern.get(at + 1) == Some(&'-')
            && let Some(&high) = pattern.get(at + 2)
            && high != ']'
        {
            has |= (low..=high).contains(&ch);
            at += 3;
        } else {
            has |= low == ch;
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn names_fit_as_glob_has_it() {
        for (pattern, name, wanted) in [
            ("*", "a", true),
            ("*.conf", "a.conf", true),
            ("*.conf", "a.con", false),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxbyy", false),
            ("?", "é", true),
            ("?", "", false),
            ("[a-c]x", "bx", true),
            ("[!a-c]x", "bx", false),
            ("[]x]", "]", true),
            ("[a", "[a", true),
            ("\\*", "*", true),
            ("\\*", "a", false),
            ("**a", "ba", true),
        ] {
            let pattern_chars: Vec<char> = pattern.chars().collect();
            let name_chars: Vec<char> = name.chars().collect();
            assert_eq!(
                fits(&pattern_chars, &name_chars),
                wanted,
                "{pattern} {name}"
            );
        }
    }

    #[test]
    fn many_stars_take_no_more_than_a_product() {
        let pattern: Vec<char> = "*a".repeat(200).chars().collect();
        let name: Vec<char> = "b".repeat(200).chars().collect();
        assert!(!fits(&pattern, &name));
    }

    #[test]
    fn files_are_found_in_order_and_named_as_asked() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().to_str().unwrap();
        fs::create_dir(root.path().join("d")).unwrap();
        for name in ["b.conf", "a.conf", ".c.conf", "d/x.conf"] {
            fs::write(root.path().join(name), "").unwrap();
        }
        let found = |pattern: &str| find(dir, pattern).map(|found| found.join(" "));
        assert_eq!(
            found("*.conf").unwrap(),
            format!("{dir}/a.conf {dir}/b.conf")
        );
        assert_eq!(found("*/*.conf").unwrap(), format!("{dir}/d/x.conf"));
        assert_eq!(found("./a.conf").unwrap(), format!("{dir}/./a.conf"));
        assert_eq!(found(&format!("{dir}/d")).unwrap(), format!("{dir}/d"));
        for missing in ["x", "x*", "d/*/y"] {
            assert_eq!(found(missing).unwrap_err(), "No such file or directory");
        }
    }
}
