//! Environment variables of the server and of each session (tmux(1), "GLOBAL
//! AND SESSION ENVIRONMENT").

use std::collections::BTreeMap;

/// A variable as an [`Environ`] holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its value; none means that the variable is removed from what programs
    /// get.
    pub value: Option<String>,
    /// Not given to programs, only to formats (`set-environment -h`).
    pub hidden: bool,
}

/// A set of variables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environ {
    variables: BTreeMap<String, Variable>,
}

impl Environ {
    /// The set of a process's variables.
    #[must_use]
    pub fn from_pairs(pairs: &[(String, String)]) -> Self {
        let mut environ = Self::default();
        for (name, value) in pairs {
            environ.set(name, value, false);
        }
        environ
    }

    /// Sets a variable.
    pub fn set(&mut self, name: &str, value: &str, hidden: bool) {
        let value = Some(value.to_owned());
        self.variables
            .insert(name.to_owned(), Variable { value, hidden });
    }

    /// Marks a variable as removed (`set-environment -r`).
    pub fn remove(&mut self, name: &str) {
        let gone = Variable {
            value: None,
            hidden: false,
        };
        self.variables.insert(name.to_owned(), gone);
    }

    /// Forgets a variable (`set-environment -u`).
    pub fn unset(&mut self, name: &str) {
        self.variables.remove(name);
    }

    /// A variable, if the set names it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Variable> {
        self.variables.get(name)
    }

    /// A variable's value.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.get(name)?.value.as_deref()
    }

    /// All variables by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Variable)> {
        self.variables
            .iter()
            .map(|(name, variable)| (name.as_str(), variable))
    }

    /// What programs get: `self` with `over` on top, hidden and removed
    /// variables left out.
    #[must_use]
    pub fn merged(&self, over: &Self) -> Self {
        let mut variables = self.variables.clone();
        variables.extend(over.variables.iter().map(|(n, v)| (n.clone(), v.clone())));
        Self { variables }
    }

    /// The variables as a process gets them.
    #[must_use]
    pub fn to_pairs(&self) -> Vec<(String, String)> {
        self.variables
            .iter()
            .filter(|(_, variable)| !variable.hidden)
            .filter_map(|(name, variable)| Some((name.clone(), variable.value.clone()?)))
            .collect()
    }

    /// Takes over what a client brings for the names of `update-environment`
    /// (fnmatch patterns are the caller's); names it lacks are removed.
    pub fn update(&mut self, names: &[&str], client: &Self) {
        for name in names {
            match client.value(name) {
                Some(value) => self.set(name, value, false),
                None => self.remove(name),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environ_merges_and_hides() {
        let mut global = Environ::from_pairs(&[("A".into(), "1".into()), ("B".into(), "2".into())]);
        global.set("SECRET", "x", true);
        let mut session = Environ::default();
        session.remove("A");
        session.set("C", "3", false);
        let pairs = global.merged(&session).to_pairs();
        let expected: Vec<_> = [("B", "2"), ("C", "3")]
            .map(|(n, v)| (n.to_owned(), v.to_owned()))
            .into();
        assert_eq!(pairs, expected);
    }

    #[test]
    fn update_takes_what_the_client_has_and_removes_the_rest() {
        let client = Environ::from_pairs(&[("DISPLAY".into(), ":1".into())]);
        let mut session = Environ::default();
        session.update(&["DISPLAY", "SSH_AUTH_SOCK"], &client);
        assert_eq!(session.value("DISPLAY"), Some(":1"));
        assert_eq!(
            session.get("SSH_AUTH_SOCK").map(|v| v.value.is_none()),
            Some(true)
        );
    }
}
