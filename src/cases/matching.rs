//! Finds the case that a client meant, forgiving one slip, never reaching another case.

use super::CaseAddress;

/// What a typed local part stands for among the cases that were ever opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    /// The address of a case, as it is or with one slip mended.
    Case(CaseAddress),
    /// No case, or more than one that is as near.
    Unknown,
}

/// Finds the case that `typed` (a local part as it came) means. `known` are the addresses of all cases ever opened, open
/// or not: a slip that is as near to a closed case as to an open one is refused.
pub fn find<'a>(_typed: &str, _known: impl Iterator<Item = &'a CaseAddress>) -> Match {
    todo!()
}

/// Whether a new case may get `candidate`: so far from every known address that no slip of one can be taken for the other.
pub fn is_far_from_all<'a>(_candidate: &CaseAddress, _known: impl Iterator<Item = &'a CaseAddress>) -> bool {
    todo!()
}
