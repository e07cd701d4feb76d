//! GitHub's web flow: who may ask for it, what a code is worth, and what a person's token opens.

use reqwest::header::{ACCEPT, CONTENT_TYPE, LOCATION};
use reqwest::{Method, redirect};
use serde_json::Value;
use url::Url;

use super::World;

const CALLBACK: &str = "http://127.0.0.1:9/sign-in/callback";
/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn asked(world: &World, changed: &[(&str, &str)]) -> Vec<(String, String)> {
    let app = world.github.app();
    let mut pairs = vec![
        ("client_id".to_owned(), app.client_id),
        ("redirect_uri".to_owned(), CALLBACK.to_owned()),
        ("state".to_owned(), "a state & more".to_owned()),
        ("code_challenge".to_owned(), CHALLENGE.to_owned()),
        ("code_challenge_method".to_owned(), "S256".to_owned()),
    ];
    for (name, value) in changed {
        pairs.retain(|(known, _)| known != name);
        if !value.is_empty() {
            pairs.push(((*name).to_owned(), (*value).to_owned()));
        }
    }
    pairs
}

fn encoded(pairs: &[(String, String)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

async fn page(world: &World, changed: &[(&str, &str)]) -> (u16, String) {
    let url = format!("{}/login/oauth/authorize?{}", world.github.api_url(), encoded(&asked(world, changed)));
    let answer = world.client.get(url).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

async fn pressed(world: &World, button: (&str, &str)) -> Url {
    let client = crate::wire::builder().redirect(redirect::Policy::none()).build().unwrap();
    let form = client.post(format!("{}/login/oauth/authorize", world.github.api_url()));
    let form = form.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(encoded(&asked(world, &[button])));
    let answer = form.send().await.unwrap();
    assert_eq!(answer.status(), 302);
    Url::parse(answer.headers()[LOCATION].to_str().unwrap()).unwrap()
}

fn value(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

async fn exchanged(world: &World, code: &str, changed: &[(&str, &str)]) -> Value {
    let app = world.github.app();
    let mut pairs = vec![
        ("client_id", app.client_id.as_str()),
        ("client_secret", app.client_secret.as_str()),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    for (name, value) in changed {
        pairs.retain(|(known, _)| known != name);
        pairs.push((name, value));
    }
    let pairs: Vec<_> = pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let url = format!("{}/login/oauth/access_token", world.github.api_url());
    let answer = world.client.post(url).header(ACCEPT, "application/json").body(encoded(&pairs)).send().await.unwrap();
    assert_eq!(answer.status(), 200, "errors come with status 200 too");
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
}

#[tokio::test]
async fn a_person_agrees_and_the_app_learns_who_they_are() {
    let world = World::new().await;
    world.github.add_user("alice");
    let (status, text) = page(&world, &[]).await;
    assert_eq!(status, 200);
    assert!(text.contains("<button name=\"login\" value=\"alice\">"), "{text}");
    assert!(text.contains("a state &amp; more") && text.contains("name=\"cancel\""), "{text}");
    let back = pressed(&world, ("login", "alice")).await;
    assert_eq!(value(&back, "state").as_deref(), Some("a state & more"));
    let answer = exchanged(&world, &value(&back, "code").unwrap(), &[]).await;
    let token = answer["access_token"].as_str().unwrap();
    assert!(token.starts_with("ghu_") && answer["token_type"] == "bearer", "{answer}");
    let user = world.send(Method::GET, "/user", token, None).await;
    assert_eq!((user.status, user.body["login"].as_str()), (200, Some("alice")));
    assert_eq!(world.send(Method::GET, "/user", "ghu_guessed", None).await.status, 401);
    assert_eq!(world.send(Method::GET, "/user", "", None).await.status, 401);
    assert_eq!(world.send(Method::GET, "/user", &world.token, None).await.status, 403);
    world.clock.advance_ms(8 * 60 * 60 * 1000);
    assert_eq!(world.send(Method::GET, "/user", token, None).await.status, 401);
}

#[tokio::test]
async fn only_the_app_asks_and_only_for_an_address_of_its_own() {
    let world = World::new().await;
    for (changed, expected) in [
        (("client_id", "Iv23another"), 404),
        (("client_id", ""), 404),
        (("redirect_uri", "https://evil.example/"), 400),
        (("redirect_uri", ""), 400),
        (("state", ""), 400),
        (("code_challenge_method", "plain"), 400),
        (("code_challenge_method", ""), 400),
    ] {
        assert_eq!(page(&world, &[changed]).await.0, expected, "{changed:?}");
    }
    world.github.add_callback("https://station.example/sign-in/callback");
    assert_eq!(page(&world, &[("redirect_uri", "https://station.example/sign-in/callback")]).await.0, 200);
    assert_eq!(page(&world, &[("redirect_uri", "https://station.example/other")]).await.0, 400);
}

#[tokio::test]
async fn whoever_cancels_gives_no_code() {
    let world = World::new().await;
    let back = pressed(&world, ("cancel", "1")).await;
    assert_eq!(value(&back, "error").as_deref(), Some("access_denied"));
    assert_eq!((value(&back, "code"), value(&back, "state")), (None, Some("a state & more".to_owned())));
}

#[tokio::test]
async fn a_code_counts_once_for_ten_minutes_and_with_its_proof_alone() {
    let world = World::new().await;
    world.github.add_user("alice");
    for (changed, error) in [
        (("client_secret", "guessed"), "incorrect_client_credentials"),
        (("client_id", "Iv23another"), "incorrect_client_credentials"),
        (("redirect_uri", "http://127.0.0.1:9/other"), "redirect_uri_mismatch"),
        (("code_verifier", "another-verifier"), "bad_verification_code"),
        (("code", "guessed"), "bad_verification_code"),
    ] {
        let code = value(&pressed(&world, ("login", "alice")).await, "code").unwrap();
        let answer = exchanged(&world, &code, &[changed]).await;
        assert_eq!((answer["error"].as_str(), answer["access_token"].as_str()), (Some(error), None), "{changed:?}");
    }
    let code = value(&pressed(&world, ("login", "alice")).await, "code").unwrap();
    assert!(exchanged(&world, &code, &[]).await["access_token"].is_string());
    assert_eq!(exchanged(&world, &code, &[]).await["error"], "bad_verification_code");
    let late = value(&pressed(&world, ("login", "alice")).await, "code").unwrap();
    world.clock.advance_ms(10 * 60 * 1000);
    assert_eq!(exchanged(&world, &late, &[]).await["error"], "bad_verification_code");
}
