//! Who may see and do what: GitHub's permission in each repository, asked for once a minute.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use futures::future::BoxFuture;
use moka::future::Cache;

use crate::model::{Login, Permission, RepositoryId};
use crate::store::KnownRepository;

/// Finds out what somebody may do in a repository; `None` stands for a stranger. A sentence part where that could not be
/// found out, and then they may do nothing.
pub type PermissionOf =
    Arc<dyn Fn(KnownRepository, Option<Login>) -> BoxFuture<'static, Result<Permission, String>> + Send + Sync>;

/// How long an answer counts (design §4.4).
const FRESH: Duration = Duration::from_mins(1);
/// So many answers are remembered.
const REMEMBERED: u64 = 10_000;
/// So many are asked for at once.
const AT_ONCE: usize = 8;

/// Permissions, as GitHub tells them.
pub(super) struct Access {
    ask: PermissionOf,
    public: bool,
    known: Cache<(RepositoryId, Option<Login>), Permission>,
}

/// Repositories that somebody sees.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    /// Those that they may read, by name.
    pub(super) repositories: Vec<SeenRepository>,
    /// How many there are of which it could not be found out.
    pub(super) unknown: usize,
}

/// A repository that somebody may read.
#[derive(Debug, Clone)]
pub(super) struct SeenRepository {
    pub(super) repository: KnownRepository,
    pub(super) permission: Permission,
}

impl Access {
    pub(super) fn new(ask: PermissionOf, public: bool) -> Self {
        Self { ask, public, known: Cache::builder().max_capacity(REMEMBERED).time_to_live(FRESH).build() }
    }

    /// Whether strangers see anything at all.
    pub(super) const fn is_public(&self) -> bool {
        self.public
    }

    /// What a person sees of these repositories; `None` stands for a stranger.
    pub(super) async fn seen_by(&self, login: Option<&Login>, all: Vec<KnownRepository>) -> Seen {
        if login.is_none() && !self.public {
            return Seen::default();
        }
        let asked = all.into_iter().map(|repository| async move {
            let key = (repository.id, login.cloned());
            let permission = self.known.try_get_with(key, (self.ask)(repository.clone(), login.cloned())).await;
            (repository, permission)
        });
        let mut answers = futures::stream::iter(asked).buffer_unordered(AT_ONCE);
        let mut seen = Seen::default();
        while let Some((repository, permission)) = answers.next().await {
            match permission {
                Ok(Permission::None) => {}
                // A stranger reads, whatever GitHub would let everybody do.
                Ok(_) if login.is_none() => {
                    seen.repositories.push(SeenRepository { repository, permission: Permission::Read });
                }
                Ok(permission) => seen.repositories.push(SeenRepository { repository, permission }),
                Err(fault) => {
                    tracing::warn!(repository = %repository.name, %fault, "a permission is not known, so nothing is shown");
                    seen.unknown += 1;
                }
            }
        }
        seen.repositories.sort_by_cached_key(|seen| seen.repository.name.to_string().to_lowercase());
        seen
    }
}

/// All repositories, with this permission in each: what the holder of a token sees.
pub(super) fn all(repositories: Vec<KnownRepository>, permission: Permission) -> Seen {
    let mut repositories: Vec<_> =
        repositories.into_iter().map(|repository| SeenRepository { repository, permission }).collect();
    repositories.sort_by_cached_key(|seen| seen.repository.name.to_string().to_lowercase());
    Seen { repositories, unknown: 0 }
}
