//! What belongs to a task: what it waits for, its parts, and its pull requests; of what the viewer may not see, no word.

use super::super::fault::PageFault;
use super::super::viewer::Viewer;
use super::scene::Scene;
use crate::http::Door;
use crate::model::{IssueState, Item, Number, PullState, RepositoryId, RepositoryName, TaskState};
use crate::store::{NamedTask, TaskQuery};

/// So many of each are shown.
const SHOWN: usize = 100;
/// What stands for something in a repository that the viewer may not read.
const HIDDEN: &str = "something in a repository that you do not see";

/// Something that belongs to the task.
pub(super) struct Line {
    pub(super) item: String,
    pub(super) title: String,
    pub(super) href: Option<String>,
    pub(super) state: String,
    /// It is finished, closed or merged.
    pub(super) is_done: bool,
    /// How far it is.
    pub(super) percent: Option<u8>,
}

/// Everything that belongs to a task.
#[derive(Default)]
pub(super) struct Belongs {
    pub(super) parent: Option<Line>,
    /// What it waits for.
    pub(super) dependencies: Vec<Line>,
    /// What waits for it.
    pub(super) dependents: Vec<Line>,
    pub(super) parts: Vec<Line>,
    pub(super) pulls: Vec<Line>,
}

impl Belongs {
    /// How many parts have come to their end.
    pub(super) fn parts_done(&self) -> usize {
        self.parts.iter().filter(|part| part.is_done).count()
    }

    pub(super) async fn of(door: &Door, viewer: &Viewer, scene: &Scene) -> Result<Self, PageFault> {
        let store = door.doors.store();
        let query = TaskQuery {
            repository: Some(scene.repository.repository.id),
            parent: Some(scene.task().number),
            limit: i64::try_from(SHOWN).unwrap_or(i64::MAX),
            ..TaskQuery::default()
        };
        let parts = store.list_tasks(&query).await?;
        let named = Named { viewer, known: store.tasks_among(&mentioned(viewer, scene)).await? };
        let mut belongs =
            Self { parent: scene.task().work.parent.as_ref().map(|item| named.line(item, None)), ..Self::default() };
        for part in &parts {
            let item = Item { repository: scene.repository.repository.name.clone(), number: part.task.number };
            belongs.parts.push(Line {
                href: Some(format!("/tasks/{}/{}", item.repository, item.number)),
                item: item.to_string(),
                title: part.title.clone(),
                state: part.task.state.to_string(),
                is_done: matches!(part.task.state, TaskState::Done | TaskState::Cancelled),
                percent: part.task.work.percent,
            });
        }
        named.read(scene, &mut belongs);
        Ok(belongs)
    }
}

/// Issues that are named by what was seen, in repositories that the viewer may read.
fn mentioned(viewer: &Viewer, scene: &Scene) -> Vec<(RepositoryId, Number)> {
    let parent = scene.task().work.parent.iter().map(|item| (&item.repository, item.number));
    let mut items: Vec<_> = parent.collect();
    if let Some(seen) = &scene.seen {
        items.extend(seen.dependencies.iter().map(|one| (&one.repository, one.number)).take(SHOWN));
        items.extend(seen.dependents.iter().map(|one| (&one.repository, one.number)).take(SHOWN));
        items.extend(seen.sub_issues.iter().map(|one| (&one.item.repository, one.item.number)).take(SHOWN));
    }
    let id = |name: &RepositoryName| readable(viewer, name);
    items.into_iter().filter_map(|(name, number)| Some((id(name)?, number))).collect()
}

fn readable(viewer: &Viewer, name: &RepositoryName) -> Option<RepositoryId> {
    viewer.repositories().iter().map(|seen| &seen.repository).find(|known| known.name.is(name)).map(|known| known.id)
}

/// What is known of issues by their names.
struct Named<'a> {
    viewer: &'a Viewer,
    known: Vec<NamedTask>,
}

impl Named<'_> {
    fn read(&self, scene: &Scene, belongs: &mut Belongs) {
        let Some(seen) = &scene.seen else { return };
        for one in seen.dependencies.iter().take(SHOWN) {
            let item = Item { repository: one.repository.clone(), number: one.number };
            let line = self.line(&item, None);
            belongs.dependencies.push(Line { state: one.state.clone(), is_done: one.met, ..line });
        }
        belongs.dependents.extend(seen.dependents.iter().take(SHOWN).map(|item| self.line(item, None)));
        for part in seen.sub_issues.iter().take(SHOWN) {
            // A part that is a task of this repository is listed already.
            let is_listed = |line: &Line| line.item == part.item.to_string();
            if !belongs.parts.iter().any(is_listed) {
                let line = self.line(&part.item, Some(&part.title));
                let is_done = part.state == IssueState::Closed;
                let state = if is_done { "closed".to_owned() } else { line.state };
                belongs.parts.push(Line { state, is_done, ..line });
            }
        }
        belongs.pulls.extend(seen.pulls.iter().take(SHOWN).map(|pull| self.pull(pull)));
    }

    /// An issue, by what is known of it; `title` is what GitHub said, which counts where the viewer may read it.
    fn line(&self, item: &Item, title: Option<&str>) -> Line {
        let Some(repository) = readable(self.viewer, &item.repository) else { return hidden() };
        let known = self.known.iter().find(|one| one.repository == repository && one.number == item.number);
        Line {
            item: item.to_string(),
            title: known.map_or_else(|| title.unwrap_or_default().to_owned(), |known| known.title.clone()),
            href: known.map(|_| format!("/tasks/{}/{}", item.repository, item.number)),
            state: known.map(|known| known.state.to_string()).unwrap_or_default(),
            is_done: known.is_some_and(|known| matches!(known.state, TaskState::Done | TaskState::Cancelled)),
            percent: None,
        }
    }

    fn pull(&self, pull: &crate::model::LinkedPull) -> Line {
        if readable(self.viewer, &pull.repository).is_none() {
            return hidden();
        }
        let state = match pull.state {
            PullState::Open if pull.changes_requested => "open, changes are requested",
            PullState::Open => "open",
            PullState::Closed => "closed without a merge",
            PullState::Merged => "merged",
        };
        Line {
            item: format!("{}#{}", pull.repository, pull.number),
            title: pull.title.clone(),
            href: Some(format!("/pulls/{}/{}", pull.repository, pull.number)),
            state: state.to_owned(),
            is_done: pull.state == PullState::Merged,
            percent: None,
        }
    }
}

fn hidden() -> Line {
    Line {
        item: HIDDEN.to_owned(),
        title: String::new(),
        href: None,
        state: String::new(),
        is_done: false,
        percent: None,
    }
}
