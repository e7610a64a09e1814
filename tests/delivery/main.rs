//! Mail that goes out, against real servers on loopback: TLS that is verified or nothing, refusals, breaks, and the
//! limits on confirmations. Nothing here leaves the machine.

mod alerts;
mod confirmations;
mod failures;
mod forwards;
#[path = "../support/mod.rs"]
mod support;
mod tls;

use sealdrop::{
    delivery::{Attempt, Courier},
    queue::{Job, Outcome},
    site::Site,
};

/// Attempts a job with a courier of its own.
async fn attempt(site: &Site, job: &Job) -> Attempt {
    Courier::new(site.clone()).attempt(job).await
}

/// The reason of a deferral.
fn deferred(attempt: Attempt) -> String {
    match attempt.outcome {
        Outcome::Deferred(reason) => reason,
        other => panic!("not deferred but {other:?}"),
    }
}

/// The reason of a failure.
fn failed(attempt: Attempt) -> String {
    match attempt.outcome {
        Outcome::Failed(reason) => reason,
        other => panic!("not failed but {other:?}"),
    }
}
