//! `serve.toml`: who may ask for debug builds, and how they are started. Tokens
//! are there as hashes; a file that admits nobody is an error.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;

use super::template::Template;
use crate::access::TokenHash;
use crate::base::duration::parse_duration;
use crate::base::glob;
use crate::io::reason;

/// The name of the template that runs `stepmux debug` on this machine.
pub const LOCAL: &str = "local";

/// Debug builds at a time, unless the file says otherwise.
const MAX_RUNNING: usize = 32;

/// How the usual template starts a debug build.
const LOCAL_WORDS: [&str; 19] = [
    "{stepmux}",
    "-f",
    "/dev/null",
    "-L",
    "job-{id}",
    "debug",
    "--no-attach",
    "--share",
    "--name=job-{id}",
    "--previous={previous}",
    "--login={login}",
    "{?quiet}--quiet",
    "{?file}--file={file}",
    "{?job}--job={job}",
    "{?wait}--wait={wait}",
    "{?keep}--keep={keep}",
    "{?idle}--idle={idle}",
    "{?max}--max={max}",
    "{?cap}--cap={cap}",
];

/// How long a debug build stays unless the file says otherwise: Travis CI's 30
/// minutes for whoever is not there, and 2 hours in all.
const LIMITS: [(&str, Option<&str>); 5] = [
    ("wait", Some("30m")),
    ("keep", None),
    ("idle", Some("30m")),
    ("max", Some("2h")),
    ("cap", None),
];

/// After which time any debug build's command is ended.
const ENDS_AFTER: &str = "3h";

/// What turns a limit off.
const NO_LIMIT: &str = "none";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    #[serde(default)]
    token: Vec<TokenRow>,
    #[serde(default)]
    template: Option<String>,
    #[serde(default)]
    templates: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    max_running: Option<usize>,
    #[serde(default)]
    limits: BTreeMap<String, String>,
    #[serde(default)]
    ends_after: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenRow {
    login: String,
    sha256: String,
    #[serde(default = "every")]
    repos: Vec<String>,
    #[serde(default = "yes")]
    debug: bool,
}

fn every() -> Vec<String> {
    vec!["*".to_owned()]
}

const fn yes() -> bool {
    true
}

/// Someone who holds a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The name under which they ask.
    pub login: String,
    /// They may debug, not only look.
    pub debug: bool,
    repos: Vec<String>,
}

impl Holder {
    /// Whether they may know of a repository.
    #[must_use]
    pub fn sees(&self, repo: &str) -> bool {
        self.repos.iter().any(|pattern| glob(pattern, repo))
    }
}

/// Who may ask, and how debug builds are started.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Debug builds at a time.
    pub max_running: usize,
    /// How long a debug build's command may run.
    pub(super) ends_after: Option<Duration>,
    limits: BTreeMap<&'static str, String>,
    holders: Vec<(TokenHash, Holder)>,
    usual: String,
    templates: BTreeMap<String, Template>,
}

impl Settings {
    /// Reads a file.
    ///
    /// # Errors
    /// A sentence for the user.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            format!(
                "{}: {} (--add-token LOGIN makes a token)",
                path.display(),
                reason(&error)
            )
        })?;
        Self::parse(&text).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// Reads a file's text.
    ///
    /// # Errors
    /// A sentence that names what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut holders = Vec::new();
        for row in file.token {
            check_login(&row.login)?;
            let hash = TokenHash::from_hex(&row.sha256);
            let hash = hash.ok_or_else(|| {
                format!(
                    "token of {}: sha256 is not 64 hexadecimal digits",
                    row.login
                )
            })?;
            let holder = Holder {
                login: row.login,
                debug: row.debug,
                repos: row.repos,
            };
            holders.push((hash, holder));
        }
        if holders.is_empty() {
            return Err("no token: nobody may ask (--add-token LOGIN makes one)".to_owned());
        }
        let local: Vec<String> = LOCAL_WORDS.map(str::to_owned).to_vec();
        let mut templates = BTreeMap::from([(LOCAL.to_owned(), Template::parse(&local)?)]);
        for (name, words) in file.templates {
            let template =
                Template::parse(&words).map_err(|error| format!("template {name}: {error}"))?;
            templates.insert(name, template);
        }
        let usual = file.template.unwrap_or_else(|| LOCAL.to_owned());
        if !templates.contains_key(&usual) {
            return Err(format!("there is no template {usual}"));
        }
        let ends_after = file.ends_after.as_deref().unwrap_or(ENDS_AFTER);
        let ends_after = match ends_after {
            NO_LIMIT => None,
            time => Some(parse_duration(time).map_err(|error| format!("ends-after: {error}"))?),
        };
        Ok(Self {
            max_running: file.max_running.unwrap_or(MAX_RUNNING),
            ends_after,
            limits: limits(&file.limits)?,
            holders,
            usual,
            templates,
        })
    }

    /// Who holds a token. Every hash is compared, so the time tells nothing.
    #[must_use]
    pub fn holder(&self, token: &str) -> Option<&Holder> {
        let hash = TokenHash::of(token);
        let mut found = None;
        for (known, holder) in &self.holders {
            if *known == hash {
                found = Some(holder);
            }
        }
        found
    }

    /// How long debug builds stay: what is put in for a limit's name.
    pub(super) fn limits(&self) -> impl Iterator<Item = (&'static str, &String)> {
        self.limits.iter().map(|(name, time)| (*name, time))
    }

    /// The template of a name, or the usual one.
    #[must_use]
    pub(super) fn template(&self, name: Option<&str>) -> Option<&Template> {
        self.templates.get(name.unwrap_or(&self.usual))
    }
}

/// The limits that hold: those of the file, and the usual ones for the others.
fn limits(told: &BTreeMap<String, String>) -> Result<BTreeMap<&'static str, String>, String> {
    if let Some(name) = told
        .keys()
        .find(|name| LIMITS.iter().all(|(own, _)| own != name))
    {
        return Err(format!("limits: there is no limit {name}"));
    }
    let mut limits = BTreeMap::new();
    for (name, usual) in LIMITS {
        let time = told.get(name).map(String::as_str).or(usual);
        if let Some(time) = time.filter(|time| *time != NO_LIMIT) {
            parse_duration(time).map_err(|error| format!("limits: {name}: {error}"))?;
            limits.insert(name, time.to_owned());
        }
    }
    Ok(limits)
}

/// Adds a token to the file, which is made when there is none. The token's text
/// is not kept.
///
/// # Errors
/// A sentence for the user.
pub fn add_token(
    path: &Path,
    login: &str,
    repos: &[String],
    debug: bool,
    hash: &TokenHash,
) -> Result<(), String> {
    check_login(login)?;
    let said = |error: std::io::Error| format!("{}: {}", path.display(), reason(&error));
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let mut row = String::new();
    let _ = write!(
        row,
        "\n[[token]]\nlogin = {}\nsha256 = \"{}\"\n",
        quoted(login),
        hash.hex()
    );
    if !repos.is_empty() {
        let list: Vec<String> = repos.iter().map(|repo| quoted(repo)).collect();
        let _ = writeln!(row, "repos = [{}]", list.join(", "));
    }
    if !debug {
        row.push_str("debug = false\n");
    }
    let old = match std::fs::read_to_string(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        read => read.map_err(said)?,
    };
    Settings::parse(&format!("{old}{row}"))
        .map_err(|error| format!("{}: {error}", path.display()))?;
    let mut file = std::fs::OpenOptions::new();
    let mut file = file
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
        .map_err(said)?;
    file.write_all(row.as_bytes()).map_err(said)?;
    file.sync_all().map_err(said)
}

/// Names that need no care in a log, a URL or an argument.
fn check_login(login: &str) -> Result<(), String> {
    let sound = |ch: char| ch.is_ascii_alphanumeric() || matches!(ch, '-' | '_' | '.' | '@');
    let starts = login.starts_with(|ch: char| ch.is_ascii_alphanumeric());
    if starts && login.len() <= 64 && login.chars().all(sound) {
        return Ok(());
    }
    Err(format!(
        "login {login:?} is not of letters, digits, - _ . and @, at most 64"
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn row(token: &str, more: &str) -> String {
        let hash = TokenHash::of(token).hex();
        format!("[[token]]\nlogin = 'octo'\nsha256 = '{hash}'\n{more}\n")
    }

    #[test]
    fn tokens_tell_who_asks_and_about_what() {
        let text = row("one", "repos = ['octo/*']") + &row("two", "debug = false");
        let settings = Settings::parse(&text).unwrap();
        let one = settings.holder("one").unwrap();
        assert!(one.debug && one.sees("octo/lab") && !one.sees("other/lab"));
        let two = settings.holder("two").unwrap();
        assert!(!two.debug && two.sees("other/lab"));
        for wrong in ["", "One", "one ", &TokenHash::of("one").hex()] {
            assert_eq!(settings.holder(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn settings_are_refused_with_a_reason() {
        for (text, wanted) in [
            ("", "nobody may ask"),
            ("[[token]]\nlogin='a'\nsha256='12'", "not 64 hexadecimal"),
            ("[[token]]\nlogin='-a'\nsha256=''", "is not of letters"),
            ("template='x'\n", "nobody may ask"),
            ("tokens=1", "unknown field"),
        ] {
            let error = Settings::parse(text).unwrap_err();
            assert!(error.contains(wanted), "{text}: {error}");
        }
        let text = format!("template = 'x'\n{}", row("one", ""));
        let error = Settings::parse(&text).unwrap_err();
        assert!(error.contains("no template x"), "{error}");
        for (text, wanted) in [
            ("ends-after = 'soon'", "ends-after: no duration: soon"),
            ("limits = { max = '2x' }", "limits: max: no duration: 2x"),
            ("limits = { most = '2h' }", "there is no limit most"),
        ] {
            let error = Settings::parse(&format!("{text}\n{}", row("one", ""))).unwrap_err();
            assert!(error.contains(wanted), "{text}: {error}");
        }
    }

    #[test]
    fn debug_builds_end_by_themselves_unless_the_file_says_otherwise() {
        let settings = Settings::parse(&row("one", "")).unwrap();
        let told = |settings: &Settings| -> Vec<String> {
            let limits = settings.limits();
            limits
                .map(|(name, time)| format!("{name}={time}"))
                .collect()
        };
        assert_eq!(told(&settings), ["idle=30m", "max=2h", "wait=30m"]);
        assert_eq!(settings.ends_after, Some(Duration::from_secs(10_800)));
        let text = "ends-after = 'none'\nlimits = { keep = '1h', max = 'none', cap = '4h' }\n";
        let settings = Settings::parse(&format!("{text}{}", row("one", ""))).unwrap();
        assert_eq!(
            told(&settings),
            ["cap=4h", "idle=30m", "keep=1h", "wait=30m"]
        );
        assert_eq!(settings.ends_after, None);
        let values = settings
            .limits()
            .map(|(name, time)| (name.to_owned(), time.clone()));
        let mut values: super::super::template::Values = values.collect();
        for name in ["stepmux", "id", "previous", "login"] {
            values.insert(name.to_owned(), "x".to_owned());
        }
        let words = settings.template(None).unwrap().fill(&values).unwrap();
        assert!(
            words.ends_with(
                &["--wait=30m", "--keep=1h", "--idle=30m", "--cap=4h"].map(str::to_owned)
            )
        );
    }

    #[test]
    fn added_tokens_read_back_and_are_kept_as_hashes() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("serve.toml");
        for (login, token) in [("octo", "first-secret"), ("hub", "second-secret")] {
            let repos = [format!("{login}/*")];
            add_token(&path, login, &repos, true, &TokenHash::of(token)).unwrap();
        }
        let settings = Settings::read(&path).unwrap();
        let hub = settings.holder("second-secret").unwrap();
        assert_eq!(hub.login, "hub");
        assert!(hub.sees("hub/x") && !hub.sees("octo/x"));
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(!text.contains("secret"), "{text}");
        let mode = std::os::unix::fs::PermissionsExt::mode(&path.metadata().unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
        assert!(add_token(&path, "a\nb", &[], true, &TokenHash::of("x")).is_err());
    }
}
