//! Several servers behind one address, as a load balancer would have them: webhooks go to each in turn.

use super::GithubSimulator;
use super::webhooks::{self, Webhook};

/// The servers behind the address of the webhook.
#[derive(Debug, Default)]
pub struct Balancer {
    targets: Vec<String>,
    turn: usize,
}

impl Balancer {
    /// The servers to try for one webhook, whose turn it is first; those behind it only where no connection came about.
    pub fn next(&mut self) -> Vec<String> {
        let mut order = self.targets.clone();
        if !order.is_empty() {
            order.rotate_left(self.turn % self.targets.len());
            self.turn = self.turn.wrapping_add(1);
        }
        order
    }
}

impl GithubSimulator {
    /// Sends webhooks to these in turn from now on; to another where one takes no connection.
    pub fn set_webhook_targets(&self, urls: &[String]) {
        self.shared.change(|state| {
            state.webhooks.balancer = Balancer { targets: urls.to_vec(), turn: 0 };
            state.webhooks.target = urls.first().cloned();
        });
    }

    /// Delivers the next webhook to every server at the same time under one id; what each answered.
    pub async fn deliver_next_to_all(&self) -> Option<Vec<u16>> {
        let _turn = self.shared.delivering.lock().await;
        let (webhook, targets): (Webhook, Vec<String>) = self
            .shared
            .change(|state| Some((state.webhooks.queue.pop_front()?, state.webhooks.balancer.targets.clone())))?;
        let all =
            targets.iter().map(|target| webhooks::deliver_to(&self.shared, webhook.clone(), vec![target.clone()]));
        Some(futures::future::join_all(all).await)
    }
}
