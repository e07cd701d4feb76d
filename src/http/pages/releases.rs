//! `GET /releases`: for each repository what runs where, what was released, and what the next release waits for.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Html;
use serde::Deserialize;

use super::fault::PageFault;
use super::looking::Looking;
use super::pages;
use super::policies::policies;
use super::shell::{Part, Shell};
use super::standing::{Known, Standing, VersionShown, web};
use super::when::When;
use crate::decide::environment::issue_url;
use crate::http::Door;
use crate::model::{BranchName, EnvironmentName, EnvironmentRecord, Released, RepositoryId, Subject, Timestamp};
use crate::policy::Policy;
use crate::store::{KnownRepository, LastDecision};

/// So many repositories are on a page.
const REPOSITORIES: usize = 20;
/// So many releases of each are shown, and of one alone.
const RELEASES: (i64, i64) = (5, 50);

#[derive(Template)]
#[template(path = "releases.html", config = ".askama.toml")]
struct ReleasesPage {
    shell: Shell,
    lines: Vec<Line>,
    /// The one repository that is asked for.
    only: Option<String>,
    /// Every repository that can be asked for.
    names: Vec<String>,
    before: Option<usize>,
    after: Option<usize>,
}

/// The releases of a repository.
struct Line {
    name: String,
    branch: Option<String>,
    /// Why its policy cannot be read.
    fault: Option<String>,
    /// Whether its policy is known now.
    is_known: bool,
    environments: Vec<Standing>,
    summary: Option<String>,
    blockers: Vec<String>,
    releases: Vec<Row>,
}

struct Row {
    version: VersionShown,
    is_prerelease: bool,
    at: When,
    pulls: Vec<i64>,
    authors: String,
    issue: Option<(String, i64)>,
}

/// Which repositories are shown.
#[derive(Deserialize)]
pub(super) struct Wanted {
    repo: Option<String>,
    page: Option<usize>,
}

/// What the store knows of the repositories on a page.
struct Seen {
    environments: HashMap<RepositoryId, BTreeMap<EnvironmentName, EnvironmentRecord>>,
    releases: HashMap<RepositoryId, Vec<Released>>,
    decisions: HashMap<String, LastDecision>,
    policies: HashMap<RepositoryId, Arc<Policy>>,
}

/// `GET /releases`
pub(super) async fn page(
    State(door): State<Arc<Door>>,
    looking: Looking,
    Query(wanted): Query<Wanted>,
) -> Result<Html<String>, PageFault> {
    let viewer = &looking.viewer;
    let releasing = door.doors.store().releasing(&viewer.ids()).await?;
    let branches: HashMap<RepositoryId, Option<BranchName>> = releasing.into_iter().collect();
    let all = viewer.repositories().iter().map(|seen| &seen.repository);
    let all: Vec<&KnownRepository> = all.filter(|known| branches.contains_key(&known.id)).collect();
    let names = all.iter().map(|known| known.name.to_string()).collect();
    let only = wanted.repo.filter(|name| !name.is_empty());
    let page = wanted.page.unwrap_or(1).clamp(1, all.len().div_ceil(REPOSITORIES).max(1));
    let (shown, each): (Vec<_>, _) = match &only {
        Some(only) => {
            let is_only = |known: &&&KnownRepository| known.name.to_string().eq_ignore_ascii_case(only);
            (vec![*all.iter().find(is_only).ok_or(PageFault::NotFound)?], RELEASES.1)
        }
        None => (all.iter().copied().skip((page - 1) * REPOSITORIES).take(REPOSITORIES).collect(), RELEASES.0),
    };
    let seen = seen(&door, &shown, each).await?;
    let now = door.clock.now();
    let line = |known: &&KnownRepository| line(known, branches.get(&known.id).cloned().flatten(), (&seen, now));
    let lines = shown.iter().map(line).collect();
    let shell = looking.shell(&door, Part::Releases, "Releases").await?;
    let before = (only.is_none() && page > 1).then(|| page - 1);
    let after = (only.is_none() && page * REPOSITORIES < all.len()).then(|| page + 1);
    Ok(Html(ReleasesPage { shell, lines, only, names, before, after }.render()?))
}

/// Reads everything about these repositories, in as many queries as for one.
async fn seen(door: &Door, shown: &[&KnownRepository], each: i64) -> Result<Seen, PageFault> {
    let store = door.doors.store();
    let ids: Vec<RepositoryId> = shown.iter().map(|known| known.id).collect();
    let mut environments: HashMap<RepositoryId, BTreeMap<EnvironmentName, EnvironmentRecord>> = HashMap::new();
    let mut subjects: Vec<Subject> = ids.iter().map(|id| Subject::Releases(*id)).collect();
    for (id, name, record) in store.environments_of(&ids).await? {
        subjects.push(Subject::Environment(id, name.clone()));
        environments.entry(id).or_default().insert(name, record);
    }
    let mut releases: HashMap<RepositoryId, Vec<Released>> = HashMap::new();
    for (id, released) in store.releases_of(&ids, each).await? {
        releases.entry(id).or_default().push(released);
    }
    let decisions = store.last_decisions(&subjects).await?;
    Ok(Seen { environments, releases, decisions, policies: policies(door, &pages(door)?.policies, shown).await })
}

fn line(known: &KnownRepository, branch: Option<BranchName>, (seen, now): (&Seen, Timestamp)) -> Line {
    let policy = seen.policies.get(&known.id);
    let last = seen.decisions.get(&Subject::Releases(known.id).to_string());
    let releases = seen.releases.get(&known.id).into_iter().flatten();
    Line {
        name: known.name.to_string(),
        branch: branch.map(|branch| branch.to_string()),
        fault: policy.and_then(|policy| policy.unreadable.clone()),
        is_known: policy.is_some(),
        environments: environments(known, seen, now),
        summary: last.map(|last| last.summary.clone()),
        blockers: last.iter().flat_map(|last| &last.explanation.blockers).map(ToString::to_string).collect(),
        releases: releases.map(|released| row(released, now)).collect(),
    }
}

/// Those that the policy names, in its order, and then those that it does not name any more.
fn environments(known: &KnownRepository, seen: &Seen, now: Timestamp) -> Vec<Standing> {
    let mut records = seen.environments.get(&known.id).cloned().unwrap_or_default();
    let settings = seen.policies.get(&known.id).map(|policy| policy.environments.as_slice()).unwrap_or_default();
    let named: Vec<_> = settings
        .iter()
        .map(|settings| (settings.name.clone(), records.remove(&settings.name).unwrap_or_default(), Some(settings)))
        .collect();
    let all = named.into_iter().chain(records.into_iter().map(|(name, record)| (name, record, None)));
    all.map(|(name, record, settings)| {
        let last = seen.decisions.get(&Subject::Environment(known.id, name.clone()).to_string());
        Standing::new(&Known { repository: &known.name, name: &name, record: &record, settings, last }, now)
    })
    .collect()
}

fn row(released: &Released, now: Timestamp) -> Row {
    let Released { version, pulls, at } = released;
    let authors: Vec<String> = version.authors.iter().map(|login| format!("@{login}")).collect();
    let issue = issue_url(version).and_then(|url| Some((web(&url)?, version.issue?.0)));
    Row {
        version: VersionShown::new(version),
        is_prerelease: version.prerelease,
        at: When::new(*at, now),
        pulls: pulls.iter().map(|pull| pull.0).collect(),
        authors: authors.join(", "),
        issue,
    }
}
