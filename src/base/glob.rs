//! fnmatch(3) patterns as shells and tmux match names: `*`, `?`, `[…]` with
//! ranges, negation and POSIX classes, `\`. No path rules, no expansion of
//! braces, and never more than one step back for each character.

/// Whether a pattern matches the whole text.
#[must_use]
pub fn glob(pattern: &str, text: &str) -> bool {
    matches(pattern, text, false)
}

/// Whether a pattern matches the whole text, in any case of its letters.
#[must_use]
pub fn glob_ignoring_case(pattern: &str, text: &str) -> bool {
    matches(pattern, text, true)
}

fn matches(pattern: &str, text: &str, fold: bool) -> bool {
    let lower = |ch: char| {
        let mut small = ch.to_lowercase();
        match (fold, small.next(), small.next()) {
            (true, Some(one), None) => one,
            _ => ch,
        }
    };
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().map(lower).collect();
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        if pattern.get(p) == Some(&'*') {
            star = Some((p, t));
            p += 1;
            continue;
        }
        if let Some(after) = one(&pattern, p, text[t], &lower) {
            p = after;
            t += 1;
            continue;
        }
        let Some((at, from)) = star else { return false };
        star = Some((at, from + 1));
        (p, t) = (at + 1, from + 1);
    }
    pattern[p..].iter().all(|ch| *ch == '*')
}

/// Where the pattern goes on when its part at `p` matches one character.
fn one(pattern: &[char], p: usize, ch: char, lower: &dyn Fn(char) -> char) -> Option<usize> {
    match pattern.get(p)? {
        '?' => Some(p + 1),
        '\\' => (lower(*pattern.get(p + 1)?) == ch).then_some(p + 2),
        '[' => match class(pattern, p + 1, ch, lower) {
            Some((hit, after)) => hit.then_some(after),
            // Not closed: a bracket like any other character.
            None => (ch == '[').then_some(p + 1),
        },
        literal => (lower(*literal) == ch).then_some(p + 1),
    }
}

/// Whether a bracket expression has the character, and where it ends; nothing
/// when it does not end.
fn class(
    pattern: &[char],
    from: usize,
    ch: char,
    lower: &dyn Fn(char) -> char,
) -> Option<(bool, usize)> {
    let negated = matches!(pattern.get(from), Some('!' | '^'));
    let start = from + usize::from(negated);
    let (mut at, mut hit) = (start, false);
    loop {
        match *pattern.get(at)? {
            ']' if at > start => return Some((hit != negated, at + 1)),
            '[' if pattern.get(at + 1) == Some(&':') => {
                let rest = &pattern[at + 2..];
                if let Some(end) = rest.windows(2).position(|two| two == [':', ']']) {
                    let name: String = rest[..end].iter().collect();
                    hit |= in_class(&name, ch);
                    at += end + 4;
                    continue;
                }
            }
            '\\' if pattern.get(at + 1).is_some() => at += 1,
            _ => {}
        }
        let low = lower(*pattern.get(at)?);
        match (pattern.get(at + 1), pattern.get(at + 2)) {
            (Some('-'), Some(high)) if *high != ']' => {
                hit |= (low..=lower(*high)).contains(&ch);
                at += 3;
            }
            _ => {
                hit |= low == ch;
                at += 1;
            }
        }
    }
}

/// The classes of characters of POSIX.
fn in_class(name: &str, ch: char) -> bool {
    match name {
        "alpha" => ch.is_alphabetic(),
        "digit" => ch.is_ascii_digit(),
        "alnum" => ch.is_alphanumeric(),
        "upper" => ch.is_uppercase(),
        "lower" => ch.is_lowercase(),
        "space" => ch.is_whitespace(),
        "blank" => matches!(ch, ' ' | '\t'),
        "punct" => ch.is_ascii_punctuation(),
        "xdigit" => ch.is_ascii_hexdigit(),
        "cntrl" => ch.is_control(),
        "print" => !ch.is_control(),
        "graph" => !ch.is_control() && !ch.is_whitespace(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn glob_matches_as_the_shell_does() {
        for (pattern, text, wanted) in [
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*b*c", "axbxbxc", true),
            ("a?c", "ac", false),
            ("[a-c]x", "bx", true),
            ("[!a-c]x", "bx", false),
            ("[^a]", "b", true),
            ("a[", "a[", true),
            ("[a", "[a", true),
            ("a.c", "abc", false),
            ("\\*", "*", true),
            ("a\\", "a", false),
            ("日?", "日本", true),
            ("[]]x", "]x", true),
            ("[!]]", "]", false),
            ("[[:digit:]x]*", "7up", true),
            ("[[:alpha:]]", "7", false),
            ("[a-]", "-", true),
        ] {
            assert_eq!(glob(pattern, text), wanted, "{pattern} {text}");
        }
        assert!(glob_ignoring_case("A[B-C]*", "abz"));
        assert!(!glob("ABC", "abc"));
    }
}
