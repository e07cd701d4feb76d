//! One identity that calls GitHub: its credential, its rate limits, and the course of a call.

use std::sync::{Arc, Mutex};

use http::{HeaderValue, Method, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tracing::Instrument as _;
use tracing::field::Empty;

use super::cache::Answers;
use super::errors::{ErrorBody, refusal};
use super::installation::InstallationToken;
use super::jwt::AppJwt;
use super::request::{Call, Response};
use super::throttle::{Limits, Throttle};
use super::transport::Transport;
use super::{AnswerReport, GithubError, Path};
use crate::model::{Clock, InstallationId, Timestamp};

/// A renamed repository redirects once; more than this is a loop.
const REDIRECTS_LIMIT: usize = 3;

/// What all callers share.
pub(super) struct Shared {
    pub(super) transport: Transport,
    pub(super) answers: Answers,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) report: AnswerReport,
}

/// Who calls.
pub(super) enum Credential {
    /// The App itself, by its JWT.
    App(Arc<AppJwt>),
    /// The App within one installation, by an installation token.
    Installation(InstallationToken),
}

/// An identity with its own credential and its own rate limits.
pub(super) struct Caller {
    pub(super) shared: Arc<Shared>,
    pub(super) credential: Credential,
    throttle: Throttle,
    /// GraphQL has an hourly limit of its own: no query is made from the first to the second.
    pub(super) queries_blocked: Mutex<Option<(Timestamp, Timestamp)>>,
}

impl Caller {
    pub(super) fn new(shared: Arc<Shared>, credential: Credential) -> Self {
        Self { shared, credential, throttle: Throttle::default(), queries_blocked: Mutex::default() }
    }

    /// The installation called for; `None` for the App itself.
    pub(super) const fn installation(&self) -> Option<InstallationId> {
        match &self.credential {
            Credential::App(_) => None,
            Credential::Installation(token) => Some(token.installation),
        }
    }

    pub(super) fn limits(&self) -> Limits {
        self.throttle.limits()
    }

    pub(super) fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    /// Performs the call and returns an answer of success, from the cache where GitHub confirmed it.
    pub(super) async fn call(&self, mut call: Call) -> Result<Response, GithubError> {
        let asked = call.clone();
        let (tag, known) = self.shared.answers.known(self.installation(), &asked).await.unzip();
        for _ in 0..=REDIRECTS_LIMIT {
            let response = self.authorized(&call, tag.as_ref()).await?;
            if response.status.is_success() {
                response.is_of_github(&call)?;
                self.shared.answers.keep(self.installation(), &asked, &response).await;
                return Ok(response);
            }
            if response.status == StatusCode::NOT_MODIFIED
                && let Some(known) = known
            {
                return Ok(Response { confirmed: true, ..known });
            }
            match self.redirect(&response) {
                Some(path) => call.path = path,
                None => return Err(refusal(&call, &response, self.installation())),
            }
        }
        Err(GithubError::Unexpected {
            call: call.to_string(),
            status: StatusCode::LOOP_DETECTED.as_u16(),
            message: format!("more than {REDIRECTS_LIMIT} redirects"),
        })
    }

    /// Where a renamed repository is now. A redirect means that nothing was done, so the same request may go there
    /// (<https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects>).
    fn redirect(&self, response: &Response) -> Option<Path> {
        if !response.status.is_redirection() {
            return None;
        }
        let path = self.shared.transport.path_of(response.header("location")?)?;
        // Redirects to storage (logs, archives) name another host, and mean nothing below our base.
        ["/repositories/", "/repos/"].iter().any(|start| path.as_str().starts_with(start)).then_some(path)
    }

    /// Sends with the present credential and, where GitHub refuses that, once more with a new one: nothing was done.
    async fn authorized(&self, call: &Call, tag: Option<&HeaderValue>) -> Result<Response, GithubError> {
        let header = self.bearer().await?;
        let response = self.throttled(call, header.clone(), tag).await?;
        let forgotten = match (response.status, &self.credential) {
            (StatusCode::UNAUTHORIZED, Credential::App(jwt)) => {
                jwt.forget();
                true
            }
            (StatusCode::UNAUTHORIZED, Credential::Installation(token)) => {
                token.forget(&header).await;
                true
            }
            (StatusCode::FORBIDDEN, Credential::Installation(token)) if is_not_allowed(&response) => {
                token.forget_old(&header, self.now()).await
            }
            (_, Credential::App(_) | Credential::Installation(_)) => false,
        };
        if !forgotten {
            return Ok(response);
        }
        tracing::debug!(installation = ?self.installation(), %call, "GitHub refused the credential; trying a new one");
        self.throttled(call, self.bearer().await?, tag).await
    }

    async fn bearer(&self) -> Result<HeaderValue, GithubError> {
        match &self.credential {
            Credential::App(jwt) => jwt.bearer(),
            Credential::Installation(token) => token.bearer(self.now()).await,
        }
    }

    async fn throttled(
        &self,
        call: &Call,
        header: HeaderValue,
        tag: Option<&HeaderValue>,
    ) -> Result<Response, GithubError> {
        let pass = self.throttle.pass(self.now())?;
        let method = call.method_word();
        let span =
            tracing::info_span!("github request", otel.kind = "client", method, path = %call.path, status = Empty);
        let answer = self.shared.transport.send(call, header, tag).instrument(span.clone()).await;
        let status = answer.as_ref().map_or(0, |response| response.status.as_u16());
        span.record("status", status);
        let learned = answer.and_then(|response| {
            self.throttle.learn(pass, &response, self.now())?;
            Ok(response)
        });
        let left = self.installation().zip(self.limits().remaining);
        (self.shared.report)(call.method_word(), status, left);
        learned
    }

    /// A read as a value of ours.
    pub(super) async fn read<T: DeserializeOwned>(&self, path: Path) -> Result<T, GithubError> {
        let call = Call::get(path);
        self.call(call.clone()).await?.decode(&call)
    }

    /// A change with a JSON body.
    pub(super) async fn write(
        &self,
        method: Method,
        path: Path,
        body: &(impl Serialize + ?Sized + Sync),
    ) -> Result<Answered, GithubError> {
        let call = Call::new(method, path).json(body)?;
        let response = self.call(call.clone()).await?;
        Ok(Answered { call, response })
    }
}

/// An answer together with its request, which an error of decoding names.
pub(super) struct Answered {
    call: Call,
    response: Response,
}

impl Answered {
    pub(super) fn decode<T: DeserializeOwned>(&self) -> Result<T, GithubError> {
        self.response.decode(&self.call)
    }
}

/// Whether GitHub says that a permission is missing
/// (<https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#resource-not-accessible>).
fn is_not_allowed(response: &Response) -> bool {
    ErrorBody::of(response).sentence(response.status).starts_with("Resource not accessible by integration")
}
