//! CI files: any text is a build or an error with a place, in bounded memory;
//! each job of a build can be chosen by its name and has its functions.

use stepmux::ci::functions::{self, Setting};
use stepmux::ci::{Mark, Source, System, load};

use super::text;

/// The systems whose files are YAML.
const SYSTEMS: [System; 5] = [
    System::Travis,
    System::Circleci,
    System::Github,
    System::Gitlab,
    System::Harness,
];

/// The text of a CI file, as that of each system.
pub fn ci_file(data: &[u8]) {
    let text = text(data);
    // Marks come from the same hands as the file.
    for line in text.lines().take(16) {
        let mark = Mark::parse(&format!("nonce;{line}"), "nonce");
        assert_eq!(mark, Mark::parse(&format!("nonce;{line};x=y"), "nonce"));
    }
    for system in SYSTEMS {
        as_system(system, &text);
    }
}

fn as_system(system: System, text: &str) {
    match load::load(system, text, Source::alone("ci.yml")) {
        Ok(build) => {
            assert!(!build.jobs.is_empty(), "{system:?}: a build without a job");
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
            assert!(error.to_string().starts_with("ci.yml:"), "{error}");
        }
    }
}
