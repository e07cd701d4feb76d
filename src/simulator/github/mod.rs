//! A stateful GitHub served over HTTP on loopback: real state, real Git objects, signed webhooks, and faults on demand.

mod acts;
mod acts_checks;
mod acts_git;
mod acts_issue;
mod acts_pull;
mod acts_shipping;
mod answer;
mod app_manifest;
mod auth;
mod balancer;
mod call;
mod changes;
mod connection;
mod deliveries;
mod endpoint_faults;
mod entities;
mod error;
mod faults;
mod git;
mod graphql;
mod holds;
mod installations;
mod judging;
mod key;
mod leaving;
mod limits;
mod lost;
mod mergeability;
mod observe;
mod observe_git;
mod observe_shipping;
mod payloads;
mod post;
mod routes;
mod server;
mod setup;
mod shipping;
mod sign_in;
mod state;
mod watched;
mod webhooks;
mod witness;

use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

use self::connection::{CuttableListener, Scissors};
use self::key::AppKey;
use self::server::Shared;
use self::state::State;
use crate::model::Clock;

pub use self::acts::FileWrite;
pub use self::acts_git::AuthoredCommit;
pub use self::changes::NewPull;
pub use self::endpoint_faults::EndpointFaults;
pub use self::entities::{MergeMethods, Permission, WorkflowRun};
pub use self::error::SimulatorError;
pub use self::faults::{Fault, FaultKind};
pub use self::holds::{Held, HoldAt};
pub use self::installations::Access;
pub use self::judging::{
    Annotation, CheckApp, CheckOutput, CheckRun, Protection, Review, ReviewEvent, ReviewState, Rule,
};
pub use self::observe::{AuthKind, CommentView, IssueView, LoggedRequest, View};
pub use self::observe_git::PullView;
pub use self::observe_shipping::{DeploymentView, ReleaseView};
pub use self::post::Post;
pub use self::setup::AppCredentials;
pub use self::shipping::Dispatch;
pub use self::webhooks::{DeliveryRecord, Webhook, WebhookMode};
pub use self::witness::{Witness, WitnessedAnswer, WitnessedBody, WitnessedExchange};

/// A running GitHub. Clones are handles to the same one; it stops when the last is dropped.
#[derive(Debug, Clone)]
pub struct GithubSimulator {
    shared: Arc<Shared>,
    _tasks: Arc<Tasks>,
}

/// The background tasks, ended when nobody holds the simulator any more.
#[derive(Debug)]
struct Tasks(Vec<AbortHandle>);

impl Drop for Tasks {
    fn drop(&mut self) {
        for task in &self.0 {
            task.abort();
        }
    }
}

impl GithubSimulator {
    /// Starts a GitHub without accounts or repositories on a free port of 127.0.0.1; all its times come from `clock`.
    pub async fn start(clock: Arc<dyn Clock>) -> std::io::Result<Self> {
        Self::start_with(clock, None).await
    }

    /// The same with a witness of all that goes in and out.
    pub async fn start_with(clock: Arc<dyn Clock>, witness: Option<Arc<dyn Witness>>) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let base = format!("http://{}", listener.local_addr()?);
        // Making the first key of a process takes long enough to hold up other tasks.
        let key = tokio::task::spawn_blocking(AppKey::shared).await.map_err(std::io::Error::other)??;
        let mut state = State::new(clock, base, key)?;
        state.witness = witness;
        let shared = Arc::new(Shared::new(state).map_err(std::io::Error::other)?);
        let router = Router::new().fallback(server::handle).with_state(Arc::clone(&shared));
        let service = router.into_make_service_with_connect_info::<Scissors>();
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(CuttableListener(listener), service).await {
                tracing::error!(%error, "the simulated GitHub stopped");
            }
        });
        let deliverer = tokio::spawn(webhooks::deliver_automatically(Arc::clone(&shared)));
        let tasks = Tasks(vec![server.abort_handle(), deliverer.abort_handle()]);
        Ok(Self { shared, _tasks: Arc::new(tasks) })
    }

    /// Where the API is reached, for `GITHUB_API_URL`; the same with `/api/v3` behind it, as on Enterprise.
    #[must_use]
    pub fn api_url(&self) -> String {
        self.shared.lock().base.clone()
    }
}
