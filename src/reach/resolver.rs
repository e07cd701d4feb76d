//! Looks names up, and lets those pass that lead out, or to where the server may go.

use std::net::SocketAddr;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::Refused;
use super::inside::{PrivateHosts, is_inside};

pub(super) struct Resolver {
    pub(super) private: Arc<PrivateHosts>,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let private = Arc::clone(&self.private);
        Box::pin(async move {
            // The port is put in by the client.
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let allowed = |address: &SocketAddr| !is_inside(address.ip()) || private.list_address(address.ip());
            // One address inside is enough: which of them is called is the client's choice.
            if !private.list_name(name.as_str()) && !found.iter().all(allowed) {
                return Err(Refused::Inside(name.as_str().to_owned()).into());
            }
            let addresses: Addrs = Box::new(found.into_iter());
            Ok(addresses)
        })
    }
}
