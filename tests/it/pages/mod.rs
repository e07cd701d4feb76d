//! The dashboard by real HTTP, as a browser without JavaScript uses it.

mod board;
mod charts;
mod pulls;

use std::cell::RefCell;
use std::collections::BTreeMap;

use reqwest::{Method, StatusCode, header};

use crate::world::{API_TOKEN, World};

/// A browser without JavaScript: it keeps cookies, sends the fields of forms, and follows redirects to pages of ours.
pub struct Browser<'a> {
    world: &'a World,
    client: reqwest::Client,
    cookies: RefCell<BTreeMap<String, String>>,
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
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { world, client, cookies: RefCell::default() }
    }

    /// One in which the operator is signed in.
    pub async fn operator(world: &'a World) -> Self {
        let browser = Self::new(world);
        browser.signs_in_with(API_TOKEN).await.is(200);
        browser
    }

    pub async fn signs_in_with(&self, token: &str) -> Page {
        self.send(Method::POST, "/sign-in/token", &[("token", token)]).await
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
        Page { status, headers, path: path.to_owned(), text: answer.text().await.unwrap() }
    }

    /// Has it hold another cookie, as somebody would who tampers with it.
    pub fn holds(&self, name: &str, value: &str) {
        self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned());
    }
}
