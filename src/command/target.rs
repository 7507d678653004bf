//! The grammar of targets, as data. What a target means in a given model is
//! `mux`'s affair; nothing is looked up here.
//!
//! A target (tmux(1), "COMMANDS") names a session, a window or a pane:
//!
//! ```text
//! pane     [session:]window.pane     %id   {marked} ~   {mouse} =
//!                                    {active} {current} @
//! window   [session:]window          @id
//! session  [=]name  $id              a prefix or a glob of a name will do
//!          without =
//! window   [=]name, index, or        {start} ^  {end} $  {last} !  {next} +
//!                                    {previous} -, +N, -N
//! pane     index, or                 {last} !  {next} +  {previous} -  +N  -N
//!                                    {top} {bottom} {left} {right}
//!                                    {top-left} {top-right} {bottom-left}
//!                                    {bottom-right} {up-of} {down-of}
//!                                    {left-of} {right-of}
//! ```
//! A text without `:` and `.` is of the kind that the command wants first, and
//! then of the others; `window_only` and `pane_only` say when that is excluded.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use crate::base::{PaneId, SessionId, WindowId};

/// A target as written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Target(pub String);

impl FromStr for Target {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for Target {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// What a command wants its target to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A session.
    Session,
    /// A window.
    Window,
    /// A pane.
    Pane,
}

/// A target taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetSpec {
    /// What the command acts on without a target.
    Current,
    /// Where the mouse was (`=`, `{mouse}`).
    Mouse,
    /// The marked pane (`~`, `{marked}`).
    Marked,
    /// Where the asking client is (`@`, `{active}`, `{current}`).
    Active,
    /// By its parts.
    Parts(Parts),
}

/// The parts of a target; an absent one is the current one of the part before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// The session.
    pub session: Option<SessionPart>,
    /// The window.
    pub window: Option<WindowPart>,
    /// The pane.
    pub pane: Option<PanePart>,
    /// The window stood after a `:`, so it can be no session.
    pub window_only: bool,
    /// The pane stood after a `.`, so it can be no window or session.
    pub pane_only: bool,
    /// The text as it was written, for messages and for a second reading as
    /// another kind.
    pub text: String,
}

/// A session of a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionPart {
    /// `$3`.
    Id(SessionId),
    /// A name, a prefix of one, or a glob.
    Name {
        /// What was written, without `=`.
        text: String,
        /// `=`: neither prefix nor glob.
        exact: bool,
    },
}

/// A window of a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WindowPart {
    /// `@3`.
    Id(WindowId),
    /// `^`: the lowest index.
    Start,
    /// `$`: the highest index.
    End,
    /// `!`: the last window.
    Last,
    /// `+N`: that many windows on, around the end.
    Next(u32),
    /// `-N`: that many windows back, around the start.
    Previous(u32),
    /// An index, a name, a prefix of one, or a glob.
    Name {
        /// What was written, without `=`.
        text: String,
        /// The text as an index.
        index: Option<u32>,
        /// `=`: neither prefix nor glob.
        exact: bool,
    },
}

/// A pane of a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PanePart {
    /// `%3`.
    Id(PaneId),
    /// `!`: the last pane.
    Last,
    /// `+N`: that many panes on, around the end.
    Next(u32),
    /// `-N`: that many panes back, around the start.
    Previous(u32),
    /// At an edge or corner of the window.
    Place(Place),
    /// Beside the active pane.
    Beside(Side),
    /// An index, or text that is none.
    Index {
        /// What was written.
        text: String,
        /// The text as an index.
        index: Option<u32>,
    },
}

/// An edge or corner of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The top edge.
    Top,
    /// The bottom edge.
    Bottom,
    /// The left edge.
    Left,
    /// The right edge.
    Right,
    /// The top left corner.
    TopLeft,
    /// The top right corner.
    TopRight,
    /// The bottom left corner.
    BottomLeft,
    /// The bottom right corner.
    BottomRight,
}

/// A side of the active pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Above.
    Up,
    /// Below.
    Down,
    /// To the left.
    Left,
    /// To the right.
    Right,
}

const PLACES: &[(&str, Place)] = &[
    ("top", Place::Top),
    ("bottom", Place::Bottom),
    ("left", Place::Left),
    ("right", Place::Right),
    ("top-left", Place::TopLeft),
    ("top-right", Place::TopRight),
    ("bottom-left", Place::BottomLeft),
    ("bottom-right", Place::BottomRight),
];

const SIDES: &[(&str, Side)] = &[
    ("{up-of}", Side::Up),
    ("{down-of}", Side::Down),
    ("{left-of}", Side::Left),
    ("{right-of}", Side::Right),
];

/// Takes a target for a session apart.
#[must_use]
pub fn parse_session(text: &str) -> TargetSpec {
    parse(text, Wanted::Session)
}

/// Takes a target for a window apart.
#[must_use]
pub fn parse_window(text: &str) -> TargetSpec {
    parse(text, Wanted::Window)
}

/// Takes a target for a pane apart.
#[must_use]
pub fn parse_pane(text: &str) -> TargetSpec {
    parse(text, Wanted::Pane)
}

/// Takes a target apart. Every text is a target; whether it finds anything is
/// known only to the model.
#[must_use]
pub fn parse(text: &str, wanted: Wanted) -> TargetSpec {
    match text {
        "" => return TargetSpec::Current,
        "=" | "{mouse}" => return TargetSpec::Mouse,
        "~" | "{marked}" => return TargetSpec::Marked,
        "@" | "{active}" | "{current}" => return TargetSpec::Active,
        _ => {}
    }
    let (head, tail) = match text.split_once(':') {
        Some((head, tail)) => (Some(head), tail),
        None => (None, text),
    };
    let (middle, pane) = match tail.split_once('.') {
        Some((middle, pane)) => (middle, Some(pane)),
        None => (tail, None),
    };
    let mut parts = Parts {
        window_only: head.is_some(),
        pane_only: pane.is_some(),
        text: text.to_owned(),
        ..Parts::default()
    };
    if head.is_none() && pane.is_none() {
        match (middle.as_bytes()[0], wanted) {
            (b'$', _) => parts.session = session(middle),
            (b'@', _) => parts.window = window(middle),
            (b'%', _) => parts.pane = self::pane(middle),
            (_, Wanted::Session) => parts.session = session(middle),
            (_, Wanted::Window) => parts.window = window(middle),
            (_, Wanted::Pane) => parts.pane = self::pane(middle),
        }
    } else {
        parts.session = head.and_then(session);
        parts.window = window(middle);
        parts.pane = pane.and_then(self::pane);
    }
    TargetSpec::Parts(parts)
}

fn session(text: &str) -> Option<SessionPart> {
    let (text, exact) = exact(text);
    if let Ok(id) = text.parse() {
        return Some(SessionPart::Id(id));
    }
    let text = text.to_owned();
    (!text.is_empty()).then_some(SessionPart::Name { text, exact })
}

fn window(text: &str) -> Option<WindowPart> {
    let (text, exact) = exact(text);
    if exact {
        return plain_window(text, true);
    }
    Some(match text {
        "{start}" => WindowPart::Start,
        "{end}" => WindowPart::End,
        "{last}" => WindowPart::Last,
        "{next}" => WindowPart::Next(1),
        "{previous}" => WindowPart::Previous(1),
        _ => return plain_window(text, false),
    })
}

/// A window of a text without words in braces and without `=`: what is left to
/// be tried of a text that is no pane.
#[must_use]
pub fn plain_window(text: &str, exact: bool) -> Option<WindowPart> {
    if let Ok(id) = text.parse() {
        return Some(WindowPart::Id(id));
    }
    let special = match text {
        "" => return None,
        "^" => Some(WindowPart::Start),
        "$" => Some(WindowPart::End),
        "!" => Some(WindowPart::Last),
        _ => offset(text).map(|(sign, count)| match sign {
            '+' => WindowPart::Next(count),
            _ => WindowPart::Previous(count),
        }),
    };
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let name = WindowPart::Name {
        text: text.to_owned(),
        index: text.parse().ok().filter(|_| digits),
        exact,
    };
    Some(special.filter(|_| !exact).unwrap_or(name))
}

fn pane(text: &str) -> Option<PanePart> {
    if let Ok(id) = text.parse() {
        return Some(PanePart::Id(id));
    }
    if let Some((_, side)) = SIDES.iter().find(|(name, _)| *name == text) {
        return Some(PanePart::Beside(*side));
    }
    let bare = text
        .strip_prefix('{')
        .and_then(|text| text.strip_suffix('}'))
        .unwrap_or(text);
    if let Some((_, place)) = PLACES.iter().find(|(name, _)| *name == bare) {
        return Some(PanePart::Place(*place));
    }
    Some(match text {
        "" => return None,
        "!" | "{last}" => PanePart::Last,
        "{next}" => PanePart::Next(1),
        "{previous}" => PanePart::Previous(1),
        _ => match offset(text) {
            Some(('+', count)) => PanePart::Next(count),
            Some((_, count)) => PanePart::Previous(count),
            None => PanePart::Index {
                text: text.to_owned(),
                index: text.parse().ok(),
            },
        },
    })
}

fn exact(text: &str) -> (&str, bool) {
    match text.strip_prefix('=') {
        Some(rest) => (rest, true),
        None => (text, false),
    }
}

/// `+`, `-`, `+2`, `-3`.
fn offset(text: &str) -> Option<(char, u32)> {
    let sign = text.chars().next().filter(|ch| matches!(ch, '+' | '-'))?;
    match &text[1..] {
        "" => Some((sign, 1)),
        digits if digits.bytes().all(|b| b.is_ascii_digit()) => Some((sign, digits.parse().ok()?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str, wanted: Wanted) -> Parts {
        match parse(text, wanted) {
            TargetSpec::Parts(parts) => parts,
            other => panic!("{text}: {other:?}"),
        }
    }

    fn name(text: &str, exact: bool) -> Option<SessionPart> {
        let text = text.to_owned();
        Some(SessionPart::Name { text, exact })
    }

    fn index(text: &str, exact: bool) -> Option<WindowPart> {
        Some(WindowPart::Name {
            text: text.to_owned(),
            index: text.parse().ok(),
            exact,
        })
    }

    #[test]
    fn target_is_cut_at_colon_and_period() {
        let full = parts("a:1.2", Wanted::Window);
        assert_eq!(full.session, name("a", false));
        assert_eq!(full.window, index("1", false));
        assert!(matches!(
            full.pane,
            Some(PanePart::Index { index: Some(2), .. })
        ));
        assert!(full.window_only && full.pane_only);
        let exact = parts("=a:=b", Wanted::Pane);
        assert_eq!(exact.session, name("a", true));
        assert_eq!(exact.window, index("b", true));
        let pane = parts(".1", Wanted::Session);
        assert!(pane.session.is_none() && pane.window.is_none() && pane.pane.is_some());
        let session = parts("a:", Wanted::Pane);
        assert!(session.window.is_none() && session.window_only);
    }

    #[test]
    fn bare_text_is_what_the_command_wants() {
        assert_eq!(parts("x", Wanted::Session).session, name("x", false));
        assert_eq!(parts("x", Wanted::Window).window, index("x", false));
        assert!(parts("x", Wanted::Pane).pane.is_some());
        for wanted in [Wanted::Session, Wanted::Window, Wanted::Pane] {
            assert_eq!(
                parts("$1", wanted).session,
                Some(SessionPart::Id(SessionId(1)))
            );
            assert_eq!(
                parts("@2", wanted).window,
                Some(WindowPart::Id(WindowId(2)))
            );
            assert_eq!(parts("%3", wanted).pane, Some(PanePart::Id(PaneId(3))));
        }
    }

    #[test]
    fn special_words_have_both_spellings() {
        for (short, long, part) in [
            ("^", "{start}", WindowPart::Start),
            ("$", "{end}", WindowPart::End),
            ("!", "{last}", WindowPart::Last),
            ("+", "{next}", WindowPart::Next(1)),
            ("-", "{previous}", WindowPart::Previous(1)),
            ("+2", "+2", WindowPart::Next(2)),
        ] {
            let exact = parts(&format!("s:={short}"), Wanted::Window).window;
            assert!(matches!(exact, Some(WindowPart::Name { exact: true, .. })));
            for text in [short, long] {
                let part = Some(part.clone());
                // Alone it is what begins a session's id.
                if text != "$" {
                    assert_eq!(parts(text, Wanted::Window).window, part, "{text}");
                }
                assert_eq!(parts(&format!("s:{text}"), Wanted::Pane).window, part);
            }
        }
        for text in ["top-left", "{top-left}"] {
            assert_eq!(
                parts(text, Wanted::Pane).pane,
                Some(PanePart::Place(Place::TopLeft))
            );
        }
        assert_eq!(
            parts("{up-of}", Wanted::Pane).pane,
            Some(PanePart::Beside(Side::Up))
        );
        for text in ["@", "{active}", "{current}"] {
            assert_eq!(parse_pane(text), TargetSpec::Active);
        }
        assert_eq!(parse_pane("="), TargetSpec::Mouse);
        assert_eq!(parse_pane("{marked}"), TargetSpec::Marked);
        assert_eq!(parse_window(""), TargetSpec::Current);
    }

    #[test]
    fn huge_numbers_are_text() {
        let huge = parts("+99999999999", Wanted::Window);
        assert!(matches!(
            huge.window,
            Some(WindowPart::Name { index: None, .. })
        ));
    }
}
