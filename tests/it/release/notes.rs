//! The notes of a release.

use stationmaster::model::{ActorKind, BranchName, LabelName, LandedCommit, Login};
use stationmaster::policy::NotesGroup;

use super::scene::*;

fn notes(scene: &Scene) -> String {
    order(&scene.decide()).unwrap().notes.clone()
}

#[test]
fn notes_group_what_landed_and_link_pulls_authors_and_the_comparison() {
    let bot = by("renovate[bot]", ActorKind::Bot, pull(6, "chore(deps): bump semver"));
    let newcomer = by("ben", ActorKind::User, pull(3, "feat(ui): a door"));
    let pulls = vec![
        pull(2, "fix: the roof leaks"),
        stationmaster::model::LandedPull { first_contribution: true, ..newcomer },
        pull(4, "feat!: another lock"),
        pull(5, "Revert \"feat: a cellar\""),
        stationmaster::model::LandedPull { first_contribution: true, ..bot },
        pull(7, "perf: climb faster"),
    ];
    let mut scene = scene().after("v0.1.0").landed(pulls);
    let lone = LandedCommit { author: None, ..commit("1234567890", "Paint it\n\nin blue", &[]) };
    scene.snapshot.range.as_mut().unwrap().commits.insert(0, lone);
    let expected = "\
## Breaking changes

- another lock ([#4](https://github.com/octo/app/pull/4)) by [ann](https://github.com/ann)

## Features

- a door ([#3](https://github.com/octo/app/pull/3)) by [ben](https://github.com/ben)

## Fixes

- the roof leaks ([#2](https://github.com/octo/app/pull/2)) by [ann](https://github.com/ann)

## Performance

- climb faster ([#7](https://github.com/octo/app/pull/7)) by [ann](https://github.com/ann)

## Reverts

- Revert \"feat: a cellar\" ([#5](https://github.com/octo/app/pull/5)) by [ann](https://github.com/ann)

## Other changes

- bump semver ([#6](https://github.com/octo/app/pull/6)) by [renovate\\[bot\\]](https://github.com/apps/renovate)
- Paint it ([`1234567`](https://github.com/octo/app/commit/1234567890))

## New contributors

- [ben](https://github.com/ben) made their first contribution in [#3](https://github.com/octo/app/pull/3)

**Full changelog**: [v0.1.0...v0.2.0](https://github.com/octo/app/compare/v0.1.0...v0.2.0)
";
    assert_eq!(notes(&scene), expected);
    assert_eq!(order(&scene.decide()).unwrap().authors, [Login::from("ann"), Login::from("ben")]);
}

#[test]
fn groups_of_the_policy_come_first_and_labels_may_leave_pulls_out() {
    let group = |title: &str, labels: &[&str], types: &[&str]| NotesGroup {
        title: title.to_owned(),
        labels: labels.iter().map(|label| LabelName::from(*label)).collect(),
        types: types.iter().map(|kind| (*kind).to_owned()).collect(),
    };
    let pulls = vec![
        labelled(1, "fix: a hole", &["Security"]),
        pull(2, "docs: how to climb"),
        labelled(3, "feat: hidden", &["internal"]),
        pull(4, "feat: shown"),
        pull(5, "deps: newer"),
    ];
    let scene = scene().landed(pulls).with(|scene| {
        scene.release.groups = vec![
            group("Security", &["security"], &[]),
            group("Docs @all", &[], &["docs"]),
            group("Fixes", &[], &["deps"]),
        ];
        scene.release.exclude_labels = vec![LabelName::from("Internal")];
    });
    let text = notes(&scene);
    let headlines: Vec<&str> = text.lines().filter(|line| line.starts_with("## ")).collect();
    assert_eq!(headlines, ["## Security", "## Docs @\u{200b}all", "## Fixes", "## Features"]);
    assert!(text.contains("- how to climb (") && text.contains("- newer (") && text.contains("- shown ("));
    assert!(!text.contains("hidden"), "{text}");
    assert!(text.ends_with("**Full changelog**: [v0.1.0](https://github.com/octo/app/commits/v0.1.0)\n"), "{text}");
}

#[test]
fn titles_call_nobody_and_break_out_of_nothing() {
    let rows = [
        ("thanks @octocat", "- thanks @\u{200b}octocat ("),
        ("for @octo/team and a@b.c", "- for @\u{200b}octo/team and a@\u{200b}b.c ("),
        ("`@types/node` is newer", "- `@\u{200b}types/node` is newer ("),
        ("&#64;octocat &amp;", "- \\&#64;octocat \\&amp; ("),
        ("<!-- gone --> <b>", "- \\<!-- gone --\\> \\<b\\> ("),
        ("[x](https://evil.example)", "- \\[x\\](https://evil.example) ("),
        ("# loud", "- \\# loud ("),
        ("1. first", "- 1\\. first ("),
        ("2.0 is out", "- 2.0 is out ("),
        ("- inner", "- \\- inner ("),
        ("```", "- \\`\\`\\` ("),
        ("a ` tick", "- a \\` tick ("),
        ("keep `a_b` and a_b but _not_ *that*", "- keep `a_b` and a_b but \\_not\\_ \\*that\\* ("),
        ("two\nlines\r\nand more", "- two lines  and more ("),
        ("closes #5", "- closes #5 ("),
        ("costs $5 | ~6~ \\", "- costs \\$5 \\| \\~6\\~ \\\\ ("),
    ];
    for (title, expected) in rows {
        let text = notes(&scene().landed(vec![pull(1, title)]));
        let line = text.lines().find(|line| line.starts_with("- ")).unwrap();
        assert!(line.starts_with(expected), "{title:?} became {line:?}");
    }
}

#[test]
fn no_notes_ever_hold_an_active_mention_or_a_second_line() {
    let parts = ["@ann", "`", "&#64;", "\\", "@", "<", "](", "_", "\n@bob", "x", "``", "@-", "\u{202e}@"];
    for one in parts {
        for two in parts {
            for three in parts {
                let title = format!("{one}{two}{three}");
                let author = by("@evil(", ActorKind::User, pull(1, &title));
                let scene = scene().range(vec![commit("a", &format!("{three}{one}"), &[])], vec![author]);
                let text = notes(&scene);
                let active = text.split('@').skip(1).any(|after| !after.starts_with('\u{200b}'));
                assert!(!active, "{title:?} calls somebody: {text}");
                assert_eq!(text.lines().filter(|line| line.starts_with("- ")).count(), 2, "{title:?}: {text}");
            }
        }
    }
}

#[test]
fn notes_that_are_too_long_are_cut_at_a_line_with_a_link_to_the_rest() {
    let long = "x".repeat(240);
    let pulls = (1..=800).map(|number| pull(number, &format!("fix: {long}"))).collect();
    let text = notes(&scene().after("v0.1.0").landed(pulls));
    assert!(text.chars().count() <= 120_000, "{}", text.chars().count());
    assert!(text.chars().count() > 110_000);
    let listed = text.lines().filter(|line| line.starts_with("- ")).count();
    let link = "[the comparison](https://github.com/octo/app/compare/v0.1.0...v0.1.1)";
    let end = format!("{} more lines do not fit here; {link} shows everything.", 800 - listed);
    assert!(text.contains(&end), "{}", text.get(text.len() - 400..).unwrap());
    assert!(text.lines().filter(|line| line.starts_with("- ")).all(|line| line.ends_with("(https://github.com/ann)")));
}

#[test]
fn notes_say_that_older_changes_were_not_read() {
    let mut scene = scene().after("v0.1.0");
    scene.snapshot.range.as_mut().unwrap().cut = true;
    assert!(notes(&scene).contains("Older changes are not listed here; [the comparison]("));
}

#[test]
fn pages_of_another_github_are_linked_and_unknown_ones_are_not() {
    let mut there = pull(1, "feat: x");
    there.url = "https://ghe.example/octo/app/pull/1".to_owned();
    let text = notes(&scene().after("v0.1.0").range(Vec::new(), vec![there.clone()]));
    assert!(text.contains("by [ann](https://ghe.example/ann)"), "{text}");
    assert!(text.contains("](https://ghe.example/octo/app/compare/v0.1.0...v0.2.0)"), "{text}");
    there.url = "javascript:alert(1)".to_owned();
    let text = notes(&scene().after("v0.1.0").range(Vec::new(), vec![there]));
    assert!(text.contains("- x (#1) by [ann]"), "{text}");
    assert!(!text.contains("Full changelog") && !text.contains("javascript"), "{text}");
}

#[test]
fn everybody_whose_work_is_in_it_is_an_author_once_and_bots_are_not() {
    let pulls = vec![
        by("Ann", ActorKind::User, pull(1, "feat: x")),
        by("helper", ActorKind::Bot, pull(2, "fix: y")),
        by("renovate[bot]", ActorKind::User, pull(3, "chore: z")),
    ];
    let message =
        "feat: x\n\nCo-authored-by: Cy <12+cy@users.noreply.github.com>\nCo-authored-by: Di <di@home.example>";
    let mut commits = vec![commit("a", message, &[1]), commit("b", "y", &[2]), commit("c", "z", &[])];
    commits[1].author = Some(Login::from("helper"));
    commits[2].author = Some(Login::from("BEN"));
    let decision = scene().range(commits, pulls).decide();
    assert_eq!(order(&decision).unwrap().authors, [Login::from("Ann"), Login::from("BEN"), Login::from("cy")]);
}

#[test]
fn a_release_pull_of_ours_is_no_change_and_a_stranger_cannot_feign_one() {
    let mut ours = by("stationmaster[bot]", ActorKind::Bot, pull(2, "Release v7.0.0"));
    ours.head_branch = BranchName::from("stationmaster/release/main");
    let mut feigned = by("eve", ActorKind::User, pull(3, "Release v9.0.0"));
    feigned.head_branch = BranchName::from("stationmaster/release/main");
    let scene = scene().after("v0.1.0").landed(vec![pull(1, "feat: x"), ours, feigned]).with(|scene| {
        scene.release.changelog = Some("CHANGELOG.md".to_owned());
    });
    let decision = scene.decide();
    assert_eq!(outcome(&decision), "v7.0.0 at tip");
    let text = notes(&scene);
    assert!(!text.contains("#2]") && text.contains("#3]"), "{text}");
}
