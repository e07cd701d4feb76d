//! `GET /pulls`: pull requests with their verdicts and on whom they wait, with filters.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Html;
use serde::Deserialize;

use super::fault::PageFault;
use super::looking::Looking;
use super::pull_view::unlinked;
use super::said::{Piece, pieces};
use super::shell::{Part, Shell};
use super::viewer::Viewer;
use super::when::When;
use crate::decide::pull_card;
use crate::http::Door;
use crate::model::{Login, MergeBlocker, Number, PullState, RepositoryId, Timestamp};
use crate::store::{ListedPull, PullAfter, PullQuery};

/// So many are on one page.
const SHOWN: usize = 50;

/// On whom a pull can wait, as the filter has it.
const WAITS_ON: [(&str, &str); 11] = [
    ("nobody", "nobody: ready"),
    ("author", "its author"),
    ("reviewer", "reviewers"),
    ("person", "one person"),
    ("maintainer", "maintainers"),
    ("check", "checks (CI)"),
    ("queue", "the queue"),
    ("dependency", "another pull or issue"),
    ("github", "GitHub"),
    ("stationmaster", "Stationmaster"),
    ("time", "the clock"),
];

#[derive(Template)]
#[template(path = "pulls.html", config = ".askama.toml")]
struct PullsPage {
    shell: Shell,
    tabs: Vec<Tab>,
    filter: Filter,
    repositories: Vec<Choice>,
    waits: Vec<Choice>,
    rows: Vec<Row>,
    older: Option<String>,
    is_filtered: bool,
    is_open: bool,
}

struct Tab {
    href: String,
    name: &'static str,
    count: i64,
    is_here: bool,
}

/// Something that can be chosen in a filter.
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) name: String,
    pub(super) is_chosen: bool,
}

struct Row {
    id: String,
    href: String,
    title: String,
    item: String,
    author: String,
    base: String,
    verdict: Verdict,
    blockers: usize,
    why: Vec<Piece>,
    waits_on: Vec<Piece>,
    when: When,
}

/// Where a pull stands, in a word.
pub(super) struct Verdict {
    pub(super) word: &'static str,
    pub(super) tone: &'static str,
}

/// What is looked for.
#[derive(Deserialize, Default)]
pub(super) struct Filter {
    state: Option<String>,
    repository: Option<String>,
    author: Option<String>,
    waits_on: Option<String>,
    q: Option<String>,
    after: Option<String>,
}

impl Filter {
    fn state(&self) -> PullState {
        match self.state.as_deref() {
            Some("merged") => PullState::Merged,
            Some("closed") => PullState::Closed,
            Some(_) | None => PullState::Open,
        }
    }

    fn author(&self) -> &str {
        self.author.as_deref().unwrap_or_default().trim().trim_start_matches('@')
    }

    fn text(&self) -> &str {
        self.q.as_deref().unwrap_or_default().trim()
    }

    /// What only open pulls do.
    fn waits_on(&self) -> Option<&'static str> {
        let asked = self.waits_on.as_deref().filter(|_| self.state() == PullState::Open)?;
        WAITS_ON.iter().find(|(word, _)| *word == asked).map(|(word, _)| *word)
    }

    /// The same list in another state, or from another place on.
    fn link(&self, state: PullState, after: Option<&str>) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::from("/pulls?"));
        query.append_pair("state", word(state));
        let kept =
            [("repository", self.repository.as_deref()), ("author", Some(self.author())), ("q", Some(self.text()))];
        let waits_on = ("waits_on", self.waits_on().filter(|_| state == PullState::Open));
        for (name, value) in kept.into_iter().chain([waits_on, ("after", after)]) {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                query.append_pair(name, value);
            }
        }
        query.finish()
    }
}

/// `GET /pulls`
pub(super) async fn page(
    State(door): State<Arc<Door>>,
    looking: Looking,
    Query(filter): Query<Filter>,
) -> Result<Html<String>, PageFault> {
    let viewer = &looking.viewer;
    let store = door.doors.store();
    let chosen = chosen(viewer, filter.repository.as_deref());
    let query = PullQuery {
        repositories: chosen.map_or_else(|| viewer.ids(), |id| vec![id]),
        state: filter.state(),
        author: Some(filter.author().to_owned()).filter(|author| !author.is_empty()),
        waits_on: filter.waits_on().map(ToOwned::to_owned),
        text: Some(filter.text().to_owned()).filter(|text| !text.is_empty()),
        after: filter.after.as_deref().and_then(after),
    };
    let counts = store.pull_tabs(&query).await?;
    let limit = i64::try_from(SHOWN + 1).unwrap_or(i64::MAX);
    let mut pulls = store.pull_list(&query, limit).await?;
    let more = pulls.len() > SHOWN;
    pulls.truncate(SHOWN);
    let older = pulls.last().filter(|_| more).map(|last| {
        let place = format!("{}.{}.{}", last.updated.ms(), last.repository, last.number);
        filter.link(filter.state(), Some(&place))
    });
    let rows = pulls.iter().filter_map(|pull| row(pull, viewer, door.clock.now())).collect();
    let shell = looking.shell(&door, Part::Pulls, "Pull requests").await?;
    let page = PullsPage {
        shell,
        tabs: tabs(&filter, &counts),
        repositories: repository_choices(viewer, chosen),
        waits: wait_choices(&filter),
        rows,
        older,
        is_filtered: query.author.is_some() || query.text.is_some() || query.waits_on.is_some() || chosen.is_some(),
        is_open: filter.state() == PullState::Open,
        filter,
    };
    Ok(Html(page.render()?))
}

/// The repository that is asked for, if it may be seen; what may not is as good as not asked for.
pub(super) fn chosen(viewer: &Viewer, asked: Option<&str>) -> Option<RepositoryId> {
    let (owner, name) = asked?.split_once('/')?;
    viewer.named(owner, name).ok().map(|seen| seen.repository.id)
}

/// Repositories to choose from.
pub(super) fn repository_choices(viewer: &Viewer, chosen: Option<RepositoryId>) -> Vec<Choice> {
    let choices = viewer.repositories().iter().map(|seen| {
        let name = seen.repository.name.to_string();
        Choice { value: name.clone(), name, is_chosen: chosen == Some(seen.repository.id) }
    });
    choices.collect()
}

fn wait_choices(filter: &Filter) -> Vec<Choice> {
    let chosen = filter.waits_on();
    let choice = |(word, name): &(&str, &str)| Choice {
        value: (*word).to_owned(),
        name: (*name).to_owned(),
        is_chosen: chosen == Some(*word),
    };
    WAITS_ON.iter().map(choice).collect()
}

fn tabs(filter: &Filter, counts: &[(PullState, i64)]) -> Vec<Tab> {
    let tab = |state: PullState, name: &'static str| Tab {
        href: filter.link(state, None),
        name,
        count: counts.iter().find(|(known, _)| *known == state).map_or(0, |(_, count)| *count),
        is_here: filter.state() == state,
    };
    vec![tab(PullState::Open, "Open"), tab(PullState::Merged, "Merged"), tab(PullState::Closed, "Closed")]
}

/// A place in the list, as links write it.
fn after(text: &str) -> Option<PullAfter> {
    let numbers: Vec<i64> = text.split('.').map(str::parse).collect::<Result<_, _>>().ok()?;
    let [updated_ms, repository, number] = numbers[..] else { return None };
    Some((Timestamp(updated_ms), RepositoryId(repository), Number(number)))
}

fn row(pull: &ListedPull, viewer: &Viewer, now: Timestamp) -> Option<Row> {
    let name = &viewer.repository(pull.repository)?.repository.name;
    let author = Login::new(pull.author.clone());
    let first = pull.leading().filter(|_| pull.state == PullState::Open);
    Some(Row {
        id: format!("pull-{}-{}", pull.repository, pull.number),
        href: format!("/pulls/{name}/{}", pull.number),
        title: titled(pull),
        item: format!("{name}#{}", pull.number),
        author: pull.author.clone(),
        base: pull.base.clone(),
        verdict: verdict(pull),
        blockers: if pull.state == PullState::Open { pull.blockers().count() } else { 0 },
        why: first.map(|blocker| pieces(&unlinked(&pull_card::sentence(blocker).0))).unwrap_or_default(),
        waits_on: pieces(&first.map_or_else(|| "nobody".to_owned(), |first| first.waits_on(&author).to_string())),
        when: When::new(pull.ended.unwrap_or(pull.updated), now),
    })
}

/// Its title; what was gone before anybody read it has none.
pub(super) fn titled(pull: &ListedPull) -> String {
    if pull.title.is_empty() { format!("Pull request {}", pull.number) } else { pull.title.clone() }
}

/// Where a pull stands, in a word.
pub(super) fn verdict(pull: &ListedPull) -> Verdict {
    let (word, tone) = match (pull.state, pull.leading()) {
        (PullState::Merged, _) => ("merged", "ok"),
        (PullState::Closed, _) => ("closed", "muted"),
        (PullState::Open, None) => ("ready", "ok"),
        (PullState::Open, Some(MergeBlocker::Queued { .. })) => ("in the queue", "waits"),
        (PullState::Open, Some(_)) if pull.blockers().any(is_bad) => ("blocked", "bad"),
        (PullState::Open, Some(_)) => ("waits", "waits"),
    };
    Verdict { word, tone }
}

/// Whether somebody has to mend something, as opposed to waiting or looking.
fn is_bad(blocker: &MergeBlocker) -> bool {
    matches!(
        blocker,
        MergeBlocker::Conflict
            | MergeBlocker::CheckFailed { .. }
            | MergeBlocker::CheckForged { .. }
            | MergeBlocker::ReviewFailed { .. }
            | MergeBlocker::SecretFound { .. }
            | MergeBlocker::ReviewImpossible { .. }
            | MergeBlocker::Held { .. }
            | MergeBlocker::ChangesRequested { .. }
            | MergeBlocker::PolicyUnreadable { .. }
            | MergeBlocker::PutOut { .. }
            | MergeBlocker::MergeRefused { again: None, .. }
    )
}

pub(super) const fn word(state: PullState) -> &'static str {
    match state {
        PullState::Open => "open",
        PullState::Merged => "merged",
        PullState::Closed => "closed",
    }
}
