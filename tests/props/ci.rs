//! CI files: any text is a build or an error with a place, in bounded memory;
//! each job of a build can be chosen by its name and has its functions.

use stepmux::ci::functions::{self, Setting};
use stepmux::ci::{Mark, travis};

use super::text;

/// The text of a `.travis.yml`.
pub fn ci_file(data: &[u8]) {
    let text = text(data);
    // Marks come from the same hands as the file.
    for line in text.lines().take(16) {
        let mark = Mark::parse(&format!("nonce;{line}"), "nonce");
        assert_eq!(mark, Mark::parse(&format!("nonce;{line};x=y"), "nonce"));
    }
    match travis::load(&text, ".travis.yml") {
        Ok(build) => {
            for job in &build.jobs {
                let script = functions::phases(build.system, job, &Setting::default());
                for name in functions::names(job) {
                    assert!(script.contains(&name), "{name} is not defined");
                }
                assert!(!script.contains('\0'), "a NUL ends a script");
            }
            let _ = build.job(None);
            for name in build.jobs() {
                assert!(!name.is_empty());
            }
        }
        Err(error) => {
            assert!(!error.message.is_empty());
            assert!(error.to_string().starts_with(".travis.yml:"));
        }
    }
}
