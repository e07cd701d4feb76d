//! Accounts as GitHub's `simple-user`.

use serde_json::{Value, json};

use super::{Views, node_id};
use crate::simulator::github::entities::{Account, AccountKind};

impl Views<'_> {
    /// An account by login; `null` where nobody has it, as with deleted users.
    pub fn user(self, login: &str) -> Value {
        self.state.account(login).map_or(Value::Null, |account| self.account(account))
    }

    /// GitHub's `public-user`: an account with a profile that nobody has filled in.
    pub fn profile(self, login: &str) -> Value {
        let mut view = self.user(login);
        if let Some(fields) = view.as_object_mut() {
            for absent in ["name", "company", "blog", "location", "email", "hireable", "bio", "twitter_username"] {
                fields.insert(absent.to_owned(), Value::Null);
            }
            for count in ["public_repos", "public_gists", "followers", "following"] {
                fields.insert(count.to_owned(), 0.into());
            }
            for time in ["created_at", "updated_at"] {
                fields.insert(time.to_owned(), self.state.app.created_at.to_rfc3339().into());
            }
        }
        view
    }

    fn account(self, account: &Account) -> Value {
        let base = &self.state.base;
        let encoded = account.login.replace('[', "%5B").replace(']', "%5D");
        let page = match account.kind {
            AccountKind::Bot => format!("{base}/apps/{}", account.login.trim_end_matches("[bot]")),
            AccountKind::User | AccountKind::Organization => format!("{base}/{encoded}"),
        };
        let url = format!("{base}/users/{encoded}");
        json!({
            "login": account.login,
            "id": account.id,
            "node_id": node_id("U_", account.id),
            "avatar_url": format!("{base}/avatars/u/{}?v=4", account.id),
            "gravatar_id": "",
            "url": url,
            "html_url": page,
            "followers_url": format!("{url}/followers"),
            "following_url": format!("{url}/following{{/other_user}}"),
            "gists_url": format!("{url}/gists{{/gist_id}}"),
            "starred_url": format!("{url}/starred{{/owner}}{{/repo}}"),
            "subscriptions_url": format!("{url}/subscriptions"),
            "organizations_url": format!("{url}/orgs"),
            "repos_url": format!("{url}/repos"),
            "events_url": format!("{url}/events{{/privacy}}"),
            "received_events_url": format!("{url}/received_events"),
            "type": account.kind.word(),
            "user_view_type": "public",
            "site_admin": false,
        })
    }

    /// An organisation as webhooks show it; nothing for a person's account.
    pub fn organization(self, login: &str) -> Option<Value> {
        let account = self.state.account(login).filter(|account| account.kind == AccountKind::Organization)?;
        let url = format!("{}/orgs/{}", self.state.base, account.login);
        Some(json!({
            "login": account.login,
            "id": account.id,
            "node_id": node_id("O_", account.id),
            "url": url,
            "repos_url": format!("{url}/repos"),
            "events_url": format!("{url}/events"),
            "hooks_url": format!("{url}/hooks"),
            "issues_url": format!("{url}/issues"),
            "members_url": format!("{url}/members{{/member}}"),
            "public_members_url": format!("{url}/public_members{{/member}}"),
            "avatar_url": format!("{}/avatars/u/{}?v=4", self.state.base, account.id),
            "description": "",
        }))
    }
}
