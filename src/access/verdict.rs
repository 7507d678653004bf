//! What an operator's program says of someone at the door (`--auth-command`): a
//! grant as a word, or JSON with one. Anything else denies.

use serde::Deserialize;

use super::Grant;
use crate::base::Label;

/// The longest answer that is read, in bytes.
const MAX: usize = 4096;

/// Someone is let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What they may do.
    pub grant: Grant,
    /// How they are called; empty if the program does not say.
    pub name: Label,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    grant: Option<Grant>,
    #[serde(default)]
    name: String,
}

/// Reads an answer. A program that denies says `deny`, nothing, or JSON whose
/// grant is null; it may as well fail.
#[must_use]
pub fn verdict(output: &[u8]) -> Option<Verdict> {
    if output.len() > MAX {
        return None;
    }
    let text = std::str::from_utf8(output).ok()?.trim();
    if let Ok(grant) = text.parse() {
        let name = Label::default();
        return Some(Verdict { grant, name });
    }
    let answer: Answer = serde_json::from_str(text).ok()?;
    Some(Verdict {
        grant: answer.grant?,
        name: Label::new(answer.name.trim()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdict_is_a_word_or_json_and_denies_by_default() {
        for (text, expected) in [
            ("view\n", Some((Grant::View, ""))),
            (" admin ", Some((Grant::Admin, ""))),
            (
                "{\"grant\":\"type\",\"name\":\"ann\"}",
                Some((Grant::Type, "ann")),
            ),
            ("{\"grant\":null}", None),
            ("{}", None),
            ("", None),
            ("deny", None),
            ("view type", None),
            ("{\"grant\":\"root\"}", None),
            ("{\"grant\":\"type\",\"unless\":1}", None),
        ] {
            let got = verdict(text.as_bytes());
            let got = got.as_ref().map(|v| (v.grant, v.name.as_str()));
            assert_eq!(got, expected, "{text}");
        }
        assert_eq!(verdict(&[b' '; MAX + 1]), None);
        assert_eq!(verdict(b"view\xff"), None);
    }
}
