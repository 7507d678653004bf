//! The modifiers before the colon of `#{m:…}`, taken apart as tmux does:
//! syntax only, arguments are not expanded here.

/// A modifier with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Modifier<'t> {
    /// Its name: one or two characters.
    pub(super) name: &'t str,
    /// Its arguments as written.
    pub(super) args: Vec<&'t str>,
}

const PLAIN: &str = "labdnwETSWPOVL!<>A";
const DOUBLE: [&str; 7] = ["||", "&&", "!!", "!=", "==", "<=", ">="];
const WITH_ARGS: &str = "ImCLNPSOVst=pReqWcA";

/// Splits `m1;m2:rest` into its modifiers and the rest; no modifiers where the
/// text does not begin with a list of them.
pub(super) fn split(text: &str) -> (Vec<Modifier<'_>>, &str) {
    read(text).unwrap_or((Vec::new(), text))
}

fn read(text: &str) -> Option<(Vec<Modifier<'_>>, &str)> {
    let mut list = Vec::new();
    let mut rest = text;
    loop {
        if let Some(rest) = rest.strip_prefix(':') {
            return Some((list, rest));
        }
        rest = rest.strip_prefix(';').unwrap_or(rest);
        if rest.starts_with(':') {
            continue;
        }
        let (modifier, after) = read_one(rest)?;
        list.push(modifier);
        rest = after;
    }
}

fn ends(text: &str) -> bool {
    text.starts_with([';', ':'])
}

fn read_one(text: &str) -> Option<(Modifier<'_>, &str)> {
    let first = text.chars().next()?;
    if !first.is_ascii() {
        return None;
    }
    let (name, after) = text.split_at(1);
    let args = Vec::new();
    if PLAIN.contains(first) && ends(after) {
        return Some((Modifier { name, args }, after));
    }
    for double in DOUBLE {
        if let Some(after) = text.strip_prefix(double)
            && ends(after)
        {
            let name = &text[..2];
            return Some((Modifier { name, args }, after));
        }
    }
    if !WITH_ARGS.contains(first) {
        return None;
    }
    if ends(after) {
        return Some((Modifier { name, args }, after));
    }
    let wrapper = after.bytes().next()?;
    if !wrapper.is_ascii_punctuation() || wrapper == b'-' {
        let end = skip(after, b":;")?;
        let args = vec![&after[..end]];
        return Some((Modifier { name, args }, &after[end..]));
    }
    let (args, rest) = wrapped(after, wrapper);
    Some((Modifier { name, args }, rest))
}

/// Arguments between wrapper characters: `/a/b/` or `/a/b`.
fn wrapped(text: &str, wrapper: u8) -> (Vec<&str>, &str) {
    let mut args = Vec::new();
    let mut rest = text;
    loop {
        // The rest begins with a wrapper.
        if rest.as_bytes().first() == Some(&wrapper) && ends(&rest[1..]) {
            return (args, &rest[1..]);
        }
        let Some(end) = skip(&rest[1..], &[wrapper, b';', b':']) else {
            return (args, rest);
        };
        args.push(&rest[1..=end]);
        rest = &rest[end + 1..];
        if ends(rest) {
            return (args, rest);
        }
    }
}

/// Where one of `stops` stands outside every `#{…}` and escape; nothing when
/// it does not.
pub(super) fn skip(text: &str, stops: &[u8]) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut depth, mut at) = (0_i64, 0);
    while let Some(byte) = bytes.get(at) {
        if *byte == b'#'
            && let Some(next) = bytes.get(at + 1)
            && b",#{}:".contains(next)
        {
            depth += i64::from(*next == b'{');
            at += 2;
            continue;
        }
        depth -= i64::from(*byte == b'}');
        if depth == 0 && stops.contains(byte) {
            return Some(at);
        }
        at += 1;
    }
    None
}

/// The text before the first comma outside every `#{…}`, and all after it.
pub(super) fn halves(text: &str) -> Option<(&str, &str)> {
    let at = skip(text, b",")?;
    Some((&text[..at], &text[at + 1..]))
}

/// The first part of a list with commas, and the others if there are any.
pub(super) fn first(text: &str) -> (&str, Option<&str>) {
    halves(text).map_or((text, None), |(one, rest)| (one, Some(rest)))
}

/// Takes the `#` from `#,`, `##`, `#}`, `#{` and `#:`, outside of `#{…}`.
pub(super) fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut depth = 0_i64;
    let mut chars = text.chars().peekable();
    while let Some(ch) = chars.next() {
        let next = chars.peek().copied();
        if ch == '#' && next == Some('{') {
            depth += 1;
        }
        if depth == 0 && ch == '#' && matches!(next, Some(',' | '#' | '{' | '}' | ':')) {
            out.extend(chars.next());
            continue;
        }
        if ch == '}' {
            depth -= 1;
        }
        out.push(ch);
    }
    out
}

/// Takes the `#` away that escapes what follows it, outside of `#{…}`: for the
/// format of a time, where a colon is written `#:`.
pub(super) fn strip(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut depth = 0_i64;
    let mut chars = text.chars().peekable();
    while let Some(ch) = chars.next() {
        let next = chars.peek().copied();
        if ch == '#' && next == Some('{') {
            depth += 1;
        }
        if ch == '#' && matches!(next, None | Some(',' | '#' | '{' | '}' | ':')) {
            if depth != 0 {
                out.push(ch);
            }
            continue;
        }
        if ch == '}' {
            depth -= 1;
        }
        out.push(ch);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> (String, &str) {
        let (list, rest) = split(text);
        let shown: Vec<_> = list
            .iter()
            .map(|m| format!("{}{:?}", m.name, m.args))
            .collect();
        (shown.join(" "), rest)
    }

    #[test]
    fn modifiers_split_as_tmux_reads_them() {
        for (text, list, rest) in [
            ("session_name", "", "session_name"),
            ("=10:x", r#"=["10"]"#, "x"),
            ("=-5:x", r#"=["-5"]"#, "x"),
            ("=/10/...:x", r#"=["10", "..."]"#, "x"),
            ("s/a/b/i:x", r#"s["a", "b", "i"]"#, "x"),
            ("s/a/b/:x", r#"s["a", "b"]"#, "x"),
            ("s/a//:x", r#"s["a", ""]"#, "x"),
            ("b;=3:x", r#"b[] =["3"]"#, "x"),
            ("==:a,b", "==[]", "a,b"),
            ("m/ri:a,b", r#"m["ri"]"#, "a,b"),
            ("t/f/%H#:%M:x", r#"t["f", "%H#:%M"]"#, "x"),
            ("e|+|f|2:1,2", r#"e["+", "f", "2"]"#, "1,2"),
            ("e|+||2:1,2", r#"e["+", "", "2"]"#, "1,2"),
            ("?a,b,c", "", "?a,b,c"),
            ("zz:x", "", "zz:x"),
            ("s/a:x", r#"s["a"]"#, "x"),
            (":x", "", "x"),
            (";:x", "", "x"),
            (
                "T;=/#{status-left-length}:y",
                r##"T[] =["#{status-left-length}"]"##,
                "y",
            ),
            ("q:x", "q[]", "x"),
            ("p-10:x", r#"p["-10"]"#, "x"),
            ("日:x", "", "日:x"),
        ] {
            assert_eq!(read_text(text), (list.to_owned(), rest), "{text}");
        }
    }

    #[test]
    fn commas_respect_nesting_and_escapes() {
        assert_eq!(first("a,#{b,c},d"), ("a", Some("#{b,c},d")));
        assert_eq!(halves("#{b,c}#,e,f"), Some(("#{b,c}#,e", "f")));
        assert_eq!(halves("a}b,c"), None);
        assert_eq!(first(""), ("", None));
    }

    #[test]
    fn escapes_are_taken_away_outside_of_braces() {
        assert_eq!(unescape("a#,b#}c##d#:e#x"), "a,b}c#d:e#x");
        assert_eq!(unescape("#{x#,y}#,"), "#{x#,y},");
        assert_eq!(strip("%H#:%M#"), "%H:%M");
    }
}
