//! Who looks at a page: found by the session's cookie, with everything that they may see.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use secrecy::SecretString;

use super::access::{self, Seen, SeenRepository};
use super::fault::PageFault;
use super::session::{IDLE_MS, Secret};
use super::{Pages, pages};
use crate::http::Door;
use crate::model::{Authority, Login, Permission, RepositoryId, RepositoryName, Scope, TaskAuthority};
use crate::store::SessionOf;

/// Who gave the token of the setting.
pub(super) const OPERATOR: &str = "operator";
/// What the ids of the tokens of their sessions begin with; other tokens' ids have no colon.
const OF_SETTING: &str = "operator:";

/// Who somebody is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Who {
    /// Not signed in.
    Stranger,
    /// Signed in with GitHub.
    Person(Login),
    /// Signed in with a token.
    Token {
        name: String,
        /// Whether it may do everything; else it reads.
        admin: bool,
    },
}

impl Who {
    /// How they are called in the audit.
    pub(super) fn actor(&self) -> String {
        match self {
            Self::Stranger => "a stranger".to_owned(),
            Self::Person(login) => format!("@{login}"),
            Self::Token { name, admin: true } if name == OPERATOR => name.clone(),
            Self::Token { name, admin: true } => format!("operator {name}"),
            Self::Token { name, admin: false } => format!("reader {name}"),
        }
    }
}

/// Somebody who looks at a page, and may see something.
#[derive(Debug, Clone)]
pub(super) struct Viewer {
    pub(super) who: Who,
    seen: Seen,
    /// Whether there are repositories that they do not see.
    sees_all: bool,
    pub(super) secret: Option<Secret>,
}

impl Viewer {
    /// The repositories that they may read, by name.
    pub(super) fn repositories(&self) -> &[SeenRepository] {
        &self.seen.repositories
    }

    /// How many repositories are left out because GitHub did not say whether they may be seen.
    pub(super) const fn unknown(&self) -> usize {
        self.seen.unknown
    }

    /// The ids of the repositories that they may read: every query is bound to them.
    pub(super) fn ids(&self) -> Vec<RepositoryId> {
        self.seen.repositories.iter().map(|seen| seen.repository.id).collect()
    }

    /// The repository of this id, if they may read it.
    pub(super) fn repository(&self, id: RepositoryId) -> Option<&SeenRepository> {
        self.seen.repositories.iter().find(|seen| seen.repository.id == id)
    }

    /// The repository of this name; what they may not read is not found.
    pub(super) fn named(&self, owner: &str, name: &str) -> Result<&SeenRepository, PageFault> {
        let name: RepositoryName = format!("{owner}/{name}").parse().map_err(|_| PageFault::NotFound)?;
        self.seen.repositories.iter().find(|seen| seen.repository.name.is(&name)).ok_or(PageFault::NotFound)
    }

    /// What they may do in a repository.
    pub(super) fn permission(&self, id: RepositoryId) -> Permission {
        self.repository(id).map_or(Permission::None, |seen| seen.permission)
    }

    /// Whether they may look into the server itself: with a token of the scope `admin`, or with admin permission in every
    /// repository that the server knows.
    pub(super) fn is_operator(&self) -> bool {
        match &self.who {
            Who::Stranger => false,
            Who::Token { admin, .. } => *admin,
            Who::Person(_) => {
                self.sees_all
                    && !self.seen.repositories.is_empty()
                    && self.seen.repositories.iter().all(|seen| seen.permission == Permission::Admin)
            }
        }
    }

    /// How they are called on the page.
    pub(super) fn name(&self) -> Option<String> {
        match &self.who {
            Who::Stranger => None,
            Who::Person(login) => Some(format!("@{login}")),
            Who::Token { name, .. } => Some(name.clone()),
        }
    }

    /// Whose word it is what they ask of a task; `None` for those who only read.
    pub(super) fn of_task(&self) -> Option<TaskAuthority> {
        match &self.who {
            Who::Stranger | Who::Token { admin: false, .. } => None,
            Who::Person(login) => Some(TaskAuthority::Person { login: login.clone(), bot: false }),
            Who::Token { name, admin: true } => Some(TaskAuthority::Operator { name: name.clone() }),
        }
    }

    /// Whose word it is what they ask of an environment of this repository; `None` for those who only read.
    pub(super) fn of_environment(&self, repository: RepositoryId) -> Option<Authority> {
        match &self.who {
            Who::Stranger | Who::Token { admin: false, .. } => None,
            Who::Person(login) => {
                Some(Authority::Person { login: login.clone(), permission: self.permission(repository) })
            }
            Who::Token { name, admin: true } => Some(Authority::Operator { name: name.clone() }),
        }
    }

    /// What the forms of this page carry; empty for strangers, who can send none.
    pub(super) fn csrf(&self) -> String {
        self.secret.as_ref().map(Secret::csrf).unwrap_or_default()
    }
}

impl FromRequestParts<Arc<Door>> for Viewer {
    type Rejection = PageFault;

    /// Whoever sees nothing is sent to sign in, and comes back to where they wanted to go.
    async fn from_request_parts(parts: &mut Parts, door: &Arc<Door>) -> Result<Self, PageFault> {
        let pages = pages(door)?;
        let of_session = session_of(door, &parts.headers).await?;
        if of_session.who == Who::Stranger && !pages.access.is_public() {
            let wanted = parts.uri.path_and_query().map_or("/", |wanted| wanted.as_str());
            return Err(PageFault::SignIn { back_to: wanted.to_owned() });
        }
        seen(door, pages, of_session).await
    }
}

/// Whose session a request belongs to.
pub(super) struct OfSession {
    pub(super) who: Who,
    secret: Option<Secret>,
}

/// Finds out whose session a request belongs to, without asking what they may see.
pub(super) async fn session_of(door: &Door, headers: &HeaderMap) -> Result<OfSession, PageFault> {
    let (who, secret) = match Secret::of(headers, pages(door)?.is_secure()) {
        Some(secret) => who(door, secret).await?,
        None => (Who::Stranger, None),
    };
    Ok(OfSession { who, secret })
}

/// The session of whoever gave the token of the setting; it ends with that token.
pub(super) fn operator_session(secret: &Secret, token: &SecretString) -> SessionOf {
    SessionOf::Token(format!("{OF_SETTING}{}", secret.bound_to(token)))
}

/// Whose session it is; a session that has ended is nobody's.
async fn who(door: &Door, secret: Secret) -> Result<(Who, Option<Secret>), PageFault> {
    let store = door.doors.store();
    let nobody = (Who::Stranger, None);
    let Some(session) = store.session(&secret.hash(), IDLE_MS).await? else { return Ok(nobody) };
    Ok(match session.of {
        SessionOf::Person(login) => (Who::Person(login), Some(secret)),
        of @ SessionOf::Token(_) if is_of_setting(&of) => {
            let setting = door.api.as_ref().and_then(|api| api.token());
            // It ends when the setting is changed.
            if setting.is_none_or(|token| of != operator_session(&secret, token)) {
                return Ok(nobody);
            }
            (Who::Token { name: OPERATOR.to_owned(), admin: true }, Some(secret))
        }
        SessionOf::Token(id) => match store.token(&id).await? {
            Some(token) => (Who::Token { admin: token.scope == Scope::Admin, name: token.name }, Some(secret)),
            // It was revoked since.
            None => nobody,
        },
    })
}

fn is_of_setting(of: &SessionOf) -> bool {
    matches!(of, SessionOf::Token(id) if id.starts_with(OF_SETTING))
}

async fn seen(door: &Door, pages: &Pages, OfSession { who, secret }: OfSession) -> Result<Viewer, PageFault> {
    let now = door.clock.now();
    let all = door.doors.store().repositories().await?;
    let known = all.len();
    let seen = match &who {
        Who::Stranger => pages.access.seen_by(None, all, now).await,
        Who::Person(login) => pages.access.seen_by(Some(login), all, now).await,
        Who::Token { admin: true, .. } => access::all(all, Permission::Admin),
        Who::Token { admin: false, .. } => access::all(all, Permission::Read),
    };
    let sees_all = seen.repositories.len() == known;
    Ok(Viewer { who, seen, sees_all, secret })
}
