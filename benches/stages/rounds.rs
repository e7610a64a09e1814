//! Measures contenders in turn, so that a machine whose speed drifts does so for all of them alike.

use cpu_time::ProcessTime;
use std::time::{Duration, Instant};

/// Rounds; the median of each contender's is its figure.
const ROUNDS: usize = 7;
/// CPU time that one contender gets in one round: short work is repeated.
const TURN: Duration = Duration::from_millis(40);

/// What one run of a contender costs.
#[derive(Clone, Copy, Default)]
pub struct Cost {
    /// CPU time of all threads.
    pub cpu: Duration,
    pub wall: Duration,
}

/// Something to measure. It gives the cost of one run itself, so that what it prepares does not count.
pub struct Contender<'a> {
    pub name: &'static str,
    run: Box<dyn FnMut() -> Cost + 'a>,
}

impl<'a> Contender<'a> {
    /// All of `run` counts.
    pub fn new(name: &'static str, mut run: impl FnMut() + 'a) -> Self {
        Self::timed(name, move || measure(&mut run))
    }

    /// Only what `run` passes to [`measure`] and gives back counts.
    pub fn timed(name: &'static str, run: impl FnMut() -> Cost + 'a) -> Self {
        Self { name, run: Box::new(run) }
    }

    fn turn(&mut self) -> Cost {
        let (mut total, mut runs) = (Cost::default(), 0);
        while total.cpu < TURN && total.wall < 4 * TURN {
            let cost = (self.run)();
            total.cpu += cost.cpu;
            total.wall += cost.wall;
            runs += 1;
        }
        Cost { cpu: total.cpu / runs, wall: total.wall / runs }
    }
}

/// Runs once and says what it cost.
pub fn measure(run: impl FnOnce()) -> Cost {
    let (cpu, wall) = (ProcessTime::now(), Instant::now());
    run();
    Cost { cpu: cpu.elapsed(), wall: wall.elapsed() }
}

/// The median cost of each contender, in their order.
pub fn rounds(contenders: &mut [Contender]) -> Vec<Cost> {
    let mut taken: Vec<Vec<Cost>> = vec![Vec::new(); contenders.len()];
    for _ in 0..ROUNDS {
        for (contender, taken) in contenders.iter_mut().zip(&mut taken) {
            taken.push(contender.turn());
        }
    }
    taken.into_iter().map(median).collect()
}

fn median(costs: Vec<Cost>) -> Cost {
    let middle = |mut of: Vec<Duration>| {
        of.sort_unstable();
        of[of.len() / 2]
    };
    Cost {
        cpu: middle(costs.iter().map(|cost| cost.cpu).collect()),
        wall: middle(costs.iter().map(|cost| cost.wall).collect()),
    }
}
