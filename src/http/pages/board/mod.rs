//! `GET /`: all tasks by where they stand, with filters.

mod figures;
mod filter;

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Html;

use self::figures::Figure;
use self::filter::{FLAGS, Filter};
use super::fault::PageFault;
use super::looking::Looking;
use super::shell::{Part, Shell};
use super::viewer::Viewer;
use super::when::When;
use crate::http::Door;
use crate::model::{LabelName, Level, Task, TaskState, Timestamp};
use crate::store::{BoardQuery, ListedTask};

/// So many open tasks of a state are shown.
const SHOWN: i64 = 30;
/// So many that have come to their end.
const ENDED_SHOWN: i64 = 10;
/// So many of one state alone, on each page.
const PAGE: i64 = 50;

#[derive(Template)]
#[template(path = "board.html", config = ".askama.toml")]
struct BoardPage {
    shell: Shell,
    figures: Vec<Figure>,
    fields: Vec<Choice>,
    text: String,
    mine: bool,
    is_filtered: bool,
    sees_nothing: bool,
    /// Open states.
    columns: Vec<Column>,
    /// States in which tasks have come to their end.
    ended: Vec<Column>,
    /// One state alone.
    alone: Option<Alone>,
}

/// A field of the form in which something is chosen.
struct Choice {
    name: &'static str,
    label: &'static str,
    options: Vec<(String, bool)>,
}

struct Column {
    state: TaskState,
    count: i64,
    more: i64,
    href: String,
    cards: Vec<Card>,
}

struct Alone {
    column: Column,
    page: i64,
    pages: i64,
    newer: Option<String>,
    older: Option<String>,
    whole: String,
}

struct Card {
    id: String,
    href: String,
    item: String,
    title: String,
    task_type: String,
    priority: &'static str,
    worker: Option<String>,
    percent: Option<u8>,
    tags: Vec<Tag>,
    updated: When,
}

/// `GET /`
pub(super) async fn page(State(door): State<Arc<Door>>, looking: Looking) -> Result<Html<String>, PageFault> {
    let viewer = &looking.viewer;
    let filter = Filter::read(looking.query(), viewer)?;
    let waits_for = figures::waits_for(&door, viewer).await?;
    let query = filter.query(viewer, &waits_for);
    let look = Seeking { door: &door, viewer, filter: &filter, query: &query };
    let (columns, ended) = if filter.state.is_none() { look.columns().await? } else { (Vec::new(), Vec::new()) };
    let alone = match filter.state {
        Some(state) => Some(look.alone(state).await?),
        None => None,
    };
    let shell = looking.shell(&door, Part::Board, "Board").await?;
    let page = BoardPage {
        shell,
        figures: figures::figures(&door, viewer, &waits_for).await?,
        fields: look.choices().await?,
        text: filter.text("q").to_owned(),
        mine: filter.is_mine(),
        is_filtered: filter.is_set(),
        sees_nothing: viewer.repositories().is_empty(),
        columns,
        ended,
        alone,
    };
    Ok(Html(page.render()?))
}

/// Somebody who looks for something.
struct Seeking<'a> {
    door: &'a Door,
    viewer: &'a Viewer,
    filter: &'a Filter,
    query: &'a BoardQuery,
}

impl Seeking<'_> {
    /// All states with tasks in them: the open ones, and the others.
    async fn columns(&self) -> Result<(Vec<Column>, Vec<Column>), PageFault> {
        let mut counts = self.door.doors.store().board_counts(self.query).await?;
        counts.sort_by_key(|(state, _)| TaskState::ALL.iter().position(|known| known == state));
        let (mut open, mut ended) = (Vec::new(), Vec::new());
        for (state, count) in counts {
            let limit = if state.is_open() { SHOWN } else { ENDED_SHOWN };
            let column = self.column((state, count), (limit, 0)).await?;
            if state.is_open() { &mut open } else { &mut ended }.push(column);
        }
        Ok((open, ended))
    }

    async fn column(&self, (state, count): (TaskState, i64), part: (i64, i64)) -> Result<Column, PageFault> {
        let tasks = self.door.doors.store().board_column(self.query, state, part).await?;
        let now = self.door.clock.now();
        let cards: Vec<Card> = tasks.iter().filter_map(|listed| card(listed, self.viewer, now)).collect();
        let more = count.saturating_sub(i64::try_from(cards.len()).unwrap_or(i64::MAX));
        Ok(Column { state, count, more, href: self.filter.href(state, 1), cards })
    }

    /// One state, by pages.
    async fn alone(&self, state: TaskState) -> Result<Alone, PageFault> {
        let counts = self.door.doors.store().board_counts(self.query).await?;
        let count = counts.into_iter().find(|(known, _)| *known == state).map_or(0, |(_, count)| count);
        let pages = (count + PAGE - 1) / PAGE;
        let page = self.filter.page.min(pages.max(1));
        let column = self.column((state, count), (PAGE, (page - 1) * PAGE)).await?;
        Ok(Alone {
            column,
            page,
            pages,
            newer: (page > 1).then(|| self.filter.href(state, page - 1)),
            older: (page < pages).then(|| self.filter.href(state, page + 1)),
            whole: self.filter.whole(),
        })
    }

    /// What can be chosen; what is chosen is among it, even where there is no such task any more.
    async fn choices(&self) -> Result<Vec<Choice>, PageFault> {
        let facets = self.door.doors.store().board_facets(&self.viewer.ids()).await?;
        let repositories = self.viewer.repositories().iter().map(|seen| seen.repository.name.to_string()).collect();
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<BTreeSet<_>>();
        let priorities = Level::ALL.into_iter().rev().map(|level| level.to_string()).collect::<Vec<_>>();
        let choice = |name, label, options: BTreeSet<String>| self.choice(name, label, options.into_iter().collect());
        Ok(vec![
            self.choice("repository", "Repository", repositories),
            choice("type", "Type", facets.types),
            choice("role", "Role", facets.roles),
            choice("worker", "Worker", facets.workers),
            self.choice("priority", "Priority", priorities),
            choice("flag", "Flag", words(&FLAGS)),
        ])
    }

    fn choice(&self, name: &'static str, label: &'static str, options: Vec<String>) -> Choice {
        let chosen = self.filter.text(name);
        let mut options: Vec<(String, bool)> =
            options.into_iter().map(|option| (option.clone(), option.eq_ignore_ascii_case(chosen))).collect();
        if !chosen.is_empty() && !options.iter().any(|(_, is_chosen)| *is_chosen) {
            options.push((chosen.to_owned(), true));
        }
        Choice { name, label, options }
    }
}

/// A label of a task that belongs to no family.
pub(super) struct Tag {
    pub(super) name: String,
    /// `bad` where it says that something is amiss, else nothing.
    pub(super) tone: &'static str,
}

/// The labels of a task that belong to no family; what the others say stands elsewhere.
pub(super) fn tags(task: &Task) -> Vec<Tag> {
    let names = task.projected.iter().map(LabelName::as_str).filter(|name| !name.contains('/'));
    names.map(|name| Tag { name: name.to_owned(), tone: if FLAGS.contains(&name) { "bad" } else { "" } }).collect()
}

fn card(listed: &ListedTask, viewer: &Viewer, now: Timestamp) -> Option<Card> {
    let task = &listed.task;
    let name = &viewer.repository(task.repository)?.repository.name;
    Some(Card {
        id: format!("task-{}-{}", task.repository.0, task.number),
        href: format!("/tasks/{name}/{}", task.number),
        item: format!("{name}#{}", task.number),
        title: listed.title.clone(),
        task_type: task.task_type.to_string(),
        priority: task.priority.as_str(),
        worker: task.worker.as_ref().map(ToString::to_string),
        percent: task.work.percent,
        tags: tags(task),
        updated: When::new(task.updated, now),
    })
}
