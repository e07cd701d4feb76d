//! What somebody might try, and what comes of it.

use crate::api::Caller;
use crate::pages::Browser;
use crate::scenario_review::token;
use crate::world::{On, REPOSITORY, World, scenarios};
use crate::world_releases::Town;

/// Allows every file that gitleaks could look at.
const ALLOW_ALL: &str = "[extend]\nuseDefault = true\n[allowlist]\npaths = ['''.*''']\n";

scenarios! {
    async fn an_allowlist_in_the_pull_itself_allows_nothing(world: &World) {
        let script = format!("curl -u me:{} https://api.github.com\n", token());
        let pull = world.open_pull("deploy", &[("deploy.sh", &script), (".gitleaks.toml", ALLOW_ALL)]).await;
        world.ci_passes(pull).await;
        world.pass_ms(10_000).await;
        world.expect_waiting(pull, &["secret", "the author, alice"]);
        // The same list on the default branch is the repository's own word.
        world.github.write_file(REPOSITORY, "main", (".gitleaks.toml", ALLOW_ALL), "Allow").unwrap();
        world.settle().await;
        let other = world.open_pull("again", &[("again.sh", &script)]).await;
        world.ci_passes(other).await;
        world.pass_ms(10_000).await;
        world.expect_merged(other).await;
    }

    async fn no_directive_excuses_a_secret_in_a_public_repository(world: &World) {
        let excused = |what: &str| format!("curl -u me:{} https://api.github.com # {what}\n", token());
        let both = "gitleaks:allow stationmaster:allow github-pat for tests";
        world.github.set_private(REPOSITORY, false).unwrap();
        let pull = world.open_pull("deploy", &[("deploy.sh", &excused(both))]).await;
        world.ci_passes(pull).await;
        world.pass_ms(10_000).await;
        world.expect_waiting(pull, &["secret", "the author, alice"]);

        world.github.set_private(REPOSITORY, true).unwrap();
        world.settle().await;
        let other = world.open_pull("again", &[("again.sh", &excused("stationmaster:allow github-pat for tests"))]).await;
        world.ci_passes(other).await;
        world.pass_ms(10_000).await;
        world.expect_waiting(other, &["secret"]);
        let third = world.open_pull("third", &[("third.sh", &excused("gitleaks:allow"))]).await;
        world.ci_passes(third).await;
        world.pass_ms(10_000).await;
        world.expect_merged(third).await;
    }
}

#[tokio::test]
async fn a_policy_cannot_have_the_server_call_its_own_network() {
    World::run_with(On::Sqlite, &[("PRIVATE_HOSTS", "10.9.9.9, deploy.internal")], async |world: &World| {
        let town = Town::open().await;
        world.set_policy(&town.policy("", "")).await;
        world.land("feat: signals").await;
        world.pass_ms(3_600_000).await;
        assert!(town.calls().is_empty(), "{:?}", town.calls());
        assert_eq!(world.deployment_states("qa"), ["failure"]);
        let story = world.environment_story("qa").await;
        assert!(story.contains("`127.0.0.1` is within the server's own network"), "{story}");
        assert!(story.contains("PRIVATE_HOSTS"), "{story}");
    })
    .await;
}

#[tokio::test]
async fn no_token_or_session_stands_in_the_database() {
    World::run(On::Sqlite, async |world: &World| {
        let caller = Caller::new(world, "worker:dev_worker1").await;
        caller.get("whoami").await.good(200);
        let browser = Browser::operator(world).await;
        browser.get("/").await.is(200);
        let session = browser.cookie("stationmaster").expect("a session's cookie");
        let folder = world.rules().parent().unwrap().to_path_buf();
        let mut bytes = std::fs::read(folder.join("world.db")).unwrap();
        bytes.extend(std::fs::read(folder.join("world.db-wal")).unwrap_or_default());
        let stands = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(stands("worker:dev_worker1 token"), "the name of the token is there, so its row is");
        for secret in [caller.secret.as_str(), &session, crate::world::API_TOKEN] {
            assert!(!stands(secret), "a secret stands in the database as it is");
        }
    })
    .await;
}
