//! Effects on an issue: labels, the card, comments, assignees, and opening one.

use super::marker::marked;
use super::{CARD_MARKER, Deed, marker_of, performed};
use crate::github::{Github, GithubError, NewIssue};
use crate::model::{CommentId, Fact, LabelName, LabelSpec, Login, Number, Outcome, Repository};

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

/// Opens an issue. On a second attempt, looks among the newest issues for the one that a lost answer had opened.
pub(super) async fn open(
    github: &Github,
    repository: &Repository,
    deed: &Deed<'_>,
    (title, body): (&str, &str),
) -> Result<Outcome, GithubError> {
    let client = github.installation(repository.installation);
    let marker = marker_of(deed.key);
    // Looked for every time: a server that died in the middle has left no count of its attempt.
    let own = github.own_login().await?;
    let since = deed.first_attempt.plus_ms(-CLOCKS_APART_MS);
    let newest = client.issues_updated_since(&repository.name, since).await?;
    let new = NewIssue { title: title.to_owned(), body: format!("{body}\n\n{marker}"), ..NewIssue::default() };
    let found = newest.into_iter().find(|issue| issue.author.is(&own) && issue.body.contains(&marker));
    let (note, issue) = match found {
        Some(issue) => ("the issue had been opened already", issue),
        None => ("issue opened", client.create_issue(&repository.name, &new).await?),
    };
    Ok(Outcome::Performed {
        note: format!("{note}: {}#{}", repository.name, issue.number),
        learned: Some(Fact::IssueOpened { number: issue.number, url: issue.url }),
    })
}

/// GitHub's clock and ours may differ by so much.
const CLOCKS_APART_MS: i64 = 120_000;

/// Closing what is closed changes nothing.
pub(super) async fn close(github: &Github, (repository, number): Place<'_>) -> Result<Outcome, GithubError> {
    match github.installation(repository.installation).close_issue(&repository.name, number).await {
        Ok(()) => Ok(performed("the issue is closed")),
        Err(GithubError::Gone { .. }) => Ok(performed("the issue was deleted")),
        Err(error) => Err(error),
    }
}
