//! What programs are told of the terminal that they are viewed on: its colour
//! scheme (mode 2031, DSR 996), and the pane's size as it changes (in-band size
//! reports, mode 2048). The engine says what is known; nobody is asked.

use super::reply::say;
use super::{Output, Rgb, Terminal};

impl Terminal {
    /// Sets the colours that OSC 10 and 11 report while the program has set none
    /// of its own, and what a viewer's terminal says of its scheme. Returns what to
    /// write to the program: a report where the scheme changed and the program asked
    /// to be told.
    pub fn set_viewer_colors(
        &mut self,
        foreground: Option<Rgb>,
        background: Option<Rgb>,
        light: Option<bool>,
    ) -> Vec<u8> {
        let before = self.is_light();
        self.config.foreground = foreground;
        self.config.background = background;
        self.config.light = light;
        let mut out = Output::default();
        if self.modes.color_scheme && self.is_light() != before {
            self.report_scheme(&mut out);
        }
        out.replies
    }

    /// Sets the size of a viewer's cells, in pixels across and down.
    pub fn set_cell_pixels(&mut self, cell: (u16, u16)) {
        self.config.cell = (cell.0.max(1), cell.1.max(1));
    }

    /// What to write to the program after its size changed, if it asked for it.
    #[must_use]
    pub fn size_report(&self) -> Vec<u8> {
        let mut out = Output::default();
        if self.modes.size_reports {
            self.report_size(&mut out);
        }
        out.replies
    }

    /// Mode 2048: rows, columns, height and width in pixels.
    pub(super) fn report_size(&self, out: &mut Output) {
        let (cols, rows) = (u32::from(self.size.cols()), u32::from(self.size.rows()));
        let (across, down) = self.config.cell;
        let (width, height) = (cols * u32::from(across), rows * u32::from(down));
        say(out, format_args!("\x1b[48;{rows};{cols};{height};{width}t"));
    }

    /// DSR 996: 1 dark, 2 light; dark where nothing is known, as most are.
    pub(super) fn report_scheme(&self, out: &mut Output) {
        let scheme = if self.is_light() { 2 } else { 1 };
        say(out, format_args!("\x1b[?997;{scheme}n"));
    }

    /// Whether the background is light: the program's own by its luminance, else as
    /// a viewer's terminal says, else its background by its luminance.
    fn is_light(&self) -> bool {
        // Roughly ITU-R BT.601.
        let bright = |(r, g, b)| u16::from(r) * 3 + u16::from(g) * 6 + u16::from(b) >= 1280;
        let own = self.colors.background.map(bright);
        let said = || self.config.light.or(self.config.background.map(bright));
        own.or_else(said).unwrap_or(false)
    }
}
