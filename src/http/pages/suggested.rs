//! Rules that history suggests, on the page of the rules: with their evidence, and a button that has them proposed.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;

use super::access::SeenRepository;
use super::fault::PageFault;
use super::form::Sent;
use super::href::with_query;
use super::said::{Piece, pieces};
use super::viewer::Viewer;
use super::{ask, pages};
use crate::decide::learn::{History, Proposal, Told, may_ask, propose, rule_toml};
use crate::http::Door;
use crate::model::{Door as AskedBy, RepositoryName, Request};
use crate::policy::{LearnRules, Policy};

/// Of more repositories nothing is shown until one is chosen: each takes a look at all of its titles.
const REPOSITORIES_MAX: usize = 8;
/// So many titles stand below a rule.
const TITLES_MAX: usize = 10;

/// What is suggested for one repository.
pub(super) struct Suggested {
    pub(super) repository: String,
    /// Where the button leads.
    pub(super) action: String,
    /// The pull request that proposes rules, by its page and its name.
    pub(super) pull: Option<(String, String)>,
    /// Why the last one was not written.
    pub(super) refused: Option<String>,
    /// How many rules people have turned down.
    pub(super) declined: usize,
    pub(super) rules: Vec<SuggestedRule>,
    pub(super) may_ask: bool,
}

/// One rule.
pub(super) struct SuggestedRule {
    pub(super) name: String,
    pub(super) reason: Vec<Piece>,
    pub(super) toml: String,
    pub(super) support: Vec<TitleLine>,
    pub(super) disagree: Vec<TitleLine>,
    pub(super) waiting: Vec<TitleLine>,
}

/// A title that was seen.
pub(super) struct TitleLine {
    pub(super) href: String,
    pub(super) number: String,
    pub(super) title: String,
    pub(super) task_type: String,
}

/// What is suggested for the repository that is chosen, or for all that the viewer may read where these are few. What
/// the policy switches off is left out.
pub(super) async fn suggested(door: &Door, viewer: &Viewer, chosen: &str) -> Result<Vec<Suggested>, PageFault> {
    let all = viewer.repositories();
    let is_chosen = |seen: &&SeenRepository| seen.repository.name.to_string().eq_ignore_ascii_case(chosen);
    let wanted: Vec<&SeenRepository> = match chosen {
        "" if all.len() > REPOSITORIES_MAX => Vec::new(),
        "" => all.iter().collect(),
        _ => all.iter().filter(is_chosen).collect(),
    };
    let mut found = Vec::new();
    for seen in wanted {
        let Some(policy) = pages(door)?.policies.fresh(door, &seen.repository).await else { continue };
        if policy.learn.rules == LearnRules::Off {
            continue;
        }
        let suggested = of_repository(door, (viewer, seen), &policy).await?;
        if !suggested.rules.is_empty() || suggested.pull.is_some() || suggested.declined > 0 {
            found.push(suggested);
        }
    }
    Ok(found)
}

async fn of_repository(
    door: &Door,
    (viewer, seen): (&Viewer, &SeenRepository),
    policy: &Arc<Policy>,
) -> Result<Suggested, PageFault> {
    let (store, id, name) = (door.doors.store(), seen.repository.id, seen.repository.name.clone());
    let (record, titles) = (store.rules_record(id).await?, store.seen_titles(id).await?);
    let (policy, declined, of) = (Arc::clone(policy), record.declined.clone(), name.clone());
    let proposals = tokio::task::spawn_blocking(move || {
        propose(&History { repository: &of, policy: &policy, titles: &titles, declined: &declined })
    });
    let proposals = proposals.await.map_err(|_| PageFault::Internal)?;
    let pull = record.pull.as_ref().and_then(|pull| pull.number);
    let may_ask = viewer.of_environment(id).is_some_and(|authority| may_ask(&authority).is_ok());
    Ok(Suggested {
        repository: name.to_string(),
        action: format!("/rules/{name}/propose"),
        pull: pull.map(|number| (format!("/pulls/{name}/{number}"), format!("{name}#{number}"))),
        refused: record.pull.and_then(|pull| pull.refused),
        declined: record.declined.len(),
        rules: proposals.iter().map(|proposal| rule(&name, proposal)).collect(),
        may_ask,
    })
}

fn rule(name: &RepositoryName, proposal: &Proposal) -> SuggestedRule {
    let line = |told: &Told| TitleLine {
        href: format!("/tasks/{name}/{}", told.number),
        number: format!("#{}", told.number),
        title: told.title.clone(),
        task_type: told.task_type.to_string(),
    };
    let lines = |titles: &[Told]| titles.iter().take(TITLES_MAX).map(line).collect();
    SuggestedRule {
        name: proposal.name.clone(),
        reason: pieces(&format!("Because {}.", proposal.reason())),
        toml: rule_toml(proposal),
        support: lines(&proposal.support),
        disagree: lines(&proposal.disagree),
        waiting: lines(&proposal.waiting),
    }
}

/// `POST /rules/OWNER/NAME/propose`: has the rules proposed by a pull request.
pub(super) async fn have_proposed(
    State(door): State<Arc<Door>>,
    Path((owner, name)): Path<(String, String)>,
    Sent { viewer, .. }: Sent,
) -> Result<Response, PageFault> {
    let seen = viewer.named(&owner, &name)?;
    let authority = viewer.of_environment(seen.repository.id);
    let authority = authority.ok_or_else(|| PageFault::Forbidden("You read here, and ask nothing.".to_owned()))?;
    may_ask(&authority).map_err(|lacks| PageFault::Forbidden(format!("Nothing was asked: {lacks}.")))?;
    let request = Request::ProposeRules { repository: seen.repository.id, authority, door: AskedBy::Page };
    let to = with_query("/rules", &[("repo", &seen.repository.name.to_string())]);
    ask::ask(&door, &request, &to).await
}
