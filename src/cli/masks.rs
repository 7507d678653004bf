//! Which values may not get out: of a debug build those of the variables that its
//! CI file encrypts, that the command line names, and whose name says so; of exports
//! and recordings further ones. It reads this process's environment, and writes
//! values nowhere: they go to the private plan alone.

use clap::Args;

use crate::base::mask::{MIN_VALUE, Secrets, is_meant, matches_name};
use crate::ci::Job;

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
        is_meant(&self.mask, true, name, value)
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
        let own = environment();
        let meant = |(name, value): &(String, String)| self.means(name, value);
        let mut values = known;
        values.extend(own.chain(more).filter(meant).map(|pair| pair.1));
        values.sort_unstable();
        values.dedup();
        Secrets::of(values)
    }
}

/// This process's variables, so far as they are text.
pub(super) fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// The values, each once. `named` are names or patterns of `--mask`; with `by_name`
/// variables whose name tells of a secret count too.
///
/// # Errors
/// A name without a `*` of which there is no variable, or whose value is too
/// short to be looked for: it would get out, and the user believes otherwise.
pub(super) fn of_job(
    job: &Job,
    named: &[String],
    by_name: bool,
    env: impl Iterator<Item = (String, String)>,
) -> Result<Vec<String>, String> {
    let mut missing: Vec<&String> = named
        .iter()
        .filter(|name| !name.contains(['*', '?', '[']))
        .collect();
    let mut values = Vec::new();
    for (name, value) in env {
        let secure = job.env.iter().any(|var| var.secure && var.name == name);
        let meant = matches_name(named, &name);
        if meant && missing.contains(&&name) {
            if value.trim().len() < MIN_VALUE {
                return Err(format!(
                    "can't mask {name}: its value has less than {MIN_VALUE} characters"
                ));
            }
            missing.retain(|other| **other != name);
        }
        let told = is_meant(named, by_name, &name, &value);
        if (secure || told) && !values.contains(&value) {
            values.push(value);
        }
    }
    match missing.first() {
        Some(name) => Err(format!("can't mask {name}: there is no such variable")),
        None => Ok(values),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::ci::EnvVar;

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

    fn env() -> impl Iterator<Item = (String, String)> {
        [
            ("PATH", "/usr/bin"),
            ("DEPLOY_TOKEN", "t0ken-value"),
            ("SHORT_TOKEN", "abc"),
            ("ENCRYPTED", "x1y2z3"),
            ("MINE", "my value"),
            ("EMPTY", ""),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
    }

    fn found(named: &[&str], by_name: bool) -> Result<Vec<String>, String> {
        let job = Job {
            env: vec![EnvVar {
                name: "ENCRYPTED".to_owned(),
                value: String::new(),
                secure: true,
            }],
            ..Job::default()
        };
        let named: Vec<String> = named.iter().map(|&name| name.to_owned()).collect();
        of_job(&job, &named, by_name, env())
    }

    #[test]
    fn values_of_encrypted_named_and_telling_variables_are_secret() {
        assert_eq!(found(&[], true).unwrap(), ["t0ken-value", "x1y2z3"]);
        assert_eq!(found(&[], false).unwrap(), ["x1y2z3"]);
        assert_eq!(found(&["MI*"], false).unwrap(), ["x1y2z3", "my value"]);
        assert_eq!(found(&["MINE"], false).unwrap(), ["x1y2z3", "my value"]);
    }

    #[test]
    fn name_that_masks_nothing_is_refused() {
        for (name, why) in [
            ("NOSUCH", "can't mask NOSUCH: there is no such variable"),
            (
                "EMPTY",
                "can't mask EMPTY: its value has less than 3 characters",
            ),
        ] {
            assert_eq!(found(&[name], true).unwrap_err(), why);
        }
        assert!(found(&["NOSUCH_*"], true).is_ok());
    }
}
