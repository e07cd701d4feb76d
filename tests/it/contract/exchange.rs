//! Judges one request and its answer by the description of GitHub's API.

use serde_json::{Map, Value};
use stationmaster::simulator::github::{WitnessedAnswer, WitnessedBody, WitnessedExchange};

use super::description::{Description, Filled};
use super::graphql;

/// What is asked of github.com by a browser and is no part of the API that is described; and what the doctor asks of
/// whatever stands where an ntfy should.
const PAGES: [&str; 6] = ["/favicon.ico", "/login/", "/settings/apps", "/organizations/", "/apps/", "/v1/health"];
/// Any operation may answer so, and the description says it of few: no credentials, a limit, gone, a merge conflict.
const ANYWHERE: [u16; 12] = [301, 302, 307, 400, 401, 403, 404, 405, 409, 410, 422, 429];

/// As whom tests send what they send by hand.
pub const BY_HAND: &str = "tests";

/// What was judged.
pub struct Judged {
    /// `GET /repos/{owner}/{repo}`, or the request itself when there is no such operation.
    pub operation: String,
    /// Whether it is an operation that is described.
    pub is_known: bool,
    pub faults: Vec<Fault>,
}

/// What is wrong, with the request or with the answer.
#[derive(Debug, Clone)]
pub struct Fault {
    pub in_request: bool,
    pub text: String,
}

fn request(text: impl Into<String>) -> Fault {
    Fault { in_request: true, text: text.into() }
}

fn answer(text: impl Into<String>) -> Fault {
    Fault { in_request: false, text: text.into() }
}

/// Judges an exchange; `None` for what is no part of the API.
pub fn judge(description: &Description, exchange: &WitnessedExchange<'_>) -> Option<Judged> {
    let (path, query) = exchange.target.split_once('?').unwrap_or((exchange.target, ""));
    if PAGES.iter().any(|page| path.starts_with(page)) && !path.ends_with("/installation") {
        return None;
    }
    if path == "/graphql" || path == "/api/graphql" {
        return Some(judge_graphql(exchange));
    }
    let by_name = named(path);
    let Some((at, filled)) = description.operation(exchange.method, &by_name) else {
        let operation = format!("{} {path}", exchange.method);
        let is_refused = exchange.answer.as_ref().is_some_and(|answer| answer.status >= 400);
        let meant = is_a_test_of_refusal(exchange, is_refused);
        let faults = if meant { Vec::new() } else { vec![request("no such operation is described")] };
        return Some(Judged { operation, is_known: false, faults });
    };
    let operation = &description.operations[at];
    let place = Place { description, name: &operation.name, described: description.of(operation) };
    let mut faults = place.parameters(&filled, query);
    faults.extend(place.body(exchange.body));
    if is_a_test_of_refusal(exchange, exchange.answer.as_ref().is_some_and(|answer| answer.status >= 400)) {
        faults.clear();
    }
    if let Some(answered) = &exchange.answer {
        let accept = exchange.headers.get("accept").and_then(|value| value.to_str().ok()).unwrap_or_default();
        faults.extend(place.answer(answered, accept));
    }
    Some(Judged { operation: operation.name.clone(), is_known: true, faults })
}

/// What a test sends by hand may be wrong, as long as the simulator refuses it as GitHub would; what the server sends
/// may not.
fn is_a_test_of_refusal(exchange: &WitnessedExchange<'_>, is_refused: bool) -> bool {
    let by_hand = exchange.headers.get("user-agent").is_none_or(|agent| agent == BY_HAND);
    is_refused && by_hand
}

fn judge_graphql(exchange: &WitnessedExchange<'_>) -> Judged {
    let answered = match &exchange.answer {
        Some(WitnessedAnswer { status: 200, body: WitnessedBody::Json(value) }) => Some(*value),
        Some(_) | None => None,
    };
    let sent: Map<String, Value> = serde_json::from_slice(exchange.body).unwrap_or_default();
    let mut faults = Vec::new();
    match graphql::parts(&sent, answered) {
        (Some(query), data) => {
            let (wrong, answered) = graphql::judge(query, data);
            let meant = is_a_test_of_refusal(exchange, data.is_none());
            let wrong = if meant { Vec::new() } else { wrong };
            faults.extend(wrong.into_iter().map(request));
            faults.extend(answered.into_iter().map(answer));
        }
        (None, _) => faults.push(request("there is no query in it")),
    }
    Judged { operation: format!("{} /graphql", exchange.method), is_known: true, faults }
}

/// What is described nowhere: GitHub's own `Link` headers and redirects name a repository by its id, and the folder at
/// the root is the contents of no path at all.
fn named(path: &str) -> String {
    if path.ends_with("/contents") && path.split('/').count() == 5 {
        return format!("{path}/.");
    }
    match path.strip_prefix("/repositories/").map(|rest| rest.split_once('/').unwrap_or((rest, ""))) {
        Some((_, "")) => "/repos/by/id".to_owned(),
        Some((_, rest)) => format!("/repos/by/id/{rest}"),
        None => path.to_owned(),
    }
}

struct Place<'a> {
    description: &'a Description,
    name: &'a str,
    described: &'a Value,
}

impl Place<'_> {
    fn parameters(&self, filled: &Filled, query: &str) -> Vec<Fault> {
        let parameters: Vec<&Value> = self.described["parameters"].as_array().map_or_else(Vec::new, |parameters| {
            parameters.iter().map(|parameter| self.description.resolve(parameter)).collect()
        });
        let find = |name: &str, place: &str| {
            parameters.iter().copied().find(|parameter| parameter["name"] == name && parameter["in"] == place)
        };
        let mut faults = Vec::new();
        for (name, value) in filled {
            match find(name, "path") {
                Some(parameter) => faults.extend(self.parameter(parameter, &decode(value))),
                None => faults.push(request(format!("the path's {name} is not described"))),
            }
        }
        let given: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        for (name, value) in &given {
            match find(name, "query") {
                Some(parameter) => faults.extend(self.parameter(parameter, value)),
                None => faults.push(request(format!("?{name}=: no such parameter is described"))),
            }
        }
        let required = parameters.iter().filter(|one| one["in"] == "query" && one["required"] == Value::Bool(true));
        for parameter in required {
            if !given.iter().any(|(name, _)| parameter["name"] == *name) {
                faults.push(request(format!("the parameter {} is missing", parameter["name"])));
            }
        }
        faults
    }

    /// A parameter's text is read as what its schema wants.
    fn parameter(&self, parameter: &Value, text: &str) -> Vec<Fault> {
        let schema = &parameter["schema"];
        let kind = self.description.resolve(schema).get("type").and_then(Value::as_str).unwrap_or("string");
        let value = match kind {
            "integer" | "number" | "boolean" => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
            "array" => text.split(',').collect(),
            _ => Value::from(text),
        };
        let name = parameter["name"].as_str().unwrap_or_default();
        let checker = self.description.checker(&format!("{} ?{name}", self.name), schema);
        checker.faults(&value).into_iter().map(|fault| request(format!("{name}={text}{fault}"))).collect()
    }

    fn body(&self, sent: &[u8]) -> Vec<Fault> {
        let described = self.described.get("requestBody").map(|body| self.description.resolve(body));
        let Some(described) = described else {
            // An object with nothing in it says nothing.
            return if [b"".as_slice(), b"{}", b"null"].contains(&sent) {
                Vec::new()
            } else {
                vec![request("a body is sent where none is described")]
            };
        };
        let Some(schema) = described.pointer("/content/application~1json/schema") else { return Vec::new() };
        if sent.is_empty() {
            let required = described["required"] == Value::Bool(true);
            return if required { vec![request("the body is missing")] } else { Vec::new() };
        }
        let Ok(value) = serde_json::from_slice::<Value>(sent) else { return vec![request("the body is not JSON")] };
        let checker = self.description.checker(&format!("{} body", self.name), schema);
        checker.faults(&value).into_iter().map(|fault| request(format!("body {fault}"))).collect()
    }

    fn answer(&self, answered: &WitnessedAnswer<'_>, accept: &str) -> Vec<Fault> {
        let status = answered.status;
        let wrong = |text: &str| vec![answer(format!("{status} {text}"))];
        if status == 304 {
            return if matches!(answered.body, WitnessedBody::Empty) { Vec::new() } else { wrong("has a body") };
        }
        let described = self.described["responses"].get(status.to_string());
        let described = described.map(|described| self.description.resolve(described));
        let (key, schema) = match described {
            Some(described) => (self.name, described.pointer("/content/application~1json/schema")),
            None if ANYWHERE.contains(&status) => {
                ("any operation", self.description.api.pointer("/components/schemas/basic-error"))
            }
            None => return wrong("is not described"),
        };
        match (&answered.body, schema) {
            (WitnessedBody::Empty, Some(_)) if status < 400 => wrong("has no body"),
            (WitnessedBody::Empty, _) => Vec::new(),
            // Asked for by its media type: https://docs.github.com/en/rest/using-the-rest-api/getting-started-with-the-rest-api#media-types
            (WitnessedBody::Raw(_), _) if ["raw", "diff", "patch"].iter().any(|word| accept.contains(word)) => {
                Vec::new()
            }
            (WitnessedBody::Raw(kind), _) => wrong(&format!("is {kind}, which nobody asked for")),
            (WitnessedBody::Json(_), None) if status >= 400 => Vec::new(),
            (WitnessedBody::Json(_), None) => wrong("has a body where none is described"),
            (WitnessedBody::Json(value), Some(schema)) => {
                let name = format!("{key} {status}");
                let checker = if status < 400 {
                    self.description.checker(&name, schema)
                } else {
                    self.description.error_checker(&name, schema)
                };
                checker.faults(value).into_iter().map(|fault| answer(format!("{status} {fault}"))).collect()
            }
        }
    }
}

fn decode(text: &str) -> String {
    // A path's `+` is a plus, and in a form it would be a space.
    let form = format!("x={}", text.replace('+', "%2B"));
    url::form_urlencoded::parse(form.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}
