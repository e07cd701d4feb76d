//! A server without an App shows set-up, registers one by GitHub's pages, and goes on as a whole server.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use reqwest::{Method, StatusCode, header};

use super::{Place, Server};
use crate::world::{On, REPOSITORY, within};

/// What is taken out of an environment so that there is no App in it.
const APP: [&str; 5] = [
    "GITHUB_APP_ID",
    "GITHUB_APP_PRIVATE_KEY",
    "GITHUB_WEBHOOK_SECRET",
    "GITHUB_APP_CLIENT_ID",
    "GITHUB_APP_CLIENT_SECRET",
];

pub(super) fn without_app(place: &Place) -> BTreeMap<&'static str, String> {
    let mut settings = place.settings();
    for name in APP {
        settings.remove(name);
    }
    settings
}

/// A browser that follows no redirects by itself.
pub(super) struct Visitor(reqwest::Client);

pub(super) struct Seen {
    pub(super) status: StatusCode,
    pub(super) headers: header::HeaderMap,
    pub(super) text: String,
}

impl Seen {
    #[track_caller]
    pub(super) fn is(&self, status: u16) -> &Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }

    #[track_caller]
    pub(super) fn shows(&self, words: &str) -> &Self {
        assert!(self.text.contains(words), "no {words:?} in {}", self.text);
        self
    }

    fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    /// What stands in quotes behind these words of the page, unescaped.
    #[track_caller]
    fn quoted(&self, words: &str) -> String {
        let (_, rest) = self.text.split_once(&format!("{words}\"")).unwrap_or_else(|| panic!("{words}: {}", self.text));
        let value = rest.split('"').next().unwrap();
        value
            .replace("&#34;", "\"")
            .replace("&#39;", "'")
            .replace("&#60;", "<")
            .replace("&#62;", ">")
            .replace("&#38;", "&")
    }
}

impl Visitor {
    pub(super) fn new() -> Self {
        Self(crate::wire::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap())
    }

    pub(super) async fn get(&self, url: &str) -> Seen {
        self.send(Method::GET, url, &[]).await
    }

    pub(super) async fn send(&self, method: Method, url: &str, fields: &[(&str, &str)]) -> Seen {
        let mut request = self.0.request(method.clone(), url).header(header::ACCEPT, "text/html");
        if method == Method::POST {
            let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(body);
        }
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status(), answer.headers().clone());
        Seen { status, headers, text: answer.text().await.unwrap() }
    }

    /// Presses the buttons from our confirmation through GitHub's pages; where GitHub leads back to.
    pub(super) async fn agrees(&self, github: &str, confirmation: &Seen) -> String {
        let (action, manifest) =
            (confirmation.quoted("method=\"post\" action="), confirmation.quoted("name=\"manifest\" value="));
        assert!(action.starts_with(github), "{action}");
        let page = self.send(Method::POST, &action, &[("manifest", &manifest)]).await;
        let draft = page.is(200).quoted("name=\"draft\" value=");
        let sent = self.send(Method::POST, &format!("{github}/settings/apps"), &[("draft", &draft)]).await;
        sent.is(302).header("location").to_owned()
    }
}

/// The address with the code, from the log.
pub(super) fn address_of(server: &Server) -> String {
    let log = server.log();
    let (_, rest) = log.split_once("\"open\":\"").expect("the address is logged");
    rest.split('"').next().unwrap().to_owned()
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn a_server_without_an_app_gets_one_by_the_browser_and_works_at_once_and_after_a_restart() {
    let place = Place::start(On::Sqlite).await;
    let folder = place.folder.path();
    std::fs::write(folder.join(".env"), "# ours\nSWEEP_INTERVAL_S=3600\nPUBLIC_URL=\n").unwrap();
    let settings = without_app(&place);
    let mut server = Server::spawn(place.program(&settings, &["serve"])).await;
    let (base, github, visitor) = (format!("http://{}", server.address), place.github.api_url(), Visitor::new());

    let choose = visitor.get(&address_of(&server)).await;
    choose.is(200).shows("Connect to GitHub").shows(&base);
    assert!(choose.header("content-security-policy").contains("form-action 'self' ;"));
    let code = choose.quoted("name=\"setup_code\" value=");
    let chosen = [
        ("setup_code", code.as_str()),
        ("owner", "organization"),
        ("organization", "octo"),
        ("public_url", &base),
        ("name", "Octo \"Station\""),
        ("github_url", &github),
    ];
    let confirm = visitor.send(Method::POST, &format!("{base}/setup"), &chosen).await;
    confirm.is(200).shows("the organisation octo").shows("pull requests: write");
    assert!(confirm.header("content-security-policy").contains(&format!("form-action 'self' {github};")));
    let back = visitor.agrees(&github, &confirm).await;
    let done = visitor.get(&back).await;
    done.is(200).shows("is registered").shows("/apps/octo--station-/installations/new");

    server.logs("\"message\":\"listening\"").await;
    let app = place.github.app();
    let (env, key) = (folder.join(".env"), folder.join("stationmaster.pem"));
    assert_eq!((mode(&env), mode(&key)), (0o600, 0o600));
    assert_eq!(std::fs::read_to_string(key).unwrap(), app.private_key_pem);
    let wanted = format!(
        "# ours\nSWEEP_INTERVAL_S=3600\nPUBLIC_URL={base}\nGITHUB_APP_ID={}\n\
         GITHUB_APP_PRIVATE_KEY_PATH=stationmaster.pem\nGITHUB_WEBHOOK_SECRET={}\nGITHUB_APP_CLIENT_ID={}\n\
         GITHUB_APP_CLIENT_SECRET={}\nGITHUB_API_URL={github}\n",
        app.app_id, app.webhook_secret, app.client_id, app.client_secret
    );
    assert_eq!(std::fs::read_to_string(env).unwrap(), wanted);
    for secret in [&app.webhook_secret, &app.client_secret] {
        assert!(!server.log().contains(secret.as_str()) && !done.text.contains(secret.as_str()), "a secret is told");
    }

    // The webhook's address was in the manifest, so nothing else has to be set.
    place.github.set_installed(REPOSITORY, true).unwrap();
    let issue = place.open_issue("Deploy v2.0");
    place.carded(issue).await;
    visitor.get(&back).await.is(303);
    visitor.get(&address_of(&server)).await.is(303);
    assert!(server.get("/readyz").await.starts_with("HTTP/1.1 200 "));
    server.kill().await;

    let again = Server::spawn(place.program(&settings, &["serve"])).await;
    assert!(!again.log().contains("there is no App"), "{}", again.log());
    assert!(again.get("/readyz").await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test]
async fn whoever_has_no_code_or_another_registration_gets_nowhere() {
    let place = Place::start(On::Sqlite).await;
    let server = Server::spawn(place.program(&without_app(&place), &["serve"])).await;
    let (base, github, visitor) = (format!("http://{}", server.address), place.github.api_url(), Visitor::new());
    visitor.get(&format!("{base}/setup")).await.is(403).shows("Not set up yet").shows("printed and logged");
    visitor.get(&format!("{base}/setup?code=0123")).await.is(403).shows("Another code");
    visitor.send(Method::POST, &format!("{base}/setup"), &[("setup_code", "0123")]).await.is(403);
    assert_eq!(visitor.get(&format!("{base}/")).await.is(303).header("location"), "/setup");
    visitor.get(&format!("{base}/healthz")).await.is(200);
    visitor.get(&format!("{base}/assets/style.css")).await.is(200);
    let ready = server.get("/readyz").await;
    assert!(ready.starts_with("HTTP/1.1 503 ") && ready.contains("not set up: open http://x/setup"), "{ready}");
    visitor.send(Method::POST, &format!("{base}/webhooks/github"), &[]).await.is(503);

    let code = visitor.get(&address_of(&server)).await.quoted("name=\"setup_code\" value=");
    let usual = [("setup_code", code.as_str()), ("name", "Octo"), ("public_url", &base), ("github_url", &github)];
    let form = async |changed: &[(&str, &str)]| {
        let kept = usual.iter().filter(|(name, _)| !changed.iter().any(|(other, _)| other == name));
        let fields: Vec<_> = kept.chain(changed).copied().collect();
        visitor.send(Method::POST, &format!("{base}/setup"), &fields).await
    };
    for (changed, says) in [
        (("public_url", "javascript:alert(1)"), "cannot be this server"),
        (("public_url", "https://x.example.com/?a=\"><script>"), "cannot be this server"),
        (("github_url", "https://github.com;script-src *"), "cannot be GitHub"),
        (("github_url", "https://github.com"), "GitHub cannot send webhooks to"),
        (("name", "A name that is by far longer than any that GitHub takes"), "1 to 34 characters"),
    ] {
        form(&[changed]).await.is(422).shows(says);
    }
    form(&[("owner", "organization"), ("organization", "octo/../x")]).await.is(422).shows("cannot be an organisation");
    form(&[("owner", "organization")]).await.is(422).shows("Name the organisation");

    let back = visitor.agrees(&github, &form(&[]).await).await;
    let forged = back.replace("state=", "state=0");
    visitor.get(&forged).await.is(409).shows("Out of date");
    visitor.get(&format!("{base}/setup/callback")).await.is(409);
    let wrong_code = back.replace("code=", "code=0");
    visitor.get(&wrong_code).await.is(502).shows("is wrong, was used before").shows("Begin again");
    visitor.get(&back).await.is(409).shows("Out of date");
    assert!(!place.folder.path().join(".env").exists() && !place.folder.path().join("stationmaster.pem").exists());

    // What is in the way is told before GitHub registers anything.
    std::os::unix::fs::symlink("/tmp/nowhere", place.folder.path().join(".env")).unwrap();
    form(&[]).await.is(409).shows("is a link");
    assert_eq!(place.github.app().slug, "stationmaster", "no App was made");
}

#[tokio::test]
async fn the_setup_page_of_a_whole_server_is_for_its_operator() {
    let place = Place::start(On::Sqlite).await;
    let server = place.serve().await;
    let (base, visitor) = (format!("http://{}", server.address), Visitor::new());
    assert!(visitor.get(&format!("{base}/setup")).await.is(303).header("location").starts_with("/sign-in"));
    let token = [("token", crate::world::API_TOKEN)];
    let signed_in = visitor.send(Method::POST, &format!("{base}/sign-in/token"), &token).await;
    let cookie = signed_in.is(303).header("set-cookie").split(';').next().unwrap().to_owned();
    let page = visitor.0.get(format!("{base}/setup")).header(header::COOKIE, cookie).send().await.unwrap();
    let text = page.text().await.unwrap();
    assert!(text.contains("This server is set up") && text.contains("/apps/stationmaster/installations/new"), "{text}");
}

#[tokio::test]
async fn a_server_that_is_told_to_stop_before_it_has_an_app_stops() {
    let place = Place::start(On::Sqlite).await;
    let server = Server::spawn(place.program(&without_app(&place), &["serve"])).await;
    server.signal("TERM").await;
    let (status, log) = within("it stops", server.ended()).await;
    assert!(status.success(), "{log}");
}
