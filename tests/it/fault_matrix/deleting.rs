//! What a story was about is deleted in the middle of it: branches, people, issues, the repository itself.

use stationmaster::model::Number;
use stationmaster::simulator::github::{Fault, FaultKind};

use super::faults::read_all;
use super::logs::Logs;
use super::stages::Course;
use crate::world::{Beginning, On, REPOSITORY, World};

async fn story(tell: impl AsyncFnOnce(&World, &Course<'_>, &Logs)) {
    World::run_from(On::Sqlite, Beginning { lenient: true, ..Beginning::default() }, async |world: &World| {
        let logs = Logs::begin();
        tell(world, &Course::new(world).sweeping(), &logs).await;
        assert_eq!(logs.unended(), [""; 0]);
        read_all(world);
    })
    .await;
}

/// A pull by alice that has passed its check, and whose merge GitHub is too busy to do.
async fn about_to_be_merged(world: &World) -> i64 {
    let pull = world.open_pull("signals", &[("docs/signals.md", "Red means stop.\n")]).await;
    world.github.inject(Fault::new("/merge", FaultKind::Status(503)).method("PUT").times(8));
    world.ci_passes(pull).await;
    assert_eq!(world.pull(pull).merge_sha, None);
    pull
}

#[tokio::test]
async fn a_pull_whose_branch_is_deleted_before_its_merge_is_not_merged() {
    story(async |world, course, logs| {
        let pull = about_to_be_merged(world).await;
        world.github.delete_branch(REPOSITORY, "alice", "signals").unwrap();
        world.github.clear_faults();
        course.calm().await;
        assert_eq!(world.pull(pull).merge_sha, None);
        assert_eq!(world.pull(pull).state, "closed");
        assert_eq!(logs.others(), [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn a_pull_whose_base_is_deleted_before_its_merge_is_not_merged() {
    story(async |world, course, logs| {
        let main = world.github.head_of(REPOSITORY, "main").unwrap();
        world.github.force_push(REPOSITORY, "alice", "dev", &main).unwrap();
        let pull = about_to_be_merged(world).await;
        world.github.retarget_pull(REPOSITORY, "alice", Number(pull), "dev").unwrap();
        world.github.delete_branch(REPOSITORY, "alice", "dev").unwrap();
        world.github.clear_faults();
        course.calm().await;
        assert_eq!(world.pull(pull).merge_sha, None);
        assert_eq!(logs.others(), [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn a_release_branch_that_is_deleted_is_waited_for_in_peace() {
    story(async |world, course, logs| {
        let main = world.github.head_of(REPOSITORY, "main").unwrap();
        world.github.force_push(REPOSITORY, "alice", "dev", &main).unwrap();
        world.set_policy("[release]\nbranch = \"dev\"\n").await;
        world.github.delete_branch(REPOSITORY, "alice", "dev").unwrap();
        course.calm().await;
        assert!(world.tags().is_empty());
        world.github.force_push(REPOSITORY, "alice", "dev", &main).unwrap();
        course.calm().await;
        let files = [("docs/signals.md", Some(b"Red means stop.\n".to_vec()))];
        let landed = world.github.commit_files(REPOSITORY, "alice", "dev", &files, "feat: signals").unwrap();
        course.calm().await;
        world.checked(&landed, "success").await;
        course.calm().await;
        assert_eq!(world.tag_at("v0.1.0"), Some(landed));
        assert_eq!(logs.others(), [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn what_a_deleted_person_left_behind_is_nobodys_word() {
    story(async |world, course, logs| {
        let issue = world.open_issue("Fix the signal").await;
        let pull = world.open_pull("signals", &[("docs/signals.md", "Red means stop.\n")]).await;
        world.github.comment(REPOSITORY, "alice", Number(issue), "/urgent").unwrap();
        world.github.delete_user("alice");
        course.calm().await;
        let check = world.check_begins(pull, "build");
        world.github.finish_check(check, "success").unwrap();
        // What was known of alice's permission counts for a minute.
        world.pass_ms(61_000).await;
        course.calm().await;
        world.card(issue);
        assert_eq!(logs.others(), [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn an_issue_that_is_deleted_while_its_card_is_written_leaves_nothing_behind() {
    story(async |world, course, logs| {
        world.github.inject(Fault::new("/labels", FaultKind::Status(503)).times(30));
        let issue = world.open_issue("Fix the signal").await;
        world.github.delete_issue(REPOSITORY, "alice", Number(issue)).unwrap();
        world.github.clear_faults();
        course.calm().await;
        assert!(world.github.issue(REPOSITORY, issue).is_none());
        assert_eq!(logs.others(), [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn an_archived_repository_is_told_of_once_and_is_served_again_once_it_is_taken_out() {
    story(async |world, course, logs| {
        world.github.inject(Fault::new("/issues/", FaultKind::Status(503)).times(12));
        let issues = [world.open_issue("Fix the signal").await, world.open_issue("Fix the points").await];
        world.github.set_archived(REPOSITORY, true).unwrap();
        world.github.clear_faults();
        for _ in 0..5 {
            world.pass_ms(60_000).await;
        }
        assert_eq!(logs.begun("forbidden").len(), 1, "{:#?}", logs.begun("forbidden"));
        assert!(logs.begun("forbidden")[0].contains("archived"), "{:#?}", logs.begun("forbidden"));
        assert_eq!(logs.others(), [""; 0]);
        world.github.set_archived(REPOSITORY, false).unwrap();
        let dead = world.app().store.actions(Some(stationmaster::store::OutboxState::Dead), 100).await.unwrap();
        for action in dead {
            assert!(action.note.unwrap().contains("archived"));
            assert!(world.app().store.retry_action(&action.key).await.unwrap());
        }
        course.calm().await;
        for issue in issues {
            world.card(issue);
            assert!(world.issue(issue).labels.contains(&"status/assigned".to_owned()));
        }
    })
    .await;
}

#[tokio::test]
async fn a_repository_that_is_deleted_is_let_go() {
    story(async |world, course, logs| {
        world.github.inject(Fault::new("/labels", FaultKind::Status(503)).times(30));
        world.open_issue("Fix the signal").await;
        world.open_pull("signals", &[("docs/signals.md", "Red means stop.\n")]).await;
        world.github.delete_repository(REPOSITORY).unwrap();
        world.github.clear_faults();
        for _ in 0..5 {
            world.pass_ms(60_000).await;
        }
        assert_eq!(logs.begun("out_of_reach").len(), 1, "{:#?}", logs.begun("out_of_reach"));
        for action in world.app().store.actions(Some(stationmaster::store::OutboxState::Dead), 100).await.unwrap() {
            assert!(action.note.unwrap().contains("not found"));
            world.expect_one_dead();
        }
        course.calm().await;
        assert_eq!(logs.others(), [""; 0]);
    })
    .await;
}
