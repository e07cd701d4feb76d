//! Proof that a body comes from somebody who knows the webhook secret.

use std::fmt;

use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// The value of `X-Hub-Signature-256`: what the sender claims the body's HMAC-SHA256 to be
/// (<https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature([u8; 32]);

impl Signature {
    /// Reads `sha256=` and 64 hexadecimal digits; `None` when it is anything else.
    #[must_use]
    pub fn parse(header: &[u8]) -> Option<Self> {
        let digits = header.strip_prefix(b"sha256=")?;
        if digits.len() != 64 {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
        }
        Some(Self(bytes))
    }
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// Checks signatures against every secret that is valid at present: one, or two while rotating.
#[derive(Clone)]
pub struct Verifier {
    // Keyed once, because keying costs two rounds of SHA-256 and a clone costs none.
    keyed: Vec<Hmac<Sha256>>,
}

impl Verifier {
    /// A verifier that accepts what any of `secrets` signed; without secrets it accepts nothing.
    #[must_use]
    pub fn new(secrets: &[SecretString]) -> Self {
        let keyed =
            secrets.iter().filter_map(|secret| Hmac::new_from_slice(secret.expose_secret().as_bytes()).ok()).collect();
        Self { keyed }
    }

    /// Whether `signature` is that of `body`. How long it takes does not depend on how much of it is right.
    #[must_use]
    pub fn accepts(&self, signature: &Signature, body: &[u8]) -> bool {
        self.keyed.iter().any(|keyed| {
            let mut mac = keyed.clone();
            mac.update(body);
            mac.verify_slice(&signature.0).is_ok()
        })
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Verifier({} secrets)", self.keyed.len())
    }
}
