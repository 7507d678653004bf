//! `stepmux man`: the manual's pages without a file of them. At a terminal
//! man(1) shows them, where there is one; otherwise their source is printed.

use std::io::{IsTerminal, Write};
use std::process::{Command, ExitCode, Stdio};

use super::{fail, generate, said};

/// Shows the page that the words name.
pub(super) fn main(words: &[String]) -> ExitCode {
    match generate::page(words) {
        Ok(page) if std::io::stdout().is_terminal() && read(&page) => ExitCode::SUCCESS,
        Ok(page) => said(page),
        Err(message) => fail(&message),
    }
}

/// Lets man(1) show a page; whether it did.
fn read(page: &str) -> bool {
    let man = Command::new("man")
        .args(["-l", "-"])
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut man) = man else { return false };
    if let Some(mut input) = man.stdin.take() {
        // One who leaves before the end has read enough.
        let _ = input.write_all(page.as_bytes());
    }
    man.wait().is_ok_and(|status| status.success())
}
