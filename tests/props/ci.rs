//! CI files: any text is a build or an error with a place, in bounded memory,
//! whatever system reads it and whatever it includes; each job of a build can be
//! chosen by its name and has its functions.

use stepmux::ci::functions::{self, Setting};
use stepmux::ci::show::{self, Paint};
use stepmux::ci::{Mark, Source, System, detect, load};

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
            let said = !build.jobs.is_empty() || !build.warnings.is_empty();
            assert!(
                said,
                "{system:?}: a build without a job, and nobody says so"
            );
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

/// The text of a file, read as that of every system: the first line of it that is
/// a path's leads to the same text again.
pub fn ci_systems(data: &[u8]) {
    let text = text(data);
    let _ = detect::detect("x.yml", &text);
    let read = |path: &str| match path {
        "gone" => Err("no such file".to_owned()),
        dir if dir.ends_with('/') => Ok("a.yml\nb/\naction.yml".to_owned()),
        _ => Ok(text.to_string()),
    };
    for system in detect::SYSTEMS {
        let source = Source {
            file: "x.yml",
            read: &read,
        };
        match load::load(system, &text, source) {
            Ok(build) => {
                assert_eq!(build.system, system);
                let json = show::json(&build, None, Some("x.yml"));
                assert!(!json.contains('\n') && json.starts_with("{\"file\":\"x.yml\","));
                for (index, job) in build.jobs.iter().enumerate().take(20) {
                    let shown = show::job(index + 1, job, Paint::Plain);
                    assert!(!shown.contains('\x1b'), "an escape reaches the terminal");
                    let vars = job.env.iter();
                    for var in vars.chain(
                        job.phases
                            .iter()
                            .flat_map(|p| &p.steps)
                            .flat_map(|s| &s.env),
                    ) {
                        let sound = |ch: char| ch.is_ascii_alphanumeric() || ch == '_';
                        assert!(var.name.chars().all(sound), "{} is no name", var.name);
                    }
                }
            }
            Err(error) => {
                assert!(system == System::Scripts || !error.message.is_empty());
                assert!(error.to_string().contains(':'));
            }
        }
    }
}
