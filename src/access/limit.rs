//! To whom a share is limited: a forge's user, a file of keys, a file of
//! authorities. It names addresses and files; it opens neither.

use std::fmt;
use std::str::FromStr;

/// Longest user name of a forge, in characters.
const USER_MAX: usize = 64;

/// A place whose users' keys are public.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forge {
    /// GitHub, or what answers like it.
    Github,
    /// GitLab, or what answers like it.
    Gitlab,
}

/// One entry of `--limit-to`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LimitTo {
    /// The keys of a forge's user: `gh:USER`, `gl:USER`.
    User(Forge, String),
    /// The authorities of a file: `ca:FILE`.
    Authorities(String),
    /// The keys of a file.
    File(String),
}

impl LimitTo {
    /// Where a user's keys are, below a forge's address; none for a file.
    #[must_use]
    pub fn url(&self, github: &str, gitlab: &str) -> Option<String> {
        let Self::User(forge, user) = self else {
            return None;
        };
        let base = match forge {
            Forge::Github => github,
            Forge::Gitlab => gitlab,
        };
        Some(format!("{}/{user}.keys", base.trim_end_matches('/')))
    }

    /// The same with its file's path made by `path`.
    #[must_use]
    pub fn map_path(self, path: impl FnOnce(&str) -> String) -> Self {
        match self {
            Self::Authorities(file) => Self::Authorities(path(&file)),
            Self::File(file) => Self::File(path(&file)),
            user @ Self::User(..) => user,
        }
    }
}

impl FromStr for LimitTo {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let user = |forge, name: &str| {
            // A name that could leave its place in the address is none.
            let plain = |ch: char| ch.is_ascii_alphanumeric() || matches!(ch, '-' | '_' | '.');
            let good =
                name.chars().all(plain) && name.starts_with(|ch: char| ch.is_ascii_alphanumeric());
            if good && name.len() <= USER_MAX {
                Ok(Self::User(forge, name.to_owned()))
            } else {
                Err(format!("no user name: {}", super::keys::short(name)))
            }
        };
        match text.split_once(':') {
            Some(("gh" | "github", name)) => user(Forge::Github, name),
            Some(("gl" | "gitlab", name)) => user(Forge::Gitlab, name),
            Some(("ca", file)) if !file.is_empty() => Ok(Self::Authorities(file.to_owned())),
            _ if text.is_empty() => Err("limited to nobody".to_owned()),
            _ => Ok(Self::File(text.to_owned())),
        }
    }
}

impl fmt::Display for LimitTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(Forge::Github, name) => write!(f, "gh:{name}"),
            Self::User(Forge::Gitlab, name) => write!(f, "gl:{name}"),
            Self::Authorities(file) => write!(f, "ca:{file}"),
            Self::File(file) => f.write_str(file),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limit_names_a_user_an_authority_or_a_file() {
        for (text, url) in [
            ("gh:ann", Some("https://hub/ann.keys")),
            ("gl:b.o-b", Some("https://lab/b.o-b.keys")),
            ("ca:/etc/ca.pub", None),
            ("keys", None),
        ] {
            let limit = text.parse::<LimitTo>();
            let shown = limit.as_ref().map(ToString::to_string);
            assert_eq!(shown.as_deref(), Ok(text));
            let found = limit
                .ok()
                .and_then(|limit| limit.url("https://hub/", "https://lab"));
            assert_eq!(found.as_deref(), url);
        }
        for text in ["", "gh:", "gh:../x", "gh:a/b", "gl:-x", "gh:a%2f", "gh:a b"] {
            assert!(text.parse::<LimitTo>().is_err(), "{text}");
        }
    }
}
