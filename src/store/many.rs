//! One statement about many rows: each turn to the database and back costs more than a row does.

use sqlx::Any;
use sqlx::any::AnyArguments;
use sqlx::query::Query;

/// So many rows are named in one statement.
pub(super) const TOGETHER: usize = 16;
/// A place for each of them.
pub(super) const PLACES: &str = "$1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16";

/// Places for so many rows of so many values, each with the same end.
pub(super) fn places(rows: usize, values: usize, end: &str) -> String {
    let row = |row: usize| {
        let numbers: Vec<String> = (1..=values).map(|value| format!("${}", row * values + value)).collect();
        format!("({}{end})", numbers.join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

/// Fills [`PLACES`] with up to [`TOGETHER`] names, the last one as often as there are places left, so that one prepared
/// statement serves any number.
pub(super) fn named<'q>(mut query: Query<'q, Any, AnyArguments>, names: &[&str]) -> Query<'q, Any, AnyArguments> {
    let last = names.last().into_iter().cycle();
    for name in names.iter().chain(last).take(TOGETHER) {
        query = query.bind((*name).to_owned());
    }
    query
}
