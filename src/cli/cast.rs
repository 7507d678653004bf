//! Recordings in asciicast v2 (docs.asciinema.org, "asciicast v2"): lines of
//! JSON, read into events and written from them. Times are microseconds from the
//! beginning. It reads no file and waits for nobody.

use std::fmt::Write as _;

use serde::Deserialize;

/// The largest recording that is read, in bytes.
pub(super) const MAX_FILE: u64 = 256 << 20;

/// The largest side of a recording's screen, in cells.
const MAX_SIDE: u16 = 1000;

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// The screen was written to.
    Output(String),
    /// The screen got another size: columns and rows.
    Resize(u16, u16),
    /// A step of the build began.
    Step(String),
}

/// Something at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Event {
    /// Microseconds from the beginning.
    pub(super) at: u64,
    pub(super) what: What,
}

/// A recording.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Cast {
    pub(super) cols: u16,
    pub(super) rows: u16,
    /// In order of time.
    pub(super) events: Vec<Event>,
}

#[derive(Deserialize)]
struct Header {
    version: u32,
    width: u16,
    height: u16,
}

impl Cast {
    /// Reads a recording. A last line that was cut off is passed over, as a
    /// recorder leaves it that was killed.
    ///
    /// # Errors
    /// A sentence with the line.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let mut lines = text.lines().enumerate().peekable();
        let (_, first) = lines.next().ok_or("an empty file")?;
        let header: Header = serde_json::from_str(first)
            .map_err(|_| "line 1: not the header of an asciicast".to_owned())?;
        if header.version != 2 {
            return Err(format!(
                "line 1: asciicast version {}, not 2",
                header.version
            ));
        }
        let side = |side: u16| (1..=MAX_SIDE).contains(&side);
        if !side(header.width) || !side(header.height) {
            return Err(format!("line 1: a screen of 1 to {MAX_SIDE} cells a side"));
        }
        let mut events = Vec::new();
        while let Some((at, line)) = lines.next() {
            if line.trim().is_empty() {
                continue;
            }
            match event(line) {
                Ok(event) => events.extend(event),
                Err(_) if lines.peek().is_none() && !text.ends_with('\n') => {}
                Err(why) => return Err(format!("line {}: {why}", at + 1)),
            }
        }
        // Markers of some writers come late.
        events.sort_by_key(|event| event.at);
        Ok(Self {
            cols: header.width,
            rows: header.height,
            events,
        })
    }

    /// The steps: when each began, and its name.
    pub(super) fn steps(&self) -> Vec<(u64, &str)> {
        let mut steps = Vec::new();
        for event in &self.events {
            if let What::Step(name) = &event.what {
                steps.push((event.at, name.as_str()));
            }
        }
        steps
    }

    /// How long it is, in microseconds.
    pub(super) fn length(&self) -> u64 {
        self.events.last().map_or(0, |event| event.at)
    }
}

fn event(line: &str) -> Result<Option<Event>, String> {
    let (time, code, data): (f64, String, String) =
        serde_json::from_str(line).map_err(|_| "not an event".to_owned())?;
    // A bound far beyond any recording, so that the cast is exact.
    if !(0.0..1e9).contains(&time) {
        return Err("a time that cannot be".to_owned());
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let at = (time * 1e6).round() as u64;
    let what = match code.as_str() {
        "o" => What::Output(data),
        "r" => {
            let size = data.split_once('x').and_then(|(cols, rows)| {
                let side = |text: &str| {
                    let side = text.parse().ok()?;
                    (1..=MAX_SIDE).contains(&side).then_some(side)
                };
                Some(What::Resize(side(cols)?, side(rows)?))
            });
            size.ok_or("not a size")?
        }
        "m" => What::Step(crate::base::Label::new(&data).as_str().to_owned()),
        // What was typed, and what later versions may have.
        _ => return Ok(None),
    };
    Ok(Some(Event { at, what }))
}

/// The first line of a recording that begins at a time, in seconds since 1970.
pub(super) fn header(cols: u16, rows: u16, start: u64, title: &str) -> String {
    let header = serde_json::json!({
        "version": 2,
        "width": cols,
        "height": rows,
        "timestamp": start,
        "title": title,
        "env": { "TERM": "xterm-256color", "SHELL": "/bin/bash" },
    });
    format!("{header}\n")
}

/// A line of a recording.
pub(super) fn line(event: &Event) -> String {
    let (code, data) = match &event.what {
        What::Output(text) => ("o", text.clone()),
        What::Resize(cols, rows) => ("r", format!("{cols}x{rows}")),
        What::Step(name) => ("m", name.clone()),
    };
    let mut text = format!(
        "[{}.{:06}, \"{code}\", ",
        event.at / 1_000_000,
        event.at % 1_000_000
    );
    let _ = writeln!(text, "{}]", serde_json::Value::String(data));
    text
}

/// A time for people: `1:02.5`, `1:00:02.5`.
pub(super) fn clock(at: u64) -> String {
    let tenths = at / 100_000;
    let (seconds, tenth) = (tenths / 10, tenths % 10);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}.{tenth}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}.{tenth}"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn events() -> Vec<Event> {
        let event = |at, what| Event { at, what };
        vec![
            event(0, What::Output("a\x1b[1m\u{e9}\"\r\n".to_owned())),
            event(1_500_000, What::Step("script:2".to_owned())),
            event(1_500_001, What::Resize(100, 30)),
            event(61_000_000, What::Output("b".to_owned())),
        ]
    }

    fn text() -> String {
        let lines: String = events().iter().map(line).collect();
        header(80, 24, 1_700_000_000, "debug") + &lines
    }

    #[test]
    fn recording_reads_back_as_it_was_written() {
        let cast = Cast::read(&text()).unwrap();
        assert_eq!((cast.cols, cast.rows), (80, 24));
        assert_eq!(cast.events, events());
        assert_eq!(cast.steps(), [(1_500_000, "script:2")]);
        assert_eq!(clock(cast.length()), "1:01.0");
    }

    #[test]
    fn recording_that_was_cut_reads_to_the_cut() {
        let text = text();
        let cut = &text[..text.len() - 5];
        assert_eq!(Cast::read(cut).unwrap().events, events()[..3]);
    }

    #[test]
    fn others_files_are_refused_with_their_line() {
        let head = "{\"version\": 2, \"width\": 80, \"height\": 24}\n";
        for (text, wanted) in [
            (String::new(), "an empty file"),
            ("hello\n".to_owned(), "line 1: not the header"),
            (
                "{\"version\":1,\"width\":80,\"height\":24}".to_owned(),
                "version 1, not 2",
            ),
            (
                "{\"version\":2,\"width\":80,\"height\":0}".to_owned(),
                "1 to 1000 cells",
            ),
            (format!("{head}[0, \"o\", 1]\n"), "line 2: not an event"),
            (format!("{head}[-1, \"o\", \"\"]\n"), "line 2: a time"),
            (
                format!("{head}[1, \"r\", \"80x0\"]\n"),
                "line 2: not a size",
            ),
        ] {
            let error = Cast::read(&text).unwrap_err();
            assert!(error.contains(wanted), "{text}: {error}");
        }
        let typed = format!("{head}[0, \"i\", \"x\"]\n[1.25, \"o\", \"y\"]\n");
        let cast = Cast::read(&typed).unwrap();
        assert_eq!(cast.events.len(), 1);
        assert_eq!(cast.events[0].at, 1_250_000);
    }
}
