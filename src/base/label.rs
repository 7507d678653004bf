//! The only text that chrome draws: no control character survives in it, so a
//! window title, a CI step's name or a guest's name cannot inject escapes.

use std::fmt;

use super::{raw, width};

/// Text that is safe to draw.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Label(String);

impl Label {
    /// Longest label kept, in bytes; the rest is cut at a character.
    pub const MAX: usize = 4096;

    /// A label from any text: controls (C0, DEL, C1, line and paragraph
    /// separators, bidi overrides) are dropped, tabs become spaces.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut clean = String::with_capacity(text.len().min(Self::MAX));
        for ch in text.chars() {
            let ch = if ch == '\t' { ' ' } else { ch };
            if is_unsafe(ch) {
                continue;
            }
            if clean.len() + ch.len_utf8() > Self::MAX {
                break;
            }
            clean.push(ch);
        }
        Self(clean)
    }

    /// The name that someone gave a session, window, buffer or title: nothing
    /// if it has a control character of ASCII or was not UTF-8. Backslashes are doubled, as
    /// tmux's vis(3) does.
    #[must_use]
    pub fn name(text: &str) -> Option<Self> {
        let refused = |ch: char| ch.is_ascii_control() || raw::held(ch).is_some();
        let controls = text.chars().any(refused);
        (!controls).then(|| Self::new(&text.replace('\\', "\\\\")))
    }

    /// The same of bytes, which must be UTF-8.
    #[must_use]
    pub fn name_of_bytes(bytes: &[u8]) -> Option<Self> {
        Self::name(std::str::from_utf8(bytes).ok()?)
    }

    /// A label from bytes of unknown encoding; invalid UTF-8 becomes U+FFFD.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let bytes = &bytes[..bytes.len().min(4 * Self::MAX)];
        Self::new(&String::from_utf8_lossy(bytes))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Columns on the screen.
    #[must_use]
    pub fn width(&self) -> usize {
        width::str_width(&self.0)
    }

    /// Whether there is no text.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn is_unsafe(ch: char) -> bool {
    ch.is_control()
        || matches!(ch, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl From<&str> for Label {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl AsRef<str> for Label {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn label_drops_escapes_and_bidi_overrides() {
        assert_eq!(
            Label::new("a\x1b[31mb\u{9b}c\u{202e}d\te\n").as_str(),
            "a[31mbcd e"
        );
        assert_eq!(
            Label::from_bytes(b"x\xff\x1b]0;y").as_str(),
            "x\u{fffd}]0;y"
        );
    }

    #[test]
    fn names_are_refused_with_controls_and_keep_the_rest() {
        for (bytes, name) in [
            (&b"a:b.c"[..], Some("a:b.c")),
            (b"", Some("")),
            (b"x\\y", Some("x\\\\y")),
            ("é #S".as_bytes(), Some("é #S")),
            (b"a\tb", None),
            (b"a\x7fb", None),
            (b"a\x1b[1m", None),
            (b"a\xff", None),
        ] {
            let found = Label::name_of_bytes(bytes);
            assert_eq!(found.as_ref().map(Label::as_str), name, "{bytes:?}");
        }
    }

    #[test]
    fn label_is_cut_at_its_limit() {
        let label = Label::new(&"é".repeat(Label::MAX));
        assert!(label.as_str().len() <= Label::MAX);
    }
}
