//! The list of people on the screen: who is here and who waits, by what they
//! came, from where, since when. What guests call themselves is drawn from
//! labels alone.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect as Area;
use ratatui::style::{Modifier, Style as RStyle};
use ratatui::text::Line;
use ratatui::widgets::Widget;

use crate::base::{Label, Now, width};
use crate::mux::client::People;
use crate::mux::peer::Origin;
use crate::mux::{Client, Mux};

/// The keys' line.
const KEYS: &str = " a drive  v view  d deny  x kick  L lock  R renew  s how to join  q close ";

/// Draws the list for a client.
pub(super) fn draw(mux: &Mux, client: &Client, list: &People, area: Area, buffer: &mut Buffer) {
    let Some(session) = client.session else {
        return;
    };
    let share = mux
        .sessions
        .get(&session)
        .and_then(|owner| owner.share.as_deref());
    let state = match share {
        None => "not shared",
        Some(share) if share.locked => "locked for further guests",
        Some(share) if share.policy.knock.is_some() => "shared, each is asked for",
        Some(_) => "shared",
    };
    let people = mux.people(session);
    let place = format!(" {} ", people.len());
    let title = format!("People: {state}");
    let block = super::chrome::frame(&title)
        .title_bottom(KEYS)
        .title_bottom(Line::from(place).right_aligned());
    let inner = block.inner(area);
    block.render(area, buffer);
    let chosen = list.selected.filter(|id| people.contains(id));
    let chosen = chosen.or_else(|| people.first().copied());
    let widths = widths(usize::from(inner.width));
    let head = ["who", "grant", "by", "from", "since", "idle", "size"];
    let head = row(head.map(str::to_owned), widths);
    put(
        buffer,
        inner,
        0,
        &head,
        RStyle::default().add_modifier(Modifier::DIM),
    );
    let rows = usize::from(inner.height).saturating_sub(1);
    for (id, y) in people.iter().skip(list.top).take(rows).zip(1..) {
        let Some(person) = mux.clients.get(id) else {
            continue;
        };
        let mut style = RStyle::default();
        if person.waiting.is_some() {
            style = style.add_modifier(Modifier::BOLD);
        }
        if chosen == Some(*id) {
            style = style.add_modifier(Modifier::REVERSED);
        }
        put(
            buffer,
            inner,
            y,
            &row(columns(person, mux.now, *id == client.id), widths),
            style,
        );
    }
}

fn put(buffer: &mut Buffer, area: Area, y: u16, text: &str, style: RStyle) {
    if y < area.height {
        let text = width::prefix(text, usize::from(area.width));
        buffer.set_string(area.x, area.y + y, text, style);
    }
}

fn columns(person: &Client, now: Now, own: bool) -> [String; 7] {
    let mut name = person.name.clone();
    if own {
        name.push_str(" (you)");
    }
    let grant = if person.waiting.is_some() {
        format!("waits ({})", person.grant)
    } else {
        person.effective_grant().to_string()
    };
    let (by, from) = match &person.origin {
        Origin::Local { .. } => ("socket".to_owned(), "here".to_owned()),
        Origin::Ssh {
            means,
            key,
            address,
            readable,
            ..
        } => {
            let by = if *readable {
                format!("{means}, relay reads")
            } else if key.is_empty() {
                means.to_string()
            } else {
                format!("{means} {key}")
            };
            (by, address.ip().to_string())
        }
    };
    let size = person.terminal.as_ref().map(|terminal| terminal.size);
    let size = size.map_or_else(String::new, |size| {
        format!("{}x{}", size.cols(), size.rows())
    });
    let span = |from: Now| short(now.unix().saturating_sub(from.unix()));
    [
        name,
        grant,
        by,
        from,
        span(person.created),
        span(person.activity),
        size,
    ]
}

/// Cells of each column but the last, of so many in all: who it is and by what
/// they came take what is left over.
fn widths(all: usize) -> [usize; 6] {
    const LEAST: usize = 76;
    let mut rest = all.saturating_sub(LEAST);
    let mut more = |most: usize| {
        let took = rest.min(most);
        rest -= took;
        took
    };
    [
        16 + more(12),
        13,
        14 + more(10),
        16,
        5 + more(1),
        5 + more(1),
    ]
}

/// Columns of these widths, the last free.
fn row(columns: [String; 7], widths: [usize; 6]) -> String {
    let mut text = String::new();
    for (column, cells) in columns.iter().zip(widths) {
        let label = Label::new(column);
        let shown = width::prefix(label.as_str(), cells - 1);
        text.push_str(shown);
        let used = width::str_width(shown);
        text.push_str(&" ".repeat(cells.saturating_sub(used)));
    }
    text + &columns[6]
}

/// A time in its largest unit.
fn short(seconds: i64) -> String {
    match seconds.max(0) {
        s @ 0..60 => format!("{s}s"),
        s @ 60..3_600 => format!("{}m", s / 60),
        s @ 3_600..86_400 => format!("{}h", s / 3_600),
        s => format!("{}d", s / 86_400),
    }
}
