//! Faults for whole endpoints: the n-th call of each that is called at all, so that none is forgotten.

use std::collections::BTreeMap;

use serde_json::Value;

use super::GithubSimulator;
use super::call::Call;
use super::faults::FaultKind;
use super::observe::LoggedRequest;

/// What goes wrong at every endpoint.
#[derive(Debug, Clone)]
pub struct EndpointFaults {
    kinds: Vec<FaultKind>,
    after: usize,
    only: Option<String>,
    /// How often each endpoint was called.
    calls: BTreeMap<String, usize>,
    /// How often each endpoint failed.
    struck: BTreeMap<String, u32>,
}

impl EndpointFaults {
    /// The first call of each endpoint fails in the first of these ways, the second in the second, and so on.
    #[must_use]
    pub const fn first_calls(kinds: Vec<FaultKind>) -> Self {
        Self { kinds, after: 0, only: None, calls: BTreeMap::new(), struck: BTreeMap::new() }
    }

    /// Lets so many calls of each endpoint through before.
    #[must_use]
    pub const fn after(mut self, calls: usize) -> Self {
        self.after = calls;
        self
    }

    /// Only this endpoint fails, as [`LoggedRequest::endpoint`] names it.
    #[must_use]
    pub fn only(mut self, endpoint: &str) -> Self {
        self.only = Some(endpoint.to_owned());
        self
    }

    pub(super) fn take(&mut self, call: &Call) -> Option<FaultKind> {
        let endpoint = endpoint(&call.method, &call.target, &call.body);
        if self.only.as_ref().is_some_and(|only| *only != endpoint) {
            return None;
        }
        let calls = self.calls.entry(endpoint.clone()).or_default();
        *calls += 1;
        let kind = self.kinds.get((*calls - 1).checked_sub(self.after)?)?.clone();
        *self.struck.entry(endpoint).or_default() += 1;
        Some(kind)
    }
}

impl LoggedRequest {
    /// The method and the path without what differs from one subject to the next; of a GraphQL query, its name.
    #[must_use]
    pub fn endpoint(&self) -> String {
        endpoint(&self.method, &self.path, &self.request_body)
    }
}

impl GithubSimulator {
    /// Has every endpoint fail from now on as this says.
    pub fn fail_endpoints(&self, faults: EndpointFaults) {
        self.shared.change(|state| state.endpoint_faults = Some(faults));
    }

    /// Lets every endpoint alone again, and says which failed how often.
    #[expect(clippy::must_use_candidate, reason = "it is called for what it does")]
    pub fn spare_endpoints(&self) -> BTreeMap<String, u32> {
        self.shared.change(|state| state.endpoint_faults.take()).map(|faults| faults.struck).unwrap_or_default()
    }
}

fn endpoint(method: &str, target: &str, body: &[u8]) -> String {
    let path = target.split('?').next().unwrap_or_default().trim_matches('/');
    let segments: Vec<&str> = path.split('/').collect();
    if segments.last() == Some(&"graphql") {
        let query: Value = serde_json::from_slice(body).unwrap_or_default();
        let text = query["query"].as_str().unwrap_or_default();
        let name = text.split(['(', '{', ' ', '\n']).nth(1).unwrap_or_default();
        return format!("QUERY {name}");
    }
    let (home, rest) = match segments.as_slice() {
        ["repos", _, _, rest @ ..] => ("/repos/{}", rest),
        ["repositories", _, rest @ ..] => ("/repositories/{}", rest),
        all => ("", all),
    };
    let mut text = format!("{method} {home}");
    for segment in rest {
        text.push('/');
        text.push_str(if differs(segment) { "{}" } else { segment });
    }
    text
}

/// Whether a segment names one of many: a number, a commit, or a range of commits.
fn differs(segment: &str) -> bool {
    let is_commit = segment.len() == 40 && segment.bytes().all(|byte| byte.is_ascii_hexdigit());
    segment.bytes().all(|byte| byte.is_ascii_digit()) || is_commit || segment.contains("...")
}
