//! Observers on files made here.
