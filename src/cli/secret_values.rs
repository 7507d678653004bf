//! Which values a debug build must not let out: those of the variables that its
//! CI file encrypts, that the command line names, and whose name says so. Values
//! are read from this process's environment, and written nowhere but to the
//! private plan.

use crate::base::mask::{MIN_VALUE, is_secret_name, is_telling, matches_name};
use crate::ci::Job;

/// The values, each once. `named` are names or patterns of `--mask`; with `by_name`
/// variables whose name tells of a secret count too.
///
/// # Errors
/// A name without a `*` of which there is no variable, or whose value is too
/// short to be looked for: it would get out, and the user believes otherwise.
pub(super) fn of(
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
        let told = by_name && is_secret_name(&name) && is_telling(&value);
        if (secure || meant || told) && !values.contains(&value) {
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
        of(&job, &named, by_name, env())
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
