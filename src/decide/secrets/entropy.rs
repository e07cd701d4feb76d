//! How random a text is: Shannon's entropy, counted as gitleaks counts it.

use std::collections::HashMap;

/// Bits for each character. Characters are counted, and their share is taken of the length in bytes, as
/// <https://github.com/gitleaks/gitleaks/blob/master/detect/utils.go> does, so that thresholds mean the same here.
#[expect(clippy::cast_precision_loss, reason = "a share of a length needs no 52 bits")]
pub(super) fn entropy(text: &[u8]) -> f64 {
    if text.is_empty() {
        return 0.0;
    }
    let length = text.len() as f64;
    let bits = |count: usize| {
        let share = count as f64 / length;
        -share * share.log2()
    };
    if text.is_ascii() {
        let mut counts = [0_usize; 128];
        for byte in text {
            counts[usize::from(*byte)] += 1;
        }
        return counts.into_iter().filter(|count| *count > 0).map(bits).sum();
    }
    let mut counts: HashMap<char, usize> = HashMap::new();
    for letter in String::from_utf8_lossy(text).chars() {
        *counts.entry(letter).or_default() += 1;
    }
    let mut counts: Vec<usize> = counts.into_values().collect();
    // In a fixed order, since sums of fractions depend on it.
    counts.sort_unstable();
    counts.into_iter().map(bits).sum()
}
