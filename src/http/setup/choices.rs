//! What somebody chooses for the App that is to be registered, checked before GitHub sees it.

use url::{Host, Url};

/// GitHub takes no longer name
/// (<https://docs.github.com/en/apps/creating-github-apps/registering-a-github-app/registering-a-github-app>).
const NAME_MAX_CHARACTERS: usize = 34;
/// No login is longer.
const LOGIN_MAX_CHARACTERS: usize = 39;

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The organisation that is to own the App; `None` for whoever is signed in on GitHub.
    pub organization: Option<String>,
    /// GitHub's pages, without a slash at their end.
    pub github_url: String,
    /// The address under which people and GitHub reach this server, without a slash at its end.
    pub public_url: String,
    /// What the App is to be called.
    pub name: String,
}

/// Why something cannot be wanted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WantedFault {
    /// No such organisation can be.
    #[error("{0:?} cannot be an organisation: its name is what stands in its address, such as `octo-org`.")]
    Organization(String),
    /// No such address can be.
    #[error("{0:?} cannot be GitHub's address; it is `https://github.com` or that of your GitHub Enterprise Server.")]
    GithubUrl(String),
    /// No such address can be.
    #[error("{0:?} cannot be this server's address; it is something like `https://stationmaster.example.com`.")]
    PublicUrl(String),
    /// GitHub could not send webhooks there.
    #[error(
        "GitHub cannot send webhooks to {0}, which only this machine or network reaches. Give the address under which \
         the internet reaches this server."
    )]
    Unreachable(String),
    /// No App can be called so.
    #[error("An App's name has 1 to 34 characters; this one has {0}.")]
    Name(usize),
}

impl Wanted {
    /// The same without blanks and slashes at ends, if it can be.
    pub fn checked(self) -> Result<Self, WantedFault> {
        let organization = match self.organization.as_deref().map(str::trim).filter(|name| !name.is_empty()) {
            Some(name) if !is_login(name) => return Err(WantedFault::Organization(name.to_owned())),
            name => name.map(str::to_owned),
        };
        let github_url = address(&self.github_url).ok_or(WantedFault::GithubUrl(self.github_url))?;
        let public_url = address(&self.public_url).ok_or(WantedFault::PublicUrl(self.public_url))?;
        if is_private(&public_url) && !is_private(&github_url) && is_public_github(&github_url) {
            return Err(WantedFault::Unreachable(public_url));
        }
        let name = self.name.trim().to_owned();
        match name.chars().count() {
            1..=NAME_MAX_CHARACTERS => Ok(Self { organization, github_url, public_url, name }),
            count => Err(WantedFault::Name(count)),
        }
    }

    /// Where the manifest is sent
    /// (<https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest#implementing-the-github-app-manifest-flow>).
    #[must_use]
    pub fn form_url(&self, state: &str) -> String {
        match &self.organization {
            Some(name) => format!("{}/organizations/{name}/settings/apps/new?state={state}", self.github_url),
            None => format!("{}/settings/apps/new?state={state}", self.github_url),
        }
    }
}

/// An http or https address without credentials, parameters and a slash at its end.
fn address(text: &str) -> Option<String> {
    let text = text.trim().trim_end_matches('/');
    let url = Url::parse(text).ok()?;
    let good = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none()
        // It becomes a part of a header and of attributes.
        && text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'' | b';' | b',' | b'<' | b'>'));
    good.then(|| text.to_owned())
}

fn is_login(name: &str) -> bool {
    name.len() <= LOGIN_MAX_CHARACTERS && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}

/// Whether this is a GitHub in the internet, which reaches nothing that is not.
fn is_public_github(url: &str) -> bool {
    let host = Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    host == "github.com" || host.ends_with(".ghe.com")
}

fn is_private(url: &str) -> bool {
    match Url::parse(url).ok().as_ref().and_then(Url::host) {
        Some(Host::Domain(name)) => matches!(name.rsplit('.').next(), Some("localhost" | "local")),
        Some(Host::Ipv4(ip)) => ip.is_loopback() || ip.is_private() || ip.is_unspecified() || ip.is_link_local(),
        Some(Host::Ipv6(ip)) => ip.is_loopback() || ip.is_unspecified() || ip.is_unique_local(),
        None => false,
    }
}
