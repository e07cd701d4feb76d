//! Coverage: read from what a check wrote, and compared with the base.

use regex::Regex;

use crate::model::CommitTests;

/// How much is covered, in hundredths of a percent, as a check's output says: the group `coverage` of the pattern, else
/// its first group, else the whole match, of the last place where it matches. `None` where that is not 0 to 100.
#[must_use]
pub fn coverage(pattern: &Regex, output: &str) -> Option<i64> {
    // Reports end with their total.
    let found = pattern.captures_iter(output).last()?;
    let number = found.name("coverage").or_else(|| found.get(1)).or_else(|| found.get(0))?;
    hundredths(number.as_str())
}

/// Digits beyond the second are cut off: a coverage is never told better than it is.
fn hundredths(text: &str) -> Option<i64> {
    let text = text.trim().trim_end_matches('%').trim_end();
    let (whole, part) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(part) {
        return None;
    }
    let part = format!("{part:0<2}");
    let value = whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(part.get(..2)?.parse().ok()?)?;
    (0..=10_000).contains(&value).then_some(value)
}

/// The coverage that one check told, and how much more that is than on the base.
pub(super) struct Change<'a> {
    pub(super) check: &'a str,
    pub(super) hundredths: i64,
    pub(super) more: Option<i64>,
}

pub(super) fn changes<'a>(head: &'a CommitTests, base: Option<&CommitTests>) -> Vec<Change<'a>> {
    let on_base = |check: &str| base?.coverage.iter().find(|coverage| coverage.check == check);
    head.coverage
        .iter()
        .map(|coverage| Change {
            check: &coverage.check,
            hundredths: coverage.hundredths,
            more: on_base(&coverage.check).map(|base| coverage.hundredths - base.hundredths),
        })
        .collect()
}
