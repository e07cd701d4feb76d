//! Webhooks that GitHub sent and that did not arrive: its log of deliveries has them, nobody else.

use super::GithubSimulator;
use super::webhooks::{self, DeliveryRecord, Webhook};

impl GithubSimulator {
    /// Has the next webhook fail with this status; it stands in the log and is sent again only if somebody asks.
    #[expect(clippy::must_use_candidate, reason = "it is called for what it does")]
    pub fn lose_next(&self, status_code: u16) -> Option<Webhook> {
        let webhook = self.drop_next()?;
        let request_headers = webhooks::headers(&self.shared, &webhook);
        let status = match status_code {
            200..=299 => "OK".to_owned(),
            502 => "failed to connect to host".to_owned(),
            504 => "timed out".to_owned(),
            code => format!("Invalid HTTP Response: {code}"),
        };
        let record = DeliveryRecord {
            webhook: webhook.clone(),
            delivered_at: self.shared.clock.now(),
            status_code,
            status,
            request_headers,
            response_body: String::new(),
        };
        self.shared.change(|state| state.webhooks.log.push(record));
        Some(webhook)
    }

    /// Has everything that waits fail with this status, and says what that was. With 200 it is as if the receiver had
    /// forgotten what it took.
    #[expect(clippy::must_use_candidate, reason = "it is called for what it does")]
    pub fn lose_all(&self, status_code: u16) -> Vec<Webhook> {
        std::iter::from_fn(|| self.lose_next(status_code)).collect()
    }
}
