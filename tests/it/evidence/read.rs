//! What counts as evidence of each kind, and what is said to whoever hands in something else.

use stationmaster::decide::evidence::{parse, web_host};
use stationmaster::model::{Evidence, EvidenceKind, Number, TaskBlocker};

use super::home;

fn read(kind: EvidenceKind, text: &str) -> Result<Evidence, String> {
    parse(kind, text, (&home(), "github.com")).map_err(|blocker| blocker.to_string())
}

fn missing(kind: EvidenceKind, text: &str) -> Vec<String> {
    match parse(kind, text, (&home(), "github.com")) {
        Err(TaskBlocker::EvidenceMissing { missing, .. }) => missing,
        other => panic!("{text:?} came to {other:?}"),
    }
}

fn pull(text: &str) -> String {
    match read(EvidenceKind::Code, text) {
        Ok(Evidence::Code { pull }) => pull.to_string(),
        other => panic!("{text:?} came to {other:?}"),
    }
}

#[test]
fn a_pull_is_named_by_its_address_by_its_full_name_or_by_its_number() {
    for text in [
        "https://github.com/octo/station/pull/7",
        "https://GitHub.com/octo/station/pull/7/files?w=1#diff",
        "Done in <https://github.com/octo/station/pull/7>.",
        "see [the pull](https://github.com/octo/station/pull/7), please",
        "octo/station#7",
        "#7",
        "merged as `#7`",
    ] {
        assert_eq!(pull(text), "octo/station#7", "{text}");
    }
    assert_eq!(pull("https://github.com/octo/other/pull/8"), "octo/other#8");
}

#[test]
fn an_address_that_looks_like_another_host_is_refused_with_what_is_wrong() {
    for (address, words) in [
        ("https://github.com.evil.io/o/r/pull/1", "is not on github.com"),
        ("https://github.com@evil.io/o/r/pull/1", "user name in front of its host"),
        ("https://github.com:x@evil.io/o/r/pull/1", "user name in front of its host"),
        ("https://evil.io/github.com/o/r/pull/1", "is not on github.com"),
        ("https://evil.io\\@github.com/o/r/pull/1", "is not on github.com"),
        ("https://github.com\\.evil.io/o/r/pull/1", "has encoded or foreign signs in its path"),
        ("https://githüb.com/o/r/pull/1", "is not on github.com"),
        ("https://github.com./o/r/pull/1", "is not on github.com"),
        ("https://github%2ecom/o/r/pull/1", "is not on github.com"),
        ("https://github.com:8443/o/r/pull/1", "names a port"),
        ("http://github.com/o/r/pull/1", "does not begin with `https://`"),
        ("javascript://github.com/o/r/pull/1", "does not begin with `https://`"),
        ("//github.com/o/r/pull/1", "is no whole address"),
        ("github.com/o/r/pull/1", "is no whole address"),
        ("https://github.com/o%2Fr/x/pull/1", "encoded"),
        ("https://github.com/o/r/pull/%31", "encoded"),
        ("https://github.com/o/../pull/1", "is not the address of a pull request"),
        ("https://github.com/o/r/pull/0", "is not the address of a pull request"),
        ("https://github.com/o/r/pull/+1", "is not the address of a pull request"),
        ("https://github.com/o/r/issues/1", "is an issue, not a pull request"),
    ] {
        let said = read(EvidenceKind::Code, address).unwrap_err();
        assert!(said.contains(words), "{address}: {said}");
        assert!(said.contains("such as `/complete https://github.com/octo/station/pull/7`"), "{said}");
    }
}

#[test]
fn on_enterprise_only_its_own_host_counts() {
    let host = web_host("https://GHE.example.com:8443/octo/station/issues/12");
    assert_eq!(host, "ghe.example.com:8443");
    let there = |text: &str| parse(EvidenceKind::Code, text, (&home(), &host));
    assert!(there("https://ghe.example.com:8443/o/r/pull/1").is_ok());
    assert!(there("https://ghe.example.com/o/r/pull/1").is_err());
    assert!(there("https://github.com/o/r/pull/1").is_err());
    assert!(parse(EvidenceKind::Code, "https:///o/r/pull/1", (&home(), &web_host("nonsense"))).is_err());
}

#[test]
fn words_alone_are_refused_for_every_kind_with_what_is_missing_and_an_example() {
    for kind in EvidenceKind::ALL {
        for text in ["Done", "Fixed it.", "works", "it works now!"] {
            let said = read(kind, text).unwrap_err();
            assert!(said.contains(&format!("\"{text}\" alone shows nothing")), "{kind}: {said}");
            assert!(said.contains("wanted is") && said.contains("`/complete "), "{kind}: {said}");
        }
        assert_eq!(missing(kind, "  ")[0], "nothing was handed in", "{kind}");
    }
    assert_eq!(missing(EvidenceKind::Code, "Done"), ["\"Done\" alone shows nothing", "no pull request is named"]);
}

#[test]
fn the_example_in_a_refusal_is_evidence_itself() {
    for kind in EvidenceKind::ALL {
        let said = read(kind, "").unwrap_err();
        let examples: Vec<&str> = said.split("`/complete ").skip(1).filter_map(|rest| rest.split('`').next()).collect();
        assert!(!examples.is_empty(), "{said}");
        for example in examples {
            assert!(read(kind, example).is_ok(), "{kind}: {example:?} came to {:?}", read(kind, example));
        }
    }
}

#[test]
fn tests_are_counted_as_people_and_runners_write_them() {
    for (text, passed, failed) in [
        ("passed=12 failed=0", 12, 0),
        ("Passed: 12, failed: 3", 12, 3),
        ("12 passed, 0 failed", 12, 0),
        ("12 tests passed and 1 test failed", 12, 1),
        ("12/12 passed", 12, 0),
        ("10/12 tests passed", 10, 2),
        ("test result: ok. 40 passed; 0 failed; 2 ignored\ntest result: ok. 2 passed; 0 failed; 0 ignored", 42, 0),
    ] {
        assert_eq!(read(EvidenceKind::Test, text), Ok(Evidence::Test { passed, failed }), "{text}");
    }
    assert_eq!(missing(EvidenceKind::Test, "12 passed"), ["how many tests failed"]);
    assert_eq!(missing(EvidenceKind::Test, "0 failed"), ["how many tests passed"]);
    assert_eq!(missing(EvidenceKind::Test, "passed=0 failed=0"), ["no test was run"]);
    assert_eq!(missing(EvidenceKind::Test, "passed=99999999999999 failed=0"), ["how many tests passed"]);
}

#[test]
fn checks_are_named_with_how_each_ended() {
    let checks = |text: &str| match read(EvidenceKind::Verification, text) {
        Ok(Evidence::Verification { checks, commit }) => (checks, commit.map(|sha| sha.to_string())),
        other => panic!("{text:?} came to {other:?}"),
    };
    let named = |list: &[(&str, bool)]| -> Vec<(String, bool)> {
        list.iter().map(|(name, passed)| ((*name).to_owned(), *passed)).collect()
    };
    let text = "- smoke test: passed\n- rollback: failed";
    assert_eq!(checks(text), (named(&[("smoke test", true), ("rollback", false)]), None));
    assert_eq!(checks("build: ok, deploy: green").0, named(&[("build", true), ("deploy", true)]));
    assert_eq!(checks("ci: build: success").0, named(&[("ci: build", true)]));
    let sha = "1a2b3c4d5e6f7a8b9c0d1a2b3c4d5e6f7a8b9c0d";
    for text in [
        format!("checks: build, deploy commit {sha}"),
        format!("checks: build, deploy --commit {sha}"),
        format!("commit: {sha}\nchecks: build, deploy"),
    ] {
        let both = named(&[("build", true), ("deploy", true)]);
        assert_eq!(checks(&text), (both, Some(sha.to_owned())), "{text}");
    }
    assert_eq!(missing(EvidenceKind::Verification, "commit 1a2b3c4"), ["no check is named with how it ended"]);
}

#[test]
fn research_needs_a_summary_that_says_something_and_a_source() {
    let summary = "Both libraries retry by themselves, but only one does so with jitter.";
    let read_with = |sources: &str| read(EvidenceKind::Research, &format!("{summary} {sources}"));
    let expected =
        |source: &str| Ok(Evidence::Research { summary: summary.to_owned(), sources: vec![source.to_owned()] });
    assert_eq!(read_with("sources: https://docs.example.com/retry"), expected("https://docs.example.com/retry"));
    assert_eq!(read_with("(https://docs.example.com/retry)"), expected("https://docs.example.com/retry"));
    assert_eq!(read_with("Sources: RFC 9110"), expected("RFC 9110"));
    assert_eq!(missing(EvidenceKind::Research, summary), ["no source is named"]);
    let short = missing(EvidenceKind::Research, "It depends. sources: https://docs.example.com/retry");
    assert_eq!(short, ["the summary has 11 characters, and at least 40 are needed"]);
}

#[test]
fn documentation_is_a_page_or_a_file_of_the_repository() {
    let file = |path: &str| Ok(Evidence::File { path: path.to_owned() });
    assert_eq!(read(EvidenceKind::Documentation, "wrote docs/signals.md and/or more"), file("docs/signals.md"));
    assert_eq!(read(EvidenceKind::Documentation, "README.md."), file("README.md"));
    let blob = "https://github.com/octo/station/blob/main/docs/signals.md";
    assert_eq!(read(EvidenceKind::Documentation, blob), file("docs/signals.md"));
    let page = "https://docs.example.com/@octo/signals";
    assert_eq!(read(EvidenceKind::Documentation, page), Ok(Evidence::Page { url: page.to_owned() }));
    for (text, words) in [
        ("../../etc/passwd", "no page and no file is named"),
        ("/etc/passwd.txt", "no page and no file is named"),
        ("https://docs.example.com@evil.io/x", "user name in front of its host"),
        ("file:///etc/passwd", "does not begin with `https://`"),
    ] {
        let said = read(EvidenceKind::Documentation, text).unwrap_err();
        assert!(said.contains(words), "{text}: {said}");
    }
}

#[test]
fn a_number_is_a_pull_of_the_tasks_own_repository() {
    let Ok(Evidence::Code { pull }) = read(EvidenceKind::Code, "#7") else { panic!("#7 is no pull") };
    assert_eq!((pull.repository, pull.number), (home(), Number(7)));
    assert!(missing(EvidenceKind::Code, "#0")[0].contains("names no pull request"));
}
