//! The dashboard by real HTTP, as a browser without JavaScript uses it.

mod board;
mod charts;
mod inside;
mod leaks;
mod learnings;
mod live;
mod public_mode;
mod pulls;
mod refusals;
mod releases;
mod rules;
mod sessions;
mod sign_in;
mod task;
mod workers;

use std::cell::RefCell;
use std::collections::BTreeMap;

use reqwest::{Method, StatusCode, header};
use sha2::{Digest as _, Sha256};
use sqlx::{Connection as _, Executor as _};
use stationmaster::model::Clock as _;
use stationmaster::store::SessionOf;
use url::Url;

use crate::world::{API_TOKEN, World};

/// A browser without JavaScript: it keeps cookies, sends the fields of forms, and follows redirects to pages of ours.
pub struct Browser<'a> {
    world: &'a World,
    client: reqwest::Client,
    cookies: RefCell<BTreeMap<String, String>>,
    /// What it sends with every request beside its cookies.
    headers: RefCell<Vec<(String, String)>>,
}

/// What it shows.
pub struct Page {
    pub status: StatusCode,
    pub headers: header::HeaderMap,
    /// The path and query of the page, after all redirects.
    pub path: String,
    pub text: String,
}

impl Page {
    /// What stands in the page, where this text stands, else a panic that shows the page.
    #[track_caller]
    pub fn shows(&self, text: &str) -> &Self {
        assert!(self.text.contains(text), "no {text:?} in {} {}:\n{}", self.status, self.path, self.text);
        self
    }

    #[track_caller]
    pub fn hides(&self, text: &str) -> &Self {
        assert!(!self.text.contains(text), "{text:?} in {}:\n{}", self.path, self.text);
        self
    }

    #[track_caller]
    pub fn is(&self, status: u16) -> &Self {
        assert_eq!(self.status.as_u16(), status, "{}:\n{}", self.path, self.text);
        self
    }

    /// Where it leads.
    #[track_caller]
    pub fn location(&self) -> &str {
        self.headers[header::LOCATION].to_str().unwrap()
    }

    /// The token that the forms of this page carry.
    #[track_caller]
    pub fn csrf(&self) -> String {
        let (_, rest) = self.text.split_once("name=\"csrf\" value=\"").expect("a form of a session");
        rest.split('"').next().unwrap().to_owned()
    }
}

impl<'a> Browser<'a> {
    /// A browser in which nobody is signed in.
    pub fn new(world: &'a World) -> Self {
        let client = crate::wire::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { world, client, cookies: RefCell::default(), headers: RefCell::default() }
    }

    /// One in which the operator is signed in.
    pub async fn operator(world: &'a World) -> Self {
        let browser = Self::new(world);
        browser.signs_in_with(API_TOKEN).await.is(200);
        browser
    }

    /// One in which this person on GitHub is signed in, whichever way they took.
    pub async fn person(world: &'a World, login: &str) -> Self {
        let secret = format!("{:064x}", rand::random::<u128>());
        let hash = Sha256::digest(&secret).iter().fold(String::new(), |hash, byte| format!("{hash}{byte:02x}"));
        let (of, ends) = (SessionOf::Person(login.into()), world.clock.now().plus_ms(3_600_000));
        world.app().store.begin_session(&hash, &of, ends).await.unwrap();
        let browser = Self::new(world);
        browser.holds("stationmaster", &secret);
        browser
    }

    pub async fn signs_in_with(&self, token: &str) -> Page {
        self.send(Method::POST, "/sign-in/token", &[("token", token)]).await
    }

    /// Signs in by the simulated GitHub, and shows the board.
    pub async fn signs_in_as(&self, login: &str) -> Page {
        let asked = self.goes_to_github("/").await;
        let back = self.presses(&asked, ("login", login)).await;
        self.get(&back).await
    }

    /// Begins to sign in by GitHub: the address there that the browser is sent to.
    pub async fn goes_to_github(&self, wanted: &str) -> Url {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("to", wanted).finish();
        let page = self.once(Method::GET, &format!("/sign-in/github?{query}"), &[]).await;
        Url::parse(page.is(303).location()).unwrap()
    }

    /// Presses a button of GitHub's page: the path here that GitHub sends the browser back to.
    pub async fn presses(&self, asked: &Url, (name, value): (&str, &str)) -> String {
        let page = self.client.get(asked.clone()).send().await.unwrap();
        assert_eq!(page.status(), 200);
        let text = page.text().await.unwrap();
        let button =
            if name == "login" { format!("name=\"login\" value=\"{value}\"") } else { format!("name=\"{name}\"") };
        assert!(text.contains(&button), "{text}");
        let mut fields = url::form_urlencoded::Serializer::new(String::new());
        let fields = fields.extend_pairs(asked.query_pairs()).append_pair(name, value).finish();
        let form = self.client.post(asked.join("/login/oauth/authorize").unwrap());
        let form = form.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(fields);
        let answer = form.send().await.unwrap();
        assert_eq!(answer.status(), 302, "{answer:?}");
        let to = Url::parse(answer.headers()[header::LOCATION].to_str().unwrap()).unwrap();
        format!("{}?{}", to.path(), to.query().unwrap_or_default())
    }

    /// Whether somebody is signed in.
    pub async fn is_signed_in(&self) -> bool {
        let page = self.once(Method::GET, "/", &[]).await;
        page.status == StatusCode::OK && page.text.contains("action=\"/sign-out\"")
    }

    /// The browser's cookie of this name.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.borrow().get(name).cloned()
    }

    /// Has it send these headers from now on.
    pub fn sends(&self, headers: &[(&str, &str)]) {
        *self.headers.borrow_mut() =
            headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    }

    pub async fn get(&self, path: &str) -> Page {
        self.send(Method::GET, path, &[]).await
    }

    /// Sends a form of this session.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let csrf = self.get("/").await.csrf();
        self.send(Method::POST, path, &[&[("csrf", csrf.as_str())], fields].concat()).await
    }

    /// Sends exactly this, and follows redirects within the server.
    pub async fn send(&self, method: Method, path: &str, fields: &[(&str, &str)]) -> Page {
        let mut page = self.once(method, path, fields).await;
        while page.status == StatusCode::SEE_OTHER {
            let to = page.headers[header::LOCATION].to_str().unwrap().to_owned();
            if !to.starts_with('/') {
                break;
            }
            page = self.once(Method::GET, &to, &[]).await;
        }
        page
    }

    /// The same without following redirects.
    pub async fn once(&self, method: Method, path: &str, fields: &[(&str, &str)]) -> Page {
        let url = format!("{}{path}", self.world.url);
        let cookies = self.cookies.borrow().iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
        let mut request = self.client.request(method.clone(), url).header(header::COOKIE, cookies.join("; "));
        if method == Method::POST {
            let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(body);
        }
        for (name, value) in &*self.headers.borrow() {
            request = request.header(name, value);
        }
        let answer = request.send().await.unwrap();
        for line in answer.headers().get_all(header::SET_COOKIE) {
            let (name, rest) = line.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if value.is_empty() {
                self.cookies.borrow_mut().remove(name);
            } else {
                self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned());
            }
        }
        let (status, headers) = (answer.status(), answer.headers().clone());
        // A stream of events does not end.
        let streams = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/event"));
        let text = if streams { String::new() } else { answer.text().await.unwrap() };
        Page { status, headers, path: path.to_owned(), text }
    }

    /// Opens the stream of changes of a server, as a page does, and leaves it open.
    pub async fn stream(&self, url: &str) -> reqwest::Response {
        let cookies = self.cookies.borrow().iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
        let request = self.client.get(format!("{url}/live")).header(header::COOKIE, cookies.join("; "));
        request.header(header::ACCEPT_ENCODING, "gzip, br, zstd").send().await.unwrap()
    }

    /// Has it hold another cookie, as somebody would who tampers with it.
    pub fn holds(&self, name: &str, value: &str) {
        self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned());
    }
}

/// Has the store hold so many more tasks like that of this issue.
pub async fn many_tasks(world: &World, issue: i64, count: i64) {
    let columns = "repository_id, title, state, task_type, role, worker, priority, risk, type_pinned, priority_pinned, \
                   worker_pinned, rule, assignment, fence, projected, ours, assignees, card, card_digest, \
                   policy_fingerprint, created_ms, updated_ms, version, work, lease_id, lease_until_ms, claimed_ms, \
                   claimable, urgent, priority_rank, parent, handoff";
    let copied =
        format!("tasks (number, {columns}) SELECT 100000 + n, {columns} FROM tasks, numbers WHERE number = {issue}");
    copies(world, count, &copied).await;
}

/// Has the history of an issue hold so many more lines.
pub async fn many_lines(world: &World, issue: i64, count: i64) {
    let copied = format!(
        "audit (id, at_ms, actor, subject, kind, summary) SELECT -n, a.at_ms, a.actor, a.subject, a.kind, \
           a.summary FROM audit a, numbers WHERE a.kind = 'ask' \
           AND a.id = (SELECT MAX(id) FROM audit WHERE kind = 'ask' AND subject LIKE 'issue/%/{issue}')"
    );
    copies(world, count, &copied).await;
}

async fn copies(world: &World, count: i64, into: &str) {
    let sql = format!(
        "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count}) INSERT INTO {into}"
    );
    sqlx::any::install_default_drivers();
    let mut connection = sqlx::AnyConnection::connect(world.app().config.database_url.expose()).await.unwrap();
    connection.execute(sqlx::AssertSqlSafe(sql)).await.unwrap();
    connection.close().await.unwrap();
}
