//! Makes stored decisions again and compares: by night those of the last day, and whenever somebody asks.
//!
//! It reads the audit and the policies that are in force, and hands both to [`crate::decide::replay`]. Nothing is
//! performed, and nothing is stored but the line that says what came of it.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio_util::sync::CancellationToken;

use super::Engine;
use super::policies::combined;
use crate::decide::replay::{self, Replayed, Tally};
use crate::model::{
    Beside, Planned, Repository, RepositoryId, RepositoryName, StoredDecision, Subject, Timestamp, Urgency5,
};
use crate::observe;
use crate::policy::{Faults, Policy, RepositoryPolicy, RuleFile, Rules};
use crate::store::AuditEntry;

/// How often the night is looked for.
const LOOK: Duration = Duration::from_secs(30);
/// So many decisions are read at once: each holds all that it saw.
const PAGE: i64 = 50;
/// So many decisions are made again in one night.
const NIGHTLY_MOST: u64 = 10_000;
/// What a night looks back on.
const DAY_MS: i64 = 86_400_000;
/// A server that dies over it leaves the night to another after so long.
const TURN_MS: i64 = 6 * 3_600_000;
/// The turn, and the fact that remembers the last night.
const NIGHT: &str = "self-check";

/// Which decisions are made again.
#[derive(Debug, Clone, Copy)]
pub struct ReplaySpan {
    /// Those that were stored since then.
    pub from: Timestamp,
    /// At most so many, of the newest.
    pub most: u64,
}

/// Rules and a repository's policy that take the place of those in force.
#[derive(Debug, Clone, Default)]
pub struct GivenPolicy {
    /// The server's rules.
    pub rules: Option<Arc<Rules>>,
    /// The text of the repository's own file.
    pub own: Option<String>,
}

/// Policies by repository, or why one is not to be had.
type Known = BTreeMap<RepositoryId, Result<Arc<Policy>, String>>;

impl Engine {
    pub(super) async fn check_itself_until(self: Arc<Self>, stop: CancellationToken) {
        while !stop.is_cancelled() {
            tokio::select! {
                () = stop.cancelled() => return,
                checked = self.check_itself() => match checked {
                    Ok(_) => self.app.troubles.passed(NIGHT),
                    Err(error) => self.store_failed(NIGHT, &error),
                },
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    /// Makes the decisions of the last day again where a night is due, no server has done so, and it is not switched
    /// off. The first night after the set-up is only taken note of. Returns what came of it.
    pub async fn check_itself(&self) -> Result<Option<Tally>> {
        let (store, now) = (&self.app.store, self.app.clock.now());
        let rules = self.app.rules.current();
        if !self.app.config.replay_nightly {
            return Ok(None);
        }
        let Some(night) = replay::due(&rules.roster.clocks, now) else { return Ok(None) };
        let day = night.day.to_string();
        let before = store.fact(NIGHT).await?;
        if before.as_ref() == Some(&day) || !store.take_turn(NIGHT, TURN_MS).await? {
            return Ok(None);
        }
        if before.is_none() {
            store.remember_fact(NIGHT, &day).await?;
            return Ok(None);
        }
        // Another server may have ended it between the two looks.
        if store.fact(NIGHT).await?.as_ref() == Some(&day) {
            return Ok(None);
        }
        let span = ReplaySpan { from: now.plus_ms(-DAY_MS), most: NIGHTLY_MOST };
        let tally = match self.replay_since(span, &GivenPolicy::default()).await {
            Ok(tally) => tally,
            Err(error) => {
                store.give_turn_back(NIGHT).await?;
                return Err(error);
            }
        };
        self.tell_of_night(&day, &tally).await?;
        store.remember_fact(NIGHT, &day).await?;
        Ok(Some(tally))
    }

    async fn tell_of_night(&self, day: &str, tally: &Tally) -> Result<()> {
        for (result, count) in tally.by_word() {
            self.app.metrics.replayed(result, count);
        }
        let summary = tally.sentence();
        tracing::info!("{summary}");
        let explanation = serde_json::to_string(&tally.explanation()).context("an explanation cannot be written")?;
        let entry = AuditEntry {
            actor: "stationmaster",
            kind: NIGHT,
            summary: &summary,
            explanation: Some(explanation),
            ..AuditEntry::default()
        };
        self.app.store.audit(&entry).await?;
        if let Some(words) = replay::read_difference(tally) {
            self.tell_team(format!("{NIGHT}/{day}"), words, (None, Urgency5::Low, "mag")).await?;
        }
        Ok(())
    }

    /// Makes all decisions of a span again, by the policies in force or by those that are given.
    pub async fn replay_since(&self, span: ReplaySpan, given: &GivenPolicy) -> Result<Tally> {
        let names = self.names_of_repositories().await?;
        let (mut tally, mut known, mut before) = (Tally::default(), Known::new(), None);
        loop {
            let page = self.app.store.decisions_since(span.from, before, PAGE).await?;
            let Some(last) = page.last().map(|stored| stored.id) else { return Ok(tally) };
            before = Some(last);
            let page: Vec<StoredDecision> = page.into_iter().filter(replay::has_snapshot).collect();
            for (stored, replayed) in self.replay_page(page, &mut known, given).await? {
                if tally.total() >= span.most {
                    tally.cut = true;
                    return Ok(tally);
                }
                let about = called(&stored.subject, &names);
                tally.count(&stored, about, replayed);
            }
        }
    }

    /// Makes these decisions again. Deciding takes no breath, so it is done beside whatever else the server does.
    pub async fn replay_these(
        &self,
        decisions: Vec<StoredDecision>,
        given: &GivenPolicy,
    ) -> Result<Vec<(StoredDecision, Replayed)>> {
        self.replay_page(decisions, &mut Known::new(), given).await
    }

    async fn replay_page(
        &self,
        page: Vec<StoredDecision>,
        known: &mut Known,
        given: &GivenPolicy,
    ) -> Result<Vec<(StoredDecision, Replayed)>> {
        let wanted: BTreeSet<RepositoryId> = page.iter().map(|stored| stored.subject.repository()).collect();
        for id in wanted {
            if let Entry::Vacant(place) = known.entry(id) {
                let policy = self.policy_with(id, given).await;
                place.insert(policy.map_err(|error| format!("its policy is not to be had: {error:#}")));
            }
        }
        let policies = known.clone();
        let made = move || {
            let again = |stored: &StoredDecision| match policies.get(&stored.subject.repository()) {
                Some(Ok(policy)) => replay::replay(stored, policy),
                Some(Err(because)) => replay::without_policy(because),
                None => replay::without_policy("its policy is not to be had"),
            };
            let both = |stored: StoredDecision| {
                let made = again(&stored);
                (stored, made)
            };
            page.into_iter().map(both).collect()
        };
        Ok(tokio::task::spawn_blocking(made).await?)
    }

    /// The policy in force, or the given one. Unlike for a decision, nothing is marked where it has changed.
    pub async fn policy_with(&self, id: RepositoryId, given: &GivenPolicy) -> Result<Arc<Policy>> {
        let known = self.app.store.repository(id).await?.context("the App does not reach its repository any more")?;
        let rules = || given.rules.clone().unwrap_or_else(|| self.app.rules.current());
        if let Some(text) = &given.own {
            return Ok(Arc::new(combined(&self.app, &rules(), Some((&file_in_force(&known.name), text)))));
        }
        let found = observe::repository(&self.app.hands.github, known.installation, id).await?;
        let repository: Repository = found.context("the App does not reach its repository any more")?;
        if given.rules.is_none() {
            return self.policies.of(&self.app, &repository).await;
        }
        let found = observe::policy(&self.app.hands.github, &repository).await?;
        let own = found.as_ref().map(|found| (found.file.as_str(), found.text.as_str()));
        Ok(Arc::new(combined(&self.app, &rules(), own)))
    }

    async fn names_of_repositories(&self) -> Result<BTreeMap<RepositoryId, RepositoryName>> {
        let known = self.app.store.repositories().await?;
        Ok(known.into_iter().map(|known| (known.id, known.name)).collect())
    }
}

/// What is stored with a decision so that it can be made again, as JSON.
pub(super) fn to_replay(now: Timestamp, policy: &Policy, made: (Beside, &[Planned])) -> Result<String> {
    serde_json::to_string(&replay::kept(now, policy, made))
        .context("what a decision was made of cannot be written down")
}

impl GivenPolicy {
    /// The rules and the file, once both are without faults.
    ///
    /// # Errors
    /// The faults of the repository's file.
    pub fn new(rules: Option<Rules>, own: Option<RuleFile>) -> Result<Self, Faults> {
        if let Some(file) = &own {
            RepositoryPolicy::parse(&file.text, &file.name)?;
        }
        Ok(Self { rules: rules.map(Arc::new), own: own.map(|file| file.text) })
    }
}

/// The name by which a policy in force is known: the same text then has the same fingerprint.
pub(super) fn file_in_force(name: &RepositoryName) -> String {
    format!("{name}:{}", observe::POLICY_PATH)
}

/// A subject as people call it.
fn called(subject: &Subject, names: &BTreeMap<RepositoryId, RepositoryName>) -> String {
    let Some(name) = names.get(&subject.repository()) else { return subject.to_string() };
    match subject {
        Subject::Issue(_, number) | Subject::Pull(_, number) => format!("{name}#{number}"),
        Subject::Branch(_, branch) => format!("{name}:{branch}"),
        Subject::Environment(_, environment) => format!("{name}@{environment}"),
        Subject::Repository(_) | Subject::Releases(_) => name.to_string(),
    }
}
