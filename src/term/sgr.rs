//! SGR (ECMA-48 §8.3.117) with xterm's, kitty's and ITU-T T.416's colour forms,
//! both `38;2;r;g;b` and `38:2::r:g:b`. It changes a style, nothing else.

use super::parse::Params;
use crate::base::{Attrs, Color, Style, Underline};

/// Applies the parameters of an SGR to a style. Hyperlinks are kept.
pub(super) fn apply(params: &Params, style: &mut Style) {
    if params.len() == 0 {
        reset(style);
        return;
    }
    let mut at = 0;
    while at < params.len() {
        at += one(params, at, style);
    }
}

fn reset(style: &mut Style) {
    *style = Style {
        link: style.link,
        ..Style::DEFAULT
    };
}

/// Applies the parameter at `at`; says how many values it took.
#[inline]
fn one(params: &Params, at: usize, style: &mut Style) -> usize {
    let value = params.raw(at);
    let subs = params.subs(at);
    if value == 5 && subs == 1 && params.raw(at + 1) == 3 {
        // Overline, as captures write it.
        style.attrs = style.attrs.with(Attrs::OVERLINE);
        return 2;
    }
    if subs > 0 && !matches!(value, 4 | 38 | 48 | 58) {
        // No other parameter has parts; leave unknown forms alone.
        return 1 + subs;
    }
    match value {
        0 => reset(style),
        1 => style.attrs = style.attrs.with(Attrs::BOLD),
        2 => style.attrs = style.attrs.with(Attrs::DIM),
        3 => style.attrs = style.attrs.with(Attrs::ITALIC),
        4 if subs > 0 => {
            style.underline = underline(params.raw(at + 1)).unwrap_or(style.underline);
        }
        4 => style.underline = Underline::Single,
        5 | 6 => style.attrs = style.attrs.with(Attrs::BLINK),
        7 => style.attrs = style.attrs.with(Attrs::REVERSE),
        8 => style.attrs = style.attrs.with(Attrs::HIDDEN),
        9 => style.attrs = style.attrs.with(Attrs::STRIKE),
        21 => style.underline = Underline::Double,
        22 => style.attrs = style.attrs.without(Attrs::BOLD.with(Attrs::DIM)),
        23 => style.attrs = style.attrs.without(Attrs::ITALIC),
        24 => style.underline = Underline::None,
        25 => style.attrs = style.attrs.without(Attrs::BLINK),
        27 => style.attrs = style.attrs.without(Attrs::REVERSE),
        28 => style.attrs = style.attrs.without(Attrs::HIDDEN),
        29 => style.attrs = style.attrs.without(Attrs::STRIKE),
        30..=37 => foreground(style, Color::Indexed((value - 30) as u8), false),
        39 => foreground(style, Color::Default, false),
        40..=47 => background(style, Color::Indexed((value - 40) as u8), false),
        49 => background(style, Color::Default, false),
        53 => style.attrs = style.attrs.with(Attrs::OVERLINE),
        55 => style.attrs = style.attrs.without(Attrs::OVERLINE),
        59 => style.us = Color::Default,
        90..=97 => foreground(style, Color::Indexed((value - 82) as u8), false),
        100..=107 => background(style, Color::Indexed((value - 92) as u8), false),
        38 | 48 | 58 => {
            let (color, took) = color(params, at);
            if let Some(color) = color {
                match value {
                    38 => foreground(style, color, true),
                    48 => background(style, color, true),
                    _ => style.us = color,
                }
            }
            return took;
        }
        _ => {}
    }
    1 + subs
}

/// Sets the foreground; `long`, if it was given by more than one number.
fn foreground(style: &mut Style, color: Color, long: bool) {
    style.fg = color;
    let long = long && matches!(color, Color::Indexed(..16));
    style.attrs = style.attrs.set(Attrs::FG_LONG, long);
}

/// Sets the background, likewise.
fn background(style: &mut Style, color: Color, long: bool) {
    style.bg = color;
    let long = long && matches!(color, Color::Indexed(..16));
    style.attrs = style.attrs.set(Attrs::BG_LONG, long);
}

fn underline(value: u16) -> Option<Underline> {
    Some(match value {
        0 => Underline::None,
        1 => Underline::Single,
        2 => Underline::Double,
        3 => Underline::Curly,
        4 => Underline::Dotted,
        5 => Underline::Dashed,
        _ => return None,
    })
}

/// The colour after a 38, 48 or 58 at `at`, and how many values it took.
fn color(params: &Params, at: usize) -> (Option<Color>, usize) {
    let byte = |at: usize| params.given(at).and_then(|n| u8::try_from(n).ok());
    let rgb = |at: usize| Some(Color::Rgb(byte(at)?, byte(at + 1)?, byte(at + 2)?));
    // What is no number of the palette is the default, as in tmux; but the
    // colour of underlines stays.
    let none = (params.raw(at) != 58).then_some(Color::Default);
    let indexed = |at: usize| byte(at).map(Color::Indexed).or(none);
    let subs = params.subs(at);
    if subs > 0 {
        let color = match (params.raw(at + 1), subs) {
            (5, 2..) => indexed(at + 2),
            // Without a colour space, as many programs write it, and with.
            (2, 4) => rgb(at + 2),
            (2, 5..) => rgb(at + 3),
            _ => None,
        };
        return (color, 1 + subs);
    }
    match params.raw(at + 1) {
        5 if at + 2 < params.len() => (indexed(at + 2), 3),
        2 if at + 4 < params.len() && rgb(at + 2).is_some() => (rgb(at + 2), 5),
        5 => (none, params.len() - at),
        // A colour that is none is passed over, and its numbers are read as any
        // others, as in tmux.
        _ => (None, 2),
    }
}

/// The SGR parameters that give a style from nothing, for DECRQSS.
pub(super) fn report(style: Style) -> String {
    let mut out = String::from("0");
    for (attr, code) in [
        (Attrs::BOLD, 1),
        (Attrs::DIM, 2),
        (Attrs::ITALIC, 3),
        (Attrs::BLINK, 5),
        (Attrs::REVERSE, 7),
        (Attrs::HIDDEN, 8),
        (Attrs::STRIKE, 9),
        (Attrs::OVERLINE, 53),
    ] {
        if style.attrs.has(attr) {
            out.push_str(&format!(";{code}"));
        }
    }
    match style.underline {
        Underline::None => {}
        Underline::Single => out.push_str(";4"),
        Underline::Double => out.push_str(";21"),
        Underline::Curly => out.push_str(";4:3"),
        Underline::Dotted => out.push_str(";4:4"),
        Underline::Dashed => out.push_str(";4:5"),
    }
    for (color, base) in [(style.fg, 30), (style.bg, 40), (style.us, 50)] {
        match color {
            Color::Default | Color::Theme(_) => {}
            Color::Indexed(n @ 0..=7) if base < 50 => {
                out.push_str(&format!(";{}", base + u16::from(n)));
            }
            Color::Indexed(n @ 8..=15) if base < 50 => {
                out.push_str(&format!(";{}", base + 52 + u16::from(n)));
            }
            Color::Indexed(n) => out.push_str(&format!(";{}:5:{n}", base + 8)),
            Color::Rgb(r, g, b) => out.push_str(&format!(";{}:2::{r}:{g}:{b}", base + 8)),
        }
    }
    out
}
