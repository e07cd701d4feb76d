//! When the last day's decisions are made again by night, and what the team is told of it.

use chrono::NaiveDate;

use super::Tally;
use crate::decide::clocks::moment;
use crate::model::Timestamp;
use crate::policy::ClockSettings;

/// The minute of the team's day at which it begins: 3 in the morning.
const MINUTE: u16 = 3 * 60;

/// The night of one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Night {
    /// The day in the team's zone.
    pub day: NaiveDate,
    /// When it is due.
    pub due: Timestamp,
}

/// The newest night that is due.
#[must_use]
pub fn due(settings: &ClockSettings, now: Timestamp) -> Option<Night> {
    let today = now.to_utc().with_timezone(&settings.zone).date_naive();
    let of = |day: NaiveDate| Night { day, due: moment(settings.zone, day, MINUTE) };
    [Some(today), today.pred_opt()].into_iter().flatten().map(of).find(|night| night.due <= now)
}

/// Headline and text for the team; `None` unless something differs that should not.
#[must_use]
pub fn read_difference(tally: &Tally) -> Option<(String, String)> {
    let count = tally.unexplained;
    if count == 0 {
        return None;
    }
    let title = match count {
        1 => "A decision comes out otherwise when it is made again".to_owned(),
        many => format!("{many} decisions come out otherwise when they are made again"),
    };
    let lines: Vec<String> = tally
        .differing
        .iter()
        .take(usize::try_from(count).unwrap_or(usize::MAX))
        .map(|differing| format!("- {}", differing.line()))
        .collect();
    let text = format!(
        "Policy and version are the same as when they were made, so this is a fault of Stationmaster. Nothing was done \
         because of it. `stationmaster why ITEM --replay --decision K` shows each.\n{}",
        lines.join("\n")
    );
    Some((title, text))
}
