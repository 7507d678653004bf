//! The expressions of `<< … >>`, `when:` and `filters:`: comparison and logic over
//! pipeline values and parameters (CircleCI docs, "Using expressions in your
//! configuration"). A value that the file does not tell makes the result unknown.

use super::super::yaml::Node;

/// The deepest nesting that is read.
const MAX_DEPTH: usize = 64;

/// What an expression, a parameter or a logic statement comes to.
#[derive(Clone, Debug)]
pub(super) enum Datum {
    /// Only CircleCI knows it.
    Unknown,
    /// A truth value.
    Bool(bool),
    /// A number, as written.
    Number(String),
    /// A text; false only when empty.
    Text(String),
    /// A list or map, such as a parameter of type `steps`.
    Tree(Node),
}

impl Datum {
    /// Whether it counts as true; none when unknown.
    pub(super) fn truthy(&self) -> Option<bool> {
        match self {
            Self::Unknown => None,
            Self::Bool(value) => Some(*value),
            Self::Number(text) => Some(text.parse::<f64>().is_ok_and(|n| n != 0.0 && !n.is_nan())),
            Self::Text(text) => Some(!text.is_empty()),
            Self::Tree(_) => Some(true),
        }
    }

    /// Its text where it is put into another; none when it has none.
    pub(super) fn text(&self) -> Option<String> {
        match self {
            Self::Unknown | Self::Tree(_) => None,
            Self::Bool(value) => Some(value.to_string()),
            Self::Number(text) | Self::Text(text) => Some(text.clone()),
        }
    }

    /// Whether two are equal; none when one of them is unknown.
    pub(super) fn equals(&self, other: &Self) -> Option<bool> {
        match (self, other) {
            (Self::Unknown, _) | (_, Self::Unknown) => None,
            (Self::Number(a), Self::Number(b)) => match (a.parse::<f64>(), b.parse::<f64>()) {
                (Ok(a), Ok(b)) => Some(a.total_cmp(&b).is_eq()),
                _ => Some(a == b),
            },
            // The tree keeps no types, so that `"1"` and `1` cannot be told apart.
            (a, b) => Some(a.text().is_some() && a.text() == b.text()),
        }
    }
}

/// A parsed expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expr {
    Ref(String),
    Bool(bool),
    Number(String),
    Text(String),
    Not(Box<Self>),
    Binary(Op, Box<Self>, Box<Self>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    Or,
    And,
    Equal,
    NotEqual,
    StartsWith,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Op(Op),
    Not,
    Open,
    Close,
}

/// Whether a word is the name of a value: `parameters.x`, `pipeline.x`, `matrix.x`.
pub(super) fn is_reference(word: &str) -> bool {
    let Some((root, rest)) = word.split_once('.') else {
        return false;
    };
    matches!(root, "parameters" | "pipeline" | "matrix") && !rest.is_empty() && !rest.ends_with('.')
}

/// Reads an expression; none when it is not one.
pub(super) fn parse(text: &str) -> Option<Expr> {
    let tokens = tokens(text)?;
    let mut parser = Parser {
        tokens: &tokens,
        at: 0,
    };
    let expr = parser.or(0)?;
    (parser.at == tokens.len()).then_some(expr)
}

impl Expr {
    /// Whether it names any value at all.
    pub(super) fn refers(&self) -> bool {
        match self {
            Self::Ref(_) => true,
            Self::Bool(_) | Self::Number(_) | Self::Text(_) => false,
            Self::Not(inner) => inner.refers(),
            Self::Binary(_, left, right) => left.refers() || right.refers(),
        }
    }

    /// Its value, names looked up by `look`. `and` and `or` give the operand that
    /// decided, so that `a and 10 or 1` chooses a value.
    pub(super) fn evaluate<E>(
        &self,
        look: &mut impl FnMut(&str) -> Result<Datum, E>,
    ) -> Result<Datum, E> {
        Ok(match self {
            Self::Ref(name) => look(name)?,
            Self::Bool(value) => Datum::Bool(*value),
            Self::Number(text) => Datum::Number(text.clone()),
            Self::Text(text) => Datum::Text(text.clone()),
            Self::Not(inner) => match inner.operand(look)?.truthy() {
                Some(value) => Datum::Bool(!value),
                None => Datum::Unknown,
            },
            Self::Binary(op, left, right) => {
                let left = left.operand(look)?;
                let right = right.operand(look)?;
                binary(*op, left, right)
            }
        })
    }

    /// Its value inside of another: a text with tags of its own is not known yet.
    fn operand<E>(&self, look: &mut impl FnMut(&str) -> Result<Datum, E>) -> Result<Datum, E> {
        Ok(match self.evaluate(look)? {
            Datum::Text(text) if text.contains("<<") && text.contains(">>") => Datum::Unknown,
            datum => datum,
        })
    }
}

fn binary(op: Op, left: Datum, right: Datum) -> Datum {
    let truth = |value: Option<bool>| value.map_or(Datum::Unknown, Datum::Bool);
    match op {
        Op::And => match (left.truthy(), right.truthy()) {
            (Some(false), _) => left,
            (None, Some(false)) => right,
            (None, _) => Datum::Unknown,
            (Some(true), _) => right,
        },
        Op::Or => match (left.truthy(), right.truthy()) {
            (Some(true), _) => left,
            (None, _) => Datum::Unknown,
            (Some(false), _) => right,
        },
        Op::Equal => truth(left.equals(&right)),
        Op::NotEqual => truth(left.equals(&right).map(|equal| !equal)),
        Op::StartsWith => match (left.text(), right.text()) {
            (Some(left), Some(right)) => Datum::Bool(left.starts_with(&right)),
            _ => Datum::Unknown,
        },
        Op::Less | Op::LessEqual | Op::Greater | Op::GreaterEqual => {
            let number = |datum: &Datum| datum.text().and_then(|text| text.parse::<f64>().ok());
            let (Some(a), Some(b)) = (number(&left), number(&right)) else {
                return Datum::Unknown;
            };
            Datum::Bool(match op {
                Op::Less => a < b,
                Op::LessEqual => a <= b,
                Op::Greater => a > b,
                _ => a >= b,
            })
        }
    }
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let two = rest.get(..2).unwrap_or_default();
        let (token, length) = match (first, two) {
            ('(', _) => (Token::Open, 1),
            (')', _) => (Token::Close, 1),
            (_, "==") => (Token::Op(Op::Equal), 2),
            (_, "!=") => (Token::Op(Op::NotEqual), 2),
            (_, "<=") => (Token::Op(Op::LessEqual), 2),
            (_, ">=") => (Token::Op(Op::GreaterEqual), 2),
            ('<', _) => (Token::Op(Op::Less), 1),
            ('>', _) => (Token::Op(Op::Greater), 1),
            ('"' | '\'', _) => {
                let end = rest.get(1..)?.find(first)?;
                (Token::Text(rest.get(1..=end)?.to_owned()), end + 2)
            }
            _ => {
                let plain = |c: char| c.is_alphanumeric() || "_-.:/+@~".contains(c);
                let end = rest.find(|c| !plain(c)).unwrap_or(rest.len());
                (word(rest.get(..end)?)?, end)
            }
        };
        tokens.push(token);
        rest = rest.get(length..)?.trim_start();
    }
    Some(tokens)
}

fn word(word: &str) -> Option<Token> {
    Some(match word {
        "" => return None,
        "and" => Token::Op(Op::And),
        "or" => Token::Op(Op::Or),
        "not" => Token::Not,
        "starts-with" => Token::Op(Op::StartsWith),
        _ => Token::Word(word.to_owned()),
    })
}

struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
}

impl Parser<'_> {
    fn take(&mut self, wanted: impl Fn(Op) -> bool) -> Option<Op> {
        let Some(Token::Op(op)) = self.tokens.get(self.at) else {
            return None;
        };
        wanted(*op).then(|| {
            self.at += 1;
            *op
        })
    }

    fn or(&mut self, depth: usize) -> Option<Expr> {
        let mut left = self.and(depth)?;
        while self.take(|op| op == Op::Or).is_some() {
            left = join(Op::Or, left, self.and(depth)?);
        }
        Some(left)
    }

    fn and(&mut self, depth: usize) -> Option<Expr> {
        let mut left = self.comparison(depth)?;
        while self.take(|op| op == Op::And).is_some() {
            left = join(Op::And, left, self.comparison(depth)?);
        }
        Some(left)
    }

    fn comparison(&mut self, depth: usize) -> Option<Expr> {
        let left = self.unary(depth)?;
        match self.take(|op| !matches!(op, Op::Or | Op::And)) {
            Some(op) => Some(join(op, left, self.unary(depth)?)),
            None => Some(left),
        }
    }

    fn unary(&mut self, depth: usize) -> Option<Expr> {
        if depth > MAX_DEPTH {
            return None;
        }
        let token = self.tokens.get(self.at)?;
        self.at += 1;
        Some(match token {
            Token::Not => Expr::Not(Box::new(self.unary(depth + 1)?)),
            Token::Open => {
                let inner = self.or(depth + 1)?;
                if self.tokens.get(self.at) != Some(&Token::Close) {
                    return None;
                }
                self.at += 1;
                inner
            }
            Token::Text(text) => Expr::Text(text.clone()),
            Token::Word(word) => match word.as_str() {
                "true" => Expr::Bool(true),
                "false" => Expr::Bool(false),
                word if word.parse::<f64>().is_ok() => Expr::Number(word.to_owned()),
                word if is_reference(word) => Expr::Ref(word.to_owned()),
                _ => return None,
            },
            Token::Close | Token::Op(_) => return None,
        })
    }
}

fn join(op: Op, left: Expr, right: Expr) -> Expr {
    Expr::Binary(op, Box::new(left), Box::new(right))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn value(text: &str) -> Option<String> {
        let mut look = |name: &str| {
            Ok::<_, ()>(match name {
                "parameters.on" => Datum::Bool(true),
                "parameters.n" => Datum::Number("3".to_owned()),
                "parameters.os" => Datum::Text("linux".to_owned()),
                "parameters.none" => Datum::Text(String::new()),
                _ => Datum::Unknown,
            })
        };
        let datum = parse(text).unwrap().evaluate(&mut look).unwrap();
        datum.text()
    }

    #[test]
    fn expression_is_evaluated_as_far_as_it_is_known() {
        let table = [
            ("parameters.on", Some("true")),
            ("parameters.os == \"linux\"", Some("true")),
            ("parameters.os != 'linux'", Some("false")),
            ("parameters.n >= 3 and parameters.n < 4", Some("true")),
            ("parameters.on and 10 or 1", Some("10")),
            ("not parameters.on and 10 or 1", Some("1")),
            ("not (parameters.on and false)", Some("true")),
            ("not parameters.on and false", Some("false")),
            ("parameters.os starts-with \"lin\"", Some("true")),
            ("parameters.none or parameters.os", Some("linux")),
            ("pipeline.git.branch == \"main\"", None),
            ("pipeline.git.branch == \"main\" and false", Some("false")),
            ("parameters.on or pipeline.git.tag", Some("true")),
            ("not pipeline.git.tag", None),
        ];
        for (text, expected) in table {
            assert_eq!(value(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn text_that_is_no_expression_is_none() {
        for text in [
            "",
            "EOF",
            "a b",
            "parameters",
            "parameters.",
            "parameters.x y",
            "(parameters.x",
            "and",
            "pipeline.x ==",
            "\"open",
            "EOF > file",
            "$((1",
            "x.y",
        ] {
            assert!(parse(text).is_none(), "{text}");
        }
        assert!(parse(&"(".repeat(10_000)).is_none());
        assert!(parse(&"not ".repeat(10_000)).is_none());
        assert!(parse("pipeline.parameters.url:with:colons").is_some());
    }
}
