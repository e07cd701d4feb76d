//! Policies put together from the reference of all tables and keys, with values that are right, nearly right or wrong.

use proptest::collection::vec;
use proptest::prelude::*;
use stationmaster::policy::{PolicyTable, policy_tables};

use super::holds;
use crate::properties::CUT;

const VALUES: &[&str] = &[
    "true",
    "false",
    "0",
    "3",
    "900",
    "-1",
    "1.5",
    "\"main\"",
    "\"squash\"",
    "\"queue\"",
    "\"high\"",
    "\"\"",
    "\"v\"",
    "\"1.2.3\"",
    "\"09:00-17:00\"",
    "\"Europe/Berlin\"",
    "\"Mon-Fri\"",
    "\"2026-12-24T00:00:00Z\"",
    "2026-12-24",
    "\"https://example.org/health\"",
    "\"{title} (#{number})\"",
    "'^deploy'",
    "'(oops'",
    "'(?i)fix|feat'",
    "[]",
    "[\"main\", \"dev\"]",
    "[\"*.lock\"]",
    "[1, \"a\"]",
    "[\"ci/*\", \"build\"]",
    "{ by = \"ntfy\" }",
    "{ kind = \"hook\", url = \"https://example.org/\", secret_env = \"K\" }",
    "\"qa\"",
    "\"2h\"",
    "\"ünïcode 🚂\"",
];

fn table() -> impl Strategy<Value = String> {
    let tables = policy_tables();
    let of = |table: PolicyTable| {
        let name = table.name.to_owned();
        let keys: Vec<&'static str> = table.keys.iter().map(|key| key.name).collect();
        let keys = if keys.is_empty() { vec!["anything"] } else { keys };
        let line = (proptest::sample::select(keys), proptest::sample::select(VALUES));
        vec(line, 0..6).prop_map(move |lines| {
            let mut used: Vec<&str> = Vec::new();
            let mut text = format!("{name}\n");
            for (key, value) in lines {
                if !used.contains(&key) {
                    used.push(key);
                    text.extend([key, " = ", value, "\n"]);
                }
            }
            text
        })
    };
    proptest::strategy::Union::new(tables.into_iter().map(of))
}

#[test]
fn policies_of_known_keys_are_accepted_or_refused_usefully() {
    let title = "(deploy|fix|qa|implement|release)[ a-z0-9.]{0,20}";
    holds(128, (vec(table(), 0..5), title), |(tables, title)| {
        crate::properties::policy::check(format!("{}{CUT}{title}\n", tables.concat()).as_bytes());
    });
}

/// What is asked of people at once is not more than they can read, and reading takes no longer for it: whoever opens a
/// pull request may write the policy that is checked.
#[test]
fn a_policy_of_nothing_but_faults_is_refused_by_the_first_of_them() {
    let lines = |line: &dyn Fn(usize) -> String| (0..20_000).map(line).collect::<String>();
    for text in [
        lines(&|at| format!("key{at} = 1\n")),
        lines(&|at| format!("[[rule]]\nname = \"rule {at}\"\n")),
        lines(&|_| "= oops\n".to_owned()),
        lines(&|at| format!("[[environment]]\nname = \"e{at}\"\nafter = \"e{}\"\n", at + 1)),
        format!("a = {}", "[".repeat(20_000)),
        format!("{} = 1", "a.".repeat(20_000)),
    ] {
        crate::properties::policy::check(text.as_bytes());
    }
}
