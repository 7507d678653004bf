//! Layouts by example, and a walk of random operations.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::preset::{MainSides, Preset};
use super::text::Activity;
use super::*;

const SIDES: MainSides = MainSides {
    main_width: 80,
    main_height: 24,
    other_width: 0,
    other_height: 0,
    most_columns: 0,
};

fn plan(axis: Axis) -> SplitPlan {
    SplitPlan {
        axis,
        size: None,
        before: false,
        full: false,
        at_end: true,
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
    assert!(layout.resize_pane(PaneId(0), Axis::Columns, 10));
    assert_eq!(layout.rect(PaneId(0)).unwrap().width, 50);
    assert!(layout.resize_pane(PaneId(1), Axis::Columns, -100));
    assert_eq!(layout.rect(PaneId(0)).unwrap().width, 1);
    assert!(layout.resize_pane_to(PaneId(1), Axis::Columns, 20));
    assert_eq!(layout.rect(PaneId(1)).unwrap().width, 20);
    assert!(!layout.resize_pane(PaneId(0), Axis::Rows, -1));
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
            let mut layout = Layout::new(PaneId(0), size);
            for pane in &panes[1..] {
                let last = layout.panes().last().copied().unwrap();
                let full = SplitPlan {
                    full: true,
                    size: Some(1),
                    ..plan(Axis::Columns)
                };
                layout.split(last, *pane, full).unwrap();
            }
            layout.arrange(preset, size, SIDES);
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
    let activity = Activity {
        active: Some(PaneId(2)),
        last: vec![PaneId(0), PaneId(1)],
        base: 0,
    };
    let older = layout.to_text(Form::Older, &activity);
    assert_eq!(
        older,
        "d67e,80x24,0,0{40x24,0,0,0,39x24,41,0[39x12,41,0,1,39x11,41,13,2]}"
    );
    assert_eq!(layout.read(&older), Ok((layout.clone(), None)));
    let newer = layout.to_text(Form::Json, &activity);
    assert_eq!(
        newer,
        "{\"V\":2,\"L\":{\"t\":\"h\",\"w\":80,\"h\":24,\"x\":0,\"y\":0,\"c\":[\
         {\"t\":\"p\",\"w\":40,\"h\":24,\"x\":0,\"y\":0,\"l\":0,\"i\":0,\"I\":\"%0\"},\
         {\"t\":\"v\",\"w\":39,\"h\":24,\"x\":41,\"y\":0,\"c\":[\
         {\"t\":\"p\",\"w\":39,\"h\":12,\"x\":41,\"y\":0,\"l\":1,\"i\":1,\"I\":\"%1\"},\
         {\"t\":\"p\",\"w\":39,\"h\":11,\"x\":41,\"y\":13,\"a\":true,\"i\":2,\"I\":\"%2\"}]}]}}"
    );
    assert_eq!(layout.read(&newer), Ok((layout, Some(activity))));
}

#[test]
fn layout_text_with_faults_is_refused_with_the_reason() {
    let layout = Layout::new(PaneId(0), Size::DEFAULT);
    for (bad, why) in [
        ("", "malformed layout header"),
        ("x", "malformed layout header"),
        ("0000,80x24,0,0,0", "invalid layout checksum"),
        ("b25d", "malformed layout header"),
        ("zzzz,1x1,0,0,0", "malformed layout header"),
        ("{", "invalid key: {"),
        ("{}", "key \"V\" not found"),
        ("{\"V\":2}", "key \"L\" not found"),
        ("{\"V\":2,\"L\":5}", "key \"L\" expected an object"),
        ("{\"V\":3,\"L\":{}}", "version mismatch"),
        ("{\"V\":2,\"L\":{\"t\":\"q\"}}", "unknown cell type \"q\""),
        (
            "{\"V\":2,\"L\":{\"t\":\"p\",\"w\":0,\"h\":1,\"x\":0,\"y\":0,\"i\":0}}",
            "invalid width 0",
        ),
        (
            "{\"V\":2,\"L\":{\"t\":\"h\",\"w\":9,\"h\":1,\"x\":0,\"y\":0,\"c\":[]}}",
            "nodes must have more than one child",
        ),
    ] {
        let error = layout.read(bad).unwrap_err();
        assert_eq!(error.to_string(), why, "{bad}");
    }
}

#[test]
fn floating_panes_keep_their_place_in_the_tree() {
    let mut layout = layout(2, Axis::Columns);
    layout.lift(PaneId(0), FloatPlace::default()).unwrap();
    layout.verify().unwrap();
    assert_eq!(layout.area(PaneId(0)), Some(Area::new(4, 2, 40, 6)));
    assert_eq!(layout.rect(PaneId(1)), Some(Rect::new(0, 0, 80, 24)));
    let moved = Area::new(-3, 1, 40, 6);
    layout.move_float(PaneId(0), moved.x, moved.y);
    assert_eq!(layout.area(PaneId(0)), Some(moved));
    layout.tile(PaneId(0)).unwrap();
    layout.verify().unwrap();
    assert_eq!(layout.rect(PaneId(0)), Some(Rect::new(0, 0, 40, 24)));
    // It floats where it did before.
    layout.lift(PaneId(0), FloatPlace::default()).unwrap();
    assert_eq!(layout.area(PaneId(0)), Some(moved));
}

#[test]
fn floating_panes_are_stacked_and_named_positions_found() {
    let mut layout = Layout::new(PaneId(0), Size::DEFAULT);
    let area = Area::new(4, 2, 8, 3);
    for n in 1..4 {
        layout.add_float(PaneId(0), PaneId(n), area, false);
    }
    let depths = |layout: &Layout| [1, 2, 3].map(|n| layout.depth(PaneId(n)));
    assert_eq!(depths(&layout), [2, 1, 0]);
    for (position, depths_after) in [
        ("front", [0, 2, 1]),
        ("forward-loop", [2, 1, 0]),
        ("forward", [1, 2, 0]),
        ("back", [2, 1, 0]),
        ("backward-loop", [0, 2, 1]),
        ("backward", [1, 2, 0]),
    ] {
        layout.position(PaneId(1), position.parse().unwrap(), true);
        assert_eq!(depths(&layout), depths_after, "{position}");
    }
    for (position, corner) in [
        ("top-left", (1, 1)),
        ("top-centre", (36, 1)),
        ("centre", (36, 10)),
        ("centre-right", (71, 10)),
        ("bottom-right", (71, 20)),
        ("top-left-centre", (16, 5)),
        ("bottom-right-centre", (56, 17)),
    ] {
        layout.position(PaneId(1), position.parse().unwrap(), true);
        let area = layout.area(PaneId(1)).unwrap();
        assert_eq!((area.x, area.y), corner, "{position}");
    }
    for bad in ["", "middle", "centre-centre", "left-top", "top-left-left"] {
        assert!(bad.parse::<Position>().is_err(), "{bad}");
    }
}

#[derive(Clone, Debug)]
enum Step {
    Split(usize, bool, bool, bool, Option<u16>),
    Remove(usize),
    Resize(u16, u16),
    Border(usize, bool, i32),
    Float(usize),
    Lift(usize),
    Tile(usize),
    Arrange(usize),
    Rotate(bool),
    Insets(u8, u16),
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
        (0..9_usize, any::<bool>(), -50..50_i32).prop_map(|(p, d, n)| Step::Border(p, d, n)),
        (0..9_usize).prop_map(Step::Float),
        (0..9_usize).prop_map(Step::Lift),
        (0..9_usize).prop_map(Step::Tile),
        (0..7_usize).prop_map(Step::Arrange),
        any::<bool>().prop_map(Step::Rotate),
        (0..3_u8, 0..4_u16).prop_map(|(s, b)| Step::Insets(s, b)),
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
                    let plan = SplitPlan { axis: axis(a), size, before, full, at_end: true };
                    if layout.split(pick(p), PaneId(next), plan).is_ok() { next += 1; }
                }
                Step::Remove(p) => { layout.remove(pick(p)); }
                Step::Resize(w, h) => layout.resize(Size::new(w, h)),
                Step::Border(p, d, n) => { layout.resize_pane(pick(p), axis(d), n); }
                Step::Float(p) => {
                    layout.add_float(pick(p), PaneId(next), Area::new(1, 1, 5, 5), false);
                    next += 1;
                }
                Step::Lift(p) => {
                    if !layout.floats(pick(p)) {
                        layout.lift(pick(p), FloatPlace::default()).unwrap_or_default();
                    }
                }
                Step::Tile(p) => { layout.tile(pick(p)).unwrap_or_default(); }
                Step::Arrange(n) => layout.arrange(Preset::ALL[n].0, layout.size(), SIDES),
                Step::Rotate(back) => layout.rotate(back),
                Step::Insets(status, bar) => {
                    let status = [None, Some(StatusSide::Top), Some(StatusSide::Bottom)][usize::from(status)];
                    layout.set_insets(Insets { status, bar, bar_left: false });
                }
                Step::To(p, a, n) => { layout.resize_pane_to(pick(p), axis(a), n); }
                Step::Spread(p) => layout.spread(pick(p)),
            }
            prop_assert_eq!(layout.verify(), Ok(()));
            let text = layout.to_text(Form::Json, &Activity::default());
            let (read, _) = layout.read(&text).map_err(|e| TestCaseError::fail(format!("{e}: {text}")))?;
            prop_assert_eq!(read.cells(), layout.cells());
            prop_assert_eq!(read.panes(), layout.panes());
        }
    }
}

#[test]
fn floating_panes_cascade_and_start_anew_at_the_edges() {
    for ((w, h), bare, places) in [
        ((74, 18), false, [(4, 2), (4, 4), (4, 2)]),
        ((28, 18), false, [(4, 2), (8, 4), (12, 2)]),
        // A pane without a frame needs no room for it.
        ((74, 20), true, [(4, 2), (4, 4), (4, 2)]),
        ((74, 20), false, [(4, 2), (4, 2), (4, 2)]),
    ] {
        let mut layout = Layout::new(PaneId(0), Size::DEFAULT);
        for (place, n) in places.into_iter().zip(1..) {
            let wanted = FloatPlace {
                w: Some(w),
                h: Some(h),
                bare,
                ..FloatPlace::default()
            };
            let area = layout.float_place(wanted).unwrap();
            assert_eq!((area.x, area.y), place, "{w}x{h}");
            layout.add_float(PaneId(0), PaneId(n), area, false);
        }
    }
}
