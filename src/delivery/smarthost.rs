//! The smarthost.
