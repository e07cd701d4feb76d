//! `GET` and `POST /tasks/OWNER/NAME/NUMBER`: one task with all that is known of it, and what may be asked of it.

mod belongs;
mod facts;
mod scene;
mod timeline;
mod wish;

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, Response};

use self::belongs::Belongs;
use self::facts::{ClockLine, Fact};
use self::scene::{InTask, Scene};
use self::timeline::Timeline;
use super::board::{Tag, tags};
use super::fault::PageFault;
use super::form::Sent;
use super::looking::Looking;
use super::said::{Piece, pieces, web_address};
use super::shell::{Part, Shell};
use super::viewer::Viewer;
use super::when::When;
use crate::decide::evidence::{wanted, web_host};
use crate::decide::task_command::{Offered, is_about_who};
use crate::http::Door;
use crate::model::{Door as AskedBy, Request, TaskState, Timestamp};

#[derive(Template)]
#[template(path = "task.html", config = ".askama.toml")]
struct TaskPage {
    shell: Shell,
    item: String,
    state: TaskState,
    tone: &'static str,
    tags: Vec<Tag>,
    percent: Option<u8>,
    github: Option<String>,
    summary: Vec<Piece>,
    why: Vec<Vec<Piece>>,
    facts: Vec<Fact>,
    clocks: Vec<ClockLine>,
    /// How likely the answer comes too late.
    sla_risk: Option<String>,
    handed: Handed,
    notes: Notes,
    belongs: Belongs,
    timeline: Timeline,
    form: Form,
}

/// What is handed over with the task.
#[derive(Default)]
struct Handed {
    requirements: Vec<String>,
    criteria: Vec<String>,
    deliverables: Vec<String>,
    description: String,
    branch: String,
}

/// What somebody said or handed in.
struct Notes {
    obstacle: Option<Told>,
    approval: Option<Told>,
    submission: Option<Told>,
    /// What the evidence still waits for.
    waits_for: Vec<Piece>,
    /// What would be evidence.
    wanted: Vec<Piece>,
    progress: Vec<Told>,
    discoveries: Vec<Found>,
}

/// What somebody said, when, and what belongs to it.
struct Told {
    who: String,
    when: When,
    text: String,
    more: String,
}

struct Found {
    number: u32,
    told: Told,
    is_accepted: bool,
    may_accept: bool,
}

/// What every form of the page carries, and which there are.
struct Form {
    action: String,
    csrf: String,
    version: i64,
    seen: String,
    /// Changes with what matters of the task, so that a form that is typed into is kept until then.
    stamp: String,
    offered: Offered,
    /// Whether there is anything to ask.
    is_any: bool,
    /// Why there is nothing, where that is not plain.
    note: Option<&'static str>,
}

/// `GET /tasks/OWNER/NAME/NUMBER`
pub(super) async fn page(
    State(door): State<Arc<Door>>,
    looking: Looking,
    Path(path): Path<InTask>,
) -> Result<Html<String>, PageFault> {
    let viewer = &looking.viewer;
    let scene = Scene::find(&door, viewer, &path).await?;
    let (store, now, subject) = (door.doors.store(), door.clock.now(), scene.subject());
    let timers = store.timers(&subject).await?;
    let last = store.last_decision(&subject).await?;
    let offered = scene.offered(now);
    let (summary, explanation) = last.map(|last| (last.summary, last.explanation)).unwrap_or_default();
    let reasons = scene.task().assignment.reasons.iter().chain(&explanation.reasons).cloned();
    let mut why: Vec<String> = reasons.chain(explanation.blockers.iter().map(ToString::to_string)).collect();
    let mut said = std::collections::HashSet::new();
    why.retain(|sentence| said.insert(sentence.clone()));
    let shell = looking.shell(&door, Part::Board, scene.listed.title.clone()).await?;
    let task = scene.task();
    let page = TaskPage {
        item: scene.item().to_string(),
        state: task.state,
        tone: tone(task.state),
        tags: tags(task),
        percent: task.work.percent,
        github: scene.handoff.as_ref().and_then(|handoff| web_address(&handoff.project_context.url)),
        summary: pieces(&summary),
        why: why.iter().map(|sentence| pieces(sentence)).collect(),
        facts: facts::facts(&scene, now),
        clocks: facts::clocks(&scene, &timers, now),
        sla_risk: facts::sla_risk(&door, &scene, now).await?,
        handed: handed(&scene),
        notes: notes(&scene, &offered, now),
        belongs: Belongs::of(&door, viewer, &scene).await?,
        timeline: Timeline::read(&door, &scene, looking.query()).await?,
        form: form(&scene, viewer, offered),
        shell,
    };
    Ok(Html(page.render()?))
}

/// `POST /tasks/OWNER/NAME/NUMBER`: asks something of the task, in the viewer's name.
pub(super) async fn ask(
    State(door): State<Arc<Door>>,
    Path(path): Path<InTask>,
    Sent { viewer, fields }: Sent,
) -> Result<Response, PageFault> {
    let scene = Scene::find(&door, &viewer, &path).await?;
    let Some(authority) = viewer.of_task() else {
        let why = "You only read here: sign in with GitHub, or with a token of the scope admin.";
        return Err(PageFault::Forbidden(why.to_owned()));
    };
    let wish = wish::wish(&fields)?;
    wish::is_current(scene.task(), &fields)?;
    // What may have passed meanwhile is left to the decision, which looks at GitHub again.
    if let Some(blocker) = scene.refusal(&wish::tried(&wish), door.clock.now()).filter(|blocker| !blocker.may_pass()) {
        let why = format!("This was not asked: {blocker}.");
        return Err(if is_about_who(&blocker) { PageFault::Forbidden(why) } else { PageFault::Unfitting(why) });
    }
    let (repository, number) = (scene.repository.repository.id, scene.task().number);
    let request = Request::Task { repository, number, wish, authority, door: AskedBy::Page, answer_to: None };
    super::ask::ask(&door, &request, &scene.path()).await
}

const fn tone(state: TaskState) -> &'static str {
    match state {
        TaskState::Triage | TaskState::WaitingApproval => "waits",
        TaskState::Blocked | TaskState::Failed => "bad",
        TaskState::Done => "ok",
        TaskState::Ready
        | TaskState::Assigned
        | TaskState::InProgress
        | TaskState::Review
        | TaskState::Deferred
        | TaskState::Cancelled => "",
    }
}

fn handed(scene: &Scene) -> Handed {
    let Some(handoff) = &scene.handoff else { return Handed::default() };
    Handed {
        requirements: handoff.task.requirements.clone(),
        criteria: handoff.task.acceptance_criteria.clone(),
        deliverables: handoff.deliverables.clone(),
        description: handoff.task.description.clone(),
        branch: handoff.branch.clone(),
    }
}

fn notes(scene: &Scene, offered: &Offered, now: Timestamp) -> Notes {
    let work = &scene.task().work;
    let told = |who: &str, at: Timestamp, text: &str, more: String| Told {
        who: who.to_owned(),
        when: When::new(at, now),
        text: text.to_owned(),
        more,
    };
    let obstacle = work.obstacle.as_ref().map(|it| {
        let needs = it.needs.as_ref().map(|needs| format!("It takes: {needs}")).unwrap_or_default();
        told(&it.told_by, it.since, &it.text, needs)
    });
    let approval = work.approval.as_ref().map(|it| match &it.given {
        Some((who, at)) => told(who, *at, &it.why, "given".to_owned()),
        None => told("", it.asked, &it.why, String::new()),
    });
    let submission = work.submission.as_ref();
    let discoveries = work.discoveries.iter().rev().map(|found| Found {
        number: found.number,
        told: told(&found.by, found.at, &found.text, found.impact.clone().unwrap_or_default()),
        is_accepted: found.accepted,
        may_accept: offered.discoveries.contains(&found.number),
    });
    let percent = |percent: Option<u8>| percent.map(|percent| format!("{percent} %")).unwrap_or_default();
    Notes {
        obstacle,
        approval,
        submission: submission.map(|it| told(&it.by, it.at, &it.text, String::new())),
        waits_for: submission.and_then(|it| it.waits_for.as_deref()).map(pieces).unwrap_or_default(),
        wanted: pieces(&evidence_wanted(scene).unwrap_or_default()),
        progress: work.progress.iter().rev().map(|it| told(&it.by, it.at, &it.text, percent(it.percent))).collect(),
        discoveries: discoveries.collect(),
    }
}

/// What would be evidence, as long as it is asked for.
fn evidence_wanted(scene: &Scene) -> Option<String> {
    let task = scene.task();
    let kind = scene.policy.as_ref()?.evidence.kind_of(&task.task_type);
    let host = web_host(&scene.handoff.as_ref()?.project_context.url);
    task.state.is_open().then(|| wanted(kind, &scene.repository.repository.name, &host))
}

fn form(scene: &Scene, viewer: &Viewer, offered: Offered) -> Form {
    let seen = wish::token(scene.task());
    let is_any = offered != Offered::default();
    let note = match (viewer.of_task().is_some(), is_any) {
        (_, true) => None,
        (false, false) => Some("You only read here."),
        (true, false) if scene.policy.is_none() => Some(
            "GitHub does not tell the repository’s policy at the moment, so nothing is offered. Load the page again later.",
        ),
        (true, false) => Some("There is nothing that you could ask of it now."),
    };
    Form {
        action: scene.path(),
        csrf: viewer.csrf(),
        version: scene.task().version,
        stamp: super::session::hashed("", &seen).chars().take(8).collect(),
        seen,
        offered,
        is_any,
        note,
    }
}
