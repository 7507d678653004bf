//! Layouts by example, and a walk of random operations.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::preset::{MainSides, Preset};
use super::*;

const SIDES: MainSides = MainSides {
    main_width: 80,
    main_height: 24,
    other_width: 0,
    other_height: 0,
};

fn plan(axis: Axis) -> SplitPlan {
    SplitPlan {
        axis,
        size: None,
        before: false,
        full: false,
    }
}

fn layout(panes: u32, axis: Axis) -> Layout {
    let mut layout = Layout::new(PaneId(0), Size::DEFAULT);
    for n in 1..panes {
        layout.split(PaneId(n - 1), PaneId(n), plan(axis)).unwrap();
    }
    layout
}

#[test]
fn split_gives_the_new_pane_the_smaller_half() {
    let layout = layout(2, Axis::Columns);
    assert_eq!(layout.rect(PaneId(0)), Some(Rect::new(0, 0, 40, 24)));
    assert_eq!(layout.rect(PaneId(1)), Some(Rect::new(41, 0, 39, 24)));
}

#[test]
fn split_before_and_by_size() {
    let mut layout = Layout::new(PaneId(0), Size::DEFAULT);
    let wanted = SplitPlan {
        size: Some(5),
        before: true,
        ..plan(Axis::Rows)
    };
    layout.split(PaneId(0), PaneId(1), wanted).unwrap();
    assert_eq!(layout.panes(), [PaneId(1), PaneId(0)]);
    assert_eq!(layout.rect(PaneId(1)).unwrap().height, 5);
}

#[test]
fn split_without_room_changes_nothing() {
    let mut layout = Layout::new(PaneId(0), Size::new(80, 2));
    let before = layout.clone();
    assert_eq!(
        layout.split(PaneId(0), PaneId(1), plan(Axis::Rows)),
        Err(NoSpace)
    );
    assert_eq!(layout, before);
}

#[test]
fn full_split_takes_the_whole_side() {
    let mut layout = layout(2, Axis::Columns);
    let wanted = SplitPlan {
        full: true,
        ..plan(Axis::Rows)
    };
    layout.split(PaneId(1), PaneId(2), wanted).unwrap();
    layout.verify().unwrap();
    assert_eq!(layout.rect(PaneId(2)), Some(Rect::new(0, 13, 80, 11)));
}

#[test]
fn remove_gives_the_room_to_a_neighbour_and_flattens() {
    let mut layout = layout(2, Axis::Columns);
    layout
        .split(PaneId(1), PaneId(2), plan(Axis::Rows))
        .unwrap();
    assert!(layout.remove(PaneId(1)));
    layout.verify().unwrap();
    assert_eq!(layout.rect(PaneId(2)), Some(Rect::new(41, 0, 39, 24)));
    assert!(layout.remove(PaneId(0)));
    assert_eq!(layout.rect(PaneId(2)), Some(Rect::new(0, 0, 80, 24)));
    assert!(!layout.remove(PaneId(2)));
}

#[test]
fn resize_pane_moves_one_border() {
    let mut layout = layout(2, Axis::Columns);
    assert!(layout.resize_pane(PaneId(0), Direction::Right, 10));
    assert_eq!(layout.rect(PaneId(0)).unwrap().width, 50);
    assert!(layout.resize_pane(PaneId(1), Direction::Left, 100));
    assert_eq!(layout.rect(PaneId(0)).unwrap().width, 1);
    assert!(layout.resize_pane_to(PaneId(1), Axis::Columns, 20));
    assert_eq!(layout.rect(PaneId(1)).unwrap().width, 20);
    assert!(!layout.resize_pane(PaneId(0), Direction::Up, 1));
}

#[test]
fn resize_shares_what_is_gained() {
    let mut layout = layout(3, Axis::Columns);
    layout.resize(Size::new(100, 30));
    layout.verify().unwrap();
    assert_eq!(layout.size(), Size::new(100, 30));
    layout.resize(Size::new(1, 1));
    layout.verify().unwrap();
    assert_eq!(layout.size(), Size::new(5, 1));
}

#[test]
fn neighbour_wraps_and_prefers_the_recent() {
    let mut layout = layout(2, Axis::Columns);
    layout
        .split(PaneId(1), PaneId(2), plan(Axis::Rows))
        .unwrap();
    let none = |_| 0;
    assert_eq!(
        layout.neighbour(PaneId(0), Direction::Right, none),
        Some(PaneId(1))
    );
    let recent = |pane| usize::from(pane == PaneId(2));
    assert_eq!(
        layout.neighbour(PaneId(0), Direction::Left, recent),
        Some(PaneId(2))
    );
    assert_eq!(
        layout.neighbour(PaneId(1), Direction::Up, none),
        Some(PaneId(2))
    );
    assert_eq!(layout.neighbour(PaneId(0), Direction::Up, none), None);
}

#[test]
fn presets_fill_the_window() {
    for (preset, name) in Preset::ALL {
        assert_eq!(name.parse(), Ok(preset));
        for count in 1..9 {
            let panes: Vec<_> = (0..count).map(PaneId).collect();
            let size = Size::new(120, 40);
            let layout = Layout::preset(preset, &panes, size, SIDES).unwrap();
            layout.verify().unwrap();
            assert_eq!(layout.size(), size, "{name} {count}");
            assert_eq!(layout.len(), panes.len());
        }
    }
}

#[test]
fn layout_text_is_as_tmux_writes_it() {
    let mut layout = layout(2, Axis::Columns);
    layout
        .split(PaneId(1), PaneId(2), plan(Axis::Rows))
        .unwrap();
    let text = layout.to_text();
    assert_eq!(
        text,
        "d67e,80x24,0,0{40x24,0,0,0,39x24,41,0[39x12,41,0,1,39x11,41,13,2]}"
    );
    let panes = [PaneId(0), PaneId(1), PaneId(2)];
    assert_eq!(Layout::from_text(&text, &panes), Ok(layout));
}

#[test]
fn layout_text_with_faults_is_refused() {
    let panes = [PaneId(0)];
    for bad in [
        "",
        "x",
        "0000,80x24,0,0,0",
        "b25d",
        "b25d,80x24,0,0",
        "zzzz,1x1,0,0,0",
    ] {
        assert!(Layout::from_text(bad, &panes).is_err(), "{bad}");
    }
}

#[derive(Clone, Debug)]
enum Step {
    Split(usize, bool, bool, bool, Option<u16>),
    Remove(usize),
    Resize(u16, u16),
    Border(usize, u8, u16),
    To(usize, bool, u16),
    Spread(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (
            0..9_usize,
            any::<bool>(),
            any::<bool>(),
            any::<bool>(),
            any::<Option<u16>>()
        )
            .prop_map(|(p, a, b, f, s)| Step::Split(p, a, b, f, s.map(|s| s % 60))),
        (0..9_usize).prop_map(Step::Remove),
        (1..150_u16, 1..60_u16).prop_map(|(w, h)| Step::Resize(w, h)),
        (0..9_usize, 0..4_u8, 0..50_u16).prop_map(|(p, d, n)| Step::Border(p, d, n)),
        (0..9_usize, any::<bool>(), 0..90_u16).prop_map(|(p, a, n)| Step::To(p, a, n)),
        (0..9_usize).prop_map(Step::Spread),
    ]
}

proptest! {
    #[test]
    fn layout_holds_under_random_steps(steps in prop::collection::vec(step(), 1..60)) {
        let mut layout = Layout::new(PaneId(0), Size::DEFAULT);
        let mut next = 1;
        for step in steps {
            let panes = layout.panes();
            let pick = |n: usize| panes[n % panes.len()];
            let axis = |columns| if columns { Axis::Columns } else { Axis::Rows };
            match step {
                Step::Split(p, a, before, full, size) => {
                    let plan = SplitPlan { axis: axis(a), size, before, full };
                    if layout.split(pick(p), PaneId(next), plan).is_ok() { next += 1; }
                }
                Step::Remove(p) => { layout.remove(pick(p)); }
                Step::Resize(w, h) => layout.resize(Size::new(w, h)),
                Step::Border(p, d, n) => {
                    let way = [Direction::Up, Direction::Down, Direction::Left, Direction::Right];
                    layout.resize_pane(pick(p), way[usize::from(d)], n);
                }
                Step::To(p, a, n) => { layout.resize_pane_to(pick(p), axis(a), n); }
                Step::Spread(p) => layout.spread(pick(p)),
            }
            prop_assert_eq!(layout.verify(), Ok(()));
            let text = layout.to_text();
            prop_assert_eq!(Layout::from_text(&text, &layout.panes()), Ok(layout.clone()));
        }
    }
}
