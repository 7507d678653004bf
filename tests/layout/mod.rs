//! Layout strings as tmux writes them (`8e2f,80x24,0,0{40x24,0,0,0,…}`), read into
//! a tree. It knows no program, and stops at a string that it cannot read.

#![allow(unreachable_pub, reason = "a module of a test program")]

use std::fmt::Write as _;

/// One cell of a layout.
#[derive(Clone, Debug)]
pub struct Cell {
    size: [usize; 2],
    place: [usize; 2],
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Pane(usize),
    /// Which of width and height is shared, and by whom.
    Split(usize, Vec<Cell>),
}

/// The checksum before a layout string.
pub fn checksum(text: &str) -> u16 {
    text.bytes().fold(0_u16, |sum, byte| {
        sum.rotate_right(1).wrapping_add(byte.into())
    })
}

/// What is left of a string that is read.
struct Rest<'a>(&'a str);

impl Rest<'_> {
    #[track_caller]
    fn number(&mut self) -> usize {
        let end = self
            .0
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(self.0.len());
        let (number, rest) = self.0.split_at(end);
        self.0 = rest;
        number
            .parse()
            .unwrap_or_else(|_| panic!("no number before {rest:?}"))
    }

    fn take(&mut self, mark: char) -> bool {
        let rest = self.0.strip_prefix(mark);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    #[track_caller]
    fn pass(&mut self, mark: char) {
        assert!(self.take(mark), "no {mark:?} before {:?}", self.0);
    }

    #[track_caller]
    fn cell(&mut self) -> Cell {
        let w = self.number();
        self.pass('x');
        let h = self.number();
        self.pass(',');
        let x = self.number();
        self.pass(',');
        let y = self.number();
        let kind = if self.take(',') {
            Kind::Pane(self.number())
        } else {
            let (axis, end) = if self.take('{') { (0, '}') } else { (1, ']') };
            if axis == 1 {
                self.pass('[');
            }
            let mut cells = vec![self.cell()];
            while self.take(',') {
                cells.push(self.cell());
            }
            self.pass(end);
            Kind::Split(axis, cells)
        };
        Cell {
            size: [w, h],
            place: [x, y],
            kind,
        }
    }
}

impl Cell {
    /// Reads a string with its checksum, which must be right.
    #[track_caller]
    pub fn read(text: &str) -> Self {
        let (sum, rest) = text.split_once(',').expect("a checksum");
        assert_eq!(sum, format!("{:04x}", checksum(rest)), "{text}");
        let mut rest = Rest(rest);
        let cell = rest.cell();
        assert_eq!(rest.0, "", "{text}");
        cell
    }

    /// The string, with its checksum.
    pub fn text(&self) -> String {
        let mut body = String::new();
        self.write(&mut body);
        format!("{:04x},{body}", checksum(&body))
    }

    fn write(&self, out: &mut String) {
        let ([w, h], [x, y]) = (self.size, self.place);
        write!(out, "{w}x{h},{x},{y}").unwrap();
        match &self.kind {
            Kind::Pane(id) => write!(out, ",{id}").unwrap(),
            Kind::Split(axis, cells) => {
                out.push(['{', '['][*axis]);
                for (nth, cell) in cells.iter().enumerate() {
                    if nth > 0 {
                        out.push(',');
                    }
                    cell.write(out);
                }
                out.push(['}', ']'][*axis]);
            }
        }
    }

    /// The panes and splits alone.
    pub fn tree(&self) -> String {
        match &self.kind {
            Kind::Pane(id) => id.to_string(),
            Kind::Split(axis, cells) => {
                let cells: Vec<String> = cells.iter().map(Self::tree).collect();
                format!(
                    "{}{}{}",
                    ['{', '['][*axis],
                    cells.join(" "),
                    ['}', ']'][*axis]
                )
            }
        }
    }

    /// The sizes and places alone, in order.
    pub fn sizes(&self) -> Vec<[usize; 4]> {
        let ([w, h], [x, y]) = (self.size, self.place);
        let mut all = vec![[w, h, x, y]];
        if let Kind::Split(_, cells) = &self.kind {
            all.extend(cells.iter().flat_map(Self::sizes));
        }
        all
    }

    /// Moves what the last of otherwise equal cells has more to the first ones,
    /// one each. The outer ones stay as they are if they are a main pane and those
    /// beside it.
    pub fn spread(&mut self, beside_main: bool) {
        let Kind::Split(axis, cells) = &mut self.kind else {
            return;
        };
        let axis = *axis;
        let count = cells.len();
        let each = cells[0].size[axis];
        let last = cells[count - 1].size[axis];
        let (equal, more) = (&cells[..count - 1], last.saturating_sub(each));
        if !beside_main && more < count && equal.iter().all(|cell| cell.size[axis] == each) {
            let mut at = self.place[axis];
            for (nth, cell) in cells.iter_mut().enumerate() {
                cell.resize(axis, at, each + usize::from(nth < more));
                at += cell.size[axis] + 1;
            }
        }
        for cell in cells {
            cell.spread(false);
        }
    }

    fn resize(&mut self, axis: usize, at: usize, size: usize) {
        self.size[axis] = size;
        self.place[axis] = at;
        if let Kind::Split(other, cells) = &mut self.kind {
            assert_ne!(*other, axis, "a split within a split of its kind");
            for cell in cells {
                cell.resize(axis, at, size);
            }
        }
    }
}
