//! Conditions of a list, put together from what is asked for, with every value bound.

use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, FromRow};

use super::{Store, StoreError};

/// A value that is bound.
#[derive(Debug, Clone)]
pub(super) enum Bound {
    /// A text.
    Text(String),
    /// A number.
    Number(i64),
}

impl From<&str> for Bound {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for Bound {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

/// Conditions that all hold.
#[derive(Debug, Default)]
pub(super) struct Conditions {
    sql: String,
    bounds: Vec<Bound>,
}

impl Conditions {
    /// Adds a condition, in which each `?` stands for the next of `values`.
    pub(super) fn add<const N: usize>(&mut self, condition: &str, values: [Bound; N]) {
        self.add_all(condition, values.into());
    }

    /// Adds `column IN (…)`; of no values, nothing.
    pub(super) fn one_of(&mut self, column: &str, values: Vec<Bound>) {
        if !values.is_empty() {
            let places = vec!["?"; values.len()].join(", ");
            self.add_all(&format!("{column} IN ({places})"), values);
        }
    }

    /// The same with as many values as there are.
    pub(super) fn add_all(&mut self, condition: &str, values: Vec<Bound>) {
        let mut condition = condition.to_owned();
        for value in values {
            self.bounds.push(value);
            condition = condition.replacen('?', &format!("${}", self.bounds.len()), 1);
        }
        self.sql.push_str(if self.sql.is_empty() { " WHERE " } else { " AND " });
        self.sql.push_str(&condition);
    }

    /// Rows of a statement that has these conditions in its middle.
    pub(super) async fn fetch_around<R>(
        self,
        store: &Store,
        (before, after): (&str, &str),
        limit: i64,
    ) -> Result<Vec<R>, StoreError>
    where
        R: for<'r> FromRow<'r, AnyRow> + Send + Unpin,
    {
        let select = format!("{before}{}{after}", self.sql);
        Self { sql: String::new(), bounds: self.bounds }.fetch(store, (&select, "1"), limit).await
    }

    /// The condition that `column` is one of the first `limit` of what `select` gives under these conditions in this order.
    pub(super) fn among(mut self, column: &str, (select, order): (&str, &str), limit: i64) -> Self {
        self.bounds.push(Bound::Number(limit));
        let place = self.bounds.len();
        let sql = format!(" WHERE {column} IN ({select}{} ORDER BY {order} LIMIT ${place})", self.sql);
        Self { sql, bounds: self.bounds }
    }

    /// Rows of `select` under these conditions, one for each value of `group`.
    pub(super) async fn fetch_grouped<R>(
        self,
        store: &Store,
        (select, group): (&str, &str),
    ) -> Result<Vec<R>, StoreError>
    where
        R: for<'r> FromRow<'r, AnyRow> + Send + Unpin,
    {
        let select = format!("{select}{} GROUP BY {group}", self.sql);
        Self { sql: String::new(), bounds: self.bounds }.fetch(store, (&select, group), i64::MAX).await
    }

    /// Rows of `select` under these conditions, in this order, at most `limit`.
    pub(super) async fn fetch<R>(
        self,
        store: &Store,
        (select, order): (&str, &str),
        limit: i64,
    ) -> Result<Vec<R>, StoreError>
    where
        R: for<'r> FromRow<'r, AnyRow> + Send + Unpin,
    {
        self.fetch_page(store, (select, order), (limit, 0)).await
    }

    /// The same without the first `skipped`.
    pub(super) async fn fetch_page<R>(
        self,
        store: &Store,
        (select, order): (&str, &str),
        (limit, skipped): (i64, i64),
    ) -> Result<Vec<R>, StoreError>
    where
        R: for<'r> FromRow<'r, AnyRow> + Send + Unpin,
    {
        let offset = if skipped > 0 { format!(" OFFSET {skipped}") } else { String::new() };
        let sql = format!("{select}{} ORDER BY {order} LIMIT ${}{offset}", self.sql, self.bounds.len() + 1);
        let mut query = sqlx::query_as::<_, R>(AssertSqlSafe(sql));
        for bound in self.bounds {
            query = match bound {
                Bound::Text(text) => query.bind(text),
                Bound::Number(number) => query.bind(number),
            };
        }
        Ok(query.bind(limit).fetch_all(store.database.reader()).await?)
    }
}

/// `count` places for values that are bound, the first of which is `$first`.
pub(super) fn places(first: usize, count: usize) -> String {
    (first..first + count).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ")
}

/// The pattern for `LIKE ? ESCAPE '\'` by which a text in lower case is found that contains this.
pub(super) fn containing(text: &str) -> Bound {
    let mut pattern = String::from("%");
    for character in text.to_lowercase().chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    Bound::Text(pattern)
}
