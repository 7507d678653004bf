//! Commands and words as text again, as `list-keys` and `show-options` print
//! them: what is printed here reads back as the same words.

use super::getopt::Takes;
use super::lex::{Group, Word};
use super::table::find;
use crate::base::raw;

/// A word quoted so that the lexer reads the same word back.
#[must_use]
pub fn quote(text: &str) -> String {
    if text.is_empty() {
        return "''".to_owned();
    }
    let mut chars = text.chars();
    let first = chars.next();
    // Single quotes know no escapes.
    let escapes = text.contains('\\') || text.contains(char::is_control);
    let double =
        text.contains([' ', '#', '\'', ';', '$', '{', '}', '%']) || (escapes && text.contains('"'));
    let single = !double && text.contains('"');
    if let (Some(ch), true) = (first, chars.next().is_none())
        && ch != ' '
        && (double || single || ch == '~')
    {
        return format!("\\{ch}");
    }
    let escaped = escape(text, double);
    if double {
        format!("\"{escaped}\"")
    } else if single {
        format!("'{escaped}'")
    } else if escaped.starts_with('~') {
        format!("\\{escaped}")
    } else {
        escaped
    }
}

fn escape(text: &str, double: bool) -> String {
    let mut escaped = String::with_capacity(text.len() + 2);
    if double && text.starts_with('~') {
        escaped.push('\\');
    }
    let mut chars = text.chars().peekable();
    while let Some(ch) = chars.next() {
        match ch {
            '\n' => escaped.push_str("\\n"),
            '\t' => escaped.push_str("\\t"),
            '\r' => escaped.push_str("\\r"),
            '\u{7}' => escaped.push_str("\\a"),
            '\u{8}' => escaped.push_str("\\b"),
            '\u{b}' => escaped.push_str("\\v"),
            '\u{c}' => escaped.push_str("\\f"),
            '\\' => escaped.push_str("\\\\"),
            '"' if double => escaped.push_str("\\\""),
            '$' if double
                && chars
                    .peek()
                    .is_some_and(|ch| ch.is_ascii_alphabetic() || matches!(ch, '_' | '{')) =>
            {
                escaped.push_str("\\$");
            }
            ch if ch.is_control() => escaped.push_str(&format!("\\{:03o}", ch as u32)),
            ch if let Some(byte) = raw::held(ch) => escaped.push_str(&format!("\\{byte:03o}")),
            ch => escaped.push(ch),
        }
    }
    escaped
}

/// One command in its one form: the full name, flags without values together
/// and in order, flags with values in order, then the rest.
#[must_use]
pub fn print(words: &[Word]) -> String {
    let Some((name, rest)) = words.split_first() else {
        return String::new();
    };
    let row = find(&name.text).ok();
    let Some((row, parsed)) = row.and_then(|row| Some((row, row.spec().split(rest).ok()?))) else {
        return words.iter().map(print_word).collect::<Vec<_>>().join(" ");
    };
    let flags = &row.spec().flags;
    let mut out = row.name.to_owned();
    let mut plain: Vec<char> = Vec::new();
    let mut valued = Vec::new();
    for (index, value) in parsed.flags {
        match (flags[index].letter, value) {
            (Some(letter), None) if flags[index].takes == Takes::Nothing => plain.push(letter),
            (Some(letter), value) => valued.push((letter, format!("-{letter}"), value)),
            (None, value) => {
                let long = flags[index].long.as_deref().unwrap_or_default();
                valued.push(('~', format!("--{long}"), value));
            }
        }
    }
    plain.sort_unstable();
    if !plain.is_empty() {
        out.push_str(" -");
        out.extend(plain);
    }
    valued.sort_by_key(|(letter, ..)| *letter);
    let open = valued.last().is_some_and(|(.., value)| value.is_none());
    for (_, flag, value) in valued {
        out.push(' ');
        out.push_str(&flag);
        if let Some(value) = value {
            out.push(' ');
            out.push_str(&quote(value));
        }
    }
    // An amount left out must not take what comes next, and an argument that
    // looks like a flag must not become one.
    let mut texts = parsed.positionals.iter().map(|at| rest[*at].text.as_str());
    let looks = |text: &str| text.len() > 1 && text.starts_with('-');
    if open || texts.next().is_some_and(looks) || (row.spec().own && texts.any(looks)) {
        out.push_str(" --");
    }
    for at in parsed.positionals {
        out.push(' ');
        out.push_str(&print_word(&rest[at]));
    }
    out
}

/// Commands in one line, with `separator` between them: ` ; ` in a block or a
/// file, ` \; ` in a binding.
#[must_use]
pub fn print_all(commands: &[Vec<Word>], separator: &str) -> String {
    let printed: Vec<String> = commands.iter().map(|words| print(words)).collect();
    printed.join(separator)
}

/// The commands of a block in one line, with `separator` between its lines.
pub(super) fn print_lines(groups: &[Group], separator: &str) -> String {
    let printed: Vec<String> = groups
        .iter()
        .map(|group| print_all(&group.commands, " ; "))
        .collect();
    printed.join(separator)
}

/// A block's commands as text that is read back as the same groups: a line for
/// each. Names and flags stay as they were written.
#[must_use]
pub fn render(groups: &[Group]) -> String {
    let mut text = String::new();
    for group in groups {
        if !text.is_empty() {
            text.push('\n');
        }
        for (at, words) in group.commands.iter().enumerate() {
            if at > 0 {
                text.push_str(" ; ");
            }
            for (at, word) in words.iter().enumerate() {
                if at > 0 {
                    text.push(' ');
                }
                if word.block.is_some() {
                    text.push_str("{ ");
                    text.push_str(&word.text);
                    text.push_str(" }");
                } else {
                    text.push_str(&quote(&word.text));
                }
            }
        }
    }
    text
}

fn print_word(word: &Word) -> String {
    match &word.block {
        Some(groups) => format!("{{ {} }}", print_lines(groups, " ;; ")),
        None => quote(&word.text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::lex_words;

    #[test]
    fn quoting_is_tmuxs() {
        for (text, quoted) in [
            ("", "''"),
            ("a b", "\"a b\""),
            ("it's", "\"it's\""),
            ("$HOME \"x\" \\y", "\"\\$HOME \\\"x\\\" \\\\y\""),
            ("~", "\\~"),
            ("~x", "\\~x"),
            ("a\tb\nc\u{1b}", "a\\tb\\nc\\033"),
            ("é\"", "'é\"'"),
            ("\"", "\\\""),
            ("a\\b", "a\\\\b"),
            ("$", "\\$"),
            ("$ x", "\"$ x\""),
            ("{", "\\{"),
            ("a\"b", "'a\"b'"),
            ("plain", "plain"),
        ] {
            assert_eq!(quote(text), quoted, "{text:?}");
        }
    }

    #[test]
    fn printed_words_read_back() {
        for text in [
            "a b",
            "it's \"x\"",
            "a;b",
            "#x",
            "~/x",
            "\\",
            "\u{1b}[0m",
            "100%",
            "é$x{",
        ] {
            let read = lex_words(&format!("cmd {}", quote(text)), &|_| None).unwrap();
            assert_eq!(read[0][1].text, text);
        }
    }

    #[test]
    fn commands_print_in_one_form() {
        for (text, printed) in [
            (
                "bind -- -T 'display -p x'",
                "bind-key -- -T \"display -p x\"",
            ),
            ("bind x send -X cancel", "bind-key x send -X cancel"),
            (
                "splitw -t : -hd -c x ; next -t a",
                "split-window -dh -c x -t : \\; next-window -t a",
            ),
            ("resizep -U -- -5", "resize-pane -U -- -5"),
            ("resizep -U -5", "resize-pane -U -5"),
            ("resizep -D --", "resize-pane -D --"),
            (
                "if -F 1 { killp; lsw } 'x y'",
                "if-shell -F 1 { kill-pane ; list-windows } \"x y\"",
            ),
            ("send -X -N 5 scroll-up", "send-keys -X -N 5 scroll-up"),
            ("nosuch  -x", "nosuch -x"),
        ] {
            let words = lex_words(text, &|_| None).unwrap();
            assert_eq!(print_all(&words, " \\; "), printed);
        }
    }

    /// The words of a text, and those of each block in it.
    fn read(text: &str) -> Option<Vec<Vec<Word>>> {
        let env = |name: &str| Some(format!("<{name}>"));
        lex_words(text, &env).ok()
    }

    /// What a text's commands run in the end: each block by the words in it.
    fn meaning(text: &str) -> Option<String> {
        let show = |word: &Word| match word.block {
            Some(_) => format!("{{{:?}}}", meaning(&word.text)),
            None => format!("{:?}", word.text),
        };
        let commands = read(text)?;
        let shown = commands
            .iter()
            .map(|words| words.iter().map(show).collect());
        Some(shown.collect::<Vec<String>>().join(";"))
    }

    fn assert_block_survives(text: &str) {
        let Some(commands) = read(text) else { return };
        // What is printed in one line for a person tells groups apart by `;;`,
        // which is no text to read.
        if commands
            .iter()
            .flatten()
            .any(|word| word.text.contains('\n'))
        {
            return;
        }
        let printed = print_all(&commands, " ; ");
        let again = read(&printed).unwrap_or_else(|| panic!("{text:?}: {printed:?}"));
        assert_eq!(meaning(&printed), meaning(text), "{text:?}: {printed:?}");
        assert_eq!(print_all(&again, " ; "), printed, "{text:?}");
    }

    #[test]
    fn blocks_read_back_whatever_stands_around_a_mark() {
        let odd = [
            " ", "\t", "\r", "\n", "\u{b}", "\u{c}", "\0", "\u{85}", "\u{a0}", "\u{3000}", "\\",
            "\\ ", "\\\n", "\r\n", "\\\r\n", "'", "\"", "'' ", "zz", "user", "/", "=", "A=", ";",
            "#", "#{", "%", "%if 1 ", "%hidden ", "$", "${", "{", "}", "{ ", " }", "~", "#{x}",
            "# c\n",
        ];
        for mark in ["~", "$", "$A", "%", "#", "{ zz", "}", "\r", "\\", "A=1"] {
            for before in odd {
                for after in odd {
                    for text in [
                        format!("bind-key x {{ {before}{mark}{after}}}"),
                        format!("bind-key x {{ zz {mark}{before} b{after}\n}}"),
                    ] {
                        assert_block_survives(&text);
                    }
                }
            }
        }
    }

    #[test]
    fn blocks_are_read_with_what_is_around_them() {
        for (text, printed) in [
            ("bind x { \u{c}~\u{c}idden }", "bind-key x { \\f~\\fidden }"),
            ("bind x { a \\  }", "bind-key x { a \" \" }"),
            ("bind x { A=1 lsw }", "bind-key x { list-windows }"),
            ("bind x { %if 0 lsw %endif }", "bind-key x {  }"),
            ("bind x {\n zz $A # all\n}", "bind-key x { zz <A> }"),
            (
                "bind x { display 'a\nb' }",
                "bind-key x { display-message a\\nb }",
            ),
            (
                "bind x {\n lsw\n if 1 { lsp ; zz\n yy } }",
                "bind-key x { list-windows ;; if-shell 1 { list-panes ; zz ;; yy } }",
            ),
            ("bind x {}", "bind-key x {  }"),
        ] {
            let words = read(text).unwrap();
            assert_eq!(print_all(&words, " ; "), printed, "{text:?}");
            let again = format!("cmd {{ {} }}", words[0][2].text);
            assert_eq!(
                read(&again).unwrap()[0][1].text,
                words[0][2].text,
                "{text:?}"
            );
        }
    }
}
