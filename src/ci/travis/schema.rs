//! What travis-yml knows: the keys of each level with their shapes and aliases,
//! the values of `language`, `os` and `arch`, and which keys a language or system
//! supports. Facts only; source: travis-yml's schema (schema.json) and the table
//! of matrix keys in its documentation.

/// Where a key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Root,
    /// An entry of `jobs.include`, `exclude` or `allow_failures`.
    Job,
    /// `jobs` itself.
    Jobs,
    /// `env` of the root.
    Env,
}

/// What a key's value is made into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A list of commands.
    Commands,
    /// A list of strings.
    Strings,
    /// One string: of a list the first.
    Text,
    /// One of the languages.
    Language,
    /// A list of systems, or one.
    Systems,
    System,
    /// A list of architectures, or one.
    Architectures,
    Architecture,
    /// Kept as it is.
    Any,
}

/// A word that stands for another.
pub(super) type Alias = (&'static str, &'static str);

/// The matrix keys in Travis's order: the last varies fastest, `env` comes after.
pub(super) const AXES: [&str; 36] = [
    "os",
    "arch",
    "compiler",
    "osx_image",
    "jdk",
    "crystal",
    "dotnet",
    "mono",
    "solution",
    "d",
    "dart",
    "dart_task",
    "elixir",
    "otp_release",
    "elm",
    "node_js",
    "go",
    "hhvm",
    "php",
    "ghc",
    "haxe",
    "julia",
    "matlab",
    "nix",
    "perl",
    "perl6",
    "python",
    "r",
    "rvm",
    "gemfile",
    "xcode_scheme",
    "xcode_sdk",
    "rust",
    "scala",
    "smalltalk",
    "smalltalk_config",
];

/// The one axis that does not fit in the list's order of names, the last but `env`.
pub(super) const LAST_AXIS: &str = "smalltalk_vm";

/// All matrix keys in order.
pub(super) fn axes() -> impl Iterator<Item = &'static str> {
    AXES.into_iter().chain([LAST_AXIS])
}

pub(super) fn is_axis(key: &str) -> bool {
    axes().any(|axis| axis == key)
}

/// The root's keys that no job inherits (travis-yml's `Matrix::DROP`).
pub(super) const NOT_SHARED: [&str; 8] = [
    "jobs",
    "import",
    "stages",
    "notifications",
    "version",
    "allow_failure",
    "conditions",
    "merge_mode",
];

const COMMANDS: [&str; 10] = [
    "before_install",
    "install",
    "before_script",
    "script",
    "before_cache",
    "after_success",
    "after_failure",
    "before_deploy",
    "after_deploy",
    "after_script",
];

/// Keys with one string.
const TEXTS: [&str; 24] = [
    "dist",
    "if",
    "group",
    "lein",
    "elm_format",
    "elm_test",
    "gobuild_args",
    "go_import_path",
    "neko",
    "npm_args",
    "podfile",
    "bundler_args",
    "xcode_destination",
    "xcode_project",
    "xcode_workspace",
    "xctool_args",
    "composer_args",
    "sbt_args",
    "bioc",
    "cran",
    "pandoc_version",
    "r_build_args",
    "r_check_args",
    "virt",
];

/// Keys with a list of strings which make no jobs.
const LISTS: [&str; 9] = [
    "hxml",
    "services",
    "keys",
    "r_packages",
    "r_binary_packages",
    "r_github_packages",
    "apt_packages",
    "bioc_packages",
    "brew_packages",
];

/// Keys of the root and of jobs whose values are kept as they are.
const OTHERS: [&str; 24] = [
    "sudo",
    "env",
    "vm",
    "vault",
    "android",
    "with_content_shell",
    "gimme_config",
    "virtualenv",
    "smalltalk_edge",
    "addons",
    "branches",
    "cache",
    "deploy",
    "git",
    "workspaces",
    "bioc_check",
    "bioc_required",
    "bioc_use_devel",
    "disable_homebrew",
    "latex",
    "pandoc",
    "r_check_revdep",
    "warnings_are_errors",
    "remotes",
];

const ROOT_ONLY: [&str; 11] = [
    "stack",
    "import",
    "stages",
    "jobs",
    "notifications",
    "version",
    "conditions",
    "filter_secrets",
    "trace",
    "perforce_test_path",
    "repos",
];

const JOB_ONLY: [&str; 4] = ["name", "stage", "allow_failure", "branch"];

/// Keys of R which a misspelt key is never taken for.
const NOT_GUESSED: [&str; 21] = [
    "r_packages",
    "r_binary_packages",
    "r_github_packages",
    "apt_packages",
    "bioc_packages",
    "brew_packages",
    "bioc",
    "bioc_check",
    "bioc_required",
    "bioc_use_devel",
    "cran",
    "disable_homebrew",
    "latex",
    "pandoc",
    "pandoc_version",
    "r_build_args",
    "r_check_args",
    "r_check_revdep",
    "warnings_are_errors",
    "remotes",
    "repos",
];

const JOBS: [&str; 4] = ["include", "exclude", "allow_failures", "fast_finish"];
const ENV: [&str; 2] = ["global", "jobs"];

const KEY_ALIASES: [Alias; 6] = [
    ("node", "node_js"),
    ("ruby", "rvm"),
    ("rbenv", "rvm"),
    ("gemfiles", "gemfile"),
    ("virtual_env", "virtualenv"),
    ("virtualization", "virt"),
];
const ROOT_ALIASES: [Alias; 1] = [("matrix", "jobs")];
const JOBS_ALIASES: [Alias; 2] = [
    ("allowed_failures", "allow_failures"),
    ("fast_failure", "fast_finish"),
];

/// Every key that a level knows.
pub(super) fn known(level: Level) -> Vec<&'static str> {
    match level {
        Level::Jobs => JOBS.to_vec(),
        Level::Env => ENV.to_vec(),
        Level::Root | Level::Job => {
            let own: &[&str] = if level == Level::Root {
                &ROOT_ONLY
            } else {
                &JOB_ONLY
            };
            let lists: [&[&'static str]; 5] = [&COMMANDS, &TEXTS, &LISTS, &OTHERS, own];
            let mut all = vec!["language"];
            all.extend(axes());
            all.extend(lists.into_iter().flatten());
            all
        }
    }
}

pub(super) fn is_known(level: Level, key: &str) -> bool {
    match level {
        Level::Jobs => JOBS.contains(&key),
        Level::Env => ENV.contains(&key),
        Level::Root | Level::Job => {
            key == "language"
                || COMMANDS.contains(&key)
                || TEXTS.contains(&key)
                || LISTS.contains(&key)
                || OTHERS.contains(&key)
                || is_axis(key)
                || (level == Level::Root && ROOT_ONLY.contains(&key))
                || (level == Level::Job && JOB_ONLY.contains(&key))
        }
    }
}

/// The keys that a misspelt key may be taken for.
pub(super) fn guesses(level: Level) -> Vec<&'static str> {
    let mut all = known(level);
    all.retain(|key| !NOT_GUESSED.contains(key));
    all.extend(aliases(level).map(|(alias, _)| alias));
    all
}

fn aliases(level: Level) -> impl Iterator<Item = Alias> {
    let none: &[Alias] = &[];
    let (own, shared) = match level {
        Level::Root => (&ROOT_ALIASES[..], &KEY_ALIASES[..]),
        Level::Job => (none, &KEY_ALIASES[..]),
        Level::Jobs => (&JOBS_ALIASES[..], none),
        Level::Env => (&[("matrix", "jobs")][..], none),
    };
    own.iter().chain(shared).copied()
}

pub(super) fn alias(level: Level, key: &str) -> Option<&'static str> {
    aliases(level)
        .find(|(name, _)| *name == key)
        .map(|(_, key)| key)
}

/// What the value of a key of the root or of a job is made into.
pub(super) fn shape(level: Level, key: &str) -> Shape {
    let root = level == Level::Root;
    match key {
        "language" => Shape::Language,
        "os" if root => Shape::Systems,
        "os" => Shape::System,
        "arch" if root => Shape::Architectures,
        "arch" => Shape::Architecture,
        "dart_task" => Shape::Any,
        "smalltalk_config" | "smalltalk_vm" => Shape::Strings,
        "name" | "stage" | "branch" => Shape::Text,
        key if COMMANDS.contains(&key) => Shape::Commands,
        key if TEXTS.contains(&key) => Shape::Text,
        key if LISTS.contains(&key) => Shape::Strings,
        key if is_axis(key) && root => Shape::Strings,
        key if is_axis(key) => Shape::Text,
        _ => Shape::Any,
    }
}

/// The languages which have a key; none means all.
fn languages_of(key: &str) -> &'static [&'static str] {
    match key {
        "compiler" => &["c", "cpp"],
        "jdk" => &["android", "clojure", "groovy", "java", "ruby", "scala"],
        "crystal" => &["crystal"],
        "dotnet" | "mono" | "solution" => &["csharp"],
        "d" => &["d"],
        "dart" | "dart_task" | "with_content_shell" => &["dart"],
        "elixir" => &["elixir"],
        "otp_release" => &["elixir", "erlang"],
        "elm" | "elm_format" | "elm_test" => &["elm"],
        "node_js" => &["elm", "node_js"],
        "npm_args" => &["node_js"],
        "go" | "gobuild_args" | "go_import_path" | "gimme_config" => &["go"],
        "hhvm" => &["hack"],
        "php" => &["hack", "php"],
        "composer_args" => &["php"],
        "ghc" => &["haskell"],
        "haxe" | "hxml" | "neko" => &["haxe"],
        "julia" => &["julia"],
        "lein" => &["clojure"],
        "matlab" => &["matlab"],
        "nix" => &["nix"],
        "perl" => &["perl"],
        "perl6" => &["perl6"],
        "python" | "virtualenv" => &["python"],
        "r" => &["r"],
        "rvm" | "gemfile" | "bundler_args" => &["ruby", "objective-c"],
        "xcode_scheme" | "xcode_sdk" | "xcode_destination" | "xcode_project"
        | "xcode_workspace" | "xctool_args" | "podfile" => &["objective-c"],
        "rust" => &["rust"],
        "scala" | "sbt_args" => &["scala"],
        "smalltalk" | "smalltalk_config" | "smalltalk_vm" | "smalltalk_edge" => &["smalltalk"],
        _ => &[],
    }
}

fn systems_of(key: &str) -> &'static [&'static str] {
    match key {
        "osx_image" => &["osx"],
        "arch" => &["linux"],
        _ => &[],
    }
}

/// Whether a key counts for a language and systems. A key that only some systems
/// have counts when all of those are among several (travis-yml's `Support`).
pub(super) fn supported(key: &str, language: Option<&str>, systems: &[&str]) -> bool {
    let only = languages_of(key);
    let by_language = only.is_empty() || language.is_none_or(|name| only.contains(&name));
    let only = systems_of(key);
    let by_system = only.is_empty()
        || systems.iter().all(|system| only.contains(system))
        || only.iter().all(|system| systems.contains(system));
    by_language && by_system
}

pub(super) const LANGUAGES: [&str; 41] = [
    "android",
    "c",
    "clojure",
    "cpp",
    "crystal",
    "csharp",
    "d",
    "dart",
    "elixir",
    "elm",
    "erlang",
    "generic",
    "go",
    "groovy",
    "hack",
    "haskell",
    "haxe",
    "java",
    "julia",
    "matlab",
    "nix",
    "node_js",
    "perl",
    "perl6",
    "php",
    "python",
    "r",
    "ruby",
    "objective-c",
    "rust",
    "scala",
    "shell",
    "smalltalk",
    "__connie__",
    "__amethyst__",
    "__garnet__",
    "__stevonnie__",
    "__opal__",
    "__sardonyx__",
    "__onion__",
    "__cookiecat__",
];

pub(super) const LANGUAGE_ALIASES: [Alias; 11] = [
    ("c++", "cpp"),
    ("golang", "go"),
    ("jvm", "java"),
    ("javascript", "node_js"),
    ("js", "node_js"),
    ("node", "node_js"),
    ("objective_c", "objective-c"),
    ("swift", "objective-c"),
    ("bash", "shell"),
    ("minimal", "shell"),
    ("sh", "shell"),
];

pub(super) const SYSTEMS: [&str; 5] = ["linux", "osx", "windows", "freebsd", "linux-ppc64le"];

pub(super) const SYSTEM_ALIASES: [Alias; 7] = [
    ("ubuntu", "linux"),
    ("mac", "osx"),
    ("macos", "osx"),
    ("macosx", "osx"),
    ("ios", "osx"),
    ("win", "windows"),
    ("bsd", "freebsd"),
];

pub(super) const ARCHITECTURES: [&str; 6] = [
    "amd64",
    "arm64",
    "arm64-graviton2",
    "ppc64le",
    "i386",
    "s390x",
];

pub(super) const ARCHITECTURE_ALIASES: [Alias; 6] = [
    ("x86_64", "amd64"),
    ("x64", "amd64"),
    ("power", "ppc64le"),
    ("ppc", "ppc64le"),
    ("ppc64", "ppc64le"),
    ("x86", "i386"),
];
