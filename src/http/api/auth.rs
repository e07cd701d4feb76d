//! Who is let in: tokens and what each of them may.

use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::extract::Request;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use secrecy::ExposeSecret;
use sha2::{Digest as _, Sha256};

use crate::http::Door;
use crate::http::problem::{Problem, ProblemKind};
use crate::model::{Login, Scope, TaskAuthority, WorkerId};

/// Whoever has the token of the setting.
const OPERATOR: &str = "operator";

/// Whose call it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::http) struct Caller {
    /// The token's id; `operator` for the token of the setting.
    pub(in crate::http) id: String,
    /// What the token is called.
    pub(in crate::http) name: String,
    /// What it may.
    pub(in crate::http) scope: Scope,
    /// Whose word its calls are.
    pub(in crate::http) person: Option<Login>,
}

impl Caller {
    /// The worker whose token it is.
    pub(in crate::http) const fn worker(&self) -> Option<&WorkerId> {
        match &self.scope {
            Scope::Worker(id) => Some(id),
            Scope::Orchestrator | Scope::Read | Scope::Admin => None,
        }
    }

    /// Whether it is the token of the setting.
    pub(in crate::http) fn is_operator(&self) -> bool {
        self.id == OPERATOR
    }

    /// What it asks for is asked by whom; `fence` is the one that a worker names.
    pub(in crate::http) fn authority(&self, fence: Option<i64>) -> TaskAuthority {
        match &self.scope {
            Scope::Worker(id) => TaskAuthority::Worker { id: id.clone(), fence },
            Scope::Orchestrator => TaskAuthority::Orchestrator { name: self.name.clone(), person: self.person.clone() },
            Scope::Read | Scope::Admin => TaskAuthority::Operator { name: self.name.clone() },
        }
    }

    /// How the audit calls it.
    pub(in crate::http) fn actor(&self) -> String {
        self.authority(None).to_string()
    }
}

/// Which scopes a route admits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "one for each scope, and any of them go together")]
pub(in crate::http) struct Admits {
    /// `read`
    pub(in crate::http) read: bool,
    /// `worker:ID`
    pub(in crate::http) worker: bool,
    /// `orchestrator`
    pub(in crate::http) orchestrator: bool,
    /// `admin`
    pub(in crate::http) admin: bool,
}

impl Admits {
    pub(in crate::http) const ANY: Self = Self { read: true, worker: true, orchestrator: true, admin: true };
    pub(in crate::http) const WORKERS_ALONE: Self =
        Self { read: false, worker: true, orchestrator: false, admin: false };
    pub(in crate::http) const WORKERS: Self = Self { admin: true, ..Self::WORKERS_ALONE };
    pub(in crate::http) const ORCHESTRATORS: Self =
        Self { read: false, worker: false, orchestrator: true, admin: true };
    pub(in crate::http) const ACTIVE: Self = Self { read: false, ..Self::ANY };
    pub(in crate::http) const OVERSEERS: Self = Self { worker: false, ..Self::ANY };
    pub(in crate::http) const ADMINS: Self = Self { read: false, worker: false, orchestrator: false, admin: true };

    pub(in crate::http) const fn admits(self, scope: &Scope) -> bool {
        match scope {
            Scope::Read => self.read,
            Scope::Worker(_) => self.worker,
            Scope::Orchestrator => self.orchestrator,
            Scope::Admin => self.admin,
        }
    }

    /// The scopes by name.
    pub(in crate::http) fn names(self) -> Vec<&'static str> {
        let all = [
            ("read", self.read),
            ("worker:ID", self.worker),
            ("orchestrator", self.orchestrator),
            ("admin", self.admin),
        ];
        all.into_iter().filter(|(_, admitted)| *admitted).map(|(name, _)| name).collect()
    }
}

/// Lets pass whoever has a token of the right scope, and tells the handler whose call it is.
pub(in crate::http) async fn admit(door: Arc<Door>, admits: Admits, mut request: Request, next: Next) -> Response {
    let caller = match admitted(&door, request.headers(), admits).await {
        Ok(caller) => caller,
        Err(problem) => return problem.into_response(),
    };
    request.extensions_mut().insert(caller);
    next.run(request).await
}

async fn admitted(door: &Door, headers: &HeaderMap, admits: Admits) -> Result<Caller, Problem> {
    let caller = known(door, headers).await?;
    if admits.admits(&caller.scope) { Ok(caller) } else { Err(not_admitted(door, &caller, admits)) }
}

/// What is answered to a token of another scope.
pub(in crate::http) fn not_admitted(door: &Door, caller: &Caller, admits: Admits) -> Problem {
    let wanted = admits.names().join(" or ");
    let detail = format!("This takes a token of the scope {wanted}; `{}` has {}.", caller.name, caller.scope);
    ProblemKind::Forbidden.counted(&door.metrics, detail)
}

/// Whose token it is.
pub(in crate::http) async fn known(door: &Door, headers: &HeaderMap) -> Result<Caller, Problem> {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| bearer(value.as_bytes()));
    let setting = door.api.as_ref().and_then(|api| api.token.as_ref());
    if let (Some(given), Some(setting)) = (given, setting)
        && same(given, setting.expose_secret().as_bytes())
    {
        return Ok(Caller { id: OPERATOR.to_owned(), name: OPERATOR.to_owned(), scope: Scope::Admin, person: None });
    }
    let store = door.doors.store();
    if let Some(secret) = given.and_then(|given| std::str::from_utf8(given).ok())
        && let Some(token) = store.token_of(secret).await.map_err(super::of_store(door))?
    {
        return Ok(Caller { id: token.id, name: token.name, scope: token.scope, person: token.person });
    }
    let refuse = |kind: ProblemKind, detail: &str| kind.counted(&door.metrics, detail);
    let nobody = setting.is_none() && store.tokens().await.map_err(super::of_store(door))?.is_empty();
    Err(if nobody {
        let detail = "The API is not enabled: make a token with `stationmaster token create`, or set \
                      STATIONMASTER_API_TOKEN to one of at least 20 characters.";
        refuse(ProblemKind::ApiDisabled, detail)
    } else if given.is_none() {
        refuse(
            ProblemKind::WrongToken,
            "Send a token as `Authorization: Bearer …`; `stationmaster token create` makes one.",
        )
    } else {
        refuse(ProblemKind::WrongToken, "This is no token of this server, or it was revoked.")
    })
}

/// The token in a header (<https://www.rfc-editor.org/rfc/rfc6750#section-2.1>); the scheme's case does not matter.
fn bearer(value: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = value.split_at_checked("bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"bearer ").then(|| token.trim_ascii()).filter(|token| !token.is_empty())
}

/// How long it takes tells neither how much of a token is right nor how long the right one is.
fn same(given: &[u8], wanted: &[u8]) -> bool {
    verify_slices_are_equal(&Sha256::digest(given), &Sha256::digest(wanted)).is_ok()
}
