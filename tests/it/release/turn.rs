//! From a green commit to a release that everybody knows of.

use stationmaster::model::{
    Action, Ancestry, BranchName, Check, CheckOrigin, Conclusion, Number, ReleaseReport, RequiredCheck, TagName,
    Urgency5,
};

use super::scene::*;

fn tracked(name: &str, issue: i64) -> ReleaseReport {
    ReleaseReport::TrackedBy { tag: TagName::from(name), issue: Number(issue) }
}

#[test]
fn a_commit_is_released_only_when_what_counts_is_green() {
    let ok = |name: &str| check(name, Conclusion::Success);
    let bad = |name: &str, how| check(name, how);
    let ours = |name: &str| Check {
        origin: CheckOrigin::App { id: OWN_APP, slug: "stationmaster".to_owned() },
        ..check(name, Conclusion::Success)
    };
    let run = |id, check| Check { run: Some(stationmaster::model::CheckRunId(id)), ..check };
    let required = vec!["test"];
    let missing = "the check `test` was not reported yet; branch protection demands it";
    let none = "no check was reported for tip; where there are none, `[release] allow_no_checks = true` says so";
    let done = "v0.1.0 at tip";
    let rows: Vec<(&str, Vec<&str>, Vec<Check>, &str)> = vec![
        ("required and green", required.clone(), vec![ok("test"), bad("lint", Conclusion::Failure)], done),
        ("required and missing", required.clone(), vec![ok("lint")], missing),
        ("no check at all", required.clone(), vec![], missing),
        ("required and running", required.clone(), vec![running("test")], "the check `test` is under way"),
        (
            "required and cancelled",
            required.clone(),
            vec![bad("test", Conclusion::Cancelled)],
            "the check `test` ended as cancelled",
        ),
        (
            "run again and green",
            required.clone(),
            vec![run(1, bad("test", Conclusion::Failure)), run(2, ok("test"))],
            done,
        ),
        ("reported by ourselves", required.clone(), vec![ours("test")], missing),
        ("nothing required, all green", vec![], vec![ok("a"), ok("b")], done),
        (
            "nothing required, every fault is told",
            vec![],
            vec![bad("a", Conclusion::Failure), running("b"), bad("c", Conclusion::TimedOut)],
            "the check `a` ended as failure; the check `b` is under way; the check `c` ended as timed_out",
        ),
        ("nothing required, nothing reported", vec![], vec![], none),
        ("nothing required, only our own", vec![], vec![ours("stationmaster/review")], none),
        ("skipped is not green", vec![], vec![bad("a", Conclusion::Skipped)], "the check `a` ended as skipped"),
    ];
    for (what, required, checks, expected) in rows {
        let scene = scene().with(|scene| {
            let demanded_by = "branch protection".to_owned();
            scene.snapshot.required = required
                .iter()
                .map(|name| RequiredCheck { name: (*name).to_owned(), app: None, demanded_by: demanded_by.clone() })
                .collect();
            scene.snapshot.candidates = vec![candidate("tip", checks)];
        });
        assert_eq!(outcome(&scene.decide()), expected, "{what}");
    }
}

#[test]
fn the_policy_can_demand_more_checks_or_allow_none() {
    let more = scene().with(|scene| scene.release.checks = vec!["smoke".to_owned()]);
    assert_eq!(outcome(&more.decide()), "the check `smoke` was not reported yet; the policy demands it");
    let bare = scene().with(|scene| {
        scene.snapshot.required.clear();
        scene.snapshot.candidates = vec![candidate("tip", Vec::new())];
    });
    assert_eq!(outcome(&bare.clone().with(|scene| scene.release.allow_no_checks = true).decide()), "v0.1.0 at tip");
    assert_eq!(outcome(&bare.with(|scene| scene.checks.allow_none = true).decide()), "v0.1.0 at tip");
}

#[test]
fn while_checks_run_it_is_looked_again_and_nothing_is_planned() {
    let decision =
        scene().with(|scene| scene.snapshot.candidates = vec![candidate("tip", vec![running("test")])]).decide();
    assert_eq!(decision.look_again, Some(NOW.plus_ms(300_000)));
    assert!(decision.actions.is_empty());
    assert_eq!(decision.summary, "Nothing is released from octo/app: the check `test` is under way.");
    assert_eq!(decision.record.seen, [sha("tip")]);
}

#[test]
fn an_older_green_commit_is_released_while_the_newest_is_not_green() {
    let scene = scene().with(|scene| {
        scene.snapshot.tip = Some(sha("newer"));
        scene.snapshot.candidates = vec![candidate("newer", vec![running("test")]), green("tip")];
        scene.snapshot.record.seen = vec![sha("tip")];
    });
    let decision = scene.decide();
    assert_eq!(outcome(&decision), "v0.1.0 at tip");
    assert_eq!(decision.record.seen, [sha("newer"), sha("tip")]);
    let after = scene.then(&decision, vec![released("v0.1.0", "tip")]).decide();
    assert_eq!(after.record.seen, [sha("newer")]);
    assert_eq!(outcome(&after), "the check `test` is under way");
    let moved_away = scene.with(|scene| scene.snapshot.tip_since = Some(Ancestry::Diverged)).decide();
    assert_eq!(outcome(&moved_away), "the check `test` is under way");
    assert_eq!(moved_away.record.seen, [sha("newer")]);
}

#[test]
fn a_release_is_recorded_before_it_is_made_and_resumed_under_the_same_name() {
    let scene = scene().after("v0.1.0").landed(vec![pull(1, "feat: x"), pull(2, "fix: y"), pull(3, "z")]);
    let decision = scene.decide();
    assert_eq!(decision.summary, "v0.2.0 is being released at tip: 3 pull requests since v0.1.0.");
    assert_eq!(keys(&decision), ["release/releases/7/v0.2.0/tip"]);
    assert_eq!(decision.record.underway.as_ref(), order(&decision));
    assert_eq!(order(&decision).unwrap().pulls, [Number(1), Number(2), Number(3)]);
    // Decided once more from the same, as another server or after a crash would.
    assert_eq!(scene.decide(), decision);
    // Stored, and looked at again when more has landed and the tag is there already.
    let resumed = scene
        .then(&decision, Vec::new())
        .with(|scene| {
            scene.snapshot.tip = Some(sha("newer"));
            scene.snapshot.candidates.insert(0, green("newer"));
            scene.snapshot.tags.push(tag("v0.2.0", "tip"));
        })
        .decide();
    assert_eq!(order(&resumed), order(&decision));
    assert_eq!(keys(&resumed), keys(&decision));
    assert_eq!(resumed.summary, "v0.2.0 is being released at tip.");
}

#[test]
fn a_release_is_listed_told_once_and_offered_where_it_comes_first() {
    let scene = scene().with(|scene| {
        scene.release.tracking = false;
        scene.environments = vec![environment("qa", None), environment("prod", Some("qa")), environment("docs", None)];
    });
    let begun = scene.decide();
    let decision = scene.then(&begun, vec![released("v0.1.0", "tip")]).decide();
    assert_eq!(decision.summary, "v0.1.0 is released.");
    assert_eq!(keys(&decision), ["told/releases/7/v0.1.0"]);
    let message = messages(&decision)[0];
    assert_eq!(message.title, "octo/app v0.1.0 is released");
    assert_eq!(message.text, "v0.1.0 stands at tip with 1 pull request. It goes to qa and docs.");
    assert_eq!(message.priority, Urgency5::Default);
    assert_eq!(offers(&decision), ["v0.1.0 to environment/7/qa", "v0.1.0 to environment/7/docs"]);
    let listed = decision.released.as_ref().unwrap();
    assert_eq!((&listed.version, &listed.pulls), (&version("v0.1.0", "tip"), &vec![Number(1)]));
    assert!(decision.record.underway.is_none());
    assert!(decision.record.seen.is_empty());
    let again = scene.then(&decision, vec![released("v0.1.0", "tip")]).decide();
    assert!(again.actions.is_empty() && again.offers.is_empty() && again.released.is_none());
    assert_eq!(again.summary, "Nothing is to be released from octo/app: tip is v0.1.0, so there is nothing new.");
}

#[test]
fn where_releases_are_followed_the_offer_waits_for_the_issue() {
    let scene =
        scene().with(|scene| scene.environments = vec![environment("qa", None), environment("prod", Some("qa"))]);
    let begun = scene.decide();
    let decision = scene.then(&begun, vec![released("v0.1.0", "tip")]).decide();
    assert_eq!(keys(&decision), ["told/releases/7/v0.1.0", "release/issue/releases/7/v0.1.0"]);
    let Action::OpenIssue { title, body, .. } = &decision.actions[1].action else { panic!("no issue") };
    assert_eq!(title, "Release v0.1.0");
    assert!(body.starts_with(
        "Stationmaster follows the release [v0.1.0](https://github.com/octo/app/releases/tag/v0.1.0) here"
    ));
    assert!(body.contains("- `qa`: by itself\n- `prod`: when somebody says `/deploy`, once it is verified in `qa`,"));
    assert!(decision.offers.is_empty());
    let followed = scene.then(&decision, vec![tracked("v0.1.0", 12)]).decide();
    assert_eq!(offers(&followed), ["v0.1.0 to environment/7/qa with #12"]);
    let listed = followed.released.as_ref().unwrap();
    assert_eq!((listed.version.issue, &listed.pulls, listed.at), (Some(Number(12)), &vec![Number(1)], NOW));
    assert_eq!(followed.record.last.as_ref().unwrap().issue, Some(Number(12)));
    let later = scene.then(&followed, Vec::new()).decide();
    assert!(later.offers.is_empty() && later.actions.is_empty());
}

#[test]
fn an_issue_that_cannot_be_opened_keeps_nothing_back_for_ever() {
    let scene = scene().with(|scene| scene.environments = vec![environment("qa", None)]);
    let begun = scene.decide();
    let waits = scene.then(&begun, vec![released("v0.1.0", "tip")]).decide();
    let until = waits.look_again.unwrap();
    assert_eq!(until, NOW.plus_ms(120_000));
    let early = scene.then(&waits, Vec::new()).with(|scene| scene.now = until.plus_ms(-1)).decide();
    assert!(early.offers.is_empty());
    assert_eq!(early.look_again, Some(until));
    let late = scene.then(&waits, Vec::new()).with(|scene| scene.now = until).decide();
    assert_eq!(offers(&late), ["v0.1.0 to environment/7/qa"]);
    let at_last = scene.then(&late, vec![tracked("v0.1.0", 12)]).decide();
    assert!(at_last.offers.is_empty());
    assert_eq!(at_last.released.unwrap().version.issue, Some(Number(12)));
}

#[test]
fn no_issue_is_opened_for_a_release_that_goes_nowhere() {
    let scene = scene();
    let decision = scene.then(&scene.decide(), vec![released("v0.1.0", "tip")]).decide();
    assert_eq!(keys(&decision), ["told/releases/7/v0.1.0"]);
}

#[test]
fn what_lands_during_a_release_is_the_next_one() {
    let scene = scene();
    let begun = scene.decide();
    let landed = scene.then(&begun, vec![released("v0.1.0", "tip")]).with(|scene| {
        scene.snapshot.tip = Some(sha("third"));
        scene.snapshot.candidates = vec![green("third"), green("second"), green("tip")];
        scene.snapshot.record.seen = vec![sha("third"), sha("second"), sha("tip")];
    });
    // The comparisons are older than the report, so they are made again first.
    let decision = landed.decide();
    assert_eq!(outcome(&decision), "");
    assert_eq!(decision.look_again, Some(NOW.plus_ms(2_000)));
    assert_eq!(decision.record.seen, [sha("third"), sha("second")]);
    let pulls = vec![pull(2, "fix: x"), pull(3, "feat: y"), pull(4, "z")];
    let next = landed.then(&decision, Vec::new()).after("v0.1.0").landed(pulls).with(|scene| {
        scene.snapshot.since_last = Some(Ancestry::Ahead);
        scene.snapshot.candidates.truncate(2);
    });
    let decision = next.decide();
    assert_eq!(outcome(&decision), "v0.2.0 at third");
    let order = order(&decision).unwrap();
    assert_eq!(order.pulls, [Number(2), Number(3), Number(4)]);
    assert!(["#2", "#3", "#4"].iter().all(|number| order.notes.contains(number)), "{}", order.notes);
}

#[test]
fn a_branch_that_left_the_line_is_told_once_for_each_tip_and_not_tagged() {
    let back = scene().with(|scene| {
        scene.snapshot.record.last = Some(version("v0.3.0", "ours"));
        scene.snapshot.since_last = Some(Ancestry::Behind);
        scene.snapshot.ancestry = vec![(tag("v0.3.0", "ours"), Ancestry::Behind)];
    });
    let decision = back.decide();
    let behind = "the branch was moved back behind v0.3.0 (ours): what it has now is older than what was released";
    assert_eq!(outcome(&decision), behind);
    assert_eq!(keys(&decision), ["told/releases/7/off-the-line/tip"]);
    assert_eq!(messages(&decision)[0].priority, Urgency5::High);
    let again = back.then(&decision, Vec::new());
    assert!(again.decide().actions.is_empty());
    let moved = again.with(|scene| {
        scene.snapshot.tip = Some(sha("other"));
        scene.snapshot.candidates = vec![green("other")];
        scene.snapshot.since_last = Some(Ancestry::Diverged);
    });
    assert_eq!(keys(&moved.decide()), ["told/releases/7/off-the-line/other"]);
}

#[test]
fn our_own_last_release_must_be_in_the_branch_though_older_tags_are() {
    let scene = scene().after("v0.1.0").with(|scene| {
        scene.snapshot.record.last = Some(version("v0.2.0-rc.1", "ours"));
        scene.snapshot.since_last = Some(Ancestry::Diverged);
    });
    let expected =
        "the branch does not contain v0.2.0-rc.1 (ours) any more: its history was rewritten, so nothing is tagged";
    assert_eq!(outcome(&scene.decide()), expected);
}

#[test]
fn without_the_branch_nothing_is_released() {
    let scene = scene().with(|scene| {
        scene.snapshot.branch = BranchName::from("dev");
        scene.snapshot.tip = None;
        scene.snapshot.candidates.clear();
    });
    assert_eq!(outcome(&scene.decide()), "there is no branch `dev`");
}

#[test]
fn a_tag_that_github_finds_elsewhere_is_told_and_never_moved() {
    let scene = scene();
    let begun = scene.decide();
    let report = ReleaseReport::Elsewhere { tag: TagName::from("v0.1.0"), at: sha("stray") };
    let decision = scene.then(&begun, vec![report]).decide();
    let blocked = "the tag v0.1.0 stands at stray already, and no tag is ever moved";
    assert!(outcome(&decision).starts_with(blocked));
    assert!(decision.record.underway.is_none());
    assert_eq!(keys(&decision), ["told/releases/7/elsewhere/v0.1.0/stray"]);
    let again = scene.then(&decision, Vec::new());
    assert_eq!(outcome(&again.decide()), blocked);
    let listed = again.with(|scene| scene.snapshot.tags.push(tag("v0.1.0", "stray"))).decide();
    assert_eq!(outcome(&listed), blocked);
    assert!(listed.actions.is_empty());
}

#[test]
fn reports_of_what_is_not_under_way_change_nothing() {
    let scene = scene().with(|scene| scene.snapshot.candidates = vec![candidate("tip", vec![running("test")])]);
    let quiet = scene.decide();
    let reports = vec![
        released("v0.9.0", "tip"),
        ReleaseReport::Elsewhere { tag: TagName::from("v0.9.0"), at: sha("x") },
        ReleaseReport::Refused { tag: TagName::from("v0.9.0"), sha: sha("x"), why: "no".to_owned() },
        tracked("v0.9.0", 3),
    ];
    let decision = scene.then(&quiet, reports).decide();
    assert_eq!(decision.record, quiet.record);
    assert!(decision.actions.is_empty() && decision.offers.is_empty() && decision.released.is_none());
}

#[test]
fn annotated_tags_carry_a_message() {
    let plain = scene().decide();
    assert_eq!(order(&plain).unwrap().annotation, None);
    let annotated = scene().after("v0.1.0").with(|scene| scene.release.annotated = true).decide();
    assert_eq!(order(&annotated).unwrap().annotation.as_deref(), Some("v0.2.0\n\n1 pull request since v0.1.0."));
}

#[test]
fn a_version_that_a_pull_prepares_waits_for_that_pull() {
    let scene = scene().after("v0.1.0").with(|scene| {
        scene.release.changelog = Some("CHANGELOG.md".to_owned());
        scene.snapshot.files.files.push(("CHANGELOG.md".to_owned(), None));
    });
    let decision = scene.decide();
    assert!(order(&decision).is_none());
    let wanted = decision.record.pull.clone().expect("no pull is wanted");
    assert_eq!(outcome(&decision), "the release pull request for v0.2.0 has to be merged first");
    let written =
        ReleaseReport::PullWritten { number: Number(9), tag: TagName::from("v0.2.0"), digest: wanted.digest.clone() };
    let written = scene.then(&decision, vec![written]).decide();
    assert_eq!(written.record.pull.as_ref().and_then(|pull| pull.number), Some(Number(9)));
    assert_eq!(keys(&written), [""; 0], "it is written once");
    let refused = ReleaseReport::PullRefused {
        tag: TagName::from("v0.2.0"),
        digest: wanted.digest.clone(),
        why: "`dev` is protected".to_owned(),
    };
    let refused = scene.then(&written, vec![refused]).decide();
    assert!(outcome(&refused).contains("`dev` is protected"));
    assert!(keys(&refused).contains(&format!("told/releases/7/pull/v0.2.0/{}", wanted.digest).as_str()));
}
