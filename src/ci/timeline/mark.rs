//! What a shell reports: one mark, read from the text that came in an escape or
//! over the socket. Anything that is not well formed is no mark; it never
//! changes a timeline by itself.
//!
//! ```text
//! B;phase=P;step=N;of=M[;try=T]   a step begins
//! D;phase=P;step=N;status=S[;ended=1|;interrupted=1|;died=1]   it ended
//! H;phase=P;step=N;status=S       the build is held at it
//! S;phase=P[;step=N]              a phase, or a step, is skipped
//! F;status=S                      the build is done
//! ```
//! In a value `%XX` stands for the byte of these two hexadecimal digits. `;`,
//! `%` and control characters must be written so; all else may stand as it is.
//! A `%` without two digits stands for itself.

use crate::base::Label;

/// The longest mark that is read, in bytes.
pub const MAX_MARK: usize = 2048;
/// The largest number of a step, and the most steps of a phase.
pub(super) const MAX_STEPS: u32 = 10_000;

/// One report of a shell: the payload of `ESC ] 7717 ; NONCE ; … BEL`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// A step begins.
    Begin {
        /// Its phase.
        phase: Label,
        /// Its number, from 1.
        step: u32,
        /// How many steps the phase has.
        of: u32,
        /// Which try of it this is, from 1.
        attempt: u32,
    },
    /// A step ended.
    End {
        /// Its phase.
        phase: Label,
        /// Its number, from 1.
        step: u32,
        /// Its exit status.
        status: u8,
        /// How it ended.
        how: How,
    },
    /// The build is held at a step that failed, until the next one begins.
    Held {
        /// Its phase.
        phase: Label,
        /// Its number, from 1.
        step: u32,
        /// Its exit status.
        status: u8,
    },
    /// A phase is skipped, or one step of it.
    Skipped {
        /// The phase.
        phase: Label,
        /// The step; none is the whole phase.
        step: Option<u32>,
    },
    /// The whole build is done.
    Finished {
        /// Its exit status.
        status: u8,
    },
}

/// How a step ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum How {
    /// By reaching its end.
    #[default]
    Done,
    /// It ended its phase (`exit`, `set -e`).
    EndedPhase,
    /// By Ctrl-C.
    Interrupted,
    /// Its shell is gone.
    Died,
}

impl How {
    /// The word for it in JSON and lists.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::EndedPhase => "ended-phase",
            Self::Interrupted => "interrupted",
            Self::Died => "died",
        }
    }
}

/// The values that a mark may carry.
#[derive(Default)]
struct Values {
    phase: Option<Label>,
    step: Option<u32>,
    of: Option<u32>,
    attempt: Option<u32>,
    status: Option<u8>,
    how: How,
}

impl Values {
    fn take(&mut self, key: &str, value: &str) {
        let number = |value: &str| {
            let number = value.parse::<u32>().ok();
            number.filter(|n| (1..=MAX_STEPS).contains(n))
        };
        match key {
            "phase" => self.phase = Some(decode(value)).filter(|name| !name.is_empty()),
            "step" => self.step = number(value),
            "of" => self.of = number(value),
            "try" => self.attempt = number(value),
            "status" => self.status = value.parse().ok(),
            "ended" => self.how = How::EndedPhase,
            "interrupted" => self.how = How::Interrupted,
            "died" => self.how = How::Died,
            _ => {}
        }
    }
}

impl Mark {
    /// The mark of a payload (`NONCE;KIND;key=value;…`); nothing when the nonce is
    /// not this one, when this one is empty, or when the mark is not well formed.
    /// Unknown keys are passed over.
    #[must_use]
    pub fn parse(payload: &str, nonce: &str) -> Option<Self> {
        if nonce.is_empty() || payload.len() > MAX_MARK + nonce.len() + 1 {
            return None;
        }
        Self::read(payload.strip_prefix(nonce)?.strip_prefix(';')?)
    }

    /// The mark of a text without a nonce, from someone who needs none.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        if text.len() > MAX_MARK {
            return None;
        }
        let mut parts = text.split(';');
        let kind = parts.next()?;
        let mut values = Values::default();
        for part in parts {
            let (key, value) = part.split_once('=')?;
            values.take(key, value);
        }
        let Values {
            phase,
            step,
            of,
            attempt,
            status,
            how,
        } = values;
        Some(match kind {
            "B" => Self::Begin {
                phase: phase?,
                step: step?,
                of: of.or(step)?.max(step?),
                attempt: attempt.unwrap_or(1),
            },
            "D" => Self::End {
                phase: phase?,
                step: step?,
                status: status?,
                how,
            },
            "H" => Self::Held {
                phase: phase?,
                step: step?,
                status: status?,
            },
            "S" => Self::Skipped {
                phase: phase?,
                step,
            },
            "F" => Self::Finished { status: status? },
            _ => return None,
        })
    }
}

/// A value as a mark carries it: `;`, `%`, controls and what a [`Label`] drops
/// are written as `%XX`.
#[must_use]
pub fn encode(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for ch in value.chars() {
        if ch == ';' || ch == '%' || ch.is_control() {
            for byte in ch.encode_utf8(&mut [0; 4]).bytes() {
                text.push_str(&format!("%{byte:02X}"));
            }
        } else {
            text.push(ch);
        }
    }
    text
}

/// A value that was written with `%XX`.
fn decode(value: &str) -> Label {
    if !value.contains('%') {
        return Label::new(value);
    }
    let bytes = value.as_bytes();
    let digit = |at: usize| {
        let byte = bytes.get(at).copied()?;
        char::from(byte).to_digit(16)
    };
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at).copied() {
        let pair = (byte == b'%').then(|| digit(at + 1).zip(digit(at + 2)));
        if let Some((high, low)) = pair.flatten() {
            out.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
            at += 3;
        } else {
            out.push(byte);
            at += 1;
        }
    }
    Label::from_bytes(&out)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn mark_is_read_only_with_its_nonce_and_in_shape() {
        let good = Mark::parse("ab;B;phase=script;step=2;of=5;later=x;try=3", "ab");
        assert!(matches!(
            good,
            Some(Mark::Begin {
                step: 2,
                of: 5,
                attempt: 3,
                ..
            })
        ));
        for bad in [
            "xx;B;phase=script;step=2;of=5",
            ";B;phase=a;step=1",
            "ab;B;phase=;step=1;of=1",
            "ab;B;phase=%1b;step=1;of=1",
            "ab;B;phase=a;step=0;of=1",
            "ab;B;phase=a;step=99999;of=1",
            "ab;D;phase=a;step=1;status=300",
            "ab;D;phase=a;step=1",
            "ab;H;phase=a;step=1",
            "ab;Z;phase=a",
            "ab;B;phase",
            "ab",
        ] {
            assert_eq!(Mark::parse(bad, "ab"), None, "{bad}");
        }
        assert_eq!(Mark::parse(";F;status=0", ""), None);
        let long = format!("ab;S;phase={}", "x".repeat(MAX_MARK));
        assert_eq!(Mark::parse(&long, "ab"), None);
    }

    #[test]
    fn names_travel_encoded() {
        for name in ["Run tests", "a;b=c", "100%", "%3B", "日本語 ✓", "x;step=9"] {
            let text = format!("S;phase={}", encode(name));
            let mark = Mark::Skipped {
                phase: Label::new(name),
                step: None,
            };
            assert_eq!(Mark::read(&text), Some(mark), "{text}");
        }
        for (text, name) in [("a%", "a%"), ("%zz%4", "%zz%4"), ("%41%e6", "A\u{fffd}")] {
            let mark = Mark::read(&format!("S;phase={text}"));
            assert!(matches!(mark, Some(Mark::Skipped { phase, .. }) if phase.as_str() == name));
        }
    }

    #[test]
    fn longest_key_fits_into_a_mark() {
        let name = ";".repeat(256);
        let text = format!("B;phase={};step=10000;of=10000;try=10000", encode(&name));
        assert!(Mark::read(&text).is_some());
    }
}
