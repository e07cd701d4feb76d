//! Has rules proposed that history suggests: reads titles, policy file and earlier proposals, decides, puts it into force.

use anyhow::Result;
use serde_json::json;

use super::Engine;
use crate::decide::learn::{self, History, Proposal, RulesScene};
use crate::github::GithubError;
use crate::model::{PolicyHome, Repository, RepositoryName, RepositoryReport, RulesRecord, Sha};
use crate::observe::POLICY_PATH;
use crate::policy::{LearnRules, Policy};
use crate::store::{ClaimedSubject, LineChange, LineCommit, MarkedDelivery, Reports, Told};

impl Engine {
    /// The rules that history suggests for a repository now, and what is known of earlier proposals.
    pub async fn proposed_rules(
        &self,
        repository: &Repository,
        policy: &Policy,
    ) -> Result<(Vec<Proposal>, RulesRecord)> {
        let store = &self.app.store;
        let record = store.rules_record(repository.id).await?;
        let titles = store.seen_titles(repository.id).await?;
        let history = History { repository: &repository.name, policy, titles: &titles, declined: &record.declined };
        Ok((learn::propose(&history), record))
    }

    /// Decides whether rules are proposed, if somebody asked, or the policy wants it by itself. `false` where neither is
    /// so, and the look ends otherwise.
    pub(super) async fn decide_rules(
        &self,
        (claimed, seen): (&ClaimedSubject, &[MarkedDelivery]),
        (repository, policy): (&Repository, &Policy),
        summary: &str,
    ) -> Result<bool> {
        let store = &self.app.store;
        let reports: Reports<RepositoryReport> = store.reports(&claimed.subject).await?;
        if reports.list.is_empty() && policy.learn.rules != LearnRules::Pull {
            return Ok(false);
        }
        let (record, titles) = (store.rules_record(repository.id).await?, store.seen_titles(repository.id).await?);
        let (tip, home) = self.policy_home(repository).await?;
        let scene = RulesScene {
            repository,
            policy,
            titles: &titles,
            record: &record,
            reports: &reports.list,
            tip: tip.as_ref(),
            home: &home,
            now: self.app.clock.now(),
        };
        let decision = learn::decide(&scene);
        let saw = json!({ "record": record, "reports": reports.list, "titles": titles.len() }).to_string();
        let whole = format!("{}: {summary}.", claimed.subject);
        let commit = LineCommit {
            claimed,
            seen,
            reports_read: reports.last,
            summary: &whole,
            explanation: &decision.explanation,
            saw: &saw,
            replay: None,
            change: LineChange::Rules { repository: repository.id, record: &decision.record, deeds: &decision.deeds },
            told: Told::default(),
            actions: &decision.actions,
            look_again: decision.look_again,
            notable: !seen.is_empty() || !decision.actions.is_empty() || !reports.list.is_empty(),
        };
        if store.commit_line(commit).await? {
            self.told_of(claimed, whole, decision.explanation, decision.actions);
        }
        Ok(true)
    }

    /// The newest commit of the default branch, and where the policy stands that holds there.
    async fn policy_home(&self, repository: &Repository) -> Result<(Option<Sha>, PolicyHome), GithubError> {
        let client = self.app.hands.github.installation(repository.installation);
        let Some(tip) = client.ref_sha(&repository.name, &repository.default_branch).await? else {
            return Ok((None, PolicyHome::Nowhere));
        };
        if let Some(text) = client.file_at(&repository.name, POLICY_PATH, tip.as_str()).await? {
            return Ok((Some(tip), PolicyHome::Own(text)));
        }
        let shared = RepositoryName::new(repository.name.owner.clone(), ".github");
        let is_shared = client.file(&shared, POLICY_PATH).await?.is_some();
        Ok((Some(tip), if is_shared { PolicyHome::Shared(shared) } else { PolicyHome::Nowhere }))
    }
}
