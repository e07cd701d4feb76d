//! What arrives where, what is tried again, what is given up, and who waits for whom.

use super::mail::Trouble;
use super::receiver::Answer;
use super::{ALL, Everybody, SECRET, expect_no_secret, given_up, set_channels, set_secret};
use crate::world::{On, World, scenarios, signature};

/// A channel of Slack's with more keys.
fn slack(name: &str, more: &str) -> String {
    format!("[[channel]]\nname = \"{name}\"\nkind = \"slack\"\nurl_env = \"OPS_URL\"\n{more}\n")
}

/// As somebody does who has mended what it was refused for.
async fn replay_dead(world: &World) {
    let dead = world.app().store.actions(None, 100).await.unwrap().into_iter().filter(|row| row.state == "dead");
    for row in dead {
        world.app().store.retry_action(&row.key).await.unwrap();
    }
    world.settle().await;
}

scenarios! {
    async fn a_message_arrives_once_over_ntfy_and_over_each_channel(world: &World) {
        let everybody = Everybody::told_by(world, ALL).await;
        world.open_issue("Deploy <!channel> & all").await;
        assert_eq!(world.told(), ["octo/station#1 → deployment_worker"]);
        assert_eq!(everybody.taken(), [1, 1, 1]);

        let slack = everybody.slack.taken()[0].json();
        let text = slack["blocks"][1]["text"]["text"].as_str().unwrap();
        assert!(text.contains("“Deploy &lt;!channel&gt; &amp; all”"), "{text}");
        assert_eq!(slack["blocks"][0]["text"]["text"], "*octo/station#1 → deployment_worker*");
        assert!(slack["text"].as_str().unwrap().starts_with("octo/station#1 → deployment_worker\n"));
        let button = &slack["blocks"][2]["elements"][0];
        assert_eq!((button["text"]["text"].as_str(), button["type"].as_str()), (Some("Open issue"), Some("button")));
        assert!(button["url"].as_str().unwrap().ends_with("/octo/station/issues/1"), "{button}");

        let call = &everybody.hook.taken()[0];
        let signed = signature(&format!("{SECRET}-key"), &call.body);
        assert_eq!(call.header("x-stationmaster-signature-256").as_deref(), Some(signed.as_str()));
        let told = call.json();
        assert_eq!(told["title"], "octo/station#1 → deployment_worker");
        assert_eq!(told["priority"], 5);
        assert_eq!(told["id"].as_str(), call.header("idempotency-key").as_deref());
        assert!(told["id"].as_str().unwrap().ends_with("/chat"), "{told}");

        let mail = &everybody.mail.taken()[0];
        assert!(mail.from.contains("<station@example.com>"), "{mail:?}");
        assert_eq!(mail.to.len(), 2, "{mail:?}");
        assert!(mail.to[1].contains("<bob@example.com>"), "{mail:?}");
        assert_eq!(mail.header("Auto-Submitted").as_deref(), Some("auto-generated"));
        assert_eq!(mail.header("List-Id").as_deref(), Some("<mail.stationmaster.example.com>"));
        assert!(mail.header("Message-ID").unwrap().ends_with("@example.com>"), "{mail:?}");
        assert!(mail.header("Subject").unwrap().contains("octo/station#1"), "{mail:?}");
        let text = mail.text();
        assert!(text.contains("“Deploy <!channel> & all” is deployment"), "{text}");
        assert!(text.contains("Open issue: ") && text.contains("/octo/station/issues/1"), "{text}");
        assert_eq!(everybody.mail.signed_in().len(), 1);
        expect_no_secret(world).await;
    }

    async fn what_may_pass_is_tried_again_until_it_is_taken(world: &World) {
        let everybody = Everybody::told_by(world, ALL).await;
        everybody.slack.answers(Answer::Status(429, "retry-after: 30", ""));
        everybody.slack.answers(Answer::Status(500, "x: y", "rollup_error"));
        everybody.hook.answers(Answer::Status(503, "x: y", SECRET));
        everybody.mail.has(Trouble::Refuses("MAIL", "451 4.3.0 later"));
        everybody.mail.has(Trouble::Refuses("AUTH", "535 5.7.8 no such user"));
        world.open_issue("Fix the signal").await;
        assert_eq!(everybody.slack.calls(), 1, "it is paused for as long as it says");
        world.pass_ms(15_000).await;
        assert_eq!(everybody.slack.calls(), 1);
        world.pass_ms(60_000).await;
        assert_eq!((everybody.slack.calls(), everybody.taken()), (3, [1, 1, 1]));
        expect_no_secret(world).await;
    }

    async fn what_is_refused_for_good_is_given_up_with_a_sentence_and_can_be_replayed(world: &World) {
        let everybody = Everybody::told_by(world, ALL).await;
        everybody.slack.answers(Answer::Status(404, "x: y", "no_service"));
        everybody.hook.answers(Answer::Status(400, "x: y", SECRET));
        everybody.mail.has(Trouble::Refuses("RCPT", "550 5.1.1 nobody T0pS3cretPath here"));
        world.open_issue("Fix the signal").await;
        let mut why = given_up(world).await;
        why.sort();
        let expected = [
            "Slack refused it with 404 Not Found: no_service",
            "the mail server refused it: permanent error (550): 5.1.1 nobody … here",
            "the webhook refused it with 400 Bad Request",
        ];
        assert_eq!(why, expected);
        expect_no_secret(world).await;
        assert_eq!(world.told().len(), 1, "ntfy has nothing to do with it");
        replay_dead(world).await;
        assert_eq!(everybody.taken(), [1, 1, 1]);
    }

    async fn what_is_no_word_of_slacks_is_not_repeated(world: &World) {
        let everybody = Everybody::told_by(world, ALL).await;
        everybody.slack.answers(Answer::Status(403, "x: y", SECRET));
        world.open_issue("Fix the signal").await;
        assert_eq!(given_up(world).await, ["Slack refused it with 403 Forbidden"]);
        expect_no_secret(world).await;
        replay_dead(world).await;
    }

    async fn after_a_lost_answer_the_repetition_can_be_told(world: &World) {
        let everybody = Everybody::told_by(world, ALL).await;
        everybody.hook.answers(Answer::CutAfterTaking);
        everybody.mail.has(Trouble::CutAfterTaking);
        world.open_issue("Fix the signal").await;
        world.pass_ms(10_000).await;
        assert_eq!(everybody.taken(), [1, 2, 2]);
        let keys: Vec<_> = everybody.hook.taken().iter().map(|call| call.header("idempotency-key").unwrap()).collect();
        assert_eq!(keys[0], keys[1]);
        let mails = everybody.mail.taken();
        assert_eq!(mails[0].header("Message-ID"), mails[1].header("Message-ID"));
    }

    async fn a_channel_gets_only_what_is_loud_enough_and_about_its_repositories(world: &World) {
        let channels = [
            slack("loud", "at_least = \"high\""),
            slack("other", "repositories = [\"octo/switches\"]"),
            slack("ours", "repositories = [\"elsewhere/*\", \"octo/st*\"]"),
        ];
        let everybody = Everybody::told_by(world, &channels.concat()).await;
        world.open_issue("Fix the signal").await;
        assert_eq!(everybody.taken()[0], 1, "only `ours` wants it: priority medium");
        world.open_issue("Deploy v2.0").await;
        assert_eq!(everybody.taken()[0], 3, "critical is loud enough for `loud`, too");
        // Word of the server itself is about no repository.
        std::fs::write(world.rules().join("routing-more.toml"), "[[rule]]\nname = 1\n").unwrap();
        world.engine.tick().await.unwrap();
        world.settle().await;
        assert_eq!(everybody.taken()[0], 4);
        assert!(String::from_utf8_lossy(&everybody.slack.taken()[3].body).contains("Rules are broken"));
    }

    async fn a_repository_says_which_channels_tell_of_it(world: &World) {
        let everybody = Everybody::told_by(world, ALL).await;
        world.set_policy("[notify]\nchannels = [\"chat\"]\n").await;
        world.open_issue("Fix the signal").await;
        assert_eq!(everybody.taken(), [0, 1, 0]);
        world.set_policy("[checks]\nallow_none = true\n[notify]\nchannels = []\n").await;
        world.open_pull("signals", &[("a.txt", "a\n")]).await;
        assert!(world.told().iter().any(|title| title.contains("merged")), "{:?}", world.told());
        assert_eq!(everybody.taken(), [0, 1, 0], "neither does what follows a merge");
    }

    async fn a_dead_channel_keeps_nobody_waiting_and_loses_nothing(world: &World) {
        let everybody = Everybody::told_by(world, ALL).await;
        let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        set_secret(world, "OPS_URL", &format!("http://{gone}/{SECRET}"));
        world.secrets.lock().unwrap().remove("CHAT_URL");
        for title in ["Fix one", "Fix two", "Fix three"] {
            world.open_issue(title).await;
        }
        assert_eq!((world.told().len(), everybody.taken()), (3, [0, 0, 3]));
        let rows = world.app().store.actions(None, 100).await.unwrap();
        let notes: Vec<String> = rows.into_iter().filter_map(|row| row.note).collect();
        assert!(notes.contains(&"CHAT_URL is not set in the server's environment".to_owned()), "{notes:?}");
        expect_no_secret(world).await;
        set_secret(world, "OPS_URL", &everybody.slack.url);
        set_secret(world, "CHAT_URL", &everybody.hook.url);
        world.pass_ms(1_200_000).await;
        let told = |titles: Vec<String>| titles.iter().filter(|title| title.contains("octo/station#")).count();
        assert!(told(world.told()) >= 3);
        let about = |needle: &str| {
            let calls = everybody.hook.taken().into_iter().map(|call| call.json()["title"].to_string());
            calls.filter(|title| title.contains(needle)).count()
        };
        assert_eq!([about("#1 →"), about("#2 →"), about("#3 →")], [1, 1, 1], "each once, in the end");
        assert!(everybody.taken()[0] >= 3);
    }

    async fn a_channel_that_is_taken_out_gives_up_what_waited_for_it(world: &World) {
        let everybody = Everybody::told_by(world, &slack("ops", "")).await;
        everybody.slack.answers(Answer::Status(500, "x: y", ""));
        world.github.open_issue(crate::world::REPOSITORY, "alice", "Fix the signal", "").unwrap();
        world.github.deliver_all().await;
        while everybody.slack.calls() == 0 {
            world.turn().await;
            world.clock.advance_ms(500);
        }
        set_channels(world, "").await;
        world.pass_ms(10_000).await;
        assert_eq!(given_up(world).await, ["there is no channel `ops` in channels.toml any more"]);
        world.expect_one_dead();
    }
}

async fn without_a_topic(on: On) {
    World::run_with(on, &[("NTFY_TOPIC", "")], async |world: &World| {
        let everybody = Everybody::told_by(world, ALL).await;
        world.open_issue("Fix the signal").await;
        assert_eq!(everybody.taken(), [1, 1, 1]);
        assert!(world.ntfy.all_messages().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_server_without_ntfy_tells_over_its_channels_on_sqlite() {
    without_a_topic(On::Sqlite).await;
}

#[tokio::test]
async fn a_server_without_ntfy_tells_over_its_channels_on_postgres() {
    without_a_topic(On::Postgres).await;
}

#[tokio::test]
async fn an_address_inside_is_not_called_unless_it_is_listed_and_a_mail_server_may_be_anywhere() {
    World::run_with(On::Sqlite, &[("PRIVATE_HOSTS", "")], async |world: &World| {
        let everybody = Everybody::told_by(world, ALL).await;
        world.open_issue("Fix the signal").await;
        assert_eq!((everybody.slack.calls(), everybody.hook.calls(), everybody.mail.taken().len()), (0, 0, 1));
        let rows = world.app().store.actions(None, 100).await.unwrap();
        let notes: Vec<String> = rows.into_iter().filter_map(|row| row.note).collect();
        assert!(
            notes.iter().any(|note| note.starts_with("OPS_URL cannot be called: `127.0.0.1` is within")),
            "{notes:?}"
        );
        expect_no_secret(world).await;
        set_channels(world, "").await;
        world.pass_ms(10_000).await;
        world.expect_one_dead();
        world.expect_one_dead();
    })
    .await;
}

#[tokio::test]
async fn whoever_takes_a_message_and_never_answers_is_given_ten_seconds_and_told_again() {
    World::run(On::Sqlite, async |world: &World| {
        let everybody = Everybody::told_by(world, ALL).await;
        everybody.slack.answers(Answer::Silence);
        everybody.hook.answers(Answer::Silence);
        world.open_issue("Fix the signal").await;
        assert_eq!((world.told().len(), everybody.taken()), (1, [2, 2, 1]));
        let rows = world.app().store.actions(None, 100).await.unwrap();
        let failed = rows.iter().filter(|row| row.kind == "notify_channel" && row.attempts == 1).count();
        assert_eq!(failed, 2, "{rows:#?}");
        expect_no_secret(world).await;
    })
    .await;
}
