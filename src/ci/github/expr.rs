//! GitHub's expressions, `${{ … }}`: text becomes a tree. Grammar by the
//! documentation ("Evaluate expressions in workflows and actions"). It evaluates
//! nothing; its depth and length are bounded.

use super::value::{Value, number};

/// The longest expression, in bytes; GitHub's own limit is 21,000 characters.
const MAX_LENGTH: usize = 21_000;

/// The deepest nesting, as on GitHub.
const MAX_DEPTH: u32 = 50;

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expr {
    Literal(Value),
    /// A context by its name.
    Name(String),
    Index(Box<Expr>, Box<Expr>),
    /// All items: `.*`.
    All(Box<Expr>),
    Call(String, Vec<Expr>),
    Not(Box<Expr>),
    Binary(Op, Box<Expr>, Box<Expr>),
}

/// An operator between two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    And,
    Or,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

impl Expr {
    /// The names of a plain path, such as `steps`, `x`, `outputs`, `y`.
    pub(super) fn path(&self) -> Option<Vec<String>> {
        match self {
            Self::Name(name) => Some(vec![name.clone()]),
            Self::Index(base, key) => {
                let Self::Literal(key) = key.as_ref() else {
                    return None;
                };
                let mut path = base.path()?;
                path.push(key.shown()?);
                Some(path)
            }
            _ => None,
        }
    }

    /// Calls a function for every part, outer parts first.
    pub(super) fn each(&self, visit: &mut dyn FnMut(&Self)) {
        visit(self);
        match self {
            Self::Literal(_) | Self::Name(_) => {}
            Self::Index(a, b) | Self::Binary(_, a, b) => {
                a.each(visit);
                b.each(visit);
            }
            Self::All(a) | Self::Not(a) => a.each(visit),
            Self::Call(_, args) => args.iter().for_each(|arg| arg.each(visit)),
        }
    }
}

/// Reads an expression, without its delimiters.
///
/// # Errors
/// What is wrong, in a few words.
pub(super) fn parse(text: &str) -> Result<Expr, String> {
    if text.len() > MAX_LENGTH {
        return Err("the expression is too long".to_owned());
    }
    let mut parser = Parser {
        tokens: tokens(text)?,
        at: 0,
        depth: 0,
    };
    let expr = parser.or()?;
    match parser.peek() {
        None => Ok(expr),
        Some(token) => Err(format!("unexpected {}", token.shown())),
    }
}

/// Where the expression that begins `text` (after `${{`) ends: the place of its
/// `}}`, not within a string.
pub(super) fn end(text: &str) -> Option<usize> {
    let mut within = false;
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'\'' => within = !within,
            b'}' if !within && bytes.get(at + 1) == Some(&b'}') => return Some(at),
            _ => {}
        }
    }
    None
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Literal(Value),
    Name(String),
    Op(Op),
    Mark(char),
}

impl Token {
    fn shown(&self) -> String {
        match self {
            Self::Literal(value) => format!("value {}", value.shown().unwrap_or_default()),
            Self::Name(name) => format!("name {name}"),
            Self::Op(_) => "operator".to_owned(),
            Self::Mark(mark) => format!("{mark}"),
        }
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, used) = token(rest, first, tokens.last())?;
        tokens.push(token);
        rest = rest[used..].trim_start();
    }
    Ok(tokens)
}

fn token(rest: &str, first: char, before: Option<&Token>) -> Result<(Token, usize), String> {
    const OPS: [(&str, Op); 8] = [
        ("&&", Op::And),
        ("||", Op::Or),
        ("==", Op::Equal),
        ("!=", Op::NotEqual),
        ("<=", Op::LessEqual),
        (">=", Op::GreaterEqual),
        ("<", Op::Less),
        (">", Op::Greater),
    ];
    if let Some((sign, op)) = OPS.iter().find(|(sign, _)| rest.starts_with(sign)) {
        return Ok((Token::Op(*op), sign.len()));
    }
    if first == '\'' {
        return string(rest);
    }
    if first.is_ascii_alphabetic() || first == '_' {
        let word = |ch: char| ch.is_ascii_alphanumeric() || ch == '_' || ch == '-';
        let used = rest.find(|ch| !word(ch)).unwrap_or(rest.len());
        let name = &rest[..used];
        // After a dot every word is a property.
        let property = before == Some(&Token::Mark('.'));
        let token = match name {
            _ if property => Token::Name(name.to_owned()),
            "null" => Token::Literal(Value::Null),
            "true" => Token::Literal(Value::Bool(true)),
            "false" => Token::Literal(Value::Bool(false)),
            "NaN" => Token::Literal(Value::Num(f64::NAN)),
            "Infinity" => Token::Literal(Value::Num(f64::INFINITY)),
            _ => Token::Name(name.to_owned()),
        };
        return Ok((token, used));
    }
    let after = rest
        .chars()
        .nth(1)
        .is_some_and(|ch| ch.is_ascii_digit() || ch == '.');
    let operand = matches!(
        before,
        Some(Token::Literal(_) | Token::Name(_) | Token::Mark(']' | ')' | '*'))
    );
    let signed = matches!(first, '-' | '+' | '.') && after && !operand;
    if first.is_ascii_digit() || signed {
        let part = |ch: char| ch.is_ascii_alphanumeric() || matches!(ch, '.' | '-' | '+');
        let used = rest.find(|ch| !part(ch)).unwrap_or(rest.len());
        let value = number(&rest[..used]).ok_or_else(|| format!("no number: {}", &rest[..used]))?;
        return Ok((Token::Literal(Value::Num(value)), used));
    }
    if "()[].,!*".contains(first) {
        return Ok((Token::Mark(first), 1));
    }
    Err(format!("unexpected {first}"))
}

/// A text in single quotes; two of them within stand for one.
fn string(rest: &str) -> Result<(Token, usize), String> {
    let mut text = String::new();
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, ch)) = chars.next() {
        if ch != '\'' {
            text.push(ch);
        } else if chars.peek().is_some_and(|(_, next)| *next == '\'') {
            chars.next();
            text.push('\'');
        } else {
            return Ok((Token::Literal(Value::Text(text)), at + 1));
        }
    }
    Err("a string does not end".to_owned())
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: u32,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn takes(&mut self, token: &Token) -> bool {
        let fits = self.peek() == Some(token);
        self.at += usize::from(fits);
        fits
    }

    fn expect(&mut self, mark: char) -> Result<(), String> {
        if self.takes(&Token::Mark(mark)) {
            return Ok(());
        }
        let found = self
            .peek()
            .map_or_else(|| "the end".to_owned(), Token::shown);
        Err(format!("{mark} expected, found {found}"))
    }

    fn deeper<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, String>,
    ) -> Result<T, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("the expression is nested too deep".to_owned());
        }
        let value = read(self);
        self.depth -= 1;
        value
    }

    /// Operators of one rank, from the left.
    fn level(
        &mut self,
        ops: &[Op],
        next: fn(&mut Self) -> Result<Expr, String>,
    ) -> Result<Expr, String> {
        let mut left = next(self)?;
        let mut count = 0;
        while let Some(Token::Op(op)) = self.peek() {
            let op = *op;
            if !ops.contains(&op) {
                break;
            }
            self.at += 1;
            count += 1;
            // A tree leans to the left as deep as it is long.
            if count > 500 {
                return Err("the expression has too many operators".to_owned());
            }
            left = Expr::Binary(op, Box::new(left), Box::new(next(self)?));
        }
        Ok(left)
    }

    fn or(&mut self) -> Result<Expr, String> {
        self.deeper(|parser| parser.level(&[Op::Or], Self::and))
    }

    fn and(&mut self) -> Result<Expr, String> {
        self.level(&[Op::And], Self::equality)
    }

    fn equality(&mut self) -> Result<Expr, String> {
        self.level(&[Op::Equal, Op::NotEqual], Self::relation)
    }

    fn relation(&mut self) -> Result<Expr, String> {
        let ops = [Op::Less, Op::LessEqual, Op::Greater, Op::GreaterEqual];
        self.level(&ops, Self::unary)
    }

    fn unary(&mut self) -> Result<Expr, String> {
        if self.takes(&Token::Mark('!')) {
            let of = self.deeper(Self::unary)?;
            return Ok(Expr::Not(Box::new(of)));
        }
        self.postfix()
    }

    fn postfix(&mut self) -> Result<Expr, String> {
        let mut expr = self.primary()?;
        let mut count = 0;
        loop {
            count += 1;
            if count > 200 {
                return Err("the expression has too many parts".to_owned());
            }
            if self.takes(&Token::Mark('.')) {
                if self.takes(&Token::Mark('*')) {
                    expr = Expr::All(Box::new(expr));
                    continue;
                }
                let Some(Token::Name(name)) = self.peek().cloned() else {
                    return Err("a name expected after .".to_owned());
                };
                self.at += 1;
                let key = Expr::Literal(Value::Text(name));
                expr = Expr::Index(Box::new(expr), Box::new(key));
            } else if self.takes(&Token::Mark('[')) {
                if self.takes(&Token::Mark('*')) {
                    expr = Expr::All(Box::new(expr));
                } else {
                    let key = self.or()?;
                    expr = Expr::Index(Box::new(expr), Box::new(key));
                }
                self.expect(']')?;
            } else {
                return Ok(expr);
            }
        }
    }

    fn primary(&mut self) -> Result<Expr, String> {
        let token = self.peek().cloned();
        self.at += 1;
        match token {
            Some(Token::Literal(value)) => Ok(Expr::Literal(value)),
            Some(Token::Mark('(')) => {
                let expr = self.or()?;
                self.expect(')')?;
                Ok(expr)
            }
            Some(Token::Name(name)) if self.takes(&Token::Mark('(')) => {
                let mut args = Vec::new();
                if !self.takes(&Token::Mark(')')) {
                    args.push(self.or()?);
                    while self.takes(&Token::Mark(',')) {
                        args.push(self.or()?);
                    }
                    self.expect(')')?;
                }
                Ok(Expr::Call(name.to_ascii_lowercase(), args))
            }
            Some(Token::Name(name)) => Ok(Expr::Name(name)),
            Some(token) => Err(format!("unexpected {}", token.shown())),
            None => Err("a value is missing".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn broken_expressions_are_refused() {
        for (text, message) in [
            ("", "a value is missing"),
            ("a ==", "a value is missing"),
            ("'x", "a string does not end"),
            ("a b", "unexpected name b"),
            ("f(1", ") expected, found the end"),
            ("a.'x'", "a name expected after ."),
            ("\"x\"", "unexpected \""),
            ("1x", "no number: 1x"),
        ] {
            assert_eq!(parse(text).unwrap_err(), message, "{text}");
        }
        for deep in [
            format!("{}1{}", "(".repeat(1000), ")".repeat(1000)),
            "!".repeat(1000) + "1",
            "a".to_owned() + &".b".repeat(1000),
            "1".to_owned() + &"||1".repeat(5000),
            "x".repeat(30_000),
        ] {
            assert!(parse(&deep).is_err());
        }
    }

    #[test]
    fn path_is_told_from_other_expressions() {
        for (text, path) in [
            ("steps.a-b.outputs['c d']", Some("steps/a-b/outputs/c d")),
            ("github.event.true", Some("github/event/true")),
            ("a[0]", Some("a/0")),
            ("a[b]", None),
            ("a.b || c", None),
        ] {
            let found = parse(text).unwrap().path().map(|path| path.join("/"));
            assert_eq!(found.as_deref(), path, "{text}");
        }
    }

    #[test]
    fn end_is_not_within_a_string() {
        assert_eq!(end(" a }} b"), Some(3));
        assert_eq!(end(" '}}' }}"), Some(6));
        assert_eq!(end(" 'it''s }}' "), None);
    }
}
