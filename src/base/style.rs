//! Colours, attributes and styles (SGR: ECMA-48 §8.3.117; underline styles and
//! colours as in kitty and xterm).

use super::pool::LinkId;

/// A colour as a program names it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Color {
    /// The terminal's own default.
    #[default]
    Default,
    /// One of the palette's 256; 0–7 the plain ones, 8–15 the bright ones.
    Indexed(u8),
    /// 24-bit red, green, blue.
    Rgb(u8, u8, u8),
    /// One of the theme's, which each client's terminal shows in its own way.
    Theme(ThemeColor),
}

/// The theme's colours (tmux(1), `dark-theme-black` and the others).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ThemeColor {
    /// `themeblack`.
    Black,
    /// `themewhite`.
    White,
    /// `themelightgrey`.
    LightGrey,
    /// `themedarkgrey`.
    DarkGrey,
    /// `themegreen`.
    Green,
    /// `themeyellow`.
    Yellow,
    /// `themered`.
    Red,
    /// `themeblue`.
    Blue,
    /// `themecyan`.
    Cyan,
    /// `thememagenta`.
    Magenta,
}

impl ThemeColor {
    /// All of them, each at its own number.
    pub const ALL: [Self; 10] = [
        Self::Black,
        Self::White,
        Self::LightGrey,
        Self::DarkGrey,
        Self::Green,
        Self::Yellow,
        Self::Red,
        Self::Blue,
        Self::Cyan,
        Self::Magenta,
    ];

    /// Its name within options, such as `light-grey`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Black => "black",
            Self::White => "white",
            Self::LightGrey => "light-grey",
            Self::DarkGrey => "dark-grey",
            Self::Green => "green",
            Self::Yellow => "yellow",
            Self::Red => "red",
            Self::Blue => "blue",
            Self::Cyan => "cyan",
            Self::Magenta => "magenta",
        }
    }

    /// The one of the terminal's own sixteen that it is where nothing is known
    /// of the background: each can be told from the others on light and dark.
    #[must_use]
    pub const fn plain(self) -> Color {
        Color::Indexed(match self {
            Self::Black | Self::DarkGrey => 0,
            Self::Red => 1,
            Self::Green => 2,
            Self::Yellow => 3,
            Self::Blue => 4,
            Self::Magenta => 5,
            Self::Cyan => 6,
            Self::White | Self::LightGrey => 7,
        })
    }
}

/// How a cell is underlined (SGR 4:0 to 4:5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Underline {
    /// Not at all.
    #[default]
    None,
    /// One line (SGR 4).
    Single,
    /// Two lines (SGR 21, 4:2).
    Double,
    /// A wave (SGR 4:3).
    Curly,
    /// Dots (SGR 4:4).
    Dotted,
    /// Dashes (SGR 4:5).
    Dashed,
}

/// A set of on/off attributes.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Attrs(u16);

impl Attrs {
    /// No attribute.
    pub const NONE: Self = Self(0);
    /// Bold (SGR 1).
    pub const BOLD: Self = Self(1);
    /// Faint (SGR 2).
    pub const DIM: Self = Self(1 << 1);
    /// Italic (SGR 3).
    pub const ITALIC: Self = Self(1 << 2);
    /// Blinking (SGR 5).
    pub const BLINK: Self = Self(1 << 3);
    /// Foreground and background exchanged (SGR 7).
    pub const REVERSE: Self = Self(1 << 4);
    /// Concealed (SGR 8).
    pub const HIDDEN: Self = Self(1 << 5);
    /// Struck out (SGR 9).
    pub const STRIKE: Self = Self(1 << 6);
    /// A line above (SGR 53).
    pub const OVERLINE: Self = Self(1 << 7);

    /// The foreground, one of the first sixteen, was given by its number in the
    /// palette (SGR 38;5): it looks as others do, and captures say so again.
    pub const FG_LONG: Self = Self(1 << 14);
    /// The same of the background (SGR 48;5).
    pub const BG_LONG: Self = Self(1 << 15);
    /// How colours were given.
    pub const FORMS: Self = Self(Self::FG_LONG.0 | Self::BG_LONG.0);

    const NAMES: [(Self, &'static str); 8] = [
        (Self::BOLD, "bold"),
        (Self::DIM, "dim"),
        (Self::ITALIC, "italics"),
        (Self::BLINK, "blink"),
        (Self::REVERSE, "reverse"),
        (Self::HIDDEN, "hidden"),
        (Self::STRIKE, "strikethrough"),
        (Self::OVERLINE, "overline"),
    ];

    /// Whether every attribute of `other` is set.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// This set with `other` added.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// This set with `other` taken out.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// This set with `other` added or taken out.
    #[must_use]
    pub const fn set(self, other: Self, on: bool) -> Self {
        if on {
            self.with(other)
        } else {
            self.without(other)
        }
    }

    /// Whether nothing is set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The set as a number, for packing.
    #[must_use]
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// The set of a number made by [`Self::bits`]; unknown bits are dropped.
    #[must_use]
    pub const fn from_bits(bits: u16) -> Self {
        Self(bits & (0xff | Self::FORMS.0))
    }

    /// tmux's names of what is set (tmux(1), "STYLES").
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES
            .into_iter()
            .filter(move |(attr, _)| self.has(*attr))
            .map(|(_, name)| name)
    }
}

impl std::fmt::Debug for Attrs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

/// All that a cell shows beside its text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Style {
    /// Foreground.
    pub fg: Color,
    /// Background.
    pub bg: Color,
    /// Underline colour; `Default` follows the foreground.
    pub us: Color,
    /// On/off attributes.
    pub attrs: Attrs,
    /// Underline style.
    pub underline: Underline,
    /// Hyperlink (OSC 8) in the pool that the style is interned in.
    pub link: LinkId,
}

impl Style {
    /// Nothing set: the terminal's defaults.
    pub const DEFAULT: Self = Self {
        fg: Color::Default,
        bg: Color::Default,
        us: Color::Default,
        attrs: Attrs::NONE,
        underline: Underline::None,
        link: LinkId::NONE,
    };

    /// What an erased cell keeps: the background alone (terminfo `bce`).
    #[must_use]
    pub const fn erased(self) -> Self {
        Self {
            bg: self.bg,
            attrs: Attrs(self.attrs.0 & Attrs::BG_LONG.0),
            ..Self::DEFAULT
        }
    }

    /// This style with a foreground.
    #[must_use]
    pub const fn fg(self, fg: Color) -> Self {
        Self { fg, ..self }
    }

    /// This style with a background.
    #[must_use]
    pub const fn bg(self, bg: Color) -> Self {
        Self { bg, ..self }
    }

    /// This style with attributes added.
    #[must_use]
    pub const fn with(self, attrs: Attrs) -> Self {
        Self {
            attrs: self.attrs.with(attrs),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attrs_add_and_remove() {
        let set = Attrs::BOLD.with(Attrs::ITALIC).without(Attrs::BOLD);
        assert!(set.has(Attrs::ITALIC) && !set.has(Attrs::BOLD));
        assert_eq!(set.names().collect::<Vec<_>>(), ["italics"]);
        assert_eq!(Attrs::from_bits(set.bits()), set);
    }

    #[test]
    fn erased_style_keeps_only_the_background() {
        let style = Style::DEFAULT
            .fg(Color::Indexed(1))
            .bg(Color::Rgb(1, 2, 3))
            .with(Attrs::BOLD);
        assert_eq!(style.erased(), Style::DEFAULT.bg(Color::Rgb(1, 2, 3)));
    }
}
