//! Nothing secret is logged, however much is logged and whatever goes wrong.

use stationmaster::simulator::github::{Fault, FaultKind};

use super::{Place, on_both, webhook};

/// A token as ntfy hands them out.
const NTFY_TOKEN: &str = "tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2";
/// The test's PostgreSQL asks for no password and ignores one that is given.
const DATABASE_PASSWORD: &str = "correct-horse-battery";

on_both! {
    async fn no_secret_is_in_the_log_at_any_level(place: &Place) {
        place.ntfy.require_token(NTFY_TOKEN);
        let database = place.database.replacen("stationmaster@", &format!("stationmaster:{DATABASE_PASSWORD}@"), 1);
        let changed = [("RUST_LOG", "trace"), ("NTFY_TOKEN", NTFY_TOKEN), ("DATABASE_URL", database.as_str())];
        let server = place.serve_with(&changed).await;
        place.rest().await;
        place.github.inject(Fault::new("/issues/1", FaultKind::Status(401)));
        place.github.inject(Fault::new("/issues/1", FaultKind::Status(500)));
        place.github.inject(Fault::new("/access_tokens", FaultKind::StatusAfterDoing(500)));
        place.github.expire_tokens();
        let number = place.open_issue("Deploy v2.0");
        place.carded(number).await;
        place.told(1).await;
        let (head, body) = webhook("a guess", "bad-signature", "issues", "{}");
        assert!(server.send((head + &body).as_bytes()).await.starts_with("HTTP/1.1 401 "));
        place.rest().await;
        assert_eq!(place.github.clear_faults(), 0, "all that was to go wrong went wrong");
        place.expect_deployment(number);
        server.signal("TERM").await;
        let (_, log) = server.ended().await;

        assert!(log.lines().any(|line| line.contains("\"TRACE\"")), "everything is logged");
        let app = place.github.app();
        let mut secrets: Vec<&str> = app.private_key_pem.lines().filter(|line| !line.starts_with("-----")).collect();
        assert!(secrets.len() > 20, "the key is there to be looked for");
        secrets.extend(["PRIVATE KEY", "ghs_", "eyJ", NTFY_TOKEN, DATABASE_PASSWORD, app.webhook_secret.as_str()]);
        for secret in secrets {
            let told = log.lines().find(|line| line.contains(secret));
            assert!(told.is_none(), "{secret:?} is logged: {}", told.unwrap_or_default());
        }
    }
}
