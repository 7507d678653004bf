//! Colours, attributes, character sets, the cursor's looks: what cells carry.

use super::describe::{Description, Param};
use super::{Row, Scene};
use stepmux::base::{Attrs, Color, Style, Underline};
use stepmux::term::CursorShape;

/// The style that text has after capabilities without parameters.
fn after(info: &Description, names: &[&str]) -> Style {
    let written = names
        .iter()
        .fold(Scene::new(info), |scene, name| scene.cap(name));
    written.put("x").style(0, 0)
}

/// Demands that a capability sets an attribute and nothing else.
fn sets(info: &Description, name: &str, attr: Attrs) {
    assert_eq!(after(info, &[name]), Style::DEFAULT.with(attr), "{name}");
}

/// Demands that `off` takes back what `on` set, and nothing else.
fn undoes(info: &Description, off: &str, on: &str) {
    let other = if on == "bold" { "dim" } else { "bold" };
    assert_eq!(
        after(info, &[other, on, off]),
        after(info, &[other]),
        "{off}"
    );
}

fn underlined(underline: Underline) -> Style {
    Style {
        underline,
        ..Style::DEFAULT
    }
}

/// The VT100's drawing characters by the names that acsc gives them (terminfo(5),
/// "Line Graphics"); of those that only a VT100 in 7 bits lacks, the byte itself.
const GLYPHS: &str = "`◆a▒f°g±h␤i␋j┘k┐l┌m└n┼o⎺p⎻q─r⎼s⎽t├u┤v┴w┬x│y≤z≥{π|≠}£~·++,,--..00";

/// The rows.
pub(super) const ROWS: &[Row] = &[
    ("bold", |info| sets(info, "bold", Attrs::BOLD)),
    ("dim", |info| sets(info, "dim", Attrs::DIM)),
    ("blink", |info| sets(info, "blink", Attrs::BLINK)),
    ("invis", |info| sets(info, "invis", Attrs::HIDDEN)),
    ("rev", |info| sets(info, "rev", Attrs::REVERSE)),
    ("smso", |info| sets(info, "smso", Attrs::REVERSE)),
    ("rmso", |info| undoes(info, "rmso", "smso")),
    ("sitm", |info| sets(info, "sitm", Attrs::ITALIC)),
    ("ritm", |info| undoes(info, "ritm", "sitm")),
    ("smxx", |info| sets(info, "smxx", Attrs::STRIKE)),
    ("rmxx", |info| undoes(info, "rmxx", "smxx")),
    ("Smol", |info| sets(info, "Smol", Attrs::OVERLINE)),
    ("Rmol", |info| undoes(info, "Rmol", "Smol")),
    ("smul", |info| {
        assert_eq!(after(info, &["smul"]), underlined(Underline::Single));
    }),
    ("rmul", |info| undoes(info, "rmul", "smul")),
    ("sgr0", |info| {
        assert_eq!(
            after(info, &["bold", "smul", "rev", "sitm", "sgr0"]),
            Style::DEFAULT
        );
        // It ends the alternate character set, too.
        Scene::new(info)
            .cap("enacs")
            .cap("smacs")
            .cap("sgr0")
            .put("q")
            .shows("q");
    }),
    ("sgr", |info| every_sgr(info)),
    ("Smulx", |info| {
        let kinds = [
            Underline::None,
            Underline::Single,
            Underline::Double,
            Underline::Curly,
            Underline::Dotted,
            Underline::Dashed,
        ];
        for (number, underline) in (0..).zip(kinds) {
            let scene = Scene::new(info)
                .cap("smul")
                .with("Smulx", &[number])
                .put("x");
            assert_eq!(scene.style(0, 0), underlined(underline));
        }
    }),
    ("Setulc", |info| {
        let scene = Scene::new(info).with("Setulc", &[0x01_02_03]).put("x");
        assert_eq!(scene.style(0, 0).us, Color::Rgb(1, 2, 3));
    }),
    ("ol", |info| {
        let scene = Scene::new(info).put("\x1b[58:5:3m").cap("ol").put("x");
        assert_eq!(scene.style(0, 0), Style::DEFAULT);
    }),
    ("setaf", |info| {
        for n in 0..=255 {
            let scene = Scene::new(info).with("setaf", &[n]).put("x");
            assert_eq!(
                scene.style(0, 0),
                Style::DEFAULT.fg(Color::Indexed(n as u8))
            );
        }
    }),
    ("setab", |info| {
        for n in 0..=255 {
            let scene = Scene::new(info).with("setab", &[n]).put("x");
            assert_eq!(
                scene.style(0, 0),
                Style::DEFAULT.bg(Color::Indexed(n as u8))
            );
        }
    }),
    // As many as can be set, each different from the others.
    ("colors", |info| {
        let mut seen = Vec::new();
        for n in 0..256 {
            let color = Scene::new(info).with("setaf", &[n]).put("x").style(0, 0).fg;
            assert!(!seen.contains(&color), "{n}");
            seen.push(color);
        }
    }),
    // Any foreground on any background.
    ("pairs", |info| {
        for (fg, bg) in [(0, 255), (255, 0), (7, 8), (15, 16), (100, 100)] {
            let scene = Scene::new(info)
                .with("setaf", &[fg])
                .with("setab", &[bg])
                .put("x");
            let style = scene.style(0, 0);
            let want = (Color::Indexed(fg as u8), Color::Indexed(bg as u8));
            assert_eq!((style.fg, style.bg), want);
        }
    }),
    ("op", |info| {
        let scene = Scene::new(info)
            .with("setaf", &[3])
            .with("setab", &[4])
            .cap("bold");
        let scene = scene.cap("op").put("x");
        assert_eq!(scene.style(0, 0), Style::DEFAULT.with(Attrs::BOLD));
    }),
    // SGR 39 and 49 are known, each for itself.
    ("AX", |info| {
        let scene = Scene::new(info)
            .with("setaf", &[3])
            .with("setab", &[4])
            .put("\x1b[39mx");
        assert_eq!(scene.style(0, 0), Style::DEFAULT.bg(Color::Indexed(4)));
        let scene = scene.with("setaf", &[3]).put("\x1b[49my");
        assert_eq!(scene.style(1, 0), Style::DEFAULT.fg(Color::Indexed(3)));
    }),
    // Moving about in standout is safe: nothing is coloured on the way.
    ("msgr", |info| {
        let scene = Scene::filled(info)
            .cap("smso")
            .at(5, 3)
            .cap("home")
            .at(0, 2);
        for y in 0..5 {
            assert!((0..20).all(|x| scene.style(x, y) == Style::DEFAULT));
        }
    }),
    ("acsc", |info| {
        let acsc = String::from_utf8(info.text("acsc", &[])).unwrap();
        let names: Vec<char> = acsc.chars().collect();
        for pair in names.chunks(2) {
            let mut known = GLYPHS.chars();
            let glyph = known.by_ref().step_by(2).position(|name| name == pair[0]);
            let glyph = GLYPHS
                .chars()
                .nth(2 * glyph.expect("a known name") + 1)
                .unwrap();
            let scene = Scene::new(info).cap("enacs").cap("smacs");
            let scene = scene.put(&pair[1].to_string()).cap("rmacs").put("q");
            assert_eq!(scene.line(0), format!("{glyph}q"), "{pair:?}");
        }
    }),
    // Lines as characters of Unicode, one column each: acsc is not needed.
    ("U8", |info| {
        drop(Scene::new(info).put("┌─┐").shows("┌─┐").stands(3, 0))
    }),
    ("enacs", |info| {
        Scene::new(info)
            .cap("enacs")
            .put("q\x0eq\x0fq")
            .shows("q─q");
    }),
    ("is2", |info| {
        drop(Scene::new(info).cap("is2").put("q\x0eq\x0fq").shows("q─q"))
    }),
    ("smacs", |info| {
        drop(
            Scene::new(info)
                .cap("enacs")
                .cap("smacs")
                .put("lqk")
                .shows("┌─┐"),
        )
    }),
    ("rmacs", |info| {
        Scene::new(info)
            .cap("enacs")
            .cap("smacs")
            .cap("rmacs")
            .put("q")
            .shows("q");
    }),
    // Sets may be designated into G0.
    ("G0", |info| {
        let scene = Scene::new(info)
            .with("S0", &[0x30])
            .put("q")
            .cap("E0")
            .put("q");
        scene.shows("─q");
    }),
    ("S0", |info| {
        for (set, text) in [(b'0', "─"), (b'A', "q"), (b'B', "q")] {
            drop(
                Scene::new(info)
                    .with("S0", &[set.into()])
                    .put("q")
                    .shows(text),
            );
        }
    }),
    ("E0", |info| {
        drop(
            Scene::new(info)
                .with("S0", &[0x30])
                .cap("E0")
                .put("q")
                .shows("q"),
        );
    }),
    ("civis", |info| {
        assert!(!Scene::new(info).cap("civis").term.cursor().visible)
    }),
    ("cnorm", |info| {
        let cursor = Scene::new(info).cap("civis").cap("cnorm").term.cursor();
        assert!(cursor.visible && !cursor.blinking);
    }),
    // More visible than normal: it blinks.
    ("cvvis", |info| {
        assert!(Scene::new(info).cap("cvvis").term.cursor().blinking)
    }),
    ("Ss", |info| {
        for (number, shape, blinking) in [
            (0, CursorShape::Default, false),
            (1, CursorShape::Block, true),
            (2, CursorShape::Block, false),
            (3, CursorShape::Underline, true),
            (4, CursorShape::Underline, false),
            (5, CursorShape::Bar, true),
            (6, CursorShape::Bar, false),
        ] {
            let cursor = Scene::new(info).with("Ss", &[number]).term.cursor();
            assert_eq!(cursor.shape, shape, "{number}");
            assert!(cursor.blinking == blinking || number == 0, "{number}");
        }
    }),
    ("Se", |info| {
        let cursor = Scene::new(info).with("Ss", &[5]).cap("Se").term.cursor();
        let block = matches!(cursor.shape, CursorShape::Block | CursorShape::Default);
        assert!(block && !cursor.blinking);
    }),
    ("Cs", |info| {
        let color = [Param::from("rgb:11/22/33")];
        let scene = Scene::new(info).params("Cs", &color);
        assert_eq!(scene.term.colors().cursor, Some((0x11, 0x22, 0x33)));
    }),
    ("Cr", |info| {
        let color = [Param::from("#112233")];
        let scene = Scene::new(info).params("Cs", &color).cap("Cr");
        assert_eq!(scene.term.colors().cursor, None);
    }),
];

/// All 512 combinations of standout, underline, reverse, blink, dim, bold,
/// invisible, protected and alternate character set.
fn every_sgr(info: &Description) {
    for bits in 0..512_i64 {
        let on = |nth: i64| bits >> nth & 1;
        let params: Vec<i64> = (0..9).map(on).collect();
        let scene = Scene::new(info)
            .cap("enacs")
            .cap("sitm")
            .with("sgr", &params)
            .put("q");
        let want = [
            (on(0) | on(2), Attrs::REVERSE),
            (on(3), Attrs::BLINK),
            (on(4), Attrs::DIM),
            (on(5), Attrs::BOLD),
            (on(6), Attrs::HIDDEN),
        ]
        .into_iter()
        .fold(Style::DEFAULT, |style, (on, attr)| {
            if on == 1 {
                style.with(style.attrs.with(attr))
            } else {
                style
            }
        });
        let underline = if on(1) == 1 {
            Underline::Single
        } else {
            Underline::None
        };
        assert_eq!(scene.style(0, 0), Style { underline, ..want }, "{params:?}");
        let drawn = if on(8) == 1 { "─" } else { "q" };
        assert_eq!(scene.line(0), drawn, "{params:?}");
    }
}
