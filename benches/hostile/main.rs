//! Hostile mail of every shape, through the MIME reader and the layout, at four sizes each twice the one before: what it
//! costs for each byte beside an ordinary mail with photos, and by which power of the size the time grows. 1.0 is linear.
//!
//! `cargo bench --bench hostile [-- WORD…]`: only shapes whose name holds one of the words.
#![allow(clippy::print_stdout, reason = "a bench prints")]

#[path = "../../tests/support/hostile.rs"]
#[allow(dead_code, reason = "what staff must be told is for tests")]
mod hostile;
#[path = "../../tests/support/peak.rs"]
mod peak;
#[path = "../support/mod.rs"]
mod support;

use cpu_time::ProcessTime;
use hostile::{lay_out, shapes};
use sealdrop::intake::layout::Sink;
use std::{env, hint::black_box, process, time::Duration};

/// Bytes of the smallest of four mails.
const SMALLEST: usize = 1_000_000;
/// Of so many runs the quickest counts: noise only ever adds.
const RUNS: usize = 5;

/// Looks at nothing.
struct Blind;

impl Sink for Blind {
    fn take(&mut self, plain: &[u8]) {
        black_box(plain);
    }
}

/// CPU time of laying out a mail in these pieces.
fn time(pieces: &[Vec<u8>]) -> Duration {
    let once = || {
        let start = ProcessTime::now();
        black_box(lay_out(pieces, Blind).findings);
        start.elapsed()
    };
    (0..RUNS).map(|_| once()).min().expect("there are runs")
}

/// The times at the four sizes, and by how many KiB the largest took more memory than the smallest, beside its own bytes.
fn measure(mail: impl Fn(usize) -> Vec<Vec<u8>>) -> (Vec<Duration>, u64) {
    let (mut times, mut peaks) = (Vec::new(), Vec::new());
    for step in 0..4 {
        let pieces = mail(SMALLEST << step);
        peak::forget(process::id());
        let before = peak::kib(process::id());
        times.push(time(&pieces));
        peaks.push(peak::kib(process::id()).saturating_sub(before));
    }
    (times, peaks[3].saturating_sub(peaks[0]))
}

fn row(name: &str, (times, grown): &(Vec<Duration>, u64), ordinary: f64) -> f64 {
    let seconds = |step: usize| times[step].as_secs_f64();
    let exponent = (seconds(3) / seconds(0)).log2() / 3.0;
    let for_each_byte = seconds(3) / (SMALLEST << 3) as f64;
    let share = if ordinary > 0.0 { for_each_byte / ordinary } else { 1.0 };
    let times: Vec<String> = (0..4).map(|step| format!("{:>8.2}", 1000.0 * seconds(step))).collect();
    println!("| {name} | {} | {exponent:.2} | {share:.1} | {grown} |", times.join(" | "));
    for_each_byte
}

fn main() {
    let words: Vec<String> = env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    println!(
        "| shape | 1 MB, ms | 2 MB | 4 MB | 8 MB | exponent | cost of a byte, ordinary mail = 1 | KiB more at 8 MB |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let photos =
        |size| support::mail::photo_mail(size, 1, "a@in.example.org").chunks(16 * 1024).map(<[u8]>::to_vec).collect();
    let ordinary = row("ordinary mail with photos", &measure(photos), 0.0);
    for shape in shapes() {
        if words.is_empty() || words.iter().any(|word| shape.name.contains(word.as_str())) {
            row(shape.name, &measure(|size| shape.of_size(size).collect()), ordinary);
        }
    }
}
