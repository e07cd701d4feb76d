//! What time alone brings about: changed rule files, leases that ran out, sweeps, webhooks to be had again, pruning.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use anyhow::Result;
use tokio_util::sync::CancellationToken;

use super::Engine;
use crate::model::{Action, PeopleMessage, Planned, RepositoryId, Subject, Urgency5};
use crate::policy::{FaultStyle, Faults, Reload};
use crate::store::AuditEntry;

/// How often the clock is looked at.
const TICK: Duration = Duration::from_secs(1);
/// The turn that servers take at sweeping.
const SWEEP: &str = "sweep";
/// How often old rows are pruned.
const PRUNE_INTERVAL_MS: i64 = 3_600_000;
const DAY_MS: i64 = 86_400_000;
/// The fact that remembers which rules were last applied to open tasks.
pub(super) const RULES_FACT: &str = "rules";

impl Engine {
    pub(super) async fn tick_until(self: Arc<Self>, stop: CancellationToken) {
        while !stop.is_cancelled() {
            match self.tick_alone().await {
                Ok(()) => self.app.troubles.passed("ticks"),
                Err(error) => self.store_failed("ticks", &error),
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(TICK) => {}
            }
        }
    }

    /// Sweeps and asks for webhooks that did not come. Beside the clock, which does not stand still while thousands of
    /// repositories are read.
    pub(super) async fn catch_up_until(self: Arc<Self>, stop: CancellationToken) {
        // What came while no server ran is lost otherwise: GitHub sends nothing a second time by itself.
        let mut interval_ms = 0;
        while !stop.is_cancelled() {
            match self.ask_again_on(interval_ms).await {
                Ok(()) => self.app.troubles.passed("missed"),
                Err(error) => self.store_failed("missed", &error),
            }
            match self.sweep_on(interval_ms, &stop).await {
                Ok(()) => self.app.troubles.passed("sweeps"),
                Err(error) => self.store_failed("sweeps", &error),
            }
            interval_ms = self.sweep_interval_ms();
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(TICK) => {}
            }
        }
    }

    /// Does what is due by the clock, and catches up with what was missed.
    pub async fn tick(&self) -> Result<()> {
        self.take_over().await?;
        self.tick_alone().await?;
        self.ask_again_on(self.sweep_interval_ms()).await?;
        self.sweep_on(self.sweep_interval_ms(), &CancellationToken::new()).await
    }

    pub(super) fn sweep_interval_ms(&self) -> i64 {
        i64::from(self.app.config.sweep_interval_s) * 1000
    }

    async fn tick_alone(&self) -> Result<()> {
        self.app.store.check_file()?;
        self.app.store.look_at_door().await?;
        self.look_at_clock().await?;
        if let Err(error) = self.app.learn_own_login().await {
            // Until it is known, what we do ourselves is looked at as if others had done it.
            tracing::debug!(error = format!("{error:#}"), "the App's own login is not known yet");
        }
        self.app.troubles.look();
        self.app
            .metrics
            .troubles(self.app.troubles.standing().iter().map(|trouble| (trouble.cause.name(), trouble.waiting)));
        self.reload_rules().await?;
        self.watch().await?;
        if self.app.store.take_turn("prune", PRUNE_INTERVAL_MS).await? {
            let before = self.app.clock.now().plus_ms(-i64::from(self.app.config.retention_days) * DAY_MS);
            let pruned = self.app.store.prune(before).await? + self.app.store.prune_checks(before).await?;
            self.app.store.prune_missed(before).await?;
            self.app.store.prune_advice(before).await?;
            tracing::debug!(pruned, "old deliveries, actions and check results were pruned");
        }
        Ok(())
    }

    /// Sweeps, unless a server has done so within the last `interval_ms`. A sweep that `stop` breaks off was none, and
    /// another server makes it at once.
    async fn sweep_on(&self, interval_ms: i64, stop: &CancellationToken) -> Result<()> {
        if !self.app.store.take_turn(SWEEP, interval_ms).await? {
            return Ok(());
        }
        tokio::select! {
            () = stop.cancelled() => Ok(self.app.store.give_turn_back(SWEEP).await?),
            swept = self.sweep() => swept,
        }
    }

    /// Takes over changed rule files, and has open tasks looked at again when rules differ from those last applied,
    /// also those that changed while no server ran.
    async fn reload_rules(&self) -> Result<()> {
        match self.app.rules.poll() {
            Reload::Unchanged | Reload::Loaded(_) => {}
            Reload::Broken(faults) => self.tell_broken_rules(&faults).await?,
        }
        let rules = self.app.rules.current();
        if self.applied_rules.lock().unwrap_or_else(PoisonError::into_inner).as_deref() == Some(rules.fingerprint()) {
            return Ok(());
        }
        if let Some(marked) = self.app.store.apply_policy(RULES_FACT, rules.fingerprint(), None).await? {
            let summary = format!("New rules are in force; {marked} open tasks are looked at again.");
            tracing::info!("{summary}");
            self.audit_rules(&summary).await?;
        }
        *self.applied_rules.lock().unwrap_or_else(PoisonError::into_inner) = Some(rules.fingerprint().to_owned());
        Ok(())
    }

    async fn tell_broken_rules(&self, faults: &Faults) -> Result<()> {
        let list = faults.render(FaultStyle::Plain);
        tracing::error!("the rules on disk are broken, the last good ones stay in force: {list}");
        self.audit_rules(&format!("The rules on disk are broken; the last good ones stay in force: {list}")).await?;
        let now = self.app.clock.now();
        let message = PeopleMessage {
            topic: None,
            channels: None,
            title: "Rules are broken".to_owned(),
            text: format!("The last good rules stay in force.\n{list}"),
            priority: Urgency5::High,
            tags: vec!["warning".to_owned()],
            click: None,
            buttons: Vec::new(),
            happened: now,
        };
        let planned =
            Planned { key: format!("broken-rules/{}", now.ms()), slot: None, action: Action::Notify(message) };
        Ok(self.app.store.queue_alone(&SERVER, &planned).await?)
    }

    async fn audit_rules(&self, summary: &str) -> Result<()> {
        let entry = AuditEntry {
            actor: "stationmaster",
            subject: None,
            decision: None,
            kind: "rules",
            summary,
            explanation: None,
            saw: None,
            replay: None,
            deliveries: None,
            door: None,
        };
        Ok(self.app.store.audit(&entry).await?)
    }
}

/// Stands for the server itself where an action must belong to something; GitHub numbers repositories from 1.
pub(super) const SERVER: Subject = Subject::Repository(RepositoryId(0));
