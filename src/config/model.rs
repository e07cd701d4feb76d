//! The settings of an optional model: off unless there is an address or a key for one.

use secrecy::SecretString;

use super::address::http_url;
use super::fault::ConfigFault;
use super::reader::Reader;
use super::settings;

/// Where a key of `OpenRouter` belongs (<https://openrouter.ai/docs/quickstart>).
const OPENROUTER_URL: &str = "https://openrouter.ai/api/v1";

/// A model that may be asked.
#[derive(Debug, Clone)]
pub struct ModelConfig {
    /// The address before `/chat/completions`, without a slash at its end.
    pub url: String,
    /// The key, where it wants one.
    pub key: Option<SecretString>,
    /// What the model is called there.
    pub name: String,
    /// How many tokens it may cost in a day.
    pub tokens_per_day: u32,
}

/// A key of `OpenRouter` goes to no other address, and a key without an address is of no use.
pub(super) fn read_model<E: Fn(&str) -> Option<String>>(reader: &mut Reader<'_, E>) -> Option<ModelConfig> {
    let router = reader.secret(&settings::OPENROUTER_API_KEY);
    let url = reader.optional(&settings::MODEL_URL, http_url);
    let own = reader.secret(&settings::MODEL_API_KEY);
    let name = reader.text(&settings::MODEL_NAME);
    let tokens_per_day = reader.whole(&settings::MODEL_TOKENS_PER_DAY, 1_000..=1_000_000_000);
    let mut unset = |setting: &settings::Setting| {
        reader.faults.push(ConfigFault::Unset {
            setting: setting.name,
            needed_for: "asking a model",
            expected: setting.expected,
        });
    };
    let (url, key) = match (url, router) {
        (Some(url), _) if url != OPENROUTER_URL => (url, own),
        (_, Some(router)) => (OPENROUTER_URL.to_owned(), Some(router)),
        (Some(url), None) => (url, own),
        (None, None) => {
            if own.is_some() {
                unset(&settings::MODEL_URL);
            }
            return None;
        }
    };
    if name.is_none() {
        unset(&settings::MODEL_NAME);
    }
    Some(ModelConfig { url, key, name: name?, tokens_per_day: tokens_per_day? })
}
