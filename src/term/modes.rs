//! Modes: SM, RM, DECSET, DECRST, DECRQM, XTSAVE and XTRESTORE, DECSTR and RIS.
//! The table of what is known is one function, so that setting and reporting
//! cannot disagree.

use super::screen::{Pen, Region};
use super::{Colors, CursorShape, Terminal};
use crate::base::Cell;

/// Which mouse events a program asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MouseMode {
    /// None.
    #[default]
    Off,
    /// Presses only (DECSET 9).
    X10,
    /// Presses and releases (DECSET 1000).
    Normal,
    /// And motion with a button held (DECSET 1002).
    Button,
    /// And all motion (DECSET 1003).
    Any,
}

/// How mouse events are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MouseEncoding {
    /// Three bytes after `CSI M`.
    #[default]
    X10,
    /// The same in UTF-8 (DECSET 1005).
    Utf8,
    /// Decimal (DECSET 1006).
    Sgr,
    /// Decimal, in pixels (DECSET 1016).
    SgrPixels,
    /// Decimal as in rxvt (DECSET 1015).
    Urxvt,
}

/// What a program switched on or off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Modes {
    /// Cursor keys send SS3 (DECCKM, 1).
    pub app_cursor: bool,
    /// The keypad sends SS3 (DECKPAM, 66).
    pub app_keypad: bool,
    /// Pastes are bracketed (2004).
    pub bracketed_paste: bool,
    /// Focus is reported (1004).
    pub focus_events: bool,
    /// Mouse events wanted.
    pub mouse: MouseMode,
    /// Their form.
    pub mouse_encoding: MouseEncoding,
    /// The alternate screen is shown.
    pub alternate: bool,
    /// Characters are inserted (IRM, 4).
    pub insert: bool,
    /// Positions count from the margins (DECOM, 6).
    pub origin: bool,
    /// Text wraps at the right margin (DECAWM, 7).
    pub wrap: bool,
    /// The screen is shown reversed (DECSCNM, 5).
    pub reverse_video: bool,
    /// Output is being gathered (synchronised output, 2026).
    pub sync: bool,
    /// The wheel sends cursor keys on the alternate screen (1007).
    pub alternate_scroll: bool,
    /// The cursor is shown (DECTCEM, 25).
    pub cursor_visible: bool,
    /// LF also returns (LNM, 20).
    pub newline: bool,
    /// BS wraps back over soft-wrapped rows (45).
    pub reverse_wrap: bool,
    /// BS wraps back over any row (1045).
    pub reverse_wrap_any: bool,
    /// Left and right margins may be set (DECLRMM, 69).
    pub margins: bool,
    /// Backspace sends BS (DECBKM, 67).
    pub backspace: bool,
    /// DECCOLM is obeyed (40).
    pub allow_columns: bool,
    /// 132 columns were asked for (DECCOLM, 3); the pane's width stays.
    pub columns: bool,
    /// Colour scheme changes are reported (2031).
    pub color_scheme: bool,
    /// Size changes are reported in the stream (2048).
    pub size_reports: bool,
    /// Sixel images are put at the top left corner (DECSDM, 80).
    pub sixel_display: bool,
    /// The cursor is left right of a sixel image (8452).
    pub sixel_right: bool,
    /// The keyboard is locked (KAM, 2).
    pub locked: bool,
    /// No local echo (SRM, 12); a pane never echoes by itself.
    pub no_echo: bool,
    /// National replacement character sets may be designated (DECNRCM, 42).
    pub national: bool,
    /// A tab at a pending wrap wraps first (xterm's fix for more(1), 41).
    pub more_fix: bool,
    /// DECCOLM leaves the screen's text (DECNCSM, 95).
    pub keep_on_columns: bool,
    /// Programs may use the alternate screen (titeInhibit turned round, 1046).
    pub allow_alternate: bool,
    /// Modes that are remembered for reports and change nothing, one bit for
    /// each row of [`REMEMBERED`].
    pub(super) remembered: u32,
    /// xterm's modifyOtherKeys, 0 to 2.
    pub modify_other_keys: u8,
    /// Extended keys are written `CSI u` (xterm's formatOtherKeys).
    pub format_other_keys: bool,
    /// The kitty keyboard protocol's flags on the screen that is shown.
    pub kitty_keys: u8,
}

/// Private modes of a display, printer or keyboard that this terminal has not:
/// they can be set, reset, saved and asked for as in xterm, and do nothing.
/// The second value is the state after a reset.
const REMEMBERED: [(u16, bool); 24] = [
    (4, false),    // DECSCLM, smooth scroll
    (18, false),   // DECPFF, printer form feed
    (19, false),   // DECPEX, printer extent
    (30, false),   // scrollbar
    (35, true),    // font-shifting keys
    (44, false),   // margin bell
    (1010, false), // scroll to bottom on output
    (1011, true),  // scroll to bottom on key press
    (1014, false), // fast scroll
    (1034, false), // eight-bit meta
    (1035, true),  // special modifiers for Alt and NumLock
    (1037, false), // Delete sends DEL
    (1039, false), // Alt sends ESC
    (1040, false), // keep the selection
    (1041, false), // select to the clipboard
    (1042, false), // urgency hint at a bell
    (1043, false), // raise at a bell
    (1044, false), // keep the clipboard
    (1050, false), // terminfo function keys
    (1051, false), // Sun function keys
    (1052, false), // HP function keys
    (1053, false), // SCO function keys
    (1060, false), // legacy keyboard
    (1061, false), // VT220 keyboard
];

/// The bits of [`REMEMBERED`] after a reset.
fn remembered_at_start() -> u32 {
    let set = REMEMBERED.iter().enumerate().filter(|(_, (_, on))| *on);
    set.fold(0, |bits, (at, _)| bits | 1 << at)
}

fn remembered_bit(mode: u16) -> Option<u32> {
    let at = REMEMBERED.iter().position(|(known, _)| *known == mode)?;
    Some(1 << at)
}

impl Default for Modes {
    fn default() -> Self {
        Self {
            app_cursor: false,
            app_keypad: false,
            bracketed_paste: false,
            focus_events: false,
            mouse: MouseMode::Off,
            mouse_encoding: MouseEncoding::X10,
            alternate: false,
            insert: false,
            origin: false,
            wrap: true,
            reverse_video: false,
            sync: false,
            alternate_scroll: false,
            cursor_visible: true,
            newline: false,
            reverse_wrap: false,
            reverse_wrap_any: false,
            margins: false,
            backspace: false,
            allow_columns: false,
            columns: false,
            color_scheme: false,
            size_reports: false,
            sixel_display: false,
            sixel_right: false,
            locked: false,
            no_echo: true,
            national: false,
            more_fix: false,
            keep_on_columns: false,
            allow_alternate: true,
            remembered: remembered_at_start(),
            modify_other_keys: 0,
            format_other_keys: false,
            kitty_keys: 0,
        }
    }
}

impl Modes {
    /// The flag of a private mode that is nothing but a flag.
    fn flag(&mut self, mode: u16) -> Option<&mut bool> {
        Some(match mode {
            1 => &mut self.app_cursor,
            5 => &mut self.reverse_video,
            25 => &mut self.cursor_visible,
            40 => &mut self.allow_columns,
            41 => &mut self.more_fix,
            42 => &mut self.national,
            45 => &mut self.reverse_wrap,
            66 => &mut self.app_keypad,
            67 => &mut self.backspace,
            80 => &mut self.sixel_display,
            1004 => &mut self.focus_events,
            1007 => &mut self.alternate_scroll,
            1045 => &mut self.reverse_wrap_any,
            1046 => &mut self.allow_alternate,
            2004 => &mut self.bracketed_paste,
            2026 => &mut self.sync,
            2031 => &mut self.color_scheme,
            2048 => &mut self.size_reports,
            8452 => &mut self.sixel_right,
            _ => return None,
        })
    }
}

fn mouse_mode(mode: u16) -> Option<MouseMode> {
    Some(match mode {
        9 => MouseMode::X10,
        1000 => MouseMode::Normal,
        1002 => MouseMode::Button,
        1003 => MouseMode::Any,
        _ => return None,
    })
}

fn mouse_encoding(mode: u16) -> Option<MouseEncoding> {
    Some(match mode {
        1005 => MouseEncoding::Utf8,
        1006 => MouseEncoding::Sgr,
        1015 => MouseEncoding::Urxvt,
        1016 => MouseEncoding::SgrPixels,
        _ => return None,
    })
}

impl Terminal {
    /// SM and RM.
    pub(super) fn set_ansi_mode(&mut self, mode: u16, on: bool) {
        match mode {
            2 => self.modes.locked = on,
            4 => self.modes.insert = on,
            12 => self.modes.no_echo = on,
            20 => self.modes.newline = on,
            // tmux's terminfo: cvvis resets 34, cnorm sets it.
            34 => self.blinking = !on,
            _ => {}
        }
    }

    /// DECSET and DECRST.
    pub(super) fn set_mode(&mut self, mode: u16, on: bool) {
        if let Some(flag) = self.modes.flag(mode) {
            *flag = on;
            self.synced |= mode == 2026;
            if mode == 5 {
                self.touch_all();
            }
            if mode == 2004 && on {
                self.editor_begins();
            }
            return;
        }
        if let Some(mouse) = mouse_mode(mode) {
            if on {
                self.modes.mouse = mouse;
            } else {
                self.modes.mouse = MouseMode::Off;
            }
            return;
        }
        if let Some(encoding) = mouse_encoding(mode) {
            if on {
                self.modes.mouse_encoding = encoding;
            } else if self.modes.mouse_encoding == encoding {
                self.modes.mouse_encoding = MouseEncoding::X10;
            }
            return;
        }
        match mode {
            3 if self.modes.allow_columns => self.change_columns(on),
            6 => {
                self.modes.origin = on;
                self.goto(0, 0);
            }
            7 => {
                self.modes.wrap = on;
                // DEC STD 070: without autowrap there is no last-column flag.
                self.pending &= on;
            }
            12 => self.blinking = on,
            69 if self.has_level(4) => {
                self.modes.margins = on;
                self.region.left = 0;
                self.region.right = self.size.cols() - 1;
                if on {
                    // Rows of double width and side margins exclude each other.
                    for row in self.grids[self.active].rows_mut() {
                        row.double = false;
                    }
                }
            }
            95 if self.has_level(5) => self.modes.keep_on_columns = on,
            47 | 1047 | 1049 => self.switch_screen(mode, on),
            1048 if !self.modes.allow_alternate => {}
            1048 if on => self.save_cursor(),
            1048 => self.restore_cursor(),
            _ => {
                if let Some(bit) = remembered_bit(mode) {
                    self.modes.remembered &= !bit;
                    self.modes.remembered |= if on { bit } else { 0 };
                }
            }
        }
    }

    /// Whether the conformance level (DECSCL) includes `level`; all do until a
    /// program has chosen one.
    pub(super) fn has_level(&self, level: u8) -> bool {
        self.level == 0 || self.level >= level
    }

    /// DECCOLM, where mode 40 allows it: all but the width changes.
    fn change_columns(&mut self, on: bool) {
        self.modes.columns = on;
        self.region = Region::of(self.size);
        self.modes.margins = false;
        if !self.modes.keep_on_columns {
            self.erase_screen(2, false);
        }
        self.goto(0, 0);
    }

    /// Whether a private mode is set; nothing for an unknown one.
    pub(super) fn mode(&mut self, mode: u16) -> Option<bool> {
        if let Some(flag) = self.modes.flag(mode) {
            return Some(*flag);
        }
        if let Some(mouse) = mouse_mode(mode) {
            return Some(self.modes.mouse == mouse);
        }
        if let Some(encoding) = mouse_encoding(mode) {
            return Some(self.modes.mouse_encoding == encoding);
        }
        Some(match mode {
            3 => self.modes.columns,
            6 => self.modes.origin,
            7 => self.modes.wrap,
            12 => self.blinking,
            69 => self.modes.margins,
            95 if self.has_level(5) => self.modes.keep_on_columns,
            47 | 1047 | 1049 => self.modes.alternate,
            1048 => self.saved[self.active].made,
            _ => self.modes.remembered & remembered_bit(mode)? != 0,
        })
    }

    /// What DECRQM reports of a private mode: 0 unknown, 1 set, 2 reset, 3 and 4
    /// set and reset for good.
    pub(super) fn mode_report(&mut self, mode: u16) -> u8 {
        match mode {
            // Never a VT52; meta sends ESC; clusters count as one character.
            2 | 1036 | 2027 => 3,
            // Keys repeat as the viewer's terminal has it.
            8 => 4,
            // Nothing changes the columns unless mode 40 allows it.
            3 if self.mode(40) == Some(false) => 4,
            _ => self.mode(mode).map_or(0, |on| if on { 1 } else { 2 }),
        }
    }

    /// What DECRQM reports of an ANSI mode.
    pub(super) fn ansi_mode_report(&self, mode: u16) -> u8 {
        let on = match mode {
            2 => self.modes.locked,
            4 => self.modes.insert,
            12 => self.modes.no_echo,
            20 => self.modes.newline,
            1 | 3 | 5 | 7 | 10 | 11 | 13..=19 => return 4,
            _ => return 0,
        };
        if on { 1 } else { 2 }
    }

    /// DECSCL: a level from 61 to 65 and, above 61, the form of C1 controls in
    /// replies; as in xterm with a soft reset.
    pub(super) fn set_level(&mut self, level: u16, controls: u16) {
        if let 61..=65 = level {
            self.soft_reset();
            self.level = (level - 60) as u8;
            self.eight_bit = level > 61 && controls != 1;
        }
    }

    /// XTSAVE.
    pub(super) fn save_mode(&mut self, mode: u16) {
        if let Some(on) = self.mode(mode) {
            self.saved_modes.insert(mode, on);
        }
    }

    /// XTRESTORE.
    pub(super) fn restore_mode(&mut self, mode: u16) {
        if let Some(on) = self.saved_modes.get(&mode).copied() {
            self.set_mode(mode, on);
        }
    }

    pub(super) fn touch_all(&mut self) {
        self.grids[self.active].touch(self.seq);
    }

    fn switch_screen(&mut self, mode: u16, on: bool) {
        if !self.config.alternate_screen || !self.modes.allow_alternate {
            return;
        }
        if on {
            if mode == 1049 {
                self.save_cursor();
            }
            self.show_screen(1);
            if mode == 1049 {
                self.clear_grid();
            }
        } else {
            if self.active == 1 && mode == 1047 {
                self.clear_grid();
            }
            self.show_screen(0);
            if mode == 1049 {
                self.restore_cursor();
            }
        }
    }

    fn show_screen(&mut self, which: usize) {
        self.active = which;
        self.modes.alternate = which == 1;
        self.switch_kitty_keys();
        self.touch_all();
    }

    fn clear_grid(&mut self) {
        let blank = self.blank();
        for row in self.grids[self.active].rows_mut() {
            row.clear(blank);
        }
        self.touch_all();
    }

    /// DECSTR (VT510, "Soft Terminal Reset").
    pub(super) fn soft_reset(&mut self) {
        self.modes.cursor_visible = true;
        self.modes.insert = false;
        self.modes.origin = false;
        self.modes.wrap = true;
        self.modes.reverse_wrap = false;
        self.modes.reverse_wrap_any = false;
        self.modes.app_cursor = false;
        self.modes.app_keypad = false;
        self.modes.margins = false;
        self.modes.locked = false;
        self.modes.national = false;
        self.modes.modify_other_keys = 0;
        self.modes.format_other_keys = false;
        self.region = Region::of(self.size);
        self.pen = Pen::default();
        self.charsets = Default::default();
        self.saved[self.active] = Default::default();
        self.extent = 0;
        self.pending = false;
    }

    /// RIS. History and title stay.
    pub(super) fn full_reset(&mut self) {
        self.show_screen(0);
        self.soft_reset();
        self.modes = Modes::default();
        self.kitty_keys = Default::default();
        self.saved = Default::default();
        self.saved_modes.clear();
        self.shape = CursorShape::Default;
        self.blinking = false;
        self.tabs = super::tabs::Tabs::new(self.size.cols());
        self.titles.clear();
        self.shell = Default::default();
        self.title_modes = Default::default();
        self.styles_pushed.clear();
        self.level = 0;
        self.eight_bit = false;
        self.checksum_bits = 0;
        self.colors = Colors::default();
        self.last = None;
        self.x = 0;
        self.y = 0;
        for grid in &mut self.grids {
            for row in grid.rows_mut() {
                row.clear(Cell::EMPTY);
            }
            grid.touch(self.seq);
        }
    }
}
