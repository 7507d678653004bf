//! Texts of the command language and of its neighbours: command lines and
//! sources, the configuration file, names of keys, targets, styles. Nothing
//! panics, what is printed reads back as the same, and no text becomes more
//! than a constant times itself.

use stepmux::base::Key;
use stepmux::command::lex::{self, Item, Source};
use stepmux::command::{parse, print};
use stepmux::config::{self, StyleSpec};

use super::{Reader, text};

/// Longest text of a variable that [`env`] answers with.
const VALUE: usize = 16;

fn env(name: &str) -> Option<String> {
    match name {
        "HOME" => Some("/home/me".to_owned()),
        "FOO" => Some("foo value".to_owned()),
        "BAD" => Some("'\"{}$;\\\n".to_owned()),
        _ => None,
    }
}

/// A byte that says which language it is, then the text.
pub fn command_lex(data: &[u8]) {
    let mut reader = Reader::new(data);
    let which = reader.byte();
    let text = text(reader.rest());
    match which % 4 {
        0 => commands(&text),
        1 => source(&text),
        2 => file(&text),
        _ => names(&text),
    }
}

fn commands(text: &str) {
    let Ok(commands) = lex::lex_words(text, &env) else {
        return;
    };
    let bound = 64 + (VALUE + 4) * text.len();
    let held: usize = commands.iter().flatten().map(|w| 1 + w.text.len()).sum();
    assert!(held <= bound, "{held} of {}", text.len());
    let quoted: Vec<String> = commands
        .iter()
        .flatten()
        .map(|word| print::quote(&word.text))
        .collect();
    if !quoted.is_empty() {
        let line = format!("command {}", quoted.join(" "));
        let read = lex::lex(&line, &env).map(|all| all.concat());
        let words = commands.iter().flatten().map(|word| word.text.clone());
        let want: Vec<String> = std::iter::once("command".to_owned()).chain(words).collect();
        assert_eq!(read, Ok(want), "of {line}");
    }
    for words in &commands {
        let Ok(command) = parse(words) else {
            continue;
        };
        // Printed, it is the same command; printed again, the same text.
        let printed = print::print(words);
        let again = lex::lex_words(&printed, &env);
        let again = again.as_ref().map(|all| all.as_slice());
        let Ok([again]) = again else {
            panic!("{printed:?} is not one command: {again:?}");
        };
        let reparsed = parse(again);
        assert_eq!(
            reparsed.as_ref().map(|command| command.row().name),
            Ok(command.row().name),
            "{printed:?}"
        );
        // The lines of a block are parted by `;;`, as tmux prints them, and read
        // back as one line.
        let one_line = |text: &str| text.replace(" ;; ", " ; ");
        assert_eq!(
            one_line(&print::print(again)),
            one_line(&printed),
            "printed again"
        );
    }
}

fn source(text: &str) {
    let condition = |text: &str, _: &lex::Assigned| text.len() % 2 == 1;
    let source = Source {
        assign: true,
        env: &env,
        condition: &condition,
    };
    let lines = 1 + text.matches('\n').count();
    match lex::read(text, &source) {
        Ok(items) => {
            for item in items {
                let line = match item {
                    Item::Commands(group) => group.line,
                    Item::Assignment { line, .. } => line,
                };
                assert!((1..=lines).contains(&line), "line {line} of {lines}");
            }
        }
        Err(error) => {
            assert!(
                (1..=lines).contains(&error.line),
                "{} of {lines}",
                error.line
            );
            assert!(!error.message.is_empty());
        }
    }
}

fn file(text: &str) {
    match config::load(text, "config.toml", &env) {
        Ok(file) => assert!(file.options.len() + file.bindings.len() <= text.len()),
        Err(errors) => {
            assert!(!errors.is_empty());
            for error in errors {
                assert!(error.line >= 1 && error.column >= 1 && error.width >= 1);
                assert!(error.line <= 1 + text.matches('\n').count());
                assert!(error.to_string().starts_with("config.toml:"));
            }
        }
    }
}

fn names(text: &str) {
    if let Ok(key) = text.parse::<Key>() {
        let printed = key.to_string();
        assert_eq!(printed.parse::<Key>(), Ok(key), "{printed:?}");
    }
    for wanted in [
        stepmux::command::target::parse_session,
        stepmux::command::target::parse_window,
        stepmux::command::target::parse_pane,
    ] {
        let _ = format!("{:?}", wanted(text));
    }
    let _ = StyleSpec::parse(text);
    let quoted = print::quote(text);
    let read = lex::lex(&format!("x {quoted}"), &env);
    if !text.contains('\0') {
        assert_eq!(read, Ok(vec![vec!["x".to_owned(), text.to_owned()]]));
    }
}
