//! An interactive bash on pipes: what is typed into it, and what it writes. No
//! server is needed for it, and no terminal.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// Types lines into `bash --rcfile RC -i` in a directory; its standard output.
pub fn typed(dir: &Path, rc: &str, script: &str, env: &[(&str, &str)]) -> String {
    let file = dir.join("rc");
    std::fs::write(&file, rc).unwrap();
    let mut child = Command::new("bash")
        .arg("--rcfile")
        .arg(&file)
        .arg("-i")
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("HOME", dir)
        .env("TERM", "dumb")
        .envs(env.iter().copied())
        .current_dir(dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("bash is installed");
    let mut stdin = child.stdin.take().unwrap();
    let text = script.to_owned();
    let writer = std::thread::spawn(move || {
        let _ = stdin.write_all(text.as_bytes());
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}
