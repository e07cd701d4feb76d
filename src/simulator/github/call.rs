//! One request as handlers see it: its parts, its caller, and the state to act on.

use bytes::Bytes;
use http::HeaderMap;
use serde_json::{Map, Value};

use super::answer::{Answer, Refusal};
use super::auth::{Caller, permitted};
use super::entities::Repository;
use super::installations::{Access, Token};
use super::payloads::Views;
use super::state::State;

/// A request, taken apart.
#[derive(Debug)]
pub struct Call {
    pub method: String,
    /// The path and query as they were sent, without `/api/v3`.
    pub target: String,
    pub segments: Vec<String>,
    pub query: Vec<(String, String)>,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Call {
    pub fn new(method: &str, target: &str, headers: HeaderMap, body: Bytes) -> Self {
        let target = target.strip_prefix("/api/v3").filter(|rest| rest.starts_with('/')).unwrap_or(target);
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let segments = path.trim_matches('/').split('/').map(decode).collect();
        let query = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        Self { method: method.to_owned(), target: target.to_owned(), segments, query, headers, body }
    }

    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body as a JSON object; an empty body counts as an empty object.
    pub fn json(&self) -> Result<Map<String, Value>, Refusal> {
        if self.body.is_empty() {
            return Ok(Map::new());
        }
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(_) => Err(Refusal::new(422, "Invalid request.\n\nFor 'properties/', the value is not an object.")),
            Err(_) => Err(Refusal::new(400, "Problems parsing JSON")),
        }
    }
}

/// Percent-decodes one path segment; unlike in a query, `+` stays as it is.
fn decode(segment: &str) -> String {
    let mut bytes = Vec::with_capacity(segment.len());
    let raw = segment.as_bytes();
    let mut at = 0;
    while at < raw.len() {
        let hex = raw.get(at + 1..at + 3).and_then(|pair| std::str::from_utf8(pair).ok());
        let escaped = hex.filter(|_| raw[at] == b'%').and_then(|pair| u8::from_str_radix(pair, 16).ok());
        bytes.push(escaped.unwrap_or(raw[at]));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A request in the hands of its handler.
#[derive(Debug)]
pub struct Context<'a> {
    pub state: &'a mut State,
    pub call: &'a Call,
    pub caller: Caller,
}

impl Context<'_> {
    pub const fn views(&self) -> Views<'_> {
        Views { state: self.state }
    }

    /// Refuses everyone but the App itself.
    pub fn app_only(&self) -> Result<(), Refusal> {
        match self.caller {
            Caller::App => Ok(()),
            Caller::Installation(_) => Err(Refusal::new(401, "A JSON web token could not be decoded")),
        }
    }

    /// The installation's token, where the App itself has no business.
    pub fn token(&self) -> Result<&Token, Refusal> {
        match &self.caller {
            Caller::Installation(token) => Ok(token),
            Caller::App => Err(Refusal::new(403, "Resource not accessible by integration")),
        }
    }

    /// Refuses unless one of these permissions is held.
    pub fn needs(&self, accepted: &[(&str, Access)]) -> Result<(), Refusal> {
        permitted(self.state, self.token()?, accepted)
    }

    /// Refuses unless what stands at this number may be touched: issues by `issues`, pulls by that or `pull_requests`.
    pub fn needs_for_issue(&self, repository: i64, number: i64, access: Access) -> Result<(), Refusal> {
        if self.state.issue(repository, number)?.pull.is_some() {
            self.needs(&[("issues", access), ("pull_requests", access)])
        } else {
            self.needs(&[("issues", access)])
        }
    }

    /// The repository, if this caller can see it at all.
    pub fn visible(&self, id: i64) -> Result<&Repository, Refusal> {
        let repository = self.state.repository(id)?;
        if let Caller::Installation(token) = &self.caller {
            let home = self.state.installation_of(&repository.owner).map(|installation| installation.id);
            let narrowed = token.repositories.as_ref().is_some_and(|only| !only.contains(&id));
            if home != Some(token.installation) || narrowed || !repository.installed {
                return Err(Refusal::not_found());
            }
        }
        Ok(repository)
    }

    /// Cuts one page out of a list and says in `Link` where the others are.
    ///
    /// <https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api>
    pub fn page(&self, items: &[Value]) -> (Vec<Value>, Option<String>) {
        let number = |name: &str, default: usize| {
            self.call.parameter(name).and_then(|text| text.parse().ok()).filter(|n| *n > 0).unwrap_or(default)
        };
        let (page, size) = (number("page", 1), number("per_page", 30).min(100));
        let last = items.len().div_ceil(size).max(1);
        let shown = items.iter().skip((page - 1) * size).take(size).cloned().collect();
        let mut links = Vec::new();
        if page > 1 {
            links.push(self.page_link(page - 1, "prev"));
        }
        if page < last {
            links.push(self.page_link(page + 1, "next"));
            links.push(self.page_link(last, "last"));
        }
        if page > 1 {
            links.push(self.page_link(1, "first"));
        }
        (shown, (!links.is_empty()).then(|| links.join(", ")))
    }

    /// Answers one page of a list.
    pub fn list(&self, items: &[Value]) -> Answer {
        let (shown, link) = self.page(items);
        let answer = Answer::json(200, Value::Array(shown));
        match link {
            Some(link) => answer.with("link", link),
            None => answer,
        }
    }

    /// GitHub's links name the repository by its id.
    fn page_link(&self, page: usize, relation: &str) -> String {
        let mut path = self.call.target.split('?').next().unwrap_or_default().to_owned();
        if let [first, owner, name, ..] = self.call.segments.as_slice()
            && first == "repos"
            && let Ok(id) = self.state.repository_id(&format!("{owner}/{name}"))
        {
            let rest = path.splitn(5, '/').nth(4).unwrap_or_default();
            path = format!("/repositories/{id}/{rest}");
        }
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (key, value) in self.call.query.iter().filter(|(key, _)| key != "page") {
            query.append_pair(key, value);
        }
        query.append_pair("page", &page.to_string());
        format!("<{}{path}?{}>; rel=\"{relation}\"", self.state.base, query.finish())
    }
}
