//! The directory that a share serves: every path of a guest is resolved beneath
//! it by the kernel (openat2(2), through `cap-std`), so that neither `..` nor a
//! symbolic link leads out, also while somebody changes it. Paths are the ones
//! that the terminal shows. It blocks, and knows nothing of SFTP's messages.

use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, DirBuilder, DirBuilderExt, MetadataExt, OpenOptions, Permissions};
use cap_std::fs::{OpenOptionsExt, PermissionsExt};
use rustix::fs::{OFlags, RenameFlags, StatVfs};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::door::info::reason;

/// Files and directories that all guests of a share may have open.
const OPEN_MAX: usize = 128;

/// Bits of a mode that a guest can set.
const MODE: u32 = 0o7777;

/// A served directory.
pub(super) struct Root {
    dir: Dir,
    /// Its real path.
    path: PathBuf,
    /// Its path as the share's owner named it.
    named: PathBuf,
    open: Arc<Semaphore>,
}

/// What is known of a file, as SFTP tells it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) size: u64,
    pub(super) uid: u32,
    pub(super) gid: u32,
    /// The type's bits included (inode(7)).
    pub(super) mode: u32,
    /// Seconds since 1970.
    pub(super) accessed: u32,
    pub(super) modified: u32,
}

/// What is to change about a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) size: Option<u64>,
    pub(super) owner: Option<(u32, u32)>,
    pub(super) mode: Option<u32>,
    /// When it was read and written last, in seconds since 1970.
    pub(super) times: Option<(u32, u32)>,
}

/// How a file is to be opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct How {
    pub(super) read: bool,
    pub(super) write: bool,
    pub(super) append: bool,
    pub(super) create: bool,
    pub(super) truncate: bool,
    pub(super) exclusive: bool,
    /// A new file's mode, before the server's umask.
    pub(super) mode: u32,
}

/// What the last part of a path stands for when it is a link.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Last {
    /// What it leads to.
    Followed,
    /// The link.
    Itself,
}

/// An open file or directory. It counts while it lives.
pub(super) struct Opened {
    what: What,
    _permit: OwnedSemaphorePermit,
}

enum What {
    File { file: fs::File, append: bool },
    Dir(cap_std::fs::ReadDir),
}

fn denied(why: &'static str) -> io::Error {
    io::Error::new(ErrorKind::PermissionDenied, why)
}

fn outside() -> io::Error {
    denied("outside of the shared directory")
}

/// Whether a path was stopped on its way out. The system's own refusals have
/// a number.
fn escapes(error: &io::Error) -> bool {
    error.kind() == ErrorKind::PermissionDenied && error.raw_os_error().is_none()
}

impl Root {
    /// Opens a directory to be served.
    ///
    /// # Errors
    /// What is wrong with it, as a sentence.
    pub(super) fn open(path: &str) -> Result<Arc<Self>, String> {
        let fail = |error: io::Error| format!("files {path}: {}", reason(&error));
        let real = fs::canonicalize(path).map_err(fail)?;
        let dir = Dir::open_ambient_dir(&real, ambient_authority()).map_err(fail)?;
        Ok(Arc::new(Self {
            dir,
            path: real,
            named: std::path::absolute(path).map_err(fail)?,
            open: Arc::new(Semaphore::new(OPEN_MAX)),
        }))
    }

    /// Does something with a guest's path, made relative to the directory. A
    /// link with an absolute target is no way out if it leads back in: its real
    /// path is tried then, and watched over like the first.
    fn at<T>(&self, path: &str, last: Last, act: impl Fn(&Path) -> io::Result<T>) -> io::Result<T> {
        let path = self.relative(path)?;
        match act(&path) {
            Err(error) if escapes(&error) => {
                let real = self.real(&path, last).map_err(|_| outside())?;
                act(&real).map_err(|error| if escapes(&error) { outside() } else { error })
            }
            done => done,
        }
    }

    fn relative(&self, path: &str) -> io::Result<PathBuf> {
        let path = Path::new(path);
        let inner = if path.is_absolute() {
            let inner = path.strip_prefix(&self.path);
            let inner = inner.or_else(|_| path.strip_prefix(&self.named));
            inner.map_err(|_| outside())?
        } else {
            path
        };
        let empty = inner.as_os_str().is_empty();
        Ok(if empty { Path::new(".") } else { inner }.to_owned())
    }

    fn real(&self, path: &Path, last: Last) -> io::Result<PathBuf> {
        let full = self.path.join(path);
        let followed = match last {
            Last::Followed => fs::canonicalize(&full).ok(),
            Last::Itself => None,
        };
        let real = match (followed, full.parent(), full.file_name()) {
            (Some(real), ..) => real,
            (None, Some(parent), Some(name)) => fs::canonicalize(parent)?.join(name),
            _ => return Err(outside()),
        };
        let inner = real.strip_prefix(&self.path).map_err(|_| outside())?;
        let empty = inner.as_os_str().is_empty();
        Ok(if empty { Path::new(".") } else { inner }.to_owned())
    }

    /// The absolute path of what a path names; its last part need not exist.
    pub(super) fn resolve(&self, path: &str) -> io::Result<String> {
        let whole = |path: &Path| self.dir.canonicalize(path);
        let found = self.at(path, Last::Followed, |path| match whole(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let name = path.file_name().ok_or(error)?;
                let parent = path.parent().filter(|path| !path.as_os_str().is_empty());
                Ok(whole(parent.unwrap_or(Path::new(".")))?.join(name))
            }
            found => found,
        })?;
        // Built of its parts: a leading `.` is none.
        let parts = self.path.components().chain(found.components());
        let found: PathBuf = parts.filter(|part| *part != Component::CurDir).collect();
        Ok(found.to_string_lossy().into_owned())
    }

    /// What is known of a file.
    pub(super) fn facts(&self, path: &str, last: Last) -> io::Result<Facts> {
        let meta = self.at(path, last, |path| match last {
            Last::Followed => self.dir.metadata(path),
            Last::Itself => self.dir.symlink_metadata(path),
        })?;
        Ok(facts(&meta))
    }

    /// Opens a regular file, and nothing else: a pipe or a device could hold
    /// the reader up for ever.
    pub(super) fn open_file(&self, path: &str, how: How) -> io::Result<Opened> {
        let permit = self.permit()?;
        let mut options = OpenOptions::new();
        options.read(how.read).write(how.write).append(how.append);
        if how.exclusive && how.create {
            options.create_new(true);
        } else {
            options.create(how.create);
        }
        options.mode(how.mode & 0o777);
        let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
        options.custom_flags(i32::try_from(flags.bits()).unwrap_or(0));
        let open = |path: &Path| self.dir.open_with(path, &options);
        let file = self.at(path, Last::Followed, open)?.into_std();
        if !file.metadata()?.is_file() {
            return Err(io::Error::other("not a regular file"));
        }
        if how.truncate && (how.write || how.append) {
            file.set_len(0)?;
        }
        Ok(Opened {
            what: What::File {
                file,
                append: how.append,
            },
            _permit: permit,
        })
    }

    /// Opens a directory to be listed.
    pub(super) fn open_dir(&self, path: &str) -> io::Result<Opened> {
        let permit = self.permit()?;
        let listed = self.at(path, Last::Followed, |path| self.dir.read_dir(path))?;
        Ok(Opened {
            what: What::Dir(listed),
            _permit: permit,
        })
    }

    fn permit(&self) -> io::Result<OwnedSemaphorePermit> {
        let permit = Arc::clone(&self.open).try_acquire_owned();
        permit.map_err(|_| io::Error::other("too many open files"))
    }

    /// Changes what is known of a file, or of what a link leads to.
    pub(super) fn change(&self, path: &str, change: Change) -> io::Result<()> {
        if let Some(owner) = change.owner {
            same_owner(owner, self.facts(path, Last::Followed)?)?;
        }
        if let Some(size) = change.size {
            let how = How {
                write: true,
                ..How::default()
            };
            self.open_file(path, how)?.set_len(size)?;
        }
        if let Some(mode) = change.mode {
            let mode = Permissions::from_mode(mode & MODE);
            self.at(path, Last::Followed, |path| {
                self.dir.set_permissions(path, mode.clone())
            })?;
        }
        if let Some(times) = change.times {
            // Only what opening does nothing to.
            let facts = self.facts(path, Last::Followed)?;
            if !matches!(facts.mode & 0o170_000, 0o100_000 | 0o040_000) {
                return Err(io::Error::other("not a file or directory"));
            }
            let mut options = OpenOptions::new();
            options.read(true);
            let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
            options.custom_flags(i32::try_from(flags.bits()).unwrap_or(0));
            let open = |path: &Path| self.dir.open_with(path, &options);
            let file = self.at(path, Last::Followed, open)?.into_std();
            file.set_times(file_times(times))?;
        }
        Ok(())
    }

    /// Removes a file or link.
    pub(super) fn remove_file(&self, path: &str) -> io::Result<()> {
        self.at(path, Last::Itself, |path| self.dir.remove_file(path))
    }

    /// Removes an empty directory.
    pub(super) fn remove_dir(&self, path: &str) -> io::Result<()> {
        self.at(path, Last::Itself, |path| self.dir.remove_dir(path))
    }

    /// Makes a directory, its mode before the server's umask.
    pub(super) fn make_dir(&self, path: &str, mode: Option<u32>) -> io::Result<()> {
        let mut builder = DirBuilder::new();
        builder.mode(mode.unwrap_or(0o777) & 0o777);
        self.at(path, Last::Itself, |path| {
            self.dir.create_dir_with(path, &builder)
        })
    }

    /// Renames; a target that exists is replaced or refused.
    pub(super) fn rename(&self, from: &str, to: &str, replace: bool) -> io::Result<()> {
        self.at(from, Last::Itself, |from| {
            self.at(to, Last::Itself, |to| {
                if replace {
                    return self.dir.rename(from, &self.dir, to);
                }
                let (old, old_name) = self.parent(from)?;
                let (new, new_name) = self.parent(to)?;
                let flags = RenameFlags::NOREPLACE;
                rustix::fs::renameat_with(&old, old_name, &new, new_name, flags)?;
                Ok(())
            })
        })
    }

    /// The directory that holds a path's last part, and that part.
    fn parent(&self, path: &Path) -> io::Result<(Dir, PathBuf)> {
        let name = path.file_name().ok_or_else(outside)?;
        let parent = path.parent().filter(|path| !path.as_os_str().is_empty());
        let dir = self.dir.open_dir(parent.unwrap_or(Path::new(".")))?;
        Ok((dir, PathBuf::from(name)))
    }

    /// Gives a file a second name.
    pub(super) fn link(&self, from: &str, to: &str) -> io::Result<()> {
        self.at(from, Last::Itself, |from| {
            self.at(to, Last::Itself, |to| {
                self.dir.hard_link(from, &self.dir, to)
            })
        })
    }

    /// Makes a symbolic link. Where it leads is judged when it is followed.
    pub(super) fn symlink(&self, target: &str, link: &str) -> io::Result<()> {
        self.at(link, Last::Itself, |link| {
            self.dir.symlink_contents(target, link)
        })
    }

    /// What a symbolic link says.
    pub(super) fn read_link(&self, path: &str) -> io::Result<String> {
        let said = self.at(path, Last::Itself, |path| self.dir.read_link_contents(path))?;
        Ok(said.to_string_lossy().into_owned())
    }

    /// The file system that a path is on.
    pub(super) fn volume(&self, path: &str) -> io::Result<StatVfs> {
        // Only directories: opening one does nothing to it.
        let dir = self.at(path, Last::Followed, |path| {
            let dir = self.dir.open_dir(path);
            dir.or_else(|_| Ok(self.parent(path)?.0))
        })?;
        Ok(rustix::fs::fstatvfs(&dir)?)
    }
}

impl Opened {
    fn file(&self) -> io::Result<&fs::File> {
        match &self.what {
            What::File { file, .. } => Ok(file),
            What::Dir(_) => Err(io::Error::other("not a file")),
        }
    }

    /// Up to `len` bytes from a place; none at the end.
    pub(super) fn read(&self, offset: u64, len: usize) -> io::Result<Vec<u8>> {
        let file = self.file()?;
        let mut bytes = vec![0; len];
        let mut filled = 0;
        while filled < len {
            match file.read_at(&mut bytes[filled..], offset.saturating_add(filled as u64)) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        bytes.truncate(filled);
        Ok(bytes)
    }

    /// Writes all bytes at a place, or at the end of a file opened so.
    pub(super) fn write(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        match &self.what {
            What::File { file, append: true } => io::Write::write_all(&mut &*file, bytes),
            What::File { file, .. } => file.write_all_at(bytes, offset),
            What::Dir(_) => Err(io::Error::other("not a file")),
        }
    }

    /// The next names of a directory; none at its end.
    pub(super) fn list(&mut self, most: usize) -> io::Result<Vec<(String, Facts)>> {
        let What::Dir(listed) = &mut self.what else {
            return Err(io::Error::other("not a directory"));
        };
        let mut names = Vec::new();
        for entry in listed.by_ref() {
            let entry = entry?;
            // One that has gone meanwhile is not told.
            if let Ok(meta) = entry.metadata() {
                let name = entry.file_name().to_string_lossy().into_owned();
                names.push((name, facts(&meta)));
            }
            if names.len() >= most {
                break;
            }
        }
        Ok(names)
    }

    /// What is known of it.
    pub(super) fn facts(&self) -> io::Result<Facts> {
        let file = self.file()?.try_clone()?;
        Ok(facts(&cap_std::fs::File::from_std(file).metadata()?))
    }

    /// Changes what is known of it.
    pub(super) fn change(&self, change: Change) -> io::Result<()> {
        let file = self.file()?;
        if let Some(owner) = change.owner {
            same_owner(owner, self.facts()?)?;
        }
        if let Some(size) = change.size {
            file.set_len(size)?;
        }
        if let Some(mode) = change.mode {
            use std::os::unix::fs::PermissionsExt as _;
            file.set_permissions(fs::Permissions::from_mode(mode & MODE))?;
        }
        if let Some(times) = change.times {
            file.set_times(file_times(times))?;
        }
        Ok(())
    }

    fn set_len(&self, size: u64) -> io::Result<()> {
        self.file()?.set_len(size)
    }

    /// Brings it to the disk.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file()?.sync_all()
    }
}

/// Nobody is made the owner of anything; what is so already may be said.
fn same_owner(owner: (u32, u32), facts: Facts) -> io::Result<()> {
    if owner == (facts.uid, facts.gid) {
        Ok(())
    } else {
        Err(denied("owners are not changed"))
    }
}

fn file_times((accessed, modified): (u32, u32)) -> fs::FileTimes {
    let at = |seconds: u32| UNIX_EPOCH + Duration::from_secs(seconds.into());
    fs::FileTimes::new()
        .set_accessed(at(accessed))
        .set_modified(at(modified))
}

fn facts(meta: &cap_std::fs::Metadata) -> Facts {
    let seconds = |time: i64| u32::try_from(time.max(0)).unwrap_or(u32::MAX);
    Facts {
        size: meta.size(),
        uid: meta.uid(),
        gid: meta.gid(),
        mode: meta.mode(),
        accessed: seconds(meta.atime()),
        modified: seconds(meta.mtime()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::os::unix::fs::symlink;

    use super::*;

    /// A served directory beside one that is not.
    fn place() -> (tempfile::TempDir, Arc<Root>) {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::create_dir_all(at("in/sub")).unwrap();
        fs::create_dir_all(at("out")).unwrap();
        fs::write(at("in/a"), "inner").unwrap();
        fs::write(at("out/secret"), "secret").unwrap();
        symlink("../out", at("in/relative")).unwrap();
        symlink(at("out"), at("in/absolute")).unwrap();
        symlink(at("in/a"), at("in/back")).unwrap();
        symlink("loop", at("in/loop")).unwrap();
        let root = Root::open(at("in").to_str().unwrap()).unwrap();
        (dir, root)
    }

    fn read() -> How {
        How {
            read: true,
            ..How::default()
        }
    }

    #[test]
    fn no_path_leads_out_of_the_shared_directory() {
        let (dir, root) = place();
        let absolute = dir.path().join("out/secret");
        for path in [
            "../out/secret",
            "sub/../../out/secret",
            "relative/secret",
            "absolute/secret",
            absolute.to_str().unwrap(),
            "/etc/passwd",
            "/proc/self/cwd/etc/passwd",
            "/",
            "..",
        ] {
            for (what, result) in [
                ("open", root.open_file(path, read()).map(drop)),
                ("stat", root.facts(path, Last::Followed).map(drop)),
                ("list", root.open_dir(path).map(drop)),
                ("resolve", root.resolve(path).map(drop)),
                ("remove", root.remove_file(path)),
                ("rename", root.rename("a", path, true)),
                ("rename away", root.rename(path, "b", true)),
                ("link", root.link(path, "b")),
                ("mkdir", root.make_dir(&format!("{path}/new"), None)),
                ("symlink", root.symlink("a", &format!("{path}/new"))),
            ] {
                let error = result.expect_err(&format!("{what} {path}"));
                assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{what} {path}");
            }
        }
        assert!(root.open_file("loop", read()).is_err());
        assert_eq!(fs::read_to_string(absolute).unwrap(), "secret");
    }

    #[test]
    fn links_that_stay_inside_are_followed() {
        let (dir, root) = place();
        let file = root.open_file("back", read()).unwrap();
        assert_eq!(file.read(1, 100).unwrap(), b"nner");
        let real = fs::canonicalize(dir.path().join("in")).unwrap();
        assert_eq!(
            root.resolve("back").unwrap(),
            real.join("a").to_string_lossy()
        );
        assert_eq!(root.resolve(".").unwrap(), real.to_string_lossy());
        let new = root.resolve("sub/../new").unwrap();
        assert_eq!(new, real.join("new").to_string_lossy());
        let full = real.join("a");
        assert!(root.open_file(full.to_str().unwrap(), read()).is_ok());
    }

    #[test]
    fn only_regular_files_are_opened() {
        let (dir, root) = place();
        let pipe = dir.path().join("in/pipe");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &pipe,
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
            0,
        )
        .unwrap();
        for path in ["pipe", "sub"] {
            assert!(root.open_file(path, read()).is_err(), "{path}");
        }
    }

    #[test]
    fn open_files_are_bounded() {
        let (_dir, root) = place();
        let open: Vec<_> = (0..OPEN_MAX)
            .map(|_| root.open_file("a", read()).unwrap())
            .collect();
        let error = root.open_file("a", read()).err().unwrap();
        assert_eq!(error.to_string(), "too many open files");
        drop(open);
        assert!(root.open_file("a", read()).is_ok());
    }

    #[test]
    fn modes_and_times_change_and_owners_do_not() {
        let (_dir, root) = place();
        let change = Change {
            size: Some(2),
            mode: Some(0o640),
            times: Some((1_000_000, 2_000_000)),
            owner: None,
        };
        root.change("a", change).unwrap();
        let facts = root.facts("a", Last::Itself).unwrap();
        assert_eq!(
            (facts.size, facts.mode, facts.accessed, facts.modified),
            (2, 0o100_640, 1_000_000, 2_000_000)
        );
        let owner = |uid| Change {
            owner: Some((uid, facts.gid)),
            ..Change::default()
        };
        assert!(root.change("a", owner(facts.uid)).is_ok());
        assert!(root.change("a", owner(facts.uid + 1)).is_err());
    }

    #[test]
    fn rename_replaces_only_when_asked() {
        let (dir, root) = place();
        fs::write(dir.path().join("in/b"), "other").unwrap();
        let error = root.rename("a", "b", false).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AlreadyExists);
        root.rename("a", "b", true).unwrap();
        root.rename("b", "sub/c", false).unwrap();
        let moved = fs::read_to_string(dir.path().join("in/sub/c"));
        assert_eq!(moved.unwrap(), "inner");
    }

    #[test]
    fn root_that_is_no_directory_is_refused() {
        assert_eq!(
            Root::open("/nonexistent").err().unwrap(),
            "files /nonexistent: No such file or directory"
        );
        assert!(Root::open("/etc/passwd").is_err());
    }
}
