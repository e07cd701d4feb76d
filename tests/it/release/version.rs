//! Which version comes next.

use stationmaster::decide::release::{candidates, previous, stable_versions};
use stationmaster::model::{Ancestry, ReleaseReport, TagName};
use stationmaster::policy::Bump;

use super::scene::*;

#[test]
fn the_next_version_follows_from_the_tags_and_from_what_landed() {
    let rows = [
        ("no tag yet", vec![], "feat: x", "v0.1.0 at tip"),
        ("a fix before 1.0", vec!["v0.3.1"], "fix: x", "v0.3.2 at tip"),
        ("a feature before 1.0", vec!["v0.3.1"], "feat: x", "v0.4.0 at tip"),
        ("a break before 1.0", vec!["v0.3.1"], "feat!: x", "v0.4.0 at tip"),
        ("a fix", vec!["v1.3.1"], "fix: x", "v1.3.2 at tip"),
        ("a feature", vec!["v1.3.1"], "feat: x", "v1.4.0 at tip"),
        ("a break", vec!["v1.3.1"], "fix(api)!: x", "v2.0.0 at tip"),
        ("no word about it", vec!["v1.3.1"], "tidy up", "v1.3.2 at tip"),
        ("numbers, not letters, order versions", vec!["v1.10.0"], "fix: x", "v1.10.1 at tip"),
    ];
    for (what, before, title, expected) in rows {
        let mut scene = scene().landed(vec![pull(1, title)]);
        for name in before {
            scene = scene.after(name);
        }
        assert_eq!(outcome(&scene.decide()), expected, "{what}");
    }
}

#[test]
fn tags_that_are_no_versions_of_this_prefix_do_not_count() {
    let tags = ["nightly", "1.0.0", "v1.2", "v01.2.3", "app-v9.9.9", "vendor", "v2.0.0-rc.1", "v0.9.0", "v0.10.0"];
    let scene = scene().with(|scene| scene.snapshot.tags = tags.iter().map(|name| tag(name, "elsewhere")).collect());
    let stable: Vec<TagName> =
        stable_versions(&scene.snapshot.tags, scene.policy()).into_iter().map(|tag| tag.name).collect();
    assert_eq!(stable, [TagName::from("v0.10.0"), TagName::from("v0.9.0")]);
    let only_others = scene.with(|scene| scene.snapshot.tags.truncate(6));
    assert_eq!(outcome(&only_others.decide()), "v0.1.0 at tip");
}

#[test]
fn a_version_may_have_another_prefix_or_none_and_another_beginning() {
    let first = semver::Version::new(1, 0, 0);
    let begun = scene().with(|scene| scene.release.first = first);
    assert_eq!(outcome(&begun.decide()), "v1.0.0 at tip");
    let bare = scene().with(|scene| scene.release.prefix = String::new()).after("1.1.0");
    assert_eq!(outcome(&bare.decide()), "1.2.0 at tip");
    let long = scene().with(|scene| scene.release.prefix = "app/v".to_owned()).after("app/v1.1.0");
    assert_eq!(outcome(&long.decide()), "app/v1.2.0 at tip");
}

#[test]
fn the_version_before_is_the_highest_that_is_an_ancestor() {
    let rows = [
        (vec![("v2.0.0", Ancestry::Diverged), ("v1.0.0", Ancestry::Ahead)], Some("v1.0.0"), "v1.1.0 at tip"),
        (
            vec![("v2.0.0", Ancestry::Diverged)],
            None,
            "the branch does not contain v2.0.0 (before) any more: its history was rewritten, so nothing is tagged",
        ),
        (
            vec![("v2.0.0", Ancestry::Behind), ("v1.0.0", Ancestry::Ahead)],
            None,
            "the branch was moved back behind v2.0.0 (before): what it has now is older than what was released",
        ),
        (vec![("v2.0.0", Ancestry::Identical)], Some("v2.0.0"), ""),
    ];
    for (ancestry, expected, out) in rows {
        let scene = scene().with(|scene| {
            scene.snapshot.ancestry = ancestry.iter().map(|(name, how)| (tag(name, "before"), *how)).collect();
        });
        assert_eq!(previous(&scene.snapshot.ancestry).map(|tag| tag.name.as_str()), expected);
        assert_eq!(outcome(&scene.decide()), out);
    }
}

#[test]
fn a_tag_at_another_commit_is_left_there_and_people_are_told_once() {
    let scene = scene().after("v0.1.0").with(|scene| scene.snapshot.tags.push(tag("v0.2.0", "stray")));
    let decision = scene.decide();
    assert_eq!(outcome(&decision), "the tag v0.2.0 stands at stray already, and no tag is ever moved");
    assert_eq!(keys(&decision), ["told/releases/7/elsewhere/v0.2.0/stray"]);
    assert!(decision.record.underway.is_none());
    let again = scene.then(&decision, Vec::new()).decide();
    assert!(again.actions.is_empty(), "{:?}", again.actions);
    let gone = scene.with(|scene| scene.snapshot.tags.truncate(1));
    assert_eq!(outcome(&gone.decide()), "v0.2.0 at tip");
}

#[test]
fn a_tag_at_the_same_commit_is_the_release() {
    let scene = scene().after("v0.1.0").with(|scene| scene.snapshot.tags.push(tag("v0.2.0", "tip")));
    assert_eq!(outcome(&scene.decide()), "v0.2.0 at tip");
}

#[test]
fn what_we_released_counts_though_github_does_not_list_it_yet() {
    let scene = scene().after("v0.1.0").with(|scene| {
        scene.snapshot.record.last = Some(version("v0.2.0", "ours"));
        scene.snapshot.since_last = Some(Ancestry::Ahead);
    });
    assert_eq!(outcome(&scene.decide()), "v0.3.0 at tip");
}

#[test]
fn pre_releases_are_counted_for_each_version() {
    let rc = || scene().with(|scene| scene.release.prerelease = Some("rc".to_owned())).after("v1.1.0");
    assert_eq!(outcome(&rc().decide()), "v1.2.0-rc.1 at tip");
    let tagged = |names: &[(&str, &str)]| {
        let tags: Vec<_> = names.iter().map(|(name, at)| tag(name, at)).collect();
        outcome(&rc().with(|scene| scene.snapshot.tags.extend(tags)).decide())
    };
    assert_eq!(tagged(&[("v1.2.0-rc.1", "a"), ("v1.2.0-rc.9", "b"), ("v1.2.0-rc.10", "c")]), "v1.2.0-rc.11 at tip");
    assert_eq!(tagged(&[("v1.2.0-rc.1", "a"), ("v1.2.0-rc.2", "tip")]), "v1.2.0-rc.2 at tip");
    assert_eq!(tagged(&[("v1.2.0-beta.4", "a"), ("v1.3.0-rc.4", "b"), ("v1.2.0-rc4", "c")]), "v1.2.0-rc.1 at tip");
    let broken = rc().landed(vec![pull(1, "feat: x"), pull(2, "fix!: y")]);
    assert_eq!(outcome(&broken.decide()), "v2.0.0-rc.1 at tip");
    let order = rc().decide();
    assert!(super::scene::order(&order).is_some_and(|order| order.prerelease));
}

#[test]
fn a_pre_release_never_falls_behind_the_one_before_it() {
    let scene = scene().after("v1.1.0").landed(vec![pull(1, "feat: x"), pull(2, "Revert \"feat: x\"")]).with(|scene| {
        scene.release.prerelease = Some("rc".to_owned());
        scene.snapshot.tags.push(tag("v1.2.0-rc.1", "ours"));
        scene.snapshot.record.last = Some(version("v1.2.0-rc.1", "ours"));
        scene.snapshot.since_last = Some(Ancestry::Ahead);
    });
    assert_eq!(outcome(&scene.decide()), "v1.2.0-rc.2 at tip");
}

#[test]
fn a_version_is_always_greater_than_the_one_before() {
    let titles = ["feat: x", "fix: x", "feat!: x", "chore: x", "x", "Revert \"feat: x\"", "docs!: x"];
    let befores = ["0.0.1", "0.1.0", "0.9.9", "1.0.0", "1.9.9", "2.10.3", "1.0.0+build.5"];
    for before in befores {
        for title in titles {
            for default in [Bump::Patch, Bump::Minor, Bump::Major] {
                for word in [None, Some("rc".to_owned())] {
                    let scene = scene().after(&format!("v{before}")).landed(vec![pull(1, title)]).with(|scene| {
                        scene.release.default_bump = default;
                        scene.release.prerelease = word.clone();
                    });
                    let decision = scene.decide();
                    let tag = &order(&decision).unwrap().tag;
                    let next = semver::Version::parse(tag.as_str().strip_prefix('v').unwrap()).unwrap();
                    let before = semver::Version::parse(before).unwrap();
                    assert!(next > before, "{next} after {before} by {title}");
                }
            }
        }
    }
}

#[test]
fn candidates_are_the_tip_and_what_it_was_before() {
    let shas = |names: &[&str]| names.iter().map(|name| sha(name)).collect::<Vec<_>>();
    let rows = [
        ("a", vec![], vec!["a"]),
        ("c", vec!["b", "a"], vec!["c", "b", "a"]),
        ("b", vec!["b", "a"], vec!["b", "a"]),
        ("f", vec!["e", "d", "c", "b", "a"], vec!["f", "e", "d", "c", "b"]),
        // Moved back: what came after is gone.
        ("a", vec!["c", "b", "a"], vec!["a"]),
    ];
    for (tip, seen, expected) in rows {
        assert_eq!(candidates(&sha(tip), &shas(&seen)), shas(&expected), "{tip} after {seen:?}");
    }
}

#[test]
fn a_refusal_holds_for_that_commit_alone() {
    let scene = scene().after("v0.1.0");
    let begun = scene.decide();
    let why = "GitHub refuses to tag tip without the permission *Workflows: write*".to_owned();
    let refused = scene
        .then(&begun, vec![ReleaseReport::Refused { tag: TagName::from("v0.2.0"), sha: sha("tip"), why: why.clone() }]);
    let decision = refused.decide();
    assert_eq!(outcome(&decision), why);
    assert_eq!(messages(&decision).iter().map(|message| &message.text).collect::<Vec<_>>(), [&why]);
    let later = refused.then(&decision, Vec::new());
    let again = later.decide();
    assert_eq!(outcome(&again), why);
    assert!(again.actions.is_empty());
    assert_eq!(again.look_again, Some(NOW.plus_ms(3_600_000)));
    let pushed = later.with(|scene| {
        scene.snapshot.tip = Some(sha("next"));
        scene.snapshot.candidates.insert(0, green("next"));
    });
    assert_eq!(outcome(&pushed.decide()), "v0.2.0 at next");
}
