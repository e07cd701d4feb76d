//! Posts a handoff package to a worker's own address, signed as GitHub signs webhooks.

use std::fmt::Write as _;
use std::time::Duration;

use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::{Deed, Hands, performed};
use crate::model::Outcome;
use crate::reach;

/// Carries `sha256=` and the HMAC-SHA256 of the body in hexadecimal.
pub const SIGNATURE_HEADER: &str = "x-stationmaster-signature-256";
/// The action's key: the receiver sees the same one when a call is repeated.
pub(super) const KEY_HEADER: &str = "idempotency-key";
/// How long a receiver may take to answer.
const TIMEOUT: Duration = Duration::from_secs(10);

pub(super) async fn call(hands: &Hands, deed: &Deed<'_>, (url, secret_env, body): (&str, &str, &str)) -> Outcome {
    let Some(secret) = (hands.secrets)(secret_env) else {
        return Outcome::Failed {
            reason: format!("{secret_env} is not set in the server's environment, so the hook cannot be signed"),
        };
    };
    let Some(signature) = signature(&secret, body) else {
        return Outcome::Refused { reason: format!("{secret_env} cannot be used as a key") };
    };
    let post = match hands.reach.post(url) {
        Ok(post) => post,
        Err(refused) => return Outcome::Refused { reason: refused.to_string() },
    };
    let answer = post
        .timeout(TIMEOUT)
        .header("content-type", "application/json")
        .header(SIGNATURE_HEADER, signature)
        .header(KEY_HEADER, deed.key)
        .body(body.to_owned())
        .send()
        .await;
    match answer {
        Ok(answer) if answer.status().is_success() => performed(format!("the hook answered {}", answer.status())),
        Ok(answer) if answer.status().is_server_error() || answer.status() == 429 => {
            Outcome::Failed { reason: format!("the hook answered {}", answer.status()) }
        }
        Ok(answer) => Outcome::Refused { reason: format!("the hook answered {}", answer.status()) },
        Err(error) if let Some(refused) = reach::refused(&error) => Outcome::Refused { reason: refused.to_string() },
        // An address can carry a token in its path or query, so it is left out.
        Err(error) => Outcome::Failed { reason: format!("the hook could not be reached: {}", error.without_url()) },
    }
}

/// The header's value; `None` where the secret cannot be a key.
pub(super) fn signature(secret: &str, body: &str) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(body.as_bytes());
    let mut header = "sha256=".to_owned();
    for byte in mac.finalize().into_bytes() {
        // Writing to a String cannot fail.
        let _ = write!(header, "{byte:02x}");
    }
    Some(header)
}
