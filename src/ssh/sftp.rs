//! Files for guests: SFTP version 3 (draft-ietf-secsh-filexfer-02) with the
//! extensions that OpenSSH's clients use (its PROTOCOL file). Requests are
//! answered in order, a few at a time, on threads that may block; a guest that
//! does not take its answers is not read. What a path may reach is `files`' to
//! say.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use russh_sftp::protocol::{
    Attrs, Data, Extended, ExtendedReply, File, FileAttributes, Handle, Name, Open, OpenFlags,
    Packet, Read, StatusCode, Version,
};
use tokio::io::{AsyncWrite, AsyncWriteExt};

use super::files::{Change, Facts, How, Last, Opened, Root};
use crate::door::info::reason;
use crate::door::pipe::Inflow;

/// The longest message taken, in bytes, as in OpenSSH's server.
const MESSAGE_MAX: usize = 256 * 1024;
/// The most bytes of a file in one answer.
const DATA_MAX: u32 = 255 * 1024;
/// What clients are told to read and write at once: they send 64 such requests
/// ahead, which `pipe` has room for.
const DATA_TOLD: u64 = 64 * 1024;
/// Requests answered in one go; also the bound of answers under way.
const BATCH: usize = 8;
/// Files and directories that one channel may have open.
const HANDLES: usize = 64;
/// Names in one answer to a listing.
const NAMES: usize = 100;

/// The extensions told to a client, with their versions.
const EXTENSIONS: [(&str, &str); 6] = [
    ("posix-rename@openssh.com", "1"),
    ("statvfs@openssh.com", "2"),
    ("hardlink@openssh.com", "1"),
    ("fsync@openssh.com", "1"),
    ("limits@openssh.com", "1"),
    ("expand-path@openssh.com", "1"),
];

/// Serves a channel until its guest sends no more, or breaks the protocol.
pub(super) async fn serve(root: Arc<Root>, mut input: Inflow, out: &mut (impl AsyncWrite + Unpin)) {
    let mut desk = Desk::new(root);
    let mut waiting = Vec::new();
    while let Some(bytes) = input.next().await {
        waiting.extend_from_slice(&bytes);
        loop {
            let Ok(batch) = take(&mut waiting) else {
                tracing::info!("sftp: a message is too long");
                return;
            };
            if batch.is_empty() {
                break;
            }
            let answered = tokio::task::spawn_blocking(move || {
                let mut answers = Vec::new();
                for message in batch {
                    answers.extend(desk.message(message));
                }
                (desk, answers)
            });
            let Ok((same, answers)) = answered.await else {
                return;
            };
            desk = same;
            if out.write_all(&answers).await.is_err() {
                return;
            }
        }
    }
}

/// Takes whole messages off the front, without their lengths.
fn take(waiting: &mut Vec<u8>) -> Result<Vec<Vec<u8>>, ()> {
    let mut batch = Vec::new();
    let mut rest = waiting.as_slice();
    while batch.len() < BATCH
        && let Some((length, tail)) = rest.split_first_chunk()
    {
        let length = u32::from_be_bytes(*length) as usize;
        if length == 0 || length > MESSAGE_MAX {
            return Err(());
        }
        let Some((message, tail)) = tail.split_at_checked(length) else {
            break;
        };
        batch.push(message.to_vec());
        rest = tail;
    }
    let taken = waiting.len() - rest.len();
    waiting.drain(..taken);
    Ok(batch)
}

/// What one channel has open.
struct Desk {
    root: Arc<Root>,
    open: HashMap<u32, Opened>,
    next: u32,
}

type Answer = io::Result<Packet>;

impl Desk {
    fn new(root: Arc<Root>) -> Self {
        Self {
            root,
            open: HashMap::new(),
            next: 0,
        }
    }

    /// Answers one message; the answer's bytes.
    fn message(&mut self, message: Vec<u8>) -> Vec<u8> {
        // Where the number is, also in what cannot be understood.
        let id = message.get(1..5).and_then(|id| id.try_into().ok());
        let id = id.map_or(0, u32::from_be_bytes);
        let kind = message.first().copied();
        let mut bytes = message.into();
        let answer = match Packet::try_from(&mut bytes) {
            Ok(packet) => {
                let done = self.act(id, packet);
                done.unwrap_or_else(|error| refusal(id, &error))
            }
            // Kinds that draft 02 has; others are not known here.
            Err(_) if matches!(kind, Some(3..=20 | 200)) => {
                Packet::error(id, StatusCode::BadMessage)
            }
            Err(_) => Packet::error(id, StatusCode::OpUnsupported),
        };
        encode(answer)
            .or_else(|| encode(Packet::error(id, StatusCode::Failure)))
            .unwrap_or_default()
    }

    fn act(&mut self, id: u32, packet: Packet) -> Answer {
        match packet {
            Packet::Init(_) => Ok(Packet::Version(version())),
            Packet::Open(open) => self.open(id, &open),
            Packet::OpenDir(dir) => {
                let opened = self.root.open_dir(&dir.path)?;
                self.keep(id, opened)
            }
            Packet::Close(close) => {
                let number = number(&close.handle)?;
                let closed = self.open.remove(&number).ok_or_else(no_handle)?;
                drop(closed);
                Ok(done(id))
            }
            Packet::Read(read) => self.read(id, &read),
            Packet::Write(write) => {
                self.at(&write.handle)?.write(write.offset, &write.data)?;
                Ok(done(id))
            }
            Packet::ReadDir(list) => {
                let names = self.at(&list.handle)?.list(NAMES)?;
                if names.is_empty() {
                    return Ok(Packet::error(id, StatusCode::Eof));
                }
                let files = names.into_iter();
                let files = files.map(|(name, facts)| File::new(name, attributes(facts)));
                Ok(Packet::Name(Name {
                    id,
                    files: files.collect(),
                }))
            }
            Packet::Stat(stat) => self.facts(id, &stat.path, Last::Followed),
            Packet::Lstat(stat) => self.facts(id, &stat.path, Last::Itself),
            Packet::Fstat(stat) => {
                let attrs = attributes(self.at(&stat.handle)?.facts()?);
                Ok(Packet::Attrs(Attrs { id, attrs }))
            }
            Packet::FSetStat(set) => {
                self.at(&set.handle)?.change(change(&set.attrs))?;
                Ok(done(id))
            }
            Packet::Extended(asked) => self.extended(id, &asked),
            packet => self.path(id, packet),
        }
    }

    /// What only paths are needed for.
    fn path(&self, id: u32, packet: Packet) -> Answer {
        let root = &self.root;
        match packet {
            Packet::SetStat(set) => root.change(&set.path, change(&set.attrs))?,
            Packet::Remove(remove) => root.remove_file(&remove.filename)?,
            Packet::MkDir(make) => root.make_dir(&make.path, make.attrs.permissions)?,
            Packet::RmDir(remove) => root.remove_dir(&remove.path)?,
            Packet::Rename(rename) => root.rename(&rename.oldpath, &rename.newpath, false)?,
            // The draft and every client disagree about the order; the clients
            // send the target first (OpenSSH's PROTOCOL, 4.1).
            Packet::Symlink(link) => root.symlink(&link.linkpath, &link.targetpath)?,
            Packet::RealPath(real) => return Ok(name(id, root.resolve(&real.path)?)),
            Packet::ReadLink(link) => return Ok(name(id, root.read_link(&link.path)?)),
            _ => return Ok(Packet::error(id, StatusCode::BadMessage)),
        }
        Ok(done(id))
    }

    fn open(&mut self, id: u32, open: &Open) -> Answer {
        let has = |flag| open.pflags.contains(flag);
        let how = How {
            read: has(OpenFlags::READ),
            write: has(OpenFlags::WRITE),
            append: has(OpenFlags::APPEND),
            create: has(OpenFlags::CREATE),
            truncate: has(OpenFlags::TRUNCATE),
            exclusive: has(OpenFlags::EXCLUDE),
            mode: open.attrs.permissions.unwrap_or(0o666),
        };
        let opened = self.root.open_file(&open.filename, how)?;
        self.keep(id, opened)
    }

    fn keep(&mut self, id: u32, opened: Opened) -> Answer {
        if self.open.len() >= HANDLES {
            return Err(io::Error::other("too many open files"));
        }
        // With a few open, a free number is near.
        while self.open.contains_key(&self.next) {
            self.next = self.next.wrapping_add(1);
        }
        let handle = self.next.to_string();
        self.open.insert(self.next, opened);
        self.next = self.next.wrapping_add(1);
        Ok(Packet::Handle(Handle { id, handle }))
    }

    fn read(&mut self, id: u32, read: &Read) -> Answer {
        let len = read.len.min(DATA_MAX) as usize;
        let data = self.at(&read.handle)?.read(read.offset, len)?;
        if data.is_empty() && len > 0 {
            return Ok(Packet::error(id, StatusCode::Eof));
        }
        Ok(Packet::Data(Data { id, data }))
    }

    fn facts(&self, id: u32, path: &str, last: Last) -> Answer {
        let attrs = attributes(self.root.facts(path, last)?);
        Ok(Packet::Attrs(Attrs { id, attrs }))
    }

    fn at(&mut self, handle: &str) -> io::Result<&mut Opened> {
        self.open.get_mut(&number(handle)?).ok_or_else(no_handle)
    }

    /// OpenSSH's own requests.
    fn extended(&mut self, id: u32, asked: &Extended) -> Answer {
        let mut rest = asked.data.as_slice();
        let mut text = || text(&mut rest).ok_or_else(|| io::Error::other("Bad message"));
        match asked.request.as_str() {
            "posix-rename@openssh.com" => self.root.rename(&text()?, &text()?, true)?,
            "hardlink@openssh.com" => self.root.link(&text()?, &text()?)?,
            "fsync@openssh.com" => self.at(&text()?)?.sync()?,
            "statvfs@openssh.com" => {
                let found = self.root.volume(&text()?)?;
                let numbers = [
                    found.f_bsize,
                    found.f_frsize,
                    found.f_blocks,
                    found.f_bfree,
                    found.f_bavail,
                    found.f_files,
                    found.f_ffree,
                    found.f_favail,
                    found.f_fsid,
                    found.f_flag.bits(),
                    found.f_namemax,
                ];
                return Ok(numbers_of(id, &numbers));
            }
            "limits@openssh.com" => {
                let numbers = [MESSAGE_MAX as u64, DATA_TOLD, DATA_TOLD, HANDLES as u64];
                return Ok(numbers_of(id, &numbers));
            }
            "expand-path@openssh.com" => {
                let path = text()?;
                let home = std::env::var("HOME").unwrap_or_default();
                let path = match path.strip_prefix('~') {
                    Some(rest) if rest.is_empty() || rest.starts_with('/') => {
                        format!("{home}{rest}")
                    }
                    _ => path,
                };
                return Ok(name(id, self.root.resolve(&path)?));
            }
            _ => return Ok(Packet::error(id, StatusCode::OpUnsupported)),
        }
        Ok(done(id))
    }
}

/// A packet's bytes, its length first.
fn encode(packet: Packet) -> Option<Vec<u8>> {
    let bytes = bytes::Bytes::try_from(packet).ok()?;
    Some(bytes.into())
}

fn version() -> Version {
    let mut version = Version::new();
    for (name, number) in EXTENSIONS {
        version
            .extensions
            .insert(name.to_owned(), number.to_owned());
    }
    version
}

fn done(id: u32) -> Packet {
    Packet::error(id, StatusCode::Ok)
}

fn name(id: u32, name: String) -> Packet {
    let files = vec![File {
        longname: name.clone(),
        filename: name,
        attrs: FileAttributes::empty(),
    }];
    Packet::Name(Name { id, files })
}

fn numbers_of(id: u32, numbers: &[u64]) -> Packet {
    let data = numbers.iter().flat_map(|n| n.to_be_bytes()).collect();
    Packet::ExtendedReply(ExtendedReply { id, data })
}

fn refusal(id: u32, error: &io::Error) -> Packet {
    let code = match error.kind() {
        io::ErrorKind::NotFound => StatusCode::NoSuchFile,
        io::ErrorKind::PermissionDenied => StatusCode::PermissionDenied,
        _ => StatusCode::Failure,
    };
    Packet::status(id, code, &reason(error), "")
}

fn number(handle: &str) -> io::Result<u32> {
    handle.parse().map_err(|_| no_handle())
}

fn no_handle() -> io::Error {
    io::Error::other("no such handle")
}

/// A string of an extended request (RFC 4251, 5).
fn text(rest: &mut &[u8]) -> Option<String> {
    let (length, tail) = rest.split_first_chunk()?;
    let (text, tail) = tail.split_at_checked(u32::from_be_bytes(*length) as usize)?;
    *rest = tail;
    Some(String::from_utf8_lossy(text).into_owned())
}

fn attributes(facts: Facts) -> FileAttributes {
    FileAttributes {
        size: Some(facts.size),
        uid: Some(facts.uid),
        gid: Some(facts.gid),
        permissions: Some(facts.mode),
        atime: Some(facts.accessed),
        mtime: Some(facts.modified),
        ..FileAttributes::empty()
    }
}

fn change(attrs: &FileAttributes) -> Change {
    Change {
        size: attrs.size,
        owner: attrs.uid.zip(attrs.gid),
        mode: attrs.permissions,
        times: attrs.atime.zip(attrs.mtime),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    fn desk() -> (tempfile::TempDir, Desk) {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("a"), vec![b'x'; 300_000]).unwrap();
        let root = Root::open(dir.path().to_str().unwrap()).unwrap();
        (dir, Desk::new(root))
    }

    fn string(text: &str) -> Vec<u8> {
        let length = u32::try_from(text.len()).unwrap();
        [&length.to_be_bytes()[..], text.as_bytes()].concat()
    }

    /// A message of a kind, number 7.
    fn message(kind: u8, parts: &[&[u8]]) -> Vec<u8> {
        [&[kind][..], &7u32.to_be_bytes(), &parts.concat()].concat()
    }

    /// The answer's kind and what follows its number.
    fn ask(desk: &mut Desk, kind: u8, parts: &[&[u8]]) -> (u8, Vec<u8>) {
        let answer = desk.message(message(kind, parts));
        let length = u32::from_be_bytes(answer[..4].try_into().unwrap());
        assert_eq!(length as usize, answer.len() - 4);
        assert_eq!(answer[5..9], 7u32.to_be_bytes());
        (answer[4], answer[9..].to_vec())
    }

    fn status(answer: &(u8, Vec<u8>)) -> u32 {
        assert_eq!(answer.0, 101, "{answer:?}");
        u32::from_be_bytes(answer.1[..4].try_into().unwrap())
    }

    #[test]
    fn take_waits_for_whole_messages_and_refuses_long_ones() {
        let mut waiting = [&[0, 0, 0, 2, 9, 9][..], &[0, 0, 0, 3, 1]].concat();
        assert_eq!(take(&mut waiting), Ok(vec![vec![9, 9]]));
        assert_eq!(waiting, [0, 0, 0, 3, 1]);
        assert_eq!(take(&mut waiting), Ok(vec![]));
        assert_eq!(take(&mut vec![0, 4, 0, 1]), Err(()));
        assert_eq!(take(&mut vec![0, 0, 0, 0]), Err(()));
        let mut many = [0, 0, 0, 1, 5].repeat(BATCH + 1);
        assert_eq!(take(&mut many).unwrap().len(), BATCH);
        assert_eq!(many.len(), 5);
    }

    #[test]
    fn read_is_bounded_and_ends() {
        let (_dir, mut desk) = desk();
        let (kind, handle) = ask(&mut desk, 3, &[&string("a"), &1u32.to_be_bytes(), &[0; 4]]);
        assert_eq!((kind, handle.as_slice()), (102, &string("0")[..]));
        let far = |offset: u64| [&handle[..], &offset.to_be_bytes(), &[0xff; 4]].concat();
        let (kind, data) = ask(&mut desk, 5, &[&far(0)]);
        assert_eq!((kind, data.len()), (103, 4 + DATA_MAX as usize));
        assert_eq!(status(&ask(&mut desk, 5, &[&far(300_000)])), 1);
        assert_eq!(status(&ask(&mut desk, 5, &[&far(u64::MAX)])), 4);
        assert_eq!(status(&ask(&mut desk, 4, &[&handle])), 0);
        assert_eq!(status(&ask(&mut desk, 4, &[&handle])), 4);
    }

    #[test]
    fn handles_are_bounded() {
        let (_dir, mut desk) = desk();
        for nth in 0..=HANDLES {
            let (kind, _) = ask(&mut desk, 11, &[&string(".")]);
            assert_eq!(kind, if nth < HANDLES { 102 } else { 101 }, "{nth}");
        }
    }

    #[test]
    fn what_is_not_understood_is_answered_by_its_number() {
        let (_dir, mut desk) = desk();
        assert_eq!(status(&ask(&mut desk, 99, &[])), 8);
        assert_eq!(status(&ask(&mut desk, 3, &[&[0xff; 4]])), 5);
        assert_eq!(status(&ask(&mut desk, 200, &[&string("x@y")])), 8);
        let rename = string("posix-rename@openssh.com");
        assert_eq!(status(&ask(&mut desk, 200, &[&rename, &[0, 0, 0, 9]])), 4);
    }

    #[test]
    fn answer_names_why_a_path_is_refused() {
        let (_dir, mut desk) = desk();
        let answer = ask(&mut desk, 17, &[&string("../x")]);
        assert_eq!(status(&answer), 3);
        let said = String::from_utf8_lossy(&answer.1).into_owned();
        assert!(said.contains("outside of the shared directory"), "{said}");
        assert_eq!(status(&ask(&mut desk, 17, &[&string("nosuch")])), 2);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_message_has_an_answer(kind in 0u8..=255, body in prop::collection::vec(any::<u8>(), 0..64)) {
            let (_dir, mut desk) = desk();
            let mut message = vec![kind];
            message.extend(body);
            let answer = desk.message(message);
            prop_assert!(answer.len() >= 9);
            let length = u32::from_be_bytes(answer[..4].try_into().unwrap());
            prop_assert_eq!(length as usize, answer.len() - 4);
        }
    }
}
