//! The terminals that are known by name: their TERM, what they call themselves
//! (TERM_PROGRAM, XTVERSION), or the number that they answer to DA2. It holds
//! what they can do, and decides nothing.

use super::caps::{Caps, Charset, Depth, Theme, Usable};

/// A paper terminal: no cursor, no clear.
pub(super) const DUMB: Caps = Caps {
    colors: Depth::Mono,
    charset: Charset::Ascii,
    usable: Usable::NoClear,
    theme: Theme::PLAIN,
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
    scroll_away: None,
    sync: false,
    bidi: false,
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
    underline_color: false,
    cursor_color: false,
    default_color: false,
    kitty_keys: false,
    color_scheme: false,
    side_margins: false,
    rectangles: false,
    sixel: false,
    path: false,
    ignore_fkeys: false,
};

const VT100: Caps = Caps {
    charset: Charset::Acs,
    usable: Usable::Yes,
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
pub(super) const ANSI: Caps = Caps {
    default_color: true,
    colors: Depth::Ansi8,
    ..VT220
};

/// SGR 39 also ends underlining there (console_codes(4)): `default_color` is off.
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
    cursor_color: true,
    default_color: true,
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
    cursor_color: false,
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
    underline_color: true,
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
    underline_color: true,
    sync: true,
    hyperlinks: true,
    ..XTERM
};

const ALACRITTY: Caps = Caps {
    overline: false,
    ..MODERN
};

/// Those that know the kitty keyboard protocol and nothing older.
const KITTY: Caps = Caps {
    kitty_keys: true,
    color_scheme: true,
    ..MODERN
};

/// kitty itself, which erases to the default background.
const KITTY_OWN: Caps = Caps {
    bce: false,
    ..KITTY
};

const WEZTERM: Caps = Caps {
    side_margins: true,
    sixel: true,
    ..MODERN
};

const FOOT: Caps = Caps {
    sixel: true,
    rectangles: true,
    ..KITTY
};

/// xterm itself, which says so by XTVERSION.
const XTERM_OWN: Caps = Caps {
    // It shows the nearest of its palette.
    colors: Depth::Rgb,
    side_margins: true,
    rectangles: true,
    ..XTERM
};

/// rxvt-unicode, by its answer to DA2.
const URXVT: Caps = Caps {
    colors: Depth::Indexed256,
    italics: true,
    ignore_fkeys: true,
    ..RXVT
};

const ITERM: Caps = Caps {
    side_margins: true,
    path: true,
    ..MODERN
};

const KONSOLE: Caps = Caps {
    underline_styles: false,
    underline_color: false,
    sync: false,
    ..MODERN
};

/// VTE: whether it holds pictures back it says when asked.
const VTE: Caps = Caps {
    sync: false,
    ..MODERN
};

const MINTTY: Caps = Caps {
    side_margins: true,
    sixel: true,
    ..MODERN
};

/// A multiplexer that says so: it hands on what its own client can show.
const TMUX_SELF: Caps = Caps {
    colors: Depth::Rgb,
    ..TMUX
};

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
    ("eterm", ETERM),
    ("Eterm", ETERM),
    ("foot", FOOT),
    ("ghostty", KITTY),
    ("gnome", VTE),
    ("iterm", ITERM),
    ("iTerm", ITERM),
    ("iTerm.app", ITERM),
    ("iTerm2.app", ITERM),
    ("kitty", KITTY_OWN),
    ("konsole", KONSOLE),
    ("linux", LINUX),
    ("mintty", MINTTY),
    ("ms-terminal", MS_TERMINAL),
    ("putty", PUTTY),
    ("rio", KITTY),
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
    ("vt510", VT220),
    ("vt520", VT220),
    ("vte", VTE),
    ("wezterm", WEZTERM),
    ("xterm-ghostty", KITTY),
    ("xterm-kitty", KITTY_OWN),
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

/// Eterm and Emacs's term.el: attributes and little else.
const ETERM: Caps = Caps {
    ech: false,
    xenl: false,
    ..ANSI
};

const ST: Caps = Caps {
    title_stack: false,
    extended_keys: false,
    ..XTERM
};

/// What a terminal of this name (TERM) can do; nothing for one that is not known.
pub(super) fn by_name(term: &str) -> Option<Caps> {
    if matches!(term, "" | "dumb" | "unknown" | "emacs") {
        return Some(DUMB);
    }
    // `screen.xterm-256color` is screen, inside that terminal.
    let fits = |name: &str| {
        term.strip_prefix(name)
            .is_some_and(|tail| tail.is_empty() || tail.starts_with(['-', '.', '+']))
    };
    TABLE
        .iter()
        .find(|(name, _)| fits(name))
        .map(|(_, caps)| *caps)
}

/// What a program does that calls itself so (TERM_PROGRAM, XTVERSION); nothing
/// for one that is not known.
pub(super) fn by_program(program: &str) -> Caps {
    const KNOWN: &[(&str, Caps)] = &[
        ("alacritty", ALACRITTY),
        ("contour", MODERN),
        ("foot", FOOT),
        ("ghostty", KITTY),
        ("iterm", ITERM),
        ("kitty", KITTY),
        ("konsole", KONSOLE),
        ("mintty", MINTTY),
        ("rio", KITTY),
        ("stepmux", TMUX_SELF),
        ("tmux", TMUX_SELF),
        ("vscode", ITERM),
        ("vte", VTE),
        ("wezterm", WEZTERM),
        ("windows terminal", MS_TERMINAL),
        ("xterm(", XTERM_OWN),
        ("xterm.js", VTE),
    ];
    let name = program.to_ascii_lowercase();
    KNOWN
        .iter()
        .find(|(known, _)| name.starts_with(known))
        .map_or(DUMB, |(_, caps)| *caps)
}

/// What a terminal does that answers DA2 with this type: the letter of some
/// programs that imitate others (`M`, `T`, `U`).
pub(super) fn by_type(kind: u32) -> Caps {
    match u8::try_from(kind) {
        Ok(b'M') => MINTTY,
        Ok(b'T') => TMUX_SELF,
        Ok(b'U') => URXVT,
        _ => DUMB,
    }
}
