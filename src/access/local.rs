//! Which other users of the machine may come in by the local socket (tmux(1),
//! server-access). Nobody, until they are named; the server's own user and root
//! always, who could enter anyway.

use std::collections::BTreeMap;

use super::Grant;

/// Whom an entry means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// A user, by number.
    User(u32),
    /// Whoever has this effective group, by number.
    Group(u32),
}

/// What is granted, and the name it was granted under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The user's or group's name.
    pub name: String,
    /// All that the owner may; otherwise they only look.
    pub writes: bool,
}

/// The list of those who may come in: users by number, then groups.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LocalAccess(BTreeMap<Who, Entry>);

impl LocalAccess {
    /// What someone may do; an entry for the user goes before one for the group.
    #[must_use]
    pub fn grant(&self, uid: u32, gid: u32) -> Option<Grant> {
        let user = self.0.get(&Who::User(uid));
        let entry = user.or_else(|| self.0.get(&Who::Group(gid)))?;
        Some(if entry.writes {
            Grant::Admin
        } else {
            Grant::View
        })
    }

    /// Whether someone is named.
    #[must_use]
    pub fn has(&self, who: Who) -> bool {
        self.0.contains_key(&who)
    }

    /// The name of a user who is named.
    #[must_use]
    pub fn user(&self, uid: u32) -> Option<&str> {
        Some(&self.0.get(&Who::User(uid))?.name)
    }

    /// Names someone, or changes what they may do.
    pub fn set(&mut self, who: Who, entry: Entry) {
        self.0.insert(who, entry);
    }

    /// Names someone no longer; whether they were.
    pub fn remove(&mut self, who: Who) -> bool {
        self.0.remove(&who).is_some()
    }

    /// The entries as `server-access -l` shows them, a line each.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|(who, entry)| {
            let kind = match who {
                Who::User(_) => 'U',
                Who::Group(_) => 'G',
            };
            let right = if entry.writes { 'W' } else { 'R' };
            format!("{} ({kind},{right})", entry.name)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, writes: bool) -> Entry {
        Entry {
            name: name.to_owned(),
            writes,
        }
    }

    #[test]
    fn user_goes_before_group_and_nobody_else_comes_in() {
        let mut access = LocalAccess::default();
        assert_eq!(access.grant(7, 9), None);
        access.set(Who::Group(9), entry("team", true));
        access.set(Who::User(7), entry("ann", false));
        assert_eq!(access.grant(7, 9), Some(Grant::View));
        assert_eq!(access.grant(8, 9), Some(Grant::Admin));
        // A user's number is no group's.
        assert_eq!(access.grant(9, 7), None);
        let lines: Vec<_> = access.lines().collect();
        assert_eq!(lines, ["ann (U,R)", "team (G,W)"]);
        assert!(access.remove(Who::User(7)) && !access.remove(Who::User(7)));
        assert_eq!(access.grant(7, 9), Some(Grant::Admin));
    }
}
