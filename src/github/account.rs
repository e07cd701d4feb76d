//! An account as GitHub puts it into issues and comments.

use serde::Deserialize;

use crate::model::{ActorKind, Login};

/// Who GitHub names in place of an account that was deleted.
const DELETED_ACCOUNT: &str = "ghost";

/// The part of `simple-user` that matters.
#[derive(Deserialize)]
pub(super) struct AccountBody {
    #[serde(default)]
    login: Option<String>,
    #[serde(default, rename = "type")]
    kind: Option<String>,
}

impl AccountBody {
    /// Who it is and of what kind; `ghost` when GitHub says null.
    pub(super) fn author(account: Option<Self>) -> (Login, ActorKind) {
        let Some(account) = account else { return (Login::new(DELETED_ACCOUNT), ActorKind::User) };
        let kind = match account.kind.as_deref() {
            Some("User") => ActorKind::User,
            Some("Bot") => ActorKind::Bot,
            Some(_) | None => ActorKind::Other,
        };
        (Login::new(account.login.unwrap_or_else(|| DELETED_ACCOUNT.to_owned())), kind)
    }

    /// The logins of those that have one.
    pub(super) fn logins(accounts: Vec<Self>) -> Vec<Login> {
        accounts.into_iter().filter_map(|account| account.login).map(Login::new).collect()
    }
}
