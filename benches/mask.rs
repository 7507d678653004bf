//! What masking costs for each MB of a log, by the number of secrets, beside the
//! same log copied: `cargo bench --bench mask`.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench has nobody to report to but the terminal"
)]

use std::time::Instant;

use stepmux::base::Label;
use stepmux::base::mask::Secrets;
use stepmux::ci::mirror::Mirror;

/// Bytes fed at once: what a pane is read by.
const PIECE: usize = 16 * 1024;

/// Bytes in a MB here.
const MB: usize = 1 << 20;

fn main() {
    let measured = std::env::args().any(|arg| arg == "--bench");
    let (size, rounds) = if measured { (16, 5) } else { (1, 1) };
    let log = log(size * MB);
    println!(
        "{:<10} {:>14} {:>18}",
        "secrets", "mask ms/MB", "and mirror ms/MB"
    );
    for count in [0, 1, 10, 100, 1000] {
        let secrets = Secrets::of((0..count).map(value)).unwrap();
        let mask = best(rounds, || masked(&secrets, &log));
        let both = best(rounds, || mirrored(&secrets, &log));
        let each = |ms: f64| ms / size as f64;
        println!("{count:<10} {:>14.2} {:>18.2}", each(mask), each(both));
    }
}

/// The least milliseconds of some rounds.
fn best(rounds: usize, mut work: impl FnMut() -> usize) -> f64 {
    let mut least = f64::MAX;
    for _ in 0..rounds {
        let start = Instant::now();
        std::hint::black_box(work());
        least = least.min(start.elapsed().as_secs_f64() * 1000.0);
    }
    least
}

fn masked(secrets: &Secrets, log: &[u8]) -> usize {
    let mut masker = secrets.stream();
    let (mut out, mut length) = (Vec::new(), 0);
    for piece in log.chunks(PIECE) {
        masker.feed(piece, &mut out);
        length += out.len();
        out.clear();
    }
    masker.finish(&mut out);
    length + out.len()
}

fn mirrored(secrets: &Secrets, log: &[u8]) -> usize {
    let mut mirror = Mirror::new(&Label::default());
    let mut masker = secrets.stream();
    let (mut lines, mut out, mut length) = (Vec::new(), Vec::new(), 0);
    for piece in log.chunks(PIECE) {
        mirror.feed(piece, &mut lines);
        masker.feed(&lines, &mut out);
        length += out.len();
        lines.clear();
        out.clear();
    }
    length
}

/// A value like a service's token, another one for each number.
fn value(number: u64) -> String {
    let mut seed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    (0..36)
        .map(|_| {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            char::from(
                b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJ0123456789_-"[(seed >> 20) as usize % 48],
            )
        })
        .collect()
}

/// Lines as compilers write them, some coloured, one in a thousand with a token.
fn log(size: usize) -> Vec<u8> {
    let mut text = String::with_capacity(size + 200);
    let mut line = 0_u64;
    while text.len() < size {
        line += 1;
        text.push_str(&format!(
            "\x1b[1;32m   Compiling\x1b[0m module_{line} v0.{}.{} (/home/build/src/module_{line}/lib.rs)\r\n",
            line % 50,
            line % 7
        ));
        if line.is_multiple_of(1000) {
            text.push_str(&format!("Authorization: token {}\r\n", value(line % 10)));
        }
    }
    text.truncate(size);
    text.into_bytes()
}
