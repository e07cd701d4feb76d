//! HTTP clients for tests. They speak to loopback alone, in the clear, so none reads the machine's certificates.

use reqwest::{Client, ClientBuilder};

pub fn client() -> Client {
    builder().build().unwrap()
}

pub fn builder() -> ClientBuilder {
    Client::builder().tls_certs_only([]).no_proxy()
}
