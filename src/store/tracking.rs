//! The issues on which releases are followed, in the database: their cards, and the commands that were run there.

use std::collections::BTreeMap;

use super::database::Tx;
use super::{Store, StoreError};
use crate::model::{CommentId, Number, RepositoryId, TagName, TrackingRecord};

type TrackingRow = (Option<i64>, Option<String>, String);

impl Store {
    /// What is known of the issue on which a release is followed; as good as nothing before the first look.
    pub async fn tracking(
        &self,
        repository: RepositoryId,
        (number, tag): (Number, TagName),
    ) -> Result<TrackingRecord, StoreError> {
        let row: Option<TrackingRow> = sqlx::query_as(
            "SELECT card, card_digest, commands_seen FROM release_issues WHERE repository_id = $1 AND number = $2",
        )
        .bind(repository.0)
        .bind(number.0)
        .fetch_optional(self.database.reader())
        .await?;
        Ok(match row {
            Some((card, card_digest, commands_seen)) => TrackingRecord {
                number,
                tag,
                card: card.map(CommentId),
                card_digest,
                commands_seen: serde_json::from_str(&commands_seen).map_err(StoreError::corrupt)?,
            },
            None => TrackingRecord { number, tag, card: None, card_digest: None, commands_seen: BTreeMap::new() },
        })
    }

    /// The card is not written here: it is known by the action that has written it.
    pub(super) async fn save_tracking(
        &self,
        transaction: &mut Tx,
        repository: RepositoryId,
        record: &TrackingRecord,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO release_issues (repository_id, number, tag, card_digest, commands_seen) \
             VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (repository_id, number) DO UPDATE SET card_digest = $4, commands_seen = $5",
        )
        .bind(repository.0)
        .bind(record.number.0)
        .bind(record.tag.as_str())
        .bind(record.card_digest.clone())
        .bind(serde_json::to_string(&record.commands_seen).map_err(StoreError::corrupt)?)
        .execute(&mut **transaction)
        .await?;
        Ok(())
    }

    pub(super) async fn set_tracking_card(
        &self,
        transaction: &mut Tx,
        (repository, number): (RepositoryId, Number),
        card: CommentId,
    ) -> Result<(), StoreError> {
        sqlx::query("UPDATE release_issues SET card = $1 WHERE repository_id = $2 AND number = $3")
            .bind(card.0)
            .bind(repository.0)
            .bind(number.0)
            .execute(&mut **transaction)
            .await?;
        Ok(())
    }
}
