//! What the numbers of the store become in charts.

use crate::http::pages::chart::{About, Chart, Kind, Series};
use crate::model::Timestamp;
use crate::store::{ChartSpan, Kept, MergeTime};

use super::DAY_MS;

pub(super) const WEEK_MS: i64 = 7 * DAY_MS;
/// Pieces of the span, and how much is in each.
type Counts = [(i64, i64)];

const HOUR_MS: f64 = 3_600_000.0;

/// Tasks done and pulls merged, by day.
pub(super) fn throughput(over: &ChartSpan, (done, merged): (&Counts, &Counts)) -> Chart {
    let labels = labels(over, DAY_MS);
    let series = |name, counts: &Counts| {
        let count = |piece: i64| counts.iter().find(|(at, _)| *at == piece).map_or(0, |(_, count)| *count);
        Series { name, values: (0..).take(labels.len()).map(|piece| Some(float(count(piece)))).collect() }
    };
    let series = vec![series("Tasks done", done), series("Pull requests merged", merged)];
    let about = About {
        id: "throughput",
        title: "Throughput by day",
        says: "Tasks that were done and pull requests that were merged, each day in UTC.",
        first: "Day",
        none: "Nothing was done or merged in this time. What is done from now on is counted here by itself.",
    };
    Chart::new(about, Kind::Bars, labels, series)
}

/// Answers in time and late ones, by week.
pub(super) fn answers(over: &ChartSpan, answers: &[Kept]) -> Chart {
    let labels = labels(over, WEEK_MS);
    let series = |name, of: fn(&Kept) -> i64| {
        let count = |piece: i64| answers.iter().filter(|one| one.piece == piece).map(of).sum::<i64>();
        Series { name, values: (0..).take(labels.len()).map(|piece| Some(float(count(piece)))).collect() }
    };
    let series = vec![series("In time", |one| one.kept), series("Late", |one| one.breached)];
    let about = About {
        id: "answers",
        title: "Answers in time and late, by week",
        says: "How often somebody answered a task within the time that its priority allows, and how often not, by the \
                week in which the answer was due.",
        first: "Week from",
        none: "No answer was due in this time. The clock begins when a task is given to somebody.",
    };
    Chart::new(about, Kind::Bars, labels, series)
}

/// Hours from opening to merging, by week: half and nine tenths of the pulls took no longer.
pub(super) fn merge_times(over: &ChartSpan, times: &[MergeTime]) -> Chart {
    let labels = labels(over, WEEK_MS);
    let series = |name, share: usize| {
        let value = |piece: i64| {
            let mut of: Vec<i64> = times.iter().filter(|time| time.piece == piece).map(|time| time.ms).collect();
            share_of(&mut of, share).map(|ms| (float(ms) / HOUR_MS * 10.0).round() / 10.0)
        };
        Series { name, values: (0..).take(labels.len()).map(value).collect() }
    };
    let series = vec![series("Median", 50), series("Nine of ten", 90)];
    let about = About {
        id: "merge-times",
        title: "Hours to merge, by week",
        says: "From opening to merging, in hours: half of the pull requests took no longer than the median, nine of ten \
                no longer than the upper line.",
        first: "Week from",
        none: "No pull request was merged in this time.",
    };
    Chart::new(about, Kind::Lines, labels, series)
}

/// The value than which so many of a hundred are not greater (nearest rank); `None` of nothing.
pub(super) fn share_of(values: &mut [i64], percent: usize) -> Option<i64> {
    values.sort_unstable();
    let rank = (values.len() * percent).div_ceil(100).max(1);
    values.get(rank - 1).copied()
}

/// A share in whole percent; `None` of nothing.
pub(super) const fn percent_of(part: i64, whole: i64) -> Option<i64> {
    if whole <= 0 { None } else { Some((part * 200 + whole) / (whole * 2)) }
}

/// The beginning of each piece, such as `21 Nov`.
fn labels(over: &ChartSpan, piece_ms: i64) -> Vec<String> {
    let mut labels = Vec::new();
    let mut at = over.from;
    while at < over.until {
        labels.push(at.to_utc().format("%-d %b").to_string());
        at = Timestamp(at.ms() + piece_ms);
    }
    labels
}

#[expect(clippy::cast_precision_loss, reason = "counts and spans of ours fit a float exactly")]
const fn float(count: i64) -> f64 {
    count as f64
}
