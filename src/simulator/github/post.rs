//! How the post treats webhooks on their way: lost, doubled, late and out of order, as a rule instead of one by one.

use std::collections::VecDeque;

use super::GithubSimulator;
use super::webhooks::{Webhook, new_guid};

/// What happens to every webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Post {
    /// It arrives once, in its turn.
    #[default]
    Good,
    /// It never arrives.
    Lost,
    /// Every second one never arrives.
    HalfLost,
    /// It arrives twice.
    Doubled,
    /// It arrives twice, the second time under another id.
    DoubledAnew,
    /// The newest of those that wait arrives first.
    Reversed,
    /// It is kept until [`GithubSimulator::deliver_late`].
    Late,
}

#[derive(Debug, Default)]
pub struct PostOffice {
    rule: Post,
    seen: u64,
    late: Vec<Webhook>,
}

impl PostOffice {
    pub fn take(&mut self, queue: &mut VecDeque<Webhook>, webhook: Webhook) {
        self.seen += 1;
        match self.rule {
            Post::Lost => {}
            Post::HalfLost if self.seen.is_multiple_of(2) => {}
            Post::Good | Post::HalfLost => queue.push_back(webhook),
            Post::Doubled => queue.extend([webhook.clone(), webhook]),
            Post::DoubledAnew => {
                let again = Webhook { guid: new_guid(), ..webhook.clone() };
                queue.extend([webhook, again]);
            }
            Post::Reversed => queue.push_front(webhook),
            Post::Late => self.late.push(webhook),
        }
    }
}

impl GithubSimulator {
    /// Has webhooks treated like this from now on.
    pub fn set_post(&self, rule: Post) {
        self.shared.change(|state| state.webhooks.post.rule = rule);
    }

    /// Queues what was kept for being late, and says how many those were.
    #[expect(clippy::must_use_candidate, reason = "it is called for what it does")]
    pub fn deliver_late(&self) -> usize {
        self.shared.change(|state| {
            let late = std::mem::take(&mut state.webhooks.post.late);
            let count = late.len();
            state.webhooks.queue.extend(late);
            count
        })
    }
}
