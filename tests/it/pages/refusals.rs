//! Forms that nobody of ours sent, addresses that play tricks, and what browsers are told about every page.

use reqwest::Method;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::sign_in::audited;
use super::{Browser, Page};
use crate::world::{On, World, scenarios};

/// Sends a request exactly as it is written: a client would tidy up its path.
async fn raw(world: &World, target: &str) -> String {
    let host = world.url.trim_start_matches("http://");
    let mut stream = tokio::net::TcpStream::connect(host).await.unwrap();
    let request = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// Tries to sign somebody out, which is the form that every page has.
async fn sends(browser: &Browser<'_>, csrf: &str) -> Page {
    browser.once(Method::POST, "/sign-out", &[("csrf", csrf)]).await
}

fn guarded(page: &Page) {
    let says = |name: &str, text: &str| {
        let found = page.headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
        assert!(found.contains(text), "{name} is {found:?} for {} {}", page.status, page.path);
        found
    };
    let policy = says("content-security-policy", "default-src 'none'");
    for part in ["script-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"] {
        assert!(policy.split(';').any(|known| known.trim() == part), "{part} in {policy}");
    }
    assert!(!policy.contains("unsafe") && !policy.contains('*'), "{policy}");
    says("x-content-type-options", "nosniff");
    says("x-frame-options", "DENY");
    says("referrer-policy", "same-origin");
    says("cross-origin-opener-policy", "same-origin");
    let kept = match page.path.as_str() {
        path if path.starts_with("/assets/") && page.status == 200 => "max-age",
        "/live" => "no-",
        _ => "no-store",
    };
    says("cache-control", kept);
}

scenarios! {
    async fn a_form_without_the_token_of_its_own_session_is_refused(world: &World) {
        let (browser, other) = (Browser::operator(world).await, Browser::operator(world).await);
        let (own, foreign) = (browser.get("/").await.csrf(), other.get("/").await.csrf());
        assert_ne!(own, foreign);
        let upper = own.to_uppercase();
        for forged in ["", "0", &foreign, &upper, &own[1..]] {
            sends(&browser, forged).await.is(409).shows("was not made for your session");
        }
        browser.once(Method::POST, "/sign-out", &[]).await.is(409);
        assert!(browser.is_signed_in().await && other.is_signed_in().await);
        let refused = "operator: A form of operator to /sign-out was refused: it was not made for this session.";
        assert_eq!(audited(world).await.iter().filter(|line| *line == refused).count(), 6);
        sends(&browser, &own).await.is(303);
        assert!(!browser.is_signed_in().await);
    }

    async fn refused_forms_do_not_fill_the_audit(world: &World) {
        let browser = Browser::operator(world).await;
        for _ in 0..15 {
            sends(&browser, "forged").await.is(409);
        }
        let refused = |lines: Vec<String>| lines.into_iter().filter(|line| line.contains("was refused")).count();
        assert_eq!(refused(audited(world).await), 10);
        world.clock.advance_ms(60_000);
        sends(&browser, "forged").await.is(409);
        assert_eq!(refused(audited(world).await), 11);
        let stranger = Browser::new(world);
        stranger.sends(&[("origin", "https://evil.example")]);
        sends(&stranger, "forged").await.is(409);
        assert_eq!(refused(audited(world).await), 11, "nobody's form is nobody's business");
    }

    async fn a_form_that_another_site_sends_is_refused_whatever_it_carries(world: &World) {
        let browser = Browser::operator(world).await;
        let csrf = browser.get("/").await.csrf();
        let host = world.url.trim_start_matches("http://").to_owned();
        let foreign = [
            ("origin", "https://evil.example".to_owned()),
            ("origin", "null".to_owned()),
            ("origin", String::new()),
            ("origin", host.clone()),
            ("origin", format!("ftp://{host}")),
            ("origin", format!("http://{host}.evil.example")),
            ("origin", format!("http://evil.example/{host}")),
            ("origin", format!("http://{host}@evil.example")),
            ("sec-fetch-site", "cross-site".to_owned()),
            ("sec-fetch-site", "same-site".to_owned()),
            ("sec-fetch-site", "none".to_owned()),
        ];
        for (name, value) in &foreign {
            browser.sends(&[(name, value)]);
            sends(&browser, &csrf).await.is(409).shows("nothing was done");
            browser.once(Method::POST, "/theme", &[("theme", "dark")]).await.is(409);
            browser.once(Method::POST, "/sign-in/token", &[("token", crate::world::API_TOKEN)]).await.is(409);
        }
        browser.sends(&[]);
        assert!(browser.is_signed_in().await);
        let line = "operator: A form of operator to /sign-out was refused: it was sent by another site.";
        assert!(audited(world).await.iter().any(|known| known == line));
        browser.sends(&[("origin", &world.url), ("sec-fetch-site", "same-origin")]);
        sends(&browser, &csrf).await.is(303);
    }

    async fn a_form_of_a_session_that_has_ended_leads_back_to_its_page_by_the_sign_in(world: &World) {
        let browser = Browser::operator(world).await;
        let csrf = browser.get("/").await.csrf();
        world.clock.advance_ms(24 * 60 * 60 * 1000);
        browser.sends(&[("referer", &format!("{}/?q=deploy", world.url))]);
        assert_eq!(sends(&browser, &csrf).await.is(303).location(), "/sign-in?to=%2F%3Fq%3Ddeploy");
        browser.sends(&[("referer", "https://evil.example/?q=deploy")]);
        assert_eq!(sends(&browser, &csrf).await.is(303).location(), "/sign-in?to=%2F");
    }

    async fn a_form_that_is_none_or_too_long_is_refused(world: &World) {
        let browser = Browser::operator(world).await;
        browser.once(Method::POST, "/sign-out", &[("csrf", &"x".repeat(70_000))]).await.is(422).shows("too long");
        let page = crate::wire::client().post(format!("{}/sign-in/token", world.url)).body("token=x").send().await;
        assert_eq!(page.unwrap().status(), 422);
        let page = crate::wire::client().post(format!("{}/sign-in/token", world.url)).json(&["token"]).send().await;
        assert_eq!(page.unwrap().status(), 422);
    }

    async fn no_path_leads_out_of_the_assets(world: &World) {
        for target in [
            "/assets/../Cargo.toml", "/assets/..%2fCargo.toml", "/assets/%2e%2e/Cargo.toml", "/assets/%2e%2e%2fCargo.toml",
            "/assets/..\\Cargo.toml", "/assets/....//Cargo.toml", "/assets//etc/passwd", "/assets/%2fetc%2fpasswd",
            "/assets/style.css%00.js", "/assets/style.css/", "/assets/", "/assets/%ff",
        ] {
            let answer = raw(world, target).await;
            assert!(answer.starts_with("HTTP/1.1 40"), "{target}: {answer}");
            assert!(!answer.contains("[package]") && !answer.contains("root:"), "{target}: {answer}");
            assert!(answer.contains("content-security-policy"), "{target}: {answer}");
        }
    }

    async fn every_answer_tells_browsers_to_run_and_frame_nothing_foreign(world: &World) {
        let operator = Browser::operator(world).await;
        let stranger = Browser::new(world);
        for browser in [&operator, &stranger] {
            browser.sends(&[("accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8")]);
            for path in ["/", "/sign-in", "/sign-in/callback", "/sign-in/github", "/live", "/assets/style.css", "/assets/none"] {
                guarded(&browser.once(Method::GET, path, &[]).await);
            }
            for path in ["/nothing/here", "/tasks", "/%ff"] {
                let page = browser.once(Method::GET, path, &[]).await;
                guarded(page.is(404).shows("Nothing here").shows("<h1>"));
            }
            let page = browser.once(Method::GET, "/sign-out", &[]).await;
            guarded(page.is(405).shows("<h1>"));
            let page = browser.once(Method::GET, "/sign-in?to=a&to=b", &[]).await;
            guarded(page.is(400).shows("cannot be read").hides("duplicate"));
        }
        // Programs are told in their own way.
        let answer = reqwest::get(format!("{}/nothing/here", world.url)).await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.headers()["content-type"].as_bytes()), (404, &b"application/problem+json"[..]));
    }
}

#[tokio::test]
async fn behind_a_proxy_forms_of_the_public_address_are_taken_and_no_others() {
    World::run_with(On::Sqlite, &[("PUBLIC_URL", "https://station.example")], async |world: &World| {
        let browser = Browser::operator(world).await;
        let csrf = browser.get("/").await.csrf();
        for foreign in ["http://station.example", "https://station.example:444", "https://station.example.evil.example"]
        {
            browser.sends(&[("origin", foreign)]);
            sends(&browser, &csrf).await.is(409);
        }
        browser.sends(&[("origin", "https://station.example"), ("sec-fetch-site", "same-origin")]);
        sends(&browser, &csrf).await.is(303);
    })
    .await;
}
