//! The three grants, weakest first, and by what a guest comes to one.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a client may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Grant {
    /// Sees everything, changes nothing.
    View,
    /// View, and types, and runs the commands that change windows and panes.
    Type,
    /// Everything, sharing and killing the server included.
    Admin,
}

impl Grant {
    /// Whether this grant covers what needs `needed`.
    #[must_use]
    pub fn allows(self, needed: Self) -> bool {
        self >= needed
    }
}

/// By what a guest was let in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Means {
    /// A token as the user name.
    #[default]
    Token,
    /// A listed public key.
    Key,
    /// A certificate of a listed authority.
    Certificate,
    /// The operator's own program.
    Program,
}

impl fmt::Display for Means {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Token => "token",
            Self::Key => "key",
            Self::Certificate => "certificate",
            Self::Program => "program",
        })
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::View => "view",
            Self::Type => "type",
            Self::Admin => "admin",
        })
    }
}

impl FromStr for Grant {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "view" => Ok(Self::View),
            "type" => Ok(Self::Type),
            "admin" => Ok(Self::Admin),
            _ => Err(format!("unknown grant: {name} (view, type or admin)")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grants_are_ordered_by_strength() {
        assert!(Grant::Admin.allows(Grant::View));
        assert!(Grant::Type.allows(Grant::Type));
        assert!(!Grant::View.allows(Grant::Type));
        assert_eq!("type".parse(), Ok(Grant::Type));
        assert!("owner".parse::<Grant>().is_err());
    }
}
