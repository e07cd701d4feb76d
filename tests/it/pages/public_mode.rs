//! The read-only public mode: strangers read what is public, and can do nothing.

use reqwest::Method;

use super::Browser;
use crate::world::{On, REPOSITORY, World};

#[tokio::test]
async fn strangers_read_public_repositories_and_find_no_forms() {
    World::run_with(On::Sqlite, &[("PUBLIC_DASHBOARD", "1")], async |world: &World| {
        world.github.create_repository("octo/vault").unwrap();
        world.github.set_private("octo/vault", true).unwrap();
        world.github.open_issue("octo/vault", "octo", "Deploy the vault", "").unwrap();
        world.open_issue("Deploy v2.0").await;
        let stranger = Browser::new(world);
        let page = stranger.get("/").await;
        page.is(200)
            .shows("Deploy v2.0")
            .hides("vault")
            .hides("name=\"csrf\"")
            .hides("href=\"/inbox\"")
            .shows("Sign in");
        let forms = page.text.matches("method=\"post\"").count();
        assert_eq!(forms, 1, "only the colours: {}", page.text);
        stranger.send(Method::POST, "/sign-out", &[]).await.shows("Sign in with GitHub");

        world.github.set_private(REPOSITORY, true).unwrap();
        world.clock.advance_ms(60_000);
        stranger.get("/").await.is(200).hides("Deploy v2.0").hides(REPOSITORY);
    })
    .await;
}

#[tokio::test]
async fn without_the_setting_strangers_are_asked_to_sign_in() {
    World::run(On::Sqlite, async |world: &World| {
        world.open_issue("Deploy v2.0").await;
        Browser::new(world).get("/").await.is(200).shows("Sign in with GitHub").hides("Deploy v2.0").hides(REPOSITORY);
    })
    .await;
}
