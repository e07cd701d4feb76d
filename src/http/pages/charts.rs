//! `GET /charts`: how much is done and how fast, for people who look rather than read.

mod draw;

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Html;
use serde::Deserialize;

use super::chart::{Chart, number};
use super::fault::PageFault;
use super::looking::Looking;
use super::pages;
use super::pulls::{Choice, chosen, repository_choices};
use super::said::web_address;
use super::shell::{Part, Shell};
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
    model: Option<ModelPanel>,
}

/// What asking a model has come to today.
struct ModelPanel {
    name: String,
    tokens: i64,
    tokens_per_day: u32,
    percent: String,
    /// The share as the width of a bar of 100.
    width: i64,
    calls: i64,
    failures: i64,
    over_budget: i64,
    last_fault: Option<(String, When)>,
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
    /// Where the last failure is read about.
    example: Option<String>,
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
    looking: Looking,
    Query(filter): Query<Filter>,
) -> Result<Html<String>, PageFault> {
    let viewer = &looking.viewer;
    let chosen = chosen(viewer, filter.repository.as_deref());
    let days = filter.days();
    let over = over(chosen.map_or_else(|| viewer.ids(), |id| vec![id]), days, door.clock.now());
    let shell = looking.shell(&door, Part::Charts, "Charts").await?;
    let mut page = drawn(&door, viewer, (&over, days), chosen, shell).await?;
    if viewer.is_operator() {
        page.model = model_panel(&door).await?;
    }
    Ok(Html(page.render()?))
}

async fn model_panel(door: &Door) -> Result<Option<ModelPanel>, StoreError> {
    let Some(model) = door.pages.as_ref().and_then(|pages| pages.model.clone()) else { return Ok(None) };
    let today = door.doors.store().model_today().await?;
    let most = i64::from(model.tokens_per_day);
    let now = door.clock.now();
    Ok(Some(ModelPanel {
        name: model.name,
        tokens: today.tokens,
        tokens_per_day: model.tokens_per_day,
        percent: percent(today.tokens, (most - today.tokens).max(0)),
        width: draw::percent_of(today.tokens.min(most), most).unwrap_or_default(),
        calls: today.calls,
        failures: today.failures,
        over_budget: today.over_budget,
        last_fault: today.last_fault.map(|(fault, at)| (fault, When::new(Timestamp(at), now))),
    }))
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
        flaky: flaky_rows(door, viewer, &flaky).await?,
        times: times(&ends),
        workers: workers(&ends),
        model: None,
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

/// Checks of repositories whose policy wants them named, each with where its last failure is read about.
async fn flaky_rows(door: &Door, viewer: &Viewer, flaky: &[FlakyCheck]) -> Result<Vec<FlakyRow>, PageFault> {
    let mut rows = Vec::with_capacity(flaky.len());
    for row in flaky {
        let Some(seen) = viewer.repository(RepositoryId(row.repository_id)) else { continue };
        let policy = pages(door)?.policies.of(door, &seen.repository).await;
        if policy.is_some_and(|policy| !policy.learn.flaky) {
            continue;
        }
        let (example, _) =
            door.doors.store().flaky_example(seen.repository.id, (&row.name, &row.app), row.last_ms).await?;
        let shown = flaky_row(row, seen.repository.name.to_string(), door.clock.now());
        rows.push(FlakyRow { example: example.as_deref().and_then(web_address), ..shown });
    }
    Ok(rows)
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
        example: None,
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
