//! The command `phase` of a session's shells, defined once: its help, which the
//! shells print, and its manual page are made from here. What it does is in
//! `shell/command.bash`.

use std::fmt::Write as _;

/// A form of the command: its words, and what it does in one sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// What is typed after `phase`.
    pub words: &'static str,
    /// What it does, without a full stop.
    pub about: &'static str,
}

const fn form(words: &'static str, about: &'static str) -> Form {
    Form { words, about }
}

/// The forms, in the order of the help.
pub const FORMS: [Form; 17] = [
    form("list", "Lists the phases, and what has run"),
    form("status", "Says what runs now, and how the last run ended"),
    form("show PHASE", "Prints the commands of a phase, numbered"),
    form(
        "run [OPTIONS]",
        "Runs the build as the CI would, without deploy",
    ),
    form(
        "run [OPTIONS] PHASE[:N|:N-M|:N-]",
        "Runs a phase, or some of its steps; so does travis_run_PHASE [N|N-M|N-]",
    ),
    form("from PHASE[:N]", "Runs the build from there to its end"),
    form(
        "next",
        "Goes on with a build that is held; otherwise runs the step after the last one",
    ),
    form(
        "skip",
        "Goes on as if the held step had passed; otherwise passes over the next step",
    ),
    form(
        "retry",
        "Runs the last step again, in the directory and environment in which it began",
    ),
    form("shell", "Goes back into the state of the step that is held"),
    form("pass", "Decides that the build passed"),
    form("fail", "Decides that the build failed"),
    form("log PHASE[:N]", "Prints the output of a step's last run"),
    form(
        "diff PHASE[:N]",
        "Compares the outputs of a step's last two runs",
    ),
    form(
        "goto PHASE[:N]",
        "Goes to the output of a step's last run, in copy mode",
    ),
    form("timeline", "Prints every run of every step"),
    form("help", "Prints this list"),
];

/// The options of `phase run`.
pub const OPTIONS: [Form; 7] = [
    form("--from PHASE[:N]", "Begin there"),
    form("--keep-going", "Go on after a step that failed"),
    form("--dry-run", "Print what would run, and run nothing"),
    form("--travis-exact", "Print and run exactly what Travis would"),
    form("--yes", "Really run a phase that publishes"),
    form("--hold", "Stop at a failing step, in its state"),
    form("--no-hold", "Do not stop there"),
];

/// The functions of Travis that phases may call, and those which do nothing here.
pub const TRAVIS: [Form; 6] = [
    form(
        "travis_cmd COMMAND [--echo] [--timing] [--assert] [--retry] [--display TEXT]",
        "Evaluates a command in the shell of the phase",
    ),
    form(
        "travis_retry COMMAND, travis_wait [MINUTES] COMMAND",
        "Run a command up to three times, and with a sign of life every minute",
    ),
    form(
        "travis_fold start|end NAME, travis_time_start, travis_time_finish, travis_nanoseconds",
        "Mark parts of the output, and time",
    ),
    form(
        "travis_result STATUS, travis_assert STATUS, travis_terminate STATUS",
        "Count a result, stop the phase at a failure, and stop it; no window ends by them",
    ),
    form(
        "travis_download, travis_wait_for_network, travis_wait_for_port, travis_jigger, \
         travis_vers2int, travis_has_makefile, travis_find_jdk_path, travis_remove_from_path, \
         travis_bash_qsort_numeric, travis_apt_get_update, travis_install_go_dependencies, \
         travis_script_go, travis_whereami, travis_footer, travis_cleanup",
        "Do what they do on Travis",
    ),
    form(
        "travis_setup_..., travis_install_..., travis_preamble and others",
        "Prepare Travis's own machines; they say so and do nothing",
    ),
];

/// The help, for a terminal.
#[must_use]
pub fn help() -> String {
    let mut text = String::new();
    for Form { words, about } in &FORMS {
        let _ = writeln!(text, "phase {words:<33} {about}");
    }
    text.push_str("options of run:\n");
    for Form { words, about } in &OPTIONS {
        let _ = writeln!(text, "  {words:<37} {about}");
    }
    text.push_str("A phase goes by its name, its number, or a beginning that only one has.\n");
    text
}

/// The help as a function for bash.
pub(super) fn function() -> String {
    let help = super::functions::quote(&help());
    format!("__stepmux_help() {{\nbuiltin printf '%s' {help}\n}}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_fits_a_terminal_and_names_every_form() {
        let help = help();
        for line in help.lines() {
            assert!(line.len() <= 120, "{line}");
        }
        for Form { words, about } in FORMS.iter().chain(&OPTIONS) {
            assert!(help.contains(words), "{words}");
            assert!(!about.ends_with('.'), "{about}");
        }
    }
}
