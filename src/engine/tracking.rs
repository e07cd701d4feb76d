//! Looks at the issue on which a release is followed: reads what people ask there, and shows how far the release is.

use std::collections::BTreeMap;

use anyhow::{Context, Result};

use super::Engine;
use super::replaying::to_replay;
use crate::decide::tracking;
use crate::decide::whole::tracking_scene;
use crate::model::{
    Beside, EnvironmentName, Explanation, Released, Repository, Subject, TrackingDecision, TrackingSnapshot,
};
use crate::observe::{self, ObservedIssue};
use crate::policy::Policy;
use crate::store::{ClaimedSubject, LineChange, LineCommit, MarkedDelivery, Told};

/// Deployments of a repository among which those of the release are looked for.
const DEPLOYMENTS: i64 = 100;

impl Engine {
    /// Decides on the issue on which a release is followed.
    pub(super) async fn decide_tracking(
        &self,
        claimed: &ClaimedSubject,
        seen: &[MarkedDelivery],
        (repository, policy, release): (Repository, &Policy, Released),
    ) -> Result<()> {
        let Some(number) = release.version.issue else {
            return self.rest(claimed, seen, "no issue follows this release").await;
        };
        let known_since = self
            .app
            .store
            .repository(repository.id)
            .await?
            .map_or_else(|| self.app.clock.now(), |known| known.known_since);
        let Some(observed) = observe::issue(&self.app.hands.github, repository, number).await? else {
            return self.rest(claimed, seen, "it is gone from GitHub").await;
        };
        let mut snapshot = self.see_tracking(observed, release, claimed.decisions + 1).await?;
        let askers: Vec<_> = tracking::askers(&tracking_scene(&snapshot, policy, known_since)).into_iter().collect();
        snapshot.permissions =
            self.around.permissions(&self.app, (&snapshot.repository, &askers), claimed.attempts).await?;
        let now = self.app.clock.now();
        let decision = tracking::decide(&tracking_scene(&snapshot, policy, known_since), now);
        let replay = to_replay(now, policy, (Beside::Tracking { known_since }, &decision.actions))?;
        if self.commit_tracking((claimed, seen), &snapshot, &decision, &replay).await? {
            self.told_of(claimed, decision.summary, decision.explanation, decision.actions);
        }
        Ok(())
    }

    async fn see_tracking(
        &self,
        observed: ObservedIssue,
        release: Released,
        decision: i64,
    ) -> Result<TrackingSnapshot> {
        let store = &self.app.store;
        let ObservedIssue { repository, issue, comments, .. } = observed;
        let environments = store.environments(repository.id).await?;
        let mut explanations = BTreeMap::new();
        for name in environments.keys() {
            explanations.insert(name.clone(), self.last_explanation(&repository, name).await?);
        }
        let mut rows = store.deployments(repository.id, None, DEPLOYMENTS).await?;
        rows.retain(|(_, row)| row.tag == release.version.tag);
        let tag = release.version.tag.clone();
        Ok(TrackingSnapshot {
            decision,
            comments: comments.iter().map(super::tasks::heard).collect(),
            permissions: BTreeMap::new(),
            own: self.app.hands.github.own_app().await?,
            record: store.tracking(repository.id, (issue.number, tag)).await?,
            release,
            releases: store.releases(repository.id).await?,
            environments,
            rows,
            explanations,
            repository,
            issue,
        })
    }

    /// Why an environment was last decided on as it was.
    pub(super) async fn last_explanation(
        &self,
        repository: &Repository,
        name: &EnvironmentName,
    ) -> Result<Explanation> {
        let subject = Subject::Environment(repository.id, name.clone());
        let last = self.app.store.last_decision(&subject).await?;
        Ok(last.map(|last| last.explanation).unwrap_or_default())
    }

    async fn commit_tracking(
        &self,
        (claimed, seen): (&ClaimedSubject, &[MarkedDelivery]),
        snapshot: &TrackingSnapshot,
        decision: &TrackingDecision,
        replay: &str,
    ) -> Result<bool> {
        let saw = serde_json::to_string(snapshot).context("a snapshot could not be written down")?;
        let commit = LineCommit {
            claimed,
            seen,
            reports_read: 0,
            summary: &decision.summary,
            explanation: &decision.explanation,
            saw: &saw,
            replay: Some(replay),
            change: LineChange::Tracking { repository: snapshot.repository.id, record: &decision.record },
            told: Told { offers: decision.asks.iter().collect(), ..Told::default() },
            actions: &decision.actions,
            look_again: decision.look_again,
            notable: decision.record != snapshot.record || !decision.actions.is_empty(),
        };
        Ok(self.app.store.commit_line(commit).await?)
    }
}
