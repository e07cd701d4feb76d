//! Numbers that a test of every run asserts, since they count something or hold on any machine.

use crate::row::{Row, Target};

/// Each with the test that fails where it is not so.
pub fn rows() -> Vec<Row> {
    vec![
        Row::tested(
            "requests to GitHub that count, from opened over five checks to merged",
            "issue 3",
            (Target::AtMost(12.0), ""),
            "scenario_pulls::opened_five_checks_merged_costs_at_most_twelve_requests",
        ),
        Row::tested(
            "looks at a pull that thirty check events cost",
            "issue 3",
            (Target::AtMost(2.0), ""),
            "scenario_pulls::thirty_check_events_cost_at_most_two_looks",
        ),
        Row::tested(
            "from the last check's webhook to the merge",
            "issue 3",
            (Target::AtMost(300.0), " ms"),
            "scenario_pulls::the_last_checks_webhook_leads_to_the_merge_within_300_ms",
        ),
    ]
}
