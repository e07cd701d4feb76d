//! Posts to an address that a variable holds, and says what the answer means without saying where it came from.

use std::time::Duration;

use reqwest::{RequestBuilder, Response};

use super::{ChannelMeans, Unsent};
use crate::reach::{self, Refused};

/// How long a receiver may take to answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The pause after a 429 that names none.
const PAUSE_MS: i64 = 60_000;
/// No pause is longer, whatever is asked for: one hour.
const PAUSE_MAX_MS: i64 = 3_600_000;

/// Begins a call of the address that a variable holds. The address may be as good as a password: no outcome names it.
pub(super) fn address(means: &ChannelMeans, url_env: &str) -> Result<RequestBuilder, Unsent> {
    let url = means.variable(url_env)?;
    means.reach.post(url.trim()).map(|post| post.timeout(TIMEOUT)).map_err(|refused| kept_out(url_env, &refused))
}

/// An address inside is named by its host alone, and what is wrong with it is mended by people: nothing is lost until then.
fn kept_out(url_env: &str, refused: &Refused) -> Unsent {
    Unsent::Failed(format!("{url_env} cannot be called: {refused}"))
}

/// Sends it. `who` begins the sentence, `words` reads why the receiver refused, where it says so in a way that can be
/// shown.
pub(super) async fn send(
    means: &ChannelMeans,
    (who, url_env): (&str, &str),
    post: RequestBuilder,
    words: impl AsyncFnOnce(Response) -> String,
) -> Result<String, Unsent> {
    let answer = post.send().await.map_err(|error| match reach::refused(&error) {
        Some(refused) => kept_out(url_env, &refused),
        None => Unsent::Failed(format!("{who} could not be reached: {}", error.without_url())),
    })?;
    let status = answer.status();
    if status.is_success() {
        return Ok(format!("{who} took it"));
    }
    if status == 429 {
        let seconds = answer.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse::<i64>().ok());
        let pause_ms = seconds.map_or(PAUSE_MS, |seconds| seconds.saturating_mul(1000)).clamp(1000, PAUSE_MAX_MS);
        let until = means.clock.now().plus_ms(pause_ms);
        return Err(Unsent::Later(until, format!("{who} wants fewer messages, paused until {until}")));
    }
    if status.is_server_error() || status == 408 || status == 425 {
        return Err(Unsent::Failed(format!("{who} answered {status}")));
    }
    let why = words(answer).await;
    Err(Unsent::Refused(format!("{who} refused it with {status}{why}")))
}
