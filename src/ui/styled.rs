//! Text with styles `#[…]` (tmux(1), "STYLES"), laid out on one line: parts at
//! the left, centre and right, and a list that is cut so that its focus stays
//! in sight.

use crate::base::{Cell, Label, Pool, Style, width};
use crate::config::{Align, DefaultOp, ListPart, RangeSpec, StyleSpec};

/// A laid-out line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct StyledLine {
    /// Exactly as many cells as were asked for.
    pub(super) cells: Vec<Cell>,
    /// What the mouse points at, by columns.
    pub(super) ranges: Vec<(u16, u16, RangeSpec)>,
}

/// A cluster with its style.
#[derive(Clone, Debug)]
struct Glyph {
    text: String,
    wide: bool,
    style: Style,
    range: RangeSpec,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Left,
    Centre,
    Right,
    Absolute,
    After,
    List,
    LeftMarker,
    RightMarker,
}

/// The parts of a line as they are read.
#[derive(Debug, Default)]
struct Parts {
    left: Vec<Glyph>,
    centre: Vec<Glyph>,
    right: Vec<Glyph>,
    absolute: Vec<Glyph>,
    /// What is behind the list, on its own side.
    after: Vec<Glyph>,
    list: Vec<Glyph>,
    left_marker: Vec<Glyph>,
    right_marker: Vec<Glyph>,
    /// Columns of the list's focus, from and to.
    focus: Option<(usize, usize)>,
    list_align: Option<Align>,
    fill: Option<Style>,
}

impl Parts {
    fn of(&mut self, part: Part) -> &mut Vec<Glyph> {
        match part {
            Part::Left => &mut self.left,
            Part::Centre => &mut self.centre,
            Part::Right => &mut self.right,
            Part::Absolute => &mut self.absolute,
            Part::After => &mut self.after,
            Part::List => &mut self.list,
            Part::LeftMarker => &mut self.left_marker,
            Part::RightMarker => &mut self.right_marker,
        }
    }
}

/// The state while a line is read.
struct Reader {
    parts: Parts,
    base: Style,
    default: Style,
    style: Style,
    align: Align,
    list: ListPart,
    range: RangeSpec,
    focus_from: Option<usize>,
    ignore: bool,
    /// Colours stay those of the base.
    fixed: bool,
    /// Letters are line-drawing characters.
    acs: bool,
}

/// Lays a styled text out on `columns` cells over the base style.
pub(super) fn layout(text: &str, columns: u16, base: Style, pool: &mut Pool) -> StyledLine {
    let mut reader = Reader::new(base);
    reader.read(text);
    let fill = reader.parts.fill.unwrap_or(base);
    let line = Canvas::new(columns.into(), fill, pool);
    place(reader.parts, line)
}

/// Lays a styled text out over cells that are there; where it has nothing they
/// stay.
pub(super) fn layout_over(text: &str, base: Style, pool: &mut Pool, target: &mut [Cell]) {
    let mut reader = Reader::new(base);
    reader.read(text);
    let line = match reader.parts.fill {
        Some(fill) => Canvas::new(target.len(), fill, pool),
        None => Canvas {
            pool,
            cells: target.to_vec(),
            ranges: Vec::new(),
        },
    };
    let line = place(reader.parts, line);
    target.copy_from_slice(&line.cells);
}

/// Lays a styled text out; with `fixed` its colours stay those of the base.
pub(super) fn layout_as(
    text: &str,
    columns: u16,
    base: Style,
    fixed: bool,
    pool: &mut Pool,
) -> StyledLine {
    let mut reader = Reader::new(base);
    reader.fixed = fixed;
    reader.read(text);
    let fill = reader.parts.fill.unwrap_or(base);
    let line = Canvas::new(columns.into(), fill, pool);
    place(reader.parts, line)
}

/// How many columns a styled text takes where there is room for all of it,
/// and what the rest of its line is filled with.
pub(super) fn measure(text: &str, base: Style) -> (usize, Option<Style>) {
    let mut reader = Reader::new(base);
    reader.read(text);
    let parts = reader.parts;
    let all = [
        &parts.left,
        &parts.centre,
        &parts.right,
        &parts.absolute,
        &parts.after,
        &parts.list,
    ];
    let width = all.into_iter().map(|part| columns_of(part)).sum();
    (width, parts.fill)
}

impl Reader {
    fn new(base: Style) -> Self {
        Self {
            parts: Parts::default(),
            base,
            default: base,
            style: base,
            align: Align::Default,
            list: ListPart::Off,
            range: RangeSpec::None,
            focus_from: None,
            ignore: false,
            fixed: false,
            acs: false,
        }
    }

    fn read(&mut self, text: &str) {
        let mut rest = text;
        while let Some(at) = rest.find('#') {
            self.plain(&rest[..at]);
            let after = &rest[at + 1..];
            if let Some(body) = after.strip_prefix('[')
                && let Some(end) = body.find(']')
            {
                self.style(&body[..end]);
                rest = &body[end + 1..];
            } else if let Some(tail) = after.strip_prefix('#') {
                self.plain("#");
                rest = tail;
            } else {
                self.plain("#");
                rest = after;
            }
        }
        self.plain(rest);
        self.end_focus();
    }

    fn plain(&mut self, text: &str) {
        let clean = Label::new(text);
        for (cluster, columns) in width::clusters(clean.as_str()) {
            let drawn = self.acs.then(|| line_drawing(cluster)).flatten();
            let glyph = Glyph {
                text: drawn.unwrap_or(cluster).to_owned(),
                wide: columns == 2,
                style: self.style,
                range: self.range.clone(),
            };
            let part = self.part();
            self.parts.of(part).push(glyph);
        }
    }

    fn part(&self) -> Part {
        match (self.list, self.align) {
            (ListPart::On | ListPart::Focus, _) => Part::List,
            (ListPart::LeftMarker, _) => Part::LeftMarker,
            (ListPart::RightMarker, _) => Part::RightMarker,
            (ListPart::Off, align) if self.parts.list_align.map(side) == Some(side(align)) => {
                Part::After
            }
            (ListPart::Off, align) => side(align),
        }
    }

    fn style(&mut self, text: &str) {
        let Some(spec) = StyleSpec::parse(text) else {
            return;
        };
        match spec.ignore {
            Some(ignore) => self.ignore = ignore,
            None if self.ignore => return,
            None => {}
        }
        self.style = spec.apply(self.style, self.default);
        if self.fixed {
            self.style = self.style.fg(self.base.fg).bg(self.base.bg);
        }
        self.acs = spec.acs.unwrap_or(self.acs);
        match spec.default {
            Some(DefaultOp::Push | DefaultOp::Set) => self.default = self.style,
            Some(DefaultOp::Pop) => self.default = self.base,
            None => {}
        }
        if let Some(fill) = spec.fill {
            self.parts.fill = Some(Style::DEFAULT.bg(fill.resolve(self.base.bg)));
        }
        if let Some(range) = spec.range {
            self.range = range;
        }
        if let Some(list) = spec.list {
            self.end_focus();
            if list == ListPart::On && self.parts.list_align.is_none() {
                self.parts.list_align = Some(spec.align.unwrap_or(self.align));
            }
            if list == ListPart::Focus {
                self.focus_from = Some(columns_of(&self.parts.list));
            }
            self.list = list;
        }
        if let Some(align) = spec.align {
            self.align = align;
        }
    }

    fn end_focus(&mut self) {
        if let Some(from) = self.focus_from.take()
            && self.parts.focus.is_none()
        {
            self.parts.focus = Some((from, columns_of(&self.parts.list)));
        }
    }
}

/// The part that an alignment means where there is no list.
const fn side(align: Align) -> Part {
    match align {
        Align::Default | Align::Left => Part::Left,
        Align::Centre => Part::Centre,
        Align::Right => Part::Right,
        Align::AbsoluteCentre => Part::Absolute,
    }
}

/// What a letter of the DEC line-drawing set looks like.
fn line_drawing(letter: &str) -> Option<&'static str> {
    Some(match letter {
        "`" => "◆",
        "a" => "▒",
        "f" => "°",
        "g" => "±",
        "j" => "┘",
        "k" => "┐",
        "l" => "┌",
        "m" => "└",
        "n" => "┼",
        "q" => "─",
        "t" => "├",
        "u" => "┤",
        "v" => "┴",
        "w" => "┬",
        "x" => "│",
        "y" => "≤",
        "z" => "≥",
        "~" => "·",
        _ => return None,
    })
}

fn columns_of(glyphs: &[Glyph]) -> usize {
    glyphs.iter().map(|glyph| 1 + usize::from(glyph.wide)).sum()
}

/// Makes widths fit, taking from the first of them first.
fn trim(columns: usize, widths: &mut [usize]) {
    let mut over = widths.iter().sum::<usize>().saturating_sub(columns);
    for width in widths {
        let taken = over.min(*width);
        *width -= taken;
        over -= taken;
    }
}

/// Puts the parts on the line. What there is no room for is taken from the
/// centre, the list, the right and the left, in that order (the right before the
/// list where that is at the right or in the middle): of the right its beginning
/// is lost, of the centre both ends.
fn place(mut parts: Parts, mut line: Canvas<'_>) -> StyledLine {
    let columns = line.cells.len();
    let list_side = parts.list_align.map_or(Part::Left, side);
    let mut widths = [
        columns_of(&parts.centre),
        columns_of(&parts.list),
        columns_of(&parts.right),
        columns_of(&parts.after),
        columns_of(&parts.left),
    ];
    match list_side {
        Part::Right | Part::Centre => {
            let [centre, list, right, after, left] = &mut widths;
            let mut order = [*centre, *list, *after, *right, *left];
            trim(columns, &mut order);
            [*centre, *list, *after, *right, *left] = order;
        }
        _ => trim(columns, &mut widths),
    }
    let [centre, list, right, after, left] = widths;
    line.put(&parts.left, 0, left);
    let right_from = columns - right;
    line.put_end(&parts.right, right_from, columns);
    // The middle of what is between the two, as tmux has it: halves are cut off
    // each by itself.
    let middle = |from: usize, to: usize, width: usize| {
        (from + to.saturating_sub(from) / 2).saturating_sub(width / 2)
    };
    let (at, centre_at) = match list_side {
        Part::Centre => {
            let at = middle(left, right_from, list);
            (at, at.saturating_sub(centre))
        }
        Part::Right => {
            let at = right_from.saturating_sub(list + after);
            (at, middle(left, at, centre))
        }
        Part::Absolute => {
            let at = columns.saturating_sub(list) / 2;
            (at, middle(left, right_from, centre))
        }
        _ => (left, middle(left + list + after, right_from, centre)),
    };
    line.put_middle(&parts.centre, centre_at, centre);
    let glyphs = std::mem::take(&mut parts.list);
    put_list(&mut line, &parts, &glyphs, (at, at + list));
    line.put(&parts.after, at + list, at + list + after);
    let absolute = columns_of(&parts.absolute).min(columns);
    let from = (columns - absolute) / 2;
    line.put(&parts.absolute, from, from + absolute);
    line.finish()
}

/// The list, scrolled so that its focus is in sight, with markers where it is
/// cut.
fn put_list(line: &mut Canvas<'_>, parts: &Parts, list: &[Glyph], (from, to): (usize, usize)) {
    let room = to - from;
    let wanted = columns_of(list);
    if wanted <= room {
        line.put(list, from, to);
        return;
    }
    let (focus_from, focus_to) = parts.focus.unwrap_or((0, 0));
    let middle = focus_from + (focus_to - focus_from) / 2;
    let start = middle.saturating_sub(room / 2).min(wanted - room);
    let (cut_left, cut_right) = (start > 0, start + room < wanted);
    let left_marker = if cut_left {
        columns_of(&parts.left_marker)
    } else {
        0
    };
    let right_marker = if cut_right {
        columns_of(&parts.right_marker)
    } else {
        0
    };
    if left_marker + right_marker >= room {
        return;
    }
    let mut column = 0;
    let shown = list.iter().filter(|glyph| {
        let at = column;
        column += 1 + usize::from(glyph.wide);
        at >= start + left_marker && column <= start + room - right_marker
    });
    let shown: Vec<Glyph> = shown.cloned().collect();
    line.put(&shown, from + left_marker, to - right_marker);
    if cut_left {
        line.put(&parts.left_marker, from, from + left_marker);
    }
    if cut_right {
        line.put(&parts.right_marker, to - right_marker, to);
    }
}

/// A part without some columns of its beginning.
fn behind(glyphs: &[Glyph], mut columns: usize) -> &[Glyph] {
    let mut rest = glyphs;
    while let Some((first, behind)) = rest.split_first()
        && columns > 0
    {
        columns = columns.saturating_sub(1 + usize::from(first.wide));
        rest = behind;
    }
    rest
}

/// The cells of a line being filled.
struct Canvas<'a> {
    pool: &'a mut Pool,
    cells: Vec<Cell>,
    ranges: Vec<(u16, u16, RangeSpec)>,
}

impl<'a> Canvas<'a> {
    fn new(columns: usize, fill: Style, pool: &'a mut Pool) -> Self {
        let blank = Cell::narrow(' ', pool.style(fill));
        Self {
            pool,
            cells: vec![blank; columns],
            ranges: Vec::new(),
        }
    }

    fn put(&mut self, glyphs: &[Glyph], from: usize, to: usize) {
        let mut at = from;
        for glyph in glyphs {
            let columns = 1 + usize::from(glyph.wide);
            if at + columns > to.min(self.cells.len()) {
                break;
            }
            let style = self.pool.style(glyph.style);
            self.cells[at] = self.pool.cell(&glyph.text, glyph.wide, style);
            if glyph.wide {
                self.cells[at + 1] = Cell::tail(style);
            }
            self.mark(at, at + columns, &glyph.range);
            at += columns;
        }
    }

    /// Writes the end of a part where there is no room for all of it.
    fn put_end(&mut self, glyphs: &[Glyph], from: usize, to: usize) {
        let lost = columns_of(glyphs).saturating_sub(to - from);
        self.put(behind(glyphs, lost), from, to);
    }

    /// Writes as many columns of a part, those about its middle.
    fn put_middle(&mut self, glyphs: &[Glyph], from: usize, width: usize) {
        let lost = (columns_of(glyphs) / 2).saturating_sub(width / 2);
        self.put(behind(glyphs, lost), from, from + width);
    }

    fn mark(&mut self, from: usize, to: usize, range: &RangeSpec) {
        if *range == RangeSpec::None {
            return;
        }
        let column = |at: usize| u16::try_from(at).unwrap_or(u16::MAX);
        match self.ranges.last_mut() {
            Some((_, end, last)) if *end == column(from) && last == range => *end = column(to),
            _ => self.ranges.push((column(from), column(to), range.clone())),
        }
    }

    fn finish(self) -> StyledLine {
        StyledLine {
            cells: self.cells,
            ranges: self.ranges,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(styled: &str, columns: u16) -> String {
        let mut pool = Pool::new();
        let line = layout(styled, columns, Style::DEFAULT, &mut pool);
        assert_eq!(line.cells.len(), usize::from(columns));
        let mut out = String::new();
        for cell in line.cells {
            pool.push_text(cell, &mut out);
        }
        out
    }

    #[test]
    fn parts_go_left_centre_and_right() {
        assert_eq!(
            text("ab#[align=right]yz#[align=centre]m", 9),
            "ab   m yz".replace("   m ", "  m  ")
        );
        assert_eq!(text("a##b", 5), "a#b  ");
    }

    #[test]
    fn parts_lose_centre_then_right_then_left_when_there_is_no_room() {
        let all = "abcd#[align=centre]mno#[align=right]wxyz";
        for (columns, shown) in [
            (13, "abcd mno wxyz"),
            (12, "abcd mnowxyz"),
            (10, "abcdmnwxyz"),
            (9, "abcdnwxyz"),
            (8, "abcdwxyz"),
            (6, "abcdyz"),
            (3, "abc"),
        ] {
            assert_eq!(text(all, columns), shown, "{columns}");
        }
        assert_eq!(text("#[align=centre]I", 6), "   I  ");
        let list = "L#[list=on]ab#[nolist]>#[align=right]r";
        assert_eq!(text(list, 8), "Lab>   r");
    }

    #[test]
    fn list_is_cut_around_its_focus() {
        let list = "#[list=on]#[list=left-marker]<#[list=right-marker]>#[list=on]aa bb #[list=focus]cc#[list=on] dd ee#[nolist]";
        assert_eq!(text(list, 20), "aa bb cc dd ee      ");
        assert_eq!(text(list, 8), "<b cc d>");
    }

    #[test]
    fn controls_in_text_are_not_drawn() {
        assert_eq!(text("a\x1b]0;x\x07b", 8), "a]0;xb  ");
    }

    #[test]
    fn ranges_follow_the_text() {
        let mut pool = Pool::new();
        let line = layout(
            "#[range=window|3]abc#[norange]d",
            6,
            Style::DEFAULT,
            &mut pool,
        );
        assert_eq!(line.ranges, [(0, 3, RangeSpec::Window(3))]);
    }
}
