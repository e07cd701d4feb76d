//! Looks at an environment: observes what is said of its deployment and how the wanted commit stands, decides.

use std::collections::BTreeSet;

use anyhow::{Context, Result};

use super::Engine;
use super::releases::release_branch;
use super::replaying::to_replay;
use crate::decide::{environment, whole};
use crate::github::{GithubError, InstallationClient};
use crate::model::{
    Beside, Check, Deploy, DeployState, EnvironmentDecision, EnvironmentName, EnvironmentRecord, EnvironmentReport,
    EnvironmentSnapshot, Number, OutsideStatus, Repository, RepositoryId, RequiredCheck, RunSeen, Sha, Subject,
    Trigger,
};
use crate::policy::{EnvironmentSettings, Policy};
use crate::store::{ClaimedSubject, LineChange, LineCommit, MarkedDelivery, Reports, Told};

impl Engine {
    /// Decides on an environment.
    pub(super) async fn decide_environment(
        &self,
        claimed: &ClaimedSubject,
        id: RepositoryId,
        name: &EnvironmentName,
    ) -> Result<()> {
        let seen = self.app.store.marked_deliveries(&claimed.subject).await?;
        let Some(repository) = self.reachable(id).await? else {
            return self.rest(claimed, &seen, "the App cannot reach its repository").await;
        };
        let in_force = self.in_force(id).await?;
        let policy = self.policy(&repository, in_force.1.as_deref()).await?;
        if let Some(fault) = &policy.unreadable {
            let why = format!("nothing is deployed while the policy cannot be read: {fault}");
            // Whoever waits for it reads so on the card.
            let waits = self.app.store.environment(id, name).await?.wanted.and_then(|wanted| wanted.version.issue);
            let issues: Vec<Subject> = waits.into_iter().map(|issue| Subject::Issue(id, issue)).collect();
            self.app.store.mark(&issues).await?;
            return self.rest(claimed, &seen, &why).await;
        }
        let reports = self.app.store.reports::<EnvironmentReport>(&claimed.subject).await?;
        let record = self.app.store.environment(id, name).await?;
        let mut snapshot = self.see_environment(&repository, (name, record), (&policy, &reports)).await?;
        let now = self.app.clock.now();
        // Which commit is wanted follows from the reports, so that is asked first, and then its checks are read.
        if let Some(sha) = environment::wanted(&snapshot, whole::environment_policy(&policy, name), now) {
            (snapshot.checks, snapshot.required) = self.state_of(&repository, &sha, &policy).await?;
            snapshot.checked = Some(sha);
        }
        let decision = whole::environment(&snapshot, &policy, now);
        let replay = to_replay(now, &policy, (Beside::Environment, &decision.actions))?;
        if self.commit_environment((claimed, &seen), (&snapshot, reports.last), &decision, &replay).await? {
            self.told_of(claimed, decision.summary, decision.explanation, decision.actions);
            self.look_again_if_changed(&claimed.subject, &in_force).await?;
        }
        Ok(())
    }

    /// The checks of a commit and those that it must have passed.
    async fn state_of(
        &self,
        repository: &Repository,
        sha: &Sha,
        policy: &Policy,
    ) -> Result<(Vec<Check>, Vec<RequiredCheck>)> {
        let client = self.app.hands.github.installation(repository.installation);
        let settings = policy.release.clone().unwrap_or_default();
        let (branch, _) = release_branch(&client, repository, &settings).await?;
        let mut required = self.required(repository, &branch, policy).await?;
        required.extend(settings.checks.iter().map(|name| RequiredCheck::by_policy(name)));
        Ok((self.checks_of(repository, sha).await?, required))
    }

    async fn commit_environment(
        &self,
        (claimed, seen): (&ClaimedSubject, &[MarkedDelivery]),
        (snapshot, reports_read): (&EnvironmentSnapshot, i64),
        decision: &EnvironmentDecision,
        replay: &str,
    ) -> Result<bool> {
        let saw = serde_json::to_string(snapshot).context("a snapshot could not be written down")?;
        let id = snapshot.repository.id;
        let before = self.last_explanation(&snapshot.repository, &snapshot.name).await?;
        let other_blockers = before.blockers != decision.explanation.blockers;
        // What it waits for can change while nothing of the record does.
        let wanted = decision.record.wanted.as_ref().filter(|_| other_blockers);
        let waits = wanted.and_then(|wanted| wanted.version.issue);
        let ended = decision.listed.iter().any(|row| row.ended.is_some());
        let looks: BTreeSet<Number> = decision.tracking.iter().copied().chain(waits).collect();
        let commit = LineCommit {
            claimed,
            seen,
            reports_read,
            summary: &decision.summary,
            explanation: &decision.explanation,
            saw: &saw,
            replay: Some(replay),
            change: LineChange::Environment {
                repository: id,
                name: &snapshot.name,
                record: &decision.record,
                listed: &decision.listed,
            },
            told: Told {
                offers: decision.offers.iter().collect(),
                releases: decision.verified.as_ref().map(|report| (Subject::Releases(id), report)),
                // What has landed during a deployment waits for its end.
                looks: looks
                    .into_iter()
                    .map(|issue| Subject::Issue(id, issue))
                    .chain(ended.then_some(Subject::Releases(id)))
                    .collect(),
            },
            actions: &decision.actions,
            look_again: decision.look_again,
            notable: decision.record != snapshot.record || !decision.actions.is_empty() || !snapshot.reports.is_empty(),
        };
        Ok(self.app.store.commit_line(commit).await?)
    }

    /// The database is read first: what is reported there of GitHub is then no newer than what GitHub shows.
    async fn see_environment(
        &self,
        repository: &Repository,
        (name, record): (&EnvironmentName, EnvironmentRecord),
        (policy, reports): (&Policy, &Reports<EnvironmentReport>),
    ) -> Result<EnvironmentSnapshot> {
        let store = &self.app.store;
        let settings = policy.environment(name);
        let verified_before = match settings.and_then(|settings| settings.after.as_ref()) {
            Some(before) => {
                let before = store.environment(repository.id, before).await?;
                Some(before.verified.into_iter().map(|version| version.sha).collect())
            }
            None => None,
        };
        let github = &self.app.hands.github;
        let (own, own_app) = github.own_app().await?;
        let client = github.installation(repository.installation);
        let (statuses, run) = match &record.current {
            Some(deploy) => {
                let run = run_of(&client, repository, (deploy, settings)).await?;
                (statuses_of(&client, repository, (deploy, own.as_str())).await?, run)
            }
            None => (Vec::new(), None),
        };
        Ok(EnvironmentSnapshot {
            repository: repository.clone(),
            name: name.clone(),
            record,
            reports: reports.list.clone(),
            statuses,
            run,
            checks: Vec::new(),
            checked: None,
            required: Vec::new(),
            own_app,
            verified_before,
            releases: store.releases(repository.id).await?,
        })
    }
}

/// What others than us said of a deployment, oldest first.
async fn statuses_of(
    client: &InstallationClient,
    repository: &Repository,
    (deploy, own): (&Deploy, &str),
) -> Result<Vec<OutsideStatus>, GithubError> {
    let Some(id) = deploy.id else { return Ok(Vec::new()) };
    let statuses = client.deployment_statuses(&repository.name, id).await?;
    let outside = statuses.into_iter().filter(|status| !status.creator.as_str().eq_ignore_ascii_case(own));
    Ok(outside
        .map(|status| OutsideStatus { state: status.state, description: status.description, by: status.creator })
        .collect())
}

/// The workflow run that deploys. A dispatch is not always told which run it started: then they are counted.
async fn run_of(
    client: &InstallationClient,
    repository: &Repository,
    (deploy, settings): (&Deploy, Option<&EnvironmentSettings>),
) -> Result<Option<RunSeen>, GithubError> {
    match (&deploy.state, settings.map(|settings| &settings.trigger)) {
        (DeployState::Running { run: Some(run), .. }, _) => client.workflow_run(&repository.name, *run).await,
        (DeployState::Running { run: None, .. }, Some(Trigger::Workflow { workflow, .. })) => {
            let runs = client.dispatched_runs_since(&repository.name, workflow, deploy.began).await?;
            // Newest first; each attempt has started one.
            let before = usize::try_from(deploy.attempt.saturating_sub(1)).unwrap_or_default();
            Ok(runs.into_iter().rev().nth(before).map(|run| RunSeen {
                id: run.id,
                conclusion: if run.status == "completed" { run.conclusion } else { None },
                url: run.url,
            }))
        }
        (
            DeployState::Running { run: None, .. },
            Some(Trigger::Dispatch { .. } | Trigger::Hook { .. } | Trigger::Command { .. } | Trigger::None) | None,
        )
        | (
            DeployState::Creating
            | DeployState::Triggering
            | DeployState::Retrying { .. }
            | DeployState::Checking { .. }
            | DeployState::Soaking { .. },
            _,
        ) => Ok(None),
    }
}
