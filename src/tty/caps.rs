//! What a client's terminal can do: by its name (TERM), a few variables, its
//! terminfo entry and its own answers. Nothing here asks the terminal anything,
//! and no option is looked up: [`super::features`] takes those in.

use super::known::{ANSI, by_name, by_program, by_type};
use super::reply::Reply;
use super::terminfo::Terminfo;
use crate::base::{Color, ThemeColor};

/// How many colours are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Depth {
    /// None.
    Mono,
    /// The eight of ECMA-48.
    #[default]
    Ansi8,
    /// Eight more, bright (SGR 90–97, 100–107).
    Ansi16,
    /// xterm's 256.
    Indexed256,
    /// 24 bits.
    Rgb,
}

impl Depth {
    /// How many colours that is; 0 for none.
    #[must_use]
    pub const fn count(self) -> u32 {
        match self {
            Self::Mono => 0,
            Self::Ansi8 => 8,
            Self::Ansi16 => 16,
            Self::Indexed256 => 256,
            Self::Rgb => 1 << 24,
        }
    }
}

/// How characters beyond ASCII are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Charset {
    /// As UTF-8.
    #[default]
    Utf8,
    /// Lines through DEC's special graphics (`ESC ( 0`), `_` for the rest.
    Acs,
    /// Lines as `+ - |`, `_` for the rest.
    Ascii,
}

/// What each of the theme's colours is on a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Theme([Color; 10]);

impl Theme {
    /// The terminal's own colours, whatever they are.
    pub const PLAIN: Self = {
        let mut colors = [Color::Default; 10];
        let mut at = 0;
        while at < colors.len() {
            colors[at] = ThemeColor::ALL[at].plain();
            at += 1;
        }
        Self(colors)
    };

    /// A theme of these colours; what is itself a theme's colour is plain.
    #[must_use]
    pub fn new(mut color: impl FnMut(ThemeColor) -> Color) -> Self {
        Self(ThemeColor::ALL.map(|theme| match color(theme) {
            Color::Theme(other) => other.plain(),
            color => color,
        }))
    }

    /// The colour that is shown: never one of the theme's.
    #[must_use]
    pub fn show(&self, color: Color) -> Color {
        match color {
            Color::Theme(theme) => self.0[theme as usize],
            color => color,
        }
    }
}

impl Default for Theme {
    fn default() -> Self {
        Self::PLAIN
    }
}

/// Whether a terminal can be drawn on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Usable {
    /// It can.
    #[default]
    Yes,
    /// Its screen cannot be cleared.
    NoClear,
    /// Its cursor cannot be placed.
    NoCup,
    /// It speaks another language than ECMA-48.
    Foreign,
}

/// A terminal's abilities. Clients with equal ones share their drawn bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(clippy::struct_excessive_bools)]
pub struct Caps {
    /// Colours.
    pub colors: Depth,
    /// Characters beyond ASCII.
    pub charset: Charset,
    /// Whether it can be drawn on at all.
    pub usable: Usable,
    /// What the theme's colours are on it.
    pub theme: Theme,
    /// Single attributes can be taken back (SGR 22–29, 39, 49).
    pub sgr_off: bool,
    /// Italics (SGR 3).
    pub italics: bool,
    /// Struck-out text (SGR 9).
    pub strike: bool,
    /// Overlined text (SGR 53).
    pub overline: bool,
    /// Underline styles (SGR 4:3).
    pub underline_styles: bool,
    /// Underline colours (SGR 58).
    pub underline_color: bool,
    /// SGR 39 and 49 take a colour back and nothing else (tmux's `AX`).
    pub default_color: bool,
    /// Erasing leaves the current background (terminfo `bce`).
    pub bce: bool,
    /// Characters can be erased in place (ECH).
    pub ech: bool,
    /// Rows can be scrolled within margins (DECSTBM).
    pub margins: bool,
    /// Margins scroll by a count (SU, SD).
    pub scroll_count: bool,
    /// The last column can be written without a wrap (terminfo `xenl`).
    pub xenl: bool,
    /// An alternate screen (DECSET 1049).
    pub alternate: bool,
    /// What it shows is scrolled away at the start, by so many rows, for it is to
    /// be kept.
    pub scroll_away: Option<u16>,
    /// Drawing can be held until it is whole (DECSET 2026).
    pub sync: bool,
    /// Text that reads from right to left can be kept apart (`Bidi`, a capability
    /// of tmux's: isolates around the borders between panes).
    pub bidi: bool,
    /// Hyperlinks (OSC 8).
    pub hyperlinks: bool,
    /// The title can be set (OSC 2).
    pub title: bool,
    /// The title can be saved and restored (XTWINOPS 22, 23).
    pub title_stack: bool,
    /// The cursor's form can be set (DECSCUSR).
    pub cursor_shape: bool,
    /// The cursor can be hidden (DECTCEM).
    pub cursor_hide: bool,
    /// Focus reports (DECSET 1004).
    pub focus: bool,
    /// Mouse reports (DECSET 1000, 1006).
    pub mouse: bool,
    /// Bracketed paste (DECSET 2004).
    pub paste: bool,
    /// modifyOtherKeys (XTMODKEYS).
    pub extended_keys: bool,
    /// The clipboard can be set (OSC 52).
    pub clipboard: bool,
    /// The cursor's colour can be set and reset (OSC 12, 112).
    pub cursor_color: bool,
    /// The kitty keyboard protocol.
    pub kitty_keys: bool,
    /// It tells when its colour scheme changes (DECSET 2031).
    pub color_scheme: bool,
    /// Margins at the sides (DECSLRM).
    pub side_margins: bool,
    /// Rectangles can be filled (DECFRA, DECERA).
    pub rectangles: bool,
    /// Sixel images.
    pub sixel: bool,
    /// It takes the working directory (OSC 7).
    pub path: bool,
    /// Function keys of its terminfo entry are not to be trusted.
    pub ignore_fkeys: bool,
    /// It answers questions (DA, XTVERSION, OSC 10).
    pub answers: bool,
}

impl Default for Caps {
    /// What an unknown terminal gets, in UTF-8.
    fn default() -> Self {
        Self {
            charset: Charset::Utf8,
            ..ANSI
        }
    }
}

impl Caps {
    /// The abilities of the terminal `term` (TERM) with the client's variables:
    /// COLORTERM, NO_COLOR, TERM_PROGRAM, WT_SESSION, VTE_VERSION, KONSOLE_VERSION.
    /// `utf8` says whether it shows UTF-8. An empty name counts as `dumb`.
    #[must_use]
    pub fn from_env(term: &str, env: impl Fn(&str) -> Option<String>, utf8: bool) -> Self {
        Self::of_terminal(term, None, env, utf8)
    }

    /// Like [`Self::from_env`], with the terminal's terminfo entry. A name that
    /// has none gets what is known of it, and an unknown one what all can do.
    #[must_use]
    pub fn of_terminal(
        term: &str,
        entry: Option<&Terminfo>,
        env: impl Fn(&str) -> Option<String>,
        utf8: bool,
    ) -> Self {
        let set = |name| env(name).filter(|value| !value.is_empty());
        let known = by_name(term);
        let mut caps = match (entry, known) {
            (Some(entry), Some(known)) => entry.caps.known_as(known),
            (Some(entry), None) => entry.caps,
            (None, known) => known.unwrap_or(ANSI),
        };
        if caps.usable != Usable::Yes {
            return caps;
        }
        caps.colors = caps.colors.max(depth_in_name(term));
        if is_xterm_like(term) {
            let program = set("TERM_PROGRAM").unwrap_or_default();
            caps = caps.with(by_program(&program));
            if set("WT_SESSION").is_some() {
                caps = caps.with(by_program("windows terminal"));
            }
            if set("VTE_VERSION").and_then(|v| v.parse().ok()) >= Some(5000u32) {
                caps = caps.with(by_program("vte"));
            }
            if set("KONSOLE_VERSION").is_some() {
                caps = caps.with(by_program("konsole"));
            }
        }
        match set("COLORTERM").as_deref() {
            Some("truecolor" | "24bit") => caps.colors = Depth::Rgb,
            Some(_) => caps.colors = caps.colors.max(Depth::Ansi16),
            None => {}
        }
        if set("NO_COLOR").is_some() || term.ends_with("-m") || term.ends_with("-mono") {
            caps.colors = Depth::Mono;
        }
        if utf8 {
            caps.charset = Charset::Utf8;
        }
        caps
    }

    /// Refuses a terminal that cannot be drawn on, of the name `term`.
    ///
    /// # Errors
    /// Why, in tmux's words.
    pub fn check(&self, term: &str) -> Result<(), String> {
        let why = match self.usable {
            Usable::Yes => return Ok(()),
            Usable::NoClear => "terminal does not support clear".to_owned(),
            Usable::NoCup => "terminal does not support cup".to_owned(),
            Usable::Foreign => format!("missing or unsuitable terminal: {term}"),
        };
        Err(format!("open terminal failed: {why}"))
    }

    /// Takes in what the terminal says of itself; whether that changed anything.
    /// Abilities only ever grow, but for mode 2026, and colours never from none:
    /// that was asked for.
    pub fn learn(&mut self, reply: &Reply) -> bool {
        let before = *self;
        match reply {
            Reply::Mode {
                mode,
                private: true,
                state,
            } => {
                let known = matches!(state, 1 | 2);
                match mode {
                    2026 => self.sync = known,
                    2031 => self.color_scheme = known,
                    _ => {}
                }
            }
            Reply::KittyFlags(_) => self.kitty_keys = true,
            Reply::Version(version) => *self = self.with(by_program(version.as_str())),
            Reply::PrimaryAttributes(list) => self.learn_attributes(list),
            Reply::SecondaryAttributes(list) => {
                *self = self.with(by_type(list.first().copied().unwrap_or(0)));
            }
            Reply::Capability { name, known: true } => self.learn_capability(name.as_str()),
            _ => {}
        }
        *self != before
    }

    /// DA1: the class of terminal, then its extensions.
    fn learn_attributes(&mut self, list: &[u32]) {
        let (class, extensions) = list.split_first().unwrap_or((&0, &[]));
        // A VT420 or later.
        if matches!(class, 64 | 65) {
            self.side_margins = true;
            self.rectangles = true;
        }
        for extension in extensions {
            match extension {
                4 if *class >= 60 => self.sixel = true,
                28 => self.rectangles = true,
                52 => self.clipboard = true,
                _ => {}
            }
        }
    }

    /// XTGETTCAP: what the terminal says that its terminfo entry has.
    fn learn_capability(&mut self, name: &str) {
        match name {
            "RGB" | "Tc" => self.raise(Depth::Rgb),
            "Smulx" | "Su" => self.underline_styles = true,
            "Setulc" => self.underline_color = true,
            "Ms" => self.clipboard = true,
            "Smol" => self.overline = true,
            "Sync" => self.sync = true,
            _ => {}
        }
    }

    /// Whether the modes between pictures are set alike on both.
    #[must_use]
    pub fn takes_modes_of(&self, other: &Self) -> bool {
        let modes = |caps: &Self| {
            (
                caps.mouse,
                caps.focus,
                caps.title,
                (caps.extended_keys, caps.kitty_keys),
                (caps.cursor_shape, caps.cursor_color),
            )
        };
        modes(self) == modes(other)
    }

    /// At least so many colours, unless none were asked for.
    pub(super) fn raise(&mut self, depth: Depth) {
        if self.colors != Depth::Mono {
            self.colors = self.colors.max(depth);
        }
    }

    /// Whether a picture drawn for one of them looks other for the other.
    #[must_use]
    pub fn draws_like(&self, other: &Self) -> bool {
        let drawn = |caps: &Self| Self {
            answers: true,
            clipboard: true,
            extended_keys: true,
            kitty_keys: true,
            color_scheme: true,
            side_margins: true,
            rectangles: true,
            sixel: true,
            ignore_fkeys: true,
            mouse: true,
            focus: true,
            paste: true,
            sync: true,
            title_stack: true,
            title: true,
            cursor_shape: true,
            cursor_color: true,
            scroll_away: None,
            ..*caps
        };
        drawn(self) == drawn(other)
    }

    /// Whether lines and text go out as UTF-8.
    #[must_use]
    pub const fn utf8(&self) -> bool {
        matches!(self.charset, Charset::Utf8)
    }

    /// These abilities and those of `more`; what `more` lacks is kept.
    pub(super) fn with(mut self, more: Self) -> Self {
        self.raise(more.colors);
        Self {
            italics: self.italics || more.italics,
            strike: self.strike || more.strike,
            overline: self.overline || more.overline,
            underline_styles: self.underline_styles || more.underline_styles,
            underline_color: self.underline_color || more.underline_color,
            sync: self.sync || more.sync,
            bidi: self.bidi || more.bidi,
            hyperlinks: self.hyperlinks || more.hyperlinks,
            title: self.title || more.title,
            cursor_shape: self.cursor_shape || more.cursor_shape,
            cursor_color: self.cursor_color || more.cursor_color,
            focus: self.focus || more.focus,
            clipboard: self.clipboard || more.clipboard,
            extended_keys: self.extended_keys || more.extended_keys,
            kitty_keys: self.kitty_keys || more.kitty_keys,
            color_scheme: self.color_scheme || more.color_scheme,
            side_margins: self.side_margins || more.side_margins,
            rectangles: self.rectangles || more.rectangles,
            sixel: self.sixel || more.sixel,
            path: self.path || more.path,
            ignore_fkeys: self.ignore_fkeys || more.ignore_fkeys,
            ..self
        }
    }
}

fn depth_in_name(term: &str) -> Depth {
    if term.ends_with("-direct") {
        Depth::Rgb
    } else if term.contains("256color") {
        Depth::Indexed256
    } else if term.contains("16color") || term.contains("88color") {
        Depth::Ansi16
    } else {
        Depth::Mono
    }
}

fn is_xterm_like(term: &str) -> bool {
    term == "xterm" || term.starts_with("xterm-")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn caps(term: &str, vars: &[(&str, &str)]) -> Caps {
        let env = |name: &str| {
            let found = vars.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Caps::from_env(term, env, true)
    }

    #[test]
    fn caps_follow_name_and_variables() {
        for (term, vars, depth) in [
            ("xterm", &[][..], Depth::Ansi16),
            ("xterm-256color", &[], Depth::Indexed256),
            ("xterm-256color", &[("COLORTERM", "truecolor")], Depth::Rgb),
            ("xterm-256color", &[("NO_COLOR", "1")], Depth::Mono),
            ("xterm-256color", &[("NO_COLOR", "")], Depth::Indexed256),
            (
                "xterm-256color",
                &[("TERM_PROGRAM", "iTerm.app")],
                Depth::Rgb,
            ),
            ("xterm-kitty", &[], Depth::Rgb),
            ("screen-256color", &[], Depth::Indexed256),
            ("screen.xterm-256color", &[], Depth::Indexed256),
            ("tmux", &[], Depth::Indexed256),
            ("linux", &[], Depth::Ansi8),
            ("vt100", &[], Depth::Mono),
            ("rxvt-unicode-256color", &[], Depth::Indexed256),
            ("alacritty-direct", &[], Depth::Rgb),
            ("never-heard-of", &[], Depth::Ansi8),
        ] {
            let caps = caps(term, vars);
            assert_eq!(caps.colors, depth, "{term} {vars:?}");
            assert_eq!(caps.check(term), Ok(()), "{term}");
        }
    }

    #[test]
    fn caps_of_a_dumb_terminal_are_refused() {
        for term in ["", "dumb"] {
            assert_eq!(
                caps(term, &[]).check(term).unwrap_err(),
                "open terminal failed: terminal does not support clear"
            );
        }
    }

    #[test]
    fn caps_know_the_differences_that_garble_screens() {
        assert!(!caps("screen-256color", &[]).bce);
        assert!(!caps("linux", &[]).title);
        assert!(!caps("linux", &[]).scroll_count);
        assert!(!caps("xterm-256color", &[]).sync);
        assert!(caps("foot", &[]).sync);
        assert_eq!(
            Caps::from_env("vt220", |_| None, false).charset,
            Charset::Acs
        );
    }

    #[test]
    fn caps_learn_from_answers() {
        let mut caps = caps("xterm-256color", &[]);
        let sync = Reply::Mode {
            mode: 2026,
            private: true,
            state: 2,
        };
        assert!(caps.learn(&sync) && caps.sync);
        assert!(!caps.learn(&sync));
        assert!(caps.learn(&Reply::Version("WezTerm 20240203".into())));
        assert!(caps.hyperlinks && caps.colors == Depth::Rgb);
    }
}
