//! How long a session lasts, what ends it, and what its cookie looks like.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Method, header};
use stationmaster::app::App;
use stationmaster::cli::serve;
use stationmaster::config::{Config, Flags};
use stationmaster::engine::Engine;
use stationmaster::http;
use stationmaster::model::{Clock, Scope};
use stationmaster::simulator::github::Permission;
use tokio_util::sync::CancellationToken;

use super::Browser;
use crate::world::{API_TOKEN, On, REPOSITORY, World, scenarios, settings};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;

/// The lines that set cookies, of a sign-in with a token.
async fn cookie_lines(browser: &Browser<'_>) -> Vec<String> {
    let page = browser.once(Method::POST, "/sign-in/token", &[("token", API_TOKEN)]).await;
    let lines = page.is(303).headers.get_all(header::SET_COOKIE);
    lines.into_iter().map(|line| line.to_str().unwrap().to_owned()).collect()
}

scenarios! {
    async fn a_session_ends_a_day_after_it_was_last_used(world: &World) {
        let browser = Browser::operator(world).await;
        world.clock.advance_ms(24 * HOUR_MS - 1);
        assert!(browser.is_signed_in().await);
        world.clock.advance_ms(24 * HOUR_MS - 1);
        assert!(browser.is_signed_in().await, "it was used a day ago");
        world.clock.advance_ms(24 * HOUR_MS);
        assert!(!browser.is_signed_in().await);
    }

    async fn a_session_ends_after_a_week_however_much_it_is_used(world: &World) {
        let browser = Browser::operator(world).await;
        for _ in 0..13 {
            world.clock.advance_ms(12 * HOUR_MS);
            assert!(browser.is_signed_in().await);
        }
        world.clock.advance_ms(12 * HOUR_MS);
        assert!(!browser.is_signed_in().await);
        world.app().store.prune(world.clock.now()).await.unwrap();
        assert!(!browser.is_signed_in().await);
    }

    async fn signing_out_ends_the_session_on_the_server_and_no_other(world: &World) {
        let (browser, other) = (Browser::operator(world).await, Browser::operator(world).await);
        let secret = browser.cookie("stationmaster").unwrap();
        browser.post("/sign-out", &[]).await.is(200);
        assert_eq!(browser.cookie("stationmaster"), None);
        browser.holds("stationmaster", &secret);
        assert!(!browser.is_signed_in().await);
        assert!(other.is_signed_in().await);
    }

    async fn a_token_that_is_revoked_ends_its_sessions(world: &World) {
        let store = &world.app().store;
        let (token, secret) = store.create_token("wall", &Scope::Admin, None).await.unwrap();
        let (browser, operator) = (Browser::new(world), Browser::operator(world).await);
        browser.signs_in_with(&secret).await.is(200);
        assert!(browser.is_signed_in().await);
        store.revoke_token(&token.id).await.unwrap();
        assert!(!browser.is_signed_in().await);
        assert!(operator.is_signed_in().await);
    }

    async fn a_session_of_the_settings_token_ends_when_the_setting_is_changed(world: &World) {
        let browser = Browser::operator(world).await;
        let secret = browser.cookie("stationmaster").unwrap();
        for (token, signed_in) in [(API_TOKEN, true), ("another-token-0123456789", false)] {
            let address = world.app().config.database_url.expose().to_owned();
            let mut settings = settings(&world.github, &world.ntfy, &address);
            settings.insert("STATIONMASTER_API_TOKEN", token.to_owned());
            let config = Config::load(&Flags::default(), |name| settings.get(name).cloned(), None).unwrap();
            let clock: Arc<dyn Clock> = Arc::new(world.clock.clone());
            let engine = Engine::new(App::connect(config, clock).await.unwrap());
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let router = http::router(serve::door(&engine, address).unwrap());
            let stop = CancellationToken::new();
            tokio::spawn(http::serve(listener, router, stop.clone(), Duration::from_secs(1)));
            let client = crate::wire::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
            let page = client.get(format!("http://{address}/")).header(header::COOKIE, format!("stationmaster={secret}"));
            assert_eq!(page.send().await.unwrap().status() == 200, signed_in, "{token}");
            stop.cancel();
        }
    }

    async fn whatever_a_browser_held_before_it_signed_in_is_worth_nothing_afterwards(world: &World) {
        let browser = Browser::new(world);
        browser.holds("stationmaster", "planted-by-somebody");
        browser.signs_in_with(API_TOKEN).await.is(200);
        let first = browser.cookie("stationmaster").unwrap();
        assert_ne!(first, "planted-by-somebody");
        browser.signs_in_as("alice").await.is(200).shows("@alice");
        let second = browser.cookie("stationmaster").unwrap();
        assert_ne!(first, second);
        for former in ["planted-by-somebody", &first] {
            let other = Browser::new(world);
            other.holds("stationmaster", former);
            assert!(!other.is_signed_in().await);
        }
    }

    async fn the_cookie_is_kept_from_scripts_and_other_sites(world: &World) {
        let lines = cookie_lines(&Browser::new(world)).await;
        let [line] = lines.as_slice() else { panic!("{lines:?}") };
        assert!(line.starts_with("stationmaster=") && line.len() > 64, "{line}");
        assert!(line.ends_with("; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax"), "{line}");
        let stored = world.app().store.session(line.split(['=', ';']).nth(1).unwrap(), HOUR_MS).await.unwrap();
        assert_eq!(stored, None, "only a hash of it is kept");
    }

    async fn a_permission_that_is_lost_is_gone_within_a_minute(world: &World) {
        world.github.set_private(REPOSITORY, true).unwrap();
        world.open_issue("Deploy v2.0").await;
        let browser = Browser::new(world);
        browser.signs_in_as("alice").await.shows("Deploy v2.0");
        world.github.set_permission(REPOSITORY, "alice", Permission::None).unwrap();
        world.clock.advance_ms(MINUTE_MS);
        browser.get("/").await.is(200).hides("Deploy v2.0").shows("You may read none of the repositories");
        world.github.set_permission(REPOSITORY, "alice", Permission::Read).unwrap();
        world.clock.advance_ms(MINUTE_MS);
        browser.get("/").await.shows("Deploy v2.0");
    }

    async fn permissions_are_asked_for_once_a_minute_however_many_pages_are_looked_at(world: &World) {
        let browser = Browser::new(world);
        browser.signs_in_as("alice").await.is(200);
        let asked = world.count_requests("GET", "/collaborators/alice/permission");
        for _ in 0..5 {
            browser.get("/").await.is(200);
        }
        assert_eq!(world.count_requests("GET", "/collaborators/alice/permission"), asked);
    }

    async fn nothing_is_shown_while_github_does_not_say_what_somebody_may_see(world: &World) {
        world.open_issue("Deploy v2.0").await;
        let browser = Browser::new(world);
        browser.signs_in_as("alice").await.shows("Deploy v2.0");
        world.clock.advance_ms(MINUTE_MS);
        world.permissions_fail(1);
        let page = browser.get("/").await;
        page.is(200).hides("Deploy v2.0").hides(REPOSITORY).shows("GitHub did not say whether you may see 1 of");
        page.hides("href=\"/inbox\"");
        browser.get("/").await.shows("Deploy v2.0");
    }

    async fn whoever_administers_every_repository_looks_into_the_server_too(world: &World) {
        world.permission("alice", Permission::Admin);
        let browser = Browser::new(world);
        browser.signs_in_as("alice").await.shows("href=\"/inbox\"");
        world.github.create_repository("octo/depot").unwrap();
        world.settle().await;
        browser.get("/").await.is(200).hides("href=\"/inbox\"");
        world.github.set_permission("octo/depot", "alice", Permission::Admin).unwrap();
        world.clock.advance_ms(MINUTE_MS);
        browser.get("/").await.shows("href=\"/inbox\"");
    }

    async fn a_name_that_passed_on_to_another_repository_gives_no_sight_of_the_first(world: &World) {
        world.github.create_repository("octo/vault").unwrap();
        world.github.set_private("octo/vault", true).unwrap();
        world.github.open_issue("octo/vault", "octo", "Deploy the vault", "").unwrap();
        world.settle().await;
        world.github.add_user("mallory");
        // The webhooks of this are still on their way.
        world.github.rename_repository("octo/vault", "cellar").unwrap();
        world.github.create_repository("octo/vault").unwrap();
        let browser = Browser::new(world);
        browser.signs_in_as("mallory").await.is(200).hides("vault");
        world.settle().await;
    }
}

#[tokio::test]
async fn over_tls_cookies_are_secure_and_bound_to_the_host() {
    let address = [("PUBLIC_URL", "https://station.example")];
    World::run_with(On::Sqlite, &address, async |world: &World| {
        let browser = Browser::new(world);
        let lines = cookie_lines(&browser).await;
        assert!(lines[0].starts_with("__Host-stationmaster="), "{lines:?}");
        assert!(lines[0].ends_with("; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax; Secure"), "{lines:?}");
        assert!(browser.is_signed_in().await);
        let plain = Browser::new(world);
        plain.holds("stationmaster", &browser.cookie("__Host-stationmaster").unwrap());
        assert!(!plain.is_signed_in().await, "a cookie that any subdomain could have set counts for nothing");

        world.github.add_callback("https://station.example/sign-in/callback");
        let page = browser.once(Method::GET, "/sign-in/github", &[]).await;
        let line = page.is(303).headers[header::SET_COOKIE].to_str().unwrap().to_owned();
        assert!(line.starts_with("__Host-sign-in=") && line.ends_with("; HttpOnly; SameSite=Lax; Secure"), "{line}");
        browser.signs_in_as("alice").await.shows("@alice");
        assert_eq!(browser.cookie("__Host-sign-in"), None, "it is used up");
    })
    .await;
}
