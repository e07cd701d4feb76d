//! What the lists of the inbox and the outbox have in common.

use super::href::with_query;

/// So many rows stand on a page.
pub(super) const ROWS: usize = 50;
/// One more is asked for, to know whether there are more.
pub(super) const ASKED: i64 = 51;

/// A state of which the list shows nothing else.
pub(super) struct Tab {
    pub(super) name: &'static str,
    pub(super) count: i64,
    pub(super) href: String,
    pub(super) is_here: bool,
}

/// A tab for everything and one for each state, with the same filters on each.
pub(super) fn tabs(
    (path, here): (&str, &str),
    states: impl Iterator<Item = &'static str>,
    counts: &[(String, i64)],
    filters: &[(&str, &str)],
) -> Vec<Tab> {
    let to = |state: &str| {
        let mut pairs = vec![("state", state)];
        pairs.extend_from_slice(filters);
        with_query(path, &pairs)
    };
    let count_of = |state: &str| counts.iter().find(|(known, _)| known == state).map_or(0, |(_, count)| *count);
    let all =
        Tab { name: "all", count: counts.iter().map(|(_, count)| count).sum(), href: to(""), is_here: here.is_empty() };
    let each = states.map(|state| Tab { name: state, count: count_of(state), href: to(state), is_here: here == state });
    std::iter::once(all).chain(each).collect()
}

/// How many are dead.
pub(super) fn dead(counts: &[(String, i64)]) -> i64 {
    counts.iter().find(|(state, _)| state == "dead").map_or(0, |(_, count)| *count)
}

/// Takes the row off that was asked for to know whether there are more; the id before which these are, if there are.
pub(super) fn cut<R>(rows: &mut Vec<R>, id: impl Fn(&R) -> i64) -> Option<i64> {
    let more = rows.len() > ROWS;
    rows.truncate(ROWS);
    rows.last().filter(|_| more).map(id)
}

/// A field of a query: without spaces around it, and nothing where it is empty or not there.
pub(super) fn field(text: Option<&String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}
