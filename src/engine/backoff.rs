//! How long to wait before trying again.

use crate::model::Timestamp;

/// The pause after the first failure.
const FIRST_MS: i64 = 2_000;
/// The longest pause.
const LONGEST_MS: i64 = 600_000;
/// An action that has failed for so long is given up: seven days.
pub(super) const GIVE_UP_MS: i64 = 7 * 24 * 3_600_000;

/// When to try again after `attempts` failures: doubling pauses, each up to a fifth longer by chance, so that many
/// that failed together do not return together.
pub(super) fn retry_at(now: Timestamp, attempts: i64) -> Timestamp {
    let doublings = u32::try_from(attempts.clamp(0, 20)).unwrap_or(20);
    let pause_ms = FIRST_MS.saturating_mul(1 << doublings).min(LONGEST_MS);
    now.plus_ms(pause_ms + rand::random_range(0..=pause_ms / 5))
}
