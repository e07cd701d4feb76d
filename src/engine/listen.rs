//! Listens to other machines over ntfy: every message becomes a delivery, or a line that says why not.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio_util::sync::CancellationToken;

use super::Engine;
use super::holding::holding;
use crate::decide::message::{self, About};
use crate::model::{
    Action, Delivery, DeliveryGuid, DeliverySource, Envelope, EventName, Fact, HeardMessage, Inbound, Item, Outcome,
    Planned, Repository, RepositoryName, Timestamp,
};
use crate::notify::{Next, NotifyError};
use crate::receive::{AGE_MAX_MS, Genuine, MessageRead, MessageReader};
use crate::store::{Attempt, HeardAs, HeardEntry};
use crate::trouble::{Cause, Strike};

/// Messages that came so long before the newest that was heard are asked for once more, in milliseconds: ntfy counts in
/// seconds and keeps no order within one.
const OVERLAP_MS: i64 = 60_000;
/// The first pause before connecting again, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(1));
/// Who it is that listens, among those who wait for ntfy.
const LISTENER: &str = "listener";
/// What is held by the server that listens.
const LISTENING: &str = "listen";
/// How often a server that stands by looks whether it is its turn.
const STAND_BY: Duration = Duration::from_secs(1);
/// So many tasks stand in a status.
const OVERVIEW_LINES: i64 = 20;
/// The beginning of the key of an issue's opening that a message asked for.
const OPENING: &str = "asked/ntfy:";

/// How listening went.
enum Heard {
    /// Another server listens.
    StandingBy,
    /// The connection ended.
    Ended,
}

impl Engine {
    /// Hears what is there now and returns how many messages were new. Nothing where no secret or no topic is set.
    pub async fn listen_step(&self) -> Result<usize> {
        let Some(reader) = self.message_reader() else { return Ok(0) };
        let since = self.listen_since().await?;
        let mut new = 0;
        for heard in self.app.hands.notifier.poll_machines(since).await? {
            new += usize::from(self.hear(&reader, &heard).await?);
        }
        Ok(new)
    }

    /// Listens until `stop`, if a secret and a topic are set. Of several servers one listens and the others stand by:
    /// what is heard twice is acted on once anyway, but looking up what it is about would ask GitHub twice.
    pub(super) async fn hear_until(self: Arc<Self>, stop: CancellationToken) {
        let Some(reader) = self.message_reader() else { return };
        let mut pause = PAUSES.0;
        while !stop.is_cancelled() {
            let ended = tokio::select! {
                () = stop.cancelled() => break,
                ended = self.hear_alone(&reader, &mut pause) => ended,
            };
            let wait = match ended {
                Ok(Heard::StandingBy) => STAND_BY,
                Ok(Heard::Ended) => {
                    let wait = pause;
                    pause = longer(pause);
                    wait
                }
                Err(error) => {
                    self.not_heard(&error, pause);
                    let wait = self.wait_after(&error, pause);
                    pause = longer(pause);
                    wait
                }
            };
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(wait) => {}
            }
        }
        if let Err(error) = self.app.store.let_go_alone(LISTENING, &self.owner).await {
            tracing::debug!(%error, "the other servers listen once the lease of this one has run out");
        }
    }

    /// Listens if no other server does, until the connection ends or another server has taken over.
    async fn hear_alone(&self, reader: &MessageReader, pause: &mut Duration) -> Result<Heard> {
        let (store, lease_ms) = (&self.app.store, self.lease_ms());
        let hold = || store.hold_alone(LISTENING, &self.owner, lease_ms);
        if !hold().await? {
            return Ok(Heard::StandingBy);
        }
        match holding(lease_ms, hold, self.hear_stream(reader, pause)).await {
            Some(ended) => ended.map(|()| Heard::Ended),
            None => Ok(Heard::StandingBy),
        }
    }

    /// Hears what comes until the connection ends.
    async fn hear_stream(&self, reader: &MessageReader, pause: &mut Duration) -> Result<()> {
        let since = self.listen_since().await?;
        let mut subscription = self.app.hands.notifier.subscribe_machines(since).await?;
        tracing::debug!(%since, "listening to the machines' topic");
        self.app.troubles.passed(LISTENER);
        while let Some(heard) = subscription.next().await? {
            self.hear(reader, &heard).await?;
            *pause = PAUSES.0;
        }
        Ok(())
    }

    /// Tells once that machines are not heard, however often it is tried again.
    fn not_heard(&self, error: &anyhow::Error, pause: Duration) {
        let Some(fault) = error.downcast_ref::<NotifyError>() else { return self.store_failed(LISTENER, error) };
        let wait_ms = i64::try_from(pause.as_millis()).unwrap_or(i64::MAX);
        let again = match fault.next() {
            Next::Wait(until) => until,
            Next::Retry | Next::GiveUp => self.app.clock.now().plus_ms(wait_ms),
        };
        let cause = if matches!(fault, NotifyError::Limited { .. }) { Cause::NtfyLimit } else { Cause::Ntfy };
        let detail = format!("machines are not heard: {error:#}");
        self.app.troubles.struck(cause, Strike { who: LISTENER, detail: &detail, again });
    }

    fn wait_after(&self, error: &anyhow::Error, pause: Duration) -> Duration {
        match error.downcast_ref::<NotifyError>().map(NotifyError::next) {
            Some(Next::Wait(until)) => {
                let wait_ms = until.since_ms(self.app.clock.now());
                Duration::from_millis(u64::try_from(wait_ms).unwrap_or(0)).max(pause)
            }
            // Topics are opened and tokens are mended by people.
            Some(Next::GiveUp) => PAUSES.1,
            Some(Next::Retry) | None => pause,
        }
    }

    fn message_reader(&self) -> Option<MessageReader> {
        self.app.hands.notifier.machine_topic()?;
        self.app.config.ntfy.secret.as_ref().map(MessageReader::new)
    }

    /// From when on messages are wanted: what is older than the first start is not for us. That start is remembered,
    /// since a server may well stop before it has heard anything.
    async fn listen_since(&self) -> Result<Timestamp> {
        let store = &self.app.store;
        if let Some(until) = store.heard_until().await? {
            return Ok(until.plus_ms(-OVERLAP_MS));
        }
        let now = self.app.clock.now();
        store.begin_hearing(now).await?;
        Ok(now.plus_ms(-AGE_MAX_MS))
    }

    /// Takes one message in; whether it was new.
    async fn hear(&self, reader: &MessageReader, heard: &HeardMessage) -> Result<bool> {
        let now = self.app.clock.now();
        match reader.read(heard, now) {
            MessageRead::Own => Ok(false),
            MessageRead::Genuine(genuine) => self.take_in(*genuine, heard, now).await,
            MessageRead::Refused { id, fault } => {
                let summary = format!("A message over ntfy is refused: {fault}.");
                let entry = HeardEntry {
                    ntfy_id: &heard.id,
                    published: heard.published,
                    actor: "ntfy",
                    summary: &summary,
                    taken: None,
                };
                let became = self.app.store.hear(entry).await?;
                Ok(log_refusal(became, &id, &fault.to_string()))
            }
        }
    }

    async fn take_in(&self, genuine: Genuine, heard: &HeardMessage, now: Timestamp) -> Result<bool> {
        let Genuine { envelope, nonce } = genuine;
        let (id, kind) = (envelope.id.clone(), envelope.kind.clone());
        let actor = envelope.from.clone().unwrap_or_else(|| "ntfy".to_owned());
        let inbound = self.look_up(envelope, now.since_ms(heard.published) > AGE_MAX_MS).await?;
        let delivery = Delivery {
            guid: DeliveryGuid::new(format!("ntfy:{id}")),
            source: DeliverySource::Ntfy,
            event: EventName(kind.clone()),
            received: now,
            body: serde_json::to_vec(&inbound)?.into(),
        };
        let summary = format!("The message {id} of the type {kind} came over ntfy.");
        let entry = HeardEntry {
            ntfy_id: &heard.id,
            published: heard.published,
            actor: &actor,
            summary: &summary,
            taken: Some((&nonce, delivery)),
        };
        let became = self.app.store.hear(entry).await?;
        match became {
            HeardAs::Replayed => {
                return Ok(log_refusal(became, &id, "its nonce was used before"));
            }
            HeardAs::Duplicate => self.answer_again(&id, &heard.id).await?,
            HeardAs::Stored => tracing::debug!(message = id, kind, "a message came over ntfy"),
            HeardAs::Known | HeardAs::Refused => {}
        }
        Ok(became != HeardAs::Known)
    }

    /// What the message is about, as far as it is known here. An error is tried again, unless the message is `late`.
    async fn look_up(&self, envelope: Envelope, late: bool) -> Result<Inbound> {
        let about = message::about(&envelope);
        let mut inbound = Inbound { envelope, repository: None, item: None, overview: None, fault: None };
        match about {
            About::Nothing => {}
            About::Overview => inbound.overview = Some(self.app.store.overview(OVERVIEW_LINES).await?),
            About::Repository(named) => match self.repository_meant(named.as_deref(), late).await? {
                Ok(repository) => inbound.repository = Some(repository),
                Err(fault) => inbound.fault = Some(fault),
            },
            About::Task(named) => match self.task_meant(&named, late).await? {
                Ok((repository, item)) => (inbound.repository, inbound.item) = (Some(repository), Some(item)),
                Err(fault) => inbound.fault = Some(fault),
            },
        }
        Ok(inbound)
    }

    /// The repository of this name, else that of the settings, else the only one.
    async fn repository_meant(&self, named: Option<&str>, late: bool) -> Result<Result<Repository, String>> {
        let text = named.or(self.app.config.ntfy.repository.as_deref());
        let known = self.app.store.repositories().await?;
        let found = match text {
            Some(text) => {
                let Ok(name) = text.parse::<RepositoryName>() else {
                    return Ok(Err(format!("{text:?} is not a repository such as owner/name")));
                };
                known.into_iter().find(|repository| repository.name.is(&name))
            }
            None if known.len() == 1 => known.into_iter().next(),
            None => return Ok(Err("it names no repository in `task`, and NTFY_REPOSITORY is not set".to_owned())),
        };
        let Some(found) = found else {
            return Ok(Err(format!("the App is not installed on {}", text.unwrap_or_default())));
        };
        match self.reachable(found.id).await {
            Ok(reached) => Ok(reached.ok_or_else(|| format!("the App cannot reach {}", found.name))),
            // It may pass; what waits behind the message does not wait for ever.
            Err(error) if late => {
                tracing::warn!(error = format!("{error:#}"), repository = %found.name, "a message is not followed");
                Ok(Err(format!("GitHub does not tell of {} at present", found.name)))
            }
            Err(error) => Err(error),
        }
    }

    /// The task of this name: ours, such as `owner/name#12`, or the id of the message that asked for it.
    async fn task_meant(&self, named: &str, late: bool) -> Result<Result<(Repository, Item), String>> {
        let sent = self.app.store.action(&format!("{OPENING}{named}")).await?;
        let item =
            if let Some((Action::OpenIssue { repository, .. }, _, _, Some(Fact::IssueOpened { number, .. }))) = sent {
                Item { repository: repository.name, number }
            } else if let Ok(item) = named.parse::<Item>() {
                item
            } else {
                match self.repository_meant(None, late).await? {
                    Ok(home) => match Item::near(named, &home.name) {
                        Ok(item) => item,
                        Err(error) => return Ok(Err(error.to_string())),
                    },
                    Err(_) => return Ok(Err(format!("{named:?} is not a task such as owner/name#12"))),
                }
            };
        let repository = match self.repository_meant(Some(&item.repository.to_string()), late).await? {
            Ok(repository) => repository,
            Err(fault) => return Ok(Err(fault)),
        };
        if self.app.store.task(repository.id, item.number).await?.is_none() {
            return Ok(Err(format!("{item} is not a task")));
        }
        Ok(Ok((repository, item)))
    }

    /// Whoever sends a message once more has not got its answer.
    async fn answer_again(&self, id: &str, ntfy_id: &str) -> Result<()> {
        let key = message::answer_key(id);
        let Some((action, ..)) = self.app.store.action(&key).await? else { return Ok(()) };
        let planned = Planned { key: format!("{key}/{ntfy_id}"), slot: None, action };
        self.app.store.queue_alone(&super::tick::SERVER, &planned).await.context("an answer could not be given again")
    }

    /// Answers the message that asked for an issue, before its opening counts as done: should the server die in
    /// between, the opening is performed again, found to be done, and answered under the same key.
    pub(super) async fn answer_opening(&self, attempt: &Attempt, outcome: &Outcome) -> Result<()> {
        let (Some(id), Action::OpenIssue { repository, .. }) = (attempt.key.strip_prefix(OPENING), &attempt.action)
        else {
            return Ok(());
        };
        let now = self.app.clock.now();
        let answer = match outcome {
            Outcome::Performed { learned: Some(Fact::IssueOpened { number, url }), .. } => {
                let item = Item { repository: repository.name.clone(), number: *number };
                message::opened(id, &item, url, now)
            }
            Outcome::Refused { reason } => message::refused(id, None, reason, now),
            Outcome::Performed { .. } | Outcome::Later { .. } | Outcome::Failed { .. } => return Ok(()),
        };
        Ok(self.app.store.queue_alone(&super::tick::SERVER, &answer).await?)
    }
}

fn longer(pause: Duration) -> Duration {
    (pause * 2).min(PAUSES.1)
}

/// Whether it is the first time that it is refused; then one line says so, by its id alone.
fn log_refusal(became: HeardAs, id: &str, reason: &str) -> bool {
    let new = became != HeardAs::Known;
    if new {
        tracing::warn!(message = id, reason, "a message over ntfy is refused");
    }
    new
}
