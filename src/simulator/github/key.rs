//! The App's private key: made once per process, because making RSA keys is slow.

use std::io;
use std::sync::OnceLock;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// An RSA key of 2048 bits, as GitHub makes them.
#[derive(Debug, Clone)]
pub struct AppKey {
    /// PKCS#8 in PEM.
    pub private_pem: String,
    /// PKCS#1 in DER.
    pub public_der: Vec<u8>,
}

impl AppKey {
    /// The process's key, made on first need; simulators share it as it guards nothing.
    pub fn shared() -> io::Result<Self> {
        static KEY: OnceLock<AppKey> = OnceLock::new();
        if let Some(key) = KEY.get() {
            return Ok(key.clone());
        }
        let made = Self::make().map_err(|_| io::Error::other("the App's key could not be made"))?;
        Ok(KEY.get_or_init(|| made).clone())
    }

    fn make() -> Result<Self, aws_lc_rs::error::Unspecified> {
        let pair = KeyPair::generate(KeySize::Rsa2048)?;
        let der: Pkcs8V1Der<'_> = pair.as_der()?;
        Ok(Self { private_pem: pem(der.as_ref()), public_der: pair.public_key().as_ref().to_vec() })
    }
}

fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut pem = String::from("-----BEGIN PRIVATE KEY-----\n");
    for line in text.as_bytes().chunks(64) {
        pem.push_str(&String::from_utf8_lossy(line));
        pem.push('\n');
    }
    pem.push_str("-----END PRIVATE KEY-----\n");
    pem
}
