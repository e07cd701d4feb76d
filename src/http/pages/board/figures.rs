//! The figures above the board, each with its last seven days as a small line.

use super::super::fault::PageFault;
use super::super::viewer::{Viewer, Who};
use crate::http::Door;
use crate::model::{Permission, TaskState, WorkerId};
use crate::store::{BoardDay, BoardQuery, WaitsFor};

/// So many days are looked back.
const DAYS: usize = 7;
/// The height of a line, in the units of its drawing; it is 100 wide.
const HEIGHT: i64 = 24;

/// A figure.
pub(super) struct Figure {
    pub(super) name: &'static str,
    pub(super) value: String,
    /// Where what it counts is listed.
    pub(super) href: Option<&'static str>,
    /// What it counts, or its days in words.
    pub(super) note: String,
    /// The points of its line; none where it has no days.
    pub(super) line: Option<String>,
}

/// Who the viewer is for tasks: which workers, and where they approve. Which approvals exactly, each task's page says.
pub(super) async fn waits_for(door: &Door, viewer: &Viewer) -> Result<WaitsFor, PageFault> {
    if viewer.of_task().is_none() {
        return Ok(WaitsFor::default());
    }
    let may = viewer.repositories().iter().filter(|seen| seen.permission >= Permission::Write);
    let approves_in = may.map(|seen| seen.repository.id).collect();
    let Who::Person(login) = &viewer.who else { return Ok(WaitsFor { workers: Vec::new(), approves_in }) };
    // A person who is in no roster holds tasks under their own name.
    let mut workers = vec![WorkerId::new(login.as_str().to_ascii_lowercase())];
    let registered = door.doors.store().registered_workers().await?;
    let rules = door.api.as_ref().map(crate::http::Api::rules);
    let listed = rules.iter().flat_map(|rules| &rules.roster.workers);
    let all = listed.chain(registered.iter().map(|known| &known.worker));
    workers.extend(all.filter(|one| one.login.as_ref().is_some_and(|own| own.is(login))).map(|one| one.id.clone()));
    workers.sort();
    workers.dedup();
    Ok(WaitsFor { workers, approves_in })
}

/// The figures of everything that the viewer sees.
pub(super) async fn figures(door: &Door, viewer: &Viewer, waits_for: &WaitsFor) -> Result<Vec<Figure>, PageFault> {
    let store = door.doors.store();
    let all = BoardQuery { repositories: viewer.ids(), ..BoardQuery::default() };
    let open: i64 =
        store.board_counts(&all).await?.iter().filter(|(state, _)| TaskState::is_open(*state)).map(|(_, n)| n).sum();
    let days = store.board_days(&all.repositories, (door.clock.now(), DAYS)).await?;
    let mut figures = vec![
        Figure {
            name: "Open now",
            value: open.to_string(),
            href: None,
            note: "tasks that are not finished".to_owned(),
            line: Some(line(&open_by_day(open, &days))),
        },
        Figure {
            name: "Done in 7 days",
            value: days.iter().map(|day| day.done).sum::<i64>().to_string(),
            href: Some("/?state=done"),
            note: format!("by day: {}", words(days.iter().map(|day| day.done))),
            line: Some(line(&days.iter().map(|day| day.done).collect::<Vec<_>>())),
        },
        in_time(&days),
    ];
    if viewer.of_task().is_some() {
        let query = BoardQuery { waits_for: Some(waits_for.clone()), ..all };
        let count = store.board_count(&query).await?;
        figures.push(Figure {
            name: "Waiting for you",
            value: count.to_string(),
            href: Some("/?mine=yes"),
            note: "held by you, or to be approved".to_owned(),
            line: None,
        });
    }
    Ok(figures)
}

fn in_time(days: &[BoardDay]) -> Figure {
    let (kept, ended) = days.iter().fold((0, 0), |(kept, ended), day| (kept + day.in_time, ended + day.ended));
    let percent = |(kept, ended): (i64, i64)| (kept * 100).checked_div(ended);
    // A day on which nothing ended changes nothing.
    let mut last = percent((kept, ended)).unwrap_or(100);
    let by_day = days.iter().map(|day| {
        last = percent((day.in_time, day.ended)).unwrap_or(last);
        last
    });
    let by_day: Vec<i64> = by_day.collect();
    Figure {
        name: "Answered in time",
        value: percent((kept, ended)).map_or_else(|| "–".to_owned(), |percent| format!("{percent} %")),
        href: Some("/?flag=sla-breached"),
        note: format!("of {ended} that ended in 7 days"),
        line: (ended > 0).then(|| line(&by_day)),
    }
}

/// How many were open at the end of each day, reckoned back from how many are now.
fn open_by_day(now: i64, days: &[BoardDay]) -> Vec<i64> {
    let mut open = now;
    let mut counts: Vec<i64> = Vec::with_capacity(days.len());
    for day in days.iter().rev() {
        counts.push(open.max(0));
        open = open - day.opened + day.ended;
    }
    counts.reverse();
    counts
}

fn words(counts: impl Iterator<Item = i64>) -> String {
    counts.map(|count| count.to_string()).collect::<Vec<_>>().join(", ")
}

/// A line through these counts, in a drawing of 100 by 24.
fn line(counts: &[i64]) -> String {
    let most = counts.iter().copied().max().unwrap_or_default().max(1);
    let steps = i64::try_from(counts.len().saturating_sub(1)).unwrap_or(1).max(1);
    let points = (0..).zip(counts).map(|(at, count): (i64, &i64)| {
        let (x, y) = (at * 100 / steps, HEIGHT - 2 - count * (HEIGHT - 4) / most);
        format!("{x},{y}")
    });
    points.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
