//! Looks at a repository's releases: observes the release branch, its checks and tags, decides, puts it into force.

use anyhow::{Context, Result};

use super::Engine;
use super::replaying::to_replay;
use crate::decide::whole;
use crate::decide::{
    self,
    release::{self, ReleasePolicy},
};
use crate::github::{GithubError, InstallationClient};
use crate::model::{
    Ancestry, Beside, BranchName, Candidate, Check, EnvironmentName, ReleaseDecision, ReleaseFiles, ReleaseRange,
    ReleaseReport, ReleaseSnapshot, Repository, RepositoryId, RepositoryName, RequiredCheck, Sha, Subject, Tag,
    TagName,
};
use crate::policy::{Policy, ReleaseSettings};
use crate::store::{ClaimedSubject, LineChange, LineCommit, MarkedDelivery, Told};

/// The release branch where the policy names none and there is one of this name (design §6).
const DEV: &str = "dev";
/// How many versions a candidate is compared with, from the highest down.
const COMPARED: usize = 10;

impl Engine {
    /// Decides on a repository's releases.
    pub(super) async fn decide_releases(&self, claimed: &ClaimedSubject, id: RepositoryId) -> Result<()> {
        let seen = self.app.store.marked_deliveries(&claimed.subject).await?;
        let Some(repository) = self.reachable(id).await? else {
            return self.rest(claimed, &seen, "the App cannot reach its repository").await;
        };
        let in_force = self.in_force(id).await?;
        let policy = self.policy(&repository, in_force.1.as_deref()).await?;
        if let Some(fault) = &policy.unreadable {
            let why = format!("nothing is released while the policy cannot be read: {fault}");
            return self.rest(claimed, &seen, &why).await;
        }
        let Some(settings) = &policy.release else {
            return self.rest(claimed, &seen, "its policy has no [release], so nothing is released").await;
        };
        let reports = self.app.store.reports::<ReleaseReport>(&claimed.subject).await?;
        let snapshot = self.see_releases(&repository, (&policy, settings), reports.list).await?;
        let now = self.app.clock.now();
        let decision = whole::releases(&snapshot, (&policy, settings), now);
        let replay = to_replay(now, &policy, (Beside::Releases, &decision.actions))?;
        if self.commit_releases((claimed, &seen), (&snapshot, reports.last), &decision, &replay).await? {
            self.told_of(claimed, decision.summary, decision.explanation, decision.actions);
            self.look_again_if_changed(&claimed.subject, &in_force).await?;
        }
        Ok(())
    }

    async fn commit_releases(
        &self,
        (claimed, seen): (&ClaimedSubject, &[MarkedDelivery]),
        (snapshot, reports_read): (&ReleaseSnapshot, i64),
        decision: &ReleaseDecision,
        replay: &str,
    ) -> Result<bool> {
        let saw = serde_json::to_string(snapshot).context("a snapshot could not be written down")?;
        let tracked = decision.released.iter().filter_map(|released| released.version.issue);
        let commit = LineCommit {
            claimed,
            seen,
            reports_read,
            summary: &decision.summary,
            explanation: &decision.explanation,
            saw: &saw,
            replay: Some(replay),
            change: LineChange::Releases {
                repository: snapshot.repository.id,
                branch: &snapshot.branch,
                record: &decision.record,
                released: decision.released.as_ref(),
            },
            told: Told {
                offers: decision.offers.iter().collect(),
                releases: None,
                looks: tracked.map(|issue| Subject::Issue(snapshot.repository.id, issue)).collect(),
            },
            actions: &decision.actions,
            look_again: decision.look_again,
            notable: decision.record != snapshot.record || !decision.actions.is_empty() || !snapshot.reports.is_empty(),
        };
        Ok(self.app.store.commit_line(commit).await?)
    }

    /// The database is read first: what is reported there of GitHub is then no newer than what GitHub shows.
    async fn see_releases(
        &self,
        repository: &Repository,
        (policy, settings): (&Policy, &ReleaseSettings),
        reports: Vec<ReleaseReport>,
    ) -> Result<ReleaseSnapshot> {
        let record = self.app.store.release_record(repository.id).await?;
        let github = &self.app.hands.github;
        let client = github.installation(repository.installation);
        let (branch, tip) = release_branch(&client, repository, settings).await?;
        // GitHub tells of no rules for a branch that is not there.
        let required = match &tip {
            Some(_) => self.required(repository, &branch, policy).await?,
            None => Vec::new(),
        };
        let own_app = github.own_app().await?.1;
        let candidates = match &tip {
            Some(tip) => {
                let shas = release::candidates(tip, &record.seen);
                self.candidates(repository, shas, (&required, own_app), whole::release_policy(policy, settings)).await?
            }
            None => Vec::new(),
        };
        let mut snapshot = ReleaseSnapshot {
            repository: repository.clone(),
            branch,
            tip,
            candidates,
            required,
            own_app,
            tags: Vec::new(),
            ancestry: Vec::new(),
            since_last: None,
            range: None,
            deploying: self.deploying_first(repository, policy).await?,
            compared: None,
            tip_since: None,
            files: ReleaseFiles::default(),
            record,
            reports,
        };
        self.see_history(&client, &mut snapshot, (policy, settings)).await?;
        Ok(snapshot)
    }

    /// An environment that comes first and is being deployed to at present, and which version.
    async fn deploying_first(
        &self,
        repository: &Repository,
        policy: &Policy,
    ) -> Result<Option<(EnvironmentName, TagName)>> {
        for settings in policy.environments.iter().filter(|settings| settings.after.is_none()) {
            let record = self.app.store.environment(repository.id, &settings.name).await?;
            if let Some(deploy) = record.current {
                return Ok(Some((settings.name.clone(), deploy.version.tag)));
            }
        }
        Ok(None)
    }

    /// Newest first, as far as the first green one: what is older is not released any more.
    async fn candidates(
        &self,
        repository: &Repository,
        shas: Vec<Sha>,
        (required, own_app): (&[RequiredCheck], i64),
        policy: ReleasePolicy<'_>,
    ) -> Result<Vec<Candidate>> {
        let mut candidates = Vec::with_capacity(shas.len());
        for sha in shas {
            let checks = self.checks_of(repository, &sha).await?;
            candidates.push(Candidate { sha, checks });
            if release::green(&candidates, required, own_app, policy).is_some() {
                break;
            }
        }
        Ok(candidates)
    }

    /// What only matters once a commit may be released: tags, how it lies to them, and what is new in it.
    async fn see_history(
        &self,
        client: &InstallationClient,
        snapshot: &mut ReleaseSnapshot,
        (policy, settings): (&Policy, &ReleaseSettings),
    ) -> Result<()> {
        let of = whole::release_policy(policy, settings);
        let green = release::green(&snapshot.candidates, &snapshot.required, snapshot.own_app, of);
        let Some(sha) = release::target(&snapshot.record, &snapshot.reports, green, of).cloned() else { return Ok(()) };
        let name = snapshot.repository.name.clone();
        let last = snapshot.record.last.as_ref().map(|version| version.sha.clone());
        snapshot.compared = Some(sha.clone());
        snapshot.since_last = match &last {
            Some(last) => Some(lies(client, &name, (last, &sha)).await?),
            None => None,
        };
        snapshot.tip_since = match &snapshot.tip {
            Some(tip) if *tip != sha => Some(lies(client, &name, (&sha, tip)).await?),
            Some(_) | None => None,
        };
        snapshot.tags = client.tags(&name).await?;
        snapshot.ancestry = ancestry(client, snapshot, &sha, of).await?;
        let previous = release::previous(&snapshot.ancestry).map(|tag| tag.sha.clone());
        snapshot.range = Some(match &previous {
            Some(previous) if *previous == sha => ReleaseRange::default(),
            Some(_) | None => client.landed(&name, previous.as_ref(), &sha).await?,
        });
        if let (true, Some(tip)) = (settings.by_pull(), &snapshot.tip) {
            for path in decide::release_pull::wanted_files(settings) {
                let text = client.file_at(&name, &path, tip.as_str()).await?;
                snapshot.files.files.push((path, text));
            }
        }
        Ok(())
    }

    /// Checks that a commit of this branch must have passed, beside those that `[release]` names.
    pub(super) async fn required(
        &self,
        repository: &Repository,
        branch: &BranchName,
        policy: &Policy,
    ) -> Result<Vec<RequiredCheck>, GithubError> {
        let mut required = self.around.protection(&self.app, repository, branch).await?.required_checks;
        required.extend(policy.checks.required.iter().map(|name| RequiredCheck::by_policy(name)));
        Ok(required)
    }

    pub(super) async fn checks_of(&self, repository: &Repository, sha: &Sha) -> Result<Vec<Check>, GithubError> {
        let client = self.app.hands.github.installation(repository.installation);
        let mut checks = client.check_runs(&repository.name, sha).await?;
        checks.extend(client.statuses(&repository.name, sha).await?);
        Ok(checks)
    }
}

/// The branch that is released and where it stands.
pub(super) async fn release_branch(
    client: &InstallationClient,
    repository: &Repository,
    settings: &ReleaseSettings,
) -> Result<(BranchName, Option<Sha>), GithubError> {
    let named = settings.branch.clone();
    let first = named.clone().unwrap_or_else(|| BranchName::new(DEV));
    let tip = client.ref_sha(&repository.name, &first).await?;
    if tip.is_some() || named.is_some() || first == repository.default_branch {
        return Ok((first, tip));
    }
    let tip = client.ref_sha(&repository.name, &repository.default_branch).await?;
    Ok((repository.default_branch.clone(), tip))
}

/// How a commit lies to another. One that GitHub has forgotten is in no branch any more.
async fn lies(
    client: &InstallationClient,
    name: &RepositoryName,
    (base, head): (&Sha, &Sha),
) -> Result<Ancestry, GithubError> {
    if base == head {
        return Ok(Ancestry::Identical);
    }
    match client.ancestry(name, base, head).await {
        Err(GithubError::NotFound { .. }) => Ok(Ancestry::Diverged),
        answer => answer,
    }
}

async fn ancestry(
    client: &InstallationClient,
    snapshot: &ReleaseSnapshot,
    sha: &Sha,
    policy: ReleasePolicy<'_>,
) -> Result<Vec<(Tag, Ancestry)>, GithubError> {
    let mut found = Vec::new();
    for tag in release::stable_versions(&snapshot.tags, policy).into_iter().take(COMPARED) {
        let lies = lies(client, &snapshot.repository.name, (&tag.sha, sha)).await?;
        found.push((tag, lies));
        if matches!(lies, Ancestry::Ahead | Ancestry::Identical) {
            break;
        }
    }
    Ok(found)
}
