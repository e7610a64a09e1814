//! The one table: a stage's cost, the raw cost of what it cannot do without, and the share of the limit that it reaches.

use super::rounds::{Contender, Cost, rounds};
use std::time::Duration;

pub fn head() {
    println!("CPU µs a message, all threads; share = raw / stage, 100 % is the physical limit. Wall µs in brackets.");
    println!("{:<10} {:>9} {:>4} {:>11} {:>11} {:>7}  raw parts", "stage", "bytes", "to", "stage", "raw", "share");
}

/// Measures `stage` against its raw `parts` and prints the row.
pub fn row(stage: Contender, parts: Vec<Contender>, bytes: usize, recipients: usize) {
    let name = stage.name;
    let names: Vec<&str> = parts.iter().map(|part| part.name).collect();
    let mut contenders = vec![stage];
    contenders.extend(parts);
    let costs = rounds(&mut contenders);
    let raw: Duration = costs[1..].iter().map(|cost| cost.cpu).sum();
    let parts: Vec<String> =
        names.iter().zip(&costs[1..]).map(|(name, cost)| format!("{name} {}", show(*cost))).collect();
    println!(
        "{name:<10} {bytes:>9} {recipients:>4} {:>11} {:>11.0} {:>5.0} %  {}",
        show(costs[0]),
        micros(raw),
        100.0 * raw.as_secs_f64() / costs[0].cpu.as_secs_f64(),
        parts.join(", ")
    );
}

/// CPU time, and wall time where it is clearly more: there the disk or another thread is waited for.
fn show(cost: Cost) -> String {
    if cost.wall > cost.cpu * 3 / 2 {
        format!("{:.0} ({:.0})", micros(cost.cpu), micros(cost.wall))
    } else {
        format!("{:.0}", micros(cost.cpu))
    }
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
