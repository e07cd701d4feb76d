//! The client for addresses that other people name: hooks, probes, pages. It leads inside only where the server says so.
//!
//! Whoever may change a repository's policy, or register a worker, names addresses, and the server calls them from where
//! it stands: beside databases, other services and a cloud's metadata. So an address within the server's own network
//! (CWE-918, <https://cwe.mitre.org/data/definitions/918.html>) is called only where the setting `PRIVATE_HOSTS` lists
//! it. A name is judged by what it leads to at the moment of the call, and that is what is called.

mod inside;
mod resolver;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::{Client, RequestBuilder, redirect};
use url::{Host, Url};

pub use inside::PrivateHosts;
use inside::is_inside;
use resolver::Resolver;

/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Why an address was not called.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is, or leads to, the server's own network.
    #[error("`{0}` is within the server's own network, and the server's setting PRIVATE_HOSTS does not list it")]
    Inside(String),
    /// It is none, has no host, or no protocol that is spoken.
    #[error("only addresses that begin with http:// or https:// are called")]
    Unfit,
    /// No client can be built.
    #[error("no client can be built: {0}")]
    Client(String),
}

/// Calls addresses that other people name. Clones share the connections.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    private: Arc<PrivateHosts>,
    /// Built when it is first needed: a server that calls nobody keeps the memory.
    client: Arc<OnceLock<Result<Client, String>>>,
}

impl Reach {
    /// Reaches the public internet, and of the server's own network what is listed.
    #[must_use]
    pub fn new(private: PrivateHosts) -> Self {
        Self { private: Arc::new(private), client: Arc::default() }
    }

    /// Begins a GET. Redirects are not followed: each is an address of its own.
    ///
    /// # Errors
    /// Nothing is asked of this address.
    pub fn get(&self, url: &Url) -> Result<RequestBuilder, Refused> {
        Ok(self.client_for(url)?.get(url.clone()))
    }

    /// Begins a POST. Redirects are not followed.
    ///
    /// # Errors
    /// It is no address, or nothing is sent to it.
    pub fn post(&self, address: &str) -> Result<RequestBuilder, Refused> {
        let url = Url::parse(address).map_err(|_| Refused::Unfit)?;
        Ok(self.client_for(&url)?.post(url))
    }

    /// Names are judged by the resolver; what stands as a number in the address never comes to it.
    fn client_for(&self, url: &Url) -> Result<&Client, Refused> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Refused::Unfit);
        }
        let address = match url.host().ok_or(Refused::Unfit)? {
            Host::Domain(_) => None,
            Host::Ipv4(v4) => Some(v4.into()),
            Host::Ipv6(v6) => Some(v6.into()),
        };
        if let Some(address) = address
            && is_inside(address)
            && !self.private.list_address(address)
        {
            return Err(Refused::Inside(address.to_string()));
        }
        let built = self.client.get_or_init(|| {
            Client::builder()
                .connect_timeout(CONNECT_TIMEOUT)
                .redirect(redirect::Policy::none())
                // A proxy would resolve names by itself, where nothing is judged.
                .no_proxy()
                .dns_resolver(Resolver { private: Arc::clone(&self.private) })
                .user_agent(concat!("stationmaster/", env!("CARGO_PKG_VERSION")))
                .build()
                .map_err(|error| error.to_string())
        });
        built.as_ref().map_err(|error| Refused::Client(error.clone()))
    }
}

/// Whether a call failed because its name led inside.
#[must_use]
pub fn refused(error: &reqwest::Error) -> Option<Refused> {
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        if let Some(refused) = inner.downcast_ref::<Refused>() {
            return Some(refused.clone());
        }
        cause = inner.source();
    }
    None
}

#[cfg(test)]
mod tests;
