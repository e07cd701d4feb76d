//! What comes of messages: issues, answers, and what machines are told by themselves.

use serde_json::json;

use super::{SECRET, answers, heard, issues, listen, message, publish, said, say, sign};
use crate::world::{On, REPOSITORY, World};

heard! {
    async fn a_task_opens_a_routed_issue_and_is_answered_with_its_name(world: &World) {
        let open = json!({"text": "URGENT: Fix the signal\nIt is dark.", "priority": "high", "task_id": "S-9"});
        say(world, ("task", "t-1"), &open).await;
        let issue = world.issue(1);
        assert_eq!(issue.title, "URGENT: Fix the signal");
        assert!(issue.body.contains("It is dark.\n\nSent over ntfy by `scout`, who calls it `S-9`."), "{}", issue.body);
        for label in ["priority/high", "type/development"] {
            assert!(issue.labels.contains(&label.to_owned()), "{label} is not among {:?}", issue.labels);
        }
        let answers = answers(world, "t-1");
        assert_eq!(answers.len(), 1);
        let answer = &answers[0];
        assert_eq!((answer.kind.as_str(), answer.task_id.as_deref()), ("ack", Some("octo/station#1")));
        assert_eq!(answer.result.as_deref(), Some("opened as octo/station#1"));
        assert!(answer.url.as_deref().is_some_and(|url| url.ends_with("/octo/station/issues/1")), "{answer:?}");
    }

    async fn what_cannot_be_followed_is_answered_with_what_is_wrong(world: &World) {
        world.github.create_repository("octo/other").unwrap();
        world.settle().await;
        for (id, kind, fields, why) in [
            ("a", "task", json!({"text": " "}), "it has no `text`, which would be the title of the task"),
            ("b", "task", json!({"text": "Fix it"}), "it names no repository in `task`, and NTFY_REPOSITORY is not set"),
            ("c", "task", json!({"text": "Fix it", "task": "octo"}), "\"octo\" is not a repository such as owner/name"),
            ("d", "task", json!({"text": "Fix it", "task": "evil/corp"}), "the App is not installed on evil/corp"),
            ("e", "task", json!({"text": "Fix it", "task": REPOSITORY, "priority": "asap"}),
             "its `priority`: \"asap\" is not one of low, medium, high, critical"),
            ("f", "deploy", json!({}),
             "the type `deploy` is not known; known are task, status_request, message, task_complete and ack"),
            ("g", "message", json!({}), "it has no `text`"),
            ("h", "message", json!({"text": "BLOCKED: Task octo/station#99 blocked by the weather"}),
             "octo/station#99 is not a task"),
            ("i", "task_complete", json!({"task_id": "what", "result": "https://example.org"}),
             "\"what\" is not a task such as owner/name#12"),
            ("j", "task_complete", json!({"task": "octo/station#1"}),
             "it has no `result`, which is the evidence that the task is done"),
            ("k", "task_complete", json!({"result": "done"}), "it does not say which task it is about"),
        ] {
            say(world, (kind, id), &fields).await;
            let answers = answers(world, id);
            assert_eq!(answers.len(), 1, "message {id}");
            assert_eq!(answers[0].result.as_deref(), Some(format!("refused: {why}").as_str()));
        }
        assert_eq!(issues(world), 0);
    }

    async fn a_question_for_the_status_is_answered_with_tasks_progress_and_blockers(world: &World) {
        say(world, ("status_request", "s-1"), &json!({})).await;
        assert_eq!(answers(world, "s-1")[0].text.as_deref(), Some("No open tasks."));
        world.open_issue("Deploy v2.0 to production").await;
        world.open_issue("Hm").await;
        say(world, ("status_request", "s-2"), &json!({})).await;
        let answers = answers(world, "s-2");
        assert_eq!(answers[0].kind, "status");
        assert_eq!(answers[0].to.as_deref(), Some("scout"));
        let text = answers[0].text.clone().unwrap();
        assert!(text.contains("1 triage"), "{text}");
        assert!(text.contains("octo/station#1 Deploy v2.0 to production ("), "{text}");
    }

    async fn what_is_said_to_nobody_in_particular_is_told_to_people(world: &World) {
        say(world, ("message", "m-1"), &json!({"text": "The track is clear", "priority": "low"})).await;
        let told = world.ntfy.messages(crate::world::TOPIC);
        assert_eq!(told.len(), 1);
        assert_eq!((told[0].title.as_deref(), told[0].message.as_str()), (Some("Message from scout"), "The track is clear"));
        assert_eq!(told[0].priority, Some(2));
        assert_eq!(answers(world, "m-1")[0].result.as_deref(), Some("people are told"));
    }

    async fn what_is_asked_of_a_task_is_answered_once_by_its_decision(world: &World) {
        say(world, ("task", "t-1"), &json!({"text": "Fix the signal"})).await;
        // By the sender's own name for it.
        say(world, ("message", "m-1"), &json!({"text": "BLOCKED: Task t-1 blocked by #7"})).await;
        let answered = answers(world, "m-1");
        assert_eq!(answered.len(), 1);
        assert_eq!(answered[0].task.as_deref(), Some("octo/station#1"));
        // An acknowledgement is not answered, or two machines would never come to an end.
        let before = said(world).len();
        say(world, ("ack", "a-1"), &json!({"task": "octo/station#1"})).await;
        say(world, ("ack", "a-2"), &json!({"re": "whatever"})).await;
        assert_eq!(said(world).len(), before);
    }

    async fn a_machine_is_told_of_the_task_that_it_is_given(world: &World) {
        world.open_issue("Deploy v2.0 to production").await;
        let told = said(world);
        assert_eq!(told.len(), 1, "{told:#?}");
        assert_eq!((told[0].kind.as_str(), told[0].to.as_deref()), ("task", Some("deployment_worker")));
        assert_eq!(told[0].task.as_deref(), Some("octo/station#1"));
        assert_eq!(told[0].text.as_deref(), Some("Deploy v2.0 to production"));
        assert_eq!(told[0].priority.as_deref(), Some("high"));
    }

    async fn two_servers_that_hear_the_same_message_follow_it_once(world: &World) {
        let other = stationmaster::engine::Engine::new(world.app().clone());
        publish(world, sign(&message(world, ("task", "t-1"), &json!({"text": "Fix it"})), SECRET)).await;
        let (one, two) = tokio::join!(world.engine.listen_step(), other.listen_step());
        assert_eq!(one.unwrap() + two.unwrap(), 1);
        listen(world).await;
        assert_eq!(issues(world), 1);
        assert_eq!(answers(world, "t-1").len(), 1);
    }
}
