//! Spans of time as an estimate names them: in one unit, for more would pretend to be exact.

/// A span in the largest unit of which there are two, such as `45 s`, `12 min`, `3 h` or `5 days`.
#[must_use]
pub fn roughly(ms: i64) -> String {
    let seconds = ms.max(0) / 1000;
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}
