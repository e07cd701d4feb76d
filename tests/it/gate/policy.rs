//! The tables about merging: every key, every fault with its place, and what an edit would change.

use stationmaster::model::MergeMethod;
use stationmaster::policy::{MergeStrategy, Policy, RepositoryPolicy, Rules, policy_change};

use super::policy;

const EVERYTHING: &str = r##"
[merge]
enabled = true
automatic = false
strategy = "queue"
method = "merge"
bases = ["main", "release/*"]
approvals = 2
forbid_labels = ["wip"]
ask_labels = ["merge-me"]
delete_branch = false
message = "#{number} {title}"
cut_body_at = "---"
co_authors = false
batch_size = 8
queue_timeout_min = 90
priority_labels = { hot = 10, "area/signals" = -1 }

[checks]
required = ["build"]
allow_none = true
pass_neutral = true
pass_skipped = true
ignore = ["codecov/*"]
coverage = { check = "test", regex = 'total: (\d+)%' }

[trust]
logins = ["ann"]
bots = ["renovate"]

[[freeze]]
from = 2026-12-24T18:00:00+01:00
until = "2027-01-02T06:00:00Z"
why = "holidays"
bases = ["main"]
except_labels = ["priority/critical"]
"##;

fn faults(text: &str) -> String {
    let faults = RepositoryPolicy::parse(text, "policy.toml").unwrap_err();
    faults.list().iter().map(|f| format!("{}:{}: {}: {}", f.line, f.column, f.message, f.help) + "\n").collect()
}

#[test]
fn every_key_is_read() {
    let policy = policy(EVERYTHING);
    let merge = &policy.merge;
    assert_eq!((merge.strategy, merge.method), (MergeStrategy::Queue, MergeMethod::Merge));
    assert_eq!((merge.approvals, merge.batch_size, merge.queue_timeout_min), (2, 8, 90));
    assert!(merge.enabled && !merge.automatic && !merge.delete_branch && !merge.co_authors);
    assert_eq!(merge.priority_labels.get("area/signals"), Some(&-1));
    assert_eq!(policy.checks.required, ["build"]);
    assert!(policy.checks.allow_none && policy.checks.pass_neutral && policy.checks.ignores("codecov/patch"));
    let coverage = policy.checks.coverage.as_ref().unwrap();
    let captures = coverage.regex.regex().captures("TOTAL: 87%").unwrap();
    assert_eq!((coverage.check.as_str(), &captures[1]), ("test", "87"));
    assert_eq!(policy.freezes[0].from.unwrap().to_string(), "2026-12-24T17:00:00Z");
}

#[test]
fn what_is_not_said_is_as_the_documentation_says() {
    let merge = policy("").merge;
    let expected = "{\"enabled\":true,\"automatic\":true,\"strategy\":\"direct\",\"method\":\"squash\",\"bases\":null,\
                    \"approvals\":0,\"forbid_labels\":[\"do-not-merge\"],\"ask_labels\":[],\"delete_branch\":true,\
                    \"message\":\"{title} (#{number})\",\"cut_body_at\":\"<!-- cut -->\",\"co_authors\":true,\
                    \"batch_size\":5,\"queue_timeout_min\":60,\"priority_labels\":{\"priority/critical\":100,\
                    \"priority/high\":50,\"priority/low\":-50,\"priority/medium\":0,\"urgent\":200}}";
    assert_eq!(serde_json::to_string(&merge).unwrap(), expected);
    let without = Policy::combine(&Rules::builtin().unwrap(), None).merge;
    assert_eq!(serde_json::to_string(&without).unwrap(), expected);
}

#[test]
fn all_faults_are_found_at_once_with_line_and_column() {
    let text = r#"[merge]
enabled = "yes"
strategy = "que"
method = "fast-forward"
bases = ["a{b"]
approvals = -1
message = "{titel}"
batch_size = 0
queue_timeout_min = 9999
priority_labels = { hot = "10" }
aproval = 1

[checks]
required = "build"
ignore = [""]
coverage = { check = "test", regex = 'total: \d+%' }

[trust]
logins = ["renovate[bot]"]

[[freeze]]
from = 2026-12-24
until = "tomorrow"

[[freeze]]
from = 2026-12-24T18:00:00Z
until = 2026-12-24T18:00:00Z
why = "nothing"
"#;
    insta::assert_snapshot!(faults(text), @r###"
    2:11: `enabled` is of type string: write true or false without quotes after `enabled =`
    3:12: `strategy` cannot be "que": write "direct" or "queue"
    4:10: `method` cannot be "fast-forward": write "squash" or "merge" or "rebase"
    5:10: this glob cannot be used: unclosed alternate group; missing '}' (maybe escape '{' with '[{]'?): `*` stands for any text, `?` for a character, `{a,b}` for either; a backslash takes a sign as it is
    6:13: `approvals` is -1: write a number from 0 to 20
    7:11: `{titel}` stands for nothing: did you mean `{title}`?
    8:14: `batch_size` is 0: write a number from 1 to 50
    9:21: `queue_timeout_min` is 9999: write a number from 1 to 1440
    10:27: `hot` is of type string: write a whole number without quotes after `hot =`
    11:1: `aproval` is not a known key here: did you mean `approvals`?
    14:12: `required` is of type string: write a list in square brackets after `required =`
    15:11: this glob cannot be used: it is empty: `*` stands for any text, `?` for a character, `{a,b}` for either; a backslash takes a sign as it is
    16:38: this regex has no group: put round brackets around the number, such as 'total: (\d+)%'
    19:11: `renovate[bot]` is an App: move it to `bots`, which lists Apps
    21:1: `why` is missing here: add a line `why = "the fair"`
    22:8: `2026-12-24` is not a point in time: write all three
    23:9: `tomorrow` is not a point in time: write all three
    27:9: `until` is not after `from`: swap the two, or mend the later one
    "###);
}

#[test]
fn an_edit_of_the_policy_is_told_setting_by_setting() {
    let rule = |name: &str, title: &str| {
        format!("[[rule]]\nname = \"{name}\"\ntitle = \"{title}\"\ntype = \"x\"\npriority = 1\n")
    };
    let own = format!("{}{}{}", rule("a", "^a"), rule("b", "^b"), rule("same", "^s"));
    let old = policy(&format!("[merge]\napprovals = 1\n[trust]\nlogins = [\"ann\"]\n{own}"));
    // A sign that would end the code span on the pull is taken out of the name.
    let new = format!("{}{}{}{EVERYTHING}", rule("a", "^aa"), rule("c`", "^b"), rule("same", "^s"));
    insta::assert_snapshot!(policy_change(&old, &new).unwrap(), @r###"
    - `checks.allow_none`: `false` → `true`
    - `checks.coverage.check`: `unset` → `"test"`
    - `checks.coverage.regex`: `unset` → `"total: (\\d+)%"`
    - `checks.ignore`: `[]` → `["codecov/*"]`
    - `checks.pass_neutral`: `false` → `true`
    - `checks.pass_skipped`: `false` → `true`
    - `checks.required`: `[]` → `["build"]`
    - `freeze`: `[]` → `[{"bases":["main"],"except_labels":["priority/critical"],"from":"2026-12-24T17:00:00Z","until":"2027-01-02T06:00:00Z","why":"holidays"}]`
    - `merge.approvals`: `1` → `2`
    - `merge.ask_labels`: `[]` → `["merge-me"]`
    - `merge.automatic`: `true` → `false`
    - `merge.bases`: `unset` → `["main","release/*"]`
    - `merge.batch_size`: `5` → `8`
    - `merge.co_authors`: `true` → `false`
    - `merge.cut_body_at`: `"<!-- cut -->"` → `"---"`
    - `merge.delete_branch`: `true` → `false`
    - `merge.forbid_labels`: `["do-not-merge"]` → `["wip"]`
    - `merge.message`: `"{title} (#{number})"` → `"#{number} {title}"`
    - `merge.method`: `"squash"` → `"merge"`
    - `merge.priority_labels.area/signals`: `unset` → `-1`
    - `merge.priority_labels.hot`: `unset` → `10`
    - `merge.priority_labels.priority/critical`: `100` → `unset`
    - `merge.priority_labels.priority/high`: `50` → `unset`
    - `merge.priority_labels.priority/low`: `-50` → `unset`
    - `merge.priority_labels.priority/medium`: `0` → `unset`
    - `merge.priority_labels.urgent`: `200` → `unset`
    - `merge.queue_timeout_min`: `60` → `90`
    - `merge.strategy`: `"direct"` → `"queue"`
    - `trust.bots`: `[]` → `["renovate"]`
    - rule `a` changed
    - rule `b` removed
    - rule `c ` added
    "###);
    let same = policy_change(&policy(EVERYTHING), EVERYTHING).unwrap();
    assert_eq!(same, "Nothing would change.");
}

#[test]
fn an_edit_that_cannot_be_read_names_its_place() {
    let faults = policy_change(&policy(""), "[merge]\napprovals = true").unwrap_err();
    assert!(
        faults.to_string().starts_with(".github/stationmaster.toml:2:13: `approvals` is of type boolean"),
        "{faults}"
    );
}

#[test]
fn the_guides_tables_are_what_holds_where_nothing_is_written() {
    let guide = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/merging.md")).unwrap();
    let tables = guide.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let changed = policy_change(&policy(""), tables).unwrap();
    let changed: Vec<&str> = changed.lines().map(|line| line.split('`').nth(1).unwrap()).collect();
    assert_eq!(changed, ["freeze", "merge.bases"], "the two that the guide gives an example of");
}
