//! The owner's hand on the webhooks: deliver, lose, double, put off, send again.

use super::GithubSimulator;
use super::webhooks::{self, Webhook, WebhookMode};

impl GithubSimulator {
    /// Where webhooks are sent from now on; what was queued without a target is sent there too.
    pub fn set_webhook_target(&self, url: &str) {
        self.shared.change(|state| {
            state.webhooks.target = Some(url.to_owned());
            state.webhooks.balancer = super::balancer::Balancer::default();
        });
    }

    /// Switches between delivery by itself and by hand.
    pub fn set_webhook_mode(&self, mode: WebhookMode) {
        self.shared.change(|state| state.webhooks.mode = mode);
    }

    /// The webhooks that wait, next first.
    #[must_use]
    pub fn pending_webhooks(&self) -> Vec<Webhook> {
        self.look(|view| view.pending_webhooks().cloned().collect())
    }

    /// Delivers the next webhook; the status that was answered, or `None` when none waits.
    pub async fn deliver_next(&self) -> Option<u16> {
        self.deliver_with(|_| {}).await
    }

    /// Delivers the next webhook under an id of its own, as a second hook on the same event would.
    pub async fn deliver_next_with_new_guid(&self) -> Option<u16> {
        self.deliver_with(|webhook| webhook.guid = webhooks::new_guid()).await
    }

    /// Delivers everything that waits, also what is queued meanwhile, and says how many that were.
    pub async fn deliver_all(&self) -> usize {
        let mut delivered = 0;
        while self.deliver_next().await.is_some() {
            delivered += 1;
        }
        delivered
    }

    async fn deliver_with(&self, alter: impl FnOnce(&mut Webhook)) -> Option<u16> {
        let _turn = self.shared.delivering.lock().await;
        let next = self.shared.lock().webhooks.queue.pop_front();
        let mut webhook = next?;
        alter(&mut webhook);
        Some(webhooks::deliver(&self.shared, webhook).await)
    }

    /// Forgets the next webhook without a trace: only looking at GitHub afresh can make up for it.
    #[expect(clippy::must_use_candidate, reason = "it is called for what it does")]
    pub fn drop_next(&self) -> Option<Webhook> {
        self.shared.change(|state| state.webhooks.queue.pop_front())
    }

    /// Forgets everything that waits, and says how many that were.
    #[expect(clippy::must_use_candidate, reason = "it is called for what it does")]
    pub fn drop_all(&self) -> usize {
        self.shared.change(|state| std::mem::take(&mut state.webhooks.queue).len())
    }

    /// Queues the next webhook twice, with the same id.
    pub fn duplicate_next(&self) {
        self.shared.change(|state| {
            if let Some(next) = state.webhooks.queue.front().cloned() {
                state.webhooks.queue.push_front(next);
            }
        });
    }

    /// Lets everything else that waits go first.
    pub fn delay_next(&self) {
        self.shared.change(|state| {
            if let Some(next) = state.webhooks.queue.pop_front() {
                state.webhooks.queue.push_back(next);
            }
        });
    }

    /// Turns the order of everything that waits around.
    pub fn reverse_pending(&self) {
        self.shared.change(|state| state.webhooks.queue.make_contiguous().reverse());
    }
}
