//! What people, the command line and the API ask of environments, and what they are told where that cannot be.

use stationmaster::decide::tracking::{AskWords, until};
use stationmaster::model::{EnvironmentAsk, Sha, TagName, Timestamp};

use super::scene::{HOUR_MS, NOW, Scene, freeze, question, released, settings, version};

fn deploy(env: &str, version: Option<&str>) -> AskWords {
    AskWords::Deploy { env: env.to_owned(), version: version.map(str::to_owned), overrides: None }
}

fn approve(env: Option<&str>, version: Option<&str>) -> AskWords {
    AskWords::Approve { env: env.map(str::to_owned), version: version.map(str::to_owned) }
}

fn tag_deployed(scene: &Scene, words: &AskWords) -> String {
    match scene.asks(words) {
        Ok((name, EnvironmentAsk::Deploy { version, .. })) => format!("{} to {name}", version.tag),
        Ok(other) => panic!("{other:?}"),
        Err(refusal) => refusal,
    }
}

#[test]
fn a_version_is_named_by_its_tag_with_or_without_prefix_or_by_its_commit() {
    let mut scene = Scene::new();
    scene.snapshot.releases.push(released("rel-0.1.0", 40));
    scene.snapshot.releases[2].version.sha = Sha::new(format!("2020202{}", "f".repeat(33)));
    for (asked, found) in [
        ("v0.1.1", "v0.1.1 to qa"),
        ("0.1.1", "v0.1.1 to qa"),
        ("V0.1.1", "v0.1.1 to qa"),
        (" v0.1.1 ", "v0.1.1 to qa"),
        ("1111111", "v0.1.1 to qa"),
        (&"1".repeat(40), "v0.1.1 to qa"),
        ("rel-0.1.0", "rel-0.1.0 to qa"),
        ("v0.1.0", "rel-0.1.0 to qa"),
        ("111111", "there is no version `111111`, only v0.2.0, v0.1.1 and rel-0.1.0"),
        (
            &"1".repeat(41),
            "there is no version `11111111111111111111111111111111111111111`, only v0.2.0, v0.1.1 and rel-0.1.0",
        ),
        ("0.1", "there is no version `0.1`, only v0.2.0, v0.1.1 and rel-0.1.0"),
        ("x-0.1.1", "there is no version `x-0.1.1`, only v0.2.0, v0.1.1 and rel-0.1.0"),
        ("a`b", "there is no version `a b`, only v0.2.0, v0.1.1 and rel-0.1.0"),
        ("2020202", "`2020202` can mean v0.2.0 or rel-0.1.0: write the whole tag"),
    ] {
        assert_eq!(tag_deployed(&scene, &deploy("qa", Some(asked))), found, "{asked}");
    }
}

#[test]
fn an_unknown_version_lists_the_ten_newest_and_none_where_nothing_was_released() {
    let mut scene = Scene::new();
    scene.snapshot.releases = (0..12).rev().map(|patch| released(&format!("v1.0.{patch}"), 20 - patch)).collect();
    assert_eq!(
        tag_deployed(&scene, &deploy("qa", Some("v3"))),
        "there is no version `v3`; the newest 10 are v1.0.11, v1.0.10, v1.0.9, v1.0.8, v1.0.7, v1.0.6, v1.0.5, v1.0.4, \
         v1.0.3 and v1.0.2"
    );
    scene.snapshot.releases.clear();
    assert_eq!(tag_deployed(&scene, &deploy("qa", Some("v3"))), "there is no version `v3`: nothing was released yet");
    assert_eq!(tag_deployed(&scene, &deploy("qa", None)), "nothing was released yet that could be deployed to qa");
}

#[test]
fn an_environment_is_named_in_any_case_and_an_unknown_one_lists_those_that_there_are() {
    let mut scene = Scene::new();
    assert_eq!(tag_deployed(&scene, &deploy("QA", Some("v0.2.0"))), "v0.2.0 to qa");
    let staging = "there is no environment `staging`, only qa and prod";
    assert_eq!(tag_deployed(&scene, &deploy("staging", None)), staging);
    for words in [
        AskWords::Rollback { env: "staging".to_owned(), why: String::new() },
        AskWords::Freeze { env: "staging".to_owned(), until: "2h".to_owned(), why: "x".to_owned() },
        AskWords::Unfreeze { env: "staging".to_owned() },
        approve(Some("staging"), None),
        AskWords::Reject { env: Some("staging".to_owned()), why: "x".to_owned() },
    ] {
        assert_eq!(scene.asks(&words).unwrap_err(), staging, "{words:?}");
    }
    scene.environments.clear();
    assert_eq!(
        tag_deployed(&scene, &deploy("staging", None)),
        "there is no environment `staging`: the policy names none"
    );
}

#[test]
fn without_a_version_it_is_the_newest_and_where_one_must_be_verified_before_the_newest_of_those() {
    let mut scene = Scene::new();
    assert_eq!(tag_deployed(&scene, &deploy("qa", None)), "v0.2.0 to qa");
    assert_eq!(tag_deployed(&scene, &deploy("prod", None)), "v0.1.1 to prod", "v0.2.0 is not verified in qa");
    scene.verified("qa", "v0.2.0");
    assert_eq!(tag_deployed(&scene, &deploy("prod", None)), "v0.2.0 to prod");
    scene.snapshot.releases.insert(0, released("v0.3.0-rc.1", 1));
    assert_eq!(tag_deployed(&scene, &deploy("qa", None)), "v0.2.0 to qa", "qa takes no pre-releases");
    assert_eq!(
        tag_deployed(&scene, &deploy("qa", Some("v0.3.0-rc.1"))),
        "v0.3.0-rc.1 is a pre-release, and qa takes none; `prereleases = true` in the policy changes that"
    );
    scene.environments[0].prereleases = true;
    assert_eq!(tag_deployed(&scene, &deploy("qa", None)), "v0.3.0-rc.1 to qa");
}

#[test]
fn a_pre_release_and_the_version_at_the_same_commit_are_no_riddle() {
    let mut scene = Scene::new();
    scene.snapshot.releases.push(released("v0.1.1-rc.1", 50));
    assert_eq!(tag_deployed(&scene, &deploy("qa", Some("1111111"))), "v0.1.1 to qa");
}

#[test]
fn an_override_says_why() {
    let scene = Scene::new();
    let with = |why: &str| AskWords::Deploy {
        env: "qa".to_owned(),
        version: Some("v0.2.0".to_owned()),
        overrides: Some(why.to_owned()),
    };
    assert_eq!(scene.asks(&with(" ")).unwrap_err(), "say why, such as `/deploy qa v0.2.0 --override \"why\"`");
    let asked = EnvironmentAsk::Deploy { version: version("v0.2.0"), overrides: Some("a fix".to_owned()) };
    assert_eq!(scene.asks(&with("a fix")), Ok(("qa".to_owned(), asked)));
}

#[test]
fn a_rollback_needs_no_reason() {
    let scene = Scene::new();
    let back = |why: &str| scene.asks(&AskWords::Rollback { env: "prod".to_owned(), why: why.to_owned() }).unwrap().1;
    assert_eq!(back(" it is slow "), EnvironmentAsk::Rollback { why: "it is slow".to_owned() });
    assert_eq!(back(""), EnvironmentAsk::Rollback { why: "no reason was given".to_owned() });
}

#[test]
fn a_freeze_ends_after_a_while_on_a_day_at_a_moment_or_never() {
    let at = |text: &str| Ok(Some(Timestamp::parse_rfc3339(text).unwrap()));
    for (word, means) in [
        ("30m", at("2026-11-21T12:30:00Z")),
        ("2h", at("2026-11-21T14:00:00Z")),
        ("2H", at("2026-11-21T14:00:00Z")),
        ("3d", at("2026-11-24T12:00:00Z")),
        ("1w", at("2026-11-28T12:00:00Z")),
        ("1d12h", at("2026-11-23T00:00:00Z")),
        ("2026-12-24", at("2026-12-24T00:00:00Z")),
        ("2026-12-24T18:00", at("2026-12-24T18:00:00Z")),
        ("2026-12-24T18:00Z", at("2026-12-24T18:00:00Z")),
        ("2026-12-24T18:00:30", at("2026-12-24T18:00:30Z")),
        ("2026-12-24T18:00:00+02:00", at("2026-12-24T16:00:00Z")),
        ("forever", Ok(None)),
        ("Indefinitely", Ok(None)),
    ] {
        assert_eq!(until(word, NOW).map_err(|refusal| refusal.to_string()), means, "{word}");
    }
}

#[test]
fn a_freeze_that_ends_at_no_time_or_has_ended_is_refused() {
    let form = "write `2h`, `3d`, `2026-12-24`, `2026-12-24T18:00` (in UTC) or `forever`";
    for word in [
        "",
        "0h",
        "h",
        "2",
        "2y",
        "-2h",
        "2hh",
        "99999d",
        "99999999999999999999d",
        "9223372036854775807d",
        "friday",
        "2026-13-01",
        "2026-02-30",
    ] {
        assert_eq!(until(word, NOW).unwrap_err().to_string(), format!("`{word}` is no time; {form}"), "{word}");
    }
    for (word, at) in [("2026-11-21", "2026-11-21T00:00:00Z"), ("2026-11-21T12:00", "2026-11-21T12:00:00Z")] {
        let refusal = until(word, NOW).unwrap_err().to_string();
        assert_eq!(refusal, format!("`{word}` has passed: it means {at}, in UTC"));
    }
}

#[test]
fn a_freeze_says_why_and_only_what_is_frozen_thaws() {
    let mut scene = Scene::new();
    let freezes = |why: &str| AskWords::Freeze { env: "Prod".to_owned(), until: "2h".to_owned(), why: why.to_owned() };
    let asked = EnvironmentAsk::Freeze { until: Some(NOW.plus_ms(2 * HOUR_MS)), why: "the fair".to_owned() };
    assert_eq!(scene.asks(&freezes("the fair")), Ok(("prod".to_owned(), asked)));
    assert_eq!(scene.asks(&freezes("")).unwrap_err(), "say why, such as `/freeze prod 2h the fair`");
    let thaw = AskWords::Unfreeze { env: "prod".to_owned() };
    let nobody = "nobody froze prod; what the policy's calendar freezes thaws by itself, and `/deploy prod --override \
                  \"why\"` passes it";
    assert_eq!(scene.asks(&thaw).unwrap_err(), nobody);
    scene.record("prod").freezes = vec![freeze(Some(NOW), "over")];
    assert_eq!(scene.asks(&thaw).unwrap_err(), nobody);
    scene.record("prod").freezes = vec![freeze(None, "the fair")];
    assert_eq!(scene.asks(&thaw), Ok(("prod".to_owned(), EnvironmentAsk::Unfreeze)));
}

#[test]
fn an_approval_names_the_version_that_waits_even_where_nobody_wrote_it() {
    let scene = Scene::waiting();
    let yes = Ok(("prod".to_owned(), EnvironmentAsk::Approve { tag: Some(TagName::new("v0.2.0")) }));
    for words in [approve(None, None), approve(Some("prod"), None), approve(None, Some("0.2.0"))] {
        assert_eq!(scene.asks(&words), yes, "{words:?}");
    }
    assert_eq!(
        scene.asks(&approve(Some("prod"), Some("v0.1.1"))).unwrap_err(),
        "v0.1.1 does not wait for approval there; v0.2.0 in prod does"
    );
    assert_eq!(scene.asks(&approve(Some("qa"), None)).unwrap_err(), "nothing waits for approval in qa");
}

#[test]
fn nothing_is_approved_that_nobody_asked_for_or_that_was_answered_or_has_expired() {
    let mut scene = Scene::new();
    assert_eq!(scene.asks(&approve(None, None)).unwrap_err(), "nothing waits for approval");
    scene.record("prod").approval = Some(question("v0.2.0"));
    scene.record("prod").approval.as_mut().unwrap().expires = NOW;
    assert_eq!(scene.asks(&approve(None, None)).unwrap_err(), "nothing waits for approval");
    let reject = AskWords::Reject { env: None, why: "no".to_owned() };
    assert_eq!(scene.asks(&reject).unwrap_err(), "nothing waits for approval");
}

#[test]
fn where_several_wait_it_must_be_said_which() {
    let mut scene = Scene::waiting();
    scene.environments.push(settings("prod-eu"));
    scene.record("prod-eu").approval = Some(question("v0.1.1"));
    let several = "more than one waits for approval, so say which: v0.2.0 in prod or v0.1.1 in prod-eu";
    assert_eq!(scene.asks(&approve(None, None)).unwrap_err(), several);
    assert_eq!(scene.asks(&AskWords::Reject { env: None, why: "no".to_owned() }).unwrap_err(), several);
    let of_one = scene.asks(&approve(None, Some("v0.1.1"))).unwrap();
    assert_eq!(of_one.0, "prod-eu");
    let reject = |why: &str| AskWords::Reject { env: Some("prod-eu".to_owned()), why: why.to_owned() };
    assert_eq!(scene.asks(&reject("slow")).unwrap().1, EnvironmentAsk::Reject { why: "slow".to_owned() });
    let missing = "say why, such as `/reject prod-eu it is not tested on the old database`";
    assert_eq!(scene.asks(&reject("")).unwrap_err(), missing);
}
