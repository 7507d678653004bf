//! The audit log: one JSON line for each matter of guests, in a file that is
//! ours alone. A link, a directory, a device, a file of another user or one that
//! others may write is refused, never repaired. What is written is made
//! elsewhere and holds no secret.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::OFlags;
use rustix::io::Errno;

use super::reason;

/// Opens the log for adding, made 0600 where there is none.
///
/// # Errors
/// Why the file is refused.
pub fn open(path: &Path) -> Result<File, String> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let flags = i32::try_from(flags.bits()).map_err(|error| error.to_string())?;
    let opened = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .custom_flags(flags)
        .open(path);
    let file = match opened {
        Ok(file) => file,
        Err(error) if error.raw_os_error() == Some(Errno::LOOP.raw_os_error()) => {
            return Err("it is a symbolic link".to_owned());
        }
        Err(error) => return Err(reason(&error)),
    };
    let meta = file.metadata().map_err(|error| reason(&error))?;
    if !meta.is_file() {
        return Err("it is not a file".to_owned());
    }
    if meta.uid() != rustix::process::geteuid().as_raw() {
        return Err("it belongs to another user".to_owned());
    }
    if meta.mode() & 0o077 != 0 {
        let mode = meta.mode() & 0o7777;
        return Err(format!("others may use it (mode {mode:04o})"));
    }
    Ok(file)
}

/// Adds a line, newline included, in one piece.
///
/// # Errors
/// As [`open`], or why it could not be written.
pub fn add(path: &Path, line: &str) -> Result<(), String> {
    let mut file = open(path)?;
    file.write_all(format!("{line}\n").as_bytes())
        .map_err(|error| reason(&error))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn audit_log_is_private_and_only_grows() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("audit");
        add(&path, "{}").unwrap();
        add(&path, "{\"a\":1}").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "{}\n{\"a\":1}\n");
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    }

    #[test]
    fn audit_log_is_refused_where_others_reach_it() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("audit");
        let link = home.path().join("link");
        fs::write(&path, "kept").unwrap();
        symlink(&path, &link).unwrap();
        assert!(add(&link, "x").unwrap_err().contains("symbolic link"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o620)).unwrap();
        assert!(add(&path, "x").unwrap_err().contains("mode 0620"));
        assert_eq!(fs::read_to_string(&path).unwrap(), "kept");
        assert!(
            add(Path::new("/dev/null"), "x")
                .unwrap_err()
                .contains("not a file")
        );
        assert!(add(home.path(), "x").is_err());
        assert!(add(&home.path().join("none/audit"), "x").is_err());
    }
}
