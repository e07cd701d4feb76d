//! A server that was down asks GitHub for what it missed, and a doctor says how that stands.

use stationmaster::simulator::github::{View, WebhookMode};

use super::{PATIENCE, Place, on_both, text};

on_both! {
    async fn webhooks_that_failed_while_the_server_was_down_come_after_its_start(place: &Place) {
        let server = place.serve().await;
        place.rest().await;
        server.kill().await;
        let number = place.open_issue("Deploy v2.0");
        let failed = |view: &View<'_>| view.deliveries().iter().any(|record| record.status_code == 502);
        place.github.wait_until("the webhook fails", PATIENCE, failed).await.unwrap();

        // What is asked for before the new address is known must not go to the old one.
        place.github.set_webhook_mode(WebhookMode::Manual);
        let again = place.serve().await;
        place.github.set_webhook_mode(WebhookMode::Auto);
        let came = |view: &View<'_>| {
            view.deliveries().iter().any(|record| record.webhook.redelivery && record.status_code == 202)
        };
        let waited = place.github.wait_until("the webhook comes when it was asked for", PATIENCE, came).await;
        assert!(waited.is_ok(), "{waited:?}: {}", again.log());
        place.carded(number).await;
        place.told(1).await;
        place.rest().await;
        place.expect_deployment(number);
        let said = place.command(&["doctor"]).await;
        assert!(text(&said.stdout).contains("missed webhooks: 1 "), "{}", text(&said.stdout));
    }
}
