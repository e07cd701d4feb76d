//! The table `[learn]` of a policy.

use stationmaster::policy::{FaultStyle, LearnRules, LearnSettings, RepositoryPolicy};

fn read(text: &str) -> LearnSettings {
    RepositoryPolicy::parse(text, "stationmaster.toml").unwrap().learn
}

fn fault(text: &str) -> String {
    RepositoryPolicy::parse(text, "stationmaster.toml").unwrap_err().render(FaultStyle::Plain)
}

#[test]
fn everything_is_shown_and_nothing_is_proposed_until_somebody_says_so() {
    let usual = read("");
    assert_eq!((usual.rules, usual.merge_time, usual.sla_risk, usual.flaky), (LearnRules::Show, true, true, true));
    let off = read("[learn]\nrules = \"off\"\nmerge_time = false\nsla_risk = false\nflaky = false\n");
    assert_eq!((off.rules, off.merge_time, off.sla_risk, off.flaky), (LearnRules::Off, false, false, false));
    assert_eq!(read("[learn]\nrules = \"pull\"\n").rules, LearnRules::Pull);
}

#[test]
fn what_cannot_be_is_a_fault_with_its_place() {
    let wrong = fault("[learn]\nrules = \"puls\"\n");
    assert!(wrong.contains("stationmaster.toml:2:9") && wrong.contains("did you mean \"pull\"?"), "{wrong}");
    assert!(fault("[learn]\nrules = true\n").contains("`rules` is of type boolean"));
    assert!(fault("[learn]\nflakey = true\n").contains("did you mean `flaky`?"));
    assert!(fault("[learn]\nsla_risk = \"no\"\n").contains("true or false"));
}
