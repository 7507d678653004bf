//! What stepmux knows of a build: CI files become one model, the model becomes
//! shell functions, their marks become a timeline, and pane output becomes a
//! readable log. It runs no command, and reads no file, clock or environment.

mod asks;
pub mod banner;
pub mod circleci;
pub mod compare;
pub mod detect;
pub mod functions;
pub mod github;
pub mod gitlab;
pub mod harness;
pub mod life;
pub mod load;
#[cfg(test)]
mod mangle;
pub mod mirror;
pub mod model;
pub mod names;
mod notes;
mod outline;
pub mod own;
pub mod phase_help;
pub mod plan;
pub mod scripts;
pub mod show;
pub mod timeline;
pub mod travis;
mod yaml;

use travis::env as travis_env;

pub use load::Source;
pub use model::{
    Ask, Build, EnvVar, Isolation, Job, JobError, OnFailure, Origin, Phase, PhaseKind, Step,
    System, When,
};
pub use plan::Plan;
pub use timeline::{Mark, Run, Sighting, Timeline};
pub use yaml::{CiError, Place};
