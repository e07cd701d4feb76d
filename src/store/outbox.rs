//! The outbox: every effect on the world is a row here first, performed once and in the order of its lane.

use std::fmt;
use std::str::FromStr;
use std::time::Instant;

use sqlx::AssertSqlSafe;

use super::database::Tx;
use super::durable::Durable as _;
use super::pace::pace_of;
use super::{Bell, Store, StoreError};
use crate::model::{Action, Fact, IdError, Outcome, Planned, Subject, Timestamp, Urgency5};

/// How far an action has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OutboxState {
    /// Waits for its time or its place.
    Pending,
    /// A server is performing it.
    Running,
    /// Performed.
    Done,
    /// Given up; the reason is stored and it can be replayed.
    Dead,
    /// A newer action took its place before it began.
    Superseded,
}

impl OutboxState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Pending, Self::Running, Self::Done, Self::Dead, Self::Superseded];

    /// The word that is stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Done => "done",
            Self::Dead => "dead",
            Self::Superseded => "superseded",
        }
    }
}

impl fmt::Display for OutboxState {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl FromStr for OutboxState {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        Self::ALL.into_iter().find(|state| state.as_str() == text).ok_or_else(|| IdError {
            text: text.to_owned(),
            expected: "one of pending, running, done, dead, superseded",
        })
    }
}

/// An action that this server performs now.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// Its place in the order of queueing.
    pub id: i64,
    /// Its unique key.
    pub key: String,
    /// The subject it belongs to.
    pub subject: Subject,
    /// The effect.
    pub action: Action,
    /// Failed attempts before this one.
    pub attempts: i64,
    /// When the first attempt began; equal to the present for the first one.
    pub first_attempt: Timestamp,
    /// The claim's number.
    pub fence: i64,
    /// Nobody has begun this action before, nor any other in its slot.
    pub fresh: bool,
    /// When it was about to be claimed, by a clock that nobody sets.
    pub since: Instant,
}

/// What this server cannot read is looked at again after so long, if no other has taken it by then.
const LEFT_TO_OTHERS_MS: i64 = 2_000;

type AttemptRow = (i64, String, String, String, i64, Option<i64>, i64, i64);

/// The lane keeps order where order can be seen: in one issue, on one topic, at one hook.
fn lane(subject: &Subject, action: &Action) -> String {
    match action {
        Action::SetLabels { .. }
        | Action::WriteCard { .. }
        | Action::RemoveComment { .. }
        | Action::Comment { .. }
        | Action::React { .. }
        | Action::Retest { .. }
        | Action::Assign { .. }
        | Action::PublishCheck { .. }
        | Action::AmendCheck { .. }
        | Action::SubmitReview { .. }
        | Action::Merge(_)
        | Action::DeleteBranch { .. }
        | Action::DispatchWorkflow { .. }
        | Action::Release(_)
        | Action::WriteReleasePull(_)
        | Action::ProposeRules(_)
        | Action::CloseIssue { .. }
        | Action::AddDependency { .. }
        | Action::CreateDeployment(_)
        | Action::SetDeploymentStatus { .. }
        | Action::RetireDeployments { .. } => format!("github:{subject}"),
        // A deploy target may take long, and what is said on GitHub meanwhile does not wait for it.
        Action::TriggerDeploy(_) => format!("deploy:{subject}"),
        Action::ProbeHealth(_) => format!("probe:{subject}"),
        // Opened issues wait for nobody: each has a lane of its own.
        Action::OpenIssue { title, .. } => format!("github:{subject}:open:{title}"),
        // A comment that waits for its pace must not keep a batch from being built, so these have a lane of their own.
        Action::BuildStaging { .. } | Action::LandStaging { .. } => format!("staging:{subject}"),
        // One after the other: GitHub's own door bears no crowd.
        Action::Redeliver { .. } => "github:hook deliveries".to_owned(),
        Action::CallHook { url, .. } => format!("hook:{url}"),
        Action::Publish { topic, .. } => format!("ntfy:{}", topic.as_deref().unwrap_or("machines")),
        Action::Notify(message) => {
            let topic = message.topic.as_deref().unwrap_or("people");
            // What waits for midnight, because the day's messages are used up, must not hold up what has another way.
            let urgent = if message.priority == Urgency5::Max { ":urgent" } else { "" };
            format!("ntfy:{topic}{urgent}")
        }
        // A channel that does not answer holds up nothing but itself.
        Action::NotifyChannel { channel, .. } => format!("channel:{channel}"),
        // Nobody waits for what decides nothing.
        Action::AskModel(_) => format!("model:{subject}"),
    }
}

impl Store {
    /// Queues an action, and a message for people once more for each channel beside ntfy that wants it.
    pub(super) async fn queue(
        &self,
        transaction: &mut Tx,
        subject: &Subject,
        planned: &Planned,
    ) -> Result<(), StoreError> {
        self.queue_one(transaction, subject, planned).await?;
        for also in self.over_channels(transaction, subject, planned).await? {
            self.queue_one(transaction, subject, &also).await?;
        }
        Ok(())
    }

    async fn queue_one(&self, transaction: &mut Tx, subject: &Subject, planned: &Planned) -> Result<(), StoreError> {
        let now = self.clock.now().ms();
        if let Some(slot) = &planned.slot {
            self.make_way(transaction, (subject, slot), planned).await?;
        }
        let lane = lane(subject, &planned.action);
        let payload = serde_json::to_string(&planned.action).map_err(StoreError::corrupt)?;
        // While the head of the lane waits, the row need not be looked at sooner than it.
        sqlx::query(
            "INSERT INTO outbox (id, key, subject, lane, slot, kind, pace, payload, created_ms, due_ms) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, \
               COALESCE((SELECT MAX(due_ms) FROM outbox WHERE lane = $4 AND state = 'pending'), $9)) \
             ON CONFLICT (key) DO NOTHING",
        )
        .bind(self.next_id())
        .bind(planned.key.as_str())
        .bind(subject.to_string())
        .bind(lane)
        .bind(planned.slot.as_deref())
        .bind(planned.action.kind())
        .bind(pace_of(&planned.action))
        .bind(payload)
        .bind(now)
        .execute(&mut **transaction)
        .await?;
        Ok(())
    }

    /// Takes back what waits in a slot: a later decision no longer wants it. With `begun`, also what has begun before
    /// and waits to be tried again.
    pub(super) async fn withdraw(
        &self,
        transaction: &mut Tx,
        (subject, slot): (&Subject, &str),
        begun: bool,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE outbox SET state = 'superseded', finished_ms = $1, note = 'taken back by a later decision' \
             WHERE subject = $2 AND slot = $3 AND state = 'pending' AND attempts <= $4",
        )
        .bind(self.clock.now().ms())
        .bind(subject.to_string())
        .bind(slot)
        .bind(if begun { i64::MAX } else { 0 })
        .execute(&mut **transaction)
        .await?;
        Ok(())
    }

    /// A newer action takes the place of what waits in its slot. Planned once more it takes no place: its row is there,
    /// and would make way for one that its key keeps out.
    async fn make_way(
        &self,
        transaction: &mut Tx,
        (subject, slot): (&Subject, &str),
        planned: &Planned,
    ) -> Result<(), StoreError> {
        sqlx::query(AssertSqlSafe(format!(
            "UPDATE outbox {} SET state = 'superseded', finished_ms = $1, note = $2 \
             WHERE subject = $3 AND slot = $4 AND state = 'pending' AND key <> $5",
            self.database.indexed_by("outbox_by_subject")
        )))
        .bind(self.clock.now().ms())
        .bind(format!("replaced by {}", planned.key))
        .bind(subject.to_string())
        .bind(slot)
        .bind(planned.key.as_str())
        .execute(&mut **transaction)
        .await?;
        Ok(())
    }

    /// Queues an action that follows from no decision, such as word of a broken rule file.
    pub async fn queue_alone(&self, subject: &Subject, planned: &Planned) -> Result<(), StoreError> {
        let mut transaction = self.database.begin().await?;
        self.queue(&mut transaction, subject, planned).await?;
        transaction.commit().durably("queue_alone").await?;
        self.database.ring(Bell::Outbox);
        Ok(())
    }

    /// Claims the head of a lane that is due; `None` when there is none. Where the installation has created as
    /// much as GitHub allows, the action is put off instead and the next one is tried.
    pub async fn claim_action(&self, owner: &str, lease_ms: i64) -> Result<Option<Attempt>, StoreError> {
        loop {
            let now = self.clock.now().ms();
            let pending = format!("outbox {}", self.database.indexed_by("outbox_pending"));
            if !self.any_due(&pending, "state = 'pending' AND due_ms <= $1", now).await? {
                return Ok(None);
            }
            let since = Instant::now();
            let Some(row) = self.claim_row(owner, now, lease_ms).await? else { return Ok(None) };
            let (id, key, subject, payload, attempts, first_attempt_ms, fence, begun_before) = row;
            let (Ok(action), Ok(subject)) = (serde_json::from_str::<Action>(&payload), subject.parse::<Subject>())
            else {
                self.leave_to_others(id, fence).await?;
                continue;
            };
            let attempt = Attempt {
                id,
                key,
                subject,
                attempts,
                first_attempt: Timestamp(first_attempt_ms.unwrap_or(now)),
                fence,
                fresh: fence == 1 && begun_before == 0,
                since,
                action,
            };
            let Some(until) = self.pace_until(&attempt, now).await? else { return Ok(Some(attempt)) };
            let reason = "paced: GitHub allows about 80 new comments and issues a minute and 500 an hour".to_owned();
            self.finish_action(&attempt, &Outcome::Later { until, reason }, until).await?;
            if let Some(pace) = pace_of(&attempt.action) {
                self.spread(&pace, until).await?;
            }
        }
    }

    async fn claim_row(&self, owner: &str, now: i64, lease_ms: i64) -> Result<Option<AttemptRow>, StoreError> {
        let claimed = sqlx::query_as(AssertSqlSafe(format!(
            "UPDATE outbox SET state = 'running', lease_owner = $1, lease_until_ms = $2, fence = fence + 1, \
               first_attempt_ms = COALESCE(first_attempt_ms, $3) \
             WHERE state = 'pending' AND id = (SELECT o.id FROM outbox o {} \
               WHERE o.state = 'pending' AND o.due_ms <= $3 \
               AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.lane = o.lane AND e.state IN ('pending', 'running') \
                               AND e.id < o.id) \
               ORDER BY o.due_ms, o.id LIMIT 1 {}) \
             RETURNING id, key, subject, payload, attempts, first_attempt_ms, fence, \
               (SELECT COUNT(*) FROM outbox b WHERE b.subject = outbox.subject AND b.slot = outbox.slot \
                AND b.id < outbox.id AND b.fence > 0)",
            self.database.indexed_by("outbox_pending"),
            self.database.skip_locked()
        )))
        .bind(owner)
        .bind(now + lease_ms)
        .bind(now)
        .fetch_optional(self.database.writer())
        .durably("claim_row")
        .await;
        match claimed {
            // Another server took the lane between the subselect and the update: the index refused, as it should.
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Ok(None),
            other => Ok(other?),
        }
    }

    /// Puts back what a newer server has decided and this one cannot read, so that it neither stands still for a whole
    /// lease nor keeps this server from what it can read.
    async fn leave_to_others(&self, id: i64, fence: i64) -> Result<(), StoreError> {
        tracing::warn!(action = id, "an action of a newer server cannot be read by this version; it is left to others");
        sqlx::query(
            "UPDATE outbox SET state = 'pending', due_ms = $1, note = $2, lease_owner = NULL, lease_until_ms = 0 \
             WHERE id = $3 AND fence = $4 AND state = 'running'",
        )
        .bind(self.clock.now().plus_ms(LEFT_TO_OTHERS_MS).ms())
        .bind("a server of an older version could not read it")
        .bind(id)
        .bind(fence)
        .execute(self.database.writer())
        .durably("leave_to_others")
        .await?;
        Ok(())
    }

    /// Records what came of an attempt; `retry_at` is when a failed one is tried again. What was learned is
    /// remembered in the same transaction. `false` when somebody else holds the action by now.
    pub async fn finish_action(
        &self,
        attempt: &Attempt,
        outcome: &Outcome,
        retry_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.database.begin().await?;
        let (state, note, learned, counted) = match outcome {
            Outcome::Performed { note, learned } => (OutboxState::Done, note, learned.as_ref(), 0),
            Outcome::Later { reason, .. } => (OutboxState::Pending, reason, None, 0),
            Outcome::Failed { reason } => (OutboxState::Pending, reason, None, 1),
            Outcome::Refused { reason } => (OutboxState::Dead, reason, None, 1),
        };
        let finished_ms = (state != OutboxState::Pending).then(|| self.clock.now().ms());
        let fact = learned.map(serde_json::to_string).transpose().map_err(StoreError::corrupt)?;
        let changed = sqlx::query(
            "UPDATE outbox SET state = $1, note = $2, learned = $3, attempts = attempts + $4, finished_ms = $5, \
               due_ms = $6, lease_owner = NULL, lease_until_ms = 0 \
             WHERE id = $7 AND fence = $8 AND state = 'running'",
        )
        .bind(state.as_str())
        .bind(note.as_str())
        .bind(fact)
        .bind(i64::from(counted))
        .bind(finished_ms)
        .bind(retry_at.ms())
        .bind(attempt.id)
        .bind(attempt.fence)
        .execute(&mut *transaction)
        .await?
        .rows_affected();
        if changed == 0 {
            transaction.rollback().await?;
            return Ok(false);
        }
        if state == OutboxState::Pending {
            self.hold_lane(&mut transaction, (&lane(&attempt.subject, &attempt.action), attempt.id), retry_at).await?;
        }
        if let Some(fact) = learned {
            self.remember(&mut transaction, attempt, fact).await?;
        }
        transaction.commit().durably("finish_action").await?;
        self.database.ring(Bell::Outbox);
        if matches!(
            learned,
            Some(
                Fact::Staging { .. }
                    | Fact::Release { .. }
                    | Fact::Environment { .. }
                    | Fact::Repository { .. }
                    | Fact::Advised { .. }
            )
        ) {
            self.database.ring(Bell::Subjects);
        }
        Ok(true)
    }

    /// An action waits until then, and what stands behind it in its lane is not looked at before it.
    pub(super) async fn hold_lane(
        &self,
        transaction: &mut Tx,
        (lane, head): (&str, i64),
        until: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query("UPDATE outbox SET due_ms = $1 WHERE lane = $2 AND state = 'pending' AND id >= $3 AND due_ms < $1")
            .bind(until.ms())
            .bind(lane)
            .bind(head)
            .execute(&mut **transaction)
            .await?;
        Ok(())
    }

    async fn remember(&self, transaction: &mut Tx, attempt: &Attempt, fact: &Fact) -> Result<(), StoreError> {
        let subject = &attempt.subject;
        match fact {
            Fact::CardIs { comment } => self.set_card(transaction, subject, *comment).await,
            Fact::LabelsShown { projection } => self.settle_labels(transaction, subject, projection).await,
            Fact::IssueOpened { number, .. } => self.note_tracking(transaction, attempt, *number).await,
            Fact::Merged { .. } => {
                self.set_merged(transaction, subject).await?;
                if let Action::Merge(order) = &attempt.action {
                    for planned in &order.afterwards {
                        self.queue(transaction, subject, planned).await?;
                    }
                }
                Ok(())
            }
            Fact::MergeRefused(refusal) => self.set_refusal(transaction, subject, refusal).await,
            Fact::Staging { batch, report } => self.keep_report(transaction, subject, (*batch, report)).await,
            Fact::Release { report } => self.report(transaction, subject, report).await,
            Fact::Repository { report } => self.report(transaction, subject, report).await,
            Fact::Environment { report } => self.report(transaction, subject, report).await,
            Fact::Advised { about, advice } => self.keep_advice(transaction, subject, (about, advice)).await,
        }
    }

    /// Hands actions back whose server has not been heard of since its lease ended. Its attempt counts: it may have
    /// got as far as doing it, so whoever performs the action next looks first.
    pub async fn free_expired_actions(&self) -> Result<u64, StoreError> {
        let freed = sqlx::query(
            "UPDATE outbox SET state = 'pending', attempts = attempts + 1, lease_owner = NULL, lease_until_ms = 0 \
             WHERE state = 'running' AND lease_until_ms <= $1",
        )
        .bind(self.clock.now().ms())
        .execute(self.database.writer())
        .durably("free_expired_actions")
        .await?
        .rows_affected();
        if freed > 0 {
            self.database.ring(Bell::Outbox);
        }
        Ok(freed)
    }
}
