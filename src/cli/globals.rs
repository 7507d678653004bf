//! The flags before a command, as tmux reads them (tmux(1), "DESCRIPTION"):
//! grouped letters, glued values, the first other word ends them. It reads
//! words into data and touches nothing.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

use crate::client::Control;

/// What names a server, and how it is started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Server {
    /// `-S`
    pub(super) path: Option<PathBuf>,
    /// `-L`
    pub(super) name: Option<String>,
    /// `-f`, in order.
    pub(super) files: Vec<PathBuf>,
    /// `-v`
    pub(super) verbose: bool,
    /// `-N`
    pub(super) never_start: bool,
    /// `-u`
    pub(super) utf8: bool,
    /// `-T` and `-2`, separated by commas.
    pub(super) features: String,
}

impl Server {
    fn add_features(&mut self, names: &str) {
        if !self.features.is_empty() {
            self.features.push(',');
        }
        self.features.push_str(names);
    }
}

/// What the program is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Request {
    /// `-V`
    Version,
    /// `-h`
    Help,
    /// `-c`: the shell's words after its name.
    Shell {
        /// `-l`
        login: bool,
        /// `-c`, the command, and what follows it.
        words: Vec<OsString>,
    },
    /// A command's words; none attaches or creates.
    Command(Vec<String>),
}

/// A command line, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Globals {
    /// Which server.
    pub(super) server: Server,
    /// `-D`
    pub(super) foreground: bool,
    /// `-C`, once or twice.
    pub(super) control: Control,
    /// What is asked for.
    pub(super) request: Request,
}

/// The usage, as tmux prints it.
pub(super) fn usage(name: &str) -> String {
    let indent = " ".repeat("usage: ".len() + name.len());
    format!(
        "usage: {name} [-2CDhlNuVv] [-c shell-command] [-f file] [-L socket-name]\n\
         {indent} [-S socket-path] [-T features] [command [flags]]"
    )
}

/// Reads the words after the program's name.
///
/// # Errors
/// What is refused; none when only the usage is to be said.
pub(super) fn parse(words: &[OsString]) -> Result<Globals, Option<String>> {
    let mut read = Reader {
        words,
        at: 0,
        server: Server::default(),
        shell: None,
        login: false,
        foreground: false,
        control: Control::Off,
        request: None,
    };
    while let Some(word) = read.words.get(read.at) {
        let bytes = word.as_bytes();
        if bytes.len() < 2 || bytes[0] != b'-' {
            break;
        }
        read.at += 1;
        if bytes == b"--" {
            break;
        }
        if bytes.starts_with(b"--") {
            return Err(Some(format!("unknown option {}", word.display())));
        }
        read.group(&bytes[1..])?;
    }
    read.finish()
}

struct Reader<'a> {
    words: &'a [OsString],
    at: usize,
    server: Server,
    shell: Option<OsString>,
    login: bool,
    foreground: bool,
    control: Control,
    request: Option<Request>,
}

impl Reader<'_> {
    fn group(&mut self, letters: &[u8]) -> Result<(), Option<String>> {
        for (index, &letter) in letters.iter().enumerate() {
            let glued = &letters[index + 1..];
            match letter {
                b'2' => self.server.add_features("256"),
                // The old flags: terminals are known without.
                b'8' | b'd' | b'q' | b'U' => {}
                b'C' if self.control == Control::Off => self.control = Control::Lines,
                b'C' => self.control = Control::Terminal,
                b'D' => self.foreground = true,
                b'h' => self.request = Some(Request::Help),
                b'l' => self.login = true,
                b'N' => self.server.never_start = true,
                b'u' => self.server.utf8 = true,
                b'V' => self.request = Some(Request::Version),
                b'v' => self.server.verbose = true,
                b'c' | b'f' | b'L' | b'S' | b'T' => {
                    let value = self.value(letter, glued)?;
                    self.set(letter, value)?;
                    return Ok(());
                }
                _ => {
                    let letter = char::from(letter);
                    return Err(Some(format!("unknown option -- {letter}")));
                }
            }
        }
        Ok(())
    }

    fn value(&mut self, letter: u8, glued: &[u8]) -> Result<OsString, Option<String>> {
        if !glued.is_empty() {
            return Ok(OsString::from_vec(glued.to_vec()));
        }
        let Some(value) = self.words.get(self.at) else {
            let letter = char::from(letter);
            return Err(Some(format!("option requires an argument -- {letter}")));
        };
        self.at += 1;
        Ok(value.clone())
    }

    fn set(&mut self, letter: u8, value: OsString) -> Result<(), Option<String>> {
        match letter {
            b'c' => self.shell = Some(value),
            b'f' => self.server.files.push(value.into()),
            b'L' => self.server.name = Some(text(&value)?),
            b'S' => self.server.path = Some(value.into()),
            b'T' => self.server.add_features(&text(&value)?),
            _ => {}
        }
        Ok(())
    }

    fn finish(self) -> Result<Globals, Option<String>> {
        let rest = &self.words[self.at..];
        let request = match (self.request, self.shell) {
            (Some(request), _) => request,
            // What follows is the shell's $0 and arguments, as su(1) passes them.
            (None, Some(command)) => {
                let mut words = vec![OsString::from("-c"), command];
                words.extend_from_slice(rest);
                Request::Shell {
                    login: self.login,
                    words,
                }
            }
            (None, None) if self.foreground && !rest.is_empty() => return Err(None),
            (None, None) => Request::Command(rest.iter().map(|word| held(word)).collect()),
        };
        Ok(Globals {
            server: self.server,
            foreground: self.foreground,
            control: self.control,
            request,
        })
    }
}

/// A word of a command; names that are not UTF-8 are refused by who reads them.
fn held(word: &OsStr) -> String {
    crate::base::raw::hold(word.as_encoded_bytes())
}

fn text(word: &OsStr) -> Result<String, Option<String>> {
    let text = word.to_str().map(str::to_owned);
    text.ok_or_else(|| Some(format!("not UTF-8: {}", word.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Globals, Option<String>> {
        let words: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
        parse(&words)
    }

    #[test]
    fn flags_end_at_the_first_word() {
        let read = read("-2uT sync:RGB -L x -f a -fb -S/s -vN new -d -s a").unwrap();
        let wanted = Server {
            path: Some("/s".into()),
            name: Some("x".into()),
            files: vec!["a".into(), "b".into()],
            verbose: true,
            never_start: true,
            utf8: true,
            features: "256,sync:RGB".to_owned(),
        };
        assert_eq!(read.server, wanted);
        let words = ["new", "-d", "-s", "a"].map(str::to_owned).to_vec();
        assert_eq!(read.request, Request::Command(words));
    }

    #[test]
    fn requests_are_told_apart() {
        let shell = |login, words: &[&str]| Request::Shell {
            login,
            words: words.iter().map(OsString::from).collect(),
        };
        for (line, request) in [
            ("", Request::Command(vec![])),
            ("-L x", Request::Command(vec![])),
            ("-V ls", Request::Version),
            ("-h", Request::Help),
            ("-c ls", shell(false, &["-c", "ls"])),
            ("-lc ls a b", shell(true, &["-c", "ls", "a", "b"])),
            ("-l -cls", shell(true, &["-c", "ls"])),
            ("-- ls", Request::Command(vec!["ls".to_owned()])),
        ] {
            assert_eq!(read(line).map(|read| read.request), Ok(request), "{line}");
        }
    }

    #[test]
    fn refusals_have_getopts_words() {
        for (line, message) in [
            ("-Z", Some("unknown option -- Z")),
            ("-L", Some("option requires an argument -- L")),
            ("--nosuch", Some("unknown option --nosuch")),
            ("-D ls", None),
        ] {
            assert_eq!(read(line), Err(message.map(str::to_owned)), "{line}");
        }
    }
}
