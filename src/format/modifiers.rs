//! The modifiers before the colon of `#{m:…}`: read once, applied by `expand`.

/// A modifier with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Modifier {
    /// Its name: one or two characters.
    pub(super) name: String,
    /// Its arguments, not expanded yet.
    pub(super) args: Vec<String>,
}

impl Modifier {
    fn plain(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            args: Vec::new(),
        }
    }

    /// Whether an argument holds a flag letter.
    pub(super) fn has_flag(&self, flag: char) -> bool {
        self.args.first().is_some_and(|flags| flags.contains(flag))
    }
}

const PLAIN: &str = "labcdnwETSWPL!<>";
const DOUBLE: [&str; 7] = ["||", "&&", "!!", "!=", "==", "<=", ">="];
const WITH_ARGS: &str = "mCNLPSWst=peqRc";

/// Splits `m1;m2:rest` into its modifiers and the rest; no modifiers where the
/// text does not begin with a list of them.
pub(super) fn split(text: &str) -> (Vec<Modifier>, &str) {
    read(text).unwrap_or((Vec::new(), text))
}

fn read(text: &str) -> Option<(Vec<Modifier>, &str)> {
    let mut list = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(';');
        if let Some(rest) = rest.strip_prefix(':') {
            return (!list.is_empty()).then_some((list, rest));
        }
        let (modifier, after) = read_one(rest)?;
        list.push(modifier);
        rest = after;
    }
}

fn ends(text: &str) -> bool {
    text.starts_with([';', ':'])
}

fn read_one(text: &str) -> Option<(Modifier, &str)> {
    let first = text.chars().next()?;
    let after = &text[first.len_utf8()..];
    if PLAIN.contains(first) && ends(after) {
        return Some((Modifier::plain(&text[..1]), after));
    }
    for name in DOUBLE {
        if let Some(after) = text.strip_prefix(name)
            && ends(after)
        {
            return Some((Modifier::plain(name), after));
        }
    }
    if !WITH_ARGS.contains(first) {
        return None;
    }
    let name = &text[..1];
    if ends(after) {
        return Some((Modifier::plain(name), after));
    }
    let wrapper = after.chars().next()?;
    if !wrapper.is_ascii_punctuation() || wrapper == '-' {
        let end = skip(after, &[':', ';'])?;
        let args = vec![after[..end].to_owned()];
        let name = name.to_owned();
        return Some((Modifier { name, args }, &after[end..]));
    }
    let (args, rest) = wrapped(&after[1..], wrapper)?;
    let name = name.to_owned();
    Some((Modifier { name, args }, rest))
}

/// Arguments between wrapper characters: `/a/b/` or `/a/b`.
fn wrapped(text: &str, wrapper: char) -> Option<(Vec<String>, &str)> {
    let mut args = Vec::new();
    let mut rest = text;
    loop {
        if ends(rest) && !args.is_empty() {
            return Some((args, rest));
        }
        match skip(rest, &[wrapper]) {
            Some(end)
                if skip(rest, &[':', ';']).is_none_or(|stop| end < stop || args.is_empty()) =>
            {
                args.push(rest[..end].to_owned());
                rest = &rest[end + wrapper.len_utf8()..];
            }
            _ => {
                let end = skip(rest, &[':', ';'])?;
                args.push(rest[..end].to_owned());
                rest = &rest[end..];
            }
        }
    }
}

/// Where one of `stops` stands outside every `#{…}` and escape; nothing when
/// it does not.
pub(super) fn skip(text: &str, stops: &[char]) -> Option<usize> {
    let mut depth = 0_usize;
    let mut chars = text.char_indices().peekable();
    while let Some((at, ch)) = chars.next() {
        if ch == '#' {
            match chars.peek() {
                Some((_, '{')) => depth += 1,
                Some((_, ',' | '#' | '}' | ':')) => {}
                _ => continue,
            }
            chars.next();
            continue;
        }
        if depth == 0 && stops.contains(&ch) {
            return Some(at);
        }
        if ch == '}' {
            depth = depth.saturating_sub(1);
        }
    }
    None
}

/// The parts between commas outside every `#{…}`.
pub(super) fn parts(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = skip(rest, &[',']) {
        parts.push(&rest[..at]);
        rest = &rest[at + 1..];
    }
    parts.push(rest);
    parts
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
            ("b;=3:x", r#"b[] =["3"]"#, "x"),
            ("==:a,b", "==[]", "a,b"),
            ("m/ri:a,b", r#"m["ri"]"#, "a,b"),
            ("t/f/%H#:%M:x", r#"t["f", "%H#:%M"]"#, "x"),
            ("e|+|f|2:1,2", r#"e["+", "f", "2"]"#, "1,2"),
            ("?a,b,c", "", "?a,b,c"),
            ("zz:x", "", "zz:x"),
            (
                "T;=/#{status-left-length}:y",
                r##"T[] =["#{status-left-length}"]"##,
                "y",
            ),
            ("q:x", "q[]", "x"),
            ("p-10:x", r#"p["-10"]"#, "x"),
        ] {
            assert_eq!(read_text(text), (list.to_owned(), rest), "{text}");
        }
    }

    #[test]
    fn parts_respect_nesting_and_escapes() {
        assert_eq!(parts("a,#{b,c},d#,e"), ["a", "#{b,c}", "d#,e"]);
        assert_eq!(parts(""), [""]);
    }
}
