//! Files through the stock clients: `sftp` and `scp`.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::Stdio;

use super::house::{House, Setup};

fn open() -> House {
    House::open(Setup {
        sftp: true,
        ..Setup::default()
    })
}

/// A path in the served directory.
fn served(house: &House, name: &str) -> PathBuf {
    PathBuf::from(house.path("files")).join(name)
}

/// Runs a batch of `sftp`: whether all of it went well, output, errors.
fn sftp(house: &House, user: &str, lines: &str) -> (bool, String, String) {
    let mut child = house
        .client("sftp", &["-b", "-"])
        .arg(format!("{user}@127.0.0.1"))
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A client that is refused reads nothing.
    let _ = stdin.write_all(lines.as_bytes());
    drop(stdin);
    let out = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (out.status.success(), text(out.stdout), text(out.stderr))
}

fn scp(house: &House, options: &[&str], from: &str, to: &str) -> (bool, String) {
    let mut command = house.client("scp", options);
    let out = command.arg(from).arg(to).output().unwrap();
    let err = String::from_utf8(out.stderr).unwrap();
    (out.status.success(), err)
}

#[test]
fn files_go_both_ways_with_modes_and_times() {
    let house = open();
    let there = format!("{}@127.0.0.1:", house.token());
    let local = house.path("local");
    // Several windows' worth, and no whole number of messages.
    let content: Vec<u8> = (0..1_000_003u32).flat_map(u32::to_le_bytes).collect();
    fs::write(&local, &content).unwrap();
    fs::set_permissions(&local, PermissionsExt::from_mode(0o640)).unwrap();
    let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    let times = fs::FileTimes::new().set_modified(time).set_accessed(time);
    let file = fs::File::options().write(true).open(&local).unwrap();
    file.set_times(times).unwrap();

    let to = format!("{there}copy");
    assert_eq!(scp(&house, &["-p"], &local, &to), (true, String::new()));
    let copy = served(&house, "copy");
    assert!(fs::read(&copy).unwrap() == content);
    let meta = fs::metadata(&copy).unwrap();
    assert_eq!((meta.mode() & 0o7777, meta.mtime()), (0o640, 1_000_000_000));

    // By the path that a shell there shows.
    let shown = fs::canonicalize(&copy).unwrap();
    let from = format!("{there}{}", shown.display());
    let back = house.path("back");
    assert_eq!(scp(&house, &["-p"], &from, &back), (true, String::new()));
    assert!(fs::read(&back).unwrap() == content);
    assert_eq!(fs::metadata(&back).unwrap().mtime(), 1_000_000_000);
}

#[test]
fn directories_are_copied_whole() {
    let house = open();
    let there = format!("{}@127.0.0.1:", house.token());
    for nth in 0..120 {
        let path = served(&house, &format!("tree/sub/{nth}"));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, nth.to_string()).unwrap();
    }
    let down = house.path("down");
    let from = format!("{there}tree");
    assert_eq!(scp(&house, &["-r"], &from, &down), (true, String::new()));
    let to = format!("{there}again");
    assert_eq!(scp(&house, &["-r"], &down, &to), (true, String::new()));
    for nth in 0..120 {
        let path = served(&house, &format!("again/sub/{nth}"));
        assert_eq!(fs::read_to_string(path).unwrap(), nth.to_string());
    }
}

#[test]
fn sftp_does_what_its_users_ask() {
    let house = open();
    fs::write(served(&house, "a"), "text").unwrap();
    fs::write(house.path("more"), "text and more").unwrap();
    let lines = format!(
        "pwd\nmkdir d\nrename a d/b\nln -s b d/link\nln d/b d/hard\nchmod 600 d/b\n\
         reput {} d/b\nls -l d\ndf\nget d/link got\nmkdir e\nrmdir e\nrm d/hard\n",
        house.path("more")
    );
    let (well, out, err) = sftp(&house, &house.token(), &lines);
    assert!(well, "{out}{err}");
    let root = fs::canonicalize(house.path("files")).unwrap();
    assert!(
        out.contains(&format!("Remote working directory: {}", root.display())),
        "{out}"
    );
    assert!(out.contains("d/hard") && out.contains("%Capacity"), "{out}");
    let mode = fs::metadata(served(&house, "d/b")).unwrap().mode();
    assert_eq!(mode & 0o777, 0o600);
    let target = fs::read_link(served(&house, "d/link")).unwrap();
    assert_eq!(target, PathBuf::from("b"));
    let got = fs::read_to_string(house.path("got")).unwrap();
    assert_eq!(got, "text and more");
    assert!(!served(&house, "e").exists() && !served(&house, "d/hard").exists());
}

#[test]
fn paths_and_links_do_not_lead_out_of_the_directory() {
    let house = open();
    fs::write(house.path("secret"), "secret").unwrap();
    symlink(house.path("secret"), served(&house, "absolute")).unwrap();
    symlink("../secret", served(&house, "relative")).unwrap();
    symlink("/", served(&house, "root")).unwrap();
    let secret = house.path("secret");
    for path in [
        "../secret",
        "absolute",
        "relative",
        "root/etc/passwd",
        "/etc/passwd",
        secret.as_str(),
    ] {
        let (well, _, err) = sftp(&house, &house.token(), &format!("get {path} got\n"));
        assert!(!well, "{path}");
        assert!(
            err.contains("denied") || err.contains("not found"),
            "{path}: {err}"
        );
        let (well, ..) = sftp(&house, &house.token(), &format!("put secret {path}\n"));
        assert!(!well, "{path}");
    }
    let (well, ..) = sftp(
        &house,
        &house.token(),
        "ln -s /etc/passwd own\nget own got\n",
    );
    assert!(!well);
    assert_eq!(fs::read_to_string(secret).unwrap(), "secret");
    assert!(fs::metadata(house.path("got")).is_err());
}

#[test]
fn files_are_refused_with_words_where_they_are_not_served() {
    let house = House::open(Setup::default());
    let (well, _, err) = sftp(&house, &house.token(), "pwd\n");
    assert!(!well && err.contains("files are not served here"), "{err}");
    let house = open();
    let (well, _, err) = sftp(&house, &house.view_token(), "pwd\n");
    assert!(!well && err.contains("for guests who may type"), "{err}");
    let (status, _, err) = house.ssh(&house.token(), &["-s"], &["netconf"]);
    assert_eq!(status, 255);
    assert!(err.contains("subsystem request failed"), "{err}");
}

#[test]
fn files_and_terminal_share_one_connection() {
    let house = open();
    fs::write(served(&house, "big"), vec![b'x'; 3_000_000]).unwrap();
    let control = format!("ControlPath={}", house.path("control"));
    let token = house.token();
    let options = [
        "-o",
        &control,
        "-o",
        "ControlMaster=auto",
        "-o",
        "ControlPersist=yes",
    ];
    assert_eq!(house.ssh(&token, &options, &["exit", "0"]).0, 0);
    let from = format!("{token}@127.0.0.1:big");
    let copies: Vec<_> = (0..3)
        .map(|nth| {
            let to = house.path(&format!("copy{nth}"));
            let mut command = house.client("scp", &options);
            command.args([&from, &to]).spawn().unwrap()
        })
        .collect();
    assert_eq!(house.ssh(&token, &options, &["exit", "3"]).0, 3);
    for (nth, copy) in copies.into_iter().enumerate() {
        let out = copy.wait_with_output().unwrap();
        assert!(
            out.status.success(),
            "{}",
            String::from_utf8_lossy(&out.stderr)
        );
        let size = fs::metadata(house.path(&format!("copy{nth}")))
            .unwrap()
            .len();
        assert_eq!(size, 3_000_000);
    }
    house.ssh("any", &["-o", &control, "-O", "exit"], &[]);
}

#[test]
fn old_protocol_of_scp_is_refused_with_words() {
    let house = open();
    let to = format!("{}@127.0.0.1:copy", house.token());
    let (well, err) = scp(&house, &["-O"], &house.path("id.pub"), &to);
    assert!(!well && err.contains("use `scp -s`"), "{err}");
}

#[test]
fn share_of_a_directory_that_is_none_is_refused() {
    assert_eq!(
        House::try_open(|request| request.sftp = Some("/nonexistent".into())),
        "files /nonexistent: No such file or directory"
    );
}
