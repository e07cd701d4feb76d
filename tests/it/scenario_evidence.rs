//! Linked pulls from one end to the other: what a merge finishes, and what closing an issue by hand does not.

use stationmaster::model::{Number, Subject, TaskState};
use stationmaster::simulator::github::{NewPull, Permission, ReviewEvent};

use crate::world::{On, REPOSITORY, World, deliver, scenarios};

const DOCS: &[(&str, &str)] = &[("docs/signals.md", "Red means stop.\n")];
const MINUTE_MS: i64 = 60_000;

/// How often anything was decided about the task.
async fn looks(world: &World, issue: i64) -> i64 {
    let task = world.task(issue).await.expect("the issue is not a task");
    world.app().store.decisions_about(&Subject::Issue(task.repository, task.number)).await.unwrap()
}

/// A task that alice has begun.
pub async fn begun(world: &World, title: &str) -> i64 {
    let issue = world.open_issue(title).await;
    world.comment_as(issue, "alice", "/assign @alice\n/claim").await;
    assert_eq!(status(world, issue), "in-progress");
    issue
}

/// Where a task stands, by the one label that says so.
#[track_caller]
pub fn status(world: &World, issue: i64) -> String {
    let labels = world.issue(issue).labels;
    let mut states = labels.iter().filter_map(|label| label.strip_prefix("status/"));
    let state = states.next().unwrap_or_else(|| panic!("no status among {labels:?}")).to_owned();
    assert_eq!(states.next(), None, "{labels:?}");
    state
}

/// A pull of alice's, by its branch, title and text, and the branch that it goes into.
pub async fn pull_of(world: &World, (branch, title, text): (&str, &str, &str), base: &str) -> i64 {
    world.push("alice", branch, &[(&format!("{}.txt", branch.replace('/', "-")), "Red means stop.\n")]);
    let (title, body, head, base) = (title.to_owned(), Some(text.to_owned()), branch.to_owned(), base.to_owned());
    let pull = NewPull { title, body, head, base, ..NewPull::default() };
    let number = world.github.open_pull(REPOSITORY, "alice", pull).unwrap().0;
    world.settle().await;
    number
}

/// A pull that says it fixes the issue.
pub async fn fixing(world: &World, issue: i64) -> i64 {
    pull_of(world, (&format!("signals-{issue}"), "Show signals", &format!("Fixes #{issue}")), "main").await
}

/// Alice presses the button.
pub async fn merge(world: &World, pull: i64) {
    press(world, pull);
    world.settle().await;
}

fn press(world: &World, pull: i64) {
    assert!(world.github.merge_pull(REPOSITORY, "alice", Number(pull)).unwrap(), "there is a conflict");
}

/// Lets the engine alone come to rest: whatever webhooks wait go on waiting.
async fn turn_on(world: &World) {
    for _ in 0..20 {
        world.clock.advance_ms(250);
        while world.turn().await > 0 {}
    }
}

#[track_caller]
fn expect_done(world: &World, issue: i64) {
    assert_eq!(status(world, issue), "done");
    assert_eq!(world.issue(issue).state, "closed");
    assert!(world.card(issue).contains("**Done.**"), "{}", world.card(issue));
}

scenarios! {
    async fn a_task_whose_linked_pull_is_merged_is_done_and_its_issue_closed(world: &World) {
        let issue = world.open_issue("[DEV] Show signals").await;
        let before = looks(world, issue).await;
        let pull = world.open_pull(&format!("task/{issue}-signals"), DOCS).await;
        assert_ne!(world.task(issue).await.unwrap().state, TaskState::Done);
        assert!(looks(world, issue).await > before, "the new pull has the task looked at");
        world.ci_passes(pull).await;
        world.expect_merged(pull).await;
        let task = world.task(issue).await.unwrap();
        assert_eq!(task.state, TaskState::Done);
        assert_eq!(task.work.timeline.last().unwrap().what, format!("done by octo/station#{pull}"));
        assert_eq!(world.issue(issue).state.as_str(), "closed");
    }

    async fn a_pull_that_is_linked_before_its_issue_is_a_task_is_found(world: &World) {
        let pull = world.open_pull("task/2-signals", DOCS).await;
        world.ci_passes(pull).await;
        world.expect_merged(pull).await;
        world.pass_ms(60_000).await;
        let issue = world.open_issue("[DEV] Show signals").await;
        assert_eq!(issue, 2);
        let task = world.task(issue).await.unwrap();
        assert_ne!(task.state, TaskState::Done, "it was merged before the task began");
    }

    async fn a_review_that_asks_for_changes_has_the_task_looked_at(world: &World) {
        world.github.add_user("carol");
        world.github.set_permission(REPOSITORY, "carol", Permission::Write).unwrap();
        let issue = world.open_issue("[DEV] Show signals").await;
        let pull = world.open_pull(&format!("task/{issue}-signals"), DOCS).await;
        let before = looks(world, issue).await;
        world.review(pull, "carol", ReviewEvent::RequestChanges).await;
        assert!(looks(world, issue).await > before, "nobody looked at the task");
    }

    async fn an_issue_that_github_closes_by_a_merge_is_done_whichever_webhook_comes_first(world: &World) {
        let (one, other) = (begun(world, "Fix the signal").await, begun(world, "Fix the switch").await);
        press(world, fixing(world, one).await);
        let closed = world.github.pending_webhooks().into_iter().find(|webhook| webhook.event == "issues").unwrap();
        let secret = world.github.app().webhook_secret;
        let name = (closed.event.as_str(), closed.guid.as_str());
        assert_eq!(deliver(&world.url, &secret, name, closed.payload.as_bytes()).await, 202);
        turn_on(world).await;
        expect_done(world, one);
        world.settle().await;
        expect_done(world, one);

        press(world, fixing(world, other).await);
        while world.github.pending_webhooks().first().is_some_and(|webhook| webhook.event != "issues") {
            world.github.deliver_next().await;
        }
        turn_on(world).await;
        assert_eq!(status(world, other), "done", "the pull's own webhook is enough");
        world.settle().await;
        expect_done(world, other);
        for issue in [one, other] {
            let timeline = world.task(issue).await.unwrap().work.timeline;
            assert_eq!(timeline.iter().filter(|line| line.what.starts_with("done by octo/station#")).count(), 1);
            assert!(timeline.iter().all(|line| !line.what.contains("without evidence")), "{timeline:?}");
        }
    }

    async fn what_is_done_says_why_however_often_it_is_looked_at(world: &World) {
        let issue = begun(world, "Fix the signal").await;
        let pull = fixing(world, issue).await;
        press(world, pull);
        turn_on(world).await;
        world.settle().await;
        expect_done(world, issue);
        let card = world.card(issue);
        assert!(card.contains(&format!("octo/station#{pull}, which is linked to it, is merged")), "{card}");
        world.github.edit_title(REPOSITORY, "alice", Number(issue), "Deploy the signal").unwrap();
        world.settle().await;
        let again = world.card(issue);
        assert!(again.contains(&format!("octo/station#{pull}, which is linked to it, is merged")), "{again}");
        assert!(!again.contains("rule `deploy`"), "{again}");
        assert_eq!(world.task(issue).await.unwrap().task_type.as_str(), "development", "what is done is not routed again");
    }

    async fn a_branch_or_a_title_alone_links_a_pull(world: &World) {
        let (one, other) = (begun(world, "Fix the signal").await, begun(world, "Fix the switch").await);
        let by_branch = pull_of(world, (&format!("task/{one}-signal"), "Red means stop", ""), "main").await;
        let by_title = pull_of(world, ("switches", &format!("#{other}: Switches"), "Nothing else."), "main").await;
        merge(world, by_branch).await;
        expect_done(world, one);
        assert_eq!(status(world, other), "in-progress");
        merge(world, by_title).await;
        expect_done(world, other);
    }

    async fn a_link_counts_as_it_is_when_the_pull_is_merged(world: &World) {
        let (one, other) = (begun(world, "Fix the signal").await, begun(world, "Fix the switch").await);
        let pull = pull_of(world, ("signals", "Signals", &format!("Fixes #{one}")), "main").await;
        world.github.edit_body(REPOSITORY, "alice", Number(pull), &format!("Fixes #{other}")).unwrap();
        world.settle().await;
        merge(world, pull).await;
        assert_eq!((status(world, one).as_str(), world.issue(one).state.as_str()), ("in-progress", "open"));
        expect_done(world, other);
    }

    async fn a_pull_into_another_branch_finishes_nothing_unless_the_policy_lists_it(world: &World) {
        let issue = begun(world, "Fix the signal").await;
        world.push("alice", "next", &[("next.txt", "soon\n")]);
        let pull = pull_of(world, ("signals", "Signals", &format!("Fixes #{issue}")), "next").await;
        merge(world, pull).await;
        assert_eq!(status(world, issue), "in-progress");
        world.comment_as(issue, "alice", &format!("/complete #{pull}")).await;
        world.expect_comment(issue, &format!("octo/station#{pull} goes into `next`, and counts when it is merged into `main`"));
        assert_eq!(status(world, issue), "in-progress");
        world.set_policy("[evidence]\nbranches = [\"next\"]\n").await;
        expect_done(world, issue);
    }

    async fn an_issue_that_is_closed_by_hand_without_evidence_is_cancelled_and_a_task_again_once_it_is_open(world: &World) {
        let issue = begun(world, "Fix the signal").await;
        world.close_issue(issue, "alice").await;
        assert_eq!(status(world, issue), "cancelled");
        assert!(world.card(issue).contains("**Cancelled"), "{}", world.card(issue));
        let said = world.comment_as(issue, "alice", "/complete https://github.com/octo/station/pull/1").await;
        assert!(world.reactions_to(issue, said).contains(&"confused".to_owned()));
        world.expect_comment(issue, "`/complete https://github.com/octo/station/pull/1`");
        assert_eq!(status(world, issue), "cancelled");
        world.github.reopen_issue(REPOSITORY, "alice", Number(issue)).unwrap();
        world.settle().await;
        assert_ne!(status(world, issue), "cancelled");
        assert_eq!(world.issue(issue).state, "open");
    }

    async fn an_issue_that_is_closed_while_evidence_is_verified_waits_for_what_comes_of_it(world: &World) {
        world.set_policy("[evidence.kinds]\ndevelopment = \"documentation\"\n").await;
        world.github.write_file(REPOSITORY, "main", ("docs/signals.md", "Red means stop."), "Say so").unwrap();
        let (one, other) = (begun(world, "Fix the signal").await, begun(world, "Fix the switch").await);
        for (issue, path) in [(one, "docs/signals.md"), (other, "docs/switches.md")] {
            world.github.comment(REPOSITORY, "alice", Number(issue), &format!("/complete {path}")).unwrap();
            world.close_issue(issue, "alice").await;
        }
        expect_done(world, one);
        world.expect_comment(other, "the evidence does not hold, and its issue is closed, so the task is cancelled");
        assert_eq!(status(world, other), "cancelled");
    }

    async fn an_issue_that_is_closed_while_its_pull_waits_follows_the_pull(world: &World) {
        let (one, other) = (begun(world, "Fix the signal").await, begun(world, "Fix the switch").await);
        let pulls = [fixing(world, one).await, fixing(world, other).await];
        for (issue, pull) in [one, other].into_iter().zip(pulls) {
            world.comment_as(issue, "alice", &format!("/complete #{pull}")).await;
            world.close_issue(issue, "alice").await;
            assert_eq!(status(world, issue), "review");
            assert!(world.card(issue).contains("to be merged"), "{}", world.card(issue));
        }
        merge(world, pulls[0]).await;
        expect_done(world, one);
        world.close_issue(pulls[1], "alice").await;
        assert_eq!(status(world, other), "cancelled");
        world.expect_comment(other, "was closed without a merge");
    }

    async fn a_merge_under_a_policy_that_cannot_be_read_waits_until_it_is_mended(world: &World) {
        let (merged, by_hand) = (begun(world, "Fix the signal").await, begun(world, "Fix the switch").await);
        let pull = fixing(world, merged).await;
        world.set_policy("[evidence\n").await;
        merge(world, pull).await;
        assert_eq!((status(world, merged).as_str(), world.issue(merged).state.as_str()), ("in-progress", "closed"));
        world.close_issue(by_hand, "alice").await;
        assert_eq!(status(world, by_hand), "cancelled", "nothing shows that it may be done");
        world.set_policy("[evidence]\n").await;
        expect_done(world, merged);
    }

    async fn a_task_that_was_opened_again_is_not_finished_by_the_same_merge(world: &World) {
        let issue = begun(world, "Fix the signal").await;
        merge(world, fixing(world, issue).await).await;
        expect_done(world, issue);
        world.clock.advance_ms(MINUTE_MS);
        world.github.reopen_issue(REPOSITORY, "alice", Number(issue)).unwrap();
        world.settle().await;
        assert_eq!(status(world, issue), "assigned", "it is still labelled for alice");
        world.comment_as(issue, "alice", "/claim").await;
        assert_eq!((status(world, issue).as_str(), world.issue(issue).state.as_str()), ("in-progress", "open"));
        let again = pull_of(world, ("again", "Signals", &format!("Fixes #{issue}")), "main").await;
        merge(world, again).await;
        expect_done(world, issue);
    }
}
