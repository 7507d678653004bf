//! What a client's terminal can do, by its name (TERM), a few variables and its
//! own answers. The table is built in; no terminfo is read, and nothing here
//! asks the terminal anything.

use std::fmt;

use super::reply::Reply;

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

/// A terminal's abilities. Clients with equal ones share their drawn bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(clippy::struct_excessive_bools)]
pub struct Caps {
    /// Colours.
    pub colors: Depth,
    /// Characters beyond ASCII.
    pub charset: Charset,
    /// The screen can be cleared and the cursor placed: without, it is no use.
    pub addressable: bool,
    /// Single attributes can be taken back (SGR 22–29, 39, 49).
    pub sgr_off: bool,
    /// Italics (SGR 3).
    pub italics: bool,
    /// Struck-out text (SGR 9).
    pub strike: bool,
    /// Overlined text (SGR 53).
    pub overline: bool,
    /// Underline styles and colours (SGR 4:3, 58).
    pub underline_styles: bool,
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
    /// Drawing can be held until it is whole (DECSET 2026).
    pub sync: bool,
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
    /// It answers questions (DA, XTVERSION, DECRQM).
    pub answers: bool,
}

/// A terminal that nothing can be drawn on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unusable;

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("open terminal failed: terminal does not support clear")
    }
}

impl std::error::Error for Unusable {}

/// A paper terminal: no cursor, no clear.
const DUMB: Caps = Caps {
    colors: Depth::Mono,
    charset: Charset::Ascii,
    addressable: false,
    sgr_off: false,
    italics: false,
    strike: false,
    overline: false,
    underline_styles: false,
    bce: false,
    ech: false,
    margins: false,
    scroll_count: false,
    xenl: false,
    alternate: false,
    sync: false,
    hyperlinks: false,
    title: false,
    title_stack: false,
    cursor_shape: false,
    cursor_hide: false,
    focus: false,
    mouse: false,
    paste: false,
    extended_keys: false,
    clipboard: false,
    answers: false,
};

const VT100: Caps = Caps {
    charset: Charset::Acs,
    addressable: true,
    margins: true,
    xenl: true,
    ..DUMB
};

const VT220: Caps = Caps {
    sgr_off: true,
    ech: true,
    cursor_hide: true,
    ..VT100
};

/// What an unknown name gets: all that any terminal of today shows.
const ANSI: Caps = Caps {
    colors: Depth::Ansi8,
    ..VT220
};

const LINUX: Caps = Caps {
    colors: Depth::Ansi8,
    bce: true,
    ..VT220
};

/// What goes by the name of xterm, its imitations included.
const XTERM: Caps = Caps {
    colors: Depth::Ansi16,
    italics: true,
    strike: true,
    bce: true,
    scroll_count: true,
    alternate: true,
    title: true,
    title_stack: true,
    cursor_shape: true,
    focus: true,
    mouse: true,
    paste: true,
    extended_keys: true,
    clipboard: true,
    answers: true,
    ..VT220
};

const SCREEN: Caps = Caps {
    italics: false,
    strike: false,
    bce: false,
    // screen lacks SU's margins in old versions, and an own title stack.
    scroll_count: false,
    title_stack: false,
    extended_keys: false,
    clipboard: false,
    focus: false,
    answers: false,
    cursor_shape: false,
    ..XTERM
};

const TMUX: Caps = Caps {
    colors: Depth::Indexed256,
    strike: true,
    overline: true,
    bce: true,
    title_stack: true,
    sync: true,
    underline_styles: true,
    hyperlinks: true,
    ..XTERM
};

const RXVT: Caps = Caps {
    strike: false,
    italics: false,
    title_stack: false,
    extended_keys: false,
    clipboard: false,
    answers: false,
    scroll_count: false,
    cursor_shape: true,
    ..XTERM
};

/// The terminals written in the last decade.
const MODERN: Caps = Caps {
    colors: Depth::Rgb,
    overline: true,
    underline_styles: true,
    sync: true,
    hyperlinks: true,
    ..XTERM
};

const ALACRITTY: Caps = Caps {
    overline: false,
    ..MODERN
};

const ITERM: Caps = Caps { ..MODERN };

/// The Windows console's terminal.
const MS_TERMINAL: Caps = Caps {
    colors: Depth::Rgb,
    overline: true,
    hyperlinks: true,
    bce: false,
    title_stack: false,
    ..XTERM
};

/// First names that fit win. A name fits itself and itself with `-…` or digits.
const TABLE: &[(&str, Caps)] = &[
    ("alacritty", ALACRITTY),
    ("contour", MODERN),
    ("foot", MODERN),
    ("ghostty", MODERN),
    ("iterm", ITERM),
    ("iTerm", ITERM),
    ("iTerm.app", ITERM),
    ("kitty", MODERN),
    ("linux", LINUX),
    ("mintty", MODERN),
    ("ms-terminal", MS_TERMINAL),
    ("putty", PUTTY),
    ("rxvt", RXVT),
    ("screen", SCREEN),
    ("st", ST),
    ("stepmux", TMUX),
    ("tmux", TMUX),
    ("vt100", VT100),
    ("vt102", VT100),
    ("vt220", VT220),
    ("vt320", VT220),
    ("vt420", VT220),
    ("vte", MODERN),
    ("wezterm", MODERN),
    ("xterm-ghostty", MODERN),
    ("xterm-kitty", MODERN),
    ("xterm", XTERM),
];

const PUTTY: Caps = Caps {
    focus: false,
    italics: false,
    clipboard: false,
    title_stack: false,
    extended_keys: false,
    ..XTERM
};

const ST: Caps = Caps {
    title_stack: false,
    extended_keys: false,
    ..XTERM
};

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
    /// COLORTERM, NO_COLOR, TERM_PROGRAM, WT_SESSION, VTE_VERSION, XTERM_VERSION.
    /// `utf8` says whether it shows UTF-8. An empty name counts as `dumb`.
    #[must_use]
    pub fn from_env(term: &str, env: impl Fn(&str) -> Option<String>, utf8: bool) -> Self {
        let set = |name| env(name).filter(|value| !value.is_empty());
        let mut caps = by_name(term);
        if !caps.addressable {
            return caps;
        }
        caps.colors = caps.colors.max(depth_in_name(term));
        if is_xterm_like(term) {
            let program = set("TERM_PROGRAM").unwrap_or_default();
            caps = caps.with(program_features(&program));
            if set("WT_SESSION").is_some() {
                caps = caps.with(MS_TERMINAL);
            }
            if set("VTE_VERSION").and_then(|v| v.parse().ok()) >= Some(5000u32) {
                caps = caps.with(Caps {
                    sync: false,
                    ..MODERN
                });
            }
            if set("XTERM_VERSION").is_some() {
                caps.overline = false;
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

    /// Refuses a terminal that cannot be drawn on (`dumb`, or no name at all).
    pub const fn usable(&self) -> Result<(), Unusable> {
        if self.addressable {
            Ok(())
        } else {
            Err(Unusable)
        }
    }

    /// Adds one of tmux's `terminal-features` by name; whether it is known.
    pub fn add_feature(&mut self, name: &str) -> bool {
        match name {
            "256" => self.colors = self.colors.max(Depth::Indexed256),
            "RGB" => self.colors = Depth::Rgb,
            "bpaste" => self.paste = true,
            "clipboard" => self.clipboard = true,
            "cstyle" => self.cursor_shape = true,
            "extkeys" => self.extended_keys = true,
            "focus" => self.focus = true,
            "hyperlinks" => self.hyperlinks = true,
            "mouse" => self.mouse = true,
            "overline" => self.overline = true,
            "strikethrough" => self.strike = true,
            "sync" => self.sync = true,
            "title" => self.title = true,
            "usstyle" => self.underline_styles = true,
            // Known, but nothing here uses them.
            "ccolour" | "ignorefkeys" | "margins" | "osc7" | "rectfill" | "sixel"
            | "progressbar" => {}
            _ => return false,
        }
        true
    }

    /// tmux's names of what is there (`client_termfeatures`).
    pub fn features(&self) -> impl Iterator<Item = &'static str> + use<> {
        [
            ("256", self.colors >= Depth::Indexed256),
            ("RGB", self.colors == Depth::Rgb),
            ("bpaste", self.paste),
            ("clipboard", self.clipboard),
            ("cstyle", self.cursor_shape),
            ("extkeys", self.extended_keys),
            ("focus", self.focus),
            ("hyperlinks", self.hyperlinks),
            ("mouse", self.mouse),
            ("overline", self.overline),
            ("strikethrough", self.strike),
            ("sync", self.sync),
            ("title", self.title),
            ("usstyle", self.underline_styles),
        ]
        .into_iter()
        .filter_map(|(name, on)| on.then_some(name))
    }

    /// Takes in what the terminal says of itself; whether that changed anything.
    /// Colours only ever grow, and never from none: that was asked for.
    pub fn learn(&mut self, reply: &Reply) -> bool {
        let before = *self;
        match reply {
            Reply::Mode {
                mode: 2026,
                private: true,
                state,
            } => self.sync = matches!(state, 1 | 2),
            Reply::Version(version) => {
                *self = self.with(program_features(version.as_str()));
            }
            // Extension 52 of DA1: the clipboard can be set.
            Reply::PrimaryAttributes(list) if list.iter().skip(1).any(|n| *n == 52) => {
                self.clipboard = true;
            }
            _ => {}
        }
        *self != before
    }

    /// Whether lines and text go out as UTF-8.
    #[must_use]
    pub const fn utf8(&self) -> bool {
        matches!(self.charset, Charset::Utf8)
    }

    /// These abilities and those of `more`; what `more` lacks is kept.
    fn with(self, more: Self) -> Self {
        let colors = match self.colors {
            Depth::Mono => Depth::Mono,
            some => some.max(more.colors),
        };
        Self {
            colors,
            italics: self.italics || more.italics,
            strike: self.strike || more.strike,
            overline: self.overline || more.overline,
            underline_styles: self.underline_styles || more.underline_styles,
            sync: self.sync || more.sync,
            hyperlinks: self.hyperlinks || more.hyperlinks,
            title: self.title || more.title,
            cursor_shape: self.cursor_shape || more.cursor_shape,
            focus: self.focus || more.focus,
            clipboard: self.clipboard || more.clipboard,
            extended_keys: self.extended_keys || more.extended_keys,
            ..self
        }
    }
}

fn by_name(term: &str) -> Caps {
    if matches!(term, "" | "dumb" | "unknown" | "emacs") {
        return DUMB;
    }
    // `screen.xterm-256color` is screen, inside that terminal.
    let fits = |name: &str| {
        term.strip_prefix(name)
            .is_some_and(|tail| tail.is_empty() || tail.starts_with(['-', '.', '+']))
    };
    TABLE
        .iter()
        .find(|(name, _)| fits(name))
        .map_or(ANSI, |(_, caps)| *caps)
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

/// Abilities by TERM_PROGRAM or the answer to XTVERSION.
fn program_features(program: &str) -> Caps {
    const KNOWN: &[(&str, Caps)] = &[
        ("alacritty", ALACRITTY),
        ("contour", MODERN),
        ("foot", MODERN),
        ("ghostty", MODERN),
        ("iterm", ITERM),
        ("kitty", MODERN),
        ("mintty", MODERN),
        ("rio", MODERN),
        ("stepmux", TMUX),
        ("tmux", TMUX),
        ("vscode", ITERM),
        ("wezterm", MODERN),
        ("windows terminal", MS_TERMINAL),
    ];
    let name = program.to_ascii_lowercase();
    KNOWN
        .iter()
        .find(|(known, _)| name.starts_with(known))
        .map_or(DUMB, |(_, caps)| *caps)
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
            assert_eq!(caps.usable(), Ok(()), "{term}");
        }
    }

    #[test]
    fn caps_of_a_dumb_terminal_are_refused() {
        for term in ["", "dumb"] {
            let refused = caps(term, &[]).usable().unwrap_err();
            assert_eq!(
                refused.to_string(),
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

    #[test]
    fn caps_features_have_their_tmux_names() {
        let mut caps = caps("linux", &[]);
        assert!(caps.add_feature("RGB") && caps.add_feature("sync"));
        assert!(!caps.add_feature("rgb"));
        assert_eq!(caps.features().collect::<Vec<_>>(), ["256", "RGB", "sync"]);
    }
}
