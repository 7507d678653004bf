//! Layout strings: what is read is whole, prints as a string that reads as the
//! same layout, and stays whole under whatever is done to it.

use stepmux::base::{PaneId, Size};
use stepmux::mux::Layout;
use stepmux::mux::layout::text::Activity;
use stepmux::mux::layout::{Area, Axis, Direction, Form, SplitPlan};

use super::{Reader, text};

/// How many panes there are, then the string without its checksum; after a
/// newline, operations on the layout.
pub fn layout_string(data: &[u8]) {
    let mut reader = Reader::new(data);
    let count = 1 + u32::from(reader.byte() % 32);
    let rest = reader.rest();
    let end = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
    let (body, operations) = (text(&rest[..end]), &rest[end..]);
    let panes: Vec<PaneId> = (1..=count).map(PaneId).collect();
    // As it is: only a checksum that happens to be right is read.
    let window = window(&panes);
    if let Ok((layout, _)) = window.read(&body) {
        round_trip(&layout);
    }
    match window.read(&summed(&body)) {
        Ok((mut layout, _)) => {
            assert_eq!(layout.panes(), panes);
            round_trip(&layout);
            operate(&mut layout, operations);
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// A layout of these panes, all but the first floating.
fn window(panes: &[PaneId]) -> Layout {
    let mut window = Layout::new(panes[0], Size::DEFAULT);
    for pane in &panes[1..] {
        window.add_float(panes[0], *pane, Area::new(0, 0, 5, 5), false);
    }
    window
}

/// A body with the checksum that tmux puts in front of it.
fn summed(body: &str) -> String {
    let body = body.trim();
    let sum = body.bytes().fold(0_u16, |sum, byte| {
        sum.rotate_right(1).wrapping_add(byte.into())
    });
    format!("{sum:04x},{body}")
}

fn round_trip(layout: &Layout) {
    whole(layout);
    let form = if layout.floating().is_empty() {
        Form::Older
    } else {
        Form::Json
    };
    let text = layout.to_text(form, &Activity::default());
    let again = layout.read(&text).map(|(again, _)| again);
    assert_eq!(
        again.as_ref().map(Layout::cells),
        Ok(layout.cells()),
        "{text}"
    );
    let again = again.map(|again| again.to_text(form, &Activity::default()));
    assert_eq!(again, Ok(text));
}

/// The layout's own invariants, and that panes lie in it beside each other.
fn whole(layout: &Layout) {
    assert_eq!(layout.verify(), Ok(()));
    let size = layout.size();
    let places = layout.places();
    for (nth, (pane, rect)) in places.iter().enumerate() {
        assert!(rect.right() <= size.cols() && rect.bottom() <= size.rows());
        assert_eq!(layout.rect(*pane), Some(*rect));
        for (_, other) in &places[..nth] {
            let apart = rect.right() <= other.x
                || other.right() <= rect.x
                || rect.bottom() <= other.y
                || other.bottom() <= rect.y;
            assert!(apart, "{rect:?} lies over {other:?}");
        }
    }
}

fn operate(layout: &mut Layout, operations: &[u8]) {
    let mut next = 1000;
    // join-pane -f leaves a pane elsewhere in the order than in the tree, and only
    // the JSON form names panes.
    let mut in_order = true;
    for operation in operations.chunks(4).take(64) {
        let mut reader = Reader::new(operation);
        let (what, which, amount) = (reader.byte(), reader.byte(), reader.byte());
        let panes = layout.panes();
        let pane = panes[usize::from(which) % panes.len()];
        let direction = [
            Direction::Up,
            Direction::Down,
            Direction::Left,
            Direction::Right,
        ][usize::from(what >> 6)];
        match what % 8 {
            0 if panes.len() < 64 => {
                next += 1;
                let plan = SplitPlan {
                    axis: direction.axis(),
                    size: (amount & 1 != 0).then_some(u16::from(amount)),
                    before: amount & 2 != 0,
                    full: amount & 4 != 0,
                    at_end: amount & 8 != 0,
                };
                in_order &= plan.at_end || !plan.full;
                let before = layout.clone();
                let split = layout.split(pane, PaneId(next), plan);
                assert!(split.is_ok() || *layout == before);
            }
            0 | 1 => {
                let removed = layout.remove(pane);
                assert_eq!(removed, panes.len() > 1);
            }
            2 => layout.resize(Size::new(
                u16::from(amount) * u16::from(reader.byte()),
                u16::from(which),
            )),
            3 => drop(layout.resize_pane(pane, direction.axis(), i32::from(amount) - 100)),
            4 => drop(layout.resize_pane_to(pane, Axis::Columns, u16::from(amount) << 8)),
            5 => layout.spread(pane),
            6 => layout.swap(pane, panes[usize::from(amount) % panes.len()]),
            _ => drop(layout.neighbour(pane, direction, |_| 0)),
        }
        whole(layout);
    }
    if in_order || !layout.floating().is_empty() {
        round_trip(layout);
    }
}
