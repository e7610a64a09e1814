//! Randomness from the operating system's generator, for case addresses, ids, nonces and jitter.
//! Session keys are not made here: sequoia makes its own.

use rand::{Rng, RngCore};

/// `N` random bytes.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

/// A random number in `0..bound`. `bound` must not be 0.
pub fn below(bound: usize) -> usize {
    rand::rng().random_range(0..bound)
}

/// A random fraction in `0.0..1.0`.
pub fn fraction() -> f64 {
    rand::rng().random()
}
