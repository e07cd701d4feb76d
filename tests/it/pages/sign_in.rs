//! Signing in by GitHub and with a token, as people do it and as attackers would.

use reqwest::Method;
use stationmaster::model::Scope;
use stationmaster::simulator::github::{Fault, FaultKind};
use stationmaster::store::AuditQuery;

use super::Browser;
use crate::world::{API_TOKEN, On, World, scenarios};

/// What the audit says of signing in and out, the oldest first.
pub async fn audited(world: &World) -> Vec<String> {
    let query = AuditQuery { kind: Some("sign_in".to_owned()), limit: 100, ..AuditQuery::default() };
    let rows = world.app().store.audit_rows(&query).await.unwrap();
    rows.into_iter()
        .rev()
        .inspect(|row| assert_eq!(row.door.as_deref(), Some("page")))
        .map(|row| format!("{}: {}", row.actor, row.summary))
        .collect()
}

scenarios! {
    async fn somebody_signs_in_by_github_comes_to_where_they_wanted_and_signs_out(world: &World) {
        world.open_issue("Deploy v2.0").await;
        let browser = Browser::new(world);
        browser.get("/?q=deploy").await.is(200).shows("Sign in with GitHub").shows("to=/%3Fq%3Ddeploy");
        let asked = browser.goes_to_github("/?q=deploy").await;
        let back = browser.presses(&asked, ("login", "alice")).await;
        let page = browser.get(&back).await;
        page.is(200).shows("@alice").shows("Deploy v2.0").hides("href=\"/inbox\"");
        assert_eq!(page.path, "/?q=deploy");
        browser.post("/sign-out", &[]).await.is(200).shows("Sign in with GitHub");
        assert!(!browser.is_signed_in().await);
        assert_eq!(audited(world).await, ["@alice: @alice signed in by GitHub.", "@alice: @alice signed out."]);
    }

    async fn a_sign_in_counts_once_and_only_in_the_browser_that_began_it(world: &World) {
        let (browser, other) = (Browser::new(world), Browser::new(world));
        let asked = browser.goes_to_github("/").await;
        other.goes_to_github("/").await;
        let back = browser.presses(&asked, ("login", "alice")).await;
        other.get(&back).await.is(409).shows("begun elsewhere");
        assert!(!other.is_signed_in().await);
        let state = asked.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
        browser.get(&back.replace(&state, &"0".repeat(64))).await.is(409);
        browser.get(back.split("&state").next().unwrap()).await.is(409);
        assert!(!browser.is_signed_in().await, "a wrong state uses nothing up");
        browser.get(&back).await.is(200).shows("@alice");
        browser.get(&back).await.is(409);
        browser.holds("sign-in", &state);
        browser.get(&back).await.is(409).shows("Begin again");
    }

    async fn a_sign_in_that_takes_too_long_has_to_begin_again(world: &World) {
        let browser = Browser::new(world);
        let asked = browser.goes_to_github("/").await;
        let back = browser.presses(&asked, ("login", "alice")).await;
        world.clock.advance_ms(10 * 60 * 1000);
        browser.get(&back).await.is(409).shows("took too long");
        assert!(!browser.is_signed_in().await);
    }

    async fn whoever_presses_cancel_at_github_is_told_that_they_are_not_signed_in(world: &World) {
        let browser = Browser::new(world);
        let asked = browser.goes_to_github("/").await;
        let back = browser.presses(&asked, ("cancel", "1")).await;
        assert!(back.contains("error=access_denied"), "{back}");
        browser.get(&back).await.is(403).shows("GitHub was told not to sign you in");
        browser.get(&back).await.is(409);
        assert!(!browser.is_signed_in().await);
    }

    async fn a_code_of_another_sign_in_is_worth_nothing(world: &World) {
        let (thief, victim) = (Browser::new(world), Browser::new(world));
        let begun = thief.goes_to_github("/").await;
        let asked = victim.goes_to_github("/").await;
        let stolen = victim.presses(&asked, ("login", "alice")).await;
        let value = |text: &str, name: &str| {
            let query = text.split_once('?').unwrap().1.to_owned();
            url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).unwrap().1.into_owned()
        };
        let mixed = format!("/sign-in/callback?code={}&state={}", value(&stolen, "code"), value(begun.as_str(), "state"));
        thief.get(&mixed).await.is(503).shows("GitHub did not say who you are");
        assert!(!thief.is_signed_in().await);
    }

    async fn nobody_is_signed_in_while_github_does_not_answer(world: &World) {
        let browser = Browser::new(world);
        for path in ["/login/oauth/access_token", "/user"] {
            let asked = browser.goes_to_github("/").await;
            let back = browser.presses(&asked, ("login", "alice")).await;
            world.github.inject(Fault::new(path, FaultKind::Status(502)));
            browser.get(&back).await.is(503).shows("Begin again");
            assert!(!browser.is_signed_in().await);
        }
    }

    async fn tokens_of_the_scopes_admin_and_read_sign_in_and_others_do_not(world: &World) {
        let store = &world.app().store;
        let (_, reader) = store.create_token("wall", &Scope::Read, None).await.unwrap();
        let (_, orchestrator) = store.create_token("plans", &Scope::Orchestrator, None).await.unwrap();
        let browser = Browser::new(world);
        for wrong in ["", "sm_guessed", &orchestrator] {
            browser.signs_in_with(wrong).await.is(403).shows("That is no token of this server").hides("sm_");
        }
        browser.signs_in_with(&reader).await.is(200).shows("wall").hides("href=\"/inbox\"");
        browser.signs_in_with(API_TOKEN).await.is(200).shows("operator").shows("href=\"/inbox\"");
        assert_eq!(
            audited(world).await,
            ["reader wall: reader wall signed in with a token.", "operator: operator signed in with a token."]
        );
    }

    async fn whoever_guesses_tokens_has_ten_tries_a_minute(world: &World) {
        let browser = Browser::new(world);
        for _ in 0..10 {
            browser.signs_in_with("a wrong token").await.is(403);
        }
        let page = browser.signs_in_with(API_TOKEN).await;
        page.is(429).shows("Too many wrong tokens");
        assert_eq!(page.headers["retry-after"], "61");
        world.clock.advance_ms(59_999);
        Browser::new(world).signs_in_with(API_TOKEN).await.is(429);
        world.clock.advance_ms(1);
        for _ in 0..20 {
            browser.signs_in_with(API_TOKEN).await.is(200);
        }
        let counted = reqwest::get(format!("{}/metrics", world.url)).await.unwrap().text().await.unwrap();
        for (reason, times) in [("wrong-sign-in-token", 10), ("too-many-sign-in-tokens", 2)] {
            let line = format!("{{reason=\"{reason}\"}} {times}");
            assert!(counted.contains(&line), "{counted}");
        }
        let first = audited(world).await.remove(0);
        assert_eq!(first, "stationmaster: 10 wrong tokens were tried within a minute; no more are looked at in it.");
    }

    async fn many_wrong_tokens_at_once_are_no_way_around_the_limit(world: &World) {
        let browsers: Vec<_> = (0..30).map(|_| Browser::new(world)).collect();
        let pages = futures::future::join_all(browsers.iter().map(|browser| browser.signs_in_with("wrong"))).await;
        assert_eq!(pages.iter().filter(|page| page.status == 403).count(), 10);
        assert_eq!(pages.iter().filter(|page| page.status == 429).count(), 20);
    }

    async fn no_sign_in_leads_to_another_site(world: &World) {
        let evil = [
            "//evil.example/", "/\\evil.example/", "\\\\evil.example", "https://evil.example/", "https:evil.example",
            "javascript:alert(1)", "/\t/evil.example/", "/\n/evil.example", " //evil.example", "/.//evil.example",
            "/a/..//evil.example", "/%2e//evil.example", "evil.example", "///evil.example", "/\r\nSet-Cookie: a=b", "",
        ];
        for to in evil {
            let browser = Browser::new(world);
            let page = browser.once(Method::POST, "/sign-in/token", &[("token", API_TOKEN), ("to", to)]).await;
            assert_eq!((page.status.as_u16(), page.location()), (303, "/"), "{to:?}");
            let page = browser.once(Method::POST, "/theme", &[("theme", "dark"), ("to", to)]).await;
            assert_eq!((page.status.as_u16(), page.location()), (303, "/"), "{to:?}");
            let asked = browser.goes_to_github(to).await;
            let back = browser.presses(&asked, ("login", "alice")).await;
            assert_eq!(browser.once(Method::GET, &back, &[]).await.is(303).location(), "/", "{to:?}");
        }
        // What is encoded stays a path of ours for every browser.
        let own = url::Url::parse(&world.url).unwrap();
        for to in ["/%2F%2Fevil.example", "/%5Cevil.example", "/?to=//evil.example", "/a/../b"] {
            let page = Browser::new(world).once(Method::POST, "/sign-in/token", &[("token", API_TOKEN), ("to", to)]).await;
            assert_eq!(own.join(page.is(303).location()).unwrap().origin(), own.origin(), "{to:?}");
        }
        Browser::new(world).get("/sign-in?to=%22%3E%3Cscript%3E").await.is(200).hides("<script>");
        Browser::new(world).get("/sign-in?to=/%22%3E%3Cscript%3E").await.is(200).hides("<script>");
    }
}
