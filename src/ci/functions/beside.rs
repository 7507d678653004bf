//! The phases for shells that are not bash: a program `phase` which runs them in a
//! bash beside the shell, and what each shell reads at its start to call it. No
//! dotfile of the user's is touched: the start files read them, and go away.

use super::quote;

/// What the program `phase` does after it has loaded the phases.
const BESIDE: &str = include_str!("../shell/beside.bash");

/// Where the files of a session are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    /// The private directory of all of them.
    pub dir: String,
    /// Our own program.
    pub bin: String,
}

impl Paths {
    fn quoted(&self, name: &str) -> String {
        quote(&format!("{}/{name}", self.dir))
    }
}

/// The program `phase`, and by other names `travis_run_…`.
#[must_use]
pub fn program(paths: &Paths, nonce: &str, exact: bool) -> String {
    let exact = if exact {
        "STEPMUX_TRAVIS_EXACT=1\n"
    } else {
        ""
    };
    format!(
        "#!/usr/bin/env bash\n\
         STEPMUX_BESIDE=${{STEPMUX_BESIDE:-sh.$PPID}}\n\
         __stepmux_caller=$(declare -px)\n\
         STEPMUX_MARK={}\nSTEPMUX_BIN={}\n{exact}. {}\n{BESIDE}",
        quote(nonce),
        quote(&paths.bin),
        paths.quoted("phases.bash"),
    )
}

/// The functions of a POSIX shell or zsh, which take back what the phases changed.
fn functions(paths: &Paths, kind: &str, names: &[String]) -> String {
    let carry = quote(&format!("{}/build/beside.{kind}.", paths.dir));
    let mut text = format!(
        "__stepmux_beside() {{\n  \
           __stepmux_name=$1; shift\n  \
           STEPMUX_BESIDE={kind}.$$ {}/\"$__stepmux_name\" \"$@\"\n  \
           set -- $? {carry}$$/carry\n  \
           if [ -s \"$2\" ]; then . \"$2\"; command rm -f \"$2\"; fi\n  \
           return \"$1\"\n}}\n",
        paths.quoted("bin")
    );
    for name in std::iter::once("phase").chain(names.iter().map(String::as_str)) {
        text.push_str(&format!("{name}() {{ __stepmux_beside {name} \"$@\"; }}\n"));
    }
    text + &super::by_name(&quote(&paths.bin))
}

/// Shows the first shell's help, and takes it away.
fn motd(paths: &Paths) -> String {
    let motd = paths.quoted("motd");
    format!(
        "if __stepmux_motd=$(command cat {motd} 2>/dev/null) && command rm {motd} 2>/dev/null; then\n  \
           printf '%s\\n\\n' \"$__stepmux_motd\"\nfi\nunset __stepmux_motd\n"
    )
}

/// The file of `ENV` for an interactive POSIX shell (sh(1)). `env` is the user's own
/// value of that variable.
#[must_use]
pub fn sh(paths: &Paths, names: &[String], env: Option<&str>) -> String {
    let own = match env {
        Some(file) => format!(
            "ENV={0}; export ENV\nif [ -r \"$ENV\" ]; then . \"$ENV\"; fi\n",
            quote(file)
        ),
        None => "unset ENV\n".to_owned(),
    };
    format!(
        "if [ -r /etc/profile ]; then . /etc/profile; fi\n\
         if [ -r ~/.profile ]; then . ~/.profile; fi\n\
         {own}set +e\n{}{}",
        functions(paths, "sh", names),
        motd(paths)
    )
}

/// The start files of an interactive login zsh, by their names in the directory
/// that `ZDOTDIR` is to name (zsh(1), "STARTUP/SHUTDOWN FILES"). `own` is the
/// user's own value of that variable.
#[must_use]
pub fn zsh(paths: &Paths, names: &[String], own: Option<&str>) -> Vec<(&'static str, String)> {
    let dir = paths.quoted("zsh");
    let first = match own {
        Some(own) => format!("ZDOTDIR={}\n", quote(own)),
        None => "unset ZDOTDIR\n".to_owned(),
    };
    let theirs =
        "if (( ${+__stepmux_zdotdir} )); then ZDOTDIR=$__stepmux_zdotdir; else unset ZDOTDIR; fi\n";
    let ours = format!(
        "if (( ${{+ZDOTDIR}} )); then __stepmux_zdotdir=$ZDOTDIR; else unset __stepmux_zdotdir; fi\nZDOTDIR={dir}\n"
    );
    let real = |name: &str| {
        format!(
            "if [[ -r ${{ZDOTDIR:-$HOME}}/{name} ]]; then source ${{ZDOTDIR:-$HOME}}/{name}; fi\n"
        )
    };
    let history = format!(
        "if [[ ${{HISTFILE-}} == {dir}/* ]]; then HISTFILE=${{ZDOTDIR:-$HOME}}/.zsh_history; fi\n"
    );
    vec![
        (".zshenv", format!("{first}{}{ours}", real(".zshenv"))),
        (".zprofile", format!("{theirs}{}{ours}", real(".zprofile"))),
        (
            ".zshrc",
            format!("{theirs}{history}{}{ours}", real(".zshrc")),
        ),
        (
            ".zlogin",
            format!(
                "{theirs}unset __stepmux_zdotdir\n{}unsetopt err_exit\n{}{}",
                real(".zlogin"),
                functions(paths, "zsh", names),
                motd(paths)
            ),
        ),
    ]
}

/// What fish reads after its own files.
#[must_use]
pub fn fish(paths: &Paths, names: &[String]) -> String {
    let word = |text: &str| format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"));
    let (bin, motd) = (
        word(&format!("{}/bin/", paths.dir)),
        word(&format!("{}/motd", paths.dir)),
    );
    let carry = word(&format!("{}/build/beside.fish.", paths.dir));
    let mut text = format!(
        "function __stepmux_beside\n  \
           env STEPMUX_BESIDE=fish.$fish_pid {bin}$argv[1] $argv[2..-1]\n  \
           set -l __stepmux_status $status\n  \
           set -l __stepmux_carry {carry}$fish_pid/carry\n  \
           if test -s $__stepmux_carry\n    source $__stepmux_carry\n    command rm -f $__stepmux_carry\n  end\n  \
           return $__stepmux_status\nend\n"
    );
    for name in std::iter::once("phase").chain(names.iter().map(String::as_str)) {
        text.push_str(&format!(
            "function {name}; __stepmux_beside {name} $argv; end\n"
        ));
    }
    text.push_str(&format!(
        "if not type -q stepmux\n  function stepmux; {} $argv; end\nend\n",
        word(&paths.bin)
    ));
    text.push_str(&format!(
        "if test -e {motd}\n  set -l __stepmux_motd (cat {motd} | string collect)\n  \
         command rm {motd} 2>/dev/null; and printf '%s\\n\\n' \"$__stepmux_motd\"\nend\n"
    ));
    text
}
