//! Colour names: the terminal's 16, `colour0` to `colour255`, `#rrggbb`, X11
//! names, the theme's names, `default` and `terminal` (tmux(1), "STYLES").

use crate::base::x11;
use crate::base::{Color, ThemeColor};

/// A colour as a style names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StyleColour {
    /// `default`: what the surrounding style says.
    Base,
    /// `terminal`: the terminal's own, whatever surrounds it.
    Terminal,
    /// A colour of its own.
    Color(Color),
}

impl StyleColour {
    /// The colour, with `base` for what surrounds it.
    #[must_use]
    pub const fn resolve(self, base: Color) -> Color {
        match self {
            Self::Base => base,
            Self::Terminal => Color::Default,
            Self::Color(color) => color,
        }
    }
}

const PLAIN: [&str; 8] = [
    "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
];

/// Reads a colour's name, in any case.
#[must_use]
pub fn parse(text: &str) -> Option<StyleColour> {
    if let Some(hex) = text.strip_prefix('#') {
        let digits = hex.len() == 6 && hex.bytes().all(|b| b.is_ascii_hexdigit());
        let [_, red, green, blue] = u32::from_str_radix(hex, 16)
            .ok()
            .filter(|_| digits)?
            .to_be_bytes();
        return Some(StyleColour::Color(Color::Rgb(red, green, blue)));
    }
    let name = text.to_ascii_lowercase();
    match name.as_str() {
        "default" => return Some(StyleColour::Base),
        "terminal" => return Some(StyleColour::Terminal),
        _ => {}
    }
    let number = name
        .strip_prefix("colour")
        .or_else(|| name.strip_prefix("color"));
    if let Some(number) = number {
        let digits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        return number.parse().ok().filter(|_| digits).map(indexed);
    }
    if let Some(theme) = name.strip_prefix("theme") {
        let mut all = ThemeColor::ALL.into_iter();
        let found = all.find(|known| known.name().replace('-', "") == theme);
        return found.map(|known| StyleColour::Color(Color::Theme(known)));
    }
    let position = |name: &str| PLAIN.iter().position(|plain| *plain == name);
    if let Some(at) = position(&name) {
        return Some(indexed(at as u8));
    }
    if let Some(at) = name.strip_prefix("bright").and_then(position) {
        return Some(indexed(at as u8 + 8));
    }
    match name.parse::<u8>() {
        Ok(index @ 0..=7) => return Some(indexed(index)),
        Ok(code @ 90..=97) => return Some(indexed(code - 90 + 8)),
        _ => {}
    }
    let (red, green, blue) = x11::lookup(&name)?;
    Some(StyleColour::Color(Color::Rgb(red, green, blue)))
}

const fn indexed(index: u8) -> StyleColour {
    StyleColour::Color(Color::Indexed(index))
}

/// The colour's one name, as `show-options` prints it; theme names stay.
#[must_use]
pub fn canonical(text: &str) -> Option<String> {
    let colour = parse(text)?;
    let lower = text.to_ascii_lowercase();
    let numbered = lower.starts_with("colour") || lower.starts_with("color");
    match colour {
        StyleColour::Color(Color::Indexed(index)) if numbered => Some(format!("colour{index}")),
        _ => Some(name(colour)),
    }
}

/// A colour's name.
#[must_use]
pub fn name(colour: StyleColour) -> String {
    match colour {
        StyleColour::Base | StyleColour::Color(Color::Default) => "default".to_owned(),
        StyleColour::Terminal => "terminal".to_owned(),
        StyleColour::Color(Color::Theme(theme)) => {
            format!("theme{}", theme.name().replace('-', ""))
        }
        StyleColour::Color(Color::Rgb(red, green, blue)) => {
            format!("#{red:02x}{green:02x}{blue:02x}")
        }
        StyleColour::Color(Color::Indexed(index)) => match index {
            0..=7 => PLAIN[usize::from(index)].to_owned(),
            8..=15 => format!("bright{}", PLAIN[usize::from(index - 8)]),
            _ => format!("colour{index}"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_have_one_name_each() {
        for (text, expected) in [
            ("red", Some("red")),
            ("Red", Some("red")),
            ("1", Some("red")),
            ("91", Some("brightred")),
            ("color9", Some("colour9")),
            ("colour01", Some("colour1")),
            ("none", None),
            ("-1", None),
            ("8", None),
            ("", None),
            ("colour200", Some("colour200")),
            ("#00FF7f", Some("#00ff7f")),
            ("Alice Blue", Some("#f0f8ff")),
            ("themegreen", Some("themegreen")),
            ("ThemeLightGrey", Some("themelightgrey")),
            ("theme-red", None),
            ("default", Some("default")),
            ("terminal", Some("terminal")),
            ("colour256", None),
            ("colour", None),
            ("#12345", None),
            ("#+12345", None),
            ("foo", None),
            ("themefoo", None),
        ] {
            assert_eq!(canonical(text).as_deref(), expected, "{text}");
        }
    }
}
