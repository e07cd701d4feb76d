//! Looks at pull requests: observes, reviews a new head once, obeys commands, decides, and puts the decision into force.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::{Context, Result};

use super::Engine;
use super::replaying::to_replay;
use super::tasks::cards_among;
use crate::decide;
use crate::decide::pull::{PullScene, ShownReview};
use crate::decide::{Gate, PullCommands, whole};
use crate::github::ObservedPull;
use crate::model::{
    Advice, Beside, BranchProtection, CommentId, CommentSeen, Decision, Dependency, HeadReview, InstallationId, Login,
    Number, PullBeside, PullReport, PullSnapshot, PullState, QueueEnd, QueuePlace, Repository, RepositoryId,
    RepositoryName, Subject, Timestamp,
};
use crate::observe;
use crate::policy::Policy;
use crate::receive;
use crate::store::{ClaimedSubject, Committed, DecisionRecord, KnownRepository, MarkedDelivery, Reports};

/// All that a look at a pull request brings to light.
#[derive(Debug)]
pub struct PullLook {
    /// What a decision may see.
    pub snapshot: PullSnapshot,
    /// By what it is made.
    pub policy: Arc<Policy>,
    /// Our review as it is shown; `None` while there is none.
    pub review: Option<ShownReview>,
    /// The report of the tests, in Markdown.
    pub tests: Option<String>,
    /// Its comments, and its own text, with the commands in them.
    pub comments: Vec<CommentSeen>,
    /// Those of its comments that look like a card, with their authors.
    pub cards: Vec<(CommentId, Login)>,
    /// When we first heard of its repository.
    pub known_since: Timestamp,
    /// What was asked of it by other doors, and is not read yet.
    pub reports: Reports<PullReport>,
    /// Its place in the queue, if it is in one.
    pub place: Option<QueuePlace>,
    /// How its time in the queue ended, if that is news.
    pub queue_end: Option<QueueEnd>,
    /// What a model said of its head, if one was asked.
    pub advice: Option<Advice>,
}

impl PullLook {
    fn beside(&self) -> Beside {
        Beside::Pull(Box::new(PullBeside {
            comments: self.comments.clone(),
            cards: self.cards.clone(),
            tests: self.tests.clone(),
            known_since: self.known_since,
            reports: self.reports.list.clone(),
            place: self.place.clone(),
            advice: self.advice.clone(),
        }))
    }

    fn scene(&self) -> PullScene<'_> {
        PullScene {
            snapshot: &self.snapshot,
            policy: &self.policy,
            review: self.review.as_ref(),
            tests: self.tests.as_deref(),
            comments: &self.comments,
            known_since: self.known_since,
            reports: &self.reports.list,
            place: self.place.as_ref(),
        }
    }

    /// Everything that stands between it and its merge.
    #[must_use]
    pub fn gate(&self, now: Timestamp) -> Gate {
        decide::gate(&self.snapshot, &self.policy, now)
    }

    /// The same in plain sentences.
    #[must_use]
    pub fn explain(&self, now: Timestamp) -> String {
        decide::explain_pull(&self.snapshot, &self.gate(now))
    }
}

impl Engine {
    pub(super) async fn decide_pull(&self, claimed: &ClaimedSubject, id: RepositoryId, number: Number) -> Result<()> {
        let seen = self.app.store.marked_deliveries(&claimed.subject).await?;
        let Some(known) = self.app.store.repository(id).await? else {
            return self.rest(claimed, &seen, "the App cannot reach its repository").await;
        };
        let in_force = self.in_force(id).await?;
        let Some(look) = self.look_at_pull(&known, number, claimed.decisions + 1).await? else {
            return self.pull_is_gone(claimed, &seen, number).await;
        };
        let mut look = look;
        // Something happened since GitHub refused: it may have been what was missing.
        if !seen.is_empty()
            && let Some(record) = &mut look.snapshot.record
        {
            record.refused = None;
        }
        let now = self.app.clock.now();
        let mut decision = whole::pull(&look.scene(), (&look.cards, look.advice.as_ref()), now);
        decision.queue_end.clone_from(&look.queue_end);
        let replay = to_replay(now, &look.policy, (look.beside(), &decision.actions))?;
        if self.commit_pull((claimed, &seen), &look, &decision, &replay).await? == Committed::Done {
            self.told(claimed, decision);
            self.look_again_if_changed(&claimed.subject, &in_force).await?;
        }
        Ok(())
    }

    async fn pull_is_gone(&self, claimed: &ClaimedSubject, seen: &[MarkedDelivery], number: Number) -> Result<()> {
        let repository = claimed.subject.repository();
        // Its repository may have another name by now, or be gone; then nothing was seen of the pull itself.
        let Some(repository) = self.reachable(repository).await? else {
            return self.rest(claimed, seen, "the App cannot reach its repository").await;
        };
        let Some(record) = self.app.store.pull(repository.id, number).await? else {
            return self.rest(claimed, seen, "it is gone from GitHub").await;
        };
        let known = self.known(&repository);
        if self.observe_pull(&known, number, None).await?.is_some() {
            anyhow::bail!("its repository was renamed while it was looked at");
        }
        let decision = decide::pull::gone(record);
        let record = DecisionRecord {
            claimed,
            seen,
            decision: &decision,
            reports_read: i64::MAX,
            title: "",
            saw: "null",
            replay: None,
            places: &[],
            route: None,
            notable: true,
        };
        if self.app.store.commit_decision(record).await? == Committed::Done {
            self.told(claimed, decision);
        }
        Ok(())
    }

    fn known(&self, repository: &Repository) -> KnownRepository {
        let now = self.app.clock.now();
        KnownRepository {
            id: repository.id,
            name: repository.name.clone(),
            installation: repository.installation,
            swept: now,
            known_since: now,
        }
    }

    async fn commit_pull(
        &self,
        (claimed, seen): (&ClaimedSubject, &[MarkedDelivery]),
        look: &PullLook,
        decision: &Decision,
        replay: &str,
    ) -> Result<Committed> {
        let snapshot = &look.snapshot;
        let saw = serde_json::to_string(snapshot).context("a snapshot could not be written down")?;
        let changed = decision.pull.as_ref().map(|pull| &pull.record) != snapshot.record.as_ref();
        let record = DecisionRecord {
            claimed,
            seen,
            decision,
            reports_read: look.reports.last,
            title: &snapshot.pull.title,
            saw: &saw,
            replay: Some(replay),
            places: &[],
            route: None,
            notable: changed || !decision.actions.is_empty(),
        };
        Ok(self.app.store.commit_decision(record).await?)
    }

    /// Looks at a pull request, reviewing its head if nobody has. `None` when GitHub does not show it.
    pub async fn look_at_pull(
        &self,
        known: &KnownRepository,
        number: Number,
        decision: i64,
    ) -> Result<Option<PullLook>> {
        let mut record = self.app.store.pull(known.id, number).await?;
        let reports = self.app.store.reports(&Subject::Pull(known.id, number)).await?;
        let queue_end = self.app.store.queue_end(known.id, number).await?;
        if let (Some(record), Some(end)) = (&mut record, &queue_end) {
            match &end.put_out {
                Some(why) => record.put_out = Some((end.head.clone(), why.clone())),
                None => record.landed = Some(end.head.clone()),
            }
        }
        let head_branch = record.as_ref().map(|record| &record.head_branch);
        let Some(observed) = self.observe_pull(known, number, head_branch).await? else { return Ok(None) };
        let (comments, cards) = (commented(&observed), cards_among(&observed.comments));
        let repository = observed.place(known.installation);
        let (_, applied) = self.in_force(known.id).await?;
        let policy = self.policy(&repository, applied.as_deref()).await?;
        let mut look = PullLook {
            snapshot: PullSnapshot {
                pull: observed.pull,
                repository,
                decision,
                checks: observed.checks,
                reviews: observed.reviews,
                dependents: observed.dependents,
                protection: BranchProtection::default(),
                permissions: BTreeMap::new(),
                review: None,
                dependencies: Vec::new(),
                freezes: Vec::new(),
                own: self.app.hands.github.own_app().await?,
                record,
            },
            policy,
            review: None,
            tests: None,
            comments,
            cards,
            known_since: known.known_since,
            reports,
            place: self.app.store.queue_place(known.id, number).await?.map(|(_, place)| place),
            queue_end,
            advice: None,
        };
        if look.policy.advice.asks_about_pulls() {
            let subject = Subject::Pull(known.id, number);
            look.advice = self.app.store.advice(&subject, look.snapshot.pull.head.as_str()).await?;
        }
        self.look_around(&mut look).await?;
        Ok(Some(look))
    }

    /// What a decision needs beside the pull itself; of a pull that is not open only what commands need.
    async fn look_around(&self, look: &mut PullLook) -> Result<()> {
        let snapshot = &mut look.snapshot;
        let mut people = BTreeSet::new();
        if snapshot.pull.state == PullState::Open {
            snapshot.protection = self.around.protection(&self.app, &snapshot.repository, &snapshot.pull.base).await?;
            people = people_of(snapshot);
            snapshot.dependencies = self.dependencies(snapshot).await?;
        }
        let commands =
            PullCommands { snapshot, comments: &look.comments, known_since: look.known_since, bots: &[], foreign: &[] };
        people.extend(decide::command_askers(&commands));
        people.extend(decide::asking(&look.reports.list));
        let people: Vec<Login> = people.into_iter().collect();
        snapshot.permissions = self.around.permissions(&self.app, (&snapshot.repository, &people), 0).await?;
        if snapshot.pull.state == PullState::Open {
            let (made, shown) = self.reviewed(&look.snapshot, &look.policy).await?;
            look.snapshot.review = Some(made);
            look.review = Some(shown);
            look.tests = self.tests(&look.snapshot, &look.policy).await?;
        } else if look.snapshot.pull.state == PullState::Merged {
            // What was found before it landed, by whatever rules held then: the card tells of it.
            let pull = &look.snapshot.pull;
            let place = (look.snapshot.repository.id, pull.number);
            look.snapshot.review = self.app.store.newest_review(place, &pull.head).await?;
        }
        Ok(())
    }

    async fn observe_pull(
        &self,
        known: &KnownRepository,
        number: Number,
        head_branch: Option<&crate::model::BranchName>,
    ) -> Result<Option<ObservedPull>> {
        let github = &self.app.hands.github;
        Ok(observe::pull(github, known.installation, (known.id, &known.name), (number, head_branch)).await?)
    }

    async fn dependencies(&self, snapshot: &PullSnapshot) -> Result<Vec<Dependency>> {
        let home = &snapshot.repository;
        let mut found = Vec::new();
        for (repository, number) in decide::depends_on(&snapshot.pull.body, &home.name).found {
            found.push(self.dependency(home.installation, repository, number).await?);
        }
        Ok(found)
    }

    /// A dependency that cannot be looked at is not met: nothing is merged on the strength of an error.
    pub(super) async fn dependency(
        &self,
        installation: InstallationId,
        repository: RepositoryName,
        number: Number,
    ) -> Result<Dependency> {
        let state = observe::dependency(&self.app.hands.github, installation, &repository, number).await?;
        let (met, state) = match state {
            Some(state) => state,
            None => (false, "not to be found".to_owned()),
        };
        Ok(Dependency { repository, number, met, state })
    }

    /// Our review of the head, made now if it is not made yet, and as it is shown.
    async fn reviewed(&self, snapshot: &PullSnapshot, policy: &Policy) -> Result<(HeadReview, ShownReview)> {
        let rules = self.reviewing.rules(&self.app, &snapshot.repository, policy).await?;
        let (id, number) = (snapshot.repository.id, snapshot.pull.number);
        let kept = self.app.store.head_review((id, number), &snapshot.pull.head, rules.fingerprint()).await?;
        let review = if let Some(review) = kept {
            review
        } else {
            let (mut review, edited) = super::reviewing::review(&self.app, snapshot, policy, &rules).await?;
            if let Some(text) = edited {
                review.backtest = Box::pin(self.backtest_of_edit(&snapshot.repository, policy, &text)).await;
            }
            self.app.store.save_head_review((id, number), &review).await?;
            review
        };
        let shown = decide::show_review(&review);
        Ok((review, shown))
    }
}

/// Everybody whose word counts: the author and whoever reviewed.
fn people_of(snapshot: &PullSnapshot) -> BTreeSet<Login> {
    let reviewers = snapshot.reviews.iter().map(|review| review.author.clone());
    let own = &snapshot.own.0;
    reviewers.chain([snapshot.pull.author.clone()]).filter(|login| !login.is(own)).collect()
}

/// The pull's own text and its comments, with the commands in them.
fn commented(observed: &ObservedPull) -> Vec<CommentSeen> {
    let body = CommentSeen::of_body(&observed.pull, receive::parse_commands(&observed.pull.body));
    let comments = observed.comments.iter().map(|comment| CommentSeen {
        id: comment.id,
        author: comment.author.clone(),
        author_kind: comment.author_kind,
        editor: comment.editor.clone(),
        created: comment.created,
        edited: comment.edited,
        commands: receive::parse_commands(&comment.body),
    });
    std::iter::once(body).chain(comments).collect()
}
