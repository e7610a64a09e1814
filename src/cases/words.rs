//! The word list.
