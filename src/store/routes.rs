//! Every text that was routed, for `router stats`.

use super::database::Tx;
use super::durable::Durable as _;
use super::{Store, StoreError};
use crate::model::{RoleName, Subject, TaskType};

/// Whether a routed text became an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RouteStatus {
    /// An issue carries it.
    Sent,
    /// It was only recorded, by `router route`.
    Pending,
}

impl RouteStatus {
    /// The word that is stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Pending => "pending",
        }
    }
}

/// A text and where it was routed.
#[derive(Debug, Clone)]
pub struct RouteRecord {
    /// The issue, if there is one: routed again, it is still counted once.
    pub subject: Option<Subject>,
    /// The title.
    pub text: String,
    /// What kind of task it is.
    pub task_type: TaskType,
    /// Who could do it.
    pub role: Option<RoleName>,
    /// The rule that won.
    pub rule: Option<String>,
    /// Whether an issue carries it.
    pub status: RouteStatus,
}

impl Store {
    /// Records a text that was routed without an issue.
    pub async fn record_route(&self, route: &RouteRecord) -> Result<(), StoreError> {
        let mut transaction = self.database.begin().await?;
        self.save_route(&mut transaction, route).await?;
        Ok(transaction.commit().durably("record_route").await?)
    }

    pub(super) async fn save_route(&self, transaction: &mut Tx, route: &RouteRecord) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO routes (id, subject, text, task_type, role, rule, status, created_ms) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
             ON CONFLICT (subject) DO UPDATE SET text = $3, task_type = $4, role = $5, rule = $6",
        )
        .bind(self.next_id())
        .bind(route.subject.as_ref().map(Subject::to_string))
        .bind(route.text.as_str())
        .bind(route.task_type.as_str())
        .bind(route.role.as_ref().map(RoleName::as_str))
        .bind(route.rule.as_deref())
        .bind(route.status.as_str())
        .bind(self.clock.now().ms())
        .execute(&mut **transaction)
        .await?;
        Ok(())
    }

    /// How many routes there are by type and by status.
    pub async fn route_counts(&self) -> Result<Vec<(TaskType, RouteStatus, i64)>, StoreError> {
        let rows: Vec<(String, String, i64)> = sqlx::query_as(
            "SELECT task_type, status, COUNT(*) FROM routes GROUP BY task_type, status ORDER BY task_type, status",
        )
        .fetch_all(self.database.reader())
        .await?;
        rows.into_iter()
            .map(|(task_type, status, count)| {
                let known =
                    [RouteStatus::Sent, RouteStatus::Pending].into_iter().find(|known| known.as_str() == status);
                let status = known.ok_or_else(|| StoreError::corrupt(format!("a route that is {status:?}")))?;
                Ok((TaskType::new(task_type), status, count))
            })
            .collect()
    }
}
