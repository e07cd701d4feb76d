//! Who signs in: the end of GitHub's web flow, with PKCE. The person's token is used once and kept nowhere.

use std::time::Duration;

use reqwest::header;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::GithubError;
use crate::model::Login;

/// Asks GitHub who signed in
/// (<https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app>).
#[derive(Debug, Clone)]
pub struct Accounts {
    /// The client; it follows no redirects, so that no credential leaves for another host.
    pub http: reqwest::Client,
    /// GitHub's pages, without a slash at their end.
    pub web_url: String,
    /// GitHub's REST API, without a slash at its end.
    pub api_url: String,
    /// The App's client id.
    pub client_id: String,
    /// The App's client secret.
    pub client_secret: SecretString,
}

/// Whoever signs in waits no longer for GitHub.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Errors come with status 200 too, and then there is no token.
#[derive(Deserialize)]
struct TokenBody {
    access_token: Option<SecretString>,
    error: Option<String>,
}

#[derive(Deserialize)]
struct UserBody {
    login: String,
}

impl Accounts {
    /// The login of whoever was given this code, if it was asked for with this PKCE secret and this redirect.
    pub async fn login_of(&self, code: &str, verifier: &str, redirect: &str) -> Result<Login, GithubError> {
        let fields = [
            ("client_id", self.client_id.as_str()),
            ("client_secret", self.client_secret.expose_secret()),
            ("code", code),
            ("redirect_uri", redirect),
            ("code_verifier", verifier),
        ];
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let call = "POST /login/oauth/access_token";
        let request = self
            .http
            .post(format!("{}/login/oauth/access_token", self.web_url))
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body);
        let answer: TokenBody = read(call, request).await?;
        let token = answer.access_token.ok_or_else(|| decode(call, answer.error.as_deref().unwrap_or("no token")))?;
        let request = self
            .http
            .get(format!("{}/user", self.api_url))
            .header(header::ACCEPT, "application/vnd.github+json")
            .bearer_auth(token.expose_secret());
        let user: UserBody = read("GET /user", request).await?;
        Ok(Login::new(user.login))
    }
}

/// What is answered; GitHub's words are only shown where they are an error's name.
async fn read<T: DeserializeOwned>(call: &str, request: reqwest::RequestBuilder) -> Result<T, GithubError> {
    let answer =
        request.timeout(TIMEOUT).send().await.map_err(|error| decode(call, &error.without_url().to_string()))?;
    if !answer.status().is_success() {
        return Err(decode(call, &format!("status {}", answer.status().as_u16())));
    }
    answer.json().await.map_err(|error| decode(call, &error.without_url().to_string()))
}

fn decode(call: &str, fault: &str) -> GithubError {
    GithubError::Decode { call: call.to_owned(), fault: fault.to_owned(), performed: false }
}
