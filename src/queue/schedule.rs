//! When a deferred job is tried again: exponential back-off with jitter, up to five days. Pure.

use crate::clock::Timestamp;
use std::time::Duration;

/// The pause after the first failed attempt; it doubles with each.
const FIRST: Duration = Duration::from_secs(60);
/// The longest pause, before jitter.
const LONGEST: Duration = Duration::from_secs(4 * 60 * 60);
/// A pause is drawn from this share of itself on either side, so that jobs that failed together do not come back together.
const JITTER: f64 = 0.2;

/// The retry schedule.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    give_up_after: Duration,
}

impl Schedule {
    /// A schedule that gives a job up when it is older than `give_up_after` (RFC 5321, section 4.5.4.1: at least 4-5 days).
    pub fn new(give_up_after: Duration) -> Self {
        Self { give_up_after }
    }

    /// The next try of a job created at `created` after its `attempts`-th attempt failed at `now`; None when it is time to
    /// give up. `fraction` in 0.0..1.0 is the jitter's random part. The last try is at the moment of giving up, so that a
    /// long pause does not shorten a job's time.
    pub fn next(&self, created: Timestamp, attempts: u32, now: Timestamp, fraction: f64) -> Option<Timestamp> {
        let end = created.plus(self.give_up_after);
        if now >= end {
            return None;
        }
        let doublings = attempts.saturating_sub(1).min(16);
        let pause = FIRST.saturating_mul(1 << doublings).min(LONGEST);
        let factor = 1.0 - JITTER + 2.0 * JITTER * fraction.clamp(0.0, 1.0);
        Some(now.plus(pause.mul_f64(factor)).min(end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    #[test]
    fn pauses_double_up_to_four_hours() {
        let schedule = Schedule::new(5 * DAY);
        let minutes = |attempts| schedule.next(START, attempts, START, 0.5).unwrap().since(START).as_secs() / 60;
        let pauses: Vec<u64> = (1..=11).map(minutes).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 240, 240, 240]);
    }

    #[test]
    fn a_job_is_given_up_after_its_time_and_not_before() {
        let schedule = Schedule::new(5 * DAY);
        let (mut now, mut attempts) = (START, 0);
        loop {
            attempts += 1;
            match schedule.next(START, attempts, now, 0.3) {
                Some(next) => now = next,
                None => break,
            }
        }
        assert_eq!(now.since(START), 5 * DAY, "the last try is at the end of the job's time");
        assert!((30..60).contains(&attempts), "{attempts} attempts");
    }

    proptest! {
        #[test]
        fn the_next_try_is_later_near_and_within_the_time(
            attempts in 0u32..=u32::MAX, age in 0u64..10 * 86_400, fraction in 0.0f64..1.0,
        ) {
            let (schedule, now) = (Schedule::new(5 * DAY), START.plus(Duration::from_secs(age)));
            match schedule.next(START, attempts, now, fraction) {
                Some(next) => {
                    prop_assert!(next > now && next <= START.plus(5 * DAY));
                    prop_assert!(next.since(now) <= LONGEST.mul_f64(1.0 + JITTER));
                }
                None => prop_assert!(age >= 5 * 86_400),
            }
        }
    }
}
