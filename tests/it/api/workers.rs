//! Registration, heartbeats, presence and leases.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Answer, Caller, item, ready_task};
use crate::world::{On, World, scenarios};

const MINUTE_MS: i64 = 60_000;

async fn put(caller: &Caller<'_>, id: &str, body: Value) -> Answer {
    caller.send(Method::PUT, &format!("workers/{id}"), Some((body, None))).await
}

scenarios! {
    async fn a_worker_registers_beats_goes_stale_and_leaves(world: &World) {
        let worker = Caller::new(world, "worker:robot-7").await;
        worker.post("workers/robot-7/heartbeat", json!({})).await.problem(404, "not-found");
        let body = json!({
            "role": "development", "capabilities": ["python"], "capacity": 2, "agent": true,
            "calendar": {"always": true}, "tell": [{"by": "ntfy", "topic": "robot-7"}],
        });
        let registered = put(&worker, "robot-7", body).await.good(200);
        for (key, value) in [
            ("id", json!("robot-7")), ("role", json!("development")), ("capabilities", json!(["python"])),
            ("capacity", json!(2)), ("calendar", json!({"always": true})), ("agent", json!(true)),
            ("status", json!("active")), ("open_tasks", json!(0)), ("login", Value::Null), ("by", json!("worker:robot-7 token")),
        ] {
            assert_eq!(registered[key], value, "{key} in {registered}");
        }
        assert_eq!(registered["tell"][0]["topic"], "robot-7");
        let all = worker.get("workers").await.good(200);
        let ids: Vec<&str> = all["workers"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
        assert!(ids.contains(&"robot-7") && ids.contains(&"architect"), "{ids:?}");

        world.pass_ms(6 * MINUTE_MS).await;
        assert_eq!(worker.get("workers/robot-7").await.good(200)["status"], "stale");
        let beat = worker.post("workers/robot-7/heartbeat", json!({"status": "idle"})).await.good(200);
        assert_eq!(beat, json!({"status": "idle", "leases": []}));
        let left = worker.send(Method::DELETE, "workers/robot-7", None).await.good(200);
        assert_eq!(left["status"], "offline");
        assert_eq!(worker.get("workers/robot-7").await.good(200)["status"], "offline");
    }

    async fn a_heartbeat_extends_the_leases_and_makes_busy(world: &World) {
        let number = ready_task(world, "Fix the login").await;
        let worker = Caller::new(world, "worker:robot-7").await;
        put(&worker, "robot-7", json!({"role": "development", "agent": true})).await.good(200);
        world.settle().await;
        let claim = worker.post(&item(number, "claim"), json!({})).await.good(200);
        world.settle().await;
        world.pass_ms(4 * MINUTE_MS).await;
        let beat = worker.post("workers/robot-7/heartbeat", json!({})).await.good(200);
        assert_eq!(beat["status"], "busy");
        let lease = &beat["leases"][0];
        assert_eq!((&lease["item"], &lease["lease"], &lease["fence"]), (&claim["item"], &claim["lease"], &claim["fence"]));
        assert!(lease["until"].as_str().unwrap() > claim["until"].as_str().unwrap(), "{lease} after {claim}");
        let shown = worker.get("workers/robot-7").await.good(200);
        assert_eq!((&shown["open_tasks"], &shown["numbers"]["completed"]), (&json!(1), &json!(0)), "{shown}");
        assert_eq!(shown["leases"][0]["lease"], claim["lease"]);
        let seen = Caller::new(world, "read").await.get("workers/robot-7").await.good(200);
        assert_eq!(seen["leases"][0]["lease"], Value::Null, "nobody else is told the lease's id");
    }

    async fn a_registration_that_cannot_be_is_refused_with_the_key(world: &World) {
        let admin = Caller::operator(world);
        for (id, body, words) in [
            ("w1", json!({}), "`role` is missing"),
            ("w1", json!({"role": "wizard"}), "development"),
            ("architect", json!({"role": "testing_worker"}), "`architect` is development"),
            ("w1", json!({"role": "development", "capacity": 1001}), "from 0 to 1000"),
            ("w1", json!({"role": "development", "capacity": -1}), "`capacity`"),
            ("w1", json!({"role": "development", "login": "not a login"}), "`login`"),
            ("w1", json!({"role": "development", "calendar": {"zone": "Mars/Base"}}), "`calendar"),
            ("w1", json!({"role": "development", "calendar": {"zoen": "UTC"}}), "zone"),
            ("w1", json!({"role": "development", "tell": [{"by": "pigeon"}]}), "`tell"),
            ("w1", json!({"role": "development", "tell": [{"by": "mention"}]}), "needs a `login`"),
            ("w1", json!({"role": "development", "tell": [{"by": "ntfy", "topic": "a/b"}]}), "topic"),
            ("w1", json!({"role": "development", "tell": [{"by": "hook", "url": "ftp://x", "secret_env": "K"}]}), "`url`"),
            ("w1", json!({"role": "development", "tell": [{"by": "hook", "url": "https://x.example", "secret_env": "GITHUB_WEBHOOK_SECRET"}]}), "server's own"),
            ("w1", json!({"role": "development", "status": "asleep"}), "active, idle, offline"),
            ("w1", json!({"role": "development", "roles": []}), "`roles`"),
            ("a%20b", json!({"role": "development"}), "40 letters"),
        ] {
            let refused = put(&admin, id, body.clone()).await;
            let detail = refused.problem(422, "unprocessable");
            assert!(detail.contains(words), "{body}: {detail}");
        }
        put(&admin, "w1", json!({"role": "development", "login": "alice"})).await.good(200);
        let twice = put(&admin, "w2", json!({"role": "development", "login": "alice"})).await;
        assert!(twice.problem(409, "conflict").contains("`w1`"), "{}", twice.body);
        world.settle().await;
    }

    async fn a_worker_speaks_for_itself_alone(world: &World) {
        let worker = Caller::new(world, "worker:robot-7").await;
        let body = json!({"role": "development"});
        let refused = put(&worker, "robot-8", body).await;
        assert!(refused.problem(403, "forbidden").contains("`robot-7` alone"), "{}", refused.body);
        worker.post("workers/architect/heartbeat", json!({})).await.problem(403, "forbidden");
        worker.send(Method::DELETE, "workers/architect", None).await.problem(403, "forbidden");
    }
}
