//! Medians over the rounds, and ratios where there are two servers.

use super::{
    options::Load,
    run::{Figures, Server},
};

/// Prints the figures of one load.
pub fn print(load: &Load, servers: &[Server]) {
    println!("\n{load}");
    println!(
        "{:<16} {:>10} {:>8} {:>10} {:>11} {:>11} {:>11} {:>13}",
        "", "messages/s", "MB/s", "CPU-ms/MB", "dot→250 p50", "dot→250 p99", "memory MiB", "peak RSS MiB"
    );
    let rows: Vec<[f64; 7]> = servers.iter().map(|server| row(load, &server.rounds)).collect();
    for (server, row) in servers.iter().zip(&rows) {
        line(server.name, row);
    }
    if let [ours, theirs] = &rows[..] {
        let mut ratios = [0.0; 7];
        ratios.iter_mut().zip(ours.iter().zip(theirs)).for_each(|(ratio, (ours, theirs))| *ratio = ours / theirs);
        line("ratio", &ratios);
    }
}

fn line(name: &str, [messages, megabytes, cpu, p50, p99, memory, resident]: &[f64; 7]) {
    println!(
        "{name:<16} {messages:>10.2} {megabytes:>8.2} {cpu:>10.2} {p50:>8.2} ms {p99:>8.2} ms {memory:>11.2} {resident:>13.2}"
    );
}

fn row(load: &Load, rounds: &[Figures]) -> [f64; 7] {
    let megabytes = (load.bytes * load.messages) as f64 / 1e6;
    let of = |figure: &dyn Fn(&Figures) -> f64| median(rounds.iter().map(figure).collect());
    [
        of(&|round| load.messages as f64 / round.wall.as_secs_f64()),
        of(&|round| megabytes / round.wall.as_secs_f64()),
        of(&|round| round.cpu.as_secs_f64() * 1e3 / megabytes),
        of(&|round| quantile(round, 50)),
        of(&|round| quantile(round, 99)),
        rounds.iter().map(|round| round.memory).max().unwrap_or(0) as f64 / 1024.0,
        rounds.iter().map(|round| round.resident).max().unwrap_or(0) as f64 / 1024.0,
    ]
}

/// Milliseconds from dot to 250.
fn quantile(round: &Figures, percent: usize) -> f64 {
    round.dots[(round.dots.len() - 1) * percent / 100].as_secs_f64() * 1e3
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_unstable_by(f64::total_cmp);
    figures[figures.len() / 2]
}
