//! What is said, labelled and linked on an issue is seen with whoever did it, and links of ours are made once.

use stationmaster::act::Deed;
use stationmaster::model::{
    Action, ActorKind, IssueSnapshot, IssueState, Item, LabelName, Number, Outcome, PullState, Repository,
};
use stationmaster::simulator::github::{Fault, FaultKind, NewPull, Permission};

use crate::world::{On, REPOSITORY, World, scenarios};

fn item(number: i64) -> Item {
    Item { repository: REPOSITORY.parse().unwrap(), number: Number(number) }
}

/// Opens a pull that says it closes an issue.
async fn closing_pull(world: &World, issue: i64) -> i64 {
    world.push("alice", "signals", &[("docs/signals.md", "Red means stop.\n")]);
    let body = Some(format!("Fixes #{issue}"));
    let pull = NewPull {
        title: "Signals".to_owned(),
        body,
        head: "signals".to_owned(),
        base: "main".to_owned(),
        ..NewPull::default()
    };
    let number = world.github.open_pull(REPOSITORY, "alice", pull).unwrap().0;
    world.settle().await;
    number
}

/// Performs an action of ours as the outbox would, for the first time or again.
async fn perform(world: &World, action: &Action, again: bool) -> Outcome {
    let now = stationmaster::model::Clock::now(&world.clock);
    let deed = Deed { key: "issue/1/opening", action, attempts: i64::from(again), first_attempt: now, fresh: !again };
    let outcome = world.app().hands.perform(deed).await;
    world.settle().await;
    outcome
}

#[expect(clippy::wildcard_enum_match_arm, reason = "whatever else it is, the test has failed")]
fn note(outcome: Outcome) -> String {
    match outcome {
        Outcome::Performed { note, .. } => note,
        other => panic!("{other:?}"),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "whatever else it is, the test has failed")]
fn reason(outcome: Outcome) -> String {
    match outcome {
        Outcome::Refused { reason } => reason,
        other => panic!("{other:?}"),
    }
}

/// What the last decision about an issue knew it to wait for.
async fn dependencies(world: &World, number: i64) -> Vec<(i64, bool, String)> {
    let saw = world.decisions(number).await.pop().unwrap().saw.unwrap();
    let snapshot: IssueSnapshot = serde_json::from_str(&saw).unwrap();
    snapshot.dependencies.into_iter().map(|one| (one.number.0, one.met, one.state)).collect()
}

async fn home(world: &World, number: i64) -> Repository {
    world.observed(number).await.repository
}

scenarios! {
    async fn an_issue_is_seen_with_whoever_edited_it_and_whoever_labelled_it(world: &World) {
        world.permission("mia", Permission::Maintain);
        let issue = world.open_issue("Fix the signal").await;
        let comment = world.comment_as(issue, "alice", "first").await;
        world.clock.advance_ms(1_000);
        world.edit_comment(comment, "mia", "second").await;
        world.edit_issue_body(issue, "mia", "It is red.").await;
        world.label_as(issue, "urgent-matter", "mia").await;
        world.unlabel_as(issue, "urgent-matter", "alice").await;
        let seen = world.observed(issue).await;
        let (editor, at) = seen.edited.unwrap();
        assert_eq!(editor.unwrap(), ("mia".into(), ActorKind::User));
        assert!(at > seen.issue.created);
        let said = seen.comments.iter().find(|known| known.id == comment).unwrap();
        assert_eq!((said.author.as_str(), said.body.as_str()), ("alice", "second"));
        assert_eq!(said.editor, Some(("mia".into(), ActorKind::User)));
        assert!(said.edited > Some(said.created));
        let card = seen.comments.iter().find(|known| known.author_kind == ActorKind::Bot).unwrap();
        assert_eq!(card.author.as_str(), world.github.app_login());
        assert_eq!(world.bot_comments(issue).len(), 1);
        let by_people: Vec<(String, bool, String)> = seen
            .label_events
            .iter()
            .filter_map(|event| Some((event.label.to_string(), event.added, event.by.clone()?)))
            .filter(|(_, _, (_, kind))| *kind == ActorKind::User)
            .map(|(label, added, (by, _))| (label, added, by.to_string()))
            .collect();
        let wanted = [("urgent-matter", true, "mia"), ("urgent-matter", false, "alice")];
        assert_eq!(by_people, wanted.map(|(label, added, by)| (label.to_owned(), added, by.to_owned())));
        let ours = seen.label_events.iter().any(|event| {
            event.added && event.label.as_str() == "status/assigned" && event.by.as_ref().is_some_and(|(_, kind)| *kind == ActorKind::Bot)
        });
        assert!(ours, "{:?}", seen.label_events);
    }

    async fn sub_issues_and_dependencies_are_seen_from_both_ends(world: &World) {
        let parent = world.open_issue("The weather is nice").await;
        let child = world.open_issue("Fix the signal").await;
        let other = world.open_issue("Test the signal").await;
        world.add_sub_issue(parent, "alice", child).await;
        world.add_dependency(other, "alice", child).await;
        let above = world.observed(parent).await;
        assert_eq!((above.sub_issues[0].item.clone(), above.sub_issues[0].status.as_str()), (item(child), "assigned"));
        assert_eq!(above.sub_issues[0].state, IssueState::Open);
        let below = world.observed(child).await;
        assert_eq!(below.parent, Some((item(parent), "The weather is nice".to_owned())));
        assert_eq!(below.dependents, [item(other)]);
        assert!(below.dependencies.is_empty());
        let waits = world.observed(other).await.dependencies;
        assert_eq!((waits[0].number, waits[0].met, waits[0].state.as_str()), (Number(child), false, "open"));
        world.close_issue(child, "alice").await;
        let waits = world.observed(other).await.dependencies;
        assert_eq!((waits[0].met, waits[0].state.as_str()), (true, "closed"));
        assert_eq!(world.observed(parent).await.sub_issues[0].state, IssueState::Closed);
    }

    async fn without_dependencies_nobody_asks_for_them(world: &World) {
        let issue = world.open_issue("Fix the signal").await;
        world.observed(issue).await;
        assert_eq!(world.count_requests("GET", "/dependencies/"), 0);
    }

    async fn a_line_in_the_text_counts_as_a_dependency_once(world: &World) {
        let first = world.open_issue("Fix the signal").await;
        let text = format!("Depends on #{first}, #77 and #2");
        let second = world.github.open_issue(REPOSITORY, "alice", "Test the signal", &text).unwrap().0;
        world.settle().await;
        assert_eq!(second, 2, "it names itself as well");
        let waits = dependencies(world, second).await;
        assert_eq!(waits, [(first, false, "open".to_owned()), (77, false, "not to be found".to_owned())]);
        world.add_dependency(second, "alice", first).await;
        world.close_issue(first, "alice").await;
        world.github.edit_title(REPOSITORY, "alice", Number(second), "Refactor the signal").unwrap();
        world.settle().await;
        let waits = dependencies(world, second).await;
        assert_eq!(waits, [(first, true, "closed".to_owned()), (77, false, "not to be found".to_owned())]);
    }

    async fn a_pull_that_closes_an_issue_is_seen_with_its_review_and_closes_it(world: &World) {
        let issue = world.open_issue("Fix the signal").await;
        let pull = closing_pull(world, issue).await;
        let seen = world.observed(issue).await.pulls.remove(0);
        assert_eq!((seen.number, seen.state, seen.closes), (Number(pull), PullState::Open, true));
        assert_eq!((seen.head_branch.as_str(), seen.base.as_str(), seen.author.as_str()), ("signals", "main", "alice"));
        assert_eq!((seen.merged, seen.changes_requested), (None, false));
        world.permission("mia", Permission::Maintain);
        world.review(pull, "mia", stationmaster::simulator::github::ReviewEvent::RequestChanges).await;
        assert!(world.observed(issue).await.pulls[0].changes_requested);
        assert!(world.github.merge_pull(REPOSITORY, "alice", Number(pull)).unwrap());
        world.settle().await;
        let seen = world.observed(issue).await;
        assert_eq!((seen.issue.state, seen.pulls[0].state), (IssueState::Closed, PullState::Merged));
        assert!(seen.pulls[0].merged.is_some());
        assert_eq!(world.issue(issue).state_reason.as_deref(), Some("completed"));
    }

    async fn an_issue_is_opened_as_part_of_another_once_however_often_it_is_tried(world: &World) {
        let parent = world.open_issue("The weather is nice").await;
        let action = Action::OpenIssue {
            repository: home(world, parent).await,
            title: "Fix the signal".to_owned(),
            body: "A part.".to_owned(),
            labels: vec![LabelName::new("urgent")],
            parent: Some(Number(parent)),
        };
        // It is opened and made a part, and nobody hears of the latter.
        world.github.inject(Fault::new("/sub_issues", FaultKind::StatusAfterDoing(502)).method("POST"));
        assert!(matches!(perform(world, &action, false).await, Outcome::Failed { .. }));
        assert_eq!(note(perform(world, &action, true).await), format!("the issue had been opened already: {REPOSITORY}#2, part of #{parent}"));
        assert_eq!(world.github.issues(REPOSITORY).len(), 2);
        assert_eq!(world.observed(parent).await.sub_issues[0].item, item(2));
        assert_eq!(world.count_requests("POST", "/sub_issues"), 1);
    }

    async fn an_issue_without_the_parent_that_was_meant_is_opened_and_says_so(world: &World) {
        let parent = world.open_issue("The weather is nice").await;
        let action = Action::OpenIssue {
            repository: home(world, parent).await,
            title: "Fix the signal".to_owned(),
            body: String::new(),
            labels: Vec::new(),
            parent: Some(Number(99)),
        };
        let note = note(perform(world, &action, false).await);
        assert!(note.contains("but not part of #99: Not Found"), "{note}");
    }

    async fn a_dependency_is_made_once_and_a_circle_is_refused_in_githubs_words(world: &World) {
        let first = world.open_issue("Fix the signal").await;
        let second = world.open_issue("Test the signal").await;
        let repository = home(world, first).await;
        let waits = |number: i64, on: i64| Action::AddDependency {
            repository: repository.clone(),
            number: Number(number),
            on: item(on),
        };
        assert_eq!(note(perform(world, &waits(second, first), false).await), format!("waits for {}", item(first)));
        let again = note(perform(world, &waits(second, first), true).await);
        assert_eq!(again, format!("waited for {} already", item(first)));
        assert_eq!(world.count_requests("POST", "/dependencies/blocked_by"), 1);
        let circle = reason(perform(world, &waits(first, second), false).await);
        assert!(circle.contains("circular"), "{circle}");
        let nowhere = reason(perform(world, &waits(first, 99), false).await);
        assert!(nowhere.contains("octo/station#99 is no issue"), "{nowhere}");
        let pull = closing_pull(world, first).await;
        let not_an_issue = reason(perform(world, &waits(first, pull), false).await);
        assert!(not_an_issue.contains("is no issue that octo/station#1 can wait for"), "{not_an_issue}");
    }

    async fn an_issue_is_closed_for_the_reason_that_it_has(world: &World) {
        let issue = world.open_issue("Fix the signal").await;
        let repository = home(world, issue).await;
        let close = Action::CloseIssue { repository, number: Number(issue), not_planned: true };
        assert_eq!(note(perform(world, &close, false).await), "the issue is closed as not planned");
        assert_eq!(world.issue(issue).state_reason.as_deref(), Some("not_planned"));
    }

    async fn while_permissions_cannot_be_read_nothing_is_decided_and_then_it_is(world: &World) {
        let pull = world.open_pull("signals", &[("docs/signals.md", "Red means stop.\n")]).await;
        world.clock.advance_ms(61_000);
        world.permissions_fail(1);
        let comment = world.comment_as(pull, "alice", "/hold until noon").await;
        assert!(world.reactions_to(pull, comment).contains(&"rocket".to_owned()));
        assert_eq!(world.github.clear_faults(), 0);
    }
}
