//! People are told over Slack, webhooks and e-mail beside ntfy: once over each, and none waits for another.

mod doctor;
mod file;
mod mail;
pub mod receiver;
mod scenarios;

use stationmaster::store::OutboxState;

use crate::world::World;
use mail::MailServer;
use receiver::Receiver;

/// What every address and key of these tests has in it, and nobody may ever see.
pub const SECRET: &str = "T0pS3cretPath";

/// One receiver of each kind, and the file that names them.
pub struct Everybody {
    pub slack: Receiver,
    pub hook: Receiver,
    pub mail: MailServer,
}

/// Three channels, each told of everything.
pub const ALL: &str = "[[channel]]\nname = \"ops\"\nkind = \"slack\"\nurl_env = \"OPS_URL\"\n\
                       [[channel]]\nname = \"chat\"\nkind = \"webhook\"\nurl_env = \"CHAT_URL\"\nsecret_env = \"CHAT_KEY\"\n\
                       [[channel]]\nname = \"mail\"\nkind = \"email\"\nsmtp_env = \"SMTP_URL\"\n\
                       from = \"Stationmaster <station@example.com>\"\nto = [\"ann@example.com\", \"bob@example.com\"]\n";

/// Writes the file of channels and has it read.
pub async fn set_channels(world: &World, text: &str) {
    std::fs::write(world.rules().join("channels.toml"), text).unwrap();
    world.engine.tick().await.unwrap();
}

pub fn set_secret(world: &World, name: &str, value: &str) {
    world.secrets.lock().unwrap().insert(name.to_owned(), value.to_owned());
}

impl Everybody {
    /// Everybody listens, and the world tells them.
    pub async fn told_by(world: &World, channels: &str) -> Self {
        let everybody =
            Self { slack: Receiver::open().await, hook: Receiver::open().await, mail: MailServer::open().await };
        set_secret(world, "OPS_URL", &everybody.slack.url);
        set_secret(world, "CHAT_URL", &everybody.hook.url);
        set_secret(world, "CHAT_KEY", &format!("{SECRET}-key"));
        set_secret(world, "SMTP_URL", &everybody.mail.url());
        set_channels(world, channels).await;
        everybody
    }

    /// How many messages each has taken: Slack, the webhook, the mail server.
    pub fn taken(&self) -> [usize; 3] {
        [self.slack.taken().len(), self.hook.taken().len(), self.mail.taken().len()]
    }
}

/// What was given up, and why.
pub async fn given_up(world: &World) -> Vec<String> {
    let dead = world.app().store.actions(Some(OutboxState::Dead), 100).await.unwrap();
    dead.into_iter().map(|row| row.note.unwrap_or_default()).collect()
}

/// No row of the outbox, and so neither its page nor a log line, holds a secret.
pub async fn expect_no_secret(world: &World) {
    let rows = world.app().store.actions(None, 1_000).await.unwrap();
    for row in rows {
        let whole = world.app().store.whole_action(row.id).await.unwrap().unwrap();
        let shown = format!("{row:?} {}", whole.payload);
        assert!(!shown.contains(SECRET), "{shown}");
    }
}
