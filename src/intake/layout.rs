//! The layout for staff: a MIME entity made in stream from what arrives. `intake::layout` becomes a folder when it grows.
