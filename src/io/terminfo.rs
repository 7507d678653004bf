//! Where ncurses finds terminfo entries (terminfo(5), "Fetching Compiled
//! Descriptions"), and one of them as it lies there, bounded. It reads plain
//! files alone, in either layout; what is in them is for others to say.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};

/// The longest entry, in bytes: ncurses makes none longer (term(5)).
const MAX_ENTRY: u64 = 32 << 10;

/// The longest name of a terminal, in bytes.
const MAX_NAME: usize = 128;

/// Places looked in at most: each costs two calls of the system.
const MAX_PLACES: usize = 64;

/// What ncurses looks in when no variable says otherwise, as the systems of
/// today have it built.
const SYSTEM: [&str; 4] = [
    "/etc/terminfo",
    "/lib/terminfo",
    "/usr/share/terminfo",
    "/usr/lib/terminfo",
];

/// The entry of a terminal's name as programs here find it; empty where there is
/// none, or none that is a plain file of at most 32 KiB.
#[must_use]
pub fn of_this_machine(term: &str) -> Vec<u8> {
    find(term, |name| std::env::var(name).ok())
}

/// Whether programs here find a terminal's description.
#[must_use]
pub fn has(term: &str) -> bool {
    !of_this_machine(term).is_empty()
}

/// Whether programs with these variables find a terminal's description on a
/// machine whose files lie below `root`.
#[must_use]
pub fn is_below(root: &Path, term: &str, env: impl Fn(&str) -> Option<String>) -> bool {
    !find_below(root, term, env).is_empty()
}

fn find(term: &str, env: impl Fn(&str) -> Option<String>) -> Vec<u8> {
    find_below(Path::new("/"), term, env)
}

fn find_below(root: &Path, term: &str, env: impl Fn(&str) -> Option<String>) -> Vec<u8> {
    let fits = !term.is_empty()
        && term.len() <= MAX_NAME
        && !term.starts_with('.')
        && term
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'/');
    let Some(&first) = term.as_bytes().first().filter(|_| fits) else {
        return Vec::new();
    };
    let read_in = |place: PathBuf| {
        let place = root.join(place.strip_prefix("/").unwrap_or(&place));
        let by_letter = place.join(char::from(first).to_string()).join(term);
        // Where the system's names have no case.
        let by_code = place.join(format!("{first:02x}")).join(term);
        read(&by_letter).or_else(|| read(&by_code))
    };
    let mut places = places(env).into_iter().take(MAX_PLACES);
    places.find_map(read_in).unwrap_or_default()
}

/// The directories of entries, in the order in which they are looked in.
fn places(env: impl Fn(&str) -> Option<String>) -> Vec<PathBuf> {
    let set = |name: &str| env(name).filter(|value| !value.is_empty());
    let mut places: Vec<PathBuf> = Vec::new();
    places.extend(set("TERMINFO").map(PathBuf::from));
    places.extend(set("HOME").map(|home| Path::new(&home).join(".terminfo")));
    for place in set("TERMINFO_DIRS").iter().flat_map(|dirs| dirs.split(':')) {
        match place {
            "" => places.extend(SYSTEM.map(PathBuf::from)),
            place => places.push(PathBuf::from(place)),
        }
    }
    places.extend(SYSTEM.map(PathBuf::from));
    places.retain(|place| place.is_absolute());
    places
}

/// A plain file's bytes, if they are not too many. Something else that waits for
/// a writer is not waited for.
fn read(path: &Path) -> Option<Vec<u8>> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty()).ok()?);
    let about = file.metadata().ok()?;
    if !about.is_file() || about.len() > MAX_ENTRY {
        return None;
    }
    let mut bytes = Vec::new();
    file.take(MAX_ENTRY + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 <= MAX_ENTRY).then_some(bytes)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::fs;

    use super::*;

    fn env_of(vars: &[(&'static str, &Path)]) -> impl Fn(&str) -> Option<String> + use<> {
        let vars: Vec<(&'static str, String)> = vars
            .iter()
            .map(|(name, path)| (*name, path.display().to_string()))
            .collect();
        move |name| {
            let found = vars.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| value.clone())
        }
    }

    fn put(dir: &Path, name: &str, bytes: &[u8]) {
        let path = dir.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    #[test]
    fn entry_is_found_where_ncurses_finds_it() {
        let room = tempfile::tempdir().unwrap();
        let path = |name: &str| room.path().join(name);
        put(&path("own"), "m/made-up", b"own");
        put(&path("home/.terminfo"), "6d/made-up", b"home");
        put(&path("two"), "m/made-up", b"dirs");
        let (own, home) = (path("own"), path("home"));
        let dirs = PathBuf::from(format!(
            ":{}:{}",
            path("one").display(),
            path("two").display()
        ));
        let all = [
            ("TERMINFO", own.as_path()),
            ("HOME", home.as_path()),
            ("TERMINFO_DIRS", dirs.as_path()),
        ];
        assert_eq!(find("made-up", env_of(&all)), b"own");
        assert_eq!(find("made-up", env_of(&all[1..])), b"home");
        assert_eq!(find("made-up", env_of(&all[2..])), b"dirs");
        assert_eq!(find("made-up", env_of(&[])), b"");
        assert_eq!(find("not-made", env_of(&all)), b"");
    }

    #[test]
    fn nothing_but_bounded_plain_files_is_read() {
        let room = tempfile::tempdir().unwrap();
        let dir = room.path().join("own");
        put(&dir, "l/large", &[0; (32 << 10) + 1]);
        put(&dir, "f/full", &[0; 32 << 10]);
        fs::create_dir_all(dir.join("d/dir")).unwrap();
        fs::create_dir_all(dir.join("p")).unwrap();
        let mode = Mode::RUSR | Mode::WUSR;
        rustix::fs::mknodat(
            rustix::fs::CWD,
            dir.join("p/pipe"),
            rustix::fs::FileType::Fifo,
            mode,
            0,
        )
        .unwrap();
        put(room.path(), "secret", b"secret");
        let env = || env_of(&[("TERMINFO", &dir)]);
        assert_eq!(find("full", env()).len(), 32 << 10);
        for name in [
            "large",
            "dir",
            "pipe",
            "",
            "..",
            "../secret",
            "x/../../secret",
            "a b",
            "\u{e9}",
        ] {
            assert_eq!(find(name, env()), b"", "{name}");
        }
        assert_eq!(find("full", env_of(&[("TERMINFO", Path::new("own"))])), b"");
    }
}
