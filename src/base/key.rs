//! Keys and mouse events as bindings see them. Bytes become keys in `tty`, keys
//! become bytes again in `term`; names are in [`super::keynames`]. Nothing here
//! reads a name or a byte.

/// Modifier keys held.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Mods(u8);

impl Mods {
    /// No modifier.
    pub const NONE: Self = Self(0);
    /// Shift.
    pub const SHIFT: Self = Self(1);
    /// Alt, tmux's `M-`.
    pub const META: Self = Self(1 << 1);
    /// Control.
    pub const CTRL: Self = Self(1 << 2);

    /// Whether every modifier of `other` is held.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// These modifiers and `other`.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// These modifiers without `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether none is held.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The order of modifiers in lists of keys: meta, control, shift.
    const fn rank(self) -> u8 {
        (self.0 >> 1) | (self.0 & 1) << 2
    }

    /// xterm's modifier parameter: 1 plus shift 1, alt 2, control 4 (ctlseqs,
    /// "PC-Style Function Keys").
    #[must_use]
    pub const fn xterm(self) -> u8 {
        self.0 + 1
    }

    /// The modifiers of xterm's parameter; bits above control are dropped.
    #[must_use]
    pub const fn from_xterm(parameter: u16) -> Self {
        Self((parameter.saturating_sub(1) & 7) as u8)
    }
}

impl std::fmt::Debug for Mods {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (mods, name) in [(Self::CTRL, "C-"), (Self::META, "M-"), (Self::SHIFT, "S-")] {
            if self.has(mods) {
                f.write_str(name)?;
            }
        }
        Ok(())
    }
}

/// A key with its modifiers. Shift is folded into a character where the
/// keyboard already did so (`A`, not `S-a`). Keys are in order as tmux lists
/// them: by modifiers, then characters before named keys before the mouse.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    /// Which key.
    pub code: KeyCode,
    /// What was held with it.
    pub mods: Mods,
}

/// What happened to a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyAction {
    /// It was pressed.
    #[default]
    Press,
    /// It is held, and repeats itself.
    Repeat,
    /// It was let go.
    Release,
}

/// What a key's terminal tells of it beyond what bindings see (the kitty
/// keyboard protocol). By default nothing: a press, as of any terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keystroke {
    /// What happened to the key.
    pub action: KeyAction,
    /// All that was held, where it is more than [`Mods`] knows: shift 1, alt 2,
    /// control 4, super 8, hyper 16, meta 32, caps lock 64, num lock 128.
    pub held: Option<u8>,
    /// The character that the key makes without shift, where that was told.
    pub base: Option<char>,
}

/// A key without modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyCode {
    /// A character; control characters appear as `C-` and a letter.
    Char(char),
    /// Enter (CR).
    Enter,
    /// Tab.
    Tab,
    /// Shift-Tab (terminfo `kcbt`).
    BackTab,
    /// Backspace (the key, whatever byte it sends).
    Backspace,
    /// Escape.
    Escape,
    /// Up.
    Up,
    /// Down.
    Down,
    /// Left.
    Left,
    /// Right.
    Right,
    /// Home.
    Home,
    /// End.
    End,
    /// Page Up.
    PageUp,
    /// Page Down.
    PageDown,
    /// Insert.
    Insert,
    /// Delete.
    Delete,
    /// Function key, 1 to 24.
    F(u8),
    /// A key of the numeric keypad.
    Keypad(Keypad),
    /// A mouse action at a place, as a binding names it.
    Mouse(MouseKey),
    /// A sequence of the `user-keys` option.
    User(u16),
    /// Bound: any key without a binding of its own. Never typed.
    Any,
    /// Bound: no key at all (`prefix2 None`). Never typed.
    None,
    /// The terminal gained focus (DECSET 1004).
    FocusIn,
    /// The terminal lost focus.
    FocusOut,
    /// A paste begins (DECSET 2004). The text is no keys.
    PasteStart,
    /// A paste that never began ends.
    PasteEnd,
}

/// The numeric keypad's keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Keypad {
    /// `0` to `9`.
    Digit(u8),
    /// Enter.
    Enter,
    /// `+`.
    Plus,
    /// `-`.
    Minus,
    /// `*`.
    Star,
    /// `/`.
    Slash,
    /// `.`.
    Period,
}

/// What the mouse did, with the button's number (1 left, 2 middle, 3 right,
/// 6–11 extra).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MouseAction {
    /// Pressed.
    Down(u8),
    /// Released without a drag.
    Up(u8),
    /// Moved with the button held.
    Drag(u8),
    /// Released after a drag.
    DragEnd(u8),
    /// The second press of a double click, before it is known to be no triple.
    SecondClick(u8),
    /// Two presses within the click time.
    DoubleClick(u8),
    /// Three presses within the click time.
    TripleClick(u8),
    /// Moved with no button held.
    Move,
    /// Wheel turned away.
    WheelUp,
    /// Wheel turned towards.
    WheelDown,
}

/// Where on the client's screen a mouse action happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MousePlace {
    /// In a pane.
    Pane,
    /// On a pane's border.
    Border,
    /// On a window's name in the status line.
    Status,
    /// On the left part of the status line.
    StatusLeft,
    /// On the right part of the status line.
    StatusRight,
    /// On the rest of the status line.
    StatusDefault,
    /// Outside every pane.
    Empty,
    /// Above the slider of a pane's scrollbar.
    ScrollbarUp,
    /// On the slider of a pane's scrollbar.
    ScrollbarSlider,
    /// Below the slider of a pane's scrollbar.
    ScrollbarDown,
    /// On a control, 0 to 9, of a range that a style names.
    Control(u8),
}

/// A mouse action at a place: what a key table can bind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MouseKey {
    /// What happened.
    pub action: MouseAction,
    /// Where.
    pub place: MousePlace,
}

/// A mouse report as a client's terminal sent it, in cells of its screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MouseEvent {
    /// What happened; `DragEnd`, `SecondClick`, `DoubleClick` and `TripleClick`
    /// are worked out later from several reports.
    pub action: MouseAction,
    /// Column, from 0.
    pub x: u16,
    /// Row, from 0.
    pub y: u16,
    /// Modifiers held.
    pub mods: Mods,
}

impl Key {
    /// A key without modifiers.
    #[must_use]
    pub const fn plain(code: KeyCode) -> Self {
        Self {
            code,
            mods: Mods::NONE,
        }
    }

    /// A character without modifiers.
    #[must_use]
    pub const fn char(ch: char) -> Self {
        Self::plain(KeyCode::Char(ch))
    }

    /// A character with control held.
    #[must_use]
    pub const fn ctrl(ch: char) -> Self {
        Self {
            code: KeyCode::Char(ch),
            mods: Mods::CTRL,
        }
    }

    /// This key with more modifiers held.
    #[must_use]
    pub const fn with(self, mods: Mods) -> Self {
        Self {
            code: self.code,
            mods: self.mods.with(mods),
        }
    }

    /// Whether tmux knows its name: what may be bound, and typed by name. What a
    /// terminal reports, no key at all and keys beyond F12 are understood elsewhere
    /// alone.
    #[must_use]
    pub const fn is_named(self) -> bool {
        !self.is_report() && !matches!(self.code, KeyCode::None | KeyCode::F(13..))
    }

    /// Whether this is no key but what a terminal says of its focus and of pastes.
    #[must_use]
    pub const fn is_report(self) -> bool {
        matches!(
            self.code,
            KeyCode::FocusIn | KeyCode::FocusOut | KeyCode::PasteStart | KeyCode::PasteEnd
        )
    }

    /// Whether this is a mouse key.
    #[must_use]
    pub const fn is_mouse(self) -> bool {
        matches!(self.code, KeyCode::Mouse(_))
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let rank = |key: &Self| (key.mods.rank(), key.code.rank());
        rank(self).cmp(&rank(other))
    }
}

impl KeyCode {
    /// The place of a key among those without modifiers: a group, and the place
    /// in it. No two keys have the same.
    const fn rank(self) -> (u8, u32) {
        match self {
            Self::Char(ch) => (0, ch as u32),
            Self::Tab => (0, 9),
            Self::Enter => (0, 13),
            Self::Escape => (0, 27),
            Self::User(n) => (1, n as u32),
            Self::Any => (2, 0),
            Self::None => (2, 1),
            Self::FocusIn => (2, 2),
            Self::FocusOut => (2, 3),
            Self::PasteStart => (2, 4),
            Self::PasteEnd => (2, 5),
            Self::Backspace => (3, 0),
            Self::F(n) => (4, n as u32),
            Self::Insert => (5, 0),
            Self::Delete => (5, 1),
            Self::Home => (5, 2),
            Self::End => (5, 3),
            Self::PageDown => (5, 4),
            Self::PageUp => (5, 5),
            Self::BackTab => (5, 6),
            Self::Up => (5, 7),
            Self::Down => (5, 8),
            Self::Left => (5, 9),
            Self::Right => (5, 10),
            Self::Keypad(key) => (6, key.rank()),
            Self::Mouse(mouse) => (7, mouse.rank()),
        }
    }
}

impl Keypad {
    /// The place on the pad, from its top left.
    const fn rank(self) -> u32 {
        match self {
            Self::Slash => 0,
            Self::Star => 1,
            Self::Minus => 2,
            Self::Plus => 6,
            Self::Enter => 13,
            Self::Period => 15,
            Self::Digit(0) => 14,
            Self::Digit(n @ 7..) => n as u32 - 4,
            Self::Digit(n @ 4..) => n as u32 + 3,
            Self::Digit(n) => n as u32 + 9,
        }
    }
}

impl MouseKey {
    const fn rank(self) -> u32 {
        let (action, button) = match self.action {
            MouseAction::Move => (0, 0),
            MouseAction::Down(n) => (1, n),
            MouseAction::Up(n) => (2, n),
            MouseAction::Drag(n) => (3, n),
            MouseAction::DragEnd(n) => (4, n),
            MouseAction::WheelDown => (5, 0),
            MouseAction::WheelUp => (6, 0),
            MouseAction::SecondClick(n) => (7, n),
            MouseAction::DoubleClick(n) => (8, n),
            MouseAction::TripleClick(n) => (9, n),
        };
        let place = match self.place {
            MousePlace::Pane => 0,
            MousePlace::Status => 1,
            MousePlace::StatusLeft => 2,
            MousePlace::StatusRight => 3,
            MousePlace::StatusDefault => 4,
            MousePlace::Border => 5,
            MousePlace::ScrollbarUp => 6,
            MousePlace::ScrollbarSlider => 7,
            MousePlace::ScrollbarDown => 8,
            MousePlace::Empty => 9,
            MousePlace::Control(n) => 10 + n as u32,
        };
        action << 16 | (button as u32) << 8 | place
    }
}

impl From<KeyCode> for Key {
    fn from(code: KeyCode) -> Self {
        Self::plain(code)
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}
