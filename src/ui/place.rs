//! What lies at a place of a client's screen, for the mouse.

use crate::base::{ClientId, MousePlace, PaneId, Pool, Pos, SessionId};
use crate::config::RangeSpec;
use crate::format::Scope;
use crate::mux::layout::{Area, StatusSide};
use crate::mux::mouse::Corner;
use crate::mux::{Client, Mux};

use super::bars::{self, BarPart};
use super::{borders, status};

/// What lies at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A pane; its top left corner on the client's screen.
    Pane {
        /// The pane.
        pane: PaneId,
        /// Its corner.
        origin: Corner,
    },
    /// A border, of the pane at its left or above.
    Border {
        /// The pane.
        pane: PaneId,
    },
    /// A window's name in the status line.
    Status {
        /// Its index in the session.
        index: u32,
    },
    /// A range of the status line that names a session.
    StatusSession {
        /// The session.
        session: SessionId,
    },
    /// A range of the status line that names a pane.
    StatusPane {
        /// The pane.
        pane: PaneId,
    },
    /// A range of the status line with a name of the user's.
    StatusUser,
    /// A control of the status line or of a pane's border.
    Control {
        /// Its number.
        number: u8,
        /// The pane whose border it is on.
        pane: Option<PaneId>,
    },
    /// A pane's scrollbar.
    Scrollbar {
        /// The pane.
        pane: PaneId,
        /// What of the scrollbar.
        part: BarPart,
    },
    /// The left part of the status line.
    StatusLeft,
    /// The right part of the status line.
    StatusRight,
    /// The rest of the status line.
    StatusDefault,
    /// Nothing.
    Empty,
}

impl Place {
    /// The pane that it is of.
    #[must_use]
    pub const fn pane(self) -> Option<PaneId> {
        match self {
            Self::Pane { pane, .. }
            | Self::Border { pane }
            | Self::StatusPane { pane }
            | Self::Scrollbar { pane, .. } => Some(pane),
            Self::Control { pane, .. } => pane,
            _ => None,
        }
    }

    /// The word for the place in a mouse key's name.
    #[must_use]
    pub const fn kind(self) -> MousePlace {
        match self {
            Self::Pane { .. } => MousePlace::Pane,
            Self::Border { .. } => MousePlace::Border,
            Self::Status { .. }
            | Self::StatusSession { .. }
            | Self::StatusPane { .. }
            | Self::StatusUser => MousePlace::Status,
            Self::Control { number, .. } => MousePlace::Control(number),
            Self::Scrollbar { part, .. } => match part {
                BarPart::Above => MousePlace::ScrollbarUp,
                BarPart::Slider => MousePlace::ScrollbarSlider,
                BarPart::Below => MousePlace::ScrollbarDown,
            },
            Self::StatusLeft => MousePlace::StatusLeft,
            Self::StatusRight => MousePlace::StatusRight,
            Self::StatusDefault => MousePlace::StatusDefault,
            Self::Empty => MousePlace::Empty,
        }
    }
}

/// What lies at a place of a client's screen.
#[must_use]
pub fn place_at(mux: &Mux, client: ClientId, at: Pos) -> Place {
    let Some(owner) = mux.clients.get(&client) else {
        return Place::Empty;
    };
    let top = status::top_row(mux, owner);
    let count = mux.status_lines(owner.session);
    if count > 0 && at.y >= top && at.y < top + count {
        return in_status(mux, owner, at.y - top, at.x);
    }
    let origin = status::window_origin(mux, client);
    let window = owner.session.and_then(|id| mux.current_window(id));
    let (Some(window), Some(y)) = (window, at.y.checked_sub(origin.y)) else {
        return Place::Empty;
    };
    let area = mux.window_area(owner);
    if area.is_some_and(|area| at.x >= area.cols() || y >= area.rows()) {
        return Place::Empty;
    }
    let pan = mux.pan(owner, window);
    let inside = Pos::new(at.x + pan.x, y + pan.y);
    let (x, y) = (i32::from(inside.x), i32::from(inside.y));
    let corner = |area: Area| Corner {
        x: area.x + i32::from(origin.x) - i32::from(pan.x),
        y: area.y + i32::from(origin.y) - i32::from(pan.y),
    };
    let bar = |pane: PaneId, area: Area| {
        let part = bars::part_at(mux, window, (pane, area), (x, y))?;
        Some(Place::Scrollbar { pane, part })
    };
    let border = |pane: PaneId| {
        let scope = Scope::of_client(mux, client).trusted();
        match borders::control_at(mux, window, &scope, (x, y)) {
            Some((pane, number)) => Place::Control {
                number,
                pane: Some(pane),
            },
            None => Place::Border { pane },
        }
    };
    for (pane, area) in window.floating().into_iter().rev() {
        if area.contains(x, y) {
            let origin = corner(area);
            return Place::Pane { pane, origin };
        }
        if let Some(found) = bar(pane, area) {
            return found;
        }
        let framed = mux.pane_str(Some(pane), "pane-border-lines") != "none";
        let insets = window.layout.insets();
        let mut body = area;
        body.w = body.w.saturating_add(insets.bar);
        if insets.bar_left {
            body.x -= i32::from(insets.bar);
        }
        if framed && body.framed().contains(x, y) {
            return border(pane);
        }
    }
    let places = window.visible();
    for (pane, rect) in &places {
        if rect.contains(inside) {
            return Place::Pane {
                pane: *pane,
                origin: corner((*rect).into()),
            };
        }
        if let Some(found) = bar(*pane, (*rect).into()) {
            return found;
        }
    }
    let status = window.layout.insets().status == Some(StatusSide::Top);
    let beside = places.iter().find(|(_, rect)| {
        let over = status && inside.y + 1 == rect.y && (rect.x..rect.right()).contains(&inside.x);
        if over {
            return true;
        }
        let right = inside.x == rect.right() && inside.y >= rect.y && inside.y <= rect.bottom();
        let below = inside.y == rect.bottom() && inside.x >= rect.x && inside.x <= rect.right();
        right || below
    });
    let within = inside.x < window.size.cols() && inside.y < window.size.rows();
    match beside.filter(|_| within) {
        Some((pane, _)) => border(*pane),
        None => Place::Empty,
    }
}

/// Where a window's name begins in a client's status lines: the column, and
/// the line from the first.
#[must_use]
pub fn window_in_status(mux: &Mux, client: ClientId, index: u32) -> Option<(u16, u16)> {
    let owner = mux.clients.get(&client)?;
    let columns = owner.size()?.cols();
    let scope = Scope::of_client(mux, client).trusted();
    let lines = status::lines(mux, owner, &scope);
    lines.iter().zip(0..).find_map(|(text, nth)| {
        let laid_out = text.layout(columns, &mut Pool::new());
        let own = RangeSpec::Window(index);
        let range = laid_out.ranges.iter().find(|(_, _, range)| *range == own);
        range.map(|(from, _, _)| (*from, nth))
    })
}

/// The line of the status line that a place of a client's screen is on, and what
/// range of it.
#[must_use]
pub fn status_range(mux: &Mux, client: ClientId, at: Pos) -> Option<(u16, RangeSpec)> {
    let owner = mux.clients.get(&client)?;
    let line = at.y.checked_sub(status::top_row(mux, owner))?;
    if line >= mux.status_lines(owner.session) {
        return None;
    }
    let columns = owner.size().map_or(0, |size| size.cols());
    let scope = Scope::of_client(mux, client).trusted();
    let lines = status::lines(mux, owner, &scope);
    let laid_out = lines.get(usize::from(line))?;
    let laid_out = laid_out.layout(columns, &mut Pool::new());
    let mut ranges = laid_out.ranges.into_iter();
    let range = ranges.find(|(from, to, _)| (*from..*to).contains(&at.x));
    Some((line, range.map_or(RangeSpec::None, |(_, _, range)| range)))
}

fn in_status(mux: &Mux, client: &Client, line: u16, column: u16) -> Place {
    let columns = client.size().map_or(0, |size| size.cols());
    let scope = Scope::of_client(mux, client.id).trusted();
    let lines = status::lines(mux, client, &scope);
    let Some(text) = lines.get(usize::from(line)) else {
        return Place::StatusDefault;
    };
    let laid_out = text.layout(columns, &mut Pool::new());
    let range = laid_out
        .ranges
        .iter()
        .find(|(from, to, _)| (*from..*to).contains(&column));
    match range.map(|(_, _, range)| range) {
        Some(RangeSpec::Window(index)) => Place::Status { index: *index },
        Some(RangeSpec::WindowId(id)) => {
            let session = client.session.and_then(|id| mux.sessions.get(&id));
            match session.and_then(|session| session.index_of(*id)) {
                Some(index) => Place::Status { index },
                None => Place::StatusDefault,
            }
        }
        Some(RangeSpec::Pane(pane)) => Place::StatusPane { pane: *pane },
        Some(RangeSpec::Session(session)) => Place::StatusSession { session: *session },
        Some(RangeSpec::User(_)) => Place::StatusUser,
        Some(RangeSpec::Control(number)) => Place::Control {
            number: *number,
            pane: None,
        },
        Some(RangeSpec::Left) => Place::StatusLeft,
        Some(RangeSpec::Right) => Place::StatusRight,
        Some(RangeSpec::None) | None => Place::StatusDefault,
    }
}
