//! Tokens: made, listed and revoked on the command line, and what each opens.

use std::process::{Command, Output};

use serde_json::{Value, json};

use super::{Caller, answer};
use crate::world::{API_TOKEN, On, World, migrated_database, scenarios};

fn run(database: &str, arguments: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_stationmaster"));
    program.args(arguments).env_clear().env("DATABASE_URL", database).current_dir(std::env::temp_dir());
    program.output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn the_command_line_makes_lists_and_revokes_tokens() {
    let folder = tempfile::tempdir().unwrap();
    let database = migrated_database(On::Sqlite, folder.path()).await;
    let made =
        run(&database, &["token", "create", "--name", "planner", "--scope", "orchestrator", "--person", "@alice"]);
    assert!(made.status.success(), "{}", text(&made.stderr));
    let secret = text(&made.stdout);
    assert!(secret.starts_with("sm_") && secret.ends_with('\n') && secret.lines().count() == 1, "{secret:?}");
    assert!(text(&made.stderr).contains("shown once"), "{}", text(&made.stderr));
    assert!(!text(&made.stderr).contains(secret.trim()));
    let listed = run(&database, &["token", "list", "--json"]);
    let row: Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!(
        (&row["name"], &row["scope"], &row["person"]),
        (&json!("planner"), &json!("orchestrator"), &json!("alice"))
    );
    assert!(!text(&listed.stdout).contains(secret.trim()));
    assert!(text(&run(&database, &["token", "list"]).stdout).contains("planner"));

    let again = run(&database, &["token", "create", "--name", "planner", "--scope", "read"]);
    assert!(!again.status.success() && text(&again.stderr).contains("already"), "{}", text(&again.stderr));
    let bad = run(&database, &["token", "create", "--name", "x", "--scope", "king"]);
    assert_eq!(bad.status.code(), Some(2));
    assert!(text(&bad.stderr).contains("one of orchestrator, worker:ID, read, admin"), "{}", text(&bad.stderr));
    let bad = run(&database, &["token", "create", "--name", "x", "--scope", "read", "--person", "alice"]);
    assert!(!bad.status.success() && text(&bad.stderr).contains("--person"), "{}", text(&bad.stderr));

    let revoked = run(&database, &["token", "revoke", row["id"].as_str().unwrap()]);
    assert!(revoked.status.success() && revoked.stdout.is_empty(), "{}", text(&revoked.stderr));
    let twice = run(&database, &["token", "revoke", row["id"].as_str().unwrap()]);
    assert!(!twice.status.success() && text(&twice.stderr).contains("token list"), "{}", text(&twice.stderr));
}

scenarios! {
    async fn a_token_says_who_it_is_until_it_is_revoked(world: &World) {
        let worker = Caller::new(world, "worker:dev_worker1").await;
        assert_eq!(worker.get("whoami").await.good(200),
            json!({"name": "worker:dev_worker1 token", "scope": "worker:dev_worker1", "person": null}));
        let alice = Caller::of(world, "orchestrator", Some("alice")).await;
        assert_eq!(alice.get("whoami").await.good(200)["person"], "alice");
        assert_eq!(Caller::operator(world).get("whoami").await.good(200),
            json!({"name": "operator", "scope": "admin", "person": null}));
        assert!(world.app().store.revoke_token("worker:dev_worker1 token").await.unwrap());
        let refused = worker.get("whoami").await;
        assert!(refused.problem(401, "wrong-token").contains("revoked"));
        alice.get("whoami").await.good(200);
    }

    async fn tokens_of_the_store_open_the_routes_of_repositories(world: &World) {
        let reader = Caller::new(world, "read").await;
        reader.get("repositories/octo/station/releases").await.good(200);
        let refused = reader.post("repositories/octo/station/environments/qa/unfreeze", json!({})).await;
        assert_eq!(refused.problem(403, "forbidden"), "This takes a token of the scope admin; `read token` has read.");
        let no_token = answer(crate::wire::client().get(format!("{}/api/v1/tasks", world.url))).await;
        assert!(no_token.problem(401, "wrong-token").contains("Authorization: Bearer"));
        let basic = crate::wire::client().get(format!("{}/api/v1/tasks", world.url)).basic_auth("x", Some(API_TOKEN));
        answer(basic).await.problem(401, "wrong-token");
    }
}
