//! Stored decisions made again: the same by the same policy, otherwise by another one, once a night, and without effect.

use std::sync::Arc;

use stationmaster::decide::replay::Verdict;
use stationmaster::engine::{Engine, GivenPolicy, ReplaySpan};
use stationmaster::model::{Explanation, PlannedMark, ReplayRecord, StoredDecision, Subject, Timestamp};
use stationmaster::policy::{RuleFile, Rules};
use stationmaster::simulator::github::{CheckApp, Permission};
use stationmaster::store::{AuditEntry, AuditQuery, AuditRow};

use crate::world::{On, REPOSITORY, TOPIC, World, scenarios};
use crate::world_releases::Town;

const DAY_MS: i64 = 86_400_000;
const MINUTE_MS: i64 = 60_000;
const EVER: ReplaySpan = ReplaySpan { from: Timestamp(0), most: 10_000 };

/// Rules that know releases alone.
fn other_rules() -> GivenPolicy {
    let rule = "[[rule]]\nname = \"anything\"\ntitle = \"(?i)deploy\"\ntype = \"research\"\nrole = \"analyst\"\npriority = 99\n";
    let rules = Rules::from_files(vec![RuleFile::new("routing.toml", rule), Rules::builtin_roster()]);
    GivenPolicy { rules: Some(Arc::new(rules.unwrap_or_else(|faults| panic!("{faults:?}")))), own: None }
}

async fn newest(world: &World) -> StoredDecision {
    let stored = world.app().store.decisions_since(Timestamp(0), None, 1_000).await.unwrap();
    stored.into_iter().find(|one| matches!(one.subject, Subject::Issue(..))).expect("no issue was decided on")
}

/// Writes a line as if it had been decided so.
async fn write(world: &World, like: &StoredDecision, (summary, saw): (&str, &str)) {
    let entry = AuditEntry {
        actor: "stationmaster",
        subject: Some(like.subject.to_string()),
        decision: Some(like.number),
        kind: "decision",
        summary,
        explanation: Some(like.explanation.clone()),
        saw: Some(saw),
        replay: like.record.as_deref(),
        ..AuditEntry::default()
    };
    world.app().store.audit(&entry).await.unwrap();
}

async fn nights(world: &World) -> Vec<AuditRow> {
    let query = AuditQuery { kind: Some("self-check".to_owned()), limit: 10, ..AuditQuery::default() };
    world.app().store.audit_rows(&query).await.unwrap()
}

/// All rows that effects come from or that effects leave.
async fn traces(world: &World) -> (usize, usize, usize) {
    let actions = world.app().store.actions(None, 10_000).await.unwrap().len();
    let lines = world.app().store.audit_of(None, 10_000).await.unwrap().len();
    let written = world.github.requests().iter().filter(|request| request.method != "GET").count();
    (actions, lines, written)
}

scenarios! {
    async fn a_decision_is_the_same_until_the_rules_are_others_and_nothing_is_done(world: &World) {
        let number = world.open_issue("Deploy v2.0 to production").await;
        let before = traces(world).await;
        let same = world.engine.replay_since(EVER, &GivenPolicy::default()).await.unwrap();
        assert!(same.same > 0 && same.same == same.total(), "{same:#?}");
        let otherwise = world.engine.replay_since(EVER, &other_rules()).await.unwrap();
        assert_eq!((otherwise.policy, otherwise.unexplained), (otherwise.total(), 0), "{otherwise:#?}");
        let first = &otherwise.differing.last().unwrap().replayed.difference;
        let (was, is) = first.summary.clone().unwrap();
        assert!(was.contains("deployment") && is.contains("research"), "{was} / {is}");
        assert!(first.reasons_new.iter().any(|reason| reason.contains("`anything`")), "{first:#?}");
        assert!(first.actions_changed.iter().any(|action| action.starts_with("set_labels") || action.contains("label")), "{first:#?}");
        assert_eq!(traces(world).await, before, "a replay did something");
        assert!(world.issue(number).labels.contains(&"type/deployment".to_owned()));
    }

    async fn a_whole_history_from_an_issue_to_production_comes_out_the_same(world: &World) {
        let town = Town::open().await;
        world.github.add_user("bob");
        world.github.set_permission(REPOSITORY, "bob", Permission::Write).unwrap();
        let policy = format!("{}\n[merge]\nstrategy = \"queue\"\n", town.policy("", ""));
        world.set_policy(&policy).await;
        let issue = world.open_issue("Deploy v2.0 to production").await;
        world.say(issue, "alice", "/priority high").await;
        let pull = world.open_pull("signals", &[("docs/signals.md", "Red means stop.\n")]).await;
        world.say(pull, "bob", "/hold wait for the others").await;
        world.say(pull, "bob", "/unhold").await;
        world.ci_passes(pull).await;
        let staging = world.github.head_of(REPOSITORY, "stationmaster/queue/main").expect("nothing is tested");
        let check = world.github.start_check(REPOSITORY, &staging, CheckApp::actions(), "build").unwrap();
        world.github.finish_check(check, "success").unwrap();
        world.settle().await;
        world.expect_merged(pull).await;
        world.say_on("v0.1.0", "bob", "/approve prod").await;
        assert_eq!(town.runs("prod").as_deref(), Some("v0.1.0"));
        for comments in [issue, pull] {
            let spoken = world.bot_comments(comments).into_iter();
            for comment in spoken.filter(|comment| !comment.body.contains("stationmaster:card")) {
                world.expect_comment(comments, comment.body.lines().next().unwrap_or_default());
            }
        }
        let tally = world.engine.replay_since(EVER, &GivenPolicy::default()).await.unwrap();
        let others = tally.total() - tally.same - tally.policy;
        assert_eq!(others, 0, "{tally:#?}");
        assert!(tally.same >= 25, "{tally:#?}");
        let stored = world.app().store.decisions_since(Timestamp(0), None, 1_000).await.unwrap();
        for kind in ["issue/", "pull/", "branch/", "releases/", "environment/"] {
            let of_kind: Vec<_> = stored.iter().filter(|one| one.subject.to_string().starts_with(kind)).cloned().collect();
            let made = world.engine.replay_these(of_kind, &GivenPolicy::default()).await.unwrap();
            assert!(made.iter().any(|(_, replayed)| replayed.verdict == Verdict::Same), "nothing of {kind} is the same: {made:#?}");
        }
    }

    async fn time_is_that_of_the_decision_and_each_difference_has_its_cause(world: &World) {
        world.open_issue("Deploy v2.0 to production").await;
        let stored = newest(world).await;
        let again = async |stored: StoredDecision| {
            let mut made = world.engine.replay_these(vec![stored], &GivenPolicy::default()).await.unwrap();
            made.remove(0).1
        };
        let later = StoredDecision { at: stored.at.plus_ms(DAY_MS), ..stored.clone() };
        assert_eq!(again(later).await.verdict, Verdict::Same, "the clocks of a day were counted in");

        let record: ReplayRecord = serde_json::from_str(stored.record.as_deref().unwrap()).unwrap();
        let with = |record: &ReplayRecord| {
            StoredDecision { record: Some(serde_json::to_string(record).unwrap()), ..stored.clone() }
        };
        let mut fewer = record.clone();
        let left_out = fewer.actions.remove(0);
        let made = again(with(&fewer)).await;
        assert_eq!(made.verdict, Verdict::Unexplained);
        assert_eq!(made.difference.lines(), [format!("would be done as well: {} ({})", left_out.kind, left_out.key)]);
        let older = again(with(&ReplayRecord { version: "0.0.1".to_owned(), ..fewer })).await;
        assert_eq!((older.verdict, older.version.as_deref()), (Verdict::Version, Some("0.0.1")));
        let mut more = record;
        more.actions.push(PlannedMark { key: "none".to_owned(), ..left_out.clone() });
        let made = again(with(&more)).await;
        assert_eq!(made.difference.lines(), [format!("would not be done any more: {} (none)", left_out.kind)]);
    }

    async fn what_cannot_be_read_is_counted_and_named_and_stops_nothing(world: &World) {
        world.open_issue("Deploy v2.0 to production").await;
        let like = newest(world).await;
        write(world, &like, ("Of a version to come.", "{\"repository\":{\"id\":\"x\"}}")).await;
        world.expect_one_odd();
        let tally = world.engine.replay_since(EVER, &GivenPolicy::default()).await.unwrap();
        assert_eq!(tally.unreadable, 1, "{tally:#?}");
        assert!(tally.same > 0 && tally.unexplained == 0);
        let told = tally.differing[0].line();
        assert!(told.starts_with("decision ") && told.contains("on octo/station#1 cannot be made again: its snapshot cannot be read"), "{told}");
        assert!(tally.sentence().contains("1 that cannot be made again"), "{}", tally.sentence());
        let few = world.engine.replay_since(ReplaySpan { most: 1, ..EVER }, &GivenPolicy::default()).await.unwrap();
        assert!(few.cut && few.total() == 1, "{few:#?}");
    }

    async fn by_night_one_of_two_servers_makes_the_last_day_again_and_tells_of_what_should_not_be(world: &World) {
        let other = Engine::new(world.app().clone());
        assert_eq!(world.engine.check_itself().await.unwrap(), None, "the first night is taken note of");
        world.open_issue("Deploy v2.0 to production").await;
        assert_eq!(world.engine.check_itself().await.unwrap(), None, "it was done for today");
        world.pass_ms(DAY_MS - 30 * MINUTE_MS).await;
        let (one, two) = tokio::join!(world.engine.check_itself(), other.check_itself());
        let tally = [one.unwrap(), two.unwrap()].into_iter().flatten().collect::<Vec<_>>();
        assert_eq!(tally.len(), 1, "both servers did it");
        assert!(tally[0].same > 0 && tally[0].same == tally[0].total(), "{tally:#?}");
        let told = nights(world).await;
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].summary, tally[0].sentence());
        assert!(!world.told().iter().any(|title| title.contains("otherwise")), "{:?}", world.told());

        let like = newest(world).await;
        write(world, &like, ("Something else was said.", &like.saw)).await;
        world.expect_one_odd();
        world.pass_ms(DAY_MS - 30 * MINUTE_MS).await;
        let subject = like.subject.clone();
        let tally = world.engine.check_itself().await.unwrap().expect("the second night was left out");
        assert_eq!(tally.unexplained, 1, "{tally:#?}");
        assert_eq!(other.check_itself().await.unwrap(), None);
        world.settle().await;
        let told: Vec<_> = world.ntfy.messages(TOPIC).into_iter().filter(|message| {
            message.title.as_deref() == Some("A decision comes out otherwise when it is made again")
        }).collect();
        assert_eq!(told.len(), 1, "{:?}", world.told());
        let text = format!("{:?}", told[0]);
        assert!(text.contains("Something else was said.") && text.contains("priority: Some(2)"), "{text}");
        let newest_night = nights(world).await.remove(0);
        let explanation: Explanation = serde_json::from_str(newest_night.explanation.as_deref().unwrap()).unwrap();
        assert!(explanation.reasons[0].contains("differs and should not"), "{explanation:#?}");
        assert!(matches!(subject, Subject::Issue(..)));
        let metrics = world.app().metrics.encode().unwrap();
        assert!(metrics.contains("stationmaster_replay_decisions_total{result=\"unexplained\"} 1"), "{metrics}");
    }
}

#[tokio::test]
async fn by_night_nothing_is_made_again_where_that_is_switched_off() {
    World::run_with(On::Sqlite, &[("REPLAY_NIGHTLY", "0")], async |world: &World| {
        assert_eq!(world.engine.check_itself().await.unwrap(), None);
        world.pass_ms(DAY_MS).await;
        assert_eq!(world.engine.check_itself().await.unwrap(), None);
        assert!(nights(world).await.is_empty());
    })
    .await;
}
