//! The sweep: what changed since the last one is marked as if a webhook had told of it, so that a lost one is healed.
//!
//! A repository in which nothing changed costs one conditional request, which counts against the rate limit only while
//! GitHub does not know the answer under the present token: about once an hour. What sweeps read, and the looks that
//! follow from it, are spread over time where there is much of it ([`crate::decide::sweep_pace`]).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::{Context, Result};

use super::Engine;
use crate::decide::missed::LOG_KEPT_MS;
use crate::decide::sweep_pace::{KnownLimit, Spent};
use crate::github::{GithubError, Installation, InstallationClient, IssueFilter, ListedPull};
use crate::model::{InstallationId, RepositoryId, Subject, Timestamp};
use crate::store::{KnownRepository, RepositoryUpdate, SweepMark};

/// A sweep looks back over the end of the last one by so much: GitHub's lists lag, and clocks differ.
const OVERLAP_MS: i64 = 120_000;
/// The repository itself, with its policy and its settings, is looked at after so long even if nothing was pushed.
const LOOK_MS: i64 = 86_400_000;
/// Entries of one page of a list.
const PAGE: usize = 100;
/// An organisation's repository of this name has the policy of those that have none of their own.
const COMMON_REPOSITORY: &str = ".github";

/// When something was last pushed to each repository that an installation lists.
type Pushes = BTreeMap<RepositoryId, Option<Timestamp>>;

/// Why GitHub did not say where the App is installed, and the installation of which alone that is so.
type Unlisted = (Option<InstallationId>, GithubError);

/// One installation's part of a sweep.
struct Tour<'a> {
    client: Arc<InstallationClient>,
    spent: Spent,
    pushes: &'a Pushes,
    marks: &'a BTreeMap<RepositoryId, SweepMark>,
    /// Owners of whose repositories the common policy may have changed.
    owners: &'a BTreeSet<String>,
}

/// What a sweep found in a repository.
struct Found {
    subjects: Vec<Subject>,
    /// Open pulls, if they were listed.
    listed: Vec<ListedPull>,
    newest: String,
}

impl Engine {
    /// Learns where the App is installed and marks everything that changed since the last sweep.
    pub async fn sweep(&self) -> Result<()> {
        let (pushes, failed) = self.look_where_installed().await;
        match failed {
            None => self.app.troubles.passed("sweep"),
            Some((installation, error)) => self.sweep_failed("sweep", (&error, installation), self.next_sweep()),
        }
        let marks = self.app.store.sweep_marks().await?;
        let mut known = self.app.store.repositories().await?;
        let owners: BTreeSet<String> = known
            .iter()
            .filter(|known| known.name.name == COMMON_REPOSITORY && was_pushed_to(known.id, &pushes, &marks))
            .map(|known| known.name.owner.to_lowercase())
            .collect();
        // Whoever was not reached by the last sweep comes first.
        known.sort_by_key(|known| (known.installation, known.swept, known.id));
        for group in known.chunk_by(|one, other| one.installation == other.installation) {
            let Some(first) = group.first() else { continue };
            let client = self.app.hands.github.installation(first.installation);
            let spent = self.spent(first.installation).await?;
            let tour = Tour { client, spent, pushes: &pushes, marks: &marks, owners: &owners };
            self.sweep_installation(group, tour).await?;
        }
        Ok(())
    }

    /// The next sweep covers the same time.
    pub(super) fn next_sweep(&self) -> Timestamp {
        self.app.clock.now().plus_ms(self.sweep_interval_ms())
    }

    /// Asks GitHub on which repositories the App is installed, and remembers them.
    pub async fn learn_installations(&self) -> Result<(), GithubError> {
        self.look_where_installed().await.1.map_or(Ok(()), |(_, error)| Err(error))
    }

    /// An installation that cannot be asked stays as it was; the others are learned.
    async fn look_where_installed(&self) -> (Pushes, Option<Unlisted>) {
        let (mut pushes, mut failed) = (Pushes::new(), None);
        let installations = match self.app.hands.github.app().installations().await {
            Ok(installations) => installations,
            Err(error) => return (pushes, Some((None, error))),
        };
        let mut updates = self.ended_installations(&installations).await;
        for installation in installations {
            let mut listed = Vec::new();
            if !installation.suspended {
                match self.app.hands.github.installation(installation.id).listed_repositories().await {
                    Ok(repositories) => listed = repositories,
                    Err(error) => {
                        failed = Some((Some(installation.id), error));
                        continue;
                    }
                }
            }
            // Whatever is not in the list any more was taken off the App.
            updates.push(RepositoryUpdate::Installation(installation.id, false));
            for entry in listed {
                let repository = entry.repository;
                pushes.insert(repository.id, entry.pushed);
                updates.push(RepositoryUpdate::Seen(repository.id, repository.name, installation.id));
            }
        }
        if let Err(error) = self.app.store.note_repositories(&updates).await {
            // The next sweep learns it again.
            self.app.store.struck("sweep", &error);
        }
        (pushes, failed)
    }

    /// Installations that the store knows and GitHub does not list: they ended, and nobody told.
    async fn ended_installations(&self, listed: &[Installation]) -> Vec<RepositoryUpdate> {
        let known = self.app.store.repositories().await.unwrap_or_default();
        let known: BTreeSet<InstallationId> = known.into_iter().map(|known| known.installation).collect();
        let is_listed = |id: &InstallationId| listed.iter().any(|installation| installation.id == *id);
        known.into_iter().filter(|id| !is_listed(id)).map(|id| RepositoryUpdate::Installation(id, false)).collect()
    }

    async fn sweep_installation(&self, repositories: &[KnownRepository], mut tour: Tour<'_>) -> Result<()> {
        for (position, repository) in repositories.iter().enumerate() {
            if let Some(until) = limit(&tour.client).wait(&tour.spent, self.app.clock.now()) {
                let left = repositories.len() - position;
                tracing::info!(installation = %tour.client.id(), left, %until,
                    "the rest of the installation is swept later, so that its rate limit is left for webhooks");
                break;
            }
            let who = format!("sweep/{}", repository.name);
            match self.sweep_repository(repository, &mut tour).await? {
                Ok(()) => self.app.troubles.passed(&who),
                Err(error) => {
                    self.sweep_failed(&who, (&error, Some(tour.client.id())), self.next_sweep());
                    if matches!(error, GithubError::RateLimited { .. } | GithubError::Suspended { .. }) {
                        break;
                    }
                }
            }
        }
        let spent = serde_json::to_string(&tour.spent).context("what a sweep used could not be written down")?;
        Ok(self.app.store.remember_fact(&spent_fact(tour.client.id()), &spent).await?)
    }

    async fn spent(&self, installation: InstallationId) -> Result<Spent> {
        let fact = self.app.store.fact(&spent_fact(installation)).await?;
        Ok(fact.and_then(|fact| serde_json::from_str(&fact).ok()).unwrap_or_default())
    }

    /// The outer error is the store's, the inner one GitHub's.
    async fn sweep_repository(
        &self,
        repository: &KnownRepository,
        tour: &mut Tour<'_>,
    ) -> Result<Result<(), GithubError>> {
        let (store, began, id) = (&self.app.store, self.app.clock.now(), repository.id);
        let before = tour.marks.get(&id).cloned().unwrap_or(SweepMark::NONE);
        let found = match self.find_changes(repository, (&before, tour), began).await? {
            Ok(found) => found,
            Err(error) => return Ok(Err(error)),
        };
        let mut mark = SweepMark { newest: found.newest, ..before };
        let mut subjects: BTreeSet<Subject> = found.subjects.into_iter().collect();
        // GitHub forgets what it could send again; after that, all that is open is looked at.
        subjects.extend(store.unsettled(id, began.since_ms(repository.swept) > LOG_KEPT_MS).await?);
        let queues = store.queued_branches(id).await?;
        subjects.extend(queues.into_iter().map(|base| Subject::Branch(id, base)));
        let shares_policy = tour.owners.contains(&repository.name.owner.to_lowercase());
        if shares_policy || was_pushed_to(id, tour.pushes, tour.marks) || began.since_ms(mark.looked) >= LOOK_MS {
            subjects.insert(Subject::Repository(id));
            mark.looked = began;
        }
        if let Some(pushed) = tour.pushes.get(&id) {
            mark.pushed = settled(&push_text(*pushed), *pushed, began);
        }
        self.mark_in_turn(subjects, tour).await?;
        for pull in &found.listed {
            store.set_listed(id, pull.number, pull.updated).await?;
        }
        store.note_sweep(id, began, &mark).await?;
        Ok(Ok(()))
    }

    /// Reads what GitHub's lists show changed, if the newest of it is not what it was.
    async fn find_changes(
        &self,
        repository: &KnownRepository,
        (before, tour): (&SweepMark, &mut Tour<'_>),
        began: Timestamp,
    ) -> Result<Result<Found, GithubError>> {
        let client = Arc::clone(&tour.client);
        let newest = match client.newest_change(&repository.name).await {
            Ok(newest) => newest,
            Err(error) => return Ok(Err(error)),
        };
        count(tour, began, i64::from(!newest.confirmed));
        if newest.mark == before.newest {
            let waiting = self.app.store.open_pulls(repository.id).await?.into_iter().filter(|pull| !pull.idle);
            let subjects = waiting.map(|pull| Subject::Pull(repository.id, pull.number)).collect();
            return Ok(Ok(Found { subjects, listed: Vec::new(), newest: newest.mark }));
        }
        let filter = IssueFilter { since: Some(repository.swept.plus_ms(-OVERLAP_MS)), open_only: false };
        let lists = async {
            let changed = client.issues(&repository.name, filter).await?;
            Ok((changed, client.open_pulls(&repository.name).await?))
        };
        let (changed, listed) = match lists.await {
            Ok(lists) => lists,
            Err(error) => return Ok(Err(error)),
        };
        let pages = changed.len() / PAGE + listed.len() / PAGE + 2;
        count(tour, began, i64::try_from(pages).unwrap_or(i64::MAX));
        let mut subjects: Vec<Subject> = changed
            .iter()
            .filter(|entry| !entry.is_pull)
            .map(|entry| Subject::Issue(repository.id, entry.issue.number))
            .collect();
        subjects.extend(self.pulls_to_look_at(repository, &listed).await?);
        Ok(Ok(Found { subjects, listed, newest: settled(&newest.mark, newest.at, began) }))
    }

    /// Pulls that GitHub's list shows changed, those that are missing from it, and those that wait for what shows in no
    /// list: a check, a computation, the clock.
    async fn pulls_to_look_at(&self, repository: &KnownRepository, listed: &[ListedPull]) -> Result<Vec<Subject>> {
        let known = self.app.store.open_pulls(repository.id).await?;
        let unchanged = |pull: &ListedPull| {
            known.iter().any(|known| known.number == pull.number && known.idle && known.listed == pull.updated)
        };
        let changed = listed.iter().filter(|pull| !unchanged(pull)).map(|pull| pull.number);
        let gone =
            known.iter().map(|pull| pull.number).filter(|number| !listed.iter().any(|pull| pull.number == *number));
        Ok(changed.chain(gone).map(|number| Subject::Pull(repository.id, number)).collect())
    }

    /// Marks what is not marked yet: the first of it to be looked at now, what goes beyond that in its turn.
    async fn mark_in_turn(&self, subjects: BTreeSet<Subject>, tour: &mut Tour<'_>) -> Result<()> {
        let Some(first) = subjects.first() else { return Ok(()) };
        let marked = self.app.store.marked_subjects(first.repository()).await?;
        let (limit, now) = (limit(&tour.client), self.app.clock.now());
        let news = subjects.into_iter().filter(|subject| !marked.contains(subject));
        let due: Vec<(Subject, Timestamp)> =
            news.map(|subject| (subject, limit.next_look(&mut tour.spent, now))).collect();
        Ok(self.app.store.mark_for(&due).await?)
    }
}

fn spent_fact(installation: InstallationId) -> String {
    format!("sweep/{installation}")
}

fn limit(client: &InstallationClient) -> KnownLimit {
    let limits = client.limits();
    KnownLimit { limit: limits.limit, remaining: limits.remaining, reset: limits.reset }
}

fn count(tour: &mut Tour<'_>, now: Timestamp, requests: i64) {
    limit(&tour.client).count_reads(&mut tour.spent, now, requests);
}

fn was_pushed_to(id: RepositoryId, pushes: &Pushes, marks: &BTreeMap<RepositoryId, SweepMark>) -> bool {
    pushes.get(&id).is_some_and(|pushed| marks.get(&id).is_none_or(|mark| mark.pushed != push_text(*pushed)))
}

fn push_text(pushed: Option<Timestamp>) -> String {
    pushed.map_or_else(|| "never".to_owned(), Timestamp::to_rfc3339)
}

/// GitHub's times are whole seconds and its lists lag, so what is quite new may be followed by more under the same mark.
fn settled(mark: &str, at: Option<Timestamp>, now: Timestamp) -> String {
    let is_old = at.is_none_or(|at| now.since_ms(at) > OVERLAP_MS);
    if is_old { mark.to_owned() } else { String::new() }
}
