//! Tokens, remembered calls and messages, learnings and notes on both databases.

use stationmaster::model::{Impact, Learning, Login, ManualClock, Number, Scope, TaskChanges, WorkerId};
use stationmaster::store::{LearningQuery, RememberedCall, Store};

use crate::store::{clock_now, on_both, on_store};
use crate::store_tasks::{HOME, claimable, decided, task};
use crate::world::On;

const DAY_MS: i64 = 86_400_000;

fn learning(text: &str, category: &str, impact: &str, tags: &[&str]) -> Learning {
    Learning {
        category: category.to_owned(),
        title: text.to_owned(),
        description: text.to_owned(),
        impact: impact.parse().unwrap(),
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        by: "ada".to_owned(),
        item: "octo/station#1".parse().unwrap(),
        at: stationmaster::model::Timestamp(1),
    }
}

on_both! {
    async fn a_token_counts_until_it_is_revoked(store: &Store, clock: &ManualClock) {
        let scope = Scope::Worker(WorkerId::new("ada"));
        let (token, secret) = store.create_token("ci", &scope, None).await.unwrap();
        let (lead, lead_secret) =
            store.create_token("lead", &Scope::Orchestrator, Some(&Login::new("grace"))).await.unwrap();
        assert!(secret.starts_with("sm_") && secret.len() == 43 && secret != lead_secret, "{secret}");
        let used = store.token_of(&secret).await.unwrap().unwrap();
        assert_eq!((&used.id, &used.scope, used.last_used), (&token.id, &scope, Some(clock_now(clock))));
        let first_used = clock_now(clock);
        clock.advance_ms(59_000);
        assert_eq!(store.token_of(&secret).await.unwrap().unwrap().last_used, Some(first_used), "once a minute");
        clock.advance_ms(1_000);
        assert_eq!(store.token_of(&secret).await.unwrap().unwrap().last_used, Some(clock_now(clock)));
        assert_eq!(store.token_of("sm_guessed").await.unwrap(), None);
        assert_eq!(store.token_of(&lead_secret).await.unwrap().unwrap().person, Some(Login::new("grace")));

        assert!(store.revoke_token("ci").await.unwrap());
        assert!(!store.revoke_token("ci").await.unwrap(), "it counts no more");
        assert_eq!(store.token_of(&secret).await.unwrap(), None);
        assert!(store.revoke_token(&lead.id).await.unwrap());
        let all = store.tokens().await.unwrap();
        assert_eq!(all.len(), 2, "what was revoked stays listed");
        assert!(all.iter().all(|token| token.revoked == Some(clock_now(clock))));
    }

    async fn a_named_call_is_answered_once_and_forgotten_after_a_week(store: &Store, clock: &ManualClock) {
        let call = RememberedCall { digest: "d".to_owned(), status: 202, answer: "{}".to_owned() };
        let other = RememberedCall { status: 409, ..call.clone() };
        assert!(store.remember_call("ci", "k", &call).await.unwrap());
        assert!(store.remember_call("ci", "k", &call).await.unwrap(), "it is the same");
        assert!(!store.remember_call("ci", "k", &other).await.unwrap());
        assert_eq!(store.remembered_call("ci", "k").await.unwrap(), Some(call));
        assert_eq!(store.remembered_call("lead", "k").await.unwrap(), None);

        clock.advance_ms(6 * DAY_MS);
        store.prune(clock_now(clock)).await.unwrap();
        assert!(store.remembered_call("ci", "k").await.unwrap().is_some(), "a week is not over");
        clock.advance_ms(DAY_MS + 1);
        assert_eq!(store.prune(clock_now(clock)).await.unwrap(), 1);
        assert_eq!(store.remembered_call("ci", "k").await.unwrap(), None);
    }

    async fn learnings_are_found_by_words_tags_category_and_impact(store: &Store, clock: &ManualClock) {
        let learnings = vec![
            learning("Flaky tests hide behind 100% coverage", "testing", "0.4", &["ci"]),
            learning("Cache the Docker layers", "build", "0.9", &["ci", "docker"]),
            learning("Docker needs a cleanup", "build", "0.9", &["cicd"]),
        ];
        decided(store, clock, task(1), TaskChanges { learnings, ..claimable() }).await;
        let find = async |query: LearningQuery| {
            let found = store.learnings(&LearningQuery { limit: 10, ..query }).await.unwrap();
            found.into_iter().map(|learning| learning.title).collect::<Vec<_>>()
        };
        let all = find(LearningQuery::default()).await;
        assert_eq!(all, ["Docker needs a cleanup", "Cache the Docker layers", "Flaky tests hide behind 100% coverage"]);
        let words = vec!["docker".to_owned(), "CACHE".to_owned()];
        assert_eq!(find(LearningQuery { words, ..LearningQuery::default() }).await, ["Cache the Docker layers"]);
        let words = vec!["100%".to_owned()];
        assert_eq!(find(LearningQuery { words, ..LearningQuery::default() }).await.len(), 1);
        let words = vec!["1__%".to_owned()];
        assert!(find(LearningQuery { words, ..LearningQuery::default() }).await.is_empty(), "signs stand for themselves");
        let tag = Some("ci".to_owned());
        assert_eq!(find(LearningQuery { tag, ..LearningQuery::default() }).await.len(), 2, "a tag is a whole word");
        let impact: Impact = "0.5".parse().unwrap();
        assert_eq!(find(LearningQuery { impact, ..LearningQuery::default() }).await.len(), 2);
        let category = Some("Testing".to_owned());
        assert_eq!(find(LearningQuery { category, ..LearningQuery::default() }).await.len(), 1);
    }

    async fn notes_are_a_worker_s_own(store: &Store, clock: &ManualClock) {
        let (ada, bob, task) = (WorkerId::new("ada"), WorkerId::new("bob"), (HOME, Number(1)));
        store.add_note(&ada, task, "first").await.unwrap();
        clock.advance_ms(1);
        store.add_note(&ada, task, "second").await.unwrap();
        let notes: Vec<String> = store.notes(&ada, task).await.unwrap().into_iter().map(|(_, text)| text).collect();
        assert_eq!(notes, ["first", "second"]);
        assert!(store.notes(&bob, task).await.unwrap().is_empty());
    }
}
