//! Explanations that are made in one place and printed in many.

use crate::model::Explanation;

/// An explanation of one sentence.
#[must_use]
pub fn because(reason: impl Into<String>) -> Explanation {
    Explanation { reasons: vec![reason.into()], blockers: Vec::new() }
}
