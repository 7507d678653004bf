//! What a pane keeps, with a real shell behind it and tmux beside it: resizes
//! lose no output and leave one prompt, captures are tmux's to the byte. The
//! rules themselves are tested in `term`.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod common;

use common::World;

/// Text in rows of a width.
fn rows(text: &str, cols: usize) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let row = |part: &[char]| part.iter().collect::<String>().trim_end().to_owned();
    chars.chunks(cols).map(row).collect()
}

/// Types a line at a prompt, and resizes the window again and again: the shell
/// must have drawn the line, and only the line, anew each time.
#[track_caller]
fn resized_at_the_prompt(world: &World, prompt: &str, typed: &str) {
    let output: Vec<String> = (10..40)
        .map(|n| format!("output {n} {}", "word ".repeat(n % 7 * 4)))
        .map(|line| line.trim_end().to_owned())
        .collect();
    world.write("home/text", output.join("\n") + "\n");
    world.ok(&["send-keys", "-t", "work", "clear; cat text", "Enter"]);
    let prompt_only = |text: &str| text.trim_end().ends_with(prompt.trim_end());
    world.wait("output", &["capture-pane", "-p"], |text| {
        text.contains("output 39") && prompt_only(text)
    });
    world.ok(&["send-keys", "-t", "work", typed]);
    let shown = format!("{prompt}{typed}");
    for cols in [80_usize, 40, 100, 20, 80] {
        world.ok(&["resize-window", "-t", "work", "-x", &cols.to_string()]);
        let mut wanted: Vec<String> = Vec::new();
        for line in output.iter().chain([&shown]) {
            wanted.extend(rows(line, cols));
        }
        let ask = ["capture-pane", "-p", "-S", "-", "-t", "work"];
        world.wait(&format!("{wanted:#?} at {cols}"), &ask, |text| {
            let lines: Vec<&str> = text.trim_end().lines().collect();
            let from = lines.iter().position(|line| line.starts_with("output 10"));
            from.is_some_and(|from| lines[from..] == wanted[..])
        });
    }
}

#[test]
fn bash_keeps_one_prompt_and_all_output_when_it_is_resized() {
    for typed in [
        "echo short".to_owned(),
        format!("echo {}end", "argument ".repeat(15)),
    ] {
        let world = World::new();
        world.write("home/.inputrc", "set enable-bracketed-paste on\n");
        world.start(80, 24);
        resized_at_the_prompt(&world, "$ ", &typed);
    }
}

#[test]
fn bash_with_prompt_marks_keeps_one_prompt_when_it_is_resized() {
    let world = World::new();
    world.write(
        "home/.bash_profile",
        "PS1='\\[\\e]133;A\\a\\]$ \\[\\e]133;B\\a\\]'\nPS0='\\e]133;C\\a'\n\
         unset PROMPT_COMMAND HISTFILE MAILCHECK\n",
    );
    world.start(80, 24);
    let typed = format!("echo {}end", "argument ".repeat(15));
    resized_at_the_prompt(&world, "$ ", &typed);
}

/// A program's output that ends with a title, which shows that all was read.
const DONE: &str = "\x1b]2;all-read\x07";

/// A capture without the default colours that tmux 3.3a, unlike later ones,
/// writes after each reset.
fn terse(text: &str) -> String {
    let text = text.replace("\\033[", "\x1b[");
    let mut parts = text.split("\x1b[");
    let mut out = parts.next().unwrap_or_default().to_owned();
    let mut reset = false;
    for part in parts {
        let (codes, rest) = part.split_once('m').unwrap_or((part, ""));
        reset |= codes.starts_with('0');
        if !(reset && matches!(codes, "39" | "49")) {
            out.push_str("\x1b[");
            out.push_str(codes);
            out.push('m');
        }
        out.push_str(rest);
        reset &= rest.is_empty();
    }
    out
}

/// What a pane shows of an input, in ours and in the machine's tmux, with each
/// set of flags.
#[track_caller]
fn same_captures(name: &str, input: &str, flags: &[&[&str]]) {
    let worlds = [World::new(), World::of("tmux")];
    for world in &worlds {
        let file = world.write("home/input", input);
        let command = format!("stty raw -echo; cat {}; exec sleep 1000", file.display());
        world.ok(&[
            "new-session",
            "-d",
            "-s",
            "work",
            "-x",
            "40",
            "-y",
            "8",
            &command,
        ]);
        let ask = ["display-message", "-p", "#{pane_title}"];
        world.wait("end of input", &ask, |title| title.trim_end() == "all-read");
    }
    for flags in flags {
        let of = |world: &World| world.run(&[&["capture-pane", "-t", "work"], *flags].concat());
        let (ours, theirs) = (of(&worlds[0]), of(&worlds[1]));
        // As newer tmux, we also print the blanks that a row has room for, and
        // end the style before them.
        let shown = |text: &str| -> Vec<String> {
            let bare = |line: &str| {
                let mut line = line.trim_end();
                for end in [
                    "\x1b[0m",
                    "\x1b[39m",
                    "\x1b[49m",
                    "\\033[0m",
                    "\\033[39m",
                    "\\033[49m",
                ] {
                    line = line.strip_suffix(end).unwrap_or(line).trim_end();
                }
                line.to_owned()
            };
            terse(text).lines().map(bare).collect()
        };
        assert_eq!(
            (ours.status, &ours.stderr, shown(&ours.stdout)),
            (theirs.status, &theirs.stderr, shown(&theirs.stdout)),
            "{name} {flags:?}"
        );
    }
}

const ALL_FLAGS: &[&[&str]] = &[
    &["-p"],
    &["-pe"],
    &["-pJ"],
    &["-pN"],
    &["-pC"],
    &["-peC"],
    &["-peJ"],
    &["-peN"],
    &["-pS-"],
    &["-peS-", "-E-"],
    &["-peJS-", "-E", "3"],
    &["-pJ", "-S", "-3", "-E", "-1"],
    &["-p", "-S", "5", "-E", "2"],
    &["-p", "-S", "x", "-E", "99999"],
    &["-pq"],
    &["-pqa"],
    &["-pP"],
    &["-pPC"],
];

#[test]
fn captures_are_as_tmux_makes_them() {
    let colours: String = (0..16)
        .map(|n| format!("\x1b[3{}m{n}\x1b[4{}m{n}\x1b[m ", n % 8, (n + 3) % 8))
        .chain((0..8).map(|n| format!("\x1b[9{n}mb\x1b[10{n}mc\x1b[39md\x1b[49me")))
        .collect();
    let attributes: String = [1, 2, 3, 4, 5, 7, 8, 9, 21]
        .iter()
        .map(|n| format!("\x1b[{n}ma\x1b[1mb\x1b[0;{n}mc\x1b[31md\x1b[me "))
        .collect();
    let history: String = (0..30)
        .map(|n| format!("line {n} {}\r\n", "long ".repeat(n % 4 * 5)))
        .collect();
    // No tabs: newer tmux, and we, capture them as tabs; 3.3a as blanks.
    let table = [
        ("text", "plain\r\n  indented\r\n\r\nend   \r\nlast".to_owned()),
        ("colours", colours),
        ("attributes", attributes),
        (
            "more colours",
            "\x1b[38;5;208mi\x1b[48;5;17mj\x1b[38;2;1;2;3mk\x1b[48;2;9;8;7ml\x1b[58;5;9;4mm\x1b[59mn\
             \x1b[4:3mo\x1b[58:2::1:2:3mp\x1b[mq\x1b[4:2mr\x1b[4:4ms\x1b[4:5mt\x1b[24mu"
                .to_owned(),
        ),
        (
            "runs",
            "\x1b[31mred\x1b[1m bold\x1b[22m not\x1b[39m none\x1b[7m  \x1b[27m   x\x1b[7mrev   ".to_owned(),
        ),
        ("wide", "漢字かな交じり文漢字かな交じり文漢字かな交じり文\r\na漢\u{301}字 e\u{301}x".to_owned()),
        ("wrapped", "0123456789".repeat(9) + "\r\n" + &"ab ".repeat(30)),
        ("history", history.clone()),
        ("coloured history", format!("\x1b[32m{history}\x1b[m{history}")),
        ("backslashes", "a\\b\\\\c \x1b[31m\\d".to_owned()),
        ("alternate", format!("{history}{}\x1b[?1049h\x1b[Hother\x1b[31m screen", "wrap".repeat(12))),
    ];
    for (name, input) in table {
        same_captures(name, &format!("{input}{DONE}"), ALL_FLAGS);
    }
    // With -J and -N tmux also writes blanks for what was erased again.
    let erased = format!("hello world\rHELLO\r\n\x1b[5Cfar\x1b[3D\x1b[K{DONE}");
    same_captures("erased", &erased, &[&["-p"], &["-pe"], &["-pS-"]]);
}

#[test]
fn pending_input_is_captured_as_tmux_does() {
    for rest in [
        "\x1b",
        "\x1b[1;2",
        "\x1b[?",
        "\x1b]0;ti\\tle",
        "\x1bP1;2|da\ttä",
    ] {
        same_captures(
            rest,
            &format!("text{DONE}{rest}"),
            &[&["-pP"], &["-pPC"], &["-p"]],
        );
    }
}

/// Every byte there is, sequences, and lines longer than a row.
fn every_byte() -> Vec<u8> {
    let mut bytes: Vec<u8> = (0..=u8::MAX).collect();
    bytes.extend_from_slice("é 日 👩‍👩‍👧 \u{1b}[1;31mred\u{1b}[m\u{1b}]0;title\u{7}".as_bytes());
    bytes.extend_from_slice(b"\x1bP+q\x1b\\ \xff\xfe\r\n\n\t");
    bytes.extend(std::iter::repeat_n(b'x', 300));
    bytes.extend((0..=u8::MAX).rev());
    bytes.repeat(40)
}

#[test]
fn piped_pane_gives_what_its_program_wrote_to_the_byte() {
    let world = World::new();
    let written = every_byte();
    world.write("home/data", &written);
    world.start(80, 24);
    let program = "stty raw -echo; echo ready; head -c1 >/dev/null; cat data; exec sleep 100";
    world.ok(&["new-window", "-t", "work", "-n", "piped", program]);
    let pane = ["capture-pane", "-p", "-t", "work:piped"];
    world.wait("program", &pane, |text| text.starts_with("ready"));
    let (piped, whole) = (world.path("home/piped"), world.path("home/whole"));
    let (to, end) = (piped.display(), whole.display());
    let command = format!("cat > {to}; mv {to} {end}");
    world.ok(&["pipe-pane", "-t", "work:piped", &command]);
    common::until("pipe", || piped.exists());
    world.ok(&["send-keys", "-t", "work:piped", "x"]);
    common::until("all in the pipe", || {
        std::fs::metadata(&piped).is_ok_and(|file| file.len() >= written.len() as u64)
    });
    world.ok(&["pipe-pane", "-t", "work:piped"]);
    common::until("the pipe's end", || whole.exists());
    assert!(std::fs::read(whole).unwrap() == written);
}

#[test]
fn buffer_is_saved_as_it_was_loaded_to_the_byte() {
    let world = World::new();
    let bytes = every_byte();
    let (from, to) = (world.write("from", &bytes), world.path("to"));
    world.start(80, 24);
    world.ok(&["load-buffer", "-b", "all", from.to_str().unwrap()]);
    world.ok(&["save-buffer", "-b", "all", to.to_str().unwrap()]);
    assert!(std::fs::read(&to).unwrap() == bytes);
    world.ok(&["save-buffer", "-a", "-b", "all", to.to_str().unwrap()]);
    assert!(std::fs::read(&to).unwrap() == bytes.repeat(2));
    let size = world.ok(&["list-buffers", "-F", "#{buffer_size}"]);
    assert_eq!(size, format!("{}\n", bytes.len()));
}
