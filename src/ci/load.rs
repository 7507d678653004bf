//! Which CI system a file belongs to, and its loader. Files are read by the caller:
//! a loader that follows an include asks for it.

use super::model::{Build, System};
use super::yaml::{CiError, Place};
use super::{circleci, github, gitlab, harness, own, travis};

/// A file to be loaded, and where others are to be had.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// Its name, for messages.
    pub file: &'a str,
    /// The text of another file of the checkout, by its path from the top; for a
    /// path that ends in `/` the names in that directory, one a line, those of
    /// directories ending in `/`. The error is a reason in a few words.
    pub read: &'a dyn Fn(&str) -> Result<String, String>,
}

impl<'a> Source<'a> {
    /// A file that stands alone: every other is refused.
    #[must_use]
    pub fn alone(file: &'a str) -> Self {
        Self {
            file,
            read: &|_| Err("no other file is at hand".to_owned()),
        }
    }
}

/// Reads a file's text as that of a system.
///
/// # Errors
/// When the text cannot be understood; with file, line and column.
pub fn load(system: System, text: &str, source: Source<'_>) -> Result<Build, CiError> {
    match system {
        System::Travis => travis::load(text, source.file),
        System::Circleci => circleci::load(text, source),
        System::Harness => harness::load(text, source),
        System::Github => github::load(text, source),
        System::Gitlab => gitlab::load(text, source),
        System::Stepmux => own::load(text, source),
        System::Scripts => Err(CiError {
            file: source.file.to_owned(),
            place: Place { line: 1, column: 1 },
            message: "scripts are read from their directory".to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn file_is_read_by_the_loader_of_its_system() {
        let build = load(System::Travis, "script: make\n", Source::alone("f")).unwrap();
        assert_eq!(build.system, System::Travis);
        let error = load(System::Scripts, "", Source::alone("f")).unwrap_err();
        assert!(error.to_string().contains("scripts"), "{error}");
    }
}
