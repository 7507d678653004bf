//! What may not get out of exports and recordings: the values of variables whose
//! names say so, of this process and of those it is given. It reads the
//! environment and nothing else.

use clap::Args;

use crate::base::mask::{Secrets, is_secret_name, is_telling, matches_name};

/// Which values are taken out.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct Masks {
    /// Take out the value of this variable too, with * and ? of several; those
    /// whose names end in _TOKEN, _PASSWORD and the like always are; may be
    /// repeated
    #[arg(long, value_name = "NAME")]
    mask: Vec<String>,
}

impl Masks {
    /// Whether a variable's value is to be taken out.
    pub(super) fn means(&self, name: &str, value: &str) -> bool {
        matches_name(&self.mask, name) || (is_secret_name(name) && is_telling(value))
    }

    /// The values of this process's environment, of further variables, and those
    /// that are known.
    ///
    /// # Errors
    /// A sentence: they are too many.
    pub(super) fn secrets(
        &self,
        more: impl IntoIterator<Item = (String, String)>,
        known: Vec<String>,
    ) -> Result<Secrets, String> {
        let own = std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        let meant = |(name, value): &(String, String)| self.means(name, value);
        let mut values = known;
        values.extend(own.chain(more).filter(meant).map(|pair| pair.1));
        values.sort_unstable();
        values.dedup();
        Secrets::of(values)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn names_and_wishes_choose_the_values() {
        let masks = Masks {
            mask: vec!["MY_*".to_owned()],
        };
        let pairs = [
            ("API_TOKEN", "abcdef123456"),
            ("MY_WORD", "sesame-open"),
            ("USER_TOKEN", "true"),
            ("PATHS", "/usr/somewhere"),
        ];
        let own = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let secrets = masks.secrets(own, vec!["told-by-plan".to_owned()]).unwrap();
        let text = secrets.mask("abcdef123456 sesame-open true /usr/somewhere told-by-plan");
        assert_eq!(text, "[secure] [secure] true /usr/somewhere [secure]");
    }
}
