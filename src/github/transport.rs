//! The wire: octocrab over one shared reqwest client, one attempt per request, with timeouts.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use octocrab::service::middleware::reqwest_connector::ReqwestConnector;
use octocrab::{AuthState, OctoBody, Octocrab, OctocrabBuilder};
use url::Url;

use super::request::{Call, Response};
use super::{GithubError, Path};

/// How long GitHub is waited for. What did not answer in time may still have been done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Time to reach GitHub, TLS included.
    pub connect: Duration,
    /// Longest silence of GitHub within an answer.
    pub silence: Duration,
    /// Longest time for a request as a whole, against an answer that only drips.
    pub whole: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        let [connect, silence, whole] = [5, 10, 30].map(Duration::from_secs);
        Self { connect, silence, whole }
    }
}

/// The version of the API that the paths and fields here are written against
/// (<https://docs.github.com/en/rest/about-the-rest-api/api-versions>).
const API_VERSION: &str = "2022-11-28";

/// Sends requests below the base of the API. Knows nothing of credentials and limits.
#[derive(Clone)]
pub(super) struct Transport {
    octocrab: Octocrab,
    base: Url,
}

impl Transport {
    /// A client for the API at `base`.
    ///
    /// octocrab's own stack would add its retries (which repeat a POST), log failures a second time and take a path
    /// that begins like the base for one below it, so only its connector is used, and URLs are whole.
    pub(super) fn new(base: Url, patience: Patience) -> Result<Self, GithubError> {
        let wrong = |fault: String| GithubError::Config { setting: "GITHUB_API_URL", fault };
        if !matches!(base.scheme(), "http" | "https") || base.host().is_none() {
            return Err(wrong("is not a URL such as https://api.github.com".to_owned()));
        }
        if !base.username().is_empty()
            || base.password().is_some()
            || base.query().is_some()
            || base.fragment().is_some()
        {
            return Err(wrong("must have no user, password, query or fragment".to_owned()));
        }
        // octocrab's service is driven by a task of its own.
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(wrong("the client must be built within a Tokio runtime".to_owned()));
        }
        let client = reqwest::Client::builder()
            .user_agent(concat!("stationmaster/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(patience.connect)
            .read_timeout(patience.silence)
            .timeout(patience.whole)
            // Redirects are followed by the caller, which keeps method and credential.
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .build()
            .map_err(|fault| wrong(format!("no client can be built: {fault}")))?;
        let built =
            OctocrabBuilder::new_empty().with_service(ReqwestConnector::new(client)).with_auth(AuthState::None).build();
        match built {
            Ok(octocrab) => Ok(Self { octocrab, base }),
            Err(never) => match never {},
        }
    }

    /// The path of the base without a slash at its end: `/api/v3` on Enterprise, else nothing.
    pub(super) fn base_path(&self) -> &str {
        self.base.path().trim_end_matches('/')
    }

    /// A URL that GitHub gave, as a path below our base, whichever host it names.
    pub(super) fn path_of(&self, url: &str) -> Option<Path> {
        let url = self.base.join(url).ok()?;
        let text = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        Some(Path::given(&text, self.base_path()))
    }

    /// Sends the request exactly once and reads the answer, whatever its status.
    pub(super) async fn send(
        &self,
        call: &Call,
        authorization: HeaderValue,
        if_none_match: Option<&HeaderValue>,
    ) -> Result<Response, GithubError> {
        let request = self.build(call, authorization, if_none_match)?;
        let answer = self.octocrab.send(request).await.map_err(|fault| broken(call, &fault))?;
        let (parts, body) = answer.into_parts();
        let body = Limited::new(body, call.limit_bytes).collect().await.map_err(|fault| cut(call, fault.as_ref()))?;
        let (status, headers) = (parts.status, kept(&parts.headers));
        Ok(Response { status, headers, body: body.to_bytes(), confirmed: false })
    }

    /// On Enterprise, GraphQL lies beside `/api/v3` rather than below it
    /// (<https://docs.github.com/en/enterprise-server/graphql/guides/forming-calls-with-graphql#the-graphql-endpoint>).
    fn url(&self, call: &Call) -> String {
        let base = self.base.as_str().trim_end_matches('/');
        let base =
            if call.graphql && self.base_path().ends_with("/api/v3") { base.trim_end_matches("/v3") } else { base };
        format!("{base}{}", call.path)
    }

    fn build(
        &self,
        call: &Call,
        mut authorization: HeaderValue,
        if_none_match: Option<&HeaderValue>,
    ) -> Result<http::Request<OctoBody>, GithubError> {
        // Whatever prints headers prints "Sensitive" in its place.
        authorization.set_sensitive(true);
        let mut request = http::Request::builder()
            .method(call.method.clone())
            .uri(self.url(call))
            .header(header::ACCEPT, call.accept)
            .header("x-github-api-version", API_VERSION)
            .header(header::AUTHORIZATION, authorization);
        if let Some(tag) = if_none_match {
            request = request.header(header::IF_NONE_MATCH, tag);
        }
        if call.body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = call.body.clone().map_or_else(|| OctoBody::from(Bytes::new()), OctoBody::from);
        request.body(body).map_err(|_| GithubError::Path { segment: call.path.as_str().to_owned() })
    }
}

fn cut(call: &Call, fault: &(dyn std::error::Error + Send + Sync + 'static)) -> GithubError {
    if fault.is::<LengthLimitError>() {
        return GithubError::TooLarge {
            call: call.to_string(),
            limit_bytes: call.limit_bytes,
            performed: call.writes(),
        };
    }
    GithubError::Transport {
        call: call.to_string(),
        fault: format!("the answer broke off: {}", innermost(fault)),
        ambiguous: call.writes(),
    }
}

fn kept(headers: &HeaderMap) -> HeaderMap {
    let pairs = Response::KEPT_HEADERS.into_iter();
    pairs.filter_map(|name| headers.get(&name).cloned().map(|value| (name, value))).collect()
}

/// Only a failure to connect is sure to have done nothing.
fn broken(call: &Call, fault: &octocrab::Error) -> GithubError {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(fault);
    let mut connected = true;
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<reqwest::Error>() {
            connected = !(error.is_connect() || error.is_builder());
        }
        cause = error.source();
    }
    let what = if connected { "no answer came" } else { "no connection" };
    GithubError::Transport {
        call: call.to_string(),
        fault: format!("{what}: {}", innermost(fault)),
        ambiguous: connected && call.writes(),
    }
}

/// The end of the chain of causes, where the operating system or the timer speaks.
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut last = error;
    while let Some(cause) = last.source() {
        last = cause;
    }
    last.to_string()
}
