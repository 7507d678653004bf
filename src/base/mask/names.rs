//! Which names of variables say that their value is secret, and which values are
//! too common to be looked for.

use crate::base::glob;

/// Names as Buildkite's agent knows them, and their kin, as patterns.
const NAMES: [&str; 17] = [
    "*_TOKEN",
    "*_PASSWORD",
    "*_PASSWD",
    "*_PASSPHRASE",
    "*_SECRET",
    "*_SECRET_*",
    "*_PRIVATE_KEY",
    "*_SSH_KEY",
    "*_ACCESS_KEY",
    "*_API_KEY",
    "*_CREDENTIALS",
    "*_CONNECTION_STRING",
    "TOKEN",
    "PASSWORD",
    "PASSPHRASE",
    "SECRET",
    "SECRET_*",
];

/// The shortest value taken by its name alone, in bytes (Buildkite's bound).
const MIN_BY_NAME: usize = 6;

/// Words that are no secret even under such a name.
const COMMON: [&str; 8] = [
    "true", "false", "none", "null", "yes", "no", "enabled", "disabled",
];

/// Whether a variable's name says that its value is secret.
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    NAMES.iter().any(|pattern| glob(pattern, &name))
}

/// Whether the value of a variable that only its name makes secret is one that
/// can be looked for: long enough, no common word and no short number.
#[must_use]
pub fn is_telling(value: &str) -> bool {
    let value = value.trim();
    value.len() >= MIN_BY_NAME && !COMMON.contains(&value.to_ascii_lowercase().as_str())
}

/// Whether a name is meant by one of the patterns of `--mask`: a name, or one
/// with `*` and `?`.
#[must_use]
pub fn matches_name(patterns: &[String], name: &str) -> bool {
    patterns.iter().any(|pattern| glob(pattern, name))
}

/// Whether a variable's value is not to get out: by its name being one of
/// `--mask`, or with `by_name` by what its name and value say.
#[must_use]
pub fn is_meant(patterns: &[String], by_name: bool, name: &str, value: &str) -> bool {
    matches_name(patterns, name) || (by_name && is_secret_name(name) && is_telling(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_known() {
        for name in [
            "GITHUB_TOKEN",
            "npm_token",
            "AWS_SECRET_ACCESS_KEY",
            "DB_PASSWORD",
            "TOKEN",
            "SECRET_KEY_BASE",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in ["PATH", "TOKENIZER", "KEYBOARD", "AWS_REGION", "SECRETARY"] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn common_words_are_no_secrets() {
        for value in ["", "true", "FALSE", "12345", "enabled", " none "] {
            assert!(!is_telling(value), "{value}");
        }
        assert!(is_telling("hunter2"));
    }

    #[test]
    fn patterns_mean_names() {
        let patterns = ["DEPLOY_*".to_owned(), "EXACT".to_owned()];
        assert!(matches_name(&patterns, "DEPLOY_KEY"));
        assert!(matches_name(&patterns, "EXACT"));
        assert!(!matches_name(&patterns, "EXACTLY"));
    }
}
