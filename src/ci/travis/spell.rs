//! Misspelt keys and values, taken for what travis-yml takes them for: by a list
//! of frequent slips, else by edit distance with its thresholds and tie rules.
//! Source: travis-yml's `Doc::Change::Key`, `Doc::Change::Value` and `Match`.

use super::schema::{self, Alias, Level};

/// Words that are never corrected: they are keys elsewhere in the schema, or
/// known to be meant as they are.
const NEVER: [&str; 105] = [
    "after_vendor",
    "branch",
    "branches",
    "erlang",
    "gcc",
    "golang",
    "html",
    "jvm",
    "nvm",
    "osx",
    "pip",
    "pgsql",
    "postgres",
    "prose",
    "sdk",
    "slack",
    "start_script",
    "test",
    "trusty",
    "versions",
    "vimscript",
    "access_key",
    "access_key_id",
    "acl",
    "all_branches",
    "api",
    "api_key",
    "api_token",
    "app",
    "apt",
    "artifacts",
    "branch_pattern",
    "browserstack",
    "bucket",
    "build",
    "build_command",
    "bundler",
    "cargo",
    "casks",
    "ccache",
    "channel",
    "channels",
    "chrome",
    "cleanup",
    "cocoapods",
    "code_climate",
    "components",
    "condition",
    "config",
    "coverity_scan",
    "create",
    "debug",
    "depth",
    "description",
    "directories",
    "directory",
    "disabled",
    "edge",
    "email",
    "enabled",
    "except",
    "exclude",
    "file",
    "firefox",
    "global",
    "homebrew",
    "hostname",
    "hosts",
    "include",
    "irc",
    "jwt",
    "licenses",
    "local_dir",
    "mariadb",
    "mode",
    "name",
    "node",
    "npm",
    "only",
    "on",
    "packages",
    "password",
    "path",
    "paths",
    "pkg",
    "postgresql",
    "project",
    "provider",
    "run",
    "size",
    "source",
    "sources",
    "submodules",
    "tags",
    "target",
    "timeout",
    "token",
    "update",
    "user",
    "yarn",
    "brewfile",
    "host",
    "key",
    "keyfile",
    "role",
];

/// Slips which edit distance alone does not repair.
const SLIPS: [Alias; 24] = [
    ("add-ons", "addons"),
    ("add_ons", "addons"),
    ("after_deployment", "after_deploy"),
    ("after_successsudo", "after_success"),
    ("before_archive", "before_cache"),
    ("before_deployment", "before_deploy"),
    ("before_setup", "before_script"),
    ("branchesonly", "branches"),
    ("deploybefore_script", "before_script"),
    ("distro", "dist"),
    ("diydeploy", "deploy"),
    ("emfile", "gemfile"),
    ("for_install", "before_install"),
    ("gvm", "rvm"),
    ("install_r", "install"),
    ("jruby_before_script", "before_script"),
    ("known_failures", "allow_failures"),
    ("allowable_failures", "allow_failures"),
    ("mode_js", "node_js"),
    ("opt_release", "otp_release"),
    ("preinstall", "install"),
    ("profile", "podfile"),
    ("qqsudo", "sudo"),
    ("Scripts", "script"),
];

/// The longest distance that counts, in edits.
const MAX_DISTANCE: f64 = 4.0;

/// The key that is meant, when it is another one.
pub(super) fn key(level: Level, given: &str) -> Option<&'static str> {
    let found = |name: &str| {
        let known = schema::known(level).into_iter().find(|key| *key == name);
        known.or_else(|| schema::alias(level, name))
    };
    if let Some(key) = schema::alias(level, given) {
        return Some(key);
    }
    if given.len() > 64 {
        return None;
    }
    found(given.trim())
        .or_else(|| found(&underscored(given)))
        .or_else(|| found(&cleaned(given)))
        .or_else(|| {
            if given.starts_with(['_', '.']) {
                return None; // private keys, for anchors
            }
            let slip = SLIPS.iter().find(|(slip, _)| *slip == given);
            if let Some(key) = slip.and_then(|(_, key)| found(key)) {
                return Some(key);
            }
            nearest(&schema::guesses(level), given).and_then(found)
        })
}

/// `camelCase` and `dashed-words` with underscores.
fn underscored(word: &str) -> String {
    let mut out = String::with_capacity(word.len() + 2);
    let mut before = ' ';
    for ch in word.chars() {
        if ch.is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_digit()) {
            out.push('_');
        }
        out.push(if ch == '-' {
            '_'
        } else {
            ch.to_ascii_lowercase()
        });
        before = ch;
    }
    out
}

/// Without the characters that no key has.
fn cleaned(word: &str) -> String {
    let word: String = word
        .chars()
        .map(|ch| if ch == '-' || ch == ' ' { '_' } else { ch })
        .filter(|ch| ch.is_alphanumeric() || matches!(ch, '_' | '.'))
        .collect();
    let word = if word.starts_with("__") {
        word.trim_start_matches('_')
    } else {
        &word
    };
    word.trim_end_matches('_').replace("__", "_")
}

/// The value that is meant; `None` leaves it as it is.
pub(super) fn value(
    values: &'static [&'static str],
    aliases: &'static [Alias],
    given: &str,
) -> Option<&'static str> {
    let known = |word: &str| values.iter().find(|value| **value == word).copied();
    if given.len() > 200 || known(given).is_some() {
        return None;
    }
    if let Some((_, value)) = aliases.iter().find(|(name, _)| *name == given) {
        return Some(value);
    }
    let line = given.lines().next().unwrap_or_default();
    if let Some(value) = known(line).or_else(|| nearest(values, line)) {
        return Some(value);
    }
    let word = |ch: &char| ch.is_ascii_alphanumeric() || *ch == '_';
    let squeezed: String = line.chars().filter(word).collect();
    let part = line.split_whitespace().next().unwrap_or_default();
    let letters: String = part.chars().filter(char::is_ascii_lowercase).collect();
    known(part)
        .or_else(|| known(&squeezed.to_lowercase()))
        .or_else(|| known(&letters))
}

/// The nearest word by edit distance, by letters in another order, then by the
/// letters in common and the length, as travis-yml's `Match` breaks ties.
fn nearest(known: &[&'static str], given: &str) -> Option<&'static str> {
    let size = given.chars().count();
    let levels = [Level::Root, Level::Job, Level::Jobs, Level::Env];
    let is_key = levels.iter().any(|level| schema::is_known(*level, given));
    if size < 3 || is_key || NEVER.contains(&given) {
        return None;
    }
    let mut pairs: Vec<(usize, &'static str)> = Vec::new();
    for other in known {
        let shorter = size.min(other.chars().count());
        #[allow(clippy::cast_precision_loss)] // lengths of words
        let limit = (shorter as f64 / 2.0).min(MAX_DISTANCE);
        if size.abs_diff(other.chars().count()) >= 4 {
            continue;
        }
        let distance = distance(other, given);
        #[allow(clippy::cast_precision_loss)]
        if (distance as f64) < limit {
            pairs.push((distance, other));
        }
    }
    pairs.sort_by_key(|(distance, _)| *distance);
    if pairs.is_empty() && size < 6 {
        let same = known
            .iter()
            .find(|other| sorted(other) == sorted(given) && **other != given);
        pairs.extend(same.map(|other| (1, *other)));
    }
    if ambiguous(&pairs) {
        for pair in &mut pairs {
            pair.0 = common_letters(given, pair.1);
        }
        pairs.sort_by_key(|(common, _)| std::cmp::Reverse(*common));
    }
    if ambiguous(&pairs) {
        pairs.sort_by_key(|(_, other)| std::cmp::Reverse(other.len()));
    }
    pairs
        .first()
        .map(|(_, other)| *other)
        .filter(|other| *other != "elm_test")
}

fn ambiguous(pairs: &[(usize, &'static str)]) -> bool {
    matches!(pairs, [first, second, ..] if first.0 == second.0)
}

fn sorted(word: &str) -> Vec<char> {
    let mut letters: Vec<char> = word.chars().collect();
    letters.sort_unstable();
    letters
}

fn common_letters(one: &str, other: &str) -> usize {
    let mut seen = Vec::new();
    for ch in one.chars() {
        if other.contains(ch) && !seen.contains(&ch) {
            seen.push(ch);
        }
    }
    seen.len()
}

/// Levenshtein's distance. Both words are short.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, a) in one.chars().enumerate() {
        let mut corner = line;
        let mut left = line + 1;
        for (index, b) in other.iter().enumerate() {
            let above = row[index + 1];
            let cost = (corner + usize::from(a != *b)).min(above + 1).min(left + 1);
            row[index] = left;
            corner = above;
            left = cost;
        }
        row[other.len()] = left;
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_edits() {
        for (one, other, expected) in [
            ("script", "script", 0),
            ("scipt", "script", 1),
            ("kitten", "sitting", 3),
            ("", "abc", 3),
            ("abc", "", 3),
        ] {
            assert_eq!(distance(one, other), expected, "{one} {other}");
        }
    }

    #[test]
    fn key_is_taken_for_what_it_is_meant_to_be() {
        let table = [
            (Level::Root, "matrix", Some("jobs")),
            (Level::Root, "ruby", Some("rvm")),
            (Level::Root, "before-install", Some("before_install")),
            (Level::Root, "beforeInstall", Some("before_install")),
            (Level::Root, "after_sucess", Some("after_success")),
            (Level::Root, "evn", Some("env")),
            (Level::Root, "distro", Some("dist")),
            (Level::Root, "_script", None),
            (Level::Root, ".install", None),
            (Level::Root, "file", None),
            (Level::Root, "whatever", None),
            (Level::Root, "as", None),
            (Level::Jobs, "allowed_failures", Some("allow_failures")),
            (Level::Jobs, "exlude", Some("exclude")),
            (Level::Job, "matrix", None),
        ];
        for (level, given, expected) in table {
            assert_eq!(key(level, given), expected, "{given}");
        }
    }

    #[test]
    fn value_is_taken_for_what_it_is_meant_to_be() {
        let language = |given| value(&schema::LANGUAGES, &schema::LANGUAGE_ALIASES, given);
        for (given, expected) in [
            ("c++", Some("cpp")),
            ("python2.7", Some("python")),
            ("c++11", Some("c")),
            ("pyhton", Some("python")),
            ("ruby", None),
            ("sage", None),
            ("emacs-lisp", None),
        ] {
            assert_eq!(language(given), expected, "{given}");
        }
    }
}
