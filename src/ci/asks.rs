//! What the loaders share about expressions that a file alone does not resolve:
//! the variable that stands for one, the list of them in a step, and lengths of
//! time as CI files write them. It knows no expression's syntax.

use super::model::Ask;

/// The most expressions noted for one step.
const MAX_ASKS: usize = 256;

/// The longest variable name made of an expression.
const MAX_NAME: usize = 120;

/// An expression's text as the name of an environment variable: upper case, with
/// one `_` for each run of other characters.
pub(crate) fn variable(expression: &str) -> String {
    let mut name = String::new();
    for ch in expression.chars() {
        if name.len() >= MAX_NAME {
            break;
        }
        if ch.is_ascii_alphanumeric() {
            name.push(ch.to_ascii_uppercase());
        } else if !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
    }
    let name = name.trim_end_matches('_');
    match name.bytes().next() {
        None => "VALUE".to_owned(),
        Some(first) if first.is_ascii_digit() => format!("_{name}"),
        Some(_) => name.to_owned(),
    }
}

/// Adds an expression to those of a step, each once, and only so many.
pub(crate) fn note(asks: &mut Vec<Ask>, ask: Ask) {
    if asks.len() < MAX_ASKS && !asks.contains(&ask) {
        asks.push(ask);
    }
}

/// Seconds of a text such as `10m`, `1h30m`, `1.25h` or `1d 2h`, rounded up; `None`
/// for anything else. A bare number is seconds.
pub(crate) fn seconds(text: &str) -> Option<u64> {
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    let mut total = 0.0_f64;
    while !rest.is_empty() {
        let digits = rest
            .bytes()
            .take_while(|b| b.is_ascii_digit() || *b == b'.')
            .count();
        let number: f64 = rest.get(..digits)?.parse().ok()?;
        rest = rest.get(digits..)?.trim_start();
        let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        total += number
            * match rest.get(..letters)? {
                "ms" => 0.001,
                "s" | "" => 1.0,
                "m" => 60.0,
                "h" => 3600.0,
                "d" => 86_400.0,
                "w" => 604_800.0,
                _ => return None,
            };
        rest = rest.get(letters..)?.trim_start();
    }
    // A bound far beyond any limit, so that the cast is exact.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    (total.is_finite() && total < 1e12).then(|| total.ceil() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variable_is_a_shell_identifier() {
        for (expression, expected) in [
            ("pipeline.git.branch", "PIPELINE_GIT_BRANCH"),
            ("secrets.getValue(\"a.b\")", "SECRETS_GETVALUE_A_B"),
            ("  7up ", "_7UP"),
            ("<>", "VALUE"),
            ("ä", "VALUE"),
        ] {
            assert_eq!(variable(expression), expected);
        }
        assert_eq!(variable(&"x".repeat(1000)).len(), MAX_NAME);
    }

    #[test]
    fn time_is_read_in_every_spelling() {
        let table = [
            ("10m", Some(600)),
            ("1h0m0s", Some(3600)),
            ("1.25h", Some(4500)),
            ("1d 2h", Some(93_600)),
            ("500ms", Some(1)),
            ("1w", Some(604_800)),
            ("30", Some(30)),
            ("", None),
            ("soon", None),
            ("1x", None),
            ("1.2.3s", None),
            ("99999999999999999w", None),
        ];
        for (text, expected) in table {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }

    #[test]
    fn ask_is_noted_once() {
        let ask = Ask {
            expression: "<+input>".to_owned(),
            variable: "INPUT".to_owned(),
            secret: false,
        };
        let mut asks = Vec::new();
        note(&mut asks, ask.clone());
        note(&mut asks, ask.clone());
        assert_eq!(asks.len(), 1);
        for n in 0..1000 {
            let expression = format!("<+{n}>");
            let variable = variable(&expression);
            note(
                &mut asks,
                Ask {
                    expression,
                    variable,
                    ..ask.clone()
                },
            );
        }
        assert_eq!(asks.len(), MAX_ASKS);
    }
}
