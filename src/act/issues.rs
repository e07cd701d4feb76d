//! Effects on an issue: labels, the card, comments, assignees, and opening one.

use super::marker::marked;
use super::{CARD_MARKER, Deed, marker_of, performed};
use crate::github::{Github, GithubError, InstallationClient, NewIssue, SubIssueRefusal};
use crate::model::{CommentId, Fact, Item, LabelName, LabelSpec, Login, Number, Outcome, Repository};

/// The issue that is acted on.
type Place<'a> = (&'a Repository, Number);

/// Adding is the same done twice, and a label that is gone already need not be taken off.
pub(super) async fn set_labels(
    github: &Github,
    (repository, number): Place<'_>,
    (add, remove, projection): (&[LabelSpec], &[LabelName], &[LabelName]),
) -> Result<Outcome, GithubError> {
    let client = github.installation(repository.installation);
    if !add.is_empty() {
        client.ensure_labels(&repository.name, add).await?;
        let names: Vec<LabelName> = add.iter().map(|spec| spec.name.clone()).collect();
        client.add_labels(&repository.name, number, &names).await?;
    }
    for label in remove {
        client.remove_label(&repository.name, number, label).await?;
    }
    Ok(Outcome::Performed {
        note: format!("labels: {}", change_text(add, remove)),
        learned: Some(Fact::LabelsShown { projection: projection.to_vec() }),
    })
}

fn change_text(add: &[LabelSpec], remove: &[LabelName]) -> String {
    let added = add.iter().map(|spec| format!("+{}", spec.name));
    let removed = remove.iter().map(|label| format!("-{label}"));
    added.chain(removed).collect::<Vec<_>>().join(" ")
}

/// Edits the card where there is one. Before creating one, looks whether an answer that was lost had created it.
pub(super) async fn write_card(
    github: &Github,
    (repository, number): Place<'_>,
    (comment, fresh): (Option<CommentId>, bool),
    text: &str,
) -> Result<Outcome, GithubError> {
    let client = github.installation(repository.installation);
    let body = marked(text, CARD_MARKER);
    let mut card = comment;
    if let Some(known) = card {
        match client.edit_comment(&repository.name, known, &body).await {
            Ok(_) => return Ok(card_written(known, "card edited")),
            // Somebody deleted it: there may be another, or there will be.
            Err(GithubError::NotFound { .. }) => card = None,
            Err(error) => return Err(error),
        }
    }
    // Nobody can have created one where nobody has begun to.
    if card.is_none() && !fresh {
        card = find_own_comment(github, (repository, number), CARD_MARKER).await?;
    }
    if let Some(found) = card {
        client.edit_comment(&repository.name, found, &body).await?;
        return Ok(card_written(found, "card found and edited"));
    }
    let created = client.create_comment(&repository.name, number, &body).await?;
    Ok(card_written(created.id, "card created"))
}

fn card_written(comment: CommentId, note: &str) -> Outcome {
    Outcome::Performed { note: note.to_owned(), learned: Some(Fact::CardIs { comment }) }
}

/// Removes a comment; it may be gone already.
pub(super) async fn remove_comment(
    github: &Github,
    repository: &Repository,
    comment: CommentId,
) -> Result<Outcome, GithubError> {
    match github.installation(repository.installation).delete_comment(&repository.name, comment).await {
        Ok(()) => Ok(performed("comment removed")),
        Err(GithubError::NotFound { .. }) => Ok(performed("the comment was gone already")),
        Err(error) => Err(error),
    }
}

/// A new comment, unless it is there already.
pub(super) async fn comment(
    github: &Github,
    place: Place<'_>,
    deed: &Deed<'_>,
    text: &str,
) -> Result<Outcome, GithubError> {
    let marker = marker_of(deed.key);
    if !deed.fresh && find_own_comment(github, place, &marker).await?.is_some() {
        return Ok(performed("the comment was there already"));
    }
    let (repository, number) = place;
    let body = marked(text, &marker);
    github.installation(repository.installation).create_comment(&repository.name, number, &body).await?;
    Ok(performed("commented"))
}

/// Only our own comments count: anybody can copy a marker.
async fn find_own_comment(
    github: &Github,
    (repository, number): Place<'_>,
    marker: &str,
) -> Result<Option<CommentId>, GithubError> {
    let own = github.own_login().await?;
    let comments = github.installation(repository.installation).list_comments(&repository.name, number).await?;
    Ok(comments
        .into_iter()
        .find(|comment| comment.author.is(&own) && comment.body.contains(marker))
        .map(|comment| comment.id))
}

pub(super) async fn assign(
    github: &Github,
    (repository, number): Place<'_>,
    add: &[Login],
    remove: &[Login],
) -> Result<Outcome, GithubError> {
    let client = github.installation(repository.installation);
    if !remove.is_empty() {
        client.remove_assignees(&repository.name, number, remove).await?;
    }
    if add.is_empty() {
        return Ok(performed("nobody is assigned by us any more"));
    }
    let assigned = client.add_assignees(&repository.name, number, add).await?;
    // GitHub leaves out, without a word, whoever cannot be assigned.
    let missing: Vec<&Login> = add.iter().filter(|login| !assigned.iter().any(|shown| shown.is(login))).collect();
    Ok(match missing.as_slice() {
        [] => performed(format!("assigned {}", list(add.iter()))),
        missing => Outcome::Refused {
            reason: format!(
                "GitHub did not assign {}: only people with access to {} can be assigned",
                list(missing.iter().copied()),
                repository.name
            ),
        },
    })
}

fn list<'a>(logins: impl Iterator<Item = &'a Login>) -> String {
    logins.map(Login::as_str).collect::<Vec<_>>().join(", ")
}

/// An issue that is to be opened.
#[derive(Debug, Clone, Copy)]
pub(super) struct Opening<'a> {
    pub(super) title: &'a str,
    pub(super) body: &'a str,
    pub(super) labels: &'a [LabelName],
    pub(super) parent: Option<Number>,
}

/// Has GitHub know that an issue waits for another, unless it does. GitHub refuses a circle, and what is no issue.
pub(super) async fn add_dependency(
    github: &Github,
    (repository, number): Place<'_>,
    on: &Item,
) -> Result<Outcome, GithubError> {
    let client = github.installation(repository.installation);
    let reason = || format!("{on} is no issue that {}#{number} can wait for", repository.name);
    let other = match client.issue_seen(&on.repository, on.number).await {
        Ok(Some(other)) => other,
        Ok(None) | Err(GithubError::NotFound { .. } | GithubError::Gone { .. }) => {
            return Ok(Outcome::Refused { reason: reason() });
        }
        Err(error) => return Err(error),
    };
    let added = client.add_blocked_by(&repository.name, number, other.id).await?;
    Ok(performed(if added { format!("waits for {on}") } else { format!("waited for {on} already") }))
}

/// Opens an issue. On a second attempt, looks among the newest issues for the one that a lost answer had opened.
pub(super) async fn open(
    github: &Github,
    repository: &Repository,
    deed: &Deed<'_>,
    opening: Opening<'_>,
) -> Result<Outcome, GithubError> {
    let client = github.installation(repository.installation);
    let marker = marker_of(deed.key);
    // Looked for every time: a server that died in the middle has left no count of its attempt.
    let own = github.own_login().await?;
    let since = deed.first_attempt.plus_ms(-CLOCKS_APART_MS);
    let newest = client.issues_updated_since(&repository.name, since).await?;
    let Opening { title, body, labels, parent } = opening;
    let new = NewIssue {
        title: title.to_owned(),
        body: format!("{body}\n\n{marker}"),
        labels: labels.to_vec(),
        ..NewIssue::default()
    };
    let found = newest.into_iter().find(|issue| issue.author.is(&own) && issue.body.contains(&marker));
    let (note, issue) = match found {
        Some(issue) => ("the issue had been opened already", issue),
        None => ("issue opened", client.create_issue(&repository.name, &new).await?),
    };
    let place = format!("{}#{}", repository.name, issue.number);
    let note = match parent {
        Some(parent) => format!("{note}: {place}, {}", make_part(&client, repository, (issue.number, parent)).await?),
        None => format!("{note}: {place}"),
    };
    Ok(Outcome::Performed { note, learned: Some(Fact::IssueOpened { number: issue.number, url: issue.url }) })
}

/// Makes an issue part of another, unless it is, and says how that went: without it the issue is still there.
async fn make_part(
    client: &InstallationClient,
    repository: &Repository,
    (number, parent): (Number, Number),
) -> Result<String, GithubError> {
    let seen = match client.issue_seen(&repository.name, number).await {
        Ok(Some(seen)) => seen,
        Ok(None) | Err(GithubError::NotFound { .. } | GithubError::Gone { .. }) => {
            return Ok(format!("which went away before it was part of #{parent}"));
        }
        Err(error) => return Err(error),
    };
    let ending = format!("/{}/issues/{parent}", repository.name).to_ascii_lowercase();
    if seen.parent_url.is_some_and(|url| url.to_ascii_lowercase().ends_with(&ending)) {
        return Ok(format!("part of #{parent}"));
    }
    Ok(match client.add_sub_issue(&repository.name, parent, seen.id).await? {
        Ok(()) => format!("part of #{parent}"),
        Err(SubIssueRefusal(why)) => format!("but not part of #{parent}: {why}"),
    })
}

/// GitHub's clock and ours may differ by so much.
const CLOCKS_APART_MS: i64 = 120_000;

/// Closing what is closed changes nothing.
pub(super) async fn close(
    github: &Github,
    (repository, number): Place<'_>,
    not_planned: bool,
) -> Result<Outcome, GithubError> {
    let (reason, note) = if not_planned {
        ("not_planned", "the issue is closed as not planned")
    } else {
        ("completed", "the issue is closed")
    };
    match github.installation(repository.installation).close_issue(&repository.name, number, reason).await {
        Ok(()) => Ok(performed(note)),
        Err(GithubError::Gone { .. }) => Ok(performed("the issue was deleted")),
        Err(error) => Err(error),
    }
}
