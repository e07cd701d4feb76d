//! The App's private key in the forms in which it survives environment variables.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::EncodingKey;
use secrecy::SecretString;

/// Reads an RSA key as PEM, as PEM whose line ends are written `\n`, or as base64 of PEM; `None` when it is none.
pub(super) fn private_key(text: &str) -> Option<SecretString> {
    let text = text.trim();
    let pem = if text.starts_with("-----BEGIN") {
        text.replace("\\n", "\n")
    } else {
        let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        String::from_utf8(STANDARD.decode(compact).ok()?).ok()?.trim().to_owned()
    };
    EncodingKey::from_rsa_pem(pem.as_bytes()).ok()?;
    Some(SecretString::from(pem))
}
