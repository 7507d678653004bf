//! Tests of compiled entries: made here byte by byte, as term(5) lays them out.

use super::*;
use crate::tty::Reply;

/// What an entry is to say.
#[derive(Clone, Default)]
struct Wanted<'a> {
    /// Numbers of 32 bits.
    wide: bool,
    /// Standard flags and strings, by their place in term.h.
    standard_flags: &'a [usize],
    standard_colors: Option<i32>,
    standard: &'a [(usize, &'a str)],
    /// Those with names of their own.
    flags: &'a [&'a str],
    numbers: &'a [(&'a str, i32)],
    strings: &'a [(&'a str, &'a str)],
}

/// The place of `max_colors` among the numbers.
const COLORS: usize = 13;
/// The places of `auto_right_margin`, `clear_screen` and `cursor_address`.
const AM: usize = 1;
const CLEAR: usize = 5;
const CUP: usize = 10;

fn short(out: &mut Vec<u8>, number: usize) {
    out.extend_from_slice(&u16::try_from(number).unwrap().to_le_bytes());
}

fn even(out: &mut Vec<u8>) {
    if out.len() % 2 == 1 {
        out.push(0);
    }
}

impl Wanted<'_> {
    fn number(&self, out: &mut Vec<u8>, number: i32) {
        if self.wide {
            out.extend_from_slice(&number.to_le_bytes());
        } else {
            out.extend_from_slice(&i16::try_from(number).unwrap().to_le_bytes());
        }
    }

    fn compiled(&self) -> Vec<u8> {
        let name = b"made-up|a terminal made up\0";
        let flags = self.standard_flags.iter().max().map_or(0, |last| last + 1);
        let numbers = self.standard_colors.map_or(0, |_| COLORS + 1);
        let strings = self.standard.iter().map(|(at, _)| at + 1).max();
        let mut table = Vec::new();
        let mut places = vec![0xffff; strings.unwrap_or(0)];
        for (at, text) in self.standard {
            places[*at] = table.len();
            table.extend_from_slice(text.as_bytes());
            table.push(0);
        }
        let mut out = Vec::new();
        let magic = if self.wide { 0x021e } else { 0x011a };
        for head in [magic, name.len(), flags, numbers, places.len(), table.len()] {
            short(&mut out, head);
        }
        out.extend_from_slice(name);
        out.extend((0..flags).map(|at| u8::from(self.standard_flags.contains(&at))));
        even(&mut out);
        for at in 0..numbers {
            let colors = self.standard_colors.filter(|_| at == COLORS);
            self.number(&mut out, colors.unwrap_or(-1));
        }
        places.iter().for_each(|place| short(&mut out, *place));
        out.extend_from_slice(&table);
        self.extended(&mut out);
        out
    }

    fn extended(&self, out: &mut Vec<u8>) {
        let (flags, numbers, strings) = (self.flags, self.numbers, self.strings);
        let all = flags.len() + numbers.len() + strings.len();
        if all == 0 {
            return;
        }
        let (mut values, mut names) = (Vec::new(), Vec::new());
        let add = |table: &mut Vec<u8>, text: &str| {
            let place = table.len();
            table.extend_from_slice(text.as_bytes());
            table.push(0);
            place
        };
        let of_values: Vec<usize> = strings.iter().map(|(_, v)| add(&mut values, v)).collect();
        let named = flags.iter().chain(numbers.iter().map(|(name, _)| name));
        let named = named.chain(strings.iter().map(|(name, _)| name));
        let of_names: Vec<usize> = named.map(|name| add(&mut names, name)).collect();
        even(out);
        let used = strings.len() + all;
        let size = values.len() + names.len();
        for head in [flags.len(), numbers.len(), strings.len(), used, size] {
            short(out, head);
        }
        out.extend(flags.iter().map(|_| 1));
        even(out);
        for (_, number) in numbers {
            self.number(out, *number);
        }
        of_values
            .iter()
            .chain(&of_names)
            .for_each(|at| short(out, *at));
        out.extend_from_slice(&values);
        out.extend_from_slice(&names);
    }

    fn read(&self) -> Terminfo {
        Terminfo::parse(&self.compiled()).unwrap()
    }
}

/// What every entry of use has.
const PLACED: &[(usize, &str)] = &[(CLEAR, "\x1b[H\x1b[J"), (CUP, "\x1b[%i%p1%d;%p2%dH")];

const PLAIN: Wanted<'_> = Wanted {
    wide: false,
    standard_flags: &[AM],
    standard_colors: None,
    standard: PLACED,
    flags: &[],
    numbers: &[],
    strings: &[],
};

fn caps(term: &str, entry: &Terminfo, vars: &[&str]) -> Caps {
    let env = |name: &str| {
        let found = vars.iter().find_map(|var| var.strip_prefix(name));
        found
            .and_then(|rest| rest.strip_prefix('='))
            .map(str::to_owned)
    };
    Caps::of_terminal(term, Some(entry), env, true)
}

#[test]
fn entry_of_an_unknown_name_says_what_can_be_done() {
    let poor = caps("made-up", &PLAIN.read(), &[]);
    assert_eq!(poor.check("made-up"), Ok(()));
    assert_eq!(poor.colors, Depth::Mono);
    assert!(!poor.xenl && !poor.bce && !poor.margins && !poor.alternate && !poor.answers);

    let rich = Wanted {
        wide: true,
        standard_flags: &[],
        standard_colors: Some(0x100_0000),
        flags: &["bce", "AX", "Su", "XT"],
        numbers: &[("U8", 1)],
        strings: &[
            ("setaf", "\x1b[38;5;%p1%dm"),
            ("csr", "\x1b[%i%p1%d;%p2%dr"),
            ("indn", "\x1b[%p1%dS"),
            ("smcup", "\x1b[?1049h\x1b[22;0;0t"),
            ("rmso", "\x1b[27m"),
            ("smxx", "\x1b[9m"),
            ("Sync", "\x1b[?2026%?%p1%{1}%-%tl%eh%;"),
            ("Setulc", "\x1b[58::2::%p1%dm"),
            ("kmous", "\x1b[<"),
            ("Ss", "\x1b[%p1%d q"),
        ],
        ..PLAIN
    };
    let rich = caps("made-up", &rich.read(), &[]);
    assert_eq!(rich.colors, Depth::Rgb);
    assert!(rich.xenl && rich.bce && rich.default_color && rich.margins && rich.scroll_count);
    assert!(rich.alternate && rich.title_stack && rich.title && rich.sgr_off && rich.strike);
    assert!(rich.sync && rich.underline_styles && rich.mouse && rich.cursor_shape);
    assert!(rich.answers && rich.paste && rich.focus);
    assert!(!rich.italics && !rich.ech && !rich.hyperlinks && !rich.kitty_keys);
}

#[test]
fn colors_are_those_that_can_be_set() {
    let setaf: &[(&str, &str)] = &[("setaf", "\x1b[3%p1%dm")];
    for (colors, flags, strings, depth) in [
        (None, &[][..], setaf, Depth::Mono),
        (Some(8), &[], &[][..], Depth::Mono),
        (Some(8), &[], setaf, Depth::Ansi8),
        (Some(16), &[], setaf, Depth::Ansi16),
        (Some(88), &[], setaf, Depth::Ansi16),
        (Some(256), &[], setaf, Depth::Indexed256),
        (Some(256), &["Tc"], setaf, Depth::Rgb),
        (Some(256), &["RGB"], setaf, Depth::Rgb),
    ] {
        let entry = Wanted {
            standard_colors: colors,
            flags,
            strings,
            ..PLAIN
        };
        assert_eq!(entry.read().caps.colors, depth, "{colors:?} {flags:?}");
    }
}

#[test]
fn terminals_that_cannot_be_drawn_on_are_refused_with_the_reason() {
    for (standard, why) in [
        (&PLACED[1..], "terminal does not support clear"),
        (&PLACED[..1], "terminal does not support cup"),
        (
            &[(CLEAR, "\x1b+"), (CUP, "\x1b=%p1%' '%+%c%p2%' '%+%c")],
            "missing or unsuitable terminal: made-up",
        ),
    ] {
        let entry = Wanted { standard, ..PLAIN };
        let refused = caps("made-up", &entry.read(), &["COLORTERM=truecolor"]);
        assert_eq!(
            refused.check("made-up"),
            Err(format!("open terminal failed: {why}"))
        );
    }
}

#[test]
fn what_is_known_of_a_name_completes_and_corrects_its_entry() {
    let entry = Wanted {
        standard_colors: Some(8),
        flags: &["bce"],
        strings: &[
            ("setaf", "\x1b[3%p1%dm"),
            ("op", "\x1b[39;49m"),
            ("indn", "\x1b[%p1%dS"),
        ],
        ..PLAIN
    };
    let entry = entry.read();
    // What the entry says of the screen holds, and what no entry says is added.
    let xterm = caps("xterm-256color", &entry, &[]);
    assert!(xterm.bce && !xterm.alternate && !xterm.xenl && !xterm.ech);
    assert!(xterm.paste && xterm.answers && xterm.extended_keys);
    assert_eq!(xterm.colors, Depth::Indexed256);
    assert!(caps("foot", &entry, &[]).sync);
    // Entries have these wrong.
    assert!(!caps("linux", &entry, &[]).default_color);
    assert!(!caps("screen", &entry, &[]).scroll_count);
    assert!(caps("screen", &entry, &[]).bce);
    // Variables and answers come after both.
    assert_eq!(caps("made-up", &entry, &["NO_COLOR=1"]).colors, Depth::Mono);
    let mut caps = caps("made-up", &entry, &["COLORTERM=truecolor"]);
    assert_eq!(caps.colors, Depth::Rgb);
    assert!(caps.learn(&Reply::Version("foot(1.16)".into())) && caps.sync);
}

#[test]
fn lines_are_drawn_as_the_entry_has_it() {
    for (strings, charset) in [
        (&[][..], Charset::Ascii),
        (&[("smacs", "\x1b(0")], Charset::Acs),
        (&[("smacs", "\x0e")], Charset::Ascii),
        (
            &[("smacs", "\x0e"), ("enacs", "\x1b(B\x1b)0")],
            Charset::Acs,
        ),
        (&[("smacs", "\x1bcE")], Charset::Ascii),
    ] {
        let entry = Wanted { strings, ..PLAIN }.read();
        let latin = Caps::of_terminal("made-up", Some(&entry), |_| None, false);
        assert_eq!(latin.charset, charset, "{strings:?}");
    }
    let entry = PLAIN.read();
    let known = Caps::of_terminal("vt220", Some(&entry), |_| None, false);
    assert_eq!(known.charset, Charset::Acs);
}

#[test]
fn keys_are_those_that_would_be_read_otherwise() {
    let entry = Wanted {
        strings: &[
            ("kcuu1", "\x1bOA"),
            ("kf1", "\x1b[224z"),
            ("kf2", "\x1bOQ"),
            ("kf3", "\x1b[25~"),
            ("kend", "\x1b[e"),
            ("khome", "\x1b[?h"),
            ("knp", "\x1b]p"),
            ("kpp", "\x1b["),
            ("kbs", "\x08"),
            ("kich1", ""),
            ("ka1", "\x1b[1~"),
            ("kri", "\x1b[A"),
            ("kDN6", "\x1bOB"),
            ("kLFT3", "\x1bb"),
            ("kcbt", "\x1b\t"),
            ("kmous", "\x1b[M"),
        ],
        ..PLAIN
    };
    let entry = entry.read();
    let mut caps = entry.caps;
    let shown = |caps: &Caps| -> Vec<String> {
        let keys = entry.keys(caps);
        keys.map(|(sequence, key)| format!("{}={key}", sequence.escape_ascii()))
            .collect()
    };
    let own = [
        "\\x1b\\t=BTab",
        "\\x1b[e=End",
        "\\x1b[224z=F1",
        "\\x1b[25~=F3",
    ];
    assert_eq!(shown(&caps), own);
    caps.ignore_fkeys = true;
    assert_eq!(shown(&caps), own[..2]);

    let mut decoder = Decoder::new(DecoderConfig::default());
    decoder.set_keys(entry.keys(&entry.caps).collect());
    let mut typed = Vec::new();
    decoder.feed(b"\x1b[224z\x1b[A", Duration::ZERO, &mut typed);
    let keys = [KeyCode::F(1), KeyCode::Up].map(|code| Input::Key(code.into()));
    assert_eq!(typed, keys);
}

#[test]
fn bytes_that_are_no_entry_are_none() {
    let whole = Wanted {
        wide: true,
        standard_colors: Some(256),
        flags: &["AX"],
        numbers: &[("U8", 1)],
        strings: &[("kf1", "\x1b[224z"), ("Ss", "\x1b[%p1%d q")],
        ..PLAIN
    }
    .compiled();
    assert!(Terminfo::parse(&whole).is_some());
    assert_eq!(Terminfo::parse(b""), None);
    assert_eq!(Terminfo::parse(&[0; 100]), None);
    let large = [whole.as_slice(), &[0; MAX_ENTRY]].concat();
    assert_eq!(Terminfo::parse(&large), None);
    // Cut anywhere or with any byte changed it is read, or is none.
    for at in 0..whole.len() {
        let _ = Terminfo::parse(&whole[..at]);
        for byte in [0, 1, 0x7f, 0x80, 0xfe, 0xff] {
            let mut changed = whole.clone();
            changed[at] = byte;
            let _ = Terminfo::parse(&changed);
        }
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig {
        failure_persistence: None,
        ..proptest::prelude::ProptestConfig::with_cases(300)
    })]

    #[test]
    fn any_bytes_are_an_entry_or_none(
        wide in proptest::bool::ANY,
        rest in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..600),
    ) {
        let magic: &[u8] = if wide { b"\x1e\x02" } else { b"\x1a\x01" };
        let bytes = [magic, &rest].concat();
        if let Some(read) = Terminfo::parse(&bytes) {
            proptest::prop_assert!(read.keys.len() <= bytes.len());
        }
    }
}
