//! Effects that show our review of a head: the check run with its annotations, and the review itself.

use super::{Deed, performed};
use crate::github::{Github, GithubError, InstallationClient, NewCheckRun, NewReview, ReviewEvent};
use crate::model::{
    Annotation, CheckOrigin, CheckReport, CheckRunId, CheckState, Number, Outcome, Repository, ReviewState, Sha,
};

/// Publishes a check run. GitHub takes so many annotations at once, so the run is open until its last page is there,
/// and one that an earlier attempt began is continued where it ended.
pub(super) async fn publish_check(
    github: &Github,
    repository: &Repository,
    deed: &Deed<'_>,
    (head, report): (&Sha, &CheckReport),
) -> Result<Outcome, GithubError> {
    let client = github.installation(repository.installation);
    let begun = if deed.fresh {
        None
    } else {
        begun_run(&client, repository, (head, &report.name), github.own_app().await?.1).await?
    };
    let (mut run, sent) = match begun {
        Some((_, CheckState::Completed(_))) => return Ok(performed("the check run was there already")),
        Some((run, CheckState::Queued | CheckState::Running)) => {
            (Some(run), client.annotations(&repository.name, run).await?.len())
        }
        None => (None, 0),
    };
    let annotations: Vec<&Annotation> = report.pages.iter().flatten().skip(sent).collect();
    let pages: Vec<Vec<Annotation>> =
        annotations.chunks(PAGE).map(|page| page.iter().copied().cloned().collect()).collect();
    let last = pages.len().saturating_sub(1);
    // Without a remark there still is a verdict to be published.
    for (position, page) in pages.into_iter().chain(annotations.is_empty().then(Vec::new)).enumerate() {
        let state = if position >= last { CheckState::Completed(report.conclusion) } else { CheckState::Running };
        let new = NewCheckRun {
            head: head.clone(),
            name: report.name.clone(),
            state,
            title: report.title.clone(),
            summary: report.summary.clone(),
            annotations: page,
            external_id: Some(deed.key.to_owned()),
            details_url: None,
        };
        match run {
            Some(run) => client.update_check_run(&repository.name, run, &new).await?,
            None => run = Some(client.create_check_run(&repository.name, &new).await?),
        }
    }
    Ok(performed(format!("check run `{}`: {}", report.name, report.conclusion)))
}

/// What GitHub takes in one request (<https://docs.github.com/en/rest/checks/runs#create-a-check-run>).
const PAGE: usize = 50;

/// The newest run of ours under this name.
async fn begun_run(
    client: &InstallationClient,
    repository: &Repository,
    (head, name): (&Sha, &str),
    own: i64,
) -> Result<Option<(CheckRunId, CheckState)>, GithubError> {
    let runs = client.check_runs(&repository.name, head).await?;
    let ours = runs
        .into_iter()
        .filter(|check| check.name == name && matches!(&check.origin, CheckOrigin::App { id, .. } if *id == own));
    Ok(ours.filter_map(|check| Some((check.run?, check.state))).max_by_key(|(run, _)| *run))
}

/// Writes the text of our check run anew; where there is none, there is nothing to write to.
pub(super) async fn amend_check(
    github: &Github,
    repository: &Repository,
    (head, report): (&Sha, &CheckReport),
) -> Result<Outcome, GithubError> {
    let client = github.installation(repository.installation);
    let Some((run, state)) = begun_run(&client, repository, (head, &report.name), github.own_app().await?.1).await?
    else {
        return Ok(performed(format!("there is no check run `{}` to write to", report.name)));
    };
    let CheckState::Completed(conclusion) = state else {
        return Ok(Outcome::Failed { reason: format!("the check run `{}` is not complete yet", report.name) });
    };
    let new = NewCheckRun {
        head: head.clone(),
        name: report.name.clone(),
        state: CheckState::Completed(conclusion),
        title: report.title.clone(),
        summary: report.summary.clone(),
        annotations: Vec::new(),
        external_id: None,
        details_url: None,
    };
    client.update_check_run(&repository.name, run, &new).await?;
    Ok(performed(format!("the text of check run `{}` was written anew", report.name)))
}

/// Submits a review, unless ours of this head says the same already.
pub(super) async fn submit(
    github: &Github,
    (repository, number): (&Repository, Number),
    deed: &Deed<'_>,
    (head, approve, text): (&Sha, bool, &str),
) -> Result<Outcome, GithubError> {
    let client = github.installation(repository.installation);
    let (event, state) = if approve {
        (ReviewEvent::Approve, ReviewState::Approved)
    } else {
        (ReviewEvent::RequestChanges, ReviewState::ChangesRequested)
    };
    if !deed.fresh {
        let own = github.own_login().await?;
        let reviews = client.reviews(&repository.name, number).await?;
        let ours = reviews.iter().rev().find(|review| review.author.is(&own));
        if ours.is_some_and(|review| review.state == state && review.commit.as_ref() == Some(head)) {
            return Ok(performed("the review was there already"));
        }
    }
    let review = NewReview { commit: head.clone(), event, body: text.to_owned() };
    client.create_review(&repository.name, number, &review).await?;
    Ok(performed(if approve { "approved" } else { "changes requested" }))
}
