//! What people read on the issue of a release.

use stationmaster::model::{
    Action, Blocker, DeployBlocker, DeployEnd, DeployKind, DeployState, EnvironmentName, Explanation, Held, IssueState,
    Login, Permission,
};

use super::scene::{HOUR_MS, NOW, Scene, deploy, freeze, person, question, row, running, version, wanted};

fn card(scene: &Scene) -> String {
    scene.decided().card.replace('\u{200b}', "·")
}

/// What the card says of this version in an environment.
fn says_of(scene: &Scene, name: &str) -> String {
    let card = card(scene);
    let row = card.lines().find(|line| line.starts_with(&format!("| `{name}` |"))).unwrap();
    row.split(" | ").nth(2).unwrap().to_owned()
}

fn because(scene: &mut Scene, name: &str, reasons: Vec<DeployBlocker>) {
    let blockers = reasons.into_iter().map(|reason| Blocker::Deploy { reason }).collect();
    let explanation = Explanation { reasons: Vec::new(), blockers };
    scene.snapshot.explanations.insert(EnvironmentName::new(name), explanation);
}

#[test]
fn a_release_that_was_just_made_shows_where_it_will_go() {
    insta::assert_snapshot!(card(&Scene::new()), @r"
    **[`v0.2.0`](https://github.com/acme/rust/releases/tag/v0.2.0)** (2020202) is released, and not deployed yet.

    | Environment | What runs there | v0.2.0 | Approved by |
    | --- | --- | --- | --- |
    | `qa` | v0.1.1 since 2026-11-21 11:00 UTC | not yet |  |
    | `prod` | v0.1.1 since 2026-11-21 11:00 UTC | once it is verified in qa |  |
    ");
}

#[test]
fn a_question_for_approval_says_exactly_what_to_write() {
    let mut scene = Scene::waiting();
    scene.snapshot.rows = vec![
        (EnvironmentName::new("qa"), row(3, "v0.2.0", Some(DeployEnd::Succeeded), "healthy 3 times")),
        (EnvironmentName::new("qa"), row(2, "v0.2.0", Some(DeployEnd::Error), "the target did not answer")),
    ];
    scene.snapshot.rows[1].1.errors = 3;
    scene.snapshot.rows[0].1.by = Some("wendy".to_owned());
    scene.environments[0].url = Some("https://qa.example".to_owned());
    insta::assert_snapshot!(card(&scene), @r"
    **[`v0.2.0`](https://github.com/acme/rust/releases/tag/v0.2.0)** (2020202) is verified in qa, waits for approval in prod.

    > **v0.2.0** is deployed to **prod** once somebody with write permission, with no work of their own in it, writes `/approve prod` here until 2026-11-22 11:00 UTC; `/reject prod why` turns it down.

    | Environment | What runs there | v0.2.0 | Approved by |
    | --- | --- | --- | --- |
    | [`qa`](https://qa.example) | v0.2.0 since 2026-11-21 11:00 UTC | verified since 2026-11-21 11:00 UTC |  |
    | `prod` | v0.1.1 since 2026-11-21 11:00 UTC | waits for approval until 2026-11-22 11:00 UTC |  |

    <details><summary>Deployments of v0.2.0</summary>

    | Environment | Number | Began | How it ended | Asked for by |
    | --- | --- | --- | --- | --- |
    | qa | 3 | 2026-11-21 10:03 UTC | succeeded: healthy 3 times | wendy |
    | qa | 2 | 2026-11-21 10:02 UTC | error, 3 errors on the way: the target did not answer | the policy |

    </details>
    ");
    scene.environments[1].approvers = vec![Login::new("mia"), Login::new("rita")];
    let listed = card(&scene);
    assert!(
        listed.contains("once mia or rita, with no work of their own in it, writes `/approve prod` here"),
        "{listed}"
    );
}

#[test]
fn a_frozen_environment_shows_until_when_why_and_by_whom() {
    let mut scene = Scene::waiting();
    let until = NOW.plus_ms(2 * HOUR_MS);
    let prod = scene.record("prod");
    prod.freezes = vec![
        freeze(Some(until), "the fair, ask @bob\n| or <b>"),
        freeze(None, "for good"),
        freeze(Some(NOW), "this one is over"),
    ];
    prod.approval.as_mut().unwrap().by = Some(person("mia", Permission::Maintain));
    prod.last_refusal = Some("nothing waits for approval".to_owned());
    let frozen = DeployBlocker::Frozen { until: Some(until), why: "the fair".to_owned() };
    because(&mut scene, "prod", vec![frozen, DeployBlocker::NothingToApprove { waits: None }]);
    insta::assert_snapshot!(card(&scene), @r"
    **[`v0.2.0`](https://github.com/acme/rust/releases/tag/v0.2.0)** (2020202) is verified in qa, waits in prod.

    | Environment | What runs there | v0.2.0 | Approved by |
    | --- | --- | --- | --- |
    | `qa` | v0.2.0 since 2026-11-21 11:00 UTC | verified since 2026-11-21 11:00 UTC |  |
    | `prod` | v0.1.1 since 2026-11-21 11:00 UTC | waits: it is frozen until 2026-11-21T14:00:00Z: the fair | mia |

    - **prod is frozen** until 2026-11-21 14:00 UTC, by mia: the fair, ask @·bob \| or &lt;b>
    - **prod is frozen** until somebody writes `/unfreeze`, by mia: for good
    - prod refused what was asked last: nothing waits for approval
    ");
}

#[test]
fn each_step_of_a_deployment_has_its_words() {
    let at = NOW.plus_ms(HOUR_MS);
    for (state, words) in [
        (DeployState::Creating, "its deployment begins"),
        (DeployState::Triggering, "its deployment begins"),
        (DeployState::Running { run: None, until: at }, "is being deployed since 2026-11-21 11:59 UTC"),
        (
            DeployState::Retrying { at, because: "a timeout".to_owned() },
            "its target could not be told (a timeout); tried again at 2026-11-21 13:00 UTC",
        ),
        (
            DeployState::Checking { probes: 2, good: 1, bad: 0, next: None, last: None },
            "is deployed; its health is looked at",
        ),
        (
            DeployState::Soaking { until: at, probes: 3, bad: 0, next: None },
            "is healthy; watched until 2026-11-21 13:00 UTC",
        ),
    ] {
        let mut scene = Scene::new();
        scene.record("qa").current = Some(deploy("v0.2.0", state));
        assert_eq!(says_of(&scene, "qa"), words);
        assert!(card(&scene).contains(" is on its way to qa.\n"), "{}", card(&scene));
    }
}

#[test]
fn a_probe_more_is_no_reason_to_write_the_card_again() {
    let mut scene = Scene::new();
    let checking = |probes| DeployState::Checking { probes, good: probes, bad: 0, next: None, last: None };
    scene.record("qa").current = Some(deploy("v0.2.0", checking(1)));
    scene.run();
    scene.record("qa").current = Some(deploy("v0.2.0", checking(2)));
    assert_eq!(scene.run().actions, []);
}

#[test]
fn each_end_and_each_wait_has_its_words() {
    let mut scene = Scene::new();
    scene.record("qa").wanted = Some(wanted("v0.2.0"));
    assert_eq!(says_of(&scene, "qa"), "waits for its turn");
    let not_green = DeployBlocker::ChecksNotGreen { detail: "`test` failed".to_owned() };
    because(&mut scene, "qa", vec![not_green]);
    assert_eq!(says_of(&scene, "qa"), "waits: its commit is not green: `test` failed");
    scene.record("qa").wanted = Some(wanted("v0.3.0"));
    assert_eq!(says_of(&scene, "qa"), "not yet", "what another version waits for is not shown here");

    let mut scene = Scene::new();
    let failed = row(4, "v0.2.0", Some(DeployEnd::Error), "its target did not answer");
    scene.snapshot.rows = vec![(EnvironmentName::new("qa"), failed)];
    assert_eq!(says_of(&scene, "qa"), "error: its target did not answer");
    let why = "its health check failed".to_owned();
    let version = version("v0.2.0");
    scene.record("qa").held = vec![Held { sha: version.sha, tag: version.tag, why, at: NOW }];
    assert_eq!(says_of(&scene, "qa"), "held back: its health check failed");

    let mut scene = Scene::new();
    scene.verified("qa", "v0.2.0");
    scene.record("qa").running = Some(running("v0.3.0"));
    assert_eq!(says_of(&scene, "qa"), "was verified; another version runs by now");
    scene.record("qa").running = Some(running("v0.2.0-rc.1"));
    assert_eq!(says_of(&scene, "qa"), "verified since 2026-11-21 11:00 UTC, as v0.2.0-rc.1");
    scene.record("qa").running.as_mut().unwrap().verified = false;
    assert_eq!(says_of(&scene, "qa"), "runs, not verified since 2026-11-21 11:00 UTC, as v0.2.0-rc.1");

    let mut scene = Scene::new();
    scene.environments[0].auto = false;
    assert_eq!(says_of(&scene, "qa"), "when somebody writes `/deploy qa`");
    scene.record("qa").approval = Some(question("v0.2.0"));
    scene.record("qa").approval.as_mut().unwrap().expires = NOW;
    assert_eq!(says_of(&scene, "qa"), "nobody approved it in time; `/deploy qa` asks again");
}

#[test]
fn a_way_back_to_this_version_says_from_what_and_why() {
    let mut scene = Scene::new();
    let mut back = deploy("v0.2.0", DeployState::Creating);
    back.kind = DeployKind::Rollback { from: version("v0.3.0"), why: "its health check failed".to_owned() };
    scene.record("prod").current = Some(back);
    assert_eq!(
        says_of(&scene, "prod"),
        "is brought back in place of v0.3.0 (its health check failed); its deployment begins"
    );
}

#[test]
fn a_policy_that_cannot_be_read_is_on_the_card() {
    let mut scene = Scene::new();
    scene.environments.clear();
    scene.unreadable = Some("line 2: unknown key".to_owned());
    insta::assert_snapshot!(card(&scene), @r"
    **[`v0.2.0`](https://github.com/acme/rust/releases/tag/v0.2.0)** (2020202) is released.

    **The repository's policy cannot be read**, so nothing new is deployed: line 2: unknown key
    ");
}

#[test]
fn the_card_is_edited_where_there_is_one_and_only_when_it_says_something_new() {
    let mut scene = Scene::new();
    let first = scene.run();
    assert_eq!(first.summary, "acme/rust#12: v0.2.0 is released, and not deployed yet.");
    let card = stationmaster::model::CommentId(55);
    scene.snapshot.record.card = Some(card);
    assert_eq!(scene.run().actions, []);
    scene.record("qa").wanted = Some(wanted("v0.2.0"));
    let changed = scene.run();
    let [planned] = changed.actions.as_slice() else { panic!("{:?}", changed.actions) };
    assert_eq!(planned.slot.as_deref(), Some("card"));
    let Action::WriteCard { comment, text, .. } = &planned.action else { panic!("{planned:?}") };
    assert_eq!((*comment, text), (Some(card), &changed.card));
}

#[test]
fn the_card_is_looked_at_once_more_when_a_freeze_or_a_question_has_ended() {
    let mut scene = Scene::waiting();
    let of_the_question = NOW.plus_ms(23 * HOUR_MS + 5_000);
    assert_eq!(scene.decided().look_again, Some(of_the_question));
    scene.record("qa").freezes = vec![freeze(Some(NOW), "over"), freeze(None, "for good")];
    assert_eq!(scene.decided().look_again, Some(of_the_question));
    scene.record("qa").freezes.push(freeze(Some(NOW.plus_ms(HOUR_MS)), "the fair"));
    assert_eq!(scene.decided().look_again, Some(NOW.plus_ms(HOUR_MS + 5_000)));
    scene.snapshot.issue.state = IssueState::Closed;
    assert_eq!(scene.decided().look_again, None);
}
