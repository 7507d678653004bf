//! What must hold of every input: the properties that `fuzz/` checks for hours,
//! checked for moments; hostile inputs by name; and wild streams. Nothing here
//! is an example of how something should look.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

#[path = "props/generate.rs"]
mod generate;
#[path = "props/hostile.rs"]
mod hostile;
#[path = "props/mod.rs"]
#[allow(
    unreachable_pub,
    reason = "public for the crate of the fuzz targets, which has them too"
)]
mod props;

use generate::{stream, words};

const DOOR: &[&str] = &[
    "ssh-ed25519 ",
    "AAAAC3NzaC1lZDI1NTE5AAAAIJKwoUPP2OcYfGUBVHE1UmN7j9cNHsiGY4U+OQB1p1Qf",
    " ann@home",
    "\n",
    "restrict,",
    "cert-authority",
    "principals=\"a,b\"",
    "from=\"10.0.0.0/8,!10.1.*\"",
    "expiry-time=\"20300101Z\"",
    "stepmux-grant=\"view\"",
    "environment=\"STEPMUX_GRANT=admin\"",
    ",",
    " ",
    "\"",
    "\\",
    "=",
    "!",
    "*",
    "::/0",
    "gh:ann",
    "gl:../x",
    "20240229",
    "{\"grant\":\"type\"}",
    "#",
];

const KEYS: &[&str] = &[
    "\x1b",
    "\x1b[",
    "\x1bO",
    "A",
    "~",
    "1;5",
    "200~",
    "\x1b[200~",
    "\x1b[201~",
    "pasted",
    "\x1b]52;c;",
    "aGk=",
    "\x07",
    "\x1b\\",
    "\x1bP>|x(1)",
    "\x1b[<0;3;4M",
    "\x1b[M !!",
    "\x1b[I",
    "\x1b[?62;4c",
    "\x1b[27;5;97~",
    "\x1b[97;5u",
    "é",
    "日",
    "\u{ff}",
    "\x1b[[A",
    "M",
    "<",
    ";",
    "x",
    "\x1b[3$",
];
const LAYOUTS: &[&str] = &[
    "80x24,0,0",
    "{",
    "}",
    "[",
    "]",
    ",",
    "40x24,0,0,1",
    "39x24,41,0,2",
    "80x12,0,0",
    "80x11,0,13",
    "1x1,0,0,0",
    "80x24,0,0{40x24,0,0,0,39x24,41,0,1}",
    "\n",
    "65536x1",
    "0x0",
    "9999x9999",
];
const COMMANDS: &[&str] = &[
    "new-window",
    " -n ",
    "splitw",
    " -h ",
    ";",
    " ; ",
    "\\;",
    "\n",
    "'",
    "\"",
    "{",
    "}",
    " { ",
    " } ",
    "$FOO",
    "${FOO}",
    "$BAD",
    "~",
    "~/x",
    "\\u00e9",
    "\\101",
    "\\",
    "#",
    "#{x}",
    "%if 1\n",
    "%else\n",
    "%endif\n",
    "%hidden A=b\n",
    "A=b ",
    "bind",
    "-r",
    "C-a",
    "if-shell",
    "display",
    "-t:1.2",
    "=",
    "[options]\n",
    "mouse = true\n",
    "[bindings.prefix]\n",
    "x = \"\"",
    "M-C-S-Up",
    "fg=red,bold",
    "set -g status-left \"#[fg=red]\"",
    "--",
    "1",
    "-1",
];
const FORMATS: &[&str] = &[
    "#{",
    "}",
    "#",
    "##",
    "#,",
    "?",
    ",",
    ":",
    "session_name",
    "window_index",
    "inner",
    "E:",
    "T:",
    "S:",
    "W:",
    "P:",
    "=5:",
    "=-5:",
    "p9:",
    "p-9:",
    "n:",
    "w:",
    "a:",
    "b:",
    "d:",
    "t:when",
    "s/a/b/:",
    "m:",
    "m/r:",
    "==:",
    "!=:",
    "<:",
    "&&:",
    "||:",
    "e|+|f|3:",
    "e|/:",
    "e|*|:",
    "C:",
    "N/w:",
    "l:",
    "q:",
    "%H",
    "%",
    "#(x)",
    "\0",
    "1",
    "99999999999",
    "*",
    "[a-",
    "R:",
    "c:red",
];
/// Words of a relay's link, and what makes orders to a stream.
const LINKS: &[&str] = &[
    "\0",
    "\x01\0\0\0\x04",
    "\x02\0\0\0\x07\x05",
    "\x05\0\0\0\x06\x01\0\0\0",
    "\x04\0\0\0\x06\x01\x01\x05",
    "\x03\0\0\0\x03\x01a",
    "\x0f\0",
    "\x0a\0",
    "\x0d\0",
    "\x43\0",
    "\x41\x50",
    "\x24\x10",
    "\x0e\0",
];

const FRAMES: &[&str] = &[
    "\0",
    "\x01\0\0\0",
    "\x02\0\0\0",
    "\x05\0\0\0",
    "\x02",
    "\x03",
    "\x04",
    "stepmux",
    "\x01\0\0\0\x050.1.0",
    "\u{7f}",
    "/tmp",
    "\x10\0\0\0",
    "abc",
];
/// Pieces of files of every system.
const SYSTEMS: &[&str] = &[
    "on: push\njobs:\n  a:\n    steps:\n",
    "    - run: echo ${{ matrix.os }} ${{ secrets.X }}\n",
    "    - uses: ./a\n      with: {v: '${{ inputs.v }}'}\n",
    "    strategy: {matrix: {os: [a, 2], include: [{os: a, x: y}]}}\n",
    "    uses: ./x.yml\n",
    "    env: {A: '${{ env.B }}', B: 1}\n",
    "      if: ${{ failure() && github.ref == 'x' }}\n",
    "${{ ",
    " }}",
    " && ",
    "contains(fromJSON('[1]'), 1)",
    "format('{0}{1}', 'a')",
    "runs: {using: composite, steps: [{run: x, shell: sh}, {uses: ./b}]}\n",
    "include: x.yml\n",
    "include: [{local: '**/*.yml', inputs: {a: b}}, {template: T}]\n",
    "spec: {inputs: {a: {default: x}}}\n---\n",
    "$[[ inputs.a | truncate(1,2) ]]",
    ".b: {script: [x, !reference [.c, script]], variables: {A: $B}}\n",
    ".c: {extends: .b, script: [!reference [.b, script]]}\n",
    "job: {extends: [.b, .c], parallel: {matrix: [{A: [1, 2], B: x}]}}\n",
    "job2: {script: x, needs: [job], timeout: 1h 30m, after_script: [y]}\n",
    "default: {before_script: [a], retry: 2}\n",
    "variables: {B: $A, A: $B}\n",
    "stages: [a, test]\n",
    "version: 2.1\njobs:\n  a:\n    docker: [{image: x}]\n    steps: [checkout, {run: make}]\n",
    "workflows: {w: {jobs: [a]}}\n",
    "commands: {c: {steps: [c]}}\n",
    "pipeline: {identifier: a, stages: [{stage: {spec: {execution: {steps: [",
    "{step: {type: Run, spec: {command: \"<+matrix.x>\"}}}",
    "]}}}}]}\n",
    "[env]\nA = \"$B\"\n",
    "[[phase]]\nname = \"a\"\nrun = \"x\"\n",
    "[[job]]\nname = \"j\"\nphases = [\"a\"]\n",
    "script: make\n",
    "- ",
    ": ",
    "\n",
    "  ",
    "'",
    "\"",
    "{",
    "}",
    "[",
    "]",
    "&a ",
    "*a ",
    "|\n",
    "\x1b[31m",
    "\0",
];

const YAML: &[&str] = &[
    "script:\n",
    "  - make\n",
    "  - ",
    "env:\n",
    "  - A=1 B='x y'\n",
    "matrix:\n",
    "jobs:\n  include:\n",
    "    - name: x\n",
    "language: ",
    "rust\n",
    "os: [linux, osx]\n",
    "before_install: ",
    "&a ",
    "*a",
    "<<: *a\n",
    "\n",
    "- ",
    ": ",
    "\"",
    "'",
    "|\n",
    "{",
    "}",
    "[",
    "]",
    "#",
    "!!binary ",
    "\t",
    "exclude:\n",
    "global:\n",
    "secure: x\n",
    "if: branch = master\n",
    "---\n",
    "B;phase=x;step=1\n",
    "version: 2.1\nworkflows: {w: {jobs: [a]}}\njobs:\n  a:\n    steps: ",
    "- run: ",
    "<< parameters.x >>",
    "<<",
    ">>",
    "when: {condition: ",
    "pipeline:\n  stages: [stage: {spec: {execution: {steps: [step: {",
    "type: Run, spec: {command: x",
    "strategy: {matrix: {a: [1, 2]}}",
    "<+matrix.a>",
    "<+",
];

/// So many cases; what fails is kept, and tried first the next time.
fn config(cases: u32) -> ProptestConfig {
    let kept = FileFailurePersistence::Direct("proptest-regressions/props.txt");
    ProptestConfig {
        cases,
        failure_persistence: Some(Box::new(kept)),
        ..ProptestConfig::default()
    }
}

macro_rules! holds {
    ($($name:ident: $cases:literal of $property:ident($input:expr);)*) => {$(
        proptest! {
            #![proptest_config(config($cases))]

            #[test]
            fn $name(input in $input) {
                props::$property(&input);
            }
        }
    )*};
}

holds! {
    pane_takes_any_bytes_in_any_cut: 96 of pane_bytes(stream(4));
    captured_text_gives_the_picture_again: 96 of capture_round_trip(stream(2));
    drawn_frames_look_right_in_every_emulator: 64 of render_oracle(stream(4));
    client_bytes_mean_the_same_in_any_cut: 256 of client_bytes(words(2, KEYS));
    layout_strings_read_back_and_stay_whole: 256 of layout_string(words(1, LAYOUTS));
    command_texts_print_and_read_back: 256 of command_lex(words(1, COMMANDS));
    formats_expand_to_bounded_text: 128 of format_expand(words(0, FORMATS));
    frames_of_any_bytes_are_refused_or_read: 256 of wire_frame(words(2, FRAMES));
    links_words_of_any_bytes_are_refused_or_read: 256 of link_words(words(1, LINKS));
    ci_files_are_builds_or_errors: 128 of ci_file(words(0, YAML));
    ci_files_of_every_system_are_builds_or_errors: 192 of ci_systems(words(0, SYSTEMS));
    texts_at_the_door_are_data_or_errors: 256 of access_text(words(0, DOOR));
    values_are_masked_in_any_cut: 512 of mask_stream(proptest::collection::vec(any::<u8>(), 0..200));
}

/// The seeds of the fuzz targets are inputs as any other.
#[test]
fn seeds_hold() {
    for (name, property) in props::ALL {
        let dir = format!("{}/fuzz/seeds/{name}", env!("CARGO_MANIFEST_DIR"));
        let mut found = 0;
        for entry in std::fs::read_dir(&dir).unwrap() {
            property(&std::fs::read(entry.unwrap().path()).unwrap());
            found += 1;
        }
        assert!(found > 0, "{dir} is empty");
    }
}

#[test]
fn a_thousand_wild_streams_neither_hang_nor_break_the_grid() {
    for seed in 0..1000 {
        let bytes = generate::wild(seed, if seed < 20 { 4000 } else { 200 });
        props::pane_bytes(&bytes);
        props::client_bytes(&bytes);
        if seed % 10 == 0 {
            props::render_oracle(&bytes[..bytes.len().min(400)]);
        }
    }
}
