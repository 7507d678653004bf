//! A terminal's description as infocmp(1M) prints it, and its strings with
//! their parameters filled in (terminfo(5), "Parameterized Strings"). It reads
//! what is printed, and knows no terminal.

use std::collections::BTreeMap;
use std::process::Command;

/// A capability's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// It is so.
    Flag,
    /// A number.
    Number(i64),
    /// A string, its escapes read, its parameters not yet filled in.
    Text(Vec<u8>),
}

/// What a string is filled in with.
#[derive(Clone, Debug)]
pub(crate) enum Param {
    /// A number.
    Number(i64),
    /// A text.
    Text(String),
}

impl From<i64> for Param {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for Param {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl Param {
    fn number(&self) -> i64 {
        match self {
            Self::Number(number) => *number,
            Self::Text(text) => text.parse().unwrap_or(0),
        }
    }
}

/// A description.
#[derive(Debug)]
pub(crate) struct Description(pub(crate) BTreeMap<String, Value>);

impl Description {
    /// That of a terminal, extended capabilities included.
    pub(crate) fn of(term: &str) -> Self {
        let run = Command::new("infocmp").args(["-x", "-1", term]).output();
        let output = run.expect("infocmp of ncurses-bin is needed");
        assert!(
            output.status.success(),
            "no description of {term}: install ncurses-term"
        );
        Self::read(&String::from_utf8(output.stdout).unwrap())
    }

    fn read(text: &str) -> Self {
        let lines = text.lines().filter(|line| line.starts_with('\t'));
        let entry = |line: &str| {
            let line = line.trim();
            let line = line.strip_suffix(',').unwrap_or(line);
            if let Some((name, number)) = line.split_once('#')
                && let Some(number) = number_of(number)
            {
                return (name.to_owned(), Value::Number(number));
            }
            match line.split_once('=') {
                Some((name, text)) => (name.to_owned(), Value::Text(unescaped(text))),
                None => (line.to_owned(), Value::Flag),
            }
        };
        Self(lines.map(entry).collect())
    }

    /// A string capability, filled in.
    pub(crate) fn text(&self, name: &str, params: &[Param]) -> Vec<u8> {
        match self.0.get(name) {
            Some(Value::Text(text)) => filled(text, params),
            other => panic!("{name} is {other:?}, no string"),
        }
    }
}

fn number_of(text: &str) -> Option<i64> {
    match text.strip_prefix("0x") {
        Some(digits) => i64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

/// Reads `\E`, `^X`, octal and the rest; drops `$<…>`, which is a delay.
fn unescaped(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::new(), 0);
    while let Some(byte) = bytes.get(at).copied() {
        at += 1;
        let next = bytes.get(at).copied().unwrap_or(0);
        match byte {
            b'^' => {
                out.push(if next == b'?' { 0x7f } else { next & 0x1f });
                at += 1;
            }
            b'\\' if next.is_ascii_digit() => {
                let digits = &text[at..(at + 3).min(text.len())];
                let octal = digits.bytes().take_while(u8::is_ascii_digit).count();
                // `\200` stands for NUL, and `\0` does so by itself.
                let code = u8::from_str_radix(&digits[..octal], 8).unwrap();
                out.push(if code == 0x80 { 0 } else { code });
                at += octal;
            }
            b'\\' => {
                out.push(match next {
                    b'E' | b'e' => 0x1b,
                    b'n' | b'l' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'b' => 0x08,
                    b'f' => 0x0c,
                    b's' => b' ',
                    other => other,
                });
                at += 1;
            }
            b'$' if next == b'<' => {
                at += text[at..].find('>').map_or(0, |end| end + 1);
            }
            plain => out.push(plain),
        }
    }
    out
}

/// A string with its parameters filled in, by a machine with a stack.
fn filled(text: &[u8], params: &[Param]) -> Vec<u8> {
    let mut machine = Machine {
        params: params.to_vec(),
        ..Machine::default()
    };
    machine.params.resize(9, Param::Number(0));
    let mut rest = text;
    while let Some((byte, tail)) = rest.split_first() {
        rest = tail;
        if *byte == b'%' {
            rest = machine.step(rest);
        } else {
            machine.out.push(*byte);
        }
    }
    machine.out
}

#[derive(Default)]
struct Machine {
    params: Vec<Param>,
    stack: Vec<Param>,
    variables: BTreeMap<u8, Param>,
    out: Vec<u8>,
}

impl Machine {
    fn pop(&mut self) -> i64 {
        self.stack.pop().map_or(0, |param| param.number())
    }

    /// Does what follows a `%`; gives back what is left.
    fn step<'t>(&mut self, text: &'t [u8]) -> &'t [u8] {
        let (code, rest) = text.split_first().expect("a % at the end");
        match code {
            b'%' => self.out.push(b'%'),
            b'c' => {
                let byte = self.pop() as u8;
                self.out.push(byte);
            }
            b'p' => {
                let at = usize::from(rest[0] - b'1');
                self.stack.push(self.params[at].clone());
                return &rest[1..];
            }
            b'P' => {
                let value = self.stack.pop().unwrap_or(Param::Number(0));
                self.variables.insert(rest[0], value);
                return &rest[1..];
            }
            b'g' => {
                let known = self.variables.get(&rest[0]).cloned();
                self.stack.push(known.unwrap_or(Param::Number(0)));
                return &rest[1..];
            }
            b'\'' => {
                self.stack.push(Param::Number(rest[0].into()));
                return &rest[2..];
            }
            b'{' => {
                let end = rest.iter().position(|b| *b == b'}').expect("an open %{");
                let number = std::str::from_utf8(&rest[..end]).unwrap();
                self.stack.push(Param::Number(number.parse().unwrap()));
                return &rest[end + 1..];
            }
            b'i' => {
                for param in &mut self.params[..2] {
                    *param = Param::Number(param.number() + 1);
                }
            }
            b'l' => {
                let length = match self.stack.pop() {
                    Some(Param::Text(text)) => text.len() as i64,
                    _ => 0,
                };
                self.stack.push(Param::Number(length));
            }
            b'?' | b';' => {}
            b't' if self.pop() == 0 => return skip(rest, true),
            b't' => {}
            b'e' => return skip(rest, false),
            b'!' | b'~' => {
                let value = self.pop();
                let value = if *code == b'!' {
                    i64::from(value == 0)
                } else {
                    !value
                };
                self.stack.push(Param::Number(value));
            }
            b'+' | b'-' | b'*' | b'/' | b'm' | b'&' | b'|' | b'^' | b'=' | b'<' | b'>' | b'A'
            | b'O' => self.operate(*code),
            _ => return self.print(text),
        }
        rest
    }

    fn operate(&mut self, code: u8) {
        let (b, a) = (self.pop(), self.pop());
        self.stack.push(Param::Number(match code {
            b'+' => a + b,
            b'-' => a - b,
            b'*' => a * b,
            b'/' => a.checked_div(b).unwrap_or(0),
            b'm' => a.checked_rem(b).unwrap_or(0),
            b'&' => a & b,
            b'|' => a | b,
            b'^' => a ^ b,
            b'=' => i64::from(a == b),
            b'<' => i64::from(a < b),
            b'>' => i64::from(a > b),
            b'A' => i64::from(a != 0 && b != 0),
            _ => i64::from(a != 0 || b != 0),
        }));
    }

    /// `%d`, `%s`, `%x` and their kin, with a width and leading zeros.
    fn print<'t>(&mut self, text: &'t [u8]) -> &'t [u8] {
        let text = text.strip_prefix(b":").unwrap_or(text);
        let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
        let (format, rest) = text.split_at(digits);
        let format = std::str::from_utf8(format).unwrap();
        let width: usize = format.parse().unwrap_or(0);
        let value = self.stack.pop().unwrap_or(Param::Number(0));
        let printed = match (rest[0], &value) {
            (b's', Param::Text(text)) => text.clone(),
            (b'd' | b's', _) if format.starts_with('0') => format!("{:0width$}", value.number()),
            (b'd' | b's', _) => format!("{:width$}", value.number()),
            (b'o', _) => format!("{:o}", value.number()),
            (b'x', _) => format!("{:x}", value.number()),
            (b'X', _) => format!("{:X}", value.number()),
            (other, _) => panic!("%{}", char::from(other)),
        };
        self.out.extend(printed.bytes());
        &rest[1..]
    }
}

/// Goes past the part of a conditional that does not count: to its `%e`, if
/// `or_else`, or to its `%;`.
fn skip(mut text: &[u8], or_else: bool) -> &[u8] {
    let mut depth = 0;
    while let Some(at) = text.iter().position(|b| *b == b'%') {
        let code = text.get(at + 1).copied().unwrap_or(b';');
        text = text.get(at + 2..).unwrap_or_default();
        match code {
            b'?' => depth += 1,
            b';' if depth == 0 => return text,
            b';' => depth -= 1,
            b'e' if depth == 0 && or_else => return text,
            _ => {}
        }
    }
    text
}

#[test]
fn strings_are_filled_in_as_terminfo_5_says() {
    let fill = |text: &str, params: &[Param]| {
        let text = filled(&unescaped(text), params);
        String::from_utf8(text).unwrap().replace('\x1b', "^")
    };
    let color = "\\E[%?%p1%{8}%<%t3%p1%d%e%p1%{16}%<%t9%p1%{8}%-%d%e38;5;%p1%d%;m";
    for (text, params, want) in [
        (
            "\\E[%i%p1%d;%p2%dH",
            vec![Param::from(4), Param::from(0)],
            "^[5;1H",
        ),
        (color, vec![3.into()], "^[33m"),
        (color, vec![9.into()], "^[91m"),
        (color, vec![200.into()], "^[38;5;200m"),
        ("%p1%c%p2%'0'%+%c%%", vec![65.into(), 5.into()], "A5%"),
        ("%p1%03d%p1%x%p1%4d", vec![10.into()], "010a  10"),
        ("%p1%l%d%p1%s%p1%Pa%ga%s", vec!["xyz".into()], "3xyzxyz"),
        ("%?%p1%!%tno%eyes%;$<5/>.", vec![0.into()], "no."),
        ("^A\\,\\072\\s\\^", vec![], "\u{1},: ^"),
    ] {
        assert_eq!(fill(text, &params), want, "{text}");
    }
}
