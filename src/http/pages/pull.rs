//! `/pulls/OWNER/NAME/NUMBER`: everything about one pull request, and what people who may write can ask of it.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, Response};

use super::access::SeenRepository;
use super::fault::PageFault;
use super::form::{Fields, Sent};
use super::looking::Looking;
use super::pages;
use super::pull_view::{self, ApprovalRow, BlockerRow, CheckRow, FindingRow, Happening, ItemLink};
use super::pulls::{Verdict, titled, verdict};
use super::said::{Piece, pieces, web_address};
use super::shell::{Part, Shell};
use super::viewer::Viewer;
use super::when::When;
use crate::decide::{TestsSeen, learn};
use crate::http::Door;
use crate::model::{
    self, HeadReview, Hold, Number, Permission, PullAsk, PullShown, PullState, Request, Sha, Subject, TaskAuthority,
};
use crate::store::{PullPage, Store, StoreError};

/// So much of what happened is shown.
const HAPPENED: i64 = 60;

#[derive(Template)]
#[template(path = "pull.html", config = ".askama.toml")]
struct PullTemplate {
    shell: Shell,
    item: String,
    path: String,
    github: Option<String>,
    verdict: Verdict,
    author: String,
    base: String,
    head: Sha,
    labels: Vec<String>,
    opened: When,
    ended: Option<When>,
    is_open: bool,
    was_seen: bool,
    blockers: Vec<BlockerRow>,
    reasons: Vec<Vec<Piece>>,
    checks: Vec<CheckRow>,
    review: Option<ReviewView>,
    approvals: Vec<ApprovalRow>,
    order: Order,
    hold: Option<(When, Hold)>,
    tests: Option<String>,
    merge_time: Option<String>,
    happened: Vec<Happening>,
    may_ask: bool,
}

impl PullTemplate {
    /// Whether a check failed, so that it can be run again.
    fn can_retest(&self) -> bool {
        self.checks.iter().any(|check| check.tone == "bad")
    }
}

/// How and after what it is merged.
#[derive(Default)]
struct Order {
    method: String,
    by_queue: bool,
    place: Option<(u32, Vec<Piece>)>,
    depends: Vec<ItemLink>,
    dependents: Vec<ItemLink>,
    tasks: Vec<ItemLink>,
    commit: Option<String>,
}

/// What the review of the head says.
struct ReviewView {
    findings: Vec<FindingRow>,
    left_out: u32,
    files: u32,
    faults: Vec<String>,
    policy_change: Option<String>,
    backtest: Option<String>,
}

impl ReviewView {
    fn new(review: HeadReview) -> Self {
        let findings: Vec<FindingRow> = review.findings.iter().take(FindingRow::SHOWN).map(FindingRow::new).collect();
        let shown = u32::try_from(findings.len()).unwrap_or(u32::MAX);
        Self {
            findings,
            left_out: review.total.saturating_sub(shown),
            files: review.files,
            faults: review.faults,
            policy_change: review.policy_change,
            backtest: review.backtest,
        }
    }
}

/// `GET /pulls/OWNER/NAME/NUMBER`
pub(super) async fn page(
    State(door): State<Arc<Door>>,
    looking: Looking,
    Path((owner, name, number)): Path<(String, String, String)>,
) -> Result<Html<String>, PageFault> {
    let viewer = &looking.viewer;
    let seen = viewer.named(&owner, &name)?;
    let store = door.doors.store();
    let pull = found(store, seen, &number).await?;
    let shell = looking.shell(&door, Part::Pulls, titled(&pull.listed)).await?;
    Ok(Html(view(&door, (viewer, seen), pull, shell).await?.render()?))
}

/// The pull request of this number; what was never looked at is not there.
async fn found(store: &Store, seen: &SeenRepository, number: &str) -> Result<PullPage, PageFault> {
    let number = number.parse().map(Number).map_err(|_| PageFault::NotFound)?;
    store.pull_page(seen.repository.id, number).await?.ok_or(PageFault::NotFound)
}

async fn view(
    door: &Door,
    (viewer, seen): (&Viewer, &SeenRepository),
    pull: PullPage,
    shell: Shell,
) -> Result<PullTemplate, PageFault> {
    let (store, now) = (door.doors.store(), door.clock.now());
    let PullPage { listed, record, shown } = pull;
    let (name, key) = (&seen.repository.name, (listed.repository, listed.number));
    let is_open = listed.state == PullState::Open;
    let review = store.newest_review(key, &listed.head).await?.map(ReviewView::new);
    let happened = store.happened(&Subject::Pull(key.0, key.1), HAPPENED).await?;
    let checks = shown.as_ref().map(pull_view::checks).unwrap_or_default();
    let tests = match &shown {
        Some(shown) => tests(store, seen, (&listed.head, shown)).await?,
        None => None,
    };
    let merge_time = if is_open { merge_time(door, seen, shown.as_ref()).await? } else { None };
    let order = match &shown {
        Some(shown) => order(store, seen, (key.1, shown)).await?,
        None => Order::default(),
    };
    Ok(PullTemplate {
        item: format!("{name}#{}", listed.number),
        path: format!("/pulls/{name}/{}", listed.number),
        github: shown.as_ref().and_then(|shown| web_address(&shown.url)),
        verdict: verdict(&listed),
        author: listed.author.clone(),
        base: listed.base.clone(),
        head: listed.head.clone(),
        labels: shown.iter().flat_map(|shown| shown.labels.iter().map(ToString::to_string)).collect(),
        opened: When::new(listed.opened, now),
        ended: listed.ended.map(|at| When::new(at, now)),
        is_open,
        was_seen: shown.is_some(),
        blockers: if is_open { pull_view::blockers(&listed) } else { Vec::new() },
        reasons: listed.explanation.reasons.iter().map(|reason| pieces(reason)).collect(),
        checks,
        review,
        approvals: shown.as_ref().map(|shown| pull_view::approvals(shown, &listed.head, now)).unwrap_or_default(),
        order,
        hold: record.hold.map(|hold| (When::new(hold.since, now), hold)),
        tests,
        merge_time,
        happened: happened.into_iter().map(|line| Happening::new(line, now)).collect(),
        may_ask: is_open && viewer.of_task().is_some() && seen.permission >= Permission::Write,
        shell,
    })
}

/// How long it may take until it is merged, unless the policy says that this is not wanted.
async fn merge_time(
    door: &Door,
    seen: &SeenRepository,
    shown: Option<&PullShown>,
) -> Result<Option<String>, PageFault> {
    let policy = pages(door)?.policies.of(door, &seen.repository).await;
    if !policy.is_some_and(|policy| policy.learn.merge_time) {
        return Ok(None);
    }
    let before = door.doors.store().merged_before(seen.repository.id).await?;
    let lines = shown.and_then(|shown| shown.changed_lines);
    Ok(Some(learn::merge_time(lines, &before).sentence()))
}

/// The report of the tests, from what is remembered of head and base.
async fn tests(
    store: &Store,
    seen: &SeenRepository,
    (head, shown): (&Sha, &PullShown),
) -> Result<Option<String>, StoreError> {
    let head = store.checks_of(seen.repository.id, head).await?;
    let base = store.checks_of(seen.repository.id, &shown.base_sha).await?;
    let report = crate::decide::tests_report(&TestsSeen {
        head: &head,
        checks: &shown.checks,
        own_app: shown.own_app,
        base: Some(&base).filter(|base| !base.attempts.is_empty() || !base.coverage.is_empty()),
        earlier: &[],
    });
    Ok(Some(report.plain).filter(|plain| !plain.is_empty()))
}

async fn order(
    store: &Store,
    seen: &SeenRepository,
    (number, shown): (Number, &PullShown),
) -> Result<Order, StoreError> {
    let (id, name) = (seen.repository.id, &seen.repository.name);
    let place = store.queue_place(id, number).await?.map(|(_, place)| (place.place, pieces(&place.state)));
    let pull = |number: &Number| ItemLink::new("/pulls", name, *number, None);
    let mut depends = Vec::new();
    for dependency in &shown.dependencies {
        let state = Some((dependency.state.clone(), dependency.met));
        depends.push(ItemLink::elsewhere(&dependency.repository, dependency.number, state));
    }
    Ok(Order {
        method: shown.method.clone(),
        by_queue: shown.queued,
        place,
        depends,
        dependents: shown.dependents.iter().map(pull).collect(),
        tasks: shown.tasks.iter().map(|number| ItemLink::new("/tasks", name, *number, None)).collect(),
        commit: shown.merge_commit.as_ref().map(ToString::to_string),
    })
}

/// `POST /pulls/OWNER/NAME/NUMBER`: what somebody asks of it.
pub(super) async fn ask(
    State(door): State<Arc<Door>>,
    Path((owner, name, number)): Path<(String, String, String)>,
    Sent { viewer, fields }: Sent,
) -> Result<Response, PageFault> {
    let seen = viewer.named(&owner, &name)?;
    let pull = found(door.doors.store(), seen, &number).await?;
    let authority = authority(&viewer, seen)?;
    let wish = wish(&fields)?;
    let head = Sha::new(fields.need("head", "The head that you saw")?);
    if head != pull.listed.head {
        return Err(PageFault::Stale(format!(
            "The pull request has a new head, {}, since this page was loaded, so nothing was done. Go back, load the \
             page again, and look at it.",
            pull.listed.head.short()
        )));
    }
    let (repository, number) = (pull.listed.repository, pull.listed.number);
    let request = Request::Pull { repository, number, wish, head, authority, door: model::Door::Page };
    super::ask::ask(&door, &request, &format!("/pulls/{}/{number}", seen.repository.name)).await
}

/// Whose word it is. The pull's decision judges it again, with the permission as it is then.
fn authority(viewer: &Viewer, seen: &SeenRepository) -> Result<TaskAuthority, PageFault> {
    let needs = Permission::Write;
    let refused = || {
        let has = seen.permission;
        let name = &seen.repository.name;
        PageFault::Forbidden(format!("This needs {needs} permission in {name}, and you have {has}."))
    };
    viewer.of_task().filter(|_| seen.permission >= needs).ok_or_else(refused)
}

fn wish(fields: &Fields) -> Result<PullAsk, PageFault> {
    match fields.need("ask", "What you ask for")? {
        "merge" => Ok(PullAsk::Merge),
        "hold" => Ok(PullAsk::Hold { why: fields.need("why", "The reason for the hold")?.to_owned() }),
        "unhold" => Ok(PullAsk::Unhold),
        "retest" => Ok(PullAsk::Retest { checks: Vec::new() }),
        "queue" => Ok(PullAsk::Queue),
        "dequeue" => Ok(PullAsk::Dequeue { why: fields.get("why").map(ToOwned::to_owned) }),
        other => Err(PageFault::Unfitting(format!("Nothing of a pull request is called “{other}”."))),
    }
}
