//! When a deferred job is tried again: exponential back-off with jitter, up to five days.

use crate::clock::Timestamp;

/// The retry schedule.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {}

impl Schedule {
    /// The next try of a job created at `created` after its `attempts`-th attempt failed at `now`; None when it is time to
    /// give up. `fraction` in 0.0..1.0 is the jitter's random part.
    pub fn next(&self, _created: Timestamp, _attempts: u32, _now: Timestamp, _fraction: f64) -> Option<Timestamp> {
        todo!()
    }
}
