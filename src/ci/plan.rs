//! What `stepmux debug` hands to the server about a build: in a private file,
//! since the nonce must not appear among any process's arguments.

use serde::{Deserialize, Serialize};

use super::model::Build;

/// A build to be debugged.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Plan {
    /// The build as its file says.
    pub build: Build,
    /// Which of its jobs, from 0.
    pub job: usize,
    /// The program and arguments of a window with the phases loaded.
    pub shell: Vec<String>,
    /// What the shell functions' marks must carry to be believed.
    pub nonce: String,
}
