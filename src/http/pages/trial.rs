//! What the rules would make of an issue that nobody has opened: the same functions as for one that somebody did.

use std::ops::Range;
use std::sync::Arc;

use serde::Deserialize;

use super::fault::PageFault;
use super::listing::field;
use super::said::{Piece, pieces};
use super::viewer::Viewer;
use crate::decide::{self, Assignment, Route};
use crate::http::Door;
use crate::model::{Blocker, LabelName, Level, Login, RepositoryName, RoleName};
use crate::policy::{ClockSettings, Policy, RouteInput};

/// GitHub takes no longer titles.
const TITLE_CHARACTERS: usize = 256;
/// Longer texts do not fit into an address.
const BODY_CHARACTERS: usize = 4_000;
/// More labels GitHub does not take.
const LABELS: usize = 100;
/// Neither labels nor logins are longer.
const NAME_CHARACTERS: usize = 50;
/// So many characters around what matched in the text are shown.
const AROUND: usize = 60;

/// What is tried, as the form has it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Tried {
    pub(super) title: String,
    pub(super) body: String,
    /// Separated by commas.
    pub(super) labels: String,
    pub(super) author: String,
    /// A repository whose own rules count too; the server's alone where it is empty.
    pub(super) repo: String,
}

/// What comes of it.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// Why there is none, or why it is not all that could be said.
    pub(super) notes: Vec<String>,
    pub(super) found: Option<Found>,
}

/// What the rules say.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) winner: Option<Won>,
    pub(super) title: Marked,
    /// What matched in the text, with what stands around it.
    pub(super) body: Option<Marked>,
    pub(super) task_type: String,
    pub(super) role: Option<String>,
    pub(super) priority: &'static str,
    pub(super) risk: Option<&'static str>,
    pub(super) labels: Vec<String>,
    pub(super) worker: Option<String>,
    /// Why this worker, or why none.
    pub(super) reasons: Vec<Vec<Piece>>,
    /// Why not the others.
    pub(super) passed: Vec<Vec<Piece>>,
    pub(super) losers: Vec<Lost>,
}

/// The rule that won.
#[derive(Debug)]
pub(super) struct Won {
    pub(super) rule: String,
    pub(super) pattern: String,
    pub(super) place: String,
    pub(super) number: i64,
}

/// A rule that matched and lost.
#[derive(Debug)]
pub(super) struct Lost {
    pub(super) rule: String,
    pub(super) by: String,
    pub(super) place: String,
}

/// A text with the part of it that matched.
#[derive(Debug)]
pub(super) struct Marked {
    pub(super) before: String,
    pub(super) matched: String,
    pub(super) after: String,
}

/// Asks the rules, and then the roster as it is now; with the policy that was asked.
pub(super) async fn answer(door: &Door, viewer: &Viewer, tried: &Tried) -> Result<(Answer, Arc<Policy>), PageFault> {
    let mut answer = Answer::default();
    let repository = named(viewer, tried)?;
    let policy = policy(door, repository.as_ref(), &mut answer.notes).await?;
    if tried.title.trim().is_empty() {
        return Ok((answer, policy));
    }
    if let Some(fault) = too_long(tried) {
        answer.notes.push(fault);
        return Ok((answer, policy));
    }
    let labels: Vec<LabelName> = names(&tried.labels).map(LabelName::new).collect();
    let author = field(Some(&tried.author)).map(|login| Login::new(login.trim_start_matches('@')));
    let input = RouteInput {
        title: &tried.title,
        body: &tried.body,
        labels: &labels,
        author: author.as_ref(),
        repository: repository.as_ref(),
    };
    let route = decide::route(&policy.routing, &input);
    let assignment = match &route.role {
        Some(role) => Some(assignment(door, &policy, role).await?),
        None => None,
    };
    answer.found = Some(found(tried, &policy, route, assignment));
    Ok((answer, policy))
}

fn named(viewer: &Viewer, tried: &Tried) -> Result<Option<RepositoryName>, PageFault> {
    let Some(name) = field(Some(&tried.repo)) else { return Ok(None) };
    let (owner, name) = name.split_once('/').ok_or(PageFault::NotFound)?;
    Ok(Some(viewer.named(owner, name)?.repository.name.clone()))
}

async fn policy(
    door: &Door,
    repository: Option<&RepositoryName>,
    notes: &mut Vec<String>,
) -> Result<Arc<Policy>, PageFault> {
    let api = door.api.as_ref().ok_or(PageFault::NotFound)?;
    let servers = || Arc::new(Policy::combine(&api.rules(), None));
    let Some(name) = repository else { return Ok(servers()) };
    match (api.policy_of())(name.clone()).await {
        Ok(Some((_, policy))) => {
            if let Some(fault) = &policy.unreadable {
                notes.push(format!("The rules of {name} cannot be read, so those of the server count alone: {fault}"));
            }
            Ok(policy)
        }
        Ok(None) => Err(PageFault::NotFound),
        Err(fault) => {
            tracing::warn!(repository = %name, fault, "rules are tried without those of the repository");
            notes
                .push(format!("GitHub does not tell the rules of {name} now, so those of the server are tried alone."));
            Ok(servers())
        }
    }
}

/// Who of the role would get it now.
async fn assignment(door: &Door, policy: &Policy, role: &RoleName) -> Result<Assignment, PageFault> {
    let store = door.doors.store();
    let ClockSettings { stale_ms, offline_ms, .. } = policy.clocks;
    let roster = store.roster(&policy.workers(), (stale_ms, offline_ms)).await?;
    let roster: Vec<_> = roster.into_iter().map(|(worker, presence, _)| (worker, presence)).collect();
    let loads = store.worker_loads(&roster).await?;
    Ok(decide::choose(policy.strategy(role), role, &loads, door.clock.now()))
}

fn names(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim).filter(|name| !name.is_empty())
}

fn too_long(tried: &Tried) -> Option<String> {
    let characters = |text: &str| text.chars().count();
    if characters(&tried.title) > TITLE_CHARACTERS {
        return Some(format!("A title has at most {TITLE_CHARACTERS} characters."));
    }
    if characters(&tried.body) > BODY_CHARACTERS {
        return Some(format!("Try it with a text of at most {BODY_CHARACTERS} characters."));
    }
    if names(&tried.labels).count() > LABELS || names(&tried.labels).any(|name| characters(name) > NAME_CHARACTERS) {
        return Some(format!("An issue has at most {LABELS} labels of at most {NAME_CHARACTERS} characters each."));
    }
    (characters(&tried.author) > NAME_CHARACTERS).then(|| format!("A login has at most {NAME_CHARACTERS} characters."))
}

fn found(tried: &Tried, policy: &Policy, route: Route, assignment: Option<Assignment>) -> Found {
    let assignment = assignment.unwrap_or_default();
    let (title_span, body_span) =
        route.winner.as_ref().map_or((None, None), |winner| (winner.title_span.clone(), winner.body_span.clone()));
    let number = route.rule_priority;
    Found {
        title: marked(&tried.title, title_span.unwrap_or(0..0)),
        body: body_span.map(|span| around(&tried.body, span)),
        winner: route.winner.map(|winner| Won {
            rule: winner.rule,
            pattern: winner.matched_pattern,
            place: winner.place,
            number,
        }),
        task_type: route.task_type.to_string(),
        role: route.role.as_ref().map(ToString::to_string),
        priority: route.priority.as_str(),
        risk: route.risk.map(Level::as_str),
        labels: route.labels.iter().map(ToString::to_string).collect(),
        worker: assignment.worker.as_ref().map(ToString::to_string),
        reasons: assignment.reasons.iter().map(|reason| pieces(reason)).collect(),
        passed: assignment.blockers.iter().map(|blocker| pieces(&blocker.to_string())).collect(),
        losers: route.losers.iter().filter_map(|blocker| lost(policy, blocker)).collect(),
    }
}

fn lost(policy: &Policy, blocker: &Blocker) -> Option<Lost> {
    // Routing knows no other reason why a rule that matched is not the one.
    let Blocker::Outranked { rule, by, .. } = blocker else { return None };
    let place = policy.routing.rules().iter().find(|known| known.name == *rule).map(|known| known.place());
    Some(Lost { rule: rule.clone(), by: by.clone(), place: place.unwrap_or_default() })
}

fn marked(text: &str, span: Range<usize>) -> Marked {
    let part = |range: Range<usize>| text.get(range).unwrap_or_default().to_owned();
    Marked { before: part(0..span.start), matched: part(span.clone()), after: part(span.end..text.len()) }
}

fn around(text: &str, span: Range<usize>) -> Marked {
    let whole = marked(text, span);
    let skipped = whole.before.chars().count().saturating_sub(AROUND);
    let dots = |is_cut: bool| if is_cut { "…" } else { "" };
    let before = whole.before.chars().skip(skipped).collect::<String>();
    let after = whole.after.chars().take(AROUND).collect::<String>();
    Marked {
        before: format!("{}{before}", dots(skipped > 0)),
        after: format!("{after}{}", dots(after.len() < whole.after.len())),
        matched: whole.matched,
    }
}
