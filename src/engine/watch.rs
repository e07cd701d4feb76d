//! Watches workers and the way tasks end, and sends the day's digests.
//!
//! Whatever is told has a key made of its cause, so several servers, and one that starts again, tell it once.

use std::collections::BTreeMap;

use anyhow::Result;

use super::Engine;
use super::tick::SERVER;
use crate::decide::digest::{self, DatedDigest, DigestKind, TeamSeen, TeamTask};
use crate::decide::watchdog::{self, Watched};
use crate::model::{
    Action, Item, PeopleMessage, Planned, RepositoryId, RepositoryName, TaskState, Telling, Timestamp, Urgency5,
    WorkerId,
};
use crate::policy::{ClockSettings, Rules};
use crate::store::{ListedTask, TaskQuery};

/// How often it looks.
const INTERVAL_MS: i64 = 30_000;
/// So many ends of tasks are looked at.
const ENDS: i64 = 1000;
/// More open tasks than this are in no digest.
const TASKS: i64 = 5000;

impl Engine {
    /// Looks at workers, at how tasks ended, and whether a digest is due; one server at a time, every 30 s.
    pub async fn watch(&self) -> Result<()> {
        if !self.app.store.take_turn("watchdog", INTERVAL_MS).await? {
            return Ok(());
        }
        let rules = self.app.rules.current();
        self.watch_workers(&rules.roster.clocks).await?;
        for kind in DigestKind::ALL {
            if let Some(newest) = digest::newest(kind, &rules.roster.clocks, self.app.clock.now()) {
                self.send_digest(&newest, &rules).await?;
            }
        }
        Ok(())
    }

    async fn watch_workers(&self, settings: &ClockSettings) -> Result<()> {
        let store = &self.app.store;
        let workers = store.registered_workers().await?;
        let ends = store.task_ends(Timestamp(0), ENDS).await?;
        let complete = i64::try_from(ends.len()).is_ok_and(|count| count < ENDS);
        let watched = Watched { workers: &workers, ends: &ends, complete, settings, now: self.app.clock.now() };
        for alert in watchdog::alerts(&watched) {
            self.tell_team(alert.key, (alert.title, alert.text), (None, alert.urgency, "rotating_light")).await?;
        }
        for downtime in watchdog::begun_downtimes(&watched) {
            if store.begin_downtime(&downtime).await? {
                tracing::warn!(worker = %downtime.worker, since = %downtime.from, "a worker's heartbeat is lost");
            }
        }
        let open = store.open_downtimes().await?;
        if open.is_empty() {
            return Ok(());
        }
        let tasks: Vec<_> = self.open_tasks().await?.into_iter().map(|listed| listed.task).collect();
        for downtime in watchdog::ended_downtimes(&open, &workers, &tasks) {
            store.end_downtime(&downtime).await?;
            tracing::info!(worker = %downtime.worker, since = %downtime.from, "a worker is back");
        }
        Ok(())
    }

    /// Sends a digest, unless it was sent, or is too old by now. Digests that were due before the first look at all are
    /// not caught up with.
    async fn send_digest(&self, digest: &DatedDigest, rules: &Rules) -> Result<()> {
        let store = &self.app.store;
        let (name, day) = (format!("digest/{}", digest.kind), digest.day.to_string());
        let before = store.fact(&name).await?;
        if before.as_ref() == Some(&day) {
            return Ok(());
        }
        if before.is_some() && digest.is_news(self.app.clock.now()) {
            self.tell_digest(digest, rules).await?;
        }
        // Only once it waits in the outbox: whoever dies in between sends it again, under the same key.
        Ok(store.remember_fact(&name, &day).await?)
    }

    async fn tell_digest(&self, digest: &DatedDigest, rules: &Rules) -> Result<()> {
        let settings = &rules.roster.clocks;
        let names = self.repository_names().await?;
        let open = self.open_tasks().await?;
        let open: Vec<TeamTask> = open.into_iter().filter_map(|listed| named(&names, listed)).collect();
        let ends = self.app.store.task_ends(digest::beginning(digest, settings), TASKS).await?;
        let seen = TeamSeen { open: &open, ends: &ends, settings };
        if let Some(words) = digest::text(digest, &seen) {
            self.tell_team(digest.key(), words, (None, Urgency5::Default, "station")).await?;
        }
        if digest.kind == DigestKind::Status {
            self.ask_holders(digest, &open, rules).await?;
        }
        Ok(())
    }

    /// Whoever has a topic of their own is asked there as well.
    async fn ask_holders(&self, digest: &DatedDigest, open: &[TeamTask], rules: &Rules) -> Result<()> {
        let settings = &rules.roster.clocks;
        let silences = (settings.stale_ms, settings.offline_ms);
        for (worker, ..) in self.app.store.roster(&rules.roster.workers, silences).await? {
            let topics = worker.tell.iter().filter_map(|telling| match telling {
                Telling::Ntfy { topic } => topic.clone(),
                Telling::Assignee | Telling::Hook { .. } | Telling::WorkflowDispatch { .. } | Telling::Mention => None,
            });
            let held = held_by(&worker.id, open);
            for (position, topic) in topics.enumerate() {
                if let Some(words) = digest::request(digest, &held, settings) {
                    let key = format!("{}/{}/{position}", digest.key(), worker.id);
                    self.tell_team(key, words, (Some(topic), Urgency5::Default, "station")).await?;
                }
            }
        }
        Ok(())
    }

    pub(super) async fn tell_team(
        &self,
        key: String,
        (title, text): (String, String),
        (topic, priority, tag): (Option<String>, Urgency5, &str),
    ) -> Result<()> {
        let message = PeopleMessage {
            topic,
            channels: None,
            title,
            text,
            priority,
            tags: vec![tag.to_owned()],
            click: None,
            buttons: Vec::new(),
            happened: self.app.clock.now(),
        };
        let planned = Planned { key, slot: None, action: Action::Notify(message) };
        Ok(self.app.store.queue_alone(&SERVER, &planned).await?)
    }

    async fn open_tasks(&self) -> Result<Vec<ListedTask>> {
        let states = TaskState::ALL.into_iter().filter(|state| state.is_open()).collect();
        let query = TaskQuery { states, limit: TASKS, ..TaskQuery::default() };
        Ok(self.app.store.list_tasks(&query).await?)
    }

    async fn repository_names(&self) -> Result<BTreeMap<RepositoryId, RepositoryName>> {
        let known = self.app.store.repositories().await?;
        Ok(known.into_iter().map(|known| (known.id, known.name)).collect())
    }
}

/// A task as people call it; `None` where its repository is out of reach.
fn named(names: &BTreeMap<RepositoryId, RepositoryName>, listed: ListedTask) -> Option<TeamTask> {
    let ListedTask { task, title, .. } = listed;
    let repository = names.get(&task.repository)?.clone();
    Some(TeamTask { item: Item { repository, number: task.number }, title, task })
}

fn held_by(worker: &WorkerId, open: &[TeamTask]) -> Vec<TeamTask> {
    open.iter().filter(|task| task.task.worker.as_ref() == Some(worker)).cloned().collect()
}
