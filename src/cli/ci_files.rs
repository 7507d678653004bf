//! CI files on the disk: which one is meant, its text, the system it is for, and
//! the other files of its checkout. It reads; what a text means is `ci`'s.

use std::cell::Cell;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::base::Label;
use crate::ci::scripts::{self, Script};
use crate::ci::{Build, Source, System, detect, load};
use crate::io::reason;

/// The longest CI file, in bytes.
const MAX_FILE: u64 = 16 << 20;

/// The longest file that a CI file names, in bytes.
const MAX_OTHER: u64 = 1 << 20;

/// The most files, or listings of directories, that one CI file may ask for.
const MAX_OTHERS: u32 = 256;

/// The most scripts of a directory.
const MAX_SCRIPTS: usize = 1000;

/// Where a system's files are in a checkout; a directory holds several.
const PLACES: [(&str, System); 7] = [
    ("stepmux.toml", System::Stepmux),
    (".travis.yml", System::Travis),
    (".circleci/config.yml", System::Circleci),
    (".circleci/config.yaml", System::Circleci),
    (".github/workflows/", System::Github),
    (".gitlab-ci.yml", System::Gitlab),
    (".harness/", System::Harness),
];

/// How a CI file is chosen on the command line, beside its name.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct Choice {
    /// Read the file as that of a system: travis, circleci, github, gitlab,
    /// harness or stepmux; otherwise its path and its keys tell
    #[arg(long, value_name = "NAME", value_parser = system)]
    pub(super) system: Option<System>,
    /// Take the scripts of a directory for phases, in the order of their names,
    /// instead of a CI file
    #[arg(long, value_name = "DIR", conflicts_with = "system")]
    pub(super) phases_dir: Option<PathBuf>,
}

/// The system of a name on the command line.
fn system(name: &str) -> Result<System, String> {
    detect::named(name)
        .filter(|system| *system != System::Scripts)
        .ok_or_else(|| {
            let names = detect::SYSTEMS.map(System::name);
            let names = names.iter().filter(|name| **name != "scripts");
            let names: Vec<&str> = names.copied().collect();
            format!("one of {}", names.join(", "))
        })
}

/// A build, and what it was read from.
#[derive(Debug)]
pub(super) struct Found {
    /// The build as the file says.
    pub(super) build: Build,
    /// What the user may want to know of the choice.
    pub(super) note: Option<String>,
}

impl Choice {
    /// The build of a named file, or of the one of the working directory.
    /// `how` says how a file is named, such as `with --file`.
    ///
    /// # Errors
    /// A sentence for the user, with file, line and column where there is one.
    pub(super) fn build(&self, file: Option<&Path>, how: &str) -> Result<Found, String> {
        if let Some(dir) = &self.phases_dir {
            if file.is_some() {
                return Err("a file and --phases-dir exclude each other".to_owned());
            }
            let build = scripts_of(dir)?;
            return Ok(Found { build, note: None });
        }
        let (file, note) = match file {
            Some(file) => (file.to_owned(), None),
            None => self.find(how)?,
        };
        let build = self.read(&file)?;
        Ok(Found { build, note })
    }

    /// The build of a file.
    ///
    /// # Errors
    /// As [`Choice::build`].
    pub(super) fn read(&self, file: &Path) -> Result<Build, String> {
        let shown = file.to_string_lossy();
        let (text, bad) = text(file)?;
        let system = self.system.or_else(|| detect::detect(&shown, &text));
        let Some(system) = system else {
            // What is not even YAML has a better message than a guess at its system.
            detect::well_formed(&text, &shown).map_err(|error| error.to_string())?;
            return Err(format!(
                "{shown}: cannot tell which CI system it is for; say so with --system NAME"
            ));
        };
        let checkout = Checkout::of(file);
        let read = |path: &str| checkout.read(path);
        let source = Source {
            file: &shown,
            read: &read,
        };
        let mut build = load::load(system, &text, source).map_err(|error| error.to_string())?;
        if let Some((line, column)) = bad {
            let message = "not UTF-8; what is not was replaced";
            build
                .warnings
                .insert(0, format!("{shown}:{line}:{column}: {message}"));
        }
        Ok(build)
    }

    /// The CI file of the working directory, and a note on those passed over.
    fn find(&self, how: &str) -> Result<(PathBuf, Option<String>), String> {
        let all = all(Path::new(""));
        let fits = |system: System| self.system.is_none_or(|wanted| wanted == system);
        let mut groups = all.into_iter().filter(|group| fits(group.0));
        let Some((_, files)) = groups.next() else {
            let names = PLACES.iter().filter(|place| fits(place.1));
            let names: Vec<&str> = names.map(|place| place.0).collect();
            let names = names.join(", ");
            return Err(format!(
                "no CI file here (looked for {names}); name one {how}"
            ));
        };
        let [file] = files.as_slice() else {
            let mut message = format!("several CI files are here, name one {how}:");
            for file in files {
                let _ = write!(message, "\n  {}", Label::new(&file.to_string_lossy()));
            }
            return Err(message);
        };
        let others: Vec<String> = groups
            .flat_map(|group| group.1)
            .map(|other| Label::new(&other.to_string_lossy()).to_string())
            .collect();
        let note = (!others.is_empty()).then(|| {
            let file = file.to_string_lossy();
            let others = others.join(", ");
            format!("{file} is taken; there is also {others}: name another {how}")
        });
        Ok((file.clone(), note))
    }
}

/// Every CI file of a checkout, by system, in the order of the search.
pub(super) fn all(top: &Path) -> Vec<(System, Vec<PathBuf>)> {
    let mut groups: Vec<(System, Vec<PathBuf>)> = Vec::new();
    for (name, system) in PLACES {
        let files = if let Some(dir) = name.strip_suffix('/') {
            let depth = if system == System::Harness { 3 } else { 1 };
            let mut files = Vec::new();
            yaml_files(&top.join(dir), depth, &mut files);
            files.sort();
            files
        } else {
            let file = top.join(name);
            if file.is_file() {
                vec![file]
            } else {
                Vec::new()
            }
        };
        if files.is_empty() {
            continue;
        }
        match groups.last_mut().filter(|group| group.0 == system) {
            Some(group) => group.1.extend(files),
            None => groups.push((system, files)),
        }
    }
    groups
}

fn yaml_files(dir: &Path, depth: u32, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(dir) else {
        return;
    };
    for entry in entries.flatten().take(MAX_SCRIPTS) {
        let path = entry.path();
        let yaml = path
            .extension()
            .is_some_and(|end| end == "yml" || end == "yaml");
        if yaml && path.is_file() {
            files.push(path);
        } else if depth > 1 && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            yaml_files(&path, depth - 1, files);
        }
    }
}

/// A file's text, and where its first byte stands that is no UTF-8. UTF-16 with
/// its mark is read as such, as libyaml does.
fn text(file: &Path) -> Result<(String, Option<(usize, usize)>), String> {
    let bytes = bytes(file, MAX_FILE).map_err(|why| format!("{}: {why}", file.display()))?;
    let wide = |of: fn([u8; 2]) -> u16| {
        let units = bytes[2..]
            .chunks_exact(2)
            .map(|pair| of([pair[0], pair[1]]));
        char::decode_utf16(units)
            .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect::<String>()
    };
    match bytes.get(..2) {
        Some([0xff, 0xfe]) => return Ok((wide(u16::from_le_bytes), None)),
        Some([0xfe, 0xff]) => return Ok((wide(u16::from_be_bytes), None)),
        _ => {}
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok((text, None)),
        Err(error) => {
            let good = error.utf8_error().valid_up_to();
            let bytes = error.as_bytes();
            let before = String::from_utf8_lossy(&bytes[..good]);
            let line = before.matches('\n').count() + 1;
            let last = before.rsplit('\n').next().unwrap_or_default();
            let place = (line, last.chars().count() + 1);
            Ok((String::from_utf8_lossy(bytes).into_owned(), Some(place)))
        }
    }
}

/// A regular file's bytes.
fn bytes(file: &Path, limit: u64) -> Result<Vec<u8>, String> {
    let about = fs::metadata(file).map_err(|error| reason(&error))?;
    if about.is_dir() {
        return Err("Is a directory".to_owned());
    }
    if about.is_file() && about.len() > limit {
        return Err(format!("longer than {} MiB", limit >> 20));
    }
    let mut bytes = Vec::new();
    let opened = fs::File::open(file).map_err(|error| reason(&error))?;
    let read = std::io::Read::read_to_end(&mut std::io::Read::take(opened, limit + 1), &mut bytes);
    read.map_err(|error| reason(&error))?;
    if bytes.len() as u64 > limit {
        return Err(format!("longer than {} MiB", limit >> 20));
    }
    Ok(bytes)
}

/// The files that a CI file may ask for: those of its checkout, and no other.
#[derive(Debug)]
struct Checkout {
    top: PathBuf,
    asked: Cell<u32>,
}

impl Checkout {
    /// The checkout that a CI file is in: above its system's usual directory, else
    /// the nearest directory with `.git`, else its own.
    fn of(file: &Path) -> Self {
        let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
        let dir = file.parent().unwrap_or(Path::new("/"));
        let usual = dir.ancestors().find_map(|above| {
            let name = above.file_name()?.to_str()?;
            let usual = matches!(name, ".circleci" | ".github" | ".harness" | ".gitlab");
            usual.then(|| above.parent()).flatten()
        });
        let top = usual
            .or_else(|| dir.ancestors().find(|above| above.join(".git").exists()))
            .unwrap_or(dir);
        Self {
            top: fs::canonicalize(top).unwrap_or_else(|_| top.to_owned()),
            asked: Cell::new(0),
        }
    }

    /// A file's text; the names in a directory, when the path ends in `/`.
    fn read(&self, path: &str) -> Result<String, String> {
        self.asked.set(self.asked.get().saturating_add(1));
        if self.asked.get() > MAX_OTHERS {
            return Err(format!("more than {MAX_OTHERS} files are asked for"));
        }
        let inside = path.trim_start_matches('/');
        let real = fs::canonicalize(self.top.join(inside)).map_err(|error| reason(&error))?;
        if !real.starts_with(&self.top) {
            return Err("outside of the checkout".to_owned());
        }
        if path.ends_with('/') || path.is_empty() {
            return names(&real);
        }
        let bytes = bytes(&real, MAX_OTHER)?;
        String::from_utf8(bytes).map_err(|_| "not UTF-8".to_owned())
    }
}

/// The names in a directory, one a line, sorted; a directory's ends in `/`.
fn names(dir: &Path) -> Result<String, String> {
    let entries = fs::read_dir(dir).map_err(|error| reason(&error))?;
    let mut names: Vec<String> = entries
        .flatten()
        .take(MAX_SCRIPTS * 10)
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let dir = entry.file_type().is_ok_and(|kind| kind.is_dir());
            (!name.contains('\n')).then(|| if dir { name + "/" } else { name })
        })
        .collect();
    names.sort();
    Ok(names.join("\n"))
}

/// The build of a directory of scripts.
fn scripts_of(dir: &Path) -> Result<Build, String> {
    use std::os::unix::fs::PermissionsExt;
    let shown = dir.to_string_lossy();
    let entries = fs::read_dir(dir).map_err(|error| format!("{shown}: {}", reason(&error)))?;
    let mut found = Vec::new();
    for entry in entries.flatten() {
        let Ok(about) = fs::metadata(entry.path()) else {
            continue;
        };
        let Ok(file) = entry.file_name().into_string() else {
            continue;
        };
        let executable = about.permissions().mode() & 0o111 != 0;
        if !about.is_file() || !scripts::is_script(&file, executable) {
            continue;
        }
        if found.len() == MAX_SCRIPTS {
            return Err(format!("{shown}: more than {MAX_SCRIPTS} scripts"));
        }
        found.push(Script {
            first: first_line(&entry.path()),
            file,
        });
    }
    scripts::build(&shown, found).map_err(|why| format!("{shown}: {why}"))
}

/// A file's first line, as far as an interpreter may stand in it.
fn first_line(file: &Path) -> String {
    use std::io::Read;
    let mut start = Vec::new();
    if let Ok(opened) = fs::File::open(file) {
        // What cannot be read has no interpreter; running it says why.
        let _ = opened.take(256).read_to_end(&mut start);
    }
    let line = start
        .split(|&byte| byte == b'\n')
        .next()
        .unwrap_or_default();
    String::from_utf8_lossy(line).into_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn put(top: &Path, name: &str, text: &str) {
        let path = top.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn files_are_found_in_the_order_of_the_systems() {
        let dir = tempfile::tempdir().unwrap();
        for name in [
            ".harness/pipelines/b.yaml",
            ".harness/a.yml",
            ".gitlab-ci.yml",
            ".github/workflows/z.yml",
            ".github/workflows/a.yaml",
            ".github/workflows/README.md",
            ".travis.yml",
        ] {
            put(dir.path(), name, "x: y\n");
        }
        let found: Vec<(System, Vec<String>)> = all(dir.path())
            .into_iter()
            .map(|(system, files)| {
                let inside = |file: PathBuf| {
                    let file = file.strip_prefix(dir.path()).unwrap().to_owned();
                    file.to_string_lossy().into_owned()
                };
                (system, files.into_iter().map(inside).collect())
            })
            .collect();
        let expected = [
            (System::Travis, vec![".travis.yml"]),
            (
                System::Github,
                vec![".github/workflows/a.yaml", ".github/workflows/z.yml"],
            ),
            (System::Gitlab, vec![".gitlab-ci.yml"]),
            (
                System::Harness,
                vec![".harness/a.yml", ".harness/pipelines/b.yaml"],
            ),
        ];
        let expected = expected.map(|(system, files)| {
            let files: Vec<String> = files.into_iter().map(str::to_owned).collect();
            (system, files)
        });
        assert_eq!(found, expected);
    }

    #[test]
    fn checkout_gives_its_own_files_only() {
        let outer = tempfile::tempdir().unwrap();
        let top = outer.path().join("repo");
        put(&top, ".github/workflows/ci.yml", "");
        put(&top, "a/b.yml", "b");
        put(&top, "a/c/d.yml", "d");
        put(outer.path(), "secret", "s");
        std::os::unix::fs::symlink(outer.path().join("secret"), top.join("link")).unwrap();
        let checkout = Checkout::of(&top.join(".github/workflows/ci.yml"));
        for (path, expected) in [
            ("a/b.yml", Ok("b")),
            ("/a/b.yml", Ok("b")),
            ("a/", Ok("b.yml\nc/")),
            ("a/../a/b.yml", Ok("b")),
            ("../secret", Err("outside of the checkout")),
            ("link", Err("outside of the checkout")),
            ("nosuch", Err("No such file or directory")),
        ] {
            let expected = expected.map(str::to_owned).map_err(str::to_owned);
            assert_eq!(checkout.read(path), expected, "{path}");
        }
        for _ in 0..MAX_OTHERS {
            let _ = checkout.read("a/b.yml");
        }
        assert!(checkout.read("a/b.yml").unwrap_err().contains("more than"));
    }

    #[test]
    fn text_is_read_where_libyaml_would_not() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("f");
        for (bytes, expected) in [
            (&b"a: b"[..], ("a: b".to_owned(), None)),
            (
                b"a:\n - \xe9\n",
                ("a:\n - \u{fffd}\n".to_owned(), Some((2, 4))),
            ),
            (b"\xff\xfea\0:\0", ("a:".to_owned(), None)),
            (b"\xfe\xff\0a", ("a".to_owned(), None)),
        ] {
            fs::write(&file, bytes).unwrap();
            assert_eq!(text(&file).unwrap(), expected);
        }
        assert!(text(dir.path()).unwrap_err().ends_with("Is a directory"));
    }

    #[test]
    fn scripts_of_a_directory_become_phases() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        put(dir.path(), "10-install.sh", "#!/bin/bash -e\nmake\n");
        put(dir.path(), "2_lint", "#!/usr/bin/env python3\n");
        put(dir.path(), "README", "no script");
        let lint = dir.path().join("2_lint");
        fs::set_permissions(&lint, fs::Permissions::from_mode(0o755)).unwrap();
        let choice = Choice {
            phases_dir: Some(dir.path().to_owned()),
            system: None,
        };
        let build = choice.build(None, "").unwrap().build;
        let phases = &build.jobs[0].phases;
        let names: Vec<&str> = phases.iter().map(|phase| phase.name.as_str()).collect();
        assert_eq!(names, ["lint", "install"]);
        assert_eq!(phases[1].steps[0].shell, ["/bin/bash", "-e"]);
        assert!(choice.build(Some(Path::new("x")), "").is_err());
    }
}
