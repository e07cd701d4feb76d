//! How far the version moves.

use stationmaster::model::{LandedCommit, LandedPull};
use stationmaster::policy::Bump;

use super::scene::*;

/// The step from v1.2.3, by what landed.
fn step(scene: &Scene) -> &'static str {
    match outcome(&scene.decide()).as_str() {
        "v1.2.4 at tip" => "patch",
        "v1.3.0 at tip" => "minor",
        "v2.0.0 at tip" => "major",
        "nothing that landed asks for a release" => "nothing",
        other => panic!("unexpected: {other}"),
    }
}

fn pulls(landed: Vec<LandedPull>) -> Scene {
    scene().after("v1.2.3").landed(landed)
}

fn commits(landed: Vec<LandedCommit>, brought: Vec<LandedPull>) -> Scene {
    scene().after("v1.2.3").range(landed, brought)
}

#[test]
fn pulls_say_it_by_labels_and_titles() {
    let rows: Vec<(&str, Vec<LandedPull>, &str)> = vec![
        ("a fix", vec![pull(1, "fix: x")], "patch"),
        ("a faster one", vec![pull(1, "perf: x")], "patch"),
        ("a feature beside a fix", vec![pull(1, "feat: x"), pull(2, "fix: y")], "minor"),
        ("in any case", vec![pull(1, "Feat(API): x")], "minor"),
        ("a break", vec![pull(1, "refactor!: x")], "major"),
        ("types that ask for nothing", vec![pull(1, "chore: x"), pull(2, "docs: y")], "patch"),
        ("what only looks like a type", vec![pull(1, "Note: feat: x")], "patch"),
        ("a label wins over the title", vec![labelled(1, "feat!: x", &["release/patch"])], "patch"),
        ("the highest label wins", vec![labelled(1, "x", &["release/patch", "Release/Minor", "bug"])], "minor"),
        ("a label with another word", vec![labelled(1, "feat: x", &["release/soon"])], "minor"),
        ("a skipped one says nothing", vec![labelled(1, "feat: x", &["release/skip"]), pull(2, "fix: y")], "patch"),
        ("skipped beside one without a word", vec![labelled(1, "feat: x", &["release/skip"]), pull(2, "y")], "patch"),
        (
            "all skipped",
            vec![labelled(1, "feat: x", &["release/skip"]), labelled(2, "y", &["release/skip"])],
            "nothing",
        ),
        ("a revert", vec![pull(1, "Revert \"feat: of the last release\"")], "patch"),
        ("a revert and its pull", vec![pull(1, "feat: x"), pull(2, "Revert \"feat: x\"")], "patch"),
        (
            "a revert of one of two",
            vec![pull(1, "feat!: x"), pull(2, "feat: y"), pull(3, "Revert \"feat!: x\"")],
            "minor",
        ),
        (
            "a revert that was reverted",
            vec![pull(1, "feat: x"), pull(2, "Revert \"feat: x\""), pull(3, "Revert \"Revert \"feat: x\"\"")],
            "minor",
        ),
        (
            "a revert that was reapplied",
            vec![pull(1, "feat: x"), pull(2, "Revert \"feat: x\""), pull(3, "Reapply \"feat: x\"")],
            "minor",
        ),
        ("put in again after the release before", vec![pull(3, "Reapply \"feat: x\"")], "minor"),
        (
            "a pair that cancels out beside a skipped one",
            vec![pull(1, "feat: x"), pull(2, "Revert \"feat: x\""), labelled(3, "y", &["release/skip"])],
            "nothing",
        ),
    ];
    for (what, landed, expected) in rows {
        assert_eq!(step(&pulls(landed)), expected, "{what}");
    }
}

#[test]
fn commits_say_it_where_titles_do_not() {
    let rows: Vec<(&str, Vec<LandedCommit>, Vec<LandedPull>, &str)> = vec![
        ("a commit alone", vec![commit("a", "feat: x", &[])], vec![], "minor"),
        ("an untyped pull has its commits speak", vec![commit("a", "feat: x", &[1])], vec![pull(1, "A door")], "minor"),
        ("a typed pull speaks for them", vec![commit("a", "feat: x", &[1])], vec![pull(1, "fix: a door")], "patch"),
        (
            "a squash's bullets",
            vec![commit("a", "A door (#1)\n\n* fix!: x\n\n* wip", &[1])],
            vec![pull(1, "A door")],
            "major",
        ),
        ("a footer", vec![commit("a", "fix: x\n\nBREAKING CHANGE: y", &[])], vec![], "major"),
        ("a footer without a blank line", vec![commit("a", "fix: x\nBREAKING CHANGE: y", &[])], vec![], "major"),
        ("a footer with a hyphen", vec![commit("a", "fix: x\n\ntext\nBREAKING-CHANGE: y", &[])], vec![], "major"),
        (
            "a footer behind a typed pull",
            vec![commit("a", "fix: x (#1)\n\nBREAKING CHANGE: y", &[1])],
            vec![pull(1, "fix: x")],
            "major",
        ),
        ("the word in prose", vec![commit("a", "fix: x\n\nthis is no BREAKING CHANGE: at all", &[])], vec![], "patch"),
        (
            "a merge by itself",
            vec![commit("b", "Merge branch 'x' into main", &[]), commit("a", "feat: x", &[])],
            vec![],
            "minor",
        ),
        (
            "a commit that takes another back",
            vec![
                commit("b", "Undo the door\n\nThis reverts commit abcdef1234.", &[]),
                commit("abcdef1234", "feat: x", &[]),
            ],
            vec![],
            "patch",
        ),
        (
            "git's own revert",
            vec![
                commit("b", "Revert \"Feature door\"\n\nThis reverts commit abcdef1234.", &[]),
                commit("abcdef1234", "feat: x", &[]),
            ],
            vec![],
            "patch",
        ),
        (
            "GitHub's revert of a pull, retitled",
            vec![commit("b", "revert: doors (#2)\n\nReverts octo/app#1", &[2]), commit("a", "feat: x (#1)", &[1])],
            vec![pull(1, "feat: x"), pull(2, "revert: doors")],
            "patch",
        ),
        ("a commit of a pull that was not read", vec![commit("a", "feat: x", &[9])], vec![], "minor"),
    ];
    for (what, landed, brought, expected) in rows {
        assert_eq!(step(&commits(landed, brought)), expected, "{what}");
    }
}

#[test]
fn the_policy_says_the_step_where_nobody_does() {
    let quiet = |bump| step(&pulls(vec![pull(1, "tidy up")]).with(|scene| scene.release.default_bump = bump));
    assert_eq!(quiet(Bump::Patch), "patch");
    assert_eq!(quiet(Bump::Minor), "minor");
    assert_eq!(quiet(Bump::Major), "major");
    assert_eq!(quiet(Bump::None), "nothing");
    let said = pulls(vec![pull(1, "fix: x")]).with(|scene| scene.release.default_bump = Bump::None);
    assert_eq!(step(&said), "patch");
}

#[test]
fn only_a_label_leads_to_one_point_zero() {
    let before = |landed| outcome(&scene().after("v0.4.1").landed(landed).decide());
    assert_eq!(before(vec![pull(1, "feat!: x")]), "v0.5.0 at tip");
    assert_eq!(before(vec![labelled(1, "docs: stable", &["release/major"])]), "v1.0.0 at tip");
}

#[test]
fn a_pre_release_is_not_made_for_what_is_skipped_since_the_last_one() {
    let landed = |last: LandedPull| {
        scene().after("v1.1.0").landed(vec![pull(1, "feat: x"), last]).with(|scene| {
            scene.release.prerelease = Some("rc".to_owned());
            scene.snapshot.tags.push(tag("v1.2.0-rc.1", "s1"));
            scene.snapshot.record.last = Some(version("v1.2.0-rc.1", "s1"));
            scene.snapshot.since_last = Some(stationmaster::model::Ancestry::Ahead);
        })
    };
    let skipped = landed(labelled(2, "docs: y", &["release/skip"])).decide();
    assert_eq!(outcome(&skipped), "nothing that landed asks for a release");
    assert_eq!(outcome(&landed(pull(2, "docs: y")).decide()), "v1.2.0-rc.2 at tip");
}
