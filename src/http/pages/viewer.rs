//! Who looks at a page: found by the session's cookie, with everything that they may see.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::access::{self, Seen, SeenRepository};
use super::fault::PageFault;
use super::session::{IDLE_MS, Secret};
use super::{Pages, pages};
use crate::http::Door;
use crate::model::{Authority, Login, Permission, RepositoryId, RepositoryName, Scope, TaskAuthority};
use crate::store::SessionOf;

/// The id that stands for the token of the setting.
pub(super) const OPERATOR: &str = "operator";

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
        let secret = Secret::of(&parts.headers, pages.is_secure());
        let (who, secret) = match secret {
            Some(secret) => who(door, secret).await?,
            None => (Who::Stranger, None),
        };
        if who == Who::Stranger && !pages.access.is_public() {
            let wanted = parts.uri.path_and_query().map_or("/", |wanted| wanted.as_str());
            return Err(PageFault::SignIn { back_to: wanted.to_owned() });
        }
        let viewer = seen(door, pages, (who, secret)).await?;
        // The page's frame is also around faults, which know nothing else of the request.
        parts.extensions.insert(viewer.clone());
        Ok(viewer)
    }
}

/// Whose session it is; a session that has ended is nobody's.
async fn who(door: &Door, secret: Secret) -> Result<(Who, Option<Secret>), PageFault> {
    let store = door.doors.store();
    let nobody = (Who::Stranger, None);
    let Some(session) = store.session(&secret.hash(), IDLE_MS).await? else { return Ok(nobody) };
    Ok(match session.of {
        SessionOf::Person(login) => (Who::Person(login), Some(secret)),
        SessionOf::Token(id) if id == OPERATOR => (Who::Token { name: OPERATOR.to_owned(), admin: true }, Some(secret)),
        SessionOf::Token(id) => match store.token(&id).await? {
            Some(token) => (Who::Token { admin: token.scope == Scope::Admin, name: token.name }, Some(secret)),
            // It was revoked since.
            None => nobody,
        },
    })
}

async fn seen(door: &Door, pages: &Pages, (who, secret): (Who, Option<Secret>)) -> Result<Viewer, PageFault> {
    let all = door.doors.store().repositories().await?;
    let known = all.len();
    let seen = match &who {
        Who::Stranger => pages.access.seen_by(None, all).await,
        Who::Person(login) => pages.access.seen_by(Some(login), all).await,
        Who::Token { admin: true, .. } => access::all(all, Permission::Admin),
        Who::Token { admin: false, .. } => access::all(all, Permission::Read),
    };
    let sees_all = seen.repositories.len() == known;
    Ok(Viewer { who, seen, sees_all, secret })
}
