//! Why a command failed, and the exit status that says so.

use crate::{config::ConfigError, control::Refusal};

/// Exit status of what failed.
pub const FAILED: u8 = 1;
/// Exit status of wrong usage or configuration.
pub const USAGE: u8 = 2;

/// A command that failed: one line for stderr that says what, why and what to do next.
#[derive(Debug)]
pub struct Failure {
    pub status: u8,
    pub text: String,
}

impl Failure {
    /// It was tried and did not work.
    pub fn failed(text: impl Into<String>) -> Self {
        Self { status: FAILED, text: text.into() }
    }

    /// It was called wrongly.
    pub fn usage(text: impl Into<String>) -> Self {
        Self { status: USAGE, text: text.into() }
    }

    /// The response is of a kind that this command never gets.
    pub fn unexpected() -> Self {
        Self::failed("the relay answered something else: use the same version of sealdrop as the running relay")
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::failed(refusal.to_string())
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::usage(error.to_string())
    }
}
