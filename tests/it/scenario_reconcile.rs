//! After days without a server and without webhooks everything is caught up with, within GitHub's limit.

use stationmaster::model::Number;
use stationmaster::simulator::github::{CheckApp, Fault, FaultKind, LoggedRequest};

use crate::scenario_missed::comments_to_read;
use crate::world::{On, REPOSITORY, World, scenarios};
use crate::world_releases::Town;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

async fn sweep(world: &World) {
    world.engine.sweep().await.unwrap();
    world.settle().await;
}

/// Time passes in steps of ten minutes, with all that the clock brings about.
async fn live(world: &World, ms: i64) {
    for _ in 0..ms / (10 * MINUTE_MS) {
        world.clock.advance_ms(10 * MINUTE_MS);
        world.engine.tick().await.unwrap();
        world.settle().await;
    }
}

/// Requests since then that counted against an installation's limit.
fn counted(world: &World, since: usize) -> Vec<LoggedRequest> {
    let all = world.github.requests().into_iter().skip(since);
    all.filter(|request| {
        request.status != Some(304) && !request.path.starts_with("/app") && !request.path.starts_with("/graphql")
    })
    .collect()
}

scenarios! {
    async fn a_sweep_of_what_has_not_changed_costs_nothing(world: &World) {
        for yard in 0..5 {
            world.github.create_repository(&format!("octo/yard-{yard}")).unwrap();
        }
        world.open_issue("Fix the signal").await;
        live(world, 30 * MINUTE_MS).await;
        let before = world.github.requests().len();
        for _ in 0..3 {
            world.clock.advance_ms(5 * MINUTE_MS);
            sweep(world).await;
        }
        let requests: Vec<LoggedRequest> = world.github.requests().into_iter().skip(before).collect();
        assert!(counted(world, before).is_empty(), "{:#?}", counted(world, before));
        // One question for each repository, and where the App is installed.
        assert_eq!(requests.len(), 3 * (6 + 2), "{requests:#?}");
    }

    async fn ten_days_without_a_server_are_caught_up_with(world: &World) {
        let town = Town::open().await;
        world.github.add_user("bob");
        world.github.set_permission(REPOSITORY, "bob", stationmaster::simulator::github::Permission::Write).unwrap();
        world.set_policy(&town.policy("", "")).await;
        world.land("feat: signals").await;
        let kept = world.open_issue("Fix the lamps").await;
        let closed = world.open_issue("Fix the levers").await;
        let by_hand = world.open_pull("points", &[("docs/points.md", "Left or right.\n")]).await;
        let dropped = world.open_pull("wires", &[("docs/wires.md", "Mind the wires.\n")]).await;
        assert_eq!(world.tags(), ["v0.1.0"]);

        // Ten days in which nothing of all this is told, not even in GitHub's log any more.
        world.clock.advance_ms(DAY_MS);
        world.github.close_issue(REPOSITORY, "alice", Number(closed)).unwrap();
        world.github.edit_title(REPOSITORY, "alice", Number(kept), "Test the lamps").unwrap();
        world.github.merge_pull(REPOSITORY, "alice", Number(by_hand)).unwrap();
        world.github.close_pull(REPOSITORY, "alice", Number(dropped)).unwrap();
        let tip = world.github.head_of(REPOSITORY, "main").unwrap();
        let check = world.github.start_check(REPOSITORY, &tip, CheckApp::actions(), "build").unwrap();
        world.github.finish_check(check, "success").unwrap();
        let approved = world.tracking("v0.1.0").await;
        world.github.comment(REPOSITORY, "bob", Number(approved), "/approve prod").unwrap();
        let late = world.github.open_issue(REPOSITORY, "alice", "Fix the clock", "").unwrap();
        world.github.create_repository("acme/yard").unwrap();
        world.github.drop_all();
        world.clock.advance_ms(9 * DAY_MS);

        sweep(world).await;
        live(world, 30 * MINUTE_MS).await;
        world.card(late.0);
        assert!(world.issue(kept).labels.contains(&"type/testing".to_owned()), "{:?}", world.issue(kept).labels);
        assert_eq!(world.task(closed).await.unwrap().state, stationmaster::model::TaskState::Cancelled);
        assert_eq!(world.tags(), ["v0.1.0", "v0.1.1"], "{}", world.release_story().await);
        assert_eq!(town.runs("qa").as_deref(), Some("v0.1.1"), "{}", world.environment_story("qa").await);
        // What was approved meanwhile has been overtaken, and an approval holds for its own version only.
        assert_eq!(town.runs("prod"), None, "{}", world.environment_story("prod").await);
        world.say_on("v0.1.1", "bob", "/approve prod").await;
        assert_eq!(town.runs("prod").as_deref(), Some("v0.1.1"), "{}", world.environment_story("prod").await);
        for (issue, comment) in comments_to_read(world) {
            world.expect_comment(issue, &comment);
        }
        let open = world.app().store.open_pulls(world.repository().await).await.unwrap();
        assert!(open.is_empty(), "{open:#?}");
        let known = world.app().store.repositories().await.unwrap();
        assert!(known.iter().any(|known| known.name.to_string() == "acme/yard"));
    }

    async fn hundreds_of_changes_are_looked_at_within_the_limit(world: &World) {
        // A fifth of GitHub's smallest limit, so that a fifth of the changes is enough.
        world.github.set_rate_limit(1_000, 1_000);
        for train in 0..60 {
            world.github.open_issue(REPOSITORY, "alice", &format!("Monitor train {train}"), "").unwrap();
        }
        world.github.drop_all();
        world.clock.advance_ms(10 * DAY_MS);
        let before = world.github.requests().len();
        sweep(world).await;
        let looked = || world.github.look(|view| view.issues(REPOSITORY).iter().filter(|issue| !issue.labels.is_empty()).count());
        assert!((1..=30).contains(&looked()), "{} are looked at at once", looked());
        live(world, 100 * MINUTE_MS).await;
        assert_eq!(looked(), 60);
        let refused = counted(world, before).into_iter().filter(|request| request.status == Some(403)).count();
        assert_eq!(refused, 0, "the limit was never reached");
    }

    async fn what_comes_by_webhook_does_not_wait_for_its_turn_in_the_sweep(world: &World) {
        world.github.set_rate_limit(1_000, 1_000);
        for train in 0..40 {
            world.github.open_issue(REPOSITORY, "alice", &format!("Monitor train {train}"), "").unwrap();
        }
        world.github.drop_all();
        world.clock.advance_ms(DAY_MS);
        sweep(world).await;
        let unseen = world.github.look(|view| view.issues(REPOSITORY).into_iter().rfind(|issue| issue.labels.is_empty()));
        let number = Number(unseen.expect("some wait for their turn").number);
        world.github.comment(REPOSITORY, "alice", number, "/priority high").unwrap();
        world.settle().await;
        assert!(world.issue(number.0).labels.contains(&"priority/high".to_owned()), "{:?}", world.issue(number.0).labels);
    }

    async fn a_sweep_leaves_a_fifth_of_the_limit_to_webhooks(world: &World) {
        let issue = world.open_issue("Fix the signal").await;
        live(world, 20 * MINUTE_MS).await;
        world.github.edit_title(REPOSITORY, "alice", Number(issue), "Test the signal").unwrap();
        world.github.drop_all();
        world.github.set_rate_limit(5_000, 900);
        // Some webhook's look shows what is left.
        world.open_issue("Fix the points").await;
        let before = world.github.requests().len();
        world.clock.advance_ms(10 * MINUTE_MS);
        sweep(world).await;
        let asked: Vec<LoggedRequest> = world.github.requests().into_iter().skip(before).collect();
        assert!(!asked.iter().any(|request| request.path.contains("sort=updated")), "{asked:#?}");
        assert!(!world.issue(issue).labels.contains(&"type/testing".to_owned()));
        world.clock.advance_ms(HOUR_MS);
        sweep(world).await;
        assert!(world.issue(issue).labels.contains(&"type/testing".to_owned()), "a full hour's limit is there again");
    }

    async fn an_installation_that_ended_unnoticed_is_let_go(world: &World) {
        world.github.create_repository("acme/yard").unwrap();
        world.settle().await;
        world.github.uninstall("acme").unwrap();
        world.github.drop_all();
        world.clock.advance_ms(10 * MINUTE_MS);
        sweep(world).await;
        let known = world.app().store.repositories().await.unwrap();
        assert_eq!(known.iter().map(|known| known.name.to_string()).collect::<Vec<_>>(), [REPOSITORY]);
    }

    async fn an_installation_that_cannot_be_asked_does_not_keep_the_others_from_being_swept(world: &World) {
        world.github.create_repository("acme/yard").unwrap();
        world.settle().await;
        for repository in ["acme/yard", REPOSITORY] {
            world.github.open_issue(repository, "bob", "Fix the signal", "").unwrap();
        }
        world.github.drop_all();
        world.clock.advance_ms(10 * MINUTE_MS);
        world.github.inject(Fault::new("/installation/repositories", FaultKind::Status(503)));
        sweep(world).await;
        for repository in ["acme/yard", REPOSITORY] {
            let issue = world.github.issue(repository, 1).unwrap();
            assert!(issue.labels.contains(&"type/development".to_owned()), "{repository}: {:?}", issue.labels);
        }
    }

    async fn a_common_policy_that_changed_unnoticed_reaches_all_repositories_of_its_owner(world: &World) {
        world.github.create_repository("octo/.github").unwrap();
        world.settle().await;
        live(world, 20 * MINUTE_MS).await;
        let issue = world.open_issue("Paint the station").await;
        let policy = "[[rule]]\nname = \"paint\"\ntitle = \"^paint\"\ntype = \"development\"\nrole = \"development\"\npriority = 60\n";
        world.github.write_file("octo/.github", "main", (".github/stationmaster.toml", policy), "A policy").unwrap();
        world.github.drop_all();
        world.clock.advance_ms(10 * MINUTE_MS);
        sweep(world).await;
        assert!(world.issue(issue).labels.contains(&"type/development".to_owned()), "{:?}", world.issue(issue).labels);
    }
}
