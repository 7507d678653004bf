//! Styles as text (tmux(1), "STYLES"): what `#[…]` and style options say, as
//! data. Formats in them are expanded before; applying a style to text is
//! `format`'s and `ui`'s affair, but for colours and attributes.

use crate::base::{Attrs, PaneId, SessionId, Style, Underline, WindowId};

use super::colours::{self, StyleColour};

/// Where the text that follows is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// `noalign`.
    Default,
    /// `align=left`.
    Left,
    /// `align=centre`.
    Centre,
    /// `align=right`.
    Right,
    /// `align=absolute-centre`.
    AbsoluteCentre,
}

/// What part of a list the text that follows is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListPart {
    /// `nolist`.
    Off,
    /// `list=on`: the list begins.
    On,
    /// `list=focus`: kept in sight when the list is cut.
    Focus,
    /// `list=left-marker`: shown where the list is cut at its left.
    LeftMarker,
    /// `list=right-marker`.
    RightMarker,
}

/// What a mouse key on the text that follows points at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RangeSpec {
    /// `norange`.
    None,
    /// `range=left`.
    Left,
    /// `range=right`.
    Right,
    /// `range=pane|%1`.
    Pane(PaneId),
    /// `range=window|1`: an index in the session.
    Window(u32),
    /// `range=window|@1`.
    WindowId(WindowId),
    /// `range=session|$1`.
    Session(SessionId),
    /// `range=user|X`.
    User(String),
    /// `range=control|1`.
    Control(u8),
}

impl RangeSpec {
    /// The most bytes of a user's name that are kept (tmux(1), "STYLES").
    const NAME_BYTES: usize = 15;
}

/// What is done with the default style.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DefaultOp {
    /// `push-default`: the present style becomes the default.
    Push,
    /// `pop-default`: the default before comes back.
    Pop,
    /// `set-default`: the present style replaces the default.
    Set,
}

/// A style as written: what it changes, and nothing else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StyleSpec {
    /// `default`: colours and attributes go back to the base first.
    pub reset: bool,
    /// `none`: attributes are cleared first.
    pub none: bool,
    /// `noattr`: attributes of the text below are not taken over.
    pub noattr: bool,
    /// Foreground.
    pub fg: Option<StyleColour>,
    /// Background.
    pub bg: Option<StyleColour>,
    /// Underline colour.
    pub us: Option<StyleColour>,
    /// Background of the rest of the line.
    pub fill: Option<StyleColour>,
    /// Attributes set.
    pub set: Attrs,
    /// Attributes cleared (`nobold`).
    pub clear: Attrs,
    /// Underline style set or taken away.
    pub underline: Option<Underline>,
    /// `acs`: letters are line-drawing characters; `noacs`: not any more.
    pub acs: Option<bool>,
    /// Alignment.
    pub align: Option<Align>,
    /// Part of a list.
    pub list: Option<ListPart>,
    /// What the mouse points at.
    pub range: Option<RangeSpec>,
    /// What is done with the default.
    pub default: Option<DefaultOp>,
    /// `ignore`, `noignore`: whether further styles are ignored.
    pub ignore: Option<bool>,
    /// `width=`: of scrollbars.
    pub width: Option<u16>,
    /// `pad=`: of scrollbars.
    pub pad: Option<u16>,
}

impl StyleSpec {
    /// Reads a style; none when any word of it is unknown. Words are separated
    /// by blanks, commas or newlines, and later ones win.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut spec = Self::default();
        let words = text.split([' ', ',', '\n']).filter(|word| !word.is_empty());
        for word in words {
            spec.word(word)?;
        }
        Some(spec)
    }

    /// The style over a present one; `base` is what `default` means.
    #[must_use]
    pub fn apply(&self, present: Style, base: Style) -> Style {
        let mut style = if self.reset { base } else { present };
        if self.none {
            style.attrs = Attrs::NONE;
            style.underline = Underline::None;
        }
        style.fg = self.fg.map_or(style.fg, |fg| fg.resolve(base.fg));
        style.bg = self.bg.map_or(style.bg, |bg| bg.resolve(base.bg));
        style.us = self.us.map_or(style.us, |us| us.resolve(base.us));
        style.attrs = style.attrs.without(self.clear).with(self.set);
        style.underline = self.underline.unwrap_or(style.underline);
        style
    }

    fn word(&mut self, word: &str) -> Option<()> {
        let lower = word.to_ascii_lowercase();
        match lower.as_str() {
            "default" => {
                *self = Self {
                    reset: true,
                    noattr: self.noattr,
                    fg: None,
                    bg: None,
                    us: None,
                    set: Attrs::NONE,
                    clear: Attrs::NONE,
                    underline: None,
                    acs: None,
                    none: false,
                    ..std::mem::take(self)
                }
            }
            "none" => {
                self.none = true;
                self.set = Attrs::NONE;
                self.clear = Attrs::NONE;
                self.underline = None;
            }
            "noattr" => self.noattr = true,
            "ignore" => self.ignore = Some(true),
            "noignore" => self.ignore = Some(false),
            "push-default" => self.default = Some(DefaultOp::Push),
            "pop-default" => self.default = Some(DefaultOp::Pop),
            "set-default" => self.default = Some(DefaultOp::Set),
            "nolist" => self.list = Some(ListPart::Off),
            "norange" => self.range = Some(RangeSpec::None),
            "noalign" => self.align = Some(Align::Default),
            _ => match word.split_once('=') {
                Some((name, value)) => self.pair(&name.to_ascii_lowercase(), value)?,
                None => self.attributes(&lower)?,
            },
        }
        Some(())
    }

    fn pair(&mut self, name: &str, value: &str) -> Option<()> {
        match name {
            "fg" => self.fg = Some(colours::parse(value)?),
            "bg" => self.bg = Some(colours::parse(value)?),
            "us" => self.us = Some(colours::parse(value)?),
            "fill" => self.fill = Some(colours::parse(value)?),
            "align" => {
                self.align = Some(match value {
                    "left" => Align::Left,
                    "centre" | "center" => Align::Centre,
                    "right" => Align::Right,
                    "absolute-centre" | "absolute-center" => Align::AbsoluteCentre,
                    _ => return None,
                });
            }
            "list" => {
                self.list = Some(match value {
                    "on" => ListPart::On,
                    "focus" => ListPart::Focus,
                    "left-marker" => ListPart::LeftMarker,
                    "right-marker" => ListPart::RightMarker,
                    _ => return None,
                });
            }
            "range" => self.range = Some(range(value)?),
            "width" => self.width = Some(value.trim_end_matches('%').parse().ok()?),
            "pad" => self.pad = Some(value.parse().ok()?),
            _ => return None,
        }
        Some(())
    }

    fn attributes(&mut self, words: &str) -> Option<()> {
        for word in words.split('|') {
            match (attribute(word), word.strip_prefix("no").map(attribute)) {
                (Some(Attribute::Plain(attrs)), _) => {
                    self.set = self.set.with(attrs);
                    self.clear = self.clear.without(attrs);
                }
                (Some(Attribute::Line(line)), _) => self.underline = Some(line),
                (Some(Attribute::Acs), _) => self.acs = Some(true),
                (None, Some(Some(Attribute::Plain(attrs)))) => {
                    self.clear = self.clear.with(attrs);
                    self.set = self.set.without(attrs);
                }
                (None, Some(Some(Attribute::Line(_)))) => self.underline = Some(Underline::None),
                (None, Some(Some(Attribute::Acs))) => self.acs = Some(false),
                (None, _) => return None,
            }
        }
        Some(())
    }
}

enum Attribute {
    Plain(Attrs),
    Line(Underline),
    Acs,
}

fn attribute(word: &str) -> Option<Attribute> {
    Some(match word {
        "bold" | "bright" => Attribute::Plain(Attrs::BOLD),
        "dim" => Attribute::Plain(Attrs::DIM),
        "italics" => Attribute::Plain(Attrs::ITALIC),
        "blink" => Attribute::Plain(Attrs::BLINK),
        "reverse" => Attribute::Plain(Attrs::REVERSE),
        "hidden" => Attribute::Plain(Attrs::HIDDEN),
        "strikethrough" => Attribute::Plain(Attrs::STRIKE),
        "overline" => Attribute::Plain(Attrs::OVERLINE),
        "underscore" => Attribute::Line(Underline::Single),
        "double-underscore" => Attribute::Line(Underline::Double),
        "curly-underscore" => Attribute::Line(Underline::Curly),
        "dotted-underscore" => Attribute::Line(Underline::Dotted),
        "dashed-underscore" => Attribute::Line(Underline::Dashed),
        "acs" => Attribute::Acs,
        _ => return None,
    })
}

fn range(value: &str) -> Option<RangeSpec> {
    let (kind, argument) = match value.split_once('|') {
        Some((kind, argument)) => (kind, Some(argument)),
        None => (value, None),
    };
    match (kind, argument) {
        ("left", None) => Some(RangeSpec::Left),
        ("right", None) => Some(RangeSpec::Right),
        ("pane", Some(id)) => id.parse().ok().map(RangeSpec::Pane),
        ("window", Some(index)) => match index.parse() {
            Ok(id) => Some(RangeSpec::WindowId(id)),
            Err(()) => index.parse().ok().map(RangeSpec::Window),
        },
        ("session", Some(id)) => id.parse().ok().map(RangeSpec::Session),
        ("user", Some(name)) if !name.is_empty() => {
            let end = name.floor_char_boundary(RangeSpec::NAME_BYTES);
            Some(RangeSpec::User(name[..end].to_owned()))
        }
        ("control", Some(number)) => {
            let number = number.parse().ok().filter(|number| *number <= 9)?;
            Some(RangeSpec::Control(number))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Color;

    #[test]
    fn style_says_what_it_changes() {
        let spec = StyleSpec::parse("fg=red,bg=#00ff00 bold,nodim|reverse,us=colour9").unwrap();
        assert_eq!(spec.fg, Some(StyleColour::Color(Color::Indexed(1))));
        assert_eq!(spec.set, Attrs::BOLD.with(Attrs::REVERSE));
        assert_eq!(spec.clear, Attrs::DIM);
        let spec = StyleSpec::parse("align=centre list=focus range=window|3 fill=blue").unwrap();
        assert_eq!(spec.align, Some(Align::Centre));
        assert_eq!(spec.list, Some(ListPart::Focus));
        assert_eq!(spec.range, Some(RangeSpec::Window(3)));
        let spec = StyleSpec::parse("push-default,range=user|x").unwrap();
        assert_eq!(spec.default, Some(DefaultOp::Push));
        assert_eq!(spec.range, Some(RangeSpec::User("x".to_owned())));
    }

    #[test]
    fn later_words_win() {
        let base = Style::DEFAULT.fg(Color::Indexed(5));
        let present = Style::DEFAULT.bg(Color::Indexed(2)).with(Attrs::BOLD);
        let apply = |text: &str| StyleSpec::parse(text).unwrap().apply(present, base);
        assert_eq!(apply("fg=red,default"), base);
        assert_eq!(apply("default,fg=red"), base.fg(Color::Indexed(1)));
        assert_eq!(apply("fg=default").fg, Color::Indexed(5));
        assert_eq!(apply("fg=terminal").fg, Color::Default);
        assert_eq!(apply("none").attrs, Attrs::NONE);
        assert_eq!(apply("nobold,dim").attrs, Attrs::DIM);
        assert_eq!(apply("curly-underscore").underline, Underline::Curly);
        assert_eq!(apply(""), present);
    }

    #[test]
    fn unknown_words_are_refused() {
        for text in [
            "foo",
            "fg=foo",
            "align=up",
            "range=window",
            "range=control|10",
            "no",
        ] {
            assert_eq!(StyleSpec::parse(text), None, "{text}");
        }
    }
}
