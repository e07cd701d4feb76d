//! Taking in: what a batch of deliveries means is written in one transaction of few statements.

use std::collections::BTreeMap;

use sqlx::AssertSqlSafe;

use super::RepositoryUpdate;
use super::database::Tx;
use super::durable::Durable as _;
use super::inbox::{IntakeItem, IntakeResult, KnownBy, NewRow, item};
use super::many::{PLACES, TOGETHER, named, places};
use super::{Bell, Store, StoreError};
use crate::model::{DeliveryState, Subject};

/// A row of `marks`.
struct Mark {
    subject: String,
    delivery_id: i64,
    guid: String,
    event: String,
}

/// What the deliveries of one batch come to.
#[derive(Default)]
struct Batch {
    /// The state and its reason, and which deliveries get it.
    states: BTreeMap<(&'static str, Option<String>), Vec<String>>,
    marks: Vec<Mark>,
    /// By their names, which is the order in which all who write subjects take them.
    subjects: BTreeMap<String, Subject>,
    /// What was noted of repositories, since anything but a place where the App is installed.
    noted: Vec<RepositoryUpdate>,
    /// What was looked up already: nothing in a batch changes it.
    known: Vec<(KnownBy, Vec<Subject>)>,
    acts: bool,
}

impl Store {
    /// Takes up to `limit` new deliveries in the order of arrival, has each understood by `understand`, and writes
    /// all that follows in one transaction. Returns how many there were.
    ///
    /// One server at a time does this. Two that understood what came one after the other at the same time would now and
    /// then have the later of two commands decided on first.
    ///
    /// `understand` runs inside the transaction and must not wait for anything.
    pub async fn intake(
        &self,
        limit: i64,
        understand: impl Fn(&IntakeItem) -> IntakeResult + Send,
    ) -> Result<usize, StoreError> {
        if !self.has_new().await? {
            return Ok(0);
        }
        let mut transaction = self.database.begin().await?;
        let rows: Vec<NewRow> = sqlx::query_as(AssertSqlSafe(format!(
            "SELECT guid, id, source, event, received_ms, body FROM deliveries WHERE state = 'new' \
             ORDER BY id LIMIT $1 {}",
            self.database.one_by_one()
        )))
        .bind(limit)
        .fetch_all(&mut *transaction)
        .await?;
        let count = rows.len();
        let mut batch = Batch::default();
        for row in rows {
            let (guid, id) = (row.0.clone(), row.1);
            let result = match item(row) {
                Ok(item) => understand(&item),
                Err(error) => IntakeResult::at_rest(DeliveryState::Dead, error.to_string()),
            };
            self.gather(&mut transaction, &mut batch, (guid, id, result)).await?;
        }
        self.write_states(&mut transaction, &batch.states).await?;
        self.write_marks(&mut transaction, &batch.marks).await?;
        // Once for all deliveries, and in the order of their names, as decisions take their rows too.
        let subjects: Vec<Subject> = batch.subjects.into_values().collect();
        self.mark_together(&mut transaction, &subjects, self.clock.now()).await?;
        transaction.commit().durably("intake").await?;
        self.database.ring(Bell::Subjects);
        if batch.acts {
            self.database.ring(Bell::Outbox);
        }
        Ok(count)
    }

    async fn has_new(&self) -> Result<bool, StoreError> {
        let row: Option<i64> = sqlx::query_scalar("SELECT id FROM deliveries WHERE state = 'new' ORDER BY id LIMIT 1")
            .fetch_optional(self.database.reader())
            .await?;
        Ok(row.is_some())
    }

    /// Adds what one delivery came to. What is rare is written at once, the rest with that of the others.
    async fn gather(
        &self,
        transaction: &mut Tx,
        batch: &mut Batch,
        (guid, id, mut result): (String, i64, IntakeResult),
    ) -> Result<(), StoreError> {
        self.resolve(transaction, batch, &mut result).await?;
        for update in &result.repositories {
            if batch.noted.contains(update) {
                continue;
            }
            self.note_repository(transaction, update).await?;
            if !matches!(update, RepositoryUpdate::Seen(..)) {
                batch.noted.clear();
            }
            batch.noted.push(update.clone());
        }
        for (subject, planned) in &result.actions {
            self.queue(transaction, subject, planned).await?;
            batch.acts = true;
        }
        for (subject, report) in &result.reports {
            self.report(transaction, subject, report).await?;
        }
        let mark = |subject: &Subject| Mark {
            subject: subject.to_string(),
            delivery_id: id,
            guid: guid.clone(),
            event: result.event.clone(),
        };
        batch.marks.extend(result.subjects.iter().map(mark));
        batch.subjects.extend(result.subjects.into_iter().map(|subject| (subject.to_string(), subject)));
        batch.states.entry((result.state.as_str(), result.note)).or_default().push(guid);
        Ok(())
    }

    /// Adds the subjects that only the store knows. A delivery that then names none comes to rest.
    async fn resolve(
        &self,
        transaction: &mut Tx,
        batch: &mut Batch,
        result: &mut IntakeResult,
    ) -> Result<(), StoreError> {
        for known in &result.known_by {
            if let Some((_, subjects)) = batch.known.iter().find(|(looked_up, _)| looked_up == known) {
                result.subjects.extend(subjects.iter().cloned());
                continue;
            }
            let subjects = match known {
                KnownBy::Head(repository, head) => self.pulls_of_head(transaction, *repository, head).await?,
                KnownBy::Base(repository, base) => self.pulls_looking_at(transaction, *repository, base).await?,
                KnownBy::ReleaseBranch(repository, branch) => {
                    self.releases_of_branch(transaction, *repository, branch).await?
                }
                KnownBy::Candidate(repository, sha) => self.candidates(transaction, *repository, sha).await?,
                KnownBy::Deploying(repository) => self.deploying(transaction, *repository).await?,
            };
            result.subjects.extend(subjects.iter().cloned());
            batch.known.push((known.clone(), subjects));
        }
        result.subjects.sort();
        result.subjects.dedup();
        if result.state == DeliveryState::Marked && result.subjects.is_empty() {
            result.state = DeliveryState::Ignored;
            result.note = Some("it names nothing that is under management".to_owned());
        }
        Ok(())
    }

    async fn write_states(
        &self,
        transaction: &mut Tx,
        states: &BTreeMap<(&'static str, Option<String>), Vec<String>>,
    ) -> Result<(), StoreError> {
        let sql = format!("UPDATE deliveries SET state = $17, note = $18 WHERE guid IN ({PLACES})");
        for ((state, note), guids) in states {
            let guids: Vec<&str> = guids.iter().map(String::as_str).collect();
            for some in guids.chunks(TOGETHER) {
                let update = named(sqlx::query(AssertSqlSafe(sql.as_str())), some).bind(*state).bind(note.clone());
                update.execute(&mut **transaction).await?;
            }
        }
        Ok(())
    }

    async fn write_marks(&self, transaction: &mut Tx, marks: &[Mark]) -> Result<(), StoreError> {
        for some in marks.chunks(TOGETHER) {
            // A full statement or one for each: two statements to prepare rather than sixteen.
            let rows = if some.len() == TOGETHER { TOGETHER } else { 1 };
            let sql = format!(
                "INSERT INTO marks (subject, delivery_id, delivery_guid, event) VALUES {} \
                 ON CONFLICT (subject, delivery_id) DO NOTHING",
                places(rows, 4, "")
            );
            for written in some.chunks(rows) {
                let mut insert = sqlx::query(AssertSqlSafe(sql.as_str()));
                for mark in written {
                    insert = insert
                        .bind(mark.subject.as_str())
                        .bind(mark.delivery_id)
                        .bind(mark.guid.as_str())
                        .bind(mark.event.as_str());
                }
                insert.execute(&mut **transaction).await?;
            }
        }
        Ok(())
    }
}
