//! Pulls of the past against a policy, and what a pull that edits rules or policy shows of the past.

use std::sync::Arc;

use stationmaster::decide::backtest::{PullBacktest, PullRow, PullVerdict, Wrong, pulls};
use stationmaster::engine::GivenPolicy;
use stationmaster::model::{Login, Number, PastPulls};
use stationmaster::policy::Policy;
use stationmaster::simulator::github::{CheckRun, Fault, FaultKind, NewPull, Permission, ReviewEvent};

use crate::world::{On, REPOSITORY, World, scenarios};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
/// The policy under which people merge by hand.
const BY_HAND: &str = "[merge]\nenabled = false\n";

/// Bob may write beside alice.
fn people(world: &World) {
    world.github.add_user("bob");
    world.github.set_permission(REPOSITORY, "bob", Permission::Write).unwrap();
}

async fn opened(world: &World, branch: &str) -> i64 {
    let path = format!("docs/{branch}.md");
    let number = world.open_pull(branch, &[(path.as_str(), "Red means stop.\n")]).await;
    world.pass_ms(10 * MINUTE_MS).await;
    number
}

async fn merged_by_hand(world: &World, number: i64) {
    assert!(world.github.merge_pull(REPOSITORY, "bob", Number(number)).unwrap(), "{number} cannot be merged");
    world.settle().await;
    world.pass_ms(10 * MINUTE_MS).await;
}

async fn past(world: &World) -> PastPulls {
    let repository = world.engine.repository_now(world.repository().await).await.unwrap();
    world.engine.past_pulls(&repository, 100).await.unwrap()
}

async fn policy(world: &World, own: &str) -> Arc<Policy> {
    let given = GivenPolicy { rules: None, own: Some(own.to_owned()) };
    world.engine.policy_with(world.repository().await, &given).await.unwrap()
}

fn row(found: &PullBacktest, number: i64) -> &PullRow {
    found.rows.iter().find(|row| row.number == Number(number)).unwrap_or_else(|| panic!("no {number}: {found:#?}"))
}

/// Our check run on the head of a pull.
fn own_run(world: &World, number: i64) -> CheckRun {
    let runs = world.github.check_runs(REPOSITORY, &world.head(number)).into_iter();
    runs.rev().find(|run| run.name == "stationmaster/review").expect("there is no review")
}

fn said(run: &CheckRun) -> String {
    run.output.summary.clone().unwrap_or_default()
}

scenarios! {
    async fn pulls_of_the_past_are_merged_earlier_never_or_wrongly(world: &World) {
        people(world);
        world.set_policy(BY_HAND).await;
        let earlier = opened(world, "earlier").await;
        world.ci_passes(earlier).await;
        world.pass_ms(3 * HOUR_MS).await;
        merged_by_hand(world, earlier).await;
        let never = opened(world, "never").await;
        world.check(never, "build", "failure").await;
        merged_by_hand(world, never).await;
        let closed = opened(world, "closed").await;
        world.ci_passes(closed).await;
        world.pass_ms(HOUR_MS).await;
        world.github.close_pull(REPOSITORY, "bob", Number(closed)).unwrap();
        let late = opened(world, "late").await;
        world.ci_passes(late).await;
        world.pass_ms(HOUR_MS).await;
        world.review(late, "bob", ReviewEvent::RequestChanges).await;
        world.push("alice", "late", &[("docs/late.md", "Red means stop, always.\n")]);
        world.settle().await;
        world.ci_passes(late).await;
        world.review(late, "bob", ReviewEvent::Approve).await;
        merged_by_hand(world, late).await;
        let prompt = opened(world, "prompt").await;
        world.ci_passes(prompt).await;
        merged_by_hand(world, prompt).await;
        let bad = opened(world, "bad").await;
        world.ci_passes(bad).await;
        merged_by_hand(world, bad).await;
        world.push("bob", "revert-bad", &[("docs/other.md", "Red means stop.\n")]);
        let new = NewPull {
            title: "Revert \"Add bad\"".to_owned(),
            body: Some(format!("Reverts {REPOSITORY}#{bad}")),
            head: "revert-bad".to_owned(),
            base: "main".to_owned(),
            ..NewPull::default()
        };
        let revert = world.github.open_pull(REPOSITORY, "bob", new).unwrap().0;
        world.settle().await;
        merged_by_hand(world, revert).await;

        let past = past(world).await;
        assert_eq!(past.pulls.len(), 7, "{past:#?}");
        let found = pulls(&*policy(world, "").await, &past);
        let PullVerdict::Earlier { saved_ms } = row(&found, earlier).verdict else { panic!("{:#?}", row(&found, earlier)) };
        assert!((3 * HOUR_MS..3 * HOUR_MS + MINUTE_MS).contains(&saved_ms), "{saved_ms}");
        assert_eq!(row(&found, never).verdict, PullVerdict::Never);
        assert!(row(&found, never).blockers.iter().any(|why| why.contains("`build`")), "{:#?}", row(&found, never));
        assert_eq!(row(&found, closed).verdict, PullVerdict::Wrong(Wrong::ClosedUnmerged));
        let PullVerdict::Wrong(Wrong::ChangesRequested { by, .. }) = &row(&found, late).verdict else { panic!("{:#?}", row(&found, late)) };
        assert_eq!(*by, Login::new("bob"));
        assert_eq!(row(&found, prompt).verdict, PullVerdict::Same);
        assert_eq!(row(&found, bad).verdict, PullVerdict::Wrong(Wrong::Reverted { by_pull: Number(revert) }));
        assert_eq!(row(&found, revert).verdict, PullVerdict::Never, "nothing was checked");
        let first: Vec<i64> = found.rows.iter().take(3).map(|row| row.number.0).collect();
        assert_eq!(first, [bad, late, closed], "the wrong ones stand first");
        assert_eq!(found.sentence(), "7 pulls: 3 wrongly, 2 never, though people merged them, 1 earlier, 1 at the same time; half of the earlier ones by 3 h or more.");

        let strict = pulls(&*policy(world, "[merge]\napprovals = 1\n").await, &past);
        assert_eq!(row(&strict, closed).verdict, PullVerdict::LeftAlone);
        assert_eq!(row(&strict, late).verdict, PullVerdict::Same, "{:#?}", row(&strict, late));
        let off = pulls(&*policy(world, BY_HAND).await, &past);
        assert!(off.rows.iter().all(|row| row.would_merge.is_none()));
    }

    async fn a_pull_that_edits_rules_and_merging_shows_what_it_would_have_done(world: &World) {
        people(world);
        world.set_policy("").await;
        let issue = world.open_issue("Deploy v2.0 to production").await;
        world.open_issue("The weather is nice").await;
        let pull = world.open_pull("signals", &[("docs/signals.md", "Red means stop.\n")]).await;
        world.ci_passes(pull).await;
        world.expect_merged(pull).await;
        let edited = "[merge]\napprovals = 1\n\n[[rule]]\nname = \"ours\"\ntitle = \"(?i)^deploy\"\ntype = \"research\"\nrole = \"research_worker\"\npriority = 100\n";
        let edit = world.open_pull("policy", &[(".github/stationmaster.toml", edited)]).await;
        let summary = said(&own_run(world, edit));
        assert!(summary.contains("What it would have done in the past:"), "{summary}");
        assert!(summary.contains("Of the newest 2 issues, 1 would be routed otherwise:"), "{summary}");
        assert!(summary.contains(&format!("- #{issue} `Deploy v2.0 to production`: `deployment` (rule `deploy`) → `research` (rule `ours`)")), "{summary}");
        assert!(summary.contains("Of the newest closed pull, 1 would be merged otherwise; 0 wrongly, against 0 by the policy in force:"), "{summary}");
        assert!(summary.contains(&format!("- #{pull} `Add signals`: would not be merged any more: ")), "{summary}");
        assert!(summary.contains("GitHub does not tell how a pull stood in the past"), "{summary}");

        let topic = world.open_pull("topic", &[(".github/stationmaster.toml", "[notify]\ntopic = \"signals\"\n")]).await;
        let summary = said(&own_run(world, topic));
        assert!(summary.contains("notify.topic") && !summary.contains("in the past"), "{summary}");
    }

    async fn a_past_that_cannot_be_read_is_told_and_the_review_stands(world: &World) {
        world.set_policy("").await;
        world.propose("alice", "policy", &[(".github/stationmaster.toml", "[[rule]]\nname = \"ours\"\ntitle = \"(?i)deploy\"\ntype = \"research\"\npriority = 100\n")]);
        world.github.inject(Fault::new("/issues?state=all", FaultKind::Status(404)));
        world.settle().await;
        let run = own_run(world, 1);
        assert_eq!(run.conclusion.as_deref(), Some("success"));
        let summary = said(&run);
        assert!(summary.contains("The past could not be read from GitHub, so this was not tried on it"), "{summary}");
        assert!(summary.contains("rule `ours` added"), "{summary}");
    }
}
