//! An engine within this process, over a database of a bench and simulated surroundings.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use stationmaster::app::App;
use stationmaster::config::{Config, Flags};
use stationmaster::engine::Engine;
use stationmaster::model::Clock;
use stationmaster::simulator::github::GithubSimulator;
use stationmaster::simulator::ntfy::NtfySimulator;

/// The operator's token.
pub const TOKEN: &str = "a-token-for-the-bench-0123456789";

/// An engine that has not begun to turn.
pub async fn engine(
    address: &str,
    (github, ntfy): (&GithubSimulator, &NtfySimulator),
    clock: Arc<dyn Clock>,
) -> Arc<Engine> {
    let app = github.app();
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let settings = BTreeMap::from([
        ("DATABASE_URL", address.to_owned()),
        ("GITHUB_API_URL", github.api_url()),
        ("GITHUB_APP_ID", app.app_id.to_string()),
        ("GITHUB_APP_PRIVATE_KEY", app.private_key_pem),
        ("GITHUB_WEBHOOK_SECRET", app.webhook_secret),
        ("NTFY_URL", ntfy.url().to_owned()),
        ("NTFY_TOPIC", "people".to_owned()),
        ("PORT", "0".to_owned()),
        ("STATIONMASTER_API_TOKEN", TOKEN.to_owned()),
        ("STATIONMASTER_RULES", rules.display().to_string()),
    ]);
    let config = Config::load(&Flags::default(), |name| settings.get(name).cloned(), None).expect("they are good");
    Engine::new(App::connect(config, clock).await.expect("the database can be opened"))
}
