//! Who may see and do what: GitHub's permission in each repository, asked for once a minute.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use futures::future::BoxFuture;
use moka::future::Cache;

use crate::model::{Login, Permission, RepositoryId, Timestamp};
use crate::store::KnownRepository;

/// Finds out what somebody may do in a repository; `None` stands for a stranger. A sentence part where that could not be
/// found out, and then they may do nothing.
pub type PermissionOf =
    Arc<dyn Fn(KnownRepository, Option<Login>) -> BoxFuture<'static, Result<Permission, String>> + Send + Sync>;

/// An answer counts until the end of the minute of the clock in which it was asked for (design §4.4).
const FRESH_MS: i64 = 60_000;
/// After this much of real time an answer makes room, whether or not it still counts.
const KEPT: Duration = Duration::from_mins(2);
/// So many answers are remembered.
const REMEMBERED: u64 = 20_000;
/// So many are asked for at once.
const AT_ONCE: usize = 8;

/// Whose permission where, and in which minute: what was known in an earlier one is never found again.
type Key = (RepositoryId, Option<String>, i64);

/// Permissions, as GitHub tells them.
pub(super) struct Access {
    ask: PermissionOf,
    public: bool,
    known: Cache<Key, Permission>,
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
        Self { ask, public, known: Cache::builder().max_capacity(REMEMBERED).time_to_live(KEPT).build() }
    }

    /// Whether strangers see anything at all.
    pub(super) const fn is_public(&self) -> bool {
        self.public
    }

    /// What a person sees of these repositories; `None` stands for a stranger.
    pub(super) async fn seen_by(&self, login: Option<&Login>, all: Vec<KnownRepository>, now: Timestamp) -> Seen {
        if login.is_none() && !self.public {
            return Seen::default();
        }
        let whose = login.map(|login| login.as_str().to_lowercase());
        let minute = now.ms().div_euclid(FRESH_MS);
        let asked = all.into_iter().map(|repository| {
            let key = (repository.id, whose.clone(), minute);
            async move {
                let permission = self.known.try_get_with(key, (self.ask)(repository.clone(), login.cloned())).await;
                (repository, permission)
            }
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
