//! What `[evidence]` and `[tasks]` say, with every fault by line and column.

use stationmaster::model::{EvidenceKind, Level, TaskType};
use stationmaster::policy::{RepositoryPolicy, policy_change};

use super::policy;

const GOOD: &str = "[tasks]\napproval_from = \"medium\"\n[evidence]\nrepositories = [\"octo/other\"]\n\
                    branches = [\"release/*\"]\nhosts = [\"Docs.example.com\", \"https://x.example.com:443\", \
                    \"http://127.0.0.1:8080\"]\n[evidence.kinds]\ncooking = \"research\"\n";

#[test]
fn evidence_and_approval_are_read() {
    let policy = policy(GOOD);
    assert_eq!(policy.tasks.approval_from, Level::Medium);
    let evidence = policy.evidence;
    assert_eq!(evidence.hosts, ["docs.example.com", "x.example.com", "http://127.0.0.1:8080"]);
    assert_eq!(evidence.kind_of(&TaskType::new("cooking")), EvidenceKind::Research);
    assert_eq!(evidence.kind_of(&TaskType::new("testing")), EvidenceKind::Test);
    assert!(evidence.takes_branch(&"release/2".into(), &[]) && !evidence.takes_branch(&"main".into(), &[]));
}

#[test]
fn every_fault_is_told_by_line_and_column() {
    let bad = "[tasks]\napproval_from = \"severe\"\n[evidence]\nrepositories = [\"station\"]\n\
               branches = [\"a[\"]\nhosts = [\"*.example.com\", \"docs.example.com/x\", \"me@docs.example.com\", \
               \"ftp://docs.example.com\"]\nhost = \"x\"\n[evidence.kinds]\ncooking = \"tasting\"\n";
    let faults = RepositoryPolicy::parse(bad, "x").unwrap_err();
    let said: Vec<String> =
        faults.list().iter().map(|fault| format!("{}:{}: {}", fault.line, fault.column, fault.message)).collect();
    let told = |place: &str, words: &str| said.iter().any(|line| line.starts_with(place) && line.contains(words));
    assert!(told("2:17:", "\"severe\" is not a level"), "{said:#?}");
    assert!(told("4:17:", "\"station\" is not the name of a repository"), "{said:#?}");
    assert!(told("5:13:", ""), "{said:#?}");
    for host in ["*.example.com", "docs.example.com/x", "me@docs.example.com", "ftp://docs.example.com"] {
        assert!(told("6:", &format!("{host:?} is not a host")), "{host}: {said:#?}");
    }
    assert!(told("7:1:", "`host` is not a known key here"), "{said:#?}");
    assert!(told("9:11:", "\"tasting\" is not a kind of evidence"), "{said:#?}");
}

#[test]
fn a_change_of_what_counts_is_shown() {
    let changed = policy_change(&policy(""), GOOD).unwrap();
    for line in [
        "- `evidence.branches`: `[]` → `[\"release/*\"]`",
        "- `evidence.kinds.cooking`: `unset` → `\"research\"`",
        "- `evidence.repositories`: `[]` → `[\"octo/other\"]`",
        "- `tasks.approval_from`: `\"high\"` → `\"medium\"`",
    ] {
        assert!(changed.contains(line), "{changed}");
    }
}
