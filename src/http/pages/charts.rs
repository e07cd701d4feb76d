//! `GET /charts`: how much is done and how fast, for people who look rather than read.

mod draw;

use std::sync::Arc;

use askama::Template;
use axum::extract::{OriginalUri, Query, State};
use axum::http::HeaderMap;
use axum::response::Html;
use serde::Deserialize;

use super::chart::{Chart, number};
use super::fault::PageFault;
use super::pulls::{Choice, chosen, repository_choices};
use super::shell::{Look, Part, Shell};
use super::viewer::Viewer;
use super::when::{When, span};
use crate::decide::task_stats;
use crate::http::Door;
use crate::model::{Level, RepositoryId, TaskEnd, Timestamp};
use crate::store::{ChartSpan, Deployed, FlakyCheck, Kept, Store, StoreError};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Spans to choose from, in days; the second one is shown where nothing is chosen.
const SPANS: [i64; 3] = [7, 30, 90];

#[derive(Template)]
#[template(path = "charts.html", config = ".askama.toml")]
struct ChartsPage {
    shell: Shell,
    repositories: Vec<Choice>,
    spans: Vec<Choice>,
    days: i64,
    figures: Vec<Figure>,
    charts: Vec<Chart>,
    kept: Vec<KeptRow>,
    environments: Vec<EnvironmentRow>,
    flaky: Vec<FlakyRow>,
    times: Vec<TimeRow>,
    workers: Vec<WorkerRow>,
}

/// One number that says much.
struct Figure {
    value: String,
    name: &'static str,
}

struct KeptRow {
    priority: &'static str,
    kept: i64,
    breached: i64,
    percent: String,
}

struct EnvironmentRow {
    name: String,
    succeeded: i64,
    failed: i64,
    percent: String,
    /// The share as the width of a bar of 100.
    width: i64,
}

struct FlakyRow {
    name: String,
    repository: String,
    runs: i64,
    commits: i64,
    flaky: i64,
    percent: String,
    last: When,
}

struct TimeRow {
    priority: &'static str,
    done: u32,
    mean: String,
}

struct WorkerRow {
    worker: String,
    done: u32,
    failed: u32,
    completion: String,
    failure: String,
    mean: String,
}

/// What is looked for.
#[derive(Deserialize)]
pub(super) struct Filter {
    repository: Option<String>,
    days: Option<String>,
}

impl Filter {
    fn days(&self) -> i64 {
        let asked = self.days.as_deref().and_then(|days| days.parse().ok());
        asked.filter(|days| SPANS.contains(days)).unwrap_or(SPANS[1])
    }
}

/// `GET /charts`
pub(super) async fn page(
    State(door): State<Arc<Door>>,
    viewer: Viewer,
    Query(filter): Query<Filter>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Result<Html<String>, PageFault> {
    let chosen = chosen(&viewer, filter.repository.as_deref());
    let days = filter.days();
    let over = over(chosen.map_or_else(|| viewer.ids(), |id| vec![id]), days, door.clock.now());
    let path = uri.path_and_query().map_or("/charts", |path| path.as_str());
    let look = Look { door: &door, viewer: &viewer, headers: &headers, path };
    let shell = Shell::new(&look, Part::Charts, "Charts").await?;
    let page = drawn(&door, &viewer, (&over, days), chosen, shell).await?;
    Ok(Html(page.render()?))
}

/// Whole days in UTC, today the last one.
fn over(repositories: Vec<RepositoryId>, days: i64, now: Timestamp) -> ChartSpan {
    let until = (now.ms().div_euclid(DAY_MS) + 1) * DAY_MS;
    ChartSpan { repositories, from: Timestamp(until - days * DAY_MS), until: Timestamp(until) }
}

async fn drawn(
    door: &Door,
    viewer: &Viewer,
    (over, days): (&ChartSpan, i64),
    chosen: Option<RepositoryId>,
    shell: Shell,
) -> Result<ChartsPage, PageFault> {
    let store = door.doors.store();
    let name = |id: i64| viewer.repository(RepositoryId(id)).map(|seen| seen.repository.name.to_string());
    let ends = store.ends_in(over).await?;
    let answers = store.answers_due(over, draw::WEEK_MS).await?;
    let deployed = store.deployed(over).await?;
    let flaky = store.flaky_checks(over).await?;
    let (charts, figures) = charts(store, over, (&answers, &deployed)).await?;
    let spans = SPANS.iter().map(|span| Choice {
        value: span.to_string(),
        name: format!("{span} days"),
        is_chosen: *span == days,
    });
    Ok(ChartsPage {
        shell,
        repositories: repository_choices(viewer, chosen),
        spans: spans.collect(),
        days,
        figures,
        charts,
        kept: kept_rows(&answers),
        environments: deployed.iter().filter_map(|row| Some(environment_row(row, &name(row.repository_id)?))).collect(),
        flaky: flaky
            .iter()
            .filter_map(|row| Some(flaky_row(row, name(row.repository_id)?, door.clock.now())))
            .collect(),
        times: times(&ends),
        workers: workers(&ends),
    })
}

async fn charts(
    store: &Store,
    over: &ChartSpan,
    (answers, deployed): (&[Kept], &[Deployed]),
) -> Result<(Vec<Chart>, Vec<Figure>), StoreError> {
    let (done, merged) = (store.tasks_done(over, DAY_MS).await?, store.pulls_merged(over, DAY_MS).await?);
    let times = store.merge_times(over, draw::WEEK_MS).await?;
    let sum = |counts: &[(i64, i64)]| counts.iter().map(|(_, count)| count).sum::<i64>().to_string();
    let (kept, late): (i64, i64) =
        (answers.iter().map(|one| one.kept).sum(), answers.iter().map(|one| one.breached).sum());
    let (good, bad): (i64, i64) =
        (deployed.iter().map(|one| one.succeeded).sum(), deployed.iter().map(|one| one.failed).sum());
    let mut all: Vec<i64> = times.iter().map(|time| time.ms).collect();
    let median = draw::share_of(&mut all, 50).map_or_else(|| "–".to_owned(), span);
    let figures = vec![
        Figure { value: sum(&done), name: "tasks done" },
        Figure { value: sum(&merged), name: "pull requests merged" },
        Figure { value: percent(kept, late), name: "answers in time" },
        Figure { value: percent(good, bad), name: "deployments that succeeded" },
        Figure { value: median, name: "median time to merge" },
    ];
    let charts =
        vec![draw::throughput(over, (&done, &merged)), draw::answers(over, answers), draw::merge_times(over, &times)];
    Ok((charts, figures))
}

/// The share of `part` in both, without digits after the point; a dash where there is nothing.
fn percent(part: i64, rest: i64) -> String {
    draw::percent_of(part, part + rest).map_or_else(|| "–".to_owned(), |percent| format!("{percent} %"))
}

fn kept_rows(answers: &[Kept]) -> Vec<KeptRow> {
    let row = |priority: Level| {
        let of = answers.iter().filter(|one| one.priority == priority);
        let (kept, breached) = of.fold((0, 0), |(kept, breached), one| (kept + one.kept, breached + one.breached));
        KeptRow { priority: priority.as_str(), kept, breached, percent: percent(kept, breached) }
    };
    let all = [Level::Critical, Level::High, Level::Medium, Level::Low].map(row);
    all.into_iter().filter(|row| row.kept + row.breached > 0).collect()
}

fn environment_row(row: &Deployed, repository: &str) -> EnvironmentRow {
    EnvironmentRow {
        name: format!("{repository}@{}", row.environment),
        succeeded: row.succeeded,
        failed: row.failed,
        percent: percent(row.succeeded, row.failed),
        width: draw::percent_of(row.succeeded, row.succeeded + row.failed).unwrap_or_default(),
    }
}

fn flaky_row(row: &FlakyCheck, repository: String, now: Timestamp) -> FlakyRow {
    FlakyRow {
        name: row.name.clone(),
        repository,
        runs: row.runs,
        commits: row.commits,
        flaky: row.flaky,
        percent: percent(row.flaky, row.commits - row.flaky),
        last: When::new(Timestamp(row.last_ms), now),
    }
}

fn times(ends: &[TaskEnd]) -> Vec<TimeRow> {
    let rows = task_stats::by_priority(ends).into_iter();
    rows.map(|row| TimeRow { priority: row.priority.as_str(), done: row.done, mean: minutes(row.mean_minutes) })
        .collect()
}

fn workers(ends: &[TaskEnd]) -> Vec<WorkerRow> {
    let rows = task_stats::by_worker(ends).into_iter();
    rows.map(|row| WorkerRow {
        worker: row.worker.to_string(),
        done: row.done,
        failed: row.failed,
        completion: format!("{} %", number(row.completion_percent)),
        failure: format!("{} %", number(row.failure_percent)),
        mean: row.mean_minutes.map_or_else(|| "–".to_owned(), minutes),
    })
    .collect()
}

#[expect(clippy::cast_possible_truncation, reason = "a float that is too large becomes the largest span")]
fn minutes(minutes: f64) -> String {
    span((minutes * 60_000.0) as i64)
}
