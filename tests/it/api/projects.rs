//! Projects: opened, filled with tasks, and followed.

use serde_json::json;

use super::{Caller, ready_task};
use crate::world::{On, REPOSITORY, World, scenarios};

scenarios! {
    async fn a_project_is_opened_filled_and_followed(world: &World) {
        ready_task(world, "Fix something first").await;
        let orchestrator = Caller::new(world, "orchestrator").await;
        let accepted = orchestrator.post("projects", json!({"title": "A new front page", "description": "As drawn."})).await.good(202);
        let request = format!("requests/{}", accepted["request"].as_str().unwrap());
        assert_eq!(orchestrator.get(&request).await.good(200)["state"], "waiting");
        world.settle().await;
        let opened = orchestrator.get(&request).await.good(200);
        assert_eq!(opened["state"], "done", "{opened}");
        let project = opened["item"].as_str().unwrap().replace('#', "/");
        assert!(opened["url"].as_str().unwrap().contains("/issues/"), "{opened}");
        let shown = orchestrator.get(&format!("projects/{project}")).await.good(200);
        assert_eq!((&shown["title"], &shown["percent"], &shown["tasks"]), (&json!("A new front page"), &json!(0), &json!([])));

        let body = json!({
            "title": "Implement the header", "requirements": ["The logo", "The\nmenu"], "criteria": ["It looks good"],
            "description": "Above all else.",
        });
        let accepted = orchestrator.post(&format!("projects/{project}/tasks"), body).await.good(202);
        world.settle().await;
        let request = format!("requests/{}", accepted["request"].as_str().unwrap());
        let task = orchestrator.get(&request).await.good(200)["item"].as_str().unwrap().to_owned();
        let shown = orchestrator.get(&format!("projects/{project}")).await.good(200);
        assert_eq!(shown["tasks"][0]["item"], task, "{shown}");
        assert_eq!(shown["tasks"][0]["parent"], project.replace("station/", "station#"), "{shown}");
        let whole = orchestrator.get(&format!("tasks/{}", task.replace('#', "/"))).await.good(200);
        let package = &whole["handoff"]["task"];
        assert_eq!(package["requirements"], json!(["The logo", "The menu"]), "{package}");
        assert_eq!(package["acceptance_criteria"], json!(["It looks good"]), "{package}");
        assert_eq!(orchestrator.get(&format!("projects/{project}/discoveries")).await.good(200)["discoveries"], json!([]));
    }

    async fn a_project_that_cannot_be_is_refused(world: &World) {
        let orchestrator = Caller::new(world, "orchestrator").await;
        orchestrator.post("projects", json!({"description": "x"})).await.problem(422, "unprocessable");
        orchestrator.post("projects", json!({"title": "a\nb"})).await.problem(422, "unprocessable");
        let long = orchestrator.post("projects", json!({"title": "x".repeat(257)})).await;
        assert!(long.problem(422, "unprocessable").contains("257 characters"), "{}", long.body);
        orchestrator.post("projects", json!({"title": "x", "repo": "octo/nowhere"})).await.problem(404, "not-found");
        orchestrator.post(&format!("projects/{REPOSITORY}/99/tasks"), json!({"title": "x"})).await.problem(404, "not-found");
    }
}
