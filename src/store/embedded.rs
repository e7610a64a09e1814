//! The embedded store: redb with two-phase commit and a digest on every record.

/// The store in one file of the data directory.
pub struct EmbeddedStore {}
