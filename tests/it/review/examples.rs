//! Every shipped rule finds what its examples show, and has examples.

use stationmaster::decide::review::check_examples;
use stationmaster::policy::{ReviewRules, ReviewSource, RuleFile};

use super::shipped;

#[test]
fn every_shipped_structural_rule_has_examples_and_finds_what_they_say() {
    let rules = shipped();
    let wrong: Vec<String> = check_examples(&rules).iter().map(ToString::to_string).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(rules.structural.len() > 20 && rules.examples.len() > 15, "the test no longer finds the rules");
}

#[test]
fn a_rule_without_examples_is_a_fault() {
    let mut source = ReviewSource::builtin();
    source.structural =
        vec![RuleFile::new("own.yml", "# mine\nid: own\nlanguage: Python\nmessage: No.\nrule: { kind: call }\n")];
    let faults = check_examples(&ReviewRules::compile(source.clone()).unwrap());
    let shown: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert!(shown[0].starts_with("own.yml:2:1: `own` does not show"), "{shown:?}");

    source.review = RuleFile::new("review.toml", "[[rule]]\nid = 'a'\nregex = 'b'\nmessage = 'No.'\n");
    let faults = ReviewRules::compile(source).unwrap_err().to_string();
    assert!(faults.starts_with("review.toml:1:1: this rule does not show"), "{faults}");
}

#[test]
fn an_example_that_does_not_hold_is_a_fault_at_its_place() {
    let mut source = ReviewSource::builtin();
    let text = "[[rule]]\nid = 'a'\nregex = 'b'\nmessage = 'No.'\nexamples = ['b', 'c']\ncounterexamples = ['abc']\n";
    source.review = RuleFile::new("review.toml", text);
    let faults = ReviewRules::compile(source).unwrap_err().to_string();
    assert!(faults.contains("review.toml:5:18: this example does not match"), "{faults}");
    assert!(faults.contains("review.toml:6:20: this counterexample matches"), "{faults}");
}

#[test]
fn the_built_in_copy_is_what_is_in_the_folder() {
    let built_in = ReviewRules::compile(ReviewSource::builtin()).unwrap();
    let ids = |rules: &ReviewRules| rules.structural.iter().map(|rule| rule.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&built_in), ids(&shipped()));
}
