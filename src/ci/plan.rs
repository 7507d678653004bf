//! What `stepmux debug` hands to the server about a build: in a private file,
//! since the nonce must not appear among any process's arguments.

use serde::{Deserialize, Serialize};

use super::life::Limits;
use super::model::Build;

/// A build to be debugged.
#[derive(Clone, Serialize, Deserialize)]
pub struct Plan {
    /// The build as its file says.
    pub build: Build,
    /// Which of its jobs, from 0.
    pub job: usize,
    /// The program and arguments of a window with the phases loaded.
    pub shell: Vec<String>,
    /// What the shell functions' marks must carry to be believed.
    pub nonce: String,
    /// How long the debug VM lives.
    #[serde(default)]
    pub limits: Limits,
    /// The first window runs the build; otherwise people do.
    #[serde(default)]
    pub runs: bool,
    /// Values that must not get out.
    #[serde(default)]
    pub secrets: Vec<String>,
}

impl std::fmt::Debug for Plan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Neither nonce nor secrets.
        f.debug_struct("Plan")
            .field("job", &self.job)
            .field("shell", &self.shell)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
