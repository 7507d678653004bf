//! A scanner of Rust sources: words and punctuation with their lines, without
//! comments and literals; which of them are test code; and the paths that
//! they spell, `use` trees unfolded. It knows no rule, and expands no macro.

/// One word or one sign; `::` is one sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    /// The word, or the sign.
    pub(crate) text: String,
    /// Its line, from 1.
    pub(crate) line: usize,
    /// It is compiled for tests only.
    pub(crate) test: bool,
    /// The inline modules around it, outermost first.
    pub(crate) within: Vec<String>,
}

/// A path as it is spelled, such as `crate::base::Size`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spelled {
    /// Its segments; `*` may be the last.
    pub(crate) segments: Vec<String>,
    /// Where it begins among the tokens.
    pub(crate) at: usize,
    /// It is given another name (`as`).
    pub(crate) renamed: bool,
}

/// Takes a source apart.
pub(crate) fn tokens(source: &str) -> Vec<Token> {
    let mut tokens = words(source);
    mark_tests(&mut tokens);
    mark_modules(&mut tokens);
    tokens
}

fn words(source: &str) -> Vec<Token> {
    let chars: Vec<char> = source.chars().collect();
    let (mut tokens, mut at, mut line) = (Vec::new(), 0, 1);
    while let Some(&c) = chars.get(at) {
        let next = chars.get(at + 1).copied();
        let end = match (c, next) {
            ('/', Some('/')) => line_end(&chars, at),
            ('/', Some('*')) => comment_end(&chars, at),
            ('"', _) => string_end(&chars, at + 1),
            ('\'', _) => quote_end(&chars, at),
            _ if is_word(c) => {
                let end = word_end(&chars, at);
                let word: String = chars[at..end].iter().collect();
                match literal_after(&chars, &word, end) {
                    Some(end) => end,
                    None => {
                        tokens.push(token(word, line));
                        end
                    }
                }
            }
            (':', Some(':')) => {
                tokens.push(token("::".to_owned(), line));
                at + 2
            }
            _ => {
                if !c.is_whitespace() {
                    tokens.push(token(c.to_string(), line));
                }
                at + 1
            }
        };
        let end = end.clamp(at + 1, chars.len());
        line += chars[at..end].iter().filter(|&&c| c == '\n').count();
        at = end;
    }
    tokens
}

fn token(text: String, line: usize) -> Token {
    Token {
        text,
        line,
        test: false,
        within: Vec::new(),
    }
}

/// Whether a sign belongs to a word or a number.
pub(crate) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn word_end(chars: &[char], from: usize) -> usize {
    let length = chars[from..].iter().take_while(|&&c| is_word(c)).count();
    from + length
}

fn line_end(chars: &[char], from: usize) -> usize {
    let length = chars[from..].iter().take_while(|&&c| c != '\n').count();
    from + length
}

fn comment_end(chars: &[char], from: usize) -> usize {
    let (mut at, mut depth) = (from, 0);
    while at < chars.len() {
        match (chars[at], chars.get(at + 1)) {
            ('/', Some('*')) => {
                depth += 1;
                at += 2;
            }
            ('*', Some('/')) => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    at
}

fn string_end(chars: &[char], mut at: usize) -> usize {
    while at < chars.len() && chars[at] != '"' {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

/// The end of a character, or of the quote that begins a lifetime.
fn quote_end(chars: &[char], at: usize) -> usize {
    match (chars.get(at + 1), chars.get(at + 2)) {
        (Some('\\'), _) => {
            let rest = &chars[(at + 3).min(chars.len())..];
            at + 4 + rest.iter().take_while(|&&c| c != '\'').count()
        }
        (Some(_), Some('\'')) => at + 3,
        _ => at + 1,
    }
}

/// The end of the string whose prefix (`r`, `b`, `br`, `c` …) was just read.
fn literal_after(chars: &[char], prefix: &str, at: usize) -> Option<usize> {
    if !matches!(prefix, "r" | "b" | "br" | "c" | "cr") {
        return None;
    }
    let hashes = chars[at..].iter().take_while(|&&c| c == '#').count();
    match chars.get(at + hashes) {
        Some('"') if prefix.contains('r') => {
            let mut end = at + hashes + 1;
            while end < chars.len() {
                let close = chars[end] == '"';
                end += 1;
                let after = chars[end..].iter().take_while(|&&c| c == '#').count();
                if close && after >= hashes {
                    return Some(end + hashes);
                }
            }
            Some(end)
        }
        Some('"') if hashes == 0 => Some(string_end(chars, at + 1)),
        Some('\'') if prefix == "b" && hashes == 0 => Some(quote_end(chars, at)),
        _ => None,
    }
}

/// Where the bracket that opens at `open` is closed.
fn closing(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.text.as_str() {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at;
                }
            }
            _ => {}
        }
    }
    tokens.len().saturating_sub(1)
}

/// The end of the item that begins at `from`: its `;` or its closed body.
fn item_end(tokens: &[Token], from: usize) -> usize {
    let mut at = from;
    while let Some(token) = tokens.get(at) {
        match token.text.as_str() {
            ";" => return at,
            "{" => {
                let close = closing(tokens, at);
                let used = tokens[from..at].iter().any(|token| token.text == "use");
                if !used {
                    return close;
                }
                at = close;
            }
            "(" | "[" => at = closing(tokens, at),
            _ => {}
        }
        at += 1;
    }
    tokens.len()
}

fn texts(tokens: &[Token]) -> Vec<&str> {
    tokens.iter().map(|token| token.text.as_str()).collect()
}

/// Whether an attribute's inside makes what follows test code.
fn is_test_only(inside: &[&str]) -> bool {
    matches!(inside, ["test"])
        || (inside.starts_with(&["cfg", "("])
            && inside.contains(&"test")
            && !inside.contains(&"not")
            && !inside.contains(&"any"))
}

fn mark_tests(tokens: &mut [Token]) {
    let mut at = 0;
    while at < tokens.len() {
        let inner = tokens.get(at + 1).is_some_and(|token| token.text == "!");
        let open = at + 1 + usize::from(inner);
        let attribute =
            tokens[at].text == "#" && tokens.get(open).is_some_and(|token| token.text == "[");
        if !attribute {
            at += 1;
            continue;
        }
        let close = closing(tokens, open);
        if is_test_only(&texts(&tokens[open + 1..close])) {
            let end = if inner {
                tokens.len()
            } else {
                (item_end(tokens, close + 1) + 1).min(tokens.len())
            };
            for token in &mut tokens[at..end] {
                token.test = true;
            }
        }
        at = close + 1;
    }
}

fn mark_modules(tokens: &mut [Token]) {
    let mut stack: Vec<Option<String>> = Vec::new();
    for at in 0..tokens.len() {
        match tokens[at].text.as_str() {
            "{" => {
                let named = at >= 2 && tokens[at - 2].text == "mod";
                stack.push(named.then(|| tokens[at - 1].text.clone()));
            }
            "}" => {
                stack.pop();
            }
            _ => {}
        }
        tokens[at].within = stack.iter().flatten().cloned().collect();
    }
}

/// Every path of two segments or more, and every first segment of a `use`.
pub(crate) fn paths(tokens: &[Token]) -> Vec<Spelled> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        // `use<'a>` captures lifetimes and imports nothing.
        let captures = tokens.get(at + 1).is_some_and(|token| token.text == "<");
        if tokens[at].text == "use" && !captures {
            let end = item_end(tokens, at);
            unfold(tokens, at + 1, &[], &mut found);
            at = end.max(at + 1);
        } else if begins_path(tokens, at) {
            at = unfold(tokens, at, &[], &mut found).max(at + 1);
        } else {
            at += 1;
        }
    }
    found
}

fn is_name(token: &Token) -> bool {
    token.text.starts_with(is_word)
}

fn begins_path(tokens: &[Token], at: usize) -> bool {
    is_name(&tokens[at]) && tokens.get(at + 1).is_some_and(|token| token.text == "::")
}

/// Follows one branch of a `use` tree, or one path; gives where it ended.
fn unfold(tokens: &[Token], from: usize, above: &[String], found: &mut Vec<Spelled>) -> usize {
    let mut segments = above.to_vec();
    let mut at = from;
    if tokens.get(at).is_some_and(|token| token.text == "::") {
        at += 1;
    }
    while let Some(token) = tokens.get(at) {
        if token.text == "{" {
            let close = closing(tokens, at);
            at += 1;
            while at < close {
                at = unfold(tokens, at, &segments, found);
                while at < close && tokens[at].text != "," {
                    at += 1;
                }
                at += 1;
            }
            return close + 1;
        }
        if !is_name(token) && token.text != "*" {
            break;
        }
        segments.push(token.text.clone());
        at += 1;
        if tokens.get(at).is_none_or(|token| token.text != "::") {
            break;
        }
        at += 1;
    }
    if segments.len() > above.len() {
        found.push(Spelled {
            segments,
            at: from.min(tokens.len() - 1),
            renamed: tokens.get(at).is_some_and(|token| token.text == "as"),
        });
    }
    at
}
